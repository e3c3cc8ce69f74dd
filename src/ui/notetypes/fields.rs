//! The fields of a note type: their order, names and properties, edited as a draft and saved as
//! one undo step.

use super::draft::Draft;
use super::{Edit, Ending, ask_place, end};
use crate::base::ids::NotetypeId;
use crate::domain::notetype_edit::NotetypeEdit;
use crate::service::event::{Event, ProfileEvent};
use crate::service::notetypes::NotetypeEvent;
use crate::ui::action::Action;
use crate::ui::bottom_bar;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{AskText, Question};
use crate::ui::dialogs::{Confirm, Prompt, Weight};
use crate::ui::theme::{Tokens, font, radius, size, sp, typeface};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::check::checkbox;
use crate::ui::widgets::field::Field;
use crate::ui::widgets::{Cut as _, Number, dialog, ic, list, progress, row, surface, text};
use crate::{t, tn};
use eframe::egui::{Align, Key, Layout, Modifiers, Rect, ScrollArea, Sense, Ui, pos2, vec2};

/// Signs that mean something in templates.
const RESERVED: &str = ":{}\"";

/// The screen's own state.
#[derive(Debug, Default)]
pub struct FieldsScreen {
    draft: Option<Draft>,
    selected: usize,
    /// The row that is being dragged.
    dragged: Option<usize>,
}

const HEAD: f32 = 60.0;
const LIST: f32 = 360.0;
const PROPERTIES: f32 = 420.0;
const GAP: f32 = 24.0;

impl FieldsScreen {
    /// Draws the screen into all of `ui`.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, id: NotetypeId) {
        let t = Tokens::of(ui);
        let mut r = ui.max_rect();
        let esc = cx.keys_free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
        let Some(draft) = self.draft.as_mut().filter(|d| d.stored().id == id) else {
            progress::spinner_at(ui, r.center());
            if esc {
                cx.send(Action::Back);
            }
            return;
        };
        let head = r.cut_top(HEAD);
        let foot = r.cut_bottom(size::BOTTOM_BAR);
        surface::hline(ui, head, head.max.y - 1.0, t.border);
        let title = t!("Fields of {notetype}", notetype = draft.stored().name);
        let mut line = head.pad(24.0, 0.0);
        bottom_bar::sign(cx, ui, &mut line);
        text::heading(ui, line, Align::Min, &title, font::dialog_title(), t.text);
        let pressed = footer(cx, ui, foot, draft);
        let widest = LIST + GAP + PROPERTIES;
        let mut page = surface::middle(r.pad(0.0, 20.0), 24.0, widest);
        let mut left = page.cut_left(LIST.min(page.width() * 0.45));
        page.cut_left(GAP);
        let count = draft.edit.fields.len();
        let buttons = buttons_height(ui, left.width());
        let room = left.height() - buttons - 12.0;
        let high = (count as f32 * size::ROW_DECK + 12.0).min(room);
        self.list(ui, left.cut_top(high));
        left.cut_top(12.0);
        self.buttons(cx, ui, left.cut_top(buttons));
        self.properties(ui, page);
        let Some(draft) = &self.draft else { return };
        end(cx, draft, pressed.or(esc.then_some(Ending::Cancel)));
    }

    /// Takes the note type in when it comes.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Notetype(NotetypeEvent::Loaded(facts)) => {
                *self = Self {
                    draft: Some(Draft::new((**facts).clone())),
                    ..Self::default()
                };
            }
            // Saved: what is stored is asked for when the page is next opened.
            Event::Notetype(NotetypeEvent::Saved) => self.draft = None,
            Event::Profile(ProfileEvent::Opened { .. } | ProfileEvent::Closed) => {
                *self = Self::default();
            }
            _ => {}
        }
    }

    /// What a dialog decided; true when the screen is to be left.
    pub fn edit(&mut self, edit: Edit) -> bool {
        let Some(draft) = &mut self.draft else {
            return edit == Edit::Discard;
        };
        let fields = &mut draft.edit;
        match edit {
            Edit::AddField(name) => {
                fields.add_field(&clean(&name));
                self.selected = fields.fields.len().saturating_sub(1);
            }
            Edit::RenameField(ord, name) => {
                if let Some(field) = fields.fields.get_mut(ord) {
                    field.now.name = clean(&name);
                }
            }
            Edit::RemoveField(ord) => {
                fields.remove_field(ord);
                self.selected = self.selected.min(fields.fields.len().saturating_sub(1));
            }
            Edit::MoveField(from, to) => {
                fields.move_field(from, to);
                self.selected = to;
            }
            Edit::Discard => {
                self.draft = None;
                return true;
            }
            _ => {}
        }
        false
    }

    #[must_use]
    pub fn draft(&self) -> Option<&Draft> {
        self.draft.as_ref()
    }

    fn list(&mut self, ui: &mut Ui, r: Rect) {
        let t = Tokens::of(ui);
        let Some(draft) = &mut self.draft else { return };
        let names: Vec<String> = (draft.edit.fields.iter())
            .map(|f| f.now.name.clone())
            .collect();
        let sort = draft.edit.sort_field();
        let card = r;
        surface::card(ui, card);
        let at = Some(self.selected);
        let (focus, keys) = list::keys(ui, card, "fields", t!("Fields"), names.len(), at, 8);
        if let Some(n) = keys.select {
            self.selected = n;
        }
        let mut moved = None;
        surface::region(ui, card.pad(6.0, 6.0), Layout::top_down(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let scroll = ScrollArea::vertical().auto_shrink(false);
            scroll.id_salt("fields").show(ui, |ui| {
                for (n, name) in names.iter().enumerate() {
                    let (_, line) = ui.allocate_space(vec2(ui.available_width(), size::ROW_DECK));
                    let is = n == self.selected;
                    let salt = list::row_salt(n);
                    let response =
                        row::sensed(ui, line, salt, name, is, Sense::CLICK | Sense::DRAG);
                    if is {
                        list::ring(ui, &focus, line.shrink2(vec2(0.0, 1.0)));
                    }
                    let mut words = line.pad(12.0, 0.0);
                    text::left(
                        ui,
                        words.cut_left(28.0),
                        &(n + 1).to_string(),
                        font::small(),
                        t.text3,
                    );
                    if n == sort {
                        let c = pos2(words.max.x - 8.0, words.center().y);
                        text::icon(ui, c, ic::SORT_UP, size::ICON_SMALL, t.text2);
                        words.cut_right(20.0);
                    }
                    let shown = text::ends(ui, name, words.width(), &font::body());
                    text::left(ui, words, &shown, font::body(), t.text);
                    if response.clicked() {
                        self.selected = n;
                        list::focus_quietly(ui, &focus);
                    }
                    if response.drag_started() {
                        self.dragged = Some(n);
                        self.selected = n;
                    }
                    let over = ui.input(|i| i.pointer.interact_pos());
                    if let (Some(from), Some(at)) = (self.dragged, over)
                        && line.y_range().contains(at.y)
                    {
                        let y = if from < n { line.max.y } else { line.min.y };
                        let mark = Rect::from_center_size(
                            pos2(line.center().x, y),
                            vec2(line.width() - 8.0, 3.0),
                        );
                        surface::fill(ui, mark, radius::SMALL, t.accent);
                        if ui.input(|i| i.pointer.any_released()) {
                            moved = Some((from, n));
                        }
                    }
                }
            });
        });
        if ui.input(|i| i.pointer.any_released()) {
            self.dragged = None;
        }
        if let Some((from, to)) = moved.filter(|(from, to)| from != to) {
            draft.edit.move_field(from, to);
            self.selected = to;
        }
    }

    fn buttons(&self, cx: &UiContext<'_>, ui: &mut Ui, mut r: Rect) {
        let Some(draft) = &self.draft else { return };
        let chosen = draft.edit.fields.get(self.selected);
        let kept = chosen.is_some_and(|f| f.now.config.prevent_deletion);
        let only = draft.edit.fields.len() < 2;
        let tip = if kept {
            t!("This note type does not work without it")
        } else if only {
            t!("A note type needs at least one field")
        } else {
            t!("Delete the field and what notes hold in it")
        };
        let [add, rename, delete, move_] = below_list();
        let mut buttons = vec![
            add.tip(t!("A field at the end")),
            rename,
            delete.enabled(!kept && !only).tip(tip),
            move_.tip(t!("To another place; rows can be dragged too")),
        ];
        let below = if r.height() > size::CONTROL {
            buttons.split_off(2)
        } else {
            vec![]
        };
        let mut pressed = button::row(ui, r.cut_top(size::CONTROL), Align::Min, buttons);
        r.cut_top(8.0);
        pressed.extend(button::row(ui, r, Align::Min, below));
        let clicked = |n: usize| pressed.get(n).is_some_and(eframe::egui::Response::clicked);
        if clicked(0) {
            cx.open(ask_name(
                draft,
                t!("Add field"),
                t!("Add"),
                "",
                None,
                Edit::AddField,
            ));
        }
        let Some(chosen) = chosen else { return };
        let ord = self.selected;
        if clicked(1) {
            let then = move |name| Edit::RenameField(ord, name);
            cx.open(ask_name(
                draft,
                t!("Rename field"),
                t!("Rename"),
                &chosen.now.name,
                Some(ord),
                then,
            ));
        }
        if clicked(2) {
            if draft.notes() == 0 || chosen.was.is_none() {
                cx.send(Action::Notetype(Edit::RemoveField(ord)));
            } else {
                cx.open(ask_removal(&chosen.now.name, draft.notes(), ord));
            }
        }
        if clicked(3) {
            cx.open(ask_place(
                t!("Move field"),
                (draft.edit.fields.len(), ord),
                move |to| Edit::MoveField(ord, to),
            ));
        }
    }

    fn properties(&mut self, ui: &mut Ui, r: Rect) {
        let Some(draft) = &mut self.draft else { return };
        let ord = self.selected;
        let mut sorts = draft.edit.sort_field() == ord;
        let was_sorting = sorts;
        surface::region(ui, r, Layout::top_down(Align::Min), |ui| {
            let (mut child, area) = dialog::scrolled(ui, r, "properties");
            area.show(&mut child, |ui| {
                ui.spacing_mut().item_spacing = vec2(sp::S, 0.0);
                ui.push_id(ord, |ui| field_ui(ui, &mut draft.edit, ord, &mut sorts));
            });
        });
        if sorts && !was_sorting {
            draft.edit.set_sort_field(ord);
        }
    }
}

/// Narrower than elsewhere: all four stand below the list in a narrow window.
fn below_list() -> [Button<'static>; 4] {
    [t!("Add…"), t!("Rename…"), t!("Delete"), t!("Move…")]
        .map(|words| Button::new(words).min_width(64.0))
}

/// Of the buttons below the list: one line, or two where their words are long.
fn buttons_height(ui: &Ui, width: f32) -> f32 {
    let widths = below_list().map(|button| button.wanted_width(ui));
    if widths.iter().sum::<f32>() + 24.0 <= width {
        size::CONTROL
    } else {
        2.0 * size::CONTROL + 8.0
    }
}

fn field_ui(ui: &mut Ui, edit: &mut NotetypeEdit, ord: usize, sorts: &mut bool) {
    let t = Tokens::of(ui);
    let Some(field) = edit.fields.get_mut(ord) else {
        return;
    };
    let config = &mut field.now.config;
    text::heading_in(ui, &field.now.name, font::heading(), t.text);
    ui.add_space(sp::M);
    let label = |ui: &mut Ui, words: &str| {
        text::paragraph_in(ui, words, font::small_strong(), t.text2);
        ui.add_space(sp::XS);
    };
    label(ui, t!("Description"));
    Field::new(&mut config.description, t!("Description"))
        .hint(t!("Shown inside the field when it is empty"))
        .show(ui);
    ui.add_space(sp::M);
    label(ui, t!("Editing font and size"));
    ui.horizontal(|ui| {
        Field::new(&mut config.font_name, t!("Editing font"))
            .width(220.0)
            .show(ui);
        let mut points = i64::from(config.font_size);
        if Number::new(t!("Font size"), 5..=300).show(ui, 92.0, &mut points) {
            config.font_size = u32::try_from(points).unwrap_or(config.font_size);
        }
    });
    if typeface::is_missing(ui.ctx(), &config.font_name) {
        ui.add_space(sp::XS);
        let words = t!("The font is not installed here; the window’s own is used.");
        text::paragraph_in(ui, words, font::small(), t.text3);
    }
    ui.add_space(sp::M);
    // The box of the field that is sorted by stays on: another one's takes it over.
    checkbox(ui, sorts, t!("Sort by this field in the browser"));
    checkbox(ui, &mut config.rtl, t!("Reverse text direction (RTL)"));
    checkbox(ui, &mut config.plain_text, t!("Use HTML editor by default"));
    checkbox(ui, &mut config.collapsed, t!("Collapse by default"));
    checkbox(
        ui,
        &mut config.sticky,
        t!("Keep its content for the next note (sticky)"),
    );
    checkbox(
        ui,
        &mut config.exclude_from_search,
        t!("Exclude from unqualified searches (slower)"),
    );
}

fn footer(cx: &UiContext<'_>, ui: &mut Ui, foot: Rect, draft: &mut Draft) -> Option<Ending> {
    let t = Tokens::of(ui);
    surface::hline(ui, foot, foot.min.y, t.border);
    let foot = foot.pad(24.0, 0.0);
    let fits = cx.model.exclusive_job().is_none();
    let words = if draft.is_changed() {
        t!("Not saved yet").to_owned()
    } else {
        let notes = draft.notes();
        tn!(notes, "{n} note of this type", "{n} notes of this type")
    };
    let buttons = vec![
        Button::new(t!("Cancel")),
        Button::primary(t!("Save"))
            .tip_key(t!("Save and go back"), "Ctrl+Enter")
            .enabled(fits),
    ];
    let room: f32 = buttons.iter().map(|b| b.wanted_width(ui) + 8.0).sum();
    let mut left = foot;
    left.cut_right(room + 8.0);
    text::label(ui, left, Align::Min, &words, font::small(), t.text3);
    let pressed = button::row(ui, foot, Align::Max, buttons);
    let save = !cx.covered && ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::Enter));
    if fits && (save || pressed[1].clicked()) {
        Some(Ending::Save)
    } else {
        pressed[0].clicked().then_some(Ending::Cancel)
    }
}

/// As saving stores it.
fn clean(name: &str) -> String {
    let name: String = name.chars().filter(|c| !RESERVED.contains(*c)).collect();
    name.trim()
        .trim_start_matches(|c: char| "#/^".contains(c) || c.is_whitespace())
        .to_owned()
}

fn ask_name(
    draft: &Draft,
    title: &str,
    action: &str,
    value: &str,
    except: Option<usize>,
    then: impl FnOnce(String) -> Edit + 'static,
) -> AskText {
    let others: Vec<String> = (draft.edit.fields.iter().enumerate())
        .filter(|(ord, _)| Some(*ord) != except)
        .map(|(_, f)| f.now.name.to_lowercase())
        .collect();
    let prompt = Prompt {
        title: title.into(),
        label: t!("Name").into(),
        value: value.into(),
        action: action.into(),
        ..Default::default()
    };
    AskText::new(prompt, |name| Action::Notetype(then(name))).check(move |name| {
        let clean = clean(name);
        if clean.is_empty() {
            return Some(t!("Type a name; : { } \" and a leading # / ^ do not count.").into());
        }
        (others.contains(&clean.to_lowercase()))
            .then(|| t!("Another field has this name.").to_owned())
    })
}

fn ask_removal(name: &str, notes: u64, ord: usize) -> Question {
    Question::new(
        Confirm {
            title: t!("Delete the field “{name}”?", name),
            body: tn!(
                notes,
                "When you save, {n} note loses what it holds in it. You can undo this.",
                "When you save, {n} notes lose what they hold in it. You can undo this."
            ),
            cancel: t!("Cancel").into(),
            action: t!("Delete field").into(),
            weight: Weight::Destructive,
            ..Default::default()
        },
        Action::Notetype(Edit::RemoveField(ord)),
    )
}
