//! `sync-server`: the other end of `sync`, for one's own devices. No profile has to do with it.

use super::args::SyncServerArgs;
use super::encrypted::{VARIABLE, account_password};
use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use crate::base::{Error, remarks};
use crate::server::{hashed, run_from_environment};
use serde_json::json;

const HASHING: &str = "hash the password";

pub(super) fn run(session: &Session, args: &SyncServerArgs) -> Result<Answer, Failure> {
    if args.hash_password {
        let password = account_password(args.password_file.as_deref(), VARIABLE)
            .and_then(|given| given.ok_or_else(no_password))
            .doing(HASHING)?;
        let line = hashed(password.expose(), &rand::random::<[u8; 16]>());
        return Ok(Answer::new(line.clone(), json!({"hash": line})));
    }
    // The terminal may be gone before the server is, which is no reason to end.
    run_from_environment(&session.progress, remarks::say).doing("run the sync server")?;
    Ok(Answer::new("", json!({"outcome": "ended"})))
}

fn no_password() -> Error {
    Error::invalid("give --password-file FILE, or the variable ENGRAM_PASSWORD")
}
