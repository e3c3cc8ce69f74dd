//! Salvage: a new collection from what can be read of a damaged collection or backup. The damaged
//! file is only read. What comes out has been through Check Database and gets its name last.

use super::Collection;
use super::repair::Problem;
use crate::base::count::{counted, number};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files;
use crate::base::job::Progress;
use crate::base::room::Room;
use crate::base::time::Clock;
use crate::formats::salvage::{copy_readable, unpack};
use crate::storage::inspect::{self, Depth};
use crate::storage::salvage::{self, Salvaged};
use crate::storage::snapshot::beside;
use std::path::{Path, PathBuf};

/// What a salvage brought back.
#[derive(Debug, Clone)]
pub struct Rescue {
    pub path: PathBuf,
    pub salvaged: Salvaged,
    /// A package was unpacked to its end.
    pub unpacked_whole: bool,
    /// What Check Database mended afterwards.
    pub problems: Vec<Problem>,
    /// In the new collection.
    pub notes: u64,
    pub cards: u64,
    pub revlog: u64,
}

impl Rescue {
    /// What is known to be lost, as `14 of 9,812 notes`.
    #[must_use]
    pub fn lost(&self) -> Vec<String> {
        let short = self.salvaged.tables.iter().filter(|t| t.got < t.expected);
        short
            .map(|t| {
                let what = words(t.table, t.expected);
                format!(
                    "{} of {} {what}",
                    number(t.expected - t.got),
                    number(t.expected)
                )
            })
            .collect()
    }

    /// The losses in numbers and what was mended, each a line.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.unpacked_whole {
            lines.push("The package could not be unpacked to its end.".to_owned());
        }
        lines.extend(self.lost().iter().map(|what| format!("Lost: {what}")));
        let salvaged = &self.salvaged;
        if salvaged.unreadable_pages > 0 {
            lines.push(format!(
                "Unreadable: {} of {} of the file",
                number(salvaged.unreadable_pages.into()),
                counted(salvaged.pages.into(), "page", "pages"),
            ));
        }
        let rebuilt = salvaged.rebuilt.iter();
        lines.extend(rebuilt.map(|what| format!("Made anew: {what}")));
        lines.extend(self.problems.iter().map(|p| format!("Mended: {}", p.text)));
        lines
    }
}

/// What the rows of a table are to people.
fn words(table: &str, n: u64) -> &'static str {
    let (one, more) = match table {
        "notes" => ("note", "notes"),
        "cards" => ("card", "cards"),
        "revlog" => ("review", "reviews"),
        "decks" => ("deck", "decks"),
        "notetypes" => ("note type", "note types"),
        "deck_config" => ("preset of deck options", "presets of deck options"),
        "fields" => ("field of note types", "fields of note types"),
        "templates" => ("card type", "card types"),
        "config" => ("setting", "settings"),
        "tags" => ("tag", "tags"),
        "graves" => ("mark of something deleted", "marks of what was deleted"),
        _ => (
            "entry of the collection itself",
            "entries of the collection itself",
        ),
    };
    if n == 1 { one } else { more }
}

/// Reads `damaged` (a collection, package or compressed collection) and writes `out`, a collection
/// file that must not exist.
pub fn salvage(damaged: &Path, out: &Path, clock: &Clock, progress: &Progress) -> Result<Rescue> {
    if out.exists() {
        return Err(
            Error::new(ErrorKind::Conflict, "a file of that name is there already").at(out),
        );
    }
    let staging = Room::create_in(files::parent(out)?)?;
    let source = staging.path().join("damaged");
    let unpacked_whole = unpack(damaged, &source, progress)?;
    let log = beside(damaged, "-wal");
    if log.is_file() {
        copy_readable(&log, &beside(&source, "-wal"), progress)?;
    }
    let made = staging.path().join("collection.anki2");
    let salvaged = salvage::salvage(&source, &made, clock, progress)
        .map_err(|e| Error::new(e.kind(), e.what().to_owned()).at(damaged))?;
    let mut collection = Collection::open(&made, clock.clone())?;
    let problems = collection.check_database(progress)?;
    let counts = collection.storage().counts()?;
    collection.close()?;
    let checked = inspect::check(&made, Depth::Full, progress)?;
    if let Some(finding) = checked.wrong_index {
        return Err(Error::bug(format!(
            "the salvaged collection is not sound: {finding}"
        )));
    }
    std::fs::File::open(&made)
        .and_then(|f| f.sync_all())
        .at(&made)?;
    std::fs::hard_link(&made, out)
        .or_else(|_| match out.exists() {
            true => Err(std::io::ErrorKind::AlreadyExists.into()),
            false => std::fs::rename(&made, out),
        })
        .at(out)?;
    files::sync_dir(files::parent(out)?)?;
    Ok(Rescue {
        path: out.to_owned(),
        salvaged,
        unpacked_whole,
        problems,
        notes: counts.notes,
        cards: counts.cards,
        revlog: counts.revlog,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::salvage::TableLoss;

    #[test]
    fn losses_are_told_as_notes_cards_and_reviews_in_grouped_numbers() {
        let loss = |table, expected, got| TableLoss {
            table,
            expected,
            got,
        };
        let rescue = Rescue {
            path: PathBuf::new(),
            salvaged: Salvaged {
                tables: vec![
                    loss("notes", 9_812, 9_798),
                    loss("cards", 14_511, 14_511),
                    loss("revlog", 182_926, 181_000),
                    loss("deck_config", 1, 0),
                ],
                pages: 10_240,
                unreadable_pages: 3,
                ..Salvaged::default()
            },
            unpacked_whole: true,
            problems: vec![],
            notes: 9_798,
            cards: 14_511,
            revlog: 181_000,
        };
        assert_eq!(
            rescue.told(),
            [
                "Lost: 14 of 9,812 notes",
                "Lost: 1,926 of 182,926 reviews",
                "Lost: 1 of 1 preset of deck options",
                "Unreadable: 3 of 10,240 pages of the file",
            ]
        );
    }
}
