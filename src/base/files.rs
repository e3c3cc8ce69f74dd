//! Files that are either whole or absent: written under a temporary name in the same folder,
//! synced, renamed, and the folder synced. Left-over temporary names start with [`TEMP_PREFIX`]
//! and may be deleted at start-up; in folders that are not ours, `room` says whose they are.

use super::error::{AtPath as _, Error, Result};
use super::room::Room;
use crate::mark;
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Every temporary file or folder of ours starts with this.
pub const TEMP_PREFIX: &str = ".engram-tmp-";
/// Bytes that are read or written at a time where a whole file passes through memory.
pub const BUFFER: usize = 1 << 18;

/// A file that gets its final name only through [`PartialFile::commit`]; dropped, it vanishes.
#[derive(Debug)]
pub struct PartialFile {
    temp: tempfile::NamedTempFile,
    target: PathBuf,
    /// Perhaps more than it needs.
    has_room: bool,
    // After the file, which is in it.
    _room: Option<Room>,
}

impl PartialFile {
    /// Starts a file beside `target`.
    pub fn create(target: &Path) -> Result<Self> {
        let folder = parent(target)?;
        Ok(Self {
            temp: temp_in(folder, Readers::Owner)?,
            target: target.to_owned(),
            has_room: false,
            _room: None,
        })
    }

    /// As [`Self::create`], where nobody looks after what a killed run leaves: the file is in a
    /// [`Room`] beside `target`, and what lies there from before is deleted.
    pub fn create_in_room(target: &Path) -> Result<Self> {
        Self::in_room(target, Readers::Owner)
    }

    /// As [`Self::create_in_room`], of a file that the user takes elsewhere: whoever may read the
    /// user's other new files may read it too.
    pub fn create_for_user(target: &Path) -> Result<Self> {
        Self::in_room(target, Readers::AsUsual)
    }

    fn in_room(target: &Path, readers: Readers) -> Result<Self> {
        let folder = parent(target)?;
        // There are places where files can be made and no folders.
        let room = Room::create_in(folder).ok();
        let within = room.as_ref().map_or(folder, Room::path);
        Ok(Self {
            temp: temp_in(within, readers)?,
            target: target.to_owned(),
            has_room: false,
            _room: room,
        })
    }

    /// The final path.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    pub fn file(&mut self) -> &mut File {
        self.temp.as_file_mut()
    }

    /// The temporary path, for reading back what was written.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.temp.path()
    }

    /// Before anything is written: asks the system for room for about `bytes`, which makes it less
    /// work to write them. Where there is none, or no such thing, all goes on without;
    /// [`Self::give_back_room`] is for what was too much, and part of [`Self::commit`].
    pub fn reserve(&mut self, bytes: u64) {
        #[cfg(target_os = "linux")]
        {
            let (file, keep) = (self.temp.as_file(), rustix::fs::FallocateFlags::KEEP_SIZE);
            match rustix::fs::fallocate(file, keep, 0, bytes) {
                Ok(()) => self.has_room = true,
                // Some of it may have been there.
                Err(_) => drop(file.set_len(0)),
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = bytes;
    }

    /// When everything is written: gives back what [`Self::reserve`] got too much of.
    pub fn give_back_room(&mut self) -> Result<()> {
        if std::mem::take(&mut self.has_room) {
            let file = self.temp.as_file();
            let fit = || file.set_len(file.metadata()?.len());
            fit().at(&self.target)?;
        }
        Ok(())
    }

    /// Writes the data to disk, without giving the file its name yet.
    pub fn sync(&self) -> Result<()> {
        self.temp.as_file().sync_all().at(&self.target)
    }

    /// Syncs, renames over `target` and syncs the folder.
    pub fn commit(mut self) -> Result<()> {
        self.give_back_room()?;
        self.sync()?;
        let folder = parent(&self.target)?.to_owned();
        self.temp
            .persist(&self.target)
            .map_err(|e| Error::from(e.error).at(&self.target))?;
        sync_dir(&folder)
    }

    /// As [`Self::commit`], for a file that only has to last as long as we run.
    pub fn commit_unsynced(self) -> Result<()> {
        self.temp
            .persist(&self.target)
            .map_err(|e| Error::from(e.error).at(&self.target))?;
        Ok(())
    }

    /// As [`Self::commit`], but fails when `target` exists by now.
    pub fn commit_new(mut self) -> Result<()> {
        use std::io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
        self.give_back_room()?;
        self.sync()?;
        let folder = parent(&self.target)?.to_owned();
        let named = match self.temp.persist_noclobber(&self.target) {
            // There are file systems that can neither rename so nor give second names.
            Err(e)
                if matches!(
                    e.error.kind(),
                    InvalidInput | PermissionDenied | Unsupported
                ) =>
            {
                name_if_free(e.file, &self.target)
            }
            named => named.map(drop).map_err(|e| e.error),
        };
        named.at(&self.target)?;
        sync_dir(&folder)
    }
}

/// Looks first and renames then, which only programs that do the same at this very moment can harm.
fn name_if_free(temp: tempfile::NamedTempFile, target: &Path) -> std::io::Result<()> {
    match target.symlink_metadata() {
        Ok(_) => Err(std::io::ErrorKind::AlreadyExists.into()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            temp.persist(target).map(drop).map_err(|e| e.error)
        }
        Err(e) => Err(e),
    }
}

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers {
    Owner,
    /// Whom the user's mask lets.
    AsUsual,
}

fn temp_in(folder: &Path, readers: Readers) -> Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    if readers == Readers::AsUsual {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = readers;
    builder.prefix(TEMP_PREFIX).tempfile_in(folder).at(folder)
}

/// Writes `target` whole or not at all.
pub fn write_atomic(target: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    write_whole(PartialFile::create(target)?, write)
}

/// As [`write_atomic`], for a place that is not ours; see [`PartialFile::create_in_room`].
pub fn write_in_room(
    target: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    write_whole(PartialFile::create_in_room(target)?, write)
}

/// Writes a value as JSON, whole or not at all.
pub fn write_json(target: &Path, value: &(impl Serialize + ?Sized)) -> Result<()> {
    let text = json(value)?;
    write_atomic(target, |out| out.write_all(&text).at(target))
}

/// As [`write_json`], for a place that is not ours; see [`PartialFile::create_in_room`].
pub fn write_json_in_room(target: &Path, value: &impl Serialize) -> Result<()> {
    let text = json(value)?;
    write_in_room(target, |out| out.write_all(&text).at(target))
}

/// All of it before anything is written: what fails then is the disk, and told as that.
fn json(value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value)
        .map_err(|e| Error::bug("a value cannot be written as JSON").because(e))
}

/// As [`write_atomic`], for a file that the user takes elsewhere; see
/// [`PartialFile::create_for_user`].
pub fn write_for_user(
    target: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    write_whole(PartialFile::create_for_user(target)?, write)
}

fn write_whole(
    mut partial: PartialFile,
    write: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    let target = partial.target.clone();
    {
        let mut out = BufWriter::new(partial.file());
        write(&mut out)?;
        out.flush().at(&target)?;
    }
    partial.commit()
}

/// Writes a file unless there is one of that name, whosever folder it is; see
/// [`PartialFile::create_in_room`].
pub fn write_once(target: &Path, content: &[u8]) -> Result<()> {
    if target.exists() {
        return Ok(());
    }
    let mut partial = PartialFile::create_in_room(target)?;
    partial.file().write_all(content).at(target)?;
    partial.commit_new()
}

/// Of what was done to a file or folder: None where there is none.
pub fn if_there<T>(done: std::io::Result<T>) -> std::io::Result<Option<T>> {
    match done {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        done => done.map(Some),
    }
}

/// `name`, `name-2`, `name-3` and so on, with `sign` before the number: names for what may find its
/// own taken.
pub fn numbered(name: &str, sign: char) -> impl Iterator<Item = String> + use<> {
    let name = name.to_owned();
    (1u32..).map(move |n| match n {
        1 => name.clone(),
        n => format!("{name}{sign}{n}"),
    })
}

/// The content of `from` in the file `to`, which may be written whatever may be done to `from`:
/// `std::fs::copy` makes a copy of what may only be read that may only be read, too.
pub fn copy_to_write(from: &Path, to: &Path) -> Result<()> {
    let mut source = File::open(from).at(from)?;
    let mut target = File::create(to).at(to)?;
    std::io::copy(&mut source, &mut target).at(from)?;
    Ok(())
}

/// Writes a file to disk that somebody else wrote and closed. Windows does so only through a handle
/// that may write.
pub fn sync_file(path: &Path) -> std::io::Result<()> {
    File::options().write(true).open(path)?.sync_all()
}

/// Writes many small files of one folder to disk, once written: where the system can be asked for
/// all of them at once, the disk is waited for once, not once for each.
pub fn sync_written(files: &[(File, PathBuf)]) -> Result<()> {
    #[cfg(target_os = "linux")]
    if let [(first, _), _, _, ..] = files
        && tells_of_all_files(first)
        && rustix::fs::syncfs(first).is_ok()
    {
        return Ok(());
    }
    // Each says which it is that cannot be written.
    files
        .iter()
        .try_for_each(|(file, path)| file.sync_data().at(path))
}

/// As [`sync_written`], of files that are closed again and may be in several folders: true when all
/// of them are on the disk. `opened`, a file or folder of that disk, was opened before they were
/// written. False where that cannot be had, or is not worth it for so few: then each is to be synced.
#[must_use]
pub fn synced_at_once(opened: &File, written: &[PathBuf]) -> bool {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt as _;
        // For fewer the whole disk, with what others wrote to it, is not waited for.
        const MANY: usize = 32;
        let disk = |meta: std::io::Result<std::fs::Metadata>| meta.ok().map(|meta| meta.dev());
        let here = disk(opened.metadata());
        let is_here = |path: &PathBuf| disk(std::fs::metadata(path)) == here;
        written.len() >= MANY
            && here.is_some()
            && tells_of_all_files(opened)
            && written.iter().all(is_here)
            && rustix::fs::syncfs(opened).is_ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (opened, written);
        false
    }
}

/// Whether `syncfs` waits for a disk, and fails for whatever could not be written since this file
/// was opened: it does so since Linux 5.8, on file systems that are on a disk of this machine.
#[cfg(target_os = "linux")]
fn tells_of_all_files(file: &File) -> bool {
    use rustix::fs::FsWord;
    const EXT: FsWord = 0xef53;
    const XFS: FsWord = 0x5846_5342;
    const BTRFS: FsWord = 0x9123_683e;
    const F2FS: FsWord = 0xf2f5_2010;
    let new_enough = || {
        let system = rustix::system::uname();
        let mut version = system.release().to_str().unwrap_or_default().split('.');
        let mut number = || version.next().and_then(|part| part.parse::<u32>().ok());
        number().zip(number()) >= Some((5, 8))
    };
    rustix::fs::fstatfs(file)
        .is_ok_and(|on| matches!(on.f_type, EXT | XFS | BTRFS | F2FS) && new_enough())
}

/// Makes a rename or a new file in `folder` survive a power cut, where the file system can do that:
/// shared folders of virtual machines and some network disks sync no folders.
pub fn sync_dir(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    match File::open(folder).and_then(|d| d.sync_all()) {
        Err(e)
            if matches!(
                e.kind(),
                std::io::ErrorKind::InvalidInput | std::io::ErrorKind::Unsupported
            ) => {}
        synced => synced.at(folder)?,
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// At most `most` bytes of `file`, in the place of what was in `into`, whose memory is used again.
pub fn read_up_to(file: &mut impl Read, most: usize, into: &mut Vec<u8>) -> std::io::Result<()> {
    if into.capacity() < most {
        // Nothing of what was in it is wanted, and no more memory than this.
        *into = Vec::with_capacity(most);
    }
    into.resize(most, 0);
    let mut there = 0;
    while there < most {
        match file.read(&mut into[there..]) {
            Ok(0) => break,
            Ok(n) => there += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    into.truncate(there);
    Ok(())
}

/// The folder that holds `path`.
pub fn parent(path: &Path) -> Result<&Path> {
    path.parent()
        .map(|p| {
            if p.as_os_str().is_empty() {
                Path::new(".")
            } else {
                p
            }
        })
        .ok_or_else(|| Error::invalid(mark!("the path has no folder")).at(path))
}

/// A folder for work in progress, deleted with everything in it when dropped.
#[derive(Debug)]
pub struct StagingDir(tempfile::TempDir);

impl StagingDir {
    /// Inside `folder`, so that renames out of it stay on one file system.
    pub fn create_in(folder: &Path) -> Result<Self> {
        private_folder(folder).map(Self)
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// A new temporary folder that its owner alone may enter, deleted with what is in it when dropped.
pub fn private_folder(inside: &Path) -> Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMP_PREFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(inside).at(inside)
}

/// Deletes what crashed runs left behind in `folder`; returns how many.
pub fn remove_leftovers(folder: &Path) -> Result<usize> {
    let mut removed = 0;
    let Some(entries) = if_there(std::fs::read_dir(folder)).at(folder)? else {
        return Ok(0);
    };
    for entry in entries {
        let entry = entry.at(folder)?;
        if entry.file_name().to_string_lossy().starts_with(TEMP_PREFIX) {
            let path = entry.path();
            let gone = if entry.file_type().at(&path)?.is_dir() {
                std::fs::remove_dir_all(&path)
            } else {
                std::fs::remove_file(&path)
            };
            match gone {
                // Somebody else's, who has just completed it.
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                gone => {
                    gone.at(&path)?;
                    removed += 1;
                }
            }
        }
    }
    Ok(removed)
}

/// Bytes that may still be written on the file system that holds `path`; as many as can be counted on
/// one that does not say how large it is, as some over the network.
pub fn free_space(path: &Path) -> Result<u64> {
    let stats = fs4::statvfs(path).at(path)?;
    Ok(match stats.total_space() {
        0 => u64::MAX,
        _ => stats.available_space(),
    })
}

/// Whether two names lead to one file, which renaming one to the other would leave under both.
/// Where the system does not say, no.
#[must_use]
pub fn is_same_file(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let id = |path: &Path| std::fs::metadata(path).map(|m| (m.dev(), m.ino()));
        match (id(a), id(b)) {
            (Ok(a), Ok(b)) => a == b,
            _ => false,
        }
    }
    #[cfg(not(unix))]
    {
        let _ = (a, b);
        false
    }
}

/// Whether `path` leads to the open file, and not to another one that took its place. Where the system
/// does not say, yes: there nobody replaces what is open.
#[must_use]
pub fn leads_to(path: &Path, file: &File) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        match (std::fs::metadata(path), file.metadata()) {
            (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
            _ => false,
        }
    }
    #[cfg(not(unix))]
    {
        let _ = (path, file);
        true
    }
}

/// What tells disks apart: paths with the same number are lost together. None where the system
/// does not say.
#[must_use]
pub fn disk_of(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata(path).ok().map(|meta| meta.dev())
    }
    #[cfg(not(unix))]
    {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let path = std::fs::canonicalize(path).ok()?;
        let drive = path.components().next()?;
        let mut hash = DefaultHasher::new();
        drive.as_os_str().to_ascii_lowercase().hash(&mut hash);
        Some(hash.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[cfg(unix)]
    #[test]
    fn what_the_user_takes_elsewhere_is_read_by_whom_the_mask_lets() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let write = |out: &mut dyn Write| Ok(out.write_all(b"x")?);
        File::create(path("usual")).unwrap();
        write_for_user(&path("export"), write).unwrap();
        write_in_room(&path("secret"), write).unwrap();
        let mode = |name| path(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("export"), mode("usual"));
        assert_eq!(mode("secret"), 0o600);
    }

    /// `/proc` answers as such disks do.
    #[cfg(target_os = "linux")]
    #[test]
    fn folders_that_cannot_be_synced_are_no_failure_and_missing_ones_are() {
        let proc = Path::new("/proc");
        let asked = File::open(proc).and_then(|folder| folder.sync_all());
        assert_eq!(asked.unwrap_err().kind(), ErrorKind::InvalidInput);
        sync_dir(proc).unwrap();
        assert!(sync_dir(Path::new("/proc/no such folder")).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_disk_that_does_not_say_how_large_it_is_is_not_full() {
        assert_eq!(free_space(Path::new("/proc")).unwrap(), u64::MAX);
        let folder = tempfile::tempdir().unwrap();
        assert!(free_space(folder.path()).unwrap() < u64::MAX);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn room_that_was_not_needed_is_given_back() {
        use std::os::unix::fs::MetadataExt as _;
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a");
        let mut partial = PartialFile::create(&target).unwrap();
        partial.reserve(8 << 20);
        assert_eq!(partial.file().metadata().unwrap().len(), 0);
        partial.file().write_all(b"a text").unwrap();
        partial.commit().unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"a text");
        let blocks = target.metadata().unwrap().blocks();
        assert!(blocks * 512 < 4 << 20, "{blocks} blocks");
    }

    #[test]
    fn without_second_names_a_file_gets_its_name_and_takes_nobodys() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a");
        let temp = |text: &str| {
            let mut temp = temp_in(folder.path(), Readers::Owner).unwrap();
            temp.write_all(text.as_bytes()).unwrap();
            temp
        };
        name_if_free(temp("first"), &target).unwrap();
        let taken = name_if_free(temp("second"), &target).unwrap_err();
        assert_eq!(taken.kind(), ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "first");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_value_that_is_no_json_leaves_what_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.json");
        write_json(&path, &["first"]).unwrap();
        let keys_are_no_text = std::collections::BTreeMap::from([((1, 2), 3)]);
        let error = write_json(&path, &keys_are_no_text).unwrap_err();
        assert_eq!(error.kind(), crate::base::ErrorKind::Bug);
        let kept: Vec<String> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(kept, ["first"]);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn names_are_numbered_from_the_second_on() {
        let names: Vec<String> = numbered("a b", ' ').take(3).collect();
        assert_eq!(names, ["a b", "a b 2", "a b 3"]);
    }
}
