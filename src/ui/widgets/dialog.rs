//! The sheet of a dialog: scrim, title, content, a row of buttons. Esc and a click beside it close,
//! but no click when something was typed, which would be lost; the caller decides what Enter does
//! (the focused button, the default).

use super::button::{self, Button};
use super::{Cut as _, surface, text};
use crate::ui::theme::{Tokens, font, radius, size, sp};
use eframe::egui;
use eframe::egui::{
    Align, Align2, Context, Event, FocusDirection, Frame, Id, ImeEvent, InputState, Key, Margin,
    Modal, Modifiers, Popup, Rect, Response, ScrollArea, Stroke, Ui, UiBuilder, UiKind, vec2,
};

/// Answer of [`show`].
#[derive(Debug)]
pub struct Shown<R> {
    pub inner: R,
    /// Esc, or a click beside the sheet.
    pub dismissed: bool,
    /// The topmost dialog: the one that keys are for.
    pub is_top: bool,
}

/// Between the sheet's edge and its content, above and below together.
const MARGINS: f32 = 46.0;
/// Between the sheet and the window's edge.
const ROOM: f32 = 8.0;
/// Beside the content, for a scroll bar.
const BAR: f32 = 16.0;
/// Height of the row of buttons with the space above it.
const FOOT: f32 = 28.0 + size::CONTROL;
/// Lower lists show nothing.
const LEAST_LIST: f32 = 120.0;

/// A dialog of `width`, as high as its content; in a window that is lower, it scrolls, and
/// it is no wider than the window.
pub fn show<R>(
    ctx: &Context,
    id: impl std::hash::Hash + std::fmt::Debug,
    width: f32,
    content: impl FnOnce(&mut Ui) -> R,
) -> Shown<R> {
    let t = Tokens::get(ctx.theme() == egui::Theme::Dark);
    let frame = Frame::new()
        .fill(t.raised)
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(radius::DIALOG)
        // Less the stroke of one point.
        .inner_margin(Margin {
            left: 23,
            right: 23,
            top: 21,
            bottom: 23,
        })
        .shadow(t.shadow_dialog());
    let id = Id::unique(("dialog", id));
    let width = width.min(ctx.content_rect().width() - 4.0 * ROOM);
    // A little above the middle, where the eye expects it.
    let height = ctx
        .memory(|m| m.area_rect(id))
        .map_or(240.0, |r| r.height());
    let lift = ((ctx.content_rect().height() - height).max(0.0) * 0.08).round();
    give_keys(ctx, id);
    let area = Modal::default_area(id).anchor(Align2::CENTER_CENTER, vec2(0.0, -lift));
    let response = Modal::new(id)
        .area(area)
        .frame(frame)
        .backdrop_color(t.scrim)
        .show(ctx, |ui| {
            ui.set_width(width - 48.0);
            ui.spacing_mut().item_spacing = vec2(sp::S, 0.0);
            // The same in both places, or what has the focus would lose it.
            let builder = UiBuilder::new().scope_id(id.with("content"));
            let content = |ui: &mut Ui| {
                let inner = ui.scope_builder(builder, content).inner;
                (inner, ui.min_rect().height())
            };
            let room = ctx.content_rect().height() - MARGINS - 2.0 * ROOM;
            let needed: f32 = ctx.data(|d| d.get_temp(id)).unwrap_or_default();
            let (inner, needed) = if needed > room {
                // The bar is in the margin, beside what is scrolled.
                let (_, mut r) = ui.allocate_space(vec2(width - 48.0, room));
                // The buttons stay in sight, below what is scrolled.
                let foot = r.cut_bottom(size::CONTROL);
                r.max.y -= sp::M;
                ctx.data_mut(|d| d.insert_temp(foot_id(), Some(foot)));
                r.max.x += BAR;
                let mut child = ui.new_child(UiBuilder::new().max_rect(r));
                let area = ScrollArea::vertical().auto_shrink(false);
                let within = |ui: &mut Ui| {
                    ui.set_max_width(width - 48.0);
                    content(ui)
                };
                let (inner, height) = area.show(&mut child, within).inner;
                let foot = if take_foot(ctx).is_some() { 0.0 } else { FOOT };
                (inner, height + foot)
            } else {
                content(ui)
            };
            ctx.data_mut(|d| d.insert_temp(id, needed));
            inner
        });
    follow_keys(ctx, id, response.is_top_modal);
    let typed = id.with("typed");
    // Input methods tell of nothing typed as soon as a field has the keys.
    let is_typed = |e: &Event| match e {
        Event::Text(text) | Event::Paste(text) => !text.is_empty(),
        Event::Ime(ImeEvent::Preedit { text, .. } | ImeEvent::Commit(text)) => !text.is_empty(),
        _ => false,
    };
    let any = |i: &InputState| i.events.iter().any(is_typed);
    if ctx.text_edit_focused() && ctx.input(any) {
        ctx.data_mut(|d| d.insert_temp(typed, true));
    }
    let keeps = ctx.data(|d| d.get_temp(typed)).unwrap_or(false);
    let clicked = ctx.input(|i| i.pointer.any_click());
    Shown {
        dismissed: response.should_close() && !(keeps && clicked),
        is_top: response.is_top_modal,
        inner: response.inner,
    }
}

/// Frames in which nothing has the keys before a control of the sheet has them: what was behind the
/// sheet has let go of them by then, its own default has taken them, or Tab has come around.
const FRAMES: u32 = 2;

fn without_keys(id: Id) -> Id {
    id.with("frames without keys")
}

/// Where it is kept that the default of the sheet cannot be pressed yet: it gets the keys as soon
/// as it can, and Tab goes to the first control until then.
fn default_waits() -> Id {
    Id::unique("the default of a dialog waits")
}

fn last_with_keys(id: Id) -> Id {
    id.with("last with keys")
}

/// Where nothing of the sheet has the keys, what had them last gets them, as a field after Enter:
/// what is typed on stays where it belongs. At first that is the first control.
fn give_keys(ctx: &Context, id: Id) {
    let frames: u32 = ctx
        .data(|d| d.get_temp(without_keys(id)))
        .unwrap_or_default();
    let free = ctx.memory(|m| m.focused().is_none());
    if free && frames >= FRAMES && !ctx.input(|i| i.key_pressed(Key::Tab)) {
        let last: Option<Id> = ctx.data(|d| d.get_temp(last_with_keys(id)));
        let takes_keys = |r: &Response| {
            let layer = r.layer_id;
            r.enabled() && r.sense.is_focusable() && ctx.memory(|m| m.allows_interaction(layer))
        };
        match last.and_then(|at| ctx.read_response(at)).filter(takes_keys) {
            Some(last) => last.request_focus(),
            None => ctx.memory_mut(|m| m.move_focus(FocusDirection::Next)),
        }
    }
}

fn follow_keys(ctx: &Context, id: Id, is_top: bool) {
    let focused = ctx.memory(|m| m.focused());
    let has_menu = Popup::is_any_open(ctx);
    if let Some(at) = focused.filter(|_| is_top && !has_menu) {
        ctx.data_mut(|d| d.insert_temp(last_with_keys(id), at));
    }
    let later: Option<bool> = ctx.data_mut(|d| d.remove_temp(default_waits()));
    let waits = is_top && later.is_none() && focused.is_none() && !has_menu;
    let key = without_keys(id);
    let before: u32 = ctx.data(|d| d.get_temp(key)).unwrap_or_default();
    let frames = if waits { (before + 1).min(FRAMES) } else { 0 };
    ctx.data_mut(|d| d.insert_temp(key, frames));
    if frames > before {
        ctx.request_repaint();
    }
}

/// What scrolls in the part `r` of a dialog, as wide as that: its bar stands beside it, in the
/// dialog's margin.
pub fn scrolled(
    ui: &mut Ui,
    r: Rect,
    salt: impl std::hash::Hash + std::fmt::Debug,
) -> (Ui, ScrollArea) {
    let wide = Rect::from_min_max(r.min, r.max + vec2(BAR, 0.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(wide).id_salt(salt));
    child.set_clip_rect(wide.intersect(ui.clip_rect()));
    let beside = Margin {
        right: BAR as i8,
        ..Margin::ZERO
    };
    let area = ScrollArea::vertical().auto_shrink(false);
    (child, area.content_margin(beside))
}

/// Height of a list that scrolls by itself above the buttons: `wanted`, but in a low window only
/// what is left there, so that the dialog need not scroll too.
#[must_use]
pub fn list_height(ui: &Ui, wanted: f32) -> f32 {
    let above = ui.cursor().min.y - ui.min_rect().min.y;
    let room = ui.ctx().content_rect().height() - MARGINS - 2.0 * ROOM;
    wanted.min(room - above - FOOT).max(LEAST_LIST)
}

/// Ctrl+Enter, which does what the sheet is for wherever the focus is; taken before what has it.
pub fn take_ctrl_enter(ui: &Ui) -> bool {
    ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::Enter))
}

/// The title line, which names the dialog to screen readers.
pub fn title(ui: &mut Ui, words: &str) {
    let t = Tokens::of(ui);
    let said = text::paragraph_in(ui, words, font::dialog_title(), t.text);
    named_by(ui, &said);
    ui.add_space(sp::S);
}

/// The dialog that `ui` is in has the name that `title` shows.
pub fn named_by(ui: &Ui, title: &Response) {
    let mut around = ui.stack().iter();
    if let Some(dialog) = around.find(|of| of.kind() == Some(UiKind::Modal)) {
        let title = title.id.accesskit_id();
        (ui.ctx()).accesskit_node_builder(dialog.unique_id, |node| node.push_labelled_by(title));
    }
}

/// Where [`footer`] puts the buttons of a dialog that is scrolled.
fn foot_id() -> Id {
    Id::unique("the foot of a dialog")
}

fn take_foot(ctx: &Context) -> Option<Rect> {
    ctx.data_mut(|d| d.remove_temp::<Option<Rect>>(foot_id()))
        .flatten()
}

/// The buttons at the foot: quiet ones at the left, the action last at the right. In a dialog that
/// is scrolled they stay in sight, below a hair line.
pub fn footer(ui: &mut Ui, quiet: Vec<Button<'_>>, choices: Vec<Button<'_>>) -> Footer {
    let Some(foot) = take_foot(ui.ctx()) else {
        ui.add_space(FOOT - size::CONTROL);
        let line = vec2(ui.available_width(), size::CONTROL);
        let (_, mut r) = ui.allocate_space(line);
        if need_two_lines(ui, line.x, &quiet, &choices) {
            // Words of some languages are long: the quiet ones get a line of their own.
            let quiet = button::row(ui, r.translate(vec2(-QUIET, 0.0)), Align::Min, quiet);
            ui.add_space(sp::S);
            (_, r) = ui.allocate_space(line);
            let choices = button::row(ui, r, Align::Max, choices);
            return Footer { quiet, choices };
        }
        return buttons(ui, r, quiet, choices);
    };
    let mut quiet = quiet;
    let mut above = None;
    if need_two_lines(ui, foot.width(), &quiet, &choices) {
        // The quiet ones end what is scrolled.
        ui.add_space(sp::S);
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::CONTROL));
        let r = r.translate(vec2(-QUIET, 0.0));
        above = Some(button::row(ui, r, Align::Min, std::mem::take(&mut quiet)));
    }
    let scrolled = ui.clip_rect();
    ui.set_clip_rect(foot.expand(sp::M));
    let t = Tokens::of(ui);
    surface::hline(ui, foot, foot.min.y - sp::M, t.border);
    let mut footer = buttons(ui, foot, quiet, choices);
    ui.set_clip_rect(scrolled);
    if let Some(above) = above {
        footer.quiet = above;
    }
    footer
}

/// How far quiet buttons, which show their words alone, stand beyond the edge.
pub const QUIET: f32 = 14.0;

fn need_two_lines(ui: &Ui, room: f32, quiet: &[Button<'_>], choices: &[Button<'_>]) -> bool {
    !quiet.is_empty() && row_width(ui, quiet) + row_width(ui, choices) > room + QUIET
}

fn row_width(ui: &Ui, list: &[Button<'_>]) -> f32 {
    list.iter().map(|b| b.wanted_width(ui) + sp::S).sum::<f32>() - sp::S
}

fn buttons(ui: &mut Ui, r: Rect, quiet: Vec<Button<'_>>, choices: Vec<Button<'_>>) -> Footer {
    let quiet = button::row(ui, r.translate(vec2(-QUIET, 0.0)), Align::Min, quiet);
    let choices = button::row(ui, r, Align::Max, choices);
    Footer { quiet, choices }
}

/// What [`footer`] drew, in the order given.
#[derive(Debug)]
pub struct Footer {
    pub quiet: Vec<Response>,
    pub choices: Vec<Response>,
}

impl Footer {
    /// Puts the focus on choice `n` while nothing else has it, so that Enter presses it. One that
    /// cannot be pressed would keep Tab from all others.
    pub fn focus_choice(&self, n: usize) {
        if let Some(r) = self.choices.get(n)
            && r.ctx.memory(|m| m.focused().is_none())
            // Past the last control Tab is on its way to the first one.
            && !r.ctx.input(|i| i.key_pressed(Key::Tab))
        {
            if r.sense.is_focusable() {
                r.request_focus();
            } else {
                r.ctx.data_mut(|d| d.insert_temp(default_waits(), true));
            }
        }
    }

    #[must_use]
    pub fn chosen(&self, n: usize) -> bool {
        self.choices.get(n).is_some_and(Response::clicked)
    }
}
