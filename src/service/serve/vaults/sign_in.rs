//! Signing in at a service that holds copies: the window opens the page in the user's browser, a
//! job waits for what comes back.

use super::tell;
use crate::backup::vault::Destination;
use crate::base::Secret;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::lang::say;
use crate::explain::explain;
use crate::mark;
use crate::net;
use crate::net::oauth::Grant;
use crate::service::vaults::{SignInAsked, VaultEvent};
use crate::service::worker::{Job, Worker};

const DOING: &str = mark!("sign in");
const JOB: Job = Job::quiet("vault-sign-in", DOING);

/// What goes wrong is told beside what was typed.
pub(super) fn begin(worker: &mut Worker, asked: &SignInAsked) {
    let begun = match &worker.vaults.signing {
        None => destination(asked).and_then(|to| prepare(worker, to, asked)),
        Some(_) => Err(Error::new(
            ErrorKind::Unavailable,
            mark!("another sign-in waits for the browser"),
        )),
    };
    if let Err(error) = begun {
        tell(worker, VaultEvent::NotSignedIn(explain(say(DOING), &error)));
    }
}

fn destination(asked: &SignInAsked) -> Result<Destination> {
    asked.address.trim().parse()
}

pub(super) fn cancel(worker: &Worker) {
    if let Some(id) = worker.vaults.signing {
        worker.jobs.cancel(id);
    }
}

/// Finds the client secret in the keychain when it was given at an earlier sign-in.
fn prepare(worker: &mut Worker, to: Destination, asked: &SignInAsked) -> Result<()> {
    let given = Some(asked.client_secret.clone()).filter(|secret| !secret.is_empty());
    let again = asked.again;
    if given.is_some() || !again {
        return wait(worker, to, given, again);
    }
    let (secrets, name) = (worker.config.secrets.clone(), to.account_name());
    let looked = worker.background(
        JOB,
        move |_| Ok(secrets.get(&name)?.map(Secret::new)),
        move |worker, known| {
            worker.vaults.signing = None;
            let begun = known.map(|account| {
                let secret = account.and_then(|account| Grant::of(&account).client_secret);
                wait(worker, to, secret, again).map_err(|error| explain(say(DOING), &error))
            });
            if let Err(message) = begun.and_then(|begun| begun) {
                tell(worker, VaultEvent::NotSignedIn(message));
            }
        },
    )?;
    worker.vaults.signing = Some(looked);
    Ok(())
}

fn wait(
    worker: &mut Worker,
    to: Destination,
    client_secret: Option<Secret>,
    again: bool,
) -> Result<()> {
    let begun = to.sign_in(client_secret)?;
    let page = begun.page();
    let net = worker.config.net.clone();
    let secrets = worker.config.secrets.clone();
    let name = to.account_name();
    let address = to.to_string();
    let waiting = worker.background(
        JOB,
        move |progress| {
            let net = net::for_job(&net, progress);
            let grant = begun.wait(&*net, progress)?.to_text();
            if again {
                secrets.set(&name, grant.expose())?;
            }
            Ok(grant)
        },
        move |worker, result| {
            worker.vaults.signing = None;
            let grant = match result {
                Ok(grant) => grant,
                Err(message) => return tell(worker, VaultEvent::NotSignedIn(message)),
            };
            // First what closes the dialog: the card behind it can be used as soon as it is there.
            let kept = address.clone();
            tell(worker, VaultEvent::SignedIn { address, grant });
            if again && let Ok(entry) = worker.entry_mut(&kept) {
                entry.failure = None;
                worker.keep_or_notice();
            }
        },
    )?;
    worker.vaults.signing = Some(waiting);
    tell(worker, VaultEvent::SignInAt { page });
    Ok(())
}
