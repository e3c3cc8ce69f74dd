//! A deck package of ours, imported by the real Anki, gives the same rows as Anki's own package of
//! the same notes; and ours reads it back.

use super::apkg_import::{EVERYTHING, NOW, clock_at, import};
use super::{clocked, oracle};
use engram::backup::export::export_apkg;
use engram::base::error::ErrorKind;
use engram::base::ids::DeckId;
use engram::base::job::Progress;
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::collection::packages::export::take_out;
use engram::domain::package::{Along, Selection, TakeOptions};
use engram::storage::Storage;
use serde_json::json;
use std::path::Path;

const SCRIPT: &str = concat!(
    include_str!("oracle/hand.py"),
    include_str!("oracle/apkg_export.py")
);

pub fn export(source: &Path, selection: &Selection, options: TakeOptions, out: &Path) -> u64 {
    let clock = clock_at(NOW);
    let progress = Progress::new();
    let col = Collection::open(source, clock.clone()).unwrap();
    let room = tempfile::tempdir().unwrap();
    let content = room.path().join("collection.anki2");
    let media = source.with_extension("media");
    let taken = take_out(
        col.storage(),
        selection,
        options,
        &media,
        &content,
        &clock,
        &progress,
    )
    .unwrap();
    col.close().unwrap();
    let done = export_apkg(
        &content,
        &taken.media,
        out,
        options.legacy,
        None,
        None,
        &progress,
    )
    .unwrap();
    assert_eq!(done.contents.notes, taken.notes);
    taken.notes
}

fn args(mode: &str, file: &Path) -> [String; 2] {
    [mode.to_owned(), file.to_str().unwrap().to_owned()]
}

#[test]
fn our_packages_are_imported_by_anki_as_its_own() {
    packages_are_as_ankis("make");
}

#[test]
fn so_are_those_where_another_deck_has_the_name_of_the_default_deck() {
    packages_are_as_ankis("make-renamed");
}

/// `ENGRAM_FUZZ=20..40` tries other collections.
#[test]
fn so_are_those_of_collections_made_in_random_ways() {
    for seed in oracle::fuzz_seeds().unwrap_or(0..1) {
        packages_are_as_ankis(&format!("mixed{seed}"));
    }
}

#[test]
fn a_deck_takes_its_notes_along_while_a_filtered_deck_has_their_cards() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.anki2");
    let Some(made) = clocked::run(SCRIPT, args("make", &source)) else {
        return;
    };
    let options = TakeOptions {
        along: EVERYTHING.along,
        media: false,
        legacy: false,
    };
    for (deck, notes) in [("borrowed", 3), ("filtered", 2)] {
        let selection = Selection::Deck(DeckId(made[deck].as_i64().unwrap()));
        let out = folder.path().join(format!("{deck}.apkg"));
        assert_eq!(export(&source, &selection, options, &out), notes, "{deck}");
    }
}

#[cfg(unix)]
#[test]
fn no_package_is_made_without_its_media_while_their_disk_is_absent() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.anki2");
    let clock = clock_at(NOW);
    Storage::create(&source, &clock).unwrap().close().unwrap();
    let mut col = Collection::open(&source, clock.clone()).unwrap();
    let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    let note = NewNote {
        notetype_id: basic.id,
        deck_id: DeckId::DEFAULT,
        fields: vec!["<img src=a.png>".into(), String::new()],
        tags: vec![],
    };
    col.add_notes(vec![note]).unwrap();
    let media = source.with_extension("media");
    std::os::unix::fs::symlink(folder.path().join("disk"), &media).unwrap();
    let taken = |media_too: bool| {
        let options = TakeOptions {
            along: EVERYTHING.along,
            media: media_too,
            legacy: false,
        };
        take_out(
            col.storage(),
            &Selection::Everything,
            options,
            &media,
            &folder.path().join(format!("{media_too}.anki2")),
            &clock,
            &Progress::new(),
        )
    };
    let refused = taken(true).map(drop).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotFound, "{refused}");
    assert_eq!(taken(false).unwrap().notes, 1);
}

fn packages_are_as_ankis(make: &str) {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source.anki2");
    let Some(made) = clocked::run(SCRIPT, args(make, &source)) else {
        return;
    };
    let deck = DeckId(made["deck"].as_i64().unwrap());
    let notes = made["notes"].as_array().unwrap().iter();
    let notes = notes
        .map(|n| engram::base::ids::NoteId(n.as_i64().unwrap()))
        .collect();
    let selections = [
        ("all", Selection::Everything),
        ("deck", Selection::Deck(deck)),
        ("notes", Selection::Notes(notes)),
    ];
    let mut jobs = Vec::new();
    for (name, selection) in &selections {
        for (scheduling, presets, legacy) in [
            (true, true, false),
            (true, false, true),
            (false, true, true),
            (false, false, false),
        ] {
            let out = folder
                .path()
                .join(format!("{name}-{scheduling}-{presets}.apkg"));
            let options = TakeOptions {
                along: Along {
                    scheduling,
                    presets,
                },
                media: true,
                legacy,
            };
            let count = export(&source, selection, options, &out);
            jobs.push(json!({
                "limit": name, "scheduling": scheduling, "presets": presets, "legacy": legacy,
                "ours": out, "count": count,
            }));
            let again = folder
                .path()
                .join(format!("{name}-{scheduling}-{presets}.anki2"));
            let report = import(&again, &out, EVERYTHING, &clock_at(NOW)).unwrap();
            assert_eq!(report.new.len() as u64, count);
        }
    }
    let file = folder.path().join("jobs.json");
    let order = json!({ "source": source, "made": made, "jobs": jobs });
    std::fs::write(&file, order.to_string()).unwrap();
    let results = clocked::run(SCRIPT, args("compare", &file)).unwrap();
    assert_eq!(results, json!([]), "{results:#}");
}
