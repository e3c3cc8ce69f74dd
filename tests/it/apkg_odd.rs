//! Packages that other programs have written: odd names, places, ids, schedules, file names and
//! archives give the real Anki's rows, or are refused as it refuses them. No file is lost because
//! two names become the same one.

use super::apkg_import::{EVERYTHING, Jobs, NOW, clock_at, import};
use super::oracle;
use engram::base::ErrorKind;
use engram::collection::Collection;
use std::path::{Path, PathBuf};

/// All of them; none without Python of the oracle.
fn packages(folder: &Path) -> Vec<PathBuf> {
    let output = oracle::run(include_str!("oracle/odd_packages.py"), [folder]);
    let made = output.map(|output| serde_json::from_str(output.lines().last().unwrap()).unwrap());
    made.unwrap_or_default()
}

#[test]
fn packages_of_other_programs_give_ankis_rows() {
    let folder = tempfile::tempdir().unwrap();
    let mut made = packages(folder.path());
    made.truncate(made.len().saturating_sub(2));
    let mut jobs = Jobs::new();
    for package in made {
        jobs.add(None, &[package], EVERYTHING);
    }
    jobs.check();
}

#[test]
fn decks_below_thousands_of_others_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let Some(package) = packages(folder.path()).into_iter().nth_back(1) else {
        return;
    };
    let path = folder.path().join("collection.anki2");
    let error = import(&path, &package, EVERYTHING, &clock_at(NOW)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
}

#[test]
fn files_whose_names_become_the_same_are_all_kept() {
    let folder = tempfile::tempdir().unwrap();
    let Some(package) = packages(folder.path()).pop() else {
        return;
    };
    let path = folder.path().join("collection.anki2");
    let clock = clock_at(NOW);
    let empty = Collection::open(&path, clock.clone()).unwrap();
    empty.close().unwrap();
    let report = import(&path, &package, EVERYTHING, &clock).unwrap();
    assert_eq!(report.media_added, 3, "{report:?}");
    let mut col = Collection::open(&path, clock).unwrap();
    let note = col.find_notes("", None).unwrap()[0];
    let note = col.storage().get_note(note).unwrap().unwrap();
    // The files are alike but for their last byte.
    let last: Vec<u8> = note.fields[0]
        .split("<img src=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|name| std::fs::read(path.with_extension("media").join(name)).unwrap())
        .filter_map(|content| content.last().copied())
        .collect();
    assert_eq!(last, *b"012", "{}", note.fields[0]);
}
