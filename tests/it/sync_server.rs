//! The sync server that comes with the real Anki, on this machine, for one test; and the real
//! client on the other side. Where they are absent, a test says so and ends.

use crate::oracle;
use engram::base::Secret;
use engram::base::job::Progress;
use engram::net::Http;
use engram::sync::{Account, login};
use std::net::{TcpListener, TcpStream};
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
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let child = Command::new(python)
            .args(["-m", "anki.syncserver"])
            .envs(
                (1..)
                    .zip(users)
                    .map(|(n, user)| (format!("SYNC_USER{n}"), format!("{user}:{PASSWORD}"))),
            )
            .env("SYNC_BASE", folder.path())
            .env("SYNC_HOST", "127.0.0.1")
            .env("SYNC_PORT", port.to_string())
            .env("RUST_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..300 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(Self {
            child,
            url: format!("http://127.0.0.1:{port}/"),
            folder,
        })
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
