//! What comes from elsewhere: HTML from a browser or a word processor, reduced to what a field
//! should hold, and plain text. Only what is pasted goes through here, never the field itself.

use super::edit::escape;
use super::project::{Tag, TagKind};
use super::scan::attribute;
use std::collections::{HashMap, HashSet};

const TAGS: &[&str] = &[
    "b",
    "strong",
    "i",
    "em",
    "u",
    "s",
    "sub",
    "sup",
    "br",
    "div",
    "p",
    "ul",
    "ol",
    "li",
    "img",
    "a",
    "span",
    "font",
    "code",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "tbody",
    "thead",
    "tr",
    "td",
    "th",
    "ruby",
    "rt",
    "rp",
    "blockquote",
    "hr",
    "mark",
    "del",
    "ins",
];
const STYLES: &[&str] = &[
    "color",
    "background-color",
    "font-weight",
    "font-style",
    "text-decoration",
    "text-decoration-line",
    "vertical-align",
];

/// Pasted HTML without scripts, positions, classes and foreign elements. With `strip` also without
/// colours and fonts: structure, bold, italic, underline, sub and super stay.
#[must_use]
pub fn clean_pasted(html: &str, strip: bool) -> String {
    let fragment = without(fragment_of(html), is_no_content);
    let mut attributes: HashMap<&str, HashSet<&str>> = HashMap::from([
        ("img", HashSet::from(["src", "alt", "width", "height"])),
        ("a", HashSet::from(["href"])),
        ("td", HashSet::from(["colspan", "rowspan"])),
        ("th", HashSet::from(["colspan", "rowspan"])),
    ]);
    let mut tags: HashSet<&str> = TAGS.iter().copied().collect();
    if strip {
        tags.remove("font");
        tags.remove("span");
    } else {
        attributes.insert("span", HashSet::from(["style"]));
        attributes.insert("font", HashSet::from(["color"]));
    }
    let cleaned = ammonia::Builder::default()
        .tags(tags)
        .generic_attributes(HashSet::new())
        .tag_attributes(attributes)
        .filter_style_properties(STYLES.iter().copied().collect())
        .url_schemes(HashSet::from(["http", "https", "data", "file", "mailto"]))
        .link_rel(None)
        .strip_comments(true)
        .clean(&fragment)
        .to_string();
    let cleaned = without(&cleaned, |t, raw| t.name == "span" && is_bare(raw));
    // Spaces beside a word are part of it; around blocks they are the page's layout.
    let trimmed = cleaned.trim();
    match unwrap_single(trimmed) {
        inside if inside.len() < trimmed.len() => inside.to_owned(),
        _ if super::project::project(trimmed)
            .tags
            .iter()
            .any(|t| t.block) =>
        {
            trimmed.to_owned()
        }
        _ => cleaned.trim_matches(['\n', '\r', '\t']).to_owned(),
    }
}

/// Around what a field's text is copied as: what is pasted is known again.
const OWN: (&str, &str) = ("<!--engram-->", "<!--/engram-->");

/// Copied HTML with the sign that it comes from a field.
#[must_use]
pub fn signed_copy(html: &str) -> String {
    format!("{}{html}{}", OWN.0, OWN.1)
}

/// What a field's text was copied as, when `html` has the sign of it. Anybody can write that sign:
/// whether it was copied here is for the caller to know.
#[must_use]
pub fn copied_inside(html: &str) -> Option<&str> {
    let from = html.find(OWN.0)? + OWN.0.len();
    let to = html.rfind(OWN.1)?;
    html.get(from..to)
}

/// Windows and browsers mark the part that was selected.
fn fragment_of(html: &str) -> &str {
    let start = html
        .find("<!--StartFragment-->")
        .map_or(0, |at| at + "<!--StartFragment-->".len());
    let end = html
        .rfind("<!--EndFragment-->")
        .filter(|end| *end >= start)
        .unwrap_or(html.len());
    &html[start..end]
}

/// Without the tags that `drops` says, and their ends; it gets each tag as it is written too.
fn without(html: &str, drops: impl Fn(&Tag, &str) -> bool) -> String {
    let projection = super::project::project(html);
    let is_dropped = |t: &Tag| drops(t, &html[t.range()]);
    let mut out = String::with_capacity(html.len());
    let mut at = 0;
    for t in &projection.tags {
        let partner = t.partner.map(|p| &projection.tags[p as usize]);
        let is_over = match t.kind {
            TagKind::Open => partner.is_some() && is_dropped(t),
            TagKind::Close => partner.is_some_and(is_dropped),
            TagKind::Void => is_dropped(t),
        };
        if is_over {
            out += &html[at..t.start as usize];
            at = t.end as usize;
        }
    }
    out + &html[at..]
}

/// What Google Docs puts around all of it, a `<b>` that is not bold, and Chrome behind it.
fn is_no_content(tag: &Tag, raw: &str) -> bool {
    let has = |name: &str, value: &str| attribute(raw, name).is_some_and(|v| v.contains(value));
    match tag.name.as_ref() {
        "b" => has("id", "docs-internal-guid"),
        "br" => has("class", "Apple-interchange-newline"),
        _ => false,
    }
}

/// A `<span>` that says nothing any more.
fn is_bare(tag: &str) -> bool {
    let tag = tag.replace([' ', ';'], "");
    matches!(tag.as_str(), "<span>" | "<spanstyle=\"\">")
}

/// The inside of the one `<p>` or `<div>` around all of it: pasting a word makes no paragraph.
fn unwrap_single(html: &str) -> &str {
    for name in ["p", "div"] {
        let inside = html
            .strip_prefix(&format!("<{name}>"))
            .and_then(|h| h.strip_suffix(&format!("</{name}>")));
        if let Some(inside) = inside
            && !inside.contains(&format!("<{name}>"))
        {
            return inside;
        }
    }
    html
}

/// Plain text as HTML: line ends become `<br>`, runs of spaces stay.
#[must_use]
pub fn html_from_text(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.replace('\t', "    ");
    escape(text.trim_end_matches('\n')).replace("  ", "&nbsp; ")
}
