//! Tools > Check Database, Check Media and Empty Cards: dialogs over the present screen that show what was found
//! and offer the remedies.

mod database;
mod empty_cards;
mod media;

use crate::service::checks::CheckEvent;
use crate::ui::action::Action;
use crate::ui::notifications::Toast;
use crate::{t, tn};
pub use database::checked;
pub use empty_cards::EmptyCardsDialog;
pub use media::MediaDialog;

/// What follows an answer of the worker. The dialog of Check Media is open by then and takes its
/// reports in itself.
#[must_use]
pub fn on_event(event: &CheckEvent) -> Vec<Action> {
    match event {
        CheckEvent::Problems(problems) => vec![checked(problems, false)],
        CheckEvent::Media { said, .. } if !said.is_empty() => {
            vec![Action::Toast(Toast::new(said.clone()))]
        }
        CheckEvent::Media { .. } => vec![],
        CheckEvent::EmptyCards { report, .. } if report.is_empty() => {
            vec![Action::Toast(Toast::note(t!("No empty cards")))]
        }
        CheckEvent::EmptyCards { report, names } => {
            let dialog = EmptyCardsDialog::new(report.clone(), names);
            vec![Action::Open(Box::new(dialog))]
        }
        CheckEvent::EmptyCardsRemoved { cards, notes } => {
            let cards = *cards as u64;
            let words = match *notes as u64 {
                0 => tn!(cards, "{n} card deleted", "{n} cards deleted"),
                notes => tn!(
                    cards,
                    "{n} card deleted, with {notes}",
                    "{n} cards deleted, with {notes}",
                    notes = tn!(notes, "{n} note", "{n} notes")
                ),
            };
            vec![Action::Toast(Toast::new(words).with_undo())]
        }
    }
}
