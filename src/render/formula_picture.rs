//! One formula as a picture of its own, for the editor's fields.

use super::engine::draw_once;
use super::page::{CardPage, View};
use super::resources::NoResources;
use crate::base::error::{Error, ErrorKind, Result};
use crate::mark;
use std::sync::Arc;

/// A formula to be drawn, and how.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FormulaPicture {
    /// As it stands in a field: `\(…\)`, `\[…\]` or `<anki-mathjax>`.
    pub source: String,
    /// Height of the text around it, in pixels.
    pub size_px: u16,
    pub text: [u8; 3],
    pub back: [u8; 3],
}

impl FormulaPicture {
    /// Whether a field's formula can be drawn this way: `[latex]` needs LaTeX itself.
    #[must_use]
    pub fn can_draw(source: &str) -> bool {
        ["\\(", "\\[", "<anki-mathjax"]
            .iter()
            .any(|s| source.starts_with(s))
    }

    /// A name that no other formula and no file has.
    #[must_use]
    pub fn name(&self) -> String {
        let Self {
            source,
            size_px,
            text,
            back,
        } = self;
        format!("formula\n{size_px} {text:?} {back:?}\n{source}")
    }
}

/// Room that a formula may take, in pixels.
const ROOM: (f32, f32) = (1600.0, 600.0);

/// Width, height and pixels (RGBA, opaque), cut to what is drawn.
///
/// # Errors
/// When nothing is drawn, or the engine fails.
pub fn draw_formula(formula: &FormulaPicture) -> Result<(u32, u32, Vec<u8>)> {
    let css = |[r, g, b]: [u8; 3]| format!("rgb({r},{g},{b})");
    let page = CardPage {
        html: formula.source.clone(),
        css: format!(
            "html,body,.card{{background:{};color:{};font-size:{}px;margin:8px;text-align:left}}",
            css(formula.back),
            css(formula.text),
            formula.size_px
        ),
        body_class: "card".to_owned(),
        ..CardPage::default()
    };
    let drawn = draw_once(&page, Arc::new(NoResources), View::new(ROOM.0, ROOM.1))?;
    let (width, height) = (drawn.width_px as usize, drawn.height_px as usize);
    let is_ink = |x: usize, y: usize| {
        let at = 4 * (y * width + x);
        drawn
            .rgba
            .get(at..at + 3)
            .is_some_and(|p| *p != formula.back)
    };
    let rows: Vec<usize> = (0..height)
        .filter(|y| (0..width).any(|x| is_ink(x, *y)))
        .collect();
    let nothing = || Error::new(ErrorKind::InvalidInput, mark!("the formula draws nothing"));
    let (Some(top), Some(bottom)) = (rows.first().copied(), rows.last().copied()) else {
        return Err(nothing());
    };
    let columns = (0..width).filter(|x| (top..=bottom).any(|y| is_ink(*x, y)));
    let columns: Vec<usize> = columns.collect();
    let (Some(left), Some(right)) = (columns.first().copied(), columns.last().copied()) else {
        return Err(nothing());
    };
    let mut rgba = Vec::with_capacity(4 * (right - left + 1) * (bottom - top + 1));
    for y in top..=bottom {
        let from = 4 * (y * width + left);
        let to = 4 * (y * width + right + 1);
        rgba.extend_from_slice(drawn.rgba.get(from..to).ok_or_else(nothing)?);
    }
    Ok(((right - left + 1) as u32, (bottom - top + 1) as u32, rgba))
}
