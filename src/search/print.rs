//! The normalised text of a search, which parses to the same search.

use super::ast::{Node, Property, Search, State, TextMode};

/// As Anki writes it: AND as a space, OR in capitals, quotes only where they are needed.
#[must_use]
pub fn print(nodes: &[Node]) -> String {
    match nodes {
        // Brackets around everything say nothing.
        [Node::Group(inner)] => sequence(inner),
        nodes => sequence(nodes),
    }
}

/// As [`print`], with brackets around everything where there were some: for searches that are
/// kept, as filtered decks have them.
#[must_use]
pub fn sequence(nodes: &[Node]) -> String {
    nodes.iter().map(node).collect()
}

fn node(node: &Node) -> String {
    match node {
        Node::And => " ".to_owned(),
        Node::Or => " OR ".to_owned(),
        Node::Not(inner) => format!("-{}", self::node(inner)),
        Node::Group(inner) => format!("({})", sequence(inner)),
        Node::Search(term) => search(term),
    }
}

fn search(term: &Search) -> String {
    match term {
        Search::WholeCollection => "deck:*".to_owned(),
        Search::Text(text) => quoted(&escape_quotes(&text.replace(':', "\\:"))),
        Search::NoAccents(text) => keyed("nc", text),
        Search::NoClozes(text) => keyed("sc", text),
        Search::Words(text) => keyed("w", text),
        Search::Regex(text) => keyed("re", text),
        Search::Field { name, text, mode } => {
            keyed(&name.replace(':', "\\:"), &with_mode(text, *mode))
        }
        Search::Duplicates { notetype, text } => {
            let text = text.replace('\\', "\\\\");
            keyed("dupe", &format!("{notetype},{text}"))
        }
        Search::Tag { tag, mode } => keyed("tag", &with_mode(tag, *mode)),
        Search::Notetype(name) => keyed("note", name),
        Search::NotetypeId(id) => format!("mid:{id}"),
        Search::TemplateOrd(ord) => format!("card:{}", u32::from(*ord) + 1),
        Search::TemplateName(name) => keyed("card", name),
        Search::NoteIds(ids) => listed("nid", ids),
        Search::CardIds(ids) => listed("cid", ids),
        Search::DeckIds(ids) => listed("did", ids),
        Search::Deck(name) => keyed("deck", name),
        Search::Preset(name) => keyed("preset", name),
        Search::State(state) => {
            let word = State::ALL.iter().find(|(s, _)| s == state);
            format!("is:{}", word.map_or("", |(_, word)| word))
        }
        Search::Flag(flag) => format!("flag:{flag}"),
        Search::Added(days) => format!("added:{days}"),
        Search::Edited(days) => format!("edited:{days}"),
        Search::Introduced(days) => format!("introduced:{days}"),
        Search::Rated { days, button } => format!("rated:{days}{}", with_button(*button)),
        Search::Rescheduled(days) => format!("resched:{days}"),
        Search::CustomData(key) => keyed("has-cd", key),
        Search::Property { property: p, op } => property(p, op.symbol()),
    }
}

fn property(property: &Property, op: &str) -> String {
    match property {
        Property::Interval(v) => format!("prop:ivl{op}{v}"),
        Property::Reps(v) => format!("prop:reps{op}{v}"),
        Property::Lapses(v) => format!("prop:lapses{op}{v}"),
        Property::Ease(v) => format!("prop:ease{op}{v}"),
        Property::Due(v) => format!("prop:due{op}{v}"),
        Property::Position(v) => format!("prop:pos{op}{v}"),
        Property::Rated { days, button } => {
            format!("prop:rated{op}{days}{}", with_button(*button))
        }
        Property::Rescheduled(v) => format!("prop:resched{op}{v}"),
        Property::Stability(v) => format!("prop:s{op}{v}"),
        Property::Difficulty(v) => format!("prop:d{op}{v}"),
        Property::Retrievability(v) => format!("prop:r{op}{v}"),
        Property::CustomNumber { key, value } => format!("prop:cdn:{key}{op}{value}"),
        // As it was typed: its quotes have their backslashes.
        Property::CustomText { key, value } => quoted(&format!("prop:cds:{key}{op}{value}")),
    }
}

fn with_button(button: Option<u8>) -> String {
    button.map_or_else(String::new, |b| format!(":{b}"))
}

fn with_mode(text: &str, mode: TextMode) -> String {
    match mode {
        // Not to be taken for the modes below.
        TextMode::Wildcards => match text.split_once(':') {
            Some((mode @ ("re" | "nc"), rest)) => format!("{mode}\\:{rest}"),
            _ => text.to_owned(),
        },
        TextMode::Regex => format!("re:{text}"),
        TextMode::NoAccents => format!("nc:{text}"),
    }
}

fn listed(key: &str, ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    format!("{key}:{}", ids.join(","))
}

fn keyed(key: &str, value: &str) -> String {
    quoted(&escape_quotes(&format!("{key}:{value}")))
}

fn escape_quotes(text: &str) -> String {
    text.replace('"', "\\\"")
}

fn quoted(text: &str) -> String {
    let needed = (text.starts_with('-') && text.len() > 1)
        || text.contains([' ', '\u{3000}', '(', ')'])
        || text.eq_ignore_ascii_case("and")
        || text.eq_ignore_ascii_case("or");
    if needed {
        format!("\"{text}\"")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    #[test]
    fn normalised_text_equals_ankis() {
        for (text, normal) in [
            ("", "deck:*"),
            ("a AND b or c", "a b OR c"),
            ("((a))", "(a)"),
            ("--a", "-\"-a\""),
            ("a\"b c\"", "a \"b c\""),
            ("a:\"b c\"", "\"a:b c\""),
            ("a\\:b:\"c d\"", "\"a\\:b:c d\""),
            ("\\(a\\)", "\"(a)\""),
            ("card:0", "card:1"),
            ("prop:s=01.50", "prop:s=1.5"),
            ("dupe:1,a\\d", "dupe:1,a\\\\d"),
            ("a:b:\"c d\"", "a:b: \"c d\""),
            ("a - b", "a - b"),
            ("a\u{2003}b", "a b"),
        ] {
            assert_eq!(print(&parse(text).unwrap()), normal, "{text}");
        }
    }

    #[test]
    fn custom_data_is_written_as_it_is_read() {
        for text in [
            r#"prop:cds:k=a\"b"#,
            r#""prop:cds:k=a \"b\"""#,
            r"prop:cds:k=a\\",
            r#""prop:cds:k!=a\(b""#,
        ] {
            let search = parse(text).unwrap();
            assert_eq!(print(&search), text);
            assert_eq!(parse(&print(&search)).unwrap(), search, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, part) in [
            ("a or", "`or` was found"),
            ("()", "nothing between the brackets"),
            ("(a", "no closing bracket"),
            ("(", "no closing bracket"),
            ("a or -( ", "no closing bracket"),
            ("a)", "no opening bracket"),
            ("\"\"", "nothing between them"),
            ("\"a", "no second one"),
            (":a", "no keyword"),
            ("a\\x", "`\\x` is not defined"),
            ("preset:a\\", "`\\` is not defined"),
            ("preset:a\\ b", "`\\ b` is not defined"),
            ("x:re:a\\", "`\\` is not defined"),
            ("dupe:1,a\\", "`\\` is not defined"),
            ("prop:ivl", "must be followed by"),
            ("rated:1:5", "answer button"),
            ("nid:1,", "only digits and commas"),
            ("flag:8", "valid flag number"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn deep_brackets_are_refused() {
        assert!(parse(&"(".repeat(200_000)).is_err());
        assert!(parse(&"-(".repeat(200_000)).is_err());
    }
}
