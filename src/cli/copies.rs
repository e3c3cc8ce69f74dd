//! `backup copy`, and the copies that other commands of `backup` show and make.

use super::alarm::{self, require_answer};
use super::args::CopyArgs;
use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use crate::backup::copies::{self, Recheck};
use crate::backup::entry::{Copies, Entry};
use crate::backup::tripwire;
use crate::base::Error;
use crate::base::json_path::JsonPath;
use crate::explain::explain;
use crate::service::profiles::ProfilePaths;
use crate::service::settings;
use serde_json::{Value, json};

const DOING: &str = "copy the backups";

pub(super) fn run(session: &Session, wish: &CopyArgs) -> Result<Answer, Failure> {
    let profile = session.lock()?;
    let paths = &profile.paths;
    let mut settings = session.settings(paths)?;
    if wish.off {
        settings.second_backups_folder = None;
        settings::save(&paths.settings(), &settings).doing("save the settings")?;
        let text = "Backups are copied no more. The copies stay where they are.";
        return Ok(Answer::new(text, json!({"copy": null})));
    }
    if let Some(to) = &wish.to {
        let to = std::path::absolute(to).map_err(Error::from).doing(DOING)?;
        if !to.is_dir() {
            return Err(Error::not_found("there is no such folder").at(&to)).doing(DOING);
        }
        settings.second_backups_folder = Some(to);
    }
    let Some(chosen) = settings.second_backups_folder.clone() else {
        let what = "no second folder is set: give --to DIR";
        return Err(Error::invalid(what)).doing(DOING);
    };
    require_answer(session, paths, wish.force, DOING)?;
    let rules = session.rules(paths)?;
    let found = copies::run(
        &paths.folder,
        &chosen,
        &rules,
        Recheck::All,
        &session.clock,
        &session.progress,
    )
    .doing(DOING)?;
    // Only a folder that serves is kept.
    settings::save(&paths.settings(), &settings).doing("save the settings")?;
    Ok(Answer {
        damaged: found.damaged > 0,
        ..Answer::new(words(&found), json!({"copy": value(&found)}))
    })
}

/// The copies of the profile's backups, newest first; none without a second folder.
pub(super) fn list(session: &Session) -> Result<Vec<Entry>, Failure> {
    let paths = session.profile()?;
    let Some(chosen) = session.settings(&paths)?.second_backups_folder else {
        return Ok(vec![]);
    };
    let rules = session.rules(&paths)?;
    copies::list(&paths.folder, &chosen, &rules, &session.clock).doing("list the copies")
}

/// Copies what was just made. The backup is there whatever happens to its copy, so a failure is a
/// warning.
pub(super) fn after_backup(
    session: &Session,
    paths: &ProfilePaths,
    answer: &mut Answer,
) -> Result<(), Failure> {
    let Some(chosen) = session.settings(paths)?.second_backups_folder else {
        return Ok(());
    };
    if let Some(alarm) = tripwire::alarm(&paths.backups()) {
        session.warn(&alarm::lines(Some(&alarm)).join("\n"));
        answer.json["copy"] = json!({"state": "waits"});
        return Ok(());
    }
    let rules = session.rules(paths)?;
    let made = copies::run(
        &paths.folder,
        &chosen,
        &rules,
        Recheck::Oldest,
        &session.clock,
        &session.progress,
    );
    match made {
        Ok(found) => {
            answer.text.push('\n');
            answer.text.push_str(&words(&found));
            answer.json["copy"] = value(&found);
        }
        Err(error) => {
            let said = explain(DOING, &error);
            session.warn(&said.in_full());
            answer.json["copy"] = json!({"state": "failed", "message": said.cause});
        }
    }
    Ok(())
}

fn value(found: &Copies) -> Value {
    json!({
        "state": if found.absent { "waiting" } else { "copied" },
        "path": JsonPath(&found.folder),
        "whole": found.whole,
        "damaged": found.damaged,
        "newest": found.newest,
        "same_disk": found.same_disk,
    })
}

fn words(found: &Copies) -> String {
    let place = found.folder.display();
    if found.absent {
        return format!("Waiting for the disk of {place}");
    }
    let mut text = format!("{} copies in {place}", found.whole);
    if found.damaged > 0 {
        text.push_str(&format!(", {} damaged", found.damaged));
    }
    if found.same_disk {
        text.push_str("\nThey are on the disk of the backups: both go when it breaks.");
    }
    text
}
