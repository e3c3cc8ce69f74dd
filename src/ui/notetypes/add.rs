//! Add a note type: a stock one or a copy of one that is there, under a name.

use crate::domain::notetype::{NotetypeModel, NotetypeUse};
use crate::service::notetypes::{NotetypeRequest, stock};
use crate::service::request::Request;
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::field::{Field, is_entered, select_all};
use crate::ui::widgets::{Cut as _, Kind, dialog, list, row, surface, text};
use eframe::egui::{Context, Rect, ScrollArea, Sense, Ui, vec2};

const WIDTH: f32 = 480.0;
const LIST: f32 = 260.0;

/// See the module header.
pub struct AddDialog {
    /// What can be chosen: words, model, the name that is suggested.
    models: Vec<(String, NotetypeModel, String)>,
    chosen: usize,
    name: String,
    focused: bool,
}

impl AddDialog {
    #[must_use]
    pub fn new(uses: &[NotetypeUse]) -> Self {
        let stock = stock().into_iter().enumerate().map(|(place, nt)| {
            let words = t!("Add: {name}", name = nt.name);
            (words, NotetypeModel::Stock(place), nt.name)
        });
        let copies = uses.iter().map(|nt| {
            let words = t!("Clone: {name}", name = nt.name);
            let name = t!("{name} copy", name = nt.name);
            (words, NotetypeModel::Existing(nt.id), name)
        });
        let models: Vec<_> = stock.chain(copies).collect();
        Self {
            name: models.first().map_or_else(String::new, |m| m.2.clone()),
            models,
            chosen: 0,
            focused: false,
        }
    }

    fn choose(&mut self, n: usize) {
        self.chosen = n;
        if let Some((_, _, name)) = self.models.get(n) {
            self.name.clone_from(name);
        }
    }

    /// True when a row was double-clicked.
    fn list(&mut self, ui: &mut Ui) -> bool {
        let t = Tokens::of(ui);
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), LIST));
        surface::card(ui, r);
        let count = self.models.len();
        let (focus, keys) = list::keys(ui, r, "models", t!("Kind"), count, Some(self.chosen), 8);
        if let Some(n) = keys.select {
            self.choose(n);
        }
        if !self.focused {
            self.focused = true;
            list::focus_quietly(ui, &focus);
        }
        let mut done = keys.act;
        let inner = r.pad(6.0, 6.0);
        let wide = inner.width() - list::bar_room(count, size::ROW, inner.height());
        surface::within(ui, inner, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ScrollArea::vertical().auto_shrink(false).show_rows(
                ui,
                size::ROW,
                count,
                |ui, range| {
                    for n in range {
                        let Some((words, ..)) = self.models.get(n).cloned() else {
                            continue;
                        };
                        let (_, line) = ui.allocate_space(vec2(wide, size::ROW));
                        let is = n == self.chosen;
                        let salt = list::row_salt(n);
                        let response = row::sensed(ui, line, salt, &words, is, Sense::CLICK);
                        if is {
                            list::ring(ui, &focus, line);
                            if keys.select.is_some() {
                                ui.scroll_to_rect(line, None);
                            }
                        }
                        let at = Rect::from_min_max(line.min + vec2(10.0, 0.0), line.max);
                        text::left(ui, at, &words, font::body(), t.text);
                        if response.clicked() {
                            self.choose(n);
                            list::focus_quietly(ui, &focus);
                        }
                        done |= response.double_clicked();
                    }
                },
            );
        });
        done
    }
}

impl Dialog for AddDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            let t = Tokens::of(ui);
            dialog::title(ui, t!("Add note type"));
            let mut done = self.list(ui);
            ui.add_space(sp::M);
            text::paragraph_in(ui, t!("Name"), font::small_strong(), t.text2);
            ui.add_space(sp::XS);
            let field = Field::new(&mut self.name, t!("Name")).show(ui);
            if field.gained_focus() {
                select_all(ui.ctx(), field.id, &self.name);
            }
            done |= is_entered(ui, &field);
            let named = !self.name.trim().is_empty();
            let add = Button::new(t!("Add")).kind(Kind::Primary).enabled(named);
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), add]);
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            let model = self.models.get(self.chosen).map(|m| m.1);
            if named
                && (done || footer.chosen(1))
                && let Some(model) = model
            {
                let name = self.name.trim().to_owned();
                cx.ask(Request::Notetype(NotetypeRequest::Add { model, name }));
                flow = Flow::Close;
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }
}
