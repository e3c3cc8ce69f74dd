//! Toasts: one line at the bottom that says what was done, with Undo where that helps, or why
//! nothing was done. Never for errors that need a decision; those are dialogs.

use crate::base::lang::known;
use crate::t;
use crate::ui::action::Action;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, radius, size, time};
use crate::ui::widgets::surface::{fill, focus_ring_inside};
use crate::ui::widgets::text::{self, label};
use crate::ui::widgets::{Cut, ic};
use eframe::egui;
use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Area, Context, Id, Order, Rect, Sense, WidgetInfo, pos2, vec2};
use std::collections::VecDeque;
use std::path::PathBuf;

/// See the module header.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    pub words: String,
    pub sign: Sign,
    pub button: Option<(String, ToastAction)>,
    /// Comes after what stands there unread, and again when another takes its place too soon.
    pub waits: bool,
}

/// What stands before the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// A tick: it was done, or it is as it should be.
    Done,
    /// Nothing was done, or not all that was wanted: to know, not to be glad of.
    Note,
}

/// What a toast's button does.
#[derive(Debug, Clone, PartialEq)]
pub enum ToastAction {
    Command(Command),
    /// "Show": the folder that holds what was made.
    OpenFolder(PathBuf),
}

impl Toast {
    /// Something was done.
    #[must_use]
    pub fn new(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            sign: Sign::Done,
            button: None,
            waits: false,
        }
    }
    /// Nothing was done, or something is in the way.
    #[must_use]
    pub fn note(words: impl Into<String>) -> Self {
        Self {
            sign: Sign::Note,
            ..Self::new(words)
        }
    }
    /// After a restore for a trial: that all was right, else what a restore would mend or leave
    /// damaged.
    #[must_use]
    pub fn tried(all_right: &'static str, warnings: &[String]) -> Self {
        if warnings.is_empty() {
            return Self::new(all_right);
        }
        let warnings = warnings.join("; ");
        Self::note(t!(
            "It was restored for a trial, but {what}",
            what = known(&warnings)
        ))
    }
    /// What nobody asked for, and is told once.
    #[must_use]
    pub fn told(words: impl Into<String>) -> Self {
        Self {
            waits: true,
            ..Self::note(words)
        }
    }
    #[must_use]
    pub fn with_undo(mut self) -> Self {
        self.button = Some((t!("Undo").to_owned(), ToastAction::Command(Command::Undo)));
        self
    }
    /// Notes went to the trash: the way to it.
    #[must_use]
    pub fn with_deleted_notes(mut self) -> Self {
        let trash = ToastAction::Command(Command::DeletedNotes);
        self.button = Some((t!("Deleted Notes…").to_owned(), trash));
        self
    }
    #[must_use]
    pub fn showing(mut self, folder: Option<PathBuf>) -> Self {
        self.button = folder.map(|f| (t!("Show").to_owned(), ToastAction::OpenFolder(f)));
        self
    }

    fn stays(&self) -> f64 {
        match &self.button {
            Some(_) => time::TOAST_STAY_UNDO,
            None => time::TOAST_STAY,
        }
    }
}

/// The toast on show. A new one takes the place of the old, but for what [waits](Toast::waits).
#[derive(Debug, Default)]
pub struct Notifications {
    shown: Option<Shown>,
    waiting: VecDeque<Toast>,
}

#[derive(Debug)]
struct Shown {
    toast: Toast,
    since: Option<f64>,
    /// Seconds until now.
    age: f64,
}

/// From the words of a toast to those of its button, in points.
const BEFORE_BUTTON: f32 = 24.0;
/// Seconds in which a toast is read.
const READ: f64 = 2.0;
/// More say nothing that anybody could take in.
const MOST_WAITING: usize = 8;

impl Notifications {
    pub fn push(&mut self, toast: Toast) {
        self.waiting.retain(|other| other.words != toast.words);
        let unread = self
            .shown
            .take()
            .filter(|before| before.age < READ && before.toast.words != toast.words);
        let has_room = self.waiting.len() < MOST_WAITING;
        match unread {
            Some(before) if toast.waits => {
                self.shown = Some(before);
                if has_room {
                    self.waiting.push_back(toast);
                }
            }
            before => {
                let again = before
                    .map(|before| before.toast)
                    .filter(|t| t.waits && has_room);
                if let Some(again) = again {
                    self.waiting.push_front(again);
                }
                self.show(toast);
            }
        }
    }

    /// Something else can be undone now: an Undo that is on show would take that back.
    pub fn forget_undo(&mut self) {
        let shown = self.shown.as_mut().map(|shown| &mut shown.toast);
        for toast in shown.into_iter().chain(&mut self.waiting) {
            let undo = ToastAction::Command(Command::Undo);
            if toast.button.as_ref().is_some_and(|(_, does)| *does == undo) {
                toast.button = None;
            }
        }
    }

    fn show(&mut self, toast: Toast) {
        self.shown = Some(Shown {
            toast,
            since: None,
            age: 0.0,
        });
    }

    fn show_next(&mut self) {
        self.shown = None;
        if let Some(next) = self.waiting.pop_front() {
            self.show(next);
        }
    }

    pub fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context) {
        let now = ctx.input(|i| i.time);
        let Some(Shown { toast, since, age }) = &mut self.shown else {
            return;
        };
        *age = now - *since.get_or_insert(now);
        if *age > toast.stays() {
            self.show_next();
            if self.shown.is_some() {
                ctx.request_repaint();
            }
            return;
        }
        let (hovered, pressed) = show(toast, cx, ctx, *age);
        if hovered {
            *since = Some(now);
        }
        ctx.request_repaint_after_secs((toast.stays() - *age).clamp(0.05, 1.0) as f32);
        if pressed {
            self.show_next();
        }
    }
}

/// Whether it is hovered, whether its button was pressed.
fn show(toast: &Toast, cx: &UiContext<'_>, ctx: &Context, age: f64) -> (bool, bool) {
    let t = Tokens::get(ctx.theme() == egui::Theme::Dark);
    let (bg, fg, link) = t.reversed();
    let window = ctx.content_rect();
    let mut pressed = false;
    let width = |words: &str, font| {
        let words = words.to_owned();
        ctx.fonts_mut(|f| f.layout_no_wrap(words, font, bg).size().x)
    };
    let button_width = toast.button.as_ref().map_or(0.0, |(words, _)| {
        BEFORE_BUTTON + width(words, font::strong())
    });
    let w = (width(&toast.words, font::body()) + 58.0 + button_width).min(window.width() - 32.0);
    let slide = (1.0 - age as f32 / time::TOAST_IN).clamp(0.0, 1.0);
    if slide > 0.0 {
        ctx.request_repaint();
    }
    // Above what answers a card, and how many are left.
    let bar = match cx.route {
        Route::Review => size::STUDY_BAR,
        _ => size::BOTTOM_BAR,
    };
    let bottom = window.max.y - bar - 14.0 + slide * 12.0;
    let r = Rect::from_min_size(
        pos2(
            (window.center().x - w / 2.0).round(),
            (bottom - 46.0).round(),
        ),
        vec2(w, 46.0),
    );
    // No larger than what is seen: an area takes the clicks of all that it covers.
    let area = Area::new(Id::unique("toast"))
        .order(Order::Foreground)
        .fixed_pos(r.min)
        .interactable(true);
    let hovered = area
        .show(ctx, |ui| {
            let whole = ui.allocate_rect(r, Sense::hover());
            ui.painter().add(t.shadow_menu().as_shape(r, radius::CARD));
            fill(ui, r, radius::CARD, bg);
            let mut i = r.pad(16.0, 0.0);
            let sign = match toast.sign {
                Sign::Done => ic::CHECK,
                Sign::Note => ic::INFO,
            };
            let middle = pos2(i.min.x + 8.0, r.center().y);
            text::icon(ui, middle, sign, size::ICON, fg);
            i.cut_left(26.0);
            if let Some((words, action)) = &toast.button {
                // Its words end as far from the edge as the sign begins; eight points around them.
                let mut b = i.cut_right(button_width).pad(0.0, 8.0);
                b.min.x += BEFORE_BUTTON - 8.0;
                b.max.x += 8.0;
                let response = ui.interact(b, ui.scope_id().with("toast button"), Sense::click());
                response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words));
                if response.has_focus() {
                    focus_ring_inside(ui, b, radius::CHIP);
                }
                text::center(ui, b, words, font::strong(), link);
                if response.clicked() {
                    pressed = true;
                    cx.send(match action {
                        ToastAction::Command(c) => Action::Command(*c),
                        ToastAction::OpenFolder(f) => Action::OpenFolder(f.clone()),
                    });
                }
            }
            label(ui, i, Align::Min, &toast.words, font::body(), fg);
            whole.contains_pointer()
        })
        .inner;
    (hovered, pressed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_once_waits_until_it_can_have_been_read() {
        let mut toasts = Notifications::default();
        let told = |words: &str| Toast::told(words);
        let shown = |toasts: &Notifications| toasts.shown.as_ref().map(|s| s.toast.words.clone());
        toasts.push(told("the settings were damaged"));
        toasts.push(told("the backup failed"));
        toasts.push(Toast::new("undone"));
        let mut seen = vec![];
        while let Some(words) = shown(&toasts) {
            seen.push(words);
            toasts.show_next();
        }
        assert_eq!(
            seen,
            ["undone", "the settings were damaged", "the backup failed"]
        );
        // What was asked for is answered first.
        toasts.push(Toast::new("downloaded"));
        toasts.push(told("no more undo"));
        assert_eq!(shown(&toasts).as_deref(), Some("downloaded"));
        toasts.show_next();
        assert_eq!(shown(&toasts).as_deref(), Some("no more undo"));
        toasts.show_next();
        // Read before another came, or told again.
        toasts.push(told("the backup failed"));
        toasts.shown.as_mut().unwrap().age = READ;
        toasts.push(told("no network"));
        toasts.push(told("no network"));
        toasts.show_next();
        assert_eq!(shown(&toasts), None);
    }
}
