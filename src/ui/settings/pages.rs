//! Preferences > Appearance, > Review and > Editing.

use super::State;
use super::model;
use super::parts::{Sheet, Stepper};
use crate::domain::study::Rating;
use crate::service::settings::{HideBar, ThemeChoice};

pub(super) fn appearance(sheet: &mut Sheet<'_>, state: &mut State) {
    let p = &mut state.profile;
    let mut changed = sheet.group("Theme", |group| {
        let options = [
            (ThemeChoice::System, "As the system"),
            (ThemeChoice::Light, "Light"),
            (ThemeChoice::Dark, "Dark"),
        ];
        group.choice("Colours", 160.0, &mut p.theme, &options)
    });
    changed |= sheet.group("Size", |group| {
        let percent = |words| Stepper {
            words,
            unit: "percent",
            limits: model::ZOOM_PERCENT,
            step: 10,
        };
        let window = percent("Size of the window’s text and buttons");
        group.number(window, &mut p.ui_zoom_percent)
            | group.number(percent("Size of cards"), &mut p.card_zoom_percent)
    });
    changed |= sheet.group("Distractions", |group| {
        let options = [
            (HideBar::Never, "Never"),
            (HideBar::InFullScreen, "In full screen"),
            (HideBar::Always, "Always"),
        ];
        let top = "Hide top bar during review";
        let bottom = "Hide bottom bar during review";
        let minimalist = "Minimalist mode: only the card and its buttons";
        group.choice(top, 160.0, &mut p.hide_top_bar, &options)
            | group.choice(bottom, 160.0, &mut p.hide_bottom_bar, &options)
            | group.switch(minimalist, &mut p.minimalist)
            | group.switch("Reduce motion", &mut p.reduce_motion)
    });
    state.profile_changed |= changed;
}

pub(super) fn review(sheet: &mut Sheet<'_>, state: &mut State) {
    let (c, p) = (&mut state.collection, &mut state.profile);
    let mut changed = false;
    let mut of_profile = false;
    sheet.group("Scheduling", |group| {
        let rollover = Stepper {
            words: "The next day starts",
            unit: "o’clock",
            limits: model::ROLLOVER_HOUR,
            step: 1,
        };
        changed |= group.number(rollover, &mut c.rollover_hour);
        let ahead = Stepper {
            words: "Learn ahead limit",
            unit: "minutes",
            limits: model::LEARN_AHEAD_MINS,
            step: 5,
        };
        changed |= group.number(ahead, &mut c.learn_ahead_mins);
        let timebox = Stepper {
            words: "Remind me after studying for (0: never)",
            unit: "minutes",
            limits: model::TIMEBOX_MINS,
            step: 5,
        };
        changed |= group.number(timebox, &mut c.timebox_mins);
    });
    sheet.group("While studying", |group| {
        let words = "Show the next interval on answer buttons";
        changed |= group.switch(words, &mut c.show_intervals);
        changed |= group.switch("Show how many cards remain", &mut c.show_remaining);
        let words = "Space and Enter also answer Good";
        of_profile |= group.switch(words, &mut p.space_answers_good);
    });
    sheet.group("Sounds", |group| {
        let words = "Play sounds of a card by themselves";
        of_profile |= group.switch(words, &mut p.autoplay_audio);
        let words = "Stop the sound when a card is answered";
        changed |= group.switch(words, &mut c.interrupt_audio);
        changed |= group.switch("Show play buttons on cards", &mut c.show_play_buttons);
    });
    of_profile |= answer_keys(sheet, &mut p.answer_keys);
    of_profile |= sheet.group("Links on cards", |group| {
        let words = "Open without a question, beside web and mail";
        group.line(words, "zotero obsidian", &mut p.open_links)
    });
    state.collection_changed |= changed;
    state.profile_changed |= of_profile;
}

pub(super) fn editing(sheet: &mut Sheet<'_>, state: &mut State) {
    let (c, p) = (&mut state.collection, &mut state.profile);
    let mut changed = sheet.group("Adding", |group| {
        let options = [
            (true, "Default to current deck"),
            (false, "Change deck depending on note type"),
        ];
        group.choice("When adding", 290.0, &mut c.add_to_current_deck, &options)
    });
    sheet.group("Pasting", |group| {
        let words = "Paste clipboard images as PNG";
        changed |= group.switch(words, &mut c.paste_images_as_png);
        let words = "Paste without colours and fonts";
        changed |= group.switch(words, &mut c.paste_strips_formatting);
        let words = "Fetch pictures of pasted web pages";
        state.profile_changed |= group.switch(words, &mut p.fetch_pasted_pictures);
    });
    changed |= sheet.group("Browsing", |group| {
        let words = "Browse looks for this when it opens";
        group.line(words, "The current deck", &mut c.default_search)
            | group.switch("Ignore accents in search (slower)", &mut c.ignore_accents)
    });
    state.collection_changed |= changed;
}

/// The key of each answer; one that something else has is refused with the reason.
fn answer_keys(sheet: &mut Sheet<'_>, keys: &mut [String; 4]) -> bool {
    let mut changed = false;
    sheet.group("Answer keys", |group| {
        for (nth, rating) in Rating::ALL.into_iter().enumerate() {
            let mut key = keys[nth].clone();
            let others = keys.clone();
            let problem = |sign: char| model::key_problem(&others, nth, sign);
            if group.sign(rating.label(), &mut key, problem) {
                keys[nth] = key;
                changed = true;
            }
        }
    });
    changed
}
