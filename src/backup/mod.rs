//! Backups: made beside study, verified before they get their name, thinned with reasons,
//! restored with a way back. Never needs an open collection.
//!
//! Deciding is pure: `policy` (when), `retention` (which stay), `plan` (what is wished of a
//! restore), `name`. Doing: `write` and `follow` make one, `catalog` lists and thins, `stage` opens
//! and verifies, `inspect` reports, `recover_media` takes single files out, `restore` with `safety`
//! and `journal` replaces and undoes, `export` is File > Export and Import; `preferences` go along
//! with each; `runs` is the log of all of it, `drill` tries a restore, `health` says how safe all is;
//! `tripwire` asks when much changed that nobody did here; `timeline` tells when what changed;
//! `copies` keeps a second folder of them on another disk, `vault` saves all of it elsewhere, `mail`
//! sends one; `replaced` keeps in the history what a collection from elsewhere takes the place of;
//! `encrypt` puts an encryption around a file, `along` says what such an export holds beside the
//! package, and `readme` how to open all of it without us.

mod along;
pub mod catalog;
pub mod copies;
pub mod drill;
pub mod encrypt;
pub mod entry;
pub mod export;
pub mod find_note;
mod follow;
pub mod health;
pub mod inspect;
mod journal;
pub mod mail;
pub mod media_repair;
pub mod media_source;
pub mod name;
pub mod place;
pub mod plan;
pub mod policy;
pub mod preferences;
mod readme;
pub mod recover_media;
mod replaced;
pub mod restore;
pub mod retention;
pub mod runs;
pub mod safety;
pub mod sheet;
pub mod stage;
pub mod timeline;
pub mod tripwire;
pub mod vault;
pub mod write;
