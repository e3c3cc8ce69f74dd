//! What a note was before each change is kept beside the collection and can be made the present
//! state again; a deleted note comes back with its cards; a damaged history keeps nobody from
//! anything.

use crate::cli_commands::Cli;
use engram::base::ErrorKind;
use engram::base::ids::{CardId, DeckId, NoteId};
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::domain::history::Fate;
use engram::domain::history_policy::HistoryLimits;
use engram::domain::notetype_edit::NotetypeEdit;
use engram::domain::op::Op;
use engram::domain::study::Rating;
use engram::domain::timeline::Kind;
use engram::media::trash;
use engram::service::event::{BackupEvent, Event, JobEvent, ProfileEvent};
use engram::service::history::{HistoryEvent, HistoryRequest};
use engram::service::profiles::DataFolder;
use engram::service::request::{BackupRequest, Changed, ProfileRequest, Request, SettingsRequest};
use engram::service::settings::ProfileSettings;
use engram::service::{ServiceConfig, ServiceHandle};
use engram::storage::compare::Saved;
use engram::storage::history::path_of;
use std::time::Duration;

/// 2025-03-10 12:00 UTC.
const NOON: i64 = 1_741_608_000_000;

fn collection() -> (tempfile::TempDir, Collection, NoteId) {
    collection_at(Clock::fixed(TimestampMillis(NOON), 0))
}

fn collection_at(clock: Clock) -> (tempfile::TempDir, Collection, NoteId) {
    let folder = tempfile::tempdir().unwrap();
    let mut col = Collection::open(&folder.path().join("collection.anki2"), clock).unwrap();
    let note = add(&mut col, "first");
    (folder, col, note)
}

fn add(col: &mut Collection, front: &str) -> NoteId {
    let types = col.storage().all_notetypes().unwrap();
    let basic = types.iter().find(|t| t.name == "Basic").unwrap();
    let new = NewNote {
        notetype_id: basic.id,
        deck_id: DeckId::DEFAULT,
        fields: vec![front.into(), "back".into()],
        tags: vec!["a".into()],
    };
    col.add_note(new).unwrap().value
}

fn edit(col: &mut Collection, note: NoteId, front: &str) {
    col.transact(Op::UpdateNote, |tx| {
        let mut note = tx.get_note(note)?.unwrap();
        note.fields[0] = front.to_owned();
        let notetype = tx.notetype(note.notetype_id)?.unwrap();
        note.prepare(&notetype, true);
        tx.update_note(&note)
    })
    .unwrap();
}

fn front(col: &Collection, note: NoteId) -> String {
    col.storage().get_note(note).unwrap().unwrap().fields[0].clone()
}

fn fronts(col: &mut Collection, note: NoteId) -> Vec<String> {
    let versions = col.note_versions(note).unwrap();
    versions
        .into_iter()
        .map(|v| v.note.fields[0].clone())
        .collect()
}

#[test]
fn three_edits_are_three_versions_after_a_restart_too() {
    let (folder, mut col, note) = collection();
    for text in ["second", "third", "fourth"] {
        edit(&mut col, note, text);
    }
    assert_eq!(fronts(&mut col, note), ["third", "second", "first"]);
    col.close().unwrap();
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let mut col = Collection::open(&folder.path().join("collection.anki2"), clock).unwrap();
    assert_eq!(fronts(&mut col, note), ["third", "second", "first"]);
    let versions = col.note_versions(note).unwrap();
    assert_eq!(versions[0].origin, "Update Note");
    let first = versions[2].number;
    col.restore_version(first, false).unwrap();
    assert_eq!(front(&col, note), "first");
    assert_eq!(
        fronts(&mut col, note)[0],
        "fourth",
        "what it was is kept too"
    );
    col.undo().unwrap();
    assert_eq!(front(&col, note), "fourth");
    let copy = col.restore_version(first, true).unwrap().value;
    assert_ne!(copy, note);
    assert_eq!(
        (front(&col, copy), front(&col, note)),
        ("first".into(), "fourth".into())
    );
    assert_eq!(col.storage().cards_of_note(copy).unwrap().len(), 1);
}

#[test]
fn one_field_or_the_tags_of_a_version_come_back_and_the_rest_stays() {
    let (_folder, mut col, note) = collection();
    col.transact(Op::UpdateNote, |tx| {
        let mut note = tx.get_note(note)?.unwrap();
        note.fields = vec!["second".into(), "other".into()];
        note.tags = vec!["b".into()];
        let notetype = tx.notetype(note.notetype_id)?.unwrap();
        note.prepare(&notetype, true);
        tx.update_note(&note)
    })
    .unwrap();
    let first = col.note_versions(note).unwrap()[0].number;
    let shown = col.note_history(note).unwrap().versions.remove(0).fields;
    let names: Vec<&str> = shown.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Front", "Back", "Tags"]);
    let is = |col: &Collection| {
        let note = col.storage().get_note(note).unwrap().unwrap();
        format!("{}; {}", note.fields.join(", "), note.tags.join(" "))
    };
    col.restore_line(first, 1).unwrap();
    assert_eq!(is(&col), "second, back; b");
    col.restore_line(first, 2).unwrap();
    assert_eq!(is(&col), "second, back; a");
    col.undo().unwrap();
    col.undo().unwrap();
    assert_eq!(is(&col), "second, other; b");
    let unknown = col.restore_line(first, 7).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::Conflict);
    assert_eq!(is(&col), "second, other; b");
    col.delete_notes(&[note]).unwrap();
    let gone = col.restore_line(first, 0).unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

fn decks(col: &mut Collection, note: NoteId) -> Vec<Vec<String>> {
    let versions = col.note_versions(note).unwrap();
    versions.into_iter().map(|version| version.decks).collect()
}

/// By the names they had, whatever became of them since.
#[test]
fn a_version_knows_the_decks_of_its_cards() {
    let (_folder, mut col, note) = collection();
    edit(&mut col, note, "second");
    let deck = col.deck_create("A::B").unwrap().value;
    let card = col.storage().cards_of_note(note).unwrap()[0].id;
    col.set_deck(&[card], deck, &Progress::new()).unwrap();
    edit(&mut col, note, "third");
    let shown = col.note_history(note).unwrap();
    let told: Vec<&str> = shown.versions.iter().map(|v| v.decks.as_str()).collect();
    assert_eq!(
        (shown.decks.as_str(), told),
        ("A::B", vec!["A::B", "Default"])
    );
    // The number of the deck is not given again.
    col.deck_create("Later").unwrap();
    // The note and its deck go in one operation.
    col.deck_delete(&[deck]).unwrap();
    let known = |names: &[&str]| -> Vec<Vec<String>> {
        names.iter().map(|name| vec![(*name).to_owned()]).collect()
    };
    assert_eq!(decks(&mut col, note), known(&["A::B", "A::B", "Default"]));
    // A version that has no cards of its own comes back to where they were.
    let again = col.deck_create("A::B").unwrap().value;
    assert_ne!(again, deck);
    let versions = col.note_versions(note).unwrap();
    let (with_cards, second) = (versions[0].number, versions[1].number);
    col.restore_version(second, false).unwrap();
    let back = col.storage().cards_of_note(note).unwrap();
    assert_eq!(
        (front(&col, note), back[0].deck_id),
        ("second".into(), again)
    );
    // Nor does one with cards of a deck that is gone go to Default.
    col.delete_notes(&[note]).unwrap();
    col.restore_version(with_cards, false).unwrap();
    let back = col.storage().cards_of_note(note).unwrap();
    assert_eq!((back.len(), back[0].deck_id), (1, again));
}

#[test]
#[allow(
    clippy::disallowed_types,
    reason = "makes the file what it was before versions knew decks"
)]
fn a_history_from_before_versions_knew_decks_is_kept_and_goes_on() {
    let (folder, mut col, note) = collection();
    edit(&mut col, note, "second");
    col.close().unwrap();
    let path = folder.path().join("collection.anki2");
    let db = rusqlite::Connection::open(path_of(&path)).unwrap();
    db.execute_batch("alter table versions drop column decks")
        .unwrap();
    drop(db);
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let mut col = Collection::open(&path, clock).unwrap();
    edit(&mut col, note, "third");
    assert_eq!(fronts(&mut col, note), ["second", "first"]);
    assert_eq!(decks(&mut col, note), [vec!["Default".to_owned()], vec![]]);
}

/// Each word is in a field, a tag or the name of the deck; a search also finds what is older than as
/// many as are listed.
#[test]
fn deleted_notes_are_found_by_words_of_fields_tags_and_decks() {
    let (_folder, mut col, first) = collection();
    let others = ["<b>Zür</b>ich", "two", "three"].map(|front| add(&mut col, front));
    col.delete_notes(&[first]).unwrap();
    col.delete_notes(&others).unwrap();
    let mut found = |search: &str| -> Vec<String> {
        let found = col.trashed(search, 2).unwrap();
        let mut titles: Vec<String> = found.into_iter().map(|note| note.title).collect();
        titles.sort();
        titles
    };
    assert_eq!(found("FIRST"), ["first"]);
    assert_eq!(
        found(" zürich  default "),
        ["Zürich"],
        "the deck and no tags of HTML"
    );
    assert_eq!(found("zürich two"), [""; 0]);
    assert_eq!(found("back").len(), 2, "at most so many");
}

/// A note that comes back has the time of before, and yet the backup of meanwhile does not have it.
#[test]
fn notes_that_come_back_are_lost_with_the_disk_until_a_backup_has_them() {
    let (folder, mut col, note) = collection();
    col.delete_notes(&[note]).unwrap();
    col.close().unwrap();
    let later = Clock::fixed(TimestampMillis(NOON + 3_600_000), 0);
    let mut col = Collection::open(&folder.path().join("collection.anki2"), later).unwrap();
    let since = |at| {
        let collection_mod = TimestampMillis(NOON);
        Some(Saved { at, collection_mod })
    };
    let backup = since(TimestampMillis(NOON + 60_000));
    let lost = |col: &mut Collection| col.changed_since(backup).unwrap().notes;
    assert_eq!(lost(&mut col), 0);
    let number = col.trashed("", 10).unwrap()[0].number;
    col.restore_trashed(&[number]).unwrap();
    assert_eq!(lost(&mut col), 1);
    col.delete_notes(&[note]).unwrap();
    assert_eq!(lost(&mut col), 0);
    col.undo().unwrap();
    assert_eq!(lost(&mut col), 1);
    // The next backup has it.
    let next = TimestampMillis(NOON + 3_600_001);
    assert_eq!(col.changed_since(since(next)).unwrap().notes, 0);
    // It is no import: the timeline has nothing of it but the deletions.
    let facts = col.timeline_facts(&Progress::new()).unwrap();
    assert!(facts.iter().all(|fact| fact.kind != Kind::Import));
}

#[test]
fn what_does_not_change_a_note_makes_no_version() {
    let (_folder, mut col, note) = collection();
    let card = col.next_card().unwrap().unwrap();
    col.answer(card.answer(Rating::Good, 1000)).unwrap();
    edit(&mut col, note, "first");
    assert!(fronts(&mut col, note).is_empty());
}

#[test]
fn a_deleted_note_comes_back_with_its_schedule_and_reviews() {
    let (_folder, mut col, note) = collection();
    let card = col.next_card().unwrap().unwrap();
    col.answer(card.answer(Rating::Easy, 1000)).unwrap();
    let before = col.storage().cards_of_note(note).unwrap();
    let log = col.storage().revlog_of_card(before[0].id).unwrap().len();
    let other = add(&mut col, "other");
    col.delete_notes(&[note]).unwrap();
    let trashed = col.trashed("", 10).unwrap();
    assert_eq!((trashed.len(), trashed[0].cards), (1, 1));
    assert_eq!(trashed[0].title, "first");
    let versions = col.note_versions(note).unwrap();
    assert_eq!(versions[0].fate, Fate::Deleted);
    let restored = col.restore_trashed(&[trashed[0].number]).unwrap().value;
    assert_eq!(restored.notes, [note]);
    let after = col.storage().cards_of_note(note).unwrap();
    assert_eq!((after[0].id, after[0].due), (before[0].id, before[0].due));
    assert_eq!(after[0].interval, before[0].interval);
    assert_eq!(
        col.storage().revlog_of_card(after[0].id).unwrap().len(),
        log
    );
    assert!(col.trashed("", 10).unwrap().is_empty());
    assert_eq!(front(&col, other), "other");
}

/// Check Media calls a file unused that only a deleted note names.
#[test]
fn a_deleted_note_comes_back_with_its_picture_out_of_the_media_trash() {
    let (_folder, mut col, _) = collection();
    let media = col.media_folder();
    std::fs::create_dir_all(&media).unwrap();
    let picture = media.join("a sea.png");
    std::fs::write(&picture, "waves").unwrap();
    let note = add(
        &mut col,
        "<img src=\"a sea.png\"><img src=\"../collection.anki2\">",
    );
    col.delete_notes(&[note]).unwrap();
    trash::discard(&media, &picture).unwrap();
    assert!(!picture.exists());
    let number = col.trashed("", 10).unwrap()[0].number;
    col.restore_trashed(&[number]).unwrap();
    assert_eq!(std::fs::read(&picture).unwrap(), b"waves");
    assert_eq!(trash::content(&media).unwrap().files, 0);
}

#[test]
fn versions_can_be_forgotten_for_good() {
    let (folder, mut col, note) = collection();
    edit(&mut col, note, "a secret nobody should find");
    edit(&mut col, note, "second");
    let other = add(&mut col, "other");
    edit(&mut col, other, "changed");
    assert_eq!(col.purge_history(Some(note)).unwrap(), 2);
    assert!(fronts(&mut col, note).is_empty());
    assert_eq!(fronts(&mut col, other), ["other"]);
    assert!(!on_disk(&folder, "a secret nobody should find"));
}

#[test]
fn a_damaged_history_is_set_aside_and_blocks_nothing() {
    let (folder, mut col, note) = collection();
    edit(&mut col, note, "second");
    let path = col.storage().path().to_owned();
    col.close().unwrap();
    std::fs::write(path_of(&path), "this is no database, and never was one").unwrap();
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let mut col = Collection::open(&path, clock).unwrap();
    edit(&mut col, note, "third");
    assert_eq!(front(&col, note), "third");
    assert_eq!(fronts(&mut col, note), ["second"]);
    assert!(folder.path().join("collection.history-damaged").exists());
}

#[test]
fn a_history_that_is_damaged_in_its_middle_is_set_aside_too() {
    let (folder, mut col, note) = collection();
    edit(&mut col, note, "second");
    let path = col.storage().path().to_owned();
    col.close().unwrap();
    let mut bytes = std::fs::read(path_of(&path)).unwrap();
    // All but what says which tables there are.
    bytes[4096..].fill(0xff);
    std::fs::write(path_of(&path), bytes).unwrap();
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let mut col = Collection::open(&path, clock).unwrap();
    edit(&mut col, note, "third");
    assert_eq!(front(&col, note), "third");
    let told = col.take_history_trouble().unwrap();
    assert!(told.what().contains("set aside"), "{told}");
    assert!(col.take_history_trouble().is_none(), "told once");
    assert_eq!(fronts(&mut col, note), ["second"]);
    assert!(folder.path().join("collection.history-damaged").exists());
}

#[test]
fn a_damaged_history_that_a_sync_without_notes_finds_is_told() {
    let (folder, col, _) = collection();
    let path = col.storage().path().to_owned();
    col.close().unwrap();
    std::fs::write(path_of(&path), "this is no database, and never was one").unwrap();
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let mut col = Collection::open(&path, clock).unwrap();
    col.transact(Op::Sync, |tx| {
        tx.mark_untracked();
        Ok(())
    })
    .unwrap();
    let told = col.take_history_trouble().unwrap();
    assert!(told.what().contains("set aside"), "{told}");
    assert!(folder.path().join("collection.history-damaged").exists());
}

/// A folder in its place: nothing can be kept, which is told once, and the work goes on.
#[test]
fn a_history_that_cannot_be_written_is_told_and_blocks_nothing() {
    let (_folder, mut col, note) = collection();
    std::fs::create_dir(path_of(col.storage().path())).unwrap();
    edit(&mut col, note, "second");
    assert_eq!(front(&col, note), "second");
    let told = col.take_history_trouble().unwrap();
    let one = "the former version of 1 note was not kept in the history: ";
    assert!(told.what().starts_with(one), "{told}");
    edit(&mut col, note, "third");
    assert!(col.take_history_trouble().is_none());
}

/// The collection's own log is on another disk, and has room.
#[cfg(unix)]
#[test]
fn after_a_full_disk_the_history_is_kept_again() {
    let Some(disk) = crate::faults_disk::SmallDisk::mount(4) else {
        return;
    };
    let (_folder, mut col, note) = collection();
    edit(&mut col, note, "second");
    let path = col.storage().path().to_owned();
    col.close().unwrap();
    let there = disk.path().join("collection.history");
    std::fs::copy(path_of(&path), &there).unwrap();
    std::fs::remove_file(path_of(&path)).unwrap();
    std::os::unix::fs::symlink(&there, path_of(&path)).unwrap();
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let mut col = Collection::open(&path, clock).unwrap();
    edit(&mut col, note, "third");
    let filler = disk.path().join("filler");
    let free = engram::base::files::free_space(disk.path()).unwrap();
    std::fs::write(&filler, vec![1; usize::try_from(free).unwrap()]).unwrap();
    edit(&mut col, note, "fourth");
    let told = col.take_history_trouble().unwrap();
    assert!(told.what().ends_with("the disk is full"), "{told}");
    edit(&mut col, note, "fifth");
    assert!(col.take_history_trouble().is_none(), "told once");
    std::fs::remove_file(&filler).unwrap();
    edit(&mut col, note, "sixth");
    assert!(col.take_history_trouble().is_none());
    assert_eq!(front(&col, note), "sixth");
    assert_eq!(fronts(&mut col, note), ["fifth", "second", "first"]);
}

#[test]
fn scripts_see_versions_and_put_them_back() {
    let cli = Cli::with_profile();
    // Versions of long ago are forgotten when the program opens them.
    let (folder, mut col, note) = collection_at(Clock::System);
    edit(&mut col, note, "second");
    col.delete_notes(&[note]).unwrap();
    let deck = col.deck_create("Gone").unwrap().value;
    col.deck_delete(&[deck]).unwrap();
    col.close().unwrap();
    let profile = cli.base().join("Ann");
    for name in ["collection.anki2", "collection.history"] {
        std::fs::copy(folder.path().join(name), profile.join(name)).unwrap();
    }
    let deleted = cli.ok(&["history"]);
    assert_eq!(deleted["deleted"][0]["title"], "second");
    let id = note.to_string();
    let versions = cli.ok(&["history", &id]);
    let newest = versions["versions"][0]["version"].to_string();
    assert_eq!(versions["versions"][1]["fields"][0], "first");
    let done = cli.ok(&["history", &id, "--restore", &newest]);
    assert_eq!(done["note"], note.0);
    assert_eq!(done["versions"], cli.ok(&["history", &id])["versions"]);
    assert_eq!(cli.ok(&["search", "second", "--notes"])["count"], 1);
    assert_eq!(cli.fails(&["history", &id, "--restore", "999"]).0, 1);
    // A deck has numbers of its own, which are none of the note's.
    let gone = deleted["deleted_others"][0]["version"].to_string();
    assert_eq!(versions["versions"][1]["version"].to_string(), gone);
    let wrong = cli.fails(&["history", "--restore", &gone]);
    assert_eq!(wrong, (2, "invalid-input".into()));
    assert_eq!(cli.ok(&["search", "second", "--notes"])["count"], 1);
    // The number of another note's version changes neither.
    std::fs::write(cli.path("notes.txt"), "other\tback\n").unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    let other = cli.ok(&["search", "other", "--notes"])["ids"][0].to_string();
    let oldest = versions["versions"][1]["version"].to_string();
    let wrong = cli.fails(&["history", &other, "--restore", &oldest]);
    assert_eq!(wrong, (1, "not-found".into()));
    assert_eq!(cli.ok(&["search", "second", "--notes"])["count"], 1);
    // One field of it.
    let (id, oldest) = (id.as_str(), oldest.as_str());
    let field = |name| ["history", id, "--restore", oldest, "--field", name];
    assert_eq!(cli.ok(&field("Front"))["note"], note.0);
    assert_eq!(cli.ok(&["search", "front:first", "--notes"])["count"], 1);
    let wrong = cli.fails(&field("Middle"));
    assert_eq!(wrong, (1, "not-found".into()));
}

const DAY: i64 = 86_400_000;

/// Bytes of a text in the history or its log.
fn on_disk(folder: &tempfile::TempDir, text: &str) -> bool {
    let path = path_of(&folder.path().join("collection.anki2"));
    let log = path.with_extension("history-wal");
    [path, log].iter().any(|file| {
        let bytes = std::fs::read(file).unwrap_or_default();
        bytes.windows(text.len()).any(|w| w == text.as_bytes())
    })
}

#[test]
fn versions_are_kept_for_all_time_unless_there_is_a_limit() {
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let (_folder, mut col, note) = collection_at(clock.clone());
    edit(&mut col, note, "second");
    clock.advance_millis(10 * 365 * DAY);
    edit(&mut col, note, "third");
    let gone = add(&mut col, "deleted lately");
    col.delete_notes(&[gone]).unwrap();
    clock.advance_millis(30 * DAY);
    let all_time = HistoryLimits::default();
    assert_eq!(col.limit_whole_history(&all_time).unwrap(), 0);
    let some_days = HistoryLimits {
        days: Some(20),
        ..all_time
    };
    assert_eq!(col.limit_whole_history(&some_days).unwrap(), 2);
    assert!(fronts(&mut col, note).is_empty());
    assert_eq!(
        col.trashed("", 10).unwrap().len(),
        1,
        "60 days in the trash"
    );
    clock.advance_millis(31 * DAY);
    assert_eq!(col.limit_whole_history(&some_days).unwrap(), 1);
    assert!(col.trashed("", 10).unwrap().is_empty());
}

#[test]
fn beyond_the_size_the_oldest_go_and_the_file_shrinks() {
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let (folder, mut col, note) = collection_at(clock.clone());
    let gone = add(&mut col, "in the trash");
    col.delete_notes(&[gone]).unwrap();
    for n in 0..26 {
        clock.advance_millis(DAY / 2);
        edit(&mut col, note, &format!("{n} {}", "x".repeat(500_000)));
    }
    let limits = HistoryLimits {
        megabytes: 10,
        ..HistoryLimits::default()
    };
    let before = col.history_space().unwrap();
    assert!(before.bytes > 24_000_000, "{before:?}");
    let went = col.limit_whole_history(&limits).unwrap();
    let after = col.history_space().unwrap();
    assert_eq!(after.versions, before.versions - went as u64);
    assert!(
        after.bytes < 10_000_000 && after.bytes > 8_000_000,
        "{after:?}"
    );
    let on_disk = std::fs::metadata(path_of(&folder.path().join("collection.anki2")));
    assert_eq!(on_disk.unwrap().len(), after.bytes);
    assert!(
        fronts(&mut col, note)[0].starts_with("24 "),
        "the newest stay"
    );
    assert_eq!(col.trashed("", 10).unwrap().len(), 1);
    assert_eq!(col.limit_whole_history(&limits).unwrap(), 0);
}

#[test]
fn what_is_purged_is_in_no_byte_of_the_file_or_its_log() {
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let (folder, mut col, note) = collection_at(clock.clone());
    edit(&mut col, note, "what nobody should read");
    edit(&mut col, note, "later");
    let gone = add(&mut col, "a deleted secret");
    col.delete_notes(&[gone]).unwrap();
    clock.advance_millis(10 * DAY);
    edit(&mut col, note, "latest");
    assert!(on_disk(&folder, "what nobody should read"));
    let before = TimestampMillis(NOON + 5 * DAY);
    let older = col.older_history(before).unwrap();
    assert_eq!((older.versions, older.deleted_notes), (3, 1));
    assert_eq!(col.purge_older_history(before).unwrap(), 3);
    assert_eq!(fronts(&mut col, note), ["later"]);
    for secret in ["what nobody should read", "a deleted secret"] {
        assert!(!on_disk(&folder, secret), "{secret}");
    }
    assert!(on_disk(&folder, "later"));
}

/// A worker whose idle time begins at once.
#[test]
fn limits_are_applied_while_nobody_works() {
    let (folder, mut col, note) = collection();
    edit(&mut col, note, "second");
    col.close().unwrap();
    let data = DataFolder::at(folder.path().join("data"));
    let paths = data.create("Ana").unwrap();
    for name in ["collection.anki2", "collection.history"] {
        std::fs::copy(folder.path().join(name), paths.folder.join(name)).unwrap();
    }
    let worker = ServiceHandle::spawn(ServiceConfig {
        clock: Clock::fixed(TimestampMillis(NOON + 40 * DAY), 0),
        calm: Duration::ZERO,
        ..ServiceConfig::without_keychain(data)
    })
    .unwrap();
    let space = || {
        assert!(worker.request(Request::History(HistoryRequest::Space)));
        loop {
            if let Some(Event::History(HistoryEvent::Space(space))) =
                worker.wait_event(Duration::from_secs(10))
            {
                return space.versions;
            }
        }
    };
    let open = ProfileRequest::Open { name: "Ana".into() };
    assert!(worker.request(Request::Profile(open)));
    assert_eq!(space(), 1);
    let shown = ProfileSettings::default();
    let mut wanted = shown.clone();
    wanted.history.days = Some(30);
    let save = SettingsRequest::SaveProfile(Box::new(Changed { shown, wanted }));
    assert!(worker.request(Request::Settings(save)));
    for _ in 0..100 {
        if space() == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(30));
    }
    panic!("the limit was not applied");
}

#[test]
fn limits_and_purging_from_the_command_line() {
    let cli = Cli::with_profile();
    let (folder, mut col, note) = collection();
    edit(&mut col, note, "second");
    col.close().unwrap();
    for name in ["collection.anki2", "collection.history"] {
        let to = cli.base().join("Ann").join(name);
        std::fs::copy(folder.path().join(name), to).unwrap();
    }
    let shown = cli.ok(&["history", "limits"]);
    assert_eq!(shown["limits"]["days"], serde_json::Value::Null);
    assert_eq!(
        (&shown["versions"], &shown["removed"]),
        (&1.into(), &0.into())
    );
    let told = cli.ok(&["history", "purge", "--older-than", "30"]);
    assert_eq!((&told["older"], &told["purged"]), (&1.into(), &0.into()));
    assert_eq!(cli.ok(&["history", "limits"])["versions"], 1);
    let far = cli.ok(&["history", "purge", "--older-than", "36500", "--yes"]);
    assert_eq!(far["purged"], 0);
    let limited = cli.ok(&["history", "limits", "--days", "30"]);
    assert_eq!(
        (&limited["removed"], &limited["versions"]),
        (&1.into(), &0.into())
    );
    assert_eq!(cli.ok(&["history", "limits"])["limits"]["days"], 30);
    let again = cli.ok(&["history", "limits", "--for-all-time", "--megabytes", "50"]);
    assert_eq!(again["limits"]["days"], serde_json::Value::Null);
    assert_eq!(again["limits"]["megabytes"], 50);
    assert_eq!(
        cli.fails(&["history", "limits", "--days", "3", "--for-all-time"])
            .0,
        2
    );
}

/// A window saves at each pause: one stretch of typing is one version.
#[test]
fn one_stretch_of_typing_is_one_version() {
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let (_folder, mut col, note) = collection_at(clock.clone());
    for text in ["s", "se", "sec"] {
        clock.advance_millis(400);
        edit(&mut col, note, text);
    }
    clock.advance_millis(60_000);
    edit(&mut col, note, "other");
    assert_eq!(fronts(&mut col, note), ["sec", "first"]);
}

/// A note that was changed, and then deleted, between backups; and one file that is no backup.
#[test]
fn all_backups_are_searched_for_a_note_and_fill_its_history() {
    let cli = Cli::with_profile();
    let (folder, mut col, note) = collection();
    let card = col.next_card().unwrap().unwrap();
    col.answer(card.answer(Rating::Easy, 1000)).unwrap();
    let path = folder.path().join("collection.anki2");
    let state = |col: Collection, name: &str| {
        col.close().unwrap();
        let file = cli.path(name);
        std::fs::copy(&path, &file).unwrap();
        cli.ok(&["import", &file]);
        cli.ok(&["backup", "create"]);
        Collection::open(&path, Clock::fixed(TimestampMillis(NOON), 0)).unwrap()
    };
    let mut col = state(col, "first.anki2");
    edit(&mut col, note, "second");
    let mut col = state(col, "second.anki2");
    col.delete_notes(&[note]).unwrap();
    state(col, "third.anki2");
    let broken = cli
        .base()
        .join("Ann/backups/backup-2025-01-01-00.00.00.colpkg");
    std::fs::write(broken, b"not a backup").unwrap();

    let id = note.to_string();
    let found = cli.ok(&["backup", "find", &id]);
    let fronts = |versions: &serde_json::Value,
                  of: fn(&serde_json::Value) -> &serde_json::Value| {
        let texts = versions.as_array().unwrap().iter();
        let texts = texts.map(|v| of(v).as_str().unwrap().to_owned());
        texts.collect::<Vec<_>>()
    };
    assert_eq!(
        fronts(&found["versions"], |v| &v["fields"]["Front"]),
        ["second", "first"]
    );
    assert_eq!(found["unreadable"].as_array().unwrap().len(), 1);
    assert_eq!(
        cli.ok(&["backup", "find", "1"])["versions"],
        serde_json::json!([])
    );
    // The imports kept both, so that they have to go first.
    cli.ok(&["history", &id, "--purge"]);
    assert_eq!(cli.ok(&["history", &id])["versions"], serde_json::json!([]));

    for _ in 0..2 {
        let filled = cli.ok(&["history", &id, "--from-backups"]);
        assert_eq!(
            fronts(&filled["versions"], |v| &v["fields"][0]),
            ["second", "first"]
        );
        assert_eq!(filled["versions"][0]["deleted"], true);
        assert_eq!(filled["versions"][1]["deleted"], false);
    }
    let trash = cli.ok(&["history"]);
    assert_eq!(trash["deleted"][0]["cards"], 1);
    let newest = trash["deleted"][0]["version"].to_string();
    cli.ok(&["history", &id, "--restore", &newest]);
    assert_eq!(cli.ok(&["search", "second is:review"])["count"], 1);
}

#[test]
fn what_is_found_in_the_backups_of_a_profile_stays_in_that_profile() {
    let (folder, col, note) = collection();
    col.close().unwrap();
    let data = DataFolder::at(folder.path().join("data"));
    let (ana, ben) = (data.create("Ana").unwrap(), data.create("Ben").unwrap());
    let present = folder.path().join("collection.anki2");
    std::fs::copy(&present, ana.collection()).unwrap();
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let worker = ServiceHandle::spawn(ServiceConfig {
        clock: clock.clone(),
        ..ServiceConfig::without_keychain(data)
    })
    .unwrap();
    let ask = |request| assert!(worker.request(request));
    let next = || worker.wait_event(Duration::from_secs(10)).unwrap();
    let open = |name: &str| Request::Profile(ProfileRequest::Open { name: name.into() });
    ask(open("Ana"));
    ask(Request::Backup(BackupRequest::Create));
    while !matches!(
        next(),
        Event::Backup(BackupEvent::Created { .. } | BackupEvent::Unchanged)
    ) {}
    ask(Request::History(HistoryRequest::FindInBackups(note)));
    ask(open("Ben"));
    let (mut looks, mut is_other) = (None, false);
    loop {
        match next() {
            Event::Job(JobEvent::Started { id, title, .. }) if title.contains("the note") => {
                looks = Some(id);
            }
            Event::Profile(ProfileEvent::Opened { name, .. }) => is_other = name == "Ben",
            Event::History(event) => assert!(!is_other, "{event:?}"),
            Event::Job(JobEvent::Finished { id }) if looks == Some(id) => break,
            _ => {}
        }
    }
    ask(Request::Shutdown);
    while !matches!(next(), Event::Stopped) {}
    let mut col = Collection::open(&ben.collection(), clock).unwrap();
    assert!(col.note_versions(note).unwrap().is_empty());
}

/// In one operation: most notes are changed once, some twice, some are only touched, some deleted.
#[test]
fn an_operation_on_very_many_notes_keeps_each_as_it_was() {
    let (_folder, mut col, first) = collection();
    let mut notes = vec![first];
    notes.extend((1..600).map(|n| add(&mut col, &format!("note {n}"))));
    col.transact(Op::UpdateNote, |tx| {
        for (n, &id) in notes.iter().enumerate() {
            let mut note = tx.get_note(id)?.unwrap();
            match n % 6 {
                0 => note.tags.clear(),
                1 => note.fields[0].push_str(" and more"),
                2 => note.tags.push("twice".into()),
                3 => {
                    for card in tx.cards_of_note(id)? {
                        tx.remove_card(card.id)?;
                    }
                    tx.remove_note(id)?;
                    continue;
                }
                4 => {}
                _ => note.fields[1].clear(),
            }
            tx.update_note(&note)?;
            if n % 6 == 2 {
                note.fields[0].clear();
                tx.update_note(&note)?;
            }
        }
        Ok(())
    })
    .unwrap();
    let was = |n: usize| match n {
        0 => "first".to_owned(),
        n => format!("note {n}"),
    };
    for (n, &id) in notes.iter().enumerate() {
        let versions = col.note_versions(id).unwrap();
        if n % 6 == 4 {
            assert!(versions.is_empty(), "{n} says what it said");
            continue;
        }
        let [version] = versions.as_slice() else {
            panic!("{n} has {} versions", versions.len());
        };
        assert_eq!(version.note.fields, [was(n), "back".to_owned()]);
        assert_eq!(version.note.tags, ["a"]);
        assert_eq!(version.decks, ["Default"], "{n}");
        let fate = [Fate::Changed, Fate::Deleted][usize::from(n % 6 == 3)];
        assert_eq!(version.fate, fate);
    }
    col.undo().unwrap();
    let told = |note: &NoteId| col.storage().get_note(*note).unwrap().unwrap();
    for (n, note) in notes.iter().map(told).enumerate() {
        assert_eq!((note.fields[0].clone(), note.tags.len()), (was(n), 1));
    }
    col.add_tags(&notes, "b", &Progress::new()).unwrap();
    let given = col.note_versions(notes[5]).unwrap();
    assert_eq!(given[0].note.tags, ["a"]);
    assert_eq!(told_tags(&col, notes[5]), ["a", "b"]);
    col.undo().unwrap();
    assert_eq!(told_tags(&col, notes[5]), ["a"]);
}

fn told_tags(col: &Collection, note: NoteId) -> Vec<String> {
    col.storage().get_note(note).unwrap().unwrap().tags
}

/// So many that a second thread keeps them while they are changed.
#[test]
fn what_thousands_were_before_a_tag_is_kept_unless_the_operation_ends_early() {
    let (folder, mut col, first) = collection();
    let like = col.storage().get_note(first).unwrap().unwrap();
    let notes: Vec<NoteId> = col
        .transact(Op::AddNote, |tx| {
            let add = |n: i64| {
                let mut note = like.clone();
                note.id = NoteId(5000 + n);
                note.guid = format!("many {n}");
                tx.add_note(&mut note).map(|()| note.id)
            };
            (0..2100).map(add).collect()
        })
        .unwrap()
        .value;
    let cancelled = Progress::new();
    cancelled.cancel();
    assert!(col.add_tags(&notes, "b", &cancelled).is_err());
    assert_eq!(told_tags(&col, notes[2000]), ["a"]);
    assert!(col.note_versions(notes[0]).unwrap().is_empty());
    let all: Vec<NoteId> = notes.iter().copied().chain([first]).collect();
    col.add_tags(&all, "b", &Progress::new()).unwrap();
    let with_card = &col.note_versions(first).unwrap()[0];
    assert_eq!(with_card.decks, ["Default"]);
    for at in [0, 255, 256, 2099] {
        let versions = col.note_versions(notes[at]).unwrap();
        assert_eq!(versions.len(), 1, "{at}");
        assert_eq!(versions[0].note.tags, ["a"]);
        assert_eq!(versions[0].note.fields, like.fields);
        assert_eq!(versions[0].origin, Op::UpdateTags.label());
        assert_eq!(told_tags(&col, notes[at]), ["a", "b"]);
    }
    col.undo().unwrap();
    assert_eq!(told_tags(&col, notes[2099]), ["a"]);
    col.close().unwrap();

    std::fs::remove_file(path_of(&folder.path().join("collection.anki2"))).unwrap();
    std::fs::create_dir(path_of(&folder.path().join("collection.anki2"))).unwrap();
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let mut col = Collection::open(&folder.path().join("collection.anki2"), clock).unwrap();
    col.remove_tags(&notes, "a", &Progress::new()).unwrap();
    assert!(told_tags(&col, notes[2099]).is_empty(), "it goes on");
    let told = col.take_history_trouble().unwrap();
    assert!(told.what().contains("versions of 2100 notes"), "{told}");
}

/// Notes of the type of `like`, so many that a second thread keeps what they were.
fn hundreds(col: &mut Collection, like: NoteId, count: usize) -> Vec<NoteId> {
    let like = col.storage().get_note(like).unwrap().unwrap();
    let new = |n: usize| NewNote {
        notetype_id: like.notetype_id,
        deck_id: DeckId::DEFAULT,
        fields: vec![format!("note {n}"), "back".into()],
        tags: vec![],
    };
    col.add_notes((0..count).map(new).collect()).unwrap().value
}

/// One change of the second field of all of them.
fn change_all(col: &mut Collection, notes: &[NoteId]) {
    col.transact(Op::UpdateNote, |tx| {
        for id in notes {
            let mut note = tx.get_note(*id)?.unwrap();
            note.fields[1] = "other".into();
            tx.update_note(&note)?;
        }
        Ok(())
    })
    .unwrap();
}

/// So many that a second thread keeps them while they are put back.
#[test]
fn what_is_undone_with_hundreds_of_notes_is_kept() {
    let (_folder, mut col, first) = collection();
    let notes = hundreds(&mut col, first, 600);
    change_all(&mut col, &notes);
    col.undo().unwrap();
    let backs = |col: &mut Collection, note: NoteId| {
        let versions = col.note_versions(note).unwrap().into_iter();
        let told = versions.map(|v| (v.note.fields[1].clone(), v.fate));
        told.collect::<Vec<_>>()
    };
    let both = [("other", Fate::Changed), ("back", Fate::Changed)];
    let both = both.map(|(text, fate)| (text.to_owned(), fate));
    for at in [0, 127, 128, 599] {
        assert_eq!(backs(&mut col, notes[at]), both, "{at}");
    }
    col.undo().unwrap();
    assert_eq!(col.storage().counts().unwrap().notes, 1);
    assert_eq!(col.storage().counts().unwrap().cards, 1);
    let trashed = col.trashed("", 1000).unwrap();
    assert_eq!(trashed.len(), 600);
    assert!(trashed.iter().all(|note| note.cards == 1));
    assert_eq!(backs(&mut col, notes[128]).len(), 3, "the deleted one too");
    for at in [0, 127, 128, 599] {
        let gone = &col.note_versions(notes[at]).unwrap()[0];
        assert_eq!(gone.decks, ["Default"], "{at}");
        assert_eq!(gone.fate, Fate::Deleted, "{at}");
    }
    col.redo().unwrap();
    assert_eq!(front(&col, notes[599]), "note 599");
    assert!(col.trashed("", 1000).unwrap().is_empty());
    assert!(col.take_history_trouble().is_none());
}

/// Cards are looked for in parts: some notes are in another deck, at their borders too.
#[test]
fn what_is_undone_with_hundreds_of_notes_is_kept_with_its_decks() {
    let (_folder, mut col, first) = collection();
    let notes = hundreds(&mut col, first, 300);
    let deck = col.deck_create("Other").unwrap().value;
    let card = |note: &NoteId| col.storage().cards_of_note(*note).unwrap()[0].id;
    let moved: Vec<CardId> = notes[128..257].iter().map(card).collect();
    col.set_deck(&moved, deck, &Progress::new()).unwrap();
    change_all(&mut col, &notes);
    col.undo().unwrap();
    for (at, name) in [
        (0, "Default"),
        (127, "Default"),
        (128, "Other"),
        (256, "Other"),
        (257, "Default"),
        (299, "Default"),
    ] {
        assert_eq!(decks(&mut col, notes[at]), [[name], [name]], "{at}");
    }
}

/// Another one is begun while the notes are put back, and takes what all of them were until then.
#[test]
fn a_damaged_history_loses_nothing_of_what_an_undo_of_hundreds_replaces() {
    // The new one takes many notes in another way than few.
    for count in [600, 150] {
        loses_nothing_of(count);
    }
}

fn loses_nothing_of(count: usize) {
    let (folder, mut col, first) = collection();
    let notes = hundreds(&mut col, first, count);
    change_all(&mut col, &notes);
    let path = col.storage().path().to_owned();
    col.close().unwrap();
    let mut bytes = std::fs::read(path_of(&path)).unwrap();
    // All but what says which tables there are.
    bytes[4096..].fill(0xff);
    std::fs::write(path_of(&path), bytes).unwrap();
    let clock = Clock::fixed(TimestampMillis(NOON + 60_000), 0);
    let mut col = Collection::open(&path, clock).unwrap();
    col.undo().unwrap();
    let told = col.take_history_trouble().unwrap();
    assert!(told.what().contains("set aside"), "{told}");
    assert!(folder.path().join("collection.history-damaged").exists());
    for at in [0, 127, 128, count - 1] {
        let now = col.storage().get_note(notes[at]).unwrap().unwrap();
        assert_eq!(now.fields[1], "back");
        let versions = col.note_versions(notes[at]).unwrap();
        let were: Vec<&str> = versions.iter().map(|v| &*v.note.fields[1]).collect();
        assert_eq!(were, ["other"], "{at}");
    }
    edit(&mut col, notes[5], "later");
    assert_eq!(col.note_versions(notes[5]).unwrap().len(), 2);
    assert!(col.take_history_trouble().is_none(), "told once");
}

/// Rows of graves are between those of notes and cards in these steps.
#[test]
fn what_hundreds_of_notes_were_is_kept_when_their_deletion_is_redone_or_their_return_undone() {
    let (_folder, mut col, first) = collection();
    let notes = hundreds(&mut col, first, 600);
    let deleted = |col: &mut Collection, times: usize| {
        let trashed = col.trashed("", 1000).unwrap();
        assert_eq!(trashed.len(), 600);
        assert!(trashed.iter().all(|note| note.cards == 1));
        for at in [0, 127, 128, 599] {
            let versions = col.note_versions(notes[at]).unwrap();
            assert_eq!(versions.len(), times, "{at}");
            assert!(versions.iter().all(|v| v.decks == ["Default"]), "{at}");
        }
    };
    col.delete_notes(&notes).unwrap();
    deleted(&mut col, 1);
    col.undo().unwrap();
    col.redo().unwrap();
    deleted(&mut col, 2);
    let trashed = col.trashed("", 1000).unwrap();
    let numbers: Vec<i64> = trashed.iter().map(|note| note.number).collect();
    col.restore_trashed(&numbers).unwrap();
    col.undo().unwrap();
    deleted(&mut col, 3);
    assert!(col.take_history_trouble().is_none());
}

/// Notes whose cards are not known any more get new ones when they come back.
#[test]
fn hundreds_of_notes_that_got_cards_when_they_came_back_go_with_these() {
    let (_folder, mut col, first) = collection();
    let notes = hundreds(&mut col, first, 150);
    // As damage leaves them.
    col.transact(Op::UpdateNote, |tx| {
        for note in &notes {
            for card in tx.cards_of_note(*note)? {
                tx.remove_card(card.id)?;
            }
        }
        Ok(())
    })
    .unwrap();
    col.delete_notes(&notes).unwrap();
    let trashed = col.trashed("", 1000).unwrap();
    assert_eq!(trashed.len(), 150);
    assert!(trashed.iter().all(|note| note.cards == 0));
    let numbers: Vec<i64> = trashed.iter().map(|note| note.number).collect();
    col.restore_trashed(&numbers).unwrap();
    assert_eq!(col.storage().counts().unwrap().cards, 151);
    col.undo().unwrap();
    assert_eq!(col.storage().counts().unwrap().cards, 1);
    let trashed = col.trashed("", 1000).unwrap();
    assert_eq!(trashed.len(), 150);
    assert!(trashed.iter().all(|note| note.cards == 1));
    let gone = &col.note_versions(notes[149]).unwrap()[0];
    assert_eq!(gone.decks, ["Default"]);
    col.redo().unwrap();
    assert_eq!(col.storage().counts().unwrap().cards, 151);
}

fn two_sided(col: &mut Collection) -> NoteId {
    let storage = col.storage();
    let both = storage.notetype_by_name("Basic (and reversed card)");
    let new = NewNote {
        notetype_id: both.unwrap().unwrap().id,
        deck_id: DeckId::DEFAULT,
        fields: vec!["front".into(), "back".into()],
        tags: vec![],
    };
    col.add_note(new).unwrap().value
}

fn edit_type_of(col: &mut Collection, note: NoteId, edit: impl FnOnce(&mut NotetypeEdit)) {
    let id = match col.storage().get_note(note).unwrap() {
        Some(note) => note.notetype_id,
        None => col.note_versions(note).unwrap()[0].note.notetype_id,
    };
    let mut draft = NotetypeEdit::from(col.storage().get_notetype(id).unwrap().unwrap());
    edit(&mut draft);
    col.update_notetype(&draft, &Progress::new()).unwrap();
}

fn fields(col: &Collection, note: NoteId) -> Vec<String> {
    col.storage().get_note(note).unwrap().unwrap().fields
}

#[test]
fn a_version_goes_back_into_its_fields_wherever_they_are_now() {
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let (_folder, mut col, note) = collection_at(clock.clone());
    let tick = || clock.advance_millis(60_000);
    tick();
    edit(&mut col, note, "second");
    tick();
    edit_type_of(&mut col, note, |edit| {
        edit.fields.swap(0, 1);
        edit.fields[0].now.name = "Reverse".into();
    });
    assert_eq!(fields(&col, note), ["back", "second"]);
    let shown = col.note_history(note).unwrap().versions.pop().unwrap();
    let line = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(
        shown.fields,
        [
            line("Front", "first"),
            line("Reverse", "back"),
            line("Tags", "a")
        ]
    );
    tick();
    col.restore_version(shown.number, false).unwrap();
    assert_eq!(fields(&col, note), ["back", "first"]);
    let copy = col.restore_version(shown.number, true).unwrap().value;
    assert_eq!(fields(&col, copy), ["back", "first"]);
    tick();
    col.delete_notes(&[note]).unwrap();
    tick();
    edit_type_of(&mut col, note, |edit| {
        edit.add_field("Extra");
        edit.fields.rotate_right(1);
    });
    let trashed = col.trashed("", 10).unwrap()[0].number;
    col.restore_trashed(&[trashed]).unwrap();
    assert_eq!(fields(&col, note), ["", "back", "first"]);
}

/// Check Database would delete them.
#[test]
fn a_deleted_note_comes_back_without_cards_whose_card_type_is_gone() {
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let (_folder, mut col, _) = collection_at(clock.clone());
    let note = two_sided(&mut col);
    let second = col.storage().cards_of_note(note).unwrap()[1].id;
    clock.advance_millis(60_000);
    col.delete_notes(&[note]).unwrap();
    clock.advance_millis(60_000);
    edit_type_of(&mut col, note, |edit| drop(edit.templates.remove(0)));
    let trashed = col.trashed("", 10).unwrap()[0].number;
    col.restore_trashed(&[trashed]).unwrap();
    let cards = col.storage().cards_of_note(note).unwrap();
    assert_eq!(cards.len(), 1);
    assert_eq!((cards[0].id, cards[0].template_idx), (second, 0));
}

#[test]
fn what_came_back_does_not_hide_what_was_deleted_before() {
    let (_folder, mut col, note) = collection();
    let other = add(&mut col, "other");
    col.delete_notes(&[note]).unwrap();
    col.delete_notes(&[other]).unwrap();
    col.undo().unwrap();
    let trashed = col.trashed("", 1).unwrap();
    assert_eq!((trashed.len(), trashed[0].note), (1, note));
}

#[test]
fn one_deleted_note_that_cannot_come_back_keeps_no_other_away() {
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let (_folder, mut col, note) = collection_at(clock.clone());
    let other = add(&mut col, "other");
    let mut twin = col.storage().get_note(note).unwrap().unwrap();
    col.delete_notes(&[note, other]).unwrap();
    clock.advance_millis(60_000);
    col.transact(Op::AddNote, |tx| {
        twin.id = NoteId(0);
        tx.add_note(&mut twin)
    })
    .unwrap();
    let trashed = col.trashed("", 10).unwrap();
    let number = |note| trashed.iter().find(|t| t.note == note).unwrap().number;
    let numbers = [number(note), number(other)];
    let done = col.restore_trashed(&numbers).unwrap().value;
    assert_eq!((done.notes, done.left.len()), (vec![other], 1));
    let refused = col.restore_trashed(&numbers[..1]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
}
