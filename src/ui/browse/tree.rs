//! The sidebar's entries as a tree, what each searches for, and which lines are seen: pure.

use super::CURRENT_DECK;
use crate::base::ids::{DeckId, NotetypeId};
use crate::base::lang;
use crate::base::limits::MAX_TAG_LEVELS;
use crate::domain::sidebar::{FLAG_NAMES, Sidebar};
use crate::search::ast::Node;
use crate::search::build::{self, Joiner};
use crate::search::{parse, print};
use crate::t;
use crate::ui::widgets::text;
use std::collections::HashMap;

/// What an entry is: what its menu, drag and rename are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A heading: Saved Searches, Today, …
    Root,
    SavedRoot,
    /// By name.
    Saved(String),
    Today,
    /// 0: no flag.
    Flag(u8),
    /// Index into the colours of states.
    State(usize),
    DecksRoot,
    CurrentDeck,
    Deck(DeckId),
    FilteredDeck(DeckId),
    Notetype(NotetypeId),
    Template,
    Field,
    TagsRoot,
    Untagged,
    /// The whole name.
    Tag(String),
}

/// One entry with those below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub kind: Kind,
    /// What is shown.
    pub name: String,
    /// With the names above it: `A::B`.
    pub whole: String,
    /// Unique; by it an entry stays open or shut.
    pub key: String,
    /// Empty for headings that search for nothing.
    pub search: String,
    pub below: Vec<Entry>,
}

/// A line that is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub kind: Kind,
    pub name: String,
    /// With the names above it: `A::B`.
    pub whole: String,
    pub key: String,
    pub search: String,
    pub depth: usize,
    /// None without entries below.
    pub open: Option<bool>,
}

impl Entry {
    fn new(kind: Kind, name: impl Into<String>, key: impl Into<String>, search: &str) -> Self {
        let name = name.into();
        Self {
            kind,
            whole: name.clone(),
            name,
            key: key.into(),
            search: search.to_owned(),
            below: vec![],
        }
    }

    fn with(mut self, below: Vec<Self>) -> Self {
        self.below = below;
        self
    }
}

/// All entries.
#[must_use]
pub fn entries(data: &Sidebar) -> Vec<Entry> {
    vec![
        saved(data),
        today(),
        flags(data),
        states(),
        decks(data),
        notetypes(data),
        tags(data),
    ]
}

fn saved(data: &Sidebar) -> Entry {
    let below = data.saved.iter().map(|(name, search)| {
        Entry::new(
            Kind::Saved(name.clone()),
            name,
            format!("saved {name}"),
            search,
        )
    });
    Entry::new(Kind::SavedRoot, t!("Saved Searches"), "saved", "").with(below.collect())
}

fn today() -> Entry {
    // By the English name it is kept whether an entry is open.
    let below = [
        ("Due", t!("Due"), "is:due"),
        ("Added", t!("Added"), "added:1"),
        ("Edited", t!("Edited"), "edited:1"),
        ("Studied", t!("Studied"), "rated:1"),
        ("First Review", t!("First Review"), "introduced:1"),
        ("Rescheduled", t!("Rescheduled"), "resched:1"),
        ("Again", t!("Again"), "rated:1:1"),
        ("Overdue", t!("Overdue"), "is:due -prop:due=0"),
    ];
    let below = below
        .map(|(key, name, search)| Entry::new(Kind::Today, name, format!("today {key}"), search));
    Entry::new(Kind::Root, t!("Today"), "today", "").with(below.to_vec())
}

fn flags(data: &Sidebar) -> Entry {
    let mut below = vec![Entry::new(Kind::Flag(0), t!("No Flag"), "flag 0", "flag:0")];
    for (flag, (usual, own)) in (1..).zip(FLAG_NAMES.iter().zip(&data.flags)) {
        let name = own.as_deref().unwrap_or_else(|| lang::say(usual));
        let search = format!("flag:{flag}");
        below.push(Entry::new(
            Kind::Flag(flag),
            name,
            format!("flag {flag}"),
            &search,
        ));
    }
    Entry::new(Kind::Root, t!("Flags"), "flags", "-flag:0").with(below)
}

fn states() -> Entry {
    let below = [
        ("New", t!("New" in "card state"), "is:new"),
        ("Learning", t!("Learning" in "card state"), "is:learn"),
        ("Review", t!("Review" in "card state"), "is:review"),
        ("Suspended", t!("Suspended"), "is:suspended"),
        ("Buried", t!("Buried"), "is:buried"),
    ];
    let below = below.iter().enumerate().map(|(n, (key, name, search))| {
        Entry::new(Kind::State(n), *name, format!("state {key}"), search)
    });
    Entry::new(Kind::Root, t!("Card State"), "states", "").with(below.collect())
}

fn decks(data: &Sidebar) -> Entry {
    let mut below = vec![Entry::new(
        Kind::CurrentDeck,
        t!("Current Deck"),
        "current deck",
        CURRENT_DECK,
    )];
    let named = data.decks.iter().map(|deck| {
        let kind = if deck.filtered {
            Kind::FilteredDeck(deck.id)
        } else {
            Kind::Deck(deck.id)
        };
        let search = print(&[Node::Search(build::deck(&deck.name))]);
        (deck.name.as_str(), kind, search)
    });
    below.extend(nested("deck", named, |_| None));
    Entry::new(Kind::DecksRoot, t!("Decks"), "decks", "deck:_*").with(below)
}

fn notetypes(data: &Sidebar) -> Entry {
    let below = data.notetypes.iter().map(|notetype| {
        let of_type = Node::Search(build::notetype(&notetype.name));
        let both = |other| print(&[of_type.clone(), Node::And, Node::Search(other)]);
        let key = format!("type {}", notetype.id.0);
        let templates = (0u16..).zip(&notetype.templates).map(|(ord, name)| {
            let key = format!("{key} template {ord}");
            Entry::new(Kind::Template, name, key, &both(build::template(ord)))
        });
        let fields = notetype.fields.iter().map(|name| {
            let key = format!("{key} field {name}");
            Entry::new(Kind::Field, name, key, &both(build::has_field(name)))
        });
        let below = templates.chain(fields).collect();
        let search = print(std::slice::from_ref(&of_type));
        Entry::new(Kind::Notetype(notetype.id), &notetype.name, &key, &search).with(below)
    });
    Entry::new(Kind::Root, t!("Note Types"), "types", "note:_*").with(below.collect())
}

fn tags(data: &Sidebar) -> Entry {
    let search = |name: &str| print(&[Node::Search(build::tag(name))]);
    let named = data
        .tags
        .iter()
        .map(|tag| (tag.as_str(), Kind::Tag(tag.clone()), search(tag)));
    // Parents need not be in the list.
    let missing = |name: &str| Some((Kind::Tag(name.to_owned()), search(name)));
    let mut below = vec![Entry::new(
        Kind::Untagged,
        t!("Untagged"),
        "untagged",
        "tag:none",
    )];
    below.extend(nested("tag", named, missing));
    Entry::new(Kind::TagsRoot, t!("Tags"), "tags", "tag:_*").with(below)
}

/// Names with `::` as a tree. `missing` makes a parent that is not named itself; without one its
/// children stand where they are.
fn nested<'a>(
    what: &str,
    named: impl Iterator<Item = (&'a str, Kind, String)>,
    missing: impl Fn(&str) -> Option<(Kind, String)>,
) -> Vec<Entry> {
    let mut top: Vec<Entry> = vec![];
    // By key, where in its level each entry stands: collections have tens of thousands of tags.
    let mut places: HashMap<String, usize> = HashMap::new();
    // Where each part of the name before is: most names begin as that one does.
    let mut before: Vec<(&str, Option<usize>)> = vec![];
    for (name, kind, search) in named {
        // What is deeper stands in one name.
        let parts: Vec<&str> = name.splitn(MAX_TAG_LEVELS, "::").collect();
        let shared = parts.iter().zip(&before);
        let shared = shared.take_while(|(part, (was, _))| *part == was).count();
        before.truncate(shared);
        let mut level = &mut top;
        let mut end = 0;
        for (depth, part) in parts.iter().enumerate() {
            end += part.len() + if depth > 0 { 2 } else { 0 };
            let is_last = depth + 1 == parts.len();
            if !is_last && let Some((_, Some(at))) = before.get(depth) {
                level = &mut level[*at].below;
                continue;
            }
            let path = &name[..end];
            let key = format!("{what} {}", path.to_lowercase());
            let there = places.get(&key).copied();
            let there = there.filter(|at| level.get(*at).is_some_and(|entry| entry.key == key));
            before.truncate(depth);
            let at = match there {
                Some(at) => at,
                None => {
                    let made = if is_last {
                        Some((kind.clone(), search.clone()))
                    } else {
                        missing(path)
                    };
                    let Some((kind, search)) = made else {
                        before.push((*part, None));
                        continue;
                    };
                    places.insert(key.clone(), level.len());
                    let mut entry = Entry::new(kind, text::name(part), key, &search);
                    entry.whole = text::name(path).into_owned();
                    level.push(entry);
                    level.len() - 1
                }
            };
            before.push((*part, Some(at)));
            if is_last && there.is_some() {
                level[at].kind = kind.clone();
                level[at].search.clone_from(&search);
            }
            level = &mut level[at].below;
        }
    }
    top
}

/// Whether entries are open that nobody opened or shut.
fn is_open_at_first(entry: &Entry) -> bool {
    matches!(entry.key.as_str(), "today" | "flags" | "states" | "decks")
        || entry.kind == Kind::SavedRoot && !entry.below.is_empty()
}

/// The lines that are seen: all open ones, or those whose name has the filter in it with the ones
/// above them.
#[must_use]
pub fn lines(entries: &[Entry], open: &HashMap<String, bool>, filter: &str) -> Vec<Line> {
    let mut lines = Lines {
        open,
        filter: filter.trim().to_lowercase(),
        above: vec![],
        out: vec![],
    };
    lines.add(entries, 0);
    lines.out
}

struct Lines<'a> {
    open: &'a HashMap<String, bool>,
    filter: String,
    /// Entries that are seen only if one below them matches, each with its depth.
    above: Vec<(&'a Entry, usize)>,
    out: Vec<Line>,
}

impl<'a> Lines<'a> {
    fn add(&mut self, entries: &'a [Entry], depth: usize) {
        for entry in entries {
            let waiting = self.above.len();
            self.above.push((entry, depth));
            if self.filter.is_empty() || entry.name.to_lowercase().contains(&self.filter) {
                for (entry, depth) in std::mem::take(&mut self.above) {
                    self.out.push(self.line(entry, depth));
                }
            }
            if self.is_open(entry) {
                self.add(&entry.below, depth + 1);
            }
            self.above.truncate(waiting);
        }
    }

    fn is_open(&self, entry: &Entry) -> bool {
        let kept = || self.open.get(&entry.key).copied();
        !self.filter.is_empty() || kept().unwrap_or_else(|| is_open_at_first(entry))
    }

    fn line(&self, entry: &Entry, depth: usize) -> Line {
        Line {
            kind: entry.kind.clone(),
            name: entry.name.clone(),
            whole: entry.whole.clone(),
            key: entry.key.clone(),
            search: entry.search.clone(),
            depth,
            open: (!entry.below.is_empty()).then(|| self.is_open(entry)),
        }
    }
}

/// How a click joins an entry with what is searched for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Click {
    pub ctrl: bool,
    pub shift: bool,
    pub alt: bool,
}

/// What is searched for with all of the searches, or any of them.
#[must_use]
pub fn joined(searches: &[String], joiner: Joiner) -> String {
    let parsed = searches.iter().filter_map(|search| parse(search).ok());
    print(&build::all_of(parsed, joiner))
}

/// The search that a click on an entry leads to: the entry, with Alt what it does not find; with
/// Ctrl and, with Shift or, with both in place of its kind.
#[must_use]
pub fn clicked(present: &str, entry: &str, click: Click) -> String {
    let Ok(mut nodes) = parse(entry) else {
        return entry.to_owned();
    };
    if click.alt {
        nodes = build::negate(nodes);
    }
    let present = parse(present).ok().filter(|_| !present.trim().is_empty());
    let Some(present) = present else {
        return print(&nodes);
    };
    let joined = match (click.ctrl, click.shift) {
        (false, false) => nodes,
        (true, true) => build::replace(&present, &nodes).unwrap_or(nodes),
        (true, false) => build::all_of([present, nodes], Joiner::And),
        (false, true) => build::all_of([present, nodes], Joiner::Or),
    };
    print(&joined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sidebar::SidebarDeck;

    fn deck(id: i64, name: &str) -> SidebarDeck {
        SidebarDeck {
            id: DeckId(id),
            name: name.to_owned(),
            filtered: false,
        }
    }

    fn data() -> Sidebar {
        Sidebar {
            saved: vec![("Hard ones".into(), "prop:lapses>3".into())],
            decks: vec![deck(1, "A"), deck(2, "A::B c"), deck(3, "D")],
            tags: ["lang::de::verbs", "lang::fr", "x"]
                .map(str::to_owned)
                .to_vec(),
            ..Sidebar::default()
        }
    }

    fn seen(open: &[&str], filter: &str) -> Vec<String> {
        let open = open.iter().map(|key| ((*key).to_owned(), true)).collect();
        let lines = lines(&entries(&data()), &open, filter);
        let shown = |l: &Line| format!("{}{} {}", " ".repeat(l.depth), l.name, l.search);
        lines.iter().map(shown).collect()
    }

    #[test]
    fn a_tag_of_a_thousand_levels_is_listed_within_some() {
        let deep = ["a"; 1000].join("::");
        let data = Sidebar {
            tags: vec![deep.clone(), format!("{deep}::b")],
            ..Sidebar::default()
        };
        let all = lines(&entries(&data), &HashMap::new(), "a");
        let deepest = all.iter().map(|line| line.depth).max().unwrap();
        assert!(deepest <= MAX_TAG_LEVELS, "{deepest}");
        for tag in &data.tags {
            let kind = Kind::Tag(tag.clone());
            assert_eq!(all.iter().filter(|line| line.kind == kind).count(), 1);
        }
    }

    #[test]
    fn names_with_colons_are_a_tree_and_search_for_themselves() {
        let lines = seen(&["deck a", "tags", "tag lang"], "");
        for line in [
            "Saved Searches ",
            " Hard ones prop:lapses>3",
            " A deck:A",
            "  B c \"deck:A::B c\"",
            " lang tag:lang",
            "  de tag:lang::de",
            "  fr tag:lang::fr",
            " Untagged tag:none",
        ] {
            assert!(lines.iter().any(|l| l == line), "{line}: {lines:#?}");
        }
        assert!(!lines.iter().any(|l| l.contains("verbs")), "it is shut");
    }

    /// Each is compared with the one before it, not with all.
    #[test]
    fn very_many_tags_are_a_tree_at_once() {
        let tags = (0..50_000).map(|n| format!("t{n:06}"));
        let below = (0..10).map(|n| format!("t000007::{n}"));
        let mut tags: Vec<String> = tags.chain(below).collect();
        tags.sort();
        let data = Sidebar {
            tags,
            ..Sidebar::default()
        };
        let all = entries(&data).pop().unwrap();
        // Untagged is the first.
        assert_eq!(all.below.len(), 50_001);
        assert_eq!(all.below[8].below.len(), 10);
    }

    /// As with the names one after the other in any order.
    #[test]
    fn deep_tags_in_any_order_are_one_tree() {
        let mut tags = vec![];
        for (a, b) in [(0, 0), (0, 1), (1, 0), (0, 2), (1, 1)] {
            tags.push(format!("top::A{a}::b::c{b}"));
            tags.push(format!("Top::a{a}::b"));
            tags.push(format!("top::a{a}::b::c{b}::d"));
        }
        let data = Sidebar {
            tags,
            ..Sidebar::default()
        };
        let all = lines(&entries(&data), &HashMap::new(), "t");
        let tags = all.iter().map(|line| (line.depth, line.whole.as_str()));
        let tags: Vec<_> = tags.skip_while(|(_, whole)| *whole != "Tags").collect();
        assert_eq!(tags, [(0, "Tags"), (1, "Untagged"), (1, "top")]);
        let all = lines(&entries(&data), &HashMap::new(), "d");
        let below = |c: &str| {
            let whole = all.iter().map(|line| line.whole.to_lowercase());
            whole.filter(|whole| whole.contains(c)).count()
        };
        // Each once, with the one below it.
        for c in [
            "a0::b::c0",
            "a0::b::c1",
            "a0::b::c2",
            "a1::b::c0",
            "a1::b::c1",
        ] {
            assert_eq!(below(c), 2, "{c}");
        }
    }

    #[test]
    fn a_filter_shows_what_matches_with_its_parents() {
        assert_eq!(
            seen(&[], "VERB"),
            [
                "Tags tag:_*",
                " lang tag:lang",
                "  de tag:lang::de",
                "   verbs tag:lang::de::verbs"
            ]
        );
    }

    #[test]
    fn several_entries_are_searched_for_together() {
        let searches = ["tag:a", "deck:B", "-flag:0"].map(str::to_owned);
        for (joiner, want) in [
            (Joiner::And, "tag:a deck:B -flag:0"),
            (Joiner::Or, "tag:a OR deck:B OR -flag:0"),
        ] {
            assert_eq!(joined(&searches, joiner), want);
        }
    }

    #[test]
    fn clicks_join_searches_as_in_anki() {
        let click = |ctrl, shift, alt| Click { ctrl, shift, alt };
        for (present, entry, how, want) in [
            ("deck:A", "tag:x", click(false, false, false), "tag:x"),
            ("deck:A", "tag:x", click(true, false, false), "deck:A tag:x"),
            (
                "deck:A",
                "tag:x",
                click(false, true, false),
                "deck:A OR tag:x",
            ),
            ("deck:A", "tag:x", click(true, false, true), "deck:A -tag:x"),
            (
                "deck:A is:due",
                "deck:B",
                click(true, true, false),
                "deck:B is:due",
            ),
            (
                "deck:A or deck:C",
                "tag:x",
                click(true, false, false),
                "(deck:A OR deck:C) tag:x",
            ),
            ("", "tag:x", click(true, false, false), "tag:x"),
            ("(", "tag:x", click(true, false, false), "tag:x"),
        ] {
            assert_eq!(clicked(present, entry, how), want, "{present} {entry}");
        }
    }
}
