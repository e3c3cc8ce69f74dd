//! Card templates: front, back and styling of each card type beside a live preview, edited as a
//! draft and saved as one undo step. The text fields are `code`, the card `preview`, what the
//! menus offer `menus`, their dialogs `dialogs`.

mod code;
mod dialogs;
mod menus;
mod preview;

use crate::base::ids::NotetypeId;
use crate::domain::notetype::TemplateConfig;
use crate::service::event::{Event, ProfileEvent};
use crate::service::notetypes::{NotetypeEvent, Step, stock};
use crate::template::check::CardTypeProblem;
use crate::template::message::Side;
use crate::ui::action::Action;
use crate::ui::audio::Devices;
use crate::ui::bottom_bar;
use crate::ui::context::UiContext;
use crate::ui::keys::NUMBERS;
use crate::ui::notetypes::draft::Draft;
use crate::ui::notetypes::{Edit, Ending, end};
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::field::{Field, combo, combo_width, is_entered};
use crate::ui::widgets::{Cut as _, ic, menu, progress, segments, surface, text};
use crate::{t, tn};
use code::{Jump, Language};
use eframe::egui::{Align, Id, Key, Modifiers, Rect, Ui, UiBuilder, pos2, vec2};
use preview::{Look, PreviewPane};

/// What the editor holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Part {
    #[default]
    Front,
    Back,
    Styling,
}

const PARTS: [Part; 3] = [Part::Front, Part::Back, Part::Styling];

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Front => t!("Front" in "card side"),
            Self::Back => t!("Back" in "card side"),
            Self::Styling => t!("Styling"),
        }
    }
}

/// The screen's own state.
pub struct CardTemplatesScreen {
    draft: Option<Draft>,
    /// The card type that is edited.
    ord: usize,
    /// Of the route, until the note type has come.
    wanted_ord: usize,
    part: Part,
    search: String,
    /// The field for it gets the keyboard with the next frame.
    find: bool,
    /// The template's text gets it.
    types: bool,
    jump: Option<Jump>,
    fill_empty: bool,
    /// None: as the window.
    night: Option<bool>,
    narrow: bool,
    show_back: bool,
    preview: PreviewPane,
    sound: fn() -> Devices,
}

const HEAD: f32 = 60.0;
const GAP: f32 = 20.0;

impl CardTemplatesScreen {
    #[must_use]
    pub fn new(sound: fn() -> Devices) -> Self {
        Self {
            draft: None,
            ord: 0,
            wanted_ord: 0,
            part: Part::Front,
            search: String::new(),
            find: false,
            types: false,
            jump: None,
            fill_empty: false,
            night: None,
            narrow: false,
            show_back: false,
            preview: PreviewPane::default(),
            sound,
        }
    }

    /// Draws the screen into all of `ui`.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, id: NotetypeId, ord: usize) {
        self.wanted_ord = ord;
        let mut r = ui.max_rect();
        let esc = cx.keys_free && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
        if self.draft.as_ref().is_none_or(|d| d.stored().id != id) {
            progress::spinner_at(ui, r.center());
            if esc {
                cx.send(Action::Back);
            }
            return;
        }
        if !cx.covered {
            self.keys(ui);
        }
        let head = r.cut_top(HEAD);
        let foot = r.cut_bottom(size::BOTTOM_BAR);
        self.head(cx, ui, head);
        let mut page = r.pad(24.0, 16.0);
        let left = page.cut_left((page.width() - GAP) / 2.0);
        page.cut_left(GAP);
        let problem = self.draft.as_mut().and_then(Draft::problem);
        self.editor(ui, left, problem.as_ref());
        self.preview_ui(cx, ui, page);
        let pressed = self.footer(cx, ui, foot, problem.as_ref());
        let Some(draft) = &self.draft else { return };
        end(cx, draft, pressed.or(esc.then_some(Ending::Cancel)));
    }

    /// Takes the note type and previews in when they come.
    pub fn on_event(&mut self, event: &Event) {
        self.preview.on_event(event);
        match event {
            Event::Notetype(NotetypeEvent::Loaded(facts)) => {
                *self = Self::new(self.sound);
                self.draft = Some(Draft::new((**facts).clone()));
                self.ord = usize::MAX;
            }
            // Saved: what is stored is asked for when the page is next opened.
            Event::Notetype(NotetypeEvent::Saved) => self.draft = None,
            Event::Profile(ProfileEvent::Opened { .. } | ProfileEvent::Closed) => {
                *self = Self::new(self.sound);
            }
            _ => {}
        }
    }

    /// What a dialog decided; true when the screen is to be left.
    pub fn edit(&mut self, edit: Edit) -> bool {
        let Some(draft) = &mut self.draft else {
            return edit == Edit::Discard;
        };
        let notetype = &mut draft.edit;
        match edit {
            Edit::AddTemplate(name) => {
                notetype.add_template(name.trim(), self.ord);
                self.ord = notetype.templates.len().saturating_sub(1);
                self.part = Part::Front;
                let _same = self.flip();
            }
            Edit::RenameTemplate(name) => {
                if let Some(template) = notetype.templates.get_mut(self.ord) {
                    name.trim().clone_into(&mut template.now.name);
                }
            }
            Edit::RemoveTemplate => {
                notetype.remove_template(self.ord);
            }
            Edit::MoveTemplate(to) => {
                notetype.move_template(self.ord, to);
                self.ord = to;
            }
            Edit::DeckOverride(deck) => {
                if let Some(config) = self.config() {
                    config.target_deck_id = deck;
                }
            }
            Edit::Browser(look) => {
                if let Some(config) = self.config() {
                    config.q_format_browser = look.question;
                    config.a_format_browser = look.answer;
                    config.browser_font_name = look.font;
                    config.browser_font_size = look.size;
                }
            }
            Edit::RestoreStock => {
                let kind = notetype.config.original_stock_kind;
                let stock = stock();
                let of_kind = stock.iter().find(|s| s.config.original_stock_kind == kind);
                if let Some(of_kind) = of_kind {
                    notetype.restore_stock(of_kind);
                }
            }
            Edit::PutBack(version) => notetype.put_back(&version),
            Edit::Discard => {
                self.draft = None;
                self.preview.stop();
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

    fn config(&mut self) -> Option<&mut TemplateConfig> {
        let templates = &mut self.draft.as_mut()?.edit.templates;
        templates.get_mut(self.ord).map(|t| &mut t.now.config)
    }

    /// Front and back change places; false when the back has no line between them.
    fn flip(&mut self) -> bool {
        const LINE: &str = "<hr id=answer>";
        let Some(config) = self.config() else {
            return false;
        };
        let Some((_, answer)) = config.a_format.rsplit_once(LINE) else {
            return false;
        };
        let answer = answer.trim().to_owned();
        config.a_format = format!("{{{{FrontSide}}}}\n\n{LINE}\n\n{}", config.q_format);
        config.q_format = answer;
        true
    }

    fn keys(&mut self, ui: &Ui) {
        let pressed = |modifiers, key| ui.input_mut(|i| i.consume_key(modifiers, key));
        for (key, part) in NUMBERS.into_iter().zip(PARTS) {
            if pressed(Modifiers::COMMAND, key) {
                self.show(part);
                self.types = true;
            }
        }
        self.find |= pressed(Modifiers::COMMAND, Key::F);
        let clozes = self.preview.shown().map_or(&[][..], |shown| &shown.clozes);
        let chosen = (1..)
            .zip(NUMBERS)
            .find(|&(n, key)| clozes.contains(&n) && pressed(Modifiers::ALT, key));
        if let Some((cloze, _)) = chosen {
            self.preview.cloze = cloze;
        }
        let count = self.draft.as_ref().map_or(0, |d| d.edit.templates.len());
        if pressed(Modifiers::NONE, Key::F3) {
            self.ord = self.ord.saturating_sub(1);
        }
        if pressed(Modifiers::NONE, Key::F4) {
            self.ord = (self.ord + 1).min(count.saturating_sub(1));
        }
    }

    /// The editor of a part; the preview follows to the same side.
    fn show(&mut self, part: Part) {
        self.part = part;
        match part {
            Part::Front => self.show_back = false,
            Part::Back => self.show_back = true,
            Part::Styling => {}
        }
    }

    /// Title, card type, what can be done with it.
    fn head(&mut self, cx: &UiContext<'_>, ui: &mut Ui, head: Rect) {
        let Some(draft) = &self.draft else { return };
        let t = Tokens::of(ui);
        surface::hline(ui, head, head.max.y - 1.0, t.border);
        let count = draft.edit.templates.len();
        if self.ord == usize::MAX {
            self.ord = self.wanted_ord;
        }
        self.ord = self.ord.min(count.saturating_sub(1));
        let mut r = head.pad(24.0, 0.0);
        bottom_bar::sign(cx, ui, &mut r);
        let button = Button::new(t!("Options")).opens_menu();
        let wide = button.wanted_width(ui).max(100.0);
        let options = r.cut_right(wide);
        r.cut_right(8.0);
        let chooser = r.cut_right((r.width() * 0.5).min(340.0));
        r.cut_right(16.0);
        let title = t!("Card types of {notetype}", notetype = draft.stored().name);
        text::heading(ui, r, Align::Min, &title, font::dialog_title(), t.text);
        let labels: Vec<String> = (draft.edit.templates.iter().enumerate())
            .map(|(n, template)| format!("{}: {}", n + 1, template.now.name))
            .collect();
        let choices: Vec<(usize, &str)> = labels.iter().map(String::as_str).enumerate().collect();
        let at = Rect::from_center_size(chooser.center(), vec2(chooser.width(), size::CONTROL));
        ui.scope_builder(UiBuilder::new().max_rect(at), |ui| {
            combo(ui, t!("Card type"), at.width(), &mut self.ord, &choices);
        });
        let at = Rect::from_center_size(options.center(), vec2(wide, size::CONTROL));
        let button = button.place(ui, at);
        let ord = self.ord;
        if let Some(Some(menus::Chosen::Flip)) =
            menu::popup(&button, |ui| menus::card_type(cx, ui, draft, ord))
            && !self.flip()
        {
            cx.note(t!(
                "The back has no <hr id=answer> line: exchange the sides by hand"
            ));
        }
    }

    fn editor(&mut self, ui: &mut Ui, mut r: Rect, problem: Option<&CardTypeProblem>) {
        let t = Tokens::of(ui);
        let tools = r.cut_top(size::CONTROL);
        r.cut_top(8.0);
        let names = PARTS.map(Part::name);
        let chosen = PARTS.iter().position(|part| *part == self.part);
        let wide = segments::wanted_width(ui, &names);
        let made = segments::place(
            ui,
            tools.min.x + wide,
            tools.center().y,
            t!("Edit"),
            &names,
            chosen.unwrap_or(0),
        );
        if let Some(part) = made.and_then(|n| PARTS.get(n)) {
            self.show(*part);
        }
        let mut rest = tools;
        rest.cut_left(wide + 8.0);
        let salt = Id::unique(("template", self.ord, self.part));
        if self.part != Part::Styling {
            let button = Button::new(t!("Add field")).opens_menu();
            let wide = button.wanted_width(ui).max(108.0);
            // Words can be so long that both are below.
            if rest.width() < wide {
                rest = r.cut_top(size::CONTROL);
                r.cut_top(8.0);
            }
            let add = rest.cut_right(wide);
            rest.cut_right(8.0);
            let button = button.place(ui, add);
            let mark = self.draft.as_ref().and_then(|draft| {
                menu::popup(&button, |ui| {
                    menus::fields(ui, draft, self.part == Part::Back)
                })
            });
            if let Some(mark) = mark.flatten() {
                self.insert(ui, salt, &mark);
            }
        }
        if rest.width() < 120.0 {
            rest = r.cut_top(size::CONTROL);
            r.cut_top(8.0);
        }
        self.find_ui(ui, rest, salt);
        let info = r.cut_bottom(24.0);
        let front_in_itself = self.part == Part::Front
            && self
                .config()
                .is_some_and(|c| c.q_format.contains("{{FrontSide}}"));
        let said = match problem {
            Some(problem) => Some((problem.to_string(), t.danger_soft, t.danger)),
            None if front_in_itself => {
                let words = t!("{{FrontSide}} shows nothing on the front; it is for the back");
                Some((words.to_owned(), t.warn_soft, t.warn))
            }
            None => None,
        };
        if let Some((words, fill, color)) = said {
            let high = text::para_height(ui, r.width() - 24.0, &words, font::small()) + 16.0;
            let strip = r.cut_bottom(high);
            r.cut_bottom(8.0);
            surface::fill(ui, strip, 8, fill);
            text::para(ui, strip.pad(12.0, 8.0), &words, font::small(), color);
        }
        let Some(draft) = &mut self.draft else { return };
        let words = tn!(
            draft.notes(),
            "Changes affect the {n} note of this note type",
            "Changes affect the {n} notes of this note type"
        );
        text::label(ui, info, Align::Min, &words, font::small(), t.text3);
        let mut jump = self.jump.take();
        let types = std::mem::take(&mut self.types);
        let (name, language) = match self.part {
            Part::Front => (t!("Front template"), Language::Template),
            Part::Back => (t!("Back template"), Language::Template),
            Part::Styling => (Part::Styling.name(), Language::Css),
        };
        if let Some(text) = part_text(draft, self.ord, self.part) {
            if types && jump.is_none() {
                let caret = code::cursor(ui, salt, text);
                jump = Some(caret..caret);
            }
            code::editor(ui, r, (name, salt), text, language, jump);
        }
    }

    fn insert(&mut self, ui: &Ui, salt: Id, mark: &str) {
        let (ord, part) = (self.ord, self.part);
        let Some(draft) = &mut self.draft else { return };
        if let Some(text) = part_text(draft, ord, part) {
            let at = code::cursor(ui, salt, text);
            text.insert_str(at, mark);
            let end = at + mark.len();
            self.jump = Some(end..end);
        }
    }

    fn find_ui(&mut self, ui: &mut Ui, r: Rect, salt: Id) {
        let field = ui
            .scope_builder(UiBuilder::new().max_rect(r), |ui| {
                Field::new(&mut self.search, t!("Find in the template"))
                    .hint(t!("Find"))
                    .icon(ic::SEARCH)
                    .width(r.width())
                    .show(ui)
            })
            .inner;
        if std::mem::take(&mut self.find) {
            field.request_focus();
        }
        if is_entered(ui, &field) {
            let (ord, part) = (self.ord, self.part);
            let Some(draft) = &mut self.draft else { return };
            if let Some(text) = part_text(draft, ord, part) {
                let from = code::cursor(ui, salt, text);
                self.jump = code::find(text, &self.search, from);
            }
        }
    }

    fn preview_ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, mut r: Rect) {
        let Some(draft) = &self.draft else { return };
        let tools = r.cut_top(size::CONTROL);
        r.cut_top(8.0);
        let names = [Part::Front.name(), Part::Back.name()];
        let wide = segments::wanted_width(ui, &names);
        let at = tools.min.x + wide;
        let chosen = usize::from(self.show_back);
        if let Some(n) = segments::place(ui, at, tools.center().y, t!("Preview"), &names, chosen) {
            self.show_back = n == 1;
        }
        let look = Look {
            back: self.show_back,
            fill_empty: self.fill_empty,
            night: self.night.unwrap_or(ui.visuals().dark_mode),
            narrow: self.narrow,
        };
        let notetype = draft.edit.to_notetype();
        let mut rest = tools;
        rest.cut_left(wide + 8.0);
        let button = Button::new(t!("Options")).salt("preview").opens_menu();
        let options = rest.cut_right(button.wanted_width(ui).max(100.0));
        rest.cut_right(8.0);
        let button = button.place(ui, options);
        let mut night = look.night;
        menu::popup(&button, |ui| {
            menus::preview(ui, &mut self.fill_empty, &mut night, &mut self.narrow);
        });
        if night != look.night {
            self.night = Some(night);
        }
        let info = r.cut_bottom(24.0);
        self.example_ui(ui, info, draft.notes());
        self.cloze_ui(ui, rest, &mut r);
        self.preview.follow(cx, ui, &notetype, self.ord, look);
        self.preview.ui(cx, ui, r, look, self.sound);
    }

    /// Which note is the example, and the way to the others.
    fn example_ui(&mut self, ui: &mut Ui, mut r: Rect, notes: u64) {
        let t = Tokens::of(ui);
        let Some(shown) = self.preview.shown() else {
            return;
        };
        let words = match shown.note {
            Some(_) => t!("Example: {note}", note = shown.title),
            None => t!("No notes yet: fields show their names").to_owned(),
        };
        if notes > 1 && shown.note.is_some() {
            let next = r.cut_right(28.0);
            let previous = r.cut_right(28.0);
            let left = Button::icon_only(ic::UP, t!("Previous example"));
            let right = Button::icon_only(ic::DOWN, t!("Next example"));
            if button::icon_at(ui, previous.center(), left).clicked() {
                self.preview.step = Step::Previous;
            }
            if button::icon_at(ui, next.center(), right).clicked() {
                self.preview.step = Step::Next;
            }
        }
        text::label(ui, r, Align::Min, &words, font::small(), t.text3);
    }

    /// In the rest of the tools' line, or where that has no room on one of its own, cut off `below`.
    fn cloze_ui(&mut self, ui: &mut Ui, rest: Rect, below: &mut Rect) {
        let Some(shown) = self.preview.shown() else {
            return;
        };
        if shown.clozes.len() < 2 {
            return;
        }
        let labels: Vec<(u16, String)> = (shown.clozes.iter())
            .map(|n| (*n, t!("Cloze {n}", n)))
            .collect();
        let choices: Vec<(u16, &str)> = labels.iter().map(|(n, s)| (*n, s.as_str())).collect();
        let mut cloze = self.preview.cloze;
        let wide = combo_width(ui, 120.0, &choices);
        let mut line = rest;
        if line.width() < wide {
            line = below.cut_top(size::CONTROL);
            below.cut_top(8.0);
        }
        let wide = wide.min(line.width());
        let at = Rect::from_min_max(pos2(line.max.x - wide, line.min.y), line.max);
        ui.scope_builder(UiBuilder::new().max_rect(at), |ui| {
            combo(
                ui,
                t!("Cloze" in "one of a note"),
                at.width(),
                &mut cloze,
                &choices,
            );
        });
        self.preview.cloze = cloze;
    }

    fn footer(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        foot: Rect,
        problem: Option<&CardTypeProblem>,
    ) -> Option<Ending> {
        let t = Tokens::of(ui);
        surface::hline(ui, foot, foot.min.y, t.border);
        let mut foot = foot.pad(24.0, 0.0);
        let fits = problem.is_none() && cx.model.exclusive_job().is_none();
        let buttons = vec![
            Button::new(t!("Cancel")),
            Button::primary(t!("Save"))
                .tip_key(t!("Save and go back"), "Ctrl+Enter")
                .enabled(fits),
        ];
        let pressed = button::row(ui, foot, Align::Max, buttons);
        let room = foot.max.x - pressed.first().map_or(foot.max.x, |b| b.rect.min.x);
        foot.cut_right(room + 16.0);
        match problem {
            Some(problem) => {
                let words = t!(
                    "“{card}” cannot be saved like this",
                    card = problem.card_name
                );
                let show = Button::new(t!("Show")).kind(button::Kind::Ghost);
                let at = foot.cut_right(show.wanted_width(ui));
                let at = Rect::from_center_size(at.center(), vec2(at.width(), size::CONTROL));
                if show.place(ui, at).clicked() {
                    self.ord = problem.card;
                    self.show(match problem.kind.side() {
                        Side::Question => Part::Front,
                        Side::Answer => Part::Back,
                    });
                }
                text::label(ui, foot, Align::Min, &words, font::small(), t.danger);
            }
            None if self.draft.as_ref().is_some_and(Draft::is_changed) => {
                text::label(
                    ui,
                    foot,
                    Align::Min,
                    t!("Not saved yet"),
                    font::small(),
                    t.text3,
                );
            }
            None => {}
        }
        let save = !cx.covered && ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::Enter));
        if fits && (save || pressed.get(1).is_some_and(eframe::egui::Response::clicked)) {
            return Some(Ending::Save);
        }
        let cancel = pressed.first().is_some_and(eframe::egui::Response::clicked);
        cancel.then_some(Ending::Cancel)
    }
}

fn part_text(draft: &mut Draft, ord: usize, part: Part) -> Option<&mut String> {
    if part == Part::Styling {
        return Some(&mut draft.edit.config.css);
    }
    let config = &mut draft.edit.templates.get_mut(ord)?.now.config;
    Some(match part {
        Part::Back => &mut config.a_format,
        _ => &mut config.q_format,
    })
}
