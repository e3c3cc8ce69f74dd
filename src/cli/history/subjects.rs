//! `history --deck`, `--preset`, `--notetype`: former versions of these, and back to one.

use crate::backup::entry::Reason;
use crate::base::Error;
use crate::base::ids::{DeckConfigId, DeckId, NotetypeId};
use crate::base::json_path::JsonPath;
use crate::cli::args::HistoryArgs;
use crate::cli::output::{Answer, Doing as _, Failure};
use crate::cli::session::{Locked, Session};
use crate::collection::Collection;
use crate::domain::deck::DeckName;
use crate::domain::history::{Fate, ShownVersion};
use crate::domain::subject::Subject;
use serde_json::{Map, Value, json};

const DOING: &str = "read the history";

/// What the arguments name, if anything; by name or, also when it was deleted, by id.
pub(super) fn wanted(
    collection: &Collection,
    args: &HistoryArgs,
) -> Result<Option<Subject>, Failure> {
    let storage = collection.storage();
    let id = |text: &str| text.parse::<i64>().ok();
    let none = |what: &str, name: &str| Error::not_found(format!("there is no {what} “{name}”"));
    if let Some(name) = &args.deck {
        let found = storage
            .deck_by_name(&DeckName::from_human(name))
            .doing(DOING)?;
        let known = found.map(|deck| deck.id).or_else(|| id(name).map(DeckId));
        return Ok(Some(Subject::Deck(
            known.ok_or_else(|| none("deck", name)).doing(DOING)?,
        )));
    }
    if let Some(name) = &args.preset {
        let all = storage.all_deck_configs().doing(DOING)?;
        let found = all.into_iter().find(|preset| preset.name == *name);
        let known = found.map(|preset| preset.id);
        let known = known.or_else(|| id(name).map(DeckConfigId));
        return Ok(Some(Subject::Preset(
            known.ok_or_else(|| none("preset", name)).doing(DOING)?,
        )));
    }
    let Some(name) = &args.notetype else {
        return Ok(None);
    };
    let found = storage.notetype_by_name(name).doing(DOING)?;
    let known = found.map(|notetype| notetype.id);
    let known = known.or_else(|| id(name).map(NotetypeId));
    Ok(Some(Subject::Notetype(
        known.ok_or_else(|| none("note type", name)).doing(DOING)?,
    )))
}

/// The versions, newest first, each with what differs from now.
pub(super) fn list(collection: &mut Collection, subject: Subject) -> Result<Answer, Failure> {
    let history = collection.subject_history(subject).doing(DOING)?;
    let present = history.present.unwrap_or_default();
    let rows: Vec<Value> = history.versions.iter().map(|v| row(v, &present)).collect();
    let text: Vec<String> = rows.iter().map(Value::to_string).collect();
    Ok(Answer::new(text.join("\n"), json!({"versions": rows})))
}

fn row(version: &ShownVersion, present: &[(String, String)]) -> Value {
    let mut then = Map::new();
    let mut differs = Vec::new();
    for (name, was) in &version.fields {
        let is = present
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, text)| text);
        if is != Some(was) {
            differs.push(json!({"part": name, "was": was, "is": is}));
        }
        then.insert(name.clone(), json!(was));
    }
    json!({
        "version": version.number,
        "time": version.until,
        "origin": version.origin,
        "deleted": version.fate == Fate::Deleted,
        "parts": then,
        "differs": differs,
    })
}

/// Back to a version that is one of `subject`, after a backup.
pub(super) fn restore(
    session: &Session,
    profile: &Locked,
    collection: &mut Collection,
    subject: Subject,
    version: i64,
) -> Result<Answer, Failure> {
    let doing = "restore the version";
    let versions = collection.subject_versions(subject).doing(doing)?;
    if !versions.iter().any(|v| v.number == version) {
        return Err(Error::not_found("this version is not kept")).doing(doing);
    }
    let backup = match subject {
        Subject::Notetype(_) => Some(Reason::BeforeNotetypeChange),
        Subject::Preset(_) => Some(Reason::BeforeReschedule),
        Subject::Deck(_) => None,
    };
    let backup = match backup {
        Some(reason) => session.back_up_before(profile, collection, reason)?,
        None => None,
    };
    collection
        .restore_subjects(&[version], &session.progress)
        .doing(doing)?;
    let mut answer = list(collection, subject)?;
    answer.text = format!("Version {version} restored");
    answer.json["restored"] = json!(version);
    answer.json["safety_backup"] = json!(backup.as_deref().map(JsonPath));
    Ok(answer)
}
