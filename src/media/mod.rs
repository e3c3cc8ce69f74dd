//! The media folder: names, hashes, listing.

pub mod folder;
pub mod hash;
pub mod names;
