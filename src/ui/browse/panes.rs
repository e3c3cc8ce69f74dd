//! What stands beside the table or below it: the current note, or the preview; and where that is.

use super::command::BrowseCommand;
use super::{
    BrowseScreen, Focus, PANE, PANE_LEAST, PANE_WHOLE, TABLE_EASY, TABLE_LEAST, TOOLBAR, act,
    splitter,
};
use crate::service::settings::PaneLayout;
use crate::t;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::note_editor::form;
use crate::ui::theme::{Tokens, size};
use crate::ui::widgets::surface::hline;
use crate::ui::widgets::{Button, Cut, button, ic, menu};
use eframe::egui::{Align, Rect, Ui, UiBuilder, vec2};

/// Heights of panes below each other, in points.
const TABLE_LOW: f32 = 220.0;
const PANE_LOW: f32 = 220.0;
/// The usual part of a pane below the table.
const PANE_SHARE: f32 = 0.48;

/// Where the note or preview stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Beside,
    Below,
}

impl BrowseScreen {
    /// Where the note or preview stands in `r`, elsewhere than chosen when there is room for it only
    /// there; None where there is none at all.
    pub(super) fn pane_place(&self, window: Rect, r: Rect) -> Option<Place> {
        let beside = r.width() >= TABLE_LEAST + PANE_LEAST;
        let below = r.height() >= TABLE_LOW + PANE_LOW;
        let wanted = match self.panes {
            PaneLayout::Vertical => Place::Below,
            PaneLayout::Horizontal => Place::Beside,
            PaneLayout::Automatic if window.height() > window.width() => Place::Below,
            PaneLayout::Automatic => Place::Beside,
        };
        match (wanted, beside, below) {
            (Place::Beside, false, true) => Some(Place::Below),
            (Place::Below, true, false) => Some(Place::Beside),
            _ => (beside || below || self.preview.shown).then_some(wanted),
        }
    }

    pub(super) fn cut_pane(&self, r: &mut Rect, place: Place) -> Rect {
        match place {
            Place::Beside => {
                let mut wide = self.pane_width;
                if wide == PANE {
                    // Nobody said how wide: in narrow windows the table needs the room more.
                    wide = wide.min((r.width() - TABLE_EASY).max(PANE_WHOLE));
                }
                let most = (r.width() - TABLE_LEAST).max(PANE_LEAST);
                r.cut_right(wide.clamp(PANE_LEAST, most).round())
            }
            Place::Below => {
                let most = (r.height() - TABLE_LOW).max(PANE_LOW);
                let wanted = self.pane_height.unwrap_or(r.height() * PANE_SHARE);
                r.cut_bottom(wanted.clamp(PANE_LOW, most).round())
            }
        }
    }

    /// The line between table and pane; over both, so that it can be taken.
    pub(super) fn pane_edge(&mut self, ui: &Ui, pane: Rect, place: Place) {
        let done = match place {
            Place::Beside => {
                let (by, done) = splitter::at(ui, pane.min.x, pane, t!("Pane width"));
                if by != 0.0 {
                    self.pane_width = pane.width() - by;
                }
                done
            }
            Place::Below => {
                let (by, done) = splitter::across(ui, pane.min.y, pane, t!("Pane height"));
                if by != 0.0 {
                    self.pane_height = Some(pane.height() - by);
                }
                done
            }
        };
        self.keep |= done;
    }

    /// What stands beside the table or below it.
    pub(super) fn pane_ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, pane: Rect) {
        // While the current row is on its way the pane stays as it is.
        if let Some(row) = self.results.current() {
            let note = Some(row.note).filter(|note| note.0 != 0);
            self.panel.show(cx, note, row.card_type);
        } else if self.results.selection.current().is_none() {
            self.panel.show(cx, None, 0);
        }
        if self.preview.shown {
            let card = self.results.current().map(|row| row.card);
            let version = self.results.version();
            if let Some(turn) = self.preview.ui(cx, ui, pane, (card, version)) {
                self.turn(turn);
            }
            // A click on the card or its buttons leaves the arrow keys to it.
            let clicked = ui.input(|i| i.pointer.any_click().then(|| i.pointer.interact_pos()));
            if !cx.covered && clicked.flatten().is_some_and(|at| pane.contains(at)) {
                self.focus = Some(Focus::Table);
            }
        } else {
            self.editor(cx, ui, pane);
        }
    }

    /// The current note, to be edited.
    fn editor(&mut self, cx: &UiContext<'_>, ui: &mut Ui, mut r: Rect) {
        let mut bar = r.cut_top(TOOLBAR).pad(form::MARGIN, 0.0);
        let more = bar.cut_right(size::CONTROL);
        let more = Button::icon_only(ic::MORE, t!("More")).place(
            ui,
            Rect::from_center_size(
                more.center(),
                vec2(size::CONTROL_SMALL, size::CONTROL_SMALL),
            ),
        );
        menu::popup(&more, |ui| act::row_menu(cx, ui));
        let command = Command::Browse(BrowseCommand::Preview);
        let (tip, keys) = (command.info().tooltip, command.shown_keys());
        let preview = Button::new(t!("Preview"))
            .height(size::CONTROL_SMALL)
            .tip_key(tip, &keys)
            .enabled(!self.results.is_empty());
        if button::row(ui, bar, Align::Min, vec![preview])
            .first()
            .is_some_and(|b| b.clicked())
        {
            cx.command(command);
        }
        hline(ui, r, r.min.y, Tokens::of(ui).border);
        let place = UiBuilder::new().max_rect(r).id_salt("note");
        ui.scope_builder(place, |ui| {
            ui.set_clip_rect(r);
            self.panel.ui(cx, ui);
        });
    }
}
