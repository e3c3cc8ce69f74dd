//! Tab goes round a page: what it comes to has a role and a name, and comes up once a round.

use crate::harness::TestApp;
use crate::steps::{back_up, send, with_decks};
use eframe::egui::accesskit::{Action as Press, Role};
use eframe::egui::{Id, Key};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::ui::action::Action;
use engram::ui::route::Route;
use std::collections::BTreeSet;

/// More stops than any page has: the keyboard went astray.
const MANY: usize = 300;

type Stop = (Role, String);

fn with_cards() -> TestApp {
    with_decks(&[("Deck", 2), ("Other", 2)])
}

/// What has the keyboard.
fn stop(app: &TestApp) -> Option<(Id, Stop)> {
    let id = app.harness.ctx.memory(|m| m.focused())?;
    let mut nodes = app.harness.query_all_by(|_| true);
    let node = nodes.find(|n| n.is_focused())?.accesskit_node();
    Some((id, (node.role(), node.label().unwrap_or_default())))
}

/// One round of Tab, from whatever it comes to first; what is wrong with it is noted in `wrong`.
fn round(app: &mut TestApp, place: &str, wrong: &mut Vec<String>) -> Vec<Stop> {
    let mut ids: Vec<Id> = vec![];
    let mut stops = vec![];
    for _ in 0..MANY {
        app.key(Key::Tab);
        let Some((id, stop)) = stop(app) else {
            // Between the last and the first.
            continue;
        };
        if ids.first() == Some(&id) {
            return stops;
        }
        if ids.contains(&id) {
            wrong.push(format!("{place}: {stop:?} came up twice in a round"));
            return stops;
        }
        if stop.1.is_empty() || matches!(stop.0, Role::Unknown | Role::GenericContainer) {
            wrong.push(format!("{place}: {stop:?} after {:?}", stops.last()));
        }
        ids.push(id);
        stops.push(stop);
    }
    wrong.push(format!("{place}: no round within {MANY} stops"));
    stops
}

/// What can have the keyboard and is in sight.
fn focusable(app: &TestApp) -> BTreeSet<Stop> {
    let nodes = app.harness.query_all_by(|_| true);
    nodes
        .map(|node| node.accesskit_node())
        .filter(|node| node.data().supports_action(Press::Focus) && !node.is_disabled())
        .map(|node| (node.role(), node.label().unwrap_or_default()))
        .collect()
}

/// Its list takes the keyboard when nothing has it, but not while Tab is between the last control
/// and the first one.
#[test]
fn tab_comes_to_what_is_around_the_list_of_backups() {
    let mut app = with_cards();
    back_up(&mut app);
    let profile = "Ana".to_owned();
    send(&mut app, Action::Go(Route::Backups { profile }));
    app.step_until("the list is there", |a| {
        focusable(a).iter().any(|stop| stop.1 == "Restore…")
    });
    let mut wrong = vec![];
    let stops = round(&mut app, "Open Backup", &mut wrong);
    assert!(wrong.is_empty(), "{wrong:?}");
    let names = ["Find a backup", "Restore…", "Open a file…", "Close"];
    comes_in_order(stops, &names);
}

/// Going round from the first of `names`, Tab comes to them one after the other.
#[track_caller]
fn comes_in_order(mut stops: Vec<Stop>, names: &[&str]) {
    let at = |stops: &[Stop], name: &str| {
        let found = stops.iter().position(|stop| stop.1 == name);
        found.unwrap_or_else(|| panic!("{name}: {stops:?}"))
    };
    let first = at(&stops, names[0]);
    stops.rotate_left(first);
    let places = names.iter().map(|name| at(&stops, name));
    assert!(places.is_sorted(), "{stops:?}");
}

/// The bar below the page is gone through after it.
#[test]
fn tab_comes_to_the_bottom_bar_after_the_page() {
    let mut app = with_cards();
    let stops = round(&mut app, "Decks", &mut vec![]);
    comes_in_order(stops, &["File", "Options of Deck", "Create Deck"]);
}
