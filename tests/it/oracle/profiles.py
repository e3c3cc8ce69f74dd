# Two profiles of the real Anki in the data folder argv[1]: "User 1" of the present schema with media,
# a backup and a log of deleted notes, "Zweite ü" of schema 11. Prints {name: [notes, cards]}.
import json, os, sys
from anki.collection import Collection

out = {}
for name, old in [("User 1", False), ("Zweite ü", True)]:
    folder = os.path.join(sys.argv[1], name)
    os.makedirs(os.path.join(folder, "backups"))
    col = Collection(os.path.join(folder, "collection.anki2"))
    kind = col.models.by_name("Basic (and reversed card)")
    for i in range(7 if old else 5):
        note = col.new_note(kind)
        note.fields = ["q%d" % i, "a"]
        col.add_note(note, 1)
    col.media.write_data("bild ü.png", b"picture")
    first = col.find_notes("q0")
    col.remove_notes(first)
    out[name] = [col.note_count(), col.card_count()]
    if not old:
        assert col.create_backup(backup_folder=os.path.join(folder, "backups"), force=True, wait_for_completion=True)
    col.close(downgrade=old)
    with open(os.path.join(folder, "deleted.txt"), "w") as log:
        log.write("nid\tmid\tfields\n1\t2\tq0\ta\n")
os.makedirs(os.path.join(sys.argv[1], "addons21"))
open(os.path.join(sys.argv[1], "prefs21.db"), "wb").close()
print(json.dumps(out))
