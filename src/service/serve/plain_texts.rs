//! The archive with one text file a note. Beside study, from the frozen file.

use crate::backup::encrypt::maybe_sealed;
use crate::base::error::Result;
use crate::base::job::Progress;
use crate::collection::plain::{PlainExported, check_zip, write_zip};
use crate::domain::package::Selection;
use crate::formats::encryption::Lock;
use crate::mark;
use crate::media::folder;
use crate::service::event::{Event, PackageEvent};
use crate::service::request::NewPassword;
use crate::service::serve::passwords;
use crate::service::worker::{Job, Worker};
use crate::storage::Storage;
use crate::storage::snapshot::FrozenFile;
use std::path::{Path, PathBuf};

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
            let folder = paths.media();
            let media = media.then_some(folder.as_path());
            let lock = lock.as_ref();
            write(&frozen, &out, &selection, media, lock, &data, progress)
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

/// The archive appears only when the collection's file did not change meanwhile.
fn write(
    frozen: &FrozenFile,
    out: &Path,
    selection: &Selection,
    media: Option<&Path>,
    lock: Option<&Lock>,
    data: &Path,
    progress: &Progress,
) -> Result<(PlainExported, u64)> {
    let source = Storage::open_read_only(frozen.path())?;
    maybe_sealed(
        out,
        lock,
        data,
        progress,
        |target| write_zip(&source, selection, media, target, progress),
        |written, done| {
            check_zip(written, done, progress)?;
            frozen.require_unchanged()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::ErrorKind;
    use crate::base::time::{Clock, TimestampMillis};
    use crate::collection::Collection;
    use std::io::Write as _;

    #[test]
    fn a_collection_that_changed_meanwhile_leaves_no_archive() {
        let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = data.path().join("collection.anki2");
        let clock = Clock::fixed(TimestampMillis(1_700_000_000_000), 0);
        Collection::open(&path, clock).unwrap().close().unwrap();
        let out = folder.path().join("notes.zip");
        let export = |frozen: &FrozenFile| {
            let (all, progress) = (Selection::Everything, Progress::new());
            write(frozen, &out, &all, None, None, data.path(), &progress)
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
