//! `backup show`: what is inside, without touching the collection.

use super::args::SourceArgs;
use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use super::source::Source;
use crate::backup::inspect::{self, Current};
use crate::backup::stage::{Backup, MediaWish};
use crate::base::Result;
use crate::base::json_path::JsonPath;
use crate::collection::find::moment_of;
use serde_json::{Value, json};
use std::path::Path;

const DEFAULT_LIMIT: usize = 20;

pub(super) fn show(
    session: &Session,
    file: &Path,
    search: Option<&str>,
    limit: Option<usize>,
    args: &SourceArgs,
) -> Result<Answer, Failure> {
    const DOING: &str = "look into the backup";
    let source = Source::open(session, file, args).doing(DOING)?;
    let backup = Backup::to_explore(source.path()).doing(DOING)?;
    let (room, progress) = (source.room(), &session.progress);
    let inspection = inspect::look(backup, Current::None, room, progress).doing(DOING)?;
    let media_files = source.media_files(inspection.media_files);
    let items = if search.is_some() || limit.is_some() {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        items(
            session,
            source.path(),
            room,
            search.unwrap_or_default(),
            limit,
        )
        .doing(DOING)?
    } else {
        Vec::new()
    };
    let contents = inspection.contents;
    let mut text = format!(
        "{}\nschema {}, {} notes, {} cards, {} reviews, {} note types, {} media files",
        source.label.display(),
        inspection.schema,
        contents.notes,
        contents.cards,
        contents.revlog,
        inspection.notetypes,
        media_files
    );
    for deck in &inspection.decks {
        text.push_str(&format!("\n{:>8} cards  {}", deck.cards, deck.name));
    }
    for item in &items {
        text.push_str(&format!("\n{item}"));
    }
    let decks: Vec<Value> = inspection
        .decks
        .iter()
        .map(|d| json!({"name": d.name, "cards": d.cards}))
        .collect();
    Ok(Answer::new(
        text,
        json!({
            "path": JsonPath(&source.label),
            "schema": inspection.schema,
            "notes": contents.notes,
            "cards": contents.cards,
            "revlog": contents.revlog,
            "decks": decks,
            "notetypes": inspection.notetypes,
            "media_files": media_files,
            "newest_review": inspection.newest_review,
            "items": items,
        }),
    ))
}

/// Notes that match, with their fields.
fn items(
    session: &Session,
    path: &Path,
    room: &Path,
    search: &str,
    limit: usize,
) -> Result<Vec<Value>> {
    let backup = Backup::to_explore(path)?.verify(room, MediaWish::Ignore, &session.progress)?;
    let storage = backup.open(&session.clock, &session.progress)?;
    let moment = moment_of(&storage, &session.clock)?;
    let mut items = Vec::new();
    for id in storage
        .search_notes(search, &moment, None)?
        .into_iter()
        .take(limit)
    {
        session.progress.check()?;
        let Some(note) = storage.get_note(id)? else {
            continue;
        };
        let notetype = storage.notetype(note.notetype_id)?;
        items.push(json!({
            "id": id,
            "notetype": notetype.map(|n| n.name.clone()),
            "fields": note.fields,
            "tags": note.tags,
        }));
    }
    Ok(items)
}
