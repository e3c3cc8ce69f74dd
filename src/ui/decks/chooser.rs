//! Study Deck (/): a deck is chosen by typing parts of its name.

use super::model::{Row, all_rows, filter};
use crate::service::request::{DeckRequest, Request};
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::field::Field;
use crate::ui::widgets::text::left;
use crate::ui::widgets::{Cut, Kind, dialog, ic, row as rows};
use eframe::egui::{Context, Key, Modifiers, ScrollArea, Sense, Ui, vec2};

/// Visible rows.
const ROWS: f32 = 9.0;

#[derive(Debug, Default)]
pub struct Chooser {
    words: String,
    at: usize,
    focused: bool,
}

impl Dialog for Chooser {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let all = cx
            .model
            .decks
            .ready()
            .map(|d| all_rows(&d.root))
            .unwrap_or_default();
        let mut chosen = None;
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, 460.0, |ui| {
            dialog::title(ui, "Study Deck");
            let before = self.words.clone();
            // Taken before the field sees them: they move in the list.
            let keys = Keys::take(ui);
            let field = Field::new(&mut self.words, "Filter")
                .hint("Type parts of a name")
                .icon(ic::SEARCH)
                .show(ui);
            if !self.focused {
                self.focused = true;
                field.request_focus();
            }
            if before != self.words {
                self.at = 0;
            }
            let found = filter(&all, &self.words);
            let moved = self.step(&keys, found.len());
            ui.add_space(sp::S);
            chosen = self.list(ui, &found, moved);
            if keys.enter || keys.number.is_some() {
                let at = keys.number.unwrap_or(self.at);
                chosen = found.get(at).map(|r| r.id).or(chosen);
            }
            let footer = dialog::footer(
                ui,
                vec![Button::ghost("Create Deck…")],
                vec![
                    Button::new("Cancel"),
                    Button::new("Study")
                        .kind(Kind::Primary)
                        .enabled(!found.is_empty()),
                ],
            );
            if footer.quiet.first().is_some_and(|b| b.clicked()) || keys.add {
                cx.command(Command::CreateDeck);
                flow = Flow::Close;
            }
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            if footer.chosen(1) {
                chosen = found.get(self.at).map(|r| r.id);
            }
        });
        if let Some(id) = chosen {
            cx.ask(Request::Deck(DeckRequest::Select(id)));
            cx.go(Route::Overview);
            return Flow::Close;
        }
        if shown.dismissed {
            return Flow::Close;
        }
        flow
    }
}

/// Keys of the list while the field has the focus.
struct Keys {
    down: bool,
    up: bool,
    enter: bool,
    /// Ctrl+1 to 9.
    number: Option<usize>,
    /// Ctrl+N.
    add: bool,
}

impl Keys {
    fn take(ui: &Ui) -> Self {
        const NUMBERS: [Key; 9] = [
            Key::Num1,
            Key::Num2,
            Key::Num3,
            Key::Num4,
            Key::Num5,
            Key::Num6,
            Key::Num7,
            Key::Num8,
            Key::Num9,
        ];
        ui.input_mut(|i| {
            let mut plain = |key| i.consume_key(Modifiers::NONE, key);
            let (down, up) = (plain(Key::ArrowDown), plain(Key::ArrowUp));
            let enter = plain(Key::Enter);
            let mut ctrl = |key| i.consume_key(Modifiers::COMMAND, key);
            Self {
                down,
                up,
                enter,
                number: NUMBERS.iter().position(|&k| ctrl(k)),
                add: ctrl(Key::N),
            }
        })
    }
}

impl Chooser {
    fn step(&mut self, keys: &Keys, count: usize) -> bool {
        let last = count.saturating_sub(1);
        if keys.down {
            self.at = (self.at + 1).min(last);
        }
        if keys.up {
            self.at = self.at.saturating_sub(1);
        }
        self.at = self.at.min(last);
        keys.down || keys.up
    }

    fn list(&self, ui: &mut Ui, found: &[&Row], scroll: bool) -> Option<crate::base::ids::DeckId> {
        let t = Tokens::of(ui);
        let mut chosen = None;
        let height = ROWS * size::ROW;
        let mut area = ScrollArea::vertical();
        if scroll {
            // The row that the keys have reached stays in the middle.
            let y = self.at as f32 * size::ROW - height / 2.0;
            area = area.vertical_scroll_offset(y.max(0.0));
        }
        area.max_height(height)
            .min_scrolled_height(height)
            .auto_shrink(false)
            .show_rows(ui, size::ROW, found.len().max(1), |ui, range| {
                ui.spacing_mut().item_spacing.y = 0.0;
                if found.is_empty() {
                    let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
                    left(
                        ui,
                        r.pad(10.0, 0.0),
                        "No decks match",
                        font::body(),
                        t.text3,
                    );
                }
                for i in range {
                    let Some(row) = found.get(i) else { continue };
                    let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
                    let salt = ui.make_persistent_id(("choice", row.id));
                    let response =
                        rows::sensed(ui, r, salt, &row.full_name, i == self.at, Sense::CLICK);
                    left(ui, r.pad(10.0, 0.0), &row.full_name, font::body(), t.text);
                    if response.clicked() {
                        chosen = Some(row.id);
                    }
                }
            });
        chosen
    }
}
