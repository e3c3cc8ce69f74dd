//! Text fields and combo boxes with an outline that is visible by itself (3:1).

use super::icons as ic;
use super::surface::{fill, focus_ring_inside, outline};
use super::text::{self, icon};
use super::{tooltip, typed};
use crate::ui::theme::{Tokens, font, radius, size, sp};
use eframe::egui;
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Frame, Id, Margin, Rect, Response, Sense, TextBuffer, TextEdit, Ui, WidgetInfo, pos2, vec2,
};

/// What the field below is called.
pub fn named(ui: &mut Ui, name: &str) {
    let t = Tokens::of(ui);
    text::paragraph_in(ui, name, font::small_strong(), t.text2);
    ui.add_space(sp::XS);
}

/// Whether Enter ended the typing in a field.
pub fn is_entered(ui: &Ui, field: &Response) -> bool {
    field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter))
}

/// A line of a form: what it is called, `label` wide, and what is typed or chosen beside it. Lines
/// stand 8 apart.
pub fn line<R>(ui: &mut Ui, label: f32, words: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
    let t = Tokens::of(ui);
    let inner = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let (_, r) = ui.allocate_space(vec2(label, size::CONTROL));
        let room = r.with_max_x(r.max.x - sp::S);
        text::left(ui, room, words, font::body(), t.text2);
        if text::width(ui, words, font::body()) > room.width() {
            let whole = ui.interact(r, ui.scope_id().with(words), Sense::hover());
            tooltip::words(whole, words);
        }
        content(ui)
    });
    ui.add_space(sp::S);
    inner.inner
}

/// A text field. `name` is what screen readers and tests call it.
pub struct Field<'a> {
    text: &'a mut String,
    name: &'a str,
    id: Option<Id>,
    hint: &'a str,
    icon: Option<&'static str>,
    width: Option<f32>,
    rows: usize,
    mono: bool,
    hidden: bool,
}

impl<'a> Field<'a> {
    pub fn new(text: &'a mut String, name: &'a str) -> Self {
        Self {
            text,
            name,
            id: None,
            hint: "",
            icon: None,
            width: None,
            rows: 1,
            mono: false,
            hidden: false,
        }
    }
    /// For those who take keys before the field does.
    #[must_use]
    pub fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }
    #[must_use]
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }
    #[must_use]
    pub fn icon(mut self, icon: &'static str) -> Self {
        self.icon = Some(icon);
        self
    }
    /// Fills the available width when not set.
    #[must_use]
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }
    /// More than one row makes a multi-line field.
    #[must_use]
    pub fn rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }
    /// Dots in place of what is typed: passwords.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        self.hidden = hidden;
        self
    }
    /// File paths, HTML.
    #[must_use]
    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    pub fn show(self, ui: &mut Ui) -> Response {
        let t = Tokens::of(ui);
        let width = self.width.unwrap_or_else(|| ui.available_width());
        let indent = if self.icon.is_some() { 22.0 } else { 0.0 };
        let margin = Margin {
            left: (10.0 + indent) as i8,
            right: 10,
            top: 7,
            bottom: 7,
        };
        let under = ui.painter().add(egui::Shape::Noop);
        let typeface = if self.mono {
            font::mono()
        } else {
            font::body()
        };
        let multiline = self.rows > 1;
        let mut layouter = |ui: &Ui, text: &dyn TextBuffer, room: f32| {
            typed::plain(ui, text.as_str(), &typeface, t.text, multiline, room)
        };
        let edit = if multiline {
            TextEdit::multiline(self.text).desired_rows(self.rows)
        } else {
            TextEdit::singleline(self.text)
        };
        let edit = match self.id {
            Some(id) => edit.id(id),
            None => edit,
        };
        let hint = egui::RichText::new(self.hint).color(t.text3);
        let edit = edit
            .hint_text(hint)
            .password(self.hidden)
            .font(typeface.clone())
            .frame(Frame::NONE.inner_margin(margin))
            .desired_width(width)
            .min_size(vec2(0.0, size::CONTROL));
        let shown = if self.hidden {
            typed::show_hidden(ui, edit)
        } else {
            typed::show(ui, edit.layouter(&mut layouter))
        };
        let response = shown.response.response.accessible_name(self.name);
        let r = response.rect;
        ui.painter().set(
            under,
            egui::Shape::rect_filled(r, radius::CONTROL, t.surface),
        );
        outline(ui, r, radius::CONTROL, t.border_input);
        if response.has_focus() {
            focus_ring_inside(ui, r, radius::CONTROL);
        }
        if let Some(i) = self.icon {
            icon(
                ui,
                pos2(r.min.x + 17.0, r.center().y),
                i,
                size::ICON,
                t.text3,
            );
        }
        response
    }
}

/// The whole text selected, so that typing replaces it.
pub fn select_all(ctx: &egui::Context, id: Id, value: &str) {
    use egui::text::{CCursor, CCursorRange};
    use egui::widgets::text_edit::TextEditState;
    let mut state = TextEditState::load(ctx, id).unwrap_or_default();
    let end = value.chars().count();
    state
        .cursor
        .set_char_range(Some(CCursorRange::two(CCursor::new(0), CCursor::new(end))));
    state.store(ctx, id);
}

/// A list of choices that is higher scrolls.
const LONGEST_LIST: f32 = 320.0;
/// Before the words of a choice, and behind them with the arrow.
const BEFORE: f32 = 10.0;
const BEHIND: f32 = 28.0;

/// How wide a choice of `options` is that cuts none of them: `least` or more.
#[must_use]
pub fn combo_width<T>(ui: &Ui, least: f32, options: &[(T, &str)]) -> f32 {
    let widths = options
        .iter()
        .map(|(_, words)| text::width(ui, words, font::body()) + BEFORE + BEHIND);
    widths.map(f32::ceil).fold(least, f32::max)
}

/// A choice of a few: the chosen one and an arrow; the list opens below. It is `width` wide, or as
/// its longest choice where there is room for that. Returns true when `value` changed.
pub fn combo<T: PartialEq + Clone>(
    ui: &mut Ui,
    name: &str,
    width: f32,
    value: &mut T,
    options: &[(T, &str)],
) -> bool {
    let shown = options
        .iter()
        .find(|(v, _)| v == value)
        .map_or("", |(_, s)| s);
    let room = ui.available_width();
    let width = if width < room {
        combo_width(ui, width, options).min(room)
    } else {
        width
    };
    let (_, r) = ui.allocate_space(vec2(width, size::CONTROL));
    let response = combo_at(ui, r, name, shown);
    let mut changed = false;
    // The chosen one has the keys first: arrows lead on from there.
    let opened = response.id.with("opened");
    if response.clicked() && !super::menu::is_open(&response) {
        super::menu::keep_focus(&response);
        ui.data_mut(|d| d.insert_temp(opened, ()));
    }
    super::menu::popup(&response, |ui| {
        // As wide as the box, or as its longest choice.
        let entries = options
            .iter()
            .map(|(_, words)| super::menu::Entry::new(words).checked(false));
        let widest = entries.map(|entry| entry.wanted_width(ui));
        let beside = match options.len() as f32 * super::menu::ROW > LONGEST_LIST {
            true => super::menu::BESIDE_BAR,
            false => Margin::ZERO,
        };
        let wide = widest
            .map(|row| row + beside.rightf())
            .fold(width - 12.0, f32::max)
            .min(ui.available_width());
        ui.set_width(wide);
        let list = egui::ScrollArea::vertical()
            .max_height(LONGEST_LIST)
            .content_margin(beside);
        list.show(ui, |ui| {
            ui.set_width(wide - beside.rightf());
            for (option, words) in options {
                let is_chosen = option == value;
                let entry = super::menu::Entry::new(words).checked(is_chosen).show(ui);
                // Not while the list is only measured: it cannot have the keys then.
                if is_chosen && entry.enabled() {
                    let opened = ui.data_mut(|d| d.remove_temp::<()>(opened));
                    if opened.is_some() {
                        entry.request_focus();
                    }
                }
                if entry.clicked() && !is_chosen {
                    *value = option.clone();
                    changed = true;
                }
            }
        });
    });
    if !super::menu::is_open(&response) {
        super::menu::give_back(&response);
    }
    changed
}

/// What shows a choice and opens something to choose from, in `r`. What has no room is cut;
/// pointers and screen readers are told all of it.
pub fn combo_at(ui: &Ui, r: Rect, name: &str, shown: &str) -> Response {
    let id = ui.make_persistent_id(Id::unique(("combo", name)));
    let response = ui.interact(r, id, egui::Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ComboBox, enabled, name);
        info.current_text_value = Some(shown.to_owned());
        info
    });
    let t = Tokens::of(ui);
    let bg = if response.hovered() {
        t.hover
    } else {
        t.surface
    };
    fill(ui, r, radius::CONTROL, bg);
    outline(ui, r, radius::CONTROL, t.border_input);
    if response.has_focus() {
        focus_ring_inside(ui, r, radius::CONTROL);
    }
    let inner = Rect::from_min_max(
        pos2(r.min.x + BEFORE, r.min.y),
        pos2(r.max.x - BEHIND, r.max.y),
    );
    let f = font::body();
    let words = super::text::path(ui, shown, "::", inner.width(), &f);
    let is_cut = super::text::width(ui, shown, f.clone()) > inner.width();
    super::text::left(ui, inner, &words, f, t.text);
    icon(
        ui,
        pos2(r.max.x - 18.0, r.center().y + 1.0),
        ic::DOWN,
        size::ICON_SMALL,
        t.text2,
    );
    match is_cut {
        true => tooltip::words(response, shown),
        false => response,
    }
}
