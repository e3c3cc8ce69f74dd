//! The wire under a sync: an account, and requests of one session. Answers are read to their end
//! and their length is compared, so that a cut answer is never taken for a whole one.

use crate::base::files::BUFFER;
use crate::base::job::Progress;
use crate::base::limits::{FREE_SPACE_RESERVE, MAX_COLLECTION_BYTES};
use crate::base::{Error, ErrorKind, Result, Secret};
use crate::codec::sync::{self as messages, SIZE_HEADER};
use crate::formats::zip_guard::require_space;
use crate::net::{Body, Call, Reply, Transport};
use crate::{mark, t};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::path::Path;
use url::Url;

const SCHEMES: [&str; 2] = ["https://", "http://"];
/// More than this is no answer to anything but `download`.
const MAX_ANSWER: u64 = 512 << 20;
const REDIRECTS: usize = 5;

/// Where to sync, and what lets us in. The password is not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Ends with `/`. Changes when the server sends us to another host.
    pub server: String,
    pub user: String,
    key: Secret,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    server: String,
    user: String,
    key: String,
}

impl Account {
    /// As it is kept in a keychain (`secrets::Secrets`).
    #[must_use]
    pub fn to_secret(&self) -> String {
        json!({"server": self.server, "user": self.user, "key": self.key.expose()}).to_string()
    }

    /// None when it is not what [`Self::to_secret`] wrote.
    #[must_use]
    pub fn from_secret(secret: &str) -> Option<Self> {
        let stored: Stored = serde_json::from_str(secret).ok()?;
        Some(Self {
            server: stored.server,
            user: stored.user,
            key: Secret::new(stored.key),
        })
    }
}

/// The address as it is used: with a scheme in small letters, a host as the network knows it and a
/// slash at its end.
///
/// # Errors
/// `InvalidInput` for what is none.
pub fn server_address(typed: &str) -> Result<String> {
    let typed = typed.trim().trim_end_matches('/');
    let parts = SCHEMES.into_iter().find_map(|scheme| {
        let (start, rest) = typed.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some((scheme, rest))
    });
    let host = parts.and_then(|(_, rest)| rest.split('/').next());
    let (Some((scheme, rest)), Some(1..)) = (parts, host.map(str::len)) else {
        return Err(no_address());
    };
    if rest.contains(char::is_whitespace) {
        return Err(no_address());
    }
    let address = format!("{scheme}{rest}/");
    if address.is_ascii() {
        return Ok(address);
    }
    // Names of hosts with letters beyond ASCII are looked up in another form.
    let url = Url::parse(&address).map_err(|e| {
        Error::invalid(mark!("this is not an address that can be reached")).because(e)
    })?;
    Ok(url.into())
}

fn no_address() -> Error {
    Error::invalid(mark!(
        "the address of a sync server begins with https:// or http://"
    ))
}

/// Exchanges a password for the key that lets us in from now on.
///
/// # Errors
/// `WrongPassword`, `Network`, `Server`; `InvalidInput` for an address that is none.
pub fn login(
    transport: &dyn Transport,
    server: &str,
    user: &str,
    password: &Secret,
    progress: &Progress,
) -> Result<Account> {
    #[derive(Deserialize)]
    struct Key {
        key: String,
    }
    let account = Account {
        server: server_address(server)?,
        user: user.to_owned(),
        key: Secret::default(),
    };
    let mut session = Session::new(transport, account);
    progress.stage(t!("Logging in"), 0)?;
    let body = json!({"u": user, "p": password.expose()});
    let answer = session.following("sync/hostKey", &body, progress)?;
    let found: Key = messages::parse(&answer)?;
    session.account.key = Secret::new(found.key);
    Ok(session.account)
}

/// Requests that belong together; the server knows them by one random word.
pub struct Session<'a> {
    transport: &'a dyn Transport,
    account: Account,
    word: String,
}

impl std::fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("account", &self.account)
            .finish()
    }
}

impl<'a> Session<'a> {
    #[must_use]
    pub fn new(transport: &'a dyn Transport, account: Account) -> Self {
        Self {
            transport,
            account,
            word: base62(rand::random()),
        }
    }

    /// Another one, with the same account.
    #[must_use]
    pub(super) fn again(&self) -> Self {
        Self::new(self.transport, self.account.clone())
    }

    /// To be kept after a sync: the server may have moved us to another host.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Sends JSON and returns the unpacked answer. `path` is e.g. `sync/chunk`.
    pub(super) fn json(&self, path: &str, body: &Value, progress: &Progress) -> Result<Vec<u8>> {
        self.bytes(path, body.to_string().as_bytes(), progress)
    }

    /// As [`Self::json`] with an empty body, also when the job was cancelled, and without waiting long.
    pub(super) fn last_word(&self, path: &str) -> Result<()> {
        let beyond = self.transport.beyond_job();
        let session = Session {
            transport: match &beyond {
                Some(transport) => &**transport,
                None => self.transport,
            },
            account: self.account.clone(),
            word: self.word.clone(),
        };
        session.json(path, &json!({}), &Progress::new()).map(drop)
    }

    /// Sends `body` and returns the answer, both unpacked. `path` is e.g. `msync/begin`.
    ///
    /// # Errors
    /// As the module of sync says.
    pub fn bytes(&self, path: &str, body: &[u8], progress: &Progress) -> Result<Vec<u8>> {
        let packed = messages::pack(body)?;
        let reply = self.send(path, Body::Bytes(&packed), progress)?;
        let mut answer = Vec::new();
        unpack(accepted(reply)?, &mut answer, MAX_ANSWER, &|_| {
            progress.check()
        })?;
        Ok(answer)
    }

    /// As [`Self::json`], going where the server says the account lives.
    pub(super) fn following(
        &mut self,
        path: &str,
        body: &Value,
        progress: &Progress,
    ) -> Result<Vec<u8>> {
        let packed = messages::pack(body.to_string().as_bytes())?;
        for _ in 0..REDIRECTS {
            let reply = self.send(path, Body::Bytes(&packed), progress)?;
            match (reply.status, reply.header("location")) {
                (301 | 302 | 307 | 308, Some(there)) => {
                    // Anki's servers name where the account lives, proxies the address of this request.
                    self.move_to(there.strip_suffix(path).unwrap_or(there))?;
                }
                _ => {
                    let mut answer = Vec::new();
                    unpack(accepted(reply)?, &mut answer, MAX_ANSWER, &|_| {
                        progress.check()
                    })?;
                    return Ok(answer);
                }
            }
        }
        Err(server(mark!(
            "the server sends us from host to host without end"
        )))
    }

    /// The key travels along, so a secured connection stays one.
    fn move_to(&mut self, there: &str) -> Result<()> {
        let there = server_address(there).map_err(|e| {
            server(mark!("the server sends us to an address that is none")).because(e)
        })?;
        if self.account.server.starts_with("https://") && there.starts_with("http://") {
            return Err(server(mark!(
                "the server sends us to a connection that is not secured"
            )));
        }
        self.account.server = there;
        Ok(())
    }

    /// Sends a whole file, packed on the way; returns the answer.
    pub(super) fn upload(
        &self,
        path: &str,
        file: &mut dyn Read,
        progress: &Progress,
    ) -> Result<Vec<u8>> {
        let counted = Counted {
            source: file,
            progress,
        };
        let mut packed = messages::packing(counted)?;
        let reply = self.send(path, Body::Stream(&mut packed, None), progress)?;
        let mut answer = Vec::new();
        unpack(accepted(reply)?, &mut answer, MAX_ANSWER, &|_| {
            progress.check()
        })?;
        Ok(answer)
    }

    /// Receives a whole file into the folder `room`, unpacked on the way; returns its length.
    pub(super) fn download(
        &self,
        path: &str,
        stage: &'static str,
        (room, out): (&Path, &mut dyn Write),
        progress: &Progress,
    ) -> Result<u64> {
        let packed = messages::pack(b"{}")?;
        let reply = accepted(self.send(path, Body::Bytes(&packed), progress)?)?;
        let size = original_size(&reply, MAX_COLLECTION_BYTES)?;
        require_space(room, size.saturating_add(FREE_SPACE_RESERVE))?;
        progress.stage_bytes(stage, size)?;
        unpack(reply, out, MAX_COLLECTION_BYTES, &|n| progress.step(n))
    }

    fn send(&self, path: &str, body: Body<'_>, progress: &Progress) -> Result<Reply> {
        progress.check()?;
        let url = format!("{}{path}", self.account.server);
        let header = messages::header(self.account.key.expose(), &client_short(), &self.word);
        let headers = [
            ("anki-sync", header.as_str()),
            ("content-type", "application/octet-stream"),
        ];
        let call = Call {
            method: "POST",
            url: &url,
            headers: &headers,
            body: match body {
                Body::Stream(source, length) => Body::Stream(&mut *source, length),
                Body::Bytes(bytes) => Body::Bytes(bytes),
                Body::None => Body::None,
            },
        };
        self.transport.send(call)
    }
}

/// Name, version and system, in the short form of requests.
fn client_short() -> String {
    format!(
        "engram{},0,{}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS
    )
}

/// The same as servers write it down.
#[must_use]
pub fn client_long() -> String {
    format!(
        "engram,{} (0),{}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS
    )
}

fn base62(mut number: u32) -> String {
    const DIGITS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut word = String::new();
    loop {
        word.push(char::from(DIGITS[(number % 62) as usize]));
        number /= 62;
        if number == 0 {
            return word;
        }
    }
}

fn server(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Server, what)
}

fn accepted(reply: Reply) -> Result<Reply> {
    let (kind, what) = match reply.status {
        200 => return Ok(reply),
        401 | 403 => (
            ErrorKind::WrongPassword,
            mark!("the server does not know this user with this password; log in again").to_owned(),
        ),
        400 => (
            ErrorKind::Server,
            mark!("the server could not use what it was sent; use Check Database, then sync again")
                .to_owned(),
        ),
        404 | 405 => (
            ErrorKind::Server,
            mark!("there is no sync server at this address, or it is too old").to_owned(),
        ),
        407 => (
            ErrorKind::Network,
            mark!("the proxy wants a password").to_owned(),
        ),
        409 => (
            ErrorKind::Unavailable,
            mark!("another device is syncing with this account").to_owned(),
        ),
        413 => (
            ErrorKind::Server,
            mark!(
                "this is more than the server takes at once; whoever runs it can raise its limit"
            )
            .to_owned(),
        ),
        429 => (
            ErrorKind::Server,
            mark!("the server is asked too often; try again in a few minutes").to_owned(),
        ),
        501 => (
            ErrorKind::TooNew,
            mark!("the server wants a newer version").to_owned(),
        ),
        500..=599 => (
            ErrorKind::Server,
            mark!(
                "the server is in trouble ({status}); try again later",
                status = reply.status
            ),
        ),
        status => (
            ErrorKind::Server,
            mark!(
                "the server answered in a way that was not expected ({status})",
                status
            ),
        ),
    };
    Err(Error::new(kind, what))
}

/// How large an answer is when unpacked, if that is not more than `most`.
fn original_size(reply: &Reply, most: u64) -> Result<u64> {
    let size = reply
        .header(SIZE_HEADER)
        .and_then(|text| text.trim().parse().ok());
    match size {
        None => Err(server(mark!(
            "this is not the answer of a sync server, or it is too old"
        ))),
        Some(size) if size > most => Err(server(mark!(
            "the server's answer is larger than it may be"
        ))),
        Some(size) => Ok(size),
    }
}

/// Reads an answer to its end into `out`.
fn unpack(
    reply: Reply,
    out: &mut dyn Write,
    most: u64,
    step: &dyn Fn(u64) -> Result<()>,
) -> Result<u64> {
    let size = original_size(&reply, most)?;
    let mut source = messages::unpacking(reply.body)?;
    let mut buffer = vec![0; BUFFER.min(usize::try_from(size).unwrap_or(BUFFER) + 1)];
    let mut done = 0;
    loop {
        let n = source.read(&mut buffer).map_err(cut)?;
        if n == 0 {
            break;
        }
        done += n as u64;
        if done > size {
            return Err(garbled());
        }
        out.write_all(&buffer[..n])?;
        step(n as u64)?;
    }
    if done != size {
        return Err(garbled());
    }
    Ok(done)
}

fn garbled() -> Error {
    Error::new(
        ErrorKind::Network,
        mark!("the server's answer arrived damaged or was cut"),
    )
}

/// What the transport says stays; what the unpacking says is damage on the way.
fn cut(e: std::io::Error) -> Error {
    if e.get_ref().is_some_and(|inner| inner.is::<Error>()) {
        return Error::from(e);
    }
    if e.kind() == std::io::ErrorKind::TimedOut {
        return Error::new(
            ErrorKind::Network,
            mark!("the server did not answer in time"),
        )
        .because(e);
    }
    garbled().because(e)
}

/// Counts what is read, and ends when the user cancels.
struct Counted<'a> {
    source: &'a mut dyn Read,
    progress: &'a Progress,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.source.read(buffer)?;
        self.progress.step(n as u64)?;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_get_their_slash() {
        for (typed, want) in [
            (" http://host:8080 ", Some("http://host:8080/")),
            ("https://host/anki/", Some("https://host/anki/")),
            ("HTTP://host", Some("http://host/")),
            ("http://[::1]:8080", Some("http://[::1]:8080/")),
            (
                "https://münchen.example:8080/kärtchen",
                Some("https://xn--mnchen-3ya.example:8080/k%C3%A4rtchen/"),
            ),
            ("http://", None),
            ("https", None),
            ("äöü", None),
            ("host:8080", None),
            ("ftp://host", None),
            ("http://a b", None),
        ] {
            assert_eq!(server_address(typed).ok().as_deref(), want, "{typed}");
        }
    }

    #[test]
    fn an_account_comes_back_from_the_keychain_and_never_shows_its_key() {
        let account = Account {
            server: "http://h/".into(),
            user: "u".into(),
            key: Secret::new("0123abc"),
        };
        assert_eq!(
            Account::from_secret(&account.to_secret()).as_ref(),
            Some(&account)
        );
        assert!(!format!("{account:?}").contains("0123abc"));
        assert_eq!(Account::from_secret("x"), None);
        assert_eq!((base62(0), base62(63)), ("a".into(), "bb".into()));
    }
}
