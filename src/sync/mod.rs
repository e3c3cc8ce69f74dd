//! Sync with Anki's server, safely.
//!
//! [`login`] gives an [`Account`], a [`Session`] on it carries requests. Errors are `Network` (no
//! answer, or a damaged one), `WrongPassword` (log in again), `Unavailable` (another device syncs
//! now), `Server` (it answered that it cannot), `TooNew` (it wants a newer version of us) and
//! `Interrupted`. Whatever fails, this side is as it was before.
//!
//! [`look`] says what has to be done: nothing, [`normal`], or one of [`upload`] and [`download`],
//! which a person chooses; [`merge`] is the third way where only one side changed its note types. A verified backup comes before each that changes this side; that is the
//! caller's, like keeping [`Session::account`], which a server can change by sending us elsewhere.
//! [`media::sync_media`] brings the media folders together, before or after, beside study.

mod full;
pub mod media;
pub mod merge;
mod normal;
pub mod plan;
mod session;

pub use merge::{Merge, merge};

pub use full::{Downloaded, download, upload};
pub use normal::{Counts, Deletions, Look, Outcome, Wish, look, normal};

pub use session::{Account, Session, client_long, login, server_address};
