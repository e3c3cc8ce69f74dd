//! Questions about cards that the reviewer and the browser ask alike: Set Due Date and Reset. They
//! open at once with the usual answers, and take those of the last time when the worker tells them.

use crate::domain::card_answers::{AskedIn, CardAnswers, ResetHow};
use crate::service::event::Event;
use crate::service::request::{CardRequest, Request};
use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{AskText, Dialog, Flow};
use crate::ui::dialogs::Prompt;
use crate::ui::theme::sp;
use crate::ui::widgets::check::checkbox;
use crate::ui::widgets::{Button, Kind, dialog, text};
use eframe::egui::Context;

const WIDTH: f32 = 460.0;

fn answers_of(event: &Event, place: AskedIn) -> Option<&CardAnswers> {
    match event {
        Event::CardAnswers(answers) if answers.asked_in == place => Some(answers),
        _ => None,
    }
}

fn load(place: AskedIn) -> Action {
    Action::Ask(Request::Card(CardRequest::LoadAnswers(place)))
}

/// Asks in how many days `what` ("this card", "3 cards") is to be shown.
pub fn due_date(
    place: AskedIn,
    what: &str,
    then: impl FnOnce(String) -> Action + 'static,
) -> Vec<Action> {
    let prompt = Prompt {
        title: t!("Set Due Date").into(),
        body: t!(
            "In how many days to show {what}. 0 is today, 1! is tomorrow with an interval of 1 \
             day, 3-7 is a random day in that range.",
            what
        ),
        label: t!("Days").into(),
        value: place.usual_due().into(),
        action: t!("Set Due Date").into(),
        ..Default::default()
    };
    let ask = AskText::new(prompt, |days| then(days.trim().to_owned()))
        .check(|days| {
            (!is_due_text(days.trim()))
                .then(|| t!("Type a number of days, like 0, 3-7 or 1!").to_owned())
        })
        .filled_by(move |event| answers_of(event, place).map(|last| last.due.clone()));
    vec![Action::Open(Box::new(ask)), load(place)]
}

/// `5`, `3-7`, each with an optional `!`: Anki's grammar of due dates.
fn is_due_text(text: &str) -> bool {
    let text = text.strip_suffix('!').unwrap_or(text);
    let number = |s: &str| s.bytes().all(|b| b.is_ascii_digit()) && s.parse::<u32>().is_ok();
    match text.split_once('-') {
        Some((from, to)) => number(from) && number(to),
        None => number(text),
    }
}

/// Asks what resetting `what` ("this card", "3 cards") takes along.
pub fn reset(
    place: AskedIn,
    what: &str,
    then: impl FnOnce(ResetHow) -> Action + 'static,
) -> Vec<Action> {
    let dialog = ResetDialog {
        place,
        title: t!("Reset {what}?", what),
        how: ResetHow::default(),
        touched: false,
        then: Some(Box::new(then)),
    };
    vec![Action::Open(Box::new(dialog)), load(place)]
}

struct ResetDialog {
    place: AskedIn,
    title: String,
    how: ResetHow,
    /// Chosen by hand: the answers of the last time come too late.
    touched: bool,
    then: Option<Box<dyn FnOnce(ResetHow) -> Action>>,
}

impl Dialog for ResetDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let before = self.how;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, &self.title);
            let words =
                t!("What is reset becomes new again. Its review history stays. You can undo this.");
            text::paragraph(ui, words);
            ui.add_space(sp::S);
            let how = &mut self.how;
            for (on, words) in [
                (
                    &mut how.restore_position,
                    t!("Restore original position where possible"),
                ),
                (
                    &mut how.reset_counts,
                    t!("Reset repetition and lapse counts"),
                ),
            ] {
                checkbox(ui, on, words);
            }
            let buttons = vec![
                Button::new(t!("Cancel")),
                Button::new(t!("Reset")).kind(Kind::Primary),
            ];
            let footer = dialog::footer(ui, vec![], buttons);
            if ui.memory(|m| m.focused().is_none()) {
                footer.focus_choice(1);
            }
            (footer.chosen(0), footer.chosen(1))
        });
        self.touched |= self.how != before;
        let (cancel, reset) = shown.inner;
        if reset && let Some(then) = self.then.take() {
            cx.send(then(self.how));
        }
        Flow::close_if(cancel || reset || shown.dismissed)
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        if let Some(last) = answers_of(event, self.place).filter(|_| !self.touched) {
            self.how = last.reset;
        }
        Flow::Stay
    }
}

#[cfg(test)]
mod tests {
    use super::is_due_text;

    #[test]
    fn due_dates_follow_ankis_grammar() {
        for text in ["0", "1!", "3-7", "7-3!", "365", "123456"] {
            assert!(is_due_text(text), "{text}");
        }
        for text in ["", "!", "-3", "3-", "a", "1!!", "+3", "99999999999"] {
            assert!(!is_due_text(text), "{text}");
        }
    }
}
