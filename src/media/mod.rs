//! The media folder: names, hashes, listing, adding.

pub mod add;
pub mod folder;
pub mod hash;
pub mod names;
pub mod picture;
