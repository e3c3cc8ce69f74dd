//! The notice on the sheet while the user's voice is recorded: how long, and a button to stop.

use super::audio_command::AudioCommand;
use super::model::clock;
use crate::base::time::Stopwatch;
use crate::t;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::theme::{Tokens, font, radius};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::surface::{fill, outline};
use crate::ui::widgets::text::{icon_filled, label};
use crate::ui::widgets::{Cut, ic};
use eframe::egui::{Align, Rect, Ui, pos2, vec2};
use std::time::Duration;

const WIDTH: f32 = 240.0;
const HEIGHT: f32 = 48.0;
/// From the end of the sheet: above messages, which would cover the button.
const ABOVE: f32 = 70.0;

/// See the module header.
#[derive(Debug, Default)]
pub struct VoiceNotice {
    since: Option<Stopwatch>,
}

impl VoiceNotice {
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, sheet: Rect, recording: bool) {
        if !recording {
            self.since = None;
            return;
        }
        let since = self.since.get_or_insert_with(Stopwatch::start);
        let seconds = since.elapsed().as_secs();
        let t = Tokens::of(ui);
        let min = pos2(
            (sheet.center().x - WIDTH / 2.0).round(),
            sheet.max.y - HEIGHT - ABOVE,
        );
        let r = Rect::from_min_size(min, vec2(WIDTH, HEIGHT));
        ui.painter().add(t.shadow_menu().as_shape(r, radius::CARD));
        fill(ui, r, radius::CARD, t.raised);
        outline(ui, r, radius::CARD, t.border);
        let mut inside = r.pad(12.0, 8.0);
        let icon = inside.cut_left(26.0);
        icon_filled(ui, icon.center(), ic::MIC, 18.0, t.danger);
        let button = inside.cut_right(76.0);
        let words = t!("Recording {time}", time = clock(seconds));
        label(ui, inside, Align::Min, &words, font::body(), t.text);
        let stop = Button::new(t!("Stop"))
            .tip_key(t!("Stop and listen"), "Shift+V")
            .place(ui, button);
        if stop.clicked() {
            cx.command(Command::Audio(AudioCommand::RecordVoice));
        }
        ui.ctx().request_repaint_after(Duration::from_millis(250));
    }
}
