//! The media of one user: what changed, files to and from clients. A file that a client deletes or
//! replaces goes to `media.trash` beside the folder.

use super::place::Place;
use super::refusal::{Refusal, parse};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{PartialFile, TEMP_PREFIX, sync_dir};
use crate::codec::media_sync as messages;
use crate::formats::media_batch::{MAX_FILES, Outgoing, uploaded};
use crate::media::folder::ignores_case;
use crate::media::hash::{hash, hash_file};
use crate::media::{names, trash};
use crate::storage::media_server_db::ServedMedia;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{MutexGuard, PoisonError};
use unicode_normalization::is_nfc;

const MAX_NAME_BYTES: usize = 255;

impl Place {
    fn media_lock(&self) -> MutexGuard<'_, ()> {
        self.media.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn media_folder(&self) -> PathBuf {
        self.folder.join("media")
    }

    /// Where a file is. On a disk that does not tell upper from lower case, one that came while
    /// there was another of nearly its name has a place apart.
    fn media_path(&self, name: &str, is_apart: bool) -> PathBuf {
        let path = self.media_folder().join(name);
        let apart = trash::with_suffix(&path, &hash(name.as_bytes()));
        if is_apart || apart.is_file() {
            apart
        } else {
            path
        }
    }

    /// `key`: what the client is known by, once more.
    pub(super) fn media_begin(&self, key: &str) -> Result<Vec<u8>, Refusal> {
        let usn = self.media_db()?.last_usn()?;
        Ok(messages::wrapped(&json!({"usn": usn, "sk": key})))
    }

    pub(super) fn media_changes(&self, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        #[derive(Deserialize)]
        struct Asked {
            #[serde(rename = "lastUsn")]
            since: i64,
        }
        let since = parse::<Asked>(body)?.since;
        let changes = self.media_db()?.changes_after(since)?;
        Ok(messages::listed(&changes))
    }

    pub(super) fn media_sanity(&self, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        #[derive(Deserialize)]
        struct Asked {
            local: u64,
        }
        let is_same = parse::<Asked>(body)?.local == self.media_db()?.files()?;
        let said = if is_same { "OK" } else { "mediaSanity" };
        Ok(messages::wrapped(&json!(said)))
    }

    /// As many of the files as fit.
    pub(super) fn media_files(&self, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        #[derive(Deserialize)]
        struct Asked {
            files: Vec<String>,
        }
        let files = parse::<Asked>(body)?.files;
        if files.len() > MAX_FILES || !files.iter().all(|name| is_fit(name)) {
            return Err(Refusal::BAD_REQUEST);
        }
        let _alone = self.media_lock();
        let db = self.media_db()?;
        let mut batch = Outgoing::default();
        for name in &files {
            if batch.is_full() {
                break;
            }
            let path = self.media_path(name, false);
            if db.get(name)?.is_none_or(|known| known.size == 0) {
                return Err(Refusal::CONFLICT);
            }
            if !path.is_file() {
                // Clients get nothing more until it is put back, which only who runs this can do.
                let what = "a media file that clients sent is missing";
                return Err(Refusal {
                    reason: Some(Error::not_found(what).at(&path)),
                    ..Refusal::CONFLICT
                });
            }
            batch.add(name, Some(std::fs::read(&path).at(&path)?));
        }
        Ok(batch.finish_for_client()?)
    }

    /// Takes in what a client added and deleted: all of it or, where something is wrong with it,
    /// nothing.
    pub(super) fn media_upload(&self, zip: &[u8]) -> Result<Vec<u8>, Refusal> {
        let files = uploaded(zip).map_err(of_the_client)?;
        let is_fine = |(name, content): &(String, Option<Vec<u8>>)| {
            is_fit(name) && content.as_ref().is_none_or(|content| !content.is_empty())
        };
        if !files.iter().all(is_fine) {
            return Err(Refusal::BAD_REQUEST);
        }
        let processed = files.len();
        let _alone = self.media_lock();
        let mut db = self.media_db()?;
        let mut staged = Vec::new();
        let mut changes = Vec::new();
        let ignores_case = ignores_case(&self.media_folder());
        let mut added = HashSet::new();
        for (name, content) in files {
            let known = db.get(&name)?.filter(|known| known.size > 0);
            let is_new = ignores_case && content.is_some() && known.is_none();
            let is_apart =
                is_new && (!added.insert(name.to_lowercase()) || db.has_nearly(&name)?);
            let path = self.media_path(&name, is_apart);
            match (content, known) {
                (Some(content), known) => {
                    let change = served(name, &content);
                    if known.as_ref() == Some(&change) && path.is_file() {
                        continue;
                    }
                    let mut file = PartialFile::create(&path)?;
                    file.file().write_all(&content).at(&path)?;
                    file.sync()?;
                    staged.push((path, Some((file, change.sha1))));
                    changes.push(change);
                }
                (None, Some(known)) => {
                    staged.push((path, None));
                    changes.push(ServedMedia { size: 0, ..known });
                }
                (None, None) => {}
            }
        }
        for (path, file) in staged {
            self.put(&path, file)?;
        }
        sync_dir(&self.media_folder())?;
        db.write(&changes, self.clock.now_secs().0)?;
        let usn = db.last_usn()?;
        Ok(messages::wrapped(&json!([processed, usn])))
    }

    /// What is there goes to the trash, unless it is the same.
    fn put(&self, path: &Path, file: Option<(PartialFile, [u8; 20])>) -> Result<()> {
        let same = file.as_ref().map(|(_, sha1)| *sha1);
        if path.is_file() && Some(hash_file(path)?) != same {
            trash::discard(&self.media_folder(), path)?;
        }
        match file {
            Some((file, _)) => file.commit_unsynced(),
            None => Ok(()),
        }
    }
}

fn served(name: String, content: &[u8]) -> ServedMedia {
    ServedMedia {
        name,
        sha1: hash(content),
        size: content.len() as u64,
    }
}

/// A name as clients send them, which leads nowhere else on any system.
fn is_fit(name: &str) -> bool {
    names::is_one_component(name)
        && name.len() <= MAX_NAME_BYTES
        && is_nfc(name)
        && !name.contains(['/', '\\', ':'])
        && !name.contains(char::is_control)
        && !name.starts_with(TEMP_PREFIX)
}

/// What cannot be read of a batch is not our fault.
fn of_the_client(error: Error) -> Refusal {
    match error.kind() {
        ErrorKind::Corrupt => Refusal::BAD_REQUEST,
        _ => Refusal::from(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Clock;
    use crate::formats::media_batch::Incoming;

    fn place(folder: &Path) -> Place {
        Place::new(folder.to_owned(), Clock::System).unwrap()
    }

    fn batch(files: &[(&str, Option<&str>)]) -> Vec<u8> {
        let mut batch = Outgoing::default();
        for (name, content) in files {
            batch.add(name, content.map(|c| c.as_bytes().to_vec()));
        }
        batch.finish().unwrap()
    }

    #[test]
    fn what_clients_replace_and_delete_is_in_the_trash() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        let send = |files: &[(&str, Option<&str>)]| {
            let said = place.media_upload(&batch(files)).unwrap();
            let said = messages::uploaded(&said).unwrap();
            (said.processed, said.usn)
        };
        assert_eq!(send(&[("a", Some("one")), ("b", Some("two"))]), (2, 2));
        // The same once more, and the deletion of what is not there, change nothing.
        assert_eq!(send(&[("a", Some("one")), ("c", None)]), (2, 2));
        assert_eq!(send(&[("a", Some("other")), ("b", None)]), (2, 4));
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).ok();
        assert_eq!(read("media/a").as_deref(), Some("other"));
        assert_eq!(read("media/b"), None);
        assert_eq!(read("media.trash/a").as_deref(), Some("one"));
        assert_eq!(read("media.trash/b").as_deref(), Some("two"));
        let sane = |n| messages::is_sane(&place.media_sanity(&messages::sanity(n)).unwrap());
        assert!(sane(1).unwrap() && !sane(2).unwrap());
        let refused = |name: &str| {
            let asked = place.media_files(&messages::download(&[name.to_owned()]));
            let refusal = asked.unwrap_err();
            (refusal.status, refusal.reason.map(|why| why.to_string()))
        };
        assert_eq!(refused("b"), (409, None));
        // What nobody deleted is told to who runs the server.
        std::fs::remove_file(folder.path().join("media/a")).unwrap();
        let (status, why) = refused("a");
        assert!(status == 409 && why.is_some_and(|why| why.contains("missing")));
    }

    #[test]
    fn names_that_are_one_file_on_this_disk_stay_two() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        // As a disk looks that does not tell upper from lower case.
        std::fs::create_dir_all(folder.path().join("MEDIA")).unwrap();
        let send = |files: &[(&str, Option<&str>)]| place.media_upload(&batch(files)).unwrap();
        let read = |name: &str| {
            let zip = place.media_files(&messages::download(&[name.to_owned()]));
            let zip = zip.ok()?;
            let mut batch = Incoming::open(&zip, &[name.to_owned()]).unwrap();
            Some(String::from_utf8(batch.content(0).unwrap()).unwrap())
        };
        send(&[("P.png", Some("one"))]);
        send(&[
            ("p.png", Some("two")),
            ("Q", Some("three")),
            ("q", Some("four")),
        ]);
        let all = ["P.png", "p.png", "Q", "q"].map(&read);
        assert_eq!(
            all,
            ["one", "two", "three", "four"].map(|t| Some(t.to_owned()))
        );
        let plain = |name: &str| place.media_path(name, false) == place.media_folder().join(name);
        assert_eq!(
            ["P.png", "p.png", "Q", "q"].map(plain),
            [true, false, true, false]
        );
        send(&[("p.png", Some("changed")), ("P.png", None)]);
        assert_eq!(
            (read("P.png"), read("p.png")),
            (None, Some("changed".into()))
        );
        send(&[("p.png", None)]);
        assert_eq!(read("p.png"), None);
    }

    #[test]
    fn hostile_batches_change_nothing() {
        let room = tempfile::tempdir().unwrap();
        let folder = room.path().join("u");
        let place = place(&folder);
        for name in [
            "../collection.anki2",
            "..",
            ".",
            "",
            "/etc/x",
            "a/b",
            "a\\b",
            "C:x",
            "a\u{0}b",
            "e\u{301}",
            ".engram-tmp-x",
            &*"x".repeat(256),
        ] {
            let zip = batch(&[("fine", Some("x")), (name, Some("x"))]);
            let refused = place.media_upload(&zip).unwrap_err();
            assert_eq!(refused.status, 400, "{name:?}");
            let asked = messages::download(&[name.to_owned()]);
            assert_eq!(place.media_files(&asked).unwrap_err().status, 400);
        }
        for zip in [
            batch(&[("empty", Some(""))]),
            b"no zip".to_vec(),
            Vec::new(),
        ] {
            assert_eq!(place.media_upload(&zip).unwrap_err().status, 400);
        }
        assert_eq!(std::fs::read_dir(folder.join("media")).unwrap().count(), 0);
        assert_eq!(place.media_db().unwrap().last_usn().unwrap(), 0);
        assert_eq!(std::fs::read_dir(room.path()).unwrap().count(), 1);
    }
}
