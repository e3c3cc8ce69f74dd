//! What stays at a place: which snapshots, and how much room they may take. What that would delete
//! now is shown on request.

use super::mail::{aside, row};
use super::model;
use crate::base::lang;
use crate::service::event::Event;
use crate::service::request::Request;
use crate::service::vaults::{Keep, Place, Retention, Tidied, VaultEvent, VaultRequest};
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, radius, size, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::number::Number;
use crate::ui::widgets::{Cut as _, check, dialog, field, surface, text};
use crate::{mark, t};
use eframe::egui::{Align, Context, Rect, ScrollArea, Ui, UiBuilder, vec2};
use jiff::Zoned;

const WIDTH: f32 = 580.0;
const ROW: f32 = 24.0;
const MOST_ROWS: usize = 6;
const ABOUT: &str = mark!(
    "After each copy, what is not to stay is deleted there. The newest snapshot and \
    those of other profiles always stay."
);
/// Of those that are offered first.
const LAST: u32 = 30;
const CALENDAR: [u32; 3] = [14, 12, 24];
const MEGABYTE: u64 = 1_000_000;
const GIGABYTE: u64 = 1_000 * MEGABYTE;
const NUMBER: f32 = 80.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    All,
    LikeBackups,
    Calendar,
    Last,
}

const WAYS: [(Way, &str); 4] = [
    (Way::All, mark!("All")),
    (Way::LikeBackups, mark!("As the backups on this computer")),
    (Way::Calendar, mark!("Daily, weekly, monthly")),
    (Way::Last, mark!("The last ones")),
];

/// See the module header.
pub struct WhatStays {
    address: String,
    title: String,
    way: Way,
    calendar: [u32; 3],
    last: u32,
    limited: bool,
    number: i64,
    unit: u64,
    busy: bool,
    /// What was asked about, and what it would do.
    seen: Option<(Retention, Box<Tidied>)>,
    asked: Retention,
    /// Why it could not be looked at.
    problem: String,
}

enum Choice {
    Cancel,
    Look,
    Save,
}

impl WhatStays {
    pub fn of(place: &Place) -> Self {
        let Retention { keep, quota } = place.entry.retention;
        let (mut calendar, mut last) = (CALENDAR, LAST);
        let way = match keep {
            Keep::All => Way::All,
            Keep::LikeBackups => Way::LikeBackups,
            Keep::Calendar {
                daily,
                weekly,
                monthly,
            } => {
                calendar = [daily, weekly, monthly];
                Way::Calendar
            }
            Keep::Last(n) => {
                last = n;
                Way::Last
            }
        };
        let used = place.entry.space.map_or(0, |space| space.bytes);
        // A quota that nobody set yet has room for what is there.
        let offered = quota.unwrap_or(GIGABYTE.max(used / GIGABYTE * 2 * GIGABYTE));
        let unit = match offered % GIGABYTE {
            0 => GIGABYTE,
            _ => MEGABYTE,
        };
        Self {
            address: place.address.clone(),
            title: place.entry.destination.label(),
            way,
            calendar,
            last,
            limited: quota.is_some(),
            number: i64::try_from(offered.div_ceil(unit)).unwrap_or(1),
            unit,
            busy: false,
            seen: None,
            asked: place.entry.retention,
            problem: String::new(),
        }
    }

    fn retention(&self) -> Retention {
        let [daily, weekly, monthly] = self.calendar;
        let keep = match self.way {
            Way::All => Keep::All,
            Way::LikeBackups => Keep::LikeBackups,
            Way::Calendar => Keep::Calendar {
                daily,
                weekly,
                monthly,
            },
            Way::Last => Keep::Last(self.last),
        };
        let number = u64::try_from(self.number).unwrap_or(1).max(1);
        let quota = self.limited.then(|| number.saturating_mul(self.unit));
        Retention { keep, quota }
    }

    fn rules(&mut self, ui: &mut Ui) {
        row(ui, t!("Snapshots that stay"), |ui, width| {
            let ways = WAYS.map(|(way, words)| (way, lang::say(words)));
            field::combo(ui, t!("Snapshots that stay"), width, &mut self.way, &ways);
        });
        match self.way {
            Way::All | Way::LikeBackups => {}
            Way::Last => row(ui, t!("How many"), |ui, _| {
                number(ui, t!("How many snapshots"), 1..=1000, &mut self.last);
                aside(ui, t!("snapshots"));
            }),
            Way::Calendar => row(ui, t!("How many"), |ui, _| {
                let words = [t!("days,"), t!("weeks,"), t!("months")];
                let names = [
                    t!("Daily snapshots"),
                    t!("Weekly snapshots"),
                    t!("Monthly snapshots"),
                ];
                for ((value, words), name) in self.calendar.iter_mut().zip(words).zip(names) {
                    number(ui, name, 0..=999, value);
                    aside(ui, words);
                }
            }),
        }
        row(ui, t!("Space" in "disk"), |ui, _| {
            let words = t!("Not more than");
            let wide = text::width(ui, words, font::body()) + 38.0;
            let (_, r) = ui.allocate_space(vec2(wide, size::CONTROL));
            let line = Rect::from_center_size(r.center(), vec2(wide, check::HEIGHT));
            let mut child = ui.new_child(UiBuilder::new().max_rect(line));
            check::checkbox(&mut child, &mut self.limited, words);
            if self.limited {
                Number::new(t!("Quota"), 1..=999_999).show(ui, NUMBER, &mut self.number);
                ui.add_space(sp::S);
                let units = [(MEGABYTE, t!("MB")), (GIGABYTE, t!("GB"))];
                field::combo(ui, t!("Unit of the quota"), NUMBER, &mut self.unit, &units);
            }
        });
    }

    /// What would go, once it is known.
    fn preview(&self, ui: &mut Ui, now: &Zoned, is_alarmed: bool) {
        let t = Tokens::of(ui);
        let seen = self.seen.as_ref();
        let Some((_, tidied)) = seen.filter(|(asked, _)| *asked == self.retention()) else {
            let (words, color) = match () {
                () if self.busy => (t!("Looking…"), t.text2),
                () if !self.problem.is_empty() => (self.problem.as_str(), t.danger),
                () => (lang::say(ABOUT), t.text2),
            };
            text::paragraph_in(ui, words, font::small(), color);
            return;
        };
        let (mut words, bad) = model::would_stay(tidied);
        if is_alarmed {
            words = t!(
                "Nothing goes until the question about what changed is answered. After that: {words}",
                words
            );
        }
        let color = if bad { t.danger } else { t.text2 };
        text::paragraph_in(ui, &words, font::small(), color);
        let lines = model::each_stays(tidied, now);
        if lines.is_empty() {
            return;
        }
        ui.add_space(sp::S);
        let high = lines.len().min(MOST_ROWS) as f32 * ROW + 12.0;
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), high));
        surface::fill(ui, r, radius::CARD, t.surface);
        surface::outline(ui, r, radius::CARD, t.border);
        let inner = r.pad(10.0, 6.0);
        let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt("what goes"));
        child.set_clip_rect(inner.intersect(ui.clip_rect()));
        child.spacing_mut().item_spacing = vec2(0.0, 0.0);
        ScrollArea::vertical().auto_shrink(false).show_rows(
            &mut child,
            ROW,
            lines.len(),
            |ui, range| {
                for (words, goes) in lines.get(range).unwrap_or_default() {
                    let (_, line) = ui.allocate_space(vec2(inner.width(), ROW));
                    let color = if *goes { t.text } else { t.text2 };
                    text::label(ui, line, Align::Min, words, font::small(), color);
                }
            },
        );
    }

    fn content(&mut self, ui: &mut Ui, now: &Zoned, is_alarmed: bool) -> Option<Choice> {
        let t = Tokens::of(ui);
        dialog::title(ui, t!("What stays there"));
        text::paragraph_in(ui, &self.title, font::small(), t.text2);
        ui.add_space(sp::M);
        self.rules(ui);
        ui.add_space(sp::XS);
        self.preview(ui, now, is_alarmed);
        ui.add_space(-sp::S);
        let look = Button::ghost(t!("What would go")).enabled(!self.busy);
        let save = Button::new(t!("Save")).kind(Kind::Primary);
        let footer = dialog::footer(ui, vec![look], vec![Button::new(t!("Cancel")), save]);
        match () {
            () if footer.quiet.iter().any(|button| button.clicked()) => Some(Choice::Look),
            () if footer.chosen(0) => Some(Choice::Cancel),
            () if footer.chosen(1) => Some(Choice::Save),
            () => None,
        }
    }
}

fn number(ui: &mut Ui, name: &str, limits: std::ops::RangeInclusive<i64>, value: &mut u32) {
    let mut n = i64::from(*value);
    if Number::new(name, limits).show(ui, NUMBER, &mut n) {
        *value = u32::try_from(n).unwrap_or(*value);
    }
}

impl Dialog for WhatStays {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let now = cx.clock.local(cx.now);
        let is_alarmed = cx.model.backup.alarm.is_some();
        let shown = dialog::show(ctx, id, WIDTH, |ui| self.content(ui, &now, is_alarmed));
        let address = self.address.clone();
        let retention = self.retention();
        match shown.inner {
            Some(Choice::Cancel) => return Flow::Close,
            Some(Choice::Look) => {
                self.busy = true;
                self.asked = retention;
                self.problem.clear();
                cx.ask(Request::Vault(VaultRequest::PreviewThinning {
                    address,
                    retention,
                }));
            }
            Some(Choice::Save) => {
                cx.ask(Request::Vault(VaultRequest::SetRetention {
                    address,
                    retention,
                }));
                return Flow::Close;
            }
            None => {}
        }
        Flow::close_if(shown.dismissed)
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Vault(VaultEvent::WouldStay(tidied)) if self.busy => {
                self.busy = false;
                self.seen = Some((self.asked, tidied.clone()));
            }
            Event::Vault(VaultEvent::NotLooked(message)) if self.busy => {
                self.busy = false;
                self.problem = message.why();
            }
            _ => {}
        }
        Flow::Stay
    }
}
