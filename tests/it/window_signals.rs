//! The real program in a window without a screen: SIGTERM, SIGINT and SIGHUP end it as its close
//! button does, with the backup on close; a second start hands over to it, also one of the same
//! moment.
#![cfg(all(target_os = "linux", feature = "gui"))]

use crate::oracle::skip;
use engram::backup::catalog;
use engram::backup::entry::{Reason, Verification};
use engram::base::time::{Clock, Stopwatch};
use engram::collection::{Collection, sample};
use engram::service::profiles::{DataFolder, ProfilePaths};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// A window system without a screen.
struct Screen {
    server: Child,
    display: String,
}

impl Screen {
    fn start() -> Option<Self> {
        let started = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1000x700x24",
                "-nolisten",
                "tcp",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut server) = started else {
            skip("no Xvfb");
            return None;
        };
        let mut number = String::new();
        let mut output = BufReader::new(server.stdout.take().unwrap());
        output.read_line(&mut number).unwrap();
        assert!(!number.trim().is_empty(), "Xvfb does not start");
        let display = format!(":{}", number.trim());
        Some(Self { server, display })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A change that no backup has yet.
fn change(paths: &ProfilePaths, name: &str) {
    let mut collection = Collection::open(&paths.collection(), Clock::System).unwrap();
    collection.deck_create(name).unwrap();
    collection.close().unwrap();
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Stopwatch::start();
    while !done() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn program(screen: &Screen, data: &DataFolder) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_engram"));
    program
        .arg("--base")
        .arg(data.path())
        .env("DISPLAY", &screen.display)
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    program
}

#[test]
fn a_second_start_ends_once_the_window_has_its_file() {
    let Some(screen) = Screen::start() else {
        return;
    };
    let room = tempfile::tempdir().unwrap();
    let data = DataFolder::at(room.path().join("data"));
    let paths = data.create("Ana").unwrap();
    let notes = room.path().join("notes.txt");
    std::fs::write(&notes, "one\ttwo\n").unwrap();
    let mut window = program(&screen, &data).spawn().unwrap();
    let log = paths.folder.join("collection.anki2-wal");
    wait_until("the collection is open", || log.exists());
    for file in [Some(&notes), None] {
        let mut second = program(&screen, &data).args(file).spawn().unwrap();
        let mut status = None;
        wait_until("the second start ends", || {
            status = second.try_wait().unwrap();
            status.is_some()
        });
        assert!(status.unwrap().success(), "{status:?}");
        assert_eq!(window.try_wait().unwrap(), None, "the window stays");
    }
    let pid = window.id().to_string();
    let sent = Command::new("kill").args(["-s", "TERM", &pid]).status();
    assert!(sent.unwrap().success());
    wait_until("the window is closed", || {
        window.try_wait().unwrap().is_some()
    });
    assert!(!data.path().join(".window").exists());
}

#[test]
fn two_starts_at_once_are_one_window() {
    let Some(screen) = Screen::start() else {
        return;
    };
    let room = tempfile::tempdir().unwrap();
    let data = DataFolder::at(room.path().join("data"));
    let paths = data.create("Ana").unwrap();
    let log = paths.folder.join("collection.anki2-wal");
    for profile in [&[][..], &["--profile", "Ana"]] {
        let mut both = ["one.txt", "two.txt"].map(|name| {
            let notes = room.path().join(name);
            std::fs::write(&notes, "one\ttwo\n").unwrap();
            let mut start = program(&screen, &data);
            start.args(profile).arg(&notes).spawn().unwrap()
        });
        let mut ended = None;
        wait_until("one of them ends", || {
            ended = both.iter_mut().find_map(|start| start.try_wait().unwrap());
            ended.is_some()
        });
        assert!(ended.unwrap().success(), "{profile:?}: {ended:?}");
        wait_until("the collection is open", || log.exists());
        let mut open: Vec<&mut Child> = both.iter_mut().collect();
        open.retain_mut(|start| start.try_wait().unwrap().is_none());
        let [window] = open.as_mut_slice() else {
            panic!("no window stays");
        };
        let pid = window.id().to_string();
        let sent = Command::new("kill").args(["-s", "TERM", &pid]).status();
        assert!(sent.unwrap().success());
        wait_until("the window is closed", || {
            window.try_wait().unwrap().is_some()
        });
    }
}

#[test]
fn the_window_opens_as_large_as_it_was() {
    let Some(screen) = Screen::start() else {
        return;
    };
    let room = tempfile::tempdir().unwrap();
    let data = DataFolder::at(room.path().join("data"));
    let paths = data.create("Ana").unwrap();
    // The first without a size; then one that is not the usual.
    let file = data.path().join("window.json");
    for [width, height] in [[0.0, 0.0], [812.0, 611.0]] {
        if width > 0.0 {
            let place = format!(r#"{{"width":{width},"height":{height},"maximized":false}}"#);
            std::fs::write(&file, place).unwrap();
        }
        let mut window = program(&screen, &data).spawn().unwrap();
        let log = paths.folder.join("collection.anki2-wal");
        wait_until("the collection is open", || log.exists());
        if width > 0.0 {
            // It is written again only if the window has another one.
            std::fs::remove_file(&file).unwrap();
        }
        let pid = window.id().to_string();
        let sent = Command::new("kill").args(["-s", "TERM", &pid]).status();
        assert!(sent.unwrap().success());
        wait_until("the window is closed", || {
            window.try_wait().unwrap().is_some()
        });
        assert_eq!(file.exists(), width == 0.0, "{width}");
    }
}

#[test]
fn how_long_frames_took_is_written_when_asked() {
    let Some(screen) = Screen::start() else {
        return;
    };
    let room = tempfile::tempdir().unwrap();
    let data = DataFolder::at(room.path().join("data"));
    let paths = data.create("Ana").unwrap();
    let file = room.path().join("frames.txt");
    let mut window = program(&screen, &data)
        .arg("--frame-times")
        .arg(&file)
        .spawn()
        .unwrap();
    let log = paths.folder.join("collection.anki2-wal");
    wait_until("the collection is open", || log.exists());
    let pid = window.id().to_string();
    let sent = Command::new("kill").args(["-s", "TERM", &pid]).status();
    assert!(sent.unwrap().success());
    wait_until("the window is closed", || {
        window.try_wait().unwrap().is_some()
    });
    let text = std::fs::read_to_string(&file).unwrap();
    let frames: Vec<(i64, f64)> = text
        .lines()
        .map(|line| {
            let (began, took) = line.split_once(' ').unwrap();
            (began.parse().unwrap(), took.parse().unwrap())
        })
        .collect();
    assert!(!frames.is_empty());
    assert!(frames.is_sorted_by_key(|(began, _)| *began), "{frames:?}");
    assert!(frames.iter().all(|(_, took)| *took > 0.0), "{frames:?}");
}

#[test]
fn signals_close_the_window_with_the_backup_on_close() {
    let Some(screen) = Screen::start() else {
        return;
    };
    let room = tempfile::tempdir().unwrap();
    let data = DataFolder::at(room.path().join("data"));
    let paths = data.create("Ana").unwrap();
    let mut collection = Collection::open(&paths.collection(), Clock::System).unwrap();
    sample::add_sample_deck(&mut collection).unwrap();
    collection.close().unwrap();
    // Recent, so that the timer has no reason to make one before the signal does.
    let progress = engram::base::job::Progress::new();
    engram::backup::safety::save_present(&paths.folder, Reason::Manual, &Clock::System, &progress)
        .unwrap();
    for (n, signal) in ["TERM", "INT", "HUP"].into_iter().enumerate() {
        change(&paths, signal);
        let mut window = program(&screen, &data)
            .args(["--profile", "Ana"])
            .spawn()
            .unwrap();
        let log = paths.folder.join("collection.anki2-wal");
        wait_until("the collection is open", || {
            assert_eq!(
                window.try_wait().unwrap(),
                None,
                "the window ended by itself"
            );
            log.exists()
        });
        let pid = window.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.unwrap().success());
        let mut status = None;
        wait_until("the window is closed", || {
            status = window.try_wait().unwrap();
            status.is_some()
        });
        assert!(status.unwrap().success(), "{signal}: {status:?}");
        assert!(!log.exists(), "the collection was closed");
        let rules = Default::default();
        let entries = catalog::list(&paths.folder, &rules, &Clock::System).unwrap();
        let closed: Vec<_> = entries
            .iter()
            .filter(|e| e.reason == Reason::Close)
            .collect();
        assert_eq!(closed.len(), n + 1, "{signal}: {entries:#?}");
        assert!(
            closed
                .iter()
                .all(|e| matches!(e.verification, Verification::Verified { .. })),
            "{signal}: {entries:#?}"
        );
    }
}
