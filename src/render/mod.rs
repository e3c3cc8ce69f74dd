//! Draws card HTML to pixels on a thread of its own. Knows no egui.
