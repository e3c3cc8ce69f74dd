//! Sounds and speech on a card: `[sound:a.mp3]` and `[anki:tts …]text[/anki:tts]` become play
//! marks `[anki:play:q:0]`, numbered per side in the order in which they are played.

use crate::domain::html::{blocks_to_spaces, decode_entities, strip_html};
use std::borrow::Cow;

/// Stands where `{{tts-voices:}}` lists the voices of the machine; with a character that no text
/// has, because what is typed in a note is not a mark.
pub const VOICES_MARK: &str = "[anki:voices\u{f8ff}]";

/// One thing to play.
#[derive(Debug, Clone, PartialEq)]
pub enum AvTag {
    /// File in the media folder; may be a video.
    Sound(String),
    Speech(Speech),
}

/// Text to be spoken.
#[derive(Debug, Clone, PartialEq)]
pub struct Speech {
    pub text: String,
    /// e.g. `en_US`.
    pub lang: String,
    pub voices: Vec<String>,
    /// 1 is normal.
    pub speed: f32,
    /// Options that only some voices know, as `key=value`.
    pub other: Vec<String>,
}

/// A part of a side's HTML.
enum Part<'a> {
    Text(&'a str),
    Sound(&'a str),
    Speech {
        options: Vec<(&'a str, &'a str)>,
        content: &'a str,
    },
}

/// The HTML with play marks, and what they play.
#[must_use]
pub fn extract(html: &str, question: bool) -> (String, Vec<AvTag>) {
    let side = if question { 'q' } else { 'a' };
    let mut out = String::with_capacity(html.len());
    let mut tags = Vec::new();
    for part in parts(html) {
        let tag = match part {
            Part::Text(text) => {
                out.push_str(text);
                continue;
            }
            Part::Sound(name) => AvTag::Sound(file_name(name)),
            Part::Speech { options, content } => match speech(&options, content) {
                Some(speech) => AvTag::Speech(speech),
                None => {
                    out.push_str(
                        "[Error in directive '\u{2068}anki:tts\u{2069}': \
                         \u{2068}'\u{2068}lang\u{2069}' not set\u{2069}]",
                    );
                    continue;
                }
            },
        };
        out.push_str(&format!("[anki:play:{side}:{}]", tags.len()));
        tags.push(tag);
    }
    (out, tags)
}

/// Without the folders that some write before it.
fn file_name(html: &str) -> String {
    let path = decode_entities(html);
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The HTML without sounds and speech.
#[must_use]
pub fn strip(html: &str) -> Cow<'_, str> {
    if !html.contains("[sound:") && !html.contains("[anki:tts") {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len());
    for part in parts(html) {
        if let Part::Text(text) = part {
            out.push_str(text);
        }
    }
    Cow::Owned(out)
}

/// For one-line cells: sounds as their names between 🔉, speech as its text between 💬.
#[must_use]
pub fn named(html: &str) -> Cow<'_, str> {
    if !html.contains("[sound:") && !html.contains("[anki:tts") {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len());
    for part in parts(html) {
        let (mark, text) = match part {
            Part::Text(text) => ("", text),
            Part::Sound(name) => ("🔉", name),
            Part::Speech { content, .. } => ("💬", content),
        };
        out.push_str(mark);
        out.push_str(text);
        out.push_str(mark);
    }
    Cow::Owned(out)
}

fn speech(options: &[(&str, &str)], content: &str) -> Option<Speech> {
    let mut speech = Speech {
        text: String::new(),
        lang: String::new(),
        voices: Vec::new(),
        speed: 1.0,
        other: Vec::new(),
    };
    let mut blank = "blank";
    for (key, value) in options {
        match *key {
            "lang" => speech.lang = (*value).to_owned(),
            "voices" => speech.voices = value.split(',').map(str::to_owned).collect(),
            "speed" => speech.speed = value.parse().unwrap_or(1.0),
            "cloze_blank" => blank = value,
            _ => speech.other.push(format!("{key}={value}")),
        }
    }
    let text = blocks_to_spaces(content);
    speech.text = strip_html(&text).replace("[...]", blank);
    (!speech.lang.is_empty()).then_some(speech)
}

fn parts(html: &str) -> Vec<Part<'_>> {
    const END: &str = "[/anki:tts]";
    let mut parts = Vec::new();
    let mut text_from = 0;
    let mut at = 0;
    // Once there is no closing bracket or tag any more, looking again is in vain.
    let (mut sounds_end, mut speech_ends) = (true, true);
    while let Some(open) = html[at..].find('[').map(|i| at + i) {
        let rest = &html[open..];
        let mut found = None;
        if let Some(inner) = rest.strip_prefix("[sound:").filter(|_| sounds_end) {
            match inner.find(']') {
                Some(len) if len > 0 => {
                    found = Some((Part::Sound(&inner[..len]), open + 7 + len + 1));
                }
                Some(_) => {}
                None => sounds_end = false,
            }
        } else if let Some(inner) = rest.strip_prefix("[anki:tts").filter(|_| speech_ends)
            && let Some((options, head_len)) = speech_options(inner)
        {
            let content = &inner[head_len..];
            match content.find(END) {
                Some(len) => {
                    let end = open + "[anki:tts".len() + head_len + len + END.len();
                    let content = &content[..len];
                    found = Some((Part::Speech { options, content }, end));
                }
                None => speech_ends = false,
            }
        }
        match found {
            Some((part, end)) => {
                if text_from < open {
                    parts.push(Part::Text(&html[text_from..open]));
                }
                parts.push(part);
                text_from = end;
                at = end;
            }
            None => at = open + 1,
        }
    }
    if text_from < html.len() {
        parts.push(Part::Text(&html[text_from..]));
    }
    parts
}

/// More options are none: of many beginnings each would be read to the end of the field.
const MOST_OPTIONS: usize = 50;

/// Options up to the closing bracket, and the length of all that. Later ones win. Other white space
/// than these four is part of a name or value, as in Anki, and so is a quote that encloses nothing.
fn speech_options(text: &str) -> Option<(Vec<(&str, &str)>, usize)> {
    const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];
    if !text.starts_with([' ', '\t', '\r', '\n', ']']) {
        return None;
    }
    let mut options = Vec::new();
    let mut rest = text;
    while options.len() <= MOST_OPTIONS {
        rest = rest.trim_start_matches(SPACES);
        if let Some(after) = rest.strip_prefix(']') {
            return Some((options, text.len() - after.len()));
        }
        let key_len = rest.find([' ', '\t', '\r', '\n', '=', ']'])?;
        let (key, after) = rest.split_at(key_len);
        let value = after.strip_prefix('=').filter(|_| !key.is_empty())?;
        let quoted = value.strip_prefix('"').and_then(|v| v.split_once('"'));
        let (value, after) = match quoted {
            Some(quoted) => quoted,
            None => value.split_at(value.find([' ', '\t', '\r', '\n', ']', '"'])?),
        };
        options.push((key, value));
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_and_speech_are_numbered() {
        let (html, tags) = extract(
            "a[sound:x&amp;y.mp3]b[anki:tts lang=en_US voices=A,B speed=1.5]hi<br><b>[...]</b>[/anki:tts]",
            true,
        );
        assert_eq!(html, "a[anki:play:q:0]b[anki:play:q:1]");
        assert_eq!(tags[0], AvTag::Sound("x&y.mp3".into()));
        let AvTag::Speech(speech) = &tags[1] else {
            panic!("speech expected")
        };
        assert_eq!(speech.text, "hi blank");
        assert_eq!(speech.voices, ["A", "B"]);
        for (text, name) in [("[sound:../a/b.mp3]", "b.mp3"), ("[sound:a\\b&#47;c]", "c")] {
            assert_eq!(extract(text, false).1, [AvTag::Sound(name.into())]);
        }
    }

    /// As Anki 26.9.3 reads them.
    #[test]
    fn options_are_parted_by_four_spaces_and_whole_quotes() {
        let options = |options: &str| {
            let html = format!("[anki:tts{options}]x[/anki:tts]");
            match extract(&html, true).1.pop() {
                Some(AvTag::Speech(speech)) => Some((speech.lang, speech.other)),
                _ => None,
            }
        };
        let found = |lang: &str, other: &[&str]| {
            let other = other.iter().map(|&one| one.to_owned());
            Some((lang.to_owned(), other.collect::<Vec<_>>()))
        };
        for (text, expected) in [
            ("\n\tlang=en\r k=v ", found("en", &["k=v"])),
            (" lang=en\u{a0}US", found("en\u{a0}US", &[])),
            (
                " lang=en\u{3000}x k\u{2028}=v",
                found("en\u{3000}x", &["k\u{2028}=v"]),
            ),
            (" lang=\"en\"k=v", found("en", &["k=v"])),
            (" lang=en k=a\"b=c", found("en", &["k=a", "\"b=c"])),
            (" lang=en k=\"a=b", found("en", &["k=", "\"a=b"])),
            (" lang=en k=\"a]b\"", found("en", &["k=a]b"])),
            (" lang=en k=a\"b", None),
            (" lang=e\"n\" k=a", None),
            ("\u{a0}lang=en", None),
            ("lang=en", None),
        ] {
            assert_eq!(options(text), expected, "{text}");
        }
    }

    #[test]
    fn many_beginnings_of_speech_end() {
        let beginnings = "[anki:tts x=".repeat(40_000);
        assert_eq!(extract(&beginnings, true), (beginnings.clone(), vec![]));
    }

    #[test]
    fn what_is_no_tag_stays() {
        for text in [
            "[sound:]",
            "[sound:a",
            "[anki:tts lang=en_US]unclosed",
            "[anki:tts lang=en_US foo]x[/anki:tts]",
            "[anki:foo a=b]x[/anki:foo]",
        ] {
            assert_eq!(extract(text, true), (text.to_owned(), vec![]));
            assert_eq!(strip(text), text);
        }
        assert!(
            extract("[anki:tts]x[/anki:tts]", false)
                .0
                .starts_with("[Error")
        );
    }
}
