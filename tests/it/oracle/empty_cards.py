# Makes cards empty and asks the real Anki which ones are; then deletes them, keeping notes and not.
# Argument: folder. The collection before is left as copy.anki2.
import json, os, random, shutil, sys

from anki.collection import Collection

folder = sys.argv[1]
rng = random.Random(3)
path = os.path.join(folder, "collection.anki2")
col = Collection(path)
three = col.models.copy(col.models.by_name("Basic"), add=False)
three["name"] = "Three"
for n, front in enumerate(["{{#Back}}{{Front}}{{/Back}}", "{{^Front}}{{Back}}{{/Front}} {{Tags}}"]):
    t = col.models.new_template(f"Extra {n}")
    t["qfmt"], t["afmt"] = front, "x"
    col.models.add_template(three, t)
col.models.add_dict(three)
for name in ["Basic", "Basic (optional reversed card)", "Basic (and reversed card)", "Cloze", "Three"]:
    nt = col.models.by_name(name)
    for i in range(25):
        note = col.new_note(nt)
        for f in range(len(note.fields)):
            note.fields[f] = f"{{{{c{rng.randrange(1, 5)}::a}}}} {{{{c{rng.randrange(1, 5)}::b}}}}" if name == "Cloze" else f"w{i}"
        note.tags = rng.choice([[], ["t"]])
        col.add_note(note, 1)
for nid, flds, mid in col.db.all("select id, flds, mid from notes order by id"):
    if rng.random() < 0.6:
        fields = flds.split("\x1f")
        for f in range(len(fields)):
            fields[f] = rng.choice([fields[f], "", "<br>", "&nbsp;", "<b></b>", "{{c1::x}}", "{{c9::y}} {{c2::z}}"])
        col.db.execute("update notes set flds=?, tags=? where id=?", "\x1f".join(fields), rng.choice(["", " t "]), nid)
col.close()
shutil.copy(path, os.path.join(folder, "copy.anki2"))


def left(keep):
    shutil.copy(os.path.join(folder, "copy.anki2"), path)
    col = Collection(path)
    report = col.get_empty_cards()
    gone = []
    for note in report.notes:
        gone.extend(note.card_ids[1:] if keep and note.will_delete_note else note.card_ids)
    col.remove_cards_and_orphaned_notes(gone)
    out = {"notes": [[n.note_id, sorted(n.card_ids), n.will_delete_note] for n in report.notes],
           "cards": col.db.list("select id from cards order by id"), "left": col.db.list("select id from notes order by id")}
    col.close()
    return out


print(json.dumps({"keep": left(True), "all": left(False)}))
