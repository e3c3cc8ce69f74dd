//! egui's `Style` for both themes: what stock widgets take over from the tokens.

use super::font;
use super::metrics::{radius, size, sp, time};
use super::tokens::{DARK, LIGHT, Tokens};
use eframe::egui;
use eframe::egui::epaint::FontColorTransferFunction;
use eframe::egui::style::{ScrollStyle, Selection, TextCursorStyle, WidgetVisuals};
use eframe::egui::{
    Color32, Context, CornerRadius, Margin, Stroke, Style, TextStyle, Theme, Visuals, vec2,
};

/// Fonts and both styles; once, before the first frame.
pub fn install(ctx: &Context) {
    ctx.set_fonts(font::definitions());
    font::add_inline_boxes(ctx);
    ctx.set_style_of(Theme::Light, style(&LIGHT));
    ctx.set_style_of(Theme::Dark, style(&DARK));
}

/// Switches all motion off or on again.
pub fn set_reduced_motion(ctx: &Context, reduced: bool) {
    let wanted = if reduced { 0.0 } else { time::FAST };
    ctx.all_styles_mut(|s| s.animation_time = wanted);
}

/// For `MenuConfig::new().style(menu_style)`: egui's own cuts rows to 2-point padding.
pub fn menu_style(s: &mut Style) {
    egui::containers::menu::menu_style(s);
    s.spacing.button_padding = vec2(10.0, 6.0);
    s.spacing.item_spacing.y = 0.0;
    s.spacing.interact_size.y = 30.0;
}
fn widget(fill: Color32, stroke: Color32, text: Color32) -> WidgetVisuals {
    WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, stroke),
        fg_stroke: Stroke::new(1.0, text), // same width in every state: egui's 1.5 / 2.0 make ticks jump
        corner_radius: CornerRadius::same(radius::CONTROL),
        expansion: 0.0, // never grow on hover
    }
}

fn style(t: &Tokens) -> Style {
    let mut v = if t.dark {
        Visuals::dark()
    } else {
        Visuals::light()
    };
    v.text_options.font_hinting = false;
    // egui fattens light text on dark; Inter needs less of it
    v.text_options.color_transfer_function = if t.dark {
        FontColorTransferFunction::Gamma(0.85)
    } else {
        FontColorTransferFunction::LIGHT_MODE_DEFAULT
    };
    v.text_options.subpixel_binning = true;
    v.widgets.noninteractive = widget(t.surface, t.border, t.text);
    v.widgets.inactive = widget(t.surface, t.border_strong, t.text);
    v.widgets.hovered = widget(t.hover, t.border_strong, t.text);
    v.widgets.active = widget(t.pressed, t.border_strong, t.text);
    // egui shows keyboard focus with the "active" look: give it the ring
    v.widgets.active.bg_stroke = Stroke::new(2.0, t.focus);
    v.widgets.open = widget(t.pressed, t.border_strong, t.text);
    v.weak_text_color = Some(t.text2); // default fades the text to 60 % alpha: too pale
    v.selection = Selection {
        bg_fill: t.text_selection,
        stroke: Stroke::new(1.5, t.accent_text),
    };
    v.text_cursor = TextCursorStyle {
        stroke: Stroke::new(1.5, t.accent_text),
        ..v.text_cursor
    };
    v.hyperlink_color = t.accent_text;
    v.faint_bg_color = t.canvas;
    v.extreme_bg_color = t.pressed; // progress track; text fields have their own
    v.text_edit_bg_color = Some(t.surface);
    v.code_bg_color = t.hover;
    v.warn_fg_color = t.warn;
    v.error_fg_color = t.danger;
    v.panel_fill = t.canvas;
    v.window_fill = t.raised;
    v.window_stroke = Stroke::new(1.0, t.border);
    v.window_corner_radius = CornerRadius::same(radius::DIALOG);
    v.window_shadow = t.shadow_dialog();
    v.menu_corner_radius = CornerRadius::same(10);
    v.popup_shadow = t.shadow_menu();
    v.window_highlight_topmost = false;
    v.indent_has_left_vline = false;
    v.striped = false;
    v.slider_trailing_fill = true;
    v.handle_shape = egui::style::HandleShape::Circle;
    v.disabled_alpha = 0.45;

    let mut s = Style {
        visuals: v,
        ..Default::default()
    };
    s.text_styles = [
        (TextStyle::Small, font::caption()),
        (TextStyle::Body, font::body()),
        (TextStyle::Button, font::body()),
        (TextStyle::Heading, font::title()),
        (TextStyle::Monospace, font::mono()),
    ]
    .into();
    s.spacing.item_spacing = vec2(sp::S, sp::S);
    s.spacing.button_padding = vec2(sp::M, 7.0); // 7 + 18 + 7 = 32
    s.spacing.interact_size = vec2(size::CONTROL, size::CONTROL);
    s.spacing.window_margin = Margin::same(20);
    s.spacing.menu_margin = Margin::same(6);
    s.spacing.menu_width = 240.0;
    s.spacing.menu_spacing = 6.0;
    s.spacing.combo_width = 160.0;
    s.spacing.combo_height = 320.0;
    s.spacing.text_edit_width = 280.0;
    s.spacing.indent = 20.0;
    s.spacing.icon_width = 18.0;
    s.spacing.icon_width_inner = 10.0;
    s.spacing.icon_spacing = sp::S;
    s.spacing.slider_rail_height = 4.0;
    s.spacing.tooltip_width = 320.0;
    s.spacing.scroll = ScrollStyle {
        bar_width: 8.0,
        floating_width: 4.0,
        handle_min_length: 32.0,
        bar_inner_margin: 4.0,
        bar_outer_margin: 2.0,
        foreground_color: true,
        dormant_handle_opacity: 0.35, // egui hides it: people then miss that there is more
        active_handle_opacity: 0.5,
        interact_handle_opacity: 0.8,
        dormant_background_opacity: 0.0,
        active_background_opacity: 0.0,
        interact_background_opacity: 0.0,
        ..ScrollStyle::floating()
    };
    s.interaction.selectable_labels = false; // egui lets every label be selected: I-beam all over
    s.interaction.tooltip_delay = 0.6;
    s.interaction.show_tooltips_only_when_still = true;
    s.animation_time = time::FAST;
    s.url_in_tooltip = true;
    s
}
