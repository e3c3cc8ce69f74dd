//! `engram-cli sync` as scripts see it: two data folders and the real Anki's server between them.

use crate::cli_commands::Cli;
use crate::fake_http::{Answer, serve};
use crate::sync_server::{PASSWORD, Server, USER};
use engram::base::ids::NoteId;
use engram::base::time::Clock;
use engram::codec::sync::{SIZE_HEADER, pack};
use engram::collection::Collection;
use serde_json::{Value, json};

/// A data folder with a profile, and the file with the password.
fn computer() -> Cli {
    let cli = Cli::with_profile();
    std::fs::write(cli.path("password"), format!("{PASSWORD}\n")).unwrap();
    std::fs::write(cli.path("wrong"), "something else").unwrap();
    cli
}

fn add(cli: &Cli, text: &str) {
    let file = cli.path("notes.txt");
    std::fs::write(&file, format!("{text}\tback\n")).unwrap();
    cli.ok(&["import", &file]);
}

fn sync(cli: &Cli, server: &Server, password: &str, more: &[&str]) -> (i32, Value) {
    let file = cli.path(password);
    let mut args = vec!["sync", "--server", &server.url, "--user", USER];
    args.extend(["--password-file", &file]);
    args.extend(more);
    cli.json(&args)
}

fn synced(cli: &Cli, server: &Server, more: &[&str]) -> Value {
    let (status, value) = sync(cli, server, "password", more);
    assert_eq!(status, 0, "{value}");
    value
}

#[test]
fn two_computers_sync_cards_and_pictures_through_the_command_line() {
    let Some(server) = Server::start() else {
        return;
    };
    let (here, there) = (computer(), computer());
    let (status, error) = sync(&here, &server, "wrong", &[]);
    assert_eq!(status, 4, "{error}");
    add(&here, "one");
    std::fs::write(here.base().join("Ann/collection.media/p.png"), b"picture").unwrap();
    // Neither side is thrown away unasked, and only what can be done is named.
    let refused = |cli: &Cli, named: &str, other: &str| {
        let (status, error) = sync(cli, &server, "password", &[]);
        assert_eq!((status, &error["error"]["kind"]), (1, &json!("conflict")));
        let why = error["error"].to_string();
        assert!(why.contains(named) && !why.contains(other), "{why}");
    };
    refused(&here, "--upload", "--download");
    let up = synced(&here, &server, &["--upload"]);
    assert_eq!(
        (&up["outcome"], &up["media"]["uploaded"]),
        (&json!("uploaded"), &json!(1))
    );
    refused(&there, "--download", "--upload");
    let down = synced(&there, &server, &["--download"]);
    assert_eq!(down["outcome"], "downloaded");
    let picture = there.base().join("Ann/collection.media/p.png");
    assert_eq!(std::fs::read(picture).unwrap(), b"picture");
    add(&there, "two");
    let sent = synced(&there, &server, &[]);
    assert_eq!(sent["outcome"], "synced");
    let received = synced(&here, &server, &[]);
    assert_eq!(
        (&received["uploaded"], &received["downloaded"]),
        (&json!(0), &sent["uploaded"])
    );
    assert_eq!(here.ok(&["search", "two"])["count"], 1);
    let nothing = synced(&here, &server, &[]);
    assert_eq!(
        (&nothing["outcome"], &nothing["warnings"]),
        (&json!("nothing"), &json!([]))
    );
    // The media alone: a note of this computer stays here.
    add(&here, "three");
    std::fs::write(here.base().join("Ann/collection.media/q.png"), b"another").unwrap();
    let media = synced(&here, &server, &["--media-only"]);
    assert_eq!(
        [
            &media["outcome"],
            &media["uploaded"],
            &media["downloaded"],
            &media["media"]["uploaded"],
        ],
        [&json!("media"), &json!(0), &json!(0), &json!(1)]
    );
    let received = synced(&there, &server, &[]);
    assert_eq!(received["media"]["downloaded"], 1);
    assert_eq!(there.ok(&["search", "three"])["count"], 0);
    // Before anything changed here, a verified backup was made.
    let backups = here.ok(&["backup", "list"])["backups"].clone();
    assert!(
        backups
            .as_array()
            .unwrap()
            .iter()
            .all(|b| b["verified"] == true)
    );
    let last = &there.ok(&["backup", "list"])["backups"];
    assert!(last.to_string().contains("before"), "{last}");
}

#[test]
fn nothing_is_taken_for_known_of_an_account_that_was_never_synced_with() {
    let (Some(first), Some(second)) = (Server::start(), Server::start()) else {
        return;
    };
    let (here, there) = (computer(), computer());
    let media = |cli: &Cli, name: &str| cli.base().join("Ann/collection.media").join(name);
    add(&here, "one");
    std::fs::write(media(&here, "mine.png"), b"mine").unwrap();
    synced(&here, &first, &["--upload"]);
    // The same notes are on the second server, which has counted one media file, too.
    synced(&there, &first, &["--download"]);
    std::fs::remove_file(media(&there, "mine.png")).unwrap();
    std::fs::write(media(&there, "other.png"), b"other").unwrap();
    synced(&there, &second, &["--upload"]);
    let (status, refused) = sync(&here, &second, "password", &["--merge"]);
    assert_eq!((status, &refused["error"]["kind"]), (1, &json!("conflict")));
    let why = refused["error"].to_string();
    assert!(why.contains("this account before"), "{why}");
    let down = synced(&here, &second, &["--download"]);
    let moved = (&down["media"]["downloaded"], &down["media"]["uploaded"]);
    assert_eq!(moved, (&json!(1), &json!(1)), "{down}");
    assert!(media(&here, "mine.png").exists() && media(&here, "other.png").exists());
    // From now on it is known.
    let nothing = synced(&here, &second, &["--merge"]);
    assert_eq!(nothing["outcome"], "nothing");
    let kept = std::fs::read_to_string(here.base().join("Ann/settings.json")).unwrap();
    assert!(kept.contains(&second.url) && kept.contains("\"new_account\": false"));
}

#[test]
fn an_upload_saves_what_it_takes_the_place_of_and_needs_cards() {
    let Some(server) = Server::start() else {
        return;
    };
    let (here, there) = (computer(), computer());
    add(&here, "one");
    synced(&here, &server, &["--upload"]);
    synced(&there, &server, &["--download"]);
    let note = there.ok(&["search", "--notes", "one"])["ids"][0].clone();
    let path = there.base().join("Ann/collection.anki2");
    let mut collection = Collection::open(&path, Clock::System).unwrap();
    let note = NoteId(note.as_i64().unwrap());
    collection.delete_notes(&[note]).unwrap();
    collection.close().unwrap();
    let (status, refused) = sync(&there, &server, "password", &["--upload"]);
    assert_eq!((status, &refused["error"]["kind"]), (1, &json!("conflict")));
    add(&there, "two");
    add(&there, "three");
    synced(&there, &server, &["--upload"]);
    let backups = there.ok(&["backup", "list"])["backups"].clone();
    let pinned = |b: &&Value| b["name"] == "The server’s collection before a one-way sync";
    let saved: Vec<&Value> = backups.as_array().unwrap().iter().filter(pinned).collect();
    assert_eq!((saved.len(), &saved[0]["notes"]), (1, &json!(1)));
}

/// Reviews, decks and settings of the server are worth as much where its last card is gone.
#[test]
fn an_upload_saves_a_server_without_cards_too() {
    let Some(server) = Server::start() else {
        return;
    };
    let (here, there) = (computer(), computer());
    add(&here, "one");
    synced(&here, &server, &["--upload"]);
    let path = here.base().join("Ann/collection.anki2");
    let mut collection = Collection::open(&path, Clock::System).unwrap();
    let notes = collection.storage().all_note_ids().unwrap();
    collection.delete_notes(&notes).unwrap();
    collection.close().unwrap();
    synced(&here, &server, &[]);
    add(&there, "two");
    synced(&there, &server, &["--upload"]);
    let backups = there.ok(&["backup", "list"])["backups"].clone();
    let saved = |b: &&Value| b["name"] == "The server’s collection before a one-way sync";
    let saved: Vec<&Value> = backups.as_array().unwrap().iter().filter(saved).collect();
    assert_eq!((saved.len(), &saved[0]["notes"]), (1, &json!(0)));
}

#[test]
fn deletions_that_were_agreed_to_raise_no_alarm_in_the_next_backup() {
    let Some(server) = Server::start() else {
        return;
    };
    let (here, there) = (computer(), computer());
    let rows: String = (0..60).map(|n| format!("word {n}\tback\n")).collect();
    std::fs::write(here.path("notes.txt"), rows).unwrap();
    here.ok(&["import", &here.path("notes.txt")]);
    synced(&here, &server, &["--upload"]);
    synced(&there, &server, &["--download"]);
    there.ok(&["backup", "create"]);
    let path = here.base().join("Ann/collection.anki2");
    let mut collection = Collection::open(&path, Clock::System).unwrap();
    let notes = collection.storage().all_note_ids().unwrap();
    collection.delete_notes(&notes[..40]).unwrap();
    collection.close().unwrap();
    for side in [&here, &there] {
        let done = synced(side, &server, &["--most-deleted", "100"]);
        assert_eq!(done["outcome"], "synced");
    }
    assert_eq!(there.ok(&["info"])["notes"], 20);
    there.ok(&["backup", "create"]);
    assert_eq!(there.ok(&["backup", "list"])["alarm"], Value::Null);
}

#[test]
fn a_sync_says_how_many_notes_it_could_not_keep_in_the_history() {
    let Some(server) = Server::start() else {
        return;
    };
    let (here, there) = (computer(), computer());
    let texts = |cli: &Cli, back: &str| {
        let file = cli.path("notes.txt");
        std::fs::write(&file, format!("one\t{back}\ntwo\t{back}\n")).unwrap();
        cli.ok(&["import", &file]);
    };
    texts(&here, "back");
    synced(&here, &server, &["--upload"]);
    synced(&there, &server, &["--download"]);
    texts(&here, "another back");
    synced(&here, &server, &[]);
    // No database can be opened or written there.
    let history = there.base().join("Ann/collection.history");
    let _ = std::fs::remove_file(&history);
    std::fs::create_dir(&history).unwrap();
    let received = synced(&there, &server, &[]);
    assert_eq!(received["outcome"], "synced");
    let warning = received["warnings"][0].as_str().unwrap();
    assert!(
        warning.starts_with("the former versions of 2 notes were not kept in the history: "),
        "{warning}"
    );
    assert_eq!(there.ok(&["search", "another"])["count"], 2);
}

#[test]
fn a_sync_that_is_forced_one_way_wants_its_direction_and_is_forced_once() {
    let Some(server) = Server::start() else {
        return;
    };
    let here = computer();
    add(&here, "one");
    synced(&here, &server, &["--upload"]);
    let file = here.base().join("Ann/settings.json");
    let settings = || -> Value { serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap() };
    for (way, outcome) in [("--upload", "uploaded"), ("--download", "downloaded")] {
        let mut forced = settings();
        forced["sync"]["force_one_way"] = true.into();
        std::fs::write(&file, forced.to_string()).unwrap();
        let (status, refused) = sync(&here, &server, "password", &[]);
        assert_eq!((status, &refused["error"]["kind"]), (1, &json!("conflict")));
        let why = refused["error"].to_string();
        assert!(why.contains("goes in one direction"), "{why}");
        assert_eq!(settings()["sync"]["force_one_way"], true);
        let done = synced(&here, &server, &[way]);
        assert_eq!(done["outcome"], outcome);
        assert_eq!(settings()["sync"]["force_one_way"], false);
    }
    assert_eq!(synced(&here, &server, &[])["outcome"], "nothing");
    assert_eq!(here.ok(&["search", "one"])["count"], 1);
}

#[test]
fn what_the_server_has_to_say_is_told() {
    for goes_on in [true, false] {
        let port = serve(move |asked| {
            let said = match asked.path() {
                "/sync/hostKey" => json!({"key": "k"}),
                _ => json!({
                    "mod": 1, "scm": 1, "usn": 0, "ts": Clock::System.now_secs().0,
                    "msg": "Closed on Sunday", "cont": goes_on,
                }),
            };
            let said = said.to_string().into_bytes();
            Answer::status(200)
                .with(SIZE_HEADER, said.len().to_string())
                .with_body(pack(&said).unwrap())
        });
        let here = computer();
        add(&here, "one");
        let url = format!("http://127.0.0.1:{port}/");
        let file = here.path("password");
        let args = ["sync", "--server", &url, "--user", USER];
        let done = here.run(&[&args[..], &["--password-file", &file]].concat());
        let told = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{told}");
        assert!(told.contains("server says: Closed on Sunday"), "{told}");
        // It only stops what it says that it stops.
        assert_eq!(told.contains("give --upload"), goes_on, "{told}");
    }
}
