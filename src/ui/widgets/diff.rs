//! A text beside another one, word by word: what was is green, what is now red and struck out.

use crate::domain::word_diff::{Piece, word_diff};
use crate::ui::theme::{Tokens, font};
use eframe::egui::cache::{ComputerMut, FrameCache};
use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Stroke, Ui};
use std::sync::Arc;

/// The text as it was, with the differences to `is` if there is one.
pub fn job(ui: &Ui, was: &str, is: Option<&str>, width: f32) -> LayoutJob {
    let t = Tokens::of(ui);
    match is {
        Some(is) => marked(t, &pieces(ui, was, is), width),
        None => plain(t, was, width),
    }
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
