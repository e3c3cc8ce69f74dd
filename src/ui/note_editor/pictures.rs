//! Pictures in fields: asked for by name, loaded by the worker's side, kept as textures.

use crate::service::notes::{NoteRequest, PictureData};
use crate::ui::rich_edit::Picture;
use eframe::egui::{ColorImage, Context, TextureHandle, TextureOptions};
use std::collections::HashMap;

/// Kept at most; more are loaded again when they are seen.
const KEPT: usize = 64;

/// See the module header.
#[derive(Default)]
pub(super) struct Pictures {
    known: HashMap<String, State>,
    wanted: Vec<NoteRequest>,
}

enum State {
    Asked,
    /// Arrived, and not yet a texture.
    Pixels(ColorImage),
    Ready(TextureHandle),
    Missing,
}

impl Pictures {
    /// The picture, when it is there; asks for it when it is not.
    pub(super) fn get(&mut self, ctx: &Context, wanted: Picture<'_>) -> Option<TextureHandle> {
        match wanted {
            Picture::File(name) => {
                self.texture(ctx, name, || NoteRequest::LoadPicture(name.to_owned()))
            }
            Picture::Formula(formula) => self.texture(ctx, &formula.name(), || {
                NoteRequest::LoadFormula(formula.clone())
            }),
        }
    }

    fn texture(
        &mut self,
        ctx: &Context,
        name: &str,
        request: impl FnOnce() -> NoteRequest,
    ) -> Option<TextureHandle> {
        match self.known.get_mut(name) {
            None => {
                if self.known.len() >= KEPT {
                    self.known.clear();
                }
                self.known.insert(name.to_owned(), State::Asked);
                self.wanted.push(request());
                None
            }
            Some(State::Ready(texture)) => Some(texture.clone()),
            Some(State::Asked | State::Missing) => None,
            Some(state) => {
                let State::Pixels(image) = std::mem::replace(state, State::Missing) else {
                    return None;
                };
                // More than the graphics card takes: shown as one that is not there.
                let most = ctx.input(|i| i.max_texture_side);
                if image.width().max(image.height()) > most {
                    return None;
                }
                let texture = ctx.load_texture(name, image, TextureOptions::LINEAR);
                *state = State::Ready(texture.clone());
                Some(texture)
            }
        }
    }

    /// A file was asked for and cannot be shown.
    pub(super) fn is_missing(&self, name: &str) -> bool {
        matches!(self.known.get(name), Some(State::Missing))
    }

    /// What is to be asked for.
    pub(super) fn take_wanted(&mut self) -> Vec<NoteRequest> {
        std::mem::take(&mut self.wanted)
    }

    /// What was loaded; None: there is no such picture.
    pub(super) fn take(&mut self, name: &str, picture: Option<&PictureData>) {
        if !matches!(self.known.get(name), Some(State::Asked)) {
            return;
        }
        let state = picture.map_or(State::Missing, |picture| {
            let size = [picture.width as usize, picture.height as usize];
            State::Pixels(ColorImage::from_rgba_unmultiplied(size, &picture.rgba))
        });
        self.known.insert(name.to_owned(), state);
    }
}
