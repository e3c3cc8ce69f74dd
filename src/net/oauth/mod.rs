//! Signing in at a service by the user's own browser: OAuth 2, an authorization code with PKCE that
//! comes back to a port of this machine. The password is never seen here; what is kept is a refresh
//! token. `protocol` says what is sent and what answers mean, `browser` waits for the browser,
//! `session` keeps a token that requests can carry.

mod browser;
mod protocol;
mod session;

pub use browser::SignIn;
pub use protocol::{Client, Grant, Provider, Redirect};
pub use session::{Keep, Session};

use super::{Body, Call, Transport};
use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use protocol::Tokens;
use std::io::Read as _;

/// More than any answer of a token endpoint.
const LONGEST: u64 = 1 << 20;

/// Posts a form to the token endpoint.
fn ask(net: &dyn Transport, provider: &Provider, form: &str) -> Result<Tokens> {
    let reply = net.send(Call {
        method: "POST",
        url: provider.token,
        headers: &[
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "application/json"),
        ],
        body: Body::Bytes(form.as_bytes()),
    })?;
    let mut answer = Vec::new();
    let read = reply.body.take(LONGEST).read_to_end(&mut answer);
    read.map_err(|e| Error::new(ErrorKind::Network, mark!("the connection failed")).because(e))?;
    protocol::tokens(provider, reply.status, &answer)
}
