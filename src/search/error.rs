//! What is wrong with a search text, and where.

use crate::base::Error;
use crate::mark;
use std::fmt;
use std::ops::Range;

/// A text that is no search. Faces underline `span`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchError {
    /// Bytes of the text as it was typed; on borders of characters.
    pub span: Range<usize>,
    /// What is wrong and what to write instead; one or two sentences.
    pub what: String,
}

impl fmt::Display for SearchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mark!("Invalid search: {what}", what = self.what))
    }
}

impl std::error::Error for SearchError {}

impl From<SearchError> for Error {
    fn from(error: SearchError) -> Self {
        Self::invalid(error.to_string()).because(error)
    }
}
