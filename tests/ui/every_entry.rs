//! Every entry of every menu is pressed once and does what its row of a table here says. The rows
//! of the Browse page are an exhaustive `match`: a new command without one does not compile.

use crate::browse::{answer_rows, scripted};
use crate::harness::TestApp;
use crate::steps::{self, sees};
use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::service::browse::{BrowseAction, BrowseRequest};
use engram::service::bulk::BulkRequest;
use engram::service::event::{BackupEvent, BackupStatus, Event};
use engram::service::filtered::FilteredRequest;
use engram::service::history::HistoryRequest;
use engram::service::notes::NoteRequest;
use engram::service::request::{Request, SettingsRequest};
use engram::service::settings::PaneLayout;
use engram::ui::browse::command::BrowseCommand as B;
use engram::ui::command::Command;
use engram::ui::menu::{self, MENUS};
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;

const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// What an entry does.
enum Effect {
    /// Asks the worker.
    Asks(fn(&Request) -> bool),
    /// Changes the chosen rows, each by itself or together.
    Does(fn(&BrowseAction) -> bool),
    /// Words come up.
    Shows(&'static str),
    /// Words go away.
    Hides(&'static str),
    Goes(Route),
    /// This has the keyboard afterwards.
    Keyboard(Role, &'static str),
    /// A button is on afterwards.
    Turns(&'static str),
}

fn keeps(request: &Request, panes: PaneLayout) -> bool {
    matches!(request, Request::Settings(SettingsRequest::SaveProfile(change))
        if change.wanted.browser.panes == panes)
}

fn effect(command: B) -> Effect {
    use Effect::{Asks, Does, Goes, Hides, Keyboard, Shows, Turns};
    match command {
        B::SelectAll => Shows("30 of 30 cards selected"),
        B::InvertSelection => Shows("29 of 30 cards selected"),
        B::SelectNotes => Asks(
            |r| matches!(r, Request::Browse(BrowseRequest::NotesOf { chosen: c, choose: true }) if c.rows == [2]),
        ),
        B::CreateFilteredDeck => Asks(|r| {
            matches!(
                r,
                Request::Filtered(FilteredRequest::Load { second: false, .. })
            )
        }),
        B::CreateFilteredDeckSecond => Asks(|r| {
            matches!(
                r,
                Request::Filtered(FilteredRequest::Load { second: true, .. })
            )
        }),
        B::ToggleMode => {
            Asks(|r| matches!(r, Request::Browse(BrowseRequest::SaveLayout(l)) if l.notes))
        }
        B::ToggleSidebar => Hides("Sidebar filter"),
        B::Preview | B::PreviewBackSide | B::PreviewReplay => {
            Asks(|r| matches!(r, Request::Browse(BrowseRequest::Preview(card)) if card.0 == 2))
        }
        B::AddNote => Goes(Route::Add),
        B::CreateCopy => Asks(|r| {
            matches!(r, Request::Note(NoteRequest::StartAdding { copy_of: Some(card), .. })
                if card.0 == 2)
        }),
        B::ExportNotes => Shows("Export format"),
        B::NoteHistory => {
            Asks(|r| matches!(r, Request::History(HistoryRequest::Load(note)) if note.0 == 2))
        }
        B::FindInBackups => Asks(
            |r| matches!(r, Request::History(HistoryRequest::FindInBackups(note)) if note.0 == 2),
        ),
        B::ChangedSince => Shows("Changed since a backup"),
        B::AddTags => Shows("For 1 card. Separate tags with spaces."),
        B::RemoveTags => Shows("From 1 card, with the tags below them."),
        B::ClearUnusedTags => Asks(|r| matches!(r, Request::Bulk(BulkRequest::ClearUnusedTags))),
        B::ToggleMark => Does(|a| *a == BrowseAction::ToggleMark),
        B::ChangeNotetype => Asks(|r| {
            matches!(
                r,
                Request::Browse(BrowseRequest::LoadNotetypeChange { new: None, .. })
            )
        }),
        B::FindDuplicates => {
            Asks(|r| matches!(r, Request::Bulk(BulkRequest::LoadFieldNames { .. })))
        }
        B::FindReplace => Asks(|r| matches!(r, Request::Browse(BrowseRequest::LoadFieldNames(_)))),
        B::DeleteNotes => Does(|a| *a == BrowseAction::DeleteNotes),
        B::ChangeDeck => Shows("Change the deck of 1 card"),
        B::SetDueDate => Shows("In how many days to show 1 card"),
        B::GradeNow => Shows("as if shown now, due or not"),
        B::Reset => Shows("Reset 1 card?"),
        B::Reposition => Asks(|r| matches!(r, Request::Browse(BrowseRequest::LoadReposition))),
        B::ToggleSuspend => Does(|a| *a == BrowseAction::ToggleSuspend),
        B::ToggleBury => Does(|a| *a == BrowseAction::ToggleBury),
        B::Flag(1) => Does(|a| *a == BrowseAction::Flag(1)),
        B::Flag(2) => Does(|a| *a == BrowseAction::Flag(2)),
        B::Flag(3) => Does(|a| *a == BrowseAction::Flag(3)),
        B::Flag(4) => Does(|a| *a == BrowseAction::Flag(4)),
        B::Flag(5) => Does(|a| *a == BrowseAction::Flag(5)),
        B::Flag(6) => Does(|a| *a == BrowseAction::Flag(6)),
        B::Flag(_) => Does(|a| *a == BrowseAction::Flag(7)),
        B::Info => Shows("Card Info"),
        B::Find => Keyboard(Role::TextInput, "Search"),
        B::SidebarFilter => Keyboard(Role::TextInput, "Sidebar filter"),
        B::Sidebar => Keyboard(Role::ListBox, "Sidebar"),
        B::SearchTool => Turns("Search Tool"),
        B::SelectTool => Turns("Selection Tool"),
        // It is so already.
        B::Panes(PaneLayout::Automatic) => Shows("1 of 30 cards selected"),
        B::Panes(PaneLayout::Vertical) => Asks(|r| keeps(r, PaneLayout::Vertical)),
        B::Panes(PaneLayout::Horizontal) => Asks(|r| keeps(r, PaneLayout::Horizontal)),
        B::CardList => Keyboard(Role::ListBox, "Results"),
        // It wants a note, which has a test of its own.
        B::Note => Shows("1 of 30 cards selected"),
        B::First => Shows("row 1, selected"),
        B::Previous => Shows("row 1, selected"),
        B::Next => Shows("row 3, selected"),
        B::Last => Shows("row 30, selected"),
        B::Close => Goes(Route::Decks),
    }
}

/// The Browse page with 30 cards, the second chosen.
fn browsing() -> (TestApp, ScriptedService) {
    let (mut app, worker) = scripted(30);
    answer_rows(&mut app, &worker);
    app.keys(CTRL_SHIFT, Key::L);
    app.key(Key::ArrowDown);
    answer_rows(&mut app, &worker);
    (app, worker)
}

fn is_entry(role: Role) -> bool {
    matches!(role, Role::MenuItem | Role::MenuItemCheckBox)
}

/// Through the menu bar, as with the pointer.
#[track_caller]
fn press(app: &mut TestApp, menu: &str, sub: Option<&str>, label: &str) {
    steps::press(app, menu);
    if let Some(sub) = sub {
        app.harness.get_by_label(sub).click();
        app.settle();
    }
    let entry = app
        .harness
        .query_by(|n| n.label().as_deref() == Some(label) && is_entry(n.role()));
    entry
        .unwrap_or_else(|| panic!("{menu} has no entry {label}"))
        .click();
    app.settle();
}

/// Which row is chosen: a list tells it of its options.
fn chosen_row(app: &TestApp) -> Option<String> {
    let mut rows = app.harness.query_all_by_role(Role::ListBoxOption);
    rows.find(|n| n.accesskit_node().toggled() == Some(Toggled::True))
        .and_then(|n| n.accesskit_node().label())
}

fn shows(app: &TestApp, words: &str) -> bool {
    match words.strip_suffix(", selected") {
        Some(row) => chosen_row(app).is_some_and(|r| r.starts_with(&format!("{row},"))),
        None => sees(app, words),
    }
}

/// What is wrong with what happened, if anything is.
fn problem(
    app: &mut TestApp,
    worker: &ScriptedService,
    command: B,
    asked: &[Request],
) -> Option<String> {
    let wrong = match effect(command) {
        Effect::Asks(wanted) => (!asked.iter().any(wanted)).then(|| format!("asked {asked:?}")),
        Effect::Does(wanted) => {
            let is_it = |r: &Request| {
                matches!(r, Request::Browse(BrowseRequest::Do { chosen, action })
                    if chosen.rows == [2] && wanted(action))
            };
            (!asked.iter().any(is_it)).then(|| format!("asked {asked:?}"))
        }
        Effect::Shows(words) => {
            answer_rows(app, worker);
            (!shows(app, words)).then(|| format!("does not show “{words}”"))
        }
        Effect::Hides(words) => sees(app, words).then(|| format!("still shows “{words}”")),
        Effect::Goes(route) => {
            let now = app.app().route();
            (*now != route).then(|| format!("went to {now:?}"))
        }
        Effect::Keyboard(role, label) => {
            let node = app.harness.query_by_role_and_label(role, label);
            let has = node.is_some_and(|n| n.is_focused());
            (!has).then(|| format!("“{label}” has not the keyboard"))
        }
        Effect::Turns(label) => {
            let node = app.harness.get_by_role_and_label(Role::Button, label);
            let on = node.accesskit_node().toggled() == Some(Toggled::True);
            (!on).then(|| format!("“{label}” is not on"))
        }
    };
    wrong.map(|wrong| format!("{command:?} {wrong}"))
}

#[test]
fn every_entry_of_the_browse_menus_does_what_its_row_says() {
    let (mut pressed, mut problems) = (0, vec![]);
    for menu in menu::of(&Route::Browse) {
        for (sub, command) in menu.entries() {
            let Command::Browse(own) = command else {
                continue;
            };
            let (mut app, worker) = browsing();
            press(&mut app, menu.name, sub, command.info().label);
            let asked = worker.take_requests();
            problems.extend(problem(&mut app, &worker, own, &asked));
            pressed += 1;
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(pressed >= 40, "{pressed}");
}

#[test]
fn every_command_of_the_browse_page_does_it_by_its_key() {
    let mut problems = vec![];
    for &command in B::ALL {
        for (_, keys) in command.info().keys {
            let (mut app, worker) = browsing();
            if command.needs_preview() {
                app.keys(CTRL_SHIFT, Key::P);
                app.keys(CTRL_SHIFT, Key::L);
            }
            match command {
                B::CardList => app.keys(Modifiers::COMMAND, Key::F),
                B::Find => app.keys(CTRL_SHIFT, Key::L),
                B::SearchTool => app.keys(Modifiers::ALT, Key::Num2),
                _ => {}
            }
            if !command.needs_preview() {
                let _before = worker.take_requests();
            }
            match *keys {
                engram::ui::keys::Keys::Key(modifiers, key) => app.keys(modifiers, key),
                engram::ui::keys::Keys::Sign(sign) => app.type_text(&sign.to_string()),
            }
            let asked = worker.take_requests();
            problems.extend(problem(&mut app, &worker, command, &asked));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Seen only by the window system.
fn is_unseen(command: Command) -> bool {
    matches!(
        command,
        Command::Quit | Command::FullScreen | Command::ZoomReset | Command::ThemeSystem
    )
}

/// What can be seen or was asked of the window system.
fn seen(app: &TestApp) -> Vec<String> {
    let mut out = vec![
        format!("{:?}", app.app().route()),
        format!("{:?}", app.app().model().settings),
        format!("{:?} {:?}", app.script.asked(), app.script.opened()),
    ];
    let labels = app.harness.query_all_by(|_| true);
    out.extend(labels.filter_map(|n| n.accesskit_node().label()));
    out
}

/// Entries of the window's other menus: each that can be used changes something or asks.
#[test]
fn every_entry_of_the_windows_menus_does_something() {
    let (mut pressed, mut problems) = (0, vec![]);
    for route in [Route::Decks, Route::Browse] {
        for menu in menu::of(&route) {
            for (sub, command) in menu.entries() {
                // Shown after a restore alone.
                let is_hidden = command == Command::ResumeBackups;
                if matches!(command, Command::Browse(_)) || is_unseen(command) || is_hidden {
                    continue;
                }
                let (mut app, worker) = browsing();
                worker.say(Event::Backup(BackupEvent::Status(BackupStatus {
                    folder: Some("/backups".into()),
                    ..BackupStatus::default()
                })));
                app.settle();
                if route == Route::Decks {
                    app.keys(CTRL_SHIFT, Key::L);
                    app.key(Key::D);
                }
                let (model, now) = (app.app().model(), app.app().route());
                if *now != route || command.usable(model, now).is_err() {
                    continue;
                }
                let _before = worker.take_requests();
                let before = seen(&app);
                press(&mut app, menu.name, sub, command.info().label);
                let asked = worker.take_requests();
                if asked.is_empty() && seen(&app) == before {
                    problems.push(format!("{command:?} does nothing"));
                }
                pressed += 1;
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(pressed >= 20, "{pressed} of {}", MENUS.len());
}
