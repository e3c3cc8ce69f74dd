//! One row of the deck tree, its gear menu, and dragging decks into others.

use super::model::{Row, count};
use super::open;
use crate::base::ids::DeckId;
use crate::search;
use crate::service::request::{DeckRequest, Request};
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{AskText, Question};
use crate::ui::dialogs::{Confirm, Prompt, Weight};
use crate::ui::import_export::PackageAction;
use crate::ui::keys;
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, radius, size, sp};
use crate::ui::widgets::menu::{self, Entry};
use crate::ui::widgets::surface::{fill, focus_ring_inside, hline};
use crate::ui::widgets::text::{self, icon, label, left, right};
use crate::ui::widgets::{Cut, ic, row as rows, surface, tooltip};
use crate::{t, tn};
use eframe::egui::accesskit::Role;
use eframe::egui::{Align, CursorIcon, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2};

/// A deck on its way to another.
struct Dragged(DeckId);

/// Name, new, learn, due, gear.
struct Columns {
    name: Rect,
    counts: [Rect; 3],
    gear: Rect,
}

/// The words above the counts.
fn count_names() -> [&'static str; 3] {
    [
        t!("New" in "card state"),
        t!("Learn" in "card state"),
        t!("Due" in "card state"),
    ]
}

fn columns(ui: &Ui, mut r: Rect) -> Columns {
    let gear = r.cut_right(44.0);
    // In some languages their names are longer.
    let mut count = |words| {
        let wide = text::width(ui, words, font::small_strong()).ceil() + sp::M;
        r.cut_right(wide.max(76.0))
    };
    let [new, learn, due] = count_names();
    let due = count(due);
    let learn = count(learn);
    let new = count(new);
    Columns {
        name: r,
        counts: [new, learn, due],
        gear,
    }
}

/// The heading; a deck dropped here goes to the top level.
pub fn heading(cx: &UiContext<'_>, ui: &Ui, r: Rect) {
    let t = Tokens::of(ui);
    let c = columns(ui, r.pad(8.0, 0.0));
    let name = Rect::from_min_max(pos2(c.name.min.x + 36.0, c.name.min.y), c.name.max);
    let zone = ui.interact(r, ui.make_persistent_id("top level"), Sense::hover());
    if zone.dnd_hover_payload::<Dragged>().is_some() {
        fill(ui, r.pad(8.0, 4.0), radius::SELECTION, t.selected);
        left(
            ui,
            name,
            t!("Move to the top level"),
            font::small_strong(),
            t.accent_text,
        );
    } else {
        label(
            ui,
            name,
            Align::Min,
            t!("Deck"),
            font::small_strong(),
            t.text2,
        );
    }
    for (r, words) in c.counts.into_iter().zip(count_names()) {
        label(ui, r, Align::Max, words, font::small_strong(), t.text2);
    }
    hline(ui, r.pad(20.0, 0.0), r.max.y - 1.0, t.border);
    if let Some(deck) = zone.dnd_release_payload::<Dragged>() {
        reparent(cx, deck.0, None);
    }
}

/// What marks a row.
#[derive(Debug, Clone, Copy)]
pub struct Marks {
    /// The deck that S studies.
    pub current: bool,
    /// Where the arrow keys are.
    pub at_cursor: bool,
    /// A key opens its menu.
    pub menu_by_key: bool,
}

/// One deck.
pub fn row(cx: &UiContext<'_>, ui: &mut Ui, r: Rect, row: &Row, marks: Marks) {
    let t = Tokens::of(ui);
    let id = ui.make_persistent_id(("deck", row.id));
    let name = spoken(row);
    let response = rows::sensed(ui, r, id, &name, marks.current, Sense::click_and_drag());
    if marks.menu_by_key {
        menu::open_by_key(&response);
    }
    if marks.at_cursor {
        focus_ring_inside(ui, r.pad(0.0, 1.0), radius::SELECTION);
    }
    drag_and_drop(cx, ui, r, row, &response);
    let mut c = columns(ui, r);
    c.name.cut_left(8.0 + indent(row.depth));
    let chevron = c.name.cut_left(28.0);
    if let Some(is_open) = row.open {
        fold_button(cx, ui, chevron, row, is_open);
    }
    let f = if row.depth == 0 {
        font::strong()
    } else {
        font::body()
    };
    let color = if row.filtered { t.accent_text } else { t.text };
    let room = c.name.with_max_x(c.name.max.x - 8.0);
    let name = text::name(&row.name);
    let shown = text::ends(ui, &name, room.width(), &f);
    left(ui, room, &shown, f, color);
    let is_cut = shown != name;
    for ((r, n), color) in c
        .counts
        .into_iter()
        .zip(row.counts)
        .zip([t.new, t.learn, t.due])
    {
        let (f, color) = if n == 0 {
            (font::body(), t.text3)
        } else {
            (font::strong(), color)
        };
        right(ui, r, &count(n), f, color);
    }
    gear(cx, ui, c.gear, row, &response);
    if response.clicked() {
        if ui.input(|i| keys::held_at_click(i).shift) {
            cx.ask(Request::Deck(DeckRequest::Select(row.id)));
        } else {
            open(cx, row.id);
        }
    }
    if is_cut {
        tooltip::words(response, &text::name(&row.full_name));
    }
}

/// Of decks in decks: less for each once there are many, so that names keep some room.
fn indent(depth: usize) -> f32 {
    const WIDE: usize = 6;
    const NARROW: f32 = 8.0;
    const MOST: f32 = 220.0;
    let wide = depth.min(WIDE) as f32 * size::DECK_INDENT;
    (wide + depth.saturating_sub(WIDE) as f32 * NARROW).min(MOST)
}

/// What a screen reader says of a row.
fn spoken(row: &Row) -> String {
    let [new, learn, due] = row.counts;
    let name = text::name(&row.name);
    t!(
        "{name}, {new} new, {learn} learn, {due} due",
        name,
        new,
        learn,
        due
    )
}

fn fold_button(cx: &UiContext<'_>, ui: &Ui, r: Rect, row: &Row, is_open: bool) {
    let id = ui.make_persistent_id(("fold", row.id));
    let response = ui.interact(r, id, Sense::CLICK);
    let deck = text::name(&row.name);
    let words = match is_open {
        true => t!("Collapse {deck}", deck),
        false => t!("Expand {deck}", deck),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    rows::paint_chevron(ui, r.center(), is_open);
    if response.clicked() {
        cx.ask(Request::Deck(DeckRequest::SetCollapsed {
            id: row.id,
            collapsed: is_open,
        }));
    }
}

fn drag_and_drop(cx: &UiContext<'_>, ui: &Ui, r: Rect, row: &Row, response: &Response) {
    let t = Tokens::of(ui);
    if response.drag_started() {
        response.dnd_set_drag_payload(Dragged(row.id));
    }
    if response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        rows::ghost(ui, &text::name(&row.name), font::strong());
    }
    if let Some(deck) = response.dnd_hover_payload::<Dragged>()
        && deck.0 != row.id
    {
        fill(ui, r.pad(0.0, 1.0), radius::SELECTION, t.selected);
        surface::outline(ui, r.pad(0.0, 1.0), radius::SELECTION, t.accent);
    }
    if let Some(deck) = response.dnd_release_payload::<Dragged>()
        && deck.0 != row.id
    {
        reparent(cx, deck.0, Some(row.id));
    }
}

fn reparent(cx: &UiContext<'_>, id: DeckId, new_parent: Option<DeckId>) {
    cx.ask(Request::Deck(DeckRequest::Reparent {
        ids: vec![id],
        new_parent,
    }));
}

/// Shown while the row is pointed at or its menu is open; a secondary click opens it too.
fn gear(cx: &UiContext<'_>, ui: &mut Ui, r: Rect, row: &Row, of: &Response) {
    let t = Tokens::of(ui);
    let b = Rect::from_center_size(pos2(r.center().x + 4.0, r.center().y), vec2(28.0, 28.0));
    let id = ui.make_persistent_id(("gear", row.id));
    let response = ui.interact(b, id, Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Button, true, t!("Options of {deck}", deck = row.name))
    });
    let is_open = menu::is_open(&response);
    if is_open || of.contains_pointer() || response.hovered() || response.has_focus() {
        if is_open || response.hovered() {
            fill(ui, b, radius::CHIP, t.pressed);
        }
        if response.has_focus() {
            focus_ring_inside(ui, b, radius::CHIP);
        }
        icon(ui, b.center(), ic::SETTINGS, size::ICON, t.text2);
    }
    menu::popup(&response, |ui| gear_menu(cx, ui, row));
    menu::context(of, |ui| gear_menu(cx, ui, row));
}

fn gear_menu(cx: &UiContext<'_>, ui: &mut Ui, row: &Row) {
    ui.set_width(200.0);
    if Entry::new(t!("Rename…")).show(ui).clicked() {
        cx.open(rename(row));
    }
    if Entry::new(t!("Options…")).show(ui).clicked() {
        if row.filtered {
            cx.ask(crate::ui::filtered::open(Some(row.id)));
        } else {
            cx.go(Route::DeckOptions { deck: row.id });
        }
    }
    if !row.filtered && Entry::new(t!("Description…")).show(ui).clicked() {
        cx.ask(Request::Deck(DeckRequest::Select(row.id)));
        cx.open(super::EditDescription::when_loaded(row.id));
    }
    if Entry::new(t!("Browse")).show(ui).clicked() {
        let deck = search::ast::Node::Search(search::build::deck(&row.full_name));
        cx.send(Action::Browse(search::print(&[deck])));
    }
    if Entry::new(t!("Export…")).show(ui).clicked() {
        cx.send(Action::Package(PackageAction::ExportDeck(row.id)));
    }
    menu::separator(ui);
    if Entry::new(t!("Delete…")).danger().show(ui).clicked() {
        delete(cx, row);
    }
}

fn rename(row: &Row) -> AskText {
    let id = row.id;
    AskText::new(
        Prompt {
            title: t!("Rename deck").into(),
            label: t!("Name").into(),
            value: row.full_name.clone(),
            action: t!("Rename").into(),
            ..Default::default()
        },
        move |name| Action::Ask(Request::Deck(DeckRequest::Rename { id, name })),
    )
}

/// An empty deck goes at once (Undo brings it back); one with cards asks.
fn delete(cx: &UiContext<'_>, row: &Row) {
    let delete = Action::Ask(Request::Deck(DeckRequest::Delete { ids: vec![row.id] }));
    if row.total_cards == 0 || row.filtered {
        cx.send(delete);
        return;
    }
    let lost = tn!(
        u64::from(row.total_cards),
        "Its card and the card’s review history will be removed.",
        "Its {n} cards and their review history will be removed."
    );
    cx.open(Question::new(
        Confirm {
            title: t!("Delete the deck “{deck}”?", deck = row.name),
            body: t!(
                "{lost} Notes with cards in other decks stay.\nYou can undo this, or recover it \
                 later from a backup.",
                lost
            ),
            cancel: t!("Cancel").into(),
            action: t!("Delete deck").into(),
            weight: Weight::Destructive,
            ..Default::default()
        },
        delete,
    ));
}
