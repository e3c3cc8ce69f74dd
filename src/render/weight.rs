//! What style sheets cost on a page: about how often the engine looks at an element to match their
//! selectors. A selector looks at what is around an element, and one within another does so each
//! time, so that a short sheet can take for ever. Counted from the text before the engine sees it,
//! rather too high than too low.

use super::tree::{Kind, Tree};
use crate::base::limits::{
    MAX_CARD_DRAWING_BYTES, MAX_CARD_STYLE_STEPS, MAX_CSS_DEPTH, MAX_HTML_DEPTH,
};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What a rule costs for an element beside its selector: it may take part in the cascade.
const RULE: u64 = 20;
/// What each sheet costs beside its rules: sheets that import each other have no end.
const SHEET: u64 = 20_000;
/// The engine goes one call deeper for each part of a selector.
const MOST_PARTS: u64 = 1000;
/// Elements around the card's content, and some that are added to it later.
const SPARE: u64 = 8;
/// Elements that are passed while one is matched.
const SEEN_AT_ONCE: u64 = 64;
/// The card's content is within so many elements.
const ABOVE: u64 = 4;

/// What the style sheets of one page may cost together, and its drawings.
#[derive(Debug)]
pub(super) struct Budget {
    crowd: Crowd,
    spent: AtomicU64,
    cut: AtomicBool,
    /// A selector asks what is within an element or behind it.
    within: AtomicBool,
    /// For drawings, see `svg_weight`.
    drawn: AtomicU64,
}

impl Budget {
    pub fn of(tree: &Tree) -> Self {
        Self {
            crowd: Crowd::of(tree),
            spent: AtomicU64::new(0),
            cut: AtomicBool::new(false),
            within: AtomicBool::new(false),
            drawn: AtomicU64::new(0),
        }
    }

    /// Whether one more drawing may be drawn; None is one that costs too much by itself.
    pub fn allows_drawing(&self, cost: Option<u64>) -> bool {
        let Some(cost) = cost else {
            return false;
        };
        let before = self.drawn.fetch_add(cost, Ordering::Relaxed);
        let allowed = before.saturating_add(cost) <= MAX_CARD_DRAWING_BYTES;
        if !allowed {
            self.drawn.fetch_sub(cost, Ordering::Relaxed);
        }
        allowed
    }

    /// Whether one more sheet may be used.
    pub fn allows(&self, css: &[u8]) -> bool {
        let sheet = if css.is_empty() { 0 } else { SHEET };
        let steps = steps(css, &self.crowd)
            .saturating_add(sheet)
            .min(MAX_CARD_STYLE_STEPS + 1);
        let mut parts = css.windows(5);
        if parts.any(|part| part.eq_ignore_ascii_case(b":has(")) {
            self.within.store(true, Ordering::Relaxed);
        }
        let before = self.spent.fetch_add(steps, Ordering::Relaxed);
        let allowed = before + steps <= MAX_CARD_STYLE_STEPS;
        if !allowed {
            self.spent.fetch_sub(steps, Ordering::Relaxed);
            self.cut.store(true, Ordering::Relaxed);
        }
        allowed
    }

    /// A sheet has a selector with `:has()`.
    pub fn looks_within(&self) -> bool {
        self.within.load(Ordering::Relaxed)
    }

    /// A sheet was refused.
    pub fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed)
    }
}

/// How many elements a selector may have to look at.
#[derive(Debug)]
struct Crowd {
    elements: u64,
    /// Within one another.
    deep: u64,
    /// Beside one another.
    wide: u64,
    /// With a tag (`x`), a class (`.x`), an id (`#x`).
    named: HashMap<String, u64>,
}

impl Crowd {
    fn of(tree: &Tree) -> Self {
        let (mut elements, mut deep, mut wide, mut flat) = (SPARE, ABOVE, SPARE, 0);
        let mut named: HashMap<String, u64> = HashMap::new();
        let mut todo = vec![(tree.root, 0)];
        while let Some((node, depth)) = todo.pop() {
            let children = tree.children(node);
            wide = wide.max(children.len() as u64);
            todo.extend(children.iter().map(|&child| (child, depth + 1)));
            let Kind::Element { name, attrs } = tree.kind(node) else {
                continue;
            };
            elements += 1;
            deep = deep.max(depth.min(MAX_HTML_DEPTH) as u64 + ABOVE);
            flat += u64::from(depth > MAX_HTML_DEPTH);
            let mut count = |name: String| *named.entry(name).or_insert(0) += 1;
            let tag: &str = &name.local;
            count(tag.to_ascii_lowercase());
            for (name, value) in attrs {
                match &*name.local {
                    "id" => count(format!("#{value}")),
                    "class" => {
                        let classes = value.split_ascii_whitespace();
                        classes.for_each(|class| count(format!(".{class}")));
                    }
                    _ => {}
                }
            }
        }
        Self {
            elements,
            deep,
            wide: wide.max(flat),
            named,
        }
    }

    /// One element further to the side: the engine looks for it among all that are there.
    fn aside(&self) -> u64 {
        1 + self.wide / SEEN_AT_ONCE
    }

    fn called(&self, name: &str) -> u64 {
        self.named.get(name).copied().unwrap_or(0)
    }
}

/// What a sheet costs on a page.
fn steps(css: &[u8], crowd: &Crowd) -> u64 {
    let mut text = Text { css, at: 0 };
    // What the selectors of the rules around cost; none outside of all.
    let mut around: Vec<Option<u64>> = Vec::new();
    let (mut start, mut all) = (None, 0u64);
    while let Some(byte) = text.peek() {
        let at = text.at;
        match byte {
            b'{' => {
                text.at += 1;
                let prelude = &css[start.take().unwrap_or(at)..at];
                let before = around.last().copied().flatten();
                let mut selectors = Selectors::of(prelude, crowd, before);
                around.push(if is_scope(prelude) {
                    // Looked for above each element that a rule in it fits, as those around are.
                    selectors.has_bounds = true;
                    let each = selectors.list(0).each;
                    // What is said of the scope itself is a rule too.
                    let looks = crowd.elements.saturating_mul(each.saturating_add(RULE));
                    all = all.saturating_add(looks);
                    Some(each)
                } else if prelude.starts_with(b"@") {
                    before
                } else {
                    let mut list = selectors.list(0);
                    if selectors.is_refused {
                        list = Cost::default();
                    }
                    all = all.saturating_add(list.everywhere);
                    Some(list.each)
                });
                if around.len() > MAX_CSS_DEPTH {
                    return u64::MAX;
                }
            }
            b'}' | b';' => {
                text.at += 1;
                start = None;
                if byte == b'}' {
                    around.pop();
                }
            }
            _ => {
                let is_nothing = byte.is_ascii_whitespace() || css[at..].starts_with(b"/*");
                if start.is_none() && !is_nothing {
                    start = Some(at);
                }
                if !text.skip() {
                    return u64::MAX;
                }
            }
        }
    }
    all
}

/// True for `@scope`, and for what has its name hidden by escaped letters.
fn is_scope(prelude: &[u8]) -> bool {
    let Some(name) = prelude.strip_prefix(b"@") else {
        return false;
    };
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'(' | b'/');
    let end = name.iter().position(ends).unwrap_or(name.len());
    name[..end].eq_ignore_ascii_case(b"scope") || name[..end].contains(&b'\\')
}

/// A place in a style sheet.
struct Text<'a> {
    css: &'a [u8],
    at: usize,
}

impl<'a> Text<'a> {
    fn peek(&self) -> Option<u8> {
        self.css.get(self.at).copied()
    }

    /// Past a comment, a string, an escaped letter, a bracket with all that is in it, or a letter.
    /// False where the engine might see another end than is seen here.
    fn skip(&mut self) -> bool {
        let mut open = Vec::new();
        while let Some(byte) = self.peek() {
            let begin = self.at;
            self.at += 1;
            match byte {
                b'/' if self.peek() == Some(b'*') => {
                    self.at += 1;
                    let end = self.css[self.at..].windows(2).position(|w| w == b"*/");
                    self.at = end.map_or(self.css.len(), |n| self.at + n + 2);
                }
                b'\\' => self.at += 1,
                b'"' | b'\'' => self.skip_string(byte),
                b'(' => match self.follows_url(begin) {
                    None => return false,
                    Some(true) if self.is_bare() => self.skip_address(),
                    Some(_) => open.push(b')'),
                },
                b'[' => open.push(b']'),
                b'{' if !open.is_empty() => open.push(b'}'),
                _ if open.last() == Some(&byte) => {
                    open.pop();
                }
                _ => {}
            }
            if open.is_empty() {
                break;
            }
        }
        self.at = self.at.min(self.css.len());
        true
    }

    fn skip_string(&mut self, quote: u8) {
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\\' if self.css[self.at..].starts_with(b"\r\n") => self.at += 2,
                b'\\' => self.at += 1,
                // A string ends with its line, closed or not.
                b'\n' | b'\r' | b'\x0c' => return,
                _ if byte == quote => return,
                _ => {}
            }
        }
    }

    /// Whether the bracket at this place is that of `url(`; None where escaped letters hide it.
    fn follows_url(&self, bracket: usize) -> Option<bool> {
        let before = &self.css[..bracket];
        let name = before.iter().rev().take_while(|&&byte| is_name(byte));
        let (rest, name) = before.split_at(bracket - name.count());
        if rest.ends_with(b"<!") && name.eq_ignore_ascii_case(b"--url") {
            return Some(true);
        }
        let plain = unescaped(name).to_ascii_lowercase();
        let is_hidden = match letter_before(rest) {
            Before::Code => b"url".ends_with(&plain),
            Before::Escaped => plain == b"url",
            Before::Other => name.contains(&b'\\') && plain == b"url",
        };
        // `#url` and `@url` are names of other kinds.
        let is_url = plain == b"url" && !rest.ends_with(b"#") && !rest.ends_with(b"@");
        (!is_hidden).then_some(is_url)
    }

    /// An address without quotes begins here.
    fn is_bare(&self) -> bool {
        let rest = self.css[self.at..].trim_ascii_start();
        !rest.starts_with(b"\"") && !rest.starts_with(b"'")
    }

    fn skip_address(&mut self) {
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b')' => return,
                _ => {}
            }
        }
    }

    /// A name that begins here, unless letters of it are escaped.
    fn name(&mut self) -> Option<&'a str> {
        let begin = self.at;
        while let Some(byte) = self.peek().filter(|&byte| is_name(byte)) {
            self.at += 1 + usize::from(byte == b'\\');
        }
        self.at = self.at.min(self.css.len());
        let name = str::from_utf8(&self.css[begin..self.at]).ok()?;
        (!name.contains('\\')).then_some(name)
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'\\' | 0) || !byte.is_ascii()
}

/// What is before a name.
enum Before {
    /// A letter of the same name, written as `\75 ` with the space that ends it.
    Code,
    /// One such as `\:`, or what is behind a `\\`.
    Escaped,
    Other,
}

fn letter_before(rest: &[u8]) -> Before {
    let is_escaped = rest.iter().nth_back(1) == Some(&b'\\');
    let head: &[u8] = match rest {
        [head @ .., b'\r', b'\n'] | [head @ .., b' ' | b'\t' | b'\n' | b'\r' | b'\x0c'] => head,
        _ => &[],
    };
    let digits = head.iter().rev().take(6);
    let digits = digits.take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digits > 0 && head[..head.len() - digits].ends_with(b"\\") {
        Before::Code
    } else if is_escaped {
        Before::Escaped
    } else {
        Before::Other
    }
}

/// A name without spaces, its escaped letters as what they are.
fn unescaped(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = name;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let digits = after.iter().take(6);
        let digits = digits.take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (letter, length) = match (str::from_utf8(&after[..digits]), after.first()) {
            (Ok(code), _) if digits > 0 => {
                let code = u32::from_str_radix(code, 16).ok();
                (code.and_then(|code| u8::try_from(code).ok()), digits)
            }
            (_, letter) => (letter.copied(), 1),
        };
        out.push(letter.unwrap_or(0));
        rest = &after[length.min(after.len())..];
    }
    out
}

/// What selectors cost.
#[derive(Default)]
struct Cost {
    /// To tell of one element whether one of them fits.
    each: u64,
    /// To style all elements that they may fit.
    everywhere: u64,
}

struct Selectors<'a> {
    text: Text<'a>,
    crowd: &'a Crowd,
    /// Of the rule around.
    around: Option<u64>,
    /// The selector says itself where that one comes.
    has_place: bool,
    /// They are bounds in brackets, those of a scope.
    has_bounds: bool,
    /// The engine takes no such rule: markup, as drawings are read as style sheets too.
    is_refused: bool,
}

impl<'a> Selectors<'a> {
    fn of(prelude: &'a [u8], crowd: &'a Crowd, around: Option<u64>) -> Self {
        let text = Text {
            css: prelude.trim_ascii_end(),
            at: 0,
        };
        Self {
            text,
            crowd,
            around,
            has_place: false,
            has_bounds: false,
            is_refused: false,
        }
    }

    /// To the end, or to the bracket that ends them.
    fn list(&mut self, level: usize) -> Cost {
        let mut cost = Cost::default();
        loop {
            let (whole, elements) = self.one(level);
            let each = whole.steps(self.crowd);
            cost.each = cost.each.saturating_add(each);
            let looks = elements.saturating_mul(each.saturating_add(RULE));
            // It is also read, whether anything fits it or not.
            let everywhere = looks.saturating_add(whole.sum).saturating_add(RULE);
            cost.everywhere = cost.everywhere.saturating_add(everywhere);
            match self.text.peek() {
                None => return cost,
                Some(b')') if level > 0 => return cost,
                // A comma, or a bracket that closes nothing.
                Some(_) => self.text.at += 1,
            }
        }
    }

    /// One selector, and how many elements it may fit.
    fn one(&mut self, level: usize) -> (Whole, u64) {
        let mut whole = Whole::default();
        let mut part = Part::default();
        self.has_place &= level > 0;
        while let Some(byte) = self.text.peek() {
            match byte {
                b',' | b')' => break,
                b'{' | b'}' => {
                    self.text.at += 1;
                    part.add(u64::MAX);
                }
                b'>' | b'+' | b'~' | b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' => {
                    let kind = self.combinator();
                    if !matches!(self.text.peek(), None | Some(b',' | b')')) {
                        if part.steps > 0 {
                            whole.take(std::mem::take(&mut part).steps);
                            whole.above |= kind == b' ';
                        }
                        whole.goes(kind, self.crowd);
                    }
                }
                b'&' => {
                    self.text.at += 1;
                    self.has_place = true;
                    part.add(self.around.unwrap_or(1));
                }
                b':' => {
                    self.text.at += 1;
                    let name = self.text.name();
                    let called = self.text.peek() == Some(b'(');
                    part.add(if called {
                        self.function(name, level)
                    } else {
                        1
                    });
                }
                b'(' if self.has_bounds && level == 0 => {
                    part.add(self.function(Some("is"), level));
                }
                b'.' | b'#' => {
                    self.text.at += 1;
                    let rank = if byte == b'.' { 2 } else { 3 };
                    let name = self.text.name();
                    let found =
                        name.map(|n| self.crowd.called(&format!("{}{n}", char::from(byte))));
                    part.add(1);
                    part.ends(rank, found);
                }
                _ if is_name(byte) => {
                    let name = self.text.name();
                    let found = name.map(|n| self.crowd.called(&n.to_ascii_lowercase()));
                    part.add(1);
                    part.ends(1, found);
                }
                _ => {
                    let rest = &self.text.css[self.text.at..];
                    let is_markup = rest.starts_with(b"<") && !rest.starts_with(b"<!--");
                    self.is_refused |= is_markup && level == 0;
                    let is_clear = self.text.skip();
                    part.add(if is_clear { 1 } else { u64::MAX });
                }
            }
        }
        // A rule within another one is about what is within its elements.
        if let (0, false, Some(around)) = (level, self.has_place, self.around) {
            whole.take(around);
            whole.above = true;
        }
        whole.take(part.steps);
        let elements = part.end.map_or(self.crowd.elements, |(_, n)| n);
        (whole, elements)
    }

    fn combinator(&mut self) -> u8 {
        let mut kind = b' ';
        while let Some(byte) = self.text.peek() {
            match byte {
                b'>' | b'+' | b'~' => kind = byte,
                _ if byte.is_ascii_whitespace() => {}
                _ => break,
            }
            self.text.at += 1;
        }
        kind
    }

    /// `:name(…)`, from its bracket on.
    fn function(&mut self, name: Option<&str>, level: usize) -> u64 {
        let Some(name) = name.filter(|_| level < MAX_CSS_DEPTH) else {
            self.text.at = self.text.css.len();
            return u64::MAX;
        };
        self.text.at += 1;
        let begin = self.text.at;
        let within = self.list(level + 1).each;
        let words = &self.text.css[begin..self.text.at];
        self.text.at = (self.text.at + 1).min(self.text.css.len());
        let name = name.to_ascii_lowercase();
        let has_of = words.windows(2).any(|w| w.eq_ignore_ascii_case(b"of"));
        let looks_at = match &*name {
            "has" => self.looks_within(words),
            name if name.starts_with("nth-") && has_of => self.crowd.wide,
            _ => 1,
        };
        within.saturating_mul(looks_at)
    }

    /// How many elements `:has(…)` looks at, of all elements about: what it found of one is kept.
    fn looks_within(&self, words: &[u8]) -> u64 {
        let words = words.trim_ascii();
        let is_combined = |rest: &[u8]| rest.iter().any(|byte| b" \t\r\n\x0c,>+~".contains(byte));
        match words.strip_prefix(b">") {
            Some(rest) if !is_combined(rest.trim_ascii()) => 2,
            _ if words.contains(&b'~') => self.crowd.deep.saturating_mul(self.crowd.wide),
            _ => self.crowd.deep,
        }
    }
}

/// What of a selector is about one element.
#[derive(Default)]
struct Part {
    steps: u64,
    /// How many elements have its name: those of an id come before those of a class and of a tag.
    end: Option<(u8, u64)>,
}

impl Part {
    fn add(&mut self, steps: u64) {
        self.steps = self.steps.saturating_add(steps);
    }

    fn ends(&mut self, rank: u8, found: Option<u64>) {
        if let Some(found) = found {
            self.end = self.end.max(Some((rank, found)));
        }
    }
}

/// A selector with all its parts.
#[derive(Default)]
struct Whole {
    parts: u64,
    sum: u64,
    dearest: u64,
    /// It looks for elements above, and for those before.
    above: bool,
    beside: bool,
}

impl Whole {
    fn take(&mut self, part: u64) {
        self.parts += 1;
        self.sum = self.sum.saturating_add(part);
        self.dearest = self.dearest.max(part);
    }

    fn goes(&mut self, combinator: u8, crowd: &Crowd) {
        if matches!(combinator, b'+' | b'~') {
            self.sum = self.sum.saturating_add(crowd.aside());
        }
        self.beside |= combinator == b'~';
    }

    fn steps(&self, crowd: &Crowd) -> u64 {
        if self.parts > MOST_PARTS {
            return u64::MAX;
        }
        let reach = match (self.above, self.beside) {
            (false, false) => 0,
            (true, false) => crowd.deep,
            (false, true) => crowd.wide * crowd.aside(),
            // Beside each that is above; none is there twice.
            (true, true) => crowd.elements.min(crowd.deep * crowd.wide) * crowd.aside(),
        };
        let reached = reach.saturating_mul(self.dearest);
        self.sum.saturating_add(reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::parse::parse;

    fn cost(css: &str, html: &str) -> u64 {
        steps(css.as_bytes(), &Crowd::of(&parse(html)))
    }

    /// A page like those of real cards, only larger.
    fn page() -> String {
        let line = "<div class=row><p class='a b'>x <b>y</b></p><ul><li>1<li>2</ul></div>";
        format!("<div id=top>{}</div>", line.repeat(200))
    }

    #[test]
    fn honest_sheets_are_far_below_the_limit() {
        let mut css = String::from(
            "@charset \"x\"; /* a{ */ @media (max-width: 9px) { .a > b ~ i { color: red } }
             @font-face { font-family: x; src: url(a/*b.ttf) } .card.nightMode { color: #fff }
             ul { li { &:hover { a: b } > p { c: d } } } li:nth-child(2n+1):not(.x, .y) { e: f }",
        );
        for n in 0..3000 {
            css +=
                &format!(".col-{n} > .row-{n}, .nav-{n} .a:not(.b):hover > .x-{n} {{ left: 0 }}");
        }
        css += &"li[a] div:has(> span[b]), .x ol:has(> li[c]) { d: e }".repeat(50);
        for n in 0..10 {
            css += &format!(".nav-{n} .a:checked ~ li {{ left: {n}px }}");
        }
        let all = cost(&css, &page());
        assert!(all > 0 && all < MAX_CARD_STYLE_STEPS / 2, "{all}");
    }

    #[test]
    fn drawings_are_no_style_sheets() {
        let lines = "1 2\n".repeat(2000);
        let drawing = format!(
            "<svg><title>\\left(x)</title><path d=\"{lines}\"/>\n<style>.a{{fill:red}}</style>\n\
             <style>.b{{fill:red}}</style></svg>"
        );
        let all = cost(&drawing, &page());
        assert!(all < MAX_CARD_STYLE_STEPS / 1000, "{all}");
    }

    #[test]
    fn what_would_take_for_ever_is_above_it() {
        let nested = |selector: &str, levels: usize| {
            let open = format!("{selector}{{").repeat(levels);
            format!("*{{{open}color:red{}}}", "}".repeat(levels))
        };
        let (deep, wide, page) = ("<div>".repeat(200), "<i></i>".repeat(40_000), page());
        let bomb = nested("&&", 40);
        let functions = ":is(div div".repeat(12) + &")".repeat(12);
        for (css, html) in [
            (bomb.clone(), "x"),
            (nested("&,&", 40), "x"),
            (nested("@scope (div)", 12), &*deep),
            (nested("@SCOPE(x)to(div)", 12), &*deep),
            (nested("@\\73 cope (div)", 12), &*deep),
            (nested("div", 12), &*deep),
            (format!("a{functions}{{}}"), &*deep),
            (["i"; 40_000].join("+") + "{}", &*wide),
            ("i.a ~ i {}".repeat(5), &wide[..4_000 * 7]),
            ("i:has(~ b ~ b) {}".repeat(5), &wide[..4_000 * 7]),
            ("* * * { a: b }".repeat(50_000), &*page),
            // What comes before is read as the engine reads it.
            (format!("a{{}} b[c='}}'] {bomb}"), "x"),
            (format!("a{{b:url(/*)}} {bomb} /**/"), "x"),
            (format!("a{{b:\\75rl(/*)}} {bomb} /**/"), "x"),
            (format!("a{{b:ur\\6c (/*)}} {bomb} /**/"), "x"),
            (format!("<!--url(/*)b{{}} {bomb} /**/"), "x"),
            (format!("a{{b:#url(x\"y) \")}} {bomb} \""), "x"),
            (format!("a{{b:'\\\r\n'}} {bomb} '"), "x"),
            (format!("a{{b:'\n}} {bomb}"), "x"),
        ] {
            let all = cost(&css, html);
            assert!(
                all > MAX_CARD_STYLE_STEPS,
                "{all}: {}",
                &css[..css.len().min(60)]
            );
        }
    }

    #[test]
    fn broken_sheets_have_some_cost() {
        for css in [
            "",
            "}",
            ")",
            "a)b{",
            "(",
            "[",
            "'",
            "\\",
            "/*",
            "/",
            ":",
            ":is(",
            "a{:not(}",
            "url(",
            "&",
            "{",
            "@",
            "a{b:(]}){",
        ] {
            cost(css, "<b>x</b>");
        }
    }
}
