//! `import` and `export`: whole collections and deck packages, by the kind of the file.

use super::args::{ExportArgs, ImportArgs};
use super::encrypted;
use super::output::{Answer, Doing as _, DoneFiles, Failure, size, whats};
use super::session::{Locked, Session};
use super::source::require_file;
use crate::backup::encrypt::maybe_sealed;
use crate::backup::entry::Reason;
use crate::backup::export::{
    ExportOptions, Exported, export_apkg, export_colpkg, import_colpkg, refuse_inside,
};
use crate::backup::sheet::ExportSheet;
use crate::base::count::counted;
use crate::base::error::AtPath as _;
use crate::base::files::{StagingDir, parent};
use crate::base::json_path::JsonPath;
use crate::base::{Error, Result};
use crate::collection::Collection;
use crate::collection::packages::StagedPackage;
use crate::collection::packages::export::take_out;
use crate::collection::plain::{PlainExported, check_zip, write_zip};
use crate::collection::text_export::{export_cards, export_notes};
use crate::domain::deck::DeckName;
use crate::domain::encrypted::{encrypted_name, plain_name};
use crate::domain::media_report::Rename;
use crate::domain::package::{
    Along, ImportOptions, ImportReport, NoteColumns, Selection, TakeOptions, UpdateRule,
};
use crate::domain::text_import::{DeckChoice, ExistingNotes, TextDefaults, TextWishes};
use crate::formats::collection_files::{self, CollectionFile};
use crate::formats::encryption::Lock;
use crate::media::folder;
use serde_json::json;
use std::path::{Path, PathBuf};

const DOING: &str = "import the file";

/// Warns of options that were given (first) and say nothing about a file of this kind (second).
fn warn_of_unused(session: &Session, options: &[(&str, bool, bool)]) {
    for (name, ..) in options.iter().filter(|(_, given, used)| *given && !*used) {
        session.warn(&format!("{name} says nothing about a file of this kind"));
    }
}

pub(super) fn import(session: &Session, args: &ImportArgs) -> Result<Answer, Failure> {
    let is_package = |name: &Path| is_deck_package(name) || is_mnemosyne(name);
    let merged = |file: &PathBuf| {
        let name = plain_name(file);
        is_package(&name) || is_text(&name)
    };
    let texts = args.files.iter().any(|file| is_text(&plain_name(file)));
    let packages = args.files.iter().any(|file| is_package(&plain_name(file)));
    warn_of_unused(
        session,
        &[
            ("--deck", args.deck.is_some(), texts),
            ("--notetype", args.notetype.is_some(), texts),
            ("--with-scheduling", args.with_scheduling, packages),
            ("--with-presets", args.with_presets, packages),
            ("--merge-notetypes", args.merge_notetypes, packages),
            (
                "--update-existing",
                !args.update_existing,
                texts || packages,
            ),
        ],
    );
    if args.files.iter().all(merged) {
        return merge(session, args);
    }
    let [file] = args.files.as_slice() else {
        // What is not there, or of no kind that is known, is told as such.
        for other in args.files.iter().filter(|&file| !merged(file)) {
            kind_of(other).doing(DOING)?;
        }
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
    let plain = encrypted::plain(session, file, &args.key, folder).doing(DOING)?;
    let restored =
        import_colpkg(folder, plain.path(), &session.clock, &session.progress).doing(DOING)?;
    let contents = restored.contents;
    let text = format!(
        "The collection was replaced: {} notes, {} cards, {} reviews, {} new media files.",
        contents.notes, contents.cards, contents.revlog, restored.media_added
    );
    let text = session.told_of(text, &restored);
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
            "warnings": whats(&restored.warnings),
            "notes": contents.notes,
            "cards": contents.cards,
            "revlog": contents.revlog,
            "safety_backup": restored.safety.path().map(JsonPath),
        }),
    ))
}

/// Endings of what is merged. Other names are those of whole collections, or refused.
fn is_deck_package(file: &Path) -> bool {
    collection_files::by_name(file).is_none() && ends_with(file, &["apkg", "zip"])
}

fn is_mnemosyne(file: &Path) -> bool {
    ends_with(file, &["db"])
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
    // Better to know now than after half of them.
    for file in &args.files {
        require_file(file).doing(DOING)?;
    }
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
    let safety = match args.dry_run {
        true => None,
        false => session.back_up_before(&profile, &collection, Reason::BeforeImport)?,
    };
    let mut sum = ImportReport::default();
    for (n, file) in args.files.iter().enumerate() {
        match merge_file(session, &profile, &mut collection, file, options, args) {
            Ok(report) => sum.add(report),
            Err(error) => {
                session.warn_of_history(&mut collection);
                let several = args.files.len() > 1 && !args.dry_run;
                return Err(Failure {
                    doing: DOING,
                    error,
                    files: several.then(|| DoneFiles {
                        imported: args.files[..n].to_vec(),
                        left: args.files[n..].to_vec(),
                    }),
                });
            }
        }
    }
    let warnings = session.warn_of_history(&mut collection);
    collection.close().doing("close the collection")?;
    let is_text = args.files.iter().all(|f| is_text(&plain_name(f)));
    let kind = if is_text { "text" } else { "apkg" };
    let mut answer = merged_answer(&sum, kind, args.dry_run);
    answer.json["safety_backup"] = json!(safety.as_deref().map(JsonPath));
    answer.json["warnings"] = json!(whats(&warnings));
    Ok(answer)
}

fn rule(update: bool) -> UpdateRule {
    if update {
        UpdateRule::IfNewer
    } else {
        UpdateRule::Never
    }
}

fn merge_file(
    session: &Session,
    profile: &Locked,
    collection: &mut Collection,
    file: &Path,
    mut options: ImportOptions,
    args: &ImportArgs,
) -> Result<ImportReport> {
    let plain = encrypted::plain(session, file, &args.key, &profile.paths.folder)?;
    let file = plain.path();
    if is_text(file) {
        return merge_text(session, collection, file, args);
    }
    options.along.scheduling |= is_mnemosyne(file);
    merge_one(session, profile, collection, file, options, args.dry_run)
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
        otherwise: TextDefaults {
            notetype,
            deck: args.deck.clone().map(DeckChoice::Name),
            existing: Some(ExistingNotes::Update),
        },
        ..TextWishes::default()
    };
    let look = collection.look_at_text(file, &wishes)?;
    if look.is_unreadable {
        let encoding = look.encoding;
        session.warn(&format!(
            "some letters in the file are not {encoding}: they become U+FFFD"
        ));
    }
    let mut options = look.options;
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
    let mut text = format!(
        "{} notes {would}added, {} updated, {} unchanged, {} conflicting; {} cards, {} reviews, {} media \
         files.",
        report.new.len(),
        report.updated.len(),
        report.duplicates.len(),
        report.conflicting.len(),
        report.cards_added,
        report.reviews_added,
        report.media_added
    );
    for (rows, why) in [
        (
            &report.first_field_matches,
            "left out: the note is there and stays as it is",
        ),
        (
            &report.missing_notetype,
            "left out: there is no such note type",
        ),
        (
            &report.missing_deck,
            "left out: there is no such deck for notes",
        ),
        (
            &report.empty_first_field,
            "left out: the first field is empty",
        ),
    ] {
        if !rows.is_empty() {
            text.push_str(&format!(
                "\n{} {why}",
                counted(rows.len() as u64, "row", "rows")
            ));
        }
    }
    Answer::new(
        text,
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
        }),
    )
}

fn kind_of(file: &Path) -> Result<&'static str> {
    require_file(file)?;
    match collection_files::by_name(&plain_name(file)) {
        Some(CollectionFile::Package) => Ok("colpkg"),
        Some(CollectionFile::Raw | CollectionFile::RawZstd) => Ok("anki2"),
        None => Err(Error::invalid(
            "deck packages (.apkg), text files (.txt, .csv, .tsv), databases of Mnemosyne (.db), \
             collection packages (.colpkg) and collection files (.anki2, .anki21, .anki21b) can be \
             imported",
        )
        .at(file)),
    }
}

/// What is exported, by the ending of the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Collection,
    Deck,
    Text,
    /// One text file a note.
    Plain,
}

impl Kind {
    fn of(out: &Path) -> Result<Self> {
        if ends_with(out, &["colpkg"]) {
            Ok(Self::Collection)
        } else if ends_with(out, &["apkg"]) {
            Ok(Self::Deck)
        } else if ends_with(out, &["txt"]) {
            Ok(Self::Text)
        } else if ends_with(out, &["zip"]) {
            Ok(Self::Plain)
        } else {
            let what = "the name to export to must end in .colpkg, .apkg, .txt or .zip";
            Err(Error::invalid(what).at(out))
        }
    }

    fn doing(self) -> &'static str {
        match self {
            Self::Collection => "export the collection",
            Self::Deck => "export the deck",
            Self::Text => "export the text file",
            Self::Plain => "export the notes as text files",
        }
    }
}

/// What was written.
enum Done {
    Package(Exported),
    Text { count: u64 },
    Plain(PlainExported),
}

impl Done {
    /// Media files that have other names in it.
    fn renamed(&self) -> &[Rename] {
        match self {
            Self::Package(done) => &done.renamed,
            Self::Plain(done) => &done.renamed,
            Self::Text { .. } => &[],
        }
    }
}

pub(super) fn export(session: &Session, args: &ExportArgs) -> Result<Answer, Failure> {
    const DOING: &str = "export the collection";
    let kind = Kind::of(&plain_name(&args.out)).doing(DOING)?;
    if kind == Kind::Collection && (args.deck.is_some() || args.search.is_some()) {
        let what = "a collection package holds everything; a part of it goes to an .apkg";
        return Err(Error::invalid(what).at(&args.out)).doing(DOING);
    }
    let is_package = matches!(kind, Kind::Collection | Kind::Deck);
    warn_of_unused(
        session,
        &[
            ("--scheduling", args.scheduling, kind == Kind::Deck),
            ("--presets", args.presets, kind == Kind::Deck),
            ("--cards", args.cards, kind == Kind::Text),
            ("--media", args.media, kind != Kind::Text),
            ("--legacy", args.legacy, is_package),
        ],
    );
    let lock = encrypted::lock(args).doing(kind.doing())?;
    let out = match lock {
        Some(_) => encrypted_name(&args.out),
        None => args.out.clone(),
    };
    if lock.is_none() && args.recovery_sheet.is_some() {
        let what = "a recovery sheet is for encrypted files: give --encrypt or --recipient";
        return Err(Error::invalid(what)).doing(DOING);
    }
    if let Some(sheet) = &args.recovery_sheet {
        require_place_of_sheet(sheet, &out).doing(kind.doing())?;
    }
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let lock = lock.as_ref();
    let export = Export {
        session,
        profile: &profile,
        args,
        lock,
        out: &out,
    };
    let written = match kind {
        Kind::Collection => export.collection_package(&collection),
        Kind::Deck => export.deck_package(&mut collection),
        Kind::Text => export.text_file(&mut collection),
        Kind::Plain => export.plain_archive(&mut collection),
    };
    let (done, bytes) = written.doing(kind.doing())?;
    collection.close().doing("close the collection")?;
    if let (Some(to), Some(lock)) = (&args.recovery_sheet, lock) {
        const DOING: &str = "write the recovery sheet of the exported file";
        let sheet = ExportSheet::of(&out, lock, &profile.paths.name, &session.clock);
        sheet.write(to).doing(DOING)?;
    }
    session.warn_of_all(folder::renamed(done.renamed()).as_slice());
    Ok(exported_answer(&out, bytes, lock.is_some(), args, &done))
}

/// Better to know before the export than after it: the sheet takes the place of nothing.
fn require_place_of_sheet(sheet: &Path, out: &Path) -> Result<()> {
    let whole = |file: &Path| -> Result<PathBuf> {
        let folder = parent(file)?;
        let folder = folder.canonicalize().at(folder)?;
        Ok(folder.join(file.file_name().unwrap_or_default()))
    };
    if sheet.symlink_metadata().is_ok() || whole(sheet)? == whole(out)? {
        let what = "the recovery sheet needs a name of its own, which no file has yet";
        return Err(Error::invalid(what).at(sheet));
    }
    Ok(())
}

/// What the four ways of writing share.
struct Export<'a> {
    session: &'a Session,
    profile: &'a Locked,
    args: &'a ExportArgs,
    lock: Option<&'a Lock>,
    out: &'a Path,
}

impl Export<'_> {
    fn collection_package(&self, collection: &Collection) -> Result<(Done, u64)> {
        let media = self.profile.paths.media();
        let options = ExportOptions {
            media: self.args.media.then_some(media.as_path()),
            legacy: self.args.legacy,
            data_folder: Some(self.session.data.path()),
            room: &self.profile.paths.folder,
            lock: self.lock,
        };
        let progress = &self.session.progress;
        let exported = collection
            .storage()
            .while_frozen(|frozen| export_colpkg(frozen, self.out, &options, progress))?;
        let size = exported.size;
        Ok((Done::Package(exported), size))
    }

    fn deck_package(&self, collection: &mut Collection) -> Result<(Done, u64)> {
        let (session, args) = (self.session, self.args);
        let data = session.data.path();
        refuse_inside(self.out, Some(data))?;
        let selection = selection_of(collection, args)?;
        let options = TakeOptions {
            along: Along {
                scheduling: args.scheduling,
                presets: args.presets,
            },
            media: args.media,
            legacy: args.legacy,
        };
        let staging = StagingDir::create_in(&self.profile.paths.folder)?;
        let content = staging.path().join("collection.anki2");
        let taken = take_out(
            collection.storage(),
            &selection,
            options,
            &self.profile.paths.media(),
            &content,
            &session.clock,
            &session.progress,
        )?;
        let exported = export_apkg(
            &content,
            &taken.media,
            self.out,
            args.legacy,
            Some(data),
            self.lock,
            &session.progress,
        )?;
        let size = exported.size;
        Ok((Done::Package(exported), size))
    }

    /// With HTML and every column, so that nothing is lost.
    fn text_file(&self, collection: &mut Collection) -> Result<(Done, u64)> {
        const COLUMNS: NoteColumns = NoteColumns {
            guid: true,
            notetype: true,
            deck: true,
            tags: true,
        };
        let selection = selection_of(collection, self.args)?;
        let (storage, progress) = (collection.storage(), &self.session.progress);
        let write = |target: &mut dyn std::io::Write| {
            if self.args.cards {
                export_cards(storage, &selection, true, target, progress)
            } else {
                export_notes(storage, &selection, true, COLUMNS, target, progress)
            }
        };
        let data = self.session.data.path();
        let (count, size) =
            maybe_sealed(self.out, self.lock, data, progress, write, |_, _| Ok(()))?;
        Ok((Done::Text { count }, size))
    }

    fn plain_archive(&self, collection: &mut Collection) -> Result<(Done, u64)> {
        let selection = selection_of(collection, self.args)?;
        let folder = self.profile.paths.media();
        let media = self.args.media.then_some(folder.as_path());
        let (storage, progress) = (collection.storage(), &self.session.progress);
        let (done, size) = maybe_sealed(
            self.out,
            self.lock,
            self.session.data.path(),
            progress,
            |target| write_zip(storage, &selection, media, target, progress),
            |written, done| check_zip(written, done, progress),
        )?;
        Ok((Done::Plain(done), size))
    }
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

fn exported_answer(
    out: &Path,
    bytes: u64,
    encrypted: bool,
    args: &ExportArgs,
    done: &Done,
) -> Answer {
    let (holds, mut value) = match done {
        Done::Package(exported) => {
            let contents = exported.contents;
            let holds = format!(
                "{} notes, {} cards, {} media files",
                contents.notes, contents.cards, exported.media_files
            );
            let value = json!({
                "notes": contents.notes,
                "cards": contents.cards,
                "revlog": contents.revlog,
                "media_files": exported.media_files,
            });
            (holds, value)
        }
        Done::Text { count } => {
            let what = if args.cards { "cards" } else { "notes" };
            let mut value = json!({"notes": 0, "cards": 0, "media_files": 0});
            value[what] = json!(count);
            (format!("{count} {what}"), value)
        }
        Done::Plain(done) => {
            let holds = format!("{} notes, {} media files", done.notes, done.media_files);
            let value = json!({"notes": done.notes, "cards": 0, "media_files": done.media_files});
            (holds, value)
        }
    };
    let renamed = done.renamed().iter().map(|r| [&r.old, &r.new]);
    value["renamed_media"] = json!(renamed.collect::<Vec<_>>());
    value["path"] = json!(JsonPath(out));
    value["recovery_sheet"] = json!(args.recovery_sheet.as_deref().map(JsonPath));
    value["size"] = json!(bytes);
    value["encrypted"] = json!(encrypted);
    Answer::new(
        format!("{} ({}): {holds}", out.display(), size(bytes)),
        value,
    )
}
