//! Key files as they are made here: the key of the vault, sealed with one that is made from a
//! password. How dear that is stands in the file, so that older ones and those of `restic` open
//! as well.

use super::seal::{KEY, Seal};
use crate::backup::vault::backend;
use crate::backup::vault::destinations::Place;
use crate::backup::vault::watch::Watch;
use crate::base::{Error, Result, Secret};
use bytes::Bytes;
use rustic_core::repofile::{KeyFile, MasterKey};
use rustic_core::{FileType, Id};
use sha2::{Digest as _, Sha256};

/// scrypt with N = 2^15, r = 8, p = 3, as `restic` makes them: 32 MiB three times for each guess.
/// The three are made side by side, and a vault is opened by each command.
const LOG_N: u8 = 15;
const R: u32 = 8;
const P: u32 = 3;

/// Writes one by which `password` opens the vault of `master`; returns its name.
pub(super) fn add(
    place: &dyn Place,
    watch: &Watch,
    master: &MasterKey,
    password: &Secret,
) -> Result<Id> {
    let bytes = Bytes::from(made(master, password)?);
    let name = Id::new(Sha256::digest(&bytes).into());
    let path = backend::path(FileType::Key, &name);
    watch.patiently(|| place.write(&path, vec![bytes.clone()]))?;
    Ok(name)
}

fn made(master: &MasterKey, password: &Secret) -> Result<Vec<u8>> {
    let bug = |what: &str| Error::bug(format!("the key of the vault cannot be {what}"));
    let params = scrypt::Params::new(LOG_N, R, P).map_err(|e| bug("made").because(e))?;
    let salt: [u8; 64] = rand::random();
    let mut key = [0; KEY];
    scrypt::scrypt(password.expose().as_bytes(), &salt, &params, &mut key)
        .map_err(|e| bug("made").because(e))?;
    let text = serde_json::to_vec(master).map_err(|e| bug("written").because(e))?;
    let file = KeyFile {
        hostname: None,
        username: None,
        created: None,
        kdf: "scrypt".to_owned(),
        n: 1 << LOG_N,
        r: R,
        p: P,
        data: Seal::with(&key).close(&text)?,
        salt: salt.to_vec(),
    };
    serde_json::to_vec(&file).map_err(|e| bug("written").because(e))
}

#[cfg(test)]
mod tests {
    use super::super::{KeyOptions, Repo};
    use crate::backup::vault::{Opened, Setting};
    use crate::base::Secret;

    #[test]
    fn keys_of_earlier_versions_open_the_vault_as_the_new_ones_do() {
        let room = tempfile::tempdir().unwrap();
        let to = room.path().join("vault");
        let by = |password: &str| Setting::of_folder(&to, password, &Opened::default());
        let vault = by("first").init().unwrap();
        // The crate makes them as this program did.
        let add = || vault.inner.add_key("earlier", &KeyOptions::default());
        vault.call(add).unwrap();
        vault.add_password(&Secret::new("later")).unwrap();
        let master = |vault: &Repo| vault.inner.key().encrypt;
        for password in ["first", "earlier", "later"] {
            assert_eq!(master(&by(password).open().unwrap()), master(&vault));
        }
        let mut costs = Vec::new();
        for file in std::fs::read_dir(to.join("keys")).unwrap() {
            let text = std::fs::read(file.unwrap().path()).unwrap();
            let key: serde_json::Value = serde_json::from_slice(&text).unwrap();
            costs.push(["N", "r", "p"].map(|name| key[name].as_u64().unwrap()));
        }
        costs.sort_unstable();
        assert_eq!(costs, [[1 << 15, 8, 3], [1 << 15, 8, 3], [1 << 17, 8, 1]]);
    }
}
