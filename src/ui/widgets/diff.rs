//! A text beside another one, word by word: what was is green, what is now red and struck out.

use crate::domain::word_diff::{Piece, word_diff};
use crate::ui::theme::{Tokens, font};
use eframe::egui::cache::{ComputerMut, FrameCache};
use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Stroke, Ui};
use std::borrow::Cow;
use std::sync::Arc;

/// Bytes of a text that are shown: this is for looking, not for reading books.
const LONGEST: usize = 20_000;
/// So many of them stand before the first difference.
const BEFORE: usize = 400;

/// The text as it was, with the differences to `is` if there is one. Of long texts a part, from
/// where they begin to differ.
pub fn job(ui: &Ui, was: &str, is: Option<&str>, width: f32) -> LayoutJob {
    let t = Tokens::of(ui);
    let from = is.map_or(0, |is| start(was, is));
    match is {
        Some(is) => marked(t, &pieces(ui, &cut(was, from), &cut(is, from)), width),
        None => plain(t, &cut(was, from), width),
    }
}

/// Where the part of two texts begins that is shown.
fn start(was: &str, is: &str) -> usize {
    if was.len().max(is.len()) <= LONGEST {
        return 0;
    }
    let pairs = was.bytes().zip(is.bytes());
    let same = pairs.take_while(|(a, b)| a == b).count();
    was.floor_char_boundary(same.saturating_sub(BEFORE))
}

fn cut(text: &str, from: usize) -> Cow<'_, str> {
    let to = text.floor_char_boundary(from + LONGEST);
    if from == 0 && to == text.len() {
        return Cow::Borrowed(text);
    }
    let dots = |is_cut: bool| if is_cut { "…" } else { "" };
    let (before, after) = (dots(from > 0), dots(to < text.len()));
    Cow::Owned(format!("{before}{}{after}", &text[from..to]))
}

/// Worked out once for as long as it is on show.
fn pieces(ui: &Ui, was: &str, is: &str) -> Arc<[Piece]> {
    ui.memory_mut(|memory| {
        let cache = memory.caches.cache::<FrameCache<Arc<[Piece]>, Differ>>();
        cache.get((was, is)).clone()
    })
}

#[derive(Default)]
struct Differ;

impl ComputerMut<(&str, &str), Arc<[Piece]>> for Differ {
    fn compute(&mut self, (was, is): (&str, &str)) -> Arc<[Piece]> {
        word_diff(was, is).into()
    }
}

fn plain(t: &Tokens, words: &str, width: f32) -> LayoutJob {
    let mut job = super::text::paragraph_job(words, font::body(), t.text);
    job.wrap.max_width = width;
    job
}

fn marked(t: &Tokens, pieces: &[Piece], width: f32) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = width;
    let format = TextFormat {
        font_id: font::body(),
        color: t.text,
        line_height: Some(21.0),
        ..TextFormat::default()
    };
    let mut after_was = false;
    for piece in pieces {
        if std::mem::replace(&mut after_was, matches!(piece, Piece::Was(_)))
            && matches!(piece, Piece::Is(_))
        {
            job.append(" ", 0.0, format.clone());
        }
        match piece {
            Piece::Same(words) => job.append(words, 0.0, format.clone()),
            Piece::Was(words) => job.append(
                words,
                0.0,
                TextFormat {
                    color: t.ok,
                    background: t.ok_soft,
                    ..format.clone()
                },
            ),
            Piece::Is(words) => job.append(
                words,
                0.0,
                TextFormat {
                    color: t.danger,
                    background: t.danger_soft,
                    strikethrough: Stroke::new(1.0, t.danger),
                    ..format.clone()
                },
            ),
        }
    }
    job
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_long_texts_the_part_that_differs_is_shown() {
        assert_eq!(start("a", "b"), 0);
        assert_eq!(cut("short", 0), "short");
        let long = "ü".repeat(30_000);
        let (was, is) = (format!("{long} was"), format!("{long} is now"));
        let from = start(&was, &is);
        let (was, is) = (cut(&was, from), cut(&is, from));
        assert!(was.starts_with("…ü") && was.ends_with(" was"));
        assert!(is.starts_with("…ü") && is.ends_with(" is now"));
        assert!(was.len() < 500);
        // The end of one is where the other goes on.
        let more = format!("{long} more");
        let from = start(&long, &more);
        assert!(cut(&long, from).ends_with('ü') && cut(&more, from).ends_with(" more"));
        let alone = cut(&long, 0);
        assert!(alone.ends_with("ü…") && alone.len() <= LONGEST + 3);
    }
}
