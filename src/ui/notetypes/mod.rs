//! Manage Note Types: the list with what can be done to each. The fields of one are `fields`, its
//! card templates `card_templates`; what both edit is `draft`.

mod add;
pub mod draft;
pub mod fields;
mod latex;

use crate::base::ids::NotetypeId;
use crate::domain::notetype::{Notetype, NotetypeUse};
use crate::domain::subject::Subject;
use crate::service::event::{Event, ProfileEvent};
use crate::service::notetypes::{NotetypeEvent, NotetypeRequest};
use crate::service::request::Request;
use crate::ui::action::Action;
use crate::ui::bottom_bar;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{AskText, Question};
use crate::ui::dialogs::{Confirm, Prompt, Weight};
use crate::ui::history::SubjectHistoryDialog;
use crate::ui::model::Loadable;
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::{Cut as _, list, progress, row, surface, text};
use crate::{t, tn};
use draft::Draft;
use eframe::egui::{Align, Key, Layout, Modifiers, Rect, ScrollArea, Sense, Ui, vec2};

/// What a dialog decided about the note type that is being edited.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    AddField(String),
    RenameField(usize, String),
    RemoveField(usize),
    MoveField(usize, usize),
    AddTemplate(String),
    RenameTemplate(String),
    RemoveTemplate,
    MoveTemplate(usize),
    /// Deck for new cards; 0 none.
    DeckOverride(i64),
    Browser(BrowserLook),
    RestoreStock,
    /// Templates and styling of a former version.
    PutBack(Box<Notetype>),
    /// Leave without saving.
    Discard,
}

/// How a card type's sides look in the browser's table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BrowserLook {
    pub question: String,
    pub answer: String,
    pub font: String,
    /// Points; 0 as usual.
    pub size: u32,
}

/// The screen's own state.
#[derive(Debug, Default)]
pub struct NotetypesScreen {
    uses: Loadable<Vec<NotetypeUse>>,
    selected: Option<NotetypeId>,
}

const HEAD: f32 = 60.0;
const COLUMN: f32 = 680.0;
const BUTTONS: f32 = 128.0;

/// What the buttons at the right do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Press {
    Add,
    Rename,
    Delete,
    Fields,
    Cards,
    Options,
    History,
}

impl NotetypesScreen {
    /// Draws the screen into all of `ui`.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let t = Tokens::of(ui);
        let mut r = ui.max_rect();
        let head = r.cut_top(HEAD);
        let foot = r.cut_bottom(size::BOTTOM_BAR);
        surface::hline(ui, head, head.max.y - 1.0, t.border);
        surface::hline(ui, foot, foot.min.y, t.border);
        let mut line = head.pad(24.0, 0.0);
        bottom_bar::sign(cx, ui, &mut line);
        text::heading(
            ui,
            line,
            Align::Min,
            t!("Note Types"),
            font::dialog_title(),
            t.text,
        );
        let close = button::row(
            ui,
            foot.pad(24.0, 0.0),
            Align::Max,
            vec![Button::new(t!("Close"))],
        );
        let esc = cx.keys_free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
        if close[0].clicked() || esc {
            cx.send(Action::Back);
        }
        let Some(uses) = self.uses.ready().cloned() else {
            progress::spinner_at(ui, r.center());
            return;
        };
        let wide = buttons_width(ui);
        let mut page = surface::middle(r.pad(0.0, 20.0), 24.0, COLUMN + wide + 16.0);
        let buttons = page.cut_right(wide);
        page.cut_right(16.0);
        let pressed = self.list(ui, page, &uses);
        let pressed = self.buttons(ui, buttons, uses.len()).or(pressed);
        let chosen = uses.iter().find(|u| Some(u.id) == self.selected);
        match (pressed, chosen) {
            (Some(Press::Add), _) => cx.open(add::AddDialog::new(&uses)),
            (Some(press), Some(chosen)) => act(cx, press, chosen),
            _ => {}
        }
    }

    /// Takes the list in.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Notetype(NotetypeEvent::Listed(uses)) => {
                if !uses.iter().any(|u| Some(u.id) == self.selected) {
                    self.selected = uses.first().map(|u| u.id);
                }
                self.uses = Loadable::Ready(uses.clone());
            }
            Event::Notetype(NotetypeEvent::Added(id)) => self.selected = Some(*id),
            Event::Profile(ProfileEvent::Opened { .. } | ProfileEvent::Closed) => {
                *self = Self::default();
            }
            _ => {}
        }
    }

    fn list(&mut self, ui: &mut Ui, r: Rect, uses: &[NotetypeUse]) -> Option<Press> {
        let t = Tokens::of(ui);
        let height = (uses.len() as f32 * size::ROW_DECK + 12.0).min(r.height());
        let card = Rect::from_min_size(r.min, vec2(r.width(), height));
        surface::card(ui, card);
        let at = uses.iter().position(|u| Some(u.id) == self.selected);
        let page = (height / size::ROW_DECK) as usize;
        let (focus, keys) = list::keys(
            ui,
            card,
            "note types",
            t!("Note Types"),
            uses.len(),
            at,
            page,
        );
        if let Some(to) = keys.select.and_then(|n| uses.get(n)) {
            self.selected = Some(to.id);
        }
        let mut pressed = keys.act.then_some(Press::Fields);
        let inner = card.pad(6.0, 6.0);
        surface::region(ui, inner, Layout::top_down(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ScrollArea::vertical().auto_shrink(false).show_rows(
                ui,
                size::ROW_DECK,
                uses.len(),
                |ui, range| {
                    for n in range {
                        let Some(each) = uses.get(n) else { continue };
                        let (_, line) =
                            ui.allocate_space(vec2(ui.available_width(), size::ROW_DECK));
                        let is = Some(each.id) == self.selected;
                        let salt = list::row_salt(n);
                        let response = row::sensed(ui, line, salt, &each.name, is, Sense::CLICK);
                        if is {
                            list::ring(ui, &focus, line.shrink2(vec2(0.0, 1.0)));
                            if keys.select.is_some() {
                                ui.scroll_to_rect(line, None);
                            }
                        }
                        let mut words = line.pad(12.0, 0.0);
                        let notes = words.cut_right(120.0);
                        let count = tn!(each.notes, "{n} note", "{n} notes");
                        text::label(ui, notes, Align::Max, &count, font::small(), t.text2);
                        text::left(ui, words, &each.name, font::body(), t.text);
                        if response.clicked() {
                            self.selected = Some(each.id);
                            list::focus_quietly(ui, &focus);
                        }
                        if response.double_clicked() {
                            pressed = Some(Press::Fields);
                        }
                    }
                },
            );
        });
        pressed
    }

    fn buttons(&self, ui: &mut Ui, mut r: Rect, count: usize) -> Option<Press> {
        let some = self.selected.is_some();
        let mut pressed = None;
        let groups: [&[(Press, &str, bool, &str)]; 3] = [
            &[(
                Press::Add,
                t!("Add…"),
                true,
                t!("A new note type, or a copy of one"),
            )],
            &[
                (
                    Press::Fields,
                    t!("Fields…"),
                    some,
                    t!("What its notes hold"),
                ),
                (Press::Cards, t!("Cards…"), some, t!("How its cards look")),
                (
                    Press::Options,
                    t!("Options…"),
                    some,
                    t!("Header and footer of LaTeX"),
                ),
                (
                    Press::History,
                    t!("History…"),
                    some,
                    t!("What it was before each change"),
                ),
            ],
            &[
                (
                    Press::Rename,
                    t!("Rename…"),
                    some,
                    t!("Give it another name"),
                ),
                (
                    Press::Delete,
                    t!("Delete…"),
                    some && count > 1,
                    t!("Delete it with all its notes"),
                ),
            ],
        ];
        for group in groups {
            for (press, words, enabled, tip) in group {
                let at = r.cut_top(size::CONTROL);
                r.cut_top(8.0);
                let button = Button::new(words).enabled(*enabled).tip(tip);
                if button.place(ui, at).clicked() {
                    pressed = Some(*press);
                }
            }
            r.cut_top(8.0);
        }
        pressed
    }
}

/// Of the column of buttons, where their words are longer than usual.
fn buttons_width(ui: &Ui) -> f32 {
    let words = [
        t!("Add…"),
        t!("Fields…"),
        t!("Cards…"),
        t!("Options…"),
        t!("History…"),
        t!("Rename…"),
        t!("Delete…"),
    ];
    let widths = words.map(|words| Button::new(words).wanted_width(ui));
    widths.into_iter().fold(BUTTONS, f32::max)
}

fn act(cx: &UiContext<'_>, press: Press, chosen: &NotetypeUse) {
    let id = chosen.id;
    match press {
        Press::Add => {}
        Press::Fields => cx.go(Route::Fields { id }),
        Press::Cards => cx.go(Route::CardTemplates { id, ord: 0 }),
        Press::Options => {
            cx.open(latex::LatexDialog::new(id));
            cx.ask(Request::Notetype(NotetypeRequest::Load(id)));
        }
        Press::History => {
            let subjects = vec![(Subject::Notetype(id), chosen.name.clone())];
            for action in SubjectHistoryDialog::open(subjects, None) {
                cx.send(action);
            }
        }
        Press::Rename => cx.open(AskText::new(
            Prompt {
                title: t!("Rename note type").into(),
                label: t!("Name").into(),
                value: chosen.name.clone(),
                action: t!("Rename").into(),
                ..Default::default()
            },
            move |name| Action::Ask(Request::Notetype(NotetypeRequest::Rename { id, name })),
        )),
        Press::Delete => cx.open(Question::new(
            Confirm {
                title: t!("Delete the note type “{name}”?", name = chosen.name),
                body: tn!(
                    chosen.notes,
                    "{n} note and all their cards are deleted with it, and the collection will \
                     need a full upload when it is next synced. You can undo this.",
                    "{n} notes and all their cards are deleted with it, and the collection will \
                     need a full upload when it is next synced. You can undo this."
                ),
                assurance: if chosen.notes > 0 {
                    t!("The notes are written to deleted.txt first.").into()
                } else {
                    String::new()
                },
                cancel: t!("Cancel").into(),
                action: t!("Delete note type").into(),
                weight: Weight::Destructive,
            },
            Action::Ask(Request::Notetype(NotetypeRequest::Remove(id))),
        )),
    }
}

/// How the editing of a note type is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Save,
    Cancel,
}

/// Leaves the page, once it was said what saving costs, or that what changed is to be lost.
pub(super) fn end(cx: &UiContext<'_>, draft: &Draft, ending: Option<Ending>) {
    let Some(ending) = ending else { return };
    match ending {
        _ if !draft.is_changed() => cx.send(Action::Notetype(Edit::Discard)),
        Ending::Save => cx.send(draft.save()),
        Ending::Cancel => cx.open(draft.ask_to_discard()),
    }
}

/// Asks for the new place of the one that is at `from`, counted from 0, of so many; people count
/// from 1.
pub(super) fn ask_place(
    title: &str,
    (count, from): (usize, usize),
    then: impl Fn(usize) -> Edit + 'static,
) -> AskText {
    let prompt = Prompt {
        title: title.into(),
        label: t!("New position (1 to {count})", count),
        value: (from + 1).to_string(),
        action: t!("Move").into(),
        ..Default::default()
    };
    let place = move |text: &str| {
        let n: usize = text.trim().parse().ok()?;
        (1..=count).contains(&n).then(|| n - 1)
    };
    AskText::new(prompt, move |text| {
        Action::Notetype(then(place(&text).unwrap_or(from)))
    })
    .check(move |text| {
        (place(text).is_none()).then(|| t!("Type a number from 1 to {count}.", count))
    })
}
