//! Restore from a copy elsewhere, in three steps: where it is, which snapshot, and where to. Works
//! without a profile, as on a new machine. What is in a snapshot can be explored before.

use super::add::place;
use super::model;
use crate::base::Secret;
use crate::service::event::{BackupEvent, Event, JobEvent};
use crate::service::request::Request;
use crate::service::vaults::{NewPlace, Snapshot, Source, Target, VaultEvent, VaultRequest};
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::profiles::model::{free_name, name_problem};
use crate::ui::theme::{Tokens, font, radius, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::dialog::Footer;
use crate::ui::widgets::field::{Field, is_entered, named};
use crate::ui::widgets::{Cut as _, check, dialog, list, row, surface, text};
use eframe::egui::{Align, Context, ScrollArea, Sense, Ui, UiBuilder, vec2};
use jiff::Zoned;

const WIDTH: f32 = 660.0;
const ROW: f32 = 48.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Where,
    Which,
    To,
}

/// See the module header.
pub struct RestoreElsewhere {
    step: Step,
    address: String,
    account: String,
    password: String,
    shown: bool,
    source: Option<Source>,
    /// Nothing was asked yet of a place that is known.
    unasked: bool,
    busy: bool,
    problem: String,
    snapshots: Vec<Snapshot>,
    selected: usize,
    /// The profile that may be replaced.
    profile: Option<String>,
    over: bool,
    name: String,
    /// Whose field or list was given the keys.
    begun: Option<Step>,
}

/// What was pressed.
enum Choice {
    Cancel,
    Back,
    Look,
    Next,
    Explore,
    Restore,
}

impl RestoreElsewhere {
    /// From a place that is typed. `profile` may be replaced.
    #[must_use]
    pub fn anywhere(profile: Option<String>) -> Self {
        Self {
            step: Step::Where,
            address: String::new(),
            account: String::new(),
            password: String::new(),
            shown: false,
            source: None,
            unasked: false,
            busy: false,
            problem: String::new(),
            snapshots: Vec::new(),
            selected: 0,
            profile,
            over: false,
            name: String::new(),
            begun: None,
        }
    }

    /// From a place in the list of the open profile.
    #[must_use]
    pub fn from_place(address: String, profile: Option<String>) -> Self {
        Self {
            step: Step::Which,
            source: Some(Source::Known { address }),
            unasked: true,
            ..Self::anywhere(profile)
        }
    }

    fn look(&mut self, cx: &UiContext<'_>) {
        if self.step == Step::Where {
            self.source = Some(Source::Typed(NewPlace {
                address: self.address.clone(),
                account: Secret::new(&*self.account),
                password: Secret::new(&*self.password),
            }));
        }
        if let Some(source) = &self.source {
            self.busy = true;
            self.problem.clear();
            cx.ask(Request::Vault(VaultRequest::Look(source.clone())));
        }
    }

    /// Once when a step comes up: its field or list gets the keys, so that Enter leads on.
    fn begins(&mut self) -> bool {
        self.begun.replace(self.step) != Some(self.step)
    }

    /// Source and snapshot that were chosen.
    fn chosen(&self) -> Option<(Source, Box<Snapshot>)> {
        let snapshot = self.snapshots.get(self.selected)?;
        Some((self.source.clone()?, Box::new(snapshot.clone())))
    }

    fn target(&self) -> Target {
        match &self.profile {
            Some(profile) if self.over => Target::Over {
                profile: profile.clone(),
            },
            _ => Target::New {
                name: self.name.trim().to_owned(),
            },
        }
    }

    fn content(&mut self, cx: &UiContext<'_>, ui: &mut Ui) -> Option<Choice> {
        let t = Tokens::of(ui);
        dialog::title(ui, t!("Restore from a copy elsewhere"));
        let step = match self.step {
            Step::Where => t!("Step 1 of 3: where the copy is"),
            Step::Which => t!("Step 2 of 3: which state"),
            Step::To => t!("Step 3 of 3: where it goes"),
        };
        text::paragraph_in(ui, step, font::small(), t.text2);
        ui.add_space(sp::M);
        match self.step {
            Step::Where => self.ask_where(ui),
            Step::Which => self.ask_which(ui, &cx.clock.local(cx.now), cx.model.is_open()),
            Step::To => self.ask_to(cx, ui),
        }
    }

    fn ask_where(&mut self, ui: &mut Ui) -> Option<Choice> {
        let field = place(ui, &mut self.address, &mut self.account, !self.shown);
        if self.begins() {
            field.request_focus();
        }
        named(ui, t!("Password of the vault"));
        let password = Field::new(&mut self.password, t!("Password of the vault"))
            .hidden(!self.shown)
            .show(ui);
        let entered = is_entered(ui, &password);
        ui.add_space(sp::S);
        check::checkbox(ui, &mut self.shown, t!("Show the passwords"));
        self.state(ui, t!("Opening the vault…"));
        let ready = !self.busy && !self.address.trim().is_empty() && !self.password.is_empty();
        let next = Button::new(t!("Next" in "step"))
            .kind(Kind::Primary)
            .enabled(ready);
        let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), next]);
        match () {
            () if footer.chosen(0) => Some(Choice::Cancel),
            () if ready && (footer.chosen(1) || entered) => Some(Choice::Look),
            () => None,
        }
    }

    /// What is the matter, in a line that is always there.
    fn state(&self, ui: &mut Ui, busy: &str) {
        let t = Tokens::of(ui);
        ui.add_space(sp::S);
        let (words, color) = match () {
            () if self.busy => (busy, t.text2),
            () if self.problem.is_empty() => (" ", t.text2),
            () => (self.problem.as_str(), t.danger),
        };
        text::paragraph_in(ui, words, font::small(), color);
    }

    fn ask_which(&mut self, ui: &mut Ui, now: &Zoned, is_open: bool) -> Option<Choice> {
        let entered = self.list(ui, now);
        self.state(ui, t!("Opening the vault…"));
        let some = !self.busy && !self.snapshots.is_empty();
        let typed = matches!(self.source, Some(Source::Typed(_)));
        let quiet = vec![
            Button::ghost(t!("Back" in "step")).enabled(typed && !self.busy),
            Button::ghost(t!("Explore…"))
                .enabled(some && is_open)
                .tip(t!("Look at its notes and take single ones out of it")),
        ];
        let next = Button::new(t!("Next" in "step"))
            .kind(Kind::Primary)
            .enabled(some);
        let footer = dialog::footer(ui, quiet, vec![Button::new(t!("Cancel")), next]);
        match () {
            () if pressed(&footer, 0) => Some(Choice::Back),
            () if pressed(&footer, 1) => Some(Choice::Explore),
            () if footer.chosen(0) => Some(Choice::Cancel),
            () if some && (footer.chosen(1) || entered) => Some(Choice::Next),
            () => None,
        }
    }

    /// True when Enter was pressed on the chosen one.
    fn list(&mut self, ui: &mut Ui, now: &Zoned) -> bool {
        let t = Tokens::of(ui);
        let high = (ui.ctx().content_rect().height() - 330.0).clamp(150.0, 340.0);
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), high));
        surface::fill(ui, r, radius::CARD, t.surface);
        surface::outline(ui, r, radius::CARD, t.border);
        let inner = r.pad(6.0, 6.0);
        let count = self.snapshots.len();
        if count == 0 {
            let words = match self.busy || self.unasked || !self.problem.is_empty() {
                true => "",
                false => t!("Nothing was saved there yet"),
            };
            text::label(ui, r, Align::Center, words, font::body(), t.text3);
            return false;
        }
        let page = (inner.height() / ROW) as usize;
        let at = Some(self.selected);
        let (focus, keys) = list::keys(ui, inner, "snapshots", t!("Snapshots"), count, at, page);
        if self.begins() {
            list::focus_quietly(ui, &focus);
        }
        if let Some(n) = keys.select {
            self.selected = n;
        }
        let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt("snapshot rows"));
        child.set_clip_rect(inner.intersect(ui.clip_rect()));
        child.spacing_mut().item_spacing = vec2(0.0, 0.0);
        let wide = inner.width() - list::bar_room(count, ROW, inner.height());
        ScrollArea::vertical()
            .auto_shrink(false)
            .show_rows(&mut child, ROW, count, |ui, range| {
                for n in range {
                    let (_, line) = ui.allocate_space(vec2(wide, ROW));
                    let is = n == self.selected;
                    let words = model::snapshot(n, |n| self.snapshots.get(n), now);
                    let salt = list::row_salt(n);
                    let response = row::sensed(ui, line, salt, &words[0], is, Sense::CLICK);
                    if is {
                        list::ring(ui, &focus, line);
                    }
                    let mut at = line.pad(10.0, 5.0);
                    text::left(ui, at.cut_top(19.0), &words[0], font::strong(), t.text);
                    text::label(ui, at, Align::Min, &words[1], font::small(), t.text2);
                    if response.clicked() {
                        self.selected = n;
                        list::focus_quietly(ui, &focus);
                    }
                }
            });
        keys.act
    }

    fn ask_to(&mut self, cx: &UiContext<'_>, ui: &mut Ui) -> Option<Choice> {
        let t = Tokens::of(ui);
        let now = cx.clock.local(cx.now);
        for words in model::snapshot(self.selected, |n| self.snapshots.get(n), &now) {
            text::paragraph_in(ui, &words, font::body(), t.text);
        }
        ui.add_space(sp::M);
        if check::radio(ui, !self.over, t!("To a new profile")).clicked() {
            self.over = false;
        }
        let mut entered = false;
        let begins = self.begins();
        if !self.over {
            ui.add_space(sp::XS);
            let name = Field::new(&mut self.name, t!("Name of the new profile")).show(ui);
            entered = is_entered(ui, &name);
            if begins {
                name.request_focus();
            }
        }
        if let Some(profile) = self.profile.clone() {
            ui.add_space(sp::S);
            let words = t!("Replace what is in “{profile}”", profile);
            if check::radio(ui, self.over, &words).clicked() {
                self.over = true;
            }
            if self.over {
                let words =
                    t!("What is there now is backed up first, and the restore can be undone.");
                text::paragraph_in(ui, words, font::small(), t.text2);
            }
        }
        let problem = match self.over {
            true => None,
            false => name_problem(&self.name, &taken(cx)),
        };
        if !self.busy {
            self.problem = problem.clone().unwrap_or_default();
        }
        self.state(ui, t!("Restoring…"));
        let ready = !self.busy && problem.is_none();
        let quiet = vec![Button::ghost(t!("Back" in "step")).enabled(!self.busy)];
        let restore = Button::new(t!("Restore"))
            .kind(Kind::Primary)
            .enabled(ready);
        let footer = dialog::footer(ui, quiet, vec![Button::new(t!("Cancel")), restore]);
        match () {
            () if pressed(&footer, 0) => Some(Choice::Back),
            () if footer.chosen(0) => Some(Choice::Cancel),
            () if ready && (footer.chosen(1) || entered) => Some(Choice::Restore),
            () => None,
        }
    }

    fn act(&mut self, cx: &UiContext<'_>, choice: &Choice) -> Flow {
        match choice {
            Choice::Cancel => return Flow::Close,
            Choice::Back => {
                self.problem.clear();
                self.step = match self.step {
                    Step::To => Step::Which,
                    Step::Which | Step::Where => Step::Where,
                };
            }
            Choice::Look => self.look(cx),
            Choice::Next => {
                let label = self.snapshots.get(self.selected).map(|s| s.label.clone());
                self.name = label.unwrap_or_default();
                let taken = taken(cx);
                if name_problem(&self.name, &taken).is_some() {
                    self.name = free_name(&taken);
                }
                self.step = Step::To;
            }
            Choice::Explore => {
                if let Some((source, snapshot)) = self.chosen() {
                    let fetch = VaultRequest::Fetch { source, snapshot };
                    cx.ask(Request::Vault(fetch));
                    return Flow::Close;
                }
            }
            Choice::Restore => {
                if let Some((source, snapshot)) = self.chosen() {
                    self.busy = true;
                    let target = self.target();
                    cx.ask(Request::Vault(VaultRequest::Restore {
                        source,
                        snapshot,
                        target,
                    }));
                }
            }
        }
        Flow::Stay
    }
}

fn pressed(footer: &Footer, n: usize) -> bool {
    footer.quiet.get(n).is_some_and(|r| r.clicked())
}

/// Names of profiles that are there.
fn taken(cx: &UiContext<'_>) -> Vec<String> {
    let list = cx.model.profiles.ready();
    list.map(|list| list.profiles.iter().map(|p| p.name.clone()).collect())
        .unwrap_or_default()
}

impl Dialog for RestoreElsewhere {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        if std::mem::take(&mut self.unasked) {
            self.look(cx);
        }
        let shown = dialog::show(ctx, id, WIDTH, |ui| self.content(cx, ui));
        match shown.inner {
            Some(choice) => self.act(cx, &choice),
            None if shown.dismissed => Flow::Close,
            None => Flow::Stay,
        }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Vault(VaultEvent::Looked(snapshots)) if self.busy => {
                self.busy = false;
                self.snapshots.clone_from(snapshots);
                // What other programs saved there is seldom what is wanted.
                let ours = self.snapshots.iter().position(|s| !s.label.is_empty());
                self.selected = ours.unwrap_or(0);
                self.step = Step::Which;
            }
            Event::Vault(VaultEvent::NotLooked(message)) if self.busy => {
                self.busy = false;
                self.problem = message.why();
            }
            Event::Vault(VaultEvent::Restored { .. })
            | Event::Backup(BackupEvent::Restored { .. })
                if self.busy =>
            {
                return Flow::Close;
            }
            Event::Job(JobEvent::Failed { .. } | JobEvent::Cancelled { .. })
            | Event::Failed { .. } => self.busy = false,
            _ => {}
        }
        Flow::Stay
    }
}
