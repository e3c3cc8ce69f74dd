//! The Browse page: cards, notes, a search that cannot be understood, menus, the preview.

use crate::harness::TestApp;
use crate::screens::{ago, entries};
use crate::steps::click;
use crate::{MAIN, SMALL, Scene, scene};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use engram::base::ids::{CardId, DeckId, NoteId, NotetypeId};
use engram::domain::browse::{Column, Layout, Row, RowColor};
use engram::domain::explorer::{Since, SinceKinds};
use engram::domain::note::Note;
use engram::domain::note_edit::{FieldsState, NoteView};
use engram::domain::notetype::NotetypeKind;
use engram::domain::notetype_change::{NotetypeChange, NotetypeChangeDraft};
use engram::domain::reposition::RepositionDefaults;
use engram::domain::sidebar::{Sidebar, SidebarDeck, SidebarNotetype};
use engram::explain::UserMessage;
use engram::service::browse::{BrowseEvent, BrowseRequest, CardPreview};
use engram::service::bulk::{BulkEvent, BulkRequest, DuplicateGroup};
use engram::service::event::{BackupEvent, CardSide, Event, ProfileEvent, UndoStatus};
use engram::service::notes::{NoteEvent, NoteRequest};
use engram::service::request::Request;
use engram::ui::action::Action;
use engram::ui::browse::command::BrowseCommand;
use engram::ui::command::Command;
use engram::ui::testing::ScriptedService;
use std::sync::Arc;

pub fn scenes() -> Vec<Scene> {
    vec![
        Scene {
            twice: true,
            ..scene("06_browse", MAIN, cards)
        },
        scene("06b_browse_notes", MAIN, notes),
        scene("06c_browse_unclear", MAIN, unclear),
        scene("06d_browse_menu", MAIN, row_menu),
        scene("06e_browse_columns", MAIN, columns),
        scene("06f_browse_preview", MAIN, preview),
        scene("06g_browse_small", SMALL, cards),
        scene("06h_browse_nothing", MAIN, nothing),
        scene("06i_browse_find_replace", MAIN, find_replace),
        scene("06j_browse_duplicates", MAIN, duplicates),
        scene("06k_browse_add_tags", MAIN, add_tags),
        scene("06l_browse_change_deck", MAIN, change_deck),
        scene("06m_browse_reposition", MAIN, reposition),
        scene("06n_browse_grade", MAIN, grade),
        scene("06o_browse_change_note_type", MAIN, change_notetype),
        scene("06p_browse_changed_since", MAIN, changed_since),
        scene("06q_browse_changed_since_which", MAIN, changed_since_which),
        scene("06r_browse_suggestions", MAIN, suggestions),
    ]
}

const WORDS: [(&str, &str, &str, RowColor); 22] = [
    ("el alba", "Recognition", "2026-12-09", RowColor::Plain),
    ("el alba", "Recall", "2027-01-11", RowColor::Plain),
    ("amanecer", "Recognition", "2026-11-29", RowColor::Plain),
    ("amanecer", "Recall", "New #412", RowColor::Plain),
    ("anochecer", "Recognition", "2027-02-02", RowColor::Plain),
    (
        "el atardecer",
        "Recognition",
        "2026-12-24",
        RowColor::Flag(2),
    ),
    (
        "el atardecer",
        "Recall",
        "(2026-11-18)",
        RowColor::Suspended,
    ),
    ("desvelarse", "Recognition", "2027-03-03", RowColor::Plain),
    ("desvelarse", "Recall", "2026-11-30", RowColor::Plain),
    ("la madrugada", "Recognition", "2027-01-18", RowColor::Plain),
    ("la madrugada", "Recall", "2026-12-21", RowColor::Plain),
    ("madrugar", "Recognition", "2028-08-02", RowColor::Plain),
    ("madrugar", "Recall", "New #1634", RowColor::Plain),
    ("el mediodía", "Recognition", "2027-10-21", RowColor::Marked),
    (
        "la medianoche",
        "Recognition",
        "2026-12-28",
        RowColor::Plain,
    ),
    ("la medianoche", "Recall", "New #1635", RowColor::Buried),
    ("el ocaso", "Recognition", "2027-02-14", RowColor::Plain),
    (
        "la penumbra",
        "Recognition",
        "(2026-11-20)",
        RowColor::Suspended,
    ),
    ("la siesta", "Recognition", "2027-05-09", RowColor::Plain),
    ("la siesta", "Recall", "2026-12-02", RowColor::Plain),
    ("trasnochar", "Recognition", "2027-08-25", RowColor::Flag(4)),
    ("la víspera", "Recognition", "2026-12-19", RowColor::Plain),
];

fn cell(column: Column, notes: bool, at: usize) -> String {
    let (word, template, due, _) = WORDS[at % WORDS.len()];
    match column {
        Column::SortField => word.into(),
        Column::Template if notes => "2".into(),
        Column::Template => template.into(),
        Column::Due => due.into(),
        Column::Deck => "Languages::Spanish".into(),
        Column::Notetype => "Vocabulary".into(),
        Column::Tags => "unit-07 verbs".into(),
        _ => "12 days".into(),
    }
}

fn sidebar() -> Sidebar {
    let decks = [
        "History",
        "History::Rome",
        "Languages",
        "Languages::French",
        "Languages::Spanish",
        "Medicine",
        "Medicine::Anatomy",
    ];
    Sidebar {
        saved: vec![],
        flags: Default::default(),
        decks: (1..)
            .zip(decks)
            .map(|(id, name)| SidebarDeck {
                id: DeckId(id),
                name: name.into(),
                filtered: false,
            })
            .collect(),
        notetypes: vec![SidebarNotetype {
            id: NotetypeId(1),
            name: "Vocabulary".into(),
            templates: vec!["Recognition".into(), "Recall".into()],
            fields: vec!["Front".into(), "Back".into()],
        }],
        tags: vec!["unit-07".into(), "verbs".into()],
        presets: vec!["Default".into()],
    }
}

/// Answers what the page asks, until it asks no more.
fn answer(app: &mut TestApp, service: &ScriptedService, count: usize) {
    for _ in 0..6 {
        for request in service.take_requests() {
            let request = match request {
                Request::Browse(BrowseRequest::LoadFieldNames(_)) => {
                    bulk(service, &BulkRequest::LoadFieldNames { notes: None });
                    continue;
                }
                Request::Browse(request) => request,
                Request::Note(NoteRequest::Load(id)) => {
                    let loaded = NoteEvent::Loaded(Box::new(note(id)));
                    service.say(Event::Note(loaded));
                    continue;
                }
                Request::Bulk(request) => {
                    bulk(service, &request);
                    continue;
                }
                _ => continue,
            };
            let event = match request {
                BrowseRequest::Open => {
                    let columns = vec![Column::SortField, Column::Template, Column::Due];
                    let cards = Layout {
                        columns,
                        ..Layout::of(false)
                    };
                    BrowseEvent::Opened {
                        layouts: [cards, Layout::of(true)],
                        notes: false,
                    }
                }
                BrowseRequest::LoadSidebar => BrowseEvent::Sidebar(sidebar().into()),
                BrowseRequest::Search { layout, serial, .. } => BrowseEvent::Found {
                    serial,
                    notes: layout.notes,
                    ids: (1..=count as i64).collect(),
                    carried: None,
                },
                BrowseRequest::Rows {
                    ids,
                    notes,
                    columns,
                } => BrowseEvent::Rows {
                    notes,
                    rows: ids.iter().map(|id| row(*id, notes, &columns)).collect(),
                    columns,
                },
                BrowseRequest::LoadReposition => BrowseEvent::Reposition(RepositionDefaults {
                    range: Some((412, 1635)),
                    ..RepositionDefaults::default()
                }),
                BrowseRequest::Preview(card) => BrowseEvent::Preview(page(card).into()),
                _ => continue,
            };
            service.say(Event::Browse(event));
        }
        app.settle();
    }
}

fn note(id: NoteId) -> NoteView {
    let fields = ["Front", "Back", "Example", "Audio"];
    NoteView {
        note: Note {
            id,
            notetype_id: NotetypeId(7),
            tags: vec!["verbs".into(), "unit-07".into()],
            fields: [
                "la madrugada",
                "the small hours, early morning",
                "Se despertó de madrugada y no pudo volver a dormir.",
                "[sound:madrugada.mp3]",
            ]
            .map(str::to_owned)
            .to_vec(),
            ..Note::default()
        },
        notetype: crate::notes::notetype("Vocabulary", NotetypeKind::Normal, &fields),
        state: FieldsState::Fine,
    }
}

/// What dialogs ask about many notes.
fn bulk(service: &ScriptedService, request: &BulkRequest) {
    let event = match request {
        BulkRequest::LoadFieldNames { .. } => {
            let names = ["Audio", "Back", "Example", "Front"].map(str::to_owned);
            BulkEvent::FieldNames(names.to_vec())
        }
        BulkRequest::FindDuplicates { field, search } => BulkEvent::Duplicates {
            field: field.clone(),
            search: search.clone(),
            groups: ["el banco", "la mañana", "la vela"]
                .map(|text| DuplicateGroup {
                    text: text.into(),
                    notes: vec![NoteId(1), NoteId(2)],
                })
                .to_vec(),
        },
        _ => return,
    };
    service.say(Event::Bulk(event));
}

fn row(id: i64, notes: bool, columns: &[Column]) -> Row {
    let at = id as usize - 1;
    Row {
        cells: Some(columns.iter().map(|c| cell(*c, notes, at)).collect()),
        note: NoteId(id),
        card: CardId(id),
        color: WORDS[at % WORDS.len()].3,
        ..Row::deleted(id)
    }
}

fn page(card: CardId) -> CardPreview {
    let side = |html: &str| CardSide {
        html: html.into(),
        sounds: vec![],
    };
    CardPreview {
        card,
        question: side("la madrugada"),
        answer: side("la madrugada<hr id=answer>the small hours, early morning"),
        css: ".card{font-family:sans-serif;font-size:22px;text-align:center}".into(),
        body_class: "card card1".into(),
    }
}

fn open(app: &mut TestApp, service: &ScriptedService, count: usize) {
    service.say(Event::Profile(ProfileEvent::Opened {
        name: "Ana".into(),
        restored: false,
        can_undo_restore: false,
        undo: UndoStatus::default(),
    }));
    app.settle();
    app.key(Key::B);
    answer(app, service, count);
    let languages = app
        .harness
        .query_by_role_and_label(Role::Button, "Expand Languages");
    if let Some(node) = languages {
        node.click();
        app.settle();
        app.harness
            .get_by_role_and_label(Role::TreeItem, "Spanish")
            .click();
        answer(app, service, count);
    }
    app.harness.remove_cursor();
    app.settle();
}

fn cards(app: &mut TestApp, service: &ScriptedService) {
    open(app, service, 1204);
    if let Some(row) = app
        .harness
        .query_by_role_and_label(Role::ListBoxOption, "la madrugada, Recognition, 2027-01-18")
    {
        row.click();
    } else {
        // Below the edge of a small table: nine rows down from the first one.
        click(app, Role::ListBoxOption, "el alba, Recognition, 2026-12-09");
        for _ in 0..9 {
            app.key(Key::ArrowDown);
        }
    }
    app.settle();
    app.harness.remove_cursor();
    answer(app, service, 1204);
}

fn notes(app: &mut TestApp, service: &ScriptedService) {
    open(app, service, 602);
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Rows: Notes")
        .click();
    answer(app, service, 602);
    app.harness.remove_cursor();
    app.settle();
}

fn unclear(app: &mut TestApp, service: &ScriptedService) {
    cards(app, service);
    app.keys(Modifiers::COMMAND, Key::F);
    app.type_text("(deck:Languages");
    app.key(Key::Enter);
    for request in service.take_requests() {
        if let Request::Browse(BrowseRequest::Search { serial, .. }) = request {
            service.say(Event::Browse(BrowseEvent::Unclear {
                serial,
                message: UserMessage {
                    what: "Could not search".into(),
                    cause: engram::search::parse("(deck:Languages")
                        .map_or_else(|e| e.to_string(), |_| String::new()),
                    ..UserMessage::default()
                },
            }));
        }
    }
    app.settle();
}

fn suggestions(app: &mut TestApp, service: &ScriptedService) {
    cards(app, service);
    app.keys(Modifiers::COMMAND, Key::F);
    app.type_text("is:due deck:");
}

fn row_menu(app: &mut TestApp, service: &ScriptedService) {
    cards(app, service);
    app.harness
        .get_by_role_and_label(Role::ListBoxOption, "desvelarse, Recall, 2026-11-30")
        .click_secondary();
    app.settle();
    // The note of the row, beside the table.
    answer(app, service, 1204);
}

fn columns(app: &mut TestApp, service: &ScriptedService) {
    cards(app, service);
    app.harness
        .get_by_role_and_label(Role::ColumnHeader, "Card Type")
        .click_secondary();
    app.settle();
}

fn preview(app: &mut TestApp, service: &ScriptedService) {
    cards(app, service);
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    answer(app, service, 1204);
    click(app, Role::Button, "Show Answer");
    app.harness.remove_cursor();
}

fn dialog(app: &mut TestApp, service: &ScriptedService, command: BrowseCommand) {
    cards(app, service);
    let ctx = app.harness.ctx.clone();
    let action = Action::Command(Command::Browse(command));
    app.harness.state_mut().send(&ctx, action);
    answer(app, service, 1204);
}

fn find_replace(app: &mut TestApp, service: &ScriptedService) {
    dialog(app, service, BrowseCommand::FindReplace);
}

fn duplicates(app: &mut TestApp, service: &ScriptedService) {
    dialog(app, service, BrowseCommand::FindDuplicates);
    click(app, Role::Button, "Find");
    answer(app, service, 1204);
}

fn add_tags(app: &mut TestApp, service: &ScriptedService) {
    dialog(app, service, BrowseCommand::AddTags);
    app.type_text("ver");
}

fn change_deck(app: &mut TestApp, service: &ScriptedService) {
    dialog(app, service, BrowseCommand::ChangeDeck);
}

fn reposition(app: &mut TestApp, service: &ScriptedService) {
    dialog(app, service, BrowseCommand::Reposition);
}

fn grade(app: &mut TestApp, service: &ScriptedService) {
    dialog(app, service, BrowseCommand::GradeNow);
}

fn change_notetype(app: &mut TestApp, service: &ScriptedService) {
    dialog(app, service, BrowseCommand::ChangeNotetype);
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let draft = NotetypeChangeDraft {
        old_name: "Basic (and reversed card)".into(),
        old_fields: names(&["Front", "Back", "Source"]),
        old_templates: names(&["Card 1", "Card 2"]),
        new_fields: names(&["Front", "Back", "Example", "Audio", "Picture"]),
        new_templates: names(&["Recognition", "Recall"]),
        suggested: NotetypeChange {
            old: NotetypeId(3),
            new: NotetypeId(1),
            fields: vec![Some(0), Some(1), None, None, None],
            templates: Some(vec![Some(0), None]),
            schema: crate::harness::NOW,
        },
    };
    service.say(Event::Bulk(BulkEvent::NotetypeChange(Box::new(draft))));
    app.settle();
}

fn nothing(app: &mut TestApp, service: &ScriptedService) {
    open(app, service, 0);
}

fn changed_since_which(app: &mut TestApp, service: &ScriptedService) {
    dialog(app, service, BrowseCommand::ChangedSince);
    service.say(Event::Backup(BackupEvent::Listed {
        profile: "Ana".into(),
        entries: entries(),
    }));
    app.settle();
}

fn changed_since(app: &mut TestApp, service: &ScriptedService) {
    cards(app, service);
    service.say(Event::Browse(BrowseEvent::ChangedSince {
        made: ago(60 * 24 * 9),
        kinds: SinceKinds {
            added: true,
            changed: true,
            rescheduled: false,
        },
        rows: Arc::new(Since {
            notes: (1..=14).map(NoteId).collect(),
            cards: (1..=14).map(CardId).collect(),
        }),
    }));
    app.settle();
    answer(app, service, 14);
}
