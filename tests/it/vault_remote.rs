//! The vault at real servers on this machine: WebDAV by `rclone serve webdav`, S3 by `moto_server`;
//! with a wrong account, no server, and a network that is cut in the middle.

use crate::cheap_vault;
use crate::oracle;
use crate::sync_server::port_of_its_own;
use crate::vault_folder::{Saved, assert_same_media, has, restic};
use engram::backup::vault::{Destination, Opened, Patience, Setting, push, restore};
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::base::{Error, ErrorKind, Result, Secret};
use engram::net::{Body, Call, Http, Reply, Transport};
use engram::storage::snapshot::FrozenFile;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::Builder;
use std::time::Duration;

const PASSWORD: &str = "correct horse battery";

/// A server that ends with the test.
pub struct Server {
    child: Child,
    pub port: u16,
    /// See [`port_of_its_own`].
    _claim: UdpSocket,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(command: impl Fn(u16) -> Command) -> Self {
        let (claim, port) = port_of_its_own();
        let child = command(port)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self {
            child,
            port,
            _claim: claim,
        };
        for _ in 0..300 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return server;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the server does not start");
    }

    pub fn webdav(folder: &Path) -> Option<Self> {
        has("rclone").then(|| {
            Self::start(|port| {
                let mut command = Command::new("rclone");
                let address = format!("127.0.0.1:{port}");
                command.args(["serve", "webdav", "--addr", &address]);
                command.args(["--user", "ann", "--pass", "dav secret"]);
                command.arg(folder);
                command
            })
        })
    }

    pub fn s3() -> Option<Self> {
        let server = oracle::python()?.with_file_name("moto_server");
        if !server.exists() {
            oracle::skip("moto_server is not installed");
            return None;
        }
        let started = Self::start(|port| {
            let mut command = Command::new(&server);
            command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
            command
        });
        let url = format!("http://127.0.0.1:{}/cards", started.port);
        let made = Http::new().send(Call {
            method: "PUT",
            url: &url,
            headers: &[("authorization", "AWS a:b")],
            body: Body::None,
        });
        assert_eq!(made.unwrap().status, 200);
        Some(started)
    }
}

/// Everything a user does, at a server.
fn whole_story(saved: &mut Saved, account: &str) {
    std::fs::write(saved.cli.path("account"), account).unwrap();
    let account = saved.cli.path("account");
    let with_account = ["--account-password-file", account.as_str()];
    saved.ok("init", &with_account);
    let first = saved.ok("push", &with_account);
    assert_eq!(first["verified"], true);
    saved.add_note("a study day");
    let second = saved.ok("push", &with_account);
    assert!(second["sent"].as_u64().unwrap() < 200_000, "{second}");
    let listed = saved.ok("list", &with_account);
    assert_eq!(listed["snapshots"].as_array().unwrap().len(), 2);
    let read = [with_account.as_slice(), &["--read-data"]].concat();
    saved.ok("verify", &read);
    let keep = [with_account.as_slice(), &["--keep-last", "1"]].concat();
    let forgot = saved.ok("forget", &keep);
    assert_eq!(forgot["dropped"].as_array().unwrap().len(), 1);
    saved.ok("verify", &read);
    let password = saved.cli.path("password");
    let newest = format!("vault:{}", saved.to);
    let mut look = vec!["backup", "show", &newest, "--password-file", &password];
    look.extend(with_account);
    assert_eq!(saved.cli.ok(&look)["notes"], 501);
    // On another machine.
    let live = saved.profile_dir().join("collection.media");
    let mut args = saved.args("restore", &password);
    args.extend(with_account);
    let other = crate::cli_commands::Cli {
        room: tempfile::tempdir().unwrap(),
    };
    assert_eq!(other.ok(&args)["notes"], 501);
    assert_same_media(&other.base().join("Ann/collection.media"), &live);
}

#[test]
fn webdav() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = Server::webdav(folder.path()) else {
        return;
    };
    let mut saved = Saved::profile();
    saved.to = format!("webdav+http://ann@127.0.0.1:{}/engram", server.port);
    std::fs::write(saved.cli.path("other"), "not it").unwrap();
    let other = saved.cli.path("other");
    let refused = saved.fails("init", &["--account-password-file", &other]);
    assert_eq!(refused, (1, "permission-denied".into()));
    whole_story(&mut saved, "dav secret");
    if has("restic") {
        let repo = folder.path().join("engram");
        restic(repo.to_str().unwrap(), &["check", "--read-data"]);
    }
}

#[test]
fn s3() {
    let Some(server) = Server::s3() else {
        return;
    };
    let mut saved = Saved::profile();
    let endpoint = format!("http://127.0.0.1:{}", server.port);
    saved.to = format!("s3://cards/of/ann?key=a&endpoint={endpoint}");
    whole_story(&mut saved, "b");
}

#[test]
fn a_server_that_is_away_is_unreachable() {
    let saved = {
        let mut saved = Saved::profile();
        saved.to = "webdav+http://ann@127.0.0.1:9/engram".to_owned();
        saved
    };
    let setting = setting(&saved, "x", Arc::new(Http::new()));
    let error = setting.open().err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
}

/// A network that works for so many requests and then no more.
struct Cut {
    net: Http,
    left: AtomicI64,
}

impl Transport for Cut {
    fn send(&self, call: Call<'_>) -> Result<Reply> {
        if self.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(Error::new(ErrorKind::Network, "the cable is cut"));
        }
        self.net.send(call)
    }
}

fn setting(saved: &Saved, account: &str, net: Arc<dyn Transport>) -> Setting {
    Setting {
        destination: saved.to.parse::<Destination>().unwrap(),
        account: Some(Secret::new(account)),
        keep: None,
        password: Secret::new(PASSWORD),
        opened: Opened::default(),
        net,
        clock: Clock::System,
        progress: Progress::new(),
        patience: Patience {
            tries: 2,
            first_pause: Duration::from_millis(5),
        },
    }
}

#[test]
fn cut_after_any_request_the_next_push_finishes() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = Server::webdav(folder.path()) else {
        return;
    };
    let mut saved = Saved::profile();
    saved.to = format!("webdav+http://ann@127.0.0.1:{}/engram", server.port);
    let repo = folder.path().join("engram");
    let repo = repo.to_str().unwrap();
    let account = "dav secret";
    setting(&saved, account, Arc::new(Http::new()))
        .init()
        .unwrap();
    let push_with = |net: Arc<dyn Transport>| {
        let dir = saved.profile_dir();
        let vault = setting(&saved, account, net).open()?;
        let frozen = FrozenFile::of_closed(&dir.join("collection.anki2"))?;
        let prepared = push::Prepared::copy(&dir, &frozen, &Progress::new())?;
        push::push(&vault, &dir, "Ann", &prepared)
    };
    let mut cuts = 0;
    // Closer together at the beginning.
    for left in std::iter::successors(Some(0_i64), |n| Some(n + n / 2 + 1)) {
        let net = Arc::new(Cut {
            net: Http::new(),
            left: AtomicI64::new(left),
        });
        match push_with(net) {
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Network, "{left}: {error}");
                cuts += 1;
            }
            Ok(pushed) => {
                assert!(pushed.findings.errors.is_empty(), "{:?}", pushed.findings);
                break;
            }
        }
    }
    assert!(cuts > 3, "{cuts}");
    let again = push_with(Arc::new(Http::new())).unwrap();
    assert!(again.findings.errors.is_empty());
    assert!(again.sent < 100_000, "{}", again.sent);
    if has("restic") {
        restic(repo, &["check", "--read-data"]);
    }
}

/// A server that keeps the first half of one upload under its final name when the network is cut.
struct Halved {
    net: Http,
    /// Uploads until then.
    left: AtomicI64,
}

impl Transport for Halved {
    fn send(&self, call: Call<'_>) -> Result<Reply> {
        if call.method != "PUT" {
            // Nothing works after the cut.
            return match self.left.load(Ordering::SeqCst) {
                ..=-1 => Err(Error::new(ErrorKind::Network, "the cable is cut")),
                _ => self.net.send(call),
            };
        }
        match self.left.fetch_sub(1, Ordering::SeqCst) {
            1.. => self.net.send(call),
            0 => {
                let half = match call.body {
                    Body::Bytes(bytes) => bytes[..bytes.len() / 2].to_vec(),
                    Body::Stream(all, _) => {
                        let mut bytes = Vec::new();
                        all.read_to_end(&mut bytes)?;
                        bytes.truncate(bytes.len() / 2);
                        bytes
                    }
                    Body::None => Vec::new(),
                };
                let headers: Vec<(&str, &str)> = (call.headers.iter().copied())
                    .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"))
                    .collect();
                self.net.send(Call {
                    headers: &headers,
                    body: Body::Bytes(&half),
                    ..call
                })?;
                Err(Error::new(ErrorKind::Network, "the cable is cut"))
            }
            ..=-1 => Err(Error::new(ErrorKind::Network, "the cable is cut")),
        }
    }
}

#[test]
fn half_of_an_upload_is_never_taken_for_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = Server::webdav(folder.path()) else {
        return;
    };
    let mut saved = Saved::profile();
    saved.to = format!("webdav+http://ann@127.0.0.1:{}/engram", server.port);
    let repo = folder.path().join("engram");
    let (repo, account) = (repo.to_str().unwrap(), "dav secret");
    let whole: Arc<dyn Transport> = Arc::new(Http::new());
    setting(&saved, account, Arc::clone(&whole)).init().unwrap();
    let push_with = |net: Arc<dyn Transport>| {
        let dir = saved.profile_dir();
        let vault = setting(&saved, account, net).open()?;
        let frozen = FrozenFile::of_closed(&dir.join("collection.anki2"))?;
        let prepared = push::Prepared::copy(&dir, &frozen, &Progress::new())?;
        push::push(&vault, &dir, "Ann", &prepared)
    };
    let mut cuts = 0;
    for left in 0.. {
        let net = Arc::new(Halved {
            net: Http::new(),
            left: AtomicI64::new(left),
        });
        let Err(error) = push_with(net) else { break };
        assert_eq!(error.kind(), ErrorKind::Network, "{left}: {error}");
        // What is listed after each cut is whole.
        let vault = setting(&saved, account, Arc::clone(&whole)).open().unwrap();
        assert!(vault.snapshots().is_ok_and(|all| all.len() <= 1), "{left}");
        cuts += 1;
    }
    assert!(cuts > 3, "{cuts}");
    push_with(Arc::clone(&whole)).unwrap();
    let vault = setting(&saved, account, whole).open().unwrap();
    let findings = vault.check(true).unwrap();
    assert!(findings.errors.is_empty(), "{findings:?}");
    let other = tempfile::tempdir().unwrap();
    let newest = vault.find("latest", None).unwrap();
    restore::restore(&vault, &newest, other.path(), &Clock::System).unwrap();
    assert_same_media(
        &other.path().join("collection.media"),
        &saved.profile_dir().join("collection.media"),
    );
    if has("restic") {
        restic(repo, &["check", "--read-data"]);
    }
}

#[test]
fn cut_after_any_request_a_restore_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = Server::webdav(folder.path()) else {
        return;
    };
    let mut saved = Saved::profile();
    saved.to = format!("webdav+http://ann@127.0.0.1:{}/engram", server.port);
    let account = "dav secret";
    let vault = setting(&saved, account, Arc::new(Http::new()))
        .init()
        .unwrap();
    let dir = saved.profile_dir();
    let frozen = FrozenFile::of_closed(&dir.join("collection.anki2")).unwrap();
    let prepared = push::Prepared::copy(&dir, &frozen, &Progress::new()).unwrap();
    push::push(&vault, &dir, "Ann", &prepared).unwrap();
    saved.add_note("later");
    std::fs::write(dir.join("collection.media/p1.png"), "changed since").unwrap();
    let collection = dir.join("collection.anki2");
    let rows = crate::whole::rows(&collection);
    let mut cuts = 0;
    for left in std::iter::successors(Some(0_i64), |n| Some(n + n / 2 + 1)) {
        let net = Arc::new(Cut {
            net: Http::new(),
            left: AtomicI64::new(left),
        });
        let restored = setting(&saved, account, net).open().and_then(|vault| {
            let newest = vault.find("latest", None)?;
            restore::restore(&vault, &newest, &dir, &Clock::System)
        });
        let Err(error) = restored else { break };
        assert_eq!(error.kind(), ErrorKind::Network, "{left}: {error}");
        assert_eq!(crate::whole::rows(&collection), rows);
        let picture = std::fs::read(dir.join("collection.media/p1.png")).unwrap();
        assert_eq!(picture, b"changed since");
        let names = std::fs::read_dir(&dir).unwrap().flatten();
        let mut names = names.map(|e| e.file_name().into_string().unwrap());
        assert!(!names.any(|name| name.starts_with(".engram-tmp")));
        cuts += 1;
    }
    assert!(cuts > 2, "{cuts}");
    assert_eq!(saved.cli.ok(&["info"])["notes"], 500);
}

/// On the way to a server: what that answers breaks off once, and arrives whole from then on.
struct Breaking {
    port: u16,
    /// Bytes of answers until then; below 0 afterwards.
    left: Arc<AtomicI64>,
}

impl Breaking {
    /// Until the test process ends.
    fn before(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let left = Arc::new(AtomicI64::new(i64::MAX));
        let known = Arc::clone(&left);
        let led = move || {
            for visitor in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else {
                    return;
                };
                let mut asks = (visitor.try_clone().unwrap(), server.try_clone().unwrap());
                let left = Arc::clone(&known);
                let ask = move || std::io::copy(&mut asks.0, &mut asks.1).map(drop);
                Builder::new().spawn(ask).unwrap();
                let answer = move || answered(server, visitor, &left);
                Builder::new().spawn(answer).unwrap();
            }
        };
        Builder::new().spawn(led).unwrap();
        Self { port, left }
    }
}

fn answered(mut server: TcpStream, mut visitor: TcpStream, left: &AtomicI64) {
    let mut buffer = [0; 1024];
    while let Ok(size @ 1..) = server.read(&mut buffer) {
        let before = left.fetch_sub(i64::try_from(size).unwrap(), Ordering::SeqCst);
        let whole = usize::try_from(before).map_or(size, |before| before.min(size));
        if visitor.write_all(&buffer[..whole]).is_err() || whole < size {
            break;
        }
    }
    for side in [server, visitor] {
        let _ = side.shutdown(Shutdown::Both);
    }
}

/// It was taken for damage: not asked for again, and told with another file as the remedy.
#[test]
fn an_answer_that_breaks_off_anywhere_is_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = Server::webdav(folder.path()) else {
        return;
    };
    let breaking = Breaking::before(server.port);
    cheap_vault::make(&folder.path().join("engram"));
    let mut saved = Saved::profile();
    saved.to = format!("webdav+http://ann@127.0.0.1:{}/engram", breaking.port);
    let dir = saved.profile_dir();
    let mut broken = 0;
    for after in std::iter::successors(Some(50_i64), |n| Some(4 * n)) {
        breaking.left.store(after, Ordering::SeqCst);
        let vault = setting(&saved, "dav secret", Arc::new(Http::new()));
        let vault = vault.open().unwrap();
        let frozen = FrozenFile::of_closed(&dir.join("collection.anki2")).unwrap();
        let prepared = push::Prepared::copy(&dir, &frozen, &Progress::new()).unwrap();
        let pushed = push::push(&vault, &dir, "Ann", &prepared).unwrap();
        assert!(
            pushed.findings.errors.is_empty(),
            "{after}: {:?}",
            pushed.findings
        );
        let other = tempfile::tempdir().unwrap();
        restore::restore(&vault, &pushed.snapshot, other.path(), &Clock::System).unwrap();
        let media = |dir: &Path| dir.join("collection.media");
        assert_same_media(&media(other.path()), &media(&dir));
        if breaking.left.load(Ordering::SeqCst) >= 0 {
            break;
        }
        broken += 1;
    }
    assert!(broken > 5, "{broken}");
}

/// Nothing is there to be asked again when the network stays away.
#[test]
fn an_answer_that_breaks_off_for_good_is_told_as_the_network() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut saved = Saved::profile();
    let port = listener.local_addr().unwrap().port();
    saved.to = format!("webdav+http://ann@127.0.0.1:{port}/engram");
    let cut_short = move || {
        for mut visitor in listener.incoming().flatten() {
            let _ = visitor.read(&mut [0; 4096]);
            let _ =
                visitor.write_all(b"HTTP/1.1 207 Multi-Status\r\nContent-Length: 100\r\n\r\nhalf");
        }
    };
    Builder::new().spawn(cut_short).unwrap();
    let setting = setting(&saved, "x", Arc::new(Http::new()));
    let error = setting.open().err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
    assert!(!error.to_string().contains("the file"), "{error}");
}
