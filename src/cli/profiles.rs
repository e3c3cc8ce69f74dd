//! `profile …`.

use super::args::ProfileCommand;
use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use crate::base::json_path::JsonPath;
use crate::base::{Error, ErrorKind, Result};
use crate::secrets::Keychain;
use crate::service::{adopt, secret_names};
use serde_json::json;
use std::path::Path;

pub(super) fn run(session: &Session, command: ProfileCommand) -> Result<Answer, Failure> {
    match command {
        ProfileCommand::List => {}
        ProfileCommand::Create { name } => {
            session.data.create(&name).doing("create the profile")?;
        }
        ProfileCommand::Rename { old, new } => {
            session
                .data
                .rename(&old, &new)
                .doing("rename the profile")?;
            let moved = secret_names::take_along(&Keychain, &session.data, &old, &new);
            if let Err(error) = moved {
                let why = error.what();
                session.warn(&format!("passwords stay under the old name: {why}"));
            }
        }
        ProfileCommand::Delete { name, permanently } => {
            delete(session, &name, permanently).doing("delete the profile")?;
        }
        ProfileCommand::ImportAnki { dir, all } => {
            return import_anki(session, dir.as_deref(), all)
                .doing("bring the profile over from Anki");
        }
    }
    list(session)
}

fn list(session: &Session) -> Result<Answer, Failure> {
    let profiles = session.data.list().doing("list the profiles")?;
    let text: Vec<String> = profiles
        .iter()
        .map(|p| format!("{}\t{}", p.name, p.path.display()))
        .collect();
    let rows: Vec<_> = profiles
        .iter()
        .map(|p| {
            json!({
                "name": p.name,
                "path": JsonPath(&p.path),
                "last_opened": p.last_opened,
                "collection_size": p.collection_size,
            })
        })
        .collect();
    let text = if text.is_empty() {
        "There is no profile yet.".to_owned()
    } else {
        text.join("\n")
    };
    Ok(Answer::new(text, json!({"profiles": rows})))
}

/// A verified backup stays outside the profile, whatever becomes of the folder.
fn delete(session: &Session, name: &str, permanently: bool) -> Result<()> {
    adopt::keep_last_backup(&session.data, name, &session.clock, &session.progress)?;
    session.data.delete(name, permanently)
}

fn import_anki(session: &Session, dir: Option<&Path>, all: bool) -> Result<Answer> {
    let base = match dir {
        Some(dir) => dir.to_owned(),
        None => adopt::anki_folder()
            .ok_or_else(|| Error::not_found("Anki's data folder is not known here"))?,
    };
    let wanted: Option<&str> = session.named_profile();
    let found = adopt::find_anki_profiles(&base)?;
    let chosen: Vec<_> = found
        .iter()
        .filter(|p| wanted.is_none_or(|name| p.name == name))
        .collect();
    if chosen.is_empty() {
        return Err(Error::new(ErrorKind::NotFound, "no profile of Anki was found").at(&base));
    }
    if chosen.len() > 1 && !all {
        let names: Vec<&str> = chosen.iter().map(|p| p.name.as_str()).collect();
        return Err(Error::invalid(format!(
            "there are several profiles ({}); say --all, or which with --profile",
            names.join(", ")
        )));
    }
    let adopted = adopt::adopt_all(&session.data, chosen, &session.clock, &session.progress)?;
    let brought = adopted.brought.iter().map(|p| {
        format!(
            "{}: {} notes, {} cards, {} media files",
            p.name, p.notes, p.cards, p.media
        )
    });
    let failed =
        (adopted.failed.iter()).map(|(name, error)| format!("{name}: not copied: {error}"));
    let text: Vec<String> = brought.chain(failed).collect();
    let failed: Vec<_> = (adopted.failed.iter())
        .map(|(name, error)| json!({"name": name, "why": error.to_string()}))
        .collect();
    Ok(Answer {
        damaged: !failed.is_empty(),
        ..Answer::new(
            text.join("\n"),
            json!({"imported": adopted.brought, "failed": failed}),
        )
    })
}
