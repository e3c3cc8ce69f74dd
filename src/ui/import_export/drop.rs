//! Files dropped on the window: what will become of them while they are held over it, and the
//! question afterwards. A package can be imported or only looked into; a text is imported.

use super::PackageAction;
use super::model::{self, FileKind};
use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::rich_edit::is_media_file;
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, radius};
use crate::ui::widgets::button::{Button, Kind};
use crate::ui::widgets::{dialog, surface, text};
use eframe::egui::{
    Align, Area, Context, DroppedFileHandle, HoveredFile, Id, Order, Rect, pos2, vec2,
};
use std::path::{Path, PathBuf};

/// How long files that were let go wait for the pointer.
const POINTER_SECS: f64 = 0.15;

/// Files that were let go over the window. While they are held over it, systems do not tell where
/// the pointer is, which is known a moment after.
#[derive(Default)]
pub struct LetGo {
    files: Vec<DroppedFileHandle>,
    since: Option<f64>,
}

impl LetGo {
    /// Keeps them back until the pointer is known, or is not going to be.
    pub fn wait_for_pointer(&mut self, ctx: &Context) {
        ctx.input_mut(|i| {
            self.files.append(&mut i.raw.dropped_files);
            if self.files.is_empty() {
                return;
            }
            let since = *self.since.get_or_insert(i.time);
            if i.pointer.latest_pos().is_some() || i.time - since >= POINTER_SECS {
                i.raw.dropped_files = std::mem::take(&mut self.files);
                self.since = None;
            }
        });
        if self.since.is_some() {
            ctx.request_repaint();
        }
    }
}

/// Import or look into a package.
pub struct DropDialog {
    file: PathBuf,
    whole: bool,
}

impl DropDialog {
    /// `whole`: a collection, not notes that are merged.
    #[must_use]
    pub fn new(file: PathBuf, whole: bool) -> Self {
        Self { file, whole }
    }
}

impl Dialog for DropDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let import = if self.whole {
            t!("Import replaces your collection with the one in it, after a question and a backup.")
        } else {
            t!("Import adds its notes to your collection; what will change is shown first.")
        };
        let shown = dialog::show(ctx, id, 480.0, |ui| {
            let name = model::file_name(&self.file);
            dialog::title(ui, &t!("Import or explore “{name}”?", name));
            text::paragraph(
                ui,
                t!(
                    "Explore shows what is inside and how it differs from your collection. \
                     Nothing changes; notes can be taken from it."
                ),
            );
            ui.add_space(8.0);
            text::paragraph(ui, import);
            let choices = vec![
                Button::new(t!("Cancel")),
                Button::new(t!("Import…")),
                Button::new(t!("Explore")).kind(Kind::Primary),
            ];
            let footer = dialog::footer(ui, vec![], choices);
            footer.focus_choice(2);
            [0, 1, 2].map(|n| footer.chosen(n))
        });
        let [cancel, import, explore] = shown.inner;
        let file = || self.file.clone();
        if import {
            cx.send(Action::Package(PackageAction::Offer(file())));
        } else if explore {
            cx.send(Action::Go(Route::Explorer { path: Some(file()) }));
        } else if !cancel && !shown.dismissed {
            return Flow::Stay;
        }
        Flow::Close
    }
}

/// While files are held over the window: what dropping them does. `covered`: a dialog lies above
/// the page, and they would not be taken. `on_note`: the page is one of a note's fields.
pub fn hint(ctx: &Context, covered: bool, on_note: bool) {
    let held = ctx.input(|i| i.raw.hovered_files.clone());
    if held.is_empty() || covered {
        return;
    }
    let (title, line) = words(&held, on_note || ctx.text_edit_focused());
    let r = ctx.content_rect();
    Area::new(Id::unique("drop hint"))
        .order(Order::Tooltip)
        .fixed_pos(r.min)
        .interactable(false)
        .show(ctx, |ui| {
            let t = Tokens::of(ui);
            surface::fill(ui, r, 0, t.scrim);
            let sheet = Rect::from_center_size(r.center(), vec2(400.0, 96.0));
            let shadow = t.shadow_dialog().as_shape(sheet, radius::DIALOG);
            ui.painter().add(shadow);
            surface::fill(ui, sheet, radius::DIALOG, t.raised);
            surface::outline(ui, sheet, radius::DIALOG, t.focus);
            let row = |y: f32| Rect::from_center_size(pos2(r.center().x, y), vec2(368.0, 24.0));
            let y = sheet.center().y;
            let (big, small) = (font::dialog_title(), font::small());
            text::label(ui, row(y - 11.0), Align::Center, title, big, t.text);
            text::label(ui, row(y + 15.0), Align::Center, line, small, t.text2);
        });
}

/// More are told by their number.
const MOST_NAMED: usize = 3;

/// What is said when `others` were let go with the file that is taken.
#[must_use]
pub fn only_first(taken: &Path, others: &[PathBuf]) -> String {
    if others.len() > MOST_NAMED {
        return t!(
            "One file at a time: “{name}” was taken, not the {n} others",
            name = model::file_name(taken),
            n = others.len()
        );
    }
    let quoted = |path: &PathBuf| t!("“{name}”", name = model::file_name(path));
    let left: Vec<String> = others.iter().map(quoted).collect();
    t!(
        "One file at a time: “{name}” was taken, not {left}",
        name = model::file_name(taken),
        left = model::listed(&left)
    )
}

/// Not every system tells which file it is.
fn words(held: &[HoveredFile], typing: bool) -> (&'static str, &'static str) {
    let kinds = t!("A package (.apkg, .colpkg), a text file or a database of Mnemosyne");
    if held.len() > 1 && !typing {
        return (t!("One file at a time"), t!("The first of them is taken"));
    }
    let path: Option<&Path> = held.first().and_then(|f| f.path.as_deref());
    match path.map(|path| (path, model::kind_of(path))) {
        Some((path, _)) if typing && is_media_file(path) => {
            (t!("Drop to add"), t!("The file goes into the field"))
        }
        Some((_, FileKind::Text)) => (t!("Drop to import"), t!("A text file")),
        Some((_, FileKind::Mnemosyne)) => (t!("Drop to import"), t!("A database of Mnemosyne")),
        Some((_, FileKind::Refused(_))) => (t!("This file cannot be opened"), kinds),
        Some((_, FileKind::Encrypted)) => (t!("Drop to open"), t!("An encrypted file")),
        Some((_, FileKind::Collection | FileKind::DeckPackage)) => {
            (t!("Drop to import or explore"), t!("A package with cards"))
        }
        None => (t!("Drop to import or explore"), kinds),
    }
}
