//! Words and keys of the reviewer's commands: rows of the command table (`ui::command`).

use crate::base::lang;
use crate::domain::sidebar::FLAG_NAMES;
use crate::t;
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
                t!("Show Answer"),
                t!("Turn the card over"),
                None,
                &[
                    (Scope::Question, plain(Key::Space)),
                    (Scope::Question, plain(Key::Enter)),
                ],
            ),
            Self::Again => row!(
                t!("Again"),
                t!("Not remembered"),
                None,
                &[answer(plain(Key::Num1))]
            ),
            Self::Hard => row!(
                t!("Hard"),
                t!("With effort"),
                None,
                &[answer(plain(Key::Num2))]
            ),
            Self::Good => row!(
                t!("Good"),
                t!("Remembered"),
                None,
                &[
                    answer(plain(Key::Num3)),
                    (Scope::Answer, plain(Key::Space)),
                    (Scope::Answer, plain(Key::Enter)),
                ],
            ),
            Self::Easy => row!(t!("Easy"), t!("At once"), None, &[answer(plain(Key::Num4))]),
            Self::Flag(n) => flag_info(n),
            Self::BuryCard => row!(
                t!("Bury Card"),
                t!("Hide this card until tomorrow"),
                None,
                &[review(Keys::Sign('-'))],
            ),
            Self::ResetCard => row!(
                t!("Reset Card…"),
                t!("Make this card new again"),
                None,
                &[review(Keys::Key(CTRL_ALT, Key::N))],
            ),
            Self::SetDueDate => row!(
                t!("Set Due Date…"),
                t!("Choose when this card comes next"),
                None,
                &[review(Keys::Key(CTRL_SHIFT, Key::D))],
            ),
            Self::SuspendCard => row!(
                t!("Suspend Card"),
                t!("Hide this card until it is unsuspended"),
                None,
                &[review(Keys::Sign('@'))],
            ),
            Self::MarkNote => row!(
                t!("Mark Note"),
                t!("Put a star on this note, or take it off"),
                Some(ic::STAR),
                &[review(Keys::Sign('*'))],
            ),
            Self::BuryNote => row!(
                t!("Bury Note"),
                t!("Hide all cards of this note until tomorrow"),
                None,
                &[review(Keys::Sign('='))],
            ),
            Self::SuspendNote => row!(
                t!("Suspend Note"),
                t!("Hide all cards of this note until they are unsuspended"),
                None,
                &[review(Keys::Sign('!'))],
            ),
            Self::DeleteNote => row!(
                t!("Delete Note"),
                t!("Remove this note and all its cards; can be undone"),
                Some(ic::TRASH),
                &[review(Keys::Key(CTRL, Key::Delete))],
            ),
            more => more.reviewer_info(),
        }
    }

    fn reviewer_info(self) -> Info {
        match self {
            Self::CardInfo => row!(
                t!("Card Info"),
                t!("Dates, memory and reviews of this card"),
                Some(ic::INFO),
                &[review(plain(Key::I))],
            ),
            Self::NoteHistory => row!(
                t!("Note History…"),
                t!("What this note was before, and back to it"),
                Some(ic::HISTORY),
                &[review(Keys::Key(CTRL_ALT, Key::H))],
            ),
            Self::PreviousCardInfo => row!(
                t!("Previous Card Info"),
                t!("As Card Info, of the card answered before"),
                None,
                &[review(Keys::Key(CTRL_ALT, Key::I))],
            ),
            Self::AutoAdvance => row!(
                t!("Auto Advance"),
                t!("Go on by itself after the seconds of the deck’s options"),
                None,
                &[review(Keys::Key(SHIFT, Key::A))],
            ),
            Self::MoreMenu => row!(
                t!("More"),
                t!("Everything else about this card"),
                None,
                &[review(plain(Key::M))],
            ),
            _ => row!(
                t!("Replay Audio"),
                t!("Play the sounds of this side again"),
                Some(ic::VOLUME),
                &[review(plain(Key::R)), review(plain(Key::F5))],
            ),
        }
    }
}

fn flag_info(n: u8) -> Info {
    let name = lang::say(FLAG_NAMES[usize::from(n.clamp(1, 7)) - 1]);
    macro_rules! flag {
        ($key:ident) => {
            row!(
                name,
                t!("Flag this card; again to take the flag off"),
                Some(ic::FLAG),
                &[review(Keys::Key(CTRL, Key::$key))],
            )
        };
    }
    match n {
        1 => flag!(Num1),
        2 => flag!(Num2),
        3 => flag!(Num3),
        4 => flag!(Num4),
        5 => flag!(Num5),
        6 => flag!(Num6),
        _ => flag!(Num7),
    }
}
