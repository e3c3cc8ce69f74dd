//! Browse: what was added or changed since a backup, and other rows that no search finds.

use crate::browse::{run, search, searched};
use crate::harness::{Options, TestApp, ana};
use crate::steps::{
    ana_is_open, click, press, sees, send, wait_for, wait_for_first_backup, with_decks,
};
use eframe::egui::Key;
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use engram::base::ids::{DeckId, NotetypeId};
use engram::base::job::Progress;
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::service::browse::BrowseRequest;
use engram::service::event::JobId;
use engram::service::jobs::JobView;
use engram::service::looks::COMPARING;
use engram::service::notes::NoteRequest;
use engram::service::profiles::DataFolder;
use engram::service::request::Request;
use engram::ui::action::Action;
use engram::ui::browse::command::BrowseCommand;
use engram::ui::command::Command;

/// Ana's window with French (2 notes) and Spanish (5), on the Browse page; and her type Basic.
fn browsing() -> (TestApp, NotetypeId) {
    let mut basic = NotetypeId(0);
    let mut app = TestApp::with(Options::default(), |base, clock| {
        ana(base, clock, &[("French", 2), ("Spanish", 5)]);
        let paths = DataFolder::at(base.to_owned()).profile("Ana").unwrap();
        let col = Collection::open(&paths.collection(), clock.clone()).unwrap();
        basic = col.storage().notetype_by_name("Basic").unwrap().unwrap().id;
        col.close().unwrap();
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app.key(Key::B);
    wait_for(&mut app, "cards selected");
    (app, basic)
}

/// The one card that a search finds.
#[track_caller]
fn choose(app: &mut TestApp, deck: &str, word: u8) {
    search(app, &format!("deck:{deck} Front:*{word}"));
    let (deck, row) = (format!(", {deck}"), format!("Word {word}, Card 1"));
    app.step_until("the card", |a| {
        sees(a, "1 of 1 card selected") && sees(a, &deck) && sees(a, &row)
    });
}

#[track_caller]
fn tick(app: &mut TestApp, name: &str) {
    click(app, Role::CheckBox, name);
}

#[track_caller]
fn ask(app: &mut TestApp) {
    run(app, BrowseCommand::ChangedSince);
    wait_for(app, "Changed since a backup");
    app.step_until("the backups are listed", |a| {
        let combo = a.harness.query_by_role_and_label(Role::ComboBox, "Backup");
        combo.is_some()
    });
}

#[test]
fn what_changed_since_a_backup_is_shown_searched_and_left_again() {
    let (mut app, basic) = browsing();
    wait_for_first_backup(&mut app);
    ask(&mut app);
    press(&mut app, "Show");
    wait_for(&mut app, "Nothing was added or changed since that backup");

    choose(&mut app, "French", 1);
    run(&mut app, BrowseCommand::ToggleMark);
    choose(&mut app, "French", 2);
    run(&mut app, BrowseCommand::Flag(1));
    let note = NewNote {
        notetype_id: basic,
        deck_id: DeckId::DEFAULT,
        fields: vec!["New word".into(), "New meaning".into()],
        tags: vec![],
    };
    send(&mut app, Action::Ask(Request::Note(NoteRequest::Add(note))));
    choose(&mut app, "Spanish", 5);
    run(&mut app, BrowseCommand::DeleteNotes);
    wait_for(&mut app, "Note deleted");
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");

    // The note with another tag and the new one.
    ask(&mut app);
    press(&mut app, "Show");
    wait_for(&mut app, "Added or changed since today, 15:30");
    wait_for(&mut app, "of 2 cards selected");
    wait_for(&mut app, "New word, Card 1");
    assert!(sees(&app, "Word 1, Card 1"));
    // A search is within them, a row a note too.
    search(&mut app, "deck:French");
    wait_for(&mut app, "1 of 1 card selected");
    run(&mut app, BrowseCommand::ToggleMode);
    wait_for(&mut app, "1 of 1 note selected");
    run(&mut app, BrowseCommand::ToggleMode);
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "No cards found");
    press(&mut app, "Clear search");
    wait_for(&mut app, "of 2 cards selected");

    // The card with a flag alone; the way back leads to what was searched for at first.
    ask(&mut app);
    tick(&mut app, "Added notes and cards");
    tick(&mut app, "Notes with other fields, tags or note type");
    tick(&mut app, "Cards with another schedule, deck or flag");
    press(&mut app, "Show");
    wait_for(&mut app, "Rescheduled since today");
    wait_for(&mut app, "Word 2, Card 1");
    wait_for(&mut app, "1 of 1 card selected");
    // A filtered deck takes what is shown.
    run(&mut app, BrowseCommand::CreateFilteredDeck);
    app.step_until("the cards as a search", |a| {
        a.harness
            .query_all_by_role(Role::TextInput)
            .any(|n| n.value().is_some_and(|v| v.starts_with("cid:")))
    });
    app.key(Key::Escape);
    app.key(Key::Escape);
    if sees(&app, "Discard") {
        press(&mut app, "Discard");
    }
    send(&mut app, Action::Command(Command::BrowsePage));
    press(&mut app, "Show all");
    wait_for(&mut app, "of 2 cards selected");
    assert!(!sees(&app, "since today"));
    assert!(!sees(&app, "New word, Card 1"));
}

#[test]
fn a_long_comparison_is_shown_and_can_be_cancelled() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    send(&mut app, Action::Command(Command::BrowsePage));
    worker.set_jobs(vec![JobView {
        id: JobId(1),
        title: COMPARING.to_owned(),
        exclusive: false,
        progress: Progress::new().view(),
    }]);
    app.settle();
    assert!(sees(&app, "Comparing with the backup…"));
    press(&mut app, "Cancel");
    app.settle();
    assert!(!sees(&app, "Comparing with the backup…"));
    let _before = worker.take_requests();
    send(&mut app, Action::Command(Command::Decks));
    let stop = Request::Browse(BrowseRequest::StopComparing);
    assert!(worker.take_requests().contains(&stop), "nobody waits");
}

#[test]
fn more_selected_notes_than_a_search_can_name_are_shown_without_one() {
    let mut app = with_decks(&[("French", 2), ("Spanish", 1001)]);
    app.key(Key::B);
    wait_for(&mut app, "cards selected");
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 1,001 cards selected");
    send(
        &mut app,
        Action::Command(Command::Browse(BrowseCommand::SelectAll)),
    );
    wait_for(&mut app, "1,001 of 1,001 cards selected");
    run(&mut app, BrowseCommand::SelectNotes);
    wait_for(&mut app, "The 1,001 notes that were selected");
    wait_for(&mut app, "1,001 of 1,001 cards selected");
    assert_eq!(searched(&app), "");
    // What is searched for is searched for among them.
    search(&mut app, "Front:*1");
    app.step_until("some of them", |a| {
        sees(a, "of 101 cards selected") && sees(a, "The 1,001 notes that were selected")
    });
    press(&mut app, "Show all");
    wait_for(&mut app, "of 1,001 cards selected");
    assert_eq!(searched(&app), "deck:Spanish");
}
