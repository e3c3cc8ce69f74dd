//! The sync server that comes with the real Anki, or our own, on this machine, for one test; and the
//! real client on the other side. Where Anki's are absent, a test says so and ends.

use crate::oracle;
use engram::base::Secret;
use engram::base::job::Progress;
use engram::net::Http;
use engram::sync::{Account, login};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub const USER: &str = "u";
pub const PASSWORD: &str = "p";

/// A running server with one account; ends when dropped.
pub struct Server {
    child: Child,
    pub url: String,
    pub folder: tempfile::TempDir,
    /// See [`port_of_its_own`].
    _claim: UdpSocket,
}

/// A port for a server that is to be told it: no other test gets it for as long as the socket, which
/// has the same number, lives. It is below those that the system gives away by itself.
pub fn port_of_its_own() -> (UdpSocket, u16) {
    let first = std::process::id() % 10_000;
    let ports = (0..10_000).map(|n| 20_000 + (first + n) % 10_000);
    let mut free = ports.filter_map(|port| {
        let at = ("127.0.0.1", u16::try_from(port).ok()?);
        let claim = UdpSocket::bind(at).ok()?;
        // Nor has it a program that is no test.
        TcpListener::bind(at).ok()?;
        Some((claim, at.1))
    });
    free.next().expect("a free port")
}

impl Server {
    /// None, after a visible line, without the real Anki.
    pub fn start() -> Option<Self> {
        Self::start_in(tempfile::tempdir().unwrap(), &[USER.to_owned()])
    }

    /// With what is in the folder, and an account for each of the users.
    pub fn start_in(folder: tempfile::TempDir, users: &[String]) -> Option<Self> {
        let Some(python) = oracle::python() else {
            oracle::skip("no real Anki (run ./test, or set ENGRAM_ORACLE)");
            return None;
        };
        let mut command = Command::new(python);
        command.args(["-m", "anki.syncserver"]);
        Some(Self::run(command, folder, users, &[]))
    }

    /// Our own instead of Anki's, with one account.
    pub fn ours() -> Self {
        Self::ours_in(tempfile::tempdir().unwrap(), &[USER.to_owned()], &[])
    }

    /// As [`Self::start_in`], our own, with more variables.
    pub fn ours_in(
        folder: tempfile::TempDir,
        users: &[String],
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_engram-cli"));
        command.arg("sync-server");
        Self::run(command, folder, users, variables)
    }

    /// As [`Self::ours`], run by the program that has the window.
    pub fn of_window_program() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_engram"));
        command.arg("--syncserver").env_remove("DISPLAY");
        Self::run(
            command,
            tempfile::tempdir().unwrap(),
            &[USER.to_owned()],
            &[],
        )
    }

    fn run(
        mut command: Command,
        folder: tempfile::TempDir,
        users: &[String],
        variables: &[(&str, &str)],
    ) -> Self {
        let (claim, port) = port_of_its_own();
        let mut child = command
            .envs(
                (1..)
                    .zip(users)
                    .map(|(n, user)| (format!("SYNC_USER{n}"), format!("{user}:{PASSWORD}"))),
            )
            .env("SYNC_BASE", folder.path())
            .env("SYNC_HOST", "127.0.0.1")
            .env("SYNC_PORT", port.to_string())
            .env("RUST_LOG", "error")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // As when the terminal is gone: what it says reaches nobody.
        drop(child.stderr.take());
        for _ in 0..300 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Self {
            child,
            url: format!("http://127.0.0.1:{port}/"),
            folder,
            _claim: claim,
        }
    }

    /// The collection of the user.
    pub fn collection(&self) -> PathBuf {
        self.folder.path().join(USER).join("collection.anki2")
    }

    pub fn log_in(&self) -> Account {
        self.log_in_as(USER)
    }

    pub fn log_in_as(&self, user: &str) -> Account {
        let password = Secret::new(PASSWORD);
        login(&Http::new(), &self.url, user, &password, &Progress::new()).unwrap()
    }

    /// Syncs the media of the collection at `path` with Anki's own client.
    pub fn anki_syncs_media(&self, path: &Path) -> String {
        let script = include_str!("oracle/sync_media.py");
        let args = [path.to_str().unwrap(), &self.url, USER, PASSWORD];
        oracle::run(script, args).unwrap()
    }
}

impl Server {
    /// Nothing is written to its folder any more.
    pub fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// A profile folder with an empty media folder; the path of its collection.
pub fn collection_in(folder: &Path) -> PathBuf {
    std::fs::create_dir_all(folder.join("collection.media")).unwrap();
    folder.join("collection.anki2")
}
