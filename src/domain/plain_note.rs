//! A note as a plain text that people and any program read, and the names of the files and folders
//! that hold such texts. The same note gives the same bytes on every machine at any time, so that
//! only changes of the note show as changes of its file.

use super::card::{Card, CardQueue, CardType, FIRST_MOMENT};
use super::html::{html_to_text_line, strip_html_preserving_media_names};
use crate::base::ids::NoteId;
use crate::base::time::{DAY_SECS, TimestampSecs};
use regex::Regex;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization as _;

/// Characters of a name that is made from a text; file systems take 255 bytes.
const NAME_CHARS: usize = 60;

/// What is told of a note.
#[derive(Debug)]
pub struct PlainNote<'a> {
    pub id: NoteId,
    pub guid: &'a str,
    pub notetype: &'a str,
    /// `A::B`.
    pub deck: &'a str,
    pub tags: &'a [String],
    pub changed: TimestampSecs,
    /// Names and HTML, in order.
    pub fields: Vec<(&'a str, &'a str)>,
    pub cards: Vec<PlainCard<'a>>,
}

/// What is told of a card.
#[derive(Debug)]
pub struct PlainCard<'a> {
    /// Of its template.
    pub name: Cow<'a, str>,
    /// `A::B`.
    pub deck: &'a str,
    pub card: &'a Card,
}

/// Day 0 of the collection, of which `due` counts the days.
#[derive(Debug, Clone, Copy)]
pub struct FirstDay {
    pub created: TimestampSecs,
    /// Of the zone in which the collection was created.
    pub offset_mins_west: i32,
}

/// The text, with a line feed at its end.
#[must_use]
pub fn text_of(note: &PlainNote<'_>, first_day: FirstDay) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        let value = value.replace(['\n', '\r'], " ");
        out.push_str(format!("{name}: {value}").trim_end());
        out.push('\n');
    };
    line("Note", &note.id.0.to_string());
    line("Identifier", note.guid);
    line("Note type", note.notetype);
    line("Deck", note.deck);
    line("Tags", &note.tags.join(" "));
    line("Created", &utc(note.id.0.div_euclid(1000)));
    line("Changed", &utc(note.changed.0));
    for card in &note.cards {
        let mut about = schedule(card.card, first_day);
        if card.deck != note.deck {
            let _ = write!(about, ", in {}", card.deck);
        }
        line("Card", &format!("{}: {about}", card.name));
    }
    for (name, html) in &note.fields {
        let readable = readable(html);
        section(&mut out, name, &readable);
        if readable != *html {
            section(&mut out, &format!("{name} (HTML)"), html);
        }
    }
    out
}

fn section(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "\n== {} ==\n{text}", name.replace(['\n', '\r'], " "));
    if !text.is_empty() && !text.ends_with('\n') {
        out.push('\n');
    }
}

/// A field's text, with its lines; sounds and pictures by name.
fn readable(html: &str) -> Cow<'_, str> {
    static BREAK: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?ix)<br\s*/?>\n? | (?:</div>\s*)?<div(?:\s[^>]*)?> | </(?:div|p|li|tr|h[1-6]|pre|blockquote)>\n?").ok()
    });
    if !html.contains(['<', '&']) {
        return html.into();
    }
    let broken = match BREAK.as_ref() {
        Some(breaks) => breaks.replace_all(html, "\n"),
        None => html.into(),
    };
    let text = strip_html_preserving_media_names(&broken);
    let lines: Vec<&str> = text.trim().lines().map(str::trim).collect();
    lines.join("\n").into()
}

fn schedule(card: &Card, first_day: FirstDay) -> String {
    let due = card.home_due();
    let mut out = match card.ctype {
        CardType::New => format!("new, position {due}"),
        CardType::Learn => "learning".to_owned(),
        CardType::Relearn => "relearning".to_owned(),
        CardType::Review => "review".to_owned(),
    };
    if card.ctype != CardType::New {
        let _ = write!(out, ", due {}", due_text(due, first_day));
    }
    if card.interval > 0 {
        let _ = write!(out, ", interval {} days", card.interval);
    }
    if card.ease_factor > 0 {
        let _ = write!(out, ", ease {} %", card.ease_factor / 10);
    }
    if let Some(memory) = card.memory_state {
        let _ = write!(
            out,
            ", stability {:.2} days, difficulty {:.2}",
            memory.stability, memory.difficulty
        );
    }
    if card.reps > 0 {
        let _ = write!(out, ", {} reviews, {} lapses", card.reps, card.lapses);
    }
    match card.queue {
        CardQueue::Suspended => out.push_str(", suspended"),
        CardQueue::SchedBuried | CardQueue::UserBuried => out.push_str(", buried"),
        _ => {}
    }
    if card.flag() > 0 {
        let _ = write!(out, ", flag {}", card.flag());
    }
    out
}

/// Days count from the first one; what is larger than any day is a second.
fn due_text(due: i32, first_day: FirstDay) -> String {
    let due = i64::from(due);
    if due >= FIRST_MOMENT {
        return utc(due);
    }
    let offset = i64::from(first_day.offset_mins_west) * 60;
    let local = first_day.created.0.saturating_sub(offset);
    let day = local.div_euclid(DAY_SECS) + due;
    // A collection may say that it was created at any time.
    let text = utc(day.saturating_mul(DAY_SECS));
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// `2026-11-21 15:30:00 UTC`.
fn utc(secs: i64) -> String {
    jiff::Timestamp::from_second(secs).map_or_else(
        |_| secs.to_string(),
        |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

/// The folder of a deck: `A::B` → `A/B`, each level fit for every file system.
#[must_use]
pub fn folder_of(deck: &str) -> String {
    let levels: Vec<String> = deck.split("::").map(safe_name).collect();
    levels.join("/")
}

/// The name of a note's file without its ending, from its first field.
#[must_use]
pub fn stem_of(first_field: &str) -> String {
    // Only the beginning is wanted of what may be a book.
    let head = &first_field[..first_field.floor_char_boundary(64 * NAME_CHARS)];
    safe_name(&html_to_text_line(head, true))
}

/// A text as one component of a path on every system; never empty, never hidden.
#[must_use]
fn safe_name(text: &str) -> String {
    let mut name: String = text
        .nfc()
        .map(|c| {
            if c.is_control() || r#"<>:"/\|?*"#.contains(c) {
                '_'
            } else if c.is_whitespace() {
                ' '
            } else {
                c
            }
        })
        .take(NAME_CHARS)
        .collect();
    // Four bytes a character at most: 240 of 255.
    let ends = name.trim_end_matches([' ', '.']).len();
    name.truncate(ends);
    let name = name.trim_start();
    let stem = name.split('.').next().unwrap_or_default();
    if name.is_empty() {
        "_".to_owned()
    } else if name.starts_with('.') || is_device(stem) {
        format!("_{name}")
    } else {
        name.to_owned()
    }
}

/// Names that Windows keeps for itself.
fn is_device(stem: &str) -> bool {
    let stem = stem.trim_end().to_ascii_lowercase();
    let port = stem.strip_prefix("com").or(stem.strip_prefix("lpt"));
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || port.is_some_and(|n| n.chars().count() == 1 && n.chars().all(char::is_numeric))
}

/// Gives each file a path of its own, also where upper and lower case are the same.
#[derive(Debug, Default)]
pub struct Paths {
    /// Those that are taken, each with the number that its next namesake tries first. There may be
    /// very many, so only their hashes are kept: should two have the same, one gets a number without
    /// need.
    taken: HashMap<u64, u32>,
}

impl Paths {
    /// `folder/stem.txt`, or `folder/stem (2).txt` and so on.
    pub fn free(&mut self, folder: &str, stem: &str) -> String {
        let mut path = format!("{folder}/{stem}.txt");
        let key = folded(&path);
        let mut number = self.taken.get(&key).copied().unwrap_or(2);
        while self.taken.contains_key(&folded(&path)) {
            path = format!("{folder}/{stem} ({number}).txt");
            number += 1;
        }
        self.taken.insert(folded(&path), 2);
        self.taken.insert(key, number);
        path
    }
}

/// The same in each run, so that the same notes give the same paths.
fn folded(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.to_lowercase().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIRST_DAY: FirstDay = FirstDay {
        created: TimestampSecs(1_600_000_000),
        offset_mins_west: -120,
    };

    #[test]
    fn a_note_as_text() {
        let review = Card {
            ctype: CardType::Review,
            queue: CardQueue::Suspended,
            due: 10,
            interval: 12,
            ease_factor: 2500,
            reps: 3,
            lapses: 1,
            flags: 2,
            ..Card::default()
        };
        let new = Card {
            due: 7,
            ..Card::default()
        };
        let card = |name: &'static str, deck, card| PlainCard {
            name: name.into(),
            deck,
            card,
        };
        let note = PlainNote {
            id: NoteId(1_700_000_000_123),
            guid: "Abc",
            notetype: "Basic",
            deck: "A::B",
            tags: &["x".into(), "y::z".into()],
            changed: TimestampSecs(1_700_000_060),
            fields: vec![
                ("Front", "plain"),
                (
                    "Back",
                    "one<br><b>two</b> &amp; three<div>four</div><img src=\"p.png\">",
                ),
                ("Extra", ""),
            ],
            cards: vec![card("Card 1", "A::B", &review), card("Card 2", "C", &new)],
        };
        let want = "\
Note: 1700000000123
Identifier: Abc
Note type: Basic
Deck: A::B
Tags: x y::z
Created: 2023-11-14 22:13:20 UTC
Changed: 2023-11-14 22:14:20 UTC
Card: Card 1: review, due 2020-09-23, interval 12 days, ease 250 %, 3 reviews, 1 lapses, suspended, flag 2
Card: Card 2: new, position 7, in C

== Front ==
plain

== Back ==
one
two & three
four
p.png

== Back (HTML) ==
one<br><b>two</b> &amp; three<div>four</div><img src=\"p.png\">

== Extra ==
";
        assert_eq!(text_of(&note, FIRST_DAY), want);
    }

    #[test]
    fn names_fit_every_system() {
        for (text, want) in [
            ("What is 2/3?", "What is 2_3_"),
            ("  dots... ", "dots"),
            ("", "_"),
            ("...", "_"),
            (".hidden", "_.hidden"),
            ("con", "_con"),
            ("COM1.txt", "_COM1.txt"),
            ("a\tb\nc", "a_b_c"),
            ("日本語", "日本語"),
        ] {
            assert_eq!(safe_name(text), want, "{text:?}");
        }
        assert_eq!(folder_of("A::B / C::.."), "A/B _ C/_");
        assert_eq!(stem_of("<b>Haus</b> [sound:a.mp3]"), "Haus a.mp3");
        let mut paths = Paths::default();
        let got = [("A", "x"), ("A", "X"), ("a", "x"), ("B", "x")].map(|(f, s)| paths.free(f, s));
        assert_eq!(got, ["A/x.txt", "A/X (2).txt", "a/x (3).txt", "B/x.txt"]);
        let got = ["y (2)", "y", "y", "y", "y (2)"].map(|stem| paths.free("A", stem));
        let want = ["y (2)", "y", "y (3)", "y (4)", "y (2) (2)"];
        assert_eq!(got, want.map(|stem| format!("A/{stem}.txt")));
    }

    #[test]
    fn thousands_of_notes_with_one_name_are_named_at_once() {
        let mut paths = Paths::default();
        let last = (0..50_000).map(|_| paths.free("A", "x")).last();
        assert_eq!(last.as_deref(), Some("A/x (50000).txt"));
    }

    #[test]
    fn days_beyond_the_calendar_are_told_as_they_are() {
        let review = Card {
            ctype: CardType::Review,
            due: i32::MIN,
            ..Card::default()
        };
        for created in [i64::MIN, i64::MAX] {
            let first_day = FirstDay {
                created: TimestampSecs(created),
                offset_mins_west: if created < 0 { i32::MAX } else { i32::MIN },
            };
            assert!(schedule(&review, first_day).starts_with("review, due "));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_safe_name_that_stays(text in any::<String>()) {
            let name = safe_name(&text);
            prop_assert!(!name.is_empty() && name.len() <= 250 && name != ".." && !name.starts_with('.'));
            prop_assert!(!name.contains(['/', '\\', '\0']) && !name.ends_with([' ', '.']));
            prop_assert_eq!(safe_name(&name), name);
        }
    }
}
