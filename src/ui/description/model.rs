//! A deck's description as lines of formatted text. No egui here.

use crate::domain::html::strip_html;
use crate::field_html::{Field, Kind, Marker, Object, html_from_markdown};
use std::collections::HashMap;

/// Text of one look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Run {
    pub text: String,
    pub look: Look,
}

/// How text looks, and where a click on it leads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    pub bold: bool,
    pub italic: bool,
    pub underline: bool,
    pub strike: bool,
    pub code: bool,
    pub link: Option<String>,
}

/// A paragraph, or a line of one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    pub runs: Vec<Run>,
    /// 1 to 6, else 0.
    pub heading: u8,
    /// Lists and quotes around it.
    pub depth: u8,
    /// Before a list's item: `•`, `1.`.
    pub marker: String,
}

impl Line {
    /// Without any look.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        let run = Run {
            text: text.to_owned(),
            ..Run::default()
        };
        Self {
            runs: vec![run],
            ..Self::default()
        }
    }

    /// As a screen reader says it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.marker.clone();
        if !text.is_empty() {
            text.push(' ');
        }
        text.extend(self.runs.iter().map(|run| run.text.as_str()));
        text
    }
}

/// The lines of a description that have something in them. Pictures are left out.
#[must_use]
pub fn lines(description: &str, markdown: bool) -> Vec<Line> {
    let html = if markdown {
        html_from_markdown(description)
    } else {
        // As Anki shows them, line ends count.
        description.replace('\n', "<br>")
    };
    let field = Field::open(&html);
    let projection = field.projection();
    let markers: HashMap<u32, Marker> = projection.markers.iter().copied().collect();
    let mut lines = vec![];
    let mut line = Line::default();
    for (nth, unit) in (0_u32..).zip(&projection.units) {
        if unit.kind.is_newline() {
            lines.push(std::mem::take(&mut line));
            continue;
        }
        let style = projection.style(unit);
        if let Some(marker) = markers.get(&nth) {
            line.marker = match marker {
                Marker::Bullet => "•".to_owned(),
                Marker::Number(n) => format!("{n}."),
            };
        }
        line.heading = line.heading.max(style.heading);
        line.depth = line.depth.max(style.list.saturating_add(style.indent));
        let source = html.get(unit.range()).unwrap_or_default();
        let text = match unit.kind {
            Kind::Object(Object::Image | Object::Sound | Object::Rule) => String::new(),
            Kind::Object(_) => strip_html(source).trim().to_owned(),
            _ => unit.ch.to_string(),
        };
        let look = Look {
            bold: style.bold,
            italic: style.italic,
            underline: style.underline,
            strike: style.strike,
            code: style.code,
            link: style.link.then(|| field.link_at(nth as usize)).flatten(),
        };
        push(&mut line, text, look);
    }
    lines.push(line);
    lines.retain(|line| !line.text().trim().is_empty());
    lines
}

fn push(line: &mut Line, text: String, look: Look) {
    if text.is_empty() {
        return;
    }
    match line.runs.last_mut() {
        Some(last) if last.look == look => last.text.push_str(&text),
        _ => line.runs.push(Run { text, look }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(description: &str, markdown: bool) -> Vec<String> {
        let look = |run: &Run| {
            let mut text = run.text.clone();
            for (on, mark) in [
                (run.look.bold, "*"),
                (run.look.italic, "/"),
                (run.look.code, "`"),
            ] {
                if on {
                    text = format!("{mark}{text}{mark}");
                }
            }
            match &run.look.link {
                Some(to) => format!("{text}→{to}"),
                None => text,
            }
        };
        let line = |line: &Line| {
            let runs: Vec<String> = line.runs.iter().map(look).collect();
            format!(
                "{}{}{}",
                "#".repeat(line.heading.into()),
                line.marker,
                runs.concat()
            )
        };
        lines(description, markdown).iter().map(line).collect()
    }

    #[test]
    fn html_keeps_its_lines_looks_and_links() {
        assert_eq!(
            shown(
                "<b>Core</b> 2000<br>by frequency<div>&amp; with <i>sound</i></div>\n\
                 see <a href=\"https://a.b/c\">the site</a><img src=x.png>",
                false
            ),
            [
                "*Core* 2000",
                "by frequency",
                "& with /sound/",
                "see the site→https://a.b/c"
            ]
        );
        assert!(lines("<br> <p></p>", false).is_empty());
        assert_eq!(lines("**a**", false)[0].text(), "**a**");
    }

    #[test]
    fn markdown_has_headings_lists_and_links() {
        assert_eq!(
            shown(
                "# Core\nThe **first** `2000`\n\n- one\n- two\n\n1. [site](https://a.b)\n\n\
                 ![no](x.png) <script>1</script>end",
                true
            ),
            [
                "#*Core*",
                "The *first* `2000`",
                "•one",
                "•two",
                "1.site→https://a.b",
                "end"
            ]
        );
    }
}
