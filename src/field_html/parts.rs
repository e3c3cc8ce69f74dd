//! The texts inside a table or ruby, so that each can be edited by itself while the markup around
//! it keeps its bytes.

use super::scan::{RawTag, scan_tag};
use super::scanner::Scanner;
use std::ops::Range;

/// One text: a cell, a caption, a base or its reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Bytes of its HTML in the block.
    pub range: Range<usize>,
    /// A heading cell, or a reading.
    pub head: bool,
}

/// The texts of a `<table>`, row by row, or of a `<ruby>` in one row; none of other blocks.
#[must_use]
pub fn parts(html: &str) -> Vec<Vec<Part>> {
    let Some((end, RawTag::Open(name, _))) = scan_tag(html, 0) else {
        return vec![];
    };
    let mut rows = match name.to_ascii_lowercase().as_str() {
        "table" => cells(html, end),
        "ruby" => vec![readings(html, end)],
        _ => vec![],
    };
    rows.retain(|row| !row.is_empty());
    rows
}

/// Tags from `from` on: start, end, whether it closes, name in lower case.
fn tags(html: &str, from: usize) -> impl Iterator<Item = (usize, usize, bool, String)> + '_ {
    let mut at = from;
    let mut scanner = Scanner::new(html);
    std::iter::from_fn(move || {
        while let Some(k) = html.get(at..)?.find('<') {
            let start = at + k;
            let Some((end, tag)) = scanner.tag(start, html.len()) else {
                at = start + 1;
                continue;
            };
            at = end;
            match tag {
                RawTag::Comment => {}
                RawTag::Open(name, _) => return Some((start, end, false, name.to_lowercase())),
                RawTag::Close(name) => return Some((start, end, true, name.to_lowercase())),
            }
        }
        None
    })
}

fn cells(html: &str, from: usize) -> Vec<Vec<Part>> {
    let mut rows: Vec<Vec<Part>> = vec![];
    let mut open: Option<(usize, bool)> = None;
    let mut inside = 0_usize;
    for (start, end, closes, name) in tags(html, from) {
        if name == "table" && !closes {
            inside += 1;
        } else if name == "table" && inside > 0 {
            inside -= 1;
            continue;
        }
        let structure = matches!(
            name.as_str(),
            "td" | "th" | "tr" | "caption" | "tbody" | "thead" | "tfoot" | "table"
        );
        if inside > 0 || !structure {
            continue;
        }
        if let Some((from, head)) = open.take() {
            if rows.is_empty() {
                rows.push(vec![]);
            }
            if let Some(row) = rows.last_mut() {
                row.push(Part {
                    range: from..start,
                    head,
                });
            }
        }
        match (name.as_str(), closes) {
            ("tr", false) => rows.push(vec![]),
            ("caption", false) => {
                rows.push(vec![]);
                open = Some((end, true));
            }
            ("td" | "th", false) => open = Some((end, name == "th")),
            _ => {}
        }
    }
    rows
}

fn readings(html: &str, from: usize) -> Vec<Part> {
    let mut found = vec![];
    let mut at = from;
    let (mut reading, mut aside) = (false, false);
    for (start, end, closes, name) in tags(html, from) {
        if !matches!(name.as_str(), "rt" | "rp" | "rb" | "rtc" | "ruby") {
            continue;
        }
        if !aside && !html[at..start].trim().is_empty() {
            found.push(Part {
                range: at..start,
                head: reading,
            });
        }
        reading = name == "rt" && !closes;
        aside = name == "rp" && !closes;
        at = end;
        if name == "ruby" && closes {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(html: &str) -> Vec<Vec<&str>> {
        let text = |part: &Part| &html[part.range.clone()];
        parts(html)
            .iter()
            .map(|row| row.iter().map(text).collect())
            .collect()
    }

    #[test]
    fn cells_are_found_row_by_row() {
        let html = "<table class=x><caption>c</caption><tbody><tr><th>a</th><td>b <b>c</b></td>\
                    </tr><!-- <td> --><tr><td></td><td>d</td></tr></tbody></table>";
        assert_eq!(
            texts(html),
            [vec!["c"], vec!["a", "b <b>c</b>"], vec!["", "d"]]
        );
        assert!(parts(html)[1][0].head && !parts(html)[1][1].head);
    }

    #[test]
    fn ends_may_be_missing_and_tables_stand_in_tables() {
        assert_eq!(
            texts("<table><tr><td>a<td>b<tr><td>c</table>"),
            [vec!["a", "b"], vec!["c"]]
        );
        let nested = "<table><tr><td>x<table><tr><td>y</td></tr></table></td></tr></table>";
        let inner = "x<table><tr><td>y</td></tr></table>";
        assert_eq!(texts(nested), [[inner]]);
    }

    #[test]
    fn a_ruby_has_bases_and_readings() {
        let html = "<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rt>じ</rt></ruby>";
        assert_eq!(texts(html), [["漢", "かん", "字", "じ"]]);
        assert!(parts(html)[0][1].head);
        assert!(texts("<svg><text>a</text></svg>").is_empty());
    }
}
