//! The Browse page's sidebar with its selection tool, and where the note stands.

use crate::browse::{browsing, browsing_in, entry, run, search, searched};
use crate::harness::{Options, TestApp, ana};
use crate::steps::{click, drag, fill, press, sees, send, wait_for};
use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, Rect, TouchPhase,
    Vec2, ViewportCommand, vec2,
};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::collection::Collection;
use engram::domain::browse::{Column, Layout};
use engram::service::settings::PaneLayout;
use engram::ui::action::Action;
use engram::ui::browse::command::BrowseCommand;
use engram::ui::command::Command;
use engram::ui::route::Route;

const CTRL: Modifiers = Modifiers::COMMAND;

/// Which entries of the sidebar are chosen.
fn chosen_entries(app: &TestApp) -> Vec<String> {
    let entries = app.harness.query_all_by_role(Role::TreeItem);
    let chosen = entries.filter(|n| n.accesskit_node().toggled() == Some(Toggled::True));
    chosen.filter_map(|n| n.accesskit_node().label()).collect()
}

/// A menu entry of an entry of the sidebar.
fn from_menu_of(app: &mut TestApp, name: &str, words: &str) {
    app.harness
        .get_by_role_and_label(Role::TreeItem, name)
        .click_secondary();
    app.settle();
    click(app, Role::MenuItem, words);
}

#[test]
fn the_selection_tool_chooses_entries_that_are_searched_for_together() {
    let mut app = browsing();
    wait_for(&mut app, "Spanish");
    app.keys(Modifiers::ALT, Key::Num2);
    entry(&app, "French", Modifiers::NONE);
    app.settle();
    assert_eq!(chosen_entries(&app), ["French"]);
    assert_eq!(searched(&app), "", "a click does not search");
    entry(&app, "Spanish", CTRL);
    app.settle();
    assert_eq!(chosen_entries(&app), ["French", "Spanish"]);
    from_menu_of(&mut app, "Spanish", "Search Any Selected");
    assert_eq!(searched(&app), "deck:French OR deck:Spanish");
    wait_for(&mut app, "of 7 cards selected");
    from_menu_of(&mut app, "French", "Search All Selected");
    assert_eq!(searched(&app), "deck:French deck:Spanish");
    wait_for(&mut app, "No cards found");
    // A range, by pointer and by keys.
    entry(&app, "New", Modifiers::NONE);
    app.settle();
    entry(&app, "Review", Modifiers::SHIFT);
    app.settle();
    assert_eq!(chosen_entries(&app), ["New", "Learning", "Review"]);
    app.keys(Modifiers::SHIFT, Key::ArrowDown);
    assert_eq!(chosen_entries(&app).len(), 4);
    app.key(Key::ArrowDown);
    assert_eq!(chosen_entries(&app), ["Buried"]);
    // With the other tool a click searches again.
    app.keys(Modifiers::ALT, Key::Num1);
    entry(&app, "French", Modifiers::NONE);
    app.settle();
    assert_eq!(searched(&app), "deck:French");
}

#[test]
fn enter_in_the_sidebar_joins_as_a_click_does() {
    let mut app = browsing();
    wait_for(&mut app, "Spanish");
    entry(&app, "French", Modifiers::NONE);
    wait_for(&mut app, "of 2 cards selected");
    app.key(Key::ArrowDown);
    app.keys(Modifiers::SHIFT, Key::Enter);
    assert_eq!(searched(&app), "deck:French OR deck:Spanish");
    app.keys(CTRL, Key::Enter);
    assert_eq!(searched(&app), "(deck:French OR deck:Spanish) deck:Spanish");
    app.key(Key::Enter);
    assert_eq!(searched(&app), "deck:Spanish");
}

#[test]
fn the_menu_of_a_sidebar_entry_is_opened_and_used_by_keys() {
    let mut app = browsing();
    wait_for(&mut app, "Spanish");
    entry(&app, "French", Modifiers::NONE);
    wait_for(&mut app, "of 2 cards selected");
    app.keys(Modifiers::SHIFT, Key::F10);
    assert!(sees(&app, "Or This"));
    app.key(Key::Escape);
    assert!(!sees(&app, "Or This"), "it has closed");
    assert_eq!(*app.app().route(), Route::Browse, "the page has not");
    // The sidebar has the keys again; the menu begins with Search.
    app.key(Key::ArrowDown);
    app.key(Key::F2);
    wait_for(&mut app, "Rename deck");
    app.key(Key::Escape);
    entry(&app, "French", Modifiers::NONE);
    app.settle();
    app.key(Key::ArrowDown);
    app.key(Key::Menu);
    app.key(Key::Enter);
    assert_eq!(searched(&app), "deck:Spanish");
    // So do the rows of the table.
    wait_for(&mut app, "of 5 cards selected");
    assert!(!sees(&app, "Set Due Date"));
    run(&mut app, BrowseCommand::CardList);
    app.keys(Modifiers::SHIFT, Key::F10);
    assert!(sees(&app, "Set Due Date"));
}

#[test]
fn a_tag_of_the_sidebar_is_given_to_the_chosen_rows_and_taken_off_them() {
    let mut app = browsing();
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 5 cards selected");
    run(&mut app, BrowseCommand::SelectAll);
    run(&mut app, BrowseCommand::AddTags);
    wait_for(&mut app, "For 5 cards");
    app.type_text("verbs");
    app.key(Key::Enter);
    app.step_until("the tag is in the sidebar", |a| sees(a, "Expand Tags"));
    press(&mut app, "Expand Tags");
    app.step_until("the tag is seen", |a| {
        a.harness
            .query_by_role_and_label(Role::TreeItem, "verbs")
            .is_some()
    });
    search(&mut app, "deck:French");
    wait_for(&mut app, "of 2 cards selected");
    run(&mut app, BrowseCommand::SelectAll);
    from_menu_of(&mut app, "verbs", "Add to Selected Notes");
    entry(&app, "verbs", Modifiers::NONE);
    wait_for(&mut app, "of 7 cards selected");
    run(&mut app, BrowseCommand::SelectAll);
    from_menu_of(&mut app, "verbs", "Remove from Selected Notes");
    search(&mut app, "tag:verbs");
    wait_for(&mut app, "No cards found");
}

#[test]
fn several_decks_are_deleted_at_once_and_come_back_with_one_undo() {
    let mut app = browsing();
    wait_for(&mut app, "Spanish");
    press(&mut app, "Selection Tool");
    entry(&app, "French", Modifiers::NONE);
    app.settle();
    entry(&app, "Spanish", Modifiers::SHIFT);
    app.settle();
    app.key(Key::Delete);
    wait_for(&mut app, "Delete 2 decks?");
    press(&mut app, "Delete decks");
    app.step_until("they are gone", |a| {
        a.harness
            .query_by_role_and_label(Role::TreeItem, "French")
            .is_none()
    });
    send(&mut app, Action::Command(Command::Undo));
    wait_for(&mut app, "French");
    wait_for(&mut app, "Spanish");
}

/// Drags an entry of the sidebar onto another one.
fn drag_entry(app: &mut TestApp, entry: &str, onto: &str) {
    let [from, to] = [entry, onto].map(|name| {
        let entry = app.harness.get_by_role_and_label(Role::TreeItem, name);
        entry.rect().center()
    });
    drag(app, from, to);
}

#[test]
fn decks_and_tags_are_dragged_into_others_and_out_again() {
    let mut app = browsing();
    wait_for(&mut app, "Spanish");
    drag_entry(&mut app, "Spanish", "French");
    wait_for(&mut app, "Expand French");
    search(&mut app, "deck:French::Spanish");
    wait_for(&mut app, "of 5 cards selected");
    press(&mut app, "Expand French");
    drag_entry(&mut app, "Spanish", "Decks");
    app.step_until("French has none in it", |a| !sees(a, "Collapse French"));
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 5 cards selected");

    run(&mut app, BrowseCommand::SelectAll);
    run(&mut app, BrowseCommand::AddTags);
    wait_for(&mut app, "For 5 cards");
    app.type_text("lang verbs");
    app.key(Key::Enter);
    wait_for(&mut app, "Expand Tags");
    press(&mut app, "Expand Tags");
    app.step_until("the tags are seen", |a| {
        a.harness
            .query_by_role_and_label(Role::TreeItem, "verbs")
            .is_some()
    });
    drag_entry(&mut app, "verbs", "lang");
    wait_for(&mut app, "Expand lang");
    search(&mut app, "tag:lang::verbs");
    wait_for(&mut app, "of 5 cards selected");
    send(&mut app, Action::Command(Command::Undo));
    search(&mut app, "deck:Spanish -tag:verbs");
    wait_for(&mut app, "No cards found");
}

#[test]
fn a_filter_that_leaves_nothing_of_the_sidebar_says_so() {
    let mut app = browsing();
    wait_for(&mut app, "Current Deck");
    run(&mut app, BrowseCommand::SidebarFilter);
    app.type_text("Frenchy");
    wait_for(&mut app, "Nothing matches “Frenchy”.");
    app.key(Key::Backspace);
    app.step_until("its deck again", |a| !sees(a, "Nothing matches"));
}

/// In slow frames a key is let go before the click is looked at.
#[test]
fn a_key_that_was_held_counts_for_its_click_though_it_is_let_go() {
    let mut app = browsing();
    let click = |app: &mut TestApp, at: Pos2, modifiers: Modifiers| {
        app.harness.hover_at(at);
        app.settle();
        for pressed in [true, false] {
            app.harness.event(Event::PointerButton {
                pos: at,
                button: PointerButton::Primary,
                pressed,
                modifiers,
            });
        }
        app.settle();
    };
    let row = |app: &TestApp, name: &str| app.harness.get_by_label_contains(name).rect().center();
    let (third, fourth) = (row(&app, "Word 3, Card 1"), row(&app, "Word 4, Card 1"));
    click(&mut app, third, Modifiers::NONE);
    wait_for(&mut app, "1 of 7 cards selected");
    click(&mut app, fourth, CTRL);
    wait_for(&mut app, "2 of 7 cards selected");
    let french = app
        .harness
        .get_by_role_and_label(Role::TreeItem, "French")
        .rect()
        .center();
    click(&mut app, french, Modifiers::ALT);
    assert_eq!(searched(&app), "-deck:French");
}

/// Where a heading of the table is.
fn heading(app: &TestApp, name: &str) -> Rect {
    let heading = app.harness.get_by_role_and_label(Role::ColumnHeader, name);
    heading.rect()
}

#[test]
fn columns_are_dragged_to_other_places_and_made_wider() {
    let mut app = browsing();
    let wide = heading(&app, "Deck").width();
    let edge = heading(&app, "Deck").left_center();
    drag(&mut app, edge, edge - vec2(40.0, 0.0));
    assert!(heading(&app, "Deck").width() > wide + 30.0);
    assert!(heading(&app, "Due").min.x < heading(&app, "Deck").min.x);
    let [from, to] = ["Deck", "Due"].map(|name| heading(&app, name).center());
    drag(&mut app, from, to);
    assert!(heading(&app, "Deck").min.x < heading(&app, "Due").min.x);
    app.step_until("the width is kept", |a| {
        let kept = &a.app().model().settings.browser.column_widths;
        kept.contains_key("deck")
    });
    let (dir, clock) = app.into_dir();
    let mut app = TestApp::on(dir, clock, Options::default());
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app.key(Key::B);
    app.step_until("the table", |a| {
        let mut headings = a.harness.query_all_by_role(Role::ColumnHeader);
        headings.next().is_some() && heading(a, "Deck").min.x < heading(a, "Due").min.x
    });
}

fn wheel_sideways(app: &mut TestApp, at: Pos2, by: f32) {
    app.harness.hover_at(at);
    app.settle();
    app.harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(by, 0.0),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    app.settle();
}

#[test]
fn more_columns_than_there_is_room_for_are_read_by_moving_sideways() {
    let options = Options {
        size: vec2(1100.0, 760.0),
        ..Options::default()
    };
    let mut app = TestApp::with(options, |base, clock| {
        ana(base, clock, &[("French", 2)]);
        let path = base.join("Ana/collection.anki2");
        let mut col = Collection::open(&path, clock.clone()).expect("a collection");
        let mut layout = Layout::of(false);
        layout.columns = Column::ALL.iter().map(|(column, _)| *column).collect();
        col.set_browse_layout(&layout).expect("all columns");
        col.close().expect("closed");
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app.key(Key::B);
    // The count is there before the search has answered.
    wait_for(&mut app, "No cards found");
    let names = Column::ALL.map(|(column, _)| match column {
        Column::SortField => "Sort Field, ascending",
        column => column.label(false),
    });
    // Without rows, too.
    let end = app.harness.ctx.content_rect().max.x;
    let clear = app
        .harness
        .get_by_role_and_label(Role::Button, "Clear search");
    let start = heading(&app, names[0]).min.x;
    let over_nothing = clear.rect().center() + vec2(0.0, 60.0);
    wheel_sideways(&mut app, over_nothing, -20_000.0);
    app.step_until("the last column", |a| {
        heading(a, names[names.len() - 1]).max.x < end
    });
    wheel_sideways(&mut app, over_nothing, 20_000.0);
    app.step_until("the first column", |a| heading(a, names[0]).min.x >= start);
    press(&mut app, "Clear search");
    wait_for(&mut app, "of 2 cards selected");
    for name in names {
        let wide = heading(&app, name).width();
        assert!(wide >= 84.0, "{name}: {wide}");
    }
    let (first, last) = (names[0], names[names.len() - 1]);
    assert!(heading(&app, last).min.x > end);
    let table = app.harness.get_by_role_and_label(Role::ListBox, "Results");
    let middle = table.rect().center();
    wheel_sideways(&mut app, middle, -20_000.0);
    app.step_until("the last column", |a| heading(a, last).max.x < end);
    assert!(heading(&app, first).max.x < start);
    // The Tab key brings a column into view too.
    app.harness
        .get_by_role_and_label(Role::ColumnHeader, first)
        .focus();
    app.step_until("the first column", |a| heading(a, first).min.x >= start);
}

#[test]
fn sizes_are_as_at_first_again_when_they_are_reset() {
    let usual = vec2(1100.0, 760.0);
    let mut app = browsing_in(usual);
    let wide = heading(&app, "Deck").width();
    let edge = heading(&app, "Deck").left_center();
    drag(&mut app, edge, edge - vec2(40.0, 0.0));
    let widths = |a: &TestApp| a.app().model().settings.browser.column_widths.len();
    app.step_until("the width is kept", |a| widths(a) > 0);
    send(&mut app, Action::Command(Command::Preferences));
    wait_for(&mut app, "Changes are saved at once");
    click(&mut app, Role::ListBoxOption, "Appearance");
    app.harness
        .get_by_role_and_label(Role::Button, "Reset")
        .click();
    let is_told = |app: &mut TestApp, size: Vec2| {
        let usual = ViewportCommand::InnerSize(size);
        (0..6).any(|_| {
            app.harness.step();
            let windows = &app.harness.output().viewport_output;
            windows.values().any(|v| v.commands.contains(&usual))
        })
    };
    assert!(is_told(&mut app, usual), "the window is not told");
    app.step_until("no width is kept", |a| widths(a) == 0);
    send(&mut app, Action::Go(Route::Browse));
    let now = heading(&app, "Deck").width();
    assert!((now - wide).abs() < 1.0, "{now}, not {wide}");
    // Not larger where all in it is.
    send(&mut app, Action::Command(Command::ZoomIn));
    let ctx = app.harness.ctx.clone();
    assert!(ctx.zoom_factor() > 1.0);
    app.harness.state_mut().send(&ctx, Action::ResetSizes);
    assert!(is_told(&mut app, usual / ctx.zoom_factor()));
}

#[test]
fn rows_are_as_high_as_the_preferences_say() {
    let mut app = browsing_in(vec2(1100.0, 760.0));
    let high = |app: &TestApp| {
        let mut rows = app.harness.query_all_by_role(Role::ListBoxOption);
        rows.next().map(|row| row.rect().height())
    };
    let kept = |app: &TestApp| app.app().model().settings.browser.table.row_height();
    assert_eq!(high(&app), Some(28.0));
    // Letters make room for themselves.
    for (name, typed, wanted) in [
        ("Height of its rows", "40", 40.0),
        ("Size of its letters", "32", 48.0),
    ] {
        send(&mut app, Action::Command(Command::Preferences));
        wait_for(&mut app, "Changes are saved at once");
        click(&mut app, Role::ListBoxOption, "Appearance");
        fill(&mut app, name, typed);
        app.key(Key::Tab);
        app.step_until("it is kept", |a| kept(a) == wanted);
        send(&mut app, Action::Go(Route::Browse));
        app.step_until("the rows follow", |a| high(a) == Some(wanted));
    }
    // What else is kept of the page leaves that alone.
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 5 cards selected");
    let searched = |a: &TestApp| a.app().model().settings.browser.searches.clone();
    app.step_until("the search is kept", |a| {
        searched(a).first().map(String::as_str) == Some("deck:Spanish")
    });
    assert_eq!((high(&app), kept(&app)), (Some(48.0), 48.0));
}

/// Where the table's and the note's corners are.
fn corners(app: &TestApp) -> [(f64, f64); 2] {
    let at = |role, label| {
        let node = app.harness.get_by_role_and_label(role, label);
        let r = node.accesskit_node().bounding_box().unwrap();
        (r.x0, r.y0)
    };
    [at(Role::ListBox, "Results"), at(Role::Button, "More")]
}

#[test]
fn the_note_stands_beside_the_table_or_below_it_as_chosen() {
    let mut app = browsing();
    let is_below = |app: &TestApp| {
        let [table, note] = corners(app);
        note.1 > table.1
    };
    assert!(is_below(&app), "this window is higher than wide");
    run(&mut app, BrowseCommand::Panes(PaneLayout::Horizontal));
    app.step_until("that is kept", |a| {
        a.app().model().settings.browser.panes == PaneLayout::Horizontal
    });
    assert!(!is_below(&app));
    let (dir, clock) = app.into_dir();
    let mut app = TestApp::on(dir, clock, Options::default());
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app.key(Key::B);
    search(&mut app, "deck:Spanish");
    wait_for(&mut app, "of 5 cards selected");
    assert!(!is_below(&app));
    run(&mut app, BrowseCommand::Panes(PaneLayout::Vertical));
    assert!(is_below(&app));
    run(&mut app, BrowseCommand::Panes(PaneLayout::Automatic));
    assert!(!is_below(&app), "this one is wide");
}
