//! Statistics: a row to choose cards and range, four figures, then the graphs one below the other.
//! What a graph shows is made in `charts` (pure), drawn by `plot`; those without bars are in
//! `tables` and `calendar`; files of them are made in `save`. Where a click leads is in `links`.

mod bins;
mod calendar;
pub mod charts;
mod counts;
pub mod links;
pub mod model;
pub mod plot;
mod save;
mod scope;
mod sheet;
mod tables;

use self::charts::Choices;
use self::model::{Chart, GraphId, Range, Share};
use self::sheet::Sheet;
use crate::domain::stats::{GraphPreferences, Graphs, WeekStart};
use crate::service::event::Event;
use crate::service::request::{Request, StatsRequest};
use crate::t;
use crate::ui::action::Action;
use crate::ui::bottom_bar;
use crate::ui::context::UiContext;
use crate::ui::environment::FileAsk;
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::check::checkbox;
use crate::ui::widgets::text::{label, quoted, width};
use crate::ui::widgets::{Cut, empty, ic, progress, segments, surface};
use eframe::egui::{
    Align, Key, Layout, Modifiers, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2,
};

/// Passing state of the page.
#[derive(Debug, Default)]
pub struct StatsScreen {
    scope: scope::Scope,
    choices: Choices,
    /// Of the calendar; None: this year.
    year: Option<i16>,
    week_start: WeekStart,
    /// As they are in the collection; None until the first numbers come.
    kept: Option<GraphPreferences>,
    /// What came with the last numbers: another one is a sync's or an undo's.
    came: Option<GraphPreferences>,
    /// The charts of the present numbers and choices.
    drawn: Option<(u64, Choices, Vec<Chart>)>,
}

/// Widest column of graphs.
const PAGE: f32 = 1120.0;
const CHART: f32 = 196.0;

impl StatsScreen {
    /// Another collection: what was chosen there is read again, and it is about all of its cards.
    pub fn forget(&mut self) {
        (self.kept, self.came) = (None, None);
        self.scope = scope::Scope::default();
    }

    pub fn on_event(&mut self, event: &Event) {
        self.scope.on_event(event);
    }

    /// From now on about a deck and those inside it.
    pub fn show_deck(&mut self, name: &str) {
        self.scope = scope::Scope::deck(name);
    }

    /// From now on about the whole collection.
    pub fn show_collection(&mut self) {
        self.scope = scope::Scope::default();
    }

    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        if cx.keys_free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
            cx.send(Action::Back);
        }
        let mut r = ui.max_rect();
        let bar = bottom_bar::cut(&mut r);
        self.graphs(cx, ui, r);
        bottom_bar::ui(cx, ui, bar, 0.0);
    }

    fn graphs(&mut self, cx: &UiContext<'_>, ui: &mut Ui, mut r: Rect) {
        let width = (r.width() - 48.0).min(PAGE);
        let left = (r.center().x - width / 2.0).round();
        let mut head = r.cut_top(60.0);
        head.min.x = left;
        head.max.x = left + width;
        self.head(cx, ui, head);
        self.ask(cx);
        let stats = &cx.model.stats;
        if stats.is_loading() && stats.graphs().is_some() {
            let line = Rect::from_min_size(r.min, vec2(r.width(), 2.0));
            surface::fill(ui, line, 0, Tokens::of(ui).accent);
        }
        if let Some(failed) = stats.failed() {
            let disc = pos2(r.center().x, r.min.y + 120.0);
            let cause = quoted(&failed.cause);
            empty::place(
                ui,
                disc,
                r.width(),
                ic::SEARCH,
                &failed.what,
                std::slice::from_ref(&cause),
            );
            return;
        }
        let Some(graphs) = stats.graphs().cloned() else {
            progress::spinner_at(ui, r.center() - vec2(0.0, 40.0));
            let at = Rect::from_center_size(r.center(), vec2(r.width(), 24.0));
            let t = Tokens::of(ui);
            label(
                ui,
                at,
                Align::Center,
                t!("Gathering the numbers…"),
                font::body(),
                t.text2,
            );
            return;
        };
        self.take_preferences(&graphs);
        let page = UiBuilder::new().max_rect(r).id_salt("graphs");
        ui.scope_builder(page, |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                self.page(cx, ui, &graphs, left, width);
            });
        });
        self.keep_preferences(cx);
    }

    /// From the collection, when they are others there.
    fn take_preferences(&mut self, graphs: &Graphs) {
        let preferences = graphs.preferences;
        if self.came.replace(preferences) != Some(preferences) {
            self.week_start = preferences.week_start;
            self.choices.separate_inactive = preferences.separate_inactive;
            self.choices.backlog = preferences.backlog;
            self.kept = Some(preferences);
        }
    }

    fn keep_preferences(&mut self, cx: &UiContext<'_>) {
        let chosen = GraphPreferences {
            week_start: self.week_start,
            separate_inactive: self.choices.separate_inactive,
            backlog: self.choices.backlog,
        };
        if self.kept.is_some_and(|kept| kept != chosen) {
            self.kept = Some(chosen);
            cx.ask(Request::Stats(StatsRequest::SavePreferences(chosen)));
        }
    }

    /// Cards at the left, the range at the right.
    fn head(&mut self, cx: &UiContext<'_>, ui: &mut Ui, mut r: Rect) {
        let labels = Range::ALL.map(Range::label);
        let chosen = Range::ALL
            .iter()
            .position(|range| *range == self.choices.range);
        let chosen = chosen.unwrap_or(0);
        let made = segments::cut_end(ui, &mut r, sp::L, t!("Range"), &labels, chosen);
        if let Some(n) = made {
            self.choices.range = Range::ALL[n];
        }
        self.scope.ui(cx, ui, r);
    }

    /// Asks the worker for what is not there yet.
    fn ask(&self, cx: &UiContext<'_>) {
        let all = self.choices.range == Range::All || self.year.is_some();
        let (search, days) = (self.scope.search(), if all { 0 } else { counts::YEAR_DAYS });
        let asked = cx.model.stats.asked();
        let there = asked.is_some_and(|a| a.search == search && a.days == days);
        if !there && cx.model.exclusive_job().is_none() {
            cx.ask(Request::Stats(StatsRequest::Graphs {
                search: search.to_owned(),
                days,
            }));
        }
    }

    /// All time is chosen, and its numbers are there.
    fn shows_all_time(&self, cx: &UiContext<'_>) -> bool {
        self.choices.range == Range::All && cx.model.stats.has_all_history()
    }

    fn charts(&mut self, revision: u64, graphs: &Graphs) -> Vec<Chart> {
        match &self.drawn {
            Some((of, choices, charts)) if *of == revision && *choices == self.choices => {
                charts.clone()
            }
            _ => {
                let charts = charts::all(graphs, &self.choices);
                self.drawn = Some((revision, self.choices, charts.clone()));
                charts
            }
        }
    }

    fn page(&mut self, cx: &UiContext<'_>, ui: &mut Ui, g: &Graphs, left: f32, width: f32) {
        // Cards are placed by hand: what is in them would move the cursor.
        let top = ui.cursor().min.y;
        let mut y = top;
        let mut column = |height: f32| {
            let r = Rect::from_min_size(pos2(left, y), vec2(width, height));
            y += height + sp::L;
            r
        };
        let r = column(88.0);
        tables::figures(ui, r, g, cx.model.stats.has_all_history());
        let r = column(tables::today_height(g));
        tables::today(ui, r, g);
        for chart in self.charts(cx.model.stats.revision(), g) {
            let graph = chart.graph;
            let totals = sheet::totals_height(ui, width, &chart.totals);
            let r = column(sheet::HEAD + CHART + totals + 14.0);
            self.chart_card(cx, ui, r, &chart, g.future_due.have_backlog);
            // Those without bars have their places between.
            if graph == GraphId::FutureDue {
                let r = column(calendar::height(width));
                let scope = self.scope.search().to_owned();
                calendar::card(cx, ui, r, g, &mut self.year, &mut self.week_start, &scope);
            }
            if graph == GraphId::Reviews {
                let r = column(tables::COUNTS);
                let separate = &mut self.choices.separate_inactive;
                if let Some(search) = tables::card_counts(cx, ui, r, g, separate) {
                    let search = links::within(self.scope.search(), &search);
                    cx.send(Action::Browse(search));
                }
            }
        }
        let all = self.shows_all_time(cx);
        let r = column(tables::retention_height(all));
        tables::retention(cx, ui, r, g, all);
        let button = Button::new(t!("Save as PDF…"));
        let r = column(32.0).cut_right(button.wanted_width(ui));
        if button.place(ui, r).clicked() {
            self.save_pdf(cx, g);
        }
        let all = Rect::from_min_max(pos2(left, top), pos2(left + width, y + sp::S));
        ui.allocate_rect(all, Sense::hover());
    }

    /// All graphs of the page in their order, in the colours of paper.
    fn save_pdf(&mut self, cx: &UiContext<'_>, g: &Graphs) {
        let mut graphs = vec![];
        for chart in self.charts(cx.model.stats.revision(), g) {
            if !chart.is_empty() {
                graphs.push(save::of_chart(&chart));
            }
            match chart.graph {
                GraphId::FutureDue => {
                    let today = calendar::today(cx, g);
                    let year = self.year.unwrap_or_else(|| today.year());
                    let days = calendar::days(g, today, year);
                    graphs.push(save::of_calendar(&days, self.week_start));
                }
                GraphId::Reviews => {
                    graphs.push(save::of_counts(g, self.choices.separate_inactive));
                }
                _ => {}
            }
        }
        graphs.push(save::of_retention(g, self.shows_all_time(cx)));
        let graphs = graphs.iter().map(|graph| graph.picture(false)).collect();
        let ask = FileAsk::save(t!("Save the statistics"), "statistics.pdf")
            .filter(t!("PDF document"), &["pdf"]);
        cx.pick_file(ask, move |path| {
            Action::Ask(Request::Stats(StatsRequest::SavePdf { path, graphs }))
        });
    }

    fn chart_card(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        r: Rect,
        chart: &Chart,
        have_backlog: bool,
    ) {
        let mut sheet = Sheet::begin(ui, r, chart.graph);
        let choices = &mut self.choices;
        match chart.graph {
            // As in Anki, where nothing is overdue there is nothing to leave out.
            GraphId::FutureDue if have_backlog => {
                let words = t!("Backlog");
                let room = (width(ui, words, font::body()) + 32.0).max(104.0);
                sheet.control(room, |r| {
                    let layout = Layout::left_to_right(Align::Center);
                    surface::region(ui, r, layout, |ui| {
                        checkbox(ui, &mut choices.backlog, words);
                    });
                });
            }
            GraphId::Reviews => {
                let labels = [t!("Count"), t!("Time")];
                let chosen = usize::from(choices.review_time);
                let made = sheet.segments(ui, t!("Reviews by"), &labels, chosen);
                choices.review_time = made.unwrap_or(chosen) == 1;
            }
            GraphId::Intervals => share(ui, &mut sheet, t!("Intervals"), &mut choices.intervals),
            GraphId::Stability => share(ui, &mut sheet, t!("Stability"), &mut choices.stability),
            _ => {}
        }
        sheet.menu(cx, ui, || save::of_chart(chart));
        sheet.legend(ui, chart);
        // Of nothing there is no average.
        let headline = if chart.is_empty() {
            ""
        } else {
            &chart.headline
        };
        sheet.title(ui, headline);
        let mut body = r.pad(16.0, 0.0);
        body.cut_top(sheet::HEAD);
        let plot_area = body.cut_top(CHART);
        if chart.is_empty() {
            sheet::no_data(ui, plot_area, &chart.summary());
        } else {
            if let Some(search) = plot::show(ui, plot_area, chart) {
                let search = links::within(self.scope.search(), &search);
                cx.send(Action::Browse(search));
            }
            sheet::totals(ui, body, &chart.totals);
        }
    }
}

fn share(ui: &Ui, sheet: &mut Sheet, name: &str, share: &mut Share) {
    let labels = Share::ALL.map(Share::label);
    let chosen = Share::ALL.iter().position(|x| x == share).unwrap_or(0);
    if let Some(n) = sheet.segments(ui, name, &labels, chosen) {
        *share = Share::ALL[n];
    }
}
