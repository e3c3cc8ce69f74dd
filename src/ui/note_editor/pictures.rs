//! Pictures in fields: asked for by name, loaded by the worker's side, kept as textures.

use crate::service::notes::{NoteRequest, PictureData};
use crate::ui::rich_edit::Picture;
use eframe::egui::{ColorImage, Context, TextureHandle, TextureOptions};
use std::collections::HashMap;

/// Kept at most, unless more are on show; what is gone is loaded again when it is seen.
const KEPT: usize = 64;

/// See the module header.
#[derive(Default)]
pub(super) struct Pictures {
    /// With the frame in which each was wanted last.
    known: HashMap<String, (u64, State)>,
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
        let now = ctx.cumulative_frame_nr();
        let Some((seen, state)) = self.known.get_mut(name) else {
            if self.known.len() >= KEPT {
                self.known.retain(|_, (seen, _)| *seen + 1 >= now);
            }
            self.known.insert(name.to_owned(), (now, State::Asked));
            self.wanted.push(request());
            return None;
        };
        *seen = now;
        match state {
            State::Ready(texture) => Some(texture.clone()),
            State::Asked | State::Missing => None,
            state @ State::Pixels(_) => {
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
        matches!(self.known.get(name), Some((_, State::Missing)))
    }

    /// Those that were not there are looked for again; with a name, that one.
    pub(super) fn look_again(&mut self, name: Option<&str>) {
        self.known.retain(|known, (_, state)| {
            let is_meant = name.is_none_or(|name| name == known);
            !(is_meant && matches!(state, State::Missing))
        });
    }

    /// What is to be asked for.
    pub(super) fn take_wanted(&mut self) -> Vec<NoteRequest> {
        std::mem::take(&mut self.wanted)
    }

    /// What was loaded; None: there is no such picture.
    pub(super) fn take(&mut self, name: &str, picture: Option<&PictureData>) {
        let Some((_, kept @ State::Asked)) = self.known.get_mut(name) else {
            return;
        };
        *kept = picture.map_or(State::Missing, |picture| {
            let size = [picture.width as usize, picture.height as usize];
            State::Pixels(ColorImage::from_rgba_unmultiplied(size, &picture.rgba))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_pictures_than_are_kept_are_asked_for_once_while_they_are_on_show() {
        let ctx = Context::default();
        let mut pictures = Pictures::default();
        let names: Vec<String> = (0..KEPT + 6).map(|n| format!("{n}.png")).collect();
        let mut asked = 0;
        for _ in 0..3 {
            for name in &names {
                pictures.get(&ctx, Picture::File(name));
            }
            asked += pictures.take_wanted().len();
        }
        assert_eq!(asked, names.len());
        for name in &names {
            pictures.take(name, None);
        }
        assert!(names.iter().all(|name| pictures.is_missing(name)));
    }

    #[test]
    fn a_picture_that_was_not_there_is_looked_for_again() {
        let ctx = Context::default();
        let mut pictures = Pictures::default();
        let asks = |pictures: &mut Pictures| {
            for name in ["a.png", "b.png"] {
                pictures.get(&ctx, Picture::File(name));
            }
            let asked = pictures.take_wanted().len();
            pictures.take("a.png", None);
            pictures.take("b.png", None);
            asked
        };
        assert_eq!((asks(&mut pictures), asks(&mut pictures)), (2, 0));
        pictures.look_again(Some("b.png"));
        assert_eq!(asks(&mut pictures), 1, "one has come into the folder");
        pictures.look_again(None);
        assert_eq!(asks(&mut pictures), 2, "another note is shown");
    }
}
