//! A template's text to tokens: text, replacements, section marks. Knows nothing of fields; what
//! the marks mean together is `parse`.

/// One piece of a template, borrowed from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// Copied as it is; comments too.
    Text(&'a str),
    /// The trimmed inside of a tag.
    Replacement(&'a str),
    OpenSection(&'a str),
    OpenInverted(&'a str),
    CloseSection(&'a str),
}

const OLD_DELIMITERS: &str = "{{=<% %>=}}";

/// The directive for old delimiters, with the white space before it, where the template begins
/// with one; said again at once, it is part of it.
#[must_use]
pub fn old_delimiters(template: &str) -> Option<&str> {
    let rest = template.trim_start().strip_prefix(OLD_DELIMITERS)?;
    let rest = rest.trim_start_matches(OLD_DELIMITERS);
    template.get(..template.len() - rest.len())
}

/// All tokens, in order. Unclosed tags and comments are text.
#[must_use]
pub fn tokens(template: &str) -> Vec<Token<'_>> {
    let (mut rest, open, close) = match old_delimiters(template) {
        Some(directive) => (&template[directive.len()..], "<%", "%>"),
        None => (template, "{{", "}}"),
    };
    let mut out = Vec::new();
    let mut comment = next_comment(rest);
    let mut tag = rest.find(open);
    loop {
        if let Some((start, end)) = comment
            && tag.is_none_or(|t| start < t)
        {
            let (head, tail) = rest.split_at(end);
            out.push(Token::Text(head));
            rest = tail;
            // Looked for again only when it was in the comment.
            tag = match tag {
                Some(at) if at < end => rest.find(open),
                behind => behind.map(|at| at - end),
            };
            comment = next_comment(rest);
            continue;
        }
        let Some(at) = tag else { break };
        let inner = &rest[at + open.len()..];
        let inner_start = inner.len() - inner.trim_start_matches('{').len();
        let Some(len) = inner[inner_start..].find(close) else {
            break;
        };
        if at > 0 {
            out.push(Token::Text(&rest[..at]));
        }
        out.push(classify(inner[inner_start..inner_start + len].trim()));
        let tail = &inner[inner_start + len + close.len()..];
        let consumed = rest.len() - tail.len();
        rest = tail;
        tag = rest.find(open);
        // Searched again only when the tag reached into the comment: linear on long templates.
        comment = match comment {
            Some((start, end)) if start >= consumed => Some((start - consumed, end - consumed)),
            Some((_, end)) => later_comment(rest, end.checked_sub(consumed)),
            None => None,
        };
    }
    if !rest.is_empty() {
        out.push(Token::Text(rest));
    }
    out
}

/// Where the next whole comment starts and ends. The hyphens that begin it do not end it: `<!-->`
/// and `<!--->` go on, as in Anki.
fn next_comment(text: &str) -> Option<(usize, usize)> {
    let start = text.find("<!--")?;
    let inside = start + "<!--".len();
    let end = text[inside..].find("-->")?;
    Some((start, inside + end + "-->".len()))
}

/// As [`next_comment`], when the end of the one before is known to be the first end of all.
fn later_comment(text: &str, known_end: Option<usize>) -> Option<(usize, usize)> {
    match (text.find("<!--"), known_end) {
        (Some(start), Some(end)) if start + "<!---->".len() <= end => Some((start, end)),
        _ => next_comment(text),
    }
}

fn classify(tag: &str) -> Token<'_> {
    if tag.len() < 2 {
        return Token::Replacement(tag);
    }
    if let Some(key) = tag.strip_prefix('#') {
        Token::OpenSection(key.trim())
    } else if let Some(key) = tag.strip_prefix('/') {
        Token::CloseSection(key.trim())
    } else if let Some(key) = tag.strip_prefix('^') {
        Token::OpenInverted(key.trim())
    } else {
        Token::Replacement(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::Token::{CloseSection, OpenInverted, OpenSection, Replacement, Text};
    use super::*;

    #[test]
    fn tags_comments_and_text() {
        for (template, expected) in [
            ("", vec![]),
            ("a{{ F }}b", vec![Text("a"), Replacement("F"), Text("b")]),
            (
                "{{#A}}{{^ B }}{{/A}}",
                vec![OpenSection("A"), OpenInverted("B"), CloseSection("A")],
            ),
            ("{{{F}}}", vec![Replacement("F"), Text("}")]),
            ("{{F", vec![Text("{{F")]),
            ("{{#}}{{}}", vec![Replacement("#"), Replacement("")]),
            (
                "x<!-- {{A}} -->{{B}}",
                vec![Text("x<!-- {{A}} -->"), Replacement("B")],
            ),
            ("<!-- {{A}}", vec![Text("<!-- "), Replacement("A")]),
            (
                "<!-->{{A}}<!--->-->{{B}}",
                vec![Text("<!-->{{A}}<!--->"), Text("-->"), Replacement("B")],
            ),
            (
                "{{A<!-- }}<!-->-->{{B}}",
                vec![Replacement("A<!--"), Text("<!-->-->"), Replacement("B")],
            ),
            ("<!--->{{A}}", vec![Text("<!--->"), Replacement("A")]),
            (
                " {{=<% %>=}} <%A%>{{B}}",
                vec![Text(" "), Replacement("A"), Text("{{B}}")],
            ),
            (
                "{{=<% %>=}}{{=<% %>=}}{{=<% %>=}}<%A%>",
                vec![Replacement("A")],
            ),
        ] {
            assert_eq!(tokens(template), expected, "{template}");
        }
    }

    #[test]
    fn many_comments_before_a_tag_take_no_time() {
        let template = "<!---->".repeat(500_000) + "<!--{{A}}-->{{B}}";
        let tokens = tokens(&template);
        assert_eq!(tokens.len(), 500_002);
        assert_eq!(tokens.last(), Some(&Replacement("B")));
    }
}
