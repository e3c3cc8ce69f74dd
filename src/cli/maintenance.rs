//! `info` and `check`.

use super::args::CheckArgs;
use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use crate::backup::entry::Reason;
use crate::backup::{health, place};
use crate::base::Result;
use crate::base::json_path::JsonPath;
use crate::collection::Collection;
use crate::media::folder;
use crate::service::profiles::ProfilePaths;
use serde_json::{Value, json};

pub(super) fn info(session: &Session) -> Result<Answer, Failure> {
    let profile = session.lock()?;
    let collection = session.open(&profile)?;
    let facts = facts(session, &profile.paths, &collection).doing("read the collection")?;
    collection.close().doing("close the collection")?;
    let text: Vec<String> = facts
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| match value {
            Value::String(text) => format!("{key}: {text}"),
            other => format!("{key}: {other}"),
        })
        .collect();
    Ok(Answer::new(text.join("\n"), facts))
}

fn facts(session: &Session, paths: &ProfilePaths, collection: &Collection) -> Result<Value> {
    let storage = collection.storage();
    let counts = storage.counts()?;
    let modified = storage.col_row()?.mtime;
    let away = place::is_away(&paths.folder);
    if away {
        let folder = place::folder(&paths.folder);
        session.warn(&format!(
            "The folder of backups is not there; connect its disk: {}",
            folder.display()
        ));
    }
    let last = health::last_verified(&paths.folder, &session.clock)?;
    let changed = modified.0 != 0 && last.is_none_or(|last| last.collection_mod != modified);
    Ok(json!({
        "profile": paths.name,
        "path": JsonPath(&paths.folder),
        "schema": 18,
        "notes": counts.notes,
        "cards": counts.cards,
        "revlog": counts.revlog,
        "decks": storage.all_decks()?.len(),
        "notetypes": storage.notetype_names()?.len(),
        "tags": storage.tags()?.len(),
        "media_files": folder::list(&paths.media())?.len(),
        "collection_mod": modified,
        "backups_away": away,
        "changed_since_backup": (!away).then_some(changed),
        "last_backup": last.map(|last| last.at),
    }))
}

pub(super) fn check(session: &Session, args: &CheckArgs) -> Result<Answer, Failure> {
    const DOING: &str = "check the database";
    let profile = session.lock()?;
    let mut collection = session.open(&profile)?;
    let (problems, safety) = if args.dry_run {
        let problems = collection.find_problems(&session.progress).doing(DOING)?;
        (problems, None)
    } else {
        let saved = session
            .save(&profile, &collection, Reason::BeforeCheck)
            .doing("make the backup before checking")?;
        session.expect(&profile, &collection);
        let problems = collection.check_database(&session.progress).doing(DOING)?;
        (problems, Some(saved.path))
    };
    collection.close().doing("close the collection")?;
    let text = if problems.is_empty() {
        "Nothing was wrong.".to_owned()
    } else {
        let lines: Vec<&str> = problems.iter().map(|p| p.text.as_str()).collect();
        lines.join("\n")
    };
    Ok(Answer::new(
        text,
        json!({
            "ok": problems.is_empty(),
            "problems": problems,
            "safety_backup": safety.as_deref().map(JsonPath),
            "dry_run": args.dry_run,
        }),
    ))
}
