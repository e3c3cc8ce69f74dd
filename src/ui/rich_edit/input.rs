//! Keys, clipboard, input methods and dropped files, before the text widget sees them.

use super::clipboard;
use super::commands::{self, FormatCommand, KeyAsk};
use super::toolbar::{last_color, open_colors};
use super::{FieldOptions, FieldOutput, RichField};
use crate::field_html::{clean_pasted, html_from_text, pictures_elsewhere, signed_copy};
use eframe::egui::{ColorImage, Event, ImeEvent, Key, Modifiers, Ui};
use std::path::Path;

/// Endings of files that fields show.
const PICTURES: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "svg", "webp", "ico", "avif", "bmp", "tif", "tiff",
];

/// Endings of files that fields play.
const SOUNDS: &[&str] = &[
    "mp3", "mp4", "ogg", "oga", "opus", "wav", "flac", "m4a", "aac", "3gp", "avi", "flv", "m4v",
    "mkv", "mov", "mpeg", "mpg", "ogv", "ogx", "spx", "swf", "webm",
];

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    ending.is_some_and(|e| endings.contains(&e.as_str()))
}

/// Whether a file's name is that of a picture, sound or film.
#[must_use]
pub fn is_media_file(path: &Path) -> bool {
    is_picture_file(path) || has_ending(path, SOUNDS)
}

/// Whether a file's name is that of a picture.
#[must_use]
pub fn is_picture_file(path: &Path) -> bool {
    has_ending(path, PICTURES)
}

/// A pasted picture, for the media folder.
fn added(image: &ColorImage) -> FieldOutput {
    FieldOutput::AddImage {
        width: image.width() as u32,
        height: image.height() as u32,
        rgba: (image.pixels.iter())
            .flat_map(|p| p.to_srgba_unmultiplied())
            .collect(),
    }
}

impl RichField {
    pub(super) fn take_input(&mut self, ui: &mut Ui, options: &FieldOptions<'_>) {
        self.group_composition(ui);
        let (run, asks) = commands::take_keys(ui, options.id.with("chord"));
        for command in run {
            self.run(command);
        }
        for ask in asks {
            self.answer(ui, ask, options);
        }
        // Enter on a selected object opens it instead of replacing it.
        if self.selection.len() == 1
            && self.object_is_selected()
            && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter))
        {
            self.open_object(self.selection.start);
        }
        // Enter in an empty item leaves its list, or goes on in the one around it.
        if self.selection.is_empty()
            && self.field.is_empty_item(self.selection.start)
            && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter))
        {
            self.leave_list();
        }
        self.take_clipboard(ui, options);
    }

    fn leave_list(&mut self) {
        let steps = self.field.mark_history();
        self.run(FormatCommand::Outdent);
        // An item without a list: a line more, as anywhere else.
        if self.field.mark_history() == steps {
            let at = self.selection.start;
            let end = at + self.field.insert(at, "\n");
            self.select(end..end);
        }
    }

    fn object_is_selected(&self) -> bool {
        let unit = self.field.projection().units.get(self.selection.start);
        unit.is_some_and(|u| matches!(u.kind, crate::field_html::Kind::Object(_)))
    }

    fn answer(&mut self, ui: &mut Ui, ask: KeyAsk, options: &FieldOptions<'_>) {
        match ask {
            KeyAsk::ClozeNew => self.cloze(options.highest_cloze, true),
            KeyAsk::ClozeSame => self.cloze(options.highest_cloze, false),
            KeyAsk::ColorLast => self.run(FormatCommand::Color(Some(last_color(ui.ctx())))),
            KeyAsk::ColorChoose => open_colors(ui.ctx()),
            KeyAsk::SourceView => {
                let on = !self.is_source_view();
                self.set_source_view(on);
                if let Some(source) = &mut self.source {
                    source.wants_focus = true;
                }
            }
            KeyAsk::Attach => self.outputs.push(FieldOutput::Attach),
            KeyAsk::Record => self.outputs.push(FieldOutput::Record),
            KeyAsk::Link => super::toolbar::open_link_entry(ui.ctx()),
            KeyAsk::PasteOther => {
                let text = clipboard::of(ui.ctx()).text().unwrap_or_default();
                self.paste(ui, &text, options, !options.paste_strips);
            }
        }
    }

    /// Marks the selection as a cloze; `others` is the highest number of the note's other fields.
    pub fn cloze(&mut self, others: Option<u32>, new_card: bool) {
        let Some(others) = others else {
            self.outputs.push(FieldOutput::NotAClozeType);
            return;
        };
        let number = self.next_cloze(others, new_card);
        self.run(FormatCommand::Cloze(number));
    }

    /// The number of a cloze that is made now.
    pub(super) fn next_cloze(&self, others: u32, new_card: bool) -> u32 {
        let highest = others.max(self.highest_cloze());
        match new_card {
            true => highest.saturating_add(1),
            false => highest.max(1),
        }
    }

    /// What an input method composes is one undo step, however many frames it takes.
    fn group_composition(&mut self, ui: &mut Ui) {
        if std::mem::take(&mut self.composition_over) {
            self.end_composition();
        }
        let (composing, ended) = ui.input(|i| {
            let ime = i.events.iter().filter_map(|e| match e {
                Event::Ime(event) => Some(event),
                _ => None,
            });
            ime.fold((false, false), |(on, off), event| match event {
                ImeEvent::Preedit { text, .. } if !text.is_empty() => (true, off),
                ImeEvent::Preedit { .. } | ImeEvent::Commit(_) => (on, true),
                _ => (on, off),
            })
        });
        if composing && self.composing_since.is_none() {
            self.field.end_typing();
            self.composing_since = Some(self.field.mark_history());
        }
        // The commit itself is handled by the widget in this frame: joined in the next.
        if ended && self.composing_since.is_some() {
            self.composition_over = true;
            ui.ctx().request_repaint();
        }
    }

    /// What was composed since it began becomes one step.
    pub(super) fn end_composition(&mut self) {
        if let Some(steps) = self.composing_since.take() {
            self.field.join_steps(steps);
            // It has the look that was chosen for it.
            if self.field.mark_history() > steps {
                self.pending.clear();
            }
        }
    }

    fn take_clipboard(&mut self, ui: &mut Ui, options: &FieldOptions<'_>) {
        let mut mine = Vec::new();
        let selected = !self.selection.is_empty();
        ui.input_mut(|i| {
            i.events.retain(|event| {
                let take = match event {
                    Event::Copy | Event::Cut => selected,
                    Event::Paste(_) | Event::PasteImage(_) => true,
                    _ => false,
                };
                if take {
                    mine.push(event.clone());
                }
                !take
            });
        });
        for event in mine {
            match event {
                Event::Copy => self.copy(ui),
                Event::Cut => {
                    self.copy(ui);
                    let r = self.selection.clone();
                    self.field.delete(r.clone());
                    self.field.select(r.start..r.start);
                }
                Event::Paste(text) => self.paste(ui, &text, options, options.paste_strips),
                Event::PasteImage(image) => self.outputs.push(added(&image)),
                _ => {}
            }
        }
    }

    /// Pictures and files for the HTML view: what else is pasted there is text.
    pub(super) fn take_files_into_source(&mut self, ui: &Ui, options: &FieldOptions<'_>) {
        self.take_dropped(ui, options, true);
        let is_paste = |e: &Event| matches!(e, Event::Paste(_));
        let is_nothing = |e: &Event| matches!(e, Event::Paste(text) if text.is_empty());
        let (pasted, nothing) = ui.input(|i| {
            let events = || i.events.iter();
            (events().any(is_paste), events().any(is_nothing))
        });
        let clipboard = clipboard::of(ui.ctx());
        let files = match pasted {
            true => clipboard.files(),
            false => vec![],
        };
        if nothing && files.is_empty() && clipboard.text().is_none() {
            self.outputs.extend(clipboard.picture().map(|p| added(&p)));
        }
        ui.input_mut(|i| {
            i.events.retain(|event| {
                if let Event::PasteImage(image) = event {
                    self.outputs.push(added(image));
                    return false;
                }
                files.is_empty() || !is_paste(event)
            });
        });
        let files = files.into_iter().map(FieldOutput::AddFile);
        self.outputs.extend(files);
    }

    fn copy(&self, ui: &Ui) {
        let html = self.field.html_of(self.selection.clone());
        let text = self.field.text_of(self.selection.clone());
        if clipboard::of(ui.ctx()).write(&signed_copy(&html), &text) {
            clipboard::remember(ui.ctx(), &html);
        } else {
            ui.copy_text(text);
        }
    }

    /// `strip`: without colours and fonts. Without a text, what the clipboard has besides.
    fn paste(&mut self, ui: &Ui, text: &str, options: &FieldOptions<'_>, strip: bool) {
        let clipboard = clipboard::of(ui.ctx());
        if text.is_empty() && clipboard.text().is_some() {
            // It came meanwhile, or the key was pressed elsewhere.
            return;
        }
        let files = clipboard.files();
        if !files.is_empty() {
            let files = files.into_iter().map(FieldOutput::AddFile);
            self.outputs.extend(files);
            return;
        }
        // What was copied here comes back as it was, unless its colours and fonts are not wanted.
        let keeps_own = !strip || options.paste_strips;
        let html = (!options.plain_text)
            .then(|| clipboard.html())
            .flatten()
            .map(|html| {
                let own = clipboard::own(ui.ctx(), &html).filter(|_| keeps_own);
                own.unwrap_or_else(|| clean_pasted(&html, strip))
            })
            .filter(|html| !html.is_empty());
        let html = html.unwrap_or_else(|| html_from_text(text));
        if html.is_empty() {
            self.outputs.extend(clipboard.picture().map(|p| added(&p)));
            return;
        }
        self.field.end_typing();
        let elsewhere = pictures_elsewhere(&html);
        if !elsewhere.is_empty() {
            self.outputs.push(FieldOutput::FetchPictures(elsewhere));
        }
        self.insert_html(&html);
    }

    /// Pictures, sounds and films that were dropped onto the field, or elsewhere while it has the
    /// keyboard. Whether there were any.
    pub(super) fn take_dropped(
        &mut self,
        ui: &Ui,
        options: &FieldOptions<'_>,
        focused: bool,
    ) -> bool {
        let mut is_mine = false;
        if options.dropped_on.map_or(focused, |id| id == options.id) {
            ui.input_mut(|i| {
                i.raw.dropped_files.retain(|file| {
                    let is_media = is_media_file(file.path());
                    if is_media {
                        let path = file.path().to_owned();
                        self.outputs.push(FieldOutput::AddFile(path));
                    }
                    is_mine |= is_media;
                    !is_media
                });
            });
        }
        is_mine
    }
}
