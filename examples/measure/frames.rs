//! Frames of the whole window: from a typed character to the shapes of the next frame with a large
//! field, of the Browse page while it scrolls through 150,000 rows, and of cards that are turned over
//! and answered. Counted are egui's pass with the tree for screen readers and the triangles; drawing
//! them is the graphics card's.

use crate::bench::Bench;
use crate::harness::{Options, TestApp};
use eframe::egui::{
    Event as Input, Key, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, pos2, vec2,
};
use engram::base::ids::{CardId, DeckId, NoteId, NotetypeId};
use engram::base::time::Stopwatch;
use engram::domain::browse::{Layout, Row};
use engram::domain::notetype::{Field, FieldConfig, Notetype};
use engram::domain::study::{Counts, QueueKind};
use engram::service::browse::{BrowseEvent, BrowseRequest};
use engram::service::event::{CardSide, Event, ProfileEvent, StudyCard, StudyEvent, UndoStatus};
use engram::service::notes::{Adding, NoteEvent};
use engram::service::request::Request;
use engram::ui::action::Action;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;
use serde_json::json;
use std::fmt::Write as _;
use std::sync::Arc;

const KEYS: usize = 60;
const FRAMES: usize = 240;
const ROWS: i64 = 150_000;
const CARDS: i64 = 40;
/// While one side of a card is looked at.
const LOOKS: usize = 5;

pub fn frames(b: &mut Bench) {
    for (name, html) in [
        ("frame:key_10kB", paragraphs(10_000)),
        ("frame:key_100kB", paragraphs(100_000)),
        ("frame:key_100kB_one_paragraph", one_paragraph(100_000)),
    ] {
        let runs: Vec<Vec<f64>> = (0..b.reps).map(|_| keys(&html)).collect();
        b.latencies(name, &runs, json!({ "bytes": html.len() }));
    }
    let runs: Vec<Vec<f64>> = (0..b.reps).map(|_| scroll()).collect();
    b.latencies("frame:scroll_150000", &runs, json!({ "rows": ROWS }));
    let runs: Vec<Vec<f64>> = (0..b.reps).map(|_| study()).collect();
    b.latencies("frame:study", &runs, json!({ "cards": CARDS }));
}

/// Lines as people write them: some marked, some in blocks.
fn paragraphs(bytes: usize) -> String {
    let mut html = String::new();
    let mut n = 0;
    while html.len() < bytes {
        n += 1;
        let _ = write!(
            html,
            "<div>Line {n} has <b>some bold words</b>, an <i>aside</i> and <span style=\"color: \
             red;\">one in red</span>; the rest of it is plain text.</div>"
        );
    }
    html
}

fn one_paragraph(bytes: usize) -> String {
    let words = "the morning light came slowly over the <b>old</b> harbour wall ";
    words.repeat(bytes / words.len() + 1)
}

fn opened() -> (TestApp, ScriptedService) {
    let (mut app, worker) = TestApp::scripted(Options::default());
    worker.say(Event::Profile(ProfileEvent::Opened {
        name: "Ana".into(),
        restored: false,
        can_undo_restore: false,
        undo: UndoStatus::default(),
    }));
    app.settle();
    (app, worker)
}

/// One frame, to its triangles; in seconds.
fn frame(app: &mut TestApp) -> f64 {
    let clock = Stopwatch::start();
    app.harness.step();
    let output = app.harness.output();
    let shapes = output.shapes.clone();
    let triangles = app.harness.ctx.tessellate(shapes, output.pixels_per_point);
    let taken = clock.elapsed().as_secs_f64();
    assert!(!triangles.is_empty(), "a frame shows something");
    taken
}

fn keys(html: &str) -> Vec<f64> {
    let (mut app, worker) = opened();
    let ctx = app.harness.ctx.clone();
    app.harness.state_mut().send(&ctx, Action::Go(Route::Add));
    app.settle();
    let field = |name: &str| Field {
        name: name.to_owned(),
        config: FieldConfig {
            font_size: 20,
            ..FieldConfig::default()
        },
    };
    let adding = Adding {
        notetype: Arc::new(Notetype {
            id: NotetypeId(7),
            name: "Basic".into(),
            fields: vec![field("Front"), field("Back")],
            ..Notetype::default()
        }),
        deck_id: DeckId(1),
        notetypes: vec![(NotetypeId(7), "Basic".into())],
        fields: vec![html.to_owned(), String::new()],
        tags: vec![],
        from_draft: false,
        instead_of_copy: None,
    };
    worker.say(Event::Note(NoteEvent::Adding(Box::new(adding))));
    app.settle();
    app.settle();
    let mut out = vec![];
    for n in 0..KEYS + 5 {
        app.harness.event(Input::Text("x".into()));
        let taken = frame(&mut app);
        let _asked = worker.take_requests();
        // The first ones fill caches.
        if n >= 5 {
            out.push(taken);
        }
    }
    out
}

fn scroll() -> Vec<f64> {
    let (mut app, worker) = opened();
    let ctx = app.harness.ctx.clone();
    app.harness
        .state_mut()
        .send(&ctx, Action::Go(Route::Browse));
    app.settle();
    worker.say(Event::Browse(BrowseEvent::Opened {
        layouts: [Layout::of(false), Layout::of(true)],
        notes: false,
    }));
    app.settle();
    worker.say(Event::Browse(BrowseEvent::Found {
        serial: 1,
        notes: false,
        ids: (1..=ROWS).collect(),
        carried: None,
    }));
    app.settle();
    app.harness.hover_at(pos2(420.0, 400.0));
    app.settle();
    let (mut out, mut farthest) = (vec![], 0);
    for _ in 0..FRAMES {
        farthest = farthest.max(answer(&worker));
        app.harness.event(Input::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, -2_000.0),
            modifiers: Modifiers::NONE,
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
        });
        out.push(frame(&mut app));
    }
    assert!(
        farthest > 5_000,
        "the table scrolled to row {farthest} only"
    );
    out
}

fn study() -> Vec<f64> {
    let (mut app, worker) = opened();
    let ctx = app.harness.ctx.clone();
    app.harness
        .state_mut()
        .send(&ctx, Action::Go(Route::Review));
    app.settle();
    let mut out = vec![];
    for n in 1..=CARDS {
        worker.say(Event::Study(StudyEvent::Card {
            card: Box::new(card(n)),
            counts: Counts::default(),
        }));
        let mut frames: Vec<f64> = (0..LOOKS).map(|_| frame(&mut app)).collect();
        for key in [Key::Space, Key::Num3] {
            // Each is a frame of its own.
            app.harness.key_down(key);
            frames.push(frame(&mut app));
            app.harness.key_up(key);
            frames.extend((0..LOOKS).map(|_| frame(&mut app)));
        }
        let _asked = worker.take_requests();
        // The first one fills caches.
        if n > 1 {
            out.append(&mut frames);
        }
    }
    out
}

fn card(id: i64) -> StudyCard {
    let side = |words: &str| CardSide {
        html: format!("<div>{words} {id}</div><div>some words below it</div>"),
        sounds: vec![],
    };
    StudyCard {
        id: id.into(),
        note: id.into(),
        card_type: 0,
        deck: "Languages::Spanish".into(),
        kind: QueueKind::Review,
        flag: 0,
        marked: false,
        css: String::new(),
        body_class: "card".into(),
        question: side("front"),
        answer: side("back"),
        type_in: None,
        intervals: ["10m", "5d", "12d", "20d"].map(str::to_owned),
        show_timer: true,
        time_cap_secs: 60,
        stop_timer_on_answer: false,
        autoplay: false,
        auto_advance: Default::default(),
        replay_answer_only: false,
    }
}

/// What the worker would say to questions for rows; the last of them.
fn answer(worker: &ScriptedService) -> i64 {
    let mut last = 0;
    for request in worker.take_requests() {
        if let Request::Browse(BrowseRequest::Rows {
            ids,
            notes,
            columns,
        }) = request
        {
            last = ids.iter().copied().fold(last, i64::max);
            let cells = |id: i64| columns.iter().map(move |c| format!("{} {id}", c.key()));
            let rows = ids.iter().map(|id| Row {
                cells: Some(cells(*id).collect()),
                note: NoteId(*id),
                card: CardId(*id),
                ..Row::deleted(*id)
            });
            worker.say(Event::Browse(BrowseEvent::Rows {
                notes,
                rows: rows.collect(),
                columns,
            }));
        }
    }
    last
}
