//! A banner under the top bar, for states that last and limit the program.

use super::button::{self, Button};
use super::cut::Cut;
use super::surface::fill;
use super::{icons as ic, text};
use crate::t;
use crate::ui::theme::{Tokens, font, radius, size};
use eframe::egui::{Align, Rect, Ui, pos2, vec2};

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    Action,
    Quiet,
    Close,
}

/// What may close a banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// Its ✕.
    Freely,
    /// Only an answer.
    Answered,
}

/// From the window's edge, and from what stands above and below.
const AROUND: [f32; 2] = [16.0, 4.0];
/// Before the words: the sign.
const SIGN: f32 = 44.0;
/// Room of ✕.
const CLOSE: f32 = 32.0;
/// Of the line: in less it is not read.
const ROOM_LEAST: f32 = 120.0;

/// Cuts a warning banner off the top of `r`, with a button, a quiet one before it, and perhaps ✕. It
/// is 52 high, or as high as its line needs beside them.
pub fn warning(
    ui: &mut Ui,
    r: &mut Rect,
    title: &str,
    line: &str,
    action: Option<(&'static str, &str)>,
    quiet: &str,
    closing: Closing,
) -> Option<Pressed> {
    let t = Tokens::of(ui);
    let action = action.map(|(glyph, words)| (Button::new(words).icon(glyph), Pressed::Action));
    let quiet = (Button::ghost(quiet), Pressed::Quiet);
    let buttons: Vec<_> = action.into_iter().chain([quiet]).collect();
    let close = if closing == Closing::Freely {
        CLOSE
    } else {
        0.0
    };
    let taken = buttons.iter().map(|(b, _)| b.wanted_width(ui) + 4.0);
    let taken = 10.0 + close + taken.sum::<f32>();
    let room = r.width() - 2.0 * AROUND[0] - SIGN - taken - 12.0;
    let lines = text::para_height(ui, room.max(ROOM_LEAST), line, font::small());
    // Even, for the buttons in its middle.
    let high = 2.0 * (size::BANNER.max(33.0 + lines) / 2.0).ceil();
    let r = r.cut_top(high + 2.0 * AROUND[1]).pad(AROUND[0], AROUND[1]);
    fill(ui, r, radius::CARD, t.warn_soft);
    let sign = pos2(r.min.x + 24.0, r.center().y);
    text::icon(ui, sign, ic::HISTORY, 20.0, t.warn);
    let mut act = r.with_max_x(r.max.x - 10.0);
    let close = act.cut_right(close);
    let mut pressed = None;
    for (button, does) in buttons {
        act.cut_right(4.0);
        let at = act.cut_right(button.wanted_width(ui));
        let at = Rect::from_center_size(at.center(), vec2(at.width(), size::CONTROL));
        if button.place(ui, at).clicked() {
            pressed = Some(does);
        }
    }
    let mut words = r.pad(0.0, 7.0).with_max_x(act.max.x - 12.0);
    words.cut_left(SIGN);
    let top = words.cut_top(19.0);
    text::label(ui, top, Align::Min, title, font::strong(), t.text);
    if high > size::BANNER {
        text::para(ui, words, line, font::small(), t.text2);
    } else {
        text::label(ui, words, Align::Min, line, font::small(), t.text2);
    }
    if closing == Closing::Freely {
        let x = Button::icon_only(ic::CLOSE, t!("Close the message"));
        if button::icon_at(ui, close.center(), x).clicked() {
            pressed = Some(Pressed::Close);
        }
    }
    pressed
}
