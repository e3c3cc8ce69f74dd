//! Limits and checks of the filtered deck's dialog. No egui here.

use crate::domain::deck::FilteredSearchTerm;
use crate::domain::filtered::FilteredOrder;
use crate::search::parse;
use std::ops::RangeInclusive;

/// Cards of one search.
pub const LIMIT: RangeInclusive<i64> = 1..=99_999;
/// Seconds.
pub const DELAY: RangeInclusive<i64> = 0..=99_999;

/// Why a search text cannot be used; an empty one means all cards.
#[must_use]
pub fn problem(search: &str) -> Option<String> {
    parse(search).err().map(|error| error.to_string())
}

/// A second search that is still to be typed.
#[must_use]
pub fn empty_term() -> FilteredSearchTerm {
    FilteredSearchTerm {
        search: String::new(),
        limit: 20,
        order: FilteredOrder::Due as i32,
        unknown: vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_search_is_told() {
        assert_eq!(problem(""), None);
        assert_eq!(problem("deck:A is:due"), None);
        assert!(problem("(tag:a").is_some_and(|p| p.contains("bracket")));
    }
}
