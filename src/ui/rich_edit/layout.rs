//! From a snapshot to a galley: one layout job a paragraph, with its own indent and alignment, put
//! together; paragraphs that did not change are kept.

use super::Picture;
use super::doc::{Doc, ObjectView};
use super::resize::Resizing;
use crate::field_html::{Object, Rgb, Style, Unit};
use crate::render::FormulaPicture;
use crate::ui::theme::{Tokens, font, typeface};
use crate::ui::widgets::{bidi, typed};
use eframe::egui::text::{ByteIndex, LayoutJob, LayoutSection, TextFormat, TextWrapping};
use eframe::egui::{
    Align, Color32, FontFamily, FontId, Galley, Stroke, TextureHandle, Ui, Vec2, vec2,
};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

/// Points that each list level moves its lines.
const LIST_INDENT: f32 = 24.0;
const QUOTE_INDENT: f32 = 20.0;
/// Highest picture in a field; larger ones are shown smaller.
const HIGHEST_PICTURE: f32 = 320.0;
const CHIP: f32 = 24.0;
/// Characters from which on a paragraph is set piece by piece, and about how many are in a piece:
/// what is typed into one piece leaves the others as they are.
const LONG: usize = 4_000;
const PIECE: usize = 1_000;
/// Space between a chip's edge and its words; a sound's leaves room for the play button.
const CHIP_LEAD: f32 = 8.0;
pub(super) const SOUND_LEAD: f32 = 26.0;

/// How a field's text is set.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Setting {
    pub family: FontFamily,
    pub size: f32,
    pub rtl: bool,
}

/// Where pictures come from.
pub(super) struct Pictures<'a> {
    pub get: &'a mut dyn FnMut(Picture<'_>) -> Option<TextureHandle>,
    /// Of the field, in points.
    pub font_size: f32,
    pub view: &'a PictureView,
}

/// How pictures are shown, whatever the field says.
#[derive(Debug, Default)]
pub(super) struct PictureView {
    /// Files of pictures that are shown as large as they are.
    pub expanded: HashSet<String>,
    /// The one whose corner is being dragged.
    pub resizing: Option<Resizing>,
}

impl PictureView {
    /// Shows the picture as large as it is, or no longer.
    pub fn toggle(&mut self, file: &str) {
        if !self.expanded.remove(file) {
            self.expanded.insert(file.to_owned());
        }
    }
}

impl Pictures<'_> {
    /// The object's picture and its real size in points.
    pub fn of(&mut self, ui: &Ui, object: &ObjectView) -> Option<(TextureHandle, Vec2)> {
        match object.kind {
            Object::Image => {
                let texture = (self.get)(Picture::File(&object.file))?;
                let size = texture.size_vec2();
                Some((texture, size))
            }
            Object::Formula if FormulaPicture::can_draw(&object.source) => {
                let t = Tokens::of(ui);
                let scale = ui.ctx().pixels_per_point();
                let rgb = |c: Color32| [c.r(), c.g(), c.b()];
                let formula = FormulaPicture {
                    source: object.source.clone(),
                    size_px: (self.font_size * scale).round().clamp(6.0, 200.0) as u16,
                    text: rgb(t.text),
                    back: rgb(t.surface),
                };
                let texture = (self.get)(Picture::Formula(&formula))?;
                let size = texture.size_vec2() / scale;
                Some((texture, size))
            }
            _ => None,
        }
    }
}

impl Pictures<'_> {
    /// Whether a high picture is shown smaller than it is: nobody asked for its size.
    fn is_limited(&self, object: &ObjectView) -> bool {
        object.size == (None, None)
            && !self.view.expanded.contains(&object.file)
            && self
                .view
                .resizing
                .is_none_or(|drag| drag.unit != object.unit)
    }

    /// Whether a double click makes the picture larger or smaller.
    pub fn can_expand(&mut self, ui: &Ui, object: &ObjectView) -> bool {
        let real = self.of(ui, object).map_or(0.0, |(_, real)| real.y);
        object.kind == Object::Image && object.size == (None, None) && real > HIGHEST_PICTURE
    }
}

/// The galleys of the last frame. `sentinel` shows whether egui threw its glyphs away.
#[derive(Default)]
pub(super) struct Cache {
    sentinel: Option<Arc<Galley>>,
    environment: u64,
    whole: Option<(u64, Arc<Galley>)>,
    paragraphs: HashMap<u64, Arc<Galley>>,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache")
            .field("paragraphs", &self.paragraphs.len())
            .finish_non_exhaustive()
    }
}

impl Cache {
    /// The galley of a snapshot, as wide as `wrap` points at most.
    pub fn galley(
        &mut self,
        ui: &Ui,
        doc: &Doc,
        setting: &Setting,
        wrap: f32,
        pictures: &mut Pictures<'_>,
    ) -> Arc<Galley> {
        self.forget_when_stale(ui, setting, wrap);
        let sizes: Vec<Vec2> = doc
            .objects
            .iter()
            .map(|o| object_size(ui, o, wrap, pictures))
            .collect();
        let mut hash = DefaultHasher::new();
        doc.revision.hash(&mut hash);
        for s in &sizes {
            (s.x.to_bits(), s.y.to_bits()).hash(&mut hash);
        }
        let key = hash.finish();
        if let Some((known, galley)) = &self.whole
            && *known == key
        {
            return galley.clone();
        }
        let galley = Arc::new(self.lay_out(ui, doc, setting, wrap, &sizes));
        self.whole = Some((key, galley.clone()));
        galley
    }

    fn forget_when_stale(&mut self, ui: &Ui, setting: &Setting, wrap: f32) {
        let probe = LayoutJob::simple_singleline("·".to_owned(), font::body(), Color32::WHITE);
        let sentinel = ui.fonts_mut(|f| f.layout_job(probe));
        let mut hash = DefaultHasher::new();
        (wrap.to_bits(), setting.size.to_bits(), setting.rtl).hash(&mut hash);
        setting.family.hash(&mut hash);
        ui.visuals().dark_mode.hash(&mut hash);
        ui.ctx().pixels_per_point().to_bits().hash(&mut hash);
        let environment = hash.finish();
        let same = self
            .sentinel
            .as_ref()
            .is_some_and(|s| Arc::ptr_eq(s, &sentinel));
        if !same || environment != self.environment {
            self.whole = None;
            self.paragraphs.clear();
        }
        self.sentinel = Some(sentinel);
        self.environment = environment;
    }

    fn lay_out(
        &mut self,
        ui: &Ui,
        doc: &Doc,
        setting: &Setting,
        wrap: f32,
        sizes: &[Vec2],
    ) -> Galley {
        let p = &doc.projection;
        let formats: Vec<TextFormat> = p.styles.iter().map(|s| format(ui, s, setting)).collect();
        let looks: Vec<u64> = p.styles.iter().map(look).collect();
        let mut kept = HashMap::new();
        let mut parts = Vec::new();
        // Rows so far, and those at whose end a piece of a paragraph ends and not the paragraph.
        let (mut rows, mut joined) = (0, Vec::new());
        let mut objects = doc.objects.iter().zip(sizes).peekable();
        let mut from = 0;
        for text in p.text.split('\n') {
            let to = from + text.chars().count();
            let mut boxes = Vec::new();
            while let Some((object, size)) = objects.next_if(|(o, _)| o.unit < to) {
                boxes.push((object.unit - from, *size));
            }
            // An empty line looks like what follows, or else like what was before it.
            let lead = p.units.get(from).or_else(|| p.units.last());
            let paragraph = Paragraph {
                text,
                units: &p.units[from..to],
                lead: lead.map_or(0, |u| u.style),
                boxes,
                style: lead.map(|u| p.style(u)),
                from_right: setting.rtl || bidi::begins_at_right(text),
            };
            let mut set = |piece: &Paragraph<'_>, more: bool| {
                let key = piece.key(&looks, more);
                let known = self.paragraphs.remove(&key);
                let galley = known.or_else(|| kept.get(&key).cloned());
                let galley = galley.unwrap_or_else(|| {
                    let galley = piece.galley(ui, &formats, setting, wrap);
                    if more {
                        without_last_rows(galley, piece.text)
                    } else {
                        galley
                    }
                });
                kept.insert(key, galley.clone());
                galley
            };
            if paragraph.units.len() < LONG {
                parts.push(set(&paragraph, false));
            } else {
                for galley in paragraph.in_pieces(&mut set) {
                    rows += galley.rows.len();
                    joined.push(rows - 1);
                    parts.push(galley);
                }
                // The last one ends the paragraph.
                joined.pop();
                rows -= parts.last().map_or(0, |galley| galley.rows.len());
            }
            rows += parts.last().map_or(0, |galley| galley.rows.len());
            from = to + 1;
        }
        self.paragraphs = kept;
        let mut whole = LayoutJob::simple(p.text.clone(), font::body(), Color32::WHITE, wrap);
        whole.keep_trailing_whitespace = true;
        let mut whole = Galley::concat(Arc::new(whole), &parts, ui.ctx().pixels_per_point());
        // Rows that grow to the left are wider than they say.
        let right = parts.iter().map(|part| part.rect.right());
        whole.rect.max.x = right.fold(whole.rect.max.x, f32::max);
        whole.rect.min.x = 0.0;
        for row in joined {
            if let Some(row) = whole.rows.get_mut(row) {
                row.ends_with_newline = false;
            }
        }
        whole
    }
}

fn look(style: &Style) -> u64 {
    let mut hash = DefaultHasher::new();
    style.hash(&mut hash);
    hash.finish()
}

/// One line of the field until its end.
struct Paragraph<'a> {
    text: &'a str,
    units: &'a [Unit],
    /// Style of an empty line.
    lead: u16,
    /// Objects: their place among the units and their size.
    boxes: Vec<(usize, Vec2)>,
    style: Option<&'a Style>,
    /// Read from right to left.
    from_right: bool,
}

impl Paragraph<'_> {
    /// Galleys of a long paragraph, one below the other. A piece ends where a row ends, so that all
    /// of them together are wrapped as the whole would be.
    fn in_pieces(
        &self,
        set: &mut dyn FnMut(&Paragraph<'_>, bool) -> Arc<Galley>,
    ) -> Vec<Arc<Galley>> {
        let mut galleys = Vec::new();
        let (mut at, mut byte) = (0, 0);
        while at < self.units.len() {
            let to = (at + PIECE).min(self.units.len());
            let units = &self.units[at..to];
            let bytes = |units: &[Unit]| units.iter().map(|u| u.ch.len_utf8()).sum::<usize>();
            let boxes = self
                .boxes
                .iter()
                .filter(|(unit, _)| (at..to).contains(unit));
            let piece = Paragraph {
                text: &self.text[byte..byte + bytes(units)],
                units,
                lead: self.lead,
                boxes: boxes.map(|(unit, size)| (unit - at, *size)).collect(),
                style: self.style,
                from_right: self.from_right,
            };
            let galley = set(&piece, to < self.units.len());
            let taken: usize = galley.rows.iter().map(|row| row.glyphs.len()).sum();
            // Rows that cannot be told apart by their glyphs: nothing is lost, at most a row is short.
            let taken = if taken == 0 {
                units.len()
            } else {
                taken.min(units.len())
            };
            byte += bytes(&units[..taken]);
            at += taken;
            galleys.push(galley);
        }
        galleys
    }

    /// `looks` are the styles' hashes; `more`: the paragraph goes on behind its last row.
    fn key(&self, looks: &[u64], more: bool) -> u64 {
        let mut hash = DefaultHasher::new();
        (self.text, more, self.from_right).hash(&mut hash);
        looks.get(usize::from(self.lead)).hash(&mut hash);
        let mut last = None;
        for (i, u) in self.units.iter().enumerate() {
            if last != Some(u.style) {
                last = Some(u.style);
                (i, looks.get(usize::from(u.style))).hash(&mut hash);
            }
        }
        for (at, size) in &self.boxes {
            (at, size.x.to_bits(), size.y.to_bits()).hash(&mut hash);
        }
        hash.finish()
    }

    fn galley(&self, ui: &Ui, formats: &[TextFormat], setting: &Setting, wrap: f32) -> Arc<Galley> {
        let indent = self.style.map_or(0.0, |s| {
            LIST_INDENT * f32::from(s.list) + QUOTE_INDENT * f32::from(s.indent)
        });
        let from_right = self.from_right;
        let align = match self.style.map_or(0, |s| s.align) {
            1 => Align::Center,
            2 => Align::RIGHT,
            0 if from_right => Align::RIGHT,
            _ => Align::LEFT,
        };
        let width = (wrap - indent).max(40.0);
        let job = LayoutJob {
            text: self.text.to_owned(),
            sections: self.sections(formats, setting),
            wrap: TextWrapping {
                max_width: width,
                ..Default::default()
            },
            keep_trailing_whitespace: true,
            halign: align,
            ..Default::default()
        };
        let galley = typed::galley(ui, job, width, Some(from_right));
        // What is read from the right is indented there.
        typed::moved(galley, if from_right { 0.0 } else { indent })
    }

    fn sections(&self, formats: &[TextFormat], setting: &Setting) -> Vec<LayoutSection> {
        let plain = || TextFormat {
            font_id: FontId::new(setting.size, setting.family.clone()),
            ..Default::default()
        };
        let section = |from: usize, to: usize, format: TextFormat| LayoutSection {
            leading_space: 0.0,
            byte_range: ByteIndex(from)..ByteIndex(to),
            format,
        };
        let of = |style: u16| {
            formats
                .get(usize::from(style))
                .cloned()
                .unwrap_or_else(plain)
        };
        let mut sections: Vec<LayoutSection> = Vec::new();
        let mut boxes = self.boxes.iter().peekable();
        let mut last: Option<u16> = None;
        let mut at = 0;
        for (i, u) in self.units.iter().enumerate() {
            let end = at + u.ch.len_utf8();
            if let Some((_, size)) = boxes.next_if(|(unit, _)| *unit == i) {
                let inline_box = TextFormat {
                    font_id: FontId::new(size.x, font::inline_box()),
                    line_height: Some(size.y + 4.0),
                    valign: Align::BOTTOM,
                    ..Default::default()
                };
                sections.push(section(at, end, inline_box));
                last = None;
            } else if last == Some(u.style)
                && let Some(open) = sections.last_mut()
            {
                open.byte_range.end = ByteIndex(end);
            } else {
                sections.push(section(at, end, of(u.style)));
                last = Some(u.style);
            }
            at = end;
        }
        if sections.is_empty() {
            sections.push(section(0, 0, of(self.lead)));
        }
        sections
    }
}

/// A galley without its last row, which the text that follows would have filled. Where words are
/// read from right to left, the next row begins with a letter: the place of a sign there would
/// depend on the row before.
fn without_last_rows(galley: Arc<Galley>, text: &str) -> Arc<Galley> {
    if galley.rows.len() < 2 {
        return galley;
    }
    let turned = bidi::has_right_to_left(text);
    let mut rest = text.chars().rev();
    let mut g = Arc::unwrap_or_clone(galley);
    while let Some(row) = g.rows.pop() {
        let visuals = &row.visuals.mesh;
        g.num_vertices = g.num_vertices.saturating_sub(visuals.vertices.len());
        g.num_indices = g.num_indices.saturating_sub(visuals.indices.len());
        let first = row.glyphs.len().checked_sub(1).and_then(|n| rest.nth(n));
        let goes_on = turned && first.is_some_and(|c| !c.is_alphabetic());
        if g.rows.len() < 2 || !goes_on {
            break;
        }
    }
    let bottom = g.rows.last().map_or(0.0, |row| row.rect().bottom());
    g.rect.max.y = bottom;
    Arc::new(g)
}

fn colour([r, g, b]: Rgb) -> Color32 {
    Color32::from_rgb(r, g, b)
}

/// A colour that was chosen on white is made light enough to be read on dark.
fn readable(c: Color32, t: &Tokens) -> Color32 {
    let light =
        |c: Color32| 0.299 * f32::from(c.r()) + 0.587 * f32::from(c.g()) + 0.114 * f32::from(c.b());
    if t.dark && light(c) < 110.0 {
        c.lerp_to_gamma(Color32::WHITE, 0.45)
    } else if !t.dark && light(c) > 225.0 {
        c.lerp_to_gamma(Color32::BLACK, 0.35)
    } else {
        c
    }
}

fn format(ui: &Ui, s: &Style, setting: &Setting) -> TextFormat {
    let t = Tokens::of(ui);
    let mut size = setting.size;
    if let Some(factor) = [1.6, 1.4, 1.2, 1.1, 1.0, 0.9].get(usize::from(s.heading.wrapping_sub(1)))
    {
        size *= factor;
    }
    if s.shift != 0 {
        size *= 0.7;
    }
    let own_font = setting.family != FontFamily::Proportional;
    let family = match (s.code, s.bold, s.italic) {
        (true, ..) => FontFamily::Monospace,
        (_, true, _) if own_font => typeface::bold_of(&setting.family),
        _ if own_font => setting.family.clone(),
        (_, true, _) => font::semibold(),
        (_, _, true) => font::italic(),
        _ => FontFamily::Proportional,
    };
    let slanted = s.italic && (s.bold || s.code || own_font);
    let color = match (s.color, s.cloze, s.link) {
        (Some(rgb), ..) if s.highlight.is_some() => colour(rgb),
        (Some(rgb), ..) => readable(colour(rgb), t),
        (None, ..) if s.highlight.is_some() => Color32::from_rgb(0x21, 0x1F, 0x1C),
        (_, 1.., _) => t.new,
        (_, _, true) => t.accent_text,
        _ => t.text,
    };
    let background = match (s.highlight, s.cloze) {
        (Some(rgb), _) => colour(rgb),
        (None, 0) => Color32::TRANSPARENT,
        (None, 1) => t.new.gamma_multiply(0.10),
        (None, 2) => t.new.gamma_multiply(0.22),
        (None, _) => t.new.gamma_multiply(0.34),
    };
    let line = Stroke::new(1.0, color);
    TextFormat {
        font_id: FontId::new(size, family),
        color,
        background,
        italics: slanted,
        underline: if s.underline || s.link {
            line
        } else {
            Stroke::NONE
        },
        strikethrough: if s.strike { line } else { Stroke::NONE },
        valign: if s.shift > 0 {
            Align::TOP
        } else {
            Align::BOTTOM
        },
        line_height: (s.shift != 0).then_some(size * 1.2),
        ..Default::default()
    }
}

/// How large an object is shown.
fn object_size(ui: &Ui, object: &ObjectView, wrap: f32, pictures: &mut Pictures<'_>) -> Vec2 {
    let room = (wrap - LIST_INDENT - 4.0).max(40.0);
    match object.kind {
        Object::Rule => return vec2(wrap - 4.0, 12.0),
        Object::Image | Object::Formula => {
            if let Some((_, real)) = pictures.of(ui, object) {
                let wanted = match object.size {
                    (Some(w), Some(h)) => vec2(w, h),
                    (Some(w), None) => vec2(w, real.y * w / real.x.max(1.0)),
                    (None, Some(h)) => vec2(real.x * h / real.y.max(1.0), h),
                    (None, None) => real,
                };
                let wanted = match pictures.view.resizing {
                    Some(drag) if drag.unit == object.unit => drag.size,
                    _ => wanted.max(Vec2::splat(4.0)),
                };
                let most = if pictures.is_limited(object) {
                    HIGHEST_PICTURE
                } else {
                    f32::INFINITY
                };
                return wanted * (room / wanted.x).min(most / wanted.y).min(1.0);
            }
        }
        _ => {}
    }
    let lead = lead_of(object.kind);
    let words = ui.fonts_mut(|f| {
        f.layout_no_wrap(object.label.clone(), font::small(), Color32::WHITE)
            .size()
            .x
    });
    vec2((words + lead + CHIP_LEAD).min(room), CHIP)
}

/// Where a chip's words begin.
pub(super) fn lead_of(kind: Object) -> f32 {
    match kind {
        Object::Sound | Object::Image => SOUND_LEAD,
        _ => CHIP_LEAD,
    }
}
