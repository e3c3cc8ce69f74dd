//! Wire formats of Anki's collection: protobuf blobs of schema 18, the JSON of schema 11 and the
//! JSON in `cards.data`; of its packages, the description, the media list, how files lie in them
//! that do not shrink, and the archive around all of it. Pure: bytes in, values out. Fields that we
//! do not know are kept byte for byte in `unknown`, so that what a newer version wrote survives our
//! writing.
//!
//! It knows no tables (see `storage`) and decides nothing.

pub mod card_data;
pub mod deck;
pub mod deck_config;
pub mod delimited;
pub mod encoding;
pub mod media_entries;
pub mod media_sync;
pub mod meta;
pub mod notetype;
mod proto;
pub mod schema11;
pub mod stored_frame;
pub mod sync;
#[cfg(test)]
mod tests;
mod wire;
pub mod zip;
