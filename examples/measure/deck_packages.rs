//! Deck packages and text files out and in, as the peer's benchmark does it.

use crate::bench::Bench;
use crate::operations::collection;
use engram::backup::export::export_apkg;
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::collection::packages::StagedPackage;
use engram::collection::packages::export::take_out;
use engram::collection::text_export::export_notes;
use engram::domain::deck::DeckName;
use engram::domain::package::{
    Along, ImportOptions, NoteColumns, Selection, TakeOptions, UpdateRule,
};
use engram::domain::text_import::TextWishes;
use serde_json::json;
use std::path::{Path, PathBuf};

const ALONG: Along = Along {
    scheduling: true,
    presets: true,
};
const OPTIONS: ImportOptions = ImportOptions {
    merge_notetypes: true,
    update_notes: UpdateRule::IfNewer,
    update_notetypes: UpdateRule::IfNewer,
    along: ALONG,
};

pub fn apkg(b: &mut Bench) {
    let package = b.empty_folder("out").join("deck.apkg");
    let deck = DeckName::from_human(&b.meta_str("study_deck"));
    for media in [false, true] {
        if media && !b.has_media() {
            continue;
        }
        let suffix = if media { "_media" } else { "" };
        let run = |path: PathBuf| {
            let col = collection(&path);
            let figures = export(&col, &deck, &package, media);
            (col, figures)
        };
        let name = format!("export_apkg{suffix}");
        let reps = b.reps;
        b.measure(&name, reps, |b| b.fresh("exp", media), run, close);
        let run = |path: PathBuf| {
            let mut col = collection(&path);
            let figures = import(&mut col, &package);
            (col, figures)
        };
        let name = format!("import_apkg{suffix}");
        let start = |b: &Bench| b.empty_folder("imp").join("collection.anki2");
        b.measure(&name, b.reps, start, run, close);
    }
    let mut col = collection(&b.fresh("work", b.has_media()));
    let run = |()| ((), import(&mut col, &package));
    b.measure("import_apkg_again", b.reps, |_| (), run, |()| ());
    close(col);
}

fn close(col: Collection) {
    col.close().expect("it closes");
}

fn export(col: &Collection, deck: &DeckName, package: &Path, media: bool) -> serde_json::Value {
    let storage = col.storage();
    let deck = storage
        .deck_by_name(deck)
        .expect("decks")
        .expect("the deck");
    let room = storage.path().parent().expect("a folder");
    let staging = engram::base::files::StagingDir::create_in(room).expect("room");
    let content = staging.path().join("collection.anki2");
    let options = TakeOptions {
        along: ALONG,
        media,
        legacy: false,
    };
    let (clock, progress) = (Clock::System, Progress::new());
    let folder = room.join("collection.media");
    let chosen = Selection::Deck(deck.id);
    let taken = take_out(
        storage, &chosen, options, &folder, &content, &clock, &progress,
    )
    .expect("it is taken out");
    let done = export_apkg(
        &content,
        &taken.media,
        package,
        false,
        None,
        None,
        &progress,
    )
    .expect("it is packed");
    json!({"notes": taken.notes, "bytes": done.size})
}

fn import(col: &mut Collection, package: &Path) -> serde_json::Value {
    let path = col.storage().path().to_owned();
    let room = path.parent().expect("a folder");
    let progress = Progress::new();
    let mut staged =
        StagedPackage::open(package, room, &Clock::System, &progress).expect("it is a package");
    let media = room.join("collection.media");
    let done = col
        .import_package(&mut staged, &media, OPTIONS, &progress)
        .expect("it is imported");
    json!({"found": done.value.found(), "new": done.value.new.len()})
}

pub fn text(b: &mut Bench) {
    let file = b.data.join("import.csv");
    let progress = Progress::new();
    let import = |col: &mut Collection| {
        let look = col
            .look_at_text(&file, &TextWishes::default())
            .expect("it is a text file");
        let done = col
            .import_text(&file, &look.options, &progress)
            .expect("it is imported");
        done.value.new.len()
    };
    let run = |path: PathBuf| {
        let mut col = collection(&path);
        let new = import(&mut col);
        (col, json!({"new": new}))
    };
    b.measure(
        "csv_import_10k",
        b.reps,
        |b| b.fresh("work", false),
        run,
        close,
    );
    let start = |b: &Bench| {
        let mut col = collection(&b.fresh("work", false));
        import(&mut col);
        // As the worker does in the idle time before somebody thinks better of it.
        let storage = col.storage();
        storage.checkpoint_if_due().expect("the log is moved");
        col
    };
    let run = |mut col: Collection| {
        col.undo().expect("it is undone");
        (col, json!({}))
    };
    b.measure("undo_csv_import_10k", b.reps, start, run, close);
    let col = collection(&b.fresh("work", false));
    let all = NoteColumns {
        guid: true,
        notetype: true,
        deck: true,
        tags: true,
    };
    let run = |()| {
        let mut out = Vec::new();
        let everything = Selection::Everything;
        let notes = export_notes(col.storage(), &everything, true, all, &mut out, &progress)
            .expect("it is exported");
        ((), json!({"notes": notes, "bytes": out.len()}))
    };
    b.measure("csv_export_all_notes", b.reps, |_| (), run, |()| ());
    close(col);
}
