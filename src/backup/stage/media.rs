//! Media files of a package on their way out of it: each under a name that is free and that the disk
//! can hold, hashed, and synced beside the unpacking. Those that the media folder has already are
//! not kept.

use super::{MediaWish, SYNC_QUEUE, StagedMedia, media_folder};
use crate::backup::write::{join, spawn};
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files::{BUFFER, StagingDir, sync_written};
use crate::base::job::Progress;
use crate::formats::reader::{Package, PackedMedia};
use crate::media::folder::ignores_case;
use crate::media::hash::{MediaHash, hash_file};
use crate::media::names::{self, with_hash};
use crate::{mark, t};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::iter;
use std::path::{Path, PathBuf};
use std::thread;

/// Unpacks what is wished of the `listed` media files into the folder of `staging`.
pub(super) fn stage(
    package: &mut Package,
    listed: &[PackedMedia],
    wish: MediaWish<'_>,
    staging: &StagingDir,
    progress: &Progress,
) -> Result<Vec<StagedMedia>> {
    let live = match wish {
        MediaWish::Ignore => return Ok(Vec::new()),
        MediaWish::Check => None,
        MediaWish::Unpack { live } => Some(live),
    };
    progress.stage(t!("Reading the media files"), listed.len() as u64)?;
    let folder = media_folder(staging);
    if live.is_some() {
        std::fs::create_dir(&folder).at(&folder)?;
    }
    thread::scope(|scope| {
        // The disk is waited for beside the unpacking, for many files at a time.
        let (to_sync, written) = crossbeam_channel::bounded::<(File, PathBuf)>(SYNC_QUEUE);
        let syncer = spawn(scope, "media-sync", move || {
            while let Ok(first) = written.recv() {
                // Whoever cancelled waits for no disk.
                progress.check()?;
                let more = written.try_iter().take(SYNC_QUEUE);
                sync_written(&iter::once(first).chain(more).collect::<Vec<_>>())?;
            }
            Ok(())
        })?;
        let mut staged = Vec::new();
        let mut taken = Taken {
            ignores_case: live.is_some_and(ignores_case),
            hashes: HashMap::new(),
        };
        let mut unpack = || -> Result<()> {
            for media in listed {
                progress.step(1)?;
                let Some(live) = live else {
                    package.unpack_media(media, &mut std::io::sink(), None, progress)?;
                    continue;
                };
                let Some(free) = free_name(package, media, &folder, &taken, progress)? else {
                    continue;
                };
                let (sha1, one) = stage_one(package, media, &free, (live, &folder), progress)?;
                let name = taken.one_of(&free);
                taken.hashes.insert(name, sha1);
                if let Some((media, file)) = one {
                    // Nobody takes it once the syncer has failed; it says why below.
                    if to_sync.send((file, folder.join(&media.name))).is_err() {
                        break;
                    }
                    staged.push(media);
                }
            }
            Ok(())
        };
        let unpacked = unpack();
        drop(to_sync);
        join(syncer)?;
        unpacked.map(|()| staged)
    })
}

/// The names that media files have, and which files.
struct Taken {
    /// Whether the media folder takes `A.png` and `a.png` for one file.
    ignores_case: bool,
    hashes: HashMap<String, MediaHash>,
}

impl Taken {
    /// The same for all names that the folder takes for one.
    fn one_of(&self, name: &str) -> String {
        match self.ignores_case {
            true => name.to_lowercase(),
            false => name.to_owned(),
        }
    }
}

/// Under which name a media file is unpacked. An older package can hold different files of one
/// name (also in other normal forms or, on some disks, in other case): each of them is kept. None:
/// this very file was unpacked already.
fn free_name(
    package: &mut Package,
    media: &PackedMedia,
    folder: &Path,
    taken: &Taken,
    progress: &Progress,
) -> Result<Option<String>> {
    let holds = |name: &str| -> Result<Option<MediaHash>> {
        let path = folder.join(name);
        match taken.hashes.get(&taken.one_of(name)) {
            Some(sha1) => Ok(Some(*sha1)),
            None if path.exists() => hash_file(&path).map(Some),
            None => Ok(None),
        }
    };
    let mut name = storable_name(media, folder).into_owned();
    let Some(mut held) = holds(&name)? else {
        return Ok(Some(name));
    };
    let sha1 = package.unpack_media(media, &mut std::io::sink(), None, progress)?;
    // A second round is for a file that has the new name of another on purpose.
    for _ in 0..2 {
        if held == sha1 {
            return Ok(None);
        }
        name = with_hash(&name, &sha1);
        match holds(&name)? {
            Some(other) => held = other,
            None => return Ok(Some(name)),
        }
    }
    Err(Error::corrupt(mark!(
        "the package holds too many media files named {name}",
        name = media.name
    )))
}

/// The name of a media file, or the one that fits everywhere where the disk of `folder` refuses its
/// own: disks that come from Windows know no `what?.png`.
fn storable_name<'a>(media: &'a PackedMedia, folder: &Path) -> Cow<'a, str> {
    let path = folder.join(&media.name);
    if names::is_normalized(&media.name) || path.exists() {
        return Cow::Borrowed(&media.name);
    }
    match File::create_new(&path) {
        // Whatever is wrong now, it is told when the file itself is made.
        Ok(_) => {
            let _ = std::fs::remove_file(&path);
            Cow::Borrowed(&media.name)
        }
        Err(_) => names::normalize(media.listed_name()),
    }
}

/// Unpacks to `folder`, unless the `live` folder has this very file under the name. The written
/// file still has to be synced.
fn stage_one(
    package: &mut Package,
    media: &PackedMedia,
    name: &str,
    (live, folder): (&Path, &Path),
    progress: &Progress,
) -> Result<(MediaHash, Option<(StagedMedia, File)>)> {
    let present = live.join(name);
    let hash_of_present = if present.is_file() {
        Some(hash_file(&present)?)
    } else {
        None
    };
    let target = folder.join(name);
    let file = File::create_new(&target).at(&target)?;
    let mut out = BufWriter::with_capacity(BUFFER, file);
    let sha1 = package.unpack_media(media, &mut out, Some(folder), progress)?;
    out.flush().at(&target)?;
    if hash_of_present == Some(sha1) {
        drop(out);
        std::fs::remove_file(&target).at(&target)?;
        return Ok((sha1, None));
    }
    let file = out
        .into_inner()
        .map_err(|e| Error::from(e.into_error()).at(&target))?;
    let media = StagedMedia {
        name: name.to_owned(),
        listed_as: (name != media.name).then(|| media.name.clone()),
        sha1,
        replaces: hash_of_present.is_some(),
    };
    Ok((sha1, Some((media, file))))
}
