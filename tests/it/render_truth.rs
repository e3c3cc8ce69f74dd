//! Cards of real third-party packages: our question and answer against what the real Anki made of
//! them. The collection inside a package is upgraded in a copy and opened read-only.

use crate::oracle;
use engram::base::ids::CardId;
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::card_html::render_card;
use engram::formats::collection_files::{CollectionFile, by_name};
use engram::formats::reader::Package;
use engram::storage::Storage;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The collection of a package or file, in schema 18, in `room`.
fn collection_of(file: &Path, room: &Path) -> Result<PathBuf, String> {
    let target = room.join("collection.anki2");
    if by_name(file) == Some(CollectionFile::Raw) {
        std::fs::copy(file, &target).map_err(|e| e.to_string())?;
    } else {
        let progress = Progress::new();
        Package::open(file)
            .and_then(|mut package| {
                let mut out = std::fs::File::create(&target)?;
                package.unpack_collection(&mut out, Some(room), &progress)?;
                // What a formula shows depends on whether its image is there.
                let media = target.with_extension("media");
                std::fs::create_dir(&media)?;
                for file in package.media()? {
                    if file.name.starts_with("latex-") {
                        std::fs::write(media.join(&file.name), b"")?;
                    }
                }
                Ok(())
            })
            .map_err(|e| e.to_string())?;
    }
    Storage::upgrade(&target, &Clock::System, &Progress::new()).map_err(|e| e.to_string())?;
    Ok(target)
}

#[test]
fn every_package_shows_what_anki_shows() {
    let Some(shared) = oracle::shared() else {
        return;
    };
    let packages = shared.join("packages");
    let mut wrong = String::new();
    let (mut cards, mut files) = (0, 0);
    let mut truths: Vec<PathBuf> = std::fs::read_dir(packages.join("truth"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    truths.sort();
    for truth in truths {
        let truth: Value = serde_json::from_slice(&std::fs::read(&truth).unwrap()).unwrap();
        let name = truth["file"].as_str().unwrap();
        if name.ends_with(".csv") || name.ends_with(".txt") {
            continue;
        }
        let room = tempfile::tempdir().unwrap();
        let collection = match collection_of(&packages.join("real").join(name), room.path()) {
            Ok(collection) => collection,
            Err(e) => {
                let _ = writeln!(wrong, "{name}: does not open: {e}");
                continue;
            }
        };
        files += 1;
        let storage = Storage::open_read_only(&collection).unwrap();
        for row in truth["rendered"].as_array().unwrap() {
            let (Some(question), Some(answer)) = (row["question"].as_str(), row["answer"].as_str())
            else {
                continue;
            };
            let id = CardId(row["cid"].as_i64().unwrap());
            let ours = match render_card(&storage, id) {
                Ok(ours) => ours,
                Err(e) => {
                    let _ = writeln!(wrong, "{name}: card {id}: {e}");
                    continue;
                }
            };
            cards += 1;
            for (side, ours, theirs) in [
                ("question", &ours.question, question),
                ("answer", &ours.answer, answer),
            ] {
                // The truth keeps only so much of a page.
                let ours: String = ours.chars().take(60_000).collect();
                if ours != theirs {
                    let _ = writeln!(
                        wrong,
                        "{name}: card {id} {side}\n  ours   {}\n  theirs {}",
                        around(&ours, theirs),
                        around(theirs, &ours)
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{cards} cards of {files} files\n{wrong}");
    assert!(
        files >= 80 && cards >= 600,
        "{cards} cards of {files} files"
    );
}

/// The first place where `text` differs from `other`.
fn around(text: &str, other: &str) -> String {
    let same = text
        .chars()
        .zip(other.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let from = same.saturating_sub(20);
    format!(
        "@{same}: {:?}",
        text.chars().skip(from).take(160).collect::<String>()
    )
}
