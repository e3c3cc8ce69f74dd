//! One worker thread that owns the collection, and the words in which faces speak with it.
//!
//! `handle` is a face's end, `worker` the loop, `serve/` one handler file per kind of request,
//! `jobs` the threads for long work, `looks` what of it a page waits for, `autobackup` the watch over
//! backups, `copies` over their second folder, `mirror_watch` over the folder of text files,
//! `hand_over` what a second start gives to the window, `window_place` its size, `language` its
//! language, `crash` the words of its last fault, `shared_folder` where a collection is in danger,
//! `profiles` and `adopt` the folders on disk (the command line uses those two, `settings` and
//! `secret_names`, never the worker).

pub mod adopt;
mod autobackup;
pub mod browse;
pub mod bulk;
pub mod checks;
mod copies;
pub mod crash;
pub mod danger;
mod draft;
pub mod event;
pub mod explorer;
pub mod filtered;
pub mod fsrs;
pub mod hand_over;
pub mod handle;
pub mod health;
pub mod history;
pub mod jobs;
pub mod language;
pub mod looks;
pub mod mail;
mod mirror_watch;
pub mod notes;
pub mod notetypes;
mod open;
pub mod profiles;
pub mod request;
mod safety_first;
pub mod secret_names;
mod serve;
pub mod settings;
mod shared_folder;
pub mod sync;
mod time_watch;
mod timers;
pub mod vaults;
pub mod window_place;
mod worker;

pub use handle::{ServiceConfig, ServiceHandle, Waker};
