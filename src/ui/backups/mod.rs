//! Switch Profile > Open Backup and File > Revert to Backup: the list, what a restore would take
//! away, the question, pins. Works without an open collection. The worker makes, lists, inspects
//! and restores.

pub mod details;
pub mod list;
pub mod model;
pub mod words;
