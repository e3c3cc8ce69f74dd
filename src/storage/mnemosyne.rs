//! Reads a database of Mnemosyne 2. Columns that older versions did not have count as empty, and
//! columns of another type are read as what they can only mean.

use super::loose;
use super::open::connect_to_upgrade;
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::job::Progress;
use crate::base::time::TimestampSecs;
use crate::domain::mnemosyne::{Fact, FactCard, FactType, FactView, Mnemosyne, Repetition};
use crate::mark;
use rusqlite::{Connection, Row};
use std::collections::HashMap;
use std::path::Path;

/// Of the log's entries: an answer.
const REPETITION: i64 = 9;
/// What a card without a tag is tagged with.
const UNTAGGED: &str = "__UNTAGGED__";

/// Reads all of a copy that is there to be read only once: an unfinished transaction in the log
/// beside it is taken back, as Mnemosyne would.
pub fn read(path: &Path, progress: &Progress) -> Result<Mnemosyne> {
    let read = || -> Result<Mnemosyne> {
        let db = connect_to_upgrade(path)?;
        let file = File { db: &db, progress };
        if !["facts", "data_for_fact", "cards"]
            .into_iter()
            .all(|table| file.columns(table).is_ok_and(|columns| !columns.is_empty()))
        {
            return Err(Error::corrupt(mark!(
                "the file is a database, but not one of Mnemosyne 2"
            )));
        }
        let mut read = Mnemosyne {
            card_types: file.card_types()?,
            repetitions: file.repetitions()?,
            ..Mnemosyne::default()
        };
        let mut numbers = HashMap::new();
        file.facts(&mut read.facts, &mut numbers)?;
        file.values(&mut read.facts, &numbers)?;
        file.cards(&mut read.facts, &numbers)?;
        Ok(read)
    };
    read().at(path)
}

struct File<'a> {
    db: &'a Connection,
    progress: &'a Progress,
}

impl File<'_> {
    /// Columns of a table, of which there are none when there is no such table.
    fn columns(&self, table: &str) -> Result<Vec<String>> {
        // A view under the name of a table could be anything.
        let mut statement = self.db.prepare(
            "select c.name from sqlite_master as t, pragma_table_info(t.name) as c \
             where t.type='table' and t.name=? and lower(ltrim(t.sql)) not like 'create virtual%'",
        )?;
        let columns = statement
            .query_map([table], |row| loose::text(row, 0))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(columns)
    }

    /// Gives each row's `wanted` columns to `take`; none when there is no such table.
    fn each(
        &self,
        table: &str,
        wanted: &[&str],
        rest: &str,
        mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<()> {
        let there = self.columns(table)?;
        if there.is_empty() {
            return Ok(());
        }
        let columns: Vec<&str> = wanted
            .iter()
            .map(|&column| {
                if there.iter().any(|c| c == column) {
                    column
                } else {
                    "null"
                }
            })
            .collect();
        let sql = format!("select {} from {table} {rest}", columns.join(", "));
        let mut statement = self.db.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            self.progress.check()?;
            take(row)?;
        }
        Ok(())
    }

    fn facts(&self, facts: &mut Vec<Fact>, numbers: &mut HashMap<i64, usize>) -> Result<()> {
        self.each("facts", &["_id", "id"], "order by _id", |row| {
            numbers.insert(loose::integer(row, 0)?, facts.len());
            facts.push(Fact {
                id: loose::text(row, 1)?,
                ..Fact::default()
            });
            Ok(())
        })
    }

    fn values(&self, facts: &mut [Fact], numbers: &HashMap<i64, usize>) -> Result<()> {
        let wanted = ["_fact_id", "key", "value"];
        self.each("data_for_fact", &wanted, "order by rowid", |row| {
            if let Some(&fact) = numbers.get(&loose::integer(row, 0)?) {
                let value = (loose::text(row, 1)?, loose::text(row, 2)?);
                facts[fact].values.push(value);
            }
            Ok(())
        })
    }

    fn cards(&self, facts: &mut [Fact], numbers: &HashMap<i64, usize>) -> Result<()> {
        let mut tags = self.tags_of_cards()?;
        let wanted = [
            "_id",
            "_fact_id",
            "id",
            "card_type_id",
            "fact_view_id",
            "extra_data",
            "creation_time",
            "modification_time",
            "next_rep",
            "last_rep",
            "easiness",
            "acq_reps",
            "ret_reps",
            "lapses",
        ];
        self.each("cards", &wanted, "order by _id", |row| {
            let Some(&fact) = numbers.get(&loose::integer(row, 1)?) else {
                return Ok(());
            };
            facts[fact].cards.push(FactCard {
                id: loose::text(row, 2)?,
                card_type: loose::text(row, 3)?,
                view: loose::text(row, 4)?,
                gap: gap_of(&loose::text(row, 5)?),
                tags: tags.remove(&loose::integer(row, 0)?).unwrap_or_default(),
                created: TimestampSecs(loose::integer(row, 6)?),
                modified: TimestampSecs(loose::integer(row, 7)?),
                next_repetition: TimestampSecs(loose::integer(row, 8)?),
                last_repetition: TimestampSecs(loose::integer(row, 9)?),
                easiness: loose::fraction(row, 10)?,
                learning_answers: loose::integer(row, 11)?,
                review_answers: loose::integer(row, 12)?,
                lapses: loose::integer(row, 13)?,
            });
            Ok(())
        })
    }

    /// Tags of each card, by its number.
    fn tags_of_cards(&self) -> Result<HashMap<i64, Vec<String>>> {
        let mut names = HashMap::new();
        self.each("tags", &["_id", "name"], "", |row| {
            names.insert(loose::integer(row, 0)?, loose::text(row, 1)?);
            Ok(())
        })?;
        names.retain(|_, name| name != UNTAGGED);
        let mut tags: HashMap<i64, Vec<String>> = HashMap::new();
        let wanted = ["_card_id", "_tag_id"];
        self.each("tags_for_card", &wanted, "order by rowid", |row| {
            if let Some(name) = names.get(&loose::integer(row, 1)?) {
                let card = loose::integer(row, 0)?;
                tags.entry(card).or_default().push(name.clone());
            }
            Ok(())
        })?;
        Ok(tags)
    }

    fn card_types(&self) -> Result<Vec<FactType>> {
        let mut views = HashMap::new();
        let wanted = [
            "id",
            "name",
            "q_fact_keys",
            "a_fact_keys",
            "a_on_top_of_q",
            "type_answer",
        ];
        self.each("fact_views", &wanted, "", |row| {
            let view = FactView {
                id: loose::text(row, 0)?,
                name: loose::text(row, 1)?,
                question: python_strings(&loose::text(row, 2)?),
                answer: python_strings(&loose::text(row, 3)?),
                answer_alone: loose::integer(row, 4)? != 0,
                typed: loose::integer(row, 5)? != 0,
            };
            views.insert(view.id.clone(), view);
            Ok(())
        })?;
        let mut types = Vec::new();
        let wanted = ["id", "name", "fact_keys_and_names", "fact_view_ids"];
        self.each("card_types", &wanted, "order by rowid", |row| {
            let keys = python_strings(&loose::text(row, 2)?);
            let ids = python_strings(&loose::text(row, 3)?);
            types.push(FactType {
                id: loose::text(row, 0)?,
                name: loose::text(row, 1)?,
                keys: keys
                    .chunks_exact(2)
                    .map(|pair| (pair[0].clone(), pair[1].clone()))
                    .collect(),
                views: ids.iter().filter_map(|id| views.get(id).cloned()).collect(),
            });
            Ok(())
        })?;
        Ok(types)
    }

    fn repetitions(&self) -> Result<Vec<Repetition>> {
        let mut found = Vec::new();
        let wanted = [
            "event_type",
            "timestamp",
            "object_id",
            "grade",
            "easiness",
            "scheduled_interval",
            "thinking_time",
            "next_rep",
            "lapses",
            "acq_reps_since_lapse",
            "ret_reps_since_lapse",
        ];
        self.each("log", &wanted, "order by timestamp, rowid", |row| {
            if loose::integer(row, 0)? == REPETITION {
                found.push(Repetition {
                    at: TimestampSecs(loose::integer(row, 1)?),
                    card: loose::text(row, 2)?,
                    grade: loose::integer(row, 3)?,
                    easiness: loose::fraction(row, 4)?,
                    planned: loose::integer(row, 5)?,
                    taken: loose::integer(row, 6)?,
                    next_repetition: TimestampSecs(loose::integer(row, 7)?),
                    lapses: loose::integer(row, 8)?,
                    learning_since_lapse: loose::integer(row, 9)?,
                    reviews_since_lapse: loose::integer(row, 10)?,
                });
            }
            Ok(())
        })?;
        Ok(found)
    }
}

/// Of a card's extra data, a Python dictionary: `{'cloze': 'Paris', 'index': 1}`.
fn gap_of(extra: &str) -> Option<u16> {
    let (_, after) = extra.rsplit_once("index")?;
    let digits = after.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits.find(|c: char| !c.is_ascii_digit());
    digits[..end.unwrap_or(digits.len())].parse().ok()
}

/// The strings of a Python list, of tuples or not, as Python writes it: `[('f', 'Front'), …]`.
fn python_strings(list: &str) -> Vec<String> {
    let mut strings = Vec::new();
    let mut rest = list.chars();
    while let Some(quote) = rest.find(|&c| c == '\'' || c == '"') {
        let mut text = String::new();
        while let Some(c) = rest.next().filter(|&c| c != quote) {
            match c {
                '\\' => text.extend(escaped(&mut rest)),
                c => text.push(c),
            }
        }
        strings.push(text);
    }
    strings
}

/// What follows a backslash.
fn escaped(rest: &mut std::str::Chars<'_>) -> Option<char> {
    let digits = match rest.next()? {
        'n' => return Some('\n'),
        't' => return Some('\t'),
        'r' => return Some('\r'),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        other => return Some(other),
    };
    let mut code = 0;
    for _ in 0..digits {
        code = code * 16 + rest.next()?.to_digit(16)?;
    }
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_lists_are_read() {
        let list = r#"[('f', 'Vorder\'s'), ("b", "a \"b\""), ('n', 'ü\xe4\u65e5\n')]"#;
        let wanted = ["f", "Vorder's", "b", "a \"b\"", "n", "üä日\n"];
        assert_eq!(python_strings(list), wanted);
        assert!(python_strings("[]").is_empty());
        assert_eq!(python_strings("['no end"), ["no end"]);
        assert_eq!(python_strings(r"['\x4"), [""]);
    }

    #[test]
    fn the_gap_of_a_card_is_found() {
        assert_eq!(gap_of("{'cloze': 'the index 7', 'index': 12}"), Some(12));
        assert_eq!(gap_of("{'index': 0, 'cloze': 'a'}"), Some(0));
        assert_eq!(gap_of(""), None);
        assert_eq!(gap_of("{'index': None}"), None);
        assert_eq!(gap_of("{'index': 99999999}"), None);
    }
}
