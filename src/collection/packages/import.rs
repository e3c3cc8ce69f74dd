//! Merging a deck package into the collection: one operation, undone in one step. A rehearsal runs
//! the same code and takes everything back, so that what it announces is what happens.

use super::cards::CardImport;
use super::decks::DeckImport;
use super::gather::{Gathered, day_of};
use super::media::MediaImport;
use super::notes::NoteImport;
use super::notetypes::NotetypeImport;
use super::stage::StagedPackage;
use crate::base::ids::DeckConfigId;
use crate::base::job::Progress;
use crate::base::limits::MAX_DECK_LEVELS;
use crate::base::{Error, ErrorKind, Result};
use crate::collection::{Collection, OpOutput};
use crate::domain::op::Op;
use crate::domain::package::{Along, ImportOptions, ImportReport, UpdateRule};
use crate::mark;
use crate::scheduler::timing::SchedTiming;
use crate::storage::{MatchedNotes, Storage, Table, Tx};
use std::path::Path;

/// Where the collection remembers the options, shared with Anki.
mod key {
    pub(super) const MERGE: &str = "mergeNotetypes";
    pub(super) const NOTES: &str = "updateNotes";
    pub(super) const NOTETYPES: &str = "updateNotetypes";
    pub(super) const SCHEDULING: &str = "withScheduling";
    pub(super) const PRESETS: &str = "withDeckConfigs";
}

/// The options as they were chosen last. Who comes from another program brings the scheduling.
pub fn load_options(package: &StagedPackage, storage: &Storage) -> Result<ImportOptions> {
    Ok(ImportOptions {
        merge_notetypes: storage.config_or(key::MERGE, false)?,
        update_notes: storage.config_or(key::NOTES, UpdateRule::IfNewer)?,
        update_notetypes: storage.config_or(key::NOTETYPES, UpdateRule::IfNewer)?,
        along: Along {
            scheduling: package.is_foreign || storage.config_or(key::SCHEDULING, false)?,
            presets: storage.config_or(key::PRESETS, false)?,
        },
    })
}

fn save_options(tx: &mut Tx<'_>, options: ImportOptions) -> Result<()> {
    tx.set_config(key::MERGE, &options.merge_notetypes)?;
    tx.set_config(key::NOTES, &options.update_notes)?;
    tx.set_config(key::NOTETYPES, &options.update_notetypes)?;
    tx.set_config(key::SCHEDULING, &options.along.scheduling)?;
    tx.set_config(key::PRESETS, &options.along.presets)
}

/// What an import stands on; no part of it is changed.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) storage: &'a Storage,
    pub(super) options: ImportOptions,
    /// Days by which the source's day numbers are ahead of ours.
    pub(super) days_ahead: i64,
    pub(super) today: u32,
    pub(super) source_today: u32,
    /// Only to be announced: reviews and media are counted, not written.
    pub(super) rehearsal: bool,
}

impl Collection {
    /// Merges the package; media files go to `media_folder`. Nothing is left behind when it fails
    /// or is cancelled.
    pub fn import_package(
        &mut self,
        package: &mut StagedPackage,
        media_folder: &Path,
        options: ImportOptions,
        progress: &Progress,
    ) -> Result<OpOutput<ImportReport>> {
        // All there was before is little beside what comes, and indexes are made anew.
        let spare = is_most_of_all(&self.storage, &package.storage)?;
        if spare {
            self.storage.spare_memory()?;
        }
        let done = self.merge_package(package, media_folder, options, progress);
        if spare {
            self.storage.stop_sparing_memory();
        }
        done
    }

    fn merge_package(
        &mut self,
        package: &mut StagedPackage,
        media_folder: &Path,
        options: ImportOptions,
        progress: &Progress,
    ) -> Result<OpOutput<ImportReport>> {
        let ours = self.timing()?;
        let theirs = day_of(&package.storage, &self.clock)?;
        let is_foreign = package.is_foreign;
        self.transact(Op::Import, |tx| {
            let (source, mut media) = begin(
                package,
                media_folder,
                options,
                (ours, theirs),
                false,
                progress,
            )?;
            let report = merge(tx, &source, &mut media, progress)?;
            if !is_foreign {
                save_options(tx, options)?;
            }
            progress.check()?;
            let moved = media.move_in(progress)?;
            tx.or_take_back(move || {
                if let Err(e) = moved.take_out() {
                    tracing::warn!("media files of an import that failed are left: {e}");
                }
            });
            Ok(report)
        })
    }

    /// What [`Self::import_package`] would do.
    pub fn rehearse_import(
        &mut self,
        package: &mut StagedPackage,
        media_folder: &Path,
        options: ImportOptions,
        progress: &Progress,
    ) -> Result<ImportReport> {
        let ours = self.timing()?;
        let theirs = day_of(&package.storage, &self.clock)?;
        let mut report = None;
        let outcome = self.storage.tx(self.clock.now(), |tx| {
            let (source, mut media) = begin(
                package,
                media_folder,
                options,
                (ours, theirs),
                true,
                progress,
            )?;
            report = Some(merge(tx, &source, &mut media, progress)?);
            // Everything is taken back.
            Err::<(), _>(Error::interrupted())
        });
        match (report, outcome) {
            (Some(report), _) => Ok(report),
            (None, Err(error)) => Err(error),
            (None, Ok(_)) => Err(Error::bug("a rehearsal ended without a report")),
        }
    }
}

/// Whether a package is larger than the collection, in what there is most of.
fn is_most_of_all(storage: &Storage, package: &Storage) -> Result<bool> {
    for table in [Table::Notes, Table::Revlog] {
        if package.rows_of(table)? < storage.rows_of(table)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What is read, and the media files that come with it; the days are ours and theirs.
fn begin<'a>(
    package: &'a mut StagedPackage,
    media_folder: &'a Path,
    options: ImportOptions,
    (ours, theirs): (SchedTiming, SchedTiming),
    rehearsal: bool,
    progress: &'a Progress,
) -> Result<(Source<'a>, MediaImport<'a>)> {
    let source = Source {
        path: &package.path,
        storage: &package.storage,
        options,
        days_ahead: i64::from(theirs.days_elapsed) - i64::from(ours.days_elapsed),
        today: ours.days_elapsed,
        source_today: theirs.days_elapsed,
        rehearsal,
    };
    let media = MediaImport::new(
        &mut package.package,
        &package.media,
        media_folder,
        package.staging.path(),
        rehearsal,
        progress,
    )?;
    Ok((source, media))
}

fn merge(
    tx: &mut Tx<'_>,
    source: &Source<'_>,
    media: &mut MediaImport<'_>,
    progress: &Progress,
) -> Result<ImportReport> {
    let mut report = ImportReport::default();
    let along = source.options.along;
    let mut gathered = Gathered::of(source.storage, MatchedNotes::All, along, progress)?;
    if gathered
        .decks
        .iter()
        .any(|deck| deck.name.level() > MAX_DECK_LEVELS)
    {
        return Err(Error::new(
            ErrorKind::Refused,
            mark!(
                "the package holds a deck nested more than {max_deck_levels} levels deep",
                max_deck_levels = MAX_DECK_LEVELS
            ),
        ));
    }
    let notetypes = NotetypeImport::run(tx, source, &gathered.notetypes, progress, &mut report)?;
    let heads = tx.note_heads()?;
    let import = NoteImport {
        source,
        notetypes: &notetypes,
        heads,
        media,
        progress,
    };
    let notes = tx.with_many_rows(Table::Notes, gathered.notes, |tx| {
        import.run(tx, gathered.notes, &mut report)
    })?;
    notetypes.remove_merged(tx)?;
    for preset in &mut gathered.presets {
        if preset.id != DeckConfigId::DEFAULT && !tx.has_preset(preset.id)? {
            tx.add_transferred_preset(preset)?;
            report.presets_added.push(preset.name.clone());
        }
    }
    let decks = DeckImport::run(tx, source, &gathered.decks, &mut report)?;
    let import = CardImport {
        source,
        notes: &notes,
        notetypes: &notetypes,
        decks: &decks,
        progress,
    };
    // Notes that are here already are asked for their cards, by an index.
    let incoming = if notes.all_new() { gathered.cards } else { 0 };
    tx.with_many_rows(Table::Cards, incoming, |tx| {
        import.run(tx, &mut gathered, &mut report)
    })?;
    report.media_added = media.added();
    report.media_renamed = media.renamed();
    Ok(report)
}
