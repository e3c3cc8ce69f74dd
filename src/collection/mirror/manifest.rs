//! What we wrote into a mirror: a text file in it with one line a note, in order of their ids, so that
//! it is small and can be looked at. It is read and written line by line: memory does not grow with
//! it. A damaged one is begun anew: then every file is looked at once.

use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files::{self, if_there};
use crate::base::ids::NoteId;
use crate::base::spool::Spool;
use crate::base::time::TimestampSecs;
use crate::mark;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Component, Path};

const FILE: &str = ".engram-mirror";
const HEAD: &str = "engram-mirror 1";
/// More is no file of ours: a million notes with long paths.
const LARGEST: u64 = 1 << 30;
/// Bytes of a line: decks may lie in a hundred others.
const LONGEST_LINE: u64 = 1 << 16;

/// The first half of a BLAKE3 hash.
pub(super) type Hash = [u8; 16];

pub(super) fn hash_of(bytes: &[u8]) -> Hash {
    let mut hash = Hash::default();
    hash.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
    hash
}

/// Whether `folder` has a list, and so is a mirror.
pub(super) fn is_in(folder: &Path) -> bool {
    folder.join(FILE).is_file()
}

/// A file as we wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Of the note and its cards, from `Storage::note_stamps`.
    pub stamp: u64,
    pub hash: Hash,
    /// Inside the mirror, with `/`.
    pub path: String,
}

type Listed = (NoteId, Entry);

/// What the list says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The profile, by `mirror::owner_of`.
    pub owner: String,
    /// Of decks and note types, from `Storage::names_stamp`.
    pub names: u64,
    /// When the collection was looked at.
    pub updated: TimestampSecs,
}

/// The list as it is, from its first file to its last.
#[derive(Debug)]
pub(super) struct Manifest {
    pub head: Head,
    lines: Option<BufReader<File>>,
    next: Option<Listed>,
}

impl Manifest {
    /// Of no files.
    pub fn new(owner: &str) -> Self {
        Self {
            head: Head {
                owner: owner.to_owned(),
                names: 0,
                updated: TimestampSecs(0),
            },
            lines: None,
            next: None,
        }
    }

    /// None when the folder has none.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(FILE);
        let Some(file) = if_there(File::open(&path)).at(&path)? else {
            return Ok(None);
        };
        if file.metadata().at(&path)?.len() > LARGEST {
            let what = mark!("the list of mirrored files is too large");
            return Err(Error::corrupt(what).at(&path));
        }
        let mut lines = BufReader::new(file);
        let first = read_line(&mut lines).at(&path)?;
        let head = first.as_deref().and_then(head).ok_or_else(|| {
            Error::corrupt(mark!(
                "the list of mirrored files is damaged; remove it to begin anew"
            ))
            .at(&path)
        })?;
        let mut read = Self {
            head,
            lines: None,
            next: None,
        };
        let start = lines.stream_position().at(&path)?;
        if are_sound(&mut lines).at(&path)? {
            lines.seek(SeekFrom::Start(start)).at(&path)?;
            read.lines = Some(lines);
            read.pass().at(&path)?;
        } else {
            read.head.names = 0;
        }
        Ok(Some(read))
    }

    /// The next file; the same until it is passed.
    pub fn next(&self) -> Option<&Listed> {
        self.next.as_ref()
    }

    pub fn pass(&mut self) -> Result<()> {
        let line = self.lines.as_mut().map(read_line).transpose()?.flatten();
        if line.is_none() {
            // Some systems replace no file that is open.
            self.lines = None;
        }
        // All of them were looked at before.
        self.next = line.as_deref().and_then(entry);
        Ok(())
    }
}

/// Whether each line says something, and they are in order.
fn are_sound(lines: &mut BufReader<File>) -> Result<bool> {
    let mut last = None;
    while let Some(line) = read_line(lines)? {
        match entry(&line) {
            Some((id, _)) if last.is_none_or(|last| last < id) => last = Some(id),
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// The next line; None at the end. What is no text, or too long, is one that says nothing.
fn read_line(lines: &mut BufReader<File>) -> Result<Option<String>> {
    let mut line = Vec::new();
    lines.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.ends_with(b"\n") {
        line.pop();
    }
    Ok(Some(String::from_utf8(line).unwrap_or_default()))
}

/// A list being made.
pub(super) struct NewManifest {
    lines: Spool,
    last: Option<NoteId>,
    /// How many files are in it.
    pub files: u64,
}

impl NewManifest {
    pub fn new() -> Self {
        Self {
            lines: Spool::default(),
            last: None,
            files: 0,
        }
    }

    /// Adds the file of a note with a higher id than all before.
    pub fn add(&mut self, id: NoteId, entry: &Entry) -> Result<()> {
        let hash = u128::from_be_bytes(entry.hash);
        let (stamp, path) = (entry.stamp, &entry.path);
        let line = format!("{}\t{stamp:016x}\t{hash:032x}\t{path}\n", id.0);
        self.lines.write_all(line.as_bytes())?;
        self.last = Some(id);
        self.files += 1;
        Ok(())
    }

    /// Adds what `before` has not passed.
    pub fn add_rest(&mut self, before: &mut Manifest) -> Result<()> {
        while let Some((id, entry)) = before.next() {
            if self.last.is_none_or(|last| last < *id) {
                self.add(*id, entry)?;
            }
            before.pass()?;
        }
        Ok(())
    }

    /// Writes it to the folder, in the place of the one before.
    pub fn write(self, folder: &Path, head: &Head) -> Result<()> {
        let mut lines = self.lines.into_reader()?;
        files::write_atomic(&folder.join(FILE), |out| {
            let (owner, updated) = (&head.owner, head.updated.0);
            writeln!(out, "{HEAD}\t{owner}\t{updated}\t{:016x}", head.names)?;
            std::io::copy(&mut lines, out)?;
            Ok(())
        })
    }
}

fn head(line: &str) -> Option<Head> {
    let mut parts = line.strip_prefix(HEAD)?.strip_prefix('\t')?.split('\t');
    let owner = parts.next()?.to_owned();
    let updated = TimestampSecs(parts.next()?.parse().ok()?);
    Some(Head {
        owner,
        names: u64::from_str_radix(parts.next()?, 16).ok()?,
        updated,
    })
}

fn entry(line: &str) -> Option<Listed> {
    let mut parts = line.splitn(4, '\t');
    let id = NoteId(parts.next()?.parse().ok()?);
    let stamp = u64::from_str_radix(parts.next()?, 16).ok()?;
    let hash = u128::from_str_radix(parts.next()?, 16).ok()?.to_be_bytes();
    let path = parts.next()?.to_owned();
    is_inside(&path).then_some((id, Entry { stamp, hash, path }))
}

/// Nothing outside of the folder is ever looked at, whatever a list says.
pub(super) fn is_inside(path: &str) -> bool {
    let inside = |c| matches!(c, Component::Normal(_));
    !path.is_empty() && Path::new(path).components().all(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str) -> Entry {
        Entry {
            stamp: u64::MAX,
            hash: hash_of(b"x"),
            path: path.to_owned(),
        }
    }

    /// What a list in `folder` says of itself and of files; None when there is none.
    fn read(folder: &Path) -> Option<(Head, Vec<Listed>)> {
        let mut manifest = Manifest::read(folder).unwrap()?;
        let mut files = Vec::new();
        while let Some(next) = manifest.next().cloned() {
            files.push(next);
            manifest.pass().unwrap();
        }
        Some((manifest.head, files))
    }

    #[test]
    fn what_is_written_is_read_and_nothing_leads_outside() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert_eq!(read(folder), None);
        let head = Head {
            owner: "abc".into(),
            names: 5,
            updated: TimestampSecs(7),
        };
        let files = [
            (NoteId(-1), entry("A b/1.txt")),
            (NoteId(2), entry("A b/2.txt")),
        ];
        let write = |files: &[Listed]| {
            let mut manifest = NewManifest::new();
            for (id, entry) in files {
                manifest.add(*id, entry).unwrap();
            }
            manifest.write(folder, &head).unwrap();
        };
        write(&files);
        assert_eq!(read(folder), Some((head.clone(), files.to_vec())));
        let path = folder.join(FILE);
        let nothing = Head {
            names: 0,
            ..head.clone()
        };
        for bad in ["../1.txt", "/etc/x", "", "x".repeat(70_000).as_str()] {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text.replace("A b/1.txt", bad)).unwrap();
            assert_eq!(read(folder), Some((nothing.clone(), Vec::new())), "{bad}");
            write(&files);
        }
        // Not in order, or one twice.
        for id in [3, 2] {
            write(&[(NoteId(id), entry("a")), files[1].clone()]);
            assert_eq!(read(folder), Some((nothing.clone(), Vec::new())), "{id}");
        }
        std::fs::write(&path, "something else").unwrap();
        assert!(Manifest::read(folder).is_err());
    }

    #[test]
    fn what_was_not_looked_at_stays() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let mut all = NewManifest::new();
        for id in 1..=4 {
            all.add(NoteId(id), &entry("old")).unwrap();
        }
        let head = Manifest::new("abc").head;
        all.write(folder, &head).unwrap();
        let mut before = Manifest::read(folder).unwrap().unwrap();
        before.pass().unwrap();
        let mut after = NewManifest::new();
        // The second one is noted, but not passed.
        after.add(NoteId(2), &entry("new")).unwrap();
        after.add_rest(&mut before).unwrap();
        assert_eq!(after.files, 3);
        after.write(folder, &head).unwrap();
        let (_, files) = read(folder).unwrap();
        let files: Vec<_> = files
            .iter()
            .map(|(id, e)| (id.0, e.path.as_str()))
            .collect();
        assert_eq!(files, [(2, "new"), (3, "old"), (4, "old")]);
    }
}
