//! Which folder a profile's mirror was filled in. Where nothing of it is there later, its disk is
//! away, and what stands in its place (an empty mount point) is not filled.

use super::manifest;
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{self, if_there};
use crate::mark;
use std::path::Path;

/// In the profile's folder.
const FILE: &str = "mirror-folder";

/// Says that `folder` holds the notes of the profile in `profile_dir`.
pub fn remember(profile_dir: &Path, folder: &Path) -> Result<()> {
    let path = profile_dir.join(FILE);
    let name = folder.as_os_str().as_encoded_bytes();
    if std::fs::read(&path).is_ok_and(|known| known == name) {
        return Ok(());
    }
    files::write_atomic(&path, |out| Ok(out.write_all(name)?))
}

/// The folder was chosen anew, or none is wanted any more.
pub fn forget(profile_dir: &Path) -> Result<()> {
    let path = profile_dir.join(FILE);
    if_there(std::fs::remove_file(&path)).at(&path)?;
    Ok(())
}

/// Before an update that nobody asked for.
///
/// # Errors
/// `NotFound` when `folder` was filled before and has no list of files now.
pub fn require_there(profile_dir: &Path, folder: &Path) -> Result<()> {
    let path = profile_dir.join(FILE);
    let Some(known) = if_there(std::fs::read(&path)).at(&path)? else {
        return Ok(());
    };
    if known != folder.as_os_str().as_encoded_bytes() || manifest::is_in(folder) {
        return Ok(());
    }
    let what = mark!(
        "its disk may be away: the folder of text files is empty or not there (switched off and on \
         again, it is filled anew)"
    );
    Err(Error::new(ErrorKind::NotFound, what).at(folder))
}
