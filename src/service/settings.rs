//! Settings that Anki does not have in the collection: one JSON file a profile and one for the
//! program. A bad value gives the default and a warning, never a refusal to start.

use serde::{Deserialize, Serialize};

/// `settings.json` in the profile folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfileSettings {
    /// Light, dark or as the system says.
    pub theme: ThemeChoice,
    /// Interface size in percent, 50 to 300.
    pub ui_zoom_percent: u32,
    /// Card size in percent, 50 to 300.
    pub card_zoom_percent: u32,
    /// Space and Enter rate a card Good once the answer is shown.
    pub space_answers_good: bool,
    pub autoplay_audio: bool,
    pub interrupt_audio_when_answering: bool,
    pub show_play_buttons: bool,
    pub reduce_motion: bool,
    /// Count mode: keep the last n backups instead of daily, weekly, monthly.
    pub keep_last_backups: Option<u32>,
    /// Back up when the program closes and something changed.
    pub backup_on_close: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    #[default]
    System,
    Light,
    Dark,
}

impl Default for ProfileSettings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            ui_zoom_percent: 100,
            card_zoom_percent: 100,
            space_answers_good: true,
            autoplay_audio: true,
            interrupt_audio_when_answering: true,
            show_play_buttons: true,
            reduce_motion: false,
            keep_last_backups: None,
            backup_on_close: true,
        }
    }
}
