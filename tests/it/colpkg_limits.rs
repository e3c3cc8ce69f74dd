//! Packages that would fill the disk or hold up the program: many small traps, and what does not
//! belong in a package. Each is refused whole, and the profile stays as it was.

use crate::backup_profile::Profile;
use crate::colpkg_round_trip::export;
use engram::backup::export::import_colpkg;
use engram::base::error::ErrorKind;
use engram::base::job::Progress;
use engram::codec::media_entries;
use engram::explain::told;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

const ZEROS: u64 = 60 << 20;

/// A legacy package of a small collection, without its media list, which `add` goes on with.
fn package(
    folder: &Path,
    name: &str,
    media_list: &str,
    add: impl FnOnce(&mut ZipWriter<File>),
) -> PathBuf {
    let source = Profile::with_notes(3);
    let plain = folder.join("plain.colpkg");
    export(&source, &plain, false, true);
    let mut plain = ZipArchive::new(File::open(plain).unwrap()).unwrap();
    let path = folder.join(name);
    let mut out = ZipWriter::new(File::create(&path).unwrap());
    for index in 0..plain.len() {
        let entry = plain.by_index(index).unwrap();
        if entry.name().unwrap() != "media" {
            out.raw_copy_file(entry).unwrap();
        }
    }
    out.start_file("media", SimpleFileOptions::default())
        .unwrap();
    out.write_all(media_list.as_bytes()).unwrap();
    add(&mut out);
    out.finish().unwrap();
    path
}

/// An archive with one entry of zeros, to be copied as it is.
fn zeros(folder: &Path) -> PathBuf {
    let path = folder.join("zeros.zip");
    let mut out = ZipWriter::new(File::create(&path).unwrap());
    let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    out.start_file("zeros", deflated).unwrap();
    std::io::copy(&mut std::io::repeat(0).take(ZEROS), &mut out).unwrap();
    out.finish().unwrap();
    path
}

/// Imports `file` into a profile with a collection of its own.
fn import(file: &Path) -> (Profile, Result<u64, ErrorKind>) {
    let profile = Profile::with_notes(1);
    let before = profile.picture();
    let imported = import_colpkg(profile.dir(), file, &profile.clock, &Progress::new());
    let outcome = imported
        .map(|done| done.contents.notes)
        .map_err(|e| e.kind());
    if outcome.is_err() {
        assert!(profile.picture() == before, "{}", file.display());
        assert!(profile.list().is_empty(), "no safety backup for nothing");
    }
    (profile, outcome)
}

#[test]
fn many_media_files_of_nothing_are_refused_together() {
    let folder = tempfile::tempdir().unwrap();
    let zeros = zeros(folder.path());
    let list: Vec<String> = (0..8).map(|n| format!("\"{n}\":\"{n}.bin\"")).collect();
    let list = format!("{{{}}}", list.join(","));
    let trap = package(folder.path(), "trap.colpkg", &list, |out| {
        let mut zeros = ZipArchive::new(File::open(&zeros).unwrap()).unwrap();
        for n in 0..8 {
            let entry = zeros.by_index(0).unwrap();
            out.raw_copy_file_rename(entry, n.to_string()).unwrap();
        }
    });
    assert_eq!(import(&trap).1, Err(ErrorKind::Refused));
}

#[test]
fn a_few_files_that_do_not_belong_in_a_package_are_left_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let with = |count: usize| {
        package(folder.path(), &format!("{count}.colpkg"), "{}", |out| {
            for n in 0..count {
                let name = format!("__MACOSX/._{n}");
                out.start_file(name, SimpleFileOptions::default()).unwrap();
                out.write_all(b"x").unwrap();
            }
        })
    };
    let (profile, outcome) = import(&with(1000));
    assert_eq!(outcome, Ok(3));
    assert!(!profile.dir().join("__MACOSX").exists());
    assert_eq!(import(&with(1001)).1, Err(ErrorKind::Refused));
}

#[test]
fn a_large_file_that_does_not_belong_in_a_package_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let zeros = zeros(folder.path());
    let trap = package(folder.path(), "trap.colpkg", "{}", |out| {
        let mut zeros = ZipArchive::new(File::open(&zeros).unwrap()).unwrap();
        for n in 0..8 {
            let entry = zeros.by_index(0).unwrap();
            out.raw_copy_file_rename(entry, format!("extra{n}"))
                .unwrap();
        }
    });
    assert_eq!(import(&trap).1, Err(ErrorKind::Refused));
}

#[test]
fn different_files_of_one_name_are_all_kept_and_told() {
    let folder = tempfile::tempdir().unwrap();
    // The same name three times (once with the same content), in two normal forms, in two cases.
    let list =
        r#"{"0":"a.png","1":"a.png","2":"a.png","3":"\u00e9.png","4":"e\u0301.png","5":"A.png"}"#;
    let contents = ["one", "two", "one", "three", "four", "five"];
    let odd = package(folder.path(), "odd.colpkg", list, |out| {
        for (n, content) in contents.iter().enumerate() {
            out.start_file(n.to_string(), SimpleFileOptions::default())
                .unwrap();
            out.write_all(content.as_bytes()).unwrap();
        }
    });
    let profile = Profile::with_notes(1);
    // What is there already must not make way for its namesake.
    profile.write_media("a.png", b"one");
    let done = import_colpkg(profile.dir(), &odd, &profile.clock, &Progress::new()).unwrap();
    let mut kept: Vec<String> = std::fs::read_dir(profile.media())
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    kept.sort();
    assert_eq!(kept, ["five", "four", "one", "three", "two"]);
    let read = |name: &str| std::fs::read_to_string(profile.media().join(name)).unwrap();
    assert_eq!(
        (read("a.png"), read("é.png")),
        ("one".into(), "three".into())
    );
    let told: Vec<String> = done.warnings.iter().map(told).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for (said, (name, content)) in told.iter().zip([("a.png", "two"), ("é.png", "four")]) {
        let begins = format!("media file {name} is kept as ");
        let (_, rest) = said.split_once(&begins).expect(said);
        let (kept_as, _) = rest.split_once(": ").unwrap();
        assert_eq!(read(kept_as), content);
    }
    assert_eq!((done.media_added, done.media_replaced), (4, 0));
}

/// As on Windows and macOS: a folder in capitals is there beside the one of the media.
#[test]
fn a_file_whose_name_is_that_of_another_in_capitals_does_not_take_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let list = r#"{"0":"a.png","1":"A.png"}"#;
    let two = package(folder.path(), "two.colpkg", list, |out| {
        for (name, content) in [("0", b"small"), ("1", b"large")] {
            out.start_file(name, SimpleFileOptions::default()).unwrap();
            out.write_all(content).unwrap();
        }
    });
    let profile = Profile::with_notes(1);
    profile.write_media("a.png", b"small");
    std::fs::create_dir_all(profile.dir().join("COLLECTION.MEDIA")).unwrap();
    let done = import_colpkg(profile.dir(), &two, &profile.clock, &Progress::new()).unwrap();
    let told: Vec<String> = done.warnings.iter().map(told).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("media file A.png is kept as A-"),
        "{told:?}"
    );
    let mut kept: Vec<String> = std::fs::read_dir(profile.media())
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    kept.sort();
    assert_eq!(kept, ["large", "small"]);
    let first = std::fs::read_to_string(profile.media().join("a.png"));
    assert_eq!(first.unwrap(), "small");
}

/// The hash beside the size says whether a file is whole.
#[test]
fn wrong_sizes_in_the_list_of_media_files_harm_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let source = Profile::with_notes(3);
    for name in ["a.png", "b.png", "c.png"] {
        source.write_media(name, name.as_bytes());
    }
    let plain = folder.path().join("plain.colpkg");
    export(&source, &plain, true, false);
    let mut plain = ZipArchive::new(File::open(plain).unwrap()).unwrap();
    let odd = folder.path().join("odd.colpkg");
    let mut out = ZipWriter::new(File::create(&odd).unwrap());
    for index in 0..plain.len() {
        let mut entry = plain.by_index(index).unwrap();
        if entry.name().unwrap() != "media" {
            out.raw_copy_file(entry).unwrap();
            continue;
        }
        let mut packed = Vec::new();
        entry.read_to_end(&mut packed).unwrap();
        let list = zstd::decode_all(packed.as_slice()).unwrap();
        let mut list = media_entries::from_protobuf(&list).unwrap();
        for (file, size) in list.iter_mut().zip([0, 1, 1000]) {
            file.size = Some(size);
        }
        let list = media_entries::to_protobuf(&list);
        out.start_file("media", SimpleFileOptions::default())
            .unwrap();
        out.write_all(&zstd::encode_all(list.as_slice(), 0).unwrap())
            .unwrap();
    }
    out.finish().unwrap();
    let (profile, outcome) = import(&odd);
    assert_eq!(outcome, Ok(3));
    for name in ["a.png", "b.png", "c.png"] {
        let content = std::fs::read(profile.media().join(name)).unwrap();
        assert_eq!(content, name.as_bytes());
    }
}

/// As other programs do that pack as tightly as they can.
#[test]
fn a_collection_packed_at_the_highest_level_is_read_and_nothing_beyond() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain.colpkg");
    export(&Profile::with_notes(3), &plain, false, false);
    for (window_log, wanted) in [(27, Ok(3)), (28, Err(ErrorKind::Corrupt))] {
        let mut plain = ZipArchive::new(File::open(&plain).unwrap()).unwrap();
        let tight = folder.path().join(format!("{window_log}.colpkg"));
        let mut out = ZipWriter::new(File::create(&tight).unwrap());
        for index in 0..plain.len() {
            let entry = plain.by_index(index).unwrap();
            if entry.name().unwrap() != "collection.anki21b" {
                out.raw_copy_file(entry).unwrap();
                continue;
            }
            let content = zstd::decode_all(entry).unwrap();
            let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
            encoder.window_log(window_log).unwrap();
            encoder.write_all(&content).unwrap();
            let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            out.start_file("collection.anki21b", stored).unwrap();
            out.write_all(&encoder.finish().unwrap()).unwrap();
        }
        out.finish().unwrap();
        assert_eq!(import(&tight).1, wanted, "{window_log}");
    }
}

/// What files were called where they come from is obeyed only where it is the name of a file, and
/// never costs another file.
#[test]
fn former_names_of_media_files_lead_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let outside = folder.path().join("evil.png");
    let formers = [
        "../evil",
        outside.to_str().unwrap(),
        "..",
        "a/b",
        "",
        "nul\0",
        "b.png",
        "b.png",
        "mine.png",
    ];
    let long = "y".repeat(300);
    let formers: Vec<&str> = formers
        .into_iter()
        .chain([long.as_str(), "b.png"])
        .collect();
    let name = |n: usize| {
        if n == 10 {
            "b.png".into()
        } else {
            format!("{n}.png")
        }
    };
    let list = |names: &dyn Fn(usize) -> (String, String)| {
        let pairs = (0..formers.len()).map(|n| {
            let (key, value) = names(n);
            (key, serde_json::Value::from(value))
        });
        serde_json::Value::Object(pairs.collect()).to_string()
    };
    let media = list(&|n| (n.to_string(), name(n)));
    let originals = list(&|n| (name(n), formers[n].to_owned()));
    let odd = package(folder.path(), "odd.colpkg", &media, |out| {
        for n in 0..formers.len() {
            out.start_file(n.to_string(), SimpleFileOptions::default())
                .unwrap();
            out.write_all(n.to_string().as_bytes()).unwrap();
        }
        out.start_file("media-names.json", SimpleFileOptions::default())
            .unwrap();
        out.write_all(originals.as_bytes()).unwrap();
    });
    let profile = Profile::with_notes(1);
    profile.write_media("mine.png", b"mine");
    let done = import_colpkg(profile.dir(), &odd, &profile.clock, &Progress::new()).unwrap();
    // As any file of the collection that comes in the place of the present one.
    assert_eq!((done.media_added, done.media_replaced), (10, 1));
    let read = |name: &str| std::fs::read_to_string(profile.media().join(name)).unwrap();
    for n in [0, 1, 2, 3, 4, 5, 9] {
        assert_eq!(read(&name(n)), n.to_string());
    }
    let mut kept: Vec<String> = std::fs::read_dir(profile.media())
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    kept.sort();
    let mut want: Vec<String> = (0..formers.len()).map(|n| n.to_string()).collect();
    want.sort();
    assert_eq!(kept, want);
    assert!(!profile.dir().join("evil").exists());
    assert!(!outside.exists());
}
