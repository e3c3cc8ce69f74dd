//! The reviewer's commands about what plays and about the user's own voice: rows of the command
//! table (`ui::command`) in a file of their own. What they do is in `sheet`.

use crate::t;
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
    pub fn info(self) -> Info {
        match self {
            Self::Pause => Info {
                label: t!("Pause Audio"),
                tooltip: t!("Hold what plays, or let it go on"),
                icon: None,
                keys: const { &[key(NONE, Key::Num5)] },
            },
            Self::Back => Info {
                label: t!("Audio −5s"),
                tooltip: t!("Go back five seconds in what plays"),
                icon: None,
                keys: const { &[key(NONE, Key::Num6)] },
            },
            Self::Forward => Info {
                label: t!("Audio +5s"),
                tooltip: t!("Skip five seconds of what plays"),
                icon: None,
                keys: const { &[key(NONE, Key::Num7)] },
            },
            Self::RecordVoice => Info {
                label: t!("Record Own Voice"),
                tooltip: t!("Record yourself; again to stop and listen"),
                icon: Some(ic::MIC),
                keys: const { &[key(Modifiers::SHIFT, Key::V)] },
            },
            Self::ReplayVoice => Info {
                label: t!("Replay Own Voice"),
                tooltip: t!("Play what you recorded"),
                icon: None,
                keys: const { &[key(NONE, Key::V)] },
            },
        }
    }
}

const fn key(modifiers: Modifiers, key: Key) -> (Scope, Keys) {
    (Scope::Review, Keys::Key(modifiers, key))
}
