//! Old collections upgraded by us and by the real Anki must be equal, table by table; and what we
//! write as schema 11 must come back in Anki as it was.

use crate::oracle;
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::storage::Storage;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Upgrades a copy of `argv[1]` with Anki and compares it with `argv[2]`, ours, before and after
/// Anki's Check Database. What Anki leaves to a later click (the scheduler) and what it does on every
/// opening is done there too.
const COMPARE: &str = r#"
import sys, shutil, sqlite3, os, json
from anki.collection import Collection
original, ours, work = sys.argv[1:4]
theirs = os.path.join(work, "theirs.anki2")
shutil.copy(original, theirs)
try:
    c = Collection(theirs)
except Exception:
    sys.exit()  # more lenient than Anki is fine
if c.sched_ver() == 1:
    c.upgrade_to_v2_scheduler()
if not c.v3_scheduler():
    c.set_v3_scheduler(True)
c.close()
c = Collection(theirs)
c.close()

def fold(s):
    return s.casefold()
def other_sorted(v):
    # the unknown keys come out of a hash map: field 255 at the end, a JSON object
    if isinstance(v, bytes) and b"\xfa\x0f" in v and v.endswith(b"}"):
        i = v.index(b"\xfa\x0f")
        j = v.index(b"{", i)
        return v[:i] + json.dumps(json.loads(v[j:]), sort_keys=True).encode()
    return v
def dump(path):
    db = sqlite3.connect(path)
    db.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
    db.create_collation("unicase", lambda a, b: (fold(a) > fold(b)) - (fold(a) < fold(b)))
    out = {}
    out["schema"] = sorted((r[0], r[1], r[2]) for r in db.execute(
        "select type, name, sql from sqlite_master where name not like 'sqlite_%'"))
    out["col"] = db.execute("select id,crt,ver,dty,usn,ls,conf,models,decks,dconf,tags from col").fetchall()
    out["cards"] = db.execute("select id,nid,did,ord,mod,usn,type,queue,due,ivl,factor,reps,lapses,left,odue,odid,flags,replace(data,'{}','') from cards order by id").fetchall()
    out["notes"] = db.execute("select * from notes order by id").fetchall()
    out["revlog"] = db.execute("select * from revlog order by id").fetchall()
    out["graves"] = db.execute("select oid,type,usn from graves order by oid,type").fetchall()
    out["config"] = sorted((r[0], r[1], json.loads(r[2])) for r in db.execute("select key,usn,val from config")
        if r[0] not in ("localOffset", "rollover", "curModel", "creationOffset"))
    for t, order in (("deck_config", "id"), ("decks", "id"), ("notetypes", "id"), ("fields", "ntid,ord"), ("templates", "ntid,ord"), ("tags", "cast(tag as blob)")):
        out[t] = [tuple(map(other_sorted, r)) for r in db.execute(f"select * from {t} order by {order}")]

    # which of two equal names gets the suffix is chance in Anki
    out["notetypes"] = [(r[0], r[1].rstrip("_")) + r[2:] for r in out["notetypes"]]
    return out

a, b = dump(theirs), dump(ours)
for table in a:
    if a[table] != b[table]:
        only_a = [r for r in a[table] if r not in b[table]][:3]
        only_b = [r for r in b[table] if r not in a[table]][:3]
        print("DIFFERS", table, len(a[table]), len(b[table]))
        for r in only_a: print("  anki:", r)
        for r in only_b: print("  ours:", r)

# Ours opens there, and its Check Database finds no more than in its own upgrade.
def found(path):
    c = Collection(path)
    said, ok = c.fix_integrity()
    c.close()
    return ok, said
a, b = found(theirs), found(ours)
if a != b: print("FINDINGS", a, b)
"#;

/// Anki makes a collection with a bit of everything and saves it as schema 11; the schemas between
/// are made from it by hand, as the versions that had them left them.
const MAKE_OLD_ONES: &str = r#"
import sys, sqlite3, json, os, struct, shutil
from anki.collection import Collection
folder = sys.argv[1]
full = os.path.join(folder, "v18.anki2")
c = Collection(full)
parent = c.decks.id("Parent::Child::Übung")
d = c.decks.get(parent)
d["desc"] = "<b>hello</b>"; d["md"] = True; d["extendNew"] = 7; d["newLimit"] = 5; d["desiredRetention"] = 87
d["newLimitToday"] = {"limit": 3, "today": 4}; d["addon"] = {"z": [1, 2], "a": None}
d["newToday"] = [9, 3]; d["revToday"] = [9, -2]; d["timeToday"] = [9, 12345]; d["lrnToday"] = [8, 1]
c.decks.save(d)
f = c.decks.new_filtered("Filtered")
d = c.decks.get(f); d["resched"] = False; d["terms"] = [["is:due", 20, 6], ["tag:x", 5, 2]]; d["delays"] = [1.5, 10]
c.decks.save(d)
preset = c.decks.add_config("Second")
preset["new"]["addon"] = 1; preset["rev"]["fuzz"] = 0.05; preset["top"] = "x"; preset["new"]["initialFactor"] = 1300
preset["new"]["order"] = 0; preset["autoplay"] = False; preset["replayq"] = False; preset["timer"] = 1
preset["fsrsWeights"] = [0.25] * 17; preset["easyDaysPercentages"] = [1, 0.5, 0, 1, 1, 1, 1]; preset["waitForAudio"] = False
preset["lapse"]["leechAction"] = 0; preset["desiredRetention"] = 0.83
c.decks.update_config(preset)
d = c.decks.get(parent); d["conf"] = preset["id"]; c.decks.save(d)
m = c.models.by_name("Basic"); m["addon"] = True; m["flds"][0]["media"] = []; m["tmpls"][0]["bfont"] = "Courier"
m["tmpls"][0]["bsize"] = 12; m["tmpls"][0]["did"] = parent; m["flds"][1]["rtl"] = True; m["flds"][1]["sticky"] = True
c.models.update_dict(m)
for i in range(5):
    n = c.new_note(c.models.by_name("Basic")); n["Front"] = f"{i} \u00e9"; n.tags = ["A::b", "leech"]
    c.add_note(n, parent)
    for card in n.cards():
        card.type = 2; card.queue = 2; card.ivl = 9; card.factor = [0, 1300, 2000, 2001, 2500][i]; c.update_card(card)
c.remove_notes([n.id])
c.set_config("addon", {"b": 1, "a": [1, {"d": 0, "c": 0}]})
c.close()
v11 = os.path.join(folder, "v11.anki2")
shutil.copy(full, v11)
c = Collection(v11); c.close(downgrade=True)

def opened(path):
    db = sqlite3.connect(path)
    db.create_collation("unicase", lambda a, b: (a.casefold() > b.casefold()) - (a.casefold() < b.casefold()))
    return db
tables = {n: s for n, s in opened(full).execute("select name, sql from sqlite_master")}

path = os.path.join(folder, "v14.anki2"); shutil.copy(v11, path); db = opened(path)
db.execute(tables["deck_config"]); db.execute(tables["config"])
db.execute("create table tags (tag text not null primary key collate unicase, usn integer not null) without rowid")
dconf, conf, tags = db.execute("select dconf, conf, tags from col").fetchone()
for id, v in json.loads(dconf).items():
    db.execute("insert into deck_config values (?, ?, ?, ?, ?)", (id, v["name"], v["mod"], v["usn"], json.dumps(v).encode()))
for k, v in json.loads(conf).items(): db.execute("insert into config values (?, 0, 0, ?)", (k, json.dumps(v).encode()))
for k, v in json.loads(tags).items(): db.execute("insert into tags values (?, ?)", (k, v))
db.execute("update col set ver=14, dconf='', conf='', tags=''"); db.commit(); db.close()

path = os.path.join(folder, "v17.anki2"); shutil.copy(full, path); db = opened(path)
rows = db.execute("select usn, oid, type from graves").fetchall()
db.execute("drop table graves")
db.execute("create table graves (usn integer not null, oid integer not null, type integer not null)")
db.executemany("insert into graves values (?, ?, ?)", rows * 2)
db.execute("update col set ver=17"); db.commit(); db.close()

path16 = os.path.join(folder, "v16.anki2"); shutil.copy(path, path16); db = opened(path16)
rows = db.execute("select tag, usn from tags").fetchall()
db.execute("drop table tags")
db.execute("create table tags (tag text not null primary key collate unicase, usn integer not null) without rowid")
db.executemany("insert into tags values (?, ?)", rows)
db.execute("update col set ver=16"); db.commit(); db.close()

path15 = os.path.join(folder, "v15.anki2"); shutil.copy(path16, path15); db = opened(path15)
for id, blob in db.execute("select id, config from deck_config").fetchall():
    for factor in (2.5, 1.3):
        blob = blob.replace(b"\x5d" + struct.pack("<f", factor), b"\x5d" + struct.pack("<f", factor * 100))
    db.execute("update deck_config set config=? where id=?", (blob, id))
db.execute("update col set ver=15"); db.commit(); db.close()
"#;

#[test]
fn every_old_schema_upgrades_as_in_anki() {
    let folder = tempfile::tempdir().unwrap();
    if oracle::run(MAKE_OLD_ONES, [folder.path()]).is_none() {
        return;
    }
    for version in [11, 14, 15, 16, 17, 18] {
        let path = folder.path().join(format!("v{version}.anki2"));
        assert_eq!(Storage::schema_version(&path).unwrap(), Some(version));
        let differences = compare_upgrade(&path).unwrap();
        assert_eq!(differences, "", "schema {version}");
    }
}

#[test]
fn what_we_write_as_schema_11_is_what_anki_writes() {
    let folder = tempfile::tempdir().unwrap();
    if oracle::run(MAKE_OLD_ONES, [folder.path()]).is_none() {
        return;
    }
    let ours = folder.path().join("ours.anki2");
    std::fs::copy(folder.path().join("v18.anki2"), &ours).unwrap();
    let mut storage = Storage::open(&ours).unwrap();
    storage.downgrade_to_11(&Progress::new()).unwrap();
    storage.close().unwrap();
    assert_eq!(Storage::schema_version(&ours).unwrap(), Some(11));
    let script = r#"
import sys, sqlite3, json
def dump(path):
    db = sqlite3.connect(path)
    col = db.execute("select id,crt,ver,dty,usn,ls from col").fetchall()
    parts = [json.loads(v) for v in db.execute("select conf, models, decks, dconf, tags from col").fetchone()]
    schema = sorted(db.execute("select type, name, sql from sqlite_master where name not like 'sqlite_%'"))
    rows = [sorted(db.execute(f"select * from {t}")) for t in ("notes", "cards", "revlog", "graves")]
    return [db.execute("pragma journal_mode").fetchall(), col, schema, rows, *parts]
for a, b in zip(dump(sys.argv[1]), dump(sys.argv[2])):
    if isinstance(a, dict):
        for k in set(a) | set(b):
            if a.get(k) != b.get(k): print("anki:", k, a.get(k)); print("ours:", k, b.get(k))
    elif a != b: print("anki:", a); print("ours:", b)
"#;
    let differences = oracle::run(script, [folder.path().join("v11.anki2"), ours]).unwrap();
    assert_eq!(differences, "");
}

fn compare_upgrade(original: &Path) -> Option<String> {
    let work = tempfile::tempdir().unwrap();
    let ours = work.path().join("ours.anki2");
    std::fs::copy(original, &ours).unwrap();
    Storage::upgrade(&ours, &Clock::System, &Progress::new())
        .unwrap_or_else(|e| panic!("{}: {e}", original.display()));
    assert!(!Storage::needs_upgrade(&ours).unwrap());
    let storage = Storage::open(&ours).unwrap();
    storage.all_decks().unwrap();
    storage.all_notetypes().unwrap();
    storage.all_deck_configs().unwrap();
    storage.close().unwrap();
    oracle::run(COMPARE, [original, &ours, work.path()])
}

#[test]
fn collections_of_real_packages_upgrade_as_in_anki() {
    let Some(shared) = oracle::shared() else {
        return;
    };
    if oracle::python().is_none() {
        return oracle::skip("no real Anki");
    }
    let mut packages = Vec::new();
    find_packages(&shared.join("packages/real"), &mut packages);
    let work = tempfile::tempdir().unwrap();
    let (mut seen, mut report) = (0, String::new());
    for package in packages {
        let Some(collection) = legacy_collection(&package, work.path()) else {
            continue;
        };
        seen += 1;
        let differences = compare_upgrade(&collection).unwrap();
        if !differences.is_empty() {
            report += &format!("{}\n{differences}", package.display());
        }
    }
    assert!(seen > 20, "only {seen} packages of schema 11");
    assert!(report.is_empty(), "{report}");
}

fn find_packages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find_packages(&path, found);
        } else if path
            .extension()
            .is_some_and(|e| e == "apkg" || e == "colpkg")
        {
            found.push(path);
        }
    }
}

/// The newest uncompressed collection of a package; packages hold a stub for older programs too.
fn legacy_collection(package: &Path, work: &Path) -> Option<PathBuf> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(package).ok()?).ok()?;
    if zip.by_name("collection.anki21b").is_ok() {
        return None;
    }
    let name = ["collection.anki21", "collection.anki2"]
        .into_iter()
        .find(|name| zip.by_name(name).is_ok())?;
    let mut bytes = Vec::new();
    zip.by_name(name).ok()?.read_to_end(&mut bytes).ok()?;
    let path = work.join("legacy.anki2");
    std::fs::write(&path, bytes).unwrap();
    Storage::needs_upgrade(&path).ok()?.then_some(path)
}
