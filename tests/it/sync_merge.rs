//! The third way beside upload and download, with the real server and the real Anki as the other
//! client: note types changed on one side, study and edits on the other, and nothing is lost.

use crate::oracle;
use crate::sync_client::{Client, HTTP, difference, rows};
use crate::sync_server::Server;
use engram::backup::plan::Options;
use engram::backup::restore::restore;
use engram::base::ids::NoteId;
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::base::{ErrorKind, Result};
use engram::collection::Collection;
use engram::domain::card::CardQueue;
use engram::domain::deck::{FilteredDeck, FilteredSearchTerm};
use engram::domain::filtered::FilteredDraft;
use engram::domain::notetype_edit::{Edited, NotetypeEdit};
use engram::domain::op::Op;
use engram::domain::study::Rating;
use engram::domain::subject::{Subject, SubjectState};
use engram::sync::plan::{MergeInto, Step};
use engram::sync::{self, Session};
use std::path::Path;
use std::time::Duration;

/// Arguments: the collection, the server, what to do (words), and ids of notes.
const ANKI: &str = r#"
import sys, time
from anki.collection import Collection
path, url, words = sys.argv[1:4]
ids = [int(i) for i in sys.argv[4:]]
col = Collection(path)
auth = col.sync_login("u", "p", url)
def whole(upload):
    col.close_for_full_sync()
    col.full_upload_or_download(auth=auth, server_usn=None, upload=upload)
    col.reopen(after_full_sync=True)
for word in words.split():
    if word == "download": whole(False)
    elif word == "upload": whole(True)
    elif word == "sync":
        out = col.sync_collection(auth, False)
        assert out.required in (0, 1), out
    elif word == "edit":
        n = col.get_note(ids[1]); n["Back"] = "theirs"; col.update_note(n)
    elif word == "add":
        n = col.new_note(col.models.by_name("Basic")); n.fields[0] = "added there"; n.fields[1] = "b"
        col.add_note(n, 1)
    elif word == "answer":
        c = col.sched.getCard(); c.start_timer(); col.sched.answerCard(c, 3)
    elif word == "remove":
        col.remove_notes([ids[2]])
    elif word == "unfilter":
        col.decks.remove([d.id for d in col.decks.all_names_and_ids() if col.decks.is_filtered(d.id)])
    elif word == "remodel":
        m = col.models.by_name("Basic")
        f = col.models.new_field("Extra"); col.models.add_field(m, f); col.models.reposition_field(m, f, 0)
        t = col.models.new_template("Card 2"); t["qfmt"] = "{{Back}}"; t["afmt"] = "{{Front}}"
        col.models.add_template(m, t); col.models.update_dict(m)
        n = col.get_note(ids[1]); n["Extra"] = "extra there"; col.update_note(n)
    elif word == "show":
        for i in col.find_notes(""):
            n = col.get_note(i)
            print("|".join(f"{k}={v}" for k, v in sorted(n.items())), len(n.cards()))
        print("reviews", col.db.scalar("select count(*) from revlog"))
col.close()
"#;

fn anki(path: &Path, server: &Server, words: &str, notes: &[NoteId]) -> String {
    let mut args = vec![
        path.to_str().unwrap().to_owned(),
        server.url.clone(),
        words.to_owned(),
    ];
    args.extend(notes.iter().map(|id| id.0.to_string()));
    next_second();
    let said = oracle::run(ANKI, args).unwrap();
    next_second();
    said
}

/// What comes later is newer, to the second.
fn next_second() {
    let millis = Clock::System.now().0.rem_euclid(1000).unsigned_abs();
    std::thread::sleep(Duration::from_millis(1005 - millis));
}

/// A merge that is in place here, and not on the server yet.
fn merged_here(client: &mut Client) -> sync::Merge {
    let progress = Progress::new();
    let session = Session::new(&*HTTP, client.account.clone());
    let path = client.path();
    let folder = path.parent().unwrap();
    let fetched = sync::download(&session, folder, &progress).unwrap();
    let merge = sync::merge(&mut client.col, &fetched.path(), folder, &progress).unwrap();
    let other = folder.join("other.anki2");
    let other = Collection::open(&other, Clock::System).unwrap();
    std::mem::replace(&mut client.col, other).close().unwrap();
    restore(
        folder,
        &merge.path(),
        Options::MERGE,
        &Clock::System,
        &progress,
    )
    .unwrap();
    client.col = Collection::open(&path, Clock::System).unwrap();
    merge.remember(&mut client.col).unwrap();
    merge
}

fn send(client: &mut Client, merge: &sync::Merge) -> Result<()> {
    let session = Session::new(&*HTTP, client.account.clone());
    merge.send(&mut client.col, &session, &Progress::new())
}

fn merged(client: &mut Client) -> sync::merge::Report {
    let merge = merged_here(client);
    send(client, &merge).unwrap();
    merge.report
}

/// What a merge would do; nothing is put in place.
fn merge_of(client: &mut Client) -> Result<sync::merge::Report> {
    let room = tempfile::tempdir().unwrap();
    let session = Session::new(&*HTTP, client.account.clone());
    let fetched = sync::download(&session, room.path(), &Progress::new()).unwrap();
    let merge = sync::merge(
        &mut client.col,
        &fetched.path(),
        room.path(),
        &Progress::new(),
    );
    merge.map(|merge| merge.report)
}

#[track_caller]
fn is_refused(client: &mut Client) {
    let before = client.rows();
    let error = merge_of(client).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    assert_eq!(client.rows(), before);
}

fn basic(client: &Client) -> NotetypeEdit {
    let types = client.col.storage().all_notetypes().unwrap();
    NotetypeEdit::from(types.into_iter().find(|t| t.name == "Basic").unwrap())
}

fn remodel(client: &mut Client) {
    let mut edit = basic(client);
    let mut field = edit.fields[0].now.clone();
    field.name = "Extra".into();
    field.config.id = None;
    edit.fields.insert(
        0,
        Edited {
            was: None,
            now: field,
        },
    );
    edit.config.sort_field_idx = 1;
    add_template(client, edit);
}

fn add_template(client: &mut Client, mut edit: NotetypeEdit) {
    let mut template = edit.templates[0].now.clone();
    template.name = "Card 2".into();
    template.config.id = None;
    template.config.q_format = "{{Back}}".into();
    template.config.a_format = "{{Front}}".into();
    edit.templates.push(Edited {
        was: None,
        now: template,
    });
    client.col.update_notetype(&edit, &Progress::new()).unwrap();
}

/// Each sync gives both sides new ones, also when there is nothing else to tell.
fn without_stamps(mut rows: Vec<String>) -> Vec<String> {
    rows.retain(|row| !row.starts_with("col "));
    rows
}

fn answer(client: &mut Client) {
    let card = client.col.next_card().unwrap().unwrap();
    let answer = card.answer(Rating::Good, 1000);
    client.col.answer(answer).unwrap();
}

/// Three notes on the server, on our side and on Anki's.
fn both(server: &Server, theirs: &Path) -> (Client, [NoteId; 3]) {
    let mut client = Client::new(server);
    let notes = ["one", "two", "three"].map(|front| client.add(front));
    client.upload();
    anki(theirs, server, "download", &notes);
    (client, notes)
}

#[test]
fn study_here_moves_to_note_types_that_were_changed_there() {
    let Some(server) = Server::start() else {
        return;
    };
    let room = tempfile::tempdir().unwrap();
    let theirs = room.path().join("theirs.anki2");
    let (mut client, notes) = both(&server, &theirs);
    client.edit(notes[0], "ours");
    client.edit(notes[1], "two ours");
    client.add("added here");
    client.col.delete_notes(&[notes[2]]).unwrap();
    answer(&mut client);
    anki(&theirs, &server, "remodel edit upload", &notes);
    assert!(matches!(client.step(), Step::OneWay(_)));
    let report = merged(&mut client);
    assert_eq!(report.into, MergeInto::Theirs);
    assert_eq!((report.notes, report.reviews, report.deleted), (3, 1, 2));
    assert_eq!(report.moved_fields, 3);
    let said = anki(&theirs, &server, "sync show", &notes);
    for line in [
        "Back=back|Extra=|Front=ours 2",
        "Back=theirs|Extra=extra there|Front=two ours 2",
        "Back=back|Extra=|Front=added here 2",
        "reviews 1",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!said.contains("three"), "{said}");
    // Anki writes a setting when it first studies.
    client.sync();
    let found = difference(
        &without_stamps(client.rows()),
        &without_stamps(rows(&theirs)),
    );
    assert!(found.is_empty(), "{found}");
    assert_eq!(client.step(), Step::Nothing);
    let kept = client.col.note_versions(notes[1]).unwrap();
    let theirs = |fields: &[String]| fields.iter().any(|f| f == "theirs");
    assert!(
        kept.iter()
            .any(|v| v.origin == "Sync" && theirs(&v.note.fields)),
        "{kept:?}"
    );
    let ours = |fields: &[String]| fields.iter().any(|f| f == "two ours");
    let kept = kept.iter().filter(|v| ours(&v.note.fields)).count();
    assert_eq!(kept, 1, "what was here, once");
    let types = client.col.storage().all_notetypes().unwrap();
    let basic = types.iter().find(|t| t.name == "Basic").unwrap();
    let kept = client.col.subject_versions(Subject::Notetype(basic.id));
    let kept = kept.unwrap().swap_remove(0);
    let SubjectState::Notetype(was) = &kept.state else {
        panic!("{kept:?}");
    };
    assert_eq!((kept.origin.as_str(), was.fields.len()), ("Sync", 2));
}

#[test]
fn study_there_moves_to_note_types_that_were_changed_here() {
    let Some(server) = Server::start() else {
        return;
    };
    let room = tempfile::tempdir().unwrap();
    let theirs = room.path().join("theirs.anki2");
    let (mut client, notes) = both(&server, &theirs);
    remodel(&mut client);
    client.edit(notes[0], "extra ours");
    anki(&theirs, &server, "edit add answer sync", &notes);
    assert!(matches!(client.step(), Step::OneWay(_)));
    let report = merged(&mut client);
    assert_eq!(report.into, MergeInto::Ours);
    assert_eq!((report.notes, report.reviews), (2, 1));
    assert_eq!(
        report.older, 0,
        "the card of a new note comes with it, once"
    );
    assert_eq!(client.step(), Step::Nothing);
    let said = anki(&theirs, &server, "download show", &notes);
    for line in [
        "Back=back|Extra=extra ours|Front=one 2",
        "Back=theirs|Extra=|Front=two 2",
        "Back=b|Extra=|Front=added there 2",
        "reviews 1",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let found = difference(
        &without_stamps(client.rows()),
        &without_stamps(rows(&theirs)),
    );
    assert!(found.is_empty(), "{found}");
}

#[test]
fn both_sides_changed_is_refused_and_changes_nothing() {
    let Some(server) = Server::start() else {
        return;
    };
    let room = tempfile::tempdir().unwrap();
    let theirs = room.path().join("theirs.anki2");
    let (mut client, notes) = both(&server, &theirs);
    anki(&theirs, &server, "remodel upload", &notes);
    remodel(&mut client);
    is_refused(&mut client);
}

#[test]
fn what_reaches_the_server_while_sides_are_merged_is_not_replaced() {
    let Some(server) = Server::start() else {
        return;
    };
    for into in [MergeInto::Ours, MergeInto::Theirs] {
        let mut client = Client::new(&server);
        client.add("one");
        client.upload();
        let mut other = Client::downloaded(&server);
        match into {
            MergeInto::Ours => {
                let edit = basic(&client);
                add_template(&mut client, edit);
            }
            MergeInto::Theirs => {
                client.add("added here");
                let edit = basic(&other);
                add_template(&mut other, edit);
                other.upload();
            }
        }
        let merge = merged_here(&mut client);
        assert_eq!(merge.report.into, into);
        let late = other.add("came late");
        match into {
            MergeInto::Ours => drop(other.sync()),
            MergeInto::Theirs => other.upload(),
        }
        let error = send(&mut client, &merge).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
        let third = Client::downloaded(&server);
        assert_eq!(third.front(late).as_deref(), Some("came late"));
        // Nothing is lost by trying again, either.
        let report = merged(&mut client);
        assert_eq!(report.notes, 1, "{report:?}");
        assert_eq!(client.front(late).as_deref(), Some("came late"));
    }
}

fn of_two_accounts() -> Option<Server> {
    let users = ["u", "v"].map(str::to_owned);
    Server::start_in(tempfile::tempdir().unwrap(), &users)
}

#[test]
fn nothing_is_merged_with_an_account_that_is_empty() {
    let Some(server) = of_two_accounts() else {
        return;
    };
    let mut early = Client::new(&server);
    early.account = server.log_in_as("v");
    early.step();
    let mut client = Client::new(&server);
    client.add("one");
    client.upload();
    // Begun before the last sync here, so that it looks as if nothing changed there.
    let account = std::mem::replace(&mut client.account, early.account);
    remodel(&mut client);
    is_refused(&mut client);
    // And one that is newer than the last sync here.
    let Some(newer) = Server::start() else {
        return;
    };
    client.account = account;
    client.upload();
    client.account = newer.log_in();
    is_refused(&mut client);
}

#[test]
fn nothing_is_merged_with_another_collection() {
    let Some(server) = of_two_accounts() else {
        return;
    };
    let mut elsewhere = Client::new(&server);
    elsewhere.account = server.log_in_as("v");
    elsewhere.add("of another account");
    elsewhere.upload();
    let mut client = Client::new(&server);
    client.add("one");
    client.upload();
    // Note types look changed here only.
    let account = std::mem::replace(&mut client.account, elsewhere.account);
    remodel(&mut client);
    is_refused(&mut client);
    // Note types look changed there only.
    client.account = account;
    client.upload();
    let mut other = Client::new(&server);
    other.add("of another collection");
    other.upload();
    is_refused(&mut client);
}

/// What came to it since has numbers that were given out before.
#[test]
fn nothing_is_merged_with_a_server_that_was_put_back() {
    let server = Server::ours();
    let mut client = Client::new(&server);
    // So many that one which is missing would not be much.
    let notes: Vec<NoteId> = (0..30).map(|n| client.add(&format!("note {n}"))).collect();
    client.upload();
    let earlier = std::fs::read(server.collection()).unwrap();
    for front in ["changed", "changed again"] {
        client.edit(notes[0], front);
        client.sync();
    }
    assert_eq!(client.step(), Step::Nothing);
    std::fs::write(server.collection(), earlier).unwrap();
    let mut other = Client::downloaded(&server);
    other.add("came late");
    other.sync();
    let edit = basic(&client);
    add_template(&mut client, edit);
    is_refused(&mut client);
}

#[test]
fn what_goes_without_a_deletion_is_counted_and_much_of_it_is_refused() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut client = Client::new(&server);
    let notes: Vec<NoteId> = (0..60).map(|n| client.add(&format!("note {n}"))).collect();
    client.upload();
    let mut other = Client::downloaded(&server);
    // An upload takes along no word of what was deleted.
    other.col.delete_notes(&notes[..3]).unwrap();
    other.upload();
    let report = merge_of(&mut client).unwrap();
    assert_eq!((report.into, report.deleted), (MergeInto::Theirs, 6));
    other.col.delete_notes(&notes[3..23]).unwrap();
    other.upload();
    is_refused(&mut client);
}

#[test]
fn notes_that_were_deleted_there_before_an_upload_are_told() {
    let Some(server) = Server::start() else {
        return;
    };
    let room = tempfile::tempdir().unwrap();
    let theirs = room.path().join("theirs.anki2");
    let (mut client, notes) = both(&server, &theirs);
    anki(&theirs, &server, "remove remodel upload", &notes);
    let report = merge_of(&mut client).unwrap();
    assert_eq!((report.into, report.deleted), (MergeInto::Theirs, 2));
}

/// Clocks differ by some minutes: what only the other side changed is taken whatever they say.
#[test]
fn a_card_that_only_the_server_changed_is_taken_by_whatever_clock() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut client = Client::new(&server);
    let note = client.add("one");
    client.upload();
    let mut other = Client::downloaded(&server);
    let card = client.col.cards_of_notes(&[note]).unwrap()[0];
    let flag = |col: &Collection| col.storage().get_card(card).unwrap().unwrap().flags;
    other
        .col
        .transact(Op::SetFlag, |tx| {
            let mut card = tx.get_card(card)?.unwrap();
            card.flags = 3;
            card.mtime.0 -= 120;
            tx.merge_card(&card)
        })
        .unwrap();
    other.sync();
    let edit = basic(&client);
    add_template(&mut client, edit);
    let report = merged(&mut client);
    assert_eq!((report.into, report.older), (MergeInto::Ours, 0));
    assert_eq!(flag(&client.col), 3);
}

/// As in a normal sync; saved searches are among the settings.
#[test]
fn settings_are_those_of_the_side_that_changed_last() {
    let Some(server) = Server::start() else {
        return;
    };
    for into in [MergeInto::Ours, MergeInto::Theirs] {
        let mut client = Client::new(&server);
        client.add("one");
        client.upload();
        let mut other = Client::downloaded(&server);
        let set = |client: &mut Client, to: &str| {
            next_second();
            let set = |tx: &mut engram::storage::Tx<'_>| tx.set_config("of a test", &to);
            client.col.transact(Op::UpdatePreferences, set).unwrap();
        };
        let (model, later) = match into {
            MergeInto::Ours => (&mut client, &mut other),
            MergeInto::Theirs => (&mut other, &mut client),
        };
        set(model, "before");
        let edit = basic(model);
        add_template(model, edit);
        if into == MergeInto::Theirs {
            model.upload();
        }
        set(later, "after");
        if into == MergeInto::Ours {
            later.sync();
        }
        assert_eq!(merged(&mut client).into, into);
        let kept: String = client
            .col
            .storage()
            .config_or("of a test", String::new())
            .unwrap();
        assert_eq!(kept, "after", "{into:?}");
    }
}

/// Deletion wins, and what went is in the trash: ours, and what the server made of a note that was
/// deleted here.
#[test]
fn what_either_side_deleted_is_in_the_trash_here() {
    let Some(server) = Server::start() else {
        return;
    };
    for into in [MergeInto::Ours, MergeInto::Theirs] {
        let mut client = Client::new(&server);
        let (first, second) = (client.add("first"), client.add("second"));
        for n in 0..20 {
            client.add(&format!("note {n}"));
        }
        client.upload();
        let mut other = Client::downloaded(&server);
        other.edit(first, "changed there");
        other.col.delete_notes(&[second]).unwrap();
        client.col.delete_notes(&[first]).unwrap();
        let remodelled = match into {
            MergeInto::Ours => {
                other.sync();
                &mut client
            }
            MergeInto::Theirs => &mut other,
        };
        let edit = basic(remodelled);
        add_template(remodelled, edit);
        if into == MergeInto::Theirs {
            other.upload();
        }
        let report = merged(&mut client);
        assert_eq!((report.into, report.trashed), (into, 1), "{report:?}");
        let trashed = client.col.trashed("", 10).unwrap();
        let mut rows: Vec<_> = trashed.iter().map(|t| (t.note, &*t.title)).collect();
        rows.sort();
        assert_eq!(rows, [(first, "changed there"), (second, "second")]);
        let numbers: Vec<i64> = trashed.iter().map(|t| t.number).collect();
        client.col.restore_trashed(&numbers).unwrap();
        assert_eq!(client.front(first).as_deref(), Some("changed there"));
        assert_eq!(client.front(second).as_deref(), Some("second"));
    }
}

#[test]
fn a_deck_that_was_deleted_here_comes_back_only_with_cards() {
    let Some(server) = Server::start() else {
        return;
    };
    for with_new_card in [false, true] {
        let mut client = Client::new(&server);
        let note = client.add("one");
        client.add("two");
        let home = client.col.deck_create("Home").unwrap().value;
        let card = client.col.cards_of_notes(&[note]).unwrap()[0];
        let progress = Progress::new();
        client.col.set_deck(&[card], home, &progress).unwrap();
        client.upload();
        let mut other = Client::downloaded(&server);
        // Its counts change the deck itself.
        other.col.set_current_deck(home).unwrap();
        answer(&mut other);
        if with_new_card {
            let late = other.add("came late");
            let late = other.col.cards_of_notes(&[late]).unwrap();
            other.col.set_deck(&late, home, &progress).unwrap();
        }
        other.sync();
        client.col.deck_delete(&[home]).unwrap();
        let edit = basic(&client);
        add_template(&mut client, edit);
        assert_eq!(merged(&mut client).into, MergeInto::Ours);
        assert_eq!(client.front(note), None);
        let deck = client.col.storage().get_deck(home).unwrap();
        assert_eq!(deck.is_some(), with_new_card);
    }
}

#[test]
fn a_card_of_a_filtered_deck_that_is_gone_there_comes_home() {
    let Some(server) = Server::start() else {
        return;
    };
    let room = tempfile::tempdir().unwrap();
    let theirs = room.path().join("theirs.anki2");
    let mut client = Client::new(&server);
    let notes = ["one", "two", "three"].map(|front| client.add(front));
    let home = client.col.deck_create("Home").unwrap().value;
    let cards = client.col.cards_of_notes(&notes).unwrap();
    let card = cards[2];
    let progress = Progress::new();
    client.col.set_deck(&[card], home, &progress).unwrap();
    let due = client.col.storage().get_card(card).unwrap().unwrap().due;
    let draft = FilteredDraft {
        id: None,
        name: "Filtered".into(),
        deck: FilteredDeck {
            reschedule: true,
            search_terms: vec![FilteredSearchTerm {
                search: "deck:Home".into(),
                limit: 10,
                ..FilteredSearchTerm::default()
            }],
            ..FilteredDeck::default()
        },
        allow_empty: false,
    };
    assert_eq!(client.col.filtered_save(&draft).unwrap().value.cards, 1);
    client.upload();
    anki(&theirs, &server, "download unfilter remodel upload", &notes);
    // Times are in seconds, and the later change counts.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    client.col.bury_cards(&[card], true).unwrap();
    let visits = client.col.storage().get_card(card).unwrap().unwrap();
    assert!(visits.is_filtered() && visits.due != due);
    assert_eq!(merged(&mut client).into, MergeInto::Theirs);
    let found = client.col.storage().get_card(card).unwrap().unwrap();
    assert_eq!((found.deck_id, found.queue), (home, CardQueue::UserBuried));
    assert!(!found.is_filtered());
    assert_eq!(found.due, due);
    assert_eq!(found.original_due, 0);
}
