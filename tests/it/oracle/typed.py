# What the real Anki makes of typed answers. The JSON file argv[1] has [expected, typed, accents count]
# and [text, card ordinal] lists; prints the comparisons and the texts of active clozes.
import json, os, sys, tempfile
from anki.collection import Collection

wanted = json.load(open(sys.argv[1], encoding="utf-8"))
with tempfile.TemporaryDirectory() as folder:
    col = Collection(os.path.join(folder, "collection.anki2"))
    out = {
        "compared": [col.compare_answer(*pair) for pair in wanted["pairs"]],
        "clozes": [col.extract_cloze_for_typing(*pair) for pair in wanted["clozes"]],
    }
    col.close()
print(json.dumps(out))
