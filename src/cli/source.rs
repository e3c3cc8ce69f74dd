//! What a command looks into: a backup file, or a snapshot of a vault (`vault:URL#SNAPSHOT`) whose
//! collection is fetched into a folder of its own.

use super::args::{SourceArgs, VaultArgs};
use super::encrypted::{self, Plain};
use super::session::Session;
use super::vault;
use crate::backup::catalog::time_of_unknown;
use crate::backup::find_note::Place;
use crate::backup::name::any_time;
use crate::backup::recover_media::{RecoveredMedia, recover_media};
use crate::backup::vault::media::{MediaRead, SnapshotMedia};
use crate::backup::vault::restore::{fetch_collection, label};
use crate::backup::vault::{Snapshot, Vault};
use crate::base::error::AtPath as _;
use crate::base::room::Room;
use crate::base::{Error, Result};
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Instead of a snapshot's id.
pub(super) const NEWEST: &str = "latest";

/// See the module header. What was unpacked or fetched is there for as long as this lives.
pub(super) struct Source {
    /// For people.
    pub(super) label: PathBuf,
    plain: Plain,
    snapshot: Option<Fetched>,
    room: Room,
}

struct Fetched {
    snapshot: Snapshot,
    media: SnapshotMedia,
}

impl Source {
    pub(super) fn open(session: &Session, file: &Path, args: &SourceArgs) -> Result<Self> {
        let room = Room::create_in(&std::env::temp_dir())?;
        let Some(address) = Address::of(file) else {
            let path = session.backup_path(file);
            require_file(&path)?;
            let plain = encrypted::plain(session, &path, &args.key, room.path())?;
            return Ok(Self {
                label: path,
                plain,
                snapshot: None,
                room,
            });
        };
        let vault = open_vault(session, address.vault, args)?;
        let id = address.snapshot.unwrap_or(NEWEST);
        let snapshot = vault::chosen(session, &vault, id)?;
        session.progress.stage("Fetching the collection", 0)?;
        let collection = fetch_collection(&vault, &snapshot, room.path())?;
        let media = SnapshotMedia::beside(&collection, vault, &snapshot)?;
        Ok(Self {
            label: label(&snapshot),
            plain: Plain::file(&collection),
            snapshot: Some(Fetched { snapshot, media }),
            room,
        })
    }

    /// Of the file itself, decrypted or fetched where that is needed.
    pub(super) fn path(&self) -> &Path {
        self.plain.path()
    }

    /// A folder for what is unpacked from it.
    pub(super) fn room(&self) -> &Path {
        self.room.path()
    }

    /// How many media files are in it; `in_file` is what the file itself holds.
    pub(super) fn media_files(&self, in_file: u64) -> u64 {
        self.snapshot
            .as_ref()
            .map_or(in_file, |fetched| fetched.media.count())
    }

    /// Reads the media files of a snapshot where they lie; None for a file, which is read as a whole.
    pub(super) fn read_media(&self, session: &Session) -> Result<Option<MediaRead>> {
        let fetched = self.snapshot.as_ref();
        fetched
            .map(|fetched| fetched.media.read_through(&session.progress))
            .transpose()
    }

    /// The day it was made, as far as that is known.
    pub(super) fn day(&self, session: &Session) -> Date {
        let clock = &session.clock;
        match &self.snapshot {
            Some(fetched) => clock.local(fetched.snapshot.time).date(),
            None => any_time(&self.label)
                .map_or_else(|| clock.local(clock.now()).date(), |time| time.date()),
        }
    }

    /// Brings `wanted` into the folder `live`.
    pub(super) fn recover_media(
        &self,
        session: &Session,
        wanted: &BTreeSet<String>,
        live: &Path,
    ) -> Result<RecoveredMedia> {
        if let Some(fetched) = &self.snapshot {
            fetched.media.bring(wanted, &session.progress)?;
        }
        recover_media(self.path(), wanted, live, &session.progress)
    }
}

/// Backups and snapshots to be searched for a note; what was decrypted is there while this lives.
pub(super) struct Searched {
    places: Vec<Place>,
    _plain: Vec<Plain>,
    room: Room,
}

impl Searched {
    /// Of `files`; a vault without a snapshot's name means all of the profile.
    pub(super) fn open(session: &Session, files: &[PathBuf], args: &SourceArgs) -> Result<Self> {
        let room = Room::create_in(&std::env::temp_dir())?;
        let mut places = Vec::new();
        let mut plain = Vec::new();
        for file in files {
            if let Some(address) = Address::of(file) {
                places.extend(snapshots(session, &address, args)?);
                continue;
            }
            let path = session.backup_path(file);
            require_file(&path)?;
            let opened = encrypted::plain(session, &path, &args.key, room.path())?;
            places.push(Place::File {
                made: time_of_unknown(&path, &path.metadata().at(&path)?, &session.clock)?,
                file: opened.path().to_owned(),
                label: path,
            });
            plain.push(opened);
        }
        places.sort_by_key(|place| std::cmp::Reverse(place.made()));
        Ok(Self {
            places,
            _plain: plain,
            room,
        })
    }

    /// A folder for what is unpacked from them.
    pub(super) fn room(&self) -> &Path {
        self.room.path()
    }

    /// Newest first.
    pub(super) fn places(&self) -> &[Place] {
        &self.places
    }
}

fn snapshots(session: &Session, address: &Address<'_>, args: &SourceArgs) -> Result<Vec<Place>> {
    let vault = Arc::new(open_vault(session, address.vault, args)?);
    let found = match address.snapshot {
        Some(id) => vec![vault::chosen(session, &vault, id)?],
        None => {
            let mut all = vault.snapshots()?;
            if let Some(name) = vault::label_wanted(session, &all) {
                all.retain(|snapshot| snapshot.label == name);
            }
            all
        }
    };
    let places = found.into_iter().map(|snapshot| Place::Snapshot {
        vault: Arc::clone(&vault),
        snapshot,
    });
    Ok(places.collect())
}

/// The vault and the snapshot's id, if that is what is meant.
pub(super) fn snapshot_of(file: &Path) -> Option<(&str, &str)> {
    let address = Address::of(file)?;
    Some((address.vault, address.snapshot.unwrap_or(NEWEST)))
}

pub(super) fn open_vault(session: &Session, to: &str, args: &SourceArgs) -> Result<Vault> {
    let password = encrypted::vault_password(session, args)?;
    let own = args.vault_password_file.as_deref();
    let file = own.or(args.key.password_file.as_deref());
    let args = VaultArgs {
        to: to.to_owned(),
        password_file: args.key.password_file.clone(),
        account_password_file: args.account_password_file.clone(),
    };
    let setting = vault::setting_with(session, &args, password)?;
    vault::opened(&setting, file)
}

/// `vault:URL` or `vault:URL#SNAPSHOT`.
struct Address<'a> {
    vault: &'a str,
    snapshot: Option<&'a str>,
}

impl<'a> Address<'a> {
    fn of(file: &'a Path) -> Option<Self> {
        let vault = file.to_str()?.strip_prefix("vault:")?;
        let is_id = |id: &str| {
            id == NEWEST || (!id.is_empty() && id.bytes().all(|b| b.is_ascii_hexdigit()))
        };
        let split = vault.rsplit_once('#').filter(|(_, id)| is_id(id));
        Some(match split {
            Some((vault, id)) => Self {
                vault,
                snapshot: Some(id),
            },
            None => Self {
                vault,
                snapshot: None,
            },
        })
    }
}

/// Refuses what is no file.
pub(super) fn require_file(path: &Path) -> Result<()> {
    std::fs::metadata(path).at(path).and_then(|meta| {
        if meta.is_file() {
            Ok(())
        } else {
            Err(Error::invalid("this is not a file").at(path))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<(String, Option<String>)> {
        let address = Address::of(Path::new(text))?;
        Some((
            address.vault.to_owned(),
            address.snapshot.map(str::to_owned),
        ))
    }

    #[test]
    fn a_snapshot_follows_a_number_sign() {
        let some = |vault: &str, id: Option<&str>| Some((vault.into(), id.map(str::to_owned)));
        assert_eq!(parts("backup.colpkg"), None);
        assert_eq!(parts("vault:/mnt/usb"), some("/mnt/usb", None));
        assert_eq!(
            parts("vault:/mnt/usb#latest"),
            some("/mnt/usb", Some("latest"))
        );
        assert_eq!(
            parts("vault:webdav+https://ann@host/path#1a2b3c4d"),
            some("webdav+https://ann@host/path", Some("1a2b3c4d"))
        );
        assert_eq!(parts("vault:/mnt/#one/usb"), some("/mnt/#one/usb", None));
    }
}
