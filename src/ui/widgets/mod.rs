//! The custom widgets that the look needs. They know the theme and nothing of the program: no
//! model, no actions. Everything that can be clicked or typed into answers as a real egui
//! `Response` with a role and a name, so that keyboard, screen reader and tests can use it.
//!
//! Two kinds: parts that paint into a given rectangle (`text`, `surface`, `button::place`) for
//! screens laid out by cutting rectangles, and widgets that take space in a `Ui` (`ui.add`,
//! `button::show`) for dialogs and forms.

pub mod banner;
pub mod bidi;
pub mod button;
pub mod check;
pub mod cut;
pub mod dialog;
pub mod diff;
pub mod empty;
pub mod field;
pub mod icons;
pub mod lines;
pub mod list;
pub mod menu;
pub mod name_list;
pub mod number;
pub mod offers;
pub mod plot;
pub mod progress;
pub mod row;
pub mod segments;
pub mod surface;
pub mod text;
pub mod tooltip;
pub mod typed;

pub use button::{Button, Kind};
pub use cut::Cut;
pub use icons as ic;
pub use number::Number;
