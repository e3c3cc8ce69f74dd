//! Salvage: a new collection from what can be read of a damaged collection or backup. The damaged
//! file is only read. What comes out has been through Check Database and gets its name last.

use super::Collection;
use super::repair::Problem;
use crate::base::count::number;
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files;
use crate::base::job::Progress;
use crate::base::room::Room;
use crate::base::time::Clock;
use crate::formats::salvage::{copy_readable, unpack};
use crate::storage::inspect::{self, Depth};
use crate::storage::salvage::{self, Salvaged};
use crate::storage::snapshot::beside;
use crate::{mark, t, tn};
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
                let lost = number(t.expected - t.got);
                of_table(t.table, &lost, t.expected)
            })
            .collect()
    }

    /// The losses in numbers and what was mended, each a line.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.unpacked_whole {
            lines.push(t!("The package could not be unpacked to its end.").to_owned());
        }
        lines.extend(self.lost().iter().map(|what| t!("Lost: {what}", what)));
        let salvaged = &self.salvaged;
        if salvaged.unreadable_pages > 0 {
            lines.push(tn!(
                salvaged.pages.into(),
                "Unreadable: {damaged} of {n} page of the file",
                "Unreadable: {damaged} of {n} pages of the file",
                damaged = number(salvaged.unreadable_pages.into())
            ));
        }
        let rebuilt = salvaged.rebuilt.iter();
        lines.extend(rebuilt.map(|what| t!("Made anew: {what}", what)));
        lines.extend(
            self.problems
                .iter()
                .map(|p| t!("Mended: {what}", what = p.text)),
        );
        lines
    }
}

/// How many rows of a table are lost, of `n`.
fn of_table(table: &str, lost: &str, n: u64) -> String {
    match table {
        "notes" => tn!(n, "{lost} of {n} note", "{lost} of {n} notes", lost),
        "cards" => tn!(n, "{lost} of {n} card", "{lost} of {n} cards", lost),
        "revlog" => tn!(n, "{lost} of {n} review", "{lost} of {n} reviews", lost),
        "decks" => tn!(n, "{lost} of {n} deck", "{lost} of {n} decks", lost),
        "notetypes" => tn!(
            n,
            "{lost} of {n} note type",
            "{lost} of {n} note types",
            lost
        ),
        "deck_config" => tn!(
            n,
            "{lost} of {n} preset of deck options",
            "{lost} of {n} presets of deck options",
            lost
        ),
        "fields" => tn!(
            n,
            "{lost} of {n} field of note types",
            "{lost} of {n} fields of note types",
            lost
        ),
        "templates" => tn!(
            n,
            "{lost} of {n} card type",
            "{lost} of {n} card types",
            lost
        ),
        "config" => tn!(n, "{lost} of {n} setting", "{lost} of {n} settings", lost),
        "tags" => tn!(n, "{lost} of {n} tag", "{lost} of {n} tags", lost),
        "graves" => tn!(
            n,
            "{lost} of {n} mark of something deleted",
            "{lost} of {n} marks of what was deleted",
            lost
        ),
        _ => tn!(
            n,
            "{lost} of {n} entry of the collection itself",
            "{lost} of {n} entries of the collection itself",
            lost
        ),
    }
}

/// Reads `damaged` (a collection, package or compressed collection) and writes `out`, a collection
/// file that must not exist.
pub fn salvage(damaged: &Path, out: &Path, clock: &Clock, progress: &Progress) -> Result<Rescue> {
    if out.exists() {
        return Err(Error::invalid(mark!("a file of that name is there already")).at(out));
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
    files::sync_file(&made).at(&made)?;
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
