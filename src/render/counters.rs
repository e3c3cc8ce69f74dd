//! Numbers that style sheets count: `counter()` and `counters()` in generated content, and those
//! of lists, of which the engine knows the simplest. They are counted on the laid-out page and
//! become texts: a style sheet for what is generated, markers for list items.

use super::css;
use blitz_dom::node::Attribute;
use blitz_dom::{BaseDocument, LocalName, Node, NodeId, QualName, local_name, ns};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

/// Texts with numbers on a page; no card of a person has so many.
const MAX_TEXTS: usize = 5000;
/// Bytes of one such text, about, and of all.
const MAX_TEXT_BYTES: usize = 10_000;
const MAX_ALL_BYTES: usize = 8 << 20;
/// Counters of a page, and those that one element may name.
const MAX_COUNTERS: usize = 100;
/// An element whose generated content has numbers; what follows is its own number.
const COUNTED: &str = "data-engram-counted-";
/// `start` of a list that the engine would not count.
pub(super) const START: &str = "data-engram-start";
const LIST_ITEM: &str = "list-item";

/// What was found on a page, kept because its place was taken.
#[derive(Default)]
pub(super) struct Counters {
    /// `content` before (false) and after elements, as the style sheet says it.
    contents: HashMap<(NodeId, bool), String>,
    /// Numbers of elements in the style sheet.
    numbers: HashMap<NodeId, usize>,
    /// `list-style-type` of list items.
    markers: HashMap<NodeId, String>,
    /// The text of the style sheet.
    sheet: Option<(NodeId, String)>,
}

impl Counters {
    /// Writes the numbers; true when the page must be laid out again.
    pub fn write(&mut self, document: &mut BaseDocument) -> bool {
        let mut count = Count {
            known: &mut *self,
            document: &*document,
            scopes: HashMap::new(),
            parents: HashSet::new(),
            lists: Vec::new(),
            rules: String::new(),
            counted: Vec::new(),
            markers: Vec::new(),
        };
        count.walk();
        let Count {
            rules,
            counted,
            markers,
            ..
        } = count;
        for (item, marker) in &markers {
            document.set_style_property(*item, "list-style-type", marker);
        }
        self.write_sheet(document, rules, &counted) || !markers.is_empty()
    }

    fn write_sheet(
        &mut self,
        document: &mut BaseDocument,
        rules: String,
        counted: &[NodeId],
    ) -> bool {
        let known = self.sheet.as_ref().map(|(_, known)| known.as_str());
        if known.unwrap_or_default() == rules {
            return false;
        }
        let head = (document.root_element().children.iter().copied()).find(|&child| {
            let node = document.get_node(child);
            node.is_some_and(|node| node.data.is_element_with_tag_name(&local_name!("head")))
        });
        let Some(head) = head else { return false };
        let old = self.sheet.as_ref().map(|(text, _)| *text);
        let mut mutator = document.mutate();
        for id in counted {
            let number = self.numbers.get(id).copied().unwrap_or_default();
            mutator.set_attribute(*id, attribute(&format!("{COUNTED}{number}")), "");
        }
        let text = css::with_entities(&rules);
        let text = match old {
            Some(node) => {
                mutator.set_node_text(node, &text);
                node
            }
            None => {
                let name = QualName::new(None, ns!(html), local_name!("style"));
                let style = mutator.create_element(name, Vec::<Attribute>::new());
                let node = mutator.create_text_node(&text);
                mutator.append_children(style, &[node]);
                mutator.append_children(head, &[style]);
                node
            }
        };
        self.sheet = Some((text, rules));
        true
    }
}

fn attribute(name: &str) -> QualName {
    QualName::new(None, ns!(), LocalName::from(name))
}

/// One walk over a page in its order.
struct Count<'a> {
    known: &'a mut Counters,
    document: &'a BaseDocument,
    /// By name: for each counter in whose scope we are, the parent of who made it, and its value.
    scopes: HashMap<String, Vec<(NodeId, i64)>>,
    /// Within these counters were made.
    parents: HashSet<NodeId>,
    lists: Vec<List>,
    rules: String,
    /// New ones.
    counted: Vec<NodeId>,
    markers: Vec<(NodeId, String)>,
}

struct List {
    step: i64,
    /// Its numbers are those that the engine gives it.
    plain: bool,
}

enum Step {
    Enter(NodeId),
    Leave(NodeId),
}

impl Count<'_> {
    fn walk(&mut self) {
        let document = self.document;
        let mut todo = vec![Step::Enter(document.root_element().id)];
        while let Some(step) = todo.pop() {
            match step {
                Step::Enter(id) => {
                    if let Some(node) = document.get_node(id)
                        && self.enter(node)
                    {
                        todo.push(Step::Leave(id));
                        todo.extend(node.children.iter().rev().map(|&child| Step::Enter(child)));
                    }
                }
                Step::Leave(id) => {
                    if let Some(node) = document.get_node(id) {
                        self.generated(id, node.after(), true);
                        if is_list(node) {
                            self.lists.pop();
                        }
                    }
                    if self.parents.remove(&id) {
                        for scopes in self.scopes.values_mut() {
                            scopes.retain(|(parent, _)| *parent != id);
                        }
                    }
                }
            }
        }
    }

    /// False for what is not shown, which does not count either.
    fn enter(&mut self, node: &Node) -> bool {
        if node.element_data().is_none() {
            return false;
        }
        let Some(style) = node.primary_styles() else {
            return false;
        };
        if style.clone_display().is_none() {
            return false;
        }
        let parent = node.parent.unwrap_or(node.id);
        if is_list(node) {
            let list = self.list(node);
            self.reset(LIST_ITEM, parent, list.1 - list.0.step);
            self.lists.push(list.0);
        }
        self.count(node, parent);
        // The heading of `details` looks like an item and is none.
        let is_summary = node.data.is_element_with_tag_name(&local_name!("summary"));
        if style.get_box().display.is_list_item() && !is_summary {
            self.item(node, parent);
        }
        self.generated(node.id, node.before(), false);
        true
    }

    /// What a style sheet says of a node's counters.
    fn count(&mut self, node: &Node, parent: NodeId) {
        let Some(style) = node.primary_styles() else {
            return;
        };
        let counters = style.get_counters();
        for pair in counters.counter_reset.iter().take(MAX_COUNTERS) {
            self.reset(&pair.name.0, parent, i64::from(pair.value));
        }
        for pair in counters.counter_increment.iter().take(MAX_COUNTERS) {
            self.add(&pair.name.0, parent, i64::from(pair.value));
        }
    }

    /// A new counter; it takes the place of one that a neighbour made.
    fn reset(&mut self, name: &str, parent: NodeId, value: i64) {
        let is_known = name == LIST_ITEM || self.scopes.contains_key(name);
        if !is_known && self.scopes.len() >= MAX_COUNTERS {
            return;
        }
        let scopes = self.scopes.entry(name.to_owned()).or_default();
        match scopes.last_mut() {
            Some(last) if last.0 == parent => last.1 = value,
            _ => scopes.push((parent, value)),
        }
        self.parents.insert(parent);
    }

    fn add(&mut self, name: &str, parent: NodeId, step: i64) {
        match self
            .scopes
            .get_mut(name)
            .and_then(|scopes| scopes.last_mut())
        {
            Some(last) => last.1 += step,
            None => self.reset(name, parent, step),
        }
    }

    /// A list and the number of its first item.
    fn list(&self, node: &Node) -> (List, i64) {
        let said = node.attr(local_name!("start"));
        let said = said.or_else(|| {
            let mut attrs = node.element_data()?.attrs().iter();
            let attr = attrs.find(|attr| &*attr.name.local == START)?;
            Some(&*attr.value)
        });
        let start = said.and_then(|start| start.trim().parse::<i32>().ok());
        let reversed = node.attr(local_name!("reversed")).is_some();
        let items = || {
            let items = node.children.iter().filter(|&&child| {
                let child = self.document.get_node(child);
                child.is_some_and(|child| child.data.is_element_with_tag_name(&local_name!("li")))
            });
            items.count() as i64
        };
        let first = match (start, reversed) {
            (Some(start), _) => i64::from(start),
            (None, true) => items(),
            (None, false) => 1,
        };
        let list = List {
            step: if reversed { -1 } else { 1 },
            plain: !reversed && first >= 1,
        };
        (list, first)
    }

    /// Counts a list item, and gives it the marker that the engine would not.
    fn item(&mut self, node: &Node, parent: NodeId) {
        let value = node.attr(local_name!("value"));
        let value = value.and_then(|value| value.trim().parse::<i32>().ok());
        match value {
            Some(value) => {
                self.add(LIST_ITEM, parent, 0);
                if let Some(last) = self
                    .scopes
                    .get_mut(LIST_ITEM)
                    .and_then(|all| all.last_mut())
                {
                    last.1 = i64::from(value);
                }
                if let Some(list) = self.lists.last_mut() {
                    list.plain = false;
                }
            }
            None => {
                let step = self.lists.last().map_or(1, |list| list.step);
                self.add(LIST_ITEM, parent, step);
            }
        }
        let Some(List { plain, .. }) = self.lists.last() else {
            return;
        };
        let known = self.known.markers.get(&node.id).cloned();
        let first_seen = known.is_none();
        let kind = known.unwrap_or_else(|| {
            self.document
                .resolved_style_value(node.id, "list-style-type")
        });
        let is_plain = *plain && matches!(kind.as_str(), "decimal" | "lower-alpha" | "upper-alpha");
        if is_plain && first_seen {
            return;
        }
        let value = self.values(LIST_ITEM).last().copied().unwrap_or_default();
        if let Some(number) = numeral(value, &kind) {
            let marker = quoted(&format!("{number}. "));
            if self
                .document
                .resolved_style_value(node.id, "list-style-type")
                != marker
            {
                self.markers.push((node.id, marker));
            }
            self.known.markers.insert(node.id, kind);
        }
    }

    fn values(&self, name: &str) -> Vec<i64> {
        let scopes = self.scopes.get(name);
        scopes.map_or_else(Vec::new, |all| {
            all.iter().map(|(_, value)| *value).collect()
        })
    }

    /// What stands before or after the content of an element.
    fn generated(&mut self, element: NodeId, pseudo: Option<NodeId>, is_after: bool) {
        let document = self.document;
        let Some(pseudo) = pseudo.and_then(|id| document.get_node(id)) else {
            return;
        };
        self.count(pseudo, element);
        let key = (element, is_after);
        let content = match self.known.contents.get(&key) {
            Some(content) => content.clone(),
            None => {
                let content = document.resolved_style_value(pseudo.id, "content");
                let is_long = content.len() > MAX_TEXT_BYTES;
                let is_full = self.known.contents.len() >= MAX_TEXTS;
                if !content.contains("counter") || is_long || is_full {
                    return;
                }
                content
            }
        };
        let text = self.text(&content);
        if self.rules.len() + text.len() > MAX_ALL_BYTES {
            return;
        }
        let next = self.known.numbers.len();
        let number = *self.known.numbers.entry(element).or_insert(next);
        if number == next {
            self.counted.push(element);
        }
        let side = if is_after { "after" } else { "before" };
        let name = format!("[{COUNTED}{number}]");
        let text = quoted(&text);
        // Above what any other rule says.
        let _ = write!(
            self.rules,
            "{name}{name}{name}{name}::{side}{{content:{text}!important}}"
        );
        self.known.contents.insert(key, content);
    }

    /// A `content` with its numbers.
    fn text(&self, content: &str) -> String {
        let mut text = String::new();
        for part in parts(content) {
            if text.len() > MAX_TEXT_BYTES {
                break;
            }
            match part {
                Part::Text(part) => text.push_str(&part),
                Part::Numbers {
                    name,
                    separator,
                    kind,
                } => {
                    let values = self.values(&name);
                    // One that nobody made is 0.
                    let values = if values.is_empty() { vec![0] } else { values };
                    let from = match separator {
                        Some(_) => 0,
                        None => values.len() - 1,
                    };
                    for (at, &value) in values[from..].iter().enumerate() {
                        if at > 0 {
                            text.push_str(separator.as_deref().unwrap_or_default());
                        }
                        let number = numeral(value, &kind);
                        text.push_str(&number.unwrap_or_else(|| sign(value, &kind)));
                        if text.len() > MAX_TEXT_BYTES {
                            break;
                        }
                    }
                }
            }
        }
        text
    }
}

fn is_list(node: &Node) -> bool {
    node.element_data()
        .is_some_and(|element| matches!(&*element.name.local, "ol" | "ul" | "menu"))
}

/// A part of `content`.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Numbers {
        name: String,
        /// Between the numbers of all levels; None for the innermost alone.
        separator: Option<String>,
        kind: String,
    },
}

/// Takes a `content` apart, as the engine writes it.
fn parts(content: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = content.trim_start();
    // What follows a slash is for readers.
    while !rest.is_empty() && !rest.starts_with('/') {
        if let Some(inner) = rest.strip_prefix('"') {
            let (text, after) = unquoted(inner);
            parts.push(Part::Text(text));
            rest = after;
        } else if let Some(inner) = rest.strip_prefix("counter(") {
            let (mut arguments, after) = arguments(inner);
            rest = after;
            parts.push(Part::Numbers {
                name: arguments.next().unwrap_or_default(),
                separator: None,
                kind: arguments.next().unwrap_or_default(),
            });
        } else if let Some(inner) = rest.strip_prefix("counters(") {
            let (mut arguments, after) = arguments(inner);
            rest = after;
            parts.push(Part::Numbers {
                name: arguments.next().unwrap_or_default(),
                separator: Some(arguments.next().unwrap_or_default()),
                kind: arguments.next().unwrap_or_default(),
            });
        } else {
            rest = rest.split_once(' ').map_or("", |(_, after)| after);
        }
        rest = rest.trim_start();
    }
    parts
}

/// Arguments of a function up to its bracket, and what follows it.
fn arguments(mut rest: &str) -> (std::vec::IntoIter<String>, &str) {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        if let Some(inner) = rest.strip_prefix('"') {
            let (text, after) = unquoted(inner);
            found.push(text);
            rest = after;
            continue;
        }
        let end = rest.find([',', ')']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if !word.is_empty() {
            found.push(word.trim_end().to_owned());
        }
        rest = after;
        if !rest.starts_with(',') {
            return (found.into_iter(), rest.strip_prefix(')').unwrap_or(rest));
        }
    }
}

/// A string of CSS behind its first quote, and what follows its last one.
fn unquoted(rest: &str) -> (String, &str) {
    let mut text = String::new();
    let mut letters = rest.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (text, &rest[at + 1..]),
            '\\' => {
                let mut code = String::new();
                while let Some((_, digit)) =
                    letters.next_if(|(_, c)| code.len() < 6 && c.is_ascii_hexdigit())
                {
                    code.push(digit);
                }
                if code.is_empty() {
                    text.extend(letters.next().map(|(_, letter)| letter));
                } else {
                    letters.next_if(|(_, c)| *c == ' ');
                    let code = u32::from_str_radix(&code, 16).ok();
                    text.extend(code.and_then(char::from_u32));
                }
            }
            letter => text.push(letter),
        }
    }
    (text, "")
}

/// A text as a string of CSS.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            c if c.is_control() => {
                let _ = write!(out, "\\{:x} ", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Bullets, and for all else the number.
fn sign(value: i64, kind: &str) -> String {
    match kind {
        "none" => String::new(),
        "disc" => "•".to_owned(),
        "circle" => "◦".to_owned(),
        "square" => "▪".to_owned(),
        _ => value.to_string(),
    }
}

/// A number as a `list-style-type` writes it, with common digits where that is not known here; None
/// for bullets.
fn numeral(value: i64, kind: &str) -> Option<String> {
    let lower = match kind {
        "decimal" => return Some(value.to_string()),
        "decimal-leading-zero" if (0..10).contains(&value) => return Some(format!("0{value}")),
        "decimal-leading-zero" => return Some(value.to_string()),
        "lower-roman" | "upper-roman" => roman(value),
        "lower-alpha" | "lower-latin" | "upper-alpha" | "upper-latin" => letters(value, &LATIN),
        "lower-greek" => letters(value, &GREEK),
        "hiragana" => letters(value, &KANA.chars().collect::<Vec<_>>()),
        "katakana" => letters(value, &katakana(KANA)),
        "hiragana-iroha" => letters(value, &IROHA.chars().collect::<Vec<_>>()),
        "katakana-iroha" => letters(value, &katakana(IROHA)),
        "none" | "disc" | "circle" | "square" | "disclosure-open" | "disclosure-closed" => {
            return None;
        }
        // A text, or signs of its own.
        kind if kind.contains(['"', '(']) => return None,
        kind => written(value, kind),
    };
    // As in a browser, what cannot be written so is written as a number.
    let lower = lower.unwrap_or_else(|| value.to_string());
    Some(match kind.starts_with("upper") {
        true => lower.to_uppercase(),
        false => lower,
    })
}

const KANA: &str = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわゐゑをん";
const IROHA: &str = "いろはにほへとちりぬるをわかよたれそつねならむうゐのおくやまけふこえてあさきゆめみしゑひもせす";

fn katakana(hiragana: &str) -> Vec<char> {
    let letters = hiragana.chars();
    letters
        .filter_map(|letter| char::from_u32(u32::from(letter) + 0x60))
        .collect()
}

/// With the digits, or the words, of another script.
fn written(value: i64, kind: &str) -> Option<String> {
    const CHINESE: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let first = match kind {
        "arabic-indic" => '٠',
        "persian" => '۰',
        "devanagari" => '०',
        "bengali" => '০',
        "gurmukhi" => '੦',
        "gujarati" => '૦',
        "oriya" => '୦',
        "tamil" => '௦',
        "telugu" => '౦',
        "kannada" => '೦',
        "malayalam" => '൦',
        "thai" => '๐',
        "lao" => '໐',
        "tibetan" => '༠',
        "myanmar" => '၀',
        "khmer" | "cambodian" => '០',
        "mongolian" => '᠐',
        "cjk-decimal" => CHINESE[0],
        "cjk-ideographic"
        | "simp-chinese-informal"
        | "trad-chinese-informal"
        | "japanese-informal"
        | "korean-hanja-informal" => {
            let (tens, ones) = (usize::try_from(value).ok()? / 10, value.rem_euclid(10));
            let one = CHINESE[usize::try_from(ones).ok()?];
            return match (tens, ones) {
                (0, _) => Some(one.to_string()),
                (1, 0) => Some("十".to_owned()),
                (1, _) => Some(format!("十{one}")),
                (2..10, 0) => Some(format!("{}十", CHINESE[tens])),
                (2..10, _) => Some(format!("{}十{one}", CHINESE[tens])),
                _ => None,
            };
        }
        _ => return None,
    };
    let digit = |digit: char| {
        let value = digit.to_digit(10)?;
        match first {
            '〇' => CHINESE.get(value as usize).copied(),
            first => char::from_u32(u32::from(first) + value),
        }
    };
    value.to_string().chars().map(digit).collect()
}

const LATIN: [char; 26] = [
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's',
    't', 'u', 'v', 'w', 'x', 'y', 'z',
];
const GREEK: [char; 24] = [
    'α', 'β', 'γ', 'δ', 'ε', 'ζ', 'η', 'θ', 'ι', 'κ', 'λ', 'μ', 'ν', 'ξ', 'ο', 'π', 'ρ', 'σ', 'τ',
    'υ', 'φ', 'χ', 'ψ', 'ω',
];
const ROMAN: [(i64, &str); 13] = [
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
];

fn roman(mut value: i64) -> Option<String> {
    if !(1..4000).contains(&value) {
        return None;
    }
    let mut out = String::new();
    for (worth, sign) in ROMAN {
        while value >= worth {
            out.push_str(sign);
            value -= worth;
        }
    }
    Some(out)
}

/// As columns of a table are named: a to z, aa, ab…
fn letters(value: i64, alphabet: &[char]) -> Option<String> {
    let mut left = usize::try_from(value).ok().filter(|value| *value > 0)?;
    let mut out = Vec::new();
    while left > 0 {
        left -= 1;
        out.push(alphabet[left % alphabet.len()]);
        left /= alphabet.len();
    }
    Some(out.into_iter().rev().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_lists_write_them() {
        for (value, kind, expect) in [
            (4, "lower-roman", "iv"),
            (1999, "upper-roman", "MCMXCIX"),
            (0, "upper-roman", "0"),
            (27, "lower-alpha", "aa"),
            (702, "upper-latin", "ZZ"),
            (-1, "lower-latin", "-1"),
            (3, "lower-greek", "γ"),
            (7, "decimal-leading-zero", "07"),
            (12, "decimal-leading-zero", "12"),
            (2, "hiragana", "い"),
            (3, "katakana", "ウ"),
            (2, "katakana-iroha", "ロ"),
            (42, "cjk-decimal", "四二"),
            (42, "cjk-ideographic", "四十二"),
            (10, "japanese-informal", "十"),
            (130, "simp-chinese-informal", "130"),
            (15, "arabic-indic", "١٥"),
            (7, "armenian", "7"),
        ] {
            assert_eq!(numeral(value, kind).as_deref(), Some(expect), "{kind}");
        }
        for kind in ["disc", "none", "\"- \"", "symbols(\"*\")"] {
            assert_eq!(numeral(1, kind), None);
        }
    }

    #[test]
    fn contents_are_taken_apart() {
        let numbers = |name: &str, separator: Option<&str>, kind: &str| Part::Numbers {
            name: name.to_owned(),
            separator: separator.map(str::to_owned),
            kind: kind.to_owned(),
        };
        for (content, expect) in [
            (
                "\"No. \" counter(a) \") \\\"\\a x\"",
                vec![
                    Part::Text("No. ".to_owned()),
                    numbers("a", None, ""),
                    Part::Text(") \"\nx".to_owned()),
                ],
            ),
            (
                "counters(a, \").\", upper-roman) open-quote counter(b, none) / \"x\"",
                vec![
                    numbers("a", Some(")."), "upper-roman"),
                    numbers("b", None, "none"),
                ],
            ),
            ("counter(", vec![numbers("", None, "")]),
            ("url(\"a b\") \"", vec![Part::Text(String::new())]),
        ] {
            assert_eq!(parts(content), expect, "{content}");
        }
        assert_eq!(quoted("a\"\\\nb"), "\"a\\\"\\\\\\a b\"");
    }
}
