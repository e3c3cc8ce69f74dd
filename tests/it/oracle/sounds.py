# Makes cards with sounds and speech in the real Anki and prints what each side shows and plays.
# Arguments: folder.
import json
import os
import sys

from anki.collection import Collection
from anki.sound import SoundOrVideoTag

FIELDS = [
    "[sound:a.mp3]",
    "[sound:a b &amp; c.ogg] and [sound:film.mp4]",
    "[sound:]x[sound:open",
    "[anki:tts lang=en_US]plain[/anki:tts]",
    "[anki:tts lang=ja_JP voices=Otoya,Kyoko speed=0.8]<b>日本</b>&nbsp;語<br>次[/anki:tts]",
    '[anki:tts lang="de_DE" voices="A" pitch=2 x="y z"]a &lt; b[/anki:tts]',
    "[anki:tts voices=A]none[/anki:tts]",
    "[anki:tts lang=en_US speed=fast]odd[/anki:tts]",
    "[anki:tts lang=en_US cloze_blank=gap]a [...] b[/anki:tts]",
    "[anki:tts lang=en_US]<div>a</div><div>b</div>[/anki:tts][sound:z.wav]",
    "[anki:tts lang=en_US]one[anki:tts lang=fr_FR]two[/anki:tts]",
    "[anki:other x=1]y[/anki:other]",
    "text only",
]
TEMPLATES = [
    ("{{Front}}", "{{FrontSide}}<hr id=answer>{{Back}}"),
    ("{{tts en_US:Front}}", "{{Back}}{{tts fr_FR speed=1.5 voices=X,Y:Front}}"),
    ("{{tts en_US voices=A:text:Front}}{{Front}}", "{{FrontSide}}{{FrontSide}}"),
]

col = Collection(os.path.join(sys.argv[1], "collection.anki2"))
ids = []
for number, (front, back) in enumerate(TEMPLATES):
    kind = col.models.by_name("Basic")
    kind["id"] = 0
    kind["name"] = f"Sounds {number}"
    kind["tmpls"][0]["qfmt"], kind["tmpls"][0]["afmt"] = front, back
    col.models.add(kind)
    kind = col.models.by_name(f"Sounds {number}")
    for at, field in enumerate(FIELDS):
        note = col.new_note(kind)
        note["Front"], note["Back"] = field, FIELDS[(at * 5 + 3) % len(FIELDS)]
        col.add_note(note, 1)
        ids.append(note.cards()[0].id)


def tags(found):
    return [
        ["sound", tag.filename]
        if isinstance(tag, SoundOrVideoTag)
        else ["speech", tag.field_text, tag.lang, tag.voices, round(tag.speed, 3), sorted(tag.other_args)]
        for tag in found
    ]


cards = []
for cid in ids:
    out = col.get_card(cid).render_output()
    cards.append(
        {
            "id": cid,
            "question": out.question_text,
            "answer": out.answer_text,
            "question_av": tags(out.question_av_tags),
            "answer_av": tags(out.answer_av_tags),
        }
    )
col.close()
print(json.dumps(cards))
