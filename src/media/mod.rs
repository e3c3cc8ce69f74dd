//! The media folder: names, hashes, listing, adding, its trash.

pub mod add;
pub mod folder;
pub mod hash;
pub mod names;
pub mod picture;
pub mod trash;
