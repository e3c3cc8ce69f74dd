//! The window without a graphics card: what is painted by our own code, piece by piece as the window
//! changes, looks as what egui's painter makes of the same screens.

use crate::explorer::card_shows;
use crate::harness::{Options, TestApp, ana};
use crate::review::question;
use crate::steps::{study, wait_for, wait_for_first_backup};
use eframe::egui::{Key, Theme, pos2, vec2};

/// Most by which a channel may differ, of 255: colours are rounded once for each layer.
const NEAR: u8 = 8;

/// Of how many pixels one may differ by more than 2.
const FEW: usize = 500;

fn check(screen: &str, windows: &mut [TestApp; 2]) {
    let [own, wanted] = windows.each_mut().map(|window| {
        // Away from everything, and until what fades in is there.
        window.harness.hover_at(pos2(2.0, 380.0));
        window.harness.run_steps(8);
        window.harness.render().unwrap()
    });
    assert_eq!(own.dimensions(), wanted.dimensions());
    let pairs = own.pixels().zip(wanted.pixels());
    let by = pairs.map(|(own, wanted)| {
        let channels = own.0.iter().zip(&wanted.0);
        channels.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
    });
    let by: Vec<u8> = by.collect();
    let other = by.iter().filter(|by| **by > 2).count();
    let most = by.iter().max().copied().unwrap_or(0);
    assert!(
        most <= NEAR && other * FEW <= by.len(),
        "{screen}: {other} of {} pixels differ by more than 2, one by {most}",
        by.len()
    );
}

fn each(windows: &mut [TestApp; 2], mut act: impl FnMut(&mut TestApp)) {
    windows.iter_mut().for_each(&mut act);
}

fn compare(theme: Theme, scale: f32) {
    let mut windows = [true, false].map(|software| {
        let options = Options {
            theme,
            scale,
            software,
            ..Options::default()
        };
        TestApp::with(options, |base, clock| {
            ana(base, clock, &[("Spanish", 12), ("Biology", 3)]);
        })
    });
    each(&mut windows, |app| {
        app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
        wait_for_first_backup(app);
    });
    check("the deck list", &mut windows);
    each(&mut windows, |app| {
        study(app, "span");
        app.step_until("it is drawn", |a| card_shows(a, "Word 1"));
    });
    assert!(windows.iter().all(question));
    check("a question", &mut windows);
    each(&mut windows, |app| {
        app.key(Key::Space);
        app.step_until("the answer is drawn", |a| card_shows(a, "Meaning 1"));
    });
    check("an answer", &mut windows);
    each(&mut windows, |app| {
        app.harness.set_size(vec2(480.0, 640.0));
        app.settle();
    });
    check("an answer in a smaller window", &mut windows);
    each(&mut windows, |app| {
        app.key(Key::M);
        wait_for(app, "Bury Card");
    });
    check("a menu above a card", &mut windows);
    each(&mut windows, |app| {
        app.key(Key::Escape);
        app.harness.set_size(Options::default().size);
        app.settle();
    });
    check("an answer after all that", &mut windows);
    each(&mut windows, |app| {
        app.key(Key::T);
        wait_for(app, "Notes: 12, 12 cards");
    });
    check("statistics", &mut windows);
}

#[test]
fn screens_look_as_painted_by_egui() {
    compare(Theme::Light, 1.0);
}

#[test]
fn dark_screens_between_whole_scales_look_so_too() {
    compare(Theme::Dark, 1.5);
}
