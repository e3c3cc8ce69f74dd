# Check Database by the real Anki. `make FOLDER DAMAGES`: a collection damaged in each way of a JSON
# list of lists of statements, as N.anki2, and theirs-N.anki2, which Anki has checked; prints what
# each check said. `dump FILE…`: what collections hold, in words that do not depend on the time.
import json, os, shutil, sqlite3, sys
from anki.collection import Collection


def opened(path):
    db = sqlite3.connect(path)
    db.create_collation("unicase", lambda a, b: (a.casefold() > b.casefold()) - (a.casefold() < b.casefold()))
    db.text_factory = lambda b: b.decode("utf8", "backslashreplace")
    return db


def make(path):
    col = Collection(path)
    decks = [1, col.decks.id("A::B"), col.decks.id("C")]
    kinds = ["Basic", "Basic (and reversed card)", "Cloze", "Basic (optional reversed card)"]
    texts = [["f", "b"], ["one", "two"], ["{{c1::x}} {{c3::y}}", "z"], ["a", "b", "y"]]
    for i in range(8):
        note = col.new_note(col.models.by_name(kinds[i % 4]))
        note.fields = [f"{text}" if "c1" in text else f"{text} {i}" for text in texts[i % 4]]
        note.tags = ["x", "Y::z"][: i % 3]
        col.add_note(note, decks[i % 3])
    cards = col.find_cards("")
    col.sched.set_due_date(cards[2:5], "3")
    col.sched.set_due_date(cards[5:7], "0")
    filtered = col.sched.get_or_create_filtered_deck(0)
    filtered.name, filtered.config.reschedule = "F", True
    del filtered.config.search_terms[:]
    term = filtered.config.search_terms.add()
    term.search, term.limit = "deck:C", 3
    col.sched.add_or_update_filtered_deck(filtered)
    for card in cards[2:9]:
        for n in range(3):
            col.db.execute("insert into revlog values (?,?,-1,3,5,4,2500,1000,1)", card - 86_400_000 * (n + 1), card)
    col.close()


def dump(path):
    db = opened(path)
    rows = lambda sql: [list(r) for r in db.execute(sql)]
    decks = {i: n for i, n in rows("select id, name from decks")}
    kinds = {i: n.rstrip("+") for i, n in rows("select id, name from notetypes")}
    for i in kinds:
        # Names of recovered ones hold the time.
        if kinds[i].startswith("db-check-"):
            kinds[i] = "new " + kinds[i].rsplit("-", 1)[1]
    old = rows("select max(id) from old_ids")[0][0] if rows("select 1 from sqlite_master where name='old_ids'") else 1 << 62
    out = {
        "cards": sorted(
            [
                [r[0] if r[0] <= old else "new", *r[1:3], decks.get(r[3], r[3]), *r[4:12], decks.get(r[12], r[12]), *r[13:]]
                for r in rows(
                    "select id, nid, ord, did, type, queue, due, ivl, factor, reps, lapses, left, odid, odue, flags, data from cards"
                )
            ],
            key=str,
        ),
        "notes": [
            [r[0], kinds.get(r[1], r[1]), *r[2:]]
            for r in rows("select id, mid, tags, flds, sfld, csum, flags, data from notes order by id")
        ],
        "revlog": rows("select * from revlog order by id"),
        "tags": sorted(rows("select tag, collapsed from tags")),
        "decks": sorted([n] for n in decks.values()),
        "kinds": sorted(
            [kinds[i], rows(f"select name from fields where ntid={i} order by ord"), rows(f"select name from templates where ntid={i} order by ord")]
            for i in kinds
        ),
        "config": sorted([k, v] for k, v in rows("select KEY, val from config where KEY in ('nextPos')")),
        "graves": sorted(rows("select oid, type from graves")),
    }
    db.close()
    return out


if sys.argv[1] == "dump":
    print(json.dumps([dump(path) for path in sys.argv[2:]], default=str))
else:
    folder, said = sys.argv[2], []
    base = os.path.join(folder, "base.anki2")
    make(base)
    for n, damage in enumerate(json.load(open(sys.argv[3], encoding="utf-8"))):
        path, theirs = (os.path.join(folder, f"{prefix}{n}.anki2") for prefix in ("", "theirs-"))
        shutil.copy(base, path)
        db = opened(path)
        ids = {table: [i for (i,) in db.execute(f"select id from {table} order by id")] for table in ("cards", "notes", "decks", "notetypes", "revlog")}
        # What has the time as its id after a check is new.
        db.execute("create table old_ids as select max(id) as id from cards")
        failed = []
        for sql in damage:
            for table, of in ids.items():
                for k in range(len(of)):
                    sql = sql.replace(f"<{table} {k}>", str(of[k]))
            try:
                db.execute(sql)
            except sqlite3.Error as e:
                failed.append(f"{sql}: {e}")
        db.commit(), db.close()
        shutil.copy(path, theirs)
        try:
            col = Collection(theirs)
            problems, ok = col.fix_integrity()
            said.append({"problems": problems, "ok": ok, "failed": failed})
            col.close()
        except BaseException as e:
            said.append({"error": str(e), "failed": failed})
    print(json.dumps(said))
