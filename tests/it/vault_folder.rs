//! The vault in a folder: Debian's `restic` lists, checks and restores ours byte for byte, we open
//! its; wrong passwords, damage and absence are told apart; two writers refuse each other; a killed
//! or starved run leaves a vault that is sound and that the next run finishes.

use crate::cheap_vault;
use crate::cli_commands::Cli;
use crate::oracle;
use crate::service_story::World;
use engram::backup::vault::book;
use engram::base::Secret;
use engram::service::event::{Event, JobEvent};
use engram::service::request::{ProfileRequest, Request};
use engram::service::vaults::{NewPlace, VaultEvent, VaultRequest};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub const PASSWORD: &str = "correct horse battery";

/// Whether the tool is there; says so if not.
pub fn has(tool: &str) -> bool {
    let there = Command::new(tool).arg("version").output().is_ok();
    if !there {
        oracle::skip(&format!("{tool} is not installed"));
    }
    there
}

/// A profile with notes, media and a vault's password.
pub struct Saved {
    pub cli: Cli,
    pub to: String,
}

impl Saved {
    /// With a vault in a folder, which opens at once.
    pub fn in_folder() -> Self {
        let saved = Self::profile();
        cheap_vault::make(Path::new(&saved.to));
        saved
    }

    pub fn profile() -> Self {
        let cli = Cli::with_profile();
        let notes: String = (0..500)
            .map(|n| format!("front {n} <img src=\"p{n}.png\">\tback {n}\n"))
            .collect();
        std::fs::write(cli.path("notes.txt"), notes).unwrap();
        cli.ok(&["import", &cli.path("notes.txt")]);
        let media = cli.base().join("Ann/collection.media");
        for n in 0..40u32 {
            std::fs::write(media.join(format!("p{n}.png")), noise(n, 50_000)).unwrap();
        }
        std::fs::write(media.join("größe (1) %20.png"), b"odd name").unwrap();
        std::fs::write(cli.path("password"), PASSWORD).unwrap();
        std::fs::write(cli.path("wrong"), "incorrect").unwrap();
        let to = cli.path("vault");
        Self { cli, to }
    }

    pub fn args<'a>(&'a self, verb: &'a str, password: &'a str) -> Vec<&'a str> {
        vec!["vault", verb, "--to", &self.to, "--password-file", password]
    }

    pub fn ok(&self, verb: &str, more: &[&str]) -> Value {
        let password = self.cli.path("password");
        let mut args = self.args(verb, &password);
        args.extend(more);
        self.cli.ok(&args)
    }

    pub fn fails(&self, verb: &str, more: &[&str]) -> (i32, String) {
        let password = self.cli.path("password");
        let mut args = self.args(verb, &password);
        args.extend(more);
        self.cli.fails(&args)
    }

    pub fn profile_dir(&self) -> PathBuf {
        self.cli.base().join("Ann")
    }

    pub fn add_note(&self, text: &str) {
        std::fs::write(self.cli.path("more.txt"), format!("{text}\tback\n")).unwrap();
        self.cli.ok(&["import", &self.cli.path("more.txt")]);
    }

    /// Files of a kind in the vault, the largest first.
    pub fn files(&self, kind: &str) -> Vec<PathBuf> {
        let mut files = all_files(&Path::new(&self.to).join(kind));
        files.sort_by_key(|f| std::cmp::Reverse(f.metadata().unwrap().len()));
        files
    }

    fn restic(&self, args: &[&str]) -> Output {
        restic(&self.to, args)
    }
}

pub fn restic(repo: &str, args: &[&str]) -> Output {
    let output = Command::new("restic")
        .args(["--no-cache", "--repo", repo])
        .args(args)
        .env("RESTIC_PASSWORD", PASSWORD)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "restic {args:?}: {error}");
    output
}

/// Bytes that cannot be compressed, the same for the same seed.
pub fn noise(seed: u32, bytes: usize) -> Vec<u8> {
    let mut state = u64::from(seed) * 2 + 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..bytes.div_ceil(8))
        .flat_map(|_| next())
        .take(bytes)
        .collect()
}

fn all_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(all_files(&path));
        } else {
            files.push(path);
        }
    }
    files
}

pub fn assert_same_media(a: &Path, b: &Path) {
    let names = |folder: &Path| {
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(a), names(b));
    for name in names(a) {
        let same = std::fs::read(a.join(&name)).unwrap() == std::fs::read(b.join(&name)).unwrap();
        assert!(same, "{name:?}");
    }
}

/// Other systems know no such files.
#[cfg(target_os = "linux")]
#[test]
fn media_files_of_any_name_are_saved_and_come_back() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let saved = Saved::in_folder();
    let media = saved.profile_dir().join("collection.media");
    let names = ["e\u{301}.png", "a?b:\"c\\d\".png", "new\nline"];
    for name in names {
        std::fs::write(media.join(name), name).unwrap();
    }
    let raw = OsStr::from_bytes(b"x\xff.png");
    std::fs::write(media.join(raw), "not Unicode").unwrap();
    assert_eq!(saved.ok("push", &[])["verified"], true);
    if has("restic") {
        saved.restic(&["check", "--read-data"]);
        let out = saved.cli.path("restored");
        saved.restic(&["restore", "latest", "--target", &out]);
        assert_same_media(&Path::new(&out).join("engram/Ann/collection.media"), &media);
    }
    assert_eq!(saved.ok("drill", &[])["media_files"], 45);
    let restored = saved.ok("restore", &["--profile", "Bob"]);
    let there = saved.cli.base().join("Bob/collection.media");
    for name in names {
        assert_eq!(std::fs::read_to_string(there.join(name)).unwrap(), name);
    }
    let text = restored["warnings"].to_string();
    assert!(
        text.contains("x\u{fffd}.png is kept as x\u{fffd}-"),
        "{text}"
    );
    let kept = std::fs::read_dir(&there)
        .unwrap()
        .map(|e| e.unwrap().path());
    let texts: Vec<Vec<u8>> = kept.map(|path| std::fs::read(path).unwrap()).collect();
    assert!(texts.contains(&b"not Unicode".to_vec()));
}

#[test]
fn restic_lists_checks_and_restores_ours() {
    if !has("restic") {
        return;
    }
    let saved = Saved::profile();
    saved.ok("init", &[]);
    let first = saved.ok("push", &[]);
    assert_eq!(first["verified"], true);
    assert!(first["sent"].as_u64().unwrap() > 2_000_000, "{first}");
    saved.add_note("a study day");
    let second = saved.ok("push", &[]);
    assert!(second["sent"].as_u64().unwrap() < 200_000, "{second}");
    let listed = saved.ok("list", &[]);
    let snapshots = listed["snapshots"].as_array().unwrap();
    assert_eq!(snapshots.len(), 2);
    assert_eq!(snapshots[0]["id"], second["id"]);
    assert_eq!(
        snapshots[0]["description"],
        "501 notes, 501 cards, 0 reviews"
    );

    let theirs: Value =
        serde_json::from_slice(&saved.restic(&["snapshots", "--json"]).stdout).unwrap();
    assert_eq!(theirs.as_array().unwrap().len(), 2);
    assert_eq!(theirs[0]["paths"][0], "/engram/Ann");
    saved.restic(&["check", "--read-data"]);
    let out = saved.cli.path("restored");
    saved.restic(&["restore", "latest", "--target", &out]);
    let restored = Path::new(&out).join("engram/Ann");
    assert_same_media(
        &restored.join("collection.media"),
        &saved.profile_dir().join("collection.media"),
    );
    let settings = |folder: &Path| std::fs::read(folder.join("settings.json")).unwrap();
    assert_eq!(settings(&restored), settings(&saved.profile_dir()));
    let count = oracle::run(
        "import sys\nfrom anki.collection import Collection\nc = Collection(sys.argv[1])\nprint(c.note_count(), c.fix_integrity()[1])\nc.close()",
        [restored.join("collection.anki2")],
    );
    if let Some(count) = count {
        assert_eq!(count.trim(), "501 True");
    }
    saved.ok("verify", &["--read-data"]);
}

#[test]
fn files_of_any_size_are_whole_for_restic_and_are_sent_once() {
    let saved = Saved::in_folder();
    let media = saved.profile_dir().join("collection.media");
    let text = |lines: u32| {
        (0..lines)
            .map(|n| format!("line {n}\n"))
            .collect::<String>()
    };
    let write = |name: &str, bytes: &[u8]| std::fs::write(media.join(name), bytes).unwrap();
    write("empty.svg", b"");
    write("one.svg", b"1");
    write("text.svg", text(100_000).as_bytes());
    write("short text.svg", text(9_000).as_bytes());
    let mut film = noise(99, 5_000_000);
    write("film.mp4", &film);
    write("picture.jpg", &noise(98, 600 << 10));
    write("the same.jpg", &noise(98, 600 << 10));
    for n in 0..1000 {
        write(&format!("small {n}.svg"), text(n).as_bytes());
    }
    let pushed = saved.ok("push", &[]);
    assert_eq!(pushed["verified"], true);
    let sent = pushed["sent"].as_u64().unwrap();
    assert!((7_500_000..10_500_000).contains(&sent), "{sent}");
    assert!(saved.ok("push", &[])["sent"].as_u64().unwrap() < 100_000);
    // A change in the middle of a large file costs the parts beside it.
    film[2_500_000] ^= 1;
    write("film.mp4", &film);
    let changed = saved.ok("push", &[])["sent"].as_u64().unwrap();
    assert!((64 << 10..2 << 20).contains(&changed), "{changed}");
    saved.ok("verify", &["--read-data"]);
    saved.ok("restore", &["--profile", "Bob"]);
    assert_same_media(&saved.cli.base().join("Bob/collection.media"), &media);
    if has("restic") {
        saved.restic(&["check", "--read-data"]);
        let out = saved.cli.path("restored");
        saved.restic(&["restore", "latest", "--target", &out]);
        assert_same_media(&Path::new(&out).join("engram/Ann/collection.media"), &media);
    }
}

#[test]
fn everything_comes_back_on_an_empty_machine() {
    let saved = Saved::in_folder();
    saved.add_note("front 1 <img src=\"p1.png\">");
    saved.ok("push", &[]);
    let before = saved.cli.ok(&["info"]);
    let other = Cli {
        room: tempfile::tempdir().unwrap(),
    };
    let password = saved.cli.path("password");
    let wrong = saved.cli.path("wrong");
    let args = |password| saved.args("restore", password);
    let named = |password| [vec!["--profile", "NEW"], args(password)].concat();
    // A restore that fails leaves no half profile behind.
    assert_eq!(other.fails(&named(&wrong)), (4, "wrong-password".into()));
    assert_eq!(
        other.ok(&["profile", "list"])["profiles"],
        serde_json::json!([])
    );
    let done = other.ok(&named(&password));
    assert_eq!(done["profile"], "NEW");
    let info = other.ok(&["info"]);
    for key in [
        "notes",
        "cards",
        "revlog",
        "decks",
        "notetypes",
        "media_files",
    ] {
        assert_eq!(info[key], before[key], "{key}");
    }
    assert_same_media(
        &other.base().join("NEW/collection.media"),
        &saved.profile_dir().join("collection.media"),
    );
    // And with the name it had.
    let third = Cli {
        room: tempfile::tempdir().unwrap(),
    };
    assert_eq!(third.ok(&args(&password))["profile"], "Ann");
}

#[test]
fn a_restore_keeps_what_was_there_and_can_be_undone() {
    let saved = Saved::in_folder();
    let first = saved.ok("push", &[]);
    saved.add_note("later");
    let media = saved.profile_dir().join("collection.media");
    std::fs::write(media.join("p1.png"), b"changed since").unwrap();
    std::fs::write(media.join("mine.png"), b"only here").unwrap();
    let id = first["id"].as_str().unwrap();
    let done = saved.ok("restore", &[&id[..8]]);
    assert_eq!(done["notes"], 500);
    assert_eq!(
        (&done["media_added"], &done["media_replaced"]),
        (&0.into(), &1.into())
    );
    assert!(Path::new(done["safety_backup"].as_str().unwrap()).exists());
    assert_eq!(
        std::fs::read(media.join("p1.png")).unwrap(),
        noise(1, 50_000)
    );
    assert!(media.join("mine.png").exists());
    saved.cli.ok(&["backup", "undo-restore"]);
    assert_eq!(saved.cli.ok(&["info"])["notes"], 501);
    assert_eq!(
        std::fs::read(media.join("p1.png")).unwrap(),
        b"changed since"
    );
}

#[test]
fn we_open_what_restic_made() {
    if !has("restic") {
        return;
    }
    let saved = Saved::profile();
    saved.restic(&["init"]);
    let dir = saved.profile_dir();
    let long = dir.join("collection.media/long.ogg");
    std::fs::write(long, noise(99, 5_000_000)).unwrap();
    saved.restic(&["backup", dir.to_str().unwrap()]);
    assert_eq!(
        saved.ok("list", &[])["snapshots"].as_array().unwrap().len(),
        1
    );
    let listed = saved
        .cli
        .run(&saved.args("list", &saved.cli.path("password")));
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("saved by another program"), "{listed}");
    assert!(!listed.contains("0 bytes"), "{listed}");
    // Files are cut at the same places: what is there is not sent again.
    let pushed = saved.ok("push", &[]);
    assert!(pushed["sent"].as_u64().unwrap() < 1_000_000, "{pushed}");
    saved.restic(&["check", "--read-data"]);
    let other = Cli {
        room: tempfile::tempdir().unwrap(),
    };
    let oldest = saved.ok("list", &[])["snapshots"][1]["id"].clone();
    let password = saved.cli.path("password");
    let mut args = saved.args("restore", &password);
    args.push(oldest.as_str().unwrap());
    args.extend(["--profile", "Back"]);
    assert_eq!(other.ok(&args)["notes"], 500);
    assert_same_media(
        &other.base().join("Back/collection.media"),
        &dir.join("collection.media"),
    );
}

#[test]
fn wrong_password_no_vault_and_no_disk_are_told_apart() {
    let saved = Saved::profile();
    assert_eq!(saved.fails("push", &[]), (1, "not-found".into()));
    saved.ok("init", &[]);
    let (status, told) = saved
        .cli
        .json(&saved.args("init", &saved.cli.path("password")));
    assert_eq!((status, &told["error"]["kind"]), (3, &"refused".into()));
    let remedy = told["error"]["remedy"].as_str().unwrap();
    assert!(remedy.contains("Choose another place"), "{remedy}");
    let wrong = saved.cli.path("wrong");
    for verb in ["push", "list", "verify", "restore", "forget"] {
        let failed = saved.cli.fails(&saved.args(verb, &wrong));
        assert_eq!(failed, (4, "wrong-password".into()), "{verb}");
    }
    std::fs::rename(&saved.to, saved.cli.path("away")).unwrap();
    assert_eq!(saved.fails("push", &[]), (1, "not-found".into()));
    assert!(!Path::new(&saved.to).exists());
}

#[test]
fn a_second_password_opens_it_too() {
    let saved = Saved::profile();
    std::fs::write(saved.cli.path("recovery"), "kept elsewhere").unwrap();
    saved.ok(
        "init",
        &["--recovery-password-file", &saved.cli.path("recovery")],
    );
    saved.ok("push", &[]);
    let recovery = saved.cli.path("recovery");
    let listed = saved.cli.ok(&saved.args("list", &recovery));
    assert_eq!(listed["snapshots"].as_array().unwrap().len(), 1);
    // One whose file is damaged opens nothing, and does not keep the other from it.
    let passwords = [saved.cli.path("password"), recovery];
    for key in saved.files("keys") {
        let whole = std::fs::read(&key).unwrap();
        std::fs::remove_file(&key).unwrap();
        std::fs::write(&key, "{\"N\":").unwrap();
        let opens = |file: &&String| saved.cli.run(&saved.args("list", file)).status.success();
        assert_eq!(passwords.iter().filter(opens).count(), 1);
        std::fs::write(&key, whole).unwrap();
    }
}

#[test]
fn damage_is_found_and_changes_nothing() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage, bool); 3] = [
        (
            "flipped",
            |pack| {
                let mut bytes = std::fs::read(pack).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                std::fs::write(pack, bytes).unwrap();
            },
            false,
        ),
        (
            "truncated",
            |pack| {
                let bytes = std::fs::read(pack).unwrap();
                std::fs::write(pack, &bytes[..bytes.len() / 2]).unwrap();
            },
            true,
        ),
        ("missing", |pack| std::fs::remove_file(pack).unwrap(), true),
    ];
    for (name, damage, seen_at_once) in damages {
        let saved = Saved::in_folder();
        saved.ok("push", &[]);
        damage(&saved.files("data")[0]);
        let password = saved.cli.path("password");
        let mut verify = saved.args("verify", &password);
        assert_eq!(
            saved.cli.json(&verify).0,
            if seen_at_once { 3 } else { 0 },
            "{name}"
        );
        verify.push("--read-data");
        let (status, found) = saved.cli.json(&verify);
        assert_eq!((status, &found["ok"]), (3, &false.into()), "{name}");
        assert!(!found["findings"].as_array().unwrap().is_empty(), "{name}");
        let before = saved.cli.ok(&["info"]);
        let failed = saved.fails("restore", &[]);
        assert!(failed.0 == 3 || failed.0 == 1, "{name}: {failed:?}");
        assert_eq!(saved.cli.ok(&["info"]), before, "{name}");
    }
}

#[test]
fn texts_of_deleted_notes_come_back_where_there_are_none() {
    let saved = Saved::in_folder();
    let texts = saved.profile_dir().join("deleted.txt");
    std::fs::write(&texts, "saved").unwrap();
    saved.ok("push", &[]);
    for (there, after) in [(None, "saved"), (Some("newer"), "newer")] {
        match there {
            Some(there) => std::fs::write(&texts, there).unwrap(),
            None => std::fs::remove_file(&texts).unwrap(),
        }
        saved.ok("restore", &[]);
        assert_eq!(std::fs::read_to_string(&texts).unwrap(), after);
    }
}

#[test]
fn the_rules_thin_it_and_the_newest_stays() {
    if !has("restic") {
        return;
    }
    let saved = Saved::in_folder();
    for n in 0..3 {
        saved.add_note(&format!("note {n}"));
        saved.ok("push", &[]);
    }
    let newest = saved.ok("list", &[])["snapshots"][0]["id"].clone();
    let older = saved.ok("list", &[])["snapshots"][1]["id"].clone();
    // None of them goes when one may not, or is none.
    let (older, last) = (older.as_str().unwrap(), newest.as_str().unwrap());
    for (ids, kind) in [
        (vec![last], (2, "invalid-input")),
        (vec![older, last], (2, "invalid-input")),
        (vec![older, "ffffffff"], (1, "not-found")),
    ] {
        let refused = saved.fails("forget", &ids);
        assert_eq!(refused, (kind.0, kind.1.to_owned()), "{ids:?}");
    }
    let planned = saved.ok("forget", &["--keep-last", "1", "--dry-run"]);
    assert_eq!(planned["dropped"].as_array().unwrap().len(), 2);
    let count = |saved: &Saved| saved.ok("list", &[])["snapshots"].as_array().unwrap().len();
    assert_eq!(count(&saved), 3);
    saved.ok("forget", &["--keep-last", "0"]);
    let left = saved.ok("list", &[]);
    assert_eq!(left["snapshots"].as_array().unwrap().len(), 1);
    assert_eq!(left["snapshots"][0]["id"], newest);
    saved.restic(&["check", "--read-data"]);
    assert_eq!(saved.ok("restore", &[])["notes"], 503);
}

#[test]
fn two_writers_refuse_each_other() {
    let saved = Saved::in_folder();
    let locks = Path::new(&saved.to).join("engram-locks");
    std::fs::create_dir_all(&locks).unwrap();
    let now = engram::base::time::Clock::System.now().0;
    let lock = |machine: &str, at: i64| {
        format!(r#"{{"machine":"{machine}","process":1,"at":{at},"unfinished":false}}"#)
    };
    std::fs::write(locks.join("a"), lock("another", now)).unwrap();
    assert_eq!(saved.fails("push", &[]), (5, "locked".into()));
    assert_eq!(
        saved.fails("forget", &["--keep-last", "1"]),
        (5, "locked".into())
    );
    assert_eq!(saved.ok("list", &[])["snapshots"], serde_json::json!([]));
    // Left behind an hour ago.
    std::fs::write(locks.join("a"), lock("another", now - 3_600_000)).unwrap();
    saved.ok("push", &[]);
    assert_eq!(std::fs::read_dir(&locks).unwrap().count(), 0);
    // restic's own lock is respected.
    let theirs = Path::new(&saved.to).join("locks");
    std::fs::write(theirs.join("0000"), b"x").unwrap();
    assert_eq!(saved.fails("push", &[]), (5, "locked".into()));
    // What a system leaves in folders that somebody looked into is no lock.
    std::fs::remove_file(theirs.join("0000")).unwrap();
    for folder in [&theirs, &locks] {
        std::fs::write(folder.join(".DS_Store"), b"x").unwrap();
        std::fs::write(folder.join("desktop.ini"), b"x").unwrap();
    }
    saved.ok("push", &[]);
    assert_eq!(std::fs::read_dir(&locks).unwrap().count(), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn killed_at_any_moment_the_next_run_finishes() {
    if !has("restic") {
        return;
    }
    let saved = Saved::in_folder();
    let media = saved.profile_dir().join("collection.media");
    for n in 100..120u32 {
        std::fs::write(media.join(format!("q{n}.png")), noise(n, 500_000)).unwrap();
    }
    let password = saved.cli.path("password");
    let mut killed = 0;
    for pause in [30, 80, 130, 200, 300, 450] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_engram-cli"))
            .arg("--base")
            .arg(saved.cli.base())
            .args(saved.args("push", &password))
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(pause));
        if child.try_wait().unwrap().is_none() {
            killed += 1;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        saved.restic(&["check"]);
    }
    assert!(killed > 0, "it was never killed in the middle");
    let done = saved.ok("push", &[]);
    assert_eq!(done["verified"], true);
    saved.restic(&["check", "--read-data"]);
    // Nothing temporary is left in either place.
    let leftovers = |folder: &Path| {
        let files = all_files(folder);
        let temporary = |f: &&PathBuf| f.to_string_lossy().contains(".engram-tmp-");
        files.iter().filter(temporary).count()
    };
    assert_eq!(leftovers(&saved.profile_dir()), 0);
    assert_eq!(leftovers(Path::new(&saved.to)), 0);
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_the_vault_stays_sound() {
    use crate::faults_disk::SmallDisk;
    if !has("restic") {
        return;
    }
    let Some(disk) = SmallDisk::mount(1) else {
        return;
    };
    let mut saved = Saved::profile();
    saved.to = disk.path().join("vault").to_str().unwrap().to_owned();
    saved.ok("init", &[]);
    assert_eq!(saved.fails("push", &[]), (1, "disk-full".into()));
    saved.restic(&["check"]);
    assert_eq!(saved.ok("list", &[])["snapshots"], serde_json::json!([]));
    let media = saved.profile_dir().join("collection.media");
    for n in 3..40 {
        std::fs::remove_file(media.join(format!("p{n}.png"))).unwrap();
    }
    saved.ok("push", &[]);
    saved.restic(&["check", "--read-data"]);
}

#[test]
fn another_password_opens_what_was_saved_before_and_the_old_one_does_not() {
    let saved = Saved::in_folder();
    saved.ok("push", &[]);
    let file = |name: &str, password: &str| {
        std::fs::write(saved.cli.path(name), password).unwrap();
        saved.cli.path(name)
    };
    let (old, new) = (saved.cli.path("password"), file("new", "from now on\n"));
    let wrong = saved.cli.path("wrong");
    let change = |by: &str, to: &str| {
        let args = [
            saved.args("change-password", by),
            vec!["--new-password-file", to],
        ];
        saved.cli.json(&args.concat())
    };
    assert_eq!(change(&wrong, &new).0, 4);
    assert_eq!(change(&old, &file("empty", "\n")).0, 2);
    let (code, changed) = change(&old, &new);
    assert_eq!(
        (code, &changed["old_opens"]),
        (0, &false.into()),
        "{changed}"
    );
    assert_eq!(saved.files("keys").len(), 1);
    assert_eq!(saved.fails("list", &[]), (4, "wrong-password".into()));
    let listed = saved.cli.ok(&saved.args("list", &new));
    assert_eq!(listed["snapshots"].as_array().unwrap().len(), 1);
    saved.cli.ok(&saved.args("drill", &new));
    if has("restic") {
        let checked = Command::new("restic")
            .args(["--no-cache", "--repo", &saved.to, "check"])
            .env("RESTIC_PASSWORD", "from now on")
            .output()
            .unwrap();
        assert!(checked.status.success(), "{checked:?}");
    }
}

#[test]
fn a_drill_restores_the_newest_snapshot_for_a_trial_and_finds_damage() {
    let saved = Saved::in_folder();
    let (code, error) = saved.fails("drill", &[]);
    assert_eq!((code, error.as_str()), (1, "not-found"));
    saved.ok("push", &[]);
    let done = saved.ok("drill", &[]);
    assert_eq!((&done["ok"], &done["notes"]), (&true.into(), &500.into()));
    assert_eq!(done["media_files"], 41);
    let health = saved.cli.ok(&["health"]);
    let kinds: Vec<_> = (health["runs"].as_array().unwrap().iter())
        .map(|run| {
            (
                run["kind"].as_str().unwrap(),
                run["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        kinds[..3],
        [
            ("vault-drill", "done"),
            ("vault", "done"),
            ("vault-drill", "failed")
        ]
    );
    assert!(
        health["runs"][0]["about"]
            .as_str()
            .unwrap()
            .ends_with("vault")
    );
    for pack in saved.files("data") {
        let mut bytes = std::fs::read(&pack).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x55;
        std::fs::remove_file(&pack).unwrap();
        std::fs::write(&pack, bytes).unwrap();
    }
    let password = saved.cli.path("password");
    let (code, found) = saved.cli.json(&saved.args("drill", &password));
    assert_eq!((code, &found["ok"]), (3, &false.into()), "{found}");
    // One that cannot even be opened is in the log as well.
    let before = saved.cli.ok(&["health"])["runs"].as_array().unwrap().len();
    let wrong = saved.cli.path("wrong");
    std::fs::write(&wrong, "another one\n").unwrap();
    let noted = || book::load(&saved.profile_dir()).unwrap();
    let known = noted();
    let (code, _) = saved.cli.json(&saved.args("drill", &wrong));
    assert_eq!(code, 4);
    let (code, _) = saved
        .cli
        .json(&saved.args("drill", &saved.cli.path("nope")));
    assert_ne!(code, 0);
    assert_eq!(
        noted(),
        known,
        "a password that is not right says nothing of the place"
    );
    let health = saved.cli.ok(&["health"]);
    let run = &health["runs"][0];
    assert_eq!(health["runs"].as_array().unwrap().len(), before + 2);
    assert_eq!(
        (&run["kind"], &run["outcome"]),
        (&"vault-drill".into(), &"failed".into())
    );
    let left: Vec<_> = std::fs::read_dir(saved.profile_dir())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".engram-tmp"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_place_that_was_added_is_told_before_it_is_listed() {
    let world = World::with_sample();
    let folder = tempfile::tempdir().unwrap();
    let place = NewPlace {
        address: folder.path().join("vault").to_str().unwrap().into(),
        account: Secret::default(),
        password: Secret::new("four words or five"),
    };
    world.send(Request::Vault(VaultRequest::Add(place)));
    // A card that is there before its dialog is gone cannot be pressed.
    let mut added = false;
    let listed_after = world.wait("the list with the place", |event| match event {
        Event::Vault(VaultEvent::Added { made, .. }) => {
            added = *made;
            None
        }
        Event::Vault(VaultEvent::Places(places)) if !places.is_empty() => Some(added),
        _ => None,
    });
    assert!(listed_after);
}

#[test]
fn what_ends_after_its_profile_was_closed_says_nothing_of_another_at_the_same_place() {
    let world = World::with_sample();
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault");
    cheap_vault::make(&vault);
    let address = vault.to_str().unwrap().to_owned();
    let add = || {
        let place = NewPlace {
            address: address.clone(),
            account: Secret::default(),
            password: Secret::new(PASSWORD),
        };
        world.send(Request::Vault(VaultRequest::Add(place)));
        world.wait("the first copy", |event| match event {
            Event::Vault(VaultEvent::Places(places)) => {
                let saved = places.iter().any(|p| p.entry.last.is_some() && !p.busy);
                saved.then_some(())
            }
            _ => None,
        });
    };
    let open = |name: &str| {
        let name = name.to_owned();
        world.send(Request::Profile(ProfileRequest::Open { name }));
    };
    add();
    world.send(Request::Profile(ProfileRequest::Create {
        name: "Bea".into(),
        with_sample: true,
    }));
    world.opened();
    add();
    let bea = world.data().profile("Bea").unwrap().folder;
    let before = book::load(&bea).unwrap();
    open("Ana");
    world.opened();
    let address = address.clone();
    world.send(Request::Vault(VaultRequest::Push { address }));
    open("Bea");
    world.opened();
    world.wait("the end of what Ana's profile began", |event| match event {
        Event::Job(
            JobEvent::Cancelled { .. } | JobEvent::Finished { .. } | JobEvent::Failed { .. },
        ) => Some(()),
        _ => None,
    });
    assert_eq!(book::load(&bea).unwrap(), before);
}
