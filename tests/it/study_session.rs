//! Studying as a user does it: answers, their undoing and redoing, the next day, cards that change
//! under the hand, filtered decks. Without the real Anki (see `parity_answers` for that).

use engram::base::ErrorKind;
use engram::base::ids::{CardId, DeckConfigId, DeckId, NoteId};
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::domain::card::{Card, CardQueue, CardType};
use engram::domain::card_answers::{AskedIn, ResetHow};
use engram::domain::deck::DeckCommon;
use engram::domain::deck::{Deck, DeckKind, DeckName, FilteredDeck};
use engram::domain::deck_options::DeckOptionsUpdate;
use engram::domain::note::Note;
use engram::domain::op::Op;
use engram::domain::reposition::Reposition;
use engram::domain::study::{Buried, Counts, Rating};
use engram::explain::explain;

/// 2025-03-10 12:00 UTC.
const NOON: i64 = 1_741_608_000_000;
const HOUR: i64 = 3_600_000;

/// A collection with `new` new cards in the Default deck, one a note.
fn collection(new: i64) -> (tempfile::TempDir, Collection) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let mut col = Collection::open(&folder.path().join("collection.anki2"), clock).unwrap();
    let notetype = col.storage().all_notetypes().unwrap()[0].id;
    col.transact(Op::AddNote, |tx| {
        for n in 1..=new {
            let mut note = Note {
                id: NoteId(n),
                guid: format!("g{n}"),
                notetype_id: notetype,
                fields: vec![format!("front {n}"), "back".into()],
                ..Note::default()
            };
            tx.add_note(&mut note)?;
            tx.add_card(&mut Card {
                id: CardId(n),
                note_id: note.id,
                deck_id: DeckId::DEFAULT,
                due: n as i32,
                ..Card::default()
            })?;
        }
        Ok(())
    })
    .unwrap();
    (folder, col)
}

fn answer(col: &mut Collection, rating: Rating) -> CardId {
    let shown = col.next_card().unwrap().unwrap();
    col.clock().advance_millis(3000);
    col.answer(shown.answer(rating, 3000)).unwrap();
    shown.card.id
}

fn card(col: &Collection, id: i64) -> Card {
    col.storage().get_card(CardId(id)).unwrap().unwrap()
}

#[test]
fn the_card_after_is_known_in_advance() {
    let (_folder, mut col) = collection(3);
    let first = col.next_card().unwrap().unwrap();
    let upcoming = col.peek_after(first.card.id).unwrap().unwrap();
    answer(&mut col, Rating::Easy);
    assert_eq!(col.next_card().unwrap().unwrap().card, upcoming.card);
    assert_eq!(first.intervals[..3], ["<1m", "<6m", "<10m"]);
}

#[test]
fn an_undone_answer_is_asked_again_at_once() {
    let (_folder, mut col) = collection(4);
    let before = col.counts().unwrap();
    let untouched = card(&col, 1);
    let first = answer(&mut col, Rating::Good);
    let second = answer(&mut col, Rating::Again);
    assert_ne!(first, second);
    assert_eq!(
        col.counts().unwrap(),
        Counts {
            new: 2,
            learning: 2,
            review: 0
        }
    );
    col.undo().unwrap();
    assert_eq!(col.next_card().unwrap().unwrap().card.id, second);
    col.undo().unwrap();
    assert_eq!(col.next_card().unwrap().unwrap().card.id, first);
    assert_eq!(col.counts().unwrap(), before);
    assert_eq!(card(&col, 1), untouched);
    col.redo().unwrap();
    assert_eq!(col.next_card().unwrap().unwrap().card.id, second);
    // Also when the queue was built again meanwhile.
    col.suspend_cards(&[CardId(4)]).unwrap();
    col.undo().unwrap();
    col.undo().unwrap();
    assert_eq!(col.next_card().unwrap().unwrap().card.id, first);
}

#[test]
fn an_undone_card_comes_first_until_another_deck_is_chosen() {
    for leaves in [false, true] {
        let (_folder, mut col) = collection(3);
        let other = col.deck_create("Other").unwrap().value;
        let earlier = |col: &mut Collection, id, due| {
            let card = Card {
                due,
                ..card(col, id)
            };
            col.transact(Op::SetDueDate, |tx| tx.update_card(&card))
                .unwrap();
        };
        assert_eq!(answer(&mut col, Rating::Easy), CardId(1));
        earlier(&mut col, 2, 7);
        col.undo().unwrap();
        assert_eq!(col.undo().unwrap().value, Op::AnswerCard);
        earlier(&mut col, 3, 0);
        if leaves {
            col.set_current_deck(other).unwrap();
            col.set_current_deck(DeckId::DEFAULT).unwrap();
        }
        let first = if leaves { 3 } else { 1 };
        assert_eq!(answer(&mut col, Rating::Good), CardId(first));
    }
}

#[test]
fn an_answer_to_a_card_that_changed_is_refused() {
    let (_folder, mut col) = collection(2);
    let shown = col.next_card().unwrap().unwrap();
    col.set_due_date(&[shown.card.id], "0", None).unwrap();
    let refused = col.answer(shown.answer(Rating::Good, 1000)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    let shown = col.next_card().unwrap().unwrap();
    col.answer(shown.answer(Rating::Good, 1000)).unwrap();
    let again = col.answer(shown.answer(Rating::Good, 1000)).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Conflict);
}

#[test]
fn a_card_shown_before_the_day_ended_is_answered_after_it() {
    let (_folder, mut col) = collection(2);
    let before_four = TimestampMillis(NOON + 16 * HOUR - 10_000);
    col.clock().set(before_four);
    let today = col.timing().unwrap().days_elapsed as i32;
    let place = |col: &mut Collection, id: i64, due: i32| {
        col.transact(Op::SkipUndo, |tx| {
            let mut card = tx.get_card(CardId(id))?.unwrap();
            card.ctype = CardType::Review;
            card.queue = CardQueue::Review;
            (card.due, card.interval, card.ease_factor) = (due, 5, 2500);
            tx.update_card(&card)
        })
        .unwrap();
    };
    place(&mut col, 2, today);
    place(&mut col, 1, today + 1);
    let shown = col.next_card().unwrap().unwrap();
    assert_eq!(shown.card.id, CardId(2));
    col.clock().advance_millis(20_000);
    let done = col.answer(shown.answer(Rating::Good, 20_000)).unwrap();
    let tomorrow = today + 1;
    let answered = done.value.card;
    assert!(answered.due > tomorrow + 5, "{answered:?}");
    assert_eq!(answered.due - tomorrow, answered.interval as i32);
    assert_eq!(card(&col, 2).due, answered.due);
    // And undone as any other.
    assert_eq!(col.undo().unwrap().value, Op::AnswerCard);
    assert_eq!(card(&col, 2).due, today);

    let shown = col.next_card().unwrap().unwrap();
    col.clock().advance_millis(3 * 24 * HOUR);
    col.answer(shown.answer(Rating::Good, 0)).unwrap();
    // Where the card has changed meanwhile, it is still refused.
    let shown = col.next_card().unwrap().unwrap();
    col.clock().advance_millis(24 * HOUR);
    place(&mut col, shown.card.id.0, 900);
    let error = col.answer(shown.answer(Rating::Good, 0)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
}

#[test]
fn a_flag_keeps_the_queue_and_the_change_time() {
    let (_folder, mut col) = collection(2);
    let shown = col.next_card().unwrap().unwrap();
    col.clock().advance_millis(HOUR);
    let output = col.set_flag(&[shown.card.id], 3).unwrap();
    assert!(!output.changes.study_queues);
    let flagged = card(&col, shown.card.id.0);
    assert_eq!((flagged.flag(), flagged.mtime), (3, shown.card.mtime));
    col.answer(shown.answer(Rating::Good, 1000)).unwrap();
    assert!(col.set_flag(&[shown.card.id], 8).is_err());
}

#[test]
fn limits_hold_for_the_day_and_buried_cards_come_back_on_the_next() {
    let (_folder, mut col) = collection(40);
    assert_eq!(col.counts().unwrap().new, 20);
    for _ in 0..5 {
        answer(&mut col, Rating::Easy);
    }
    let shown = col.next_card().unwrap().unwrap().card.id;
    col.bury_cards(&[shown], true).unwrap();
    assert_eq!(col.counts().unwrap().new, 15);
    assert_ne!(col.next_card().unwrap().unwrap().card.id, shown);
    let tree = col.deck_tree().unwrap();
    assert_eq!(
        (tree.children[0].new, tree.children[0].total_cards),
        (15, 40)
    );
    assert!(col.congrats().unwrap().have_user_buried);
    assert_eq!(col.studied_today().unwrap().cards, 5);
    col.clock().advance_millis(24 * HOUR);
    assert_eq!(col.deck_tree().unwrap().children[0].new, 20);
    assert_eq!(card(&col, shown.0).queue, CardQueue::New);
    assert_eq!(col.studied_today().unwrap().cards, 0);
    assert_eq!(col.next_card().unwrap().unwrap().card.id, shown);
}

/// As Anki 26.9.3 leaves them.
#[test]
fn a_leech_gets_its_tag_in_order_and_keeps_the_others() {
    let (_folder, mut col) = collection(1);
    col.transact(Op::SkipUndo, |tx| {
        let mut note = tx.get_note(NoteId(1))?.unwrap();
        note.tags = ["zz", "ssb", "\u{1e9e}a", "ZZ", "a::::d"]
            .map(str::to_owned)
            .to_vec();
        tx.update_note(&note)?;
        let mut card = tx.get_card(CardId(1))?.unwrap();
        (card.ctype, card.queue) = (CardType::Review, CardQueue::Review);
        (card.due, card.interval, card.lapses) = (0, 5, 7);
        card.ease_factor = 2500;
        tx.update_card(&card)
    })
    .unwrap();
    answer(&mut col, Rating::Again);
    let tags = col.storage().get_note(NoteId(1)).unwrap().unwrap().tags;
    assert_eq!(tags, ["a::::d", "leech", "\u{1e9e}a", "ssb", "zz"]);
}

#[test]
fn what_check_database_mends_sends_the_user_there() {
    let (_folder, mut col) = collection(3);
    col.transact(Op::SkipUndo, |tx| {
        let mut homeless = tx.get_card(CardId(1))?.unwrap();
        homeless.original_deck_id = DeckId(12_345);
        tx.update_card(&homeless)?;
        tx.remove_note(NoteId(2))?;
        let mut without_template = tx.get_card(CardId(3))?.unwrap();
        without_template.template_idx = 7;
        tx.update_card(&without_template)
    })
    .unwrap();
    for error in [
        col.next_card().unwrap_err(),
        col.card_info(CardId(2)).unwrap_err(),
        col.render_card(CardId(2)).unwrap_err(),
        col.render_card(CardId(3)).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Inconsistent, "{error}");
        let remedy = explain("show the card", &error).remedy;
        assert!(remedy.contains("Check Database"), "{error}: {remedy}");
    }
    col.check_database(&Progress::new()).unwrap();
    let next = col.next_card().unwrap().unwrap().card.id;
    col.render_card(next).unwrap();
}

/// The hours of Anki 26.9.3.
#[test]
fn a_day_starts_at_four_when_the_stored_hour_is_none() {
    let (_folder, mut col) = collection(0);
    for (stored, hour) in [(-3, 4), (0, 0), (23, 23), (24, 23), (255, 23), (256, 4)] {
        col.transact(Op::SkipUndo, |tx| tx.set_config("rollover", &stored))
            .unwrap();
        let until = col.timing().unwrap().next_day_at.0;
        assert_eq!(until % 86_400 / 3600, hour, "{stored}");
        let kept: i64 = col.storage().config_json("rollover").unwrap().unwrap();
        assert_eq!(kept == stored, (0..256).contains(&stored), "{stored}");
    }
}

#[test]
fn cards_buried_by_hand_and_buried_siblings_come_back_by_themselves() {
    for (which, by_hand, sibling) in [
        (Buried::ByHand, CardQueue::New, CardQueue::SchedBuried),
        (Buried::Siblings, CardQueue::UserBuried, CardQueue::New),
        (Buried::All, CardQueue::New, CardQueue::New),
    ] {
        let (_folder, mut col) = collection(3);
        let first = col.next_card().unwrap().unwrap().card.id;
        col.bury_cards(&[first], true).unwrap();
        let second = col.next_card().unwrap().unwrap().card.id;
        col.bury_cards(&[second], false).unwrap();
        let overview = col.overview().unwrap();
        assert!(overview.have_user_buried && overview.have_sched_buried);
        let unburied = col.unbury_deck(DeckId::DEFAULT, which).unwrap().value;
        assert_eq!(unburied, if which == Buried::All { 2 } else { 1 });
        let queues = [first, second].map(|id| card(&col, id.0).queue);
        assert_eq!(queues, [by_hand, sibling], "{which:?}");
        assert_eq!(col.undo_status().undo, Some(Op::Unbury));
    }
}

#[test]
fn without_any_preset_decks_follow_the_options_of_a_new_one() {
    let (_folder, mut col) = collection(40);
    let gone = DeckConfigId::DEFAULT;
    col.transact(Op::UpdateDeckOptions, |tx| tx.remove_deck_config(gone))
        .unwrap();
    assert_eq!(col.counts().unwrap().new, 20);
    let shown = col.next_card().unwrap().unwrap();
    assert_eq!(shown.intervals[..3], ["<1m", "<6m", "<10m"]);
    answer(&mut col, Rating::Good);
    let rows = |col: &Collection| col.storage().all_deck_configs().unwrap();
    assert!(rows(&col).is_empty(), "studying writes no preset");

    let options = col.deck_options(DeckId::DEFAULT).unwrap();
    let [default] = &options.presets[..] else {
        panic!("{:?}", options.presets);
    };
    assert_eq!(
        (default.preset.name.as_str(), default.decks),
        ("Default", 1)
    );
    let mut preset = default.preset.clone();
    preset.inner.new_per_day = 3;
    let mut update = DeckOptionsUpdate {
        deck: options.deck,
        presets: vec![],
        selected: options.preset,
        removed: vec![],
        apply_to_subdecks: false,
        limits: options.limits,
        shared: options.shared,
        reschedule: false,
    };
    col.update_deck_options(&update, &Progress::new()).unwrap();
    assert!(rows(&col).is_empty(), "the preset was not changed");
    update.presets.push(preset);
    col.update_deck_options(&update, &Progress::new()).unwrap();
    assert_eq!(rows(&col)[0].id, DeckConfigId::DEFAULT);
    assert_eq!(col.counts().unwrap().new, 2, "of three one is done");
}

#[test]
fn a_deck_is_studied_to_its_end() {
    let (_folder, mut col) = collection(5);
    let mut answers = 0;
    while col.next_card().unwrap().is_some() {
        answer(
            &mut col,
            if answers % 3 == 0 {
                Rating::Again
            } else {
                Rating::Good
            },
        );
        answers += 1;
        assert!(answers < 100);
    }
    assert_eq!(col.counts().unwrap(), Counts::default());
    let congrats = col.congrats().unwrap();
    assert!(!congrats.new_remaining && congrats.learn_remaining == 0);
    let tree = col.deck_tree().unwrap();
    assert_eq!((tree.new, tree.learn, tree.review), (0, 0, 0));
}

#[test]
fn cards_of_a_filtered_deck_go_home() {
    let (_folder, mut col) = collection(3);
    let filtered = |reschedule| {
        DeckKind::Filtered(FilteredDeck {
            reschedule,
            preview_again_secs: 60,
            ..FilteredDeck::default()
        })
    };
    let mut deck = Deck {
        id: DeckId(0),
        name: DeckName::from_human("Cram"),
        mtime: Default::default(),
        usn: Default::default(),
        common: DeckCommon::default(),
        kind: filtered(true),
    };
    col.transact(Op::AddDeck, |tx| {
        tx.add_deck(&mut deck)?;
        for n in 1..=2 {
            let mut card = tx.get_card(CardId(n))?.unwrap();
            card.ctype = CardType::Review;
            card.queue = CardQueue::Review;
            card.interval = 10;
            card.ease_factor = 2500;
            card.original_deck_id = card.deck_id;
            card.original_due = 4;
            card.deck_id = deck.id;
            card.due = -100_000 + n as i32;
            tx.update_card(&card)?;
        }
        Ok(())
    })
    .unwrap();
    col.set_current_deck(deck.id).unwrap();
    let overview = col.overview().unwrap();
    assert!(overview.filtered && overview.reschedule && overview.counts.review == 2);
    let first = answer(&mut col, Rating::Good);
    let home = card(&col, first.0);
    assert_eq!(
        (home.deck_id, home.original_deck_id),
        (DeckId::DEFAULT, DeckId(0))
    );
    assert!(home.due > 0 && home.original_due == 0 && home.interval >= 10);
    // Without rescheduling nothing moves but the deck.
    deck.kind = filtered(false);
    col.transact(Op::UpdatePreferences, |tx| tx.update_deck(&deck))
        .unwrap();
    let shown = col.next_card().unwrap().unwrap();
    assert_eq!(shown.intervals[3], "(end)");
    let second = answer(&mut col, Rating::Easy);
    let home = card(&col, second.0);
    assert_eq!(
        (home.deck_id, home.due, home.interval, home.reps),
        (DeckId::DEFAULT, 4, 10, 0)
    );
}

#[test]
fn wrong_due_dates_change_nothing() {
    let (_folder, mut col) = collection(1);
    let before = card(&col, 1);
    for wrong in ["", "x", "-3", "1-", "4294967295"] {
        let error = col.set_due_date(&[CardId(1)], wrong, None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    assert_eq!(card(&col, 1), before);
    col.set_due_date(&[CardId(1)], "3-5", Some(AskedIn::Reviewer))
        .unwrap();
    let due = card(&col, 1);
    assert!((3..=5).contains(&due.due) && due.ctype == CardType::Review);
    let typed: Option<String> = col.storage().config_json("setDueReviewer").unwrap();
    assert_eq!(typed.as_deref(), Some("3-5"));
    col.undo().unwrap();
    assert_eq!(card(&col, 1), before);
}

/// What is watched counts its cards; a cancel leaves everything as it was, and ends with it.
#[test]
fn a_large_change_is_counted_and_can_be_cancelled() {
    type Act = fn(&mut Collection, &[CardId]) -> engram::base::Result<usize>;
    let acts: [(&str, Act); 9] = [
        ("suspend", |c, cards| Ok(c.suspend_cards(cards)?.value)),
        ("bury", |c, cards| Ok(c.bury_cards(cards, true)?.value)),
        ("reset", |c, cards| {
            Ok(c.reset_cards(cards, ResetHow::default(), None)?.value)
        }),
        ("reposition", |c, cards| {
            let how = Reposition {
                start: 100,
                step: 1,
                random: false,
                shift: false,
            };
            Ok(c.reposition_new_cards(cards, how)?.value)
        }),
        ("mark", |c, cards| {
            let notes = c.storage().notes_of_cards(cards)?;
            Ok(c.toggle_mark(&notes)?.value)
        }),
        ("flag", |c, cards| Ok(c.set_flag(cards, 2)?.value)),
        ("due", |c, cards| {
            Ok(c.set_due_date(cards, "3", None)?.value)
        }),
        ("grade", |c, cards| {
            Ok(c.grade_now(cards, Rating::Good)?.value)
        }),
        ("delete", |c, cards| {
            let notes = c.storage().notes_of_cards(cards)?;
            Ok(c.delete_notes(&notes)?.value.notes)
        }),
    ];
    for (name, act) in acts {
        let (_folder, mut col) = collection(30);
        let cards: Vec<CardId> = (1..=30).map(CardId).collect();
        let all = |col: &Collection| -> Vec<_> {
            let of = |id: &CardId| col.storage().get_card(*id).unwrap();
            cards.iter().map(of).collect()
        };
        let before = all(&col);
        let stopped = Progress::new();
        stopped.cancel();
        let refused = col.watched(&stopped, |c| act(c, &cards));
        assert_eq!(
            refused.unwrap_err().kind(),
            ErrorKind::Interrupted,
            "{name}"
        );
        assert_eq!(all(&col), before, "{name}");
        let progress = Progress::new();
        let changed = col.watched(&progress, |c| act(c, &cards)).unwrap();
        assert_eq!(changed, 30, "{name}");
        assert!(progress.view().done >= 30, "{name}");
        // Whoever watched is gone: what follows is not stopped by an old cancel.
        progress.cancel();
        col.undo().unwrap();
        assert_eq!(all(&col), before, "{name}");
    }
}

#[test]
#[expect(clippy::disallowed_types, reason = "writes what no storage would")]
fn numbers_with_fractions_do_not_stop_study() {
    let (folder, mut col) = collection(6);
    answer(&mut col, Rating::Easy);
    let clock = col.clock().clone();
    col.close().unwrap();
    let path = folder.path().join("collection.anki2");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(
        "update cards set mod = mod + 0.5, factor = factor + 0.5, reps = reps + 0.5;
         update cards set type = 2, queue = 2, due = -0.5, ivl = 3.5, odue = 1.5, factor = 2500 \
             where id = 2;
         update cards set type = 2, queue = -1, due = 10.5, ivl = 4, factor = 2500 where id = 3;
         update cards set type = 1, queue = 1, due = 1741608000.5, left = 1001 where id = 4;
         update revlog set time = 1234.5;",
    )
    .unwrap();
    drop(db);
    let mut col = Collection::open(&path, clock).unwrap();
    assert!((col.studied_today().unwrap().seconds - 1.2345).abs() < 1e-9);
    let tree = col.deck_tree().unwrap();
    assert_eq!(tree.children[0].review, 1, "{tree:?}");
    for _ in 0..3 {
        answer(&mut col, Rating::Good);
    }
    col.congrats().unwrap();
}

#[test]
#[expect(clippy::disallowed_types, reason = "writes what no storage would")]
fn odd_values_in_one_row_do_not_stop_study() {
    let (folder, mut col) = collection(4);
    col.transact(Op::UpdateDeckOptions, |tx| {
        let mut preset = tx.get_deck_config(DeckConfigId::DEFAULT)?.unwrap();
        // By retrievability: the memory of every due card is read.
        preset.inner.review_order = 7;
        tx.update_deck_config(&preset)
    })
    .unwrap();
    answer(&mut col, Rating::Easy);
    let clock = col.clock().clone();
    col.close().unwrap();
    let path = folder.path().join("collection.anki2");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(
        "update cards set type = 2, queue = 2, due = 0, ivl = 3, factor = 2500, data = x'7bff' \
             where id = 2;
         update cards set type = 2, queue = 4, due = 1741608000, ivl = 3, factor = 2500, \
             reps = -3 where id = 3;
         insert into revlog select id + 1, cid, usn, ease, ivl, lastIvl, factor, time, type \
             from revlog;
         update revlog set time = 9223372036854775807;",
    )
    .unwrap();
    drop(db);
    let mut col = Collection::open(&path, clock).unwrap();
    assert_eq!(col.studied_today().unwrap().cards, 2);
    let tree = col.deck_tree().unwrap();
    assert_eq!(tree.children[0].review, 1, "{tree:?}");
    let mut answered: Vec<CardId> = (0..3).map(|_| answer(&mut col, Rating::Easy)).collect();
    answered.sort_unstable();
    assert_eq!(answered, [2, 3, 4].map(CardId));
}

#[test]
fn an_answer_that_is_taken_back_after_the_day_has_ended_is_asked_again_first() {
    let (_folder, mut col) = collection(30);
    col.transact(Op::SetDueDate, |tx| {
        for n in 1..=30 {
            let mut card = tx.get_card(CardId(n))?.unwrap();
            card.ctype = CardType::Review;
            card.queue = CardQueue::Review;
            (card.due, card.interval, card.ease_factor) = (0, 10, 2500);
            tx.update_card(&card)?;
        }
        Ok(())
    })
    .unwrap();
    col.clock().advance_millis(16 * HOUR - 120_000);
    let answered = answer(&mut col, Rating::Good);
    // Each day has an order of its own.
    col.clock().advance_millis(20 * 60_000);
    col.undo().unwrap();
    assert_eq!(col.next_card().unwrap().unwrap().card.id, answered);
}

#[test]
fn decks_whose_parents_are_missing_stand_in_the_list_by_their_whole_names() {
    let (_folder, mut col) = collection(4);
    col.transact(Op::AddDeck, |tx| {
        let default = tx.deck(DeckId::DEFAULT)?.unwrap();
        let names = ["A\x1fB\x1fC", "A\x1fB\x1fC\x1fD", "M", "M\x1fN\x1fO"];
        for (name, card) in names.into_iter().zip(1..) {
            let mut deck = Deck {
                id: DeckId(100 + card),
                name: DeckName::from_native(name),
                ..Deck::clone(&default)
            };
            tx.add_deck(&mut deck)?;
            let mut card = tx.get_card(CardId(card))?.unwrap();
            card.deck_id = deck.id;
            tx.update_card(&card)?;
        }
        Ok(())
    })
    .unwrap();
    let tree = col.deck_tree().unwrap();
    let mut rows = Vec::new();
    let mut open: Vec<_> = tree.children.iter().rev().collect();
    while let Some(node) = open.pop() {
        rows.push((node.level, node.name.as_str(), node.new, node.total_cards));
        open.extend(node.children.iter().rev());
    }
    let wanted = [
        (1, "A::B::C", 2, 2),
        (2, "D", 1, 1),
        (1, "M", 2, 2),
        (2, "N::O", 1, 1),
    ];
    assert_eq!(rows, wanted);
}
