//! Files added to the media folder get the names that the real Anki gives them.

use super::oracle;
use engram::media::add::{Content, add};
use engram::media::names::normalize;
use serde_json::Value;

const SCRIPT: &str = include_str!("oracle/media_names.py");

#[test]
fn files_get_the_names_that_anki_gives_them() {
    let theirs = tempfile::tempdir().unwrap();
    let Some(out) = oracle::run(SCRIPT, [theirs.path()]) else {
        return;
    };
    let out: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    let ours = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for row in out["added"].as_array().unwrap() {
        let (name, data) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
        let got = add(ours.path(), name, Content::Bytes(data.as_bytes())).ok();
        // A second name without extension ends with a period there, until Check Media mends it.
        let wanted = row[2].as_str().map(normalize);
        if got.as_deref() != wanted.as_deref() {
            wrong.push(format!("{name:?} {data}: Anki {}, ours {got:?}", row[2]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut files: Vec<String> = std::fs::read_dir(ours.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let listed = out["files"].as_array().unwrap().iter();
    let mut theirs: Vec<_> = listed
        .map(|name| normalize(name.as_str().unwrap()))
        .collect();
    theirs.sort();
    assert_eq!(files, theirs);
}

#[test]
fn files_of_one_name_without_extension_can_all_be_packed() {
    let folder = tempfile::tempdir().unwrap();
    let long = "x".repeat(117) + " " + &"y".repeat(20);
    for (name, content) in [("README", "1"), ("readme", "2"), (long.as_str(), "3")] {
        add(folder.path(), name, Content::Bytes(content.as_bytes())).unwrap();
    }
    let (listed, renames) = engram::media::folder::list_fit(folder.path()).unwrap();
    assert_eq!((listed.len(), renames), (3, vec![]));
}

#[test]
fn a_file_is_copied_once_and_never_over_another() {
    let folder = tempfile::tempdir().unwrap();
    let media = folder.path().join("collection.media");
    let file = folder.path().join("Cat.PNG");
    std::fs::write(&file, "cat").unwrap();
    for _ in 0..2 {
        assert_eq!(
            add(&media, "Cat.PNG", Content::File(&file)).unwrap(),
            "cat.png"
        );
    }
    let other = add(&media, "cat.png", Content::Bytes(b"another")).unwrap();
    assert!(
        other.starts_with("cat-") && other.ends_with(".png"),
        "{other}"
    );
    assert_eq!(std::fs::read(media.join("cat.png")).unwrap(), b"cat");
    assert_eq!(std::fs::read_dir(&media).unwrap().count(), 2);
    assert!(add(&media, "<>?", Content::Bytes(b"x")).is_err());
}
