//! Preferences > Backups: when, how many are kept and what that means, where they are, and what
//! they do not protect from.

use super::history_group;
use super::model::{self, Page, Preview, Slot};
use super::parts::{Group, Sheet, Stepper};
use super::{Press, Shown, State};
use crate::t;
use crate::ui::backups::words;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::{Cut as _, ic, surface, text, tooltip};
use eframe::egui::{Align, Color32, Rect, Ui, pos2, vec2};

pub(super) fn show(sheet: &mut Sheet<'_>, shown: &Shown<'_>, state: &mut State) -> Option<Press> {
    let mut action = None;
    if sheet.is_whole() {
        action = sheet.own_title(|ui| heading(ui, shown));
        sheet.ui.add_space(14.0);
    }
    when(sheet, state);
    keep(sheet, state);
    action = action.or(place(sheet, shown));
    if sheet.is_whole() {
        preview(sheet.ui, shown, state);
        sheet.ui.add_space(14.0);
    }
    action = action.or(mirror(sheet, shown, state));
    action = action.or(history_group::show(sheet, shown, state));
    elsewhere(sheet, state);
    if sheet.is_whole() {
        action = action.or(warning(sheet.ui));
    }
    action
}

fn when(sheet: &mut Sheet<'_>, state: &mut State) {
    let rules = &mut state.collection.backups;
    let p = &mut state.profile;
    sheet.group(t!("When"), |group| {
        let every = Stepper {
            words: t!("Back up every"),
            unit: t!("minutes"),
            limits: model::INTERVAL_MINS,
            step: 5,
        };
        state.collection_changed |= group.number(every, &mut rules.minimum_interval_mins);
        let words = t!("Also when Engram closes and something changed");
        state.profile_changed |= group.switch(words, &mut p.backup_on_close);
        let drill = Stepper {
            words: t!("Try a restore every (0: never)"),
            unit: t!("days"),
            limits: model::DRILL_DAYS,
            step: 1,
        };
        state.profile_changed |= group.number(drill, &mut p.restore_drill_days);
        let check = Stepper {
            words: t!("Read all media files for damage every (0: never)"),
            unit: t!("days"),
            limits: model::DRILL_DAYS,
            step: 10,
        };
        state.profile_changed |= group.number(check, &mut p.media_check_days);
    });
}

fn elsewhere(sheet: &mut Sheet<'_>, state: &mut State) {
    let p = &mut state.profile;
    sheet.group(t!("Automatic copies elsewhere"), |group| {
        let words = t!("Wait while the network is metered");
        state.profile_changed |= group.switch(words, &mut p.copies_wait_on_metered);
        let words = t!("Wait while this computer runs on its battery");
        state.profile_changed |= group.switch(words, &mut p.copies_wait_on_battery);
    });
}

fn heading(ui: &mut Ui, shown: &Shown<'_>) -> Option<Press> {
    let t = Tokens::of(ui);
    let width = ui.available_width();
    let (_, r) = ui.allocate_space(vec2(width, 52.0));
    let mut i = r;
    let title = i.cut_top(30.0);
    text::heading(
        ui,
        title,
        Align::Min,
        Page::Backups.label(),
        font::title(),
        t.text,
    );
    let (glyph, filled, color) = match shown.status.mark {
        words::StatusMark::Good => (ic::CHECK_CIRCLE, true, t.ok),
        words::StatusMark::Warn => (ic::WARN, false, t.warn),
        words::StatusMark::Paused => (ic::PAUSE, false, t.warn),
        words::StatusMark::Busy => (ic::SYNC, false, t.text3),
    };
    let c = pos2(i.min.x + 8.0, i.center().y);
    if filled {
        text::icon_filled(ui, c, glyph, size::ICON_SMALL, color);
    } else {
        text::icon(ui, c, glyph, size::ICON_SMALL, color);
    }
    let button = Button::new(t!("Back up now")).enabled(shown.can_back_up);
    let w = button.wanted_width(ui);
    let at = Rect::from_min_size(pos2(r.max.x - w, r.min.y + 9.0), vec2(w, size::CONTROL));
    let mut line = i;
    line.cut_left(22.0);
    line.max.x = at.min.x - 6.0;
    let words = &shown.status.words;
    let said = text::label(ui, line, Align::Min, words, font::small(), t.text2);
    line.min.x = said.rect.max.x + 6.0;
    text::left(ui, line, shown.status.more, font::small(), t.text3);
    tooltip::words(said, &shown.status_tip);
    button.place(ui, at).clicked().then_some(Press::BackUpNow)
}

fn keep(sheet: &mut Sheet<'_>, state: &mut State) {
    let by_count = state.collection.backups.keep_last.is_some();
    sheet.group(t!("Keep" in "heading"), |group| {
        let mut mode = by_count;
        let options = [
            (false, t!("Daily, weekly, monthly")),
            (true, t!("The last ones")),
        ];
        if group.choice(t!("Keep backups"), 200.0, &mut mode, &options) {
            state.keep_last(mode.then_some(model::KEEP_LAST_DEFAULT));
        }
        let rules = &mut state.collection.backups;
        if by_count {
            // None for the frame in which the other way was chosen.
            let Some(mut n) = rules.keep_last else { return };
            let last = Stepper {
                words: t!("How many"),
                unit: t!("backups" in "unit"),
                limits: model::KEEP_LAST,
                step: 1,
            };
            let before = n;
            if group.number(last, &mut n) {
                state.keep_last(Some(n));
            } else if n != before {
                // It is being typed.
                rules.keep_last = Some(n);
                state.profile.keep_last_backups = Some(n);
            }
            return;
        }
        for (words, unit, value) in [
            (t!("Daily backups"), t!("days"), &mut rules.daily),
            (t!("Weekly backups"), t!("weeks"), &mut rules.weekly),
            (t!("Monthly backups"), t!("months"), &mut rules.monthly),
        ] {
            let stepper = Stepper {
                words,
                unit,
                limits: model::KEEP,
                step: 1,
            };
            state.collection_changed |= group.number(stepper, value);
        }
    });
}

fn place(sheet: &mut Sheet<'_>, shown: &Shown<'_>) -> Option<Press> {
    sheet.group(t!("Where"), |group| {
        let open = folder(group, &shown.folder);
        let moved = main_folder(group, shown.folder_is_chosen);
        let copies = second_folder(group, shown.copies.as_ref());
        open.or(moved).or(copies)
    })
}

/// The backups folder.
fn folder(group: &mut Group<'_, '_>, folder: &str) -> Option<Press> {
    let label = t!("Open Backups Location");
    let mut r = group.room(&format!("{label} {folder}"))?;
    let open = group.cut_buttons(&mut r, &[label]);
    let ui = group.ui();
    let t = Tokens::of(ui);
    text::label(ui, r, Align::Min, folder, font::body(), t.text);
    open.map(|_| Press::OpenLocation)
}

/// Moves all backups elsewhere, and back.
fn main_folder(group: &mut Group<'_, '_>, is_chosen: bool) -> Option<Press> {
    let words = t!("Move all backups to another folder");
    if is_chosen {
        match group.buttons(words, &[t!("Back to the profile"), t!("Move…")])? {
            0 => Some(Press::FolderBack),
            _ => Some(Press::ChooseFolder),
        }
    } else {
        let pressed = group.buttons(words, &[t!("Move…")]);
        pressed.map(|_| Press::ChooseFolder)
    }
}

/// The folder that each backup is copied to, and below it how that goes.
fn second_folder(group: &mut Group<'_, '_>, copies: Option<&model::CopiesLine>) -> Option<Press> {
    let words = t!("Also copy each backup to a second folder");
    let Some(copies) = copies else {
        let pressed = group.buttons(words, &[t!("Choose…")]);
        return pressed.map(|_| Press::ChooseCopies);
    };
    let pressed = group.buttons(words, &[t!("Stop"), t!("Choose…")]);
    if let Some(mut line) = group.room(&format!("{words} {}", copies.words)) {
        let ui = group.ui();
        let t = Tokens::of(ui);
        let (glyph, color) = match copies.mark {
            words::StatusMark::Good => (ic::CHECK_CIRCLE, t.ok),
            words::StatusMark::Warn => (ic::WARN, t.warn),
            words::StatusMark::Paused => (ic::PAUSE, t.warn),
            words::StatusMark::Busy => (ic::SYNC, t.text3),
        };
        let c = pos2(line.min.x + 8.0, line.center().y);
        text::icon(ui, c, glyph, size::ICON_SMALL, color);
        line.cut_left(22.0);
        text::label(ui, line, Align::Min, &copies.words, font::small(), t.text2);
    }
    match pressed? {
        0 => Some(Press::StopCopies),
        _ => Some(Press::ChooseCopies),
    }
}

fn preview(ui: &mut Ui, shown: &Shown<'_>, state: &State) {
    let t = Tokens::of(ui);
    let rules = &state.collection.backups;
    let width = ui.available_width();
    let (_, line) = ui.allocate_space(vec2(width, 26.0));
    let line = Rect::from_min_size(line.min, vec2(width, 24.0));
    let f = font::small_strong();
    let title = text::heading(ui, line, Align::Min, t!("What this keeps"), f, t.text2);
    let rest = Rect::from_min_max(pos2(title.rect.max.x + 10.0, line.min.y), line.max);
    let count = &shown.kept;
    let room = text::width(ui, count, font::small()) + 12.0;
    let words = if rules.keep_last.is_some() {
        t!("and every backup that is pinned")
    } else {
        t!("everything from the last 2 days, then")
    };
    let left = Rect::from_min_max(rest.min, pos2(rest.max.x - room, rest.max.y));
    text::label(ui, left, Align::Min, words, font::small(), t.text2);
    if !count.is_empty() {
        text::label(ui, line, Align::Max, count, font::small(), t.text2);
    }
    let (_, card) = ui.allocate_space(vec2(width, 92.0));
    surface::card(ui, card);
    dots(ui, card, &model::preview(rules, shown.now), rules);
}

fn dots(ui: &Ui, card: Rect, preview: &Preview, rules: &crate::backup::entry::Rules) {
    let t = Tokens::of(ui);
    let i = card.pad(16.0, 0.0);
    let y = card.min.y + 38.0;
    surface::hline(ui, i, y, t.border_strong);
    let color = |slot: Slot| -> Color32 {
        match slot {
            Slot::Daily | Slot::Last => t.accent_text,
            Slot::Weekly => t.new,
            Slot::Monthly => t.due,
        }
    };
    let n = preview.dots.len();
    let gap = if n > 1 {
        i.width() / (n - 1) as f32
    } else {
        i.width()
    };
    let radius = (gap / 2.0 - 1.0).clamp(1.5, 4.0);
    let x = |k: usize| i.max.x - (n - 1 - k) as f32 * gap;
    for (k, slot) in preview.dots.iter().enumerate() {
        surface::dot(ui, pos2(x(k), y + 0.5), radius, color(*slot));
    }
    let above = Rect::from_min_max(
        pos2(i.min.x, card.min.y + 6.0),
        pos2(i.max.x, card.min.y + 26.0),
    );
    text::left(ui, above, &preview.from, font::caption(), t.text3);
    text::right(ui, above, t!("today"), font::caption(), t.text3);
    let below = Rect::from_min_max(pos2(i.min.x, y + 22.0), pos2(i.max.x, y + 42.0));
    for (slot, n) in [
        (Slot::Monthly, rules.monthly),
        (Slot::Weekly, rules.weekly),
        (Slot::Daily, rules.daily),
        (Slot::Last, rules.keep_last.unwrap_or_default()),
    ] {
        let Some(first) = preview.dots.iter().position(|s| *s == slot) else {
            continue;
        };
        let last = preview
            .dots
            .iter()
            .rposition(|s| *s == slot)
            .unwrap_or(first);
        let words = model::legend(slot, n);
        let w = text::width(ui, &words, font::caption());
        let middle = f32::midpoint(x(first), x(last));
        let (align, middle) = match () {
            () if last + 1 == preview.dots.len() => (Align::Max, i.max.x),
            () if first == 0 => (Align::Min, i.min.x),
            () => (Align::Center, middle),
        };
        let r = match align {
            Align::Center => {
                Rect::from_center_size(pos2(middle, below.center().y), vec2(w + 4.0, 20.0))
            }
            _ => below,
        };
        text::label(ui, r, align, &words, font::caption(), color(slot));
    }
}

/// The folder of text files that follows the notes.
fn mirror(sheet: &mut Sheet<'_>, shown: &Shown<'_>, state: &mut State) -> Option<Press> {
    let words = t!("Keep every note as a text file in a folder");
    let choose = t!("Choose another…");
    sheet.group(t!("Text files"), |group| {
        let folder = state.profile.mirror.clone();
        let mut press = None;
        let mut on = folder.is_some();
        if group.switch(words, &mut on) {
            if on {
                press = Some(Press::ChooseMirror);
            } else {
                state.profile.mirror = None;
                state.profile_changed = true;
            }
        }
        let Some(folder) = folder else { return press };
        let path = folder.display().to_string();
        let Some(mut r) = group.room(&format!("{words} {choose} {path}")) else {
            return press;
        };
        if group.cut_buttons(&mut r, &[choose]).is_some() {
            press = Some(Press::ChooseMirror);
        }
        let (said, is_trouble) = &shown.mirror;
        let ui = group.ui();
        let t = Tokens::of(ui);
        let room = text::width(ui, said, font::small()).min(r.width() * 0.6) + 12.0;
        let said_at = r.cut_right(room);
        let color = if *is_trouble { t.danger } else { t.text2 };
        text::label(ui, said_at, Align::Max, said, font::small(), color);
        text::label(ui, r, Align::Min, &path, font::body(), t.text);
        press
    })
}

/// What automatic backups do not protect from.
fn warning(ui: &mut Ui) -> Option<Press> {
    let t = Tokens::of(ui);
    let words = t!(
        "Backups hold your cards and reviews, but no sounds and pictures, and those on this device \
         do not help when it breaks or is stolen. Have copies elsewhere (Backups > Copies \
         Elsewhere), or export with media now and then and keep that file somewhere else."
    );
    let button = Button::new(t!("Export…")).height(size::CONTROL_SMALL);
    let w = button.wanted_width(ui);
    let width = ui.available_width();
    let room = width - 42.0 - w - 32.0;
    let height = text::para_height(ui, room, words, font::small()) + 24.0;
    let (_, r) = ui.allocate_space(vec2(width, height));
    surface::fill(ui, r, crate::ui::theme::radius::CARD, t.warn_soft);
    let c = pos2(r.min.x + 22.0, r.min.y + 22.0);
    text::icon(ui, c, ic::WARN, size::ICON, t.warn);
    let at = Rect::from_min_size(r.min + vec2(42.0, 12.0), vec2(room, height));
    text::para(ui, at, words, font::small(), t.text);
    let middle = pos2(r.max.x - 16.0 - w / 2.0, r.center().y);
    let at = Rect::from_center_size(middle, vec2(w, size::CONTROL_SMALL));
    button.place(ui, at).clicked().then_some(Press::Export)
}
