//! Note types and notes made at random from a seed: mostly sound templates, some broken, with
//! everything that the template language knows and what it only looks like.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

const FIELD_NAMES: &[&str] = &[
    "Front",
    "Back",
    "Text",
    "Extra",
    "日本 語",
    "A-B",
    "É",
    "a  b",
    "Tags",
    "Deck",
    "c1",
    "c2",
    "CardFlag",
    "FrontSide",
    "front",
    "x/y",
    "1",
    "text",
    "cloze",
    "&amp;",
    "<b>",
    "It's",
    "\u{5d0}",
];
const SPECIAL: &[&str] = &[
    "FrontSide",
    "Tags",
    "Type",
    "Deck",
    "Subdeck",
    "Card",
    "CardFlag",
    "CardID",
    "c1",
    "c2",
    "c3",
    "c07",
    "c99999999999",
    "c",
    "c-1",
];
const FILTERS: &[&str] = &[
    "text",
    "hint",
    "type",
    "cloze",
    "furigana",
    "kana",
    "kanji",
    "cloze-only",
    "nc",
    "",
    "unknown",
    "Text",
    " hint",
    "text ",
    "tts en_US",
    "tts ja_JP voices=A,B speed=1.2 x=y",
    "tts",
    "tts ",
    "tts en_US cloze_blank=void",
    "tts-Voices",
    "type:cloze",
    "type:nc",
    "hint:text",
    "日本",
];
const TEXTS: &[&str] = &[
    "x",
    " ",
    "\n",
    "<br>",
    "<b>b</b>",
    "<hr id=answer>",
    "\n\n<hr id=answer>\n\n",
    "[sound:t.mp3]",
    "<!-- {{Front}} -->",
    "<!-- {{#Nope}} ",
    "-->",
    "<!--",
    "{",
    "}",
    "}}",
    "{ {",
    "%>",
    "<%Front%>",
    "日本[にほん] ",
    "&nbsp;",
    "\u{a0}",
    "&lt;{{",
    "\\(a<b>c</b>\\)",
    "[$]x<br>y[/$]",
    "[latex]q[/latex]",
    "[[type:Front]]",
    "[[type:",
    "]]",
    "<style>.a{}</style>",
    "<script>var a = {b: {c: 1}};</script>",
    "<div class=\"{{Card}}\">",
    "</div>",
    "[anki:tts lang=en_US]",
    "[/anki:tts]",
    "[anki:play:q:0]",
    "\u{200f}",
    "\r\n",
    "e\u{301}",
    "🎴",
    "{{=<% %>=}}",
    "'",
    "\"",
    "<img src=\"{{Front}}\">",
    "::",
    "#",
    "^",
];
const VALUES: &[&str] = &[
    "",
    "",
    " ",
    "<br>",
    "<br/>",
    "<BR />",
    "</br >",
    "<div></div>",
    "<div><br></div>",
    "\u{a0}",
    "&nbsp;",
    "\n\t",
    "\u{3000}",
    "word",
    "<b>bold</b> text",
    "a &amp; b &lt;c&gt;",
    "&copy &bogus;",
    "日本語[にほんご]",
    " 話[はな]す &nbsp;人[ひと]",
    "<b>人</b>[ひと]",
    "漢[sound:k.mp3] 字[じ]",
    "[sound:a b.mp3]",
    "[sound:x&amp;y.mp3]z",
    "[sound:]",
    "[sound:a",
    "[$]\\frac{1}{2}[/$]",
    "[$$]a<br />b<br>c[/$$]",
    "[LaTeX]x &lt; y<div>z</div>[/latex]",
    "[latex][/latex]",
    "\\(x<b>y</b> &amp; z\\)",
    "\\[a<br>b\\] \\(",
    "<img src=\"a b.png\">",
    "<script>q</script>s",
    "<style>q</style>s",
    "<!-- q -->s",
    "{{Front}}",
    "{{#Front}}",
    "<%Front%>",
    "{{c1::no}}",
    "[[type:Back]]",
    "[anki:tts lang=de_DE]a<br>b[/anki:tts]",
    "[anki:tts]a[/anki:tts]",
    "[anki:foo a=b]c[/anki:foo]",
    "line\nbreak",
    "<p dir=rtl>\u{5e9}</p>",
    "e\u{301}é",
    "a<b",
    "a>b",
    "<a href='x'>it's \"q\"</a>",
    "\u{1}",
    "x y z",
    "<ruby>a<rt>b</rt></ruby>",
    "&#x41;&#66;",
    "<br >",
];
const CLOZE_TEXTS: &[&str] = &[
    "a",
    "b c",
    "é日'a_b",
    "<b>x</b>",
    "&amp;",
    "\n",
    "<br>",
    ":",
    "::",
    "a::b",
    "{",
    "}",
    "}}",
    "{{",
    "{{c",
    "{{c1:",
    "{{c::x",
    "{{C1::x}}",
    "\\(",
    "\\)",
    "\\(y<i>z</i>\\)",
    "[sound:c.mp3]",
    "]",
    "[",
    "[$]m[/$]",
    "<script>s</script>",
    "日[に]",
    "\u{1f3b4}",
    "-->",
    "<!--",
    "\"",
    "",
    "[...]",
];
const NUMBERS: &[&str] = &[
    "1", "1", "1", "2", "2", "3", "1,2", "2,1,1", "0", "01", "70000", "1,,3", ",", "600", "1,70000",
];
const SHAPES: &[&str] = &[
    "image-occlusion:rect:left=.1:top=.2:width=.3:height=.4:oi=1",
    "image-occlusion:ellipse:left=.1:top=.2:rx=.3:ry=0:fill=#ff0000",
    "image-occlusion:polygon:points=.1,.2 .3,.4:angle=2500",
    "image-occlusion:text:left=.1:top=.2:text=a\\:b\\\\c<&:scale=1:fs=.05",
    "image-occlusion:blob:left=\"q\"",
    "image-occlusion:",
    "image-occlusion",
];
const TAGS: &[&str] = &["x", "a::b", "ünï", "<b>", "marked", "&amp;", "c1"];
const DECKS: &[&str] = &["Default", "A", "A::B", "A::B::C d", "Ü & <i>", "1::2"];

pub struct Grammar {
    random: StdRng,
    fields: Vec<&'static str>,
}

impl Grammar {
    pub fn new(seed: u64) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            fields: Vec::new(),
        }
    }

    /// A note type with notes, as `oracle/render.py` reads it.
    pub fn notetype(&mut self, number: usize) -> Value {
        let cloze = self.one_in(3);
        let count = self.random.random_range(1..=4);
        self.fields = FIELD_NAMES
            .choose_multiple(&mut self.random, count)
            .copied()
            .collect();
        let templates = if cloze {
            1
        } else {
            self.random.random_range(1..=3)
        };
        let templates: Vec<Value> = (0..templates)
            .map(|i| {
                json!({
                    "name": format!("{} {i}", self.pick(&["Card", "Ü<b>", "C & c"])),
                    "question": self.template(cloze),
                    "answer": self.template(cloze),
                })
            })
            .collect();
        let notes: Vec<Value> = (0..2).map(|_| self.note(cloze)).collect();
        json!({
            "name": format!("T{number} {}", self.pick(&["", "<i>", "日本"])),
            "cloze": cloze,
            "svg": self.one_in(4),
            "fields": self.fields.clone(),
            "templates": templates,
            "notes": notes,
        })
    }

    fn note(&mut self, cloze: bool) -> Value {
        let fields: Vec<String> = (0..self.fields.len())
            .map(|_| {
                if cloze || self.one_in(8) {
                    self.cloze_field()
                } else {
                    self.value()
                }
            })
            .collect();
        let tags = self.random.random_range(0..3);
        let tags: Vec<&str> = TAGS
            .choose_multiple(&mut self.random, tags)
            .copied()
            .collect();
        json!({
            "fields": fields,
            "tags": tags,
            "deck": self.pick(DECKS),
            "flag": self.random.random_range(0..256),
        })
    }

    fn value(&mut self) -> String {
        let parts = self.random.random_range(1..=2);
        (0..parts).map(|_| self.pick(VALUES)).collect()
    }

    /// HTML of a field with clozes, most of them well formed.
    pub fn cloze_field(&mut self) -> String {
        if self.one_in(6) {
            return self.value();
        }
        let mut out = String::new();
        for _ in 0..self.random.random_range(1..=4) {
            if self.one_in(3) {
                out.push_str(self.pick(VALUES));
            }
            // Now and then deeper than clozes may nest.
            let depth = if self.one_in(12) { 12 } else { 3 };
            self.cloze(&mut out, depth);
        }
        out
    }

    fn cloze(&mut self, out: &mut String, depth: usize) {
        out.push_str("{{c");
        out.push_str(self.pick(NUMBERS));
        out.push_str("::");
        if self.one_in(8) {
            out.push_str(self.pick(SHAPES));
        }
        for _ in 0..self.random.random_range(0..=2) {
            out.push_str(self.pick(CLOZE_TEXTS));
            if depth > 0 && (depth > 3 || self.one_in(3)) {
                self.cloze(out, depth - 1);
            }
        }
        if self.one_in(4) {
            out.push_str("::");
            out.push_str(self.pick(CLOZE_TEXTS));
        }
        if !self.one_in(15) {
            out.push_str("}}");
        }
    }

    fn template(&mut self, cloze: bool) -> String {
        let mut out = String::new();
        if self.one_in(12) {
            out.push_str(self.pick(&["", " ", "\n"]));
            out.push_str("{{=<% %>=}}");
        }
        if cloze && !self.one_in(6) {
            let field = self.field();
            out.push_str(&format!("{{{{cloze:{field}}}}}"));
        }
        for _ in 0..self.random.random_range(0..=4) {
            self.piece(&mut out, 3);
        }
        if out.starts_with([' ', '\n', '{']) && out.contains("{{=") && self.one_in(2) {
            // The directive keeps; the marks follow it.
            let (head, tail) = out.split_at(out.find("=}}").unwrap_or(0) + 3);
            out = format!("{head}{}", tail.replace("{{", "<%").replace("}}", "%>"));
        }
        out
    }

    fn piece(&mut self, out: &mut String, depth: usize) {
        match self.random.random_range(0..10) {
            0..=2 => out.push_str(self.pick(TEXTS)),
            3..=6 => self.replacement(out),
            _ if depth == 0 => out.push_str(self.pick(TEXTS)),
            _ => self.section(out, depth - 1),
        }
    }

    fn replacement(&mut self, out: &mut String) {
        let mut tag = String::new();
        if self.one_in(2) {
            for _ in 0..self.random.random_range(1..=3) {
                tag.push_str(self.pick(FILTERS));
                tag.push(':');
            }
        }
        let key = self.key();
        tag.push_str(&key);
        let (left, right) = (self.space(), self.space());
        let open = if self.one_in(25) { "{{{" } else { "{{" };
        let close = if self.one_in(60) { "}" } else { "}}" };
        out.push_str(&format!("{open}{left}{tag}{right}{close}"));
    }

    fn section(&mut self, out: &mut String, depth: usize) {
        let key = self.key();
        let mark = self.pick(&["#", "#", "^"]);
        let (left, inner, right) = (self.space(), self.space(), self.space());
        out.push_str(&format!("{{{{{left}{mark}{inner}{key}{right}}}}}"));
        for _ in 0..self.random.random_range(0..=3) {
            self.piece(out, depth);
        }
        if !self.one_in(40) {
            let key = if self.one_in(40) { self.key() } else { key };
            let (inner, right) = (self.space(), self.space());
            out.push_str(&format!("{{{{/{inner}{key}{right}}}}}"));
        }
    }

    fn field(&mut self) -> &'static str {
        self.fields
            .choose(&mut self.random)
            .copied()
            .unwrap_or("Front")
    }

    fn key(&mut self) -> String {
        match self.random.random_range(0..40) {
            0..=27 => self.field().to_owned(),
            28..=38 => self.pick(SPECIAL).to_owned(),
            _ => self
                .pick(&["Nope", "", "FRONT", "<i>", "a:b", "'"])
                .to_owned(),
        }
    }

    fn space(&mut self) -> &'static str {
        self.pick(&["", "", "", "", "", " ", "\n", "\u{a0}", "\u{3000}"])
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from.choose(&mut self.random).copied().unwrap_or_default()
    }

    fn one_in(&mut self, n: u32) -> bool {
        self.random.random_range(0..n) == 0
    }
}
