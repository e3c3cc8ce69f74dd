//! `salvage`: what can be read of a damaged file, in a new collection.

use super::output::{Answer, Doing as _, Failure};
use super::session::Session;
use super::source::require_file;
use crate::base::count::counted;
use crate::base::json_path::JsonPath;
use crate::collection::salvage::salvage;
use serde_json::json;
use std::path::Path;

pub(super) fn run(session: &Session, file: &Path, out: &Path) -> Result<Answer, Failure> {
    const DOING: &str = "salvage what can be read";
    let file = session.backup_path(file);
    require_file(&file).doing(DOING)?;
    let done = salvage(&file, out, &session.clock, &session.progress).doing(DOING)?;
    let mut lines = vec![format!(
        "{}: {}, {}, {}",
        done.path.display(),
        counted(done.notes, "note", "notes"),
        counted(done.cards, "card", "cards"),
        counted(done.revlog, "review", "reviews"),
    )];
    lines.extend(done.told());
    let salvaged = &done.salvaged;
    Ok(Answer::new(
        lines.join("\n"),
        json!({
            "path": JsonPath(&done.path),
            "notes": done.notes,
            "cards": done.cards,
            "revlog": done.revlog,
            "unpacked_whole": done.unpacked_whole,
            "tables": salvaged.tables,
            "lost_rows": salvaged.lost(),
            "pages": salvaged.pages,
            "unreadable_pages": salvaged.unreadable_pages,
            "found_loose": salvaged.found_loose,
            "rebuilt": salvaged.rebuilt,
            "problems": done.problems,
        }),
    ))
}
