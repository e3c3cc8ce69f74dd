//! Deck packages: what one would change, merging it, writing one. Merging borrows the collection;
//! writing happens beside study, from the frozen file.

use crate::backup::export::{export_apkg, refuse_inside};
use crate::base::error::Result;
use crate::base::files::StagingDir;
use crate::collection::packages::export::take_out;
use crate::collection::packages::{StagedPackage, load_options};
use crate::domain::package::{ImportOptions, Selection, TakeOptions};
use crate::mark;
use crate::service::event::{Event, PackageEvent};
use crate::service::request::{NewPassword, PackageRequest, Request};
use crate::service::serve::{packages, passwords};
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
    worker.with_collection(
        Job {
            title: mark!("Working out what would change…"),
            ..Job::quiet("plan import", mark!("open the package"))
        },
        move |collection, progress| {
            let mut package = StagedPackage::open(&file, &paths.folder, &clock, progress)?;
            let options = match options {
                Some(options) => options,
                None => load_options(&package, collection.storage())?,
            };
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
                Err(message) => Event::failed(
                    Request::Package(PackageRequest::PlanImport {
                        file: asked,
                        options,
                    }),
                    message,
                ),
            };
            worker.emit(event);
        },
    )
}

pub(super) fn import(worker: &mut Worker, file: PathBuf, options: ImportOptions) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let clock = worker.config.clock.clone();
    let from = file.clone();
    worker.with_collection(
        Job::shown(
            "import",
            mark!("Importing the package"),
            mark!("import the package"),
        ),
        move |collection, progress| {
            let mut package = StagedPackage::open(&from, &paths.folder, &clock, progress)?;
            collection.import_package(&mut package, &paths.media(), options, progress)
        },
        |worker, result| packages::merged(worker, file, result),
    )
}

pub(super) fn export(
    worker: &mut Worker,
    out: PathBuf,
    selection: Selection,
    options: TakeOptions,
    password: Option<NewPassword>,
) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let data = worker.config.data.path().to_owned();
    let clock = worker.config.clock.clone();
    let (lock, afterwards) = passwords::lock(password);
    worker.read_beside_study(
        Job::shown(
            "export",
            mark!("Exporting the deck"),
            mark!("export the deck"),
        ),
        move |frozen, progress| {
            refuse_inside(&out, Some(&data))?;
            let staging = StagingDir::create_in(&paths.folder)?;
            let content = staging.path().join("collection.anki2");
            let source = Storage::open_read_only(frozen.path())?;
            let media = paths.media();
            let taken = take_out(
                &source, &selection, options, &media, &content, &clock, progress,
            )?;
            drop(source);
            frozen.require_unchanged()?;
            export_apkg(
                &content,
                &taken.media,
                &out,
                options.legacy,
                Some(&data),
                lock.as_ref(),
                progress,
            )
        },
        |worker, result| packages::exported(worker, result, afterwards),
    )
}
