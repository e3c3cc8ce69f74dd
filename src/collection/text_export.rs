//! Notes and cards as text files that spreadsheets and Anki read. Only reads.

use super::packages::export::{selected_notes, with_children};
use crate::base::error::{Error, Result};
use crate::base::ids::{DeckId, NoteId, NotetypeId};
use crate::base::job::Progress;
use crate::codec::delimited::write_record;
use crate::domain::html::{enclosed, html_to_plain_cell};
use crate::domain::notetype::Notetype;
use crate::domain::package::{NoteColumns, Selection};
use crate::storage::{MatchedNotes, Storage};
use crate::t;
use crate::template::av::VOICES_MARK;
use crate::template::cards::{self, CardFacts};
use regex::Regex;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, LazyLock};

/// Writes one line a note after lines that say what is in it. Returns how many notes.
pub fn export_notes(
    storage: &Storage,
    selection: &Selection,
    html: bool,
    columns: NoteColumns,
    out: &mut dyn Write,
    progress: &Progress,
) -> Result<u64> {
    progress.stage(t!("Exporting notes"), 0)?;
    let ids = selected_notes(storage, selection)?;
    let notes = ids.as_ref().map_or(MatchedNotes::All, MatchedNotes::Some);
    let mut names = Names::default();
    let mut widest = 0;
    for notetype in storage.notetypes_of(notes)?.into_keys() {
        let fields = names.notetype(storage, notetype)?;
        widest = widest.max(fields.map_or(0, |n| n.fields.len()));
    }
    let decks = match columns.deck {
        true => storage.decks_of(notes)?,
        false => HashMap::new(),
    };
    head(out, html)?;
    let mut column = 0;
    let mut next = |by: usize| {
        column += by;
        column
    };
    for (wanted, name) in [
        (columns.guid, "guid"),
        (columns.notetype, "notetype"),
        (columns.deck, "deck"),
    ] {
        if wanted {
            writeln!(out, "#{name} column:{}", next(1))?;
        }
    }
    if columns.tags {
        writeln!(out, "#tags column:{}", next(widest + 1))?;
    }
    let mut lines = writer(out);
    let mut count = 0;
    let only = ids.map(|ids| {
        let mut ids: Vec<NoteId> = ids.into_iter().collect();
        ids.sort_unstable();
        ids
    });
    storage.scan_notes(only.as_deref(), |note| {
        progress.step(1)?;
        let notetype = names.notetype(storage, note.notetype_id)?;
        let mut record: Vec<Cow<'_, str>> = Vec::with_capacity(widest + 4);
        if columns.guid {
            record.push(note.guid.into());
        }
        if columns.notetype {
            record.push(notetype.as_ref().map_or("", |n| n.name.as_str()).into());
        }
        if columns.deck {
            // A note without cards is in none.
            let deck = decks.get(&note.id).map(|deck| names.deck(storage, *deck));
            record.push(deck.transpose()?.unwrap_or_default().into());
        }
        let fields = note.fields.split('\x1f').chain(std::iter::repeat(""));
        record.extend(fields.take(widest).map(|field| cell(field, html)));
        if columns.tags {
            let tags = note
                .tags
                .split([' ', '\u{3000}'])
                .filter(|tag| !tag.is_empty());
            record.push(tags.collect::<Vec<_>>().join(" ").into());
        }
        count += 1;
        write_record(&mut lines, record.iter().map(|cell| cell.as_bytes()))
    })?;
    finish(lines)?;
    Ok(count)
}

/// Writes question and answer of each card; of a deck, only of the cards that are in it or at home
/// there. Returns how many cards.
pub fn export_cards(
    storage: &Storage,
    selection: &Selection,
    html: bool,
    out: &mut dyn Write,
    progress: &Progress,
) -> Result<u64> {
    progress.stage(t!("Exporting cards"), 0)?;
    let ids = selected_notes(storage, selection)?;
    let notes = ids.as_ref().map_or(MatchedNotes::All, MatchedNotes::Some);
    let decks = match selection {
        Selection::Deck(deck) => Some(with_children(storage, *deck)?),
        _ => None,
    };
    let mut names = Names::default();
    head(out, html)?;
    let mut lines = writer(out);
    let mut count = 0;
    storage.each_card_of(notes, |card| {
        progress.step(1)?;
        let is_in = |decks: &Vec<DeckId>| {
            decks.contains(&card.deck_id) || decks.contains(&card.home_deck_id())
        };
        if !decks.as_ref().is_none_or(is_in) {
            return Ok(());
        }
        let Some(note) = storage.get_note(card.note_id)? else {
            return Ok(());
        };
        let Some(notetype) = names.notetype(storage, note.notetype_id)? else {
            return Ok(());
        };
        let Some(template) = notetype.template_of(card.template_idx) else {
            return Ok(());
        };
        let deck = names.deck(storage, card.home_deck_id())?;
        let facts = CardFacts::of(&card, &deck);
        let sides = cards::render_for_text(&notetype, template, &note, &facts);
        // Which voices a machine has is nothing of the card's.
        let [question, answer] =
            [sides.question, sides.answer].map(|side| side.replace(VOICES_MARK, ""));
        count += 1;
        let answer = without_extras(&answer);
        let record = [
            cell(&question, html),
            written(answer_alone(&answer).into(), html),
        ];
        write_record(&mut lines, record.iter().map(|cell| cell.as_bytes()))
    })?;
    finish(lines)?;
    Ok(count)
}

fn head(out: &mut dyn Write, html: bool) -> Result<()> {
    writeln!(out, "#separator:tab")?;
    writeln!(out, "#html:{html}")?;
    Ok(())
}

fn writer(out: &mut dyn Write) -> csv::Writer<&mut dyn Write> {
    csv::WriterBuilder::new()
        .delimiter(b'\t')
        .comment(Some(b'#'))
        .flexible(true)
        .from_writer(out)
}

fn finish(mut lines: csv::Writer<&mut dyn Write>) -> Result<()> {
    lines.flush().map_err(Error::from)
}

fn cell(html_text: &str, html: bool) -> Cow<'_, str> {
    written(without_extras(html_text), html)
}

fn written(text: Cow<'_, str>, html: bool) -> Cow<'_, str> {
    if html {
        return text;
    }
    match text {
        Cow::Borrowed(text) => html_to_plain_cell(text),
        Cow::Owned(text) => html_to_plain_cell(&text).into_owned().into(),
    }
}

/// What comes after the line between question and answer.
fn answer_alone(answer: &str) -> &str {
    static LINE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new("(?is)^.*<hr id=['\"]?answer['\"]?>\n*").ok());
    let line = LINE.as_ref().and_then(|line| line.find(answer));
    line.map_or(answer, |line| &answer[line.end()..])
}

/// Without styling and places to type in.
fn without_extras(html: &str) -> Cow<'_, str> {
    let pairs = [("<style>", "</style>", 0), ("[[type:", "]]", 1)];
    let extras = enclosed(&html.to_ascii_lowercase(), &pairs);
    if extras.is_empty() {
        return html.into();
    }
    let mut kept = String::with_capacity(html.len());
    let mut from = 0;
    for (_, extra) in extras {
        kept.push_str(&html[from..extra.start]);
        from = extra.end;
    }
    kept.push_str(&html[from..]);
    kept.into()
}

/// What many lines ask for again and again.
#[derive(Default)]
pub(super) struct Names {
    notetypes: HashMap<NotetypeId, Option<Arc<Notetype>>>,
    decks: HashMap<DeckId, String>,
}

impl Names {
    pub(super) fn notetype(
        &mut self,
        storage: &Storage,
        id: NotetypeId,
    ) -> Result<Option<Arc<Notetype>>> {
        if let Some(known) = self.notetypes.get(&id) {
            return Ok(known.clone());
        }
        let found = storage.notetype(id)?;
        self.notetypes.insert(id, found.clone());
        Ok(found)
    }

    pub(super) fn deck(&mut self, storage: &Storage, id: DeckId) -> Result<String> {
        if let Some(known) = self.decks.get(&id) {
            return Ok(known.clone());
        }
        let name = storage
            .deck(id)?
            .map_or_else(String::new, |d| d.name.human());
        self.decks.insert(id, name.clone());
        Ok(name)
    }
}
