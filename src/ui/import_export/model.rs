//! What Import and Export offer, as pure values: the name of an export, what a chosen file is,
//! and the words of the question and the results. Reading and writing packages is the worker's.

use crate::service::event::PackageEvent;
use crate::ui::backups::words;
use jiff::Zoned;
use std::path::{Path, PathBuf};

/// Anki's name for an export: `collection-2026-11-21@15-30-00.colpkg`.
#[must_use]
pub fn export_name(now: &Zoned) -> String {
    now.strftime("collection-%Y-%m-%d@%H-%M-%S.colpkg")
        .to_string()
}

/// The tick boxes of the export dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportChoice {
    pub media: bool,
    pub legacy: bool,
}

impl Default for ExportChoice {
    fn default() -> Self {
        Self {
            media: true,
            legacy: false,
        }
    }
}

/// `path` with the ending that packages have.
#[must_use]
pub fn with_ending(path: PathBuf) -> PathBuf {
    match ending(&path).as_deref() {
        Some("colpkg") => path,
        _ => {
            let mut name = path.into_os_string();
            name.push(".colpkg");
            name.into()
        }
    }
}

/// What a file that was chosen, dropped or given at the start is taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileKind {
    /// A whole collection: replaces the present one.
    Collection,
    /// Something that cannot be imported, with the reason.
    Refused(&'static str),
}

/// By name only; what is inside is looked at when it is imported.
#[must_use]
pub fn kind_of(path: &Path) -> FileKind {
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
        Some("apkg") => FileKind::Refused(
            "This is a deck package. This version of Engram opens whole collections (.colpkg).",
        ),
        _ => FileKind::Refused("Engram opens collection packages; their names end in .colpkg."),
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
            notes,
            cards,
            media_files,
        } => {
            let mut what = format!(
                "{} and {}",
                words::counted(*notes, "note"),
                words::counted(*cards, "card")
            );
            if *media_files > 0 {
                let media = words::counted(*media_files, "media file");
                what = what.replace(" and ", ", ") + &format!(" and {media}");
            }
            let (name, size) = (file_name(path), words::bytes(*size));
            format!("{what} exported to {name} ({size}, verified)")
        }
        PackageEvent::Imported {
            notes,
            cards,
            media_added,
            ..
        } => {
            let mut text = format!(
                "{} and {} imported",
                words::counted(*notes, "note"),
                words::counted(*cards, "card")
            );
            if *media_added > 0 {
                text += &format!(", {} added", words::counted(*media_added, "media file"));
            }
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_bear_ankis_name() {
        let now: Zoned = "2026-11-21T15:30:07+01:00[+01:00]".parse().unwrap();
        assert_eq!(export_name(&now), "collection-2026-11-21@15-30-07.colpkg");
        assert_eq!(with_ending("a/b".into()), Path::new("a/b.colpkg"));
        assert_eq!(with_ending("a/b.x".into()), Path::new("a/b.x.colpkg"));
        assert_eq!(with_ending("a/b.COLPKG".into()), Path::new("a/b.COLPKG"));
    }

    #[test]
    fn files_are_told_apart_by_name() {
        for name in ["a.colpkg", "A.COLPKG", "collection.apkg", "backup-12.apkg"] {
            assert_eq!(kind_of(Path::new(name)), FileKind::Collection, "{name}");
        }
        for name in ["deck.apkg", "notes.txt", "noending"] {
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
