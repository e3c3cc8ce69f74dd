//! Signing in at a service that holds copies: the window opens the page in the user's browser, a
//! job waits for what comes back. One at a time, and each has one end, which its number tells from
//! those of others.

use super::tell;
use crate::backup::vault::Destination;
use crate::base::Secret;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Progress;
use crate::base::lang::say;
use crate::explain::{UserMessage, explain};
use crate::mark;
use crate::net::oauth::Grant;
use crate::net::{self, Transport};
use crate::secrets::Secrets;
use crate::service::event::{Event, JobId};
use crate::service::vaults::{SignInAsked, VaultEvent};
use crate::service::worker::{Job, Worker};
use std::sync::Arc;

const DOING: &str = mark!("sign in");

/// The sign-in that a job works on.
#[derive(Debug)]
pub(super) struct Signing {
    number: u64,
    job: JobId,
    /// It was given up, but has its port until it has ended.
    stopped: bool,
    /// Begins then.
    next: Option<SignInAsked>,
}

/// What goes wrong is told beside what was typed.
pub(super) fn begin(worker: &mut Worker, asked: &SignInAsked) {
    let begun = match &mut worker.vaults.signing {
        None => start(worker, asked),
        Some(ending) if ending.stopped && ending.next.is_none() => {
            ending.next = Some(asked.clone());
            Ok(())
        }
        Some(_) => Err(Error::new(
            ErrorKind::Unavailable,
            mark!("another sign-in waits for the browser"),
        )),
    };
    if let Err(error) = begun {
        refuse(worker, asked.number, explain(say(DOING), &error));
    }
}

fn refuse(worker: &Worker, number: u64, message: UserMessage) {
    tell(worker, VaultEvent::NotSignedIn { number, message });
}

pub(super) fn cancel(worker: &mut Worker, number: u64) {
    let Some(signing) = &mut worker.vaults.signing else {
        return;
    };
    if signing.number == number {
        signing.stopped = true;
        worker.jobs.cancel(signing.job);
    } else if signing.next.take_if(|next| next.number == number).is_some() {
        let message = explain(say(DOING), &Error::interrupted());
        refuse(worker, number, message);
    }
}

/// Whatever is signed in to: the profile is being closed.
pub(super) fn stop(worker: &mut Worker) {
    let signing = worker.vaults.signing.as_ref();
    let next = signing.and_then(|s| s.next.as_ref());
    let numbers = [next.map(|next| next.number), signing.map(|s| s.number)];
    for number in numbers.into_iter().flatten() {
        cancel(worker, number);
    }
}

fn start(worker: &mut Worker, asked: &SignInAsked) -> Result<()> {
    let SignInAsked { number, again, .. } = *asked;
    let to: Destination = asked.address.trim().parse()?;
    let address = to.to_string();
    let work = SignsIn {
        to,
        client_secret: Some(asked.client_secret.clone()).filter(|secret| !secret.is_empty()),
        again,
        net: worker.config.net.clone(),
        secrets: worker.secrets(),
    };
    let emit = worker.emitter();
    let job = worker.background(
        Job::quiet("vault-sign-in", DOING),
        move |progress| {
            work.sign_in(progress, |page| {
                emit(Event::Vault(VaultEvent::SignInAt { number, page }));
            })
        },
        move |worker, result| {
            let next = worker.vaults.signing.take().and_then(|s| s.next);
            match result {
                Err(message) => refuse(worker, number, message),
                Ok(grant) => {
                    // First what closes the dialog: the card behind it can be used as soon as it is
                    // there.
                    let told = VaultEvent::SignedIn {
                        number,
                        grant,
                        again,
                    };
                    tell(worker, told);
                    if again && let Ok(entry) = worker.entry_mut(&address) {
                        entry.failure = None;
                        worker.keep_or_notice();
                    }
                }
            }
            if let Some(next) = next {
                begin(worker, &next);
            }
        },
    )?;
    worker.vaults.signing = Some(Signing {
        number,
        job,
        stopped: false,
        next: None,
    });
    Ok(())
}

/// What a sign-in needs on its thread.
struct SignsIn {
    to: Destination,
    client_secret: Option<Secret>,
    again: bool,
    net: Arc<dyn Transport>,
    secrets: Arc<dyn Secrets>,
}

impl SignsIn {
    /// It worked, or was cancelled, and nothing between: see [`Progress::stand`].
    fn sign_in(self, progress: &Progress, show: impl FnOnce(String)) -> Result<Secret> {
        let name = self.to.account_name();
        let client_secret = match self.client_secret {
            // It was given at an earlier sign-in.
            None if self.again => {
                let account = super::account_of(&*self.secrets, &name)?;
                account.and_then(|account| Grant::of(&account).client_secret)
            }
            given => given,
        };
        progress.check()?;
        let begun = self.to.sign_in(client_secret)?;
        show(begun.page());
        let net = net::for_job(&self.net, progress);
        let grant = begun.wait(&*net, progress)?.to_text();
        if self.again {
            self.secrets.set(&name, grant.expose())?;
        }
        Ok(grant)
    }
}
