# Makes the note types and notes of the JSON file argv[2] in a collection at argv[1] and prints what
# the real Anki shows of each card: {cid: [question, answer, question plays, answer plays]}. Of the
# second note of each pair it prints which cards the final templates make: {nid: ordinals}.
import json, sys
from anki.collection import Collection, AddNoteRequest
from anki.sound import SoundOrVideoTag

col = Collection(sys.argv[1])
cases = json.load(open(sys.argv[2], encoding="utf-8"))


def plays(tags):
    return [
        ["sound", t.filename]
        if isinstance(t, SoundOrVideoTag)
        else ["speech", t.field_text, t.lang, t.voices, round(t.speed, 3), t.other_args]
        for t in tags
    ]


def add(nt, notes):
    for content in notes:
        note = col.new_note(nt)
        for i, value in enumerate(content["fields"]):
            note.fields[i] = value
        note.tags = content["tags"]
        col.add_note(note, col.decks.id(content["deck"]))
        yield note, content


out = {"cards": {}, "ords": {}}
for case in cases:
    nt = col.models.copy(col.models.by_name("Cloze" if case["cloze"] else "Basic"))
    nt["name"] = case["name"]
    nt["latexsvg"] = case["svg"]
    nt["flds"] = [dict(nt["flds"][0], name=name, id=None, tag=None) for name in case["fields"]]
    templates = [dict(nt["tmpls"][0], name=t["name"], id=None) for t in case["templates"]]
    nt["tmpls"] = templates
    # Every template makes a card, whatever the fields are.
    for i, template in enumerate(templates):
        template["qfmt"] = "{{Card}}%d" % i
        template["afmt"] = ""
    col.models.update_dict(nt, skip_checks=True)
    nt = col.models.get(nt["id"])
    shown = list(add(nt, case["notes"]))
    for template, wanted in zip(nt["tmpls"], case["templates"]):
        template["qfmt"] = wanted["question"]
        template["afmt"] = wanted["answer"]
    col.models.update_dict(nt, skip_checks=True)
    nt = col.models.get(nt["id"])
    for note, content in shown:
        for card in note.cards():
            card.flags = content["flag"]
            col.update_card(card)
            shows = col.get_card(card.id).render_output()
            out["cards"][card.id] = [
                shows.question_text,
                shows.answer_text,
                plays(shows.question_av_tags),
                plays(shows.answer_av_tags),
            ]
    for note, _ in add(nt, case["notes"]):
        out["ords"][note.id] = [card.ord for card in note.cards()]
col.close()
print(json.dumps(out))
