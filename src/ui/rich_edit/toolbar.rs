//! The row of formatting buttons above the fields. It acts on the field that had the keyboard last.

use super::{FieldOutput, FormatCommand, FormatState, Formula, RichField};
use crate::base::lang;
use crate::field_html::{Align, List, Mark, Rgb};
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::field::Field as TextField;
use crate::ui::widgets::menu::{Entry, popup, separator};
use crate::ui::widgets::{Button, ic, surface};
use crate::{mark, t};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Color32, Context, Id, Popup, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2,
};

/// Buttons that stay together; beside a narrow table groups stand on several lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Bold to subscript.
    Marks,
    Colours,
    /// Lists, alignment.
    Lines,
    /// What is put into the text: files, links, formulas, clozes.
    Objects,
}

impl Group {
    /// As they stand on one line.
    pub const ALL: [Self; 4] = [Self::Marks, Self::Colours, Self::Lines, Self::Objects];

    /// Width that groups beside each other need; `clozes`: the note type has some.
    #[must_use]
    pub fn width(groups: &[Self], clozes: bool) -> f32 {
        let each = groups.iter().map(|group| match group {
            Self::Marks => 5.0 * BUTTON + DIVIDER,
            Self::Colours => 3.0 * BUTTON + 2.0 * ARROW,
            Self::Lines => 2.0 * BUTTON + ARROW,
            Self::Objects if clozes => 5.0 * BUTTON + CLOZE,
            Self::Objects => 4.0 * BUTTON,
        });
        each.sum::<f32>() + groups.len().saturating_sub(1) as f32 * DIVIDER
    }
}

/// Height of the buttons, and width of those with an icon.
pub const BUTTON: f32 = 26.0;
/// Width of the arrows that open a choice, of "{…}", and of the lines between groups.
const ARROW: f32 = 18.0;
const CLOZE: f32 = 34.0;
const DIVIDER: f32 = 13.0;

/// Draws `groups` of the row; without a field all of it is disabled. `highest_cloze`: the note type
/// has clozes, and this is the highest number in the note's other fields. `link_key`: none where it
/// does something else.
pub fn toolbar(
    ui: &mut Ui,
    field: Option<&mut RichField>,
    highest_cloze: Option<u32>,
    link_key: &str,
    groups: &[Group],
) -> Vec<FieldOutput> {
    let enabled = field.is_some();
    let state = field.as_ref().map(|f| f.state()).unwrap_or_default();
    let mut asked = Asked::default();
    ui.add_enabled_ui(enabled, |ui| {
        ui.spacing_mut().interact_size.y = BUTTON;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            for (n, group) in groups.iter().enumerate() {
                if n > 0 {
                    divider(ui);
                }
                match group {
                    Group::Marks => marks_ui(ui, &state, &mut asked),
                    Group::Colours => colours_ui(ui, &mut asked),
                    Group::Lines => lines_ui(ui, &state, &mut asked),
                    Group::Objects => {
                        let clozes = highest_cloze.is_some();
                        objects_ui(ui, &state, clozes, link_key, &mut asked);
                    }
                }
            }
        });
    });
    let Some(field) = field else {
        return Vec::new();
    };
    if let Some(command) = asked.command {
        field.run(command);
    }
    if let Some(new_card) = asked.cloze {
        field.cloze(highest_cloze, new_card);
    }
    asked.outputs
}

#[derive(Default)]
struct Asked {
    command: Option<FormatCommand>,
    /// Whether for a new card.
    cloze: Option<bool>,
    outputs: Vec<FieldOutput>,
}

fn button(ui: &mut Ui, icon: &'static str, name: &str, keys: &str, on: Option<bool>) -> Response {
    let b = Button::icon_only(icon, name).height(BUTTON);
    let b = match keys {
        "" => b,
        keys => b.tip_key(name, keys),
    };
    ui.add(match on {
        Some(on) => b.toggled(on),
        None => b,
    })
}

/// Opens a choice; beside the button that it belongs to, or alone.
fn arrow(ui: &mut Ui, name: &str, keys: &str) -> Response {
    let b = Button::icon_only(ic::DOWN, name)
        .tip_key(name, keys)
        .height(BUTTON)
        .min_width(ARROW);
    ui.add(b)
}

fn divider(ui: &mut Ui) {
    let t = Tokens::of(ui);
    let (r, _) = ui.allocate_exact_size(vec2(DIVIDER, BUTTON), Sense::hover());
    surface::vline(ui, r.center().x, r.shrink2(vec2(0.0, 4.0)), t.border_strong);
}

fn marks_ui(ui: &mut Ui, state: &FormatState, asked: &mut Asked) {
    let marks = [
        (ic::BOLD, t!("Bold"), "Ctrl+B", Mark::Bold, state.bold),
        (
            ic::ITALIC,
            t!("Italic"),
            "Ctrl+I",
            Mark::Italic,
            state.italic,
        ),
        (
            ic::UNDERLINE,
            t!("Underline"),
            "Ctrl+U",
            Mark::Underline,
            state.underline,
        ),
        (
            ic::SUP,
            t!("Superscript"),
            "Ctrl+=",
            Mark::Superscript,
            state.superscript,
        ),
        (
            ic::SUB,
            t!("Subscript"),
            "Ctrl+Shift+=",
            Mark::Subscript,
            state.subscript,
        ),
    ];
    for (i, (icon, name, keys, mark, on)) in marks.into_iter().enumerate() {
        if i == 3 {
            divider(ui);
        }
        if button(ui, icon, name, keys, Some(on)).clicked() {
            asked.command = Some(FormatCommand::Toggle(mark));
        }
    }
}

/// Colours offered, light ones for highlighting second.
const TEXT_COLOURS: [(&str, Rgb); 8] = [
    (mark!("Blue"), [0, 0, 255]),
    (mark!("Red"), [217, 43, 43]),
    (mark!("Green"), [24, 128, 56]),
    (mark!("Orange"), [214, 110, 0]),
    (mark!("Purple"), [128, 48, 200]),
    (mark!("Pink"), [208, 56, 140]),
    (mark!("Teal"), [0, 130, 140]),
    (mark!("Grey"), [110, 110, 110]),
];
const HIGHLIGHT_COLOURS: [(&str, Rgb); 6] = [
    (mark!("Yellow"), [255, 240, 120]),
    (mark!("Green"), [190, 240, 170]),
    (mark!("Blue"), [180, 220, 255]),
    (mark!("Pink"), [255, 200, 225]),
    (mark!("Orange"), [255, 215, 160]),
    (mark!("Grey"), [225, 225, 225]),
];

/// Text and highlighting.
const LASTS: [&str; 2] = ["text", "highlight"];

fn color_id(which: &str) -> Id {
    Id::unique(("rich_edit::colour", which))
}

fn remembered(ctx: &Context, which: &str, first: Rgb) -> Rgb {
    ctx.data(|d| d.get_temp(color_id(which))).unwrap_or(first)
}

/// The text colour that F7 gives.
pub(super) fn last_color(ctx: &Context) -> Rgb {
    remembered(ctx, "text", TEXT_COLOURS[0].1)
}

/// Which colours text and highlighting had last; None for the usual ones.
#[must_use]
pub fn last_colours(ctx: &Context) -> [Option<Rgb>; 2] {
    LASTS.map(|which| ctx.data(|d| d.get_temp(color_id(which))))
}

/// What is kept becomes the last colours when it is something else than it was: at the start, of another
/// profile. Until what is chosen here is kept, it is the last all the same.
pub fn take_kept_colours(ctx: &Context, colours: [Option<Rgb>; 2]) {
    let known: Option<[Option<Rgb>; 2]> = ctx.data(|d| d.get_temp(color_id("kept")));
    if known == Some(colours) {
        return;
    }
    ctx.data_mut(|d| d.insert_temp(color_id("kept"), colours));
    for (which, colour) in LASTS.into_iter().zip(colours) {
        ctx.data_mut(|d| {
            if let Some(colour) = colour {
                d.insert_temp::<Rgb>(color_id(which), colour);
            } else {
                d.remove::<Rgb>(color_id(which));
            }
        });
    }
}

/// Opens the list of text colours with the next frame.
pub(super) fn open_colors(ctx: &Context) {
    ctx.data_mut(|d| d.insert_temp(color_id("open"), true));
}

/// Opens the entry of a link's address with the next frame.
pub(super) fn open_link_entry(ctx: &Context) {
    ctx.data_mut(|d| d.insert_temp(color_id("open link"), true));
}

fn take_flag(ctx: &Context, which: &str) -> bool {
    ctx.data_mut(|d| d.remove_temp::<bool>(color_id(which)))
        .unwrap_or(false)
}

fn colours_ui(ui: &mut Ui, asked: &mut Asked) {
    let text = last_color(ui.ctx());
    let r = button(ui, ic::COLOR, t!("Text colour"), "F7", None);
    underline(ui, r.rect, text);
    if r.clicked() {
        asked.command = Some(FormatCommand::Color(Some(text)));
    }
    let choices = arrow(ui, t!("Choose text colour"), "F8");
    if take_flag(ui.ctx(), "open") {
        Popup::open_id(ui.ctx(), Popup::default_response_id(&choices));
    }
    let chosen = popup(&choices, |ui| palette(ui, &TEXT_COLOURS, t!("No colour")));
    if let Some(Some(color)) = chosen {
        if let Some(color) = color {
            ui.data_mut(|d| d.insert_temp(color_id("text"), color));
        }
        asked.command = Some(FormatCommand::Color(color));
    }
    let marker = remembered(ui.ctx(), "highlight", HIGHLIGHT_COLOURS[0].1);
    let r = button(ui, ic::MARKER, t!("Highlight"), "", None);
    underline(ui, r.rect, marker);
    if r.clicked() {
        asked.command = Some(FormatCommand::Highlight(Some(marker)));
    }
    let choices = arrow(ui, t!("Choose highlight colour"), "");
    let chosen = popup(&choices, |ui| {
        palette(ui, &HIGHLIGHT_COLOURS, t!("No highlight"))
    });
    if let Some(Some(color)) = chosen {
        if let Some(color) = color {
            ui.data_mut(|d| d.insert_temp(color_id("highlight"), color));
        }
        asked.command = Some(FormatCommand::Highlight(color));
    }
    if button(ui, ic::CLEAR, t!("Remove formatting"), "Ctrl+R", None).clicked() {
        asked.command = Some(FormatCommand::ClearFormatting);
    }
}

fn underline(ui: &Ui, r: Rect, [red, green, blue]: Rgb) {
    let bar = Rect::from_center_size(r.center() + vec2(0.0, 9.0), vec2(14.0, 3.0));
    let color = Color32::from_rgb(red, green, blue);
    let color = if ui.is_enabled() {
        color
    } else {
        color.gamma_multiply(0.4)
    };
    ui.painter().rect_filled(bar, 1, color);
}

/// Rows of a colour menu: the outer value is a choice, the inner one None for no colour.
fn palette(ui: &mut Ui, colours: &[(&'static str, Rgb)], none: &str) -> Option<Option<Rgb>> {
    let mut chosen = None;
    ui.set_min_width(150.0);
    for (name, rgb) in colours {
        let row = Entry::new(lang::say(name)).checked(false).show(ui);
        let at = Rect::from_center_size(row.rect.left_center() + vec2(18.0, 0.0), vec2(14.0, 14.0));
        let color = Color32::from_rgb(rgb[0], rgb[1], rgb[2]);
        let edge = Stroke::new(1.0, Tokens::of(ui).border_strong);
        ui.painter()
            .rect(at, radius::SMALL, color, edge, StrokeKind::Inside);
        if row.clicked() {
            chosen = Some(Some(*rgb));
        }
    }
    separator(ui);
    let other = ui.horizontal(|ui| {
        ui.add_space(11.0);
        let mut rgb: Rgb = remembered(ui.ctx(), "custom", [90, 90, 200]);
        let picker = ui.color_edit_button_srgb(&mut rgb);
        ui.data_mut(|d| d.insert_temp(color_id("custom"), rgb));
        picker.widget_info(|| WidgetInfo::labeled(Role::Button, true, t!("Other colour")));
        let apply = ui.add(Button::ghost(t!("Use this colour")).height(size::CONTROL_SMALL));
        apply.clicked().then_some(rgb)
    });
    if let Some(rgb) = other.inner {
        chosen = Some(Some(rgb));
        ui.close();
    }
    if Entry::new(none).checked(false).show(ui).clicked() {
        chosen = Some(None);
    }
    chosen
}

fn lines_ui(ui: &mut Ui, state: &FormatState, asked: &mut Asked) {
    let lists = [
        (ic::BULLETS, t!("Bulleted list"), "Ctrl+,", List::Bullets),
        (ic::NUMBERS, t!("Numbered list"), "Ctrl+.", List::Numbers),
    ];
    for (icon, name, keys, list) in lists {
        if button(ui, icon, name, keys, Some(state.list == Some(list))).clicked() {
            asked.command = Some(FormatCommand::List(list));
        }
    }
    let choices = arrow(ui, t!("Alignment and indent"), "");
    popup(&choices, |ui| {
        ui.set_min_width(220.0);
        let rows = [
            (t!("Align left"), Align::Left),
            (t!("Align centre"), Align::Center),
            (t!("Align right"), Align::Right),
            (t!("Justify"), Align::Justify),
        ];
        for (name, align) in rows {
            let on = state.align == Some(align);
            if Entry::new(name).checked(on).show(ui).clicked() {
                asked.command = Some(FormatCommand::Align(align));
            }
        }
        separator(ui);
        let indent = Entry::new(t!("Indent")).checked(false).keys("Ctrl+Shift+.");
        if indent.show(ui).clicked() {
            asked.command = Some(FormatCommand::Indent);
        }
        let outdent = Entry::new(t!("Outdent"))
            .checked(false)
            .keys("Ctrl+Shift+,");
        if outdent.show(ui).clicked() {
            asked.command = Some(FormatCommand::Outdent);
        }
    });
}

fn objects_ui(ui: &mut Ui, state: &FormatState, clozes: bool, link_key: &str, asked: &mut Asked) {
    if button(
        ui,
        ic::ATTACH,
        t!("Attach picture, sound or video"),
        "F3",
        None,
    )
    .clicked()
    {
        asked.outputs.push(FieldOutput::Attach);
    }
    if button(ui, ic::MIC, t!("Record sound"), "F5", None).clicked() {
        asked.outputs.push(FieldOutput::Record);
    }
    link_ui(ui, state, link_key, asked);
    let sigma = button(ui, ic::MATH, t!("Formula"), "Ctrl+M", None);
    popup(&sigma, |ui| {
        ui.set_min_width(230.0);
        for (kind, name, keys) in Formula::ALL {
            if Entry::new(lang::say(name)).keys(keys).show(ui).clicked() {
                asked.command = Some(FormatCommand::Formula(kind));
            }
        }
    });
    if !clozes {
        return;
    }
    if button(ui, ic::BRACES, t!("Cloze, new card"), "Ctrl+Shift+C", None).clicked() {
        asked.cloze = Some(true);
    }
    let same = Button::ghost("{…}").height(BUTTON).min_width(CLOZE);
    let same = same
        .tip_key(t!("Cloze, same card"), "Ctrl+Alt+Shift+C")
        .named(t!("Cloze, same card"));
    if ui.add(same).clicked() {
        asked.cloze = Some(false);
    }
}

fn link_ui(ui: &mut Ui, state: &FormatState, key: &str, asked: &mut Asked) {
    let link = button(ui, ic::LINK, t!("Link"), key, Some(state.link.is_some()));
    let id = color_id("link address");
    let by_key = take_flag(ui.ctx(), "open link");
    if link.clicked() || by_key {
        let address = state.link.clone().unwrap_or_default();
        ui.data_mut(|d| d.insert_temp(id, address));
    }
    if by_key {
        Popup::open_id(ui.ctx(), Popup::default_response_id(&link));
    }
    let menu = Popup::menu(&link)
        .close_behavior(eframe::egui::PopupCloseBehavior::CloseOnClickOutside)
        .style(crate::ui::theme::menu_style)
        .gap(2.0);
    menu.show(|ui| {
        let mut address: String = ui.data(|d| d.get_temp(id)).unwrap_or_default();
        ui.label(eframe::egui::RichText::new(t!("Address")).font(font::caption_strong()));
        let entry = TextField::new(&mut address, t!("Address of the link")).hint("https://…");
        let entry = entry.width(280.0).show(ui);
        if by_key || link.clicked() {
            entry.request_focus();
        }
        let enter = ui.input(|i| i.key_pressed(eframe::egui::Key::Enter));
        ui.add_space(6.0);
        ui.horizontal(|ui| {
            let set = ui.add(Button::new(t!("Set link")).enabled(!address.trim().is_empty()));
            if set.clicked() || (enter && !address.trim().is_empty()) {
                asked.command = Some(FormatCommand::Link(address.trim().to_owned()));
                ui.close();
            }
            let remove = Button::ghost(t!("Remove link")).enabled(state.link.is_some());
            if ui.add(remove).clicked() {
                asked.command = Some(FormatCommand::Link(String::new()));
                ui.close();
            }
        });
        ui.data_mut(|d| d.insert_temp(id, address));
    });
}
