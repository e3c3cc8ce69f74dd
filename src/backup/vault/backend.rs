//! A place as the crate that knows the format wants it. Every request is watched: repeated when the
//! network fails, ended when the user cancels, and the first failure is kept.

use super::destinations::Place;
use super::lock::Held;
use super::watch::Watch;
use crate::base::ErrorKind::NotFound;
use crate::base::{Error, Result};
use crate::mark;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use rustic_core::{
    ALL_FILE_TYPES, BytesList, ErrorKind, FileType, Id, ReadBackend, RusticError, RusticResult,
    WriteBackend,
};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) struct Backend {
    pub(super) place: Arc<dyn Place>,
    pub(super) watch: Arc<Watch>,
    pub(super) held: Arc<Mutex<Option<Held>>>,
    /// Packs that were read whole, the latest last.
    pub(super) packs: Mutex<Vec<(Id, Bytes)>>,
}

/// Files lie in packs one after the other, and two packs are filled at once.
const PACKS_KEPT: usize = 3;

impl Backend {
    fn asked<T>(&self, request: impl FnMut() -> Result<T>) -> RusticResult<T> {
        self.watch.patiently(request).map_err(|error| {
            let told = RusticError::new(ErrorKind::Backend, error.what());
            self.watch.fail(error);
            told
        })
    }
}

impl Backend {
    fn part_of_whole(&self, id: &Id, offset: u32, length: u32) -> RusticResult<Bytes> {
        let mut packs = self.packs.lock().unwrap_or_else(PoisonError::into_inner);
        if !packs.iter().any(|(kept, _)| kept == id) {
            let whole = self.asked(|| self.place.read(&path(FileType::Pack, id), None))?;
            if packs.len() == PACKS_KEPT {
                packs.remove(0);
            }
            packs.push((*id, whole));
        }
        let whole = packs.iter().find(|(kept, _)| kept == id);
        let part = offset as usize..offset as usize + length as usize;
        match whole {
            Some((_, bytes)) if part.end <= bytes.len() => Ok(bytes.slice(part)),
            _ => self.asked(|| Err(Error::corrupt(mark!("a pack of the vault is too short")))),
        }
    }
}

impl Backend {
    /// Before each change: the lock is ours, and stays so.
    fn hold(&self) -> RusticResult<()> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *held {
            Some(held) => self.asked(|| held.refresh()),
            None => Ok(()),
        }
    }

    /// One that is damaged, or gone though a service still lists it, keeps no other one from being
    /// tried. Where all are, that is told.
    fn usable_keys(&self, all: Vec<(Id, u32)>) -> RusticResult<Vec<(Id, u32)>> {
        if all.len() < 2 {
            return Ok(all);
        }
        let mut usable = Vec::new();
        for key in &all {
            let read = || self.place.read(&path(FileType::Key, &key.0), None);
            let is_usable = self.asked(|| match read() {
                Err(e) if e.kind() == NotFound => Ok(false),
                read => read.map(|bytes| sound_key(&bytes).is_ok()),
            })?;
            if is_usable {
                usable.push(*key);
            }
        }
        Ok(if usable.is_empty() { all } else { usable })
    }
}

pub(super) fn path(kind: FileType, id: &Id) -> String {
    let hex = id.to_hex();
    let hex = hex.as_str();
    match kind {
        FileType::Config => "config".to_owned(),
        FileType::Pack => format!("{}/{}/{hex}", kind.dirname(), &hex[..2]),
        _ => format!("{}/{hex}", kind.dirname()),
    }
}

/// Files of these kinds are read whole, and small.
const LARGEST_KEY: u32 = 1 << 20;
const LARGEST_LIST: u32 = 1 << 30;
/// What making a key may take, all of its passes side by side. `restic` takes 32 MiB a pass, as this
/// program does; vaults of earlier versions take 128 once.
const MOST_MEMORY: u64 = 1 << 30;
const MOST_PASSES: u64 = 16;

/// A key file says how dear it is to open, and nothing vouches for what it says.
fn sound_key(bytes: &[u8]) -> Result<()> {
    #[derive(serde::Deserialize)]
    struct Key {
        #[serde(rename = "N")]
        n: u64,
        r: u64,
        p: u64,
        salt: String,
        data: String,
    }
    let damaged = || Error::corrupt(mark!("a key of the vault is damaged"));
    let key: Key = serde_json::from_slice(bytes).map_err(|_| damaged())?;
    for text in [&key.salt, &key.data] {
        BASE64_STANDARD.decode(text).map_err(|_| damaged())?;
    }
    let Key { n, r, p, .. } = key;
    if n < 2 || !n.is_power_of_two() || r == 0 || p == 0 {
        return Err(damaged());
    }
    let memory = n.saturating_mul(r).saturating_mul(p).saturating_mul(128);
    if memory > MOST_MEMORY || p > MOST_PASSES {
        return Err(Error::new(
            crate::base::ErrorKind::Refused,
            mark!("opening the vault would take more than 1 GiB of memory, or too long"),
        ));
    }
    Ok(())
}

impl ReadBackend for Backend {
    fn location(&self) -> String {
        "vault".to_owned()
    }

    fn list_with_size(&self, kind: FileType) -> RusticResult<Vec<(Id, u32)>> {
        if kind == FileType::Config {
            let size = self.asked(|| self.place.size("config"))?;
            return Ok(size
                .map(|n| (Id::default(), short(n)))
                .into_iter()
                .collect());
        }
        let mut found = self.asked(|| self.place.list(kind.dirname()))?;
        if kind == FileType::Pack {
            let passed_over = self.watch.passed_over();
            found.retain(|file| !passed_over.contains(&file.name));
        }
        let listed: Vec<(Id, u32)> = found
            .into_iter()
            .filter_map(|file| Some((file.name.parse().ok()?, short(file.size))))
            .collect();
        let largest = match kind {
            FileType::Key => LARGEST_KEY,
            FileType::Snapshot | FileType::Index => LARGEST_LIST,
            FileType::Config | FileType::Pack => u32::MAX,
        };
        if listed.iter().any(|(_, size)| *size > largest) {
            let what = mark!("a file of the vault is larger than any of its kind");
            return self.asked(|| Err(Error::corrupt(what)));
        }
        match kind {
            FileType::Key => self.usable_keys(listed),
            _ => Ok(listed),
        }
    }

    fn read_full(&self, kind: FileType, id: &Id) -> RusticResult<Bytes> {
        let read = || self.place.read(&path(kind, id), None);
        if kind == FileType::Key {
            return self.asked(|| read().and_then(|bytes| sound_key(&bytes).map(|()| bytes)));
        }
        self.asked(read)
    }

    fn read_partial(
        &self,
        kind: FileType,
        id: &Id,
        _cacheable: bool,
        offset: u32,
        length: u32,
    ) -> RusticResult<Bytes> {
        let start = u64::from(offset);
        let range = start..start + u64::from(length);
        if kind == FileType::Pack && self.watch.reads_whole_packs() {
            return self.part_of_whole(id, offset, length);
        }
        self.asked(|| self.place.read(&path(kind, id), Some(range.clone())))
    }

    fn warmup_path(&self, kind: FileType, id: &Id) -> String {
        path(kind, id)
    }
}

/// Files of the format are smaller; a larger one is none and does not match any size.
fn short(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

impl WriteBackend for Backend {
    fn create(&self) -> RusticResult<()> {
        let folders: Vec<String> = ALL_FILE_TYPES
            .iter()
            .filter(|kind| **kind != FileType::Config)
            .map(|kind| kind.dirname().to_owned())
            // `restic` looks for it.
            .chain(["locks".to_owned()])
            .collect();
        self.asked(|| self.place.make_folders(&folders))
    }

    fn write_bytes(
        &self,
        kind: FileType,
        id: &Id,
        _cacheable: bool,
        bytes: BytesList,
    ) -> RusticResult<()> {
        if kind == FileType::Snapshot && self.watch.has_failed() {
            // Without it, what was sent is only unused; with it, a snapshot would lack files.
            return Err(RusticError::new(
                ErrorKind::Backend,
                "something failed before",
            ));
        }
        self.hold()?;
        let parts = bytes.into_vec();
        let size = parts.iter().map(|part| part.len() as u64).sum();
        self.asked(|| self.place.write(&path(kind, id), parts.clone()))?;
        self.watch.count_written(size);
        Ok(())
    }

    fn remove(&self, kind: FileType, id: &Id, _cacheable: bool) -> RusticResult<()> {
        self.hold()?;
        self.asked(|| self.place.remove(&path(kind, id)))
    }
}

/// What the crate says when nothing of ours failed.
pub(super) fn theirs(error: &RusticError) -> Error {
    if error.is_incorrect_password() {
        return Error::new(
            crate::base::ErrorKind::WrongPassword,
            mark!("the password does not open this vault"),
        );
    }
    Error::corrupt(mark!("the vault is damaged")).because(error.display_log())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_take_so_much_memory_with_all_its_passes() {
        let opens = |n: u64, p: u64| {
            let key = format!(r#"{{"N":{n},"r":8,"p":{p},"salt":"AAAA","data":"AAAA"}}"#);
            sound_key(key.as_bytes()).is_ok()
        };
        assert!(opens(1 << 15, 3) && opens(1 << 15, 16) && opens(1 << 17, 1) && opens(1 << 20, 1));
        assert!(!opens(1 << 17, 16) && !opens(1 << 20, 2) && !opens(2, 17));
    }
}
