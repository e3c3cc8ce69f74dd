//! What a text file's header means in this collection, and what is taken where it says nothing.

use super::{existing_of, key, scope_of};
use crate::base::ids::{DeckId, NotetypeId};
use crate::base::{Error, Result};
use crate::codec::delimited::{self, Header, Records, SAMPLE_RECORDS};
use crate::codec::encoding::Decoded;
use crate::domain::deck::DeckName;
use crate::domain::html::strip_html;
use crate::domain::notetype::Notetype;
use crate::domain::text_import::{
    Column, DeckChoice, NotetypeChoice, TextLook, TextOptions, TextWishes,
};
use crate::mark;
use crate::storage::Storage;

pub(super) fn look(
    storage: &Storage,
    decoded: &Decoded<'_>,
    wishes: &TextWishes,
) -> Result<TextLook> {
    let (header, rest) = delimited::header(&decoded.text);
    let delimiter = wishes
        .delimiter
        .or(header.delimiter)
        .unwrap_or_else(|| delimited::guess_delimiter(rest));
    let sample: Vec<Vec<String>> = Records::new(rest, delimiter, !header.is_deleted_log)
        .take(SAMPLE_RECORDS)
        .collect::<Result<_>>()?;
    let Some(first) = sample.first() else {
        return Err(Error::invalid(mark!(
            "there is nothing to import in the file"
        )));
    };
    let is_html = wishes
        .is_html
        .or(header.is_html)
        .unwrap_or_else(|| delimited::looks_like_html(&sample));
    let labels = match &header.columns {
        Some(columns) => columns.clone(),
        None => vec![String::new(); first.len()],
    };
    let mut options = TextOptions {
        delimiter,
        is_html,
        notetype: notetype_choice(storage, &header, wishes)?,
        deck: deck_choice(storage, &header, wishes)?,
        guid_column: header.guid_column.unwrap_or(0),
        tags_column: header.tags_column.unwrap_or(0),
        global_tags: header.tags.clone(),
        updated_tags: Vec::new(),
        existing: match header.existing.or(wishes.otherwise.existing) {
            Some(existing) => existing,
            None => existing_of(storage.config_json(key::EXISTING)?),
        },
        scope: match header.scope {
            Some(scope) => scope,
            None => scope_of(storage.config_json(key::SCOPE)?),
        },
        encoding: wishes.encoding.clone(),
    };
    if let NotetypeChoice::One { id, .. } = options.notetype
        && let Some(notetype) = storage.notetype(id)?
    {
        map_fields(&mut options, &header, &notetype, &labels);
    }
    let preview = sample
        .into_iter()
        .map(|mut row| {
            row.resize(row.len().max(labels.len()), String::new());
            if is_html {
                row.iter()
                    .map(|cell| strip_html(cell).into_owned())
                    .collect()
            } else {
                row
            }
        })
        .collect();
    Ok(TextLook {
        options,
        encoding: decoded.encoding,
        is_unreadable: decoded.damaged,
        delimiter_is_given: header.delimiter.is_some(),
        html_is_given: header.is_html.is_some(),
        labels,
        preview,
    })
}

fn notetype_choice(
    storage: &Storage,
    header: &Header,
    wishes: &TextWishes,
) -> Result<NotetypeChoice> {
    let one = |id| NotetypeChoice::One {
        id,
        field_columns: Vec::new(),
    };
    if let Some(id) = wishes.notetype {
        return Ok(one(id));
    }
    for named in header.notetypes.iter().rev() {
        if let Some(notetype) = notetype_named(storage, named)? {
            return Ok(one(notetype.id));
        }
    }
    if let Some(column) = header.notetype_column {
        return Ok(NotetypeChoice::Column(column));
    }
    if let Some(id) = wishes.otherwise.notetype {
        return Ok(one(id));
    }
    let current: Option<NotetypeId> = storage.config_json("curModel")?;
    if let Some(id) = current
        && storage.notetype(id)?.is_some()
    {
        return Ok(one(id));
    }
    let first = storage.all_notetypes()?.into_iter().next();
    first
        .map(|notetype| one(notetype.id))
        .ok_or_else(|| Error::not_found(mark!("the collection has no note types")))
}

fn deck_choice(storage: &Storage, header: &Header, wishes: &TextWishes) -> Result<DeckChoice> {
    if let Some(id) = wishes.deck {
        return Ok(DeckChoice::Id(id));
    }
    if let Some(column) = header.deck_column {
        return Ok(DeckChoice::Column(column));
    }
    if let Some(named) = &header.deck {
        let found = deck_for_notes(storage, named)?;
        return Ok(found.map_or_else(DeckChoice::Name, DeckChoice::Id));
    }
    if let Some(deck) = &wishes.otherwise.deck {
        return Ok(deck.clone());
    }
    let current: DeckId = storage.config_or("curDeck", DeckId::DEFAULT)?;
    let usable = storage
        .deck(current)?
        .is_some_and(|deck| !deck.is_filtered());
    Ok(DeckChoice::Id(if usable {
        current
    } else {
        DeckId::DEFAULT
    }))
}

/// By id, else by name.
pub(super) fn notetype_named(storage: &Storage, named: &str) -> Result<Option<Notetype>> {
    if let Ok(id) = named.trim().parse::<i64>()
        && let Some(notetype) = storage.get_notetype(NotetypeId(id))?
    {
        return Ok(Some(notetype));
    }
    storage.notetype_by_name(named)
}

/// By id, else by name.
pub(super) fn deck_named(storage: &Storage, named: &str) -> Result<Option<DeckId>> {
    if let Ok(id) = named.trim().parse::<i64>()
        && storage.deck(DeckId(id))?.is_some()
    {
        return Ok(Some(DeckId(id)));
    }
    let found = storage.deck_by_name(&DeckName::from_human(named))?;
    Ok(found.map(|deck| deck.id))
}

/// The deck of that id or name, or the name of one to make. A filtered deck takes no new cards: they
/// go beside it, to one with a `+` at the end of its name.
pub(super) fn deck_for_notes(storage: &Storage, named: &str) -> Result<Result<DeckId, String>> {
    let mut name = named.to_owned();
    let mut found = match deck_named(storage, named)? {
        Some(id) => storage.get_deck(id)?,
        None => None,
    };
    while let Some(filtered) = found.as_ref().filter(|deck| deck.is_filtered()) {
        name = format!("{}+", filtered.name.human());
        found = storage.deck_by_name(&DeckName::from_human(&name))?;
    }
    Ok(found.map(|deck| deck.id).ok_or(name))
}

/// By the labels if there are any, else in order; what is left over after the last field is tags.
fn map_fields(options: &mut TextOptions, header: &Header, notetype: &Notetype, labels: &[String]) {
    let meta = meta_columns(options, header);
    let columns = labels.len() as Column;
    let mut free = (1..=columns).filter(|column| !meta.contains(column));
    let mut mapped: Vec<Column> = if labels.iter().any(|label| !label.is_empty()) {
        let by_label = |name: &str| {
            let named = (1..=columns)
                .zip(labels)
                .filter(|(_, label)| *label == name);
            let free = named
                .map(|(column, _)| column)
                .filter(|column| !meta.contains(column));
            free.last().unwrap_or(0)
        };
        notetype
            .fields
            .iter()
            .map(|field| by_label(&field.name))
            .collect()
    } else {
        notetype
            .fields
            .iter()
            .map(|_| free.next().unwrap_or(0))
            .collect()
    };
    if let Some(first) = mapped.first_mut().filter(|first| **first == 0) {
        // Even if it says something else too.
        *first = 1;
    }
    if options.tags_column == 0 {
        let last = mapped.iter().copied().max().unwrap_or(0);
        let next = (last + 1..=columns).find(|column| !meta.contains(column));
        options.tags_column = next.unwrap_or(0);
    }
    if let NotetypeChoice::One { field_columns, .. } = &mut options.notetype {
        *field_columns = mapped;
    }
}

/// Columns that are no fields. That of the decks is none either where another deck was chosen.
pub(super) fn meta_columns(options: &TextOptions, header: &Header) -> Vec<Column> {
    let mut meta = vec![options.guid_column, options.tags_column];
    meta.extend(header.deck_column);
    if let NotetypeChoice::Column(column) = options.notetype {
        meta.push(column);
    }
    meta.retain(|column| *column != 0);
    meta
}
