//! The words of a place. Pure.

use crate::base::lang;
use crate::service::vaults::{Deletable, Hold, Place, Snapshot, Tidied};
use crate::ui::backups::words::{age, capital, moment, moment_among, within};
use crate::ui::widgets::text::{bytes, number};
use crate::{t, tn};
use jiff::Zoned;

/// When it was saved to last, and how much that was.
#[must_use]
pub fn saved(place: &Place, now: &Zoned) -> String {
    let Some(copy) = &place.entry.last else {
        return t!("Nothing is saved there yet.").to_owned();
    };
    t!(
        "Saved {age}: {files}, {size}, of which {sent} were sent",
        age = age(copy.at, now),
        files = tn!(copy.files, "{n} file", "{n} files"),
        size = bytes(copy.bytes),
        sent = bytes(copy.sent),
    )
}

/// The snapshot `n` of those of a list in two lines: when and of which profile; what is in it.
#[must_use]
pub fn snapshot<'a>(
    n: usize,
    at: impl Fn(usize) -> Option<&'a Snapshot>,
    now: &Zoned,
) -> [String; 2] {
    let Some(snapshot) = at(n) else {
        return Default::default();
    };
    let when = capital(&moment_among(n, |n| at(n).map(|s| s.time), now));
    let whose = match snapshot.label.as_str() {
        "" => snapshot.path.clone(),
        label => t!("“{name}”", name = label),
    };
    let mut about = Vec::new();
    if !snapshot.description.is_empty() {
        about.push(with_separators(&lang::known(&snapshot.description)));
    }
    // Other programs need not say how many.
    if snapshot.files > 0 {
        let files = tn!(snapshot.files, "{n} file", "{n} files");
        about.push(format!("{files}, {}", bytes(snapshot.bytes)));
    }
    if !snapshot.machine.is_empty() {
        about.push(t!("from {machine}", machine = snapshot.machine));
    }
    [format!("{when}  ·  {whose}"), about.join(" · ")]
}

/// `one`, which stands at `n` among `all` that may be deleted: when and of which profile, which
/// computer made it where not all are of one, and what is to be known of it.
#[must_use]
pub fn deletable(n: usize, one: &Deletable, all: &[Deletable], now: &Zoned) -> String {
    let [mut words, _] = snapshot(n, |n| all.get(n).map(|one| &one.snapshot), now);
    let machine = &one.snapshot.machine;
    let several = all.iter().any(|other| other.snapshot.machine != *machine);
    if several && !machine.is_empty() {
        words.push_str("  ·  ");
        words.push_str(&t!("from {machine}", machine));
    }
    let marks = [
        (one.is_damaged, t!("damaged" in "snapshot")),
        (one.is_newest, t!("the newest one stays")),
    ];
    for (_, mark) in marks.iter().filter(|(is, _)| *is) {
        words.push_str("  ·  ");
        words.push_str(mark);
    }
    words
}

/// The numbers of a text with thousands separators: `14,511 notes`.
fn with_separators(words: &str) -> String {
    let each = words.split(' ').map(|word| match word.parse::<u64>() {
        Ok(n) if n.to_string() == word => number(n),
        _ => word.to_owned(),
    });
    each.collect::<Vec<_>>().join(" ")
}

/// When what is there was read and restored last, and how much it takes; empty before anything was
/// saved.
#[must_use]
pub fn checks(place: &Place, now: &Zoned) -> String {
    if place.entry.last.is_none() {
        return String::new();
    }
    let verified = match place.entry.verified {
        Some(at) => t!("Read through {age}", age = age(at, now)),
        None => t!("Not yet read through").to_owned(),
    };
    let tried = match place.entry.tried {
        Some(at) => t!("restored for a trial {age}", age = age(at, now)),
        None => t!("never restored for a trial").to_owned(),
    };
    let takes = match (place.entry.space, place.entry.retention.quota) {
        (None, _) => String::new(),
        (Some(space), None) => t!("takes {size}", size = bytes(space.bytes)),
        (Some(space), Some(quota)) => t!(
            "takes {size} of {quota}",
            size = bytes(space.bytes),
            quota = bytes(quota)
        ),
    };
    let parts = [verified, tried, takes];
    let told: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    told.join(" · ")
}

/// After a restore nothing is saved or sent by itself.
#[must_use]
pub fn suspended() -> String {
    t!("Off since a backup was restored: Backups > Resume now turns automatic copies on again.")
        .into()
}

/// What copies wait for while an alarm is not answered.
#[must_use]
pub fn alarmed() -> &'static str {
    t!("much has changed, see Backups > Open Backup…")
}

/// What is the matter with it now, and whether that is bad; `is_suspended`: a backup was restored.
#[must_use]
pub fn state(place: &Place, is_suspended: bool, now: &Zoned) -> (String, bool) {
    if place.busy {
        return (t!("Working on it…").to_owned(), false);
    }
    let failures = [&place.entry.failure, &place.entry.try_failed];
    if let Some(failure) = failures.into_iter().flatten().next() {
        let words = t!(
            "Failed {age}: {what}",
            age = age(failure.at, now),
            what = lang::known_sentence(&failure.what)
        );
        return (words, true);
    }
    if place.entry.damaged {
        let words = t!(
            "Something there was damaged, and what is left was not read through since: press Verify"
        );
        return (words.to_owned(), true);
    }
    if let Some(quota) = place.entry.full() {
        let quota = bytes(quota);
        let words = t!(
            "Full: what has to stay takes more than {quota}. Allow more in More > What stays…, or \
             add another place",
            quota
        );
        return (words, true);
    }
    if let Some(hold) = place.hold {
        return waits(place, hold, now);
    }
    let words = match place.next {
        _ if is_suspended && place.entry.schedule.is_on() => suspended(),
        Some(when) => t!("Saves automatically {when}", when = moment(when, now)),
        None if place.entry.schedule.is_on() => {
            t!("Saves automatically after the next change").to_owned()
        }
        None => t!("Saves only when you say so").to_owned(),
    };
    (words, false)
}

/// After so many days without a copy, that it waits is bad.
const MOST_DAYS: i64 = 7;

fn waits(place: &Place, hold: Hold, now: &Zoned) -> (String, bool) {
    let why = match hold {
        Hold::Metered => t!("on a metered network"),
        Hold::Battery => t!("on battery power"),
        Hold::Answer => alarmed(),
    };
    let last = place.entry.last.as_ref().map(|copy| copy.at);
    let Some(last) = last else {
        return (t!("Waiting: {why}. Nothing is saved there yet", why), true);
    };
    let days = now.timestamp().as_millisecond().saturating_sub(last.0) / 86_400_000;
    if days < MOST_DAYS {
        return (t!("Waiting: {why}", why), false);
    }
    let words = t!(
        "Waiting: {why}. What changed in {days} days is not there; press Save now",
        why,
        days
    );
    (words, true)
}

/// What a preview of thinning found, and whether that is bad.
#[must_use]
pub fn would_stay(tidied: &Tidied) -> (String, bool) {
    let gone = tidied.dropped.len() as u64;
    let all = gone + tidied.kept.len() as u64;
    let size = bytes(tidied.used);
    let words = match gone {
        0 => t!("Nothing would go now; the vault takes about {size}.", size),
        1 => t!(
            "1 of {all} snapshots would go; the vault would take about {size}.",
            all,
            size
        ),
        _ => t!(
            "{gone} of {all} snapshots would go; the vault would take about {size}.",
            gone,
            all,
            size
        ),
    };
    if !tidied.above {
        return (words, false);
    }
    let words = t!(
        "{words} That is more than you allow, and nothing more would go.",
        words
    );
    (words, true)
}

/// One line for each snapshot, those that would go first, with whether it would.
#[must_use]
pub fn each_stays(tidied: &Tidied, now: &Zoned) -> Vec<(String, bool)> {
    let dropped = tidied.dropped.iter().map(|(snapshot, _)| snapshot.time);
    let kept = tidied.kept.iter().map(|(snapshot, _)| snapshot.time);
    let times: Vec<_> = dropped.chain(kept).collect();
    let when = |n| capital(&moment_among(n, |n| times.get(n).copied(), now));
    let goes = tidied.dropped.iter().enumerate().map(|(n, (_, why))| {
        let words = t!(
            "{when}  ·  goes: {why}",
            when = when(n),
            why = within(why.label())
        );
        (words, true)
    });
    let first = tidied.dropped.len();
    let stays = tidied.kept.iter().enumerate().map(|(n, (snapshot, _))| {
        let mut words = t!("{when}  ·  stays", when = when(first + n));
        if !snapshot.label.is_empty() {
            words.push_str("  ·  ");
            words.push_str(&t!("“{name}”", name = snapshot.label));
        }
        (words, false)
    });
    goes.chain(stays).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Clock, TimestampMillis};
    use crate::service::vaults::{Copy, Entry};

    fn place(hold: Option<Hold>) -> Place {
        Place {
            address: "/mnt/vault".to_owned(),
            entry: Entry::new("/mnt/vault".parse().unwrap()),
            busy: false,
            next: None,
            hold,
        }
    }

    #[test]
    fn that_it_waits_is_bad_after_a_week() {
        let day = |n: i64| TimestampMillis(1_800_014_400_000 + n * 86_400_000);
        let now = Clock::fixed(day(0), 0).local(day(0));
        let mut place = place(Some(Hold::Metered));
        assert!(state(&place, false, &now).1, "nothing is there");
        for (days, bad) in [(1, false), (6, false), (7, true), (30, true)] {
            place.entry.last = Some(Copy {
                at: day(-days),
                collection_mod: day(-days),
                files: 1,
                bytes: 1,
                sent: 1,
                other_disk: true,
            });
            let (words, is_bad) = state(&place, false, &now);
            assert!(
                words.starts_with("Waiting: on a metered network"),
                "{words}"
            );
            assert_eq!((is_bad, words.contains("Save now")), (bad, bad), "{words}");
        }
    }

    #[test]
    fn after_a_restore_no_place_says_that_it_saves_by_itself() {
        let now = Clock::fixed(TimestampMillis(1_800_014_400_000), 0);
        let now = now.local(now.now());
        let mut place = place(None);
        let says = |place: &Place, suspended| state(place, suspended, &now).0;
        assert!(says(&place, false).contains("automatically after the next change"));
        assert!(says(&place, true).contains("Resume now"));
        place.entry.schedule.nightly = false;
        assert_eq!(says(&place, true), "Saves only when you say so");
        place.entry.schedule.every_hours = Some(6);
        assert!(says(&place, false).contains("automatically after the next change"));
    }

    #[test]
    fn damage_is_told_until_what_is_left_was_read() {
        let at = TimestampMillis(1_800_014_400_000);
        let now = Clock::fixed(at, 0).local(at);
        let mut place = place(None);
        let says = |place: &Place| state(place, false, &now);
        place
            .entry
            .verified(at, Some(&"a file is missing".to_owned()));
        assert!(says(&place).0.contains("a file is missing"));
        place.entry.shrank(at, None);
        let (words, is_bad) = says(&place);
        assert!(words.contains("press Verify") && is_bad, "{words}");
        place.entry.verified(at, None);
        assert!(!says(&place).1);
    }

    #[test]
    fn a_snapshot_of_another_program_tells_what_is_known_of_it() {
        let now = Clock::fixed(TimestampMillis(1_800_014_400_000), 0);
        let now = now.local(now.now());
        let mut one = Snapshot {
            path: "/etc".to_owned(),
            machine: "vm".to_owned(),
            ..Snapshot::default()
        };
        let said = |one: &Snapshot| snapshot(0, |_| Some(one), &now);
        assert_eq!(said(&one)[1], "from vm");
        (one.files, one.bytes) = (2, 1500);
        assert_eq!(said(&one)[1], "2 files, 1.5 kB · from vm");
    }

    #[test]
    fn snapshots_of_one_minute_have_seconds() {
        let clock = Clock::fixed(TimestampMillis(1_800_014_400_000), 0);
        let made = |time: i64| Snapshot {
            time: TimestampMillis(1_800_014_400_000 - time * 1000),
            ..Snapshot::default()
        };
        let all = [made(1), made(4), made(400)];
        let said = |n| snapshot(n, |n| all.get(n), &clock.local(clock.now()));
        let times = [0, 1, 2].map(|n| said(n)[0].clone());
        for (time, said) in ["11:59:59", "11:59:56", "11:53 "].iter().zip(&times) {
            assert!(said.contains(time), "{said}");
        }
    }

    #[test]
    fn numbers_of_a_snapshot_have_separators() {
        let words = "14511 notes, 1200345 cards, 7 reviews, v1.20000";
        let shown = "14,511 notes, 1,200,345 cards, 7 reviews, v1.20000";
        assert_eq!(with_separators(words), shown);
    }
}
