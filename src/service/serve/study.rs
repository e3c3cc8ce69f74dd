//! Studying: the card to show, the one after it drawn in advance, the answer on disk first.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::ids::{CardId, DeckConfigId};
use crate::collection::Collection;
use crate::collection::study::QueuedCard;
use crate::domain::card::Card;
use crate::domain::deck_config::DeckConfigInner;
use crate::domain::op::Op;
use crate::domain::study::{AnswerAction, AutoAdvanceOptions, QuestionAction, Rating};
use crate::mark;
use crate::service::event::{CardSide, Event, StudyCard, StudyEvent, TypeIn, Undone};
use crate::service::request::{Request, StudyRequest};
use crate::service::serve::decks;
use crate::service::worker::Worker;

/// What the study screen shows now.
#[derive(Debug, Default)]
pub(in crate::service) struct StudyState {
    /// The card on screen, with the states its buttons lead to.
    shown: Option<QueuedCard>,
    /// The card after it, expanded in advance.
    upcoming: Option<Box<StudyCard>>,
    /// Whether the study screen is in use, so that operations are followed by a card.
    active: bool,
}

impl StudyState {
    /// Nothing is shown any more (the collection is lent or closed).
    pub(in crate::service) fn forget(&mut self) {
        self.shown = None;
        self.upcoming = None;
    }

    /// As [`Self::forget`]; whether there was a card, which is to be shown again afterwards.
    pub(in crate::service) fn set_aside(&mut self) -> bool {
        let there = self.shown.is_some();
        self.forget();
        there
    }
}

pub(super) fn serve(worker: &mut Worker, request: &StudyRequest) -> Result<()> {
    match request {
        StudyRequest::Next => {
            let profile = worker.open_profile_mut()?;
            profile.study.active = true;
            profile.study.upcoming = None;
            show_next(worker)
        }
        StudyRequest::Look => match worker.collection()?.next_card()? {
            Some(_) => decks::overview(worker),
            None => finish(worker),
        },
        StudyRequest::ShowAnswer { card, typed } => show_answer(worker, *card, typed.as_deref()),
        StudyRequest::Answer {
            card,
            rating,
            taken_ms,
        } => answer(worker, *card, *rating, *taken_ms),
    }
}

/// Another deck became current, or its cards are others since a command of its page: that page comes
/// up before it is studied.
pub(super) fn leave(worker: &mut Worker) -> Result<()> {
    let study = &mut worker.open_profile_mut()?.study;
    study.forget();
    study.active = false;
    Ok(())
}

/// After an operation that may have changed the card on screen. A card that cannot be shown is
/// told as that: the operation is done.
pub(super) fn show_again(worker: &mut Worker) -> Result<()> {
    let study = &mut worker.open_profile_mut()?.study;
    if !study.active {
        return Ok(());
    }
    study.upcoming = None;
    show_or_tell(worker);
    Ok(())
}

/// After a job that had the collection, when a card was on screen before it and none is since.
pub(in crate::service) fn come_back(worker: &mut Worker) {
    let waits = worker
        .open_profile_mut()
        .is_ok_and(|p| p.study.active && p.study.shown.is_none() && p.collection.is_some());
    if waits {
        show_or_tell(worker);
    }
}

fn show_or_tell(worker: &mut Worker) {
    if let Err(error) = show_next(worker) {
        worker.failed(Request::Study(StudyRequest::Next), &error);
    }
}

fn show_next(worker: &mut Worker) -> Result<()> {
    let Some(queued) = worker.collection()?.next_card()? else {
        return finish(worker);
    };
    let counts = worker.collection()?.counts()?;
    let prepared = worker.open_profile_mut()?.study.upcoming.take();
    let settings_intervals = show_intervals(worker.collection()?)?;
    let card = match prepared {
        // Its HTML cannot have changed: what may change it forgets it.
        Some(mut card) if card.id == queued.card.id => {
            card.intervals = intervals(&queued, settings_intervals);
            card.kind = queued.kind;
            card
        }
        _ => Box::new(study_card(
            worker.collection()?,
            &queued,
            settings_intervals,
        )?),
    };
    let shown = queued.card.id;
    worker.open_profile_mut()?.study.shown = Some(queued);
    // The card on screen does not wait for the one after it.
    worker.emit(Event::Study(StudyEvent::Card { card, counts }));
    if let Err(error) = prepare_after(worker, shown, settings_intervals) {
        // It is told when it is that card's turn.
        tracing::warn!("the card after this one cannot be prepared: {error}");
    }
    Ok(())
}

fn prepare_after(worker: &mut Worker, shown: CardId, intervals: bool) -> Result<()> {
    let collection = worker.collection()?;
    if let Some(after) = collection.peek_after(shown)? {
        let upcoming = Box::new(study_card(collection, &after, intervals)?);
        worker.open_profile_mut()?.study.upcoming = Some(upcoming.clone());
        worker.emit(Event::Study(StudyEvent::Upcoming { card: upcoming }));
    }
    Ok(())
}

pub(super) fn finish(worker: &mut Worker) -> Result<()> {
    let profile = worker.open_profile_mut()?;
    profile.study.forget();
    let collection = worker.collection()?;
    let congrats = collection.congrats()?;
    let deck = collection
        .current_deck()
        .and_then(|id| collection.storage().get_deck(id))?
        .map(|d| d.name.human())
        .unwrap_or_default();
    worker.emit(Event::Study(StudyEvent::Finished { deck, congrats }));
    Ok(())
}

fn show_answer(worker: &mut Worker, card: CardId, typed: Option<&str>) -> Result<()> {
    let rendered = worker.collection()?.render_card(card)?;
    let side = CardSide {
        html: rendered.answer_page(typed),
        sounds: rendered.answer_av,
    };
    worker.emit(Event::Study(StudyEvent::Answer { card, side }));
    Ok(())
}

fn answer(worker: &mut Worker, card: CardId, rating: Rating, taken_ms: u32) -> Result<()> {
    let shown = match worker.open_profile_mut()?.study.shown.take() {
        Some(shown) if shown.card.id == card => shown,
        other => {
            worker.open_profile_mut()?.study.shown = other;
            come_back(worker);
            return Err(Error::new(
                ErrorKind::Conflict,
                mark!("this card is no longer the one on screen"),
            ));
        }
    };
    let result = worker.collection()?.answer(shown.answer(rating, taken_ms));
    let output = match result {
        Ok(output) => output,
        Err(error) => {
            // Nothing was saved: the card stays, or is shown as it is by now.
            worker.open_profile_mut()?.study.shown = Some(shown);
            if error.kind() == ErrorKind::Conflict {
                show_again(worker)?;
            }
            return Err(error);
        }
    };
    if output.value.leech {
        // Another card of the note shows its new tag.
        worker.open_profile_mut()?.study.upcoming = None;
    }
    worker.emit(Event::Study(StudyEvent::Answered {
        card,
        leech: output.value.leech,
        suspended: output.value.suspended,
    }));
    // First the card, which somebody waits for.
    show_or_tell(worker);
    worker.report(Op::AnswerCard, Undone::No, &output, 1)
}

fn show_intervals(collection: &Collection) -> Result<bool> {
    Ok(collection
        .storage()
        .config_json("estTimes")?
        .unwrap_or(true))
}

fn intervals(queued: &QueuedCard, show: bool) -> [String; 4] {
    if show {
        queued.intervals.clone()
    } else {
        Default::default()
    }
}

fn study_card(collection: &mut Collection, queued: &QueuedCard, show: bool) -> Result<StudyCard> {
    let rendered = collection.render_card(queued.card.id)?;
    let options = options_of(collection, &queued.card)?;
    let note = collection
        .storage()
        .get_note(queued.card.note_id)?
        .ok_or_else(|| Error::inconsistent(mark!("a card without a note")))?;
    let (question, answer) = (rendered.question_page(), rendered.answer_page(None));
    Ok(StudyCard {
        id: queued.card.id,
        note: note.id,
        card_type: usize::from(queued.card.template_idx),
        deck: options.deck,
        kind: queued.kind,
        flag: queued.card.flag(),
        marked: note.is_marked(),
        question: CardSide {
            html: question,
            sounds: rendered.question_av,
        },
        answer: CardSide {
            html: answer,
            sounds: rendered.answer_av,
        },
        css: rendered.css,
        body_class: rendered.body_class,
        type_in: rendered.type_in.map(|t| TypeIn {
            font: t.font,
            size: t.size,
            right_to_left: t.right_to_left,
        }),
        intervals: intervals(queued, show),
        show_timer: options.show_timer,
        time_cap_secs: options.time_cap_secs,
        stop_timer_on_answer: options.stop_timer_on_answer,
        autoplay: options.autoplay,
        auto_advance: options.auto_advance,
        replay_answer_only: options.replay_answer_only,
    })
}

/// What the card's deck and preset say about showing it.
struct Options {
    deck: String,
    show_timer: bool,
    time_cap_secs: u32,
    stop_timer_on_answer: bool,
    autoplay: bool,
    auto_advance: AutoAdvanceOptions,
    replay_answer_only: bool,
}

fn options_of(collection: &Collection, card: &Card) -> Result<Options> {
    let storage = collection.storage();
    let deck = storage.deck(card.home_deck_id())?;
    let preset = deck
        .as_ref()
        .and_then(|d| d.config_id())
        .unwrap_or(DeckConfigId::DEFAULT);
    let preset = match storage.deck_config(preset)? {
        None => storage.deck_config(DeckConfigId::DEFAULT)?,
        preset => preset,
    };
    let default = DeckConfigInner::default();
    let preset = preset.as_ref().map_or(&default, |p| &p.inner);
    Ok(Options {
        deck: deck.map(|d| d.name.human()).unwrap_or_default(),
        show_timer: preset.show_timer,
        time_cap_secs: preset.cap_answer_time_to_secs,
        stop_timer_on_answer: preset.stop_timer_on_answer,
        autoplay: !preset.disable_autoplay,
        auto_advance: AutoAdvanceOptions {
            question_secs: preset.seconds_to_show_question,
            answer_secs: preset.seconds_to_show_answer,
            question: QuestionAction::from_i32(preset.question_action),
            answer: AnswerAction::from_i32(preset.answer_action),
            wait_for_audio: preset.wait_for_audio,
        },
        replay_answer_only: preset.skip_question_when_replaying_answer,
    })
}
