//! egui 0.35 to 0.37 (emilk/egui#8576): rows may hold more glyphs than characters (right-to-left
//! scripts, composed letters), which breaks every caret. Gives each row one glyph a character, in
//! logical order; what is drawn stays. To be deleted when egui does it right.

use eframe::egui::Galley;
use eframe::egui::epaint::text::Glyph;
use std::sync::Arc;

pub(super) fn is_rtl(c: char) -> bool {
    matches!(c as u32,
        0x590..=0x8FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFF | 0x10800..=0x10FFF | 0x1E800..=0x1EFFF)
}

/// Signs that sit on the letter before them.
fn is_mark(c: char) -> bool {
    matches!(c as u32,
        0x300..=0x36F | 0x591..=0x5C7 | 0x610..=0x61A | 0x64B..=0x65F | 0xE31 | 0xE34..=0xE3A
        | 0xE47..=0xE4E | 0x200D | 0xFE0F | 0x94D)
}

/// For a galley of one paragraph.
pub(super) fn repair(galley: Arc<Galley>) -> Arc<Galley> {
    let text = galley.job.text.clone();
    let count = text.chars().count();
    let have: usize = galley.rows.iter().map(|r| r.glyphs.len()).sum();
    if have == count && !text.chars().any(is_rtl) {
        return galley;
    }
    let mut galley = Arc::unwrap_or_clone(galley);
    let chars: Vec<char> = text.chars().collect();
    let drawn: Vec<Vec<Glyph>> = galley
        .rows
        .iter()
        .map(|r| drawn_glyphs(&r.glyphs))
        .collect();
    let total: usize = drawn.iter().map(Vec::len).sum();
    let last = galley.rows.len().saturating_sub(1);
    let (mut at, mut seen) = (0, 0);
    for (i, row) in galley.rows.iter_mut().enumerate() {
        seen += drawn[i].len();
        let end = if i == last {
            chars.len()
        } else if total == chars.len() {
            at + drawn[i].len()
        } else {
            (chars.len() * seen / total.max(1)).max(at)
        };
        let end = end.min(chars.len());
        Arc::make_mut(&mut row.row).glyphs = assign(&chars[at..end], &drawn[i]);
        at = end;
    }
    Arc::new(galley)
}

fn drawn_glyphs(glyphs: &[Glyph]) -> Vec<Glyph> {
    let seen = |g: &&Glyph| g.advance_width > 0.0 || !g.uv_rect.is_nothing();
    let drawn: Vec<Glyph> = glyphs.iter().filter(seen).copied().collect();
    if drawn.is_empty() {
        glyphs.to_vec()
    } else {
        drawn
    }
}

/// `drawn` are from left to right; the result is one glyph a character in logical order.
fn assign(chars: &[char], drawn: &[Glyph]) -> Vec<Glyph> {
    let Some(last) = drawn.last() else {
        return Vec::new();
    };
    let mut out: Vec<Glyph> = vec![*last; chars.len()];
    let mut next = 0;
    for (n, &c) in visual_order(chars).iter().enumerate() {
        let left = chars.len() - n;
        let glyphs_left = drawn.len().saturating_sub(next);
        // Fewer glyphs than characters: marks share the glyph of their letter.
        let shares = (is_mark(chars[c]) && glyphs_left < left) || (glyphs_left == 0 && n > 0);
        let mut glyph = drawn[next.min(drawn.len() - 1)];
        if shares {
            glyph.advance_width = 0.0;
        } else {
            next += 1;
        }
        glyph.chr = chars[c];
        out[c] = glyph;
    }
    out
}

/// Indices from left to right: stretches of right-to-left letters, with what is neutral inside
/// them, are reversed.
fn visual_order(chars: &[char]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..chars.len()).collect();
    let mut i = 0;
    while i < chars.len() {
        if !is_rtl(chars[i]) {
            i += 1;
            continue;
        }
        let mut end = i;
        for (k, c) in chars.iter().enumerate().skip(i) {
            if is_rtl(*c) {
                end = k;
            } else if c.is_alphabetic() || c.is_ascii_digit() {
                break;
            }
        }
        order[i..=end].reverse();
        i = end + 1;
    }
    order
}
