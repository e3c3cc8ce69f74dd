//! Manage Note Types, the fields and the card templates of one, by keyboard and pointer, on a real
//! collection.

use crate::harness::{Options, TestApp, ana};
use crate::steps::{ana_is_open, back_up, click, focus, press, sees, send, wait_for, with_decks};
use eframe::egui::accesskit::Role;
use eframe::egui::{Context, FontFamily, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::ids::DeckId;
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::domain::notetype::{Field, FieldConfig, Notetype, NotetypeFacts};
use engram::domain::notetype_edit::NotetypeEdit;
use engram::domain::op::Op;
use engram::render::installed_typefaces;
use engram::service::event::Event;
use engram::service::notes::NoteRequest;
use engram::service::notetypes::{NotetypeEvent, NotetypeRequest};
use engram::service::profiles::DataFolder;
use engram::service::request::Request;
use engram::ui::action::Action;
use engram::ui::route::Route;
use engram::ui::theme::{font, typeface};

fn note_types() -> TestApp {
    let mut app = with_decks(&[("Spanish", 3)]);
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    wait_for(&mut app, "Note Types");
    wait_for(&mut app, "Cloze");
    app
}

#[track_caller]
fn choose(app: &mut TestApp, row: &str) {
    click(app, Role::ListBoxOption, row);
}

#[track_caller]
fn fill(app: &mut TestApp, role: Role, field: &str, text: &str) {
    focus(app, role, field);
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text(text);
}

#[track_caller]
fn entry(app: &mut TestApp, menu: usize, label: &str) {
    let buttons: Vec<_> = app
        .harness
        .get_all_by_role_and_label(Role::Button, "Options")
        .collect();
    buttons[menu].click();
    app.settle();
    click(app, Role::MenuItem, label);
}

#[track_caller]
fn text_of(app: &TestApp, field: &str) -> String {
    app.harness
        .get_by_role_and_label(Role::MultilineTextInput, field)
        .accesskit_node()
        .value()
        .unwrap_or_default()
}

fn has_row(app: &TestApp, row: &str) -> bool {
    app.harness
        .query_by_role_and_label(Role::ListBoxOption, row)
        .is_some()
}

#[test]
fn note_types_are_added_renamed_and_deleted() {
    let mut app = note_types();
    press(&mut app, "Add…");
    choose(&mut app, "Clone: Basic");
    fill(&mut app, Role::TextInput, "Name", "Mine");
    press(&mut app, "Add");
    app.step_until("it is there", |a| has_row(a, "Mine"));
    press(&mut app, "Rename…");
    fill(&mut app, Role::TextInput, "Name", "Cloze");
    app.key(Key::Enter);
    app.step_until("the name is made distinct", |a| has_row(a, "Cloze+"));
    press(&mut app, "Delete…");
    assert!(sees(&app, "Delete the note type “Cloze+”?"));
    press(&mut app, "Delete note type");
    app.step_until("it is gone", |a| !has_row(a, "Cloze+"));
    choose(&mut app, "Basic");
    assert!(sees(&app, "3 notes"));
    app.key(Key::Escape);
    assert_eq!(*app.app().route(), Route::Decks);
}

/// Also when something is typed there, so that the Add page stays as it was.
#[test]
fn a_new_note_type_can_be_chosen_for_the_note_that_is_being_typed() {
    let mut app = note_types();
    let front = |a: &TestApp| {
        let node = a
            .harness
            .query_by_role_and_label(Role::MultilineTextInput, "Front");
        node.is_some_and(|node| node.is_focused())
    };
    send(&mut app, Action::Go(Route::Add));
    app.step_until("the first field", front);
    app.type_text("uno");
    send(&mut app, Action::Go(Route::NoteTypes));
    wait_for(&mut app, "Note Types");
    press(&mut app, "Add…");
    choose(&mut app, "Clone: Basic");
    fill(&mut app, Role::TextInput, "Name", "Mine");
    press(&mut app, "Add");
    app.step_until("it is there", |a| has_row(a, "Mine"));
    send(&mut app, Action::Go(Route::Add));
    app.step_until("the first field", front);
    assert_eq!(text_of(&app, "Front"), "uno");
    app.keys(Modifiers::COMMAND, Key::N);
    wait_for(&mut app, "Choose Note Type");
    app.type_text("mine");
    wait_for(&mut app, "Mine");
    app.key(Key::Enter);
    app.step_until("the note type", |a| {
        let kind = a
            .harness
            .query_by_role_and_label(Role::ComboBox, "Note type");
        kind.is_some_and(|node| node.accesskit_node().value().as_deref() == Some("Mine"))
    });
    assert_eq!(text_of(&app, "Front"), "uno");
}

#[test]
fn alt_and_a_number_chooses_the_cloze_of_the_preview() {
    let mut app = TestApp::with(Options::default(), |base, clock| {
        ana(base, clock, &[]);
        let profile = DataFolder::at(base.to_owned()).profile("Ana").unwrap();
        let mut col = Collection::open(&profile.collection(), clock.clone()).unwrap();
        let cloze = col.storage().notetype_by_name("Cloze").unwrap().unwrap();
        let note = NewNote {
            notetype_id: cloze.id,
            deck_id: DeckId::DEFAULT,
            fields: vec!["{{c1::Rome}} {{c3::476}}".into(), String::new()],
            tags: vec![],
        };
        col.add_notes(vec![note]).unwrap();
        col.close().unwrap();
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    wait_for(&mut app, "Cloze");
    choose(&mut app, "Cloze");
    press(&mut app, "Cards…");
    let shown = |a: &TestApp| {
        let combo = a.harness.query_by_role_and_label(Role::ComboBox, "Cloze");
        combo.and_then(|node| node.accesskit_node().value())
    };
    app.step_until("the first", |a| shown(a).as_deref() == Some("Cloze 1"));
    app.keys(Modifiers::ALT, Key::Num2);
    assert_eq!(shown(&app).as_deref(), Some("Cloze 1"), "there is none");
    app.keys(Modifiers::ALT, Key::Num3);
    app.step_until("the third", |a| shown(a).as_deref() == Some("Cloze 3"));
}

#[test]
fn fields_are_edited_and_saved_after_the_question() {
    let mut app = note_types();
    choose(&mut app, "Basic");
    press(&mut app, "Fields…");
    wait_for(&mut app, "Fields of Basic");
    press(&mut app, "Add…");
    fill(&mut app, Role::TextInput, "Name", "front");
    assert!(sees(&app, "Another field has this name."));
    fill(&mut app, Role::TextInput, "Name", "Ex{tra}");
    app.key(Key::Enter);
    assert!(has_row(&app, "Extra"), "signs of templates are left out");
    choose(&mut app, "Front");
    press(&mut app, "Rename…");
    fill(&mut app, Role::TextInput, "Name", "Word");
    app.key(Key::Enter);
    press(&mut app, "Move…");
    app.type_text("2");
    app.key(Key::Enter);
    app.key(Key::Escape);
    assert!(sees(&app, "Discard the changes?"));
    press(&mut app, "Keep editing");
    press(&mut app, "Save");
    assert!(sees(&app, "require a full upload"));
    let buttons = app.harness.get_all_by_role_and_label(Role::Button, "Save");
    buttons.last().unwrap().click();
    app.step_until("it is saved", |a| *a.app().route() == Route::NoteTypes);
    wait_for(&mut app, "Note type saved");
    press(&mut app, "Fields…");
    wait_for(&mut app, "Fields of Basic");
    let order: Vec<String> = app
        .harness
        .get_all_by_role(Role::ListBoxOption)
        .filter_map(|node| node.accesskit_node().label())
        .collect();
    assert_eq!(order, ["Back", "Word", "Extra"]);
    app.key(Key::Escape);
    press(&mut app, "Cards…");
    wait_for(&mut app, "Card types of Basic");
    assert_eq!(text_of(&app, "Front template"), "{{Word}}");
}

#[test]
fn every_box_of_a_field_is_about_its_own_property() {
    let boxes = |edit: &NotetypeEdit| {
        let config = &edit.fields[1].now.config;
        [
            ("Sort by this field in the browser", edit.sort_field() == 1),
            ("Reverse text direction (RTL)", config.rtl),
            ("Use HTML editor by default", config.plain_text),
            ("Collapse by default", config.collapsed),
            ("Keep its content for the next note (sticky)", config.sticky),
            (
                "Exclude from unqualified searches (slower)",
                config.exclude_from_search,
            ),
        ]
    };
    let field = |name: &str| Field {
        name: name.to_owned(),
        config: FieldConfig::default(),
    };
    let notetype = Notetype {
        id: 7.into(),
        fields: vec![field("Front"), field("Back")],
        ..Notetype::default()
    };
    for (n, (name, _)) in boxes(&notetype.clone().into()).into_iter().enumerate() {
        let (mut app, worker) = TestApp::scripted(Options::default());
        ana_is_open(&mut app, &worker);
        send(&mut app, Action::Go(Route::Fields { id: notetype.id }));
        worker.say(Event::Notetype(NotetypeEvent::Loaded(Box::new(
            NotetypeFacts {
                notetype: notetype.clone(),
                notes: 3,
                cards: vec![],
            },
        ))));
        app.settle();
        choose(&mut app, "Back");
        click(&mut app, Role::CheckBox, name);
        press(&mut app, "Save");
        if sees(&app, "require a full upload") {
            let buttons = app.harness.get_all_by_role_and_label(Role::Button, "Save");
            buttons.last().unwrap().click();
            app.settle();
        }
        let asked = worker.take_requests().into_iter();
        let saved = asked.filter_map(|request| match request {
            Request::Notetype(NotetypeRequest::Save(edit)) => Some(edit),
            _ => None,
        });
        let saved = saved.last().expect("a save");
        let wanted = boxes(&notetype.clone().into()).map(|(other, _)| (other, other == name));
        assert_eq!(boxes(&saved), wanted, "{n}");
    }
}

#[test]
fn the_backup_status_is_on_the_pages_of_a_note_type() {
    let mut app = note_types();
    back_up(&mut app);
    choose(&mut app, "Basic");
    for (button, page) in [
        ("Fields…", "Fields of Basic"),
        ("Cards…", "Card types of Basic"),
    ] {
        press(&mut app, button);
        wait_for(&mut app, page);
        let status = "Backed up just now ·  verified";
        app.harness.get_by_role_and_label(Role::Button, status);
        app.key(Key::Escape);
    }
}

#[test]
fn fields_are_dragged_to_other_places() {
    let mut app = note_types();
    choose(&mut app, "Basic");
    press(&mut app, "Fields…");
    wait_for(&mut app, "Fields of Basic");
    let place = |app: &TestApp, row: &str| {
        let row = app.harness.get_by_role_and_label(Role::ListBoxOption, row);
        row.rect()
    };
    let [from, to] = ["Back", "Front"].map(|row| place(&app, row).center());
    crate::steps::drag(&mut app, from, to);
    assert!(place(&app, "Back").min.y < place(&app, "Front").min.y);
    assert!(sees(&app, "Not saved yet"));
}

#[test]
fn a_field_that_is_deleted_takes_its_content_and_undo_brings_it_back() {
    let mut app = note_types();
    choose(&mut app, "Basic");
    press(&mut app, "Fields…");
    wait_for(&mut app, "Fields of Basic");
    choose(&mut app, "Back");
    press(&mut app, "Delete");
    assert!(sees(&app, "3 notes lose what they hold"));
    press(&mut app, "Delete field");
    assert!(!has_row(&app, "Back"));
    let only = app.harness.get_by_role_and_label(Role::Button, "Delete");
    assert!(only.accesskit_node().is_disabled(), "the last field stays");
    press(&mut app, "Save");
    assert!(sees(
        &app,
        "The content of 1 field is deleted from 3 notes."
    ));
    let buttons = app.harness.get_all_by_role_and_label(Role::Button, "Save");
    buttons.last().unwrap().click();
    app.step_until("it is saved", |a| *a.app().route() == Route::NoteTypes);
    app.keys(Modifiers::COMMAND, Key::Z);
    wait_for(&mut app, "Undone: Update Note Type");
    press(&mut app, "Fields…");
    app.step_until("it is back", |a| has_row(a, "Back"));
}

/// Some typeface that this machine has and the window has not by itself.
pub fn installed_font() -> Option<&'static str> {
    let installed = installed_typefaces();
    let known = [
        "Liberation Serif",
        "DejaVu Serif",
        "Noto Serif",
        "Times New Roman",
        "Times",
    ];
    known
        .into_iter()
        .find(|name| installed.contains(&name.to_lowercase()))
}

/// Whether something has brought it into the window.
pub fn has_font(ctx: &Context, name: &str) -> bool {
    let families = ctx.fonts(|f| f.definitions().families.clone());
    let is_it = |family: &FontFamily| match family {
        FontFamily::Name(key) => key.ends_with(&format!(":{}", name.to_lowercase())),
        _ => false,
    };
    families.keys().any(is_it)
}

#[test]
fn a_field_is_written_in_the_font_that_is_named_where_it_is_installed() {
    let Some(name) = installed_font() else {
        println!("skipped: none of the usual typefaces is installed");
        return;
    };
    let missing = "The font is not installed here; the window’s own is used.";
    let mut app = note_types();
    choose(&mut app, "Basic");
    press(&mut app, "Fields…");
    wait_for(&mut app, "Fields of Basic");
    fill(&mut app, Role::TextInput, "Editing font", "No Such Letters");
    wait_for(&mut app, missing);
    fill(&mut app, Role::TextInput, "Editing font", name);
    app.step_until("nothing is missing", |a| !sees(a, missing));
    press(&mut app, "Save");
    app.step_until("it is saved", |a| *a.app().route() == Route::NoteTypes);
    app.key(Key::Escape);
    app.key(Key::A);
    // Nobody else asks for it.
    app.step_until("the field brings it into the window", |a| {
        has_font(&a.harness.ctx, name)
    });
    let family = typeface::by_name(&app.harness.ctx, Some(name));
    assert_ne!(family, FontFamily::Proportional);
    assert_ne!(typeface::bold_of(&family), font::semibold());
    app.type_text("letters");
    app.keys(Modifiers::COMMAND, Key::B);
    app.type_text("bold");
}

fn templates() -> TestApp {
    let mut app = note_types();
    choose(&mut app, "Basic");
    press(&mut app, "Cards…");
    wait_for(&mut app, "Card types of Basic");
    wait_for(&mut app, "Example: Word 1");
    app
}

#[test]
fn a_template_at_fault_is_explained_and_cannot_be_saved() {
    let mut app = templates();
    fill(
        &mut app,
        Role::MultilineTextInput,
        "Front template",
        "{{Frnt}}",
    );
    wait_for(&mut app, "there is no field called “Frnt”");
    let save = app.harness.get_by_role_and_label(Role::Button, "Save");
    assert!(save.accesskit_node().is_disabled());
    fill(&mut app, Role::MultilineTextInput, "Front template", "text");
    wait_for(&mut app, "shows no field");
    // The problem is found from wherever the user is.
    app.keys(Modifiers::COMMAND, Key::Num3);
    assert!(text_of(&app, "Styling").contains(".card"));
    press(&mut app, "Show");
    assert_eq!(text_of(&app, "Front template"), "text");
    fill(
        &mut app,
        Role::MultilineTextInput,
        "Front template",
        "{{Front}}!",
    );
    app.keys(Modifiers::COMMAND, Key::Enter);
    app.step_until("it is saved", |a| *a.app().route() == Route::NoteTypes);
}

#[test]
fn a_pin_set_before_does_not_end_the_draft_or_call_it_saved() {
    let mut app = templates();
    let Route::CardTemplates { id, .. } = *app.app().route() else {
        panic!("the templates are on show");
    };
    fill(
        &mut app,
        Role::MultilineTextInput,
        "Front template",
        "{{Front}}!",
    );
    // As if it had been on its way when the page came up.
    let pin = NoteRequest::SetSticky {
        notetype: id,
        sticky: vec![true, false],
    };
    send(&mut app, Action::Ask(Request::Note(pin)));
    app.step_until("the pin is on disk", |a| {
        a.app().model().undo.undo == Some(Op::UpdateNotetype)
    });
    assert!(!sees(&app, "Note type saved"));
    assert!(sees(&app, "Not saved yet"));
    assert_eq!(text_of(&app, "Front template"), "{{Front}}!");
    app.keys(Modifiers::COMMAND, Key::Enter);
    wait_for(&mut app, "Note type saved");
    assert_eq!(*app.app().route(), Route::NoteTypes);
}

#[test]
fn the_preview_follows_what_is_typed_and_the_example() {
    let mut app = templates();
    fill(
        &mut app,
        Role::MultilineTextInput,
        "Front template",
        "<p>say {{Front}}</p>",
    );
    wait_for(&mut app, "say Word 1");
    press(&mut app, "Next example");
    wait_for(&mut app, "Example: Word 2");
    wait_for(&mut app, "say Word 2");
    app.harness
        .get_by_role_and_label(Role::RadioButton, "Preview: Back")
        .click();
    wait_for(&mut app, "Meaning 2");
    app.key(Key::Escape);
    wait_for(&mut app, "Discard the changes?");
    press(&mut app, "Discard changes");
    assert_eq!(*app.app().route(), Route::NoteTypes);
}

#[test]
fn a_part_of_a_template_is_chosen_by_a_key_and_written_at_once() {
    let mut app = templates();
    for (key, name) in [(Key::Num2, "Back template"), (Key::Num1, "Front template")] {
        app.keys(Modifiers::COMMAND, key);
        let before = text_of(&app, name);
        app.type_text("!");
        assert_eq!(text_of(&app, name), format!("{before}!"));
    }
}

#[test]
fn a_card_type_is_added_flipped_saved_and_undone() {
    let mut app = templates();
    entry(&mut app, 0, "Add Card Type…");
    app.key(Key::Enter);
    assert_eq!(text_of(&app, "Front template"), "{{Back}}");
    press(&mut app, "Save");
    assert!(sees(&app, "require a full upload"));
    let buttons = app.harness.get_all_by_role_and_label(Role::Button, "Save");
    buttons.last().unwrap().click();
    app.step_until("it is saved", |a| *a.app().route() == Route::NoteTypes);
    app.key(Key::Escape);
    let cards = |a: &TestApp| {
        let decks = a.app().model().decks.ready();
        decks.map_or(0, |d| {
            d.root.children.iter().map(|c| c.total_cards).sum::<u32>()
        })
    };
    app.step_until("three more cards", move |a| cards(a) == 6);
    app.keys(Modifiers::COMMAND, Key::Z);
    app.step_until("they are gone", move |a| cards(a) == 3);
}

#[test]
fn a_former_version_is_put_back() {
    let mut app = templates();
    fill(
        &mut app,
        Role::MultilineTextInput,
        "Front template",
        "{{Front}} new",
    );
    app.keys(Modifiers::COMMAND, Key::Enter);
    app.step_until("it is saved", |a| *a.app().route() == Route::NoteTypes);
    press(&mut app, "Cards…");
    wait_for(&mut app, "Card types of Basic");
    assert_eq!(text_of(&app, "Front template"), "{{Front}} new");
    entry(&mut app, 0, "Template History…");
    wait_for(&mut app, "Today, 15:30, before");
    press(&mut app, "Put back");
    assert_eq!(text_of(&app, "Front template"), "{{Front}}");
    app.keys(Modifiers::COMMAND, Key::Enter);
    app.step_until("it is saved", |a| *a.app().route() == Route::NoteTypes);
}

#[test]
fn marks_are_inserted_and_found() {
    let mut app = templates();
    press(&mut app, "Add field");
    click(&mut app, Role::MenuItem, "Back");
    assert_eq!(text_of(&app, "Front template"), "{{Front}}{{Back}}");
    fill(&mut app, Role::TextInput, "Find in the template", "back");
    app.key(Key::Enter);
    app.type_text("X");
    assert_eq!(text_of(&app, "Front template"), "{{Front}}{{X}}");
    wait_for(&mut app, "there is no field called “X”");
    // By its key, round the end.
    app.keys(Modifiers::COMMAND, Key::F);
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text("front");
    app.key(Key::Enter);
    app.type_text("Y");
    assert_eq!(text_of(&app, "Front template"), "{{Y}}{{X}}");
}

#[test]
fn every_mark_of_the_menu_is_inserted() {
    let mut app = templates();
    for (menu, entry, mark) in [
        ("Cloze", "Back", "{{cloze:Back}}"),
        ("Type in the Answer", "Back", "{{type:Back}}"),
        ("Hint", "Back", "{{hint:Back}}"),
        ("Text Only", "Back", "{{text:Back}}"),
        ("Only If Filled", "Back", "{{#Back}}{{Back}}{{/Back}}"),
        ("Special Fields", "Tags", "{{Tags}}"),
        ("Special Fields", "Type", "{{Type}}"),
        ("Special Fields", "Deck", "{{Deck}}"),
        ("Special Fields", "Subdeck", "{{Subdeck}}"),
        ("Special Fields", "Card", "{{Card}}"),
        ("Special Fields", "CardFlag", "{{CardFlag}}"),
        ("Special Fields", "CardID", "{{CardID}}"),
    ] {
        let before = text_of(&app, "Front template");
        assert!(!before.contains(mark), "{mark}");
        press(&mut app, "Add field");
        // The fields stand in the menu itself too.
        let own = app.harness.query_by_role_and_label(Role::MenuItem, entry);
        let own = own.map(|node| node.rect());
        app.harness.get_by_label(menu).click();
        app.settle();
        let entries: Vec<_> = app
            .harness
            .get_all_by_role_and_label(Role::MenuItem, entry)
            .filter(|node| Some(node.rect()) != own)
            .collect();
        entries[0].click();
        app.settle();
        let after = text_of(&app, "Front template");
        assert!(after.contains(mark), "{menu}, {entry}: {after}");
    }
}

#[test]
fn a_card_type_is_renamed_and_turned_over() {
    let mut app = templates();
    entry(&mut app, 0, "Rename Card Type…");
    fill(&mut app, Role::TextInput, "Name", "Forwards");
    app.key(Key::Enter);
    let combo = app
        .harness
        .get_by_role_and_label(Role::ComboBox, "Card type");
    assert_eq!(combo.value().as_deref(), Some("1: Forwards"));
    entry(&mut app, 0, "Flip Front and Back");
    assert_eq!(text_of(&app, "Front template"), "{{Back}}");
}

#[test]
fn a_card_type_has_a_deck_and_a_look_of_its_own() {
    let mut app = templates();
    entry(&mut app, 0, "Deck Override…");
    crate::steps::choose(&mut app, "Deck", "Spanish");
    press(&mut app, "Done");
    entry(&mut app, 0, "Browser Appearance…");
    let field = "Front in the browser";
    fill(&mut app, Role::MultilineTextInput, field, "{{Front}} short");
    press(&mut app, "Done");
    app.keys(Modifiers::COMMAND, Key::Enter);
    app.step_until("it is saved", |a| *a.app().route() == Route::NoteTypes);
    press(&mut app, "Cards…");
    wait_for(&mut app, "Card types of Basic");
    entry(&mut app, 0, "Deck Override…");
    let deck = app.harness.get_by_role_and_label(Role::ComboBox, "Deck");
    assert_eq!(deck.value().as_deref(), Some("Spanish"));
    app.key(Key::Escape);
    entry(&mut app, 0, "Browser Appearance…");
    assert_eq!(text_of(&app, field), "{{Front}} short");
}

#[test]
fn card_types_change_places_go_and_are_as_they_came_again() {
    let mut app = note_types();
    choose(&mut app, "Basic (and reversed card)");
    press(&mut app, "Cards…");
    wait_for(&mut app, "Card types of Basic");
    let shown = |a: &TestApp| {
        let combo = a.harness.get_by_role_and_label(Role::ComboBox, "Card type");
        combo.value().unwrap_or_default()
    };
    assert_eq!(shown(&app), "1: Card 1");
    entry(&mut app, 0, "Reposition Card Type…");
    app.type_text("2");
    app.key(Key::Enter);
    assert_eq!(shown(&app), "2: Card 1");
    entry(&mut app, 0, "Remove Card Type…");
    press(&mut app, "Remove card type");
    assert_eq!(shown(&app), "1: Card 2");
    assert_eq!(text_of(&app, "Front template"), "{{Back}}");
    entry(&mut app, 0, "Restore to Default…");
    press(&mut app, "Restore");
    assert_eq!(shown(&app), "1: Card 1");
    assert_eq!(text_of(&app, "Front template"), "{{Front}}");
    app.key(Key::F4);
    assert_eq!(shown(&app), "2: Card 2");
}

#[test]
fn a_former_version_of_a_note_type_comes_back_from_its_history() {
    let mut app = note_types();
    choose(&mut app, "Basic");
    press(&mut app, "History…");
    wait_for(&mut app, "There is no former version yet");
    app.key(Key::Escape);
    press(&mut app, "Rename…");
    fill(&mut app, Role::TextInput, "Name", "Words");
    app.key(Key::Enter);
    app.step_until("it is renamed", |a| has_row(a, "Words"));
    press(&mut app, "History…");
    wait_for(&mut app, "before Update Note Type");
    press(&mut app, "Restore");
    wait_for(&mut app, "before Restore Version");
    app.key(Key::Escape);
    app.step_until("the old name is back", |a| has_row(a, "Basic"));
    assert!(!has_row(&app, "Words"));
}

#[test]
fn options_of_a_note_type_stay_until_they_are_on_disk() {
    let mut app = note_types();
    press(&mut app, "Add…");
    choose(&mut app, "Clone: Basic");
    fill(&mut app, Role::TextInput, "Name", "Mine");
    press(&mut app, "Add");
    app.step_until("it is there", |a| has_row(a, "Mine"));
    let has_header = |app: &TestApp| {
        let field = (Role::MultilineTextInput, "Header");
        let field = app.harness.query_by_role_and_label(field.0, field.1);
        field.is_some()
    };
    let type_header = |app: &mut TestApp, text: &str| {
        press(app, "Options…");
        app.step_until("the dialog", has_header);
        fill(app, Role::MultilineTextInput, "Header", text);
    };
    type_header(&mut app, "one");
    press(&mut app, "Save");
    app.step_until("it is saved", |a| !has_header(a));
    type_header(&mut app, "two");
    // The note type goes meanwhile: it cannot be saved.
    send(&mut app, Action::Ask(Request::Undo));
    send(&mut app, Action::Ask(Request::Undo));
    app.step_until("it is gone", |a| !has_row(a, "Mine"));
    press(&mut app, "Save");
    wait_for(&mut app, "Could not");
    app.key(Key::Escape);
    app.step_until("the error is read", |a| !sees(a, "Could not"));
    assert_eq!(text_of(&app, "Header"), "two");
    press(&mut app, "Cancel");
    assert!(!has_header(&app));
}
