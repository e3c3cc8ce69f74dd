//! One writer at a time. Each writer leaves a small file that says who it is; it is renewed while
//! the work goes on, and one that is left behind by a crash says that the work was not finished.
//! (The crate that knows the format has no locks of its own. Those of `restic` are respected.)

use super::destinations::Place;
use crate::base::time::{Clock, TimestampMillis};
use crate::base::{Error, ErrorKind, Result, hex};
use crate::mark;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

const FOLDER: &str = "engram-locks";
/// Of `restic`.
const THEIRS: &str = "locks";
/// Where something is written without a lock, which would tell that it was cut short: the settings
/// and keys of a new vault, other passwords.
const UNLOCKED: [&str; 2] = ["", "keys"];
/// A lock of another machine that was not renewed for so long is left over.
const EXPIRES_MILLIS: i64 = 30 * 60 * 1000;
const RENEW_MILLIS: i64 = 4 * 60 * 1000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Lock {
    /// For people; machines can have one name.
    machine: String,
    /// What [`run_id`] says there: whose numbers of processes these are.
    #[serde(default)]
    boot: String,
    /// What [`hardware`] says there.
    #[serde(default)]
    hardware: String,
    process: u32,
    /// What [`started`] says of the process; 0: not known.
    #[serde(default)]
    started: u64,
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
    /// `runs`: whether the process is there; None when that cannot be known.
    fn judge(&self, runs: Option<bool>, now: TimestampMillis) -> Verdict {
        if self.unfinished {
            return Verdict::Left;
        }
        if let Some(runs) = runs {
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

/// Tells the time since this machine was started from all others, and what runs in a container from
/// what runs beside it: nothing else is different on every machine, as names and ids come along when
/// a disk is copied. Of this process alone where the system does not know it.
fn run_id() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(|| {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
        let numbers = std::fs::read_link("/proc/self/ns/pid");
        match (boot, numbers) {
            (Ok(boot), Ok(numbers)) => format!("{} {}", boot.trim(), numbers.display()),
            _ => format!("{:032x}", rand::random::<u128>()),
        }
    })
}

/// Tells this machine from others, also from one whose disk is a copy of this one's: that has other
/// network cards. Empty where there are none to be seen, as in containers, or where all have
/// addresses that software gave them.
fn hardware() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(|| {
        let cards = std::fs::read_dir("/sys/class/net").into_iter().flatten();
        let mut cards: Vec<String> = cards
            .flatten()
            .filter(|card| card.path().join("device").exists())
            .filter_map(|card| std::fs::read_to_string(card.path().join("address")).ok())
            .filter(|address| is_of_the_card(address))
            .collect();
        if cards.is_empty() {
            return String::new();
        }
        cards.sort();
        let names = ["/etc/machine-id", "/proc/sys/kernel/hostname"];
        let names = names.map(|file| std::fs::read_to_string(file).unwrap_or_default());
        hex(&Sha256::digest(names.concat() + &cards.concat()))
    })
}

/// Whether a maker gave it, and to one card alone. What software gives (virtual machines, random
/// addresses for each wireless network, which come from a seed on the disk) can be the same where a
/// disk was copied.
fn is_of_the_card(address: &str) -> bool {
    let address = address.trim();
    let first = address.split(':').next().unwrap_or_default();
    let is_given = |first: u8| first & 0b10 == 0;
    u8::from_str_radix(first, 16).is_ok_and(is_given)
        && address.bytes().any(|byte| !matches!(byte, b'0' | b':'))
}

/// Whether a `lock` was taken by this machine before it was started anew: nothing of then runs.
/// `boot` and `hardware` are of now.
fn is_of_before(lock: &Lock, boot: &str, hardware: &str) -> bool {
    // What runs in containers beside us was started with the same machine.
    let (Some((then, _)), Some((now, _))) = (lock.boot.split_once(' '), boot.split_once(' '))
    else {
        return false;
    };
    then != now && !hardware.is_empty() && lock.hardware == hardware
}

/// When a process began, counted from the start of the machine; None: there is no such process. Its
/// number may be another one's by now.
fn started(process: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before may hold anything.
    let mut words = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let is_dead = matches!(words.next()?, "Z" | "X");
    words.nth(18)?.parse().ok().filter(|_| !is_dead)
}

/// Whether the process of a `lock`, called `name`, is there and holds it; None where that cannot be
/// known: of other machines.
fn runs(lock: &Lock, name: &str) -> Option<bool> {
    if lock.boot != run_id() {
        return is_of_before(lock, run_id(), hardware()).then_some(false);
    }
    if lock.process == std::process::id() {
        return Some(ours().contains(name));
    }
    match started(lock.process) {
        Some(at) => Some(lock.started == 0 || lock.started == at),
        // Where a user sees only processes of their own, that of another user may be there.
        None => started(1).map(|_| false),
    }
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
        let left = refuse_busy(&**place, clock, None)?;
        let name = format!("{:032x}", rand::random::<u128>());
        let mut held = Self {
            place: Arc::clone(place),
            name: name.clone(),
            lock: Lock {
                machine: machine.to_owned(),
                boot: run_id().to_owned(),
                hardware: hardware().to_owned(),
                process: std::process::id(),
                started: started(std::process::id()).unwrap_or_default(),
                at: clock.now(),
                unfinished: false,
            },
            clock: clock.clone(),
            after_unfinished: !left.is_empty(),
            dirty: false,
        };
        ours().insert(name.clone());
        let written = held.write();
        // Whoever came at the same moment sees ours as we see theirs; both may go. The one who is
        // there already may have taken what we were writing for left over.
        refuse_busy(&**place, clock, Some(&name))?;
        written?;
        if held.after_unfinished {
            place.remove_leftovers("")?;
        } else {
            // A crash before the lock was there leaves no other sign than half of it.
            place.remove_leftovers(FOLDER)?;
            if let Err(error) = place.remove_old_leftovers(&UNLOCKED, &held.path()) {
                tracing::warn!("something is left behind in the vault: {error}");
            }
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
        refuse_busy(&*self.place, &self.clock, Some(&self.name))?;
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

/// The files in a folder of locks, ours or restic's. What systems and services leave in folders that
/// somebody looked into (`.DS_Store`, `desktop.ini`) is no lock, and nobody takes it away.
fn locks(place: &dyn Place, folder: &str) -> Result<Vec<String>> {
    let names = place.list(folder)?.into_iter().map(|file| file.name);
    let is_lock = |name: &String| name.bytes().all(|byte| byte.is_ascii_hexdigit());
    Ok(names.filter(is_lock).collect())
}

/// The names of locks that were left over.
fn refuse_busy(place: &dyn Place, clock: &Clock, own: Option<&str>) -> Result<Vec<String>> {
    let mut left = Vec::new();
    for name in locks(place, FOLDER)? {
        if own == Some(name.as_str()) {
            continue;
        }
        let bytes = match place.read(&format!("{FOLDER}/{name}"), None) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == ErrorKind::NotFound => continue,
            Err(e) => return Err(e),
        };
        // One that cannot be read was torn by a crash.
        let lock: Option<Lock> = serde_json::from_slice(&bytes).ok();
        match lock {
            Some(lock) if lock.judge(runs(&lock, &name), clock.now()) == Verdict::Busy => {
                return Err(Error::new(
                    ErrorKind::Locked,
                    mark!(
                        "the vault is being written to by “{machine}”, or that was cut short less than \
                         half an hour ago",
                        machine = lock.machine
                    ),
                ));
            }
            _ => left.push(name),
        }
    }
    Ok(left)
}

fn refuse_restic(place: &dyn Place) -> Result<()> {
    if locks(place, THEIRS)?.is_empty() {
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
    use std::fs::FileTimes;
    use std::time::Duration;

    #[test]
    fn crashes_and_clocks() {
        let lock = |at, unfinished| Lock {
            machine: "here".into(),
            boot: String::new(),
            hardware: String::new(),
            process: 7,
            started: 0,
            at: TimestampMillis(at),
            unfinished,
        };
        let hour = 3_600_000;
        let now = TimestampMillis(10 * hour);
        for (at, unfinished, runs, verdict) in [
            // Where the process is known it tells, whatever the clock says.
            (10 * hour, false, Some(true), Verdict::Busy),
            (0, false, Some(true), Verdict::Busy),
            (10 * hour, false, Some(false), Verdict::Left),
            // Elsewhere its age, also when a clock was set.
            (10 * hour - 60_000, false, None, Verdict::Busy),
            (9 * hour, false, None, Verdict::Left),
            (12 * hour, false, None, Verdict::Left),
            (10 * hour, true, None, Verdict::Left),
        ] {
            let judged = lock(at, unfinished).judge(runs, now);
            assert_eq!(judged, verdict, "{at} {unfinished} {runs:?}");
        }
    }

    /// Of another machine than this process.
    fn on_its_own_machine(held: Result<Held>) -> Held {
        let mut held = held.unwrap();
        held.lock.boot = format!("of {}", held.lock.machine);
        held.write().unwrap();
        held
    }

    #[test]
    fn what_was_cut_short_where_no_lock_tells_it_goes_later() {
        let room = tempfile::tempdir().unwrap();
        let setting = Setting::of_folder(room.path(), "a", &Opened::default());
        let place = setting.destination.open(&setting).unwrap();
        std::fs::create_dir(room.path().join("keys")).unwrap();
        let temporary = |name: &str, age: Duration| {
            let path = room.path().join(name);
            let file = std::fs::File::create_new(&path).unwrap();
            let now = file.metadata().unwrap().modified().unwrap();
            let times = FileTimes::new().set_modified(now - age);
            file.set_times(times).unwrap();
            path
        };
        let hours = Duration::from_hours;
        let old = [".engram-tmp-a", "keys/.engram-tmp-b"].map(|name| temporary(name, hours(2)));
        let kept = [
            temporary("keys/.engram-tmp-c", hours(0)),
            temporary("keys/0123", hours(2)),
        ];
        drop(Held::take(&place, "here", &Clock::System).unwrap());
        assert!(!old.iter().any(|path| path.exists()));
        assert!(kept.iter().all(|path| path.exists()));
    }

    #[test]
    fn what_another_machine_took_over_while_this_one_slept_is_not_taken_back() {
        let room = tempfile::tempdir().unwrap();
        let setting = Setting::of_folder(room.path(), "a", &Opened::default());
        let place = setting.destination.open(&setting).unwrap();
        let clock = Clock::fixed(TimestampMillis(1_800_000_000_000), 0);
        let sleep = || clock.advance_millis(EXPIRES_MILLIS + 60_000);
        let mut ours = on_its_own_machine(Held::take(&place, "here", &clock));
        sleep();
        ours.refresh().unwrap();
        assert_eq!(ours.lock.at, clock.now(), "nobody came");
        sleep();
        let mut theirs = on_its_own_machine(Held::take(&place, "there", &clock));
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
        let mut ours = on_its_own_machine(Held::take(&place, "here", &clock));
        let theirs = on_its_own_machine(Held::take(&place, "there", &ahead));
        clock.advance_millis(RENEW_MILLIS + 1);
        assert_eq!(ours.refresh().unwrap_err().kind(), ErrorKind::Locked);
        let left = place.list(FOLDER).unwrap();
        let names: Vec<&str> = left.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, [theirs.name.as_str()]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn processes_tell_only_of_this_machine_since_it_was_started() {
        let room = tempfile::tempdir().unwrap();
        let setting = Setting::of_folder(room.path(), "a", &Opened::default());
        let place = setting.destination.open(&setting).unwrap();
        let clock = Clock::fixed(TimestampMillis(1_800_000_000_000), 0);
        // No process has the last number.
        let (runs, gone) = (std::os::unix::process::parent_id(), u32::MAX);
        let takes = |boot: &str, (process, started): (u32, u64)| {
            let lock = Lock {
                machine: "here".into(),
                boot: boot.into(),
                hardware: String::new(),
                process,
                started,
                at: clock.now(),
                unfinished: false,
            };
            let text = serde_json::to_vec(&lock).unwrap();
            let file = format!("{FOLDER}/1ef7");
            place.write(&file, vec![Bytes::from(text)]).unwrap();
            Held::take(&place, "here", &clock).map(|held| held.after_unfinished)
        };
        let is_busy = |taken: Result<bool>| taken.unwrap_err().kind() == ErrorKind::Locked;
        let since = started(runs).unwrap();
        assert!(is_busy(takes(run_id(), (runs, since))));
        assert!(is_busy(takes(run_id(), (runs, 0))), "of an older version");
        assert!(takes(run_id(), (gone, since)).unwrap());
        // Another process has the number of the one that crashed.
        assert!(takes(run_id(), (runs, since + 1)).unwrap());
        // A machine whose disk is a copy of this one's, which has its name and ids.
        for boot in ["of another start", ""] {
            assert!(is_busy(takes(boot, (gone, 0))), "{boot}");
        }
        clock.advance_millis(EXPIRES_MILLIS + 1);
        let held = Held::take(&place, "here", &clock).unwrap();
        assert!(held.after_unfinished);
    }

    #[test]
    fn after_a_restart_of_the_machine_nothing_of_before_is_waited_for() {
        let lock = |boot: &str, hardware: &str| Lock {
            machine: "here".into(),
            boot: boot.into(),
            hardware: hardware.into(),
            process: 7,
            started: 7,
            at: TimestampMillis(0),
            unfinished: false,
        };
        let is_of_before = |boot, hardware| is_of_before(&lock(boot, hardware), "b2 pid:1", "h");
        assert!(is_of_before("b1 pid:1", "h"));
        assert!(!is_of_before("b2 pid:2", "h"), "in a container beside us");
        assert!(!is_of_before("b1 pid:1", "other"), "a copy of our disk");
        assert!(!is_of_before("b1 pid:1", ""), "not known");
        assert!(!is_of_before("random", "h"), "not known");
        assert!(!super::is_of_before(&lock("b1 pid:1", ""), "b2 pid:1", ""));
    }

    #[test]
    fn addresses_that_software_gave_tell_no_machine_from_a_copy_of_its_disk() {
        assert!(is_of_the_card("3c:97:0e:12:34:56\n"));
        // Of virtual machines, of a wireless network, and of a card that has none.
        for given in [
            "52:54:00:12:34:56\n",
            "da:a1:19:00:00:01\n",
            "00:00:00:00:00:00\n",
            "\n",
            "",
        ] {
            assert!(!is_of_the_card(given), "{given}");
        }
    }
}
