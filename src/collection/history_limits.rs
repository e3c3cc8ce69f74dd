//! The size of the history and what goes of it: by the limits, bit by bit while nobody works, and
//! for good when somebody says so.

use super::Collection;
use crate::base::Result;
use crate::base::ids::NoteId;
use crate::base::time::TimestampMillis;
use crate::domain::history::{HistorySpace, Older};
use crate::domain::history_policy::{HistoryLimits, to_go};
use crate::storage::history::Place;

/// Versions that are looked at in one go: some 20 ms.
const BATCH: u32 = 2000;
/// Before every version.
pub const FROM_THE_OLDEST: Place = (i64::MIN, 0, 0);

/// What applying the limits has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limited {
    /// Versions that went in this go.
    pub gone: usize,
    /// Where to go on; None at the end.
    pub next: Option<Place>,
}

impl Collection {
    /// What the history takes.
    pub fn history_space(&mut self) -> Result<HistorySpace> {
        self.history()?.space()
    }

    /// Removes what the limits do not allow among the next versions after `place`.
    pub fn limit_history(&mut self, limits: &HistoryLimits, place: Place) -> Result<Limited> {
        let now = self.clock.now();
        let history = self.history()?;
        let used = history.used()?;
        let too_old = match limits.oldest(now) {
            Some(oldest) => history.any_before(oldest)?,
            None => false,
        };
        let mut done = Limited {
            gone: 0,
            next: None,
        };
        if too_old || used > limits.bytes() {
            let (aged, next) = history.oldest(place, BATCH)?;
            let go = to_go(&aged, limits, used, now);
            history.remove(&go)?;
            done.gone = go.len();
            done.next = (aged.len() == BATCH as usize).then_some(next);
        }
        if done.next.is_none() {
            history.tidy()?;
        }
        Ok(done)
    }

    /// As [`Self::limit_history`], all at once. Returns how many versions went.
    pub fn limit_whole_history(&mut self, limits: &HistoryLimits) -> Result<usize> {
        let (mut gone, mut place) = (0, Some(FROM_THE_OLDEST));
        while let Some(from) = place {
            let done = self.limit_history(limits, from)?;
            gone += done.gone;
            place = done.next;
        }
        Ok(gone)
    }

    /// Versions from before `when`.
    pub fn older_history(&mut self, when: TimestampMillis) -> Result<Older> {
        self.history()?.older(when)
    }

    /// Forgets the former versions of a note, or of all notes, for good. Returns how many.
    pub fn purge_history(&mut self, note: Option<NoteId>) -> Result<usize> {
        self.history()?.purge(note)
    }

    /// Forgets all versions from before `when` for good. Returns how many.
    pub fn purge_older_history(&mut self, when: TimestampMillis) -> Result<usize> {
        self.history()?.purge_before(when)
    }
}
