//! Text while it is typed, when words of it are read from right to left. The layouter underneath
//! gives such rows more glyphs than characters and puts their words from left to right. Here each
//! character has one glyph, where the Unicode Bidirectional Algorithm wants it; the caret, the
//! pointer and the arrow keys follow. A row that is read from right to left has its origin at its
//! right end and grows to the left.
//!
//! A field uses [`plain`] or [`galley`] as its layouter, and is shown by [`show`], which gives it
//! its menu too.

mod edit_menu;
mod repair;

use super::bidi;
use super::lines::{sections_of, width};
use eframe::egui::emath::GuiRounding as _;
use eframe::egui::epaint::text::{CharIndex, PlacedRow};
use eframe::egui::os::OperatingSystem;
use eframe::egui::text::{
    ByteIndex, CCursor, CCursorRange, LayoutJob, LayoutSection, TextWrapping,
};
use eframe::egui::text_edit::TextEditOutput;
use eframe::egui::{
    Align, Color32, CursorIcon, Event, FontId, Galley, Id, Key, Rect, Sense, TextEdit, Ui, Vec2,
    pos2, vec2,
};
use std::ops::Range;
use std::sync::Arc;
use unicode_bidi::Level;

/// Bytes of a paragraph from which on its words keep the layouter's order: to measure each of them
/// again for every key would be felt. The rich-text field sets long ones piece by piece.
const LONGEST: usize = 8_000;

/// What a text field shows, as egui would lay it out; a line that begins at the right stands there.
pub fn plain(
    ui: &Ui,
    text: &str,
    font: &FontId,
    color: Color32,
    multiline: bool,
    room: f32,
) -> Arc<Galley> {
    let (text, font) = (text.to_owned(), font.clone());
    let high = ui.fonts_mut(|f| f.row_height(&font)) + ui.spacing().extra_text_line_spacing;
    let mut job = match multiline {
        true => LayoutJob::simple(text, font, color, room),
        false => LayoutJob::simple_singleline(text, font, color),
    };
    job.keep_trailing_whitespace = true;
    for section in &mut job.sections {
        section.format.line_height = Some(high);
    }
    galley(ui, job, room, None)
}

/// The job laid out at its side of the room, which begins at 0. `from_right`: whether each of its
/// paragraphs is read from right to left, whatever letter it begins with.
pub fn galley(ui: &Ui, job: LayoutJob, room: f32, from_right: Option<bool>) -> Arc<Galley> {
    let plain = ui.fonts_mut(|f| f.layout_job(job.clone()));
    let rows = plain.rows.iter();
    let have: usize = rows.map(|r| r.char_count_including_newline().0).sum();
    if have == job.text.chars().count() && !bidi::has_right_to_left(&job.text) {
        let by = match job.halign {
            Align::LEFT => 0.0,
            Align::Center => room / 2.0,
            Align::RIGHT => room,
        };
        return moved(plain, by);
    }
    let mut parts = Vec::new();
    let mut start = 0;
    let whole = [job.text.as_str()];
    let by_line = job.text.split('\n').collect::<Vec<_>>();
    for paragraph in if job.break_on_newline {
        &by_line[..]
    } else {
        &whole
    } {
        let range = start..start + paragraph.len();
        start = range.end + 1;
        if paragraph.len() > LONGEST {
            parts.push(Part::in_layouters_order(ui, &job, range));
        } else {
            lines_of(ui, &job, range, from_right, &mut parts);
        }
    }
    Arc::new(put_together(ui, job, &parts, room))
}

/// A galley moved to the right by `by` points, with the room that is left there.
#[must_use]
pub fn moved(galley: Arc<Galley>, by: f32) -> Arc<Galley> {
    if by <= 0.0 {
        return galley;
    }
    let mut moved = Arc::unwrap_or_clone(galley);
    for row in &mut moved.rows {
        row.pos.x += by;
    }
    let corner = moved.rect.max + vec2(by, 0.0);
    moved.rect = Rect::from_min_max(pos2(0.0, moved.rect.top()), corner);
    moved.mesh_bounds = moved.mesh_bounds.translate(vec2(by, 0.0));
    Arc::new(moved)
}

/// Some rows of a galley, by themselves.
struct Part {
    galley: Arc<Galley>,
    /// None for those that stay as the layouter made them.
    line: Option<Line>,
}

/// A row whose order is known.
struct Line {
    /// As they are read.
    chars: Vec<char>,
    /// Indices of `chars` from left to right, and what is shown for each.
    order: Vec<(usize, char)>,
    /// Whether each of `chars` is read from right to left.
    turned: Vec<bool>,
    from_right: bool,
    /// A paragraph ends here.
    ends: bool,
}

/// A job as another, without words and room.
fn job_of(job: &LayoutJob) -> LayoutJob {
    LayoutJob {
        text: String::new(),
        sections: vec![],
        wrap: TextWrapping::no_max_width(),
        halign: Align::LEFT,
        keep_trailing_whitespace: true,
        ..job.clone()
    }
}

/// Adds words in the look of a section. Pieces are shaped apart, or words of one typeface would be
/// put in order once more.
fn append(shown: &mut LayoutJob, section: &LayoutSection, words: &str) {
    let start = shown.text.len();
    shown.text.push_str(words);
    shown.sections.push(LayoutSection {
        byte_range: ByteIndex(start)..ByteIndex(shown.text.len()),
        leading_space: 0.0,
        format: section.format.clone(),
    });
}

impl Part {
    fn in_layouters_order(ui: &Ui, job: &LayoutJob, range: Range<usize>) -> Self {
        let mut alone = LayoutJob {
            wrap: job.wrap.clone(),
            ..job_of(job)
        };
        for (section, range) in sections_of(job, range) {
            append(&mut alone, section, &job.text[range]);
        }
        let galley = ui.fonts_mut(|f| f.layout_job(alone));
        Self {
            galley: repair::repair(galley),
            line: None,
        }
    }
}

fn lines_of(
    ui: &Ui,
    job: &LayoutJob,
    range: Range<usize>,
    from_right: Option<bool>,
    parts: &mut Vec<Part>,
) {
    let paragraph = &job.text[range.clone()];
    let within = |part: &Range<usize>| range.start + part.start..range.start + part.end;
    let from_right = from_right.unwrap_or_else(|| bidi::begins_at_right(paragraph));
    let base = if from_right {
        Level::rtl()
    } else {
        Level::ltr()
    };
    // Without an end of the room nothing is broken.
    let lines = bidi::broken(paragraph, job.wrap.max_width, |part| {
        width(ui, job, within(&part))
    });
    let order = bidi::order_from(paragraph, &lines, &[], Some(base));
    let last = lines.len() - 1;
    for (nth, (line, pieces)) in lines.iter().zip(order).enumerate() {
        let mut shown = job_of(job);
        let chars: Vec<char> = paragraph[line.clone()].chars().collect();
        let mut order = Vec::with_capacity(chars.len());
        let mut turned = vec![false; chars.len()];
        for piece in pieces {
            let words = &paragraph[piece.range.clone()];
            let first = paragraph[line.start..piece.range.start].chars().count();
            let letters = words.chars().enumerate();
            let mut letters: Vec<_> = letters
                .map(|(n, c)| (first + n, piece.other.unwrap_or(c)))
                .collect();
            let mut sections: Vec<_> = sections_of(job, within(&piece.range)).collect();
            // The layouter turns words, as long as one look goes.
            if piece.turned && bidi::has_right_to_left(words) {
                letters.reverse();
                sections.reverse();
            }
            for (index, _) in &letters {
                turned[*index] = piece.turned;
            }
            order.extend(letters);
            let mut letter = [0; 4];
            for (section, range) in sections {
                let words = match piece.other {
                    Some(other) => other.encode_utf8(&mut letter),
                    None => &job.text[range],
                };
                append(&mut shown, section, words);
            }
        }
        if shown.sections.is_empty() {
            // As high as what is typed here will be.
            let at = job
                .sections
                .partition_point(|s| s.byte_range.end.0 < range.start);
            let section = job.sections.get(at).or(job.sections.last());
            if let Some(section) = section {
                append(&mut shown, section, "");
            }
        }
        parts.push(Part {
            galley: ui.fonts_mut(|f| f.layout_job(shown)),
            line: Some(Line {
                chars,
                order,
                turned,
                from_right,
                ends: nth == last,
            }),
        });
    }
}

/// The parts below each other, each row at its side.
fn put_together(ui: &Ui, job: LayoutJob, parts: &[Part], room: f32) -> Galley {
    let pixels = ui.ctx().pixels_per_point();
    let galleys: Vec<_> = parts.iter().map(|part| Arc::clone(&part.galley)).collect();
    let widest = galleys.iter().map(|g| g.size().x).fold(0.0, f32::max);
    let room = room.max(widest);
    let align = job.halign;
    let mut whole = Galley::concat(Arc::new(job), &galleys, pixels);
    let high = whole.rect.height();
    let (mut nth, mut right) = (0, widest);
    let rows = whole.rows.len();
    for part in parts {
        for at in nth..nth + part.galley.rows.len() {
            let (Some(line), Some(row)) = (&part.line, whole.rows.get_mut(at)) else {
                continue;
            };
            row.ends_with_newline = line.ends && at + 1 < rows;
            let wide = line.place(row, align, room, pixels);
            right = right.max(wide);
        }
        nth += part.galley.rows.len();
    }
    whole.rect = Rect::from_min_max(pos2(0.0, 0.0), pos2(right, high));
    let bounds = whole.rows.iter();
    let bounds = bounds.map(|row| row.visuals.mesh_bounds.translate(row.pos.to_vec2()));
    whole.mesh_bounds = bounds.fold(Rect::NOTHING, |all, r| all | r);
    whole
}

impl Line {
    /// Gives the row its glyphs and its place; returns where it ends at the right.
    fn place(&self, row: &mut PlacedRow, align: Align, room: f32, pixels: f32) -> f32 {
        let inner = Arc::make_mut(&mut row.row);
        let wide = inner.size.x.round_to_pixels(pixels);
        let left = match align {
            Align::Center => (room - wide) / 2.0,
            Align::Max => room - wide,
            Align::Min if self.from_right => room - wide,
            Align::Min => 0.0,
        };
        let left = left.max(0.0).round_to_pixels(pixels);
        let drawn = repair::drawn_glyphs(&inner.glyphs);
        inner.glyphs = repair::assign(&self.chars, &drawn, &self.order);
        let moved = if self.from_right { wide } else { 0.0 };
        for (glyph, turned) in inner.glyphs.iter_mut().zip(&self.turned) {
            glyph.pos.x -= moved;
            if *turned {
                glyph.pos.x += glyph.advance_width;
                glyph.advance_width = -glyph.advance_width;
            }
        }
        // The caret does not stand between a letter and what is on it.
        let mut after = None;
        for glyph in &mut inner.glyphs {
            match after {
                Some(x) if glyph.advance_width == 0.0 => glyph.pos.x = x,
                _ => after = Some(glyph.pos.x + glyph.advance_width),
            }
        }
        // A selection paints what is behind the letters and leaves their colours: vertices of what
        // is chosen do not follow each other.
        let end = inner.visuals.glyph_vertex_range.end;
        for glyph in &mut inner.glyphs {
            glyph.first_vertex = u32::try_from(end).unwrap_or(u32::MAX);
        }
        if self.from_right {
            inner.size.x = -wide;
            inner.visuals.mesh.translate(vec2(-wide, 0.0));
            inner.visuals.mesh_bounds = inner.visuals.mesh_bounds.translate(vec2(-wide, 0.0));
        }
        row.pos.x = left + moved;
        left + wide
    }
}

/// The character before which the caret stands when the pointer is at a place of the galley.
#[must_use]
pub fn cursor_at(galley: &Galley, at: Vec2) -> CCursor {
    let mut first = 0;
    for (nth, row) in galley.rows.iter().enumerate() {
        if at.y < row.max_y() || nth + 1 == galley.rows.len() {
            return cursor_in(row, first, at.x - row.pos.x);
        }
        first += row.char_count_including_newline().0;
    }
    CCursor::default()
}

fn cursor_in(row: &PlacedRow, first: usize, x: f32) -> CCursor {
    let edges = |nth: usize| {
        let glyph = &row.glyphs[nth];
        let (a, b) = (glyph.pos.x, glyph.pos.x + glyph.advance_width);
        (a.min(b), a.max(b), b < a)
    };
    let away = |nth: usize| {
        let (left, right, _) = edges(nth);
        (left - x).max(x - right).max(0.0)
    };
    let shown = (0..row.glyphs.len()).filter(|&nth| row.glyphs[nth].advance_width != 0.0);
    let nearest = shown.min_by(|&a, &b| away(a).total_cmp(&away(b)));
    let column = nearest.map_or(0, |nth| {
        let (left, right, turned) = edges(nth);
        if (x < (left + right) / 2.0) != turned {
            return nth;
        }
        // Behind the letter and what stands on it.
        let marks = row.glyphs[nth + 1..].iter();
        nth + 1 + marks.take_while(|g| g.advance_width == 0.0).count()
    });
    CCursor {
        index: CharIndex(first + column),
        prefer_next_row: column < row.glyphs.len(),
    }
}

/// A field that uses [`plain`] or [`galley`].
pub fn show(ui: &mut Ui, edit: TextEdit<'_>) -> TextEditOutput {
    turn_arrows(ui);
    let mut shown = edit.show(ui);
    follow(ui, &mut shown);
    edit_menu::ui(ui, &mut shown, false);
    shown
}

/// Takes from a note's field, before it is shown, the keys by which egui's fields delete as Emacs
/// does: Ctrl+H, K, U and W, with Alt too, mean something else in Anki or nothing at all. On a Mac
/// the system has them.
pub fn leave_out_deleting_keys(ui: &Ui, field: Id) {
    if !ui.memory(|m| m.has_focus(field)) || ui.ctx().os() == OperatingSystem::Mac {
        return;
    }
    ui.input_mut(|i| {
        i.events.retain(|event| {
            !matches!(
                event,
                Event::Key { key: Key::H | Key::K | Key::U | Key::W, modifiers, .. }
                    if modifiers.ctrl
            )
        });
    });
}

/// Page Up and Page Down in a field of several lines, before it is shown: they lead as many lines
/// up or down as are seen, of `line` points each. egui's fields leave them out.
pub fn page_keys(ui: &Ui, field: Id, line: f32) {
    let is_page = |event: &Event| {
        matches!(
            event,
            Event::Key { key: Key::PageUp | Key::PageDown, pressed: true, modifiers, .. }
                if !modifiers.command && !modifiers.alt
        )
    };
    let has_focus = ui.memory(|m| m.has_focus(field));
    if !has_focus || !ui.input(|i| i.events.iter().any(is_page)) {
        return;
    }
    // The last line that was seen is seen still.
    let lines = (ui.clip_rect().height() / line - 1.0).clamp(1.0, 100.0) as usize;
    ui.input_mut(|i| {
        for mut event in std::mem::take(&mut i.events) {
            if !is_page(&event) {
                i.events.push(event);
                continue;
            }
            if let Event::Key { key, .. } = &mut event {
                *key = match *key {
                    Key::PageUp => Key::ArrowUp,
                    _ => Key::ArrowDown,
                };
            }
            i.events.extend(std::iter::repeat_n(event, lines));
        }
    });
}

/// A field that shows dots in place of what is typed.
pub fn show_hidden(ui: &mut Ui, edit: TextEdit<'_>) -> TextEditOutput {
    let mut shown = edit.show(ui);
    edit_menu::ui(ui, &mut shown, true);
    shown
}

/// Where the caret stands in text that is read from right to left, the arrow keys lead to where
/// they point.
fn turn_arrows(ui: &Ui) {
    let now = ui.ctx().cumulative_frame_nr();
    let focus = ui.memory(|m| m.focused());
    let turned = ui.data_mut(|d| {
        let place = d.get_temp_mut_or_default::<Place>(Id::unique("typed"));
        let turned = place.from_right && focus.is_some() && place.field == focus;
        turned && place.turned.replace(now) != Some(now)
    });
    if !turned {
        return;
    }
    ui.input_mut(|i| {
        for event in &mut i.events {
            if let Event::Key { key, .. } = event {
                *key = match *key {
                    Key::ArrowLeft => Key::ArrowRight,
                    Key::ArrowRight => Key::ArrowLeft,
                    other => other,
                };
            }
        }
    });
}

/// Where the caret was when its field was shown last.
#[derive(Debug, Clone, Default)]
struct Place {
    field: Option<Id>,
    from_right: bool,
    /// Frame in which the arrows were turned.
    turned: Option<u64>,
}

/// The pointer, and the keys that lead to another row, where egui would look for the place as if
/// all were read from left to right.
fn follow(ui: &Ui, shown: &mut TextEditOutput) {
    let id = shown.response.response.id;
    let has_focus = ui.memory(|m| m.has_focus(id));
    let special = bidi::has_right_to_left(shown.galley.text());
    if has_focus {
        let from_right = special && caret_in_turned(shown);
        ui.data_mut(|d| {
            let place = d.get_temp_mut_or_default::<Place>(Id::unique("typed"));
            place.field = Some(id);
            place.from_right = from_right;
        });
    }
    if !special {
        return;
    }
    if has_focus {
        follow_rows(ui, id, shown);
    }
    // Over the field, which gets nothing of it; no stop for Tab.
    let sense = Sense::CLICK | Sense::DRAG;
    let over = ui.interact(shown.response.response.rect, id.with("typed"), sense);
    let over = over.on_hover_cursor(CursorIcon::Text);
    if let Some(at) = over.interact_pointer_pos() {
        let at = at - shown.galley_pos + vec2(shown.galley.rect.left(), 0.0);
        let cursor = cursor_at(&shown.galley, at);
        let (state, dragged) = (&mut shown.state, over.dragged());
        let moved = state
            .cursor
            .pointer_interaction(ui, &over, cursor, &shown.galley, dragged);
        if moved || over.clicked() {
            ui.memory_mut(|m| m.request_focus(id));
            state.clone().store(ui.ctx(), id);
            ui.ctx().request_repaint();
        }
    }
    let response = shown.response.response.clone();
    shown.response.response = response.union(over);
}

/// Whether the caret's paragraph is read from right to left.
fn caret_in_turned(shown: &TextEditOutput) -> bool {
    let text = shown.galley.text();
    let Some(range) = shown.state.cursor.char_range() else {
        return false;
    };
    let before: usize = text
        .chars()
        .take(range.primary.index.0)
        .map(char::len_utf8)
        .sum();
    let start = text[..before].rfind('\n').map_or(0, |at| at + 1);
    let paragraph = text[start..].split('\n').next().unwrap_or_default();
    bidi::begins_at_right(paragraph)
}

/// Up and Down.
fn follow_rows(ui: &Ui, id: Id, shown: &mut TextEditOutput) {
    let galley = &shown.galley;
    let (up, down, shift) = ui.input(|i| {
        let alone = !i.modifiers.command && !i.modifiers.alt;
        let pressed = |key| if alone { i.num_presses(key) } else { 0 };
        (
            pressed(Key::ArrowUp),
            pressed(Key::ArrowDown),
            i.modifiers.shift,
        )
    });
    let kept = Id::unique("typed before");
    let before: Option<(Id, CCursorRange)> = ui.data(|d| d.get_temp(kept));
    let state = &mut shown.state;
    if let Some((field, range)) = before
        && field == id
        && up != down
    {
        let at = galley.layout_from_cursor(range.primary);
        let row = (at.row + down).checked_sub(up);
        if let Some(row) = row.filter(|row| *row < galley.rows.len()) {
            let x = galley.pos_from_cursor(range.primary).center().x;
            let y = galley.rows[row].rect().center().y;
            let to = cursor_at(galley, vec2(x, y));
            let secondary = if shift { range.secondary } else { to };
            state.cursor.set_char_range(Some(CCursorRange {
                primary: to,
                secondary,
                h_pos: None,
            }));
            state.clone().store(ui.ctx(), id);
            ui.ctx().request_repaint();
        }
    }
    if let Some(range) = state.cursor.char_range() {
        ui.data_mut(|d| d.insert_temp(kept, (id, range)));
    }
}
