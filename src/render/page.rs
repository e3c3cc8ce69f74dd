//! What is to be drawn: one side of a card as HTML, with its style sheet and classes, and the view
//! it is drawn for. Value types; the drawing is in `document`, the thread in `engine`.

use super::css;
use std::hash::{DefaultHasher, Hash, Hasher};

/// One side of one card.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct CardPage {
    /// Content with `[anki:play:…]` tags or play buttons.
    pub html: String,
    /// The note type's style sheet.
    pub css: String,
    /// Classes of the body, e.g. `card card1`, without those of night mode; that of the system is
    /// added when it is missing.
    pub body_class: String,
    /// Dark theme: adds `nightMode night_mode`.
    pub night: bool,
    /// Buttons for the card's sounds.
    pub play_buttons: bool,
    /// The answer begins at `#answer`; the view scrolls there.
    pub is_answer: bool,
}

/// Identity of a page: equal pages have equal keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CardKey(u64);

/// The area a page is drawn for. A *point* is a pixel at scale 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Points.
    pub width: f32,
    /// Points.
    pub height: f32,
    /// Pixels per point: 1 to 3 on usual screens.
    pub scale: f32,
    /// Size of the card's content; 1 is normal.
    pub zoom: f32,
}

/// Most pixels of a drawn view, along one side.
const MAX_SIDE: f32 = 16_000.0;

impl View {
    #[must_use]
    pub fn new(width: f32, height: f32) -> Self {
        Self {
            width,
            height,
            scale: 1.0,
            zoom: 1.0,
        }
    }

    /// Width and height in pixels, at least one each.
    #[must_use]
    pub fn pixels(&self) -> (u32, u32) {
        let side = |points: f32| (points * self.scale).round().clamp(1.0, MAX_SIDE) as u32;
        (side(self.width), side(self.height))
    }

    /// Within what the engine can draw; wrong numbers give a small view rather than a failure.
    #[must_use]
    pub fn sane(self) -> Self {
        let or = |value: f32, fallback: f32| if value.is_finite() { value } else { fallback };
        Self {
            width: or(self.width, 1.0).max(1.0),
            height: or(self.height, 1.0).max(1.0),
            scale: or(self.scale, 1.0).clamp(0.25, 8.0),
            zoom: or(self.zoom, 1.0).clamp(0.25, 8.0),
        }
    }
}

impl CardPage {
    #[must_use]
    pub fn key(&self) -> CardKey {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        CardKey(hasher.finish())
    }

    /// The whole document but for the content of `#qa`, with this style sheet; `hints` is what
    /// that content says of its style itself.
    pub(super) fn frame_html(&self, hints: &str, css: &str) -> String {
        let (night_class, night) = if self.night {
            (" night-mode", " nightMode night_mode")
        } else {
            ("", "")
        };
        let class: String = self
            .body_class
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .collect();
        let system = if class.split(' ').any(|c| c == SYSTEM) {
            ""
        } else {
            SYSTEM
        };
        let css = css::for_style_element(css);
        let hints = css::with_entities(hints);
        format!(
            "<!doctype html><html class=\"{SYSTEM_CLASS}{night_class}\"><head><meta charset=utf-8>\
             <style>{hints}</style><style>{NIGHT_CSS}</style><style>{css}</style></head>\
             <body class=\"{class} {system}{night}\"><div id=qa></div></body></html>"
        )
    }
}

// Beats `.card { … }` of the note type, which is written for a white page, and loses to
// `.card.nightMode { … }`, with which a note type says what it wants at night.
const NIGHT_CSS: &str = "body.nightMode{background-color:#252428;color:#eceae6}";

const SYSTEM: &str = if cfg!(target_os = "windows") {
    "isWin"
} else if cfg!(target_os = "macos") {
    "isMac"
} else {
    "isLin"
};

/// As templates ask: `.win .jp { … }`.
const SYSTEM_CLASS: &str = if cfg!(target_os = "windows") {
    "win"
} else if cfg!(target_os = "macos") {
    "mac"
} else {
    "linux"
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_say_what_templates_ask() {
        let mut page = CardPage {
            body_class: "card card1".into(),
            ..CardPage::default()
        };
        assert!(
            page.frame_html("", "")
                .contains(&format!("class=\"card card1 {SYSTEM}\""))
        );
        assert!(
            page.frame_html("", "")
                .contains(&format!("<html class=\"{SYSTEM_CLASS}\">"))
        );
        let light = page.key();
        page.night = true;
        assert!(page.frame_html("", "").contains("nightMode night_mode"));
        assert!(
            page.frame_html("", "")
                .contains(&format!("<html class=\"{SYSTEM_CLASS} night-mode\">"))
        );
        assert_ne!(page.key(), light);
    }

    #[test]
    fn views_are_never_empty_or_endless() {
        let view = View {
            width: f32::NAN,
            height: -5.0,
            scale: f32::INFINITY,
            zoom: 0.0,
        };
        let (width, height) = view.sane().pixels();
        assert!(width >= 1 && height >= 1);
        assert_eq!(View::new(1e9, 10.0).pixels(), (16_000, 10));
    }
}
