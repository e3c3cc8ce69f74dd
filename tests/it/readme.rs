//! The texts beside backups, exports and vaults: what they tell to type opens everything with
//! standard tools, and no file of the user's is replaced by one.

use crate::cli_commands::Cli;
use crate::oracle;
use std::path::Path;
use std::process::Command;

const PASSWORD: &str = "correct horse battery";

fn has(tools: &[&str]) -> bool {
    let there = |tool: &&&str| Command::new(tool).arg("--help").output().is_err();
    match tools.iter().find(there) {
        None => true,
        Some(tool) => {
            oracle::skip(&format!("{tool} is not installed"));
            false
        }
    }
}

fn filled() -> Cli {
    let cli = Cli::with_profile();
    std::fs::write(cli.path("notes.txt"), "hola\thello\nadiós\tbye\n").unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    std::fs::write(cli.path("password"), PASSWORD).unwrap();
    cli
}

/// The lines that a text tells to type.
fn commands(readme: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(readme).unwrap();
    assert!(text.is_ascii() || text.contains('…'), "{text}");
    text.lines()
        .filter_map(|line| line.strip_prefix("  "))
        .map(str::to_owned)
        .collect()
}

/// Types `lines` in `folder`; returns what the last one said.
fn type_all(folder: &Path, lines: &[String]) -> String {
    let mut said = String::new();
    for line in lines {
        let output = Command::new("sh")
            .args(["-c", line])
            .current_dir(folder)
            .env("RESTIC_PASSWORD", PASSWORD)
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {error}");
        said = String::from_utf8(output.stdout).unwrap();
    }
    said
}

fn named(lines: Vec<String>, name: &str) -> Vec<String> {
    lines.iter().map(|l| l.replace("NAME", name)).collect()
}

#[test]
fn a_backup_opens_with_what_the_text_beside_it_says() {
    let cli = filled();
    let made = cli.ok(&["backup", "create"]);
    let backup = Path::new(made["path"].as_str().unwrap());
    let folder = backup.parent().unwrap();
    let readme = folder.join("README.txt");
    if has(&["unzip", "zstd", "sqlite3"]) {
        let stem = backup.file_stem().unwrap().to_str().unwrap();
        let said = type_all(folder, &named(commands(&readme), stem));
        assert_eq!(said, "hola\u{1f}hello\nadiós\u{1f}bye\n");
    }
    // One that somebody wrote stays.
    std::fs::write(&readme, "mine").unwrap();
    std::fs::write(cli.path("notes.txt"), "new\tnote\n").unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    cli.ok(&["backup", "create"]);
    assert_eq!(std::fs::read_to_string(&readme).unwrap(), "mine");
}

#[test]
fn an_encrypted_export_opens_with_what_the_text_beside_it_says() {
    if !has(&["age", "age-keygen", "unzip", "zstd", "sqlite3"]) {
        return;
    }
    let cli = filled();
    let key = cli.path("key");
    let made = Command::new("age-keygen")
        .args(["-o", &key])
        .output()
        .unwrap();
    assert!(made.status.success());
    let text = std::fs::read_to_string(&key).unwrap();
    let public = text
        .lines()
        .find_map(|l| l.strip_prefix("# public key: "))
        .unwrap();
    std::fs::create_dir(cli.path("out")).unwrap();
    cli.ok(&["export", &cli.path("out/all.colpkg"), "--recipient", public]);
    let folder = Path::new(&cli.path("out")).to_owned();
    let lines = commands(&folder.join("README-Engram.txt"));
    assert!(lines[0].starts_with("age -d "));
    let mut lines: Vec<String> = named(lines, "all");
    lines[0] = format!("age -d -i {key} -o all.colpkg all.colpkg.age");
    let said = type_all(&folder, &lines);
    assert_eq!(said, "hola\u{1f}hello\nadiós\u{1f}bye\n");
}

#[test]
fn a_vault_opens_with_what_the_text_in_it_says() {
    if !has(&["restic", "sqlite3"]) {
        return;
    }
    let cli = filled();
    let (to, password) = (cli.path("vault"), cli.path("password"));
    for verb in ["init", "push"] {
        cli.ok(&["vault", verb, "--to", &to, "--password-file", &password]);
    }
    let folder = Path::new(&to);
    let said = type_all(folder, &commands(&folder.join("README.txt")));
    assert_eq!(said, "hola\u{1f}hello\nadiós\u{1f}bye\n");
    // What was taken out of it does not disturb it.
    cli.ok(&["vault", "verify", "--to", &to, "--password-file", &password]);
}
