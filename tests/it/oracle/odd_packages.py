# Makes packages as other programs write them, by hand, in the folder given: schema 11 with names,
# places and ids that Anki would not write, and archives that it would not make. Prints their names; the last two are for other tests.
import base64, copy, hashlib, io, json, os, sqlite3, sys, zipfile

FOLDER = sys.argv[1]
SQL = """
create table col (id integer primary key, crt integer, mod integer, scm integer, ver integer, dty integer, usn integer, ls integer, conf text, models text, decks text, dconf text, tags text);
create table notes (id integer primary key, guid text, mid integer, mod integer, usn integer, tags text, flds text, sfld integer, csum integer, flags integer, data text);
create table cards (id integer primary key, nid integer, did integer, ord integer, mod integer, usn integer, type integer, queue integer, due integer, ivl integer, factor integer, reps integer, lapses integer, left integer, odue integer, odid integer, flags integer, data text);
create table revlog (id integer primary key, cid integer, usn integer, ease integer, ivl integer, lastIvl integer, factor integer, time integer, type integer);
create table graves (usn integer, oid integer, type integer);
"""
MID, DID, NID = 1607392319, 1700000000001, 1700000001000
FIELD = {"name": "Q", "ord": 0, "font": "Arial", "size": 20, "rtl": False, "sticky": False, "media": []}
CARD = {"name": "Card 1", "ord": 0, "qfmt": "{{Q}}", "afmt": "{{FrontSide}}{{A}}", "bqfmt": "", "bafmt": "", "did": None}
TYPE = {"id": str(MID), "name": "Simple", "type": 0, "mod": 1700000000, "usn": -1, "sortf": 0, "did": DID, "css": "", "latexPre": "", "latexPost": "",
        "req": [], "tags": [], "vers": [], "flds": [FIELD, {**FIELD, "name": "A", "ord": 1}], "tmpls": [CARD]}
TODAY = {key: [0, 0] for key in ("newToday", "revToday", "lrnToday", "timeToday")}
DECK = {"id": DID, "name": "Gen", "desc": "x", "dyn": 0, "conf": 1, "collapsed": False, "extendNew": 0, "extendRev": 50, "mod": 1700000000, "usn": -1, **TODAY}
PRESET = {"id": 1, "name": "Default", "mod": 0, "usn": 0, "maxTaken": 60, "autoplay": True, "timer": 0, "replayq": True, "dyn": False,
          "new": {"bury": True, "delays": [1, 10], "initialFactor": 2500, "ints": [1, 4, 7], "order": 1, "perDay": 20},
          "lapse": {"delays": [10], "leechAction": 5, "leechFails": 8, "minInt": 1, "mult": 0},
          "rev": {"bury": True, "ease4": 1.3, "ivlFct": 1, "maxIvl": 36500, "perDay": 100}}
PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
made = []


def note(number, *fields, guid=None, tags=""):
    return [NID + number, guid or f"guid{number}", MID, 1700000000, -1, tags, "\x1f".join(fields), fields[0], 0, 0, ""]


def card(number, did=DID, **values):
    row = dict(ord=0, mod=1700000000, usn=-1, type=0, queue=0, due=0, ivl=0, factor=0, reps=0, lapses=0, left=0, odue=0, odid=0, flags=0, data="")
    row.update(values)
    return [NID + 500 + number, NID + number, did, *row.values()]


def stored(out, entries):
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in entries:
            archive.writestr(name, content)


def package(name, types=None, decks=None, notes=None, cards=None, media=(), write=stored):
    notes = notes or [note(0, "front", "back"), note(1, "zwei", "two", tags=" t1 T2 ")]
    cards = cards or [card(n) for n in range(len(notes))]
    db = sqlite3.connect(":memory:")
    db.executescript(SQL)
    decks = decks or {"1": {**DECK, "id": 1, "name": "Default"}, str(DID): DECK}
    presets = {"1": {**PRESET, "lapse": {**PRESET["lapse"], "leechAction": 1}}, "5": {**PRESET, "id": 5, "name": "Odd"}}
    db.execute("insert into col values (1, 1411124400, 1700000000000, 1700000000000, 11, 0, 0, 0, ?, ?, ?, ?, '{}')",
               ['{"nextPos": 1}', *map(json.dumps, (types or {str(MID): TYPE}, decks, presets))])
    db.executemany("insert into notes values (?,?,?,?,?,?,?,?,?,?,?)", notes)
    db.executemany("insert into cards values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", cards)
    db.commit()
    names = json.dumps({str(n): file for n, file in enumerate(media)})
    files = [(str(n), PICTURE + str(n).encode()) for n in range(len(media))]
    path = os.path.join(FOLDER, name + ".apkg")
    write(path, [("collection.anki2", db.serialize()), *files, ("media", names)])
    made.append(path)


def kind(name, /, **keys):
    package(name, {str(MID): {**TYPE, **keys}})


names = [" Q ", "A:x", "{B}", "#C", "^/ d\"", "c", "E"]
names_type = {**TYPE, **dict(name='q"uote', sortf=99, tmpls=[{**CARD, "name": 'x"y'}], flds=[{**FIELD, "name": name, "ord": n} for n, name in enumerate(names)])}
package("names", {str(MID): names_type}, notes=[note(0, *"1234567")])
kind("turned", flds=[{**FIELD, "name": "A", "ord": 1}, FIELD], tmpls=[{**CARD, "name": "B", "ord": 1, "qfmt": "{{A}}"}, CARD])
kind("no-fields", flds=[])
kind("no-cards", tmpls=[])
kind("another-id", id=MID + 1)
package("deck-key", decks={"1": {**DECK, "id": 1, "name": "Default"}, "777": {**DECK, "conf": 5}})
package("deck-case", decks={"1": {**DECK, "id": 1, "name": "Default"}, str(DID): {**DECK, "name": "P::C::D"}, str(DID + 1): {**DECK, "id": DID + 1, "name": "p"}},
        cards=[card(0), card(1, DID + 1)])
package("child-only", decks={"1": {**DECK, "id": 1, "name": "Default"}, str(DID): {**DECK, "name": "P::C::D"}})
package("texts", notes=[note(0, "<b>x</b>&nbsp;y <img src=a.png>", "<div>z</div>"), note(1, "e\u0301", "NFD e\u0301"), note(2, "  lead", "\u200b", tags="a::b A::B ::x y:: a::::b é e\u0301"),
                        note(3, "<style>x</style>ab<!-- c -->", "x\r\ny", guid=" x "), note(4, "[sound:a.mp3]", "", guid="\u00e9\n<")])
review = dict(type=2, queue=2, ivl=10, factor=2500, reps=5)
odd = [dict(due=-5), dict(ivl=0), dict(factor=0), dict(due=99999999999), dict(queue=-3, due=5),
       dict(type=3, queue=1, due=1700000000, left=1001), dict(type=0, queue=-1, due=3000000000), dict(flags=13, data='{"pos":3,"s":1.5,"d":5}')]
package("schedules", notes=[note(n, f"a{n}", "b") for n in range(len(odd))], cards=[card(n, **{**review, **values}) for n, values in enumerate(odd)])
files = ["a b.png", "a%20b.png", "100%.png", "q?.png", "h#1.png", "am&p.png", "x'y.png", "no_ext", "UPPER.PNG", ".hid.png", "CON.png", "aux", "trail.", "e\u0301.png",
         "é" * 100 + ".png", "y" * 200 + ".png", "日" * 60 + ".jpg"]
package("media-names", media=files, notes=[note(0, "".join(f'<img src="{file}">' for file in files), "".join(f"[sound:{file}]" for file in files))])
package("media-spelled", media=["a b.png", "c&d.png", "e\u00e9.png"], notes=[note(0, "<img src=\"a%20b.png\"><img src='c&amp;d.png'><img src=e&eacute;.png>", "<object data=\"a b.png\">")])


def streamed(out, entries):
    class Pipe(io.RawIOBase):
        content = b""

        def writable(self):
            return True

        def seekable(self):
            return False

        def write(self, data):
            self.content += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    open(out, "wb").write(pipe.content)


def zip64(out, entries):
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            with archive.open(name, "w", force_zip64=True) as file:
                file.write(content if isinstance(content, bytes) else content.encode())


def folders(out, entries):
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("dir/", b"")
        for name, content in reversed(entries):
            archive.writestr(name, content)
        archive.writestr("__MACOSX/._media", "x")
        archive.comment = b"hello"


def bzip2(out, entries):
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as archive:
        for name, content in entries:
            archive.writestr(name, content)


for write in (streamed, zip64, folders, bzip2):
    package(write.__name__, media=["a.png"], notes=[note(0, "<img src=a.png>", "x")], write=write)


def lacking(out, entries):
    stored(out, [entry for entry in entries if entry[0] != "1"])


package("lacking", media=["a.png", "b.png"], notes=[note(0, "<img src=a.png>", "x")], write=lacking)
package("unlisted", notes=[note(0, '<img src="x?y.png">[sound:a:b&amp;c.mp3]<img src=CON.png>', '<img src="a/b?.png"><img src="http://x/?a"><img src="%3Fx.png">'), note(1, "<img src='e\u0301*.png'>", "[sound:" + "y" * 200 + ".mp3]")])
package("nameless", media=["a.png", "??"], notes=[note(0, "<img src=a.png>", "x")])
noteless = card(2)
noteless[1] = None
package("noteless", cards=[card(0), card(1), noteless])
package("future", notes=[note(0, "now", "x"), note(4102444800000 - NID, "later", "y")], cards=[card(0), card(4102444800000 - NID)])
package("deep", decks={"1": {**DECK, "id": 1, "name": "Default"}, str(DID): {**DECK, "name": "::".join("d" * 20000)}})
# Anki keeps one file of these.
clash = ["a:b.png", "a*b.png", "a|b.png"]
package("clash", media=clash, notes=[note(0, "".join(f'<img src="{file}">' for file in clash), "x")])
print(json.dumps(made))
