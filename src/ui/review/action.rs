//! What the reviewer's keys, buttons and menu do: requests about the card on show.

use super::ReviewScreen;
use super::model::Side;
use crate::domain::card_answers::AskedIn;
use crate::domain::study::Rating;
use crate::service::request::{CardRequest, Request, StudyRequest};
use crate::t;
use crate::ui::action::Action;
use crate::ui::card_info::CardInfoDialog;
use crate::ui::card_questions;
use crate::ui::command::Command;
use crate::ui::history::NoteHistoryDialog;
use crate::ui::model::AppModel;
use crate::ui::notifications::Toast;

/// A command about the card on show; nothing when there is none.
pub fn run(model: &mut AppModel, screen: &mut ReviewScreen, command: Command) -> Vec<Action> {
    let Some(card) = model.study.card.clone() else {
        return vec![];
    };
    let (cards, notes) = (vec![card.id], vec![card.note]);
    let ask = |request| vec![Action::Ask(Request::Card(request))];
    let out = match command {
        Command::ShowAnswer => return show_answer(model, screen),
        Command::Again => return answer(model, screen, Rating::Again),
        Command::Hard => return answer(model, screen, Rating::Hard),
        Command::Good => return answer(model, screen, Rating::Good),
        Command::Easy => return answer(model, screen, Rating::Easy),
        Command::Flag(n) => {
            // The same flag again takes it off.
            let flag = if card.flag == n { 0 } else { n };
            return ask(CardRequest::SetFlag { cards, flag });
        }
        Command::MarkNote => return ask(CardRequest::ToggleMark { notes }),
        Command::CardInfo => return CardInfoDialog::open(t!("Card Info"), card.id),
        Command::NoteHistory => return NoteHistoryDialog::open(card.note),
        Command::PreviousCardInfo => {
            let previous = model.study.previous();
            return previous.map_or_else(Vec::new, |card| {
                CardInfoDialog::open(t!("Previous Card Info"), card)
            });
        }
        Command::SetDueDate => {
            return card_questions::due_date(AskedIn::Reviewer, t!("this card"), |days| {
                Action::Ask(Request::Card(CardRequest::SetDueDate { cards, days }))
            });
        }
        Command::ResetCard => {
            return card_questions::reset(AskedIn::Reviewer, t!("this card"), |how| {
                Action::Ask(Request::Card(CardRequest::Reset { cards, how }))
            });
        }
        Command::BuryCard => ask(CardRequest::Bury { cards }),
        Command::SuspendCard => ask(CardRequest::Suspend { cards }),
        Command::BuryNote => ask(CardRequest::BuryNotes { notes }),
        Command::SuspendNote => ask(CardRequest::SuspendNotes { notes }),
        Command::AutoAdvance => return auto_advance(model),
        Command::ReplayAudio => {
            screen.replay(&model.study);
            return vec![];
        }
        Command::Audio(command) => {
            return screen
                .audio(command)
                .map_or(vec![], |words| vec![Action::Toast(Toast::note(words))]);
        }
        Command::DeleteNote => ask(CardRequest::DeleteNotes { notes }),
        _ => return vec![],
    };
    model.study.wait();
    out
}

fn auto_advance(model: &mut AppModel) -> Vec<Action> {
    let study = &mut model.study;
    study.auto_advance = !study.auto_advance;
    let options = study.card.as_ref().map(|c| c.auto_advance);
    let idle = options.is_none_or(|o| o.question_secs <= 0.0 && o.answer_secs <= 0.0);
    let toast = match (study.auto_advance, idle) {
        (false, _) => Toast::new(t!("Auto Advance is off")),
        (true, false) => Toast::new(t!("Auto Advance is on")),
        (true, true) => Toast::note(t!(
            "Auto Advance is on, but the deck’s options set no seconds"
        )),
    };
    vec![Action::Toast(toast)]
}

fn show_answer(model: &mut AppModel, screen: &ReviewScreen) -> Vec<Action> {
    if !model.study.shows(Side::Question) || model.study.flip() {
        return vec![];
    }
    let request = model.study.wait_for_comparison(screen.typed());
    request.map_or_else(Vec::new, |r| vec![Action::Ask(Request::Study(r))])
}

/// The next card comes up only after the answer is on disk (`StudyEvent::Card` follows then).
fn answer(model: &mut AppModel, screen: &ReviewScreen, rating: Rating) -> Vec<Action> {
    if !model.study.shows(Side::Answer) {
        return vec![];
    }
    let Some(card) = &model.study.card else {
        return vec![];
    };
    let request = StudyRequest::Answer {
        card: card.id,
        rating,
        taken_ms: screen.taken_ms(card.time_cap_secs),
    };
    model.study.wait();
    vec![Action::Ask(Request::Study(request))]
}
