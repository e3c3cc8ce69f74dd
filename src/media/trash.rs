//! The trash beside the media folder, the same one as Anki's: files go there by renaming, come
//! back the same way, and go to the system's trash when it is emptied.

use super::add::copy;
use super::hash::hash_file;
use super::names::{is_one_component, normalize};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{if_there, parent};
use crate::base::hex;
use crate::base::job::Progress;
use crate::{mark, t};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const FOLDER: &str = "media.trash";

/// What lies in the trash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrashContent {
    pub files: u64,
    pub bytes: u64,
}

/// Where the trash of a media folder is.
pub fn folder_of(media: &Path) -> Result<PathBuf> {
    Ok(parent(media)?.join(FOLDER))
}

/// How much lies there.
pub fn content(media: &Path) -> Result<TrashContent> {
    let mut content = TrashContent::default();
    for path in files(&folder_of(media)?)? {
        content.files += 1;
        content.bytes += std::fs::metadata(&path).at(&path)?.len();
    }
    Ok(content)
}

/// Moves one file of the media folder there. One that is in the trash under the same name already
/// stays there; the two are told apart by a suffix, unless they are equal. Returns where it lies now.
pub fn discard(media: &Path, file: &Path) -> Result<PathBuf> {
    move_to(file, &place_of(media, file)?)
}

/// Keeps there what a file of the media folder holds, before another one takes its place; it stays
/// until then. As [`discard`] for names.
pub fn keep(media: &Path, file: &Path) -> Result<()> {
    let mut to = place_of(media, file)?;
    if to.exists() {
        let hash = hash_file(file)?;
        if hash_file(&to)? == hash {
            return Ok(());
        }
        to = with_suffix(&to, &hash);
    }
    // The other one gets the name by a rename: what has two names keeps this one.
    if std::fs::hard_link(file, &to).is_ok() {
        return Ok(());
    }
    copy(file, &to)
}

/// Where a file of the media folder would lie there; the folder is made.
fn place_of(media: &Path, file: &Path) -> Result<PathBuf> {
    let trash = folder_of(media)?;
    std::fs::create_dir_all(&trash).at(&trash)?;
    let name = file
        .file_name()
        .ok_or_else(|| Error::bug("a media file without a name"))?;
    Ok(trash.join(name))
}

/// Moves everything back. A file whose name is taken by another one comes back under a suffix.
pub fn restore(media: &Path, progress: &Progress) -> Result<u64> {
    let all = files(&folder_of(media)?)?;
    progress.stage(t!("Restoring files"), all.len() as u64)?;
    let mut restored = 0;
    for path in all {
        progress.step(1)?;
        if let Some(name) = path.file_name() {
            move_to(&path, &media.join(name))?;
            restored += 1;
        }
    }
    Ok(restored)
}

/// Moves back those of `names` that the media folder does not have, as they are written or as files
/// are called. Returns how many came.
pub fn bring_back(media: &Path, names: &BTreeSet<String>) -> Result<u64> {
    let trash = folder_of(media)?;
    let mut came = 0;
    let both = names
        .iter()
        .flat_map(|name| [Cow::Borrowed(name.as_str()), normalize(name)]);
    for name in both {
        // What else fields name leads out of both folders.
        if !is_one_component(&name) {
            continue;
        }
        let (from, to) = (trash.join(&*name), media.join(&*name));
        if from.is_file() && !to.exists() {
            move_to(&from, &to)?;
            came += 1;
        }
    }
    Ok(came)
}

/// Hands what is there to the system's trash, as one folder. Nothing is deleted when that cannot
/// take it.
pub fn empty(media: &Path, progress: &Progress) -> Result<u64> {
    let folder = folder_of(media)?;
    let files = files(&folder)?.len() as u64;
    progress.stage(t!("Emptying the trash"), 1)?;
    if files > 0 {
        trash::delete(&folder).map_err(|e| {
            Error::new(
                ErrorKind::Io,
                mark!("the files could not be moved to the system's trash, so nothing was deleted"),
            )
            .because(e)
            .at(&folder)
        })?;
    }
    Ok(files)
}

/// Moves a file, never over another one with other content. Returns where it lies now.
pub fn move_to(from: &Path, to: &Path) -> Result<PathBuf> {
    let mut to = to.to_owned();
    if to.exists() {
        let hash = hash_file(from)?;
        if hash_file(&to)? == hash {
            std::fs::remove_file(from).at(from)?;
            return Ok(to);
        }
        to = with_suffix(&to, &hash);
    }
    match std::fs::rename(from, &to) {
        // The media folder may be a link to another disk than the trash is on.
        Err(e) if e.kind() == std::io::ErrorKind::CrossesDevices => {
            copy(from, &to)?;
            std::fs::remove_file(from).at(from)?;
        }
        moved => moved.at(from)?,
    }
    Ok(to)
}

/// The name with the file's SHA-1 before the extension, as media of packages get on a clash.
#[must_use]
pub fn with_suffix(path: &Path, hash: &[u8]) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let digits = hex(hash);
    // Within the length that names may have.
    let stem = stem.get(..stem.floor_char_boundary(60)).unwrap_or_default();
    let name = match path.extension() {
        Some(extension) => format!("{stem}-{digits}.{}", extension.to_string_lossy()),
        None => format!("{stem}-{digits}"),
    };
    path.with_file_name(name)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let Some(entries) = if_there(std::fs::read_dir(folder)).at(folder)? else {
        return Ok(Vec::new());
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.at(folder)?;
        if entry.file_type().at(folder)?.is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_for_a_name_with_its_accent_apart() {
        let profile = tempfile::tempdir().unwrap();
        let media = profile.path().join("collection.media");
        std::fs::create_dir(&media).unwrap();
        let picture = media.join("\u{e9}.png");
        std::fs::write(&picture, "waves").unwrap();
        discard(&media, &picture).unwrap();
        let named = ["e\u{301}.png", "../collection.anki2", ""];
        let named = BTreeSet::from(named.map(str::to_owned));
        assert_eq!(bring_back(&media, &named).unwrap(), 1);
        assert!(picture.is_file());
    }

    #[test]
    fn files_come_back_and_nothing_is_overwritten() {
        let profile = tempfile::tempdir().unwrap();
        let media = profile.path().join("collection.media");
        std::fs::create_dir(&media).unwrap();
        let progress = Progress::new();
        let put = |content: &str| std::fs::write(media.join("a.png"), content).unwrap();
        put("one");
        discard(&media, &media.join("a.png")).unwrap();
        put("two");
        discard(&media, &media.join("a.png")).unwrap();
        put("one");
        discard(&media, &media.join("a.png")).unwrap();
        let content = content(&media).unwrap();
        assert_eq!((content.files, content.bytes), (2, 6));
        put("three");
        assert_eq!(restore(&media, &progress).unwrap(), 2);
        assert_eq!(
            std::fs::read_to_string(media.join("a.png")).unwrap(),
            "three"
        );
        assert_eq!(std::fs::read_dir(&media).unwrap().count(), 3);
        assert_eq!(restore(&media, &progress).unwrap(), 0);
        assert_eq!(empty(&media, &progress).unwrap(), 0);
    }
}
