//! Both sides have parted and one has to replace the other: what each holds, what each would
//! lose, and Cancel in front unless the server is empty. Both were saved before anybody is asked.

use super::model;
use crate::base::lang;
use crate::service::request::Request;
use crate::service::sync::{MergeReport, Parted, Side, SyncRequest, Way};
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, radius, size, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::{Cut as _, dialog, ic, surface, text};
use crate::{mark, t};
use eframe::egui::{Align, Context, Rect, Ui, pos2, vec2};
use jiff::Zoned;

const WIDTH: f32 = 680.0;
const GAP: f32 = 14.0;
const LINE: f32 = 21.0;
const PARTED: &str = mark!(
    "Changes of both sides cannot be joined any more: fields or templates of a \
    note type changed, the database was repaired, or a backup was brought back."
);
const APART: &str = mark!("Fields or templates of a note type were changed, on one side only.");
const FIRST: &str = mark!("One side has nothing yet: this is the first sync since the login.");
const STRANGERS: &str = mark!(
    "Since the login with this account nothing was synced yet: the server may hold another \
    collection, so one has to replace the other."
);
const EMPTY: &str =
    mark!("One side is empty: it was begun anew, or all that was in it was deleted.");
const FORCED: &str = mark!("You asked for it in the preferences: this sync goes in one direction.");
const MERGE: &str = mark!("Or keep both: only one side changed its note types");
const SAVED: &str =
    mark!("Both are in Backups now, verified: whatever you choose can be taken back.");

/// See the module header.
pub struct ChoiceDialog {
    parted: Parted,
}

impl ChoiceDialog {
    #[must_use]
    pub fn new(parted: Parted) -> Self {
        Self { parted }
    }

    fn content(&self, ui: &mut Ui, now: &Zoned) -> Option<Option<Way>> {
        dialog::title(ui, t!("Which side is to stay?"));
        let empty = self.parted.here.is_empty() || self.parted.there.is_empty();
        let why = match (self.parted.first, empty) {
            _ if self.parted.forced => FORCED,
            (true, true) => FIRST,
            (true, false) => STRANGERS,
            (false, true) => EMPTY,
            (false, false) if self.parted.merge.is_some() => APART,
            (false, false) => PARTED,
        };
        text::paragraph(ui, lang::say(why));
        ui.add_space(sp::M);
        self.columns(ui, now);
        ui.add_space(sp::M);
        let merge = match &self.parted.merge {
            Some(report) => {
                let pressed = merge_row(ui, report);
                ui.add_space(sp::M);
                pressed
            }
            None => false,
        };
        strip(ui);
        let (upload, default) = match self.loses_nothing() {
            true => (Kind::Primary, 2),
            false => (Kind::DangerQuiet, 0),
        };
        let footer = dialog::footer(
            ui,
            vec![],
            vec![
                Button::new(t!("Cancel")),
                Button::new(t!("Keep the server’s (download)"))
                    .kind(Kind::DangerQuiet)
                    .enabled(self.parted.can_download),
                Button::new(t!("Keep this computer’s (upload)"))
                    .kind(upload)
                    .enabled(self.parted.can_upload),
            ],
        );
        footer.focus_choice(default);
        match () {
            () if footer.chosen(0) => Some(None),
            () if merge => Some(Some(Way::Merge)),
            () if self.parted.can_download && footer.chosen(1) => Some(Some(Way::Download)),
            () if self.parted.can_upload && footer.chosen(2) => Some(Some(Way::Upload)),
            () => None,
        }
    }

    /// The server has nothing that an upload could replace.
    fn loses_nothing(&self) -> bool {
        let there = &self.parted.there;
        self.parted.can_upload && there.is_empty() && there.reviews == 0
    }

    fn columns(&self, ui: &mut Ui, now: &Zoned) {
        let sides = [
            (
                t!("This computer"),
                &self.parted.here,
                t!("Lost by a download"),
            ),
            (
                t!("The server"),
                &self.parted.there,
                t!("Lost by an upload"),
            ),
        ];
        let lines = |side: &Side| (model::holds(side, now), model::lost(side));
        let rows = |pick: fn(&(Vec<String>, Vec<String>)) -> usize| {
            let counts = sides.iter().map(|(_, side, _)| pick(&lines(side)));
            counts.max().unwrap_or(0) as f32
        };
        let (holds, lost) = (rows(|l| l.0.len()), rows(|l| l.1.len()));
        let height = 26.0 + 30.0 + holds * LINE + 34.0 + lost * LINE;
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), height));
        let wide = (r.width() - GAP) / 2.0;
        for (nth, (name, side, losing)) in sides.into_iter().enumerate() {
            let x = r.min.x + nth as f32 * (wide + GAP);
            let column = Rect::from_min_size(pos2(x, r.min.y), vec2(wide, height));
            let (has, loses) = lines(side);
            let loss_at = 30.0 + holds * LINE;
            self.column(ui, column, name, &has, loss_at, (losing, &loses));
        }
    }

    fn column(
        &self,
        ui: &Ui,
        r: Rect,
        name: &str,
        has: &[String],
        loss_at: f32,
        (losing, loses): (&str, &[String]),
    ) {
        let t = Tokens::of(ui);
        surface::fill(ui, r, radius::CARD, t.surface);
        surface::outline(ui, r, radius::CARD, t.border);
        let mut inner = r.pad(16.0, 13.0);
        let mut lower = inner;
        lower.min.y += loss_at;
        let title = inner.cut_top(26.0);
        text::label(ui, title, Align::Min, name, font::strong(), t.text);
        for words in has {
            let line = inner.cut_top(LINE);
            text::label(ui, line, Align::Min, words, font::body(), t.text2);
        }
        let title = lower.cut_top(28.0);
        text::label(
            ui,
            title,
            Align::Min,
            losing,
            font::small_strong(),
            t.danger,
        );
        for words in loses {
            let line = lower.cut_top(LINE);
            text::label(ui, line, Align::Min, words, font::body(), t.text);
        }
    }
}

/// The way in which nothing is lost: what it would do, and its button.
fn merge_row(ui: &mut Ui, report: &MergeReport) -> bool {
    let t = Tokens::of(ui);
    let lines = model::merge(report);
    let height = 26.0 + 26.0 + lines.len() as f32 * LINE;
    let (_, r) = ui.allocate_space(vec2(ui.available_width(), height));
    surface::fill(ui, r, radius::CARD, t.surface);
    surface::outline(ui, r, radius::CARD, t.border);
    let mut inner = r.pad(16.0, 13.0);
    let button = Button::primary(t!("Merge both"));
    let wide = button.wanted_width(ui).max(110.0);
    let at = inner.cut_right(wide);
    let at = Rect::from_center_size(at.center(), vec2(wide, size::CONTROL));
    inner.cut_right(12.0);
    let title = inner.cut_top(26.0);
    text::label(
        ui,
        title,
        Align::Min,
        lang::say(MERGE),
        font::strong(),
        t.text,
    );
    for words in &lines {
        let line = inner.cut_top(LINE);
        text::label(ui, line, Align::Min, words, font::small(), t.text2);
    }
    button.place(ui, at).clicked()
}

fn strip(ui: &mut Ui) {
    let t = Tokens::of(ui);
    let (_, mut r) = ui.allocate_space(vec2(ui.available_width(), 20.0));
    let c = pos2(r.min.x + 8.0, r.center().y);
    text::icon_filled(ui, c, ic::CHECK_CIRCLE, size::ICON, t.ok);
    r.cut_left(24.0);
    text::label(ui, r, Align::Min, lang::say(SAVED), font::small(), t.text);
}

impl Dialog for ChoiceDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let now = cx.clock.local(cx.now);
        let shown = dialog::show(ctx, id, WIDTH, |ui| self.content(ui, &now));
        match shown.inner {
            Some(Some(way)) => {
                let server = self.parted.server.clone();
                cx.ask(Request::Sync(SyncRequest::Replace { way, server }));
                Flow::Close
            }
            Some(None) => Flow::Close,
            None if shown.dismissed => Flow::Close,
            None => Flow::Stay,
        }
    }
}
