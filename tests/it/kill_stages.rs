//! Kills and faults at each stage of a command, where `kill_moments` kills at random moments: `strace`
//! counts the calls by which the headless program changes files, and the first, the second, … of
//! them kills the process, or fails as on a disk that is full or broken. Whichever it was, what is
//! there afterwards is the collection from before or the one from after, no package with a final
//! name is half, and the command can be run again.
//!
//! A run tries a few calls of each kind; `ENGRAM_KILLS` multiplies them, `ENGRAM_SEED` chooses them.

#![allow(
    clippy::disallowed_types,
    reason = "looks at the file as it lies there, before the program may mend it"
)]

use crate::cli_commands::Cli;
use crate::kill_harness::variable;
use crate::kill_moments::check_package;
use crate::{oracle, whole};
use engram::backup::encrypt::unseal_to;
use engram::base::Secret;
use engram::base::files::TEMP_PREFIX;
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::formats::encryption::Key;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PASSWORD: &str = "secret";
/// Calls of one kind, and what may become of one besides a kill.
const KINDS: [(&str, &[&str]); 5] = [
    ("write,pwrite64,writev", &["error=ENOSPC", "error=EIO"]),
    ("fsync,fdatasync,syncfs", &["error=EIO"]),
    ("rename,renameat,renameat2,link,linkat", &["error=EACCES"]),
    ("unlink,unlinkat,rmdir", &["error=EROFS"]),
    ("mkdir,mkdirat,ftruncate,fallocate", &["error=ENOSPC"]),
];

/// A profile, and a command on it that is disturbed again and again.
struct Stages {
    cli: Cli,
    /// The room of `cli` as it is before the command.
    saved: tempfile::TempDir,
    /// The calls of the last run.
    trace: tempfile::NamedTempFile,
    args: Vec<String>,
    random: StdRng,
}

impl Stages {
    /// None, after a visible line, where calls cannot be traced.
    fn of(args: &[&str], prepare: impl FnOnce(&Cli)) -> Option<Self> {
        let mut nothing = Command::new("strace");
        nothing.args(["-qq", "-o", "/dev/null", "true"]);
        if !nothing.output().is_ok_and(|done| done.status.success()) {
            oracle::skip("no strace, or it may not trace");
            return None;
        }
        let seed = variable("ENGRAM_SEED").unwrap_or_else(|| u64::from(std::process::id()));
        let line = format!("kills by stage of {args:?}: ENGRAM_SEED={seed}\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
        let cli = Cli::with_profile();
        whole::fill(&cli.base().join("Ann"), &Clock::System);
        prepare(&cli);
        let room = cli.room.path().to_str().unwrap();
        let mut args: Vec<String> = args.iter().map(|a| a.replace("ROOM", room)).collect();
        if let Some(card) = args.iter_mut().find(|arg| *arg == "CARD") {
            *card = next_card(&cli);
        }
        let saved = tempfile::tempdir().unwrap();
        copy(cli.room.path(), saved.path());
        Some(Self {
            cli,
            saved,
            trace: tempfile::NamedTempFile::new().unwrap(),
            args,
            random: StdRng::seed_from_u64(seed),
        })
    }

    fn collection(&self) -> PathBuf {
        self.cli.base().join("Ann/collection.anki2")
    }

    fn run(&self, strace: &[&str]) -> Output {
        let program = env!("CARGO_BIN_EXE_engram-cli");
        let mut command = match strace {
            [] => Command::new(program),
            options => {
                let mut command = Command::new("strace");
                command.args(["-f", "-qq", "-o"]).arg(self.trace.path());
                command.args(options).arg(program);
                command
            }
        };
        command.arg("--base").arg(self.cli.base()).args(&self.args);
        command.env_remove("ENGRAM_BASE");
        command.env("ENGRAM_PASSWORD", PASSWORD);
        command.output().unwrap()
    }

    /// The most calls of each kind that a thread made in the run just traced: a number counts the
    /// calls of each thread by themselves.
    fn counted(&self) -> [usize; KINDS.len()] {
        let trace = std::fs::read_to_string(self.trace.path()).unwrap();
        KINDS.map(|(calls, _)| {
            let mut by_thread: BTreeMap<&str, usize> = BTreeMap::new();
            for line in trace.lines() {
                let (thread, rest) = line.split_once(' ').unwrap();
                let call = rest.trim_start().split('(').next().unwrap();
                if calls.split(',').any(|known| known == call) {
                    *by_thread.entry(thread).or_default() += 1;
                }
            }
            by_thread.into_values().max().unwrap_or_default()
        })
    }

    fn put_back(&self) {
        for entry in std::fs::read_dir(self.cli.room.path()).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => std::fs::remove_dir_all(path).unwrap(),
                false => std::fs::remove_file(path).unwrap(),
            }
        }
        copy(self.saved.path(), self.cli.room.path());
    }

    fn disturb(mut self) {
        let before = contents(&self.collection());
        let all: Vec<&str> = KINDS.iter().map(|(calls, _)| *calls).collect();
        let done = self.run(&["-e", &format!("trace={}", all.join(","))]);
        assert!(done.status.success(), "{done:?}");
        let after = contents(&self.collection());
        let counted = self.counted();
        assert!(counted[0] > 1 && counted[1] > 0, "{counted:?}");
        let times = usize::try_from(variable("ENGRAM_KILLS").unwrap_or(1)).unwrap();
        for ((calls, errors), most) in KINDS.into_iter().zip(counted) {
            let whats = [&["signal=SIGKILL"], errors].concat();
            for _ in 0..times.max(1) * most.min(2) {
                let which = self.random.random_range(1..=most);
                let what = whats.choose(&mut self.random).unwrap();
                self.put_back();
                let fault = format!("{calls}:{what}:when={which}");
                let told = format!("{fault} of {:?}", self.args);
                let done = self.run(&[
                    "-e",
                    &format!("trace={calls}"),
                    "-e",
                    &format!("inject={fault}"),
                ]);
                self.judge(&done, &before, &after, &told);
            }
        }
    }

    fn judge(&self, done: &Output, before: &str, after: &str, told: &str) {
        if !self.collection().exists() {
            // Between the two renames of a restore; whoever opens the profile completes it.
            let opened = self.cli.run(&["info"]);
            assert!(opened.status.success(), "{told}: {opened:?}");
        }
        let now = contents(&self.collection());
        assert!(now == before || now == after, "{told}: {done:?}\n{now}");
        if done.status.success() {
            assert_eq!(now, after, "{told}: {done:?}");
        }
        check_packages(self.cli.room.path());
        if !done.status.success() && now == before {
            let again = self.run(&[]);
            // What was begun may be completed when the profile is opened: then there is nothing
            // left to undo.
            let is_done = again.status.success() || self.args[1] == "undo-restore";
            assert!(is_done, "{told}: {done:?}\nthen {again:?}");
            assert_eq!(contents(&self.collection()), after, "{told}");
            check_packages(self.cli.room.path());
            let left = files(self.cli.room.path());
            let left = left.iter().find(|path| name(path).starts_with(TEMP_PREFIX));
            assert_eq!(left, None, "{told}");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    let mut command = Command::new("cp");
    command.arg("-a").arg(from.join(".")).arg(to);
    assert!(command.status().unwrap().success());
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

fn check_packages(folder: &Path) {
    for path in files(folder) {
        match path.extension().and_then(|e| e.to_str()) {
            Some("colpkg" | "apkg") => drop(check_package(&path)),
            Some("age") => {
                let room = tempfile::tempdir().unwrap();
                let plain = room.path().join("plain.colpkg");
                let key = Key::Password(Secret::new(PASSWORD));
                unseal_to(&path, &plain, &key, &Progress::new()).unwrap();
                check_package(&plain);
            }
            Some("zip") => {
                let tested = Command::new("unzip").arg("-tqq").arg(&path).output();
                assert!(tested.unwrap().status.success(), "{}", path.display());
            }
            _ => {}
        }
    }
}

/// What a user would miss of a collection, without the times and ids of what was just made.
fn contents(collection: &Path) -> String {
    let db = rusqlite::Connection::open(collection).unwrap();
    db.create_collation("unicase", |a, b| a.to_lowercase().cmp(&b.to_lowercase()))
        .unwrap();
    let sound: String = db
        .query_row("pragma quick_check", [], |row| row.get(0))
        .unwrap();
    let mut told = sound;
    for sql in [
        "select flds || tags from notes order by 1",
        "select printf('%d %d %d %d %d %d', type, queue, reps, lapses, ivl, flags) from cards order by 1",
        "select printf('%d %d', count(), sum(time)) from revlog",
        "select name from decks order by 1",
        "select name from notetypes order by 1",
        "select name from deck_config order by 1",
    ] {
        let mut statement = db.prepare(sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            writeln!(told, "{}", row.get::<_, String>(0).unwrap()).unwrap();
        }
    }
    told
}

fn next_card(cli: &Cli) -> String {
    cli.ok(&["next"])["card"]["id"].to_string()
}

/// Of the collection that is there, for commands that take something in.
fn packages(cli: &Cli) {
    for (name, more) in [("all.colpkg", "--media"), ("deck.apkg", "--scheduling")] {
        cli.ok(&["export", &cli.path(name), more]);
    }
    cli.ok(&["answer", &next_card(cli), "easy"]);
    std::fs::write(
        cli.path("notes.csv"),
        "#notetype:Basic\nnew,note\nother,note\n",
    )
    .unwrap();
}

fn newest_backup(cli: &Cli) -> PathBuf {
    whole::backups(&cli.base().join("Ann"))
        .into_iter()
        .max()
        .unwrap()
}

/// A backup that knows less than the collection, as `ROOM/old.colpkg`.
fn older_backup(cli: &Cli) {
    cli.ok(&["backup", "create"]);
    std::fs::copy(newest_backup(cli), cli.path("old.colpkg")).unwrap();
    packages(cli);
    cli.ok(&["import", &cli.path("notes.csv")]);
}

fn disturb(args: &[&str], prepare: impl FnOnce(&Cli)) {
    if let Some(stages) = Stages::of(args, prepare) {
        stages.disturb();
    }
}

#[test]
fn an_answer_and_a_text_import_are_whole_or_absent() {
    disturb(&["answer", "CARD", "good"], packages);
    disturb(&["import", "ROOM/notes.csv"], packages);
}

#[test]
fn packages_come_in_whole_or_not_at_all() {
    disturb(&["import", "ROOM/deck.apkg", "--with-scheduling"], packages);
    disturb(&["import", "ROOM/all.colpkg"], packages);
}

#[test]
fn exports_have_their_names_when_they_are_whole() {
    disturb(&["export", "ROOM/out.colpkg", "--media"], |_| ());
    disturb(&["export", "ROOM/out.apkg", "--media"], |_| ());
    disturb(&["export", "ROOM/out.zip"], |_| ());
    disturb(&["export", "ROOM/out.colpkg", "--encrypt"], |_| ());
}

#[test]
fn backups_are_whole_and_a_restore_is_the_old_or_the_new_collection() {
    disturb(&["backup", "create"], packages);
    disturb(&["backup", "restore", "ROOM/old.colpkg"], older_backup);
}

/// What is there now can be read, so it must not go for a copy of the bare file.
#[test]
fn a_folder_of_backups_that_fails_is_told_and_nothing_is_replaced() {
    let Some(stages) = Stages::of(&["import", "ROOM/all.colpkg"], packages) else {
        return;
    };
    let before = contents(&stages.collection());
    let backups = stages.cli.base().join("Ann/backups");
    let folder = backups.to_str().unwrap();
    // The third one is that of the README, without which a backup is whole.
    for number in 1..=2 {
        stages.put_back();
        let fault = format!("inject=fsync:error=EIO:when={number}");
        let done = stages.run(&["-P", folder, "-e", "trace=fsync", "-e", &fault]);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{number}: {said}");
        assert!(said.contains(folder), "{number}: {said}");
        assert_eq!(contents(&stages.collection()), before, "{number}");
        let left = files(&backups);
        assert!(!left.iter().any(|path| name(path).starts_with("unreadable")));
    }
}

/// The other folder counts by then, and has all of them.
#[test]
fn what_a_move_of_the_backups_had_still_to_delete_goes_at_the_next_start() {
    let Some(stages) = Stages::of(&["backup", "folder", "--to", "ROOM/disk"], |cli| {
        cli.ok(&["backup", "create"]);
        std::fs::create_dir(cli.path("disk")).unwrap();
    }) else {
        return;
    };
    let file = |name: &str| stages.cli.base().join("Ann").join(name);
    let (own, left) = (file("backups"), file("backups-folder-left.json"));
    let listed = || stages.cli.ok(&["backup", "list"])["backups"].clone();
    let before = listed().as_array().unwrap().len();
    let mut killed = 0;
    for number in 1.. {
        stages.put_back();
        let fault = format!("inject=unlink:signal=SIGKILL:when={number}");
        let done = stages.run(&["-e", "trace=unlink", "-e", &fault]);
        if done.status.success() {
            break;
        }
        if !file("backups-folder.txt").exists() {
            continue;
        }
        killed += u32::from(own.exists() && left.exists());
        stages.cli.ok(&["info"]);
        assert!(!own.exists() && !left.exists(), "{number}");
        assert_eq!(listed().as_array().unwrap().len(), before, "{number}");
        // They are not moved once more to where they are.
        let folder = stages.cli.ok(&["backup", "folder"])["folder"].clone();
        let again = stages.run(&[]);
        assert!(again.status.success(), "{number}: {again:?}");
        assert_eq!(stages.cli.ok(&["backup", "folder"])["folder"], folder);
    }
    assert!(killed > 1, "the kills came at odd times only");
}

#[test]
fn a_restore_is_undone_or_stays() {
    disturb(&["backup", "undo-restore"], |cli| {
        older_backup(cli);
        cli.ok(&["backup", "restore", &cli.path("old.colpkg")]);
    });
}

#[test]
fn recovered_notes_are_all_there_or_none() {
    let recover = [
        "backup",
        "recover",
        "ROOM/old.colpkg",
        "--search",
        "deck:Spanish",
    ];
    disturb(&recover, older_backup);
}

#[test]
fn copies_elsewhere_are_made_after_any_fault() {
    disturb(&["mirror", "ROOM/mirror"], |_| ());
    disturb(&["vault", "push", "--to", "ROOM/vault"], |cli| {
        let init = ["vault", "init", "--to", &cli.path("vault")];
        let made = cli.run_with(&init, &[("ENGRAM_PASSWORD", Path::new(PASSWORD))]);
        assert!(made.status.success(), "{made:?}");
    });
}

#[test]
fn why_a_restore_to_a_new_profile_failed_is_told_also_when_that_cannot_be_removed() {
    let restore = ["--profile", "Bob", "vault", "restore", "--to", "ROOM/vault"];
    let Some(stages) = Stages::of(&restore, |cli| {
        let to = cli.path("vault");
        let password = [("ENGRAM_PASSWORD", Path::new(PASSWORD))];
        for command in [["init", "--to", &to], ["push", "--to", &to]] {
            let done = cli.run_with(&[&["vault"][..], &command].concat(), &password);
            assert!(done.status.success(), "{done:?}");
        }
        // One that came back from a disk without its largest folder.
        std::fs::remove_dir_all(Path::new(&to).join("data")).unwrap();
    }) else {
        return;
    };
    let listed = stages.cli.base().join("profiles.json");
    let calls = "rename,renameat,renameat2";
    let fault = format!("inject={calls}:error=EIO");
    let trace = format!("trace={calls}");
    let listed = listed.to_str().unwrap();
    let done = stages.run(&["-P", listed, "-e", &trace, "-e", &fault]);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(!done.status.success(), "{said}");
    for words in [
        "could not be removed",
        "restore from the vault",
        "vault/data",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
