//! Stories of the backups document through the window: everything goes out, encrypted or plain, and
//! comes back to an empty profile with every row of every table as it was.

use crate::harness::{Options, TestApp};
use crate::packages::type_password;
use crate::steps::{click, press, send, wait_for};
use crate::whole::{self, assert_same_profile, assert_same_rows};
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use engram::service::profiles::DataFolder;
use engram::ui::action::Action;
use engram::ui::command::Command;
use std::path::{Path, PathBuf};
use std::process::Command as Program;

const PASSWORD: &str = "four words or five";

fn profile(filled: bool) -> TestApp {
    let mut app = TestApp::with(Options::default(), |base, clock| {
        let made = DataFolder::at(base.to_owned()).create("Ana").unwrap();
        if filled {
            whole::fill(&made.folder, clock);
        }
    });
    app.step_until("the decks are listed", |a| {
        a.app().model().decks.ready().is_some()
    });
    app
}

/// The profile's folder, once nobody uses it; for as long as the first part lives.
fn closed(app: TestApp) -> (tempfile::TempDir, PathBuf) {
    let (dir, _) = app.into_dir();
    let folder = dir.path().join("Ana");
    (dir, folder)
}

/// File > Export of the whole collection; with a password if `sealed`.
fn export(app: &mut TestApp, to: &Path, sealed: bool) {
    send(app, Action::Command(Command::Export));
    if sealed {
        click(app, Role::CheckBox, "Encrypt with a password");
        type_password(app, "Password", PASSWORD);
        type_password(app, "Password again", PASSWORD);
    }
    app.script.will_pick(to);
    press(app, "Export…");
    let name = to.file_name().unwrap().to_str().unwrap().to_owned();
    wait_for(app, &format!("exported to {name}"));
}

/// File > Import into an empty profile.
fn import(file: &Path) -> TestApp {
    let mut app = profile(false);
    app.script.will_pick(file);
    send(&mut app, Action::Command(Command::Import));
    if file.extension().is_some_and(|e| e == "age") {
        wait_for(&mut app, "The file is encrypted.");
        type_password(&mut app, "Password", PASSWORD);
        press(&mut app, "Open");
    }
    wait_for(&mut app, "Replace your collection with this file?");
    press(&mut app, "Yes, import");
    wait_for(&mut app, "11 notes");
    app
}

#[test]
fn s01_the_user_picks_encrypted_or_plain_and_both_come_back() {
    let out = tempfile::tempdir().unwrap();
    let (plain, sealed) = (out.path().join("a.colpkg"), out.path().join("b.colpkg.age"));
    let mut app = profile(true);
    export(&mut app, &plain, false);
    export(&mut app, &sealed, true);
    let (_dir, source) = closed(app);
    assert!(std::fs::read(&plain).unwrap().starts_with(b"PK"));
    let head = std::fs::read(&sealed).unwrap();
    assert!(head.starts_with(b"age-encryption.org/v1\n"));
    for file in [&plain, &sealed] {
        let (_dir, target) = closed(import(file));
        assert_same_rows(&source, &target);
    }
}

#[test]
fn s02_one_encrypted_file_brings_everything_to_an_empty_profile() {
    let out = tempfile::tempdir().unwrap();
    let sealed = out.path().join("all.colpkg.age");
    let mut app = profile(true);
    export(&mut app, &sealed, true);
    let (_dir, source) = closed(app);
    let (_dir, target) = closed(import(&sealed));
    assert_same_profile(&source, &target);
}

#[test]
fn s03_without_encryption_a_package_and_an_archive_with_a_text_a_note() {
    let out = tempfile::tempdir().unwrap();
    let (package, archive) = (out.path().join("all.colpkg"), out.path().join("notes.zip"));
    let mut app = profile(true);
    export(&mut app, &package, false);
    send(&mut app, Action::Command(Command::Export));
    click(&mut app, Role::ComboBox, "Export format");
    app.harness
        .get_by_label("A Text File for Each Note (.zip)")
        .click();
    app.settle();
    app.script.will_pick(&archive);
    press(&mut app, "Export…");
    wait_for(&mut app, "exported to notes.zip");
    let (_dir, source) = closed(app);
    let (_dir, target) = closed(import(&package));
    assert_same_rows(&source, &target);
    let Ok(listed) = Program::new("unzip").arg("-l").arg(&archive).output() else {
        crate::oracle::skip("unzip is not installed");
        return;
    };
    let listed = String::from_utf8(listed.stdout).unwrap();
    let texts = |folder: &str| listed.matches(&format!(" notes/{folder}")).count();
    assert_eq!((texts(""), texts("Spanish/Verbs/")), (11, 9), "{listed}");
}

/// Both in one go; an archive that is there keeps its name.
#[test]
fn s03_one_export_writes_the_package_and_the_archive() {
    let out = tempfile::tempdir().unwrap();
    let (package, archive) = (out.path().join("all.colpkg"), out.path().join("all.zip"));
    let mut app = profile(true);
    for name in ["all.zip", "all (2).zip"] {
        send(&mut app, Action::Command(Command::Export));
        click(&mut app, Role::CheckBox, "Also each note as a text file");
        app.script.will_pick(&package);
        press(&mut app, "Export…");
        wait_for(&mut app, &format!("exported to {name}"));
        assert!(package.exists() && archive.with_file_name(name).exists());
        std::fs::write(&archive, "something else").unwrap();
        std::fs::remove_file(&package).unwrap();
    }
    assert_eq!(std::fs::read(&archive).unwrap(), b"something else");
}

#[test]
fn s10_a_whole_backup_is_imported_at_once_without_a_preview() {
    let mut app = profile(true);
    send(&mut app, Action::Command(Command::CreateBackup));
    app.step_until("the backup is made", |a| {
        whole::backups(&a.base.join("Ana")).len() == 1
    });
    let (_dir, source) = closed(app);
    let backup = whole::backups(&source).remove(0);
    // The file, then Yes.
    let app = import(&backup);
    assert_eq!(app.script.asked().len(), 1);
    let (_dir, target) = closed(app);
    assert_same_rows(&source, &target);
    assert!(
        !whole::backups(&target).is_empty(),
        "what was there is kept"
    );
}

#[test]
fn s11_a_file_is_decrypted_from_a_menu_and_opens_without_us() {
    let out = tempfile::tempdir().unwrap();
    let (sealed, plain) = (
        out.path().join("all.colpkg.age"),
        out.path().join("mine.colpkg"),
    );
    let mut app = profile(true);
    export(&mut app, &sealed, true);
    let (_dir, source) = closed(app);
    // On another machine.
    let mut app = profile(false);
    press(&mut app, "Backups");
    app.script.will_pick(&sealed);
    app.harness.get_by_label("Decrypt File…").click();
    wait_for(&mut app, "The file is encrypted.");
    type_password(&mut app, "Password", "something else");
    press(&mut app, "Open");
    wait_for(&mut app, "This password does not open the file.");
    type_password(&mut app, "Password", PASSWORD);
    app.script.will_pick(&plain);
    press(&mut app, "Open");
    wait_for(&mut app, "Decrypted to mine.colpkg");
    assert_eq!(app.script.asked()[1].suggested, "all.colpkg");
    drop(app);
    let (_dir, target) = closed(import(&plain));
    assert_same_rows(&source, &target);
    if let Ok(done) = Program::new("unzip").arg("-t").arg(&plain).output() {
        let told = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(
            done.status.success() && told.contains("collection.anki21b"),
            "{told}"
        );
    }
}
