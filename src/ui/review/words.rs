//! Words and keys of the reviewer's commands: rows of the command table (`ui::command`).

use crate::ui::command::{Command, Info, Scope, row};
use crate::ui::keys::{CTRL, CTRL_ALT, CTRL_SHIFT, Keys, NONE, SHIFT};
use crate::ui::widgets::ic;
use eframe::egui::Key;

const fn review(keys: Keys) -> (Scope, Keys) {
    (Scope::Review, keys)
}
const fn answer(keys: Keys) -> (Scope, Keys) {
    (Scope::Answer, keys)
}
const fn plain(key: Key) -> Keys {
    Keys::Key(NONE, key)
}

impl Command {
    /// The row of the table of a command of the reviewer.
    pub(in crate::ui) fn study_info(self) -> Info {
        match self {
            Self::ShowAnswer => row!(
                "Show Answer",
                "Turn the card over",
                None,
                &[
                    (Scope::Question, plain(Key::Space)),
                    (Scope::Question, plain(Key::Enter)),
                ],
            ),
            Self::Again => row!("Again", "Not remembered", None, &[answer(plain(Key::Num1))]),
            Self::Hard => row!("Hard", "With effort", None, &[answer(plain(Key::Num2))]),
            Self::Good => row!(
                "Good",
                "Remembered",
                None,
                &[
                    answer(plain(Key::Num3)),
                    (Scope::Answer, plain(Key::Space)),
                    (Scope::Answer, plain(Key::Enter)),
                ],
            ),
            Self::Easy => row!("Easy", "At once", None, &[answer(plain(Key::Num4))]),
            Self::Flag(n) => flag_info(n),
            Self::BuryCard => row!(
                "Bury Card",
                "Hide this card until tomorrow",
                None,
                &[review(Keys::Sign('-'))],
            ),
            Self::ResetCard => row!(
                "Reset Card…",
                "Make this card new again",
                None,
                &[review(Keys::Key(CTRL_ALT, Key::N))],
            ),
            Self::SetDueDate => row!(
                "Set Due Date…",
                "Choose when this card comes next",
                None,
                &[review(Keys::Key(CTRL_SHIFT, Key::D))],
            ),
            Self::SuspendCard => row!(
                "Suspend Card",
                "Hide this card until it is unsuspended",
                None,
                &[review(Keys::Sign('@'))],
            ),
            Self::MarkNote => row!(
                "Mark Note",
                "Put a star on this note, or take it off",
                Some(ic::STAR),
                &[review(Keys::Sign('*'))],
            ),
            Self::BuryNote => row!(
                "Bury Note",
                "Hide all cards of this note until tomorrow",
                None,
                &[review(Keys::Sign('='))],
            ),
            Self::SuspendNote => row!(
                "Suspend Note",
                "Hide all cards of this note until they are unsuspended",
                None,
                &[review(Keys::Sign('!'))],
            ),
            Self::DeleteNote => row!(
                "Delete Note",
                "Remove this note and all its cards; can be undone",
                Some(ic::TRASH),
                &[review(Keys::Key(CTRL, Key::Delete))],
            ),
            more => more.reviewer_info(),
        }
    }

    fn reviewer_info(self) -> Info {
        match self {
            Self::CardInfo => row!(
                "Card Info",
                "Dates, memory and reviews of this card",
                Some(ic::INFO),
                &[review(plain(Key::I))],
            ),
            Self::NoteHistory => row!(
                "Note History…",
                "What this note was before, and back to it",
                Some(ic::HISTORY),
                &[review(Keys::Key(CTRL_ALT, Key::H))],
            ),
            Self::PreviousCardInfo => row!(
                "Previous Card Info",
                "As Card Info, of the card answered before",
                None,
                &[review(Keys::Key(CTRL_ALT, Key::I))],
            ),
            Self::AutoAdvance => row!(
                "Auto Advance",
                "Go on by itself after the seconds of the deck’s options",
                None,
                &[review(Keys::Key(SHIFT, Key::A))],
            ),
            Self::MoreMenu => row!(
                "More",
                "Everything else about this card",
                None,
                &[review(plain(Key::M))],
            ),
            _ => row!(
                "Replay Audio",
                "Play the sounds of this side again",
                Some(ic::VOLUME),
                &[review(plain(Key::R)), review(plain(Key::F5))],
            ),
        }
    }
}

fn flag_info(n: u8) -> Info {
    const TIP: &str = "Flag this card; again to take the flag off";
    macro_rules! flag {
        ($name:literal, $key:ident) => {
            row!(
                $name,
                TIP,
                Some(ic::FLAG),
                &[review(Keys::Key(CTRL, Key::$key))],
            )
        };
    }
    match n {
        1 => flag!("Red", Num1),
        2 => flag!("Orange", Num2),
        3 => flag!("Green", Num3),
        4 => flag!("Blue", Num4),
        5 => flag!("Pink", Num5),
        6 => flag!("Turquoise", Num6),
        _ => flag!("Purple", Num7),
    }
}
