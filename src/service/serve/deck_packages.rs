//! Deck packages: what one would change, merging it, writing one. Merging borrows the collection;
//! writing happens beside study, from the frozen file.

use crate::backup::export::export_apkg;
use crate::base::error::Result;
use crate::base::files::StagingDir;
use crate::collection::packages::export::take_out;
use crate::collection::packages::{StagedPackage, load_options};
use crate::domain::op::Op;
use crate::domain::package::{ImportOptions, Selection, TakeOptions};
use crate::service::event::{Event, PackageEvent, Undone};
use crate::service::request::{PackageRequest, Request};
use crate::service::serve::backups::no_collection;
use crate::service::worker::{Job, Worker};
use crate::storage::Storage;
use std::path::PathBuf;

/// The same work as the import, taken back at its end.
pub(super) fn plan(
    worker: &mut Worker,
    file: PathBuf,
    options: Option<ImportOptions>,
) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let clock = worker.config.clock.clone();
    let (asked, planned) = (file.clone(), file.clone());
    worker.exclusive(
        Job::quiet("plan import", "open the package"),
        move |collection, progress| {
            let collection = collection.as_mut().ok_or_else(no_collection)?;
            let options = match options {
                Some(options) => options,
                None => load_options(collection.storage())?,
            };
            let mut package = StagedPackage::open(&file, &paths.folder, &clock, progress)?;
            let media = paths.media();
            let report = collection.rehearse_import(&mut package, &media, options, progress)?;
            Ok((options, report))
        },
        move |worker, result| {
            let event = match result {
                Ok((options, report)) => Event::Package(PackageEvent::Planned {
                    file: planned,
                    options,
                    report: Box::new(report),
                }),
                Err(message) => Event::Failed {
                    request: Box::new(Request::Package(PackageRequest::PlanImport {
                        file: asked,
                        options,
                    })),
                    message,
                },
            };
            worker.emit(event);
        },
    )
}

pub(super) fn import(worker: &mut Worker, file: PathBuf, options: ImportOptions) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let clock = worker.config.clock.clone();
    let from = file.clone();
    worker.exclusive(
        Job::shown("import", "Importing the package", "import the package"),
        move |collection, progress| {
            let collection = collection.as_mut().ok_or_else(no_collection)?;
            let mut package = StagedPackage::open(&from, &paths.folder, &clock, progress)?;
            collection.import_package(&mut package, &paths.media(), options, progress)
        },
        |worker, result| {
            let Ok(output) = result else { return };
            let affected = output.value.new.len() + output.value.updated.len();
            if let Err(error) = worker.report(Op::Import, Undone::No, &output, affected) {
                tracing::warn!("after the import: {error}");
            }
            worker.emit(Event::Package(PackageEvent::Merged {
                file,
                report: Box::new(output.value),
            }));
        },
    )
}

pub(super) fn export(
    worker: &mut Worker,
    out: PathBuf,
    selection: Selection,
    options: TakeOptions,
) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let data = worker.config.data.path().to_owned();
    let clock = worker.config.clock.clone();
    let frozen = worker.freeze_to_read()?.ok_or_else(no_collection)?;
    let started = worker.background(
        Job::shown("export", "Exporting the deck", "export the deck"),
        move |progress| {
            let staging = StagingDir::create_in(&paths.folder)?;
            let content = staging.path().join("collection.anki2");
            let source = Storage::open_read_only(frozen.path())?;
            let media = paths.media();
            let taken = take_out(
                &source, &selection, options, &media, &content, &clock, progress,
            )?;
            drop(source);
            frozen.require_unchanged()?;
            let legacy = options.legacy;
            export_apkg(&content, &taken.media, &out, legacy, Some(&data), progress)
        },
        |worker, result| {
            worker.end_reading();
            if let Ok(done) = result {
                worker.emit(Event::Package(PackageEvent::Exported {
                    path: done.path,
                    size: done.size,
                    notes: done.contents.notes,
                    cards: done.contents.cards,
                    media_files: done.media_files,
                }));
            }
        },
    );
    if let Err(error) = started {
        worker.end_reading();
        return Err(error);
    }
    Ok(())
}
