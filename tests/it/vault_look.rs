//! Snapshots of a vault where `engram-cli` takes a backup file: looked into, compared, searched for a
//! note, single notes and their media taken back.

use crate::vault_folder::{Saved, noise};
use engram::base::ids::NoteId;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::domain::note_edit::NoteEdit;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// A vault with two snapshots: before and after a note was edited; it was deleted since, with its
/// picture.
struct Looked {
    saved: Saved,
    note: i64,
    /// Oldest first.
    snapshots: [String; 2],
}

impl Looked {
    fn new() -> Self {
        let saved = Saved::in_folder();
        let first = saved.ok("push", &[])["id"].as_str().unwrap().to_owned();
        let found = saved.cli.ok(&["search", "--notes", "p7.png"]);
        let note = found["ids"][0].as_i64().unwrap();
        saved.change(|col| {
            let present = col.storage().get_note(NoteId(note)).unwrap().unwrap();
            let edit = NoteEdit {
                id: present.id,
                notetype_id: present.notetype_id,
                fields: vec![(1, "another back".into())],
                tags: None,
            };
            col.update_notes(&[edit]).unwrap();
        });
        let second = saved.ok("push", &[])["id"].as_str().unwrap().to_owned();
        saved.change(|col| {
            col.delete_notes(&[NoteId(note)]).unwrap();
        });
        let picture = saved.profile_dir().join("collection.media/p7.png");
        std::fs::remove_file(picture).unwrap();
        Self {
            saved,
            note,
            snapshots: [first, second],
        }
    }

    fn snapshot(&self, index: usize) -> String {
        let digits = &self.snapshots[index][..8];
        format!("vault:{}#{digits}", self.saved.to)
    }

    /// Of the vault, or of its newest snapshot.
    fn vault(&self) -> String {
        format!("vault:{}", self.saved.to)
    }

    fn with_password(&self, args: &[&str]) -> Value {
        let password = self.saved.cli.path("password");
        let secret = ["--password-file", password.as_str()];
        self.saved.cli.ok(&[args, &secret].concat())
    }
}

impl Saved {
    fn change(&self, change: impl FnOnce(&mut Collection)) {
        let path = self.profile_dir().join("collection.anki2");
        let mut col = Collection::open(&path, Clock::System).unwrap();
        change(&mut col);
        col.close().unwrap();
    }
}

#[test]
fn a_snapshot_is_shown_and_compared_like_a_backup() {
    let looked = Looked::new();
    let shown = looked.with_password(&["backup", "show", &looked.vault(), "--search", "p7.png"]);
    assert_eq!(shown["notes"], 500);
    assert_eq!(shown["media_files"], 41);
    assert_eq!(shown["items"][0]["fields"][1], "another back");
    let deleted = looked.with_password(&["backup", "diff", &looked.snapshot(0)]);
    assert_eq!(
        deleted["notes"],
        json!({"added": 0, "changed": 0, "deleted": 1})
    );
    assert_eq!(deleted["items"][0]["id"], looked.note);
    let between = looked.with_password(&[
        "backup",
        "diff",
        &looked.snapshot(0),
        "--against",
        &looked.snapshot(1),
    ]);
    assert_eq!(
        between["items"][0]["fields"]["Back"],
        json!({"was": "back 7", "is": "another back"})
    );
}

#[test]
fn a_note_of_a_snapshot_comes_back_with_its_picture() {
    let looked = Looked::new();
    let (note, from) = (looked.note.to_string(), looked.snapshot(0));
    let recovered = looked.with_password(&[
        "backup", "recover", &from, "--note", &note, "--mode", "put-back", "--media",
    ]);
    assert_eq!(
        recovered["recovered"],
        json!({"notes": 1, "cards": 1, "revlog": 0, "media": 1})
    );
    assert_eq!(recovered["missing_media"], json!([]));
    let media = looked.saved.profile_dir().join("collection.media");
    assert_eq!(
        std::fs::read(media.join("p7.png")).unwrap(),
        noise(7, 50_000)
    );
    let shown = looked
        .saved
        .cli
        .ok(&["search", "--notes", "\"back:back 7\""]);
    assert_eq!(shown["ids"], json!([looked.note]));
}

#[test]
fn a_note_is_found_in_all_snapshots_and_kept_in_its_history() {
    let looked = Looked::new();
    let (note, vault) = (looked.note.to_string(), looked.vault());
    let found = looked.with_password(&["backup", "find", &note, "--in", &vault]);
    assert_eq!(found["searched"], 2);
    let backs: Vec<_> = found["versions"].as_array().unwrap().iter().collect();
    assert_eq!(backs.len(), 2, "{found}");
    assert_eq!(backs[0]["fields"]["Back"], "another back");
    assert_eq!(backs[1]["fields"]["Back"], "back 7");
    // Only one of them.
    let one = looked.with_password(&["backup", "find", &note, "--in", &looked.snapshot(0)]);
    assert_eq!(one["searched"], 1);
    looked.saved.cli.ok(&["history", &note, "--purge"]);
    let history = looked.with_password(&["history", &note, "--from-backups", "--in", &vault]);
    let kept = history["versions"].as_array().unwrap();
    assert!(kept.iter().any(|v| v["fields"][1] == "back 7"), "{history}");
    assert!(
        kept.iter().any(|v| v["fields"][1] == "another back"),
        "{history}"
    );
}

#[test]
fn what_cannot_be_opened_is_told() {
    let looked = Looked::new();
    let (cli, vault) = (&looked.saved.cli, looked.vault());
    let wrong = cli.path("wrong");
    let right = cli.path("password");
    let shown = |file: &str, password: &str| {
        cli.fails(&["backup", "show", file, "--password-file", password])
    };
    assert_eq!(shown(&vault, &wrong), (4, "wrong-password".into()));
    assert_eq!(shown(&format!("{vault}#00000000f"), &right).0, 1);
    assert_eq!(
        shown("vault:/nowhere/at/all", &right),
        (1, "not-found".into())
    );
    assert_eq!(
        cli.fails(&["backup", "show", &vault]),
        (2, "invalid-input".into())
    );
}

#[test]
fn a_snapshot_is_verified_tried_and_restored_like_a_backup() {
    let looked = Looked::new();
    let verified = looked.with_password(&["backup", "verify", &looked.snapshot(0)]);
    let result = &verified["results"][0];
    assert_eq!(
        (&result["ok"], &result["notes"]),
        (&json!(true), &json!(500))
    );
    assert_eq!(
        (&result["media_files"], &result["media_read"]),
        (&json!(41), &json!(41))
    );
    assert_eq!(result["media_bytes"], 40 * 50_000 + "odd name".len());
    let tried = looked.with_password(&["backup", "drill", &looked.snapshot(0)]);
    assert_eq!(
        (&tried["ok"], &tried["media_files"]),
        (&json!(true), &json!(41))
    );

    let cli = &looked.saved.cli;
    let password = cli.path("password");
    let from = looked.snapshot(0);
    let (status, kind) = cli.fails(&[
        "backup",
        "restore",
        &from,
        "--no-media",
        "--password-file",
        &password,
    ]);
    assert_eq!((status, kind.as_str()), (2, "invalid-input"));
    assert_eq!(cli.ok(&["info"])["notes"], 499);
    let restored = looked.with_password(&["backup", "restore", &from]);
    assert_eq!(
        (&restored["notes"], &restored["media_added"]),
        (&json!(500), &json!(1))
    );
    let found = cli.ok(&["search", "--notes", "back:\"back 7\""]);
    assert_eq!(found["ids"][0], looked.note);
    cli.ok(&["backup", "undo-restore"]);
    assert_eq!(cli.ok(&["info"])["notes"], 499);
}

#[test]
fn a_damaged_media_file_of_a_snapshot_is_named_by_verify() {
    let saved = Saved::in_folder();
    let first = saved.ok("push", &[])["id"].clone();
    let packs = || saved.files("data").into_iter().collect::<BTreeSet<_>>();
    let before = packs();
    let late = saved.profile_dir().join("collection.media/late.png");
    std::fs::write(late, noise(99, 300_000)).unwrap();
    saved.ok("push", &[]);
    let pack = packs().into_iter().filter(|file| !before.contains(file));
    let pack = pack.max_by_key(|file| file.metadata().unwrap().len());
    let pack = pack.unwrap();
    let mut bytes = std::fs::read(&pack).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&pack, bytes).unwrap();
    let password = saved.cli.path("password");
    let verify = |snapshot: &str| {
        let file = format!("vault:{}#{snapshot}", saved.to);
        let (status, said) =
            saved
                .cli
                .json(&["backup", "verify", &file, "--password-file", &password]);
        (status, said["results"][0].clone())
    };
    let (status, result) = verify("latest");
    assert_eq!((status, &result["ok"]), (3, &json!(false)), "{result}");
    assert_eq!(
        result["findings"],
        json!(["collection.media/late.png is damaged or incomplete"])
    );
    assert_eq!(
        (&result["media_files"], &result["media_read"]),
        (&json!(42), &json!(41))
    );
    // The one before it has nothing of that.
    let (status, result) = verify(&first.as_str().unwrap()[..8]);
    assert_eq!((status, &result["ok"]), (0, &json!(true)), "{result}");
    // Nor has the collection itself.
    let file = format!("vault:{}", saved.to);
    let args = [
        "backup",
        "verify",
        "--no-media",
        &file,
        "--password-file",
        &password,
    ];
    let result = saved.cli.ok(&args)["results"][0].clone();
    assert_eq!(
        (
            &result["media_files"],
            &result["media_read"],
            &result["media_bytes"]
        ),
        (&json!(42), &json!(0), &Value::Null)
    );
}

#[test]
fn one_call_takes_the_password_of_a_vault_and_that_of_a_file() {
    let looked = Looked::new();
    let cli = &looked.saved.cli;
    let (vault, of_vault, of_file) = (looked.vault(), cli.path("password"), cli.path("other"));
    std::fs::write(&of_file, "another password\n").unwrap();
    let sealed = cli.path("sealed.colpkg.age");
    cli.ok(&["export", &sealed, "--encrypt", "--password-file", &of_file]);
    let (first, second) = (looked.snapshot(0), sealed.as_str());
    let both = ["backup", "diff", &first, "--against", second];
    let found = cli.ok(&[
        &both[..],
        &[
            "--password-file",
            &of_file,
            "--vault-password-file",
            &of_vault,
        ],
    ]
    .concat());
    assert_eq!(found["notes"]["deleted"], 1);
    let wrong = [&both[..], &["--password-file", &of_file]].concat();
    assert_eq!(cli.fails(&wrong).0, 4);
    // By a variable as well; it is told when standard input would have to give both.
    let variables = [
        ("ENGRAM_PASSWORD", "another password"),
        ("ENGRAM_VAULT_PASSWORD", ""),
    ];
    let known = std::fs::read_to_string(&of_vault).unwrap();
    let variables = variables.map(|(name, value)| match value {
        "" => (name, Path::new(known.trim_end())),
        value => (name, Path::new(value)),
    });
    let said = cli.run_with(&both, &variables);
    assert!(said.status.success(), "{said:?}");
    let stdin = [
        "backup",
        "show",
        &vault,
        "--password-file",
        "-",
        "--vault-password-file",
        "-",
    ];
    assert_eq!(cli.fails(&stdin).0, 2);
}
