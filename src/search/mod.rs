//! The search language: text ↔ query, names to ids. Running it is `storage::search`.

pub mod ast;
pub mod fold;
pub mod glob;
pub mod parse;
pub mod print;
pub mod resolve;

mod terms;

pub use parse::parse;
pub use print::print;
