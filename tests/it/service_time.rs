//! What an open window sees when only time passes: a new day, and learning cards that fall due.

use crate::service_story::World;
use engram::domain::study::{Congrats, Rating};
use engram::service::event::{DeckEvent, DeckOverview, Event, StudyEvent};
use engram::service::request::{
    Changed, CollectionSettings, DeckRequest, Request, SettingsRequest, StudyRequest,
};
use engram::service::settings::ProfileSettings;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Whether another day has begun.
fn time_passed(world: &World) -> bool {
    world.wait("the new counts", |e| match e {
        Event::TimePassed { new_day } => Some(*new_day),
        _ => None,
    })
}

/// Nothing of the kind within the time of some looks at the clock.
fn nothing_passes(world: &World) {
    std::thread::sleep(std::time::Duration::from_millis(2500));
    for event in world.worker.drain_events() {
        assert!(!matches!(event, Event::TimePassed { .. }));
    }
}

/// New, learning and review cards of all decks, and today's answers.
fn counts(world: &World) -> (u32, u32, u32, u32) {
    world.send(Request::Deck(DeckRequest::LoadTree));
    world.wait("the deck list", |e| match e {
        Event::Deck(DeckEvent::Tree { root, today, .. }) => {
            let sum = |of: fn(&engram::domain::deck_tree::DeckTreeNode) -> u32| {
                root.children.iter().map(of).sum()
            };
            Some((
                sum(|d| d.new),
                sum(|d| d.learn),
                sum(|d| d.review),
                today.cards,
            ))
        }
        _ => None,
    })
}

/// The whole sample deck answered with `rating` as often as it asks.
fn study_all(world: &World, rating: Rating) -> u32 {
    let mut answers = 0;
    let mut card = world.study();
    while let Some(shown) = card {
        card = world.answer(&shown, rating);
        answers += 1;
    }
    answers
}

#[test]
fn the_day_changes_while_the_window_is_open() {
    let world = World::with_sample();
    let answers = study_all(&world, Rating::Easy);
    let evening = counts(&world);
    assert_eq!((evening.1, evening.2, evening.3), (0, 0, answers));
    // From a little after noon to 4 in the morning, the start of the next day.
    world.clock.advance_millis(15 * HOUR + 50 * MINUTE);
    nothing_passes(&world);
    world.clock.advance_millis(10 * MINUTE);
    assert!(time_passed(&world));
    assert_eq!(counts(&world).3, 0, "today's line begins again");
    world.clock.advance_millis(10 * 24 * HOUR);
    assert!(time_passed(&world));
    assert_eq!(counts(&world).2, answers, "the reviews are due");
}

/// The settings after a change.
fn settings(world: &World, change: SettingsRequest) -> CollectionSettings {
    world.send(Request::Settings(change));
    world.wait("the settings", |e| match e {
        Event::Settings { collection, .. } => Some(collection.clone()),
        _ => None,
    })
}

/// The overview or the finished screen, whichever it is now.
fn look(world: &World) -> Result<DeckOverview, Congrats> {
    world.send(Request::Study(StudyRequest::Look));
    world.wait("a look", |e| match e {
        Event::Deck(DeckEvent::Overview(overview)) => Some(Ok(overview.clone())),
        Event::Study(StudyEvent::Finished { congrats, .. }) => Some(Err(congrats.clone())),
        _ => None,
    })
}

#[test]
fn a_learning_card_falls_due_on_the_finished_screen() {
    let world = World::with_sample();
    // No learning ahead: a card counts from the moment when it is due.
    let same = Changed {
        shown: ProfileSettings::default(),
        wanted: ProfileSettings::default(),
    };
    let old = settings(&world, SettingsRequest::SaveProfile(Box::new(same)));
    let no_ahead = CollectionSettings {
        learn_ahead_mins: 0,
        ..old.clone()
    };
    let change = Changed {
        shown: old,
        wanted: no_ahead,
    };
    settings(&world, SettingsRequest::SaveCollection(Box::new(change)));
    let card = world.study().unwrap();
    world.answer(&card, Rating::Again);
    while let Some(card) = {
        world.send(Request::Study(StudyRequest::Next));
        world.card()
    } {
        world.answer(&card, Rating::Easy);
        // The failed card comes again after a minute: not within this loop.
        assert!(world.clock.now().0 < crate::service_story::NOON.0 + 50_000);
    }
    let before = counts(&world);
    assert_eq!(before.1, 0, "not yet due");
    assert_eq!(look(&world).unwrap_err().learn_remaining, 1);
    nothing_passes(&world);
    world.clock.advance_millis(MINUTE);
    assert!(!time_passed(&world), "the same day");
    assert_eq!(counts(&world).1, 1);
    assert_eq!(look(&world).unwrap().counts.learning, 1);
    nothing_passes(&world);
}

#[test]
fn the_day_changes_while_a_job_has_the_collection() {
    let world = World::with_sample();
    let answers = study_all(&world, Rating::Easy);
    assert_eq!(counts(&world).3, answers);
    world.send(Request::CheckDatabase);
    world.clock.advance_millis(24 * HOUR);
    assert!(time_passed(&world));
    assert_eq!(counts(&world).3, 0, "today's line begins again");
    // What the finished screen asks for then waits for such a job, too.
    world.send(Request::CheckDatabase);
    drop(look(&world));
}
