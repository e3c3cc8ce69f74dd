# Adds an image-occlusion note for each field in the JSON file argv[2], in the collection argv[1],
# and prints as JSON what the collection holds and what Anki's own editor would open.
import json, os, struct, sys, zlib
from anki.collection import Collection

def png(w, h):
    raw = b"".join(b"\0" + b"\0\0\xc8" * w for _ in range(h))
    ch = lambda t, b: struct.pack(">I", len(b)) + t + b + struct.pack(">I", zlib.crc32(t + b))
    return (b"\x89PNG\r\n\x1a\n" + ch(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0))
            + ch(b"IDAT", zlib.compress(raw)) + ch(b"IEND", b""))

folder, fields = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
col = Collection(os.path.join(folder, "collection.anki2"))
col.add_image_occlusion_notetype()
nt = col.models.by_name("Image Occlusion")
picture = os.path.join(folder, "blue.png")
open(picture, "wb").write(png(200, 100))
out = []
for field in fields:
    before = set(col.find_notes(""))
    col.add_image_occlusion_note(notetype_id=nt["id"], image_path=picture, occlusions=field,
                                 header="", back_extra="", tags=[])
    nid = (set(col.find_notes("")) - before).pop()
    note = col.get_note(nid)
    read = col.get_image_occlusion_note(note_id=nid).note
    shapes = [[o.ordinal, s.shape, {p.name: p.value for p in s.properties}]
              for o in read.occlusions for s in o.shapes]
    out.append({"field": note.fields[0], "image": note.fields[1], "hides_all": read.occlude_inactive,
                "cards": sorted(c.ord for c in note.cards()), "shapes": shapes})
col.close()
print(json.dumps(out))
