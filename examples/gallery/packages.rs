//! Import and export: a deck package and a text file before and after, the choices of an export.

use super::home::decks_at_rest as opened;
use crate::harness::TestApp;
use crate::steps::{click, focus, send};
use crate::{MAIN, SMALL, Scene, scene};
use eframe::egui::HoveredFile;
use eframe::egui::accesskit::Role;
use engram::base::ids::{DeckId, NoteId, NotetypeId};
use engram::domain::package::{Along, ImportOptions, ImportReport, LoggedNote};
use engram::domain::text_import::{
    DeckChoice, Delimiter, ExistingNotes, MatchScope, NotetypeChoice, TextLook, TextOptions,
};
use engram::service::event::{Event, NotetypeChoices, PackageEvent};
use engram::ui::action::Action;
use engram::ui::import_export::model::{ExportChoice, Format};
use engram::ui::import_export::{ExportDialog, PackageAction};
use engram::ui::testing::ScriptedService;
use std::path::PathBuf;

pub fn scenes() -> Vec<Scene> {
    vec![
        scene("16c_export_deck", MAIN, export_deck),
        scene("16d_export_notes", MAIN, export_notes),
        scene("16e_import_package", MAIN, import_package),
        scene("16f_import_log", MAIN, import_log),
        scene("16g_import_text", MAIN, import_text),
        scene("16h_import_text_small", SMALL, import_text),
        scene("16i_import_package_reading", MAIN, import_reading),
        scene("16j_export_encrypted", MAIN, export_encrypted),
        scene("16m_export_small", SMALL, export_deck_encrypted),
        scene("16k_export_texts", MAIN, export_texts),
        scene("16l_password", MAIN, password),
        scene("16n_held_file", MAIN, held_file),
        scene("16o_dropped_package", MAIN, dropped_package),
        scene("16p_import_text_encoding", MAIN, import_text_encoding),
        scene("16q_import_mnemosyne", MAIN, import_mnemosyne),
    ]
}

fn export(app: &mut TestApp, service: &ScriptedService, format: Format) {
    opened(app, service);
    let dialog = ExportDialog::new(ExportChoice {
        format,
        ..ExportChoice::default()
    });
    send(app, Action::Open(Box::new(dialog)));
}

fn held_file(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    app.harness.input_mut().hovered_files = vec![HoveredFile {
        path: Some("spanish.apkg".into()),
        ..HoveredFile::default()
    }];
    app.settle();
}

fn dropped_package(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    let file = PathBuf::from("/home/ana/Downloads/spanish.apkg");
    send(app, Action::Package(PackageAction::Dropped(file)));
}

fn export_deck(app: &mut TestApp, service: &ScriptedService) {
    export(app, service, Format::Deck);
}

fn export_notes(app: &mut TestApp, service: &ScriptedService) {
    export(app, service, Format::Notes);
}

fn export_texts(app: &mut TestApp, service: &ScriptedService) {
    export(app, service, Format::Plain);
}

fn export_encrypted(app: &mut TestApp, service: &ScriptedService) {
    encrypted(app, service, Format::Collection);
}

/// In a small window the fields for the password are below what is in view.
fn export_deck_encrypted(app: &mut TestApp, service: &ScriptedService) {
    export(app, service, Format::Deck);
    tick_encrypt(app);
}

fn tick_encrypt(app: &mut TestApp) {
    click(app, Role::CheckBox, "Encrypt with a password");
}

fn encrypted(app: &mut TestApp, service: &ScriptedService, format: Format) {
    export(app, service, format);
    tick_encrypt(app);
    for name in ["Password", "Password again"] {
        type_password(app, name, "geography");
    }
}

fn type_password(app: &mut TestApp, name: &str, text: &str) {
    focus(app, Role::PasswordInput, name);
    app.type_text(text);
    app.settle();
}

fn password(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    let file = PathBuf::from("/home/ana/Documents/collection-2026-11-21.colpkg.age");
    send(app, Action::Package(PackageAction::Offer(file.clone())));
    service.say(Event::Package(PackageEvent::Remembered(true)));
    type_password(app, "Password", "geography");
    click(app, Role::Button, "Open");
    service.say(Event::Package(PackageEvent::WrongPassword { file }));
    app.settle();
}

fn file() -> PathBuf {
    "/home/ana/Downloads/Ultimate Geography.apkg".into()
}

fn logged(words: &[&str]) -> Vec<LoggedNote> {
    (1..)
        .zip(words)
        .map(|(id, text)| LoggedNote {
            id: NoteId(id),
            text: (*text).to_owned(),
        })
        .collect()
}

fn report() -> ImportReport {
    ImportReport {
        new: logged(&[
            "Albania",
            "Andorra",
            "Armenia",
            "Austria",
            "Azerbaijan",
            "Belarus",
        ]),
        updated: logged(&["Belgium", "Croatia"]),
        duplicates: logged(&["Cyprus"; 148]),
        cards_added: 18,
        reviews_added: 240,
        media_added: 12,
        decks_added: vec!["Ultimate Geography::Flags".into()],
        notetypes_added: vec!["Ultimate Geography [EN]".into()],
        ..ImportReport::default()
    }
}

fn import_reading(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    send(app, Action::Package(PackageAction::Offer(file())));
}

fn import_package(app: &mut TestApp, service: &ScriptedService) {
    import_reading(app, service);
    service.say(Event::Package(PackageEvent::Planned {
        file: file(),
        options: ImportOptions::default(),
        report: Box::new(report()),
    }));
    app.settle();
}

fn import_log(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    service.say(Event::Package(PackageEvent::Merged {
        file: file(),
        report: Box::new(report()),
    }));
    app.settle();
}

/// A database of Mnemosyne.
fn import_mnemosyne(app: &mut TestApp, service: &ScriptedService) {
    opened(app, service);
    let file = PathBuf::from("/home/ana/.local/share/mnemosyne/default.db");
    send(app, Action::Package(PackageAction::Offer(file.clone())));
    service.say(Event::Package(PackageEvent::Planned {
        file,
        options: ImportOptions {
            along: Along {
                scheduling: true,
                ..Along::default()
            },
            ..ImportOptions::default()
        },
        report: Box::new(ImportReport {
            new: logged(&["la casa"; 1260]),
            cards_added: 2114,
            reviews_added: 31_807,
            media_added: 96,
            decks_added: vec!["Mnemosyne".into()],
            notetypes_added: ["Mnemosyne-Vocabulary", "Mnemosyne-Cloze", "Mnemosyne-Map"]
                .map(str::to_owned)
                .to_vec(),
            ..ImportReport::default()
        }),
    }));
    app.settle();
}

fn import_text(app: &mut TestApp, service: &ScriptedService) {
    text_looked(app, service, ["der Apfel", "die Birne", "das Brot"]);
}

/// A file of Windows-1252 that was read as UTF-8.
fn import_text_encoding(app: &mut TestApp, service: &ScriptedService) {
    let words = ["der \u{fffd}pfel", "die K\u{fffd}che", "das Gl\u{fffd}ck"];
    text_looked(app, service, words);
}

/// The dialog of a text file that was read as UTF-8, with these words in its first column.
fn text_looked(app: &mut TestApp, service: &ScriptedService, words: [&str; 3]) {
    opened(app, service);
    let file = PathBuf::from("/home/ana/Documents/vocabulary.csv");
    send(app, Action::Package(PackageAction::Offer(file.clone())));
    let options = TextOptions {
        delimiter: Delimiter::Comma,
        is_html: false,
        notetype: NotetypeChoice::One {
            id: NotetypeId(1),
            field_columns: vec![1, 2],
        },
        deck: DeckChoice::Id(DeckId(1)),
        guid_column: 0,
        tags_column: 3,
        global_tags: vec!["lesson4".into()],
        updated_tags: vec![],
        existing: ExistingNotes::Update,
        scope: MatchScope::Notetype,
        encoding: None,
    };
    let row = |cells: [&str; 3]| cells.iter().map(|c| (*c).to_owned()).collect();
    service.say(Event::Package(PackageEvent::TextLooked {
        file: file.clone(),
        look: Box::new(TextLook {
            is_unreadable: words.iter().any(|word| word.contains('\u{fffd}')),
            options: options.clone(),
            encoding: "UTF-8",
            delimiter_is_given: false,
            html_is_given: false,
            labels: vec!["Wort".into(), "word".into(), "tags".into()],
            preview: vec![
                row([words[0], "apple", "fruit"]),
                row([words[1], "pear", "fruit"]),
                row([words[2], "bread", ""]),
            ],
        }),
        notetypes: vec![NotetypeChoices {
            id: NotetypeId(1),
            name: "Basic".into(),
            fields: vec!["Front".into(), "Back".into()],
        }],
        decks: vec![(DeckId(1), "German".into())],
    }));
    app.settle();
    service.say(Event::Package(PackageEvent::TextPlanned {
        file,
        options: Box::new(options),
        report: Box::new(ImportReport {
            new: logged(&["der Apfel", "die Birne"]),
            updated: logged(&["das Brot"]),
            cards_added: 2,
            ..ImportReport::default()
        }),
    }));
    app.settle();
}
