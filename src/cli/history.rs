//! `history`: former versions of notes, deleted notes, how long they are kept; changes of a card's
//! schedule.

mod subjects;

use super::args::{HistoryArgs, HistoryCommand, LimitsArgs};
use super::find;
use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use crate::base::ids::{CardId, NoteId};
use crate::base::time::{DAY_MILLIS, TimestampMillis};
use crate::base::{Error, Result};
use crate::collection::Collection;
use crate::domain::card_info::ScheduleChange;
use crate::domain::history::{Fate, Version};
use crate::domain::history_policy::HistoryLimits;
use crate::service::settings;
use serde_json::{Value, json};

const DOING: &str = "read the history of the note";
/// Deleted notes that are listed.
const MOST: usize = 1000;

pub(super) fn run(session: &Session, args: &HistoryArgs) -> Result<Answer, Failure> {
    match &args.command {
        Some(HistoryCommand::Limits(wish)) => return limits(session, wish),
        Some(HistoryCommand::Purge { older_than, yes }) => {
            return purge(session, *older_than, *yes);
        }
        None => {}
    }
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    if let Some(card) = args.card {
        let answer = schedule_changes(&mut collection, CardId(card))?;
        collection.close().doing("close the collection")?;
        return Ok(answer);
    }
    if let Some(subject) = subjects::wanted(&collection, args)? {
        let answer = match args.restore {
            None => subjects::list(&mut collection, subject)?,
            Some(version) => {
                subjects::restore(session, &profile, &mut collection, subject, version)?
            }
        };
        collection.close().doing("close the collection")?;
        return Ok(answer);
    }
    let answer = match (args.note.map(NoteId), args.restore) {
        (note, Some(version)) => {
            require_version_of(&mut collection, note, version).doing("restore the version")?;
            let restored = match &args.field {
                Some(name) => line_of(&mut collection, note, version, name)
                    .and_then(|line| collection.restore_line(version, line)),
                None => collection.restore_version(version, args.as_copy),
            };
            let restored = restored.doing("restore the version")?;
            let id = restored.value;
            let mut answer = versions(&mut collection, id)?;
            answer.text = format!("Restored as note {id}");
            answer.json["restored"] = json!(version);
            answer.json["note"] = json!(id);
            answer
        }
        (Some(note), None) if args.purge => {
            let gone = collection
                .purge_history(Some(note))
                .doing("forget the versions")?;
            Answer::new(
                format!("{gone} versions forgotten"),
                json!({"purged": gone}),
            )
        }
        (Some(note), None) if args.from_backups => {
            let found = find::in_backups(session, note, &args.files, &args.source)?;
            for (path, why) in &found.shown.unreadable {
                session.warn(&format!("{}: {why}", path.display()));
            }
            collection
                .fill_history(&found.shown, &found.rows)
                .doing("keep the versions of the note")?;
            versions(&mut collection, note)?
        }
        (Some(note), None) => versions(&mut collection, note)?,
        (None, None) => deleted(&mut collection)?,
    };
    session.warn_of_history(&mut collection);
    collection.close().doing("close the collection")?;
    Ok(answer)
}

/// The number of another note's version would change that note. Decks and the like have numbers of
/// their own, and are listed with the deleted notes.
fn require_version_of(
    collection: &mut Collection,
    note: Option<NoteId>,
    version: i64,
) -> Result<()> {
    if let Some(note) = note {
        let versions = collection.note_versions(note)?;
        if versions.iter().any(|kept| kept.number == version) {
            return Ok(());
        }
        let what = "the note has no version of this number";
        return Err(Error::not_found(what));
    }
    let subjects = collection.trashed_subjects("", MOST)?;
    let is_subject = subjects.iter().any(|other| other.number == version);
    let notes = collection.trashed("", MOST)?;
    if is_subject && !notes.iter().any(|note| note.number == version) {
        let what = "this is the number of a deck, preset or note type: give --deck, --preset or \
                    --notetype with its id";
        return Err(Error::invalid(what));
    }
    Ok(())
}

/// Where a version has a field, by the field's name of now.
fn line_of(
    collection: &mut Collection,
    note: Option<NoteId>,
    version: i64,
    name: &str,
) -> Result<usize> {
    let note = note.ok_or_else(|| Error::invalid("--field needs the id of the note"))?;
    let history = collection.note_history(note)?;
    let kept = history.versions.iter().find(|kept| kept.number == version);
    let line = kept.and_then(|kept| kept.fields.iter().position(|(line, _)| line == name));
    line.ok_or_else(|| Error::not_found("the version has no field of this name"))
}

fn versions(collection: &mut Collection, note: NoteId) -> Result<Answer, Failure> {
    let versions = collection.note_versions(note).doing(DOING)?;
    let rows: Vec<Value> = versions.iter().map(row).collect();
    let text: Vec<String> = rows.iter().map(Value::to_string).collect();
    Ok(Answer::new(text.join("\n"), json!({"versions": rows})))
}

fn schedule_changes(collection: &mut Collection, card: CardId) -> Result<Answer, Failure> {
    let info = collection.card_info(card);
    let changes = info.doing("look the card up")?.schedule_changes();
    let side = |change: &ScheduleChange, side: usize| json!({"interval_secs": change.interval[side], "ease": change.ease[side]});
    let rows: Vec<Value> = changes
        .iter()
        .map(|change| {
            json!({
                "time": change.at,
                "what": change.by.label(),
                "before": side(change, 0),
                "after": side(change, 1),
            })
        })
        .collect();
    let text: Vec<String> = rows.iter().map(Value::to_string).collect();
    Ok(Answer::new(text.join("\n"), json!({"changes": rows})))
}

fn row(version: &Version) -> Value {
    json!({
        "version": version.number,
        "time": version.until,
        "origin": version.origin,
        "deleted": version.fate == Fate::Deleted,
        "notetype": version.note.notetype_id,
        "fields": version.note.fields,
        "tags": version.note.tags,
        "decks": version.decks,
    })
}

fn deleted(collection: &mut Collection) -> Result<Answer, Failure> {
    let trashed = collection
        .trashed("", MOST)
        .doing("list the deleted notes")?;
    let mut text: Vec<String> = trashed
        .iter()
        .map(|t| format!("{:>6}  note {}  {}", t.number, t.note, t.title))
        .collect();
    let rows: Vec<Value> = trashed
        .iter()
        .map(|t| {
            json!({
                "version": t.number,
                "note": t.note,
                "deleted": t.deleted,
                "title": t.title,
                "cards": t.cards,
            })
        })
        .collect();
    let subjects = collection
        .trashed_subjects("", MOST)
        .doing("list what was deleted")?;
    text.extend(subjects.iter().map(|s| {
        let what = s.subject.label().to_lowercase();
        format!("{:>6}  {what} {}  {}", s.number, s.subject.id(), s.name)
    }));
    let others: Vec<Value> = subjects
        .iter()
        .map(|s| {
            json!({
                "version": s.number,
                "kind": s.subject.label(),
                "id": s.subject.id(),
                "name": s.name,
                "deleted": s.deleted,
            })
        })
        .collect();
    let json = json!({"deleted": rows, "deleted_others": others});
    Ok(Answer::new(text.join("\n"), json))
}

/// Shows the limits; new ones are saved and applied at once.
fn limits(session: &Session, wish: &LimitsArgs) -> Result<Answer, Failure> {
    let profile = session.lock()?;
    let mut settings = session.settings(&profile.paths)?;
    let before = settings.history;
    let limits = HistoryLimits {
        days: match wish.for_all_time {
            true => None,
            false => wish.days.or(before.days),
        },
        megabytes: wish.megabytes.unwrap_or(before.megabytes),
        trash_days: wish.trash_days.unwrap_or(before.trash_days),
    };
    let limits = limits.clamped();
    let mut collection = session.open(&profile)?;
    let mut gone = 0;
    if limits != before {
        settings.history = limits;
        settings::save(&profile.paths.settings(), &settings).doing("save the settings")?;
        gone = collection
            .limit_whole_history(&limits)
            .doing("apply the limits of the history")?;
    }
    let space = collection
        .history_space()
        .doing("look at the size of the history")?;
    collection.close().doing("close the collection")?;
    let kept = match limits.days {
        None => "for all time".to_owned(),
        Some(days) => format!("for {days} days"),
    };
    let text = format!(
        "Kept {kept}, up to {} MB; deleted notes at least {} days\n{} versions in {} bytes, {gone} \
         removed now",
        limits.megabytes, limits.trash_days, space.versions, space.bytes
    );
    let json = json!({
        "limits": limits,
        "versions": space.versions,
        "bytes": space.bytes,
        "oldest": space.oldest,
        "removed": gone,
    });
    Ok(Answer::new(text, json))
}

fn purge(session: &Session, days: u32, yes: bool) -> Result<Answer, Failure> {
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let before = TimestampMillis(session.clock.now().0 - i64::from(days) * DAY_MILLIS);
    let found = collection
        .older_history(before)
        .doing("look at the older history")?;
    let mut purged = 0;
    if yes {
        purged = collection
            .purge_older_history(before)
            .doing("delete the older history")?;
    }
    collection.close().doing("close the collection")?;
    let text = if yes {
        format!("{purged} versions deleted for good")
    } else {
        format!(
            "{} versions would be deleted for good, {} of them the last ones of deleted notes; \
             with --yes they are",
            found.versions, found.deleted_notes
        )
    };
    let json = json!({
        "purged": purged,
        "older": found.versions,
        "deleted_notes": found.deleted_notes,
    });
    Ok(Answer::new(text, json))
}
