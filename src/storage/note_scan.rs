//! Many notes in one pass, without making a [`Note`](crate::domain::note::Note) of each.

use super::Storage;
use super::loose::utf8;
use crate::base::Result;
use crate::base::ids::{NoteId, NotetypeId};
use crate::domain::note_fields::field_checksum;
use std::borrow::Cow;

/// From so many notes on, and from so many of a hundred, all rows are read rather than each looked
/// up.
const SCAN_FROM: usize = 500;
const SCAN_FROM_PERCENT: usize = 6;

/// What is looked at in a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoteRow<'a> {
    pub id: NoteId,
    pub guid: &'a str,
    pub notetype_id: NotetypeId,
    /// As stored, with spaces between and around.
    pub tags: &'a str,
    /// As stored, with U+001F between.
    pub fields: &'a str,
    /// Some text is not UTF-8, and its odd bytes stand as U+FFFD.
    pub damaged: bool,
}

impl Storage {
    /// Calls `each` with every note in the order of their ids, or with those of `only` that there
    /// are (from [`SCAN_FROM`] on in that order too). Damaged texts are shown as far as they can be read.
    pub fn scan_notes(
        &self,
        only: Option<&[NoteId]>,
        mut each: impl FnMut(&NoteRow<'_>) -> Result<()>,
    ) -> Result<()> {
        const COLUMNS: &str = "select id, guid, mid, tags, flds from notes";
        let mut visit = |row: &rusqlite::Row<'_>| -> Result<()> {
            let text = |at: usize| -> rusqlite::Result<Cow<'_, str>> {
                let bytes = row.get_ref(at)?.as_bytes().unwrap_or_default();
                Ok(utf8(bytes))
            };
            let [guid, tags, fields] = [text(1)?, text(3)?, text(4)?];
            each(&NoteRow {
                id: NoteId(row.get(0)?),
                guid: &guid,
                notetype_id: NotetypeId(row.get(2)?),
                tags: &tags,
                fields: &fields,
                damaged: [&guid, &tags, &fields]
                    .iter()
                    .any(|text| matches!(text, Cow::Owned(_))),
            })
        };
        // Neighbours lie on the same pages of the file.
        let in_order = only.filter(|only| only.len() >= SCAN_FROM).map(|only| {
            let mut ids = only.to_vec();
            ids.sort_unstable();
            ids.dedup();
            ids
        });
        let looked_up = match &in_order {
            None => only,
            Some(ids) if self.is_small_part(ids.len())? => Some(ids.as_slice()),
            Some(_) => None,
        };
        match looked_up {
            Some(ids) => {
                let mut statement = self.db.prepare_cached(&format!("{COLUMNS} where id = ?"))?;
                for id in ids {
                    let mut rows = statement.query([id.0])?;
                    if let Some(row) = rows.next()? {
                        visit(row)?;
                    }
                }
            }
            None => {
                let mut wanted = in_order.as_ref().map(|ids| ids.iter().peekable());
                let mut statement = self.db.prepare_cached(&format!("{COLUMNS} order by id"))?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    let id = NoteId(row.get(0)?);
                    let is_wanted = wanted.as_mut().is_none_or(|wanted| {
                        while wanted.next_if(|next| **next < id).is_some() {}
                        wanted.next_if(|next| **next == id).is_some()
                    });
                    if is_wanted {
                        visit(row)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether it is less work to look this many notes up than to read all of them.
    pub(super) fn is_small_part(&self, notes: usize) -> Result<bool> {
        let mut statement = self.db.prepare_cached("select count(*) from notes")?;
        let all: i64 = statement.query_row([], |row| row.get(0))?;
        Ok(notes * 100 < usize::try_from(all).unwrap_or(0) * SCAN_FROM_PERCENT)
    }

    /// In order, also of notes that have lost their cards.
    pub fn all_note_ids(&self) -> Result<Vec<NoteId>> {
        let mut statement = self.db.prepare_cached("select id from notes order by id")?;
        let ids = statement
            .query_map([], |row| row.get(0).map(NoteId))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(ids)
    }

    /// Notes whose first field is filled and has the checksum of another one's, by checksum.
    pub fn notes_with_equal_checksums(&self) -> Result<Vec<NoteId>> {
        let empty = i64::from(field_checksum(""));
        // Both columns are in the index.
        let mut statement = self
            .db
            .prepare_cached("select csum, id from notes order by csum, id")?;
        let mut rows = statement.query([])?;
        let mut equal = Vec::new();
        let mut group: Option<(i64, NoteId, bool)> = None;
        while let Some(row) = rows.next()? {
            let (sum, id) = (
                row.get::<_, i64>(0).unwrap_or_default(),
                NoteId(row.get(1)?),
            );
            match &mut group {
                Some((same, first, told)) if *same == sum && sum != empty => {
                    if !*told {
                        equal.push(*first);
                        *told = true;
                    }
                    equal.push(id);
                }
                _ => group = Some((sum, id, false)),
            }
        }
        Ok(equal)
    }
}
