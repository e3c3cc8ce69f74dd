//! A field's HTML under the editor's hands: what nobody edits keeps its bytes, an edit changes the
//! text that was asked and no other, and undoing everything gives the original back. On invented
//! HTML of every kind, and on all fields of the real packages where those are at hand.

use super::clocked;
use engram::field_html::{
    Align, Field, List, Mark, clean_pasted, html_from_markdown, html_from_text,
};
use proptest::collection::vec;
use proptest::prelude::*;
use std::ops::Range;

fn fragment() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        8 => "[a-z]{1,4}",
        3 => Just(" ".to_owned()),
        2 => Just("<br>".to_owned()),
        14 => proptest::sample::select(vec![
            "&nbsp;", "&amp;", "&bogus;", "&rarr;", "<img src='a b.png'>", "[sound:x.mp3]",
            "\\( x<y \\)", "{{c1::ans::hint}}", "<!-- c -->", "<o:p x=1>",
            "<table><tr><td>1</td></tr></table>", "日本", "< 3", "</div>", "<b>", "</i>", "\n",
            "<hr>", "שלום", "<ruby>a<rt>b</rt></ruby>", "e\u{301}", "👨‍👩‍👧",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            4 => vec(inner.clone(), 0..6).prop_map(|v| v.concat()),
            1 => inner.clone().prop_map(|x| format!("<b>{x}</b>")),
            1 => inner.clone().prop_map(|x| format!("<i class=q>{x}</i>")),
            1 => inner.clone().prop_map(|x| format!("<div>{x}</div>")),
            1 => inner.clone().prop_map(|x| {
                format!("<span style=\"color: red;font-weight:bold\">{x}</span>")
            }),
            1 => inner.clone().prop_map(|x| format!("<ul><li>{x}</li><li>z</li></ul>")),
            1 => inner.clone().prop_map(|x| format!("<blockquote>{x}</blockquote>")),
            1 => inner.clone().prop_map(|x| format!("{{{{c2::{x}}}}}")),
            1 => inner.prop_map(|x| format!("<h2>{x}</h2>")),
        ]
    })
}

const MARKS: [Mark; 7] = [
    Mark::Bold,
    Mark::Italic,
    Mark::Underline,
    Mark::Subscript,
    Mark::Superscript,
    Mark::Color([0, 0, 255]),
    Mark::Highlight([255, 240, 120]),
];

#[derive(Debug, Clone)]
enum Edit {
    Insert(u16, String),
    Delete(u16, u16),
    Toggle(usize, u16, u16),
    Clear(u16, u16),
    List(bool, u16, u16),
    Align(u8, u16, u16),
    Indent(bool, u16, u16),
    Link(u16, u16),
    Picture(u16),
    Paste(u16, String),
    Cloze(u16, u16),
    Undo,
    Redo,
    Html(String),
}

fn edit() -> impl Strategy<Value = Edit> {
    let text = prop_oneof!["[a-z<&é日 ]{1,3}", Just("\n".to_owned())];
    prop_oneof![
        4 => (any::<u16>(), text).prop_map(|(a, s)| Edit::Insert(a, s)),
        3 => (any::<u16>(), 0u16..6).prop_map(|(a, b)| Edit::Delete(a, b)),
        3 => (0..MARKS.len(), any::<u16>(), 0u16..9).prop_map(|(k, a, b)| Edit::Toggle(k, a, b)),
        1 => (any::<u16>(), 0u16..9).prop_map(|(a, b)| Edit::Clear(a, b)),
        1 => (any::<bool>(), any::<u16>(), 0u16..9).prop_map(|(k, a, b)| Edit::List(k, a, b)),
        1 => (0u8..4, any::<u16>(), 0u16..9).prop_map(|(k, a, b)| Edit::Align(k, a, b)),
        1 => (any::<bool>(), any::<u16>(), 0u16..9).prop_map(|(k, a, b)| Edit::Indent(k, a, b)),
        1 => (any::<u16>(), 0u16..9).prop_map(|(a, b)| Edit::Link(a, b)),
        1 => any::<u16>().prop_map(Edit::Picture),
        1 => (any::<u16>(), fragment()).prop_map(|(a, s)| Edit::Paste(a, s)),
        1 => (any::<u16>(), 0u16..4).prop_map(|(a, b)| Edit::Cloze(a, b)),
        1 => Just(Edit::Undo),
        1 => Just(Edit::Redo),
        1 => fragment().prop_map(Edit::Html),
    ]
}

fn run(f: &mut Field, edit: &Edit) {
    let n = f.len();
    let at = |a: u16| usize::from(a) % (n + 1);
    let range = |a: u16, length: u16| at(a)..(at(a) + usize::from(length)).min(n);
    match edit {
        Edit::Insert(a, s) => {
            f.insert(at(*a), s);
        }
        Edit::Delete(a, l) => f.delete(range(*a, *l)),
        Edit::Toggle(k, a, l) => f.toggle(MARKS[*k], range(*a, *l)),
        Edit::Clear(a, l) => f.clear_formatting(range(*a, *l)),
        Edit::List(bullets, a, l) => {
            let list = if *bullets {
                List::Bullets
            } else {
                List::Numbers
            };
            f.toggle_list(list, range(*a, *l));
        }
        Edit::Align(k, a, l) => {
            let all = [Align::Left, Align::Center, Align::Right, Align::Justify];
            f.align(all[usize::from(*k)], range(*a, *l));
        }
        Edit::Indent(deeper, a, l) if *deeper => f.indent(range(*a, *l)),
        Edit::Indent(_, a, l) => f.outdent(range(*a, *l)),
        Edit::Link(a, l) => f.set_link("https://x.y/?a=1&b", range(*a, *l)),
        Edit::Picture(a) => f.insert_html(at(*a), "<img src=\"q&quot;.png\">"),
        Edit::Paste(a, html) => f.insert_html(at(*a), &clean_pasted(html, false)),
        Edit::Cloze(a, l) => {
            let number = f.highest_cloze() + 1;
            f.wrap_cloze(range(*a, *l), number);
        }
        Edit::Undo => {
            f.undo();
        }
        Edit::Redo => {
            f.redo();
        }
        Edit::Html(html) => f.set_html(html),
    }
}

/// Units and text agree, and units are in order on character boundaries.
fn check_sane(f: &Field) {
    let p = f.projection();
    assert_eq!(p.text.chars().count(), p.units.len());
    let mut end = 0;
    for u in &p.units {
        assert!(
            u.start >= end && u.end >= u.start,
            "{u:?} in {:?}",
            f.html()
        );
        end = u.end;
        assert!(f.html().is_char_boundary(u.start as usize));
        assert!(f.html().is_char_boundary(u.end as usize));
    }
    assert!(end as usize <= f.html().len());
}

fn plain(s: &str) -> String {
    s.replace('\u{a0}', " ")
}

fn joined(parts: &[&[char]]) -> String {
    plain(&parts.concat().iter().collect::<String>())
}

/// A position and the end of a stretch inside a text of `n` characters.
fn place(n: usize, at: u16, length: u16) -> Range<usize> {
    let p = usize::from(at) % (n + 1);
    p..(p + usize::from(length)).min(n)
}

/// What is typed into an empty field goes where its line is, whatever stands before.
#[test]
fn typing_into_an_empty_field_makes_no_second_line() {
    for (html, after) in [
        ("</div><h2><br></h2>", "</div><h2>a</h2>"),
        ("<div></div><h2><br></h2>", "<div></div><h2>a</h2>"),
        ("<h2><b><br></b></h2>", "<h2><b>a<br></b></h2>"),
        ("<div></div>", "<div>a</div>"),
    ] {
        let mut f = Field::open(html);
        f.insert(0, "a");
        assert_eq!((f.text(), f.html()), ("a", after));
    }
}

/// The space behind a new line end stays one space, whatever white space had collapsed into it.
#[test]
fn enter_before_a_space_shows_no_second_one() {
    for (html, after) in [
        ("aa<i class=q> </i> ", "aa<br><i class=q>&nbsp;</i>"),
        ("a <b> </b>\n", "a<br>&nbsp;<b></b>"),
        ("a <i> c</i>", "a<br>&nbsp;<i>c</i>"),
    ] {
        let mut f = Field::open(html);
        let wanted = f.text().replacen(' ', "\n\u{a0}", 1);
        let p = f.text().find(' ').unwrap();
        f.insert(p, "\n");
        assert_eq!((f.text(), f.html()), (wanted.as_str(), after));
        assert!(f.undo() && !f.can_undo());
        assert_eq!(f.html(), html);
    }
}

/// As many as `PROPTEST_CASES` says, else few enough for every run.
fn cases() -> u32 {
    if std::env::var_os("PROPTEST_CASES").is_some() {
        ProptestConfig::default().cases
    } else {
        600
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn opening_changes_nothing(html in fragment()) {
        let f = Field::open(&html);
        check_sane(&f);
        prop_assert_eq!(f.html(), html);
    }

    #[test]
    fn opening_any_bytes_changes_nothing(html in "[<>/a-c \"'=&;!\\-\\[\\]{}:\\\\()bdivr]{0,60}") {
        let f = Field::open(&html);
        check_sane(&f);
        prop_assert_eq!(f.html(), html);
    }

    #[test]
    fn undoing_all_gives_the_bytes_back(html in fragment(), edits in vec(edit(), 0..12)) {
        let mut f = Field::open(&html);
        for e in &edits {
            run(&mut f, e);
            check_sane(&f);
        }
        let last = f.html().to_owned();
        let mut steps = 0;
        while f.undo() {
            steps += 1;
        }
        prop_assert_eq!(f.html(), &html);
        if !edits.iter().any(|e| matches!(e, Edit::Undo | Edit::Redo)) {
            for _ in 0..steps {
                f.redo();
            }
            prop_assert_eq!(f.html(), last);
        }
    }

    #[test]
    fn typing_inserts_just_that(html in fragment(), a in any::<u16>(), s in "[a-z<&é日]{1,3}") {
        let mut f = Field::open(&html);
        let c: Vec<char> = f.text().chars().collect();
        let p = place(c.len(), a, 0).start;
        let typed: Vec<char> = s.chars().collect();
        f.insert(p, &s);
        let wanted = joined(&[&c[..p], &typed, &c[p..]]);
        prop_assert_eq!(plain(f.text()), wanted, "{:?} -> {:?}", html, f.html());
    }

    #[test]
    fn enter_breaks_the_line_there(html in fragment(), a in any::<u16>()) {
        let mut f = Field::open(&html);
        let c: Vec<char> = f.text().chars().collect();
        let p = place(c.len(), a, 0).start;
        f.insert(p, "\n");
        let wanted = joined(&[&c[..p], &['\n'], &c[p..]]);
        prop_assert_eq!(plain(f.text()), wanted, "{:?} -> {:?}", html, f.html());
    }

    #[test]
    fn deleting_removes_just_that(html in fragment(), a in any::<u16>(), l in 1u16..8) {
        let mut f = Field::open(&html);
        let c: Vec<char> = f.text().chars().collect();
        let r = place(c.len(), a, l);
        f.delete(r.clone());
        if f.refused() == 0 {
            let wanted = joined(&[&c[..r.start], &c[r.end..]]);
            prop_assert_eq!(plain(f.text()), wanted, "{:?} -> {:?}", html, f.html());
        }
    }

    #[test]
    fn marks_change_the_look_and_no_text(html in fragment(), a in any::<u16>(), l in 1u16..12, k in 0..MARKS.len()) {
        let mark = MARKS[k];
        let mut f = Field::open(&html);
        let r = place(f.len(), a, l);
        let text = f.text().to_owned();
        let before = f.has(mark, r.clone());
        f.toggle(mark, r.clone());
        prop_assert_eq!(f.text(), &text);
        let some = f.projection().units[r.clone()].iter().any(|u| !u.kind.is_newline());
        // A colour or shift that a block has cannot be taken off one word.
        let can = !before || matches!(mark, Mark::Bold | Mark::Italic | Mark::Underline);
        if !r.is_empty() && some && can && f.refused() == 0 {
            prop_assert_eq!(f.has(mark, r.clone()), !before, "{:?} -> {:?} {:?}", html, f.html(), r);
        }
    }

    #[test]
    fn lists_alignment_and_indents_keep_the_text(html in fragment(), a in any::<u16>(), l in 0u16..20, k in 0..7) {
        let mut f = Field::open(&html);
        let r = place(f.len(), a, l);
        let text = f.text().to_owned();
        match k {
            0 => f.toggle_list(List::Bullets, r),
            1 => f.toggle_list(List::Numbers, r),
            2 => f.align(Align::Center, r),
            3 => f.align(Align::Left, r),
            4 => f.indent(r),
            5 => f.outdent(r),
            _ => f.clear_formatting(r),
        }
        prop_assert_eq!(f.text(), &text, "{:?} -> {:?}", html, f.html());
        check_sane(&f);
    }

    #[test]
    fn copied_html_shows_the_copied_text(html in fragment(), a in any::<u16>(), l in 1u16..12) {
        let f = Field::open(&html);
        let r = place(f.len(), a, l);
        let copy = Field::open(&f.html_of(r.clone()));
        let wanted: String = f.text().chars().skip(r.start).take(r.len()).collect();
        let trim = |s: &str| plain(s).split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(trim(copy.text()), trim(&wanted), "{:?} {:?}", html, f.html_of(r));
    }
}

/// What an edit makes of some HTML.
fn after(html: &str, edit: impl FnOnce(&mut Field)) -> String {
    let mut f = Field::open(html);
    edit(&mut f);
    f.html().to_owned()
}

#[test]
fn lines_are_those_of_a_browser() {
    let text = |html: &str| Field::open(html).text().to_owned();
    assert_eq!(text("<div>a</div><div>b</div>"), "a\nb");
    assert_eq!(text("a<div><br></div><div>b</div>"), "a\n\nb");
    assert_eq!(text("a<br>b"), "a\nb");
    assert_eq!(text("a <b> b</b>  c"), "a b c");
    assert_eq!(text("<pre>a\r\nb\rc </pre>"), "a\nb\nc ");
    let joined = after("<pre>a\r\nb</pre>", |f| f.delete(1..2));
    assert_eq!(joined, "<pre>ab</pre>");
    assert_eq!(
        text("x[sound:a.mp3]\\(q\\)<img src=1>"),
        "x\u{FFFC}\u{FFFC}\u{FFFC}"
    );
    assert_eq!(text("a<!-- never closed"), "a<!-- never closed");
}

#[test]
fn deleting_a_line_end_joins_the_blocks() {
    let delete = |html: &str, r: Range<usize>| after(html, |f| f.delete(r));
    assert_eq!(delete("<div>a</div><div>b</div>", 1..2), "<div>ab</div>");
    assert_eq!(delete("<h1>a</h1><div>b</div>", 1..2), "<h1>ab</h1>");
    assert_eq!(delete("a<div>b</div>c", 1..2), "ab<br>c");
    assert_eq!(delete("<div>a</div>b", 1..2), "<div>ab</div>");
    assert_eq!(delete("<div>a</div>b<br>c", 1..2), "<div>ab</div>c");
    assert_eq!(
        delete("<ul><li>a</li><li>b</li></ul>", 1..2),
        "<ul><li>ab</li></ul>"
    );
    assert_eq!(
        delete("a<ul><li>b</li><li>c</li></ul>", 1..2),
        "ab<ul><li>c</li></ul>"
    );
    // A line without a word goes with what kept it open.
    for rest in ["", "<li>b</li>"] {
        assert_eq!(
            delete(&format!("<ul><li>a</li><li><br></li>{rest}</ul>"), 1..2),
            format!("<ul><li>a</li>{rest}</ul>")
        );
    }
    // Out of a list into one within it: each block still ends in the one around it.
    for rest in ["", "<li>d</li>"] {
        assert_eq!(
            delete(
                &format!("<ul><li>a<ul><li>b</li></ul></li><li>c</li>{rest}</ul>"),
                3..4
            ),
            format!("<ul><li>a<ul><li>bc</li></ul></li>{rest}</ul>")
        );
    }
    assert_eq!(delete("a<b>b</b>c", 1..2), "ac");
    assert_eq!(
        delete("<ul><li>a</li></ul>", 0..1),
        "",
        "nothing stays of an emptied field"
    );
}

#[test]
fn enter_makes_an_item_of_its_own() {
    let enter = |html: &str, p: usize| {
        after(html, |f| {
            f.insert(p, "\n");
        })
    };
    assert_eq!(
        enter("<ol><li>ab</li></ol>", 0),
        "<ol><li><br></li><li>ab</li></ol>"
    );
    assert_eq!(
        enter("<ul><li>a</li><li><b>b</b></li></ul>", 2),
        "<ul><li>a</li><li><b><br></b></li><li><b>b</b></li></ul>"
    );
    assert_eq!(
        enter("<ul><li>a</li><li>b</li></ul>", 1),
        "<ul><li>a</li><li><br></li><li>b</li></ul>"
    );
    // Bold ones stay bold, and are left as others are.
    let typed = after("<ul><li><b>a</b></li></ul>", |f| {
        f.insert(1, "\n");
        assert!(f.is_empty_item(2) && !f.is_empty_item(1));
        f.insert(2, "x");
    });
    assert_eq!(typed, "<ul><li><b>a</b></li><li><b>x</b></li></ul>");
    // As word processors write them.
    let html = "<ol><li><p>ab</p></li></ol>";
    let typed = after(html, |f| {
        f.insert(2, "\n");
        assert!(f.is_empty_item(3) && !f.is_empty_item(1));
        f.insert(3, "x");
    });
    assert_eq!(typed, "<ol><li><p>ab</p></li><li><p>x</p></li></ol>");
}

/// A space that is typed before a space, or left by a deletion, is written as one once words stand
/// around it. One that was meant stays, and so does one that has to. What keeps a new line open goes.
#[test]
fn typing_leaves_no_more_than_was_typed() {
    let typed = |html: &str, p: usize, text: &str| {
        let mut f = Field::open(html);
        for (i, c) in text.chars().enumerate() {
            f.insert(p + i, &c.to_string());
        }
        let after = f.html().to_owned();
        assert!(f.undo() && !f.can_undo(), "typing is one step");
        assert_eq!(f.html(), html);
        after
    };
    assert_eq!(typed("one four", 3, " two three"), "one two three four");
    assert_eq!(typed("<b>one</b> four", 3, " two"), "<b>one two</b> four");
    assert_eq!(typed("a b", 1, "  c"), "a&nbsp; c b");
    assert_eq!(typed("a", 1, "\u{a0}!"), "a&nbsp;!");
    assert_eq!(typed("a", 0, " b"), "&nbsp;ba");
    assert_eq!(typed("a&nbsp; b", 2, "c"), "a&nbsp;c b");
    let replaced = |html: &str, r: Range<usize>, text: &str| {
        after(html, |f| {
            f.delete(r.clone());
            f.insert(r.start, text);
        })
    };
    assert_eq!(replaced("one two three", 4..7, "2"), "one 2 three");
    assert_eq!(replaced("one two", 0..3, "1"), "1 two");
    assert_eq!(replaced("one two three", 4..7, "2 "), "one 2 &nbsp;three");
    assert_eq!(
        after("one two three", |f| f.delete(4..7)),
        "one &nbsp;three"
    );
    // Enter, and a letter.
    let broken = |html: &str, p: usize, letter: &str| {
        after(html, |f| {
            f.insert(p, "\n");
            f.insert(p + 1, letter);
        })
    };
    assert_eq!(broken("one two", 3, "x"), "one<br>x two");
    assert_eq!(
        broken("<div>a</div><div>b</div>", 3, "c"),
        "<div>a</div><div>b<br>c</div>"
    );
    assert_eq!(
        broken("a<ul><li>b</li></ul>", 1, "c"),
        "a<br>c<ul><li>b</li></ul>"
    );
    assert_eq!(
        broken("<h2><b>T</b></h2><p>x</p>", 1, "b"),
        "<h2><b>T</b></h2><div>b</div><p>x</p>"
    );
}

/// As in a browser: the line stays, and what is typed into it then takes the place of what keeps it
/// open. One undo takes the word away, another one brings the letter back.
#[test]
fn a_block_loses_its_last_letter() {
    for (html, r, emptied, typed) in [
        (
            "<ul><li>a</li><li>b</li></ul>",
            2..3,
            "<li>a</li><li><br></li>",
            "<li>xy</li></ul>",
        ),
        (
            "<ul><li>a</li><li>b</li></ul>",
            0..1,
            "<ul><li><br></li><li>b",
            "<ul><li>xy</li>",
        ),
        (
            "<ol><li>a</li><li><b>b</b></li><li>c</li></ol>",
            2..3,
            "<li><br></li>",
            "<li>xy</li>",
        ),
        (
            "<ul><li>a</li><li>b</li><li>c</li></ul>",
            2..5,
            "<li>a</li><li><br></li>",
            "<li>xy</li>",
        ),
        (
            "a<div>b</div>c",
            2..3,
            "a<div><br></div>c",
            "a<div>xy</div>c",
        ),
        ("a<div>b</div>", 2..3, "a<div><br></div>", "a<div>xy</div>"),
        (
            "<p>a</p><p><img src=b></p>",
            2..3,
            "<p>a</p><p><br></p>",
            "<p>a</p><p>xy</p>",
        ),
    ] {
        let mut f = Field::open(html);
        let c: Vec<char> = f.text().chars().collect();
        f.delete(r.clone());
        assert_eq!(
            plain(f.text()),
            joined(&[&c[..r.start], &c[r.end..]]),
            "{html}"
        );
        assert!(
            f.refused() == 0 && f.html().contains(emptied),
            "{}",
            f.html()
        );
        f.insert(r.start, "x");
        f.insert(r.start + 1, "y");
        assert!(f.html().contains(typed), "{}", f.html());
        assert!(f.undo() && f.html().contains(emptied), "{}", f.html());
        assert!(f.undo() && !f.can_undo());
        assert_eq!(f.html(), html);
    }
}

#[test]
fn marks_are_written_as_anki_writes_them() {
    let toggle = |html: &str, mark: Mark, r: Range<usize>| after(html, |f| f.toggle(mark, r));
    let bold = |html: &str, r: Range<usize>| toggle(html, Mark::Bold, r);
    assert_eq!(bold("abc", 1..2), "a<b>b</b>c");
    assert_eq!(bold("a<i>b</i>c", 0..3), "<b>a<i>b</i>c</b>");
    assert_eq!(bold("<b>abc</b>", 1..2), "<b>a</b>b<b>c</b>");
    assert_eq!(bold("<b>abc</b>", 0..3), "abc");
    assert_eq!(
        bold("<b>x<i>abc</i>y</b>", 2..3),
        "<b>x<i>a</i></b><i>b</i><b><i>c</i>y</b>"
    );
    assert_eq!(bold("a<br>b", 0..3), "<b>a<br>b</b>");
    assert_eq!(
        bold("<div>a</div><div>b</div>", 0..3),
        "<div><b>a</b></div><div><b>b</b></div>"
    );
    assert_eq!(
        bold(
            "<span style=\"color: red; font-weight: bold\">ab</span>",
            0..2
        ),
        "<span style=\"color: red\">ab</span>"
    );
    assert_eq!(
        toggle("ab", Mark::Color([0, 0, 255]), 0..2),
        "<span style=\"color: rgb(0, 0, 255);\">ab</span>"
    );
    assert_eq!(toggle("x2", Mark::Superscript, 1..2), "x<sup>2</sup>");
    assert_eq!(
        toggle("x<sup>2</sup>", Mark::Subscript, 1..2),
        "x<sub>2</sub>"
    );
    let another = after("<span style=\"color: rgb(0, 0, 255);\">ab</span>", |f| {
        f.put_on(Mark::Color([255, 0, 0]), 0..2);
    });
    assert_eq!(another, "<span style=\"color: rgb(255, 0, 0);\">ab</span>");
    // What else the tags say stays.
    let red = "<b style=\"color: red;\">ab</b>";
    let rest = "<span style=\"color: red;\">a</span>";
    assert_eq!(
        bold(red, 0..1),
        format!("{rest}<b style=\"color: red;\">b</b>")
    );
    let colourless = |html: &str| after(html, |f| f.clear_mark(Mark::Color([0; 3]), 0..1));
    let symbol = "<font face=\"Symbol\">a</font>";
    assert_eq!(
        colourless("<font color=red face=\"Symbol\">a</font>"),
        symbol
    );
    assert_eq!(
        colourless(&format!("<span style=\"color: red\">{symbol}</span>")),
        symbol
    );
    assert_eq!(
        colourless("<font color=red>a</font><I style=color:red>b</I>"),
        "a<I style=color:red>b</I>"
    );
    assert_eq!(colourless("<I style=color:red>b</I>"), "<I>b</i>");
    assert_eq!(
        after("<a href=x title=\"t\">a</a>", |f| f.set_link("y&z", 0..1)),
        "<a href=\"y&amp;z\" title=\"t\">a</a>"
    );
    let lines = |value: &str| format!("<span style=\"text-decoration: {value}\">a</span>");
    for html in [
        lines("underline line-through"),
        format!("<u>{}</u>", lines("line-through")),
    ] {
        assert!(Field::open(&html).has(Mark::Strike, 0..1), "{html}");
        let left = toggle(&html, Mark::Underline, 0..1);
        assert_eq!(left, lines("line-through"));
    }
    for value in ["underline", "underline!important"] {
        assert_eq!(toggle(&lines(value), Mark::Underline, 0..1), "a");
    }
    let link = |html: &str, address: &str| after(html, |f| f.set_link(address, 1..1));
    assert_eq!(link("<a href=\"x\">ab</a>c", ""), "abc");
    assert_eq!(link("<a href=\"x\">ab</a>c", "y"), "<a href=\"y\">ab</a>c");
    assert_eq!(link("ab", ""), "ab");
    assert_eq!(link("ab", "x&y"), "a<a href=\"x&amp;y\">x&amp;y</a>b");
    let cleared = after("<b>a</b><u>b</u> <font color=red><i>c</i></font>", |f| {
        f.clear_formatting(0..4);
    });
    assert_eq!(cleared, "ab c");
}

/// Behind a line end and at the start no letter before tells it.
#[test]
fn what_is_typed_looks_as_is_said_before() {
    let marks = [Mark::Bold, Mark::Italic, Mark::Superscript];
    for html in [
        "",
        "ab",
        "<b>ab</b>",
        "<b>a</b>b<br><i>c</i>",
        "<b>a<br>b</b><br>c",
        "<b>a<br><br>c</b>",
        "<div><b>a</b></div><div><b><br></b></div>",
        "<ul><li><b>a</b></li><li><b><br></b></li></ul>",
        "<span style=\"font-weight: bold\">a<br>b</span>",
        "x<sup>2</sup><br>y",
        "<b>a<br>b",
        "<h1>a</h1>b",
    ] {
        for p in 0..=Field::open(html).len() {
            let mut f = Field::open(html);
            let said = marks.map(|mark| f.has(mark, p..p));
            f.insert(p, "x");
            let done = marks.map(|mark| f.has(mark, p..p + 1));
            assert_eq!(done, said, "{html:?} at {p}: {}", f.html());
        }
    }
}

#[test]
fn marks_leave_no_empty_elements_behind() {
    let bold = |html: &str, r: Range<usize>| after(html, |f| f.toggle(Mark::Bold, r));
    let cleared = |html: &str, r: Range<usize>| after(html, |f| f.clear_formatting(r));
    // Off again over several elements, and over a line end.
    assert_eq!(bold("a<b>b <b>cd</b> ef</b>", 1..8), "ab cd ef");
    assert_eq!(bold("<b>b <i><b>cd</b></i> ef</b>", 0..7), "b <i>cd</i> ef");
    assert_eq!(
        bold("<b>x <a href=y>y</a> z</b>", 0..5),
        "x <a href=y>y</a> z"
    );
    assert_eq!(bold("<b>one<br>two</b>", 0..7), "one<br>two");
    assert_eq!(bold("<b>one<br>two</b>", 0..4), "one<b><br>two</b>");
    assert_eq!(bold("<b>a</b><i><b>b</b>c</i>", 0..2), "a<i>bc</i>");
    assert_eq!(
        bold("<b>a<u>bc</u>d</b>", 1..2),
        "<b>a</b><u>b</u><b><u>c</u>d</b>"
    );
    assert_eq!(
        cleared(
            "<b>a</b><span style=\"color:red\">b<i>c</i></span><h1>d</h1>",
            0..5
        ),
        "abc<h1>d</h1>"
    );
    assert_eq!(cleared("<u>b<i>c</i>d</u>", 0..2), "bc<u>d</u>");
    assert_eq!(cleared("<u>b<i>cd</i></u>", 0..2), "bc<u><i>d</i></u>");
    // On over what has it in part: once around all of it.
    assert_eq!(
        bold("ab <b>cd</b> <strong>ef</strong> g", 1..10),
        "a<b>b cd ef g</b>"
    );
    assert_eq!(
        bold("a<b class=x>b</b>c", 0..3),
        "<b>a<b class=x>b</b>c</b>"
    );
    // What takes it off within goes.
    let light = "a<span style=\"font-weight: normal\">b<b>c</b></span>d";
    assert_eq!(bold(light, 0..4), "<b>abcd</b>");
}

#[test]
fn lists_come_and_go() {
    let list = |html: &str, r: Range<usize>| after(html, |f| f.toggle_list(List::Bullets, r));
    assert_eq!(list("a", 0..1), "<ul><li>a</li></ul>");
    assert_eq!(list("a<br>b", 0..3), "<ul><li>a</li><li>b</li></ul>");
    assert_eq!(list("a<br>b<br>c", 2..3), "a<ul><li>b</li></ul>c");
    assert_eq!(
        list("<div>a</div><div>b</div>", 0..3),
        "<ul><li>a</li><li>b</li></ul>"
    );
    assert_eq!(
        list("<b>a<br>b</b>", 0..3),
        "<ul><li><b>a</b></li><li><b>b</b></li></ul>"
    );
    assert_eq!(
        list("<ul><li>a</li><li>b</li></ul>", 0..3),
        "<div>a</div><div>b</div>"
    );
    assert_eq!(
        list("<ul><li>a</li><li>b</li><li>c</li></ul>", 2..3),
        "<ul><li>a</li></ul><div>b</div><ul><li>c</li></ul>"
    );
    // One without a line goes with them: it would be a bullet without a list.
    assert_eq!(
        list("<ul><li>a</li><li></li><li>b</li></ul>", 0..3),
        "<div>a</div><div></div><div>b</div>"
    );
    assert_eq!(
        list("<ul><li>a<li>b</li></li></ul>", 0..3),
        "<div>a<div>b</div></div>"
    );
    assert_eq!(list("<ol><li>a</li></ol>", 0..1), "<ul><li>a</li></ul>");
    let nested = after("<ul><li>a</li><li>b</li></ul>", |f| f.indent(2..3));
    assert_eq!(nested, "<ul><li>a<ul><li>b</li></ul></li></ul>");
    assert_eq!(
        after(&nested, |f| f.outdent(2..3)),
        "<ul><li>a</li><li>b</li></ul>"
    );
    // As Anki's editor indents them.
    let right_in_it = "<ul><li>a</li><ul><li>b</li></ul></ul>";
    assert_eq!(
        after(right_in_it, |f| f.outdent(2..3)),
        "<ul><li>a</li><li>b</li></ul>"
    );
    // Those that are chosen together stay beside each other; the first one has nothing to go below.
    let nested = "<ul><li>a<ul><li>b</li><li>c</li></ul></li></ul>";
    let flat = "<ul><li>a</li><li>b</li><li>c</li></ul>";
    assert_eq!(after(flat, |f| f.indent(2..5)), nested);
    assert_eq!(after(flat, |f| f.indent(0..5)), nested);
    assert_eq!(after(nested, |f| f.outdent(2..5)), flat);
    assert_eq!(
        after(
            "<ul><li>p</li><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
            |f| f.indent(2..7)
        ),
        "<ul><li>p<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul></li></ul>"
    );
    let split = after("<ul><li><b>ab</b></li></ul>", |f| {
        f.insert(1, "\n");
    });
    assert_eq!(split, "<ul><li><b>a</b></li><li><b>b</b></li></ul>");
}

/// As somebody writes them by hand: ends of items and lists may be left out.
#[test]
fn lists_without_ends_are_lists() {
    let list = |html: &str, r: Range<usize>| after(html, |f| f.toggle_list(List::Bullets, r));
    for (html, at) in [("<ul><li>a", 0), ("<ul><li>a<li>b</ul>", 2)] {
        assert_eq!(Field::open(html).list_at(at), Some(List::Bullets), "{html}");
    }
    assert_eq!(list("<ul><li>a", 0..1), "<div>a</div>");
    assert_eq!(
        list("<ul><li>a<li>b</ul>", 0..3),
        "<div>a</div><div>b</div>"
    );
    assert_eq!(list("<ul><li>a<li>b", 2..3), "<ul><li>a</ul><div>b</div>");
    assert_eq!(list("<ol><li>a", 0..1), "<ul><li>a</li></ul>");
    assert_eq!(
        after("<ul><li>a<ul><li>b", |f| f.outdent(2..3)),
        "<ul><li>a</li><li>b</li></ul>"
    );
    let mut f = Field::open("<ul><li>a");
    f.toggle_list(List::Bullets, 0..1);
    assert!(f.undo() && !f.undo());
    assert_eq!(f.html(), "<ul><li>a");
    assert_eq!(
        after("<ul><li>a<li>b</ul>", |f| f.indent(2..3)),
        "<ul><li>a<ul><li>b</li></ul></li></ul>"
    );
    // A list above is left as it is.
    let below = after("<ul><li>a<li>b</ul>c", |f| f.indent(4..5));
    assert!(
        below.starts_with("<ul><li>a<li>b</ul><blockquote"),
        "{below}"
    );
    // The first item has nothing to go below: nothing is written.
    assert_eq!(after("<ul><li>a", |f| f.indent(0..1)), "<ul><li>a");
}

/// Each item was taken out by itself, and the field read anew for it: minutes.
#[test]
fn thousands_of_items_move_at_once() {
    let items = "<li>a</li>".repeat(4_000);
    let mut f = Field::open(&format!("<ul>{items}</ul>"));
    let all = 0..f.len();
    f.indent(all.clone());
    let rest = "<li>a</li>".repeat(3_999);
    let nested = format!("<ul><li>a<ul>{rest}</ul></li></ul>");
    assert_eq!((f.html(), f.refused()), (nested.as_str(), 0));
    f.outdent(2..all.end);
    assert_eq!(f.html(), format!("<ul>{items}</ul>"));
    f.toggle_list(List::Bullets, all);
    assert_eq!(f.html(), "<div>a</div>".repeat(4_000));
    assert!(f.undo() && f.undo() && f.undo() && !f.undo());
}

/// Each list was moved by itself, and the field read anew for it: minutes.
#[test]
fn items_of_thousands_of_lists_move_at_once() {
    let lists = "<ul><li>a</li><li>b</li></ul>".repeat(2_000);
    let mut f = Field::open(&lists);
    let all = 0..f.len();
    f.indent(all.clone());
    let nested = "<ul><li>a<ul><li>b</li></ul></li></ul>".repeat(2_000);
    assert_eq!((f.html(), f.refused()), (nested.as_str(), 0));
    assert!(f.undo() && !f.undo());
    f.toggle_list(List::Bullets, all);
    let plain = "<div>a</div><div>b</div>".repeat(2_000);
    assert_eq!((f.html(), f.refused()), (plain.as_str(), 0));
    assert!(f.undo() && !f.undo());
    assert_eq!(f.html(), lists);
}

/// Where each list is in another one, all of them depend on each other.
#[test]
fn thousands_of_lists_within_each_other_are_refused_as_a_whole() {
    let item = format!("<ul><li>{}", "a".repeat(3_000));
    let deep = item.repeat(100) + &"</li></ul>".repeat(100);
    let mut f = Field::open(&deep);
    let all = 0..f.len();
    f.outdent(all.clone());
    let refused = f.refused();
    assert!(f.html() == deep && refused > 0, "{refused}");
    f.align(Align::Center, all);
    assert!(f.html() == deep && f.refused() > refused);
    assert!(!f.undo());
    let few = "<ul><li>a<ul><li>b</li></ul></li></ul>";
    assert_eq!(
        after(few, |f| f.outdent(0..3)),
        "<div>a</div><ul><li>b</li></ul>"
    );
}

#[test]
fn alignment_and_indent_are_written_on_the_line() {
    let align = |html: &str, a: Align, r: Range<usize>| after(html, |f| f.align(a, r));
    let centred = "<div style=\"text-align: center;\">a</div>";
    assert_eq!(align("a", Align::Center, 0..1), centred);
    assert_eq!(align(centred, Align::Left, 0..1), "<div>a</div>");
    assert_eq!(
        align("<div class=\"x\">a</div>b", Align::Right, 0..1),
        "<div class=\"x\" style=\"text-align: right;\">a</div>b"
    );
    let indented = after("a", |f| f.indent(0..1));
    assert_eq!(
        Field::open(&indented)
            .projection()
            .styles
            .last()
            .unwrap()
            .indent,
        1
    );
    assert_eq!(after(&indented, |f| f.outdent(0..1)), "<div>a</div>");
    let centre = |s: &str| s.replace('[', "<div style=\"text-align: center;\">");
    for (html, aligned) in [
        ("a<br>b<br>c", "[a</div>[b</div>[c</div>"),
        ("<b>a<br>b</b>", "[<b>a</b></div>[<b>b</b></div>"),
        ("a<div>b</div>c", "[a</div>[b</div>[c</div>"),
    ] {
        assert_eq!(align(html, Align::Center, 0..9), centre(aligned));
    }
    assert_eq!(
        align("a<br>b<br>c", Align::Center, 2..3),
        centre("a[b</div>c")
    );
}

/// Each line was looked for among all of them, and all of them among all tags: minutes.
#[test]
fn thousands_of_lines_are_aligned_at_once() {
    let lines = vec!["a"; 4_000];
    let mut f = Field::open(&lines.join("<br>"));
    let all = 0..f.len();
    f.align(Align::Center, all.clone());
    let centred = "<div style=\"text-align: center;\">a</div>".repeat(4_000);
    assert_eq!((f.html(), f.refused()), (centred.as_str(), 0));
    f.align(Align::Right, all);
    assert_eq!(f.html(), centred.replace("center", "right"));
    assert!(f.undo() && f.undo() && !f.undo());
}

/// A style that says nothing, has no quotes, or says the same as another attribute.
#[test]
fn alignment_and_colours_go_into_any_style() {
    let centre = |html: &str| after(html, |f| f.align(Align::Center, 0..1));
    let centred = "<div style=\"text-align: center;\">a</div>";
    assert_eq!(centre("<div style=\"\">a</div>"), centred);
    assert_eq!(centre("<div style=''>a</div>"), centred);
    assert_eq!(
        centre("<div style=color:red>a</div>"),
        "<div style=\"color:red; text-align: center;\">a</div>"
    );
    assert_eq!(
        centre("<div class='color:red' style='color:red'>a</div>"),
        "<div class=\"color:red\" style=\"color:red; text-align: center;\">a</div>"
    );
    // As browsers write families with spaces, and pictures.
    let family = "font-family: &quot;Segoe UI&quot;, serif";
    assert_eq!(
        centre(&format!("<div style=\"{family}\">a</div>")),
        format!("<div style=\"{family}; text-align: center;\">a</div>")
    );
    let picture = "background: url(data:image/png;base64,aGk=)";
    assert_eq!(
        after(
            &format!("<span style=\"{family}; color: red; {picture};\">a</span>"),
            |f| f.clear_mark(Mark::Color([0; 3]), 0..1)
        ),
        format!("<span style=\"{family}; {picture}\">a</span>")
    );
    let left = |html: &str| after(html, |f| f.align(Align::Left, 0..1));
    assert_eq!(left("<div style=text-align:right>a</div>"), "<div>a</div>");
    let red = "<span style=color:red;font-weight:bold;font-style:italic>a</span>";
    assert_eq!(
        after(red, |f| f.toggle(Mark::Bold, 0..1)),
        "<span style=\"color:red; font-style:italic\">a</span>"
    );
}

/// Only the items' list and what is formatted comes along, not the blocks around all of it.
#[test]
fn a_word_of_a_list_is_copied_without_the_list() {
    let copy = |html: &str, r: Range<usize>| Field::open(html).html_of(r);
    let list = "<ul><li>one <b>two</b></li><li>three</li></ul>";
    assert_eq!(copy(list, 0..4), "one ");
    assert_eq!(copy(list, 4..6), "<b>tw</b>");
    assert_eq!(
        copy(list, 4..13),
        "<ul><li><b>two</b></li><li>three</li></ul>"
    );
    let nested = "<ol><li>a<ol><li>b</li><li>c</li></ol></li></ol>";
    assert_eq!(copy(nested, 2..5), "<ol><li>b</li><li>c</li></ol>");
    assert_eq!(copy("<h1>one two</h1>", 0..3), "one");
    assert_eq!(
        copy("<center><div>a</div><div>b</div></center>", 0..3),
        "<div>a</div><div>b</div>"
    );
    assert_eq!(copy("<pre>a  b c</pre>", 0..4), "<pre>a  b</pre>");
    assert_eq!(copy("<pre>a  b c</pre>", 3..4), "b");
    // Cut and pasted where it was.
    let mut f = Field::open(list);
    let cut = f.html_of(5..7);
    f.delete(5..7);
    f.insert_html(5, &cut);
    assert_eq!(f.text(), "one two\nthree");
    assert_eq!(f.html().matches("<ul>").count(), 1);
}

/// What has no sign of its own is shown as a strange one, and copied as what it is.
#[test]
fn strange_characters_are_copied_as_they_are() {
    let f = Field::open("a\u{2028}b\u{0}&#xfffd;\u{fffc}c");
    assert_eq!(f.text(), "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}c");
    let text = f.text_of(0..f.len());
    assert_eq!(text, "a\u{2028}b\u{0}\u{fffd}\u{fffc}c");
}

#[test]
fn a_formula_is_made_around_what_is_in_it() {
    let made = |html: &str, r: Range<usize>| {
        let mut f = Field::open(html);
        let ok = f.wrap_formula(r, "\\(", "\\)");
        let after = f.html().to_owned();
        assert!(!ok || f.undo() && !f.can_undo(), "one step");
        assert_eq!(f.html(), html);
        ok.then_some(after)
    };
    for (html, r, formula) in [
        ("E=mc", 0..4, "\\(E=mc\\)"),
        ("a x&lt;b c", 1..6, "a \\(x&lt;b\\) c"),
        ("a <img src=x> b", 0..5, "\\(a <img src=x> b\\)"),
        ("a [sound:x.mp3]", 0..3, "\\(a [sound:x.mp3]\\)"),
        ("x<sub>2</sub> y", 0..2, "\\(x<sub>2</sub>\\) y"),
        ("<b>ab</b>", 0..2, "<b>\\(ab\\)</b>"),
        ("<b>a</b>+<b>b</b>", 0..3, "\\(<b>a</b>+<b>b</b>\\)"),
        ("a<b>bc</b>", 0..2, "\\(a<b>b</b>\\)<b>c</b>"),
        ("<div>a</div><div>b</div>", 0..3, "\\(a<br>b\\)"),
    ] {
        assert_eq!(made(html, r).as_deref(), Some(formula), "{html}");
    }
    assert_eq!(made("a \\(b\\) c", 0..5), None, "no formula in a formula");
}

/// What was asked for comes where it was asked for, in place of what was chosen then.
#[test]
fn files_come_where_they_were_asked_for() {
    let (a, b) = ("<img src=\"a.png\">", "<img src=\"b.png\">");
    for order in [[1, 2], [2, 1]] {
        let mut f = Field::open("one-<b>two</b>-three");
        f.keep_place(1, 4..7);
        f.keep_place(2, 4..7);
        for id in order {
            f.fill_place(id, if id == 1 { a } else { b });
        }
        assert_eq!(f.html(), format!("one-{a}{b}-three"), "{order:?}");
        assert!(f.undo() && f.undo() && !f.can_undo());
    }
    // Typed before and at the caret; a line is taken away before.
    let mut f = Field::open("x<br>one two");
    f.keep_place(1, 5..5);
    f.insert(5, " more");
    f.delete(0..2);
    f.insert(0, "é");
    let filled = f.fill_place(1, a).unwrap();
    assert_eq!(f.html(), format!("éone{a} more two"));
    assert_eq!(filled.moved(&(4..4)), 5..5);
    assert_eq!(filled.moved(&(6..9)), 7..10);
    assert_eq!(filled.moved(&(0..2)), 0..2);
    // Somebody went on writing what was chosen: it stays.
    let mut f = Field::open("one two");
    f.keep_place(1, 0..3);
    f.insert(2, "x");
    f.fill_place(1, a);
    assert_eq!(f.html(), format!("onxe{a} two"));
    // Beside it is not in it.
    let mut f = Field::open("one-two-three");
    f.keep_place(1, 4..7);
    f.insert(4, "x");
    f.insert(8, "y");
    f.fill_place(1, a);
    assert_eq!(f.html(), format!("one-x{a}y-three"));
    // In the source, byte for byte.
    let mut f = Field::open("<b>x</b>");
    f.keep_source_place(1, 0..0);
    f.keep_source_place(2, 3..4);
    f.fill_place(2, b);
    f.fill_place(1, a);
    assert_eq!(f.html(), format!("{a}<b>{b}</b>"));
    assert_eq!(f.fill_place(1, a), None);
}

#[test]
fn clozes_are_numbered_and_may_nest() {
    let mut f = Field::open("Paris in France");
    f.wrap_cloze(0..5, 1);
    assert_eq!(f.html(), "{{c1::Paris}} in France");
    assert_eq!(f.take_selection(), Some((6, 11)));
    assert_eq!(f.highest_cloze(), 1);
    f.wrap_cloze(0..f.len(), 2);
    assert_eq!(f.html(), "{{c2::{{c1::Paris}} in France}}");
    let depth = |at: usize| f.projection().style(&f.projection().units[at]).cloze;
    assert_eq!((depth(8), depth(20)), (2, 1));
    assert_eq!(Field::open("{{c1,7::x}}").highest_cloze(), 7);
    // Whole elements are between the marks, or the rest of the card would be bold where the words
    // are hidden.
    let wrapped = |html: &str, r: Range<usize>| after(html, |f| f.wrap_cloze(r, 1));
    for (html, words, wanted) in [
        ("a<b>bc</b>d", 2..4, "a<b>b</b>{{c1::<b>c</b>d}}"),
        ("<b>x<u>y</u></b>", 0..2, "<b>{{c1::x<u>y</u>}}</b>"),
        ("<b>abc</b>", 0..3, "<b>{{c1::abc}}</b>"),
        (
            "<i>ab</i><b>cd</b>",
            1..3,
            "<i>a</i>{{c1::<i>b</i><b>c</b>}}<b>d</b>",
        ),
        (
            "<div><b>one</b></div><div>two</div>",
            0..7,
            "<div>{{c1::<b>one</b></div><div>two}}</div>",
        ),
    ] {
        assert_eq!(wrapped(html, words), wanted);
    }
    // A space that had collapsed into the last one of the selection does not come to light.
    let mut f = Field::open("foo <b> bar</b>");
    f.wrap_cloze(0..4, 1);
    assert_eq!(f.html(), "{{c1::foo }}<b>bar</b>");
    assert!(f.undo() && !f.can_undo());
}

#[test]
fn a_letter_is_deleted_whole() {
    let family = "a👨‍👩‍👧b";
    let f = Field::open(family);
    assert_eq!(f.len(), 7);
    assert_eq!(f.whole_letters(5..6), 1..6);
    for picture in ["🇩🇪", "1\u{fe0f}\u{20e3}", "❤\u{fe0f}", "👍🏽"] {
        let signs = picture.chars().count();
        let whole = Field::open(picture).whole_letters(signs - 1..signs);
        assert_eq!(whole, 0..signs, "{picture}");
    }
    // Delete takes a letter with its marks, Backspace the last mark.
    for letter in ["e\u{301}", "ที่", "कि", "שָׁ"] {
        let f = Field::open(letter);
        let signs = f.len();
        assert_eq!(f.whole_letters(0..1), 0..signs, "{letter}");
        assert_eq!(f.whole_letters(signs - 1..signs), signs - 1..signs);
    }
    // A selection never ends within a letter.
    assert_eq!(Field::open("abe\u{301}").whole_letters(1..3), 1..4);
    assert_eq!(Field::open("e\u{301}ab").whole_letters(1..3), 0..3);
    assert_eq!(Field::open("abc").whole_letters(1..2), 1..2);
    // A caret that the text has lost.
    assert_eq!(Field::open("").whole_letters(5..6), 0..0);
    assert_eq!(Field::open("é").whole_letters(5..6), 1..1);
}

#[test]
fn pasted_html_is_cleaned() {
    let word = "<p class=MsoNormal onclick=x>a<script>1</script>\
        <span style='color:red;position:fixed'>b</span><img src=x onerror=1><!-- c --><o:p>k</o:p></p>";
    assert_eq!(
        clean_pasted(word, false),
        "a<span style=\"color:red\">b</span><img src=\"x\">k"
    );
    assert_eq!(clean_pasted(word, true), "ab<img src=\"x\">k");
    let browser =
        "<html><body><!--StartFragment--><b>x</b><span>y</span><!--EndFragment--></body></html>";
    assert_eq!(clean_pasted(browser, false), "<b>x</b>y");
    assert_eq!(
        clean_pasted("<p>a</p><p>b</p>", false),
        "<p>a</p><p>b</p>",
        "paragraphs stay when there are several"
    );
    // Google Docs: around all of it is a `<b>` that is not bold.
    let docs = "<b style=\"font-weight:normal;\" id=\"docs-internal-guid-7\"><p dir=\"ltr\">\
        <span style=\"font-size:11pt;font-weight:700\">a</span>b</p></b>\
        <br class=\"Apple-interchange-newline\">";
    assert_eq!(
        clean_pasted(docs, false),
        "<span style=\"font-weight:700\">a</span>b"
    );
    assert_eq!(clean_pasted(docs, true), "ab");
    assert_eq!(clean_pasted("\r\n<b>two</b> \r\n", false), "<b>two</b> ");
    assert_eq!(clean_pasted(" two", false), " two");
    assert_eq!(html_from_text("a<b\r\nc  d\n"), "a&lt;b<br>c&nbsp; d");
}

#[test]
fn markdown_becomes_the_html_that_anki_makes_of_it() {
    let texts = [
        "# h1\ntext *i* __b__ ~~s~~ `code`\n\nnext",
        "1. a\n2. b\n   - c\n\n* d",
        "a  \nb\nc",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "http://auto.link <https://auto.link> [x](javascript:1) ![i](a.png)",
        "> q\n\n---\n\n```\ncode <b>\n```",
        "- [ ] t\n\na & b < c \\*x\\* &lt;",
        "<a href='https://x.y' style='color:red'>l</a><br><img src=a.png><div onclick=1>d</div>\
         <font color=red>f</font><table><tr><td>1</td></tr></table><script>1</script>",
        "it's \"quoted\" -- and... [ref][1]\n\n[1]: https://a.b 'title'",
        "",
    ];
    const SCRIPT: &str = "
col = Collection(os.path.join(sys.argv[1], 'c.anki2'))
print(json.dumps([col.render_markdown(text) for text in json.loads(sys.argv[2])]))
col.close()
";
    let folder = tempfile::tempdir().unwrap();
    let asked = serde_json::to_string(&texts).unwrap();
    let arguments = [folder.path().as_os_str(), asked.as_ref()];
    let Some(theirs) = clocked::run(SCRIPT, arguments) else {
        return;
    };
    for (n, text) in texts.iter().enumerate() {
        assert_eq!(html_from_markdown(text), theirs[n], "{text:?}");
    }
}

/// Distinct fields of all real decks at hand.
#[allow(
    clippy::disallowed_types,
    reason = "reads what Anki wrote, without our storage"
)]
fn real_fields() -> Vec<String> {
    let mut fields = std::collections::BTreeSet::new();
    for package in crate::draw_real::packages() {
        let dir = tempfile::tempdir().unwrap();
        if crate::draw_real::unpack(&package, dir.path()).is_none() {
            continue;
        }
        let db = rusqlite::Connection::open(dir.path().join("collection.anki2")).unwrap();
        let mut rows = db.prepare("SELECT flds FROM notes").unwrap();
        let rows = rows.query_map([], |row| row.get::<_, String>(0)).unwrap();
        for note in rows.flatten() {
            fields.extend(note.split('\x1f').map(str::to_owned));
        }
    }
    fields.into_iter().filter(|f| !f.is_empty()).collect()
}

/// Numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }
}

#[test]
fn real_fields_survive_editing() {
    let fields = real_fields();
    if fields.is_empty() {
        crate::oracle::skip("no shared packages here");
        return;
    }
    let (mut dice, mut edits, mut wrong) = (Dice(12_345), 0, Vec::new());
    let mut refused_of = [0; 6];
    for html in &fields {
        let mut f = Field::open(html);
        check_sane(&f);
        assert_eq!(f.html(), html);
        for _ in 0..6 {
            let c: Vec<char> = f.text().chars().collect();
            let p = dice.roll(c.len() + 1);
            let q = (p + dice.roll(6)).min(c.len());
            let before = f.refused();
            let kind = dice.roll(6);
            let wanted = match kind {
                0 => {
                    f.insert(p, "Z");
                    joined(&[&c[..p], &['Z'], &c[p..]])
                }
                1 => {
                    f.delete(p..q);
                    joined(&[&c[..p], &c[q..]])
                }
                2 => {
                    f.toggle(Mark::Bold, p..q);
                    joined(&[&c])
                }
                3 => {
                    f.toggle_list(List::Bullets, p..q);
                    joined(&[&c])
                }
                4 => {
                    f.clear_formatting(p..q);
                    joined(&[&c])
                }
                _ => {
                    f.insert(p, "\n");
                    joined(&[&c[..p], &['\n'], &c[p..]])
                }
            };
            edits += 1;
            if f.refused() > before {
                refused_of[kind] += 1;
            } else if plain(f.text()) != wanted {
                wrong.push((html.clone(), f.html().to_owned()));
            }
        }
        while f.undo() {}
        assert_eq!(f.html(), html);
    }
    let refused: usize = refused_of.iter().sum();
    println!(
        "{} fields, {edits} edits, refused {refused_of:?}",
        fields.len()
    );
    assert!(
        wrong.is_empty(),
        "{} wrong, first {:?}",
        wrong.len(),
        wrong.first()
    );
    assert!(
        refused * 25 < edits,
        "{refused} of {edits} edits were refused"
    );
}
