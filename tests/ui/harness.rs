//! The whole window in a test: real screens, the real worker on a temporary folder (or a scripted
//! one), a clock that stands still. Shared with `examples/gallery.rs`.

#![allow(dead_code, reason = "tests and the gallery use different parts of it")]

use eframe::egui::{self, Key, Modifiers, Theme, Vec2};
use egui_kittest::{Harness, HarnessBuilder};
use engram::base::time::{Clock, Stopwatch, TimestampMillis};
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::net::{Http, Transport};
use engram::service::event::{Event, JobId};
use engram::service::handle::{ServiceConfig, ServiceHandle};
use engram::service::jobs::JobView;
use engram::service::profiles::DataFolder;
use engram::service::request::Request;
use engram::ui::action::Action;
use engram::ui::app::{App, StartWith};
use engram::ui::audio::Devices;
use engram::ui::environment::Service;
use engram::ui::model::Phase;
use engram::ui::software::Software;
use engram::ui::testing::{Script, ScriptedService, no_device, scripted};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Saturday 21 November 2026, 15:30 UTC.
pub const NOW: TimestampMillis = TimestampMillis(1_795_275_000_000);

/// Longest wait for the worker in a test.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct TestApp {
    pub harness: Harness<'static, App>,
    pub clock: Clock,
    pub script: Script,
    /// Data folder with the profiles.
    pub base: PathBuf,
    /// Removed with the test.
    _dir: Option<tempfile::TempDir>,
}

/// How the window is.
#[derive(Debug, Clone)]
pub struct Options {
    pub size: Vec2,
    pub scale: f32,
    pub theme: Theme,
    pub start: StartWith,
    /// Keys that are held while the window opens.
    pub held: Modifiers,
    /// How long nothing must happen before the worker does what can wait.
    pub calm: Duration,
    pub sound: fn() -> Devices,
    /// Painted as without a graphics card.
    pub software: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            size: Vec2::new(1100.0, 760.0),
            scale: 1.0,
            theme: Theme::Light,
            start: StartWith::default(),
            held: Modifiers::NONE,
            calm: Duration::from_secs(60),
            sound: no_device,
            software: false,
        }
    }
}

fn builder(options: &Options) -> HarnessBuilder<App> {
    Harness::builder()
        .with_size(options.size)
        .with_pixels_per_point(options.scale)
        .with_theme(options.theme)
        .with_max_steps(64)
        .with_render_cursor(false)
        .allow_missing_glyphs()
        .with_context_setup({
            let (system, held, software) = (options.theme, options.held, options.software);
            move |ctx| {
                if software {
                    ctx.add_plugin(Software::default());
                }
                ctx.input_mut(|i| i.modifiers = held);
                // The theme is set to follow the system: this is the system's.
                ctx.options_mut(|o| o.fallback_theme = system);
                engram::ui::theme::system_fonts::add(ctx);
            }
        })
}

impl TestApp {
    /// A fresh data folder.
    pub fn start() -> Self {
        Self::with(Options::default(), |_, _| {})
    }

    /// `prepare` fills the data folder before the window opens.
    pub fn with(options: Options, prepare: impl FnOnce(&Path, &Clock)) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let clock = Clock::fixed(NOW, 0);
        prepare(dir.path(), &clock);
        Self::on(dir, clock, options)
    }

    /// On a folder that was there before: a restart.
    pub fn on(dir: tempfile::TempDir, clock: Clock, options: Options) -> Self {
        Self::reaching(Arc::new(Http::new()), dir, clock, options)
    }

    /// As [`Self::on`], with another way to other machines.
    pub fn reaching(
        net: Arc<dyn Transport>,
        dir: tempfile::TempDir,
        clock: Clock,
        options: Options,
    ) -> Self {
        let base = dir.path().to_owned();
        let script = Script::default();
        let (at, time, dialogs) = (base.clone(), clock.clone(), script.clone());
        let harness = builder(&options).build_eframe(move |cc| {
            let wake = cc.egui_ctx.clone();
            let waker = Arc::new(move || wake.request_repaint());
            let config = ServiceConfig {
                clock: time.clone(),
                waker,
                net,
                calm: options.calm,
                ..ServiceConfig::without_keychain(DataFolder::at(at.clone()))
            };
            let service = ServiceHandle::spawn(config).expect("the worker starts");
            let mut env = scripted(Late::around(service), &at, time, &dialogs);
            env.sound = options.sound;
            App::new(&cc.egui_ctx, env, options.start)
        });
        Self {
            harness,
            clock,
            script,
            base,
            _dir: Some(dir),
        }
    }

    /// With a worker that only says what it is told to.
    pub fn scripted(options: Options) -> (Self, ScriptedService) {
        let clock = Clock::fixed(NOW, 0);
        let script = Script::default();
        let service = ScriptedService::default();
        let base = PathBuf::from("/home/ana/.local/share/engram");
        let (at, time, dialogs, worker) =
            (base.clone(), clock.clone(), script.clone(), service.clone());
        let harness = builder(&options).build_eframe(move |cc| {
            let mut env = scripted(Box::new(worker), &at, time, &dialogs);
            env.sound = options.sound;
            App::new(&cc.egui_ctx, env, options.start)
        });
        let app = Self {
            harness,
            clock,
            script,
            base,
            _dir: None,
        };
        (app, service)
    }

    /// Ends the window and its worker, and gives the folder back for a restart.
    pub fn into_dir(mut self) -> (tempfile::TempDir, Clock) {
        let ctx = self.harness.ctx.clone();
        let end = Action::Ask(Request::Shutdown);
        self.harness.state_mut().send(&ctx, end);
        self.step_until("the worker has ended", |a| {
            a.app().model().phase == Phase::Stopped
        });
        let dir = self._dir.take().expect("a real data folder");
        (dir, self.clock.clone())
    }

    /// The folder as a program that is killed leaves it: a copy, while the window still runs.
    /// A copy during which a file went or got its final name is made again.
    pub fn killed(&self) -> (tempfile::TempDir, Clock) {
        for _ in 0..50 {
            let dir = tempfile::tempdir().expect("a temporary folder");
            match copy_folder(&self.base, dir.path()) {
                Ok(()) => return (dir, self.clock.clone()),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                Err(e) => panic!("the folder cannot be copied: {e}"),
            }
        }
        panic!("files came and went during every copy");
    }

    pub fn app(&self) -> &App {
        self.harness.state()
    }

    /// Frames until nothing moves any more; a spinner or animation may go on.
    pub fn settle(&mut self) {
        self.harness.run_steps(4);
    }

    /// Frames until `predicate` holds; fails with a picture of the window when it never does.
    #[track_caller]
    pub fn step_until(&mut self, what: &str, predicate: impl Fn(&Self) -> bool) {
        let began = Stopwatch::start();
        loop {
            self.harness.step();
            if predicate(self) {
                self.settle();
                return;
            }
            if began.elapsed() > PATIENCE {
                let saved = self.save_failure(what);
                panic!("never came: {what}; the window is in {saved}");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn save_failure(&mut self, what: &str) -> String {
        let name = what.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let path = std::env::temp_dir().join(format!("engram-ui-{name}.png"));
        match self.harness.render() {
            Ok(image) if image.save(&path).is_ok() => path.display().to_string(),
            _ => "no picture could be drawn".into(),
        }
    }

    /// One key, as from the keyboard.
    pub fn key(&mut self, key: Key) {
        self.harness.key_press(key);
        self.settle();
    }

    pub fn keys(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    /// Signs that layouts put elsewhere, or text into the focused field.
    pub fn type_text(&mut self, text: &str) {
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.settle();
    }
}

/// The worker of a machine that is busy: each request comes to it so much later. Whatever a test
/// presses, sees or reads before the answer to what it did fails then.
struct Late {
    worker: ServiceHandle,
    by: Duration,
    on_their_way: RefCell<VecDeque<(Stopwatch, Request)>>,
}

impl Late {
    /// By `ENGRAM_LATE` milliseconds; without it, the worker as it is.
    fn around(worker: ServiceHandle) -> Box<dyn Service> {
        let Ok(by) = std::env::var("ENGRAM_LATE") else {
            return Box::new(worker);
        };
        Box::new(Self {
            worker,
            by: Duration::from_millis(by.parse().expect("milliseconds")),
            on_their_way: RefCell::default(),
        })
    }

    fn pass_on(&self, after: Duration) {
        let mut requests = self.on_their_way.borrow_mut();
        while let Some((_, request)) = requests.pop_front_if(|(sent, _)| sent.elapsed() >= after) {
            // One that has ended takes none.
            let _taken = self.worker.request(request);
        }
    }
}

impl Service for Late {
    fn request(&self, request: Request) -> bool {
        let asked = (Stopwatch::start(), request);
        self.on_their_way.borrow_mut().push_back(asked);
        true
    }
    fn drain_events(&self) -> Vec<Event> {
        self.pass_on(self.by);
        self.worker.drain_events()
    }
    fn jobs(&self) -> Vec<JobView> {
        self.worker.jobs()
    }
    fn cancel(&self, job: JobId) {
        self.worker.cancel(job);
    }
}

impl Drop for Late {
    fn drop(&mut self) {
        self.pass_on(Duration::ZERO);
    }
}

/// Logs of databases before these (`collection.anki2-wal` before `collection.anki2`): what is folded
/// in meanwhile is in both copies then, and not in none.
fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut entries = std::fs::read_dir(from)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.file_name()));
    for entry in entries {
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir_all(&target)?;
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// A profile "Ana" with decks of so many basic notes: `Word n` on the front, `Meaning n` behind.
pub fn ana(base: &Path, clock: &Clock, decks: &[(&str, usize)]) {
    let paths = DataFolder::at(base.to_owned())
        .create("Ana")
        .expect("a profile");
    let mut col = Collection::open(&paths.collection(), clock.clone()).expect("a collection");
    let basic = col
        .storage()
        .all_notetypes()
        .expect("note types")
        .into_iter()
        .find(|n| n.name == "Basic")
        .expect("Basic")
        .id;
    for (name, notes) in decks {
        let deck = col.deck_create(name).expect("a deck").value;
        let notes = (1..=*notes)
            .map(|n| NewNote {
                notetype_id: basic,
                deck_id: deck,
                fields: vec![format!("Word {n}"), format!("Meaning {n}")],
                tags: vec![],
            })
            .collect();
        col.add_notes(notes).expect("notes");
    }
    col.close().expect("closed");
}
