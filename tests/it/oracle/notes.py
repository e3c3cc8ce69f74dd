# Adds and edits notes of many kinds in the real Anki and prints the rows after each step.
# Argument: folder.
import re, unicodedata

folder = sys.argv[1]
rng = random.Random(23)
clock = Clock(1_741_608_000_123)
col = Collection(os.path.join(folder, "collection.anki2"))
dids = [deck(col, name) for name in ("A", "A::B", "C")]
shuffled = preset(col, "random", new__order=0)
dids.append(deck(col, "Random", shuffled))
dids.append(1)


def own(name, source, **change):
    nt = col.models.copy(col.models.by_name(source))
    nt["name"] = name
    for (template, key), value in change.pop("templates", {}).items():
        nt["tmpls"][template][key] = value
    nt.update(change)
    col.models.update_dict(nt)
    return col.models.by_name(name)


own("Conditional", "Basic (and reversed card)", templates={
    (0, "qfmt"): "{{#Tags}}{{#Front}}{{Front}}{{/Front}}{{/Tags}}{{^Back}}{{Front}}{{/Back}}",
    (1, "qfmt"): "{{^Front}}x{{Back}}{{/Front}}{{#Front}}{{#Back}}<hr>{{text:Back}}{{/Back}}{{/Front}}"})
own("Elsewhere", "Basic (and reversed card)", templates={(1, "did"): dids[2]}, sortf=1)
own("Clozes", "Cloze", templates={(0, "qfmt"): "{{cloze:Text}}{{#Back Extra}}{{cloze:Back Extra}}{{/Back Extra}}"})
filtered = col.decks.new_filtered("F")
col.db.execute("update config set usn=-1")
col.close()
shutil.copy(os.path.join(folder, "collection.anki2"), os.path.join(folder, "copy.anki2"))
col = Collection(os.path.join(folder, "collection.anki2"))
names = [n.name for n in col.models.all_names_and_ids() if n.name != "Image Occlusion"]
WORDS = ["", "", " ", "&nbsp;", "<br>", "<div><br></div>", "a", "b", "<b>bold</b>", "x &amp; y", "&bogus; &lt;", "12", "007",
         "é", "e\u0301", "a\x07b\r\nc", "<img src=\"a b.png\">", "<img src=x.png>", "[sound:s.mp3]", "日本語",
         "<!-- c -->", "<style>p{}</style>t", "{{c1::x}}", "{{c2::y::hint}}", "{{c1::a {{c3::in}} b}}", "{{c1,4::two}}",
         "{{c0::no}}", "{{c600::far}}", "{{c12::z", "{{c2::{{c5::", "}}", "</div>", "\u2028", "<audio src='q.mp3'>", "&#32;&#x41;"]
TAGS = ["one", "One", "two", "a::b", "A::c", "a::::d", "::e", "zwölf", "ZWÖLF", "x\u3000y", "p q", "con\x01trol", " "]
steps = []
cloze_names = {"Cloze", "Clozes"}


def text():
    return "".join(rng.choice(WORDS) for _ in range(rng.choice([0, 1, 1, 2, 3])))


def tags():
    return [rng.choice(TAGS) for _ in range(rng.choice([0, 0, 1, 2, 3]))]


def cleaned(note):
    """What is stored of it, the names of tags folded."""
    def clean(text):
        return unicodedata.normalize("NFC", re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text))

    tags = re.split("[ \u3000]+", " ".join(note.tags))
    names = {"::".join(clean(part).strip() or "blank" for part in tag.split("::")).casefold() for tag in tags if tag}
    return [clean(field) for field in note.fields], names


def put_in_order(note_id):
    # The cards of a cloze note are made in no particular order, each with its own id and position.
    if col.get_note(note_id).note_type()["type"] == 1:
        made = [r for r in rows(col, f"select id, ord from cards where nid={note_id} order by id") if r[0] not in before_cards]
        for (card, _), ord in zip(made, sorted(r[1] for r in made)):
            col.db.execute("update cards set ord=? where id=?", ord, card)


def after(note_id):
    return {
        "row": rows(col, f"select id, mid, mod, usn, tags, flds, cast(sfld as text), csum from notes where id={note_id}"),
        "cards": rows(col, f"select id, nid, did, ord, mod, usn, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags, data from cards where nid={note_id} order by id"),
        "next": col.get_config("nextPos")}


for i in range(1000):
    clock.advance(rng.choice([50, 900, 1000, 5000, 61_000]))
    before_cards = set(col.db.list("select id from cards"))
    ids = col.db.list("select id from notes order by id")
    entry = {"at": clock.millis}
    kind = rng.random()
    if kind < 0.45 or not ids:
        name = rng.choice(names)
        note = col.new_note(col.models.by_name(name))
        note.fields = [text() for _ in note.fields]
        if name in cloze_names and rng.random() < 0.5:
            note.fields[0] = "{{c1::x}} " + note.fields[0]
        note.tags = tags()
        did = rng.choice(dids + [filtered, 99])
        state = note.fields_check()
        entry.update(what="add", notetype=note.mid, deck=did, fields=list(note.fields), tags=list(note.tags))
        col.add_note(note, DeckId(did))
    else:
        note = col.get_note(rng.choice(ids[-40:]))
        for at in range(len(note.fields)):
            if rng.random() < 0.4:
                note.fields[at] = text()
        if rng.random() < 0.3:
            note.tags = tags()
        stored = col.get_note(note.id)
        if cleaned(note) == cleaned(stored):
            # Anki writes a note for what is cleaned away again, ours leaves it. Not compared.
            note.fields, note.tags = stored.fields, stored.tags
        if rng.random() < 0.15 and note.card_ids():
            card = rng.choice(note.card_ids())
            to = rng.choice(dids[:3])
            entry["move"] = [card, to]
            c = col.get_card(card)
            c.did = to
            col.update_card(c, skip_undo_entry=True)
        state = note.fields_check()
        entry.update(what="update", note=note.id, notetype=note.mid, fields=list(note.fields), tags=list(note.tags))
        col.update_note(note)
    put_in_order(note.id)
    entry["state"] = int(state)
    entry["id"] = note.id
    entry.update(after(note.id))
    steps.append(entry)
    if i % 17 == 5 and col.undo_status().undo:
        clock.advance(1000)
        undone = col.undo()
        steps.append({"at": clock.millis, "what": "undo", "label": undone.operation, "id": note.id, **after(note.id)})

defaults = []
for i in range(150):
    clock.advance(1000)
    follow = rng.random() < 0.5
    col.set_config("addToCur", follow)
    current = rng.choice(dids + [filtered])
    col.set_config("curDeck", current)
    card = rng.choice(col.db.list("select id from cards")) if rng.random() < 0.3 else None
    if rng.random() < 0.3:
        col.set_config("curModel", rng.choice([n.id for n in col.models.all_names_and_ids()] + [5]))
    got = col.defaults_for_adding(current_review_card=col.get_card(card) if card else None)
    mid = rng.choice([n.id for n in col.models.all_names_and_ids()])
    defaults.append({"follow": follow, "current": current, "card": card, "model": col.get_config("curModel"),
                     "notetype": got.notetype_id, "deck": got.deck_id,
                     "chosen": mid, "its_deck": col.default_deck_for_notetype(mid)})
print(json.dumps({"steps": steps, "defaults": defaults, "tags": rows(col, "select tag, usn, collapsed from tags order by tag"),
                  "config": rows(col, "select key, cast(val as text) from config where key like '\\_%' escape '\\' order by key")}))
