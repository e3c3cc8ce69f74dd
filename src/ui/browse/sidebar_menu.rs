//! What can be done to entries of the sidebar: their menus, and the dialogs of renaming and
//! deleting.

use super::BrowseScreen;
use super::sidebar::{Asked, SidebarView};
use super::sidebar_choice::same_sort;
use super::tree::{self, Click, Kind, Line, clicked};
use crate::base::ids::DeckId;
use crate::base::lang;
use crate::domain::sidebar::FLAG_NAMES;
use crate::search::build::Joiner;
use crate::service::browse::{BrowseAction, BrowseRequest};
use crate::service::bulk::BulkRequest;
use crate::service::request::{DeckRequest, Request};
use crate::ui::action::Action;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{AskText, Question};
use crate::ui::dialogs::{Confirm, Prompt, Weight};
use crate::ui::widgets::menu::{Entry, separator};
use crate::{t, tn};
use eframe::egui::Ui;

impl SidebarView {
    /// The menu of an entry.
    pub(super) fn menu(&mut self, cx: &UiContext<'_>, ui: &mut Ui, line: &Line) -> Option<Asked> {
        ui.set_width(230.0);
        let chosen = self.chosen_with(line);
        if chosen.len() > 1 {
            return menu_of_many(cx, ui, chosen);
        }
        let mut asked = None;
        let pick =
            |ui: &mut Ui, words: &str, keys: &str| Entry::new(words).keys(keys).show(ui).clicked();
        if !line.search.is_empty() {
            let click = |ctrl, shift, alt| Click { ctrl, shift, alt };
            for (words, keys, how) in [
                (t!("Search"), t!("Click"), click(false, false, false)),
                (t!("And This"), t!("Ctrl+Click"), click(true, false, false)),
                (t!("Or This"), t!("Shift+Click"), click(false, true, false)),
                (
                    t!("But Not This"),
                    t!("Ctrl+Alt+Click"),
                    click(true, false, true),
                ),
            ] {
                if pick(ui, words, keys) {
                    asked = Some(Asked::Search(line.search.clone(), how));
                }
            }
        }
        if line.open.is_some() {
            if !line.search.is_empty() {
                separator(ui);
            }
            if pick(ui, t!("Expand All Below"), "") {
                self.set_open_below(line, true);
            }
            if pick(ui, t!("Collapse All Below"), "") {
                self.set_open_below(line, false);
            }
        }
        match &line.kind {
            Kind::SavedRoot if pick(ui, t!("Save Current Search…"), "") => {
                asked = Some(Asked::SaveSearch(None));
            }
            Kind::Saved(name) => {
                separator(ui);
                if pick(ui, t!("Update with Current Search"), "") {
                    asked = Some(Asked::SaveSearch(Some(name.clone())));
                }
            }
            Kind::Tag(tag) => {
                separator(ui);
                asked = asked.or(tag_rows(cx, ui, std::slice::from_ref(tag)));
            }
            Kind::Notetype(_) | Kind::Template | Kind::Field => {
                separator(ui);
                if pick(ui, Command::NoteTypes.info().label, "") {
                    cx.command(Command::NoteTypes);
                }
            }
            Kind::TagsRoot if pick(ui, t!("Clear Unused Tags"), "") => {
                cx.ask(Request::Bulk(BulkRequest::ClearUnusedTags));
            }
            _ => {}
        }
        if can_rename(&line.kind) {
            separator(ui);
            if pick(ui, t!("Rename…"), "F2") {
                asked = Some(Asked::Rename(line.clone()));
            }
        }
        if can_delete(&line.kind)
            && Entry::new(t!("Delete…"))
                .keys(t!("Del" in "key"))
                .danger()
                .show(ui)
                .clicked()
        {
            asked = Some(Asked::Delete(vec![line.clone()]));
        }
        asked
    }
}

/// The menu of several chosen entries. Held keys join them with the present search, as with one.
fn menu_of_many(cx: &UiContext<'_>, ui: &mut Ui, chosen: Vec<Line>) -> Option<Asked> {
    let mut asked = None;
    let searches = chosen.iter().map(|line| line.search.clone());
    let searches: Vec<String> = searches.filter(|search| !search.is_empty()).collect();
    for (words, joiner) in [
        (t!("Search All Selected"), Joiner::And),
        (t!("Search Any Selected"), Joiner::Or),
    ] {
        let entry = Entry::new(words).enabled(!searches.is_empty());
        if entry.show(ui).clicked() {
            let search = tree::joined(&searches, joiner);
            asked = Some(Asked::Search(search, Click::held(ui)));
        }
    }
    let tags: Vec<String> = chosen.iter().filter_map(tag_of).collect();
    if tags.len() == chosen.len() {
        separator(ui);
        asked = asked.or(tag_rows(cx, ui, &tags));
    }
    if same_sort(&chosen) {
        separator(ui);
        let delete = Entry::new(t!("Delete…")).keys(t!("Del" in "key")).danger();
        if delete.show(ui).clicked() {
            asked = Some(Asked::Delete(chosen));
        }
    }
    asked
}

fn tag_of(line: &Line) -> Option<String> {
    match &line.kind {
        Kind::Tag(tag) => Some(tag.clone()),
        _ => None,
    }
}

/// As in Anki: tags for the notes of the chosen rows.
fn tag_rows(cx: &UiContext<'_>, ui: &mut Ui, tags: &[String]) -> Option<Asked> {
    let mut asked = None;
    for (words, add) in [
        (t!("Add to Selected Notes"), true),
        (t!("Remove from Selected Notes"), false),
    ] {
        let entry = Entry::new(words).enabled(cx.model.browse.chosen > 0);
        if entry.show(ui).clicked() {
            let tags = tags.to_vec();
            asked = Some(Asked::TagRows { tags, add });
        }
    }
    asked
}

fn can_rename(kind: &Kind) -> bool {
    can_delete(kind) || matches!(kind, Kind::Flag(1..))
}

fn can_delete(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Saved(_) | Kind::Tag(_) | Kind::Deck(_) | Kind::FilteredDeck(_)
    )
}

/// `saved` are the names and searches that there are: one of them is replaced only when that is
/// wanted.
fn save_dialog(search: String, saved: Vec<(String, String)>) -> AskText {
    AskText::new(
        Prompt {
            title: t!("Save current search").into(),
            body: search.clone(),
            label: t!("Name").into(),
            action: t!("Save").into(),
            ..Default::default()
        },
        move |name| {
            let name = name.trim().to_owned();
            let old = saved.into_iter().find(|(other, _)| *other == name);
            let save = Request::Bulk(BulkRequest::SaveSearch { name, search });
            let Some((name, old)) = old else {
                return Action::Ask(save);
            };
            Action::Open(Box::new(deletion(
                t!("Replace the saved search “{name}”?", name),
                &t!(
                    "It looks for {search} now.\nYou can undo this.",
                    search = old
                ),
                t!("Replace"),
                save,
            )))
        },
    )
}

impl BrowseScreen {
    /// Does what the sidebar asked for.
    pub(super) fn follow_sidebar(&mut self, cx: &UiContext<'_>, asked: Asked) {
        match asked {
            Asked::Search(search, click) => {
                let search = clicked(&self.search, &search, click);
                self.search_within(&search);
            }
            Asked::SaveSearch(Some(name)) => {
                let search = self.search.clone();
                cx.ask(Request::Bulk(BulkRequest::SaveSearch { name, search }));
            }
            Asked::SaveSearch(None) => {
                let saved = self.sidebar.data().map(|data| data.saved.clone());
                cx.open(save_dialog(self.search.clone(), saved.unwrap_or_default()));
            }
            Asked::TagRows { tags, add } => {
                let tags = tags.join(" ");
                let action = match add {
                    true => BrowseAction::AddTags(tags),
                    false => BrowseAction::RemoveTags(tags),
                };
                self.act(action).into_iter().for_each(|act| cx.send(act));
            }
            Asked::Rename(line) => {
                if let Some(dialog) = self.rename_dialog(&line) {
                    cx.open(dialog);
                }
            }
            Asked::Delete(lines) => {
                if let Some(question) = self.delete_question(&lines) {
                    cx.open(question);
                }
            }
        }
    }

    fn delete_question(&self, lines: &[Line]) -> Option<Question> {
        match lines {
            [line] => self.delete_one(line),
            many if same_sort(many) => Some(delete_many(many)),
            _ => None,
        }
    }

    fn deck_name(&self, line: &Line) -> Option<String> {
        let (Kind::Deck(id) | Kind::FilteredDeck(id)) = line.kind else {
            return None;
        };
        let data = self.sidebar.data()?;
        let deck = data.decks.iter().find(|deck| deck.id == id)?;
        Some(deck.name.clone())
    }

    fn rename_dialog(&self, line: &Line) -> Option<AskText> {
        let prompt = |title: &str, value: String| Prompt {
            title: title.into(),
            label: t!("Name").into(),
            value,
            action: t!("Rename").into(),
            ..Default::default()
        };
        match line.kind.clone() {
            Kind::Flag(flag @ 1..) => {
                let usual = FLAG_NAMES.get(usize::from(flag) - 1);
                let usual = lang::say(usual.copied().unwrap_or(""));
                let mut asked = prompt(t!("Rename flag"), line.name.clone());
                asked.body = t!("Leave it empty to call it {color} again.", color = usual);
                let then = move |name: String| {
                    Action::Ask(Request::Browse(BrowseRequest::RenameFlag { flag, name }))
                };
                Some(AskText::new(asked, then).check(|_| None))
            }
            Kind::Saved(old) => {
                let asked = prompt(t!("Rename saved search"), old.clone());
                let then = move |new| {
                    Action::Ask(Request::Bulk(BulkRequest::RenameSavedSearch { old, new }))
                };
                Some(AskText::new(asked, then))
            }
            Kind::Tag(old) => {
                let mut asked = prompt(t!("Rename tag"), old.clone());
                asked.body = t!("On all notes, with the tags below it.").into();
                let then = move |new: String| {
                    let new = new.trim().to_owned();
                    Action::Ask(Request::Bulk(BulkRequest::RenameTag { old, new }))
                };
                Some(AskText::new(asked, then))
            }
            Kind::Deck(id) | Kind::FilteredDeck(id) => {
                let name = self.deck_name(line)?;
                let then = move |name| Action::Ask(Request::Deck(DeckRequest::Rename { id, name }));
                Some(AskText::new(prompt(t!("Rename deck"), name), then))
            }
            _ => None,
        }
    }

    fn delete_one(&self, line: &Line) -> Option<Question> {
        let (title, body, action, request) = match line.kind.clone() {
            Kind::Saved(name) => (
                t!("Delete the saved search “{name}”?", name),
                t!("You can undo this."),
                t!("Delete search"),
                Request::Bulk(BulkRequest::DeleteSavedSearches { names: vec![name] }),
            ),
            Kind::Tag(tag) => (
                t!("Delete the tag “{tag}”?", tag),
                t!(
                    "It is taken off all notes, with the tags below it. The notes stay.\nYou can \
                     undo this."
                ),
                t!("Delete tag"),
                Request::Bulk(BulkRequest::DeleteTags { tags: vec![tag] }),
            ),
            Kind::Deck(id) => (
                t!("Delete the deck “{deck}”?", deck = self.deck_name(line)?),
                t!(
                    "Its cards and those of the decks inside it, and their review history, will \
                     be removed. Notes with cards in other decks stay.\nYou can undo this, or \
                     recover it later from a backup."
                ),
                t!("Delete deck"),
                Request::Deck(DeckRequest::Delete { ids: vec![id] }),
            ),
            Kind::FilteredDeck(id) => (
                t!(
                    "Delete the filtered deck “{deck}”?",
                    deck = self.deck_name(line)?
                ),
                t!("Its cards go back to their own decks."),
                t!("Delete deck"),
                Request::Deck(DeckRequest::Delete { ids: vec![id] }),
            ),
            _ => return None,
        };
        Some(deletion(title, body, action, request))
    }
}

fn deletion(title: String, body: &str, action: &str, request: Request) -> Question {
    let confirm = Confirm {
        title,
        body: body.into(),
        cancel: t!("Cancel").into(),
        action: action.into(),
        weight: Weight::Destructive,
        ..Default::default()
    };
    Question::new(confirm, Action::Ask(request))
}

/// Of several entries of one sort.
fn delete_many(lines: &[Line]) -> Question {
    let n = lines.len() as u64;
    let (mut names, mut tags) = (vec![], vec![]);
    let mut decks: Vec<DeckId> = vec![];
    for line in lines {
        match &line.kind {
            Kind::Saved(name) => names.push(name.clone()),
            Kind::Tag(tag) => tags.push(tag.clone()),
            Kind::Deck(id) | Kind::FilteredDeck(id) => decks.push(*id),
            _ => {}
        }
    }
    if !decks.is_empty() {
        return deletion(
            tn!(n, "Delete {n} deck?", "Delete {n} decks?"),
            t!(
                "The cards of ordinary decks and of those inside them, and their review history, \
                 will be removed; those of filtered decks go back to their own decks. Notes with \
                 cards in other decks stay.\nYou can undo this, or recover it later from a \
                 backup."
            ),
            t!("Delete decks"),
            Request::Deck(DeckRequest::Delete { ids: decks }),
        );
    }
    if !tags.is_empty() {
        return deletion(
            tn!(n, "Delete {n} tag?", "Delete {n} tags?"),
            t!(
                "They are taken off all notes, with the tags below them. The notes stay.\nYou can \
                 undo this."
            ),
            t!("Delete tags"),
            Request::Bulk(BulkRequest::DeleteTags { tags }),
        );
    }
    deletion(
        tn!(n, "Delete {n} saved search?", "Delete {n} saved searches?"),
        t!("You can undo this."),
        t!("Delete searches"),
        Request::Bulk(BulkRequest::DeleteSavedSearches { names }),
    )
}
