//! What is in a media folder. Only regular files directly inside count; folders and links are
//! left alone.

use super::names;
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::TEMP_PREFIX;
use crate::domain::media_report::Rename;
use crate::mark;
use std::collections::HashSet;
use std::iter;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// Files that a warning names.
const MOST_NAMED: usize = 5;

/// A file of the media folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaFile {
    pub name: String,
    pub path: PathBuf,
    pub size: u64,
}

impl MediaFile {
    /// Whether its name says which file it is.
    #[must_use]
    pub fn is_unicode(&self) -> bool {
        self.path
            .file_name()
            .is_some_and(|name| name == &*self.name)
    }
}

/// Whether the folder is a link to a disk that is absent.
#[must_use]
pub fn is_away(folder: &Path) -> bool {
    folder.is_symlink() && !folder.exists()
}

/// Fails where nobody knows what the folder holds, and nothing can come into it.
pub fn require_there(folder: &Path) -> Result<()> {
    match is_away(folder) {
        true => Err(Error::not_found(mark!("the disk of the media folder is absent")).at(folder)),
        false => Ok(()),
    }
}

/// Whether the file system that a folder is in does not tell case apart; unknown, and so not, when
/// no small letter is in its name.
#[must_use]
pub fn ignores_case(folder: &Path) -> bool {
    let ignores = |folder: &Path| {
        let name = folder.file_name().unwrap_or_default();
        let capitals = name.to_ascii_uppercase();
        capitals != name && folder.with_file_name(capitals).symlink_metadata().is_ok()
    };
    // It may be a link to another disk.
    folder
        .canonicalize()
        .map_or_else(|_| ignores(folder), |there| ignores(&there))
}

/// All files by name, whatever their names are: what is not Unicode in one is not in its name here,
/// only in its path. A missing folder is an empty one, unless it [is away](is_away).
pub fn list(folder: &Path) -> Result<Vec<MediaFile>> {
    require_there(folder)?;
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && !folder.is_symlink() => {
            return Ok(Vec::new());
        }
        Err(e) => return Err(Error::from(e).at(folder)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.at(folder)?;
        let path = entry.path();
        if !entry.file_type().at(&path)?.is_file() {
            continue;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with(TEMP_PREFIX) {
            let size = entry.metadata().at(&path)?.len();
            files.push(MediaFile { name, path, size });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// All files for a package, where each has a name that every system can store: a name of its own for
/// one whose name is refused elsewhere. These are told, the name in the folder first.
pub fn list_fit(folder: &Path) -> Result<(Vec<MediaFile>, Vec<Rename>)> {
    let is_fit = |file: &MediaFile| file.is_unicode() && names::is_normalized(&file.name);
    let (mut files, unfit): (Vec<_>, Vec<_>) = list(folder)?.into_iter().partition(is_fit);
    let mut taken: HashSet<String> = files.iter().map(|file| file.name.clone()).collect();
    let mut renames = Vec::new();
    for file in unfit {
        let normal = match names::fit(&file.name) {
            nothing if nothing.is_empty() => "file".into(),
            normal => normal,
        };
        let numbered = (2u64..).map(|n| names::fit(&format!("{n}-{normal}")).into_owned());
        let free = iter::once(normal.clone().into_owned())
            .chain(numbered)
            .find(|name| !taken.contains(name));
        let new = free.unwrap_or_default();
        taken.insert(new.clone());
        files.push(MediaFile {
            name: new.clone(),
            ..file.clone()
        });
        renames.push(Rename {
            old: file.name,
            new,
        });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((files, renames))
}

/// That files go out under other names.
#[must_use]
pub fn renamed(renames: &[Rename]) -> Option<Error> {
    if renames.is_empty() {
        return None;
    }
    let named = renames.iter().take(MOST_NAMED);
    let named: Vec<String> = named.map(|r| format!("{} → {}", r.old, r.new)).collect();
    let mut names = named.join(", ");
    if renames.len() > MOST_NAMED {
        names.push_str(", …");
    }
    let what = mark!(
        "media files whose names other systems refuse are in it under other names, which Check Media \
         gives them for good: {names}",
        names
    );
    Some(Error::new(ErrorKind::Conflict, what))
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

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_disk_that_is_away_is_no_empty_folder() {
        let room = tempfile::tempdir().unwrap();
        let (media, disk) = (room.path().join("media"), room.path().join("disk"));
        std::os::unix::fs::symlink(&disk, &media).unwrap();
        assert_eq!(list(&media).unwrap_err().kind(), ErrorKind::NotFound);
        assert!(is_away(&media) && !is_away(&disk));
        std::fs::create_dir(&disk).unwrap();
        assert!(!is_away(&media));
        assert!(list(&media).unwrap().is_empty());
    }

    #[test]
    fn a_name_that_cannot_travel_gets_another_in_packages() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| std::fs::write(folder.path().join(name), name).unwrap();
        write("é.png");
        write("b.png");
        assert!(list_fit(folder.path()).unwrap().1.is_empty());
        // macOS and Windows do not know the first, or not the second.
        if cfg!(target_os = "linux") {
            write("e\u{301}.png");
            write("b?.png");
            write("b*.png");
            write("o?\u{308}.png");
            let (files, renames) = list_fit(folder.path()).unwrap();
            let names: Vec<_> = files.iter().map(|f| f.name.as_str()).collect();
            let want = ["2-b.png", "2-é.png", "3-b.png", "b.png", "é.png", "ö.png"];
            assert_eq!(names, want);
            let told = renamed(&renames).unwrap().to_string();
            assert!(
                told.contains("b*.png → 2-b.png, b?.png → 3-b.png, e"),
                "{told}"
            );
            let path = |n: usize| std::fs::read_to_string(&files[n].path).unwrap();
            assert_eq!([path(0), path(2)], ["b*.png", "b?.png"]);
            assert_eq!(list(folder.path()).unwrap().len(), 6);
        }
    }
}
