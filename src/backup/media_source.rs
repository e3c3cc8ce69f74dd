//! The media of a backup, one file at a time: out of the package, or from the folder beside a bare
//! collection file. Automatic backups are without media and have none.

use crate::base::Result;
use crate::base::error::AtPath as _;
use crate::base::files::BUFFER;
use crate::base::job::Progress;
use crate::formats::collection_files::{self, CollectionFile};
use crate::formats::reader::{Package, PackedMedia};
use crate::media::hash::{MediaHash, MediaHasher};
use crate::media::{folder, names};
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};

/// See the module header.
#[derive(Debug)]
pub struct MediaSource(Source);

enum Source {
    Package(Box<Package>, HashMap<String, PackedMedia>),
    Folder(PathBuf),
    Nothing,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Package(_, listed) => write!(f, "Package({} files)", listed.len()),
            Self::Folder(folder) => write!(f, "Folder({})", folder.display()),
            Self::Nothing => f.write_str("Nothing"),
        }
    }
}

impl MediaSource {
    /// Of the backup, package or collection file at `path`.
    pub fn of(path: &Path) -> Result<Self> {
        if collection_files::to_look_into(path) == Some(CollectionFile::Package) {
            let mut package = Package::open(path)?;
            let listed: HashMap<_, _> = package
                .media()?
                .into_iter()
                .map(|media| (media.name.clone(), media))
                .collect();
            return Ok(Self(match listed.is_empty() {
                true => Source::Nothing,
                false => Source::Package(Box::new(package), listed),
            }));
        }
        // As the collection of a profile: `collection.anki2` and `collection.media`.
        let folder = path.with_extension("media");
        Ok(Self(match folder.is_dir() {
            true => Source::Folder(folder),
            false => Source::Nothing,
        }))
    }

    /// Whether there are media at all.
    #[must_use]
    pub fn has_any(&self) -> bool {
        !matches!(self.0, Source::Nothing)
    }

    /// Names and, where they are known, sizes of all files, by name.
    pub fn files(&self) -> Result<Vec<(String, Option<u64>)>> {
        let mut files: Vec<_> = match &self.0 {
            Source::Package(_, listed) => {
                let listed = listed.values();
                listed
                    .map(|media| (media.name.clone(), media.size()))
                    .collect()
            }
            Source::Folder(folder) => {
                let files = folder::list(folder)?.into_iter();
                files.map(|file| (file.name, Some(file.size))).collect()
            }
            Source::Nothing => Vec::new(),
        };
        files.retain(|(name, _)| names::is_one_component(name));
        files.sort();
        Ok(files)
    }

    /// Copies the file to `out`, which lies in `folder`, and returns its hash; None when there is
    /// none of that name.
    pub fn unpack(
        &mut self,
        name: &str,
        out: &mut dyn Write,
        folder: Option<&Path>,
        progress: &Progress,
    ) -> Result<Option<MediaHash>> {
        match &mut self.0 {
            Source::Package(package, listed) => listed
                .get(name)
                .map(|media| package.unpack_media(media, out, folder, progress))
                .transpose(),
            Source::Folder(folder) => {
                let path = folder.join(name);
                if !names::is_one_component(name) || !path.is_file() {
                    return Ok(None);
                }
                copy(&path, out, progress).map(Some)
            }
            Source::Nothing => Ok(None),
        }
    }

    /// Of the file's content; None when there is none of that name.
    pub fn hash(&mut self, name: &str, progress: &Progress) -> Result<Option<MediaHash>> {
        if let Source::Package(_, listed) = &self.0
            && let Some(known) = listed.get(name).and_then(PackedMedia::sha1)
        {
            return Ok(Some(known));
        }
        self.unpack(name, &mut std::io::sink(), None, progress)
    }
}

fn copy(path: &Path, out: &mut dyn Write, progress: &Progress) -> Result<MediaHash> {
    let mut from = File::open(path).at(path)?;
    let mut hasher = MediaHasher::default();
    let mut buffer = vec![0; BUFFER];
    loop {
        progress.check()?;
        let n = from.read(&mut buffer).at(path)?;
        if n == 0 {
            return Ok(hasher.finish());
        }
        hasher.update(&buffer[..n]);
        out.write_all(&buffer[..n])?;
    }
}
