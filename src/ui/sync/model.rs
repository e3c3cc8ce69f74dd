//! The words about a sync. Pure.

use crate::base::lang;
use crate::service::jobs::JobView;
use crate::service::sync::{
    Counts, Deletions, MEDIA_JOB, MediaDeletions, MediaSynced, MergeInto, MergeReport, Side,
    SyncState, SyncStatus,
};
use crate::ui::backups::words::{age, moment};
use crate::ui::dialogs::detail;
use crate::ui::widgets::text::number;
use crate::{mark, t, tn};
use jiff::Zoned;

/// After a sync; None when there is nothing that anybody waits to hear.
#[must_use]
pub fn synced(counts: &Counts, asked: bool) -> Option<String> {
    if counts.sent == 0 && counts.received == 0 {
        return asked.then(|| t!("Up to date").to_owned());
    }
    let (received, sent) = (number(counts.received), number(counts.sent));
    let words = t!("Synced: {received} in, {sent} out", received, sent);
    if counts.notes_deleted_here == 0 {
        return Some(words);
    }
    Some(tn!(
        counts.notes_deleted_here,
        "{synced}; {n} note deleted here",
        "{synced}; {n} notes deleted here",
        synced = words
    ))
}

/// After a sync of media.
#[must_use]
pub fn media_synced(done: &MediaSynced, asked: bool) -> Option<String> {
    let mut parts: Vec<String> = [
        (done.downloaded, mark!("{count} in")),
        (done.uploaded, mark!("{count} out")),
        (done.deleted_here, mark!("{count} now in the media trash")),
        (done.deleted_there, mark!("{count} deleted on the server")),
        (
            done.skipped.len() as u64,
            mark!("{count} that cannot travel"),
        ),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, did)| with_count(did, n))
    .collect();
    let mut did_something =
        done.downloaded + done.uploaded + done.deleted_here + done.deleted_there > 0;
    if !done.not_here.is_empty() {
        did_something |= asked;
        let files = some_of(&done.not_here);
        parts.push(t!(
            "only on the server, as this folder cannot have files of these names: {files}",
            files
        ));
    }
    if !done.lost_there.is_empty() {
        did_something |= asked;
        let files = some_of(&done.lost_there);
        parts.push(t!(
            "listed by the server, which does not have them any more: {files}",
            files
        ));
    }
    match (did_something, asked) {
        (true, _) => Some(t!("Media: {what}", what = parts.join(", "))),
        (false, true) => Some(t!("Media are up to date").to_owned()),
        (false, false) => None,
    }
}

/// The first of these names.
fn some_of(names: &[String]) -> String {
    const NAMED: usize = 3;
    let mut some = names[..names.len().min(NAMED)].join(", ");
    if names.len() > NAMED {
        some.push_str(", …");
    }
    some
}

/// A marked text with `{count}` in it.
fn with_count(words: &'static str, count: u64) -> String {
    lang::fill(lang::say(words), &[("count", &number(count))])
}

/// Before so many notes go.
#[must_use]
pub fn many_deletions(deletions: Deletions) -> String {
    let here = with_count(mark!("{count} here"), deletions.here);
    let there = with_count(mark!("{count} on the server"), deletions.there);
    let lost = match (deletions.here > 0, deletions.there > 0) {
        (true, true) => t!("{here} and {there}", here, there),
        (true, false) => here,
        (false, true) => there,
        (false, false) => String::new(),
    };
    tn!(
        deletions.notes,
        "Of {n} note, {lost} would be deleted. Nothing was synced yet. Preferences > Syncing says \
         from which share on you are asked.",
        "Of {n} notes, {lost} would be deleted. Nothing was synced yet. Preferences > Syncing says \
         from which share on you are asked.",
        lost
    )
}

/// Before so many media files go.
#[must_use]
pub fn many_deleted_files(deletions: MediaDeletions) -> String {
    tn!(
        deletions.all,
        "{gone} of {n} media file is gone from this computer and would be deleted on the server. \
         If it should still be here, put it back into the media folder first.",
        "{gone} of {n} media files are gone from this computer and would be deleted on the server. \
         If they should still be here, put them back into the media folder first.",
        gone = number(deletions.gone)
    )
}

/// Why nothing is synced after a restore.
#[must_use]
pub fn suspended() -> &'static str {
    t!(
        "A backup was restored: nothing is synced until Engram is started again, or Backups > \
         Resume now is chosen"
    )
}

/// What the button tells besides its colour.
#[must_use]
pub fn state(status: &SyncStatus, now: &Zoned) -> String {
    if status.suspended {
        return suspended().into();
    }
    if status.running {
        return t!("Syncing…").into();
    }
    let mut words = match (&status.failed, status.state) {
        (Some(message), _) => message.in_short(),
        (None, SyncState::NotSetUp) => return t!("Not set up: log in to a sync server").into(),
        (None, SyncState::Nothing) => t!("Nothing changed here since the last sync").into(),
        (None, SyncState::Changes) => t!("There are changes to be synced").into(),
        (None, SyncState::OneWay) => {
            t!("One side has to replace the other: you will be asked").into()
        }
    };
    if status.media_running {
        words.push_str(" · ");
        words.push_str(t!("syncing media"));
    } else if let Some(last) = status.last {
        words.push_str(" · ");
        words.push_str(&t!("synced {age}", age = age(last, now)));
    }
    words
}

/// How far the media are; None while none are synced.
#[must_use]
pub fn media_progress(jobs: &[JobView]) -> Option<String> {
    let job = jobs.iter().find(|job| job.title == lang::say(MEDIA_JOB))?;
    Some(detail(job.progress))
}

/// What a side holds, one line each.
#[must_use]
pub fn holds(side: &Side, now: &Zoned) -> Vec<String> {
    if side.is_empty() && side.reviews == 0 {
        return vec![t!("Nothing yet").to_owned()];
    }
    let mut lines = vec![
        format!(
            "{}, {}",
            tn!(side.notes, "{n} note", "{n} notes"),
            tn!(side.cards, "{n} card", "{n} cards")
        ),
        tn!(side.reviews, "{n} review", "{n} reviews"),
    ];
    let when = side.changed.map(|at| moment(at, now));
    lines.extend(when.map(|when| t!("Changed {when}", when)));
    lines
}

/// What would be lost if the other side replaced this one, one line each.
#[must_use]
pub fn lost(side: &Side) -> Vec<String> {
    let only = &side.only_here;
    let (notes, cards, reviews) = (only.notes_added, only.cards_added, only.reviews);
    let gone: Vec<String> = [
        (notes, tn!(notes, "{n} note", "{n} notes")),
        (cards, tn!(cards, "{n} card", "{n} cards")),
        (reviews, tn!(reviews, "{n} review", "{n} reviews")),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(_, words)| words)
    .collect();
    let mut lines = Vec::new();
    if !gone.is_empty() {
        lines.push(gone.join(", "));
    }
    if only.notes_changed > 0 {
        lines.push(tn!(
            only.notes_changed,
            "Its version of {n} note",
            "Its version of {n} notes"
        ));
    }
    if lines.is_empty() {
        return vec![t!("No note, card or review").to_owned()];
    }
    lines
}

/// What a merge would do, one line each.
#[must_use]
pub fn merge(report: &MergeReport) -> Vec<String> {
    let moved = match report.into {
        MergeInto::Ours => {
            t!("What the server changed moves to the note types of this computer:")
        }
        MergeInto::Theirs => {
            t!("What this computer changed moves to the note types of the server:")
        }
    };
    let what = format!(
        "{}, {}, {}, {}.",
        tn!(report.notes, "{n} note", "{n} notes"),
        tn!(report.cards, "{n} card", "{n} cards"),
        tn!(report.reviews, "{n} review", "{n} reviews"),
        tn!(report.others, "{n} other thing", "{n} other things"),
    );
    let also: Vec<String> = [
        (
            report.deleted,
            mark!("{count} deleted, as on the other side"),
        ),
        (report.older, mark!("{count} older, left behind")),
        (
            report.without_place,
            mark!("{count} without a place, left behind"),
        ),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, words)| with_count(words, n))
    .collect();
    let mut lines = vec![moved.to_owned(), what];
    if !also.is_empty() {
        lines.push(t!("Of the rest: {what}.", what = also.join("; ")));
    }
    if report.trashed > 0 {
        lines.push(tn!(
            report.trashed,
            "{n} note of this computer goes to its Deleted Notes.",
            "{n} notes of this computer go to its Deleted Notes."
        ));
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
        let done = MediaSynced {
            not_here: ["A.png", "B.png", "C.png", "D.png"]
                .map(str::to_owned)
                .into(),
            ..MediaSynced::default()
        };
        assert_eq!(
            media_synced(&done, true).as_deref(),
            Some(
                "Media: only on the server, as this folder cannot have files of these names: \
                 A.png, B.png, C.png, …"
            )
        );
        assert_eq!(media_synced(&done, false), None);
        let done = MediaSynced {
            lost_there: vec!["A.png".to_owned()],
            ..MediaSynced::default()
        };
        assert_eq!(
            media_synced(&done, true).as_deref(),
            Some("Media: listed by the server, which does not have them any more: A.png")
        );
    }

    #[test]
    fn a_merge_says_what_goes_from_here_and_where_to() {
        let report = MergeReport {
            deleted: 5,
            trashed: 2,
            ..MergeReport::default()
        };
        let lines = merge(&report);
        assert_eq!(
            lines[2..],
            [
                "Of the rest: 5 deleted, as on the other side.",
                "2 notes of this computer go to its Deleted Notes."
            ]
        );
        let nothing = MergeReport::default();
        assert_eq!(merge(&nothing).len(), 2);
    }

    #[test]
    fn what_a_side_would_lose_is_listed() {
        let side = Side {
            only_here: Difference {
                notes_added: 2,
                reviews: 1,
                notes_changed: 3,
                ..Difference::default()
            },
            ..Side::default()
        };
        assert_eq!(lost(&side), ["2 notes, 1 review", "Its version of 3 notes"]);
        assert_eq!(lost(&Side::default()), ["No note, card or review"]);
    }
}
