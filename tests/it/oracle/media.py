# Checks a media folder with odd names with the real Anki, after leaving a copy of everything in
# the folder "copy". Argument: folder. Prints the report and the notes afterwards.
import json, os, shutil, sys, unicodedata

from anki.collection import Collection

folder = sys.argv[1]
col = Collection(os.path.join(folder, "collection.anki2"))
media = col.media.dir()


def write(name, data=b"x"):
    with open(os.path.join(media, name), "wb") as f:
        f.write(data)


basic, cloze = col.models.by_name("Basic"), col.models.by_name("Cloze")
basic["css"] += "\n@import url('_imp.css'); @font-face{src:url(_font.ttf)}"
basic["tmpls"][0]["qfmt"] += "<img src='_tmpl.png'>[sound:_s.mp3]"
col.models.update_dict(basic)
nfd = unicodedata.normalize("NFD", "é.png")
for name in ["a.png", "b&c.png", "b d.png", "_imp.css", "_tmpl.png", "_s.mp3", "_font.ttf", "unused.png", "_keep.png",
             "latex-0123456789012345678901234567890123456789.png", "Foo.PNG", ".hidden", "Thumbs.db", "a:b.png", "Cap:s.PNG",
             "con.png", "trail. ", "x" * 130 + ".png", "perc%20ent.png", "back\\slash.png", "sound.mp3", "q?.png",
             "star*.png", "foo.", "missingupper.png", "zzz\u202e.png", "aux", nfd, "film.mp4", "doc.pdf", "nb\u00a0sp.png",
             "latex-26eeb5258ca5099acf8fe96b2a1049c48c89a5e6.png",
             "latex-da23614e02469a0d7c7bd1bdab5c9c474b1904dc.png"]:
    write(name)
write("empty.png", b"")
os.mkdir(os.path.join(media, "sub"))
with open(os.path.join(media, "sub", "in.png"), "wb") as f:
    f.write(b"x")
with open(os.path.join(media, "big.bin"), "wb") as f:
    f.truncate(101 * 1024 * 1024)


def add(front, back="", notetype=basic):
    note = col.new_note(notetype)
    note.fields[0], note.fields[1] = front, back
    col.add_note(note, 1)


fronts = ["<img src=a.png>", "<img src='b&amp;c.png'>", "<img src='b d.png'>", "<img src='b%20d.png'>",
          "[sound:sound.mp3][sound:gone.mp3]", "<img src=\"é.png\">", "<img src='a:b.png'> and a:b.png",
          "<img src='foo.png'>", "<img src='https://x.y/z.png'>", "[latex]x[/latex]", "[$]x[/$]",
          "<object data=obj.swf><audio src=au.mp3><video src='film.mp4'><source src=so.mp3>",
          "<img src='perc%20ent.png'>", "<img src='sub/in.png'>", "<img src='MISSINGUPPER.png'>",
          "<img src='file:///etc/x.png'>", "<img src='con.png'>", "<img src='" + "x" * 130 + ".png'>",
          "[sound:http://a/b.mp3]", "<img src='empty.png'>", "<a href='link.pdf'>", "<img src='_missing_us.png'>",
          "<div style='background: url(style.png)'>", "[sound:a&amp;b.mp3]", "<img src='trail. '>",
          "<img data-x=1 SRC=Upper.PNG>", "<img src='  spaced.png '>", "[anki:play:q:0]", "[sound:]",
          "<img src='back\\slash.png'>", "<img src='q?.png'>[sound:star*.png]", "<img alt='>' src=\"gt.png\">",
          "<IMG class=x src=a.png width=3>", "<img src=gone.mp3>", "<img src='nb\u00a0sp.png'>",
          "<video controls src=\"gone2.mp4\"></video>", "no <b>media</b> at all", "<img src='Cap:s.PNG'>"]
for n, front in enumerate(fronts):
    add(f"{n} {front}", "<img src=a.png>" if n % 7 == 0 else "")
add("{{c1::<img src=cl.png>}} {{c2::[latex]a{{c1::b}}[/latex]}}", "[$]{{c1::x}}[/$]", cloze)
col.db.execute("update notes set flds=replace(flds, ?, ?)", "é.png", nfd)
col.close()
copy = os.path.join(folder, "copy")
os.mkdir(copy)
shutil.copy(os.path.join(folder, "collection.anki2"), copy)
shutil.copytree(media, os.path.join(copy, "collection.media"))
col = Collection(os.path.join(folder, "collection.anki2"))
r = col.media.check()
lines = r.report.translate({0x2068: None, 0x2069: None}).split("\n")
renamed = [line[len("Renamed: "):].split(" -> ") for line in lines if line.startswith("Renamed: ")]
print(json.dumps({
    "missing": sorted(r.missing), "unused": sorted(r.unused), "notes": sorted(r.missing_media_notes),
    "renamed": sorted(renamed),
    "oversize": [line[len("Over 100MB: "):] for line in lines if line.startswith("Over 100MB: ")][1:],
    "folders": [line[len("Folder: "):] for line in lines if line.startswith("Folder: ")],
    "fields": col.db.all("select id, flds, cast(sfld as text), csum from notes order by id"),
}))
