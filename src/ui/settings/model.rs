//! Preferences as pure values: pages, limits of each number, and the picture of what the thinning
//! keeps. The values themselves are `service::settings` and `service::request`; only settings that
//! work are here.

use crate::backup::entry::Rules;
use crate::domain::study::Rating;
use crate::search::fold::without_accents;
use crate::service::event::{CopiesState, MirrorStatus};
use crate::ui::backups::words::{self, StatusMark};
use crate::ui::command::Command;
use crate::ui::keys::Keys;
use crate::{t, tn};
use jiff::{ToSpan as _, Zoned};
use std::ops::RangeInclusive;
use std::path::Path;

/// The left-hand list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Page {
    #[default]
    Appearance,
    Review,
    Editing,
    Syncing,
    Backups,
}

impl Page {
    pub const ALL: [Self; 5] = [
        Self::Appearance,
        Self::Review,
        Self::Editing,
        Self::Syncing,
        Self::Backups,
    ];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Appearance => t!("Appearance"),
            Self::Review => t!("Review" in "preferences"),
            Self::Editing => t!("Editing"),
            Self::Syncing => t!("Syncing" in "preferences"),
            Self::Backups => t!("Backups"),
        }
    }
}

/// The line below the second folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiesLine {
    pub mark: StatusMark,
    pub words: String,
}

/// How copying to the folder `chosen` goes, in words.
#[must_use]
pub fn copies_line(chosen: &Path, state: Option<&CopiesState>, now: &Zoned) -> CopiesLine {
    let place = chosen.display();
    let (mark, words) = match state {
        None | Some(CopiesState::Running) => (StatusMark::Busy, t!("Copying to {place}…", place)),
        Some(CopiesState::Failed(message)) => (
            StatusMark::Warn,
            t!(
                "{what}: {cause}",
                what = message.what,
                cause = message.cause
            ),
        ),
        Some(CopiesState::Known(copies)) if copies.absent => (
            StatusMark::Paused,
            t!("Waiting for the disk of {place}", place),
        ),
        Some(CopiesState::Known(copies)) if copies.damaged > 0 => {
            let words = tn!(
                copies.damaged,
                "{count} copy is damaged; the disk of {place} may be failing",
                "{count} copies are damaged; the disk of {place} may be failing",
                count = copies.damaged,
                place,
            );
            (StatusMark::Warn, words)
        }
        Some(CopiesState::Known(copies)) => {
            let count = copies.whole;
            let whole = match copies.newest {
                Some(at) => {
                    let age = words::age(at, now);
                    t!("{count} verified, the newest {age}", count, age)
                }
                None => t!("{count} verified", count),
            };
            if copies.same_disk {
                let warned = t!(
                    "{copies}, but this is the disk of the backups: both go when it breaks",
                    copies = whole
                );
                (StatusMark::Warn, warned)
            } else {
                (
                    StatusMark::Good,
                    t!("{copies}, in {place}", copies = whole, place),
                )
            }
        }
    };
    CopiesLine { mark, words }
}

/// What is looked for on all pages.
#[derive(Debug, Default)]
pub struct Find {
    /// Folded.
    words: Vec<String>,
}

impl Find {
    #[must_use]
    pub fn new(typed: &str) -> Self {
        Self {
            words: fold(typed).split_whitespace().map(str::to_owned).collect(),
        }
    }

    /// Nothing is looked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether each word is in one of the texts, without regard to case and accents.
    #[must_use]
    pub fn finds(&self, texts: &[&str]) -> bool {
        if self.is_empty() {
            return true;
        }
        let texts: Vec<String> = texts.iter().map(|text| fold(text)).collect();
        let is_there = |word: &String| texts.iter().any(|text| text.contains(word));
        self.words.iter().all(is_there)
    }
}

fn fold(text: &str) -> String {
    without_accents(text).to_lowercase()
}

/// Anki's limits of the numbers.
pub const INTERVAL_MINS: RangeInclusive<u32> = 5..=9999;
/// Days between restore drills, and between checks of media; 0: never.
pub const DRILL_DAYS: RangeInclusive<u32> = 0..=365;
/// Percent of all notes or media files; 100: never ask.
pub const MOST_DELETED: RangeInclusive<u32> = 1..=100;
/// Days that former versions are kept, when not for all time.
pub const HISTORY_DAYS: RangeInclusive<u32> = 1..=36_500;
pub const HISTORY_DAYS_DEFAULT: u32 = 365;
pub const HISTORY_MEGABYTES: RangeInclusive<u32> = 10..=100_000;
pub const TRASH_DAYS: RangeInclusive<u32> = 1..=3650;
pub const KEEP: RangeInclusive<u32> = 0..=9999;
pub const KEEP_LAST: RangeInclusive<u32> = 1..=9999;
pub const ROLLOVER_HOUR: RangeInclusive<u32> = 0..=23;
pub const LEARN_AHEAD_MINS: RangeInclusive<u32> = 0..=999;
pub const TIMEBOX_MINS: RangeInclusive<u32> = 0..=9999;
pub const ZOOM_PERCENT: RangeInclusive<u32> = 50..=300;
/// How many backups the count mode keeps when it is switched on.
pub const KEEP_LAST_DEFAULT: u32 = 30;
/// Days that are never thinned.
const RECENT_DAYS: i32 = 2;

/// Kinds of dot in the preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    Daily,
    Weekly,
    Monthly,
    /// Count mode.
    Last,
}

/// The picture "What this keeps": oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// One a kept backup, thinned out when there are more than [`MAX_DOTS`].
    pub dots: Vec<Slot>,
    /// "Feb 2026"; empty in count mode, which knows no dates.
    pub from: String,
}

/// More dots than this run into each other.
const MAX_DOTS: usize = 56;

/// One dot a slot of the rules.
#[must_use]
pub fn preview(rules: &Rules, now: &Zoned) -> Preview {
    if let Some(n) = rules.keep_last {
        return Preview {
            dots: vec![Slot::Last; (n as usize).min(MAX_DOTS)],
            from: String::new(),
        };
    }
    let groups = [
        (Slot::Monthly, rules.monthly),
        (Slot::Weekly, rules.weekly),
        (Slot::Daily, rules.daily),
    ];
    let total: usize = groups.iter().map(|(_, n)| *n as usize).sum();
    let shown = |n: u32| {
        if total <= MAX_DOTS || n == 0 {
            n as usize
        } else {
            ((n as usize * MAX_DOTS) / total).max(1)
        }
    };
    let dots = groups
        .iter()
        .flat_map(|&(slot, n)| std::iter::repeat_n(slot, shown(n)))
        .collect();
    Preview {
        dots,
        from: reach(rules, now),
    }
}

/// The month of the oldest backup that the rules keep: the stages follow one another.
fn reach(rules: &Rules, now: &Zoned) -> String {
    let capped = |n: u32| i32::try_from(n.min(9999)).unwrap_or(9999);
    let span = (RECENT_DAYS + capped(rules.daily))
        .days()
        .weeks(capped(rules.weekly))
        .months(capped(rules.monthly));
    now.checked_sub(span)
        .map(|then| {
            let month = words::short_month(then.date());
            t!("{month} {year}", month, year = then.year())
        })
        .unwrap_or_default()
}

/// "daily: 12 days", or nothing for 0.
#[must_use]
pub fn legend(slot: Slot, n: u32) -> String {
    if n == 0 {
        return String::new();
    }
    let (n, count) = (u64::from(n), n);
    match slot {
        Slot::Daily => tn!(n, "daily: {count} day", "daily: {count} days", count),
        Slot::Weekly => tn!(n, "weekly: {count} week", "weekly: {count} weeks", count),
        Slot::Monthly => tn!(
            n,
            "monthly: {count} month",
            "monthly: {count} months",
            count
        ),
        Slot::Last => tn!(
            n,
            "the last {count} backup",
            "the last {count} backups",
            count
        ),
    }
}

/// "all 63 backups stay", "61 of 63 backups stay".
#[must_use]
pub fn kept_line(keep: usize, drop: usize) -> String {
    match (keep, drop) {
        (0, 0) => String::new(),
        (1, 0) => t!("1 backup now").to_owned(),
        (keep, 0) => t!("all {keep} backups stay", keep),
        (keep, drop) => t!("{keep} of {all} backups stay", keep, all = keep + drop),
    }
}

/// Why a sign cannot be the key of the `nth` answer.
#[must_use]
pub fn key_problem(keys: &[String; 4], nth: usize, sign: char) -> Option<String> {
    if sign.is_whitespace() || sign.is_control() {
        return Some(t!("Type a letter, a digit or a sign").to_owned());
    }
    let other = (0..4).find(|&i| i != nth && keys[i].chars().eq([sign]));
    let taken = other
        .map(|i| Rating::ALL[i].label())
        .or_else(|| Command::taking(Keys::typing(sign)).map(|c| c.info().label))?;
    Some(t!("{sign} is the key of {taken}", sign, taken))
}

/// What is said of the mirror, and whether it is in trouble.
#[must_use]
pub fn mirror_line(status: &MirrorStatus, now: &Zoned) -> (String, bool) {
    match (&status.failed, status.updated) {
        (Some(message), _) => (message.cause.clone(), true),
        (None, Some(at)) => {
            let age = words::age(at, now);
            let said = tn!(status.notes, "{n} note, {age}", "{n} notes, {age}", age);
            (said, false)
        }
        (None, None) => (t!("Follows in idle time").to_owned(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        "2026-11-21T15:30:00+00:00[UTC]".parse().unwrap()
    }

    #[test]
    fn the_default_rules_have_thirty_one_dots() {
        let p = preview(&Rules::default(), &now());
        assert_eq!(p.dots.len(), 31);
        assert_eq!(
            (p.dots[0], p.dots[8], p.dots[9]),
            (Slot::Monthly, Slot::Monthly, Slot::Weekly)
        );
        assert_eq!(p.dots[30], Slot::Daily);
        assert_eq!(p.from, "Nov 2025");
    }

    #[test]
    fn many_dots_are_thinned_but_no_kind_vanishes() {
        let rules = Rules {
            daily: 9999,
            weekly: 1,
            monthly: 0,
            ..Rules::default()
        };
        let p = preview(&rules, &now());
        assert!(p.dots.len() <= MAX_DOTS + 2);
        assert_eq!(p.dots.iter().filter(|s| **s == Slot::Weekly).count(), 1);
        assert!(!p.dots.contains(&Slot::Monthly));
    }

    #[test]
    fn count_mode_shows_the_last_ones() {
        let rules = Rules {
            keep_last: Some(30),
            ..Rules::default()
        };
        let p = preview(&rules, &now());
        assert_eq!((p.dots.len(), p.from.as_str()), (30, ""));
        assert_eq!(legend(Slot::Last, 30), "the last 30 backups");
        assert_eq!(legend(Slot::Daily, 12), "daily: 12 days");
        assert_eq!(legend(Slot::Weekly, 0), "");
    }

    #[test]
    fn settings_are_found_by_words_anywhere_without_case_and_accents() {
        let texts = ["Sounds", "Play sounds of a card automatically", "Café"];
        for (typed, found) in [
            ("", true),
            ("  ", true),
            ("PLAY", true),
            ("card sound", true),
            ("cáfe", true),
            ("card cards", false),
            ("window", false),
        ] {
            assert_eq!(Find::new(typed).finds(&texts), found, "{typed}");
        }
    }

    #[test]
    fn answer_keys_do_not_take_keys_of_others() {
        let keys = ["1", "2", "3", "4"].map(str::to_owned);
        for (nth, sign, want) in [
            (0, '1', None),
            (0, 'j', None),
            (3, ';', None),
            (0, '2', Some("2 is the key of Hard")),
            (1, 'r', Some("r is the key of Replay Audio")),
            (1, '@', Some("@ is the key of Suspend Card")),
            (1, ' ', Some("Type a letter, a digit or a sign")),
        ] {
            assert_eq!(key_problem(&keys, nth, sign).as_deref(), want, "{sign}");
        }
    }
}
