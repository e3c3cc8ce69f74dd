//! What goes into a snapshot: files of this machine under stable names, in the order of the format.
//! A file that cannot be read is a failure of the whole, never left out.

use super::watch::Watch;
use crate::base::error::{AtPath as _, Error, Result};
use crate::mark;
use rustic_core::repofile::{Metadata, Node, NodeType};
use rustic_core::{
    ErrorKind, ReadSource, ReadSourceEntry, ReadSourceOpen, RusticError, RusticResult,
};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

const FILE_MODE: u32 = 0o600;
/// The crate asks for a page at a time.
const READ_AT_ONCE: u64 = 64 << 10;

/// One file that is to be saved.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// In the snapshot.
    pub inside: PathBuf,
    pub path: PathBuf,
}

/// Whether what is being saved is sound: found out beside the saving, waited for at its end.
#[derive(Default)]
pub(super) struct Verdict {
    found: Mutex<Option<Result<()>>>,
    given: Condvar,
}

impl Verdict {
    pub(super) fn give(&self, found: Result<()>) {
        let mut known = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert(found);
        self.given.notify_all();
    }

    /// What was wrong is told once, and that something was each time.
    fn wait(&self) -> Result<()> {
        let mut known = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match &mut *known {
                Some(Ok(())) => return Ok(()),
                Some(unsound) => {
                    let again = Error::corrupt(mark!("the collection is not sound"));
                    return std::mem::replace(unsound, Err(again));
                }
                None => {}
            }
            known = self
                .given
                .wait(known)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

pub(super) struct Source {
    entries: Vec<(Item, Metadata)>,
    watch: Arc<Watch>,
    verdict: Arc<Verdict>,
}

impl Source {
    pub(super) fn new(
        mut items: Vec<Item>,
        watch: &Arc<Watch>,
        verdict: &Arc<Verdict>,
    ) -> Result<Self> {
        items.sort_by(|a, b| a.inside.cmp(&b.inside));
        let entries = items
            .into_iter()
            .map(|item| {
                let meta = metadata(&item.path)?;
                Ok((item, meta))
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            entries,
            watch: Arc::clone(watch),
            verdict: Arc::clone(verdict),
        })
    }

    pub(super) fn files(&self) -> u64 {
        self.entries.len() as u64
    }

    fn bytes(&self) -> u64 {
        self.entries.iter().map(|(_, meta)| meta.size).sum()
    }
}

fn metadata(path: &Path) -> Result<Metadata> {
    let meta = std::fs::metadata(path).at(path)?;
    let mut node = Metadata {
        mode: Some(FILE_MODE),
        size: meta.len(),
        mtime: meta.modified().ok().and_then(|t| t.try_into().ok()),
        links: 1,
        ..Metadata::default()
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let nanos = i32::try_from(meta.ctime_nsec()).unwrap_or(0);
        node.ctime = jiff::Timestamp::new(meta.ctime(), nanos).ok();
    }
    #[cfg(not(unix))]
    {
        node.ctime = node.mtime;
    }
    Ok(node)
}

impl ReadSource for Source {
    type Open = Opener;
    type Iter = Entries;

    fn size(&self) -> RusticResult<Option<u64>> {
        Ok(Some(self.bytes()))
    }

    fn entries(&self) -> Entries {
        Entries {
            entries: self.entries.clone().into_iter(),
            watch: Arc::clone(&self.watch),
            verdict: Arc::clone(&self.verdict),
        }
    }
}

pub(super) struct Entries {
    entries: std::vec::IntoIter<(Item, Metadata)>,
    watch: Arc<Watch>,
    verdict: Arc<Verdict>,
}

impl Iterator for Entries {
    type Item = RusticResult<ReadSourceEntry<Opener>>;

    fn next(&mut self) -> Option<Self::Item> {
        // What comes after a failure is not saved anyway.
        if self.watch.has_failed() {
            return None;
        }
        let Some((item, meta)) = self.entries.next() else {
            // After a failure no snapshot is written.
            if let Err(error) = self.verdict.wait() {
                self.watch.fail(error);
            }
            return None;
        };
        let name = item.inside.file_name().unwrap_or_default();
        Some(Ok(ReadSourceEntry {
            node: Node::new_node(name, NodeType::File, meta.clone()),
            path: item.inside,
            open: Some(Opener {
                path: item.path,
                size: meta.size,
                watch: Arc::clone(&self.watch),
            }),
        }))
    }
}

pub(super) struct Opener {
    path: PathBuf,
    size: u64,
    watch: Arc<Watch>,
}

impl ReadSourceOpen for Opener {
    type Reader = Reader;

    fn open(self) -> RusticResult<Reader> {
        match File::open(&self.path) {
            Ok(file) => Ok(Reader {
                file: BufReader::with_capacity(self.size.min(READ_AT_ONCE) as usize, file),
                left: self.size,
                of: self,
            }),
            Err(e) => {
                let error = Error::from(e).at(&self.path);
                let told = RusticError::new(ErrorKind::InputOutput, error.what());
                self.watch.fail(error);
                Err(told)
            }
        }
    }
}

pub(super) struct Reader {
    file: BufReader<File>,
    /// Bytes to come.
    left: u64,
    of: Opener,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.read_watched(buffer);
        read.map_err(|error| {
            let told = std::io::Error::other(error.what().to_owned());
            self.of.watch.fail(error);
            told
        })
    }
}

impl Reader {
    /// Fills the buffer unless the file ends: the crate never asks for more again than it got once,
    /// and would soon read the collection by bytes.
    fn read_watched(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.of.watch.progress().check()?;
        let changed = || {
            let what = mark!("the file changed while it was being saved");
            Error::new(crate::base::ErrorKind::Conflict, what).at(&self.of.path)
        };
        let mut filled = 0;
        while filled < buffer.len() {
            let n = self.file.read(&mut buffer[filled..]).at(&self.of.path)?;
            self.left = self.left.checked_sub(n as u64).ok_or_else(changed)?;
            if n == 0 && self.left > 0 {
                return Err(changed());
            }
            if n == 0 {
                break;
            }
            filled += n;
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::super::watch::Patience;
    use super::*;
    use crate::base::job::Progress;

    #[test]
    fn what_is_asked_for_comes_whole_until_the_file_ends() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("a.jpg");
        let bytes: Vec<u8> = (0..200_000u32).map(|n| (n / 7) as u8).collect();
        std::fs::write(&path, &bytes).unwrap();
        let open = |size| {
            let opener = Opener {
                path: path.clone(),
                size,
                watch: Arc::new(Watch::new(Progress::new(), Patience::default())),
            };
            opener.open().unwrap()
        };
        let mut reader = open(200_000);
        let mut read = vec![0; 1000];
        reader.read_exact(&mut read).unwrap();
        let mut page = [0; 4096];
        loop {
            let n = reader.read(&mut page).unwrap();
            read.extend_from_slice(&page[..n]);
            if n < page.len() {
                break;
            }
        }
        assert_eq!(read, bytes);
        assert_eq!(reader.read(&mut page).unwrap(), 0);
        // One that is not as long as it was when it was listed.
        for size in [199_999, 200_001] {
            let error = std::io::copy(&mut open(size), &mut std::io::sink()).unwrap_err();
            assert!(error.to_string().contains("changed"), "{error}");
        }
    }
}
