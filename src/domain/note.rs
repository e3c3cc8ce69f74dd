//! A note: fields and tags, from which a note type makes cards.

use crate::base::ids::{NoteId, NotetypeId, Usn};
use crate::base::time::TimestampSecs;

/// The tag that the star of the reviewer stands for.
pub const MARKED: &str = "marked";

/// One row of `notes`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note {
    pub id: NoteId,
    /// Random 64-bit number in base 91; the identity across collections.
    pub guid: String,
    pub notetype_id: NotetypeId,
    pub mtime: TimestampSecs,
    pub usn: Usn,
    /// Without the surrounding spaces of the file.
    pub tags: Vec<String>,
    /// HTML, in field order; as many as the note type has.
    pub fields: Vec<String>,
    /// As stored: the stripped text of the sort field.
    pub sort_field: String,
    /// As stored: first four bytes of the SHA-1 of the stripped first field.
    pub checksum: u32,
}

impl Note {
    /// Makes it as many fields as `wanted`, but one at least: what is too much goes to the end of
    /// the last one.
    pub fn fit_fields(&mut self, wanted: usize) {
        let wanted = wanted.max(1);
        while self.fields.len() > wanted {
            let extra = self.fields.pop().unwrap_or_default();
            if let Some(last) = self.fields.last_mut() {
                *last = format!("{last}; {extra}");
            }
        }
        self.fields.resize(wanted, String::new());
    }

    /// Whether the note has `tag`, ASCII case aside.
    #[must_use]
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|t| t.eq_ignore_ascii_case(tag))
    }

    #[must_use]
    pub fn is_marked(&self) -> bool {
        self.has_tag(MARKED)
    }
}
