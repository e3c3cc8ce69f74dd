//! Names of tags: a tag and those below it (`lang`, `lang::de`), in any case.

use unicase::UniCase;

/// Whether a tag is `ancestor` or below it.
#[must_use]
pub fn is_within(tag: &str, ancestor: &str) -> bool {
    below(tag, ancestor).is_some()
}

/// What follows `ancestor` in the name of a tag: nothing, or `::` and more. None when the tag is
/// another one.
fn below<'a>(tag: &'a str, ancestor: &str) -> Option<&'a str> {
    let mut rest = Some(tag);
    for wanted in ancestor.split("::") {
        let (part, after) = match rest?.split_once("::") {
            Some((part, after)) => (part, Some(after)),
            None => (rest?, None),
        };
        if UniCase::new(part) != UniCase::new(wanted) {
            return None;
        }
        rest = after;
    }
    match rest {
        // With the colons before it.
        Some(after) => tag.get(tag.len() - after.len() - 2..),
        None => Some(""),
    }
}

/// The tag's name once `old` is called `new`; None for other tags.
#[must_use]
pub fn renamed(tag: &str, old: &str, new: &str) -> Option<String> {
    below(tag, old).map(|rest| format!("{new}{rest}"))
}

/// The tag's name below another parent, or at the top. None when it would be within itself, or
/// is there already.
#[must_use]
pub fn moved_below(tag: &str, parent: Option<&str>) -> Option<String> {
    let last = tag.rsplit("::").next().unwrap_or(tag);
    let moved = match parent {
        Some(parent) if is_within(parent, tag) => return None,
        Some(parent) => format!("{parent}::{last}"),
        None => last.to_owned(),
    };
    (moved != tag).then_some(moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_and_those_below_it() {
        assert!(is_within("A::b", "a"));
        assert!(is_within("a", "A"));
        assert!(!is_within("ab", "a") && !is_within("a", "a::b"));
        assert_eq!(renamed("A::b::c", "a::B", "x").as_deref(), Some("x::c"));
        assert_eq!(renamed("a::::c", "a", "x").as_deref(), Some("x::::c"));
        assert_eq!(renamed("ab", "a", "x"), None);
        assert_eq!(moved_below("a::b", None).as_deref(), Some("b"));
        assert_eq!(moved_below("a::b", Some("c")).as_deref(), Some("c::b"));
        assert_eq!(moved_below("a", Some("a::b")), None);
        assert_eq!(moved_below("a", None), None);
    }
}
