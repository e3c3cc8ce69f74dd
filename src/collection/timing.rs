//! Which day it is for this collection, and what happens once when a new one begins.

use super::Collection;
use crate::base::Result;
use crate::base::time::{Clock, TimestampSecs};
use crate::domain::op::Op;
use crate::scheduler::timing::{SchedTiming, TimingInput, timing_at};
use crate::storage::{Storage, Tx};

/// Buried cards that were put back further in the future than this mean a clock set back.
const MAX_DAYS_AHEAD: u32 = 7;
const DEFAULT_ROLLOVER: u8 = 4;

impl Collection {
    /// The scheduler's day by clock and config. Stores the rollover hour when there is none, and
    /// the zone when it changed, as other programs expect to find them.
    pub fn timing(&mut self) -> Result<SchedTiming> {
        let now = self.clock.now_secs();
        let version: u8 = self.storage.config_or("schedVer", 1)?;
        let rollover: Option<u8> = self.storage.config_json("rollover")?;
        let local_offset = self.clock.offset_mins_west(now);
        let stored_offset: i32 = self.storage.config_or("localOffset", 0)?;
        if version != 1 && (rollover.is_none() || stored_offset != local_offset) {
            self.transact(Op::SkipUndo, |tx| {
                store_rollover(tx)?;
                tx.set_config_untracked("localOffset", &local_offset)
            })?;
        }
        timing_of(&self.storage, &self.clock)
    }

    /// The scheduler's day, and nothing is stored.
    ///
    /// # Errors
    /// Database errors.
    pub fn today(&self) -> Result<u32> {
        Ok(timing_of(&self.storage, &self.clock)?.days_elapsed)
    }

    /// Restores cards that were buried on an earlier day; their change time stays.
    pub(super) fn unbury_on_new_day(&mut self, timing: &SchedTiming) -> Result<()> {
        let today = timing.days_elapsed;
        if is_new_day(&self.storage, today)? {
            self.transact(Op::SkipUndo, |tx| bring_back_buried(tx, today))?;
        }
        Ok(())
    }
}

/// Whether cards that are buried were so on an earlier day.
fn is_new_day(storage: &Storage, today: u32) -> Result<bool> {
    let last: u32 = storage.config_or("lastUnburied", 0)?;
    Ok(last < today || last > today.saturating_add(MAX_DAYS_AHEAD))
}

/// Restores cards that were buried before the day `today`, as part of something else that is done.
///
/// # Errors
/// Database errors.
pub fn bring_back_buried(tx: &mut Tx<'_>, today: u32) -> Result<()> {
    if !is_new_day(tx, today)? {
        return Ok(());
    }
    for mut card in buried_cards(tx)? {
        card.queue = card.queue_from_type();
        tx.update_card_untracked(&card)?;
    }
    tx.set_config_untracked("lastUnburied", &today)
}

/// Stores the hour at which days begin where there is none, as other programs expect to find it.
///
/// # Errors
/// Database errors.
pub fn store_rollover(tx: &mut Tx<'_>) -> Result<()> {
    let stored: Option<u8> = tx.config_json("rollover")?;
    let version: u8 = tx.config_or("schedVer", 1)?;
    if stored.is_none() && version != 1 {
        tx.set_config_untracked("rollover", &DEFAULT_ROLLOVER)?;
    }
    Ok(())
}

/// The same of any collection file, which is only read.
///
/// # Errors
/// Database errors.
pub fn timing_of(storage: &Storage, clock: &Clock) -> Result<SchedTiming> {
    timing_then(storage, clock, clock.now_secs())
}

/// As [`timing_of`], for a server, which may stand in another zone than whoever studies: it goes by
/// the one in which the collection was last used.
///
/// # Errors
/// Database errors.
pub fn timing_on_server(storage: &Storage, clock: &Clock) -> Result<SchedTiming> {
    // In a zone of UTC there is none stored.
    let offset = storage.config_or("localOffset", 0)?;
    timing_in(storage, clock.now_secs(), offset)
}

/// As it was, or will be, at `now`.
pub(super) fn timing_then(
    storage: &Storage,
    clock: &Clock,
    now: TimestampSecs,
) -> Result<SchedTiming> {
    timing_in(storage, now, clock.offset_mins_west(now))
}

/// `local_offset`: minutes west of UTC.
fn timing_in(storage: &Storage, now: TimestampSecs, local_offset: i32) -> Result<SchedTiming> {
    Ok(timing_at(&TimingInput {
        created: storage.col_row()?.crt,
        now,
        creation_offset: storage.config_json("creationOffset")?,
        local_offset,
        rollover_hour: storage.config_or("rollover", DEFAULT_ROLLOVER)?,
        scheduler_version: storage.config_or("schedVer", 1)?,
    }))
}

fn buried_cards(storage: &Storage) -> Result<Vec<crate::domain::card::Card>> {
    let mut cards = Vec::new();
    for (deck, _) in storage.cards_per_deck()? {
        cards.extend(storage.buried_cards(deck)?);
    }
    Ok(cards)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::TimestampMillis;

    #[test]
    fn a_server_counts_days_in_the_zone_of_who_studies() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("collection.anki2");
        // 22:13 UTC: the next morning in New Zealand, the afternoon in New York.
        let now = TimestampMillis(1_700_000_000_000);
        let ten_days_ago = TimestampMillis(now.0 - 10 * 86_400_000);
        let (new_zealand, new_york) = (-780, 300);
        let mut storage = Storage::create(&path, &Clock::fixed(ten_days_ago, new_zealand)).unwrap();
        let set = |tx: &mut Tx<'_>| tx.set_config_untracked("localOffset", &new_zealand);
        storage.tx(now, set).unwrap();
        for (zone, day) in [(new_zealand, 10), (new_york, 9)] {
            let clock = Clock::fixed(now, zone);
            let own = timing_of(&storage, &clock).unwrap();
            let served = timing_on_server(&storage, &clock).unwrap();
            assert_eq!((own.days_elapsed, served.days_elapsed), (day, 10));
        }
        storage.close().unwrap();
    }
}
