//! `import` and `export`: whole collections and deck packages, by the kind of the file.

use super::args::{ExportArgs, ImportArgs};
use super::output::{Answer, Doing as _, Failure, size};
use super::session::{Locked, Session};
use crate::backup::export::{ExportOptions, Exported, export_apkg, export_colpkg, import_colpkg};
use crate::base::files::{self, StagingDir};
use crate::base::{Error, Result};
use crate::collection::Collection;
use crate::collection::packages::StagedPackage;
use crate::collection::packages::export::take_out;
use crate::collection::text_export::{export_cards, export_notes};
use crate::domain::deck::DeckName;
use crate::domain::package::{
    Along, ImportOptions, ImportReport, NoteColumns, Selection, TakeOptions, UpdateRule,
};
use crate::domain::text_import::{DeckChoice, ExistingNotes, TextWishes};
use crate::formats::collection_files::{self, CollectionFile};
use serde_json::json;
use std::path::Path;

const DOING: &str = "import the file";

pub(super) fn import(session: &Session, args: &ImportArgs) -> Result<Answer, Failure> {
    if args
        .files
        .iter()
        .all(|file| is_deck_package(file) || is_text(file))
    {
        return merge(session, args);
    }
    let [file] = args.files.as_slice() else {
        return Err(Error::invalid(
            "only one file can replace the collection; import one at a time",
        ))
        .doing(DOING);
    };
    let kind = kind_of(file).doing(DOING)?;
    if args.dry_run {
        return Err(Error::invalid(
            "there is no dry run for a file that replaces the whole collection",
        )
        .at(file))
        .doing(DOING);
    }
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

/// Endings of what is merged. Other names are those of whole collections, or refused.
fn is_deck_package(file: &Path) -> bool {
    collection_files::by_name(file).is_none() && ends_with(file, &["apkg", "zip"])
}

fn is_text(file: &Path) -> bool {
    ends_with(file, &["txt", "csv", "tsv"])
}

fn ends_with(file: &Path, endings: &[&str]) -> bool {
    let ending = file.extension().and_then(|e| e.to_str());
    ending.is_some_and(|ending| endings.iter().any(|e| ending.eq_ignore_ascii_case(e)))
}

/// Merges deck packages and text files, one operation each.
fn merge(session: &Session, args: &ImportArgs) -> Result<Answer, Failure> {
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let options = ImportOptions {
        merge_notetypes: args.merge_notetypes,
        update_notes: rule(args.update_existing),
        update_notetypes: rule(args.update_existing),
        along: Along {
            scheduling: args.with_scheduling,
            presets: args.with_presets,
        },
    };
    let mut sum = ImportReport::default();
    for file in &args.files {
        if is_text(file) {
            sum.add(merge_text(session, &mut collection, file, args).doing(DOING)?);
            continue;
        }
        let report = merge_one(
            session,
            &profile,
            &mut collection,
            file,
            options,
            args.dry_run,
        );
        sum.add(report.doing(DOING)?);
    }
    collection.close().doing("close the collection")?;
    let is_text = args.files.iter().all(|file| is_text(file));
    let kind = if is_text { "text" } else { "apkg" };
    Ok(merged_answer(&sum, kind, args.dry_run))
}

fn rule(update: bool) -> UpdateRule {
    if update {
        UpdateRule::IfNewer
    } else {
        UpdateRule::Never
    }
}

fn merge_one(
    session: &Session,
    profile: &Locked,
    collection: &mut Collection,
    file: &Path,
    options: ImportOptions,
    dry_run: bool,
) -> Result<ImportReport> {
    let (media, progress) = (profile.paths.media(), &session.progress);
    let folder = &profile.paths.folder;
    let mut package = StagedPackage::open(file, folder, &session.clock, progress)?;
    if dry_run {
        return collection.rehearse_import(&mut package, &media, options, progress);
    }
    let done = collection.import_package(&mut package, &media, options, progress)?;
    Ok(done.value)
}

fn merge_text(
    session: &Session,
    collection: &mut Collection,
    file: &Path,
    args: &ImportArgs,
) -> Result<ImportReport> {
    let storage = collection.storage();
    let notetype = match &args.notetype {
        Some(name) => Some(
            storage
                .notetype_by_name(name)?
                .ok_or_else(|| Error::not_found(format!("there is no note type named {name}")))?
                .id,
        ),
        None => None,
    };
    let wishes = TextWishes {
        notetype,
        ..TextWishes::default()
    };
    let mut options = collection.look_at_text(file, &wishes)?.options;
    if let Some(deck) = &args.deck {
        options.deck = DeckChoice::Name(deck.clone());
    }
    if !args.update_existing {
        options.existing = ExistingNotes::Preserve;
    }
    if args.dry_run {
        return collection.rehearse_text(file, &options, &session.progress);
    }
    let done = collection.import_text(file, &options, &session.progress)?;
    Ok(done.value)
}

fn merged_answer(report: &ImportReport, kind: &str, dry_run: bool) -> Answer {
    let would = if dry_run { "would be " } else { "" };
    Answer::new(
        format!(
            "{} notes {would}added, {} updated, {} unchanged, {} conflicting; {} cards, {} reviews, \
             {} media files.",
            report.new.len(),
            report.updated.len(),
            report.duplicates.len(),
            report.conflicting.len(),
            report.cards_added,
            report.reviews_added,
            report.media_added
        ),
        json!({
            "kind": kind,
            "dry_run": dry_run,
            "added": report.new.len(),
            "updated": report.updated.len(),
            "duplicates": report.duplicates.len(),
            "conflicts": report.conflicting.len(),
            "kept": report.first_field_matches.len(),
            "skipped": report.missing_notetype.len()
                + report.missing_deck.len()
                + report.empty_first_field.len(),
            "cards_added": report.cards_added,
            "reviews_added": report.reviews_added,
            "decks_added": report.decks_added,
            "notetypes_added": report.notetypes_added,
            "notetypes_updated": report.notetypes_updated,
            "media_added": report.media_added,
            "safety_backup": null,
        }),
    )
}

fn kind_of(file: &Path) -> Result<&'static str> {
    if !file.is_file() {
        return Err(Error::not_found("the file is not there").at(file));
    }
    match collection_files::by_name(file) {
        Some(CollectionFile::Package) => Ok("colpkg"),
        Some(CollectionFile::Raw | CollectionFile::RawZstd) => Ok("anki2"),
        None => Err(Error::invalid(
            "deck packages (.apkg), collection packages (.colpkg) and collection files (.anki2, \
             .anki21, .anki21b) can be imported",
        )
        .at(file)),
    }
}

pub(super) fn export(session: &Session, args: &ExportArgs) -> Result<Answer, Failure> {
    const DOING: &str = "export the collection";
    let ending = args
        .out
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default();
    if ending.eq_ignore_ascii_case("apkg") {
        return export_deck_package(session, args);
    }
    if ending.eq_ignore_ascii_case("txt") {
        return export_text(session, args);
    }
    if !ending.eq_ignore_ascii_case("colpkg") {
        let what = "the name to export to must end in .colpkg, .apkg or .txt";
        return Err(Error::invalid(what).at(&args.out)).doing(DOING);
    }
    if args.deck.is_some() || args.search.is_some() {
        let what = "a collection package holds everything; a part of it goes to an .apkg";
        return Err(Error::invalid(what).at(&args.out)).doing(DOING);
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
    Ok(exported_answer(&exported))
}

fn export_deck_package(session: &Session, args: &ExportArgs) -> Result<Answer, Failure> {
    const DOING: &str = "export the deck";
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let selection = selection_of(&mut collection, args).doing(DOING)?;
    let options = TakeOptions {
        along: Along {
            scheduling: args.scheduling,
            presets: args.presets,
        },
        media: args.media,
        legacy: args.legacy,
    };
    let write = || -> Result<Exported> {
        let staging = StagingDir::create_in(&profile.paths.folder)?;
        let content = staging.path().join("collection.anki2");
        let media = profile.paths.media();
        let taken = take_out(
            collection.storage(),
            &selection,
            options,
            &media,
            &content,
            &session.clock,
            &session.progress,
        )?;
        let data = Some(session.data.path());
        let progress = &session.progress;
        export_apkg(
            &content,
            &taken.media,
            &args.out,
            args.legacy,
            data,
            progress,
        )
    };
    let exported = write().doing(DOING)?;
    collection.close().doing("close the collection")?;
    Ok(exported_answer(&exported))
}

fn selection_of(collection: &mut Collection, args: &ExportArgs) -> Result<Selection> {
    if let Some(query) = &args.search {
        let found = collection.find_notes(query, None)?;
        return Ok(Selection::Notes(found));
    }
    let Some(name) = &args.deck else {
        return Ok(Selection::Everything);
    };
    let deck = collection
        .storage()
        .deck_by_name(&DeckName::from_human(name))?
        .ok_or_else(|| Error::not_found(format!("there is no deck named {name}")))?;
    Ok(Selection::Deck(deck.id))
}

fn exported_answer(exported: &Exported) -> Answer {
    let contents = exported.contents;
    Answer::new(
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
    )
}

/// With HTML and every column, so that nothing is lost.
fn export_text(session: &Session, args: &ExportArgs) -> Result<Answer, Failure> {
    const DOING: &str = "export the text file";
    const COLUMNS: NoteColumns = NoteColumns {
        guid: true,
        notetype: true,
        deck: true,
        tags: true,
    };
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let selection = selection_of(&mut collection, args).doing(DOING)?;
    let (storage, progress) = (collection.storage(), &session.progress);
    let mut count = 0;
    files::write_atomic(&args.out, |out| {
        count = if args.cards {
            export_cards(storage, &selection, true, out, progress)?
        } else {
            export_notes(storage, &selection, true, COLUMNS, out, progress)?
        };
        Ok(())
    })
    .doing(DOING)?;
    collection.close().doing("close the collection")?;
    let what = if args.cards { "cards" } else { "notes" };
    let size_bytes = std::fs::metadata(&args.out).map_or(0, |meta| meta.len());
    Ok(Answer::new(
        format!("{}: {count} {what}", args.out.display()),
        json!({ "path": args.out, "size": size_bytes, what: count, "media_files": 0 }),
    ))
}
