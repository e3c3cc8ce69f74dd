//! A deck for the chosen cards is chosen from a list by typing parts of its name; or made first.

use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::decks;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::field::Field;
use crate::ui::widgets::text::{self, left};
use crate::ui::widgets::{Button, Cut, Kind, dialog, ic, row as rows, tooltip};
use eframe::egui::{Context, Id, Key, Modifiers, Sense, Ui, vec2};

const ROWS: f32 = 9.0;

/// See the module header.
pub(super) struct Pick {
    title: String,
    action: &'static str,
    /// Id and name.
    all: Vec<(i64, String)>,
    then: Option<Box<dyn FnOnce(i64) -> Action>>,
    words: String,
    at: usize,
    /// The filter, once it was shown.
    field: Option<Id>,
}

impl Pick {
    pub(super) fn new(
        title: impl Into<String>,
        action: &'static str,
        all: Vec<(i64, String)>,
        then: impl FnOnce(i64) -> Action + 'static,
    ) -> Self {
        Self {
            title: title.into(),
            action,
            all,
            then: Some(Box::new(then)),
            words: String::new(),
            at: 0,
            field: None,
        }
    }

    /// Those with every word in their name.
    fn found(&self) -> Vec<(i64, String)> {
        let words: Vec<String> = self
            .words
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let matches = |name: &str| {
            let name = name.to_lowercase();
            words.iter().all(|word| name.contains(word))
        };
        let found = self.all.iter().filter(|(_, name)| matches(name));
        found.cloned().collect()
    }

    fn list(&self, ui: &mut Ui, found: &[(i64, String)], scroll: bool) -> Option<i64> {
        let t = Tokens::of(ui);
        let height = ROWS * size::ROW;
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), height));
        let (mut child, mut area) = dialog::scrolled(ui, r, "choices");
        if scroll {
            let y = self.at as f32 * size::ROW - height / 2.0;
            area = area.vertical_scroll_offset(y.max(0.0));
        }
        let mut chosen = None;
        child.spacing_mut().item_spacing.y = 0.0;
        area.show_rows(&mut child, size::ROW, found.len(), |ui, range| {
            for n in range {
                let Some((id, name)) = found.get(n) else {
                    continue;
                };
                let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
                let salt = ui.make_persistent_id(("pick", *id));
                let name = text::name(name);
                let response = rows::sensed(ui, r, salt, &name, n == self.at, Sense::CLICK);
                let line = r.pad(10.0, 0.0);
                let shown = text::path(ui, &name, "::", line.width(), &font::body());
                left(ui, line, &shown, font::body(), t.text);
                if response.clicked() {
                    chosen = Some(*id);
                }
                if shown != name {
                    tooltip::words(response, &name);
                }
            }
        });
        chosen
    }
}

impl Dialog for Pick {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut chosen = None;
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, 460.0, |ui| {
            dialog::title(ui, &self.title);
            // Elsewhere Enter is for the button that has the keys.
            let focus = ui.memory(|m| m.focused());
            let in_field = focus.is_none() || focus == self.field;
            let plain = |key| in_field && ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
            let (down, up) = (plain(Key::ArrowDown), plain(Key::ArrowUp));
            let enter = plain(Key::Enter);
            let add = ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::N));
            let before = self.words.clone();
            let field = Field::new(&mut self.words, t!("Filter"))
                .hint(t!("Type parts of a name"))
                .icon(ic::SEARCH)
                .show(ui);
            if self.field.replace(field.id).is_none() {
                field.request_focus();
            }
            let narrowed = before != self.words;
            if narrowed {
                self.at = 0;
            }
            let found = self.found();
            let last = found.len().saturating_sub(1);
            if down {
                self.at += 1;
            }
            if up {
                self.at = self.at.saturating_sub(1);
            }
            self.at = self.at.min(last);
            ui.add_space(sp::S);
            chosen = self.list(ui, &found, down || up || narrowed);
            let footer = dialog::footer(
                ui,
                vec![Button::ghost(t!("Create Deck…"))],
                vec![
                    Button::new(t!("Cancel")),
                    Button::new(self.action)
                        .kind(Kind::Primary)
                        .enabled(!found.is_empty()),
                ],
            );
            if footer.quiet.first().is_some_and(|b| b.clicked()) || add {
                cx.open(decks::create_deck(&self.words));
                flow = Flow::Close;
            }
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            if enter || footer.chosen(1) {
                chosen = found.get(self.at).map(|(id, _)| *id).or(chosen);
            }
        });
        if let Some(id) = chosen
            && let Some(then) = self.then.take()
        {
            cx.send(then(id));
            return Flow::Close;
        }
        if shown.dismissed { Flow::Close } else { flow }
    }
}
