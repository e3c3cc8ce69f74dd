//! Backups: made beside study, verified before they get their name, thinned with reasons,
//! restored with a way back. Never needs an open collection.

pub mod catalog;
pub mod entry;
mod follow;
pub mod name;
pub mod policy;
pub mod retention;
pub mod write;
