//! Time: the only place that reads the clock and the local zone. Everything else takes `now` as
//! an argument or asks a [`Clock`].
#![expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock"
)]

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Of a day without a change of the clocks.
pub const DAY_SECS: i64 = 86_400;
/// See [`DAY_SECS`].
pub const DAY_MILLIS: i64 = DAY_SECS * 1000;

/// Seconds since 1970 UTC.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TimestampSecs(pub i64);

/// Milliseconds since 1970 UTC.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TimestampMillis(pub i64);

impl TimestampSecs {
    #[must_use]
    pub fn millis(self) -> TimestampMillis {
        TimestampMillis(self.0.saturating_mul(1000))
    }
    /// Seconds from `earlier` to `self`; negative if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl TimestampMillis {
    #[must_use]
    pub fn secs(self) -> TimestampSecs {
        TimestampSecs(self.0.div_euclid(1000))
    }
    /// Milliseconds from `earlier` to `self`; negative if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Where `now` comes from: the machine, or a test that moves it by hand.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    #[default]
    System,
    /// A clock that stands still until moved; with a fixed offset from UTC.
    Fixed(Arc<FixedClock>),
}

/// The state behind [`Clock::Fixed`].
#[derive(Debug)]
pub struct FixedClock {
    millis: AtomicI64,
    /// Minutes west of UTC.
    offset_mins_west: i32,
}

impl Clock {
    #[must_use]
    pub fn fixed(now: TimestampMillis, offset_mins_west: i32) -> Self {
        Self::Fixed(Arc::new(FixedClock {
            millis: AtomicI64::new(now.0),
            offset_mins_west,
        }))
    }

    #[must_use]
    pub fn now(&self) -> TimestampMillis {
        match self {
            Self::System => TimestampMillis(jiff::Timestamp::now().as_millisecond()),
            Self::Fixed(clock) => TimestampMillis(clock.millis.load(Ordering::SeqCst)),
        }
    }

    #[must_use]
    pub fn now_secs(&self) -> TimestampSecs {
        self.now().secs()
    }

    /// Moves a fixed clock; the system clock is never moved.
    pub fn advance_millis(&self, millis: i64) {
        if let Self::Fixed(clock) = self {
            clock.millis.fetch_add(millis, Ordering::SeqCst);
        }
    }

    /// Sets a fixed clock; the system clock is never set.
    pub fn set(&self, now: TimestampMillis) {
        if let Self::Fixed(clock) = self {
            clock.millis.store(now.0, Ordering::SeqCst);
        }
    }

    /// The local zone.
    #[must_use]
    pub fn zone(&self) -> jiff::tz::TimeZone {
        match self {
            Self::System => jiff::tz::TimeZone::system(),
            Self::Fixed(clock) => jiff::tz::Offset::from_seconds(-clock.offset_mins_west * 60)
                .unwrap_or(jiff::tz::Offset::UTC)
                .to_time_zone(),
        }
    }

    /// Minutes west of UTC at `at`, as Anki stores offsets.
    #[must_use]
    pub fn offset_mins_west(&self, at: TimestampSecs) -> i32 {
        let at = jiff::Timestamp::from_second(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        -(self.zone().to_offset(at).seconds() / 60)
    }

    /// `at` as local date and time.
    #[must_use]
    pub fn local(&self, at: TimestampMillis) -> jiff::Zoned {
        let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        at.to_zoned(self.zone())
    }
}

/// Monotonic time for measuring how long something took; never for dates.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    #[must_use]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }
    #[must_use]
    pub fn elapsed(&self) -> std::time::Duration {
        self.0.elapsed()
    }
}
