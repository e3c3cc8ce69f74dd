//! Note types, their fields and card templates, Check Media, Empty Cards, Check
//! Database.

use crate::harness::TestApp;
use crate::home::decks;
use crate::screens::ago;
use crate::steps::{click, focus, press, send};
use crate::{MAIN, SMALL, Scene, scene};
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use engram::base::ids::{CardId, NoteId, NotetypeId};
use engram::domain::media_report::{MediaReport, MissingFile, MissingFrom, Rename, UnusedFile};
use engram::domain::notetype::{Notetype, NotetypeFacts, NotetypeUse, NotetypeVersion};
use engram::service::checks::{CheckEvent, EmptyCards};
use engram::service::event::{Event, Problem};
use engram::service::notetypes::{NotetypeEvent, Preview, RenderedCard, stock};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;

pub fn scenes() -> Vec<Scene> {
    vec![
        scene("30_note_types", MAIN, list),
        scene("30b_add_note_type", MAIN, add),
        scene("30c_note_type_options", MAIN, options),
        scene("31_fields", MAIN, fields),
        scene("32_card_templates", MAIN, templates),
        scene("32b_card_templates_problem", MAIN, problem),
        scene("32c_card_templates_styling", MAIN, styling),
        scene("32d_card_templates_small", SMALL, templates),
        scene("32e_browser_appearance", MAIN, browser),
        scene("32f_template_history", MAIN, history),
        scene("32g_deck_override", MAIN, deck_override),
        scene("33_check_media", MAIN, media),
        scene("33b_check_media_damaged", MAIN, damaged),
        scene("34_empty_cards", MAIN, empty_cards),
        scene("35_check_database", MAIN, check_database),
    ]
}

fn list(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    send(app, Action::Go(Route::NoteTypes));
    let names = [
        ("Basic", 1_204),
        ("Basic (and reversed card)", 310),
        ("Basic (optional reversed card)", 0),
        ("Basic (type in the answer)", 42),
        ("Cloze", 860),
        ("Image Occlusion", 17),
        ("Vocabulary", 3_000),
    ];
    let uses = (1..).zip(names).map(|(id, (name, notes))| NotetypeUse {
        id: NotetypeId(id),
        name: name.into(),
        notes,
    });
    service.say(Event::Notetype(NotetypeEvent::Listed(uses.collect())));
    app.settle();
}

fn add(app: &mut TestApp, service: &ScriptedService) {
    list(app, service);
    press(app, "Add…");
}

fn options(app: &mut TestApp, service: &ScriptedService) {
    list(app, service);
    click(app, Role::ListBoxOption, "Vocabulary");
    press(app, "Options…");
    loaded(service, app);
    app.harness.remove_cursor();
    app.settle();
}

fn vocabulary() -> Notetype {
    let mut notetype = stock().swap_remove(1);
    notetype.id = NotetypeId(7);
    notetype.name = "Vocabulary".into();
    notetype.config.css = ".card {\n    font-family: arial;\n    font-size: 20px;\n    \
        text-align: center;\n}\n\n/* Words stand out */\n.word {\n    font-size: 48px;\n}\n.small \
        {\n    color: #888;\n}\n"
        .into();
    let names = ["Word", "Reading", "Meaning", "Example", "Audio"];
    let field = notetype.fields[0].clone();
    notetype.fields = names
        .map(|name| {
            let mut field = field.clone();
            field.name = name.into();
            field
        })
        .to_vec();
    notetype.fields[3].config.description = "A whole sentence".into();
    let [recognition, recall] = &mut notetype.templates[..] else {
        return notetype;
    };
    recognition.name = "Recognition".into();
    recognition.config.q_format =
        "<div class=\"word\">{{Word}}</div>\n{{#Audio}}{{Audio}}{{/Audio}}\n\
        <!-- The part of speech is on the back -->\n<div class=\"small\">{{hint:Reading}}</div>"
            .into();
    recognition.config.a_format =
        "{{FrontSide}}\n\n<hr id=answer>\n\n{{Meaning}}<br>{{Example}}".into();
    recall.name = "Recall".into();
    recall.config.q_format = "{{Meaning}}".into();
    recall.config.a_format = "{{FrontSide}}\n\n<hr id=answer>\n\n{{Word}}".into();
    notetype
}

fn loaded(service: &ScriptedService, app: &mut TestApp) {
    service.say(Event::Notetype(NotetypeEvent::Loaded(Box::new(
        NotetypeFacts {
            notetype: vocabulary(),
            notes: 3_000,
            cards: vec![3_000, 2_988],
        },
    ))));
    app.settle();
}

fn fields(app: &mut TestApp, service: &ScriptedService) {
    list(app, service);
    send(app, Action::Go(Route::Fields { id: NotetypeId(7) }));
    loaded(service, app);
    click(app, Role::ListBoxOption, "Example");
}

fn templates(app: &mut TestApp, service: &ScriptedService) {
    list(app, service);
    let id = NotetypeId(7);
    send(app, Action::Go(Route::CardTemplates { id, ord: 0 }));
    loaded(service, app);
    let card = RenderedCard::plain(
        "<div class=\"word\">deanévé</div><div class=\"small\">deh-a-neh-veh</div>",
        "<div class=\"word\">deanévé</div><hr id=answer>to set out<br>They deanévé at dawn.",
        &vocabulary().config.css,
    );
    service.say(Event::Notetype(NotetypeEvent::Preview(Box::new(Preview {
        card,
        template: 0,
        note: Some(NoteId(1)),
        title: "deanévé".into(),
        clozes: vec![],
        cloze: 1,
    }))));
    app.settle();
}

fn problem(app: &mut TestApp, service: &ScriptedService) {
    templates(app, service);
    focus(app, Role::MultilineTextInput, "Front template");
    app.type_text("{{Wrod}}");
}

fn styling(app: &mut TestApp, service: &ScriptedService) {
    templates(app, service);
    click(app, Role::RadioButton, "Edit: Styling");
    click(app, Role::RadioButton, "Preview: Back");
}

/// By the menu of a card type.
fn from_menu(app: &mut TestApp, service: &ScriptedService, entry: &str) {
    templates(app, service);
    let options = app
        .harness
        .get_all_by_role_and_label(Role::Button, "Options");
    options.into_iter().next().expect("two menus").click();
    app.settle();
    click(app, Role::MenuItem, entry);
}

fn browser(app: &mut TestApp, service: &ScriptedService) {
    from_menu(app, service, "Browser Appearance…");
}

fn deck_override(app: &mut TestApp, service: &ScriptedService) {
    from_menu(app, service, "Deck Override…");
}

fn history(app: &mut TestApp, service: &ScriptedService) {
    from_menu(app, service, "Template History…");
    let version = |minutes, origin: &str| NotetypeVersion {
        until: ago(minutes),
        origin: origin.into(),
        notetype: vocabulary(),
    };
    let versions = vec![
        version(35, "Update Note Type"),
        version(1_300, "Update Note Type"),
        version(9_000, "Import"),
    ];
    let id = NotetypeId(7);
    service.say(Event::Notetype(NotetypeEvent::Versions { id, versions }));
    app.settle();
    app.harness.remove_cursor();
    app.settle();
}

fn media(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    send(app, Action::Command(Command::CheckMedia));
    let of_notes = |name: &str, count, title: &str| MissingFile {
        name: name.into(),
        from: MissingFrom::Notes {
            count,
            named: vec![(NoteId(1), title.into())],
        },
    };
    let unused = |n: u64| UnusedFile {
        name: format!("paste-{:08x}.png", n.wrapping_mul(2_654_435_761) as u32),
        bytes: 18_000 + n * 7_919,
    };
    let report = MediaReport {
        missing: vec![
            of_notes("deaneve.mp3", 1, "deanévé"),
            of_notes("map of europe.png", 14, "France"),
            MissingFile {
                name: "_serif.woff2".into(),
                from: MissingFrom::Notetype("Vocabulary".into()),
            },
        ],
        notes_missing: (1..=15).map(NoteId).collect(),
        unused: (1..=128).map(unused).collect(),
        renames: vec![Rename {
            old: "what?.png".into(),
            new: "what.png".into(),
        }],
        folders: vec!["old pictures".into()],
        rotten: vec![unused(7), unused(9)],
        files: 4_211,
        trash: (31, 5_402_118),
        ..MediaReport::default()
    };
    service.say(Event::Check(CheckEvent::Media {
        report: Box::new(report),
        said: String::new(),
    }));
    app.settle();
}

fn damaged(app: &mut TestApp, service: &ScriptedService) {
    media(app, service);
    click(app, Role::ListBoxOption, "Damaged files");
}

fn check_database(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    let problem = |kind, count, text: &str| Problem {
        kind,
        count,
        text: text.to_owned(),
    };
    let problems = vec![
        problem("cards-without-note", 2, "2 cards had no note"),
        problem("missing-decks", 1, "1 deck was missing"),
    ];
    service.say(Event::Check(CheckEvent::Problems(problems)));
    app.settle();
}

fn empty_cards(app: &mut TestApp, service: &ScriptedService) {
    decks(app, service);
    let note = |n: i64, notetype, title: &str, names: &[&str], whole_note| EmptyCards {
        note: NoteId(n),
        notetype: NotetypeId(notetype),
        cards: (0..names.len() as i64)
            .map(|c| CardId(n * 10 + c))
            .collect(),
        names: names.iter().map(|s| (*s).to_owned()).collect(),
        title: title.into(),
        whole_note,
    };
    let report = vec![
        note(1, 2, "el perro", &["Card 2"], false),
        note(2, 2, "la casa", &["Card 2"], false),
        note(
            3,
            5,
            "The mitochondrion is the powerhouse of the cell",
            &["Cloze 3"],
            false,
        ),
        note(4, 5, "Krebs cycle", &["Cloze 1", "Cloze 2"], true),
    ];
    let names = vec![
        (NotetypeId(2), "Basic (and reversed card)".to_owned()),
        (NotetypeId(5), "Cloze".to_owned()),
    ];
    service.say(Event::Check(CheckEvent::EmptyCards { report, names }));
    app.settle();
}
