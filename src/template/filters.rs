//! What `{{filter:Field}}` does to a value. Filters that we do not know belong to add-ons: the
//! value passes, and so do the filters left of it, which Anki leaves to the add-on as well.

use super::av;
use super::cloze;
use super::expand::SideContext;
use super::furigana;
use crate::domain::html::strip_html;
use std::borrow::Cow;

/// Applies `filters` (nearest the field first) to the value of `key`.
#[must_use]
pub fn apply<'a>(
    value: &'a str,
    filters: &[String],
    key: &str,
    cx: &SideContext<'_>,
) -> Cow<'a, str> {
    if let Some(tag) = type_in(filters, key) {
        return Cow::Owned(tag);
    }
    let mut value = Cow::Borrowed(value);
    for filter in filters {
        match apply_one(&value, filter, key, cx) {
            Some(changed) => value = Cow::Owned(changed),
            // The face's, as if an add-on brought it.
            None if filter == "tts-voices" => {
                return Cow::Owned(format!("{value}{}", av::VOICES_MARK));
            }
            None => break,
        }
    }
    value
}

/// A leftmost `type` ignores all others but the two it knows.
fn type_in(filters: &[String], key: &str) -> Option<String> {
    match filters {
        [kind, outer] if outer == "type" && (kind == "cloze" || kind == "nc") => {
            Some(format!("[[type:{kind}:{key}]]"))
        }
        [.., outer] if outer == "type" => Some(format!("[[type:{key}]]")),
        _ => None,
    }
}

/// None for a filter that is not ours.
fn apply_one(value: &str, filter: &str, key: &str, cx: &SideContext<'_>) -> Option<String> {
    Some(match filter {
        "text" => strip_html(value).into_owned(),
        "furigana" => furigana::ruby(value),
        "kana" => furigana::reading(value),
        "kanji" => furigana::base(value),
        "type" => format!("[[type:{key}]]"),
        "hint" => hint(value, key),
        "cloze" => cloze::reveal(value, cx.card_ord, cx.is_question()),
        "cloze-only" => cloze::reveal_only(value, cx.card_ord, cx.is_question()),
        // An empty filter name (`{{::A}}`) does nothing.
        "" => value.to_owned(),
        _ => match filter.strip_prefix("tts ") {
            Some(options) => format!("[anki:tts lang={options}]{value}[/anki:tts]"),
            None => return None,
        },
    })
}

/// A link that hides itself and shows the value. Markup and id as Anki's.
fn hint(value: &str, key: &str) -> String {
    if value.trim().is_empty() {
        return value.to_owned();
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(value.as_bytes());
    hasher.update(key.as_bytes());
    let id: String = hasher.finalize().to_hex().chars().take(16).collect();
    format!(
        "\n<a class=hint href=\"#\"\nonclick=\"this.style.display='none';\n\
         document.getElementById('hint{id}').style.display='block';\nreturn false;\" \
         draggable=false>\n{key}</a>\n<div id=\"hint{id}\" class=hint style=\"display: none\">\
         {value}</div>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::super::expand::Values;
    use super::*;

    fn check(filters: &str, value: &str, html: &str) {
        let values = Values::default();
        let cx = SideContext {
            values: &values,
            card_ord: 0,
            front: None,
        };
        let filters: Vec<String> = filters.rsplit(':').map(str::to_owned).collect();
        assert_eq!(apply(value, &filters, "A", &cx), html);
    }

    #[test]
    fn filters_apply_from_the_field_outwards() {
        check("text", "<b>a</b>&amp;", "a&");
        check("type:furigana", "x", "[[type:A]]");
        check("type:cloze", "x", "[[type:cloze:A]]");
        check("type:nc:cloze", "x", "[[type:A]]");
        check("text:type", "x", "[[type:A]]");
        check("cloze:type", "x", "");
        check(
            "tts en_US speed=2",
            "x",
            "[anki:tts lang=en_US speed=2]x[/anki:tts]",
        );
        check("unknown:text", "<b>a</b>", "a");
        check("text:unknown", "<b>a</b>", "<b>a</b>");
    }

    #[test]
    fn hint_ids_equal_ankis() {
        let values = Values::default();
        let cx = SideContext {
            values: &values,
            card_ord: 0,
            front: None,
        };
        assert!(apply("x", &["hint".into()], "A", &cx).contains("hint6e8a9d4c06c7ce61"));
        assert_eq!(apply(" ", &["hint".into()], "A", &cx), " ");
    }
}
