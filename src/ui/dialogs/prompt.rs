//! One line of text: a name to give.

use crate::t;
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::field::{Field, is_entered, select_all};
use crate::ui::widgets::{dialog, text};
use eframe::egui::{Context, Event, InputState};

/// What is asked, and what was typed so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prompt {
    pub title: String,
    /// A line under the title; none when empty.
    pub body: String,
    /// Name of the field, above it.
    pub label: String,
    pub hint: String,
    pub value: String,
    /// A text that was tried in vain and may be tried again, and why, which is shown as long as it
    /// stands there.
    pub told: Option<(String, String)>,
    /// The name of the action: "Create deck".
    pub action: String,
    /// Takes the place of `value` in the next frame, unless somebody types just then.
    pub instead: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptChoice {
    Cancel,
    /// `value` is what was typed.
    Done,
}

impl Prompt {
    /// Shows the question for this frame. `check` says why a text cannot be taken; a problem is
    /// shown once something was typed, and keeps the action from being pressed.
    pub fn show(
        &mut self,
        ctx: &Context,
        id: &str,
        check: impl Fn(&str) -> Option<String>,
    ) -> Option<PromptChoice> {
        let fresh = super::just_opened(ctx, id);
        let typing = |i: &InputState| i.events.iter().any(|e| matches!(e, Event::Text(_)));
        let instead = self.instead.take().filter(|_| !ctx.input(typing));
        let filled = instead.is_some();
        self.value = instead.unwrap_or_else(|| std::mem::take(&mut self.value));
        let shown = dialog::show(ctx, id, 460.0, |ui| {
            let t = Tokens::of(ui);
            dialog::title(ui, &self.title);
            if !self.body.is_empty() {
                text::paragraph(ui, &self.body);
                ui.add_space(sp::M);
            }
            if !self.label.is_empty() {
                text::paragraph_in(ui, &self.label, font::small_strong(), t.text2);
                ui.add_space(sp::XS);
            }
            let name = if self.label.is_empty() {
                &self.title
            } else {
                &self.label
            };
            let field = Field::new(&mut self.value, name).hint(&self.hint).show(ui);
            if fresh || filled {
                field.request_focus();
                select_all(ui.ctx(), field.id, &self.value);
            }
            let problem = check(&self.value);
            ui.add_space(6.0);
            let told = self.told.as_ref().filter(|(text, _)| *text == self.value);
            let said = problem
                .as_deref()
                .filter(|_| !self.value.is_empty())
                .or_else(|| Some(told?.1.as_str()))
                .unwrap_or(" ");
            text::paragraph_in(ui, said, font::small(), t.danger);
            let action = Button::new(&self.action)
                .kind(Kind::Primary)
                .enabled(problem.is_none());
            ui.add_space(-sp::M);
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), action]);
            let enter = is_entered(ui, &field);
            if enter && problem.is_some() {
                field.request_focus();
            }
            match () {
                () if footer.chosen(0) => Some(PromptChoice::Cancel),
                () if problem.is_none() && (enter || footer.chosen(1)) => Some(PromptChoice::Done),
                () => None,
            }
        });
        shown
            .inner
            .or_else(|| shown.dismissed.then_some(PromptChoice::Cancel))
    }
}
