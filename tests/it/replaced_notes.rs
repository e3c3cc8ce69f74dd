//! No note is lost to what comes from elsewhere: what a sync, a download, a merge or an import
//! overwrote or deleted here is in its history, with where that came from.

use crate::cli_commands::Cli;
use crate::sync_client::Client;
use crate::sync_server::Server;
use engram::base::ids::{NoteId, NotetypeId};
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::domain::history::Fate;
use engram::domain::note_edit::NoteEdit;
use engram::domain::op::Op;
use serde_json::{Value, json};

/// Origin, fate and front of each version.
fn versions(col: &mut Collection, note: NoteId) -> Vec<(String, Fate, String)> {
    let versions = col.note_versions(note).unwrap().into_iter();
    versions
        .map(|v| (v.origin, v.fate, v.note.fields[0].clone()))
        .collect()
}

fn kept(origin: &str, fate: Fate, front: &str) -> (String, Fate, String) {
    (origin.to_owned(), fate, front.to_owned())
}

#[test]
fn what_only_the_server_changed_or_deleted_is_kept_here() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    let (first, second) = (a.add("first"), a.add("second"));
    a.upload();
    let mut b = Client::downloaded(&server);
    b.edit(first, "changed there");
    b.col.delete_notes(&[second]).unwrap();
    b.sync();
    a.sync();
    assert_eq!(a.front(first).unwrap(), "changed there");
    assert_eq!(a.front(second), None);
    assert_eq!(
        versions(&mut a.col, first),
        [kept("Sync", Fate::Changed, "first")]
    );
    let trashed = a.col.trashed("", 10).unwrap();
    assert_eq!((trashed[0].note, trashed[0].cards), (second, 1));
    a.col.restore_trashed(&[trashed[0].number]).unwrap();
    assert_eq!(a.front(second).unwrap(), "second");
}

#[test]
fn what_a_download_takes_the_place_of_is_kept_here() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    let (first, second) = (a.add("first"), a.add("second"));
    a.upload();
    let mut b = Client::downloaded(&server);
    a.edit(first, "changed here");
    let only_here = a.add("only here");
    b.edit(second, "changed there");
    b.upload();
    a.download();
    assert_eq!(a.front(first).unwrap(), "first");
    assert_eq!(
        versions(&mut a.col, first)[0],
        kept("Sync", Fate::Changed, "changed here")
    );
    assert_eq!(
        versions(&mut a.col, second),
        [kept("Sync", Fate::Changed, "second")]
    );
    let trashed = a.col.trashed("", 10).unwrap();
    assert_eq!((trashed[0].note, trashed[0].cards), (only_here, 1));
    a.col.restore_trashed(&[trashed[0].number]).unwrap();
    assert_eq!(a.front(only_here).unwrap(), "only here");
}

/// Changes the front of a note.
fn edit(cli: &Cli, note: &Value, text: &str) {
    let path = cli.base().join("Ann/collection.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let present = col.storage().get_note(NoteId(note.as_i64().unwrap()));
    let present = present.unwrap().unwrap();
    let edit = NoteEdit {
        id: present.id,
        notetype_id: present.notetype_id,
        fields: vec![(0, text.to_owned())],
        tags: None,
    };
    col.update_notes(&[edit]).unwrap();
    col.close().unwrap();
}

fn history(cli: &Cli, note: &Value) -> Value {
    cli.ok(&["history", &note.to_string()])["versions"].clone()
}

#[test]
fn what_an_import_takes_the_place_of_is_kept() {
    let cli = Cli::with_profile();
    std::fs::write(cli.path("notes.txt"), "first\tback\nsecond\tback\n").unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    let note = |text: &str| cli.ok(&["search", "--notes", text])["ids"][0].clone();
    let (first, second) = (note("first"), note("second"));
    edit(&cli, &first, "first, edited");
    let whole = cli.path("whole.colpkg");
    cli.ok(&["export", &whole]);
    edit(&cli, &second, "second, later");
    std::fs::write(cli.path("more.txt"), "third\tback\n").unwrap();
    cli.ok(&["import", &cli.path("more.txt")]);
    let third = note("third");
    cli.ok(&["import", &whole]);
    assert_eq!(cli.ok(&["info"])["notes"], 2);
    let newest = &history(&cli, &second)[0];
    assert_eq!(newest["origin"], "Import");
    assert_eq!(newest["fields"][0], "second, later");
    let deleted = cli.ok(&["history"])["deleted"].clone();
    assert_eq!(deleted[0]["note"], third);
    assert_eq!(deleted[0]["cards"], 1);
    cli.ok(&["history", "--restore", &deleted[0]["version"].to_string()]);
    assert_eq!(note("third"), third);
    // The same as what is there leaves no version.
    let before = history(&cli, &first);
    cli.ok(&["import", &whole]);
    assert_eq!(history(&cli, &first), before);
}

/// The way back from the trash needs no backup, though nothing in the new collection fits.
#[test]
fn note_types_and_decks_that_an_import_took_away_come_back_too() {
    let (there, here) = (Cli::with_profile(), Cli::with_profile());
    std::fs::write(there.path("notes.txt"), "first\tback\n").unwrap();
    there.ok(&["import", &there.path("notes.txt")]);
    let whole = there.path("whole.colpkg");
    there.ok(&["export", &whole]);
    let path = here.base().join("Ann/collection.anki2");
    let open = || Collection::open(&path, Clock::System).unwrap();
    let mut col = open();
    let mut mine = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    (mine.id, mine.name) = (NotetypeId(0), "Mine".into());
    col.transact(Op::Import, |tx| tx.add_notetype(&mut mine))
        .unwrap();
    let deck = col.deck_create("My deck").unwrap().value;
    let new = NewNote {
        notetype_id: mine.id,
        deck_id: deck,
        fields: vec!["only here".into(), "back".into()],
        tags: vec![],
    };
    let note = col.add_note(new).unwrap().value;
    col.close().unwrap();
    here.ok(&["import", &whole]);

    let mut col = open();
    assert_eq!(col.storage().get_note(note).unwrap(), None);
    let gone = col.trashed_subjects("", 100).unwrap();
    let number = |name: &str| gone.iter().find(|s| s.name == name).unwrap().number;
    number("Mine");
    col.restore_subjects(&[number("My deck")], &Progress::new())
        .unwrap();
    let trashed = col.trashed("", 10).unwrap()[0].number;
    let back = col.restore_trashed(&[trashed]).unwrap().value;
    assert_eq!((back.notes, back.left.len()), (vec![note], 0));
    let cards = col.storage().cards_of_note(note).unwrap();
    assert_eq!((cards.len(), cards[0].deck_id), (1, deck));
    let again = col.storage().get_notetype(mine.id).unwrap().unwrap();
    assert_eq!((again.name, again.fields), (mine.name, mine.fields));
    col.undo().unwrap();
    assert_eq!(col.storage().get_note(note).unwrap(), None);
    assert_eq!(
        col.storage().get_notetype(mine.id).unwrap(),
        None,
        "one step"
    );
    col.close().unwrap();
}

#[test]
fn what_a_newer_deck_package_takes_the_place_of_is_kept() {
    let (there, here) = (Cli::with_profile(), Cli::with_profile());
    std::fs::write(there.path("notes.txt"), "first\tback\n").unwrap();
    there.ok(&["import", &there.path("notes.txt")]);
    let deck = there.path("deck.apkg");
    there.ok(&["export", &deck]);
    here.ok(&["import", &deck]);
    let note = here.ok(&["search", "--notes", "first"])["ids"][0].clone();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    edit(&there, &note, "newer");
    there.ok(&["export", &deck]);
    here.ok(&["import", &deck]);
    let newest = &history(&here, &note)[0];
    assert_eq!(newest["origin"], "Import");
    assert_eq!(newest["fields"][0], "first");
}

/// Their own times are older than the backup.
#[test]
fn notes_that_a_package_brings_count_as_not_backed_up_yet() {
    let (there, here) = (Cli::with_profile(), Cli::with_profile());
    std::fs::write(there.path("notes.txt"), "first\tback\nsecond\tback\n").unwrap();
    there.ok(&["import", &there.path("notes.txt")]);
    let deck = there.path("deck.apkg");
    there.ok(&["export", &deck]);
    let later = || std::thread::sleep(std::time::Duration::from_millis(1100));
    later();
    here.ok(&["backup", "create"]);
    assert_eq!(here.ok(&["health"])["at_risk"]["notes"], 0);
    here.ok(&["import", &deck]);
    assert_eq!(here.ok(&["health"])["at_risk"]["notes"], 2);
    // One that it changes too, which happened there before the backup here.
    let note = there.ok(&["search", "--notes", "first"])["ids"][0].clone();
    edit(&there, &note, "newer");
    there.ok(&["export", &deck]);
    later();
    here.ok(&["backup", "create"]);
    let at_risk = here.ok(&["health"])["at_risk"].clone();
    assert_eq!(
        (&at_risk["notes"], &at_risk["modified"]),
        (&0.into(), &false.into())
    );
    here.ok(&["import", &deck]);
    let at_risk = here.ok(&["health"])["at_risk"].clone();
    assert_eq!(
        (&at_risk["notes"], &at_risk["modified"]),
        (&1.into(), &true.into())
    );
}

#[test]
fn what_cannot_be_kept_is_told_with_its_number_and_why() {
    let cli = Cli::with_profile();
    std::fs::write(cli.path("notes.txt"), "first\tback\nsecond\tback\n").unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    let (whole, deck) = (cli.path("whole.colpkg"), cli.path("deck.apkg"));
    cli.ok(&["export", &whole]);
    std::fs::write(cli.path("more.txt"), "third\tback\nfourth\tback\n").unwrap();
    cli.ok(&["import", &cli.path("more.txt")]);
    cli.ok(&["export", &deck]);
    let third = cli.ok(&["search", "--notes", "third"])["ids"][0].to_string();
    // No database can be opened or written there.
    let history = cli.base().join("Ann/collection.history");
    let _ = std::fs::remove_file(&history);
    std::fs::create_dir(&history).unwrap();

    let done = cli.ok(&["import", &whole]);
    assert_eq!(cli.ok(&["info"])["notes"], 2);
    let warning = done["warnings"][0].as_str().unwrap();
    assert!(warning.contains("former versions of 2 notes were not kept in the history"));
    assert!(
        warning.ends_with("their database cannot be opened or written"),
        "{warning}"
    );
    let backup = done["safety_backup"].as_str().unwrap();
    let found = cli.ok(&["backup", "find", "--in", backup, &third]);
    assert_ne!(found["versions"], Value::Array(Vec::new()), "{found}");

    // What was asked for is done all the same. Nothing took the place of anything here.
    let done = cli.ok(&["import", "--update-existing=true", &deck]);
    assert_eq!(cli.ok(&["info"])["notes"], 4);
    assert_eq!(done["warnings"], json!([]));
    // A deck and a text in one call are told of together.
    let newer = Cli::with_profile();
    newer.ok(&["import", &deck]);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    for text in ["third", "fourth"] {
        let note = newer.ok(&["search", "--notes", text])["ids"][0].clone();
        edit(&newer, &note, &format!("{text}, newer"));
    }
    newer.ok(&["export", &deck]);
    std::fs::write(cli.path("edit.txt"), "first\tother\n").unwrap();
    let done = cli.ok(&["import", &deck, &cli.path("edit.txt")]);
    assert_eq!(done["updated"], 3, "{done}");
    assert_eq!(
        done["warnings"],
        json!([
            "the former versions of 3 notes were not kept in the history: their database cannot be \
             opened or written"
        ])
    );
    // As text, on standard error.
    std::fs::write(cli.path("edit.txt"), "first\tanother\n").unwrap();
    let said = cli.run(&["import", &cli.path("edit.txt")]);
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(
        said.contains("The former version of 1 note was not kept in the history: "),
        "{said}"
    );
}
