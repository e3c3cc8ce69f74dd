//! Commands with an argument that may be left out (`\newcommand{\x}[2][default]{…}`), which the
//! typesetter does not know: where they are used, what they stand for is written instead.

use crate::base::limits::MAX_FORMULA_BYTES;
use crate::domain::tex::{bracket, group, name};
use crate::t;
use std::borrow::Cow;
use std::collections::HashMap;

/// More uses than this in one formula only come from a command that uses itself.
const MAX_USES: usize = 1000;

struct Command {
    /// 1 to 9, the one that may be left out included.
    arguments: usize,
    default: String,
    body: String,
}

/// The formula without such commands; a reason when one of them cannot be written out.
pub(super) fn expanded(tex: &str) -> Result<Cow<'_, str>, String> {
    if !tex.contains("command") {
        return Ok(Cow::Borrowed(tex));
    }
    let mut commands = HashMap::new();
    let mut out = String::with_capacity(tex.len());
    let mut rest = tex.to_owned();
    let mut uses = 0;
    while let Some(at) = rest.find('\\') {
        append(&mut out, &rest[..at]);
        let Some((word, after)) = name(&rest[at..]) else {
            rest.drain(..at);
            break;
        };
        let after = match word {
            "\\newcommand" | "\\renewcommand" | "\\providecommand" => {
                match definition(after, &mut commands) {
                    Some(after) => after.to_owned(),
                    None => {
                        append(&mut out, word);
                        // The name of a plain command is no use of one.
                        let (kept, after) = past_name(after);
                        out.push_str(kept);
                        after.to_owned()
                    }
                }
            }
            word => match commands.get(word) {
                Some(command) => {
                    uses += 1;
                    if uses > MAX_USES || rest.len() > MAX_FORMULA_BYTES {
                        return Err(t!("{word} has no end", word));
                    }
                    let (mut text, after) = written_out(command, after)
                        .ok_or_else(|| t!("{word} lacks an argument", word))?;
                    append(&mut text, after);
                    text
                }
                None => {
                    append(&mut out, word);
                    after.to_owned()
                }
            },
        };
        rest = after;
    }
    append(&mut out, &rest);
    Ok(Cow::Owned(out))
}

/// `*{\name}[2][default]{body}`: kept, and what follows it. None for a command without a default,
/// which then means what the typesetter makes of it.
fn definition<'a>(after: &'a str, commands: &mut HashMap<String, Command>) -> Option<&'a str> {
    let after = after.trim_start();
    let (name, rest) = name(after.strip_prefix('*').unwrap_or(after))?;
    let (arguments, rest) = bracket(rest);
    let (default, rest) = bracket(rest);
    let (body, rest) = group(rest)?;
    let arguments = arguments.and_then(|n| n.parse().ok());
    match (arguments, default) {
        (Some(arguments @ 1..=9), Some(default)) => {
            let command = Command {
                arguments,
                default: default.to_owned(),
                body: body.to_owned(),
            };
            commands.insert(name.to_owned(), command);
            Some(rest)
        }
        _ => {
            commands.remove(name);
            None
        }
    }
}

/// `*{\name}` and what follows it.
fn past_name(after: &str) -> (&str, &str) {
    let start = after.trim_start();
    let rest = name(start.strip_prefix('*').unwrap_or(start)).map_or(after, |(_, rest)| rest);
    after.split_at(after.len() - rest.len())
}

/// The body with its arguments, which come next in `after`, and what follows them.
fn written_out<'a>(command: &Command, after: &'a str) -> Option<(String, &'a str)> {
    let (first, mut after) = bracket(after);
    let mut arguments = vec![first.unwrap_or(&command.default)];
    while arguments.len() < command.arguments {
        let (argument, rest) = argument(after)?;
        arguments.push(argument);
        after = rest;
    }
    let mut text = String::with_capacity(command.body.len());
    let mut body = command.body.as_str();
    while let Some((before, from)) = body.split_once('#') {
        append(&mut text, before);
        let number = from.chars().next().and_then(|c| c.to_digit(10));
        let argument = number.and_then(|n| arguments.get((n as usize).checked_sub(1)?));
        match argument {
            Some(argument) => {
                append(&mut text, argument);
                body = &from[1..];
            }
            None => {
                text.push('#');
                body = from;
            }
        }
    }
    append(&mut text, body);
    Some((text, after))
}

/// A group, a command or one sign.
pub(super) fn argument(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    match text.chars().next()? {
        '{' => group(text),
        '\\' => name(text),
        '}' => None,
        sign => Some(text.split_at(sign.len_utf8())),
    }
}

/// Adds `more`, which must not become part of a command's name before it.
pub(super) fn append(out: &mut String, more: &str) {
    let letters = out.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let names = letters.len() < out.len() && letters.ends_with('\\');
    if names && more.starts_with(|c: char| c.is_ascii_alphabetic()) {
        out.push(' ');
    }
    out.push_str(more);
}

#[cfg(test)]
mod tests {
    use super::expanded;

    const NORM: &str = r"\newcommand{\norm}[2][2]{\lVert#2\rVert_{#1}}";

    #[test]
    fn the_first_argument_may_be_left_out() {
        for (tex, want) in [
            (r"\norm{x}", r"\lVert x\rVert_{2}"),
            (r"\norm[\infty]{x}y", r"\lVert x\rVert_{\infty}y"),
            (r"\norm x", r"\lVert x\rVert_{2}"),
            (r"\norm\alpha z", r"\lVert\alpha\rVert_{2} z"),
            (r"\norm[1]{\norm{a}}", r"\lVert\lVert a\rVert_{2}\rVert_{1}"),
            (r"\norm[{[}]{a}", r"\lVert a\rVert_{{[}}"),
            (r"\normal \\norm", r"\normal \\norm"),
            (
                r"\newcommand{\p}[1]{\norm[p]{#1}}\p f",
                r"\newcommand{\p}[1]{\lVert#1\rVert_{p}}\p f",
            ),
            (
                r"\norm a\renewcommand{\norm}[1]{|#1|}\norm a",
                r"\lVert a\rVert_{2}\renewcommand{\norm}[1]{|#1|}\norm a",
            ),
            (r"\newcommand*\o[1][n]{o(#1)}\o\o[k]", r"o(n)o(k)"),
        ] {
            assert_eq!(
                expanded(&format!("{NORM}{tex}")).as_deref(),
                Ok(want),
                "{tex}"
            );
        }
    }

    #[test]
    fn what_has_no_end_or_no_argument_says_so() {
        for (tex, why) in [
            (r"\newcommand{\a}[1][x]{\a\a}\a", "no end"),
            (r"\newcommand{\a}[2][x]{#1#2}\a", "lacks an argument"),
            (r"\newcommand{\a}[2][x]{#1#2}{\a}", "lacks an argument"),
        ] {
            assert!(expanded(tex).unwrap_err().contains(why), "{tex}");
        }
        for tex in [
            r"\newcommand",
            r"\newcommand{\a}[1][",
            "command\\",
            r"\newcommand{\a}[0][x]{y}",
        ] {
            assert_eq!(expanded(tex).as_deref(), Ok(tex), "{tex}");
        }
    }
}
