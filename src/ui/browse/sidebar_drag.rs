//! Decks and tags dragged onto others in the sidebar: those that are chosen move together.

use super::tree::{Kind, Line};
use crate::base::ids::DeckId;
use crate::service::bulk::BulkRequest;
use crate::service::request::{DeckRequest, Request};
use crate::tn;
use crate::ui::context::UiContext;
use crate::ui::theme::{Tokens, font, radius};
use crate::ui::widgets::surface::outline;
use crate::ui::widgets::{Cut, row};
use eframe::egui::{CursorIcon, Rect, Response, Ui};

/// Decks or tags on their way to another.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Dragged {
    Decks(Vec<DeckId>),
    Tags(Vec<String>),
}

/// What moves when `line` is dragged and `chosen` are chosen: those of its sort.
fn carried(line: &Line, chosen: &[Line]) -> Option<Dragged> {
    let deck = |line: &Line| match &line.kind {
        Kind::Deck(id) | Kind::FilteredDeck(id) => Some(*id),
        _ => None,
    };
    let tag = |line: &Line| match &line.kind {
        Kind::Tag(name) => Some(name.clone()),
        _ => None,
    };
    if deck(line).is_some() {
        Some(Dragged::Decks(chosen.iter().filter_map(deck).collect()))
    } else if tag(line).is_some() {
        Some(Dragged::Tags(chosen.iter().filter_map(tag).collect()))
    } else {
        None
    }
}

/// `chosen` go with `line` when that is dragged.
pub(super) fn drag_and_drop(
    cx: &UiContext<'_>,
    ui: &Ui,
    r: Rect,
    line: &Line,
    chosen: impl FnOnce() -> Vec<Line>,
    response: &Response,
) {
    let t = Tokens::of(ui);
    if response.drag_started()
        && let Some(carried) = carried(line, &chosen())
    {
        response.dnd_set_drag_payload(carried);
    }
    if response.dragged()
        && let Some(carried) = eframe::egui::DragAndDrop::payload::<Dragged>(ui.ctx())
    {
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        row::ghost(ui, &name_of(&carried, line), font::small_strong());
    }
    if let Some(carried) = response.dnd_hover_payload::<Dragged>()
        && dropped(&carried, &line.kind).is_some()
    {
        outline(ui, r.pad(0.0, 1.0), radius::SELECTION, t.accent);
    }
    if let Some(carried) = response.dnd_release_payload::<Dragged>()
        && let Some(request) = dropped(&carried, &line.kind)
    {
        cx.ask(request);
    }
}

/// What is said to be carried.
fn name_of(carried: &Dragged, line: &Line) -> String {
    match carried {
        Dragged::Decks(ids) if ids.len() > 1 => tn!(ids.len() as u64, "{n} deck", "{n} decks"),
        Dragged::Tags(tags) if tags.len() > 1 => tn!(tags.len() as u64, "{n} tag", "{n} tags"),
        _ => line.name.clone(),
    }
}

/// What dropping on an entry asks for; None where it cannot lie.
fn dropped(carried: &Dragged, on: &Kind) -> Option<Request> {
    match (carried, on) {
        (Dragged::Decks(ids), Kind::Deck(parent)) if !ids.contains(parent) => {
            Some(Request::Deck(DeckRequest::Reparent {
                ids: ids.clone(),
                new_parent: Some(*parent),
            }))
        }
        (Dragged::Decks(ids), Kind::DecksRoot) => Some(Request::Deck(DeckRequest::Reparent {
            ids: ids.clone(),
            new_parent: None,
        })),
        (Dragged::Tags(tags), Kind::Tag(parent)) if !tags.contains(parent) => {
            Some(Request::Bulk(BulkRequest::ReparentTags {
                tags: tags.clone(),
                parent: Some(parent.clone()),
            }))
        }
        (Dragged::Tags(tags), Kind::TagsRoot) => Some(Request::Bulk(BulkRequest::ReparentTags {
            tags: tags.clone(),
            parent: None,
        })),
        _ => None,
    }
}
