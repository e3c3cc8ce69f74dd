//! The names of encrypted files, and what is said of a password before it is used.

use std::path::{Path, PathBuf};

/// What the name of an encrypted file ends in, after the name of what is in it.
pub const ENDING: &str = "age";
/// Bits of guessing below which a password is called weak: a good machine tries them in a year.
const WEAK_BITS: f32 = 45.0;

/// Whether the name is that of an encrypted file.
#[must_use]
pub fn is_encrypted(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case(ENDING))
}

/// `x.colpkg.age` → `x.colpkg`; other names stay.
#[must_use]
pub fn plain_name(path: &Path) -> PathBuf {
    if is_encrypted(path) {
        path.with_extension("")
    } else {
        path.to_owned()
    }
}

/// `x.colpkg` → `x.colpkg.age`; encrypted names stay.
#[must_use]
pub fn encrypted_name(path: &Path) -> PathBuf {
    if is_encrypted(path) {
        return path.to_owned();
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ENDING);
    name.into()
}

/// Whether a password falls to somebody who tries them all, by its length and the kinds of its
/// characters; what is repeated does not count.
#[must_use]
pub fn is_weak(password: &str) -> bool {
    let has = |kind: &dyn Fn(char) -> bool| password.chars().any(kind);
    let signs: f32 = [
        (has(&|c| c.is_ascii_lowercase()), 26.0),
        (has(&|c| c.is_ascii_uppercase()), 26.0),
        (has(&|c| c.is_ascii_digit()), 10.0),
        (has(&|c| c.is_ascii() && !c.is_ascii_alphanumeric()), 33.0),
        (has(&|c| !c.is_ascii()), 100.0),
    ]
    .iter()
    .filter(|(has, _)| *has)
    .map(|(_, size)| size)
    .sum();
    let mut before = None;
    let counted = password
        .chars()
        .filter(|c| before.replace(*c) != Some(*c))
        .count();
    (counted as f32) * signs.max(1.0).log2() < WEAK_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_gain_and_lose_their_ending() {
        let (plain, sealed) = (Path::new("a/x.colpkg"), Path::new("a/x.colpkg.age"));
        assert_eq!(encrypted_name(plain), sealed);
        assert_eq!(encrypted_name(sealed), sealed);
        assert_eq!(plain_name(sealed), plain);
        assert_eq!(plain_name(plain), plain);
    }

    #[test]
    fn weak_passwords() {
        for weak in ["", "a", "password", "12345678", "aaaaaaaaaaaaaaaaaaaa"] {
            assert!(is_weak(weak), "{weak}");
        }
        for strong in ["correct horse battery", "x7$Kq9!pL2", "日本語の長い文"] {
            assert!(!is_weak(strong), "{strong}");
        }
    }
}
