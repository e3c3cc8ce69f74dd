//! The media folder: names, hashes, listing.
