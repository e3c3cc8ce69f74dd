//! A list of names to choose from by typing parts of one: arrows move, Enter takes, Ctrl+1 to 9
//! takes a row. For decks and note types.

use super::field::Field;
use super::text::left;
use super::{Cut as _, dialog, ic, row, text};
use crate::t;
use crate::ui::keys::NUMBERS;
use crate::ui::theme::{Tokens, font, size, sp};
use eframe::egui::{Id, Key, Modifiers, Sense, Ui, vec2};

/// Visible rows.
const ROWS: f32 = 9.0;

/// What is typed, and where the keys have got to.
#[derive(Debug, Default)]
pub struct NameList {
    words: String,
    at: usize,
    /// The filter, once it was shown.
    field: Option<Id>,
}

impl NameList {
    /// Begins at this row.
    #[must_use]
    pub fn at(at: usize) -> Self {
        Self {
            at,
            ..Self::default()
        }
    }

    /// What is typed.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Draws filter and list; `nothing` stands there when no name matches. Returns the row that
    /// was taken.
    pub fn show(&mut self, ui: &mut Ui, names: &[&str], nothing: &str) -> Option<usize> {
        let before = self.words.clone();
        // Taken before the field sees them: they move in the list. Elsewhere Enter is for the
        // button that has the keys.
        let focus = ui.memory(|m| m.focused());
        let keys = if focus.is_none() || focus == self.field {
            Keys::take(ui)
        } else {
            Keys::default()
        };
        let field = Field::new(&mut self.words, t!("Filter"))
            .hint(t!("Type parts of a name"))
            .icon(ic::SEARCH)
            .show(ui);
        let fresh = self.field.replace(field.id).is_none();
        if fresh {
            field.request_focus();
        }
        let narrowed = before != self.words;
        if narrowed {
            self.at = 0;
        }
        let found = matching(names, &self.words);
        let moved = self.step(&keys, found.len());
        ui.add_space(sp::S);
        let scroll = moved || fresh || narrowed;
        let clicked = self.list(ui, names, &found, nothing, scroll);
        if keys.enter || keys.number.is_some() {
            let at = keys.number.unwrap_or(self.at);
            return found.get(at).copied().or(clicked);
        }
        clicked
    }

    /// The row that the action button would take.
    #[must_use]
    pub fn chosen(&self, names: &[&str]) -> Option<usize> {
        matching(names, &self.words).get(self.at).copied()
    }

    /// The list has become another one, in which the marked row is at `row`; None: the first one is
    /// marked.
    pub fn mark(&mut self, names: &[&str], row: Option<usize>) {
        let found = matching(names, &self.words);
        self.at = found.iter().position(|at| Some(*at) == row).unwrap_or(0);
    }

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

    fn list(
        &self,
        ui: &mut Ui,
        names: &[&str],
        found: &[usize],
        nothing: &str,
        scroll: bool,
    ) -> Option<usize> {
        let t = Tokens::of(ui);
        let mut clicked = None;
        let height = ROWS * size::ROW;
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), height));
        let (mut child, mut area) = dialog::scrolled(ui, r, "names");
        if scroll {
            // The row that the keys have reached stays in the middle.
            let y = self.at as f32 * size::ROW - height / 2.0;
            area = area.vertical_scroll_offset(y.max(0.0));
        }
        child.spacing_mut().item_spacing.y = 0.0;
        area.show_rows(&mut child, size::ROW, found.len().max(1), |ui, range| {
            if found.is_empty() {
                let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
                left(ui, r.pad(10.0, 0.0), nothing, font::body(), t.text3);
            }
            for i in range {
                let Some(&at) = found.get(i) else { continue };
                let name = text::name(names.get(at).copied().unwrap_or_default());
                let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
                let salt = ui.make_persistent_id(("choice", at));
                let response = row::sensed(ui, r, salt, &name, i == self.at, Sense::CLICK);
                let line = r.pad(10.0, 0.0);
                let shown = text::path(ui, &name, "::", line.width(), &font::body());
                left(ui, line, &shown, font::body(), t.text);
                if response.clicked() {
                    clicked = Some(at);
                }
                if shown != name {
                    super::tooltip::words(response, &name);
                }
            }
        });
        clicked
    }
}

/// The names that hold every word, wherever and in whatever case.
#[must_use]
fn matching(names: &[&str], words: &str) -> Vec<usize> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let holds = |name: &str| {
        let name = name.to_lowercase();
        words.iter().all(|w| name.contains(w))
    };
    (0..names.len()).filter(|&i| holds(names[i])).collect()
}

/// Keys of the list while the field has the focus.
#[derive(Default)]
struct Keys {
    down: bool,
    up: bool,
    enter: bool,
    /// Ctrl+1 to 9.
    number: Option<usize>,
}

impl Keys {
    fn take(ui: &Ui) -> Self {
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
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_any_words() {
        let names = ["History", "Languages", "Languages::French"];
        assert_eq!(matching(&names, "lang FR"), [2]);
        assert_eq!(matching(&names, " ").len(), 3);
    }
}
