//! A token that requests can carry: fetched when it is first needed, again before it ends and when
//! a service refuses it. Services that give a new refresh token in place of the old want it kept.

use super::ask;
use super::protocol::{Client, Grant, Provider, refresh};
use crate::base::time::{Clock, TimestampMillis};
use crate::base::{Result, Secret};
use crate::net::Transport;
use std::sync::{Arc, Mutex, PoisonError};

/// A token is given up so long before it ends.
const MARGIN_MS: i64 = 120_000;

/// Puts a grant that was renewed where it is kept.
pub type Keep = Arc<dyn Fn(&Secret) -> Result<()> + Send + Sync>;

/// See the module header.
pub struct Session {
    provider: Provider,
    client: Client,
    net: Arc<dyn Transport>,
    clock: Clock,
    keep: Option<Keep>,
    held: Mutex<Held>,
}

struct Held {
    refresh: Secret,
    /// The refresh token is a new one that could not be kept yet.
    unkept: bool,
    access: Option<(Secret, TimestampMillis)>,
}

impl Session {
    #[must_use]
    pub fn new(
        provider: Provider,
        client_id: &str,
        grant: &Grant,
        net: Arc<dyn Transport>,
        clock: Clock,
        keep: Option<Keep>,
    ) -> Self {
        let client = Client {
            id: client_id.to_owned(),
            secret: grant.client_secret.clone(),
        };
        let held = Mutex::new(Held {
            refresh: grant.refresh.clone(),
            unkept: false,
            access: None,
        });
        Self {
            provider,
            client,
            net,
            clock,
            keep,
            held,
        }
    }

    /// A token that is good now. `refused`: one that a service did not take.
    ///
    /// # Errors
    /// `SignedOut` when the user has to sign in again.
    pub fn token(&self, refused: Option<&Secret>) -> Result<Secret> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((access, ends)) = &held.access
            && refused != Some(access)
            && self.clock.now().since(*ends) < 0
        {
            return Ok(access.clone());
        }
        let tokens = ask(
            &*self.net,
            &self.provider,
            &refresh(&self.client, &held.refresh),
        )?;
        let lasts = i64::try_from(tokens.lasts).unwrap_or(i64::MAX / 2000) * 1000;
        // One that lasts less than the margin is used at once and asked for again.
        let ends = TimestampMillis(self.clock.now().0 + lasts - MARGIN_MS);
        if let Some(new) = tokens.refresh.filter(|new| *new != held.refresh) {
            held.refresh = new;
            held.unkept = true;
        }
        // Before anybody uses the new token: whatever happens then, the grant is not lost.
        self.keep_grant(&mut held);
        held.access = Some((tokens.access.clone(), ends));
        Ok(tokens.access)
    }

    /// Where it cannot be kept now, the next renewal and the end of the session try again: the old
    /// one may go on working for a while, so a keychain that is locked stops nothing.
    fn keep_grant(&self, held: &mut Held) {
        let grant = Grant {
            refresh: held.refresh.clone(),
            client_secret: self.client.secret.clone(),
        };
        if let Some(keep) = self.keep.as_ref().filter(|_| held.unkept) {
            match keep(&grant.to_text()) {
                Ok(()) => held.unkept = false,
                Err(error) => {
                    tracing::warn!("a renewed sign-in could not be kept: {}", error.what());
                }
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        self.keep_grant(&mut held);
    }
}
