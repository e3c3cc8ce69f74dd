//! What goes into a snapshot: files of this machine under stable names, in the order of the format.
//! A file that cannot be read is a failure of the whole, never left out.

use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::mark;
use rustic_core::repofile::Metadata;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};

const FILE_MODE: u32 = 0o600;

/// One file that is to be saved.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// In the snapshot.
    pub inside: PathBuf,
    pub path: PathBuf,
    /// Another version of it has nothing in common with this one, as with pictures and sounds.
    pub is_replaced_whole: bool,
}

/// A file as it was when it was listed.
#[derive(Debug)]
pub(super) struct Listed {
    pub item: Item,
    pub meta: Metadata,
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
    pub(super) fn wait(&self) -> Result<()> {
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

/// The files, in the order of the format.
pub(super) fn listed(mut items: Vec<Item>) -> Result<Vec<Listed>> {
    items.sort_by(|a, b| a.inside.cmp(&b.inside));
    items
        .into_iter()
        .map(|item| {
            let meta = metadata(&item.path)?;
            Ok(Listed { item, meta })
        })
        .collect()
}

impl Listed {
    pub(super) fn open(&self) -> Result<File> {
        File::open(&self.item.path).at(&self.item.path)
    }

    /// What lies in these bytes, in the place of what was in `into`.
    ///
    /// # Errors
    /// `Conflict` when the file is not as long any more as it was when it was listed.
    pub(super) fn read(&self, bytes: Range<u64>, into: &mut Vec<u8>) -> Result<()> {
        let wanted = bytes.end - bytes.start;
        let mut file = self.open()?;
        if bytes.start > 0 {
            file.seek(SeekFrom::Start(bytes.start))
                .at(&self.item.path)?;
        }
        // One more, to see that the file ends there.
        let most = wanted + u64::from(bytes.end == self.meta.size);
        into.clear();
        into.reserve(usize::try_from(most).unwrap_or(0));
        file.take(most).read_to_end(into).at(&self.item.path)?;
        self.require(into.len() as u64, wanted)
    }

    /// Fails with `Conflict` where `read` bytes came and others were there when it was listed.
    pub(super) fn require(&self, read: u64, wanted: u64) -> Result<()> {
        if read == wanted {
            return Ok(());
        }
        let what = mark!("the file changed while it was being saved");
        Err(Error::new(ErrorKind::Conflict, what).at(&self.item.path))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_comes_whole_or_the_file_has_changed() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("a.jpg");
        let bytes: Vec<u8> = (0..200_000u32).map(|n| (n / 7) as u8).collect();
        std::fs::write(&path, &bytes).unwrap();
        let item = Item {
            inside: "/engram/a.jpg".into(),
            path: path.clone(),
            is_replaced_whole: true,
        };
        let file = &listed(vec![item]).unwrap()[0];
        assert_eq!(file.meta.size, 200_000);
        let mut read = b"of another file".to_vec();
        for part in [0..200_000_usize, 0..7, 70_000..140_000, 199_999..200_000] {
            let range = part.start as u64..part.end as u64;
            file.read(range, &mut read).unwrap();
            assert_eq!(read, bytes[part]);
        }
        // One that is not as long as it was when it was listed.
        for size in [199_999, 200_001] {
            let now = std::fs::OpenOptions::new().write(true).open(&path);
            now.unwrap().set_len(size).unwrap();
            for start in [0, 150_000] {
                let error = file.read(start..200_000, &mut read).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Conflict, "{size}: {error}");
                assert_eq!(error.path(), Some(path.as_path()));
            }
        }
    }
}
