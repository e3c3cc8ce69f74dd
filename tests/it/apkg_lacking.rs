//! Deck packages that lack something, or in which something that no card needs is damaged, and rows
//! that no program should write: what the real Anki imports is imported, with its rows; what would
//! be wrong in the collection is mended.

use super::apkg_import::{EVERYTHING, Jobs, NOW, clock_at, import};
use super::apkg_odd::with_row_changed;
use engram::base::ids::DeckId;
use engram::base::job::Progress;
use engram::collection::Collection;
use engram::domain::package::{Along, ImportOptions};
use std::path::Path;

/// Imports packages of one note, each changed as said, here and with the real Anki.
fn check(changes: &[&str], options: ImportOptions) {
    let folder = tempfile::tempdir().unwrap();
    let mut jobs = Jobs::new();
    for (number, change) in changes.iter().enumerate() {
        let package = with_row_changed(folder.path(), number, change);
        jobs.add(None, std::slice::from_ref(&package), options);
        let path = folder.path().join(format!("into{number}.anki2"));
        let report = import(&path, &package, options, &clock_at(NOW)).expect(change);
        assert_eq!(report.new.len(), 1, "{change}");
        is_sound(&path, change);
    }
    jobs.check();
}

/// Check Database finds nothing in what was imported.
fn is_sound(path: &Path, change: &str) {
    let mut col = Collection::open(path, clock_at(NOW)).unwrap();
    let found = col.check_database(&Progress::new()).unwrap();
    assert!(found.is_empty(), "{change}: {found:?}");
    col.close().unwrap();
}

#[test]
fn packages_without_tables_that_hold_no_cards_are_imported() {
    let tagged = "update notes set tags = ' a B::c '; ";
    let lacking = |tables: &[&str]| {
        let drops = tables.iter().map(|table| format!("drop table {table}; "));
        tagged.to_owned() + &drops.collect::<String>()
    };
    let some = [lacking(&["graves"]), lacking(&["tags"])];
    check(&some.each_ref().map(String::as_str), EVERYTHING);
    let without_presets = ImportOptions {
        along: Along::default(),
        ..EVERYTHING
    };
    let some = [
        lacking(&["deck_config"]),
        lacking(&["graves", "tags", "deck_config"]),
    ];
    check(&some.each_ref().map(String::as_str), without_presets);
    // Anki refuses these.
    let folder = tempfile::tempdir().unwrap();
    for (number, tables) in [
        &["revlog"][..],
        &["config"],
        &["deck_config"],
        &["revlog", "graves", "tags", "config", "deck_config"],
    ]
    .into_iter()
    .enumerate()
    {
        let package = with_row_changed(folder.path(), number, &lacking(tables));
        let path = folder.path().join(format!("into{number}.anki2"));
        let report = import(&path, &package, EVERYTHING, &clock_at(NOW)).unwrap();
        assert_eq!((report.new.len(), report.cards_added), (1, 1), "{tables:?}");
        is_sound(&path, "tables");
    }
    for table in ["notes", "cards", "notetypes", "decks", "col"] {
        let package = with_row_changed(folder.path(), 9, &format!("drop table {table}"));
        let path = folder.path().join("into9.anki2");
        import(&path, &package, EVERYTHING, &clock_at(NOW)).expect_err(table);
        std::fs::remove_file(folder.path().join("inner9.anki2")).unwrap();
    }
}

#[test]
fn damage_in_what_no_card_needs_keeps_none_from_coming() {
    let cloze = "(select id from notetypes where name = 'Cloze')";
    check(
        &[
            "update notetypes set config = x'ff' where name = 'Cloze'",
            &format!("update fields set config = x'ff' where ntid = {cloze}"),
            &format!("update templates set config = x'ff' where ntid = {cloze}"),
            "insert into decks values (9, 'Unused', 0, 0, x'ff', x'ff')",
            "insert into deck_config values (9, 'Unused', 0, 0, x'ff')",
            "update config set val = x'ff'",
        ],
        EVERYTHING,
    );
}

#[test]
fn rows_of_odd_numbers_give_ankis_rows() {
    check(
        &[
            "update notes set usn = 99999; update cards set usn = 77777; update decks set usn = 5",
            "update notes set mod = -5; update cards set mod = -9",
            "update notes set mod = 99999999999; update cards set mod = 99999999999",
            "update notes set sfld = 5, csum = 'x', flags = -7, data = x'ff'",
            "update notes set guid = ''",
            "update cards set flags = 31",
            "insert into col select 2, crt, mod, scm, ver, dty, usn, ls, conf, models, decks, \
             dconf, tags from col",
            "update col set id = 7",
            "update cards set nid = -7; update notes set id = -7",
            "update cards set id = -5",
            "insert into revlog select 5, id, -1, 9, 1, 1, 1, 99999999999, 99 from cards",
        ],
        EVERYTHING,
    );
}

/// Anki makes the deck the home of its own cards, which then count as borrowed.
#[test]
fn cards_of_a_deck_whose_number_is_none_are_at_home_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let change = "insert into decks select 0, 'Zero', mtime_secs, usn, common, kind from decks; \
                  update cards set did = 0";
    let package = with_row_changed(folder.path(), 0, change);
    let path = folder.path().join("into.anki2");
    import(&path, &package, EVERYTHING, &clock_at(NOW)).unwrap();
    let mut col = Collection::open(&path, clock_at(NOW)).unwrap();
    let cards = col.find_cards("deck:Zero", None).unwrap();
    let card = col.storage().get_card(cards[0]).unwrap().unwrap();
    assert_eq!(card.original_deck_id, DeckId(0));
    assert_ne!(card.deck_id, DeckId(0));
    col.close().unwrap();
}

/// Nothing is imported by Anki.
#[test]
fn a_note_type_whose_number_is_none_gets_one() {
    let folder = tempfile::tempdir().unwrap();
    let of_note = "(select mid from notes)";
    let change = format!(
        "update fields set ntid = 0 where ntid = {of_note}; \
         update templates set ntid = 0 where ntid = {of_note}; \
         update notetypes set id = 0, name = 'Zero' where id = {of_note}; update notes set mid = 0"
    );
    let package = with_row_changed(folder.path(), 0, &change);
    let path = folder.path().join("into.anki2");
    import(&path, &package, EVERYTHING, &clock_at(NOW)).unwrap();
    let mut col = Collection::open(&path, clock_at(NOW)).unwrap();
    assert_eq!(col.find_notes("note:Zero", None).unwrap().len(), 1);
    let found = col.storage().notetype_by_name("Zero").unwrap().unwrap();
    assert!(found.id.0 > 0);
    col.close().unwrap();
}
