//! Reading a whole source: tags, the ends of quiet elements, sounds and formulas, in time linear in
//! its length whatever stands in it. Where ends are near, looking ahead is quick. Where much of that
//! was in vain (nothing but `<`, formulas that never end), tables that are made once answer instead,
//! and say the same.

use super::project::Object;
use super::scan::{RawTag, is_block, is_void, scan_tag};
use std::collections::HashMap;

/// Openings and ends of texts that count as one piece.
const ATOMS: [(&str, &str, Object); 8] = [
    ("[sound:", "]", Object::Sound),
    ("[anki:tts", "]", Object::Sound),
    ("[anki:play", "]", Object::Sound),
    ("\\(", "\\)", Object::Formula),
    ("\\[", "\\]", Object::Formula),
    ("[latex]", "[/latex]", Object::Formula),
    ("[$]", "[/$]", Object::Formula),
    ("[$$]", "[/$$]", Object::Formula),
];

/// Answers about one source, asked from its beginning to its end.
pub(super) struct Scanner<'a> {
    s: &'a str,
    /// Bytes that were looked at in vain.
    wasted: usize,
    /// Made when these are more than the source has.
    table: Option<Table>,
    /// For each of [`ATOMS`]: from where its end was looked for, and where it is.
    closes: [Option<(usize, Option<usize>)>; ATOMS.len()],
}

impl<'a> Scanner<'a> {
    pub fn new(s: &'a str) -> Self {
        Self {
            s,
            wasted: 0,
            table: None,
            closes: [None; ATOMS.len()],
        }
    }

    /// The markup that begins at `at` and its end, as [`scan_tag`] finds it in what stands before
    /// `limit`.
    pub fn tag(&mut self, at: usize, limit: usize) -> Option<(usize, RawTag<'a>)> {
        if let Some(table) = &self.table {
            let tag = table.tag_at(at).filter(|tag| tag.end as usize <= limit)?;
            return Some((tag.end as usize, tag.raw(self.s)));
        }
        let found = scan_tag(&self.s[..limit], at);
        let next = self.s.as_bytes().get(at + 1);
        let begins = next.is_some_and(|c| c.is_ascii_alphabetic() || b"!?/".contains(c));
        if found.is_none() && begins {
            self.waste(limit - at);
        }
        found
    }

    fn waste(&mut self, bytes: usize) {
        self.wasted += bytes;
        if self.wasted > self.s.len() && self.table.is_none() {
            self.table = Some(Table::new(self.s));
        }
    }

    /// Where the opaque element ends whose open tag ends at `from`; its name in lower case.
    pub fn opaque_end(&mut self, name: &str, from: usize) -> Option<usize> {
        if let Some(table) = &mut self.table {
            return table.opaque_end(self.s, name, from);
        }
        let found = self.look_for_end(name, from);
        if found.is_none() {
            self.waste(self.s.len() - from);
        }
        found
    }

    fn look_for_end(&mut self, name: &str, from: usize) -> Option<usize> {
        let raw = is_raw(name);
        let mut depth = 1;
        let mut i = from;
        while let Some(k) = self.s[i..].find('<') {
            let at = i + k;
            i = at + 1;
            if raw {
                // What is in it is no markup.
                if closes(&self.s.as_bytes()[at..], name)
                    && let Some((end, _)) = self.tag(at, self.s.len())
                {
                    return Some(end);
                }
                continue;
            }
            match self.tag(at, self.s.len()) {
                Some((end, RawTag::Open(n, a))) => {
                    if n.eq_ignore_ascii_case(name) && !a.ends_with('/') {
                        depth += 1;
                    }
                    i = end;
                }
                Some((end, RawTag::Close(n))) if n.eq_ignore_ascii_case(name) => {
                    depth -= 1;
                    i = end;
                    if depth == 0 {
                        return Some(end);
                    }
                }
                Some((end, _)) => i = end,
                None => {}
            }
        }
        None
    }

    /// The sound or formula that begins at `at`: its end and kind. One that would swallow an
    /// unbalanced tag is none, and so is a sound with a tag or another bracket in it.
    pub fn atom(&mut self, at: usize) -> Option<(usize, Object)> {
        let rest = &self.s[at..];
        let atom = ATOMS.iter().position(|(open, ..)| rest.starts_with(open))?;
        let (open, close, kind) = ATOMS[atom];
        let from = at + open.len();
        if kind == Object::Sound {
            let end = from + self.s[from..].find([']', '<', '['])?;
            return (self.s.as_bytes()[end] == b']').then_some((end + 1, kind));
        }
        let end = self.close(atom, from)?;
        self.is_balanced(atom, from, end)
            .then_some((end + close.len(), kind))
    }

    fn close(&mut self, atom: usize, from: usize) -> Option<usize> {
        if let Some((asked, found)) = self.closes[atom]
            && asked <= from
            && found.is_none_or(|found| from <= found)
        {
            return found;
        }
        let found = self.s[from..].find(ATOMS[atom].1).map(|k| from + k);
        self.closes[atom] = Some((from, found));
        found
    }

    fn is_balanced(&mut self, atom: usize, from: usize, end: usize) -> bool {
        if let Some(table) = &mut self.table {
            return table.is_balanced(self.s, atom, from, end);
        }
        let found = self.look_balanced(is_inline(atom), from, end);
        if !found {
            self.waste(end - from);
        }
        found
    }

    fn look_balanced(&mut self, inline: bool, from: usize, limit: usize) -> bool {
        let mut open: Vec<&str> = Vec::new();
        let mut i = from;
        while let Some(k) = self.s[i..limit].find('<') {
            let at = i + k;
            i = match self.tag(at, limit) {
                Some((_, RawTag::Open(name, _))) if inline && is_block(name) => return false,
                Some((end, RawTag::Open(name, _))) => {
                    if !is_void(name) {
                        open.push(name);
                    }
                    end
                }
                Some((end, RawTag::Close(name))) => {
                    if open.pop().is_none_or(|o| !o.eq_ignore_ascii_case(name)) {
                        return false;
                    }
                    end
                }
                Some((end, RawTag::Comment)) => end,
                None => at + 1,
            };
        }
        open.is_empty()
    }
}

/// Whether a formula stands within a line.
fn is_inline(atom: usize) -> bool {
    ATOMS[atom].0 == "\\("
}

/// Whether nothing but its own end tag counts in the element.
fn is_raw(name: &str) -> bool {
    matches!(name, "script" | "style" | "textarea" | "title")
}

/// Whether an end tag of this name begins here.
fn closes(b: &[u8], name: &str) -> bool {
    let Some((head, rest)) = (b.strip_prefix(b"</")).and_then(|b| b.split_at_checked(name.len()))
    else {
        return false;
    };
    let ends = |c: &u8| c.is_ascii_whitespace() || matches!(c, b'/' | b'>');
    head.eq_ignore_ascii_case(name.as_bytes()) && rest.first().is_some_and(ends)
}

/// A tag of the source, each taken by itself: one may stand inside a value of another.
#[derive(Clone, Copy)]
struct Place {
    at: u32,
    name_end: u32,
    end: u32,
}

impl Place {
    fn raw(self, s: &str) -> RawTag<'_> {
        let (at, name_end) = (self.at as usize, self.name_end as usize);
        match s.as_bytes()[at + 1] {
            b'!' | b'?' => RawTag::Comment,
            b'/' => RawTag::Close(&s[at + 2..name_end]),
            _ => RawTag::Open(&s[at + 1..name_end], &s[name_end..self.end as usize - 1]),
        }
    }
}

struct Table {
    /// All, by their beginnings.
    tags: Vec<Place>,
    /// By the name of an element: for each tag, the end of the first end tag from there on that
    /// ends nothing opened behind it; 0 where there is none.
    ends: HashMap<String, Vec<u32>>,
    bodies: [Option<Body>; ATOMS.len()],
}

/// What stands between the beginning and the end of a formula, from any beginning on.
struct Body {
    from: usize,
    end: usize,
    /// The beginnings of its tags, the last one first.
    ways: Vec<(u32, Way)>,
}

/// What comes from a tag on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Balanced,
    Never,
    /// The tag that ends something opened before; all between is balanced.
    Closes(u32),
}

impl Body {
    fn way(&self, from: u32) -> Way {
        let later = self.ways.partition_point(|(at, _)| *at >= from);
        later
            .checked_sub(1)
            .map_or(Way::Balanced, |last| self.ways[last].1)
    }
}

impl Table {
    /// Goes through the source once, from its end: for each state that a tag can be in, where it
    /// would end is known from the byte behind.
    fn new(s: &str) -> Self {
        let b = s.as_bytes();
        let comments: Vec<usize> = s.match_indices("-->").map(|(at, _)| at).collect();
        let mut comment = comments.len();
        let mut tags = Vec::new();
        // Ends of a tag that goes on here: outside of values, behind a `=`, in both quotes. And of
        // what ends at the first `>`. 0: it does not end.
        let (mut plain, mut equals, mut double, mut single, mut first) = (0, 0, 0, 0, 0);
        // The end of a name that goes on at the next byte, and at the one behind, with the tag's.
        let mut names = [(0, 0); 2];
        for (i, &c) in b.iter().enumerate().rev() {
            match c {
                b'>' => (plain, equals, first) = (i + 1, i + 1, i + 1),
                b'"' => (equals, double) = (double, plain),
                b'\'' => (equals, single) = (single, plain),
                b'=' => plain = equals,
                c if c.is_ascii_whitespace() => {}
                _ => equals = plain,
            }
            if c == b'<'
                && let Some(&next) = b.get(i + 1)
            {
                let close = next == b'/';
                let (name_end, end) = if b[i..].starts_with(b"<!--") {
                    while comment > 0 && comments[comment - 1] >= i + 4 {
                        comment -= 1;
                    }
                    (1, comments.get(comment).map_or(0, |at| at + 3))
                } else if next == b'!' || next == b'?' {
                    (1, first)
                } else if b
                    .get(i + 1 + usize::from(close))
                    .is_some_and(u8::is_ascii_alphabetic)
                {
                    names[usize::from(close)]
                } else {
                    (0, 0)
                };
                if name_end > 0 && end > 0 {
                    tags.push(Place {
                        at: i as u32,
                        name_end: name_end as u32,
                        end: end as u32,
                    });
                }
            }
            let ends_name = c.is_ascii_whitespace() || c == b'/' || c == b'>';
            let name = if ends_name { (i, plain) } else { names[0] };
            names = [name, names[0]];
        }
        tags.reverse();
        Self {
            tags,
            ends: HashMap::new(),
            bodies: [const { None }; ATOMS.len()],
        }
    }

    fn tag_at(&self, at: usize) -> Option<&Place> {
        let found = self.tags.binary_search_by_key(&at, |tag| tag.at as usize);
        self.tags.get(found.ok()?)
    }

    fn opaque_end(&mut self, s: &str, name: &str, from: usize) -> Option<usize> {
        if !self.ends.contains_key(name) {
            let ends = ends_of(s, &self.tags, name);
            self.ends.insert(name.to_owned(), ends);
        }
        let ends = self.ends.get(name)?;
        let end = *ends.get(first_from(&self.tags, from))?;
        (end > 0).then_some(end as usize)
    }

    fn is_balanced(&mut self, s: &str, atom: usize, from: usize, end: usize) -> bool {
        let tags = &self.tags;
        let known = &mut self.bodies[atom];
        let body = match known.take() {
            Some(body) if body.end == end && body.from <= from => body,
            _ => body_of(s, tags, is_inline(atom), from, end),
        };
        let is = body.way(from as u32) == Way::Balanced;
        *known = Some(body);
        is
    }
}

/// The first tag that begins at `from` or behind.
fn first_from(tags: &[Place], from: usize) -> usize {
    tags.partition_point(|tag| (tag.at as usize) < from)
}

fn ends_of(s: &str, tags: &[Place], name: &str) -> Vec<u32> {
    let raw = is_raw(name);
    let mut ends = vec![0; tags.len()];
    for (k, tag) in tags.iter().enumerate().rev() {
        let from = |at: u32| {
            let next = first_from(tags, at as usize);
            ends.get(next).copied().unwrap_or(0)
        };
        ends[k] = match tag.raw(s) {
            RawTag::Close(n) if n.eq_ignore_ascii_case(name) => tag.end,
            // The tags in it are text, and what looks like one within them counts.
            _ if raw => ends.get(k + 1).copied().unwrap_or(0),
            RawTag::Open(n, a) if n.eq_ignore_ascii_case(name) && !a.ends_with('/') => {
                match from(tag.end) {
                    0 => 0,
                    end => from(end),
                }
            }
            _ => from(tag.end),
        };
    }
    ends
}

fn body_of(s: &str, tags: &[Place], inline: bool, from: usize, end: usize) -> Body {
    let mut body = Body {
        from,
        end,
        ways: Vec::new(),
    };
    for k in (first_from(tags, from)..first_from(tags, end)).rev() {
        let tag = tags[k];
        if tag.end as usize > end {
            continue;
        }
        let way = match tag.raw(s) {
            RawTag::Comment => body.way(tag.end),
            RawTag::Open(name, _) if inline && is_block(name) => Way::Never,
            RawTag::Open(name, _) if is_void(name) => body.way(tag.end),
            RawTag::Open(name, _) => match body.way(tag.end) {
                Way::Closes(close) => {
                    let close = tags[close as usize];
                    match close.raw(s) {
                        RawTag::Close(n) if n.eq_ignore_ascii_case(name) => body.way(close.end),
                        _ => Way::Never,
                    }
                }
                Way::Balanced | Way::Never => Way::Never,
            },
            RawTag::Close(_) => Way::Closes(k as u32),
        };
        body.ways.push((tag.at, way));
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is found by looking ahead from each place anew, however long that takes.
    mod slow {
        use super::super::*;

        pub fn opaque_end(s: &str, name: &str, from: usize) -> Option<usize> {
            let raw = is_raw(name);
            let mut depth = 1;
            let mut i = from;
            while let Some(k) = s[i..].find('<') {
                let at = i + k;
                match scan_tag(s, at) {
                    Some((end, RawTag::Open(n, a)))
                        if !raw && n.eq_ignore_ascii_case(name) && !a.ends_with('/') =>
                    {
                        depth += 1;
                        i = end;
                    }
                    Some((end, RawTag::Close(n))) if n.eq_ignore_ascii_case(name) => {
                        depth -= 1;
                        i = end;
                        if depth == 0 {
                            return Some(end);
                        }
                    }
                    Some((end, _)) if !raw => i = end,
                    _ => i = at + 1,
                }
            }
            None
        }

        pub fn atom(s: &str, at: usize) -> Option<(usize, Object)> {
            let rest = &s[at..];
            let (open, close, kind) = ATOMS.iter().find(|(open, ..)| rest.starts_with(open))?;
            let end = rest[open.len()..].find(close)? + open.len();
            let body = &rest[open.len()..end];
            if *kind == Object::Sound && body.contains(['<', '[']) {
                return None;
            }
            is_balanced(body, *open == "\\(").then_some((at + end + close.len(), *kind))
        }

        fn is_balanced(body: &str, inline: bool) -> bool {
            let mut open: Vec<&str> = Vec::new();
            let mut i = 0;
            while let Some(k) = body[i..].find('<') {
                let at = i + k;
                i = match scan_tag(body, at) {
                    Some((end, RawTag::Open(name, _))) => {
                        if inline && is_block(name) {
                            return false;
                        }
                        if !is_void(name) {
                            open.push(name);
                        }
                        end
                    }
                    Some((end, RawTag::Close(name))) => {
                        if open.pop().is_none_or(|o| !o.eq_ignore_ascii_case(name)) {
                            return false;
                        }
                        end
                    }
                    Some((end, RawTag::Comment)) => end,
                    None => at + 1,
                };
            }
            open.is_empty()
        }
    }

    /// Asks about every place, from the beginning to the end.
    fn check(s: &str, mut scanner: Scanner<'_>) {
        for at in 0..s.len() {
            let ends = [at + 1, at + 2, at + 5, at + 9, at + 17, s.len()];
            for limit in ends.into_iter().filter(|end| *end <= s.len()) {
                // Texts are cut where a formula ends, and never within its end.
                if s.is_char_boundary(at)
                    && s.is_char_boundary(limit)
                    && (limit == s.len()
                        || ["\\)", "\\]", "[/"]
                            .iter()
                            .any(|c| s[limit..].starts_with(c)))
                    && s.as_bytes()[at] == b'<'
                {
                    let plain = scan_tag(&s[..limit], at);
                    assert_eq!(scanner.tag(at, limit), plain, "{s:?} {at}..{limit}");
                }
            }
            if !s.is_char_boundary(at) {
                continue;
            }
            assert_eq!(scanner.atom(at), slow::atom(s, at), "{s:?} {at}");
            for name in ["ruby", "table", "script", "style"] {
                let end = slow::opaque_end(s, name, at);
                assert_eq!(scanner.opaque_end(name, at), end, "{s:?} {name} {at}");
            }
        }
    }

    fn check_both(s: &str) {
        check(s, Scanner::new(s));
        let mut scanner = Scanner::new(s);
        scanner.table = Some(Table::new(s));
        check(s, scanner);
    }

    fn pieces() -> impl Strategy<Value = String> {
        let piece = proptest::sample::select(vec![
            "<",
            ">",
            "/",
            "=",
            "\"",
            "'",
            " ",
            "a",
            "é",
            "\n",
            "<!--",
            "-->",
            "<!",
            "<?",
            "--",
            "<b",
            "<b>",
            "</b>",
            "<B>",
            "<br>",
            "<div>",
            "</div>",
            "<b x=\"",
            "<b x='",
            "<b x=\"\\)",
            "\">",
            "'>",
            "<ruby>",
            "</ruby>",
            "<ruby/>",
            "<RUBY>",
            "</ruby ",
            "<table>",
            "</table>",
            "<script>",
            "</script>",
            "</script",
            "</scripts>",
            "<style>",
            "</STYLE>",
            "\\(",
            "\\)",
            "\\[",
            "\\]",
            "[latex]",
            "[/latex]",
            "[$]",
            "[/$]",
            "[$$]",
            "[/$$]",
            "[sound:",
            "]",
            "[anki:tts",
            "[",
            "\\",
        ]);
        proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn tables_say_what_looking_ahead_finds(s in pieces()) {
            check_both(&s);
        }
    }

    #[test]
    fn odd_ends_are_found_by_tables_too() {
        for s in [
            "<!--><!--->-->",
            "<!---->",
            "<a b='>'c=\">\"d>",
            "<a b = \"x\"'>'>",
            "</a/b='>'>",
            "<ruby><ruby></ruby><ruby></ruby>",
            "<script></script x></script>",
            "<script><a <a </script>",
            "\\(<b>\\(</b>\\)",
            "\\(<b x=\"\\)<ruby>\"></b>\\)",
            "\\(<div>\\(x\\)",
            "[$]<i></b>[$]<b></b>[/$]",
        ] {
            check_both(s);
        }
    }

    fn read(s: &str) {
        let units = super::super::project(s).units;
        assert!(units.iter().all(|u| u.end as usize <= s.len()));
        let spans = super::super::spans(s);
        assert_eq!(spans.last().map(|span| span.range.end), Some(s.len()));
    }

    /// None of these would come to an end if each of its pieces were looked behind anew.
    #[test]
    fn two_million_bytes_of_beginnings_are_read() {
        const SIZE: usize = 200_000;
        let mut all = String::new();
        for piece in [
            "<",
            "<a",
            "<a ",
            "<a b=\"",
            "<!--",
            "<!",
            "</a",
            "<script",
            "<script>",
            "<script>&</scripts ",
            "<ruby>",
            "<ruby></b>",
            "<ruby><table><video>",
            "<ruby>\\(<a b=\"\\)<ruby>\">",
            "\\(",
            "\\(<b>",
            "\\(<a ",
            "\\([$]<a [/$]",
            "[latex]",
            "[$]</b>",
            "[sound:",
            "[sound:<",
            "[anki:tts",
            "<b>",
            "</b>",
            "<li>",
            "<b></i>",
            "{{c1::",
            "}",
            "&",
        ] {
            let begun = piece.repeat(SIZE / piece.len());
            for end in ["", ">", "<b>\\)"] {
                read(&format!("{begun}{end}"));
            }
            all += &begun[..begun.len() / 3];
        }
        read(&all.repeat(1 + 2_000_000 / all.len()));
        let closes = "<b>".repeat(SIZE / 8) + &"</i>".repeat(SIZE / 8);
        assert!(super::super::project(&closes).units.is_empty());
        let cells = format!("<table>{}</table>", "<td".repeat(SIZE / 3));
        assert!(super::super::parts(&cells).len() < 2);
    }
}
