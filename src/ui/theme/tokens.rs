//! Colours by role, light and dark. Contrast of every pair was measured over canvas, surface,
//! sidebar, raised, hover and selected: text at least 4.5:1, outlines and icons 3:1.

use eframe::egui::{Color32, Shadow, Ui};

const fn hex(v: u32) -> Color32 {
    Color32::from_rgb((v >> 16) as u8, (v >> 8) as u8, v as u8)
}

/// One theme's colours.
#[derive(Debug, Clone, Copy)]
pub struct Tokens {
    pub dark: bool,
    /// window background
    pub canvas: Color32,
    /// cards, tables, text fields
    pub surface: Color32,
    /// side bars, table headings, bottom bars
    pub sidebar: Color32,
    /// menus, dialogs, toasts
    pub raised: Color32,
    pub hover: Color32,
    pub pressed: Color32,
    /// selected row / current page
    pub selected: Color32,
    /// selected text
    pub text_selection: Color32,
    /// hair lines, card outlines
    pub border: Color32,
    /// outlines of buttons, segmented controls, dividers in bars
    pub border_strong: Color32,
    /// outlines of text fields, combo boxes, check boxes: 3:1 against what is behind
    pub border_input: Color32,
    pub text: Color32,
    pub text2: Color32,
    pub text3: Color32,
    pub disabled: Color32,
    pub accent: Color32,
    pub accent_hover: Color32,
    pub accent_text: Color32,
    pub accent_soft: Color32,
    pub on_accent: Color32,
    pub focus: Color32,
    pub new: Color32,
    pub learn: Color32,
    pub due: Color32,
    pub again: Color32,
    pub hard: Color32,
    pub good: Color32,
    pub easy: Color32,
    pub good_fill: Color32,
    pub good_fill_hover: Color32,
    pub ok: Color32,
    pub ok_soft: Color32,
    pub warn: Color32,
    pub warn_soft: Color32,
    pub danger: Color32,
    pub danger_soft: Color32,
    pub danger_fill: Color32,
    pub info_soft: Color32,
    pub scrim: Color32,
    /// red orange green blue pink turquoise purple
    pub flags: [Color32; 7],
    pub graph_mature: Color32,
    pub graph_young: Color32,
    pub graph_learning: Color32,
    pub graph_relearning: Color32,
    pub graph_filtered: Color32,
    pub graph_new: Color32,
    pub graph_suspended: Color32,
    pub graph_buried: Color32,
}

pub const LIGHT: Tokens = Tokens {
    dark: false,
    canvas: hex(0xF7F6F3),
    surface: hex(0xFFFFFF),
    sidebar: hex(0xF1EFEB),
    raised: hex(0xFFFFFF),
    hover: hex(0xEFEDE8),
    pressed: hex(0xE5E2DB),
    selected: hex(0xE9E6FA),
    text_selection: hex(0xD9D3F8),
    border: hex(0xE3E0DA),
    border_strong: hex(0xC8C4BC),
    border_input: hex(0x908B83),
    text: hex(0x211F1C),
    text2: hex(0x57534D),
    text3: hex(0x6C6861),
    disabled: hex(0xA6A199),
    accent: hex(0x5B4BCB),
    accent_hover: hex(0x4E3FB8),
    accent_text: hex(0x5143BE),
    accent_soft: hex(0xEFECFB),
    on_accent: hex(0xFFFFFF),
    focus: hex(0x6F60DD),
    new: hex(0x1F5FCC),
    learn: hex(0xBA381A),
    due: hex(0x1C7540),
    again: hex(0xB8341F),
    hard: hex(0x8D5700),
    good: hex(0x1C7540),
    easy: hex(0x1F5FCC),
    good_fill: hex(0x1F7F46),
    good_fill_hover: hex(0x1A6F3D),
    ok: hex(0x1C7540),
    ok_soft: hex(0xE4F3E8),
    warn: hex(0x875300),
    warn_soft: hex(0xFCF1D8),
    danger: hex(0xB42A1E),
    danger_soft: hex(0xFBE7E3),
    danger_fill: hex(0xC2352A),
    info_soft: hex(0xE6EEFC),
    scrim: Color32::from_black_alpha(70),
    flags: [
        hex(0xD93A32),
        hex(0xD97706),
        hex(0x2E9E52),
        hex(0x2F6FE0),
        hex(0xD2479B),
        hex(0x0E9AA0),
        hex(0x8B4FD9),
    ],
    graph_mature: hex(0x1F7F46),
    graph_young: hex(0x7CC495),
    graph_learning: hex(0xDE6A4C),
    graph_relearning: hex(0xC23E35),
    graph_filtered: hex(0x8B6FC9),
    graph_new: hex(0x2F6FE0),
    graph_suspended: hex(0xE0A526),
    graph_buried: hex(0x908B83),
};

pub const DARK: Tokens = Tokens {
    dark: true,
    canvas: hex(0x1C1B1E),
    surface: hex(0x252428),
    sidebar: hex(0x202023),
    raised: hex(0x2D2C31),
    hover: hex(0x323137),
    pressed: hex(0x3B3A41),
    selected: hex(0x37335A),
    text_selection: hex(0x443D7B),
    border: hex(0x36353B),
    border_strong: hex(0x504F57),
    border_input: hex(0x7B7983),
    text: hex(0xECEAE6),
    text2: hex(0xBAB7B2),
    text3: hex(0xA7A49F),
    disabled: hex(0x6D6B6A),
    accent: hex(0x6A5BDC),
    accent_hover: hex(0x7061E0),
    accent_text: hex(0xB3AAFB),
    accent_soft: hex(0x302D47),
    on_accent: hex(0xFFFFFF),
    focus: hex(0x9C91F5),
    new: hex(0x7FB0FF),
    learn: hex(0xFF9479),
    due: hex(0x6CCB8B),
    again: hex(0xFF9479),
    hard: hex(0xEDB45A),
    good: hex(0x6CCB8B),
    easy: hex(0x7FB0FF),
    good_fill: hex(0x27794A),
    good_fill_hover: hex(0x2A834F),
    ok: hex(0x6CCB8B),
    ok_soft: hex(0x23382B),
    warn: hex(0xEDB45A),
    warn_soft: hex(0x3B311E),
    danger: hex(0xFF8F85),
    danger_soft: hex(0x44282A),
    danger_fill: hex(0xC23E35),
    info_soft: hex(0x26324A),
    scrim: Color32::from_black_alpha(140),
    flags: [
        hex(0xFF7A70),
        hex(0xF5A742),
        hex(0x5CC27D),
        hex(0x6FA3FF),
        hex(0xF07DBF),
        hex(0x45C5CA),
        hex(0xB88CF5),
    ],
    graph_mature: hex(0x3FA063),
    graph_young: hex(0x8FDCA8),
    graph_learning: hex(0xF28063),
    graph_relearning: hex(0xD9534A),
    graph_filtered: hex(0xA48BE0),
    graph_new: hex(0x6FA3FF),
    graph_suspended: hex(0xE5B84E),
    graph_buried: hex(0x7B7983),
};

impl Tokens {
    /// Those of the theme that `ui` is drawn in.
    #[must_use]
    pub fn of(ui: &Ui) -> &'static Tokens {
        Self::get(ui.visuals().dark_mode)
    }
    #[must_use]
    pub fn get(dark: bool) -> &'static Tokens {
        if dark { &DARK } else { &LIGHT }
    }
    /// Cards and tables: nearly flat, the border does the work
    #[must_use]
    pub fn shadow_card(&self) -> Shadow {
        Shadow {
            offset: [0, 1],
            blur: 3,
            spread: 0,
            color: Color32::from_black_alpha(if self.dark { 50 } else { 14 }),
        }
    }
    /// Menus, tooltips, toasts.
    #[must_use]
    pub fn shadow_menu(&self) -> Shadow {
        Shadow {
            offset: [0, 6],
            blur: 20,
            spread: 0,
            color: Color32::from_black_alpha(if self.dark { 120 } else { 40 }),
        }
    }
    #[must_use]
    pub fn shadow_dialog(&self) -> Shadow {
        Shadow {
            offset: [0, 14],
            blur: 44,
            spread: 0,
            color: Color32::from_black_alpha(if self.dark { 150 } else { 60 }),
        }
    }
}

impl Tokens {
    /// Fill of ordinary buttons: white on light, raised on dark.
    #[must_use]
    pub fn button(&self) -> Color32 {
        if self.dark { self.raised } else { self.surface }
    }

    /// A toast has the other theme's colours, so that it is not taken for a card: fill, text,
    /// actions.
    #[must_use]
    pub fn reversed(&self) -> (Color32, Color32, Color32) {
        if self.dark {
            (DARK.text, LIGHT.text, LIGHT.accent_text)
        } else {
            (DARK.raised, DARK.text, DARK.accent_text)
        }
    }

    /// The colour of flag 1 to 7; None for other numbers.
    #[must_use]
    pub fn flag(&self, flag: u8) -> Option<Color32> {
        usize::from(flag)
            .checked_sub(1)
            .and_then(|i| self.flags.get(i))
            .copied()
    }

    /// The dots of new, learning, review, suspended and buried cards, seen on every surface (3:1).
    #[must_use]
    pub fn states(&self) -> [Color32; 5] {
        [self.new, self.learn, self.due, self.warn, self.text3]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::Rgba;

    fn luminance(color: Color32) -> f32 {
        let [r, g, b, _] = Rgba::from(color).to_array();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    #[test]
    fn dots_of_states_are_seen_on_what_they_stand_on() {
        for t in [&LIGHT, &DARK] {
            for under in [t.sidebar, t.hover, t.selected] {
                for dot in t.states() {
                    let (a, b) = (luminance(under), luminance(dot));
                    let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                    assert!(contrast >= 3.0, "{contrast}: {dot:?} on {under:?}");
                }
            }
        }
    }
}
