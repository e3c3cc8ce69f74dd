//! Searches, sorted lists and statistics, worded as the peer's benchmark words them.

use crate::bench::Bench;
use crate::operations::collection;
use engram::collection::Collection;
use engram::domain::browse::Layout;
use engram::storage::search::SortColumn;
use serde_json::json;

const SEARCHES: &[(&str, &str)] = &[
    ("plain_word", "{word}"),
    ("two_words", "{word} water"),
    ("absent_word", "zzqxjk"),
    ("phrase", "\"the of\""),
    ("field_wild", "Front:*{word}*"),
    ("field_exact", "Meaning:water*"),
    ("regex", r"re:\b{word}\b"),
    ("regex_field", "Front:re:^[A-Z].*{word}"),
    ("no_combining", "nc:uber"),
    ("word_boundary", "w:{word}"),
    ("tag", "tag:leech"),
    ("tag_tree", "tag:lang::*"),
    ("tag_none", "tag:none"),
    ("is_due", "is:due"),
    ("is_new", "is:new"),
    ("is_suspended", "is:suspended"),
    ("prop_ivl", "prop:ivl>10"),
    ("prop_s", "prop:s>30"),
    ("prop_r", "prop:r<0.9"),
    ("deck", "deck:Languages"),
    ("note_type", "\"note:Vocabulary+\""),
    ("rated", "rated:7"),
    ("rated_again", "rated:30:1"),
    ("introduced", "introduced:30"),
    ("flag", "flag:1"),
    ("added", "added:30"),
    ("all", "deck:*"),
    (
        "compound",
        "(deck:Languages or tag:topic::*) -is:suspended prop:ivl>10 {word}",
    ),
];

const COLUMNS: &[&str] = &[
    "noteFld",
    "noteCrt",
    "noteTags",
    "note",
    "cardDue",
    "cardIvl",
    "cardEase",
    "cardLapses",
    "deck",
    "template",
    "stability",
    "difficulty",
    "retrievability",
    "noteMod",
    "cardMod",
    "cardReps",
    "originalPosition",
];

pub fn search(b: &mut Bench) {
    let mut col = collection(&b.fresh("work", false));
    let word = b.meta_str("plain_word");
    for (name, query) in SEARCHES {
        let query = query.replace("{word}", &word);
        let reps = b.reps;
        let run = |()| {
            let found = col.find_cards(&query, None).expect("a search");
            ((), json!({"results": found.len(), "query": query}))
        };
        b.measure(&format!("search:{name}"), reps, |_| (), run, |()| ());
    }
    col.close().expect("it closes");
}

pub fn sort(b: &mut Bench) {
    let mut col = collection(&b.fresh("work", false));
    for name in COLUMNS {
        let column = SortColumn::ALL.iter().find(|(_, known)| known == name);
        let (column, _) = *column.expect("a column");
        let reps = b.reps;
        let run = |()| {
            let found = col.find_cards("deck:*", Some((column, false)));
            ((), json!({"results": found.expect("a list").len()}))
        };
        b.measure(&format!("sort:{name}"), reps, |_| (), run, |()| ());
    }
    rows(b, &mut col);
    col.close().expect("it closes");
}

/// A thousand rows of the browser's usual columns.
fn rows(b: &mut Bench, col: &mut Collection) {
    let layout = Layout::default();
    let mut ids = col.browse("deck:*", &layout).expect("a list");
    ids.truncate(1000);
    let reps = b.reps;
    let run = |()| {
        let rows = col.browse_rows(&ids, false, &layout.columns);
        ((), json!({"rows": rows.expect("rows").len()}))
    };
    b.measure("browser_rows_1000", reps, |_| (), run, |()| ());
}

pub fn graphs(b: &mut Bench) {
    let mut col = collection(&b.fresh("work", false));
    for (name, query, days) in [
        ("graphs_collection_all", "deck:*", 0),
        ("graphs_collection_year", "deck:*", 365),
        ("graphs_deck_year", "deck:\"Languages\"", 365),
    ] {
        let reps = b.reps;
        let run = |()| {
            let graphs = col.graphs(query, days).expect("statistics");
            let reviews: u64 = graphs.reviews.count.values().map(|n| n.total()).sum();
            ((), json!({"cards": graphs.cards, "reviews": reviews}))
        };
        b.measure(name, reps, |_| (), run, |()| ());
    }
    col.close().expect("it closes");
}
