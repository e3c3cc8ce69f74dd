//! A sync server for Anki's protocol, for one's own devices: collections and media of a few users,
//! each in a folder as Anki's server has them. Set up by the same variables (`SYNC_USER1` …).
//!
//! `connections` says who is connected, `http` reads requests, `route` finds what does them,
//! `request_log` tells of them, `place` is the folder of a user, `session` a normal sync, `media` the
//! files, `users` who may in, `logins` how they come in. A normal sync is one transaction, which only
//! its end keeps; an upload takes the collection's place when it was checked and the former one saved.

mod connections;
mod http;
mod logins;
mod media;
mod place;
mod refusal;
mod request_log;
mod route;
mod session;
mod users;

pub use users::{User, hashed};

use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::job::Progress;
use crate::base::time::Clock;
use connections::{Connections, Slot};
use http::Connection;
use logins::Logins;
use place::Place;
use std::fs::{File, TryLockError};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const PORT: u16 = 8080;
const FOLDER: &str = ".syncserver";
/// In MiB, as the variable counts.
const PAYLOAD: u64 = 100;
/// So many times as much may be in a request, as on Anki's server: pictures and sounds hardly get
/// smaller by packing, and a client has no other way to send a large one.
const IN_REQUEST: u64 = 3;
/// In the folder that holds those of the users.
const LOCK: &str = "sync-server.lock";
/// Between two looks for a new connection.
const REST: Duration = Duration::from_millis(20);
/// After one that failed, perhaps because too many files are open.
const LONG_REST: Duration = Duration::from_secs(1);

/// What the variables say.
#[derive(Debug, Clone)]
pub struct Config {
    pub users: Vec<User>,
    /// Holds a folder for each user.
    pub base: PathBuf,
    pub address: SocketAddr,
    /// Of a request, bytes.
    pub payload: u64,
    /// Whether each request is told.
    pub logs_requests: bool,
    /// In which a proxy in front says who asks, in lower case.
    pub ip_header: Option<&'static str>,
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
            payload: (payload.clamp(1, 1 << 20) << 20) * IN_REQUEST,
            logs_requests: request_log::is_wanted(get("RUST_LOG").as_deref()),
            ip_header: request_log::ip_header(get("SYNC_IP_HEADER").as_deref())?,
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
    /// Bytes of a body, packed or not.
    most: u64,
    logs_requests: bool,
    ip_header: Option<&'static str>,
    clock: Clock,
    logins: Logins,
    connections: Arc<Connections>,
    say: Box<dyn Fn(&str) + Send + Sync>,
}

impl Shared {
    fn say(&self, text: &str) {
        (self.say)(text);
    }
}

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
    _lock: File,
}

impl Server {
    /// Makes the folders and listens; `say` gets what goes wrong from then on, and a line for each
    /// request where those are wanted.
    ///
    /// # Errors
    /// `InvalidInput` where nothing can listen at the address, `Locked` where another server has the folder.
    pub fn bind(
        config: Config,
        clock: &Clock,
        say: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Self> {
        let listener = TcpListener::bind(config.address).map_err(|e| {
            let at = config.address;
            Error::invalid(format!(
                "SYNC_HOST and SYNC_PORT: cannot listen at {at}: {e}"
            ))
        })?;
        listener.set_nonblocking(true)?;
        let lock = lock(&config.base)?;
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
                logs_requests: config.logs_requests,
                ip_header: config.ip_header,
                clock: clock.clone(),
                logins: Logins::default(),
                connections: Arc::default(),
                say: Box::new(say),
            }),
            _lock: lock,
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
                Ok((stream, from)) => self.begin(stream, from.ip().to_canonical()),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => std::thread::sleep(REST),
                // One that ended before it began, or there are too many open files for now.
                Err(e) => {
                    self.shared.say(&format!("a connection failed: {e}"));
                    std::thread::sleep(LONG_REST);
                }
            }
        }
        for place in &self.shared.places {
            place.end();
        }
        Ok(())
    }

    fn begin(&self, stream: TcpStream, from: IpAddr) {
        let shared = self.shared.clone();
        let slot = match shared.connections.admit(&stream, from) {
            Ok(Some(slot)) => slot,
            // So many are being served that this one has to come again.
            Ok(None) => return,
            Err(e) => return shared.say(&format!("a connection failed: {e}")),
        };
        let begun = std::thread::Builder::new()
            .name("sync-connection".to_owned())
            .spawn(move || {
                // Why a connection ended concerns its client alone.
                if let Err(e) = serve(&shared, &slot, stream) {
                    tracing::debug!("a connection ended: {e}");
                }
            });
        if let Err(e) = begun {
            self.shared.say(&format!("a connection failed: {e}"));
        }
    }
}

/// For as long as the file is open: two servers over one folder would delete each other's work in
/// progress.
fn lock(base: &Path) -> Result<File> {
    std::fs::create_dir_all(base).at(base)?;
    let path = base.join(LOCK);
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .at(&path)?;
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        let what = "another sync server keeps this folder";
        return Err(Error::new(ErrorKind::Locked, what).at(base));
    }
    // There are file systems that know no locks.
    Ok(file)
}

fn serve(shared: &Shared, slot: &Slot, stream: TcpStream) -> io::Result<()> {
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
        let goes_on = route::answer(shared, slot, &mut connection, &request);
        slot.waits();
        if !goes_on? {
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
    use std::io::{Read as _, Write as _};
    use std::sync::Mutex;

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
        assert_eq!(config.payload, 300 << 20);
        assert!(config.logs_requests);
        assert_eq!(config.ip_header, None);
        let config = read(&[
            ("SYNC_USER1", "ann:p"),
            ("SYNC_USER2", "bob:p:q"),
            ("SYNC_BASE", "/srv/anki"),
            ("SYNC_HOST", "::1"),
            ("SYNC_PORT", "27701"),
            ("MAX_SYNC_PAYLOAD_MEGS", "5"),
            ("SYNC_IP_HEADER", "XRealIp"),
            ("RUST_LOG", "anki=warn"),
        ])
        .unwrap();
        assert_eq!(config.users[1].name, "bob");
        assert_eq!(config.base, PathBuf::from("/srv/anki"));
        assert_eq!(config.address.to_string(), "[::1]:27701");
        assert_eq!(config.payload, 15 << 20);
        assert_eq!(config.ip_header, Some("x-real-ip"));
        assert!(!config.logs_requests);
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
            (&[ann, ("SYNC_IP_HEADER", "X-Real-IP")], "SYNC_IP_HEADER"),
        ] {
            let error = read(bad).unwrap_err();
            assert!(error.what().contains(named), "{error}");
        }
    }

    /// Ends the server also where a test fails.
    struct Ends<'a>(&'a Progress);

    impl Drop for Ends<'_> {
        fn drop(&mut self) {
            self.0.cancel();
        }
    }

    /// What is answered to these requests, one a connection, and said.
    fn served(variables: &[(&str, &str)], requests: &[String]) -> (Vec<String>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().to_str().unwrap();
        let mut all = vec![
            ("SYNC_BASE", base),
            ("SYNC_HOST", "127.0.0.1"),
            ("SYNC_PORT", "0"),
            ("SYNC_USER1", "ann:p"),
        ];
        all.extend(variables);
        let said = Arc::new(Mutex::new(Vec::new()));
        let kept = said.clone();
        let keep = move |text: &str| kept.lock().unwrap().push(text.to_owned());
        let server = Server::bind(read(&all).unwrap(), &Clock::System, keep).unwrap();
        let address = server.address().unwrap();
        let progress = Progress::new();
        let answers = std::thread::scope(|scope| {
            scope.spawn(|| server.run(&progress).unwrap());
            let _ends = Ends(&progress);
            let answers = requests.iter().map(|request| {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.write_all(request.as_bytes()).unwrap();
                stream.shutdown(std::net::Shutdown::Write).unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).unwrap();
                answer
            });
            answers.collect()
        });
        let said = said.lock().unwrap().clone();
        (answers, said)
    }

    #[test]
    fn each_request_is_a_line_that_tells_no_secret() {
        let key = User::parse("ann:p", false).unwrap().key().to_owned();
        let of = |key: &str| {
            format!(
                "POST /sync/meta?k={key} HTTP/1.1\r\nX-Real-IP: 203.0.113.9\r\n\
                 anki-sync: {{\"v\":11,\"k\":\"{key}\",\"c\":\"26.9,linux\"}}\r\nConnection: close\r\n\r\n"
            )
        };
        let requests = [
            of(&key),
            of("wrong"),
            format!("GET /\u{1b}[31m{} HTTP/1.1\r\n\r\n", "x".repeat(2000)),
        ];
        let (answers, said) = served(&[], &requests);
        let statuses = answers.iter().map(|answer| &answer[9..12]);
        assert_eq!(statuses.collect::<Vec<_>>(), ["400", "403", "404"]);
        assert_eq!(said.len(), 3, "{said:?}");
        let has = |n: usize, text: &str| assert!(said[n].contains(text), "{text}: {}", said[n]);
        let known = r#"ip="127.0.0.1" uid="ann" client="26.9,linux"}: finished elap_ms="#;
        has(0, r#"Z  INFO request{uri="/sync/meta" "#);
        has(0, known);
        has(0, " httpstatus=400");
        has(1, r#" ip="127.0.0.1"}: finished elap_ms="#);
        has(1, " httpstatus=403");
        has(2, r#"uri="/\u{1b}[31mxxx"#);
        assert!(said[2].len() < 300, "{}", said[2]);
        assert!(said.iter().all(|line| !line.contains(&key)), "{said:?}");
        // A proxy says who asks, and nothing is said where nothing is wanted.
        let (_, said) = served(&[("SYNC_IP_HEADER", "XRealIp")], &requests[1..2]);
        assert!(said[0].contains(r#" ip="203.0.113.9"}"#), "{said:?}");
        let (_, said) = served(&[("RUST_LOG", "error")], &requests[1..2]);
        assert_eq!(said, Vec::<String>::new());
    }

    #[test]
    fn odd_requests_are_answered_as_http_wants_it() {
        let head = "anki-sync: {\"v\":11}\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx";
        let requests = [
            "\r\nGET /health HTTP/1.1\r\n\r\n".to_owned(),
            "HEAD /sync/meta HTTP/1.1\r\n\r\n".to_owned(),
            format!("POST /sync/meta HTTP/1.1\r\n{head}"),
            format!("POST /sync/meta HTTP/1.0\r\n{head}"),
            format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(40_000)),
        ];
        let (answers, _) = served(&[], &requests);
        let begin = |n: usize, text: &str| assert!(answers[n].starts_with(text), "{}", answers[n]);
        begin(0, "HTTP/1.1 200 ");
        begin(1, "HTTP/1.1 405 ");
        assert!(answers[1].ends_with("\r\n\r\n"), "without a body");
        begin(2, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 ");
        begin(3, "HTTP/1.1 403 ");
        begin(4, "HTTP/1.1 400 ");
    }

    #[test]
    fn an_address_that_is_taken_is_told_with_its_variables() {
        let folder = tempfile::tempdir().unwrap();
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port().to_string();
        let config = read(&[
            ("SYNC_HOST", "127.0.0.1"),
            ("SYNC_PORT", &port),
            ("SYNC_BASE", folder.path().to_str().unwrap()),
            ("SYNC_USER1", "ann:p"),
        ]);
        let error = Server::bind(config.unwrap(), &Clock::System, |_| ())
            .err()
            .unwrap();
        let said = error.what();
        assert!(said.contains("SYNC_PORT") && said.contains(&port), "{said}");
    }

    #[test]
    fn a_folder_has_one_server() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().to_str().unwrap();
        let config = || {
            let port = [("SYNC_HOST", "127.0.0.1"), ("SYNC_PORT", "0")];
            let own = [("SYNC_BASE", base), ("SYNC_USER1", "ann:p")];
            read(&[port, own].concat()).unwrap()
        };
        let bind = || Server::bind(config(), &Clock::System, |_| ());
        let first = bind().unwrap();
        assert_eq!(bind().err().map(|e| e.kind()), Some(ErrorKind::Locked));
        drop(first);
        bind().unwrap();
    }
}
