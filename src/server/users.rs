//! Who may sync: names and passwords from the environment, and the keys that clients show instead.
//! Keys are those of Anki's server, so that clients stay logged in when one takes the other's place.

use crate::base::{Error, Result};
use crate::codec::media_sync::sha1_to_hex;
use crate::media::hash::hash;
use crate::media::names;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use pbkdf2::pbkdf2_hmac;
use sha2::{Sha256, Sha512};

/// Where a hash does not say.
const ROUNDS: u32 = 600_000;
/// A server would be held up by one login for minutes.
const MOST_ROUNDS: u32 = 100_000_000;
const HASH_BYTES: usize = 32;
const MOST_HASH_BYTES: usize = 64;

/// One who may sync.
#[derive(Clone)]
pub struct User {
    /// Also that of the folder.
    pub name: String,
    password: Password,
    key: String,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("name", &self.name).finish()
    }
}

#[derive(Clone)]
enum Password {
    Plain(String),
    Hashed(Hashed),
}

/// A hash as PHC strings write it: `$pbkdf2-sha256$i=600000,l=32$salt$hash`.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Hashed {
    is_sha512: bool,
    rounds: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Hashed {
    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.strip_prefix('$')?.split('$').collect();
        let (kind, parameters, salt, hash) = match parts[..] {
            [kind, salt, hash] => (kind, "", salt, hash),
            [kind, parameters, salt, hash] => (kind, parameters, salt, hash),
            _ => return None,
        };
        let is_sha512 = match kind {
            "pbkdf2-sha256" => false,
            "pbkdf2-sha512" => true,
            _ => return None,
        };
        let (mut rounds, mut length) = (ROUNDS, None);
        for parameter in parameters.split(',').filter(|p| !p.is_empty()) {
            match parameter.split_once('=')? {
                ("i", n) => rounds = n.parse().ok()?,
                ("l", n) => length = Some(n.parse::<usize>().ok()?),
                _ => return None,
            }
        }
        let salt = STANDARD_NO_PAD.decode(salt).ok()?;
        let hash = STANDARD_NO_PAD.decode(hash).ok()?;
        let fits = length.is_none_or(|length| length == hash.len());
        let is_fine = (1..=MOST_ROUNDS).contains(&rounds)
            && (10..=MOST_HASH_BYTES).contains(&hash.len())
            && fits;
        is_fine.then_some(Self {
            is_sha512,
            rounds,
            salt,
            hash,
        })
    }

    fn fits(&self, password: &str) -> bool {
        let mut hash = vec![0; self.hash.len()];
        let (password, salt) = (password.as_bytes(), &self.salt);
        if self.is_sha512 {
            pbkdf2_hmac::<Sha512>(password, salt, self.rounds, &mut hash);
        } else {
            pbkdf2_hmac::<Sha256>(password, salt, self.rounds, &mut hash);
        }
        is_same(&hash, &self.hash)
    }
}

/// Takes as long whatever differs.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    // Such hashes are compared in constant time.
    blake3::hash(a) == blake3::hash(b)
}

impl User {
    /// From `name:password`, or `name:hash` when passwords are hashed.
    pub(super) fn parse(text: &str, hashed: bool) -> Result<Self> {
        let Some((name, secret)) = text.split_once(':') else {
            return Err(Error::invalid("a user is written as name:password"));
        };
        if !names::is_one_component(name) || name.contains(['\\', '/']) || name.starts_with('.') {
            return Err(Error::invalid(format!(
                "the user {name:?} cannot have a folder of that name"
            )));
        }
        let password = if hashed {
            let hashed = Hashed::parse(secret).ok_or_else(|| {
                Error::invalid(format!(
                    "the password of {name:?} is not a hash of the form \
                     $pbkdf2-sha256$i=600000,l=32$salt$hash"
                ))
            })?;
            Password::Hashed(hashed)
        } else {
            Password::Plain(secret.to_owned())
        };
        Ok(Self {
            name: name.to_owned(),
            password,
            key: sha1_to_hex(&hash(text.as_bytes())),
        })
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    fn has_password(&self, password: &str) -> bool {
        match &self.password {
            Password::Plain(own) => is_same(own.as_bytes(), password.as_bytes()),
            Password::Hashed(hashed) => hashed.fits(password),
        }
    }
}

/// Whose name and password these are. Takes as long for a name that nobody has.
pub(super) fn log_in<'a>(users: &'a [User], name: &str, password: &str) -> Option<&'a User> {
    let found = users.iter().find(|user| user.name == name);
    let asked = found.or(users.first())?;
    let fits = asked.has_password(password);
    found.filter(|_| fits)
}

/// Whose key this is.
pub(super) fn with_key(users: &[User], key: &str) -> Option<usize> {
    // All are looked at, so that the time says nothing.
    users.iter().enumerate().fold(None, |found, (at, user)| {
        if is_same(user.key.as_bytes(), key.as_bytes()) {
            Some(at)
        } else {
            found
        }
    })
}

/// For [`HASH_BYTES`] and [`ROUNDS`]: a line for the environment.
#[must_use]
pub fn hashed(password: &str, salt: &[u8]) -> String {
    let mut hash = [0; HASH_BYTES];
    pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, ROUNDS, &mut hash);
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    format!("$pbkdf2-sha256$i={ROUNDS},l={HASH_BYTES}${salt}${hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_passwords_are_compared() {
        let users = ["ann:a:b", "bob:", "eve:c"].map(|text| User::parse(text, false).unwrap());
        let name = |name, password| log_in(&users, name, password).map(|u| u.name.clone());
        assert_eq!(name("ann", "a:b"), Some("ann".into()));
        assert_eq!(name("bob", ""), Some("bob".into()));
        for (who, password) in [("ann", "a"), ("ann", ""), ("nobody", "a:b"), ("bob", "c")] {
            assert_eq!(name(who, password), None, "{who} {password}");
        }
        // The key that Anki's server gives out for it.
        let ann = User::parse("u:p", false).unwrap();
        assert_eq!(ann.key(), "26aef033203fc3655de5620300a76ee0e2081444");
        assert_eq!(with_key(&users, users[1].key()), Some(1));
        assert_eq!(with_key(&users, ""), None);
        for bad in [
            "",
            "ann",
            "../x:p",
            "a/b:p",
            "a\\b:p",
            ".:p",
            ".hidden:p",
            ":p",
        ] {
            assert!(User::parse(bad, false).is_err(), "{bad}");
        }
    }

    #[test]
    fn hashed_passwords_are_those_of_anki() {
        // Made by Python's hashlib; each was tried with Anki's server.
        for hash in [
            "$pbkdf2-sha256$i=1000,l=32$c2FsdHNhbHRzYWx0c2FsdA$T7epWfxBHiKQQGlNJ3+9CM17dQuKVeWu++anuIAf6vg",
            "$pbkdf2-sha512$i=1000,l=64$c2FsdHNhbHRzYWx0c2FsdA$tUJFWCvfJ4jNCYwhW2Ca+K8/VFWdT6UZHto54Tz9ByFugaLo9uWDdINU/TrAoC3chl3BmndCwjvMlFvl6Jj5Bg",
            "$pbkdf2-sha256$i=1000$c2FsdHNhbHRzYWx0c2FsdA$T7epWfxBHiKQQGlNJ3+9CM17dQuKVeWu++anuIAf6vg",
        ] {
            let hash = Hashed::parse(hash).unwrap();
            assert!(hash.fits("pw"), "{hash:?}");
            assert!(!hash.fits("wrong") && !hash.fits(""), "{hash:?}");
        }
        let ours = Hashed::parse(&hashed("pw", b"some salt")).unwrap();
        assert_eq!((ours.rounds, ours.hash.len()), (ROUNDS, HASH_BYTES));
        assert!(ours.fits("pw"));
        for bad in [
            "pw",
            "",
            "$pbkdf2-sha256$c2FsdA",
            "$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$CWOrkoo7oJBQ/iyh7uJ0LO2aLEfrHwTWllSAxT0zRno",
            "$pbkdf2-sha256$i=0,l=32$c2FsdA$CWOrkoo7oJBQ/iyh7uJ0LO2aLEfrHwTWllSAxT0zRno",
            "$pbkdf2-sha256$i=1,l=31$c2FsdA$CWOrkoo7oJBQ/iyh7uJ0LO2aLEfrHwTWllSAxT0zRno",
            "$pbkdf2-sha256$i=1,l=0$c2FsdA$",
        ] {
            assert_eq!(Hashed::parse(bad), None, "{bad}");
        }
    }
}
