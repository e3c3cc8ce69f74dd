//! What b-trees a collection file has and what is in each, from its schema, for `pages` to walk.

use super::inspect::Depth;
use super::pages::{Content, IndexOf, Seen, Tree};
use super::record::{Affinity, Column};
use crate::base::Result;
use rusqlite::Connection;

/// All trees of a file, and which of its tables SQLite must look at besides.
#[derive(Debug)]
pub(super) struct Layout {
    pub trees: Vec<Tree>,
    /// Table and the place of its tree.
    tables: Vec<(String, usize)>,
    /// Pairs that must agree.
    compared: Vec<Compared>,
    /// Rows that lie in the tree of an index.
    without_rowids: Vec<String>,
    /// With an index of something else than whole numbers.
    other_indexes: Vec<String>,
}

/// An index: its tree, the tree of its table, and its place among that table's indexes.
#[derive(Debug)]
struct Compared {
    index: usize,
    table: usize,
    place: usize,
}

/// A row of `sqlite_master`.
struct Object {
    kind: String,
    name: String,
    table: String,
    root: u32,
    sql: String,
}

impl Layout {
    /// None: something here is not for us to judge. Only a full look compares indexes.
    pub fn of(db: &Connection, depth: Depth) -> Result<Option<Self>> {
        let objects = db
            .prepare(
                "select type, name, tbl_name, rootpage, lower(coalesce(sql, '')) \
                 from sqlite_master where rootpage > 0 order by type = 'index'",
            )?
            .query_map([], |row| {
                Ok(Object {
                    kind: row.get(0)?,
                    name: row.get(1)?,
                    table: row.get(2)?,
                    root: row.get(3)?,
                    sql: row.get(4)?,
                })
            })?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        let mut layout = Self {
            trees: vec![schema_tree()],
            tables: Vec::new(),
            compared: Vec::new(),
            without_rowids: Vec::new(),
            other_indexes: Vec::new(),
        };
        for object in objects {
            if object.kind == "index" {
                layout.add_index(db, object, depth)?;
            } else if !layout.add_table(db, object)? {
                return Ok(None);
            }
        }
        Ok(Some(layout))
    }

    fn add_table(&mut self, db: &Connection, object: Object) -> Result<bool> {
        let (without_rowid, strict): (bool, bool) = db.query_row(
            "select wr, strict from pragma_table_list where schema='main' and name=?",
            [&object.name],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        // SQLite evaluates conditions and stricter types.
        if strict || object.sql.contains("check") {
            return Ok(false);
        }
        let content = if without_rowid {
            self.without_rowids.push(object.name.clone());
            Content::Entries { numbers: None }
        } else {
            Content::Rows {
                columns: columns(db, &object.name)?,
                indexes: Vec::new(),
            }
        };
        self.tables.push((object.name, self.trees.len()));
        self.trees.push(Tree {
            root: object.root,
            content,
        });
        Ok(true)
    }

    fn add_index(&mut self, db: &Connection, object: Object, depth: Depth) -> Result<()> {
        let index = self.trees.len();
        let table = self.tables.iter().find(|(name, _)| *name == object.table);
        let mut numbers = None;
        if depth == Depth::Quick {
            // Its structure is all that is looked at.
        } else if let Some(&(_, table)) = table
            && let Content::Rows { columns, indexes } = &mut self.trees[table].content
            && let Some(index_of) = whole_numbers(db, &object, columns)?
        {
            for &column in &index_of.columns {
                columns[column].wanted = true;
            }
            numbers = Some(index_of.columns.len() + 1);
            self.compared.push(Compared {
                index,
                table,
                place: indexes.len(),
            });
            indexes.push(index_of);
        } else if !self.other_indexes.contains(&object.table) {
            self.other_indexes.push(object.table);
        }
        self.trees.push(Tree {
            root: object.root,
            content: Content::Entries { numbers },
        });
        Ok(())
    }

    /// Whether every index of whole numbers holds what its table holds.
    pub fn indexes_agree(&self, seen: &[Seen]) -> bool {
        self.compared
            .iter()
            .all(|pair| seen[pair.index].sums[0] == seen[pair.table].sums[pair.place])
    }

    /// Tables whose pages do not tell everything.
    pub fn for_sqlite(&self) -> impl Iterator<Item = &str> {
        let others = self.other_indexes.iter();
        let others = others.filter(|table| !self.without_rowids.contains(table));
        self.without_rowids.iter().chain(others).map(String::as_str)
    }

    /// Rows of a table.
    pub fn rows(&self, table: &str, seen: &[Seen]) -> u64 {
        let place = self.tables.iter().find(|(name, _)| name == table);
        place.map_or(0, |&(_, tree)| seen[tree].rows)
    }
}

/// The table of tables, whose tree begins on the first page.
fn schema_tree() -> Tree {
    let column = |affinity| Column {
        not_null: false,
        affinity,
        wanted: false,
    };
    let (text, number) = (column(Affinity::Text), column(Affinity::Numeric));
    Tree {
        root: 1,
        content: Content::Rows {
            columns: vec![text, text, text, number, text],
            indexes: Vec::new(),
        },
    }
}

fn columns(db: &Connection, table: &str) -> Result<Vec<Column>> {
    let declared = db
        .prepare("select type, \"notnull\", pk from pragma_table_info(?) order by cid")?
        .query_map([table], |row| {
            Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, u32>(2)?))
        })?
        .collect::<rusqlite::Result<Vec<(String, bool, u32)>>>()?;
    let keys = declared.iter().filter(|(_, _, key)| *key > 0).count();
    let column = |(declared, not_null, key): (String, bool, u32)| {
        let is_rowid = key == 1 && keys == 1 && declared.eq_ignore_ascii_case("integer");
        Column {
            not_null: not_null && !is_rowid,
            affinity: if is_rowid {
                Affinity::Rowid
            } else {
                Affinity::of(&declared)
            },
            wanted: false,
        }
    };
    Ok(declared.into_iter().map(column).collect())
}

/// The index as one of whole numbers, if it is a plain one over columns that hold numbers; the
/// condition that Anki's index of home decks has is known too.
fn whole_numbers(db: &Connection, index: &Object, columns: &[Column]) -> Result<Option<IndexOf>> {
    let keys = db
        .prepare("select cid, \"desc\" from pragma_index_xinfo(?) where key order by seqno")?
        .query_map([&index.name], |row| {
            Ok((row.get::<_, i64>(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<Vec<(i64, bool)>>>()?;
    let mut places = Vec::new();
    for (column, descends) in keys {
        let Ok(column) = usize::try_from(column) else {
            return Ok(None);
        };
        let holds_numbers = columns
            .get(column)
            .is_some_and(|column| column.affinity == Affinity::Numeric && column.not_null);
        if descends || !holds_numbers {
            return Ok(None);
        }
        places.push(column);
    }
    let without_zero = match index
        .sql
        .split_once(" where ")
        .or_else(|| index.sql.split_once("\nwhere "))
    {
        None => false,
        Some((_, condition)) if condition.trim() == "odid != 0" && places.len() == 1 => true,
        Some(_) => return Ok(None),
    };
    // A condition that is written in yet another way.
    let is_partial = index.sql.contains("where");
    Ok(
        (is_partial == without_zero && !places.is_empty()).then_some(IndexOf {
            columns: places,
            without_zero,
        }),
    )
}
