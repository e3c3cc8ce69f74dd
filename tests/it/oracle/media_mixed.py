# Notes with the fields of the JSON list argv[2] in a new collection in the folder argv[1], and the
# files of the JSON list argv[3] in its media folder. Prints what the real Anki finds missing and
# unused; a copy of everything, as it was before, is in the folder "copy".
import json, os, shutil, sys
from anki.collection import Collection

folder, fields, files = sys.argv[1], *(json.load(open(p, encoding="utf-8")) for p in sys.argv[2:4])
path = os.path.join(folder, "collection.anki2")
col = Collection(path)
for name in files:
    with open(os.path.join(col.media.dir(), name), "w") as f:
        f.write("x")
for n, field in enumerate(fields):
    note = col.new_note(col.models.by_name("Basic"))
    note.fields[:] = [f"{n}", field]
    col.add_note(note, 1)
media = col.media.dir()
col.close()
copy = os.path.join(folder, "copy")
os.mkdir(copy)
shutil.copy(path, copy)
shutil.copytree(media, os.path.join(copy, "collection.media"))
col = Collection(path)
report = col.media.check()
nids = col.db.list("select id from notes order by id")
print(json.dumps({"missing": sorted(report.missing), "unused": sorted(report.unused),
                  "notes": sorted(nids.index(n) for n in report.missing_media_notes)}))
