//! Text of several lines. The layouter underneath breaks lines and knows nothing of words that are
//! read from right to left: where there are some, lines are broken here, and each gets its order.

use super::bidi::{self, Piece};
use eframe::egui::cache::FramePublisher;
use eframe::egui::text::{ByteIndex, LayoutJob, LayoutSection, TextWrapping};
use eframe::egui::{Align, Color32, Galley, Id, Rect, Ui, pos2};
use eframe::epaint::text::ByteRangeExt as _;
use std::ops::Range;
use std::sync::Arc;

/// The text of a job in the order in which it is seen.
#[derive(Debug)]
pub struct Ordered {
    job: LayoutJob,
    /// For each of its sections: the line it is on, and which section it is of as it is read.
    from: Vec<(usize, usize)>,
}

/// The job laid out. What begins at the right stands at the right, where it would at the left.
pub fn galley(ui: &Ui, job: LayoutJob) -> Arc<Galley> {
    match ordered(ui, &job) {
        Some(ordered) => ordered.galley(ui),
        None => ui.painter().layout_job(job),
    }
}

/// Painted from the top of `r`, at the side for which it was laid out. Returns where.
pub fn paint(ui: &Ui, r: Rect, galley: Arc<Galley>, color: Color32) -> Rect {
    let x = match galley.job.halign {
        Align::Min => r.min.x,
        Align::Center => r.center().x,
        Align::Max => r.max.x,
    };
    let pos = pos2(x.round(), r.min.y.round());
    let area = galley.rect.translate(pos.to_vec2());
    ui.painter().galley(pos, galley, color);
    area
}

/// Nothing where all is read from left to right. Worked out once for as long as it is on show.
pub fn ordered(ui: &Ui, job: &LayoutJob) -> Option<Arc<Ordered>> {
    type Shown = FramePublisher<(Id, u32), Arc<Ordered>>;
    if !bidi::has_right_to_left(&job.text) {
        return None;
    }
    // Another width as well when the typefaces are others.
    let whole = width(ui, job, 0..job.text.len());
    let key = (Id::unique(job), whole.to_bits());
    let known = ui.memory_mut(|m| m.caches.cache::<Shown>().get(&key).cloned());
    let ordered = known.unwrap_or_else(|| Arc::new(put_in_order(ui, job)));
    ui.memory_mut(|m| m.caches.cache::<Shown>().set(key, Arc::clone(&ordered)));
    Some(ordered)
}

impl Ordered {
    pub fn galley(&self, ui: &Ui) -> Arc<Galley> {
        ui.painter().layout_job(self.job.clone())
    }

    /// Where sections of the text as it is read stand in what [`Self::galley`] gave: which one,
    /// and a rectangle for each part of it.
    pub fn rects(&self, ui: &Ui, galley: &Galley) -> Vec<(usize, Rect)> {
        let mut rects = vec![];
        let mut x = (usize::MAX, 0.0);
        for (&(line, of), shown) in self.from.iter().zip(&self.job.sections) {
            let Some(row) = galley.rows.get(line) else {
                break;
            };
            if x.0 != line {
                x = (line, row.rect().min.x);
            }
            let left = x.1;
            x.1 += width(ui, &self.job, shown.byte_range.as_usize());
            if x.1 > left {
                let y = row.rect().y_range();
                rects.push((of, Rect::from_x_y_ranges(left..=x.1, y)));
            }
        }
        rects
    }
}

/// Width of a part on one line; line ends have none.
pub(super) fn width(ui: &Ui, job: &LayoutJob, part: Range<usize>) -> f32 {
    let mut alone = LayoutJob {
        wrap: TextWrapping::no_max_width(),
        ..LayoutJob::default()
    };
    for (section, range) in sections_of(job, part) {
        let words = job.text[range].trim_end_matches('\n');
        alone.append(words, 0.0, section.format.clone());
    }
    ui.painter().layout_job(alone).size().x
}

/// Which sections a part is of, and how much of each.
pub(super) fn sections_of(
    job: &LayoutJob,
    part: Range<usize>,
) -> impl Iterator<Item = (&LayoutSection, Range<usize>)> {
    let end = part.end;
    let first = job
        .sections
        .partition_point(|s| s.byte_range.end.0 <= part.start);
    let sections = job.sections.iter().skip(first);
    sections
        .take_while(move |section| section.byte_range.start.0 < end)
        .map(move |section| {
            let all = section.byte_range.as_usize();
            (section, all.start.max(part.start)..all.end.min(part.end))
        })
}

fn put_in_order(ui: &Ui, job: &LayoutJob) -> Ordered {
    let mut out = Ordered {
        job: LayoutJob::default(),
        from: vec![],
    };
    let mut shown = LayoutJob {
        text: String::with_capacity(job.text.len()),
        sections: vec![],
        wrap: TextWrapping::no_max_width(),
        ..job.clone()
    };
    if shown.halign == Align::Min && bidi::begins_at_right(&job.text) {
        shown.halign = Align::Max;
    }
    let cuts: Vec<usize> = job.sections.iter().map(|s| s.byte_range.end.0).collect();
    let (mut start, mut nth) = (0, 0);
    for paragraph in job.text.split('\n') {
        let within = |range: Range<usize>| start + range.start..start + range.end;
        let room = job.wrap.max_width;
        let lines =
            bidi::broken_without_spaces(paragraph, room, |part| width(ui, job, within(part)));
        let first_cut = cuts.partition_point(|&cut| cut <= start);
        let cuts: Vec<usize> = cuts[first_cut..].iter().map(|cut| cut - start).collect();
        for pieces in bidi::order(paragraph, &lines, &cuts) {
            if nth > 0 {
                out.append(&mut shown, job, nth - 1, start.saturating_sub(1), "\n");
            }
            for Piece { range, other, .. } in pieces {
                for (_, range) in sections_of(job, within(range)) {
                    let mut letter = [0; 4];
                    let words = match other {
                        Some(other) => other.encode_utf8(&mut letter),
                        None => &job.text[range.clone()],
                    };
                    out.append(&mut shown, job, nth, range.start, words);
                }
            }
            nth += 1;
        }
        start += paragraph.len() + 1;
    }
    out.job = shown;
    out
}

impl Ordered {
    /// Words with the look that the text as it is read has `at` a place.
    fn append(
        &mut self,
        shown: &mut LayoutJob,
        job: &LayoutJob,
        line: usize,
        at: usize,
        words: &str,
    ) {
        let of = job.sections.partition_point(|s| s.byte_range.end.0 <= at);
        let of = of.min(job.sections.len().saturating_sub(1));
        let Some(section) = job.sections.get(of) else {
            return;
        };
        let start = shown.text.len();
        shown.text.push_str(words);
        let end = ByteIndex(shown.text.len());
        match shown.sections.last_mut() {
            Some(last) if self.from.last() == Some(&(line, of)) => last.byte_range.end = end,
            _ => {
                let byte_range = ByteIndex(start)..end;
                shown.sections.push(LayoutSection {
                    byte_range,
                    ..section.clone()
                });
                self.from.push((line, of));
            }
        }
    }
}
