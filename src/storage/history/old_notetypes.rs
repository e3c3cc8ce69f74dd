//! Versions of note types were once kept in a file of their own, a line of JSON each
//! (`collection.notetype-history`): they move over when the history is opened.

use super::History;
use super::subjects::FormerSubject;
use crate::base::Result;
use crate::base::error::AtPath as _;
use crate::base::files::{if_there, parent};
use crate::base::time::TimestampMillis;
use crate::codec::schema11::notetype::notetype_from_json;
use crate::domain::subject::SubjectState;
use serde_json::Value;
use std::path::Path;

/// The operation that made them.
const ORIGIN: &str = "Update Note Type";

/// Takes the file over and removes it; without one, does nothing. Lines that cannot be read, as
/// one cut off by a crash, are left out.
pub(super) fn take_over(history: &mut History, collection: &Path) -> Result<()> {
    let path = parent(collection)?.join("collection.notetype-history");
    let Some(bytes) = if_there(std::fs::read(&path)).at(&path)? else {
        return Ok(());
    };
    for line in bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        if let Some((until, former)) = version_of(line) {
            history.keep_subjects(ORIGIN, until, &[former])?;
        }
    }
    std::fs::remove_file(&path).at(&path)
}

fn version_of(line: &[u8]) -> Option<(TimestampMillis, FormerSubject)> {
    let mut value: Value = serde_json::from_slice(line).ok()?;
    let until = TimestampMillis(value["saved"].as_i64()?);
    let id = value["id"].as_i64()?;
    let notetype = notetype_from_json(id, value["notetype"].take()).ok()?;
    Some((until, FormerSubject::of(SubjectState::Notetype(notetype))))
}
