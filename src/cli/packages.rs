//! `import` and `export` of whole collections.

use super::args::{ExportArgs, ImportArgs};
use super::output::{Answer, Doing as _, Failure, size};
use super::session::Session;
use crate::backup::export::{ExportOptions, export_colpkg, import_colpkg};
use crate::base::{Error, Result};
use crate::formats::collection_files::{self, CollectionFile};
use serde_json::json;
use std::path::Path;

pub(super) fn import(session: &Session, args: &ImportArgs) -> Result<Answer, Failure> {
    const DOING: &str = "import the file";
    let [file] = args.files.as_slice() else {
        return Err(Error::invalid(
            "only one file can replace the collection; import one at a time",
        ))
        .doing(DOING);
    };
    let kind = kind_of(file).doing(DOING)?;
    let profile = session.lock()?;
    let folder = &profile.paths.folder;
    let restored = import_colpkg(folder, file, &session.clock, &session.progress).doing(DOING)?;
    let contents = restored.contents;
    let mut text = format!(
        "The collection was replaced: {} notes, {} cards, {} reviews, {} new media files.",
        contents.notes, contents.cards, contents.revlog, restored.media_added
    );
    if let Some(path) = restored.safety.path() {
        text.push_str(&format!("\nWhat was there before: {}", path.display()));
    }
    Ok(Answer::new(
        text,
        json!({
            "kind": kind,
            "added": contents.notes,
            "updated": 0,
            "duplicates": 0,
            "conflicts": 0,
            "media_added": restored.media_added,
            "media_replaced": restored.media_replaced,
            "notes": contents.notes,
            "cards": contents.cards,
            "revlog": contents.revlog,
            "safety_backup": restored.safety.path(),
        }),
    ))
}

fn kind_of(file: &Path) -> Result<&'static str> {
    if !file.is_file() {
        return Err(Error::not_found("the file is not there").at(file));
    }
    match collection_files::by_name(file) {
        Some(CollectionFile::Package) => Ok("colpkg"),
        Some(CollectionFile::Raw) => Ok("anki2"),
        None => Err(Error::invalid(
            "only collection packages (.colpkg) and collection files (.anki2, .anki21) can be \
             imported",
        )
        .at(file)),
    }
}

pub(super) fn export(session: &Session, args: &ExportArgs) -> Result<Answer, Failure> {
    const DOING: &str = "export the collection";
    let is_package = args
        .out
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("colpkg"));
    if !is_package {
        return Err(Error::invalid("the name to export to must end in .colpkg").at(&args.out))
            .doing(DOING);
    }
    let profile = session.lock()?;
    let collection = session.open(&profile)?;
    let storage = collection.storage();
    let media = profile.paths.media();
    let options = ExportOptions {
        media: args.media.then_some(media.as_path()),
        legacy: args.legacy,
        data_folder: Some(session.data.path()),
        room: &profile.paths.folder,
    };
    let frozen = storage.freeze().doing(DOING)?;
    let exported = export_colpkg(&frozen, &args.out, &options, &session.progress);
    drop(frozen);
    storage.unfreeze();
    let exported = exported.doing(DOING)?;
    collection.close().doing("close the collection")?;
    let contents = exported.contents;
    Ok(Answer::new(
        format!(
            "{} ({}): {} notes, {} cards, {} media files",
            exported.path.display(),
            size(exported.size),
            contents.notes,
            contents.cards,
            exported.media_files
        ),
        json!({
            "path": exported.path,
            "size": exported.size,
            "notes": contents.notes,
            "cards": contents.cards,
            "revlog": contents.revlog,
            "media_files": exported.media_files,
        }),
    ))
}
