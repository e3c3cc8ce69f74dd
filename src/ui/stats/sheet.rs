//! The card around a graph: title, figure, legend, controls, the menu with which it is saved, and
//! the totals below.

use super::model::{Chart, GraphId};
use super::plot;
use super::save::Saved;
use crate::base::lang;
use crate::service::request::{Request, StatsRequest};
use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::environment::FileAsk;
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::menu::{self, Entry};
use crate::ui::widgets::surface::{card, fill};
use crate::ui::widgets::text::{heading, label, left, width};
use crate::ui::widgets::{Cut, ic, segments, tooltip};
use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

/// Height of the title line.
pub const HEAD: f32 = 50.0;
const TOTAL_LINE: f32 = 20.0;

/// The line at the top of a card, filled from the right.
#[derive(Debug)]
pub struct Sheet {
    graph: GraphId,
    head: Rect,
    menu: Rect,
}

impl Sheet {
    /// Paints the card.
    pub fn begin(ui: &Ui, r: Rect, graph: GraphId) -> Self {
        card(ui, r);
        let mut inner = r.pad(16.0, 0.0);
        let mut head = inner.cut_top(HEAD);
        head.max.x += 6.0;
        let menu = head.cut_right(28.0);
        head.max.x -= 8.0;
        Self { graph, head, menu }
    }

    /// Room for a control, left of what is there.
    pub fn control(&mut self, width: f32, show: impl FnOnce(Rect)) {
        show(self.head.cut_right(width));
        self.head.max.x -= 8.0;
    }

    pub fn segments(
        &mut self,
        ui: &Ui,
        name: &str,
        labels: &[&str],
        chosen: usize,
    ) -> Option<usize> {
        let mut made = None;
        let y = self.head.center().y;
        self.control(segments::wanted_width(ui, labels), |r| {
            made = segments::place(ui, r.max.x, y, name, labels, chosen);
        });
        made
    }

    /// The menu with which the graph is saved, at the right end of the card.
    pub fn menu(&self, cx: &UiContext<'_>, ui: &mut Ui, make: impl FnOnce() -> Saved) {
        let name = t!("{title}: more", title = self.graph.title());
        let more = Button::icon_only(ic::MORE, &name);
        let response = button::icon_at(ui, self.menu.center(), more);
        menu::popup(&response, |ui| {
            ui.set_width(190.0);
            let picture = Entry::new(t!("Save as Picture…")).show(ui).clicked();
            let table = Entry::new(t!("Save as Table…")).show(ui).clicked();
            if picture || table {
                save(cx, self.graph, make(), picture, ui.visuals().dark_mode);
            }
        });
    }

    /// What the colours mean, if there is room.
    pub fn legend(&mut self, ui: &Ui, chart: &Chart) {
        let t = Tokens::of(ui);
        let colors = chart.colors().into_iter();
        let mut entries: Vec<_> = colors
            .map(|(name, tone)| (name, plot::color(t, tone)))
            .collect();
        if let Some(curve) = &chart.curve {
            entries.push((lang::say(curve.name), t.accent_text));
        }
        if chart.is_empty() {
            return;
        }
        let widths: Vec<f32> = entries
            .iter()
            .map(|(name, _)| width(ui, name, font::small()) + 34.0)
            .collect();
        let all: f32 = widths.iter().sum();
        if all + 160.0 > self.head.width() {
            return;
        }
        let mut x = self.head.max.x - all;
        self.head.max.x = x;
        for ((name, color), w) in entries.into_iter().zip(widths) {
            let y = self.head.center().y;
            let mark = Rect::from_center_size(pos2(x + 15.0, y), vec2(10.0, 10.0));
            fill(ui, mark, 3, color);
            let r = Rect::from_min_max(pos2(x + 26.0, y - 10.0), pos2(x + w, y + 10.0));
            left(ui, r, name, font::small(), t.text2);
            x += w;
        }
    }

    /// Title, and the figure beside it if there is room.
    pub fn title(&self, ui: &Ui, headline: &str) {
        let t = Tokens::of(ui);
        let title = self.graph.title();
        let response = heading(ui, self.head, Align::Min, title, font::heading(), t.text);
        let mut rest = self.head;
        rest.min.x = response.rect.max.x + 14.0;
        tooltip::words(response, self.graph.explanation());
        if !headline.is_empty() && width(ui, headline, font::small()) < rest.width() {
            label(ui, rest, Align::Min, headline, font::small(), t.text2);
        }
    }
}

/// Asks where, then has the worker write it.
fn save(cx: &UiContext<'_>, graph: GraphId, saved: Saved, picture: bool, night: bool) {
    let (ending, kind) = if picture {
        ("png", t!("Picture"))
    } else {
        ("csv", t!("Table"))
    };
    let name = format!(
        "{}.{ending}",
        graph.english().to_lowercase().replace(' ', "-")
    );
    let ask =
        FileAsk::save(&t!("Save {title}", title = graph.title()), &name).filter(kind, &[ending]);
    cx.pick_file(ask, move |path| {
        Action::Ask(Request::Stats(if picture {
            StatsRequest::SavePicture {
                path,
                html: saved.picture(night),
            }
        } else {
            StatsRequest::SaveTable {
                path,
                text: saved.table,
            }
        }))
    });
}

/// Names and values below a graph, in lines.
fn total_lines(ui: &Ui, room: f32, totals: &[(&'static str, String)]) -> Vec<Vec<(String, f32)>> {
    let mut lines: Vec<Vec<(String, f32)>> = vec![vec![]];
    let mut used = 0.0;
    for (name, value) in totals {
        let words = t!("{name}: {value}", name, value);
        let w = width(ui, &words, font::small()) + 28.0;
        if used + w > room && used > 0.0 {
            lines.push(vec![]);
            used = 0.0;
        }
        used += w;
        if let Some(line) = lines.last_mut() {
            line.push((words, w));
        }
    }
    lines
}

/// Height of [`totals`] in a card of that width.
pub fn totals_height(ui: &Ui, card: f32, totals: &[(&'static str, String)]) -> f32 {
    total_lines(ui, card - 32.0, totals).len() as f32 * TOTAL_LINE + 6.0
}

pub fn totals(ui: &Ui, r: Rect, totals: &[(&'static str, String)]) {
    let t = Tokens::of(ui);
    for (n, line) in total_lines(ui, r.width(), totals).into_iter().enumerate() {
        let mut x = r.min.x;
        let y = r.min.y + 2.0 + n as f32 * TOTAL_LINE;
        for (words, w) in line {
            let at = Rect::from_min_size(pos2(x, y), vec2(w, TOTAL_LINE));
            label(ui, at, Align::Min, &words, font::small(), t.text2);
            x += w;
        }
    }
}

/// In place of a graph without any bar.
pub fn no_data(ui: &Ui, r: Rect, summary: &str) {
    let t = Tokens::of(ui);
    label(ui, r, Align::Center, t!("No data"), font::body(), t.text3);
    let id = ui.make_persistent_id(("no data", summary));
    let response = ui.interact(r, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, summary));
}
