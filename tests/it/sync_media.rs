//! Media sync against the real server, with Anki's own client on the other side.

use crate::sync_client::{Failing, Fault, HTTP};
use crate::sync_server::{Server, USER, collection_in};
use engram::base::job::Progress;
use engram::base::{Error, ErrorKind, Result};
use engram::formats::media_batch::Outgoing;
use engram::net::{Call, Http, Reply, Transport};
use engram::sync::Session;
use engram::sync::media::{MediaDeletions, MediaOutcome, MediaSynced, MediaWish, sync_media};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const WISH: MediaWish = MediaWish {
    server_usn: None,
    stop_percent: 10,
};

fn sync(server: &Server, collection: &Path) -> Result<MediaSynced> {
    match sync_as(server, collection, WISH)? {
        MediaOutcome::Done(done) => Ok(done),
        stopped => panic!("{stopped:?}"),
    }
}

fn sync_as(server: &Server, collection: &Path, wish: MediaWish) -> Result<MediaOutcome> {
    let http = Http::new();
    let session = Session::new(&http, server.log_in());
    sync_media(&session, collection, wish, &Progress::new())
}

fn file(collection: &Path, name: &str) -> PathBuf {
    collection.with_extension("media").join(name)
}

/// A media folder of `a.txt` and `b.txt`, which the server has too.
fn two_files_sent(server: &Server, folder: &Path) -> PathBuf {
    let here = collection_in(folder);
    put(&here, "a.txt", "a");
    put(&here, "b.txt", "b");
    sync(server, &here).unwrap();
    here
}

fn put(collection: &Path, name: &str, content: &str) {
    std::fs::write(file(collection, name), content).unwrap();
}

fn remove(collection: &Path, name: &str) {
    std::fs::remove_file(file(collection, name)).unwrap();
}

/// Name and content of all media.
fn media(collection: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(collection.with_extension("media")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        found.insert(name, std::fs::read_to_string(entry.path()).unwrap());
    }
    found
}

fn in_trash(collection: &Path) -> Vec<String> {
    let trash = collection.with_file_name("media.trash");
    let Ok(entries) = std::fs::read_dir(trash) else {
        return Vec::new();
    };
    let mut contents: Vec<String> = entries
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    contents.sort();
    contents
}

#[test]
fn adds_replaces_and_deletes_converge_with_anki() {
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let ours = collection_in(&folder.path().join("ours"));
    let theirs = collection_in(&folder.path().join("theirs"));
    for n in 0..60 {
        put(&ours, &format!("ours {n}.txt"), &format!("o{n}"));
    }
    put(&ours, "both.txt", "same");
    put(&ours, "empty.txt", "");
    put(&theirs, "both.txt", "same");
    put(&theirs, "été 日本.txt", "theirs");
    let done = sync(&server, &ours).unwrap();
    assert_eq!((done.uploaded, done.downloaded), (61, 0));
    assert_eq!(done.skipped, ["empty.txt"]);
    remove(&ours, "empty.txt");
    server.anki_syncs_media(&theirs);
    let done = sync(&server, &ours).unwrap();
    assert_eq!((done.uploaded, done.downloaded), (0, 1));
    assert_eq!(media(&ours), media(&theirs));
    assert_eq!(media(&ours).len(), 62);

    put(&ours, "ours 1.txt", "changed here");
    remove(&ours, "ours 2.txt");
    put(&theirs, "ours 3.txt", "changed there");
    remove(&theirs, "ours 4.txt");
    put(&ours, "ours 5.txt", "changed on both, here");
    put(&theirs, "ours 5.txt", "changed on both, there");
    server.anki_syncs_media(&theirs);
    let done = sync(&server, &ours).unwrap();
    assert_eq!((done.deleted_here, done.deleted_there), (1, 1));
    server.anki_syncs_media(&theirs);
    assert_eq!(media(&ours), media(&theirs));
    assert_eq!(media(&ours)["ours 1.txt"], "changed here");
    assert_eq!(media(&ours)["ours 3.txt"], "changed there");
    assert_eq!(media(&ours)["ours 5.txt"], "changed on both, there");
    assert!(!media(&ours).contains_key("ours 2.txt"));
    // What the server replaced or deleted here is not lost.
    assert_eq!(in_trash(&ours), ["changed on both, here", "o3", "o4"]);
    assert_eq!(sync(&server, &ours).unwrap(), MediaSynced::default());
}

#[test]
fn anki_goes_on_with_our_list_of_files_and_we_with_its() {
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let here = collection_in(folder.path());
    put(&here, "a.txt", "a");
    sync(&server, &here).unwrap();
    put(&here, "b.txt", "b");
    server.anki_syncs_media(&here);
    put(&here, "c.txt", "c");
    let done = sync(&server, &here).unwrap();
    // Anki's changes are known from its list: nothing travels twice.
    assert_eq!((done.uploaded, done.downloaded), (1, 0));
    let other = collection_in(&folder.path().join("other"));
    assert_eq!(sync(&server, &other).unwrap().downloaded, 3);
    assert_eq!(media(&other), media(&here));
}

/// Fails at the nth request, before or after the server has seen it.
struct Cut {
    http: Http,
    at: usize,
    after: bool,
    calls: AtomicUsize,
}

impl Transport for Cut {
    fn send(&self, call: Call<'_>) -> Result<Reply> {
        let here = self.calls.fetch_add(1, Ordering::SeqCst) == self.at;
        let cut = || Error::new(ErrorKind::Network, "cut by the test");
        if here && !self.after {
            return Err(cut());
        }
        let reply = self.http.send(call)?;
        if here { Err(cut()) } else { Ok(reply) }
    }
}

#[test]
fn a_sync_that_cannot_ask_goes_on_where_it_was() {
    cut_at_each_request(false);
}

#[test]
fn a_sync_that_hears_no_answer_goes_on_where_it_was() {
    cut_at_each_request(true);
}

fn cut_at_each_request(after: bool) {
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let other = collection_in(&folder.path().join("other"));
    let here = collection_in(&folder.path().join("here"));
    let account = server.log_in();
    let mut wanted = BTreeMap::new();
    let mut cuts = 0;
    for at in 0..20 {
        let (name, content) = (format!("{at} other.txt"), format!("other {at}"));
        put(&other, &name, &content);
        wanted.insert(name, content);
        // More than fit in one batch.
        for n in 0..26 {
            let (name, content) = (format!("{at} {n} here.txt"), format!("{at} {n}"));
            put(&here, &name, &content);
            wanted.insert(name, content);
        }
        sync(&server, &other).unwrap();
        let cut = Cut {
            http: Http::new(),
            at,
            after,
            calls: AtomicUsize::new(0),
        };
        let session = Session::new(&cut, account.clone());
        match sync_media(&session, &here, WISH, &Progress::new()) {
            Ok(_) => break,
            Err(error) => assert_eq!(error.what(), "cut by the test"),
        }
        cuts += 1;
        sync(&server, &here).unwrap();
        assert_eq!(media(&here), wanted);
    }
    sync(&server, &other).unwrap();
    assert_eq!(media(&other), wanted);
    assert!(cuts >= 6, "only {cuts} requests were cut");
}

/// Sends nothing before two files of the folder were looked at.
struct Meanwhile {
    http: Http,
    progress: Progress,
}

impl Transport for Meanwhile {
    fn send(&self, call: Call<'_>) -> Result<Reply> {
        let is_looked_through = || {
            let view = self.progress.view();
            (view.stage, view.done) == ("Looking for changed media", 2)
        };
        for _ in 0..10_000 {
            if is_looked_through() {
                return self.http.send(call);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Err(Error::new(ErrorKind::Network, "nobody looks meanwhile"))
    }
}

#[test]
fn the_folder_is_looked_through_while_the_server_is_asked() {
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let here = two_files_sent(&server, folder.path());
    let progress = Progress::new();
    let net = Meanwhile {
        http: Http::new(),
        progress: progress.clone(),
    };
    let session = Session::new(&net, server.log_in());
    let nothing = MediaOutcome::Done(MediaSynced::default());
    assert_eq!(
        sync_media(&session, &here, WISH, &progress).unwrap(),
        nothing
    );
}

#[test]
fn an_emptied_folder_does_not_empty_the_server() {
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let here = collection_in(folder.path());
    for n in 0..30 {
        put(&here, &format!("{n}.txt"), "x");
    }
    sync(&server, &here).unwrap();
    for n in 0..25 {
        remove(&here, &format!("{n}.txt"));
    }
    let stopped = MediaOutcome::TooManyDeletions(MediaDeletions { gone: 25, all: 30 });
    assert_eq!(sync_as(&server, &here, WISH).unwrap(), stopped);
    let all = MediaWish {
        stop_percent: 100,
        ..WISH
    };
    let done = MediaOutcome::Done(MediaSynced {
        deleted_there: 25,
        ..MediaSynced::default()
    });
    assert_eq!(sync_as(&server, &here, all).unwrap(), done);
    std::fs::remove_dir_all(here.with_extension("media")).unwrap();
    assert_eq!(
        sync(&server, &here).unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn another_server_gets_everything_and_takes_nothing_away() {
    let (Some(first), Some(second)) = (Server::start(), Server::start()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let here = collection_in(&folder.path().join("here"));
    let other = collection_in(&folder.path().join("other"));
    put(&here, "a.txt", "a");
    put(&here, "b.txt", "b");
    sync(&first, &here).unwrap();
    put(&other, "b.txt", "newer b");
    sync(&second, &other).unwrap();
    sync(&second, &here).unwrap();
    sync(&second, &other).unwrap();
    assert_eq!(media(&here), media(&other));
    assert_eq!(media(&here)["b.txt"], "newer b");
    assert_eq!(in_trash(&here), ["b"]);
}

#[test]
fn an_old_number_of_the_server_is_not_another_server() {
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let here = two_files_sent(&server, folder.path());
    remove(&here, "a.txt");
    put(&here, "b.txt", "newer b");
    // As a sync of the collection was told it before the last sync of media had ended.
    let told = MediaWish {
        server_usn: Some(1),
        ..WISH
    };
    let done = MediaOutcome::Done(MediaSynced {
        uploaded: 1,
        deleted_there: 1,
        ..MediaSynced::default()
    });
    assert_eq!(sync_as(&server, &here, told).unwrap(), done);
    assert_eq!(media(&here)["b.txt"], "newer b");
    assert_eq!((media(&here).len(), in_trash(&here).len()), (1, 0));
    let other = collection_in(&folder.path().join("other"));
    assert_eq!(sync(&server, &other).unwrap().downloaded, 1);
}

#[test]
fn what_the_server_refuses_is_told_in_its_words() {
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let here = collection_in(folder.path());
    let net = Failing::at(0, Fault::Says(r#"{"data":null,"err":"no more room"}"#));
    let session = Session::new(&net, server.log_in());
    let error = sync_media(&session, &here, WISH, &Progress::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert!(error.what().contains("no more room"), "{error}");
}

#[test]
fn a_file_that_cannot_come_holds_up_no_other() {
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let other = collection_in(&folder.path().join("other"));
    for n in 0..30 {
        put(&other, &format!("{n}.txt"), &n.to_string());
    }
    sync(&server, &other).unwrap();
    let on_server = server.folder.path().join(USER).join("media/7.txt");
    std::fs::remove_file(&on_server).unwrap();
    // Nothing of this name may stand in a folder; other programs send such files all the same.
    let mut batch = Outgoing::default();
    batch.add("?", Some(b"question".to_vec()));
    let session = Session::new(&*HTTP, server.log_in());
    let batch = batch.finish().unwrap();
    session
        .bytes("msync/uploadChanges", &batch, &Progress::new())
        .unwrap();

    let here = collection_in(&folder.path().join("here"));
    let done = sync(&server, &here).unwrap();
    let told = |done: &MediaSynced| (done.not_here.join(" "), done.lost_there.join(" "));
    assert_eq!(done.downloaded, 29);
    assert_eq!(told(&done), ("?".into(), "7.txt".into()));
    // They stay where they are, and what is new here is sent.
    put(&here, "new.txt", "new");
    let sent = sync(&server, &here).unwrap();
    assert_eq!(
        (sent.downloaded, sent.uploaded, sent.deleted_there),
        (0, 1, 0)
    );
    // Anki's server took what it does not have off its list.
    assert_eq!(told(&sent), ("?".into(), String::new()));
    assert_eq!(media(&here).len(), 30);
}

/// As on Windows and macOS: a folder in capitals is there beside the one of the media.
#[test]
fn two_names_that_are_one_file_here_stay_two_on_the_server() {
    // Elsewhere nobody has both.
    if !cfg!(target_os = "linux") {
        return;
    }
    let Some(server) = Server::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let other = collection_in(&folder.path().join("other"));
    put(&other, "A.png", "large");
    put(&other, "a.png", "small");
    sync(&server, &other).unwrap();
    let both = media(&other);
    let ignore_case =
        |col: &Path| std::fs::create_dir(col.with_file_name("COLLECTION.MEDIA")).unwrap();
    let here = collection_in(&folder.path().join("here"));
    ignore_case(&here);
    let done = sync(&server, &here).unwrap();
    assert_eq!((done.downloaded, done.not_here.len()), (1, 1));
    assert_eq!((media(&here).len(), in_trash(&here).len()), (1, 0));
    let again = sync(&server, &here).unwrap();
    assert_eq!((again.deleted_there, &again.not_here), (0, &done.not_here));
    assert_eq!(sync(&server, &other).unwrap(), MediaSynced::default());
    // The other one comes once there is room for it.
    let (first, _) = media(&here).pop_first().unwrap();
    remove(&here, &first);
    let turned = sync(&server, &here).unwrap();
    assert_eq!((turned.downloaded, turned.deleted_there), (1, 1));
    assert!(turned.not_here.is_empty());
    let left = &done.not_here[0];
    assert_eq!(media(&here), [(left.clone(), both[left].clone())].into());

    // Two that Anki had before, and of which one took the place of the other.
    let room = tempfile::tempdir().unwrap();
    let third = collection_in(room.path());
    put(&third, "A.png", "large");
    put(&third, "a.png", "small");
    sync(&server, &third).unwrap();
    remove(&third, "A.png");
    ignore_case(&third);
    let done = sync(&server, &third).unwrap();
    assert_eq!(
        (done.deleted_there, done.not_here),
        (0, vec!["A.png".to_owned()])
    );
}
