//! The media folder: names, hashes, listing, adding.
//! The media folder: names, hashes, listing, what refers to its files, its trash.
//! The media folder: names, hashes, listing, its trash.

pub mod add;
pub mod folder;
pub mod hash;
pub mod names;
pub mod picture;
pub mod references;
pub mod trash;
