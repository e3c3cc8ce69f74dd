//! Reading TeX source piece by piece: names, groups and brackets. For the commands that a header
//! or a formula defines; nothing here knows what a command means.

/// `\name` or `{\name}`, and what follows it.
#[must_use]
pub fn name(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    if text.starts_with('{') {
        let (name, rest) = group(text)?;
        let name = name.trim();
        return name.starts_with('\\').then_some((name, rest));
    }
    let letters = text.strip_prefix('\\')?;
    let end = letters
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(letters.len());
    // A sign is a name too.
    let end = if end == 0 {
        letters.chars().next()?.len_utf8()
    } else {
        end
    };
    Some(text.split_at(end + 1))
}

/// What stands in `[…]`, if that comes next, and what follows it.
#[must_use]
pub fn bracket(text: &str) -> (Option<&str>, &str) {
    match text.trim_start().strip_prefix('[') {
        Some(inside) => match until(inside, ']') {
            Some((inside, rest)) => (Some(inside.trim()), rest),
            None => (None, text),
        },
        None => (None, text),
    }
}

/// What stands in the braces that come next, and what follows them.
#[must_use]
pub fn group(text: &str) -> Option<(&str, &str)> {
    until(text.trim_start().strip_prefix('{')?, '}')
}

/// Up to `end` outside of inner braces.
fn until(inside: &str, end: char) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == end && depth == 0 => return Some((&inside[..at], &inside[at + 1..])),
            '{' => depth += 1,
            '}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_where_their_own_bracket_does() {
        assert_eq!(name(" \\ab1"), Some(("\\ab", "1")));
        assert_eq!(name("{ \\a }x"), Some(("\\a", "x")));
        assert_eq!(name("\\é"), Some(("\\é", "")));
        assert_eq!(name("a"), None);
        assert_eq!(group("{a{b}\\}c}d"), Some(("a{b}\\}c", "d")));
        assert_eq!(group("{a{b}"), None);
        assert_eq!(bracket(" [ a{]}b ]c"), (Some("a{]}b"), "c"));
        assert_eq!(bracket("[a}]"), (None, "[a}]"));
        assert_eq!(bracket("x[a]"), (None, "x[a]"));
    }
}
