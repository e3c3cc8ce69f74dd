//! The tools above the picture, with Anki's keys.

use super::model::AlignTo;
use super::{Edited, OcclusionEditor, STEP, text_id};
use crate::base::count::decimal;
use crate::base::lang;
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::menu::{Entry, popup, separator};
use crate::ui::widgets::{Button, Cut as _, button, field, ic, surface, text, typed};
use crate::{mark, t};
use eframe::egui::epaint::PathShape;
use eframe::egui::{
    Align, Color32, Frame, Key, Margin, Painter, Popup, Rect, Response, Sense, Shape, Stroke,
    StrokeKind, TextBuffer, TextEdit, Ui, UiBuilder, Vec2, pos2, vec2,
};

/// What the mouse does on the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    Select,
    Rect,
    Ellipse,
    Polygon,
    Text,
    /// A click zooms in there, with Shift out; a drag moves the picture.
    Zoom,
}

impl Tool {
    pub const ALL: [(Self, &'static str, &'static str, Key); 6] = [
        (Self::Select, mark!("Select"), "S", Key::S),
        (Self::Rect, mark!("Rectangle"), "R", Key::R),
        (Self::Ellipse, mark!("Ellipse"), "E", Key::E),
        (Self::Polygon, mark!("Polygon"), "P", Key::P),
        (Self::Text, mark!("Text"), "T", Key::T),
        (Self::Zoom, mark!("Zoom"), "M", Key::M),
    ];
}

/// With Shift.
pub(super) const ALIGN_KEYS: [(Key, AlignTo); 6] = [
    (Key::L, AlignTo::Left),
    (Key::H, AlignTo::Middle),
    (Key::R, AlignTo::Right),
    (Key::T, AlignTo::Top),
    (Key::V, AlignTo::Center),
    (Key::B, AlignTo::Bottom),
];
const ALIGN_WORDS: [(&str, &str); 6] = [
    (mark!("Align left"), "Shift+L"),
    (mark!("Align centre"), "Shift+H"),
    (mark!("Align right"), "Shift+R"),
    (mark!("Align top"), "Shift+T"),
    (mark!("Align middle"), "Shift+V"),
    (mark!("Align bottom"), "Shift+B"),
];

const COLOURS: [(&str, &str); 6] = [
    (mark!("Red"), "#ff8e8e"),
    (mark!("Orange"), "#ffb347"),
    (mark!("Green"), "#9fdf9f"),
    (mark!("Blue"), "#9fc5ff"),
    (mark!("Purple"), "#cfa8ff"),
    (mark!("White"), "#ffffff"),
];

/// Beside the tools, as beside the fields.
pub(super) const SIDE: f32 = 20.0;

impl OcclusionEditor {
    /// Draws the tools; says when it is over.
    pub(super) fn tools_ui(&mut self, ui: &mut Ui) -> Edited {
        let t = Tokens::of(ui);
        let mut ended = Edited::Going;
        // As wide as the page, below what is drawn once its height is known.
        let band = ui.painter().add(Shape::Noop);
        let drawn = Frame::new()
            .inner_margin(Margin::symmetric(SIDE as i8, 6))
            .show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing = vec2(2.0, 4.0);
                    for (tool, name, keys, _) in Tool::ALL {
                        if tool_button(ui, tool, lang::say(name), keys, self.tool == tool).clicked()
                        {
                            self.take_up(tool);
                        }
                    }
                    divider(ui);
                    self.history_ui(ui);
                    divider(ui);
                    self.selection_ui(ui);
                    divider(ui);
                    self.view_ui(ui);
                });
                ui.add_space(sp::XS);
                ended = self.end_ui(ui);
                self.label_ui(ui);
            });
        let r = drawn.response.rect;
        let r = Rect::from_x_y_ranges(ui.clip_rect().x_range(), r.y_range());
        ui.painter().set(band, Shape::rect_filled(r, 0, t.sidebar));
        surface::hline(ui, r, r.max.y - 1.0, t.border);
        ended
    }

    /// How the masks are asked for, and the ways out.
    fn end_ui(&mut self, ui: &mut Ui) -> Edited {
        let mut all = self.board.hides_all();
        let modes = [
            (true, t!("Hide all, guess one")),
            (false, t!("Hide one, guess one")),
        ];
        let ways = vec![Button::new(t!("Cancel")), Button::new(t!("Done"))];
        let room: f32 = ways.iter().map(|way| way.wanted_width(ui) + sp::S).sum();
        let wide = field::combo_width(ui, 190.0, &modes).min(ui.available_width());
        let (_, mut line) = ui.allocate_space(vec2(ui.available_width(), size::CONTROL));
        let mode = UiBuilder::new().max_rect(line.cut_left(wide));
        ui.scope_builder(mode, |ui| {
            if field::combo(ui, t!("Occlusion mode"), wide, &mut all, &modes) {
                self.board.set_hides_all(all);
            }
        });
        if line.width() < room {
            ui.add_space(sp::XS);
            line = ui
                .allocate_space(vec2(ui.available_width(), size::CONTROL))
                .1;
        }
        let pressed = button::row(ui, line, Align::Max, ways);
        let way = pressed.iter().position(Response::clicked);
        way.map_or(Edited::Going, |n| {
            [Edited::Cancelled, Edited::Done][n.min(1)]
        })
    }

    fn history_ui(&mut self, ui: &mut Ui) {
        let undo = Button::icon_only(ic::UNDO, t!("Undo")).tip_key(t!("Undo"), "Ctrl+Z");
        if ui.add(undo.enabled(self.board.can_undo())).clicked() {
            self.board.undo();
        }
        let can_redo = self.board.can_redo();
        let redo = Button::ghost("").named(t!("Redo")).salt(t!("Redo"));
        let redo = redo.tip_key(t!("Redo"), "Ctrl+Shift+Z").enabled(can_redo);
        let redo = ui.add(redo.min_width(size::CONTROL));
        if redo.clicked() {
            self.board.redo();
        }
        let t = Tokens::of(ui);
        let color = if can_redo { t.text2 } else { t.disabled };
        paint_redo(ui.painter(), redo.rect, color);
    }

    fn selection_ui(&mut self, ui: &mut Ui) {
        let any = !self.board.selected().is_empty();
        let delete = Button::icon_only(ic::TRASH, t!("Delete")).tip_key(t!("Delete"), "Del");
        if ui.add(delete.enabled(any)).clicked() {
            self.board.delete_selected();
        }
        let arrange = ui.add(Button::ghost(t!("Arrange")).opens_menu().enabled(any));
        popup(&arrange, |ui| {
            ui.set_min_width(220.0);
            if Entry::new(t!("Duplicate" in "verb"))
                .keys("D")
                .show(ui)
                .clicked()
            {
                self.board.duplicate_selected();
            }
            if Entry::new(t!("Group" in "verb"))
                .keys("G")
                .show(ui)
                .clicked()
            {
                self.board.group();
            }
            if Entry::new(t!("Ungroup")).keys("U").show(ui).clicked() {
                self.board.ungroup();
            }
            separator(ui);
            for (words, degrees) in [(t!("Turn left"), -STEP), (t!("Turn right"), STEP)] {
                if Entry::new(words).show(ui).clicked() {
                    self.board.turn(degrees, self.aspect);
                }
            }
            separator(ui);
            for ((words, keys), (_, to)) in ALIGN_WORDS.into_iter().zip(ALIGN_KEYS) {
                if Entry::new(lang::say(words)).keys(keys).show(ui).clicked() {
                    self.board.align(to, self.aspect);
                }
            }
        });
        let fill = Button::ghost(t!("Fill"))
            .opens_menu()
            .tip_key(t!("Fill"), "C");
        let fill = ui.add(fill.enabled(any));
        if std::mem::take(&mut self.fill_asked) && any {
            Popup::open_id(ui.ctx(), Popup::default_response_id(&fill));
        }
        popup(&fill, |ui| {
            ui.set_min_width(150.0);
            for (name, color) in COLOURS {
                let row = Entry::new(lang::say(name)).checked(false).show(ui);
                if let Some([r, g, b]) = crate::field_html::parse_colour(color) {
                    let at = row.rect.left_center() + vec2(18.0, 0.0);
                    let swatch = Rect::from_center_size(at, Vec2::splat(14.0));
                    let edge = Stroke::new(1.0, Tokens::of(ui).border_strong);
                    let fill = Color32::from_rgb(r, g, b);
                    ui.painter().rect(swatch, 4, fill, edge, StrokeKind::Inside);
                }
                if row.clicked() {
                    self.board.fill_selected(Some(color));
                }
            }
            separator(ui);
            if Entry::new(t!("Usual colour"))
                .checked(false)
                .show(ui)
                .clicked()
            {
                self.board.fill_selected(None);
            }
        });
    }

    fn view_ui(&mut self, ui: &mut Ui) {
        let out = Button::ghost("−")
            .named(t!("Zoom out"))
            .tip_key(t!("Zoom out"), "[")
            .min_width(30.0);
        if ui.add(out).clicked() {
            self.set_zoom(self.zoom / 1.25);
        }
        let words = t!(
            "{percent}%",
            percent = decimal(f64::from(self.zoom * 100.0), 0)
        );
        let fit = Button::ghost(&words)
            .named(t!("Fit the picture"))
            .tip_key(t!("Fit the picture"), "F");
        if ui.add(fit).clicked() {
            self.zoom = 1.0;
        }
        let closer = Button::ghost("+")
            .named(t!("Zoom in"))
            .tip_key(t!("Zoom in"), "]")
            .min_width(30.0);
        if ui.add(closer).clicked() {
            self.set_zoom(self.zoom * 1.25);
        }
        let eye = Button::icon_only(ic::EYE, t!("See through masks"))
            .tip_key(t!("See through masks"), "L");
        if ui.add(eye.toggled(self.translucent)).clicked() {
            self.translucent = !self.translucent;
        }
    }

    /// The words of the selected label.
    fn label_ui(&mut self, ui: &mut Ui) {
        let Some(mut words) = self.board.selected_text().map(str::to_owned) else {
            return;
        };
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            ui.label(t!("Label"));
            let color = Tokens::of(ui).text;
            let mut layouter = |ui: &Ui, text: &dyn TextBuffer, room: f32| {
                typed::plain(ui, text.as_str(), &font::body(), color, false, room)
            };
            let entry = TextEdit::singleline(&mut words)
                .id(text_id())
                .layouter(&mut layouter)
                .desired_width(280.0);
            let shown = typed::show(ui, entry).response.response;
            let response = shown.accessible_name(t!("Words of the label"));
            if std::mem::take(&mut self.focus_text) {
                response.request_focus();
                field::select_all(ui.ctx(), text_id(), &words);
            }
            if response.changed() {
                self.board.set_selected_text(&words);
            }
        });
    }
}

fn divider(ui: &mut Ui) {
    let t = Tokens::of(ui);
    let (r, _) = ui.allocate_exact_size(vec2(13.0, size::CONTROL), Sense::hover());
    surface::vline(ui, r.center().x, r.shrink2(vec2(0.0, 6.0)), t.border_strong);
}

fn tool_button(ui: &mut Ui, tool: Tool, name: &str, keys: &str, on: bool) -> Response {
    let button = Button::ghost("").named(name).salt(name).tip_key(name, keys);
    let response = ui.add(button.min_width(size::CONTROL).toggled(on));
    let t = Tokens::of(ui);
    let color = if on { t.accent_text } else { t.text2 };
    match tool {
        Tool::Zoom => text::icon(ui, response.rect.center(), ic::SEARCH, size::ICON, color),
        _ => paint_tool(ui.painter(), tool, response.rect, color),
    }
    response
}

/// The arrow of Undo, to the other side.
fn paint_redo(painter: &Painter, r: Rect, color: Color32) {
    let c = r.center();
    let line = Stroke::new(1.5, color);
    let head = [(2.5, -6.5), (6.0, -3.0), (2.5, 0.5)];
    painter.add(PathShape::line(
        head.iter().map(|(x, y)| c + vec2(*x, *y)).collect(),
        line,
    ));
    // Along the arrow to the left, round the turn and back.
    let mut way = vec![c + vec2(6.0, -3.0)];
    way.extend((0..=12).map(|i| {
        let a = std::f32::consts::PI * i as f32 / 12.0;
        c + vec2(-2.0 - 3.75 * a.sin(), 0.75 - 3.75 * a.cos())
    }));
    way.push(c + vec2(2.5, 4.5));
    painter.add(PathShape::line(way, line));
}

fn paint_tool(painter: &Painter, tool: Tool, r: Rect, color: Color32) {
    let c = r.center();
    let line = Stroke::new(1.5, color);
    match tool {
        Tool::Select => {
            let arrow = [
                (-4.0, -6.5),
                (-4.0, 5.0),
                (-1.0, 2.5),
                (1.2, 6.5),
                (3.0, 5.6),
                (1.0, 1.8),
                (5.0, 1.5),
            ];
            let points = arrow.iter().map(|(x, y)| c + vec2(*x, *y)).collect();
            painter.add(PathShape::closed_line(points, line));
        }
        Tool::Rect => {
            let box_ = Rect::from_center_size(c, vec2(14.0, 10.0));
            painter.rect_stroke(box_, 1, line, StrokeKind::Middle);
        }
        Tool::Ellipse => {
            let points = (0..32)
                .map(|i| {
                    let a = i as f32 / 32.0 * std::f32::consts::TAU;
                    pos2(c.x + 7.5 * a.cos(), c.y + 5.5 * a.sin())
                })
                .collect();
            painter.add(PathShape::closed_line(points, line));
        }
        Tool::Polygon => {
            let corners = [
                (-7.0, 5.0),
                (-4.0, -6.0),
                (6.0, -4.0),
                (7.0, 3.0),
                (1.0, 6.0),
            ];
            let points = corners.iter().map(|(x, y)| c + vec2(*x, *y)).collect();
            painter.add(PathShape::closed_line(points, line));
        }
        Tool::Text => {
            let bold = Stroke::new(2.0, color);
            painter.line_segment([c + vec2(-5.5, -5.5), c + vec2(5.5, -5.5)], bold);
            painter.line_segment([c + vec2(0.0, -5.5), c + vec2(0.0, 6.0)], bold);
        }
        Tool::Zoom => {}
    }
}
