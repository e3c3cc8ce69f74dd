//! Starts a process, lets it work, kills it (SIGKILL on Unix) at a random moment, and says what it
//! had acknowledged until then. What it does is in `kill_child`; what must hold afterwards, in
//! `kill_moments`.
//!
//! The seed is printed and can be given back in `ENGRAM_SEED`; `ENGRAM_KILLS` multiplies the
//! number of kills, for a long run.

use engram::base::time::Stopwatch;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// What the child prints once it is about to work, and before each thing that counts as done.
pub const READY: &str = "ready";
pub const DONE: &str = "done ";

/// Longer than anything the child does once.
const PATIENCE: Duration = Duration::from_secs(120);

/// One series of kills: where, with which work, how often.
pub struct Series {
    pub work: &'static str,
    pub kills: u32,
    random: StdRng,
    seed: u64,
}

impl Series {
    pub fn new(work: &'static str, kills: u32) -> Self {
        let seed = variable("ENGRAM_SEED").unwrap_or_else(|| u64::from(std::process::id()));
        let line = format!("kill test {work}: ENGRAM_SEED={seed}\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
        let times = u32::try_from(variable("ENGRAM_KILLS").unwrap_or(1)).unwrap_or(1);
        Self {
            work,
            kills: kills * times.max(1),
            random: StdRng::seed_from_u64(seed),
            seed,
        }
    }

    /// Lets the child work in `folder` and kills it: after a random number of acknowledgements up
    /// to `most`, and a random part of the time that one takes. Returns what it acknowledged.
    pub fn kill_once(&mut self, folder: &Path, most: u32) -> Vec<String> {
        let wait_for = self.random.random_range(0..=most);
        let part: f64 = self.random.random_range(0.0..1.3);
        let mut victim = Victim::start(self.work, folder, self.random.random());
        let mut done = Vec::new();
        let started = Stopwatch::start();
        while done.len() < wait_for as usize {
            match victim.lines.recv_timeout(PATIENCE) {
                Ok(line) => done.push(line),
                Err(RecvTimeoutError::Timeout) => victim.fail("does nothing", self.seed),
                Err(RecvTimeoutError::Disconnected) => victim.fail("ended by itself", self.seed),
            }
        }
        // How long one takes: from those seen, else from a guess that covers a slow machine.
        let one = match u32::try_from(done.len()) {
            Ok(n) if n > 0 => started.elapsed() / n,
            _ => Duration::from_millis(200),
        };
        std::thread::sleep(one.mul_f64(part).min(PATIENCE));
        victim.child.kill().expect("the child can be killed");
        let status = victim.child.wait().expect("the child ends");
        done.extend(victim.lines.iter());
        if status.code().is_some() {
            victim.fail("ended by itself", self.seed);
        }
        done
    }
}

struct Victim {
    child: Child,
    lines: Receiver<String>,
}

impl Victim {
    /// Starts this very test program again, with only the child's work, and waits until it is
    /// ready.
    fn start(work: &str, folder: &Path, seed: u64) -> Self {
        let program = std::env::current_exe().expect("the path of this program");
        let mut child = Command::new(program)
            .args([
                "--exact",
                "kill_child::work",
                "--nocapture",
                "--test-threads=1",
            ])
            .env("ENGRAM_KILL_WORK", work)
            .env("ENGRAM_KILL_FOLDER", folder)
            .env("ENGRAM_KILL_SEED", seed.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the child starts");
        let output = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let (sender, lines) = std::sync::mpsc::channel();
        let (tell_ready, ready) = std::sync::mpsc::channel();
        std::thread::Builder::new()
            .name("kill test output".to_owned())
            .spawn(move || {
                // A line without its end was not acknowledged: `lines` gives it too, so look.
                let mut output = output;
                let mut line = String::new();
                while output.read_line(&mut line).is_ok_and(|n| n > 0) && line.ends_with('\n') {
                    let text = line.trim_end();
                    if text.ends_with(READY) {
                        let _ = tell_ready.send(());
                    } else if let Some(done) = text.strip_prefix(DONE) {
                        let _ = sender.send(done.to_owned());
                    }
                    line.clear();
                }
            })
            .expect("a thread");
        let mut victim = Self { child, lines };
        if ready.recv_timeout(PATIENCE).is_err() {
            victim.fail("did not get ready", seed);
        }
        victim
    }

    fn fail(&mut self, what: &str, seed: u64) -> ! {
        let _ = self.child.kill();
        let mut told = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            let _ = stderr.read_to_string(&mut told);
        }
        panic!("the child {what} (ENGRAM_SEED={seed}):\n{told}");
    }
}

pub fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
