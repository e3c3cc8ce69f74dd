# Prints, as JSON, the searches that the real Anki builds: for names (lines of argv[1]) as each kind
# of term, and for pairs of searches joined and replaced (argv[2], argv[3]).
import json, os, sys, tempfile
from anki.collection import Collection, SearchNode as S

col = Collection(os.path.join(tempfile.mkdtemp(), "collection.anki2"))
names, searches, terms = [json.load(open(p, encoding="utf-8")) for p in sys.argv[1:4]]
out = {"names": {}, "joined": [], "negated": {}, "replaced": []}
for n in names:
    out["names"][n] = [col.build_search_string(s) for s in (
        S(deck=n), S(tag=n), S(note=n), S(field_name=n), S(literal_text=n),
        S(dupe=S.Dupe(notetype_id=3, first_field=n)), S(field=S.Field(field_name="F", text=n)))]
for e in searches:
    out["negated"][e] = col.build_search_string(S(negated=S(parsable_text=e)))
    for t in terms:
        for joiner in ("AND", "OR"):
            out["joined"].append([e, t, joiner, col.join_searches(S(parsable_text=e), S(parsable_text=t), joiner),
                                  col.build_search_string(e, t, joiner=joiner)])
        out["replaced"].append([e, t, col.replace_in_search_node(S(parsable_text=e), S(parsable_text=t))])
col.close()
print(json.dumps(out))
