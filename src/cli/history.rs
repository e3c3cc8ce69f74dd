//! `history`: former versions of notes, and deleted notes.

use super::args::HistoryArgs;
use super::find;
use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use crate::base::ids::NoteId;
use crate::collection::Collection;
use crate::domain::history::{Fate, Version};
use serde_json::{Value, json};

const DOING: &str = "read the history of the note";
/// Deleted notes that are listed.
const MOST: usize = 1000;

pub(super) fn run(session: &Session, args: &HistoryArgs) -> Result<Answer, Failure> {
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let answer = match (args.note.map(NoteId), args.restore) {
        (_, Some(version)) => {
            let restored = collection
                .restore_version(version, args.as_copy)
                .doing("restore the version")?;
            let id = restored.value;
            Answer::new(
                format!("Restored as note {id}"),
                json!({"restored": version, "note": id}),
            )
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
            let found = find::in_backups(session, &profile.paths, note)?;
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
    collection.close().doing("close the collection")?;
    Ok(answer)
}

fn versions(collection: &mut Collection, note: NoteId) -> Result<Answer, Failure> {
    let versions = collection.note_versions(note).doing(DOING)?;
    let rows: Vec<Value> = versions.iter().map(row).collect();
    let text: Vec<String> = rows.iter().map(Value::to_string).collect();
    Ok(Answer::new(text.join("\n"), json!({"versions": rows})))
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
    })
}

fn deleted(collection: &mut Collection) -> Result<Answer, Failure> {
    let trashed = collection.trashed(MOST).doing("list the deleted notes")?;
    let text: Vec<String> = trashed
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
    Ok(Answer::new(text.join("\n"), json!({"deleted": rows})))
}
