//! The trip wire: whether, from one backup to the next, so much of a collection changed without a
//! reason that somebody has to be asked. Another device, another program or the disk did it then:
//! what is done here on purpose is noted by kind, and expected in the next backup.
//!
//! A backup leaves a small picture of what it holds: a sample of notes, due dates and [`media`] files, and
//! a hash of each note type's templates. The next one is compared with it, which takes two reads of a
//! table; media files are looked at before each copy elsewhere as well.
//! On an alarm the backup before stays for good, none of those until then is thinned, and copies
//! elsewhere wait, until somebody says that all is well. [`judge`] decides and is pure.

mod media;

use super::catalog;
use super::entry::{ALARM_PIN, Alarm, Damage, Entry};
use super::journal::{COLLECTION, MEDIA};
use crate::base::error::{Error, Result};
use crate::base::files;
use crate::base::ids::{CardId, NoteId};
use crate::base::job::Progress;
use crate::base::limits::is_too_much;
use crate::base::time::{Clock, TimestampMillis};
use crate::mark;
use crate::storage::Storage;
use crate::storage::inspect::open_watched;
use crate::storage::sample::Standing;
use crate::storage::snapshot::FrozenFile;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is known, in the backups folder.
const WATCH: &str = ".engram-watch.json";
/// Notes and cards that are looked at. A larger collection is estimated from so many.
const SAMPLE: u32 = 1000;
/// A larger share of notes, due dates or media files (percent) is too much: that at which a sync asks.
const MOST_PERCENT: u32 = 10;
/// At least so many note types, and more than half of them, have other templates.
const MOST_NOTETYPES: u64 = 5;

/// What an operation done here may do to much of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Explains {
    pub notes: bool,
    pub dues: bool,
    pub templates: bool,
    pub media: bool,
}

impl Explains {
    const NOTHING: Self = Self {
        notes: false,
        dues: false,
        templates: false,
        media: false,
    };
    pub const NOTES: Self = Self {
        notes: true,
        ..Self::NOTHING
    };
    pub const DUES: Self = Self {
        dues: true,
        ..Self::NOTHING
    };
    pub const TEMPLATES: Self = Self {
        templates: true,
        ..Self::NOTHING
    };
    pub const MEDIA: Self = Self {
        media: true,
        ..Self::NOTHING
    };
    /// All but media files.
    pub const COLLECTION: Self = Self {
        media: false,
        ..Self::ALL
    };
    pub const ALL: Self = Self {
        notes: true,
        dues: true,
        templates: true,
        media: true,
    };
}

/// A `col.mod` for each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Times {
    notes: Option<TimestampMillis>,
    dues: Option<TimestampMillis>,
    templates: Option<TimestampMillis>,
    /// The time does not matter: media files are in no collection.
    media: Option<TimestampMillis>,
}

/// When operations that explain a change were done since the newest backup: `col.mod` after the
/// first and the last of them. While a backup is being made others may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Explained {
    #[serde(flatten)]
    last: Times,
    /// None: as the last.
    first: Times,
}

impl Explained {
    /// With one more; false: it was known.
    fn add(&mut self, what: Explains, at: TimestampMillis) -> bool {
        let before = *self;
        let Self { first, last } = self;
        let kinds = [
            (what.notes, &mut first.notes, &mut last.notes),
            (what.dues, &mut first.dues, &mut last.dues),
            (what.templates, &mut first.templates, &mut last.templates),
            (what.media, &mut first.media, &mut last.media),
        ];
        for (_, first, last) in kinds.into_iter().filter(|(is_meant, ..)| *is_meant) {
            *first = Some(first.or(*last).map_or(at, |known| known.min(at)));
            *last = (*last).max(Some(at));
        }
        *self != before
    }

    /// What is in a collection of that `col.mod`, and what came after it.
    fn until(self, modified: TimestampMillis) -> (Explains, Self) {
        // There may be others between the first and the last.
        let next = TimestampMillis(modified.0.saturating_add(1));
        let split = |first: Option<TimestampMillis>, last: Option<TimestampMillis>| {
            let first = first.or(last);
            let last = last.filter(|at| *at > modified);
            let later = last.and(first).map(|at| at.max(next));
            (first.is_some_and(|at| at <= modified), later, last)
        };
        let (first, last) = (self.first, self.last);
        let notes = split(first.notes, last.notes);
        let dues = split(first.dues, last.dues);
        let templates = split(first.templates, last.templates);
        let now = Explains {
            notes: notes.0,
            dues: dues.0,
            templates: templates.0,
            media: first.media.or(last.media).is_some(),
        };
        let first = Times {
            notes: notes.1,
            dues: dues.1,
            templates: templates.1,
            media: None,
        };
        let last = Times {
            notes: notes.2,
            dues: dues.2,
            templates: templates.2,
            media: None,
        };
        (now, Self { last, first })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Due {
    card: CardId,
    due: i64,
    reps: i64,
}

/// What a backup holds, as far as the next one is compared with it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Picture {
    /// Its file.
    backup: String,
    at: TimestampMillis,
    notes: u64,
    due_cards: u64,
    sample: Vec<NoteId>,
    dues: Vec<Due>,
    /// By the id of the note type.
    templates: BTreeMap<i64, String>,
    #[serde(default)]
    media_files: u64,
    #[serde(default)]
    media: Vec<media::Seen>,
}

/// Of so many that were looked at, so many are hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Share {
    hit: u64,
    looked: u64,
}

impl Share {
    fn add(&mut self, is_hit: bool) {
        self.hit += u64::from(is_hit);
        self.looked += 1;
    }

    /// So many of `all`, if it is the same everywhere.
    fn of(self, all: u64) -> u64 {
        let hit = u128::from(self.hit) * u128::from(all);
        hit.checked_div(u128::from(self.looked))
            .and_then(|hit| u64::try_from(hit).ok())
            .unwrap_or(0)
    }
}

/// What became of a [`Picture`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Since {
    gone: Share,
    moved: Share,
    templates: Share,
    media: Share,
}

impl Since {
    fn look(
        before: &Picture,
        mut has_note: impl FnMut(NoteId) -> Result<bool>,
        mut standing: impl FnMut(CardId) -> Result<Option<Standing>>,
        templates: &BTreeMap<i64, String>,
    ) -> Result<Self> {
        let mut since = Self::default();
        for note in &before.sample {
            since.gone.add(!has_note(*note)?);
        }
        for was in &before.dues {
            // Cards that are gone are told by their notes.
            if let Some(now) = standing(was.card)? {
                let was_answered = now.reps > was.reps;
                let is_moved = !now.is_review || now.due != was.due;
                since.moved.add(is_moved && !was_answered);
            }
        }
        for (notetype, was) in &before.templates {
            if let Some(now) = templates.get(notetype) {
                since.templates.add(now != was);
            }
        }
        Ok(since)
    }
}

/// What has to be asked about.
fn judge(before: &Picture, since: &Since, explained: Explains) -> Vec<Damage> {
    let mut found = Vec::new();
    let (count, of) = (since.gone.of(before.notes), before.notes);
    if !explained.notes && is_too_much(count, of, MOST_PERCENT) {
        found.push(Damage::NotesGone { count, of });
    }
    let (count, of) = (since.moved.of(before.due_cards), before.due_cards);
    if !explained.dues && is_too_much(count, of, MOST_PERCENT) {
        found.push(Damage::DueDatesMoved { count, of });
    }
    let (count, of) = (since.templates.hit, since.templates.looked);
    if !explained.templates && count >= MOST_NOTETYPES && count * 2 > of {
        found.push(Damage::TemplatesChanged { count, of });
    }
    found.extend(judge_media(before, since.media, explained));
    found
}

fn judge_media(before: &Picture, changed: Share, explained: Explains) -> Option<Damage> {
    let (count, of) = (changed.of(before.media_files), before.media_files);
    let is_too_much = !explained.media && is_too_much(count, of, MOST_PERCENT);
    is_too_much.then_some(Damage::MediaChanged { count, of })
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Watch {
    /// Of the newest backup that was found good.
    good: Option<Picture>,
    /// While an alarm is not answered: of the newest backup.
    latest: Option<Picture>,
    alarm: Option<Alarm>,
    explained: Explained,
}

/// Held while what is known is changed: the worker and its jobs do so at the same time.
fn hold() -> MutexGuard<'static, ()> {
    static WATCHES: Mutex<()> = Mutex::new(());
    WATCHES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is known in a folder of backups; a file that cannot be read knows nothing.
fn load(folder: &Path) -> Watch {
    let text = std::fs::read(folder.join(WATCH)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

fn save(folder: &Path, watch: &Watch) -> Result<()> {
    files::write_json(&folder.join(WATCH), watch)
}

/// The alarm in a folder of backups that nobody has answered.
#[must_use]
pub fn alarm(folder: &Path) -> Option<Alarm> {
    let alarm = load(folder).alarm?;
    let good = alarm.good.map(|name| folder.join(name));
    Some(Alarm {
        good: good.filter(|file| file.is_file()),
        ..alarm
    })
}

/// A collection that is missing or empty although the last backup held notes is lost, not new: one
/// made in its place would look as if all were well. Nothing is known, and so nothing refused, in a
/// new profile and after another collection was put in place by the user's will.
pub fn refuse_lost(profile_dir: &Path) -> Result<()> {
    let live = profile_dir.join(COLLECTION);
    if Storage::schema_version(&live)?.is_some() {
        return Ok(());
    }
    let watch = load(&catalog::folder(profile_dir));
    match watch.latest.or(watch.good) {
        Some(last) if last.notes > 0 => Err(Error::corrupt(mark!(
            "the file is missing or empty, although the last backup of it holds notes"
        ))
        .at(&live)),
        _ => Ok(()),
    }
}

/// Looks at a collection of which `entry` was just made, and at the media files beside it. The backup
/// is there, whatever goes wrong.
pub(super) fn look(profile_dir: &Path, frozen: &FrozenFile, entry: &Entry, clock: &Clock) {
    if let Err(error) = compare(profile_dir, frozen, entry, clock) {
        tracing::warn!("what changed since the last backup is not known: {error}");
    }
}

fn compare(profile_dir: &Path, frozen: &FrozenFile, entry: &Entry, clock: &Clock) -> Result<()> {
    let folder = &catalog::folder(profile_dir);
    // An older one is brought to the present schema when it is opened, and then looked at.
    if frozen.schema() < 18 {
        return Ok(());
    }
    let storage = open_watched(frozen.path(), &Progress::new())?;
    let mut picture = picture(&storage, entry)?;
    let known = load(folder);
    let media = look_at_files(profile_dir, known.good.as_ref(), &mut picture);
    let _held = hold();
    let mut watch = load(folder);
    let (explained, mut later) = watch.explained.until(frozen.collection_mod());
    if watch.explained.last.media != known.explained.last.media {
        // The files may have been looked at before that was done.
        later.last.media = watch.explained.last.media;
    }
    // It is in this picture, and explains nothing of what comes after it.
    watch.explained = later;
    if watch.alarm.is_some() {
        watch.latest = Some(picture);
        return save(folder, &watch);
    }
    let found = match &watch.good {
        None => Vec::new(),
        Some(before) => {
            let has_note = |note| storage.has_note(note);
            let standing = |card| storage.standing(card);
            let mut since = Since::look(before, has_note, standing, &picture.templates)?;
            if known.good.as_ref() == Some(before) {
                since.media = media;
            }
            judge(before, &since, explained)
        }
    };
    if found.is_empty() {
        watch.good = Some(picture);
    } else {
        raise(folder, &mut watch, found, clock);
        watch.latest = Some(picture);
    }
    save(folder, &watch)
}

fn picture(storage: &Storage, entry: &Entry) -> Result<Picture> {
    let name = entry.path.file_name().unwrap_or_default();
    let dues = storage.sample_of_due_cards(SAMPLE)?;
    let dues = dues.into_iter().map(|s| Due {
        card: s.card,
        due: s.due,
        reps: s.reps,
    });
    let mut templates = BTreeMap::new();
    for notetype in storage.all_notetypes()? {
        let mut hash = blake3::Hasher::new();
        hash.update(notetype.config.css.as_bytes());
        for template in &notetype.templates {
            for text in [&template.config.q_format, &template.config.a_format] {
                hash.update(&[0]);
                hash.update(text.as_bytes());
            }
        }
        templates.insert(notetype.id.0, hash.finalize().to_hex().to_string());
    }
    Ok(Picture {
        backup: name.to_string_lossy().into_owned(),
        at: entry.created,
        notes: storage.counts()?.notes,
        due_cards: storage.count_due_cards()?,
        sample: storage.sample_of_notes(SAMPLE)?,
        dues: dues.collect(),
        templates,
        ..Picture::default()
    })
}

/// What became of the media files of the backup `before`; and as they are now they come into `picture`.
/// Where their folder cannot be read, nobody knows: what was known stays.
fn look_at_files(profile_dir: &Path, before: Option<&Picture>, picture: &mut Picture) -> Share {
    let folder = profile_dir.join(MEDIA);
    let known = before.map(|before| &*before.media).unwrap_or_default();
    match media::sample(&folder, known) {
        Ok((count, sample)) => {
            (picture.media_files, picture.media) = (count, sample);
            media::changed(&folder, known)
        }
        Err(error) => {
            tracing::warn!("whether media files changed is not known: {error}");
            picture.media_files = before.map_or(0, |before| before.media_files);
            picture.media = known.to_vec();
            Share::default()
        }
    }
}

/// Looks at the media files before they are copied elsewhere, since the last backup may be of long ago.
pub(super) fn look_at_media(profile_dir: &Path, clock: &Clock) -> Result<()> {
    let folder = &catalog::folder(profile_dir);
    let known = load(folder);
    let Some(good) = known.good.as_ref().filter(|_| known.alarm.is_none()) else {
        return Ok(());
    };
    let mut now = good.clone();
    let changed = look_at_files(profile_dir, Some(good), &mut now);
    let (explained, _) = known.explained.until(good.at);
    let Some(damage) = judge_media(good, changed, explained) else {
        return Ok(());
    };
    let _held = hold();
    let mut watch = load(folder);
    if watch != known {
        // Somebody looks or answers at this moment.
        return Ok(());
    }
    raise(folder, &mut watch, vec![damage], clock);
    watch.latest = Some(now);
    save(folder, &watch)
}

/// Pins the last good backup, and keeps that somebody has to be asked.
fn raise(folder: &Path, watch: &mut Watch, found: Vec<Damage>, clock: &Clock) {
    let good = watch.good.as_ref();
    let file = good.map(|good| folder.join(&good.backup));
    if let Some(file) = file.filter(|file| file.is_file()) {
        let record = catalog::record(&file);
        let is_pinned = matches!(record, Ok(Some(record)) if record.pinned.is_some());
        if !is_pinned && let Err(error) = catalog::pin(&file, ALARM_PIN, clock) {
            tracing::warn!("the last good backup could not be pinned: {error}");
        }
    }
    watch.alarm = Some(Alarm {
        at: clock.now(),
        // By its name: the folder may move.
        good: good.map(|good| (&good.backup).into()),
        good_at: good.map(|good| good.at),
        found,
    });
}

/// Asks when too many of `of` media files have other bytes though nobody wrote them; true: it does.
pub fn media_changed(folder: &Path, count: u64, of: u64, clock: &Clock) -> Result<bool> {
    if !is_too_much(count, of, MOST_PERCENT) || !folder.is_dir() {
        return Ok(false);
    }
    let _held = hold();
    let mut watch = load(folder);
    let damage = Damage::MediaChanged { count, of };
    match &mut watch.alarm {
        Some(alarm) => {
            let is_media = |known: &Damage| matches!(known, Damage::MediaChanged { .. });
            alarm.found.retain(|known| !is_media(known));
            alarm.found.push(damage);
        }
        None => raise(folder, &mut watch, vec![damage], clock),
    }
    save(folder, &watch).map(|()| true)
}

/// Notes that an operation was done here on purpose: what it `explains` is expected in the next
/// backup. `modified` is `col.mod` after it. A note that cannot be written costs a question.
pub fn explain(folder: &Path, explains: Explains, modified: TimestampMillis) {
    // Also while the first backup is being made.
    if explains == Explains::default() || !folder.is_dir() {
        return;
    }
    let _held = hold();
    let mut watch = load(folder);
    if watch.explained.add(explains, modified)
        && let Err(error) = save(folder, &watch)
    {
        tracing::warn!("what was done could not be noted: {error}");
    }
}

/// "That was me": what there is now is what the next backup is compared with. False: nothing was
/// asked.
pub fn accept(folder: &Path) -> Result<bool> {
    let _held = hold();
    let mut watch = load(folder);
    if watch.alarm.take().is_none() {
        return Ok(false);
    }
    watch.good = watch.latest.take().or(watch.good);
    save(folder, &watch).map(|()| true)
}

/// Another collection is in place, by the user's will: the next backup is the first.
pub(super) fn forget(folder: &Path) {
    let _held = hold();
    let path = folder.join(WATCH);
    if let Err(error) = std::fs::remove_file(&path)
        && path.exists()
    {
        tracing::warn!("what was known of the former collection stays: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{Rng as _, SeedableRng as _};

    /// A collection in numbers: notes, each with a card.
    struct Desk {
        cards: BTreeMap<i64, Standing>,
        templates: BTreeMap<i64, String>,
        next: i64,
    }

    impl Desk {
        fn with(notes: i64) -> Self {
            let mut desk = Self {
                cards: BTreeMap::new(),
                templates: (0..8).map(|id| (id, "old".to_owned())).collect(),
                next: 1,
            };
            desk.add(notes);
            for card in desk.cards.values_mut() {
                card.is_review = true;
                card.due = card.card.0 % 300;
            }
            desk
        }

        fn add(&mut self, notes: i64) {
            for _ in 0..notes {
                let card = Standing {
                    card: CardId(self.next),
                    due: 0,
                    reps: 0,
                    is_review: false,
                };
                self.cards.insert(self.next, card);
                self.next += 1;
            }
        }

        fn answer(&mut self, card: i64, today: i64, random: &mut StdRng) {
            if let Some(card) = self.cards.get_mut(&card) {
                card.reps += 1;
                // A lapse takes the day away until it is learned again.
                card.is_review = random.random_range(0..10) > 0;
                card.due = today + random.random_range(1..200);
            }
        }

        fn picture(&self) -> Picture {
            let due = self.cards.values().filter(|card| card.is_review);
            let dues: Vec<Due> = due
                .map(|s| Due {
                    card: s.card,
                    due: s.due,
                    reps: s.reps,
                })
                .collect();
            let spread = |id: i64| id % 1_000_003 * 618_034 % 1_000_003;
            let mut ids: Vec<i64> = self.cards.keys().copied().collect();
            let notes = ids.len() as u64;
            ids.sort_by_key(|id| spread(*id));
            ids.truncate(SAMPLE as usize);
            let due_cards = dues.len() as u64;
            let mut sample = dues;
            sample.sort_by_key(|due| spread(due.card.0));
            sample.truncate(SAMPLE as usize);
            Picture {
                notes,
                due_cards,
                sample: ids.into_iter().map(NoteId).collect(),
                dues: sample,
                templates: self.templates.clone(),
                ..Picture::default()
            }
        }

        fn found_since(&self, before: &Picture, explained: Explains) -> Vec<Damage> {
            let has_note = |note: NoteId| Ok(self.cards.contains_key(&note.0));
            let standing = |card: CardId| Ok(self.cards.get(&card.0).copied());
            let since = Since::look(before, has_note, standing, &self.templates).unwrap();
            judge(before, &since, explained)
        }
    }

    #[test]
    fn notes_that_vanish_are_found_and_a_few_are_not() {
        let mut desk = Desk::with(500);
        let before = desk.picture();
        desk.cards.retain(|id, _| *id > 50);
        assert_eq!(desk.found_since(&before, Explains::default()), []);
        desk.cards.retain(|id, _| *id > 51);
        let gone = [Damage::NotesGone { count: 51, of: 500 }];
        assert_eq!(desk.found_since(&before, Explains::default()), gone);
        assert_eq!(desk.found_since(&before, Explains::DUES), gone);
        assert_eq!(desk.found_since(&before, Explains::NOTES), []);
        // Others in their place do not hide it.
        desk.add(51);
        assert_eq!(desk.found_since(&before, Explains::default()), gone);
        let mut few = Desk::with(20);
        let before = few.picture();
        few.cards.clear();
        assert_eq!(few.found_since(&before, Explains::default()), []);
    }

    #[test]
    fn due_dates_that_move_without_an_answer_are_found() {
        let mut desk = Desk::with(5000);
        let before = desk.picture();
        for card in desk.cards.values_mut().filter(|card| card.card.0 % 2 == 0) {
            card.due += 30;
        }
        let found = desk.found_since(&before, Explains::default());
        let [Damage::DueDatesMoved { count, of: 5000 }] = found[..] else {
            panic!("{found:?}");
        };
        assert!((2200..2800).contains(&count), "{count}");
        assert_eq!(desk.found_since(&before, Explains::DUES), []);
        // Forgotten ones as well; answered ones not.
        let mut desk = Desk::with(500);
        let before = desk.picture();
        desk.cards.values_mut().for_each(|c| c.is_review = false);
        assert_eq!(desk.found_since(&before, Explains::default()).len(), 1);
        desk.cards.values_mut().for_each(|c| c.reps += 1);
        assert_eq!(desk.found_since(&before, Explains::default()), []);
    }

    #[test]
    fn templates_of_most_note_types_are_found_and_of_some_are_not() {
        let mut desk = Desk::with(10);
        let before = desk.picture();
        for id in 0..4 {
            desk.templates.insert(id, "new".to_owned());
        }
        assert_eq!(desk.found_since(&before, Explains::default()), []);
        desk.templates.insert(4, "new".to_owned());
        let changed = [Damage::TemplatesChanged { count: 5, of: 8 }];
        assert_eq!(desk.found_since(&before, Explains::default()), changed);
        assert_eq!(desk.found_since(&before, Explains::TEMPLATES), []);
    }

    /// Study every day, here and elsewhere, notes added, mended and now and then deleted, decks
    /// shared and taken away again, a reschedule: nobody is asked.
    #[test]
    fn a_year_of_ordinary_use_asks_nothing() {
        for seed in 0..3 {
            let mut random = StdRng::seed_from_u64(seed);
            let mut desk = Desk::with(300 + 1500 * seed.cast_signed());
            let mut before = desk.picture();
            for today in 0..365 {
                for _ in 0..random.random_range(1..3) {
                    let due = desk
                        .cards
                        .values()
                        .filter(|c| !c.is_review || c.due <= today);
                    let due: Vec<i64> = due.map(|c| c.card.0).take(200).collect();
                    for card in due {
                        desk.answer(card, today, &mut random);
                    }
                    desk.add(random.random_range(0..20));
                    let mut explained = Explains::default();
                    if random.random_range(0..4) == 0 {
                        // From a sync, without a word here.
                        let first = *desk.cards.keys().next().unwrap();
                        let few = random.random_range(0..10);
                        desk.cards.retain(|id, _| *id >= first + few);
                        desk.templates.insert(today % 8, format!("of {today}"));
                    }
                    match random.random_range(0..60) {
                        0 => desk.add(300),
                        1 => {
                            let half = desk.next / 2;
                            desk.cards.retain(|id, _| *id < half || *id % 2 == 0);
                            explained.notes = true;
                        }
                        2 => {
                            desk.cards.values_mut().for_each(|card| card.due += 3);
                            explained.dues = true;
                        }
                        _ => {}
                    }
                    let found = desk.found_since(&before, explained);
                    assert_eq!(found, [], "seed {seed}, day {today}");
                    before = desk.picture();
                }
            }
        }
    }

    #[test]
    fn what_was_done_is_expected_once() {
        let at = TimestampMillis;
        let mut known = Explained::default();
        assert!(known.add(Explains::NOTES, at(5)));
        assert!(!known.add(Explains::NOTES, at(5)));
        assert!(known.add(Explains::DUES, at(9)));
        let (now, later) = known.until(at(6));
        assert_eq!(now, Explains::NOTES);
        assert_eq!(later.until(at(9)), (Explains::DUES, Explained::default()));
    }

    #[test]
    fn what_is_done_later_takes_no_reason_away_and_none_is_there_for_ever() {
        let at = TimestampMillis;
        let mut known = Explained::default();
        assert!(known.add(Explains::NOTES, at(5)));
        assert!(known.add(Explains::NOTES, at(20)));
        let (now, later) = known.until(at(6));
        assert_eq!(now, Explains::NOTES);
        // The one of 20, and any that may have been done before it.
        assert_eq!(later.until(at(6)).0, Explains::default());
        let none = (Explains::NOTES, Explained::default());
        assert_eq!(later.until(at(20)), none);
        // As it was kept before there was a first one.
        let kept: Explained = serde_json::from_str(r#"{"notes":5,"dues":null}"#).unwrap();
        assert_eq!(kept.until(at(6)), none);
        let again = serde_json::to_string(&known).unwrap();
        assert_eq!(serde_json::from_str::<Explained>(&again).unwrap(), known);
    }
}
