//! Media files of a package: those that imported notes use, and static ones. A file whose name is
//! taken by another gets the hash of its content into its name. Notes get the names that the files
//! have here, where the package spells them otherwise.

use crate::base::Result;
use crate::base::error::{AtPath as _, Error};
use crate::base::files::{self, if_there};
use crate::base::job::Progress;
use crate::domain::media_refs::is_static;
use crate::formats::reader::{Package, PackedMedia};
use crate::media::folder::{ignores_case, require_there};
use crate::media::hash::{MediaHash, hash_file};
use crate::media::names::{self, with_hash};
use crate::media::trash::{self, move_to};
use crate::t;
use std::collections::HashMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Files that are unpacked at once: more than there are processors, because of the disk.
const UNPACKERS: usize = 4;
/// Unpacked files of one unpacker that wait to be synced; each holds a descriptor, of which macOS
/// gives 256.
const UNSYNCED: usize = if cfg!(target_os = "linux") { 64 } else { 16 };

pub(super) struct MediaImport<'a> {
    package: &'a mut Package,
    files: &'a [PackedMedia],
    /// By the name in the package, and by the one that it may have here.
    by_name: HashMap<&'a str, usize>,
    folder: &'a Path,
    staging: PathBuf,
    /// What is in the folder, by lower-cased name.
    present: HashMap<String, String>,
    /// The name here of each file that was asked for.
    claimed: HashMap<usize, String>,
    /// Which files took these names, and how they are written.
    taken: HashMap<String, (usize, String)>,
    /// Whether the folder takes `A.png` and `a.png` for one file.
    ignores_case: bool,
    /// What is taken: its place in `files`, in the staging folder, and the name that it will have.
    staged: Vec<(usize, PathBuf, String)>,
    added: u64,
    renamed: u64,
    rehearsal: bool,
    progress: &'a Progress,
}

impl<'a> MediaImport<'a> {
    pub(super) fn new(
        package: &'a mut Package,
        files: &'a [PackedMedia],
        folder: &'a Path,
        staging: &Path,
        rehearsal: bool,
        progress: &'a Progress,
    ) -> Result<Self> {
        let staging = staging.join("media");
        if !files.is_empty() && !staging.exists() {
            std::fs::create_dir(&staging).at(&staging)?;
        }
        let ignores_case = !files.is_empty() && (ignores_case(&staging) || ignores_case(folder));
        let mut this = Self {
            package,
            files,
            by_name: by_name(files),
            folder,
            staging,
            present: if files.is_empty() {
                HashMap::new()
            } else {
                names_in(folder)?
            },
            claimed: HashMap::new(),
            taken: HashMap::new(),
            ignores_case,
            staged: Vec::new(),
            added: 0,
            renamed: 0,
            rehearsal,
            progress,
        };
        for (index, file) in files.iter().enumerate() {
            if is_static(&file.name) && !this.stays(&file.name) {
                file.require_present()?;
                this.take(index, &file.name);
            }
        }
        Ok(this)
    }

    /// Whether a static file in the folder stays as it is. Anki looks for the name in lower case
    /// among those that are there, so a file with capitals gives way to that of the package.
    fn stays(&self, name: &str) -> bool {
        let lower = name.to_lowercase();
        self.present.get(&lower) == Some(&lower)
    }

    /// Says that a note uses the file; returns its name here when the note must be given it.
    pub(super) fn claim(&mut self, name: &str) -> Result<Option<String>> {
        let normal = names::fit(name);
        let found = self.by_name.get(name).or(self.by_name.get(&*normal));
        let Some(&index) = found else {
            return Ok(fit_alone(name, &normal));
        };
        if !self.claimed.contains_key(&index) {
            let here = self.settle(index)?;
            self.claimed.insert(index, here);
        }
        Ok(self
            .claimed
            .get(&index)
            .filter(|here| *here != name)
            .cloned())
    }

    /// Brings the file in, unless it is there; its name here.
    fn settle(&mut self, index: usize) -> Result<String> {
        let files = self.files;
        files[index].require_present()?;
        let file = &files[index].name;
        if is_static(file) {
            // Taken already, or there is one of that name.
            return Ok(file.clone());
        }
        let mut name = file.clone();
        let mut tries = 0_u32;
        while let Some((there, hash)) = self.holder(&name)? {
            self.progress.check()?;
            let theirs = self.hash_of(index)?;
            if hash == theirs {
                // Written with other capitals, it would not be found.
                self.renamed += u64::from(tries > 0);
                return Ok(there);
            }
            tries += 1;
            name = match tries {
                1 => with_hash(file, &theirs),
                n => with_hash(&format!("{n}-{file}"), &theirs),
            };
        }
        self.take(index, &name);
        self.renamed += u64::from(tries > 0);
        Ok(name)
    }

    /// The file that has the name here, or will have it: how it is written, and its hash.
    fn holder(&mut self, name: &str) -> Result<Option<(String, MediaHash)>> {
        if let Some(present) = self.present.get(&name.to_lowercase()) {
            let hash = hash_file(&self.folder.join(present))?;
            return Ok(Some((present.clone(), hash)));
        }
        match self.taken.get(&self.one_of(name)).cloned() {
            Some((other, there)) => Ok(Some((there, self.hash_of(other)?))),
            None => Ok(None),
        }
    }

    /// The same for all names that the folder takes for one.
    fn one_of(&self, name: &str) -> String {
        match self.ignores_case {
            true => name.to_lowercase(),
            false => name.to_owned(),
        }
    }

    fn hash_of(&mut self, index: usize) -> Result<MediaHash> {
        match self.files[index].sha1() {
            Some(hash) => Ok(hash),
            None => {
                let sink = &mut std::io::sink();
                self.package
                    .unpack_media(&self.files[index], sink, None, self.progress)
            }
        }
    }

    /// The file is to be in the folder under `name` at the end.
    fn take(&mut self, index: usize, name: &str) {
        self.added += 1;
        let one = self.one_of(name);
        self.taken.insert(one, (index, name.to_owned()));
        if !self.rehearsal {
            let path = self.staging.join(index.to_string());
            self.staged.push((index, path, name.to_owned()));
        }
    }

    /// Unpacks and syncs what was taken, several files at once: each waits for the disk.
    fn unpack_all(&self, progress: &Progress) -> Result<()> {
        let next = AtomicUsize::new(0);
        let work = || -> Result<()> {
            let mut package = Package::open(self.package.path())?;
            let mut written = Vec::new();
            while let Some((index, path, _)) = self.staged.get(next.fetch_add(1, Ordering::Relaxed))
            {
                let mut out = BufWriter::new(File::create(path).at(path)?);
                let file = &self.files[*index];
                package.unpack_media(file, &mut out, Some(&self.staging), progress)?;
                let file = out.into_inner().map_err(|e| e.into_error()).at(path)?;
                written.push((file, path.clone()));
                if written.len() == UNSYNCED {
                    files::sync_written(&written)?;
                    written.clear();
                }
                progress.step(1)?;
            }
            files::sync_written(&written)
        };
        thread::scope(|scope| {
            let mut workers = Vec::new();
            for _ in 0..UNPACKERS.min(self.staged.len()) {
                let worker = thread::Builder::new().name("package-media".into());
                workers.push(worker.spawn_scoped(scope, work)?);
            }
            let ended = |worker: thread::ScopedJoinHandle<'_, Result<()>>| match worker.join() {
                Ok(result) => result,
                Err(_) => Err(Error::bug("unpacking the media ended unexpectedly")),
            };
            // All are waited for, whatever the first says.
            let results: Vec<Result<()>> = workers.into_iter().map(ended).collect();
            results.into_iter().collect()
        })
    }

    /// Moves everything into the media folder, or nothing.
    pub(super) fn move_in(&mut self, progress: &Progress) -> Result<Moved> {
        if self.staged.is_empty() {
            return Ok(Moved::default());
        }
        progress.stage(t!("Adding media files"), self.staged.len() as u64)?;
        self.unpack_all(progress)?;
        std::fs::create_dir_all(self.folder).at(self.folder)?;
        let staged = self.staged.iter();
        let staged = staged.map(|(_, from, name)| (from.as_path(), name.as_str()));
        Moved::all(self.folder, staged, progress)
    }

    pub(super) fn added(&self) -> u64 {
        self.added
    }

    pub(super) fn renamed(&self) -> u64 {
        self.renamed
    }
}

/// Files that came into the media folder, each with where the one is kept whose place it took.
#[derive(Debug, Default)]
pub(super) struct Moved(Vec<(PathBuf, Option<PathBuf>)>);

impl Moved {
    /// All of them, or none.
    fn all<'f>(
        folder: &Path,
        staged: impl Iterator<Item = (&'f Path, &'f str)>,
        progress: &Progress,
    ) -> Result<Self> {
        let mut moved = Self::default();
        for (from, name) in staged {
            if let Err(error) = moved.add(folder, from, name, progress) {
                moved.take_out()?;
                return Err(error);
            }
        }
        if let Err(error) = files::sync_dir(folder) {
            moved.take_out()?;
            return Err(error);
        }
        Ok(moved)
    }

    fn add(&mut self, folder: &Path, from: &Path, name: &str, progress: &Progress) -> Result<()> {
        progress.check()?;
        let to = folder.join(name);
        let replaced = to.exists().then(|| trash_place(folder, &to)).transpose()?;
        if let Some(place) = &replaced {
            move_to(&to, place)?;
        }
        self.0.push((to.clone(), replaced));
        move_to(from, &to).map(drop)
    }

    /// Takes them out again; what was there before is there again. One that cannot come back keeps
    /// no other from it; the first such failure is told.
    pub(super) fn take_out(&self) -> Result<()> {
        let mut result = Ok(());
        // The last one first: two may have had one place, one after the other.
        for (path, replaced) in self.0.iter().rev() {
            // What cannot be removed is an unused file, which Check Media shows.
            drop(std::fs::remove_file(path));
            if let Some(place) = replaced {
                result = result.and(move_to(place, path).map(drop));
            }
        }
        result
    }
}

fn by_name(files: &[PackedMedia]) -> HashMap<&str, usize> {
    let mut found = HashMap::new();
    for (index, file) in files.iter().enumerate() {
        found.insert(file.listed_name(), index);
    }
    for (index, file) in files.iter().enumerate() {
        found.entry(file.name.as_str()).or_insert(index);
    }
    found
}

/// What a note calls a file that the package does not have: as it would be named in the folder. A
/// path stays, and so does a name of which nothing would be left.
fn fit_alone(name: &str, normal: &str) -> Option<String> {
    let is_path = name.contains('/') || matches!(name, "." | "..");
    let stays = is_path || name == normal || normal.is_empty() || name.trim().is_empty();
    (!stays).then(|| normal.to_owned())
}

/// Where a static file that gives way to a newer one is kept: beside the media folder, its content
/// in its name, so that nothing there is overwritten by something else.
fn trash_place(folder: &Path, file: &Path) -> Result<PathBuf> {
    let trash = trash::folder_of(folder)?;
    std::fs::create_dir_all(&trash).at(&trash)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    Ok(trash.join(with_hash(&name, &hash_file(file)?)))
}

fn names_in(folder: &Path) -> Result<HashMap<String, String>> {
    require_there(folder)?;
    let mut names = HashMap::new();
    let Some(entries) = if_there(std::fs::read_dir(folder)).at(folder)? else {
        return Ok(names);
    };
    for entry in entries {
        let entry = entry.at(folder)?;
        if let Ok(name) = entry.file_name().into_string() {
            names.insert(name.to_lowercase(), name);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As on Windows and macOS: a folder in capitals is there beside each one.
    #[test]
    fn names_that_are_one_file_here_become_two() {
        use std::io::Write as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("two.apkg");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        let entries: [(&str, &[u8]); 4] = [
            ("collection.anki2", b"x"),
            ("media", br#"{"0":"A.png","1":"a.png"}"#),
            ("0", b"one"),
            ("1", b"other"),
        ];
        for (name, content) in entries {
            let options = zip::write::SimpleFileOptions::default()
                .compression_method(zip::CompressionMethod::Stored);
            zip.start_file(name, options).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap();
        let folder = dir.path().join("collection.media");
        for ignores_case in [false, true] {
            let staging = dir.path().join(format!("staging {ignores_case}"));
            std::fs::create_dir_all(staging.join("media")).unwrap();
            if ignores_case {
                std::fs::create_dir(staging.join("MEDIA")).unwrap();
            }
            let mut package = Package::open(&path).unwrap();
            let files = package.media().unwrap();
            let progress = Progress::new();
            let mut import =
                MediaImport::new(&mut package, &files, &folder, &staging, true, &progress).unwrap();
            assert_eq!(import.claim("A.png").unwrap(), None);
            let second = import.claim("a.png").unwrap();
            assert_eq!(second.is_some(), ignores_case, "{second:?}");
            assert_eq!(import.added(), 2);
        }
    }

    #[test]
    fn a_static_file_is_back_when_the_new_one_cannot_take_its_place() {
        let room = tempfile::tempdir().unwrap();
        let folder = room.path().join("collection.media");
        std::fs::create_dir(&folder).unwrap();
        let (old, new) = (folder.join("_Font.ttf"), room.path().join("0"));
        std::fs::write(&old, "old").unwrap();
        std::fs::write(&new, "new").unwrap();
        let gone = room.path().join("1");
        let staged = |other| [(new.as_path(), "a.png"), (other, "_Font.ttf")].into_iter();
        let read = |path: &Path| std::fs::read_to_string(path).unwrap();
        Moved::all(&folder, staged(gone.as_path()), &Progress::new()).unwrap_err();
        assert_eq!(read(&old), "old");
        assert!(!folder.join("a.png").exists(), "nothing is left behind");
        // All came, and the import could not be kept all the same.
        std::fs::write(&new, "new").unwrap();
        std::fs::write(&gone, "newer").unwrap();
        let moved = Moved::all(&folder, staged(gone.as_path()), &Progress::new()).unwrap();
        assert_eq!(read(&old), "newer");
        moved.take_out().unwrap();
        assert_eq!(read(&old), "old");
        assert!(!folder.join("a.png").exists());
        // Two files of one name, or of names that the folder takes for one.
        std::fs::write(&new, "new").unwrap();
        std::fs::write(&gone, "newer").unwrap();
        let twice = [(new.as_path(), "_Font.ttf"), (gone.as_path(), "_Font.ttf")];
        let moved = Moved::all(&folder, twice.into_iter(), &Progress::new()).unwrap();
        assert_eq!(read(&old), "newer");
        moved.take_out().unwrap();
        assert_eq!(read(&old), "old");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    }
}
