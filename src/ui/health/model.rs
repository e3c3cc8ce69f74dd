//! The words of the page about backup health, as pure values.

use crate::backup::entry::{Entry, KeepReason, Verification};
use crate::base::count::decimal;
use crate::base::lang;
use crate::base::time::TimestampMillis;
use crate::service::event::JobId;
use crate::service::health::{FORECAST_DAYS, Health, Outcome, Place, Run};
use crate::service::jobs::JobView;
use crate::ui::backups::words;
use crate::ui::widgets::text::{bytes, number};
use crate::{t, tn};
use jiff::Zoned;
use std::time::Duration;

/// The sign before a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Good,
    Warn,
    Bad,
    Plain,
}

/// A row: what it is about, and what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub mark: Mark,
    pub name: String,
    pub value: String,
    /// Says more about the line above.
    pub under: bool,
    /// Runs now, and can be cancelled.
    pub job: Option<JobId>,
}

impl Fact {
    fn below(self) -> Self {
        Self {
            under: true,
            ..self
        }
    }
}

fn fact(mark: Mark, name: impl Into<String>, value: impl Into<String>) -> Fact {
    Fact {
        mark,
        name: name.into(),
        value: value.into(),
        under: false,
        job: None,
    }
}

/// A backup that is older than this (milliseconds) while things changed is worth a warning.
const OLD: i64 = 24 * 60 * 60 * 1000;

/// "If this disk died now, you would lose …".
#[must_use]
pub fn headline(health: &Health, now: &Zoned) -> (Mark, String) {
    if let Some(alarm) = &health.alarm {
        return (Mark::Bad, alarm.told());
    }
    if let Some((at, _)) = &health.drill.failed {
        let when = words::moment(*at, now);
        return (
            Mark::Bad,
            t!("The restore drill failed ({when}): see below", when),
        );
    }
    let Some(last) = health.last_verified else {
        let words = match health.is_out_of_reach() {
            true => t!("No verified backup is within reach: a disk is absent"),
            false => t!("There is no verified backup yet"),
        };
        return (Mark::Warn, words.to_owned());
    };
    let lost = health.lost();
    if lost.is_empty() {
        return (
            Mark::Good,
            t!("Everything is in a verified backup").to_owned(),
        );
    }
    let mark = if health.at.since(last) > OLD {
        Mark::Warn
    } else {
        Mark::Good
    };
    (
        mark,
        t!(
            "Backed up {age} · since then: {what}",
            age = words::age(last, now),
            what = lost.join(", ")
        ),
    )
}

#[must_use]
pub fn now_facts(health: &Health, now: &Zoned) -> Vec<Fact> {
    let moment = |at| format!("{}  ·  {}", words::moment(at, now), words::age(at, now));
    let [(last_name, last), (lost_name, lost)] = health.now(moment);
    let mark = match health.last_verified {
        Some(_) => Mark::Good,
        None => Mark::Warn,
    };
    let mut facts = vec![
        fact(mark, last_name, last),
        fact(Mark::Plain, lost_name, lost),
        match health.drill.done_at {
            Some(at) => fact(
                Mark::Good,
                t!("Last restore that was tried"),
                words::moment(at, now),
            ),
            None => fact(Mark::Warn, t!("Last restore that was tried"), t!("never")),
        },
    ];
    if let Some((at, why)) = &health.drill.failed {
        let name = t!("Failed {when}", when = words::moment(*at, now));
        facts.push(fact(Mark::Bad, name, lang::known(why)));
    }
    facts
}

#[must_use]
pub fn copies(health: &Health, now: &Zoned) -> Vec<Fact> {
    let verdict = health.verdict;
    let counts = t!(
        "{copies}, {disks}, {elsewhere} elsewhere",
        copies = tn!(verdict.copies as u64, "{n} copy", "{n} copies"),
        disks = tn!(verdict.disks as u64, "{n} disk", "{n} disks"),
        elsewhere = verdict.elsewhere
    );
    let mark = if verdict.is_met() {
        Mark::Good
    } else {
        Mark::Warn
    };
    let mut facts = vec![fact(mark, t!("The 3-2-1 rule"), counts)];
    for missing in verdict.missing() {
        facts.push(fact(Mark::Plain, lang::say(missing), ""));
    }
    for place in &health.places {
        let name = match place.at {
            Some(at) => format!("{}, {}", place.name, words::moment(at, now)),
            None => place.name.clone(),
        };
        facts.push(fact(Mark::Plain, name, place.path.clone()));
        if place.absent {
            let words = t!("The disk is absent; what is there does not count");
            facts.push(fact(Mark::Warn, t!("Absent"), words).below());
        } else if place.at.is_some() {
            facts.push(checked(place, now).below());
        }
    }
    facts
}

/// What is known of a copy: when it was read and restored, or what is wrong there.
fn checked(place: &Place, now: &Zoned) -> Fact {
    if let Some(trouble) = &place.trouble {
        return fact(Mark::Bad, t!("Trouble there"), lang::known(trouble));
    }
    if place.one_way {
        let words = t!("taken by the mail server; cannot be read from here");
        return fact(Mark::Good, t!("Sent" in "mail"), words);
    }
    let when = |at: Option<TimestampMillis>| match at {
        Some(at) => words::age(at, now),
        None => t!("never").to_owned(),
    };
    let mark = match place.verified {
        Some(_) => Mark::Good,
        None => Mark::Warn,
    };
    let read = when(place.verified);
    match place.tried {
        Some(tried) => {
            let said = format!("{read}  ·  {}", when(tried));
            fact(mark, t!("Read  ·  restored for a trial"), said)
        }
        None => fact(mark, t!("Read" in "done"), read),
    }
}

#[must_use]
pub fn next(health: &Health, reading: Option<&JobView>, now: &Zoned) -> Vec<Fact> {
    let backup = match health.next_backup {
        Some(at) if at > health.at => words::moment(at, now),
        Some(_) => t!("in a moment").to_owned(),
        None => t!("when something changes").to_owned(),
    };
    let drill = match health.drill.due {
        Some(at) if at > health.at => words::moment(at, now),
        Some(_) => t!("when you pause").to_owned(),
        None if health.drill.every_days == 0 => t!("off (Preferences)").to_owned(),
        None => t!("when there is a backup").to_owned(),
    };
    let at = |at: TimestampMillis, at_once: &str| match at > health.at {
        true => words::moment(at, now),
        false => at_once.to_owned(),
    };
    let media = match (reading, health.next_media_check) {
        (Some(job), _) => match (job.progress.done * 100).checked_div(job.progress.total) {
            Some(percent) => t!("now, {percent}% read", percent),
            None => t!("now").to_owned(),
        },
        (None, Some(when)) => at(when, t!("when you pause")),
        (None, None) => t!("off (Preferences)").to_owned(),
    };
    let mut facts = vec![
        fact(Mark::Plain, t!("Next backup"), backup),
        fact(Mark::Plain, t!("Next restore drill"), drill),
        Fact {
            job: reading.map(|job| job.id),
            ..fact(Mark::Plain, t!("Next check of media"), media)
        },
    ];
    if let Some(mail) = &health.mail {
        let next = match mail.next {
            Some(when) => at(when, t!("in a moment")),
            None => t!("only when you say so").to_owned(),
        };
        facts.insert(1, fact(Mark::Plain, t!("Next backup by e-mail"), next));
        // Where one was sent, what is wrong now stands with it, among the copies.
        if let (None, Some((at, why))) = (mail.sent_at, &mail.failed) {
            let name = t!("Failed {when}", when = words::moment(*at, now));
            facts.insert(2, fact(Mark::Bad, name, lang::known(why)).below());
        }
    }
    facts
}

/// After a restore nothing comes by itself.
#[must_use]
pub fn next_while_suspended() -> Vec<Fact> {
    vec![fact(
        Mark::Warn,
        t!("Automatic backups and syncing"),
        t!("off since a backup was restored").to_owned(),
    )]
}

#[must_use]
pub fn space(health: &Health) -> Vec<Fact> {
    let mut facts = vec![fact(
        Mark::Plain,
        tn!(health.backups, "{n} backup", "{n} backups"),
        bytes(health.bytes),
    )];
    if let Some(free) = health.free {
        facts.push(fact(Mark::Plain, t!("Free on that disk"), bytes(free)));
    }
    facts
}

/// A row for each backup: why it stays, and when it goes if one is made a day.
#[must_use]
pub fn planned(health: &Health, now: &Zoned) -> Vec<Fact> {
    let created = |n: usize| health.planned.get(n).map(|planned| planned.entry.created);
    let rows = health.planned.iter().enumerate().map(|(n, planned)| {
        let entry = &planned.entry;
        let goes = match planned.goes {
            Some(day) if day <= now.date() => t!("goes with the next backup").to_owned(),
            Some(day) => t!("goes on {day}", day = words::day_and_month(day)),
            None if entry.pinned.is_some() => t!("stays for good").to_owned(),
            // That is said as the reason.
            None if entry.keep.contains(&KeepReason::NotAnswered) => String::new(),
            None => t!("stays for more than {n} days", n = FORECAST_DAYS),
        };
        let kept: Vec<_> = entry.keep.iter().map(|reason| reason.label()).collect();
        let parts = [kept.join(", "), goes];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let why = parts.collect::<Vec<_>>().join("  ·  ");
        let when = words::moment_among(n, created, now);
        fact(mark(entry), title(entry, &when), why)
    });
    rows.collect()
}

fn mark(entry: &Entry) -> Mark {
    match entry.verification {
        Verification::Verified { .. } => Mark::Good,
        Verification::Unverified => Mark::Warn,
        Verification::Failed { .. } => Mark::Bad,
    }
}

fn title(entry: &Entry, when: &str) -> String {
    let mut title = format!("{}  ·  {}", words::capital(when), bytes(entry.size));
    for text in [entry.pin().unwrap_or_default(), &entry.note] {
        if !text.is_empty() {
            title.push_str("  ·  ");
            title.push_str(text);
        }
    }
    title
}

#[must_use]
pub fn log(health: &Health, now: &Zoned) -> Vec<Fact> {
    if health.runs.is_empty() {
        return vec![fact(Mark::Plain, t!("Nothing has run yet"), "")];
    }
    let begun = |n: usize| health.runs.get(n).map(|run| run.begun.at);
    let runs = health.runs.iter().enumerate();
    runs.map(|(n, run)| logged(run, &words::moment_among(n, begun, now)))
        .collect()
}

fn logged(run: &Run, when: &str) -> Fact {
    let mark = match run.outcome {
        Outcome::Done => Mark::Good,
        Outcome::Failed => Mark::Bad,
        Outcome::Cancelled | Outcome::CutShort => Mark::Warn,
        Outcome::Running => Mark::Plain,
    };
    let mut name = format!("{}  ·  {}", words::capital(when), run.begun.kind.label());
    if let Some(reason) = run.begun.reason {
        name.push_str(&format!(" ({})", words::within(reason.label())));
    }
    let mut value = match (run.outcome, run.said.is_empty()) {
        (Outcome::Done | Outcome::Failed, false) => lang::known(&run.said).into_owned(),
        (outcome, _) => outcome.label().to_owned(),
    };
    if let Some(ms) = run.took_ms {
        value.push_str(&format!("  ·  {}", took(ms)));
    }
    fact(mark, name, value)
}

fn took(ms: u64) -> String {
    let time = Duration::from_millis(ms);
    match time.as_secs() {
        0..10 => t!("{n} s", n = decimal(time.as_secs_f64(), 1)),
        10..120 => t!("{n} s", n = time.as_secs()),
        secs => t!("{n} min", n = number(secs / 60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::health::{ChangedSince, DrillReport, NextMail, Verdict};

    fn health() -> Health {
        Health {
            at: TimestampMillis(1_800_000_000_000),
            last_verified: Some(TimestampMillis(1_799_999_000_000)),
            at_risk: Some(ChangedSince::default()),
            alarm: None,
            places: vec![],
            verdict: Verdict::default(),
            backups: 0,
            bytes: 0,
            free: None,
            planned: vec![],
            drill: DrillReport::default(),
            next_backup: None,
            mail: None,
            next_media_check: None,
            runs: vec![],
        }
    }

    #[test]
    fn a_backup_by_mail_that_never_went_out_says_why() {
        let now: Zoned = "2027-01-15T08:00:00+00:00[UTC]".parse().unwrap();
        let mut h = health();
        h.mail = Some(NextMail {
            sent_at: None,
            failed: Some((h.at, "the mail is too large".to_owned())),
            next: None,
        });
        let facts = next(&h, None, &now);
        let told = facts.iter().find(|fact| fact.mark == Mark::Bad).unwrap();
        assert!(told.name.starts_with("Failed "), "{told:?}");
        assert_eq!(told.value, "the mail is too large");
        // It stands with the place where one was sent.
        h.mail.as_mut().unwrap().sent_at = Some(h.at);
        let facts = next(&h, None, &now);
        assert!(facts.iter().all(|fact| fact.mark != Mark::Bad));
    }

    #[test]
    fn the_headline_says_what_would_be_lost() {
        let now: Zoned = "2027-01-15T08:00:00+00:00[UTC]".parse().unwrap();
        let mut h = health();
        assert_eq!(headline(&h, &now).0, Mark::Good);
        h.at_risk = Some(ChangedSince {
            reviews: 3,
            cards_answered: 2,
            notes: 1,
            modified: true,
        });
        let (mark, words) = headline(&h, &now);
        assert_eq!(mark, Mark::Good, "within the interval");
        assert_eq!(
            words,
            "Backed up 16 min ago · since then: 3 reviews of 2 cards, 1 note added or changed"
        );
        h.at_risk = Some(ChangedSince {
            modified: true,
            ..ChangedSince::default()
        });
        let (_, words) = headline(&h, &now);
        assert!(words.contains("since then: other changes"), "{words}");
        h.last_verified = Some(TimestampMillis(h.at.0 - 2 * OLD));
        assert_eq!(headline(&h, &now).0, Mark::Warn);
        h.last_verified = None;
        assert_eq!(headline(&h, &now).0, Mark::Warn);
        h.drill.failed = Some((h.at, "broken".to_owned()));
        assert_eq!(headline(&h, &now).0, Mark::Bad);
    }
}
