//! `mirror DIR`: the notes as text files in a folder, kept up to date.

use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use crate::backup::runs;
use crate::base::Error;
use crate::base::json_path::JsonPath;
use crate::collection::mirror::{owner_of, update};
use serde_json::json;
use std::path::Path;

pub(super) fn run(session: &Session, folder: &Path) -> Result<Answer, Failure> {
    const DOING: &str = "mirror the notes";
    if folder.is_file() {
        return Err(Error::invalid("this is a file, not a folder").at(folder)).doing(DOING);
    }
    let profile = session.lock()?;
    let collection = session.open(&profile)?;
    let now = session.clock.now_secs();
    let owner = owner_of(&profile.paths.folder).doing(DOING)?;
    let storage = collection.storage();
    let done = runs::logged_if(
        &profile.paths.backups(),
        runs::Kind::Mirror,
        Some(folder),
        &session.clock,
        || update(storage, &owner, folder, now, &session.progress),
        |done| done.told(),
    )
    .doing(DOING)?;
    collection.close().doing("close the collection")?;
    for path in &done.set_aside {
        session.warn(&format!(
            "{}: was changed by somebody else and is kept",
            path.display()
        ));
    }
    Ok(Answer::new(
        format!(
            "{}: {} notes, {} files written, {} removed",
            folder.display(),
            done.notes,
            done.written,
            done.removed
        ),
        json!({
            "path": JsonPath(folder),
            "notes": done.notes,
            "written": done.written,
            "removed": done.removed,
            "set_aside": done.set_aside.iter().map(|path| JsonPath(path)).collect::<Vec<_>>(),
        }),
    ))
}
