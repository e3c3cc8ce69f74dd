//! A graph as a file: a table for spreadsheets (CSV), or a picture. The picture is written as
//! HTML here and drawn by the card engine, so that it is whole wherever the page is scrolled.
//! Pure.

use super::calendar::shade;
use super::counts::{card_counts, kind_name};
use super::model::{Chart, GraphId, nice_scale};
use super::plot::{color, curve_label, curve_scale, short};
use super::tables::{RETENTION_COLUMNS, retention_cells, retention_rows};
use crate::base::count::decimal;
use crate::base::lang;
use crate::domain::html::escape_html as escape;
use crate::domain::stats::{Graphs, WeekStart};
use crate::ui::theme::Tokens;
use crate::ui::widgets::text::number;
use crate::{t, tn};
use eframe::egui::Color32;
use jiff::civil::Date;
use std::fmt::Write as _;

/// Points of the drawing area.
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 240.0;

/// A graph that waits to be written.
pub struct Saved {
    /// CSV.
    pub table: String,
    title: &'static str,
    line: String,
    /// The middle of the page in the colours of a theme.
    body: Box<dyn Fn(&Tokens) -> String>,
}

impl Saved {
    /// The whole page.
    pub fn picture(&self, night: bool) -> String {
        let t = Tokens::get(night);
        format!(
            "<div style=\"background:{};color:{};padding:20px;font-family:Inter,sans-serif;font-size:13px\">\
             <div style=\"font-size:17px;font-weight:bold\">{}</div>\
             <div style=\"color:{};margin:2px 0 14px 0\">{}</div>{}</div>",
            hex(t.surface),
            hex(t.text),
            self.title,
            hex(t.text2),
            escape(&self.line),
            (self.body)(t)
        )
    }
}

fn hex(c: Color32) -> String {
    format!("#{:02x}{:02x}{:02x}", c.r(), c.g(), c.b())
}

/// A box at a place inside the drawing area.
fn place(x: f64, y: f64, w: f64, h: f64, more: &str, content: &str) -> String {
    format!(
        "<div style=\"position:absolute;left:{x:.1}px;top:{y:.1}px;width:{w:.1}px;height:{h:.1}px;{more}\">{content}</div>"
    )
}

pub fn of_chart(chart: &Chart) -> Saved {
    let shown = chart.clone();
    let totals: Vec<String> = chart
        .totals
        .iter()
        .map(|(name, value)| t!("{name}: {value}", name, value))
        .collect();
    Saved {
        table: chart.csv(),
        title: chart.graph.title(),
        line: totals.join(" · "),
        body: Box::new(move |t| bars(t, &shown)),
    }
}

fn bars(t: &Tokens, chart: &Chart) -> String {
    const LEFT: f64 = 56.0;
    let (step, top) = nice_scale(chart.highest(), true);
    let (x0, x1) = chart.x_range();
    let x = |value: f64| LEFT + (value - x0) / (x1 - x0) * WIDTH;
    let y = |value: f64| HEIGHT - value / top * HEIGHT;
    let mut out = format!(
        "<div style=\"position:relative;width:{}px;height:{}px\">",
        LEFT + WIDTH + 56.0,
        HEIGHT + 26.0
    );
    for n in 0..=(top / step).round() as u32 {
        let value = f64::from(n) * step;
        let line = format!("background:{}", hex(t.border));
        out += &place(LEFT, y(value), WIDTH, 1.0, &line, "");
        let style = format!("text-align:right;color:{}", hex(t.text2));
        out += &place(0.0, y(value) - 8.0, LEFT - 8.0, 16.0, &style, &short(value));
    }
    for bar in &chart.bars {
        let gap = (x(bar.to) - x(bar.from)) * 0.14;
        let mut below = 0.0;
        for ((_, tone), value) in chart.series.iter().zip(&bar.values) {
            let fill = format!("background:{}", hex(color(t, bar.tone.unwrap_or(*tone))));
            let (from, to) = (y(below), y(below + value));
            below += value;
            if *value > 0.0 {
                let width = x(bar.to) - x(bar.from) - 2.0 * gap;
                out += &place(x(bar.from) + gap, to, width, from - to, &fill, "");
            }
        }
    }
    out += &curve(t, chart, &x);
    let style = format!("text-align:center;color:{}", hex(t.text2));
    let mut taken = f64::MIN;
    for (at, words) in &chart.ticks {
        let width = words.chars().count() as f64 * 7.5 + 8.0;
        let from = x(*at) - width / 2.0;
        if from >= taken {
            taken = from + width;
            out += &place(from, HEIGHT + 6.0, width, 16.0, &style, &escape(words));
        }
    }
    out + "</div>" + &legend(t, chart)
}

fn curve(t: &Tokens, chart: &Chart, x: &impl Fn(f64) -> f64) -> String {
    let (Some(curve), Some((step, top))) = (&chart.curve, curve_scale(chart)) else {
        return String::new();
    };
    let mut scale = String::new();
    let color = hex(t.accent_text);
    for n in 0..=(top / step).round() as u32 {
        let value = f64::from(n) * step;
        let y = HEIGHT - value / top * HEIGHT - 8.0;
        let words = curve_label(chart, value);
        let style = format!("color:{color}");
        scale += &place(x(chart.x_range().1) + 8.0, y, 60.0, 16.0, &style, &words);
    }
    let mut points = String::new();
    for [at, value] in &curve.points {
        let y = HEIGHT - value / top * HEIGHT;
        // Writing to a String cannot fail.
        let _ = write!(points, "{:.1},{y:.1} ", x(*at));
    }
    let width = WIDTH + 112.0;
    format!(
        "<svg style=\"position:absolute;left:0;top:0\" width=\"{width}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {width} {HEIGHT}\"><polyline points=\"{points}\" fill=\"none\" \
         stroke=\"{color}\" stroke-width=\"2\"/></svg>{scale}"
    )
}

fn legend(t: &Tokens, chart: &Chart) -> String {
    let mut out = String::from("<div style=\"margin-top:10px\">");
    let mut entry = |name: &str, color: Color32| {
        let _ = write!(
            out,
            "<span style=\"display:inline-block;width:10px;height:10px;border-radius:3px;background:{}\"></span> \
             <span style=\"display:inline-block;margin-right:16px\">{}</span>",
            hex(color),
            escape(name)
        );
    };
    for (name, tone) in chart.colors() {
        entry(name, color(t, tone));
    }
    if let Some(curve) = &chart.curve {
        entry(lang::say(curve.name), t.accent_text);
    }
    out + "</div>"
}

pub fn of_counts(g: &Graphs, separate: bool) -> Saved {
    let counts = card_counts(g, separate);
    let total: u32 = counts.iter().map(|(_, n, _)| n).sum();
    let mut table = String::from("kind,cards\n");
    for (name, count, _) in &counts {
        let _ = writeln!(table, "{name},{count}");
    }
    Saved {
        table,
        title: GraphId::CardCounts.title(),
        line: tn!(u64::from(total), "{n} card", "{n} cards"),
        body: Box::new(move |t| {
            let mut out = format!("<div style=\"position:relative;width:{WIDTH}px;height:30px\">");
            let mut x = 0.0;
            for (_, count, tone) in &counts {
                let w = f64::from(*count) / f64::from(total.max(1)) * WIDTH;
                let fill = format!("background:{}", hex(color(t, *tone)));
                out += &place(x, 0.0, w, 28.0, &fill, "");
                x += w;
            }
            out += "</div>";
            let rows = counts.iter().map(|(name, count, _)| {
                let share = f64::from(*count) / f64::from(total.max(1)) * 100.0;
                vec![
                    kind_name(name).to_owned(),
                    number(u64::from(*count)),
                    t!("{number}%", number = decimal(share, 2)),
                ]
            });
            out + &html_table(t, &["", t!("Cards"), t!("Share" in "part")], rows)
        }),
    }
}

pub fn of_retention(g: &Graphs, all: bool) -> Saved {
    let rows = retention_rows(g, all);
    let mut table = String::from("period,young passed,young failed,mature passed,mature failed\n");
    for (name, of) in &rows {
        let _ = writeln!(
            table,
            "{name},{},{},{},{}",
            of.young_passed, of.young_failed, of.mature_passed, of.mature_failed
        );
    }
    Saved {
        table,
        title: GraphId::TrueRetention.title(),
        line: GraphId::TrueRetention.explanation().to_owned(),
        body: Box::new(move |t| {
            let [young, mature, total, count] = RETENTION_COLUMNS.map(lang::say);
            let rows = rows.iter().map(|(name, of)| {
                let mut cells = vec![lang::say(name).to_owned()];
                cells.extend(retention_cells(of));
                cells
            });
            html_table(t, &["", young, mature, total, count], rows)
        }),
    }
}

fn html_table(t: &Tokens, head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let cell = |n: usize, words: &str, color: Color32| {
        let align = if n == 0 { "left" } else { "right" };
        format!(
            "<td style=\"text-align:{align};padding:5px 18px 5px 0;color:{};border-top:1px solid {}\">{}</td>",
            hex(color),
            hex(t.border),
            escape(words)
        )
    };
    let mut out = String::from("<table style=\"margin-top:10px;border-collapse:collapse\"><tr>");
    for (n, words) in head.iter().enumerate() {
        out += &cell(n, words, t.text2);
    }
    for row in rows {
        out += "</tr><tr>";
        for (n, words) in row.iter().enumerate() {
            out += &cell(n, words, t.text);
        }
    }
    out + "</tr></table>"
}

pub fn of_calendar(days: &[(Date, u64)], start: WeekStart) -> Saved {
    let mut table = String::from("date,reviews\n");
    for (date, reviews) in days {
        let _ = writeln!(table, "{date},{reviews}");
    }
    let days = days.to_vec();
    let year = days.first().map_or(0, |(date, _)| date.year());
    Saved {
        table,
        title: GraphId::Calendar.title(),
        line: year.to_string(),
        body: Box::new(move |t| {
            const CELL: f64 = 15.0;
            let most = days.iter().map(|(_, n)| *n).max().unwrap_or(0);
            let mut out = format!(
                "<div style=\"position:relative;width:{}px;height:{}px\">",
                54.0 * CELL,
                7.0 * CELL
            );
            for (date, reviews) in &days {
                let (week, weekday) = super::calendar::place(*date, start);
                let fill = format!(
                    "border-radius:3px;background:{}",
                    hex(shade(t, *reviews, most))
                );
                let (x, y) = (f64::from(week) * CELL, f64::from(weekday) * CELL);
                out += &place(x, y, CELL - 3.0, CELL - 3.0, &fill, "");
            }
            out + "</div>"
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::charts;
    use super::*;

    #[test]
    fn the_picture_has_the_scale_of_the_running_total() {
        let g = Graphs {
            added: [(-2, 100), (-1, 100), (0, 100)].into_iter().collect(),
            ..Graphs::default()
        };
        let charts = charts::all(&g, &charts::Choices::default());
        let added = charts.iter().find(|chart| chart.graph == GraphId::Added);
        let picture = of_chart(added.unwrap()).picture(false);
        assert!(picture.contains(">100<"), "that of the bars: {picture}");
        assert!(picture.contains(">300<"), "that of the line: {picture}");
    }
}
