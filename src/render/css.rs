//! Guards on style sheets before the engine sees them. Its CSS parser recurses per bracket; it has
//! a limit of its own, which also holds for what is imported, and this one is below it. Properties
//! that it does not know get names under which it keeps them.

use crate::base::limits;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::OnceLock;

/// `background-clip: text` as it comes to the engine, which does not know it.
pub(super) const CLIP: &str = "--engram-clip";
/// As that, `-webkit-text-fill-color`.
pub(super) const FILL: &str = "--engram-fill";

/// As that, `-webkit-text-security`.
pub(super) const SECRET: &str = "--engram-secret";
/// As that, `content-visibility`.
pub(super) const SKIP: &str = "--engram-skip";
/// As that, `-webkit-line-clamp`.
pub(super) const LINES: &str = "--engram-lines";
/// That, with the kind of box that one which is to be cut is: others are laid out as flexible ones.
/// What is no longer cut stays one of that kind: the engine would not lay its words out anew.
const CUT: &str = "--engram-box: flow-root; --engram-lines";
const BOX: &str = "var(--engram-box, flex)";
/// As that, `contain-intrinsic-size`.
pub(super) const INTRINSIC: &str = "--engram-intrinsic";
/// As that, `text-overflow`.
pub(super) const OVERFLOW: &str = "--engram-overflow";
/// The declarations for `::first-line` of an element, as a string.
pub(super) const FIRST_LINE: &str = "--engram-first-line";
/// An attribute of what has the focus and of all around it.
pub(super) const WITHIN: &str = "data-engram-within";

/// A property that the engine does not know, with what its value begins with, and the one that is
/// put in its place.
const RENAMED: [(&str, &str, &str); 13] = [
    ("-webkit-background-clip", "text", CLIP),
    ("background-clip", "text", CLIP),
    ("-webkit-text-fill-color", "", FILL),
    ("-webkit-text-security", "", SECRET),
    ("content-visibility", "hidden", SKIP),
    ("content-visibility", "visible", SKIP),
    ("content-visibility", "auto", SKIP),
    ("-webkit-line-clamp", "none", LINES),
    ("-webkit-line-clamp", "initial", LINES),
    ("-webkit-line-clamp", "unset", LINES),
    ("-webkit-line-clamp", "", CUT),
    ("contain-intrinsic-size", "", INTRINSIC),
    ("text-overflow", "", OVERFLOW),
];

/// False when brackets nest so deep that parsing could overflow a stack.
pub(super) fn is_safe(css: &str) -> bool {
    let mut depth = 0usize;
    for byte in css.bytes() {
        match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                if depth > limits::MAX_CSS_DEPTH {
                    return false;
                }
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

/// A note type's style sheet as text for a `<style>` element: nothing in it can end the element.
pub(super) fn for_style_element(css: &str) -> String {
    if !is_safe(css) || css.len() > limits::MAX_CARD_HTML_BYTES {
        return String::new();
    }
    let lower = css.to_ascii_lowercase();
    let mut out = String::with_capacity(css.len());
    let mut from = 0;
    for (at, _) in lower.match_indices("</style") {
        out.push_str(&css[from..at]);
        out.push_str("<\\/");
        from = at + 2;
    }
    out.push_str(&css[from..]);
    with_entities(&known(&out).unwrap_or(out))
}

/// A style sheet with what the engine knows in the place of what it does not; None when that is
/// all.
pub(super) fn known(css: &str) -> Option<String> {
    let mut out = renamed(css);
    for change in [first_lines, selectors, queries] {
        let other = change(out.as_deref().unwrap_or(css));
        out = other.or(out);
    }
    out
}

/// A style sheet, or declarations, with properties that the engine knows in the place of others;
/// None when there are no such.
pub(super) fn renamed(css: &str) -> Option<String> {
    let mut out: Option<String> = None;
    let mut lower = css.to_ascii_lowercase();
    for (name, value, known) in RENAMED {
        let now = out.as_deref().unwrap_or(css);
        let renamed = rename(now, &lower, name, value, known);
        if let Some(renamed) = renamed {
            lower = renamed.to_ascii_lowercase();
            out = Some(renamed);
        }
    }
    let now = out.as_deref().unwrap_or(css);
    let strokes = pattern(&STROKE).replace_all(now, |found: &Captures<'_>| {
        let at = found.get(0).map_or(0, |whole| whole.start());
        let outline = outline(&found[1]).filter(|_| !is_asked(&now[..at]));
        outline.unwrap_or_else(|| found[0].to_owned())
    });
    let out = changed(strokes).filter(|new| new != now).or(out);
    // Kinds of capitals that it does not know.
    let now = out.as_deref().unwrap_or(css);
    let capitals = pattern(&CAPITALS).replace_all(now, |found: &Captures<'_>| {
        let at = found.get(0).map_or(0, |whole| whole.start());
        let known = match found[1].to_ascii_lowercase().starts_with("all") {
            true => "text-transform: lowercase; font-variant-caps: small-caps",
            false => "font-variant-caps: small-caps",
        };
        let is_asked = is_asked(&now[..at]);
        if is_asked { &found[0] } else { known }.to_owned()
    });
    let out = changed(capitals).filter(|new| new != now).or(out);
    // Kinds of boxes that the engine does not know.
    let now = out.as_deref().unwrap_or(css);
    let boxes = pattern(&BOXES).replace_all(now, |found: &Captures<'_>| {
        let display = match &*found[1].to_ascii_lowercase() {
            "-webkit-box" => BOX,
            "ruby-text" => "block",
            _ => "inline-block",
        };
        format!("display: {display}{}", &found[2])
    });
    let out = changed(boxes).or(out);
    // One that is laid out as a flexible box is so in its way.
    let now = out.as_deref().unwrap_or(css);
    if !now.contains(BOX) {
        return out;
    }
    let flexible = pattern(&FLEXIBLE).replace_all(now, |found: &Captures<'_>| {
        let property = match &*found[1].to_ascii_lowercase() {
            "pack" => "justify-content",
            "align" => "align-items",
            _ => "flex-direction",
        };
        let value = found[2].to_ascii_lowercase();
        let value = match &*value {
            "start" => "flex-start",
            "end" => "flex-end",
            "justify" => "space-between",
            "vertical" => "column",
            "horizontal" => "row",
            other => other,
        };
        format!("{property}: {value}")
    });
    changed(flexible).or(out)
}

/// `-webkit-text-stroke` as shadows to all sides, by which letters of no colour, or of that of the
/// page, can be read.
fn outline(stroke: &str) -> Option<String> {
    const UNITS: [&str; 4] = ["px", "em", "rem", "pt"];
    let number = |word: &str| {
        let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number: f64 = word.strip_suffix(unit)?.parse().ok()?;
        (number > 0.0 && UNITS.contains(&unit)).then(|| format!("{}{unit}", number / 2.0))
    };
    let stroke = stroke.trim();
    let (first, behind) = stroke
        .split_once(char::is_whitespace)
        .unwrap_or((stroke, ""));
    let (before, last) = stroke
        .rsplit_once(char::is_whitespace)
        .unwrap_or(("", stroke));
    let (far, color) = match (number(first), number(last)) {
        (Some(far), _) => (far, behind.trim()),
        (None, Some(far)) => (far, before.trim()),
        (None, None) => return None,
    };
    Some(format!(
        "text-shadow: {far} 0 {color}, -{far} 0 {color}, 0 {far} {color}, 0 -{far} {color}"
    ))
}

fn changed(text: Cow<'_, str>) -> Option<String> {
    match text {
        Cow::Owned(text) => Some(text),
        Cow::Borrowed(_) => None,
    }
}

fn rename(css: &str, lower: &str, name: &str, value: &str, known: &str) -> Option<String> {
    let mut out = String::new();
    let mut from = 0;
    for (at, _) in lower.match_indices(name) {
        let end = at + name.len();
        let said = lower[end..].trim_ascii_start().strip_prefix(':');
        // Of a class, an identifier or another property it is a part of a name.
        let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '#' | '\\');
        let said = said.filter(|_| !lower[..at].ends_with(goes_on));
        if said.is_some_and(|said| said.trim_ascii_start().starts_with(value)) {
            out.push_str(&css[from..at]);
            // In brackets, where it is asked whether it is known, stands one declaration.
            let last = known.rsplit("; ").next().filter(|_| is_asked(&css[..at]));
            out.push_str(last.unwrap_or(known));
            from = end;
        }
    }
    (from > 0).then(|| out + &css[from..])
}

/// True for what comes after that in `@supports`.
fn is_asked(before: &str) -> bool {
    before.trim_ascii_end().ends_with('(')
}

/// A pattern that is compiled once.
struct Pattern(&'static str, OnceLock<Regex>);

static BOXES: Pattern = Pattern(
    r"(?i)\bdisplay\s*:\s*(-webkit-box|-webkit-inline-box|ruby|ruby-text)(\s*(?:[;}!]|$))",
    OnceLock::new(),
);
static FLEXIBLE: Pattern = Pattern(
    r"(?i)-webkit-box-(pack|align|orient)\s*:\s*(start|center|end|justify|stretch|baseline|vertical|horizontal)\b",
    OnceLock::new(),
);
static FIRST_LINES: Pattern = Pattern(
    r"(?i)([^{};]*::?first-line\s*)\{([^{}]*)\}",
    OnceLock::new(),
);
static CAPITALS: Pattern = Pattern(
    r"(?i)\bfont-variant(?:-caps)?\s*:\s*(all-small-caps|all-petite-caps|petite-caps)\b",
    OnceLock::new(),
);
static STROKE: Pattern = Pattern(r"(?i)-webkit-text-stroke\s*:([^;{}!]+)", OnceLock::new());
static SELECTORS: Pattern = Pattern(
    r#"(?i):(?:(focus-within|open)|(lang|dir)\(\s*["']?([\w-]+)["']?\s*\))"#,
    OnceLock::new(),
);
static CONTAINER: Pattern = Pattern(r"(?i)@container\b([^{};]*)\{", OnceLock::new());
static MOTION: Pattern = Pattern(
    r"(?i)\(\s*prefers-reduced-motion\s*(?::\s*(no-preference|reduce)\s*)?\)",
    OnceLock::new(),
);

fn pattern(pattern: &'static Pattern) -> &'static Regex {
    let Pattern(text, compiled) = pattern;
    compiled.get_or_init(|| Regex::new(text).expect("a pattern of ours"))
}

/// Rules for first lines as such for the elements that have them.
fn first_lines(css: &str) -> Option<String> {
    let rules = pattern(&FIRST_LINES).replace_all(css, |found: &Captures<'_>| {
        let selectors: Option<Vec<&str>> = found[1].split(',').map(of_first_line).collect();
        // One that is for others too is left as it is.
        let Some(selectors) = selectors.filter(|_| !found[2].contains('\\')) else {
            return found[0].to_owned();
        };
        let look = found[2].replace('"', "'").replace(['\n', '\r'], " ");
        format!(
            "{}{{{FIRST_LINE}: \"{}\"}}",
            selectors.join(","),
            look.trim()
        )
    });
    changed(rules).filter(|new| new != css)
}

fn of_first_line(selector: &str) -> Option<&str> {
    let end = selector.trim_ascii_end();
    let at = end.len().checked_sub(":first-line".len())?;
    let (element, pseudo) = end.split_at_checked(at)?;
    let element = element.strip_suffix(':').unwrap_or(element);
    let is_first_line = pseudo.eq_ignore_ascii_case(":first-line");
    (is_first_line && !element.trim_ascii().is_empty()).then_some(element)
}

/// Selectors that the engine never matches, or takes no rule with, as such that say the same.
fn selectors(css: &str) -> Option<String> {
    let mut out = String::new();
    let mut from = 0;
    // Where the next bracket or semicolon is: a brace that opens makes it a selector.
    let mut next = 0;
    for found in pattern(&SELECTORS).captures_iter(css) {
        let Some(whole) = found.get(0) else { continue };
        let rest = &css[whole.end()..];
        if next < whole.end() {
            let ahead = rest.find(['{', '}', ';']);
            next = whole.end() + ahead.unwrap_or(rest.len());
        }
        let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '(');
        let is_other = found.get(1).is_some() && rest.starts_with(goes_on)
            || css[..whole.start()].ends_with([':', '\\']);
        if is_other || !css[next..].starts_with('{') {
            continue;
        }
        out.push_str(&css[from..whole.start()]);
        out.push_str(&matched(&found));
        from = whole.end();
    }
    (from > 0).then(|| out + &css[from..])
}

fn matched(found: &Captures<'_>) -> String {
    let of = |at: usize| found.get(at).map(|text| text.as_str().to_ascii_lowercase());
    let value = of(3).unwrap_or_default();
    match (of(1).as_deref(), of(2).as_deref(), &*value) {
        (Some("open"), ..) => "[open]".to_owned(),
        (Some(_), ..) => format!("[{WITHIN}]"),
        (_, Some("lang"), lang) => {
            format!(":is([lang|=\"{lang}\" i], [lang|=\"{lang}\" i] *)")
        }
        (_, _, "rtl") => ":is([dir=rtl i], [dir=rtl i] *)".to_owned(),
        _ => ":not([dir=rtl i], [dir=rtl i] *)".to_owned(),
    }
}

/// Conditions that the engine does not know: those about a container are asked of the window, and
/// nobody prefers reduced motion, which is reduced here by other means.
fn queries(css: &str) -> Option<String> {
    const CONTAINS: [&str; 2] = ["container-type", "container:"];
    let lower = css.to_ascii_lowercase();
    let has_containers = CONTAINS.iter().any(|said| lower.contains(said));
    let out = has_containers.then(|| {
        pattern(&CONTAINER).replace_all(css, |found: &Captures<'_>| {
            of_window(&found[1]).map_or_else(|| found[0].to_owned(), |asked| asked + "{")
        })
    });
    let out = out.and_then(changed).filter(|out| out != css);
    let now = out.as_deref().unwrap_or(css);
    let motion = pattern(&MOTION).replace_all(now, |found: &Captures<'_>| {
        let said = found.get(1).map(|said| said.as_str().to_ascii_lowercase());
        match said.as_deref() {
            Some("no-preference") => "(min-width: 0px)",
            _ => "(max-width: 0px)",
        }
    });
    changed(motion).or(out)
}

/// What is asked of a container, of the window; None when it is not about a size.
fn of_window(asked: &str) -> Option<String> {
    let asked = asked.trim().to_ascii_lowercase();
    let (name, sizes) = asked.split_at(asked.find('(')?);
    if ["style(", "scroll-state("]
        .iter()
        .any(|other| asked.contains(other))
    {
        return None;
    }
    let not = if name.split_whitespace().any(|word| word == "not") {
        "not "
    } else {
        ""
    };
    let sizes = sizes
        .replace("inline-size", "width")
        .replace("block-size", "height");
    Some(format!("@media {not}{sizes}"))
}

/// The engine decodes entities in `<style>`, which browsers do not: `&lt;` would become `<`.
pub(super) fn with_entities(css: &str) -> String {
    css.replace('&', "&amp;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_style_element_early() {
        assert_eq!(for_style_element("a{}</STYLE><b>"), "a{}<\\/STYLE><b>");
        assert_eq!(
            for_style_element(".card { color: red }"),
            ".card { color: red }"
        );
        assert_eq!(
            for_style_element("a::after { content: '&lt;' }"),
            "a::after { content: '&amp;lt;' }"
        );
    }

    #[test]
    fn properties_that_the_engine_does_not_know_have_other_names() {
        for (css, expect) in [
            (
                "a{-webkit-background-clip: text;BACKGROUND-CLIP :text}",
                "a{--engram-clip: text;--engram-clip :text}",
            ),
            (
                "-webkit-text-fill-color:transparent",
                "--engram-fill:transparent",
            ),
            (
                ".a{text-overflow: ellipsis}",
                ".a{--engram-overflow: ellipsis}",
            ),
            (
                "content-visibility:hidden;content-visibility:auto",
                "--engram-skip:hidden;--engram-skip:auto",
            ),
            (
                "display: -webkit-box; -webkit-line-clamp: 2",
                "display: var(--engram-box, flex); --engram-box: flow-root; --engram-lines: 2",
            ),
            (
                "-webkit-line-clamp:none;-webkit-line-clamp: 3",
                "--engram-lines:none;--engram-box: flow-root; --engram-lines: 3",
            ),
            (
                "display:-webkit-box;-webkit-box-pack:center;-webkit-box-orient:Vertical",
                "display: var(--engram-box, flex);justify-content: center;flex-direction: column",
            ),
            (
                "@supports ( -webkit-line-clamp:2){a{-webkit-line-clamp:2}}",
                "@supports ( --engram-lines:2){a{--engram-box: flow-root; --engram-lines:2}}",
            ),
            ("rt:hover{display:ruby-text}", "rt:hover{display: block}"),
            (
                "a{font-variant:all-small-caps!important;font-variant-caps: Petite-Caps}",
                "a{text-transform: lowercase; font-variant-caps: small-caps!important;\
                 font-variant-caps: small-caps}",
            ),
            (
                "a{-webkit-text-stroke: 3px rgb(1, 2, 3)!important}",
                "a{text-shadow: 1.5px 0 rgb(1, 2, 3), -1.5px 0 rgb(1, 2, 3), 0 1.5px rgb(1, 2, 3), \
                 0 -1.5px rgb(1, 2, 3)!important}",
            ),
            (
                "-WEBKIT-text-stroke:red .1em",
                "text-shadow: 0.05em 0 red, -0.05em 0 red, 0 0.05em red, 0 -0.05em red",
            ),
        ] {
            assert_eq!(renamed(css).as_deref(), Some(expect));
        }
        for css in [
            "a:hover{color:red}ä",
            "a{background-clip:padding-box}",
            "a{display:-webkit-box-x}",
            ".text-overflow:hover{color:red}",
            "@supports (-webkit-text-stroke: 1px red){a{color:red}}",
            "@supports (font-variant-caps:all-small-caps){a{font-variant:small-caps}}",
            "a{-webkit-text-stroke:thin red;-webkit-text-stroke:0;-webkit-text-stroke:}",
        ] {
            assert_eq!(renamed(css), None);
        }
    }

    #[test]
    fn selectors_and_conditions_that_the_engine_does_not_know_say_the_same_in_others() {
        for (css, expect) in [
            (".a:focus-within .b{c:d}", ".a[data-engram-within] .b{c:d}"),
            (
                "details:OPEN>p,a:open-x{c:d}",
                "details[open]>p,a:open-x{c:d}",
            ),
            (
                "a{animation:open 1s;&:open{c:d}}",
                "a{animation:open 1s;&[open]{c:d}}",
            ),
            (
                "p:lang('ja'){c:d}",
                "p:is([lang|=\"ja\" i], [lang|=\"ja\" i] *){c:d}",
            ),
            (
                "p, .a::first-line{x:y}.a:First-Line , b::first-line{font: 9px \"A\"}",
                "p, .a::first-line{x:y}.a, b{--engram-first-line: \"font: 9px 'A'\"}",
            ),
            (":dir(rtl){}", ":is([dir=rtl i], [dir=rtl i] *){}"),
            (
                ".c{container-type:size}@container c (min-inline-size: 9px){a{b:c}}",
                ".c{container-type:size}@media (min-width: 9px){a{b:c}}",
            ),
            (
                "@media (prefers-reduced-motion:no-preference){a{b:c}}",
                "@media (min-width: 0px){a{b:c}}",
            ),
            (
                "@media (prefers-reduced-motion){a{b:c}}",
                "@media (max-width: 0px){a{b:c}}",
            ),
        ] {
            assert_eq!(known(css).as_deref(), Some(expect));
        }
        for css in [
            "a::after{content:':open'}",
            "a{animation-name:open}",
            r".open\:b,.focus-within\:b{a:b}",
            r".a\:open\:b{a:b}",
            "@container (min-width: 9px){a{b:c}}",
            ".c{container-type:size}@container style(--a: b){a{b:c}}",
            ":focus{a:b}",
        ] {
            assert_eq!(known(css), None, "{css}");
        }
    }

    #[test]
    fn depth_is_limited() {
        assert!(is_safe("a { b: c(d[e]) }"));
        assert!(!is_safe(&"{".repeat(100)));
        assert_eq!(for_style_element(&"(".repeat(100)), "");
    }
}
