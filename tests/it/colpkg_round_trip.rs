//! File > Export and File > Import of a collection package, ours to ours.

use crate::backup_profile::Profile;
use engram::backup::export::{ExportOptions, Exported, export_colpkg, import_colpkg};
use engram::base::error::{ErrorKind, Result};
use engram::base::job::Progress;
use engram::storage::snapshot::FrozenFile;
use std::path::Path;

/// Exports the closed collection of `profile`.
pub fn export(profile: &Profile, out: &Path, media: bool, legacy: bool) -> Exported {
    try_export(profile, out, media, legacy).unwrap()
}

pub fn try_export(profile: &Profile, out: &Path, media: bool, legacy: bool) -> Result<Exported> {
    let folder = profile.media();
    let options = ExportOptions {
        media: media.then_some(folder.as_path()),
        legacy,
        data_folder: Some(profile.dir()),
        room: profile.dir(),
        lock: None,
    };
    let frozen = FrozenFile::of_closed(&profile.collection())?;
    export_colpkg(&frozen, out, &options, &Progress::new())
}

#[test]
fn collection_and_media_come_back_in_both_formats() {
    let source = Profile::with_notes(40);
    source.write_media("ü.png", b"picture");
    // Too large to be packed ahead of the others.
    source.write_media("_big.bin", &vec![7; 6_000_000]);
    source.write_media("empty.txt", b"");
    let many: Vec<String> = (0..20).map(|n| format!("{n}.txt")).collect();
    for name in &many {
        source.write_media(name, name.as_bytes());
    }
    let folder = tempfile::tempdir().unwrap();
    for legacy in [false, true] {
        let out = folder.path().join("out.colpkg");
        let exported = export(&source, &out, true, legacy);
        assert_eq!((exported.contents.notes, exported.media_files), (40, 23));
        let target = Profile::with_notes(2);
        target.write_media("mine.png", b"stays");
        let progress = Progress::new();
        let imported = import_colpkg(target.dir(), &out, &target.clock, &progress).unwrap();
        assert_eq!(imported.media_added, 23);
        assert_eq!(target.notes(), 40);
        let names = many.iter().map(String::as_str);
        for name in names.chain(["ü.png", "_big.bin", "empty.txt"]) {
            let read = |p: &Profile| std::fs::read(p.media().join(name)).unwrap();
            assert!(read(&source) == read(&target), "{name}");
        }
        assert!(target.media().join("mine.png").exists());
        assert_eq!(target.list().len(), 1, "a safety backup");
    }
    let out = folder.path().join("small.colpkg");
    assert_eq!(export(&source, &out, false, false).media_files, 0);
}

#[test]
fn not_into_our_own_folder() {
    let profile = Profile::with_notes(1);
    let inside = profile.dir().join("x.colpkg");
    let error = try_export(&profile, &inside, false, false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(!inside.exists());
}

/// Other systems know no such files.
#[cfg(target_os = "linux")]
#[test]
fn files_whose_names_cannot_travel_go_along_and_come_back_under_them() {
    let source = Profile::with_notes(1);
    for name in ["é.png", "e\u{301}.png", "what?.png"] {
        source.write_media(name, name.as_bytes());
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.colpkg");
    for legacy in [false, true] {
        let exported = export(&source, &out, true, legacy);
        assert_eq!(exported.media_files, 3);
        let renamed = exported.renamed.iter();
        let renamed: Vec<_> = renamed.map(|r| (&*r.old, &*r.new)).collect();
        let want = [("e\u{301}.png", "2-é.png"), ("what?.png", "what.png")];
        assert_eq!(renamed, want);
        let target = Profile::with_notes(2);
        let progress = Progress::new();
        let imported = import_colpkg(target.dir(), &out, &target.clock, &progress).unwrap();
        assert_eq!(imported.media_added, 3);
        for name in ["é.png", "e\u{301}.png", "what?.png"] {
            let read = std::fs::read(target.media().join(name)).unwrap();
            assert_eq!(read, name.as_bytes());
        }
        assert!(!target.media().join("what.png").exists());
    }
}
