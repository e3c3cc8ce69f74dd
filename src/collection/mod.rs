//! What users do with a collection: every write is one transaction with undo and `Changes`.

pub mod sample;
