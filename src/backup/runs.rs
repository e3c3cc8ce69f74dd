//! The log of all runs that concern backups: what was done, when, how long it took, how it ended
//! and why it was begun. One line of JSON when a run begins and one when it ends, appended to a
//! file in the backups folder, so that a run that a crash cut short is seen to have no end. Old
//! runs are dropped, but never the newest successful one of each kind.
//!
//! Everything that makes, copies, checks or restores goes through [`logged`].

use super::entry::Reason;
use super::place;
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files;
use crate::base::time::{Clock, Stopwatch, TimestampMillis};
use crate::t;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The log, in the backups folder.
pub const LOG: &str = ".engram-runs.jsonl";
/// Bytes above which old runs are dropped.
const LONG: u64 = 256 * 1024;
/// Runs that stay then.
const KEPT: usize = 400;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Backup,
    Restore,
    UndoRestore,
    Verify,
    /// A restore into a temporary profile, to see that it works.
    Drill,
    /// The same with the newest snapshot of a vault.
    VaultDrill,
    /// To a second folder.
    Copy,
    /// To the encrypted store.
    Vault,
    Mail,
    /// Notes as text files.
    Mirror,
    /// Media files against known hashes.
    MediaCheck,
    /// Damaged media files got their right bytes again.
    MediaRepair,
    Salvage,
}

impl Kind {
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Backup => t!("Backup" in "run"),
            Self::Restore => t!("Restore" in "run"),
            Self::UndoRestore => t!("Undo of a restore"),
            Self::Verify => t!("Verification"),
            Self::Drill => t!("Restore drill"),
            Self::VaultDrill => t!("Restore drill of a vault"),
            Self::Copy => t!("Copy" in "run"),
            Self::Vault => t!("Vault"),
            Self::Mail => t!("E-mail"),
            Self::Mirror => t!("Text mirror"),
            Self::MediaCheck => t!("Media check"),
            Self::MediaRepair => t!("Media repair"),
            Self::Salvage => t!("Salvage"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Done,
    Failed,
    Cancelled,
    /// It never ended: the program or the machine stopped meanwhile.
    CutShort,
    Running,
}

impl Outcome {
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Done => t!("done" in "run"),
            Self::Failed => t!("failed" in "run"),
            Self::Cancelled => t!("cancelled"),
            Self::CutShort => t!("cut short"),
            Self::Running => t!("running"),
        }
    }
}

/// What is known when a run begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    pub kind: Kind,
    pub at: TimestampMillis,
    /// Of backups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The file or place it is about, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Ended {
    took_ms: u64,
    outcome: Outcome,
    #[serde(default)]
    said: String,
}

impl Ended {
    fn after(watch: &Stopwatch, outcome: Outcome, said: String) -> Self {
        Self {
            took_ms: u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX),
            outcome,
            said,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    id: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begun: Option<Begun>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<Ended>,
}

/// One run as the log tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    #[serde(flatten)]
    pub begun: Begun,
    /// None while it runs, and when it was cut short.
    pub took_ms: Option<u64>,
    pub outcome: Outcome,
    /// What was done, or why it failed.
    pub said: String,
}

/// Held while the file is changed; the runs of this process that have not ended.
static OPEN: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

fn open_runs() -> MutexGuard<'static, BTreeSet<u64>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a run off the list of those of this process, even when its work panics.
struct Running(u64);

impl Drop for Running {
    fn drop(&mut self) {
        open_runs().remove(&self.0);
    }
}

/// Does `work` and keeps in the log of `folder` that it was done. `tell` says of a result what to
/// note. A log that cannot be written stops nothing; a folder that is not there gets none.
pub fn logged<T>(
    folder: &Path,
    kind: Kind,
    reason: Option<Reason>,
    about: Option<&Path>,
    clock: &Clock,
    work: impl FnOnce() -> Result<T>,
    tell: impl FnOnce(&T) -> (Outcome, String),
) -> Result<T> {
    let id = rand::random();
    let begun = Begun {
        kind,
        at: clock.now(),
        reason,
        about: about.map(short),
    };
    let running = Running(id);
    note(folder, id, Some(begun), None);
    let watch = Stopwatch::start();
    let result = work();
    let (outcome, said) = match &result {
        Ok(value) => tell(value),
        Err(e) if e.is_interrupted() => (Outcome::Cancelled, String::new()),
        Err(e) => (Outcome::Failed, e.what().to_owned()),
    };
    note(folder, id, None, Some(Ended::after(&watch, outcome, said)));
    drop(running);
    result
}

/// As [`logged`], for what runs often and mostly has nothing to do: only a run of which `tell`
/// says something, and one that failed, is kept.
pub fn logged_if<T>(
    folder: &Path,
    kind: Kind,
    about: Option<&Path>,
    clock: &Clock,
    work: impl FnOnce() -> Result<T>,
    tell: impl FnOnce(&T) -> Option<String>,
) -> Result<T> {
    let begun = Begun {
        kind,
        at: clock.now(),
        reason: None,
        about: about.map(short),
    };
    let watch = Stopwatch::start();
    let result = work();
    let end = match &result {
        Ok(value) => tell(value).map(|said| (Outcome::Done, said)),
        Err(e) if e.is_interrupted() => None,
        Err(e) => Some((Outcome::Failed, e.what().to_owned())),
    };
    if let Some((outcome, said)) = end {
        let running = Running(rand::random());
        note(folder, running.0, Some(begun), None);
        let ended = Ended::after(&watch, outcome, said);
        note(folder, running.0, None, Some(ended));
    }
    result
}

/// A file by its name, an address as it is.
fn short(path: &Path) -> String {
    let all = path.to_string_lossy();
    match path.file_name() {
        Some(name) if !all.contains("://") => name.to_string_lossy().into_owned(),
        _ => all.into_owned(),
    }
}

fn note(folder: &Path, id: u64, begun: Option<Begun>, ended: Option<Ended>) {
    if !folder.is_dir() {
        return;
    }
    let mut open = open_runs();
    if begun.is_some() {
        open.insert(id);
    }
    if let Err(error) = append(folder, &Line { id, begun, ended }) {
        tracing::warn!("the log of runs could not be written: {error}");
    }
}

fn append(folder: &Path, line: &Line) -> Result<()> {
    let path = folder.join(LOG);
    let mut text = text_of(line)?;
    let open = || {
        OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(&path)
    };
    let mut file = open().at(&path)?;
    let size = file.metadata().at(&path)?.len();
    if torn(&mut file, size).at(&path)? {
        text.insert(0, b'\n');
    }
    file.write_all(&text).at(&path)?;
    if line.ended.is_some() {
        file.sync_data().at(&path)?;
        drop(file);
        if size > LONG {
            shorten(&path)?;
        }
    }
    Ok(())
}

/// With its end.
fn text_of(line: &Line) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec(line)
        .map_err(|e| Error::bug("a run cannot be written down").because(e))?;
    text.push(b'\n');
    Ok(text)
}

/// Whether a crash left half a line at the end.
fn torn(file: &mut File, size: u64) -> std::io::Result<bool> {
    if size == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

fn shorten(path: &Path) -> Result<()> {
    let all = merged(&std::fs::read(path).at(path)?);
    let beginning = all.len().saturating_sub(KEPT);
    let kept = all.iter().enumerate().filter(|(at, line)| {
        let is_last_of_kind = || {
            let done = |line: &Line| {
                line.ended
                    .as_ref()
                    .is_some_and(|e| e.outcome == Outcome::Done)
            };
            let kind = |line: &Line| line.begun.as_ref().map(|b| b.kind);
            done(line)
                && !all[at + 1..]
                    .iter()
                    .any(|l| done(l) && kind(l) == kind(line))
        };
        *at >= beginning || is_last_of_kind()
    });
    files::write_atomic(path, |out| {
        for (_, line) in kept {
            out.write_all(&text_of(line)?)?;
        }
        Ok(())
    })
}

/// One line a run, oldest first. What cannot be read is left out.
fn merged(text: &[u8]) -> Vec<Line> {
    let mut all: Vec<Line> = Vec::new();
    let mut places: HashMap<u64, usize> = HashMap::new();
    for line in text.split(|byte| *byte == b'\n') {
        let Ok(line) = serde_json::from_slice::<Line>(line) else {
            continue;
        };
        match places.get(&line.id) {
            Some(&at) if line.ended.is_some() => all[at].ended = line.ended,
            None if line.begun.is_some() => {
                places.insert(line.id, all.len());
                all.push(line);
            }
            _ => {}
        }
    }
    all
}

/// Those of the profile in `profile_dir`, as [`read`]; none while the disk of its backups is away.
pub fn of_profile(profile_dir: &Path) -> Result<Vec<Run>> {
    match place::is_away(profile_dir) {
        true => Ok(Vec::new()),
        false => read(&place::folder(profile_dir)),
    }
}

/// Whether the log of `folder` can be written.
#[must_use]
pub fn takes(folder: &Path) -> bool {
    let log = folder.join(LOG);
    let opened = OpenOptions::new().create(true).append(true).open(log);
    opened.is_ok()
}

/// All runs that the log of `folder` still has, newest first.
pub fn read(folder: &Path) -> Result<Vec<Run>> {
    let path = folder.join(LOG);
    let open = open_runs();
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::from(e).at(&path)),
    };
    let runs = merged(&text).into_iter().rev().filter_map(|line| {
        let (took_ms, outcome, said) = match line.ended {
            Some(end) => (Some(end.took_ms), end.outcome, end.said),
            None if open.contains(&line.id) => (None, Outcome::Running, String::new()),
            None => (None, Outcome::CutShort, String::new()),
        };
        Some(Run {
            begun: line.begun?,
            took_ms,
            outcome,
            said,
        })
    });
    Ok(runs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Clock::fixed(TimestampMillis(1_800_000_000_000), 0)
    }

    fn run(folder: &Path, kind: Kind, outcome: Outcome) {
        let tell = |_: &()| (outcome, "said".to_owned());
        logged(folder, kind, None, None, &clock(), || Ok(()), tell).unwrap();
    }

    #[test]
    fn runs_are_told_newest_first_with_their_end() {
        let dir = tempfile::tempdir().unwrap();
        run(dir.path(), Kind::Verify, Outcome::Done);
        let failing = || -> Result<()> { Err(Error::corrupt("broken")) };
        let about = Path::new("/x/a.colpkg");
        let tell = |_: &()| (Outcome::Done, String::new());
        let reason = Some(Reason::Manual);
        logged(
            dir.path(),
            Kind::Backup,
            reason,
            Some(about),
            &clock(),
            failing,
            tell,
        )
        .unwrap_err();
        let runs = read(dir.path()).unwrap();
        assert_eq!(runs.len(), 2);
        assert_eq!(runs[0].outcome, Outcome::Failed);
        assert_eq!(runs[0].said, "broken");
        assert_eq!(runs[0].begun.about.as_deref(), Some("a.colpkg"));
        assert_eq!(runs[1].outcome, Outcome::Done);
    }

    #[test]
    fn what_a_crash_cut_short_is_seen_and_costs_no_other_line() {
        let dir = tempfile::tempdir().unwrap();
        run(dir.path(), Kind::Verify, Outcome::Done);
        let path = dir.path().join(LOG);
        let begun = Line {
            id: 7,
            begun: Some(Begun {
                kind: Kind::Restore,
                at: TimestampMillis(5),
                reason: None,
                about: None,
            }),
            ended: None,
        };
        append(dir.path(), &begun).unwrap();
        let mut text = std::fs::read(&path).unwrap();
        text.extend(b"{\"id\":9,\"beg");
        std::fs::write(&path, text).unwrap();
        run(dir.path(), Kind::Drill, Outcome::Done);
        let outcomes: Vec<_> = read(dir.path())
            .unwrap()
            .iter()
            .map(|r| r.outcome)
            .collect();
        assert_eq!(outcomes, [Outcome::Done, Outcome::CutShort, Outcome::Done]);
        let seen = logged(
            dir.path(),
            Kind::Copy,
            None,
            None,
            &clock(),
            || read(dir.path()),
            |_| (Outcome::Done, String::new()),
        );
        assert_eq!(seen.unwrap()[0].outcome, Outcome::Running);
    }

    #[test]
    fn it_stays_short_and_remembers_the_last_success_of_each_kind() {
        let dir = tempfile::tempdir().unwrap();
        run(dir.path(), Kind::Drill, Outcome::Done);
        let path = dir.path().join(LOG);
        let mut text = std::fs::read(&path).unwrap();
        for id in 10..9000u64 {
            let line = Line {
                id,
                begun: Some(Begun {
                    kind: Kind::Backup,
                    at: TimestampMillis(id.cast_signed()),
                    reason: None,
                    about: None,
                }),
                ended: None,
            };
            text.extend(serde_json::to_vec(&line).unwrap());
            text.push(b'\n');
        }
        std::fs::write(&path, text).unwrap();
        run(dir.path(), Kind::Verify, Outcome::Done);
        let runs = read(dir.path()).unwrap();
        assert_eq!(runs.len(), KEPT + 1);
        assert_eq!(runs.last().unwrap().begun.kind, Kind::Drill);
        assert!(std::fs::metadata(&path).unwrap().len() < LONG);
    }
}
