//! A copy of a backup's collection for reading, in which what is damaged of decks, presets and note
//! types keeps nobody from the rest: see [`Storage::open_mended`].

use super::Storage;
use super::open::connect_to_upgrade;
use crate::base::ids::DeckConfigId;
use crate::base::{Error, Result};
use crate::mark;
use std::path::Path;

/// What of a backup was damaged, by name.
#[derive(Debug, Default)]
pub(in crate::storage) struct Damaged {
    decks: Vec<String>,
    presets: Vec<(DeckConfigId, String)>,
    notetypes: Vec<String>,
}

impl Storage {
    /// A copy that was brought to the present schema and that nobody has open. Decks whose settings
    /// cannot be read get those of a new one, presets and note types that cannot are left out.
    pub fn open_mended(path: &Path) -> Result<Self> {
        let damaged = Damaged {
            decks: Self::mend_decks(path)?,
            presets: Self::drop_damaged_presets(path)?,
            notetypes: drop_damaged_notetypes(path)?,
        };
        Ok(Self {
            damaged,
            ..Self::open_read_only(path)?
        })
    }

    /// In a copy that nobody has open and that is to be a collection again: decks and presets whose
    /// settings cannot be read get those of new ones, note types that cannot be read stay as they
    /// are. What is damaged in the backup.
    pub fn mend_settings(path: &Path) -> Result<Vec<Error>> {
        let decks = Self::mend_decks(path)?;
        let presets = Self::reset_damaged_presets(path)?;
        let names: Vec<_> = presets.into_iter().map(|(_, name)| name).collect();
        let mut damage: Vec<Error> = damaged_decks(&decks).into_iter().collect();
        if !names.is_empty() {
            damage.push(Error::corrupt(mark!(
                "these presets of deck options are damaged in the backup, and have the options of \
                 new ones: {names}",
                names = names.join(", ")
            )));
        }
        let notetypes = Self::open_read_only(path)?.unreadable_notetypes()?;
        let names: Vec<_> = notetypes.into_iter().map(|(_, name)| name).collect();
        if !names.is_empty() {
            damage.push(Error::corrupt(mark!(
                "these note types are damaged in the backup too, and their notes can be neither \
                 shown nor studied until Explore Backup… brings the note type from an earlier one: \
                 {names}",
                names = names.join(", ")
            )));
        }
        Ok(damage)
    }

    /// The decks of a backup whose settings were damaged.
    #[must_use]
    pub fn damaged_decks(&self) -> &[String] {
        &self.damaged.decks
    }

    /// The presets of a backup that were damaged.
    #[must_use]
    pub fn damaged_presets(&self) -> &[(DeckConfigId, String)] {
        &self.damaged.presets
    }

    /// The note types of a backup that were damaged.
    #[must_use]
    pub fn damaged_notetypes(&self) -> &[String] {
        &self.damaged.notetypes
    }

    /// What is not as the backup had it.
    #[must_use]
    pub fn damage(&self) -> Vec<Error> {
        let mut damage: Vec<Error> = damaged_decks(&self.damaged.decks).into_iter().collect();
        let presets = self.damaged.presets.iter().map(|(_, name)| name.as_str());
        let names = presets.collect::<Vec<_>>().join(", ");
        if !names.is_empty() {
            damage.push(Error::corrupt(mark!(
                "these presets of deck options are damaged in the backup, and decks that use them \
                 come back with the Default preset: {names}",
                names
            )));
        }
        let names = self.damaged.notetypes.join(", ");
        if !names.is_empty() {
            damage.push(Error::corrupt(mark!(
                "these note types are damaged in the backup, and their notes come back only where \
                 your collection has the note type: {names}",
                names
            )));
        }
        damage
    }
}

fn damaged_decks(names: &[String]) -> Option<Error> {
    (!names.is_empty()).then(|| {
        Error::corrupt(mark!(
            "the settings of these decks are damaged in the backup, and count as those of a new \
             deck: {names}",
            names = names.join(", ")
        ))
    })
}

/// The names of those that are out of the copy.
fn drop_damaged_notetypes(path: &Path) -> Result<Vec<String>> {
    let damaged = Storage::open_read_only(path)?.unreadable_notetypes()?;
    if damaged.is_empty() {
        return Ok(Vec::new());
    }
    let db = connect_to_upgrade(path)?;
    for (id, _) in &damaged {
        db.execute("delete from templates where ntid=?", [id.0])?;
        db.execute("delete from fields where ntid=?", [id.0])?;
        db.execute("delete from notetypes where id=?", [id.0])?;
    }
    db.close().map_err(|(_, e)| e)?;
    Ok(damaged.into_iter().map(|(_, name)| name).collect())
}
