//! A collection that has something of everything, and all rows of a collection file: what the
//! stories of a whole way there and back compare. Shared with the tests of the window.

#![allow(
    clippy::disallowed_types,
    reason = "looks at every row of the file, whatever the program makes of them"
)]
#![allow(dead_code, reason = "tests of both kinds use different parts")]

use engram::base::ids::{CardId, DeckId};
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::domain::op::Op;
use engram::domain::study::Rating;
use engram::service::settings;
use rusqlite::types::ValueRef;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Fills the collection of the profile in `folder`: several note types, nested decks with a preset
/// of their own, a filtered deck, tags, flags, every state of a card, reviews, a deleted note, what
/// an add-on keeps, media, former versions of notes, preferences.
pub fn fill(folder: &Path, clock: &Clock) {
    let path = folder.join("collection.anki2");
    let mut col = Collection::open(&path, clock.clone()).unwrap();
    let deck = col.deck_create("Spanish::Verbs").unwrap().value;
    let notes: Vec<_> = (0..12).map(|n| note(&mut col, deck, n)).collect();
    for rating in [Rating::Again, Rating::Hard, Rating::Good, Rating::Easy] {
        let card = col.next_card().unwrap().unwrap();
        col.answer(card.answer(rating, 4_321)).unwrap();
    }
    let cards = col.cards_of_notes(&notes).unwrap();
    states(&mut col, &cards);
    col.toggle_mark(&notes[2..4]).unwrap();
    col.delete_notes(&notes[11..]).unwrap();
    preset_and_addon(&mut col, deck);
    // Its history has a version then.
    col.transact(Op::UpdateNote, |tx| {
        let mut note = tx.get_note(notes[0])?.unwrap();
        note.fields[1] = "geändert 日本 <img src=\"größe 1.png\">".to_owned();
        let notetype = tx.notetype(note.notetype_id)?.unwrap();
        note.prepare(&notetype, true);
        tx.update_note(&note)
    })
    .unwrap();
    let mut draft = col.filtered_draft(None).unwrap();
    draft.deck.search_terms[0].search = "deck:Spanish is:new".to_owned();
    col.filtered_save(&draft).unwrap();
    col.close().unwrap();
    for (name, bytes) in MEDIA {
        std::fs::write(folder.join("collection.media").join(name), bytes).unwrap();
    }
    std::fs::write(folder.join("settings.json"), SETTINGS).unwrap();
}

pub const MEDIA: [(&str, &[u8]); 3] = [
    ("größe 1.png", b"a picture"),
    ("sound.mp3", b"a sound"),
    ("_style.css", b".x { color: red }"),
];

/// Preferences that are not the usual ones.
pub const SETTINGS: &str = r#"{"theme":"dark","keep_last_backups":7,"card_zoom_percent":125}"#;

fn note(col: &mut Collection, deck: DeckId, n: usize) -> engram::base::ids::NoteId {
    let name = ["Basic", "Cloze", "Basic (and reversed card)"][n % 3];
    let notetype = col.storage().notetype_by_name(name).unwrap().unwrap();
    let front = match n % 3 {
        1 => format!("a {{{{c1::hidden {n}}}}} and {{{{c2::another}}}}"),
        _ => format!("front {n} [sound:sound.mp3]"),
    };
    let new = NewNote {
        notetype_id: notetype.id,
        deck_id: if n < 9 { deck } else { DeckId::DEFAULT },
        fields: vec![front, format!("back <b>{n}</b>")],
        tags: vec![format!("t::{}", n % 4), "ünïcode".to_owned()],
    };
    col.add_note(new).unwrap().value
}

fn states(col: &mut Collection, cards: &[CardId]) {
    col.set_flag(&cards[..3], 3).unwrap();
    let last = &cards[cards.len() - 6..];
    col.suspend_cards(&last[..2]).unwrap();
    col.bury_cards(&last[2..3], true).unwrap();
    col.set_due_date(&last[3..5], "3-9!", None).unwrap();
}

fn preset_and_addon(col: &mut Collection, deck: DeckId) {
    let kept = serde_json::json!({"version": 3, "words": ["ü", null], "deep": {"on": true}});
    col.transact(Op::UpdatePreferences, |tx| {
        tx.set_config("some_addon", &kept)?;
        let mut preset = tx.all_deck_configs()?.remove(0);
        preset.id = engram::base::ids::DeckConfigId(0);
        preset.name = "Mine".to_owned();
        preset.inner.new_per_day = 33;
        tx.add_deck_config(&mut preset)?;
        let mut deck = tx.get_deck(deck)?.unwrap();
        if let engram::domain::deck::DeckKind::Normal(normal) = &mut deck.kind {
            normal.config_id = preset.id;
        }
        tx.update_deck(&deck)
    })
    .unwrap();
}

/// Every row of every table of a collection file that nobody has open, by table. Of the one row
/// of `col` not when the file was changed and whether a sync has to take all of it: an import
/// writes both.
pub fn rows(collection: &Path) -> BTreeMap<String, Vec<String>> {
    let db = rusqlite::Connection::open(collection).unwrap();
    // Only its presence matters.
    db.create_collation("unicase", |a, b| a.to_lowercase().cmp(&b.to_lowercase()))
        .unwrap();
    let mut tables = db
        .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite%'")
        .unwrap();
    let names = tables.query_map([], |row| row.get(0)).unwrap();
    let names: Vec<String> = names.map(Result::unwrap).collect();
    names
        .into_iter()
        .map(|name| (rows_of(&db, &name), name))
        .map(|(rows, name)| (name, rows))
        .collect()
}

fn rows_of(db: &rusqlite::Connection, table: &str) -> Vec<String> {
    let columns = if table == "col" { "id, crt, ver" } else { "*" };
    let mut statement = db
        .prepare(&format!("select {columns} from {table}"))
        .unwrap();
    let width = statement.column_count();
    let found = statement.query_map([], |row| {
        let mut told = String::new();
        for at in 0..width {
            let cell = match row.get_ref(at)? {
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                other => format!("{other:?}"),
            };
            told.push_str(&cell);
            told.push('\u{1e}');
        }
        Ok(told)
    });
    let mut rows: Vec<String> = found.unwrap().map(Result::unwrap).collect();
    rows.sort();
    rows
}

/// The same collection, media, preferences and former versions of notes in both profiles.
pub fn assert_same_profile(a: &Path, b: &Path) {
    assert_same_rows(a, b);
    for (name, bytes) in MEDIA {
        let there = std::fs::read(b.join("collection.media").join(name)).unwrap();
        assert_eq!(there, bytes, "{name}");
    }
    // One may say what the other leaves out.
    let settings = |folder: &Path| settings::load(&folder.join("settings.json")).unwrap();
    assert_eq!(settings(a), settings(b));
    let versions = |folder: &Path| {
        let mut rows = rows(&folder.join("collection.history"));
        // Each knows what came to it, and when.
        rows.remove("arrivals");
        rows
    };
    assert_eq!(versions(a), versions(b));
}

/// All rows of the collections are the same.
pub fn assert_same_rows(a: &Path, b: &Path) {
    let (a, b) = (
        rows(&a.join("collection.anki2")),
        rows(&b.join("collection.anki2")),
    );
    assert!(a["notes"].len() > 10 && a["revlog"].len() > 3 && !a["graves"].is_empty());
    let names: Vec<&String> = a.keys().collect();
    assert_eq!(names, b.keys().collect::<Vec<_>>());
    for (table, rows) in &a {
        assert_eq!(rows, &b[table], "{table}");
    }
}

/// The packages in the profile's folder of backups.
pub fn backups(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder.join("backups")) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|e| e == "colpkg"))
        .collect()
}
