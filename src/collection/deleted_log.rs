//! `deleted.txt` beside the collection: every note that any operation deletes is appended to it,
//! on disk before the deletion is, and taken back when the deletion is cancelled or fails. Its
//! header makes it a text file that File > Import takes back, note types mixed, under the notes'
//! own guids.
//!
//! Nothing else is ever removed from it; when it has grown too large, or begins differently (Anki
//! writes a file of that name too), it is set aside under a number.

use crate::base::error::AtPath as _;
use crate::base::files::{if_there, sync_dir};
use crate::base::ids::{DeckId, NotetypeId};
use crate::base::limits::DELETED_LOG_BYTES;
use crate::base::{Error, ErrorKind, Result};
use crate::domain::note::Note;
use crate::mark;
use crate::storage::Tx;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Name of the file in the profile's folder.
const FILE_NAME: &str = "deleted.txt";

/// Columns after it: guid, note type, deck, tags, fields.
const HEADER: &str = "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n\
     #deck column:3\n#tags column:4\n";

/// Appends the notes with the decks that they are in. Call it in the transaction that deletes
/// them, before anything is removed.
pub fn write(tx: &mut Tx<'_>, notes: &[Note]) -> Result<()> {
    if notes.is_empty() {
        return Ok(());
    }
    let folder = crate::base::files::parent(tx.path())?.to_owned();
    let path = folder.join(FILE_NAME);
    write_to(tx, notes, &folder, &path).at(path)
}

fn write_to(tx: &mut Tx<'_>, notes: &[Note], folder: &Path, path: &Path) -> Result<()> {
    set_aside_if_unfit(folder, path)?;
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let size = file.metadata()?.len();
    let result = append(tx, notes, &mut file, size == 0);
    if result.is_err() {
        // No half record: what is appended next would be taken for its end.
        file.set_len(size)?;
    }
    result?;
    let end = file.metadata()?.len();
    let kept = path.to_owned();
    tx.or_take_back(move || {
        if let Err(e) = cut(&file, (size, end), &kept) {
            tracing::warn!("{FILE_NAME} names notes that were not deleted: {e}");
        }
    });
    if size == 0 {
        sync_dir(folder)?;
    }
    Ok(())
}

/// Takes back what was appended, if nothing follows it.
fn cut(file: &File, (size, end): (u64, u64), path: &Path) -> std::io::Result<()> {
    match file.metadata()?.len() == end {
        true if size == 0 => std::fs::remove_file(path),
        true => file.set_len(size).and_then(|()| file.sync_data()),
        false => Ok(()),
    }
}

fn append(tx: &Tx<'_>, notes: &[Note], file: &mut File, is_new: bool) -> Result<()> {
    let mut out = BufWriter::new(&mut *file);
    if is_new {
        out.write_all(HEADER.as_bytes())?;
    }
    let names: HashMap<NotetypeId, String> = tx.notetype_names()?.into_iter().collect();
    for note in notes {
        let number = || note.notetype_id.to_string();
        let notetype = names.get(&note.notetype_id).cloned();
        let notetype = notetype.unwrap_or_else(number);
        write_record(&mut out, note, &notetype, &deck_of(tx, note)?)?;
    }
    out.flush()?;
    drop(out);
    file.sync_data()?;
    Ok(())
}

/// Home deck of the note's first card, `A::B`.
fn deck_of(tx: &Tx<'_>, note: &Note) -> Result<String> {
    let cards = tx.cards_of_note(note.id)?;
    let deck_id = cards.first().map_or(DeckId::DEFAULT, |c| c.home_deck_id());
    let deck = match tx.deck(deck_id)? {
        Some(deck) => Some(deck),
        None => tx.deck(DeckId::DEFAULT)?,
    };
    Ok(deck.map_or_else(String::new, |deck| deck.name.human()))
}

fn write_record(out: &mut impl Write, note: &Note, notetype: &str, deck: &str) -> Result<()> {
    let tags = note.tags.join(" ");
    let columns = [note.guid.as_str(), notetype, deck, &tags];
    let columns = columns
        .into_iter()
        .chain(note.fields.iter().map(String::as_str));
    for (n, column) in columns.enumerate() {
        if n > 0 {
            out.write_all(b"\t")?;
        }
        out.write_all(quoted(column).as_bytes())?;
    }
    out.write_all(b"\n")?;
    Ok(())
}

/// In quotes where the reader would otherwise see an end or a comment.
fn quoted(column: &str) -> Cow<'_, str> {
    if column.contains(['\t', '"', '\n', '\r']) || column.starts_with(['#', ' ', '\u{feff}']) {
        Cow::Owned(format!("\"{}\"", column.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(column)
    }
}

/// Renames a file that is too large, has another header or a torn end to `deleted-1.txt`,
/// `deleted-2.txt`, …
fn set_aside_if_unfit(folder: &Path, path: &Path) -> Result<()> {
    let Some(mut file) = if_there(File::open(path))? else {
        return Ok(());
    };
    let size = file.metadata()?.len();
    if size == 0 {
        return Ok(());
    }
    let mut start = vec![
        0;
        HEADER
            .len()
            .min(usize::try_from(size).unwrap_or(usize::MAX))
    ];
    file.read_exact(&mut start)?;
    let mut end = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut end)?;
    drop(file);
    if start == HEADER.as_bytes() && end == *b"\n" && size < DELETED_LOG_BYTES {
        return Ok(());
    }
    std::fs::rename(path, free_name(folder)?)?;
    sync_dir(folder)
}

fn free_name(folder: &Path) -> Result<PathBuf> {
    for number in 1..10_000 {
        let path = folder.join(format!("deleted-{number}.txt"));
        if !path.try_exists()? {
            return Ok(path);
        }
    }
    Err(Error::new(
        ErrorKind::Conflict,
        mark!("there are too many files of deleted notes"),
    ))
}
