//! The whole window under random hands: clicks, keys, words, drags, files, time that passes and
//! restarts, wherever they lead. Nothing panics, on no thread; the profile opens again afterwards,
//! and its collection is sound. `ENGRAM_FUZZ=100..120` tries other hands.

use crate::harness::{NOW, Options, TestApp};
use crate::oracle;
use crate::steps::send;
use crate::whole;
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, TouchPhase, vec2,
};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::backup::export::{ExportOptions, export_colpkg};
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::base::{Error, ErrorKind, Result};
use engram::collection::Collection;
use engram::net::{Call, Reply, Transport};
use engram::service::profiles::DataFolder;
use engram::service::request::{ProfileRequest, Request};
use engram::ui::action::Action;
use engram::ui::model::Phase;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const STEPS: usize = 250;

/// What would go into the trash of whoever runs this.
const OUTSIDE: [&str; 2] = ["Delete Profile", "Empty Trash"];

const WORDS: [&str; 14] = [
    "a",
    "word",
    "deck:Spanish",
    "is:due OR (",
    "tag:t::1",
    "0",
    "99999999999",
    "-3",
    "größe 日本 🎉",
    "שלום",
    "{{c1::cloze}}",
    "<b>bold",
    "A::B::C",
    "../x\u{0}y",
];

const KEYS: [Key; 24] = [
    Key::Enter,
    Key::Enter,
    Key::Escape,
    Key::Space,
    Key::Tab,
    Key::ArrowDown,
    Key::ArrowUp,
    Key::ArrowLeft,
    Key::ArrowRight,
    Key::Home,
    Key::End,
    Key::PageDown,
    Key::PageUp,
    Key::Delete,
    Key::Backspace,
    Key::F2,
    Key::F3,
    Key::F5,
    Key::F9,
    Key::F10,
    Key::Slash,
    Key::Minus,
    Key::Num1,
    Key::Num3,
];

/// A machine without a network.
struct Offline;

impl Transport for Offline {
    fn send(&self, _: Call<'_>) -> Result<Reply> {
        Err(Error::new(ErrorKind::Network, "the machine is offline"))
    }
}

/// Two profiles with something of everything, and files to choose from.
fn prepare(base: &Path, clock: &Clock) {
    for name in ["Ana", "Ben"] {
        let made = DataFolder::at(base.to_owned()).create(name).unwrap();
        whole::fill(&made.folder, clock);
    }
    let files = base.join("files");
    std::fs::create_dir_all(files.join("folder")).unwrap();
    std::fs::write(files.join("list.csv"), "a,b,tag\nc,d,\n\"e\n").unwrap();
    std::fs::write(files.join("picture.png"), [0x89, b'P', b'N', b'G']).unwrap();
    std::fs::write(files.join("broken.apkg"), b"PK\x03\x04 and no more").unwrap();
    let ben = base.join("Ben/collection.anki2");
    std::fs::copy(&ben, files.join("collection.anki2")).unwrap();
    let col = Collection::open(&ben, clock.clone()).unwrap();
    let frozen = col.storage().freeze().unwrap();
    let options = ExportOptions {
        media: None,
        legacy: false,
        data_folder: None,
        room: &files,
        lock: None,
    };
    let package = files.join("ben.colpkg");
    export_colpkg(&frozen, &package, &options, &Progress::new()).unwrap();
    col.storage().unfreeze();
    col.close().unwrap();
}

/// The window on a data folder; a profile opens by itself only where it is the only one.
fn window(dir: tempfile::TempDir, clock: Clock, dice: &mut StdRng) -> TestApp {
    let sizes = [(1100.0, 760.0), (760.0, 520.0), (1400.0, 900.0)];
    let (wide, high) = *sizes.choose(dice).unwrap();
    let options = Options {
        size: vec2(wide, high),
        calm: Duration::from_millis(20),
        ..Options::default()
    };
    let mut app = TestApp::reaching(Arc::new(Offline), dir, clock, options);
    app.step_until("the profiles", |a| a.app().model().phase != Phase::Starting);
    app
}

fn label(node: &Node<'_>) -> String {
    let node = node.accesskit_node();
    node.label().or(node.value()).unwrap_or_default()
}

struct Hands {
    dice: StdRng,
    /// What was done, for whoever reads a failure.
    done: Vec<String>,
    /// Names of files that were saved.
    saved: usize,
}

impl Hands {
    fn act(&mut self, app: &mut TestApp) {
        if app.app().model().phase == Phase::Profiles && self.dice.random_bool(0.3) {
            self.done.push("open Ana".into());
            let name = "Ana".to_owned();
            send(
                app,
                Action::Ask(Request::Profile(ProfileRequest::Open { name })),
            );
            return;
        }
        match self.dice.random_range(0..24) {
            0..=8 => self.click(app, PointerButton::Primary),
            9 => self.click(app, PointerButton::Secondary),
            10..=13 => self.key(app, Modifiers::NONE),
            14 => self.key(app, Modifiers::SHIFT),
            15 | 16 => self.letter(app),
            17 => self.command(app),
            18..=20 => self.words(app),
            21 => self.drag(app),
            22 => self.scroll(app),
            _ => self.time(app),
        }
        for _ in 0..self.dice.random_range(1..6) {
            app.harness.step();
            if self.dice.random_bool(0.3) {
                std::thread::sleep(Duration::from_millis(4));
            }
        }
    }

    fn spot(&mut self, app: &TestApp) -> Option<(String, Pos2)> {
        let screen = app.harness.ctx.content_rect();
        let nodes: Vec<_> = app
            .harness
            .query_all_by(|n| {
                !n.is_disabled()
                    && !matches!(
                        n.role(),
                        Role::Label
                            | Role::Heading
                            | Role::Window
                            | Role::GenericContainer
                            | Role::Unknown
                    )
            })
            .filter(|n| n.accesskit_node().raw_bounds().is_some())
            .map(|n| (label(&n), n.rect()))
            .filter(|(_, r)| r.is_positive() && screen.contains(r.center()))
            .collect();
        let outside = |words: &str| OUTSIDE.iter().any(|o| words.starts_with(o));
        let forbidden: Vec<_> = nodes.iter().filter(|(l, _)| outside(l)).collect();
        let (label, rect) = nodes.choose(&mut self.dice)?;
        let at = rect.center();
        let free = forbidden.iter().all(|(_, r)| !r.contains(at));
        free.then(|| (label.clone(), at))
    }

    /// On anything that can be pressed.
    fn click(&mut self, app: &TestApp, button: PointerButton) {
        let Some((label, at)) = self.spot(app) else {
            return;
        };
        let modifiers = match self.dice.random_range(0..12) {
            0 => Modifiers::SHIFT,
            1 => Modifiers::COMMAND,
            _ => Modifiers::NONE,
        };
        self.done
            .push(format!("click {button:?} {modifiers:?} {label:?} at {at}"));
        let times = if self.dice.random_bool(0.1) { 2 } else { 1 };
        let press = |pressed| Event::PointerButton {
            pos: at,
            button,
            pressed,
            modifiers,
        };
        app.harness.event(Event::PointerMoved(at));
        for _ in 0..times {
            app.harness.event(press(true));
            app.harness.event(press(false));
        }
    }

    fn drag(&mut self, app: &mut TestApp) {
        let (Some((what, from)), Some((onto, to))) = (self.spot(app), self.spot(app)) else {
            return;
        };
        self.done.push(format!("drag {what:?} onto {onto:?}"));
        app.harness.drag_at(from);
        app.harness.step();
        app.harness.hover_at(from.lerp(to, 0.5));
        app.harness.step();
        app.harness.hover_at(to);
        app.harness.step();
        app.harness.drop_at(to);
    }

    fn key(&mut self, app: &TestApp, modifiers: Modifiers) {
        let key = *KEYS.choose(&mut self.dice).unwrap();
        self.done.push(format!("key {modifiers:?} {key:?}"));
        app.harness.key_press_modifiers(modifiers, key);
    }

    /// With the text that a keyboard sends beside it.
    fn letter(&mut self, app: &TestApp) {
        let letter = self.dice.random_range('A'..='Z');
        let key = Key::from_name(&letter.to_string()).unwrap();
        self.done.push(format!("letter {letter}"));
        app.harness.key_press(key);
        let text = letter.to_ascii_lowercase().to_string();
        app.harness.event(Event::Text(text));
    }

    /// Control with anything, which is most commands; the menus have the rest.
    fn command(&mut self, app: &TestApp) {
        let modifiers = match self.dice.random_range(0..4) {
            0 => Modifiers::COMMAND | Modifiers::SHIFT,
            1 => Modifiers::COMMAND | Modifiers::ALT,
            _ => Modifiers::COMMAND,
        };
        let letter = self.dice.random_range('A'..='Z');
        let key = Key::from_name(&letter.to_string()).unwrap();
        self.done.push(format!("keys {modifiers:?} {letter}"));
        app.harness.key_press_modifiers(modifiers, key);
    }

    fn words(&mut self, app: &TestApp) {
        let words = *WORDS.choose(&mut self.dice).unwrap();
        if self.dice.random_bool(0.3) {
            app.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        }
        self.done.push(format!("type {words:?}"));
        let event = match self.dice.random_range(0..4) {
            0 => Event::Paste(words.to_owned()),
            _ => Event::Text(words.to_owned()),
        };
        app.harness.event(event);
    }

    fn scroll(&mut self, app: &TestApp) {
        let across = self.dice.random_range(0.0..1.0);
        let down = self.dice.random_range(0.0..1.0);
        let at = app
            .harness
            .ctx
            .content_rect()
            .lerp_inside(vec2(across, down));
        self.done.push(format!("scroll at {at}"));
        app.harness.hover_at(at);
        app.harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, self.dice.random_range(-500.0..500.0)),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
    }

    /// Time passes, and the next file dialog has an answer.
    fn time(&mut self, app: &TestApp) {
        let files = app.base.join("files");
        let (file, passed) = match self.dice.random_range(0..7) {
            0 => ("list.csv", 1_000),
            1 => ("ben.colpkg", 61_000),
            2 => ("broken.apkg", 40 * 60_000),
            3 => ("collection.anki2", 5),
            4 => ("folder", 30 * 3_600_000),
            5 => ("picture.png", -5_000),
            _ => ("", 700),
        };
        let path = if file.is_empty() {
            self.saved += 1;
            files.join(format!("saved {}.colpkg", self.saved))
        } else {
            files.join(file)
        };
        self.done
            .push(format!("{passed} ms and {}", path.display()));
        app.clock.advance_millis(passed);
        app.script.will_pick(path);
    }
}

/// A whole life of a window: to the end of its steps, or until the hands close it.
fn live(app: &mut TestApp, hands: &mut Hands, steps: &mut usize) {
    while *steps > 0 {
        *steps -= 1;
        if matches!(app.app().model().phase, Phase::Stopping | Phase::Stopped) {
            hands.done.push("the window was closed".into());
            break;
        }
        hands.act(app);
    }
}

fn collection_is_sound(folder: &Path, clock: &Clock) {
    let path = folder.join("collection.anki2");
    if !path.exists() {
        return;
    }
    let mut col = Collection::open(&path, clock.clone()).unwrap();
    let problems = col.find_problems(&Progress::new()).unwrap();
    assert!(problems.is_empty(), "{}: {problems:?}", path.display());
    col.close().unwrap();
}

fn storm(seed: u64) {
    let clock = Clock::fixed(NOW, 0);
    let mut hands = Hands {
        dice: StdRng::seed_from_u64(seed),
        done: Vec::new(),
        saved: 0,
    };
    let mut dir = tempfile::tempdir().unwrap();
    prepare(dir.path(), &clock);
    let mut steps = STEPS;
    let lived = catch_unwind(AssertUnwindSafe(|| {
        while steps > 0 {
            let mut app = window(dir, clock.clone(), &mut hands.dice);
            live(&mut app, &mut hands, &mut steps);
            (dir, _) = app.into_dir();
        }
        dir
    }));
    let story = || format!("seed {seed}: {:#?}", hands.done);
    let Ok(dir) = lived else {
        panic!("{}", story());
    };
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "{}", story());
    let sound = catch_unwind(AssertUnwindSafe(|| {
        for profile in DataFolder::at(dir.path().to_owned()).list().unwrap() {
            collection_is_sound(&dir.path().join(&profile.name), &clock);
        }
    }));
    assert!(sound.is_ok(), "{}", story());
}

static PANICS: AtomicUsize = AtomicUsize::new(0);

#[test]
fn nothing_that_hands_do_breaks_the_window_or_the_collection() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        usual(panic);
    }));
    for seed in oracle::fuzz_seeds().unwrap_or(1..3) {
        storm(seed);
    }
}
