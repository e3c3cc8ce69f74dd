//! Kills at any moment of full uploads and downloads, of the clients and of our server at once: each
//! collection is the one from before or the one that was sent, whole, what an upload replaced is a whole
//! backup on the server, and the next transfer completes. The harness is in `kill_harness`.

use crate::kill_child::{done, grow, open, ready};
use crate::kill_harness::Series;
use crate::kill_moments::{check_package, sound};
use crate::sync_server::{PASSWORD, USER};
use engram::backup::plan::Options;
use engram::backup::restore::{restore, resume};
use engram::base::files::TEMP_PREFIX;
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::base::{Result, Secret};
use engram::collection::Collection;
use engram::net::Http;
use engram::server::{Config, Server};
use engram::sync::{self, Account, Session, login};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Of the two clients that upload in turn, by which they are told apart.
const NOTES: [u64; 2] = [600, 350];

fn client(folder: &Path, n: usize) -> PathBuf {
    folder.join(format!("client {n}"))
}

/// Where what the server has is downloaded to.
fn here(folder: &Path) -> PathBuf {
    folder.join("here")
}

/// What the server has of its user.
fn of_user(folder: &Path) -> PathBuf {
    folder.join("server").join(USER)
}

fn server(folder: &Path) -> Server {
    let base = folder.join("server").to_str().unwrap().to_owned();
    let variable = |name: &str| match name {
        "SYNC_USER1" => Some(format!("{USER}:{PASSWORD}")),
        "SYNC_BASE" => Some(base.clone()),
        "SYNC_HOST" => Some("127.0.0.1".to_owned()),
        "SYNC_PORT" => Some("0".to_owned()),
        _ => None,
    };
    let config = Config::read(variable, None).unwrap();
    Server::bind(config, &Clock::System, |_| ()).unwrap()
}

fn address(server: &Server) -> String {
    format!("http://{}/", server.address().unwrap())
}

fn enter(address: &str) -> Result<Account> {
    let password = Secret::new(PASSWORD);
    login(&Http::new(), address, USER, &password, &Progress::new())
}

fn upload(col: &mut Collection, account: &Account) -> Result<()> {
    let net = Http::new();
    let session = Session::new(&net, account.clone());
    sync::upload(col, &session, &Progress::new())
}

/// As the program does it: fetched, checked, saved and exchanged by a restore.
fn download(to: &Path, account: &Account) -> Result<()> {
    let net = Http::new();
    let session = Session::new(&net, account.clone());
    let progress = Progress::new();
    let fetched = sync::download(&session, to, &progress)?;
    let (options, clock) = (Options::DOWNLOAD, Clock::System);
    restore(to, &fetched.path(), options, &clock, &progress).map(drop)
}

/// Both clients upload in turn, over and over, and each upload is downloaded elsewhere.
pub fn work(folder: &Path) {
    resume(&here(folder)).unwrap();
    let mut clients = [0, 1].map(|n| open(&client(folder, n)));
    let server = server(folder);
    let address = address(&server);
    let serving = std::thread::Builder::new().name("server".to_owned());
    serving.spawn(move || server.run(&Progress::new())).unwrap();
    let account = enter(&address).unwrap();
    ready();
    loop {
        for (n, col) in clients.iter_mut().enumerate() {
            upload(col, &account).unwrap();
            done(n);
            download(&here(folder), &account).unwrap();
            done(n);
        }
    }
}

/// An upload and its download, with a server that ends.
fn transfer(folder: &Path, n: usize) {
    let mut col = open(&client(folder, n));
    let (server, end) = (server(folder), Progress::new());
    let address = address(&server);
    let (done, served) = std::thread::scope(|threads| {
        let serving = threads.spawn(|| server.run(&end));
        let done = enter(&address).and_then(|account| {
            upload(&mut col, &account)?;
            download(&here(folder), &account)
        });
        end.cancel();
        (done, serving.join().unwrap())
    });
    done.unwrap();
    served.unwrap();
    col.close().unwrap();
}

/// Whose collection is at this path.
fn whose(path: &Path) -> usize {
    let notes = sound(path, |storage| storage.counts().unwrap().notes);
    let whose = NOTES.iter().position(|n| *n == notes);
    whose.unwrap_or_else(|| panic!("{notes} notes: neither the old nor the new"))
}

/// As [`whose`], on the server; all that SQLite would read of it is looked at elsewhere.
fn whose_on_server(folder: &Path) -> usize {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(of_user(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("collection.anki2") {
            std::fs::copy(entry.path(), copy.path().join(name)).unwrap();
        }
    }
    whose(&copy.path().join("collection.anki2"))
}

fn half_done(folder: &Path) -> bool {
    let names = std::fs::read_dir(folder).unwrap();
    let mut names = names.map(|e| e.unwrap().file_name().into_string().unwrap());
    names.any(|name| name.starts_with(TEMP_PREFIX))
}

#[test]
fn a_full_transfer_arrives_whole_or_not_at_all() {
    let room = tempfile::tempdir().unwrap();
    let folder = room.path();
    let here_now = || whose(&here(folder).join("collection.anki2"));
    std::fs::create_dir_all(here(folder).join("collection.media")).unwrap();
    open(&here(folder)).close().unwrap();
    for n in [1, 0] {
        std::fs::create_dir_all(client(folder, n)).unwrap();
        let mut col = open(&client(folder, n));
        grow(&mut col, NOTES[n], &mut StdRng::seed_from_u64(n as u64));
        col.close().unwrap();
        transfer(folder, n);
    }
    let mut series = Series::new("transfer", 24);
    let (mut seen, mut halves) = ([[0; 2]; 2], [0; 2]);
    let mut known = HashSet::new();
    for _ in 0..series.kills {
        series.kill_once(folder, 4);
        for (halves, place) in halves.iter_mut().zip([of_user(folder), here(folder)]) {
            *halves += u32::from(half_done(&place));
        }
        seen[0][whose_on_server(folder)] += 1;
        resume(&here(folder)).unwrap();
        seen[1][here_now()] += 1;
        for entry in std::fs::read_dir(of_user(folder).join("backups")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "colpkg") && known.insert(path.clone()) {
                check_package(&path);
            }
        }
        for n in [0, 1] {
            assert_eq!(whose(&client(folder, n).join("collection.anki2")), n);
        }
    }
    let backups = known.len();
    println!("server and here: states {seen:?}, half-way {halves:?}; {backups} backups");
    let both = |seen: &[u32; 2]| seen.iter().all(|n| *n > 0);
    assert!(seen.iter().all(both), "only one state was ever seen");
    assert!(halves[0] > 0, "the kills came at odd times only");
    for n in [0, 1] {
        transfer(folder, n);
        assert_eq!([whose_on_server(folder), here_now()], [n, n]);
        assert!(!half_done(&of_user(folder)), "what was left behind is gone");
    }
}
