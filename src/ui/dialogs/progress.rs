//! Progress of a job that has the collection: bar, counted detail, time left, Cancel and what
//! Cancel means. Whoever shows it waits 300 ms first, so that short work shows nothing.

use crate::base::job::ProgressView;
use crate::base::{count, lang};
use crate::t;
use crate::ui::theme::{Tokens, font, sp, time};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::{dialog, progress, text};
use eframe::egui::{Align, Context, Rect, pos2, vec2};

/// What the dialog says; made anew each frame from the job board.
#[derive(Debug, Clone, PartialEq)]
pub struct ProgressBox<'a> {
    /// What and object: "Importing Spanish 5000.colpkg".
    pub title: &'a str,
    pub view: ProgressView,
    /// Seconds since the present stage began.
    pub elapsed: f64,
    /// What Cancel means: "Nothing changes until it is done."
    pub note: &'a str,
    /// False while a step runs that cannot be stopped half-way.
    pub can_cancel: bool,
}

impl ProgressBox<'_> {
    /// Shows it for this frame; true when Cancel was pressed.
    pub fn show(&self, ctx: &Context, id: &str) -> bool {
        let v = self.view;
        #[expect(clippy::cast_precision_loss, reason = "a bar of some hundred pixels")]
        let fraction = (v.total > 0).then(|| v.done as f32 / v.total as f32);
        let shown = dialog::show(ctx, id, 460.0, |ui| {
            let t = Tokens::of(ui);
            let title = lang::known(self.title);
            let said = text::paragraph_in(ui, &title, font::dialog_title(), t.text);
            dialog::named_by(ui, &said);
            ui.add_space(sp::M);
            progress::bar(ui, fraction, &title);
            ui.add_space(sp::S);
            let (_, line) = ui.allocate_space(vec2(ui.available_width(), 20.0));
            let mut room = line;
            if let Some(left) = time_left(v, self.elapsed) {
                let left = text::label(ui, line, Align::Max, &left, font::small(), t.text3);
                room.max.x = left.rect.min.x - sp::S;
            }
            text::label(ui, room, Align::Min, &detail(v), font::small(), t.text2);
            let can = self.can_cancel && !v.cancelled;
            let words = if v.cancelled {
                t!("Cancelling…")
            } else {
                t!("Cancel")
            };
            let footer = dialog::footer(ui, vec![], vec![Button::new(words).enabled(can)]);
            let button = &footer.choices[0];
            let r = Rect::from_min_max(
                pos2(line.min.x, button.rect.min.y),
                pos2(button.rect.min.x - sp::S, button.rect.max.y),
            );
            text::label(ui, r, Align::Min, self.note, font::caption(), t.text3);
            footer.focus_choice(0);
            can && footer.chosen(0)
        });
        ctx.request_repaint_after(std::time::Duration::from_millis(100));
        // A click beside the sheet must not cancel half an hour of work; Esc and the button do.
        let esc = shown.dismissed && !ctx.input(|i| i.pointer.any_click());
        shown.inner || (esc && self.can_cancel && !v.cancelled)
    }
}

/// "Copying media: 3,104 of 5,012".
#[must_use]
pub fn detail(v: ProgressView) -> String {
    let stage = if v.stage.is_empty() {
        t!("Working")
    } else {
        lang::say(v.stage)
    };
    let amount = match v.in_bytes {
        true => text::bytes,
        false => text::number,
    };
    match (v.done, v.total) {
        (0, 0) => format!("{stage}…"),
        (done, 0) => format!("{stage}: {}", amount(done)),
        (done, total) => {
            let (done, total) = (amount(done.min(total)), amount(total));
            t!("{stage}: {done} of {total}", stage, done, total)
        }
    }
}

/// "about 20 s left", once enough is known to say so, and unless it was cancelled.
#[must_use]
pub fn time_left(v: ProgressView, elapsed: f64) -> Option<String> {
    let known = v.total > 0 && v.done > 0 && elapsed >= time::ETA_AFTER;
    if !known || v.done >= v.total || v.cancelled {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let secs = elapsed * (v.total - v.done) as f64 / v.done as f64;
    Some(match secs {
        s if s < 5.0 => t!("a few seconds left").to_owned(),
        s if s < 60.0 => t!(
            "about {n} s left",
            n = count::decimal((s / 5.0).ceil() * 5.0, 0)
        ),
        s if s < 3600.0 => t!(
            "about {n} min left",
            n = count::decimal((s / 60.0).ceil(), 0)
        ),
        _ => t!("more than an hour left").to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(stage: &'static str, done: u64, total: u64) -> ProgressView {
        ProgressView {
            stage,
            done,
            total,
            in_bytes: false,
            cancelled: false,
        }
    }

    #[test]
    fn details_count() {
        assert_eq!(
            detail(view("Copying media", 3104, 5012)),
            "Copying media: 3,104 of 5,012"
        );
        let bytes = ProgressView {
            in_bytes: true,
            ..view("Fetching the files", 174_950_695, 234_333_101)
        };
        assert_eq!(detail(bytes), "Fetching the files: 174.9 MB of 234.3 MB");
        assert_eq!(detail(view("Reading", 0, 0)), "Reading…");
        assert_eq!(detail(view("", 0, 0)), "Working…");
        assert_eq!(detail(view("Reading", 7, 0)), "Reading: 7");
    }

    #[test]
    fn time_left_is_told_late_and_roughly() {
        assert_eq!(time_left(view("", 10, 100), 2.0), None);
        assert_eq!(time_left(view("", 0, 100), 10.0), None);
        assert_eq!(
            time_left(view("", 50, 100), 18.0).as_deref(),
            Some("about 20 s left")
        );
        assert_eq!(
            time_left(view("", 98, 100), 20.0).as_deref(),
            Some("a few seconds left")
        );
        assert_eq!(
            time_left(view("", 10, 100), 20.0).as_deref(),
            Some("about 3 min left")
        );
        let cancelled = ProgressView {
            cancelled: true,
            ..view("", 10, 100)
        };
        assert_eq!(time_left(cancelled, 20.0), None);
    }
}
