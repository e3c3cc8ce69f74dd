//! What decks, presets and note types were before each change is kept, whatever changed them, and
//! comes back as one step; studying makes no version.

use crate::cli_commands::Cli;
use crate::sync_client::Client;
use crate::sync_server::Server;
use engram::base::ids::{DeckConfigId, DeckId, NoteId, NotetypeId, Usn};
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::codec::schema11::notetype::notetype_to_json;
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::domain::deck_options::DeckOptionsUpdate;
use engram::domain::history::Fate;
use engram::domain::history_policy::HistoryLimits;
use engram::domain::note_edit::NoteEdit;
use engram::domain::notetype_edit::NotetypeEdit;
use engram::domain::op::Op;
use engram::domain::study::Rating;
use engram::domain::subject::{Subject, SubjectHistory};
use engram::storage::history::{add_from, path_of};
use serde_json::json;

/// 2025-03-10 12:00 UTC.
const NOON: i64 = 1_741_608_000_000;
const DAY: i64 = 86_400_000;

fn collection() -> (tempfile::TempDir, Collection, Clock) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let path = folder.path().join("collection.anki2");
    let col = Collection::open(&path, clock.clone()).unwrap();
    (folder, col, clock)
}

fn basic(col: &Collection) -> NotetypeId {
    let found = col.storage().notetype_by_name("Basic").unwrap();
    found.unwrap().id
}

fn add(col: &mut Collection, fields: &[&str]) -> NoteId {
    let new = NewNote {
        notetype_id: basic(col),
        deck_id: DeckId::DEFAULT,
        fields: fields.iter().map(|f| (*f).to_owned()).collect(),
        tags: vec![],
    };
    col.add_note(new).unwrap().value
}

fn set_new_per_day(col: &mut Collection, n: u32) {
    let options = col.deck_options(DeckId::DEFAULT).unwrap();
    let mut preset = options.presets[0].preset.clone();
    preset.inner.new_per_day = n;
    let update = DeckOptionsUpdate {
        deck: options.deck,
        presets: vec![preset],
        selected: options.preset,
        removed: vec![],
        apply_to_subdecks: false,
        limits: options.limits,
        shared: options.shared,
        reschedule: false,
    };
    col.update_deck_options(&update, &Progress::new()).unwrap();
}

fn new_per_day(col: &Collection) -> u32 {
    let preset = col
        .storage()
        .get_deck_config(DeckConfigId::DEFAULT)
        .unwrap();
    preset.unwrap().inner.new_per_day
}

/// What each version says of a part, newest first.
fn parts(history: &SubjectHistory, part: &str) -> Vec<String> {
    let of = |lines: &[(String, String)]| {
        let found = lines.iter().find(|(name, _)| name == part);
        found.map(|(_, text)| text.clone()).unwrap_or_default()
    };
    history.versions.iter().map(|v| of(&v.fields)).collect()
}

fn restore(col: &mut Collection, subject: Subject, nth: usize) {
    let number = col.subject_versions(subject).unwrap()[nth].number;
    let restored = col.restore_subjects(&[number], &Progress::new()).unwrap();
    assert_eq!(restored.value, [subject]);
}

#[test]
fn a_preset_comes_back_as_one_step_and_studying_makes_no_version() {
    let (_folder, mut col, _) = collection();
    add(&mut col, &["first", "back"]);
    let subject = Subject::Preset(DeckConfigId::DEFAULT);
    let card = col.next_card().unwrap().unwrap();
    col.answer(card.answer(Rating::Good, 1000)).unwrap();
    assert!(col.subject_versions(subject).unwrap().is_empty());
    let deck = Subject::Deck(DeckId::DEFAULT);
    assert!(col.subject_versions(deck).unwrap().is_empty());

    set_new_per_day(&mut col, 33);
    set_new_per_day(&mut col, 44);
    let history = col.subject_history(subject).unwrap();
    assert_eq!(parts(&history, "New cards/day"), ["33", "20"]);
    assert_eq!(history.versions[0].origin, "Deck Options");
    restore(&mut col, subject, 1);
    assert_eq!(new_per_day(&col), 20);
    let kept = col.subject_history(subject).unwrap();
    assert_eq!(parts(&kept, "New cards/day"), ["44", "33", "20"]);
    col.undo().unwrap();
    assert_eq!(new_per_day(&col), 44);
}

#[test]
fn a_deck_comes_back_with_name_text_and_children_also_when_it_was_deleted() {
    let (_folder, mut col, _) = collection();
    let deck = col.deck_create("A::B").unwrap().value;
    let child = col.deck_create("A::B::C").unwrap().value;
    col.deck_set_description(deck, "what it was for", false)
        .unwrap();
    col.deck_rename(deck, "Z").unwrap();
    col.deck_set_description(deck, "other", false).unwrap();
    let subject = Subject::Deck(deck);
    let history = col.subject_history(subject).unwrap();
    assert_eq!(parts(&history, "Name"), ["Z", "A::B", "A::B"]);
    let texts = ["what it was for", "what it was for", ""];
    assert_eq!(parts(&history, "Description"), texts);
    assert_eq!(history.versions[1].origin, "Rename Deck");
    restore(&mut col, subject, 1);
    let name = |col: &Collection, id| {
        let deck = col.storage().get_deck(id).unwrap();
        deck.map(|deck| deck.name.human())
    };
    assert_eq!(name(&col, deck).unwrap(), "A::B");
    assert_eq!(name(&col, child).unwrap(), "A::B::C");
    let present = col.subject_history(subject).unwrap().present.unwrap();
    assert!(present.contains(&("Description".into(), "what it was for".into())));
    col.undo().unwrap();
    assert_eq!(name(&col, deck).unwrap(), "Z");

    col.deck_delete(&[deck]).unwrap();
    let gone = col.subject_history(subject).unwrap();
    assert_eq!(gone.present, None);
    assert_eq!(gone.versions[0].fate, Fate::Deleted);
    restore(&mut col, subject, 0);
    assert_eq!(name(&col, deck).unwrap(), "Z");
    assert_eq!(name(&col, child), None, "each deck by itself");
}

#[test]
fn a_note_type_comes_back_and_what_was_added_since_stays() {
    let (_folder, mut col, _) = collection();
    let note = add(&mut col, &["front text", "back text"]);
    let id = basic(&col);
    let subject = Subject::Notetype(id);
    let edit =
        |col: &Collection| NotetypeEdit::from(col.storage().get_notetype(id).unwrap().unwrap());
    let mut change = edit(&col);
    change.config.css = ".card { color: red }".into();
    change.templates[0].now.config.q_format = "{{Front}} changed".into();
    change.fields[1].now.name = "Reverse".into();
    change.templates[0].now.config.a_format = "{{Reverse}}".into();
    col.update_notetype(&change, &Progress::new()).unwrap();
    let mut change = edit(&col);
    change.add_field("Extra");
    col.update_notetype(&change, &Progress::new()).unwrap();
    col.transact(engram::domain::op::Op::UpdateNote, |tx| {
        let mut note = tx.get_note(note)?.unwrap();
        note.fields[2] = "added since".into();
        let notetype = tx.notetype(id)?.unwrap();
        note.prepare(&notetype, true);
        tx.update_note(&note)
    })
    .unwrap();
    let history = col.subject_history(subject).unwrap();
    assert_eq!(parts(&history, "Fields"), ["Front, Reverse", "Front, Back"]);
    assert_eq!(parts(&history, "Card 1: front")[1], "{{Front}}");
    assert_eq!(history.versions[0].origin, "Update Note Type");

    restore(&mut col, subject, 1);
    let back = col.storage().get_notetype(id).unwrap().unwrap();
    let names: Vec<&str> = back.fields.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["Front", "Back", "Extra"]);
    assert_eq!(back.templates[0].config.q_format, "{{Front}}");
    assert!(!back.config.css.contains("red"));
    let fields = |col: &Collection| col.storage().get_note(note).unwrap().unwrap().fields;
    assert_eq!(fields(&col), ["front text", "back text", "added since"]);
    col.undo().unwrap();
    let again = col.storage().get_notetype(id).unwrap().unwrap();
    assert_eq!(again.fields[1].name, "Reverse");
    assert_eq!(fields(&col), ["front text", "back text", "added since"]);
}

/// As packages bring them: else its notes could not come back either.
#[test]
fn a_deleted_note_type_comes_back_although_a_template_does_not_work() {
    let (_folder, mut col, clock) = collection();
    let mut broken = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    broken.id = NotetypeId(0);
    broken.name = "Broken".into();
    broken.templates[0].config.q_format = "{{#Front}} {{Nobody}}".into();
    col.transact(Op::Import, |tx| tx.add_notetype(&mut broken))
        .unwrap();
    let id = broken.id;
    col.remove_notetype(id, &Progress::new()).unwrap();
    let numbers = [col.trashed_subjects("", 10).unwrap()[0].number];
    let scm = |col: &Collection| col.storage().col_row().unwrap().scm;
    let deleted = scm(&col);
    clock.advance_millis(5000);
    col.restore_subjects(&numbers, &Progress::new()).unwrap();
    let back = col.storage().get_notetype(id).unwrap().unwrap();
    assert_eq!(
        (back.name.as_str(), &back.templates[0].config.q_format),
        ("Broken", &broken.templates[0].config.q_format)
    );
    assert!(col.trashed_subjects("", 10).unwrap().is_empty());
    // Others that sync it get a new one.
    assert_eq!((scm(&col), back.usn), (deleted, Usn::PENDING));
}

#[test]
fn what_a_sync_overwrites_is_kept_with_its_origin() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    a.add("1");
    let deck = a.col.deck_create("Words").unwrap().value;
    a.upload();
    let mut b = Client::downloaded(&server);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    b.col.deck_set_description(deck, "from b", false).unwrap();
    set_new_per_day(&mut b.col, 55);
    let types = b.col.storage().all_notetypes().unwrap();
    let id = types[0].id;
    let mut edit = NotetypeEdit::from(types[0].clone());
    edit.config.css = ".card { color: blue }".into();
    b.col.update_notetype(&edit, &Progress::new()).unwrap();
    b.sync();
    a.sync();
    for (subject, part, was) in [
        (Subject::Deck(deck), "Description", ""),
        (
            Subject::Preset(DeckConfigId::DEFAULT),
            "New cards/day",
            "20",
        ),
        (
            Subject::Notetype(id),
            "Styling",
            types[0].config.css.as_str(),
        ),
    ] {
        let history = a.col.subject_history(subject).unwrap();
        assert_eq!(parts(&history, part), [was], "{subject:?}");
        assert_eq!(history.versions[0].origin, "Sync");
    }
    assert_eq!(new_per_day(&a.col), 55);
    a.sync();
    let deck = a.col.subject_versions(Subject::Deck(deck)).unwrap();
    assert_eq!(deck.len(), 1, "nothing new, no version");
}

#[test]
fn what_the_other_side_had_is_kept_where_ours_is_newer() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    a.add("1");
    a.upload();
    let mut b = Client::downloaded(&server);
    let pause = || std::thread::sleep(std::time::Duration::from_millis(1100));
    pause();
    set_new_per_day(&mut b.col, 55);
    pause();
    set_new_per_day(&mut a.col, 66);
    b.sync();
    a.sync();
    assert_eq!(new_per_day(&a.col), 66);
    let subject = Subject::Preset(DeckConfigId::DEFAULT);
    let history = a.col.subject_history(subject).unwrap();
    assert_eq!(parts(&history, "New cards/day"), ["55", "20"]);
    assert_eq!(history.versions[0].origin, "Sync");
    b.sync();
    assert_eq!(new_per_day(&b.col), 66);
    let history = b.col.subject_history(subject).unwrap();
    assert_eq!(parts(&history, "New cards/day"), ["55", "20"]);
}

/// Versions of note types were once lines in a file of their own.
#[test]
fn the_old_file_of_note_type_versions_moves_over() {
    let (folder, mut col, _) = collection();
    let id = basic(&col);
    let mut notetype = col.storage().get_notetype(id).unwrap().unwrap();
    notetype.config.css = "former".into();
    let line = json!({"saved": NOON - DAY, "id": id.0, "notetype": notetype_to_json(&notetype)});
    let file = folder.path().join("collection.notetype-history");
    std::fs::write(&file, format!("{line}\n{{\"saved\": 1, torn")).unwrap();
    let versions = col.notetype_versions(id).unwrap();
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0].until, TimestampMillis(NOON - DAY));
    assert_eq!(versions[0].notetype.config.css, "former");
    assert_eq!(versions[0].notetype.fields, notetype.fields);
    assert!(!file.exists());
}

#[test]
fn limits_purging_and_histories_that_come_along_hold_for_them_too() {
    let (folder, mut col, clock) = collection();
    let deck = col.deck_create("a secret name").unwrap().value;
    col.deck_rename(deck, "plain").unwrap();
    clock.advance_millis(10 * DAY);
    col.deck_rename(deck, "newer").unwrap();
    let subject = Subject::Deck(deck);
    let path = folder.path().join("collection.anki2");
    col.close().unwrap();
    let other = folder.path().join("other.history");
    std::fs::copy(path_of(&path), &other).unwrap();
    for _ in 0..2 {
        add_from(&path, &other).unwrap();
    }
    let mut col = Collection::open(&path, clock).unwrap();
    assert_eq!(col.subject_versions(subject).unwrap().len(), 2);
    let before = TimestampMillis(NOON + 5 * DAY);
    assert_eq!(col.older_history(before).unwrap().versions, 1);
    assert_eq!(col.purge_older_history(before).unwrap(), 1);
    let history = col.subject_history(subject).unwrap();
    assert_eq!(parts(&history, "Name"), ["plain"]);
    for file in [path_of(&path), path.with_extension("history-wal")] {
        let bytes = std::fs::read(file).unwrap_or_default();
        assert!(!bytes.windows(8).any(|w| w == b"a secret"));
    }
    col.close().unwrap();
    std::fs::remove_file(path_of(&path)).unwrap();
    let empty = Clock::fixed(TimestampMillis(NOON), 0);
    let col = Collection::open(&path, empty).unwrap();
    col.close().unwrap();
    add_from(&path, &other).unwrap();
    let mut col = Collection::open(&path, Clock::fixed(TimestampMillis(NOON), 0)).unwrap();
    let history = col.subject_history(subject).unwrap();
    assert_eq!(parts(&history, "Name"), ["plain", "a secret name"]);
}

#[test]
fn versions_are_listed_and_restored_from_the_command_line() {
    let cli = Cli::with_profile();
    let (folder, mut col, _) = collection();
    set_new_per_day(&mut col, 33);
    let deck = col.deck_create("Old").unwrap().value;
    col.deck_rename(deck, "New").unwrap();
    col.close().unwrap();
    for name in ["collection.anki2", "collection.history"] {
        let to = cli.base().join("Ann").join(name);
        std::fs::copy(folder.path().join(name), to).unwrap();
    }
    let listed = cli.ok(&["history", "--preset", "Default"]);
    let version = &listed["versions"][0];
    assert_eq!(version["origin"], "Deck Options");
    assert_eq!(
        version["differs"],
        json!([{"part": "New cards/day", "was": "20", "is": "33"}])
    );
    let number = version["version"].to_string();
    let done = cli.ok(&["history", "--preset", "Default", "--restore", &number]);
    let now = cli.ok(&["history", "--preset", "Default"]);
    assert_eq!(done["versions"], now["versions"]);
    assert_eq!(now["versions"][1]["differs"], json!([]));
    let decks = cli.ok(&["history", "--deck", "New"]);
    let number = decks["versions"][0]["version"].to_string();
    assert_eq!(
        cli.fails(&["history", "--deck", "Default", "--restore", &number])
            .0,
        1,
        "a version of another deck"
    );
    cli.ok(&["history", "--deck", "New", "--restore", &number]);
    assert_eq!(cli.ok(&["search", "deck:Old"])["count"], 0);
    cli.ok(&["history", "--deck", "Old"]);
    assert_eq!(cli.fails(&["history", "--deck", "New"]).0, 1);
    assert_eq!(
        cli.ok(&["history", "--notetype", "Basic"])["versions"],
        json!([])
    );
}

#[test]
fn what_was_deleted_comes_back_together_and_stays_for_the_days_of_the_trash() {
    let (_folder, mut col, clock) = collection();
    let parent = col.deck_create("A").unwrap().value;
    let child = col.deck_create("A::B").unwrap().value;
    let new = NewNote {
        notetype_id: basic(&col),
        deck_id: child,
        fields: vec!["front".into(), "back".into()],
        tags: vec![],
    };
    let note = col.add_note(new).unwrap().value;
    let cloze = col.storage().notetype_by_name("Cloze").unwrap().unwrap();
    col.deck_delete(&[parent]).unwrap();
    col.remove_notetype(cloze.id, &Progress::new()).unwrap();
    let trashed = col.trashed_subjects("", 10).unwrap();
    let mut names: Vec<String> = trashed.iter().map(|t| t.name.clone()).collect();
    names.sort();
    assert_eq!(names, ["A", "A::B", "Cloze"]);
    let found = col.trashed_subjects("a::b", 1).unwrap();
    assert_eq!(found.len(), 1, "what was deleted later does not hide it");
    assert_eq!(found[0].name, "A::B");

    clock.advance_millis(59 * DAY);
    let limits = HistoryLimits {
        days: Some(1),
        ..HistoryLimits::default()
    };
    assert_eq!(col.limit_whole_history(&limits).unwrap(), 0);
    let numbers: Vec<i64> = trashed.iter().map(|t| t.number).collect();
    col.restore_subjects(&numbers, &Progress::new()).unwrap();
    assert!(col.trashed_subjects("", 10).unwrap().is_empty());
    let name = |id| col.storage().get_deck(id).unwrap().unwrap().name.human();
    assert_eq!((name(parent), name(child)), ("A".into(), "A::B".into()));
    let back = col.storage().get_notetype(cloze.id).unwrap().unwrap();
    assert_eq!(
        (&back.fields, &back.config.css),
        (&cloze.fields, &cloze.config.css)
    );
    let note_version = col.trashed("", 10).unwrap()[0].number;
    col.restore_trashed(&[note_version]).unwrap();
    let cards = col.storage().cards_of_note(note).unwrap();
    assert_eq!(cards[0].deck_id, child, "notes find their deck again");
    col.undo().unwrap();
    col.undo().unwrap();
    assert!(col.storage().get_deck(child).unwrap().is_none(), "one step");
    clock.advance_millis(2 * DAY);
    assert!(col.limit_whole_history(&limits).unwrap() >= 3);
}

#[test]
fn one_limit_counts_notes_and_all_else_and_the_newest_of_anything_stays() {
    let (_folder, mut col, clock) = collection();
    let first = col.deck_create("First").unwrap().value;
    let deck = col.deck_create("A").unwrap().value;
    let new = NewNote {
        notetype_id: basic(&col),
        deck_id: deck,
        fields: vec!["front".into(), "back".into()],
        tags: vec![],
    };
    let note = col.add_note(new).unwrap().value;
    let text = "x".repeat(500_000);
    col.deck_set_description(first, &text, false).unwrap();
    col.deck_set_description(first, "", false).unwrap();
    for n in 0..15 {
        clock.advance_millis(DAY);
        let description = format!("{n} {text}");
        col.deck_set_description(deck, &description, false).unwrap();
        let present = col.storage().get_note(note).unwrap().unwrap();
        let edit = NoteEdit {
            id: note,
            notetype_id: present.notetype_id,
            fields: vec![(1, description)],
            tags: None,
        };
        col.update_notes(&[edit]).unwrap();
    }
    let limits = HistoryLimits {
        megabytes: 10,
        ..HistoryLimits::default()
    };
    let before = col.history_space().unwrap();
    assert!(before.bytes > 14_000_000, "{before:?}");
    let went = col.limit_whole_history(&limits).unwrap();
    assert!((13..=16).contains(&went), "{went} of half a megabyte each");
    let after = col.history_space().unwrap();
    assert_eq!(after.versions, before.versions - went as u64);
    // The oldest of both went, and the only one of the first deck did not.
    let history = col.subject_history(Subject::Deck(deck)).unwrap();
    let texts = parts(&history, "Description");
    let versions = col.note_versions(note).unwrap();
    assert!(texts[0].starts_with("13 ") && versions[0].note.fields[1].starts_with("13 "));
    assert!(
        texts.len().abs_diff(versions.len()) <= 1 && texts.len() > 5,
        "{} {}",
        texts.len(),
        versions.len()
    );
    let history = col.subject_history(Subject::Deck(first)).unwrap();
    assert_eq!(parts(&history, "Description")[0], text);
    assert_eq!(col.limit_whole_history(&limits).unwrap(), 0);
}
