//! What came of a recovery, in words.

use crate::domain::explorer::RecoveredFrom;
use crate::domain::recovery::Skip;
use crate::ui::backups::words;
use crate::{t, tn};

/// The toast after a recovery.
pub(super) fn in_words(what: &RecoveredFrom) -> String {
    let done = &what.done;
    let (notes, files) = (done.notes.len() as u64, what.media_added as u64);
    let only_files =
        done.skipped.is_empty() && !(what.media_left.is_empty() && what.media_missing.is_empty());
    let mut parts = match (notes, files) {
        (0, 0) if !done.put_back.is_empty() => vec![put_back(&done.put_back)],
        // What became of them is said below, and no note was wanted.
        (0, 0) if only_files => vec![],
        (_, 0) => vec![tn!(notes, "{n} note recovered", "{n} notes recovered")],
        (0, _) => vec![tn!(
            files,
            "{n} media file recovered",
            "{n} media files recovered"
        )],
        _ => vec![tn!(
            notes,
            "{n} note recovered, with {files}",
            "{n} notes recovered, with {files}",
            files = tn!(files, "{n} media file", "{n} media files")
        )],
    };
    if notes + files > 0 && !done.put_back.is_empty() {
        parts.push(put_back(&done.put_back));
    }
    if let [name, rest @ ..] = done.notetypes.as_slice() {
        parts.push(match rest.len() {
            0 => t!("the note type “{name}” came along", name),
            n => t!("the note type “{name}” came along with {n} more", name, n),
        });
    }
    if let [name, rest @ ..] = done.decks.as_slice() {
        parts.push(match rest.len() {
            0 => t!("the deck “{name}” came along", name),
            n => t!("the deck “{name}” came along with {n} more", name, n),
        });
    }
    if let [name, rest @ ..] = done.presets.as_slice() {
        parts.push(match rest.len() {
            0 => t!("the preset “{name}” came along", name),
            n => t!("the preset “{name}” came along with {n} more", name, n),
        });
    }
    // What became of its files is said by their numbers.
    let any_files = what.media_added > 0 || !what.media_missing.is_empty();
    let brought = |why: Skip| why == Skip::FilesAreThere && any_files;
    let skipped = done.skipped.iter().map(|(_, why)| *why);
    for (why, left) in by_reason(skipped.filter(|why| !brought(*why))) {
        parts.push(tn!(
            left,
            "{n} note was left alone: {why}",
            "{n} notes were left alone: {why}",
            why = why.label()
        ));
    }
    if !what.media_missing.is_empty() {
        parts.push(tn!(
            what.media_missing.len() as u64,
            "{n} file is missing or damaged in the backup",
            "{n} files are missing or damaged in the backup"
        ));
    }
    if !what.media_renamed.is_empty() {
        parts.push(t!(
            "under other names, as other files have theirs now: {names}",
            names = some(&what.media_renamed)
        ));
    }
    if !what.media_left.is_empty() {
        parts.push(t!(
            "left as they are, as templates may use them: {names}",
            names = some(&what.media_left)
        ));
    }
    if !done.damaged_decks.is_empty() {
        parts.push(t!(
            "settings damaged in the backup, so those of a new deck: {decks}",
            decks = some(&done.damaged_decks)
        ));
    }
    if !done.damaged_presets.is_empty() {
        parts.push(t!(
            "damaged in the backup, so the Default preset instead: {presets}",
            presets = some(&done.damaged_presets)
        ));
    }
    if done.not_replayed > 0 {
        parts.push(tn!(
            done.not_replayed,
            "{n} card has the schedule of the backup without the answers since: the settings of its deck are damaged",
            "{n} cards have the schedule of the backup without the answers since: the settings of their decks are damaged"
        ));
    }
    if done.synced_resets > 0 {
        parts.push(tn!(
            done.synced_resets,
            "{n} card was reset on other devices too, whose review logs keep that until the whole collection is uploaded",
            "{n} cards were reset on other devices too, whose review logs keep that until the whole collection is uploaded"
        ));
    }
    words::capital(&parts.join("; "))
}

/// How many notes were left alone for each reason, in the order in which the reasons came up.
fn by_reason(skipped: impl Iterator<Item = Skip>) -> Vec<(Skip, u64)> {
    let mut reasons: Vec<(Skip, u64)> = vec![];
    for why in skipped {
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, left)) => *left += 1,
            None => reasons.push((why, 1)),
        }
    }
    reasons
}

/// Names, or the first of very many.
fn some(names: &[String]) -> String {
    const MOST: usize = 10;
    let (said, more) = names.split_at(names.len().min(MOST));
    let said = said.join(", ");
    match more.is_empty() {
        true => said,
        false => said + ", …",
    }
}

fn put_back(names: &[String]) -> String {
    t!("put back: {names}", names = some(names))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::NoteId;
    use crate::domain::recovery::Recovered;

    #[test]
    fn what_came_along_is_named() {
        let what = RecoveredFrom {
            done: Recovered {
                notes: vec![NoteId(1)],
                notetypes: vec!["Words".into()],
                decks: vec!["Spanish".into()],
                presets: vec!["Slow".into(), "Hard".into()],
                ..Recovered::default()
            },
            media_added: 2,
            media_missing: vec![],
            media_renamed: vec![],
            media_left: vec![],
        };
        assert_eq!(
            in_words(&what),
            "1 note recovered, with 2 media files; the note type “Words” came along; the deck \
             “Spanish” came along; the preset “Slow” came along with 1 more"
        );
    }

    #[test]
    fn notes_that_were_left_alone_are_counted_by_reason() {
        let skipped = [
            (NoteId(1), Skip::NothingMissing),
            (NoteId(2), Skip::NoCardType),
            (NoteId(3), Skip::NothingMissing),
        ];
        let what = RecoveredFrom {
            done: Recovered {
                skipped: skipped.to_vec(),
                ..Recovered::default()
            },
            media_added: 0,
            media_missing: vec![],
            media_renamed: vec![],
            media_left: vec![],
        };
        assert_eq!(
            in_words(&what),
            "0 notes recovered; 2 notes were left alone: the note and all its cards are still \
             there; 1 note was left alone: its note type does not have the card types of its lost \
             cards any more"
        );
    }

    #[test]
    fn of_thousands_of_files_some_are_named_and_no_note_is_where_none_was_wanted() {
        let what = RecoveredFrom {
            done: Recovered::default(),
            media_added: 0,
            media_missing: vec![],
            media_renamed: vec![],
            media_left: (10..30_000).map(|n| format!("_{n}.css")).collect(),
        };
        assert_eq!(
            in_words(&what),
            "Left as they are, as templates may use them: _10.css, _11.css, _12.css, _13.css, \
             _14.css, _15.css, _16.css, _17.css, _18.css, _19.css, …"
        );
    }
}
