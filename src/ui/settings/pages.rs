//! Preferences > Appearance, > Review and > Editing.

use super::State;
use super::model;
use super::parts::{self, Stepper};
use crate::domain::study::Rating;
use crate::service::settings::{HideBar, ThemeChoice};
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::text;
use eframe::egui::{Align, Ui, vec2};

pub(super) fn heading(ui: &mut Ui, words: &str) {
    let t = Tokens::of(ui);
    let (_, r) = ui.allocate_space(vec2(ui.available_width(), 30.0));
    text::label(ui, r, Align::Min, words, font::title(), t.text);
    ui.add_space(14.0);
}

pub(super) fn appearance(ui: &mut Ui, state: &mut State) {
    heading(ui, "Appearance");
    let mut changed = false;
    let p = &mut state.profile;
    let mut theme = parts::group(ui, "Theme", 1);
    let options = [
        (ThemeChoice::System, "As the system"),
        (ThemeChoice::Light, "Light"),
        (ThemeChoice::Dark, "Dark"),
    ];
    changed |= parts::choice(ui, &mut theme, "Colours", 160.0, &mut p.theme, &options);
    let mut sizes = parts::group(ui, "Size", 2);
    for (words, value) in [
        (
            "Size of the window’s text and buttons",
            &mut p.ui_zoom_percent,
        ),
        ("Size of cards", &mut p.card_zoom_percent),
    ] {
        let stepper = Stepper {
            words,
            unit: "percent",
            limits: model::ZOOM_PERCENT,
            step: 10,
        };
        changed |= stepper.show(ui, &mut sizes, value);
    }
    let mut calm = parts::group(ui, "Distractions", 4);
    let options = [
        (HideBar::Never, "Never"),
        (HideBar::InFullScreen, "In full screen"),
        (HideBar::Always, "Always"),
    ];
    for (words, value) in [
        ("Hide top bar during review", &mut p.hide_top_bar),
        ("Hide bottom bar during review", &mut p.hide_bottom_bar),
    ] {
        changed |= parts::choice(ui, &mut calm, words, 160.0, value, &options);
    }
    let words = "Minimalist mode: only the card and its buttons";
    changed |= parts::switch(ui, &mut calm, words, &mut p.minimalist);
    changed |= parts::switch(ui, &mut calm, "Reduce motion", &mut p.reduce_motion);
    state.profile_changed |= changed;
}

pub(super) fn review(ui: &mut Ui, state: &mut State) {
    heading(ui, "Review");
    let c = &mut state.collection;
    let mut changed = false;
    let mut scheduling = parts::group(ui, "Scheduling", 3);
    let rollover = Stepper {
        words: "The next day starts",
        unit: "o’clock",
        limits: model::ROLLOVER_HOUR,
        step: 1,
    };
    changed |= rollover.show(ui, &mut scheduling, &mut c.rollover_hour);
    let ahead = Stepper {
        words: "Learn ahead limit",
        unit: "minutes",
        limits: model::LEARN_AHEAD_MINS,
        step: 5,
    };
    changed |= ahead.show(ui, &mut scheduling, &mut c.learn_ahead_mins);
    let timebox = Stepper {
        words: "Remind me after studying for (0: never)",
        unit: "minutes",
        limits: model::TIMEBOX_MINS,
        step: 5,
    };
    changed |= timebox.show(ui, &mut scheduling, &mut c.timebox_mins);
    let mut show = parts::group(ui, "While studying", 3);
    let words = "Show the next interval on answer buttons";
    changed |= parts::switch(ui, &mut show, words, &mut c.show_intervals);
    let words = "Show how many cards remain";
    changed |= parts::switch(ui, &mut show, words, &mut c.show_remaining);
    let p = &mut state.profile;
    let words = "Space and Enter also answer Good";
    let mut of_profile = parts::switch(ui, &mut show, words, &mut p.space_answers_good);
    let mut audio = parts::group(ui, "Sounds", 3);
    let words = "Play sounds of a card by themselves";
    of_profile |= parts::switch(ui, &mut audio, words, &mut p.autoplay_audio);
    let words = "Stop the sound when a card is answered";
    changed |= parts::switch(ui, &mut audio, words, &mut c.interrupt_audio);
    let words = "Show play buttons on cards";
    changed |= parts::switch(ui, &mut audio, words, &mut c.show_play_buttons);
    state.collection_changed |= changed;
    let mut changed = of_profile;
    changed |= answer_keys(ui, &mut p.answer_keys);
    let mut links = parts::group(ui, "Links on cards", 1);
    let (words, hint) = (
        "Open without a question, beside web and mail",
        "zotero obsidian",
    );
    changed |= parts::line(ui, &mut links, words, hint, &mut p.open_links);
    state.profile_changed |= changed;
}

pub(super) fn editing(ui: &mut Ui, state: &mut State) {
    heading(ui, "Editing");
    let c = &mut state.collection;
    let mut adding = parts::group(ui, "Adding", 1);
    let options = [
        (true, "Default to current deck"),
        (false, "Change deck depending on note type"),
    ];
    let value = &mut c.add_to_current_deck;
    let mut changed = parts::choice(ui, &mut adding, "When adding", 290.0, value, &options);
    let mut pasting = parts::group(ui, "Pasting", 3);
    let words = "Paste clipboard images as PNG";
    changed |= parts::switch(ui, &mut pasting, words, &mut c.paste_images_as_png);
    let words = "Paste without colours and fonts";
    changed |= parts::switch(ui, &mut pasting, words, &mut c.paste_strips_formatting);
    let words = "Fetch pictures of pasted web pages";
    let fetch = &mut state.profile.fetch_pasted_pictures;
    state.profile_changed |= parts::switch(ui, &mut pasting, words, fetch);
    let mut browsing = parts::group(ui, "Browsing", 2);
    let (words, hint) = ("Browse looks for this when it opens", "The current deck");
    changed |= parts::line(ui, &mut browsing, words, hint, &mut c.default_search);
    let words = "Ignore accents in search (slower)";
    changed |= parts::switch(ui, &mut browsing, words, &mut c.ignore_accents);
    state.collection_changed |= changed;
}

/// The key of each answer; one that something else has is refused with the reason.
fn answer_keys(ui: &mut Ui, keys: &mut [String; 4]) -> bool {
    let mut group = parts::group(ui, "Answer keys", 4);
    let mut changed = false;
    for (nth, rating) in Rating::ALL.into_iter().enumerate() {
        let mut key = keys[nth].clone();
        let others = keys.clone();
        let problem = |sign: char| model::key_problem(&others, nth, sign);
        if parts::sign(ui, &mut group, rating.label(), &mut key, problem) {
            keys[nth] = key;
            changed = true;
        }
    }
    changed
}
