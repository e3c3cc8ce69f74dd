# Adds to the collection at argv[1] (made by search.py) notes that browser columns treat in their own
# ways, and prints every row of the browser as the real Anki shows it: {"cards": {id: row}, "notes":
# {id: row}}, a row being [cells, color, font name, font size, right to left], in order of COLUMNS.
import json, sys, time
from anki.collection import Collection
from anki.config import Config

col = Collection(sys.argv[1])
COLUMNS = ["answer", "cardMod", "template", "noteCrt", "deck", "difficulty", "cardDue", "cardEase", "cardIvl", "cardLapses",
           "noteMod", "note", "originalPosition", "question", "retrievability", "cardReps", "noteFld", "stability", "noteTags"]

def add(front, back, fields, own_front="", own_back="", font="", size=0, tags=(), cloze=False, rtl=False, sort=0):
    kind = col.models.new("T%d" % time.time_ns())
    if cloze:
        kind["type"] = 1
    for name in ("Front", "Back"):
        field = col.models.new_field(name)
        field["rtl"] = rtl
        col.models.add_field(kind, field)
    kind["sortf"] = sort
    template = col.models.new_template("Card 1")
    template.update(qfmt=front, afmt=back, bqfmt=own_front, bafmt=own_back, bfont=font, bsize=size)
    col.models.add_template(kind, template)
    col.models.add(kind)
    note = col.new_note(kind)
    note.fields, note.tags = list(fields), list(tags)
    col.add_note(note, 1)
    return note

usual = "{{FrontSide}}<hr id=answer>{{Back}}"
add("{{Front}}", usual, ["hello<br>you", "world<div>x</div>y"])
add("{{Front}} {{tts en_US:Front}} {{tts en_US speed=1.5 voices=A,B:Back}}", usual + "[anki:tts lang=de_DE]<b>hallo</b>[/anki:tts]",
    ["hello", "[sound:a b.mp3]"])
add("{{Front}}", "{{Back}}", ["hello", "hello again"], "QB {{Front}}", "AB {{Back}}", "Arial", 17)
add("{{Front}}", usual, ["hello", "hello again"], "QB {{Front}}", font="Arial")
add("{{Front}}", "{{Back}}", ["hello", "hello again"], own_back="AB {{FrontSide}}|{{Back}}", size=12)
add("{{Front}}{{type:Back}}", "{{FrontSide}}<hr>{{type:Back}}", ["hello", "hello again"])
add("{{Front}}", "{{Back}}", ["hello", "x"], "{{Nope}}", "{{#Back}}")
add("{{Front}}", "{{Back}}", ["hello", "x"], "{{Front}}", "{{#Back}}")
add("{{Front}}", "{{Back}}", ["hello &lt;b&gt; $x$ \\(y\\) [latex]z[/latex]", "<img src=\"a%20b.png\"><img src=c.png alt=q>"], tags=["b", "a", "Z"])
add("{{Front}}", "{{Back}}", ["  lots \n of\r\n space&nbsp; x  <p>para</p><ul><li>a<li>b</ul>", "<script>x</script><!-- c -->y<style>z</style>"])
add("{{Front}}", "{{Back}}", ["a", "ab"], rtl=True)
add("{{Front}}", "{{Back}}", ["a", "sorted by this"], sort=1)
empty = add("q {{Front}}", usual, ["x", "y"])
empty.fields[0] = ""
col.update_note(empty)
gone = add("{{cloze:Front}}", "{{cloze:Front}}<br>{{Back}}", ["{{c1::a}} b {{c2::c}}", "back"], cloze=True)
gone.fields[0] = "{{c2::c}}"
col.update_note(gone)
for tags in (["MaRked"], ["marked::x"], ["marked"]):
    for flag in (0, 3):
        for queue in (0, -1, -2, -3):
            card = add("{{Front}}", "{{Back}}", ["f", "b"], tags=tags).cards()[0]
            card.queue, card.flags = queue, flag
            col.update_card(card)
today, now = col.sched.today, int(time.time())
for kind, queue, due in [(0, -1, 5), (1, -1, today + 3), (1, -3, today + 3), (3, -1, today + 3), (3, -2, now), (3, 1, now), (1, 3, 4),
                         (2, 1, now), (0, 2, 3), (2, 0, 3), (0, 1, 1795760131), (1, 1, 50), (2, 4, 1795760131), (0, 3, 7), (0, 0, -5),
                         (2, 2, -20), (2, 2, 2000000)]:
    note = add("{{Front}}", "{{Back}}", ["f", "b"])
    col.db.execute("update cards set type=?, queue=?, due=?, ivl=3, factor=2555, flags=0 where nid=?", kind, queue, due, note.id)
# Rows without a flag, too.
col.db.execute("update cards set flags = 0 where id % 3 = 0")

def rows(notes):
    col.set_config_bool(Config.Bool.BROWSER_TABLE_SHOW_NOTES_MODE, notes)
    col._backend.set_active_browser_columns(COLUMNS)
    out = {}
    for id in (col.find_notes("") if notes else col.find_cards("")):
        cells, color, font, size = col.browser_row_for_id(id)
        cells = list(cells)
        texts = [cell[0].replace("\u2068", "").replace("\u2069", "") for cell in cells]
        out[id] = [texts, int(color), font, size, cells[COLUMNS.index("noteFld")][1]]
    return out

out = {"cards": rows(False), "notes": rows(True)}
col.set_config("activeCols", ["noteFld", "cardIvl", "nope", "cardIvl", "deck"])
col.set_config("sortType", "cardIvl")
col.set_config("sortBackwards", True)
col.close()
print(json.dumps(out))
