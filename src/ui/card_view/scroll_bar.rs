//! A thin scroll bar over the right edge of a card that is taller than its view.

use super::CardView;
use crate::render::{CardInput, ScrollTo};
use crate::ui::theme::Tokens;
use eframe::egui::{Id, Rect, Sense, Ui, pos2, vec2};

const WIDTH: f32 = 4.0;
/// The handle can be caught this far around it.
const REACH: f32 = 10.0;
const MIN_HANDLE: f32 = 32.0;
const MARGIN: f32 = 4.0;

impl CardView {
    pub(super) fn scroll_bar(&mut self, ui: &Ui, rect: Rect, id: Id) {
        let Some(frame) = self.shown.and_then(|key| self.pictures.frame(key)) else {
            return;
        };
        let hidden = frame.content_height - rect.height();
        if hidden < 1.0 {
            return;
        }
        let track = Rect::from_min_max(
            pos2(rect.right() - MARGIN - WIDTH, rect.top() + MARGIN),
            pos2(rect.right() - MARGIN, rect.bottom() - MARGIN),
        );
        let length = (track.height() * rect.height() / frame.content_height)
            .max(MIN_HANDLE)
            .min(track.height());
        let way = track.height() - length;
        let at = track.top() + way * (frame.scroll_y / hidden).clamp(0.0, 1.0);
        let handle = Rect::from_min_size(pos2(track.left(), at), vec2(WIDTH, length));

        let response = ui.interact(
            handle.expand2(vec2(REACH / 2.0, 0.0)),
            id.with("scroll bar"),
            Sense::DRAG,
        );
        let tokens = Tokens::of(ui);
        let active = response.hovered() || response.dragged();
        let color = if active {
            tokens.text3
        } else {
            tokens.text3.gamma_multiply(0.35)
        };
        ui.painter().rect_filled(handle, WIDTH / 2.0, color);
        if response.dragged() && way > 0.0 {
            let moved = response.drag_delta().y / way * hidden;
            self.send(CardInput::Scroll(ScrollTo::By(moved)));
        }
    }
}
