//! Draws card HTML to pixels on a thread of its own. Knows no egui, no collection, no network.
//!
//! `page` says what to draw, `prepare` rewrites the HTML for the engine (blitz), `document` lays
//! out and paints one page and takes input, `engine` is the thread around it, `frame` is what
//! comes out. Files come from `resources` only. Templates were expanded before, in `template`.

mod blends;
mod captions;
mod columns;
mod corners;
mod counters;
mod css;
mod cut;
mod dashes;
mod document;
mod drawings;
mod ellipses;
mod engine;
mod fetch;
mod fill;
mod filters;
mod first_letters;
mod first_lines;
mod fonts;
mod formula;
mod formula_picture;
mod frame;
mod interact;
mod kept;
mod lattice;
mod legends;
mod line_parts;
mod mend;
mod motion;
mod page;
mod pale;
mod parse;
mod pdf;
mod picture;
mod prepare;
mod readout;
mod resources;
mod rows;
mod shadows;
mod shares;
mod small_caps;
mod stacks;
mod still;
mod svg;
mod svg_lengths;
mod svg_weight;
mod tree;
mod unseen;
mod vector_picture;
mod weight;

pub use engine::{CardEngine, EngineEvent, draw_once};
pub use fonts::{Face, Typeface, installed_typefaces, typeface};
pub use formula_picture::{FormulaPicture, draw_formula};
pub use frame::{CardCursor, CardInput, CardOutput, DrawnCard, ScrollTo, SoundSide, TypeInBox};
pub use page::{CardKey, CardPage, View};
pub use pdf::write_pdf;
pub use picture::write_png;
pub use resources::{MediaFolder, NoResources, Resources, decode_data_url};
pub use still::{NoStill, Still};
pub use vector_picture::draw_svg;
