//! The tables `notetypes`, `fields` and `templates`, read and written as one thing.

use super::{Cell, Storage, Table, Tx, loose};
use crate::base::ids::{NotetypeId, Usn};
use crate::base::time::TimestampSecs;
use crate::base::{Error, ErrorKind, Result};
use crate::codec::notetype::{
    field_from_wire, field_to_wire, notetype_from_wire, notetype_to_wire, template_from_wire,
    template_to_wire,
};
use crate::domain::notetype::{Field, Notetype, NotetypeUse, Template};
use rusqlite::OptionalExtension as _;
use std::sync::Arc;

impl Storage {
    /// The note type, shared with the cache: for the many reads of studying.
    pub fn notetype(&self, id: NotetypeId) -> Result<Option<Arc<Notetype>>> {
        if let Some(notetype) = self.cache.notetypes.borrow().get(&id) {
            return Ok(Some(Arc::clone(notetype)));
        }
        let Some(notetype) = self.read_notetype(id)? else {
            return Ok(None);
        };
        let notetype = Arc::new(notetype);
        self.cache
            .notetypes
            .borrow_mut()
            .insert(id, Arc::clone(&notetype));
        Ok(Some(notetype))
    }

    pub fn get_notetype(&self, id: NotetypeId) -> Result<Option<Notetype>> {
        Ok(self.notetype(id)?.map(|notetype| (*notetype).clone()))
    }

    /// By name.
    pub fn all_notetypes(&self) -> Result<Vec<Notetype>> {
        let mut statement = self
            .db
            .prepare_cached("select id from notetypes order by name")?;
        let ids: Vec<i64> = statement
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut all = Vec::with_capacity(ids.len());
        for id in ids {
            all.extend(self.get_notetype(NotetypeId(id))?);
        }
        Ok(all)
    }

    /// As [`Self::notetype`]; None also where it is damaged.
    pub fn readable_notetype(&self, id: NotetypeId) -> Result<Option<Arc<Notetype>>> {
        match self.notetype(id) {
            Err(error) if error.kind() == ErrorKind::Corrupt => {
                tracing::warn!("a note type that is left out: {error}");
                Ok(None)
            }
            read => read,
        }
    }

    /// Whether there is one, damaged or not.
    pub fn has_notetype(&self, id: NotetypeId) -> Result<bool> {
        Ok(self.notetype_names()?.iter().any(|(known, _)| *known == id))
    }

    /// As [`Self::all_notetypes`], without those that are damaged.
    pub fn readable_notetypes(&self) -> Result<Vec<Notetype>> {
        let mut all = Vec::new();
        for (id, _) in self.notetype_names()? {
            let notetype = self.readable_notetype(id)?;
            all.extend(notetype.map(|notetype| (*notetype).clone()));
        }
        Ok(all)
    }

    /// As [`Self::all_notetypes`]; of those that are damaged only ids and names are known.
    pub fn known_notetypes(&self) -> Result<Vec<Arc<Notetype>>> {
        let mut all = Vec::new();
        for (id, name) in self.notetype_names()? {
            let by_name = || {
                Arc::new(Notetype {
                    id,
                    name,
                    ..Notetype::default()
                })
            };
            all.push(self.readable_notetype(id)?.unwrap_or_else(by_name));
        }
        Ok(all)
    }

    /// Ids and names of those that are damaged, by name.
    pub fn unreadable_notetypes(&self) -> Result<Vec<(NotetypeId, String)>> {
        let mut damaged = self.notetype_names()?;
        let mut failed = None;
        damaged.retain(|(id, _)| match self.readable_notetype(*id) {
            Ok(notetype) => notetype.is_none(),
            Err(error) => {
                failed = Some(error);
                true
            }
        });
        failed.map_or(Ok(damaged), Err)
    }

    /// Ids and names, by name.
    pub fn notetype_names(&self) -> Result<Vec<(NotetypeId, String)>> {
        let mut statement = self
            .db
            .prepare_cached("select id, name from notetypes order by name")?;
        let names = statement
            .query_map([], |row| {
                Ok((NotetypeId(row.get(0)?), loose::text(row, 1)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(names)
    }

    /// Case aside, as the file compares names.
    pub fn notetype_by_name(&self, name: &str) -> Result<Option<Notetype>> {
        match self.notetype_id_by_name(name)? {
            Some(id) => self.get_notetype(id),
            None => Ok(None),
        }
    }

    /// As [`Self::notetype_by_name`], of one that may be damaged too.
    pub fn notetype_id_by_name(&self, name: &str) -> Result<Option<NotetypeId>> {
        Ok(self
            .db
            .prepare_cached("select id from notetypes where name=?")?
            .query_row([name], |row| row.get(0).map(NotetypeId))
            .optional()?)
    }

    /// All note types by name, with the number of their notes.
    pub fn notetype_uses(&self) -> Result<Vec<NotetypeUse>> {
        let mut statement = self.db.prepare_cached(
            "select id, name, (select count(*) from notes where mid = notetypes.id) \
             from notetypes order by name",
        )?;
        let uses = statement
            .query_map([], |row| {
                Ok(NotetypeUse {
                    id: NotetypeId(row.get(0)?),
                    name: loose::text(row, 1)?,
                    notes: row.get::<_, i64>(2)?.unsigned_abs(),
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(uses)
    }

    /// Notes of a note type, and cards of each of its first `templates` ordinals.
    pub fn notetype_counts(&self, id: NotetypeId, templates: usize) -> Result<(u64, Vec<u64>)> {
        let notes: i64 = self
            .db
            .prepare_cached("select count(*) from notes where mid=?")?
            .query_row([id.0], |row| row.get(0))?;
        let mut cards = vec![0; templates];
        let mut statement = self.db.prepare_cached(
            "select ord, count(*) from cards where nid in (select id from notes where mid=?) \
             group by ord",
        )?;
        let mut rows = statement.query([id.0])?;
        while let Some(row) = rows.next()? {
            let (ord, count): (i64, i64) = (row.get(0)?, row.get(1)?);
            if let Some(cards) = usize::try_from(ord).ok().and_then(|ord| cards.get_mut(ord)) {
                *cards = count.unsigned_abs();
            }
        }
        Ok((notes.unsigned_abs(), cards))
    }

    fn read_notetype(&self, id: NotetypeId) -> Result<Option<Notetype>> {
        let raw: Option<(String, i64, i32, Vec<u8>)> = self
            .db
            .prepare_cached("select name, mtime_secs, usn, config from notetypes where id=?")?
            .query_row([id.0], |row| {
                let usn = loose::fit(loose::integer(row, 2)?);
                let (name, mtime) = (loose::text(row, 0)?, loose::integer(row, 1)?);
                Ok((name, mtime, usn, loose::bytes(row, 3)?))
            })
            .optional()?;
        let Some((name, mtime, usn, config)) = raw else {
            return Ok(None);
        };
        let damaged = |error: Error| loose::named(loose::Kind::Notetype, &name, &error);
        Ok(Some(Notetype {
            id,
            mtime: TimestampSecs(mtime),
            usn: Usn(usn),
            config: notetype_from_wire(&config).map_err(damaged)?,
            fields: self.read_fields(id).map_err(damaged)?,
            templates: self.read_templates(id).map_err(damaged)?,
            name,
        }))
    }

    fn read_fields(&self, id: NotetypeId) -> Result<Vec<Field>> {
        let mut statement = self
            .db
            .prepare_cached("select name, config from fields where ntid=? order by ord")?;
        let rows: Vec<(String, Vec<u8>)> = statement
            .query_map([id.0], |row| {
                Ok((loose::text(row, 0)?, loose::bytes(row, 1)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        rows.into_iter()
            .map(|(name, config)| {
                Ok(Field {
                    name,
                    config: field_from_wire(&config)?,
                })
            })
            .collect()
    }

    fn read_templates(&self, id: NotetypeId) -> Result<Vec<Template>> {
        let mut statement = self.db.prepare_cached(
            "select name, mtime_secs, usn, config from templates where ntid=? order by ord",
        )?;
        let rows: Vec<(String, i64, i32, Vec<u8>)> = statement
            .query_map([id.0], |row| {
                let usn = loose::fit(loose::integer(row, 2)?);
                let (name, mtime) = (loose::text(row, 0)?, loose::integer(row, 1)?);
                Ok((name, mtime, usn, loose::bytes(row, 3)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        rows.into_iter()
            .map(|(name, mtime, usn, config)| {
                Ok(Template {
                    name,
                    mtime: TimestampSecs(mtime),
                    usn: Usn(usn),
                    config: template_from_wire(&config)?,
                })
            })
            .collect()
    }
}

pub(in crate::storage) fn row_of(notetype: &Notetype) -> Vec<Cell> {
    vec![
        notetype.id.0.into(),
        notetype.name.as_str().into(),
        notetype.mtime.0.into(),
        notetype.usn.0.into(),
        notetype_to_wire(&notetype.config).into(),
    ]
}

pub(in crate::storage) fn field_row(id: NotetypeId, ord: usize, field: &Field) -> Vec<Cell> {
    vec![
        id.0.into(),
        (ord as i64).into(),
        field.name.as_str().into(),
        field_to_wire(&field.config).into(),
    ]
}

pub(in crate::storage) fn template_row(
    id: NotetypeId,
    ord: usize,
    template: &Template,
) -> Vec<Cell> {
    vec![
        id.0.into(),
        (ord as i64).into(),
        template.name.as_str().into(),
        template.mtime.0.into(),
        template.usn.0.into(),
        template_to_wire(&template.config).into(),
    ]
}

impl Tx<'_> {
    /// Adds a note type, giving it a free id (unless it has one), the time and the pending usn.
    pub fn add_notetype(&mut self, notetype: &mut Notetype) -> Result<()> {
        if notetype.id.0 == 0 {
            notetype.id = NotetypeId(self.free_id("notetypes", self.now().0)?);
        }
        notetype.mtime = self.now_secs();
        notetype.usn = Usn::PENDING;
        self.insert_row(Table::Notetypes, row_of(notetype))?;
        self.write_parts(notetype)
    }

    /// Writes a note type with the present time and the pending usn.
    pub fn update_notetype(&mut self, notetype: &Notetype) -> Result<()> {
        let mut row = row_of(notetype);
        row[2] = self.now_secs().0.into();
        row[3] = Usn::PENDING.0.into();
        self.put_row(Table::Notetypes, row)?;
        self.write_parts(notetype)
    }

    /// Removes the rows of a note type. Its notes are the caller's to remove.
    pub fn remove_notetype(&mut self, id: NotetypeId) -> Result<()> {
        for (table, name) in [(Table::Fields, "fields"), (Table::Templates, "templates")] {
            for ord in self.ordinals(name, id)? {
                self.delete_row(table, &[id.0.into(), ord.into()])?;
            }
        }
        self.delete_row(Table::Notetypes, &[id.0.into()])?;
        Ok(())
    }

    /// Fields and templates that differ are all removed before any is written, because names may
    /// have been exchanged and are unique.
    pub(in crate::storage) fn write_parts(&mut self, notetype: &Notetype) -> Result<()> {
        let id = notetype.id;
        let old_fields = self.read_fields(id)?;
        if old_fields != notetype.fields {
            for ord in self.ordinals("fields", id)? {
                self.delete_row(Table::Fields, &[id.0.into(), ord.into()])?;
            }
            for (ord, field) in notetype.fields.iter().enumerate() {
                self.insert_row(Table::Fields, field_row(id, ord, field))?;
            }
        }
        let old_templates = self.read_templates(id)?;
        if old_templates != notetype.templates {
            for ord in self.ordinals("templates", id)? {
                self.delete_row(Table::Templates, &[id.0.into(), ord.into()])?;
            }
            for (ord, template) in notetype.templates.iter().enumerate() {
                self.insert_row(Table::Templates, template_row(id, ord, template))?;
            }
        }
        Ok(())
    }

    /// The ordinals in the file, which damage may have left with gaps.
    pub(in crate::storage) fn ordinals(&self, table: &str, id: NotetypeId) -> Result<Vec<i64>> {
        let mut statement = self
            .db
            .prepare_cached(&format!("select ord from {table} where ntid=?"))?;
        let ordinals = statement
            .query_map([id.0], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(ordinals)
    }
}
