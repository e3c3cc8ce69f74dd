//! The recovery sheet of a place: the vault is opened, so that what stands on it is true. And that of
//! an encrypted export, beside it.

use super::vaults::tell;
use crate::backup::sheet::{self, ExportSheet};
use crate::backup::vault::sheet::Sheet;
use crate::base::error::Result;
use crate::formats::encryption::Lock;
use crate::service::vaults::VaultEvent;
use crate::service::worker::{Job, Worker};
use crate::{mark, t};
use std::path::Path;

pub(super) fn write(
    worker: &mut Worker,
    address: &str,
    out: &Path,
    with_password: bool,
) -> Result<()> {
    let locked = worker.locked(address)?;
    let profile = worker.open_profile_mut()?.paths.name.clone();
    let clock = worker.config.clock.clone();
    let out = out.to_owned();
    let job = Job::shown(
        "vault-sheet",
        mark!("Writing the recovery sheet"),
        mark!("write the recovery sheet"),
    );
    let work = move |progress: &_| {
        let setting = locked.unlock(progress)?;
        let mut sheet = Sheet::of(&setting.open()?, &setting.destination, &profile, &clock);
        sheet.password = with_password.then_some(setting.password);
        sheet.write(&out)?;
        Ok(out)
    };
    worker
        .background(job, work, move |worker, result| {
            if let Ok(out) = result {
                tell(worker, VaultEvent::SheetWritten { out, with_password });
            }
        })
        .map(drop)
}

/// Of the file that was just written with `lock`.
pub(super) fn beside_export(worker: &mut Worker, file: &Path, lock: &Lock) {
    if let Err(error) = started_beside(worker, file, lock) {
        worker.notice(t!("write the recovery sheet"), &error);
    }
}

fn started_beside(worker: &mut Worker, file: &Path, lock: &Lock) -> Result<()> {
    let profile = worker.open_profile_mut()?.paths.name.clone();
    let of_file = ExportSheet::of(file, lock, &profile, &worker.config.clock);
    let out = sheet::beside(file);
    let job = Job::shown(
        "export-sheet",
        mark!("Writing the recovery sheet"),
        mark!("write the recovery sheet"),
    );
    let work = move |_: &_| {
        of_file.write(&out)?;
        Ok(out)
    };
    worker
        .background(job, work, |worker, result| {
            if let Ok(out) = result {
                let with_password = false;
                tell(worker, VaultEvent::SheetWritten { out, with_password });
            }
        })
        .map(drop)
}
