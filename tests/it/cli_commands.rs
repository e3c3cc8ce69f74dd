//! The headless program as scripts see it: one JSON object on standard output, exit statuses, what
//! is left on disk.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub struct Cli {
    pub room: tempfile::TempDir,
}

impl Cli {
    /// A data folder with one profile.
    pub fn with_profile() -> Self {
        let cli = Self {
            room: tempfile::tempdir().unwrap(),
        };
        cli.ok(&["profile", "create", "Ann"]);
        cli
    }

    pub fn base(&self) -> PathBuf {
        self.room.path().join("data")
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.run_with(args, &[])
    }

    /// With variables that name folders.
    pub fn run_with(&self, args: &[&str], variables: &[(&str, &Path)]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_engram-cli"))
            .arg("--base")
            .arg(self.base())
            .args(args)
            .env_remove("ENGRAM_BASE")
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }

    /// The object that a successful command prints.
    pub fn ok(&self, args: &[&str]) -> Value {
        let (status, value) = self.json(args);
        assert_eq!(status, 0, "{args:?}: {value}");
        value
    }

    pub fn json(&self, args: &[&str]) -> (i32, Value) {
        let mut all = vec!["--json"];
        all.extend(args);
        let output = self.run(&all);
        let text = String::from_utf8(output.stdout).unwrap();
        let value = serde_json::from_str(&text)
            .unwrap_or_else(|e| panic!("{args:?}: {e}: {text:?} {:?}", output.stderr));
        (output.status.code().unwrap(), value)
    }

    /// Status and kind of the error of a command that must fail.
    pub fn fails(&self, args: &[&str]) -> (i32, String) {
        let (status, value) = self.json(args);
        for part in ["kind", "message", "remedy"] {
            assert!(value["error"][part].is_string(), "{args:?}: {value}");
        }
        (status, value["error"]["kind"].as_str().unwrap().to_owned())
    }

    pub fn path(&self, name: &str) -> String {
        self.room.path().join(name).to_str().unwrap().to_owned()
    }
}

#[test]
fn profiles_are_made_renamed_and_deleted() {
    let cli = Cli::with_profile();
    cli.ok(&["profile", "create", "Bob"]);
    let renamed = cli.run(&["--json", "profile", "rename", "Bob", "Eve"]);
    let warned = String::from_utf8(renamed.stderr).unwrap();
    assert_eq!(warned, "", "there were no passwords to take along");
    let listed: Value = serde_json::from_slice(&renamed.stdout).unwrap();
    let names: Vec<&str> = listed["profiles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Ann", "Eve"]);
    assert_eq!(cli.fails(&["info"]), (2, "invalid-input".into()));
    cli.ok(&["--profile", "Eve", "info"]);
    cli.ok(&["profile", "delete", "Eve", "--permanently"]);
    assert!(!cli.base().join("Eve").exists());
    assert_eq!(cli.fails(&["--profile", "Eve", "info"]).0, 1);
    assert_eq!(cli.ok(&["info"])["profile"], "Ann");
}

#[test]
fn wrong_usage_is_status_two() {
    let cli = Cli::with_profile();
    assert_eq!(cli.fails(&["nonsense"]), (2, "usage".into()));
    assert_eq!(cli.fails(&["search", "a or"]).0, 2);
    let (status, said) = cli.json(&["backup"]);
    assert_eq!(status, 2);
    let message = said["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("a command is missing."), "{message}");
    assert!(message.ends_with("backup [OPTIONS] <COMMAND>"), "{message}");
    assert_eq!(cli.run(&["nonsense"]).status.code(), Some(2));
    assert!(cli.run(&["nonsense"]).stdout.is_empty());
    assert_eq!(cli.run(&["--help"]).status.code(), Some(0));
}

#[test]
fn a_new_profile_is_an_empty_collection() {
    let cli = Cli::with_profile();
    let info = cli.ok(&["info"]);
    assert_eq!(info["schema"], 18);
    for (key, count) in [("notes", 0), ("cards", 0), ("decks", 1), ("notetypes", 6)] {
        assert_eq!(info[key], count, "{key}");
    }
    let next = cli.ok(&["next"]);
    assert!(next["card"].is_null() && next["counts"]["new"] == 0);
    assert_eq!(cli.ok(&["search", "deck:*"])["count"], 0);
    assert_eq!(cli.fails(&["render", "123"]), (1, "not-found".into()));
}

#[test]
fn statistics_have_one_key_a_graph() {
    let cli = Cli::with_profile();
    let stats = cli.ok(&["stats"]);
    for graph in [
        "today",
        "future_due",
        "reviews",
        "card_counts",
        "intervals",
        "stability",
        "difficulty",
        "retrievability",
        "eases",
        "hours",
        "buttons",
        "added",
        "true_retention",
    ] {
        assert!(stats[graph].is_object(), "{graph}");
    }
    assert_eq!(stats["hours"]["one_year"].as_array().unwrap().len(), 24);
    assert_eq!(stats["cards"], 0);
    let found = cli.ok(&["stats", "--search", "-is:suspended", "--days", "31"]);
    assert_eq!(found["cards"], 0);
    assert_eq!(cli.fails(&["stats", "--search", "a or"]).0, 2);
}

#[test]
fn a_profile_in_use_is_status_five() {
    let cli = Cli::with_profile();
    let lock = std::fs::File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(cli.base().join("Ann/.lock"))
        .unwrap();
    lock.try_lock().unwrap();
    assert_eq!(cli.fails(&["backup", "create"]), (5, "locked".into()));
    cli.ok(&["backup", "list"]);
}

#[test]
fn backups_are_made_listed_verified_and_restored() {
    let cli = Cli::with_profile();
    let made = cli.ok(&["backup", "create"]);
    assert_eq!(made["verified"], true);
    assert_eq!(made["unchanged"], false);
    let path = made["path"].as_str().unwrap().to_owned();
    assert_eq!(cli.ok(&["backup", "create"])["unchanged"], true);
    let listed = cli.ok(&["backup", "list"]);
    let rows = listed["backups"].as_array().unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["path"], path.as_str());
    assert_eq!(rows[0]["reason"], "manual");
    let shown = cli.ok(&["backup", "show", &path, "--limit", "5"]);
    assert_eq!(shown["schema"], 18);
    assert_eq!(shown["items"].as_array().unwrap().len(), 0);
    let verified = cli.ok(&["backup", "verify", &path]);
    assert_eq!(verified["results"][0]["ok"], true);
    assert_eq!(
        cli.ok(&["backup", "pin", &path, "--name", "first"])["pinned"],
        true
    );
    let told = cli.run(&["backup", "list"]).stdout;
    assert!(String::from_utf8_lossy(&told).contains("(pinned: first)"));
    let thinned = cli.ok(&["backup", "thin", "--dry-run"]);
    assert_eq!(thinned["dropped"].as_array().unwrap().len(), 0);
    assert_eq!(cli.ok(&["backup", "unpin", &path])["pinned"], false);
    let restored = cli.ok(&["backup", "restore", &path]);
    assert!(Path::new(restored["safety_backup"].as_str().unwrap()).is_file());
    assert!(restored["lost"]["notes"].is_number());
    assert_eq!(cli.ok(&["backup", "undo-restore"])["restored"], true);
    assert_eq!(cli.fails(&["backup", "undo-restore"]).0, 1);
}

#[test]
fn a_restore_needs_no_other_folder_than_the_profile() {
    let cli = Cli::with_profile();
    let backup = cli.ok(&["backup", "create"])["path"].clone();
    let text = cli.path("notes.txt");
    std::fs::write(&text, "front\tback\n").unwrap();
    cli.ok(&["import", &text]);
    let args = ["--json", "backup", "restore", backup.as_str().unwrap()];
    let nowhere = cli.room.path().join("nowhere");
    let variables = ["TMPDIR", "TMP", "TEMP"].map(|name| (name, nowhere.as_path()));
    let done = cli.run_with(&args, &variables);
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (done.status.code(), &said["restored"]),
        (Some(0), &true.into())
    );
    assert_eq!(said["lost"]["notes"], 1, "{said}");
    assert_eq!(cli.ok(&["info"])["notes"], 0);
}

#[test]
fn text_files_go_where_they_say_and_else_where_the_options_say() {
    let cli = Cli::with_profile();
    let import = |text: &str, more: &[&str]| {
        let file = cli.path("notes.txt");
        std::fs::write(&file, text).unwrap();
        cli.ok(&[&["import", &file], more].concat())
    };
    let count = |query: &str| cli.ok(&["search", "--notes", query])["count"].clone();
    let options = ["--deck", "Other", "--notetype", "Cloze"];
    import(
        "#notetype column:1\n#deck column:2\nBasic\tWords\tfront\tback\n",
        &options,
    );
    assert_eq!(count("note:Basic deck:Words"), 1);
    import("#notetype:Basic\n#deck:Words\nfront2\tback\n", &options);
    assert_eq!(count("note:Basic deck:Words"), 2);
    import("{{c1::gap}}\tback\n", &options);
    assert_eq!(count("note:Cloze deck:Other"), 1);
    // Without the option notes are updated, whatever it was the last time.
    let kept = import(
        "front\tkept\n",
        &["--notetype", "Basic", "--update-existing=false"],
    );
    assert_eq!((&kept["kept"], &kept["updated"]), (&1.into(), &0.into()));
    let updated = import("front\tnew\n", &["--notetype", "Basic"]);
    assert_eq!(
        (&updated["kept"], &updated["updated"]),
        (&0.into(), &1.into())
    );
    assert_eq!(count("front new"), 1);
}

#[test]
fn rows_that_are_kept_or_left_out_are_told() {
    let cli = Cli::with_profile();
    let file = cli.path("notes.txt");
    std::fs::write(
        &file,
        "#notetype column:1\n#deck column:2\nBasic\tA\tfront\t\nNope\tA\tx\t\nBasic\t77\ty\t\nBasic\tA\t\tz\n",
    )
    .unwrap();
    let import = || {
        let done = cli.run(&["import", &file, "--update-existing=false"]);
        String::from_utf8(done.stdout).unwrap()
    };
    let left_out = "\n1 row left out: there is no such note type\
                    \n1 row left out: there is no such deck for notes\
                    \n1 row left out: the first field is empty\n";
    let first = import();
    assert!(
        first.starts_with("1 notes added") && first.ends_with(left_out),
        "{first}"
    );
    let again = import();
    let kept = format!("\n1 row left out: the note is there and stays as it is{left_out}");
    assert!(
        again.starts_with("0 notes added") && again.ends_with(&kept),
        "{again}"
    );
}

#[test]
fn files_that_are_not_there_are_told_before_any_is_imported() {
    let cli = Cli::with_profile();
    let file = cli.path("notes.txt");
    std::fs::write(&file, "front\tback\n").unwrap();
    let (status, kind) = cli.fails(&["import", &file, &cli.path("nope.txt")]);
    assert_eq!((status, kind.as_str()), (1, "not-found"));
    // Nor is a file without an ending taken for a whole collection.
    let (status, kind) = cli.fails(&["import", &file, &cli.path("nope")]);
    assert_eq!((status, kind.as_str()), (1, "not-found"));
    assert_eq!(cli.ok(&["info"])["notes"], 0);
}

#[test]
fn a_file_that_fails_among_several_tells_which_were_imported() {
    let cli = Cli::with_profile();
    let [first, second] = ["first.txt", "second.txt"].map(|name| cli.path(name));
    let broken = cli.path("broken.apkg");
    std::fs::write(&first, "front\tback\n").unwrap();
    std::fs::write(&second, "front2\tback\n").unwrap();
    std::fs::write(&broken, "no archive").unwrap();
    let args = ["import", &first, &broken, &second];
    let (status, said) = cli.json(&args);
    assert_eq!(status, 3, "{said}");
    let error = &said["error"];
    assert_eq!(error["imported"], serde_json::json!([first]), "{said}");
    assert_eq!(error["not_imported"], serde_json::json!([broken, second]));
    let remedy = error["remedy"].as_str().unwrap();
    assert!(!remedy.contains("Nothing was changed"), "{remedy}");
    assert_eq!(cli.ok(&["info"])["notes"], 1);
    let text = String::from_utf8(cli.run(&args).stderr).unwrap();
    let want = format!("Imported: {first}. Not imported: {broken}, {second}.\n");
    assert!(text.ends_with(&want), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn paths_that_are_not_unicode_are_told_byte_by_byte_and_serve_as_any_other() {
    use serde_json::json;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let room = tempfile::tempdir().unwrap();
    let odd = room.path().join(OsStr::from_bytes(b"d\xe4ta"));
    std::fs::create_dir(&odd).unwrap();
    let base = odd.join("base");
    let ok = |args: &[&OsStr]| -> Value {
        let output = Command::new(env!("CARGO_BIN_EXE_engram-cli"))
            .args([OsStr::new("--json"), OsStr::new("--base"), base.as_os_str()])
            .args(args)
            .env_remove("ENGRAM_BASE")
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{args:?}: {text} {:?}",
            output.stderr
        );
        serde_json::from_str(&text).unwrap()
    };
    let run = |command: &str, files: &[&Path], more: &[&Path]| {
        let words = command.split(' ').map(OsStr::new);
        let files = files.iter().chain(more).map(|file| file.as_os_str());
        ok(&words.chain(files).collect::<Vec<_>>())
    };
    let told = |path: &Path| -> Value {
        let bytes = path.as_os_str().as_bytes().iter();
        let hex: String = bytes.map(|byte| format!("{byte:02x}")).collect();
        json!({"shown": path.display().to_string(), "bytes": hex})
    };
    let (notes, password) = (odd.join("notes.txt"), odd.join("password"));
    std::fs::write(&notes, "front\tback\n").unwrap();
    std::fs::write(&password, "correct horse battery").unwrap();
    let made = run("profile create Ann", &[], &[]);
    assert_eq!(made["profiles"][0]["path"], told(&base.join("Ann")));
    run("import", &[&notes], &[]);
    let package = odd.join(OsStr::from_bytes(b"a\xfe.colpkg"));
    assert_eq!(run("export", &[&package], &[])["path"], told(&package));
    assert!(run("backup create", &[], &[])["path"]["bytes"].is_string());
    let verified = run("backup verify", &[&package], &[]);
    assert_eq!(verified["results"][0]["path"], told(&package));
    assert_eq!(run("backup show", &[&package], &[])["notes"], 1);
    assert_eq!(run("backup drill", &[&package], &[])["ok"], true);
    let restored = run("backup restore", &[&package], &[]);
    assert!(restored["safety_backup"]["bytes"].is_string(), "{restored}");
    assert_eq!(run("backup undo-restore", &[], &[])["restored"], true);
    let out = odd.join("salvaged.anki2");
    assert_eq!(run("salvage", &[&package, &out], &[])["path"], told(&out));
    // Encrypted, and opened again.
    let sealed = odd.join(OsStr::from_bytes(b"b\xfe.colpkg.age"));
    let key = [Path::new("--password-file"), password.as_path()];
    assert_eq!(
        run("export --encrypt", &[&sealed], &key)["path"],
        told(&sealed)
    );
    let plain = odd.join(OsStr::from_bytes(b"b\xfe.colpkg"));
    let opened = run("backup decrypt", &[&sealed, &plain], &key);
    assert_eq!(opened["path"], told(&plain));
    assert_eq!(run("backup show", &[&sealed], &key)["notes"], 1);
}

#[test]
fn searches_may_begin_with_a_minus() {
    let cli = Cli::with_profile();
    let file = cli.path("notes.txt");
    std::fs::write(&file, "#tags column:3\na\tb\tx\nc\td\t\n").unwrap();
    cli.ok(&["import", &file]);
    let out = cli.path("some.apkg");
    assert_eq!(cli.ok(&["export", &out, "--search", "-tag:x"])["notes"], 1);
    let shown = cli.ok(&["backup", "show", &out, "--search", "-c"]);
    assert_eq!(shown["items"].as_array().unwrap().len(), 0);
    let found = cli.ok(&["backup", "recover", &out, "--search", "-tag:x"]);
    assert_eq!(found["recovered"]["notes"], 1);
}

#[test]
fn damaged_files_are_status_three_and_change_nothing() {
    let cli = Cli::with_profile();
    let good = cli.ok(&["backup", "create"])["path"]
        .as_str()
        .unwrap()
        .to_owned();
    let bytes = std::fs::read(&good).unwrap();
    let cut = cli.path("cut.colpkg");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let before = std::fs::read(cli.base().join("Ann/collection.anki2")).unwrap();
    let (status, results) = cli.json(&["backup", "verify", &cut, &good]);
    assert_eq!(status, 3);
    assert_eq!(results["results"][0]["ok"], false);
    assert_eq!(results["results"][1]["ok"], true);
    for command in [vec!["import"], vec!["backup", "restore"]] {
        let mut args = command;
        args.push(&cut);
        assert_eq!(cli.fails(&args).0, 3, "{args:?}");
    }
    assert_eq!(
        std::fs::read(cli.base().join("Ann/collection.anki2")).unwrap(),
        before
    );
    assert_eq!(cli.fails(&["import", &cli.path("none.colpkg")]).0, 1);
}

/// As a crash or a program that clears up leaves it: no new one hides what was lost.
#[test]
fn a_collection_that_is_gone_is_not_made_anew_over_its_backups() {
    let cli = Cli::with_profile();
    let text = cli.path("notes.txt");
    std::fs::write(&text, "#separator:tab\none\teins\ntwo\tzwei\n").unwrap();
    cli.ok(&["import", &text, "--notetype", "Basic"]);
    let made = cli.ok(&["backup", "create"])["path"].clone();
    let file = cli.base().join("Ann/collection.anki2");
    for lost in [false, true] {
        if lost {
            std::fs::remove_file(&file).unwrap();
        } else {
            std::fs::write(&file, "").unwrap();
        }
        for command in [["info", "--quiet"], ["check", "--quiet"]] {
            assert_eq!(cli.fails(&command), (3, "corrupt".into()), "{command:?}");
        }
        assert!(
            std::fs::read(&file).unwrap_or_default().is_empty(),
            "none was made"
        );
        cli.ok(&["backup", "restore", made.as_str().unwrap()]);
        assert_eq!(cli.ok(&["info"])["notes"], 2);
        cli.ok(&["backup", "create"]);
    }
    // One whose notes were deleted on purpose is empty, and was when it was backed up.
    let new = Cli::with_profile();
    new.ok(&["backup", "create"]);
    std::fs::remove_file(new.base().join("Ann/collection.anki2")).unwrap();
    assert_eq!(new.ok(&["info"])["notes"], 0);
}

#[test]
fn a_file_that_cannot_be_verified_does_not_hide_the_results_of_the_others() {
    let cli = Cli::with_profile();
    let [good, text, gone, wrong] =
        ["good.colpkg", "text.txt", "gone.colpkg", "wrong"].map(|name| cli.path(name));
    cli.ok(&["export", &good]);
    std::fs::write(&text, "no backup").unwrap();
    std::fs::write(&wrong, "another password").unwrap();
    std::fs::write(cli.path("right"), "correct horse battery").unwrap();
    let key = ["--encrypt", "--password-file", &cli.path("right")];
    let to = cli.path("sealed.colpkg");
    cli.ok(&[&["export", to.as_str()], &key[..]].concat());
    let sealed = format!("{to}.age");
    let check = |files: &[&str], status: i32| {
        let key = ["--password-file", wrong.as_str()];
        let (found, value) = cli.json(&[&["backup", "verify"], files, &key].concat());
        assert_eq!(found, status, "{value}");
        let results = value["results"].as_array().unwrap();
        let named = results.iter().map(|r| r["path"].as_str().unwrap());
        assert_eq!(named.collect::<Vec<_>>(), files, "{value}");
        for (result, file) in results.iter().zip(files) {
            assert_eq!(result["ok"], *file == good, "{value}");
        }
    };
    check(&[&text, &good], 3);
    check(&[&gone, &good], 1);
    check(&[&sealed, &good], 4);
    check(&[&gone, &sealed, &text, &good], 3);
    let alone = cli.fails(&["backup", "verify", &gone]);
    assert_eq!(alone, (1, "not-found".into()));
}

#[test]
fn words_about_a_backup_are_kept_only_beside_backups() {
    let cli = Cli::with_profile();
    let elsewhere = cli.path("elsewhere.colpkg");
    cli.ok(&["export", &elsewhere]);
    for args in [
        ["backup", "pin", &elsewhere].as_slice(),
        &["backup", "note", &elsewhere, "x"],
    ] {
        assert_eq!(cli.fails(args), (2, "invalid-input".into()));
    }
    let left = std::fs::read_dir(cli.room.path()).unwrap().count();
    assert_eq!(left, 2, "the data folder and the package");
    let made = cli.ok(&["backup", "create"]);
    let made = made["path"].as_str().unwrap();
    assert_eq!(cli.ok(&["backup", "pin", made, "--name", "T"])["name"], "T");
}

#[test]
#[expect(clippy::disallowed_types, reason = "damages the collection")]
fn an_answer_is_done_whatever_is_wrong_with_the_next_card() {
    let cli = Cli::with_profile();
    let notes = cli.path("notes.txt");
    std::fs::write(&notes, "one\tx\ntwo\ty\n").unwrap();
    cli.ok(&["import", &notes]);
    let db = rusqlite::Connection::open(cli.base().join("Ann/collection.anki2")).unwrap();
    db.execute("delete from notes where flds like 'two%'", [])
        .unwrap();
    drop(db);
    let card = cli.ok(&["next"])["card"]["id"].to_string();
    let done = cli.ok(&["answer", &card, "easy"]);
    assert_eq!(done["answered"]["id"].to_string(), card);
    assert!(done["card"].is_null() && done["counts"].is_null(), "{done}");
    assert_eq!(done["warnings"].as_array().unwrap().len(), 1, "{done}");
    assert_eq!(cli.ok(&["search", "is:review"])["count"], 1);
    assert_eq!(cli.json(&["next"]).0, 3);
}

#[test]
fn errors_say_what_was_wrong_and_fitting_remedies() {
    let cli = Cli::with_profile();
    let message = |args: &[&str]| {
        let (_, value) = cli.json(args);
        let error = &value["error"];
        format!(
            "{} {}",
            error["message"].as_str().unwrap(),
            error["remedy"].as_str().unwrap()
        )
    };
    let said = message(&["answer", "1", "nope"]);
    assert!(said.contains("again, hard, good, easy"), "{said}");
    let said = message(&["backup", "verify"]);
    assert!(said.contains("<FILE>"), "{said}");
    let said = message(&["render", "1"]);
    assert!(
        said.contains("no card 1") && !said.contains("file or folder"),
        "{said}"
    );
    let said = message(&["render", "1", "--png", "x.png", "--scale", "0"]);
    assert!(said.contains("between 0.25 and 8"), "{said}");
    let collection = cli.base().join("Ann/collection.anki2");
    let said = message(&["render", "1", "--png", collection.to_str().unwrap()]);
    assert!(said.contains("own folder is not a place"), "{said}");
    std::fs::write(cli.path("x.dat"), "").unwrap();
    let said = message(&["import", &cli.path("x.dat")]);
    assert!(said.contains(".csv"), "{said}");
    assert_eq!(cli.fails(&["import", &cli.path("")]).0, 2);
    assert_eq!(cli.fails(&["mirror", &cli.path("x.dat")]).0, 2);
    let said = message(&["import", "/no/such.apkg"]);
    assert!(said.contains("file or folder"), "{said}");
}

#[test]
fn every_kind_of_export_counts_notes_and_cards() {
    let cli = Cli::with_profile();
    let text = cli.path("notes.txt");
    std::fs::write(&text, "front\tback\n").unwrap();
    cli.ok(&["import", &text]);
    for (name, more, counts) in [
        ("a.colpkg", None, [1, 1]),
        ("a.apkg", None, [1, 1]),
        ("a.txt", None, [1, 0]),
        ("b.txt", Some("--cards"), [0, 1]),
        ("a.zip", None, [1, 0]),
    ] {
        let out = cli.path(name);
        let args: Vec<&str> = ["export", &out].into_iter().chain(more).collect();
        let made = cli.ok(&args);
        let found = ["notes", "cards"].map(|key| made[key].as_i64());
        assert_eq!(found, counts.map(Some), "{made}");
        assert!(
            made["media_files"].is_i64() && made["size"].is_i64(),
            "{made}"
        );
    }
}

/// Of a collection that cannot be read and is replaced all the same, something is remarked.
#[test]
fn with_quiet_nothing_stands_on_standard_error_when_all_went_well() {
    let cli = Cli::with_profile();
    let made = cli.ok(&["backup", "create"])["path"].clone();
    let collection = cli.base().join("Ann/collection.anki2");
    let args = ["backup", "restore", made.as_str().unwrap(), "--quiet"];
    for quiet in [false, true] {
        std::fs::write(&collection, "no collection").unwrap();
        let done = cli.run(if quiet { &args } else { &args[..3] });
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(0), "{said}");
        assert_eq!(said.is_empty(), quiet, "{said}");
    }
}

/// Silence would look as if they had been heeded.
#[test]
fn options_that_say_nothing_about_a_kind_of_file_are_told() {
    let cli = Cli::with_profile();
    let [text, deck, all, zip] = ["a.txt", "a.apkg", "a.colpkg", "a.zip"].map(|n| cli.path(n));
    std::fs::write(cli.path("notes.txt"), "front\tback\n").unwrap();
    cli.ok(&["import", &cli.path("notes.txt"), "--deck", "D"]);
    let told = |args: &[&str]| {
        let done = cli.run(args);
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(0), "{args:?}: {said}");
        let names = said
            .lines()
            .filter_map(|line| line.strip_suffix(" says nothing about a file of this kind"));
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    let cases: [(Vec<&str>, &[&str]); 10] = [
        (vec!["export", &text, "--cards"], &[]),
        (
            vec!["export", &text, "--media", "--legacy"],
            &["--media", "--legacy"],
        ),
        (vec!["export", &zip, "--media", "--cards"], &["--cards"]),
        (
            vec![
                "export",
                &deck,
                "--media",
                "--scheduling",
                "--presets",
                "--legacy",
            ],
            &[],
        ),
        (
            vec!["export", &all, "--scheduling", "--presets", "--media"],
            &["--scheduling", "--presets"],
        ),
        (
            vec!["import", &deck, "--deck", "X", "--with-scheduling"],
            &["--deck"],
        ),
        (
            vec!["import", &text, "--deck", "X", "--with-presets"],
            &["--with-presets"],
        ),
        (
            vec!["import", &text, &deck, "--deck", "X", "--merge-notetypes"],
            &[],
        ),
        (
            vec!["import", &all, "--update-existing=false"],
            &["--update-existing"],
        ),
        (vec!["--quiet", "import", &deck, "--notetype", "Basic"], &[]),
    ];
    for (args, unused) in cases {
        assert_eq!(told(&args), unused, "{args:?}");
    }
}

#[test]
fn packages_go_out_and_come_back() {
    let cli = Cli::with_profile();
    for (name, legacy) in [("new.colpkg", false), ("old.colpkg", true)] {
        let out = cli.path(name);
        let mut args = vec!["export", out.as_str(), "--media"];
        if legacy {
            args.push("--legacy");
        }
        let exported = cli.ok(&args);
        assert_eq!(exported["size"], std::fs::metadata(&out).unwrap().len());
        let imported = cli.ok(&["import", &out]);
        assert_eq!(imported["kind"], "colpkg");
        assert!(imported["safety_backup"].is_string());
    }
    assert_eq!(cli.fails(&["export", &cli.path("x.pdf")]).0, 2);
}

#[test]
fn an_import_into_a_new_profile_warns_of_nothing() {
    let cli = Cli::with_profile();
    let out = cli.path("all.colpkg");
    cli.ok(&["export", &out]);
    cli.ok(&["profile", "create", "New"]);
    let imported = cli.ok(&["--profile", "New", "import", &out]);
    assert_eq!(imported["warnings"], serde_json::json!([]));
    assert!(imported["safety_backup"].is_null());
}

#[test]
fn a_sound_collection_is_checked_after_a_backup() {
    let cli = Cli::with_profile();
    let looked = cli.ok(&["check", "--dry-run"]);
    assert_eq!(
        (&looked["ok"], looked["safety_backup"].is_null()),
        (&true.into(), true)
    );
    let checked = cli.ok(&["check"]);
    assert_eq!(checked["problems"].as_array().unwrap().len(), 0);
    assert!(Path::new(checked["safety_backup"].as_str().unwrap()).is_file());
}

#[test]
fn media_and_empty_cards_are_reported_and_mended_when_asked() {
    let cli = Cli::with_profile();
    let report = cli.ok(&["empty-cards"]);
    assert_eq!(report["ok"], true);
    let media = cli.base().join("Ann/collection.media");
    std::fs::create_dir_all(&media).unwrap();
    for name in ["unused.png", "what?.png"] {
        std::fs::write(media.join(name), "x").unwrap();
    }
    let report = cli.ok(&["check-media"]);
    assert_eq!(report["ok"], false);
    assert_eq!(report["problems"][0]["kind"], "unused");
    assert_eq!(report["problems"][0]["count"], 2);
    assert_eq!(report["unfit_names"][0][1], "what.png");
    assert!(media.join("what?.png").exists(), "only looked");
    let report = cli.ok(&["check-media", "--rename", "--trash-unused"]);
    assert_eq!(report["renamed"], 1);
    assert_eq!(report["moved_to_trash"], 2);
    assert!(cli.base().join("Ann/media.trash/unused.png").exists());
    assert_eq!(cli.ok(&["check-media"])["ok"], true);
}

/// A script that keeps the answer in a file learns that it is not there.
#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_a_failure_and_a_reader_that_left_is_none() {
    let cli = Cli::with_profile();
    let status = |out: std::process::Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_engram-cli"));
        command.arg("--base").arg(cli.base()).arg("--json");
        command.env_remove("ENGRAM_BASE").args(["profile", "list"]);
        let done = command.stdout(out).output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        (done.status.code(), said.contains("could not be written"))
    };
    let full = std::fs::File::options().write(true).open("/dev/full");
    assert_eq!(status(full.unwrap().into()), (Some(1), true));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(status(writer.into()), (Some(0), false));
}

#[test]
fn unused_files_stay_when_one_of_them_cannot_go_to_the_trash() {
    let cli = Cli::with_profile();
    cli.ok(&["info"]);
    let media = cli.base().join("Ann/collection.media");
    let names = ["a.png", "b.png", "c.png"];
    for name in names {
        std::fs::write(media.join(name), name).unwrap();
    }
    // Nothing can be compared with a folder.
    std::fs::create_dir_all(cli.base().join("Ann/media.trash/b.png")).unwrap();
    assert_ne!(cli.json(&["check-media", "--trash-unused"]).0, 0);
    assert!(names.iter().all(|name| media.join(name).is_file()));
}

/// What cannot be told changes neither what is done nor the status that says how it went.
#[cfg(target_os = "linux")]
#[test]
fn an_error_that_cannot_be_written_still_gives_its_status() {
    let cli = Cli::with_profile();
    let full = std::fs::File::options().write(true).open("/dev/full");
    let mut command = Command::new(env!("CARGO_BIN_EXE_engram-cli"));
    command.arg("--base").arg(cli.base());
    command
        .env_remove("ENGRAM_BASE")
        .args(["backup", "show", "no-such"]);
    command.stderr(full.unwrap());
    assert_eq!(command.status().unwrap().code(), Some(1));
}

/// It waits for a password that never comes; the first signal asks it to end by itself.
#[cfg(unix)]
#[test]
fn a_second_signal_ends_a_command_that_waits_for_its_input() {
    for signal in ["INT", "TERM"] {
        let cli = Cli::with_profile();
        let mut child = Command::new(env!("CARGO_BIN_EXE_engram-cli"))
            .arg("--base")
            .arg(cli.base())
            .args(["export", &cli.path("x.colpkg"), "--encrypt"])
            .args(["--password-file", "-"])
            .env_remove("ENGRAM_BASE")
            .stdin(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let pid = child.id().to_string();
        let mut sent = 0;
        while child.try_wait().unwrap().is_none() {
            assert!(sent < 100, "SIG{signal} does not end it");
            let done = Command::new("kill").args(["-s", signal, &pid]).status();
            assert!(done.unwrap().success());
            std::thread::sleep(std::time::Duration::from_millis(100));
            sent += 1;
        }
        assert!(!child.wait().unwrap().success());
        assert!(!Path::new(&cli.path("x.colpkg.age")).exists());
    }
}
