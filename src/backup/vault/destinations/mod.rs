//! Where vaults lie. A [`Destination`] says where, without any secret, and is kept in the settings;
//! opened with its account it is a [`Place`]: a few operations on files, the same for each service.
//! A new service is a variant here, its address in `address`, and a function that makes its `Place`.

mod address;
mod cloud;
mod folder;
mod remote;
mod s3;
mod transport;
mod webdav;

use crate::backup::vault::Setting;
use crate::base::{Error, Result, Secret};
use crate::mark;
use crate::net;
use bytes::Bytes;
pub use cloud::Cloud;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a vault lies.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Destination {
    /// On this machine, on a disk that may come and go.
    Folder { path: PathBuf },
    /// A folder on a WebDAV server (Nextcloud and others).
    WebDav {
        /// `https://host/path`.
        url: String,
        user: String,
    },
    /// A bucket of S3 or of a service that speaks like it.
    S3 {
        bucket: String,
        /// Inside the bucket; may be empty.
        prefix: String,
        /// `https://host`; empty: Amazon's.
        endpoint: String,
        region: String,
        access_key_id: String,
    },
    /// A folder at a service at which one signs in by browser.
    Cloud {
        service: Cloud,
        /// With `/` between the parts.
        folder: String,
        /// Of the program, as the user registered it at the service.
        client_id: String,
    },
}

/// The secret half of the account at the service: WebDAV's password, S3's secret access key, the grant of
/// a sign-in by browser.
/// Not the password of the vault.
pub type Account = Option<Secret>;

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The last part of its path.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// Files at a destination. Paths are relative to the vault, with `/` between the parts. Every
/// operation may be repeated; `Network` errors are worth a repetition.
pub trait Place: Send + Sync + 'static {
    /// All files below `folder`, at any depth. A folder that is not there is empty; a destination
    /// that cannot be reached is an error.
    fn list(&self, folder: &str) -> Result<Vec<Found>>;
    /// Bytes; None when there is no such file.
    fn size(&self, path: &str) -> Result<Option<u64>>;
    /// A part of a file, or all of it. `NotFound` when there is none, `Corrupt` when it is shorter.
    fn read(&self, path: &str, range: Option<Range<u64>>) -> Result<Bytes>;
    /// Whole or not at all, as far as the service allows.
    fn write(&self, path: &str, parts: Vec<Bytes>) -> Result<()>;
    /// Also when there is none.
    fn remove(&self, path: &str) -> Result<()>;
    /// Makes the folder of a new vault and these in it.
    fn make_folders(&self, folders: &[String]) -> Result<()>;
    /// Whether each request costs a wait.
    fn is_far(&self) -> bool {
        false
    }
    /// Deletes temporary files that a crash left behind in a folder and those inside it, or
    /// everywhere (an empty name); nobody else may be writing there.
    fn remove_leftovers(&self, _folder: &str) -> Result<()> {
        Ok(())
    }
    /// As [`Self::remove_leftovers`], right in these folders and long older than the file `than`, so
    /// that they are nobody's who is writing.
    fn remove_old_leftovers(&self, _folders: &[&str], _than: &str) -> Result<()> {
        Ok(())
    }
}

impl Destination {
    /// A vault in the program's own data folder would be lost together with what it saves.
    pub fn refuse_inside(&self, data_folder: &Path) -> Result<()> {
        let (Self::Folder { path }, Ok(data_folder)) = (self, data_folder.canonicalize()) else {
            return Ok(());
        };
        let place = path.canonicalize().or_else(|_| match path.parent() {
            Some(above) => above.canonicalize(),
            None => Ok(path.clone()),
        });
        if place.is_ok_and(|place| place.starts_with(data_folder)) {
            let what = mark!(
                "a vault in the program's own folder would be lost together with the \
                        collection; choose another disk or folder"
            );
            return Err(Error::invalid(what).at(path));
        }
        Ok(())
    }

    /// Whether it is reached over the network.
    #[must_use]
    pub fn is_far(&self) -> bool {
        !matches!(self, Self::Folder { .. })
    }

    /// Makes ready to talk to it; nothing is sent yet.
    pub(super) fn open(&self, setting: &Setting) -> Result<Arc<dyn Place>> {
        let account = &setting.account;
        let net = &net::for_job(&setting.net, &setting.progress);
        Ok(match self {
            Self::Folder { path } => Arc::new(folder::Folder::at(path)),
            Self::WebDav { url, user } => webdav::open(url, user, account, net)?,
            Self::S3 { .. } => s3::open(self, account, net)?,
            Self::Cloud {
                service,
                folder,
                client_id,
            } => cloud::open(*service, folder, client_id, setting, net)?,
        })
    }
}
