//! Tags that cards must or must not have: one row a tag, with two boxes.

use super::model::matching;
use crate::domain::custom_study::TagChoice;
use crate::t;
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::check::checkbox_at;
use crate::ui::widgets::field::Field;
use crate::ui::widgets::{Cut as _, Kind, dialog, ic, text};
use eframe::egui::{Align, Rect, Ui, vec2};

/// Visible rows.
const ROWS: f32 = 9.0;
/// Of each of the two columns of boxes.
const COLUMN: f32 = 76.0;

/// The page; true when it was left.
pub(super) fn page(ui: &mut Ui, tags: &mut [TagChoice], filter: &mut String) -> bool {
    let t = Tokens::of(ui);
    dialog::title(ui, t!("Choose Tags"));
    let words =
        t!("Cards need one or more of the tags marked “With”, and none of those marked “Without”.");
    text::paragraph(ui, words);
    ui.add_space(sp::M);
    Field::new(filter, t!("Filter tags"))
        .hint(t!("Type parts of a name"))
        .icon(ic::SEARCH)
        .show(ui);
    ui.add_space(sp::S);
    let (_, head) = ui.allocate_space(vec2(ui.available_width(), 24.0));
    let (_, with, without) = columns(head);
    for (r, words) in [(with, t!("With")), (without, t!("Without"))] {
        text::label(ui, r, Align::Center, words, font::caption_strong(), t.text2);
    }
    let found = matching(tags, filter);
    let height = ROWS * size::ROW;
    let (_, r) = ui.allocate_space(vec2(ui.available_width(), height));
    let (mut child, list) = dialog::scrolled(ui, r, "tags");
    child.spacing_mut().item_spacing.y = 0.0;
    list.show_rows(&mut child, size::ROW, found.len().max(1), |ui, range| {
        if found.is_empty() {
            let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
            text::left(ui, r, t!("No tags match"), font::body(), t.text3);
        }
        for &i in found.get(range).unwrap_or_default() {
            row(ui, &mut tags[i]);
        }
    });
    let none = tags.iter().all(|t| !t.include && !t.exclude);
    let clear = Button::ghost(t!("Clear" in "choice")).enabled(!none);
    let done = Button::new(t!("Done")).kind(Kind::Primary);
    let footer = dialog::footer(ui, vec![clear], vec![done]);
    if footer.quiet.first().is_some_and(|b| b.clicked()) {
        for tag in tags.iter_mut() {
            (tag.include, tag.exclude) = (false, false);
        }
    }
    footer.chosen(0)
}

fn columns(mut r: Rect) -> (Rect, Rect, Rect) {
    r.cut_right(sp::M);
    let without = r.cut_right(COLUMN);
    let with = r.cut_right(COLUMN);
    (r, with, without)
}

fn row(ui: &mut Ui, tag: &mut TagChoice) {
    let t = Tokens::of(ui);
    let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
    let (name, with, without) = columns(r);
    text::label(ui, name, Align::Min, &tag.name, font::body(), t.text);
    let TagChoice {
        name,
        include,
        exclude,
    } = tag;
    // A tag cannot be wanted and unwanted.
    if checkbox_at(ui, with, include, &t!("With {tags}", tags = name)).changed() {
        *exclude &= !*include;
    }
    if checkbox_at(ui, without, exclude, &t!("Without {tags}", tags = name)).changed() {
        *include &= !*exclude;
    }
}
