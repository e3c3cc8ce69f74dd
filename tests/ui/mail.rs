//! Backups by mail: set up with a test mail, sent by the button and by themselves, with a real SMTP
//! server; what is wrong is said beside what was typed.

use crate::harness::{Options, TestApp};
use crate::smtp_server::Server;
use crate::steps::{click, focus, make_deck, press, send, wait_for, with_ana_in};
use crate::vaults::fill;
use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use engram::ui::action::Action;
use engram::ui::command::Command;

fn page() -> TestApp {
    page_in(Options::default())
}

fn page_in(options: Options) -> TestApp {
    let mut app = with_ana_in(options);
    make_deck(&mut app, "First");
    send(&mut app, Action::Command(Command::CopiesElsewhere));
    wait_for(&mut app, "No copy elsewhere yet");
    app
}

fn type_over(app: &mut TestApp, label: &str, words: &str) {
    focus(app, Role::TextInput, label);
    app.keys(Modifiers::COMMAND, Key::A);
    app.type_text(words);
    app.key(Key::Tab);
}

pub fn filled(app: &mut TestApp, host: &str, port: u16) {
    press(app, "By e-mail…");
    click(app, Role::RadioButton, "Encryption: None");
    type_over(app, "Port", &port.to_string());
    for (label, words) in [
        ("Mail server", host),
        ("From", "ana@localhost"),
        ("To", "bob@localhost"),
        ("Password of the backups", "four words or five"),
        ("The same again", "four words or five"),
    ] {
        fill(app, label, words);
    }
    press(app, "Test and Save");
}

#[test]
fn mail_is_set_up_by_a_test_and_sent_by_the_button_and_ended() {
    let Some(server) = Server::start("plain") else {
        return;
    };
    let mut app = page();
    filled(&mut app, "localhost", server.port);
    wait_for(&mut app, "E-mail to bob@localhost");
    let test = std::fs::read_to_string(&server.mails()[0]).unwrap();
    assert!(test.contains("backups by mail work"));
    press(&mut app, "Send now");
    wait_for(&mut app, "Sent just now, without media.");
    let mails = server.mails();
    let backup = std::fs::read_to_string(mails.last().unwrap()).unwrap();
    assert!(backup.contains(".colpkg.age"), "{backup:.1000}");
    let kept = std::fs::read_to_string(app.base.join("Ana/settings.json")).unwrap();
    assert!(kept.contains("bob@localhost") && !kept.contains("four words"));
    press(&mut app, "Change…");
    type_over(&mut app, "Days between mails", "3");
    press(&mut app, "Test and Save");
    wait_for(&mut app, "Is sent every 3 days.");
    for said in ["Is sent only when you say so.", "Is sent every 3 days."] {
        app.harness
            .get_by_role_and_label(Role::Switch, "Automatically")
            .click();
        wait_for(&mut app, said);
    }
    press(&mut app, "Remove e-mail");
    press(&mut app, "Remove");
    wait_for(&mut app, "No copy elsewhere yet");
}

#[test]
fn a_server_that_is_not_there_is_said_and_nothing_is_kept() {
    let mut app = page();
    // A port that no test gets and no program listens at.
    filled(&mut app, "localhost", 1);
    wait_for(&mut app, "The connection to the mail server failed");
    press(&mut app, "Cancel");
    wait_for(&mut app, "No copy elsewhere yet");
    let settings = app.base.join("Ana/settings.json");
    let kept = std::fs::read_to_string(settings).unwrap_or_default();
    assert!(!kept.contains("bob@localhost"));
}

#[test]
fn the_buttons_of_a_dialog_that_is_scrolled_stay_in_sight() {
    const HEIGHT: f32 = 520.0;
    let small = Options {
        size: eframe::egui::Vec2::new(760.0, HEIGHT),
        ..Options::default()
    };
    let mut app = page_in(small);
    press(&mut app, "By e-mail…");
    app.settle();
    let last = app
        .harness
        .get_by_role_and_label(Role::CheckBox, "Show the passwords");
    assert!(last.rect().max.y > HEIGHT - 60.0, "the dialog is scrolled");
    for button in ["Cancel", "Test and Save"] {
        let at = app
            .harness
            .get_by_role_and_label(Role::Button, button)
            .rect();
        assert!(at.max.y < HEIGHT - 10.0, "{button}: {at:?}");
    }
    press(&mut app, "Cancel");
    let gone = app
        .harness
        .query_by_role_and_label(Role::Button, "Test and Save");
    assert!(gone.is_none());
}
