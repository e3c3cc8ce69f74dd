//! The import dialog of a text file: how it is read, a preview, which column is what, and what
//! would change, worked out by the worker before anything is written.

use super::export::named;
use super::import::plan_sheet;
use super::model;
use super::text_model::{self, Form};
use crate::domain::package::ImportReport;
use crate::domain::text_import::{TextOptions, TextWishes};
use crate::service::event::{Event, PackageEvent};
use crate::service::request::{ENCODINGS, PackageRequest, Request};
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::field::Field;
use crate::ui::widgets::{check, dialog, field, surface, text};
use eframe::egui::{Align, Context, Margin, Rect, ScrollArea, Ui, pos2, vec2};
use std::path::PathBuf;

const WIDTH: f32 = 680.0;
/// The part that scrolls leaves room for title, plan and buttons.
const AROUND: f32 = 330.0;
/// Narrowest column of the preview.
const CELL: f32 = 90.0;

/// See the module header.
#[derive(Debug)]
pub struct TextDialog {
    file: PathBuf,
    wishes: TextWishes,
    /// None before the first look.
    form: Option<Form>,
    /// A look or a plan that has not been answered yet.
    waiting: bool,
    /// `wishes` are not those of `form`.
    looks_old: bool,
    /// Why it could not be read as wished; another encoding may help.
    refused: Option<String>,
    plan: Option<(TextOptions, Box<ImportReport>)>,
}

impl TextDialog {
    #[must_use]
    pub fn new(file: PathBuf) -> Self {
        Self {
            file,
            wishes: TextWishes::default(),
            form: None,
            waiting: false,
            looks_old: true,
            refused: None,
            plan: None,
        }
    }

    /// One question at a time: the look first, then what would happen.
    fn ask(&mut self, cx: &UiContext<'_>) {
        if self.waiting {
            return;
        }
        if self.looks_old {
            self.looks_old = false;
            self.waiting = true;
            cx.ask(Request::Package(PackageRequest::LookAtText {
                file: self.file.clone(),
                wishes: self.wishes.clone(),
            }));
        } else if let Some(form) = &self.form
            && self.refused.is_none()
            && !self.is_of_plan(&form.options)
        {
            self.waiting = true;
            cx.ask(Request::Package(PackageRequest::PlanText {
                file: self.file.clone(),
                options: form.options.clone(),
            }));
        }
    }

    /// The plan, if it is of what is chosen now.
    fn present_plan(&self) -> Option<&ImportReport> {
        let form = self.form.as_ref()?;
        let (_, report) = self.plan.as_ref()?;
        let is_read = !self.looks_old && self.refused.is_none();
        (self.is_of_plan(&form.options) && is_read).then_some(report)
    }

    /// Whether the plan says what would happen with these. Tags are typed letter by letter, which
    /// must not set the worker to work each time; only a template that asks whether there are any
    /// makes other cards by them.
    fn is_of_plan(&self, options: &TextOptions) -> bool {
        let planned = self.plan.as_ref();
        planned.is_some_and(|(planned, _)| but_for_tags(planned) == but_for_tags(options))
    }

    fn content(&mut self, ui: &mut Ui) {
        if let Some(why) = &self.refused {
            let t = Tokens::of(ui);
            text::paragraph_in(ui, why, font::body(), t.warn);
            ui.add_space(sp::S);
            text::paragraph(ui, t!("If it is a text file, choose its encoding."));
            ui.add_space(sp::M);
            let chosen = self.wishes.encoding.as_deref().unwrap_or_default();
            if let Some(chosen) = encoding(ui, chosen) {
                self.wishes.encoding = Some(chosen.to_owned());
                self.looks_old = true;
            }
            return;
        }
        let Some(form) = &mut self.form else {
            return;
        };
        let wishes = text_model::wishes_of(form, &self.wishes);
        let mut wanted = wishes.clone();
        reading(ui, form, &mut wanted);
        preview(ui, form);
        ui.add_space(sp::L);
        heading(ui, t!("Import options"));
        destination(ui, form, &mut wanted);
        existing(ui, form);
        if !form.fields().is_empty() {
            heading(ui, t!("Field mapping"));
            mapping(ui, form);
        }
        if wanted != wishes {
            self.wishes = wanted;
            self.looks_old = true;
        }
    }
}

fn but_for_tags(options: &TextOptions) -> TextOptions {
    TextOptions {
        global_tags: vec![],
        updated_tags: vec![],
        ..options.clone()
    }
}

impl Dialog for TextDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        self.ask(cx);
        let room = (ctx.content_rect().height() - AROUND).clamp(140.0, 520.0);
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            let by_key = self.present_plan().is_some() && dialog::take_ctrl_enter(ui);
            dialog::title(
                ui,
                &t!("Import “{file}”", file = model::file_name(&self.file)),
            );
            let (_, r) = ui.allocate_space(vec2(ui.available_width(), room));
            let (mut child, area) = dialog::scrolled(ui, r, "options");
            area.show(&mut child, |ui| self.content(ui));
            ui.add_space(sp::M);
            if self.refused.is_none() {
                plan_sheet(ui, self.present_plan(), 2);
            }
            let import = Button::new(t!("Import"))
                .kind(Kind::Primary)
                .enabled(self.present_plan().is_some());
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), import]);
            footer.focus_choice(1);
            (footer.chosen(0), footer.chosen(1) || by_key)
        });
        let (cancel, import) = shown.inner;
        if import && let Some(form) = &self.form {
            cx.ask(Request::Package(PackageRequest::ImportText {
                file: self.file.clone(),
                options: form.options.clone(),
            }));
        }
        Flow::close_if(cancel || import || shown.dismissed)
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Package(PackageEvent::TextLooked {
                file,
                look,
                notetypes,
                decks,
            }) if *file == self.file => {
                self.waiting = false;
                self.refused = None;
                let old = self.form.take();
                let new = Form::new((**look).clone(), notetypes.clone(), decks.clone());
                self.form = Some(new.keeping(old));
            }
            Event::Package(PackageEvent::TextPlanned {
                file,
                options,
                report,
            }) if *file == self.file => {
                self.waiting = false;
                self.plan = Some(((**options).clone(), report.clone()));
            }
            Event::Failed { request, message } => match &**request {
                Request::Package(PackageRequest::LookAtText { file, .. }) if *file == self.file => {
                    self.waiting = false;
                    self.refused = Some(message.cause.clone());
                }
                // Why is told by a dialog of its own.
                Request::Package(PackageRequest::PlanText { file, .. }) if *file == self.file => {
                    return Flow::Close;
                }
                _ => {}
            },
            _ => {}
        }
        Flow::Stay
    }
}

fn heading(ui: &mut Ui, words: &str) {
    let t = Tokens::of(ui);
    text::heading_in(ui, words, font::strong(), t.text);
    ui.add_space(sp::S);
}

/// The choice of one; the new one where it was changed.
fn encoding(ui: &mut Ui, now: &str) -> Option<&'static str> {
    let mut chosen = ENCODINGS
        .into_iter()
        .find(|e| *e == now)
        .unwrap_or_default();
    let options: Vec<_> = ENCODINGS.iter().map(|e| (*e, *e)).collect();
    let mut changed = false;
    named(ui, t!("Encoding"), |ui, width| {
        changed = field::combo(ui, t!("Encoding"), width.min(220.0), &mut chosen, &options);
    });
    changed.then_some(chosen)
}

fn reading(ui: &mut Ui, form: &Form, wishes: &mut TextWishes) {
    named(ui, t!("Field separator"), |ui, width| {
        let mut chosen = form.options.delimiter;
        let options = text_model::delimiters();
        if field::combo(
            ui,
            t!("Field separator"),
            width.min(220.0),
            &mut chosen,
            &options,
        ) {
            wishes.delimiter = Some(chosen);
        }
    });
    if let Some(chosen) = encoding(ui, form.encoding) {
        wishes.encoding = Some(chosen.to_owned());
    }
    if form.is_unreadable {
        let t = Tokens::of(ui);
        let words = t!(
            "Some letters in the file are not {encoding}: they would become “\u{fffd}”. Choose \
             another encoding.",
            encoding = form.encoding
        );
        text::paragraph_in(ui, &words, font::small(), t.warn);
        ui.add_space(sp::S);
    }
    let mut html = form.options.is_html;
    if check::checkbox(ui, &mut html, t!("Allow HTML in fields")).changed() {
        wishes.is_html = Some(html);
    }
    ui.add_space(sp::M);
}

/// The first rows, each column under its number and name.
fn preview(ui: &mut Ui, form: &Form) {
    let columns = form.columns().max(1);
    surface::inset_frame(ui)
        .inner_margin(Margin::symmetric(11, 7))
        .show(ui, |ui| {
            let width = ui.available_width();
            let cell = (width / columns as f32).max(CELL);
            ScrollArea::horizontal()
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    line(ui, cell, (0..columns).map(|n| form.column_name(n)), true);
                    for row in &form.preview {
                        let cells = (0..columns).map(|n| row.get(n).cloned().unwrap_or_default());
                        line(ui, cell, cells, false);
                    }
                    if cell * columns as f32 > width + 0.5 {
                        // The bar has room below the last row.
                        ui.add_space(sp::S);
                    }
                });
        });
}

fn line(ui: &mut Ui, cell: f32, cells: impl ExactSizeIterator<Item = String>, head: bool) {
    let t = Tokens::of(ui);
    let (font, color) = if head {
        (font::caption_strong(), t.text2)
    } else {
        (font::body(), t.text)
    };
    let (_, r) = ui.allocate_space(vec2(cell * cells.len() as f32, 26.0));
    for (n, words) in cells.enumerate() {
        let left = r.min.x + n as f32 * cell;
        let place = Rect::from_min_max(pos2(left, r.min.y), pos2(left + cell - 8.0, r.max.y));
        let words = words.replace('\n', " ");
        text::label(ui, place, Align::Min, &words, font.clone(), color);
    }
}

fn destination(ui: &mut Ui, form: &mut Form, wishes: &mut TextWishes) {
    if let Some(id) = form.notetype() {
        let options: Vec<_> = form
            .notetypes
            .iter()
            .map(|n| (n.id, n.name.as_str()))
            .collect();
        let mut chosen = id;
        named(ui, t!("Note type"), |ui, width| {
            if field::combo(ui, t!("Note type"), width, &mut chosen, &options) {
                wishes.notetype = Some(chosen);
            }
        });
    }
    let mut deck = form.options.deck.clone();
    let options = form.deck_options();
    let options: Vec<_> = options
        .iter()
        .map(|(d, s)| (d.clone(), s.as_str()))
        .collect();
    named(ui, t!("Deck"), |ui, width| {
        field::combo(ui, t!("Deck"), width, &mut deck, &options);
    });
    form.options.deck = deck;
}

fn existing(ui: &mut Ui, form: &mut Form) {
    let options = &mut form.options;
    named(ui, t!("Existing notes"), |ui, width| {
        let choices = text_model::existing();
        field::combo(
            ui,
            t!("Existing notes"),
            width.min(220.0),
            &mut options.existing,
            &choices,
        );
    });
    named(ui, t!("Match scope"), |ui, width| {
        let choices = text_model::scopes();
        field::combo(
            ui,
            t!("Match scope"),
            width.min(220.0),
            &mut options.scope,
            &choices,
        );
    });
    let tags = [
        (
            t!("Tag all notes"),
            &mut form.global_tags,
            &mut options.global_tags,
        ),
        (
            t!("Tag updated notes"),
            &mut form.updated_tags,
            &mut options.updated_tags,
        ),
    ];
    for (name, typed, tags) in tags {
        named(ui, name, |ui, width| {
            if Field::new(typed, name).width(width).show(ui).changed() {
                *tags = typed.split_whitespace().map(str::to_owned).collect();
            }
        });
    }
    ui.add_space(sp::M);
}

fn mapping(ui: &mut Ui, form: &mut Form) {
    let columns = form.column_options();
    let columns: Vec<_> = columns.iter().map(|(n, s)| (*n, s.as_str())).collect();
    for (n, name) in form.fields().into_iter().enumerate() {
        let mut column = form.field_column(n);
        named(ui, &name, |ui, width| {
            if field::combo(ui, &name, width.min(300.0), &mut column, &columns) {
                form.set_field_column(n, column);
            }
        });
    }
    named(ui, t!("Tags"), |ui, width| {
        field::combo(
            ui,
            t!("Tags"),
            width.min(300.0),
            &mut form.options.tags_column,
            &columns,
        );
    });
    named(ui, t!("Identifier"), |ui, width| {
        field::combo(
            ui,
            t!("Identifier"),
            width.min(300.0),
            &mut form.options.guid_column,
            &columns,
        );
    });
    ui.add_space(size::CONTROL / 4.0);
}
