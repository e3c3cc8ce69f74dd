//! The `tags` table (the list for completion and the sidebar; notes hold their own tags) and
//! `graves` (what was deleted since the last sync).

use super::note::split_tags;
use super::{Cell, Storage, Table, Tx, loose};
use crate::base::Result;
use crate::base::ids::{DeckId, Usn};
use std::collections::BTreeSet;
use unicase::UniCase;

/// What was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::storage) enum Grave {
    Card = 0,
    Note = 1,
    Deck = 2,
}

impl Storage {
    /// All registered tags, sorted.
    pub fn tags(&self) -> Result<Vec<String>> {
        let mut statement = self
            .db
            .prepare_cached("select tag from tags order by tag")?;
        let tags = statement
            .query_map([], |row| loose::text(row, 0))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(tags)
    }

    /// Tags of the notes that have a card in one of the decks now, sorted; of spellings that
    /// differ in case alone, one.
    pub fn tags_of_decks(&self, decks: &[DeckId]) -> Result<Vec<String>> {
        let mut found: BTreeSet<UniCase<String>> = BTreeSet::new();
        let mut statement = self.db.prepare_cached(
            "select distinct tags from notes where tags != '' and id in \
             (select nid from cards where did=?)",
        )?;
        for deck in decks {
            let mut rows = statement.query([deck.0])?;
            while let Some(row) = rows.next()? {
                for tag in split_tags(row.get_ref(0)?.as_str().unwrap_or_default()) {
                    found.insert(UniCase::new(tag.to_owned()));
                }
            }
        }
        Ok(found.into_iter().map(UniCase::into_inner).collect())
    }
}

impl Tx<'_> {
    /// Enters tags into the list, and returns them spelled as the list has them. New ones are
    /// collapsed, as Anki makes them.
    pub fn register_tags<S: AsRef<str>>(&mut self, tags: &[S]) -> Result<Vec<String>> {
        let mut spelled: Vec<String> = Vec::with_capacity(tags.len());
        for tag in tags {
            let tag = tag.as_ref();
            if let Some(existing) = self.registered_spelling(tag)? {
                spelled.push(existing);
                continue;
            }
            let tag = self.with_case_of_parents(tag)?;
            self.insert_row(
                Table::Tags,
                vec![
                    tag.as_str().into(),
                    Usn::PENDING.0.into(),
                    true.into(),
                    Cell::Null,
                ],
            )?;
            spelled.push(tag);
        }
        Ok(spelled)
    }

    /// The longest registered parent decides how that part is spelled.
    fn with_case_of_parents(&self, tag: &str) -> Result<String> {
        let mut parent = tag;
        while let Some((above, _)) = parent.rsplit_once("::") {
            parent = above;
            if let Some(registered) = self.registered_spelling(parent)? {
                return Ok(format!("{registered}{}", &tag[parent.len()..]));
            }
        }
        Ok(tag.to_owned())
    }

    pub(super) fn registered_spelling(&self, tag: &str) -> Result<Option<String>> {
        use rusqlite::OptionalExtension as _;
        Ok(self
            .db
            .prepare_cached("select tag from tags where tag=?")?
            .query_row([tag], |row| row.get(0))
            .optional()?)
    }

    /// What comes back is not deleted any more.
    pub(in crate::storage) fn remove_grave(&mut self, id: i64, kind: Grave) -> Result<()> {
        self.delete_row(Table::Graves, &[id.into(), (kind as u8).into()])?;
        Ok(())
    }

    /// Takes a tag out of the list; notes keep it.
    pub fn unregister_tag(&mut self, tag: &str) -> Result<()> {
        self.delete_row(Table::Tags, &[tag.into()])?;
        Ok(())
    }

    /// Enters the tag into the list if it is not there, folded or not.
    pub fn set_tag_collapsed(&mut self, tag: &str, collapsed: bool) -> Result<()> {
        let tag = self
            .registered_spelling(tag)?
            .unwrap_or_else(|| tag.to_owned());
        let mut row = match self.read_row(Table::Tags, &[tag.as_str().into()])? {
            Some(row) => row,
            None => vec![tag.as_str().into(), Cell::Null, Cell::Null, Cell::Null],
        };
        row[1] = Usn::PENDING.0.into();
        row[2] = collapsed.into();
        self.put_row(Table::Tags, row)?;
        Ok(())
    }

    pub(in crate::storage) fn add_grave(&mut self, id: i64, kind: Grave) -> Result<()> {
        self.put_row(
            Table::Graves,
            vec![id.into(), (kind as u8).into(), Usn::PENDING.0.into()],
        )?;
        Ok(())
    }
}

/// Whether two names are the same to the file's `unicase` collation.
#[must_use]
pub fn same_name(a: &str, b: &str) -> bool {
    UniCase::new(a) == UniCase::new(b)
}
