//! Engram: spaced-repetition flashcards on Anki's own data that never lose anything.
//!
//! The layers, from faces to words; arrows only go down (the table of who may name whom is in
//! ARCHITECTURE.md and enforced by `tests/it/tidy.rs`):
//!
//! ```text
//! L5 faces      ui (egui only here)   cli
//! L4 service    service, explain
//! L3 use cases  collection  backup  sync  server
//! L2 edges      storage  media  formats  render  net  secrets
//! L1 pure       domain  scheduler  template  search  codec  field_html
//! L0 words      base
//! ```
//!
//! Screens send Actions; the worker owns the collection and answers with Events; everything that
//! decides is a pure function below.

pub mod base;

pub mod codec;
pub mod domain;
pub mod field_html;
pub mod scheduler;
pub mod search;
pub mod template;

pub mod formats;
pub mod media;
pub mod net;
pub mod render;
pub mod secrets;
pub mod storage;

pub mod backup;
pub mod collection;
pub mod server;
pub mod sync;

pub mod explain;
pub mod service;

pub mod cli;
#[cfg(feature = "gui")]
pub mod ui;
