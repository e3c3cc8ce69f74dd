//! The collection and the real server of Anki, with the real Anki as the other client: both come
//! to hold the same rows, conflicts end as Anki ends them, and a sync that fails anywhere leaves
//! both sides as they were.

use crate::fake_http::{self, Answer, Asked};
use crate::oracle;
use crate::sync_client::{Client, Failing, Fault, HTTP, difference, rows};
use crate::sync_server::Server;
use engram::base::ids::NoteId;
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::base::{Error, ErrorKind, Result, Secret};
use engram::collection::{Collection, recover};
use engram::domain::card_answers::ResetHow;
use engram::domain::op::Op;
use engram::domain::recovery::Mode;
use engram::domain::study::Rating;
use engram::net::{Body, Call, Reply, Transport, http_for_job};
use engram::storage::{Storage, inspect};
use engram::sync::plan::{Choice, Step};
use engram::sync::{self, Outcome, Session, Wish};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the real Anki does: arguments are the collection, the server, and what.
const ANKI: &str = r#"
import sys, random, time
from anki.collection import Collection
path, url, what, seed, count = sys.argv[1:6]
col = Collection(path)
auth = col.sync_login("u", "p", url)
r = random.Random(int(seed))
notes = lambda: sorted(col.find_notes(""))
time.sleep(1.05)
for i in range(int(count)):
    kind = r.randrange(8)
    if kind < 2 and notes():
        n = col.get_note(r.choice(notes())); n.fields[0] = f"theirs {seed} {i}"; col.update_note(n)
    elif kind == 2:
        n = col.new_note(col.models.by_name("Basic")); n.fields = [f"added there {seed} {i}", "b"]
        col.add_note(n, r.choice([d.id for d in col.decks.all_names_and_ids(include_filtered=False)]))
    elif kind == 3 and len(notes()) > 20:
        col.remove_notes([r.choice(notes())])
    elif kind == 4 and notes():
        col.tags.bulk_add([r.choice(notes())], f"t{r.randrange(9)}")
    elif kind == 5:
        d = col.decks.id(f"Anki::{r.randrange(5)}")
        if r.randrange(3) == 0 and d != 1: col.decks.remove([d])
    elif kind == 6:
        m = col.models.by_name("Basic"); m["css"] = f"/* {seed} {i} */"; col.models.update_dict(m)
    else:
        c = col.sched.getCard()
        if c: c.start_timer(); col.sched.answerCard(c, 1 + r.randrange(4))
if what == "sync":
    out = col.sync_collection(auth, False)
    assert out.required in (0, 1), out
elif what in ("upload", "download"):
    col.close_for_full_sync()
    col.full_upload_or_download(auth=auth, server_usn=None, upload=what == "upload")
    col.reopen(after_full_sync=True)
col.close()
"#;

fn anki(path: &Path, server: &Server, what: &str, seed: u64, count: u32) {
    let path = path.to_str().unwrap();
    let (url, seed, count) = (server.url.clone(), seed.to_string(), count.to_string());
    oracle::run(ANKI, [path, &url, what, &seed, &count]).unwrap();
}

fn next_second() {
    std::thread::sleep(Duration::from_millis(1050));
}

/// Whatever a user might do, `count` times; decks are made below `home`.
fn act(client: &mut Client, random: &mut StdRng, count: u32, home: &str) {
    for i in 0..count {
        let notes = client.col.storage().search_all();
        let some = |random: &mut StdRng| notes[random.random_range(0..notes.len())];
        match random.random_range(0..9) {
            0 | 1 => {
                let note = some(random);
                client.edit(note, &format!("ours {i}"));
            }
            2 => {
                client.add(&format!("added here {i}"));
            }
            3 if notes.len() > 20 => {
                client.col.delete_notes(&[some(random)]).unwrap();
            }
            4 => {
                let tag = format!("t{} x::y", random.random_range(0..9));
                let note = some(random);
                client
                    .col
                    .add_tags(&[note], &tag, &Progress::new())
                    .unwrap();
            }
            5 => {
                let name = format!("{home}::{}", random.random_range(0..5));
                let name = engram::domain::deck::DeckName::from_human(&name);
                let found = client.col.storage().deck_by_name(&name).unwrap();
                match found {
                    Some(deck) if random.random_bool(0.3) => {
                        client.col.deck_delete(&[deck.id]).unwrap();
                    }
                    Some(deck) => {
                        client
                            .col
                            .deck_set_description(deck.id, &i.to_string(), false)
                            .unwrap();
                    }
                    None => {
                        client.col.deck_create(&name.human()).unwrap();
                    }
                }
            }
            6 => {
                let cards = client.col.cards_of_notes(&[some(random)]).unwrap();
                let flag = random.random_range(0..5);
                client.col.set_flag(&cards, flag).unwrap();
            }
            7 => client.style(&format!("/* ours {i} */")),
            _ => {
                if let Some(card) = client.col.next_card().unwrap() {
                    let answer = card.answer(Rating::Good, 1000);
                    client.col.answer(answer).unwrap();
                }
            }
        }
    }
}

trait SearchAll {
    fn search_all(&self) -> Vec<NoteId>;
}

impl SearchAll for engram::storage::Storage {
    fn search_all(&self) -> Vec<NoteId> {
        let mut notes = Vec::new();
        for notetype in self.all_notetypes().unwrap() {
            notes.extend(self.note_ids_of_notetype(notetype.id).unwrap());
        }
        notes.sort();
        notes
    }
}

/// Whoever synced last has later stamps than the other, which needs nothing any more.
fn alike(a: &[String], b: &[String]) {
    let (_, a) = a.split_last().unwrap();
    let (_, b) = b.split_last().unwrap();
    equal(a, b);
}

fn equal(a: &[String], b: &[String]) {
    assert!(a == b, "the two sides differ:\n{}", difference(a, b));
}

/// 510 changes, half of them on each side.
#[test]
fn two_clients_come_to_hold_the_same() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut ours = Client::new(&server);
    for i in 0..40 {
        ours.add(&format!("note {i}"));
    }
    let Step::OneWay(choice) = ours.step() else {
        panic!("a new account needs an upload");
    };
    assert!(choice.upload);
    ours.upload();
    assert_eq!(ours.step(), Step::Nothing);
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("collection.anki2");
    anki(&theirs, &server, "download", 0, 0);
    let mut random = StdRng::seed_from_u64(1);
    for round in 1..=3 {
        act(&mut ours, &mut random, 85, "Ours");
        ours.sync();
        anki(&theirs, &server, "sync", round, 85);
        ours.sync();
        assert_eq!(ours.step(), Step::Nothing);
        alike(&ours.rows(), &rows(&theirs));
    }
}

#[test]
fn two_of_ours_come_to_hold_the_same() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    for i in 0..40 {
        a.add(&format!("note {i}"));
    }
    a.upload();
    let mut b = Client::downloaded(&server);
    assert_eq!(b.step(), Step::Nothing);
    alike(&a.rows(), &b.rows());
    let mut random = StdRng::seed_from_u64(2);
    for _ in 0..3 {
        // In the same second: what is equally old must not end differently on both sides.
        // But not with the same stamp of the whole collection, which many changes in one instant
        // would give.
        next_second();
        act(&mut a, &mut random, 60, "Here");
        std::thread::sleep(Duration::from_millis(150));
        act(&mut b, &mut random, 60, "There");
        a.sync();
        b.sync();
        a.sync();
        alike(&a.rows(), &b.rows());
    }
}

#[test]
fn the_later_change_wins_and_the_other_is_kept_in_the_history() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    let (first, second, third) = (a.add("1"), a.add("2"), a.add("3"));
    a.upload();
    let mut b = Client::downloaded(&server);
    a.edit(first, "a, early");
    b.edit(second, "b, early");
    next_second();
    b.edit(first, "b, late");
    a.edit(second, "a, late");
    a.col.delete_notes(&[third]).unwrap();
    b.edit(third, "edited while it was deleted");
    b.sync();
    a.sync();
    b.sync();
    for client in [&a, &b] {
        assert_eq!(client.front(first).unwrap(), "b, late");
        assert_eq!(client.front(second).unwrap(), "a, late");
    }
    alike(&a.rows(), &b.rows());
    let versions = |client: &mut Client, note| -> Vec<(String, String)> {
        let versions = client.col.note_versions(note).unwrap();
        let told = |v: engram::domain::history::Version| (v.origin, v.note.fields[0].clone());
        versions.into_iter().map(told).collect()
    };
    let sync = |text: &str| ("Sync".to_owned(), text.to_owned());
    assert!(versions(&mut a, first).contains(&sync("a, early")));
    assert!(versions(&mut a, second).contains(&sync("b, early")));
    assert!(versions(&mut b, second).contains(&sync("b, early")));
}

#[test]
fn notes_that_another_device_deleted_are_in_the_file_of_deleted_notes() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    let (stays, goes) = (a.add("stays"), a.add("goes"));
    a.upload();
    let mut b = Client::downloaded(&server);
    a.col.delete_notes(&[goes]).unwrap();
    a.sync();
    b.sync();
    assert_eq!(b.front(goes), None);
    let log = b.path().with_file_name("deleted.txt");
    let log = std::fs::read_to_string(log).unwrap();
    let rows: Vec<&str> = log.lines().filter(|l| !l.starts_with('#')).collect();
    assert_eq!(rows.len(), 1, "{log}");
    let guid = a.col.storage().get_note(stays).unwrap().unwrap().guid;
    assert!(
        rows[0].ends_with("\tDefault\ta\tgoes\tback") && !log.contains(&guid),
        "{log}"
    );
}

/// By when they were changed somebody chooses which of two sides is to stay.
#[test]
fn a_download_is_not_told_as_a_change_of_what_the_server_has() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut here = Client::new(&server);
    here.add("one");
    here.upload();
    let uploaded = here.col.storage().col_row().unwrap().mtime;
    next_second();
    let room = tempfile::tempdir().unwrap();
    let session = Session::new(&*HTTP, server.log_in());
    let fetched = sync::download(&session, room.path(), &Progress::new()).unwrap();
    let whole = Storage::open_read_only(&fetched.path()).unwrap();
    assert!(whole.col_row().unwrap().mtime > uploaded);
    let changed = inspect::last_change(&fetched.path(), &Progress::new()).unwrap();
    assert!(changed <= uploaded, "{changed:?} {uploaded:?}");
}

/// The schedule travels. No sync overwrites a row of the log, so the reset stays one there, which is
/// told, and an upload of everything takes the log along.
#[test]
fn a_recovered_schedule_reaches_other_devices_and_the_log_does_by_an_upload() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    let note = a.add("1");
    let card = a.col.next_card().unwrap().unwrap();
    let id = card.card.id;
    a.col.answer(card.answer(Rating::Easy, 1000)).unwrap();
    a.upload();
    a.col.storage().checkpoint().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let earlier = folder.path().join("earlier.anki2");
    std::fs::copy(a.path(), &earlier).unwrap();
    let earlier = Storage::open_read_only(&earlier).unwrap();
    let mut b = Client::downloaded(&server);
    let studied = b.col.storage().get_card(id).unwrap().unwrap();
    next_second();
    let with_counts = ResetHow {
        reset_counts: true,
        ..ResetHow::default()
    };
    a.col.reset_cards(&[id], with_counts, None).unwrap();
    a.sync();
    b.sync();
    next_second();
    let wish = recover::Wish {
        notes: vec![note],
        mode: Mode::Scheduling,
        ..recover::Wish::default()
    };
    let done = a.col.recover(&earlier, &wish, &Progress::new()).unwrap();
    assert_eq!((done.value.cards, done.value.synced_resets), (1, 1));
    a.sync();
    b.sync();
    let resets = |client: &Client| {
        let log = client.col.storage().revlog_of_card(id).unwrap();
        assert_eq!(log.len(), 2);
        log.iter().filter(|row| row.is_reset()).count()
    };
    let cards = |client: &Client| client.col.storage().get_card(id).unwrap().unwrap();
    assert_eq!(cards(&a), cards(&b));
    let (was, is) = (studied, cards(&b));
    assert_eq!((was.due, was.interval), (is.due, is.interval));
    assert_eq!((resets(&a), resets(&b)), (0, 1));
    assert_eq!(b.step(), Step::Nothing);
    a.upload();
    b.download();
    assert_eq!((resets(&a), resets(&b)), (0, 0));
    // One that no device knows yet is taken back by a sync alone.
    next_second();
    let with_counts = ResetHow {
        reset_counts: true,
        ..ResetHow::default()
    };
    a.col.reset_cards(&[id], with_counts, None).unwrap();
    let done = a.col.recover(&earlier, &wish, &Progress::new()).unwrap();
    assert_eq!((done.value.cards, done.value.synced_resets), (1, 0));
}

#[test]
fn a_failure_at_any_request_loses_nothing() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    let notes: Vec<NoteId> = (0..10).map(|i| a.add(&format!("note {i}"))).collect();
    a.upload();
    let mut b = Client::downloaded(&server);
    // Every second request in turn with each fault: all of them, in half the time.
    let faults = [
        Fault::Lost,
        Fault::AnswerLost,
        Fault::Cut,
        Fault::Damaged,
        Fault::Status(500),
        Fault::Status(409),
        Fault::Status(413),
    ];
    for (nth, fault) in faults.into_iter().enumerate() {
        for at in (nth % 2..).step_by(2) {
            let gone = a.add("soon deleted");
            a.sync();
            b.sync();
            a.col.delete_notes(&[gone]).unwrap();
            a.edit(notes[at % 10], &format!("a {fault:?} {at}"));
            b.edit(notes[(at + 5) % 10], &format!("b {fault:?} {at}"));
            b.sync();
            let before = a.rows();
            let net = Failing::at(at, fault);
            let result = a.sync_over(&net, Wish::default());
            if !net.was_reached() {
                result.unwrap();
                assert!(at >= 8, "a sync has more requests than {at}");
                break;
            }
            assert!(result.is_err(), "{fault:?} at {at}: {result:?}");
            equal(&before, &a.rows());
            a.sync();
            b.sync();
            alike(&a.rows(), &b.rows());
        }
    }
}

/// The server hears every request; once it has answered this one, something happens.
struct Answered<F: Fn() -> Result<()> + Send + Sync>(&'static str, F);

impl<F: Fn() -> Result<()> + Send + Sync> Transport for Answered<F> {
    fn send(&self, call: Call<'_>) -> Result<Reply> {
        let this = call.url.ends_with(self.0);
        let reply = HTTP.send(call)?;
        if this {
            (self.1)()?;
        }
        Ok(reply)
    }
}

#[test]
fn what_the_server_may_have_kept_is_not_undone_here() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    let note = a.add("1");
    a.add("2");
    a.upload();
    let mut b = Client::downloaded(&server);
    a.col.delete_notes(&[note]).unwrap();
    let lost = || Err(Error::new(ErrorKind::Network, "the answer is lost"));
    let early = Answered("sync/sanityCheck2", lost);
    a.sync_over(&early, Wish::default()).unwrap_err();
    assert_eq!(a.col.undo_status().undo, Some(Op::DeleteNotes));
    let late = Answered("sync/finish", lost);
    a.sync_over(&late, Wish::default()).unwrap_err();
    assert_eq!(a.col.undo_status().undo, None);
    assert!(a.col.undo().is_err());
    a.sync();
    b.sync();
    assert_eq!((a.front(note), b.front(note)), (None, None));
    alike(&a.rows(), &b.rows());
}

#[test]
fn a_cancel_after_the_last_answer_comes_too_late() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    a.add("1");
    a.upload();
    a.add("2");
    let progress = Progress::new();
    let net = Answered("sync/finish", || {
        progress.cancel();
        Ok(())
    });
    let mut session = Session::new(&net, a.account.clone());
    let look = sync::look(&a.col, &mut session, &Progress::new()).unwrap();
    let done = sync::normal(&mut a.col, &session, &look, Wish::default(), &progress).unwrap();
    assert!(matches!(done, Outcome::Done(_)), "{done:?}");
    assert_eq!(a.step(), Step::Nothing);
}

fn passed_on(server: &str, asked: &Asked) -> Answer {
    let headers = [
        ("anki-sync", asked.header("anki-sync")),
        ("content-type", asked.header("content-type")),
    ];
    let call = Call {
        method: "POST",
        url: &format!("{server}{}", asked.target.trim_start_matches('/')),
        headers: &headers,
        body: Body::Bytes(&asked.body),
    };
    let mut reply = HTTP.send(call).unwrap();
    let mut body = Vec::new();
    reply.body.read_to_end(&mut body).unwrap();
    let size = reply.header("anki-original-size").unwrap_or_default();
    let size = size.to_owned();
    Answer::status(reply.status)
        .with("anki-original-size", size)
        .with_body(body)
}

#[test]
fn a_sync_that_is_cancelled_tells_the_server() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    a.add("1");
    a.upload();
    a.add("2");
    let progress = Progress::new();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (cancels, hears, url) = (progress.clone(), heard.clone(), server.url.clone());
    let port = fake_http::serve(move |asked| {
        hears.lock().unwrap().push(asked.target.clone());
        if asked.target == "/sync/chunk" {
            cancels.cancel();
        }
        passed_on(&url, asked)
    });
    a.account.server = format!("http://127.0.0.1:{port}/");
    let net = http_for_job(&progress);
    let mut session = Session::new(&*net, a.account.clone());
    let look = sync::look(&a.col, &mut session, &progress).unwrap();
    let wish = Wish::default();
    let error = sync::normal(&mut a.col, &session, &look, wish, &progress).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
    let heard = heard.lock().unwrap().clone();
    assert_eq!(heard.last().unwrap(), "/sync/abort", "{heard:?}");
}

#[test]
fn sides_that_differ_in_the_end_are_left_alone_and_a_choice_is_asked_for() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    let note = a.add("1");
    a.upload();
    a.edit(note, "2");
    let mut found = false;
    for at in 0..9 {
        a.edit(note, &format!("edit {at}"));
        let net = Failing::at(at, Fault::Says(r#"{"status":"bad","c":[],"s":[]}"#));
        if let Ok(Outcome::OneWayNeeded(_)) = a.sync_over(&net, Wish::default()) {
            found = true;
            break;
        }
    }
    assert!(found);
    let both = Choice {
        upload: true,
        download: true,
    };
    assert_eq!(a.step(), Step::OneWay(both));
    assert!(a.front(note).unwrap().starts_with("edit"));
}

#[test]
fn a_sync_that_would_delete_many_notes_stops_before_it_begins() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    let notes: Vec<NoteId> = (0..60).map(|i| a.add(&format!("note {i}"))).collect();
    a.upload();
    let mut b = Client::downloaded(&server);
    a.col.delete_notes(&notes[..30]).unwrap();
    let stopped = |outcome: Result<Outcome>| match outcome.unwrap() {
        Outcome::TooManyDeletions(deletions) => (deletions.here, deletions.there),
        other => panic!("{other:?}"),
    };
    assert_eq!(stopped(a.sync_over(&*HTTP, Wish::default())), (0, 30));
    a.sync_over(&*HTTP, Wish { stop_percent: 100 }).unwrap();
    let before = b.rows();
    assert_eq!(stopped(b.sync_over(&*HTTP, Wish::default())), (30, 0));
    equal(&before, &b.rows());
    b.sync_over(&*HTTP, Wish { stop_percent: 100 }).unwrap();
    b.sync();
    a.sync();
    alike(&a.rows(), &b.rows());
    assert_eq!(b.col.trashed("", 100).unwrap().len(), 30);
}

/// The status for a call, if it is not to be passed on.
type Decide = Box<dyn Fn(&Call<'_>) -> Option<u16> + Send + Sync>;

/// Answers without a server.
struct Answers(Decide, String);

impl Transport for Answers {
    fn send(&self, call: Call<'_>) -> Result<Reply> {
        match (self.0)(&call) {
            Some(status) => Ok(Reply {
                status,
                headers: vec![("location".to_owned(), self.1.clone())],
                body: Box::new(std::io::empty()),
            }),
            None => HTTP.send(call),
        }
    }
}

#[test]
fn wrong_passwords_old_versions_and_other_hosts_are_told_apart() {
    let Some(server) = Server::start() else {
        return;
    };
    let progress = Progress::new();
    let wrong = Secret::new("wrong");
    let error = sync::login(&*HTTP, &server.url, "u", &wrong, &progress).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongPassword);
    assert!(!format!("{error:?}").contains("wrong\""));
    let password = Secret::new("p");
    let elsewhere = Answers(
        Box::new(|call| call.url.starts_with("http://old.example/").then_some(308)),
        server.url.clone(),
    );
    let moved = sync::login(&elsewhere, "http://old.example", "u", &password, &progress).unwrap();
    assert_eq!(moved.server, server.url.clone());
    // As a proxy says it, which knows requests and not what an account is.
    let elsewhere = Answers(
        Box::new(|call| call.url.starts_with("http://old.example/").then_some(301)),
        format!("{}sync/hostKey", server.url),
    );
    let moved = sync::login(&elsewhere, "http://old.example", "u", &password, &progress).unwrap();
    assert_eq!(moved.server, server.url.clone());
    for (status, kind) in [
        (403, ErrorKind::WrongPassword),
        (404, ErrorKind::Server),
        (409, ErrorKind::Unavailable),
        (413, ErrorKind::Server),
        (429, ErrorKind::Server),
        (501, ErrorKind::TooNew),
        (503, ErrorKind::Server),
        (200, ErrorKind::Server),
    ] {
        let always = Answers(Box::new(move |_| Some(status)), String::new());
        let error = sync::login(&always, &server.url, "u", &password, &progress).unwrap_err();
        assert_eq!(error.kind(), kind, "{status}: {error}");
    }
}

#[test]
fn a_wrong_clock_stops_the_sync() {
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(TimestampMillis(1_741_608_000_000), 0);
    let col = Collection::open(&folder.path().join("collection.anki2"), clock).unwrap();
    let mut session = Session::new(&*HTTP, server.log_in());
    let error = sync::look(&col, &mut session, &Progress::new()).unwrap_err();
    assert!(error.what().contains("clock"), "{error}");
}

#[test]
fn an_upload_that_fails_changes_nothing_here_and_a_cancelled_one_neither() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut a = Client::new(&server);
    a.add("1");
    let before = a.rows();
    for fault in [
        Fault::Lost,
        Fault::Cut,
        Fault::Status(413),
        Fault::Says("no"),
    ] {
        let net = Failing::at(0, fault);
        let session = Session::new(&net, a.account.clone());
        sync::upload(&mut a.col, &session, &Progress::new()).unwrap_err();
        equal(&before, &a.rows());
    }
    let progress = Progress::new();
    progress.cancel();
    let session = Session::new(&*HTTP, a.account.clone());
    let error = sync::upload(&mut a.col, &session, &progress).unwrap_err();
    assert!(error.is_interrupted());
    equal(&before, &a.rows());
    let room = tempfile::tempdir().unwrap();
    for fault in [Fault::Lost, Fault::Cut, Fault::Status(500), Fault::Damaged] {
        let net = Failing::at(0, fault);
        let session = Session::new(&net, a.account.clone());
        sync::download(&session, room.path(), &Progress::new()).unwrap_err();
    }
    assert_eq!(std::fs::read_dir(room.path()).unwrap().count(), 0);
}
