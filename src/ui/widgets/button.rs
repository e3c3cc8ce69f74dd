//! Buttons. At most one primary in a window; red fill only inside a confirmation.

use super::surface::{fill, focus_ring, outline};
use super::text::{icon, left, width};
use super::{icons as ic, tooltip};
use crate::ui::theme::{Tokens, font, radius, size};
use eframe::egui;
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align, Color32, Id, Rect, Response, Sense, Shadow, Ui, Vec2, Widget, WidgetInfo, pos2, vec2,
};

/// How much a button stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Filled accent: the thing people came to do.
    Primary,
    #[default]
    Secondary,
    /// No frame: quiet choices at the left, status texts.
    Ghost,
    /// Filled red: the confirmation itself.
    Danger,
    /// Red words: asks before it does something.
    DangerQuiet,
}

/// A button to be shown in a `Ui` (`ui.add`) or placed into a rectangle.
#[derive(Debug, Clone)]
pub struct Button<'a> {
    label: &'a str,
    /// Name for screen readers when the label is empty.
    name: Option<&'a str>,
    kind: Kind,
    icon: Option<&'static str>,
    opens_menu: bool,
    height: f32,
    min_width: Option<f32>,
    salt: Option<Id>,
    tip: Option<(&'a str, Option<&'a str>)>,
    enabled: bool,
    highlighted: bool,
    toggled: Option<bool>,
}

impl<'a> Button<'a> {
    #[must_use]
    pub fn new(label: &'a str) -> Self {
        Self {
            label,
            name: None,
            kind: Kind::Secondary,
            icon: None,
            opens_menu: false,
            height: size::CONTROL,
            min_width: None,
            salt: None,
            tip: None,
            enabled: true,
            highlighted: false,
            toggled: None,
        }
    }
    #[must_use]
    pub fn primary(label: &'a str) -> Self {
        Self::new(label).kind(Kind::Primary)
    }
    #[must_use]
    pub fn ghost(label: &'a str) -> Self {
        Self::new(label).kind(Kind::Ghost)
    }
    /// An icon alone; `name` is its accessible name and tooltip.
    #[must_use]
    pub fn icon_only(icon: &'static str, name: &'a str) -> Self {
        let mut b = Self::new("").kind(Kind::Ghost).tip(name);
        b.icon = Some(icon);
        b.name = Some(name);
        b
    }
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }
    #[must_use]
    pub fn icon(mut self, icon: &'static str) -> Self {
        self.icon = Some(icon);
        self
    }
    /// A small arrow: a menu opens.
    #[must_use]
    pub fn opens_menu(mut self) -> Self {
        self.opens_menu = true;
        self
    }
    #[must_use]
    pub fn height(mut self, height: f32) -> Self {
        self.height = height;
        self
    }
    #[must_use]
    pub fn min_width(mut self, width: f32) -> Self {
        self.min_width = Some(width);
        self
    }
    /// Tells two buttons with the same words in one `Ui` apart.
    #[must_use]
    pub fn salt(mut self, salt: impl std::hash::Hash + std::fmt::Debug) -> Self {
        self.salt = Some(Id::unique(salt));
        self
    }
    #[must_use]
    pub fn tip(mut self, tip: &'a str) -> Self {
        self.tip = Some((tip, None));
        self
    }
    /// Tooltip with a key cap.
    #[must_use]
    pub fn tip_key(mut self, tip: &'a str, key: &'a str) -> Self {
        self.tip = Some((tip, Some(key).filter(|k| !k.is_empty())));
        self
    }
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }
    /// The current page, an open menu's button.
    #[must_use]
    pub fn highlighted(mut self, highlighted: bool) -> Self {
        self.highlighted = highlighted;
        self
    }

    /// The accessible name where the label is a sign.
    #[must_use]
    pub fn named(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    /// A button that is on or off.
    #[must_use]
    pub fn toggled(mut self, on: bool) -> Self {
        self.toggled = Some(on);
        self.highlighted = on;
        self
    }

    /// Width that the words and icon need.
    pub fn wanted_width(&self, ui: &Ui) -> f32 {
        if self.label.is_empty() {
            return self.min_width.unwrap_or(self.height);
        }
        let mut w = 28.0 + width(ui, self.label, font::strong());
        if self.icon.is_some() {
            w += 22.0;
        }
        if self.opens_menu {
            w += 16.0;
        }
        let least = match (self.min_width, self.kind) {
            (Some(w), _) => w,
            (None, Kind::Ghost) => 0.0,
            (None, _) => size::BUTTON_MIN,
        };
        w.ceil().max(least)
    }

    /// Paints and senses the button in `r`.
    pub fn place(self, ui: &mut Ui, r: Rect) -> Response {
        let salt = self.salt.unwrap_or_else(|| Id::unique("button"));
        let id = ui.make_persistent_id((salt, self.label, self.icon, self.name));
        let enabled = self.enabled && ui.is_enabled();
        let sense = if enabled {
            Sense::click()
        } else {
            Sense::hover()
        };
        let response = ui.interact(r, id, sense);
        let name = self.name.unwrap_or(self.label);
        response.widget_info(|| match self.toggled {
            Some(on) => WidgetInfo::selected(Role::Button, enabled, on, name),
            None => WidgetInfo::labeled(Role::Button, enabled, name),
        });
        self.paint(ui, r, &response, enabled);
        if response.has_focus() {
            focus_ring(ui, r, radius::CONTROL);
        }
        match self.tip {
            Some((tip, key)) => tooltip::with_key(response, tip, key),
            None => response,
        }
    }

    fn paint(&self, ui: &Ui, r: Rect, response: &Response, enabled: bool) {
        let t = Tokens::of(ui);
        let hot = enabled && response.hovered();
        let down = enabled && response.is_pointer_button_down_on();
        let Colors { bg, edge, mut fg } = self.kind.colors(t, hot, down, self.highlighted);
        let faded = !enabled;
        if faded {
            fg = t.disabled;
        }
        if matches!(self.kind, Kind::Secondary | Kind::DangerQuiet) {
            ui.painter().add(
                Shadow {
                    offset: [0, 1],
                    blur: 2,
                    spread: 0,
                    color: Color32::from_black_alpha(if t.dark { 40 } else { 12 }),
                }
                .as_shape(r, radius::CONTROL),
            );
        }
        let bg = if faded && matches!(self.kind, Kind::Primary | Kind::Danger) {
            t.pressed
        } else {
            bg
        };
        fill(ui, r, radius::CONTROL, bg);
        if edge != Color32::TRANSPARENT {
            outline(ui, r, radius::CONTROL, if faded { t.border } else { edge });
        }
        self.paint_content(ui, r, fg, faded);
    }

    fn paint_content(&self, ui: &Ui, r: Rect, fg: Color32, faded: bool) {
        let t = Tokens::of(ui);
        let f = font::strong();
        let mut w = 0.0;
        if self.icon.is_some() {
            w += if self.label.is_empty() { 18.0 } else { 24.0 };
        }
        if !self.label.is_empty() {
            w += width(ui, self.label, f.clone());
        }
        if self.opens_menu {
            w += 18.0;
        }
        let mut x = (r.center().x - w / 2.0).round().max(r.min.x + 8.0);
        if self.label.is_empty() {
            x = (r.center().x - w / 2.0).round();
        }
        let y = r.center().y;
        let quiet = if faded { t.disabled } else { t.text2 };
        if let Some(i) = self.icon {
            let c = if self.kind == Kind::Secondary {
                quiet
            } else {
                fg
            };
            icon(ui, pos2(x + 9.0, y), i, size::ICON, c);
            x += if self.label.is_empty() { 18.0 } else { 24.0 };
        }
        if !self.label.is_empty() {
            let room = r.max.x - if self.opens_menu { 24.0 } else { 4.0 };
            let lr = left(
                ui,
                Rect::from_min_max(pos2(x, r.min.y), pos2(room, r.max.y)),
                self.label,
                f,
                fg,
            );
            x = lr.max.x + 2.0;
        }
        if self.opens_menu {
            let c = if self.kind == Kind::Primary {
                fg
            } else {
                quiet
            };
            icon(ui, pos2(x + 8.0, y + 1.0), ic::DOWN, size::ICON_SMALL, c);
        }
    }
}

struct Colors {
    bg: Color32,
    edge: Color32,
    fg: Color32,
}

impl Kind {
    fn colors(self, t: &Tokens, hot: bool, down: bool, on: bool) -> Colors {
        let none = Color32::TRANSPARENT;
        let base = |rest: Color32| match (down, hot) {
            (true, _) => t.pressed,
            (_, true) => t.hover,
            _ => rest,
        };
        let (bg, edge, fg) = match self {
            Self::Primary => (
                if hot { t.accent_hover } else { t.accent },
                none,
                t.on_accent,
            ),
            Self::Secondary if on => (t.selected, t.border_strong, t.accent_text),
            Self::Secondary => (base(t.button()), t.border_strong, t.text),
            Self::Ghost if on => (t.selected, none, t.accent_text),
            Self::Ghost => (base(none), none, t.text2),
            Self::Danger => {
                let lit = t.danger_fill.lerp_to_gamma(Color32::BLACK, 0.1);
                (if hot { lit } else { t.danger_fill }, none, t.on_accent)
            }
            Self::DangerQuiet => (
                if hot { t.danger_soft } else { t.button() },
                t.border_strong,
                t.danger,
            ),
        };
        Colors { bg, edge, fg }
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let wanted = vec2(self.wanted_width(ui), self.height);
        let (_, r) = ui.allocate_space(wanted);
        self.place(ui, r)
    }
}

/// Lays buttons in a row, 8 apart, vertically centred in `r`; `align` is the side they stick to.
pub fn row(ui: &mut Ui, r: Rect, align: Align, list: Vec<Button<'_>>) -> Vec<Response> {
    let widths = list.iter().map(|b| b.wanted_width(ui)).collect();
    lay(ui, r, align, list, widths)
}

/// A [`row`] in the middle of `r`; where there is less room than its buttons want, all are narrower.
pub fn squeezed_row(ui: &mut Ui, r: Rect, list: Vec<Button<'_>>) -> Vec<Response> {
    let mut widths: Vec<f32> = list.iter().map(|b| b.wanted_width(ui)).collect();
    let wanted: f32 = widths.iter().sum();
    let room = (r.width() - gaps(list.len())).max(0.0);
    if wanted > room {
        for width in &mut widths {
            *width = (*width * room / wanted).floor();
        }
    }
    lay(ui, r, Align::Center, list, widths)
}

fn gaps(buttons: usize) -> f32 {
    8.0 * buttons.saturating_sub(1) as f32
}

fn lay(
    ui: &mut Ui,
    r: Rect,
    align: Align,
    list: Vec<Button<'_>>,
    widths: Vec<f32>,
) -> Vec<Response> {
    let total: f32 = widths.iter().sum::<f32>() + gaps(list.len());
    let mut x = match align {
        Align::Min => r.min.x,
        Align::Center => r.center().x - total / 2.0,
        Align::Max => r.max.x - total,
    }
    .round();
    list.into_iter()
        .zip(widths)
        .map(|(b, w)| {
            let y = (r.center().y - b.height / 2.0).round();
            let rect = Rect::from_min_size(pos2(x, y), vec2(w, b.height));
            x += w + 8.0;
            b.place(ui, rect)
        })
        .collect()
}

/// How wide [`row`] would be with buttons of these words.
#[must_use]
pub fn row_width(ui: &Ui, labels: &[&str]) -> f32 {
    let widths = labels.iter().map(|l| Button::new(l).wanted_width(ui));
    widths.sum::<f32>() + gaps(labels.len())
}

/// A square icon button with its middle at `c`.
pub fn icon_at(ui: &mut Ui, c: egui::Pos2, b: Button<'_>) -> Response {
    let r = Rect::from_center_size(c, Vec2::splat(size::CONTROL_SMALL));
    b.place(ui, r)
}
