//! What Import and Export offer, as pure values: the name of an export, what a chosen file is,
//! and the words of the question and the results. Reading and writing packages is the worker's.

use crate::base::ids::{CardId, DeckId, NoteId};
use crate::domain::encrypted::{is_encrypted, plain_name};
use crate::domain::package::{
    Along, ImportReport, LoggedNote, NoteColumns, Selection, TakeOptions, TextExport,
};
use crate::service::event::PackageEvent;
use crate::ui::backups::words;
use crate::ui::widgets::text::number;
use crate::{t, tn};
use jiff::Zoned;
use std::path::{Path, PathBuf};

/// Anki's name for an export: `collection-2026-11-21@15-30-00.colpkg`.
#[must_use]
pub fn export_name(now: &Zoned) -> String {
    now.strftime("collection-%Y-%m-%d@%H-%M-%S.colpkg")
        .to_string()
}

/// A deck's name as that of a file.
#[must_use]
pub fn deck_export_name(deck: &str, ending: &str) -> String {
    let safe: String = deck
        .chars()
        .map(|c| {
            if c.is_control() || r#"<>:"/\|?*"#.contains(c) {
                '_'
            } else {
                c
            }
        })
        .collect();
    format!("{safe}.{ending}")
}

/// What an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    #[default]
    Collection,
    Deck,
    Notes,
    Cards,
    /// One text file a note.
    Plain,
}

impl Format {
    pub const ALL: [Self; 5] = [
        Self::Collection,
        Self::Deck,
        Self::Notes,
        Self::Cards,
        Self::Plain,
    ];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Collection => t!("Anki Collection Package (.colpkg)"),
            Self::Deck => t!("Anki Deck Package (.apkg)"),
            Self::Notes => t!("Notes in Plain Text (.txt)"),
            Self::Cards => t!("Cards in Plain Text (.txt)"),
            Self::Plain => t!("A Text File for Each Note (.zip)"),
        }
    }
}

/// What the export dialog holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportChoice {
    pub format: Format,
    pub include: Include,
    pub scheduling: bool,
    pub presets: bool,
    pub media: bool,
    pub legacy: bool,
    /// A whole collection: also the archive of text files.
    pub texts: bool,
    /// Text files: fields with their HTML.
    pub html: bool,
    pub columns: NoteColumns,
}

/// Which notes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Include {
    #[default]
    AllDecks,
    Deck(DeckId),
    /// Chosen elsewhere.
    Notes(Vec<NoteId>),
    /// Likewise, the notes of cards.
    NotesOf(Vec<CardId>),
}

impl Default for ExportChoice {
    fn default() -> Self {
        Self {
            format: Format::default(),
            include: Include::default(),
            scheduling: false,
            presets: false,
            media: true,
            legacy: false,
            texts: false,
            html: true,
            columns: NoteColumns {
                tags: true,
                ..NoteColumns::default()
            },
        }
    }
}

impl ExportChoice {
    /// For one deck.
    #[must_use]
    pub fn of_deck(deck: DeckId) -> Self {
        Self {
            format: Format::Deck,
            include: Include::Deck(deck),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn selection(&self) -> Selection {
        match &self.include {
            Include::AllDecks => Selection::Everything,
            Include::Deck(id) => Selection::Deck(*id),
            Include::Notes(ids) => Selection::Notes(ids.clone()),
            Include::NotesOf(cards) => Selection::NotesOf(cards.clone()),
        }
    }

    /// For notes chosen elsewhere.
    #[must_use]
    pub fn of_chosen(include: Include) -> Self {
        Self {
            format: Format::Deck,
            include,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn text(&self) -> TextExport {
        if self.format == Format::Cards {
            TextExport::Cards { html: self.html }
        } else {
            TextExport::Notes {
                html: self.html,
                columns: self.columns,
            }
        }
    }

    #[must_use]
    pub fn options(&self) -> TakeOptions {
        TakeOptions {
            along: Along {
                scheduling: self.scheduling,
                presets: self.presets,
            },
            media: self.media,
            legacy: self.legacy,
        }
    }
}

/// The dry run's lines: what would come, and what would change.
#[must_use]
pub fn plan_lines(report: &ImportReport) -> Vec<String> {
    let mut lines = vec![notes_line(report)];
    let mut also = Vec::new();
    if report.cards_added > 0 {
        also.push(cards(report.cards_added));
    }
    if report.reviews_added > 0 {
        also.push(tn!(report.reviews_added, "{n} review", "{n} reviews"));
    }
    if report.media_added > 0 {
        also.push(media_files(report.media_added));
    }
    if !also.is_empty() {
        lines.push(t!("New: {list}", list = also.join(", ")));
    }
    let named: [(&[String], Line); 4] = [
        (&report.decks_added, |names| t!("New decks: {names}", names)),
        (&report.notetypes_added, |names| {
            t!("New note types: {names}", names)
        }),
        (&report.notetypes_updated, |names| {
            t!("Updated note types: {names}", names)
        }),
        (&report.presets_added, |names| {
            t!("New presets: {names}", names)
        }),
    ];
    for (names, line) in named {
        if !names.is_empty() {
            lines.push(line(listed(names)));
        }
    }
    lines
}

/// What is said of a list or a count.
type Line = fn(String) -> String;

/// "3 notes added, 1 updated, 10 unchanged, 2 conflicting".
#[must_use]
fn notes_line(report: &ImportReport) -> String {
    if report.found() == 0 {
        return t!("There are no notes in it").to_owned();
    }
    let new = report.new.len() as u64;
    let mut parts = vec![tn!(new, "{n} new note", "{n} new notes")];
    let others: [(&[LoggedNote], Line); 7] = [
        (&report.updated, |n| t!("{n} updated", n)),
        (&report.duplicates, |n| t!("{n} unchanged", n)),
        (&report.conflicting, |n| {
            t!("{n} left out for a different note type", n)
        }),
        (&report.first_field_matches, |n| {
            t!("{n} left as they are", n)
        }),
        (&report.missing_notetype, |n| {
            t!("{n} without a note type", n)
        }),
        (&report.missing_deck, |n| t!("{n} without a deck", n)),
        (&report.empty_first_field, |n| {
            t!("{n} with an empty first field", n)
        }),
    ];
    for (notes, part) in others {
        if !notes.is_empty() {
            parts.push(part(number(notes.len() as u64)));
        }
    }
    parts.join(", ")
}

/// Names, the first few of many.
pub(super) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let text = names
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > SHOWN {
        let n = number((names.len() - SHOWN) as u64);
        return t!("{names} and {n} more", names = text, n);
    }
    text
}

fn notes(n: u64) -> String {
    tn!(n, "{n} note", "{n} notes")
}

fn cards(n: u64) -> String {
    tn!(n, "{n} card", "{n} cards")
}

fn media_files(n: u64) -> String {
    tn!(n, "{n} media file", "{n} media files")
}

/// `path` with the ending `wanted`.
#[must_use]
pub fn with_ending(path: PathBuf, wanted: &str) -> PathBuf {
    if ending(&path).is_some_and(|found| found == wanted.to_lowercase()) {
        return path;
    }
    let mut name = path.into_os_string();
    name.push(".");
    name.push(wanted);
    name.into()
}

/// What a file that was chosen, dropped or given at the start is taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileKind {
    /// A whole collection: replaces the present one.
    Collection,
    /// Notes that are merged into the present one.
    DeckPackage,
    /// As a deck package, from another program.
    Mnemosyne,
    /// Rows that become notes.
    Text,
    /// One of the others, once its password is known.
    Encrypted,
    /// Something that cannot be imported, with the reason.
    Refused(&'static str),
}

/// By name only; what is inside is looked at when it is imported.
#[must_use]
pub fn kind_of(path: &Path) -> FileKind {
    if is_encrypted(path) {
        return match kind_of(&plain_name(path)) {
            FileKind::Refused(why) => FileKind::Refused(why),
            _ => FileKind::Encrypted,
        };
    }
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    match ending(path).as_deref() {
        Some("colpkg") => FileKind::Collection,
        // Whole collections bore this ending before 2.1.
        Some("apkg") if name == "collection.apkg" || name.starts_with("backup-") => {
            FileKind::Collection
        }
        Some("anki2" | "anki21" | "anki21b") => FileKind::Collection,
        Some("apkg" | "zip") => FileKind::DeckPackage,
        Some("db") => FileKind::Mnemosyne,
        Some("txt" | "csv" | "tsv") => FileKind::Text,
        _ => FileKind::Refused(t!(
            "Engram opens packages (.apkg, .colpkg), text files (.txt, .csv, .tsv) and databases \
             of Mnemosyne (.db)."
        )),
    }
}

fn ending(path: &Path) -> Option<String> {
    path.extension().map(|e| e.to_string_lossy().to_lowercase())
}

/// The file's own name, for titles.
#[must_use]
pub fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// One line for the toast after an export or import.
#[must_use]
pub fn result_line(event: &PackageEvent) -> String {
    match event {
        PackageEvent::Exported {
            path,
            size,
            notes: note_count,
            cards: card_count,
            media_files: media,
        } => {
            let (notes, cards) = (notes(*note_count), cards(*card_count));
            let what = match *media {
                0 => t!("{first} and {second}", first = notes, second = cards),
                n => t!(
                    "{notes}, {cards} and {media}",
                    notes,
                    cards,
                    media = media_files(n)
                ),
            };
            exported(&what, path, *size)
        }
        PackageEvent::PlainExported {
            path,
            size,
            notes: note_count,
            media_files: media,
        } => {
            let notes = notes(*note_count);
            let what = match *media {
                0 => notes,
                n => t!(
                    "{first} and {second}",
                    first = notes,
                    second = media_files(n)
                ),
            };
            exported(&what, path, *size)
        }
        PackageEvent::PlainSaved { path, size } => {
            let (name, size) = (file_name(path), words::bytes(*size));
            t!("Decrypted to {name} ({size})", name, size)
        }
        // Shown in dialogs of their own.
        PackageEvent::Planned { report, .. }
        | PackageEvent::TextPlanned { report, .. }
        | PackageEvent::Merged { report, .. } => notes_line(report),
        PackageEvent::TextLooked { .. }
        | PackageEvent::Unlocked { .. }
        | PackageEvent::WrongPassword { .. }
        | PackageEvent::NotUnlocked { .. }
        | PackageEvent::Remembered(_) => String::new(),
        PackageEvent::TextExported {
            path,
            count,
            cards: is_of_cards,
        } => {
            let what = match is_of_cards {
                true => cards(*count),
                false => notes(*count),
            };
            t!("{what} exported to {name}", what, name = file_name(path))
        }
        PackageEvent::Imported {
            notes: note_count,
            cards: card_count,
            media_added,
            ..
        } => {
            let (notes, cards) = (notes(*note_count), cards(*card_count));
            match *media_added {
                0 => t!("{notes} and {cards} imported", notes, cards),
                n => t!(
                    "{notes} and {cards} imported, {media} added",
                    notes,
                    cards,
                    media = media_files(n)
                ),
            }
        }
    }
}

fn exported(what: &str, path: &Path, size: u64) -> String {
    let (name, size) = (file_name(path), words::bytes(size));
    t!(
        "{what} exported to {name} ({size}, verified)",
        what,
        name,
        size
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_bear_ankis_name() {
        let now: Zoned = "2026-11-21T15:30:07+01:00[+01:00]".parse().unwrap();
        assert_eq!(export_name(&now), "collection-2026-11-21@15-30-07.colpkg");
        let ended = |path: &str| with_ending(path.into(), "colpkg");
        assert_eq!(ended("a/b"), Path::new("a/b.colpkg"));
        assert_eq!(ended("a/b.x"), Path::new("a/b.x.colpkg"));
        assert_eq!(ended("a/b.COLPKG"), Path::new("a/b.COLPKG"));
        let photo = || PathBuf::from("IMG_1.JPG");
        assert_eq!(with_ending(photo(), "JPG"), photo());
        assert_eq!(
            deck_export_name("A::B / c: d?", "apkg"),
            "A__B _ c_ d_.apkg"
        );
    }

    #[test]
    fn files_are_told_apart_by_name() {
        for name in ["a.colpkg", "A.COLPKG", "collection.apkg", "backup-12.apkg"] {
            assert_eq!(kind_of(Path::new(name)), FileKind::Collection, "{name}");
        }
        for name in ["deck.apkg", "Deck.APKG", "deck.zip"] {
            assert_eq!(kind_of(Path::new(name)), FileKind::DeckPackage, "{name}");
        }
        for name in ["a.colpkg.age", "deck.apkg.AGE", "notes.txt.age"] {
            assert_eq!(kind_of(Path::new(name)), FileKind::Encrypted, "{name}");
        }
        for name in ["notes.odt", "noending", "a.age", "a.odt.age"] {
            assert!(
                matches!(kind_of(Path::new(name)), FileKind::Refused(_)),
                "{name}"
            );
        }
    }

    #[test]
    fn results_in_one_line() {
        let exported = PackageEvent::Exported {
            path: "c.colpkg".into(),
            size: 2_000_000,
            notes: 1,
            cards: 14_511,
            media_files: 0,
        };
        assert_eq!(
            result_line(&exported),
            "1 note and 14,511 cards exported to c.colpkg (2.0 MB, verified)"
        );
        let imported = PackageEvent::Imported {
            safety_backup: None,
            notes: 2,
            cards: 3,
            media_added: 4,
        };
        assert_eq!(
            result_line(&imported),
            "2 notes and 3 cards imported, 4 media files added"
        );
    }
}
