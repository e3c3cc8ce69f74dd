//! Former versions of note types: whenever one is saved with other templates, styling or fields,
//! what it was is kept in a file beside the collection, a line of JSON each. Putting a version
//! back is an ordinary edit. Nothing but thinning (see below) removes a line.

use crate::base::error::AtPath as _;
use crate::base::files::{parent, write_atomic};
use crate::base::ids::NotetypeId;
use crate::base::time::TimestampMillis;
use crate::base::{Error, Result};
use crate::codec::schema11::notetype::{notetype_from_json, notetype_to_json};
use crate::collection::Collection;
use crate::domain::notetype::{Notetype, NotetypeVersion};
use crate::storage::{Storage, Tx};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

/// A larger file is thinned.
const MAX_BYTES: u64 = 16_000_000;
/// Versions of each note type that thinning keeps, the newest ones.
const KEPT: usize = 40;

/// Keeps `stored` if saving `new` over it would lose something of it.
pub(super) fn keep(tx: &Tx<'_>, stored: &Notetype, new: &Notetype) -> Result<()> {
    let same = stored.templates == new.templates
        && stored.config.css == new.config.css
        && stored.fields == new.fields;
    if same {
        return Ok(());
    }
    let path = path_of(tx)?;
    let line = json!({
        "saved": tx.now().0,
        "id": stored.id.0,
        "notetype": notetype_to_json(stored),
    });
    thin(&path).at(&path)?;
    append(&path, &line).at(&path)
}

impl Collection {
    /// Former versions of a note type, newest first. Lines that cannot be read are left out.
    pub fn notetype_versions(&self, id: NotetypeId) -> Result<Vec<NotetypeVersion>> {
        let path = path_of(&self.storage)?;
        let mut versions: Vec<NotetypeVersion> = lines(&path)
            .at(&path)?
            .iter()
            .filter_map(|line| version_of(line, id))
            .collect();
        versions.reverse();
        Ok(versions)
    }
}

fn path_of(storage: &Storage) -> Result<PathBuf> {
    Ok(parent(storage.path())?.join("collection.notetype-history"))
}

fn version_of(line: &str, id: NotetypeId) -> Option<NotetypeVersion> {
    // Most lines are of other note types: looked at before they are parsed.
    if !line.contains(&id.0.to_string()) {
        return None;
    }
    let mut value: Value = serde_json::from_str(line).ok()?;
    (value["id"].as_i64()? == id.0).then_some(())?;
    Some(NotetypeVersion {
        until: TimestampMillis(value["saved"].as_i64()?),
        notetype: notetype_from_json(id.0, value["notetype"].take()).ok()?,
    })
}

fn lines(path: &Path) -> Result<Vec<String>> {
    let file = match std::fs::File::open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        file => file?,
    };
    let mut lines = Vec::new();
    for line in BufReader::new(file).split(b'\n') {
        lines.extend(String::from_utf8(line?));
    }
    Ok(lines)
}

fn append(path: &Path, line: &Value) -> Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    // After a line that was cut off by a crash, a new one begins all the same.
    let torn = file.metadata()?.len() > 0 && !ends_with_newline(path)?;
    let text = format!("{}{line}\n", if torn { "\n" } else { "" });
    file.write_all(text.as_bytes())?;
    file.sync_data()?;
    Ok(())
}

fn ends_with_newline(path: &Path) -> Result<bool> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let mut file = std::fs::File::open(path)?;
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Drops the oldest versions of each note type when the file has grown too large.
fn thin(path: &Path) -> Result<()> {
    let size = match std::fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata?.len(),
    };
    if size <= MAX_BYTES {
        return Ok(());
    }
    let all = lines(path)?;
    let mut counts: HashMap<i64, usize> = HashMap::new();
    let mut kept: Vec<&String> = Vec::new();
    for line in all.iter().rev() {
        let value: Value = serde_json::from_str(line).unwrap_or_default();
        let Some(id) = value["id"].as_i64() else {
            continue;
        };
        let count = counts.entry(id).or_default();
        *count += 1;
        if *count <= KEPT {
            kept.push(line);
        }
    }
    write_atomic(path, |out| {
        for line in kept.iter().rev() {
            writeln!(out, "{line}").map_err(Error::from)?;
        }
        Ok(())
    })
}
