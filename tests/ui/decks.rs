//! The deck list and a deck's page.

use crate::harness::{Options, TestApp};
use crate::steps::{
    ana_is_open, click, drag, focus, press, send, wait_for, with_decks, with_decks_in,
};
use eframe::egui::accesskit::Role;
use eframe::egui::{Color32, Key, Modifiers, Rect, Shape, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::ids::DeckId;
use engram::domain::deck_tree::DeckTreeNode;
use engram::domain::study::StudiedToday;
use engram::explain::UserMessage;
use engram::service::event::{DeckEvent, DeckOverview, Event};
use engram::service::request::{DeckRequest, Request};
use engram::ui::action::Action;
use engram::ui::route::Route;
use engram::ui::theme::Tokens;

fn has_row(app: &TestApp, name: &str) -> bool {
    let start = format!("{name},");
    app.harness.query_all_by_role(Role::ListBoxOption).any(|n| {
        n.accesskit_node()
            .label()
            .is_some_and(|l| l.starts_with(&start))
    })
}

#[track_caller]
fn wait_for_row(app: &mut TestApp, name: &str, there: bool) {
    app.step_until(name, |a| has_row(a, name) == there);
}

fn choose(app: &mut TestApp, deck: &str, entry: &str) {
    press(app, &format!("Options of {deck}"));
    click(app, Role::MenuItem, entry);
}

#[test]
fn decks_are_created_renamed_deleted_and_brought_back() {
    let mut app = with_decks(&[("History", 2)]);
    press(&mut app, "Create Deck");
    app.type_text("Music");
    app.key(Key::Enter);
    wait_for_row(&mut app, "Music", true);

    choose(&mut app, "Music", "Rename…");
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text("Songs");
    app.key(Key::Enter);
    wait_for_row(&mut app, "Songs", true);
    assert!(!has_row(&app, "Music"));

    choose(&mut app, "History", "Delete…");
    app.harness.get_by_label("Delete the deck “History”?");
    app.key(Key::Enter);
    app.settle();
    assert!(has_row(&app, "History"), "Enter is Cancel here");
    choose(&mut app, "History", "Delete…");
    app.harness
        .get_by_role_and_label(Role::Button, "Delete deck")
        .click();
    wait_for_row(&mut app, "History", false);
    app.harness.get_by_label("Deck deleted with 2 cards");
    app.keys(Modifiers::COMMAND, Key::Z);
    wait_for_row(&mut app, "History", true);
    app.harness.get_by_label("History, 2 new, 0 learn, 0 due");
}

#[test]
fn the_menu_of_a_deck_is_opened_by_keys() {
    let mut app = with_decks(&[("History", 2), ("Music", 1)]);
    app.key(Key::Home);
    app.keys(Modifiers::SHIFT, Key::F10);
    let is_open = |app: &TestApp| {
        let entry = (Role::MenuItem, "Rename…");
        let found = app.harness.query_by_role_and_label(entry.0, entry.1);
        found.is_some()
    };
    assert!(is_open(&app));
    app.key(Key::Escape);
    assert!(!is_open(&app));
    app.key(Key::ArrowDown);
    app.key(Key::Menu);
    // The first entry has the keys.
    app.key(Key::Enter);
    app.harness.get_by_label("Rename deck");
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text("Songs");
    app.key(Key::Enter);
    wait_for_row(&mut app, "Songs", true);
    assert!(has_row(&app, "History"));
}

#[test]
fn a_deck_inside_another_is_folded_away_by_key_and_by_click() {
    let mut app = with_decks(&[("A::Inner", 1), ("B", 1)]);
    assert!(!has_row(&app, "Inner"), "new decks are folded, as in Anki");
    app.harness
        .get_by_role_and_label(Role::Button, "Expand A")
        .click();
    wait_for_row(&mut app, "Inner", true);
    app.harness
        .get_by_role_and_label(Role::Button, "Collapse A")
        .click();
    wait_for_row(&mut app, "Inner", false);
    app.key(Key::Home);
    app.key(Key::ArrowRight);
    wait_for_row(&mut app, "Inner", true);
    app.key(Key::ArrowLeft);
    wait_for_row(&mut app, "Inner", false);
}

#[test]
fn a_deck_is_dragged_into_another_and_out_again() {
    let mut app = with_decks(&[("Left", 1), ("Right", 1)]);
    let center = |app: &TestApp, label: &str| app.harness.get_by_label(label).rect().center();
    let from = center(&app, "Right, 1 new, 0 learn, 0 due");
    let to = center(&app, "Left, 1 new, 0 learn, 0 due");
    drag(&mut app, from, to);
    app.step_until("Right is inside Left", |a| {
        a.app().model().decks.ready().is_some_and(|d| {
            d.root
                .children
                .iter()
                .any(|c| c.name == "Left" && c.children.len() == 1)
        })
    });
    app.harness
        .get_by_role_and_label(Role::Button, "Expand Left")
        .click();
    wait_for_row(&mut app, "Right", true);
    let from = center(&app, "Right, 1 new, 0 learn, 0 due");
    let to = center(&app, "Deck");
    drag(&mut app, from, to);
    app.step_until("Right is at the top again", |a| {
        a.app()
            .model()
            .decks
            .ready()
            .is_some_and(|d| d.root.children.iter().any(|c| c.name == "Right"))
    });
}

#[test]
fn shift_and_a_click_choose_a_deck_and_stay_in_the_list() {
    let mut app = with_decks(&[("French", 1), ("Spanish", 2)]);
    let current = |app: &TestApp| {
        let list = app.app().model().decks.ready()?;
        list.root.find(list.current).map(|deck| deck.name.clone())
    };
    app.harness
        .get_by_label("Spanish, 2 new, 0 learn, 0 due")
        .click_modifiers(Modifiers::SHIFT);
    app.step_until("it is chosen", |a| current(a).as_deref() == Some("Spanish"));
    assert_eq!(*app.app().route(), Route::Decks);
    app.key(Key::S);
    on_page(&mut app, "Spanish");
}

#[track_caller]
fn on_page(app: &mut TestApp, name: &str) {
    app.step_until(name, |a| {
        let overview = a.app().model().overview.as_ref();
        *a.app().route() == Route::Overview && overview.is_some_and(|o| o.name == name)
    });
}

#[test]
fn the_chooser_is_used_by_arrows_numbers_and_ctrl_n() {
    let mut app = with_decks(&[("French", 1), ("German", 1), ("Spanish", 1)]);
    app.type_text("/");
    app.key(Key::ArrowDown);
    app.key(Key::Enter);
    on_page(&mut app, "German");
    app.type_text("/");
    app.keys(Modifiers::COMMAND, Key::Num3);
    on_page(&mut app, "Spanish");
    app.type_text("/");
    app.keys(Modifiers::COMMAND, Key::N);
    app.type_text("Music");
    app.key(Key::Enter);
    app.key(Key::D);
    app.step_until("the deck list", |a| *a.app().route() == Route::Decks);
    wait_for_row(&mut app, "Music", true);
}

/// The worker may be busy, and the page of the deck before is still there.
#[test]
fn keys_are_about_the_deck_that_was_chosen_before_its_page_is_there() {
    let (mut app, worker) = TestApp::scripted(Options::default());
    ana_is_open(&mut app, &worker);
    let deck = |id: i64, name: &str| DeckTreeNode {
        id: id.into(),
        name: name.into(),
        level: 1,
        ..DeckTreeNode::default()
    };
    worker.say(Event::Deck(DeckEvent::Tree {
        root: DeckTreeNode {
            children: vec![deck(1, "French"), deck(2, "Spanish")],
            ..DeckTreeNode::default()
        },
        current: DeckId(1),
        today: StudiedToday::default(),
    }));
    let french = || {
        Event::Deck(DeckEvent::Overview(DeckOverview {
            id: DeckId(1),
            name: "French".into(),
            ..DeckOverview::default()
        }))
    };
    worker.say(french());
    app.settle();
    send(&mut app, Action::Go(Route::Overview));
    let shows = |app: &TestApp| app.harness.query_all_by_label("French").next().is_some();
    assert!(shows(&app));
    app.type_text("/");
    app.type_text("span");
    app.key(Key::Enter);
    assert!(!shows(&app));
    let select = Request::Deck(DeckRequest::Select(DeckId(2)));
    assert!(worker.take_requests().contains(&select));
    app.key(Key::O);
    let options = Request::Deck(DeckRequest::LoadOptions(DeckId(2)));
    assert!(worker.take_requests().contains(&options));
    // It is gone: the worker is still at the one before.
    send(&mut app, Action::Back);
    let _so_far = worker.take_requests();
    worker.say(Event::Failed {
        request: Box::new(select),
        message: UserMessage::default(),
    });
    app.settle();
    let look = Request::Deck(DeckRequest::LoadOverview);
    assert!(worker.take_requests().contains(&look));
    worker.say(french());
    app.settle();
    assert!(shows(&app));
}

#[test]
fn the_chooser_finds_a_deck_by_parts_of_its_name() {
    let mut app = with_decks(&[("Languages::French", 1), ("Languages::Spanish", 2)]);
    app.type_text("/");
    app.type_text("lang sp");
    app.harness.get_by_label("Languages::Spanish");
    assert!(app.harness.query_by_label("Languages::French").is_none());
    app.key(Key::Enter);
    app.step_until("the overview", |a| {
        a.app()
            .model()
            .overview
            .as_ref()
            .is_some_and(|o| o.name == "Languages::Spanish")
    });
    assert_eq!(*app.app().route(), Route::Overview);
    app.harness.get_by_label("Spanish");
}

#[test]
fn enter_on_a_button_of_the_chooser_presses_it() {
    let mut app = with_decks(&[("French", 1), ("Spanish", 2)]);
    app.type_text("/");
    focus(&mut app, Role::Button, "Cancel");
    app.key(Key::Enter);
    assert!(app.harness.query_by_label("Study Deck").is_none());
    assert_eq!(*app.app().route(), Route::Decks, "no deck was chosen");
}

/// As in Anki: what was looked for in vain is what the new deck is called.
#[test]
fn a_deck_that_is_made_from_the_chooser_has_the_name_that_was_typed() {
    let mut app = with_decks(&[("French", 1)]);
    app.type_text("/");
    app.type_text("Greek");
    app.keys(Modifiers::COMMAND, Key::N);
    app.key(Key::Enter);
    app.step_until("the deck", |a| {
        let decks = a.app().model().decks.ready();
        decks.is_some_and(|list| list.root.children.iter().any(|deck| deck.name == "Greek"))
    });
}

#[test]
fn ctrl_and_a_digit_take_a_row_of_the_chooser() {
    let mut app = with_decks(&[("French", 1), ("German", 1), ("Spanish", 2), ("Swedish", 1)]);
    app.type_text("/");
    app.keys(Modifiers::COMMAND, Key::Num2);
    on_page(&mut app, "German");
    // Of the rows that were found, and not what lies beyond them.
    app.type_text("/");
    app.type_text("sw");
    app.keys(Modifiers::COMMAND, Key::Num2);
    app.harness.get_by_label("Study Deck");
    app.keys(Modifiers::COMMAND, Key::Num1);
    on_page(&mut app, "Swedish");
}

/// What is painted under a row, over the list itself.
fn under(app: &TestApp, label: &str) -> Option<Color32> {
    let row = app.harness.get_by_label(label).rect();
    let is_its = |r: Rect| {
        let apart = (r.center() - row.center()).length();
        apart < 2.0 && r.width() > 200.0 && (r.height() - row.height()).abs() < 4.0
    };
    let shapes = app.harness.output().shapes.iter();
    let mut fills = shapes.filter_map(|clipped| match &clipped.shape {
        Shape::Rect(shape) if is_its(shape.rect) => Some(shape.fill),
        _ => None,
    });
    fills.next_back()
}

/// The colours of a text within a row.
fn ink(app: &TestApp, label: &str, words: &str) -> Vec<Color32> {
    let row = app.harness.get_by_label(label).rect();
    let shapes = app.harness.output().shapes.iter();
    let colours = shapes.filter_map(|clipped| match &clipped.shape {
        Shape::Text(text) if row.contains(text.pos) && text.galley.job.text == words => {
            let own = text.galley.job.sections[0].format.color;
            Some(match own {
                Color32::PLACEHOLDER => text.fallback_color,
                own => own,
            })
        }
        _ => None,
    });
    colours.collect()
}

#[test]
fn the_current_deck_and_the_one_pointed_at_have_colours_of_their_own() {
    for theme in [Theme::Light, Theme::Dark] {
        let options = Options {
            theme,
            ..Options::default()
        };
        let two: &[(&str, usize)] = &[("French", 1), ("Spanish", 2)];
        let mut app = with_decks_in(options, two);
        let t = Tokens::get(theme == Theme::Dark);
        let french = "French, 1 new, 0 learn, 0 due";
        let spanish = "Spanish, 2 new, 0 learn, 0 due";
        let point = |app: &mut TestApp, row: &str| {
            let at = app.harness.get_by_label(row).rect().center();
            app.harness.hover_at(at);
            app.settle();
        };
        assert_eq!((under(&app, french), under(&app, spanish)), (None, None));
        point(&mut app, french);
        assert_eq!(under(&app, french), Some(t.hover), "{theme:?}");
        app.harness
            .get_by_label(spanish)
            .click_modifiers(Modifiers::SHIFT);
        app.step_until("it is chosen", |a| under(a, spanish) == Some(t.selected));
        // Also while it is pointed at: hovering hides nothing.
        point(&mut app, spanish);
        assert_eq!(under(&app, spanish), Some(t.selected), "{theme:?}");
        assert_eq!(under(&app, french), None, "{theme:?}");
        point(&mut app, french);
        let both = (under(&app, french), under(&app, spanish));
        assert_eq!(both, (Some(t.hover), Some(t.selected)), "{theme:?}");
        // New cards in their colour, and what is not there pale.
        assert_eq!(ink(&app, spanish, "2"), [t.new], "{theme:?}");
        assert_eq!(ink(&app, spanish, "0"), [t.text3, t.text3], "{theme:?}");
        assert_eq!(ink(&app, spanish, "Spanish"), [t.text], "{theme:?}");
    }
}

/// The page of the deck, which has one new card.
fn open_spanish(app: &mut TestApp) {
    app.harness
        .get_by_label("Spanish, 1 new, 0 learn, 0 due")
        .click();
    app.step_until("the overview", |a| a.app().model().overview.is_some());
}

#[test]
fn a_description_is_written_and_shown() {
    let mut app = with_decks(&[("Spanish", 1)]);
    open_spanish(&mut app);
    press(&mut app, "Description…");
    focus(&mut app, Role::MultilineTextInput, "Description");
    app.type_text("From <b>the reader</b>");
    app.harness
        .get_by_role_and_label(Role::Button, "Save")
        .click();
    app.step_until("the words", |a| {
        a.harness.query_by_label("From the reader").is_some()
    });
    // As Markdown, with a link.
    press(&mut app, "Description…");
    focus(&mut app, Role::MultilineTextInput, "Description");
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text("- *From* [the reader](https://example.org/)");
    app.harness.get_by_label("Treat as Markdown").click();
    app.settle();
    app.harness
        .get_by_role_and_label(Role::Button, "Save")
        .click();
    app.step_until("the words", |a| {
        a.harness.query_by_label("• From the reader").is_some()
    });
    app.harness
        .get_by_role_and_label(Role::Link, "https://example.org/")
        .click();
    app.step_until("the page", |a| {
        a.script.opened() == ["https://example.org/"]
    });
}

/// In a deck without cards there is nothing to study, and a description all the same.
#[test]
fn a_description_is_written_where_nothing_is_left_to_do() {
    let mut app = with_decks(&[("Spanish", 0)]);
    app.harness
        .get_by_label("Spanish, 0 new, 0 learn, 0 due")
        .click();
    wait_for(&mut app, "Congratulations!");
    for (there, words) in [
        ("", "From the reader"),
        ("From the reader", "From the library"),
    ] {
        press(&mut app, "Description…");
        let field = (Role::MultilineTextInput, "Description");
        let field = app.harness.get_by_role_and_label(field.0, field.1);
        assert_eq!(field.accesskit_node().value().unwrap_or_default(), there);
        field.focus();
        app.settle();
        app.keys(Modifiers::COMMAND, Key::A);
        app.type_text(words);
        press(&mut app, "Save");
        app.step_until("the words", |a| {
            let label = a.harness.query_by_role_and_label(Role::Label, words);
            label.is_some()
        });
    }
    assert_eq!(app.app().route(), &Route::Congrats);
}

/// No click is needed before typing, nor after one beside the field.
#[test]
fn the_first_control_of_a_dialog_has_the_keys() {
    let mut app = with_decks(&[("Spanish", 1)]);
    open_spanish(&mut app);
    press(&mut app, "Description…");
    let field = (Role::MultilineTextInput, "Description");
    let has_keys = |app: &TestApp| {
        let field = app.harness.get_by_role_and_label(field.0, field.1);
        field.is_focused()
    };
    app.step_until("the field has the keys", has_keys);
    app.type_text("From ");
    app.harness.get_by_label("Treat as Markdown").click();
    app.step_until("the field has them again", has_keys);
    app.type_text("the reader");
    press(&mut app, "Save");
    wait_for(&mut app, "From the reader");
}

#[test]
fn a_description_that_is_typed_is_not_lost() {
    let mut app = with_decks(&[("History", 1), ("Spanish", 1)]);
    open_spanish(&mut app);
    press(&mut app, "Description…");
    let field = (Role::MultilineTextInput, "Description");
    focus(&mut app, field.0, field.1);
    app.type_text("From the reader");
    let is_there = |app: &TestApp| {
        let field = app.harness.get_by_role_and_label(field.0, field.1);
        field.accesskit_node().value().as_deref() == Some("From the reader")
    };
    assert!(is_there(&app));
    // A click beside it.
    let beside = eframe::egui::pos2(30.0, 400.0);
    app.harness.hover_at(beside);
    app.harness.step();
    app.harness.drag_at(beside);
    app.harness.step();
    app.harness.event(eframe::egui::Event::PointerButton {
        pos: beside,
        button: eframe::egui::PointerButton::Primary,
        pressed: false,
        modifiers: Modifiers::NONE,
    });
    app.settle();
    assert!(is_there(&app));
    // The deck goes meanwhile: it cannot be saved.
    let id = app.app().model().overview.as_ref().unwrap().id;
    let delete = DeckRequest::Delete { ids: vec![id] };
    send(&mut app, Action::Ask(Request::Deck(delete)));
    app.step_until("it is gone", |a| {
        let overview = a.app().model().overview.as_ref();
        overview.is_some_and(|o| o.id != id)
    });
    press(&mut app, "Save");
    wait_for(&mut app, "Could not");
    press(&mut app, "Close");
    assert!(is_there(&app));
    press(&mut app, "Cancel");
    let field = app.harness.query_by_role_and_label(field.0, field.1);
    assert!(field.is_none());
}

#[test]
fn a_description_that_is_read_from_the_right_begins_at_the_right() {
    let mut app = with_decks(&[("Hebrew", 1)]);
    app.harness
        .get_by_label("Hebrew, 1 new, 0 learn, 0 due")
        .click();
    app.step_until("the overview", |a| a.app().model().overview.is_some());
    press(&mut app, "Description…");
    focus(&mut app, Role::MultilineTextInput, "Description");
    let words = "מילה ".repeat(40);
    app.type_text(&format!(
        "- [ראשונה](https://example.org/) {words}[אחרונה](https://example.com/)"
    ));
    app.harness.get_by_label("Treat as Markdown").click();
    app.settle();
    app.harness
        .get_by_role_and_label(Role::Button, "Save")
        .click();
    let whole = format!("• ראשונה {words}אחרונה");
    app.step_until("the words", |a| a.harness.query_by_label(&whole).is_some());
    let lines = app.harness.get_by_label(&whole).rect();
    let link = |app: &TestApp, url| app.harness.get_by_role_and_label(Role::Link, url).rect();
    let first = link(&app, "https://example.org/");
    assert!(
        (first.max.x - lines.max.x).abs() < 2.0,
        "{first} in {lines}"
    );
    assert!(
        (first.min.y - lines.min.y).abs() < 2.0,
        "{first} in {lines}"
    );
    // The last line is not full, and ends at its left.
    let last = link(&app, "https://example.com/");
    assert!(
        last.min.y > first.max.y && last.min.x > lines.min.x + 2.0,
        "{last} in {lines}"
    );
    assert!(last.max.x < lines.max.x, "{last} in {lines}");
    app.harness
        .get_by_role_and_label(Role::Link, "https://example.com/")
        .click();
    app.step_until("the page", |a| {
        a.script.opened() == ["https://example.com/"]
    });
}
