//! The text field over a card's type-in box: a real one, so that input methods, the clipboard and
//! screen readers work as everywhere.

use crate::render::TypeInBox;
use crate::t;
use crate::ui::theme::{Tokens, radius, typeface};
use crate::ui::widgets::typed;
use eframe::egui::{
    Align, Align2, CornerRadius, FontId, Frame, Id, Key, Margin, Rect, Stroke, TextBuffer,
    TextEdit, Ui, UiBuilder, pos2, vec2,
};

/// How the field looks, from the note type's field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TypeInStyle<'a> {
    /// Its name; the window's own where it is empty or not installed.
    pub font: &'a str,
    /// CSS pixels.
    pub font_size: f32,
    pub right_to_left: bool,
}

#[derive(Default)]
pub(super) struct TypeIn {
    text: String,
    /// The field had the focus once, so the user may have taken it elsewhere.
    focused: bool,
}

impl TypeIn {
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn reset(&mut self) {
        self.text.clear();
        self.focused = false;
    }

    /// The field was away for a moment.
    pub fn focus_again(&mut self) {
        self.focused = false;
    }

    /// True when Enter was pressed.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        card: Rect,
        place: TypeInBox,
        style: TypeInStyle<'_>,
        zoom: f32,
    ) -> bool {
        let rect = Rect::from_min_size(
            pos2(card.min.x + place.x, card.min.y + place.y),
            vec2(place.width, place.height.max(24.0)),
        );
        if !rect.intersects(card) {
            return false;
        }
        let tokens = Tokens::of(ui);
        let id = ui.scope_id().with("type the answer");
        let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt("type-in"));
        child.set_clip_rect(card.intersect(ui.clip_rect()));
        let font = FontId {
            size: (style.font_size * zoom).clamp(10.0, 72.0),
            family: typeface::by_name(ui.ctx(), Some(style.font)),
        };
        let mut layouter = |ui: &Ui, text: &dyn TextBuffer, room: f32| {
            typed::plain(ui, text.as_str(), &font, tokens.text, false, room)
        };
        let edit = TextEdit::singleline(&mut self.text)
            .id(id)
            .font(font.clone())
            .layouter(&mut layouter)
            .desired_width(f32::INFINITY)
            .min_size(rect.size())
            .align(Align2([
                if style.right_to_left {
                    Align::Max
                } else {
                    Align::Min
                },
                Align::Center,
            ]))
            .frame(
                Frame::new()
                    .fill(tokens.surface)
                    .stroke(Stroke::new(1.0, tokens.border_input))
                    .corner_radius(CornerRadius::same(radius::CONTROL))
                    .inner_margin(Margin::symmetric(10, 4)),
            );
        let edit = |ui: &mut Ui| typed::show(ui, edit).response.response;
        let response = child.put(rect, edit);
        name(&child, id);
        if !self.focused {
            response.request_focus();
            self.focused = true;
        }
        response.lost_focus() && child.input(|i| i.key_pressed(Key::Enter))
    }
}

fn name(ui: &Ui, id: Id) {
    ui.ctx()
        .accesskit_node_builder(id, |node| node.set_label(t!("Type the answer")));
}
