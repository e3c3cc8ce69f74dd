//! The mirror: a folder of text files that follows the notes. Only files of changed notes are
//! written, and what somebody else wrote is never lost.

use crate::cli_commands::Cli;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// When the file was last written.
fn nanos_of(path: &Path) -> i128 {
    let modified = std::fs::metadata(path).unwrap().modified().unwrap();
    jiff::Timestamp::try_from(modified).unwrap().as_nanosecond()
}

/// Texts and times of all files but the hidden ones.
fn files(folder: &Path) -> BTreeMap<PathBuf, (String, i128)> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            let time = nanos_of(&path);
            all.insert(
                path.clone(),
                (std::fs::read_to_string(&path).unwrap(), time),
            );
        }
    }
    all
}

fn import(cli: &Cli, text: &str) {
    let file = cli.path("notes.txt");
    let head = "#separator:tab\n#deck column:3\n";
    std::fs::write(&file, format!("{head}{text}")).unwrap();
    cli.ok(&["import", &file]);
}

fn counts(done: &serde_json::Value) -> [u64; 3] {
    ["notes", "written", "removed"].map(|key| done[key].as_u64().unwrap())
}

/// Three notes in two decks, mirrored; the clock of the machine has gone on since.
fn mirrored() -> (Cli, String) {
    let cli = Cli::with_profile();
    import(&cli, "one\ta\tA::B\ntwo\tb\tA::B\nthree\tc\tC\n");
    let folder = cli.path("mirror");
    assert_eq!(counts(&cli.ok(&["mirror", &folder])), [3, 3, 0]);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    (cli, folder)
}

fn file_of(cli: &Cli, folder: &str, deck: &str, text: &str) -> PathBuf {
    let ids = cli.ok(&["search", "--notes", text])["ids"].clone();
    Path::new(folder).join(deck).join(format!("{}.txt", ids[0]))
}

#[test]
fn only_files_of_changed_notes_are_written() {
    let (cli, folder) = mirrored();
    let before = files(Path::new(&folder));
    assert_eq!(before.len(), 3);
    let one = file_of(&cli, &folder, "A/B", "one");
    assert!(before[&one].0.contains("\n== Back ==\na\n"), "{before:?}");
    let manifest = || std::fs::read(Path::new(&folder).join(".engram-mirror")).unwrap();
    let listed = manifest();
    assert_eq!(counts(&cli.ok(&["mirror", &folder])), [3, 0, 0]);
    assert!(files(Path::new(&folder)) == before && manifest() == listed);
    import(&cli, "one\tchanged\tA::B\n");
    assert_eq!(counts(&cli.ok(&["mirror", &folder])), [3, 1, 0]);
    let after = files(Path::new(&folder));
    let differing: Vec<_> = after
        .iter()
        .filter(|(p, f)| before.get(*p) != Some(f))
        .collect();
    assert_eq!(differing.len(), 1);
    assert!(differing[0].0 == &one && differing[0].1.0.contains("\n== Back ==\nchanged\n"));
    // An answer changes the schedule of one card.
    let card = cli.ok(&["next", "--deck", "A::B"])["card"]["id"].to_string();
    cli.ok(&["answer", &card, "easy"]);
    assert_eq!(counts(&cli.ok(&["mirror", &folder])), [3, 1, 0]);
    // From another machine, with another time zone, nothing differs.
    let again = cli.path("again");
    assert_eq!(counts(&cli.ok(&["mirror", &again])), [3, 3, 0]);
    let texts = |folder: &str| -> BTreeMap<PathBuf, String> {
        let relative = |p: &Path| p.strip_prefix(folder).unwrap().to_owned();
        let all = files(Path::new(folder));
        all.iter()
            .map(|(p, f)| (relative(p), f.0.clone()))
            .collect()
    };
    assert_eq!(texts(&folder), texts(&again));
}

#[test]
fn files_of_deleted_notes_go_unless_somebody_changed_them() {
    let (cli, folder) = mirrored();
    let (two, three) = (
        file_of(&cli, &folder, "A/B", "two"),
        file_of(&cli, &folder, "C", "three"),
    );
    std::fs::write(&two, "my own words").unwrap();
    // A changed note does not overwrite what somebody else wrote.
    import(&cli, "two\tchanged\tA::B\n");
    let done = cli.ok(&["mirror", &folder]);
    assert_eq!(counts(&done), [3, 1, 0]);
    let aside = PathBuf::from(done["set_aside"][0].as_str().unwrap());
    assert_eq!(std::fs::read_to_string(&aside).unwrap(), "my own words");
    assert!(std::fs::read_to_string(&two).unwrap().contains("changed"));
    let empty = Cli::with_profile();
    let other = empty.fails(&["mirror", &folder]);
    assert_eq!(other, (2, "invalid-input".into()), "of another profile");
    // Without a note of C its folder goes too; a changed file stays.
    std::fs::write(&two, "again mine").unwrap();
    let profile = cli.base().join("Ann/collection.anki2");
    delete_notes(&profile);
    let done = cli.ok(&["mirror", &folder]);
    assert_eq!(counts(&done), [0, 0, 2]);
    assert!(!three.parent().unwrap().exists());
    assert_eq!(std::fs::read_to_string(&two).unwrap(), "again mine");
}

fn delete_notes(collection: &Path) {
    use engram::base::time::Clock;
    let mut col = engram::collection::Collection::open(collection, Clock::System).unwrap();
    let ids = col.find_notes("", None).unwrap();
    col.delete_notes(&ids).unwrap();
    col.close().unwrap();
}

#[test]
fn a_folder_with_other_files_is_refused_and_a_repository_is_not() {
    let cli = Cli::with_profile();
    import(&cli, "one\ta\tA\n");
    let folder = cli.path("documents");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(format!("{folder}/letter.odt"), "x").unwrap();
    assert_eq!(cli.fails(&["mirror", &folder]).0, 2);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    std::fs::rename(
        format!("{folder}/letter.odt"),
        format!("{folder}/README.md"),
    )
    .unwrap();
    std::fs::create_dir(format!("{folder}/.git")).unwrap();
    assert_eq!(counts(&cli.ok(&["mirror", &folder])), [1, 1, 0]);
}
