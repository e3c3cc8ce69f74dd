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
        let written = write(&resolved)?;
        matchers::register(&self.db, &written.matchers, moment)?;
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
            // All that is asked for is in the index, when those that are away are known: most
            // often they are all in the deck that is left out.
            let away = match self.cards_away()? > held.away() {
                true => " and c.id not in (select id from cards where odid != 0)",
                false => "",
            };
            from(
                &text,
                "cards c indexed by ix_cards_sched",
                &format!("{active}{away}{elsewhere}"),
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

    /// How many cards visit a deck, in the file.
    fn cards_away(&self) -> Result<usize> {
        let sql = "select count(*) from cards where odid != 0";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row([], |row| row.get::<_, i64>(0))? as usize)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Clock, TimestampMillis, TimestampSecs};
    use crate::domain::card::{Card, CardQueue, CardType, FsrsMemory};
    use crate::storage::Tx;

    const MOMENT: SearchMoment = SearchMoment {
        now: TimestampSecs(2_000_000_000),
        next_day_at: TimestampSecs(2_000_010_000),
        today: 50,
        learn_ahead_secs: 1200,
    };

    /// Three decks; due and not, in every queue, some away in deck 9, and as many in `other`.
    fn collection(folder: &std::path::Path, other: i64) -> Storage {
        let clock = Clock::fixed(TimestampMillis(1_000_000_000_000), 0);
        let mut storage = Storage::create(&folder.join("a.anki2"), &clock).unwrap();
        let fill = |tx: &mut Tx<'_>| {
            for n in 1..=400 {
                let (queue, kind, due) = match n % 7 {
                    0 => (CardQueue::Suspended, CardType::Review, n % 100),
                    1 => (CardQueue::New, CardType::New, n),
                    2 => (CardQueue::Learn, CardType::Learn, 2_000_001_000 + n),
                    3 => (CardQueue::DayLearn, CardType::Relearn, n % 100),
                    _ => (CardQueue::Review, CardType::Review, n % 100),
                };
                let away = n % 11 == 0;
                let visits = if n % 2 == 0 { 9 } else { other };
                tx.add_card(&mut Card {
                    id: CardId(i64::from(n) * 3),
                    note_id: NoteId(i64::from(n)),
                    deck_id: DeckId(if away { visits } else { 1 + i64::from(n) % 3 }),
                    original_deck_id: DeckId(if away { 2 } else { 0 }),
                    original_due: if away { due } else { 0 },
                    template_idx: n as u16 % 5,
                    queue,
                    ctype: kind,
                    due,
                    interval: n as u32 + 1,
                    lapses: n as u32 % 13,
                    memory_state: Some(FsrsMemory {
                        stability: n as f32,
                        difficulty: 5.0,
                    }),
                    ..Card::default()
                })?;
            }
            Ok(())
        };
        storage.tx(TimestampMillis(1), fill).unwrap();
        storage
    }

    #[test]
    fn all_that_match_and_are_free_come_with_what_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let storage = collection(folder.path(), 9);
        let held = HeldPlaces::default();
        for search in [
            "is:due",
            "is:due is:due",
            "(is:due) -did:2",
            "is:due did:1,3 -is:learn",
            "deck:Default is:due",
            "-is:due",
            "is:due or is:new",
            "deck:*",
            "",
        ] {
            let found = storage.search_cards(search, &MOMENT, None).unwrap();
            let card = |id: CardId| storage.get_card(id).unwrap().unwrap();
            let free = |card: &Card| {
                card.original_deck_id == DeckId(0) && card.queue != CardQueue::Suspended
            };
            let mut wanted: Vec<Card> = found.into_iter().map(card).filter(free).collect();
            wanted.sort_by_key(|card| card.id);
            assert!(wanted.len() > 20 && wanted.len() < 340, "{search}");
            let gathered = |facts, look: &mut dyn FnMut(&Candidate<'_>, &Card)| {
                let mut ids = vec![];
                let each = |found: &Candidate<'_>| {
                    look(found, &card(found.id));
                    ids.push(found.id);
                };
                let run = storage.search_candidates(search, &MOMENT, facts, &held, each);
                run.unwrap();
                ids.sort_unstable();
                let wanted: Vec<CardId> = wanted.iter().map(|card| card.id).collect();
                assert_eq!(ids, wanted, "{search}, {facts:?}");
            };
            gathered(CandidateFacts::Id, &mut |_, _| {});
            gathered(CandidateFacts::LastReview, &mut |found, card| {
                assert_eq!((found.mtime, found.last_review), (card.mtime.0, 0));
            });
            gathered(CandidateFacts::Memory, &mut |found, card| {
                let numbers = (found.mtime, found.due, found.interval);
                let stability = format!("\"s\":{}", card.note_id);
                assert!(found.data.contains(&stability), "{}", found.data);
                let (due, interval) = (i64::from(card.due), i64::from(card.interval));
                assert_eq!(numbers, (card.mtime.0, due, interval));
            });
            gathered(CandidateFacts::Numbers, &mut |found, card| {
                let numbers = (found.due, found.interval, found.lapses);
                let (due, interval) = (i64::from(card.due), i64::from(card.interval));
                assert_eq!(numbers, (due, interval, i64::from(card.lapses)));
                let note = (found.note, found.template_idx, found.mtime);
                assert_eq!(note, (card.note_id, card.template_idx, card.mtime.0));
            });
        }
    }

    #[test]
    fn cards_of_the_emptied_deck_are_at_home_and_those_of_others_are_not() {
        let home = |card: &mut Card| {
            card.deck_id = std::mem::take(&mut card.original_deck_id);
            card.due = std::mem::take(&mut card.original_due);
            true
        };
        for other in [9, 10] {
            let folder = tempfile::tempdir().unwrap();
            let mut storage = collection(folder.path(), other);
            let found = |tx: &mut Tx<'_>| {
                let held = tx.hold_places_in_deck(DeckId(9), true, home)?;
                let of = |facts| -> Result<Vec<i64>> {
                    let mut ids = vec![];
                    let each = |card: &Candidate<'_>| ids.push(card.id.0);
                    tx.search_candidates("deck:*", &MOMENT, facts, &held, each)?;
                    ids.sort_unstable();
                    Ok(ids)
                };
                Ok([of(CandidateFacts::Id)?, of(CandidateFacts::Numbers)?])
            };
            let (found, _) = storage.tx(TimestampMillis(2), found).unwrap();
            let is_free = |n: &i64| n % 7 != 0 && (other == 9 || n % 22 != 11);
            let wanted: Vec<i64> = (1..=400).filter(is_free).map(|n| n * 3).collect();
            assert_eq!(found, [wanted.clone(), wanted], "{other}");
        }
    }
}
