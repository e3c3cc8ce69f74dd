//! Deck options: the preset of a deck and the limits of its own, edited as a draft and saved as
//! one undo step. What is edited is `model`; names and help are `words`; sections are `pages`.

mod fsrs_section;
pub mod model;
mod pages;
pub mod reschedule;
mod rows;
mod text;
mod training;
pub mod which;
mod words;

use crate::base::ids::{DeckConfigId, DeckId};
use crate::domain::op::Op;
use crate::domain::subject::Subject;
use crate::service::event::{DeckEvent, Event, ProfileEvent, Undone};
use crate::service::request::{DeckRequest, Request};
use crate::ui::action::Action;
use crate::ui::bottom_bar;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{AskText, Question};
use crate::ui::dialogs::{Confirm, Prompt, Weight};
use crate::ui::history::SubjectHistoryDialog;
use crate::ui::review::model::{STEP, breadcrumb};
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::menu::{self, Entry};
use crate::ui::widgets::{Cut as _, field, list, row, surface, text as paint, tooltip};
use crate::{t, tn};
use eframe::egui::scroll_area::ScrollBarVisibility;
use eframe::egui::style::ScrollAnimation;
use eframe::egui::{
    Align, Context, Key, Layout, Modifiers, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2,
};
use model::Draft;
pub use pages::{choose_easy, easy_choice, easy_choices, review_orders};
use rows::{OpenHelp, Rows};
use training::Training;
pub use words::WEEKDAYS;

/// What the screen's menu and its dialogs do to the draft.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    Add(String),
    Clone(String),
    Rename(String),
    Delete,
    /// What was tried in the simulator.
    TakeSimulated(crate::ui::simulator::form::Form),
    /// Leave without saving.
    Discard,
}

/// A part of the page, and an entry of the list at the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Section {
    #[default]
    Limits,
    New,
    Lapses,
    Order,
    Fsrs,
    Burying,
    Audio,
    Timers,
    AutoAdvance,
    EasyDays,
    Advanced,
}

impl Section {
    /// What stands in the left one of two columns; both are about as long.
    const LEFT: usize = 5;
    const ALL: [Self; 11] = [
        Self::Limits,
        Self::New,
        Self::Lapses,
        Self::Order,
        Self::Fsrs,
        Self::Burying,
        Self::Audio,
        Self::Timers,
        Self::AutoAdvance,
        Self::EasyDays,
        Self::Advanced,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Limits => t!("Daily Limits"),
            Self::New => t!("New Cards"),
            Self::Lapses => t!("Lapses"),
            Self::Order => t!("Display Order"),
            Self::Fsrs => "FSRS",
            Self::Burying => t!("Burying"),
            Self::Audio => t!("Audio"),
            Self::Timers => t!("Timers"),
            Self::AutoAdvance => t!("Auto Advance"),
            Self::EasyDays => t!("Easy Days"),
            Self::Advanced => t!("Advanced"),
        }
    }

    /// Width of the list at the left.
    fn room(ui: &Ui) -> f32 {
        let widths = Self::ALL.map(|s| paint::width(ui, s.label(), font::strong()) + 40.0);
        widths.into_iter().fold(SIDE, f32::max).ceil()
    }

    fn show(self, rows: &mut Rows<'_>, draft: &mut Draft, training: &mut Training) {
        match self {
            Self::Limits => pages::limits(rows, draft),
            Self::New => pages::new_cards(rows, draft),
            Self::Lapses => pages::lapses(rows, draft),
            Self::Order => pages::display_order(rows, draft),
            Self::Fsrs => fsrs_section::section(rows, draft, training),
            Self::Burying => pages::burying(rows, draft),
            Self::Audio => pages::audio(rows, draft),
            Self::Timers => pages::timers(rows, draft),
            Self::AutoAdvance => pages::auto_advance(rows, draft),
            Self::EasyDays => pages::easy_days(rows, draft),
            Self::Advanced => pages::advanced(rows, draft),
        }
    }
}

/// The screen's own state.
#[derive(Debug, Default)]
pub struct DeckOptionsScreen {
    draft: Option<Draft>,
    training: Training,
    help: OpenHelp,
    at: Section,
    /// Scroll there in this frame.
    jump: Option<Section>,
    /// Save at the end of this frame.
    save_next: bool,
    /// When it was sent, in seconds of egui's clock: a double click saves once.
    sent_at: Option<f64>,
}

/// Widest column of options, and the room of a page in which two stand side by side.
const COLUMN: f32 = 680.0;
const TWO_COLUMNS: f32 = 1280.0;
/// Narrower pages have the options alone: small windows whose text is large.
const NARROW: f32 = 640.0;
/// Beside a column.
const GAP: f32 = 28.0;
const SIDE: f32 = 168.0;
const HEAD: f32 = 60.0;
const CHOOSER: f32 = 300.0;
const DOUBLE_CLICK_SECS: f64 = 1.0;

/// Of the preset and of the deck; a restored version is shown when the options come anew.
fn show_history(cx: &UiContext<'_>, draft: &Draft) {
    let locked = t!("Save or discard the changes of the options first, to restore a version.");
    let subjects = vec![
        (Subject::Preset(draft.selected()), t!("Preset").to_owned()),
        (Subject::Deck(draft.stored().deck), t!("Deck").to_owned()),
    ];
    for action in SubjectHistoryDialog::open(subjects, draft.is_changed().then_some(locked)) {
        cx.send(action);
    }
}

/// What the footer's buttons ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Press {
    Cancel,
    Save { subdecks: bool },
}

impl DeckOptionsScreen {
    /// Draws the screen into all of `ui`.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, deck: DeckId) {
        let keys = Self::keys(cx, ui);
        // The options of another deck are on their way.
        if self.draft.as_ref().is_none_or(|d| d.stored().deck != deck) {
            if keys == Some(Press::Cancel) {
                cx.send(Action::Back);
            }
            return;
        }
        let mut r = ui.max_rect();
        let head = r.cut_top(HEAD);
        let foot = r.cut_bottom(size::BOTTOM_BAR);
        self.head(cx, ui, head);
        if r.width() >= NARROW {
            let side = r.cut_left(Section::room(ui));
            self.sections(ui, side);
        }
        self.page(ui, r);
        if let Some(request) = self.training.take_ask() {
            cx.ask(request);
        }
        if let Some(simulator) = self.training.take_simulator() {
            cx.open(simulator);
        }
        let pressed = self.footer(ui, foot);
        let save = std::mem::take(&mut self.save_next).then_some(Press::Save { subdecks: false });
        match save.or(keys).or(pressed) {
            Some(Press::Cancel) => self.leave(cx),
            Some(Press::Save { subdecks }) => {
                let now = ui.input(|i| i.time);
                let again = self.sent_at.is_some_and(|at| now - at < DOUBLE_CLICK_SECS);
                if !again && cx.model.exclusive_job().is_none() && self.save(cx, subdecks) {
                    self.sent_at = Some(now);
                }
            }
            None => {}
        }
    }

    /// Takes the options in when they come.
    pub fn on_event(&mut self, event: &Event) {
        self.training.on_event(event);
        match event {
            Event::Profile(ProfileEvent::Closed | ProfileEvent::Opened { .. }) => {
                *self = Self::default();
            }
            Event::Deck(DeckEvent::Options(options)) => {
                *self = Self {
                    draft: Some(Draft::new((**options).clone())),
                    training: std::mem::take(&mut self.training).elsewhere(),
                    ..Self::default()
                };
            }
            // Saved: what is stored is asked for when the page is next opened.
            Event::Done {
                op: Op::UpdateDeckOptions,
                undone: Undone::No,
                ..
            } => self.draft = None,
            _ => {}
        }
    }

    /// What a dialog of this screen decided; true when the screen is to be left.
    pub fn edit(&mut self, edit: Edit) -> bool {
        let Some(draft) = &mut self.draft else {
            return edit == Edit::Discard;
        };
        match edit {
            Edit::Add(name) => draft.add(&name),
            Edit::Clone(name) => draft.clone_preset(&name),
            Edit::Rename(name) => draft.rename(&name),
            Edit::Delete => {
                draft.delete();
            }
            Edit::TakeSimulated(form) => form.write(draft),
            Edit::Discard => {
                self.draft = None;
                self.training.leave();
                return true;
            }
        }
        false
    }

    /// Whether leaving would lose something.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.draft.as_ref().is_some_and(Draft::is_changed)
    }

    /// The question before unsaved changes are dropped.
    #[must_use]
    pub fn ask_to_discard(&self) -> Question {
        let name = self.draft.as_ref().map_or("", |d| d.stored().name.as_str());
        Question::new(
            Confirm {
                title: t!("Discard the changes?").into(),
                body: t!("The options of “{name}” were changed and not saved.", name),
                cancel: t!("Keep editing").into(),
                action: t!("Discard changes").into(),
                weight: Weight::Destructive,
                ..Default::default()
            },
            Action::DeckOptions(Edit::Discard),
        )
    }

    /// Ctrl+Enter: a field that has the focus is left first, so that its text counts.
    pub fn save_soon(&mut self, ctx: &Context) {
        if let Some(id) = ctx.memory(|m| m.focused()) {
            ctx.memory_mut(|m| m.surrender_focus(id));
        }
        self.save_next = true;
        ctx.request_repaint();
    }

    /// Esc.
    fn keys(cx: &UiContext<'_>, ui: &Ui) -> Option<Press> {
        let esc = cx.keys_free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
        esc.then_some(Press::Cancel)
    }

    fn leave(&self, cx: &UiContext<'_>) {
        if self.has_changes() {
            cx.open(self.ask_to_discard());
        } else {
            cx.send(Action::DeckOptions(Edit::Discard));
        }
    }

    /// The screen is left when the worker says that the options are on disk. True when something
    /// was sent.
    fn save(&self, cx: &UiContext<'_>, subdecks: bool) -> bool {
        let Some(draft) = &self.draft else {
            return false;
        };
        if let Some(problem) = draft.problem() {
            cx.note(problem);
            return false;
        }
        if !subdecks && !draft.is_changed() {
            cx.send(Action::DeckOptions(Edit::Discard));
            return false;
        }
        let update = Box::new(draft.update(subdecks));
        cx.ask(Request::Deck(if draft.reschedule {
            DeckRequest::PreviewOptions(update)
        } else {
            DeckRequest::SaveOptions(update)
        }));
        true
    }

    /// Title, the preset, and what can be done with it.
    fn head(&mut self, cx: &UiContext<'_>, ui: &mut Ui, head: Rect) {
        let Some(draft) = &mut self.draft else { return };
        let t = Tokens::of(ui);
        surface::hline(ui, head, head.max.y - 1.0, t.border);
        let mut r = head.pad(24.0, 0.0);
        bottom_bar::sign(cx, ui, &mut r);
        let history =
            Button::new(t!("History…")).tip(t!("What the preset and the deck were before"));
        let history_at = r.cut_right(room_for(&history, ui, 86.0));
        r.cut_right(8.0);
        let menu = Button::new(t!("Preset")).opens_menu();
        let menu_at = r.cut_right(room_for(&menu, ui, 96.0));
        r.cut_right(8.0);
        let labels: Vec<(DeckConfigId, String)> = draft
            .presets()
            .iter()
            .map(|p| (p.preset.id, draft.preset_label(p)))
            .collect();
        let options: Vec<(DeckConfigId, &str)> = labels
            .iter()
            .map(|(id, label)| (*id, label.as_str()))
            .collect();
        // What the page is about is the preset: it has the room that the name of the deck needs less.
        let least = (r.width() * 0.42).clamp(180.0, CHOOSER);
        let most = (r.width() * 0.65).max(least);
        let wide = field::combo_width(ui, least, &options).min(most).round();
        let chooser = r.cut_right(wide);
        r.cut_right(16.0);
        let title = t!(
            "Options for {deck}",
            deck = breadcrumb(&draft.stored().name)
        );
        let f = font::dialog_title();
        let shown = paint::path(ui, &title, STEP, r.width(), &f);
        let label = paint::heading(ui, r, Align::Min, &shown, f, t.text);
        if shown != title {
            tooltip::words(label, &title);
        }

        let at = Rect::from_center_size(chooser.center(), vec2(wide, size::CONTROL));
        let mut selected = draft.selected();
        let changed = ui
            .scope_builder(UiBuilder::new().max_rect(at), |ui| {
                field::combo(ui, t!("Preset"), wide, &mut selected, &options)
            })
            .inner;
        if changed {
            draft.select(selected);
        }
        let at = Rect::from_center_size(menu_at.center(), vec2(menu_at.width(), size::CONTROL));
        let button = menu.place(ui, at);
        menu::popup(&button, |ui| preset_menu(cx, ui, draft));
        let wide = history_at.width();
        let at = Rect::from_center_size(history_at.center(), vec2(wide, size::CONTROL));
        if history.place(ui, at).clicked() {
            show_history(cx, draft);
        }
    }

    /// The list at the left: a click or an arrow key scrolls there.
    fn sections(&mut self, ui: &mut Ui, side: Rect) {
        let t = Tokens::of(ui);
        surface::fill(ui, side, 0, t.sidebar);
        surface::vline(ui, side.max.x - 1.0, side, t.border);
        let mut rows = side;
        rows.cut_top(12.0);
        let all = Section::ALL;
        let at = all.iter().position(|s| *s == self.at);
        let area = Rect::from_min_size(rows.min, vec2(rows.width(), 34.0 * all.len() as f32));
        let (focus, keys) = list::keys(ui, area, "sections", t!("Sections"), all.len(), at, 1);
        if let Some(n) = keys.select {
            self.go_to(all[n]);
        }
        for (n, section) in all.into_iter().enumerate() {
            let line = rows.cut_top(34.0);
            let is = section == self.at;
            let frame = line.pad(8.0, 0.0);
            let salt = list::row_salt(n);
            let response = row::sensed(ui, frame, salt, section.label(), is, Sense::CLICK);
            if is {
                list::ring(ui, &focus, frame.shrink2(vec2(0.0, 1.0)));
            }
            let words = Rect::from_min_max(pos2(line.min.x + 20.0, line.min.y), line.max);
            let f = if is { font::strong() } else { font::body() };
            paint::left(ui, words, section.label(), f, t.text);
            if response.clicked() {
                self.go_to(section);
                list::focus_quietly(ui, &focus);
            }
        }
    }

    fn go_to(&mut self, section: Section) {
        self.at = section;
        self.jump = Some(section);
    }

    fn page(&mut self, ui: &mut Ui, r: Rect) {
        let Some(draft) = &mut self.draft else { return };
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(r)
                .layout(Layout::top_down(Align::Min))
                .id_salt(("deck options", draft.stored().deck, draft.selected())),
        );
        let jump = self.jump.take();
        let mut tops = vec![];
        let (left, right) = Section::ALL.split_at(Section::LEFT);
        let columns: &[&[Section]] = match r.width() >= TWO_COLUMNS {
            true => &[left, right],
            false => &[&Section::ALL],
        };
        // Asked before the area takes it.
        let wheel = ui.input(|i| i.smooth_scroll_delta().y != 0.0);
        let scrolled = wheel && ui.rect_contains_pointer(r);
        let shown = ScrollArea::vertical()
            .auto_shrink(false)
            .scroll_bar_visibility(ScrollBarVisibility::AlwaysVisible)
            .show(&mut child, |ui| {
                let begin = ui.cursor().min.y;
                let count = columns.len() as f32;
                let all = surface::middle(r, GAP, COLUMN * count + GAP * (count - 1.0));
                let wide = ((all.width() - GAP * (count - 1.0)) / count).floor();
                ui.horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing = vec2(GAP, 0.0);
                    ui.add_space(all.min.x - r.min.x);
                    for sections in columns {
                        ui.vertical(|ui| {
                            ui.set_width(wide);
                            ui.spacing_mut().item_spacing.x = 0.0;
                            ui.add_space(12.0);
                            for section in *sections {
                                let top = ui.cursor().min.y;
                                tops.push((*section, top));
                                rows::section(ui, section.label(), &mut self.help, |rows| {
                                    section.show(rows, draft, &mut self.training);
                                });
                                if jump == Some(*section) {
                                    scroll_to(ui, top);
                                }
                            }
                            ui.add_space(12.0);
                        });
                    }
                });
                begin
            });
        if jump.is_none() && scrolled {
            let offset = shown.state.clamped_offset().y;
            let end = offset + r.height() >= shown.content_size.y - 1.0;
            // Of two columns the left one is told.
            let mut told = tops.iter().take(columns[0].len()).rev();
            let reached = told.find(|(_, top)| *top - shown.inner - offset <= 40.0);
            self.at = match reached {
                _ if end && columns.len() == 1 => Section::Advanced,
                Some((section, _)) => *section,
                None => Section::Limits,
            };
        }
    }

    fn footer(&self, ui: &mut Ui, foot: Rect) -> Option<Press> {
        let draft = self.draft.as_ref()?;
        let t = Tokens::of(ui);
        surface::hline(ui, foot, foot.min.y, t.border);
        let foot = foot.pad(24.0, 0.0);
        let problem = draft.problem();
        let changed = draft.is_changed();
        let words = match &problem {
            Some(problem) => problem.as_str(),
            None if changed => t!("Not saved yet"),
            None => "",
        };
        let color = if problem.is_some() { t.danger } else { t.text3 };
        let (subdecks, fits) = (draft.stored().subdecks, problem.is_none());
        let tip = match subdecks {
            0 => t!("This deck has no subdecks").to_owned(),
            n => tn!(
                n as u64,
                "Save, and use this preset and these limits in {n} deck below as well",
                "Save, and use this preset and these limits in {n} decks below as well",
            ),
        };
        let buttons = vec![
            Button::new(t!("Cancel")),
            Button::new(t!("Save to All Subdecks"))
                .tip(&tip)
                .enabled(fits && subdecks > 0),
            Button::primary(t!("Save"))
                .tip_key(t!("Save and go back"), "Ctrl+Enter")
                .enabled(fits),
        ];
        let room: f32 = buttons.iter().map(|b| b.wanted_width(ui) + 8.0).sum();
        let mut left = foot;
        left.cut_right(room + 8.0);
        paint::label(ui, left, Align::Min, words, font::small(), color);
        let pressed = button::row(ui, foot, Align::Max, buttons);
        if pressed[0].clicked() {
            Some(Press::Cancel)
        } else if pressed[1].clicked() {
            Some(Press::Save { subdecks: true })
        } else {
            pressed[2]
                .clicked()
                .then_some(Press::Save { subdecks: false })
        }
    }
}

/// As wide as it always was, unless its words need more.
fn room_for(button: &Button<'_>, ui: &Ui, least: f32) -> f32 {
    let wanted = button.wanted_width(ui);
    if wanted > least + 10.0 { wanted } else { least }
}

/// At once, to what begins there.
fn scroll_to(ui: &Ui, top: f32) {
    let line = Rect::from_min_size(pos2(ui.min_rect().min.x, top - 4.0), vec2(1.0, 1.0));
    ui.scroll_to_rect_animation(line, Some(Align::TOP), ScrollAnimation::none());
}

fn preset_menu(cx: &UiContext<'_>, ui: &mut Ui, draft: &Draft) {
    let labels = [
        t!("Add Preset…"),
        t!("Clone Preset…"),
        t!("Rename Preset…"),
        t!("Remove Preset…"),
    ];
    let widest = labels.map(|label| Entry::new(label).wanted_width(ui));
    ui.set_width(widest.into_iter().fold(180.0, f32::max));
    let [add, clone, rename, remove] = labels;
    let name = draft.preset().map_or("", |p| p.name.as_str());
    if Entry::new(add).show(ui).clicked() {
        ask_name(cx, draft, t!("Add preset"), t!("Add"), "", Edit::Add);
    }
    if Entry::new(clone).show(ui).clicked() {
        let copy = t!("{name} (copy)", name);
        let (title, action) = (t!("Clone preset"), t!("Clone"));
        ask_name(cx, draft, title, action, &copy, Edit::Clone);
    }
    if Entry::new(rename).show(ui).clicked() {
        let (title, action) = (t!("Rename preset"), t!("Rename"));
        ask_name(cx, draft, title, action, name, Edit::Rename);
    }
    menu::separator(ui);
    let mut delete = Entry::new(remove).danger().enabled(draft.can_delete());
    if !draft.can_delete() {
        delete = delete.tip(t!("The Default preset cannot be removed"));
    }
    if delete.show(ui).clicked() {
        cx.open(Question::new(
            Confirm {
                title: t!("Remove the preset “{name}”?", name),
                body: t!(
                    "When you save, its decks get the preset that is chosen then. The next \
                     sync will have to send the whole collection. You can undo this."
                )
                .into(),
                cancel: t!("Cancel").into(),
                action: t!("Remove preset").into(),
                weight: Weight::Destructive,
                ..Default::default()
            },
            Action::DeckOptions(Edit::Delete),
        ));
    }
}

fn ask_name(
    cx: &UiContext<'_>,
    draft: &Draft,
    title: &str,
    action: &str,
    value: &str,
    then: fn(String) -> Edit,
) {
    let renaming = then(String::new()) == Edit::Rename(String::new());
    let names = draft.clone();
    let prompt = Prompt {
        title: title.into(),
        label: t!("Name").into(),
        value: value.into(),
        action: action.into(),
        ..Default::default()
    };
    cx.open(
        AskText::new(prompt, move |name| Action::DeckOptions(then(name)))
            .check(move |name| names.name_problem(name, renaming)),
    );
}
