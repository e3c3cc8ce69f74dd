//! Taking notes out of a collection for a deck package: the collection file inside it, and which
//! media go along. Packing and verifying is `backup::export`'s work.

use super::gather::{Gathered, PERSONAL_TAGS};
use crate::base::ids::{CardId, DeckId, NoteId, NotetypeId};
use crate::base::job::Progress;
use crate::base::time::Clock;
use crate::base::{Error, Result};
use crate::domain::card::Card;
use crate::domain::media_refs;
use crate::domain::note::Note;
use crate::domain::package::{Along, Selection, TakeOptions};
use crate::domain::revlog::RevlogEntry;
use crate::media::folder::{MediaFile, require_there};
use crate::media::names;
use crate::storage::{MatchedNotes, Origin, PackageFile, Storage};
use crate::template::latex;
use crate::{mark, t};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

/// Ids are times; later than this many milliseconds from now is a mistake.
const FUTURE_MILLIS: i64 = 86_400_000;
/// Rows that are sent to the writing thread together; notes can be long.
const ROWS_A_PIECE: usize = 1024;
const NOTES_A_PIECE: usize = 64;
const PIECES_WAITING: usize = 4;

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
    let mut file = PackageFile::create(path, origin, clock)?;
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
    let rows = Rows {
        source,
        notes,
        along: options.along,
        latest_id,
        progress,
    };
    write_beside(&mut file, |to| {
        let tags = rows.take_notes(gathered.notes, &mut wanted, to)?;
        let cards = rows.take_cards(&mut gathered, to)?;
        to.send(Piece::EndOfCards)?;
        if options.along.scheduling {
            rows.take_reviews(&cards, to)?;
        }
        to.send(Piece::Tags(tags))
    })?;
    file.finish(options.legacy, progress)?;
    Ok(Taken {
        notes: gathered.notes,
        cards: gathered.cards,
        media: wanted.files(media)?,
    })
}

/// Rows on their way into the package.
enum Piece {
    Notes(Vec<Note>),
    Cards(Vec<Card>),
    /// These were all.
    EndOfCards,
    Reviews(Vec<RevlogEntry>),
    Tags(BTreeSet<String>),
}

impl Piece {
    fn write(&self, file: &mut PackageFile) -> Result<()> {
        match self {
            Self::Notes(notes) => notes.iter().try_for_each(|note| file.add_note(note)),
            Self::Cards(cards) => cards.iter().try_for_each(|card| file.add_card(card)),
            Self::EndOfCards => file.index_notes_and_cards(),
            Self::Reviews(entries) => file.add_reviews(entries),
            Self::Tags(tags) => file.add_tags(tags.iter().map(String::as_str)),
        }
    }
}

/// Where the reading thread puts them.
struct Outlet(SyncSender<Piece>);

impl Outlet {
    fn send(&self, piece: Piece) -> Result<()> {
        // Nobody takes it any more: the writing thread says why.
        self.0.send(piece).map_err(|_| Error::interrupted())
    }
}

/// What `read` sends is written by a second thread.
fn write_beside(file: &mut PackageFile, read: impl FnOnce(&Outlet) -> Result<()>) -> Result<()> {
    thread::scope(|scope| {
        let (to, pieces) = sync_channel::<Piece>(PIECES_WAITING);
        let writer = thread::Builder::new()
            .name("package-rows".into())
            .spawn_scoped(scope, move || {
                pieces.iter().try_for_each(|piece| piece.write(file))
            })?;
        let outlet = Outlet(to);
        let read = read(&outlet);
        drop(outlet);
        let panicked = |_| Err(Error::bug("writing the package ended unexpectedly"));
        writer.join().unwrap_or_else(panicked)?;
        read
    })
}

/// What is read of the collection, row by row.
struct Rows<'a> {
    source: &'a Storage,
    notes: MatchedNotes<'a>,
    along: Along,
    latest_id: i64,
    progress: &'a Progress,
}

impl Rows<'_> {
    /// Also gives the tags that they have.
    fn take_notes(
        &self,
        count: u64,
        wanted: &mut MediaNames,
        to: &Outlet,
    ) -> Result<BTreeSet<String>> {
        self.progress.stage(t!("Exporting notes"), count)?;
        let mut tags = BTreeSet::new();
        let mut batch = Vec::new();
        self.source.each_note(self.notes, |mut note| {
            require_past(note.id.0, self.latest_id)?;
            if !self.along.scheduling {
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
            batch.push(note);
            self.pass_on(&mut batch, NOTES_A_PIECE, to, Piece::Notes)
        })?;
        self.pass_on(&mut batch, 1, to, Piece::Notes)?;
        Ok(tags)
    }

    fn take_cards(&self, gathered: &mut Gathered, to: &Outlet) -> Result<HashSet<CardId>> {
        self.progress.stage(t!("Exporting cards"), gathered.cards)?;
        let mut ids = HashSet::new();
        let mut batch = Vec::new();
        self.source.each_card_of(self.notes, |mut card| {
            require_past(card.id.0, self.latest_id)?;
            gathered.card_rules().apply(&mut card);
            ids.insert(card.id);
            batch.push(card);
            self.pass_on(&mut batch, ROWS_A_PIECE, to, Piece::Cards)
        })?;
        self.pass_on(&mut batch, 1, to, Piece::Cards)?;
        Ok(ids)
    }

    fn take_reviews(&self, cards: &HashSet<CardId>, to: &Outlet) -> Result<()> {
        self.progress.stage(t!("Exporting reviews"), 0)?;
        let mut batch = Vec::new();
        self.source.each_review_of(cards, |entry| {
            batch.push(entry);
            self.pass_on(&mut batch, ROWS_A_PIECE, to, Piece::Reviews)
        })?;
        self.pass_on(&mut batch, 1, to, Piece::Reviews)
    }

    /// Sends the rows once there are `enough`.
    fn pass_on<T>(
        &self,
        batch: &mut Vec<T>,
        enough: usize,
        to: &Outlet,
        piece: impl FnOnce(Vec<T>) -> Piece,
    ) -> Result<()> {
        if batch.len() < enough {
            return Ok(());
        }
        self.progress.step(batch.len() as u64)?;
        let next = Vec::with_capacity(batch.len());
        to.send(piece(std::mem::replace(batch, next)))
    }
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
        Selection::Deck(id) => Some(source.note_ids_in_decks(&with_children(source, *id)?)?),
    })
}

/// The deck and all below it.
pub(in crate::collection) fn with_children(source: &Storage, id: DeckId) -> Result<Vec<DeckId>> {
    let deck = source
        .deck(id)?
        .ok_or_else(|| Error::not_found(mark!("the deck does not exist any more")))?;
    source.deck_and_below(&deck)
}

fn require_past(id: i64, latest: i64) -> Result<()> {
    if id > latest {
        return Err(Error::invalid(mark!(
            "something in the collection has a date in the future; run Tools > Check Database first"
        )));
    }
    Ok(())
}

/// Names of the media files that notes and note types use.
struct MediaNames {
    wanted: bool,
    names: BTreeSet<String>,
    /// Whether a note type's formulas are SVG.
    svg: HashMap<NotetypeId, bool>,
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

    /// Those that are there. One whose name cannot travel has that which an import gives it, and the
    /// notes that name it, unless another file has that.
    fn files(self, folder: &Path) -> Result<Vec<MediaFile>> {
        if !self.names.is_empty() {
            require_there(folder)?;
        }
        let (fit, unfit): (Vec<_>, Vec<_>) =
            (self.names.into_iter()).partition(|name| names::is_normalized(name));
        let mut files: BTreeMap<String, MediaFile> = BTreeMap::new();
        for name in fit.into_iter().chain(unfit) {
            let path = folder.join(&name);
            let meta = std::fs::metadata(&path).ok().filter(|m| m.is_file());
            let (Some(meta), true) = (meta, names::is_one_component(&name)) else {
                continue;
            };
            let name = names::fit(&name).into_owned();
            if !name.is_empty() {
                files.entry(name.clone()).or_insert(MediaFile {
                    name,
                    path,
                    size: meta.len(),
                });
            }
        }
        Ok(files.into_values().collect())
    }
}
