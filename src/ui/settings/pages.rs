//! Preferences > Appearance, > Review and > Editing.

use super::model;
use super::parts::{Sheet, Stepper};
use super::{Press, State};
use crate::base::lang::LANGUAGES;
use crate::domain::study::Rating;
use crate::service::language;
use crate::service::settings::{HideBar, TableLook, ThemeChoice};
use crate::t;
use crate::ui::theme::typeface;

pub(super) fn appearance(sheet: &mut Sheet<'_>, state: &mut State) -> Option<Press> {
    languages(sheet, state);
    let mut press = None;
    let p = &mut state.profile;
    let mut changed = sheet.group(t!("Theme"), |group| {
        let options = [
            (ThemeChoice::System, t!("As the system")),
            (ThemeChoice::Light, t!("Light" in "colours")),
            (ThemeChoice::Dark, t!("Dark" in "colours")),
        ];
        group.choice(t!("Colours"), 160.0, &mut p.theme, &options)
    });
    changed |= sheet.group(t!("Size"), |group| {
        let percent = |words| Stepper {
            words,
            unit: "%",
            limits: model::ZOOM_PERCENT,
            step: 10,
        };
        let window = percent(t!("Size of the window’s text and buttons"));
        let changed = group.number(window, &mut p.ui_zoom_percent)
            | group.number(percent(t!("Size of cards")), &mut p.card_zoom_percent);
        let sizes = t!("Sizes of the window, and of columns and panes of Browse");
        if group.buttons(sizes, &[t!("Reset")]).is_some() {
            p.browser.reset_sizes();
            press = Some(Press::ResetSizes);
        }
        changed | press.is_some()
    });
    changed |= sheet.group(t!("Distractions"), |group| {
        let options = [
            (HideBar::Never, t!("Never")),
            (HideBar::InFullScreen, t!("In full screen")),
            (HideBar::Always, t!("Always")),
        ];
        let top = t!("Hide top bar during review");
        let bottom = t!("Hide bottom bar during review");
        let minimalist = t!("Minimalist mode: only the card and its buttons");
        group.choice(top, 160.0, &mut p.hide_top_bar, &options)
            | group.choice(bottom, 160.0, &mut p.hide_bottom_bar, &options)
            | group.switch(minimalist, &mut p.minimalist)
            | group.switch(t!("Reduce motion"), &mut p.reduce_motion)
    });
    changed |= browse_table(sheet, &mut p.browser.table);
    state.profile_changed |= changed;
    press
}

fn browse_table(sheet: &mut Sheet<'_>, look: &mut TableLook) -> bool {
    let note = match typeface::is_missing(sheet.ui.ctx(), &look.font) {
        true => t!("The font is not installed here; the window’s own is used."),
        false => "",
    };
    let points = |words, limits| Stepper {
        words,
        unit: t!("points"),
        limits,
        step: 1,
    };
    sheet.noted(t!("Table of Browse"), note, |group| {
        let text = points(t!("Size of its letters"), TableLook::TEXT_POINTS);
        let row = points(t!("Height of its rows"), TableLook::ROW_POINTS);
        group.line(
            t!("Font of the table"),
            t!("The window’s own"),
            &mut look.font,
        ) | group.number(text, &mut look.text_points)
            | group.number(row, &mut look.row_points)
    })
}

/// The window's language, by the languages' own names.
fn languages(sheet: &mut Sheet<'_>, state: &mut State) {
    let note = t!("Takes effect when Engram starts again.");
    state.language_changed |= sheet.noted(t!("Language"), note, |group| {
        let system = language::of_the_system().name;
        let as_system = t!("As the system ({language})", language = system);
        let mut options = vec![(None, as_system.as_str())];
        let each = LANGUAGES.iter();
        options.extend(each.map(|l| (Some(l.code.to_owned()), l.name)));
        let words = t!("Language of the window");
        group.choice(words, 220.0, &mut state.language, &options)
    });
}

pub(super) fn review(sheet: &mut Sheet<'_>, state: &mut State) {
    let (c, p) = (&mut state.collection, &mut state.profile);
    let mut changed = false;
    let mut of_profile = false;
    sheet.group(t!("Scheduling"), |group| {
        let rollover = Stepper {
            words: t!("The next day starts"),
            unit: t!("o’clock"),
            limits: model::ROLLOVER_HOUR,
            step: 1,
        };
        changed |= group.number(rollover, &mut c.rollover_hour);
        let ahead = Stepper {
            words: t!("Learn ahead limit"),
            unit: t!("minutes"),
            limits: model::LEARN_AHEAD_MINS,
            step: 5,
        };
        changed |= group.number(ahead, &mut c.learn_ahead_mins);
        let timebox = Stepper {
            words: t!("Remind me after studying for (0: never)"),
            unit: t!("minutes"),
            limits: model::TIMEBOX_MINS,
            step: 5,
        };
        changed |= group.number(timebox, &mut c.timebox_mins);
    });
    sheet.group(t!("While studying"), |group| {
        let words = t!("Show the next interval on answer buttons");
        changed |= group.switch(words, &mut c.show_intervals);
        changed |= group.switch(t!("Show how many cards remain"), &mut c.show_remaining);
        let words = t!("Space and Enter also answer Good");
        of_profile |= group.switch(words, &mut p.space_answers_good);
    });
    sheet.group(t!("Sounds"), |group| {
        let words = t!("Play sounds of a card automatically");
        of_profile |= group.switch(words, &mut p.autoplay_audio);
        let words = t!("Stop the sound when a card is answered");
        changed |= group.switch(words, &mut c.interrupt_audio);
        changed |= group.switch(t!("Show play buttons on cards"), &mut c.show_play_buttons);
    });
    of_profile |= answer_keys(sheet, &mut p.answer_keys);
    of_profile |= sheet.group(t!("Links on cards"), |group| {
        let words = t!("Open without asking, besides web and mail");
        group.line(words, "zotero obsidian", &mut p.open_links)
    });
    state.collection_changed |= changed;
    state.profile_changed |= of_profile;
}

pub(super) fn editing(sheet: &mut Sheet<'_>, state: &mut State) {
    let (c, p) = (&mut state.collection, &mut state.profile);
    let mut changed = sheet.group(t!("Adding"), |group| {
        let options = [
            (true, t!("Default to current deck")),
            (false, t!("Change deck depending on note type")),
        ];
        group.choice(
            t!("When adding"),
            290.0,
            &mut c.add_to_current_deck,
            &options,
        )
    });
    sheet.group(t!("Pasting"), |group| {
        let words = t!("Paste clipboard images as PNG");
        changed |= group.switch(words, &mut c.paste_images_as_png);
        let words = t!("Paste without colours and fonts");
        changed |= group.switch(words, &mut c.paste_strips_formatting);
        let words = t!("Fetch pictures of pasted web pages");
        state.profile_changed |= group.switch(words, &mut p.fetch_pasted_pictures);
    });
    changed |= sheet.group(t!("Browsing"), |group| {
        let words = t!("Browse looks for this when it opens");
        group.line(words, t!("The current deck"), &mut c.default_search)
            | group.switch(
                t!("Ignore accents in search (slower)"),
                &mut c.ignore_accents,
            )
    });
    state.collection_changed |= changed;
}

/// The key of each answer; one that something else has is refused with the reason.
fn answer_keys(sheet: &mut Sheet<'_>, keys: &mut [String; 4]) -> bool {
    let mut changed = false;
    let note = t!("An answer whose box is empty has no key of its own.");
    sheet.noted(t!("Answer keys"), note, |group| {
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
