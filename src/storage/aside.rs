//! Databases of ours beside the collection: what is lost with one can be made anew, so a damaged one
//! is set aside and a new one begun.

use crate::base::error::AtPath as _;
use crate::base::{ErrorKind, Result};
use std::path::Path;

/// Opens the database at `path`; one that `open` finds corrupt becomes `path-damaged`, over an older
/// one of that name, and `open` begins another.
pub(super) fn open_or_begin<T>(path: &Path, open: impl Fn(&Path) -> Result<T>) -> Result<T> {
    match open(path) {
        Err(e) if e.kind() == ErrorKind::Corrupt => {
            set_aside(path)?;
            open(path)
        }
        other => other,
    }
    .at(path)
}

fn set_aside(path: &Path) -> Result<()> {
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        name
    };
    std::fs::rename(path, beside("-damaged")).at(path)?;
    for log in ["-wal", "-shm"] {
        match std::fs::remove_file(beside(log)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
            _ => {}
        }
    }
    Ok(())
}
