//! Custom Study's dialog: one of six ways, with its number, tags or state. It stays open until the
//! worker has done it, and shows why when it did not.

pub mod model;
mod tags;

use crate::base::ids::DeckId;
use crate::domain::custom_study::{CramKind, CustomStudyDefaults};
use crate::service::event::Event;
use crate::service::filtered::{FilteredEvent, FilteredRequest};
use crate::service::request::Request;
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::check::radio;
use crate::ui::widgets::{Kind, Number, dialog, surface, text};
use eframe::egui::{Context, Ui, vec2};
use model::{Form, Way};

const WIDTH: f32 = 480.0;
const NUMBER: f32 = 92.0;

/// Asks for the dialog of a normal deck.
#[must_use]
pub fn open(deck: DeckId) -> Request {
    Request::Filtered(FilteredRequest::LoadCustomStudy { deck })
}

/// See the module header.
pub struct CustomStudyDialog {
    form: Form,
    refused: String,
    waiting: bool,
    /// The number of the way gets the keyboard in the next frame, as in Anki.
    focus: bool,
    /// Enter was pressed in the number: as the button.
    entered: bool,
    /// Tags are chosen on a page of their own.
    choosing_tags: bool,
    filter: String,
}

impl CustomStudyDialog {
    #[must_use]
    pub fn new(defaults: &CustomStudyDefaults) -> Self {
        Self {
            form: Form::new(defaults.clone()),
            refused: String::new(),
            waiting: false,
            focus: true,
            entered: false,
            choosing_tags: false,
            filter: String::new(),
        }
    }

    fn ways(&mut self, ui: &mut Ui) {
        for way in Way::ALL {
            if radio(ui, self.form.way == way, way.label()).clicked() {
                self.focus |= self.form.way != way;
                self.form.way = way;
                self.refused.clear();
            }
        }
        ui.add_space(sp::M);
        inset(ui, |ui| match self.form.way {
            Way::ByStateOrTag => self.state_and_tags(ui),
            way => self.amount(ui, way),
        });
        if !self.refused.is_empty() {
            let t = Tokens::of(ui);
            ui.add_space(sp::S);
            text::paragraph_in(ui, &self.refused, font::small(), t.danger);
        }
    }

    /// The line about what is there, and the number.
    fn amount(&mut self, ui: &mut Ui, way: Way) {
        let t = Tokens::of(ui);
        if let Some(line) = self.form.available_line() {
            text::paragraph_in(ui, &line, font::body(), t.text2);
            ui.add_space(sp::S);
        }
        let (before, after) = way.words();
        let number = Number::new(&before, way.limits());
        let focus = std::mem::take(&mut self.focus);
        self.entered = number_row(ui, &before, &number, self.form.number(), &after, focus);
    }

    fn state_and_tags(&mut self, ui: &mut Ui) {
        let (before, after) = Way::ByStateOrTag.words();
        let name = t!("Number of cards");
        let number = Number::new(name, model::CRAM_LIMIT);
        let focus = std::mem::take(&mut self.focus);
        let limit = &mut self.form.limit;
        self.entered = number_row(ui, &before, &number, limit, &after, focus);
        ui.add_space(sp::XS);
        for kind in CramKind::ALL {
            if radio(ui, self.form.kind == kind, kind.label()).clicked() {
                self.form.kind = kind;
            }
        }
        ui.add_space(sp::S);
        let t = Tokens::of(ui);
        text::paragraph_in(ui, &self.form.tags_line(), font::small(), t.text2);
        ui.add_space(sp::S);
        let choose = Button::new(t!("Choose Tags…")).enabled(!self.form.defaults.tags.is_empty());
        if ui.add(choose).clicked() {
            self.choosing_tags = true;
        }
    }
}

impl Dialog for CustomStudyDialog {
    fn subject(&self) -> Option<String> {
        Some(t!("Custom Study").to_owned())
    }

    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            if self.choosing_tags {
                if tags::page(ui, &mut self.form.defaults.tags, &mut self.filter) {
                    self.choosing_tags = false;
                }
                return;
            }
            dialog::title(ui, t!("Custom Study"));
            self.ways(ui);
            let label = self.form.way.action();
            let ready = !self.waiting && self.form.does_something();
            let action = Button::new(label).kind(Kind::Primary).enabled(ready);
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), action]);
            footer.focus_choice(1);
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            let entered = std::mem::take(&mut self.entered);
            if footer.chosen(1) || entered && ready {
                self.waiting = true;
                self.refused.clear();
                cx.ask(Request::Filtered(FilteredRequest::CustomStudy {
                    deck: self.form.defaults.deck,
                    what: self.form.request(),
                }));
            }
        });
        match (shown.dismissed, self.choosing_tags) {
            // Esc leaves the tags first.
            (true, true) => self.choosing_tags = false,
            (true, false) => return Flow::Close,
            _ => {}
        }
        flow
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Filtered(FilteredEvent::CustomStudyReady { .. }) if self.waiting => {
                return Flow::Close;
            }
            Event::Failed { request, message }
                if matches!(
                    **request,
                    Request::Filtered(FilteredRequest::CustomStudy { .. })
                ) =>
            {
                self.waiting = false;
                self.refused.clone_from(&message.cause);
            }
            _ => {}
        }
        Flow::Stay
    }
}

/// A sheet around the choices of one way.
fn inset(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    surface::inset_frame(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        content(ui);
    });
}

/// A number between words; true when Enter was pressed in it. What is typed counts at once, so that
/// the button can be pressed.
fn number_row(
    ui: &mut Ui,
    before: &str,
    number: &Number<'_>,
    value: &mut i64,
    after: &str,
    focus: bool,
) -> bool {
    let t = Tokens::of(ui);
    let wide = |words: &str| text::width(ui, words, font::body()).ceil() + sp::S;
    let (w, needed) = (wide(before), wide(before) + NUMBER + wide(after));
    let in_one = needed <= ui.available_width();
    if !in_one {
        text::paragraph_in(ui, before, font::body(), t.text);
        ui.add_space(sp::XS);
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        if in_one {
            let (_, r) = ui.allocate_space(vec2(w, size::CONTROL));
            text::left(ui, r, before, font::body(), t.text);
        }
        number.clone().show(ui, NUMBER, value);
        if focus {
            number.focus(ui, *value);
        }
        if let Some(typed) = number.pending(ui, *value) {
            *value = typed;
        }
        ui.add_space(sp::S);
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::CONTROL));
        text::left(ui, r, after, font::body(), t.text);
        number.entered(ui)
    })
    .inner
}
