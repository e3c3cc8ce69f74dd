//! Hostile and broken packages: each gives a clear error or a sound collection, in bounded time and
//! memory, and an error changes nothing. The files are third-party; see `oracle::shared`.

use crate::backup_profile::Profile;
use crate::oracle;
use engram::backup::plan::Options;
use engram::backup::restore::restore;
use engram::base::error::ErrorKind;
use engram::base::job::Progress;
use engram::base::time::Stopwatch;
use engram::storage::Storage;
use engram::storage::inspect::{self, Depth};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Far more than any needs on a busy machine; a trap would need minutes or gigabytes.
const LONGEST: Duration = Duration::from_secs(30);

/// What must happen to a file, where it is not "one or the other".
fn wanted(name: &str) -> Option<Result<(), ErrorKind>> {
    let kind = match name {
        n if n.starts_with("ok_") || n.starts_with("feat_full") => return Some(Ok(())),
        "meta_v99.colpkg" | "meta_v0.colpkg" | "meta_empty.colpkg" => ErrorKind::TooNew,
        "bomb_collection_zstd_2g.colpkg"
        | "bomb_media_zstd_2g.colpkg"
        | "bomb_medialist_zstd_512m.colpkg"
        | "bomb_db_padded_300m.colpkg" => ErrorKind::Refused,
        "trig_delete_on_col.colpkg" | "generated_column.colpkg" => ErrorKind::Refused,
        "zip_trunc_tail.colpkg" | "zstd_garbage.colpkg" | "zstd_truncated.colpkg" => {
            ErrorKind::Corrupt
        }
        "db_corrupt_root.colpkg" | "db_bad_magic.colpkg" | "db_truncated.colpkg" => {
            ErrorKind::Corrupt
        }
        "media_wrong_sha1.colpkg" | "media_short_sha1.colpkg" => ErrorKind::Corrupt,
        n if n.starts_with("mname_")
            && ["traversal", "absolute", "subdir", "dotdot", "empty"]
                .iter()
                .any(|bad| n.contains(bad)) =>
        {
            ErrorKind::Refused
        }
        "mname_winabs_latest.colpkg" | "mname_nul_latest.colpkg" | "mname_nfd_latest.colpkg" => {
            ErrorKind::Refused
        }
        "mname_nfd_legacy.colpkg" | "mname_long300_legacy.colpkg" => return Some(Ok(())),
        _ => return None,
    };
    Some(Err(kind))
}

fn peak_memory_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn every_file_is_refused_or_sound() {
    let Some(shared) = oracle::shared() else {
        return;
    };
    let folder = shared.join("packages/adversarial");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let ending = path.extension().and_then(|e| e.to_str());
            matches!(ending, Some("colpkg" | "anki2"))
        })
        .collect();
    files.sort();
    assert!(files.len() > 150, "{} files", files.len());
    let mut fresh: Option<Profile> = None;
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for file in &files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let profile = fresh.take().unwrap_or_else(|| {
            let profile = Profile::with_notes(3);
            profile.write_media("pic.png", b"mine");
            profile
        });
        let before = profile.picture();
        let watch = Stopwatch::start();
        let outcome = restore(
            profile.dir(),
            file,
            Options::IMPORT,
            &profile.clock,
            &Progress::new(),
        );
        if watch.elapsed() > LONGEST {
            wrong.push(format!("{name}: {:?}", watch.elapsed()));
        }
        let kind = match &outcome {
            Ok(_) => Ok(()),
            Err(e) => Err(e.kind()),
        };
        *kinds.entry(format!("{kind:?}")).or_default() += 1;
        if wanted(name).is_some_and(|want| want != kind) {
            wrong.push(format!("{name}: {outcome:?}"));
        }
        match &outcome {
            Ok(restored) => {
                look(&profile, restored.contents.notes, name, &mut wrong);
                continue;
            }
            Err(e) if matches!(e.kind(), ErrorKind::Bug | ErrorKind::Io) => {
                wrong.push(format!("{name}: unclear {e:?}"));
            }
            Err(e) if e.path() != Some(file) => {
                wrong.push(format!("{name}: names another path {e:?}"));
            }
            Err(_) => {}
        }
        let after = profile.picture();
        if after != before {
            wrong.push(format!("{name}: not as before: {:?}", after.keys()));
        }
        fresh = Some(profile);
    }
    assert!(wrong.is_empty(), "{kinds:?}\n{}", wrong.join("\n"));
    if let Some(peak) = peak_memory_kb() {
        assert!(peak < 700_000, "{peak} kB");
    }
}

/// What was let in opens, is sound, and holds what was said; nothing escaped.
fn look(profile: &Profile, notes: u64, name: &str, wrong: &mut Vec<String>) {
    let opened = Storage::open(&profile.collection()).and_then(|storage| {
        let counts = storage.counts()?;
        storage.all_decks()?;
        storage.close()?;
        Ok(counts.notes)
    });
    match opened {
        Ok(found) if found == notes => {}
        other => wrong.push(format!("{name}: let in, but {other:?}")),
    }
    let checked = inspect::check(&profile.collection(), Depth::Full, &Progress::new());
    if !checked.as_ref().is_ok_and(|c| c.wrong_index.is_none()) {
        wrong.push(format!("{name}: let in, but {checked:?}"));
    }
    let escaped = ["evil_media.txt", "evil.txt"].iter().any(|file| {
        profile
            .dir()
            .parent()
            .is_some_and(|p: &Path| p.join(file).exists())
    });
    if escaped {
        wrong.push(format!("{name}: wrote outside"));
    }
}
