//! Selective recovery: single notes of an earlier collection (a backup, unpacked and brought to
//! the present schema) come back into the open one, with the note types, decks and presets they
//! need. One transaction, one undo step; no note that was not asked for is touched.
//!
//! Media are the caller's: it knows the container. See `recover_media` in `backup`.
//! `needs` brings what a note cannot be without.

mod needs;

use super::fsrs_memory::MemoryMoment;
use super::notes::{add_first_cards, add_missing_cards, first_cards, set_tags};
use super::recover_schedule::Replayed;
use super::saved_searches::{saved_in, set_saved};
use super::{Collection, OpOutput, options};
use crate::base::ids::{CardId, DeckConfigId, DeckId, NoteId, NotetypeId, Usn};
use crate::base::job::Progress;
use crate::base::time::DAY_SECS;
use crate::base::{Error, ErrorKind, Result};
use crate::domain::card::{Card, CardQueue};
use crate::domain::media_refs::{media_refs, rename_media, static_names};
use crate::domain::note::Note;
use crate::domain::note_fields::guid_of;
use crate::domain::notetype::Notetype;
use crate::domain::op::Op;
use crate::domain::recovery::{Mode, Recovered, Skip};
use crate::domain::revlog::{RevlogEntry, RevlogKind};
use crate::scheduler::answer::return_home;
use crate::storage::{Storage, Tx};
use crate::{mark, t};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Which notes of the earlier collection come back, and how.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub notes: Vec<NoteId>,
    /// Presets that become again what they were.
    pub presets: Vec<DeckConfigId>,
    /// Saved searches, by name, as presets.
    pub searches: Vec<String>,
    pub mode: Mode,
    /// Those of them that come back another way.
    pub modes: BTreeMap<NoteId, Mode>,
    /// Tag of notes that come back as new ones.
    pub tag: String,
    /// Added to the name of a note type that must come along beside a changed one.
    pub suffix: String,
    /// Media files that got another name because the old one is taken by another file.
    pub renamed_media: HashMap<String, String>,
}

impl Wish {
    /// How that note comes back.
    #[must_use]
    pub fn mode_of(&self, note: NoteId) -> Mode {
        self.modes.get(&note).copied().unwrap_or(self.mode)
    }
}

/// The media files that the wished notes name, and the static ones of their note types. None of
/// notes that do not come back: a file under a new name would be of use to nobody.
pub fn media_of(earlier: &Storage, wish: &Wish, present: &Storage) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let mut notetypes = BTreeSet::new();
    for &id in &wish.notes {
        let mode = wish.mode_of(id);
        let Ok(note) = looked_at(earlier, present, mode, id)? else {
            continue;
        };
        let is_there = || -> Result<bool> { Ok(present.get_note(id)?.is_some()) };
        let comes = match mode {
            Mode::New => true,
            Mode::PutBack => !is_there()?,
            Mode::Content | Mode::Media => is_there()?,
            Mode::Scheduling | Mode::Replay => false,
        };
        if !comes {
            continue;
        }
        notetypes.insert(note.notetype_id);
        for field in &note.fields {
            names.extend(media_refs(field).map(|r| r.name.into_owned()));
        }
    }
    for id in notetypes {
        if let Some(notetype) = earlier.notetype(id)? {
            names.extend(static_names(&notetype.config.css));
            for template in &notetype.templates {
                let config = &template.config;
                names.extend(static_names(&config.q_format));
                names.extend(static_names(&config.a_format));
            }
        }
    }
    Ok(names)
}

impl Collection {
    /// Brings notes of `earlier` back. Cancelling leaves everything as it was.
    pub fn recover(
        &mut self,
        earlier: &Storage,
        wish: &Wish,
        progress: &Progress,
    ) -> Result<OpOutput<Recovered>> {
        let replayed = self.replayed(earlier, wish, progress)?;
        let now = MemoryMoment::of(self)?;
        self.transact(Op::RecoverNotes, |tx| {
            recover_in(tx, (earlier, wish), replayed, (&now, progress))
        })
    }

    /// What [`Self::recover`] would do, with the ids that would be free now. Nothing is kept of it.
    pub fn plan_recovery(
        &mut self,
        earlier: &Storage,
        wish: &Wish,
        progress: &Progress,
    ) -> Result<Recovered> {
        let replayed = self.replayed(earlier, wish, progress)?;
        let now = MemoryMoment::of(self)?;
        let mut planned = None;
        let taken_back = self.storage.tx(self.clock.now(), |tx| {
            let done = recover_in(tx, (earlier, wish), replayed, (&now, progress))?;
            planned = Some(done);
            Err::<(), _>(Error::interrupted())
        });
        match planned {
            Some(done) => Ok(done),
            None => taken_back.map(|_| Recovered::default()),
        }
    }
}

fn recover_in(
    tx: &mut Tx<'_>,
    (earlier, wish): (&Storage, &Wish),
    replayed: Replayed,
    (now, progress): (&MemoryMoment, &Progress),
) -> Result<Recovered> {
    progress.stage(t!("Recovering"), wish.notes.len() as u64)?;
    let mut done = Recovered {
        not_replayed: replayed.left,
        ..Recovered::default()
    };
    mend_decks(tx, earlier, &mut done)?;
    mend_presets(tx, earlier, &wish.presets)?;
    let mut recovery = Recovery {
        day_shift: day_shift(earlier, tx)?,
        nfc: tx.composes_texts()?,
        guids: match wish
            .notes
            .iter()
            .any(|id| wish.mode_of(*id) == Mode::PutBack)
        {
            true => tx.guids()?,
            false => HashMap::new(),
        },
        tx,
        earlier,
        wish,
        replayed: replayed.cards,
        notetypes: HashMap::new(),
        decks: HashMap::new(),
        done,
    };
    for &id in &wish.notes {
        recovery.note(id)?;
        progress.step(1)?;
    }
    let mut done = recovery.done;
    put_back_presets(tx, earlier, wish, &mut done, (now, progress))?;
    put_back_searches(tx, earlier, wish, &mut done)?;
    Ok(done)
}

/// Decks that cannot be read here, with which nothing else can be done, become what they were: their
/// cards are the same ones.
fn mend_decks(tx: &mut Tx<'_>, earlier: &Storage, done: &mut Recovered) -> Result<()> {
    for (id, name) in tx.readable_decks()?.1 {
        let Some(mut deck) = earlier.get_deck(id)? else {
            continue;
        };
        // Damaged in both, it can be used again, and is not what it was.
        if earlier.damaged_decks().contains(&deck.name.human()) {
            done.damaged_decks.push(name.human());
        }
        done.put_back.push(name.human());
        deck.name = name;
        tx.update_deck(&deck)?;
    }
    Ok(())
}

/// Those of `presets` that cannot be read here become what they were before anything looks at them:
/// which steps they had is lost, so that their cards stay as they are.
fn mend_presets(tx: &mut Tx<'_>, earlier: &Storage, presets: &[DeckConfigId]) -> Result<()> {
    for &id in presets {
        match tx.deck_config(id) {
            Err(error) if error.kind() == ErrorKind::Corrupt => {
                if let Some(preset) = earlier.get_deck_config(id)? {
                    tx.update_deck_config(&preset)?;
                }
            }
            read => drop(read?),
        }
    }
    Ok(())
}

/// Cards follow, as when a preset is saved.
fn put_back_presets(
    tx: &mut Tx<'_>,
    earlier: &Storage,
    wish: &Wish,
    done: &mut Recovered,
    (now, progress): (&MemoryMoment, &Progress),
) -> Result<()> {
    if wish.presets.is_empty() {
        return Ok(());
    }
    options::with_cards(tx, now, progress, |tx| {
        for &id in &wish.presets {
            if let Some(preset) = earlier.get_deck_config(id)? {
                done.put_back.push(preset.name.clone());
                options::put_preset(tx, preset)?;
            }
        }
        Ok(())
    })
}

fn put_back_searches(
    tx: &mut Tx<'_>,
    earlier: &Storage,
    wish: &Wish,
    done: &mut Recovered,
) -> Result<()> {
    let mut then = saved_in(earlier)?;
    let then = wish
        .searches
        .iter()
        .filter_map(|name| then.remove_entry(name));
    let then: Vec<(String, String)> = then.collect();
    if then.is_empty() {
        return Ok(());
    }
    let mut saved = saved_in(tx)?;
    for (name, text) in then {
        done.put_back.push(name.clone());
        saved.insert(name, text);
    }
    set_saved(tx, &saved)
}

/// What is added to a day number of the earlier collection. Not 0 only between collections that
/// were created on different days.
pub(super) fn day_shift(earlier: &Storage, present: &Storage) -> Result<i32> {
    let seconds = earlier.col_row()?.crt.0 - present.col_row()?.crt.0;
    Ok(i32::try_from((seconds + DAY_SECS / 2).div_euclid(DAY_SECS)).unwrap_or(0))
}

/// Out of its filtered deck, with the days of this collection.
pub(super) fn shifted(mut card: Card, day_shift: i32) -> Card {
    if card.is_filtered() {
        return_home(&mut card);
    }
    // Buried and suspended ones come back on their day too.
    let waits = card.queue_from_type();
    let counts_days = matches!(waits, CardQueue::Review | CardQueue::DayLearn);
    if counts_days && card.queue != CardQueue::Learn {
        card.due = card.due.saturating_add(day_shift);
    }
    card
}

struct Recovery<'r, 'tx> {
    tx: &'r mut Tx<'tx>,
    earlier: &'r Storage,
    wish: &'r Wish,
    day_shift: i32,
    nfc: bool,
    /// Of the notes that are there, to put others back.
    guids: HashMap<String, NoteId>,
    /// Cards with another schedule than that of `earlier`.
    replayed: HashMap<CardId, Card>,
    /// Earlier ids → what stands for them here.
    notetypes: HashMap<NotetypeId, Arc<Notetype>>,
    decks: HashMap<DeckId, DeckId>,
    done: Recovered,
}

impl Recovery<'_, '_> {
    fn note(&mut self, id: NoteId) -> Result<()> {
        let mode = self.wish.mode_of(id);
        let outcome = match looked_at(self.earlier, self.tx, mode, id)? {
            Err(skip) => Err(skip),
            Ok(note) => match mode {
                Mode::New => Ok(self.as_new(note)?),
                Mode::PutBack => self.put_back(note)?,
                Mode::Content => self.content(&note)?,
                Mode::Scheduling | Mode::Replay => self.scheduling(&note)?,
                Mode::Media => self.media(&note)?,
            },
        };
        match outcome {
            Ok(id) => self.done.notes.push(id),
            Err(skip) => self.done.skipped.push((id, skip)),
        }
        Ok(())
    }

    fn as_new(&mut self, note: Note) -> Result<NoteId> {
        let earlier_cards = self.earlier.cards_of_note(note.id)?;
        let (mut copy, notetype) = self.adapted(note)?;
        copy.id = NoteId(0);
        copy.guid = guid_of(rand::random());
        if !self.wish.tag.is_empty() {
            copy.tags.push(self.wish.tag.clone());
        }
        set_tags(self.tx, &mut copy)?;
        self.tx.add_note_in_bulk(&mut copy)?;
        let mut homes = HashMap::new();
        for card in &earlier_cards {
            homes.insert(card.template_idx, self.deck(card.home_deck_id())?);
        }
        let first = earlier_cards
            .first()
            .and_then(|c| homes.get(&c.template_idx));
        let first = first.copied();
        for mut card in first_cards(self.tx, &copy, &notetype, first)? {
            if let Some(&home) = homes.get(&card.template_idx) {
                card.deck_id = home;
            }
            self.tx.add_card_in_bulk(&mut card)?;
            self.done.cards += 1;
        }
        Ok(copy.id)
    }

    fn put_back(&mut self, note: Note) -> Result<Result<NoteId, Skip>> {
        let id = note.id;
        let earlier = self.type_then(&note)?;
        let mut changed = false;
        let notetype = match self.tx.get_note(id)? {
            Some(present) => require_notetype(self.tx, present.notetype_id)?,
            None if self.guids.contains_key(&note.guid) => return Ok(Err(Skip::GuidTaken)),
            None => {
                let (mut note, notetype) = self.adapted(note)?;
                set_tags(self.tx, &mut note)?;
                self.tx.put_back_note(&note)?;
                self.guids.insert(note.guid, id);
                changed = true;
                notetype
            }
        };
        let mut skip = Skip::NothingMissing;
        let mut present = self.tx.cards_of_note(id)?;
        let cards = self.earlier.cards_of_note(id)?;
        let home = cards.first().map(Card::home_deck_id);
        for card in cards {
            // The id may also belong to a card of another note by now.
            if self.tx.get_card(card.id)?.is_some() {
                continue;
            }
            let Some(ord) = notetype.ord_of(&earlier, card.template_idx) else {
                skip = Skip::NoCardType;
                continue;
            };
            if present.iter().any(|c| c.template_idx == ord) {
                continue;
            }
            let mut card = self.at_home(card)?;
            card.template_idx = ord;
            self.tx.put_back_card(&card)?;
            self.put_back_reviews(card.id)?;
            present.push(card);
            self.done.cards += 1;
            changed = true;
        }
        // Cards of the backup may be damaged, or have numbers that other notes' cards have now; of a
        // note without any nobody would see anything.
        if present.is_empty()
            && let Some(note) = self.tx.get_note(id)?
        {
            let home = home.map(|home| self.deck(home)).transpose()?;
            self.done.cards += add_first_cards(self.tx, &note, &notetype, home)? as u64;
            changed = true;
        }
        Ok(if changed { Ok(id) } else { Err(skip) })
    }

    fn content(&mut self, note: &Note) -> Result<Result<NoteId, Skip>> {
        let Some(present) = self.tx.get_note(note.id)? else {
            return Ok(Err(Skip::Deleted));
        };
        let notetype = require_notetype(self.tx, present.notetype_id)?;
        let mut changed = present.clone();
        changed.tags.clone_from(&note.tags);
        let taken = self.take_fields(note, &notetype, &mut changed)?;
        if taken == Taken::Nothing {
            return Ok(Err(Skip::NoCommonField));
        }
        changed.prepare(&notetype, self.nfc);
        set_tags(self.tx, &mut changed)?;
        if changed.fields == present.fields && changed.tags == present.tags {
            return Ok(Err(match taken {
                Taken::All => Skip::Unchanged,
                _ => Skip::NoCommonField,
            }));
        }
        self.tx.update_note(&changed)?;
        let added = add_missing_cards(self.tx, &changed, &notetype, None, false)?;
        self.done.cards += added as u64;
        Ok(Ok(note.id))
    }

    /// Fields where they are now, if the note type has changed since.
    fn take_fields(&mut self, note: &Note, notetype: &Notetype, into: &mut Note) -> Result<Taken> {
        let earlier = self.type_then(note)?;
        let mut found = BTreeSet::new();
        for (n, value) in into.fields.iter_mut().enumerate() {
            let was = earlier.field_of(notetype, n);
            if let Some((i, text)) = was.and_then(|i| Some((i, note.fields.get(i)?))) {
                *value = self.with_media(text).into_owned();
                found.insert(i);
            }
        }
        let mut texts = note.fields.iter().enumerate();
        Ok(
            match texts.all(|(i, text)| text.is_empty() || found.contains(&i)) {
                _ if found.is_empty() => Taken::Nothing,
                true => Taken::All,
                false => Taken::Part,
            },
        )
    }

    /// Has the note name the files that came back under another name.
    fn media(&mut self, note: &Note) -> Result<Result<NoteId, Skip>> {
        let Some(present) = self.tx.get_note(note.id)? else {
            return Ok(Err(Skip::Deleted));
        };
        let mut changed = present.clone();
        for field in &mut changed.fields {
            *field = self.with_media(field).into_owned();
        }
        if changed.fields == present.fields {
            return Ok(Err(Skip::FilesAreThere));
        }
        let notetype = require_notetype(self.tx, present.notetype_id)?;
        changed.prepare(&notetype, self.nfc);
        self.tx.update_note(&changed)?;
        Ok(Ok(note.id))
    }

    fn scheduling(&mut self, note: &Note) -> Result<Result<NoteId, Skip>> {
        if self.tx.get_note(note.id)?.is_none() {
            return Ok(Err(Skip::Deleted));
        }
        let (mut changed, mut is_gone) = (false, false);
        for earlier in self.earlier.cards_of_note(note.id)? {
            let present = self.tx.get_card(earlier.id)?;
            let Some(mut present) = present.filter(|present| present.note_id == note.id) else {
                is_gone = true;
                continue;
            };
            // One that has the schedule of the backup stays in its filtered deck.
            return_home(&mut present);
            let before = present.clone();
            let replayed = self.replayed.remove(&earlier.id);
            let was = replayed.unwrap_or_else(|| shifted(earlier, self.day_shift));
            let card = Card {
                id: present.id,
                note_id: present.note_id,
                deck_id: present.deck_id,
                template_idx: present.template_idx,
                flags: present.flags,
                mtime: present.mtime,
                usn: present.usn,
                ..was
            };
            if card != before {
                self.tx.update_card(&card)?;
                self.done.cards += 1;
                changed = true;
            }
            changed |= self.put_back_reviews(card.id)?;
        }
        Ok(match (changed, is_gone) {
            (true, _) => Ok(note.id),
            (false, true) => Err(Skip::CardGone),
            (false, false) => Err(Skip::SameSchedule),
        })
    }

    /// What is missing of the log; what was answered since stays. A reset of since is none any more
    /// where it would hide the answers of the backup: Anki computes no memory from what comes before
    /// one, and its check of the database takes the time of the last review away. The row stays,
    /// as one of a card that was rescheduled. Whether anything changed.
    fn put_back_reviews(&mut self, card: CardId) -> Result<bool> {
        let earlier = self.earlier.revlog_of_card(card)?;
        let mut missing = Vec::new();
        for entry in &earlier {
            if !self.tx.has_revlog(entry.id)? {
                missing.push(*entry);
            }
        }
        let mut changed = !missing.is_empty();
        if changed {
            self.tx.add_transferred_reviews(&mut missing)?;
            self.done.revlog += missing.len() as u64;
        }
        let mut counted = earlier.iter().rev().take_while(|row| !row.is_reset());
        let has_answers = counted.any(|row| row.button > 0);
        let mut is_elsewhere = false;
        for present in self.tx.revlog_of_card(card)? {
            let was = earlier.binary_search_by_key(&present.id, |row| row.id);
            let kind = match was {
                Ok(at) if earlier[at].is_reset() => RevlogKind::Manual,
                Err(_) if present.is_reset() && has_answers => RevlogKind::Rescheduled,
                _ => continue,
            };
            if present.button == 0 && present.kind != kind {
                is_elsewhere |= present.is_reset() && present.usn != Usn::PENDING;
                self.tx.update_revlog(RevlogEntry { kind, ..present })?;
                changed = true;
            }
        }
        self.done.synced_resets += u64::from(is_elsewhere);
        Ok(changed)
    }

    fn at_home(&mut self, card: Card) -> Result<Card> {
        let mut card = shifted(card, self.day_shift);
        card.deck_id = self.deck(card.deck_id)?;
        Ok(card)
    }

    /// The note with the note type that stands for its own, and with the media's names here.
    fn adapted(&mut self, mut note: Note) -> Result<(Note, Arc<Notetype>)> {
        let notetype = self.notetype(&note)?;
        note.notetype_id = notetype.id;
        let mut renamed = note.fields.len() != notetype.fields.len();
        note.fit_fields(notetype.fields.len());
        for field in &mut note.fields {
            if let Cow::Owned(text) = self.with_media(field) {
                *field = text;
                renamed = true;
            }
        }
        if renamed || self.wish.mode_of(note.id) == Mode::New {
            note.prepare(&notetype, self.nfc);
        }
        Ok((note, notetype))
    }

    fn with_media<'t>(&self, field: &'t str) -> Cow<'t, str> {
        if self.wish.renamed_media.is_empty() {
            return Cow::Borrowed(field);
        }
        rename_media(field, |name| self.wish.renamed_media.get(name).cloned())
    }

    /// The note type in the backup.
    fn type_then(&self, note: &Note) -> Result<Arc<Notetype>> {
        type_then(self.earlier, self.tx, note)?.ok_or_else(no_notetype)
    }
}

/// How much of an earlier note's text has a field to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    All,
    Part,
    Nothing,
}

/// The note of the backup, or why it is left alone. Nothing of it was written so far: what is
/// damaged costs no other note.
fn looked_at(
    earlier: &Storage,
    present: &Storage,
    mode: Mode,
    id: NoteId,
) -> Result<Result<Note, Skip>> {
    let look = || -> Result<Result<Note, Skip>> {
        let Some(note) = earlier.get_note(id)? else {
            return Ok(Err(Skip::NotInBackup));
        };
        let there = match mode {
            Mode::New => None,
            _ => present.get_note(id)?,
        };
        if let Some(there) = there {
            // Ids are times at which notes were made, and those of some packages are counted.
            if there.guid != note.guid {
                return Ok(Err(Skip::IdTaken));
            }
            let is_untyped =
                || -> Result<bool> { Ok(present.readable_notetype(there.notetype_id)?.is_none()) };
            if !mode.is_schedule() && is_untyped()? {
                return Ok(Err(Skip::Unreadable));
            }
        }
        let needs_type = !mode.is_schedule() && mode != Mode::Media;
        if needs_type && type_then(earlier, present, &note)?.is_none() {
            return Ok(Err(Skip::NoNotetype));
        }
        Ok(Ok(note))
    };
    match look() {
        Err(error) if error.kind() == ErrorKind::Corrupt => {
            tracing::warn!("a note that is left alone: {error}");
            Ok(Err(Skip::Unreadable))
        }
        looked => looked,
    }
}

/// The note type in the backup; where that lacks it, the one of now, if the note fits into it.
fn type_then(earlier: &Storage, present: &Storage, note: &Note) -> Result<Option<Arc<Notetype>>> {
    let id = note.notetype_id;
    if let Some(then) = earlier.notetype(id)? {
        return Ok(Some(then));
    }
    let now = present.readable_notetype(id)?;
    Ok(now.filter(|now| now.fields.len() == note.fields.len()))
}

fn require_notetype(storage: &Storage, id: NotetypeId) -> Result<Arc<Notetype>> {
    storage.notetype(id)?.ok_or_else(no_notetype)
}

fn no_notetype() -> Error {
    Error::corrupt(mark!("a note has no note type; Check Database may mend it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::card::CardType;

    /// A card that is buried or suspended comes back on its day too.
    #[test]
    fn what_waits_for_a_day_is_shifted_wherever_it_waits() {
        use CardQueue::{DayLearn, Learn, New, Review, SchedBuried, Suspended, UserBuried};
        const MOMENT: i32 = 1_700_000_000;
        for (ctype, queue, due, want) in [
            (CardType::Review, Review, 10, 13),
            (CardType::Review, Suspended, 10, 13),
            (CardType::Learn, DayLearn, 10, 13),
            (CardType::Learn, Suspended, 10, 13),
            (CardType::Relearn, UserBuried, 10, 13),
            (CardType::Relearn, SchedBuried, MOMENT, MOMENT),
            (CardType::Learn, Learn, MOMENT, MOMENT),
            (CardType::New, New, 10, 10),
            (CardType::New, UserBuried, 10, 10),
        ] {
            let card = Card {
                ctype,
                queue,
                due,
                ..Card::default()
            };
            assert_eq!(shifted(card, 3).due, want, "{ctype:?} {queue:?}");
        }
    }
}
