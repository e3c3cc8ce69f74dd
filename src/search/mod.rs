//! Searches: text to syntax tree to resolved query. The SQL is written by `storage::search`.
