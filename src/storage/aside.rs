//! Databases of ours beside the collection: what is lost with one can be made anew, so a damaged one
//! is set aside and a new one begun.

use super::snapshot::beside;
use crate::base::error::AtPath as _;
use crate::base::files::{self, if_there};
use crate::base::{ErrorKind, Result};
use std::path::Path;

/// Opens the database at `path`; one that `open` finds corrupt becomes `path-damaged`, beside older
/// ones of that name, and `open` begins another.
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

/// Renames it, with its log; nobody may have it open.
pub(super) fn set_aside(path: &Path) -> Result<()> {
    let beside = |ending: &str| beside(path, ending);
    let free = files::numbered("-damaged", '-')
        .find(|ending| !beside(ending).exists())
        .unwrap_or_default();
    std::fs::rename(path, beside(&free)).at(path)?;
    // What is in its log is not in it yet.
    let log = beside(&format!("{free}-wal"));
    if_there(std::fs::rename(beside("-wal"), log)).at(path)?;
    if_there(std::fs::remove_file(beside("-shm"))).at(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Error;

    #[test]
    fn nothing_of_a_damaged_one_is_lost_nor_of_those_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.history");
        let at = |ending: &str| folder.path().join(format!("x.history{ending}"));
        let read = |ending: &str| std::fs::read_to_string(at(ending)).unwrap();
        let open = |path: &Path| match std::fs::read_to_string(path) {
            Ok(text) if text.starts_with("bad") => Err(Error::corrupt("damaged")),
            _ => Ok(std::fs::write(path, "new")?),
        };
        for (n, ending) in ["-damaged", "-damaged-2"].into_iter().enumerate() {
            std::fs::write(&path, format!("bad {n}")).unwrap();
            std::fs::write(at("-wal"), format!("log {n}")).unwrap();
            std::fs::write(at("-shm"), "index").unwrap();
            open_or_begin(&path, open).unwrap();
            assert_eq!(read(""), "new");
            assert_eq!(read(ending), format!("bad {n}"));
            assert_eq!(read(&format!("{ending}-wal")), format!("log {n}"));
            assert!(!at("-wal").exists() && !at("-shm").exists());
        }
    }
}
