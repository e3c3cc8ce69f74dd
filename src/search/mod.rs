//! The search language: text ↔ query, names to ids. Running it is `storage::search`.

pub mod ast;
pub mod build;
pub mod caret;
pub mod error;
pub mod fold;
pub mod glob;
pub mod parse;
pub mod print;
pub mod resolve;

mod terms;

pub use error::SearchError;
pub use parse::parse;
pub use print::print;
