//! The plain text of a field's HTML: what `sfld` and `csum` are made from, what one-line cells
//! show. Byte for byte Anki's results (broken markup included), because checksums depend on it;
//! so this is a scanner and no HTML parser. Drawing HTML is `render`.

use regex::{Captures, Regex};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// Text without comments, style and script blocks and tags, entities decoded.
#[must_use]
pub fn strip_html(html: &str) -> Cow<'_, str> {
    map_cow(strip_tags(html), decode_entities)
}

/// As [`strip_html`], but each image, sound, video or object leaves its file name between spaces.
/// The rule behind a note's sort field and checksum. Not trimmed.
#[must_use]
pub fn strip_html_preserving_media_names(html: &str) -> Cow<'_, str> {
    if !html.contains(['<', '&']) {
        return Cow::Borrowed(html);
    }
    map_cow(media_tags_to_names(html), strip_html)
}

/// One line of text: each line break to a space, `[[type:…]]` removed, sounds and media to their
/// names (or removed), tags removed, trimmed.
#[must_use]
pub fn html_to_text_line(html: &str, keep_media_names: bool) -> String {
    text_line(html, keep_media_names).trim().to_owned()
}

/// As [`html_to_text_line`] without media, but what has nothing to convert keeps the white space
/// around it.
#[must_use]
pub fn html_to_plain_cell(html: &str) -> Cow<'_, str> {
    let line = text_line(html, false);
    if line == html {
        Cow::Borrowed(html)
    } else {
        Cow::Owned(line.trim().to_owned())
    }
}

fn text_line(html: &str, keep_media_names: bool) -> String {
    static BREAK: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)\r|\n|<br\s*/?>|<div>").ok());
    static TYPE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?s)\[\[type:.+?\]\]").ok());
    static SOUND: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\[sound:([^\]]+)\]").ok());
    let text = replace(&BREAK, html, |c| {
        if &c[0] == "\r" {
            String::new()
        } else {
            " ".to_owned()
        }
    });
    let text = replace(&TYPE, &text, |_| String::new());
    let text = replace(&SOUND, &text, |c| {
        if keep_media_names {
            c[1].to_owned()
        } else {
            String::new()
        }
    });
    if keep_media_names {
        strip_html_preserving_media_names(&text).into_owned()
    } else {
        strip_html(&text).into_owned()
    }
}

/// For typed answers: each run of newlines, `<br>`, `<div>` and `</div>` becomes one space.
#[must_use]
pub fn line_ends_to_spaces(html: &str) -> Cow<'_, str> {
    static LINE_ENDS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)(?:\n|<br\s?/?>|</?div>)+").ok());
    replace(&LINE_ENDS, html, |_| " ".to_owned())
}

/// For speech: each mark of a block (without attributes) becomes a space. Newlines stay.
#[must_use]
pub fn blocks_to_spaces(html: &str) -> Cow<'_, str> {
    static BLOCKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?xi)</?(?:address|article|aside|blockquote|br|canvas|dd|div|dl|dt|fieldset
            |figcaption|figure|footer|form|h[1-6]|header|hr|li|main|nav|noscript|ol|output|p|pre
            |section|table|tfoot|ul|video)>",
        )
        .ok()
    });
    replace(&BLOCKS, html, |_| " ".to_owned())
}

/// The values that a section takes for empty: ASCII white space, and line breaks in the spellings
/// that Anki knows.
#[must_use]
pub fn is_blank(html: &str) -> bool {
    static BLANK: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)\A(?:[ \t\n\r\x0b\x0c]|</?(?:br|div) ?/?>)*\z").ok());
    BLANK.as_ref().is_some_and(|re| re.is_match(html))
}

/// `& < > "` and `'` as entities.
#[must_use]
pub fn escape_html(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#x27;"),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Numeric entities and the 252 names of HTML 4, case-sensitive and with their `;`, decoded; a
/// no-break space becomes a space. One that cannot be decoded leaves the whole text as it is.
#[must_use]
pub fn decode_entities(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    match decode_all(text) {
        Some(decoded) => Cow::Owned(decoded),
        None => Cow::Borrowed(text),
    }
}

fn decode_all(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        // No name or number is longer; a far `;` is no end of an entity.
        let end = tail.find(';')?;
        out.push(decode_one(&tail[..end])?);
        rest = &tail[end + 1..];
    }
    out.push_str(rest);
    Some(out.replace('\u{a0}', " "))
}

fn decode_one(entity: &str) -> Option<char> {
    let Some(number) = entity.strip_prefix('#') else {
        static NAMES: LazyLock<HashMap<&str, char>> = LazyLock::new(|| {
            let mut words = ENTITIES.split_ascii_whitespace();
            let mut names = HashMap::new();
            while let (Some(name), Some(code)) = (words.next(), words.next()) {
                if let Some(c) = u32::from_str_radix(code, 16).ok().and_then(char::from_u32) {
                    names.insert(name, c);
                }
            }
            names
        });
        return NAMES.get(entity).copied();
    };
    let (digits, radix) = match number.strip_prefix('x') {
        Some(hex) => (hex, 16),
        None => (number, 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let code = if digits.is_empty() {
        0
    } else {
        u32::from_str_radix(digits, radix).ok()?
    };
    char::from_u32(code)
}

/// Removes comments, style and script blocks, and everything else between `<` and `>`. Linear:
/// a search that found nothing once is not repeated.
#[must_use]
pub fn strip_tags(html: &str) -> Cow<'_, str> {
    if !html.contains('<') {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len());
    let mut scanner = Scanner::default();
    let mut kept = 0;
    let mut at = 0;
    while let Some(open) = html[at..].find('<').map(|i| at + i) {
        match scanner.end_of_markup(html, open) {
            Some(end) => {
                out.push_str(&html[kept..open]);
                kept = end;
                at = end;
            }
            // No `>` in the rest of the text.
            None => break,
        }
    }
    out.push_str(&html[kept..]);
    Cow::Owned(out)
}

/// Remembers which ends do not occur any more.
#[derive(Default)]
struct Scanner {
    no_comment_end: bool,
    no_style_end: bool,
    no_script_end: bool,
}

impl Scanner {
    /// Where the comment, block or tag that begins at `open` ends.
    fn end_of_markup(&mut self, html: &str, open: usize) -> Option<usize> {
        let rest = &html[open..];
        if rest.starts_with("<!--") && !self.no_comment_end {
            match rest[4..].find("-->") {
                Some(i) => return Some(open + 4 + i + 3),
                None => self.no_comment_end = true,
            }
        }
        let tag_end = open + rest.find('>')? + 1;
        for (name, end, missing) in [
            ("<style", "</style>", &mut self.no_style_end),
            ("<script", "</script>", &mut self.no_script_end),
        ] {
            if !*missing && starts_with_ignoring_case(rest, name) {
                match find_ignoring_case(&html[tag_end..], end) {
                    Some(i) => return Some(tag_end + i + end.len()),
                    None => *missing = true,
                }
            }
        }
        Some(tag_end)
    }
}

fn starts_with_ignoring_case(text: &str, ascii: &str) -> bool {
    text.as_bytes()
        .get(..ascii.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(ascii.as_bytes()))
}

/// `needle` begins with `<`.
fn find_ignoring_case(text: &str, needle: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(i) = text[from..].find('<') {
        if starts_with_ignoring_case(&text[from + i..], needle) {
            return Some(from + i);
        }
        from += i + 1;
    }
    None
}

/// Tags that name a media file; the name is in one of three groups.
static MEDIA: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?xsi)
        <(?:img|audio|video|object|source)\b (?:[^>]|"[^"]*"|'[^']*')+? \b(?:src|data)=
        (?: "([^"]+?)"[^>]*> | '([^']+?)'[^>]*> | ([^>]+?)(?:[\ ][^>]*)?> )"#,
    )
    .ok()
});

/// Images, sounds, videos and objects: byte ranges of each tag and of the file's name in it.
#[must_use]
pub fn media_tags(html: &str) -> Vec<[Range<usize>; 2]> {
    let Some(media) = MEDIA.as_ref().filter(|_| html.contains('<')) else {
        return Vec::new();
    };
    let tags = media.captures_iter(html);
    tags.filter_map(|c| {
        let name = c.get(1).or(c.get(2)).or(c.get(3))?;
        Some([c.get_match().range(), name.range()])
    })
    .collect()
}

fn media_tags_to_names(html: &str) -> Cow<'_, str> {
    replace(&MEDIA, html, |c| {
        let name = c.get(1).or(c.get(2)).or(c.get(3));
        format!(" {} ", name.map_or("", |m| m.as_str()))
    })
}

/// A beginning, its end, and the fewest characters between them.
pub type Enclosing<'a> = (&'a str, &'a str, usize);

/// Stretches between such beginnings and the first end behind each, one behind the other: which of
/// `pairs`, and all of it. As a pattern of alternatives finds them, but linear: where no end comes
/// any more, none is looked for again.
#[must_use]
pub fn enclosed(text: &str, pairs: &[Enclosing<'_>]) -> Vec<(usize, Range<usize>)> {
    let next = |what: &str, from: usize| Some(from + text.get(from..)?.find(what)?);
    let starts = pairs.iter().map(|(open, ..)| next(open, 0));
    let mut starts: Vec<Option<usize>> = starts.collect();
    let mut ends = vec![Some(0); pairs.len()];
    let mut found: Vec<(usize, Range<usize>)> = Vec::new();
    loop {
        let first = starts.iter().enumerate();
        let first = first.filter_map(|(pair, start)| Some((start.as_ref()?, pair)));
        let Some((&start, pair)) = first.min() else {
            return found;
        };
        let (open, close, least) = pairs[pair];
        let inside = start + open.len();
        let least: usize = text[inside..].chars().take(least).map(char::len_utf8).sum();
        let end = match ends[pair] {
            Some(end) if end < inside + least => next(close, inside + least),
            known => known,
        };
        ends[pair] = end;
        let Some(end) = end else {
            starts[pair] = None;
            continue;
        };
        let end = end + close.len();
        found.push((pair, start..end));
        for (start, (open, ..)) in starts.iter_mut().zip(pairs) {
            if start.is_some_and(|start| start < end) {
                *start = next(open, end);
            }
        }
    }
}

fn replace<'a>(
    regex: &LazyLock<Option<Regex>>,
    text: &'a str,
    with: impl Fn(&Captures<'_>) -> String,
) -> Cow<'a, str> {
    match regex.as_ref() {
        Some(regex) => regex.replace_all(text, |c: &Captures<'_>| with(c)),
        None => Cow::Borrowed(text),
    }
}

/// Applies `f` without copying when neither step changed anything.
fn map_cow<'a>(text: Cow<'a, str>, f: impl Fn(&str) -> Cow<'_, str>) -> Cow<'a, str> {
    match f(&text) {
        Cow::Owned(changed) => Cow::Owned(changed),
        // Unchanged, or a part of it: `f` never shortens without copying.
        Cow::Borrowed(_) => text,
    }
}

/// Name and code point (hexadecimal) of the entities of HTML 4.
const ENTITIES: &str = "
AElig C6 Aacute C1 Acirc C2 Agrave C0 Alpha 391 Aring C5 Atilde C3 Auml C4 Beta 392 Ccedil C7
Chi 3A7 Dagger 2021 Delta 394 ETH D0 Eacute C9 Ecirc CA Egrave C8 Epsilon 395 Eta 397 Euml CB
Gamma 393 Iacute CD Icirc CE Igrave CC Iota 399 Iuml CF Kappa 39A Lambda 39B Mu 39C Ntilde D1 Nu
39D OElig 152 Oacute D3 Ocirc D4 Ograve D2 Omega 3A9 Omicron 39F Oslash D8 Otilde D5 Ouml D6 Phi
3A6 Pi 3A0 Prime 2033 Psi 3A8 Rho 3A1 Scaron 160 Sigma 3A3 THORN DE Tau 3A4 Theta 398 Uacute DA
Ucirc DB Ugrave D9 Upsilon 3A5 Uuml DC Xi 39E Yacute DD Yuml 178 Zeta 396 aacute E1 acirc E2
acute B4 aelig E6 agrave E0 alefsym 2135 alpha 3B1 amp 26 and 2227 ang 2220 aring E5 asymp 2248
atilde E3 auml E4 bdquo 201E beta 3B2 brvbar A6 bull 2022 cap 2229 ccedil E7 cedil B8 cent A2
chi 3C7 circ 2C6 clubs 2663 cong 2245 copy A9 crarr 21B5 cup 222A curren A4 dArr 21D3 dagger
2020 darr 2193 deg B0 delta 3B4 diams 2666 divide F7 eacute E9 ecirc EA egrave E8 empty 2205
emsp 2003 ensp 2002 epsilon 3B5 equiv 2261 eta 3B7 eth F0 euml EB euro 20AC exist 2203 fnof 192
forall 2200 frac12 BD frac14 BC frac34 BE frasl 2044 gamma 3B3 ge 2265 gt 3E hArr 21D4 harr 2194
hearts 2665 hellip 2026 iacute ED icirc EE iexcl A1 igrave EC image 2111 infin 221E int 222B
iota 3B9 iquest BF isin 2208 iuml EF kappa 3BA lArr 21D0 lambda 3BB lang 2329 laquo AB larr 2190
lceil 2308 ldquo 201C le 2264 lfloor 230A lowast 2217 loz 25CA lrm 200E lsaquo 2039 lsquo 2018
lt 3C macr AF mdash 2014 micro B5 middot B7 minus 2212 mu 3BC nabla 2207 nbsp A0 ndash 2013 ne
2260 ni 220B not AC notin 2209 nsub 2284 ntilde F1 nu 3BD oacute F3 ocirc F4 oelig 153 ograve F2
oline 203E omega 3C9 omicron 3BF oplus 2295 or 2228 ordf AA ordm BA oslash F8 otilde F5 otimes
2297 ouml F6 para B6 part 2202 permil 2030 perp 22A5 phi 3C6 pi 3C0 piv 3D6 plusmn B1 pound A3
prime 2032 prod 220F prop 221D psi 3C8 quot 22 rArr 21D2 radic 221A rang 232A raquo BB rarr 2192
rceil 2309 rdquo 201D real 211C reg AE rfloor 230B rho 3C1 rlm 200F rsaquo 203A rsquo 2019 sbquo
201A scaron 161 sdot 22C5 sect A7 shy AD sigma 3C3 sigmaf 3C2 sim 223C spades 2660 sub 2282 sube
2286 sum 2211 sup 2283 sup1 B9 sup2 B2 sup3 B3 supe 2287 szlig DF tau 3C4 there4 2234 theta 3B8
thetasym 3D1 thinsp 2009 thorn FE tilde 2DC times D7 trade 2122 uArr 21D1 uacute FA uarr 2191
ucirc FB ugrave F9 uml A8 upsih 3D2 upsilon 3C5 uuml FC weierp 2118 xi 3BE yacute FD yen A5 yuml
FF zeta 3B6 zwj 200D zwnj 200C";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripping_follows_the_reference_also_on_broken_markup() {
        for (html, text) in [
            ("<b>Hello</b> &amp; x", "Hello & x"),
            ("a<!-- x --> b", "a b"),
            ("<style>x</style>y<script>z</script>", "y"),
            ("<sTyle x>a</stYle>b", "b"),
            ("<script>a", "a"),
            ("<!-- a", "<!-- a"),
            ("<!-->", ""),
            ("<!-- a > b", " b"),
            ("<style><!--</style>-->x", "-->x"),
            ("<sc<b>ript>x</script>", "ript>x"),
            ("a < b > c", "a  c"),
            ("a<b", "a<b"),
            ("&nbsp;x&#160;", " x "),
            ("&hearts;&#x41;&#65;&copy", "&hearts;&#x41;&#65;&copy"),
            ("&amp;lt;", "&lt;"),
            ("&apos;&quot;", "&apos;&quot;"),
            ("&#00000000000000000000065;&#0;", "A\0"),
            ("&#X41;", "&#X41;"),
            ("&#1114112;", "&#1114112;"),
            ("a\u{a0}b", "a\u{a0}b"),
        ] {
            assert_eq!(strip_html(html), text, "{html}");
        }
    }

    #[test]
    fn media_leave_their_names() {
        for (html, text) in [
            (
                "<b>Hello</b> &amp; <img src=\"a b.png\">",
                "Hello &  a b.png ",
            ),
            ("<img alt=x src='a&amp;b.png'>", " a&b.png "),
            ("<img alt=\"a>b\" src=\"c\">", " c "),
            ("<img src=a b>", " a "),
            ("<img src= \"x\">", "  \"x\" "),
            ("<img src=\"\">", " \"\" "),
            ("<img src=\"a'>b'>", " \"a' b'>"),
            ("<imgx src=\"a\">", ""),
            ("<object data=x><param></object>", " x "),
            ("[sound:a.mp3]", "[sound:a.mp3]"),
        ] {
            assert_eq!(strip_html_preserving_media_names(html), text, "{html}");
        }
    }

    #[test]
    fn lines_are_trimmed_and_without_type_tags() {
        for (html, kept, dropped) in [
            ("<div>a</div><div>b</div>", "a b", "a b"),
            ("[[type:Front]] x<br>\n y", "x   y", "x   y"),
            ("a<div><br  /></div>b", "a  b", "a  b"),
            ("[sound:a&amp;b.mp3] <img src=q>", "a&b.mp3  q", ""),
            ("a\tb\r\nc", "a\tb c", "a\tb c"),
        ] {
            assert_eq!(html_to_text_line(html, true), kept, "{html}");
            assert_eq!(html_to_text_line(html, false), dropped, "{html}");
        }
    }

    #[test]
    fn hostile_markup_takes_linear_time() {
        for unit in [
            "<!--",
            "<style>",
            "<script",
            "<",
            "<img src=",
            "&",
            "<!--a>",
        ] {
            let text = unit.repeat(1_000_000);
            let _ = strip_html_preserving_media_names(&text);
        }
    }

    #[test]
    fn stretches_are_those_that_a_pattern_finds() {
        let pattern = Regex::new(r"(?s)\\\(.+?\\\)|\\\[.+?\\\]|<s>.*?</s>").unwrap();
        let pairs = [("\\(", "\\)", 1), ("\\[", "\\]", 1), ("<s>", "</s>", 0)];
        for text in [
            "",
            r"\(a\) \[b\] <s></s>",
            r"\(\) \)x\(é\)",
            r"\( \[a\] \[b\) \]",
            r"\[ \( \] \( \] \)",
            r"\(<s>\[a\]</s>\[",
            r"\(<s>\[a\]</s>\)\[\\]\]",
            r"\[\]\]\(\(\)",
        ] {
            let found: Vec<_> = enclosed(text, &pairs).into_iter().map(|(_, r)| r).collect();
            let wanted: Vec<_> = pattern.find_iter(text).map(|m| m.range()).collect();
            assert_eq!(found, wanted, "{text}");
        }
        let hostile = r"\(\[a\]".repeat(300_000);
        assert_eq!(enclosed(&hostile, &pairs).len(), 300_000);
        let hostile = r"\[\(\]".repeat(300_000) + r"\)";
        assert_eq!(enclosed(&hostile, &pairs).len(), 300_000);
    }

    #[test]
    fn blank_values() {
        for blank in [
            "",
            " \n",
            "<br>",
            "</BR><br/><br />",
            "<div></div>",
            "<Div /><div ></div />",
        ] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for filled in [
            "x",
            "&nbsp;",
            "\u{a0}",
            "<p>",
            "<b></b>",
            "<div class=x>",
            "<br\n>",
            "<br  >",
            "<br/ >",
        ] {
            assert!(!is_blank(filled), "{filled:?}");
        }
    }
}
