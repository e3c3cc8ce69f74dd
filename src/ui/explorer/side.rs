//! The Explorer's side bar: decks, tags and note types of the notes that are listed, each a click
//! that narrows the list, and what the backup has beside notes. Headings and decks with decks below them fold.

use crate::domain::explorer::{Group, ItemKind, Listed, ListedItem, Opened, Show};
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::text::number;
use crate::ui::widgets::{Cut as _, ic, row, surface, text, tooltip};
use crate::{t, tn};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align, EventFilter, Id, Key, Modifiers, Rect, Response, ScrollArea, Sense, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};
use std::collections::{BTreeMap, BTreeSet};

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

impl Chosen {
    fn name(&self) -> &str {
        match self {
            Self::Deck(name) | Self::Tag(name) | Self::Notetype(name) => name,
        }
    }
}

/// Decks, tags and note types, in their order, and how much there is beside notes: all this may be
/// very much, so it is put in order and counted once.
#[derive(Default)]
pub(super) struct Sections([Vec<Group>; 3], Vec<(ItemKind, Listed)>);

impl Sections {
    pub(super) fn of(opened: &Opened) -> Self {
        let groups = [
            with_parents(&opened.decks, true),
            with_parents(&opened.tags, false),
            with_parents(&opened.notetypes, false),
        ];
        Self(groups, items_by_kind(&opened.items))
    }
}

const ROW: f32 = 30.0;
/// Rows beyond the visible ones that are drawn, for the keys to go on to.
const AHEAD: f32 = 4.0 * ROW;
const INDENT: f32 = 14.0;
/// From a heading's left edge to its words.
const FOLD: f32 = 24.0;

/// What was pressed in the side bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pressed {
    /// None: nothing narrows the list any more.
    Narrow(Option<Chosen>),
    /// The note types that differ.
    Notetypes,
    /// What was added since, which no backup has.
    Added,
    /// What is no note; None: the notes again.
    Items(Option<ItemKind>),
}

/// What is folded, by [`heading_key`] and [`deck_key`].
pub(super) type Folded = BTreeSet<String>;

fn heading_key(heading: &str) -> String {
    format!("heading {heading}")
}

fn deck_key(name: &str) -> String {
    format!("deck {name}")
}

/// Draws the side bar.
pub(super) fn show(
    ui: &mut Ui,
    r: Rect,
    (opened, sections): (&Opened, &Sections),
    listed: Show,
    (chosen, kind): (Option<&Chosen>, Option<ItemKind>),
    folded: &mut Folded,
) -> Option<Pressed> {
    let mut made = None;
    let mut child = ui.new_child(UiBuilder::new().max_rect(r).id_salt("explorer side"));
    ScrollArea::vertical()
        .auto_shrink(false)
        .show(&mut child, |ui| {
            let top = ui.min_rect().min + vec2(0.0, 8.0);
            let mut column = Rect::from_min_size(top, vec2(r.width() - 6.0, f32::INFINITY));
            let Sections([decks, tags, notetypes], items) = sections;
            let sections: [(&str, &str, &[Group], Choose); 3] = [
                (t!("Decks"), ic::DECK, decks, Chosen::Deck),
                (t!("Tags"), ic::TAG, tags, Chosen::Tag),
                (t!("Note Types"), ic::TYPES, notetypes, Chosen::Notetype),
            ];
            let seen = ui.clip_rect().expand(AHEAD);
            for (heading, icon, groups, choose) in sections {
                let is_deck = icon == ic::DECK;
                let chosen_here = chosen
                    .filter(|chosen| **chosen == choose(chosen.name().to_owned()))
                    .map(Chosen::name);
                let is_chosen = |name: &str| chosen_here == Some(name);
                // What narrows the list stays in sight.
                let names: Vec<(&str, u64)> = groups
                    .iter()
                    .map(|group| (group.name.as_str(), group.notes.in_list(listed)))
                    .filter(|(name, notes)| *notes > 0 || is_chosen(name))
                    .collect();
                let holds_chosen = names.iter().any(|(name, _)| is_chosen(name));
                let line = column.cut_top(ROW).pad(6.0, 0.0);
                let is_open = section(ui, line, heading, holds_chosen, folded);
                if !is_open {
                    column.cut_top(6.0);
                    continue;
                }
                if names.is_empty() {
                    let mut line = column.cut_top(ROW).pad(6.0, 0.0);
                    line.cut_left(FOLD);
                    let t = Tokens::of(ui);
                    let words = match listed {
                        Show::All => t!("Nothing here"),
                        _ => t!("Nothing changed"),
                    };
                    text::left(ui, line, words, font::small(), t.text3);
                }
                for (n, &(name, notes)) in names.iter().enumerate() {
                    if is_deck && is_below_folded(name, folded) {
                        continue;
                    }
                    let line = column.cut_top(ROW).pad(6.0, 0.0);
                    if !seen.intersects(line) {
                        continue;
                    }
                    let is_chosen = is_chosen(name);
                    let has_below =
                        is_deck && names.get(n + 1).is_some_and(|next| is_below(next.0, name));
                    let mut fold = has_below.then_some(&mut *folded);
                    let spoken = spoken_group(name, notes, listed);
                    let words = (name, notes, spoken.as_str());
                    if group(ui, line, icon, words, is_chosen, fold.take()) {
                        let this = (!is_chosen).then(|| choose(name.to_owned()));
                        made = Some(Pressed::Narrow(this));
                    }
                }
                if icon == ic::TYPES && !opened.differing.is_empty() {
                    let line = column.cut_top(ROW).pad(6.0, 0.0);
                    let count = opened.differing.len() as u64;
                    let words = tn!(count, "{n} note type differs…", "{n} note types differ…");
                    if link(ui, line, &words) {
                        made = Some(Pressed::Notetypes);
                    }
                }
                column.cut_top(12.0);
            }
            if let Some(pressed) = others(ui, &mut column, items, listed, kind) {
                made = Some(pressed);
            }
            if whole(ui, &mut column, opened) {
                made = Some(Pressed::Added);
            }
            let used = Rect::from_min_max(ui.min_rect().min, pos2(r.max.x, column.min.y));
            ui.allocate_rect(used, Sense::hover());
        });
    made
}

/// How many of each sort each list has; none of a sort that the backup has not.
fn items_by_kind(items: &[ListedItem]) -> Vec<(ItemKind, Listed)> {
    let counts = |kind: ItemKind| {
        let of_kind = || items.iter().filter(|item| item.item.kind() == kind);
        let count = |show| of_kind().filter(|item| item.is_in(show)).count() as u64;
        Listed {
            changes: count(Show::Changes),
            deleted: count(Show::Deleted),
            rescheduled: count(Show::Rescheduled),
            all: count(Show::All),
        }
    };
    let all = ItemKind::ALL.into_iter().map(|kind| (kind, counts(kind)));
    all.filter(|(_, counts)| counts.all > 0).collect()
}

/// What the backup has beside notes, with how many belong to the list; what was pressed.
fn others(
    ui: &Ui,
    column: &mut Rect,
    items: &[(ItemKind, Listed)],
    listed: Show,
    chosen: Option<ItemKind>,
) -> Option<Pressed> {
    let mut pressed = None;
    for &(kind, counts) in items {
        let icon = match kind {
            ItemKind::Media => ic::IMAGE,
            ItemKind::Preset => ic::TUNE,
            ItemKind::Search => ic::STAR,
        };
        let count = counts.in_list(listed);
        let is_chosen = chosen == Some(kind);
        let spoken = format!("{}, {}", kind.label(), number(count));
        let words = (kind.label(), count, spoken.as_str());
        let line = column.cut_top(ROW).pad(6.0, 0.0);
        if group(ui, line, icon, words, is_chosen, None) {
            pressed = Some(Pressed::Items((!is_chosen).then_some(kind)));
        }
    }
    column.cut_top(12.0);
    pressed
}

fn is_below(name: &str, parent: &str) -> bool {
    name.strip_prefix(parent)
        .is_some_and(|rest| rest.starts_with("::"))
}

/// Whether a deck above this one is folded.
fn is_below_folded(name: &str, folded: &Folded) -> bool {
    name.match_indices("::")
        .any(|(at, _)| folded.contains(&deck_key(&name[..at])))
}

/// The heading of a section, which folds it; whether it is open.
fn section(ui: &Ui, r: Rect, heading: &str, holds_chosen: bool, folded: &mut Folded) -> bool {
    let t = Tokens::of(ui);
    let key = heading_key(heading);
    let is_open = !folded.contains(&key);
    let id = ui.make_persistent_id(("explorer section", heading));
    let response = ui.interact(r, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, spoken_fold(is_open, heading)));
    if response.hovered() {
        surface::fill(ui, r.pad(0.0, 1.0), radius::SELECTION, t.hover);
    }
    if response.has_focus() {
        surface::focus_ring_inside(ui, r.pad(0.0, 1.0), radius::SELECTION);
    }
    row::paint_chevron(ui, pos2(r.min.x + 12.0, r.center().y), is_open);
    let mut line = r;
    line.cut_left(FOLD);
    // What narrows the list is in it, and not in sight.
    let color = match holds_chosen && !is_open {
        true => t.accent_text,
        false => t.text2,
    };
    text::left(ui, line, heading, font::small_strong(), color);
    let wanted = if response.clicked() {
        Some(!is_open)
    } else {
        by_arrows(ui, &response)
    };
    set_open(folded, key, wanted.unwrap_or(is_open));
    is_open
}

fn spoken_fold(is_open: bool, name: &str) -> String {
    match is_open {
        true => t!("Collapse {name}", name),
        false => t!("Expand {name}", name),
    }
}

/// Right opens and Left folds what has the keys.
fn by_arrows(ui: &Ui, response: &Response) -> Option<bool> {
    if !response.has_focus() {
        return None;
    }
    let filter = EventFilter {
        horizontal_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
    let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
    if pressed(Key::ArrowRight) {
        Some(true)
    } else {
        pressed(Key::ArrowLeft).then_some(false)
    }
}

fn set_open(folded: &mut Folded, key: String, open: bool) {
    if open {
        folded.remove(&key);
    } else {
        folded.insert(key);
    }
}

/// Decks above others count what is below them.
fn with_parents(groups: &[Group], is_deck: bool) -> Vec<Group> {
    let mut sums: BTreeMap<Vec<&str>, Listed> = BTreeMap::new();
    for group in groups {
        let parts: Vec<&str> = group.name.split("::").collect();
        for depth in 1..=parts.len() {
            if is_deck || depth == parts.len() {
                *sums.entry(parts[..depth].to_vec()).or_default() += group.notes;
            }
        }
    }
    let group = |(parts, notes): (Vec<&str>, Listed)| Group {
        name: parts.join("::"),
        notes,
    };
    sums.into_iter().map(group).collect()
}

fn spoken_group(name: &str, notes: u64, listed: Show) -> String {
    match listed {
        Show::All => format!("{name}, {}", tn!(notes, "{n} note", "{n} notes")),
        _ => t!("{name}, {n} changed", name, n = number(notes)),
    }
}

/// What the whole backup holds, and how much it lacks: true when that was pressed.
fn whole(ui: &mut Ui, column: &mut Rect, opened: &Opened) -> bool {
    let t = Tokens::of(ui);
    surface::hline(ui, *column, column.min.y, t.border);
    column.cut_top(8.0);
    for words in [
        tn!(opened.notes, "{n} note", "{n} notes"),
        tn!(opened.cards, "{n} card", "{n} cards"),
        tn!(opened.revlog, "{n} review", "{n} reviews"),
    ] {
        let mut line = column.cut_top(22.0).pad(6.0, 0.0);
        line.cut_left(FOLD);
        text::label(ui, line, Align::Min, &words, font::small(), t.text2);
    }
    let words = match opened.added {
        0 => return false,
        n => tn!(n, "{n} note added since…", "{n} notes added since…"),
    };
    let line = column.cut_top(ROW).pad(6.0, 0.0);
    link(ui, line, &words)
}

/// A row that leads to something; true when it was pressed.
fn link(ui: &mut Ui, r: Rect, words: &str) -> bool {
    let t = Tokens::of(ui);
    let salt = Id::unique(("explorer link", words));
    let response = row::place(ui, r, salt, words, false);
    let mut line = r;
    line.cut_left(FOLD);
    text::left(ui, line, words, font::small(), t.accent_text);
    response.clicked()
}

/// A deck, tag or note type; `fold` where decks are below it. True when it was pressed.
fn group(
    ui: &Ui,
    r: Rect,
    icon: &str,
    (name, notes, spoken): (&str, u64, &str),
    chosen: bool,
    fold: Option<&mut Folded>,
) -> bool {
    let t = Tokens::of(ui);
    let salt = Id::unique(("explorer group", icon, name));
    let response = row::place(ui, r, salt, spoken, chosen);
    if response.gained_focus() && !ui.clip_rect().contains_rect(r) {
        response.scroll_to_me(None);
    }
    let is_deck = icon == ic::DECK;
    let depth = match is_deck {
        true => name.matches("::").count(),
        false => 0,
    };
    let mut line = r;
    line.cut_left(14.0 + (depth as f32 * INDENT).min(56.0));
    let arrow = line.cut_left(20.0);
    if let Some(folded) = fold {
        let key = deck_key(name);
        let is_open = !folded.contains(&key);
        let id = ui.make_persistent_id(("explorer fold", name));
        let pressed = ui.interact(arrow, id, Sense::CLICK);
        pressed.widget_info(|| WidgetInfo::labeled(Role::Button, true, spoken_fold(is_open, name)));
        row::paint_chevron(ui, arrow.center(), is_open);
        let wanted = if pressed.clicked() {
            Some(!is_open)
        } else {
            by_arrows(ui, &response)
        };
        set_open(folded, key, wanted.unwrap_or(is_open));
    }
    let color = if chosen { t.accent } else { t.text3 };
    text::icon(
        ui,
        line.cut_left(18.0).center(),
        icon,
        size::ICON_SMALL,
        color,
    );
    line.cut_left(6.0);
    let count = number(notes);
    line.cut_right(10.0);
    let at = line.cut_right(text::width(ui, &count, font::small()));
    text::right(ui, at, &count, font::small(), t.text2);
    line.cut_right(6.0);
    let leaf = match is_deck {
        true => name.rsplit("::").next().unwrap_or(name),
        false => name,
    };
    let shown = text::ends(ui, leaf, line.width(), &font::small());
    text::left(ui, line, &shown, font::small(), t.text);
    let clicked = response.clicked();
    if shown != leaf {
        tooltip::words(response, name);
    }
    clicked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::explorer::{Change, Item};

    #[test]
    fn a_folded_deck_hides_what_is_below_it_and_nothing_else() {
        let folded = Folded::from([deck_key("A::B")]);
        for (name, want) in [
            ("A", false),
            ("A::B", false),
            ("A::B::C", true),
            ("A::B::C::D", true),
            ("A::BC", false),
            ("A::BC::D", false),
        ] {
            assert_eq!(is_below_folded(name, &folded), want, "{name}");
        }
        assert!(is_below("A::B", "A") && !is_below("AB::C", "A") && !is_below("A", "A"));
    }

    #[test]
    fn what_is_no_note_is_counted_by_its_sort() {
        let file = |name: &str, change| ListedItem {
            item: Item::Media(name.to_owned()),
            name: name.to_owned(),
            change,
            parts: vec![],
            size: None,
        };
        let items = [
            file("a.png", None),
            file("b.png", Some(Change::Changed)),
            file("c.png", Some(Change::Deleted)),
        ];
        let counts = Listed {
            changes: 2,
            deleted: 1,
            rescheduled: 0,
            all: 3,
        };
        assert_eq!(items_by_kind(&items), [(ItemKind::Media, counts)]);
    }

    #[test]
    fn decks_above_others_count_what_is_below_them_in_each_list() {
        let group = |name: &str, changes, all| Group {
            name: name.to_owned(),
            notes: Listed {
                changes,
                all,
                ..Listed::default()
            },
        };
        let groups = [group("A", 1, 2), group("A::B", 0, 3), group("C::D", 1, 1)];
        let got = with_parents(&groups, true);
        let want = [
            group("A", 1, 5),
            group("A::B", 0, 3),
            group("C", 1, 1),
            group("C::D", 1, 1),
        ];
        assert_eq!(got, want);
        assert_eq!(with_parents(&groups, false), groups);
    }
}
