//! The sheet's upper edge: where the card lives, its star and its flag.

use super::model::{STEP, breadcrumb};
use crate::service::event::StudyCard;
use crate::t;
use crate::ui::command::Command;
use crate::ui::model::AppModel;
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::text::{self, icon_filled, label};
use crate::ui::widgets::{Cut, ic, tooltip};
use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Rect, Sense, Ui, Vec2, WidgetInfo, pos2};

/// What of a card stands there.
#[derive(Debug, Clone)]
pub struct Head {
    deck: String,
    flag: u8,
    flag_name: String,
    marked: bool,
}

impl Head {
    #[must_use]
    pub fn of(card: &StudyCard, model: &AppModel) -> Self {
        let usual = Command::Flag(card.flag).info().label;
        Self {
            flag_name: model.flag_name(card.flag).unwrap_or(usual).to_owned(),
            deck: card.deck.clone(),
            flag: card.flag,
            marked: card.marked,
        }
    }
}

pub fn ui(ui: &mut Ui, r: Rect, card: &Head) {
    let t = Tokens::of(ui);
    let mut head = r.pad(16.0, 0.0);
    let corner = head.cut_right(60.0);
    let whole = breadcrumb(&card.deck);
    let shown = text::path(ui, &whole, STEP, head.width(), &font::small());
    let deck = label(ui, head, Align::Min, &shown, font::small(), t.text3);
    if shown != whole {
        tooltip::words(deck, &whole);
    }
    marks_in(ui, corner, card);
}

/// Star and flag alone, in the upper corner of `r`.
pub fn marks(ui: &Ui, mut r: Rect, card: &Head) {
    let mut corner = r.cut_top(44.0).pad(16.0, 0.0);
    marks_in(ui, corner.cut_right(60.0), card);
}

fn marks_in(ui: &Ui, marks: Rect, card: &Head) {
    let t = Tokens::of(ui);
    let mut x = marks.max.x - 8.0;
    if let Some(color) = t.flag(card.flag) {
        let words = t!("Flag: {name}", name = card.flag_name);
        mark(ui, pos2(x, marks.center().y), ic::FLAG, color, &words);
        x -= 26.0;
    }
    if card.marked {
        mark(
            ui,
            pos2(x, marks.center().y),
            ic::STAR,
            t.hard,
            t!("Marked note"),
        );
    }
}

fn mark(ui: &Ui, c: eframe::egui::Pos2, glyph: &str, color: eframe::egui::Color32, words: &str) {
    icon_filled(ui, c, glyph, 18.0, color);
    let r = Rect::from_center_size(c, Vec2::splat(20.0));
    let response = ui.interact(r, ui.make_persistent_id(("mark", glyph)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words));
    tooltip::words(response, words);
}
