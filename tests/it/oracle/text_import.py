# Imports text files with the real Anki into copies of the collection into which ours imported them,
# and prints where metadata, counts or rows differ. Argument: a JSON file with the jobs.
import sqlite3
from anki.collection import CsvMetadata, ImportCsvRequest

LOG = ["new", "updated", "duplicate", "conflicting", "first_field_match", "missing_notetype", "missing_deck", "empty_first_field"]


def fold(a, b):
    a, b = a.casefold(), b.casefold()
    return (a > b) - (a < b)


def tables(path):
    db = sqlite3.connect(path)
    db.create_collation("unicase", fold)
    found = {}
    found["notes"] = db.execute("select id, case when length(guid) <= 10 then '' else guid end, mid, mod, usn, tags, flds, sfld, csum from notes order by id").fetchall()
    found["cards"] = db.execute("select nid, did, ord, mod, usn, type, queue, due from cards order by nid, ord").fetchall()
    found["decks"] = db.execute("select id, name, mtime_secs, usn, hex(common), hex(kind) from decks order by id").fetchall()
    found["tags"] = db.execute("select tag, usn from tags order by tag").fetchall()
    found["config"] = db.execute("select key, usn, cast(val as text) from config where key not in ('localOffset', 'lastUnburied') order by key").fetchall()
    db.close()
    return {k: [list(r) for r in v] for k, v in found.items()}


def make(path):
    clock = Clock(1793000000000)
    col = Collection(path)
    words, other = deck(col, "Words"), deck(col, "Other")
    for did, notetype, fields, tags in [
        (words, "Basic", ["apple", "Apfel"], ["fruit"]),
        (words, "Basic", ["pear", "Birne"], []),
        (other, "Basic", ["pear", "Other pear"], ["x"]),
        (other, "Basic (and reversed card)", ["apple", "reversed"], []),
        (words, "Cloze", ["{{c1::one}} two", "extra"], []),
        (words, "Basic", ["<b>bold</b>", "html"], []),
        (words, "Basic", ["a &amp; b", "entity"], []),
        (words, "Basic", ["", "no front"], []),
    ]:
        clock.advance(11)
        note = col.new_note(col.models.by_name(notetype))
        note.fields[:] = fields
        note.tags = tags
        col.add_note(note, did)
    ids = {n.name: n.id for n in col.models.all_names_and_ids()}
    guids = col.db.list("select guid from notes order by id")
    col.close()
    return {"notetypes": ids, "guids": guids, "words": words, "other": other}


def plain(metadata):
    one = metadata.HasField("global_notetype")
    return {
        "delimiter": metadata.delimiter, "is_html": metadata.is_html, "global_tags": list(metadata.global_tags),
        "labels": list(metadata.column_labels), "deck_id": metadata.deck_id, "deck_name": metadata.deck_name,
        "deck_column": metadata.deck_column, "notetype": metadata.global_notetype.id if one else 0,
        "fields": list(metadata.global_notetype.field_columns) if one else [],
        "notetype_column": metadata.notetype_column, "tags_column": metadata.tags_column,
        "guid_column": metadata.guid_column, "existing": metadata.dupe_resolution, "scope": metadata.match_scope,
    }


def compare(order):
    clock = Clock(order["now"])
    results = []
    for job in order["jobs"]:
        clock.set(order["now"])
        differences = []
        col = Collection(job["theirs"])
        try:
            metadata = col.get_csv_metadata(job["file"], None)
            theirs = plain(metadata)
            for key, value in job["look"].items():
                if theirs[key] != value:
                    differences.append([key, value, theirs[key]])
            for key, value in job["wish"].items():
                if key == "updated_tags":
                    metadata.updated_tags.extend(value)
                else:
                    setattr(metadata, key, value)
            log = col.import_csv(ImportCsvRequest(path=job["file"], metadata=metadata)).log
            counts = [len(getattr(log, name)) for name in LOG]
            # A row that matched by its first field is told apart by what became of it.
            if metadata.dupe_resolution != CsvMetadata.DupeResolution.PRESERVE:
                place = 1 if metadata.dupe_resolution == CsvMetadata.DupeResolution.UPDATE else 0
                counts[place] += counts[4]
                counts[4] = 0
            if counts != job["counts"]:
                differences.append(["counts", job["counts"], counts])
        except Exception as e:
            if job["look"]:
                differences.append(["error", str(e)])
        col.close()
        a, b = tables(job["ours"]), tables(job["theirs"])
        for table in a:
            if a[table] != b[table]:
                differences.append([table, str([r for r in a[table] if r not in b[table]])[:500], str([r for r in b[table] if r not in a[table]])[:500]])
        if differences:
            results.append([job["text"], job["wish"], differences])
    return results


if sys.argv[1] == "make":
    result = make(sys.argv[2])
else:
    result = compare(json.load(open(sys.argv[2])))
print(json.dumps(result))
