//! Importing deck packages leaves the same rows and media as the real Anki: every real package,
//! update series, all options; and undo leaves nothing.

use super::apkg_export::export;
use super::restore_interrupted::cancelled_after;
use super::{clocked, oracle};
use engram::base::ids::DeckId;
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::collection::packages::StagedPackage;
use engram::domain::package::{
    Along, ImportOptions, ImportReport, Selection, TakeOptions, UpdateRule,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const SCRIPT: &str = include_str!("oracle/apkg.py");
pub const NOW: i64 = 1_793_500_000_000;

pub fn clock_at(millis: i64) -> Clock {
    Clock::fixed(TimestampMillis(millis), clocked::OFFSET_WEST)
}

pub const EVERYTHING: ImportOptions = ImportOptions {
    merge_notetypes: false,
    update_notes: UpdateRule::IfNewer,
    update_notetypes: UpdateRule::IfNewer,
    along: Along {
        scheduling: true,
        presets: true,
    },
};

fn rule_number(rule: UpdateRule) -> u8 {
    match rule {
        UpdateRule::IfNewer => 0,
        UpdateRule::Always => 1,
        UpdateRule::Never => 2,
    }
}

/// Imports one package into the collection at `path`.
pub fn import(
    path: &Path,
    package: &Path,
    options: ImportOptions,
    clock: &Clock,
) -> engram::base::Result<ImportReport> {
    let media = path.with_extension("media");
    std::fs::create_dir_all(&media).unwrap();
    let progress = Progress::new();
    let mut col = Collection::open(path, clock.clone())?;
    let run = |col: &mut Collection| {
        let room = path.parent().unwrap();
        let mut staged = StagedPackage::open(package, room, clock, &progress)?;
        let rehearsed = col.rehearse_import(&mut staged, &media, options, &progress)?;
        let done = col.import_package(&mut staged, &media, options, &progress)?;
        assert_eq!(rehearsed, done.value, "{}", package.display());
        Ok(done.value)
    };
    let result = run(&mut col);
    col.close()?;
    result
}

/// Copies what is in the folder, if there is one.
fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).into_iter().flatten() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// Collections to import into with both programs.
pub struct Jobs {
    folder: tempfile::TempDir,
    jobs: Vec<Value>,
    counts: Vec<Vec<[usize; 4]>>,
    /// What ours said of packages that it refused.
    errors: Vec<Option<String>>,
}

impl Jobs {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            jobs: Vec::new(),
            counts: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// Imports the packages one after another; `start` is the collection to begin with.
    pub fn add(&mut self, start: Option<&Path>, packages: &[PathBuf], options: ImportOptions) {
        let folder = self.folder.path().join(self.jobs.len().to_string());
        std::fs::create_dir(&folder).unwrap();
        let ours = folder.join("ours.anki2");
        let theirs = folder.join("theirs.anki2");
        match start {
            Some(start) => {
                std::fs::copy(start, &ours).unwrap();
                copy_files(
                    &start.with_extension("media"),
                    &ours.with_extension("media"),
                );
            }
            None => Collection::open(&ours, clock_at(NOW))
                .unwrap()
                .close()
                .unwrap(),
        }
        std::fs::copy(&ours, &theirs).unwrap();
        copy_files(
            &ours.with_extension("media"),
            &theirs.with_extension("media"),
        );
        let (mut counts, mut error) = (Vec::new(), None);
        for (at, package) in (NOW..).step_by(5000).zip(packages) {
            let report = match import(&ours, package, options, &clock_at(at)) {
                Ok(report) => report,
                Err(e) => {
                    error = Some(e.to_string());
                    continue;
                }
            };
            counts.push([
                report.new.len(),
                report.updated.len(),
                report.duplicates.len(),
                report.conflicting.len(),
            ]);
        }
        self.counts.push(counts);
        self.errors.push(error);
        self.jobs.push(json!({
            "ours": ours, "theirs": theirs, "packages": packages,
            "options": {
                "merge_notetypes": options.merge_notetypes,
                "update_notes": rule_number(options.update_notes),
                "update_notetypes": rule_number(options.update_notetypes),
                "with_scheduling": options.along.scheduling,
                "with_deck_configs": options.along.presets,
            },
        }));
    }

    /// The real Anki does the same, and every row is equal.
    pub fn check(self) {
        let file = self.folder.path().join("jobs.json");
        let jobs = json!({ "now": NOW, "jobs": self.jobs });
        std::fs::write(&file, jobs.to_string()).unwrap();
        let Some(results) = clocked::run(SCRIPT, [&file]) else {
            return;
        };
        let mut failures = String::new();
        let ours = self.jobs.iter().zip(&self.counts).zip(&self.errors);
        for (((job, counts), error), result) in ours.zip(results.as_array().unwrap()) {
            let found = json!(counts);
            let equal = result["differences"] == json!([])
                && result["found"] == found
                && result["error"].is_null() == error.is_none();
            if !equal {
                failures += &format!(
                    "\n{} {}\n  counts {found} {}\n  errors {error:?} {}\n",
                    job["packages"], job["options"], result["found"], result["error"]
                );
                for difference in result["differences"].as_array().unwrap() {
                    failures += &format!("  {}\n", difference.as_str().unwrap());
                }
            }
        }
        assert!(failures.is_empty(), "{failures}");
    }
}

/// Deck packages below `packages/real`.
fn real_packages() -> Vec<PathBuf> {
    let Some(shared) = oracle::shared() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for folder in std::fs::read_dir(shared.join("packages/real")).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            // The card of this one is in a deck that the package does not hold.
            let dangling = file.to_string_lossy().contains("ffda5238");
            let is_package = file
                .extension()
                .is_some_and(|e| e == "apkg" || e == "colpkg");
            if is_package && !dangling {
                found.push(file);
            }
        }
    }
    found.sort();
    found
}

fn named(packages: &[PathBuf], part: &str) -> Vec<PathBuf> {
    let part = part.to_owned();
    packages
        .iter()
        .filter(|p| p.to_string_lossy().contains(&part))
        .cloned()
        .collect()
}

#[test]
fn every_real_package_gives_the_same_rows_with_scheduling() {
    let mut jobs = Jobs::new();
    for package in real_packages() {
        jobs.add(None, &[package], EVERYTHING);
    }
    jobs.check();
}

#[test]
fn real_packages_give_the_same_rows_without_scheduling() {
    let options = ImportOptions {
        along: Along {
            scheduling: false,
            presets: false,
        },
        ..EVERYTHING
    };
    let mut jobs = Jobs::new();
    for package in real_packages().into_iter().step_by(3) {
        jobs.add(None, &[package], options);
    }
    jobs.check();
}

#[test]
fn later_versions_update_earlier_ones_as_the_options_say() {
    let all = real_packages();
    let mut series = vec![
        named(&all, "update"),
        named(&all, "diffmodels2-"),
        named(&all, "diffmodeltemplates-"),
        named(&all, "anki-persistence-test"),
    ];
    for group in series.clone() {
        series.push(group.into_iter().rev().collect());
    }
    let mut jobs = Jobs::new();
    for packages in series.iter().filter(|packages| !packages.is_empty()) {
        for (merge_notetypes, update) in [
            (false, UpdateRule::IfNewer),
            (false, UpdateRule::Always),
            (false, UpdateRule::Never),
        ] {
            let options = ImportOptions {
                merge_notetypes,
                update_notes: update,
                update_notetypes: update,
                ..EVERYTHING
            };
            jobs.add(None, packages, options);
        }
    }
    jobs.check();
}

/// What must stay as it is when a package is refused, and come back when an import is undone.
fn picture(col: &Collection, media: &Path) -> String {
    let storage = col.storage();
    let names = |names: Vec<String>| names.join("|");
    let decks = storage
        .all_decks()
        .unwrap()
        .into_iter()
        .map(|d| d.name.human());
    let notetypes = storage.all_notetypes().unwrap().into_iter().map(|n| n.name);
    let presets = storage
        .all_deck_configs()
        .unwrap()
        .into_iter()
        .map(|c| c.name);
    let files = std::fs::read_dir(media).unwrap().count();
    format!(
        "{:?} {} {} {} {} {files}",
        storage.counts().unwrap(),
        names(decks.collect()),
        names(notetypes.collect()),
        names(presets.collect()),
        names(storage.tags().unwrap()),
    )
}

#[test]
fn hostile_packages_change_nothing_or_are_undone_in_one_step() {
    let Some(shared) = oracle::shared() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collection.anki2");
    let clock = clock_at(NOW);
    let mut col = Collection::open(&path, clock.clone()).unwrap();
    let progress = Progress::new();
    let mut refused = 0;
    for file in std::fs::read_dir(shared.join("packages/adversarial")).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_none_or(|e| e != "apkg") {
            continue;
        }
        // Files that packages bring stay after an undo, unused.
        let media = folder.path().join("collection.media");
        drop(std::fs::remove_dir_all(&media));
        std::fs::create_dir(&media).unwrap();
        let before = picture(&col, &media);
        let done = StagedPackage::open(&file, folder.path(), &clock, &progress)
            .and_then(|mut p| col.import_package(&mut p, &media, EVERYTHING, &progress));
        match done {
            Ok(done) if done.changes.any() => {
                col.undo().unwrap();
                drop(std::fs::remove_dir_all(&media));
                std::fs::create_dir(&media).unwrap();
            }
            Ok(_) => {}
            Err(error) => {
                refused += 1;
                assert!(!error.what().is_empty(), "{}", file.display());
            }
        }
        assert_eq!(picture(&col, &media), before, "{}", file.display());
        let left = std::fs::read_dir(folder.path()).unwrap();
        let left = left.filter(|e| {
            let name = e.as_ref().unwrap().file_name();
            name.to_string_lossy().starts_with(".engram-tmp-")
        });
        assert_eq!(left.count(), 0, "{}", file.display());
    }
    assert!(refused > 10, "{refused}");
    col.close().unwrap();
}

#[test]
fn a_cancelled_import_leaves_nothing() {
    let packages = real_packages();
    let Some(package) = named(&packages, "mixed-legacy-2").pop() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collection.anki2");
    let media = folder.path().join("collection.media");
    std::fs::create_dir(&media).unwrap();
    let clock = clock_at(NOW);
    let mut col = Collection::open(&path, clock.clone()).unwrap();
    let before = picture(&col, &media);
    let mut staged =
        StagedPackage::open(&package, folder.path(), &clock, &Progress::new()).unwrap();
    let progress = Progress::new();
    progress.cancel();
    let error = col
        .import_package(&mut staged, &media, EVERYTHING, &progress)
        .unwrap_err();
    assert!(error.is_interrupted());
    assert_eq!(picture(&col, &media), before);
    drop(staged);
    col.close().unwrap();
}

#[test]
fn an_import_that_is_cancelled_at_any_moment_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clock = clock_at(NOW);
    let source = folder.path().join("source.anki2");
    let files = source.with_extension("media");
    std::fs::create_dir(&files).unwrap();
    let mut col = Collection::open(&source, clock.clone()).unwrap();
    let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    let notes = (0..1000).map(|n| {
        let name = format!("{}.png", n % 100);
        std::fs::write(files.join(&name), &name).unwrap();
        NewNote {
            notetype_id: basic.id,
            deck_id: DeckId::DEFAULT,
            fields: vec![format!("{n} <img src={name}>"), String::new()],
            tags: vec![format!("tag{}", n % 7)],
        }
    });
    col.add_notes(notes.collect()).unwrap();
    col.close().unwrap();
    let package = folder.path().join("all.apkg");
    let options = TakeOptions {
        along: EVERYTHING.along,
        media: true,
        legacy: false,
    };
    export(&source, &Selection::Everything, options, &package);

    let mut col = Collection::open(&folder.path().join("own.anki2"), clock.clone()).unwrap();
    let media = folder.path().join("own.media");
    std::fs::create_dir(&media).unwrap();
    let before = picture(&col, &media);
    let (mut cancelled, mut finished) = (0, 0);
    for round in 0..30 {
        let progress = cancelled_after(round * round * 200);
        let done = StagedPackage::open(&package, folder.path(), &clock, &progress)
            .and_then(|mut p| col.import_package(&mut p, &media, EVERYTHING, &progress));
        match done {
            Ok(done) => {
                finished += 1;
                assert_eq!(done.value.new.len(), 1000);
                col.undo().unwrap();
                // Files that packages bring stay after an undo, unused.
                std::fs::remove_dir_all(&media).unwrap();
                std::fs::create_dir(&media).unwrap();
            }
            Err(e) => {
                assert!(e.is_interrupted(), "{e:?}");
                cancelled += 1;
            }
        }
        assert_eq!(picture(&col, &media), before, "round {round}");
    }
    assert!(cancelled > 0, "{cancelled} cancelled, {finished} finished");
    col.close().unwrap();
}
