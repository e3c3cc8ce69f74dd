//! Note history and trash: what notes were before each change, kept beside the collection and put
//! back from there. Keeping is part of every operation (`Collection::transact`); a history that
//! cannot be kept stops no operation, but is told.

use super::notes::{add_first_cards, add_missing_cards, set_tags};
use super::{Collection, OpOutput, notetypes};
use crate::base::ids::{DeckId, NoteId, NotetypeId};
use crate::base::lang;
use crate::base::time::TimestampMillis;
use crate::base::{Error, ErrorKind, Result};
use crate::domain::card::Card;
use crate::domain::deck::DeckName;
use crate::domain::history::FROM_BACKUP;
use crate::domain::history::{
    InBackups, NoteHistory, PutBack, ShownVersion, Trashed, Version, lines,
};
use crate::domain::html::html_to_text_line;
use crate::domain::media_refs::media_refs;
use crate::domain::note::Note;
use crate::domain::note_fields::guid_of;
use crate::domain::notetype::{Notetype, NotetypeVersion};
use crate::domain::op::Op;
use crate::mark;
use crate::media::trash;
use crate::scheduler::answer::return_home;
use crate::storage::Tx;
use crate::storage::history::{Former, History, not_kept};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// A save this soon after the last one of the same note continues it.
const TYPING_MILLIS: i64 = 3000;

/// Keeps what operations overwrite. The file is opened when first needed.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    history: Option<History>,
    /// Why nothing is kept, until it was told.
    trouble: Option<Error>,
    /// Notes that changed without being kept since then; None when they cannot be counted.
    missed: Option<usize>,
    failed: bool,
    /// That may pass: each operation tries again, and nothing is told a second time.
    may_pass: bool,
    /// A damaged history was set aside, until it was told.
    set_aside: bool,
    /// The note that was edited last, and when.
    typing: Option<(NoteId, TimestampMillis)>,
}

/// The history, if its thread gave it back, and whether everything was kept.
pub(super) type KeptBeside = (Option<History>, Result<()>);

impl Keeper {
    /// Called with the operation not yet committed: a version too many does no harm.
    pub(super) fn keep(&mut self, tx: &Tx<'_>, op: Op) {
        self.keep_versions(tx, op);
        self.keep_arrivals(tx, op);
    }

    /// What an import or a sync brought; else which notes came back with the times of before, from a
    /// backup, the trash or by an undo, which no time of theirs tells from those that never went.
    pub(super) fn keep_arrivals(&mut self, tx: &Tx<'_>, op: Op) {
        if tx.is_untouched() || self.failed {
            return;
        }
        let kept = match op {
            Op::Import | Op::Sync => self.keep_arrival(tx, op, tx.added_notes()),
            _ => match tx.added_with_old_times() {
                Ok(notes) if notes.is_empty() => return,
                notes => notes.and_then(|notes| self.keep_arrival(tx, op, notes)),
            },
        };
        if let Err(error) = kept {
            tracing::warn!("when notes came is not known: {error}");
        }
    }

    fn keep_arrival(&mut self, tx: &Tx<'_>, op: Op, notes: BTreeSet<NoteId>) -> Result<()> {
        let history = self.opened(tx.path())?;
        history.keep_arrival(Self::origin(op), tx.now(), notes)
    }

    fn keep_versions(&mut self, tx: &Tx<'_>, op: Op) {
        if !tx.touches_notes() && !tx.touches_subjects() {
            return;
        }
        if !self.gave_up() {
            let kept = self.keep_former(tx, op);
            self.kept_or_again(tx, op, kept);
            return;
        }
        self.miss(|| tx.former_count());
    }

    /// What a damaged history did not take, the one that is begun in its place does.
    fn kept_or_again(&mut self, tx: &Tx<'_>, op: Op, mut kept: Result<()>) {
        if let Err(error) = &kept
            && self.sets_aside(error)
        {
            kept = self.keep_former(tx, op);
        }
        self.failed = self.failed && kept.is_err();
        if let Err(error) = kept {
            self.fail(error);
            self.miss(|| tx.former_count());
        }
    }

    /// What came of keeping beside the operation, which is not yet committed; None where no history
    /// was lent.
    pub(super) fn kept_beside(&mut self, tx: &Tx<'_>, op: Op, came: Option<KeptBeside>) {
        match came {
            Some((history, kept)) => {
                self.history = history;
                self.kept_or_again(tx, op, kept);
            }
            None => self.miss(|| tx.former_count()),
        }
    }

    /// Of an operation that was given up.
    pub(super) fn come_back(&mut self, came: Option<KeptBeside>) {
        if let Some((history, _)) = came {
            self.history = history;
        }
    }

    fn gave_up(&self) -> bool {
        self.failed && !self.may_pass
    }

    /// Whether `error` came of a history that is damaged, which is set aside then: another one can
    /// be begun.
    fn sets_aside(&mut self, error: &Error) -> bool {
        let is_corrupt = error.kind() == ErrorKind::Corrupt;
        let Some(history) = self.history.take_if(|_| is_corrupt) else {
            return false;
        };
        let set_aside = history.set_aside_if_damaged().unwrap_or_else(|error| {
            tracing::warn!("the history of notes: {error}");
            false
        });
        self.set_aside |= set_aside;
        set_aside
    }

    /// Counts what an operation did not keep, until it is told that nothing is kept.
    fn miss(&mut self, notes: impl FnOnce() -> Result<usize>) {
        if self.trouble.is_none() {
            return;
        }
        self.missed = match (self.missed, notes()) {
            (Some(before), Ok(notes)) => Some(before + notes),
            _ => None,
        };
    }

    /// Keeps nothing from now on, or until there is room again; why is told.
    fn fail(&mut self, error: Error) {
        tracing::warn!("the history of notes: {error}");
        self.sets_aside(&error);
        self.typing = None;
        self.may_pass = error.kind() == ErrorKind::DiskFull;
        if !std::mem::replace(&mut self.failed, true) {
            self.missed = Some(0);
            self.trouble = Some(error);
        }
    }

    /// The history of the collection at `path`, for a thread that gives it back, unless keeping failed.
    pub(super) fn lend(&mut self, path: &Path) -> Option<History> {
        self.typing = None;
        if !self.gave_up()
            && let Some(error) = self.opened(path).err()
        {
            self.fail(error);
        }
        match self.gave_up() {
            true => None,
            false => self.history.take(),
        }
    }

    pub(super) fn opened(&mut self, path: &Path) -> Result<&mut History> {
        let history = match self.history.take() {
            Some(history) => history,
            None => {
                let opened = History::open(path)?;
                self.set_aside |= opened.began_anew();
                opened
            }
        };
        Ok(self.history.insert(history))
    }

    /// What the history calls an operation.
    pub(super) fn origin(op: Op) -> &'static str {
        match op.label() {
            "" => "Engram",
            label => label,
        }
    }

    fn keep_former(&mut self, tx: &Tx<'_>, op: Op) -> Result<()> {
        let many = tx.touches_many_notes();
        if many {
            self.typing = None;
        }
        let mut former = match many {
            true => Vec::new(),
            false => tx.former_notes()?,
        };
        let subjects = match tx.touches_subjects() {
            true => tx.former_subjects()?,
            false => Vec::new(),
        };
        if !former.is_empty() && self.goes_on_typing(op, &former, tx.now()) {
            former.clear();
        }
        if !many && former.is_empty() && subjects.is_empty() {
            return Ok(());
        }
        let origin = Self::origin(op);
        let history = self.opened(tx.path())?;
        match many {
            true => history.keep_many(origin, tx)?,
            false => history.keep(origin, tx.now(), &former)?,
        }
        history.keep_subjects(origin, tx.now(), &subjects)
    }

    /// Fields are saved at each pause of the typist: what the note was before the first of these
    /// is the version, not every word on the way.
    fn goes_on_typing(&mut self, op: Op, former: &[Former], now: TimestampMillis) -> bool {
        let note = match former {
            [one] if op == Op::UpdateNote => one.id(),
            _ => None,
        };
        let before = std::mem::replace(&mut self.typing, note.map(|note| (note, now)));
        before.is_some_and(|(was, at)| {
            Some(was) == note && (1..TYPING_MILLIS).contains(&(now.0 - at.0))
        })
    }
}

/// Former versions of the note types of some notes.
type FormerTypes = HashMap<NotetypeId, Vec<NotetypeVersion>>;

/// A version of a note with its note type as it was then, if that is known: fields and card types
/// may have been moved, renamed and removed since.
struct Then {
    note: Note,
    notetype: Option<Arc<Notetype>>,
    /// Where its cards were, by name.
    decks: Vec<String>,
}

impl Then {
    /// Where its cards were, if such a deck is there.
    fn deck(&self, tx: &Tx<'_>) -> Result<Option<DeckId>> {
        for name in &self.decks {
            let deck = tx.deck_by_name(&DeckName::from_human(name))?;
            if let Some(deck) = deck.filter(|deck| !deck.is_filtered()) {
                return Ok(Some(deck.id));
            }
        }
        Ok(None)
    }

    /// Where the field `n` of `now` was.
    fn place_of(&self, now: &Notetype, n: usize) -> Option<usize> {
        match &self.notetype {
            Some(then) => then.field_of(now, n),
            None => (self.note.notetype_id == now.id).then_some(n),
        }
    }

    /// What a card's type is in `now`.
    fn ord_in(&self, now: &Notetype, ord: u16) -> Option<u16> {
        match &self.notetype {
            Some(then) => now.ord_of(then, ord),
            None => now.template_of(ord).map(|_| ord),
        }
    }

    /// The fields where they are in `now`; a text without a place goes to the end of the last one.
    fn fit(&mut self, now: &Notetype) {
        if self.notetype.is_some() {
            let places = (0..now.fields.len()).map(|n| self.place_of(now, n));
            let places: Vec<Option<usize>> = places.collect();
            let mut left = std::mem::take(&mut self.note.fields);
            let mut take = |place: usize| left.get_mut(place).map(std::mem::take);
            let fields = places.into_iter().map(|place| place.and_then(&mut take));
            let mut fields: Vec<String> = fields.map(Option::unwrap_or_default).collect();
            fields.extend(left.into_iter().filter(|text| !text.is_empty()));
            self.note.fields = fields;
        }
        self.note.fit_fields(now.fields.len());
    }

    /// Names, as they are in `now`, and texts.
    fn lines(&self, now: Option<&Notetype>) -> Vec<(String, String)> {
        let mut lines = lines(&self.note, self.notetype.as_deref());
        let Some(now) = now else { return lines };
        for (n, field) in now.fields.iter().enumerate() {
            let was = self.place_of(now, n);
            let was = was.filter(|was| *was < self.note.fields.len());
            if let Some((name, _)) = was.and_then(|was| lines.get_mut(was)) {
                name.clone_from(&field.name);
            }
        }
        lines
    }
}

impl Collection {
    /// How many former versions of notes were not kept, and why; told once, though nothing may be kept
    /// afterwards either. Or that a damaged history was set aside.
    pub fn take_history_trouble(&mut self) -> Option<Error> {
        let Some(error) = self.keeper.trouble.take() else {
            let set_aside = std::mem::take(&mut self.keeper.set_aside);
            return set_aside.then(|| {
                Error::corrupt(mark!(
                    "the history of notes was damaged: it was set aside beside the collection, and a \
                     new one has begun"
                ))
            });
        };
        // None: it was about decks, presets or note types.
        let notes = self.keeper.missed.filter(|notes| *notes > 0);
        Some(not_kept(notes, "", error))
    }

    /// For idle time: moves what the history's log holds into its file.
    pub fn fold_in_history(&self) -> Result<()> {
        match &self.keeper.history {
            Some(history) => history.checkpoint(),
            None => Ok(()),
        }
    }

    pub(super) fn history(&mut self) -> Result<&mut History> {
        self.keeper.opened(self.storage.path())
    }

    /// Former versions of a note, newest first.
    pub fn note_versions(&mut self, note: NoteId) -> Result<Vec<Version>> {
        self.history()?.versions(note)
    }

    /// The same for a window, with the present state.
    pub fn note_history(&mut self, id: NoteId) -> Result<NoteHistory> {
        let versions = self.note_versions(id)?;
        let note = self.storage.get_note(id)?;
        let now = match &note {
            Some(note) => self.storage.readable_notetype(note.notetype_id)?,
            None => None,
        };
        let mut shown = Vec::with_capacity(versions.len());
        let mut types = FormerTypes::new();
        for version in versions {
            let (number, until, fate) = (version.number, version.until, version.fate);
            let origin = origin_label(&version.origin);
            let decks = version.decks.join(", ");
            let then = self.then(version, &mut types)?;
            let fields = match &now {
                Some(now) => then.lines(Some(now)),
                None => {
                    let id = then.note.notetype_id;
                    then.lines(self.storage.readable_notetype(id)?.as_deref())
                }
            };
            shown.push(ShownVersion {
                number,
                until,
                origin,
                fate,
                fields,
                decks,
            });
        }
        let present = note.map(|note| lines(&note, now.as_deref()));
        let homes = self.storage.homes(Some(&[id]))?;
        Ok(NoteHistory {
            note: id,
            present,
            decks: homes.of(id.0).unwrap_or_default().replace('\n', ", "),
            versions: shown,
        })
    }

    /// The version with its note type as it was when another one took its place.
    fn then(&mut self, version: Version, types: &mut FormerTypes) -> Result<Then> {
        let id = version.note.notetype_id;
        let former = match types.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(self.notetype_versions(id)?),
        };
        // Newest first; the oldest of those that went then or later.
        let kept = former.iter().rev().find(|kept| kept.until >= version.until);
        let has_its_fields = |n: &Notetype| n.fields.len() == version.note.fields.len();
        let kept = kept.map(|kept| &kept.notetype);
        let notetype = match kept.filter(|kept| has_its_fields(kept)) {
            Some(kept) => Some(Arc::new(kept.clone())),
            None => (self.storage.readable_notetype(id)?).filter(|now| has_its_fields(now)),
        };
        Ok(Then {
            note: version.note,
            notetype,
            decks: version.decks,
        })
    }

    /// Deleted notes that can be put back, newest first, at most `limit`: those that have each word
    /// of `search`, in capitals or not, in a field, a tag or the name of a deck.
    pub fn trashed(&mut self, search: &str, limit: usize) -> Result<Vec<Trashed>> {
        self.history()?;
        let Some(history) = &self.keeper.history else {
            return Ok(Vec::new());
        };
        let is_wanted = |version: &Version| {
            // Others came back since.
            let is_gone = self.storage.get_note(version.note.id)?.is_none();
            Ok(is_gone && has_words(search, || said_of(version)))
        };
        let deleted = history.deleted(limit, is_wanted)?;
        let mut trashed = Vec::with_capacity(deleted.len());
        for version in deleted {
            let cards = history.cards(version.number)?.len() as u64;
            let mut texts = version
                .note
                .fields
                .iter()
                .map(|field| html_to_text_line(field, true))
                .filter(|text| !text.trim().is_empty());
            trashed.push(Trashed {
                number: version.number,
                note: version.note.id,
                deleted: version.until,
                title: texts.next().unwrap_or_default(),
                line: texts.next().unwrap_or_default(),
                cards,
            });
        }
        Ok(trashed)
    }

    /// Makes a former version the present one, or adds it as another note. A deleted note comes
    /// back under its old ids with its cards; its reviews never left the log.
    pub fn restore_version(&mut self, number: i64, as_copy: bool) -> Result<OpOutput<NoteId>> {
        let history = self.history()?;
        let version = history.version(number)?.ok_or_else(no_version)?;
        let cards = history.cards(number)?;
        let then = self.then(version, &mut FormerTypes::new())?;
        let output = self.transact(Op::RestoreVersion, |tx| {
            let present = tx.get_note(then.note.id)?;
            match present {
                _ if as_copy => add_copy(tx, then, present.as_ref(), &cards),
                Some(present) => replace(tx, &then, present, None),
                None => {
                    let mut guids = tx.guids()?;
                    put_back(tx, &mut guids, then, cards)
                }
            }
        })?;
        self.bring_media_back(&[output.value]);
        Ok(output)
    }

    /// Makes one line of a former version, a field or the tags, the present one; the others stay as
    /// they are. `line` is its place in [`lines`].
    pub fn restore_line(&mut self, number: i64, line: usize) -> Result<OpOutput<NoteId>> {
        let version = self.history()?.version(number)?.ok_or_else(no_version)?;
        let then = self.then(version, &mut FormerTypes::new())?;
        let output = self.transact(Op::RestoreVersion, |tx| {
            let present = tx.get_note(then.note.id)?.ok_or_else(|| {
                Error::not_found(mark!("the note was deleted; put all of it back"))
            })?;
            replace(tx, &then, present, Some(line))
        })?;
        self.bring_media_back(&[output.value]);
        Ok(output)
    }

    /// Restores several deleted notes in one step, all that can be. Fails when none can.
    pub fn restore_trashed(&mut self, numbers: &[i64]) -> Result<OpOutput<PutBack>> {
        let mut found = Vec::with_capacity(numbers.len());
        let mut types = FormerTypes::new();
        for &number in numbers {
            let history = self.history()?;
            if let Some(version) = history.version(number)? {
                let cards = history.cards(number)?;
                found.push((self.then(version, &mut types)?, cards));
            }
        }
        let output = self.transact(Op::RestoreVersion, |tx| {
            let mut guids = tx.guids()?;
            let mut done = PutBack::default();
            for (then, cards) in found {
                if tx.get_note(then.note.id)?.is_some() {
                    continue;
                }
                match put_back(tx, &mut guids, then, cards) {
                    Ok(id) => done.notes.push(id),
                    Err(error) if is_about_the_note(&error) => done.left.push(error),
                    Err(error) => return Err(error),
                }
            }
            match done.left.pop() {
                Some(error) if done.notes.is_empty() => return Err(error),
                left => done.left.extend(left),
            }
            Ok(done)
        })?;
        self.bring_media_back(&output.value.notes);
        Ok(output)
    }

    /// Files that these notes name and only the trash beside the media folder has: to Check Media, what
    /// only deleted notes and former versions name is unused. Of what does not come back, that check
    /// tells.
    fn bring_media_back(&self, notes: &[NoteId]) {
        let mut names = BTreeSet::new();
        for &id in notes {
            let Ok(Some(note)) = self.storage.get_note(id) else {
                continue;
            };
            let named = note.fields.iter().flat_map(|field| media_refs(field));
            names.extend(named.map(|file| file.name.into_owned()));
        }
        if let Err(error) = trash::bring_back(&self.media_folder(), &names) {
            tracing::warn!("media of restored notes: {error}");
        }
    }

    /// Keeps what backups have of a note and neither the collection nor the history has; `rows`
    /// belong to the versions found. The last state of a deleted note goes to the trash. Returns
    /// how many versions are new.
    pub fn fill_history(&mut self, found: &InBackups, rows: &[Former]) -> Result<usize> {
        let present = self.storage.former(found.note)?;
        let deleted = present.is_none();
        let former: Vec<(TimestampMillis, &Former)> = found
            .versions
            .iter()
            .zip(rows)
            .filter(|(_, row)| !present.as_ref().is_some_and(|p| p.says_the_same(row)))
            .map(|(version, row)| (version.until, row))
            .collect();
        self.history()?.fill(found.note, &former, deleted)
    }
}

/// The operation that a version is from, for a window.
pub(super) fn origin_label(origin: &str) -> String {
    match origin {
        FROM_BACKUP => origin.to_owned(),
        operation => lang::known(operation).into_owned(),
    }
}

/// Whether each word of `search` is in the text, in capitals or not.
pub(super) fn has_words(search: &str, text: impl FnOnce() -> String) -> bool {
    let mut words = search.split_whitespace().map(str::to_lowercase).peekable();
    // Most lists are not searched, and then no text is made.
    words.peek().is_none() || {
        let text = text().to_lowercase();
        words.all(|word| text.contains(&word))
    }
}

/// What a deleted note is found by.
fn said_of(version: &Version) -> String {
    let fields = version.note.fields.iter();
    let fields = fields.map(|field| html_to_text_line(field, true));
    let names = version.note.tags.iter().chain(&version.decks).cloned();
    fields.chain(names).collect::<Vec<_>>().join("\n")
}

fn no_version() -> Error {
    Error::not_found(mark!("this version is not kept any more"))
}

fn notetype_of(tx: &Tx<'_>, note: &Note) -> Result<Arc<Notetype>> {
    if let Err(error) = tx.notetype(note.notetype_id)
        && error.kind() == ErrorKind::Corrupt
    {
        // Not to be had either, while notes of other types are.
        return Err(Error::new(ErrorKind::NotFound, error.what()));
    }
    tx.notetype(note.notetype_id)?.ok_or_else(|| {
        Error::new(
            ErrorKind::NotFound,
            mark!("the note type of this version was deleted; it can be recovered from a backup"),
        )
    })
}

/// The note type of a version that is to be a note of its own; one that was deleted comes along, as
/// it was then.
fn notetype_for(tx: &mut Tx<'_>, then: &Then) -> Result<Arc<Notetype>> {
    let id = then.note.notetype_id;
    match &then.notetype {
        Some(kept) if !tx.has_notetype(id)? => {
            let mut notetype = Notetype::clone(kept);
            notetypes::put_back(tx, &mut notetype)?;
            Ok(Arc::new(notetype))
        }
        _ => notetype_of(tx, &then.note),
    }
}

fn add_copy(
    tx: &mut Tx<'_>,
    mut then: Then,
    present: Option<&Note>,
    cards: &[Card],
) -> Result<NoteId> {
    let notetype = notetype_for(tx, &then)?;
    let deck = match present {
        Some(present) => tx
            .cards_of_note(present.id)?
            .first()
            .map(Card::home_deck_id),
        None => match cards.first() {
            Some(card) => Some(card.home_deck_id()),
            None => then.deck(tx)?,
        },
    };
    then.fit(&notetype);
    let mut note = then.note;
    note.id = NoteId(0);
    note.guid = guid_of(rand::random());
    note.prepare(&notetype, tx.composes_texts()?);
    set_tags(tx, &mut note)?;
    tx.add_note(&mut note)?;
    add_missing_cards(tx, &note, &notetype, deck, true)?;
    Ok(note.id)
}

/// Puts the version into the note: all of it, or `only` one of its lines.
fn replace(tx: &mut Tx<'_>, then: &Then, present: Note, only: Option<usize>) -> Result<NoteId> {
    let notetype = notetype_of(tx, &present)?;
    let mut note = present;
    let is_wanted = |line: usize| only.is_none_or(|only| only == line);
    let tags = then.note.fields.len();
    let mut found = only == Some(tags);
    for (n, field) in note.fields.iter_mut().enumerate() {
        let was = then.place_of(&notetype, n).filter(|was| is_wanted(*was));
        if let Some(text) = was.and_then(|was| then.note.fields.get(was)) {
            field.clone_from(text);
            found = true;
        }
    }
    if !found {
        return Err(Error::new(
            ErrorKind::Conflict,
            mark!(
                "the note has another note type now, without a field of the same name; restore \
                 the version as a copy"
            ),
        ));
    }
    if is_wanted(tags) {
        note.tags.clone_from(&then.note.tags);
    }
    note.prepare(&notetype, tx.composes_texts()?);
    set_tags(tx, &mut note)?;
    tx.update_note(&note)?;
    add_missing_cards(tx, &note, &notetype, None, false)?;
    Ok(note.id)
}

/// Nothing was written: there is no note type, or another note in its place.
fn is_about_the_note(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound)
}

/// `guids` are those of all notes, this one included afterwards.
fn put_back(
    tx: &mut Tx<'_>,
    guids: &mut HashMap<String, NoteId>,
    mut then: Then,
    cards: Vec<Card>,
) -> Result<NoteId> {
    if guids.contains_key(&then.note.guid) {
        return Err(Error::new(
            ErrorKind::Conflict,
            mark!("another note stands for the deleted one now: it was imported again"),
        ));
    }
    let notetype = notetype_for(tx, &then)?;
    guids.insert(then.note.guid.clone(), then.note.id);
    let fields = then.note.fields.clone();
    then.fit(&notetype);
    if then.note.fields != fields {
        let nfc = tx.composes_texts()?;
        then.note.prepare(&notetype, nfc);
    }
    set_tags(tx, &mut then.note)?;
    tx.put_back_note(&then.note)?;
    let named = then.deck(tx)?;
    let mut deck = named;
    let mut ords = HashSet::new();
    for mut card in cards {
        if card.is_filtered() {
            return_home(&mut card);
        }
        let there = tx.deck(card.deck_id)?;
        if there.is_none_or(|deck| deck.is_filtered()) {
            // A deck of its name may be there again.
            card.deck_id = named.unwrap_or(DeckId::DEFAULT);
        }
        deck = Some(card.deck_id);
        let ord = then.ord_in(&notetype, card.template_idx);
        if let Some(ord) = ord.filter(|ord| ords.insert(*ord))
            && tx.get_card(card.id)?.is_none()
        {
            card.template_idx = ord;
            tx.put_back_card(&card)?;
        }
    }
    if tx.cards_of_note(then.note.id)?.is_empty() {
        add_first_cards(tx, &then.note, &notetype, deck)?;
    }
    Ok(then.note.id)
}
