//! The program is started while its window is open: the second start hands over what it was given
//! and ends, as in Anki. It finds the window by a file in the data folder that names a port of this
//! machine and a secret for each one that is open (others may be, with profiles of their own): the
//! last one that opened is asked first. A start that wants a profile is for the window that has it
//! open. A window that is gone answers nobody. Starts at the same moment wait for one another.

use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files::write_json;
use crate::base::json_path;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, TryLockError};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const NAME: &str = ".window";
/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(2);
/// Longest message.
const LONGEST: u64 = 64 * 1024;
/// Windows that are remembered.
const MOST: usize = 8;
/// Where starts wait for one another: so often, and so long between two looks. A window is there
/// within a second or two.
const TURNS: &str = ".window.lock";
const LOOKS: usize = 500;
const LOOK: Duration = Duration::from_millis(20);
const TAKEN: &str = "taken";
const LEAVING: &str = "leaving";

/// What stands in the file of a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Address {
    port: u16,
    secret: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Message {
    secret: String,
    /// Only for the window that has it open.
    #[serde(default)]
    profile: Option<String>,
    /// To be opened.
    #[serde(with = "json_path::optional", default)]
    file: Option<PathBuf>,
}

/// Held by a start from its look for a window until its own can be found: of two at once, as when
/// two files are opened together, the second one finds the window of the first.
#[derive(Debug)]
pub struct Turn {
    _alone: Option<File>,
}

impl Turn {
    /// Waits for the other starts on the data folder, for one that hangs only ten seconds; where
    /// there are no locks, for none.
    #[must_use]
    pub fn wait(data_folder: &Path) -> Self {
        Self {
            _alone: alone(data_folder),
        }
    }
}

fn alone(data_folder: &Path) -> Option<File> {
    fs::create_dir_all(data_folder).ok()?;
    let mut options = File::options();
    let file = options.create(true).append(true);
    let file = file.open(data_folder.join(TURNS)).ok()?;
    for _ in 0..LOOKS {
        match file.try_lock() {
            Ok(()) => return Some(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK),
            Err(TryLockError::Error(_)) => return None,
        }
    }
    None
}

/// Takes in what later starts hand over, as long as it lives.
#[derive(Debug)]
pub struct Door {
    path: PathBuf,
    address: Address,
    takes: Arc<Mutex<Takes>>,
}

/// For whom a door is open.
#[derive(Debug)]
struct Takes {
    is_open: bool,
    /// The one that is open in the window, or about to be.
    profile: Option<String>,
}

impl Takes {
    fn takes(&self, message: &Message) -> bool {
        self.is_open && (message.profile.is_none() || message.profile == self.profile)
    }
}

impl Door {
    /// `handed` is called on a thread of its own, with the file that the other was started with.
    pub fn open(
        data_folder: &Path,
        handed: impl Fn(Option<PathBuf>) + Send + 'static,
    ) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = Address {
            port: listener.local_addr()?.port(),
            secret: format!("{:032x}", rand::random::<u128>()),
        };
        let secret = address.secret.clone();
        let takes = Arc::new(Mutex::new(Takes {
            is_open: true,
            profile: None,
        }));
        let now = Arc::clone(&takes);
        std::thread::Builder::new()
            .name("other starts".to_owned())
            .spawn(move || {
                for stream in listener.incoming().flatten() {
                    match receive(&stream, &secret, &now) {
                        Ok(Some(message)) => handed(message.file),
                        Ok(None) => {}
                        Err(e) => tracing::info!("another start was not understood: {e}"),
                    }
                }
            })?;
        fs::create_dir_all(data_folder).at(data_folder)?;
        let path = data_folder.join(NAME);
        let mut windows = windows_in(&path);
        // Each one that was killed would cost later starts time.
        windows.retain(|window| connect(window).is_ok());
        windows.push(address.clone());
        let gone = windows.len().saturating_sub(MOST);
        write_json(&path, &windows[gone..])?;
        Ok(Self {
            path,
            address,
            takes,
        })
    }

    /// Whether the window takes anything: one that is about to close does not, and later starts
    /// open windows of their own.
    pub fn set_open(&self, is_open: bool) {
        if let Ok(mut takes) = self.takes.lock() {
            takes.is_open = is_open;
        }
    }

    /// The profile that is open in the window, or about to be, if one is.
    pub fn set_profile(&self, name: Option<&str>) {
        if let Ok(mut takes) = self.takes.lock()
            && takes.profile.as_deref() != name
        {
            takes.profile = name.map(str::to_owned);
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.set_open(false);
        let mut windows = windows_in(&self.path);
        if !windows.contains(&self.address) {
            return;
        }
        windows.retain(|window| *window != self.address && connect(window).is_ok());
        let _told = match windows.as_slice() {
            [] => fs::remove_file(&self.path).at(&self.path),
            others => write_json(&self.path, others),
        };
    }
}

/// Gives `file` to a window that is open on the data folder, with `profile` to the one that has it
/// open; false when there is none.
#[must_use]
pub fn hand_over(data_folder: &Path, profile: Option<&str>, file: Option<&Path>) -> bool {
    let Ok(file) = file.map(std::path::absolute).transpose() else {
        return false;
    };
    let windows = windows_in(&data_folder.join(NAME));
    let takes = |window: &Address| match send(window, profile, file.clone()) {
        Ok(taken) => taken,
        Err(e) => {
            tracing::info!("a window does not answer: {e}");
            false
        }
    };
    windows.iter().rev().any(takes)
}

/// In the order in which they opened; none in a file that is no such list.
fn windows_in(path: &Path) -> Vec<Address> {
    let text = fs::read(path).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

fn connect(address: &Address) -> std::io::Result<TcpStream> {
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, address.port));
    TcpStream::connect_timeout(&to, PATIENCE)
}

fn send(address: &Address, profile: Option<&str>, file: Option<PathBuf>) -> Result<bool> {
    let mut stream = connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let message = Message {
        secret: address.secret.clone(),
        profile: profile.map(str::to_owned),
        file,
    };
    let mut line = serde_json::to_string(&message)
        .map_err(|e| Error::invalid("a name that cannot be told").because(e))?;
    line.push('\n');
    stream.write_all(line.as_bytes())?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer)?;
    Ok(answer.trim() == TAKEN)
}

/// Nothing when the window is about to close, or has another profile than is wanted.
fn receive(mut stream: &TcpStream, secret: &str, takes: &Mutex<Takes>) -> Result<Option<Message>> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST)).read_line(&mut line)?;
    let message: Message = serde_json::from_str(&line)
        .map_err(|e| Error::invalid("another program's message").because(e))?;
    if message.secret != secret {
        return Err(Error::invalid("a message with another secret"));
    }
    let taken = takes.lock().is_ok_and(|takes| takes.takes(&message));
    stream.write_all(if taken { TAKEN } else { LEAVING }.as_bytes())?;
    Ok(taken.then_some(message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::unbounded;

    #[test]
    fn a_second_start_hands_its_file_to_the_window() {
        let data = tempfile::tempdir().unwrap();
        let file = Path::new("some/deck.apkg");
        assert!(
            !hand_over(data.path(), None, Some(file)),
            "there is no window"
        );
        let (tx, rx) = unbounded();
        let door = Door::open(data.path(), move |file| tx.send(file).unwrap()).unwrap();
        assert!(hand_over(data.path(), None, Some(file)));
        let absolute = std::path::absolute(file).unwrap();
        assert_eq!(rx.recv_timeout(PATIENCE).unwrap(), Some(absolute));
        assert!(hand_over(data.path(), None, None));
        assert_eq!(rx.recv_timeout(PATIENCE).unwrap(), None);
        door.set_open(false);
        assert!(
            !hand_over(data.path(), None, Some(file)),
            "it is about to close"
        );
        door.set_open(true);
        assert!(hand_over(data.path(), None, None));
        assert_eq!(rx.recv_timeout(PATIENCE).unwrap(), None);
        let found = door.address.clone();
        drop(door);
        assert!(!hand_over(data.path(), None, None), "its file is gone");
        let wrong = Address {
            secret: "guessed".into(),
            ..found
        };
        assert!(!send(&wrong, None, None).unwrap_or(false));
        assert!(rx.try_recv().is_err());
    }

    #[test]
    fn a_start_waits_until_the_window_of_another_can_be_found() {
        let data = tempfile::tempdir().unwrap();
        let (tx, rx) = unbounded();
        let (found, was_found) = unbounded();
        let turn = Turn::wait(data.path());
        std::thread::scope(|starts| {
            starts.spawn(|| {
                let _turn = Turn::wait(data.path());
                found.send(hand_over(data.path(), None, None)).unwrap();
            });
            let meanwhile = was_found.recv_timeout(LOOK * 5);
            assert!(meanwhile.is_err(), "it waits");
            let _door = Door::open(data.path(), move |file| tx.send(file).unwrap()).unwrap();
            drop(turn);
            assert!(was_found.recv_timeout(PATIENCE).unwrap());
            assert_eq!(rx.recv_timeout(PATIENCE).unwrap(), None);
        });
    }

    #[test]
    fn a_start_with_a_profile_is_for_the_window_that_has_it_open() {
        let data = tempfile::tempdir().unwrap();
        let file = std::path::absolute("deck.apkg").unwrap();
        let (tx, rx) = unbounded();
        let ana = Door::open(data.path(), move |file| tx.send(file).unwrap()).unwrap();
        let _other = Door::open(data.path(), |_| {}).unwrap();
        let to_ana = || hand_over(data.path(), Some("Ana"), Some(file.as_path()));
        assert!(!to_ana(), "nobody has it open");
        ana.set_profile(Some("Ana"));
        assert!(to_ana());
        assert_eq!(rx.recv_timeout(PATIENCE).unwrap(), Some(file.clone()));
        ana.set_profile(None);
        assert!(!to_ana(), "it was closed");
    }

    #[test]
    fn a_window_that_was_killed_leaves_the_place_to_the_next() {
        let data = tempfile::tempdir().unwrap();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let left = format!(
            r#"[{{"port":{},"secret":"x"}}]"#,
            port.local_addr().unwrap().port()
        );
        drop(port);
        for content in [left.as_str(), "", "{}", "no address"] {
            fs::write(data.path().join(NAME), content).unwrap();
            assert!(!hand_over(data.path(), None, None), "{content}");
        }
        // Nobody is at this port.
        let path = data.path().join(NAME);
        fs::write(&path, r#"[{"port":0,"secret":"x"}]"#).unwrap();
        let first = Door::open(data.path(), |_| {}).unwrap();
        assert_eq!(windows_in(&path), std::slice::from_ref(&first.address));
        let second = Door::open(data.path(), |_| {}).unwrap();
        drop(first);
        assert!(
            hand_over(data.path(), None, None),
            "the second one stays found"
        );
        drop(second);
    }

    #[test]
    fn a_window_that_was_open_beside_another_gives_the_place_back() {
        let data = tempfile::tempdir().unwrap();
        let (tx, rx) = unbounded();
        let first = Door::open(data.path(), move |file| tx.send(file).unwrap()).unwrap();
        let second = Door::open(data.path(), |_| {}).unwrap();
        drop(second);
        assert!(hand_over(data.path(), None, None));
        assert_eq!(rx.recv_timeout(PATIENCE).unwrap(), None);
        drop(first);
        assert!(!data.path().join(NAME).exists());
    }

    #[test]
    fn of_three_windows_the_one_that_is_left_is_found() {
        let data = tempfile::tempdir().unwrap();
        let (tx, rx) = unbounded();
        let first = Door::open(data.path(), move |file| tx.send(file).unwrap()).unwrap();
        let second = Door::open(data.path(), |_| {}).unwrap();
        let third = Door::open(data.path(), |_| {}).unwrap();
        drop(second);
        // One that is about to close takes nothing; the one before it does.
        third.set_open(false);
        assert!(hand_over(data.path(), None, None));
        assert_eq!(rx.recv_timeout(PATIENCE).unwrap(), None);
        drop(third);
        assert!(hand_over(data.path(), None, None));
        assert_eq!(rx.recv_timeout(PATIENCE).unwrap(), None);
        drop(first);
        assert!(!data.path().join(NAME).exists());
    }
}
