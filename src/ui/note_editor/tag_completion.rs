//! Which tags are offered while one is typed. No egui here.

/// Offered at once.
pub const MOST: usize = 8;

/// Tags that the typed text may become, the likeliest first: those that begin with it, then those
/// with a level that does, then those that hold it anywhere. Tags that are there already are left
/// out. Upper and lower case are the same.
#[must_use]
pub fn offers<'a>(all: &'a [String], typed: &str, present: &[String]) -> Vec<&'a str> {
    let typed = typed.trim().to_lowercase();
    if typed.is_empty() {
        return vec![];
    }
    let mut found: Vec<(u8, &str)> = all
        .iter()
        .filter(|tag| !present.iter().any(|p| p.eq_ignore_ascii_case(tag)))
        .filter_map(|tag| Some((rank(&tag.to_lowercase(), &typed)?, tag.as_str())))
        .collect();
    found.sort_by_key(|(rank, tag)| (*rank, tag.len()));
    found.truncate(MOST);
    found.into_iter().map(|(_, tag)| tag).collect()
}

/// How likely a name is meant by what is typed, 0 the most; both in lower case.
#[must_use]
pub fn rank(tag: &str, typed: &str) -> Option<u8> {
    if tag.starts_with(typed) {
        Some(0)
    } else if tag.split("::").any(|level| level.starts_with(typed)) {
        Some(1)
    } else {
        tag.contains(typed).then_some(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_tag_comes_first() {
        let all: Vec<String> = ["Biology", "bio::cells", "school::bio", "antibiotic", "x"]
            .map(str::to_owned)
            .into();
        assert_eq!(
            offers(&all, "Bio", &["biology".to_owned()]),
            ["bio::cells", "school::bio", "antibiotic"]
        );
        assert!(offers(&all, " ", &[]).is_empty());
    }
}
