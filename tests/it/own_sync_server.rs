//! `engram-cli sync-server`: the real Anki's client and ours sync with it, what goes wrong leaves it
//! as it was, and what is hostile is refused.

use crate::cli_commands::Cli;
use crate::oracle;
use crate::sync_client::{Client, Failing, Fault, HTTP, difference, rows};
use crate::sync_server::{PASSWORD, Server, USER, collection_in};
use engram::base::job::Progress;
use engram::base::{ErrorKind, Result, Secret};
use engram::codec::sync::{header, pack};
use engram::net::{Body, Call, Http, Reply, Transport};
use engram::storage::Storage;
use engram::sync::media::{MediaOutcome, MediaWish, sync_media};
use engram::sync::plan::{Choice, Step};
use engram::sync::{Outcome, Session, Wish, login};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The rows of the server's collection, which nobody uses now.
fn of_server(server: &Server) -> Vec<String> {
    rows(&server.collection())
}

#[test]
fn anki_syncs_everything_with_our_server() {
    let server = Server::ours();
    let room = tempfile::tempdir().unwrap();
    let script = include_str!("oracle/own_sync_server.py");
    let args = [&*server.url, room.path().to_str().unwrap()];
    let Some(said) = oracle::run(script, args) else {
        return;
    };
    let said: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    let wrong = said["wrong"].as_str().unwrap_or_default();
    assert!(wrong.contains("password was incorrect"), "{said}");
    // 4: an upload, 3: a download; 0: no more than what it did by itself.
    let needed = ["upload", "download", "there", "here", "again there"];
    let needed = needed.map(|name| said[name].as_i64().unwrap());
    assert_eq!(needed, [4, 3, 0, 0, 0], "{said}");
    assert_eq!(said["nothing"], 0, "{said}");
    assert_eq!(said["downloaded"], true, "{said}");
    assert_eq!(said["differ"], json!({}), "{said}");
    assert_eq!(said["notes"], 601);
    let media = json!([
        ["p.txt", "picture, changed"],
        ["r.txt", "from the second"],
        ["s.txt", "from the first"],
    ]);
    assert_eq!(said["media"], media);
    let here = rows(&room.path().join("first/collection.anki2"));
    assert_eq!(difference(&here, &of_server(&server)), "");
    let user = server.folder.path().join(USER);
    let read = |name: &str| std::fs::read_to_string(user.join(name)).unwrap();
    assert_eq!(read("media/p.txt"), "picture, changed");
    // What was replaced and deleted is still there.
    assert_eq!(read("media.trash/p.txt"), "picture");
    assert_eq!(read("media.trash/q.txt"), "another");
}

#[test]
fn our_client_syncs_with_our_server() {
    let server = Server::ours();
    let wrong = Secret::new("wrong");
    let refused = login(&Http::new(), &server.url, USER, &wrong, &Progress::new());
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::WrongPassword);
    let mut here = Client::new(&server);
    assert_eq!(here.step(), Step::Nothing);
    let one = here.add("one");
    assert!(matches!(here.step(), Step::OneWay(choice) if choice.upload && !choice.download));
    here.upload();
    assert_eq!(here.step(), Step::Nothing);
    assert_eq!(difference(&here.rows(), &of_server(&server)), "");
    let mut there = Client::downloaded(&server);
    assert_eq!(there.step(), Step::Nothing);
    there.edit(one, "changed there");
    let two = there.add("two");
    there.style("b { color: red }");
    there.sync();
    for n in 0..300 {
        here.add(&format!("more {n}"));
    }
    here.sync();
    there.sync();
    here.sync();
    assert_eq!(here.step(), Step::Nothing);
    assert_eq!(here.front(one).as_deref(), Some("changed there"));
    assert_eq!(here.front(two).as_deref(), Some("two"));
    assert_eq!(difference(&here.rows(), &of_server(&server)), "");
    // An upload takes the place of all that; it stays as a backup.
    let mut other = Client::new(&server);
    other.add("another collection");
    other.upload();
    assert_eq!(difference(&other.rows(), &of_server(&server)), "");
    let backups = server.folder.path().join(USER).join("backups");
    let is_backup = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        path.extension().is_some_and(|e| e == "colpkg")
    };
    let saved = || -> Vec<_> {
        let entries = std::fs::read_dir(&backups).unwrap().filter_map(|entry| {
            let path = entry.as_ref().unwrap().path();
            is_backup(entry).then_some(path)
        });
        entries.collect()
    };
    let first = saved();
    assert_eq!(first.len(), 1, "{first:?}");
    let cli = Cli::with_profile();
    cli.ok(&["backup", "restore", first[0].to_str().unwrap()]);
    assert_eq!(cli.ok(&["search", "more"])["count"], 300);
    // So does one without notes, which may hold reviews, decks and settings.
    Client::new(&server).upload();
    other.upload();
    assert_eq!(saved().len(), 3, "{:?}", saved());
}

fn media(server: &Server, path: &Path) -> (u64, u64, u64, u64) {
    let session = Session::new(&*HTTP, server.log_in());
    let wish = MediaWish {
        server_usn: None,
        stop_percent: 100,
    };
    match sync_media(&session, path, wish, &Progress::new()).unwrap() {
        MediaOutcome::Done(done) => (
            done.uploaded,
            done.downloaded,
            done.deleted_here,
            done.deleted_there,
        ),
        MediaOutcome::TooManyDeletions(many) => panic!("{many:?}"),
    }
}

#[test]
fn media_travel_both_ways_in_batches() {
    let server = Server::ours();
    let room = tempfile::tempdir().unwrap();
    let (here, there) = (room.path().join("a"), room.path().join("b"));
    let (one, two) = (collection_in(&here), collection_in(&there));
    for n in 0..60 {
        let file = here.join(format!("collection.media/{n} ä.txt"));
        std::fs::write(file, format!("file {n}")).unwrap();
    }
    let large = vec![7; 3 << 20];
    std::fs::write(here.join("collection.media/large"), &large).unwrap();
    assert_eq!(media(&server, &one), (61, 0, 0, 0));
    assert_eq!(media(&server, &two), (0, 61, 0, 0));
    let arrived = std::fs::read(there.join("collection.media/large")).unwrap();
    assert!(arrived == large);
    std::fs::remove_file(there.join("collection.media/0 ä.txt")).unwrap();
    std::fs::write(there.join("collection.media/new"), "new").unwrap();
    assert_eq!(media(&server, &two), (1, 0, 0, 1));
    assert_eq!(media(&server, &one), (0, 1, 1, 0));
    assert_eq!(media(&server, &one), (0, 0, 0, 0));
}

#[test]
fn a_server_that_was_put_back_asks_instead_of_losing_what_it_had() {
    let server = Server::ours();
    let mut here = Client::new(&server);
    let one = here.add("one");
    here.upload();
    let earlier = std::fs::read(server.collection()).unwrap();
    here.edit(one, "changed");
    here.sync();
    assert_eq!(here.step(), Step::Nothing);
    std::fs::write(server.collection(), earlier).unwrap();
    let both = Choice {
        upload: true,
        download: true,
    };
    assert_eq!(here.step(), Step::OneWay(both));
    here.upload();
    assert_eq!(here.step(), Step::Nothing);
    assert_eq!(difference(&here.rows(), &of_server(&server)), "");
    // One that promises more without end is left, and nothing is kept of it.
    let mut there = Client::downloaded(&server);
    here.edit(one, "changed again");
    here.sync();
    let before = there.rows();
    let net = Failing::at(3, Fault::Says(r#"{"done":false}"#));
    let error = there.sync_over(&net, Wish::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server, "{error}");
    assert_eq!(difference(&before, &there.rows()), "");
    there.sync();
    assert_eq!(there.front(one).as_deref(), Some("changed again"));
}

/// No empty collection takes the place of one that was lost, which clients would be asked to take
/// over; a user of whom nothing is there begins anew.
#[test]
fn a_collection_that_was_lost_on_the_server_is_told_and_not_made_anew() {
    let server = Server::ours();
    let mut here = Client::new(&server);
    here.add("one");
    here.upload();
    here.add("two");
    // What it replaces is kept.
    here.upload();
    std::fs::remove_file(server.collection()).unwrap();
    let error = here.sync_over(&*HTTP, Wish::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert!(error.what().contains("missing on the server"), "{error}");
    assert!(!server.collection().exists());
    let body = pack(b"{}").unwrap();
    let (status, _) = post(&server, &key_of(&server), "word", "sync/download", &body);
    assert_eq!(status, 500);
    assert!(!server.collection().exists());
    let folder = server.collection().parent().unwrap().to_owned();
    std::fs::remove_dir_all(folder.join("backups")).unwrap();
    let ours = Choice {
        upload: true,
        download: false,
    };
    assert_eq!(here.step(), Step::OneWay(ours));
    here.upload();
    assert_eq!(difference(&here.rows(), &of_server(&server)), "");
}

#[test]
fn a_collection_that_another_program_has_open_is_not_replaced() {
    let server = Server::ours();
    let mut here = Client::new(&server);
    here.add("one");
    here.upload();
    let before = of_server(&server);
    here.add("two");
    let session = Session::new(&*HTTP, here.account.clone());
    let held = Storage::open(&server.collection()).unwrap();
    let refused = engram::sync::upload(&mut here.col, &session, &Progress::new());
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Server);
    held.close().unwrap();
    assert_eq!(difference(&before, &of_server(&server)), "");
    here.upload();
    assert_eq!(difference(&here.rows(), &of_server(&server)), "");
}

/// A client that is killed when it has sent so many requests.
struct Killed {
    after: usize,
    sent: AtomicUsize,
}

impl Transport for Killed {
    fn send(&self, call: Call<'_>) -> Result<Reply> {
        if self.sent.fetch_add(1, Ordering::SeqCst) >= self.after {
            return Err(engram::base::Error::new(ErrorKind::Network, "killed"));
        }
        HTTP.send(call)
    }
}

#[test]
fn a_client_that_is_killed_midway_leaves_the_server_as_it_was() {
    let server = Server::ours();
    let mut here = Client::new(&server);
    let one = here.add("one");
    here.upload();
    let mut there = Client::downloaded(&server);
    let before = of_server(&server);
    there.edit(one, "changed");
    for n in 0..300 {
        there.add(&format!("more {n}"));
    }
    let mut tried = 0;
    let done = loop {
        let net = Killed {
            after: tried,
            sent: AtomicUsize::new(0),
        };
        match there.sync_over(&net, Wish::default()) {
            Ok(done) => break done,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Network, "{tried}: {error}"),
        }
        // Another device looks, which ends what the killed one began.
        assert_eq!(here.step(), Step::Nothing, "after {tried} requests");
        assert_eq!(difference(&before, &of_server(&server)), "", "{tried}");
        tried += 1;
        assert!(tried < 40, "the sync never ends");
    };
    assert!(matches!(done, Outcome::Done(counts) if counts.sent > 300));
    assert!(tried >= 8, "only {tried} requests");
    assert!(matches!(here.step(), Step::Normal { .. }));
    here.sync();
    assert_eq!(here.front(one).as_deref(), Some("changed"));
    // A server that is killed while a client is at it, too.
    let before = of_server(&server);
    here.add("two");
    let net = Killed {
        after: 6,
        sent: AtomicUsize::new(0),
    };
    here.sync_over(&net, Wish::default()).unwrap_err();
    let mut server = server;
    server.end();
    assert_eq!(difference(&before, &of_server(&server)), "");
}

#[test]
fn two_clients_at_once_get_one_session() {
    let server = Server::ours();
    let mut here = Client::new(&server);
    here.add("one");
    here.upload();
    let start = json!({"minUsn": 0, "lnewer": true, "graves": null});
    let key = key_of(&server);
    let say = |word: &str, method: &str, body: &Value| {
        let body = pack(body.to_string().as_bytes()).unwrap();
        post(&server, &key, word, &format!("sync/{method}"), &body).0
    };
    assert_eq!(say("a", "chunk", &json!({})), 409, "nothing was begun");
    assert_eq!(say("a", "start", &start), 200);
    assert_eq!(say("a", "applyGraves", &json!({"chunk": {}})), 200);
    assert_eq!(say("b", "chunk", &json!({})), 409, "another one's");
    assert_eq!(say("b", "start", &start), 200, "takes its place");
    assert_eq!(say("a", "chunk", &json!({})), 409);
    assert_eq!(say("b", "abort", &json!({})), 200);
    assert_eq!(say("b", "finish", &json!({})), 409);
    // Something wrong in the middle ends it as well.
    assert_eq!(say("b", "start", &start), 200);
    let row = json!({"chunk": {"done": true, "notes": [[1, 2]]}});
    assert_eq!(say("b", "applyChunk", &row), 400);
    assert_eq!(say("b", "finish", &json!({})), 409);
    assert_eq!(say("", "start", &start), 400, "without a name");
    assert_eq!(here.step(), Step::Nothing);
    assert_eq!(difference(&here.rows(), &of_server(&server)), "");
}

fn key_of(server: &Server) -> String {
    let stored: Value = serde_json::from_str(&server.log_in().to_secret()).unwrap();
    stored["key"].as_str().unwrap().to_owned()
}

/// Status and body, unpacked where it can be.
fn post(server: &Server, key: &str, word: &str, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let url = format!("{}{path}", server.url);
    let header = header(key, "test", word);
    let call = Call {
        method: "POST",
        url: &url,
        headers: &[("anki-sync", &header)],
        body: Body::Bytes(body),
    };
    let mut reply = HTTP.send(call).unwrap();
    let mut answer = Vec::new();
    reply.body.read_to_end(&mut answer).unwrap();
    let answer = zstd::decode_all(&*answer).unwrap_or(answer);
    (reply.status, answer)
}

fn connect(server: &Server) -> TcpStream {
    let address = server
        .url
        .trim_start_matches("http://")
        .trim_end_matches('/');
    TcpStream::connect(address).unwrap()
}

#[test]
fn strangers_who_dawdle_keep_nobody_out() {
    // With a line for each request, though nobody reads it.
    let users = [USER.to_owned()];
    let server = Server::ours_in(
        tempfile::tempdir().unwrap(),
        &users,
        &[("RUST_LOG", "info")],
    );
    let mut here = Client::new(&server);
    let body = "anki-sync: {\"v\":11}\r\nContent-Length: 60000\r\n\r\nx";
    let login = format!("POST /sync/hostKey HTTP/1.1\r\n{body}");
    // They connect, and send a part of a head or of a body, or more than is wanted.
    let begun = ["", "POST /sync/host", &login, "nonsense\r\n\r\nx"];
    let dawdle = |n: usize| {
        let mut stream = connect(&server);
        // It may be ended already.
        let _ = stream.write_all(begun[n % begun.len()].as_bytes());
        stream
    };
    let _before: Vec<TcpStream> = (0..100).map(dawdle).collect();
    here.add("one");
    here.upload();
    let _then: Vec<TcpStream> = (0..100).map(dawdle).collect();
    assert_eq!(here.step(), Step::Nothing);
    server.log_in();
}

/// What comes back for these bytes.
fn raw(server: &Server, request: &str) -> String {
    let mut stream = connect(server);
    stream.write_all(request.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn hostile_requests_get_errors_and_change_nothing() {
    let users = [USER.to_owned(), "v".to_owned()];
    let small = [("MAX_SYNC_PAYLOAD_MEGS", "1")];
    let server = Server::ours_in(tempfile::tempdir().unwrap(), &users, &small);
    let mut here = Client::new(&server);
    here.add("one");
    here.upload();
    let before = of_server(&server);
    let key = key_of(&server);
    let packed = |text: &str| pack(text.as_bytes()).unwrap();
    let status = |key: &str, path: &str, body: &[u8]| post(&server, key, "w", path, body).0;
    for path in ["sync/meta", "sync/upload", "sync/download", "msync/begin"] {
        for wrong in ["", "x", &key[1..], &key.to_uppercase()] {
            assert_eq!(status(wrong, path, &packed("{}")), 403, "{path}");
        }
    }
    let login = |user: &str, password: &str| packed(&json!({"u": user, "p": password}).to_string());
    for (user, password) in [(USER, ""), ("nobody", PASSWORD), ("", ""), (USER, "p ")] {
        assert_eq!(status("", "sync/hostKey", &login(user, password)), 403);
    }
    assert_eq!(status("", "sync/hostKey", &packed("[]")), 400);
    assert_eq!(status(&key, "sync/meta", b"not packed"), 400);
    assert_eq!(status(&key, "sync/meta", &packed("{}")), 400);
    assert_eq!(
        status(&key, "sync/meta", &packed(r#"{"v":12,"cv":""}"#)),
        501
    );
    assert_eq!(status(&key, "sync/nothing", &packed("{}")), 400);
    assert_eq!(status(&key, "other/meta", &packed("{}")), 404);
    // As of an address with a folder too many: the password is not what is wrong.
    for path in ["sync/sync/hostKey", "sync/", "msync/"] {
        assert_eq!(status("", path, &packed("{}")), 404, "{path}");
    }
    // Larger than it may be, packed or unpacked.
    let noise: Vec<u8> = (0..3_u32 << 19)
        .flat_map(|n| n.wrapping_mul(0x9E37_79B9).to_le_bytes())
        .collect();
    assert_eq!(status(&key, "sync/meta", &noise), 413);
    assert_eq!(status(&key, "sync/upload", &noise), 413);
    let zeros = pack(&vec![0; 4 << 20]).unwrap();
    assert_eq!(status(&key, "msync/uploadChanges", &zeros), 413);
    let told = |body: &[u8]| {
        let (status, said) = post(&server, &key, "w", "sync/upload", body);
        (status, String::from_utf8(said).unwrap())
    };
    assert_eq!(told(&zeros), (200, "collection exceeds size limit".into()));
    let mut damaged = std::fs::read(here.path()).unwrap();
    for byte in &mut damaged[5000..9000] {
        *byte ^= 0x5a;
    }
    for body in [packed("no collection"), pack(&damaged).unwrap()] {
        let (status, said) = told(&body);
        assert_eq!(status, 200);
        assert!(said.contains("Your upload was corrupt"), "{said}");
    }
    let whole = pack(&std::fs::read(server.collection()).unwrap()).unwrap();
    assert_eq!(told(&whole[..whole.len() / 2]).0, 400, "cut");
    for request in [
        "GET /sync/meta HTTP/1.1\r\n\r\n",
        "PUT /sync/meta HTTP/1.1\r\n\r\n",
    ] {
        assert!(
            raw(&server, request).starts_with("HTTP/1.1 405"),
            "{request}"
        );
    }
    assert!(raw(&server, "nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
    assert!(raw(&server, "POST /sync/meta HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 501"));
    assert!(raw(&server, "GET /health HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200"));
    let cut = "POST /sync/meta HTTP/1.1\r\nContent-Length: 9\r\n\r\nx";
    assert!(!raw(&server, cut).starts_with("HTTP/1.1 200"));
    assert_eq!(here.step(), Step::Nothing);
    assert_eq!(difference(&before, &of_server(&server)), "");
    let user = server.folder.path().join(USER);
    assert!(!user.join("backups").exists(), "nothing was replaced");
    let names = std::fs::read_dir(&user).unwrap();
    let left = names.filter(|e| {
        let name = e.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with(".engram-tmp-")
    });
    assert_eq!(left.count(), 0);
    // The other user has none of it.
    assert!(!server.folder.path().join("v/collection.anki2").exists());
}

/// Packing makes no picture or sound smaller: Anki's server takes three times its number too.
#[test]
fn what_packing_does_not_make_smaller_is_taken() {
    let small = [("MAX_SYNC_PAYLOAD_MEGS", "1")];
    let server = Server::ours_in(tempfile::tempdir().unwrap(), &[USER.to_owned()], &small);
    let folder = tempfile::tempdir().unwrap();
    let path = collection_in(folder.path());
    let mut random = StdRng::seed_from_u64(1);
    let noise: Vec<u8> = (0..2 << 20).map(|_| random.random()).collect();
    std::fs::write(path.with_extension("media").join("sound.mp3"), noise).unwrap();
    assert_eq!(media(&server, &path), (1, 0, 0, 0));
}

/// As from a download: what an add-on only keeps there stays.
#[test]
#[expect(clippy::disallowed_types, reason = "writes what an add-on would")]
fn what_would_act_by_itself_is_left_out_of_an_upload() {
    let server = Server::ours();
    let mut here = Client::new(&server);
    here.add("one");
    here.upload();
    let before = of_server(&server);
    let room = tempfile::tempdir().unwrap();
    let copy = room.path().join("copy.anki2");
    std::fs::copy(server.collection(), &copy).unwrap();
    let db = rusqlite::Connection::open(&copy).unwrap();
    db.execute_batch(
        "create view soon as select id from cards where due < 5; \
         create trigger tidies after update on col begin delete from notes; end;",
    )
    .unwrap();
    db.close().unwrap();
    let sent = pack(&std::fs::read(&copy).unwrap()).unwrap();
    let key = key_of(&server);
    let (status, said) = post(&server, &key, "w", "sync/upload", &sent);
    assert_eq!((status, &*said), (200, &b"OK"[..]));
    assert_eq!(difference(&before, &of_server(&server)), "");
    let db = rusqlite::Connection::open(server.collection()).unwrap();
    let names: String = db
        .query_row(
            "select group_concat(name) from sqlite_master where type in ('view', 'trigger')",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(names, "soon");
}

#[test]
fn the_program_with_the_window_serves_without_one() {
    let server = Server::of_window_program();
    let mut here = Client::new(&server);
    here.add("one");
    here.upload();
    assert_eq!(here.step(), Step::Nothing);
}

#[test]
fn hashed_passwords_are_made_and_taken() {
    let cli = Cli::with_profile();
    std::fs::write(cli.path("password"), "secret\n").unwrap();
    let file = cli.path("password");
    let made = cli.ok(&["sync-server", "--hash-password", "--password-file", &file]);
    let user = format!("w:{}", made["hash"].as_str().unwrap());
    let variables = [("PASSWORDS_HASHED", "1"), ("SYNC_USER1", &*user)];
    let server = Server::ours_in(tempfile::tempdir().unwrap(), &[], &variables);
    let log_in = |password: &str| {
        let password = Secret::new(password);
        login(&Http::new(), &server.url, "w", &password, &Progress::new())
    };
    assert_eq!(log_in("secret").unwrap().user, "w");
    assert_eq!(
        log_in("other").unwrap_err().kind(),
        ErrorKind::WrongPassword
    );
    // Without users there is no server.
    let (status, kind) = cli.fails(&["sync-server"]);
    assert_eq!((status, kind.as_str()), (2, "invalid-input"));
}
