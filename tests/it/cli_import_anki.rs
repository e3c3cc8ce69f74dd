//! `engram-cli profile import-anki`: profiles that the real Anki made come over whole, and Anki's
//! folder stays as it was.

use crate::cli_commands::Cli;
use crate::oracle;
use engram::base::time::Clock;
use engram::storage::Storage;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Each file below `folder` with its content.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.clone(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn profiles_of_the_real_anki_come_over_whole() {
    let cli = Cli::with_profile();
    let anki = cli.room.path().join("Anki2");
    std::fs::create_dir(&anki).unwrap();
    let Some(made) = oracle::run(include_str!("oracle/profiles.py"), [&anki]) else {
        return;
    };
    let made: Value = serde_json::from_str(made.lines().last().unwrap()).unwrap();
    let before = snapshot(&anki);
    let folder = text(&anki);
    // Which one has to be said, unless it is all of them.
    assert_eq!(cli.fails(&["profile", "import-anki", folder]).0, 2);
    let one = cli.ok(&["--profile", "User 1", "profile", "import-anki", folder]);
    assert_eq!(one["imported"].as_array().unwrap().len(), 1);
    let all = cli.ok(&["profile", "import-anki", folder, "--all"]);
    let imported = all["imported"].as_array().unwrap();
    let names: Vec<&str> = imported
        .iter()
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["User 1 2", "Zweite ü"],
        "a taken name gets a number"
    );
    for (profile, name) in imported.iter().zip(["User 1", "Zweite ü"]) {
        assert_eq!(profile["notes"], made[name][0], "{name}");
        assert_eq!(profile["cards"], made[name][1], "{name}");
        assert_eq!(profile["media"], 1, "{name}");
    }
    for name in ["User 1", "User 1 2", "Zweite ü"] {
        let here = cli.base().join(name);
        let info = cli.ok(&["--profile", name, "info"]);
        assert_eq!(info["schema"], 18, "{name}");
        let media = here.join("collection.media/bild ü.png");
        assert_eq!(std::fs::read(media).unwrap(), b"picture");
        let log = std::fs::read_to_string(here.join("deleted.txt")).unwrap();
        assert!(log.contains("q0"));
        let backups = cli.ok(&["--profile", name, "backup", "list"]);
        let backups = backups["backups"].as_array().unwrap().len();
        assert_eq!(backups, usize::from(name != "Zweite ü"), "{name}");
        let looked = cli.ok(&["--profile", name, "check", "--dry-run"]);
        assert_eq!(looked["ok"], true, "{name}");
    }
    assert_eq!(snapshot(&anki), before, "Anki's folder is as it was");
}

#[test]
fn without_a_folder_the_place_of_anki_is_looked_at() {
    let cli = Cli::with_profile();
    let anki = cli.room.path().join("Anki2");
    std::fs::create_dir_all(anki.join("User 1")).unwrap();
    let collection = anki.join("User 1/collection.anki2");
    Storage::create(&collection, &Clock::System)
        .unwrap()
        .close()
        .unwrap();
    let args = ["--json", "profile", "import-anki"];
    let done = cli.run_with(&args, &[("ANKI_BASE", &anki)]);
    let done: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(done["imported"][0]["name"], "User 1");
    let none = cli.run_with(&args, &[("ANKI_BASE", &cli.room.path().join("none"))]);
    assert_eq!(none.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&none.stdout).unwrap();
    assert_eq!(said["error"]["kind"], "not-found");
}

#[test]
fn a_damaged_profile_is_named_and_the_others_come() {
    let cli = Cli::with_profile();
    let anki = cli.room.path().join("Anki2");
    for name in ["Broken", "User 1"] {
        std::fs::create_dir_all(anki.join(name)).unwrap();
    }
    std::fs::write(
        anki.join("Broken/collection.anki2"),
        "no database".repeat(9),
    )
    .unwrap();
    Storage::create(&anki.join("User 1/collection.anki2"), &Clock::System)
        .unwrap()
        .close()
        .unwrap();
    let args = ["--json", "profile", "import-anki", text(&anki), "--all"];
    let done = cli.run_with(&args, &[]);
    assert_eq!(done.status.code(), Some(3), "one is damaged");
    let done: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(done["imported"][0]["name"], "User 1");
    assert_eq!(done["failed"][0]["name"], "Broken");
    let why = done["failed"][0]["why"].as_str().unwrap();
    assert!(why.contains("Anki2/Broken/collection.anki2"), "{why}");
}

/// Anki from Flathub keeps its data in a folder of its own.
#[cfg(target_os = "linux")]
#[test]
fn the_profile_of_anki_as_a_flatpak_is_found_with_files_that_are_links() {
    let cli = Cli::with_profile();
    let home = cli.room.path().join("home");
    let user = home.join(".var/app/net.ankiweb.Anki/data/Anki2/User 1");
    let media = user.join("collection.media");
    std::fs::create_dir_all(&media).unwrap();
    std::fs::write(home.join("picture.png"), b"picture").unwrap();
    std::os::unix::fs::symlink(home.join("picture.png"), media.join("a.png")).unwrap();
    std::os::unix::fs::symlink(home.join("gone.png"), media.join("b.png")).unwrap();
    Storage::create(&user.join("collection.anki2"), &Clock::System)
        .unwrap()
        .close()
        .unwrap();
    let nowhere = home.join(".local/share");
    let args = ["--json", "profile", "import-anki"];
    let variables = [
        ("HOME", home.as_path()),
        ("XDG_DATA_HOME", nowhere.as_path()),
    ];
    let done = cli.run_with(&args, &variables);
    let done: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(done["imported"][0]["name"], "User 1", "{done}");
    assert_eq!(done["imported"][0]["media"], 1);
    let copied = cli.base().join("User 1/collection.media/a.png");
    assert_eq!(std::fs::read(copied).unwrap(), b"picture");
}

#[test]
fn a_damaged_profile_is_refused_and_leaves_nothing() {
    let cli = Cli::with_profile();
    let anki = cli.room.path().join("Anki2");
    std::fs::create_dir_all(anki.join("User 1")).unwrap();
    std::fs::write(
        anki.join("User 1/collection.anki2"),
        b"this is no database at all".repeat(400),
    )
    .unwrap();
    let before = snapshot(&cli.base());
    let (status, _) = cli.fails(&["profile", "import-anki", text(&anki)]);
    assert_eq!(status, 3);
    assert_eq!(snapshot(&cli.base()), before);
}
