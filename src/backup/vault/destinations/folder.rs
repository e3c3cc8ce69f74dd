//! A vault in a folder: each file is written under a temporary name, synced and renamed, and its
//! folder synced.

use super::{Found, Place};
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files::{self, TEMP_PREFIX};
use crate::mark;
use bytes::Bytes;
use std::fs;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Nobody writes one file for so long.
const LONG: Duration = Duration::from_hours(1);

pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Fails when the folder itself is away.
    fn require(&self) -> Result<()> {
        if self.0.is_dir() {
            return Ok(());
        }
        if self.0.exists() {
            let what = mark!("this is a file, and a vault is a folder; choose a folder");
            return Err(Error::invalid(what).at(&self.0));
        }
        Err(Error::not_found(mark!(
            "the folder of the vault is not there; the disk may not be connected"
        ))
        .at(&self.0))
    }

    /// Makes the folder that `path` lies in, but never that of the vault itself: where a disk went
    /// away at this moment, nothing is made in its place.
    fn make_parent(&self, path: &str) -> Result<()> {
        let mut folder = self.0.clone();
        let inside = Path::new(path).parent().unwrap_or(Path::new(""));
        for part in inside {
            let parent = folder.clone();
            folder.push(part);
            match fs::create_dir(&folder) {
                Ok(()) => files::sync_dir(&parent)?,
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(Error::from(e).at(folder)),
            }
        }
        Ok(())
    }

    fn collect(folder: &Path, found: &mut Vec<Found>) -> Result<()> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(Error::from(e).at(folder)),
        };
        for entry in entries {
            let entry = entry.at(folder)?;
            let path = entry.path();
            if entry.file_type().at(&path)?.is_dir() {
                Self::collect(&path, found)?;
                continue;
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with(TEMP_PREFIX) {
                let size = entry.metadata().at(&path)?.len();
                found.push(Found { name, size });
            }
        }
        Ok(())
    }
}

impl Place for Folder {
    fn list(&self, folder: &str) -> Result<Vec<Found>> {
        self.require()?;
        let mut found = Vec::new();
        Self::collect(&self.0.join(folder), &mut found)?;
        // A disk that was taken away meanwhile is not one with nothing on it.
        self.require()?;
        Ok(found)
    }

    fn size(&self, path: &str) -> Result<Option<u64>> {
        self.require()?;
        let path = self.0.join(path);
        match fs::metadata(&path) {
            Ok(meta) => Ok(Some(meta.len())),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::from(e).at(path)),
        }
    }

    fn read(&self, path: &str, range: Option<Range<u64>>) -> Result<Bytes> {
        self.require()?;
        let path = self.0.join(path);
        let Some(range) = range else {
            return fs::read(&path).map(Bytes::from).at(path);
        };
        let read = || -> Result<Vec<u8>> {
            let mut file = fs::File::open(&path)?;
            file.seek(SeekFrom::Start(range.start))?;
            let wanted = usize::try_from(range.end - range.start)
                .map_err(|e| Error::bug("a part is too large").because(e))?;
            let mut bytes = vec![0; wanted];
            file.read_exact(&mut bytes)?;
            Ok(bytes)
        };
        read().map(Bytes::from).at(path)
    }

    fn write(&self, path: &str, parts: Vec<Bytes>) -> Result<()> {
        self.require()?;
        let target = self.0.join(path);
        let write = || -> Result<()> {
            if !files::parent(&target)?.is_dir() {
                self.make_parent(path)?;
            }
            let mut partial = files::PartialFile::create(&target)?;
            // Portions of a megabyte and more take the processor up to four times as long, as was
            // seen in a virtual machine: the system takes large pages for them, which are not at hand.
            for portion in parts.iter().flat_map(|part| part.chunks(files::BUFFER)) {
                partial.file().write_all(portion)?;
            }
            partial.commit()
        };
        write().at(&target)
    }

    fn remove(&self, path: &str) -> Result<()> {
        self.require()?;
        let path = self.0.join(path);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::from(e).at(path)),
            _ => Ok(()),
        }
    }

    fn make_folders(&self, folders: &[String]) -> Result<()> {
        let is_vault = |above: &Path| {
            above.join("config").is_file()
                && above.join("keys").is_dir()
                && above.join("data").is_dir()
        };
        if self.0.ancestors().skip(1).any(is_vault) {
            let what = mark!("the folder lies inside another vault; choose a place outside of it");
            return Err(Error::invalid(what).at(&self.0));
        }
        // Not those above it: where a disk is away, nothing is made in its place.
        match fs::create_dir(&self.0) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => {
                return Err(Error::from(e).at(&self.0));
            }
            _ => {}
        }
        for folder in folders {
            self.make_parent(&format!("{folder}/file"))?;
        }
        files::sync_dir(&self.0)
    }

    fn remove_leftovers(&self, folder: &str) -> Result<()> {
        let mut folders = vec![self.0.join(folder)];
        while let Some(folder) = folders.pop() {
            files::remove_leftovers(&folder)?;
            for entry in fs::read_dir(&folder).at(&folder)? {
                let path = entry.at(&folder)?.path();
                if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        Ok(())
    }

    fn remove_old_leftovers(&self, folders: &[&str], than: &str) -> Result<()> {
        let written = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).at(path);
        let now = written(&self.0.join(than))?;
        for folder in folders.iter().map(|folder| self.0.join(folder)) {
            for entry in fs::read_dir(&folder).at(&folder)? {
                let entry = entry.at(&folder)?;
                let path = entry.path();
                let is_temporary = entry.file_name().to_string_lossy().starts_with(TEMP_PREFIX);
                if is_temporary
                    && path.is_file()
                    && now
                        .duration_since(written(&path)?)
                        .is_ok_and(|age| age > LONG)
                {
                    fs::remove_file(&path).at(&path)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_inside_the_vault_and_never_in_place_of_it() {
        let room = tempfile::tempdir().unwrap();
        let root = room.path().join("disk/vault");
        let place = Folder::at(&root);
        assert!(place.make_parent("data/ab/file").is_err());
        assert!(!root.exists());
        fs::create_dir_all(&root).unwrap();
        let parts = || vec![Bytes::from_static(b"a")];
        place.write("data/ab/file", parts()).unwrap();
        assert_eq!(fs::read(root.join("data/ab/file")).unwrap(), b"a");
        place.write("config", parts()).unwrap();
        place.make_folders(&["data".into(), "keys".into()]).unwrap();
        assert!(root.join("keys").is_dir());
    }
}
