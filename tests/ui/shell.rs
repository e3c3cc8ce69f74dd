//! Menus, keys, messages, closing.

use crate::harness::{NOW, Options, TestApp};
use crate::steps::{press, sees, send, wait_for, with_decks};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, Rect, Shape, Vec2, ViewportCommand, ViewportEvent};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::job::Progress;
use engram::base::time::TimestampMillis;
use engram::domain::changes::Changes;
use engram::domain::deck_tree::DeckTreeNode;
use engram::domain::op::Op;
use engram::domain::study::StudiedToday;
use engram::explain::UserMessage;
use engram::service::event::{
    BackupEvent, BackupState, BackupStatus, DeckEvent, Event, JobId, ProfileEvent, UndoStatus,
    Undone,
};
use engram::service::jobs::JobView;
use engram::service::notetypes::NotetypeRequest;
use engram::service::request::{BackupRequest, DeckRequest, Request, SettingsRequest};
use engram::service::settings::ThemeChoice;
use engram::ui::action::Action;
use engram::ui::app::StartWith;
use engram::ui::command::Command;
use engram::ui::menu::MENUS;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;

fn opened(options: Options) -> (TestApp, ScriptedService) {
    let (mut app, worker) = TestApp::scripted(options);
    worker.say(Event::Profile(ProfileEvent::Opened {
        name: "Ana".into(),
        restored: false,
        can_undo_restore: false,
        undo: Default::default(),
    }));
    worker.say(one_deck("Default"));
    app.settle();
    let _start = worker.take_requests();
    (app, worker)
}

fn one_deck(name: &str) -> Event {
    Event::Deck(DeckEvent::Tree {
        root: DeckTreeNode {
            children: vec![DeckTreeNode {
                id: 1.into(),
                name: name.into(),
                level: 1,
                ..Default::default()
            }],
            ..Default::default()
        },
        current: 1.into(),
        today: StudiedToday::default(),
    })
}

#[test]
fn every_menu_opens_and_shows_its_commands_with_their_keys() {
    let (mut app, _worker) = opened(Options::default());
    let mut seen = 0;
    for menu in MENUS {
        press(&mut app, menu.name);
        for command in Command::ALL.iter().filter(|c| menu.contains(**c)) {
            // Shown after a restore alone.
            if *command == Command::ResumeBackups {
                continue;
            }
            app.harness.get_by_label(command.info().label);
            seen += 1;
        }
        app.key(Key::Escape);
    }
    assert!(seen >= 22, "{seen} entries");
}

#[test]
fn narrow_windows_have_one_menu_with_all_of_them() {
    let (mut app, _worker) = opened(Options {
        size: Vec2::new(760.0, 520.0),
        ..Options::default()
    });
    assert!(app.harness.query_by_label("File").is_none());
    press(&mut app, "Menu");
    for menu in MENUS {
        app.harness.get_by_role_and_label(Role::MenuItem, menu.name);
    }
}

/// A narrow window, and narrower ones with everything shown larger.
#[test]
fn where_there_is_little_room_nothing_lies_on_something_else() {
    for width in [480.0, 380.0, 300.0] {
        let (app, _worker) = opened(Options {
            size: Vec2::new(width, 520.0),
            ..Options::default()
        });
        let place = |role, name| {
            let found = app.harness.query_by_role_and_label(role, name);
            found.map(|found| found.rect())
        };
        let menu = place(Role::Button, "Menu");
        let pages = ["Decks", "Add", "Browse", "Stats"].map(|name| place(Role::Tab, name));
        let sync = place(Role::Button, "Sync");
        let profile = place(Role::Button, "Profile Ana");
        let top = [menu].into_iter().chain(pages).chain([sync, profile]);
        let buttons = ["Get Shared", "Create Deck", "Import File"];
        let bottom = buttons.map(|name| place(Role::Button, name));
        assert!(pages[2].is_some() && bottom.iter().all(Option::is_some));
        for row in [
            top.flatten().collect(),
            bottom.into_iter().flatten().collect(),
        ] {
            let row: Vec<Rect> = row;
            for pair in row.windows(2) {
                assert!(pair[0].max.x <= pair[1].min.x, "{width}: {pair:?}");
            }
            let (first, last) = (row[0], row[row.len() - 1]);
            assert!(
                first.min.x >= 0.0 && last.max.x <= width,
                "{width}: {row:?}"
            );
        }
    }
}

#[test]
fn keys_reach_the_worker() {
    let (mut app, worker) = opened(Options::default());
    app.type_text("/");
    let asked = worker.take_requests();
    assert!(matches!(asked[..], [Request::Deck(DeckRequest::LoadTree)]));
    app.key(Key::Escape);
    app.keys(Modifiers::COMMAND, Key::P);
    assert_eq!(*app.app().route(), Route::Preferences);
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    assert_eq!(worker.take_requests().len(), 1, "switch profile");
}

#[test]
fn letters_typed_into_a_field_are_not_commands() {
    let (mut app, worker) = opened(Options::default());
    press(&mut app, "Create Deck");
    app.key(Key::D);
    app.type_text("d/s");
    app.key(Key::Enter);
    let asked = worker.take_requests();
    assert!(
        matches!(&asked[..], [Request::Deck(DeckRequest::Create { name })] if name == "d/s"),
        "{asked:?}"
    );
}

#[test]
fn theme_and_zoom_are_remembered() {
    let (mut app, worker) = opened(Options::default());
    let saved = |worker: &ScriptedService| match worker.take_requests().pop() {
        Some(Request::Settings(SettingsRequest::SaveProfile(s))) => s.wanted,
        other => panic!("{other:?}"),
    };
    app.keys(Modifiers::COMMAND, Key::Plus);
    assert_eq!(saved(&worker).ui_zoom_percent, 110);
    assert!((app.harness.ctx.zoom_factor() - 1.1).abs() < 0.01);
    app.keys(Modifiers::COMMAND, Key::Num0);
    assert_eq!(saved(&worker).ui_zoom_percent, 100);
    press(&mut app, "View");
    app.harness.get_by_label("Dark").click();
    app.settle();
    assert_eq!(saved(&worker).theme, ThemeChoice::Dark);
    assert_eq!(app.harness.ctx.theme(), eframe::egui::Theme::Dark);
}

#[test]
fn the_backup_status_is_always_there_and_opens_the_backups() {
    let (mut app, worker) = opened(Options::default());
    let say = |state, last| {
        worker.say(Event::Backup(BackupEvent::Status(BackupStatus {
            state,
            last_verified: last,
            ..Default::default()
        })));
    };
    let four_min_ago = Some(TimestampMillis(NOW.0 - 240_000));
    say(BackupState::Idle, four_min_ago);
    app.settle();
    app.harness.get_by_label("Backed up 4 min ago ·  verified");
    say(BackupState::Running, four_min_ago);
    app.settle();
    app.harness.get_by_label("Backing up…");
    let full = UserMessage {
        what: "Could not create the backup".into(),
        cause: "The disk is full.".into(),
        ..Default::default()
    };
    say(BackupState::Failed(full), four_min_ago);
    app.settle();
    app.harness
        .get_by_label("Last backup 4 min ago – The disk is full")
        .click();
    app.settle();
    assert!(matches!(app.app().route(), Route::Backups { profile } if profile == "Ana"));
}

#[test]
fn a_banner_is_as_high_as_its_words_need() {
    let (mut app, worker) = TestApp::scripted(Options {
        size: Vec2::new(760.0, 520.0),
        ..Options::default()
    });
    worker.say(Event::Profile(ProfileEvent::Opened {
        name: "Ana".into(),
        restored: true,
        can_undo_restore: true,
        undo: UndoStatus::default(),
    }));
    app.settle();
    let words = "Automatic backups and syncing are off until you restart Engram.";
    let line = app.harness.get_by_label(words).rect();
    assert!(line.height() > 30.0, "two lines: {line:?}");
    let button = app
        .harness
        .get_by_role_and_label(Role::Button, "Resume now");
    assert!(line.max.x < button.rect().min.x, "{line:?}");
}

/// Who never opens their page would not know that nothing comes there any more.
#[test]
fn copies_elsewhere_that_fail_are_told_everywhere_and_lead_to_their_page() {
    let (mut app, worker) = opened(Options::default());
    worker.say(Event::Backup(BackupEvent::Status(BackupStatus {
        last_verified: Some(TimestampMillis(NOW.0 - 240_000)),
        elsewhere: Some("/mnt/nas".into()),
        ..Default::default()
    })));
    app.settle();
    press(&mut app, "Copies elsewhere fail – /mnt/nas");
    assert_eq!(app.app().route(), &Route::Vaults);
}

/// Hours may be studied before the deck list is seen again.
#[test]
fn the_backup_status_is_on_pages_without_the_bottom_bar_too() {
    let (mut app, worker) = opened(Options::default());
    let last_verified = Some(TimestampMillis(NOW.0 - 240_000));
    worker.say(Event::Backup(BackupEvent::Status(BackupStatus {
        last_verified,
        ..Default::default()
    })));
    let path = Some("/backups/1.colpkg".into());
    for page in [
        Route::Decks,
        Route::Browse,
        Route::Add,
        Route::Explorer { path },
        Route::Timeline,
        Route::Vaults,
        Route::NoteTypes,
    ] {
        send(&mut app, Action::Go(page));
        app.settle();
        let whole = "Backed up 4 min ago ·  verified";
        app.harness.get_by_role_and_label(Role::Button, whole);
    }
    // It ends where the page does: five points are for the pointer.
    for (page, end) in [
        (Route::NoteTypes, 1100.0 - 24.0),
        (Route::Add, 1100.0 - 16.0),
    ] {
        send(&mut app, Action::Go(page));
        let sign = app.harness.get_by_label("Backed up 4 min ago ·  verified");
        assert_eq!(sign.rect().max.x - 5.0, end);
    }
    let name = "Last backup 4 min ago – The disk is full";
    let failed = BackupStatus {
        state: BackupState::Failed(UserMessage {
            what: "Could not create the backup".into(),
            cause: "The disk is full.".into(),
            ..Default::default()
        }),
        last_verified,
        ..Default::default()
    };
    send(&mut app, Action::Go(Route::Browse));
    assert!(app.harness.query_by_label(name).is_none());
    worker.say(Event::Backup(BackupEvent::Status(failed)));
    app.settle();
    press(&mut app, name);
    assert!(matches!(app.app().route(), Route::Backups { .. }));
}

#[test]
fn a_failed_request_says_what_why_and_what_to_do() {
    let (mut app, worker) = opened(Options::default());
    worker.say(Event::Failed {
        request: Box::new(Request::Backup(BackupRequest::Create)),
        message: UserMessage {
            what: "Could not create the backup".into(),
            cause: "The disk is full.".into(),
            remedy: "Free some space and try again.".into(),
            details: "DiskFull".into(),
            ..UserMessage::default()
        },
    });
    app.settle();
    for words in [
        "Could not create the backup",
        "The disk is full.",
        "Free some space and try again.",
    ] {
        app.harness.get_by_label(words);
    }
    app.key(Key::Escape);
    assert!(
        app.harness
            .query_by_label("Could not create the backup")
            .is_none()
    );
}

/// As the window system does it.
pub fn ask_to_close(app: &mut TestApp) {
    let input = app.harness.input_mut();
    let id = input.viewport_id;
    input
        .viewports
        .entry(id)
        .or_default()
        .events
        .push(ViewportEvent::Close);
    app.harness.step();
    let input = app.harness.input_mut();
    input.viewports.entry(id).or_default().events.clear();
}

fn told_window(app: &TestApp, wanted: &ViewportCommand) -> bool {
    app.harness
        .output()
        .viewport_output
        .values()
        .any(|v| v.commands.contains(wanted))
}

#[test]
fn f11_fills_the_screen() {
    let (mut app, _worker) = opened(Options::default());
    app.harness.key_down(Key::F11);
    let told = (0..4).any(|_| {
        app.harness.step();
        told_window(&app, &ViewportCommand::Fullscreen(true))
    });
    assert!(told);
}

#[test]
fn closing_waits_for_the_worker_and_says_why() {
    let (mut app, worker) = opened(Options::default());
    ask_to_close(&mut app);
    assert!(told_window(&app, &ViewportCommand::CancelClose));
    assert_eq!(worker.take_requests(), [Request::Shutdown]);
    app.settle();
    app.harness.get_by_label("Closing Engram…");
    assert!(!sees(&app, "Backing up…"));
    // An export reads the collection; it is waited for.
    worker.set_jobs(vec![JobView {
        id: JobId(1),
        title: "Exporting".into(),
        exclusive: false,
        progress: Progress::new().view(),
    }]);
    app.settle();
    app.harness.get_by_label("Exporting");
    worker.say(Event::Backup(BackupEvent::Status(BackupStatus {
        state: BackupState::Running,
        ..Default::default()
    })));
    app.settle();
    app.harness.get_by_label("Backing up…");
    assert!(!sees(&app, "Exporting"));
    worker.say(Event::Stopped);
    app.harness.step();
    assert!(told_window(&app, &ViewportCommand::Close));
}

#[test]
fn the_real_worker_stops_when_the_window_closes() {
    let mut app = with_decks(&[("Spanish", 1)]);
    ask_to_close(&mut app);
    app.step_until("the worker has stopped", |a| {
        told_window(a, &ViewportCommand::Close)
    });
}

#[test]
fn without_a_system_dialog_a_path_can_be_typed() {
    let (mut app, _worker) = opened(Options::default());
    app.script.has_no_dialog();
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::I);
    app.settle();
    app.harness
        .get_by_label("This system offers no file dialog. Type or paste the whole path.");
}

#[test]
fn fields_have_a_menu_with_the_clipboard() {
    let (mut app, _worker) = opened(Options::default());
    send(&mut app, Action::Command(Command::CreateDeck));
    app.harness
        .get_by_role_and_label(Role::TextInput, "Name")
        .click_secondary();
    app.settle();
    let cut = app.harness.get_by_role_and_label(Role::MenuItem, "Cut");
    assert!(cut.accesskit_node().is_disabled(), "nothing is chosen");
    app.harness
        .get_by_role_and_label(Role::MenuItem, "Paste")
        .click();
    let asked = (0..10).any(|_| {
        app.harness.step();
        told_window(&app, &ViewportCommand::RequestPaste)
    });
    assert!(asked);
    // As the window system answers.
    let paste = eframe::egui::Event::Paste("Spanish".to_owned());
    app.harness.event(paste);
    app.settle();
    let field = app.harness.get_by_role_and_label(Role::TextInput, "Name");
    assert_eq!(field.value().as_deref(), Some("Spanish"));
}

#[test]
fn help_opens_folders_and_tells_the_version() {
    let (mut app, _worker) = opened(Options::default());
    press(&mut app, "Help");
    app.harness.get_by_label("Open Data Folder").click();
    app.settle();
    assert_eq!(app.script.opened(), [app.base.display().to_string()]);
    press(&mut app, "Help");
    app.harness.get_by_label("About Engram").click();
    app.settle();
    // Its title is the name of the dialog.
    let title = concat!("Engram ", env!("CARGO_PKG_VERSION"));
    app.harness.get_by_role_and_label(Role::Dialog, title);
    app.harness.get_by_role_and_label(Role::Label, title);
}

#[test]
fn menus_are_used_by_keys_alone() {
    let (mut app, worker) = opened(Options::default());
    let _ = worker.take_requests();
    app.key(Key::F10);
    app.settle();
    app.harness.get_by_label("Switch Profile");
    app.key(Key::ArrowRight);
    app.settle();
    assert!(app.harness.query_by_label("Switch Profile").is_none());
    app.harness.get_by_label("Undo");
    app.key(Key::ArrowLeft);
    app.settle();
    app.key(Key::ArrowDown);
    app.settle();
    let first = app
        .harness
        .get_by_role_and_label(Role::MenuItem, "Switch Profile");
    assert!(first.is_focused());
    app.key(Key::Enter);
    app.settle();
    assert!(app.harness.query_by_label("Switch Profile").is_none());
    assert_eq!(worker.take_requests().len(), 1, "the profile is closed");
}

fn has_keys(app: &TestApp, role: Role, name: &str) -> bool {
    let mut nodes = app.harness.query_all_by_role_and_label(role, name);
    nodes.any(|n| n.is_focused())
}

#[track_caller]
fn tab_to(app: &mut TestApp, role: Role, name: &str) {
    for _ in 0..40 {
        if has_keys(app, role, name) {
            return;
        }
        app.key(Key::Tab);
    }
    panic!("Tab does not come to {name}");
}

/// Also where a key stands behind the words.
#[test]
fn what_a_tooltip_says_is_told_to_screen_readers() {
    let (app, _worker) = opened(Options::default());
    let page = app.harness.get_by_role_and_label(Role::Tab, "Decks");
    let told = page.accesskit_node().description();
    assert_eq!(told.as_deref(), Some("Go to the deck list"));
}

/// The pages stand to the right of the menus, and the sign of the backups at the end.
#[test]
fn tab_goes_through_the_top_bar_from_left_to_right() {
    let (mut app, worker) = opened(Options::default());
    tab_to(&mut app, Role::Button, "Help");
    app.key(Key::Tab);
    assert!(has_keys(&app, Role::Tab, "Decks"));
    worker.say(Event::Backup(BackupEvent::Status(BackupStatus {
        last_verified: Some(TimestampMillis(NOW.0 - 240_000)),
        ..Default::default()
    })));
    send(&mut app, Action::Go(Route::Add));
    tab_to(&mut app, Role::Button, "Profile Ana");
    app.key(Key::Tab);
    let sign = "Backed up 4 min ago ·  verified";
    assert!(has_keys(&app, Role::Button, sign));
}

/// The entry that has the keys.
fn current_entry(app: &TestApp) -> Option<String> {
    let entries = app.harness.query_all_by_role(Role::MenuItem);
    let mut focused = entries.filter(|n| n.is_focused());
    focused.next().and_then(|n| n.accesskit_node().label())
}

#[test]
fn alt_and_a_letter_open_a_menu_on_its_first_entry() {
    let (mut app, worker) = opened(Options::default());
    let _ = worker.take_requests();
    app.keys(Modifiers::ALT, Key::F);
    assert_eq!(current_entry(&app).as_deref(), Some("Switch Profile"));
    app.key(Key::ArrowDown);
    assert_eq!(current_entry(&app).as_deref(), Some("Revert to Backup…"));
    // From an entry the arrows lead into the menus beside it, round and round.
    app.key(Key::ArrowLeft);
    assert_eq!(current_entry(&app).as_deref(), Some("Guide"));
    app.key(Key::ArrowRight);
    assert_eq!(current_entry(&app).as_deref(), Some("Switch Profile"));
    // With one open another letter opens another.
    app.keys(Modifiers::ALT, Key::T);
    assert_eq!(current_entry(&app).as_deref(), Some("Study Deck…"));
    assert!(app.harness.query_by_label("Switch Profile").is_none());
    app.keys(Modifiers::ALT, Key::F);
    app.key(Key::Enter);
    assert_eq!(worker.take_requests().len(), 1, "the profile is closed");
    assert!(app.harness.query_by_label("Switch Profile").is_none());
}

#[test]
fn on_the_browse_page_the_letters_open_its_own_menus() {
    let (mut app, _worker) = crate::browse::scripted(3);
    for (key, first) in [
        (Key::V, "Toggle Cards/Notes"),
        (Key::N, "Add Notes…"),
        (Key::C, "Change Deck…"),
        (Key::G, "Find"),
        (Key::H, "Guide"),
    ] {
        app.keys(Modifiers::ALT, key);
        assert_eq!(current_entry(&app).as_deref(), Some(first), "{key:?}");
    }
    // Right on an entry with a menu of its own goes into that, Left out of it.
    app.keys(Modifiers::ALT, Key::C);
    app.key(Key::ArrowUp);
    assert_eq!(current_entry(&app).as_deref(), Some("Flag"));
    app.key(Key::ArrowRight);
    assert_eq!(current_entry(&app).as_deref(), Some("Red"));
    app.key(Key::ArrowLeft);
    assert_eq!(current_entry(&app).as_deref(), Some("Flag"));
    app.key(Key::ArrowLeft);
    assert_eq!(current_entry(&app).as_deref(), Some("Add Notes…"));
}

#[test]
fn the_undo_of_a_message_goes_when_something_else_is_done() {
    let (mut app, worker) = opened(Options::default());
    let can_undo_after = |app: &mut TestApp, op| {
        worker.say(Event::Done {
            op,
            undone: Undone::No,
            changes: Changes::ALL,
            affected: 1,
            status: UndoStatus {
                undo: Some(op),
                redo: None,
            },
        });
        app.settle();
        assert!(sees(app, "1 card buried until tomorrow"));
        let undo = app.harness.query_by_role_and_label(Role::Button, "Undo");
        undo.is_some()
    };
    assert!(can_undo_after(&mut app, Op::Bury));
    // In the middle of the window: 42 points are before the words, 8 behind the button.
    let words = app
        .harness
        .get_by_label("1 card buried until tomorrow")
        .rect();
    let undo = app
        .harness
        .get_by_role_and_label(Role::Button, "Undo")
        .rect();
    let middle = (words.min.x - 42.0 + undo.max.x + 8.0) / 2.0;
    assert!((middle - 550.0).abs() < 1.5, "{words:?} {undo:?}");
    assert!(undo.min.x - words.max.x > 12.0, "{words:?} {undo:?}");
    assert!(can_undo_after(&mut app, Op::CollapseDeck));
    assert!(!can_undo_after(&mut app, Op::AnswerCard));
}

#[test]
fn a_page_is_left_only_when_what_it_shows_cannot_be_had() {
    let (mut app, worker) = opened(Options::default());
    let fails = |app: &mut TestApp, id: i64| {
        let load = NotetypeRequest::Load(id.into());
        worker.say(Event::Failed {
            request: Box::new(Request::Notetype(load)),
            message: UserMessage {
                what: "Could not open the note type".into(),
                ..UserMessage::default()
            },
        });
        app.settle();
        assert!(sees(app, "Could not open the note type"));
        app.key(Key::Escape);
        assert!(!sees(app, "Could not open the note type"));
        app.app().route().clone()
    };
    // Of a dialog, and of a page that was left.
    for route in [Route::Stats, Route::Fields { id: 1.into() }] {
        send(&mut app, Action::Go(route.clone()));
        assert_eq!(fails(&mut app, 2), route);
    }
    assert_eq!(fails(&mut app, 1), Route::Stats);
}

#[test]
fn the_letter_of_a_menu_is_not_typed_into_a_field() {
    let (mut app, _worker) = crate::browse::scripted(3);
    app.keys(Modifiers::COMMAND, Key::F);
    app.type_text("deck");
    app.harness.event(eframe::egui::Event::Key {
        key: Key::E,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::ALT,
    });
    app.type_text("e");
    assert_eq!(current_entry(&app).as_deref(), Some("Select All"));
    app.key(Key::Escape);
    assert!(app.harness.query_by_label("Select All").is_none());
    let field = app.harness.get_by_role_and_label(Role::TextInput, "Search");
    assert_eq!(field.value().unwrap_or_default(), "deck");
    assert!(field.is_focused(), "the keys are where they were");
}

/// In Browse Ctrl+K marks the note and Ctrl+Shift+N goes to it, as in Anki.
#[test]
fn the_guide_names_keys_only_where_they_work() {
    let (mut app, _worker) = crate::browse::scripted(3);
    for route in [Route::Browse, Route::Add] {
        send(&mut app, Action::Go(route.clone()));
        for (typed, line) in [
            ("makes a link", "Link: Ctrl+K"),
            ("every kind of note", "Manage Note Types: Ctrl+Shift+N"),
        ] {
            app.key(Key::F1);
            app.type_text(typed);
            app.settle();
            assert_eq!(sees(&app, line), route == Route::Add, "{line}, {route:?}");
            app.key(Key::Escape);
        }
    }
}

#[test]
fn a_narrow_window_opens_the_menu_of_a_letter_in_its_one_menu() {
    let (mut app, _worker) = opened(Options {
        size: Vec2::new(760.0, 520.0),
        ..Options::default()
    });
    app.keys(Modifiers::ALT, Key::T);
    assert_eq!(current_entry(&app).as_deref(), Some("Study Deck…"));
    app.key(Key::Escape);
    assert!(app.harness.query_by_label("Study Deck…").is_none());
}

#[test]
fn no_menu_opens_under_a_question() {
    let (mut app, _worker) = opened(Options::default());
    press(&mut app, "Create Deck");
    app.keys(Modifiers::ALT, Key::F);
    assert!(app.harness.query_by_label("Switch Profile").is_none());
}

/// The menus whose first letter is underlined, and only that.
fn underlined(app: &TestApp) -> Vec<String> {
    let mut found = vec![];
    for clipped in &app.harness.output().shapes {
        let Shape::Text(text) = &clipped.shape else {
            continue;
        };
        let job = &text.galley.job;
        let lines = job.sections.iter().map(|s| s.format.underline.width > 0.0);
        let lines: Vec<bool> = lines.collect();
        if lines == [true, false] && job.sections[0].byte_range.end.0 == 1 {
            found.push(job.text.clone());
        }
    }
    found
}

fn holding(app: &mut TestApp, modifiers: Modifiers) {
    let changed = eframe::egui::Event::ModifiersChanged(modifiers);
    app.harness.event(changed);
    app.settle();
}

#[test]
fn the_letters_of_the_menus_are_underlined_while_alt_alone_is_held() {
    let (mut app, _worker) = opened(Options::default());
    assert!(underlined(&app).is_empty());
    holding(&mut app, Modifiers::ALT);
    let names = ["File", "Edit", "View", "Backups", "Tools", "Help"];
    assert_eq!(underlined(&app), names);
    for other in [
        Modifiers::NONE,
        Modifiers::SHIFT,
        Modifiers::COMMAND | Modifiers::ALT,
        Modifiers::ALT | Modifiers::SHIFT,
    ] {
        holding(&mut app, other);
        assert!(underlined(&app).is_empty(), "{other:?}");
    }
    // Under a question they open nothing, and do not look as if they did.
    press(&mut app, "Create Deck");
    holding(&mut app, Modifiers::ALT);
    assert!(underlined(&app).is_empty());
}

#[test]
fn each_letter_that_is_underlined_opens_its_menu() {
    let (mut app, _worker) = crate::browse::scripted(3);
    holding(&mut app, Modifiers::ALT);
    let names = underlined(&app);
    assert_eq!(names, ["Edit", "View", "Notes", "Cards", "Go", "Help"]);
    // As in Anki's browser.
    let close = engram::ui::browse::command::BrowseCommand::Close;
    let edit = &engram::ui::menu::of(&Route::Browse)[0];
    assert!(edit.contains(Command::Browse(close)));
    holding(&mut app, Modifiers::NONE);
    for name in names {
        let key = Key::from_name(&name[..1]).unwrap();
        app.keys(Modifiers::ALT, key);
        let open = engram::ui::menu::of(&Route::Browse);
        let nth = open.iter().position(|m| m.name == name).unwrap();
        let letter = engram::ui::menu::letters(open)[nth];
        assert_eq!(letter.map(|l| l.key), Some(key));
        assert!(current_entry(&app).is_some(), "{name}");
        app.key(Key::Escape);
    }
}

#[test]
fn a_dialog_that_a_key_opens_hides_the_tooltip_under_it() {
    let (mut app, _worker) = opened(Options::default());
    let tip = Command::CreateDeck.info().tooltip;
    let shown = |app: &TestApp| {
        app.harness
            .query_all_by_label_contains(tip)
            .next()
            .is_some()
    };
    app.harness
        .get_by_role_and_label(Role::Button, "Create Deck")
        .hover();
    app.harness.run_steps(60);
    assert!(shown(&app), "no tooltip");
    app.type_text("/");
    assert!(app.harness.query_by_label("Study Deck").is_some());
    assert!(!shown(&app), "the tooltip lies over the dialog");
}

/// As above, where the words are not a button's but the whole of a name that was cut.
#[test]
fn a_dialog_that_a_key_opens_hides_the_whole_name_under_it() {
    let (mut app, worker) = opened(Options::default());
    let name = "A deck whose name is so long that no window has the room for it ".repeat(4);
    let name = name.trim();
    worker.say(one_deck(name));
    app.settle();
    let row = format!("{name}, 0 new, 0 learn, 0 due");
    app.harness.get_by_label(&row).hover();
    app.harness.run_steps(60);
    let shown = |app: &TestApp| {
        let tip = app.harness.query_by_role_and_label(Role::Label, name);
        tip.is_some()
    };
    assert!(shown(&app), "no tooltip");
    app.type_text("/");
    assert!(app.harness.query_by_label("Study Deck").is_some());
    assert!(!shown(&app), "the tooltip lies over the dialog");
}

#[test]
fn a_fault_of_the_last_time_is_told_at_the_start() {
    let start = StartWith {
        crashed: Some("panicked at src/a.rs:1:\na card fell off the table\nThread main".into()),
        ..StartWith::default()
    };
    let mut app = TestApp::with(
        Options {
            start,
            ..Options::default()
        },
        |_, _| {},
    );
    wait_for(&mut app, "Engram ended by a fault of its own the last time");
    assert!(sees(&app, "a card fell off the table"));
    assert!(sees(&app, "every backup is where it was"));
    app.key(Key::Escape);
    assert!(!sees(&app, "Engram ended by a fault"));
}
