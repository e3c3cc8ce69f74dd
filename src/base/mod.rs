//! The words every layer shares: ids, time, error kinds, progress, files, limits, counts, running
//! programs, priorities, languages, remarks, spools, signs without ink. Depends on nothing else in
//! the crate.

pub mod count;
pub mod error;
pub mod files;
mod hex;
pub mod ids;
pub mod job;
pub mod json_path;
pub mod lang;
pub mod limits;
pub mod priority;
pub mod program;
pub mod remarks;
pub mod room;
pub mod secret;
pub mod spool;
pub mod time;
pub mod unseen;

pub use error::{Error, ErrorKind, Result};
pub use hex::hex;
pub use secret::Secret;
