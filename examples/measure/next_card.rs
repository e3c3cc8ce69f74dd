//! From the key that answers a card to the picture of the next one, through the worker and the
//! card engine as the window uses them; and the work that is left after the key.

use crate::bench::Bench;
use crate::operations::{collection, select_study_deck};
use engram::base::time::Stopwatch;
use engram::domain::study::Rating;
use engram::render::{CardEngine, CardPage, EngineEvent, MediaFolder, View};
use engram::service::event::{BackupEvent, BackupState, Event, StudyCard, StudyEvent};
use engram::service::profiles::DataFolder;
use engram::service::request::{ProfileRequest, Request, StudyRequest};
use engram::service::{ServiceConfig, ServiceHandle};
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

const ANSWERS: usize = 100;
const PATIENCE: Duration = Duration::from_secs(60);

/// The reader looks at each card until everything that is done in advance is done.
pub fn next_card(b: &mut Bench) {
    let data = DataFolder::at(b.empty_folder("data"));
    let profile = data.create("Study").expect("a profile");
    let source = b.fresh("work", false);
    let mut col = collection(&source);
    select_study_deck(b, &mut col);
    col.close().expect("it closes");
    std::fs::copy(source, profile.collection()).expect("a copy");
    let worker =
        ServiceHandle::spawn(ServiceConfig::without_keychain(data)).expect("the worker starts");
    let media = MediaFolder::new(b.data.join("collection.media"));
    let engine = CardEngine::spawn(Arc::new(media), Arc::new(|| ())).expect("the engine starts");
    let name = "Study".to_owned();
    assert!(worker.request(Request::Profile(ProfileRequest::Open { name })));
    until(&worker, |event| match event {
        Event::Backup(BackupEvent::Status(status)) => {
            (status.state == BackupState::Idle && !status.changed_since).then_some(())
        }
        _ => None,
    });
    assert!(worker.request(Request::Study(StudyRequest::Next)));
    let mut drawn = HashSet::new();
    let mut card = shown(&worker);
    let (mut left, mut in_advance) = (Vec::new(), Vec::new());
    let mut had_picture = 0;
    for _ in 0..ANSWERS {
        let advance = Stopwatch::start();
        let upcoming = until(&worker, |event| match event {
            Event::Study(StudyEvent::Upcoming { card }) => Some(card),
            _ => None,
        });
        draw(&engine, &upcoming, &mut drawn);
        in_advance.push(advance.elapsed().as_secs_f64());
        let key = Stopwatch::start();
        assert!(worker.request(Request::Study(StudyRequest::Answer {
            card: card.id,
            rating: Rating::Good,
            taken_ms: 3000,
        })));
        card = shown(&worker);
        let page = question_of(&card);
        had_picture += usize::from(drawn.contains(&page.key()));
        left.push(key.elapsed().as_secs_f64());
    }
    let share = had_picture as f64 / ANSWERS as f64;
    b.latencies("next_card", &[left], json!({ "drawn_in_advance": share }));
    b.latencies("next_card:in_advance", &[in_advance], json!({}));
}

/// The next event that `wanted` takes.
fn until<T>(worker: &ServiceHandle, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
    loop {
        let event = worker.wait_event(PATIENCE).expect("the worker answers");
        if let Some(found) = wanted(event) {
            return found;
        }
    }
}

fn shown(worker: &ServiceHandle) -> Box<StudyCard> {
    until(worker, |event| match event {
        Event::Study(StudyEvent::Card { card, .. }) => Some(card),
        _ => None,
    })
}

fn question_of(card: &StudyCard) -> Arc<CardPage> {
    Arc::new(CardPage {
        html: card.question.html.clone(),
        css: card.css.clone(),
        body_class: card.body_class.clone(),
        play_buttons: true,
        ..CardPage::default()
    })
}

fn draw(engine: &CardEngine, card: &StudyCard, drawn: &mut HashSet<engram::render::CardKey>) {
    let page = question_of(card);
    if !drawn.insert(page.key()) {
        return;
    }
    engine.prepare(page, View::new(800.0, 600.0));
    while let Some(event) = engine.wait(PATIENCE) {
        if matches!(event, EngineEvent::Drawn(_)) {
            break;
        }
    }
}
