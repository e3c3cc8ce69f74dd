//! The words of a place. Pure.

use crate::service::vaults::Place;
use crate::ui::backups::words::{age, moment};
use crate::ui::widgets::text::{bytes, counted};
use jiff::Zoned;

/// When it was saved to last, and how much that was.
#[must_use]
pub fn saved(place: &Place, now: &Zoned) -> String {
    let Some(copy) = &place.entry.last else {
        return "Nothing is saved there yet.".to_owned();
    };
    let verified = match place.entry.verified {
        Some(at) => format!("read through {}", age(at, now)),
        None => "not yet read through".to_owned(),
    };
    format!(
        "Saved {}: {}, {}, of which {} were sent · {verified}",
        age(copy.at, now),
        counted(copy.files, "file", "files"),
        bytes(copy.bytes),
        bytes(copy.sent),
    )
}

/// What is the matter with it now, and whether that is bad.
#[must_use]
pub fn state(place: &Place, now: &Zoned) -> (String, bool) {
    if place.busy {
        return ("Working on it…".to_owned(), false);
    }
    if let Some(failure) = &place.entry.failure {
        let words = format!("Failed {}: {}", age(failure.at, now), failure.what);
        return (words, true);
    }
    let words = match place.next {
        Some(when) => format!("Saves by itself {}.", moment(when, now)),
        None if place.entry.schedule.nightly => "Saves by itself after the next change.".to_owned(),
        None => "Saves only when you say so.".to_owned(),
    };
    (words, false)
}
