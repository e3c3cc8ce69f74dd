//! What an update under way writes: one line a file, before anything of it is there. By it the next
//! update knows the files of one that was killed, and does not take them for somebody else's.

use super::manifest::{Hash, is_inside};
use crate::base::error::{AtPath as _, Result};
use crate::base::files::if_there;
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

const FILE: &str = ".engram-mirror-under-way";

/// See the module header.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    owner: String,
    file: Option<File>,
    /// Of an update that was killed: what its files held, by their path in the folder.
    written: HashMap<String, Vec<Hash>>,
    /// Whose update that was.
    begun_by: Option<String>,
}

impl Journal {
    pub fn open(folder: &Path, owner: &str) -> Result<Self> {
        let path = folder.join(FILE);
        let bytes = if_there(std::fs::read(&path))
            .at(&path)?
            .unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let mut written: HashMap<String, Vec<Hash>> = HashMap::new();
        let mut lines = text.lines();
        let begun_by = lines.next().map(str::to_owned);
        for (path, hash) in lines.filter_map(line) {
            written.entry(path).or_default().push(hash);
        }
        Ok(Self {
            path,
            owner: owner.to_owned(),
            file: None,
            written,
            begun_by,
        })
    }

    /// An update of this profile was killed.
    pub fn was_killed(&self) -> bool {
        self.begun_by.as_ref() == Some(&self.owner)
    }

    /// An update that was killed wrote to this path.
    pub fn touched(&self, path: &str) -> bool {
        self.written.contains_key(path)
    }

    /// Whether an update that was killed wrote this.
    pub fn wrote(&self, path: &str, hash: &Hash) -> bool {
        let known = self.written.get(path);
        known.is_some_and(|hashes| hashes.contains(hash))
    }

    /// Paths of what an update that was killed wrote.
    pub fn paths(&self) -> Vec<String> {
        self.written.keys().cloned().collect()
    }

    /// Before `path` gets what has this hash.
    pub fn note(&mut self, path: &str, hash: &Hash) -> Result<()> {
        let is_new = self.begun_by.is_none();
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let opened = OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(&self.path);
                let mut file = opened.at(&self.path)?;
                // After a kill the last line may have no end.
                let owner = if is_new { &self.owner } else { "" };
                file.write_all(format!("{owner}\n").as_bytes())
                    .at(&self.path)?;
                none.insert(file)
            }
        };
        let hash = u128::from_be_bytes(*hash);
        file.write_all(format!("{hash:032x}\t{path}\n").as_bytes())
            .at(&self.path)
    }

    /// The manifest says it all.
    pub fn done(self) -> Result<()> {
        if_there(std::fs::remove_file(&self.path)).at(&self.path)?;
        Ok(())
    }
}

fn line(text: &str) -> Option<(String, Hash)> {
    let (hash, path) = text.split_once('\t')?;
    let hash = u128::from_str_radix(hash, 16).ok()?.to_be_bytes();
    is_inside(path).then(|| (path.to_owned(), hash))
}
