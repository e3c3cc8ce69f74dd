//! What a search may go on with while it is typed: keywords, names that this collection has, and
//! earlier searches while nothing is typed. A text and a caret in, lines out. Pure.

use crate::base::lang;
use crate::domain::sidebar::{FLAG_NAMES, Sidebar};
use crate::search::ast::{Comparison, Node, Search, State};
use crate::search::caret::at_caret;
use crate::search::{build, parse, print};
use crate::t;
use crate::ui::note_editor::tag_completion::rank;
use crate::ui::widgets::text;
use std::collections::HashSet;
use std::ops::Range;

/// Lines at once.
const MOST: usize = 10;
/// Of the earlier searches.
const MOST_EARLIER: usize = 6;

/// Lines, and what one of them stands in place of when it is taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suggestions {
    /// Bytes of the text.
    pub place: Range<usize>,
    pub lines: Vec<Suggestion>,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// As it is listed.
    pub name: String,
    /// What it finds, in a few words; empty where the name says it.
    pub about: String,
    /// As it is typed when it is taken.
    pub text: String,
    pub then: Then,
}

/// What follows when a line is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// More is suggested.
    More,
    /// The term is whole, or something is to be typed.
    Done,
    /// It is a whole search.
    Search,
}

impl Suggestion {
    /// Where the caret is behind it, in bytes of its text: what a field holds is typed before the
    /// quote that closes the term.
    #[must_use]
    pub fn caret(&self) -> usize {
        self.text.len() - usize::from(self.text.ends_with(":\""))
    }
}

/// `caret` in bytes; without `data` nothing is known of the collection yet.
#[must_use]
pub fn suggest(
    typed: &str,
    caret: usize,
    data: Option<&Sidebar>,
    history: &[String],
) -> Suggestions {
    let unknown = Sidebar::default();
    let data = data.unwrap_or(&unknown);
    if typed.trim().is_empty() {
        return Suggestions {
            place: 0..typed.len(),
            lines: whole_searches(data, history),
        };
    }
    let term = at_caret(typed, caret);
    let value = plain(term.value);
    let mut lines = match term.key {
        Some(key) => values(&key.to_ascii_lowercase(), &value, data),
        None if term.quoted || value.is_empty() => vec![],
        None => keys(&value, data),
    };
    let there = typed.get(term.place.clone()).unwrap_or_default();
    lines.retain(|line| line.text != there);
    lines.truncate(MOST);
    Suggestions {
        place: term.place,
        lines,
    }
}

fn whole_searches(data: &Sidebar, history: &[String]) -> Vec<Suggestion> {
    let line = |name: &str, about: &str, search: &str| Suggestion {
        name: name.to_owned(),
        about: about.to_owned(),
        text: search.to_owned(),
        then: Then::Search,
    };
    let earlier = history.iter().take(MOST_EARLIER);
    let earlier = earlier.map(|search| line(search, "", search));
    let saved = data.saved.iter();
    let saved = saved.map(|(name, search)| line(name, search, search));
    earlier.chain(saved).take(MOST).collect()
}

/// What is typed means, without its escapes and in lower case.
fn plain(typed: &str) -> String {
    let mut chars = typed.chars();
    let mut out = String::with_capacity(typed.len());
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out.to_lowercase()
}

/// Keywords and names of fields that begin with what is typed.
fn keys(typed: &str, data: &Sidebar) -> Vec<Suggestion> {
    let keywords = keywords().into_iter();
    let keywords = keywords.filter(|(word, _)| word.starts_with(typed));
    let keywords = keywords.map(|(word, about)| Suggestion {
        name: format!("{word}:"),
        about: about.to_owned(),
        text: format!("{word}:"),
        then: Then::More,
    });
    let mut seen = HashSet::new();
    let fields = data.notetypes.iter().flat_map(|n| &n.fields);
    let fields = fields.filter(|name| {
        let name = name.to_lowercase();
        name.starts_with(typed) && seen.insert(name)
    });
    let fields = fields.filter_map(|name| {
        Some(Suggestion {
            name: format!("{name}:"),
            about: t!("Text in this field").to_owned(),
            text: exactly(build::field_is(name, ""))?,
            then: Then::Done,
        })
    });
    keywords.chain(fields).collect()
}

fn keywords() -> [(&'static str, &'static str); 22] {
    [
        ("deck", t!("Cards in a deck and the decks below it")),
        ("tag", t!("Notes with a tag")),
        ("note", t!("Notes of a note type")),
        ("card", t!("Cards of a card type, by name or number")),
        ("is", t!("State: new, due, suspended…")),
        ("flag", t!("Cards with a flag")),
        ("prop", t!("Numbers: interval, due day, ease…")),
        ("rated", t!("Answered in the last N days")),
        ("added", t!("Added in the last N days")),
        ("edited", t!("Edited in the last N days")),
        ("introduced", t!("First answered in the last N days")),
        ("resched", t!("Rescheduled in the last N days")),
        ("preset", t!("Cards in decks with this preset")),
        ("re", t!("Regular expression")),
        ("w", t!("Whole words")),
        ("nc", t!("Text without its accents")),
        ("sc", t!("Text without its clozes")),
        ("nid", t!("Notes by their numbers")),
        ("cid", t!("Cards by their numbers")),
        ("did", t!("Decks by their numbers")),
        ("mid", t!("A note type by its number")),
        ("has-cd", t!("Cards with custom data of this name")),
    ]
}

/// What may stand behind `key:`.
fn values(key: &str, typed: &str, data: &Sidebar) -> Vec<Suggestion> {
    match key {
        "deck" => {
            let special = [
                ("current", t!("The current deck")),
                ("filtered", t!("Cards in filtered decks")),
            ];
            let all = data.decks.iter().map(|deck| deck.name.as_str());
            [words(key, &special, typed), names(all, typed, build::deck)].concat()
        }
        "tag" => {
            let special = [("none", t!("Untagged"))];
            let all = data.tags.iter().map(String::as_str);
            [words(key, &special, typed), names(all, typed, build::tag)].concat()
        }
        "note" => {
            let all = data.notetypes.iter().map(|n| n.name.as_str());
            names(all, typed, build::notetype)
        }
        "card" => {
            let mut seen = HashSet::new();
            let all = data.notetypes.iter().flat_map(|n| &n.templates);
            let all = all.filter(|name| seen.insert(name.to_lowercase()));
            names(all.map(String::as_str), typed, build::template_named)
        }
        "preset" => {
            let all = data.presets.iter().map(String::as_str);
            names(all, typed, |name| Search::Preset(name.to_owned()))
        }
        "is" => words(key, &states(), typed),
        "flag" => {
            let mut flags = vec![("0".to_owned(), t!("No Flag"))];
            for (flag, (usual, own)) in (1..).zip(FLAG_NAMES.iter().zip(&data.flags)) {
                let name = own.as_deref().unwrap_or_else(|| lang::say(usual));
                flags.push((format!("{flag}"), name));
            }
            words(key, &flags, typed)
        }
        "prop" => [words(key, &properties(), typed), comparisons(typed)].concat(),
        "rated" | "added" | "edited" | "introduced" | "resched" => {
            let days = ["1", "7", "30", "365"].map(|n| match n {
                "1" => (n, t!("Today").to_owned()),
                n => (n, t!("In the last {n} days", n)),
            });
            words(key, &days, typed)
        }
        _ => vec![],
    }
}

fn states() -> [(&'static str, &'static str); 8] {
    State::ALL.map(|(state, word)| {
        let about = match state {
            State::New => t!("New" in "card state"),
            State::Review => t!("Review" in "card state"),
            State::Learning => t!("Learning" in "card state"),
            State::Due => t!("Due"),
            State::Suspended => t!("Suspended"),
            State::Buried => t!("Buried"),
            State::UserBuried => t!("Buried by hand"),
            State::SiblingBuried => t!("Buried after a sibling was answered"),
        };
        (word, about)
    })
}

fn properties() -> [(&'static str, &'static str); 11] {
    [
        ("ivl", t!("Interval in days")),
        ("due", t!("Days until it is due; 0 is today")),
        ("reps", t!("Number of reviews")),
        ("lapses", t!("Number of lapses")),
        ("ease", t!("Ease; 2.5 is 250%")),
        ("rated", t!("Day of an answer; 0 is today, -1 yesterday")),
        ("pos", t!("Position of a new card")),
        ("s", t!("Stability in days")),
        ("d", t!("Difficulty, from 0 to 1")),
        ("r", t!("Retrievability, from 0 to 1")),
        (
            "resched",
            t!("Day of rescheduling; 0 is today, -1 yesterday"),
        ),
    ]
}

/// How a property is compared, once its name is there.
fn comparisons(typed: &str) -> Vec<Suggestion> {
    let compared = |(property, _): &(&str, &str)| {
        let property = *property;
        let all = Comparison::ALL.map(|(op, symbol)| (format!("{property}{symbol}"), said(op)));
        words("prop", &all, typed)
            .into_iter()
            .filter(|line| typed.starts_with(property) && line.name.starts_with(typed))
            .collect::<Vec<_>>()
    };
    properties().iter().flat_map(compared).collect()
}

fn said(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => t!("Equal to"),
        Comparison::NotEqual => t!("Not equal to"),
        Comparison::Less => t!("Less than"),
        Comparison::Greater => t!("More than"),
        Comparison::LessOrEqual => t!("At most"),
        Comparison::GreaterOrEqual => t!("At least"),
    }
}

/// Fixed words, the likeliest first: by the word itself, then by what is said of it.
fn words<W: AsRef<str>, A: AsRef<str>>(key: &str, all: &[(W, A)], typed: &str) -> Vec<Suggestion> {
    let found = likeliest(all.iter(), |(word, about)| {
        let by_about = || rank(&about.as_ref().to_lowercase(), typed).map(|rank| rank + 3);
        rank(word.as_ref(), typed).or_else(by_about)
    });
    let line = |(word, about): &(W, A)| Suggestion {
        name: word.as_ref().to_owned(),
        about: about.as_ref().to_owned(),
        text: format!("{key}:{}", word.as_ref()),
        // A property is compared with something.
        then: match key {
            "prop" if !word.as_ref().ends_with(['=', '<', '>']) => Then::More,
            _ => Then::Done,
        },
    };
    found.into_iter().map(line).collect()
}

/// Names of the collection, the likeliest first, each as the search that finds it and nothing else.
fn names<'a>(
    all: impl Iterator<Item = &'a str>,
    typed: &str,
    search: impl Fn(&str) -> Search,
) -> Vec<Suggestion> {
    let found = likeliest(all, |name| rank(&name.to_lowercase(), typed));
    let line = |name: &str| {
        Some(Suggestion {
            name: text::name(name).into_owned(),
            about: String::new(),
            text: exactly(search(name))?,
            then: Then::Done,
        })
    };
    found.into_iter().filter_map(line).take(MOST).collect()
}

/// In their order where they are as likely.
fn likeliest<T>(all: impl Iterator<Item = T>, rank: impl Fn(&T) -> Option<u8>) -> Vec<T> {
    let mut found: Vec<(u8, T)> = all.filter_map(|one| Some((rank(&one)?, one))).collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, one)| one).collect()
}

/// The text of the term; None where no text says just that (a card type that is called "2").
fn exactly(search: Search) -> Option<String> {
    let nodes = vec![Node::Search(search)];
    let text = print(&nodes);
    (parse(&text).ok()? == nodes).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::{DeckId, NotetypeId};
    use crate::domain::sidebar::{SidebarDeck, SidebarNotetype};

    fn data() -> Sidebar {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let deck = |name: &&str| SidebarDeck {
            id: DeckId(1),
            name: (*name).to_owned(),
            filtered: false,
        };
        let decks = [
            "current",
            "French",
            "French::Verbs (1)",
            "a_b*",
            "x\u{3000}y",
        ];
        Sidebar {
            saved: vec![("Hard ones".into(), "prop:lapses>3".into())],
            decks: decks.iter().map(deck).collect(),
            notetypes: vec![SidebarNotetype {
                id: NotetypeId(1),
                name: "Basic \"old\"".into(),
                templates: owned(&["Card 1", "2"]),
                fields: owned(&["Front", "Back Extra", "Deck"]),
            }],
            tags: owned(&["none", "re:mark", "verbs"]),
            presets: owned(&["Default", "Slow \\ one"]),
            ..Sidebar::default()
        }
    }

    /// The texts that are suggested where the bar stands.
    fn texts(typed: &str) -> Vec<String> {
        let caret = typed.find('|').unwrap();
        let typed = typed.replace('|', "");
        let found = suggest(&typed, caret, Some(&data()), &["is:due".to_owned()]);
        found.lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn keywords_and_fields_are_suggested_by_their_beginning() {
        assert_eq!(texts("a (-de|"), ["deck:", "Dec_:"]);
        assert_eq!(texts("F|"), ["flag:", "Front:"]);
        assert_eq!(texts("back|"), ["\"Back Extra:\""]);
        for typed in ["|x", "x |", "\"de|", "ront|", "Front:|", "nothing|"] {
            assert_eq!(texts(typed), Vec::<String>::new(), "{typed}");
        }
    }

    #[test]
    fn what_a_field_holds_is_typed_before_the_closing_quote() {
        let found = suggest("back", 4, Some(&data()), &[]);
        assert_eq!(found.lines[0].caret(), "\"Back Extra:".len());
    }

    #[test]
    fn names_are_suggested_as_the_search_that_finds_just_them() {
        for (typed, want) in [
            (
                "deck:fr|",
                &["deck:French", "\"deck:French::Verbs (1)\""][..],
            ),
            ("deck:\"french::v|", &["\"deck:French::Verbs (1)\""]),
            ("deck:a\\_|", &["deck:a\\_b\\*"]),
            ("deck:x|", &["deck:x_y"]),
            // The deck of that name, and the one that is studied.
            ("deck:curr|", &["deck:current", "deck:CURRENT"]),
            ("tag:no|", &["tag:none", "tag:NONE"]),
            ("tag:re|", &["tag:re\\:mark"]),
            ("TAG:ver|", &["tag:verbs"]),
            ("note:b|", &["\"note:Basic \\\"old\\\"\""]),
            // Card type "2" has no search of its own.
            ("card:|", &["\"card:Card 1\""]),
            ("preset:|", &["preset:Default", "\"preset:Slow \\ one\""]),
            (
                "deck:\"French|::Verbs (1)\" x",
                &["deck:French", "\"deck:French::Verbs (1)\""],
            ),
        ] {
            assert_eq!(texts(typed), want, "{typed}");
        }
    }

    #[test]
    fn states_flags_and_numbers_are_suggested_by_word_and_meaning() {
        for (typed, want) in [
            (
                "is:b|",
                &["is:buried", "is:buried-manually", "is:buried-sibling"][..],
            ),
            ("flag:bl|", &["flag:4"]),
            ("prop:iv|", &["prop:ivl"]),
            ("prop:ivl>|", &["prop:ivl>="]),
            ("prop:lapses|", &["prop:lapses<=", "prop:lapses>="]),
            ("added:|", &["added:1", "added:7", "added:30", "added:365"]),
        ] {
            let found = texts(typed);
            assert_eq!(&found[..want.len().min(found.len())], want, "{typed}");
        }
        assert_eq!(texts("prop:lapses|").len(), Comparison::ALL.len());
    }

    #[test]
    fn every_fixed_word_is_understood() {
        for key in [
            "is",
            "flag",
            "rated",
            "added",
            "edited",
            "introduced",
            "resched",
        ] {
            for line in values(key, "", &data()) {
                assert!(parse(&line.text).is_ok(), "{}", line.text);
            }
        }
        for (property, _) in properties() {
            for line in comparisons(property) {
                let text = format!("{}0", line.text);
                assert!(parse(&text).is_ok(), "{text}");
            }
        }
    }

    #[test]
    fn earlier_and_saved_searches_are_suggested_while_nothing_is_typed() {
        assert_eq!(texts("|"), ["is:due", "prop:lapses>3"]);
        let found = suggest(" ", 1, None, &[]);
        assert!(found.lines.is_empty());
    }
}
