//! Deck packages with thousands of note types or decks, of one name too: none is compared with all
//! others, which took minutes.

use super::apkg_import::{EVERYTHING, NOW, clock_at, import};
use super::apkg_odd::{with_filtered_deck, with_row_changed};
use engram::collection::Collection;
use engram::domain::package::ImportOptions;
use std::path::{Path, PathBuf};

const MANY: usize = 1000;

/// A package with so many note types like Basic, each with a note, and so many decks, each with
/// the card of one. `name` and `deck` are SQL for their names, by the number `i` from 1 on; ids
/// begin after `first`.
fn package_of_many(
    folder: &Path,
    number: usize,
    (first, name, deck): (usize, &str, &str),
    change: &str,
) -> PathBuf {
    let change = format!(
        "create temp table n as with recursive c(i) as \
           (select 1 union all select i + 1 from c where i < {MANY}) select i from c; \
         create temp table model as select * from notetypes where name = 'Basic'; \
         create temp table f as select fields.* from fields, model where ntid = model.id; \
         create temp table t as select templates.* from templates, model where ntid = model.id; \
         insert into notetypes select {first} + i, {name}, mtime_secs, usn, config from n, model; \
         insert into fields select {first} + i, ord, name, config from n, f; \
         insert into templates select {first} + i, ord, name, mtime_secs, usn, config from n, t; \
         create temp table d as select * from decks; \
         insert into decks select {first} + i, {deck}, mtime_secs, usn, common, kind from n, d; \
         create temp table o as select * from notes; \
         insert into notes select {first} + i, '{number} ' || i, {first} + i, mod, usn, tags, flds, \
           sfld, csum, flags, data from n, o; \
         create temp table k as select * from cards; \
         insert into cards select {first} + i, {first} + i, {first} + i, ord, mod, usn, type, queue, \
           due, ivl, factor, reps, lapses, left, odue, odid, flags, data from n, k; \
         delete from notes where id in (select id from o); \
         delete from cards where id in (select id from k); {change}"
    );
    with_row_changed(folder, number, &change)
}

fn names_of_notetypes(path: &Path) -> Vec<String> {
    let col = Collection::open(path, clock_at(NOW)).unwrap();
    let names = col.storage().notetype_names().unwrap();
    col.close().unwrap();
    names.into_iter().map(|(_, name)| name).collect()
}

#[test]
fn thousands_of_note_types_come_again_with_other_fields_and_are_merged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("into.anki2");
    let clock = clock_at(NOW);
    let names = (1_000_000, "'N' || i", "'D' || i");
    let first = package_of_many(folder.path(), 0, names, "");
    let third = "insert into fields select ntid, 2, 'Third', x'' from fields \
                 where ord = 0 and ntid between 1000001 and 1999999; \
                 update notes set flds = flds || char(31) || 'third'";
    let second = package_of_many(folder.path(), 1, names, third);
    let report = import(&path, &first, EVERYTHING, &clock).unwrap();
    assert_eq!(
        (report.new.len(), report.notetypes_added.len()),
        (MANY, MANY)
    );
    let before = names_of_notetypes(&path);
    let report = import(&path, &second, EVERYTHING, &clock).unwrap();
    assert_eq!(
        (report.new.len(), report.notetypes_added.len()),
        (MANY, MANY)
    );
    assert!(report.notetypes_added.contains(&"N7+".to_owned()));
    // The same once more: those that were made for it are found again.
    let report = import(&path, &second, EVERYTHING, &clock).unwrap();
    let found = (report.duplicates.len(), report.notetypes_added.len());
    assert_eq!(found, (MANY, 0));
    let merging = ImportOptions {
        merge_notetypes: true,
        ..EVERYTHING
    };
    let report = import(&path, &second, merging, &clock).unwrap();
    assert_eq!(report.duplicates.len(), MANY);
    assert_eq!(names_of_notetypes(&path), before);
    let mut col = Collection::open(&path, clock).unwrap();
    for (search, notes) in [("note:N7", 2), ("note:N7 Third:third", 1)] {
        assert_eq!(col.find_notes(search, None).unwrap().len(), notes);
    }
    col.close().unwrap();
}

#[test]
fn thousands_of_note_types_of_one_name_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("into.anki2");
    let clock = clock_at(NOW);
    let before = names_of_notetypes(&path).len();
    // Quotes are no part of names.
    let name = "'A' || replace(hex(zeroblob(i)), '00', '\"')";
    for (number, first) in [1_000_000, 2_000_000].into_iter().enumerate() {
        let package = package_of_many(folder.path(), number, (first, name, "'D' || i"), "");
        let report = import(&path, &package, EVERYTHING, &clock).unwrap();
        assert_eq!(report.notetypes_added.len(), MANY);
    }
    let mut names = names_of_notetypes(&path);
    assert_eq!(names.len(), before + 2 * MANY);
    names.retain(|name| name.starts_with('A'));
    names.sort_by_key(String::len);
    let all_told_apart = (1..).zip(&names).all(|(len, name)| name.len() == len);
    assert!(all_told_apart && names.len() == 2 * MANY);
}

/// Twice: what they were called the first time is free for others then.
#[test]
fn thousands_of_note_types_that_get_one_name_later_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("into.anki2");
    let names = (1_000_000, "'N' || i", "'D' || i");
    let package = package_of_many(folder.path(), 0, names, "");
    let clock = clock_at(NOW);
    import(&path, &package, EVERYTHING, &clock).unwrap();
    let renamed = |name: &str, seconds: i64| {
        // Not one after the other, as their names must differ in each moment.
        let change = format!(
            "update notetypes set name = 'none' || id where id between 1000001 and 1999999; \
             update notetypes set name = {name}, mtime_secs = mtime_secs + {seconds} \
             where id between 1000001 and 1999999"
        );
        let package = with_row_changed(folder.path(), 0, &change);
        let report = import(&path, &package, EVERYTHING, &clock).unwrap();
        assert_eq!(report.notetypes_updated.len(), MANY);
        let col = Collection::open(&path, clock.clone()).unwrap();
        let types = col.storage().all_notetypes().unwrap();
        col.close().unwrap();
        types
    };
    let quotes = "replace(hex(zeroblob(id - 1000000)), '00', '\"')";
    let types = renamed(&format!("'A' || {quotes}"), 100);
    let of_package = |id: i64| types.iter().find(|n| n.id.0 == 1_000_000 + id).unwrap();
    for id in 1..=i64::try_from(MANY).unwrap() {
        let pluses = usize::try_from(id - 1).unwrap();
        let now = of_package(id);
        assert_eq!(now.name, format!("A{}", "+".repeat(pluses)));
        // Those that did not get the name of the package count as changed when it came.
        let changed = if pluses == 0 { 100 } else { NOW / 1000 };
        assert_eq!(now.mtime.0, changed);
    }
    let types = renamed(&format!("'B' || {quotes}"), 2_000_000_000);
    let mut names: Vec<&str> = types.iter().map(|n| n.name.as_str()).collect();
    names.retain(|name| name.starts_with('B') && name.trim_end_matches('+') == "B");
    names.sort_by_key(|name| name.len());
    let told_apart = (1..).zip(&names).all(|(len, name)| name.len() == len);
    assert!(told_apart && names.len() == MANY);
}

/// Each has the name of a filtered deck here, and comes beside it.
#[test]
fn thousands_of_decks_that_must_have_another_name_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("into.anki2");
    with_filtered_deck(&path, "P");
    // Spaces around a name are no part of it.
    let deck = "'P' || replace(hex(zeroblob(i)), '00', ' ')";
    let package = package_of_many(folder.path(), 0, (1_000_000, "'N' || i", deck), "");
    let report = import(&path, &package, EVERYTHING, &clock_at(NOW)).unwrap();
    let mut names = report.decks_added;
    names.sort_by_key(String::len);
    let told_apart =
        |(plus, name): (usize, &String)| *name == format!("P {}{}", NOW / 1000, "+".repeat(plus));
    assert!(
        (0..).zip(&names).all(told_apart) && names.len() == MANY,
        "{}",
        names.len()
    );
    let mut col = Collection::open(&path, clock_at(NOW)).unwrap();
    let last = format!("\"deck:{}\"", names[MANY - 1]);
    assert_eq!(col.find_cards(&last, None).unwrap().len(), 1);
    col.close().unwrap();
}
