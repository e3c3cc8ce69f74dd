//! Auto advance: what happens by itself once a side was up for the seconds of its preset. It only
//! says what; the screen sends it as if a key had been pressed.

use super::model::{Side, StudyModel};
use crate::domain::study::{AnswerAction, QuestionAction};
use crate::ui::command::Command;

/// What to do in this frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Next {
    Nothing,
    /// Look again after so many seconds.
    Wait(f64),
    Do(Command),
    /// The preset wants no more than to be told.
    Remind,
}

/// How long to wait for sounds before looking again, in seconds.
const SOUND_SECS: f64 = 0.2;

/// The clock of the side that is up.
#[derive(Debug, Default)]
pub struct AutoAdvance {
    side: Option<(u64, Side)>,
    since: f64,
    done: bool,
}

impl AutoAdvance {
    /// `now` in seconds; `playing`: sounds can be heard; `covered`: a dialog or menu lies above the
    /// card, and the time begins again when it is gone.
    pub fn next(&mut self, study: &StudyModel, now: f64, playing: bool, covered: bool) -> Next {
        let Some(card) = study.card.as_ref().filter(|_| study.auto_advance) else {
            self.side = None;
            return Next::Nothing;
        };
        let up = (study.shown(), study.side());
        if self.side != Some(up) || covered {
            *self = Self {
                side: Some(up),
                since: now,
                done: false,
            };
        }
        let options = &card.auto_advance;
        let secs = match up.1 {
            Side::Question => options.question_secs,
            Side::Answer => options.answer_secs,
        };
        if secs <= 0.0 || self.done || covered || study.is_waiting() {
            return Next::Nothing;
        }
        let left = f64::from(secs) - (now - self.since);
        if left > 0.0 {
            return Next::Wait(left);
        }
        if options.wait_for_audio && playing {
            return Next::Wait(SOUND_SECS);
        }
        self.done = true;
        match (up.1, options.question, options.answer) {
            (Side::Question, QuestionAction::ShowAnswer, _) => Next::Do(Command::ShowAnswer),
            (Side::Answer, _, AnswerAction::Bury) => Next::Do(Command::BuryCard),
            (Side::Answer, _, AnswerAction::Again) => Next::Do(Command::Again),
            (Side::Answer, _, AnswerAction::Hard) => Next::Do(Command::Hard),
            (Side::Answer, _, AnswerAction::Good) => Next::Do(Command::Good),
            _ => Next::Remind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::study::{AutoAdvanceOptions, Counts};
    use crate::service::event::StudyEvent;
    use crate::ui::review::model::tests::card;

    fn study(options: AutoAdvanceOptions) -> StudyModel {
        let mut card = card(1);
        card.auto_advance = options;
        let mut study = StudyModel::default();
        study.auto_advance = true;
        study.apply(&StudyEvent::Card {
            card: Box::new(card),
            counts: Counts::default(),
        });
        study
    }

    #[test]
    fn each_side_goes_on_after_its_seconds_and_its_sounds() {
        let mut study = study(AutoAdvanceOptions {
            question_secs: 5.0,
            answer_secs: 2.0,
            answer: AnswerAction::Hard,
            wait_for_audio: true,
            ..AutoAdvanceOptions::default()
        });
        let mut auto = AutoAdvance::default();
        assert_eq!(auto.next(&study, 10.0, false, false), Next::Wait(5.0));
        assert_eq!(auto.next(&study, 14.0, true, false), Next::Wait(1.0));
        let wait = Next::Wait(SOUND_SECS);
        assert_eq!(auto.next(&study, 16.0, true, false), wait);
        let show = Next::Do(Command::ShowAnswer);
        assert_eq!(auto.next(&study, 16.2, false, false), show);
        assert_eq!(auto.next(&study, 16.3, false, false), Next::Nothing);
        study.flip();
        assert_eq!(auto.next(&study, 17.0, false, false), Next::Wait(2.0));
        // A dialog above the card holds the time up.
        assert_eq!(auto.next(&study, 30.0, false, true), Next::Nothing);
        assert_eq!(auto.next(&study, 31.0, false, false), Next::Wait(1.0));
        let hard = Next::Do(Command::Hard);
        assert_eq!(auto.next(&study, 32.0, false, false), hard);
    }

    #[test]
    fn nothing_happens_without_seconds_or_while_it_is_off() {
        let mut study = study(AutoAdvanceOptions {
            question: QuestionAction::Remind,
            question_secs: 1.0,
            ..AutoAdvanceOptions::default()
        });
        let mut auto = AutoAdvance::default();
        assert_eq!(auto.next(&study, 0.0, false, false), Next::Wait(1.0));
        assert_eq!(auto.next(&study, 1.0, true, false), Next::Remind);
        study.flip();
        assert_eq!(auto.next(&study, 100.0, false, false), Next::Nothing);
        study.auto_advance = false;
        assert_eq!(auto.next(&study, 100.0, false, false), Next::Nothing);
    }
}
