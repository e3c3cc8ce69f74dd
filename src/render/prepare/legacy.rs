//! Elements and attributes of old HTML that the engine does not know: `font`, list types, colours
//! and places of tables and rules, `select`, bare text in `details`.

use crate::render::captions::CAPTIONED;
use crate::render::counters::START;
use crate::render::readout::is_block;
use crate::render::tree::{NodeIndex, Tree};
use crate::t;

/// Which nodes have letters in or below them of scripts whose fonts have no italic. Each node is
/// come by once, however deep it lies.
pub(super) fn upright(tree: &Tree) -> Vec<bool> {
    let is_upright = |c: char| {
        matches!(c, '\u{590}'..='\u{10ff}' | '\u{1100}'..='\u{1cff}' | '\u{2e80}'..='\u{d7ff}' | '\u{fb1d}'..='\u{fdcf}' | '\u{fe70}'..='\u{feff}' | '\u{20000}'..)
            && !matches!(c, '\u{10a0}'..='\u{10ff}' | '\u{1c90}'..='\u{1cbf}')
    };
    let mut found = vec![false; tree.len()];
    for node in 0..tree.len() {
        let text = tree.text(node).unwrap_or_default();
        let mut above = text.chars().any(is_upright).then_some(node);
        while let Some(node) = above.filter(|&node| !found[node]) {
            found[node] = true;
            above = tree.parent(node);
        }
    }
    found
}

/// Scripts whose fonts have no italic stay upright: the engine would slant them the wrong way.
pub(super) fn italic(tree: &mut Tree, node: NodeIndex, upright: &[bool]) {
    if upright.get(node).is_some_and(|&upright| upright) {
        let style = tree.attr(node, "style").unwrap_or_default();
        let style = format!("font-style:normal;{style}");
        tree.set_attr(node, "style", &style);
    }
}

/// What `color`, `size` and `face` of `<font>` say.
pub(super) fn font(tree: &mut Tree, node: NodeIndex) {
    let mut hint = String::new();
    if let Some(color) = tree.attr(node, "color") {
        hint += &format!("color:{};", legacy_color(color));
    }
    if let Some(face) = tree.attr(node, "face") {
        let families: Vec<String> = face.split(',').filter_map(family).collect();
        if !families.is_empty() {
            hint += &format!("font-family:{};", families.join(","));
        }
    }
    if let Some(size) = tree.attr(node, "size") {
        hint += font_size(size);
    }
    tree.hint(node, hint);
}

/// One family of a list, in quotes unless it is a kind of families.
fn family(name: &str) -> Option<String> {
    let is_plain = |c: &char| !c.is_control() && !"\"'\\<>{}();".contains(*c);
    let name: String = name.chars().filter(is_plain).collect();
    let kind = name.trim().to_ascii_lowercase();
    match name.trim() {
        "" => None,
        _ if matches!(
            kind.as_str(),
            "serif" | "sans-serif" | "monospace" | "cursive" | "fantasy" | "system-ui"
        ) =>
        {
            Some(kind)
        }
        name => Some(format!("\"{name}\"")),
    }
}

/// A colour as CSS knows it, of letters that can end nothing.
fn legacy_color(color: &str) -> String {
    let color = color.trim().trim_end_matches(';').trim_end();
    let is_word = |color: &str| color.chars().all(|c| c.is_ascii_alphanumeric());
    let is_function = |color: &str| {
        let inner = color
            .split_once('(')
            .and_then(|(_, rest)| rest.strip_suffix(')'));
        inner.is_some_and(|inner| {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || " ,.%-".contains(c);
            inner.chars().all(is_plain)
        })
    };
    let bare_hex = matches!(color.len(), 3 | 6) && color.chars().all(|c| c.is_ascii_hexdigit());
    match color.strip_prefix('#') {
        _ if bare_hex => format!("#{color}"),
        Some(hex) if is_word(hex) => color.to_owned(),
        None if is_word(color) || color.starts_with("rgb") && is_function(color) => {
            color.to_owned()
        }
        _ => String::new(),
    }
}

fn background(tree: &Tree, node: NodeIndex) -> String {
    // The engine knows those with a sign.
    let color = tree
        .attr(node, "bgcolor")
        .filter(|color| !color.starts_with('#'));
    color.map_or_else(String::new, |color| {
        format!("background-color:{};", legacy_color(color))
    })
}

/// Pixels of an attribute, as far as a card has room for them.
fn pixels(tree: &Tree, node: NodeIndex, name: &str) -> Option<u32> {
    let pixels: u32 = tree.attr(node, name)?.trim().parse().ok()?;
    Some(pixels.min(1000))
}

/// Colour, place and distances of a table.
pub(super) fn table(tree: &mut Tree, node: NodeIndex) {
    let mut style = background(tree, node);
    // The engine would align its words as well.
    if tree.attr(node, "align").is_some() {
        style += "text-align:inherit;";
    }
    style += match tree.attr(node, "align").map(str::trim) {
        Some(align) if align.eq_ignore_ascii_case("center") => {
            "margin-left:auto;margin-right:auto;"
        }
        Some(align) if align.eq_ignore_ascii_case("left") => "float:left;",
        Some(align) if align.eq_ignore_ascii_case("right") => "float:right;",
        _ => "",
    };
    if let Some(pixels) = pixels(tree, node, "cellspacing") {
        style += &format!("border-spacing:{pixels}px;");
    }
    tree.hint(node, style);
    let mut children = tree.children(node).iter();
    if children.any(|&child| tree.is(child, "caption")) {
        tree.set_attr(node, CAPTIONED, "");
    }
}

/// Colour of a cell or row, and where its words stand; a cell's distance is that of its table.
pub(super) fn cell(tree: &mut Tree, node: NodeIndex) {
    let mut style = background(tree, node);
    let place = tree.attr(node, "valign").unwrap_or_default().trim();
    let mut places = ["top", "middle", "bottom", "baseline"].iter();
    if let Some(place) = places.find(|known| known.eq_ignore_ascii_case(place)) {
        style += &format!("vertical-align:{place};");
    }
    if tree.is(node, "td") || tree.is(node, "th") {
        let mut around = tree.parent(node);
        while let Some(part) = around.filter(|&part| !tree.is(part, "table")) {
            around = tree.parent(part);
        }
        let padding = around.and_then(|table| pixels(tree, table, "cellpadding"));
        if let Some(pixels) = padding {
            style += &format!("padding:{pixels}px;");
        }
    }
    tree.hint(node, style);
}

/// A picture beside the text; the engine knows its distance from it.
pub(super) fn beside(tree: &mut Tree, node: NodeIndex) {
    let hint = match tree.attr(node, "align").map(str::trim) {
        Some(align) if align.eq_ignore_ascii_case("left") => "float:left;",
        Some(align) if align.eq_ignore_ascii_case("right") => "float:right;",
        _ => return,
    };
    tree.hint(node, hint.to_owned());
}

/// Thickness, colour and place of a rule.
pub(super) fn rule(tree: &mut Tree, node: NodeIndex) {
    let mut style = String::new();
    if let Some(color) = tree.attr(node, "color") {
        style += &format!("background-color:{};", legacy_color(color));
    }
    if let Some(pixels) = pixels(tree, node, "size").filter(|&pixels| pixels > 0) {
        style += &format!("height:{pixels}px;");
    }
    style += match tree.attr(node, "align").map(str::trim) {
        Some(align) if align.eq_ignore_ascii_case("left") => "margin-left:0;",
        Some(align) if align.eq_ignore_ascii_case("right") => "margin-right:0;",
        _ => "",
    };
    tree.hint(node, style);
}

// Steps 1 to 7, 3 is normal; a sign counts from 3.
fn font_size(size: &str) -> &'static str {
    let size = size.trim();
    let Ok(number) = size.parse::<i32>() else {
        return "";
    };
    let step = if size.starts_with(['+', '-']) {
        3 + number
    } else {
        number
    };
    match step {
        ..=1 => "font-size:x-small;",
        2 => "font-size:small;",
        3 => "font-size:medium;",
        4 => "font-size:large;",
        5 => "font-size:x-large;",
        6 => "font-size:xx-large;",
        7.. => "font-size:xxx-large;",
    }
}

/// What `type` of `ol`, `ul` and `li` says, and a start that the engine would not count from.
pub(super) fn list(tree: &mut Tree, node: NodeIndex) {
    let start = tree.attr(node, "start").unwrap_or_default().trim();
    let start: Option<i32> = start.parse().ok();
    if let Some(said) = tree
        .attr(node, "start")
        .filter(|_| start.is_none_or(|start| start < 1))
    {
        let said = said.to_owned();
        tree.remove_attr(node, "start");
        tree.set_attr(node, START, &said);
    }
    let kind = tree.attr(node, "type").unwrap_or_default();
    let style = match kind {
        "1" => "decimal",
        "a" => "lower-alpha",
        "A" => "upper-alpha",
        "i" => "lower-roman",
        "I" => "upper-roman",
        _ => match kind.to_ascii_lowercase().as_str() {
            "disc" => "disc",
            "circle" => "circle",
            "square" => "square",
            "none" => "none",
            _ => return,
        },
    };
    tree.hint(node, format!("list-style-type:{style};"));
}

/// Spans are kept within what HTML allows and the engine's table layout can add up.
pub(super) fn spans(tree: &mut Tree, node: NodeIndex) {
    for name in ["colspan", "rowspan", "span"] {
        let Some(value) = tree.attr(node, name) else {
            continue;
        };
        let number: u32 = value.trim().parse().unwrap_or(1);
        if !(1..=MAX_SPAN).contains(&number) {
            tree.remove_attr(node, name);
        }
    }
}

const MAX_SPAN: u32 = 200;

/// `<select>` becomes a box with the chosen option's text.
pub(super) fn select(tree: &mut Tree, node: NodeIndex) {
    let mut chosen = None;
    let mut todo = tree.children(node).to_vec();
    todo.reverse();
    while let Some(next) = todo.pop() {
        if tree.is(next, "option") {
            if chosen.is_none() || tree.attr(next, "selected").is_some() {
                chosen = Some(tree.text_below(next));
            }
        } else {
            todo.extend(tree.children(next).iter().rev());
        }
    }
    let text = tree.add_text(chosen.unwrap_or_default());
    let shown = tree.add_element("span", &[("class", "engram-select")]);
    tree.append(shown, text);
    tree.replace(node, shown);
}

/// Wraps bare text, with the line breaks in it: the engine hides only elements of closed details.
/// These stay where they are, as style sheets may ask for them by their place.
pub(super) fn details(tree: &mut Tree, node: NodeIndex) {
    let mut content = Vec::new();
    let mut summary = None;
    let mut bare = None;
    for child in tree.take_children(node) {
        if summary.is_none() && tree.is(child, "summary") {
            summary = Some(child);
            continue;
        }
        let text = tree.text(child).map(|text| text.trim_ascii().is_empty());
        let is_bare = text.is_some() || tree.is(child, "br") || tree.is(child, "wbr");
        if text == Some(false) && bare.is_none() {
            let wrap = tree.add_element("span", &[]);
            content.push(wrap);
            bare = Some(wrap);
        }
        match bare.filter(|_| is_bare) {
            Some(wrap) => tree.append(wrap, child),
            None => {
                content.push(child);
                bare = None;
            }
        }
    }
    let summary = summary.unwrap_or_else(|| {
        let summary = tree.add_element("summary", &[]);
        let text = tree.add_text(t!("Details"));
        tree.append(summary, text);
        summary
    });
    tree.append(node, summary);
    // Browsers have it in a box of its own below the summary, also below one that flows.
    let first = content.iter().find_map(|&child| tree.tag(child));
    let flows = first.is_some_and(|tag| !is_block(tag));
    if flows {
        let below = tree.add_element("engram-below", &[]);
        tree.append(node, below);
    }
    for child in content {
        tree.append(node, child);
    }
}

/// The type-in box is drawn empty: a real text field lies over it.
pub(super) fn input(tree: &mut Tree, node: NodeIndex) {
    if tree.attr(node, "id") == Some("typeans") {
        tree.remove_attr(node, "value");
        tree.remove_attr(node, "autofocus");
        tree.set_attr(node, "type", "text");
    } else if tree
        .attr(node, "type")
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("password"))
    {
        let value = tree.attr(node, "value").unwrap_or_default();
        let dots = "•".repeat(value.chars().count());
        tree.set_attr(node, "value", &dots);
    }
    // The engine knows these as they are written here alone.
    let kind = tree
        .attr(node, "type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    if matches!(&*kind, "checkbox" | "radio") {
        tree.set_attr(node, "type", &kind);
    }
}

/// `progress` and `meter`: a bar; their text is for browsers that know of none.
pub(super) fn gauge(tree: &mut Tree, node: NodeIndex) {
    let number = |name: &str| {
        let number = tree.attr(node, name)?.trim().parse::<f64>().ok()?;
        number.is_finite().then_some(number)
    };
    let (least, most) = (number("min").unwrap_or(0.0), number("max").unwrap_or(1.0));
    let part = (number("value").unwrap_or(least) - least) / (most - least);
    // Not a number where there is nothing between the two.
    let percent = (100.0 * part).clamp(0.0, 100.0).max(0.0);
    tree.take_children(node);
    let width = if tree.is(node, "meter") { 5 } else { 10 };
    tree.hint(
        node,
        format!(
            "display:inline-block;width:{width}em;height:1em;vertical-align:-0.2em;\
             background:linear-gradient(to right,#0075ff {percent:.1}%,#c8c4bc {percent:.1}%)"
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::{family, legacy_color, upright};
    use crate::render::NoResources;
    use crate::render::prepare::tests::check;
    use crate::render::prepare::{Options, prepare};
    use crate::render::tree::Tree;

    #[test]
    fn gauges_have_no_text_and_passwords_no_letters() {
        for html in [
            "<progress value=3 max=4>gone</progress>",
            "<meter min=2 value=x max=2><b>gone</b></meter>",
        ] {
            let options = Options {
                play_buttons: false,
                css: "",
            };
            let tree = prepare(html, &NoResources, options);
            let drawn = tree.to_html();
            assert!(!drawn.contains("gone"), "{drawn}");
            assert!(tree.hint_sheet().contains("linear-gradient"), "{drawn}");
        }
        check(
            "<input type=Password value=abc>",
            "<input type=\"Password\" value=\"•••\">",
        );
    }

    #[test]
    fn scripts_without_italics_stay_upright() {
        check("<i>abc</i>", "<i>abc</i>");
        check(
            "<em style=\"color:red\">日本</em>",
            "<em style=\"font-style:normal;color:red\">日本</em>",
        );
        check(
            "<i><b>日</b></i><i>a<var>b</var><dfn>本</dfn></i>",
            "<i style=\"font-style:normal;\"><b>日</b></i><i style=\"font-style:normal;\">a\
             <var>b</var><dfn style=\"font-style:normal;\">本</dfn></i>",
        );
    }

    /// Would not come to an end if each were asked for all the text below it.
    #[test]
    fn deep_italics_are_looked_through_once() {
        let mut tree = Tree::new();
        let mut inner = tree.root;
        for _ in 0..300_000 {
            let (element, text) = (tree.add_element("cite", &[]), tree.add_text("a"));
            tree.append(inner, text);
            tree.append(inner, element);
            inner = element;
        }
        let text = tree.add_text("日");
        tree.append(inner, text);
        let upright = upright(&tree);
        assert!(upright[tree.root] && upright[inner]);
        assert_eq!(upright.iter().filter(|upright| !**upright).count(), 300_000);
    }

    #[test]
    fn font_keeps_its_name_and_has_a_style_below_style_sheets() {
        check(
            "<font color=ff0000 size=+1>x</font>",
            "<font color=\"ff0000\" size=\"+1\" hint=\"color:#ff0000;font-size:large;\">x</font>",
        );
        check(
            "<font color=red face='Arial, serif' style=\"color:blue\">x</font>",
            "<font color=\"red\" face=\"Arial, serif\" style=\"color:blue\" \
             hint=\"color:red;font-family:\"Arial\",serif;\">x</font>",
        );
        check("<font>x</font>", "<font>x</font>");
    }

    #[test]
    fn no_attribute_ends_the_style_sheet_of_the_others() {
        for color in [
            "red}*{color:blue",
            "/*",
            "rgb(",
            "rgb(1,2,3",
            "\"'",
            "url(x)",
            "<",
        ] {
            assert_eq!(legacy_color(color), "", "{color}");
        }
        assert_eq!(legacy_color(" rgb(1, 2, 3) "), "rgb(1, 2, 3)");
        assert_eq!(family(" a\"b\\}(x "), Some("\"abx\"".to_owned()));
        assert_eq!(legacy_color("#ff0000;"), "#ff0000");
        assert_eq!(family("Monospace"), Some("monospace".to_owned()));
        assert_eq!(family("'"), None);
    }

    #[test]
    fn list_types_become_styles() {
        check(
            "<ol type=A start=3><li>x</ol>",
            "<ol type=\"A\" start=\"3\" hint=\"list-style-type:upper-alpha;\"><li>x</li></ol>",
        );
        check(
            "<ol start=0><li>x</ol>",
            "<ol data-engram-start=\"0\"><li>x</li></ol>",
        );
    }

    #[test]
    fn tables_and_rules_keep_their_colours_and_places() {
        check(
            "<table bgcolor=ffff00 align=center cellpadding=9 cellspacing=0><tr bgcolor=pink>\
             <td style=\"padding:1px\">x</table>",
            "<table bgcolor=\"ffff00\" align=\"center\" cellpadding=\"9\" cellspacing=\"0\" \
             hint=\"background-color:#ffff00;text-align:inherit;margin-left:auto;margin-right:auto;\
             border-spacing:0px;\"><tbody><tr bgcolor=\"pink\" hint=\"background-color:pink;\">\
             <td style=\"padding:1px\" hint=\"padding:9px;\">x</td></tr></tbody></table>",
        );
        check(
            "<hr size=4 color=red align=left>",
            "<hr size=\"4\" color=\"red\" align=\"left\" \
             hint=\"background-color:red;height:4px;margin-left:0;\">",
        );
        check(
            "<img src=there.png align=right hspace=5>",
            "<img src=\"there.png\" align=\"right\" hspace=\"5\" hint=\"float:right;\">",
        );
        check(
            "<table><caption>c<tr><td>x</table>",
            "<table data-engram-captioned=\"\"><caption>c</caption><tbody><tr><td>x</td></tr></tbody></table>",
        );
        check(
            "<hr><table><tr><td>x</table>",
            "<hr><table><tbody><tr><td>x</td></tr></tbody></table>",
        );
    }

    #[test]
    fn endless_spans_are_dropped() {
        check(
            "<table><td colspan=2 rowspan=0>x<td colspan=99999>y</table>",
            "<table><tbody><tr><td colspan=\"2\">x</td><td>y</td></tr></tbody></table>",
        );
    }

    #[test]
    fn select_shows_what_is_chosen() {
        check(
            "<select><option>a<option selected>b</select>",
            "<span class=\"engram-select\">b</span>",
        );
    }

    #[test]
    fn details_hide_bare_text_too() {
        check(
            "<details>bare<summary>S</summary><b>x</b></details>",
            "<details><summary>S</summary><engram-below></engram-below><span>bare</span><b>x</b>\
             </details>",
        );
        check(
            "<details> <summary>S</summary> a<br>b <b>x</b> c</details>",
            "<details><summary>S</summary><engram-below></engram-below> <span> a<br>b </span>\
             <b>x</b><span> c</span></details>",
        );
        check(
            "<details><summary>S</summary><p>a</p>b</details>",
            "<details><summary>S</summary><p>a</p><span>b</span></details>",
        );
    }
}
