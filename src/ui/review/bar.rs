//! Below the card: what is left (the card's own kind underlined), Show Answer or the four answers,
//! the timer and More.

use super::audio_command::AudioCommand;
use super::model::{Side, StudyModel, timer_text};
use crate::domain::study::{QueueKind, Rating};
use crate::t;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::keys::Keys;
use crate::ui::menu;
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::menu::Entry;
use crate::ui::widgets::surface::{fill, focus_ring, outline};
use crate::ui::widgets::text::{self, center, label};
use crate::ui::widgets::{Cut, menu as menus, tooltip};
use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Color32, Context, Id, Popup, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use std::time::Duration;

/// Left and right of everything.
const ENDS: f32 = 16.0;
/// Between answers.
const GAP: f32 = 8.0;
/// What is left to the counts where they stand beside the answers.
const BESIDE_COUNTS: f32 = 128.0;
/// Around the name of an answer, at least.
const AROUND: f32 = 16.0;

pub fn ui(cx: &UiContext<'_>, ui: &mut Ui, bottom: Rect, seconds: f64) {
    let study = &cx.model.study;
    if study.card.is_none() {
        return;
    }
    let minimalist = cx.model.settings.minimalist;
    let (beside, is_narrow) = room(ui, bottom.width(), minimalist);
    let b = bottom.pad(ENDS, 0.0);
    let compact = minimalist && !is_narrow;
    let above = if compact { 6.0 } else { 38.0 };
    let row = Rect::from_min_size(
        pos2(b.min.x, b.min.y + above),
        vec2(b.width(), size::ANSWER),
    );
    if shows_counts(cx) {
        // Beside the buttons where there is no line above them.
        let line = if compact {
            let timed = study.card.as_ref().is_some_and(|card| card.show_timer);
            let top = if timed {
                4.0
            } else {
                (size::ANSWER - 22.0) / 2.0
            };
            Rect::from_min_size(pos2(b.min.x, row.min.y + top), vec2(110.0, 22.0))
        } else {
            Rect::from_min_size(pos2(b.min.x, b.min.y + 8.0), vec2(b.width(), 22.0))
        };
        counts(ui, line, study, compact);
    }
    // On both sides of a card, so that they stay where they are.
    let corners = match is_narrow {
        true => row.translate(vec2(0.0, -size::ANSWER + 7.0)),
        false => row,
    };
    match study.side() {
        Side::Question => show_answer(cx, ui, row),
        Side::Answer => answers(cx, ui, row, beside, study),
    }
    let more = more(cx, ui, corners);
    if !minimalist {
        edit(cx, ui, corners);
    }
    let at = if compact {
        Rect::from_min_size(pos2(b.min.x, row.min.y + 28.0), vec2(80.0, 20.0))
    } else {
        let end = if is_narrow { more.min.x - GAP } else { b.max.x };
        Rect::from_min_size(pos2(end - 80.0, b.min.y + 8.0), vec2(80.0, 20.0))
    };
    let align = if compact { Align::Min } else { Align::Max };
    timer(ui, at, align, study, seconds);
}

/// Of the whole bar in a page of `width`, all in points.
#[must_use]
pub fn height(ui: &Ui, width: f32, minimalist: bool) -> f32 {
    let (_, is_narrow) = room(ui, width, minimalist);
    if minimalist && !is_narrow {
        64.0
    } else {
        size::STUDY_BAR
    }
}

/// What is left free at each end of the answers in a bar of `width`, for what stands there; whether that
/// leaves them too little for their names, so that it goes above them.
fn room(ui: &Ui, width: f32, minimalist: bool) -> (f32, bool) {
    let beside = match minimalist {
        true => BESIDE_COUNTS,
        false => (edit_width(ui) + 21.0).max(100.0),
    };
    let names = Rating::ALL.map(|rating| text::width(ui, rating.label(), font::heading()));
    let least = names.into_iter().fold(0.0, f32::max) + AROUND;
    let is_narrow = answer_width(width - 2.0 * ENDS, beside) < least;
    (if is_narrow { 0.0 } else { beside }, is_narrow)
}

/// Opens the More menu in the next frame, as its key asks.
pub fn open_more(ctx: &Context) {
    ctx.data_mut(|d| d.insert_temp(more_wanted(), true));
}

/// Whether [`open_more`] was called and the menu is still to be opened.
#[must_use]
pub fn more_is_wanted(ctx: &Context) -> bool {
    ctx.data(|d| d.get_temp(more_wanted())).unwrap_or(false)
}

fn more_wanted() -> Id {
    Id::unique("the More menu is wanted")
}

fn shows_counts(cx: &UiContext<'_>) -> bool {
    cx.model
        .collection_settings
        .as_ref()
        .is_none_or(|s| s.show_remaining)
}

/// In the middle of `line`, or at its left end.
fn counts(ui: &Ui, line: Rect, study: &StudyModel, at_left: bool) {
    let t = Tokens::of(ui);
    let kind = study.card.as_ref().map(|c| c.kind);
    let counts = [
        (study.counts.new, t.new, QueueKind::New),
        (study.counts.learning, t.learn, QueueKind::Learning),
        (study.counts.review, t.due, QueueKind::Review),
    ];
    let texts = counts.map(|(n, ..)| n.to_string());
    let widths = [0, 1, 2].map(|i| text::width(ui, &texts[i], font::strong()));
    let mut x = if at_left {
        line.min.x
    } else {
        (line.center().x - (widths.iter().sum::<f32>() + 40.0) / 2.0).round()
    };
    for (i, (_, color, of)) in counts.into_iter().enumerate() {
        let r = Rect::from_min_size(pos2(x, line.min.y), vec2(widths[i] + 4.0, 20.0));
        let drawn = crate::ui::widgets::text::left(ui, r, &texts[i], font::strong(), color);
        if kind == Some(of) {
            let under = pos2(drawn.min.x, drawn.max.y);
            fill(
                ui,
                Rect::from_min_size(under, vec2(widths[i], 2.0)),
                1,
                color,
            );
        }
        let id = ui.make_persistent_id(("count", i));
        let response = ui.interact(r, id, Sense::hover());
        let spoken = spoken_count(of, &texts[i]);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
        tooltip::words(response, &spoken);
        x += widths[i] + 20.0;
    }
}

fn spoken_count(of: QueueKind, count: &str) -> String {
    match of {
        QueueKind::New => t!("{count} new", count),
        QueueKind::Learning => t!("{count} learning", count),
        QueueKind::Review => t!("{count} to review", count),
    }
}

fn show_answer(cx: &UiContext<'_>, ui: &mut Ui, row: Rect) {
    let r = Rect::from_center_size(
        row.center(),
        vec2(size::SHOW_ANSWER_WIDTH, size::CONTROL_LARGE),
    );
    let response = Button::primary(t!("Show Answer"))
        .enabled(!cx.model.study.is_waiting())
        .tip_key(t!("Turn the card over"), "Space")
        .place(ui, r);
    if response.clicked() {
        cx.command(Command::ShowAnswer);
    }
}

/// Of each, in a row of `width` without the room `beside` all of them.
fn answer_width(width: f32, beside: f32) -> f32 {
    let room = (width - 2.0 * beside - 3.0 * GAP) / 4.0;
    size::ANSWER_WIDTH.min(room.floor())
}

fn answers(cx: &UiContext<'_>, ui: &mut Ui, row: Rect, beside: f32, study: &StudyModel) {
    let t = Tokens::of(ui);
    let Some(card) = &study.card else {
        return;
    };
    let w = answer_width(row.width(), beside);
    let mut x = (row.center().x - (4.0 * w + 3.0 * GAP) / 2.0).round();
    let all = [
        (Command::Again, Rating::Again, t.again),
        (Command::Hard, Rating::Hard, t.hard),
        (Command::Good, Rating::Good, t.good),
        (Command::Easy, Rating::Easy, t.easy),
    ];
    for (i, (command, rating, color)) in all.into_iter().enumerate() {
        let r = Rect::from_min_size(pos2(x, row.min.y), vec2(w, size::ANSWER));
        answer(cx, ui, r, command, rating, &card.intervals[i], color);
        x += w + GAP;
    }
}

fn answer(
    cx: &UiContext<'_>,
    ui: &Ui,
    r: Rect,
    command: Command,
    rating: Rating,
    interval: &str,
    color: Color32,
) {
    let t = Tokens::of(ui);
    let name = rating.label();
    let enabled = !cx.model.study.is_waiting();
    let id = ui.make_persistent_id(("answer", name));
    let response = ui.interact(r, id, Sense::click());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Button, enabled, name);
        info.current_text_value = Some(interval.to_owned()).filter(|i| !i.is_empty());
        info
    });
    let filled = rating == Rating::Good;
    let hot = response.hovered();
    let down = response.is_pointer_button_down_on();
    let bg = match (filled, down, hot) {
        (true, _, true) => t.good_fill_hover,
        (true, _, false) => t.good_fill,
        (false, true, _) => t.pressed,
        (false, false, true) => t.hover,
        (false, false, false) => t.button(),
    };
    ui.painter().add(t.shadow_card().as_shape(r, radius::MENU));
    fill(ui, r, radius::MENU, bg);
    if !filled {
        outline(ui, r, radius::MENU, t.border_strong);
    }
    if response.has_focus() {
        focus_ring(ui, r, radius::MENU);
    }
    let (top, bottom) = if filled {
        (t.on_accent, t.on_accent)
    } else {
        (color, t.text2)
    };
    if interval.is_empty() {
        center(ui, r, name, font::heading(), top);
    } else {
        let mut i = r.pad(0.0, 7.0);
        let line = i.cut_top(20.0);
        center(ui, line, name, font::heading(), top);
        center(ui, i, interval, font::small(), bottom);
    }
    if response.clicked() && enabled {
        cx.command(command);
    }
    let info = command.info();
    let mut keys = info.keys.iter().enumerate();
    let key = keys.find_map(|(n, (_, key))| command.wanted_key(n, *key, &cx.model.settings));
    let key = key.map(Keys::shown);
    tooltip::with_key(response, info.tooltip, key.as_deref());
}

/// Groups of the More menu, after the flags: in Anki's order.
const MORE: &[&[Command]] = &[
    &[
        Command::BuryCard,
        Command::ResetCard,
        Command::SetDueDate,
        Command::SuspendCard,
        Command::DeckOptions,
        Command::CardInfo,
        Command::PreviousCardInfo,
    ],
    &[
        Command::MarkNote,
        Command::BuryNote,
        Command::SuspendNote,
        Command::CreateCopy,
        Command::DeleteNote,
        Command::NoteHistory,
    ],
    &[
        Command::ReplayAudio,
        Command::Audio(AudioCommand::Pause),
        Command::Audio(AudioCommand::Back),
        Command::Audio(AudioCommand::Forward),
        Command::Audio(AudioCommand::RecordVoice),
        Command::Audio(AudioCommand::ReplayVoice),
    ],
    &[Command::AutoAdvance],
];

/// At the left, where a hand that knows Anki looks for it.
fn edit(cx: &UiContext<'_>, ui: &mut Ui, row: Rect) {
    let info = Command::EditNote.info();
    let r = Rect::from_min_size(
        pos2(row.min.x, (row.center().y - size::CONTROL / 2.0).round()),
        vec2(edit_width(ui), size::CONTROL),
    );
    let keys = Command::EditNote.shown_keys();
    let button = Button::new(info.label).tip_key(info.tooltip, &keys);
    if button.place(ui, r).clicked() {
        cx.command(Command::EditNote);
    }
}

fn edit_width(ui: &Ui) -> f32 {
    let button = Button::new(Command::EditNote.info().label);
    button.wanted_width(ui).max(79.0)
}

/// At the right, with its menu; returns where it is.
fn more(cx: &UiContext<'_>, ui: &mut Ui, row: Rect) -> Rect {
    let b = Button::new(t!("More")).opens_menu();
    let w = b.wanted_width(ui).max(79.0);
    let r = Rect::from_min_size(
        pos2(
            row.max.x - w,
            (row.center().y - size::CONTROL / 2.0).round(),
        ),
        vec2(w, size::CONTROL),
    );
    let response = b
        .tip_key(
            Command::MoreMenu.info().tooltip,
            &Command::MoreMenu.shown_keys(),
        )
        .place(ui, r);
    if more_is_wanted(ui.ctx()) {
        ui.data_mut(|d| d.remove::<bool>(more_wanted()));
        Popup::open_id(ui.ctx(), Popup::default_response_id(&response));
    }
    menus::popup(&response, |ui| {
        let ticks = menu::set_width(cx, ui, MORE.iter().flat_map(|g| g.iter().copied()));
        menus::sub_menu(ui, Entry::new(t!("Flag Card")).indented(ticks), |ui| {
            let flags = (1..=7).map(Command::Flag);
            let ticks = menu::set_width(cx, ui, flags.clone());
            for flag in flags {
                menu::entry(cx, ui, flag, ticks);
            }
        });
        menus::separator(ui);
        menu::entries(cx, ui, MORE, ticks);
    });
    r
}

fn timer(ui: &Ui, r: Rect, align: Align, study: &StudyModel, seconds: f64) {
    let Some(card) = study.card.as_ref().filter(|c| c.show_timer) else {
        return;
    };
    let t = Tokens::of(ui);
    let words = timer_text(seconds as u64, card.time_cap_secs);
    let capped = seconds >= f64::from(card.time_cap_secs);
    if capped {
        label(ui, r, align, &words, font::small_strong(), t.danger);
    } else {
        label(ui, r, align, &words, font::small(), t.text3);
    }
    ui.ctx().request_repaint_after(Duration::from_millis(500));
}
