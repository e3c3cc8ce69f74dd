//! Searches that the program makes: they mean what they were made from, whatever is in the names,
//! and they are written as the real Anki writes them. Where a typed search is wrong, the place is
//! said.

use crate::oracle;
use engram::base::ids::NotetypeId;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::search::ast::{Node, Search};
use engram::search::build::{self, Joiner};
use engram::search::{parse, print};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::HashSet;

fn names() -> impl Strategy<Value = String> {
    // Line ends and other white space are spaces to a search.
    prop_oneof![
        r#"[ a"\\:*_()\-é日]{1,8}"#,
        "deck|Note|re|nc:x|and|OR|-x|has-cd|_\\*|none",
        "\\PC{1,12}",
    ]
    .prop_map(|name| name.replace(char::is_whitespace, " "))
    .prop_filter("something", |name| !name.trim().is_empty())
}

fn terms() -> impl Strategy<Value = Node> {
    let by_name = (names(), 0..7usize).prop_map(|(name, kind)| term(&name, kind));
    prop_oneof![by_name, (0u16..500).prop_map(build::template),].prop_map(Node::Search)
}

fn term(name: &str, kind: usize) -> Search {
    match kind {
        0 => build::deck(name),
        1 => build::tag(name),
        2 => build::notetype(name),
        3 => build::has_field(name),
        4 => build::text(name),
        5 => build::duplicates(NotetypeId(3), name),
        _ => build::field_is("F", name),
    }
}

fn searches() -> impl Strategy<Value = Vec<Node>> {
    let leaf = terms().prop_map(|term| vec![term]);
    leaf.prop_recursive(3, 12, 3, |inner| {
        let or = prop_oneof![Just(Joiner::And), Just(Joiner::Or)];
        prop_oneof![
            inner.clone().prop_map(build::negate),
            (proptest::collection::vec(inner, 1..4), or)
                .prop_map(|(parts, joiner)| build::all_of(parts, joiner)),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_built_is_read_as_it_was_meant(search in searches()) {
        let text = print(&search);
        let read = parse(&text);
        // Brackets around everything are not written.
        let meant = match search.as_slice() {
            [Node::Group(inner)] => inner.clone(),
            _ => search,
        };
        prop_assert_eq!(read.as_ref(), Ok(&meant), "{}", text);
    }

    #[test]
    fn turned_around_twice_is_the_search_itself(search in searches()) {
        let twice = build::negate(build::negate(search.clone()));
        prop_assert_eq!(print(&twice), print(&search));
    }

    #[test]
    fn any_text_is_read_or_refused_at_a_place_in_it(text in "[ a\"\\\\:*_()\\-é\u{3000}oranddeck]{0,20}") {
        match parse(&text) {
            Ok(search) => {
                let normal = print(&search);
                prop_assert_eq!(print(&parse(&normal).unwrap()), normal);
            }
            Err(error) => {
                prop_assert!(error.span.start < error.span.end);
                prop_assert!(text.get(error.span).is_some());
            }
        }
    }
}

#[test]
fn the_place_of_a_mistake_is_said() {
    for (text, place) in [
        ("dog or", "or"),
        ("dog and or cat", "or"),
        ("über (dog", "(dog"),
        ("dog\u{3000}) cat", ")"),
        ("a\u{2003}b \"\" c", "\"\""),
        ("é \"cat", "\"cat"),
        ("a ( ) b", "( )"),
        ("deck:x is:nwe -dog", "is:nwe"),
        ("dog prop:ivl>x cat", "prop:ivl>x"),
        ("dog -flag:9", "flag:9"),
        ("x do\\g", "do\\g"),
        ("x tag:\"a\\g\"", "tag:\"a\\g\""),
        ("dog -or", "-or"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(&text[error.span.clone()], place, "{text}: {error}");
    }
}

#[test]
fn unusual_names_are_found_by_their_searches() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(TimestampMillis(1_741_608_000_000), 0);
    let mut col = Collection::open(&folder.path().join("collection.anki2"), clock).unwrap();
    let notetypes = col.storage().all_notetypes().unwrap();
    let basic = notetypes.iter().find(|n| n.name == "Basic").unwrap();
    let notetype_id = basic.id;
    let names = [
        "current",
        "filtered",
        "x\u{3000}y",
        "x y",
        "a\u{a0}b",
        "p\u{2003}q",
    ];
    for name in names {
        let deck_id = col.deck_create(name).unwrap().value;
        let note = NewNote {
            notetype_id,
            deck_id,
            fields: vec![name.into(), String::new()],
            tags: match name {
                "current" => vec!["none".into()],
                "filtered" => vec!["n\u{a0}(m".into(), "n\u{a0}mm".into()],
                _ => vec![],
            },
        };
        col.add_notes(vec![note]).unwrap();
    }
    let mut found = |search: Search| {
        let text = print(&[Node::Search(search)]);
        col.find_cards(&text, None).unwrap()
    };
    let none = found(build::tag("none"));
    assert_eq!(none.len(), 1);
    assert_eq!(none, found(build::deck("current")));
    assert_eq!(found(build::untagged()).len(), names.len() - 2);
    let odd = found(build::tag("n\u{a0}(m"));
    assert_eq!(odd, found(build::deck("filtered")));
    assert!(found(build::tag("n\u{a0}m")).is_empty());
    let mut seen = HashSet::new();
    for name in names {
        let cards = found(build::deck(name));
        // The sign for any one also stands for the plain space.
        assert!(!cards.is_empty() && cards.len() <= 2, "{name:?}");
        seen.extend(cards);
    }
    assert_eq!(seen.len(), names.len());
}

const NAMES: &[&str] = &[
    "a b",
    "a*b",
    "a_b",
    "a:b",
    "a\"b",
    "a\\b",
    "A::B",
    "and",
    "-x",
    "-",
    "(x)",
    "*",
    "none",
    "re:x",
    "nc:x",
    "current",
    "x y\\",
    "_*",
    "日本 語",
    "OR",
    "a\u{3000}b",
    "%",
    "'",
];

const SEARCHES: &[&str] = &[
    "a",
    "a b",
    "a or b",
    "",
    "(a or b)",
    "-a",
    "-(a b)",
    "deck:*",
    "deck:a -deck:b",
    "card:1 x",
    "card:Name",
    "resched:3 rated:2",
    "prop:ivl=3 prop:due=1",
    "mid:3 note:x",
    "a (b (deck:c or tag:x))",
    "front:x back:y",
    "is:new flag:1",
    "re:x nc:y w:z sc:q",
    "nid:1 cid:2 did:3",
    "preset:x has-cd:k",
];

const TERMS: &[&str] = &[
    "deck:N",
    "tag:t",
    "card:2",
    "card:nm",
    "c or d",
    "c d",
    "",
    "rated:4",
    "resched:5",
    "prop:ease>2",
    "note:n",
    "mid:7",
    "zz",
    "-deck:q",
    "f:_*",
    "is:due",
    "flag:2",
    "nid:9",
    "edited:2",
];

#[test]
fn searches_are_built_as_anki_builds_them() {
    let room = tempfile::tempdir().unwrap();
    let files: Vec<_> = [NAMES, SEARCHES, TERMS]
        .iter()
        .enumerate()
        .map(|(i, list)| {
            let path = room.path().join(i.to_string());
            std::fs::write(&path, serde_json::to_string(list).unwrap()).unwrap();
            path
        })
        .collect();
    let Some(output) = oracle::run(include_str!("oracle/search_build.py"), &files) else {
        return;
    };
    let theirs: Value = serde_json::from_str(output.lines().last().unwrap()).unwrap();
    for (name, expected) in theirs["names"].as_object().unwrap() {
        for (kind, expected) in expected.as_array().unwrap().iter().enumerate() {
            let ours = print(&[Node::Search(term(name, kind))]);
            // Anki's find something else, or nothing.
            let finds_itself = match kind {
                0 if name == "current" => Some("deck:CURRENT"),
                1 if name == "none" => Some("tag:NONE"),
                0 if name.contains('\u{3000}') => Some("deck:a_b"),
                2 if name.contains('\u{3000}') => Some("note:a_b"),
                3 if name.contains('\u{3000}') => Some("a_b:_*"),
                _ => None,
            };
            let expected = finds_itself.or(expected.as_str()).unwrap();
            assert_eq!(ours, expected, "{name} {kind}");
        }
    }
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let read = |value: &Value| parse(value.as_str().unwrap()).unwrap();
    for (search, expected) in theirs["negated"].as_object().unwrap() {
        let ours = print(&build::negate(parse(search).unwrap()));
        assert_eq!(ours, text(expected), "-({search})");
    }
    for row in theirs["joined"].as_array().unwrap() {
        let joiner = if row[2] == "AND" {
            Joiner::And
        } else {
            Joiner::Or
        };
        let ours = print(&build::all_of([read(&row[0]), read(&row[1])], joiner));
        assert_eq!([&ours, &ours], [&text(&row[3]), &text(&row[4])], "{row}");
    }
    for row in theirs["replaced"].as_array().unwrap() {
        let existing = read(&row[0]);
        let ours = build::replace(&existing, &read(&row[1])).unwrap_or(existing);
        assert_eq!(print(&ours), text(&row[2]), "{row}");
    }
}
