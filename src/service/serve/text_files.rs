//! Text files with notes: a look, what an import would do, the import, the export.

use crate::backup::encrypt::maybe_sealed;
use crate::base::error::{AtPath as _, Result};
use crate::base::job::Progress;
use crate::collection::Collection;
use crate::collection::text_export::{export_cards, export_notes};
use crate::domain::package::{Selection, TextExport};
use crate::domain::text_import::{TextOptions, TextWishes};
use crate::formats::encryption::Lock;
use crate::mark;
use crate::service::event::{Event, NotetypeChoices, PackageEvent};
use crate::service::request::{NewPassword, PackageRequest, Request};
use crate::service::serve::{packages, passwords};
use crate::service::worker::{Job, Worker};
use crate::storage::Storage;
use crate::storage::snapshot::FrozenFile;
use std::path::{Path, PathBuf};

pub(super) fn look(worker: &mut Worker, file: PathBuf, wishes: TextWishes) -> Result<()> {
    let asked = Request::Package(PackageRequest::LookAtText {
        file: file.clone(),
        wishes: wishes.clone(),
    });
    worker.with_collection(
        Job::quiet("look at text", mark!("read the file")),
        move |collection, _| {
            let look = Box::new(collection.look_at_text(&file, &wishes)?);
            Ok(PackageEvent::TextLooked {
                file,
                look,
                notetypes: notetypes(collection)?,
                decks: decks(collection)?,
            })
        },
        move |worker, result| {
            worker.emit(match result {
                Ok(event) => Event::Package(event),
                Err(message) => Event::failed(asked, message),
            });
        },
    )
}

fn notetypes(collection: &Collection) -> Result<Vec<NotetypeChoices>> {
    let all = collection.storage().all_notetypes()?;
    let choices = all.into_iter().map(|notetype| NotetypeChoices {
        id: notetype.id,
        name: notetype.name,
        fields: notetype
            .fields
            .into_iter()
            .map(|field| field.name)
            .collect(),
    });
    Ok(choices.collect())
}

fn decks(collection: &Collection) -> Result<Vec<(crate::base::ids::DeckId, String)>> {
    let all = collection.storage().all_decks()?;
    let normal = all.into_iter().filter(|deck| !deck.is_filtered());
    Ok(normal.map(|deck| (deck.id, deck.name.human())).collect())
}

pub(super) fn plan(worker: &mut Worker, file: PathBuf, options: TextOptions) -> Result<()> {
    let asked = Request::Package(PackageRequest::PlanText {
        file: file.clone(),
        options: options.clone(),
    });
    worker.with_collection(
        Job {
            title: mark!("Working out what would change…"),
            ..Job::quiet("plan import", mark!("read the file"))
        },
        move |collection, progress| {
            let report = Box::new(collection.rehearse_text(&file, &options, progress)?);
            let options = Box::new(options);
            Ok(PackageEvent::TextPlanned {
                file,
                options,
                report,
            })
        },
        move |worker, result| {
            worker.emit(match result {
                Ok(event) => Event::Package(event),
                Err(message) => Event::failed(asked, message),
            });
        },
    )
}

pub(super) fn import(worker: &mut Worker, file: PathBuf, options: TextOptions) -> Result<()> {
    let from = file.clone();
    worker.with_collection(
        Job::shown(
            "import",
            mark!("Importing the file"),
            mark!("import the file"),
        ),
        move |collection, progress| collection.import_text(&from, &options, progress),
        |worker, result| packages::merged(worker, file, result),
    )
}

/// Beside study, from the frozen file.
pub(super) fn export(
    worker: &mut Worker,
    out: PathBuf,
    selection: Selection,
    what: TextExport,
    password: Option<NewPassword>,
) -> Result<()> {
    let cards = matches!(what, TextExport::Cards { .. });
    let path = out.clone();
    let data = worker.config.data.path().to_owned();
    let (lock, afterwards) = passwords::lock(password);
    worker.read_beside_study(
        Job::shown(
            "export",
            mark!("Exporting to a text file"),
            mark!("export the text file"),
        ),
        move |frozen, progress| {
            let lock = lock.as_ref();
            write(&frozen, &out, &selection, what, lock, &data, progress)
        },
        move |worker, result| {
            if let Ok(count) = result {
                afterwards.follow(worker, &path);
                worker.emit(Event::Package(PackageEvent::TextExported {
                    path,
                    count,
                    cards,
                }));
            }
        },
    )
}

/// The file appears only when the collection's did not change meanwhile.
fn write(
    frozen: &FrozenFile,
    out: &Path,
    selection: &Selection,
    what: TextExport,
    lock: Option<&Lock>,
    data: &Path,
    progress: &Progress,
) -> Result<u64> {
    let source = Storage::open_read_only(frozen.path())?;
    let rows = |target: &mut dyn std::io::Write| match what {
        TextExport::Notes { html, columns } => {
            export_notes(&source, selection, html, columns, target, progress)
        }
        TextExport::Cards { html } => export_cards(&source, selection, html, target, progress),
    };
    let (count, _) = maybe_sealed(out, lock, data, progress, rows, |_, _| {
        frozen.require_unchanged()
    })
    .at(out)?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::ErrorKind;
    use crate::base::time::{Clock, TimestampMillis};
    use std::io::Write as _;

    #[test]
    fn a_collection_that_changed_meanwhile_leaves_no_text_file() {
        let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = data.path().join("collection.anki2");
        let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), 0);
        Collection::open(&path, clock).unwrap().close().unwrap();
        let out = folder.path().join("notes.txt");
        let export = |frozen: &FrozenFile| {
            let what = TextExport::Cards { html: true };
            let (all, progress) = (Selection::Everything, Progress::new());
            write(frozen, &out, &all, what, None, data.path(), &progress)
        };
        let frozen = FrozenFile::of_closed(&path).unwrap();
        let mut file = std::fs::File::options().append(true).open(&path).unwrap();
        file.write_all(&[0; 4096]).unwrap();
        let error = export(&frozen).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        export(&FrozenFile::of_closed(&path).unwrap()).unwrap();
        assert!(out.exists());
    }
}
