//! What is decrypted to be looked into lies in plain in a folder for temporary files: gone with the
//! run, and after a kill with the next one; that of a run at work stays.

use crate::cli_commands::Cli;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

fn rooms(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn has_a_file(folder: &Path) -> bool {
    let Ok(mut entries) = std::fs::read_dir(folder) else {
        return false;
    };
    entries.any(|entry| {
        let path = entry.unwrap().path();
        let is_plain = |path: &Path| path.metadata().is_ok_and(|found| found.len() > 0);
        has_a_file(&path) || (path.is_file() && is_plain(&path))
    })
}

#[cfg(unix)]
#[test]
fn a_killed_look_into_an_encrypted_file_leaves_nothing_in_plain_after_the_next() {
    let cli = Cli::with_profile();
    let notes: String = (0..20_000).map(|n| format!("secret {n}\tback\n")).collect();
    std::fs::write(cli.path("notes.txt"), notes).unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    std::fs::write(cli.path("password"), "p").unwrap();
    let (out, password) = (cli.path("x.colpkg.age"), cli.path("password"));
    let plain = cli.path("x.colpkg");
    cli.ok(&["export", &plain, "--encrypt", "--password-file", &password]);
    let temp = PathBuf::from(cli.path("temp"));
    std::fs::create_dir(&temp).unwrap();
    let looking = || {
        Command::new(env!("CARGO_BIN_EXE_engram-cli"))
            .arg("--base")
            .arg(cli.base())
            .args(["backup", "show", &out, "--password-file", &password])
            .env("TMPDIR", &temp)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut killed = looking();
    let mut looks = 0;
    while !has_a_file(&temp) {
        looks += 1;
        assert!(looks < 60_000, "nothing was decrypted");
        std::thread::sleep(Duration::from_millis(1));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let left = rooms(&temp);
    assert_eq!(left.len(), 1);
    // Nobody else could enter it.
    use std::os::unix::fs::PermissionsExt as _;
    let mode = left[0].metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    // One that is in use is not taken for left behind.
    let busy = temp.join(".engram-tmp-busy");
    std::fs::create_dir(&busy).unwrap();
    let in_use = std::fs::File::create(busy.join("in-use")).unwrap();
    in_use.lock().unwrap();
    assert!(looking().wait().unwrap().success());
    assert_eq!(rooms(&temp), [busy]);
    drop(in_use);
    assert!(looking().wait().unwrap().success());
    assert_eq!(rooms(&temp), [] as [PathBuf; 0]);
}
