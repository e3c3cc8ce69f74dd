//! Sync with Anki's server, safely.
//!
//! [`login`] gives an [`Account`], a [`Session`] on it carries requests. Errors are `Network` (no
//! answer, or a damaged one), `WrongPassword` (log in again), `Unavailable` (another device syncs
//! now), `Server` (it answered that it cannot), `TooNew` (it wants a newer version of us) and
//! `Interrupted`. Whatever fails, this side is as it was before.

pub mod plan;
mod session;

pub use session::{Account, Session, client_long, login, server_address};
