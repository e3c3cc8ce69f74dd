//! Plays the sounds of fields: one player for all editors, made when the first sound is played.

use crate::render::{MediaFolder, Resources};
use crate::template::av::AvTag;
use crate::ui::audio::{Audio, Devices};
use eframe::egui::Context;
use std::path::Path;
use std::sync::Arc;

/// See the module header.
pub struct Sounds {
    devices: fn() -> Devices,
    audio: Option<Audio>,
}

impl Sounds {
    /// `devices` opens the hardware.
    #[must_use]
    pub fn new(devices: fn() -> Devices) -> Self {
        Self {
            devices,
            audio: None,
        }
    }

    /// Stops what plays and plays these, of the profile in this folder.
    pub fn play(&mut self, ctx: &Context, profile: &Path, sounds: Vec<AvTag>) {
        if self.audio.is_none() {
            self.audio = Some(self.player(ctx, profile));
        }
        if let Some(audio) = &mut self.audio {
            audio.play(sounds);
        }
    }

    /// Another player and recorder, for the profile in this folder.
    #[must_use]
    pub fn player(&self, ctx: &Context, profile: &Path) -> Audio {
        let media = MediaFolder::new(profile.join("collection.media"));
        let resources: Arc<dyn Resources> = Arc::new(media);
        let wake = ctx.clone();
        let wake = Arc::new(move || wake.request_repaint());
        Audio::new(resources, (self.devices)(), profile.to_owned(), wake)
    }

    /// Silence, and another player for another profile.
    pub fn stop(&mut self) {
        self.audio = None;
    }
}
