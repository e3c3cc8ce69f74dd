//! Notes as plain text files: what each says, and the archive that holds one of each. Only reads.

use super::packages::export::selected_notes;
use super::text_export::Names;
use crate::base::error::Result;
use crate::base::job::Progress;
use crate::domain::card::Card;
use crate::domain::media_refs::media_refs;
use crate::domain::media_report::Rename;
use crate::domain::note::Note;
use crate::domain::notetype::Notetype;
use crate::domain::package::Selection;
use crate::domain::plain_note::{self, FirstDay, Paths, PlainCard, PlainNote};
use crate::formats::source::Source;
use crate::formats::text_zip::{self, TextZip};
use crate::media::folder;
use crate::storage::Storage;
use crate::t;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::Path;

const README: &str = "\
Notes of a flashcard collection, exported by Engram.

notes/  one text file a note (UTF-8), in folders by deck. Each begins with what is known of the
        note and of its cards; a field follows as readable text, and as HTML where that differs.
media/  the sounds and pictures that the notes name, if they were exported too.

To study these notes again, export a collection package (.colpkg) or deck package (.apkg) instead:
this archive is for reading, searching and for other programs.
";
const NO_DECK: &str = "No deck";

/// Makes texts of notes.
pub struct PlainTexts<'a> {
    storage: &'a Storage,
    names: Names,
    first_day: FirstDay,
}

/// A note's text and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainText {
    /// `A/B`, fit for every file system.
    pub folder: String,
    pub text: String,
}

impl<'a> PlainTexts<'a> {
    pub fn of(storage: &'a Storage) -> Result<Self> {
        let offset: Option<i32> = storage.config_json("creationOffset")?;
        Ok(Self {
            storage,
            names: Names::default(),
            first_day: FirstDay {
                created: storage.col_row()?.crt,
                offset_mins_west: offset.unwrap_or(0),
            },
        })
    }

    /// The text of a note. Its deck is the home of its first card.
    pub fn text(&mut self, note: &Note) -> Result<PlainText> {
        let notetype = self.names.notetype(self.storage, note.notetype_id)?;
        let cards = self.storage.cards_of_note(note.id)?;
        let mut decks = Vec::with_capacity(cards.len());
        for card in &cards {
            decks.push(self.names.deck(self.storage, card.home_deck_id())?);
        }
        let deck = decks.first().map_or(NO_DECK, String::as_str);
        let plain = PlainNote {
            id: note.id,
            guid: &note.guid,
            notetype: notetype.as_ref().map_or("", |n| n.name.as_str()),
            deck,
            tags: &note.tags,
            changed: note.mtime,
            fields: fields(note, notetype.as_deref()),
            cards: cards
                .iter()
                .zip(&decks)
                .map(|(card, deck)| PlainCard {
                    name: card_name(card, notetype.as_deref()),
                    deck,
                    card,
                })
                .collect(),
        };
        Ok(PlainText {
            folder: plain_note::folder_of(deck),
            text: plain_note::text_of(&plain, self.first_day),
        })
    }
}

fn fields<'n>(note: &'n Note, notetype: Option<&'n Notetype>) -> Vec<(&'n str, &'n str)> {
    let name = |n: usize| notetype.and_then(|t| t.fields.get(n)).map(|f| &*f.name);
    let fields = note.fields.iter().enumerate();
    fields
        .map(|(n, html)| (name(n).unwrap_or("Field"), html.as_str()))
        .collect()
}

fn card_name<'n>(card: &Card, notetype: Option<&'n Notetype>) -> Cow<'n, str> {
    let number = u32::from(card.template_idx) + 1;
    match notetype.and_then(|n| n.template_of(card.template_idx).map(|t| (n, t))) {
        Some((notetype, template)) if notetype.templates.len() > 1 || number == 1 => {
            template.name.as_str().into()
        }
        Some((_, template)) => format!("{} {number}", template.name).into(),
        None => format!("Card {number}").into(),
    }
}

/// What went into an archive.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlainExported {
    pub notes: u64,
    pub media_files: u64,
    /// All that are in the archive.
    pub files: u64,
    /// Media files that have other names in it than in the folder.
    pub renamed: Vec<Rename>,
}

/// Writes an archive with one text file a note; with `media`, the files of that folder which the
/// notes name, or all of them for the whole collection. [`check_zip`] reads it back.
pub fn write_zip(
    storage: &Storage,
    selection: &Selection,
    media: Option<&Path>,
    target: &mut dyn Write,
    progress: &Progress,
) -> Result<PlainExported> {
    let mut zip = TextZip::new(target);
    let wanted = selected_notes(storage, selection)?;
    let ids = storage.all_note_ids()?;
    let mut done = PlainExported::default();
    zip.add_text("README.txt", README)?;
    progress.stage(t!("Exporting notes"), ids.len() as u64)?;
    let mut texts = PlainTexts::of(storage)?;
    let mut paths = Paths::default();
    let mut named = HashSet::new();
    for id in ids {
        progress.step(1)?;
        if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&id)) {
            continue;
        }
        let Some(note) = storage.get_note(id)? else {
            continue;
        };
        let plain = texts.text(&note)?;
        let first = note.fields.first().map_or("", String::as_str);
        let path = paths.free(&plain.folder, &plain_note::stem_of(first));
        zip.add_text(&format!("notes/{path}"), &plain.text)?;
        if media.is_some() && wanted.is_some() {
            let names = note.fields.iter().flat_map(|html| media_refs(html));
            named.extend(names.map(|media| media.name.into_owned()));
        }
        done.notes += 1;
    }
    if let Some(folder) = media {
        let (files, renamed) = folder::list_fit(folder)?;
        let renamed: HashMap<String, String> =
            (renamed.into_iter().map(|r| (r.new, r.old))).collect();
        progress.stage(t!("Exporting sounds and pictures"), files.len() as u64)?;
        for file in files {
            progress.step(1)?;
            let old = renamed.get(&file.name);
            if wanted.is_none() || named.contains(old.unwrap_or(&file.name)) {
                let path = format!("media/{}", file.name);
                zip.add_file(&path, &file.path, progress)?;
                done.media_files += 1;
                done.renamed.extend(old.map(|old| Rename {
                    old: old.clone(),
                    new: file.name,
                }));
            }
        }
    }
    done.files = zip.finish()?;
    Ok(done)
}

/// Reads what [`write_zip`] wrote, and compares each checksum.
pub fn check_zip(written: Source, done: &PlainExported, progress: &Progress) -> Result<()> {
    text_zip::verify(written, done.files, progress)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_of_any_number_has_a_name() {
        let card = Card {
            template_idx: u16::MAX,
            ..Card::default()
        };
        assert_eq!(card_name(&card, None), "Card 65536");
    }
}
