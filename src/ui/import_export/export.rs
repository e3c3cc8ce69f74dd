//! The export dialog: what goes into the package, then where it is written.

use super::model::{self, ExportChoice, Format, Include};
use super::seal::Seal;
use crate::domain::encrypted::{ENDING, encrypted_name};
use crate::service::request::{PackageRequest, Request};
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::decks::model::all_rows;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::environment::FileAsk;
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::{check, dialog, field, text};
use crate::{t, tn};
use eframe::egui::{Context, Frame, Margin, Ui};
use std::path::Path;

const WIDTH: f32 = 480.0;
/// Of the names before the two choices.
const NAME: f32 = 136.0;

/// See the module header.
#[derive(Default)]
pub struct ExportDialog {
    choice: ExportChoice,
    /// Notes or cards that were chosen elsewhere.
    chosen: Option<Include>,
    seal: Seal,
    focused: bool,
}

impl Dialog for ExportDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            self.content(cx, ui);
            let choices = vec![
                Button::new(t!("Cancel")),
                Button::new(t!("Export…"))
                    .kind(Kind::Primary)
                    .enabled(self.seal.is_ready()),
            ];
            let footer = dialog::footer(ui, vec![], choices);
            if !std::mem::replace(&mut self.focused, true) {
                footer.choices[1].request_focus();
            }
            footer.focus_choice(1);
            let export = footer.chosen(1) || self.seal.begins();
            (footer.chosen(0), export)
        });
        let (cancel, export) = shown.inner;
        if export {
            self.ask_where(cx);
        }
        Flow::close_if(cancel || export || shown.dismissed)
    }
}

impl ExportDialog {
    #[must_use]
    pub fn new(choice: ExportChoice) -> Self {
        let is_chosen = matches!(choice.include, Include::Notes(_) | Include::NotesOf(_));
        Self {
            chosen: is_chosen.then(|| choice.include.clone()),
            choice,
            seal: Seal::default(),
            focused: false,
        }
    }

    fn content(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let choice = &mut self.choice;
        let chosen = self.chosen.as_ref();
        let (mut title, about) = words(choice.format);
        if choice.format == Format::Deck && chosen == Some(&choice.include) {
            title = t!("Export notes");
        }
        dialog::title(ui, title);
        text::paragraph(ui, about);
        ui.add_space(sp::M);
        named_out(ui, t!("Export format"), |ui, width| {
            let formats = Format::ALL.map(|format| (format, format.label()));
            field::combo(ui, t!("Export format"), width, &mut choice.format, &formats);
        });
        if choice.format != Format::Collection {
            named_out(ui, t!("Include"), |ui, width| {
                include(cx, ui, width, choice, chosen)
            });
        }
        ui.add_space(sp::S);
        match choice.format {
            Format::Collection => {
                package_options(ui, choice);
                option(
                    ui,
                    &mut choice.texts,
                    t!("Also each note as a text file"),
                    t!("In an archive (.zip) beside the package, unless that is encrypted."),
                );
            }
            Format::Deck => {
                option(
                    ui,
                    &mut choice.scheduling,
                    t!("Include scheduling information"),
                    t!("Due dates, intervals and reviews. Leave it out to share the deck."),
                );
                option(ui, &mut choice.presets, t!("Include deck presets"), "");
                package_options(ui, choice);
            }
            Format::Plain => {
                option(ui, &mut choice.media, t!("Include sounds and pictures"), "");
            }
            Format::Notes | Format::Cards => {
                let label = t!("Include HTML and media references");
                option(ui, &mut choice.html, label, "");
                if choice.format == Format::Notes {
                    let columns = &mut choice.columns;
                    option(ui, &mut columns.tags, t!("Include tags"), "");
                    option(ui, &mut columns.deck, t!("Include deck name"), "");
                    option(ui, &mut columns.notetype, t!("Include note type name"), "");
                    option(ui, &mut columns.guid, t!("Include unique identifier"), "");
                }
            }
        }
        ui.add_space(sp::S);
        self.seal.ui(ui, sealed_words(choice.format));
    }

    fn ask_where(&self, cx: &UiContext<'_>) {
        let choice = self.choice.clone();
        let now = cx.clock.local(cx.now);
        let included = included_name(cx, &choice.include);
        let (title, name, kind, ending) = match choice.format {
            Format::Collection => (
                t!("Export collection"),
                model::export_name(&now),
                t!("Anki collection package"),
                "colpkg",
            ),
            Format::Deck => (
                t!("Export deck"),
                model::deck_export_name(&included, "apkg"),
                t!("Anki deck package"),
                "apkg",
            ),
            Format::Notes | Format::Cards => (
                t!("Export text"),
                model::deck_export_name(&included, "txt"),
                t!("Text file"),
                "txt",
            ),
            Format::Plain => (
                t!("Export notes as text files"),
                model::deck_export_name(&included, "zip"),
                t!("Archive of text files"),
                "zip",
            ),
        };
        let password = self.seal.password();
        let ask = if password.is_some() {
            let name = encrypted_name(Path::new(&name));
            FileAsk::save(title, &name.to_string_lossy())
                .filter(t!("Encrypted file"), &[ENDING])
                .ending(&format!("{ending}.{ENDING}"))
        } else {
            FileAsk::save(title, &name)
                .filter(kind, &[ending])
                .ending(ending)
        };
        cx.pick_file(ask, move |out| {
            let selection = choice.selection();
            Action::Ask(Request::Package(match choice.format {
                Format::Collection => PackageRequest::ExportCollection {
                    out,
                    media: choice.media,
                    legacy: choice.legacy,
                    texts: choice.texts && password.is_none(),
                    password,
                },
                Format::Deck => PackageRequest::ExportPackage {
                    out,
                    selection,
                    options: choice.options(),
                    password,
                },
                Format::Notes | Format::Cards => PackageRequest::ExportText {
                    out,
                    selection,
                    what: choice.text(),
                    password,
                },
                Format::Plain => PackageRequest::ExportPlain {
                    out,
                    selection,
                    media: choice.media,
                    password,
                },
            }))
        });
    }
}

fn words(format: Format) -> (&'static str, &'static str) {
    match format {
        Format::Collection => (
            t!("Export your collection"),
            t!(
                "All decks, cards, reviews and settings in one file, an Anki collection package \
                 (.colpkg). Anki and Engram can import it."
            ),
        ),
        Format::Deck => (
            t!("Export a deck"),
            t!(
                "Notes with their cards and note types in one file, an Anki deck package (.apkg). \
                 Importing it adds them to another collection."
            ),
        ),
        Format::Notes => (
            t!("Export notes"),
            t!(
                "One line a note, columns separated by tabs. Anki, Engram and spreadsheets read it."
            ),
        ),
        Format::Cards => (
            t!("Export cards"),
            t!("One line a card, question and answer as they are shown."),
        ),
        Format::Plain => (
            t!("Export notes as text files"),
            t!(
                "An archive of text files, one a note, in folders by deck: to read, to search and \
                 for other programs."
            ),
        ),
    }
}

fn sealed_words(format: Format) -> &'static str {
    if format == Format::Collection {
        t!(
            "In the age format, which the standard age command opens. Preferences and the history \
             of notes go along."
        )
    } else {
        t!("In the age format, which the standard age command opens.")
    }
}

/// What both kinds of package ask.
fn package_options(ui: &mut Ui, choice: &mut ExportChoice) {
    option(ui, &mut choice.media, t!("Include sounds and pictures"), "");
    option(
        ui,
        &mut choice.legacy,
        t!("Support older Anki versions"),
        t!("For Anki before 2.1.50. Slower, and the file is larger."),
    );
}

/// Decks by their full names, as the list has them.
fn decks(cx: &UiContext<'_>) -> Vec<(Include, String)> {
    let rows = cx.model.decks.ready().map(|d| all_rows(&d.root));
    rows.unwrap_or_default()
        .into_iter()
        .map(|row| {
            (
                Include::Deck(row.id),
                text::name(&row.full_name).into_owned(),
            )
        })
        .collect()
}

/// `chosen` stays on offer beside the decks.
fn include(
    cx: &UiContext<'_>,
    ui: &mut Ui,
    width: f32,
    choice: &mut ExportChoice,
    chosen: Option<&Include>,
) {
    let mut all = vec![(Include::AllDecks, t!("All Decks").to_owned())];
    let words = match chosen {
        Some(Include::Notes(notes)) => {
            let n = notes.len() as u64;
            Some(tn!(n, "{n} selected note", "{n} selected notes"))
        }
        Some(Include::NotesOf(cards)) => {
            let n = cards.len() as u64;
            Some(tn!(n, "{n} selected card", "{n} selected cards"))
        }
        _ => None,
    };
    if let (Some(chosen), Some(words)) = (chosen, words) {
        all.insert(0, (chosen.clone(), words));
    }
    all.extend(decks(cx));
    let options: Vec<(Include, &str)> = all
        .iter()
        .map(|(include, words)| (include.clone(), words.as_str()))
        .collect();
    field::combo(ui, t!("Include"), width, &mut choice.include, &options);
}

/// For the name of a file, in English as its ending.
fn included_name(cx: &UiContext<'_>, include: &Include) -> String {
    let name = match include {
        Include::AllDecks => None,
        Include::Notes(_) | Include::NotesOf(_) => Some("selected notes".to_owned()),
        Include::Deck(_) => decks(cx)
            .into_iter()
            .find(|(deck, _)| deck == include)
            .map(|(_, name)| name),
    };
    name.unwrap_or_else(|| "All Decks".to_owned())
}

/// A row of the dialogs that take something in: its name, and what is chosen in it.
pub(super) fn named(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui, f32)) {
    let longest = [t!("Tag updated notes"), t!("Update note types")];
    named_among(ui, &longest, name, content);
}

/// As [`named`], of the dialog that writes.
pub(super) fn named_out(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui, f32)) {
    let longest = [t!("Export format"), t!("Include"), t!("Password again")];
    named_among(ui, &longest, name, content);
}

/// Below one another, with room for the `longest` names.
fn named_among(ui: &mut Ui, longest: &[&str], name: &str, content: impl FnOnce(&mut Ui, f32)) {
    let wide = longest
        .iter()
        .map(|words| text::width(ui, words, font::body()) + sp::S);
    let wide = wide.fold(NAME, f32::max).ceil();
    field::line(ui, wide, name, |ui| {
        let width = ui.available_width();
        content(ui, width);
    });
}

/// A check box with a line under it.
pub(super) fn option(ui: &mut Ui, on: &mut bool, label: &str, below: &str) -> bool {
    let changed = check::checkbox(ui, on, label).changed();
    if below.is_empty() {
        ui.add_space(sp::XS);
        return changed;
    }
    let t = Tokens::of(ui);
    let beside = Frame::new().inner_margin(Margin {
        left: 24,
        ..Margin::ZERO
    });
    beside.show(ui, |ui| {
        text::paragraph_in(ui, below, font::small(), t.text2);
    });
    ui.add_space(sp::S);
    changed
}
