//! egui 0.35 to 0.37 (emilk/egui#8576): rows may hold more glyphs than characters (right-to-left
//! scripts, composed letters), which breaks every caret. Gives each row one glyph a character, in
//! logical order; what is drawn stays. To be deleted when egui does it right.

use crate::ui::widgets::bidi::has_right_to_left;
use eframe::egui::Galley;
use eframe::egui::epaint::text::Glyph;
use std::collections::HashMap;
use std::sync::Arc;

fn is_rtl(c: char) -> bool {
    matches!(c as u32,
        0x590..=0x8FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFF | 0x10800..=0x10FFF | 0x1E800..=0x1EFFF)
}

/// For a galley of one paragraph.
pub fn repair(galley: Arc<Galley>) -> Arc<Galley> {
    let text = galley.job.text.clone();
    let count = text.chars().count();
    let have: usize = galley.rows.iter().map(|r| r.glyphs.len()).sum();
    if have == count && !has_right_to_left(&text) {
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
        Arc::make_mut(&mut row.row).glyphs = {
            let chars = &chars[at..end];
            let order = visual_order(chars).into_iter();
            let order: Vec<_> = order.map(|c| (c, chars[c])).collect();
            assign(chars, &drawn[i], &order)
        };
        at = end;
    }
    Arc::new(galley)
}

/// Those that show something or take room.
pub(super) fn drawn_glyphs(glyphs: &[Glyph]) -> Vec<Glyph> {
    let seen = |g: &&Glyph| g.advance_width > 0.0 || !g.uv_rect.is_nothing();
    let drawn: Vec<Glyph> = glyphs.iter().filter(seen).copied().collect();
    if drawn.is_empty() {
        glyphs.to_vec()
    } else {
        drawn
    }
}

/// `drawn` are from left to right, as is `order`: the index of each of `chars`, and what is shown
/// for it. The result is one glyph a character in logical order; those that are drawn as part of
/// another have no width.
pub(super) fn assign(chars: &[char], drawn: &[Glyph], order: &[(usize, char)]) -> Vec<Glyph> {
    let Some(first) = drawn.first() else {
        return Vec::new();
    };
    let mut out: Vec<Glyph> = vec![*first; chars.len()];
    // How often each is still to come.
    let mut to_come: HashMap<char, usize> = HashMap::new();
    for (_, shown) in order {
        *to_come.entry(*shown).or_default() += 1;
    }
    let (mut next, mut x) = (0, first.pos.x);
    for (n, &(index, shown)) in order.iter().enumerate() {
        let comes = |c: char| to_come.get(&c).is_some_and(|count| *count > 0);
        while drawn.get(next).is_some_and(|g| !comes(g.chr)) {
            next += 1;
        }
        if let Some(count) = to_come.get_mut(&shown) {
            *count -= 1;
        }
        let mut glyph = drawn[next.min(drawn.len() - 1)];
        if next < drawn.len() && glyph.chr == shown {
            next += 1;
            // Letters with marks are drawn in several parts, each told as the letter.
            let another = order.get(n + 1).is_some_and(|(_, c)| *c == shown);
            while let Some(part) = drawn.get(next).filter(|g| !another && g.chr == shown) {
                if glyph.advance_width == 0.0 {
                    glyph.pos.x = part.pos.x;
                }
                glyph.advance_width += part.advance_width;
                next += 1;
            }
            x = glyph.pos.x + glyph.advance_width;
        } else {
            glyph.pos.x = x;
            glyph.advance_width = 0.0;
        }
        glyph.chr = chars[index];
        out[index] = glyph;
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
