//! The cards that a filtered deck can take, with what its orders look at. The order itself is
//! made by `collection::filtered`.

use super::sql::{SqlWriter, due_conditions, listed};
use super::{SearchMoment, matchers, said_of_the_search};
use crate::base::Result;
use crate::base::ids::{CardId, DeckId, NoteId};
use crate::search::ast::{Search, State};
use crate::search::resolve::Query;
use crate::storage::loose::{fit, integer};
use crate::storage::{HeldPlaces, Storage};
use rusqlite::Row;
use rusqlite::types::ValueRef;

/// One in so many cards is a large part.
const MANY: i64 = 8;

/// What is read of each card. Thousands are for a hundred that come: each column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CandidateFacts {
    /// Only which card it is.
    Id,
    /// All numbers of [`Candidate`] but the last review.
    Numbers,
    /// The times of its change and of its newest review.
    LastReview,
    /// The time of its change, `due`, the interval and `cards.data`, for memory states.
    Memory,
}

impl CandidateFacts {
    /// The columns, of `c`, in the order in which [`candidate`] reads them.
    fn columns(self) -> &'static str {
        match self {
            Self::Id => "c.id",
            Self::Numbers => "c.id, c.mod, c.due, c.ivl, c.nid, c.ord, c.lapses",
            Self::LastReview => "c.id, c.mod, (select max(id) from revlog where cid = c.id)",
            Self::Memory => "c.id, c.mod, c.due, c.ivl, c.data",
        }
    }
}

/// A matching card; what was not asked for is 0 or empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Candidate<'a> {
    pub id: CardId,
    pub note: NoteId,
    pub template_idx: u16,
    /// Epoch seconds.
    pub mtime: i64,
    pub due: i64,
    pub interval: i64,
    pub lapses: i64,
    /// Epoch milliseconds; 0 without a review.
    pub last_review: i64,
    /// JSON.
    pub data: &'a str,
}

fn candidate<'a>(row: &'a Row<'_>, facts: CandidateFacts) -> rusqlite::Result<Candidate<'a>> {
    let mut card = Candidate {
        id: CardId(row.get(0)?),
        ..Candidate::default()
    };
    if facts == CandidateFacts::Id {
        return Ok(card);
    }
    card.mtime = integer(row, 1)?;
    if facts == CandidateFacts::LastReview {
        card.last_review = integer(row, 2)?;
        return Ok(card);
    }
    card.due = integer(row, 2)?;
    card.interval = integer(row, 3)?;
    if facts == CandidateFacts::Memory {
        if let ValueRef::Text(data) = row.get_ref(4)? {
            card.data = std::str::from_utf8(data).unwrap_or_default();
        }
        return Ok(card);
    }
    card.note = NoteId(integer(row, 4)?);
    card.template_idx = fit(integer(row, 5)?);
    card.lapses = integer(row, 6)?;
    Ok(card)
}

impl Storage {
    /// Calls `each` with every card that matches, in no particular order. The cards of the deck that
    /// `held` emptied are looked at as they are to be; others that it holds are passed over, and so
    /// are suspended and buried cards and those in filtered decks.
    pub fn search_candidates(
        &self,
        query: &str,
        moment: &SearchMoment,
        facts: CandidateFacts,
        held: &HeldPlaces,
        mut each: impl FnMut(&Candidate<'_>),
    ) -> Result<()> {
        let resolved = self.resolve_search(query)?;
        let fold_all = self.config_or("ignoreAccentsInSearch", false)?;
        let write = |query: &Query| {
            let writer = SqlWriter::new(moment, fold_all).all_at_home();
            writer.write(query)
        };
        let mut written = write(&resolved)?;
        matchers::register(&self.db, written.take_matchers(), moment)?;
        let columns = facts.columns();
        let text = written.select_cards(columns);
        let from = |text: &str, source: &str, and: &str| {
            let text = text.replacen(" from cards c", &format!(" from {source}"), 1);
            format!("{text} and {and}")
        };
        let mut run = |preferred: &str, text: &str, here: &dyn Fn(CardId) -> bool| -> Result<()> {
            // An odd collection cannot be searched in that way.
            let statement = self.db.prepare(preferred);
            let mut statement = statement.or_else(|_| self.db.prepare(text))?;
            let mut rows = statement.query(rusqlite::params_from_iter(&written.values))?;
            while let Some(row) = rows.next()? {
                let card = candidate(row, facts)?;
                if here(card.id) {
                    each(&card);
                }
            }
            Ok(())
        };
        let instead = held.instead();
        let (emptied, elsewhere) = match &instead {
            Some((deck, _)) => (deck.0, format!(" and c.did != {deck}")),
            None => (0, String::new()),
        };
        let active = "c.queue not in (-1, -2, -3)";
        let at_home = format!("{active} and c.odid = 0{elsewhere}");
        let plain = from(&text, "cards c", &at_home);
        let preferred = if self.wants_due_cards(&resolved)? == Some(true) {
            // SQLite would look for them once more, and in the index deck by deck. What they were
            // found by is not asked of each again; it binds no values.
            let beside = write(&without_due(&resolved))?.select_cards(columns);
            let due = self.due_cards(moment, emptied)?;
            let source = format!("({due}) due cross join cards c");
            from(&beside, &source, "c.odid = 0 and c.id = due.id")
        } else if !self.wants_most_cards(&resolved)? {
            plain.clone()
        } else if facts == CandidateFacts::Id && is_of_decks(&resolved) {
            // All that is asked for is in the index, when those that are away are known.
            let away = "c.id not in (select id from cards where odid != 0)";
            from(
                &text,
                "cards c indexed by ix_cards_sched",
                &format!("{active} and {away}{elsewhere}"),
            )
        } else {
            // Each card once in their order is quicker than going to most of them by an index.
            from(&text, "cards c not indexed", &at_home)
        };
        run(&preferred, &plain, &|card| !held.is_elsewhere(card)).map_err(said_of_the_search)?;
        if let Some((_, source)) = &instead {
            held.register(&self.db)?;
            let here = format!("{active} and c.odid = 0");
            let text = from(&text, &format!("{source} c"), &here);
            let found = run(&text, &text, &|_| true).map_err(said_of_the_search);
            HeldPlaces::forget(&self.db)?;
            found?;
        }
        Ok(())
    }

    /// A select of the ids of all due cards but those of one deck, by the index.
    fn due_cards(&self, moment: &SearchMoment, but: i64) -> Result<String> {
        let mut decks = self.db.prepare_cached(
            "with recursive d(id) as (select min(did) from cards union all \
             select (select min(did) from cards where did > d.id) from d where d.id is not null) \
             select id from d where id is not null",
        )?;
        let decks = decks.query_map([], |row| row.get::<_, i64>(0))?;
        let decks: Vec<i64> = decks.collect::<rusqlite::Result<_>>()?;
        let decks = listed(decks.into_iter().filter(|deck| *deck != but));
        let of = |due: String| {
            format!(
                "select c.id from cards c indexed by ix_cards_sched where c.did in {decks} and {due}"
            )
        };
        Ok(due_conditions(moment).map(of).join(" union all "))
    }

    /// Whether a search of decks alone takes a large part of all cards.
    fn wants_most_cards(&self, query: &Query) -> Result<bool> {
        Ok(match query {
            // Leaves out, but does not pick.
            Query::All | Query::AnyDeck | Query::Not(_) => true,
            Query::Decks(decks) => self.hold_many(decks)?,
            Query::And(parts) => {
                for part in parts {
                    if !self.wants_most_cards(part)? {
                        return Ok(false);
                    }
                }
                true
            }
            _ => false,
        })
    }

    /// Whether of all cards, or those of decks that hold many, only those that are due are taken;
    /// None when something else is looked for.
    fn wants_due_cards(&self, query: &Query) -> Result<Option<bool>> {
        Ok(match query {
            Query::Term(Search::State(State::Due)) => Some(true),
            Query::Not(_) => Some(false),
            Query::Decks(decks) => self.hold_many(decks)?.then_some(false),
            Query::And(parts) => {
                let mut due = false;
                for part in parts {
                    match self.wants_due_cards(part)? {
                        Some(this) => due |= this,
                        None => return Ok(None),
                    }
                }
                Some(due)
            }
            _ => None,
        })
    }

    fn hold_many(&self, decks: &[DeckId]) -> Result<bool> {
        let mut all = self.db.prepare_cached("select count(*) from cards")?;
        let many = all.query_row([], |row| row.get::<_, i64>(0))? / MANY;
        let mut seen = 0;
        let mut statement = self
            .db
            .prepare_cached("select count(*) from (select 1 from cards where did=?1 limit ?2)")?;
        for deck in decks {
            seen += statement.query_row([deck.0, many + 1], |row| row.get::<_, i64>(0))?;
            if seen > many {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What is left to ask of cards that are due, of a search that takes only such.
fn without_due(query: &Query) -> Query {
    match query {
        Query::Term(Search::State(State::Due)) => Query::All,
        Query::And(parts) => Query::And(parts.iter().map(without_due).collect()),
        other => other.clone(),
    }
}

/// Whether only decks are looked at.
fn is_of_decks(query: &Query) -> bool {
    match query {
        Query::All | Query::AnyDeck | Query::Decks(_) => true,
        Query::And(parts) => parts.iter().all(is_of_decks),
        _ => false,
    }
}
