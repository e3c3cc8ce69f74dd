//! Spacing, sizes, radii and durations, in points and seconds.

/// Spacing between things.
pub mod sp {
    pub const XS: f32 = 4.0;
    pub const S: f32 = 8.0;
    pub const M: f32 = 12.0;
    pub const L: f32 = 16.0;
    pub const XL: f32 = 24.0;
}

/// Heights and widths of parts.
pub mod size {
    /// Buttons, combo boxes, text fields.
    pub const CONTROL: f32 = 32.0;
    /// Tool bars, table filters.
    pub const CONTROL_SMALL: f32 = 28.0;
    /// Show Answer.
    pub const CONTROL_LARGE: f32 = 44.0;
    pub const SHOW_ANSWER_WIDTH: f32 = 200.0;
    /// Again, Hard, Good, Easy.
    pub const ANSWER: f32 = 52.0;
    pub const ANSWER_WIDTH: f32 = 128.0;
    /// Narrowest button with words.
    pub const BUTTON_MIN: f32 = 76.0;
    /// Dense tables and trees.
    pub const ROW: f32 = 30.0;
    pub const ROW_DECK: f32 = 38.0;
    pub const DECK_INDENT: f32 = 24.0;
    /// Rows of the backup list.
    pub const ROW_BACKUP: f32 = 34.0;
    /// Rows of preferences.
    pub const ROW_SETTING: f32 = 46.0;
    /// Rows of the profiles list.
    pub const ROW_PROFILE: f32 = 60.0;
    pub const TOP_BAR: f32 = 48.0;
    pub const BOTTOM_BAR: f32 = 60.0;
    pub const STUDY_BAR: f32 = 104.0;
    pub const BANNER: f32 = 52.0;
    pub const ICON: f32 = 18.0;
    pub const ICON_SMALL: f32 = 16.0;
    /// Widest deck card.
    pub const PAGE_WIDTH: f32 = 680.0;
    /// Smallest window.
    pub const WINDOW_MIN: [f32; 2] = [760.0, 520.0];
    /// Window at the first start.
    pub const WINDOW: [f32; 2] = [1100.0, 760.0];
    /// Below this width the menus become one.
    pub const MENUS_COLLAPSE: f32 = 900.0;
    /// Below this width status texts are short.
    pub const STATUS_SHORT: f32 = 800.0;
}

/// Corner radii.
pub mod radius {
    /// Check boxes.
    pub const SMALL: u8 = 4;
    /// Chips, menu rows, segments.
    pub const CHIP: u8 = 6;
    /// Buttons, fields.
    pub const CONTROL: u8 = 7;
    /// The selected row of a list, the current page.
    pub const SELECTION: u8 = 8;
    /// Menus, answer buttons.
    pub const MENU: u8 = 10;
    /// Cards, banner, toast.
    pub const CARD: u8 = 12;
    pub const DIALOG: u8 = 14;
}

/// Durations in seconds.
pub mod time {
    /// Hover and press.
    pub const FAST: f32 = 0.08;
    /// Menus, opening rows, banner.
    pub const NORMAL: f32 = 0.14;
    pub const TOAST_IN: f32 = 0.18;
    pub const TOAST_STAY: f64 = 5.0;
    /// A toast that offers Undo.
    pub const TOAST_STAY_UNDO: f64 = 10.0;
    /// Progress is shown when work takes longer than this.
    pub const PROGRESS_AFTER: f64 = 0.3;
    /// "About n s left" is told after this.
    pub const ETA_AFTER: f64 = 3.0;
}
