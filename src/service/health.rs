//! What is known of how safe everything is. Gathered in `serve::health`.

use crate::mark;

pub use crate::backup::health::{
    DrillReport, FORECAST_DAYS, Health, NextMail, Place, Planned, Verdict,
};
pub use crate::backup::runs::{Begun, Kind, Outcome, Run};
pub use crate::storage::compare::ChangedSince;

/// The title of the job that reads all media files for damage.
pub const READING_MEDIA: &str = mark!("Reading the media files");
