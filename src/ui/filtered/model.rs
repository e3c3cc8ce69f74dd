//! Limits and checks of the filtered deck's dialog. No egui here.

use crate::base::lang;
use crate::domain::deck::FilteredSearchTerm;
use crate::domain::filtered::FilteredOrder;
use crate::search::ast::Node;
use crate::search::build::{self, Joiner};
use crate::search::{parse, print};
use std::ops::RangeInclusive;

/// Cards of one search.
pub const LIMIT: RangeInclusive<i64> = 1..=99_999;
/// Seconds.
pub const DELAY: RangeInclusive<i64> = 0..=99_999;

/// Why a search text cannot be used; an empty one means all cards.
#[must_use]
pub fn problem(search: &str) -> Option<String> {
    let error = parse(search).err()?;
    Some(lang::known(&error.to_string()).into_owned())
}

/// Finds the cards that match `searches` and are not gathered all the same: suspended and buried
/// ones, and those in other filtered decks than `own`.
#[must_use]
pub fn excluded(searches: &[&str], own: Option<&str>) -> String {
    let reasons = parse("is:suspended OR is:buried OR deck:filtered").unwrap_or_default();
    let others = own.map(|own| build::negate(vec![Node::Search(build::deck(own))]));
    let all = searches.iter().any(|search| search.trim().is_empty());
    let found = searches.iter().filter(|_| !all);
    let found = build::all_of(found.filter_map(|s| parse(s).ok()), Joiner::Or);
    let parts = [found, reasons, others.unwrap_or_default()];
    print(&build::all_of(parts, Joiner::And))
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

    #[test]
    fn what_is_left_out_is_searched_for() {
        let reasons = "(is:suspended OR is:buried OR deck:filtered)";
        assert_eq!(excluded(&["tag:a"], None), format!("tag:a {reasons}"));
        assert_eq!(
            excluded(&["tag:a or tag:b", "is:due"], Some("Cram 1")),
            format!("((tag:a OR tag:b) OR is:due) {reasons} -\"deck:Cram 1\"")
        );
        assert_eq!(
            excluded(&["tag:a", " "], None),
            &reasons[1..reasons.len() - 1]
        );
    }
}
