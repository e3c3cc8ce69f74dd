//! The words about a sync. Pure.

use crate::base::time::TimestampMillis;
use crate::service::jobs::JobView;
use crate::service::sync::{
    Counts, Deletions, MEDIA_JOB, MediaDeletions, MediaSynced, MergeInto, MergeReport, Side,
    SyncState, SyncStatus,
};
use crate::ui::backups::words::{age, moment};
use crate::ui::dialogs::detail;
use crate::ui::widgets::text::{counted, number};
use jiff::Zoned;

/// After a merge that the server did not hear of.
pub const MERGED_HERE: &str =
    "This computer holds the merged collection. The server does not have it yet";

/// After a sync; None when there is nothing that anybody waits to hear.
#[must_use]
pub fn synced(counts: &Counts, asked: bool) -> Option<String> {
    if counts.sent == 0 && counts.received == 0 {
        return asked.then(|| "Up to date".to_owned());
    }
    let (received, sent) = (number(counts.received), number(counts.sent));
    let mut words = format!("Synced: {received} in, {sent} out");
    if counts.notes_deleted_here > 0 {
        let notes = counted(counts.notes_deleted_here, "note", "notes");
        words.push_str(&format!("; {notes} deleted here"));
    }
    Some(words)
}

/// After a sync of media.
#[must_use]
pub fn media_synced(done: &MediaSynced, asked: bool) -> Option<String> {
    let parts: Vec<String> = [
        (done.downloaded, "in"),
        (done.uploaded, "out"),
        (done.deleted_here, "now in the media trash"),
        (done.deleted_there, "deleted on the server"),
        (done.skipped.len() as u64, "that cannot travel"),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, did)| format!("{} {did}", number(n)))
    .collect();
    let did_something =
        done.downloaded + done.uploaded + done.deleted_here + done.deleted_there > 0;
    match (did_something, asked) {
        (true, _) => Some(format!("Media: {}", parts.join(", "))),
        (false, true) => Some("Media are up to date".to_owned()),
        (false, false) => None,
    }
}

/// Before so many notes go.
#[must_use]
pub fn many_deletions(deletions: Deletions) -> String {
    let of = counted(deletions.notes, "note", "notes");
    let mut lost = vec![];
    if deletions.here > 0 {
        lost.push(format!("{} here", number(deletions.here)));
    }
    if deletions.there > 0 {
        lost.push(format!("{} on the server", number(deletions.there)));
    }
    format!(
        "Of {of}, {} would be deleted. Nothing was synced yet. Preferences > Syncing says from \
         which share on you are asked.",
        lost.join(" and ")
    )
}

/// Before so many media files go.
#[must_use]
pub fn many_deleted_files(deletions: MediaDeletions) -> String {
    format!(
        "{} of {} are gone from this computer and would be deleted on the server. If they should \
         still be here, put them back into the media folder first.",
        number(deletions.gone),
        counted(deletions.all, "media file", "media files"),
    )
}

/// What the button tells besides its colour.
#[must_use]
pub fn state(status: &SyncStatus, now: &Zoned) -> String {
    if status.suspended {
        return "A backup was restored: nothing is synced until Engram is started again".into();
    }
    if status.running {
        return "Syncing…".into();
    }
    let mut words = match (&status.failed, status.state) {
        (Some(message), _) => format!("{}. {}", message.what, message.cause),
        (None, SyncState::NotSetUp) => return "Not set up: log in to a sync server".into(),
        (None, SyncState::Nothing) => "Nothing changed here since the last sync".into(),
        (None, SyncState::Changes) => "There are changes to be synced".into(),
        (None, SyncState::OneWay) => "One side has to replace the other: you will be asked".into(),
    };
    if status.media_running {
        words.push_str(" · syncing media");
    } else if let Some(last) = status.last {
        words.push_str(&format!(" · synced {}", age(last, now)));
    }
    words
}

/// How far the media are; None while none are synced.
#[must_use]
pub fn media_progress(jobs: &[JobView]) -> Option<String> {
    let job = jobs.iter().find(|job| job.title == MEDIA_JOB)?;
    Some(detail(job.progress))
}

/// What a side holds, one line each.
#[must_use]
pub fn holds(side: &Side, now: &Zoned) -> Vec<String> {
    if side.is_empty() {
        return vec!["Nothing yet".to_owned()];
    }
    vec![
        format!(
            "{}, {}",
            counted(side.notes, "note", "notes"),
            counted(side.cards, "card", "cards")
        ),
        counted(side.reviews, "review", "reviews"),
        changed(side.changed, now),
    ]
}

fn changed(at: Option<TimestampMillis>, now: &Zoned) -> String {
    at.map_or_else(String::new, |at| format!("Changed {}", moment(at, now)))
}

/// What would be lost if the other side replaced this one, one line each.
#[must_use]
pub fn lost(side: &Side) -> Vec<String> {
    let only = &side.only_here;
    let gone: Vec<String> = [
        (only.notes_added, "note", "notes"),
        (only.cards_added, "card", "cards"),
        (only.reviews_added, "review", "reviews"),
    ]
    .into_iter()
    .filter(|(n, ..)| *n > 0)
    .map(|(n, one, many)| counted(n, one, many))
    .collect();
    let mut lines = Vec::new();
    if !gone.is_empty() {
        lines.push(gone.join(", "));
    }
    if only.notes_changed > 0 {
        let notes = counted(only.notes_changed, "note", "notes");
        lines.push(format!("Its version of {notes}"));
    }
    if lines.is_empty() {
        return vec!["No note, card or review".to_owned()];
    }
    lines
}

/// What a merge would do, one line each.
#[must_use]
pub fn merge(report: &MergeReport) -> Vec<String> {
    let (from, to) = match report.into {
        MergeInto::Ours => ("the server", "this computer"),
        MergeInto::Theirs => ("this computer", "the server"),
    };
    let moved = format!("What {from} changed moves to the note types of {to}:");
    let what = format!(
        "{}, {}, {}, {}.",
        counted(report.notes, "note", "notes"),
        counted(report.cards, "card", "cards"),
        counted(report.reviews, "review", "reviews"),
        counted(report.others, "other thing", "other things"),
    );
    let also: Vec<String> = [
        (report.deleted, "deleted, as on the other side"),
        (report.older, "older, left behind"),
        (report.without_place, "without a place, left behind"),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, words)| format!("{} {words}", number(n)))
    .collect();
    let mut lines = vec![moved, what];
    if !also.is_empty() {
        lines.push(format!("Of the rest: {}.", also.join("; ")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::sync::Difference;

    #[test]
    fn what_a_sync_did_is_told_when_it_did_something_or_was_asked_for() {
        let counts = Counts {
            sent: 1200,
            received: 3,
            notes_deleted_here: 1,
            notes_deleted_there: 0,
        };
        assert_eq!(
            synced(&counts, false).as_deref(),
            Some("Synced: 3 in, 1,200 out; 1 note deleted here")
        );
        let nothing = Counts::default();
        assert_eq!(synced(&nothing, true).as_deref(), Some("Up to date"));
        assert_eq!(synced(&nothing, false), None);
        let done = MediaSynced {
            uploaded: 2,
            skipped: vec!["x".into()],
            ..MediaSynced::default()
        };
        assert_eq!(
            media_synced(&done, false).as_deref(),
            Some("Media: 2 out, 1 that cannot travel")
        );
        assert_eq!(media_synced(&MediaSynced::default(), false), None);
    }

    #[test]
    fn what_a_side_would_lose_is_listed() {
        let side = Side {
            only_here: Difference {
                notes_added: 2,
                reviews_added: 1,
                notes_changed: 3,
                ..Difference::default()
            },
            ..Side::default()
        };
        assert_eq!(lost(&side), ["2 notes, 1 review", "Its version of 3 notes"]);
        assert_eq!(lost(&Side::default()), ["No note, card or review"]);
    }
}
