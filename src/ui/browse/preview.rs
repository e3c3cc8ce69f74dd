//! The preview: both sides of the current card beside the table, drawn as in study, with its
//! sounds. It follows the table; Left and Right turn the card over and go on.

use super::command::BrowseCommand;
use crate::base::ids::CardId;
use crate::service::browse::{BrowseRequest, CardPreview};
use crate::service::request::Request;
use crate::t;
use crate::ui::audio::Devices;
use crate::ui::card_sheet::CardSheet;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::theme::{Tokens, font, radius, size, sp};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::check::checkbox;
use crate::ui::widgets::surface::{fill, hline, outline, region};
use crate::ui::widgets::text::{label, width};
use crate::ui::widgets::{Cut, ic};
use eframe::egui::{Align, Layout, Rect, Ui, pos2, vec2};
use std::sync::Arc;

const BAR: f32 = 48.0;

/// See the module header.
pub(super) struct Preview {
    pub(super) shown: bool,
    /// The answer of the card that was asked for is wanted.
    answer: bool,
    /// The side that is up; of the card before until the one that was asked for has come.
    drawn: bool,
    /// The question is not shown by itself.
    pub(super) back_only: bool,
    /// That was changed.
    pub(super) turned: bool,
    /// The card and the state of the rows that it was asked for in.
    asked: Option<(CardId, u64)>,
    card: Option<Arc<CardPreview>>,
    sheet: CardSheet,
}

/// What the preview asks of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Previous,
    Next,
}

impl Preview {
    pub(super) fn new(sound: fn() -> Devices) -> Self {
        Self {
            shown: false,
            answer: false,
            drawn: false,
            back_only: false,
            turned: false,
            asked: None,
            card: None,
            sheet: CardSheet::new(sound),
        }
    }

    pub(super) fn sound(&self) -> fn() -> Devices {
        self.sheet.sound()
    }

    pub(super) fn toggle(&mut self) {
        self.shown = !self.shown;
        self.asked = None;
        if !self.shown {
            self.silence();
        }
    }

    /// The page is left.
    pub(super) fn silence(&mut self) {
        self.sheet.silence();
    }

    /// Another card begins with its question, and can be turned over before it has come.
    fn ask(&mut self, cx: &UiContext<'_>, card: CardId, version: u64) {
        let before = self.asked.replace((card, version)).map(|(id, _)| id);
        let before = before.or(self.card.as_ref().map(|card| card.card));
        if before != Some(card) {
            self.answer = self.back_only;
        }
        cx.ask(Request::Browse(BrowseRequest::Preview(card)));
    }

    pub(super) fn take(&mut self, card: Arc<CardPreview>) {
        if self.asked.is_some_and(|(id, _)| id == card.card) {
            if !self.has_come(card.card) {
                self.sheet.replay();
            }
            self.card = Some(card);
            self.sheet.forget();
        }
    }

    fn has_come(&self, card: CardId) -> bool {
        self.card.as_ref().is_some_and(|here| here.card == card)
    }

    /// Left: the question again, or the card before.
    pub(super) fn back(&mut self) -> Option<Turn> {
        if self.answer && !self.back_only {
            self.turn(false);
            None
        } else {
            Some(Turn::Previous)
        }
    }

    /// Right: the answer, or the next card.
    pub(super) fn on(&mut self) -> Option<Turn> {
        if self.answer {
            Some(Turn::Next)
        } else {
            self.turn(true);
            None
        }
    }

    fn turn(&mut self, answer: bool) {
        self.answer = answer;
        // One that has not come yet is played when it comes.
        if self.asked.is_none_or(|(id, _)| self.has_come(id)) {
            self.sheet.replay();
        }
    }

    pub(super) fn set_back_only(&mut self, on: bool) {
        self.back_only = on;
        self.turned = true;
        self.turn(on);
    }

    pub(super) fn replay(&mut self) {
        self.sheet.replay();
    }

    /// Draws the card; `version` changes when its content may have.
    pub(super) fn ui(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        mut r: Rect,
        (card, version): (Option<CardId>, u64),
    ) -> Option<Turn> {
        let t = Tokens::of(ui);
        let (turn, low) = self.bar(ui, r.cut_top(BAR));
        hline(ui, r, r.min.y, t.border);
        if low {
            let at = r.cut_top(size::CONTROL_SMALL + 12.0).pad(16.0, 0.0);
            self.turn_over(ui, at.with_min_y(at.min.y + 12.0));
        }
        let Some(id) = card.filter(|card| card.0 != 0) else {
            self.card = None;
            label(ui, r, Align::Center, t!("No card"), font::body(), t.text3);
            return turn;
        };
        if self.asked != Some((id, version)) && cx.model.exclusive_job().is_none() {
            self.ask(cx, id, version);
        }
        let sheet = r.pad(16.0, 16.0);
        fill(ui, sheet, radius::CARD, t.surface);
        outline(ui, sheet, radius::CARD, t.border);
        if self.has_come(id) {
            self.drawn = self.answer;
        }
        if let (Some(card), Some(media)) = (&self.card, cx.media_folder()) {
            let answer = self.drawn;
            self.sheet
                .ui(cx, ui, sheet.shrink(1.0), card, answer, &media);
        }
        turn
    }

    /// Also whether the button that turns the card over has no room in it.
    fn bar(&mut self, ui: &mut Ui, bar: Rect) -> (Option<Turn>, bool) {
        let mut r = bar.pad(14.0, 0.0);
        let mut turn = None;
        let keys = Command::Browse(BrowseCommand::Preview).shown_keys();
        let mut button = |ui: &mut Ui, icon, name: &str, key: &str| {
            let at = r.cut_right(30.0);
            let at = Rect::from_center_size(at.center(), vec2(28.0, 28.0));
            let button = Button::icon_only(icon, name).tip_key(name, key);
            button.place(ui, at).clicked()
        };
        if button(ui, ic::CLOSE, t!("Close preview"), &keys) {
            self.toggle();
        }
        if button(ui, ic::VOLUME, t!("Replay audio"), "R") {
            self.replay();
        }
        if button(ui, ic::DOWN, t!("Next card"), "→") {
            turn = Some(Turn::Next);
        }
        if button(ui, ic::UP, t!("Previous card"), "←") {
            turn = Some(Turn::Previous);
        }
        // Both faces' words fit or neither's: the button keeps its place when it is pressed.
        let faces = [t!("Show Question"), t!("Show Answer")];
        let wider = faces.map(|words| button::row_width(ui, &[words]));
        let wider = wider[0].max(wider[1]) + 8.0;
        let low = wider + size::CONTROL_SMALL > r.width();
        if !low {
            let wanted = self.turn_button().wanted_width(ui);
            let at = r.cut_right(wanted + 8.0);
            let y = (at.center().y - size::CONTROL_SMALL / 2.0).round();
            let at = Rect::from_min_size(pos2(at.min.x, y), vec2(wanted, size::CONTROL_SMALL));
            self.turn_over(ui, at);
        }
        let layout = Layout::left_to_right(Align::Center);
        let mut back_only = self.back_only;
        let words = t!("Back Side Only");
        // Where the words have no room, an icon of the tool bar stands for them.
        if 24.0 + width(ui, words, font::body()) + sp::S <= r.width() {
            region(ui, r, layout, |ui| {
                checkbox(ui, &mut back_only, words);
            });
        } else {
            let at = r.cut_left(size::CONTROL_SMALL);
            let at = Rect::from_center_size(at.center(), vec2(28.0, 28.0));
            let button = Button::icon_only(ic::STYLE, words).toggled(back_only);
            back_only ^= button.place(ui, at).clicked();
        }
        if back_only != self.back_only {
            self.set_back_only(back_only);
        }
        (turn, low)
    }

    fn turn_button(&self) -> Button<'static> {
        let words = if self.answer {
            t!("Show Question")
        } else {
            t!("Show Answer")
        };
        Button::new(words).height(size::CONTROL_SMALL)
    }

    fn turn_over(&mut self, ui: &mut Ui, at: Rect) {
        if self.turn_button().place(ui, at).clicked() {
            self.turn(!self.answer);
        }
    }
}
