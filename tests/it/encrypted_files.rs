//! Encrypted exports: the standard `age` and `unzip` open ours, we open those of `age`; a wrong
//! password and a damaged file are told apart and change nothing; everything that works on a backup
//! works on an encrypted one; preferences and the history of notes come back on an empty machine.

use crate::cli_commands::Cli;
use crate::disk_watch::Watch;
use crate::oracle;
use std::path::{Path, PathBuf};
use std::process::Command;

const PASSWORD: &str = "correct horse battery";

/// Runs a command on a terminal of its own and types the password whenever it asks for one.
const TYPE_PASSWORD: &str = r#"
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
seen = b""
asked = 0
while True:
    try:
        data = os.read(fd, 4096)
    except OSError:
        break
    if not data:
        break
    seen += data
    if seen.lower().count(b"passphrase") > asked and data.rstrip().endswith(b":"):
        asked = seen.lower().count(b"passphrase")
        os.write(fd, sys.argv[1].encode() + b"\n")
status = os.waitpid(pid, 0)[1]
if status:
    sys.exit(seen.decode())
"#;

/// Whether the tools are there; says so if not.
pub fn has(tools: &[&str]) -> bool {
    let missing = tools
        .iter()
        .find(|tool| Command::new(tool).arg("--help").output().is_err());
    if let Some(tool) = missing {
        oracle::skip(&format!("{tool} is not installed"));
    }
    missing.is_none()
}

fn tool(name: &str, args: &[&str]) -> String {
    let output = Command::new(name).args(args).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {args:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned() + &error
}

fn age_with_password(args: &[&str]) {
    age_typing(PASSWORD, args);
}

/// Types this password whenever `age` asks.
pub fn age_typing(password: &str, args: &[&str]) {
    let mut all = vec!["-c", TYPE_PASSWORD, password, "age"];
    all.extend(args);
    tool("python3", &all);
}

/// A profile with two notes, one of which was changed by an import, and a picture.
fn filled() -> Cli {
    let cli = Cli::with_profile();
    let notes = cli.path("notes.txt");
    for text in ["one\tback <img src=\"p.png\">\ntwo\tb\n", "one\tchanged\n"] {
        std::fs::write(&notes, text).unwrap();
        cli.ok(&["import", &notes]);
    }
    let media = cli.base().join("Ann/collection.media");
    std::fs::write(media.join("p.png"), b"picture").unwrap();
    std::fs::write(cli.path("password"), format!("{PASSWORD}\r\n")).unwrap();
    std::fs::write(cli.path("wrong"), "incorrect").unwrap();
    cli
}

fn exported(cli: &Cli) -> String {
    let (out, password) = (cli.path("all.colpkg"), cli.path("password"));
    let done = cli.ok(&[
        "export",
        &out,
        "--media",
        "--encrypt",
        "--password-file",
        &password,
    ]);
    assert_eq!(
        (&done["notes"], &done["media_files"]),
        (&2.into(), &1.into())
    );
    assert_eq!(done["encrypted"], true);
    let sealed = format!("{out}.age");
    assert_eq!(done["path"], sealed);
    assert_eq!(done["size"], std::fs::metadata(&sealed).unwrap().len());
    assert!(!Path::new(&out).exists());
    sealed
}

fn names(folder: PathBuf) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn standard_tools_open_an_encrypted_export() {
    if !has(&["age", "unzip", "python3", "zstd"]) {
        return;
    }
    let cli = filled();
    let sealed = exported(&cli);
    let plain = cli.path("plain.colpkg");
    age_with_password(&["-d", "-o", &plain, &sealed]);
    let listed = tool("unzip", &["-t", &plain]);
    for name in [
        "collection.anki21b",
        "media",
        "0",
        "collection.history",
        "README.txt",
    ] {
        assert!(listed.contains(&format!("{name} ")), "{name}: {listed}");
    }
    tool("unzip", &["-d", &cli.path("out"), &plain]);
    let packed = cli.path("out/collection.anki21b");
    tool("zstd", &["-q", "-d", &packed, "-o", &cli.path("out/c")]);
    for file in ["out/c", "out/collection.history"] {
        let head = std::fs::read(cli.path(file)).unwrap();
        assert!(head.starts_with(b"SQLite format 3\0"), "{file}");
    }
    let script = r#"
import os, sys, tempfile
from anki._backend import RustBackend
from anki.collection import Collection
folder = tempfile.mkdtemp()
path, media = os.path.join(folder, "collection.anki2"), os.path.join(folder, "collection.media")
os.mkdir(media)
RustBackend().import_collection_package(col_path=path, backup_path=sys.argv[1], media_folder=media,
    media_db=os.path.join(folder, "collection.media.db2"))
col = Collection(path)
print(col.note_count(), os.listdir(media), col.fix_integrity()[1])
"#;
    if let Some(said) = oracle::run(script, [&plain]) {
        assert_eq!(said.trim(), "2 ['p.png'] True");
    }
}

#[test]
fn text_exports_never_lie_in_plain_on_the_disk_and_standard_tools_open_them() {
    if !has(&["age", "unzip", "python3"]) {
        return;
    }
    let cli = filled();
    let password = cli.path("password");
    for name in ["notes.txt", "notes.zip"] {
        let plain = cli.path(name);
        cli.ok(&["export", &plain, "--media"]);
        let out = cli.path(&format!("sealed-{name}"));
        let watch = Watch::over(vec![cli.base(), cli.room.path().to_owned()], "changed");
        let secret = ["--encrypt", "--password-file", &password];
        let done = cli.ok(&[&["export", &out, "--media"], &secret[..]].concat());
        let (readable, sealed) = watch.seen();
        assert!(readable.is_empty() && sealed > 0, "{readable:?} {sealed}");
        let written = format!("{out}.age");
        assert_eq!(done["size"], std::fs::metadata(&written).unwrap().len());
        age_with_password(&["-d", "-o", &out, &written]);
        assert!(std::fs::read(&out).unwrap() == std::fs::read(&plain).unwrap());
        if name == "notes.txt" {
            continue;
        }
        let listed = tool("unzip", &["-t", &out]);
        assert!(listed.contains("No errors detected"), "{listed}");
        let texts = tool("unzip", &["-p", &out]);
        assert!(texts.contains("changed") && texts.contains("picture"));
    }
}

#[test]
fn a_recovery_sheet_opens_the_file_by_what_is_printed_on_it() {
    if !has(&["age", "unzip", "zstd", "sqlite3"]) {
        return;
    }
    let cli = filled();
    let [out, sheet, password] =
        ["it's mine.colpkg", "sheet.html", "password"].map(|n| cli.path(n));
    let key = ["--encrypt", "--password-file", &password];
    let on_paper = ["--recovery-sheet", &sheet];
    let done = cli.ok(&[&["export", &out], &key[..], &on_paper].concat());
    assert_eq!(done["recovery_sheet"], sheet);
    let page = std::fs::read_to_string(&sheet).unwrap();
    assert!(!page.contains(PASSWORD) && page.contains("class=\"line\""));
    let printed = |n: usize| {
        let (text, _) = page
            .split("<pre>")
            .nth(n)
            .unwrap()
            .split_once("</pre>")
            .unwrap();
        text.replace("&quot;", "\"").replace("&amp;", "&")
    };
    let (decrypt, explained) = (printed(1), printed(2));
    let unpack = explained.lines().filter(|line| line.starts_with("  "));
    let typed: Vec<&str> = decrypt.lines().chain(unpack).collect();
    let room = cli.room.path().display();
    let typed = format!("cd '{room}'\n{} > rows.txt", typed.join("\n"));
    tool(
        "python3",
        &["-c", TYPE_PASSWORD, PASSWORD, "sh", "-e", "-c", &typed],
    );
    let rows = std::fs::read_to_string(cli.path("rows.txt")).unwrap();
    assert!(rows.contains("changed") && rows.contains("two"), "{rows}");
    // Not of a file that is open to all.
    let plain = cli.fails(&[&["export", &out], &on_paper[..]].concat());
    assert_eq!(plain, (2, "invalid-input".into()));
}

#[test]
fn a_recovery_sheet_without_a_place_of_its_own_is_refused_before_anything_is_written() {
    let cli = filled();
    let [out, password, mine] = ["new.colpkg", "password", "mine.html"].map(|n| cli.path(n));
    let key = ["--encrypt", "--password-file", &password];
    std::fs::write(&mine, "mine").unwrap();
    let sealed = format!("{out}.age");
    // What somebody has there, and where the export itself goes.
    for taken in [&mine, &sealed] {
        let over = ["--recovery-sheet", taken];
        let failed = cli.fails(&[&["export", &out], &key[..], &over].concat());
        assert_eq!(failed, (2, "invalid-input".into()), "{taken}");
    }
    let nowhere = cli.path("nowhere/sheet.html");
    let nowhere = ["--recovery-sheet", &nowhere];
    let failed = cli.fails(&[&["export", &out], &key[..], &nowhere].concat());
    assert_eq!(failed, (1, "not-found".into()));
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "mine");
    assert!(!Path::new(&sealed).exists());
}

/// Other systems know no such files.
#[cfg(target_os = "linux")]
#[test]
fn a_media_file_whose_name_other_systems_refuse_stops_no_export() {
    let cli = filled();
    let media = cli.base().join("Ann/collection.media");
    std::fs::write(media.join("p?.png"), b"another").unwrap();
    let password = cli.path("password");
    let key = ["--media", "--encrypt", "--password-file", &password];
    for name in ["all.colpkg", "all.zip"] {
        let out = cli.path(name);
        let done = cli.ok(&[&["export", &out], &key[..]].concat());
        assert_eq!(done["media_files"], 2, "{done}");
        let renamed = serde_json::json!([["p?.png", "2-p.png"]]);
        assert_eq!(done["renamed_media"], renamed, "{done}");
    }
    let fresh = Cli::with_profile();
    let sealed = cli.path("all.colpkg.age");
    let done = fresh.ok(&["import", &sealed, "--password-file", &password]);
    assert_eq!(done["media_added"], 2, "{done}");
    let came = fresh.base().join("Ann/collection.media/p?.png");
    assert_eq!(std::fs::read(came).unwrap(), b"another");
    let said = cli.run(&[&["export", &cli.path("b.colpkg")], &key[..]].concat());
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains("p?.png → 2-p.png"), "{said}");
}

#[test]
fn keys_open_what_was_encrypted_for_them_both_ways() {
    if !has(&["age", "age-keygen"]) {
        return;
    }
    let cli = filled();
    let (key, out) = (cli.path("key.txt"), cli.path("all.colpkg"));
    tool("age-keygen", &["-o", &key]);
    let public = tool("age-keygen", &["-y", &key]).trim().to_owned();
    cli.ok(&["export", &out, "--recipient", &public]);
    let (sealed, plain) = (format!("{out}.age"), cli.path("plain.colpkg"));
    tool("age", &["-d", "-i", &key, "-o", &plain, &sealed]);
    let ours = cli.path("ours.colpkg");
    cli.ok(&["backup", "decrypt", &sealed, &ours, "--identity", &key]);
    let bytes = std::fs::read(&plain).unwrap();
    assert!(bytes == std::fs::read(&ours).unwrap());
    let other = cli.path("other.txt");
    tool("age-keygen", &["-o", &other]);
    let fails = cli.fails(&[
        "backup",
        "decrypt",
        &sealed,
        &cli.path("x"),
        "--identity",
        &other,
    ]);
    assert_eq!(fails, (4, "wrong-password".into()));
    for armor in [&["-a"][..], &[]] {
        let theirs = cli.path("theirs.colpkg.age");
        let args = [armor, &["-r", &public, "-o", &theirs, &plain]].concat();
        tool("age", &args);
        let shown = cli.ok(&["backup", "show", &theirs, "--identity", &key]);
        assert_eq!(shown["notes"], 2);
    }
}

#[test]
fn a_file_that_age_encrypted_with_a_password_is_opened() {
    if !has(&["age", "python3"]) {
        return;
    }
    let cli = filled();
    let (plain, theirs) = (cli.path("x.txt"), cli.path("x.txt.age"));
    std::fs::write(&plain, "a text").unwrap();
    age_with_password(&["-p", "-o", &theirs, &plain]);
    let back = cli.path("back.txt");
    let password = cli.path("password");
    cli.ok(&[
        "backup",
        "decrypt",
        &theirs,
        &back,
        "--password-file",
        &password,
    ]);
    assert_eq!(std::fs::read(&back).unwrap(), b"a text");
}

#[test]
fn a_wrong_password_and_a_damaged_file_are_told_apart_and_change_nothing() {
    let cli = filled();
    let sealed = exported(&cli);
    let (right, wrong) = (cli.path("password"), cli.path("wrong"));
    let bytes = std::fs::read(&sealed).unwrap();
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 4;
    let (cut, bad) = (cli.path("cut.colpkg.age"), cli.path("bad.colpkg.age"));
    std::fs::write(&cut, &bytes[..bytes.len() - 20]).unwrap();
    std::fs::write(&bad, flipped).unwrap();
    let before = names(cli.base().join("Ann"));
    let backups = cli.ok(&["backup", "list"]);
    for command in [
        &["import"][..],
        &["backup", "restore"],
        &["backup", "verify"],
    ] {
        let status = |file: &str, password: &str| {
            let args = [command, &[file, "--password-file", password]].concat();
            cli.run(&args).status.code().unwrap()
        };
        assert_eq!(status(&sealed, &wrong), 4, "{command:?}");
        assert_eq!(status(&cut, &right), 3, "{command:?}");
        assert_eq!(status(&bad, &right), 3, "{command:?}");
    }
    // Nobody is there to be asked: it fails, and nothing is written.
    let out = cli.path("new.colpkg");
    assert_eq!(cli.fails(&["export", &out, "--encrypt"]).0, 2);
    assert_eq!(cli.fails(&["backup", "show", &sealed]).0, 2);
    assert!(!Path::new(&format!("{out}.age")).exists() && !Path::new(&out).exists());
    assert_eq!(names(cli.base().join("Ann")), before);
    assert_eq!(cli.ok(&["info"])["notes"], 2);
    assert_eq!(cli.ok(&["backup", "list"]), backups);
}

#[test]
fn an_encrypted_file_is_a_backup_like_any_other() {
    let cli = filled();
    let sealed = exported(&cli);
    let more = cli.path("more.txt");
    std::fs::write(&more, "three\tc\none\tagain\n").unwrap();
    cli.ok(&["import", &more]);
    let secret = [("ENGRAM_PASSWORD", Path::new(PASSWORD))];
    let ask = |args: &[&str]| {
        let output = cli.run_with(&[&["--json"], args].concat(), &secret);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{args:?}: {text}");
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let shown = ask(&["backup", "show", &sealed, "--search", "two"]);
    assert_eq!(
        (&shown["notes"], &shown["path"]),
        (&2.into(), &sealed.as_str().into())
    );
    assert_eq!(shown["items"].as_array().unwrap().len(), 1);
    let diff = ask(&["backup", "diff", &sealed]);
    assert_eq!(
        (&diff["notes"]["added"], &diff["notes"]["changed"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        ask(&["backup", "verify", &sealed, &sealed])["results"][1]["ok"],
        true
    );
    let recovered = ask(&["backup", "recover", &sealed, "--search", "one", "--media"]);
    assert_eq!(recovered["recovered"]["notes"], 1);
    let restored = ask(&["backup", "restore", &sealed]);
    assert_eq!(
        (&restored["notes"], &restored["lost"]["notes"]),
        (&2.into(), &2.into())
    );
    assert_eq!(cli.ok(&["info"])["notes"], 2);
    let left = names(cli.base().join("Ann"));
    assert!(
        !left.iter().any(|n| n.starts_with(".engram-tmp-")),
        "{left:?}"
    );
}

#[test]
fn a_file_from_elsewhere_changes_no_place_and_nothing_that_is_kept() {
    let cli = filled();
    let settings = |cli: &Cli| cli.base().join("Ann/settings.json");
    let theirs = r#"{"theme": "dark", "keep_last_backups": 1, "mirror": "/theirs",
        "second_backups_folder": "/theirs", "open_links": "theirs", "sync": {"on_open": false},
        "mail": {"host": "theirs", "recipients": ["age1theirs"]}, "history": {"days": 1}}"#;
    std::fs::write(settings(&cli), theirs).unwrap();
    let sealed = exported(&cli);
    let ours = r#"{"theme": "light", "mirror": "/ours", "history": {"days": 400}}"#;
    let places = [
        "mail",
        "mirror",
        "second_backups_folder",
        "sync",
        "open_links",
    ];
    for present in [None, Some(ours)] {
        let fresh = Cli::with_profile();
        if let Some(present) = present {
            let text = fresh.path("words.txt");
            std::fs::write(&text, "one\ttwo\n").unwrap();
            fresh.ok(&["import", &text]);
            std::fs::write(settings(&fresh), present).unwrap();
        }
        fresh.ok(&["import", &sealed, "--password-file", &cli.path("password")]);
        let text = std::fs::read_to_string(settings(&fresh)).unwrap();
        let came: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(came["theme"], "dark");
        for name in places {
            let theirs = came
                .get(name)
                .is_some_and(|v| v.to_string().contains("theirs"));
            assert!(!theirs, "{name}: {text}");
        }
        assert_ne!(came.pointer("/sync/on_open"), Some(&false.into()));
        if present.is_some() {
            assert_eq!(came["mirror"], "/ours");
        }
        // A new profile takes the rules over, one that has cards keeps its own.
        let kept = if present.is_some() {
            "/history/days"
        } else {
            "/keep_last_backups"
        };
        let wanted = if present.is_some() { 400 } else { 1 };
        assert_eq!(came.pointer(kept), Some(&wanted.into()), "{text}");
    }
}

#[test]
fn an_empty_machine_gets_notes_media_preferences_and_history() {
    let cli = filled();
    let settings = cli.base().join("Ann/settings.json");
    std::fs::write(&settings, r#"{"keep_last_backups": 7}"#).unwrap();
    let sealed = exported(&cli);
    let id = cli.ok(&["search", "--notes", "one"])["ids"][0].to_string();
    let fresh = Cli::with_profile();
    let password = cli.path("password");
    let done = fresh.ok(&["import", &sealed, "--password-file", &password]);
    assert_eq!(
        (&done["notes"], &done["media_added"]),
        (&2.into(), &1.into())
    );
    let brought = std::fs::read_to_string(fresh.base().join("Ann/settings.json")).unwrap();
    assert!(brought.contains("keep_last_backups"), "{brought}");
    // Once more, so that what is there already is not there twice.
    fresh.ok(&["import", &sealed, "--password-file", &password]);
    for machine in [&cli, &fresh] {
        let versions = machine.ok(&["history", &id])["versions"].clone();
        assert_eq!(versions.as_array().unwrap().len(), 1, "{versions}");
        assert!(versions.to_string().contains("p.png"), "{versions}");
    }
}
