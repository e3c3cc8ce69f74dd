//! Any recovery from any pair (collection, backup) leaves every note that was not ticked bit for
//! bit as it was, with its cards, reviews, deck, note type and all the rest of the collection, and
//! one undo brings every row of every table back. What may have happened before the backup and
//! since: notes edited, deleted, studied, moved, turned into another type; note types, decks,
//! presets and filtered decks changed and deleted.

use crate::whole;
use engram::base::ids::{DeckId, NoteId};
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::collection::recover::Wish;
use engram::domain::deck::{DeckKind, DeckName};
use engram::domain::notetype_edit::{Edited, NotetypeEdit};
use engram::domain::op::Op;
use engram::domain::recovery::Mode;
use engram::domain::study::Rating;
use engram::storage::Storage;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

/// 2025-03-10 12:00 UTC.
const NOON: i64 = 1_741_608_000_000;
const NOTES: usize = 12;

/// Numbers choose a note.
#[derive(Debug, Clone)]
enum Event {
    Delete(usize),
    Edit(usize, String),
    Tag(usize),
    Answer(Rating),
    Flag(usize, u8),
    Suspend(usize),
    Bury(usize),
    Due(usize),
    Move(usize),
    TurnInto(usize),
    DeleteDeck,
    RenameDeck,
    Preset,
    Filter,
    RenameField,
    DropField,
    AddField,
    DropTemplate,
    Style,
    Add,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let note = || 0..NOTES;
    let event = prop_oneof![
        4 => note().prop_map(Event::Delete),
        4 => (note(), "[a-z]{0,4}").prop_map(|(n, text)| Event::Edit(n, text)),
        2 => note().prop_map(Event::Tag),
        4 => prop::sample::select(Rating::ALL.to_vec()).prop_map(Event::Answer),
        1 => (note(), 1..8_u8).prop_map(|(n, flag)| Event::Flag(n, flag)),
        1 => note().prop_map(Event::Suspend),
        1 => note().prop_map(Event::Bury),
        1 => note().prop_map(Event::Due),
        2 => note().prop_map(Event::Move),
        2 => note().prop_map(Event::TurnInto),
        1 => Just(Event::DeleteDeck),
        1 => Just(Event::RenameDeck),
        1 => Just(Event::Preset),
        1 => Just(Event::Filter),
        1 => Just(Event::RenameField),
        1 => Just(Event::DropField),
        1 => Just(Event::AddField),
        1 => Just(Event::DropTemplate),
        1 => Just(Event::Style),
        1 => Just(Event::Add),
    ];
    prop::collection::vec(event, 0..12)
}

const TYPES: [&str; 2] = ["Basic", "Basic (and reversed card)"];

/// A collection of two decks and two note types, a part of it studied: its bytes and its notes.
fn beginning() -> &'static (Vec<u8>, Vec<NoteId>) {
    static MADE: OnceLock<(Vec<u8>, Vec<NoteId>)> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collection.anki2");
        let mut col = Collection::open(&path, Clock::fixed(TimestampMillis(NOON), 0)).unwrap();
        let deck = col.deck_create("A::B").unwrap().value;
        let new = |n: usize| NewNote {
            notetype_id: col
                .storage()
                .notetype_by_name(TYPES[n % 2])
                .unwrap()
                .unwrap()
                .id,
            deck_id: if n.is_multiple_of(3) {
                DeckId::DEFAULT
            } else {
                deck
            },
            fields: vec![format!("front {n}"), format!("back <b>{n}</b>")],
            tags: vec![format!("t{}", n % 4)],
        };
        let notes = (0..NOTES).map(new).collect();
        let ids = col.add_notes(notes).unwrap().value;
        for _ in 0..5 {
            let card = col.next_card().unwrap().unwrap();
            col.answer(card.answer(Rating::Easy, 1000)).unwrap();
        }
        col.close().unwrap();
        (std::fs::read(&path).unwrap(), ids)
    })
}

/// Plays events on the collection at `path`, so many days after the beginning. One that is not
/// possible any more does nothing.
fn play(path: &Path, ids: &[NoteId], events: &[Event], days: i64) {
    let clock = Clock::fixed(TimestampMillis(NOON + days * 86_400_000), 0);
    let mut col = Collection::open(path, clock).unwrap();
    for event in events {
        happen(&mut col, ids, event);
    }
    col.close().unwrap();
}

fn happen(col: &mut Collection, ids: &[NoteId], event: &Event) {
    let progress = Progress::new();
    let cards = |col: &Collection, n: usize| col.cards_of_notes(&ids[n..=n]).unwrap();
    let deck = |col: &Collection, name: &str| {
        let name = DeckName::from_human(name);
        col.storage().deck_by_name(&name).unwrap()
    };
    match event {
        Event::Delete(n) => drop(col.delete_notes(&[ids[*n]])),
        Event::Edit(n, text) => edit_note(col, ids[*n], text),
        Event::Tag(n) => drop(col.toggle_mark(&[ids[*n]])),
        Event::Answer(rating) => {
            if let Some(card) = col.next_card().unwrap() {
                col.answer(card.answer(*rating, 1000)).unwrap();
            }
        }
        Event::Flag(n, flag) => drop(col.set_flag(&cards(col, *n), *flag)),
        Event::Suspend(n) => drop(col.suspend_cards(&cards(col, *n))),
        Event::Bury(n) => drop(col.bury_cards(&cards(col, *n), true)),
        Event::Due(n) => drop(col.set_due_date(&cards(col, *n), "3-9!", None)),
        Event::Move(n) => {
            let to = col.deck_create(["C", "A::B"][n % 2]);
            let to = to.map_or(DeckId::DEFAULT, |made| made.value);
            drop(col.set_deck(&cards(col, *n), to, &progress));
        }
        Event::TurnInto(n) => turn_into(col, ids[*n]),
        Event::DeleteDeck => {
            if let Some(deck) = deck(col, "A::B") {
                col.deck_delete(&[deck.id]).unwrap();
            }
        }
        Event::RenameDeck => {
            if let Some(deck) = deck(col, "A::B") {
                col.deck_rename(deck.id, "D::E").unwrap();
            }
        }
        Event::Preset => preset(col, deck(col, "A::B").map(|deck| deck.id)),
        Event::Filter => {
            let mut draft = col.filtered_draft(None).unwrap();
            draft.deck.search_terms[0].search = "deck:A".to_owned();
            drop(col.filtered_save(&draft));
        }
        Event::Add => {
            let notetype_id = col.storage().all_notetypes().unwrap()[0].id;
            let new = NewNote {
                notetype_id,
                deck_id: DeckId::DEFAULT,
                fields: vec!["new".into()],
                tags: vec![],
            };
            col.add_note(new).unwrap();
        }
        of_type => edit_type(col, of_type),
    }
}

fn edit_note(col: &mut Collection, id: NoteId, text: &str) {
    col.transact(Op::UpdateNote, |tx| {
        if let Some(mut note) = tx.get_note(id)? {
            text.clone_into(&mut note.fields[0]);
            let notetype = tx.notetype(note.notetype_id)?.unwrap();
            note.prepare(&notetype, true);
            tx.update_note(&note)?;
        }
        Ok(())
    })
    .unwrap();
}

/// The other one of the two note types.
fn turn_into(col: &mut Collection, id: NoteId) {
    let Some(note) = col.storage().get_note(id).unwrap() else {
        return;
    };
    let id_of = |name| col.storage().notetype_by_name(name).unwrap().unwrap().id;
    let types = TYPES.map(id_of);
    let other = types[usize::from(note.notetype_id == types[0])];
    let draft = col.notetype_change_draft(note.notetype_id, other).unwrap();
    let progress = Progress::new();
    col.change_notetype(&[id], &draft.suggested, &progress)
        .unwrap();
}

fn preset(col: &mut Collection, deck: Option<DeckId>) {
    col.transact(Op::UpdateDeckOptions, |tx| {
        let mut preset = tx.all_deck_configs()?.remove(0);
        preset.id = engram::base::ids::DeckConfigId(0);
        preset.name.push('+');
        tx.add_deck_config(&mut preset)?;
        if let Some(mut deck) = deck.map(|id| tx.get_deck(id)).transpose()?.flatten()
            && let DeckKind::Normal(normal) = &mut deck.kind
        {
            normal.config_id = preset.id;
            tx.update_deck(&deck)?;
        }
        Ok(())
    })
    .unwrap();
}

fn edit_type(col: &mut Collection, event: &Event) {
    let name = TYPES[usize::from(matches!(event, Event::DropTemplate | Event::Style))];
    let notetype = col.storage().notetype_by_name(name).unwrap().unwrap();
    let mut edit = NotetypeEdit::from(notetype);
    match event {
        Event::RenameField => edit.fields[0].now.name.push('x'),
        Event::DropField if edit.fields.len() > 2 => drop(edit.fields.pop()),
        Event::AddField => {
            let mut field = edit.fields[0].now.clone();
            field.name = format!("Added {}", edit.fields.len());
            edit.fields.push(Edited {
                was: None,
                now: field,
            });
        }
        Event::DropTemplate if edit.templates.len() > 1 => drop(edit.templates.pop()),
        Event::Style => edit.config.css.push_str(".x { color: red }"),
        _ => return,
    }
    col.update_notetype(&edit, &Progress::new()).unwrap();
}

type Rows = BTreeMap<String, Vec<String>>;

/// Every row of an open collection, from a copy of its frozen file.
fn rows(col: &Collection, folder: &Path) -> Rows {
    let frozen = col.storage().freeze().unwrap();
    let copy = folder.join("copy.anki2");
    std::fs::copy(frozen.path(), &copy).unwrap();
    drop(frozen);
    col.storage().unfreeze();
    whole::rows(&copy)
}

/// The number in a cell of a row.
fn number(row: &str, cell: usize) -> i64 {
    let text = row.split('\u{1e}').nth(cell).unwrap();
    let inner = text
        .strip_prefix("Integer(")
        .and_then(|t| t.strip_suffix(')'));
    inner.unwrap().parse().unwrap()
}

/// The first row that a recovery changed or took away and may not have.
fn wronged(before: &Rows, after: &Rows, ticked: &BTreeSet<i64>, mode: Mode) -> Option<String> {
    let may = |note: i64| mode != Mode::New && ticked.contains(&note);
    for (table, rows) in before {
        let now: BTreeSet<&String> = after[table].iter().collect();
        let gone = rows.iter().filter(|row| !now.contains(row));
        let wrong = gone.into_iter().find(|row| match table.as_str() {
            "notes" => !may(number(row, 0)),
            "cards" => !may(number(row, 1)),
            // The next position of new cards, and the like; that what was deleted is back.
            "config" => mode != Mode::New,
            "graves" => mode != Mode::PutBack,
            _ => true,
        });
        if let Some(row) = wrong {
            return Some(format!("{table}: {row}"));
        }
    }
    None
}

/// Which notes are there to be ticked: those of the beginning and those that were added.
fn chosen(earlier: &Storage, present: &Storage, picked: &BTreeSet<usize>) -> Vec<NoteId> {
    let mut all = BTreeSet::new();
    for storage in [earlier, present] {
        for notetype in storage.all_notetypes().unwrap() {
            all.extend(storage.note_ids_of_notetype(notetype.id).unwrap());
        }
    }
    let all: Vec<NoteId> = all.into_iter().collect();
    picked.iter().filter_map(|n| all.get(*n)).copied().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn nothing_else_is_touched_and_one_undo_takes_it_back(
        before_backup in events(),
        since in events(),
        picked in prop::collection::btree_set(0..NOTES + 4, 0..8),
        mode in prop::sample::select(Mode::ALL.to_vec()),
    ) {
        let (bytes, ids) = beginning();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collection.anki2");
        let backup = folder.path().join("earlier.anki2");
        std::fs::write(&path, bytes).unwrap();
        play(&path, ids, &before_backup, 1);
        std::fs::copy(&path, &backup).unwrap();
        play(&path, ids, &since, 3);
        let clock = Clock::fixed(TimestampMillis(NOON + 4 * 86_400_000), 0);
        let mut col = Collection::open(&path, clock).unwrap();
        let earlier = Storage::open_read_only(&backup).unwrap();
        let before = rows(&col, folder.path());
        let notes = chosen(&earlier, col.storage(), &picked);
        let wish = Wish {
            notes: notes.clone(),
            mode,
            tag: "recovered::2025-03-10".into(),
            suffix: "(2025-03-10)".into(),
            ..Wish::default()
        };
        let done = col.recover(&earlier, &wish, &Progress::new()).unwrap().value;
        prop_assert_eq!(done.notes.len() + done.skipped.len(), notes.len());
        let after = rows(&col, folder.path());
        let ticked = notes.iter().map(|n| n.0).collect();
        prop_assert_eq!(wronged(&before, &after, &ticked, mode), None);
        if mode == Mode::New {
            let made: BTreeSet<i64> = done.notes.iter().map(|n| n.0).collect();
            prop_assert_eq!(after["notes"].len(), before["notes"].len() + made.len());
            let every_card_is_new = after["cards"].iter()
                .filter(|row| !before["cards"].contains(row))
                .all(|row| made.contains(&number(row, 1)));
            prop_assert!(every_card_is_new);
        }
        if !done.notes.is_empty() {
            col.undo().unwrap();
        }
        let back = rows(&col, folder.path());
        for (table, rows) in &before {
            prop_assert_eq!(rows, &back[table], "{}", table);
        }
        let counts = col.storage().counts().unwrap();
        prop_assert_eq!(counts.notes as usize, before["notes"].len());
    }
}
