# Bulk operations by the real Anki. `make BASE ACTIONS`: makes a varied collection at BASE; for each
# action (a JSON list) does it to a copy and prints what came of it. `dump FILE…`: the same tables of
# collections that we changed.
import json, shutil, sqlite3, sys
import anki.lang

anki.lang.set_lang("en_US")
from anki.collection import Collection
from anki.models import ChangeNotetypeRequest


def dump(path):
    db = sqlite3.connect(path)
    db.create_collation("unicase", lambda a, b: (a.lower() > b.lower()) - (a.lower() < b.lower()))
    rows = lambda sql: [list(r) for r in db.execute(sql)]
    # What is new has the time as its id.
    out = {
        "notes": rows("select id, guid, mid, mod > 1, usn, tags, flds, sfld, csum from notes order by id"),
        "cards": rows("select nid, ord, case when mod = 1 then id end, did, odid, mod > 1, usn, type, queue, due, odue, ivl, "
                      "factor, reps, lapses, left, flags, data from cards order by nid, ord, id"),
        "tags": sorted(rows("select tag, usn, collapsed from tags")),
        "graves": sorted(rows("select oid, type from graves")),
        "config": sorted([k, json.loads(v)] for k, v in rows("select KEY, val from config where KEY in ('nextPos', 'savedFilters')")),
        "scm": rows("select scm > 1 from col"),
    }
    db.close()
    return out


def make(path):
    col = Collection(path)
    decks = [col.decks.id(n) for n in ("A", "A::B", "C")]
    three = col.models.copy(col.models.by_name("Basic (and reversed card)"))
    three["name"] = "Three"
    col.models.add_field(three, col.models.new_field("Extra"))
    template = col.models.new_template("Card 3")
    template["qfmt"], template["afmt"] = "{{Extra}}", "{{Front}}"
    col.models.add_template(three, template)
    col.models.update_dict(three)

    def add(notetype, fields, tags="", deck=0):
        note = col.new_note(col.models.by_name(notetype))
        for i, f in enumerate(fields):
            note.fields[i] = f
        note.tags = tags.split()
        col.add_note(note, decks[deck])

    add("Basic", ["one", "One two"], "a")
    add("Basic", ["ONE $1", ""], "a::b c")
    add("Basic (and reversed card)", ["", "x"], "")
    add("Cloze", ["{{c1::one}} and {{c3::x}}", "zz"], "A::b::c z")
    add("Basic", ["ünï", "é"], "ab t1")
    add("Basic", ["a.b", " a\nb"], "t1 T2::x", 1)
    add("Three", ["tri", "", "more one"], "lang::de lang::en", 2)
    add("Three", ["tri2", "back", ""], "lang::DE::x", 2)
    add("Basic", ["<b>one</b>", "x"], "a::b::c a::d")
    add("Basic (optional reversed card)", ["opt", "y", ""], "é É::x")
    add("Basic", ["<img src=\"one.png\">", "one"], "leech")
    add("Cloze", ["{{c2::deux}} plain one", ""], "a-b")
    add("Basic (type in the answer)", ["type", "in"], "q_r", 1)
    nids = col.db.list("select id from notes order by id")
    for i, cid in enumerate(col.db.list("select id from cards order by id")):
        if i % 3 == 1:
            card = col.get_card(cid)
            card.type, card.queue, card.due, card.ivl, card.factor = 2, [2, -1, -2][i % 9 // 3], 10 + i, 5, 2500
            card.flags = i % 8
            col.update_card(card)
    # A tag that no note has, one that is not in the list, an unfolded one, and unsorted tags.
    col.tags.set_collapsed("unused::child", True)
    col.tags.set_collapsed("a::unused", True)
    col.db.execute("update notes set tags = ' unlisted zz aa ' where id = ?", nids[12])
    col.db.execute("update tags set collapsed = 0 where tag = 'a::b'")
    filtered = col.decks.new_filtered("F")
    deck = col.decks.get(filtered)
    deck["terms"] = [["deck:A::B", 5, 0]]
    col.decks.save(deck)
    col.sched.rebuild_filtered_deck(filtered)
    for table in ("notes", "cards"):
        col.db.execute(f"update {table} set mod = 1, usn = 0")
    col.db.execute("update tags set usn = 0")
    col.db.execute("update col set scm = 1")
    col.close()


def act(col, a):
    nids = col.db.list("select id from notes order by id")
    notes = [nids[i] for i in a["notes"]] if isinstance(a.get("notes"), list) else nids
    do = a["do"]
    if do == "add_tags":
        return col.tags.bulk_add(notes, a["tags"])
    if do == "remove_tags":
        return col.tags.bulk_remove(notes, a["tags"])
    if do == "delete_tags":
        return col.tags.remove(a["tags"])
    if do == "rename_tag":
        return col.tags.rename(a["old"], a["new"])
    if do == "reparent_tags":
        return col.tags.reparent(a["tags"], a["parent"] or "")
    if do == "clear_unused":
        return col.tags.clear_unused_tags()
    if do == "replace" and a["in"] == "tags":
        return col.tags.find_and_replace(notes, a["find"], a["with"], a["regex"], a["case"])
    if do == "replace":
        field = None if a["in"] == "all" else a["in"]
        return col.find_and_replace(note_ids=notes, search=a["find"], replacement=a["with"], regex=a["regex"],
                                    match_case=a["case"], field_name=field)
    if do == "set_deck":
        cids = col.db.list("select id from cards order by id")
        return col.set_deck(cids if a["cards"] == "all" else [cids[i] for i in a["cards"]], col.decks.id_for_name(a["deck"]))
    if do == "change_notetype":
        old, new = [col.models.by_name(a[k])["id"] for k in ("old", "new")]
        info = col.models.change_notetype_info(old_notetype_id=old, new_notetype_id=new)
        request = ChangeNotetypeRequest()
        request.ParseFromString(info.input.SerializeToString())
        if "fields" in a:
            request.new_fields[:] = a["fields"]
        if "templates" in a:
            request.new_templates[:] = a["templates"]
        request.note_ids.extend(n for n in notes if col.get_note(n).mid == old)
        col.models.change_notetype_of_notes(request)
        return (list(info.input.new_fields), list(info.input.new_templates))
    if do == "duplicates":
        return [[v, list(n)] for v, n in col.find_dupes(a["field"], a["search"])]
    if do == "field_names":
        return list(col.field_names_for_note_ids(notes))
    if do == "saved":
        return col.set_config("savedFilters", a["saved"], undoable=True)


if sys.argv[1] == "dump":
    print(json.dumps([dump(p) for p in sys.argv[2:]]))
else:
    base = sys.argv[2]
    make(base)
    out = []
    for i, a in enumerate(json.load(open(sys.argv[3], encoding="utf-8"))):
        path = base.replace("base.anki2", "theirs-%d.anki2" % i)
        shutil.copy(base, path)
        col = Collection(path)
        try:
            done = {"value": act(col, a)}
            if not isinstance(done["value"], (list, tuple)):
                done["value"] = getattr(done["value"], "count", done["value"])
            if not isinstance(done["value"], (int, list, tuple)):
                done["value"] = None
        except Exception as e:
            done = {"error": type(e).__name__}
        except BaseException as e:
            # A panic of its engine, after which the collection cannot be closed.
            out.append({"panic": str(e)})
            continue
        done["label"] = col.undo_status().undo
        col.close()
        done["dump"] = dump(path)
        out.append(done)
    print(json.dumps(out))
