//! Counts change by time alone: when a new day starts, and when a learning card falls due. The
//! worker looks at the clock now and then and tells faces, so that an open window is never a day
//! behind.

use crate::base::error::Result;
use crate::base::time::TimestampSecs;
use crate::service::event::Event;
use crate::service::timers::Look;
use crate::service::worker::Worker;
use crate::t;

/// Seconds; Anki's default.
const LEARN_AHEAD: u32 = 1200;

impl Worker {
    pub(super) fn watch_time(&mut self) {
        let now = self.config.clock.now_secs();
        if self.looked.is_some_and(|look| !look.is_old(now)) {
            return;
        }
        // Tried again at each tick, told once.
        if let Err(error) = self.look_at_the_clock()
            && self.looked.take().is_some()
        {
            self.notice(t!("look for due cards"), &error);
        }
    }

    fn look_at_the_clock(&mut self) -> Result<()> {
        let before = self.looked;
        let Ok(collection) = self.collection() else {
            self.looked = None;
            return Ok(());
        };
        let timing = collection.timing()?;
        let storage = collection.storage();
        let learn_ahead: u32 = storage.config_or("collapseTime", LEARN_AHEAD)?;
        let look = Look {
            at: timing.now,
            next_day_at: timing.next_day_at,
            learning_until: TimestampSecs(timing.now.0 + i64::from(learn_ahead)),
        };
        let new_day = before.is_some_and(|before| before.next_day_at != look.next_day_at);
        let changed = match before {
            Some(before) if !new_day => {
                storage.learning_falls_due(before.learning_until, look.learning_until)?
            }
            _ => new_day,
        };
        self.looked = Some(look);
        if changed {
            self.emit(Event::TimePassed { new_day });
        }
        Ok(())
    }
}
