//! A vault at a service, through opendal. Its runtime is hidden here.

use super::transport::Through;
use super::{Found, Place};
use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use crate::net::Transport;
use bytes::Bytes;
use opendal::blocking::Operator;
use opendal::options::{ListOptions, ReadOptions};
use opendal::{Buffer, HttpTransporter, OperationContext};
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use tokio::runtime::{Builder, Runtime};

/// Requests at once: as many as anybody sends here.
const THREADS: usize = 2;
/// Where files are put first by [`Remote::by_renaming`].
const ASIDE: &str = "engram-uploads";

pub(super) struct Remote {
    operator: Operator,
    makes_folders: bool,
    renames: bool,
}

/// Where the service's crate runs; started when it is first needed.
pub(super) fn runtime() -> opendal::Result<&'static Runtime> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let made = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("vault-net")
            .enable_time()
            .build()
            .ok()
    });
    made.as_ref().ok_or_else(|| {
        opendal::Error::new(opendal::ErrorKind::Unexpected, "no thread could be started")
    })
}

impl Remote {
    /// Sends what `operator` sends through `net`.
    pub(super) fn new(operator: opendal::Operator, net: &Arc<dyn Transport>) -> Result<Self> {
        let transport = HttpTransporter::new(Through(Arc::clone(net)));
        let context = OperationContext::new().with_http_transport(transport);
        let runtime = runtime().map_err(|e| explained(&e))?;
        let _entered = runtime.enter();
        let operator = Operator::new(operator.with_context(context));
        Ok(Self {
            operator: operator.map_err(|e| explained(&e))?,
            makes_folders: true,
            renames: false,
        })
    }

    /// Where folders come to be with the files in them.
    pub(super) fn without_folders(self) -> Self {
        Self {
            makes_folders: false,
            ..self
        }
    }
}

impl Remote {
    /// Where the service may keep what came of a file when the network was cut: each file gets its
    /// name when it is whole.
    pub(super) fn by_renaming(self) -> Self {
        Self {
            renames: true,
            ..self
        }
    }

    fn put(&self, path: &str, parts: Vec<Bytes>) -> opendal::Result<()> {
        self.operator.write(path, Buffer::from(parts)).map(drop)
    }

    fn put_and_rename(&self, path: &str, parts: Vec<Bytes>) -> opendal::Result<()> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let aside = format!("{ASIDE}/{name}");
        self.put(&aside, parts)?;
        self.operator.rename(&aside, path)
    }
}

impl Place for Remote {
    fn list(&self, folder: &str) -> Result<Vec<Found>> {
        let options = ListOptions {
            recursive: true,
            ..ListOptions::default()
        };
        let entries = match self.operator.list_options(&format!("{folder}/"), options) {
            Ok(entries) => entries,
            Err(e) if e.kind() == opendal::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(explained(&e)),
        };
        let mut found = Vec::new();
        for entry in entries {
            if !entry.metadata().is_file() {
                continue;
            }
            let mut size = entry.metadata().content_length();
            if size == 0 {
                // Some lists do not say.
                size = self.size(entry.path())?.unwrap_or(0);
            }
            let name = entry.name().to_owned();
            found.push(Found { name, size });
        }
        Ok(found)
    }

    fn size(&self, path: &str) -> Result<Option<u64>> {
        match self.operator.stat(path) {
            Ok(meta) => Ok(Some(meta.content_length())),
            Err(e) if e.kind() == opendal::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(explained(&e)),
        }
    }

    fn read(&self, path: &str, range: Option<Range<u64>>) -> Result<Bytes> {
        let wanted = range.as_ref().map(|range| range.end - range.start);
        let options = ReadOptions {
            range: range.map(Into::into).unwrap_or_default(),
            ..ReadOptions::default()
        };
        let read = self.operator.read_options(path, options);
        let bytes = read.map_err(|e| explained(&e).at(path))?.to_bytes();
        match wanted {
            Some(wanted) if wanted != bytes.len() as u64 => {
                Err(Error::corrupt(mark!("the file ends too early")).at(path))
            }
            _ => Ok(bytes),
        }
    }

    fn write(&self, path: &str, parts: Vec<Bytes>) -> Result<()> {
        let written = match self.renames {
            true => self.put_and_rename(path, parts),
            false => self.put(path, parts),
        };
        written.map_err(|e| explained(&e).at(path))
    }

    fn remove(&self, path: &str) -> Result<()> {
        match self.operator.delete(path) {
            Err(e) if e.kind() != opendal::ErrorKind::NotFound => Err(explained(&e).at(path)),
            _ => Ok(()),
        }
    }

    fn make_folders(&self, folders: &[String]) -> Result<()> {
        for folder in folders.iter().filter(|_| self.makes_folders) {
            let made = self.operator.create_dir(&format!("{folder}/"));
            made.map_err(|e| explained(&e))?;
        }
        Ok(())
    }

    fn is_far(&self) -> bool {
        true
    }

    /// They lie in one folder, where nothing but room is lost while they wait for the look
    /// everywhere.
    fn remove_leftovers(&self, folder: &str) -> Result<()> {
        if self.renames && folder.is_empty() {
            for found in self.list(ASIDE)? {
                self.remove(&format!("{ASIDE}/{}", found.name))?;
            }
        }
        Ok(())
    }
}

/// The services' errors in our words.
pub(super) fn explained(error: &opendal::Error) -> Error {
    use opendal::ErrorKind as Theirs;
    // What our own transport said comes back unchanged.
    let source = std::error::Error::source(error);
    if let Some(ours) = source.and_then(|source| source.downcast_ref::<Error>()) {
        return Error::new(ours.kind(), ours.what()).because(ours.to_string());
    }
    let text = error.to_string();
    // A hash in a path may hold any digits.
    let full = ["status: 507", "nsufficient", "quota", "Quota"]
        .iter()
        .any(|sign| text.contains(sign));
    let (kind, what) = match error.kind() {
        Theirs::NotFound => (
            ErrorKind::NotFound,
            mark!("the file is not at the destination"),
        ),
        Theirs::PermissionDenied => (
            ErrorKind::PermissionDenied,
            mark!("the server does not accept the account or its password"),
        ),
        Theirs::ConfigInvalid => (
            ErrorKind::InvalidInput,
            mark!("the address of the vault is not complete"),
        ),
        Theirs::RangeNotSatisfied => (ErrorKind::Corrupt, mark!("the file ends too early")),
        Theirs::Unsupported => (
            ErrorKind::Refused,
            mark!("the server cannot do what is needed"),
        ),
        _ if full => (ErrorKind::DiskFull, mark!("the destination is full")),
        _ if text.contains("status: 401") => (
            ErrorKind::PermissionDenied,
            mark!("the server does not accept the account or its password"),
        ),
        _ if text.contains("status: 4") && !error.is_temporary() => (
            ErrorKind::Refused,
            mark!("the server refuses what is asked of it"),
        ),
        _ => (
            ErrorKind::Network,
            mark!("the destination could not be reached"),
        ),
    };
    Error::new(kind, what).because(text)
}
