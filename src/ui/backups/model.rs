//! What the Open Backup screen shows, as pure values: rows grouped by day, the search, what a
//! restore would take away, and the words of its question. Drawing is in the files beside it;
//! making and restoring backups is the worker's.

use super::words;
use super::words::Near;
use crate::backup::entry::{Contents, Entry, Inspection, Loss, Verification};
use crate::base::lang;
use crate::base::time::TimestampMillis;
use crate::{t, tn};
use jiff::Zoned;
use std::collections::HashMap;

/// Headings of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The clock was set back since.
    Later,
    Today,
    Yesterday,
    Last7Days,
    Older,
}

impl Group {
    #[must_use]
    pub fn of(at: TimestampMillis, now: &Zoned) -> Self {
        match words::days_ago(at, now) {
            ..=-1 => Self::Later,
            0 => Self::Today,
            1 => Self::Yesterday,
            2..=6 => Self::Last7Days,
            _ => Self::Older,
        }
    }

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Later => t!("Later than today"),
            Self::Today => t!("Today"),
            Self::Yesterday => t!("Yesterday"),
            Self::Last7Days => t!("Last 7 days"),
            Self::Older => t!("Older"),
        }
    }
}

/// The sign at the end of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Verified,
    Unverified,
    Failed,
}

impl Mark {
    #[must_use]
    pub fn of(verification: &Verification) -> Self {
        match verification {
            Verification::Verified { .. } => Self::Verified,
            Verification::Unverified => Self::Unverified,
            Verification::Failed { .. } => Self::Failed,
        }
    }

    /// For the tooltip and screen readers.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Verified => t!("verified"),
            Self::Unverified => t!("not verified yet"),
            Self::Failed => t!("damaged"),
        }
    }
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    Heading(Group),
    Backup(Row),
}

/// The texts of one backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Position in the list of entries that was given.
    pub index: usize,
    pub when: String,
    pub age: String,
    pub reason: String,
    /// Empty when the file was never opened.
    pub notes: String,
    pub cards: String,
    pub reviews: String,
    pub size: String,
    pub mark: Mark,
    pub pinned: bool,
}

impl Row {
    /// For screen readers: the whole line as a sentence.
    #[must_use]
    pub fn spoken(&self) -> String {
        let mut text = format!("{}, {}, {}", self.when, self.age, self.reason);
        if !self.cards.is_empty() {
            text += ", ";
            text += &t!("{count} cards", count = self.cards);
        }
        text += &format!(", {}, {}", self.size, self.mark.label());
        if self.pinned {
            text += ", ";
            text += t!("pinned");
        }
        text
    }
}

/// Newest first, under headings, only what matches `search`.
#[must_use]
pub fn lines(entries: &[Entry], now: &Zoned, search: &str) -> Vec<Line> {
    let mut order: Vec<usize> = (0..entries.len())
        .filter(|&i| matches(&entries[i], now, search))
        .collect();
    order.sort_by_key(|&i| std::cmp::Reverse((entries[i].created, i)));
    let mut per_day: HashMap<i64, usize> = HashMap::new();
    for &i in &order {
        *per_day
            .entry(words::days_ago(entries[i].created, now))
            .or_default() += 1;
    }
    let mut out = Vec::with_capacity(order.len() + 4);
    let mut last = None;
    for (n, &i) in order.iter().enumerate() {
        let entry = &entries[i];
        let group = Group::of(entry.created, now);
        if last != Some(group) {
            out.push(Line::Heading(group));
            last = Some(group);
        }
        let alone = per_day[&words::days_ago(entry.created, now)] == 1;
        let crowded = words::crowded(n, |n| order.get(n).map(|&i| entries[i].created));
        let near = near(entry, now, group, alone);
        out.push(Line::Backup(row(i, entry, now, group, (near, crowded))));
    }
    out
}

/// What tells a backup from others of its group.
fn near(entry: &Entry, now: &Zoned, group: Group, alone_that_day: bool) -> Near {
    let this_year = words::local(entry.created, now).year() == now.year();
    match (group, alone_that_day) {
        (Group::Today | Group::Yesterday, _) => Near::Day,
        (_, true) if this_year => Near::Alone,
        (Group::Last7Days, _) => Near::Week,
        (Group::Older | Group::Later, false) if this_year => Near::Year,
        (_, true) => Near::EverAlone,
        _ => Near::Ever,
    }
}

fn row(
    index: usize,
    entry: &Entry,
    now: &Zoned,
    group: Group,
    (near, seconds): (Near, bool),
) -> Row {
    let t = words::local(entry.created, now);
    let number = |f: fn(&Contents) -> u64| {
        entry
            .contents
            .as_ref()
            .map_or_else(String::new, |c| words::count(f(c)))
    };
    Row {
        index,
        when: words::among(&t, near, seconds),
        age: match group {
            Group::Today | Group::Yesterday => words::age(entry.created, now),
            Group::Last7Days | Group::Older => words::day_age(entry.created, now),
            Group::Later => String::new(),
        },
        reason: reason(entry),
        notes: number(|c| c.notes),
        cards: number(|c| c.cards),
        reviews: number(|c| c.revlog),
        size: words::bytes(entry.size),
        mark: Mark::of(&entry.verification),
        pinned: entry.pinned.is_some(),
    }
}

/// The user's name for a pinned one, else why it was made.
#[must_use]
pub fn reason(entry: &Entry) -> String {
    match entry.pin() {
        Some(name) if !name.trim().is_empty() => name.to_owned(),
        _ => entry.reason.label().to_owned(),
    }
}

/// Every word of `search` must begin a word of the date, time, age, reason, name or note.
#[must_use]
pub fn matches(entry: &Entry, now: &Zoned, search: &str) -> bool {
    if search.trim().is_empty() {
        return true;
    }
    let t = words::local(entry.created, now);
    let mut text = format!(
        "{} {} {} {} {} {} {} {} {}",
        words::long_date(entry.created, now),
        words::short_month(t.date()),
        t.strftime("%Y-%m-%d %H:%M"),
        Group::of(entry.created, now).label(),
        words::age(entry.created, now),
        entry.reason.label(),
        entry.pin().unwrap_or_default(),
        Mark::of(&entry.verification).label(),
        entry.note,
    );
    if entry.pinned.is_some() {
        text += " ";
        text += t!("pinned");
    }
    let text = text.to_lowercase();
    search.split_whitespace().all(|word| {
        let word = word.to_lowercase();
        text.split_whitespace().any(|w| w.starts_with(&word))
    })
}

/// "63 backups of “Ana”, the oldest from 8 Feb 2026".
#[must_use]
pub fn summary(profile: &str, entries: &[Entry], now: &Zoned) -> String {
    let n = entries.len() as u64;
    match entries.iter().map(|e| e.created).min() {
        None => t!("No backups of “{profile}” yet", profile),
        Some(_) if entries.len() == 1 => t!("1 backup of “{profile}”", profile),
        Some(oldest) => {
            let from = words::short_date(oldest, now);
            let backups = tn!(n, "{n} backup", "{n} backups");
            t!(
                "{backups} of “{profile}”, the oldest from {from}",
                backups,
                profile,
                from
            )
        }
    }
}

/// "Verified today, 03:00", for the right-hand pane.
#[must_use]
pub fn verified_line(verification: &Verification, now: &Zoned) -> String {
    match verification {
        Verification::Verified { at } => {
            t!("Verified {when}", when = words::moment_at(*at, now))
        }
        Verification::Unverified => t!("Not verified yet").into(),
        Verification::Failed { finding, .. } => {
            t!("Damaged: {finding}", finding = lang::known(finding))
        }
    }
}

/// Why the thinning keeps it, in a few words; empty when nothing is known.
#[must_use]
pub fn kept_because(entry: &Entry) -> String {
    let mut words: Vec<String> = Vec::new();
    for reason in &entry.keep {
        let word = words::within(reason.label());
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if words.is_empty() {
        return String::new();
    }
    t!("Kept: {why}", why = words.join(", "))
}

/// One line of the box “Made since this backup”.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LossRow {
    pub label: &'static str,
    pub count: u64,
    /// Taken out by the restore; otherwise it comes back.
    pub taken_out: bool,
}

/// Rows that are always shown, and the rarer ones when they are not zero.
#[must_use]
pub fn loss_rows(loss: &Loss) -> Vec<LossRow> {
    let row = |label, count, taken_out| LossRow {
        label,
        count,
        taken_out,
    };
    let mut rows = vec![
        row(t!("Reviews"), loss.reviews, true),
        row(t!("Notes added"), loss.notes_added, true),
        row(t!("Notes changed"), loss.notes_changed, true),
        row(t!("Notes deleted (come back)"), loss.notes_deleted, false),
    ];
    if loss.notes_added == 0 && loss.cards_added > 0 {
        rows.push(row(t!("Cards added"), loss.cards_added, true));
    }
    if loss.notes_deleted == 0 && loss.cards_deleted > 0 {
        rows.push(row(
            t!("Cards deleted (come back)"),
            loss.cards_deleted,
            false,
        ));
    }
    rows.push(row(t!("Deck options changed"), loss.presets_changed, true));
    let rarer = [
        (t!("Other changes to cards"), loss.cards_changed),
        (t!("Decks added"), loss.decks_added),
        (t!("Note types changed"), loss.notetypes_changed),
    ];
    let there = rarer.into_iter().filter(|(_, count)| *count > 0);
    rows.extend(there.map(|(label, count)| row(label, count, true)));
    rows
}

/// The body of the restore question.
#[must_use]
pub fn restore_question(at: TimestampMillis, loss: Option<&Loss>, now: &Zoned) -> String {
    let to = t!(
        "Your collection goes back to {when}.",
        when = words::moment(at, now)
    );
    let Some(loss) = loss else {
        return to;
    };
    let mut parts = made_since(loss);
    let n = loss.notes_changed;
    if n > 0 {
        parts.push(tn!(n, "{n} change to notes", "{n} changes to notes"));
    }
    let n = loss.cards_changed;
    if n > 0 {
        parts.push(tn!(n, "{n} change to cards", "{n} changes to cards"));
    }
    let n = loss.notetypes_changed;
    if n > 0 {
        parts.push(tn!(
            n,
            "{n} change to note types",
            "{n} changes to note types"
        ));
    }
    let n = loss.presets_changed;
    if n > 0 {
        parts.push(tn!(
            n,
            "{n} change to deck options",
            "{n} changes to deck options"
        ));
    }
    if parts.is_empty() {
        return t!(
            "{to} No reviews, notes, cards, decks or note types made since then are lost.",
            to
        );
    }
    let changed = loss.notes_changed + loss.cards_changed;
    let designed = loss.notetypes_changed + loss.presets_changed;
    tn!(
        made_count(loss) + changed + designed,
        "{to} {things} made since then is taken out.",
        "{to} {things} made since then are taken out.",
        to,
        things = listed(&parts)
    )
}

/// How many things [`made_since`] names.
fn made_count(loss: &Loss) -> u64 {
    loss.reviews + loss.notes_added + lone_cards(loss) + loss.decks_added
}

/// Cards that were added to notes that were there already.
fn lone_cards(loss: &Loss) -> u64 {
    match loss.notes_added {
        0 => loss.cards_added,
        _ => 0,
    }
}

/// Reviews, notes, cards and decks that a restore takes out.
fn made_since(loss: &Loss) -> Vec<String> {
    let (reviews, notes) = (loss.reviews, loss.notes_added);
    let (cards, decks) = (lone_cards(loss), loss.decks_added);
    let mut parts = Vec::new();
    if reviews > 0 {
        parts.push(tn!(reviews, "{n} review", "{n} reviews"));
    }
    if notes > 0 {
        parts.push(tn!(notes, "{n} note", "{n} notes"));
    }
    if cards > 0 {
        parts.push(tn!(cards, "{n} card", "{n} cards"));
    }
    if decks > 0 {
        parts.push(tn!(decks, "{n} deck", "{n} decks"));
    }
    parts
}

/// The body of the question when a package was chosen by hand.
#[must_use]
pub fn file_question(name: &str, inside: Option<&Inspection>, loss: Option<&Loss>) -> String {
    let text = match inside {
        None => t!("Your collection is replaced by the one in “{name}”.", name),
        Some(inside) => {
            let c = inside.contents;
            t!(
                "Your collection is replaced by the one in “{name}”, with {notes} and {cards}.",
                name,
                notes = tn!(c.notes, "{n} note", "{n} notes"),
                cards = tn!(c.cards, "{n} card", "{n} cards")
            )
        }
    };
    let parts = loss.map(made_since).unwrap_or_default();
    if parts.is_empty() {
        return text;
    }
    t!(
        "{text} {things} that are not in it are taken out.",
        text,
        things = listed(&parts)
    )
}

/// "a, b and c".
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => t!("{list} and {last}", list = all.join(", "), last),
    }
}

/// The words of a package that is not in the list (“Open a file…”).
#[must_use]
pub fn file_summary(inspection: &Inspection) -> String {
    let c = inspection.contents;
    let mut text = format!(
        "{}, {}, {}",
        tn!(c.notes, "{n} note", "{n} notes"),
        tn!(c.cards, "{n} card", "{n} cards"),
        tn!(c.revlog, "{n} review", "{n} reviews"),
    );
    if inspection.media_files > 0 {
        let files = inspection.media_files;
        text += ", ";
        text += &tn!(files, "{n} media file", "{n} media files");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::entry::Reason;

    fn now() -> Zoned {
        "2026-11-21T15:30:00+00:00[UTC]".parse().unwrap()
    }

    fn at(text: &str) -> TimestampMillis {
        let t: jiff::Timestamp = text.parse().unwrap();
        TimestampMillis(t.as_millisecond())
    }

    fn entry(created: &str, reason: Reason) -> Entry {
        Entry {
            path: format!("{created}.colpkg").into(),
            created: at(created),
            size: 41_200_000,
            reason,
            verification: Verification::Verified { at: at(created) },
            pinned: None,
            note: String::new(),
            contents: Some(Contents {
                notes: 9812,
                cards: 14_511,
                revlog: 182_940,
            }),
            keep: vec![],
        }
    }

    fn shown(entries: &[Entry], search: &str) -> Vec<String> {
        lines(entries, &now(), search)
            .into_iter()
            .map(|line| match line {
                Line::Heading(g) => format!("# {}", g.label()),
                Line::Backup(r) => format!("{} | {} | {}", r.when, r.age, r.reason),
            })
            .collect()
    }

    #[test]
    fn backups_are_grouped_by_day_newest_first() {
        let list = [
            entry("2025-11-01T10:00:00Z", Reason::Close),
            entry("2026-11-20T21:10:00Z", Reason::Close),
            entry("2026-11-21T15:26:00Z", Reason::Interval),
            entry("2026-11-19T08:00:00Z", Reason::Interval),
            entry("2026-11-18T08:00:00Z", Reason::Interval),
            entry("2026-11-18T20:00:00Z", Reason::Manual),
            entry("2026-11-08T08:00:00Z", Reason::Interval),
        ];
        assert_eq!(
            shown(&list, ""),
            [
                "# Today",
                "15:26 | 4 min ago | Automatic",
                "# Yesterday",
                "21:10 | 18 hours ago | Profile closed",
                "# Last 7 days",
                "Thu 19 Nov | 2 days ago | Automatic",
                "Wed 18, 20:00 | 3 days ago | Made by you",
                "Wed 18, 08:00 | 3 days ago | Automatic",
                "# Older",
                "Sun 8 Nov | 13 days ago | Automatic",
                "1 Nov 2025 | 1 year ago | Profile closed",
            ]
        );
    }

    #[test]
    fn backups_of_one_day_of_an_earlier_year_have_their_times() {
        let list = ["2025-11-01T10:00:07Z", "2025-11-01T10:00:41Z"];
        let list = list.map(|time| entry(time, Reason::Close));
        assert_eq!(
            shown(&list, ""),
            [
                "# Older",
                "1 Nov 2025, 10:00:41 | 1 year ago | Profile closed",
                "1 Nov 2025, 10:00:07 | 1 year ago | Profile closed",
            ]
        );
    }

    #[test]
    fn search_finds_dates_reasons_and_names() {
        let mut pinned = entry("2026-11-08T08:00:00Z", Reason::Manual);
        pinned.pinned = Some("Before the exam".into());
        pinned.note = "all verbs typed in".into();
        let list = [
            pinned,
            entry("2026-11-20T21:10:00Z", Reason::Close),
            entry("2026-11-21T15:26:00Z", Reason::Interval),
        ];
        assert_eq!(shown(&list, "exam").len(), 2);
        assert_eq!(shown(&list, "typed verb").len(), 2);
        assert_eq!(
            shown(&list, "8 november")[1],
            "Sun 8 Nov | 13 days ago | Before the exam"
        );
        assert_eq!(shown(&list, "CLOSED")[0], "# Yesterday");
        assert_eq!(shown(&list, "2026-11-21").len(), 2);
        assert_eq!(shown(&list, "pinned").len(), 2);
        assert!(shown(&list, "nothing like it").is_empty());
    }

    #[test]
    fn numbers_are_empty_for_files_never_opened() {
        let mut e = entry("2026-11-20T21:10:00Z", Reason::Unknown);
        e.contents = None;
        e.verification = Verification::Unverified;
        let Line::Backup(row) = &lines(&[e], &now(), "")[1] else {
            panic!("a row")
        };
        assert_eq!((row.notes.as_str(), row.mark), ("", Mark::Unverified));
        assert_eq!(
            row.spoken(),
            "21:10, 18 hours ago, Found in the folder, 41.2 MB, not verified yet"
        );
    }

    #[test]
    fn summary_counts_and_names_the_oldest() {
        let list = [
            entry("2026-02-08T10:00:00Z", Reason::Close),
            entry("2026-11-20T21:10:00Z", Reason::Close),
        ];
        assert_eq!(
            summary("Ana", &list, &now()),
            "2 backups of “Ana”, the oldest from 8 Feb 2026"
        );
        assert_eq!(summary("Ana", &[], &now()), "No backups of “Ana” yet");
    }

    #[test]
    fn backups_of_a_clock_that_was_set_back_are_not_of_today() {
        let list = [
            entry("2026-11-23T15:29:30Z", Reason::Close),
            entry("2026-11-20T21:10:00Z", Reason::Close),
        ];
        let lines = lines(&list, &now(), "");
        assert_eq!(lines[0], Line::Heading(Group::Later));
        let Line::Backup(row) = &lines[1] else {
            panic!("{lines:?}");
        };
        assert!(row.when.contains("23 Nov") && row.age.is_empty(), "{row:?}");
    }

    #[test]
    fn the_question_names_what_is_taken_out() {
        let when = at("2026-11-20T21:10:00Z");
        let mut loss = Loss {
            reviews: 142,
            notes_added: 6,
            ..Loss::default()
        };
        assert_eq!(
            restore_question(when, Some(&loss), &now()),
            "Your collection goes back to yesterday, 21:10. 142 reviews and 6 notes made since then are taken out."
        );
        loss.notes_changed = 3;
        assert!(
            restore_question(when, Some(&loss), &now())
                .contains("142 reviews, 6 notes and 3 changes to notes made since then are")
        );
        assert!(
            restore_question(when, Some(&Loss::default()), &now())
                .ends_with("cards, decks or note types made since then are lost.")
        );
        let designed = Loss {
            cards_added: 1,
            cards_changed: 500,
            decks_added: 1,
            notetypes_changed: 2,
            presets_changed: 1,
            ..Loss::default()
        };
        assert!(restore_question(when, Some(&designed), &now()).ends_with(
            " 1 card, 1 deck, 500 changes to cards, 2 changes to note types and 1 change to \
                 deck options made since then are taken out."
        ));
        assert!(
            file_question("a.colpkg", None, Some(&designed))
                .ends_with(" 1 card and 1 deck that are not in it are taken out.")
        );
    }

    #[test]
    fn loss_rows_hide_what_follows_from_others() {
        let loss = Loss {
            notes_added: 2,
            cards_added: 4,
            cards_deleted: 1,
            ..Loss::default()
        };
        let labels: Vec<_> = loss_rows(&loss)
            .iter()
            .map(|r| (r.label, r.count))
            .collect();
        assert_eq!(
            labels,
            [
                ("Reviews", 0),
                ("Notes added", 2),
                ("Notes changed", 0),
                ("Notes deleted (come back)", 0),
                ("Cards deleted (come back)", 1),
                ("Deck options changed", 0)
            ]
        );
    }
}
