//! Main window: deck list, overview, study, finished, menus, messages.

use crate::harness::{NOW, TestApp};
use crate::steps::{click, send};
use crate::{MAIN, SMALL, Scene, scene};
use eframe::egui::Key;
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use engram::base::ids::{CardId, DeckId, NoteId};
use engram::base::job::Progress;
use engram::base::time::TimestampMillis;
use engram::domain::deck_tree::DeckTreeNode;
use engram::domain::study::{Congrats, Counts, QueueKind, StudiedToday};
use engram::explain::UserMessage;
use engram::service::event::{
    BackupEvent, BackupState, BackupStatus, CardSide, DeckEvent, DeckOverview, Event, JobId,
    ProfileEvent, StudyCard, StudyEvent,
};
use engram::service::jobs::JobView;
use engram::service::sync::{SyncEvent, SyncState, SyncStatus};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::dialog_host::Trouble;
use engram::ui::notifications::Toast;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;

pub fn scenes() -> Vec<Scene> {
    vec![
        Scene {
            twice: true,
            ..scene("01_decks", MAIN, decks)
        },
        scene("01b_decks_small", SMALL, decks),
        scene("01c_decks_empty", MAIN, decks_empty),
        scene("01d_gear_menu", MAIN, gear_menu),
        scene("01f_decks_unusual_names", (MAIN.0, 960.0), decks_unusual),
        scene("01e_chooser", MAIN, chooser),
        scene("01g_create_deck", MAIN, |app, service| {
            command(app, service, decks_at_rest, Command::CreateDeck);
        }),
        scene("02_study", MAIN, study),
        scene("02b_study_front", MAIN, study_front),
        scene("02c_more_menu", MAIN, more_menu),
        scene("02i_more_menu_small", SMALL, more_menu),
        scene("02d_study_small", SMALL, study),
        scene("02l_set_due_date", MAIN, |app, service| {
            command(app, service, study, Command::SetDueDate);
        }),
        scene("02m_reset_card", MAIN, |app, service| {
            command(app, service, study, Command::ResetCard);
        }),
        scene("04c_after_restore", MAIN, after_restore),
        scene("10a_confirm", MAIN, confirm),
        scene("10b_error", MAIN, error),
        scene("10c_progress", MAIN, progress),
        scene("10d_toast", MAIN, toast),
        scene("11_empty_and_menu", MAIN, congrats_and_menu),
        scene("13_overview", MAIN, overview),
        scene("13b_overview_filtered", MAIN, overview_filtered),
        scene("13c_description", MAIN, |app, service| {
            command(app, service, overview, Command::Description);
        }),
        scene("13d_unbury", MAIN, |app, service| {
            command(app, service, overview, Command::Unbury);
        }),
        scene("14_menu_small", SMALL, menu_small),
        scene("14b_about", MAIN, |app, service| {
            command(app, service, decks_at_rest, Command::About);
        }),
        scene("15_closing", MAIN, closing),
    ]
}

/// What a command shows on a page.
fn command(
    app: &mut TestApp,
    service: &ScriptedService,
    page: fn(&mut TestApp, &ScriptedService),
    command: Command,
) {
    page(app, service);
    let ctx = app.harness.ctx.clone();
    let action = Action::Command(command);
    app.harness.state_mut().send(&ctx, action);
    app.settle();
}

pub fn opened(app: &mut TestApp, service: &ScriptedService) {
    service.say(Event::Profile(ProfileEvent::Opened {
        name: "Ana".into(),
        restored: false,
        can_undo_restore: false,
        undo: Default::default(),
    }));
    service.say(Event::Backup(BackupEvent::Status(BackupStatus {
        last_verified: Some(TimestampMillis(NOW.0 - 4 * 60_000)),
        ..Default::default()
    })));
    app.settle();
}

fn node(
    id: i64,
    name: &str,
    counts: [u32; 3],
    collapsed: bool,
    children: Vec<DeckTreeNode>,
) -> DeckTreeNode {
    DeckTreeNode {
        id: DeckId(id),
        name: name.into(),
        collapsed,
        new: counts[0],
        learn: counts[1],
        review: counts[2],
        total_cards: 412,
        children,
        ..Default::default()
    }
}

fn tree() -> DeckTreeNode {
    let leaf = |id, name, counts| node(id, name, counts, false, vec![]);
    let hidden = |id| vec![node(id, "Inside", [0, 0, 0], false, vec![])];
    let spanish = vec![
        leaf(5, "Grammar", [5, 4, 38]),
        leaf(6, "Listening", [0, 0, 12]),
        leaf(7, "Vocabulary", [15, 8, 81]),
    ];
    let languages = vec![
        leaf(3, "French", [15, 0, 42]),
        node(4, "Spanish", [20, 12, 131], false, spanish),
        leaf(8, "日本語 N4", [10, 0, 14]),
    ];
    let top = vec![
        node(1, "History", [20, 3, 41], true, hidden(21)),
        node(2, "Languages", [45, 12, 187], false, languages),
        node(9, "Medicine", [20, 7, 225], true, hidden(22)),
        leaf(10, "Programming", [0, 0, 0]),
        node(11, "Science", [20, 2, 96], true, hidden(23)),
    ];
    node(0, "", [0, 0, 0], false, top)
}

pub fn say_tree(service: &ScriptedService) {
    service.say(Event::Deck(DeckEvent::Tree {
        root: tree(),
        current: DeckId(4),
        today: StudiedToday {
            cards: 142,
            seconds: 1104.0,
        },
    }));
}

/// The deck list, with the pointer elsewhere.
pub fn decks_at_rest(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    say_tree(service);
    service.say(Event::Sync(SyncEvent::Status(SyncStatus {
        state: SyncState::Nothing,
        last: Some(TimestampMillis(NOW.0 - 35 * 60_000)),
        ..SyncStatus::default()
    })));
    app.settle();
}

pub fn decks(app: &mut TestApp, service: &ScriptedService) {
    decks_at_rest(app, service);
    let row = app
        .harness
        .get_by_label("Medicine, 20 new, 7 learn, 225 due");
    let at = row.rect().center();
    app.harness.hover_at(at);
    app.settle();
}

fn decks_empty(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    let none = |id, name, children| DeckTreeNode {
        total_cards: 0,
        ..node(id, name, [0; 3], false, children)
    };
    service.say(Event::Deck(DeckEvent::Tree {
        root: none(0, "", vec![none(1, "Default", vec![])]),
        current: DeckId(1),
        today: StudiedToday::default(),
    }));
    app.settle();
}

/// Names as long as they get, in scripts of both directions, and decks in decks.
fn unusual_tree() -> DeckTreeNode {
    let leaf = |id, name: &str, counts| node(id, name, counts, false, vec![]);
    let deep = (1..=14).rev().fold(vec![], |below, level| {
        let name = format!("Level {level}");
        vec![node(100 + level, &name, [1, 0, 999], false, below)]
    });
    let long = "Everything that is asked in the second part of the examination, with all exceptions and their reasons ".repeat(2);
    let top = vec![
        leaf(1, long.trim(), [9999, 1234, 12_345]),
        node(
            2,
            "تعلّم اللغة العربية",
            [20, 3, 41],
            false,
            vec![leaf(3, "المفردات", [5, 0, 12])],
        ),
        leaf(4, "עברית למתחילים", [0, 1, 7]),
        leaf(5, "日本語能力試験の語彙と漢字", [10, 0, 14]),
        leaf(6, "한국어 · Русский · Ελληνικά · ไทย", [1, 0, 2]),
        leaf(7, "W".repeat(120).as_str(), [0, 0, 1]),
        node(8, "Deep", [1, 0, 999], false, deep),
    ];
    node(0, "", [0, 0, 0], false, top)
}

fn decks_unusual(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    service.say(Event::Deck(DeckEvent::Tree {
        root: unusual_tree(),
        current: DeckId(1),
        today: StudiedToday::default(),
    }));
    app.settle();
}

fn gear_menu(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    click(app, Role::Button, "Options of Medicine");
}

fn chooser(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    app.type_text("/");
    app.type_text("an");
}

fn overview_of(filtered: bool) -> DeckOverview {
    DeckOverview {
        id: DeckId(4),
        name: "Languages::Spanish".into(),
        description: "<b>Words of the course</b>, by lesson.<br>Sentences are from <a href=\"https://example.org\">the reader</a>.".into(),
        markdown: false,
        counts: Counts {
            new: 20,
            learning: 12,
            review: 131,
        },
        have_user_buried: true,
        have_sched_buried: true,
        buried: Counts {
            new: 3,
            learning: 0,
            review: 8,
        },
        filtered,
        search: filtered.then(|| "deck:Spanish is:due".into()),
        reschedule: true,
    }
}

fn go(app: &mut TestApp, route: Route) {
    send(app, Action::Go(route));
}

pub fn overview(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    service.say(Event::Deck(DeckEvent::Overview(overview_of(false))));
    go(app, Route::Overview);
}

pub fn overview_filtered(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    service.say(Event::Deck(DeckEvent::Overview(overview_of(true))));
    go(app, Route::Overview);
}

const CSS: &str = ".card { font-family: Inter, arial; font-size: 17px; text-align: center; \
    color: #57534d; background: white; padding-top: 70px } .nightMode.card { color: #bab7b2; \
    background: #252428 } .word { font-size: 32px; font-weight: 620; color: #211f1c } .nightMode \
    .word { color: #eceae6 } .meaning { font-size: 24px; color: #211f1c; margin-bottom: 18px } \
    .nightMode .meaning { color: #eceae6 } hr { width: 620px; border: 0; border-top: 1px solid \
    #e3e0da; margin: 34px auto } .nightMode hr { border-color: #36353b } i b { color: #5143be; \
    font-style: normal } .nightMode i b { color: #b3aafb }";

fn card() -> StudyCard {
    let question = "<div class=word>la madrugada</div><p>¿Qué parte del día es?</p>";
    let answer = format!(
        "{question}<hr id=answer><div class=meaning>the small hours, early morning</div><i>Se \
         despertó de <b>madrugada</b> y no pudo volver a dormir.</i><p>[anki:play:a:0]</p>"
    );
    StudyCard {
        id: CardId(1),
        note: NoteId(1),
        card_type: 0,
        deck: "Languages::Spanish::Vocabulary".into(),
        kind: QueueKind::Review,
        flag: 2,
        marked: true,
        css: CSS.into(),
        body_class: "card card1".into(),
        question: CardSide {
            html: question.into(),
            sounds: vec![],
        },
        answer: CardSide {
            html: answer,
            sounds: vec![engram::template::av::AvTag::Sound("madrugada.mp3".into())],
        },
        type_in: None,
        intervals: ["<10m", "3d", "8d", "15d"].map(str::to_owned),
        show_timer: false,
        time_cap_secs: 60,
        stop_timer_on_answer: false,
        autoplay: false,
        auto_advance: Default::default(),
        replay_answer_only: false,
    }
}

fn study_front(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    go(app, Route::Review);
    next_card(service);
    app.settle();
    app.harness.remove_cursor();
}

pub fn next_card(service: &ScriptedService) {
    service.say(Event::Study(StudyEvent::Card {
        card: Box::new(card()),
        counts: Counts {
            new: 15,
            learning: 8,
            review: 81,
        },
    }));
}

pub fn study(app: &mut TestApp, service: &ScriptedService) {
    study_front(app, service);
    app.key(Key::Space);
}

fn more_menu(app: &mut TestApp, service: &ScriptedService) {
    study(app, service);
    click(app, Role::Button, "More");
}

fn after_restore(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    service.say(Event::Profile(ProfileEvent::Opened {
        name: "Ana".into(),
        restored: true,
        can_undo_restore: true,
        undo: Default::default(),
    }));
    service.say(Event::Backup(BackupEvent::Status(BackupStatus {
        state: BackupState::Suspended,
        ..Default::default()
    })));
    say_tree(service);
    app.settle();
}

fn confirm(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    click(app, Role::Button, "Options of Listening");
    click(app, Role::MenuItem, "Delete…");
}

fn error(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    let trouble = Trouble::new(UserMessage {
        what: "Could not create the backup".into(),
        cause: "The disk is full (0 bytes of 2.0 TB free).".into(),
        remedy: "Free about 180 MB there. Engram will try again at 15:30.".into(),
        details: "DiskFull".into(),
        ..UserMessage::default()
    })
    .happened("Engram could not write to “Backups on NAS”. Your collection is safe and unchanged.");
    let ctx = app.harness.ctx.clone();
    app.harness
        .state_mut()
        .send(&ctx, Action::Open(Box::new(trouble)));
    app.settle();
}

fn progress(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    let progress = Progress::new();
    // A progress that nobody cancelled goes on.
    let _running = progress.stage("Copying media", 5_012);
    let _running = progress.step(3_104);
    service.set_jobs(vec![JobView {
        id: JobId(1),
        title: "Importing Spanish 5000.colpkg".into(),
        exclusive: true,
        progress: progress.view(),
    }]);
    for _ in 0..10 {
        app.harness.step();
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

fn toast(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    let ctx = app.harness.ctx.clone();
    let toast = Toast::new("Deck deleted with 412 cards").with_undo();
    app.harness.state_mut().send(&ctx, Action::Toast(toast));
    app.settle();
}

fn congrats_and_menu(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    go(app, Route::Review);
    service.say(Event::Study(StudyEvent::Finished {
        deck: "Languages::Spanish".into(),
        congrats: Congrats {
            learn_remaining: 4,
            secs_until_next_learn: 10_800,
            ..Default::default()
        },
    }));
    app.settle();
    click(app, Role::Button, "Tools");
}

fn menu_small(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    click(app, Role::Button, "Menu");
    let file = app.harness.get_by_label("File").rect().center();
    app.harness.hover_at(file);
    app.settle();
}

fn closing(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    let input = app.harness.input_mut();
    let id = input.viewport_id;
    let info = input.viewports.entry(id).or_default();
    info.events.push(eframe::egui::ViewportEvent::Close);
    app.settle();
}
