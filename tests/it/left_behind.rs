//! What is made beside a file that is exported, or in plain to be looked into, lies in a folder of its
//! own: gone with the run, and after a kill with the next one to the same place; that of a run at work
//! stays.

use crate::cli_commands::Cli;
use crate::vault_folder::noise;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Names in `folder`, in their order.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Temporary folders in `folder`.
fn rooms(folder: &Path) -> Vec<PathBuf> {
    let all = names(folder).into_iter();
    let ours = all.filter(|name| name.starts_with(".engram-tmp-"));
    ours.map(|name| folder.join(name)).collect()
}

fn has_a_file(folder: &Path) -> bool {
    let Ok(mut entries) = std::fs::read_dir(folder) else {
        return false;
    };
    entries.any(|entry| {
        // What is seen may be gone already.
        let Ok(path) = entry.map(|entry| entry.path()) else {
            return false;
        };
        let has_content = |path: &Path| path.metadata().is_ok_and(|found| found.len() > 0);
        has_a_file(&path) || (path.is_file() && has_content(&path))
    })
}

/// Kills what `start` starts while it has written something to a temporary folder in `folder`; returns
/// that folder.
fn killed_at_work(start: impl Fn() -> Child, folder: &Path) -> PathBuf {
    for _ in 0..30 {
        let mut child = start();
        while child.try_wait().unwrap().is_none() {
            if rooms(folder).iter().any(|room| has_a_file(room)) {
                break;
            }
            std::thread::sleep(Duration::from_micros(300));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // It may have been done already.
        if let Some(left) = rooms(folder).into_iter().find(|room| has_a_file(room)) {
            return left;
        }
        for name in names(folder) {
            if name.starts_with("x.") {
                std::fs::remove_file(folder.join(name)).unwrap();
            }
        }
    }
    panic!("it was never killed at work");
}

/// A folder as a run at work has one, for as long as the file is open.
fn busy(folder: &Path) -> (PathBuf, File) {
    let room = folder.join(".engram-tmp-busy");
    std::fs::create_dir(&room).unwrap();
    let mark = File::create(room.join("in-use")).unwrap();
    mark.lock().unwrap();
    (room, mark)
}

fn with_many_notes() -> Cli {
    let cli = Cli::with_profile();
    let notes: String = (0..20_000).map(|n| format!("secret {n}\tback\n")).collect();
    std::fs::write(cli.path("notes.txt"), notes).unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    std::fs::write(cli.path("password"), "p").unwrap();
    cli
}

fn command(cli: &Cli, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_engram-cli"));
    command.arg("--base").arg(cli.base()).args(args);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[cfg(unix)]
#[test]
fn a_killed_look_into_an_encrypted_file_leaves_nothing_in_plain_after_the_next() {
    let cli = with_many_notes();
    let (out, password) = (cli.path("x.colpkg.age"), cli.path("password"));
    let plain = cli.path("x.colpkg");
    cli.ok(&["export", &plain, "--encrypt", "--password-file", &password]);
    let temp = PathBuf::from(cli.path("temp"));
    std::fs::create_dir(&temp).unwrap();
    let looking = || {
        let args = ["backup", "show", &out, "--password-file", &password];
        command(&cli, &args).env("TMPDIR", &temp).spawn().unwrap()
    };
    let left = killed_at_work(looking, &temp);
    // Nobody else could enter it.
    use std::os::unix::fs::PermissionsExt as _;
    let mode = left.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    // One that is in use is not taken for left behind.
    let (busy, in_use) = busy(&temp);
    assert!(looking().wait().unwrap().success());
    assert_eq!(rooms(&temp), [busy]);
    drop(in_use);
    assert!(looking().wait().unwrap().success());
    assert_eq!(rooms(&temp), [] as [PathBuf; 0]);
}

/// Kills a command that makes `made` in `folder`, and does it again.
fn swept_by_the_next(cli: &Cli, args: &[&str], folder: &Path, made: &str) {
    let start = || command(cli, args).spawn().unwrap();
    let left = killed_at_work(start, folder);
    assert!(!folder.join(made).exists(), "{args:?}: half a file");
    let (busy, in_use) = busy(folder);
    // Nobody knows whose that is.
    let unknown = folder.join(".engram-tmp-unknown");
    std::fs::write(&unknown, "of an earlier version").unwrap();
    cli.ok(args);
    assert!(folder.join(made).exists(), "{args:?}");
    assert!(!left.exists(), "{args:?}");
    assert_eq!(rooms(folder), [busy.clone(), unknown.clone()], "{args:?}");
    drop(in_use);
    std::fs::remove_dir_all(busy).unwrap();
    std::fs::remove_file(unknown).unwrap();
}

#[test]
fn the_next_export_to_a_folder_deletes_what_a_killed_one_left_there() {
    let cli = with_many_notes();
    let password = cli.path("password");
    for (number, (name, more)) in [
        ("x.colpkg", &[][..]),
        ("x.colpkg", &["--legacy"]),
        ("x.apkg", &[]),
        ("x.txt", &[]),
        ("x.zip", &[]),
        ("x.colpkg.age", &["--encrypt", "--password-file", &password]),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = PathBuf::from(cli.path(&format!("out {number}")));
        std::fs::create_dir(&folder).unwrap();
        let out = folder.join(name);
        let args = [&["export", out.to_str().unwrap()], more].concat();
        swept_by_the_next(&cli, &args, &folder, name);
    }
}

#[test]
fn so_does_a_decryption_a_salvage_and_an_import_from_anki() {
    let cli = with_many_notes();
    let password = cli.path("password");
    let sealed = cli.path("sealed.colpkg.age");
    cli.ok(&["export", &sealed, "--encrypt", "--password-file", &password]);
    let folder = PathBuf::from(cli.path("out"));
    std::fs::create_dir(&folder).unwrap();
    let out = folder.join("x.colpkg");
    let out = out.to_str().unwrap();
    let args = [
        "backup",
        "decrypt",
        &sealed,
        out,
        "--password-file",
        &password,
    ];
    swept_by_the_next(&cli, &args, &folder, "x.colpkg");

    let collection = cli.base().join("Ann/collection.anki2");
    let from = collection.to_str().unwrap();
    let out = folder.join("x.anki2");
    let args = ["salvage", from, out.to_str().unwrap()];
    swept_by_the_next(&cli, &args, &folder, "x.anki2");

    let anki = PathBuf::from(cli.path("Anki2"));
    let media = anki.join("User 1/collection.media");
    std::fs::create_dir_all(&media).unwrap();
    std::fs::copy(collection, anki.join("User 1/collection.anki2")).unwrap();
    for n in 0..20 {
        std::fs::write(media.join(format!("{n}.png")), noise(n, 500_000)).unwrap();
    }
    let args = ["profile", "import-anki", anki.to_str().unwrap(), "--all"];
    swept_by_the_next(&cli, &args, &cli.base(), "User 1");
    assert_eq!(names(&cli.base().join("User 1/collection.media")).len(), 20);
}
