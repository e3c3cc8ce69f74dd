//! Sync with the real server on loopback, with the phases and names of the peer's benchmark: both
//! full ways, what 500 answers and 1,000 notes cost each side, nothing to do, and media. Without
//! the real Anki (`ENGRAM_ORACLE`) there is no server and nothing is measured.

use crate::bench::Bench;
use crate::operations::{collection, select_study_deck};
use cpu_time::ProcessTime;
use engram::base::Secret;
use engram::base::ids::DeckId;
use engram::base::job::Progress;
use engram::base::time::Stopwatch;
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::domain::study::Rating;
use engram::net::Http;
use engram::sync::media::{MediaWish, sync_media};
use engram::sync::{self, Account, Session, Wish};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(python: &Path, folder: &Path) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let child = Command::new(python)
            .args(["-m", "anki.syncserver"])
            .env("SYNC_USER1", "user:pass")
            .env("SYNC_BASE", folder)
            .env("SYNC_HOST", "127.0.0.1")
            .env("SYNC_PORT", port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let url = format!("http://127.0.0.1:{port}/");
        Self { child, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Seconds of wall clock and processor, by phase.
#[derive(Default)]
struct Times(BTreeMap<&'static str, (Vec<f64>, Vec<f64>)>);

impl Times {
    fn of<T>(&mut self, phase: &'static str, work: impl FnOnce() -> T) -> T {
        let (wall, cpu) = (Stopwatch::start(), ProcessTime::now());
        let done = work();
        let (walls, cpus) = self.0.entry(phase).or_default();
        walls.push(wall.elapsed().as_secs_f64());
        cpus.push(cpu.elapsed().as_secs_f64());
        done
    }
}

pub fn sync(b: &mut Bench) {
    let Some(python) = std::env::var_os("ENGRAM_ORACLE").map(PathBuf::from) else {
        println!("no ENGRAM_ORACLE: sync is not measured");
        return;
    };
    let mut times = Times::default();
    for _ in 0..b.reps {
        round(b, &python, &mut times);
    }
    for (phase, (walls, cpus)) in &times.0 {
        b.record(phase, walls, cpus, json!({}));
    }
}

fn round(b: &Bench, python: &Path, times: &mut Times) {
    let server = Server::start(python, &b.empty_folder("server"));
    let (net, progress) = (Http::new(), Progress::new());
    let password = Secret::new("pass");
    let account = times.of("login", || {
        sync::login(&net, &server.url, "user", &password, &progress).expect("let in")
    });
    let here = b.fresh("here", b.has_media());
    let mut ours = collection(&here);
    times.of("full_upload", || {
        sync::upload(&mut ours, &Session::new(&net, account.clone()), &progress).expect("sent");
    });
    let room = b.empty_folder("there");
    std::fs::create_dir_all(room.join("collection.media")).expect("a folder");
    let there = room.join("collection.anki2");
    times.of("full_download", || {
        let session = Session::new(&net, account.clone());
        let fetched = sync::download(&session, &room, &progress).expect("fetched");
        engram::storage::sync::stamp_downloaded(&fetched.path()).expect("stamped");
        std::fs::rename(fetched.path(), &there).expect("put in place");
    });
    let mut theirs = collection(&there);
    let phases = |times: &mut Times, push, pull, ours: &mut Collection, theirs: &mut Collection| {
        times.of(push, || normal(ours, &net, &account));
        times.of(pull, || normal(theirs, &net, &account));
    };
    answer(b, &mut ours);
    phases(
        times,
        "incr_push_500_answers",
        "incr_pull_500_answers",
        &mut ours,
        &mut theirs,
    );
    times.of("noop_sync", || normal(&mut ours, &net, &account));
    add(&mut ours);
    phases(
        times,
        "incr_push_1000_notes",
        "incr_pull_1000_notes",
        &mut ours,
        &mut theirs,
    );
    assert_eq!(
        ours.storage().counts().expect("counts").notes,
        theirs.storage().counts().expect("counts").notes
    );
    ours.close().expect("it closes");
    theirs.close().expect("it closes");
    if b.has_media() {
        let wish = MediaWish {
            server_usn: None,
            stop_percent: 100,
        };
        for (phase, path) in [
            ("media_upload_all", &here),
            ("media_download_all", &there),
            ("media_noop", &here),
        ] {
            let session = Session::new(&net, account.clone());
            times.of(phase, || {
                sync_media(&session, path, wish, &progress).expect("synced")
            });
        }
    }
}

fn normal(col: &mut Collection, net: &Http, account: &Account) {
    let progress = Progress::new();
    let mut session = Session::new(net, account.clone());
    let look = sync::look(col, &mut session, &progress).expect("the server answers");
    let wish = Wish { stop_percent: 100 };
    sync::normal(col, &session, &look, wish, &progress).expect("synced");
}

fn answer(b: &Bench, col: &mut Collection) {
    select_study_deck(b, col);
    for _ in 0..500 {
        let Some(card) = col.next_card().expect("a card or none") else {
            return;
        };
        col.answer(card.answer(Rating::Good, 3000))
            .expect("answered");
    }
}

fn add(col: &mut Collection) {
    let types = col.storage().all_notetypes().expect("note types");
    let basic = types.iter().find(|t| t.name == "Basic").expect("Basic");
    let notes = (0..1000).map(|i| NewNote {
        notetype_id: basic.id,
        deck_id: DeckId::DEFAULT,
        fields: vec![format!("sync {i}"), format!("text {i} ").repeat(10)],
        tags: vec![],
    });
    col.add_notes(notes.collect()).expect("added");
}
