//! The profiles window and the first start: open, add, rename, delete, bring a profile from Anki.
//! What profiles are on disk is `service::profiles`.

pub mod model;
