//! The reviewer's commands about what plays and about the user's own voice: rows of the command
//! table (`ui::command`) in a file of their own. What they do is in `sheet`.

use crate::ui::command::{Info, Scope};
use crate::ui::keys::{Keys, NONE};
use crate::ui::widgets::ic;
use eframe::egui::{Key, Modifiers};

/// See the module header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AudioCommand {
    Pause,
    Back,
    Forward,
    RecordVoice,
    ReplayVoice,
}

impl AudioCommand {
    /// The row of the table.
    #[must_use]
    pub const fn info(self) -> Info {
        match self {
            Self::Pause => Info {
                label: "Pause Audio",
                tooltip: "Hold what plays, or let it go on",
                icon: None,
                keys: const { &[key(NONE, Key::Num5)] },
            },
            Self::Back => Info {
                label: "Audio −5s",
                tooltip: "Go back five seconds in what plays",
                icon: None,
                keys: const { &[key(NONE, Key::Num6)] },
            },
            Self::Forward => Info {
                label: "Audio +5s",
                tooltip: "Skip five seconds of what plays",
                icon: None,
                keys: const { &[key(NONE, Key::Num7)] },
            },
            Self::RecordVoice => Info {
                label: "Record Own Voice",
                tooltip: "Record yourself; again to stop and listen",
                icon: Some(ic::MIC),
                keys: const { &[key(Modifiers::SHIFT, Key::V)] },
            },
            Self::ReplayVoice => Info {
                label: "Replay Own Voice",
                tooltip: "Play what you recorded",
                icon: None,
                keys: const { &[key(NONE, Key::V)] },
            },
        }
    }
}

const fn key(modifiers: Modifiers, key: Key) -> (Scope, Keys) {
    (Scope::Review, Keys::Key(modifiers, key))
}
