//! The timebox: after so many minutes of study the window says what was done in them and asks
//! whether to go on. The next card is not shown before that is answered.

use crate::base::time::TimestampMillis;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::route::Route;
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::{dialog, text};
use crate::{t, tn};
use eframe::egui::Context;

/// One stretch of study.
#[derive(Debug, Default)]
pub(super) struct Timebox {
    began: Option<TimestampMillis>,
    answered: u32,
    /// An answer was given since the last look.
    fresh: bool,
    /// The question is up.
    asking: bool,
}

impl Timebox {
    /// Study is left: the next card begins another stretch.
    pub(super) fn leave(&mut self) {
        *self = Self::default();
    }

    pub(super) fn count_answer(&mut self) {
        self.answered += 1;
        self.fresh = true;
    }

    /// Looks at the clock after each answer; true while the card has to wait for the user.
    pub(super) fn holds(&mut self, cx: &UiContext<'_>) -> bool {
        if self.asking {
            // The question is gone again, and it was not "Finish".
            if cx.keys_free {
                self.leave();
            }
            return self.asking;
        }
        let settings = cx.model.collection_settings.as_ref();
        let minutes = settings.map_or(0, |s| s.timebox_mins);
        if let Some(cards) = self.reached(minutes, cx.now) {
            self.asking = true;
            cx.open(TimeUp { cards, minutes });
        }
        self.asking
    }

    /// How many answers were given, once `minutes` are over; 0 minutes are never over.
    fn reached(&mut self, minutes: u32, now: TimestampMillis) -> Option<u32> {
        let began = *self.began.get_or_insert(now);
        let answered = std::mem::take(&mut self.fresh);
        let over = now.since(began) >= i64::from(minutes) * 60_000;
        (answered && minutes > 0 && over).then_some(self.answered)
    }
}

/// "You studied 12 cards in 5 minutes".
struct TimeUp {
    cards: u32,
    minutes: u32,
}

impl Dialog for TimeUp {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, 440.0, |ui| {
            let cards = tn!(u64::from(self.cards), "{n} card", "{n} cards");
            let minutes = tn!(u64::from(self.minutes), "{n} minute", "{n} minutes");
            let title = t!("You studied {cards} in {minutes}", cards, minutes);
            dialog::title(ui, &title);
            text::paragraph(
                ui,
                t!("Your time is up. Go on for as long again, or finish for now."),
            );
            let choices = vec![
                Button::new(t!("Finish")),
                Button::new(t!("Continue")).kind(Kind::Primary),
            ];
            let footer = dialog::footer(ui, vec![], choices);
            footer.focus_choice(1);
            (footer.chosen(0), footer.chosen(1))
        });
        let (finish, go_on) = shown.inner;
        if finish {
            cx.send(Action::Go(Route::Decks));
        }
        Flow::close_if(finish || go_on || shown.dismissed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_told_once_after_an_answer() {
        let mut timebox = Timebox::default();
        let at = |seconds: i64| TimestampMillis(1_000_000 + seconds * 1000);
        assert_eq!(timebox.reached(1, at(0)), None);
        timebox.count_answer();
        assert_eq!(timebox.reached(1, at(59)), None);
        assert_eq!(timebox.reached(1, at(60)), None, "only after an answer");
        timebox.count_answer();
        assert_eq!(timebox.reached(0, at(90)), None, "0 is off");
        timebox.count_answer();
        assert_eq!(timebox.reached(1, at(91)), Some(3));
        timebox.leave();
        timebox.count_answer();
        assert_eq!(timebox.reached(1, at(100)), None, "another stretch");
    }
}
