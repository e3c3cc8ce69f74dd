//! The question before options are saved that move due days: how many cards, how many are due
//! today then, and how the coming days change.

use crate::domain::deck_options::{DeckOptionsUpdate, ReschedulePreview};
use crate::service::request::{DeckRequest, Request};
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::simulator::curves::{Axis, Curve, Curves, Unit};
use crate::ui::simulator::plot;
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::text::{number, paragraph_in};
use crate::ui::widgets::{Kind, dialog};
use crate::{t, tn};
use eframe::egui::{Context, vec2};

const WIDTH: f32 = 560.0;
const GRAPH: f32 = 210.0;

/// See the module header.
pub struct RescheduleDialog {
    update: Box<DeckOptionsUpdate>,
    preview: ReschedulePreview,
}

impl RescheduleDialog {
    #[must_use]
    pub fn new(update: Box<DeckOptionsUpdate>, preview: ReschedulePreview) -> Self {
        Self { update, preview }
    }
}

/// `4,100 of 5,230 review cards get another due day. 120 are due today; then 340 will be`.
#[must_use]
pub fn words(preview: &ReschedulePreview) -> String {
    let (before, after) = preview.days.first().copied().unwrap_or_default();
    tn!(
        u64::from(preview.cards),
        "{moved} of {n} review card get another due day. Due today of them: {before} now, {after} \
         then. You can undo this.",
        "{moved} of {n} review cards get another due day. Due today of them: {before} now, {after} \
         then. You can undo this.",
        moved = number(u64::from(preview.moved)),
        before = number(u64::from(before)),
        after = number(u64::from(after)),
    )
}

fn curves(preview: &ReschedulePreview) -> Curves {
    let line = |name: &str, of: fn(&(u32, u32)) -> u32| Curve {
        name: name.to_owned(),
        points: (0_u32..)
            .zip(&preview.days)
            .map(|(day, counts)| [f64::from(day), f64::from(of(counts))])
            .collect(),
    };
    Curves {
        title: t!("Cards due on the coming days"),
        unit: Unit::Cards,
        lines: vec![line(t!("Now"), |c| c.0), line(t!("Then"), |c| c.1)],
        axis: Axis::InDays,
        marked: None,
    }
}

impl Dialog for RescheduleDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            let t = Tokens::of(ui);
            dialog::title(ui, t!("Reschedule cards?"));
            paragraph_in(ui, &words(&self.preview), font::body(), t.text2);
            ui.add_space(sp::L);
            let (_, r) = ui.allocate_space(vec2(ui.available_width(), GRAPH));
            plot::show(ui, r, &curves(&self.preview));
            ui.advance_cursor_after_rect(r);
            let footer = dialog::footer(
                ui,
                vec![],
                vec![
                    Button::new(t!("Keep editing")),
                    Button::new(t!("Save and reschedule")).kind(Kind::Primary),
                ],
            );
            footer.focus_choice(1);
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            if footer.chosen(1) {
                let update = self.update.clone();
                cx.ask(Request::Deck(DeckRequest::SaveOptions(update)));
                flow = Flow::Close;
            }
        });
        if shown.dismissed {
            return Flow::Close;
        }
        flow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_said() {
        let preview = ReschedulePreview {
            cards: 5230,
            moved: 4100,
            days: vec![(120, 340), (3, 4)],
        };
        assert_eq!(
            words(&preview),
            "4,100 of 5,230 review cards get another due day. Due today of them: 120 now, 340 then. \
             You can undo this."
        );
    }
}
