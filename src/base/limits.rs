//! Every limit on outside data, with its reason. Beyond one of these the input is refused, never
//! truncated.

/// A collection larger than this is not a flashcard collection (the largest known is 4 GB).
pub const MAX_COLLECTION_BYTES: u64 = 16 << 30;
/// The media list of a package; 300,000 names of 120 bytes with hashes are under 60 MB.
pub const MAX_MEDIA_LIST_BYTES: u64 = 128 << 20;
/// Media files of one package.
pub const MAX_MEDIA_FILES: usize = 1_000_000;
/// One media file; Anki itself ignores files over 100 MiB for sync, but old decks hold videos.
pub const MAX_MEDIA_FILE_BYTES: u64 = 2 << 30;
/// Most that a zstd frame or deflate stream may grow per input byte before it is called a bomb,
/// once it is over [`RATIO_FREE_BYTES`]. Real collections reach 20, sparse ones 200.
pub const MAX_EXPANSION_RATIO: u64 = 1000;
/// Below this size the ratio is not looked at.
pub const RATIO_FREE_BYTES: u64 = 64 << 20;
/// Most that everything in a package together may grow, once it is over [`WHOLE_FREE_BYTES`]: many
/// small traps pass where one large one is stopped.
pub const MAX_WHOLE_EXPANSION_RATIO: u64 = 250;
/// Below this size the ratio of the whole package is not looked at.
pub const WHOLE_FREE_BYTES: u64 = 256 << 20;
/// Files in a package that are neither the collection nor listed media: what file managers add.
pub const MAX_EXTRA_FILES: usize = 1000;
/// All such files together, unpacked. They are only read to compare their checksums.
pub const MAX_EXTRA_BYTES: u64 = 1 << 30;
/// One answer of a place for copies, which is held in memory: a pack of a vault, by whatever program,
/// has a tenth of it.
pub const MAX_PLACE_ANSWER_BYTES: u64 = 1 << 30;
/// Losing so few notes or files never needs a question.
const FEW: u64 = 20;
/// Free disk space that must remain after writing a file.
pub const FREE_SPACE_RESERVE: u64 = 16 << 20;
/// Steps kept for undo. Anki keeps 30; those of a long session of editing fit in this.
pub const UNDO_STEPS: usize = 200;
/// Requests waiting for the worker; more means it is busy, which is shown.
pub const REQUEST_QUEUE: usize = 64;
/// Bytes of `deleted.txt` after which it is rotated to `deleted-1.txt`.
pub const DELETED_LOG_BYTES: u64 = 64 << 20;
/// Levels of nested decks; Anki caps names deeper than this.
pub const MAX_DECK_LEVELS: usize = 99;
/// Levels of tags that the side bar unfolds: it recurses, and each level holds the names above it.
pub const MAX_TAG_LEVELS: usize = 99;
/// Elements of one card's HTML nested deeper than this are flattened: the HTML engine recurses.
pub const MAX_HTML_DEPTH: usize = 256;
/// Bytes of HTML of one card side that are drawn; beyond it a notice is shown instead.
pub const MAX_CARD_HTML_BYTES: usize = 8 << 20;
/// Nodes that one card side's HTML may make; the engine needs about 1 kB for each.
pub const MAX_CARD_NODES: usize = 50_000;
/// Brackets in CSS nested deeper than this drop the style sheet: the CSS parser recurses.
pub const MAX_CSS_DEPTH: usize = 64;
/// Looks at elements that the style sheets of one card side may take to be matched, about; beyond it
/// a sheet is left out, which is told. The engine takes some seconds for so many.
pub const MAX_CARD_STYLE_STEPS: u64 = 100_000_000;
/// Bytes that the engine may make of all drawings (SVG) of one card side, about; a drawing beyond it
/// is named instead of drawn.
pub const MAX_CARD_DRAWING_BYTES: u64 = 600 << 20;
/// Pixels of one picture on a card; larger ones are named instead of drawn (256 MB decoded).
pub const MAX_IMAGE_PIXELS: u64 = 64 << 20;
/// Bytes of one media file that a card reads: pictures and fonts.
pub const MAX_CARD_FILE_BYTES: u64 = 64 << 20;
/// Bytes of one sound or film that is played; it is in memory while it is. Ten minutes of the sound
/// of a studio have 350 MB, an hour of film on cards less.
pub const MAX_SOUND_FILE_BYTES: u64 = 512 << 20;
/// Bytes of one formula's source; beyond it the source is shown. The longest seen has 2,500.
pub const MAX_FORMULA_BYTES: usize = 16 << 10;

/// Whether losing `lost` of `all` is more than `percent` of them, and not just a few.
#[must_use]
pub fn is_too_much(lost: u64, all: u64, percent: u32) -> bool {
    lost > FEW && u128::from(lost) * 100 > u128::from(all) * u128::from(percent)
}
