# Adds files under odd names to the media folder of the real Anki and prints what they are called
# afterwards. Arguments: folder.
import json, os, random, sys

from anki.collection import Collection

rng = random.Random(5)
col = Collection(os.path.join(sys.argv[1], "collection.anki2"))
pieces = ["a", "A", "é", "e\u0301", "É", "日本", "x" * 40, "y" * 75, "日" * 20, " ", ".", "..", "-", "_", "con", "COM1",
          "nul", "[", "<b>", ":", "\\", "/", "?", "\t", "\u00a0", "\u0378", "~", "%20", "😀", "🥰", "\U0001f9df", "\u20bf", "\U0002ceb0", "\U0001fae8", "\U00030000", "İ", "ß", "tar", "1", "'", "\"", "&amp;"]
ends = ["", ".png", ".PNG", ".jpeg", ".tar.gz", ".", " ", ".mp3", "." + "b" * 20, ".日本語日本語", ".p?ng"]
out = []
for i in range(260):
    name = "".join(rng.choice(pieces) for _ in range(rng.choice([0, 1, 1, 2, 3, 5]))) + rng.choice(ends)
    if i % 3 == 1 and out:
        name = rng.choice(out)[0]
    data = rng.choice(["one", "two", "three"])
    try:
        got = col.media.write_data(name, data.encode())
    except Exception:
        got = None
    out.append([name, data, got])
col.close()
print(json.dumps({"added": out, "files": sorted(os.listdir(os.path.join(sys.argv[1], "collection.media")))}))
