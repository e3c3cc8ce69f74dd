//! Facts to notes, cards and reviews.

use super::types::{self, Shape};
use crate::base::Result;
use crate::base::ids::{CardId, DeckId, NoteId, RevlogId, Usn};
use crate::base::time::{DAY_SECS, TimestampSecs};
use crate::domain::card::{Card, CardQueue, CardType};
use crate::domain::media_refs::rename_media;
use crate::domain::mnemosyne::{Fact, FactCard, FactType, Mnemosyne, Repetition};
use crate::domain::note::Note;
use crate::domain::note_fields::normal_tags;
use crate::domain::notetype::Notetype;
use crate::domain::revlog::{RevlogEntry, RevlogKind};
use crate::media::folder::MediaFile;
use crate::media::names;
use crate::template::cards::generated_ords;
use regex::{Captures, Regex};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Component, Path};
use std::sync::{Arc, LazyLock};

/// Ease × 1000, as the scheduler bounds it.
const LEAST_EASE: f64 = 1300.0;
/// An answer that took longer was left lying.
const LONGEST_ANSWER: i64 = 60;

/// What there is to write.
#[derive(Debug, Default)]
pub(super) struct Converted {
    pub(super) notetypes: Vec<Notetype>,
    pub(super) notes: Vec<Note>,
    pub(super) cards: Vec<Card>,
    pub(super) reviews: Vec<RevlogEntry>,
    /// By their names in the package.
    pub(super) media: Vec<MediaFile>,
}

/// How days are counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Days {
    /// Today's number.
    pub(super) day_number: u32,
    pub(super) now: TimestampSecs,
    /// Seconds by which a local day begins after the same one in UTC.
    pub(super) shift: i64,
}

impl Days {
    /// The date of a moment, in days since 1970.
    fn date(self, at: TimestampSecs) -> i64 {
        at.0.saturating_sub(self.shift).div_euclid(DAY_SECS)
    }

    /// The number of the day that Mnemosyne writes as midnight UTC.
    fn due(self, midnight: TimestampSecs) -> i32 {
        let ahead = midnight.0.div_euclid(DAY_SECS) - self.date(self.now);
        let due = (i64::from(self.day_number) + ahead).max(0);
        i32::try_from(due).unwrap_or(i32::MAX)
    }

    /// Whole days from a moment to the day of a `midnight`.
    fn between(self, at: TimestampSecs, midnight: TimestampSecs) -> i64 {
        midnight.0.div_euclid(DAY_SECS) - self.date(at)
    }
}

pub(super) fn convert(
    read: &Mnemosyne,
    deck: DeckId,
    days: Days,
    media_folder: &Path,
) -> Result<Converted> {
    let mut this = Conversion {
        card_types: &read.card_types,
        deck,
        days,
        out: Converted::default(),
        shapes: HashMap::new(),
        ids: HashSet::new(),
        next_ids: HashMap::new(),
        guids: HashMap::new(),
        cards: HashMap::new(),
        media: Media {
            folder: media_folder,
            found: BTreeMap::new(),
            names: HashSet::new(),
        },
    };
    for fact in &read.facts {
        this.add_fact(fact)?;
    }
    this.add_reviews(&read.repetitions);
    this.out.media = this.media.found.into_values().flatten().collect();
    Ok(this.out)
}

struct Conversion<'a> {
    card_types: &'a [FactType],
    deck: DeckId,
    days: Days,
    out: Converted,
    /// By card type, and whether for gaps; a type without a description of its own also by the
    /// keys of the fact.
    shapes: HashMap<(String, bool, Vec<String>), Arc<Shape>>,
    /// Of notes and of cards.
    ids: HashSet<i64>,
    /// Where to look for the next free id after this one: thousands may be of one second.
    next_ids: HashMap<i64, i64>,
    /// How many notes have this guid, or this one with a number.
    guids: HashMap<String, u32>,
    /// Ids in Mnemosyne and here.
    cards: HashMap<&'a str, CardId>,
    media: Media<'a>,
}

impl<'a> Conversion<'a> {
    fn add_fact(&mut self, fact: &'a Fact) -> Result<()> {
        if fact.values.is_empty() {
            return Ok(());
        }
        // One type each, except in damaged databases; a sentence's cards are of two kinds.
        let mut groups: BTreeMap<(&str, bool), Vec<&'a FactCard>> = BTreeMap::new();
        for card in &fact.cards {
            let gaps = types::asks_for_gaps(&card.card_type, card.gap.is_some());
            groups
                .entry((&card.card_type, gaps))
                .or_default()
                .push(card);
        }
        groups
            .into_iter()
            .try_for_each(|((card_type, gaps), cards)| self.add_note(fact, card_type, gaps, &cards))
    }

    fn add_note(
        &mut self,
        fact: &Fact,
        card_type: &str,
        gaps: bool,
        cards: &[&'a FactCard],
    ) -> Result<()> {
        let shape = self.shape(fact, card_type, gaps)?;
        let created = cards.iter().map(|card| card.created).min();
        let modified = cards.iter().map(|card| card.modified).max();
        let tags: Vec<String> = cards
            .iter()
            .flat_map(|card| &card.tags)
            .map(|tag| tag.split_whitespace().collect::<Vec<_>>().join("_"))
            .collect();
        let mut note = Note {
            id: NoteId(self.free_id(created.unwrap_or_default())),
            guid: self.free_guid(&fact.id),
            notetype_id: shape.notetype.id,
            mtime: self.past(modified.unwrap_or_default()),
            usn: Usn::PENDING,
            tags: normal_tags(&tags),
            fields: self.fields(fact, &shape, types::has_gaps(card_type)),
            ..Note::default()
        };
        note.prepare(&shape.notetype, true);
        let mut taken = HashSet::new();
        for (number, card) in cards.iter().enumerate() {
            let ord = ordinal(&shape, card, number, cards);
            if taken.insert(ord) {
                let card = self.card(card, note.id, ord);
                self.out.cards.push(card);
            }
        }
        // As in Anki, the others of the note are there as new ones.
        if !shape.has_gaps() {
            for ord in generated_ords(&shape.notetype, &note.fields, !note.tags.is_empty()) {
                if taken.insert(ord) {
                    let card = self.new_card(note.id, ord, note.mtime);
                    self.out.cards.push(card);
                }
            }
        }
        self.out.notes.push(note);
        Ok(())
    }

    fn new_card(&mut self, note: NoteId, ord: u16, created: TimestampSecs) -> Card {
        Card {
            id: CardId(self.free_id(created)),
            note_id: note,
            deck_id: self.deck,
            template_idx: ord,
            mtime: self.past(created),
            usn: Usn::PENDING,
            due: i32::try_from(self.out.cards.len() + 1).unwrap_or(i32::MAX),
            ..Card::default()
        }
    }

    fn shape(&mut self, fact: &Fact, card_type: &str, gaps: bool) -> Result<Arc<Shape>> {
        let keys = fact.values.iter().map(|(key, _)| key.clone()).collect();
        let asked = (card_type.to_owned(), gaps, keys);
        if let Some(shape) = self.shapes.get(&asked) {
            return Ok(Arc::clone(shape));
        }
        let shape = Arc::new(types::shape_of(card_type, gaps, fact, self.card_types)?);
        let known = self.out.notetypes.iter().any(|n| n.id == shape.notetype.id);
        if !known {
            self.out.notetypes.push(shape.notetype.clone());
        }
        self.shapes.insert(asked, Arc::clone(&shape));
        Ok(shape)
    }

    fn card(&mut self, from: &'a FactCard, note: NoteId, ord: u16) -> Card {
        let mut card = self.new_card(note, ord, from.created);
        card.mtime = self.past(from.modified);
        self.cards.insert(&from.id, card.id);
        let answers = from.learning_answers.saturating_add(from.review_answers);
        if answers <= 0 {
            return card;
        }
        let days = self
            .days
            .between(from.last_repetition, from.next_repetition);
        card.ctype = CardType::Review;
        card.queue = CardQueue::Review;
        card.due = self.days.due(from.next_repetition);
        card.interval = u32::try_from(days).unwrap_or(0).clamp(1, 36_500);
        card.ease_factor = ease(from.easiness);
        card.last_review = Some(self.past(from.last_repetition));
        card.reps = u32::try_from(answers).unwrap_or(u32::MAX);
        card.lapses = u32::try_from(from.lapses).unwrap_or(0);
        card
    }

    /// Not later than now.
    fn past(&self, at: TimestampSecs) -> TimestampSecs {
        at.min(self.days.now)
    }

    /// An id from the moment of making, or from now where that is not known; the next one that is
    /// free.
    fn free_id(&mut self, created: TimestampSecs) -> i64 {
        let first = match self.past(created).millis().0 {
            known @ 1.. => known,
            _ => self.days.now.millis().0,
        };
        let mut id = self.next_ids.get(&first).copied().unwrap_or(first);
        while !self.ids.insert(id) {
            id += 1;
        }
        self.next_ids.insert(first, id + 1);
        id
    }

    /// The fact's own; another one for a second note of it.
    fn free_guid(&mut self, fact: &str) -> String {
        let guid = format!("mnemosyne-{fact}");
        let notes = self.guids.entry(guid.clone()).or_default();
        *notes += 1;
        match *notes {
            1 => guid,
            number => format!("{guid}+{number}"),
        }
    }

    /// With gaps, those of the first field: as cloze deletions, or filled.
    fn fields(&mut self, fact: &Fact, shape: &Shape, gaps: bool) -> Vec<String> {
        let mut fields = Vec::with_capacity(shape.keys.len());
        for key in &shape.keys {
            let text = fact.value(key);
            let text = match gaps && fields.is_empty() {
                true if shape.has_gaps() => html(&with_gaps(text, |number, hidden, hint| {
                    // Two closing braces end a cloze deletion.
                    let hidden = hidden.replace("}}", "} }");
                    let hint = hint.map(|hint| format!("::{}", hint.replace("}}", "} }")));
                    format!("{{{{c{number}::{hidden}{}}}}}", hint.unwrap_or_default())
                })),
                true => html(&with_gaps(text, |_, hidden, _| hidden.to_owned())),
                false => html(text),
            };
            fields.push(rename_media(&text, |name| self.media.take(name)).into_owned());
        }
        fields
    }

    fn add_reviews(&mut self, repetitions: &[Repetition]) {
        let mut last = 0;
        for repetition in repetitions {
            let Some(&card) = self.cards.get(repetition.card.as_str()) else {
                continue;
            };
            if repetition.at.0 <= 0 || repetition.at > self.days.now {
                continue;
            }
            // They come by time.
            last = repetition.at.millis().0.max(last + 1);
            self.out.reviews.push(RevlogEntry {
                id: RevlogId(last),
                card_id: card,
                usn: Usn::PENDING,
                button: match repetition.grade {
                    ..=1 => 1,
                    2 | 3 => 2,
                    4 => 3,
                    5.. => 4,
                },
                interval: self.interval_after(repetition),
                last_interval: logged(repetition.planned),
                ease_factor: u32::from(ease(repetition.easiness)),
                taken_millis: (repetition.taken.clamp(0, LONGEST_ANSWER) * 1000) as u32,
                kind: kind_of(repetition),
            });
        }
    }

    /// As the log has it: days, or negative seconds.
    fn interval_after(&self, repetition: &Repetition) -> i32 {
        let days = self.days.between(repetition.at, repetition.next_repetition);
        if days >= 1 {
            i32::try_from(days).unwrap_or(i32::MAX)
        } else {
            0
        }
    }
}

/// The log counts answers since the last lapse; the one that forgot is the first of them.
fn kind_of(repetition: &Repetition) -> RevlogKind {
    let forgot = repetition.grade <= 1 && repetition.learning_since_lapse <= 1;
    if repetition.reviews_since_lapse > 0 || (repetition.lapses > 0 && forgot) {
        RevlogKind::Review
    } else if repetition.lapses > 0 {
        RevlogKind::Relearning
    } else {
        RevlogKind::Learning
    }
}

/// Seconds as the review log writes them.
fn logged(secs: i64) -> i32 {
    let value = if secs >= DAY_SECS {
        secs / DAY_SECS
    } else {
        -secs.max(0)
    };
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn ease(easiness: f64) -> u16 {
    // NaN becomes the bound.
    (easiness * 1000.0)
        .round()
        .max(LEAST_EASE)
        .min(f64::from(u16::MAX)) as u16
}

/// The gap it asks for; else the place of its view among the type's, of which a clone's have names
/// of their own and the same numbers; else that among the views of the fact's cards.
fn ordinal(shape: &Shape, card: &FactCard, number: usize, cards: &[&FactCard]) -> u16 {
    fn number_of(view: &str) -> Option<&str> {
        view.rsplit_once('.').map(|(_, number)| number)
    }
    if shape.has_gaps() {
        return card
            .gap
            .unwrap_or(u16::try_from(number).unwrap_or(u16::MAX));
    }
    let mut views = shape.views.iter();
    let place = views
        .position(|view| *view == card.view)
        .or_else(|| {
            let mut views = shape.views.iter();
            views.position(|view| number_of(view) == number_of(&card.view))
        })
        .unwrap_or_else(|| {
            let views = cards.iter().map(|other| other.view.as_str());
            let earlier: HashSet<&str> = views.filter(|view| *view < card.view.as_str()).collect();
            earlier.len().min(shape.views.len().saturating_sub(1))
        });
    u16::try_from(place).unwrap_or(u16::MAX)
}

/// A text of Mnemosyne's as HTML of ours: line breaks, sounds and formulas.
fn html(text: &str) -> String {
    static SOUND: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?is)<(?:audio|video)\s[^>]*?\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)')[^>]*>(?:\s*</(?:audio|video)>)?"#,
        )
        .expect("a constant pattern")
    });
    static FORMULA: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)<(/?)(latex|\$\$|\$)>").expect("a constant pattern"));
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = SOUND.replace_all(&text, |found: &Captures<'_>| {
        let name = found.get(1).or_else(|| found.get(2));
        format!("[sound:{}]", name.map_or("", |name| name.as_str()))
    });
    let text = FORMULA.replace_all(&text, |found: &Captures<'_>| {
        format!("[{}{}]", &found[1], found[2].to_lowercase())
    });
    text.replace('\n', "<br>")
}

/// `write` puts something in the place of each `[hidden:hint]`, which are numbered from 1.
fn with_gaps(text: &str, write: impl Fn(usize, &str, Option<&str>) -> String) -> String {
    static GAP: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?s)\[(.+?)\]").expect("a constant pattern"));
    let mut number = 0;
    let gap = |found: &Captures<'_>| {
        number += 1;
        match found[1].split_once(':') {
            Some((hidden, hint)) => write(number, hidden, Some(hint)),
            None => write(number, &found[1], None),
        }
    };
    GAP.replace_all(text, gap).into_owned()
}

/// Files that fields name. Mnemosyne's may lie in folders, ours have no folders.
struct Media<'a> {
    folder: &'a Path,
    /// By the path in Mnemosyne's folder; nothing where there is no such file.
    found: BTreeMap<String, Option<MediaFile>>,
    /// The names that are taken, in lower case.
    names: HashSet<String>,
}

impl Media<'_> {
    /// The name from now on, if it is another one.
    fn take(&mut self, written: &str) -> Option<String> {
        if !self.found.contains_key(written) {
            let file = self.look_for(written);
            self.found.insert(written.to_owned(), file);
        }
        let file = self.found.get(written)?.as_ref()?;
        (file.name != written).then(|| file.name.clone())
    }

    fn look_for(&mut self, written: &str) -> Option<MediaFile> {
        let inside = Path::new(written);
        let stays = inside
            .components()
            .all(|c| matches!(c, Component::Normal(_)));
        let path = self.folder.join(inside);
        // Links lead anywhere.
        let meta = std::fs::symlink_metadata(&path).ok()?;
        if !stays || !meta.is_file() {
            return None;
        }
        let name = names::normalize(&written.replace(['/', '\\'], "_")).into_owned();
        if name.is_empty() {
            return None;
        }
        let mut free = name.clone();
        let mut number = 2;
        while !self.names.insert(free.to_lowercase()) {
            free = format!("{number}_{name}");
            number += 1;
        }
        Some(MediaFile {
            name: free,
            path,
            size: meta.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: Days = Days {
        day_number: 10_000,
        now: TimestampSecs(1_793_500_000),
        shift: 4 * 3600,
    };

    fn fact(id: &str, created: i64, next: i64, last: i64) -> Fact {
        Fact {
            id: id.to_owned(),
            values: vec![("f".to_owned(), "front".to_owned())],
            cards: vec![FactCard {
                card_type: "1".to_owned(),
                view: "1.1".to_owned(),
                created: TimestampSecs(created),
                next_repetition: TimestampSecs(next),
                last_repetition: TimestampSecs(last),
                easiness: f64::NAN,
                learning_answers: i64::MAX,
                review_answers: i64::MAX,
                ..FactCard::default()
            }],
        }
    }

    fn converted(facts: Vec<Fact>) -> Converted {
        let read = Mnemosyne {
            facts,
            ..Mnemosyne::default()
        };
        convert(&read, DeckId(7), DAYS, Path::new("no such folder")).unwrap()
    }

    #[test]
    fn no_number_is_too_large_or_too_small() {
        for value in [i64::MIN, -1, 0, 1, i64::MAX] {
            for other in [i64::MIN, 0, i64::MAX] {
                let made = converted(vec![fact("a", value, other, value)]);
                assert_eq!(made.cards.len(), 1);
                assert!(made.notes[0].id.0 > 0 && made.cards[0].due >= 0);
                assert!((1..=36_500).contains(&made.cards[0].interval));
                assert_eq!(made.cards[0].ease_factor, 1300);
            }
        }
    }

    #[test]
    fn thousands_of_one_moment_and_without_an_identity_are_told_apart() {
        let facts = (0..40_000).map(|_| fact("", 0, 0, 0)).collect();
        let made = converted(facts);
        let guids: HashSet<&str> = made.notes.iter().map(|n| n.guid.as_str()).collect();
        let ids: HashSet<i64> = made.notes.iter().map(|n| n.id.0).collect();
        assert_eq!((guids.len(), ids.len()), (40_000, 40_000));
    }
}
