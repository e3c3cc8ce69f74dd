//! A sync server for Anki's protocol, for one's own devices: collections and media of a few users,
//! each in a folder as Anki's server has them. Set up by the same variables (`SYNC_USER1` …).
//!
//! `http` reads requests, `route` finds what does them, `place` is the folder of a user, `session` a
//! normal sync, `media` the files, `users` who may in. A normal sync is one transaction, which only
//! its end keeps; an upload takes the collection's place when it was checked and the former one saved.

mod http;
mod media;
mod place;
mod refusal;
mod route;
mod session;
mod users;

pub use users::{User, hashed};

use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::job::Progress;
use crate::base::time::Clock;
use http::Connection;
use place::Place;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const PORT: u16 = 8080;
const FOLDER: &str = ".syncserver";
/// Of a request, in MiB, packed.
const PAYLOAD: u64 = 100;
/// So many times as much when unpacked, as Anki's server has it.
const UNPACKED: u64 = 3;
/// More are not answered: each may hold a request in memory.
const MAX_CONNECTIONS: usize = 64;
/// Between two looks for a new connection.
const REST: Duration = Duration::from_millis(20);

/// What the variables say.
#[derive(Debug, Clone)]
pub struct Config {
    pub users: Vec<User>,
    /// Holds a folder for each user.
    pub base: PathBuf,
    pub address: SocketAddr,
    /// Bytes.
    pub payload: u64,
}

impl Config {
    /// From the variables of Anki's server; `get` reads one, `home` is the user's folder.
    ///
    /// # Errors
    /// `InvalidInput` names the variable.
    pub fn read(get: impl Fn(&str) -> Option<String>, home: Option<PathBuf>) -> Result<Self> {
        let hashed = get("PASSWORDS_HASHED").is_some();
        let mut users: Vec<User> = Vec::new();
        for number in 1.. {
            let name = format!("SYNC_USER{number}");
            let Some(text) = get(&name) else { break };
            let user = User::parse(&text, hashed)
                .map_err(|e| Error::invalid(format!("{name}: {}", e.what())))?;
            let name_of = |user: &User| user.name.to_lowercase();
            if users.iter().any(|other| name_of(other) == name_of(&user)) {
                return Err(Error::invalid(format!(
                    "{name}: this name is taken already"
                )));
            }
            users.push(user);
        }
        if users.is_empty() {
            return Err(Error::invalid(
                "there are no users: set SYNC_USER1 to name:password",
            ));
        }
        let base = match get("SYNC_BASE") {
            Some(base) => PathBuf::from(base),
            None => home
                .ok_or_else(|| Error::invalid("set SYNC_BASE to a folder"))?
                .join(FOLDER),
        };
        let any = Ipv4Addr::UNSPECIFIED.into();
        let host: IpAddr = number(get("SYNC_HOST"), "SYNC_HOST", any)?;
        let port: u16 = number(get("SYNC_PORT"), "SYNC_PORT", PORT)?;
        let name = "MAX_SYNC_PAYLOAD_MEGS";
        let payload: u64 = number(get(name), name, PAYLOAD)?;
        Ok(Self {
            users,
            base,
            address: (host, port).into(),
            payload: payload.clamp(1, 1 << 20) << 20,
        })
    }

    /// As [`Self::read`], from the environment.
    pub fn from_environment() -> Result<Self> {
        let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        Self::read(|name| std::env::var(name).ok(), home)
    }
}

fn number<T: std::str::FromStr>(text: Option<String>, name: &str, otherwise: T) -> Result<T> {
    match text {
        None => Ok(otherwise),
        Some(text) => text
            .trim()
            .parse()
            .map_err(|_| Error::invalid(format!("{name} cannot be {text:?}"))),
    }
}

/// What all connections share.
struct Shared {
    users: Vec<User>,
    /// One for each of the users.
    places: Vec<Place>,
    /// Bytes of a body.
    most: u64,
    /// Held while a password is looked at.
    logins: Mutex<()>,
    connections: AtomicUsize,
    say: Box<dyn Fn(&str) + Send + Sync>,
}

impl Shared {
    fn say(&self, text: &str) {
        (self.say)(text);
    }

    fn most_unpacked(&self) -> u64 {
        self.most.saturating_mul(UNPACKED)
    }
}

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
}

impl Server {
    /// Makes the folders and listens; `say` gets what goes wrong from then on.
    pub fn bind(
        config: Config,
        clock: &Clock,
        say: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Self> {
        let listener = TcpListener::bind(config.address).map_err(|e| {
            let what = format!("cannot listen at {}", config.address);
            Error::new(ErrorKind::Unavailable, what).because(e)
        })?;
        listener.set_nonblocking(true)?;
        let place = |user: &User| {
            let folder = config.base.join(&user.name);
            Place::new(folder.clone(), clock.clone()).at(&folder)
        };
        Ok(Self {
            listener,
            shared: Arc::new(Shared {
                places: config.users.iter().map(place).collect::<Result<_>>()?,
                users: config.users,
                most: config.payload,
                logins: Mutex::new(()),
                connections: AtomicUsize::new(0),
                say: Box::new(say),
            }),
        })
    }

    /// Where clients find it.
    pub fn address(&self) -> Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Serves until `progress` is cancelled; then what is half done is rolled back.
    pub fn run(&self, progress: &Progress) -> Result<()> {
        while !progress.is_cancelled() {
            match self.listener.accept() {
                Ok((stream, _)) => self.begin(stream),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => std::thread::sleep(REST),
                // One that ended before it began, or there are too many open files for now.
                Err(e) => {
                    self.shared.say(&format!("a connection failed: {e}"));
                    std::thread::sleep(REST);
                }
            }
        }
        for place in &self.shared.places {
            place.end();
        }
        Ok(())
    }

    fn begin(&self, stream: TcpStream) {
        let shared = self.shared.clone();
        if shared.connections.fetch_add(1, Ordering::SeqCst) >= MAX_CONNECTIONS {
            shared.connections.fetch_sub(1, Ordering::SeqCst);
            return;
        }
        let counted = Counted(shared);
        let begun = std::thread::Builder::new()
            .name("sync-connection".to_owned())
            .spawn(move || {
                // Why a connection ended concerns its client alone.
                if let Err(e) = serve(&counted.0, stream) {
                    tracing::debug!("a connection ended: {e}");
                }
            });
        if let Err(e) = begun {
            self.shared.say(&format!("a connection failed: {e}"));
        }
    }
}

/// One of the connections; it ends when this is dropped, also by a panic.
struct Counted(Arc<Shared>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::SeqCst);
    }
}

fn serve(shared: &Shared, stream: TcpStream) -> io::Result<()> {
    let mut connection = Connection::new(stream)?;
    loop {
        let request = match connection.request() {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(()),
            Err(e) if e.kind() == io::ErrorKind::InvalidData => {
                connection.answer(400, None, b"400")?;
                connection.end();
                return Err(e);
            }
            Err(e) => return Err(e),
        };
        if !route::answer(shared, &mut connection, &request)? {
            connection.end();
            return Ok(());
        }
    }
}

/// Serves what the environment says until `progress` is cancelled. `say` is told where, and what
/// goes wrong.
pub fn run_from_environment(
    progress: &Progress,
    say: impl Fn(&str) + Send + Sync + 'static,
) -> Result<()> {
    let config = Config::from_environment()?;
    let base = config.base.clone();
    let server = Server::bind(config, &Clock::System, say)?;
    let address = server.address()?;
    server.shared.say(&format!(
        "Listening at http://{address}/, keeping everything in {}",
        base.display()
    ));
    server.run(progress)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config> {
        let get = |name: &str| {
            let found = variables.iter().find(|(n, _)| *n == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Config::read(get, Some(PathBuf::from("/home/ann")))
    }

    #[test]
    fn variables_are_those_of_ankis_server() {
        let config = read(&[("SYNC_USER1", "ann:p"), ("SYNC_USER3", "eve:p")]).unwrap();
        assert_eq!(config.users.len(), 1, "numbering stops at the first gap");
        assert_eq!(config.base, PathBuf::from("/home/ann/.syncserver"));
        assert_eq!(config.address.to_string(), "0.0.0.0:8080");
        assert_eq!(config.payload, 100 << 20);
        let config = read(&[
            ("SYNC_USER1", "ann:p"),
            ("SYNC_USER2", "bob:p:q"),
            ("SYNC_BASE", "/srv/anki"),
            ("SYNC_HOST", "::1"),
            ("SYNC_PORT", "27701"),
            ("MAX_SYNC_PAYLOAD_MEGS", "5"),
        ])
        .unwrap();
        assert_eq!(config.users[1].name, "bob");
        assert_eq!(config.base, PathBuf::from("/srv/anki"));
        assert_eq!(config.address.to_string(), "[::1]:27701");
        assert_eq!(config.payload, 5 << 20);
        let ann = ("SYNC_USER1", "ann:p");
        for (bad, named) in [
            (&[][..], "SYNC_USER1"),
            (&[("SYNC_USER1", "ann")], "SYNC_USER1"),
            (&[ann, ("SYNC_USER2", "../x:p")], "SYNC_USER2"),
            (&[ann, ("SYNC_USER2", "Ann:p")], "SYNC_USER2"),
            (&[ann, ("SYNC_HOST", "localhost")], "SYNC_HOST"),
            (&[ann, ("SYNC_PORT", "x")], "SYNC_PORT"),
            (
                &[ann, ("MAX_SYNC_PAYLOAD_MEGS", "x")],
                "MAX_SYNC_PAYLOAD_MEGS",
            ),
            (&[ann, ("PASSWORDS_HASHED", "1")], "SYNC_USER1"),
        ] {
            let error = read(bad).unwrap_err();
            assert!(error.what().contains(named), "{error}");
        }
    }
}
