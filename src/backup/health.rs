//! How safe everything is: what would be lost now, how many copies there are and where (the rule of
//! three copies on two disks with one elsewhere), what thinning will do, when things ran and will
//! run. Reads only the folder; what the collection knows is handed in. The verdict is pure.

use super::entry::{Alarm, Entry, Rules, Verification};
use super::mail::{self, MailSettings};
use super::policy::{self, DrillState, LastBackup};
use super::runs::{self, Kind, Outcome, Run};
use super::vault::book;
use super::{catalog, journal, place, tripwire};
use crate::base::error::Result;
use crate::base::files;
use crate::base::time::{Clock, TimestampMillis};
use crate::storage::compare::ChangedSince;
use crate::{t, tn};
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Days that the forecast of thinning looks ahead.
pub const FORECAST_DAYS: u32 = 60;

/// A copy that is further behind the newest one is no copy of what is there now.
const BEHIND_MILLIS: i64 = 60 * 24 * 60 * 60 * 1000;

/// Somewhere a copy of the collection is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Place {
    pub name: String,
    /// A folder, file or address.
    pub path: String,
    /// When the copy there was made; None: it is the collection itself.
    pub at: Option<TimestampMillis>,
    /// What tells disks apart; None: unknown.
    pub disk: Option<u64>,
    /// Not in this computer.
    pub elsewhere: bool,
    /// When what is there was last read and found right.
    pub verified: Option<TimestampMillis>,
    /// When it was last restored for a trial; None: that is never done with it.
    pub tried: Option<Option<TimestampMillis>>,
    /// What went wrong there last.
    pub trouble: Option<String>,
    /// It counts no more.
    pub damaged: bool,
    /// Its disk is not there now: nothing is known of it, and it is not counted.
    pub absent: bool,
    /// What was sent there cannot be read from here.
    pub one_way: bool,
    /// It was made two months before the newest copy, and counts no more.
    pub behind: bool,
}

/// The rule of three copies, two disks, one elsewhere, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Verdict {
    pub copies: usize,
    pub disks: usize,
    pub elsewhere: usize,
    /// Copies that are too far behind to be counted.
    pub behind: usize,
}

impl Verdict {
    /// Places on unknown disks count as one disk each only when they are elsewhere.
    #[must_use]
    pub fn of(places: &[Place]) -> Self {
        let there = || places.iter().filter(|p| !p.damaged && !p.absent);
        let whole = || there().filter(|p| !p.behind);
        let disks: BTreeSet<u64> = whole().filter_map(|p| p.disk).collect();
        let unknown = whole().filter(|p| p.elsewhere && p.disk.is_none());
        Self {
            copies: whole().count(),
            disks: disks.len() + unknown.count(),
            elsewhere: whole().filter(|p| p.elsewhere).count(),
            behind: there().filter(|p| p.behind).count(),
        }
    }

    #[must_use]
    pub fn is_met(self) -> bool {
        self.copies >= 3 && self.disks >= 2 && self.elsewhere >= 1
    }

    /// What is missing, each a sentence.
    #[must_use]
    pub fn missing(self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if self.copies < 3 {
            missing.push(t!("Fewer than three copies exist."));
        }
        if self.disks < 2 {
            missing.push(t!("All copies are on one disk."));
        }
        if self.elsewhere < 1 {
            missing.push(t!("No copy is outside this computer."));
        }
        if self.behind > 0 {
            missing.push(t!("Copies that are two months behind are not counted."));
        }
        missing
    }
}

/// A backup and the day on which thinning drops it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Planned {
    pub entry: Entry,
    /// None: not within [`FORECAST_DAYS`].
    pub goes: Option<Date>,
}

/// The restore drill.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DrillReport {
    pub done_at: Option<TimestampMillis>,
    /// The last one, when it failed: when and why.
    pub failed: Option<(TimestampMillis, String)>,
    /// None: none is wanted, or there is nothing to try.
    pub due: Option<TimestampMillis>,
    pub every_days: u32,
}

/// The backup by mail, where it is set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextMail {
    pub sent_at: Option<TimestampMillis>,
    /// The last one, when it failed: when and why.
    pub failed: Option<(TimestampMillis, String)>,
    /// None: only when somebody says so.
    pub next: Option<TimestampMillis>,
}

/// See the module header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    pub at: TimestampMillis,
    pub last_verified: Option<TimestampMillis>,
    /// What only the collection has; None when it cannot be read.
    pub at_risk: Option<ChangedSince>,
    /// Much changed without a reason, and nobody has answered.
    pub alarm: Option<Alarm>,
    pub places: Vec<Place>,
    pub verdict: Verdict,
    pub backups: u64,
    /// Bytes of all backups, and bytes free on their disk.
    pub bytes: u64,
    pub free: Option<u64>,
    pub planned: Vec<Planned>,
    pub drill: DrillReport,
    /// When the timer makes the next backup; None: when something changes.
    pub next_backup: Option<TimestampMillis>,
    /// The next backup by mail; None: mail is not set up.
    pub mail: Option<NextMail>,
    /// When the media files are read next; None: never by itself.
    pub next_media_check: Option<TimestampMillis>,
    /// Newest first.
    pub runs: Vec<Run>,
}

impl Health {
    /// The newest verified backup may be on a disk that is away.
    #[must_use]
    pub fn is_out_of_reach(&self) -> bool {
        self.last_verified.is_none() && self.places.iter().any(|place| place.absent)
    }

    /// What only the collection has, as parts of a sentence; none when a verified backup has all.
    #[must_use]
    pub fn lost(&self) -> Vec<String> {
        let Some(risk) = self.at_risk else {
            return vec![t!("unknown, the collection cannot be read").to_owned()];
        };
        let mut parts = Vec::new();
        if risk.reviews > 0 {
            parts.push(t!(
                "{reviews} of {cards}",
                reviews = tn!(risk.reviews, "{n} review", "{n} reviews"),
                cards = tn!(risk.cards_answered, "{n} card", "{n} cards")
            ));
        }
        if risk.notes > 0 {
            parts.push(tn!(
                risk.notes,
                "{n} note added or changed",
                "{n} notes added or changed"
            ));
        }
        if parts.is_empty() && risk.modified {
            parts.push(
                t!("other changes (decks, options, schedules, what a sync brought)").to_owned(),
            );
        }
        parts
    }

    /// What is known of the newest verified backup, and what would be lost now: each a name and
    /// what is said of it. `time` words the time of the backup.
    #[must_use]
    pub fn now(&self, time: impl Fn(TimestampMillis) -> String) -> [(&'static str, String); 2] {
        let last = match self.last_verified {
            Some(at) => time(at),
            None if self.is_out_of_reach() => {
                t!("No verified backup is within reach: a disk is absent").to_owned()
            }
            None => t!("none yet").to_owned(),
        };
        let lost = match self.lost() {
            parts if parts.is_empty() => t!("nothing").to_owned(),
            parts => parts.join(", "),
        };
        [
            (t!("Last verified backup"), last),
            (t!("Lost if this disk fails now"), lost),
        ]
    }
}

/// What is known besides the backups folder.
#[derive(Debug, Clone)]
pub struct Known {
    pub profile_dir: PathBuf,
    pub rules: Rules,
    pub drill_days: u32,
    pub at_risk: Option<ChangedSince>,
    pub next_backup: Option<TimestampMillis>,
    /// The second backups folder.
    pub others: Vec<Place>,
    pub mail: MailSettings,
    /// Days between two looks at all media files, and the last one.
    pub media_check: (u32, Option<TimestampMillis>),
}

/// The newest verified backup; none while the disk of the backups is away.
pub fn last_verified(profile_dir: &Path, clock: &Clock) -> Result<Option<LastBackup>> {
    match place::is_away(profile_dir) {
        true => Ok(None),
        false => catalog::last_verified(profile_dir, clock),
    }
}

/// Looks at the folder and at the log. While the disk of the folder is away, all the rest is told.
pub fn gather(known: Known, clock: &Clock) -> Result<Health> {
    let folder = catalog::folder(&known.profile_dir);
    let planned = match place::is_away(&known.profile_dir) {
        true => Vec::new(),
        false => catalog::forecast(&known.profile_dir, &known.rules, clock, FORECAST_DAYS)?,
    };
    let planned: Vec<Planned> = planned
        .into_iter()
        .map(|(entry, goes)| Planned { entry, goes })
        .collect();
    let last_verified = last_verified(&known.profile_dir, clock)?.map(|last| last.at);
    let runs = runs::of_profile(&known.profile_dir)?;
    let now = clock.now();
    let state = drill_state(&runs, last_verified.is_some());
    let mut places = places(&known.profile_dir, &folder, &planned, state.done_at);
    places.extend(known.others);
    places.extend(book::counted(&known.profile_dir)?);
    let mails = mail::state_of(&known.profile_dir, now)?;
    places.extend(mail::counted(&known.mail, &mails));
    mark_behind(&mut places, now);
    let (check_days, done_at) = known.media_check;
    let media = DrillState {
        done_at,
        failed_at: None,
        has_backup: true,
    };
    Ok(Health {
        at: now,
        last_verified,
        at_risk: known.at_risk,
        alarm: tripwire::alarm(&folder),
        verdict: Verdict::of(&places),
        places,
        backups: planned.len() as u64,
        bytes: planned.iter().map(|p| p.entry.size).sum(),
        free: files::free_space(&folder)
            .ok()
            .filter(|free| *free < u64::MAX),
        planned,
        drill: DrillReport {
            done_at: state.done_at,
            failed: last_failure(&runs).filter(|(at, _)| Some(*at) == state.failed_at),
            due: policy::drill_due(&state, known.drill_days, now),
            every_days: known.drill_days,
        },
        next_backup: known.next_backup,
        mail: (!known.mail.host.is_empty()).then(|| NextMail {
            sent_at: mails.sent_at,
            next: mail::next(&mails, known.mail.every_days(), now),
            failed: mails.failed,
        }),
        next_media_check: policy::drill_due(&media, check_days, now),
        runs,
    })
}

fn places(
    profile_dir: &Path,
    folder: &Path,
    planned: &[Planned],
    tried: Option<TimestampMillis>,
) -> Vec<Place> {
    let mut places = Vec::new();
    let live = profile_dir.join(journal::COLLECTION);
    if live.is_file() {
        places.push(Place {
            name: t!("The collection").to_owned(),
            path: live.display().to_string(),
            at: None,
            disk: files::disk_of(&live),
            ..Place::default()
        });
    }
    let verified = planned.iter().find_map(|p| match p.entry.verification {
        Verification::Verified { at } => Some((&p.entry, at)),
        _ => None,
    });
    if let Some((entry, at)) = verified {
        places.push(Place {
            name: t!("Backups folder").to_owned(),
            path: folder.display().to_string(),
            at: Some(entry.created),
            disk: files::disk_of(folder),
            verified: Some(at),
            tried: Some(tried),
            ..Place::default()
        });
    } else if place::is_away(profile_dir) {
        places.push(Place {
            name: t!("Backups folder").to_owned(),
            path: folder.display().to_string(),
            absent: true,
            ..Place::default()
        });
    }
    places
}

/// Where nothing changed for long, old copies are as good as new ones: they are all as old. Those
/// that a wrong clock put into the future are not what others are measured by.
fn mark_behind(places: &mut [Place], now: TimestampMillis) {
    let known = places.iter().filter_map(|place| place.at);
    let Some(newest) = known.filter(|at| *at <= now).max() else {
        return;
    };
    for place in places {
        let late = place.at.map(|at| newest.since(at));
        place.behind = late.is_some_and(|late| late > BEHIND_MILLIS);
    }
}

/// What the log says of drills.
#[must_use]
pub fn drill_state(runs: &[Run], has_backup: bool) -> DrillState {
    let last = |outcome: Outcome| {
        let of = |run: &&Run| run.begun.kind == Kind::Drill && run.outcome == outcome;
        runs.iter().find(of).map(|run| run.begun.at)
    };
    let done_at = last(Outcome::Done);
    DrillState {
        done_at,
        failed_at: last(Outcome::Failed).filter(|at| Some(*at) > done_at),
        has_backup,
    }
}

fn last_failure(runs: &[Run]) -> Option<(TimestampMillis, String)> {
    let failed = |run: &&Run| run.begun.kind == Kind::Drill && run.outcome == Outcome::Failed;
    let run = runs.iter().find(failed)?;
    Some((run.begun.at, run.said.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(disk: Option<u64>, elsewhere: bool) -> Place {
        Place {
            disk,
            elsewhere,
            ..Place::default()
        }
    }

    #[test]
    fn three_copies_two_disks_one_elsewhere() {
        let mut places = vec![place(Some(1), false), place(Some(1), false)];
        assert_eq!(Verdict::of(&places).missing().len(), 3);
        places.push(place(Some(2), false));
        let verdict = Verdict::of(&places);
        assert_eq!(verdict.missing(), ["No copy is outside this computer."]);
        places.pop();
        places.push(place(None, true));
        assert!(Verdict::of(&places).is_met());
        assert!(!Verdict::of(&[place(None, true)]).is_met());
        let unknown = Verdict::of(&[place(None, false), place(None, false), place(None, true)]);
        assert_eq!(unknown.disks, 1, "what is not known is not counted");
    }

    #[test]
    fn a_copy_that_is_months_behind_does_not_count() {
        const DAY: i64 = 86_400_000;
        let now = TimestampMillis(1_800_000_000_000);
        let of = |days_ago: i64, disk, elsewhere| Place {
            at: Some(TimestampMillis(now.0 - days_ago * DAY)),
            ..place(disk, elsewhere)
        };
        let met = |days: [i64; 3]| {
            let mut places = vec![
                place(Some(1), false),
                of(days[0], Some(1), false),
                of(days[1], Some(2), false),
                of(days[2], None, true),
            ];
            mark_behind(&mut places, now);
            Verdict::of(&places)
        };
        assert!(met([0, 1, 59]).is_met());
        let missing = met([0, 1, 61]).missing();
        let behind = "Copies that are two months behind are not counted.";
        assert_eq!(missing, ["No copy is outside this computer.", behind]);
        assert!(met([300, 301, 310]).is_met(), "nothing changed for long");
        assert!(met([-400, 1, 2]).is_met(), "the clock was ahead once");
    }
}
