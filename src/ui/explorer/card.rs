//! The Explorer's card: a card of the backup as it was studied then, with the backup's own
//! templates and, if it has them, its own media.

use crate::base::ids::CardId;
use crate::domain::explorer::Detail;
use crate::explain::UserMessage;
use crate::service::explorer::{BackupCard, ExplorerEvent, ExplorerRequest};
use crate::service::request::Request;
use crate::t;
use crate::ui::audio::Devices;
use crate::ui::card_sheet::CardSheet;
use crate::ui::context::UiContext;
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::field::combo;
use crate::ui::widgets::{Cut as _, surface, text};
use eframe::egui::{Align, Layout, Rect, Ui};
use std::sync::Arc;

const BAR: f32 = 40.0;
const NOTE: f32 = 40.0;

/// See the module header.
pub(super) struct CardPane {
    /// The answer is up.
    answer: bool,
    /// The card on show; of the note on show, or none yet.
    chosen: Option<CardId>,
    asked: Option<CardId>,
    card: Option<Arc<BackupCard>>,
    trouble: Option<(CardId, UserMessage)>,
    sheet: CardSheet,
}

impl CardPane {
    pub(super) fn new(sound: fn() -> Devices) -> Self {
        Self {
            answer: false,
            chosen: None,
            asked: None,
            card: None,
            trouble: None,
            sheet: CardSheet::new(sound),
        }
    }

    pub(super) fn sound(&self) -> fn() -> Devices {
        self.sheet.sound()
    }

    pub(super) fn on_event(&mut self, event: &ExplorerEvent) {
        match event {
            ExplorerEvent::Card(card) if self.asked == Some(card.sides.card) => {
                self.card = Some(card.clone());
                self.trouble = None;
                self.sheet.forget();
            }
            ExplorerEvent::NoCard { card, message } => {
                self.trouble = Some((*card, message.clone()));
            }
            // The backup was opened anew.
            ExplorerEvent::Opened(_) => self.asked = None,
            _ => {}
        }
    }

    /// The sounds of a card that is not on show any more.
    pub(super) fn silence(&mut self) {
        self.sheet.silence();
    }

    pub(super) fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect, detail: &Detail) {
        let t = Tokens::of(ui);
        let mut r = r;
        let ids: Vec<CardId> = detail.cards.iter().map(|card| card.id).collect();
        let Some(&first) = ids.first() else {
            let words = t!("The note has no cards in the backup.");
            text::label(ui, r, Align::Center, words, font::body(), t.text3);
            return;
        };
        let mut chosen = self.chosen.filter(|id| ids.contains(id)).unwrap_or(first);
        let bar = r.cut_top(BAR);
        self.bar(ui, bar, detail, &mut chosen);
        if self.chosen != Some(chosen) {
            self.chosen = Some(chosen);
            self.answer = false;
            self.silence();
        }
        if self.asked != Some(chosen) && cx.model.exclusive_job().is_none() {
            self.asked = Some(chosen);
            cx.ask(Request::Explorer(ExplorerRequest::Card { card: chosen }));
        }
        let trouble = self.trouble.as_ref().filter(|(id, _)| *id == chosen);
        if let Some((_, message)) = trouble {
            text::para(ui, r, &message.in_full(), font::small(), t.text2);
            return;
        }
        let card = self.card.clone().filter(|card| card.sides.card == chosen);
        if card.as_ref().is_some_and(|card| card.media_of_now) {
            let words =
                t!("The backup has no media: pictures and sounds are those of your collection.");
            let note = r.cut_bottom(NOTE);
            text::para(ui, note.pad(0.0, 4.0), words, font::caption(), t.text2);
        }
        surface::fill(ui, r, radius::CARD, t.surface);
        surface::outline(ui, r, radius::CARD, t.border);
        if let Some(card) = card {
            let (r, media) = (r.shrink(1.0), &card.media);
            self.sheet.ui(cx, ui, r, &card.sides, self.answer, media);
        }
    }

    /// Which card, and the other side.
    fn bar(&mut self, ui: &mut Ui, mut bar: Rect, detail: &Detail, chosen: &mut CardId) {
        let t = Tokens::of(ui);
        let mut r = bar.cut_top(size::CONTROL);
        let words = if self.answer {
            t!("Show Question")
        } else {
            t!("Show Answer")
        };
        let button = Button::new(words);
        let at = r.cut_right(button.wanted_width(ui));
        if button.place(ui, at).clicked() {
            self.answer = !self.answer;
            self.silence();
        }
        r.cut_right(10.0);
        if let [only] = detail.cards.as_slice() {
            text::label(ui, r, Align::Min, &only.name, font::small(), t.text2);
            return;
        }
        let names: Vec<(CardId, &str)> = detail
            .cards
            .iter()
            .map(|card| (card.id, card.name.as_str()))
            .collect();
        surface::region(ui, r, Layout::left_to_right(Align::Min), |ui| {
            combo(ui, t!("Card"), r.width(), chosen, &names)
        });
    }
}
