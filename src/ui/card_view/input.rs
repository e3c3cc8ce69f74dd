//! Pointer, wheel and keys of the window as input for the card.

use super::{CardView, CardViewResponse, ZOOM, cursor_icon};
use crate::render::{CardInput, ScrollTo};
use eframe::egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, Response, Ui};

/// Points that an arrow key scrolls.
const LINE: f32 = 40.0;

impl CardView {
    pub(super) fn take_input(
        &mut self,
        ui: &Ui,
        rect: Rect,
        response: &Response,
        out: &mut CardViewResponse,
    ) {
        let over = response.contains_pointer();
        self.pointer(ui, rect, over);
        if over {
            self.wheel(ui, out);
            if let Some(frame) = self.shown.and_then(|key| self.pictures.frame(key)) {
                ui.ctx().set_cursor_icon(cursor_icon(frame.cursor));
            }
        }
        let busy = ui.memory(|memory| memory.focused().is_some());
        if !busy && ui.is_enabled() {
            self.keys(ui);
        }
    }

    fn pointer(&mut self, ui: &Ui, rect: Rect, over: bool) {
        let inside = |pos: Pos2| (pos.x - rect.min.x, pos.y - rect.min.y);
        for event in ui.input(|i| i.events.clone()) {
            match event {
                Event::PointerMoved(pos) if over || self.pressed => {
                    let (x, y) = inside(pos);
                    self.send_quietly(CardInput::PointerMoved { x, y });
                }
                Event::PointerButton {
                    pos,
                    button: PointerButton::Primary,
                    pressed: true,
                    ..
                } if over => {
                    let (x, y) = inside(pos);
                    self.pressed = true;
                    self.send(CardInput::PointerPressed { x, y });
                }
                Event::PointerButton {
                    pos,
                    button: PointerButton::Primary,
                    pressed: false,
                    ..
                } if self.pressed => {
                    let (x, y) = inside(pos);
                    self.pressed = false;
                    self.send(CardInput::PointerReleased { x, y });
                    // The window knows a double click when the button comes up.
                    let (double, triple) = ui.input(|i| {
                        (
                            i.pointer.button_double_clicked(PointerButton::Primary),
                            i.pointer.button_triple_clicked(PointerButton::Primary),
                        )
                    });
                    if double || triple {
                        self.send(CardInput::SelectAround {
                            x,
                            y,
                            block: triple,
                        });
                    }
                }
                Event::PointerGone => self.send_quietly(CardInput::PointerLeft),
                _ => {}
            }
        }
        if self.hovered && !over && !self.pressed {
            self.send_quietly(CardInput::PointerLeft);
        }
        self.hovered = over;
    }

    fn wheel(&mut self, ui: &Ui, out: &mut CardViewResponse) {
        let (scroll, zoom) = ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta()));
        if (zoom - 1.0).abs() > 1e-3 {
            let zoom = (self.zoom * zoom).clamp(*ZOOM.start(), *ZOOM.end());
            self.zoom = zoom;
            out.zoom = Some(zoom);
        } else if scroll.x != 0.0 || scroll.y != 0.0 {
            self.send(CardInput::Wheel {
                x: scroll.x,
                y: scroll.y,
            });
        }
    }

    fn keys(&mut self, ui: &Ui) {
        if ui.input(|i| i.events.iter().any(|event| matches!(event, Event::Copy))) {
            self.send_quietly(CardInput::Copy);
        }
        let keys = [
            (Key::PageDown, ScrollTo::Pages(1.0)),
            (Key::PageUp, ScrollTo::Pages(-1.0)),
            (Key::ArrowDown, ScrollTo::By(LINE)),
            (Key::ArrowUp, ScrollTo::By(-LINE)),
            (Key::Home, ScrollTo::Top),
            (Key::End, ScrollTo::Bottom),
        ];
        for (key, to) in keys {
            if ui.input_mut(|i| i.consume_key(Modifiers::NONE, key)) {
                self.send(CardInput::Scroll(to));
            }
        }
        if ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::A)) {
            self.send(CardInput::SelectAll);
        }
    }
}
