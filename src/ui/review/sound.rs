//! Which sounds play when. No device and no egui here.

use super::model::{Side, StudyModel};
use crate::service::event::StudyCard;
use crate::template::av::AvTag;

/// What to do when a side comes up.
#[derive(Debug, Clone, PartialEq)]
pub enum Cue {
    /// Stop what plays, then these.
    Play(Vec<AvTag>),
    /// These in place of what waits, once what plays has ended.
    Follow(Vec<AvTag>),
    Nothing,
}

/// The side that has just come up. `interrupt`: it silences the one before, also where it has no
/// sounds itself.
#[must_use]
pub fn on_side(study: &StudyModel, autoplay: bool, interrupt: bool) -> Cue {
    let (Some(card), Some(side)) = (&study.card, study.content()) else {
        return Cue::Nothing;
    };
    let plays = card.autoplay && autoplay;
    let sounds = if plays { side.sounds.clone() } else { vec![] };
    if interrupt {
        Cue::Play(sounds)
    } else {
        Cue::Follow(sounds)
    }
}

/// R: the side's sounds; on the answer the question's first, unless the preset leaves them out.
#[must_use]
pub fn replay(study: &StudyModel) -> Vec<AvTag> {
    let (Some(card), Some(answer)) = (&study.card, study.answer()) else {
        return vec![];
    };
    match study.side() {
        Side::Question => card.question.sounds.clone(),
        Side::Answer => both(card, &answer.sounds),
    }
}

fn both(card: &StudyCard, answer: &[AvTag]) -> Vec<AvTag> {
    let mut out = vec![];
    if !card.replay_answer_only {
        out.extend(card.question.sounds.iter().cloned());
    }
    out.extend(answer.iter().cloned());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::study::Counts;
    use crate::service::event::StudyEvent;
    use crate::ui::review::model::tests::card;

    fn file(name: &str) -> AvTag {
        AvTag::Sound(name.to_owned())
    }

    fn study(autoplay: bool) -> StudyModel {
        let mut c = card(1);
        c.autoplay = autoplay;
        c.question.sounds = vec![file("q.mp3")];
        c.answer.sounds = vec![file("a.mp3")];
        let mut study = StudyModel::default();
        study.apply(&StudyEvent::Card {
            card: Box::new(c),
            counts: Counts::default(),
        });
        study
    }

    #[test]
    fn sounds_play_when_their_side_comes_up() {
        let mut s = study(true);
        assert_eq!(on_side(&s, true, true), Cue::Play(vec![file("q.mp3")]));
        assert_eq!(on_side(&s, true, false), Cue::Follow(vec![file("q.mp3")]));
        s.flip();
        assert_eq!(on_side(&s, true, true), Cue::Play(vec![file("a.mp3")]));
        assert_eq!(on_side(&s, true, false), Cue::Follow(vec![file("a.mp3")]));
        assert_eq!(on_side(&s, false, false), Cue::Follow(vec![]));
        let mut silent = study(false);
        assert_eq!(on_side(&silent, true, true), Cue::Play(vec![]));
        silent.flip();
        assert_eq!(on_side(&silent, true, true), Cue::Play(vec![]));
        assert_eq!(on_side(&StudyModel::default(), true, true), Cue::Nothing);
    }

    #[test]
    fn replay_on_the_answer_begins_with_the_question() {
        let mut s = study(true);
        assert_eq!(replay(&s), [file("q.mp3")]);
        s.flip();
        assert_eq!(replay(&s), [file("q.mp3"), file("a.mp3")]);
        if let Some(card) = &mut s.card {
            card.replay_answer_only = true;
        }
        assert_eq!(replay(&s), [file("a.mp3")]);
    }
}
