//! The Explorer's side bar: decks, tags and note types of what changed, each a click that narrows the list.

use crate::domain::explorer::{Group, Opened};
use crate::ui::theme::{Tokens, font, size};
use crate::ui::widgets::text::number;
use crate::ui::widgets::{Cut as _, ic, row, text};
use eframe::egui::{Id, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};
use std::collections::BTreeMap;

/// What narrows the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chosen {
    /// `A::B`, with what is below it.
    Deck(String),
    Tag(String),
    Notetype(String),
}

/// Makes a choice of a name.
type Choose = fn(String) -> Chosen;

const ROW: f32 = 30.0;
const INDENT: f32 = 14.0;

/// What was pressed in the side bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pressed {
    /// None: nothing narrows the list any more.
    Narrow(Option<Chosen>),
    /// The note types that differ.
    Notetypes,
}

/// Draws the side bar.
pub(super) fn show(
    ui: &mut Ui,
    r: Rect,
    opened: &Opened,
    chosen: Option<&Chosen>,
) -> Option<Pressed> {
    let mut made = None;
    let mut child = ui.new_child(UiBuilder::new().max_rect(r).id_salt("explorer side"));
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(&mut child, |ui| {
            let top = ui.min_rect().min + vec2(0.0, 8.0);
            let mut column = Rect::from_min_size(top, vec2(r.width() - 6.0, f32::INFINITY));
            let sections: [(&str, &str, &[Group], Choose); 3] = [
                ("Decks", ic::DECK, &opened.decks, Chosen::Deck),
                ("Tags", ic::TAG, &opened.tags, Chosen::Tag),
                ("Note types", ic::TYPES, &opened.notetypes, Chosen::Notetype),
            ];
            for (heading, icon, groups, choose) in sections {
                let is_deck = icon == ic::DECK;
                let t = Tokens::of(ui);
                let line = column.cut_top(ROW).pad(16.0, 0.0);
                text::label(
                    ui,
                    line,
                    eframe::egui::Align::Min,
                    heading,
                    font::small_strong(),
                    t.text2,
                );
                if groups.is_empty() {
                    let line = column.cut_top(ROW).pad(16.0, 0.0);
                    text::left(ui, line, "Nothing changed", font::small(), t.text3);
                }
                for (name, changes) in with_parents(groups, is_deck) {
                    let this = choose(name.clone());
                    let is_chosen = chosen == Some(&this);
                    let line = column.cut_top(ROW).pad(6.0, 0.0);
                    if group(ui, line, icon, &name, changes, is_chosen) {
                        made = Some(Pressed::Narrow((!is_chosen).then_some(this)));
                    }
                }
                if icon == ic::TYPES && !opened.differing.is_empty() {
                    let line = column.cut_top(ROW).pad(6.0, 0.0);
                    if differing(ui, line, opened.differing.len()) {
                        made = Some(Pressed::Notetypes);
                    }
                }
                column.cut_top(12.0);
            }
            let used = Rect::from_min_max(ui.min_rect().min, pos2(r.max.x, column.min.y));
            ui.allocate_rect(used, Sense::hover());
        });
    made
}

/// Parents count what is below them.
fn with_parents(groups: &[Group], is_deck: bool) -> Vec<(String, u64)> {
    let mut sums: BTreeMap<Vec<&str>, u64> = BTreeMap::new();
    for group in groups {
        let parts: Vec<&str> = group.name.split("::").collect();
        for depth in 1..=parts.len() {
            if is_deck || depth == parts.len() {
                *sums.entry(parts[..depth].to_vec()).or_default() += group.changes;
            }
        }
    }
    sums.into_iter()
        .map(|(parts, n)| (parts.join("::"), n))
        .collect()
}

/// The row that shows what became of note types; true when it was pressed.
fn differing(ui: &mut Ui, r: Rect, count: usize) -> bool {
    let t = Tokens::of(ui);
    let words = match count {
        1 => "1 note type differs…".to_owned(),
        n => format!("{} note types differ…", number(n as u64)),
    };
    let salt = Id::unique("note types differ");
    let response = row::place(ui, r, salt, &words, false);
    text::left(ui, r.pad(10.0, 0.0), &words, font::small(), t.accent_text);
    response.clicked()
}

fn group(ui: &mut Ui, r: Rect, icon: &str, name: &str, changes: u64, chosen: bool) -> bool {
    let t = Tokens::of(ui);
    let spoken = format!("{name}, {} changed", number(changes));
    let response = row::place(
        ui,
        r,
        Id::unique(("explorer group", icon, name)),
        &spoken,
        chosen,
    );
    let mut line = r.pad(10.0, 0.0);
    let is_deck = icon == ic::DECK;
    let depth = if is_deck {
        name.matches("::").count()
    } else {
        0
    };
    line.cut_left((depth as f32 * INDENT).min(56.0));
    let color = if chosen { t.accent } else { t.text3 };
    text::icon(ui, line.cut_left(18.0).center(), icon, size::ICON, color);
    line.cut_left(6.0);
    let count = line.cut_right(40.0);
    text::right(ui, count, &number(changes), font::small(), t.text2);
    let leaf = if is_deck {
        name.rsplit("::").next().unwrap_or(name)
    } else {
        name
    };
    text::left(ui, line, leaf, font::small(), t.text);
    response.clicked()
}
