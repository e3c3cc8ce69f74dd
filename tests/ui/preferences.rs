//! Each preference about studying changes the picture of the screen, and another flip brings the
//! picture back. On a real collection, with the pixels that a person sees.

use crate::explorer::card_shows;
use crate::harness::{Options, TestApp, ana};
use crate::steps::{click, wait_for, wait_for_first_backup};
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, pos2};
use egui_kittest::kittest::Queryable as _;
use engram::base::ids::DeckConfigId;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::domain::op::Op;
use engram::service::profiles::DataFolder;
use engram::ui::review::model::Side;
use engram::ui::route::Route;
use std::path::Path;

/// How a preference is set.
#[derive(Debug, Clone, Copy)]
enum Control {
    Switch,
    /// From the first option to the second.
    Choice(&'static str, &'static str),
}

use Control::{Choice, Switch};

/// Page, name, control, and the side of the card that shows it; a card that was turned over stays
/// so, which is why questions come first.
const PREFERENCES: [(&str, &str, Control, Side); 6] = [
    (
        "Appearance",
        "Hide top bar during review",
        Choice("Never", "Always"),
        Side::Question,
    ),
    (
        "Appearance",
        "Hide bottom bar during review",
        Choice("Never", "Always"),
        Side::Question,
    ),
    (
        "Review",
        "Show how many cards remain",
        Switch,
        Side::Question,
    ),
    (
        "Review",
        "Show play buttons on cards",
        Switch,
        Side::Question,
    ),
    (
        "Review",
        "Show the next interval on answer buttons",
        Switch,
        Side::Answer,
    ),
    (
        "Appearance",
        "Minimalist mode: only the card and its buttons",
        Switch,
        Side::Answer,
    ),
];

/// A deck whose cards have a sound, which is not played by itself.
fn with_sounds(base: &Path, clock: &Clock) {
    ana(base, clock, &[("Spanish", 3)]);
    edit(base, clock, |col| {
        col.transact(Op::UpdatePreferences, |tx| {
            let mut preset = tx.get_deck_config(DeckConfigId::DEFAULT)?.unwrap();
            preset.inner.disable_autoplay = true;
            tx.update_deck_config(&preset)?;
            for id in tx.all_note_ids()? {
                let mut note = tx.get_note(id)?.unwrap();
                note.fields[0].push_str("[sound:word.mp3]");
                tx.update_note(&note)?;
            }
            Ok(())
        })
        .unwrap();
    });
}

fn edit(base: &Path, clock: &Clock, change: impl FnOnce(&mut Collection)) {
    let path = DataFolder::at(base.to_owned())
        .profile("Ana")
        .unwrap()
        .collection();
    let mut col = Collection::open(&path, clock.clone()).unwrap();
    change(&mut col);
    col.close().unwrap();
}

fn start(prepare: impl FnOnce(&Path, &Clock)) -> TestApp {
    let mut app = TestApp::with(Options::default(), prepare);
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    // Or its state would be another one in each picture.
    wait_for_first_backup(&mut app);
    app
}

fn set(app: &mut TestApp, page: &str, name: &str, control: Control, back: bool) {
    app.keys(Modifiers::COMMAND, Key::P);
    wait_for(app, "Changes are saved at once");
    click(app, Role::ListBoxOption, page);
    match control {
        Switch => app
            .harness
            .get_by_role_and_label(Role::Switch, name)
            .click(),
        Choice(before, after) => {
            click(app, Role::ComboBox, name);
            let option = if back { before } else { after };
            app.harness
                .get_by_role_and_label(Role::MenuItemCheckBox, option)
                .click();
        }
    }
    app.settle();
    app.key(Key::Escape);
    app.step_until("the deck list", |a| *a.app().route() == Route::Decks);
}

/// The card's side as it looks; then back at the decks.
fn picture(app: &mut TestApp, side: Side) -> Vec<u8> {
    app.type_text("/");
    app.type_text("Spanish");
    app.key(Key::Enter);
    app.step_until("the overview", |a| {
        *a.app().route() == Route::Overview && a.app().model().overview.is_some()
    });
    app.key(Key::Space);
    let shows = |a: &TestApp, side| a.app().model().study.shows(side);
    app.step_until("a card", |a| {
        *a.app().route() == Route::Review && (shows(a, Side::Question) || shows(a, Side::Answer))
    });
    if !shows(app, side) {
        app.key(Key::Space);
        app.step_until("the answer", |a| shows(a, side));
    }
    // Away from the edges, where hidden bars come out.
    app.harness.hover_at(pos2(500.0, 330.0));
    let words = match side {
        Side::Question => "Word 1",
        Side::Answer => "Meaning 1",
    };
    app.step_until("the card is drawn", |a| card_shows(a, words));
    app.harness.run_steps(8);
    let picture = app.harness.render().unwrap().into_raw();
    app.key(Key::D);
    app.step_until("the deck list", |a| *a.app().route() == Route::Decks);
    picture
}

#[test]
fn each_preference_changes_the_screen_and_back() {
    let mut app = start(with_sounds);
    app.step_until("settings are known", |a| {
        a.app().model().collection_settings.is_some()
    });
    for (page, name, control, side) in PREFERENCES {
        let before = picture(&mut app, side);
        set(&mut app, page, name, control, false);
        let changed = picture(&mut app, side);
        assert!(before != changed, "{name} changes nothing");
        set(&mut app, page, name, control, true);
        // A sound may still be playing the first time.
        let is_back = (0..3).any(|_| before == picture(&mut app, side));
        assert!(is_back, "{name} stays");
    }
}

#[test]
fn reduced_motion_stops_animations() {
    let mut app = start(with_sounds);
    let speed = |app: &TestApp| app.harness.ctx.global_style().animation_time;
    assert!(speed(&app) > 0.0);
    set(&mut app, "Appearance", "Reduce motion", Switch, false);
    app.step_until("it is still", |a| speed(a) == 0.0);
}

#[test]
fn a_presets_timer_is_on_the_screen() {
    let mut app = start(|base, clock| {
        ana(base, clock, &[("Spanish", 3)]);
        edit(base, clock, |col| {
            col.transact(Op::UpdatePreferences, |tx| {
                let mut preset = tx.get_deck_config(DeckConfigId::DEFAULT)?.unwrap();
                preset.inner.show_timer = true;
                tx.update_deck_config(&preset)
            })
            .unwrap();
        });
    });
    let without = {
        let mut other = start(|base, clock| ana(base, clock, &[("Spanish", 3)]));
        picture(&mut other, Side::Question)
    };
    assert!(without != picture(&mut app, Side::Question));
}
