//! The question whether a great change was meant (`backup::tripwire`), in a terminal: told, answered,
//! and in the way of copies made by hand.

use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use crate::backup::entry::Alarm;
use crate::backup::tripwire;
use crate::base::json_path::JsonPath;
use crate::base::{Error, ErrorKind};
use crate::service::profiles::ProfilePaths;
use serde_json::{Value, json};

/// Before something is copied or deleted by hand: an alarm that waits for an answer is told, and ends
/// it unless that is wanted all the same.
pub(super) fn require_answer(
    session: &Session,
    paths: &ProfilePaths,
    force: bool,
    doing: &'static str,
) -> Result<(), Failure> {
    let Some(alarm) = tripwire::alarm(&paths.backups()) else {
        return Ok(());
    };
    session.warn(&lines(Some(&alarm)).join("\n"));
    if force {
        return Ok(());
    }
    let what = "much has changed without a reason; `backup accept` says that it is all right, and \
                --force does it all the same";
    Err(Error::new(ErrorKind::Conflict, what)).doing(doing)
}

/// The alarm that waits for an answer, in lines.
pub(super) fn lines(alarm: Option<&Alarm>) -> Vec<String> {
    let Some(alarm) = alarm else {
        return Vec::new();
    };
    let good = match &alarm.good {
        Some(good) => format!("  The last backup before is kept: {}", good.display()),
        None => "  The last backup before is gone.".to_owned(),
    };
    vec![
        format!("Much has changed without a reason: {}", alarm.told()),
        good,
        "  Old backups stay and nothing is copied by itself until `backup accept`.".to_owned(),
    ]
}

pub(super) fn value(alarm: Option<&Alarm>) -> Value {
    let Some(alarm) = alarm else {
        return Value::Null;
    };
    json!({
        "at": alarm.at,
        "good": alarm.good.as_deref().map(JsonPath),
        "good_at": alarm.good_at,
        "found": alarm.found,
    })
}

/// `backup accept`.
pub(super) fn accept(session: &Session) -> Result<Answer, Failure> {
    let profile = session.lock()?;
    let accepted = tripwire::accept(&profile.paths.backups()).doing("accept what changed")?;
    let text = match accepted {
        true => "Old backups are thinned out and copies elsewhere made again.",
        false => "Nothing was asked.",
    };
    Ok(Answer::new(text.to_owned(), json!({"accepted": accepted})))
}
