//! Studying: the card on a sheet, the counts, Show Answer, the four answers, More. What keys and
//! buttons do is in `action`; the card itself is drawn by `ui::card_view`, its sounds played by
//! `ui::audio`.

pub mod action;
pub mod audio_command;
mod auto_advance;
pub mod bar;
mod head;
mod hidden_bar;
pub mod model;
mod pages;
mod sheet;
mod sound;
mod timebox;
mod voice;
mod words;

use crate::base::time::Stopwatch;
use crate::service::event::{Event, ProfileEvent, StudyEvent};
use crate::t;
use crate::ui::audio::Devices;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::theme::Tokens;
use crate::ui::widgets::Cut;
use crate::ui::widgets::surface;
use audio_command::AudioCommand;
use auto_advance::{AutoAdvance, Next};
use eframe::egui::{self, Rect, Shape, Ui, pos2};
pub use hidden_bar::{Edge, HiddenBar};
use model::{Side, StudyModel};
pub use sheet::{follow_link, words_of_notice};
use std::time::Duration;

/// The room on what the card lies on.
fn sheet_room(r: Rect, minimalist: bool) -> Rect {
    if minimalist {
        return r;
    }
    Rect::from_min_max(
        pos2(r.min.x + 16.0, r.min.y + 2.0),
        pos2(r.max.x - 16.0, r.max.y),
    )
}

/// What the card lies on.
fn sheet_shape(ui: &Ui, sheet: Rect, minimalist: bool) -> Shape {
    if minimalist {
        return Shape::rect_filled(sheet, 0, Tokens::of(ui).surface);
    }
    surface::card_shape(ui, sheet)
}

/// Passing state of the screen.
pub struct ReviewScreen {
    /// Number of the card that `began` is about.
    shown: u64,
    /// When the question came up, or the user came back to it.
    began: Option<Stopwatch>,
    /// Time the card was up before the user went to another page.
    earlier: Duration,
    /// Seconds when the answer was shown, for presets that stop the timer there.
    stopped: Option<f64>,
    /// Drawing and sounds of the open profile's cards; made at the first card.
    desk: Option<sheet::Desk>,
    sound: fn() -> Devices,
    timebox: timebox::Timebox,
    /// Of the card on show.
    head: Option<head::Head>,
    auto: AutoAdvance,
    /// Auto Advance was on when the user went to another window, and is to be turned off.
    left: bool,
    /// The answer buttons while they are hidden.
    hidden_bar: HiddenBar,
}

impl ReviewScreen {
    #[must_use]
    pub fn new(sound: fn() -> Devices) -> Self {
        Self {
            shown: 0,
            began: None,
            earlier: Duration::ZERO,
            stopped: None,
            desk: None,
            sound,
            timebox: timebox::Timebox::default(),
            head: None,
            auto: AutoAdvance::default(),
            left: false,
            hidden_bar: HiddenBar::default(),
        }
    }

    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Study(StudyEvent::Finished { .. }) => self.leave(),
            Event::Study(StudyEvent::Answered { .. }) => self.timebox.count_answer(),
            // Another profile has another media folder.
            Event::Profile(ProfileEvent::Opened { .. } | ProfileEvent::Closed) => {
                self.leave();
                self.shown = 0;
                self.desk = None;
            }
            _ => {}
        }
    }

    /// Silence, and no clock running, while another screen is up.
    pub fn leave(&mut self) {
        self.earlier = self.elapsed();
        self.began = None;
        self.timebox.leave();
        self.auto = AutoAdvance::default();
        if let Some(desk) = &mut self.desk {
            desk.leave();
        }
    }

    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let study = &cx.model.study;
        let mut r = ui.max_rect();
        let settings = &cx.model.settings;
        let full_screen = ui.input(|i| i.viewport().fullscreen.unwrap_or(false));
        let hidden = settings.hide_bottom_bar.hides(full_screen);
        let page = r;
        let bottom = r.cut_bottom(bar::height(ui, page.width(), settings.minimalist));
        if hidden {
            r = page;
        }
        let sheet = sheet_room(r, settings.minimalist);
        let under = surface::Under::keep(ui);
        let mut inside = sheet;
        let holds = self.timebox.holds(cx);
        if holds {
            // The answered card stays. The next one's time has not begun, and nothing is played.
            self.began = None;
        } else {
            self.keep_time(study);
            let card = study.card.as_deref();
            self.head = card.map(|card| head::Head::of(card, cx.model));
        }
        if let Some(head) = self.head.as_ref().filter(|_| !settings.minimalist) {
            head::ui(ui, inside.cut_top(44.0), head);
        }
        let hidden_part = self.card_ui(cx, ui, inside, holds);
        let shape = sheet_shape(ui, sheet, settings.minimalist);
        under.paint(ui, shape, hidden_part);
        if let Some(head) = self.head.as_ref().filter(|_| settings.minimalist) {
            head::marks(ui, sheet, head);
        }
        if holds {
            return;
        }
        let wanted = bar::more_is_wanted(ui.ctx());
        if !hidden {
            bar::ui(cx, ui, bottom, self.seconds());
        } else if self.hidden_bar.shows(ui, bottom, Edge::Bottom, wanted) {
            let t = Tokens::of(ui);
            surface::fill(ui, bottom, 0, t.canvas);
            surface::hline(ui, bottom, bottom.min.y, t.border);
            bar::ui(cx, ui, bottom, self.seconds());
        }
        self.advance(cx, ui);
    }

    /// The card in `inside`; the answered one as it was while the next one waits. Returns the part of
    /// what lies under it that nobody sees.
    fn card_ui(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        inside: Rect,
        waits: bool,
    ) -> Option<Rect> {
        // The sheet's hair line stays visible around the picture.
        let card = Rect::from_min_max(
            pos2(inside.min.x + 1.0, inside.min.y),
            pos2(inside.max.x - 1.0, inside.max.y - 1.0),
        );
        if !waits && cx.model.study.card.is_some() && self.desk.is_none() {
            self.desk = sheet::Desk::new(cx, ui.ctx(), self.sound);
        }
        let desk = self.desk.as_mut()?;
        if waits {
            desk.still_ui(ui, card);
        } else if cx.model.study.card.is_some() {
            desk.ui(cx, ui, card);
            desk.voice_ui(cx, ui, card);
        } else {
            return None;
        }
        desk.covered()
    }

    /// What happens by itself now.
    fn advance(&mut self, cx: &UiContext<'_>, ui: &Ui) {
        // Who goes to another window does not want to find all cards answered. The command is
        // refused while other work is done, and sent until it is not.
        let left = egui::Event::WindowFocused(false);
        self.left |= ui.input(|i| i.events.contains(&left));
        self.left &= cx.model.study.auto_advance;
        if self.left {
            return cx.command(Command::AutoAdvance);
        }
        let playing = self.desk.as_ref().is_some_and(sheet::Desk::is_playing);
        let now = ui.input(|i| i.time);
        match self.auto.next(&cx.model.study, now, playing, cx.covered) {
            Next::Nothing => {}
            Next::Wait(secs) => ui
                .ctx()
                .request_repaint_after(Duration::from_secs_f64(secs)),
            Next::Do(command) => {
                cx.command(command);
                // It is carried out after this frame, and no key or click makes another one.
                ui.ctx().request_repaint();
            }
            Next::Remind => {
                cx.note(t!("Time is up for this side of the card"));
                ui.ctx().request_repaint();
            }
        }
    }

    /// A new card starts the clock, one that is come back to goes on; its answer may stop it.
    fn keep_time(&mut self, study: &StudyModel) {
        if study.shown() != self.shown {
            self.shown = study.shown();
            self.began = None;
            self.earlier = Duration::ZERO;
            self.stopped = None;
        }
        if self.began.is_none() && study.card.is_some() {
            self.began = Some(Stopwatch::start());
        }
        let stops = study.card.as_ref().is_some_and(|c| c.stop_timer_on_answer);
        if stops && study.side() == Side::Answer && self.stopped.is_none() {
            self.stopped = Some(self.seconds());
        }
    }

    /// How long the card was up.
    fn elapsed(&self) -> Duration {
        self.earlier + self.began.map_or(Duration::ZERO, |b| b.elapsed())
    }

    /// Seconds on the timer.
    fn seconds(&self) -> f64 {
        self.stopped.unwrap_or_else(|| self.elapsed().as_secs_f64())
    }

    /// Milliseconds to record for an answer now, at most the preset's cap.
    pub(super) fn taken_ms(&self, cap_secs: u32) -> u32 {
        let ms = self.elapsed().as_millis();
        let cap = u128::from(cap_secs) * 1000;
        u32::try_from(ms.min(cap)).unwrap_or(u32::MAX)
    }

    /// What is typed into the card's box.
    pub(super) fn typed(&self) -> String {
        self.desk
            .as_ref()
            .map_or_else(String::new, |d| d.typed().to_owned())
    }

    /// 5, 6, 7, V and Shift+V; with something to tell.
    pub(super) fn audio(&mut self, command: AudioCommand) -> Option<&'static str> {
        self.desk.as_mut().and_then(|desk| desk.audio(command))
    }

    /// R: the sounds of the side that is up.
    pub(super) fn replay(&mut self, study: &StudyModel) {
        if let Some(desk) = &mut self.desk {
            desk.replay(study);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::study::Counts;
    use crate::ui::review::model::tests::card;
    use crate::ui::testing::no_device;

    #[test]
    fn the_timer_stands_still_at_the_answer_where_the_preset_wants_that() {
        for stops in [false, true] {
            let mut card = card(1);
            card.stop_timer_on_answer = stops;
            let mut study = StudyModel::default();
            study.apply(&StudyEvent::Card {
                card: Box::new(card),
                counts: Counts::default(),
            });
            let mut screen = ReviewScreen::new(no_device);
            screen.keep_time(&study);
            assert_eq!(screen.stopped, None);
            study.flip();
            screen.keep_time(&study);
            assert_eq!(screen.stopped.is_some(), stops);
            // The next card's time begins anew.
            study.wait();
            study.apply(&StudyEvent::Card {
                card: Box::new(model::tests::card(2)),
                counts: Counts::default(),
            });
            screen.keep_time(&study);
            assert_eq!(screen.stopped, None);
        }
    }
}
