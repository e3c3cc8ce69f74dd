//! Kills at any moment of a full upload, of the client and of our server at once: the server's
//! collection is the one from before or the one that was sent, whole, what was replaced is a whole backup
//! beside it, the client's is as it was, and the next upload completes. The harness is in
//! `kill_harness`.

use crate::kill_child::{done, grow, open, ready};
use crate::kill_harness::Series;
use crate::kill_moments::{check_package, sound};
use crate::sync_server::{PASSWORD, USER};
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

/// Both clients upload in turn, over and over.
pub fn work(folder: &Path) {
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
        }
    }
}

/// One upload, with a server that ends.
fn upload_once(folder: &Path, n: usize) {
    let mut col = open(&client(folder, n));
    let (server, end) = (server(folder), Progress::new());
    let address = address(&server);
    let (uploaded, served) = std::thread::scope(|threads| {
        let serving = threads.spawn(|| server.run(&end));
        let uploaded = enter(&address).and_then(|account| upload(&mut col, &account));
        end.cancel();
        (uploaded, serving.join().unwrap())
    });
    uploaded.unwrap();
    served.unwrap();
    col.close().unwrap();
}

/// Whose collection the server has; all that SQLite would read of it is looked at elsewhere.
fn whose(folder: &Path) -> usize {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(of_user(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("collection.anki2") {
            std::fs::copy(entry.path(), copy.path().join(name)).unwrap();
        }
    }
    let path = copy.path().join("collection.anki2");
    let notes = sound(&path, |storage| storage.counts().unwrap().notes);
    let whose = NOTES.iter().position(|n| *n == notes);
    whose.unwrap_or_else(|| panic!("{notes} notes: neither the old nor the new"))
}

fn half_done(folder: &Path) -> bool {
    let names = std::fs::read_dir(of_user(folder)).unwrap();
    let mut names = names.map(|e| e.unwrap().file_name().into_string().unwrap());
    names.any(|name| name.starts_with(TEMP_PREFIX))
}

#[test]
fn an_upload_is_on_the_server_whole_or_not_at_all() {
    let room = tempfile::tempdir().unwrap();
    let folder = room.path();
    for n in [1, 0] {
        std::fs::create_dir_all(client(folder, n)).unwrap();
        let mut col = open(&client(folder, n));
        grow(&mut col, NOTES[n], &mut StdRng::seed_from_u64(n as u64));
        col.close().unwrap();
        upload_once(folder, n);
    }
    let mut series = Series::new("upload", 24);
    let (mut seen, mut halves) = ([0; 2], 0);
    let mut known = HashSet::new();
    for _ in 0..series.kills {
        series.kill_once(folder, 3);
        halves += u32::from(half_done(folder));
        seen[whose(folder)] += 1;
        for entry in std::fs::read_dir(of_user(folder).join("backups")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "colpkg") && known.insert(path.clone()) {
                check_package(&path);
            }
        }
        for (n, notes) in NOTES.iter().enumerate() {
            let path = client(folder, n).join("collection.anki2");
            let counted = sound(&path, |storage| storage.counts().unwrap().notes);
            assert_eq!(counted, *notes, "client {n}");
        }
    }
    println!(
        "states {seen:?}, {halves} half-way, {} backups",
        known.len()
    );
    assert!(seen.iter().all(|n| *n > 0), "only one state was ever seen");
    assert!(halves > 0, "the kills came at odd times only");
    for n in [0, 1] {
        upload_once(folder, n);
        assert_eq!(whose(folder), n);
        assert!(!half_done(folder), "what was left behind is gone");
    }
}
