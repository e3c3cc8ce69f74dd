# Common part of the scripts that study with the real Anki under a clock that stands still.
# The clock is libfaketime's: it reads FAKETIME at every call, so moving it is setting a variable.
import json, os, random, shutil, sys

from anki.collection import Collection
from anki.decks import DeckId
from anki.scheduler.v3 import CardAnswer

DAY = 86400
# Other data for all scripts with fixed seeds: ENGRAM_SHIFT=1, 2, …
if "ENGRAM_SHIFT" in os.environ:
    class Shifted(random.Random):
        def __init__(self, seed):
            super().__init__(f"{seed} {os.environ['ENGRAM_SHIFT']}")

    random.Random = Shifted
ISOLATES = {0x2068: None, 0x2069: None}


class Clock:
    def __init__(self, millis):
        self.set(millis)

    def set(self, millis):
        self.millis = millis
        # Half a millisecond more, so that no rounding falls into the one before.
        os.environ["FAKETIME"] = f"{millis // 1000}.{millis % 1000:03d}5"

    def advance(self, millis):
        self.set(self.millis + millis)


def preset(col, name, **options):
    conf = col.decks.add_config(name)
    for key, value in options.items():
        section, _, inner = key.partition("__")
        if inner:
            conf[section][inner] = value
        else:
            conf[key] = value
    col.decks.update_config(conf)
    return conf["id"]


def deck(col, name, conf_id=1):
    did = col.decks.id(name)
    d = col.decks.get(did)
    d["conf"] = conf_id
    col.decks.save(d)
    return did


def add_notes(col, clock, did, count, notetype, prefix):
    nt = col.models.by_name(notetype)
    for i in range(count):
        clock.advance(7)
        note = col.new_note(nt)
        note.fields[0] = f"{prefix} {i}" if notetype != "Cloze" else f"{{{{c1::{prefix}}}}} {{{{c2::{i}}}}} {{{{c3::x}}}}"
        note.fields[1] = "back"
        col.add_note(note, DeckId(did))
        # Cards of a cloze note are made in no particular order; a test wants one.
        for ord, card in enumerate(sorted(note.card_ids())):
            col.db.execute("update cards set ord=? where id=?", ord, card)


def button_texts(col, states):
    texts = col._backend.describe_next_states(states)
    return [t.translate(ISOLATES) for t in texts]


def counts(queued):
    return [queued.new_count, queued.learning_count, queued.review_count]


def tree(node):
    return [node.deck_id, node.new_count, node.learn_count, node.review_count,
            node.total_including_children, [tree(child) for child in node.children]]


def rows(col, sql):
    return col.db.all(sql)


def dump(col):
    """Everything that answers change."""
    return {
        "cards": rows(col, "select * from cards order by id"),
        "revlog": rows(col, "select * from revlog order by id"),
        "decks": [[r[0], r[1], r[2], r[3], bytes(r[4]).hex(), bytes(r[5]).hex()] for r in rows(col, "select id, name, mtime_secs, usn, common, kind from decks order by id")],
        "notes": rows(col, "select id, mod, usn, tags from notes order by id"),
        "config": rows(col, "select key, cast(val as text) from config where key not in ('curDeck','activeDecks') order by key"),
    }
