//! After the last card, and in place of a deck's page where nothing is to be done: what comes next,
//! which limits were reached, what is buried, the deck's description. Asked again each minute, because
//! the next learning card comes nearer; when the deck has cards again its overview takes this place.

pub mod model;

use crate::domain::study::Congrats;
use crate::service::request::{Request, StudyRequest};
use crate::t;
use crate::ui::bottom_bar;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::description::{self, model::Line};
use crate::ui::model::Finished;
use crate::ui::overview::{command_buttons, commands_width};
use crate::ui::theme::size;
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::surface::card;
use crate::ui::widgets::{empty, ic};
use eframe::egui::{Align, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

/// Passing state of the page.
#[derive(Debug, Default)]
pub struct CongratsScreen {
    /// When the worker was last asked, in seconds of egui's clock.
    asked: Option<f64>,
}

const ASK_EVERY_SECS: f64 = 60.0;
/// Lowest box of a description, and room beside its words.
const LEAST: f32 = 72.0;
const BESIDE: f32 = 20.0;

impl CongratsScreen {
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let mut r = ui.max_rect();
        let bar = bottom_bar::cut(&mut r);
        self.ask_now_and_then(cx, ui);
        let finished = cx.model.finished.as_ref();
        if let Some(finished) = finished {
            page(cx, ui, r, finished);
        }
        let commands = finished.map_or_else(Vec::new, |f| commands(&f.congrats));
        let middle = bottom_bar::ui(cx, ui, bar, commands_width(ui, &commands));
        command_buttons(cx, ui, middle, &commands);
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

fn page(cx: &UiContext<'_>, ui: &mut Ui, r: Rect, finished: &Finished) {
    let c = &finished.congrats;
    let lines = model::lines(&finished.deck, c);
    let below = 118.0 + 22.0 * lines.len() as f32 + 48.0;
    let y = (r.center().y - 110.0)
        .min(r.max.y - below)
        .max(r.min.y + 56.0);
    let disc = pos2(r.center().x.round(), y.round());
    let end = empty::place(
        ui,
        disc,
        r.width(),
        ic::STYLE,
        t!("Congratulations!"),
        &lines,
    );
    let row = Rect::from_center_size(pos2(disc.x, end + 29.0), vec2(500.0, size::CONTROL));
    let keys = Command::Decks.shown_keys();
    let back = Button::new(t!("Back to decks")).tip_key(Command::Decks.info().tooltip, &keys);
    let pressed = button::row(ui, row, Align::Center, vec![back]);
    if pressed.iter().any(|b| b.clicked()) {
        cx.command(Command::Decks);
    }
    let about = description::lines_of(ui, &c.description, c.markdown);
    about_ui(cx, ui, r.with_min_y(row.max.y + 24.0), &about);
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
    if !c.is_filtered {
        commands.push(Command::Description);
    }
    commands
}

/// The description in a box; it scrolls where there is little room.
fn about_ui(cx: &UiContext<'_>, ui: &mut Ui, below: Rect, lines: &[Line]) {
    if lines.is_empty() || below.height() < LEAST {
        return;
    }
    let wide = size::PAGE_WIDTH.min(below.width() - 48.0);
    let inner = wide - 2.0 * BESIDE;
    let high = description::height(ui, inner, lines);
    let sheet = Rect::from_min_size(
        pos2((below.center().x - wide / 2.0).round(), below.min.y.round()),
        vec2(wide, (high + 32.0).min(below.height() - 16.0)),
    );
    card(ui, sheet);
    let place = UiBuilder::new()
        .max_rect(sheet.shrink(1.0))
        .id_salt("about");
    ui.scope_builder(place, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let (_, r) = ui.allocate_space(vec2(ui.available_width(), high + 30.0));
            let r = Rect::from_center_size(r.center(), vec2(inner, high));
            description::show(cx, ui, r, lines);
        });
    });
}
