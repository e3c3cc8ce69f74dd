//! Windows and names that strain the layouts.

use crate::browse::search;
use crate::harness::{Options, TestApp, ana};
use crate::steps::{back_up, click, press, send, wait_for, with_decks_in};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Rect, Shape, Vec2, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::job::Progress;
use engram::collection::Collection;
use engram::domain::notetype_edit::NotetypeEdit;
use engram::service::profiles::DataFolder;
use engram::ui::action::Action;
use engram::ui::command::Command;

const LONG: &str =
    "Everything that is asked in the second part of the final examination of anatomy";

fn in_window(size: Vec2, deck: &str) -> TestApp {
    let options = Options {
        size,
        ..Options::default()
    };
    with_decks_in(options, &[(deck, 2)])
}

/// The window's words that end with these.
fn ending(app: &TestApp, words: &str) -> Vec<String> {
    let labels = app.harness.query_all_by_role(Role::Label);
    let labels = labels.filter_map(|n| {
        let node = n.accesskit_node();
        node.label().or(node.value())
    });
    labels.filter(|l| l.ends_with(words)).collect()
}

#[test]
fn a_card_wider_than_a_picture_may_be_is_drawn_coarser() {
    let mut app = in_window(Vec2::new(2600.0, 900.0), "French");
    app.harness
        .get_by_label("French, 2 new, 0 learn, 0 due")
        .click();
    wait_for(&mut app, "Study Now");
    app.key(Key::Enter);
    wait_for(&mut app, "Show Answer");
    app.key(Key::Space);
    wait_for(&mut app, "Good");
}

#[test]
fn long_paths_of_decks_lose_their_middle_and_keep_their_ends() {
    let deck = format!("Medicine::{LONG}::{LONG}::Nerves");
    let mut app = in_window(Vec2::new(900.0, 600.0), &deck);
    app.type_text("/");
    wait_for(&mut app, "Study Deck");
    app.type_text("nerves");
    app.key(Key::Enter);
    wait_for(&mut app, "Study Now");
    let path = ending(&app, "Nerves");
    let cut = path.iter().find(|p| p.starts_with("Medicine"));
    let cut = cut.unwrap_or_else(|| panic!("no path: {path:?}"));
    assert!(cut.contains('…'), "{cut}");
    app.key(Key::Enter);
    wait_for(&mut app, "Show Answer");
    let path = ending(&app, "Nerves");
    assert!(path.iter().any(|p| p.starts_with("Medicine")), "{path:?}");
}

/// At the deck list, with a note and its note type changed.
fn with_basic(size: Vec2, change: impl FnOnce(&mut NotetypeEdit)) -> TestApp {
    let options = Options {
        size,
        ..Options::default()
    };
    let mut app = TestApp::with(options, |base, clock| {
        ana(base, clock, &[("French", 1)]);
        let paths = DataFolder::at(base.to_owned()).profile("Ana").unwrap();
        let mut col = Collection::open(&paths.collection(), clock.clone()).unwrap();
        let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
        let mut edit = NotetypeEdit::from(basic);
        change(&mut edit);
        col.update_notetype(&edit, &Progress::new()).unwrap();
        col.close().unwrap();
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app
}

#[test]
fn long_names_of_fields_keep_their_ends_and_are_told_whole_by_a_tooltip() {
    let mut app = with_basic(Vec2::new(760.0, 520.0), |edit| {
        for (field, end) in edit.fields.iter_mut().zip(["question", "answer"]) {
            field.now.name = format!("{LONG}, {LONG}, {end}");
        }
    });
    app.key(Key::A);
    let head = format!("Collapse field {LONG}, {LONG}, answer");
    wait_for(&mut app, &head);
    point_at(&mut app, Role::Button, &head);
    assert!(told(&app, &head), "no tooltip");
}

/// Points from the left and from the top.
fn bounds(app: &TestApp, role: Role, label: &str) -> Rect {
    app.harness.get_by_role_and_label(role, label).rect()
}

/// Whether a tooltip, or a label, says exactly this.
fn told(app: &TestApp, words: &str) -> bool {
    app.harness.query_all_by_role(Role::Label).any(|n| {
        let node = n.accesskit_node();
        node.label().or(node.value()).as_deref() == Some(words)
    })
}

/// With the pointer on what has this name, for as long as a tooltip takes to come.
fn point_at(app: &mut TestApp, role: Role, label: &str) {
    app.harness.get_by_role_and_label(role, label).hover();
    for _ in 0..60 {
        app.harness.step();
    }
}

#[test]
fn the_backup_status_and_the_buttons_of_a_page_keep_apart() {
    for width in [760.0, 800.0, 840.0, 900.0, 1100.0] {
        let mut app = in_window(Vec2::new(width, 600.0), "French");
        back_up(&mut app);
        let first = |app: &TestApp, button: &str| {
            let status = app.harness.get_by_label_contains("Backed up").rect();
            let button = bounds(app, Role::Button, button);
            assert!(status.max.x < button.min.x, "{width}: {status} {button}");
        };
        first(&app, "Get Shared");
        app.harness
            .get_by_label("French, 2 new, 0 learn, 0 due")
            .click();
        wait_for(&mut app, "Study Now");
        first(&app, "Options…");
    }
}

/// The words that are painted, as they are where they were cut.
fn painted(app: &TestApp) -> Vec<String> {
    let shapes = app.harness.output().shapes.iter();
    let texts = shapes.filter_map(|clipped| match &clipped.shape {
        Shape::Text(text) => Some(text.galley.rows.iter().map(|row| row.text()).collect()),
        _ => None,
    });
    texts.collect()
}

#[test]
fn the_backup_status_is_short_before_it_is_cut() {
    for (width, words) in [
        (760.0, "just now"),
        (830.0, "Backed up just now"),
        (1100.0, "Backed up just now"),
    ] {
        let mut app = in_window(Vec2::new(width, 600.0), "French");
        back_up(&mut app);
        app.harness
            .get_by_label("French, 2 new, 0 learn, 0 due")
            .click();
        wait_for(&mut app, "Study Now");
        app.key(Key::Enter);
        wait_for(&mut app, "Show Answer");
        let on_show = |a: &TestApp| a.app().model().study.card.as_ref().map(|card| card.id);
        let first = on_show(&app);
        app.type_text("-");
        app.step_until("the next card", |a| {
            on_show(a).is_some() && on_show(a) != first
        });
        app.key(Key::S);
        wait_for(&mut app, "Unbury");
        let all = painted(&app);
        assert!(all.iter().any(|s| s == words), "{width}: {all:?}");
        app.harness.get_by_label_contains("Backed up just now");
    }
}

#[test]
fn names_in_a_table_are_cut_at_their_end_as_in_anki() {
    let mut app = with_basic(Vec2::new(1000.0, 700.0), |edit| {
        edit.templates[0].now.name = LONG.into();
    });
    app.key(Key::B);
    wait_for(&mut app, "cards selected");
    search(&mut app, "");
    app.step_until("the row", |a| painted(a).iter().any(|s| s == "New #1"));
    let all = painted(&app);
    let cut = all
        .iter()
        .find(|s| s.starts_with("Ever") && s.contains('…'));
    let cut = cut.unwrap_or_else(|| panic!("nothing cut: {all:?}"));
    assert!(cut.ends_with('…'), "{cut}");
}

#[test]
fn long_names_of_decks_keep_both_ends_and_are_told_whole_by_a_tooltip() {
    let deck = format!("Medicine::{LONG}, part one");
    let mut app = in_window(Vec2::new(900.0, 1200.0), &deck);
    press(&mut app, "Expand Medicine");
    wait_for(&mut app, "part one");
    let row = format!("{LONG}, part one, 2 new, 0 learn, 0 due");
    point_at(&mut app, Role::ListBoxOption, &row);
    assert!(told(&app, &deck), "no tooltip in the deck list");
    app.key(Key::B);
    wait_for(&mut app, "Expand Medicine");
    press(&mut app, "Expand Medicine");
    let entry = format!("{LONG}, part one");
    point_at(&mut app, Role::TreeItem, &entry);
    assert!(told(&app, &deck), "no tooltip in the sidebar");
}

/// The column of a page stands in the middle of what is left beside its list.
#[test]
fn columns_of_wide_windows_stand_in_the_middle() {
    let mut app = in_window(Vec2::new(2560.0, 1000.0), "French");
    let is_centred = |app: &TestApp, left: f32, control: Rect| {
        let middle = (left + 2560.0) / 2.0;
        assert!(
            control.max.x > middle && control.max.x < middle + 380.0,
            "{control}"
        );
        assert!(control.max.x < app.harness.ctx.content_rect().max.x - 600.0);
    };
    send(&mut app, Action::Command(Command::Preferences));
    wait_for(&mut app, "Appearance");
    click(&mut app, Role::ListBoxOption, "Appearance");
    is_centred(&app, 188.0, bounds(&app, Role::ComboBox, "Colours"));
    press(&mut app, "Close");
    app.harness
        .get_by_label("French, 2 new, 0 learn, 0 due")
        .click();
    wait_for(&mut app, "Study Now");
    press(&mut app, "Options…");
    wait_for(&mut app, "Daily Limits");
    // Two columns around the middle; this one is at the end of the left one.
    let control = bounds(&app, Role::TextInput, "Learning steps");
    let middle = (168.0 + 2560.0) / 2.0;
    assert!(
        control.max.x < middle && control.max.x > middle - 100.0,
        "{control}"
    );
}

#[test]
fn headings_of_a_narrow_table_are_whole_and_cut_cells_are_told_by_a_tooltip() {
    let mut app = TestApp::with(
        Options {
            size: Vec2::new(900.0, 600.0),
            ..Options::default()
        },
        |base, clock| ana(base, clock, &[(&format!("Medicine::{LONG}"), 2)]),
    );
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app.key(Key::B);
    wait_for(&mut app, "cards selected");
    search(&mut app, "");
    wait_for(&mut app, "of 2 cards selected");
    // A heading that is cut says its name in a tooltip.
    for heading in ["Sort Field, ascending", "Card Type", "Due", "Deck"] {
        point_at(&mut app, Role::ColumnHeader, heading);
        let name = heading.split(',').next().unwrap();
        assert!(!told(&app, name), "{heading} is cut");
    }
    let row = bounds(
        &app,
        Role::ListBoxOption,
        &format!("Word 1, Card 1, New #1, Medicine::{LONG}"),
    );
    app.harness.hover_at(pos2(row.max.x - 20.0, row.center().y));
    for _ in 0..60 {
        app.harness.step();
    }
    assert!(told(&app, &format!("Medicine::{LONG}")), "no tooltip");
}

/// The smallest window that the program allows.
const SMALLEST: Vec2 = Vec2::new(760.0, 520.0);

#[test]
fn in_the_smallest_window_a_long_name_of_a_profile_stays_beside_the_pages() {
    let options = Options {
        size: SMALLEST,
        ..Options::default()
    };
    let mut app = TestApp::with(options, |base, _| {
        DataFolder::at(base.to_owned())
            .create(LONG)
            .expect("a profile");
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    let sync = bounds(&app, Role::Button, "Sync");
    let name = bounds(&app, Role::Button, &format!("Profile {LONG}"));
    assert!(
        name.min.x >= sync.max.x && name.max.x <= SMALLEST.x,
        "{name} {sync}"
    );
}

#[test]
fn in_the_smallest_window_what_was_not_found_is_said_within_the_table() {
    let mut app = in_window(SMALLEST, "French");
    app.key(Key::B);
    wait_for(&mut app, "cards selected");
    let nonsense = "nothing has these words ".repeat(12);
    search(&mut app, &nonsense);
    wait_for(&mut app, "No cards found");
    let title = bounds(&app, Role::Heading, "No cards found");
    let clear = bounds(&app, Role::Button, "Clear search");
    let head = bounds(&app, Role::ColumnHeader, "Due");
    let below = app.harness.get_by_label_contains("cards selected").rect();
    assert!(title.min.y > head.max.y, "{title} {head}");
    assert!(clear.max.y < below.min.y, "{clear} {below}");
}

#[test]
fn in_the_smallest_window_an_unchanged_backup_says_so_within_its_list() {
    let mut app = in_window(SMALLEST, "French");
    back_up(&mut app);
    send(&mut app, Action::Command(Command::ExploreBackup));
    wait_for(&mut app, "Nothing here");
    let words = "Every note in this backup is in your collection as it was.";
    let words = bounds(&app, Role::Label, words);
    // In lines: the list is narrower than the sentence.
    assert!(words.height() > 30.0 && words.width() < 250.0, "{words}");
}

#[test]
fn the_foot_of_a_page_stands_below_its_column() {
    let mut app = in_window(Vec2::new(1100.0, 760.0), "French");
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    wait_for(&mut app, "No copy elsewhere yet");
    let title = bounds(&app, Role::Heading, "Copies Elsewhere");
    let add = bounds(&app, Role::Button, "Add a place…");
    assert!((title.min.x - add.min.x).abs() < 2.0, "{title} {add}");
    press(&mut app, "Close");
    send(&mut app, Action::Command(Command::Preferences));
    wait_for(&mut app, "Changes are saved at once");
    click(&mut app, Role::ListBoxOption, "Backups");
    let heading = bounds(&app, Role::Heading, "When");
    let said = bounds(&app, Role::Label, "Changes are saved at once");
    assert!((heading.min.x - said.min.x).abs() < 2.0, "{heading} {said}");
}

#[test]
fn wide_dialogs_keep_off_the_edges_of_the_smallest_window() {
    let mut app = in_window(SMALLEST, "French");
    send(&mut app, Action::Command(Command::CheckMedia));
    wait_for(&mut app, "Missing files");
    let close = bounds(&app, Role::Button, "Close");
    let title = bounds(&app, Role::Label, "Check Media");
    assert!(
        title.min.x >= 36.0 && close.max.x <= SMALLEST.x - 36.0,
        "{title} {close}"
    );
}

#[test]
fn in_the_smallest_window_words_of_preferences_end_before_their_control() {
    let mut app = in_window(SMALLEST, "French");
    send(&mut app, Action::Command(Command::Preferences));
    wait_for(&mut app, "Changes are saved at once");
    click(&mut app, Role::ListBoxOption, "Review");
    let name = "Open without asking, besides web and mail";
    let words = bounds(&app, Role::Label, name);
    let field = bounds(&app, Role::TextInput, name);
    assert!(words.max.x < field.min.x, "{words} {field}");
}
