//! Single snapshots of a place are deleted by hand, damaged ones too: until then all that is left
//! counts as damaged, and nothing goes by the rules.

use super::model;
use crate::service::event::Event;
use crate::service::request::Request;
use crate::service::vaults::{Deletable, Place, VaultEvent, VaultRequest};
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow, Question};
use crate::ui::dialogs::{Confirm, Weight};
use crate::ui::theme::{Tokens, font, radius, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::{Cut as _, check, dialog, surface, text};
use crate::{t, tn};
use eframe::egui::{Align, Context, ScrollArea, Ui, UiBuilder, vec2};
use jiff::Zoned;
use std::collections::BTreeSet;

const WIDTH: f32 = 580.0;
const ROW: f32 = 28.0;
const MOST_ROWS: usize = 10;

/// See the module header.
pub(super) struct DeleteSnapshots {
    address: String,
    title: String,
    asked: bool,
    /// None until they are known.
    snapshots: Option<Vec<Deletable>>,
    /// The ids of those that are to go.
    ticked: BTreeSet<String>,
    /// Why they cannot be looked at.
    problem: String,
}

enum Choice {
    Cancel,
    Delete,
}

impl DeleteSnapshots {
    pub(super) fn of(place: &Place) -> Self {
        Self {
            address: place.address.clone(),
            title: place.entry.destination.label(),
            asked: false,
            snapshots: None,
            ticked: BTreeSet::new(),
            problem: String::new(),
        }
    }

    fn content(&mut self, ui: &mut Ui, now: &Zoned, is_alarmed: bool) -> Option<Choice> {
        let t = Tokens::of(ui);
        dialog::title(ui, t!("Delete snapshots"));
        text::paragraph_in(ui, &self.title, font::small(), t.text2);
        ui.add_space(sp::M);
        let about = t!(
            "Damaged ones cannot be restored whole, and until they are deleted nothing goes by the rules."
        );
        text::paragraph_in(ui, about, font::body(), t.text);
        ui.add_space(sp::S);
        self.list(ui, now);
        ui.add_space(sp::S);
        if is_alarmed {
            let words = t!("Nothing goes until the question about what changed is answered.");
            text::paragraph_in(ui, words, font::small(), t.danger);
        }
        let delete = Button::new(t!("Delete…"))
            .kind(Kind::Primary)
            .enabled(!self.ticked.is_empty() && !is_alarmed);
        let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), delete]);
        match () {
            () if footer.chosen(0) => Some(Choice::Cancel),
            () if footer.chosen(1) && !self.ticked.is_empty() && !is_alarmed => {
                Some(Choice::Delete)
            }
            () => None,
        }
    }

    fn list(&mut self, ui: &mut Ui, now: &Zoned) {
        let t = Tokens::of(ui);
        let Some(snapshots) = &self.snapshots else {
            let (words, color) = match self.problem.as_str() {
                "" => (t!("Looking…"), t.text2),
                problem => (problem, t.danger),
            };
            text::paragraph_in(ui, words, font::small(), color);
            return;
        };
        let high = snapshots.len().clamp(1, MOST_ROWS) as f32 * ROW + 12.0;
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), high));
        surface::fill(ui, r, radius::CARD, t.surface);
        surface::outline(ui, r, radius::CARD, t.border);
        if snapshots.is_empty() {
            let words = t!("Nothing was saved there yet");
            text::label(ui, r, Align::Center, words, font::body(), t.text3);
            return;
        }
        let inner = r.pad(10.0, 6.0);
        let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt("deletable"));
        child.set_clip_rect(inner.intersect(ui.clip_rect()));
        child.spacing_mut().item_spacing = vec2(0.0, 0.0);
        let ticked = &mut self.ticked;
        ScrollArea::vertical().auto_shrink(false).show_rows(
            &mut child,
            ROW,
            snapshots.len(),
            |ui, range| {
                for n in range {
                    let Some(one) = snapshots.get(n) else {
                        continue;
                    };
                    let (_, line) = ui.allocate_space(vec2(inner.width(), ROW));
                    let words = model::deletable(n, one, snapshots, now);
                    if one.is_newest {
                        let line = line.with_min_x(line.min.x + 24.0);
                        text::label(ui, line, Align::Min, &words, font::body(), t.text2);
                        continue;
                    }
                    let id = &one.snapshot.id;
                    let mut is = ticked.contains(id);
                    let at = UiBuilder::new().max_rect(line).id_salt(id);
                    if check::checkbox(&mut ui.new_child(at), &mut is, &words).changed() {
                        match is {
                            true => ticked.insert(id.clone()),
                            false => ticked.remove(id),
                        };
                    }
                }
            },
        );
    }

    fn question(&self) -> Question {
        let n = self.ticked.len() as u64;
        let confirm = Confirm {
            title: tn!(n, "Delete {n} snapshot?", "Delete {n} snapshots?"),
            body: t!(
                "What only they hold is gone for good: nobody can restore it from there any more. The \
                 other snapshots stay as they are."
            )
            .into(),
            cancel: t!("Cancel").into(),
            action: t!("Delete").into(),
            weight: Weight::Destructive,
            ..Confirm::default()
        };
        let request = Request::Vault(VaultRequest::Forget {
            address: self.address.clone(),
            snapshots: self.ticked.iter().cloned().collect(),
        });
        Question::new(confirm, Action::Ask(request))
    }
}

impl Dialog for DeleteSnapshots {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        if !std::mem::replace(&mut self.asked, true) {
            let address = self.address.clone();
            cx.ask(Request::Vault(VaultRequest::LookAtEach { address }));
        }
        let now = cx.clock.local(cx.now);
        let is_alarmed = cx.model.backup.alarm.is_some();
        let shown = dialog::show(ctx, id, WIDTH, |ui| self.content(ui, &now, is_alarmed));
        match shown.inner {
            Some(Choice::Delete) => {
                cx.open(self.question());
                Flow::Close
            }
            Some(Choice::Cancel) => Flow::Close,
            None if shown.dismissed => Flow::Close,
            None => Flow::Stay,
        }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            // What is told of another place, asked about before, is not of this one.
            Event::Vault(VaultEvent::Deletable { address, snapshots })
                if *address == self.address =>
            {
                self.snapshots = Some(snapshots.clone());
            }
            Event::Vault(VaultEvent::NotLooked(message)) if self.snapshots.is_none() => {
                self.problem = message.why();
            }
            _ => {}
        }
        Flow::Stay
    }
}
