//! Copies Elsewhere: places that are well, waiting and failing; none yet; a new one.

use super::home::opened;
use super::screens::ago;
use crate::harness::{NOW, TestApp};
use crate::steps::{click, press, send};
use crate::{MAIN, SMALL, Scene, scene};
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use engram::backup::vault::book::{Copy, Entry, Failure, Space};
use engram::backup::vault::policy::Schedule;
use engram::base::time::TimestampMillis;
use engram::service::event::Event;
use engram::service::mail::{MailEvent, MailSettings, MailState, Mailing};
use engram::service::request::Request;
use engram::service::vaults::{
    Hold, Keep, Place, Retention, Snapshot, Tidied, VaultEvent, VaultRequest, Why,
};
use engram::ui::action::Action;
use engram::ui::command::Command;
use engram::ui::testing::ScriptedService;

pub fn scenes() -> Vec<Scene> {
    vec![
        scene("18_copies_elsewhere", MAIN, places),
        scene("18b_copies_elsewhere_small", SMALL, places),
        scene("18c_copies_elsewhere_none", MAIN, none),
        scene("18d_copies_elsewhere_add", MAIN, add),
        scene("18e_restore_elsewhere_where", SMALL, restore_where),
        scene("18f_restore_elsewhere_which", MAIN, restore_which),
        scene("18g_restore_elsewhere_to", MAIN, restore_to),
        scene("18h_copies_elsewhere_mail", SMALL, mail),
        scene("18i_copies_elsewhere_mailing", SMALL, mailing),
        scene("18j_copies_elsewhere_google", SMALL, google),
        scene("18k_copies_elsewhere_waits_for_browser", SMALL, waits),
        scene("18l_copies_elsewhere_clouds", MAIN, clouds),
        scene("18m_copies_elsewhere_stays", SMALL, stays),
        scene("18n_copies_elsewhere_full", MAIN, full),
        scene("18o_copies_elsewhere_sheet", SMALL, sheet),
    ]
}

fn shown(app: &mut TestApp, service: &ScriptedService, places: Vec<Place>) {
    opened(app, service);
    send(app, Action::Command(Command::CopiesElsewhere));
    service.say(Event::Vault(VaultEvent::Places(places)));
    app.settle();
}

fn none(app: &mut TestApp, service: &ScriptedService) {
    shown(app, service, vec![]);
}

fn add(app: &mut TestApp, service: &ScriptedService) {
    none(app, service);
    click(app, Role::Button, "Add a place…");
    app.type_text("webdav+https://ana@cloud.example.org/flashcards");
}

fn mail(app: &mut TestApp, service: &ScriptedService) {
    none(app, service);
    click(app, Role::Button, "By e-mail…");
    app.type_text("smtp.example.org");
}

fn mailing(app: &mut TestApp, service: &ScriptedService) {
    shown(app, service, vec![]);
    let settings = MailSettings {
        host: "smtp.example.org".to_owned(),
        to: vec!["ana@example.org".to_owned()],
        ..MailSettings::default()
    };
    let state = MailState {
        sent_at: Some(ago(9 * 60)),
        ..MailState::default()
    };
    let busy = false;
    let mailing = Mailing {
        settings,
        state,
        busy,
    };
    service.say(Event::Mail(MailEvent::State(Some(Box::new(mailing)))));
    app.settle();
}

fn kind(app: &mut TestApp, service: &ScriptedService, name: &str) {
    none(app, service);
    press(app, "Add a place…");
    click(app, Role::ComboBox, "Kind");
    click(app, Role::MenuItemCheckBox, name);
}

fn google(app: &mut TestApp, service: &ScriptedService) {
    kind(app, service, "Google Drive");
}

fn waits(app: &mut TestApp, service: &ScriptedService) {
    kind(app, service, "Dropbox");
    let fields = app
        .harness
        .get_all_by_role_and_label(Role::TextInput, "Client ID");
    for field in fields {
        field.focus();
    }
    app.settle();
    app.type_text("x7k2a9s0d8f7g6h");
    app.settle();
    click(app, Role::Button, "Sign in…");
    let page = "https://www.dropbox.com/oauth2/authorize".to_owned();
    let asked = service
        .take_requests()
        .into_iter()
        .find_map(|asked| match asked {
            Request::Vault(VaultRequest::SignIn(asked)) => Some(asked.number),
            _ => None,
        });
    let number = asked.expect("the sign-in was asked for");
    service.say(Event::Vault(VaultEvent::SignInAt { number, page }));
    app.settle();
}

fn clouds(app: &mut TestApp, service: &ScriptedService) {
    let ended = Some("The sign-in at Google Drive is not valid any more.");
    let google = "gdrive://Engram?client=123-abc.apps.googleusercontent.com";
    let places = vec![
        place(
            "dropbox://Engram/Ana?client=x7k2a9s0",
            Some(60),
            Some(1440),
            None,
        ),
        place(google, Some(3 * 1440), None, ended),
        place(
            "onedrive://Backups/Engram?client=0000-1111",
            Some(600),
            None,
            None,
        ),
    ];
    shown(app, service, places);
}

fn places(app: &mut TestApp, service: &ScriptedService) {
    let week = 7 * 1440;
    let places = vec![
        place(
            "/media/ana/blue-disk/flashcards",
            Some(2 * 60),
            Some(week),
            None,
        ),
        place(
            "webdav+https://ana@cloud.example.org/flashcards",
            Some(10 * 60),
            None,
            None,
        ),
        place(
            "s3://ana-flashcards/vault?key=AKIA&endpoint=https://s3.example.org",
            Some(3 * 1440),
            Some(week),
            Some("The server was not found"),
        ),
    ];
    shown(app, service, places);
}

fn place(address: &str, saved: Option<i64>, read: Option<i64>, failed: Option<&str>) -> Place {
    Place {
        address: address.to_owned(),
        entry: Entry {
            destination: address.parse().expect("an address"),
            schedule: Schedule::default(),
            retention: Retention {
                keep: Keep::All,
                quota: read.map(|_| 2_000_000_000),
            },
            space: saved.map(|minutes| Space {
                at: ago(minutes),
                bytes: 1_240_000_000,
                above: false,
            }),
            former: vec![],
            last: saved.map(|minutes| Copy {
                at: ago(minutes),
                collection_mod: ago(minutes),
                files: 2003,
                bytes: 234_000_000,
                sent: 3_900_000,
                other_disk: true,
            }),
            verified: read.map(ago),
            failure: failed.map(|what| Failure {
                at: ago(40),
                times: 2,
                what: what.to_owned(),
            }),
            damaged: false,
            tried: read.map(ago),
            try_failed: None,
        },
        busy: false,
        next: Some(TimestampMillis(NOW.0 + 11 * 3_600_000)),
        hold: None,
    }
}

fn snapshots() -> Vec<Snapshot> {
    let snapshot = |n: i64| Snapshot {
        id: format!("{n:064x}"),
        time: ago(120 + n * 1440),
        machine: "anas-laptop".to_owned(),
        label: if n == 3 { "Ben" } else { "Ana" }.to_owned(),
        files: 2003,
        bytes: 234_000_000 - n.unsigned_abs() * 41_000,
        added: 3_900_000,
        description: format!(
            "{} notes, {} cards, {} reviews",
            9800 - n,
            14_502 - n,
            98_000
        ),
        ..Snapshot::default()
    };
    (0..9).map(snapshot).collect()
}

/// What stays at a place, with what would go.
fn stays(app: &mut TestApp, service: &ScriptedService) {
    let one = place("/media/ana/blue-disk/flashcards", Some(120), Some(9), None);
    shown(app, service, vec![one]);
    press(app, "More");
    click(app, Role::MenuItem, "What stays…");
    press(app, "What would go");
    let mut all = snapshots();
    let gone = all.split_off(6);
    let tidied = Tidied {
        kept: all.into_iter().map(|s| (s, vec![])).collect(),
        dropped: gone.into_iter().map(|s| (s, Why::Quota)).collect(),
        used: 1_930_000_000,
        above: false,
    };
    let event = VaultEvent::WouldStay(Box::new(tidied));
    service.say(Event::Vault(event));
    app.settle();
}

fn sheet(app: &mut TestApp, service: &ScriptedService) {
    let one = place("/media/ana/blue-disk/flashcards", Some(120), Some(9), None);
    shown(app, service, vec![one]);
    press(app, "More");
    click(app, Role::MenuItem, "Recovery sheet…");
}

fn full(app: &mut TestApp, service: &ScriptedService) {
    let mut one = place("/media/ana/blue-disk/flashcards", Some(120), Some(9), None);
    one.entry.retention.quota = Some(1_000_000_000);
    if let Some(space) = &mut one.entry.space {
        space.above = true;
    }
    let address = "webdav+https://ana@cloud.example.org/flashcards";
    let mut waits = place(address, Some(8 * 1440), None, None);
    waits.hold = Some(Hold::Metered);
    shown(app, service, vec![one, waits]);
}

fn restore_where(app: &mut TestApp, service: &ScriptedService) {
    none(app, service);
    press(app, "Restore from another place…");
    app.type_text("webdav+https://ana@cloud.example.org/flashcards");
}

fn restore_which(app: &mut TestApp, service: &ScriptedService) {
    let one = place("/media/ana/blue-disk/flashcards", Some(120), None, None);
    shown(app, service, vec![one]);
    press(app, "Restore…");
    service.say(Event::Vault(VaultEvent::Looked(snapshots())));
    app.settle();
}

fn restore_to(app: &mut TestApp, service: &ScriptedService) {
    restore_which(app, service);
    press(app, "Next");
}
