//! Taking notes out of a collection for a deck package: the collection file inside it, and which
//! media go along. Packing and verifying is `backup::export`'s work.

use super::gather::{Gathered, PERSONAL_TAGS};
use crate::base::ids::{CardId, NoteId};
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::base::{Error, Result};
use crate::domain::media_refs;
use crate::domain::note::Note;
use crate::domain::package::{Selection, TakeOptions};
use crate::media::folder::MediaFile;
use crate::media::names;
use crate::storage::{MatchedNotes, Origin, PackageFile, Storage};
use crate::template::latex;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

/// Ids are times; later than this many milliseconds from now is a mistake.
const FUTURE_MILLIS: i64 = 86_400_000;
const ROWS_PER_STEP: u64 = 256;

/// What was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Taken {
    pub notes: u64,
    pub cards: u64,
    pub media: Vec<MediaFile>,
}

/// Writes the chosen notes and what belongs to them to a collection file at `path`; says which
/// files of the folder `media` go along.
pub fn take_out(
    source: &Storage,
    selection: &Selection,
    options: TakeOptions,
    media: &Path,
    path: &Path,
    clock: &Clock,
    progress: &Progress,
) -> Result<Taken> {
    let ids = selected_notes(source, selection)?;
    let notes = ids.as_ref().map_or(MatchedNotes::All, MatchedNotes::Some);
    let mut gathered = Gathered::of(source, notes, options.along, progress)?;
    let origin = Origin {
        created: source.col_row()?.crt,
        creation_offset: source.config_json("creationOffset")?,
    };
    let file = PackageFile::create(path, origin, clock)?;
    let latest_id = clock.now().0 + FUTURE_MILLIS;
    for deck in &gathered.decks {
        require_past(deck.id.0, latest_id)?;
        file.put_deck(deck)?;
    }
    for preset in &gathered.presets {
        file.put_preset(preset)?;
    }
    let mut wanted = MediaNames::new(options.media);
    for notetype in &gathered.notetypes {
        require_past(notetype.id.0, latest_id)?;
        file.add_notetype(notetype)?;
        wanted.add_notetype(notetype);
    }
    progress.stage("Exporting notes", gathered.notes)?;
    let mut tags = BTreeSet::new();
    let mut count = 0;
    source.each_note(notes, |mut note| {
        count += 1;
        if count % ROWS_PER_STEP == 0 {
            progress.step(ROWS_PER_STEP)?;
        }
        require_past(note.id.0, latest_id)?;
        if !options.along.scheduling {
            let is_personal = |tag: &String| {
                PERSONAL_TAGS
                    .iter()
                    .any(|personal| tag.eq_ignore_ascii_case(personal))
            };
            note.tags.retain(|tag| !is_personal(tag));
        }
        wanted.add_note(&note);
        for tag in &note.tags {
            if !tags.contains(tag) {
                tags.insert(tag.clone());
            }
        }
        file.add_note(&note)
    })?;
    file.add_tags(tags.iter().map(String::as_str))?;
    let cards = take_cards(source, notes, &mut gathered, &file, latest_id, progress)?;
    if options.along.scheduling {
        take_reviews(source, &cards, &file, progress)?;
    }
    file.finish(options.legacy, progress)?;
    Ok(Taken {
        notes: gathered.notes,
        cards: gathered.cards,
        media: wanted.files(media),
    })
}

/// None: all that have a card.
pub(in crate::collection) fn selected_notes(
    source: &Storage,
    selection: &Selection,
) -> Result<Option<HashSet<NoteId>>> {
    Ok(match selection {
        Selection::Everything => None,
        Selection::Notes(ids) => Some(ids.iter().copied().collect()),
        Selection::NotesOf(cards) => Some(source.notes_of_cards(cards)?.into_iter().collect()),
        Selection::Deck(id) => {
            let Some(deck) = source.deck(*id)? else {
                return Err(Error::not_found("the deck does not exist any more"));
            };
            let mut decks = vec![*id];
            decks.extend(source.child_decks(&deck.name)?.iter().map(|child| child.id));
            Some(source.note_ids_in_decks(&decks)?)
        }
    })
}

fn take_cards(
    source: &Storage,
    notes: MatchedNotes<'_>,
    gathered: &mut Gathered,
    file: &PackageFile,
    latest_id: i64,
    progress: &Progress,
) -> Result<HashSet<CardId>> {
    progress.stage("Exporting cards", gathered.cards)?;
    let mut ids = HashSet::new();
    let mut count = 0;
    source.each_card_of(notes, |mut card| {
        count += 1;
        if count % ROWS_PER_STEP == 0 {
            progress.step(ROWS_PER_STEP)?;
        }
        require_past(card.id.0, latest_id)?;
        gathered.card_rules().apply(&mut card);
        ids.insert(card.id);
        file.add_card(&card)
    })?;
    Ok(ids)
}

fn take_reviews(
    source: &Storage,
    cards: &HashSet<CardId>,
    file: &PackageFile,
    progress: &Progress,
) -> Result<()> {
    progress.stage("Exporting reviews", 0)?;
    let mut count = 0;
    source.each_review_of(cards, |entry| {
        count += 1;
        if count % ROWS_PER_STEP == 0 {
            progress.step(ROWS_PER_STEP)?;
        }
        file.add_review(&entry)
    })
}

fn require_past(id: i64, latest: i64) -> Result<()> {
    if id > latest {
        return Err(Error::invalid(
            "something in the collection has a date in the future; run Tools > Check Database first",
        ));
    }
    Ok(())
}

/// Names of the media files that notes and note types use.
struct MediaNames {
    wanted: bool,
    names: BTreeSet<String>,
    /// Whether a note type's formulas are SVG.
    svg: HashMap<crate::base::ids::NotetypeId, bool>,
}

impl MediaNames {
    fn new(wanted: bool) -> Self {
        Self {
            wanted,
            names: BTreeSet::new(),
            svg: HashMap::new(),
        }
    }

    fn add_notetype(&mut self, notetype: &crate::domain::notetype::Notetype) {
        if !self.wanted {
            return;
        }
        self.svg.insert(notetype.id, notetype.config.latex_svg);
        self.names
            .extend(media_refs::static_names(&notetype.config.css));
        for template in &notetype.templates {
            for side in [&template.config.q_format, &template.config.a_format] {
                self.names.extend(media_refs::static_names(side));
            }
        }
    }

    fn add_note(&mut self, note: &Note) {
        if !self.wanted {
            return;
        }
        let svg = self.svg.get(&note.notetype_id).copied().unwrap_or(false);
        for field in &note.fields {
            for found in media_refs::media_refs(field) {
                if !self.names.contains(&*found.name) {
                    self.names.insert(found.name.into_owned());
                }
            }
            if field.contains("[latex]") || field.contains("[$") {
                self.names.extend(latex::extract(field, svg).1);
            }
        }
    }

    /// Those that are there, and may travel.
    fn files(self, folder: &Path) -> Vec<MediaFile> {
        self.names
            .into_iter()
            .filter(|name| names::is_normalized(name))
            .filter_map(|name| {
                let path = folder.join(&name);
                let meta = std::fs::metadata(&path).ok().filter(|m| m.is_file())?;
                Some(MediaFile {
                    name,
                    path,
                    size: meta.len(),
                })
            })
            .collect()
    }
}
