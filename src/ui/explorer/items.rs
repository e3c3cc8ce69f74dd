//! The Explorer's list of what is no note: media files, presets and saved searches, each with a
//! tick, and beside it what differs of the chosen one.

use super::details::{legend, one_field};
use super::rows::{HEAD, ROW, chip, heads, scrolled};
use crate::domain::explorer::{Change, Item, ItemKind, ListedItem, MediaState, Show};
use crate::domain::media_refs::is_static;
use crate::ui::theme::{Tokens, font};
use crate::ui::widgets::{Cut as _, check, empty, ic, list, row, text};
use crate::{t, tn};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    Id, Key, Modifiers, Rect, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use std::collections::BTreeSet;

/// What is listed, what is ticked and what is chosen.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// None: the notes are listed.
    kind: Option<ItemKind>,
    ticked: BTreeSet<Item>,
    chosen: Option<Item>,
    /// The places of those that are shown, for which list and search, and how many are ticked.
    shown: Vec<usize>,
    shown_for: Option<(ItemKind, Show, String)>,
    /// Where among those the chosen one is.
    at: Option<usize>,
    ticked_here: usize,
}

impl Items {
    pub(super) fn kind(&self) -> Option<ItemKind> {
        self.kind
    }

    pub(super) fn list(&mut self, kind: Option<ItemKind>) {
        self.kind = kind;
        self.chosen = None;
        self.at = None;
    }

    pub(super) fn ticked(&self) -> &BTreeSet<Item> {
        &self.ticked
    }

    /// The backup was compared anew.
    pub(super) fn look_again(&mut self) {
        self.shown_for = None;
    }

    pub(super) fn clear_ticks(&mut self) {
        self.ticked.clear();
        self.shown_for = None;
    }

    /// Draws the list into `r` and the chosen one into `pane`.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        (r, pane): (Rect, Rect),
        all: &[ListedItem],
        (show, search): (Show, &str),
    ) {
        let Some(kind) = self.kind else { return };
        self.find(all, (kind, show, search));
        let mut body = r;
        let head = body.cut_top(HEAD);
        let wanted = heads(ui, head, self.ticked_here, self.shown.len(), kind.label());
        if let Some(on) = wanted {
            let shown = std::mem::take(&mut self.shown);
            for item in shown.iter().filter_map(|&n| all.get(n)) {
                self.tick(&item.item, on);
            }
            self.shown = shown;
        }
        if self.shown.is_empty() {
            let disc = pos2(body.center().x, body.center().y - 60.0);
            let title = t!("Nothing here");
            empty::place(ui, disc, body.width(), ic::CHECK_CIRCLE, title, &[]);
            return;
        }
        self.rows(ui, body, kind, all);
        let chosen = self.at.and_then(|at| self.shown.get(at));
        if let Some(item) = chosen.and_then(|&n| all.get(n)) {
            one(ui, pane, item);
        }
    }

    /// Which are shown: by name, in the order of the backup.
    fn find(&mut self, all: &[ListedItem], (kind, show, search): (ItemKind, Show, &str)) {
        let is_known = |(k, s, text): &(ItemKind, Show, String)| {
            (*k, *s, text.as_str()) == (kind, show, search)
        };
        if self.shown_for.as_ref().is_some_and(is_known) {
            return;
        }
        let typed = search.trim().to_lowercase();
        let is_shown = |item: &ListedItem| {
            item.item.kind() == kind
                && item.is_in(show)
                && item.name.to_lowercase().contains(&typed)
        };
        let shown = all.iter().enumerate().filter(|(_, item)| is_shown(item));
        self.shown = shown.map(|(n, _)| n).collect();
        let here = self.shown.iter().filter_map(|&n| all.get(n));
        self.ticked_here = here.filter(|i| self.ticked.contains(&i.item)).count();
        let is_chosen = |n: &usize| all.get(*n).map(|i| &i.item) == self.chosen.as_ref();
        self.at = self.shown.iter().position(is_chosen);
        self.shown_for = Some((kind, show, search.to_owned()));
    }

    fn tick(&mut self, item: &Item, on: bool) {
        if on && self.ticked.insert(item.clone()) {
            self.ticked_here += 1;
        } else if !on && self.ticked.remove(item) {
            self.ticked_here = self.ticked_here.saturating_sub(1);
        }
    }

    fn rows(&mut self, ui: &mut Ui, body: Rect, kind: ItemKind, all: &[ListedItem]) {
        let shown = std::mem::take(&mut self.shown);
        let item = |n: usize| shown.get(n).and_then(|&n| all.get(n));
        let at = self.at;
        let page = (body.height() / ROW) as usize;
        let name = kind.label();
        let (focus, keys) = list::keys(ui, body, "explorer items", name, shown.len(), at, page);
        let space =
            focus.has_focus() && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Space));
        let mut toggled = at.filter(|_| keys.act || space);
        let mut selected = keys.select;
        scrolled(
            ui,
            body,
            name,
            shown.len(),
            keys.select,
            |ui, rows, line| {
                for n in rows {
                    let Some(item) = item(n) else { continue };
                    let ticked = self.ticked.contains(&item.item);
                    let chosen = at == Some(n);
                    let (clicked, tick) = one_row(ui, line(n), n, item, (ticked, chosen));
                    selected = if clicked { Some(n) } else { selected };
                    toggled = if tick { Some(n) } else { toggled };
                }
            },
        );
        if let Some(item) = selected.and_then(item) {
            self.chosen = Some(item.item.clone());
            self.at = selected;
        }
        if let Some(item) = toggled.and_then(item) {
            let on = !self.ticked.contains(&item.item);
            self.tick(&item.item, on);
        }
        self.shown = shown;
    }
}

/// Of a line: whether it was clicked, and whether its tick was.
fn one_row(
    ui: &Ui,
    r: Rect,
    n: usize,
    item: &ListedItem,
    (ticked, chosen): (bool, bool),
) -> (bool, bool) {
    let t = Tokens::of(ui);
    let name = text::name(&item.name);
    let word = item.change.map(|change| chip(t, change));
    let spoken = match word {
        Some((word, ..)) => format!("{name}, {word}"),
        None => name.clone().into_owned(),
    };
    let response = row::place(ui, r, Id::unique(("explorer item", n)), &spoken, chosen);
    let mut line = r.pad(10.0, 0.0);
    let tick = line.cut_left(32.0);
    let hit = Rect::from_center_size(pos2(tick.min.x + 8.0, tick.center().y), vec2(28.0, ROW));
    let id = ui.make_persistent_id(("tick item", n));
    let clicked = ui.interact(hit, id, Sense::click());
    clicked.widget_info(|| {
        let name = t!("Tick {title}", title = &name);
        WidgetInfo::selected(Role::CheckBox, ui.is_enabled(), ticked, name)
    });
    check::paint_checkbox(ui, hit.center(), Some(ticked != clicked.clicked()));
    if let Some((word, bg, fg)) = word {
        let width = text::width(ui, word, font::caption_strong()) + 14.0;
        let at = line.cut_right(width + 2.0);
        row::chip(ui, pos2(at.min.x, at.center().y), word, bg, fg);
        line.cut_right(8.0);
    }
    row::two_lines(ui, line, &name, &below(item));
    (response.clicked(), clicked.clicked())
}

/// What stands below the name.
fn below(item: &ListedItem) -> String {
    match (&item.item, item.change) {
        (Item::Media(_), _) => item.size.map(text::bytes).unwrap_or_default(),
        (Item::Search(_), Some(_)) => {
            let was = item.parts.first().map(|part| part.was.clone());
            was.unwrap_or_default()
        }
        (Item::Preset(_), Some(Change::Changed)) => {
            let parts = item.parts.len() as u64;
            tn!(parts, "{n} part differs", "{n} parts differ")
        }
        _ => String::new(),
    }
}

/// The chosen one, then and now.
fn one(ui: &mut Ui, r: Rect, item: &ListedItem) {
    let mut child = ui.new_child(UiBuilder::new().max_rect(r).id_salt("explorer item pane"));
    ScrollArea::vertical()
        .id_salt(&item.name)
        .auto_shrink(false)
        .show(&mut child, |ui| {
            let t = Tokens::of(ui);
            let top = ui.min_rect().min;
            let size = vec2(r.width() - 44.0, f32::INFINITY);
            let mut side = Rect::from_min_size(top + vec2(22.0, 16.0), size);
            let name = text::name(&item.name);
            let line = side.cut_top(26.0);
            text::left(ui, line, &name, font::strong(), t.text);
            for words in facts(item) {
                let high = text::para_height(ui, side.width(), &words, font::small());
                text::para(ui, side.cut_top(high + 6.0), &words, font::small(), t.text2);
            }
            let is_gone = item.change == Some(Change::Deleted);
            let mut differs = false;
            for part in &item.parts {
                differs |= one_field(ui, &mut side, part, is_gone);
            }
            if differs {
                legend(ui, &mut side);
            }
            let used = Rect::from_min_max(top, pos2(r.max.x, side.min.y + 16.0));
            ui.allocate_rect(used, Sense::hover());
        });
}

fn facts(item: &ListedItem) -> Vec<String> {
    let mut facts: Vec<String> = item.size.map(text::bytes).into_iter().collect();
    match (&item.item, item.change) {
        (Item::Media(_), Some(Change::Deleted)) => facts.push(MediaState::Lost.label().into()),
        (Item::Media(name), Some(_)) => {
            facts.push(MediaState::Changed.label().into());
            facts.push(match is_static(name) {
                true => t!("Templates may use the present file, so it stays.").into(),
                false => t!("It comes back under another name, and the present file stays.").into(),
            });
        }
        (_, Some(Change::Deleted)) => facts.push(t!("not there any more").into()),
        (Item::Preset(_), Some(_)) => {
            let words = t!("All decks with this preset get these options back.");
            facts.push(words.into());
        }
        _ => {}
    }
    facts
}
