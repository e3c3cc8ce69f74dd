//! One writer at a time. Each writer leaves a small file that says who it is; it is renewed while
//! the work goes on, and one that is left behind by a crash says that the work was not finished.
//! (The crate that knows the format has no locks of its own. Those of `restic` are respected.)

use super::destinations::Place;
use crate::base::time::{Clock, TimestampMillis};
use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

const FOLDER: &str = "engram-locks";
/// Of `restic`.
const THEIRS: &str = "locks";
/// A lock of another machine that was not renewed for so long is left over.
const EXPIRES_MILLIS: i64 = 30 * 60 * 1000;
const RENEW_MILLIS: i64 = 4 * 60 * 1000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Lock {
    machine: String,
    /// What [`machine_id`] says there.
    #[serde(default)]
    machine_id: String,
    /// What [`boot_id`] says there: after a restart, other programs have the numbers of processes.
    #[serde(default)]
    boot: String,
    process: u32,
    at: TimestampMillis,
    /// The work ended before it was done: what was sent is there and not listed.
    unfinished: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Somebody is writing.
    Busy,
    /// Left over.
    Left,
}

impl Lock {
    /// Of this machine, `machine` and `id`. `runs`: whether the process is there; None when that
    /// cannot be known.
    fn judge(
        &self,
        machine: &str,
        id: &str,
        runs: impl Fn() -> Option<bool>,
        now: TimestampMillis,
    ) -> Verdict {
        if self.unfinished {
            return Verdict::Left;
        }
        if self.machine == machine
            && self.machine_id == id
            && let Some(runs) = runs()
        {
            return if runs { Verdict::Busy } else { Verdict::Left };
        }
        // Also when one of the clocks was set.
        if now.since(self.at).abs() > EXPIRES_MILLIS {
            Verdict::Left
        } else {
            Verdict::Busy
        }
    }
}

/// The locks that this process holds. One that could not be taken back, because the network was
/// gone, is not among them.
static OURS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn ours() -> MutexGuard<'static, BTreeSet<String>> {
    OURS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells machines of one name apart, where the system knows them: many are called as they were
/// installed. Hashed, as it is to stay on its machine.
fn machine_id() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(|| {
        let files = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
        let known = files.into_iter().find_map(|file| std::fs::read(file).ok());
        known.map_or_else(String::new, |id| {
            let hash = blake3::Hasher::new_derive_key("Engram vault lock")
                .update(&id)
                .finalize();
            hash.to_hex()[..16].to_owned()
        })
    })
}

/// Tells the time since this machine was started from those before; empty where the system does not.
fn boot_id() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(|| {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        id.trim().to_owned()
    })
}

/// Whether the process of a `lock` of this machine, called `name`, is there and holds it.
fn runs(lock: &Lock, name: &str) -> Option<bool> {
    let boot = boot_id();
    if !boot.is_empty() && !lock.boot.is_empty() && lock.boot != boot {
        return Some(false);
    }
    if lock.process == std::process::id() {
        return Some(ours().contains(name));
    }
    let process = || Path::new("/proc").join(lock.process.to_string());
    cfg!(target_os = "linux").then(|| process().exists())
}

/// The right to write; given back when dropped.
pub(super) struct Held {
    place: Arc<dyn Place>,
    name: String,
    lock: Lock,
    clock: Clock,
    /// Somebody before us did not finish.
    pub(super) after_unfinished: bool,
    /// Cleared by [`Self::finished`].
    dirty: bool,
}

impl Held {
    /// Takes it, or fails with `Locked` when somebody else has it.
    pub(super) fn take(place: &Arc<dyn Place>, machine: &str, clock: &Clock) -> Result<Self> {
        refuse_restic(&**place)?;
        let left = refuse_busy(&**place, machine, clock, None)?;
        let name = format!("{:032x}", rand::random::<u128>());
        let mut held = Self {
            place: Arc::clone(place),
            name: name.clone(),
            lock: Lock {
                machine: machine.to_owned(),
                machine_id: machine_id().to_owned(),
                boot: boot_id().to_owned(),
                process: std::process::id(),
                at: clock.now(),
                unfinished: false,
            },
            clock: clock.clone(),
            after_unfinished: !left.is_empty(),
            dirty: false,
        };
        ours().insert(name.clone());
        held.write()?;
        // Whoever came at the same moment sees ours as we see theirs; both may go.
        refuse_busy(&**place, machine, clock, Some(&name))?;
        if held.after_unfinished {
            place.remove_leftovers()?;
        }
        for name in left {
            place.remove(&format!("{FOLDER}/{name}"))?;
        }
        // What was left over is still to be mended until we say that it is.
        held.dirty = held.after_unfinished;
        Ok(held)
    }

    fn path(&self) -> String {
        format!("{FOLDER}/{}", self.name)
    }

    fn write(&self) -> Result<()> {
        let text = serde_json::to_vec(&self.lock)
            .map_err(|e| Error::bug("the lock cannot be written").because(e))?;
        self.place.write(&self.path(), vec![Bytes::from(text)])
    }

    /// Called before each change.
    pub(super) fn refresh(&mut self) -> Result<()> {
        self.dirty = true;
        let now = self.clock.now();
        if now.since(self.lock.at).abs() > RENEW_MILLIS {
            self.require_ours()?;
            self.lock.at = now;
            self.write()?;
        }
        Ok(())
    }

    /// Another machine takes it for left over when this one slept too long, or their clocks differ by
    /// so much: then what we sent and did not list may be deleted by now.
    fn require_ours(&self) -> Result<()> {
        refuse_busy(
            &*self.place,
            &self.lock.machine,
            &self.clock,
            Some(&self.name),
        )?;
        match self.place.size(&self.path())? {
            Some(_) => Ok(()),
            None => Err(Error::new(
                ErrorKind::Locked,
                mark!("another computer worked on the vault meanwhile; try again"),
            )),
        }
    }

    /// Everything that was written is listed.
    pub(super) fn finished(&mut self) {
        self.dirty = false;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        ours().remove(&self.name);
        let given_back = if self.dirty {
            self.lock.unfinished = true;
            self.write()
        } else {
            self.place.remove(&self.path())
        };
        if let Err(error) = given_back {
            tracing::info!("the lock of the vault stays until it expires: {error}");
        }
    }
}

/// The names of locks that were left over.
fn refuse_busy(
    place: &dyn Place,
    machine: &str,
    clock: &Clock,
    own: Option<&str>,
) -> Result<Vec<String>> {
    let mut left = Vec::new();
    for file in place.list(FOLDER)? {
        if own == Some(file.name.as_str()) {
            continue;
        }
        let bytes = match place.read(&format!("{FOLDER}/{}", file.name), None) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == ErrorKind::NotFound => continue,
            Err(e) => return Err(e),
        };
        // One that cannot be read was torn by a crash.
        let lock: Option<Lock> = serde_json::from_slice(&bytes).ok();
        match lock {
            Some(lock)
                if lock.judge(
                    machine,
                    machine_id(),
                    || runs(&lock, &file.name),
                    clock.now(),
                ) == Verdict::Busy =>
            {
                return Err(Error::new(
                    ErrorKind::Locked,
                    mark!(
                        "the vault is being written to by “{machine}”",
                        machine = lock.machine
                    ),
                ));
            }
            _ => left.push(file.name),
        }
    }
    Ok(left)
}

fn refuse_restic(place: &dyn Place) -> Result<()> {
    if place.list(THEIRS)?.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Locked,
        mark!("restic is working on the vault, or was interrupted (then run: restic unlock)"),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::{Opened, Setting};
    use super::*;

    #[test]
    fn crashes_and_clocks() {
        let lock = |machine: &str, at, unfinished| Lock {
            machine: machine.into(),
            machine_id: "1".into(),
            boot: String::new(),
            process: 7,
            at: TimestampMillis(at),
            unfinished,
        };
        let hour = 3_600_000;
        let now = TimestampMillis(10 * hour);
        for (machine, at, unfinished, runs, verdict) in [
            // On this machine the process tells, whatever the clock says.
            ("here", 10 * hour, false, Some(true), Verdict::Busy),
            ("here", 0, false, Some(true), Verdict::Busy),
            ("here", 10 * hour, false, Some(false), Verdict::Left),
            ("here", 10 * hour, false, None, Verdict::Busy),
            // On another one its age, also when a clock was set.
            (
                "there",
                10 * hour - 60_000,
                false,
                Some(false),
                Verdict::Busy,
            ),
            ("there", 9 * hour, false, Some(true), Verdict::Left),
            ("there", 12 * hour, false, None, Verdict::Left),
            ("there", 10 * hour, true, None, Verdict::Left),
        ] {
            let judged = lock(machine, at, unfinished).judge("here", "1", || runs, now);
            assert_eq!(judged, verdict, "{machine} {at} {unfinished} {runs:?}");
        }
        // Another machine of the same name has processes of its own.
        let judged = lock("here", 10 * hour, false).judge("here", "2", || Some(false), now);
        assert_eq!(judged, Verdict::Busy);
    }

    #[test]
    fn what_another_machine_took_over_while_this_one_slept_is_not_taken_back() {
        let room = tempfile::tempdir().unwrap();
        let setting = Setting::of_folder(room.path(), "a", &Opened::default());
        let place = setting.destination.open(&setting).unwrap();
        let clock = Clock::fixed(TimestampMillis(1_800_000_000_000), 0);
        let sleep = || clock.advance_millis(EXPIRES_MILLIS + 60_000);
        let mut ours = Held::take(&place, "here", &clock).unwrap();
        sleep();
        ours.refresh().unwrap();
        assert_eq!(ours.lock.at, clock.now(), "nobody came");
        sleep();
        let mut theirs = Held::take(&place, "there", &clock).unwrap();
        assert_eq!(ours.refresh().unwrap_err().kind(), ErrorKind::Locked);
        theirs.finished();
        drop(theirs);
        assert_eq!(ours.refresh().unwrap_err().kind(), ErrorKind::Locked);
        assert!(place.list(FOLDER).unwrap().is_empty());
    }

    #[test]
    fn what_a_machine_with_another_time_took_over_is_not_taken_back() {
        let room = tempfile::tempdir().unwrap();
        let setting = Setting::of_folder(room.path(), "a", &Opened::default());
        let place = setting.destination.open(&setting).unwrap();
        let now = TimestampMillis(1_800_000_000_000);
        let clock = Clock::fixed(now, 0);
        let ahead = Clock::fixed(TimestampMillis(now.0 + 2 * EXPIRES_MILLIS), 0);
        let mut ours = Held::take(&place, "here", &clock).unwrap();
        let theirs = Held::take(&place, "there", &ahead).unwrap();
        clock.advance_millis(RENEW_MILLIS + 1);
        assert_eq!(ours.refresh().unwrap_err().kind(), ErrorKind::Locked);
        let left = place.list(FOLDER).unwrap();
        let names: Vec<&str> = left.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, [theirs.name.as_str()]);
    }

    /// The process that runs these tests in the place of one of before the restart.
    #[cfg(target_os = "linux")]
    #[test]
    fn after_a_restart_another_program_under_the_number_is_not_taken_for_the_writer() {
        let room = tempfile::tempdir().unwrap();
        let setting = Setting::of_folder(room.path(), "a", &Opened::default());
        let place = setting.destination.open(&setting).unwrap();
        let clock = Clock::fixed(TimestampMillis(1_800_000_000_000), 0);
        let left = |boot: &str| {
            let lock = Lock {
                machine: "here".into(),
                machine_id: machine_id().into(),
                boot: boot.into(),
                process: std::os::unix::process::parent_id(),
                at: clock.now(),
                unfinished: false,
            };
            let text = serde_json::to_vec(&lock).unwrap();
            place
                .write(&format!("{FOLDER}/left"), vec![Bytes::from(text)])
                .unwrap();
        };
        left(boot_id());
        let busy = Held::take(&place, "here", &clock).map(drop).unwrap_err();
        assert_eq!(busy.kind(), ErrorKind::Locked);
        left("of another start");
        let held = Held::take(&place, "here", &clock).unwrap();
        assert!(held.after_unfinished);
    }
}
