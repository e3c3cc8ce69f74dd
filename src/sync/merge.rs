//! The third way beside upload and download: note types were changed on one side only, so what the
//! other side changed since the last sync can be moved over to it. The result is made as a file of
//! its own, with a report of what it would do, before anything is put in place. A note that both
//! sides have changed is merged field by field with its version at the last sync as the third, taken
//! from the note history; without one the newer version wins. Of cards the one that was studied later
//! wins, unless only one side changed it. Deletion wins as in a normal sync, and what lost is told for
//! the history.
//!
//! Times alone do not say that both sides have a past in common: an account that somebody else began,
//! or a server that was replaced, looks like one whose note types were changed. So a merge is refused
//! where a side is empty, where much that was synced is gone without a deletion that tells why, or where
//! what came to the server since cannot be told, as it was put back to an earlier state.

use super::full::{copy_of, upload};
use super::normal::{Outcome, Wish, look, normal};
use super::plan::{MergeInto, Step, is_too_much};
use super::session::Session;
use crate::base::error::AtPath as _;
use crate::base::files::StagingDir;
use crate::base::ids::{CardId, DeckId, NoteId, NotetypeId, Usn};
use crate::base::job::Progress;
use crate::base::time::{Clock, TimestampMillis, TimestampSecs};
use crate::base::{Error, ErrorKind, Result};
use crate::collection::Collection;
use crate::collection::filtered::find_place;
use crate::collection::notes::add_missing_cards;
use crate::domain::card::Card;
use crate::domain::history::{Fate, Version};
use crate::domain::note::Note;
use crate::domain::notetype::Notetype;
use crate::domain::op::Op;
use crate::domain::subject::SubjectState;
use crate::storage::history::Former;
use crate::storage::snapshot::FrozenFile;
use crate::storage::sync_merge::{Changed, Since};
use crate::storage::{Storage, Tx};
use crate::{mark, t};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MERGED: &str = "merged.anki2";
const SERVER: &str = "server.anki2";
/// When more than this share of the synced notes is gone (percent), the other side is another
/// collection.
const MOST_GONE_PERCENT: u32 = 10;

/// What a merge does, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Report {
    /// Whose note types stay as they are.
    pub into: MergeInto,
    pub notes: u64,
    pub cards: u64,
    pub reviews: u64,
    /// Note types, decks and presets.
    pub others: u64,
    /// Notes, cards and decks of one side that go because the other side does not have them any more.
    pub deleted: u64,
    /// Of these, the notes of this computer: they go to its trash.
    pub trashed: u64,
    /// Changed on both sides; the newer version stays.
    pub older: u64,
    /// Notes whose fields were moved to the fields of the changed note type.
    pub moved_fields: u64,
    /// Cards whose note or template is gone.
    pub without_place: u64,
}

/// A merged collection that waits to be put in place.
#[derive(Debug)]
pub struct Merge {
    staging: StagingDir,
    /// When the server's collection was changed last.
    server_modified: TimestampMillis,
    pub report: Report,
    /// The server's versions of notes that lost. Ours are kept when the merged collection is put in
    /// place.
    overruled: Vec<Note>,
    /// The server's notes that were deleted here.
    gone: Vec<(Note, Former)>,
    /// What decks, presets and note types were here, or would have become.
    subjects: Vec<SubjectState>,
}

impl Merge {
    /// The merged collection, one file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.staging.path().join(MERGED)
    }

    /// Keeps in the history what the merge overruled; call it on the merged collection when it is
    /// in place.
    pub fn remember(&self, col: &mut Collection) -> Result<()> {
        let mut gone = Vec::new();
        for (note, former) in &self.gone {
            let same = |kept: &Version| {
                let content = (&kept.note.fields, &kept.note.tags);
                kept.fate == Fate::Deleted && content == (&note.fields, &note.tags)
            };
            // What cannot be looked up is kept twice rather than not at all.
            let kept = col.note_versions(note.id).unwrap_or_default();
            gone.extend((!kept.iter().any(same)).then(|| former.clone()));
        }
        col.transact(Op::Sync, |tx| {
            for note in &self.overruled {
                tx.overrule_note(note)?;
            }
            for former in gone {
                tx.overrule_gone(former);
            }
            for state in &self.subjects {
                tx.overrule_state(state)?;
            }
            tx.mark_untracked();
            Ok(())
        })?;
        Ok(())
    }

    /// Brings the merged collection, which is in place, to the server.
    ///
    /// # Errors
    /// As the module of sync says; `Conflict` when the server's collection is another one by now: an
    /// upload would take away what came to it meanwhile.
    pub fn send(
        &self,
        col: &mut Collection,
        session: &Session<'_>,
        progress: &Progress,
    ) -> Result<()> {
        let mut again = session.again();
        let look = look(col, &mut again, progress)?;
        if self.report.into == MergeInto::Ours {
            return match look.remote_modified == self.server_modified {
                true => upload(col, &again, progress),
                false => Err(changed_meanwhile()),
            };
        }
        if matches!(look.step, Step::OneWay(_)) {
            return Err(changed_meanwhile());
        }
        let wish = Wish { stop_percent: 100 };
        match normal(col, &again, &look, wish, progress)? {
            Outcome::Done(_) => Ok(()),
            Outcome::OneWayNeeded(why) => Err(Error::new(ErrorKind::Conflict, why)),
            Outcome::TooManyDeletions(_) => Err(Error::bug("a limit of 100 % was reached")),
        }
    }
}

fn changed_meanwhile() -> Error {
    Error::new(
        ErrorKind::Conflict,
        mark!("another device has changed the server's collection meanwhile; sync again"),
    )
}

/// Merges this collection and the server's, which was downloaded to `theirs`, into a new file inside
/// `room`. Neither is changed.
///
/// # Errors
/// `Conflict` when both sides changed their note types, or when one is empty or another collection;
/// then only one of both can stay.
pub fn merge(
    col: &mut Collection,
    theirs: &Path,
    room: &Path,
    progress: &Progress,
) -> Result<Merge> {
    let server_modified = FrozenFile::of_closed(theirs)?.collection_mod();
    let staging = StagingDir::create_in(room)?;
    let server = staging.path().join(SERVER);
    std::fs::copy(theirs, &server).at(&server)?;
    Storage::upgrade(&server, col.clock(), progress)?;
    let ours = col.storage().col_row()?;
    let remote = Storage::open_read_only(&server)?;
    if col.storage().has_no_cards()? || remote.has_no_cards()? {
        return Err(refused(mark!(
            "one side is empty: there is nothing to merge"
        )));
    }
    // As in a normal sync all settings are those of the side that changed some last.
    let is_ours_newer = col.storage().settings_changed(true)? > remote.settings_changed(false)?;
    let remote = remote.col_row()?;
    let into = super::plan::merge_into((ours.scm, ours.ls), remote.scm)
        // What came to a server that was put back has numbers that are not asked for here.
        .filter(|into| *into == MergeInto::Theirs || remote.usn >= ours.usn)
        .ok_or_else(|| {
            refused(mark!(
                "both sides changed their note types, or one was replaced, since the last sync"
            ))
        })?;
    let merged = staging.path().join(MERGED);
    let mut run = Run {
        report: Report {
            into,
            ..Report::default()
        },
        subjects: subjects_of(col.storage())?,
        ..Run::default()
    };
    match into {
        MergeInto::Theirs => {
            std::fs::rename(&server, &merged).at(&merged)?;
            let changed = col.storage().changed(Since::Unsent)?;
            run.bases = bases(col, &changed.notes, ours.ls)?;
            write(&merged, col.clock(), |tx| {
                tx.mark_equal_to_server()?;
                run.all(tx, col.storage(), &changed, progress)?;
                if is_ours_newer {
                    tx.merge_settings(col.storage())?;
                }
                Ok(())
            })?;
            run.count_gone(col.storage(), &merged, progress)?;
        }
        MergeInto::Ours => {
            copy_of(col.storage(), &merged)?;
            let source = Storage::open_read_only(&server)?;
            let changed = source.changed(Since::Number(ours.usn))?;
            run.bases = bases(col, &changed.notes, ours.ls)?;
            write(&merged, col.clock(), |tx| {
                run.all(tx, &source, &changed, progress)?;
                if !is_ours_newer {
                    tx.merge_settings(&source)?;
                }
                Ok(())
            })?;
            run.count_gone(&source, &merged, progress)?;
        }
    }
    Ok(Merge {
        staging,
        server_modified,
        report: run.report,
        overruled: run.overruled,
        gone: run.gone,
        subjects: run.subjects,
    })
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::Conflict, why)
}

/// Our versions of these notes at the last sync, of those that we changed since.
fn bases(
    col: &mut Collection,
    notes: &[NoteId],
    last_sync: TimestampMillis,
) -> Result<HashMap<NoteId, Note>> {
    let mut bases = HashMap::new();
    for id in notes {
        let versions = col.note_versions(*id)?;
        // What a sync replaced is from before it, whatever the clocks say.
        let since = |v: &Version| v.until > last_sync && v.origin != Op::Sync.label();
        let mut since = versions.into_iter().filter(since);
        if let Some(version) = since.next_back() {
            bases.insert(*id, version.note);
        }
    }
    Ok(bases)
}

/// A note of both sides: `moved` already has the fields of `present`'s note type, as `base` has.
fn combined(base: Option<&Note>, present: &Note, moved: &Note) -> Note {
    let newer = if moved.mtime > present.mtime {
        moved
    } else {
        present
    };
    let Some(base) = base else {
        return newer.clone();
    };
    let mut note = present.clone();
    note.mtime = newer.mtime;
    for (n, field) in note.fields.iter_mut().enumerate() {
        let (was, theirs) = (base.fields.get(n), moved.fields.get(n));
        let both = was != Some(field) && was != theirs;
        let take = if both {
            newer.fields.get(n)
        } else {
            theirs.filter(|_| was != theirs)
        };
        if let Some(text) = take {
            field.clone_from(text);
        }
    }
    note.tags
        .retain(|tag| moved.has_tag(tag) || !base.has_tag(tag));
    for tag in &moved.tags {
        if !base.has_tag(tag) && !note.has_tag(tag) {
            note.tags.push(tag.clone());
        }
    }
    note
}

fn write(path: &Path, clock: &Clock, work: impl FnOnce(&mut Tx<'_>) -> Result<()>) -> Result<()> {
    let mut storage = Storage::open(path)?;
    storage.tx(clock.now(), work)?;
    storage.close_as_one_file()
}

/// How notes and cards of a note type fit the one that they come to.
struct Layout {
    /// For each field there: which one here.
    fields: Vec<Option<usize>>,
    /// For each template here: which one there. None: any number, for clozes.
    cards: Option<Vec<Option<u16>>>,
    same_fields: bool,
}

impl Layout {
    fn between(from: &Notetype, to: &Notetype) -> Self {
        let alike = |a: (Option<i64>, &str), b: (Option<i64>, &str)| match (a.0, b.0) {
            (Some(a), Some(b)) => a == b,
            _ => a.1.to_lowercase() == b.1.to_lowercase(),
        };
        let fields: Vec<Option<usize>> = to
            .fields
            .iter()
            .map(|there| {
                from.fields.iter().position(|here| {
                    alike((here.config.id, &here.name), (there.config.id, &there.name))
                })
            })
            .collect();
        let cards = (!to.is_cloze() || !from.is_cloze()).then(|| {
            let place = |here: &crate::domain::notetype::Template| {
                let found = to.templates.iter().position(|there| {
                    alike((here.config.id, &here.name), (there.config.id, &there.name))
                });
                found.and_then(|n| u16::try_from(n).ok())
            };
            from.templates.iter().map(place).collect()
        });
        let in_order = fields.iter().enumerate().all(|(n, f)| *f == Some(n));
        Self {
            same_fields: in_order && from.fields.len() == fields.len(),
            fields,
            cards,
        }
    }

    fn fields_of(&self, note: &Note, present: Option<&Note>) -> Vec<String> {
        let moved = |(n, from): (usize, &Option<usize>)| match from {
            Some(from) => note.fields.get(*from).cloned().unwrap_or_default(),
            // A field that is new there keeps what it has.
            None => present
                .and_then(|p| p.fields.get(n).cloned())
                .unwrap_or_default(),
        };
        self.fields.iter().enumerate().map(moved).collect()
    }

    fn ord_of(&self, ord: u16) -> Option<u16> {
        match &self.cards {
            None => Some(ord),
            Some(cards) => cards.get(usize::from(ord)).copied().flatten(),
        }
    }
}

fn subjects_of(storage: &Storage) -> Result<Vec<SubjectState>> {
    let decks = storage.all_decks()?.into_iter().map(SubjectState::Deck);
    let presets = storage.all_deck_configs()?.into_iter();
    let notetypes = storage.all_notetypes()?.into_iter();
    Ok(decks
        .chain(presets.map(SubjectState::Preset))
        .chain(notetypes.map(SubjectState::Notetype))
        .collect())
}

/// Of the two collections in a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// Whose changes are moved.
    From,
    /// That they are moved to.
    There,
}

#[derive(Default)]
struct Run {
    report: Report,
    overruled: Vec<Note>,
    gone: Vec<(Note, Former)>,
    subjects: Vec<SubjectState>,
    bases: HashMap<NoteId, Note>,
    layouts: HashMap<(NotetypeId, NotetypeId), Arc<Layout>>,
    /// Notes whose cards may be fewer than their note type makes.
    unfinished: HashSet<NoteId>,
    /// Cards that were looked at: those of a new note come along with it.
    cards: HashSet<CardId>,
    /// Changed on one side and deleted on the other: they stay only for cards that come into them.
    revived: Vec<DeckId>,
}

impl Run {
    fn all(
        &mut self,
        tx: &mut Tx<'_>,
        source: &Storage,
        changed: &Changed,
        progress: &Progress,
    ) -> Result<()> {
        let steps = changed.notes.len() + changed.cards.len() + changed.reviews.len();
        progress.stage(t!("Merging both collections"), steps as u64)?;
        self.graves(tx, changed)?;
        self.few(tx, changed)?;
        for id in &changed.notes {
            if let Some(note) = source.get_note(*id)? {
                self.note(tx, source, &note)?;
            }
            progress.step(1)?;
        }
        for id in &changed.cards {
            if let Some(card) = source.get_card(*id)? {
                self.card(tx, source, &card)?;
            }
            progress.step(1)?;
        }
        for id in &changed.reviews {
            if let Some(entry) = source.get_revlog(*id)?
                && !tx.has_revlog(*id)?
            {
                tx.add_revlog(entry)?;
                self.report.reviews += 1;
            }
            progress.step(1)?;
        }
        self.finish(tx, changed)
    }

    /// Counts what the result does not have of the side whose changes were moved.
    fn count_gone(&mut self, from: &Storage, merged: &Path, progress: &Progress) -> Result<()> {
        let gone = from.gone_from(&Storage::open_read_only(merged)?, progress)?;
        let all = gone.synced > 0 && gone.unexplained == gone.synced;
        if all || is_too_much(gone.unexplained, gone.synced, MOST_GONE_PERCENT) {
            return Err(refused(mark!(
                "much of what was synced is not on both sides any more: one of them is another \
                 collection"
            )));
        }
        self.report.deleted += gone.notes + gone.cards;
        if self.report.into == MergeInto::Theirs {
            self.report.trashed += gone.notes;
        }
        Ok(())
    }

    /// Keeps a version that lost, if it is the server's.
    fn lost(&mut self, side: Side, note: &Note) {
        if self.is_servers(side) {
            self.overruled.push(note.clone());
        }
    }

    /// Whether what comes, changed at `mtime`, takes the place of what is there. Ours that was not
    /// changed since the last sync gives way whatever the clocks say; after an upload of the other
    /// side nobody knows which of its rows were changed.
    fn is_newer(&self, mtime: TimestampSecs, there: (TimestampSecs, Usn)) -> bool {
        let untouched = self.report.into == MergeInto::Ours && there.1 != Usn::PENDING;
        untouched || mtime > there.0
    }

    fn is_servers(&self, side: Side) -> bool {
        match self.report.into {
            MergeInto::Theirs => side == Side::There,
            MergeInto::Ours => side == Side::From,
        }
    }

    fn graves(&mut self, tx: &mut Tx<'_>, changed: &Changed) -> Result<()> {
        let graves = &changed.graves;
        // With their cards, which have graves of their own.
        let mut gone = Vec::new();
        for id in graves.notes.iter().map(|id| NoteId(*id)) {
            gone.extend(tx.get_note(id)?.zip(tx.replaced(id, true)?));
        }
        for id in &graves.cards {
            let id = CardId(*id);
            self.report.deleted += u64::from(tx.get_card(id)?.is_some());
            tx.remove_card(id)?;
        }
        for (note, former) in gone {
            if tx.get_note(note.id)?.is_none() {
                continue;
            }
            for card in tx.cards_of_note(note.id)? {
                tx.remove_card(card.id)?;
            }
            tx.remove_note(note.id)?;
            self.report.deleted += 1;
            if self.is_servers(Side::There) {
                self.gone.push((note, former));
            } else {
                self.report.trashed += 1;
            }
        }
        Ok(())
    }

    /// Note types, presets, decks and tags.
    fn few(&mut self, tx: &mut Tx<'_>, changed: &Changed) -> Result<()> {
        for notetype in &changed.notetypes {
            let newer = match tx.get_notetype(notetype.id)? {
                None => true,
                Some(there) => {
                    let layout = Layout::between(notetype, &there);
                    let same_cards = notetype.templates.len() == there.templates.len()
                        && (0..notetype.templates.len())
                            .all(|n| u16::try_from(n).is_ok_and(|n| layout.ord_of(n) == Some(n)));
                    self.is_newer(notetype.mtime, (there.mtime, there.usn))
                        && layout.same_fields
                        && same_cards
                }
            };
            if newer {
                tx.merge_notetype(notetype)?;
            } else {
                self.subjects.push(SubjectState::Notetype(notetype.clone()));
            }
            self.count(newer);
        }
        for preset in &changed.presets {
            let there = tx.get_deck_config(preset.id)?;
            let newer =
                there.is_none_or(|there| self.is_newer(preset.mtime, (there.mtime, there.usn)));
            if newer {
                tx.merge_preset(preset)?;
            } else {
                self.subjects.push(SubjectState::Preset(preset.clone()));
            }
            self.count(newer);
        }
        for deck in &changed.decks {
            let there = tx.get_deck(deck.id)?;
            if there.is_none() && tx.has_deck_grave(deck.id)? {
                self.revived.push(deck.id);
            }
            let newer =
                there.is_none_or(|there| self.is_newer(deck.mtime, (there.mtime, there.usn)));
            if newer {
                tx.merge_deck(deck)?;
            } else {
                self.subjects.push(SubjectState::Deck(deck.clone()));
            }
            self.count(newer);
        }
        tx.register_tags(&changed.tags)?;
        Ok(())
    }

    fn count(&mut self, taken: bool) {
        if taken {
            self.report.others += 1;
        } else {
            self.report.older += 1;
        }
    }

    fn layout(
        &mut self,
        tx: &Tx<'_>,
        source: &Storage,
        from: NotetypeId,
        to: NotetypeId,
    ) -> Result<Option<Arc<Layout>>> {
        if let Some(known) = self.layouts.get(&(from, to)) {
            return Ok(Some(known.clone()));
        }
        let (Some(here), Some(there)) = (source.notetype(from)?, tx.notetype(to)?) else {
            return Ok(None);
        };
        let layout = Arc::new(Layout::between(&here, &there));
        self.layouts.insert((from, to), layout.clone());
        Ok(Some(layout))
    }

    fn note(&mut self, tx: &mut Tx<'_>, source: &Storage, note: &Note) -> Result<()> {
        let present = tx.get_note(note.id)?;
        if present.is_none() && tx.has_note_grave(note.id)? {
            if self.is_servers(Side::From) {
                let former = source.replaced(note.id, true)?;
                self.gone
                    .extend(former.map(|former| (note.clone(), former)));
            }
            return Ok(());
        }
        if tx.get_notetype(note.notetype_id)?.is_none() {
            // It was removed there, but a note of it was changed here.
            if let Some(notetype) = source.get_notetype(note.notetype_id)? {
                tx.merge_notetype(&notetype)?;
            }
        }
        let target = present.as_ref().map_or(note.notetype_id, |p| p.notetype_id);
        let other_type = target != note.notetype_id;
        if other_type {
            self.report.older += 1;
            self.lost(Side::From, note);
            return Ok(());
        }
        let Some(layout) = self.layout(tx, source, note.notetype_id, target)? else {
            return Ok(());
        };
        let moved = |from: &Note| Note {
            fields: layout.fields_of(from, present.as_ref()),
            ..from.clone()
        };
        let mut merged = moved(note);
        if let Some(present) = &present {
            // Ours that was not changed since is what both sides had.
            let unchanged = self.report.into == MergeInto::Ours && present.usn != Usn::PENDING;
            let base = self.bases.get(&note.id).map(moved);
            let base = base.or_else(|| unchanged.then(|| present.clone()));
            merged = combined(base.as_ref(), present, &merged);
            let same = |a: &Note, b: &Note| a.fields == b.fields && a.tags == b.tags;
            if !same(note, &merged) {
                self.lost(Side::From, note);
            }
            if same(present, &merged) {
                self.report.older += 1;
                return Ok(());
            }
            self.lost(Side::There, present);
        }
        self.report.moved_fields += u64::from(!layout.same_fields);
        let mtime = merged.mtime;
        let notetype = tx
            .notetype(target)?
            .ok_or_else(|| Error::bug("a note type is gone"))?;
        merged.prepare(&notetype, false);
        merged.mtime = mtime;
        tx.merge_note(&merged)?;
        self.report.notes += 1;
        self.unfinished.insert(note.id);
        if present.is_none() {
            // Cards that were not changed would stay behind.
            for card in source.cards_of_note(note.id)? {
                self.card(tx, source, &card)?;
            }
        }
        Ok(())
    }

    fn card(&mut self, tx: &mut Tx<'_>, source: &Storage, card: &Card) -> Result<()> {
        if !self.cards.insert(card.id) {
            return Ok(());
        }
        let present = tx.get_card(card.id)?;
        let newer = present
            .as_ref()
            .is_none_or(|there| self.is_newer(card.mtime, (there.mtime, there.usn)));
        if !newer {
            let alike = |there: &Card| {
                Card {
                    usn: card.usn,
                    ..there.clone()
                } == *card
            };
            self.report.older += u64::from(!present.as_ref().is_some_and(alike));
            return Ok(());
        }
        let (Some(here), Some(there)) =
            (source.get_note(card.note_id)?, tx.get_note(card.note_id)?)
        else {
            self.report.without_place += 1;
            return Ok(());
        };
        let layout = self.layout(tx, source, here.notetype_id, there.notetype_id)?;
        let ord = layout.and_then(|layout| layout.ord_of(card.template_idx));
        let Some(ord) =
            ord.filter(|_| present.is_some() || !tx.has_card_grave(card.id).unwrap_or(true))
        else {
            self.report.without_place += 1;
            return Ok(());
        };
        let taken = |other: &Card| other.template_idx == ord && other.id != card.id;
        if present.is_none() && tx.cards_of_note(card.note_id)?.iter().any(taken) {
            self.report.without_place += 1;
            return Ok(());
        }
        let mut merged = card.clone();
        merged.template_idx = present.map_or(ord, |there| there.template_idx);
        find_place(tx, &mut merged)?;
        tx.merge_card(&merged)?;
        self.report.cards += 1;
        Ok(())
    }

    fn finish(&mut self, tx: &mut Tx<'_>, changed: &Changed) -> Result<()> {
        for id in &changed.graves.decks {
            tx.merge_deck_grave(DeckId(*id))?;
        }
        self.drop_revived(tx)?;
        let mut unfinished: Vec<NoteId> = self.unfinished.iter().copied().collect();
        unfinished.sort();
        for id in unfinished {
            if let Some(note) = tx.get_note(id)?
                && let Some(notetype) = tx.notetype(note.notetype_id)?
            {
                add_missing_cards(tx, &note, &notetype, None, true)?;
            }
        }
        Ok(())
    }

    fn drop_revived(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let mut revived = Vec::new();
        for id in &self.revived {
            revived.extend(tx.get_deck(*id)?);
        }
        // Decks below others come first.
        revived.sort_by_key(|deck| std::cmp::Reverse(deck.name.as_native().len()));
        for deck in revived {
            if tx.child_decks(&deck.name)?.is_empty() {
                tx.merge_deck_grave(deck.id)?;
            }
            if tx.get_deck(deck.id)?.is_none() {
                self.report.others -= 1;
                self.report.older += 1;
                // Ours, where theirs stay, is among those that lost already.
                if self.report.into == MergeInto::Ours {
                    self.subjects.push(SubjectState::Deck(deck));
                }
            }
        }
        Ok(())
    }
}
