//! Export and import of whole collections, deck packages and text files; a file dropped or given
//! at the start.

use crate::harness::{Options, TestApp, ana};
use crate::profiles::ana_and_ben;
use crate::steps::{
    ana_is_open, choose, click, focus, has_deck, make_deck, press, sees, send, wait_for, with_ana,
};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::Error;
use engram::base::ids::{DeckId, NotetypeId};
use engram::domain::package::{ImportOptions, ImportReport, TextExport, UpdateRule};
use engram::domain::text_import::{
    DeckChoice, Delimiter, ExistingNotes, MatchScope, NotetypeChoice, TextLook, TextOptions,
};
use engram::explain::explain;
use engram::service::event::{Event, NotetypeChoices, PackageEvent, ProfileEvent};
use engram::service::request::{Changed, PackageRequest, Request, SettingsRequest};
use engram::service::settings::{ProfileSettings, ThemeChoice};
use engram::ui::action::Action;
use engram::ui::app::StartWith;
use engram::ui::command::Command;
use engram::ui::import_export::model::{ExportChoice, Format};
use engram::ui::import_export::{ExportDialog, PackageAction};
use engram::ui::testing::ScriptedService;
use std::path::{Path, PathBuf};

/// Exports the collection of a new profile with the deck `Exported`.
fn exported(app: &mut TestApp, to: &Path) {
    make_deck(app, "Exported");
    app.script.will_pick(to);
    send(app, Action::Command(Command::Export));
    assert!(sees(app, "Export your collection"));
    press(app, "Export…");
    wait_for(app, "verified)");
    assert!(to.is_file());
}

#[test]
fn a_collection_is_exported_and_imported_again() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("mine.colpkg");
    let mut app = with_ana();
    exported(&mut app, &file);
    let asked = app.script.asked();
    assert_eq!(asked[0].suggested, "collection-2026-11-21@15-30-00.colpkg");

    make_deck(&mut app, "Later");
    app.script.will_pick(&file);
    send(&mut app, Action::Command(Command::Import));
    wait_for(&mut app, "Replace your collection with this file?");
    let no = app.harness.get_by_role_and_label(Role::Button, "No");
    assert!(no.is_focused(), "No is the default");
    press(&mut app, "Yes, import");
    app.step_until("it is imported", |a| {
        has_deck(a, "Exported") && !has_deck(a, "Later")
    });
}

#[test]
fn a_name_that_gets_its_ending_replaces_no_file_unasked() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("mine.colpkg");
    std::fs::write(&file, "of somebody else").unwrap();
    let mut app = with_ana();
    app.script.will_pick(out.path().join("mine"));
    send(&mut app, Action::Command(Command::Export));
    press(&mut app, "Export…");
    wait_for(&mut app, "Replace “mine.colpkg”?");
    press(&mut app, "Cancel");

    // A path that is typed in the window was never asked about.
    app.script.has_no_dialog();
    send(&mut app, Action::Command(Command::Export));
    press(&mut app, "Export…");
    wait_for(&mut app, "This system offers no file dialog.");
    app.type_text(file.to_str().unwrap());
    app.settle();
    press(&mut app, "Continue");
    wait_for(&mut app, "Replace “mine.colpkg”?");
    assert_eq!(std::fs::read(&file).unwrap(), b"of somebody else");
    press(&mut app, "Replace");
    wait_for(&mut app, "exported to mine.colpkg");
    assert!(std::fs::read(&file).unwrap().starts_with(b"PK"));
}

/// A window in which the path of a file that is not there was typed, to be imported.
fn asked_for_a_file_and_told(file: &Path) -> TestApp {
    let mut app = with_ana();
    app.script.has_no_dialog();
    send(&mut app, Action::Command(Command::Import));
    wait_for(&mut app, "This system offers no file dialog.");
    app.type_text(file.to_str().unwrap());
    press(&mut app, "Continue");
    wait_for(&mut app, "There is no file at this path.");
    app
}

/// Before anything is asked about the file that is not there.
#[test]
fn a_path_that_is_typed_and_leads_to_nothing_is_told_at_once() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("mine.colpkg");
    let mut app = asked_for_a_file_and_told(&file);
    assert!(!sees(&app, "Replace your collection with this file?"));
    // What was typed is there to be mended.
    std::fs::write(out.path().join("mine.colpkg2.colpkg"), b"no package").unwrap();
    app.keys(Modifiers::NONE, Key::End);
    app.type_text("2.colpkg");
    assert!(!sees(&app, "There is no file at this path."));
    press(&mut app, "Continue");
    wait_for(&mut app, "Replace your collection with this file?");
}

#[test]
fn a_typed_path_is_looked_at_again_when_it_is_tried_again() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("late.colpkg");
    let mut app = asked_for_a_file_and_told(&file);
    // The disk is there now.
    std::fs::write(&file, b"no package").unwrap();
    press(&mut app, "Continue");
    wait_for(&mut app, "Replace your collection with this file?");
}

#[test]
fn a_file_at_the_first_start_becomes_the_first_profile() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("mine.colpkg");
    let mut first = with_ana();
    exported(&mut first, &file);
    drop(first);
    let options = Options {
        start: StartWith {
            file: Some(file),
            ..StartWith::default()
        },
        ..Options::default()
    };
    let mut app = TestApp::with(options, |_, _| {});
    app.step_until("it is imported", |a| has_deck(a, "Exported"));
    assert_eq!(app.app().model().profile().unwrap().name, "User 1");
}

#[test]
fn other_files_are_refused_with_what_to_do() {
    let mut app = with_ana();
    app.script.will_pick("/somewhere/notes.odt");
    send(&mut app, Action::Command(Command::Import));
    wait_for(&mut app, "Could not import “notes.odt”");
    press(&mut app, "Close");
    assert!(!sees(&app, "Could not import"));
}

#[test]
fn a_damaged_package_changes_nothing() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("torn.colpkg");
    std::fs::write(&file, b"PK\x03\x04 and nothing else").unwrap();
    let mut app = with_ana();
    make_deck(&mut app, "Mine");
    app.script.will_pick(&file);
    send(&mut app, Action::Command(Command::Import));
    wait_for(&mut app, "Replace your collection with this file?");
    press(&mut app, "Yes, import");
    wait_for(&mut app, "Could not import the collection");
    press(&mut app, "Close");
    app.step_until("the collection is as it was", |a| has_deck(a, "Mine"));
}

/// Imports a text file with two notes through its dialog.
fn two_notes(app: &mut TestApp, folder: &Path) {
    let file = folder.join("words.csv");
    std::fs::write(&file, "Wort,word\nBaum,tree\n").unwrap();
    app.script.will_pick(&file);
    send(app, Action::Command(Command::Import));
    wait_for(app, "2 new notes");
    let separator = app
        .harness
        .get_by_role_and_label(Role::ComboBox, "Field separator");
    assert_eq!(separator.value().as_deref(), Some("Comma"));
    separator.focus();
    app.settle();
    app.keys(Modifiers::COMMAND, Key::Enter);
    wait_for(app, "Imported “words.csv”");
    assert!(sees(app, "Baum"));
    press(app, "Close");
}

#[test]
fn notes_of_a_text_file_are_previewed_imported_and_undone() {
    let folder = tempfile::tempdir().unwrap();
    let mut app = with_ana();
    two_notes(&mut app, folder.path());
    let new = |a: &TestApp| a.app().model().decks.ready().map_or(0, |d| d.root.new);
    app.step_until("the cards are counted", |a| new(a) == 2);
    send(&mut app, Action::Command(Command::Undo));
    app.step_until("they are gone", |a| new(a) == 0);
}

#[test]
fn a_deck_goes_out_and_its_import_is_announced() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deck.apkg");
    let mut app = with_ana();
    two_notes(&mut app, folder.path());
    app.script.will_pick(&file);
    let deck = engram::base::ids::DeckId::DEFAULT;
    send(&mut app, Action::Package(PackageAction::ExportDeck(deck)));
    app.harness
        .get_by_role_and_label(Role::CheckBox, "Include scheduling information")
        .click();
    press(&mut app, "Export…");
    wait_for(&mut app, "verified)");
    assert!(file.is_file());

    send(
        &mut app,
        Action::Package(PackageAction::Offer(file.clone())),
    );
    wait_for(&mut app, "0 new notes, 2 unchanged");
    press(&mut app, "Cancel");
    send(&mut app, Action::Command(Command::Undo));
    send(&mut app, Action::Package(PackageAction::Offer(file)));
    wait_for(&mut app, "2 new notes");
    // The decks were to be shown anew just when the package was being read.
    assert!(!sees(&app, "Copy details"));
    click(&mut app, Role::CheckBox, "Import any learning progress");
    wait_for(&mut app, "2 new notes");
    // The box that was ticked has the focus.
    app.keys(Modifiers::COMMAND, Key::Enter);
    wait_for(&mut app, "Imported “deck.apkg”");
}

/// Two facts, of which one was answered.
fn mnemosyne(path: &Path) {
    #[expect(clippy::disallowed_types, reason = "another program's database")]
    let db = rusqlite::Connection::open(path).unwrap();
    db.execute_batch(
        "create table facts(_id integer primary key, id text);
         create table data_for_fact(_fact_id integer, key text, value text);
         create table cards(_id integer primary key, id text, card_type_id text,
             _fact_id integer, fact_view_id text, next_rep integer, last_rep integer,
             easiness real, acq_reps integer, ret_reps integer, lapses integer);
         insert into facts values(1, 'one'), (2, 'two');
         insert into data_for_fact values(1, 'f', 'Wort'), (1, 'b', 'word'), (2, 'f', 'Baum');
         insert into cards values(1, 'a', '1', 1, '1.1', 1800000000, 1799000000, 2.5, 1, 2, 0);
         insert into cards values(2, 'b', '1', 2, '1.1', 0, 0, 2.5, 0, 0, 0);",
    )
    .unwrap();
}

#[test]
fn a_database_of_mnemosyne_is_announced_and_brings_its_schedule() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("default.db");
    mnemosyne(&file);
    let mut app = with_ana();
    app.script.will_pick(&file);
    send(&mut app, Action::Command(Command::Import));
    wait_for(&mut app, "2 new notes");
    let learned = app
        .harness
        .get_by_role_and_label(Role::CheckBox, "Import any learning progress");
    let ticked = learned.accesskit_node().toggled();
    assert_eq!(ticked, Some(eframe::egui::accesskit::Toggled::True));
    press(&mut app, "Import");
    wait_for(&mut app, "Imported “default.db”");
    app.step_until("its deck is listed", |a| has_deck(a, "Mnemosyne"));
    // One step takes it back.
    send(&mut app, Action::Command(Command::Undo));
    app.step_until("it is gone", |a| !has_deck(a, "Mnemosyne"));
    let damaged = folder.path().join("torn.db");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&damaged, &bytes[..bytes.len() / 3]).unwrap();
    send(&mut app, Action::Package(PackageAction::Offer(damaged)));
    wait_for(&mut app, "Could not open the package");
}

#[test]
fn letters_that_are_not_of_the_encoding_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("words.csv");
    std::fs::write(&file, b"Wort,word\ngr\xfcn,green\n").unwrap();
    let mut app = with_ana();
    app.script.will_pick(&file);
    send(&mut app, Action::Command(Command::Import));
    wait_for(&mut app, "2 new notes");
    let warning = "Some letters in the file are not UTF-8";
    assert!(!sees(&app, warning) && sees(&app, "grün"));
    choose(&mut app, "Encoding", "UTF-8");
    wait_for(&mut app, warning);
    choose(&mut app, "Encoding", "windows-1252");
    app.step_until("the right letters", |a| !sees(a, warning));
}

#[test]
fn notes_are_exported_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out.txt");
    let mut app = with_ana();
    two_notes(&mut app, folder.path());
    send(&mut app, Action::Command(Command::Export));
    click(&mut app, Role::ComboBox, "Export format");
    app.harness
        .get_by_label("Notes in Plain Text (.txt)")
        .click();
    app.settle();
    assert!(sees(&app, "Export notes"));
    app.script.will_pick(&file);
    press(&mut app, "Export…");
    wait_for(&mut app, "2 notes exported to out.txt");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.ends_with("Wort\tword\t\nBaum\ttree\t\n"), "{text}");
}

#[test]
fn a_damaged_deck_package_changes_nothing_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("torn.apkg");
    std::fs::write(&file, b"PK\x03\x04 and nothing else").unwrap();
    let mut app = with_ana();
    send(&mut app, Action::Package(PackageAction::Offer(file)));
    wait_for(&mut app, "Could not open the package");
    press(&mut app, "Close");
    assert!(!sees(&app, "Import “torn.apkg”"));
}

/// The dialog of a text file with two columns, once the worker has looked at it.
fn looked_at_text() -> (TestApp, ScriptedService, PathBuf) {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    let file = Path::new("/somewhere/words.csv").to_owned();
    send(
        &mut app,
        Action::Package(PackageAction::Offer(file.clone())),
    );
    let options = TextOptions {
        delimiter: Delimiter::Comma,
        is_html: false,
        notetype: NotetypeChoice::One {
            id: NotetypeId(1),
            field_columns: vec![1, 2],
        },
        deck: DeckChoice::Id(DeckId::DEFAULT),
        guid_column: 0,
        tags_column: 0,
        global_tags: vec![],
        updated_tags: vec![],
        existing: ExistingNotes::Update,
        scope: MatchScope::Notetype,
        encoding: None,
    };
    let look = TextLook {
        options,
        encoding: "UTF-8",
        is_unreadable: false,
        delimiter_is_given: false,
        html_is_given: false,
        labels: vec![String::new(), String::new()],
        preview: vec![vec!["Wort".into(), "word".into()]],
    };
    worker.say(Event::Package(PackageEvent::TextLooked {
        file: file.clone(),
        look: Box::new(look),
        notetypes: [(1, "Basic"), (2, "Cloze")]
            .map(|(id, name)| NotetypeChoices {
                id: NotetypeId(id),
                name: name.into(),
                fields: vec!["Front".into(), "Back".into()],
            })
            .to_vec(),
        decks: vec![
            (DeckId::DEFAULT, "Default".into()),
            (DeckId(2), "Other".into()),
        ],
    }));
    app.settle();
    (app, worker, file)
}

/// What is ticked in a request, by the words of its boxes.
fn boxes(request: &PackageRequest) -> Vec<(&'static str, bool)> {
    let media = "Include sounds and pictures";
    let html = "Include HTML and media references";
    let older = "Support older Anki versions";
    match request {
        PackageRequest::ExportCollection {
            media: files,
            legacy,
            texts,
            ..
        } => vec![
            (media, *files),
            (older, *legacy),
            ("Also each note as a text file", *texts),
        ],
        PackageRequest::ExportPackage { options, .. } => vec![
            ("Include scheduling information", options.along.scheduling),
            ("Include deck presets", options.along.presets),
            (media, options.media),
            (older, options.legacy),
        ],
        PackageRequest::ExportText { what, .. } => match what {
            TextExport::Notes {
                html: with,
                columns,
            } => vec![
                (html, *with),
                ("Include tags", columns.tags),
                ("Include deck name", columns.deck),
                ("Include note type name", columns.notetype),
                ("Include unique identifier", columns.guid),
            ],
            TextExport::Cards { html: with } => vec![(html, *with)],
        },
        PackageRequest::ExportPlain { media: files, .. } => vec![(media, *files)],
        PackageRequest::ImportPackage { options, .. } => vec![
            ("Import any learning progress", options.along.scheduling),
            ("Import any deck presets", options.along.presets),
            ("Merge note types", options.merge_notetypes),
        ],
        other => panic!("{other:?} has no boxes"),
    }
}

/// Each box changes what it says, and nothing else.
fn each_box_counts(request: impl Fn(Option<&str>) -> PackageRequest) {
    let usual = boxes(&request(None));
    for (n, (name, _)) in usual.iter().enumerate() {
        let mut wanted = usual.clone();
        wanted[n].1 = !wanted[n].1;
        assert_eq!(boxes(&request(Some(name))), wanted);
    }
}

/// The only question about packages since the last look.
#[track_caller]
fn package_request(worker: &ScriptedService) -> PackageRequest {
    let asked = worker.take_requests().into_iter();
    let of_packages = asked.filter_map(|request| match request {
        Request::Package(request) => Some(request),
        _ => None,
    });
    let all: Vec<_> = of_packages.collect();
    let [request] = <[_; 1]>::try_from(all).expect("one question");
    request
}

#[test]
fn every_box_of_an_export_is_about_its_own_option() {
    for format in Format::ALL {
        each_box_counts(|ticked| {
            let (mut app, worker) = TestApp::scripted(Options::default());
            ana_is_open(&mut app, &worker);
            let choice = ExportChoice {
                format,
                ..ExportChoice::default()
            };
            send(&mut app, Action::Open(Box::new(ExportDialog::new(choice))));
            if let Some(name) = ticked {
                click(&mut app, Role::CheckBox, name);
            }
            app.script.will_pick("/nowhere/out");
            let _before = worker.take_requests();
            press(&mut app, "Export…");
            app.settle();
            package_request(&worker)
        });
    }
}

#[test]
fn every_box_and_rule_of_a_deck_package_is_about_its_own_option() {
    let file = Path::new("/somewhere/deck.apkg");
    let imported = |change: &dyn Fn(&mut TestApp)| {
        let (mut app, worker) = TestApp::scripted(Options::default());
        ana_is_open(&mut app, &worker);
        send(
            &mut app,
            Action::Package(PackageAction::Offer(file.to_owned())),
        );
        let planned = |options| {
            let _asked = worker.take_requests();
            worker.say(Event::Package(PackageEvent::Planned {
                file: file.to_owned(),
                options,
                report: Box::new(ImportReport::default()),
            }));
        };
        planned(ImportOptions::default());
        app.settle();
        let _before = worker.take_requests();
        change(&mut app);
        let asked = worker.take_requests().into_iter();
        let plans = asked.filter_map(|request| match request {
            Request::Package(PackageRequest::PlanImport { options, .. }) => options,
            _ => None,
        });
        if let Some(options) = plans.last() {
            planned(options);
            app.settle();
        }
        press(&mut app, "Import");
        package_request(&worker)
    };
    each_box_counts(|ticked| {
        imported(&|app| {
            if let Some(name) = ticked {
                click(app, Role::CheckBox, name);
            }
        })
    });
    for (rule, words) in [
        (UpdateRule::IfNewer, "If newer"),
        (UpdateRule::Always, "Always"),
        (UpdateRule::Never, "Never"),
    ] {
        for name in ["Update notes", "Update note types"] {
            let request = imported(&|app| choose(app, name, words));
            let PackageRequest::ImportPackage { options, .. } = request else {
                panic!("{request:?}");
            };
            let mut wanted = ImportOptions::default();
            match name {
                "Update notes" => wanted.update_notes = rule,
                _ => wanted.update_notetypes = rule,
            }
            assert_eq!(options, wanted, "{name}: {words}");
        }
    }
}

#[test]
fn every_choice_for_a_text_file_is_about_its_own_option() {
    type Change = fn(&mut TextOptions);
    // Answers what was asked after the look, and tells what is asked after a change.
    let asked = |change: &dyn Fn(&mut TestApp)| {
        let (mut app, worker, file) = looked_at_text();
        let asked = worker.take_requests().into_iter();
        let mut plans = asked.filter_map(|request| match request {
            Request::Package(PackageRequest::PlanText { options, .. }) => Some(options),
            _ => None,
        });
        let options = Box::new(plans.next().expect("a plan"));
        let before = (*options).clone();
        worker.say(Event::Package(PackageEvent::TextPlanned {
            file,
            options,
            report: Box::new(ImportReport::default()),
        }));
        app.settle();
        change(&mut app);
        app.settle();
        (before, package_request(&worker))
    };
    let chosen = |name: &str, option: &str| {
        asked(&|app: &mut TestApp| {
            let combo = app.harness.get_by_role_and_label(Role::ComboBox, name);
            combo.scroll_to_me();
            app.settle();
            choose(app, name, option);
        })
    };
    let planned: [(&str, &str, Change); 9] = [
        ("Existing notes", "Preserve", |o| {
            o.existing = ExistingNotes::Preserve;
        }),
        ("Existing notes", "Duplicate", |o| {
            o.existing = ExistingNotes::Duplicate;
        }),
        ("Match scope", "Note type and deck", |o| {
            o.scope = MatchScope::NotetypeAndDeck;
        }),
        ("Deck", "Other", |o| o.deck = DeckChoice::Id(DeckId(2))),
        ("Front", "(Nothing)", |o| set_columns(o, [0, 2])),
        ("Front", "Column 2", |o| set_columns(o, [2, 2])),
        ("Back", "Column 1", |o| set_columns(o, [1, 1])),
        ("Tags", "Column 2", |o| o.tags_column = 2),
        ("Identifier", "Column 1", |o| o.guid_column = 1),
    ];
    for (name, option, change) in planned {
        let (mut wanted, request) = chosen(name, option);
        change(&mut wanted);
        let PackageRequest::PlanText { options, .. } = request else {
            panic!("{request:?}");
        };
        assert_eq!(options, wanted, "{name}: {option}");
    }
    let wishes = |request: PackageRequest| match request {
        PackageRequest::LookAtText { wishes, .. } => wishes,
        other => panic!("{other:?}"),
    };
    for (option, delimiter) in [
        ("Tab", Delimiter::Tab),
        ("Semicolon", Delimiter::Semicolon),
        ("Pipe", Delimiter::Pipe),
        ("Colon", Delimiter::Colon),
        ("Space", Delimiter::Space),
    ] {
        let (_, request) = chosen("Field separator", option);
        assert_eq!(wishes(request).delimiter, Some(delimiter));
    }
    let (_, request) = chosen("Note type", "Cloze");
    assert_eq!(wishes(request).notetype, Some(NotetypeId(2)));
    let (_, request) = asked(&|app| click(app, Role::CheckBox, "Allow HTML in fields"));
    assert_eq!(wishes(request).is_html, Some(true));
}

fn set_columns(options: &mut TextOptions, columns: [u32; 2]) {
    if let NotetypeChoice::One { field_columns, .. } = &mut options.notetype {
        *field_columns = columns.to_vec();
    }
}

#[test]
fn tags_that_are_typed_need_no_other_look_at_the_rows() {
    let (mut app, worker, file) = looked_at_text();
    let plans = || {
        let asked = worker.take_requests().into_iter();
        let plans = asked.filter_map(|request| match request {
            Request::Package(PackageRequest::PlanText { options, .. }) => Some(options),
            _ => None,
        });
        plans.collect::<Vec<_>>()
    };
    let mut asked = plans();
    assert_eq!(asked.len(), 1);
    worker.say(Event::Package(PackageEvent::TextPlanned {
        file,
        options: Box::new(asked.remove(0)),
        report: Box::new(ImportReport::default()),
    }));
    app.settle();
    focus(&mut app, Role::TextInput, "Tag all notes");
    app.type_text("school");
    app.settle();
    assert!(plans().is_empty());
    app.keys(Modifiers::COMMAND, Key::Enter);
    let imported = worker.take_requests().into_iter();
    let tags = imported.filter_map(|request| match request {
        Request::Package(PackageRequest::ImportText { options, .. }) => Some(options.global_tags),
        _ => None,
    });
    assert_eq!(tags.collect::<Vec<_>>(), [["school"]]);
}

#[test]
fn a_look_at_a_package_that_is_cancelled_is_no_error() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    let file = Path::new("/somewhere/large.apkg");
    send(
        &mut app,
        Action::Package(PackageAction::Offer(file.to_owned())),
    );
    assert!(sees(&app, "Import “large.apkg”"));
    let request = Request::Package(PackageRequest::PlanImport {
        file: file.to_owned(),
        options: None,
    });
    let failed = |error: Error| Event::Failed {
        request: Box::new(request.clone()),
        message: explain("open the package", &error),
    };
    worker.say(failed(Error::interrupted()));
    app.settle();
    assert!(!sees(&app, "large.apkg") && !sees(&app, "Could not open the package"));
    // What went wrong is told.
    worker.say(failed(Error::invalid("it is none")));
    app.settle();
    assert!(sees(&app, "Could not open the package"));
}

/// Types into the field of a password, in place of what is there.
pub fn type_password(app: &mut TestApp, field: &str, text: &str) {
    focus(app, Role::PasswordInput, field);
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text(text);
    app.settle();
}

#[test]
fn an_encrypted_collection_goes_out_and_comes_back_with_its_password() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("mine.colpkg.age");
    let mut app = with_ana();
    make_deck(&mut app, "Exported");
    send(&mut app, Action::Command(Command::Export));
    click(&mut app, Role::CheckBox, "Encrypt with a password");
    let can_export = |a: &TestApp| {
        let button = a.harness.get_by_role_and_label(Role::Button, "Export…");
        !button.accesskit_node().is_disabled()
    };
    assert!(!can_export(&app), "there is no password yet");
    type_password(&mut app, "Password", "right");
    type_password(&mut app, "Password again", "rigth");
    assert!(sees(&app, "The two passwords are not the same.") && !can_export(&app));
    type_password(&mut app, "Password again", "right");
    assert!(sees(&app, "Easily guessed.") && can_export(&app));
    // The ending of what is inside is not lost when only a name was typed.
    app.script.will_pick(out.path().join("mine"));
    press(&mut app, "Export…");
    wait_for(&mut app, "exported to mine.colpkg.age");
    let asked = &app.script.asked()[0];
    assert_eq!(asked.suggested, "collection-2026-11-21@15-30-00.colpkg.age");
    let head = std::fs::read(&file).unwrap();
    assert!(head.starts_with(b"age-encryption.org/v1\n"));

    make_deck(&mut app, "Later");
    app.script.will_pick(&file);
    send(&mut app, Action::Command(Command::Import));
    wait_for(&mut app, "The file is encrypted.");
    type_password(&mut app, "Password", "wrong");
    press(&mut app, "Open");
    wait_for(&mut app, "This password does not open the file.");
    type_password(&mut app, "Password", "right");
    press(&mut app, "Open");
    wait_for(&mut app, "Replace your collection with this file?");
    press(&mut app, "Yes, import");
    app.step_until("it is imported", |a| {
        has_deck(a, "Exported") && !has_deck(a, "Later")
    });
}

fn tick(app: &mut TestApp, label: &str) {
    click(app, Role::CheckBox, label);
}

/// The export of the collection, to be encrypted with `password`.
fn seal_export(app: &mut TestApp, password: &str) {
    send(app, Action::Command(Command::Export));
    tick(app, "Encrypt with a password");
    type_password(app, "Password", password);
    type_password(app, "Password again", password);
}

/// Exports the collection encrypted with `password`.
fn export_sealed(app: &mut TestApp, file: &Path, password: &str, remember: bool) {
    seal_export(app, password);
    if remember {
        tick(app, "Remember it in the system’s keychain");
    }
    app.script.will_pick(file);
    press(app, "Export…");
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    wait_for(app, &format!("exported to {name}"));
    // The keychain has it a moment later.
    app.step_until("the keychain was told", |a| a.app().model().jobs.is_empty());
}

#[test]
fn enter_in_the_password_begins_the_export() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("mine.colpkg.age");
    let mut app = with_ana();
    seal_export(&mut app, "quartz lemon bridge");
    app.script.will_pick(&file);
    app.key(Key::Enter);
    wait_for(&mut app, "exported to mine.colpkg.age");
}

#[test]
fn an_encrypted_export_has_a_recovery_sheet_beside_it_when_wanted() {
    const SHEET: &str = "Recovery sheet beside it, to print";
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("mine.colpkg.age");
    let mut app = with_ana();
    seal_export(&mut app, "quartz lemon bridge");
    tick(&mut app, SHEET);
    assert!(sees(&app, "The password is not on it"));
    app.script.will_pick(&file);
    press(&mut app, "Export…");
    let sheet = out.path().join("mine.colpkg.age recovery sheet.html");
    app.step_until("the sheet", |_| sheet.exists());
    let page = std::fs::read_to_string(&sheet).unwrap();
    assert!(page.contains("mine.colpkg.age") && page.contains("Ana"));
    assert!(!page.contains("quartz") && file.exists());
}

/// Everything in the data folder; what is taken away meanwhile is not.
fn all_bytes(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(all_bytes(&path)),
            false => all.extend(std::fs::read(&path).unwrap_or_default()),
        }
    }
    all
}

#[test]
fn passwords_of_exports_are_remembered_when_asked_for_and_forgotten() {
    let out = tempfile::tempdir().unwrap();
    let [first, second, third] = ["first", "second", "third"].map(|name| {
        let name = format!("{name}.colpkg.age");
        out.path().join(name)
    });
    let mut app = with_ana();
    make_deck(&mut app, "Exported");
    let offer = |app: &mut TestApp, file: &Path| {
        app.script.will_pick(file);
        send(app, Action::Command(Command::Import));
        wait_for(app, "The file is encrypted.");
    };
    const USE: &str = "Use the remembered password";
    export_sealed(&mut app, &first, "not to be kept", false);
    offer(&mut app, &first);
    app.step_until("the keychain was asked", |a| {
        a.app().model().jobs.is_empty()
    });
    assert!(!sees(&app, USE), "off by default");
    press(&mut app, "Cancel");
    export_sealed(&mut app, &second, "quartz lemon bridge", true);
    export_sealed(&mut app, &third, "violin cloud marble", true);
    // A second one takes no place of the first.
    for file in [&second, &third] {
        offer(&mut app, file);
        wait_for(&mut app, USE);
        press(&mut app, USE);
        wait_for(&mut app, "Replace your collection with this file?");
        press(&mut app, "No");
    }
    offer(&mut app, &first);
    wait_for(&mut app, USE);
    press(&mut app, USE);
    wait_for(&mut app, "No remembered password opens the file.");
    type_password(&mut app, "Password", "not to be kept");
    press(&mut app, "Forget it");
    app.step_until("it is forgotten", |a| !sees(a, USE));
    press(&mut app, "Open");
    wait_for(&mut app, "Replace your collection with this file?");
    press(&mut app, "No");
    let disk = all_bytes(&app.base);
    for word in ["quartz lemon", "violin cloud"] {
        assert!(!disk.windows(word.len()).any(|w| w == word.as_bytes()));
    }
}

#[test]
fn a_damaged_encrypted_file_is_told_from_a_wrong_password() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("torn.colpkg.age");
    std::fs::write(&file, b"age-encryption.org/v1\nand nothing else").unwrap();
    let mut app = with_ana();
    app.script.will_pick(&file);
    send(&mut app, Action::Command(Command::Import));
    wait_for(&mut app, "The file is encrypted.");
    type_password(&mut app, "Password", "any");
    press(&mut app, "Open");
    wait_for(&mut app, "Could not decrypt the file");
    assert!(!sees(&app, "The file is encrypted."));
}

#[test]
fn notes_go_out_as_text_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.zip");
    let mut app = with_ana();
    two_notes(&mut app, folder.path());
    let dialog = ExportDialog::new(ExportChoice {
        format: Format::Plain,
        ..ExportChoice::default()
    });
    send(&mut app, Action::Open(Box::new(dialog)));
    app.script.will_pick(&file);
    press(&mut app, "Export…");
    wait_for(&mut app, "2 notes exported to notes.zip");
    assert!(std::fs::read(&file).unwrap().starts_with(b"PK"));
}

#[test]
fn the_file_of_another_start_is_offered_here() {
    let mut app = with_ana();
    let notes = app.base.join("notes.txt");
    std::fs::write(&notes, "one\ttwo\n").unwrap();
    app.script.starts_again(None);
    app.settle();
    app.script.starts_again(Some(&notes));
    wait_for(&mut app, "Import “notes.txt”");
    // One at a time: nothing lies above what is being decided.
    app.script.starts_again(Some(&notes));
    wait_for(&mut app, "Finish what is open first");
}

#[test]
fn a_file_that_waits_for_the_profile_keeps_its_place() {
    let start = StartWith {
        file: Some("/somewhere/first.colpkg".into()),
        ..StartWith::default()
    };
    let (mut app, worker) = TestApp::scripted(Options {
        start,
        ..Options::default()
    });
    let [ana, _] = ana_and_ben();
    app.script
        .starts_again(Some(Path::new("/somewhere/second.colpkg")));
    wait_for(&mut app, "Finish what is open first");
    worker.say(Event::Profile(ProfileEvent::Listed {
        profiles: vec![ana],
        anki: vec![],
    }));
    app.settle();
    app.script
        .starts_again(Some(Path::new("/somewhere/third.colpkg")));
    app.settle();
    ana_is_open(&mut app, &worker);
    wait_for(&mut app, "by the one in “first.colpkg”");
}

#[test]
fn a_file_that_seems_to_hold_no_text_can_be_read_in_an_encoding() {
    let mut app = with_ana();
    let file = app.base.join("odd.txt");
    std::fs::write(&file, b"PK\x03\x04\x14\0\0\0\xff\xfe\0\0\nrow\0\n").unwrap();
    app.script.starts_again(Some(&file));
    wait_for(&mut app, "If it is a text file, choose its encoding.");
    assert!(sees(&app, "Import “odd.txt”"));
    choose(&mut app, "Encoding", "windows-1252");
    wait_for(&mut app, "Import options");
    assert!(!sees(&app, "If it is a text file, choose its encoding."));
}

#[test]
fn preferences_of_an_encrypted_file_are_those_of_the_window_at_once() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("mine.colpkg.age");
    let mut app = TestApp::with(Options::default(), |base, clock| {
        ana(base, clock, &[("Spanish", 1)]);
        std::fs::write(base.join("Ana/settings.json"), r#"{"theme": "dark"}"#).unwrap();
    });
    let theme = |a: &TestApp| a.app().model().settings.theme;
    app.step_until("the preferences", |a| theme(a) == ThemeChoice::Dark);
    send(&mut app, Action::Command(Command::Export));
    click(&mut app, Role::CheckBox, "Encrypt with a password");
    type_password(&mut app, "Password", "right");
    type_password(&mut app, "Password again", "right");
    app.script.will_pick(&file);
    press(&mut app, "Export…");
    wait_for(&mut app, "exported to mine.colpkg.age");
    let shown = app.app().model().settings.clone();
    let wanted = ProfileSettings {
        theme: ThemeChoice::Light,
        ..shown.clone()
    };
    let change = Box::new(Changed { shown, wanted });
    let save = Request::Settings(SettingsRequest::SaveProfile(change));
    send(&mut app, Action::Ask(save));
    app.step_until("the other theme", |a| theme(a) == ThemeChoice::Light);
    app.script.will_pick(&file);
    send(&mut app, Action::Command(Command::Import));
    wait_for(&mut app, "The file is encrypted.");
    type_password(&mut app, "Password", "right");
    press(&mut app, "Open");
    wait_for(&mut app, "Replace your collection with this file?");
    press(&mut app, "Yes, import");
    app.step_until("the first theme", |a| theme(a) == ThemeChoice::Dark);
}
