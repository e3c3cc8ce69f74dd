//! "Which cards?": Unbury, where a deck has cards that were buried by hand and others whose
//! siblings were studied.

use crate::base::ids::DeckId;
use crate::domain::study::Buried;
use crate::service::request::{DeckRequest, Request};
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::model::AppModel;
use crate::ui::route::Route;
use crate::ui::theme::{size, sp};
use crate::ui::widgets::{button::Button, dialog};
use eframe::egui::{Context, vec2};

const WIDTH: f32 = 400.0;

/// The kinds of buried cards that the deck of the page has; None on other pages.
#[must_use]
pub fn kinds(model: &AppModel, route: &Route) -> Option<Vec<Buried>> {
    let (by_hand, siblings) = match route {
        Route::Overview => {
            let overview = model.overview.as_ref()?;
            (overview.have_user_buried, overview.have_sched_buried)
        }
        Route::Congrats => {
            let congrats = &model.finished.as_ref()?.congrats;
            (congrats.have_user_buried, congrats.have_sched_buried)
        }
        _ => return None,
    };
    let all = [(by_hand, Buried::ByHand), (siblings, Buried::Siblings)];
    let kinds = all.into_iter().filter(|(there, _)| *there);
    Some(kinds.map(|(_, kind)| kind).collect())
}

/// Brings buried cards of a deck back.
#[must_use]
pub fn request(deck: DeckId, which: Buried) -> Request {
    Request::Deck(DeckRequest::UnburyDeck { id: deck, which })
}

/// See the module header.
#[derive(Debug)]
pub struct WhichBuried(pub DeckId);

impl Dialog for WhichBuried {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, t!("What would you like to unbury?"));
            let mut chosen = None;
            for (words, which) in [
                (t!("Manually Buried Cards"), Buried::ByHand),
                (t!("Buried Siblings"), Buried::Siblings),
                (t!("All Buried Cards"), Buried::All),
            ] {
                let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::CONTROL));
                if Button::new(words).place(ui, r).clicked() {
                    chosen = Some(which);
                }
                ui.add_space(sp::S);
            }
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel"))]);
            (chosen, footer.chosen(0))
        });
        let (chosen, cancelled) = shown.inner;
        if let Some(which) = chosen {
            cx.ask(request(self.0, which));
        }
        Flow::close_if(chosen.is_some() || cancelled || shown.dismissed)
    }
}
