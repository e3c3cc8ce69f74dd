//! Starts the window: arguments, data folder, worker, native options.

use crate::base::error::{Error, Result};
use crate::base::lang;
use crate::base::time::Clock;
use crate::mark;
use crate::service::hand_over::{Door, Turn, hand_over};
use crate::service::profiles::DataFolder;
use crate::service::{ServiceConfig, ServiceHandle, crash, language, window_place};
use crate::ui::app::{self, App, StartWith};
use crate::ui::audio;
use crate::ui::environment::{Environment, Place, SystemDialogs, SystemOpener};
use crate::ui::frame_times::{FrameTimes, Timed};
use crate::ui::rich_edit::clipboard;
use crate::ui::software::{Graphics, Software, driver};
use crate::ui::theme::{size, system_fonts};
use clap::Parser;
use eframe::egui::{Context, Theme, ViewportBuilder};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Longest that the first frame waits for the deck list.
const START_PATIENCE: Duration = Duration::from_millis(150);

/// Flashcards on Anki's own data that never lose anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Parser)]
#[command(name = "engram", version)]
pub struct Args {
    /// A package or text file to take in.
    pub file: Option<PathBuf>,
    /// Data folder that holds the profiles.
    #[arg(short, long, value_name = "DIR")]
    pub base: Option<PathBuf>,
    /// Profile to open.
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Language of the window this time: en, de, es or fr.
    #[arg(short, long, value_name = "CODE")]
    pub lang: Option<String>,
    /// Sync nothing by itself, as when Shift is held while Engram starts.
    #[arg(long)]
    pub safemode: bool,
    /// Let OpenGL paint the window also where there is no graphics card, which is slower.
    #[arg(long)]
    pub opengl: bool,
    /// Be a sync server instead of opening a window, set up by variables: see `engram-cli
    /// sync-server --help`.
    #[arg(long)]
    pub syncserver: bool,
    /// For measuring: a file for how long each frame took, written when the window is closed.
    #[arg(long, value_name = "FILE", hide = true)]
    pub frame_times: Option<PathBuf>,
}

/// Runs until the window is closed.
pub fn run(args: Args) -> Result<()> {
    let data = DataFolder::locate(args.base)?;
    let turn = Turn::wait(data.path());
    // A profile that is open nowhere, or a start that syncs nothing, is a window of its own.
    let (profile, file) = (args.profile.as_deref(), args.file.as_deref());
    if !args.safemode && hand_over(data.path(), profile, file) {
        return Ok(());
    }
    choose_language(&data, args.lang.as_deref());
    let start = StartWith {
        profile: args.profile,
        file: args.file,
        safe: args.safemode,
        crashed: crash::take(data.path()),
    };
    crash::watch(data.path());
    let last = window_place::load(data.path());
    let inner = last.map_or(size::WINDOW, |p| [p.width, p.height]);
    let times = args.frame_times.map(|file| (file, FrameTimes::default()));
    let timed = times.as_ref().map(|(_, times)| times.clone());
    let options = eframe::NativeOptions {
        // Builds for tests have another one as well, which would be taken, and paints by itself.
        renderer: eframe::Renderer::Glow,
        viewport: ViewportBuilder::default()
            .with_title("Engram")
            .with_app_id("engram")
            .with_inner_size(inner)
            .with_maximized(last.is_some_and(|p| p.maximized))
            .with_min_inner_size(size::WINDOW_MIN),
        // It is for wide gradients, of which there are none, and takes time without a graphics card.
        dithering: false,
        clipboard_shortcuts: !clipboard::reads_beside(),
        ..Default::default()
    };
    let place: Place = Arc::new(Mutex::new(last));
    let (folder, kept) = (data.path().to_owned(), place.clone());
    driver::listen();
    let ended = eframe::run_native(
        "engram",
        options,
        Box::new(move |cc| {
            // Systems that do not tell their theme mostly have a light one.
            cc.egui_ctx.options_mut(|o| o.fallback_theme = Theme::Light);
            system_fonts::add(&cc.egui_ctx);
            close_on_signals(&cc.egui_ctx);
            let graphics = driver::found(args.opengl);
            let is_software = graphics.as_ref().is_some_and(|found| found.is_software);
            let env = environment(&cc.egui_ctx, data, place, graphics)?;
            if let Some(door) = &env.door {
                door.set_profile(start.profile.as_deref());
            }
            // Later starts can find the window now.
            drop(turn);
            if clipboard::reads_beside() {
                cc.egui_ctx.add_plugin(clipboard::Beside::window());
            }
            let mut app = App::new(&cc.egui_ctx, env, start);
            if is_software {
                let software = Software::over(app.clear().clone());
                cc.egui_ctx.add_plugin(software);
            }
            app.wait_for_start(&cc.egui_ctx, START_PATIENCE);
            let app: Box<dyn eframe::App> = match timed {
                Some(times) => Box::new(Timed::new(app, times)),
                None => Box::new(app),
            };
            Ok(app)
        }),
    );
    let place = kept.lock().map_or(None, |place| *place);
    if let Some(place) = place.filter(|place| last != Some(*place))
        && let Err(e) = window_place::save(&folder, place)
    {
        tracing::warn!("the window's size is not kept: {e}");
    }
    if let Some((file, times)) = times {
        times.write(&file)?;
    }
    ended.map_err(|e| Error::not_found(mark!("no window could be opened")).because(e.to_string()))
}

/// Before anything is shown; `asked` is what the command line says.
fn choose_language(data: &DataFolder, asked: Option<&str>) {
    let asked = asked.map(|code| lang::nearest(code).code.to_owned());
    let chosen = asked.or_else(|| language::load(data.path()));
    let code = chosen.as_deref().unwrap_or(language::of_the_system().code);
    if let Err(e) = lang::choose(code) {
        tracing::warn!("the window stays English: {e}");
    }
}

/// Logging out, `kill` and Ctrl+C close the window as its close button does, only without questions:
/// the worker saves and makes the backup on close first. Without it they end the program at once,
/// which every write survives as well.
fn close_on_signals(ctx: &Context) {
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        use signal_hook::iterator::Signals;
        let ctx = ctx.clone();
        let watching = Signals::new([SIGTERM, SIGINT, SIGHUP]).and_then(|mut signals| {
            std::thread::Builder::new()
                .name("signals".to_owned())
                .spawn(move || signals.forever().for_each(|_| app::end(&ctx)))
        });
        if let Err(e) = watching {
            tracing::warn!("signals to end cannot be watched: {e}");
        }
    }
    #[cfg(not(unix))]
    let _ = ctx;
}

fn environment(
    ctx: &Context,
    data: DataFolder,
    place: Place,
    graphics: Option<Graphics>,
) -> Result<Environment> {
    let wake = ctx.clone();
    let base = data.path().to_owned();
    let service = ServiceHandle::spawn(ServiceConfig {
        waker: Arc::new(move || wake.request_repaint()),
        ..ServiceConfig::real(data)
    })?;
    let (started, started_again) = crossbeam_channel::unbounded();
    let wake = ctx.clone();
    let door = Door::open(&base, move |file| {
        let _sent = started.send(file);
        wake.request_repaint();
    });
    if let Err(e) = &door {
        tracing::warn!("later starts will open windows of their own: {e}");
    }
    Ok(Environment {
        door: door.ok(),
        place,
        graphics,
        started_again,
        clock: Clock::System,
        base,
        service: Box::new(service),
        files: Box::new(SystemDialogs),
        opener: Box::new(SystemOpener),
        sound: audio::system_devices,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_have_ankis_letters() {
        let line = [
            "engram", "-b", "/data", "-p", "Ana", "-l", "de_AT", "x.apkg",
        ];
        let wanted = Args {
            file: Some("x.apkg".into()),
            base: Some("/data".into()),
            profile: Some("Ana".into()),
            lang: Some("de_AT".to_owned()),
            safemode: false,
            opengl: false,
            syncserver: false,
            frame_times: None,
        };
        assert_eq!(Args::parse_from(line), wanted);
        let long = [
            "engram",
            "--base",
            "/data",
            "--profile",
            "Ana",
            "--lang",
            "de_AT",
        ];
        let long = Args::parse_from(long.into_iter().chain(["x.apkg"]));
        assert_eq!(long, wanted);
    }
}
