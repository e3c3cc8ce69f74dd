//! What is done to many notes at once, and duplicates, worded as the peer's benchmark words them.

use crate::bench::Bench;
use crate::operations::collection;
use engram::base::ids::NoteId;
use engram::base::job::Progress;
use engram::collection::Collection;
use engram::collection::find_replace::{FindReplace, ReplaceIn};
use serde_json::json;
use std::cell::RefCell;

/// Searches, those for duplicates among them.
pub fn searches(b: &mut Bench) {
    crate::browse::search(b);
    duplicates(b);
}

fn duplicates(b: &mut Bench) {
    let mut col = collection(&b.fresh("work", false));
    let basic = col.storage().notetype_by_name("Basic").expect("it reads");
    let query = format!("dupe:{},just", basic.expect("a note type").id);
    let reps = b.reps;
    let run = |()| {
        let found = col.find_cards(&query, None).expect("a search");
        ((), json!({"results": found.len(), "query": query}))
    };
    b.measure("search:dupe_text", reps, |_| (), run, |()| ());
    let run = |()| {
        let found = col.find_duplicates("Front", "").expect("a list");
        ((), json!({"results": found.len()}))
    };
    b.measure("find_dupes_Front", reps, |_| (), run, |()| ());
    col.close().expect("it closes");
}

/// A word replaced in all notes and back, and that undone; a tag given to all and taken.
pub fn bulk(b: &mut Bench) {
    let mut col = collection(&b.fresh("work", false));
    let word = b.meta_str("plain_word");
    let all: Vec<NoteId> = col.find_notes("", None).expect("all notes");
    let progress = Progress::new();
    let replace = |col: &mut Collection, find: &str, replacement: &str| {
        let what = FindReplace {
            find: find.to_owned(),
            replacement: replacement.to_owned(),
            regex: false,
            match_case: true,
            place: ReplaceIn::AllFields,
        };
        let done = col.find_replace(Some(&all), &what, &progress);
        done.expect("it is written").value
    };
    let mut forth = false;
    let run = |()| {
        forth = !forth;
        let changed = match forth {
            true => replace(&mut col, &word, "quux"),
            false => replace(&mut col, "quux", &word),
        };
        ((), json!({"changed": changed}))
    };
    b.measure("find_and_replace_all", b.reps, |_| (), run, |()| ());
    if forth {
        replace(&mut col, "quux", &word);
    }
    let col = RefCell::new(col);
    let replaced = |_: &Bench| {
        replace(&mut col.borrow_mut(), &word, "quux");
    };
    let undo = |()| {
        let done = col.borrow_mut().undo();
        (done.map(drop).expect("it is undone"), json!({}))
    };
    b.measure("undo_find_and_replace", b.reps, replaced, undo, |()| ());
    let mut col = col.into_inner();
    let mut given = false;
    let run = |()| {
        given = !given;
        let done = if given {
            col.add_tags(&all, "benchtag", &progress)
        } else {
            col.remove_tags(&all, "benchtag", &progress)
        };
        ((), json!({"changed": done.expect("it is written").value}))
    };
    b.measure("bulk_tag_all_notes", b.reps.max(4), |_| (), run, |()| ());
    col.close().expect("it closes");
}
