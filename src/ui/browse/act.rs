//! What the browser's commands do, and the dialogs that some of them open first.

use super::card_dialogs::{GradeDialog, RepositionDialog};
use super::change_notetype::{self, ChangeNotetypeDialog};
use super::changed_since::ChangedSinceDialog;
use super::command::BrowseCommand;
use super::duplicates::DuplicatesDialog;
use super::find_replace::{self, FindReplaceDialog};
use super::pick::Pick;
use super::sidebar_choice::Tool;
use super::tags_dialog::TagsDialog;
use super::{BrowseScreen, Focus, MOST_SEARCHED};
use crate::base::ids::{CardId, DeckId, NoteId};
use crate::domain::card_answers::AskedIn;
use crate::service::browse::{BrowseAction, BrowseRequest, Chosen};
use crate::service::bulk::BulkRequest;
use crate::service::request::Request;
use crate::service::settings::PaneLayout;
use crate::ui::action::Action;
use crate::ui::card_info::CardInfoDialog;
use crate::ui::card_questions;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::Dialog;
use crate::ui::filtered;
use crate::ui::history::NoteHistoryDialog;
use crate::ui::import_export::PackageAction;
use crate::ui::import_export::model::Include;
use crate::ui::menu::{entries, group_ui, set_width};
use crate::ui::notifications::Toast;
use crate::ui::route::Route;
use crate::ui::widgets::menu::{Entry, separator, sub_menu};
use crate::{t, tn};
use eframe::egui::Ui;

use BrowseCommand as B;

const fn c(command: BrowseCommand) -> Command {
    Command::Browse(command)
}

/// The Notes menu.
pub const NOTES: &[&[Command]] = &[
    &[c(B::AddNote), c(B::CreateCopy), c(B::ExportNotes)],
    &[
        c(B::AddTags),
        c(B::RemoveTags),
        c(B::ClearUnusedTags),
        c(B::ToggleMark),
    ],
    &[
        c(B::ChangeNotetype),
        c(B::FindDuplicates),
        c(B::FindReplace),
        Command::NoteTypes,
    ],
    &[c(B::NoteHistory), c(B::FindInBackups), c(B::ChangedSince)],
    &[c(B::DeleteNotes)],
];
/// What the menu of rows has of it.
const NOTES_OF_ROWS: &[&[Command]] = &[
    &[c(B::AddTags), c(B::RemoveTags), c(B::ToggleMark)],
    &[c(B::ChangeNotetype), c(B::FindReplace)],
    &[c(B::DeleteNotes)],
];
/// The Cards menu, but for the flags.
pub const CARDS: &[&[Command]] = &[
    &[
        c(B::ChangeDeck),
        c(B::SetDueDate),
        c(B::GradeNow),
        c(B::Reset),
        c(B::Reposition),
    ],
    &[c(B::ToggleSuspend), c(B::ToggleBury)],
    &[c(B::Info), c(B::Preview)],
];
pub const FLAGS: &[&[Command]] = &[&[
    c(B::Flag(1)),
    c(B::Flag(2)),
    c(B::Flag(3)),
    c(B::Flag(4)),
    c(B::Flag(5)),
    c(B::Flag(6)),
    c(B::Flag(7)),
]];
/// The Go menu.
pub const GO: &[&[Command]] = &[
    &[
        c(B::Find),
        c(B::SidebarFilter),
        c(B::Sidebar),
        c(B::Note),
        c(B::CardList),
    ],
    &[c(B::First), c(B::Previous), c(B::Next), c(B::Last)],
];
/// The menu in the View menu.
pub const PANES: &[&[Command]] = &[&[
    c(B::Panes(PaneLayout::Automatic)),
    c(B::Panes(PaneLayout::Vertical)),
    c(B::Panes(PaneLayout::Horizontal)),
]];
/// The Edit menu.
pub const EDIT: &[&[Command]] = &[
    &[Command::Undo, Command::Redo],
    &[c(B::SelectAll), c(B::SelectNotes), c(B::InvertSelection)],
    &[c(B::CreateFilteredDeck), c(B::CreateFilteredDeckSecond)],
    &[c(B::Close)],
];

fn of(menus: &'static [&'static [&'static [Command]]]) -> impl Iterator<Item = Command> + Clone {
    let groups = menus.iter().flat_map(|menu| menu.iter());
    groups.flat_map(|group| group.iter().copied())
}

/// The Cards menu with the flags as a menu of their own.
fn cards_entries(cx: &UiContext<'_>, ui: &mut Ui, ticks: bool) {
    entries(cx, ui, CARDS, ticks);
    separator(ui);
    sub_menu(ui, Entry::new(t!("Flag")).indented(ticks), |ui| {
        group_ui(cx, ui, FLAGS);
    });
}

/// The menu of the chosen rows.
pub fn row_menu(cx: &UiContext<'_>, ui: &mut Ui) {
    let ticks = set_width(cx, ui, of(&[CARDS, NOTES_OF_ROWS]));
    cards_entries(cx, ui, ticks);
    separator(ui);
    entries(cx, ui, NOTES_OF_ROWS, ticks);
}

impl BrowseScreen {
    /// A command of the page; nothing when it needs rows and none is chosen.
    pub fn run(&mut self, command: BrowseCommand) -> Vec<Action> {
        if command.needs_selection() && self.results.selection.count() == 0 {
            return vec![];
        }
        match command {
            B::SelectAll => self.results.selection.all(),
            B::InvertSelection => self.results.selection.invert(),
            B::ToggleMode => self.toggle_mode = true,
            B::Find => self.find(),
            B::CardList => self.focus = Some(Focus::Table),
            B::First | B::Previous | B::Next | B::Last => self.move_to(command),
            B::CreateFilteredDeck => return self.filtered_deck(filtered::open_with),
            B::CreateFilteredDeckSecond => {
                return self.filtered_deck(filtered::open_with_second);
            }
            B::SelectNotes => {
                let chosen = self.chosen().into_iter();
                return chosen.map(|chosen| notes_of(chosen, true)).collect();
            }
            B::Info => return self.card_info(),
            B::SetDueDate => return self.chosen().map_or_else(Vec::new, due_date),
            B::Reset => return self.chosen().map_or_else(Vec::new, reset),
            B::GradeNow => return self.ask_about(GradeDialog::new),
            B::Reposition => {
                let mut follow = self.ask_about(RepositionDialog::new);
                follow.push(Action::Ask(Request::Browse(BrowseRequest::LoadReposition)));
                return follow;
            }
            B::AddNote => return vec![Action::Command(Command::Add)],
            B::Close => return vec![Action::Command(Command::Decks)],
            // The window does it: the Add page may have something to ask first.
            B::CreateCopy => {}
            B::NoteHistory => return self.history(NoteHistoryDialog::open),
            B::FindInBackups => return self.history(NoteHistoryDialog::find_in_backups),
            B::ExportNotes => return self.export_notes(),
            B::AddTags | B::RemoveTags => {
                let known = self.sidebar.data().cloned();
                let add = command == B::AddTags;
                return self.ask_about(|chosen| TagsDialog::new(chosen, add, known));
            }
            B::ClearUnusedTags => {
                return vec![Action::Ask(Request::Bulk(BulkRequest::ClearUnusedTags))];
            }
            B::ChangeNotetype => return self.change_notetype(),
            B::FindDuplicates => {
                let dialog = DuplicatesDialog::default();
                return vec![
                    Action::Open(Box::new(dialog)),
                    Action::Ask(find_replace::load(None)),
                ];
            }
            B::ChangedSince => {
                return vec![Action::Open(Box::new(ChangedSinceDialog::default()))];
            }
            B::FindReplace => {
                let chosen = self.chosen();
                let ask = find_replace::load(chosen.as_ref());
                let dialog = FindReplaceDialog::new(chosen);
                return vec![Action::Open(Box::new(dialog)), Action::Ask(ask)];
            }
            B::ChangeDeck => return self.change_deck(),
            B::Note => {
                self.preview.shown = false;
                self.panel.focus();
            }
            B::ToggleMark => return self.act(BrowseAction::ToggleMark),
            B::DeleteNotes => return self.act(BrowseAction::DeleteNotes),
            B::ToggleSuspend => return self.act(BrowseAction::ToggleSuspend),
            B::ToggleBury => return self.act(BrowseAction::ToggleBury),
            B::Flag(flag) => return self.act(BrowseAction::Flag(flag)),
            B::ToggleSidebar => {
                self.sidebar_shown = !self.sidebar_shown;
                self.keep = true;
            }
            B::Preview => {
                self.preview.toggle();
                // Its keys are the table's.
                if self.preview.shown {
                    self.focus = Some(Focus::Table);
                }
            }
            B::PreviewBackSide => self.preview.set_back_only(!self.preview.back_only),
            B::PreviewReplay => self.preview.replay(),
            B::SidebarFilter => {
                self.sidebar_shown = true;
                self.sidebar.focus_filter = true;
            }
            B::Sidebar => {
                self.sidebar_shown = true;
                self.sidebar.focus_tree = true;
            }
            B::SearchTool => self.sidebar.take_up(Tool::Search),
            B::SelectTool => self.sidebar.take_up(Tool::Select),
            B::Panes(layout) => {
                self.panes = layout;
                self.keep = true;
            }
        }
        vec![]
    }

    fn find(&mut self) {
        self.focus = Some(Focus::Search);
        if self.typed.is_empty() {
            self.search_list.open();
        }
    }

    pub(super) fn move_to(&mut self, command: BrowseCommand) {
        if self.results.is_empty() {
            return;
        }
        let last = self.results.len() - 1;
        let at = self.results.selection.current();
        let to = match command {
            B::First => 0,
            B::Last => last,
            B::Next => at.map_or(0, |row| (row + 1).min(last)),
            _ => at.map_or(0, |row| row.saturating_sub(1)),
        };
        self.results.selection.only(to);
        self.reveal = true;
    }

    pub(super) fn act(&self, action: BrowseAction) -> Vec<Action> {
        let chosen = self.chosen();
        chosen
            .map(|chosen| Action::Ask(Request::Browse(BrowseRequest::Do { chosen, action })))
            .into_iter()
            .collect()
    }

    /// A dialog about the chosen rows.
    fn ask_about<D: Dialog + 'static>(&self, dialog: impl FnOnce(Chosen) -> D) -> Vec<Action> {
        let chosen = self.chosen();
        chosen
            .map(|chosen| Action::Open(Box::new(dialog(chosen))))
            .into_iter()
            .collect()
    }

    pub(super) fn chosen(&self) -> Option<Chosen> {
        let rows = self.results.chosen();
        let current = self.results.selection.current();
        let current = current.filter(|row| self.results.selection.contains(*row));
        let current = current.and_then(|row| self.results.id(row));
        let current = current.or_else(|| rows.first().copied())?;
        Some(Chosen {
            rows,
            notes: self.results.notes(),
            current,
        })
    }

    /// Of what the table shows.
    fn filtered_deck(&self, open: fn(String) -> Request) -> Vec<Action> {
        vec![match self.search_of_shown() {
            Ok(search) => Action::Ask(open(search)),
            Err(why) => Action::Toast(Toast::note(why)),
        }]
    }

    fn export_notes(&self) -> Vec<Action> {
        let Some(chosen) = self.chosen() else {
            return vec![];
        };
        let include = if chosen.notes {
            Include::Notes(chosen.rows.into_iter().map(NoteId).collect())
        } else {
            Include::NotesOf(chosen.rows.into_iter().map(CardId).collect())
        };
        vec![Action::Package(PackageAction::ExportChosen(include))]
    }

    fn change_deck(&self) -> Vec<Action> {
        let decks = self.sidebar.data().map_or(&[][..], |data| &data.decks);
        let all = decks.iter().filter(|deck| !deck.filtered);
        let all = all.map(|deck| (deck.id.0, deck.name.clone())).collect();
        self.ask_about(|chosen| {
            let title = t!("Change the deck of {cards}", cards = words(&chosen));
            Pick::new(title, t!("Move Cards"), all, move |deck| {
                let action = BrowseAction::SetDeck(DeckId(deck));
                Action::Ask(Request::Browse(BrowseRequest::Do { chosen, action }))
            })
        })
    }

    fn change_notetype(&self) -> Vec<Action> {
        let Some(chosen) = self.chosen() else {
            return vec![];
        };
        let data = self.sidebar.data();
        let notetypes = data.map_or_else(Vec::new, |data| data.notetypes.clone());
        let ask = change_notetype::load(&chosen, None);
        let dialog = ChangeNotetypeDialog::new(chosen, notetypes);
        vec![Action::Open(Box::new(dialog)), Action::Ask(ask)]
    }

    /// The card that the row speaks of, for what begins with one.
    #[must_use]
    pub fn current_card(&self) -> Option<CardId> {
        let card = self.results.current().map(|row| row.card);
        card.filter(|card| card.0 != 0)
    }

    fn history(&self, open: impl FnOnce(NoteId) -> Vec<Action>) -> Vec<Action> {
        let note = self.results.current().map(|row| row.note);
        note.filter(|note| note.0 != 0)
            .map(open)
            .unwrap_or_default()
    }

    fn card_info(&self) -> Vec<Action> {
        match self.current_card() {
            Some(card) => CardInfoDialog::open(t!("Card Info"), card),
            None => vec![],
        }
    }
}

/// The Browse page with these notes, from wherever that is wanted. More than anybody could read as a
/// search are looked up.
#[must_use]
pub fn show(notes: &[NoteId]) -> Vec<Action> {
    match notes.first() {
        Some(first) if notes.len() > MOST_SEARCHED => {
            let chosen = Chosen {
                rows: notes.iter().map(|id| id.0).collect(),
                notes: true,
                current: first.0,
            };
            vec![Action::Go(Route::Browse), notes_of(chosen, false)]
        }
        _ => vec![Action::Browse(of_notes(notes))],
    }
}

/// `nid:1,2`.
pub(super) fn of_notes(notes: &[NoteId]) -> String {
    let ids: Vec<String> = notes.iter().map(|id| id.0.to_string()).collect();
    format!("nid:{}", ids.join(","))
}

/// Shows the notes of rows, and chooses them if wanted.
fn notes_of(chosen: Chosen, choose: bool) -> Action {
    Action::Ask(Request::Browse(BrowseRequest::NotesOf { chosen, choose }))
}

/// What is chosen, in words: "3 cards".
pub(super) fn words(chosen: &Chosen) -> String {
    let n = chosen.rows.len() as u64;
    if chosen.notes {
        tn!(n, "{n} note", "{n} notes")
    } else {
        tn!(n, "{n} card", "{n} cards")
    }
}

fn due_date(chosen: Chosen) -> Vec<Action> {
    card_questions::due_date(AskedIn::Browser, &words(&chosen), |days| {
        let action = BrowseAction::SetDueDate(days);
        Action::Ask(Request::Browse(BrowseRequest::Do { chosen, action }))
    })
}

fn reset(chosen: Chosen) -> Vec<Action> {
    card_questions::reset(AskedIn::Browser, &words(&chosen), |how| {
        let action = BrowseAction::Reset(how);
        Action::Ask(Request::Browse(BrowseRequest::Do { chosen, action }))
    })
}
