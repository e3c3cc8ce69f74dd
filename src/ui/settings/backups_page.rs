//! Preferences > Backups: when, how many are kept and what that means, where they are, and what
//! they do not protect from.

use super::history_group;
use super::model::{self, Preview, Slot};
use super::parts::{self, Stepper};
use super::{Press, Shown, State};
use crate::ui::backups::words;
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::{Cut as _, ic, surface, text};
use eframe::egui::{Align, Color32, Rect, Ui, pos2, vec2};

pub(super) fn show(ui: &mut Ui, shown: &Shown<'_>, state: &mut State) -> Option<Press> {
    let mut action = None;
    if let Some(a) = heading(ui, shown) {
        action = Some(a);
    }
    ui.add_space(14.0);
    let mut when = parts::group(ui, "When", 4);
    let every = Stepper {
        words: "Back up every",
        unit: "minutes",
        limits: model::INTERVAL_MINS,
        step: 5,
    };
    let rules = &mut state.collection.backups;
    state.collection_changed |= every.show(ui, &mut when, &mut rules.minimum_interval_mins);
    state.profile_changed |= parts::switch(
        ui,
        &mut when,
        "Also when Engram closes and something changed",
        &mut state.profile.backup_on_close,
    );
    let drill = Stepper {
        words: "Try a restore every (0: never)",
        unit: "days",
        limits: model::DRILL_DAYS,
        step: 1,
    };
    let days = &mut state.profile.restore_drill_days;
    state.profile_changed |= drill.show(ui, &mut when, days);
    let check = Stepper {
        words: "Read all media files for damage every (0: never)",
        unit: "days",
        limits: model::DRILL_DAYS,
        step: 10,
    };
    let days = &mut state.profile.media_check_days;
    state.profile_changed |= check.show(ui, &mut when, days);
    keep(ui, state);
    if let Some(a) = place(ui, shown) {
        action = Some(a);
    }
    preview(ui, shown, state);
    ui.add_space(14.0);
    if let Some(a) = mirror(ui, shown, state) {
        action = Some(a);
    }
    if let Some(a) = history_group::show(ui, shown, state) {
        action = Some(a);
    }
    if let Some(a) = warning(ui) {
        action = Some(a);
    }
    action
}

fn heading(ui: &mut Ui, shown: &Shown<'_>) -> Option<Press> {
    let t = Tokens::of(ui);
    let width = ui.available_width();
    let (_, r) = ui.allocate_space(vec2(width, 52.0));
    let mut i = r;
    let title = i.cut_top(30.0);
    text::label(ui, title, Align::Min, "Backups", font::title(), t.text);
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
    let mut line = i;
    line.cut_left(22.0);
    line.max.x -= 130.0;
    let words = &shown.status.words;
    let said = text::label(ui, line, Align::Min, words, font::small(), t.text2);
    line.min.x = said.rect.max.x + 6.0;
    text::left(ui, line, shown.status.more, font::small(), t.text3);
    let button = Button::new("Back up now").enabled(shown.can_back_up);
    let w = button.wanted_width(ui);
    let at = Rect::from_min_size(pos2(r.max.x - w, r.min.y + 9.0), vec2(w, size::CONTROL));
    button.place(ui, at).clicked().then_some(Press::BackUpNow)
}

fn keep(ui: &mut Ui, state: &mut State) {
    let by_count = state.collection.backups.keep_last.is_some();
    let mut group = parts::group(ui, "Keep", if by_count { 2 } else { 4 });
    let mut mode = by_count;
    let options = [(false, "Daily, weekly, monthly"), (true, "The last ones")];
    if parts::choice(ui, &mut group, "Keep backups", 200.0, &mut mode, &options) {
        let keep = mode.then_some(model::KEEP_LAST_DEFAULT);
        state.keep_last(keep);
    }
    let rules = &mut state.collection.backups;
    if let Some(mut n) = rules.keep_last.filter(|_| by_count) {
        let last = Stepper {
            words: "How many",
            unit: "backups",
            limits: model::KEEP_LAST,
            step: 1,
        };
        if last.show(ui, &mut group, &mut n) {
            state.keep_last(Some(n));
        }
        return;
    }
    if by_count {
        return;
    }
    for (words, unit, value) in [
        ("Daily backups", "days", &mut rules.daily),
        ("Weekly backups", "weeks", &mut rules.weekly),
        ("Monthly backups", "months", &mut rules.monthly),
    ] {
        let stepper = Stepper {
            words,
            unit,
            limits: model::KEEP,
            step: 1,
        };
        state.collection_changed |= stepper.show(ui, &mut group, value);
    }
}

fn place(ui: &mut Ui, shown: &Shown<'_>) -> Option<Press> {
    let rows = if shown.copies.is_some() { 4 } else { 3 };
    let mut group = parts::group(ui, "Where", rows);
    let mut r = group.cut_top(size::ROW_SETTING);
    let button = Button::new("Open Backups Location").height(size::CONTROL_SMALL);
    let w = button.wanted_width(ui);
    let at = r.cut_right(w);
    r.cut_right(sp::M);
    let t = Tokens::of(ui);
    text::label(ui, r, Align::Min, &shown.folder, font::body(), t.text);
    let at = Rect::from_center_size(at.center(), vec2(w, size::CONTROL_SMALL));
    let open = button.place(ui, at).clicked();
    let moved = main_folder(ui, &mut group, shown.folder_is_chosen);
    let copies = second_folder(ui, &mut group, shown.copies.as_ref());
    open.then_some(Press::OpenLocation).or(moved).or(copies)
}

/// Moves all backups elsewhere, and back.
fn main_folder(ui: &mut Ui, group: &mut Rect, is_chosen: bool) -> Option<Press> {
    let r = parts::row(ui, group, "Move all backups to another folder");
    let button = |words| Button::new(words).height(size::CONTROL_SMALL);
    let mut buttons = vec![button("Move…")];
    if is_chosen {
        buttons.insert(0, button("Back to the profile"));
    }
    let pressed = button::row(ui, r, Align::Max, buttons);
    let back = is_chosen && pressed[0].clicked();
    let choose = pressed.last().is_some_and(|button| button.clicked());
    back.then_some(Press::FolderBack)
        .or(choose.then_some(Press::ChooseFolder))
}

/// The folder that each backup is copied to, and below it how that goes.
fn second_folder(
    ui: &mut Ui,
    group: &mut Rect,
    copies: Option<&model::CopiesLine>,
) -> Option<Press> {
    let t = Tokens::of(ui);
    let r = parts::row(ui, group, "Also copy each backup to a second folder");
    let choose = Button::new("Choose…").height(size::CONTROL_SMALL);
    let Some(copies) = copies else {
        let pressed = button::row(ui, r, Align::Max, vec![choose])[0].clicked();
        return pressed.then_some(Press::ChooseCopies);
    };
    let stop = Button::new("Stop").height(size::CONTROL_SMALL);
    let buttons = button::row(ui, r, Align::Max, vec![stop, choose]);
    let (stop, choose) = (buttons[0].clicked(), buttons[1].clicked());
    let mut line = group.cut_top(size::ROW_SETTING);
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
    stop.then_some(Press::StopCopies)
        .or(choose.then_some(Press::ChooseCopies))
}

fn preview(ui: &mut Ui, shown: &Shown<'_>, state: &State) {
    let t = Tokens::of(ui);
    let rules = &state.collection.backups;
    let width = ui.available_width();
    let (_, line) = ui.allocate_space(vec2(width, 26.0));
    let line = Rect::from_min_size(line.min, vec2(width, 24.0));
    let f = font::small_strong();
    let title = text::label(ui, line, Align::Min, "What this keeps", f, t.text2);
    let rest = Rect::from_min_max(pos2(title.rect.max.x + 10.0, line.min.y), line.max);
    let count = &shown.kept;
    let room = text::width(ui, count, font::small()) + 12.0;
    let words = if rules.keep_last.is_some() {
        "and every backup that is pinned"
    } else {
        "everything from the last 2 days, then"
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
    text::right(ui, above, "today", font::caption(), t.text3);
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
fn mirror(ui: &mut Ui, shown: &Shown<'_>, state: &mut State) -> Option<Press> {
    let folder = state.profile.mirror.clone();
    let rows = if folder.is_some() { 2 } else { 1 };
    let mut group = parts::group(ui, "Text files", rows);
    let mut on = folder.is_some();
    let words = "Keep every note as a text file in a folder";
    let mut press = None;
    if parts::switch(ui, &mut group, words, &mut on) {
        if on {
            press = Some(Press::ChooseMirror);
        } else {
            state.profile.mirror = None;
            state.profile_changed = true;
        }
    }
    let Some(folder) = folder else { return press };
    let mut r = group.cut_top(size::ROW_SETTING);
    let button = Button::new("Choose another…").height(size::CONTROL_SMALL);
    let w = button.wanted_width(ui);
    let at = r.cut_right(w);
    r.cut_right(sp::M);
    let t = Tokens::of(ui);
    let (said, is_trouble) = &shown.mirror;
    let room = text::width(ui, said, font::small()).min(r.width() * 0.6) + 12.0;
    let said_at = r.cut_right(room);
    let color = if *is_trouble { t.danger } else { t.text2 };
    text::label(ui, said_at, Align::Max, said, font::small(), color);
    let path = folder.display().to_string();
    text::label(ui, r, Align::Min, &path, font::body(), t.text);
    let at = Rect::from_center_size(at.center(), vec2(w, size::CONTROL_SMALL));
    if button.place(ui, at).clicked() {
        press = Some(Press::ChooseMirror);
    }
    press
}

/// What automatic backups do not protect from.
fn warning(ui: &mut Ui) -> Option<Press> {
    let t = Tokens::of(ui);
    let words = "Backups hold your cards and reviews, but no sounds and pictures, and they are on this \
                 device only: they do not help when it breaks or is stolen. Export with media now and \
                 then, and keep that file somewhere else.";
    let button = Button::new("Export…").height(size::CONTROL_SMALL);
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
