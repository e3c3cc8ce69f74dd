# Makes scenarios in the folder given, one a seed: a collection to import into, packages of one that
# has parted from it in random ways, and random options. Arguments: the folder and the seeds.
import zipfile
from anki.collection import (DeckIdLimit, ExportAnkiPackageOptions, ImportAnkiPackageOptions,
                             ImportAnkiPackageRequest, NoteIdsLimit)


def damage(path, rnd):
    """What other programs leave: cards without notes, notes without cards, odd tags and numbers."""
    db = sqlite3.connect(path)
    for kind in rnd.sample(range(7), 2):
        if kind == 0:
            db.execute("delete from notes where id in (select id from notes order by id limit 1)")
        elif kind == 1:
            db.execute("delete from cards where nid in (select id from notes order by id limit 1)")
        elif kind == 2:
            db.execute("update cards set odid = 999, odue = 3 where id in (select id from cards order by id limit 1)")
        elif kind == 3:
            db.execute("update cards set ord = ord + 5 where id in (select id from cards order by id limit 1)")
        elif kind == 4:
            db.execute("update notes set tags = ?", [rnd.choice(["noblank", " a  b ", " A a ", " leech", " x\u3000y "])])
        elif kind == 5:
            db.execute("update cards set due = ?, ivl = ?, left = ?", [rnd.choice([2147483647, -2147483648, 7]), 2147483647, rnd.choice([0, 1001])])
        else:
            db.execute("insert or ignore into revlog select 1792000000000, id, -1, 3, 5, 2, 2500, 3000, 1 from cards order by id limit 1")
    db.commit()
    db.close()


def addons(path, rnd):
    """What add-ons leave in the columns that nobody else uses."""
    db = sqlite3.connect(path)
    for (note,) in db.execute("select id from notes order by id").fetchall():
        if rnd.random() < .2:
            db.execute("update notes set flags = ?, data = ? where id = ?", [rnd.choice([0, 7]), rnd.choice(["", "x"]), note])
    db.commit()
    db.close()


def chance(rnd, share):
    return rnd.random() < share


def make(folder, seed):
    rnd, clock = random.Random(seed), Clock(1793000000000)
    room = os.path.join(folder, str(seed))
    os.mkdir(room)
    base, source, start = (os.path.join(room, f"{name}.anki2") for name in ("base", "source", "start"))
    options = dict(merge_notetypes=chance(rnd, .4), update_notes=rnd.choice([0, 0, 1, 2]), update_notetypes=rnd.choice([0, 0, 1, 2]),
                   with_scheduling=chance(rnd, .6), with_deck_configs=chance(rnd, .5))

    def copy(a, b):
        shutil.copy(a, b)
        shutil.copytree(a.replace(".anki2", ".media"), b.replace(".anki2", ".media"), dirs_exist_ok=True)

    def work(path, count):
        col = Collection(path)
        col.media.dir()
        Hand(col, clock, rnd, options["merge_notetypes"]).work(count)
        col.close()

    work(base, rnd.randint(5, 25))
    copy(base, source)
    if chance(rnd, .85):
        copy(base, start)
    clock.advance(3600_000)
    work(source, rnd.randint(0, 15))
    addons(source, random.Random(seed))
    clock.advance(rnd.choice([1000, 2 * DAY * 1000]))
    work(start, rnd.randint(0, 15))
    packages = []
    for n in range(rnd.choice([1, 1, 2, 3])):
        clock.advance(7200_000)
        work(source, n * rnd.randint(1, 8))
        package = os.path.join(room, f"{n}.apkg")
        if chance(rnd, .7):
            col = Collection(source)
            limit = rnd.choice([None, None, DeckIdLimit(rnd.choice(sorted(d["id"] for d in col.decks.all()))), NoteIdsLimit(col.db.list("select id from notes order by id limit 4"))])
            along = ExportAnkiPackageOptions(with_scheduling=chance(rnd, .7), with_deck_configs=chance(rnd, .6), with_media=chance(rnd, .8), legacy=chance(rnd, .4))
            col.export_anki_package(out_path=package, options=along, limit=limit)
            col.close()
        else:
            damaged = os.path.join(room, "damaged.anki2")
            shutil.copy(source, damaged)
            damage(damaged, rnd)
            if chance(rnd, .4):
                Collection(damaged).close(downgrade=True)
            with zipfile.ZipFile(package, "w") as out:
                out.write(damaged, "collection.anki21")
                out.writestr("media", "{}")
        packages.append(package)
    return {"start": start, "packages": packages, "options": options}


print(json.dumps([make(sys.argv[1], int(seed)) for seed in sys.argv[2:]]))
