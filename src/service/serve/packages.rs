//! File > Export and File > Import of whole collections: the collection is lent to the job.

use crate::backup::export::{self, ExportOptions, Exported};
use crate::base::error::Result;
use crate::collection::OpOutput;
use crate::domain::op::Op;
use crate::domain::package::{ImportReport, Selection};
use crate::explain::UserMessage;
use crate::media::folder;
use crate::service::event::{Event, PackageEvent, Undone};
use crate::service::request::{NewPassword, PackageRequest};
use crate::service::serve::passwords::Afterwards;
use crate::service::serve::{deck_packages, encrypted, passwords, plain_texts, text_files};
use crate::service::worker::{Job, Worker};
use crate::{mark, t};
use std::path::{Path, PathBuf};

pub(super) fn serve(worker: &mut Worker, request: &PackageRequest) -> Result<()> {
    match request {
        PackageRequest::ExportCollection {
            out,
            media,
            legacy,
            texts,
            password,
        } => {
            let texts = texts.then(|| free_archive(out));
            export_collection(
                worker,
                out.clone(),
                (*media, *legacy),
                texts,
                password.clone(),
            )
        }
        PackageRequest::Unlock { file, password } => {
            encrypted::unlock(worker, file.clone(), password.clone())
        }
        PackageRequest::AskRemembered => passwords::ask(worker),
        PackageRequest::ForgetRemembered => passwords::forget(worker),
        PackageRequest::SavePlain { out } => encrypted::save(worker, out.clone()),
        PackageRequest::ImportCollection { file } => import_collection(worker, file),
        PackageRequest::PlanImport { file, options } => {
            deck_packages::plan(worker, file.clone(), *options)
        }
        PackageRequest::ImportPackage { file, options } => {
            deck_packages::import(worker, file.clone(), *options)
        }
        PackageRequest::LookAtText { file, wishes } => {
            text_files::look(worker, file.clone(), wishes.clone())
        }
        PackageRequest::PlanText { file, options } => {
            text_files::plan(worker, file.clone(), options.clone())
        }
        PackageRequest::ImportText { file, options } => {
            text_files::import(worker, file.clone(), options.clone())
        }
        PackageRequest::ExportText {
            out,
            selection,
            what,
            password,
        } => text_files::export(
            worker,
            out.clone(),
            selection.clone(),
            *what,
            password.clone(),
        ),
        PackageRequest::ExportPlain {
            out,
            selection,
            media,
            password,
        } => plain_texts::export(
            worker,
            out.clone(),
            selection.clone(),
            *media,
            password.clone(),
        ),
        PackageRequest::ExportPackage {
            out,
            selection,
            options,
            password,
        } => deck_packages::export(
            worker,
            out.clone(),
            selection.clone(),
            *options,
            password.clone(),
        ),
    }
}

/// Beside study: the package is written from the frozen file.
fn export_collection(
    worker: &mut Worker,
    out: PathBuf,
    (media, legacy): (bool, bool),
    texts: Option<PathBuf>,
    password: Option<NewPassword>,
) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let data = worker.config.data.path().to_owned();
    let (lock, afterwards) = passwords::lock(password);
    worker.read_beside_study(
        Job::shown(
            "export",
            mark!("Exporting the collection"),
            mark!("export the collection"),
        ),
        move |frozen, progress| {
            let media_folder = paths.media();
            let options = ExportOptions {
                media: media.then_some(media_folder.as_path()),
                legacy,
                data_folder: Some(&data),
                room: &paths.folder,
                lock: lock.as_ref(),
            };
            export::export_colpkg(&frozen, &out, &options, progress)
        },
        move |worker, result| {
            let is_done = result.is_ok();
            exported(worker, result, afterwards);
            if let Some(texts) = texts.filter(|_| is_done)
                && let Err(error) =
                    plain_texts::export(worker, texts, Selection::Everything, false, None)
            {
                worker.notice(t!("export the notes"), &error);
            }
        },
    )
}

/// Beside the package, as `NAME.zip`, or `NAME (2).zip` where that is something else's name.
fn free_archive(package: &Path) -> PathBuf {
    let stem = package.file_stem().unwrap_or_default().to_string_lossy();
    let mut archive = package.with_file_name(format!("{stem}.zip"));
    for n in 2.. {
        if !archive.exists() {
            break;
        }
        archive = package.with_file_name(format!("{stem} ({n}).zip"));
    }
    archive
}

/// Tells that a package stands under its name.
pub(super) fn exported(
    worker: &mut Worker,
    result: Result<Exported, UserMessage>,
    afterwards: Afterwards,
) {
    if let Ok(done) = result {
        afterwards.follow(worker, &done.path);
        worker.warn_of(folder::renamed(&done.renamed).as_slice());
        worker.emit(Event::Package(PackageEvent::Exported {
            path: done.path,
            size: done.size,
            notes: done.contents.notes,
            cards: done.contents.cards,
            media_files: done.media_files,
        }));
    }
}

/// Tells what an import of notes did, for undo and for its log.
pub(super) fn merged(
    worker: &mut Worker,
    file: PathBuf,
    result: Result<OpOutput<ImportReport>, UserMessage>,
) {
    let Ok(output) = result else { return };
    let affected = output.value.new.len() + output.value.updated.len();
    if let Err(error) = worker.report(Op::Import, Undone::No, &output, affected) {
        tracing::warn!("after the import: {error}");
    }
    worker.emit(Event::Package(PackageEvent::Merged {
        file,
        report: Box::new(output.value),
    }));
}

/// Replaces the collection; the import itself saves what was there first.
fn import_collection(worker: &mut Worker, file: &Path) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let clock = worker.config.clock.clone();
    let file = file.to_owned();
    worker.refuse_when_lent()?;
    // It would delete what comes, where the server deleted a file of that name.
    worker.end_media_sync();
    worker.exclusive(
        Job::shown(
            "import",
            mark!("Importing the collection"),
            mark!("import the collection"),
        ),
        move |collection, progress| {
            if let Some(open) = collection.take() {
                open.close()?;
            }
            export::import_colpkg(&paths.folder, &file, &clock, progress)
        },
        |worker, result| {
            if let Ok(done) = result {
                worker.reload_settings();
                worker.warn_of(&done.warnings);
                worker.emit(Event::Package(PackageEvent::Imported {
                    safety_backup: done.safety.path().map(Path::to_owned),
                    notes: done.contents.notes,
                    cards: done.contents.cards,
                    media_added: done.media_added,
                }));
            }
        },
    )
}
