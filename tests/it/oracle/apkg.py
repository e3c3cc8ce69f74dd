# Imports packages with the real Anki into copies of collections into which ours imported them, and
# prints where the rows differ. Argument: a JSON file with the clock's time and the jobs.
import hashlib, sqlite3
from anki.collection import ImportAnkiPackageOptions, ImportAnkiPackageRequest

TABLES = {
    "notes": "select * from notes order by id",
    "cards": "select c.id, nid, (select name from decks where id = did), ord, mod, c.usn, type, queue, due, ivl, factor, reps, lapses, left, odue, (select name from decks where id = odid), flags, data from cards c order by c.id",
    "revlog": "select * from revlog order by id",
    # Anki makes decks of one parent in no particular order.
    "decks": "select name, mtime_secs, usn, common, kind from decks order by name",
    "deck_config": "select * from deck_config order by id",
    "notetypes": "select * from notetypes order by id",
    "fields": "select * from fields order by ntid, ord",
    "templates": "select * from templates order by ntid, ord",
    "tags": "select tag, usn from tags order by tag",
    "graves": "select oid, type, usn from graves order by oid",
    "config": "select key, usn, cast(val as text) from config where key not in ('localOffset', 'lastUnburied') order by key",
    "col": "select crt, ver, usn, ls from col",
}


def number(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def plain(value, reqs=False):
    """Protobuf as a list of its fields: JSON in any order of keys, and without the requirements of
    note types, which only old programs read."""
    if not isinstance(value, (bytes, memoryview)):
        return value
    data, at, fields = bytes(value), 0, []
    try:
        while at < len(data):
            start = at
            key, at = number(data, at)
            if key & 7 == 0:
                _, at = number(data, at)
            elif key & 7 == 1:
                at += 8
            elif key & 7 == 5:
                at += 4
            else:
                size, at = number(data, at)
                content = data[at:at + size]
                at += size
                if content.startswith(b"{") and content.endswith(b"}"):
                    fields.append(json.dumps(json.loads(content), sort_keys=True))
                    continue
            if not (reqs and key >> 3 == 8):
                fields.append(data[start:at].hex())
    except (IndexError, ValueError):
        return data.hex()
    return fields


def fold(a, b):
    a, b = a.casefold(), b.casefold()
    return (a > b) - (a < b)


def tables(path):
    db = sqlite3.connect(path)
    db.create_collation("unicase", fold)
    found = {name: [[plain(v, name == "notetypes") for v in row] for row in db.execute(sql)] for name, sql in TABLES.items()}
    # A package with two note types of one name: Anki's upgrade marks either of them.
    for row in found["notetypes"]:
        if row[1].endswith(("+", "_")):
            row[1:3] = [row[1].rstrip("+_"), None]
    db.close()
    folder = path.replace(".anki2", ".media")
    media = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    found["media"] = [[name, hashlib.sha1(open(os.path.join(folder, name), "rb").read()).hexdigest()] for name in media]
    return found


jobs = json.load(open(sys.argv[1]))
clock = Clock(jobs["now"])
results = []
for job in jobs["jobs"]:
    found, error = [], None
    clock.set(jobs["now"])
    for package in job["packages"]:
        col = Collection(job["theirs"])
        try:
            options = ImportAnkiPackageOptions(**job["options"])
            log = col.import_anki_package(ImportAnkiPackageRequest(package_path=package, options=options)).log
            found.append([len(log.new), len(log.updated), len(log.duplicate), len(log.conflicting)])
        except Exception as e:
            error = str(e)
        col.close()
        clock.advance(5000)
    if error:
        # Whatever was refused, nothing came of it.
        TABLES.pop('config', None)
    ours, theirs = tables(job["ours"]), tables(job["theirs"])
    differences = []
    for name in ours:
        if ours[name] != theirs[name]:
            a = [r for r in ours[name] if r not in theirs[name]]
            b = [r for r in theirs[name] if r not in ours[name]]
            differences.append(f"{name}: ours {str(a)[:700]} theirs {str(b)[:700]}")
    results.append({"found": found, "error": error, "differences": differences})
print(json.dumps(results))
