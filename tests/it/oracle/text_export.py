# Makes a collection at the path given, and prints what Anki writes of it to text files.
import itertools, tempfile
from anki.collection import DeckIdLimit

clock = Clock(1793000000000)
col = Collection(sys.argv[1])
nt = col.models.copy(col.models.by_name("Basic"))
nt["name"] = "Repeated"
nt["tmpls"][0]["qfmt"] = "{{Front}}{{tts en_US:Front}}[sound:t.mp3]"
nt["tmpls"][0]["afmt"] = "a {{FrontSide}} b {{FrontSide}} c {{tts en_US voices=Bob speed=1.5:Back}}{{tts-voices:}}"
col.models.update_dict(nt)
words, other = deck(col, "Words::A"), deck(col, "Other")
for did, notetype, fields, tags in [
    (words, "Basic", ["front <b>x</b>", 'back<br>two &amp; "q"'], ["t1", "t2"]),
    (other, "Cloze", ["{{c1::one}} and {{c2::two::hint}}", "ex [sound:a.mp3]"], []),
    (1, "Basic (and reversed card)", ["multi\nline\ttab", "<div>block</div><div>b2</div>"], ["z"]),
    (1, "Basic (type in the answer)", ['ty <img src="a.png">', "ans"], []),
    (words, "Basic (optional reversed card)", ["#hash", "<!-- c --> x", "y"], ["#tag"]),
    (words, "Basic", ["'quoted'", "a &lt;b&gt; &nbsp; c"], ["x"]),
    (other, "Basic", ["<style>.a{}</style>styled", "<script>1</script>"], []),
    (other, "Basic", [" led by a space", "  a &amp; b "], []),
    (other, "Basic", ["\ttab", " a<b & c "], []),
    (other, "Basic", ["\nbreak", " [[type:Front]] typed "], []),
    (other, "Basic", ["<style>x</style> s ", "&nbsp;n "], []),
    (other, "Basic", ["\u00a0no break ", " &nope; [sound: "], []),
    (other, "Repeated", ["f[sound:a.mp3]", "b[sound:b c.mp3]"], []),
    (words, "Repeated", ["[sound:a.mp3] [sound:d&amp;e.mp3]", "<i>x</i> [sound:b.mp3]"], []),
    (words, "Repeated", ["lit [anki:play:q:0]", "[sound:q.mp3]k[anki:play:a:0]"], []),
    (words, "Basic", ["question [sound:a.mp3]", " answer [sound:b.mp3] "], []),
    (words, "Repeated", ["open <style>", "</style> closed"], []),
    (words, "Basic (and reversed card)", ["a<style>q</style>", "b<style>\n"], []),
]:
    clock.advance(11)
    note = col.new_note(col.models.by_name(notetype))
    note.fields[:] = fields
    note.tags = tags
    col.add_note(note, did)
    for ord, card in enumerate(sorted(note.card_ids())):
        col.db.execute("update cards set ord=? where id=?", ord, card)

out = os.path.join(tempfile.mkdtemp(), "out.txt")
files = []
names = ["with_html", "with_tags", "with_deck", "with_notetype", "with_guid"]
for values in itertools.product([True, False], repeat=5):
    for one_deck in (True, False):
        options = dict(zip(names, values))
        count = col.export_note_csv(out_path=out, limit=DeckIdLimit(words) if one_deck else None, **options)
        text = open(out, newline="", encoding="utf-8").read()
        files.append({"order": {**options, "one_deck": one_deck, "cards": False}, "count": count, "text": text})
for html in (True, False):
    for one_deck in (True, False):
        count = col.export_card_csv(out_path=out, limit=DeckIdLimit(words) if one_deck else None, with_html=html)
        text = open(out, newline="", encoding="utf-8").read()
        files.append({"order": {"with_html": html, "one_deck": one_deck, "cards": True}, "count": count, "text": text})
shutil.rmtree(os.path.dirname(out))
col.close()
print(json.dumps({"deck": words, "files": files}))
