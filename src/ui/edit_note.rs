//! Edit Current: the note of the card on show (or one from the Add page's history) on a page of
//! its own. Everything is saved while it is typed; Close goes back.

use crate::base::ids::NoteId;
use crate::service::event::Event;
use crate::service::notes::{NoteEvent, NoteRequest};
use crate::service::request::Request;
use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::note_editor::NotePanel;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::{Cut as _, surface, text};
use eframe::egui::{Align, Key, Modifiers, Rect, Ui, UiBuilder, vec2};

/// Widest page.
const PAGE: f32 = 860.0;

/// See the module header.
#[derive(Default)]
pub struct EditNoteScreen {
    /// Asked and told by [`Screens`](crate::ui::screens::Screens) without this page's help.
    pub panel: NotePanel,
    /// The focus goes into the first field once the note is there.
    focus: bool,
    /// The page was left while a file for the note was on its way.
    is_left: bool,
}

impl EditNoteScreen {
    /// Draws the page into all of `ui`.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, note: NoteId, card_type: usize) {
        self.panel.show(cx, Some(note), card_type);
        if self.focus && self.panel.note() == Some(note) {
            self.focus = false;
            self.panel.focus();
        }
        let taken = self.panel.strip_has_keyboard() || self.panel.offers_tags();
        let keys = !cx.covered && !taken;
        let esc = keys && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
        let t = Tokens::of(ui);
        let mut r = ui.max_rect();
        let foot = r.cut_bottom(size::BOTTOM_BAR);
        surface::hline(ui, foot, foot.min.y, t.border);
        let wide = r.width().min(PAGE);
        let mut page = Rect::from_center_size(r.center(), vec2(wide, r.height()));
        let head = page.cut_top(52.0).pad(20.0, 0.0);
        text::heading(
            ui,
            head,
            Align::Min,
            t!("Edit Current"),
            font::dialog_title(),
            t.text,
        );
        let page = UiBuilder::new().max_rect(page).id_salt("panel");
        ui.scope_builder(page, |ui| self.panel.ui(cx, ui));
        let mut foot = Rect::from_center_size(foot.center(), vec2(wide - 40.0, size::CONTROL));
        let button = Button::new(t!("Close")).tip_key(t!("Back; everything is saved"), "Esc");
        let close = foot.cut_right(button.wanted_width(ui));
        if button.place(ui, close).clicked() || esc {
            cx.send(Action::Back);
        }
    }

    /// The page comes up: the note is loaded anew.
    pub fn enter(&mut self) {
        self.focus = true;
        self.is_left = false;
    }

    /// The page was left.
    pub fn leave(&mut self) {
        self.is_left = self.panel.waits_for_file();
        if !self.is_left {
            self.panel.leave();
        }
    }

    /// The note is on its way.
    #[must_use]
    pub fn awaits_fields(&self) -> bool {
        self.focus
    }

    /// The profile is another one.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    pub fn on_event(&mut self, event: &Event) -> Option<Request> {
        if is_of_no_note(event) {
            self.focus = false;
        }
        let follows = self.panel.on_event(event);
        if self.is_left && !self.panel.waits_for_file() {
            self.is_left = false;
            let with_file = self.panel.unsaved().pop();
            self.panel.leave();
            return with_file.or(follows);
        }
        follows
    }
}

/// A note that was asked for is gone, or could not be read; or nobody answers any more.
fn is_of_no_note(event: &Event) -> bool {
    match event {
        Event::Note(NoteEvent::Gone(_)) | Event::Fault(_) => true,
        Event::Failed { request, .. } => {
            matches!(**request, Request::Note(NoteRequest::Load(_)))
        }
        _ => false,
    }
}
