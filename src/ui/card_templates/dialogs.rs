//! Dialogs of the card templates screen: a card type's deck, its look in the browser's table, and
//! former versions of the note type.

use crate::base::ids::NotetypeId;
use crate::base::lang;
use crate::domain::notetype::{NotetypeVersion, TemplateConfig};
use crate::service::event::Event;
use crate::service::notetypes::NotetypeEvent;
use crate::t;
use crate::ui::action::Action;
use crate::ui::backups::words;
use crate::ui::context::UiContext;
use crate::ui::decks::model::all_rows;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::model::Loadable;
use crate::ui::notetypes::{BrowserLook, Edit};
use crate::ui::theme::{Tokens, font, radius, sp, typeface};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::field::{Field, combo};
use crate::ui::widgets::{Cut as _, Kind, Number, dialog, list, row, surface, text};
use eframe::egui::{Context, ScrollArea, Sense, Ui, vec2};

/// Which deck new cards of a card type go to.
pub(super) struct DeckDialog {
    card_type: String,
    decks: Vec<(i64, String)>,
    chosen: i64,
}

impl DeckDialog {
    pub(super) fn new(cx: &UiContext<'_>, card_type: &str, chosen: i64) -> Self {
        let rows = cx.model.decks.ready().map(|d| all_rows(&d.root));
        let decks = rows.into_iter().flatten().filter(|row| !row.filtered);
        let none = (0, t!("The deck that is chosen when adding").to_owned());
        Self {
            card_type: card_type.to_owned(),
            decks: std::iter::once(none)
                .chain(decks.map(|row| (row.id.0, row.full_name)))
                .collect(),
            chosen,
        }
    }
}

impl Dialog for DeckDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, 460.0, |ui| {
            dialog::title(ui, t!("Deck Override"));
            text::paragraph(
                ui,
                &t!(
                    "New cards of “{card_type}” go to this deck:",
                    card_type = self.card_type
                ),
            );
            ui.add_space(sp::M);
            let choices: Vec<(i64, &str)> = self
                .decks
                .iter()
                .map(|(id, name)| (*id, name.as_str()))
                .collect();
            combo(
                ui,
                t!("Deck"),
                ui.available_width(),
                &mut self.chosen,
                &choices,
            );
            let done = Button::new(t!("Done")).kind(Kind::Primary);
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), done]);
            footer.focus_choice(1);
            if footer.chosen(1) {
                cx.send(Action::Notetype(Edit::DeckOverride(self.chosen)));
            }
            if footer.chosen(0) || footer.chosen(1) {
                flow = Flow::Close;
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }
}

/// Other templates and font for the browser's question and answer columns.
pub(super) struct BrowserDialog {
    card_type: String,
    look: BrowserLook,
}

impl BrowserDialog {
    pub(super) fn new(card_type: &str, config: &TemplateConfig) -> Self {
        Self {
            card_type: card_type.to_owned(),
            look: BrowserLook {
                question: config.q_format_browser.clone(),
                answer: config.a_format_browser.clone(),
                font: config.browser_font_name.clone(),
                size: config.browser_font_size,
            },
        }
    }
}

impl Dialog for BrowserDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, 520.0, |ui| {
            let t = Tokens::of(ui);
            let card_type = &self.card_type;
            dialog::title(ui, &t!("Browser appearance of “{card_type}”", card_type));
            text::paragraph(
                ui,
                t!("Left empty, the card’s own front and back are used."),
            );
            let look = &mut self.look;
            for (name, value) in [
                (t!("Front in the browser"), &mut look.question),
                (t!("Back in the browser"), &mut look.answer),
            ] {
                ui.add_space(sp::M);
                text::paragraph_in(ui, name, font::small_strong(), t.text2);
                ui.add_space(sp::XS);
                Field::new(value, name).rows(3).mono().show(ui);
            }
            ui.add_space(sp::M);
            text::paragraph_in(
                ui,
                t!("Font and size (0: as usual)"),
                font::small_strong(),
                t.text2,
            );
            ui.add_space(sp::XS);
            ui.horizontal(|ui| {
                Field::new(&mut look.font, t!("Font"))
                    .hint("Arial")
                    .width(240.0)
                    .show(ui);
                let mut points = i64::from(look.size);
                if Number::new(t!("Font size"), 0..=99).show(ui, 92.0, &mut points) {
                    look.size = u32::try_from(points).unwrap_or(look.size);
                }
            });
            if typeface::is_missing(ui.ctx(), &look.font) {
                ui.add_space(sp::XS);
                let words = t!("The font is not installed here; the window’s own is used.");
                text::paragraph_in(ui, words, font::small(), t.text3);
            }
            let done = Button::new(t!("Done")).kind(Kind::Primary);
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), done]);
            if footer.chosen(1) {
                cx.send(Action::Notetype(Edit::Browser(self.look.clone())));
            }
            if footer.chosen(0) || footer.chosen(1) {
                flow = Flow::Close;
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }
}

/// Former versions, to look at and to put back.
pub(super) struct VersionsDialog {
    id: NotetypeId,
    versions: Loadable<Vec<NotetypeVersion>>,
    chosen: usize,
}

const LIST: f32 = 230.0;
const HIGH: f32 = 320.0;
const ROW_TWO_LINES: f32 = 44.0;

impl VersionsDialog {
    pub(super) fn new(id: NotetypeId) -> Self {
        Self {
            id,
            versions: Loadable::Loading,
            chosen: 0,
        }
    }

    fn versions_ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, versions: &[NotetypeVersion]) {
        let t = Tokens::of(ui);
        let (_, mut r) = ui.allocate_space(vec2(ui.available_width(), HIGH));
        let left = r.cut_left(LIST);
        r.cut_left(12.0);
        surface::card(ui, left);
        let count = versions.len();
        let at = Some(self.chosen);
        let (focus, keys) = list::keys(ui, left, "versions", t!("Versions"), count, at, 8);
        if let Some(n) = keys.select {
            self.chosen = n;
        }
        let inner = left.pad(6.0, 6.0);
        let wide = inner.width() - list::bar_room(count, ROW_TWO_LINES, inner.height());
        surface::within(ui, inner, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ScrollArea::vertical().auto_shrink(false).show_rows(
                ui,
                ROW_TWO_LINES,
                count,
                |ui, range| {
                    for n in range {
                        let Some(version) = versions.get(n) else {
                            continue;
                        };
                        let (_, line) = ui.allocate_space(vec2(wide, ROW_TWO_LINES));
                        let now = cx.clock.local(cx.now);
                        let when =
                            words::moment_among(n, |n| versions.get(n).map(|v| v.until), &now);
                        let when = words::capital(&when);
                        let origin = lang::known(&version.origin);
                        let origin = t!("before {origin}", origin);
                        let words = format!("{when}, {origin}");
                        let is = n == self.chosen;
                        let salt = list::row_salt(n);
                        let response = row::sensed(ui, line, salt, &words, is, Sense::CLICK);
                        if is {
                            list::ring(ui, &focus, line);
                        }
                        row::two_lines(ui, line.pad(10.0, 0.0), &when, &origin);
                        if response.clicked() {
                            self.chosen = n;
                            list::focus_quietly(ui, &focus);
                        }
                    }
                },
            );
        });
        surface::fill(ui, r, radius::CARD, t.surface);
        surface::outline(ui, r, radius::CARD, t.border);
        let Some(version) = versions.get(self.chosen) else {
            return;
        };
        surface::within(ui, r.pad(12.0, 10.0), |ui| {
            ScrollArea::vertical()
                .auto_shrink(false)
                .id_salt(self.chosen)
                .show(ui, |ui| {
                    let part = |ui: &mut Ui, name: &str, words: &str| {
                        text::paragraph_in(ui, name, font::small_strong(), t.text2);
                        text::paragraph_in(ui, words, font::mono(), t.text);
                        ui.add_space(sp::M);
                    };
                    for template in &version.notetype.templates {
                        let (name, config) = (&template.name, &template.config);
                        part(ui, &t!("{name}: front", name), &config.q_format);
                        part(ui, &t!("{name}: back", name), &config.a_format);
                    }
                    part(ui, t!("Styling"), &version.notetype.config.css);
                });
        });
    }
}

impl Dialog for VersionsDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let Some(versions) = self.versions.ready().cloned() else {
            return Flow::Stay;
        };
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, 720.0, |ui| {
            dialog::title(ui, t!("Template History"));
            if versions.is_empty() {
                text::paragraph(
                    ui,
                    t!(
                        "There is no former version yet. From now on each save keeps what was \
                         there before it."
                    ),
                );
                let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Close"))]);
                if footer.chosen(0) {
                    flow = Flow::Close;
                }
                return;
            }
            self.versions_ui(cx, ui, &versions);
            let back = Button::new(t!("Put back")).kind(Kind::Primary);
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Close")), back]);
            if footer.chosen(1)
                && let Some(version) = versions.get(self.chosen)
            {
                let version = Box::new(version.notetype.clone());
                cx.send(Action::Notetype(Edit::PutBack(version)));
                cx.toast(t!("Put back: look at it and save"));
            }
            if footer.chosen(0) || footer.chosen(1) {
                flow = Flow::Close;
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Notetype(NotetypeEvent::Versions { id, versions }) if *id == self.id => {
                self.versions = Loadable::Ready(versions.clone());
                Flow::Stay
            }
            Event::Failed { .. } if self.versions == Loadable::Loading => Flow::Close,
            _ => Flow::Stay,
        }
    }
}
