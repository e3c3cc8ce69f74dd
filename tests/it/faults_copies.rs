//! Faults at each stage of what makes copies and brings back: a full disk, a disk that may only be
//! read, a clock that jumps. Nothing is lost, nothing half has a final name, the log tells it, and
//! with the fault gone the same command completes. Cut networks, wrong passwords, partial uploads
//! and two writers are in `vault_remote`, `vault_folder` and `backup_mail`; kills in `kill_copies`.

use crate::apkg_import::EVERYTHING;
use crate::backup_mail::set_up;
use crate::cli_commands::Cli;
use crate::faults_disk::SmallDisk;
use crate::smtp_server::Server;
use crate::stories::at;
use crate::vault_folder::{Saved, noise};
use crate::whole;
use engram::base::error::ErrorKind;
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::collection::packages::StagedPackage;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The newest run in the log: what and how it ended.
fn last_run(cli: &Cli) -> (String, String) {
    let runs = cli.ok(&["health"])["runs"].clone();
    let word = |key: &str| runs[0][key].as_str().unwrap().to_owned();
    (word("kind"), word("outcome"))
}

fn last(kind: &str, outcome: &str) -> (String, String) {
    (kind.to_owned(), outcome.to_owned())
}

/// Leaves so many bytes free.
fn fill(disk: &SmallDisk, left: u64) -> PathBuf {
    let free = engram::base::files::free_space(disk.path()).unwrap();
    let filler = disk.path().join(".filler");
    let bytes = usize::try_from(free - left).unwrap();
    std::fs::write(&filler, vec![1; bytes]).unwrap();
    filler
}

/// Lets the disk only be read for as long as the value lives.
pub struct ReadOnly<'a>(&'a SmallDisk);

impl<'a> ReadOnly<'a> {
    pub fn make(disk: &'a SmallDisk) -> Self {
        remount(disk, "remount,ro");
        Self(disk)
    }
}

impl Drop for ReadOnly<'_> {
    fn drop(&mut self) {
        remount(self.0, "remount,rw");
    }
}

fn remount(disk: &SmallDisk, how: &str) {
    let done = Command::new("mount")
        .args(["-o", how])
        .arg(disk.path())
        .output();
    assert!(done.unwrap().status.success());
}

/// Names below a folder, without the hidden ones and `.txt` files that are whole.
fn half_files(folder: &Path) -> Vec<PathBuf> {
    let mut half = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            half.extend(half_files(&path));
        } else if path.extension().is_some_and(|e| e == "txt") {
            let text = std::fs::read_to_string(&path).unwrap();
            if !text.contains("the end") {
                half.push(path);
            }
        }
    }
    half
}

/// So many notes with long texts.
fn long_notes(cli: &Cli, count: u32) {
    let row = |n| format!("front {n}\t{}the end\n", format!("{n} ").repeat(2000));
    let text: String = (0..count).map(row).collect();
    let file = cli.path("long.txt");
    std::fs::write(&file, text).unwrap();
    cli.ok(&["import", &file]);
}

#[test]
fn a_mirror_on_a_full_disk_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(4) else {
        return;
    };
    let cli = Cli::with_profile();
    long_notes(&cli, 150);
    cli.ok(&["backup", "create"]);
    let folder = disk.path().join("mirror");
    let mirror = ["mirror", folder.to_str().unwrap()];
    let filler = fill(&disk, 500_000);
    assert_eq!(cli.fails(&mirror), (1, "disk-full".into()));
    assert_eq!(last_run(&cli), last("mirror", "failed"));
    assert_eq!(half_files(&folder), Vec::<PathBuf>::new());
    std::fs::remove_file(filler).unwrap();
    let done = cli.ok(&mirror);
    assert_eq!(
        (&done["notes"], &done["set_aside"]),
        (&150.into(), &Value::Array(vec![]))
    );
    assert_eq!(half_files(&folder), Vec::<PathBuf>::new());
    assert_eq!(cli.ok(&mirror)["written"], 0);
}

#[test]
fn an_export_of_any_kind_to_a_full_disk_is_named_and_leaves_nothing() {
    let Some(disk) = SmallDisk::mount(4) else {
        return;
    };
    let cli = Cli::with_profile();
    long_notes(&cli, 150);
    let password = cli.path("password");
    std::fs::write(&password, "correct horse battery").unwrap();
    let key = ["--encrypt", "--password-file", &password];
    let filler = fill(&disk, 4096);
    let cases: [(&str, &[&str]); 6] = [
        ("a.colpkg", &[]),
        ("a.apkg", &[]),
        ("a.txt", &[]),
        ("b.txt", &["--cards"]),
        ("a.zip", &[]),
        ("c.txt", &key),
    ];
    for (name, more) in cases {
        let out = disk.path().join(name);
        let args = [&["export", out.to_str().unwrap()], more].concat();
        assert_eq!(cli.fails(&args), (1, "disk-full".into()), "{name}");
        assert_eq!(names(disk.path()), BTreeSet::from([".filler".to_owned()]));
    }
    std::fs::remove_file(filler).unwrap();
    let out = disk.path().join("a.txt");
    assert_eq!(cli.ok(&["export", out.to_str().unwrap()])["notes"], 150);
}

#[test]
fn a_mirror_on_a_disk_that_may_only_be_read_says_so() {
    let Some(disk) = SmallDisk::mount(4) else {
        return;
    };
    let cli = Cli::with_profile();
    long_notes(&cli, 5);
    cli.ok(&["backup", "create"]);
    let folder = disk.path().join("mirror");
    let mirror = ["mirror", folder.to_str().unwrap()];
    cli.ok(&mirror);
    long_notes(&cli, 6);
    {
        let _read_only = ReadOnly::make(&disk);
        assert_eq!(cli.fails(&mirror), (1, "permission-denied".into()));
        assert_eq!(last_run(&cli), last("mirror", "failed"));
        // Also a place where there was none.
        let fresh = disk.path().join("fresh");
        let fails = cli.fails(&["mirror", fresh.to_str().unwrap()]);
        assert_eq!(fails, (1, "permission-denied".into()));
    }
    assert_eq!(cli.ok(&mirror)["written"], 1);
}

#[test]
fn a_vault_that_may_only_be_read_is_not_written_and_gives_everything_back() {
    let Some(disk) = SmallDisk::mount(12) else {
        return;
    };
    let mut saved = Saved::profile();
    saved.to = disk.path().join("vault").to_str().unwrap().to_owned();
    saved.ok("init", &[]);
    saved.ok("push", &[]);
    saved.add_note("later");
    {
        let _read_only = ReadOnly::make(&disk);
        assert_eq!(saved.fails("push", &[]), (1, "permission-denied".into()));
        assert_eq!(last_run(&saved.cli), last("vault", "failed"));
        assert_eq!(
            saved.ok("list", &[])["snapshots"].as_array().unwrap().len(),
            1
        );
        assert_eq!(saved.ok("verify", &["--read-data"])["ok"], true);
        assert_eq!(saved.ok("restore", &[])["notes"], 500);
        saved.cli.ok(&["backup", "undo-restore"]);
    }
    saved.ok("push", &[]);
    let newest = &saved.ok("list", &[])["snapshots"][0];
    assert!(
        newest["description"]
            .as_str()
            .unwrap()
            .starts_with("501 notes")
    );
}

/// The rows that are too many for the disk are written by the COMMIT, after the media came in.
#[test]
fn an_import_whose_rows_do_not_fit_leaves_no_media() {
    let Some(disk) = SmallDisk::mount(8) else {
        return;
    };
    let cli = Cli::with_profile();
    long_notes(&cli, 60);
    let text = cli.path("picture.txt");
    std::fs::write(&text, "pic\t<img src=\"pic.png\">\n").unwrap();
    cli.ok(&["import", &text]);
    let theirs = cli.base().join("Ann/collection.media");
    std::fs::create_dir_all(&theirs).unwrap();
    std::fs::write(theirs.join("pic.png"), "theirs").unwrap();
    let package = cli.path("all.apkg");
    cli.ok(&["export", &package, "--media"]);

    let room = tempfile::tempdir().unwrap();
    let media = room.path().join("media");
    std::fs::create_dir(&media).unwrap();
    let path = disk.path().join("collection.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    col.deck_create("French").unwrap();
    let import = |col: &mut Collection| {
        let (package, progress) = (Path::new(&package), Progress::new());
        let mut staged = StagedPackage::open(package, room.path(), &Clock::System, &progress)?;
        col.import_package(&mut staged, &media, EVERYTHING, &progress)
    };
    let filler = fill(&disk, 100_000);
    let error = import(&mut col).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DiskFull, "{error}");
    assert_eq!(col.find_notes("", None).unwrap().len(), 0);
    assert_eq!(names(&media), BTreeSet::new());

    std::fs::remove_file(filler).unwrap();
    import(&mut col).unwrap();
    assert_eq!(col.find_notes("", None).unwrap().len(), 61);
    assert!(media.join("pic.png").exists());
    col.close().unwrap();
}

/// A profile on a small disk with a note of each kind, and a folder outside.
fn on_disk(disk: &SmallDisk) -> Cli {
    let cli = Cli {
        room: tempfile::tempdir().unwrap(),
    };
    std::os::unix::fs::symlink(disk.path(), cli.base()).unwrap();
    cli.ok(&["profile", "create", "Ann"]);
    std::fs::write(cli.path("password"), "correct horse battery").unwrap();
    cli
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    entries
        .map(|e| e.file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_restore_from_a_vault_to_a_full_disk_changes_nothing() {
    let Some(disk) = SmallDisk::mount(64) else {
        return;
    };
    let saved = Saved::in_folder();
    saved.ok("push", &[]);
    let cli = on_disk(&disk);
    long_notes(&cli, 3);
    cli.ok(&["backup", "create"]);
    let folder = disk.path().join("Ann");
    let (before, files) = (
        whole::rows(&folder.join("collection.anki2")),
        names(&folder),
    );
    let filler = fill(&disk, 1_500_000);
    let password = saved.cli.path("password");
    let restore = saved.args("restore", &password);
    assert_eq!(cli.fails(&restore), (1, "disk-full".into()));
    assert_eq!(last_run(&cli), last("restore", "failed"));
    assert_eq!(whole::rows(&folder.join("collection.anki2")), before);
    assert_eq!(names(&folder), files);
    assert_eq!(names(&folder.join("collection.media")).len(), 0);
    std::fs::remove_file(filler).unwrap();
    assert_eq!(cli.ok(&restore)["notes"], 500);
}

#[test]
fn a_mail_that_cannot_be_packed_on_a_full_disk_is_told_and_sent_later() {
    let (Some(disk), Some(server)) = (SmallDisk::mount(64), Server::start("plain")) else {
        return;
    };
    let cli = on_disk(&disk);
    let text: String = (0..300)
        .map(|n| format!("front {n}\t{:?}\n", noise(n, 800)))
        .collect();
    std::fs::write(cli.path("notes.txt"), text).unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    cli.ok(&["backup", "create"]);
    set_up(&cli, &server, "none", &[]);
    let password = cli.path("password");
    let send = ["mail", "send", "--password-file", &password];
    let files = names(&disk.path().join("Ann"));
    let filler = fill(&disk, 400_000);
    assert_eq!(cli.fails(&send), (1, "disk-full".into()));
    assert!(server.mails().is_empty());
    let shown = cli.ok(&["mail", "show"]);
    assert!(
        shown["failed"]["times"] == 1 && shown["sent_at"].is_null(),
        "{shown}"
    );
    assert_eq!(names(&disk.path().join("Ann")), files);
    std::fs::remove_file(filler).unwrap();
    cli.ok(&send);
    assert!(cli.ok(&["mail", "show"])["failed"].is_null());
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn a_recovery_on_a_full_disk_changes_nothing() {
    let Some(disk) = SmallDisk::mount(64) else {
        return;
    };
    let source = Cli::with_profile();
    let media = source.base().join("Ann/collection.media");
    let rows: String = (0..8)
        .map(|n| format!("front {n} <img src=\"p{n}.bin\">\tback\n"))
        .collect();
    std::fs::write(source.path("notes.txt"), rows).unwrap();
    source.ok(&["import", &source.path("notes.txt")]);
    for n in 0..8 {
        std::fs::write(media.join(format!("p{n}.bin")), noise(n, 300_000)).unwrap();
    }
    let package = source.path("all.colpkg");
    source.ok(&["export", &package, "--media"]);
    let cli = on_disk(&disk);
    long_notes(&cli, 3);
    let folder = disk.path().join("Ann");
    let before = whole::rows(&folder.join("collection.anki2"));
    let recover = [
        "backup", "recover", &package, "--search", "front", "--media",
    ];
    let filler = fill(&disk, 1_000_000);
    assert_eq!(cli.fails(&recover), (1, "disk-full".into()));
    assert_eq!(whole::rows(&folder.join("collection.anki2")), before);
    let live = folder.join("collection.media");
    for name in names(&live) {
        // One that came before the disk was full is whole; it is wanted the next time too.
        let whole = std::fs::read(media.join(&name)).unwrap();
        assert!(std::fs::read(live.join(&name)).unwrap() == whole, "{name}");
    }
    std::fs::remove_file(filler).unwrap();
    let done = cli.ok(&recover);
    assert_eq!(done["recovered"]["notes"], 8);
    assert_eq!(names(&live).len(), 8);
}

#[test]
fn a_media_folder_that_may_only_be_read_keeps_notes_from_coming_without_their_files() {
    let Some(disk) = SmallDisk::mount(64) else {
        return;
    };
    let cli = Cli::with_profile();
    let live = cli.base().join("Ann/collection.media");
    std::fs::write(cli.path("notes.txt"), "front <img src=\"p.bin\">\tback\n").unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    std::fs::write(live.join("p.bin"), "a picture").unwrap();
    let package = cli.path("all.colpkg");
    cli.ok(&["export", &package, "--media"]);
    std::fs::remove_dir_all(&live).unwrap();
    std::os::unix::fs::symlink(disk.path(), &live).unwrap();
    let path = cli.base().join("Ann/collection.anki2");
    let before = whole::rows(&path);
    let recover = [
        "backup", "recover", &package, "--search", "front", "--media",
    ];
    {
        let _read_only = ReadOnly::make(&disk);
        assert_eq!(cli.fails(&recover), (1, "permission-denied".into()));
    }
    assert_eq!(whole::rows(&path), before);
    assert_eq!(cli.ok(&recover)["recovered"]["media"], 1);
}

const DATES: [&str; 4] = ["2026-11-21", "2026-11-20", "2027-11-21", "2026-11-21"];

/// The clock of the machine is set back a day, then runs ahead by a year, then is right again.
#[test]
fn a_mail_is_sent_once_whatever_the_clock_does() {
    let Some(server) = Server::start("plain") else {
        return;
    };
    let cli = Cli::with_profile();
    long_notes(&cli, 2);
    std::fs::write(cli.path("password"), "correct horse battery").unwrap();
    set_up(&cli, &server, "none", &[]);
    let password = cli.path("password");
    let send = ["mail", "send", "--due", "--password-file", &password];
    let mut counts = Vec::new();
    for (n, date) in DATES.into_iter().enumerate() {
        // A mail of exactly a day ahead may be of either kind.
        let first = if n == 1 { 12 } else { 10 };
        for hour in [first, first + 2] {
            if at(&format!("{date} {hour}:00:00"), &cli, &send).is_none() {
                crate::oracle::skip("no libfaketime (package faketime)");
                return;
            }
        }
        counts.push(server.mails().len());
    }
    // A day back there is one already; a year on it is due; back again the log is from the future.
    assert_eq!(counts, [1, 1, 2, 3]);
}

#[test]
fn copies_are_right_whatever_the_clock_does() {
    let cli = Cli::with_profile();
    let (folder, place) = (cli.path("mirror"), cli.path("vault"));
    let password = cli.path("password");
    std::fs::write(&password, "correct horse battery").unwrap();
    let vault = |verb| ["vault", verb, "--to", &place, "--password-file", &password];
    cli.ok(&vault("init"));
    for (n, date) in DATES.into_iter().enumerate() {
        let notes = cli.path("more.txt");
        // A new note and a changed one.
        std::fs::write(&notes, format!("note {n}\tnew\nchanging\t{n}\n")).unwrap();
        let run = |args: &[&str]| at(&format!("{date} 10:00:00"), &cli, args);
        if run(&["import", &notes]).is_none() {
            crate::oracle::skip("no libfaketime (package faketime)");
            return;
        }
        assert_eq!(
            run(&["mirror", &folder]).unwrap()["set_aside"],
            Value::Array(vec![])
        );
        run(&["backup", "create"]).unwrap();
        assert_eq!(run(&vault("push")).unwrap()["verified"], true);
        let fresh = cli.path(&format!("fresh {n}"));
        cli.ok(&["mirror", &fresh]);
        let same = Command::new("diff")
            .args(["-r", "--exclude=.engram-mirror", &folder, &fresh])
            .output();
        let same = same.unwrap();
        assert!(
            same.status.success(),
            "{date}: {}",
            String::from_utf8_lossy(&same.stdout)
        );
    }
    let backups = cli.ok(&["backup", "list"])["backups"].clone();
    assert!(backups.as_array().unwrap().len() >= 4, "{backups}");
    // The newest snapshot is the one of the last push, and of the same notes.
    let other = Cli {
        room: tempfile::tempdir().unwrap(),
    };
    let all = cli.ok(&vault("list"))["snapshots"].clone();
    assert_eq!(all.as_array().unwrap().len(), 4);
    let newest = all.as_array().unwrap().iter().find(|snapshot| {
        snapshot["description"]
            .as_str()
            .unwrap()
            .starts_with("5 notes")
    });
    let id = newest.unwrap()["id"].as_str().unwrap();
    other.ok(&[&vault("restore")[..], &[id]].concat());
    let rows = |folder: &Path| whole::rows(&folder.join("collection.anki2"));
    assert_eq!(
        rows(&cli.base().join("Ann")),
        rows(&other.base().join("Ann"))
    );
}

#[test]
fn notes_are_recovered_beside_all_others_whatever_the_clock_does() {
    let cli = Cli::with_profile();
    long_notes(&cli, 3);
    let made = cli.ok(&["backup", "create"]);
    let backup = made["path"].as_str().unwrap();
    let path = cli.base().join("Ann/collection.anki2");
    let recover = ["backup", "recover", backup, "--search", "front"];
    for (n, date) in DATES.into_iter().enumerate() {
        let before = whole::rows(&path);
        let Some(done) = at(&format!("{date} 10:00:00"), &cli, &recover) else {
            crate::oracle::skip("no libfaketime (package faketime)");
            return;
        };
        assert_eq!(done["recovered"]["notes"], 3, "{done}");
        let after = whole::rows(&path);
        for table in ["notes", "cards", "revlog"] {
            assert!(before[table].iter().all(|row| after[table].contains(row)));
        }
        assert_eq!(after["notes"].len(), 3 * (n + 2));
        assert_eq!(after["cards"].len(), 3 * (n + 2));
    }
    // What was made while the clock ran ahead is told as such, and nothing else.
    let found = cli.ok(&["check", "--dry-run"])["problems"].clone();
    let mut kinds = found.as_array().unwrap().iter().map(|found| &found["kind"]);
    assert!(kinds.all(|kind| kind == "ids-in-future"), "{found}");
}
