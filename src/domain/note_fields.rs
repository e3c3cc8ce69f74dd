//! What is worked out from a note's fields before it is stored: clean text, the sort field, the
//! checksum for finding duplicates, tags in their normal form; and the ids that notes are known by
//! across collections.

use super::html::strip_html_preserving_media_names;
use super::note::Note;
use super::notetype::Notetype;
use sha1::{Digest as _, Sha1};
use std::borrow::Cow;
use unicase::UniCase;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// Digits of a guid, in the order of their value.
const BASE_91: &[u8; 91] =
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&()*+,-./:;<=>?@[]^_`{|}~";

/// A number in base 91, most significant digit first: at most ten characters.
#[must_use]
pub fn guid_of(mut number: u64) -> String {
    let mut digits = Vec::new();
    while number > 0 {
        digits.push(char::from(BASE_91[(number % 91) as usize]));
        number /= 91;
    }
    digits.iter().rev().collect()
}

/// The first four bytes of the SHA-1 of the stripped field.
#[must_use]
pub fn field_checksum(field: &str) -> u32 {
    let digest = Sha1::digest(strip_html_preserving_media_names(field).as_bytes());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// Without control characters (except line break and tab), and composed if `nfc`.
#[must_use]
pub fn clean_field(text: &str, nfc: bool) -> Cow<'_, str> {
    // As nearly all fields of many languages are: below U+0300 everything is composed.
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t' | 0x80..=0xcb);
    if !text.bytes().fold(false, |odd, byte| odd | !plain(byte)) {
        return Cow::Borrowed(text);
    }
    let unwanted = |c: char| c.is_ascii_control() && c != '\n' && c != '\t';
    let mut clean = Cow::Borrowed(text);
    if text.contains(unwanted) {
        clean = Cow::Owned(text.replace(unwanted, ""));
    }
    match clean {
        Cow::Borrowed(text) if nfc => composed(text),
        Cow::Owned(text) if nfc => Cow::Owned(composed(&text).into_owned()),
        clean => clean,
    }
}

/// In Unicode's composed form (NFC).
#[must_use]
pub fn composed(text: &str) -> Cow<'_, str> {
    if is_nfc(text) {
        text.into()
    } else {
        text.nfc().collect::<String>().into()
    }
}

/// The stripped text of the field by which notes of this type are sorted.
#[must_use]
pub fn sort_field_of(notetype: &Notetype, fields: &[String]) -> String {
    let idx = notetype.config.sort_field_idx as usize;
    fields
        .get(idx)
        .map(|field| strip_html_preserving_media_names(field).into_owned())
        .unwrap_or_default()
}

impl Note {
    /// Cleans the fields and works out sort field and checksum. As many fields as the note type
    /// has must be there.
    pub fn prepare(&mut self, notetype: &Notetype, nfc: bool) {
        for field in &mut self.fields {
            if let Cow::Owned(clean) = clean_field(field, nfc) {
                *field = clean;
            }
        }
        self.sort_field = sort_field_of(notetype, &self.fields);
        self.checksum = field_checksum(self.fields.first().map_or("", String::as_str));
    }
}

/// Tags in their normal form: components clean and none empty, none twice, sorted.
#[must_use]
pub fn normal_tags<S: AsRef<str>>(tags: &[S]) -> Vec<String> {
    let mut normal: Vec<String> = tags
        .iter()
        .flat_map(|tag| tag.as_ref().split([' ', '\u{3000}']))
        .filter(|tag| !tag.is_empty())
        .map(normal_tag)
        .collect();
    sort_tags(&mut normal);
    normal
}

/// Puts tags in order; of those that differ in case alone the first stays.
pub fn sort_tags(tags: &mut Vec<String>) {
    tags.sort_by(|a, b| UniCase::new(a).cmp(&UniCase::new(b)));
    tags.dedup_by(|next, kept| UniCase::new(next.as_str()) == UniCase::new(kept.as_str()));
}

fn normal_tag(tag: &str) -> String {
    // As nearly all tags are.
    let is_plain = tag.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain && tag.split("::").all(|part| !part.is_empty()) {
        return tag.to_owned();
    }
    let components: Vec<String> = tag
        .split("::")
        .map(|part| {
            let clean: String = part.nfc().filter(|c| !c.is_ascii_control()).collect();
            let clean = clean.trim();
            if clean.is_empty() {
                "blank".to_owned()
            } else {
                clean.to_owned()
            }
        })
        .collect();
    components.join("::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_use_ankis_digits() {
        assert_eq!(guid_of(0), "");
        assert_eq!(guid_of(1), "b");
        assert_eq!(guid_of(90), "~");
        assert_eq!(guid_of(91), "ba");
        assert_eq!(guid_of(u64::MAX), "Rj&Z5m[>Zp");
    }

    #[test]
    fn checksums_are_of_the_stripped_text() {
        assert_eq!(
            field_checksum(r#"<b>Hello</b> &amp; <img src="a b.png">"#),
            2_875_625_599
        );
    }

    #[test]
    fn fields_lose_control_characters_and_are_composed() {
        assert_eq!(clean_field("a\r\n\tb\u{1f}\0\u{7f}c", true), "a\n\tbc");
        assert_eq!(clean_field("e\u{301}", true), "é");
        assert_eq!(clean_field("e\u{301}", false), "e\u{301}");
        for c in '\0'..'\u{3100}' {
            let kept = |c: &char| !c.is_ascii_control() || matches!(c, '\n' | '\t');
            let text: String = ['e', c, 'x'].into_iter().filter(kept).collect();
            let composed: String = text.nfc().collect();
            let text = format!("e{c}x");
            assert_eq!(clean_field(&text, true), composed, "{c:?}");
        }
    }

    #[test]
    fn tags_are_cleaned_sorted_and_single() {
        assert_eq!(
            normal_tags(&["b  a\u{3000}B", "x::::y", "::z"]),
            ["a", "b", "blank::z", "x::blank::y"]
        );
    }
}
