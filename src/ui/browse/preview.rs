//! The preview: both sides of the current card beside the table, drawn as in study, with its
//! sounds. It follows the table; Left and Right turn the card over and go on.

use crate::base::ids::CardId;
use crate::render::{CardPage, MediaFolder, Resources};
use crate::service::browse::{BrowseRequest, CardPreview};
use crate::service::request::Request;
use crate::template::av::AvTag;
use crate::ui::audio::{Audio, Devices};
use crate::ui::card_view::{CardRef, CardView, CardViewResponse, Play};
use crate::ui::context::UiContext;
use crate::ui::review::{follow_link, words_of_notice};
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::check::checkbox;
use crate::ui::widgets::surface::{fill, hline, outline, region};
use crate::ui::widgets::text::label;
use crate::ui::widgets::{Button, Cut, ic};
use eframe::egui::{Align, Context, Layout, Rect, Ui, pos2, vec2};
use std::sync::Arc;

const BAR: f32 = 48.0;

/// See the module header.
pub(super) struct Preview {
    pub(super) shown: bool,
    /// The answer is up.
    answer: bool,
    /// The question is not shown by itself.
    pub(super) back_only: bool,
    /// The card and the state of the rows that it was asked for in.
    asked: Option<(CardId, u64)>,
    card: Option<Arc<CardPreview>>,
    /// The page that is drawn, and what it was made of.
    page: Option<(CardId, bool, bool, Arc<CardPage>)>,
    desk: Option<Desk>,
    sound: fn() -> Devices,
    /// The sounds of the side are played with the next frame.
    play: bool,
}

/// What draws and plays the cards of one profile.
struct Desk {
    view: CardView,
    audio: Audio,
}

/// What the preview asks of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Previous,
    Next,
}

impl Preview {
    pub(super) fn new(sound: fn() -> Devices) -> Self {
        Self {
            shown: false,
            answer: false,
            back_only: false,
            asked: None,
            card: None,
            page: None,
            desk: None,
            sound,
            play: false,
        }
    }

    pub(super) fn sound(&self) -> fn() -> Devices {
        self.sound
    }

    pub(super) fn toggle(&mut self) {
        self.shown = !self.shown;
        self.asked = None;
        if !self.shown {
            self.silence();
        }
    }

    /// The page is left.
    pub(super) fn silence(&mut self) {
        if let Some(desk) = &mut self.desk {
            desk.audio.stop();
        }
    }

    pub(super) fn take(&mut self, card: Arc<CardPreview>) {
        if self.asked.is_some_and(|(id, _)| id == card.card) {
            let is_other = self.card.as_ref().is_none_or(|old| old.card != card.card);
            if is_other {
                self.answer = self.back_only;
                self.play = true;
            }
            self.card = Some(card);
            self.page = None;
        }
    }

    /// Left: the question again, or the card before.
    pub(super) fn back(&mut self) -> Option<Turn> {
        if self.answer && !self.back_only {
            self.turn(false);
            None
        } else {
            Some(Turn::Previous)
        }
    }

    /// Right: the answer, or the next card.
    pub(super) fn on(&mut self) -> Option<Turn> {
        if self.answer {
            Some(Turn::Next)
        } else {
            self.turn(true);
            None
        }
    }

    fn turn(&mut self, answer: bool) {
        self.answer = answer;
        self.play = true;
    }

    pub(super) fn set_back_only(&mut self, on: bool) {
        self.back_only = on;
        self.turn(on);
    }

    pub(super) fn replay(&mut self) {
        self.play = true;
    }

    /// Draws the card; `version` changes when its content may have.
    pub(super) fn ui(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        mut r: Rect,
        (card, version): (Option<CardId>, u64),
    ) -> Option<Turn> {
        let t = Tokens::of(ui);
        let turn = self.bar(ui, r.cut_top(BAR));
        hline(ui, r, r.min.y, t.border);
        let Some(id) = card.filter(|card| card.0 != 0) else {
            self.card = None;
            label(ui, r, Align::Center, "No card", font::body(), t.text3);
            return turn;
        };
        if self.asked != Some((id, version)) && cx.model.exclusive_job().is_none() {
            self.asked = Some((id, version));
            cx.ask(Request::Browse(BrowseRequest::Preview(id)));
        }
        let sheet = r.pad(16.0, 16.0);
        fill(ui, sheet, radius::CARD, t.surface);
        outline(ui, sheet, radius::CARD, t.border);
        if let Some(card) = self.card.clone() {
            self.draw(cx, ui, sheet.shrink(1.0), &card);
        }
        turn
    }

    fn bar(&mut self, ui: &mut Ui, bar: Rect) -> Option<Turn> {
        let mut r = bar.pad(14.0, 0.0);
        let mut turn = None;
        let mut button = |ui: &mut Ui, icon, name: &str, key: &str| {
            let at = r.cut_right(size::CONTROL);
            let at = Rect::from_center_size(at.center(), vec2(28.0, 28.0));
            let button = Button::icon_only(icon, name).tip_key(name, key);
            button.place(ui, at).clicked()
        };
        if button(ui, ic::CLOSE, "Close preview", "Ctrl+Shift+P") {
            self.toggle();
        }
        if button(ui, ic::VOLUME, "Replay audio", "R") {
            self.replay();
        }
        if button(ui, ic::DOWN, "Next card", "→") {
            turn = Some(Turn::Next);
        }
        if button(ui, ic::UP, "Previous card", "←") {
            turn = Some(Turn::Previous);
        }
        let words = if self.answer {
            "Show Question"
        } else {
            "Show Answer"
        };
        let button = Button::new(words).height(size::CONTROL_SMALL);
        let at = r.cut_right(button.wanted_width(ui) + 8.0);
        let y = (at.center().y - size::CONTROL_SMALL / 2.0).round();
        let at = Rect::from_min_size(pos2(at.min.x, y), vec2(at.width() - 8.0, 28.0));
        if button.place(ui, at).clicked() {
            self.turn(!self.answer);
        }
        let layout = Layout::left_to_right(Align::Center);
        let mut back_only = self.back_only;
        region(ui, r, layout, |ui| {
            checkbox(ui, &mut back_only, "Back Side Only");
        });
        if back_only != self.back_only {
            self.set_back_only(back_only);
        }
        turn
    }

    fn draw(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect, card: &CardPreview) {
        let night = ui.visuals().dark_mode;
        let made = (card.card, self.answer, night);
        let page = match &self.page {
            Some((id, answer, dark, page)) if (*id, *answer, *dark) == made => page.clone(),
            _ => {
                let side = if self.answer {
                    &card.answer
                } else {
                    &card.question
                };
                let page = Arc::new(CardPage {
                    html: side.html.clone(),
                    css: card.css.clone(),
                    body_class: card.body_class.clone(),
                    night,
                    play_buttons: cx.model.settings.show_play_buttons,
                    is_answer: self.answer,
                });
                self.page = Some((made.0, made.1, made.2, page.clone()));
                page
            }
        };
        let sound = self.sound;
        let desk = match &mut self.desk {
            Some(desk) => desk,
            none => match Desk::new(cx, ui.ctx(), sound) {
                Some(desk) => none.insert(desk),
                None => return,
            },
        };
        desk.view.set_reduce_motion(cx.model.settings.reduce_motion);
        let sides = [&card.question.sounds, &card.answer.sounds];
        if std::mem::take(&mut self.play) {
            desk.audio.play(sides[usize::from(self.answer)].clone());
        }
        let at = CardRef {
            page: &page,
            type_in: None,
        };
        let response = desk.view.show(ui, r, at);
        desk.follow(cx, response, sides);
    }
}

impl Desk {
    /// None without an open profile.
    fn new(cx: &UiContext<'_>, ctx: &Context, sound: fn() -> Devices) -> Option<Self> {
        let folder = cx.media_folder()?;
        let profile = folder.parent()?.to_owned();
        let resources: Arc<dyn Resources> = Arc::new(MediaFolder::new(folder));
        let mut view = CardView::new(resources.clone(), ctx);
        view.set_corner_radius(radius::CARD - 1);
        let wake = ctx.clone();
        let wake = Arc::new(move || wake.request_repaint());
        let audio = Audio::new(resources, sound(), profile, wake);
        Some(Self { view, audio })
    }

    fn follow(&mut self, cx: &UiContext<'_>, response: CardViewResponse, sides: [&Vec<AvTag>; 2]) {
        for play in response.play {
            let sound = match play {
                Play::File(name) => Some(AvTag::Sound(name)),
                Play::Sound { side, index } => {
                    let of_answer = side == crate::render::SoundSide::Answer;
                    sides[usize::from(of_answer)].get(index).cloned()
                }
            };
            if let Some(sound) = sound {
                self.audio.play(vec![sound]);
            }
        }
        for link in response.links {
            cx.send(follow_link(cx, link));
        }
        if response.copied {
            cx.toast("Copied");
        }
        if let Some(notice) = self.audio.take_notice() {
            cx.toast(words_of_notice(notice));
        }
    }
}
