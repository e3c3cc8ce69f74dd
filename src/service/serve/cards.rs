//! The reviewer's More menu: each is one undoable operation, then the next card is shown.

use crate::base::error::Result;
use crate::collection::{Collection, OpOutput};
use crate::domain::card_answers::AskedIn;
use crate::domain::op::Op;
use crate::service::event::{Event, Undone};
use crate::service::request::CardRequest;
use crate::service::serve::study;
use crate::service::worker::Worker;

pub(super) fn serve(worker: &mut Worker, request: &CardRequest) -> Result<()> {
    match request {
        CardRequest::SetFlag { cards, flag } => {
            run(worker, Op::SetFlag, |c| c.set_flag(cards, *flag))
        }
        CardRequest::Bury { cards } => run(worker, Op::Bury, |c| c.bury_cards(cards, true)),
        CardRequest::BuryNotes { notes } => run(worker, Op::Bury, |c| {
            let cards = c.cards_of_notes(notes)?;
            c.bury_cards(&cards, true)
        }),
        CardRequest::Suspend { cards } => run(worker, Op::Suspend, |c| c.suspend_cards(cards)),
        CardRequest::SuspendNotes { notes } => run(worker, Op::Suspend, |c| {
            let cards = c.cards_of_notes(notes)?;
            c.suspend_cards(&cards)
        }),
        CardRequest::ToggleMark { notes } => run(worker, Op::ToggleMark, |c| c.toggle_mark(notes)),
        CardRequest::SetDueDate { cards, days } => run(worker, Op::SetDueDate, |c| {
            c.set_due_date(cards, days, Some(AskedIn::Reviewer))
        }),
        CardRequest::Reset { cards, how } => run(worker, Op::ResetCards, |c| {
            c.reset_cards(cards, *how, Some(AskedIn::Reviewer))
        }),
        CardRequest::GradeNow { cards, rating } => {
            run(worker, Op::GradeNow, |c| c.grade_now(cards, *rating))
        }
        CardRequest::LoadAnswers(place) => {
            let answers = worker.collection()?.card_answers(*place)?;
            worker.emit(Event::CardAnswers(answers));
            Ok(())
        }
        CardRequest::LoadReposition => {
            let defaults = worker.collection()?.reposition_defaults()?;
            worker.emit(Event::RepositionDefaults(defaults));
            Ok(())
        }
        CardRequest::Reposition { cards, how } => run(worker, Op::Reposition, |c| {
            c.reposition_new_cards(cards, *how)
        }),
        CardRequest::DeleteNotes { notes } => run(worker, Op::DeleteNotes, |c| {
            let output = c.delete_notes(notes)?;
            Ok(OpOutput {
                value: output.value.notes,
                changes: output.changes,
            })
        }),
    }
}

fn run(
    worker: &mut Worker,
    op: Op,
    act: impl FnOnce(&mut Collection) -> Result<OpOutput<usize>>,
) -> Result<()> {
    let output = act(worker.collection()?)?;
    let affected = output.value;
    worker.report(op, Undone::No, &output, affected)?;
    study::show_again(worker)
}
