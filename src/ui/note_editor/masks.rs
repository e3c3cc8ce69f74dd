//! Image occlusion among a note's fields: the button that opens the masks' editor, and the editor
//! in the place of the fields. What it makes goes into the field "Occlusion".

use super::form::{NoteForm, WORDS_IN};
use crate::domain::notetype::Notetype;
use crate::field_html::{attribute, decode};
use crate::t;
use crate::ui::context::UiContext;
use crate::ui::occlusion_edit::{Edited, OcclusionEditor};
use crate::ui::rich_edit::{FieldOutput, Picture};
use crate::ui::widgets::{Button, ic};
use eframe::egui::{Align, Key, Modifiers, Rect, Ui};

/// Of the stock note type "Image Occlusion".
const STOCK_KIND: i32 = 6;
/// What a field is for, as the note type says.
const OCCLUSION: u32 = 0;
const IMAGE: u32 = 1;

/// The masks of a note that are being edited or about to be.
#[derive(Default)]
pub(super) struct MasksState {
    editor: Option<OcclusionEditor>,
    /// The field's text when the editor was opened.
    before: String,
    /// Opened as soon as there is a picture.
    wanted: bool,
}

impl MasksState {
    pub(super) fn is_open(&self) -> bool {
        self.editor.is_some()
    }

    /// A polygon has been begun.
    pub(super) fn has_corners(&self) -> bool {
        self.editor
            .as_ref()
            .is_some_and(OcclusionEditor::has_corners)
    }
}

/// Places of the fields for masks and picture; None in other note types.
fn fields_of(notetype: &Notetype) -> Option<(usize, usize)> {
    if notetype.config.original_stock_kind != STOCK_KIND {
        return None;
    }
    let by_tag = |tag| {
        notetype
            .fields
            .iter()
            .position(|f| f.config.tag == Some(tag))
    };
    Some((by_tag(OCCLUSION)?, by_tag(IMAGE)?))
}

/// The file of the first picture in a field.
fn picture_in(html: &str) -> Option<String> {
    let at = html.find("<img")?;
    let file = decode(attribute(&html[at..], "src")?);
    Some(file).filter(|f| !f.is_empty())
}

/// Whether notes of this type have a picture with masks.
pub(super) fn has_masks(notetype: &Notetype) -> bool {
    fields_of(notetype).is_some()
}

/// Room that the button needs, whatever it says.
pub(super) fn masks_width(ui: &Ui) -> f32 {
    let wide = |words| Button::new(words).icon(ic::IMAGE).wanted_width(ui);
    wide(t!("Edit masks")).max(wide(t!("Choose picture…"))) + WORDS_IN
}

impl NoteForm {
    /// It is of image occlusion: its picture is there, and no mask on it.
    #[must_use]
    pub fn lacks_masks(&self) -> bool {
        self.unmasked().is_some()
    }

    /// The file of the picture, while there is no mask on it.
    pub(super) fn unmasked(&self) -> Option<String> {
        let (masks, image) = self.notetype().and_then(|n| fields_of(n))?;
        let is_bare = self.field(masks).unwrap_or_default().trim().is_empty();
        self.field(image).filter(|_| is_bare).and_then(picture_in)
    }

    /// Opens the masks of a picture that has just come: drawing them comes next, as in Anki.
    /// `before`: the one without masks that was there, a link that became a file too.
    pub(super) fn masks_of_new_picture(&mut self, before: Option<&str>) {
        let now = self.unmasked();
        self.masks.wanted |= now.is_some() && now.as_deref() != before;
    }

    /// The field for a picture that was pasted or dropped on field `at`: the first one for masks has
    /// a place of its own.
    pub(super) fn field_for_picture(&self, at: usize) -> usize {
        match self.notetype().and_then(|n| fields_of(n)) {
            Some((masks, image)) if at == masks && !self.has_picture(image) => image,
            _ => at,
        }
    }

    fn has_picture(&self, image: usize) -> bool {
        self.field(image).and_then(picture_in).is_some()
    }

    /// Cuts the button off the right end of the toolbar's rectangle.
    pub(super) fn masks_button(&mut self, cx: &UiContext<'_>, ui: &mut Ui, bar: &mut Rect) {
        let Some((_, image)) = self.notetype().and_then(|n| fields_of(n)) else {
            return;
        };
        let has_picture = self.has_picture(image);
        let words = if has_picture {
            t!("Edit masks")
        } else {
            t!("Choose picture…")
        };
        let button = Button::new(words)
            .icon(ic::IMAGE)
            .height(26.0)
            .tip_key(t!("Masks over the picture"), "Ctrl+Alt+Shift+M");
        let width = button.wanted_width(ui);
        // Its frame is seen, and ends where the fields do.
        bar.max.x -= WORDS_IN;
        let place = Rect::from_min_max(eframe::egui::pos2(bar.max.x - width, bar.min.y), bar.max);
        bar.max.x -= width + 8.0;
        let pressed = crate::ui::widgets::button::row(ui, place, Align::Max, vec![button]);
        let all = Modifiers::COMMAND | Modifiers::ALT | Modifiers::SHIFT;
        let by_key = !cx.covered && ui.input_mut(|i| i.consume_key(all, Key::M));
        if pressed.iter().any(eframe::egui::Response::clicked) || by_key {
            self.masks.wanted = true;
            if !has_picture {
                self.take_outputs(cx, image, vec![FieldOutput::Attach]);
            }
        }
    }

    /// Draws the masks' editor when it is open; `Some(true)` when it changed the note.
    pub(super) fn masks_ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) -> Option<bool> {
        let (occlusion, image) = self.notetype().and_then(|n| fields_of(n))?;
        if self.masks.editor.is_none() && !self.masks.wanted {
            return None;
        }
        let file = self.field(image).and_then(picture_in)?;
        let Some(picture) = self.pictures.get(ui.ctx(), Picture::File(&file)) else {
            if self.pictures.is_missing(&file) && std::mem::take(&mut self.masks.wanted) {
                cx.note(t!(
                    "Masks need a picture that can be shown: “{file}” is not in the media folder, \
                     or no PNG, JPEG, GIF, WebP, BMP or SVG",
                    file
                ));
            }
            return None;
        };
        if std::mem::take(&mut self.masks.wanted) && self.masks.editor.is_none() {
            self.masks.before = self.field(occlusion).unwrap_or_default().to_owned();
            self.masks.editor = Some(OcclusionEditor::new(&self.masks.before));
        }
        let editor = self.masks.editor.as_mut()?;
        let ended = editor.ui(ui, &picture);
        // Each change goes into the field at once: nothing is lost when the window closes.
        let mut field = editor.field();
        if ended != Edited::Going {
            self.masks.editor = None;
        }
        if ended == Edited::Cancelled {
            field = std::mem::take(&mut self.masks.before);
        }
        let changed = self.field(occlusion) != Some(field.as_str());
        if changed {
            self.set_field(occlusion, &field);
        }
        Some(changed)
    }
}
