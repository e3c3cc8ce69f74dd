//! The browser's columns as SQL orders.

use super::{Rows, SearchMoment};
use crate::base::{Error, Result};
use crate::storage::Storage;
use std::fmt::Write as _;

/// A column of the browser by which rows can be sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortColumn {
    SortField,
    NoteCreated,
    NoteModified,
    CardModified,
    Template,
    Deck,
    Due,
    Ease,
    Interval,
    Lapses,
    Reviews,
    Position,
    Notetype,
    Tags,
    Stability,
    Difficulty,
    Retrievability,
}

impl SortColumn {
    /// The names that Anki stores.
    pub const ALL: [(Self, &'static str); 17] = [
        (Self::SortField, "noteFld"),
        (Self::NoteCreated, "noteCrt"),
        (Self::NoteModified, "noteMod"),
        (Self::CardModified, "cardMod"),
        (Self::Template, "template"),
        (Self::Deck, "deck"),
        (Self::Due, "cardDue"),
        (Self::Ease, "cardEase"),
        (Self::Interval, "cardIvl"),
        (Self::Lapses, "cardLapses"),
        (Self::Reviews, "cardReps"),
        (Self::Position, "originalPosition"),
        (Self::Notetype, "note"),
        (Self::Tags, "noteTags"),
        (Self::Stability, "stability"),
        (Self::Difficulty, "difficulty"),
        (Self::Retrievability, "retrievability"),
    ];

    /// By Anki's name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, n)| *n == name)
            .map(|(column, _)| *column)
    }
}

/// Fills the temporary table of ranks that the order needs.
pub(super) fn prepare(storage: &Storage, column: SortColumn, _moment: &SearchMoment) -> Result<()> {
    let names: Vec<(i64, i64, String)> = match column {
        SortColumn::Deck => storage
            .all_decks()?
            .iter()
            .map(|d| (d.id.0, 0, d.name.human()))
            .collect(),
        SortColumn::Notetype => storage
            .all_notetypes()?
            .iter()
            .map(|n| (n.id.0, 0, n.name.clone()))
            .collect(),
        SortColumn::Template => storage
            .all_notetypes()?
            .iter()
            .flat_map(|n| {
                (0i64..)
                    .zip(&n.templates)
                    .map(|(ord, t)| (n.id.0, ord, t.name.clone()))
                    .collect::<Vec<_>>()
            })
            .collect(),
        _ => return Ok(()),
    };
    storage.db.execute_batch(
        "create temporary table if not exists engram_ranks \
         (id integer, ord integer, rank integer, primary key (id, ord)) without rowid; \
         delete from engram_ranks;",
    )?;
    let mut names = names;
    names.sort_by(|a, b| unicase::UniCase::new(&a.2).cmp(&unicase::UniCase::new(&b.2)));
    let mut insert = storage
        .db
        .prepare("insert or replace into engram_ranks values (?, ?, ?)")?;
    let mut rank = 0;
    let mut previous: Option<String> = None;
    for (id, ord, name) in names {
        if previous
            .as_ref()
            .is_some_and(|p| !super::super::tag::same_name(p, &name))
        {
            rank += 1;
        }
        insert.execute((id, ord, rank))?;
        previous = Some(name);
    }
    Ok(())
}

/// `ids` is a select of ids; they come back in the column's order.
pub(super) fn ordered(
    ids: &str,
    column: SortColumn,
    rows: Rows,
    reverse: bool,
    moment: &SearchMoment,
) -> Result<String> {
    let keys = match rows {
        Rows::Cards => card_order(column, moment),
        Rows::Notes => note_order(column, moment)?,
    };
    let mut order = String::new();
    for key in keys {
        let comma = if order.is_empty() { "" } else { ", " };
        let direction = if reverse { "desc" } else { "asc" };
        // Writing to a String cannot fail.
        let _ = write!(order, "{comma}{key} {direction}");
    }
    Ok(match rows {
        Rows::Cards => format!(
            "select c.id from cards c, notes n where c.nid = n.id and c.id in ({ids}) \
             order by {order}"
        ),
        Rows::Notes => format!("select n.id from notes n where n.id in ({ids}) order by {order}"),
    })
}

const fn due_expression() -> &'static str {
    "(case when c.due > 1000000000 then c.due when c.type = 0 then c.due \
     else (c.due - {today}) * 86400 + {now} end)"
}

fn due(moment: &SearchMoment) -> String {
    due_expression()
        .replace("{today}", &moment.today.to_string())
        .replace("{now}", &moment.now.0.to_string())
}

fn card_order(column: SortColumn, moment: &SearchMoment) -> Vec<String> {
    let keys: &[&str] = match column {
        SortColumn::SortField => &["n.sfld collate nocase", "c.ord"],
        SortColumn::NoteCreated => &["n.id", "c.ord"],
        SortColumn::NoteModified => &["n.mod", "c.ord"],
        SortColumn::CardModified => &["c.mod"],
        SortColumn::Template => &[
            "(select rank from engram_ranks r where r.id = n.mid and \
             r.ord = coalesce((select c.ord from engram_ranks q where q.id = n.mid and q.ord = c.ord), 0))",
            "c.ord",
        ],
        SortColumn::Deck => &["(select rank from engram_ranks r where r.id = c.did)"],
        SortColumn::Due => return vec![due(moment)],
        SortColumn::Ease => &["(c.type = 0)", "c.factor"],
        SortColumn::Interval => &["c.ivl"],
        SortColumn::Lapses => &["c.lapses"],
        SortColumn::Reviews => &["c.reps"],
        SortColumn::Position => &["engram_position(c.data, c.type, c.due)"],
        SortColumn::Notetype => &["(select rank from engram_ranks r where r.id = n.mid)"],
        SortColumn::Tags => &["n.tags"],
        SortColumn::Stability => &["engram_memory(c.data, 's')"],
        SortColumn::Difficulty => &["engram_memory(c.data, 'd')"],
        SortColumn::Retrievability => &[
            "engram_retrievability(c.data, (case when c.odid != 0 then c.odue else c.due end), \
             c.ivl)",
        ],
    };
    keys.iter().map(|k| (*k).to_owned()).collect()
}

fn note_order(column: SortColumn, moment: &SearchMoment) -> Result<Vec<String>> {
    let of_cards = |what: &str| format!("(select {what} from cards c where c.nid = n.id)");
    Ok(match column {
        SortColumn::SortField => vec!["n.sfld collate nocase".into()],
        SortColumn::NoteCreated => vec!["n.id".into()],
        SortColumn::NoteModified => vec!["n.mod".into()],
        SortColumn::CardModified => vec![of_cards("max(c.mod)")],
        SortColumn::Template => vec![of_cards("count()")],
        SortColumn::Deck => vec![
            of_cards("count(distinct c.did)"),
            "(select r.rank from cards c, engram_ranks r where c.nid = n.id and r.id = c.did limit 1)"
                .into(),
        ],
        SortColumn::Due => vec![format!(
            "(select min({}) from cards c where c.nid = n.id and c.odid = 0 and c.type != 0 \
             and c.queue > 0)",
            due(moment)
        )],
        SortColumn::Ease => vec![format!(
            "(select avg(c.factor) from cards c where c.nid = n.id and c.type != 0)"
        )],
        SortColumn::Interval => vec![
            "(select avg(c.ivl) from cards c where c.nid = n.id and c.type in (2, 3))".into(),
        ],
        SortColumn::Lapses => vec![of_cards("sum(c.lapses)")],
        SortColumn::Reviews => vec![of_cards("sum(c.reps)")],
        SortColumn::Position => vec![of_cards("min(engram_position(c.data, c.type, c.due))")],
        SortColumn::Notetype => {
            vec!["(select rank from engram_ranks r where r.id = n.mid)".into()]
        }
        SortColumn::Tags => vec!["n.tags".into()],
        SortColumn::Stability | SortColumn::Difficulty | SortColumn::Retrievability => {
            return Err(Error::invalid("notes cannot be sorted by this column"));
        }
    })
}
