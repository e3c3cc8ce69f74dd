//! What studying asks of the cards table: which cards are due, how many there are in each deck,
//! when the next learning card comes. Everything is found by the index (deck, queue, due); rows
//! are read only for the cards that are wanted. Numbers with fractions, which other programs have
//! written, count without them.

use super::Storage;
use super::card::{CARD_COLUMNS, card_from_row};
use super::loose::{fit, fraction, integer, text};
use crate::base::Result;
use crate::base::ids::{CardId, DeckId, NoteId};
use crate::base::time::{TimestampMillis, TimestampSecs};
use crate::domain::card::{Card, CardQueue};
use crate::domain::study::StudiedToday;
use rusqlite::Row;

/// A learning card and when it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LearningCard {
    pub id: CardId,
    pub note: NoteId,
    pub home_deck: DeckId,
    /// Epoch seconds; a position in filtered decks.
    pub due: i64,
    pub reps: u32,
}

/// A card's place in the index (deck, queue, due).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueId {
    pub due: i64,
    pub deck: DeckId,
    pub id: CardId,
}

/// The columns of a due card that orders are made from.
#[derive(Debug, Clone, PartialEq)]
pub struct DueRow {
    pub id: CardId,
    pub note: NoteId,
    pub deck: DeckId,
    pub home_deck: DeckId,
    pub template_idx: u16,
    pub mtime: i64,
    pub due: i64,
    pub original_due: i64,
    pub interval: i64,
    pub ease_factor: i64,
    /// JSON; empty unless asked for.
    pub data: String,
}

/// Cards of one deck by queue, as the deck list counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeckQueueCounts {
    pub new: u32,
    pub review: u32,
    pub interday: u32,
}

/// What waits in some decks, for the screen after the last card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WaitingCards {
    pub learning: u32,
    pub review: bool,
    pub new: bool,
    pub sched_buried: bool,
    pub user_buried: bool,
    /// Epoch seconds.
    pub next_learning: Option<i64>,
}

const DUE_COLUMNS: &str = "id, nid, did, odid, ord, mod, due, odue, ivl, factor";

fn due_row(row: &Row<'_>, with_data: bool) -> rusqlite::Result<DueRow> {
    let deck = integer(row, 2)?;
    let original = integer(row, 3)?;
    Ok(DueRow {
        id: CardId(row.get(0)?),
        note: NoteId(integer(row, 1)?),
        deck: DeckId(deck),
        home_deck: DeckId(if original == 0 { deck } else { original }),
        template_idx: fit(integer(row, 4)?),
        mtime: integer(row, 5)?,
        due: integer(row, 6)?,
        original_due: integer(row, 7)?,
        interval: integer(row, 8)?,
        ease_factor: integer(row, 9)?,
        data: if with_data {
            text(row, 10)?
        } else {
            String::new()
        },
    })
}

impl Storage {
    /// Intraday learning and previewed cards of a deck that come before `until`.
    pub fn learning_cards(&self, deck: DeckId, until: TimestampSecs) -> Result<Vec<LearningCard>> {
        let mut statement = self.db.prepare_cached(
            "select id, nid, did, odid, due, reps from cards \
             where did=?1 and queue in (1,4) and due<=?2",
        )?;
        let cards = statement
            .query_map([deck.0, until.0], |row| {
                let (deck, original) = (integer(row, 2)?, integer(row, 3)?);
                Ok(LearningCard {
                    id: CardId(row.get(0)?),
                    note: NoteId(integer(row, 1)?),
                    home_deck: DeckId(if original == 0 { deck } else { original }),
                    due: integer(row, 4)?,
                    reps: fit(integer(row, 5)?),
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(cards)
    }

    /// As [`Self::learning_cards`], from the index alone: id, due, and for previewed cards how
    /// often they were answered.
    pub fn learning_ids(
        &self,
        deck: DeckId,
        until: TimestampSecs,
        mut each: impl FnMut(CardId, i64, Option<u32>),
    ) -> Result<()> {
        let mut statement = self.db.prepare_cached(
            "select id, due, case queue when 4 then cast(reps as integer) end from cards \
             where did=?1 and queue in (1,4) and due<=?2",
        )?;
        let mut rows = statement.query([deck.0, until.0])?;
        while let Some(row) = rows.next()? {
            let reps: Option<i64> = row.get(2)?;
            each(CardId(row.get(0)?), integer(row, 1)?, reps.map(fit));
        }
        Ok(())
    }

    /// How often a card was answered.
    pub fn reps(&self, card: CardId) -> Result<u32> {
        let mut statement = self
            .db
            .prepare_cached("select reps from cards where id=?")?;
        Ok(statement.query_row([card.0], |row| Ok(fit(integer(row, 0)?)))?)
    }

    /// When a card was last changed, in epoch seconds.
    pub fn card_mtime(&self, card: CardId) -> Result<i64> {
        let mut statement = self.db.prepare_cached("select mod from cards where id=?")?;
        Ok(statement.query_row([card.0], |row| integer(row, 0))?)
    }

    /// Adds the cards of a deck in a queue that are due up to `until`, by due, from the index.
    pub fn due_ids(
        &self,
        deck: DeckId,
        queue: CardQueue,
        until: i64,
        out: &mut Vec<DueId>,
    ) -> Result<()> {
        let mut statement = self.db.prepare_cached(
            "select id, due from cards where did=?1 and queue=?2 and due<=?3 order by due, id",
        )?;
        let mut rows = statement.query([deck.0, queue as i64, until])?;
        while let Some(row) = rows.next()? {
            out.push(DueId {
                id: CardId(row.get(0)?),
                due: integer(row, 1)?,
                deck,
            });
        }
        Ok(())
    }

    /// One card with what orders need.
    pub fn due_row(&self, id: CardId) -> Result<DueRow> {
        let mut statement = self
            .db
            .prepare_cached(&format!("select {DUE_COLUMNS} from cards where id=?"))?;
        Ok(statement.query_row([id.0], |row| due_row(row, false))?)
    }

    /// Gives the cards of a deck in a queue that are due up to `until`, with what orders need, by
    /// due until `each` returns false; `with_data` reads the memory as well.
    pub fn for_each_due_row(
        &self,
        deck: DeckId,
        queue: CardQueue,
        until: i64,
        with_data: bool,
        mut each: impl FnMut(DueRow) -> bool,
    ) -> Result<()> {
        let data = if with_data { ", data" } else { "" };
        let mut statement = self.db.prepare_cached(&format!(
            "select {DUE_COLUMNS}{data} from cards where did=?1 and queue=?2 and due<=?3 \
             order by due, id"
        ))?;
        let mut rows = statement.query([deck.0, queue as i64, until])?;
        while let Some(row) = rows.next()? {
            if !each(due_row(row, with_data)?) {
                break;
            }
        }
        Ok(())
    }

    /// Cards of a deck by queue. Counting stops at the caps, which are the deck's limits.
    pub fn deck_queue_counts(
        &self,
        deck: DeckId,
        today: u32,
        review_cap: u32,
        new_cap: u32,
    ) -> Result<DeckQueueCounts> {
        let today = i64::from(today);
        Ok(DeckQueueCounts {
            new: self.count_cards(deck, CardQueue::New, i64::MAX, new_cap)?,
            review: self.count_cards(deck, CardQueue::Review, today, review_cap)?,
            interday: self.count_cards(deck, CardQueue::DayLearn, today, review_cap)?,
        })
    }

    /// Learning cards that come back before `cutoff`, and previewed ones up to it.
    pub fn intraday_count(&self, deck: DeckId, cutoff: TimestampSecs) -> Result<u32> {
        Ok(
            self.count_cards(deck, CardQueue::Learn, cutoff.0 - 1, u32::MAX)?
                + self.count_cards(deck, CardQueue::PreviewRepeat, cutoff.0, u32::MAX)?,
        )
    }

    fn count_cards(&self, deck: DeckId, queue: CardQueue, until: i64, cap: u32) -> Result<u32> {
        if cap == 0 {
            return Ok(0);
        }
        let mut statement = self.db.prepare_cached(
            "select count(*) from (select 1 from cards \
             where did=?1 and queue=?2 and due<=?3 limit ?4)",
        )?;
        Ok(
            statement.query_row([deck.0, queue as i64, until, i64::from(cap)], |row| {
                row.get(0)
            })?,
        )
    }

    /// All cards of each deck that has any.
    pub fn cards_per_deck(&self) -> Result<Vec<(DeckId, u32)>> {
        let mut statement = self
            .db
            .prepare_cached("select did, count(*) from cards group by did")?;
        let rows = statement
            .query_map([], |row| Ok((DeckId(integer(row, 0)?), row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(rows)
    }

    /// Gives the `due` of each card of some decks from `first` to `last`, whatever its queue, until
    /// `each` returns false. Found by the index, a seek for each deck and queue.
    pub fn dues_between(
        &self,
        decks: &[DeckId],
        first: i64,
        last: i64,
        mut each: impl FnMut(i64) -> bool,
    ) -> Result<()> {
        let decks: Vec<String> = decks.iter().map(ToString::to_string).collect();
        let mut statement = self.db.prepare(&format!(
            "select due from cards where did in ({}) and queue in (-3,-2,-1,0,1,2,3,4) \
             and due between ?1 and ?2",
            decks.join(",")
        ))?;
        let mut rows = statement.query([first, last])?;
        while let Some(row) = rows.next()? {
            if !each(integer(row, 0)?) {
                break;
            }
        }
        Ok(())
    }

    /// How many review cards that are not suspended call `deck` home, by the day they are due.
    pub fn review_dues_at_home(&self, deck: DeckId, mut each: impl FnMut(i64, u32)) -> Result<()> {
        let mut statement = self.db.prepare_cached(
            "select due, count(*) from cards where did=?1 and odid=0 and type=2 and queue!=-1 \
             group by 1 union all \
             select odue, count(*) from cards where odid=?1 and odid!=0 and type=2 and queue!=-1 \
             group by 1",
        )?;
        let mut rows = statement.query([deck.0])?;
        while let Some(row) = rows.next()? {
            each(integer(row, 0)?, row.get(1)?);
        }
        Ok(())
    }

    /// Deck and due of each card of a note.
    pub fn dues_of_note(&self, note: NoteId) -> Result<Vec<(CardId, DeckId, i64)>> {
        let mut statement = self
            .db
            .prepare_cached("select id, did, due from cards where nid=?")?;
        let rows = statement
            .query_map([note.0], |row| {
                Ok((
                    CardId(row.get(0)?),
                    DeckId(integer(row, 1)?),
                    integer(row, 2)?,
                ))
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(rows)
    }

    /// Buried cards that are in the deck now.
    pub fn buried_cards(&self, deck: DeckId) -> Result<Vec<Card>> {
        let mut statement = self.db.prepare_cached(&format!(
            "select {CARD_COLUMNS} from cards where did=?1 and queue in (-2,-3)"
        ))?;
        let cards = statement
            .query_map([deck.0], card_from_row)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(cards)
    }

    fn has_cards(&self, deck: DeckId, queue: CardQueue, until: i64) -> Result<bool> {
        let mut statement = self.db.prepare_cached(
            "select exists(select 1 from cards where did=?1 and queue=?2 and due<=?3)",
        )?;
        Ok(statement.query_row([deck.0, queue as i64, until], |row| row.get(0))?)
    }

    /// What is left in these decks, limits aside.
    pub fn waiting_cards(&self, decks: &[DeckId], today: u32) -> Result<WaitingCards> {
        let mut waiting = WaitingCards::default();
        let today = i64::from(today);
        let mut learning = self.db.prepare_cached(
            "select count(*), cast(min(due) as integer) from cards where did=?1 and queue=1",
        )?;
        for deck in decks {
            let (count, first): (u32, Option<i64>) =
                learning.query_row([deck.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
            waiting.learning += count;
            waiting.next_learning = match (waiting.next_learning, first) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            waiting.review = waiting.review
                || self.has_cards(*deck, CardQueue::Review, today)?
                || self.has_cards(*deck, CardQueue::DayLearn, today)?;
            waiting.new = waiting.new || self.has_cards(*deck, CardQueue::New, i64::MAX)?;
            waiting.sched_buried =
                waiting.sched_buried || self.has_cards(*deck, CardQueue::SchedBuried, i64::MAX)?;
            waiting.user_buried =
                waiting.user_buried || self.has_cards(*deck, CardQueue::UserBuried, i64::MAX)?;
        }
        Ok(waiting)
    }

    /// Whether a learning card falls due after `from` and up to `to`, in any deck.
    pub fn learning_falls_due(&self, from: TimestampSecs, to: TimestampSecs) -> Result<bool> {
        // By deck, as the index has it: cheap enough to be asked every few seconds.
        let mut statement = self.db.prepare_cached(
            "select exists(select 1 from decks d join cards c on c.did=d.id \
             where c.queue in (1,4) and c.due>?1 and c.due<=?2)",
        )?;
        Ok(statement.query_row([from.0, to.0], |row| row.get(0))?)
    }

    /// Answers since the day began, without rows that no one answered.
    pub fn studied_since(&self, day_start: TimestampMillis) -> Result<StudiedToday> {
        let mut statement = self.db.prepare_cached(
            "select count(*), total(time) from revlog where id>?1 and type not in (4,5)",
        )?;
        Ok(statement.query_row([day_start.0], |row| {
            Ok(StudiedToday {
                cards: row.get(0)?,
                seconds: fraction(row, 1)? / 1000.0,
            })
        })?)
    }
}
