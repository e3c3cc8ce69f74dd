//! The archive with one text file a note. Beside study, from the frozen file.

use crate::backup::encrypt::maybe_sealed;
use crate::base::error::Result;
use crate::collection::plain::{check_zip, write_zip};
use crate::domain::package::Selection;
use crate::mark;
use crate::media::folder;
use crate::service::event::{Event, PackageEvent};
use crate::service::request::NewPassword;
use crate::service::serve::passwords;
use crate::service::worker::{Job, Worker};
use crate::storage::Storage;
use std::path::PathBuf;

pub(super) fn export(
    worker: &mut Worker,
    out: PathBuf,
    selection: Selection,
    media: bool,
    password: Option<NewPassword>,
) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let data = worker.config.data.path().to_owned();
    let path = out.clone();
    let (lock, afterwards) = passwords::lock(password);
    worker.read_beside_study(
        Job::shown(
            "export",
            mark!("Exporting the notes"),
            mark!("export the notes"),
        ),
        move |frozen, progress| {
            let source = Storage::open_read_only(frozen.path())?;
            let folder = paths.media();
            let media = media.then_some(folder.as_path());
            let done = maybe_sealed(
                &out,
                lock.as_ref(),
                &data,
                progress,
                |target| write_zip(&source, &selection, media, target, progress),
                |written, done| check_zip(written, done, progress),
            )?;
            frozen.require_unchanged()?;
            Ok(done)
        },
        move |worker, result| {
            if let Ok((done, size)) = result {
                afterwards.follow(worker, &path);
                worker.warn_of(folder::renamed(&done.renamed).as_slice());
                worker.emit(Event::Package(PackageEvent::PlainExported {
                    path,
                    size,
                    notes: done.notes,
                    media_files: done.media_files,
                }));
            }
        },
    )
}
