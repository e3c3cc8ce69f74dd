//! Typed answers: the comparison that the answer side shows, and what has to be typed for a cloze,
//! beside the real Anki's, over generated pairs. `ENGRAM_FUZZ=100..200` tries more seeds.

use crate::oracle;
use crate::template_grammar::Grammar;
use engram::template::{cloze, type_answer};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

const PAIRS: usize = 3000;

/// HTML of a field, in parts.
const PARTS: &[&str] = &[
    "a",
    "b",
    "ab",
    "abc",
    " ",
    "  ",
    "é",
    "e\u{301}",
    "\u{301}",
    "\u{301}\u{323}",
    "ü",
    "ß",
    "Æ",
    "ﬁ",
    "Å",
    "\u{212b}",
    "한국",
    "\u{1112}\u{1161}\u{11ab}",
    "日本",
    "か\u{3099}",
    "が",
    "ि",
    "क\u{93f}",
    "ב\u{5b8}",
    "🇩🇪",
    "👩\u{200d}🔬",
    "\u{fe0f}",
    "\u{20dd}",
    "ǆ",
    "½",
    "\u{a0}",
    "\u{3000}",
    "\t",
    "\n",
    "<br>",
    "<br/>",
    "<BR />",
    "<div>",
    "</div>",
    "<b>",
    "</b>",
    "&amp;",
    "&lt;",
    "&nbsp;",
    "&eacute;",
    "&#233;",
    "&bogus;",
    "&",
    "<",
    ">",
    "\"",
    "'",
    "[sound:a.mp3]",
    "[anki:tts lang=en]x[/anki:tts]",
    "<!-- c -->",
    "<img src=\"a\">",
    "-",
    "\u{200f}",
    "İ",
    "ς",
    "Σ",
    "1",
    ".",
    ",",
    "م",
    "محمد\u{64e}",
    "لا\u{651}",
    "\u{fefb}",
    "שלו\u{5b9}ם",
    "\u{5bc}\u{5b0}",
    "\u{202b}",
    "\u{2066}x\u{2069}",
    "\u{200c}",
    "\u{ad}",
    "\u{feff}",
    "👨\u{200d}👩\u{200d}👧\u{1f3fd}",
    "☺\u{fe0e}",
    "\u{1d15e}",
    "𝒜",
    "Ⅷ",
    "ｱﾞ",
    "㌔",
    "e\u{327}\u{301}",
    "กำ",
    "\u{f73}",
    "\r\n",
    "\r",
    "\u{2028}",
    "\u{85}",
    "\u{b}",
    "<br\n>",
    "<p class='x'>",
    "</p>",
    "<div><br></div>",
    "<li>",
    "<style>b{}</style>",
    "<script>x</script>",
    "<!--",
    "-->",
    "<a href=\"x>y\">",
    "<object data='b.pdf'>",
    "<1",
    "<é>",
    "&#x41;",
    "&#0;",
    "&#xD800;",
    "&#128512;",
    "&lt",
    "&notit;",
    "&amp;lt;",
    "&copy",
    "&zwj;",
    "&quot;",
    "&#39;",
    "[sound:]",
    "[anki:play:q:0]",
    "[anki:tts]",
    "[[type:x]]",
    "{{c1::a}}",
    "\\(x\\)",
    "[latex]y[/latex]",
    "\0",
];

fn text(random: &mut StdRng, parts: usize) -> String {
    (0..random.random_range(0..=parts))
        .filter_map(|_| PARTS.choose(random))
        .copied()
        .collect()
}

/// What someone may type instead of `text`: letters lost, doubled, swapped, other.
fn mistyped(random: &mut StdRng, text: &str) -> String {
    let mut out = Vec::new();
    for c in text.chars() {
        match random.random_range(0..16) {
            0 => {}
            1 => out.extend([c, c]),
            2 => {
                let last = out.pop();
                out.push(c);
                out.extend(last);
            }
            3 => out.extend(PARTS.choose(random).map_or("", |p| p).chars()),
            _ => out.push(c),
        }
    }
    out.into_iter().collect()
}

fn pair(random: &mut StdRng) -> (String, String, bool) {
    let parts = match random.random_range(0..40) {
        // Where difflib's heuristics for frequent letters would begin.
        0 => 300,
        1..=8 => 30,
        _ => 6,
    };
    let expected = text(random, parts);
    let typed = match random.random_range(0..8) {
        0 => text(random, parts),
        1 => type_answer::expected_text(&expected),
        2 => String::new(),
        _ => mistyped(random, &type_answer::expected_text(&expected)),
    };
    (expected, typed, random.random())
}

#[test]
fn typed_answers_are_judged_as_anki_judges_them() {
    for seed in oracle::fuzz_seeds().unwrap_or(5..6) {
        check(seed);
    }
}

fn check(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut grammar = Grammar::new(seed);
    let pairs: Vec<_> = (0..PAIRS).map(|_| pair(&mut random)).collect();
    let clozes: Vec<_> = (0..600)
        .map(|_| (grammar.cloze_field(), random.random_range(0..3_u16)))
        .collect();
    // Anki counts clozes from 1 here.
    let asked: Vec<_> = clozes.iter().map(|(text, ord)| (text, ord + 1)).collect();
    let room = tempfile::tempdir().unwrap();
    let file = room.path().join("typed.json");
    let wanted = json!({ "pairs": pairs, "clozes": asked });
    std::fs::write(&file, serde_json::to_vec(&wanted).unwrap()).unwrap();
    let Some(output) = oracle::run(include_str!("oracle/typed.py"), [&file]) else {
        return;
    };
    let theirs: Value = serde_json::from_str(output.lines().last().unwrap()).unwrap();
    let mut wrong = Vec::new();
    let mut check = |what: String, ours: String, theirs: &Value| {
        if ours != theirs.as_str().unwrap() {
            wrong.push(format!("{what}\n  ours   {ours:?}\n  theirs {theirs}"));
        }
    };
    for (i, (expected, typed, accents)) in pairs.iter().enumerate() {
        let ours = type_answer::compare(expected, typed, !accents);
        check(
            format!("{expected:?} typed {typed:?}, accents count: {accents}"),
            ours,
            &theirs["compared"][i],
        );
    }
    for (i, (text, ord)) in clozes.iter().enumerate() {
        let ours = cloze::expected_answer(text, *ord);
        check(format!("{text:?} ord {ord}"), ours, &theirs["clozes"][i]);
    }
    assert!(
        wrong.is_empty(),
        "{}: {}",
        wrong.len(),
        wrong[..wrong.len().min(12)].join("\n")
    );
}
