# make FILE: a collection with everything that matters to an export. make-renamed FILE: one whose
# first deck has another name, and another deck its name. mixedN FILE: a random one. compare JOBS: exports the same
# with Anki, imports both packages into new collections, and prints where they differ.
import hashlib, sqlite3, tempfile, zipfile
from anki.collection import (DeckIdLimit, ExportAnkiPackageOptions, ImportAnkiPackageOptions,
                             ImportAnkiPackageRequest, NoteIdsLimit)


def make(path):
    clock = Clock(1793000000000)
    col = Collection(path)
    own = preset(col, "Own", new__perDay=7)
    words = deck(col, "Words", own)
    child = deck(col, "Words::Child", own)
    other = deck(col, "Other")
    d = col.decks.get(words)
    d["desc"] = "about words"
    col.decks.save(d)
    add_notes(col, clock, words, 6, "Basic (and reversed card)", "word")
    add_notes(col, clock, child, 4, "Cloze", "child")
    add_notes(col, clock, other, 3, "Basic", "other")
    media = col.media.dir()
    for name in ["a b.png", "s.mp3", "_logo.svg", "unused.jpg"]:
        with open(os.path.join(media, name), "w") as f:
            f.write("content of " + name)
    nids = list(col.db.list("select id from notes order by id"))
    note = col.get_note(nids[0])
    note.fields[1] = '<img src="a b.png"> [sound:s.mp3] <img src="gone.png">'
    note.tags = ["marked", "Leech", "keep::this"]
    col.update_note(note)
    nt = col.models.by_name("Basic")
    nt["css"] += ' .x{background:url("_logo.svg")}'
    col.models.update_dict(nt)
    clock.advance(3600_000)
    for did in (words, child):
        col.decks.select(did)
        for rating in (3, 4, 1, 3, 3):
            queued = col.sched.get_queued_cards(fetch_limit=1)
            if not queued.cards:
                break
            top = queued.cards[0]
            card = col.get_card(top.card.id)
            card.start_timer()
            states = top.states
            state = {1: states.again, 3: states.good, 4: states.easy}[rating]
            answer = col.sched.build_answer(card=card, states=states, rating=rating - 1)
            col.sched.answer_card(answer)
            clock.advance(20_000)
    cids = list(col.db.list("select id from cards order by id"))
    col.sched.suspend_cards(cids[3:4])
    col.sched.bury_cards(cids[4:5])
    col.set_user_flag_for_cards(2, cids[5:6])
    filtered = col.decks.new_filtered("Words filtered")
    f = col.decks.get(filtered)
    f["terms"] = [["deck:Other", 2, 0]]
    col.decks.save(f)
    col.sched.rebuild_filtered_deck(filtered)
    clock.advance(3 * DAY * 1000)
    col.close()
    return {"deck": words, "borrowed": other, "filtered": filtered, "notes": [nids[0], nids[7], nids[10]]}


def make_renamed(path):
    clock = Clock(1793000000000)
    col = Collection(path)
    col.decks.rename(DeckId(1), "Mine")
    usual = deck(col, "default")
    for did, name in [(1, "mine"), (usual, "usual"), (deck(col, "default::Child"), "child"), (deck(col, "Other"), "other")]:
        add_notes(col, clock, did, 2, "Basic", name)
    notes = col.db.list("select id from notes where sfld in ('mine 0', 'child 1')")
    col.close()
    return {"deck": usual, "notes": notes}


def make_mixed(path, seed):
    """By a random hand."""
    rnd, clock = random.Random(seed), Clock(1793000000000)
    col = Collection(path)
    col.media.dir()
    Hand(col, clock, rnd, merges=False).work(rnd.randint(20, 60))
    # A deck takes along what filtered decks have borrowed, which Anki leaves out.
    for did in sorted(d["id"] for d in col.decks.all() if d["dyn"]):
        col.sched.empty_filtered_deck(did)
    chosen = rnd.choice(sorted(d["id"] for d in col.decks.all() if not d["dyn"]))
    notes = col.db.list("select id from notes order by id")
    clock.set(1793400000000)
    col.close()
    return {"deck": chosen, "notes": rnd.sample(notes, min(3, len(notes)))}


def fold(a, b):
    a, b = a.casefold(), b.casefold()
    return (a > b) - (a < b)


def tables(path):
    db = sqlite3.connect(path)
    db.create_collation("unicase", fold)
    found = {}
    for table, order in [("notes", "id"), ("cards", "id"), ("revlog", "id"), ("decks", "name"), ("deck_config", "id"),
                         ("notetypes", "id"), ("fields", "ntid, ord"), ("templates", "ntid, ord"), ("tags", "tag"), ("graves", "oid")]:
        columns = "*"
        if table == "cards":
            columns = "id, nid, (select name from decks where id = did), ord, mod, usn, type, queue, due, ivl, factor, reps, lapses, left, odue, (select name from decks where id = odid), flags, data"
        elif table == "decks":
            columns = "name, mtime_secs, usn, common, kind"
        rows = db.execute(f"select {columns} from {table} order by {order}").fetchall()
        found[table] = [[v.hex() if isinstance(v, bytes) else v for v in row] for row in rows]
    found["crt"] = db.execute("select crt from col").fetchall()
    db.close()
    folder = path.replace(".anki2", ".media")
    found["media"] = [[n, hashlib.sha1(open(os.path.join(folder, n), "rb").read()).hexdigest()] for n in sorted(os.listdir(folder))]
    return found


def imported(start, package, name):
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "collection.anki2")
    shutil.copy(start, path)
    col = Collection(path)
    options = ImportAnkiPackageOptions(with_scheduling=True, with_deck_configs=True)
    col.import_anki_package(ImportAnkiPackageRequest(package_path=package, options=options))
    col.close()
    found = tables(path)
    shutil.rmtree(folder)
    return found


def compare(order):
    clock = Clock(1793500000000)
    folder = tempfile.mkdtemp()
    start = os.path.join(folder, "start.anki2")
    Collection(start).close()
    differences = []
    for n, job in enumerate(order["jobs"]):
        col = Collection(order["source"])
        limit = {"all": None, "deck": DeckIdLimit(order["made"]["deck"]), "notes": NoteIdsLimit(order["made"]["notes"])}[job["limit"]]
        theirs = os.path.join(folder, f"{n}.apkg")
        options = ExportAnkiPackageOptions(with_scheduling=job["scheduling"], with_deck_configs=job["presets"], with_media=True, legacy=job["legacy"])
        count = col.export_anki_package(out_path=theirs, options=options, limit=limit)
        col.close()
        what = {k: job[k] for k in ("limit", "scheduling", "presets", "legacy")}
        if count != job["count"]:
            differences.append([what, "count", job["count"], count])
        names = [zipfile.ZipFile(p).namelist() for p in (job["ours"], theirs)]
        if names[0] != names[1]:
            differences.append([what, "entries", *names])
        a, b = imported(start, job["ours"], "ours"), imported(start, theirs, "theirs")
        for table in a:
            if a[table] != b[table]:
                differences.append([what, table, str([r for r in a[table] if r not in b[table]])[:500], str([r for r in b[table] if r not in a[table]])[:500]])
    shutil.rmtree(folder)
    return differences


if sys.argv[1] == "make":
    result = make(sys.argv[2])
elif sys.argv[1] == "make-renamed":
    result = make_renamed(sys.argv[2])
elif sys.argv[1].startswith("mixed"):
    result = make_mixed(sys.argv[2], int(sys.argv[1][len("mixed"):]))
else:
    result = compare(json.load(open(sys.argv[2])))
print(json.dumps(result))
