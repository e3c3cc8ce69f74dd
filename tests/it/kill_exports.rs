//! Kills at any moment of exports that make SQLite files in the profile's folder first: deck packages,
//! packages for older versions, encrypted packages with a copy of the note history. No half file has a
//! final name, the next start deletes what was left in the profile's folder, the next export what was
//! left beside its file. The harness is in `kill_harness`.

use crate::kill_child::{done, grow, open, ready};
use crate::kill_harness::Series;
use crate::kill_moments::{check_package, sound};
use age::secrecy::ExposeSecret as _;
use age::x25519::Identity;
use engram::backup::encrypt::unseal_to;
use engram::backup::export::{ExportOptions, export_apkg, export_colpkg};
use engram::backup::restore;
use engram::base::files::StagingDir;
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::collection::packages::export::take_out;
use engram::domain::op::Op;
use engram::domain::package::{Along, Selection, TakeOptions};
use engram::formats::encryption::{Identities, Key, Lock, Recipient};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use std::path::{Path, PathBuf};

const NOTES: u64 = 300;

/// A work, what it exports, and the file that it makes in the profile's folder before.
const KINDS: [(&str, &str, &str); 3] = [
    ("deck-package", "x.apkg", "collection.anki2"),
    ("legacy-package", "x.colpkg", "collection.anki2"),
    ("sealed-package", "x.colpkg.age", "collection.history"),
];

/// A password would take most of the time.
fn identity(profile: &Path) -> Identity {
    let text = std::fs::read_to_string(profile.with_file_name("key.txt"));
    text.unwrap().parse().unwrap()
}

/// As the window and `engram-cli` do it.
fn export(col: &Collection, profile: &Path, out: &Path) {
    let progress = Progress::new();
    let name = out.file_name().unwrap().to_str().unwrap();
    let public = identity(profile).to_public().to_string();
    let lock = Lock::Recipients(vec![Recipient::parse(&public).unwrap()]);
    if name.ends_with(".apkg") {
        let staging = StagingDir::create_in(profile).unwrap();
        let content = staging.path().join("collection.anki2");
        let options = TakeOptions {
            along: Along {
                scheduling: true,
                presets: true,
            },
            media: false,
            legacy: true,
        };
        let media = profile.join("collection.media");
        let (all, clock) = (Selection::Everything, &Clock::System);
        let storage = col.storage();
        let taken = take_out(storage, &all, options, &media, &content, clock, &progress).unwrap();
        export_apkg(&content, &taken.media, out, true, None, None, &progress).unwrap();
        return;
    }
    let is_sealed = name.ends_with(".age");
    let options = ExportOptions {
        media: None,
        legacy: !is_sealed,
        data_folder: None,
        room: profile,
        lock: is_sealed.then_some(&lock),
    };
    let frozen = col.storage().freeze().unwrap();
    export_colpkg(&frozen, out, &options, &progress).unwrap();
    drop(frozen);
    col.storage().unfreeze();
}

fn out_of(profile: &Path) -> PathBuf {
    profile.parent().unwrap().join("out")
}

/// Exports the same over and over.
pub fn work(profile: &Path, kind: &str) {
    let col = open(profile);
    let (_, name, _) = KINDS.iter().find(|(work, ..)| *work == kind).unwrap();
    let out = out_of(profile).join(name);
    ready();
    for round in 0.. {
        export(&col, profile, &out);
        done(round);
    }
}

/// Files called `name` in temporary folders of `folder`.
fn left(folder: &Path, name: &str) -> usize {
    let rooms = temporary(folder).into_iter();
    rooms.filter(|room| room.join(name).exists()).count()
}

/// Temporary folders beside the file; one that was killed before it had its mark is empty.
fn marked(folder: &Path) -> usize {
    left(folder, "in-use")
}

fn temporary(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let is_temporary = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(".engram-tmp-")
    };
    entries.map(|e| e.path()).filter(is_temporary).collect()
}

/// What is there under the final name is whole.
fn require_whole(file: &Path, profile: &Path) {
    let room = tempfile::tempdir().unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    let plain = match name.strip_suffix(".age") {
        Some(name) => {
            let plain = room.path().join(name);
            let text = identity(profile).to_string();
            let key = Key::Identities(Identities::parse(text.expose_secret()).unwrap());
            unseal_to(file, &plain, &key, &Progress::new()).unwrap();
            plain
        }
        None => file.to_owned(),
    };
    assert_eq!(check_package(&plain).counts.notes, NOTES, "{name}");
}

#[test]
fn an_export_is_whole_or_not_there_and_leaves_nothing_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("Ann");
    std::fs::create_dir(&profile).unwrap();
    std::fs::create_dir(out_of(&profile)).unwrap();
    let key = Identity::generate().to_string();
    std::fs::write(profile.with_file_name("key.txt"), key.expose_secret()).unwrap();
    let mut col = open(&profile);
    grow(&mut col, NOTES, &mut StdRng::seed_from_u64(7));
    // Each note has a former version.
    for id in col.find_notes("", None).unwrap() {
        let changed = col.transact(Op::UpdateNote, |tx| {
            let mut note = tx.get_note(id)?.unwrap();
            note.fields[1] = "changed ".repeat(40);
            let notetype = tx.notetype(note.notetype_id)?.unwrap();
            note.prepare(&notetype, true);
            tx.update_note(&note)
        });
        changed.unwrap();
    }
    col.close().unwrap();
    for (work, name, made) in KINDS {
        let out = out_of(&profile);
        let mut series = Series::new(work, 10);
        let (mut in_profile, mut beside) = (0, 0);
        for _ in 0..series.kills {
            let done = series.kill_once(&profile, 2);
            if out.join(name).exists() {
                require_whole(&out.join(name), &profile);
            } else {
                assert!(done.is_empty(), "{name}: acknowledged");
            }
            in_profile += left(&profile, made);
            restore::resume(&profile).unwrap();
            assert_eq!(temporary(&profile), [] as [PathBuf; 0], "{name}");
            sound(&profile.join("collection.anki2"), |storage| {
                assert_eq!(storage.counts().unwrap().notes, NOTES);
            });
            beside += marked(&out);
            let col = open(&profile);
            export(&col, &profile, &out.join(name));
            col.close().unwrap();
            require_whole(&out.join(name), &profile);
            assert_eq!(temporary(&profile), [] as [PathBuf; 0], "{name}");
            assert_eq!(marked(&out), 0, "{name}");
        }
        assert!(
            in_profile > 0 && beside > 0,
            "{name}: the kills came at odd times only ({in_profile}, {beside})"
        );
    }
}
