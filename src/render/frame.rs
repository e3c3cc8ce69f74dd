//! What comes out of the engine: pixels with what a face needs to know about them, and what the
//! user did on the card. Value types.

use super::page::{CardKey, View};
use std::sync::Arc;

/// One drawn view of a card.
#[derive(Debug, Clone)]
pub struct DrawnCard {
    pub key: CardKey,
    /// Grows with every frame of the engine.
    pub generation: u64,
    /// The view it was drawn for.
    pub view: View,
    pub width_px: u32,
    pub height_px: u32,
    /// Premultiplied RGBA, rows from the top, `4 * width_px * height_px` bytes.
    pub rgba: Vec<u8>,
    /// Height of the whole content in points; above the view's height the card scrolls.
    pub content_height: f32,
    /// Points that the content is scrolled up.
    pub scroll_y: f32,
    pub cursor: CardCursor,
    /// What a screen reader says: the visible text, a line for each block.
    pub text: Arc<str>,
    /// Where `#typeans` is, in points of the view, when the page asks to type.
    pub type_in: Option<TypeInBox>,
    /// An animation is running: send `Tick` to go on.
    pub animating: bool,
    /// So long one takes from its beginning, at most; those without an end do not count.
    pub motion_seconds: f32,
    /// Something is selected, so Copy has something to copy.
    pub has_selection: bool,
}

/// The place of the type-in box, in points from the view's left top corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TypeInBox {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

/// The pointer's shape over the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CardCursor {
    #[default]
    Default,
    /// Over a link or button.
    Pointer,
    /// Over text.
    Text,
    Help,
    Crosshair,
    Grab,
    Move,
    NotAllowed,
}

/// What the user does on the card. Positions in points from the view's left top corner.
#[derive(Debug, Clone, PartialEq)]
pub enum CardInput {
    PointerMoved {
        x: f32,
        y: f32,
    },
    /// The main button.
    PointerPressed {
        x: f32,
        y: f32,
    },
    PointerReleased {
        x: f32,
        y: f32,
    },
    PointerLeft,
    /// The word, or the whole block, at a place: double and triple click.
    SelectAround {
        x: f32,
        y: f32,
        block: bool,
    },
    /// Points; positive y shows what is above.
    Wheel {
        x: f32,
        y: f32,
    },
    Scroll(ScrollTo),
    /// Answered by [`CardOutput::Copied`] when something is selected.
    Copy,
    SelectAll,
    ClearSelection,
}

/// Scrolling by keyboard or scroll bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ScrollTo {
    Top,
    Bottom,
    /// Points; positive shows what is below.
    By(f32),
    /// Pages of the view's height; positive shows what is below.
    Pages(f32),
    /// Points from the top.
    Offset(f32),
}

/// What a card asks of its face.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardOutput {
    /// A play button: sound `index` of that side.
    PlaySound { side: SoundSide, index: usize },
    /// A file of the media folder to be played.
    PlayFile(String),
    /// A link that leaves the card; any scheme.
    OpenUrl(String),
    /// A link to a file of the media folder, by a name that leads nowhere else.
    OpenFile(String),
    /// Text for the clipboard.
    Copied(String),
    /// What the pointer is over says about itself (its `title`); None when it says nothing.
    Tip(Option<String>),
    /// The picture under the pointer, by its name in the media folder; None when there is none.
    Picture(Option<String>),
}

/// Whose list of sounds a play button counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SoundSide {
    Question,
    Answer,
}
