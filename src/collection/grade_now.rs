//! Grade Now: cards answered without being shown, e.g. because they were met elsewhere.

use super::answer::{answer_context, write_answer};
use super::card_states::CardScheduling;
use super::study::CardAnswer;
use super::{Collection, OpOutput};
use crate::base::Result;
use crate::base::ids::CardId;
use crate::domain::card::Card;
use crate::domain::op::Op;
use crate::domain::study::Rating;
use crate::scheduler::answer::apply;
use crate::scheduler::timing::SchedTiming;

/// A card, what its answer depends on, and the answer.
type Graded = (Card, CardScheduling, CardAnswer);

impl Collection {
    /// Answers each card with `rating` as if it were shown now, whether it is due, buried,
    /// suspended or none of these; no time is counted. One undoable operation; tells how many
    /// cards were graded.
    pub fn grade_now(&mut self, cards: &[CardId], rating: Rating) -> Result<OpOutput<usize>> {
        let timing = self.timing()?;
        if self.study.session.is_some() {
            self.ready_balancer(&timing);
            self.complete_balancer(&timing)?;
        }
        let mut graded = Vec::with_capacity(cards.len());
        for id in cards {
            if let Some(card) = self.storage.get_card(*id)? {
                graded.push(self.grade(card, rating, &timing)?);
            }
        }
        // It has counted answers that may not be written.
        self.study.drop_session();
        self.transact(Op::GradeNow, |tx| {
            let mut count = 0;
            for (card, scheduling, answer) in &graded {
                // An answer before it may have buried it.
                let before = tx.get_card(card.id)?;
                let before = before.as_ref().unwrap_or(card);
                write_answer(tx, before, scheduling, answer, &timing)?;
                count += 1;
            }
            Ok(count)
        })
    }

    fn grade(&mut self, card: Card, rating: Rating, timing: &SchedTiming) -> Result<Graded> {
        let scheduling = self.card_scheduling(&card, timing)?;
        let states = self.next_states(&scheduling, timing)?;
        let answer = CardAnswer {
            card: card.id,
            current: states.current,
            next: states.of(rating),
            rating,
            taken_ms: 0,
        };
        if let Some(session) = self.study.session.as_mut() {
            let ctx = answer_context(&scheduling, self.clock.now(), timing);
            let mut after = card.clone();
            apply(&mut after, answer.current, answer.next, &ctx);
            session.count_answer(&card, &after, scheduling.preset_id, timing);
        }
        Ok((card, scheduling, answer))
    }
}
