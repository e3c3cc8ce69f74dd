//! Deck packages (.apkg): what is taken out of a collection for one ([`export`]), and how one is
//! merged into a collection ([`import`]); also what becomes one first ([`mnemosyne`]). Containers are `formats`' business; whole collections
//! (.colpkg) are `backup`'s.

mod beside;
mod cards;
mod decks;
pub mod export;
mod gather;
mod import;
mod media;
mod merge;
mod mnemosyne;
mod notes;
mod notetypes;
mod stage;

pub use import::load_options;
pub use stage::StagedPackage;
