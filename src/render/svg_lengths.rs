//! Lengths in drawings (SVG), rather too high than too low: of outlines, and of their dashes the
//! other way.

use svgtypes::{Length, LengthListParser, LengthUnit, SimplePathSegment, SimplifyingPathParser};

/// What relative lengths may be relative to.
pub(super) struct Sizes {
    largest: f64,
    least: f64,
    pub largest_font: f64,
    /// Sizes are themselves relative to others.
    pub are_relative: bool,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            largest: 1000.0,
            least: 1.0,
            largest_font: 100.0,
            are_relative: false,
        }
    }
}

impl Sizes {
    pub fn see(&mut self, values: &[(&str, &str)]) {
        for &(name, value) in values {
            let is_font = matches!(name, "font-size" | "font");
            if !is_font && !matches!(name, "width" | "height" | "viewBox") {
                continue;
            }
            let is_whole = value.trim() == "100%";
            self.are_relative |= !is_whole && (value.contains('%') || value.contains("em"));
            for number in numbers(value) {
                self.largest = self.largest.max(number);
                if is_font {
                    self.largest_font = self.largest_font.max(number);
                }
                if number > 0.0 {
                    self.least = self.least.min(number);
                }
            }
        }
    }

    pub fn long(&self, length: Length) -> f64 {
        length.number.abs() * absolute(length.unit).unwrap_or(self.largest)
    }

    fn short(&self, length: Length) -> f64 {
        let relative = match length.unit {
            _ if self.are_relative => 0.0,
            LengthUnit::Percent => self.least / 100.0,
            _ => self.least / 4.0,
        };
        length.number * absolute(length.unit).unwrap_or(relative)
    }
}

fn absolute(unit: LengthUnit) -> Option<f64> {
    Some(match unit {
        LengthUnit::None | LengthUnit::Px => 1.0,
        LengthUnit::In => 96.0,
        LengthUnit::Cm => 96.0 / 2.54,
        LengthUnit::Mm => 96.0 / 25.4,
        LengthUnit::Pt => 96.0 / 72.0,
        LengthUnit::Pc => 16.0,
        LengthUnit::Em | LengthUnit::Ex | LengthUnit::Percent => return None,
    })
}

fn numbers(value: &str) -> impl Iterator<Item = f64> {
    let is_part =
        |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | 'e' | 'E' | '-' | '+');
    value
        .split(move |letter| !is_part(letter))
        .filter_map(|part| part.trim_end_matches(['e', 'E']).parse().ok())
}

/// Length of the turn of dashes by the number of them.
pub(super) fn dash(value: &str, sizes: &Sizes) -> Option<f64> {
    let lengths: Vec<f64> = LengthListParser::from(value)
        .filter_map(Result::ok)
        .map(|length| sizes.short(length))
        .collect();
    let sum: f64 = lengths.iter().sum();
    let is_list = !lengths.is_empty() && lengths.iter().all(|&length| length >= 0.0);
    let is_relative = ["%", "em", "ex"].iter().any(|unit| value.contains(unit));
    (is_list && (sum > 0.0 || is_relative)).then(|| sum / lengths.len() as f64)
}

/// At most, and its corners.
pub(super) fn path_length(d: &str) -> (f64, f64) {
    let (mut length, mut corners) = (0.0, 0.0);
    let (mut at, mut first) = ((0.0, 0.0), (0.0, 0.0));
    for segment in SimplifyingPathParser::from(d) {
        let Ok(segment) = segment else {
            break;
        };
        let by = match segment {
            SimplePathSegment::MoveTo { x, y } => {
                first = (x, y);
                at = first;
                [None; 3]
            }
            SimplePathSegment::LineTo { x, y } => [Some((x, y)), None, None],
            SimplePathSegment::Quadratic { x1, y1, x, y } => [Some((x1, y1)), Some((x, y)), None],
            SimplePathSegment::CurveTo {
                x1,
                y1,
                x2,
                y2,
                x,
                y,
            } => [Some((x1, y1)), Some((x2, y2)), Some((x, y))],
            SimplePathSegment::ClosePath => [Some(first), None, None],
        };
        for to in by.into_iter().flatten() {
            length += distance(at, to);
            at = to;
        }
        corners += 1.0;
    }
    (length, corners)
}

pub(super) fn distance(from: (f64, f64), to: (f64, f64)) -> f64 {
    (to.0 - from.0).hypot(to.1 - from.1)
}
