//! One field of a note as a text that can be edited: its HTML source stays the truth, what people
//! see is projected from it, and every edit is a few byte splices that are checked afterwards. What
//! nobody edits keeps its bytes. Pure: no egui, no IO. Drawing is `ui::rich_edit`; what cards make
//! of the HTML is `render`. Start reading at `project`, then `edit`.

mod block;
mod clean;
mod cloze;
mod colour;
mod delete;
mod edit;
mod field;
mod formula;
mod inline;
mod lines;
mod markdown;
mod parts;
mod picture;
mod place;
mod project;
mod scan;
mod scanner;
mod style;

pub use block::{Align, List};
pub use clean::{clean_pasted, copied_inside, html_from_text, signed_copy};
pub use colour::{Rgb, parse_colour};
pub use edit::{escape, escape_attribute};
pub use field::{Field, diff, next_change};
pub use formula::Tex;
pub use inline::Mark;
pub use markdown::html_from_markdown;
pub use parts::{Part, parts};
pub use picture::{
    Float, is_on_the_web, length, pictures_elsewhere, property, with_length, with_size,
    without_size,
};
pub use place::Filled;
pub use project::{Kind, Marker, Object, Projection, Tag, TagKind, Unit, project};
pub use scan::{Span, SpanKind, attribute, decode, is_void, spans, with_attribute};
pub use style::Style;

/// What stands for a picture, a sound, a formula or a quiet block in the visible text.
pub const OBJECT: char = '\u{FFFC}';
