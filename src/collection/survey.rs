//! What Check Database reads before it writes: every card, note and review of the frozen file once,
//! by two threads that have half of each. Says which parts are sound; what is not is found and
//! mended by `repair`, in Anki's order.

use crate::base::ids::{NoteId, NotetypeId};
use crate::base::job::Progress;
use crate::base::time::TimestampSecs;
use crate::base::{Error, Result};
use crate::domain::note_fields::{clean_field, field_checksum, normal_tags, sort_field_of};
use crate::domain::notetype::Notetype;
use crate::storage::{
    Counts, EVERYTHING, LastAnswers, RawNote, Storage, inspect, join_tags, split_tags,
};
use crate::t;
use crate::template::cards::generated_ords;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use unicase::UniCase;

/// What is known to be sound. By default nothing is.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// All numbers of the cards.
    pub(super) cards_sound: bool,
    /// Each card has the time of its last answer.
    pub(super) last_reviews_sound: bool,
    /// All notes, their note types and which cards there are of them; the tags in use.
    pub(super) notes_sound: Option<Vec<String>>,
    /// All rows of the log.
    pub(super) reviews_sound: bool,
}

/// Note, ordinal and id of a card.
type Ordinal = (NoteId, u16, i64);

/// Reads the collection at `path`, which nobody writes to meanwhile.
pub(super) fn survey(path: &Path, counts: Counts, progress: &Progress) -> Result<Survey> {
    let storage = inspect::open_watched(path, progress)?;
    let notetypes: HashMap<_, _> = storage
        .readable_notetypes()?
        .into_iter()
        .map(|notetype| (notetype.id, Arc::new(notetype)))
        .collect();
    let all_whole = storage.unreadable_notetypes()?.is_empty()
        && !notetypes.values().any(|notetype| is_incomplete(notetype));
    progress.stage(t!("Checking notes"), counts.notes)?;
    let note = storage.middle_id("notes")?;
    let review = storage.middle_id("revlog")?;
    let (first, end) = EVERYTHING;
    let lower = Half {
        notes: (first, note - 1),
        reviews: (first, review - 1),
    };
    let upper = Half {
        notes: (note, end),
        reviews: (review, end),
    };
    let (lower, upper) = thread::scope(|scope| {
        let lower = thread::Builder::new()
            .name("check-lower-half".into())
            .spawn_scoped(scope, || {
                let storage = inspect::open_watched(path, progress)?;
                lower.read(&storage, &notetypes, progress)
            })?;
        let upper = upper.read(&storage, &notetypes, progress);
        let lower = lower
            .join()
            .map_err(|_| Error::bug("reading the notes ended unexpectedly"))?;
        Ok::<_, Error>((lower?, upper?))
    })?;
    let mut survey = lower.and(upper, counts);
    // One without notes is found by no note.
    survey.notes_sound = survey.notes_sound.filter(|_| all_whole);
    Ok(survey)
}

/// Whether it has no fields or no card types, so that no note can be made or shown with it.
pub(super) fn is_incomplete(notetype: &Notetype) -> bool {
    notetype.fields.is_empty() || notetype.templates.is_empty()
}

/// Ids of notes (with their cards) and of reviews, from and to.
struct Half {
    notes: (i64, i64),
    reviews: (i64, i64),
}

/// What was read of a half.
struct Part {
    cards: u64,
    cards_sound: bool,
    reviews_sound: bool,
    notes_sound: bool,
    tags: HashSet<String>,
    /// Of cards that are not new.
    last_reviews: Vec<(i64, Option<TimestampSecs>)>,
    last_answers: LastAnswers,
}

impl Half {
    fn read(
        &self,
        storage: &Storage,
        notetypes: &HashMap<NotetypeId, Arc<Notetype>>,
        progress: &Progress,
    ) -> Result<Part> {
        let (last_answers, reviews_off) = storage.survey_reviews(self.reviews, progress)?;
        let mut cards_sound = true;
        let mut ordinals: Vec<Ordinal> = Vec::new();
        let mut last_reviews = Vec::new();
        storage.survey_cards(self.notes, |card| {
            cards_sound &= !card.needs_repair;
            ordinals.push((card.note, card.ord, card.id));
            if !card.is_new {
                last_reviews.push((card.id, card.last_review));
            }
        })?;
        ordinals.sort_unstable();
        let notes = read_notes(storage, self.notes, &ordinals, notetypes, progress)?;
        Ok(Part {
            cards: ordinals.len() as u64,
            cards_sound,
            reviews_sound: !reviews_off,
            notes_sound: notes.mendings.is_empty() && !notes.impossible_cards,
            tags: notes.tags,
            last_reviews,
            last_answers,
        })
    }
}

impl Part {
    /// `upper` has the later reviews.
    fn and(mut self, upper: Self, counts: Counts) -> Survey {
        self.last_answers.extend(upper.last_answers);
        self.tags.extend(upper.tags);
        let right = |(card, time): &(i64, Option<TimestampSecs>)| {
            *time == self.last_answers.right(*card, *time)
        };
        let last_reviews_sound =
            self.last_reviews.iter().all(right) && upper.last_reviews.iter().all(right);
        if self.cards + upper.cards != counts.cards {
            // Some name their note by what is no number.
            return Survey::default();
        }
        let unified = !are_spelled_differently(&self.tags);
        Survey {
            cards_sound: self.cards_sound && upper.cards_sound,
            last_reviews_sound,
            notes_sound: (self.notes_sound && upper.notes_sound && unified)
                .then(|| sorted_tags(self.tags)),
            reviews_sound: self.reviews_sound && upper.reviews_sound,
        }
    }
}

/// What has to be done to one note, decided while all are read.
pub(super) struct Mending {
    pub(super) raw: RawNote,
    pub(super) notetype: Arc<Notetype>,
    pub(super) rewrite: bool,
    pub(super) cards: bool,
}

/// What was found in some notes.
pub(super) struct ReadNotes {
    /// Those that need something.
    pub(super) mendings: Vec<Mending>,
    /// All in use.
    pub(super) tags: HashSet<String>,
    /// There are cards without note, note type or template, or two of one template.
    pub(super) impossible_cards: bool,
}

/// Looks at every note of `ids` once, with the `ordinals` of their cards in order.
pub(super) fn read_notes(
    storage: &Storage,
    ids: (i64, i64),
    ordinals: &[Ordinal],
    notetypes: &HashMap<NotetypeId, Arc<Notetype>>,
    progress: &Progress,
) -> Result<ReadNotes> {
    let mut read = ReadNotes {
        mendings: Vec::new(),
        tags: HashSet::new(),
        impossible_cards: false,
    };
    let mut next_card = 0;
    let mut seen = 0_u64;
    let nfc = storage.composes_texts()?;
    storage.for_each_raw_note_of(ids, |raw| {
        seen += 1;
        if seen.is_multiple_of(256) {
            progress.step(256)?;
        }
        while ordinals.get(next_card).is_some_and(|card| card.0 < raw.id) {
            read.impossible_cards = true;
            next_card += 1;
        }
        let count = ordinals[next_card..]
            .iter()
            .take_while(|card| card.0 == raw.id)
            .count();
        let present = &ordinals[next_card..next_card + count];
        next_card += count;
        let Some(notetype) = notetypes.get(&raw.notetype_id) else {
            // It is damaged or missing; the note's tags are in use all the same.
            read.impossible_cards = true;
            read.tags.extend(tags_of(&raw));
            return Ok(());
        };
        read.impossible_cards |= has_impossible_card(notetype, present);
        let (mut rewrite, mut cards) = (true, true);
        if let (Ok(fields), Ok(note_tags), Ok(_)) = (
            std::str::from_utf8(&raw.fields),
            std::str::from_utf8(&raw.tags),
            std::str::from_utf8(&raw.guid),
        ) {
            let fields: Vec<String> = fields.split('\x1f').map(str::to_owned).collect();
            rewrite = note_is_off(notetype, &fields, note_tags, &raw, &mut read.tags)
                || raw.is_binary
                || fields.iter().any(|f| is_unclean(f, nfc));
            cards = rewrite || lacks_cards(notetype, &fields, !note_tags.is_empty(), present);
        } else {
            read.tags.extend(tags_of(&raw));
        }
        if rewrite || cards {
            read.mendings.push(Mending {
                raw,
                notetype: Arc::clone(notetype),
                rewrite,
                cards,
            });
        }
        Ok(())
    })?;
    read.impossible_cards |= next_card < ordinals.len();
    Ok(read)
}

/// In their normal form.
fn tags_of(raw: &RawNote) -> Vec<String> {
    normal_tags(&[String::from_utf8_lossy(&raw.tags)])
}

/// As the list of tags has them.
pub(super) fn sorted_tags(tags: HashSet<String>) -> Vec<String> {
    let mut tags: Vec<String> = tags.into_iter().collect();
    tags.sort();
    normal_tags(&tags)
}

/// Whether a tag, or what another says of a tag above it, is there in two spellings.
pub(super) fn are_spelled_differently(tags: &HashSet<String>) -> bool {
    let mut known: HashMap<UniCase<&str>, &str> = HashMap::with_capacity(tags.len());
    let twice = tags.iter().any(|tag| {
        let before = known.insert(UniCase::new(tag), tag);
        before.is_some()
    });
    // What is above a tag that was looked at was looked at as well.
    let mut seen: HashSet<&str> = HashSet::new();
    twice
        || tags.iter().any(|tag| {
            tag.rmatch_indices("::")
                .map(|(end, _)| &tag[..end])
                .take_while(|above| seen.insert(*above))
                .any(|above| known.get(&UniCase::new(above)).is_some_and(|k| *k != above))
        })
}

/// Whether the note type has no template for one of the cards, or two are of one.
fn has_impossible_card(notetype: &Notetype, present: &[Ordinal]) -> bool {
    let templates = if notetype.is_cloze() {
        usize::MAX
    } else {
        notetype.templates.len()
    };
    present.windows(2).any(|pair| pair[0].1 == pair[1].1)
        || present.iter().any(|card| usize::from(card.1) >= templates)
}

/// Whether the note's content makes a card that is not there.
fn lacks_cards(
    notetype: &Notetype,
    fields: &[String],
    has_tags: bool,
    present: &[Ordinal],
) -> bool {
    if present.is_empty() {
        return true;
    }
    // A normal note with a card for each template can lack none.
    if !notetype.is_cloze() && present.len() >= notetype.templates.len() {
        return false;
    }
    generated_ords(notetype, fields, has_tags)
        .iter()
        .any(|ord| present.iter().all(|card| card.1 != *ord))
}

/// Whether a field would be stored otherwise now.
fn is_unclean(field: &str, nfc: bool) -> bool {
    matches!(clean_field(field, nfc), Cow::Owned(_))
}

/// Whether anything stored differs from what it should be; gathers the tags.
fn note_is_off(
    notetype: &Notetype,
    fields: &[String],
    note_tags: &str,
    raw: &RawNote,
    tags: &mut HashSet<String>,
) -> bool {
    let listed: Vec<&str> = split_tags(note_tags).collect();
    let mut off = false;
    let seen = |tag: &&str| tags.contains(*tag);
    if listed.iter().all(seen) && listed.is_sorted_by(|a, b| UniCase::new(a) < UniCase::new(b)) {
        // All of them are in their normal form: `tags` has no others.
        let length: usize = listed.iter().map(|tag| tag.len() + 1).sum();
        off = !note_tags.is_empty() && note_tags.len() != length + 1;
    } else if !listed.is_empty() {
        let normal = normal_tags(&listed);
        off = note_tags != join_tags(&normal);
        for tag in normal {
            if !tags.contains(&tag) {
                tags.insert(tag);
            }
        }
    } else if !note_tags.is_empty() {
        off = true;
    }
    off || fields.len() != notetype.fields.len()
        || raw.sort_field != sort_field_of(notetype, fields).as_bytes()
        || raw.checksum != i64::from(field_checksum(fields.first().map_or("", String::as_str)))
}
