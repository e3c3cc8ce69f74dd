# Edits note types with the real Anki, a few hundred times at random, and prints what was asked and
# the rows afterwards. Argument: folder. The collection before the first edit is left as copy.anki2.

from anki.notetypes_pb2 import Notetype

folder = sys.argv[1]
rng = random.Random(5)
clock = Clock(1_741_608_000_123)
col = Collection(os.path.join(folder, "collection.anki2"))
other = deck(col, "Other")
for i, name in enumerate(["Basic", "Basic (optional reversed card)", "Cloze", "Basic (and reversed card)"]):
    nt = col.models.by_name(name)
    for n in range(8):
        clock.advance(40)
        note = col.new_note(nt)
        values = [f"{i} <b>{n}</b>", rng.choice(["", "back", "12", f"b{n}"]), rng.choice(["", "y"])]
        if name == "Cloze":
            values[0] = f"{{{{c1::{n}}}}}" + rng.choice(["", " {{c3::x}}"])
        for ord in range(len(note.fields)):
            note.fields[ord] = values[ord]
        note.tags = rng.choice([[], ["t"]])
        col.add_note(note, rng.choice([DeckId(1), other]))
# Cards of a note in two decks, and notes without a card.
col.db.execute("update cards set did=? where id % 5 = 0", other)
col.db.execute("update notes set usn=4")
col.db.execute("update cards set usn=4")
clock.advance(60_000)
col.close()
shutil.copy(os.path.join(folder, "collection.anki2"), os.path.join(folder, "copy.anki2"))
col = Collection(os.path.join(folder, "collection.anki2"))


def blob(value):
    return bytes(value).hex()


def state(before_scm):
    return {
        "notetypes": [[r[0], r[1], blob(r[2])] for r in rows(col, "select id, name, config from notetypes order by id")],
        "fields": [[r[0], r[1], r[2], blob(r[3])] for r in rows(col, "select ntid, ord, name, config from fields order by ntid, ord")],
        "templates": [[r[0], r[1], r[2], blob(r[3])] for r in rows(col, "select ntid, ord, name, config from templates order by ntid, ord")],
        "notes": rows(col, "select id, mid, mod, usn, tags, flds, cast(sfld as text), csum from notes order by id"),
        "cards": rows(col, "select id, nid, did, ord, mod, usn, type, queue, due from cards order by nid, ord"),
        "config": {r[0]: r[1] for r in rows(col, "select key, cast(val as text) from config where key in ('curModel', 'nextPos') or key like '_nt_%'")},
        "one_way": col.db.scalar("select scm from col") != before_scm,
    }


def asked(nt):
    return {
        "id": nt.id, "name": nt.name, "config": nt.config.SerializeToString().hex(),
        "fields": [[f.ord.val if f.HasField("ord") else None, f.name, f.config.SerializeToString().hex()] for f in nt.fields],
        "templates": [[t.ord.val if t.HasField("ord") else None, t.name, t.config.SerializeToString().hex()] for t in nt.templates],
    }


def shuffled(parts, kind):
    """Moves one of them elsewhere."""
    copies = []
    for part in parts:
        c = kind()
        c.CopyFrom(part)
        copies.append(c)
    moved = copies.pop(rng.randrange(len(copies)))
    copies.insert(rng.randrange(len(copies) + 1), moved)
    del parts[:]
    parts.extend(copies)


def mark(nt):
    name = rng.choice(nt.fields).name
    if nt.config.kind == 1 and rng.random() < 0.7:
        return "{{cloze:%s}}" % name
    return rng.choice(["{{%s}}", "{{ %s }}", "{{hint:%s}}", "{{#%s}}x{{/%s}}", "{{^%s}}y{{/%s}}", "{{text:%s}} {{Tags}}"]).replace("%s", name)


NAMES = ["Word", "Réading", " x", "front", "Back", "#A:b", "Q{u}o\"te", "Audio", "Extra", "e\u0301", "Text"]


def rename_field(nt):
    rng.choice(nt.fields).name = rng.choice(NAMES)


def add_field(nt):
    f = nt.fields.add()
    f.name = rng.choice(NAMES)
    f.config.font_size = 20
    f.config.font_name = "Arial"


def remove_field(nt):
    del nt.fields[rng.randrange(len(nt.fields))]


def move_field(nt):
    shuffled(nt.fields, Notetype.Field)


def sort_field(nt):
    nt.config.sort_field_idx = rng.randrange(len(nt.fields))


def field_options(nt):
    c = rng.choice(nt.fields).config
    c.rtl, c.sticky, c.font_size = rng.random() < 0.5, rng.random() < 0.5, rng.randrange(8, 40)
    c.collapsed, c.plain_text, c.exclude_from_search = [rng.random() < 0.5 for _ in range(3)]
    c.description = rng.choice(["", "Say it"])


def add_template(nt):
    t = nt.templates.add()
    t.name = rng.choice(["Card 1", "Card 2", "card 2", "Listen", "A\"b"])
    t.config.q_format = mark(nt) + rng.choice(["", str(rng.randrange(99))])
    t.config.a_format = "{{FrontSide}} " + mark(nt)


def remove_template(nt):
    if len(nt.templates) > 1 or rng.random() < 0.1:
        del nt.templates[rng.randrange(len(nt.templates))]


def move_template(nt):
    shuffled(nt.templates, Notetype.Template)


def edit_front(nt):
    t = rng.choice(nt.templates)
    t.config.q_format = rng.choice([mark(nt), t.config.q_format + mark(nt), mark(nt) + " <!-- {{Front}} --> " + mark(nt)])


def edit_back(nt):
    rng.choice(nt.templates).config.a_format = "{{FrontSide}}<hr>" + mark(nt)


def browser(nt):
    c = rng.choice(nt.templates).config
    c.q_format_browser = rng.choice(["", mark(nt)])
    c.a_format_browser = rng.choice(["", mark(nt)])
    c.browser_font_name, c.browser_font_size = rng.choice([("", 0), ("Arial", 13)])


def deck_override(nt):
    rng.choice(nt.templates).config.target_deck_id = rng.choice([0, other, 1])


def styling(nt):
    nt.config.css = f".card {{ color: #{rng.randrange(999)}; }}"
    nt.config.latex_svg = rng.random() < 0.5
    nt.config.latex_pre += "%"


def rename(nt):
    nt.name = rng.choice(["Mine", "basic", "Cloze", "X\"y", "Über"])


def bad(nt):
    t = rng.choice(nt.templates).config
    kind = rng.randrange(6)
    if kind == 0:
        t.q_format = "nothing"
    elif kind == 1:
        t.q_format += "{{Nope}}"
    elif kind == 2:
        t.a_format += "{{#Tags}}"
    elif kind == 3:
        t.q_format = nt.templates[0].config.q_format
    elif kind == 4:
        t.a_format = "plain"
    else:
        t.q_format += "{{/Tags}}"


EDITS = [rename_field, add_field, remove_field, move_field, sort_field, field_options, add_template, remove_template,
         move_template, edit_front, edit_back, bad, browser, deck_override, styling, rename, bad]
steps = []
for n in range(150):
    clock.advance(3000)
    ids = [x.id for x in col.models.all_names_and_ids()]
    scm = col.db.scalar("select scm from col")
    step = {"now": clock.millis, "error": None}
    if n in (60, 130, 140):
        # First one without notes.
        used = [r[0] for r in rows(col, "select distinct mid from notes")]
        step["what"], step["id"] = "remove", rng.choice([i for i in ids if n > 60 or i not in used])
        col.models.remove(step["id"])
    else:
        # Half of them one of those with notes.
        used = [r[0] for r in rows(col, "select distinct mid from notes")]
        nt = col._backend.get_notetype(rng.choice(used if rng.random() < 0.8 else ids))
        edits = rng.sample(EDITS, rng.choice([1, 1, 1, 2, 3]))
        for edit in edits:
            if nt.fields and nt.templates:
                edit(nt)
        if len(nt.templates) > 5:
            del nt.templates[5:]
        kept = {t.ord.val for t in nt.templates if t.HasField("ord")}
        gone = [t.ord.val for t in col._backend.get_notetype(nt.id).templates if t.ord.val not in kept]
        if gone and col.db.scalar(f"select count() from notes n where mid=? and not exists (select 1 from cards where "
                                  f"nid=n.id and ord not in ({','.join(map(str, gone))}))", nt.id):
            # Anki would leave notes without cards; ours gives them one. Not compared.
            nt = col._backend.get_notetype(nt.id)
        moved = [t for i, t in enumerate(nt.templates) if t.HasField("ord") and t.ord.val != i]
        if nt.config.kind == 1 and (gone or moved):
            # Anki takes the cards of deletions for those of templates; with ours they stay. Not compared.
            nt = col._backend.get_notetype(nt.id)
        step["what"], step["edit"], step["names"] = "update", asked(nt), [e.__name__ for e in edits]
        kept = [(t.config.q_format_browser == "", t.config.a_format_browser == "") for t in nt.templates]
        try:
            col._backend.update_notetype(nt)
        except Exception as e:
            step["error"] = str(e).translate(ISOLATES)
        if step["error"] is None:
            # Anki fills empty browser templates when fields are renamed: taken back, see the test.
            after = col._backend.get_notetype(nt.id)
            filled = False
            for t, (q, a) in zip(after.templates, kept):
                if q and t.config.q_format_browser:
                    t.config.q_format_browser, filled = "", True
                if a and t.config.a_format_browser:
                    t.config.a_format_browser, filled = "", True
            # What a front asks for is worked out before it is rewritten for fields that were renamed
            # or removed: done again.
            if filled or {"rename_field", "remove_field"} & set(step["names"]):
                col._backend.update_notetype(after)
    step["state"] = state(scm)
    steps.append(step)
col.close()
print(json.dumps({"steps": steps}))
