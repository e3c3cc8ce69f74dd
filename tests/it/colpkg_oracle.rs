//! The real Anki restores our backups and exports, and we restore its backups and exports: equal
//! rows, equal media, and nothing for its database check to find.

use crate::backup_profile::Profile;
use crate::colpkg_round_trip::export;
use crate::oracle;
use engram::backup::entry::Reason;
use engram::backup::export::import_colpkg;
use engram::base::job::Progress;

/// Functions for the scripts below: the rows of a collection that must survive.
const COMMON: &str = r#"
import json, os, shutil, sys, tempfile
from anki.collection import Collection
from anki._backend import RustBackend

TABLES = ["notes", "cards", "revlog", "decks", "deck_config", "notetypes", "fields",
          "templates", "tags", "graves", "config"]

def rows(path, legacy=False):
    folder = tempfile.mkdtemp()
    copy = os.path.join(folder, "collection.anki2")
    shutil.copy(path, copy)
    col = Collection(copy)
    seen = {}
    for table in TABLES:
        found = col.db.all(f"select * from {table}")
        if table == "config":
            # Kept with the time of its last change, and some keys are written at each opening.
            found = [r[:1] + r[3:] for r in found if r[0] not in ("lastUnburied",)]
        if legacy and table in ("decks", "deck_config", "notetypes", "fields", "templates"):
            found = [r[:2] for r in found]
        if legacy and table in ("config", "tags"):
            found = []
        seen[table] = sorted(map(repr, found))
    seen["crt"] = col.db.scalar("select crt from col")
    said, ok = col.fix_integrity()
    assert ok, (path, said)
    col.close()
    return seen

def same(a, b):
    for key in a:
        if a[key] != b[key]:
            print("DIFFERENT", key, [x for x in a[key] if x not in b[key]][:3],
                  [x for x in b[key] if x not in a[key]][:3])
            sys.exit(0)

def import_package(package):
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "collection.anki2")
    media = os.path.join(folder, "collection.media")
    os.mkdir(media)
    RustBackend().import_collection_package(
        col_path=path, backup_path=package, media_folder=media,
        media_db=os.path.join(folder, "collection.media.db2"))
    return path, media
"#;

fn script(body: &str) -> String {
    format!("{COMMON}\n{body}")
}

/// A profile with more than one kind of everything, made by the real Anki.
fn made_by_anki() -> Option<Profile> {
    let profile = Profile::empty();
    let body = r##"
col = Collection(sys.argv[1])
for kind in ["Basic", "Basic (and reversed card)", "Cloze"]:
    model = col.models.by_name(kind)
    for i in range(30):
        note = col.new_note(model)
        note.fields[0] = f"{kind} {i} {{{{c1::ü}}}}" if kind == "Cloze" else f"{kind} {i}"
        note.fields[1] = "日本" * i
        note.tags = ["a::b", "marked"]
        col.add_note(note, col.decks.id(f"A::{kind}"))
col.decks.select(col.decks.id("A"))
for i in range(25):
    card = col.sched.getCard()
    if card:
        col.sched.answerCard(card, 1 + i % 4)
filtered = col.sched.get_or_create_filtered_deck(0)
filtered.config.search_terms[0].search = "is:due"
col.sched.add_or_update_filtered_deck(filtered)
col.set_config("backups", {"daily": 3, "weekly": 2, "monthly": 1, "minimum_interval_mins": 7})
col.fix_integrity()
col.media.write_data("bild ü.png", b"\x89PNG" + os.urandom(5000))
col.media.write_data("_static.css", b"x" * 100000)
col.close()
print("made")
"##;
    oracle::run(&script(body), [profile.collection()])?;
    Some(profile)
}

#[test]
fn anki_restores_our_backups_and_exports() {
    let Some(profile) = made_by_anki() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let backup = profile.back_up(Reason::Manual).path;
    let latest = folder.path().join("latest.colpkg");
    let legacy = folder.path().join("legacy.colpkg");
    export(&profile, &latest, true, false);
    export(&profile, &legacy, true, true);
    let body = r#"
want = rows(sys.argv[1])
media = os.path.join(os.path.dirname(sys.argv[1]), "collection.media")
for package in sys.argv[2:]:
    legacy = "legacy" in os.path.basename(package)
    path, folder = import_package(package)
    got = rows(path, legacy)
    same(rows(sys.argv[1], legacy), got)
    names = sorted(os.listdir(folder))
    if "backup-" in package:
        assert names == [], names
    else:
        assert names == sorted(os.listdir(media)), names
        for name in names:
            assert open(os.path.join(folder, name), "rb").read() == open(os.path.join(media, name), "rb").read()
print("equal")
"#;
    let args = [profile.collection(), backup, latest, legacy];
    let Some(said) = oracle::run(&script(body), args) else {
        return;
    };
    assert_eq!(said.trim(), "equal");
}

#[test]
fn we_restore_what_anki_wrote() {
    let Some(source) = made_by_anki() else { return };
    let folder = tempfile::tempdir().unwrap();
    let body = r#"
col = Collection(sys.argv[1])
out = sys.argv[2]
col.create_backup(backup_folder=out, force=True, wait_for_completion=True)
col.export_collection_package(os.path.join(out, "latest.colpkg"), True, False)
col = Collection(sys.argv[1])
col.export_collection_package(os.path.join(out, "legacy.colpkg"), True, True)
col = Collection(sys.argv[1])
col.close()

# The first kind of package, which Anki only reads nowadays: a collection of schema 11, and files.
import zipfile
old = os.path.join(tempfile.mkdtemp(), "collection.anki2")
shutil.copy(sys.argv[1], old)
Collection(old).close(downgrade=True)
media = os.path.join(os.path.dirname(sys.argv[1]), "collection.media")
names = dict(enumerate(sorted(os.listdir(media))))
first = os.path.join(out, "legacy-first.colpkg")
with zipfile.ZipFile(first, "w", zipfile.ZIP_DEFLATED) as package:
    package.write(old, "collection.anki2")
    for number, name in names.items():
        package.write(os.path.join(media, name), str(number))
    package.writestr("media", json.dumps(names))
import_package(first)

for name in sorted(os.listdir(out)):
    print(name)
"#;
    let out = folder.path().to_owned();
    let Some(names) = oracle::run(&script(body), [source.collection(), out.clone()]) else {
        return;
    };
    assert_eq!(names.lines().count(), 4, "{names}");
    let same_as_source = |target: &Profile, name: &str| {
        let body = r#"
legacy = "legacy" in sys.argv[3]
same(rows(sys.argv[1], legacy), rows(sys.argv[2], legacy))
print("equal")
"#;
        let args = [
            source.collection().into_os_string(),
            target.collection().into_os_string(),
            name.into(),
        ];
        let said = oracle::run(&script(body), args).unwrap();
        assert_eq!(said.trim(), "equal", "{name}");
    };
    for name in names.lines() {
        let target = Profile::with_notes(2);
        let package = out.join(name);
        let progress = Progress::new();
        let imported = import_colpkg(target.dir(), &package, &target.clock, &progress).unwrap();
        assert_eq!(imported.contents.notes, 90, "{name}");
        let media = if name.starts_with("backup-") { 0 } else { 2 };
        assert_eq!(imported.media_added, media, "{name}");
        same_as_source(&target, name);
        // Anki's automatic backup, as one of the list.
        if name.starts_with("backup-") {
            std::fs::create_dir_all(target.backups()).unwrap();
            let backup = target.backups().join(name);
            std::fs::copy(&package, &backup).unwrap();
            target.add_notes(1);
            assert_eq!(target.restore(&backup).unwrap().contents.notes, 90);
            same_as_source(&target, name);
        }
    }
}
