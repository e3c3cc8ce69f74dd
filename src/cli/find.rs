//! `backup find`: one note in all backups.

use super::args::SourceArgs;
use super::backups::entries;
use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use super::source::Searched;
use crate::backup::find_note::{Found, find_note};
use crate::base::ids::NoteId;
use crate::base::json_path::JsonPath;
use crate::domain::history::BackupVersion;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

const DOING: &str = "look for the note in the backups";

pub(super) fn run(
    session: &Session,
    note: NoteId,
    files: &[PathBuf],
    args: &SourceArgs,
) -> Result<Answer, Failure> {
    let found = in_backups(session, note, files, args)?.shown;
    let rows: Vec<Value> = found.versions.iter().map(row).collect();
    let mut text: Vec<String> = found
        .versions
        .iter()
        .map(|version| line(session, version))
        .collect();
    if text.is_empty() {
        text.push(format!("Not in {} backups", found.searched));
    }
    let unreadable: Vec<Value> = found
        .unreadable
        .iter()
        .map(|(path, why)| json!({"path": JsonPath(path), "why": why}))
        .collect();
    for (path, why) in &found.unreadable {
        session.warn(&format!("{}: {why}", path.display()));
    }
    Ok(Answer::new(
        text.join("\n"),
        json!({
            "note": note,
            "searched": found.searched,
            "versions": rows,
            "unreadable": unreadable,
        }),
    ))
}

/// In `files`, or else in all backups of the profile. Works without a collection, and beside a
/// window that has it open.
pub(super) fn in_backups(
    session: &Session,
    note: NoteId,
    files: &[PathBuf],
    args: &SourceArgs,
) -> Result<Found, Failure> {
    let (clock, progress) = (&session.clock, &session.progress);
    if files.is_empty() {
        let backups: Vec<_> = entries(session)?.into_iter().map(Into::into).collect();
        let room = session.profile()?.folder;
        return find_note(note, &backups, &room, clock, progress).doing(DOING);
    }
    let searched = Searched::open(session, files, args).doing(DOING)?;
    find_note(note, searched.places(), searched.room(), clock, progress).doing(DOING)
}

fn line(session: &Session, version: &BackupVersion) -> String {
    let date = session
        .clock
        .local(version.made)
        .strftime("%Y-%m-%d %H:%M:%S");
    let file = version
        .path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let fields: Vec<&str> = version
        .fields
        .iter()
        .map(|(_, text)| text.as_str())
        .collect();
    format!("{date}  {file}  {}", fields.join(" | "))
}

fn row(version: &BackupVersion) -> Value {
    let fields: Map<String, Value> = version
        .fields
        .iter()
        .map(|(name, text)| (name.clone(), json!(text)))
        .collect();
    json!({
        "path": JsonPath(&version.path),
        "made": version.made,
        "since": version.since,
        "backups": version.backups,
        "fields": fields,
    })
}
