//! Which file names may stand in the media folder, and what becomes of the others. The rules are
//! those of Anki, so that both programs see the same names.

use super::hash::MediaHash;
use crate::base::hex;
use regex::Regex;
use std::borrow::Cow;
use std::path::{Component, Path};
use std::sync::LazyLock;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// Longest name in bytes of UTF-8.
pub const MAX_NAME_BYTES: usize = 120;
pub(super) const MAX_EXTENSION_BYTES: usize = 10;
/// What is longer behind the last dot is no extension beside a hash.
const KEPT_EXTENSION_BYTES: usize = 50;

/// As of Unicode 10, which Anki goes by: it takes later signs out of names, and refuses packages
/// with such names.
static UNASSIGNED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{Cn}\P{age=10.0}]").expect("a constant pattern"));

/// Exactly one ordinary path component: cannot leave the folder on any system.
#[must_use]
pub fn is_one_component(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!(parts.next(), Some(Component::Normal(part)) if part.len() == name.len())
        && parts.next().is_none()
}

/// Whether the name may be used as it is.
#[must_use]
pub fn is_normalized(name: &str) -> bool {
    is_one_component(name) && normalize(name) == name
}

/// The name as it may stand in the folder; perhaps empty, when nothing of it may.
#[must_use]
pub fn normalize(name: &str) -> Cow<'_, str> {
    // Nearly all names are, and there are thousands to look at with each sync.
    let is_ascii = name.is_ascii();
    let mut out: Cow<'_, str> = if is_ascii || is_nfc(name) {
        name.into()
    } else {
        name.nfc().collect::<String>().into()
    };
    if out.contains(is_disallowed) {
        out = out.replace(is_disallowed, "").into();
    }
    if !is_ascii && UNASSIGNED.is_match(&out) {
        out = UNASSIGNED.replace_all(&out, "").into_owned().into();
    }
    if out.contains('\u{a0}') {
        out = out.replace('\u{a0}', " ").into();
    }
    if let Some(at) = end_of_device_name(&out) {
        out.to_mut().insert(at, '_');
    }
    if out.ends_with([' ', '.']) {
        out.to_mut().push('_');
    }
    if out.len() > MAX_NAME_BYTES {
        // What is left may end with a space or a period.
        out = normalize(&shorten(&out)).into_owned().into();
    }
    out
}

/// A name that may stand in every folder; perhaps empty. As [`normalize`], which is Anki's, but once
/// more where what it takes out stood between a letter and its accent.
#[must_use]
pub fn fit(name: &str) -> Cow<'_, str> {
    let mut fit = normalize(name);
    loop {
        let again = normalize(&fit).into_owned();
        if again == *fit {
            return fit;
        }
        fit = again.into();
    }
}

/// `a.png` → `a-<40 digits>.png`, cut to what a name may have: the name that a file gets beside
/// another one of its name.
#[must_use]
pub fn with_hash(name: &str, hash: &MediaHash) -> String {
    let digits = hex(hash);
    // One that left no room for the stem would make the same name of different ones.
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= KEPT_EXTENSION_BYTES => {
            (stem, format!(".{extension}"))
        }
        _ => (name, String::new()),
    };
    let room = MAX_NAME_BYTES.saturating_sub(digits.len() + 1 + extension.len());
    format!("{}-{digits}{extension}", cut(stem, room))
}

fn is_disallowed(c: char) -> bool {
    c.is_ascii_control() || r#"[]<>:"/?*^\|"#.contains(c)
}

/// Where a name of a Windows device ends (`con`, `con.txt`), which Windows cannot store.
fn end_of_device_name(name: &str) -> Option<usize> {
    let stem = name.split('.').next().unwrap_or(name);
    let is = |text: &[u8], names: &[&str]| {
        let same = |name: &&str| text.eq_ignore_ascii_case(name.as_bytes());
        names.iter().any(same)
    };
    let is_device = match stem.as_bytes() {
        [port @ .., b'1'..=b'9'] => is(port, &["com", "lpt"]),
        other => is(other, &["con", "prn", "aux", "nul"]),
    };
    is_device.then_some(stem.len())
}

/// Cuts the extension to 10 bytes and the stem to what is left.
fn shorten(name: &str) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let extension = cut(extension, MAX_EXTENSION_BYTES);
    let stem = cut(stem, MAX_NAME_BYTES - extension.len() - 2);
    if extension.is_empty() {
        stem.to_owned()
    } else {
        format!("{stem}.{extension}")
    }
}

fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each pair was asked of Anki 26.9.3, which also lower-cases when it adds a file; that part
    /// is left out.
    #[test]
    fn names_become_what_anki_makes_of_them() {
        for (given, want) in [
            ("a.png", "a.png"),
            ("A:b?.png", "Ab.png"),
            ("con", "con_"),
            ("CON.txt", "CON_.txt"),
            ("aux.tar.gz", "aux_.tar.gz"),
            ("com1", "com1_"),
            ("com10", "com10"),
            ("lpt9.x", "lpt9_.x"),
            ("prn ", "prn _"),
            ("nul.", "nul_._"),
            ("x.", "x._"),
            ("x..", "x.._"),
            ("..x", "..x"),
            ("a\u{a0}b.png", "a b.png"),
            ("e\u{301}.png", "é.png"),
            ("tab\tx", "tabx"),
            ("\u{378}x.png", "x.png"),
            ("\u{202e}x", "\u{202e}x"),
            ("a\u{85}b", "a\u{85}b"),
            ("~", "~"),
        ] {
            assert_eq!(normalize(given), want, "{given:?}");
        }
    }

    #[test]
    fn long_names_are_cut_as_anki_cuts_them() {
        let a = |n: usize| "a".repeat(n);
        assert_eq!(normalize(&a(130)), a(118));
        assert_eq!(normalize(&(a(130) + ".png")), a(115) + ".png");
        let long_extension = a(130) + "." + &"b".repeat(20);
        assert_eq!(normalize(&long_extension), a(108) + ".bbbbbbbbbb");
        let cjk = "日".repeat(50) + ".mp3";
        assert_eq!(normalize(&cjk), "日".repeat(38) + ".mp3");
        assert_eq!(normalize(&a(120)), a(120));
        let cut_at_a_space = a(117) + " " + &a(20);
        assert_eq!(normalize(&cut_at_a_space), a(117) + " _");
        let extension = "a.bbbbbbbbb ".to_owned() + &a(120);
        assert_eq!(normalize(&extension), "a.bbbbbbbbb _");
        assert_eq!(
            normalize(&("a.b.".to_owned() + &"c".repeat(150))),
            "a.b.cccccccccc"
        );
    }

    /// Anki too makes names of them that it does not take.
    #[test]
    fn accents_that_come_to_their_letter_are_one_with_it() {
        for (given, once, want) in [
            ("e?\u{301}.png", "e\u{301}.png", "é.png"),
            ("a?.png", "a.png", "a.png"),
            ("?", "", ""),
        ] {
            assert_eq!((&*normalize(given), &*fit(given)), (once, want));
        }
        assert!(is_normalized(&fit(&("e?\u{301}".repeat(60) + ".png"))));
    }

    #[test]
    fn nothing_leaves_the_folder() {
        for bad in ["", ".", "..", "a/b", "/etc/x", "a/", "./a", "../evil"] {
            assert!(!is_normalized(bad), "{bad:?}");
        }
        for bad in ["C:\\evil.txt", "a\\b", "a\0b"] {
            assert!(!is_normalized(bad), "{bad:?}");
        }
        assert!(is_normalized("_font.ttf"));
        assert!(is_normalized("／etc／x.png"));
    }

    #[test]
    fn different_names_stay_different_with_a_hash() {
        let hash = MediaHash::default();
        for extension in ["png", &"e".repeat(50), &"e".repeat(51), &"e".repeat(118)] {
            let named = |stem: &str| with_hash(&format!("{stem}.{extension}"), &hash);
            assert_ne!(named("2-a"), named("3-a"), "{extension}");
            assert!(named("a").len() <= MAX_NAME_BYTES);
        }
        let zeros = "0".repeat(40);
        assert_eq!(with_hash("a.png", &hash), format!("a-{zeros}.png"));
    }
}
