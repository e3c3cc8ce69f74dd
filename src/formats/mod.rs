//! Package containers (.colpkg, .apkg): zip and zstd, without SQL. `reader` opens all three
//! generations behind `zip_guard`; `writer` writes the two newer ones; `collection_files` says what
//! a file claims to be; `encryption` is what lies around whole files (`payload`: the pieces in it),
//! `source` reads a package that is inside of it, `text_zip` an archive of texts; `zip_writer` writes
//! the archives of both. What is done with the content is `backup`'s business.

pub mod collection_files;
pub mod encryption;
pub mod media_batch;
mod payload;
pub mod reader;
pub mod salvage;
pub mod source;
pub mod text_zip;
pub mod writer;
pub mod zip_guard;
mod zip_writer;

/// What old programs show instead of a collection of the newer generations: a schema-11
/// collection of our own with one note that asks to update.
pub const DUMMY_COLLECTION: &[u8] = include_bytes!("dummy.anki2");
