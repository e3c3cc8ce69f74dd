//! Backups by mail, through a real SMTP server on loopback (Python's aiosmtpd) to a package that
//! the real Anki imports; and all the ways in which mail fails.

use crate::backup_profile::Profile;
use crate::cli_commands::Cli;
use crate::disk_watch::Watch;
use crate::oracle;
use crate::service_story::World;
use crate::smtp_server::Server;
use engram::backup::mail::{self, MailSettings, MailState, Sent};
use engram::backup::runs;
use engram::base::{Result, Secret};
use engram::net::smtp::Security;
use engram::service::event::Event;
use engram::service::mail::{MailEvent, MailRequest, NewMail};
use engram::service::request::{ProfileRequest, Request};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::process::Command;

const MAIL_PASSWORD: &str = "ENGRAM_MAIL_PASSWORD";

/// A profile with a note, set up for `server`.
fn sender(server: &Server, security: &str, more: &[&str]) -> Cli {
    let cli = Cli::with_profile();
    let notes = cli.path("notes.txt");
    std::fs::write(&notes, "one\tback\ntwo\tback\n").unwrap();
    cli.ok(&["import", &notes]);
    std::fs::write(cli.path("password"), "open sesame\n").unwrap();
    set_up(&cli, server, security, more);
    cli
}

/// Has the profile send its mails to `server`.
pub fn set_up(cli: &Cli, server: &Server, security: &str, more: &[&str]) {
    let port = server.port.to_string();
    let mut set = vec!["mail", "set", "--host", "localhost", "--security", security];
    set.extend([
        "--port",
        &port,
        "--from",
        "Ann <ann@localhost>",
        "--to",
        "bob@localhost",
    ]);
    set.extend(more);
    cli.ok(&set);
}

fn run(cli: &Cli, args: &[&str], variables: &[(&str, &Path)]) -> (i32, Value) {
    let mut all = vec!["--json", "mail"];
    all.extend(args);
    let output = cli.run_with(&all, variables);
    let value = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), value)
}

fn send(cli: &Cli, variables: &[(&str, &Path)]) -> (i32, Value) {
    let password = cli.path("password");
    run(cli, &["send", "--password-file", &password], variables)
}

/// Decrypts what came and has the real Anki import it.
fn opened_by_anki(cli: &Cli, server: &Server) {
    let sealed = server.received(cli.room.path());
    let plain = cli.path("received.colpkg");
    let password = cli.path("password");
    let sealed = sealed.to_str().unwrap();
    cli.ok(&[
        "backup",
        "decrypt",
        sealed,
        &plain,
        "--password-file",
        &password,
    ]);
    let script = "import sys\nfrom anki.collection import Collection\n\
        folder, package = sys.argv[1:]\n\
        from anki._backend import RustBackend\n\
        RustBackend().import_collection_package(col_path=folder+'/c.anki2', \
        backup_path=package, media_folder=folder+'/c.media', media_db=folder+'/c.mdb')\n\
        print(Collection(folder+'/c.anki2').note_count())";
    let folder = cli.path("anki");
    std::fs::create_dir(&folder).unwrap();
    let output = Command::new(oracle::python().unwrap())
        .args(["-c", script, &folder, &plain])
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        "2",
        "{output:?}"
    );
}

#[test]
fn a_mailed_backup_is_decrypted_and_opened_by_the_real_anki() {
    let Some(server) = Server::start("plain") else {
        return;
    };
    let cli = sender(&server, "none", &[]);
    let watch = Watch::over(vec![cli.base()], "one\x1fback");
    let (status, sent) = send(&cli, &[]);
    assert_eq!((status, &sent["notes"]), (0, &2.into()), "{sent}");
    let (readable, sealed) = watch.seen();
    assert!(readable.is_empty() && sealed > 0, "{readable:?} {sealed}");
    let mail = std::fs::read_to_string(&server.mails()[0]).unwrap();
    assert!(mail.contains("age --decrypt"), "{mail:.2000}");
    let received = std::fs::read(server.received(cli.room.path())).unwrap();
    let digest: [u8; 32] = Sha256::digest(&received).into();
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(mail.contains(&digest), "{digest}: {mail:.2000}");
    opened_by_anki(&cli, &server);
    let shown = run(&cli, &["show"], &[]).1;
    assert!(
        shown["sent_at"].is_i64() && shown["due"] == false,
        "{shown}"
    );
    let health = cli.ok(&["health"]);
    let mailed = &health["places"][1];
    assert_eq!(mailed["path"], "bob@localhost");
    assert_eq!(mailed["at"], shown["sent_at"]);
    assert_eq!(health["three_two_one"]["elsewhere"], 1);
    let next = shown["sent_at"].as_i64().unwrap() + 86_400_000;
    assert_eq!(health["mail"]["next"], next);
    let (_, again) = run(&cli, &["send", "--due"], &[]);
    assert_eq!(again["sent"], false);
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn tls_of_both_kinds_needs_a_trusted_certificate_and_the_right_password() {
    for (mode, security) in [("tls,auth", "tls"), ("starttls,auth", "starttls")] {
        let Some(server) = Server::start(mode) else {
            return;
        };
        let cli = sender(&server, security, &["--user", "Ann"]);
        let authority = server.authority();
        let with = |password: &'static str| {
            [
                ("SSL_CERT_FILE", authority.as_path()),
                (MAIL_PASSWORD, Path::new(password)),
            ]
        };
        let (status, found) = run(&cli, &["test"], &with("wrong"));
        assert_eq!(
            (status, &found["error"]["kind"]),
            (4, &"wrong-password".into())
        );
        assert!(!found.to_string().contains("wrong\""), "{found}");
        let untrusted = [(MAIL_PASSWORD, Path::new("secret"))];
        let (status, found) = run(&cli, &["test"], &untrusted);
        assert_eq!(
            (status, &found["error"]["kind"]),
            (1, &"network".into()),
            "{found}"
        );
        assert!(
            found.to_string().contains("could not prove who it is"),
            "{found}"
        );
        assert!(server.mails().is_empty());
        let (status, found) = run(&cli, &["test"], &with("secret"));
        assert_eq!(status, 0, "{mode} {found}");
        assert_eq!(server.mails().len(), 1);
        let (status, _) = run(&cli, &["test"], &[("SSL_CERT_FILE", &authority)]);
        assert_eq!(status, 2, "without the password nothing is tried");
    }
}

#[test]
fn a_server_without_tls_gets_nothing() {
    let Some(server) = Server::start("plain") else {
        return;
    };
    let cli = sender(&server, "starttls", &[]);
    let (status, found) = send(&cli, &[]);
    assert_eq!(status, 2);
    assert!(found.to_string().contains("STARTTLS"), "{found}");
    cli.ok(&[
        "mail",
        "set",
        "--security",
        "tls",
        "--port",
        &server.port.to_string(),
    ]);
    let (status, found) = send(&cli, &[]);
    assert_eq!(status, 1);
    assert!(
        found.to_string().contains("the other kind of TLS"),
        "{found}"
    );
    let far = [
        "mail",
        "set",
        "--security",
        "none",
        "--host",
        "mail.example.org",
    ];
    cli.ok(&far);
    let (status, found) = send(&cli, &[]);
    assert_eq!(status, 2);
    assert!(
        found.to_string().contains("can be read on their way"),
        "{found}"
    );
    assert!(server.mails().is_empty());
}

#[test]
fn failures_are_told_kept_and_tried_again_later() {
    let Some(server) = Server::start("plain") else {
        return;
    };
    let cli = sender(&server, "none", &["--to", "nobody@localhost"]);
    let (status, found) = send(&cli, &[]);
    assert_eq!(status, 2);
    assert!(found.to_string().contains("no such mailbox"), "{found}");
    let (_, shown) = run(&cli, &["show"], &[]);
    assert_eq!(shown["failed"]["times"], 1, "{shown}");
    assert!(shown["sent_at"].is_null());
    let (_, early) = run(&cli, &["send", "--due"], &[]);
    assert_eq!(early["sent"], false, "it is not tried again at once");
    let before = cli.ok(&["mail", "show"]);
    for wrong in [["--to", "no address"], ["--from", "me at home"]] {
        let set = [&["mail", "set"][..], &wrong].concat();
        assert_eq!(cli.fails(&set), (2, "invalid-input".into()), "{wrong:?}");
        assert_eq!(cli.ok(&["mail", "show"]), before);
    }
    cli.ok(&["mail", "set", "--to", "bob@localhost"]);
    assert_eq!(send(&cli, &[]).0, 0);
    assert!(run(&cli, &["show"], &[]).1["failed"].is_null());
}

#[test]
fn a_cut_connection_and_a_server_that_is_gone_are_failures() {
    let Some(server) = Server::start("plain,cut") else {
        return;
    };
    let cli = sender(&server, "none", &[]);
    let (status, found) = send(&cli, &[]);
    assert_eq!(
        (status, &found["error"]["kind"]),
        (1, &"network".into()),
        "{found}"
    );
    drop(server);
    assert_eq!(send(&cli, &[]).1["error"]["kind"], "network");
    assert_eq!(run(&cli, &["show"], &[]).1["failed"]["times"], 2);
    let leftovers = std::fs::read_dir(cli.base().join("Ann")).unwrap();
    let mut names = leftovers.map(|e| e.unwrap().file_name().into_string().unwrap());
    assert!(!names.any(|name| name.starts_with(".engram-tmp-")));
}

#[test]
fn what_is_too_large_is_not_sent_but_said() {
    let Some(server) = Server::start("plain") else {
        return;
    };
    let cli = sender(&server, "none", &["--limit-mb", "1"]);
    // Text that does not shrink.
    let mut state = 1_u64;
    let mut word = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        format!("{:08x}", state >> 32)
    };
    let rows: String = (0..4000)
        .map(|n| format!("{n}\t{}\n", (0..80).map(|_| word()).collect::<String>()))
        .collect();
    let notes = cli.path("large.txt");
    std::fs::write(&notes, rows).unwrap();
    cli.ok(&["import", &notes]);
    let (status, found) = send(&cli, &[]);
    assert_eq!(status, 2);
    let said = found["error"]["message"].as_str().unwrap();
    assert!(said.contains("more than the limit of 1 MB"), "{said}");
    assert!(server.mails().is_empty());
}

#[test]
fn without_a_password_for_the_backup_nothing_is_written_or_sent() {
    let Some(server) = Server::start("plain") else {
        return;
    };
    let cli = sender(&server, "none", &[]);
    let (status, found) = run(&cli, &["send"], &[]);
    assert_eq!(status, 2);
    assert!(found.to_string().contains("password is needed"), "{found}");
    assert!(server.mails().is_empty());
}

fn sent() -> Result<Sent> {
    Ok(Sent {
        name: "backup".to_owned(),
        size: 1,
        notes: 1,
        cards: 1,
    })
}

#[test]
fn what_is_sent_while_the_backups_disk_is_away_is_not_sent_again() {
    let profile = Profile::with_notes(1);
    let disk = profile.dir().join("disk/Engram main backups of Ann");
    let chosen = profile.dir().join("backups-folder.txt");
    std::fs::write(chosen, disk.to_str().unwrap()).unwrap();
    mail::logged(profile.dir(), &profile.clock, sent).unwrap();
    let now = profile.clock.now();
    let known = || mail::state_of(profile.dir(), profile.clock.now()).unwrap();
    assert_eq!(known().sent_at, Some(now));
    assert!(!mail::is_due(&known(), 1, now));
    assert!(!disk.exists());
    // Also when it is back, until a later one is logged there.
    std::fs::create_dir_all(&disk).unwrap();
    assert_eq!(known().sent_at, Some(now));
    profile.clock.advance_millis(1000);
    mail::logged(profile.dir(), &profile.clock, sent).unwrap();
    assert_eq!(known().sent_at, Some(profile.clock.now()));
    // The clock was ten years ahead then, and is right again.
    profile.clock.advance_millis(-3650 * 24 * 3_600_000);
    mail::logged(profile.dir(), &profile.clock, sent).unwrap();
    assert_eq!(known().sent_at, Some(profile.clock.now()));
}

/// Nobody can write the log in `folder`.
#[cfg(unix)]
fn refuse_log(folder: &Path) {
    let log = folder.join(runs::LOG);
    std::fs::create_dir_all(folder).unwrap();
    let _ = std::fs::remove_file(&log);
    std::os::unix::fs::symlink(folder.join("not there/log"), log).unwrap();
}

#[cfg(unix)]
#[test]
fn what_is_sent_while_the_log_among_the_backups_cannot_be_written_is_not_sent_again() {
    let profile = Profile::with_notes(1);
    refuse_log(&profile.dir().join("backups"));
    mail::logged(profile.dir(), &profile.clock, sent).unwrap();
    let now = profile.clock.now();
    let known = mail::state_of(profile.dir(), now).unwrap();
    assert_eq!(known.sent_at, Some(now));
    assert!(!mail::is_due(&known, 1, now));
}

/// A job of the system's scheduler would mail the same backup with each run.
#[cfg(unix)]
#[test]
fn the_terminal_tells_what_no_log_tells() {
    let Some(server) = Server::start("plain") else {
        return;
    };
    let cli = sender(&server, "none", &[]);
    let (_, sent) = send(&cli, &[]);
    assert_eq!(
        (&sent["sent"], &sent["logged"]),
        (&true.into(), &true.into())
    );
    let folder = cli.base().join("Ann");
    refuse_log(&folder.join("backups"));
    refuse_log(&folder);
    let (status, sent) = send(&cli, &[]);
    assert_eq!((status, &sent["sent"]), (0, &true.into()), "{sent}");
    assert_eq!(sent["logged"], false);
    let password = cli.path("password");
    let output = cli.run_with(&["mail", "send", "--password-file", &password], &[]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("no log can be written"), "{told}");
}

/// Sends mail to `server` every so many days.
fn mailing(server: &Server, days: u32) -> Request {
    let settings = MailSettings {
        host: "localhost".into(),
        port: server.port,
        security: Security::None,
        from: "Ann <ann@localhost>".into(),
        to: vec!["bob@localhost".into()],
        days,
        ..MailSettings::default()
    };
    Request::Mail(MailRequest::SetUp(Box::new(NewMail {
        settings,
        server_password: None,
        backup_password: Some(Secret::new("open sesame")),
    })))
}

#[cfg(unix)]
#[test]
fn what_no_log_tells_is_told_and_known_until_the_program_ends() {
    let Some(server) = Server::start("plain") else {
        return;
    };
    let world = World::with_sample();
    refuse_log(&world.backups());
    refuse_log(&world.data().profile("Ana").unwrap().folder);
    world.send(mailing(&server, 1));
    world.wait("what cannot be written", |event| match event {
        Event::Notice(words) => words.contains("no log can be written").then_some(()),
        _ => None,
    });
    // The test mail, and the backup that was due.
    assert_eq!(server.mails().len(), 2);
    world.send(Request::Profile(ProfileRequest::Close));
    let name = "Ana".to_owned();
    world.send(Request::Profile(ProfileRequest::Open { name }));
    world.opened();
    world.send(Request::Mail(MailRequest::Get));
    let known = world.wait("how mail stands", |event| match event {
        Event::Mail(MailEvent::State(Some(mailing))) => Some(mailing.clone()),
        _ => None,
    });
    assert_eq!(known.state.sent_at, Some(world.clock.now()));
    assert!(!known.busy, "it is not sent again");
}

/// It waited for up to six hours, and the card told the old failure.
#[test]
fn after_mail_was_set_up_anew_it_is_sent_at_once() {
    let (Some(gone), Some(server)) = (Server::start("plain"), Server::start("plain")) else {
        return;
    };
    let world = World::with_sample();
    let stands = |what: &str, is: &dyn Fn(&MailState) -> bool| {
        world.wait(what, |event| match event {
            Event::Mail(MailEvent::State(Some(mailing))) => is(&mailing.state).then_some(()),
            _ => None,
        });
    };
    world.send(mailing(&gone, 1));
    stands("a mail is sent", &|state| state.sent_at.is_some());
    drop(gone);
    world.clock.advance_millis(24 * 3_600_000);
    stands("the next one fails", &|state| state.failed.is_some());
    let now = world.clock.now();
    world.send(mailing(&server, 1));
    stands("it is sent", &|state| {
        state.failed.is_none() && state.sent_at == Some(now)
    });
    // The test mail, and the backup that was due.
    assert_eq!(server.mails().len(), 2);
}

#[test]
fn that_mail_is_set_up_is_told_before_its_card_is_there() {
    let Some(server) = Server::start("plain") else {
        return;
    };
    let world = World::with_sample();
    world.send(mailing(&server, 1));
    // A card that is there before its dialog is gone cannot be pressed.
    let mut told = false;
    let shown_after = world.wait("the card", |event| match event {
        Event::Mail(MailEvent::SetUp) => {
            told = true;
            None
        }
        Event::Mail(MailEvent::State(Some(_))) => Some(told),
        _ => None,
    });
    assert!(shown_after);
}
