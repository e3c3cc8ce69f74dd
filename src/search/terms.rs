//! `key:value` to a term: which keys there are and what their values may be.

use super::ast::{Comparison, Property, Search, State, TextMode};
use crate::base::ids::NotetypeId;
use crate::mark;

/// What is wrong, in a sentence; the parser knows where.
type Result<T> = std::result::Result<T, String>;

/// The term for a key and its value; an unknown key is the name of a field.
pub(super) fn search_for(key: &str, value: &str) -> Result<Search> {
    if key.is_empty() {
        return Err(mark!(
            "a colon `:` was found, but there was no keyword preceding it. If you want to \
                 search for a literal `:`, prepend a backslash: `\\:`."
        )
        .to_owned());
    }
    Ok(match key.to_ascii_lowercase().as_str() {
        "deck" => Search::Deck(unescape(value)?),
        "note" => Search::Notetype(unescape(value)?),
        "card" => template(value)?,
        "tag" => {
            let (tag, mode) = text_mode(value)?;
            Search::Tag { tag, mode }
        }
        "nid" => Search::NoteIds(ids(value, "nid:")?),
        "cid" => Search::CardIds(ids(value, "cid:")?),
        "did" => Search::DeckIds(ids(value, "did:")?),
        "mid" => Search::NotetypeId(NotetypeId(signed(value, "mid:")?)),
        "is" => state(value)?,
        "flag" => flag(value)?,
        "added" => Search::Added(days(value, "added:")?),
        "edited" => Search::Edited(days(value, "edited:")?),
        "introduced" => Search::Introduced(days(value, "introduced:")?),
        "rated" => rated(value)?,
        "resched" => Search::Rescheduled(unsigned(value, "resched:")?),
        "prop" => property(value)?,
        "has-cd" => Search::CustomData(unescape(value)?),
        "preset" => Search::Preset(unescape_quotes(value)),
        "re" => Search::Regex(unescape_quotes(value)),
        "nc" => Search::NoAccents(unescape(value)?),
        "sc" => Search::NoClozes(unescape(value)?),
        "w" => Search::Words(unescape(value)?),
        "dupe" => duplicates(value)?,
        _ => {
            let (text, mode) = match value.strip_prefix("nc:") {
                Some(text) => (lenient(text)?, TextMode::NoAccents),
                None => text_mode(value)?,
            };
            Search::Field {
                name: unescape(key)?,
                text,
                mode,
            }
        }
    })
}

/// Whether a field of this name cannot be searched by it, as the key means something else.
pub(super) fn is_keyword(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')
        && !matches!(search_for(name, ""), Ok(Search::Field { .. }))
}

/// Resolves `\"`, `\:`, `\(`, `\)` and `\-`; `\\`, `\*` and `\_` stay for the wildcards. Others
/// are errors.
pub(super) fn unescape(text: &str) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(c @ ('"' | ':' | '(' | ')' | '-')) => out.push(c),
            Some(c @ ('\\' | '*' | '_')) => {
                out.push('\\');
                out.push(c);
            }
            other => {
                let sequence: String = std::iter::once('\\').chain(other).collect();
                return Err(unknown_escape(&sequence));
            }
        }
    }
    Ok(out)
}

pub(super) fn unknown_escape(sequence: &str) -> String {
    mark!(
        "the escape sequence `{sequence}` is not defined. If you want to search for a literal \
         backslash `\\`, prepend another one: `\\\\`.",
        sequence
    )
}

/// Behind `field:nc:` any sign may have a backslash before it, which stays for the wildcards.
fn lenient(text: &str) -> Result<String> {
    let backslashes = text.len() - text.trim_end_matches('\\').len();
    if backslashes % 2 == 1 {
        return Err(unknown_escape("\\"));
    }
    Ok(unescape_quotes(text))
}

fn unescape_quotes(text: &str) -> String {
    text.replace("\\\"", "\"")
}

fn text_mode(value: &str) -> Result<(String, TextMode)> {
    if let Some(regex) = value.strip_prefix("re:") {
        Ok((unescape_quotes(regex), TextMode::Regex))
    } else if let Some(text) = value.strip_prefix("nc:") {
        Ok((unescape(text)?, TextMode::NoAccents))
    } else {
        Ok((unescape(value)?, TextMode::Wildcards))
    }
}

fn template(value: &str) -> Result<Search> {
    Ok(match value.parse::<u16>() {
        Ok(number) => Search::TemplateOrd(number.max(1) - 1),
        Err(_) => Search::TemplateName(unescape(value)?),
    })
}

fn ids(value: &str, key: &str) -> Result<Vec<i64>> {
    let error = || mark!("expected only digits and commas in {key}", key);
    value
        .split(',')
        .map(|id| {
            if id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
                return Err(error());
            }
            // A number that is no id at all finds nothing.
            Ok(id.parse().unwrap_or(i64::MAX))
        })
        .collect()
}

fn state(value: &str) -> Result<Search> {
    State::ALL
        .iter()
        .find(|(_, word)| *word == value)
        .map(|(state, _)| Search::State(*state))
        .ok_or_else(|| mark!("`is:` was given an invalid argument '`{value}`'.", value))
}

fn flag(value: &str) -> Result<Search> {
    match value.parse::<u8>() {
        Ok(flag) if flag <= 7 => Ok(Search::Flag(flag)),
        _ => Err(mark!(
            "`flag:` must be followed by a valid flag number: `1` (red), `2` (orange), `3` \
                 (green), `4` (blue), `5` (pink), `6` (turquoise), `7` (purple) or `0` (no flag)."
        )
        .to_owned()),
    }
}

fn signed<T: std::str::FromStr>(value: &str, context: &str) -> Result<T> {
    value.parse().map_err(|_| {
        mark!(
            "expected a whole number in \"`{context}`\", but found \"`{value}`\".",
            context,
            value
        )
    })
}

fn unsigned(value: &str, context: &str) -> Result<u32> {
    value.parse().map_err(|_| {
        mark!(
            "expected a positive whole number in \"`{context}`\", but found \"`{value}`\".",
            context,
            value
        )
    })
}

fn number(value: &str, context: &str) -> Result<f32> {
    value.parse().map_err(|_| {
        mark!(
            "expected a number in \"`{context}`\", but found \"`{value}`\".",
            context,
            value
        )
    })
}

fn days(value: &str, key: &str) -> Result<u32> {
    Ok(unsigned(value, key)?.max(1))
}

fn button(value: Option<&str>, context: &str) -> Result<Option<u8>> {
    value
        .map(|value| match value.parse::<u8>() {
            Ok(button @ 1..=4) => Ok(button),
            _ => Err(mark!(
                "expected an answer button between 1-4 in \"`{context}`\", but found \
                 \"`{value}`\".",
                context,
                value
            )),
        })
        .transpose()
}

fn split_button(value: &str) -> (&str, Option<&str>) {
    match value.split_once(':') {
        Some((days, button)) => (days, Some(button)),
        None => (value, None),
    }
}

fn rated(value: &str) -> Result<Search> {
    let (number, pressed) = split_button(value);
    Ok(Search::Rated {
        days: days(number, "rated:")?,
        button: button(pressed, value)?,
    })
}

fn duplicates(value: &str) -> Result<Search> {
    let (id, text) = value
        .split_once(',')
        .map_or((value, None), |(id, t)| (id, Some(t)));
    let notetype = id.parse().map_err(|_| {
        mark!(
            "expected a whole number in \"`{context}`\", but found \"`{value}`\".",
            context = value,
            value = id
        )
    })?;
    let text = text.ok_or_else(|| mark!("invalid 'dupe:' search").to_owned())?;
    Ok(Search::Duplicates {
        notetype: NotetypeId(notetype),
        text: unescape_quotes_and_backslashes(text),
    })
}

fn unescape_quotes_and_backslashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(&next @ ('\\' | '"'))) => {
                out.push(next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}

/// Names of `prop:`; those with a key of custom data end in `:`.
const PROPERTIES: [&str; 13] = [
    "resched", "rated", "lapses", "reps", "ease", "ivl", "due", "pos", "cdn:", "cds:", "s", "d",
    "r",
];

fn property(value: &str) -> Result<Search> {
    let unknown = || mark!("`prop:` was given an invalid argument '`{value}`'.", value);
    let name = PROPERTIES
        .into_iter()
        .find(|name| value.starts_with(name))
        .ok_or_else(unknown)?;
    let after = &value[name.len()..];
    let key_len = if name.ends_with(':') {
        after
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(after.len())
    } else {
        0
    };
    if name.ends_with(':') && key_len == 0 {
        return Err(unknown());
    }
    let (key, after) = after.split_at(key_len);
    let (op, operand) = Comparison::ALL
        .iter()
        .find_map(|(op, symbol)| after.strip_prefix(symbol).map(|rest| (*op, rest)))
        .ok_or_else(|| {
            mark!(
                "`prop:{name}{key}` must be followed by one of the following comparison \
                 operators: `=`, `!=`, `<`, `>`, `<=` or `>=`.",
                name,
                key
            )
        })?;
    let property = property_value(name, key, operand, value)?;
    Ok(Search::Property { property, op })
}

fn property_value(name: &str, key: &str, operand: &str, value: &str) -> Result<Property> {
    let past_days = |text: &str| -> Result<i32> {
        match text.parse::<i32>() {
            Ok(days) if days <= 0 => Ok(days),
            _ => Err(mark!(
                "expected a whole number less than or equal to 0 in \"`{value}`\", but found \
                 \"`{text}`\".",
                value,
                text
            )),
        }
    };
    Ok(match name {
        "ivl" => Property::Interval(unsigned(operand, value)?),
        "reps" => Property::Reps(unsigned(operand, value)?),
        "lapses" => Property::Lapses(unsigned(operand, value)?),
        "pos" => Property::Position(unsigned(operand, value)?),
        "due" => Property::Due(signed(operand, value)?),
        "ease" => Property::Ease(number(operand, value)?),
        "s" => Property::Stability(number(operand, value)?),
        "d" => Property::Difficulty(number(operand, value)?),
        "r" => Property::Retrievability(number(operand, value)?),
        "rated" => {
            let (days, pressed) = split_button(operand);
            Property::Rated {
                days: past_days(days)?,
                button: button(pressed, value)?,
            }
        }
        "resched" => Property::Rescheduled(past_days(operand)?),
        "cdn:" => Property::CustomNumber {
            key: key.to_owned(),
            value: number(operand, value)?,
        },
        _ => Property::CustomText {
            key: key.to_owned(),
            value: operand.to_owned(),
        },
    })
}
