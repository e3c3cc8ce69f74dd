//! Media files that rotted or are missing, looked for in the media trash, in packages with media,
//! and in vaults. The right bytes of one that rotted are known by hash: a copy that is not byte for
//! byte what the file was is passed over, and the damaged file goes to the media trash. Of one that
//! is missing the first copy that is found comes back.

use super::journal::MEDIA;
use super::media_source::MediaSource;
use super::runs::Outcome;
use super::vault::book::Former;
use super::vault::restore::fetch_some;
use super::vault::{Snapshot, Vault};
use crate::base::error::{AtPath as _, ErrorKind, Result};
use crate::base::files::{PartialFile, StagingDir};
use crate::base::job::Progress;
use crate::mark;
use crate::media::folder::stamp;
use crate::media::hash::content_hash;
use crate::media::names::is_one_component;
use crate::media::trash;
use crate::storage::media_hashes::{KnownFile, MediaHashes};
use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

/// A repair under way.
#[derive(Debug)]
pub struct Repair {
    hashes: MediaHashes,
    media: PathBuf,
    wanted: Vec<Wanted>,
    /// Files that are not there are looked for.
    missing: bool,
    repaired: Vec<String>,
    /// Places that could not be looked into, and why.
    troubles: Vec<String>,
}

#[derive(Debug)]
struct Wanted {
    name: String,
    /// What is known of one that is there and damaged.
    damaged: Option<KnownFile>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Repaired {
    pub repaired: Vec<String>,
    /// Nothing that could be looked into has their right bytes.
    pub left: Vec<String>,
    pub troubles: Vec<String>,
    /// They were not there.
    pub missing: bool,
}

impl Repair {
    /// Of the files of the `collection` that the last look found damaged.
    pub fn begin(collection: &Path) -> Result<Self> {
        let hashes = MediaHashes::open(collection)?;
        let media = collection.with_extension("media");
        let wanted = hashes.all()?.into_values().filter(|file| file.rotten);
        let wanted = wanted.filter(|file| untouched(&media, file));
        let mut wanted: Vec<Wanted> = wanted
            .map(|file| Wanted {
                name: file.name.clone(),
                damaged: Some(file),
            })
            .collect();
        wanted.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self {
            hashes,
            media,
            wanted,
            missing: false,
            repaired: Vec::new(),
            troubles: Vec::new(),
        })
    }

    /// Of files of those names that are not beside the `collection`.
    pub fn of_missing(collection: &Path, names: &[String]) -> Result<Self> {
        let media = collection.with_extension("media");
        let gone = |name: &&String| is_one_component(name) && !media.join(name).exists();
        let wanted = names.iter().filter(gone).map(|name| Wanted {
            name: name.clone(),
            damaged: None,
        });
        Ok(Self {
            hashes: MediaHashes::open(collection)?,
            wanted: wanted.collect(),
            media,
            missing: true,
            repaired: Vec::new(),
            troubles: Vec::new(),
        })
    }

    /// Every file has its right bytes.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.wanted.is_empty()
    }

    /// From files that were deleted.
    pub fn try_trash(&mut self, progress: &Progress) -> Result<()> {
        let trash = trash::folder_of(&self.media)?;
        let mut damaged = Vec::new();
        let done = self.try_each(progress, |file, out| {
            // One that cannot be read there is looked for elsewhere.
            Ok(
                copied(&trash.join(&file.name), out).unwrap_or_else(|error| {
                    damaged.push(format!("{}: {}", file.name, error.what()));
                    false
                }),
            )
        });
        self.troubles.append(&mut damaged);
        done
    }

    /// From a package; one that cannot be read is told at the end.
    pub fn try_package(&mut self, path: &Path, progress: &Progress) -> Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let result = MediaSource::of(path).and_then(|mut source| {
            let media = self.media.clone();
            if !source.has_any() {
                return Ok(());
            }
            let mut damaged = Vec::new();
            let done = self.try_each(progress, |file, out| {
                match source.unpack(&file.name, out, Some(&media), progress) {
                    // One that is damaged there costs no other.
                    Err(error) if error.kind() == ErrorKind::Corrupt => {
                        damaged.push(format!("{name}: {}", error.what()));
                        Ok(false)
                    }
                    found => Ok(found?.is_some()),
                }
            });
            self.troubles.append(&mut damaged);
            done
        });
        self.reached(&name, result)
    }

    /// From the snapshots of the profile `label`, also those of its former names, the newest first.
    pub fn try_vault(
        &mut self,
        name: &str,
        vault: Result<Vault>,
        (label, former): (&str, &[Former]),
    ) -> Result<()> {
        let result = vault.and_then(|vault| {
            for snapshot in vault.snapshots()? {
                let is_former = || former.iter().any(|f| f.made(&snapshot, vault.machine()));
                if !self.is_done() && (snapshot.label == label || is_former()) {
                    self.try_snapshot(&vault, &snapshot)?;
                }
            }
            Ok(())
        });
        self.reached(name, result)
    }

    fn try_snapshot(&mut self, vault: &Vault, snapshot: &Snapshot) -> Result<()> {
        let progress = vault.progress();
        let room = StagingDir::create_in(crate::base::files::parent(&self.media)?)?;
        let inside = |file: &Wanted| Path::new(MEDIA).join(&file.name);
        let wanted: HashSet<PathBuf> = self.wanted.iter().map(inside).collect();
        let is_wanted = |path: &Path| wanted.contains(path);
        fetch_some(vault, snapshot, is_wanted, room.path())?;
        self.try_each(&progress, |file, out| {
            copied(&room.path().join(inside(file)), out)
        })
    }

    /// What was found at a place. One that cannot be looked into has nothing, which is told at the
    /// end; fails only when it was cancelled.
    pub fn reached<T: Default>(&mut self, name: &str, found: Result<T>) -> Result<T> {
        match found {
            Err(error) if !error.is_interrupted() => {
                self.troubles.push(format!("{name}: {}", error.what()));
                Ok(T::default())
            }
            found => found,
        }
    }

    /// `bring` writes what a place has of a file; whether it has any.
    fn try_each(
        &mut self,
        progress: &Progress,
        mut bring: impl FnMut(&Wanted, &mut File) -> Result<bool>,
    ) -> Result<()> {
        let mut files = std::mem::take(&mut self.wanted).into_iter();
        while let Some(file) = files.next() {
            let done = progress.check().and_then(|()| {
                let mut part = PartialFile::create(&self.media.join(&file.name))?;
                if !bring(&file, part.file())? {
                    return Ok(false);
                }
                let Some(damaged) = &file.damaged else {
                    part.commit_new()?;
                    return Ok(true);
                };
                if content_hash(part.path(), progress)? != damaged.blake3 {
                    return Ok(false);
                }
                self.exchange(damaged, part)
            });
            match done {
                Ok(true) => self.repaired.push(file.name),
                Ok(false) => self.wanted.push(file),
                Err(error) => {
                    self.wanted.push(file);
                    self.wanted.extend(files);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// The damaged file also to the trash, then the right one in its place at once; false when somebody has written
    /// it meanwhile.
    fn exchange(&mut self, file: &KnownFile, part: PartialFile) -> Result<bool> {
        if !untouched(&self.media, file) {
            return Ok(false);
        }
        let path = self.media.join(&file.name);
        match trash::keep(&self.media, &path) {
            // What the disk does not give any more cannot be kept.
            Err(error) if error.kind() == ErrorKind::Io => {
                tracing::warn!("{} is not kept: {error}", file.name);
            }
            kept => kept?,
        }
        part.commit()?;
        let (size, mtime) = stamp(&path)?;
        let known = KnownFile {
            size,
            mtime,
            rotten: false,
            ..file.clone()
        };
        self.hashes.note(&[known], &[], None)?;
        Ok(true)
    }

    #[must_use]
    pub fn finish(self) -> Repaired {
        Repaired {
            repaired: self.repaired,
            left: self.wanted.into_iter().map(|file| file.name).collect(),
            troubles: self.troubles,
            missing: self.missing,
        }
    }
}

impl Repaired {
    /// For the log of runs: what is left is a failure.
    #[must_use]
    pub fn outcome(&self) -> (Outcome, String) {
        let outcome = match self.left.is_empty() {
            true => Outcome::Done,
            false => Outcome::Failed,
        };
        (outcome, self.told())
    }

    /// For people and for the log of runs.
    #[must_use]
    pub fn told(&self) -> String {
        let (n, left) = (self.repaired.len(), self.left.len());
        let mut words = match (self.missing, left) {
            (true, 0) => mark!("{n} brought back", n),
            (true, _) => mark!(
                "{n} brought back, {left} not: there is no copy of them",
                n,
                left
            ),
            (false, 0) => mark!("{n} repaired", n),
            (false, _) => mark!(
                "{n} repaired, {left} not: no copy of them is right",
                n,
                left
            ),
        };
        for trouble in &self.troubles {
            words.push_str(&format!("; {trouble}"));
        }
        words
    }
}

/// Nobody has written it since it was found damaged.
fn untouched(media: &Path, file: &KnownFile) -> bool {
    let now = stamp(&media.join(&file.name));
    now.is_ok_and(|now| now == (file.size, file.mtime))
}

/// Whether there is such a file.
fn copied(from: &Path, out: &mut File) -> Result<bool> {
    if !from.is_file() {
        return Ok(false);
    }
    let mut source = File::open(from).at(from)?;
    std::io::copy(&mut source, out).at(from)?;
    Ok(true)
}
