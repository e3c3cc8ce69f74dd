//! Tags to add to the chosen notes, or to take off them: typed with completion from the
//! collection's tags.

use super::act::words;
use crate::domain::sidebar::Sidebar;
use crate::service::browse::{BrowseAction, BrowseRequest, Chosen};
use crate::service::request::Request;
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::field::Field;
use crate::ui::widgets::text::left;
use crate::ui::widgets::{Button, Cut, Kind, dialog, ic, offers, row as rows, text};
use eframe::egui::{Context, Id, Key, Modifiers, Sense, Ui, vec2};
use std::sync::Arc;

const WIDTH: f32 = 460.0;
/// Suggestions shown at once.
const MOST: usize = 6;

/// See the module header.
pub(super) struct TagsDialog {
    chosen: Chosen,
    add: bool,
    typed: String,
    known: Option<Arc<Sidebar>>,
    /// The suggestion that Tab takes.
    at: usize,
    /// The field, once it was shown.
    field: Option<Id>,
}

impl TagsDialog {
    pub(super) fn new(chosen: Chosen, add: bool, known: Option<Arc<Sidebar>>) -> Self {
        Self {
            chosen,
            add,
            typed: String::new(),
            known,
            at: 0,
            field: None,
        }
    }

    fn suggestions(&self) -> Vec<String> {
        let known = self.known.as_ref().map_or(&[][..], |data| &data.tags);
        suggestions(known, last_word(&self.typed))
    }

    fn take(&mut self, tag: &str) {
        let keep = self.typed.len() - last_word(&self.typed).len();
        self.typed.truncate(keep);
        self.typed.push_str(tag);
        self.typed.push(' ');
        self.at = 0;
    }

    fn list(&mut self, ui: &mut Ui, found: &[String]) -> Option<String> {
        let t = Tokens::of(ui);
        let mut taken = None;
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(sp::S);
        for n in 0..MOST {
            let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
            let Some(tag) = found.get(n) else {
                continue;
            };
            let salt = ui.make_persistent_id(("tag", n));
            let response = rows::sensed(ui, r, salt, tag, n == self.at, Sense::CLICK);
            left(ui, r.pad(10.0, 0.0), tag, font::body(), t.text);
            if response.clicked() {
                taken = Some(tag.clone());
            }
        }
        taken
    }
}

/// What is being typed: after the last space.
fn last_word(typed: &str) -> &str {
    typed.rsplit(' ').next().unwrap_or_default()
}

/// Tags with `part` in them, those that begin with it first. Nothing without a part.
fn suggestions(known: &[String], part: &str) -> Vec<String> {
    let part = part.to_lowercase();
    if part.is_empty() {
        return vec![];
    }
    let (mut first, mut then) = (vec![], vec![]);
    for tag in known {
        let folded = tag.to_lowercase();
        if folded == part {
            continue;
        }
        if folded.starts_with(&part) {
            first.push(tag.clone());
        } else if folded.contains(&part) {
            then.push(tag.clone());
        }
        if first.len() == MOST {
            break;
        }
    }
    first.extend(then);
    first.truncate(MOST);
    first
}

impl Dialog for TagsDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let mut yes = false;
        let action = if self.add {
            t!("Add Tags")
        } else {
            t!("Remove Tags")
        };
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, action);
            let line = if self.add {
                t!(
                    "For {notes}. Separate tags with spaces.",
                    notes = words(&self.chosen)
                )
            } else {
                t!(
                    "From {notes}, with the tags below them. Separate tags with spaces.",
                    notes = words(&self.chosen)
                )
            };
            text::paragraph(ui, &line);
            ui.add_space(sp::S);
            let found = self.suggestions();
            let last = found.len().saturating_sub(1);
            // Elsewhere Enter is for the button that has the keys.
            let focus = ui.memory(|m| m.focused());
            let in_field = focus.is_none() || focus == self.field;
            let plain = |key| in_field && ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
            if plain(Key::ArrowDown) {
                self.at = (self.at + 1).min(last);
            }
            if plain(Key::ArrowUp) {
                self.at = self.at.saturating_sub(1);
            }
            let complete = found.get(self.at).filter(|_| plain(Key::Tab)).cloned();
            let enter = plain(Key::Enter);
            let before = self.typed.clone();
            let field = Field::new(&mut self.typed, t!("Tags"))
                .hint(t!("verbs unit::07"))
                .icon(ic::TAG)
                .show(ui);
            let mut can_complete = !found.is_empty();
            if before != self.typed {
                self.at = 0;
                can_complete = !self.suggestions().is_empty();
            }
            offers::hold_keys(ui, field.id, can_complete, false);
            let clicked = self.list(ui, &found);
            if let Some(tag) = complete.or(clicked) {
                self.take(&tag);
                let end = self.typed.clone();
                cursor_to_end(ui.ctx(), field.id, &end);
                field.request_focus();
            }
            if self.field.replace(field.id).is_none() {
                field.request_focus();
            }
            let ready = !self.typed.trim().is_empty();
            let footer = dialog::footer(
                ui,
                vec![],
                vec![
                    Button::new(t!("Cancel")),
                    Button::new(action).kind(Kind::Primary).enabled(ready),
                ],
            );
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            yes = ready && (footer.chosen(1) || enter);
        });
        if yes {
            let tags = self.typed.trim().to_owned();
            let action = if self.add {
                BrowseAction::AddTags(tags)
            } else {
                BrowseAction::RemoveTags(tags)
            };
            let chosen = self.chosen.clone();
            cx.ask(Request::Browse(BrowseRequest::Do { chosen, action }));
            return Flow::Close;
        }
        if shown.dismissed { Flow::Close } else { flow }
    }
}

fn cursor_to_end(ctx: &Context, id: Id, text: &str) {
    use eframe::egui::text::{CCursor, CCursorRange};
    use eframe::egui::widgets::text_edit::TextEditState;
    let mut state = TextEditState::load(ctx, id).unwrap_or_default();
    let end = CCursor::new(text.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(end)));
    state.store(ctx, id);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_at_the_end_is_completed() {
        let known = ["lang::de", "deck", "de", "x"].map(str::to_owned);
        assert_eq!(suggestions(&known, last_word("x de")), ["deck", "lang::de"]);
        assert!(suggestions(&known, last_word("x ")).is_empty());
    }
}
