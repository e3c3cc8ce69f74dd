//! Films on cards: a still taken by ffmpeg, what a click on it does, and the reasons without one.

use crate::draw_engine::{LONG, until};
use engram::render::{
    CardEngine, CardInput, CardOutput, CardPage, DrawnCard, EngineEvent, MediaFolder, View,
};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// Looks like an option, a pattern and an address.
const NAME: &str = "-y 50% a%03d;'#1&b.mp4";

fn programs() -> Vec<PathBuf> {
    engram::base::program::system_folders()
}

/// A film of one colour; `more` are options before its name.
fn film(folder: &Path, name: &str, colour: &str, more: &[&str]) {
    let source = format!("color={colour}:size=320x180:duration=2");
    let made = Command::new("ffmpeg")
        .args([
            "-nostdin",
            "-loglevel",
            "error",
            "-f",
            "lavfi",
            "-i",
            &source,
        ])
        .args(["-pix_fmt", "yuv420p"])
        .args(more)
        .arg(format!("file:{}", folder.join(name).display()))
        .status();
    assert!(made.expect("ffmpeg is installed").success());
}

fn engine(folder: &Path, programs: &[PathBuf]) -> CardEngine {
    let media = MediaFolder::new(folder).with_stills(programs);
    CardEngine::spawn(Arc::new(media), Arc::new(|| {})).expect("an engine")
}

fn show(engine: &CardEngine, name: &str) {
    let src: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let page = CardPage {
        html: format!("<video src='{src}'></video>"),
        ..CardPage::default()
    };
    engine.show(Arc::new(page), View::new(500.0, 400.0), false);
}

/// Points that are about as red, green and blue.
fn count(drawn: &DrawnCard, colour: [u8; 3]) -> usize {
    let near = |p: &[u8]| (0..3).all(|i| p[i].abs_diff(colour[i]) < 12);
    drawn.rgba.chunks_exact(4).filter(|p| near(p)).count()
}

fn says(engine: &CardEngine, words: &str) {
    until(engine, words, |drawn| drawn.text.contains(words));
}

#[test]
fn a_film_shows_a_still_that_opens_the_player_whatever_its_name() {
    let dir = tempfile::tempdir().unwrap();
    film(dir.path(), NAME, "red", &[]);
    let engine = engine(dir.path(), &programs());
    show(&engine, NAME);
    let still = until(&engine, "a still", |drawn| {
        count(drawn, [254, 0, 0]) > 40_000
    });
    for words in [NAME, "Open in player", "Play the sound"] {
        assert!(still.text.contains(words), "{words} in {}", still.text);
    }
    let (x, y) = (60.0, 60.0);
    engine.input(CardInput::PointerMoved { x, y });
    engine.input(CardInput::PointerPressed { x, y });
    engine.input(CardInput::PointerReleased { x, y });
    let opened = loop {
        match engine.wait(LONG) {
            Some(EngineEvent::Output(CardOutput::Tip(_)) | EngineEvent::Drawn(_)) => {}
            other => break other,
        }
    };
    let Some(EngineEvent::Output(CardOutput::OpenFile(name))) = opened else {
        panic!("not opened: {opened:?}");
    };
    assert_eq!(name, NAME);
    // Nothing was written beside it.
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn all_kinds_of_films_have_stills_short_and_oblong_ones_too() {
    let dir = tempfile::tempdir().unwrap();
    film(
        dir.path(),
        "a.webm",
        "red",
        &["-c:v", "libvpx", "-t", "0.2"],
    );
    film(dir.path(), "b.mkv", "red", &[]);
    film(dir.path(), "c.avi", "red", &["-c:v", "mpeg4"]);
    film(
        dir.path(),
        "d.ogv",
        "red",
        &["-c:v", "libtheora", "-q:v", "8"],
    );
    // Anamorphic: as high as it is wide.
    film(dir.path(), "e.mov", "red", &["-vf", "setsar=9/16"]);
    let engine = engine(dir.path(), &programs());
    for (name, points) in [
        ("a.webm", 45_000..60_000),
        ("b.mkv", 45_000..60_000),
        ("c.avi", 45_000..60_000),
        ("d.ogv", 45_000..60_000),
        ("e.mov", 85_000..110_000),
    ] {
        show(&engine, name);
        let red = |drawn: &DrawnCard| count(drawn, [254, 0, 0]);
        let still = until(&engine, name, |drawn| red(drawn) > 0);
        assert!(points.contains(&red(&still)), "{name}: {}", red(&still));
    }
}

#[test]
fn without_a_still_the_reason_is_there() {
    let dir = tempfile::tempdir().unwrap();
    film(dir.path(), "film.mp4", "red", &[]);
    std::fs::write(dir.path().join("bad.mp4"), b"this is no film").unwrap();
    // Would have another file shown.
    let list = "ffconcat version 1.0\nfile film.mp4\n";
    std::fs::write(dir.path().join("list.mp4"), list).unwrap();
    let with = engine(dir.path(), &programs());
    for name in ["bad.mp4", "list.mp4"] {
        show(&with, name);
        says(&with, "ffmpeg finds no picture in it");
    }
    show(&with, "gone.mp4");
    says(&with, "This file is not in the media folder.");
    let without = engine(dir.path(), &[]);
    show(&without, "film.mp4");
    says(&without, "A picture of it needs the program ffmpeg.");
}

#[cfg(unix)]
#[test]
fn a_program_that_hangs_is_ended_and_said() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let (media, bin) = (dir.path().join("media"), dir.path().join("bin"));
    std::fs::create_dir(&media).unwrap();
    std::fs::create_dir(&bin).unwrap();
    std::fs::write(media.join("film.mp4"), b"x").unwrap();
    let script = bin.join("ffmpeg");
    std::fs::write(&script, "#!/bin/sh\nexec sleep 60\n").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let engine = engine(&media, &[bin]);
    show(&engine, "film.mp4");
    // The card is there meanwhile.
    says(&engine, "Open in player");
    says(&engine, "it took too long");
}
