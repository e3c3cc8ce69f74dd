//! The look: every colour, size, font and egui setting of the window. Call [`install`] once; then
//! stock egui widgets look right, and our own read [`Tokens::of`]. No screen writes a colour, a
//! font size or a radius by itself. Widgets are in `ui::widgets`.

pub mod font;
pub mod metrics;
pub mod style;
pub mod system_fonts;
pub mod tokens;
pub mod typeface;

pub use metrics::{radius, size, sp, time};
pub use style::{install, menu_style, set_reduced_motion};
pub use tokens::Tokens;
