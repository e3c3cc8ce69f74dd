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

/// What is read of each card besides its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CandidateFacts {
    /// Only which card it is.
    Id,
    Numbers,
    /// The time of its newest review.
    LastReview,
    /// `cards.data`, for memory states.
    Memory,
}

/// A matching card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Candidate<'a> {
    pub id: CardId,
    pub note: NoteId,
    pub template_idx: u16,
    /// Epoch seconds.
    pub mtime: i64,
    pub due: i64,
    pub interval: i64,
    pub ease_factor: i64,
    pub lapses: i64,
    /// Epoch milliseconds; 0 without a review or when not asked for.
    pub last_review: i64,
    /// JSON; empty when not asked for.
    pub data: &'a str,
}

fn candidate<'a>(row: &'a Row<'_>, facts: CandidateFacts) -> rusqlite::Result<Candidate<'a>> {
    let id = CardId(row.get(0)?);
    if facts == CandidateFacts::Id {
        return Ok(Candidate {
            id,
            ..Candidate::default()
        });
    }
    let data = match facts {
        CandidateFacts::Memory => match row.get_ref(8)? {
            ValueRef::Text(data) => std::str::from_utf8(data).unwrap_or_default(),
            _ => "",
        },
        _ => "",
    };
    let last_review = match facts {
        CandidateFacts::LastReview => integer(row, 8)?,
        _ => 0,
    };
    Ok(Candidate {
        id,
        note: NoteId(integer(row, 1)?),
        template_idx: fit(integer(row, 2)?),
        mtime: integer(row, 3)?,
        due: integer(row, 4)?,
        interval: integer(row, 5)?,
        ease_factor: integer(row, 6)?,
        lapses: integer(row, 7)?,
        last_review,
        data,
    })
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
        let writer = SqlWriter::new(moment, fold_all).all_at_home();
        let mut written = writer.write(&resolved)?;
        matchers::register(&self.db, written.take_matchers(), moment)?;
        let numbers = "c.id, c.nid, c.ord, c.mod, c.due, c.ivl, c.factor, c.lapses";
        let columns = match facts {
            CandidateFacts::Id => "c.id".to_owned(),
            CandidateFacts::Numbers => numbers.to_owned(),
            CandidateFacts::LastReview => {
                format!("{numbers}, (select max(id) from revlog where cid = c.id)")
            }
            CandidateFacts::Memory => format!("{numbers}, c.data"),
        };
        let text = written.select_cards(&columns);
        let from = |source: &str, and: &str| {
            let text = text.replacen(" from cards c", &format!(" from {source}"), 1);
            format!("{text} and c.queue not in (-1, -2, -3) and {and}")
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
        let at_home = format!("c.odid = 0{elsewhere}");
        let plain = from("cards c", &at_home);
        let preferred = if self.wants_due_cards(&resolved)? == Some(true) {
            // SQLite would look for them once more, and in the index deck by deck.
            let due = self.due_cards(moment, emptied)?;
            let source = format!("({due} order by 1) due cross join cards c");
            from(&source, &format!("{at_home} and c.id = due.id"))
        } else if !self.wants_most_cards(&resolved)? {
            plain.clone()
        } else if facts == CandidateFacts::Id && is_of_decks(&resolved) {
            // All that is asked for is in the index, when those that are away are known.
            let away = "c.id not in (select id from cards where odid != 0)";
            from(
                "cards c indexed by ix_cards_sched",
                &format!("{away}{elsewhere}"),
            )
        } else {
            // Each card once in their order is quicker than going to most of them by an index.
            from("cards c not indexed", &at_home)
        };
        run(&preferred, &plain, &|card| !held.is_elsewhere(card)).map_err(said_of_the_search)?;
        if let Some((_, source)) = &instead {
            held.register(&self.db)?;
            let text = from(&format!("{source} c"), "c.odid = 0");
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

/// Whether only decks are looked at.
fn is_of_decks(query: &Query) -> bool {
    match query {
        Query::All | Query::AnyDeck | Query::Decks(_) => true,
        Query::And(parts) => parts.iter().all(is_of_decks),
        _ => false,
    }
}
