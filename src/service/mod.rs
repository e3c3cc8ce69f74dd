//! One worker thread that owns the collection, and the words in which faces speak with it.

pub mod event;
pub mod request;
pub mod settings;
