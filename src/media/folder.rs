//! What is in a media folder. Only regular files directly inside count; folders and links are
//! left alone.

use super::names;
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files::TEMP_PREFIX;
use crate::mark;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// A file of the media folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaFile {
    pub name: String,
    pub path: PathBuf,
    pub size: u64,
}

/// All files by name; a missing folder is an empty one. Fails on a name that may not stand there,
/// because a package with it could not be read back ("Check Media" renames them).
pub fn list(folder: &Path) -> Result<Vec<MediaFile>> {
    read(folder, false)
}

/// Also those whose names may not stand there, for what only looks at them; without those that are
/// no Unicode.
pub fn list_any(folder: &Path) -> Result<Vec<MediaFile>> {
    read(folder, true)
}

fn read(folder: &Path, any: bool) -> Result<Vec<MediaFile>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::from(e).at(folder)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.at(folder)?;
        let path = entry.path();
        if !entry.file_type().at(&path)?.is_file() {
            continue;
        }
        let name = match entry.file_name().into_string() {
            Ok(name) if any || names::is_normalized(&name) => name,
            Err(_) if any => continue,
            _ => {
                return Err(Error::invalid(mark!(
                    "a media file has a name that not every system can store; rename it \
                     (Check Media)"
                ))
                .at(&path));
            }
        };
        if !name.starts_with(TEMP_PREFIX) {
            let size = entry.metadata().at(&path)?.len();
            files.push(MediaFile { name, path, size });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Bytes of a file, and when it was last changed, in nanoseconds since 1970.
pub fn stamp(path: &Path) -> Result<(u64, i64)> {
    let meta = std::fs::metadata(path).at(path)?;
    let time = meta.modified().at(path)?;
    let nanos = |time: Duration| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
    let at = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => nanos(after),
        Err(before) => -nanos(before.duration()),
    };
    Ok((meta.len(), at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_directly_inside() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b.png"), "12").unwrap();
        std::fs::write(folder.path().join("a.png"), "1").unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        let files = list(folder.path()).unwrap();
        let names: Vec<_> = files.iter().map(|f| (f.name.as_str(), f.size)).collect();
        assert_eq!(names, [("a.png", 1), ("b.png", 2)]);
        assert!(list(&folder.path().join("none")).unwrap().is_empty());
    }

    #[test]
    fn a_name_that_cannot_travel_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("e\u{301}.png"), "1").unwrap();
        let error = list(folder.path()).unwrap_err();
        assert!(error.to_string().contains("Check Media"));
        assert!(error.path().is_some());
        assert_eq!(list_any(folder.path()).unwrap().len(), 1);
    }
}
