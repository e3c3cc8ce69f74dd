//! The calendar: a square for each day of a year, darker with more reviews.

use super::links;
use super::model::GraphId;
use super::save;
use super::sheet::{HEAD, Sheet};
use crate::base::time::TimestampMillis;
use crate::domain::stats::{Graphs, WeekStart};
use crate::ui::action::Action;
use crate::ui::backups::words;
use crate::ui::context::UiContext;
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::surface::{fill, outline};
use crate::ui::widgets::text::{center, left};
use crate::ui::widgets::{Cut, tooltip};
use crate::{t, tn};
use eframe::egui::accesskit::Role;
use eframe::egui::{Color32, CursorIcon, Rect, RichText, Sense, Ui, WidgetInfo, pos2, vec2};
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

const WEEKS: f32 = 54.0;
const DAYS_LEFT: f32 = 36.0;
const MONTHS_ABOVE: f32 = 20.0;

fn cell(width: f32) -> f32 {
    ((width - 32.0 - DAYS_LEFT) / WEEKS)
        .floor()
        .clamp(8.0, 19.0)
}

#[must_use]
pub fn height(width: f32) -> f32 {
    HEAD + MONTHS_ABOVE + 7.0 * cell(width) + 18.0
}

/// The scheduler's date of today: it changes at the rollover hour.
#[must_use]
pub fn today(cx: &UiContext<'_>, g: &Graphs) -> Date {
    let shifted = cx.now.0 - i64::from(g.rollover_hour) * 3_600_000;
    cx.clock.local(TimestampMillis(shifted)).date()
}

/// Days of `year` with their reviews, up to its end.
#[must_use]
pub fn days(g: &Graphs, today: Date, year: i16) -> Vec<(Date, u64)> {
    let first = Date::constant(year, 1, 1);
    (0..366)
        .filter_map(|n| first.checked_add(n.days()).ok())
        .take_while(|date| date.year() == year)
        .map(|date| {
            let offset = date.since(today).map_or(i32::MAX, |span| span.get_days());
            let reviews = g
                .reviews
                .count
                .get(&offset)
                .map_or(0, |kinds| kinds.total());
            (date, reviews)
        })
        .collect()
}

pub fn card(
    cx: &UiContext<'_>,
    ui: &mut Ui,
    r: Rect,
    g: &Graphs,
    shown: &mut Option<i16>,
    start: &mut WeekStart,
    scope: &str,
) {
    let t = Tokens::of(ui);
    let today = today(cx, g);
    let year = shown.unwrap_or_else(|| today.year());
    let mut sheet = Sheet::begin(ui, r, GraphId::Calendar);
    sheet.control(120.0, |r| {
        let name = RichText::new(year.to_string());
        let previous = Button::new("‹")
            .min_width(28.0)
            .height(28.0)
            .tip(t!("The year before"));
        let next = Button::new("›")
            .min_width(28.0)
            .height(28.0)
            .tip(t!("The year after"));
        if button::icon_at(ui, pos2(r.min.x + 14.0, r.center().y), previous).clicked() {
            *shown = Some(year - 1);
        }
        center(ui, r, name.text(), font::strong(), t.text);
        let next = next.enabled(year < today.year());
        if button::icon_at(ui, pos2(r.max.x - 14.0, r.center().y), next).clicked() {
            *shown = Some(year + 1);
        }
    });
    let days = days(g, today, year);
    sheet.menu(cx, ui, || save::of_calendar(&days, *start));
    let studied = days.iter().filter(|(_, n)| *n > 0).count();
    let total: u64 = days.iter().map(|(_, n)| n).sum();
    let headline = tn!(
        studied as u64,
        "{reviews} on {n} day",
        "{reviews} on {n} days",
        reviews = tn!(total, "{n} review", "{n} reviews")
    );
    sheet.title(ui, &headline);
    let size = cell(r.width());
    let mut grid = r.pad(16.0, 0.0);
    grid.cut_top(HEAD);
    let months = grid.cut_top(MONTHS_ABOVE);
    let names = grid.cut_left(DAYS_LEFT);
    weekdays(ui, names, size, start);
    let most = days.iter().map(|(_, n)| *n).max().unwrap_or(0);
    let whole = Rect::from_min_size(grid.min, vec2(WEEKS * size, 7.0 * size));
    let response = ui.interact(whole, ui.make_persistent_id("calendar"), Sense::CLICK);
    let summary = t!("Calendar {year}. {headline}.", year, headline);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &summary));
    let mut pointed = None;
    for (date, reviews) in &days {
        let (week, weekday) = place(*date, *start);
        let square = Rect::from_min_size(
            pos2(
                grid.min.x + week as f32 * size,
                grid.min.y + weekday as f32 * size,
            ),
            vec2(size - 3.0, size - 3.0),
        );
        fill(ui, square, 3, shade(t, *reviews, most));
        if *date == today {
            outline(ui, square.expand(1.0), 4, t.accent_text);
        }
        if date.day() == 1 {
            let at = Rect::from_min_size(pos2(square.min.x, months.min.y), vec2(40.0, 16.0));
            left(ui, at, words::short_month(*date), font::caption(), t.text2);
        }
        if response
            .hover_pos()
            .is_some_and(|p| square.expand(1.5).contains(p))
        {
            pointed = Some((*date, *reviews));
        }
    }
    if let Some((date, reviews)) = pointed {
        let mut words = day_words(date, reviews);
        let mut response = response;
        if reviews > 0
            && let Ok(back) = date.until(today).map(|span| span.get_days())
        {
            words = format!("{words}\n{}", t!("Click: show these cards"));
            response = response.on_hover_cursor(CursorIcon::PointingHand);
            if response.clicked() {
                let search = links::within(scope, &links::of_day(-back));
                cx.send(Action::Browse(search));
            }
        }
        tooltip::words_at_pointer(response, &words);
    }
}

/// "12 March 2026: 1,204 reviews".
fn day_words(date: Date, reviews: u64) -> String {
    tn!(
        reviews,
        "{day} {month} {year}: {n} review",
        "{day} {month} {year}: {n} reviews",
        day = date.day(),
        month = words::short_month(date),
        year = date.year()
    )
}

/// Column and row.
pub fn place(date: Date, start: WeekStart) -> (i16, i8) {
    let start = weekday_of(start);
    let weekday = date.weekday().since(start);
    let first = date.first_of_year().weekday().since(start);
    ((date.day_of_year() - 1 + i16::from(first)) / 7, weekday)
}

fn weekday_of(start: WeekStart) -> Weekday {
    match start {
        WeekStart::Sunday => Weekday::Sunday,
        WeekStart::Monday => Weekday::Monday,
        WeekStart::Friday => Weekday::Friday,
        WeekStart::Saturday => Weekday::Saturday,
    }
}

/// Names of the rows; a click on a day that weeks may begin with makes it the first.
fn weekdays(ui: &Ui, names: Rect, size: f32, start: &mut WeekStart) {
    let days = [
        (t!("Sun"), Some(WeekStart::Sunday)),
        (t!("Mon"), Some(WeekStart::Monday)),
        (t!("Tue"), None),
        (t!("Wed"), None),
        (t!("Thu"), None),
        (t!("Fri"), Some(WeekStart::Friday)),
        (t!("Sat"), Some(WeekStart::Saturday)),
    ];
    let t = Tokens::of(ui);
    let first = *start as usize;
    for row in 0..7 {
        let (name, starts) = days[(first + row) % 7];
        let at = Rect::from_min_size(
            pos2(names.min.x, names.min.y + row as f32 * size),
            vec2(DAYS_LEFT, size),
        );
        // Every second one has room, and the one that others start from.
        if row % 2 == 0 {
            left(ui, at, name, font::caption(), t.text2);
        }
        let Some(day) = starts.filter(|_| row > 0) else {
            continue;
        };
        let id = ui.make_persistent_id(("week starts", name));
        let response = ui.interact(at, id, Sense::click());
        let words = t!("Weeks begin on {day}", day = long_name(day));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
        if response.clicked() {
            *start = day;
        }
        if response.hovered() {
            left(ui, at, name, font::caption(), t.accent_text);
        }
        tooltip::words(response, &words);
    }
}

fn long_name(day: WeekStart) -> &'static str {
    match day {
        WeekStart::Sunday => t!("Sunday"),
        WeekStart::Monday => t!("Monday"),
        WeekStart::Friday => t!("Friday"),
        WeekStart::Saturday => t!("Saturday"),
    }
}

/// From hardly to fully coloured; days without reviews are part of the ground.
pub fn shade(t: &Tokens, reviews: u64, most: u64) -> Color32 {
    if reviews == 0 {
        return t.hover;
    }
    let share = (reviews as f32 / most.max(1) as f32).sqrt();
    t.surface.lerp_to_gamma(t.graph_mature, 0.25 + 0.75 * share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::stats::ByKind;

    #[test]
    fn days_stand_where_a_calendar_has_them() {
        let monday = |m, d| place(Date::constant(2026, m, d), WeekStart::Monday);
        // 2026 begins on a Thursday.
        assert_eq!(monday(1, 1), (0, 3));
        assert_eq!(monday(1, 4), (0, 6));
        assert_eq!(monday(1, 5), (1, 0));
        assert_eq!(monday(12, 31), (52, 3));
        let first = |start| place(Date::constant(2026, 1, 4), start);
        assert_eq!(first(WeekStart::Sunday), (1, 0));
        assert_eq!(first(WeekStart::Friday), (1, 2));
        assert_eq!(first(WeekStart::Saturday), (1, 1));
    }

    #[test]
    fn reviews_fall_on_their_dates() {
        let mut g = Graphs::default();
        let kinds = ByKind {
            young: 4,
            ..ByKind::default()
        };
        g.reviews.count.insert(0, kinds);
        g.reviews.count.insert(-60, kinds);
        let today = Date::constant(2026, 2, 20);
        let found: Vec<(Date, u64)> = days(&g, today, 2026)
            .into_iter()
            .filter(|(_, n)| *n > 0)
            .collect();
        assert_eq!(found, [(today, 4)]);
        let before = days(&g, today, 2025);
        assert_eq!(before.len(), 365);
        let found: Vec<Date> = before
            .into_iter()
            .filter(|d| d.1 > 0)
            .map(|d| d.0)
            .collect();
        assert_eq!(found, [Date::constant(2025, 12, 22)]);
    }
}
