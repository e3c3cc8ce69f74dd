//! Draws every screen to docs/screens without a display, light and dark:
//! `cargo run --example gallery -- [FOLDER] [part of a name] [WIDTHxHEIGHT|-] [SCALE|-] [LANGUAGE]`;
//! a size or a scale given here is used for every picture instead of its own. Some screens are
//! also drawn in the other languages; with a language given (`de`) all are, as far as the way to
//! them does not go by English words.
//! Screens show fixed data through a scripted worker; nothing on disk is read.

#[path = "gallery/browse.rs"]
mod browse;
#[path = "gallery/cards.rs"]
mod cards;
#[path = "gallery/distractions.rs"]
mod distractions;
#[path = "gallery/filtered.rs"]
mod filtered;
#[path = "../tests/ui/harness.rs"]
mod harness;
#[path = "gallery/health.rs"]
mod health;
#[path = "gallery/home.rs"]
mod home;
#[path = "gallery/notes.rs"]
mod notes;
#[path = "gallery/notetypes.rs"]
mod notetypes;
#[path = "gallery/options.rs"]
mod options;
#[path = "gallery/packages.rs"]
mod packages;
#[path = "gallery/screens.rs"]
mod screens;
#[path = "gallery/stats.rs"]
mod stats;
#[allow(dead_code, reason = "used in part; shared with the tests")]
#[path = "../tests/ui/steps.rs"]
mod steps;
#[path = "gallery/sync.rs"]
mod sync;
#[path = "gallery/timeline.rs"]
mod timeline;
#[path = "gallery/vaults.rs"]
mod vaults;

use eframe::egui::{Theme, Vec2};
use engram::base::lang;
use engram::ui::testing::ScriptedService;
use engram::ui::testing::microphone_only;
use harness::{Options, TestApp};
use std::panic::{catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// One picture.
pub struct Scene {
    pub name: &'static str,
    pub size: (f32, f32),
    /// Puts the window into the state to draw.
    pub act: fn(&mut TestApp, &ScriptedService),
    /// Also at twice the pixels.
    pub twice: bool,
}

/// The main window's usual size.
pub const MAIN: (f32, f32) = (1100.0, 760.0);
/// The smallest window.
pub const SMALL: (f32, f32) = (760.0, 520.0);

/// A picture at its usual pixels.
fn scene(name: &'static str, size: (f32, f32), act: fn(&mut TestApp, &ScriptedService)) -> Scene {
    Scene {
        name,
        size,
        act,
        twice: false,
    }
}

fn scenes() -> Vec<Scene> {
    let mut all = home::scenes();
    all.extend(distractions::scenes());
    all.extend(screens::scenes());
    all.extend(health::scenes());
    all.extend(timeline::scenes());
    all.extend(vaults::scenes());
    all.extend(sync::scenes());
    all.extend(packages::scenes());
    all.extend(filtered::scenes());
    all.extend(notes::scenes());
    all.extend(options::scenes());
    all.extend(notetypes::scenes());
    all.extend(stats::scenes());
    all.extend(browse::scenes());
    all
}

fn main() {
    let mut args = std::env::args().skip(1);
    let out: PathBuf = args
        .next()
        .map_or_else(|| "docs/screens".into(), PathBuf::from);
    let only = args.next().unwrap_or_default();
    let size = args.next().as_deref().and_then(size_from_words);
    let scale: Option<f32> = args.next().and_then(|words| words.parse().ok());
    let language = args.next();
    std::fs::create_dir_all(&out).expect("the folder can be made");
    if let Some(code) = &language {
        lang::choose(code).expect("a language");
    } else {
        for sheet in cards::draw(&out, &only) {
            say(&sheet);
        }
    }
    let end = language
        .as_ref()
        .map_or_else(String::new, |code| format!("_{code}"));
    for mut scene in scenes() {
        scene.size = size.unwrap_or(scene.size);
        for (theme, word) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            let scales: &[f32] = match &scale {
                Some(one) => std::slice::from_ref(one),
                None if scene.twice => &[1.0, 2.0],
                None => &[1.0],
            };
            for &scale in scales {
                let times = if scale == 1.0 {
                    String::new()
                } else {
                    format!("_{scale}x")
                };
                let name = format!("{}_{word}{times}{end}", scene.name);
                if name.contains(&only) {
                    let to = out.join(format!("{name}.png"));
                    // What a picture shows may not exist in another size, nor the way to it in
                    // another language: it is left out then.
                    let drawn = catch_unwind(|| draw(&scene, theme, scale, &to));
                    if let (Err(why), None, None) = (drawn, size, &language) {
                        resume_unwind(why);
                    }
                }
            }
        }
    }
    if language.is_none() && size.is_none() && scale.is_none() {
        in_other_languages(&out, &only);
    }
}

/// Screens that are drawn in every language, each in a program of its own: a language is chosen
/// once.
const IN_OTHER_LANGUAGES: &[&str] = &["06_browse_light", "07_add_light", "08_prefs_backups_light"];

fn in_other_languages(out: &Path, only: &str) {
    let program = std::env::current_exe().expect("the path of this program");
    let others = lang::LANGUAGES.iter().filter(|l| l.code != "en");
    for (language, name) in others.flat_map(|l| IN_OTHER_LANGUAGES.iter().map(move |n| (l, n))) {
        let name = format!("{name}_{}", language.code);
        if name.contains(only) {
            let args = [out.as_os_str(), name.as_ref(), "-".as_ref(), "-".as_ref()];
            let drawn = Command::new(&program)
                .args(args)
                .arg(language.code)
                .status();
            assert!(drawn.is_ok_and(|ended| ended.success()), "{name}");
        }
    }
}

/// `1100x760` as a size; nothing else is one.
fn size_from_words(words: &str) -> Option<(f32, f32)> {
    let (width, height) = words.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

#[expect(clippy::print_stdout, reason = "the command's only output")]
fn say(written: &str) {
    println!("{written}");
}

fn draw(scene: &Scene, theme: Theme, scale: f32, to: &Path) {
    let (mut app, service) = TestApp::scripted(Options {
        size: Vec2::from(scene.size),
        scale,
        theme,
        sound: microphone_only,
        ..Options::default()
    });
    (scene.act)(&mut app, &service);
    // Cards are drawn by a thread; toasts slide in.
    for _ in 0..12 {
        app.harness.step();
        std::thread::sleep(Duration::from_millis(25));
    }
    let image = app.harness.render().expect("a picture");
    image.save(to).expect("the picture can be written");
    say(&to.display().to_string());
}
