//! No card is ever lost to a filtered deck: whatever is built, filled, emptied, deleted, studied,
//! undone and done again, each card is at home or visits a filtered deck that exists; and once the
//! filtered decks are gone, each is at home with the schedule that it would have without them.

use engram::base::ids::{CardId, DeckId, NoteId};
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::domain::card::{Card, CardQueue, CardType};
use engram::domain::deck::{DeckKind, FilteredDeck, FilteredSearchTerm};
use engram::domain::filtered::FilteredDraft;
use engram::domain::note::Note;
use engram::domain::op::Op;
use engram::domain::study::Rating;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// 2025-03-10 12:00 UTC.
const NOON: i64 = 1_741_608_000_000;
const CARDS: i64 = 42;

#[derive(Debug, Clone)]
enum Step {
    Build {
        search: usize,
        order: i32,
        limit: u32,
        reschedule: bool,
    },
    /// The nth filtered deck there is.
    Change(usize, usize),
    Rebuild(usize),
    Empty(usize),
    Delete(usize),
    /// In the nth filtered deck.
    Answer(usize, Rating),
    Undo,
    Redo,
    Suspend(i64),
    Hours(i64),
}

const SEARCHES: [&str; 6] = [
    "",
    "is:due",
    "is:new",
    "deck:A",
    "is:learn OR tag:odd",
    "prop:ivl>3",
];

fn step() -> impl Strategy<Value = Step> {
    let rating = prop::sample::select(Rating::ALL.to_vec());
    prop_oneof![
        4 => (0..SEARCHES.len(), 0..=10, 1..30u32, any::<bool>()).prop_map(
            |(search, order, limit, reschedule)| Step::Build { search, order, limit, reschedule }
        ),
        2 => (0..4usize, 0..SEARCHES.len()).prop_map(|(n, search)| Step::Change(n, search)),
        2 => (0..4usize).prop_map(Step::Rebuild),
        2 => (0..4usize).prop_map(Step::Empty),
        2 => (0..4usize).prop_map(Step::Delete),
        8 => (0..4usize, rating).prop_map(|(n, rating)| Step::Answer(n, rating)),
        4 => Just(Step::Undo),
        2 => Just(Step::Redo),
        1 => (1..=CARDS).prop_map(Step::Suspend),
        1 => (1..30i64).prop_map(Step::Hours),
    ]
}

/// New, learning, review, relearning and suspended cards in two decks.
fn collection() -> (tempfile::TempDir, Collection) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let mut col = Collection::open(&folder.path().join("collection.anki2"), clock).unwrap();
    let a = col.deck_create("A").unwrap().value;
    let b = col.deck_create("A::B").unwrap().value;
    let notetype = col.storage().all_notetypes().unwrap()[0].id;
    let today = i32::try_from(col.timing().unwrap().days_elapsed).unwrap();
    col.transact(Op::AddNote, |tx| {
        for n in 1..=CARDS {
            let mut note = Note {
                id: NoteId(n),
                guid: format!("g{n}"),
                notetype_id: notetype,
                tags: if n % 2 == 1 {
                    vec!["odd".into()]
                } else {
                    vec![]
                },
                fields: vec![format!("front {n}"), "back".into()],
                ..Note::default()
            };
            tx.add_note(&mut note)?;
            let number = i32::try_from(n).unwrap();
            let (ctype, queue, due) = match n % 7 {
                0 => (
                    CardType::Learn,
                    CardQueue::Learn,
                    (NOON / 1000) as i32 + number * 60,
                ),
                1 => (CardType::Relearn, CardQueue::DayLearn, today + number % 3),
                2..=4 => (CardType::Review, CardQueue::Review, today + number % 9 - 4),
                _ => (CardType::New, CardQueue::New, number),
            };
            // As in Anki, a due of 0 does not come back from a preview that was to be shown again.
            let due = if due == 0 { 1 } else { due };
            tx.add_card(&mut Card {
                id: CardId(n),
                note_id: note.id,
                deck_id: if n % 3 == 0 { b } else { a },
                ctype,
                queue: if n % 11 == 0 {
                    CardQueue::Suspended
                } else {
                    queue
                },
                due,
                interval: if ctype == CardType::New {
                    0
                } else {
                    number as u32 % 9 + 1
                },
                ease_factor: if ctype == CardType::New { 0 } else { 2500 },
                remaining_steps: u32::from(matches!(ctype, CardType::Learn | CardType::Relearn)),
                ..Card::default()
            })?;
        }
        Ok(())
    })
    .unwrap();
    // The cards themselves are not to be undone.
    col.clear_undo();
    (folder, col)
}

fn cards(col: &Collection) -> BTreeMap<i64, Card> {
    (1..=CARDS)
        .map(|n| {
            let card = col.storage().get_card(CardId(n)).unwrap();
            (n, card.expect("no card is lost"))
        })
        .collect()
}

fn filtered(col: &Collection) -> Vec<DeckId> {
    let decks = col.storage().all_decks().unwrap();
    let filtered = decks.iter().filter(|d| d.is_filtered());
    filtered.map(|d| d.id).collect()
}

/// What a visit must not change.
fn schedule(card: &Card) -> Card {
    Card {
        mtime: Default::default(),
        usn: Default::default(),
        ..card.clone()
    }
}

struct World {
    col: Collection,
    /// Cards whose schedule was changed on purpose.
    touched: BTreeSet<i64>,
}

impl World {
    fn run(&mut self, step: &Step) {
        let col = &mut self.col;
        col.clock().advance_millis(1500);
        let decks = filtered(col);
        let nth = |n: usize| decks.get(n % decks.len().max(1)).copied();
        match step {
            Step::Build {
                search,
                order,
                limit,
                reschedule,
            } => {
                let term = |search: usize, limit| FilteredSearchTerm {
                    search: SEARCHES[search % SEARCHES.len()].to_owned(),
                    limit,
                    order: *order,
                    unknown: vec![],
                };
                let draft = FilteredDraft {
                    id: None,
                    name: format!("F{}", decks.len()),
                    deck: FilteredDeck {
                        reschedule: *reschedule,
                        search_terms: vec![term(*search, *limit), term(search + 1, limit / 3)],
                        preview_again_secs: 60,
                        preview_good_secs: limit % 2 * 90,
                        ..FilteredDeck::default()
                    },
                    allow_empty: limit % 2 == 0,
                };
                // Refused when nothing matches.
                let _ = col.filtered_save(&draft);
            }
            Step::Change(n, search) => {
                if let Some(id) = nth(*n) {
                    let mut draft = col.filtered_draft(Some(id)).unwrap();
                    draft.deck.search_terms[0].search = SEARCHES[*search].to_owned();
                    draft.deck.reschedule = !draft.deck.reschedule;
                    let _ = col.filtered_save(&draft);
                }
            }
            Step::Rebuild(n) => {
                if let Some(id) = nth(*n) {
                    col.filtered_rebuild(id).unwrap();
                }
            }
            Step::Empty(n) => {
                if let Some(id) = nth(*n) {
                    col.filtered_empty(id).unwrap();
                    assert!(col.storage().cards_in_deck(id).unwrap().is_empty());
                }
            }
            Step::Delete(n) => {
                if let Some(id) = nth(*n) {
                    assert_eq!(col.deck_delete(&[id]).unwrap().value.cards, 0);
                }
            }
            Step::Answer(n, rating) => self.answer(nth(*n), *rating),
            // Nothing to undo is no mistake here.
            Step::Undo => drop(col.undo()),
            Step::Redo => drop(col.redo()),
            Step::Suspend(n) => {
                col.suspend_cards(&[CardId(*n)]).unwrap();
                self.touched.insert(*n);
            }
            Step::Hours(hours) => col.clock().advance_millis(hours * 3_600_000),
        }
    }

    fn answer(&mut self, deck: Option<DeckId>, rating: Rating) {
        let col = &mut self.col;
        let Some(deck) = deck else { return };
        col.set_current_deck(deck).unwrap();
        let Some(shown) = col.next_card().unwrap() else {
            return;
        };
        col.answer(shown.answer(rating, 900)).unwrap();
        let counts = match col.storage().get_deck(deck).unwrap().map(|d| d.kind) {
            Some(DeckKind::Filtered(f)) => f.reschedule,
            _ => true,
        };
        if counts {
            self.touched.insert(shown.card.id.0);
        }
    }

    fn check(&self) {
        let decks: BTreeMap<DeckId, bool> = self
            .col
            .storage()
            .all_decks()
            .unwrap()
            .iter()
            .map(|d| (d.id, d.is_filtered()))
            .collect();
        for card in cards(&self.col).values() {
            let visits = decks.get(&card.deck_id);
            if card.original_deck_id.0 == 0 {
                assert_eq!(visits, Some(&false), "at home: {card:?}");
                assert_eq!(card.original_due, 0, "{card:?}");
            } else {
                assert_eq!(visits, Some(&true), "on a visit: {card:?}");
                assert_eq!(decks.get(&card.original_deck_id), Some(&false), "{card:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn every_card_comes_home(steps in prop::collection::vec(step(), 1..40)) {
        let (_folder, col) = collection();
        let before = cards(&col);
        let mut world = World { col, touched: BTreeSet::new() };
        for step in &steps {
            world.run(step);
            world.check();
        }
        let problems = world.col.find_problems(&Progress::new()).unwrap();
        prop_assert!(problems.is_empty(), "{problems:?}");
        for deck in filtered(&world.col) {
            world.col.deck_delete(&[deck]).unwrap();
        }
        world.check();
        for (n, card) in cards(&world.col) {
            prop_assert_eq!(card.original_deck_id, DeckId(0));
            prop_assert_eq!(card.deck_id, before[&n].deck_id);
            if !world.touched.contains(&n) {
                prop_assert_eq!(schedule(&card), schedule(&before[&n]));
            }
        }
    }
}
