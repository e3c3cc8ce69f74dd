//! Records a sound for a field: it is heard once when it ends, and put in when it is wanted.

use crate::base::lang;
use crate::t;
use crate::ui::action::Action;
use crate::ui::audio::{Audio, AudioNotice, RecordState};
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::text::{icon_filled, label};
use crate::ui::widgets::{Cut as _, Kind, dialog, ic};
use eframe::egui::{Align, Context, pos2, vec2};
use std::sync::Arc;
use std::time::Duration;

/// Makes the action that stores the sound, from its name and bytes.
pub type Store = Box<dyn FnOnce(String, Arc<[u8]>) -> Action>;

/// See the module header.
pub struct RecordDialog {
    audio: Audio,
    store: Option<Store>,
    /// When recording began, in seconds of egui's clock; None before the first frame.
    began: Option<f64>,
    problem: Option<String>,
}

impl RecordDialog {
    #[must_use]
    pub fn new(audio: Audio, store: Store) -> Self {
        Self {
            audio,
            store: Some(store),
            began: None,
            problem: None,
        }
    }

    fn line(&self, now: f64, state: RecordState) -> String {
        if let Some(problem) = &self.problem {
            return problem.clone();
        }
        match state {
            RecordState::Recording => {
                let secs = (now - self.began.unwrap_or(now)) as u64;
                let time = format!("{}:{:02}", secs / 60, secs % 60);
                t!("Recording {time}", time)
            }
            RecordState::Ready => t!("The sound is recorded").to_owned(),
            RecordState::Empty => t!("Opening the microphone…").to_owned(),
        }
    }
}

impl Dialog for RecordDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let now = ctx.input(|i| i.time);
        if self.began.is_none() {
            self.began = Some(now);
            self.audio.record();
        }
        match self.audio.take_notice() {
            Some(AudioNotice::NoMicrophone) => {
                self.problem = Some(t!("No microphone was found").to_owned());
            }
            Some(AudioNotice::RecordingFailed(why)) => {
                self.problem = Some(lang::known(&why).into_owned());
            }
            _ => {}
        }
        let state = self.audio.record_state();
        let recorded = self.audio.recorded();
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, 400.0, |ui| {
            let t = Tokens::of(ui);
            dialog::title(ui, t!("Record Sound"));
            let (_, mut r) = ui.allocate_space(vec2(ui.available_width(), size::CONTROL));
            let color = if state == RecordState::Recording {
                t.danger
            } else {
                t.text3
            };
            icon_filled(ui, pos2(r.min.x + 10.0, r.center().y), ic::MIC, 20.0, color);
            r.cut_left(30.0);
            label(
                ui,
                r,
                Align::Min,
                &self.line(now, state),
                font::body(),
                t.text,
            );
            let done = state == RecordState::Ready && recorded.is_some();
            let quiet = if done {
                vec![Button::ghost(t!("Play")), Button::ghost(t!("Record Again"))]
            } else {
                vec![]
            };
            let action = if done {
                Button::new(t!("Insert")).kind(Kind::Primary)
            } else {
                let running = state == RecordState::Recording;
                Button::new(t!("Stop")).kind(Kind::Primary).enabled(running)
            };
            let footer = dialog::footer(ui, quiet, vec![Button::new(t!("Cancel")), action]);
            footer.focus_choice(1);
            let pressed = |n: usize| footer.quiet.get(n).is_some_and(|b| b.clicked());
            if pressed(0) {
                self.audio.play_recording();
            }
            if pressed(1) {
                self.began = Some(now);
                self.audio.record();
            }
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            if footer.chosen(1) {
                match (done, recorded, self.store.take()) {
                    (true, Some(bytes), Some(store)) => {
                        let name = format!("rec-{}.wav", cx.now.0);
                        cx.send(store(name, bytes));
                        flow = Flow::Close;
                    }
                    (_, _, store) => {
                        self.store = store;
                        self.audio.record();
                    }
                }
            }
        });
        ctx.request_repaint_after(Duration::from_millis(250));
        if shown.dismissed { Flow::Close } else { flow }
    }
}
