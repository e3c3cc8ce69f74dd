# Makes a varied collection at argv[1] and prints what the real Anki finds in it for the searches
# (one a line) in the file argv[2]: {query: {cards, notes, normal} or {error}}, and the orders. The
# same searches (those before "# plain only") in copies (`collection-MODE.anki2`): accents ignored,
# fields left out, both, and texts not brought into composed form.
import json, random, re, shutil, sys, time
from anki.collection import Collection, AddNoteRequest
from anki.cards import FSRSMemoryState

random.seed(7)
col = Collection(sys.argv[1])
now = int(time.time())
day = 86400

basic = col.models.by_name("Basic")
both = col.models.by_name("Basic (and reversed card)")
cloze = col.models.by_name("Cloze")
hidden = col.models.copy(basic)
hidden["name"] = "Hidden"
col.models.update_dict(hidden)
accented = col.models.copy(basic)
accented["name"] = "Déjà"
accented["flds"][0]["name"] = "Frönt"
accented["tmpls"][0].update(name="Cärd", qfmt="{{Frönt}}", afmt="{{Back}}")
col.models.update_dict(accented)
accented = col.models.by_name("Déjà")
sharp = col.models.copy(basic)
sharp["name"] = "Straße"
sharp["flds"][1]["name"] = "Maß"
sharp["tmpls"][0].update(name="Größe", afmt="{{Maß}}")
col.models.update_dict(sharp)

decks = [col.decks.id(n) for n in ["Default", "A", "A::B", "A::B::C", "Ünïcode", "A b", "x_y", "AB", "z*"]]
preset = col.decks.add_config_returning_id("Slow preset")
conf = col.decks.config_dict_for_deck_id(decks[1])
for d in decks[1:3]:
    deck = col.decks.get(d)
    deck["conf"] = preset
    col.decks.save(deck)

words = ["dog", "Dog", "cat", "über", "Über", "uber", "Straße", "a b", "a_b", "a%b", "x*y", "(brackets)",
         "co:lon", "quo\"te", "back\\slash", "<b>bold</b> text", "naïve", "naive", "123", "9", "ﬁsh", "Æther",
         "dogma", "hot dog", "and", "or", "-minus", "line<br>break", "日本語", "e\u0301t\u00e9", "", "[sound:x.mp3]",
         "<img src=\"dog.png\">", "&lt;tag&gt;", "A", "a", "Zebra", "zebra", "éclair", "Łódź Øre þorn ĦŋŧĸıŒ Đð", "ǝƏ€ɑ", "STRASSE", "I\u0307stanbul"]
tags = [["x"], ["x::y"], ["X::Z"], ["marked", "leech"], [], ["é"], ["xy"], ["a-b"], ["ünï"], ["x::y::z", "q_r"]]
reqs = []
for i in range(160):
    nt = [basic, both, basic, cloze][i % 4]
    note = col.new_note(nt)
    a, b = words[i % len(words)], words[(i * 7 + 3) % len(words)]
    if nt is cloze:
        note.fields[0] = "{{c1::%s::hint}} and {{c2::%s}}" % (a, b)
        note.fields[1] = a
    else:
        note.fields[0], note.fields[1] = a, b
    note.tags = tags[i % len(tags)]
    reqs.append(AddNoteRequest(note=note, deck_id=decks[i % len(decks)]))
for i in range(4):
    note = col.new_note(accented)
    note.fields[0], note.fields[1] = words[3 + i], words[i]
    note.tags = tags[5 + i]
    reqs.append(AddNoteRequest(note=note, deck_id=decks[i]))
note = col.new_note(col.models.by_name("Straße"))
note.fields[:] = ["dog", "ﬁsh"]
reqs.append(AddNoteRequest(note=note, deck_id=decks[0]))
for r in reqs:
    col.add_note(r.note, r.deck_id)

today = col.sched.today
cids = col.db.list("select id from cards order by id")
for i, cid in enumerate(cids):
    c = col.get_card(cid)
    k = i % 9
    if k == 1:
        c.type, c.queue, c.due, c.ivl, c.factor, c.reps = 2, 2, today - i % 5, 10 + i, 2500 - i, 4 + i % 3
    elif k == 2:
        c.type, c.queue, c.due, c.ivl, c.factor, c.reps, c.lapses = 2, 2, today + i % 4, 30, 2100, 9, i % 4
        c.memory_state = FSRSMemoryState(stability=5.0 + i + 0.1 * (i % 2), difficulty=3.5 + i % 5 + 0.033 * (i % 2))
        c.decay = 0.2
        c.last_review_time = now - day * (i % 30)
    elif k == 3:
        c.type, c.queue, c.due, c.left, c.reps = 1, 1, now + 600 * (i % 4) - 500, 1, 1
    elif k == 4:
        c.type, c.queue, c.due, c.left, c.ivl, c.factor = 3, 3, today + i % 2, 1, 2, 1900
    elif k == 5:
        c.type, c.queue, c.due, c.ivl, c.factor = 2, -1, today, 5, 2300
    elif k == 6:
        c.queue = [-2, -3][i % 2]
    elif k == 7:
        c.custom_data = json.dumps({"k": [1, 0, None, True, False, 1.0, [1], "x", -2][i // 9 % 9], "s": "t%d" % (i // 9 % 3), "e": [0.1, 1.1, -0.3][i // 9 % 3]}) if i % 2 else ""
        c.type, c.queue, c.due, c.ivl, c.factor = 2, 2, today + 3, 7, 2500
        c.memory_state = FSRSMemoryState(stability=20.0, difficulty=1.0)
    c.flags = i % 8
    col.update_card(c)
    if k == 8:
        # Only one of the two numbers of FSRS, as other programs may leave it.
        col.db.execute("update cards set data = ? where id = ?", ['{"s":%d.5}' % (i % 30), '{"d":%d.5}' % (1 + i % 9), "{}"][i // 9 % 3], cid)
    for j in range(i % 4):
        ago = (i * 37 + j * 1013) % 40
        ease = (i + j) % 5
        col.db.execute("insert or ignore into revlog values (?,?,?,?,?,?,?,?,?)",
                       (now - ago * day - i * 61 - j) * 1000 + i, cid, -1, ease, 3, 1, 2500, 3000, 1 if ease else 4)
nids = col.db.list("select id from notes order by id")
for i, nid in enumerate(nids):
    # Moved into the past, so that days can be told apart.
    shift = (i % 12) * day
    col.db.execute("update notes set mod = ? where id = ?", now - shift, nid)
for i, cid in enumerate(cids):
    new = cid - (i % 10) * day * 1000
    col.db.execute("update cards set id = ?, mod = ? where id = ?", new, now - i * 11, cid)
    col.db.execute("update revlog set cid = ? where cid = ?", new, cid)
col.db.execute("update cards set due = 0 where type = 0 and id % 4 = 0")
filtered = col.decks.new_filtered("Filtered")
f = col.decks.get(filtered)
f["terms"] = [["deck:A is:due", 6, 0]]
col.decks.save(f)
col.sched.rebuild_filtered_deck(filtered)
col.decks.set_current(decks[1])

ids = {"NID": col.db.list("select id from notes order by id limit 3"), "CID": col.db.list("select id from cards order by id limit 3"),
       "DID": [decks[1]], "MID": [basic["id"]], "MIDC": [cloze["id"]]}

def fill(q):
    for k, v in ids.items():
        for i, x in enumerate(v):
            q = q.replace("{%s%d}" % (k, i), str(x))
    return q

def look(q):
    try:
        return {"cards": sorted(col.find_cards(q)), "notes": sorted(col.find_notes(q)),
                "normal": col.build_search_string(q)}
    except Exception as e:
        return {"error": str(e)}

out = {"cards_by": {}, "notes_by": {}}
lines = [l.rstrip("\n") for l in open(sys.argv[2], encoding="utf-8")]
everywhere = lines.index("# plain only") if "# plain only" in lines else len(lines)
queries = [fill(re.sub(r"\\u(3000|03..)", lambda code: chr(int(code[1], 16)), l)) for l in lines]
for name in ["noteFld", "noteCrt", "noteMod", "cardMod", "template", "deck", "cardDue", "cardEase", "cardIvl", "cardLapses",
             "cardReps", "originalPosition", "note", "noteTags", "stability", "difficulty", "retrievability"]:
    for rows, find in (("cards_by", col.find_cards), ("notes_by", col.find_notes)):
        for reverse in (False, True):
            column = col.get_browser_column(name)
            try:
                out[rows]["%s %s" % (name, reverse)] = list(find("deck:*", order=column, reverse=reverse))
            except Exception as e:
                out[rows]["%s %s" % (name, reverse)] = str(e)
col.close()

for mode, folded, hidden in [("plain", False, False), ("folded", True, False), ("hidden", False, True), ("both", True, True),
                             ("apart", False, False)]:
    path = sys.argv[1].replace(".anki2", "-%s.anki2" % mode)
    shutil.copy(sys.argv[1], path)
    col = Collection(path)
    if mode == "apart":
        col.set_config("normalize_note_text", False)
    if folded:
        col.set_config("ignoreAccentsInSearch", True)
    if hidden:
        for name, field in [("Basic", 1), ("Basic (and reversed card)", 0), ("Cloze", 1)]:
            notetype = col.models.by_name(name)
            notetype["flds"][field]["excludeFromSearch"] = True
            col.models.update_dict(notetype)
    out[mode] = {q: look(q) for q in (queries if mode == "plain" else queries[:everywhere])}
    col.close()
print(json.dumps(out))
