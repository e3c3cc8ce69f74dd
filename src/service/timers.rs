//! What is due when nobody asks for anything. Pure.

use std::time::Duration;

/// How often the worker looks up when nothing happens.
pub const TICK: Duration = Duration::from_millis(1000);

/// Idle time after which the write-ahead log may be folded in without an answer waiting for it.
const IDLE_BEFORE_CHECKPOINT: Duration = Duration::from_millis(900);

#[must_use]
pub fn checkpoint_due(idle: Duration) -> bool {
    idle >= IDLE_BEFORE_CHECKPOINT
}
