"""Anki's own client with a sync server: the address, and a folder for two collections. Tells what was
needed at each sync, and at the end whether both hold the same."""
import json
import os
import sys
import time

from anki.collection import Collection
from anki.errors import SyncError

url, folder = sys.argv[1:]
said = {}


def begin(name):
    room = os.path.join(folder, name)
    os.mkdir(room)
    return Collection(os.path.join(room, "collection.anki2"))


def media(col, auth):
    col.sync_media(auth)
    end = time.time() + 30
    while col.media_sync_status().active:
        if time.time() > end:
            sys.exit("the media sync does not end")
        time.sleep(0.02)


def sync(col, upload=None):
    auth = col.sync_login("u", "p", url)
    needed = col.sync_collection(auth, False).required
    if needed > 1:
        col.close_for_full_sync()
        col.full_upload_or_download(auth=auth, server_usn=None, upload=upload)
        col.reopen(after_full_sync=True)
    media(col, auth)
    return needed


def add(col, text):
    note = col.new_note(col.models.by_name("Basic"))
    note["Front"], note["Back"], note.tags = text, "back", ["tag-" + text]
    col.add_note(note, col.decks.id("Deck " + text))
    return note


def file(col, name, text):
    with open(os.path.join(col.media.dir(), name), "w") as out:
        out.write(text)


def all_of(col):
    tables = {
        "notes": "id, guid, mid, tags, flds, csum", "cards": "id, nid, did, ord, mod, queue, due, ivl, reps, data",
        "revlog": "*", "decks": "id, name, common, kind", "deck_config": "id, name, config", "notetypes": "id, name, config",
        "tags": "tag", "config": "key, val"}
    rows = {t: sorted(map(repr, col.db.all(f"select {c} from {t}"))) for t, c in tables.items()}
    names = sorted(os.listdir(col.media.dir()))
    rows["media"] = [(n, open(os.path.join(col.media.dir(), n)).read()) for n in names]
    return rows


first, second = begin("first"), begin("second")
try:
    first.sync_login("u", "wrong", url)
except SyncError as error:
    said["wrong"] = str(error)
one, two = add(first, "one"), add(first, "two")
file(first, "p.txt", "picture")
file(first, "q.txt", "another")
said["upload"] = sync(first, upload=True)
said["download"] = sync(second, upload=False)
said["downloaded"] = all_of(second) == all_of(first)

# Both sides change, one after the other, with everything that travels.
note = second.get_note(one.id)
note["Front"] = "changed there"
second.update_note(note)
second.remove_notes([two.id])
second.decks.set_current(second.decks.id("Deck one"))
card = second.sched.getCard()
card.start_timer()
second.sched.answerCard(card, 3)
preset = second.decks.add_config("Preset")
second.set_config("there", {"a": [1, "x"]})
file(second, "r.txt", "from the second")
file(second, "p.txt", "picture, changed")
os.remove(os.path.join(second.media.dir(), "q.txt"))
said["there"] = sync(second)
for number in range(600):
    note = first.new_note(first.models.by_name("Cloze"))
    note["Text"] = f"{{{{c1::a}}}} {{{{c2::b}}}} {number}"
    first.add_note(note, 1)
file(first, "s.txt", "from the first")
said["here"] = sync(first)
said["again there"] = sync(second)
said["again here"] = sync(first)
said["nothing"] = sync(first)
a, b = all_of(first), all_of(second)
said["differ"] = {table: [x for x in a[table] + b[table] if (x in a[table]) != (x in b[table])][:6] for table in a if a[table] != b[table]}
said["notes"] = first.note_count()
said["media"] = a["media"]
first.close()
second.close()
print(json.dumps(said))
