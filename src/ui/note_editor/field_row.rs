//! One field of a note: its name, whether it is folded, kept or shown as HTML, and the text.

use super::pictures::Pictures;
use crate::domain::notetype::Field;
use crate::t;
use crate::ui::rich_edit::{FieldOptions, FieldOutput, RichField};
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::surface::{fill, outline};
use crate::ui::widgets::text::{ends, icon, icon_filled, left, width};
use crate::ui::widgets::{Cut as _, ic, row, tooltip};
use eframe::egui::accesskit::Role;
use eframe::egui::{Color32, Id, Pos2, Rect, Response, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

const HEAD: f32 = 28.0;
/// Between two fields.
const GAP: f32 = 6.0;

/// See the module header.
pub(super) struct FieldRow {
    pub(super) rich: RichField,
    pub(super) sticky: bool,
    pub(super) collapsed: bool,
    name: String,
    font: String,
    size: f32,
    rtl: bool,
    plain: bool,
    description: String,
}

/// What all fields of the note share in a frame.
pub(super) struct Around<'a> {
    /// Tells the fields of one note from those of another.
    pub(super) note: Id,
    /// The highest cloze number of the other fields; None: no cloze note type.
    pub(super) highest_cloze: Option<u32>,
    /// Pasting drops colours and fonts.
    pub(super) paste_strips: bool,
    /// The field that files are dropped on in this frame.
    pub(super) dropped_on: Option<Id>,
    pub(super) pictures: &'a mut Pictures,
    /// The first field is a duplicate.
    pub(super) wrong: bool,
    /// Its text can be kept for the next note.
    pub(super) has_pin: bool,
}

/// A button of the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pressed {
    Pin,
    /// The field was shown or turned around: it gets the focus.
    Focus,
}

/// What [`show`] drew.
pub(super) struct Shown {
    pub(super) has_focus: bool,
    pub(super) changed: bool,
    pub(super) pressed: Option<Pressed>,
    pub(super) outputs: Vec<FieldOutput>,
}

impl FieldRow {
    pub(super) fn new(field: &Field, html: &str) -> Self {
        let mut row = Self {
            rich: RichField::new(html),
            sticky: false,
            collapsed: field.config.collapsed,
            name: String::new(),
            font: String::new(),
            size: 0.0,
            rtl: false,
            plain: false,
            description: String::new(),
        };
        if field.config.plain_text {
            row.rich.set_source_view(true);
        }
        row.follow(field);
        row
    }

    /// Takes over what the note type says.
    pub(super) fn follow(&mut self, field: &Field) {
        self.name.clone_from(&field.name);
        self.font.clone_from(&field.config.font_name);
        self.size = field.config.font_size.clamp(8, 96) as f32;
        self.rtl = field.config.rtl;
        self.plain = field.config.plain_text;
        self.sticky = field.config.sticky;
        self.description.clone_from(&field.config.description);
    }

    pub(super) fn html(&self) -> &str {
        self.rich.html()
    }

    pub(super) fn set_html(&mut self, html: &str) {
        self.rich.set_html(html);
    }

    fn toggle_source(&mut self) {
        let on = !self.rich.is_source_view();
        self.rich.set_source_view(on);
    }
}

/// Head and, unless it is folded, the text.
pub(super) fn show(ui: &mut Ui, row: &mut FieldRow, at: usize, around: Around<'_>) -> Shown {
    let pressed = head(ui, row, at, around.has_pin);
    let mut shown = Shown {
        has_focus: false,
        changed: false,
        pressed,
        outputs: vec![],
    };
    if !row.collapsed {
        let Around {
            note,
            highest_cloze,
            paste_strips,
            dropped_on,
            pictures,
            wrong,
            has_pin: _,
        } = around;
        let ctx = ui.ctx().clone();
        let family = Some(row.font.as_str()).filter(|name| !name.is_empty());
        let options = FieldOptions {
            id: note.with(at),
            label: &row.name,
            font_family: family,
            font_size: row.size,
            rtl: row.rtl,
            placeholder: &row.description,
            plain_text: row.plain,
            paste_strips,
            highest_cloze,
            dropped_on,
            images: &mut |picture| pictures.get(&ctx, picture),
        };
        let field = row.rich.ui(ui, options);
        if wrong && !field.has_focus {
            let t = Tokens::of(ui);
            outline(ui, field.response.rect, radius::CONTROL, t.danger);
        }
        shown.has_focus = field.has_focus;
        shown.changed = field.changed;
        shown.outputs = field.outputs;
    }
    ui.add_space(GAP);
    shown
}

fn head(ui: &mut Ui, row: &mut FieldRow, at: usize, has_pin: bool) -> Option<Pressed> {
    let t = Tokens::of(ui);
    let (_, mut r) = ui.allocate_space(vec2(ui.available_width(), HEAD));
    let mut pressed = None;
    let code = r.cut_right(26.0);
    let field = &row.name;
    let (tip, name) = if row.rich.is_source_view() {
        (t!("Show the text"), t!("Show the text of {field}", field))
    } else {
        (t!("Show the HTML"), t!("Show the HTML of {field}", field))
    };
    let response = small(ui, code, ("code", at), &name, row.rich.is_source_view());
    let color = if row.rich.is_source_view() {
        t.accent_text
    } else {
        t.text2
    };
    icon(ui, code.center(), ic::CODE, size::ICON_SMALL, color);
    if response.clicked() {
        row.toggle_source();
        row.collapsed = false;
        pressed = Some(Pressed::Focus);
    }
    tooltip::with_key(response, tip, Some("Ctrl+Shift+X"));
    if has_pin && pin(ui, r.cut_right(26.0), row, at) {
        pressed = Some(Pressed::Pin);
    }
    let wide = (width(ui, &row.name, font::small_strong()) + 26.0).min(r.width());
    let title = r.cut_left(wide);
    let response = ui.interact(title, ui.make_persistent_id(("fold", at)), Sense::CLICK);
    let open = !row.collapsed;
    let field = &row.name;
    let (name, short) = if open {
        (t!("Collapse field {field}", field), t!("Collapse field"))
    } else {
        (t!("Expand field {field}", field), t!("Expand field"))
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    row::paint_chevron(ui, pos2(title.min.x + 7.0, title.center().y), open);
    let mut words = title;
    words.cut_left(20.0);
    let shown = ends(ui, &row.name, words.width(), &font::small_strong());
    let is_cut = shown != row.name;
    left(ui, words, &shown, font::small_strong(), t.text2);
    if response.clicked() {
        row.collapsed = !row.collapsed;
        if !row.collapsed {
            pressed = Some(Pressed::Focus);
        }
    }
    tooltip::words(response, if is_cut { &name } else { short });
    pressed
}

/// Keeps the text of the field after adding; true when it was pressed.
fn pin(ui: &Ui, r: Rect, row: &FieldRow, at: usize) -> bool {
    let t = Tokens::of(ui);
    let (tip, color) = if row.sticky {
        (t!("Do not keep the text after adding"), t.accent_text)
    } else {
        (t!("Keep the text after adding"), t.text2)
    };
    let name = t!("Keep {field} after adding", field = row.name);
    let response = small(ui, r, ("pin", at), &name, row.sticky);
    paint_pin(ui, r.center(), row.sticky, color);
    let pressed = response.clicked();
    tooltip::with_key(response, tip, Some("F9"));
    pressed
}

fn paint_pin(ui: &Ui, c: Pos2, on: bool, color: Color32) {
    if on {
        icon_filled(ui, c, ic::PIN, size::ICON_SMALL, color);
    } else {
        icon(ui, c, ic::PIN, size::ICON_SMALL, color);
    }
}

/// A button of the head: no stop for Tab, which goes from field to field; the keyboard has keys.
fn small(ui: &Ui, r: Rect, salt: (&str, usize), name: &str, on: bool) -> Response {
    let t = Tokens::of(ui);
    let r = Rect::from_center_size(r.center(), Vec2::splat(24.0));
    let response = ui.interact(r, ui.make_persistent_id(salt), Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, name));
    if on {
        fill(ui, r, radius::CHIP, t.selected);
    } else if response.hovered() {
        fill(ui, r, radius::CHIP, t.hover);
        outline(ui, r, radius::CHIP, t.border);
    }
    response
}
