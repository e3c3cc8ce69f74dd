//! After the last card: what comes next, which limits were reached, what is buried, the deck's
//! description. Asked again each minute, because the next learning card comes nearer; when the deck
//! has cards again its overview takes this place.

pub mod model;

use crate::domain::study::Congrats;
use crate::service::request::{Request, StudyRequest};
use crate::ui::bottom_bar;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::overview::{command_buttons, commands_width};
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::surface::card;
use crate::ui::widgets::text::{para, para_height};
use crate::ui::widgets::{Cut, empty, ic};
use eframe::egui::{Align, Rect, Ui, pos2, vec2};

/// Passing state of the page.
#[derive(Debug, Default)]
pub struct CongratsScreen {
    /// When the worker was last asked, in seconds of egui's clock.
    asked: Option<f64>,
}

const ASK_EVERY_SECS: f64 = 60.0;

impl CongratsScreen {
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let mut r = ui.max_rect();
        let finished = cx.model.finished.as_ref();
        let commands = finished.map_or_else(Vec::new, |f| commands(&f.congrats));
        let bar = bottom_bar::ui(cx, ui, &mut r, commands_width(ui, &commands));
        self.ask_now_and_then(cx, ui);
        let Some(finished) = finished else {
            return;
        };
        let c = &finished.congrats;
        command_buttons(cx, ui, bar, &commands);
        let lines = model::lines(&finished.deck, c);
        let below = 118.0 + 22.0 * lines.len() as f32 + 48.0;
        let y = (r.center().y - 110.0)
            .min(r.max.y - below)
            .max(r.min.y + 56.0);
        let disc = pos2(r.center().x.round(), y.round());
        let end = empty::place(ui, disc, ic::STYLE, "Congratulations!", &lines);
        let row = Rect::from_center_size(pos2(disc.x, end + 29.0), vec2(500.0, size::CONTROL));
        let keys = Command::Decks.shown_keys();
        let back = Button::new("Back to decks").tip_key(Command::Decks.info().tooltip, &keys);
        let pressed = button::row(ui, row, Align::Center, vec![back]);
        if pressed.iter().any(|b| b.clicked()) {
            cx.command(Command::Decks);
        }
        description(ui, r, row.max.y + 24.0, &c.description);
    }

    fn ask_now_and_then(&mut self, cx: &UiContext<'_>, ui: &Ui) {
        let now = ui.input(|i| i.time);
        let asked = *self.asked.get_or_insert(now);
        if now - asked >= ASK_EVERY_SECS {
            self.asked = Some(now);
            cx.ask(Request::Study(StudyRequest::Look));
        }
    }
}

/// In the middle of the bottom bar.
fn commands(c: &Congrats) -> Vec<Command> {
    let mut commands = if c.is_filtered {
        vec![Command::DeckOptions, Command::Rebuild, Command::Empty]
    } else {
        vec![Command::DeckOptions, Command::CustomStudy]
    };
    if c.have_sched_buried || c.have_user_buried {
        commands.push(Command::Unbury);
    }
    commands
}

/// In a box below, when there is room for it.
fn description(ui: &Ui, page: Rect, y: f32, html: &str) {
    let text = crate::ui::overview::model::paragraphs(html).join("\n");
    if text.is_empty() {
        return;
    }
    let t = Tokens::of(ui);
    let w = size::PAGE_WIDTH.min(page.width() - 48.0);
    let h = para_height(ui, w - 40.0, &text, font::body()) + 32.0;
    let sheet = Rect::from_min_size(
        pos2((page.center().x - w / 2.0).round(), y.round()),
        vec2(w, h),
    );
    if sheet.max.y < page.max.y {
        card(ui, sheet);
        para(ui, sheet.pad(20.0, 16.0), &text, font::body(), t.text2);
    }
}
