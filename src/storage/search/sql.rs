//! A resolved query to an SQL condition over `c` (cards) and `n` (notes). Values are bound; only
//! numbers and comparison signs of ours are written into the text.

use super::matchers::Matcher;
use super::{Rows, SearchMoment};
use crate::base::time::DAY_SECS;
use crate::base::{Error, Result};
use crate::domain::html::strip_html_preserving_media_names;
use crate::search::ast::{Comparison, Property, Search, State, TextMode};
use crate::search::resolve::Query;
use rusqlite::types::Value;
use sha1::{Digest as _, Sha1};
use std::fmt::Write as _;

pub(super) struct SqlWriter<'a> {
    moment: &'a SearchMoment,
    /// Accents never count.
    fold_all: bool,
    /// No card that the condition is asked of visits a filtered deck.
    all_at_home: bool,
    values: Vec<Value>,
    matchers: Vec<Matcher>,
    needs_cards: bool,
    needs_notes: bool,
    looks_at_each: bool,
    looks_at_reviews: bool,
}

/// The condition and what it needs.
pub(super) struct WrittenSql {
    condition: String,
    pub(super) values: Vec<Value>,
    pub(super) matchers: Vec<Matcher>,
    needs_cards: bool,
    needs_notes: bool,
    /// No index knows all that is asked: as a rule all rows of a table are looked at. Nothing is
    /// gathered from reviews first, which each statement would do again.
    pub(super) looks_at_each: bool,
}

impl WrittenSql {
    /// A select of ids; of notes the same one can come several times.
    pub(super) fn select_ids(&self, rows: Rows) -> String {
        let condition = &self.condition;
        match rows {
            Rows::Cards => self.select_cards("c.id"),
            // Of any deck: without a join, from the index of cards.
            Rows::Notes if self.needs_cards && condition == "true" => {
                "select id from notes where id in (select nid from cards)".to_owned()
            }
            Rows::Notes if self.needs_cards => {
                format!("select n.id from cards c, notes n where c.nid = n.id and {condition}")
            }
            Rows::Notes => format!("select n.id from notes n where {condition}"),
        }
    }

    /// A select of some columns of `c`, the cards.
    pub(super) fn select_cards(&self, columns: &str) -> String {
        let condition = &self.condition;
        if self.needs_notes {
            format!("select {columns} from cards c, notes n where c.nid = n.id and {condition}")
        } else {
            format!("select {columns} from cards c where {condition}")
        }
    }
}

impl<'a> SqlWriter<'a> {
    pub(super) fn new(moment: &'a SearchMoment, fold_all: bool) -> Self {
        Self {
            moment,
            fold_all,
            all_at_home: false,
            values: Vec::new(),
            matchers: Vec::new(),
            needs_cards: false,
            needs_notes: false,
            looks_at_each: false,
            looks_at_reviews: false,
        }
    }

    /// The condition is asked only of cards that visit no filtered deck.
    pub(super) fn all_at_home(mut self) -> Self {
        self.all_at_home = true;
        self
    }

    pub(super) fn write(mut self, query: &Query) -> Result<WrittenSql> {
        let condition = self.query(query)?;
        Ok(WrittenSql {
            condition,
            values: self.values,
            matchers: self.matchers,
            needs_cards: self.needs_cards,
            needs_notes: self.needs_notes,
            looks_at_each: self.looks_at_each && !self.looks_at_reviews,
        })
    }

    fn query(&mut self, query: &Query) -> Result<String> {
        Ok(match query {
            Query::All => "true".to_owned(),
            Query::Nothing => "false".to_owned(),
            Query::AnyDeck => self.cards("true".to_owned()),
            Query::And(parts) => self.joined(parts, "and")?,
            Query::Or(parts) => self.joined(parts, "or")?,
            Query::Not(inner) => format!("(not {})", self.query(inner)?),
            Query::Decks(decks) => self.in_decks(listed(decks.iter().map(|d| d.0))),
            Query::InFilteredDeck => self.cards("(c.odid != 0)".to_owned()),
            Query::Notetypes(ids) => {
                self.notes(format!("(n.mid in {})", listed(ids.iter().map(|n| n.0))))
            }
            Query::Templates(templates) => self.templates(templates),
            Query::Fields {
                places,
                text,
                mode,
                all,
            } => {
                let (matcher, columns) = Matcher::fields(text, *mode, places.clone(), *all)?;
                let matched = self.matched(matcher, columns);
                // By the index only notes are read that have such a field; those of several types
                // are read quicker with all others than type by type.
                let column = if places.len() == 1 { "n.mid" } else { "+n.mid" };
                let notetypes = listed(places.iter().map(|(id, _)| id.0));
                format!("({column} in {notetypes} and {matched})")
            }
            Query::Text { text, kind, limits } => {
                let (matcher, columns) = Matcher::anywhere(text, *kind, limits, self.fold_all)?;
                self.matched(matcher, columns)
            }
            Query::Term(term) => self.term(term)?,
        })
    }

    /// As a balanced tree: SQLite limits the depth of expressions, not their length.
    fn joined(&mut self, parts: &[Query], operator: &str) -> Result<String> {
        let mut written = parts
            .iter()
            .map(|part| self.query(part))
            .collect::<Result<Vec<_>>>()?;
        if written.is_empty() {
            return Ok("true".to_owned());
        }
        while written.len() > 1 {
            written = written
                .chunks(2)
                .map(|pair| match pair {
                    [a, b] => format!("({a} {operator} {b})"),
                    rest => rest.concat(),
                })
                .collect();
        }
        Ok(written.concat())
    }

    fn cards(&mut self, condition: String) -> String {
        self.needs_cards = true;
        condition
    }

    fn notes(&mut self, condition: String) -> String {
        self.needs_notes = true;
        condition
    }

    fn in_decks(&mut self, ids: String) -> String {
        self.cards(if self.all_at_home {
            format!("(c.did in {ids})")
        } else {
            format!("(c.did in {ids} or (c.odid != 0 and c.odid in {ids}))")
        })
    }

    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    fn matched(&mut self, matcher: Matcher, columns: &str) -> String {
        self.looks_at_each = true;
        self.matchers.push(matcher);
        let index = self.matchers.len() - 1;
        self.notes(format!("engram_match({index}, {columns})"))
    }

    fn templates(&mut self, templates: &[(crate::base::ids::NotetypeId, u16)]) -> String {
        if templates.is_empty() {
            return "false".to_owned();
        }
        self.needs_notes = true;
        let alternatives: Vec<String> = templates
            .iter()
            .map(|(notetype, ord)| format!("(n.mid = {notetype} and c.ord = {ord})"))
            .collect();
        self.cards(format!("({})", alternatives.join(" or ")))
    }

    fn term(&mut self, term: &Search) -> Result<String> {
        Ok(match term {
            Search::Tag { tag, mode } => self.tag(tag, *mode)?,
            Search::NotetypeId(id) => self.notes(format!("(n.mid = {id})")),
            Search::TemplateOrd(ord) => self.cards(format!("(c.ord = {ord})")),
            Search::NoteIds(ids) => {
                self.notes(format!("(n.id in {})", listed(ids.iter().copied())))
            }
            Search::CardIds(ids) => {
                self.cards(format!("(c.id in {})", listed(ids.iter().copied())))
            }
            Search::DeckIds(ids) => self.in_decks(listed(ids.iter().copied())),
            Search::State(state) => self.state(*state),
            Search::Flag(flag) => {
                self.looks_at_each = true;
                self.cards(format!("((c.flags & 7) = {flag})"))
            }
            Search::Added(days) => {
                let cutoff = self.days_ago(i64::from(*days)).saturating_mul(1000);
                self.cards(format!("(c.id > {cutoff})"))
            }
            Search::Edited(days) => {
                let cutoff = self.days_ago(i64::from(*days));
                self.notes(format!("(n.mod > {cutoff})"))
            }
            Search::Introduced(days) => {
                let cutoff = self.days_ago(i64::from(*days)).saturating_mul(1000);
                self.looks_at_reviews = true;
                self.cards(format!(
                    "(coalesce((select min(id) > {cutoff} from revlog where cid = c.id and ease != 0), false) \
                     and c.id in (select cid from revlog where id > {cutoff}))"
                ))
            }
            Search::Rated { days, button } => {
                let cutoff = self.days_ago(i64::from(*days)).saturating_mul(1000);
                self.in_revlog(&format!("id > {cutoff} and {}", pressed(*button)))
            }
            Search::Rescheduled(days) => {
                let cutoff = self.days_ago(i64::from(*days)).saturating_mul(1000);
                self.in_revlog(&format!("id > {cutoff} and ease = 0"))
            }
            Search::CustomData(key) => {
                self.looks_at_each = true;
                let key = self.bind(key.clone());
                self.cards(format!("(engram_custom(c.data, {key}) is not null)"))
            }
            Search::Property { property, op } => self.property(property, *op),
            Search::Duplicates { notetype, text } => self.duplicates(notetype.0, text),
            other => return Err(Error::bug(format!("a search with names left: {other:?}"))),
        })
    }

    /// When the day `days` before tomorrow began, in seconds.
    fn days_ago(&self, days: i64) -> i64 {
        self.moment
            .next_day_at
            .0
            .saturating_sub(days.saturating_mul(DAY_SECS))
    }

    fn in_revlog(&mut self, condition: &str) -> String {
        self.looks_at_reviews = true;
        self.cards(format!(
            "(c.id in (select cid from revlog where {condition}))"
        ))
    }

    fn tag(&mut self, tag: &str, mode: TextMode) -> Result<String> {
        match (tag, mode) {
            (_, TextMode::Regex) => {}
            ("none", _) => return Ok(self.notes("(n.tags = '')".to_owned())),
            ("*", _) => return Ok("true".to_owned()),
            (tag, TextMode::Wildcards) if tag.contains(' ') => return Ok("false".to_owned()),
            _ => {}
        }
        let matcher = Matcher::tags(tag, mode)?;
        Ok(self.matched(matcher, "n.tags"))
    }

    fn state(&mut self, state: State) -> String {
        self.cards(match state {
            State::New => "(c.type = 0)".to_owned(),
            State::Review => "(c.type in (2, 3))".to_owned(),
            State::Learning => "(c.type in (1, 3))".to_owned(),
            State::Due => {
                let [days, moments] = due_conditions(self.moment);
                format!("(({days}) or ({moments}))")
            }
            State::Suspended => "(c.queue = -1)".to_owned(),
            State::Buried => "(c.queue in (-2, -3))".to_owned(),
            State::UserBuried => "(c.queue = -3)".to_owned(),
            State::SiblingBuried => "(c.queue = -2)".to_owned(),
        })
    }

    fn property(&mut self, property: &Property, op: Comparison) -> String {
        self.looks_at_each = true;
        let op_text = op.symbol();
        let due = "(case when c.odid != 0 then c.odue else c.due end)";
        let today = i64::from(self.moment.today);
        let condition = match property {
            Property::Interval(v) => format!("(c.ivl {op_text} {v})"),
            Property::Reps(v) => format!("(c.reps {op_text} {v})"),
            Property::Lapses(v) => format!("(c.lapses {op_text} {v})"),
            Property::Ease(v) => {
                // As an unsigned number: less than nothing is nothing.
                let ease = self.bind(f64::from(*v * 1000.0).trunc().max(0.0));
                format!("(c.factor {op_text} {ease})")
            }
            Property::Position(v) => format!("(c.type = 0 and {due} {op_text} {v})"),
            Property::Due(v) => {
                let day = today + i64::from(*v);
                let cutoff = self.moment.next_day_at.0;
                format!(
                    "((c.queue in (2, 3) and {due} {op_text} {day}) or (c.queue in (1, 4) and \
                     (({due} - {cutoff}) / {DAY_SECS}) {op_text} {v}))"
                )
            }
            Property::Rated { days, button } => {
                return self.on_days(*days, op, &pressed(*button));
            }
            Property::Rescheduled(days) => return self.on_days(*days, op, "ease = 0"),
            Property::Stability(v) => self.memory("s", op_text, *v),
            Property::Difficulty(v) => self.memory("d", op_text, *v * 9.0 + 1.0),
            Property::Retrievability(v) => {
                let value = self.bind(as_written(*v));
                format!(
                    "(c.type != 0 and engram_retrievability(c.data, {due}, c.ivl) {op_text} {value})"
                )
            }
            Property::CustomNumber { key, value } => {
                let key = self.bind(key.clone());
                let value = self.bind(as_written(*value));
                format!("(cast(engram_custom(c.data, {key}) as real) {op_text} {value})")
            }
            Property::CustomText { key, value } => {
                let key = self.bind(key.clone());
                let value = self.bind(value.clone());
                format!("(cast(engram_custom(c.data, {key}) as text) {op_text} {value})")
            }
        };
        self.cards(condition)
    }

    fn memory(&mut self, what: &str, op: &str, value: f32) -> String {
        let value = self.bind(as_written(value));
        format!("(engram_memory(c.data, '{what}') {op} {value})")
    }

    /// Reviews on days compared with the one `days` from today.
    fn on_days(&mut self, days: i32, op: Comparison, condition: &str) -> String {
        let from = self.days_ago(1 - i64::from(days)).saturating_mul(1000);
        let to = self.days_ago(-i64::from(days)).saturating_mul(1000);
        let range = match op {
            Comparison::Equal => format!("id > {from} and id < {to}"),
            Comparison::NotEqual => format!("(id < {from} or id > {to})"),
            Comparison::Less => format!("id < {from}"),
            Comparison::LessOrEqual => format!("id < {to}"),
            Comparison::Greater => format!("id > {to}"),
            Comparison::GreaterOrEqual => format!("id > {from}"),
        };
        self.in_revlog(&format!("{range} and {condition}"))
    }

    fn duplicates(&mut self, notetype: i64, text: &str) -> String {
        let text = strip_html_preserving_media_names(text);
        let digest = Sha1::digest(text.as_bytes());
        let checksum = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        let matcher = Matcher::FirstField(text.into_owned());
        let equal = self.matched(matcher, "n.flds");
        format!("(n.mid = {notetype} and n.csum = {checksum} and {equal})")
    }
}

/// The number that its shortest decimals say, as Anki writes it into its SQL.
fn as_written(number: f32) -> f64 {
    let written = number.to_string();
    written.parse().unwrap_or_else(|_| f64::from(number))
}

/// Which of the cards `c` are due: those that count days, and those that count seconds.
pub(super) fn due_conditions(moment: &SearchMoment) -> [String; 2] {
    let today = moment.today;
    let ahead = i64::from(moment.learn_ahead_secs);
    let ahead = moment.now.0.saturating_add(ahead);
    [
        format!("c.queue in (2, 3) and c.due <= {today}"),
        format!("c.queue in (1, 4) and c.due <= {ahead}"),
    ]
}

fn pressed(button: Option<u8>) -> String {
    match button {
        Some(button) => format!("ease = {button}"),
        None => "ease > 0".to_owned(),
    }
}

pub(super) fn listed(ids: impl Iterator<Item = i64>) -> String {
    let mut out = String::from("(");
    for (i, id) in ids.enumerate() {
        let comma = if i == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(out, "{comma}{id}");
    }
    out.push(')');
    out
}
