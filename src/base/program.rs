//! Other programs of the machine, found by name in a list of folders and run with a time limit.
//! They are started directly, never through a shell, and ended when they take too long.

use super::time::Stopwatch;
use crate::mark;
use crossbeam_channel::bounded;
use std::fmt;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// So long until the rest of the output is there after the end.
const REST_LIMIT: Duration = Duration::from_secs(5);

/// Why a program gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// With the system's reason.
    NotStarted(String),
    TookTooLong,
    Stopped,
    /// It ended, but something that it started goes on writing.
    KeptOpen,
    /// It said so itself.
    Reported,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotStarted(reason) => reason,
            Self::TookTooLong => mark!("it took too long"),
            Self::Stopped => mark!("it was stopped"),
            Self::KeptOpen => mark!("it kept its output open"),
            Self::Reported => mark!("it reported a failure"),
        })
    }
}

/// How a program is run.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'a> {
    /// It is ended after this.
    pub time: Duration,
    /// Output beyond this is not read.
    pub bytes: u64,
    /// Ends it when set.
    pub stop: &'a AtomicBool,
}

/// The first of `names` that is there, in the order of names and then of folders.
#[must_use]
pub fn find(folders: &[PathBuf], names: &[&str]) -> Option<PathBuf> {
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .map(|path| path.with_extension(std::env::consts::EXE_EXTENSION))
        .find(|path| path.is_file())
}

/// Where the system looks for programs.
#[must_use]
pub fn system_folders() -> Vec<PathBuf> {
    std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default()
}

/// Runs a program with `input` and gives what it wrote to its standard output.
///
/// # Errors
/// When it cannot be started, does not end well, or not within the limits.
pub fn run(command: &mut Command, input: &str, limits: Limits<'_>) -> Result<Vec<u8>, Failure> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(not_started)?;
    let output = child.stdout.take();
    let text = input.to_owned();
    let stdin = child.stdin.take();
    // Both ends at once: a full pipe would hold up the program for ever.
    let writer = thread("program-input", move || {
        if let Some(mut stdin) = stdin {
            // A program that has read enough closes its end.
            let _ = stdin.write_all(text.as_bytes());
        }
    });
    let (sender, read) = bounded(1);
    let most = limits.bytes;
    let reader = thread("program-output", move || {
        let mut bytes = Vec::new();
        if let Some(output) = output {
            // What was read before a failure is judged like the rest.
            let _ = output.take(most).read_to_end(&mut bytes);
        }
        let _ = sender.send(bytes);
    });
    let ended = wait(&mut child, limits);
    if ended.is_err() {
        // Already ended is as good.
        let _ = child.kill();
        let _ = child.wait();
    }
    let good = ended?;
    writer.and(reader)?;
    let bytes = read
        .recv_timeout(REST_LIMIT)
        .map_err(|_| Failure::KeptOpen)?;
    if good {
        Ok(bytes)
    } else {
        Err(Failure::Reported)
    }
}

fn not_started(error: std::io::Error) -> Failure {
    Failure::NotStarted(error.to_string())
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(work).map(|_| ()).map_err(not_started)
}

// True when the program ended well.
fn wait(child: &mut Child, limits: Limits<'_>) -> Result<bool, Failure> {
    let clock = Stopwatch::start();
    loop {
        if let Some(status) = child.try_wait().map_err(not_started)? {
            return Ok(status.success());
        }
        if limits.stop.load(Ordering::Relaxed) {
            return Err(Failure::Stopped);
        }
        if clock.elapsed() > limits.time {
            return Err(Failure::TookTooLong);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
