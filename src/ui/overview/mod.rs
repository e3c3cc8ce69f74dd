//! A deck's page: name, description, what is to do today, Study Now. Filtered decks have Rebuild
//! and Empty instead of a description.

pub mod model;
pub mod unbury;

use crate::service::event::DeckOverview;
use crate::t;
use crate::ui::bottom_bar;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::description;
use crate::ui::review::model::{STEP, breadcrumb};
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::surface::{card, hline};
use crate::ui::widgets::text::{self, label, right};
use crate::ui::widgets::{Cut, Kind, list, surface, tooltip};
use eframe::egui::{Align, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

/// Passing state of the page.
#[derive(Debug, Default)]
pub struct OverviewScreen {
    /// The deck whose Study Now has had the focus; a new deck gives it again.
    focused: Option<crate::base::ids::DeckId>,
}

/// Width of a line of 72 letters, as long as is easily read.
const LINES: f32 = 500.0;
/// Width of the counts card.
const CARD: f32 = 360.0;

impl OverviewScreen {
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let mut r = ui.max_rect();
        let overview = cx.model.overview.as_ref();
        let bar = bottom_bar::cut(&mut r);
        if let Some(overview) = overview {
            let page = UiBuilder::new().max_rect(r).id_salt("overview");
            ui.scope_builder(page, |ui| {
                ScrollArea::vertical()
                    .id_salt(("overview", overview.id))
                    .auto_shrink(false)
                    .show(ui, |ui| self.page(cx, ui, overview));
            });
        }
        let commands = overview.map_or_else(Vec::new, commands);
        let middle = bottom_bar::ui(cx, ui, bar, commands_width(ui, &commands));
        command_buttons(cx, ui, middle, &commands);
    }

    fn page(&mut self, cx: &UiContext<'_>, ui: &mut Ui, o: &DeckOverview) {
        let t = Tokens::of(ui);
        let width = ui.max_rect().width();
        let words = size::PAGE_WIDTH.min(width - 48.0);
        let left = ui.max_rect().center().x - words / 2.0;
        let top = ui.max_rect().min.y;
        let line = |y: f32, h: f32| Rect::from_min_size(pos2(left, y), vec2(words, h));
        let mut y = top + 56.0;
        let title = model::leaf(&o.name);
        text::heading(
            ui,
            line(y, 30.0),
            Align::Center,
            &text::name(title),
            font::title(),
            t.text,
        );
        y += 34.0;
        if title != o.name {
            let whole = breadcrumb(&o.name);
            let r = line(y, 20.0);
            let shown = text::path(ui, &whole, STEP, r.width(), &font::small());
            let path = label(ui, r, Align::Center, &shown, font::small(), t.text3);
            if shown != whole {
                tooltip::words(path, &whole);
            }
            y += 26.0;
        }
        y += sp::S;
        let about = surface::middle(line(y, 20.0), 0.0, LINES);
        let explanation = match o.filtered {
            true => model::of_filtered(o).into(),
            false => description::lines_of(ui, &o.description, o.markdown),
        };
        y = description::show(cx, ui, about, &explanation) + sp::XS;
        y += sp::L;
        let sheet = Rect::from_min_size(
            pos2((line(y, 0.0).center().x - CARD / 2.0).round(), y.round()),
            vec2(CARD, 3.0 * 38.0 + 16.0),
        );
        counts(ui, sheet, o);
        y = sheet.max.y + sp::XL;
        let b = Rect::from_center_size(
            pos2(sheet.center().x, y + size::CONTROL_LARGE / 2.0),
            vec2(size::SHOW_ANSWER_WIDTH, size::CONTROL_LARGE),
        );
        let response = Button::new(t!("Study Now"))
            .kind(Kind::Primary)
            .tip_key(t!("Study this deck"), &Command::Study.shown_keys())
            .place(ui, b);
        let nothing = list::nothing_has_keys(ui);
        if (self.focused != Some(o.id) || nothing) && cx.keys_free {
            self.focused = Some(o.id);
            response.request_focus();
        }
        if response.clicked() {
            cx.command(Command::StudyNow);
        }
        ui.allocate_rect(
            Rect::from_min_max(pos2(left, top), pos2(left + words, b.max.y + 32.0)),
            Sense::hover(),
        );
    }
}

/// New, Learning, To Review; what is buried in grey beside it.
fn counts(ui: &mut Ui, sheet: Rect, o: &DeckOverview) {
    let t = Tokens::of(ui);
    card(ui, sheet);
    let mut i = sheet.pad(20.0, 8.0);
    let rows = [
        (t!("New" in "card state"), o.counts.new, o.buried.new, t.new),
        (
            t!("Learning" in "card state"),
            o.counts.learning,
            o.buried.learning,
            t.learn,
        ),
        (t!("To Review"), o.counts.review, o.buried.review, t.due),
    ];
    for (n, (words, count, buried, color)) in rows.into_iter().enumerate() {
        let row = i.cut_top(38.0);
        if n > 0 {
            hline(ui, row, row.min.y, t.border);
        }
        label(ui, row, Align::Min, words, font::body(), t.text);
        let mut numbers = row;
        let extra = numbers.cut_right(64.0);
        let (f, c) = if count == 0 {
            (font::body(), t.text3)
        } else {
            (font::strong(), color)
        };
        let shown = crate::ui::decks::model::count(count);
        label(ui, numbers, Align::Max, &shown, f, c);
        if buried > 0 {
            let used = right(ui, extra, &format!("+{buried}"), font::small(), t.text3);
            let id = ui.make_persistent_id(("buried", n));
            let response = ui.interact(used, id, Sense::hover());
            tooltip::words(response, &model::buried(buried, have_buried(o)));
        }
    }
}

/// Whether Unbury would bring cards back.
fn have_buried(o: &DeckOverview) -> bool {
    o.have_sched_buried || o.have_user_buried
}

/// In the middle of the bottom bar.
fn commands(o: &DeckOverview) -> Vec<Command> {
    let mut commands = vec![Command::DeckOptions];
    if o.filtered {
        commands.extend([Command::Rebuild, Command::Empty]);
    } else {
        commands.push(Command::CustomStudy);
    }
    if have_buried(o) {
        commands.push(Command::Unbury);
    }
    if !o.filtered {
        commands.push(Command::Description);
    }
    commands
}

/// How wide [`command_buttons`] are.
pub fn commands_width(ui: &Ui, commands: &[Command]) -> f32 {
    let labels: Vec<&str> = commands.iter().map(|c| c.info().label).collect();
    button::row_width(ui, &labels)
}

/// Ordinary buttons of commands in the middle of the bottom bar.
pub fn command_buttons(cx: &UiContext<'_>, ui: &mut Ui, bar: Rect, commands: &[Command]) {
    let keys: Vec<String> = commands.iter().map(|c| c.shown_keys()).collect();
    let list = commands
        .iter()
        .zip(&keys)
        .map(|(c, keys)| {
            Button::new(c.info().label)
                .tip_key(c.info().tooltip, keys)
                .enabled(c.usable(cx.model, cx.route).is_ok())
        })
        .collect();
    for (command, response) in commands.iter().zip(button::squeezed_row(ui, bar, list)) {
        if response.clicked() {
            cx.command(*command);
        }
    }
}
