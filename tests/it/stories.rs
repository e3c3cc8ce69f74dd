//! The stories of the backups document (S1 to S11) from a terminal, each from its beginning to its
//! end. Through the window they are told in the tests of the window, under the same names.

use crate::backup_mail::set_up;
use crate::cli_commands::Cli;
use crate::clocked;
use crate::fake_clouds::{FIRST_GRANT, FakeCloud};
use crate::oracle;
use crate::smtp_server::{Server, certificates};
use crate::vault_folder::has;
use crate::whole::{self, assert_same_profile, assert_same_rows};
use engram::base::time::Clock;
use engram::collection::Collection;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PASSWORD: &str = "four words or five";

fn folder(cli: &Cli) -> PathBuf {
    cli.base().join("Ann")
}

/// A profile with something of everything, and a file with a password.
fn filled() -> Cli {
    let cli = Cli::with_profile();
    whole::fill(&folder(&cli), &Clock::System);
    std::fs::write(cli.path("password"), format!("{PASSWORD}\n")).unwrap();
    cli
}

/// Exports the collection with its media; `more` says how.
fn exported(cli: &Cli, name: &str, more: &[&str]) -> String {
    let out = cli.path(name);
    let done = cli.ok(&[&["export", &out, "--media"], more].concat());
    done["path"].as_str().unwrap().to_owned()
}

#[test]
fn s01_the_user_picks_encrypted_or_plain_and_both_come_back() {
    let cli = filled();
    let password = cli.path("password");
    let secret = ["--password-file", &password];
    let plain = exported(&cli, "plain.colpkg", &[]);
    let sealed = exported(
        &cli,
        "sealed.colpkg",
        &[&["--encrypt"], &secret[..]].concat(),
    );
    assert!(std::fs::read(&plain).unwrap().starts_with(b"PK"));
    let head = std::fs::read(&sealed).unwrap();
    assert!(head.starts_with(b"age-encryption.org/v1\n"));
    for (file, more) in [(&plain, &[][..]), (&sealed, &secret[..])] {
        let empty = Cli::with_profile();
        empty.ok(&[&["import", file], more].concat());
        assert_same_rows(&folder(&cli), &folder(&empty));
    }
}

#[test]
fn s02_one_encrypted_file_brings_everything_to_an_empty_profile() {
    let cli = filled();
    let password = cli.path("password");
    let secret = ["--password-file", &password];
    let sealed = exported(&cli, "all.colpkg", &[&["--encrypt"], &secret[..]].concat());
    let empty = Cli::with_profile();
    empty.ok(&[&["import", &sealed], &secret[..]].concat());
    assert_same_profile(&folder(&cli), &folder(&empty));
}

#[test]
fn s03_without_encryption_a_package_and_an_archive_with_a_text_a_note() {
    if !has("unzip") {
        return;
    }
    let cli = filled();
    let package = exported(&cli, "all.colpkg", &[]);
    let archive = exported(&cli, "notes.zip", &[]);
    let empty = Cli::with_profile();
    empty.ok(&["import", &package]);
    assert_same_rows(&folder(&cli), &folder(&empty));
    let texts = unzipped(&archive, &cli.room.path().join("texts"));
    let notes = cli.ok(&["info"])["notes"].as_u64().unwrap();
    assert_eq!(texts.len() as u64, notes);
    let decks: BTreeSet<&str> = (texts.iter())
        .map(|(path, _)| path.rsplit_once('/').unwrap().0)
        .collect();
    assert!(
        decks.contains("Spanish/Verbs") && decks.contains("Default"),
        "{decks:?}"
    );
    assert!(texts.iter().any(|(_, text)| text.contains("geändert 日本")));
}

/// Paths below `notes` and texts, as `unzip` gives them.
fn unzipped(archive: &str, to: &Path) -> Vec<(String, String)> {
    let done = Command::new("unzip")
        .args(["-q", archive, "-d"])
        .arg(to)
        .status();
    assert!(done.unwrap().success());
    let notes = to.join("notes");
    let mut texts = Vec::new();
    let mut folders = vec![notes.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let inside = path.strip_prefix(&notes).unwrap().to_str().unwrap();
            // A text that is not UTF-8 cannot be read like this.
            texts.push((inside.to_owned(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    texts
}

/// As a scheduler of the system starts it at `time`, `YYYY-MM-DD hh:mm:ss` in UTC.
pub fn at(time: &str, cli: &Cli, args: &[&str]) -> Option<Value> {
    let library = clocked::library()?;
    let time = format!("@{time}");
    let variables = [
        ("LD_PRELOAD", library.as_path()),
        ("FAKETIME", Path::new(&time)),
        ("FAKETIME_DONT_FAKE_MONOTONIC", Path::new("1")),
        ("TZ", Path::new("UTC")),
    ];
    let all = [&["--json"], args].concat();
    Some(said(&cli.run_with(&all, &variables)))
}

/// On a day of November 2026.
fn on(day: u32, cli: &Cli, args: &[&str]) -> Option<Value> {
    at(&format!("2026-11-{day:02} 10:00:00"), cli, args)
}

fn said(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn s04_a_backup_of_every_day_by_the_systems_scheduler() {
    let cli = filled();
    for day in 21..=23 {
        let notes = cli.path("notes.txt");
        std::fs::write(&notes, format!("of day {day}\tback\n")).unwrap();
        let backup = ["backup", "create", "--reason", "interval"];
        if on(day, &cli, &["import", &notes]).is_none() {
            oracle::skip("no libfaketime (package faketime)");
            return;
        }
        let made = on(day, &cli, &backup).unwrap();
        assert_eq!(
            (&made["verified"], &made["unchanged"]),
            (&true.into(), &false.into())
        );
        // Twice on a day without a change makes no second one.
        assert_eq!(on(day, &cli, &backup).unwrap()["unchanged"], true);
    }
    let listed = cli.ok(&["backup", "list"]);
    let days: BTreeSet<String> = (listed["backups"].as_array().unwrap().iter())
        .filter(|backup| backup["reason"] == "interval")
        .map(|backup| name_of(backup)["backup-".len()..][..10].to_owned())
        .collect();
    assert_eq!(days.len(), 3, "{listed}");
}

fn name_of(backup: &Value) -> String {
    let path = Path::new(backup["path"].as_str().unwrap());
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn s05_the_folder_of_backups_is_told_and_holds_them() {
    let cli = filled();
    let made = cli.ok(&["backup", "create"]);
    let listed = cli.ok(&["backup", "list"]);
    let folder = PathBuf::from(listed["folder"].as_str().unwrap());
    assert!(folder.is_absolute() && folder.join(name_of(&made)).is_file());
    assert!(folder.join("README.txt").is_file(), "how they are opened");
}

#[test]
fn s06_one_encrypted_mail_a_day_and_each_brings_everything_back() {
    let Some(server) = Server::start("plain") else {
        return;
    };
    let cli = filled();
    set_up(&cli, &server, "none", &[]);
    let password = cli.path("password");
    let send = ["mail", "send", "--due", "--password-file", &password];
    for day in 21..=23 {
        for _ in 0..3 {
            if on(day, &cli, &send).is_none() {
                oracle::skip("no libfaketime (package faketime)");
                return;
            }
        }
    }
    let mails = server.mails();
    assert_eq!(mails.len(), 3, "one a day");
    for mail in mails {
        let text = String::from_utf8_lossy(&std::fs::read(&mail).unwrap()).into_owned();
        assert!(!text.contains("hidden") && text.contains("age --decrypt"));
        let empty = Cli::with_profile();
        let sealed = server.attachment(&mail, empty.room.path());
        let sealed = sealed.to_str().unwrap();
        empty.ok(&["import", sealed, "--password-file", &password]);
        assert_same_rows(&folder(&cli), &folder(&empty));
    }
}

/// Leads all requests of a program to the fake services, as a proxy that ends TLS.
struct Proxy {
    child: std::process::Child,
    address: String,
    folder: tempfile::TempDir,
}

impl Proxy {
    const HOSTS: [&str; 7] = [
        "api.dropboxapi.com",
        "content.dropboxapi.com",
        "www.googleapis.com",
        "oauth2.googleapis.com",
        "graph.microsoft.com",
        "login.microsoftonline.com",
        "*.1drv.example",
    ];

    fn to(cloud: &FakeCloud) -> Option<Self> {
        let (Some(python), true) = (oracle::python(), has("openssl")) else {
            oracle::skip("no Python or no openssl for a proxy");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        certificates(folder.path(), &Self::HOSTS);
        let mut child = Command::new(python)
            .arg(oracle::root().join("tests/it/oracle/tls_proxy.py"))
            .arg(folder.path())
            .arg(cloud.port.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut port)
            .unwrap();
        let address = format!("http://127.0.0.1:{}", port.trim());
        Some(Self {
            child,
            address,
            folder,
        })
    }

    fn run(&self, cli: &Cli, args: &[&str]) -> Value {
        let authority = self.folder.path().join("ca.pem");
        let variables = [
            ("HTTPS_PROXY", Path::new(&self.address)),
            ("SSL_CERT_FILE", &authority),
        ];
        said(&cli.run_with(&[&["--json"], args].concat(), &variables))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn s07_every_night_to_dropbox() {
    every_night_to("dropbox");
}

#[test]
fn s07_every_night_to_google_drive() {
    every_night_to("gdrive");
}

#[test]
fn s07_every_night_to_onedrive() {
    every_night_to("onedrive");
}

/// Saved after the first day and after the second; another machine gets everything.
fn every_night_to(place: &str) {
    let cli = filled();
    let (password, account) = (cli.path("password"), cli.path("account"));
    let cloud = FakeCloud::start();
    let Some(proxy) = Proxy::to(&cloud) else {
        return;
    };
    std::fs::write(&account, FIRST_GRANT).unwrap();
    let to = format!("{place}://Engram/cards?client=app");
    let vault = |cli: &Cli, verb: &str| {
        let secrets = [
            "--password-file",
            &password,
            "--account-password-file",
            &account,
        ];
        proxy.run(cli, &[&["vault", verb, "--to", &to], &secrets[..]].concat())
    };
    vault(&cli, "init");
    assert_eq!(vault(&cli, "push")["verified"], true);
    let notes = cli.path("notes.txt");
    std::fs::write(&notes, "of the second day\tback\n").unwrap();
    cli.ok(&["import", &notes]);
    let second = vault(&cli, "push");
    assert!(cloud.requests("") > 10, "the service was asked");
    let other = Cli {
        room: tempfile::tempdir().unwrap(),
    };
    let restored = vault(&other, "restore");
    assert_eq!(
        (&second["verified"], &restored["notes"]),
        (&true.into(), &12.into())
    );
    assert_same_profile(&folder(&cli), &folder(&other));
}

#[test]
fn s08_three_edits_and_the_first_version_comes_back_with_the_others_kept() {
    let cli = Cli::with_profile();
    let notes = cli.path("notes.txt");
    for back in ["first", "second", "third", "fourth"] {
        std::fs::write(&notes, format!("word\t{back}\n")).unwrap();
        cli.ok(&["import", &notes]);
    }
    let id = cli.ok(&["search", "--notes", "word"])["ids"][0].to_string();
    let versions = || {
        let told = cli.ok(&["history", &id]);
        let rows = told["versions"].as_array().unwrap().clone();
        let row = |v: &Value| {
            (
                v["fields"][1].as_str().unwrap().to_owned(),
                v["version"].to_string(),
            )
        };
        rows.iter().map(row).collect::<Vec<_>>()
    };
    let before = versions();
    let backs: BTreeSet<&str> = before.iter().map(|(back, _)| back.as_str()).collect();
    assert_eq!(backs, BTreeSet::from(["first", "second", "third"]));
    let (_, first) = before.iter().find(|(back, _)| back == "first").unwrap();
    cli.ok(&["history", &id, "--restore", first]);
    let texts = cli.path("now.txt");
    cli.ok(&["export", &texts]);
    assert!(
        std::fs::read_to_string(&texts)
            .unwrap()
            .contains("word\tfirst")
    );
    let after = versions();
    for back in ["first", "second", "third", "fourth"] {
        assert!(after.iter().any(|(b, _)| b == back), "{back}: {after:?}");
    }
}

#[test]
fn s09_a_deleted_note_is_recovered_as_a_new_one_and_no_row_changes() {
    let cli = filled();
    let backup = cli.ok(&["backup", "create"])["path"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = folder(&cli).join("collection.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let gone = col.find_notes("\"front 3\"", None).unwrap();
    assert_eq!(gone.len(), 1);
    let guid = col.storage().get_note(gone[0]).unwrap().unwrap().guid;
    col.delete_notes(&gone).unwrap();
    col.close().unwrap();
    let before = whole::rows(&path);
    let shown = cli.ok(&["backup", "diff", &backup]);
    assert_eq!(shown["notes"]["deleted"], 1, "{shown}");
    let id = shown["items"][0]["id"].to_string();
    let done = cli.ok(&["backup", "recover", &backup, "--note", &id]);
    let new = done["ids"][0].to_string();
    assert_ne!(new, id);
    let after = whole::rows(&path);
    for table in [
        "notes",
        "cards",
        "revlog",
        "graves",
        "decks",
        "notetypes",
        "deck_config",
    ] {
        let is_left = |row: &String| after[table].contains(row);
        assert!(before[table].iter().all(is_left), "{table}: a row changed");
    }
    let added: Vec<&String> = after["notes"]
        .iter()
        .filter(|row| !before["notes"].contains(row))
        .collect();
    assert_eq!(added.len(), 1);
    assert!(
        added[0].contains(&new) && added[0].contains("recovered::") && !added[0].contains(&guid)
    );
}

#[test]
fn s10_a_whole_backup_is_imported_at_once_without_a_preview() {
    let cli = filled();
    let backup = cli.ok(&["backup", "create"])["path"]
        .as_str()
        .unwrap()
        .to_owned();
    let other = Cli::with_profile();
    let notes = other.path("notes.txt");
    std::fs::write(&notes, "of before\tback\n").unwrap();
    other.ok(&["import", &notes]);
    let done = other.ok(&["import", &backup]);
    assert!(Path::new(done["safety_backup"].as_str().unwrap()).is_file());
    assert_same_rows(&folder(&cli), &folder(&other));
    assert_eq!(other.ok(&["backup", "undo-restore"])["restored"], true);
    assert_eq!(other.ok(&["search", "--notes", "before"])["count"], 1);
}

#[cfg(target_os = "linux")]
#[test]
fn s11_a_file_is_decrypted_without_a_profile_a_home_or_a_network() {
    let cli = filled();
    let password = cli.path("password");
    let secret = ["--password-file", &password];
    let sealed = exported(&cli, "all.colpkg", &[&["--encrypt"], &secret[..]].concat());
    let offline = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--net", "--", program]);
        command.env_clear().current_dir(cli.room.path());
        command
    };
    if !offline("true")
        .status()
        .is_ok_and(|status| status.success())
    {
        oracle::skip("no network of its own can be made here");
        return;
    }
    std::fs::remove_dir_all(cli.base().join("Ann")).unwrap();
    let plain = cli.path("plain.colpkg");
    let decrypt = ["--json", "backup", "decrypt", &sealed, &plain];
    let output = offline(env!("CARGO_BIN_EXE_engram-cli"))
        .args([&decrypt[..], &secret].concat())
        .output();
    let done = said(&output.unwrap());
    assert_eq!(done["size"], std::fs::metadata(&plain).unwrap().len());
    let empty = Cli::with_profile();
    let info = empty.ok(&["import", &plain]);
    assert_eq!(info["notes"], 11);
}
