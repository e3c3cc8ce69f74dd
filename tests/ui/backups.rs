//! Create Backup, Open Backup, restore with its banner, undo, restart.

use crate::explorer::three_notes;
use crate::harness::{NOW, Options, TestApp};
use crate::steps::{
    ana_is_open, has_deck, make_deck, press, sees, send, study, wait_for, wait_for_first_backup,
    with_ana,
};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::backup::entry::{Alarm, Damage, Entry, Reason, Verification};
use engram::base::job::Progress;
use engram::service::event::{BackupEvent, BackupState, BackupStatus, Event, JobId, ProfileEvent};
use engram::service::jobs::JobView;
use engram::service::request::{BackupRequest, Request};
use engram::service::vaults::{Destination, Entry as Kept, Place, VaultEvent, VaultRequest};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::review::model::Side;
use engram::ui::route::Route;
use std::path::{Path, PathBuf};

fn back_up(app: &mut TestApp) {
    send(app, Action::Command(Command::CreateBackup));
    wait_for(app, "Backup made and verified");
}

/// File > Switch Profile > Open Backup… > the newest backup is chosen and compared.
fn open_backup(app: &mut TestApp) {
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    wait_for(app, "Each profile has its own collection");
    press(app, "Open Backup…");
    wait_for(app, "of “Ana”");
}

/// The newest backup was compared, and what its pane shows stays where it is.
pub fn can_restore(app: &TestApp) -> bool {
    let button = app
        .harness
        .query_by_role_and_label(Role::Button, "Restore…");
    button.is_some_and(|b| !b.accesskit_node().is_disabled())
}

/// How many backups there are.
fn packages(app: &TestApp) -> usize {
    let files = std::fs::read_dir(app.base.join("Ana/backups")).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|x| x == "colpkg"))
        .count()
}

#[test]
fn without_backups_none_is_to_be_chosen() {
    let mut app = with_ana();
    send(&mut app, Action::Command(Command::RevertToBackup));
    wait_for(&mut app, "No backups yet");
    assert!(!sees(&app, "Choose a backup"));
    // Nor is there anything to look for; what is told has the whole width.
    let field = Role::TextInput;
    assert!(
        app.harness
            .query_by_role_and_label(field, "Find a backup")
            .is_none()
    );
    let told = app.harness.get_by_label("No backups yet").rect();
    assert!((told.center().x - 550.0).abs() < 2.0, "{told:?}");
}

#[test]
fn create_backup_says_made_then_unchanged() {
    let mut app = with_ana();
    make_deck(&mut app, "First");
    back_up(&mut app);
    send(&mut app, Action::Command(Command::CreateBackup));
    wait_for(&mut app, "Nothing changed since the last backup");
    assert_eq!(packages(&app), 1);
}

#[test]
fn three_clicks_restore_a_backup_and_it_can_be_undone() {
    let mut app = with_ana();
    make_deck(&mut app, "Before");
    back_up(&mut app);
    app.clock.advance_millis(3 * 60_000);
    make_deck(&mut app, "After");
    open_backup(&mut app);
    app.step_until("there are backups", |a| !sees(a, "No backups of"));
    // The oldest one: made before the second deck.
    app.key(Key::End);
    app.step_until("it was compared", can_restore);
    press(&mut app, "Restore…");
    assert!(sees(
        &app,
        "Replace your collection with an earlier backup?"
    ));
    let no = app.harness.get_by_role_and_label(Role::Button, "No");
    assert!(no.is_focused(), "No is the default");
    press(&mut app, "Yes, restore");
    app.step_until("it is restored", |a| {
        a.app().model().profile().is_some_and(|p| p.restored) && has_deck(a, "Before")
    });
    assert!(!has_deck(&app, "After"));
    assert!(sees(
        &app,
        "Automatic backups and syncing are off until you restart"
    ));
    assert_eq!(app.app().model().backup.state, BackupState::Suspended);

    press(&mut app, "Undo restore");
    app.step_until("it is undone", |a| has_deck(a, "After"));
    assert!(has_deck(&app, "Before"));
}

/// What was found once is not what a restore takes away later.
#[test]
fn what_a_restore_takes_away_is_counted_anew_when_the_page_is_opened_again() {
    let mut app = three_notes();
    crate::steps::back_up(&mut app);
    let compared = |app: &mut TestApp, words: &str| {
        let profile = "Ana".to_owned();
        send(app, Action::Go(Route::Backups { profile }));
        app.step_until("it was compared", can_restore);
        press(app, "Restore…");
        wait_for(app, words);
        press(app, "No");
    };
    compared(&mut app, "or note types made since then are lost.");
    press(&mut app, "Close");
    app.step_until("the deck list", |a| a.app().route() == &Route::Decks);
    app.clock.advance_millis(3 * 60_000);
    answer_one(&mut app);
    compared(&mut app, "1 review made since then is taken out.");
}

/// Of the deck of [`three_notes`], from the deck list.
fn answer_one(app: &mut TestApp) {
    study(app, "span");
    app.key(Key::Space);
    app.step_until("the answer", |a| a.app().model().study.shows(Side::Answer));
    app.key(Key::Num3);
    app.step_until("the next question", |a| {
        a.app().model().study.shows(Side::Question)
    });
}

fn three_notes_backed_up() -> TestApp {
    let mut app = three_notes();
    wait_for_first_backup(&mut app);
    app
}

#[test]
fn a_backup_says_when_its_last_review_was() {
    let mut app = three_notes_backed_up();
    answer_one(&mut app);
    app.clock.advance_millis(60_000);
    back_up(&mut app);
    let profile = "Ana".to_owned();
    send(&mut app, Action::Go(Route::Backups { profile }));
    wait_for(&mut app, "Last review today at 15:30");
}

#[test]
fn automatic_work_is_off_after_a_restore_until_the_restart() {
    let mut app = with_ana();
    make_deck(&mut app, "Before");
    back_up(&mut app);
    app.clock.advance_millis(3 * 60_000);
    make_deck(&mut app, "After");
    open_backup(&mut app);
    app.step_until("there are backups", |a| !sees(a, "No backups of"));
    app.key(Key::End);
    app.step_until("it was compared", can_restore);
    press(&mut app, "Restore…");
    press(&mut app, "Yes, restore");
    app.step_until("it is restored", |a| {
        a.app().model().profile().is_some_and(|p| p.restored)
    });
    let (dir, clock) = app.into_dir();
    let mut again = TestApp::on(dir, clock, Options::default());
    again.step_until("it is open again", |a| a.app().model().is_open());
    let profile = again.app().model().profile().unwrap();
    assert!(!profile.restored, "the restart ends it");
    assert_ne!(again.app().model().backup.state, BackupState::Suspended);
}

#[test]
fn resume_now_is_found_when_the_banner_is_closed() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    worker.say(Event::Profile(ProfileEvent::Opened {
        name: "Ana".into(),
        restored: true,
        can_undo_restore: false,
        undo: Default::default(),
    }));
    let open_menu = |app: &mut TestApp| {
        app.settle();
        press(app, "Backups");
        app.settle();
    };
    let resume = Request::Backup(BackupRequest::Resume);
    app.settle();
    send(&mut app, Action::DismissBanner);
    app.settle();
    assert!(!sees(&app, "Resume now"));
    open_menu(&mut app);
    let _before = worker.take_requests();
    app.harness.get_by_label("Resume now").click();
    app.settle();
    assert!(worker.take_requests().contains(&resume));
    // On the pages of backups as well.
    let profile = || "Ana".to_owned();
    let pages = [
        Route::Backups { profile: profile() },
        Route::Health { profile: profile() },
    ];
    for page in pages {
        send(&mut app, Action::Go(page));
        app.settle();
        press(&mut app, "Resume now");
        assert!(worker.take_requests().contains(&resume));
        app.key(Key::Escape);
    }
    // Nobody needs it otherwise.
    worker.say(Event::Backup(BackupEvent::Resumed));
    open_menu(&mut app);
    assert!(sees(&app, "Create Backup") && !sees(&app, "Resume now"));
}

fn status(alarm: Option<Alarm>) -> Event {
    Event::Backup(BackupEvent::Status(BackupStatus {
        last_verified: Some(NOW),
        alarm,
        ..Default::default()
    }))
}

/// Since the backup `good`.
fn notes_are_gone(good: &Path) -> Event {
    status(Some(Alarm {
        at: NOW,
        good: Some(good.to_owned()),
        good_at: Some(NOW),
        found: vec![Damage::NotesGone { count: 60, of: 100 }],
    }))
}

#[test]
fn what_is_copied_by_hand_while_much_that_changed_waits_is_asked_about() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    worker.say(notes_are_gone(Path::new("/backups/good.colpkg")));
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    let destination: Destination = "/mnt/usb/vault".parse().unwrap();
    let address = destination.to_string();
    let place = Place {
        address: address.clone(),
        entry: Kept::new(destination),
        busy: false,
        next: None,
        hold: None,
    };
    worker.say(Event::Vault(VaultEvent::Places(vec![place])));
    app.settle();
    let _before = worker.take_requests();
    let push = Request::Vault(VaultRequest::Push { address });
    press(&mut app, "Save now");
    assert!(sees(&app, "About 60 of 100 notes are gone."));
    press(&mut app, "Cancel");
    assert!(!worker.take_requests().contains(&push));
    press(&mut app, "Save now");
    press(&mut app, "Copy all the same");
    assert!(worker.take_requests().contains(&push));
    worker.say(status(None));
    app.settle();
    press(&mut app, "Save now");
    assert!(worker.take_requests().contains(&push));
}

#[test]
fn while_a_job_has_the_collection_no_backup_is_compared_with_it() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    let profile = "Ana".to_owned();
    let page = Route::Backups {
        profile: profile.clone(),
    };
    let job = JobView {
        id: JobId(1),
        title: "Syncing".to_owned(),
        exclusive: true,
        progress: Progress::new().view(),
    };
    worker.set_jobs(vec![job.clone()]);
    send(&mut app, Action::Go(page));
    let entries = vec![Entry {
        path: PathBuf::from("/backups/good.colpkg"),
        created: NOW,
        size: 1000,
        reason: Reason::Manual,
        verification: Verification::Verified { at: NOW },
        pinned: None,
        note: String::new(),
        contents: None,
        keep: vec![],
    }];
    worker.say(Event::Backup(BackupEvent::Listed { profile, entries }));
    app.settle();
    let compares = || {
        let asked = worker.take_requests();
        let inspect = |r: &Request| matches!(r, Request::Backup(BackupRequest::Inspect { .. }));
        asked.iter().any(inspect)
    };
    assert!(!compares());
    worker.set_jobs(vec![]);
    app.settle();
    assert!(compares());
    // What it was compared with may be another one afterwards.
    worker.set_jobs(vec![job]);
    app.settle();
    assert!(!compares());
    worker.set_jobs(vec![]);
    app.settle();
    assert!(compares());
}

#[test]
fn what_changed_so_much_is_asked_about_until_it_is_answered() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    let good = PathBuf::from("/backups/good.colpkg");
    worker.say(notes_are_gone(&good));
    app.settle();
    let title = "Much has changed since the backup of";
    assert!(sees(&app, title) && sees(&app, "About 60 of 100 notes are gone."));
    assert!(!sees(&app, "Close the message"), "only an answer ends it");
    let _before = worker.take_requests();
    press(&mut app, "That was me");
    let accept = Request::Backup(BackupRequest::AcceptChanges);
    assert!(worker.take_requests().contains(&accept));
    let page = Route::Backups {
        profile: "Ana".into(),
    };
    send(&mut app, Action::Go(page));
    app.settle();
    assert!(sees(&app, title), "on the page of the backups too");
    press(&mut app, "Look at what changed");
    let explored = Route::Explorer { path: Some(good) };
    assert_eq!(*app.app().route(), explored);
    send(&mut app, Action::Go(Route::Decks));
    worker.say(status(None));
    app.settle();
    assert!(!sees(&app, "Much has changed"));
}

#[test]
fn automatic_work_is_resumed_before_the_restart_when_wanted() {
    let mut app = three_notes_backed_up();
    app.clock.advance_millis(60_000);
    make_deck(&mut app, "Before");
    back_up(&mut app);
    open_backup(&mut app);
    app.step_until("it was compared", can_restore);
    press(&mut app, "Restore…");
    press(&mut app, "Yes, restore");
    app.step_until("it is restored", |a| {
        a.app().model().backup.state == BackupState::Suspended && has_deck(a, "Before")
    });
    press(&mut app, "Resume now");
    app.step_until("it is on again", |a| {
        !a.app().model().profile().unwrap().restored && !a.app().model().sync.suspended
    });
    assert!(!sees(&app, "are off until you restart"));
    app.clock.advance_millis(60_000);
    make_deck(&mut app, "After");
    let before = packages(&app);
    app.clock.advance_millis(31 * 60_000);
    app.step_until("a backup was made by itself", |a| packages(a) > before);
}

#[test]
fn no_keeps_the_collection_and_search_narrows_the_list() {
    let mut app = with_ana();
    make_deck(&mut app, "Before");
    back_up(&mut app);
    open_backup(&mut app);
    app.step_until("it was compared", can_restore);
    press(&mut app, "Restore…");
    app.key(Key::Enter);
    assert!(!sees(&app, "Replace your collection"));
    let field = app
        .harness
        .get_by_role_and_label(Role::TextInput, "Find a backup");
    field.focus();
    app.settle();
    app.type_text("nothing like it");
    wait_for(&mut app, "No backups match");
    press(&mut app, "Clear search");
    app.step_until("the list is back", |a| !sees(a, "No backups match"));
    press(&mut app, "Close");
    assert_eq!(app.app().route(), &Route::Profiles);
}

/// The list comes some frames after the page.
#[test]
fn the_arrow_keys_choose_a_backup_as_soon_as_the_list_is_there() {
    let mut app = with_ana();
    make_deck(&mut app, "Before");
    back_up(&mut app);
    app.clock.advance_millis(60_000);
    make_deck(&mut app, "After");
    back_up(&mut app);
    open_backup(&mut app);
    app.step_until("the list has the keys", |a| {
        let list = a.harness.query_by_role_and_label(Role::ListBox, "Backups");
        list.is_some_and(|list| list.accesskit_node().is_focused())
    });
    app.step_until("the newest was compared", can_restore);
    app.key(Key::ArrowDown);
    app.step_until("the one before was compared", |a| {
        sees(a, "Decks added") && can_restore(a)
    });
}

#[test]
fn a_backup_is_pinned_with_a_name_and_unpinned() {
    let mut app = with_ana();
    make_deck(&mut app, "Before");
    back_up(&mut app);
    open_backup(&mut app);
    app.step_until("it was compared", can_restore);
    press(&mut app, "Pin…");
    app.type_text("Before the exam");
    app.key(Key::Enter);
    wait_for(&mut app, "Before the exam");
    app.step_until("it can be unpinned", |a| {
        a.harness
            .query_by_role_and_label(Role::Button, "Unpin")
            .is_some()
    });
    press(&mut app, "Unpin");
    app.step_until("it is unpinned", |a| {
        a.harness
            .query_by_role_and_label(Role::Button, "Pin…")
            .is_some()
    });
}

/// Not only packages: old backups are collections as such, and some have other endings.
#[test]
fn a_backup_of_any_age_is_opened_from_a_file() {
    let mut app = with_ana();
    make_deck(&mut app, "Before");
    open_backup(&mut app);
    let old = app.base.join("collection-2012.anki2");
    std::fs::copy(app.base.join("Ana/collection.anki2"), &old).unwrap();
    app.script.will_pick(&old);
    press(&mut app, "Open a file…");
    app.step_until("it was opened", |a| {
        sees(a, "collection-2012.anki2") && can_restore(a)
    });
    let (_, endings) = app.script.asked().pop().unwrap().filter.unwrap();
    for ending in ["colpkg", "apkg", "zip", "anki2", "anki21", "age"] {
        assert!(endings.iter().any(|e| e == ending), "{endings:?}");
    }
}
