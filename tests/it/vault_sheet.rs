//! The recovery sheet: what is printed on it gets everything back, run as it stands there.

use crate::oracle;
use crate::vault_folder::{PASSWORD, Saved, assert_same_media, has};
use crate::vault_remote::Server;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn sheet(saved: &Saved, more: &[&str]) -> (Value, String) {
    let out = saved.cli.path("sheet.html");
    let _ = std::fs::remove_file(&out);
    let written = saved.ok("recovery-sheet", &[&["--out", &out], more].concat());
    (written, std::fs::read_to_string(out).unwrap())
}

/// What is to be typed without Engram.
fn commands(page: &str) -> String {
    let (_, rest) = page.split_once("<pre>").unwrap();
    let (text, _) = rest.split_once("</pre>").unwrap();
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&quot;", "\"").replace("&amp;", "&")
}

/// Types them in an empty folder, and compares what comes back.
fn restored(saved: &Saved, commands: &str) {
    let room = tempfile::tempdir().unwrap();
    let typed = Command::new("sh")
        .args(["-e", "-c", commands])
        .current_dir(room.path())
        .env("HOME", room.path())
        .env("RCLONE_CONFIG", room.path().join("rclone.conf"))
        .env("RESTIC_PASSWORD", PASSWORD)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&typed.stderr);
    assert!(typed.status.success(), "{commands}\n{error}");
    let profile: PathBuf = room.path().join("restored/engram/Ann");
    assert_same_media(
        &profile.join("collection.media"),
        &saved.profile_dir().join("collection.media"),
    );
    let count = oracle::run(
        "import sys\nfrom anki.collection import Collection\nc = Collection(sys.argv[1])\nprint(c.note_count(), c.fix_integrity()[1])\nc.close()",
        [profile.join("collection.anki2")],
    );
    if let Some(count) = count {
        assert_eq!(count.trim(), "500 True");
    }
}

#[test]
fn a_folder_is_restored_by_what_is_printed() {
    if !has("restic") {
        return;
    }
    let mut saved = Saved::in_folder();
    let odd = saved.cli.path("it's \"odd\" & more");
    std::fs::rename(&saved.to, &odd).unwrap();
    saved.to = odd;
    saved.ok("push", &[]);
    let (written, page) = sheet(&saved, &[]);
    let id = written["repository"].as_str().unwrap();
    assert!(id.len() == 64 && page.contains(id));
    let config = crate::vault_folder::restic(&saved.to, &["cat", "config"]).stdout;
    assert!(String::from_utf8(config).unwrap().contains(id));
    // Folders that are empty do not come along everywhere.
    let _ = std::fs::remove_dir(Path::new(&saved.to).join("locks"));
    restored(&saved, &commands(&page));
}

#[test]
fn a_server_is_restored_by_what_is_printed() {
    if !has("restic") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = Server::webdav(folder.path()) else {
        return;
    };
    let mut saved = Saved::profile();
    saved.to = format!("webdav+http://ann@127.0.0.1:{}/engram", server.port);
    std::fs::write(saved.cli.path("account"), "dav secret").unwrap();
    let account = saved.cli.path("account");
    let account = ["--account-password-file", &account];
    saved.ok("init", &account);
    saved.ok("push", &account);
    let (_, page) = sheet(&saved, &[&account[..], &["--with-password"]].concat());
    assert!(page.contains(PASSWORD) && !page.contains("dav secret"));
    let typed = commands(&page).replace("PASSWORD-OF-THE-ACCOUNT", "dav secret");
    restored(&saved, &typed);
}

#[test]
fn a_bucket_is_restored_by_what_is_printed() {
    if !has("restic") {
        return;
    }
    let Some(server) = Server::s3() else {
        return;
    };
    let mut saved = Saved::profile();
    saved.to = format!(
        "s3://cards/of/ann?key=a&endpoint=http://127.0.0.1:{}",
        server.port
    );
    std::fs::write(saved.cli.path("account"), "b-secret-key").unwrap();
    let account = saved.cli.path("account");
    let account = ["--account-password-file", &account];
    saved.ok("init", &account);
    saved.ok("push", &account);
    let (_, page) = sheet(&saved, &account);
    assert!(!page.contains("b-secret-key"));
    let typed = commands(&page).replace("PASSWORD-OF-THE-ACCOUNT", "b-secret-key");
    restored(&saved, &typed);
}

#[test]
fn the_password_is_printed_only_when_asked_for() {
    let saved = Saved::in_folder();
    let (written, page) = sheet(&saved, &[]);
    assert_eq!(written["with_password"], false);
    assert!(!page.contains(PASSWORD));
    let (written, page) = sheet(&saved, &["--with-password"]);
    assert_eq!(written["with_password"], true);
    assert!(page.contains(PASSWORD));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let out = std::fs::metadata(saved.cli.path("sheet.html")).unwrap();
        assert_eq!(out.permissions().mode() & 0o777, 0o600);
    }
    // It takes the place of nothing.
    let (password, out) = (saved.cli.path("password"), saved.cli.path("sheet.html"));
    let args = [saved.args("recovery-sheet", &password), vec!["--out", &out]].concat();
    assert_eq!(saved.cli.fails(&args), (2, "invalid-input".into()));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), page);
    // A password that does not open it is on no sheet.
    std::fs::remove_file(saved.cli.path("sheet.html")).unwrap();
    let (wrong, out) = (saved.cli.path("wrong"), saved.cli.path("sheet.html"));
    let args = [saved.args("recovery-sheet", &wrong), vec!["--out", &out]].concat();
    assert_eq!(saved.cli.fails(&args), (4, "wrong-password".into()));
    assert!(!Path::new(&out).exists());
}
