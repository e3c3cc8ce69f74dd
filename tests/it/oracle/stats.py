# Makes a collection with every kind of card and review at every edge that statistics have, and
# prints the graphs' numbers for searches, ranges and moments around the change of the day.
# Arguments: folder, sm2 or fsrs or the seed of an odd collection; for a collection that is there,
# the moment and a search.
from anki.errors import NotFoundError
from google.protobuf.json_format import MessageToDict

folder, variant = sys.argv[1], sys.argv[2]
path = os.path.join(folder, "collection.anki2")
rng = random.Random(len(variant))
clock = Clock(odd_start(int(variant)) if variant.isdigit() else 1_741_608_000_123)
SEARCHES = ["", "deck:*", "deck:A", "deck:FTrue", "is:due", "-is:suspended deck:C", "front:nothing", " "]
SPANS = [-60, -600, -86399, -86400, -86401, -20 * DAY, -21 * DAY, -22 * DAY, 0, 1, 5, 20, 21, 22, 100, 400]


def make_card(col, cid, now, cut, today):
    kind = rng.random()
    ivl = rng.choice([1, 3, 20, 21, 22, 90, 365, 800])
    due = today + rng.choice([-40, -9, -1, 0, 1, 4, 30, 31, 89, 90, 364, 365, 700])
    queue, ctype, left, ease = 2, 2, 0, rng.choice([1300, 2500, 2455, 1999, 0, 130])
    if kind < 0.2:
        due, queue, ctype, ivl, ease = rng.randrange(500), 0, 0, 0, 0
    elif kind < 0.35:
        due = now + rng.choice([300, -300, -90000, 5000, 200000, cut - now - 1, cut - now, cut - now + 1])
        queue, ctype, left, ivl, ease = 1, rng.choice([1, 3]), 2, rng.choice([0, 0, 30]), rng.choice([0, 2500])
    elif kind < 0.45:
        queue, ctype, due, left = 3, rng.choice([1, 3]), today + rng.choice([-3, 0, 1, 5]), 1
    if rng.random() < 0.3:
        queue = rng.choice([-1, -2, -3])
    data = {}
    if ctype and rng.random() < 0.8:
        stability = rng.choice([0.01, 0.4, 0.5, 12.5, 20.5, 21.0, 0.001, 36500, 1.49, 100.5, round(rng.uniform(0.1, 400), 4)])
        difficulty = rng.choice([1.0, 10.0, 6.25, 5.05, 1.04, 1.045, 5.5, round(rng.uniform(1, 10), 3)])
        data.update({"s": stability, "d": difficulty, "dr": rng.choice([0.9, 0.8])})
        if rng.random() < 0.7:
            data["decay"] = rng.choice([0.154, 0.5, 0.2])
    if rng.random() < 0.6:
        data["lrt"] = now - ivl * DAY - rng.randrange(0, 100000)
    if rng.random() < 0.1:
        data["lrt"] = now + 50000
    text = json.dumps(data, separators=(",", ":"))
    if rng.random() < 0.05:
        text = rng.choice(["", "{}", "not json", '{"s":"x","d":1.5}'])
    col.db.execute(
        "update cards set type=?, queue=?, due=?, left=?, ivl=?, factor=?, reps=5, lapses=2, data=?, flags=? where id=?",
        ctype, queue, due, left, ivl, ease, text, rng.choice([0, 3, 9]), cid)
    if rng.random() < 0.6:
        days = rng.choice([0, 1, 30, 31, 90, 365, 366])
        new_id = (cut - days * DAY) * 1000 + rng.choice([-1, 0, 1, 500000, -1000, 1000, 999, -999, -500])
        while col.db.scalar("select 1 from cards where id=?", new_id):
            new_id += 7
        col.db.execute("update cards set id=? where id=?", new_id, cid)
        cid = new_id
    return cid


def add_reviews(col, cid, cut, count):
    possible = rng.random() < 0.5
    for _ in range(count):
        r = rng.random()
        at = cut * 1000
        if r < 0.4:
            days = rng.choice([0, 1, 2, 7, 8, 6, 30, 31, 29, 90, 91, 365, 366])
            at += -days * DAY * 1000 + rng.choice([-2, -1, 0, 1, 2, -1000, 1000, 999, -999, -3600_000, 3600_000])
        elif r < 0.5 and not possible:
            at += rng.randrange(0, 3 * DAY * 1000)
        else:
            at -= rng.randrange(0, 400 * DAY * 1000)
        while col.db.scalar("select 1 from revlog where id=?", at):
            at += 1
        button, kind = rng.choice([1, 2, 3, 3, 3, 4, 0, 0, 5]), rng.choice([0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6])
        if possible:
            kind = min(kind, 5)
            button = 0 if kind in (4, 5) else min(max(button, 1), 4)
        col.db.execute(
            "insert into revlog values(?,?,?,?,?,?,?,?,?)",
            at, cid, -1, button, rng.choice(SPANS), rng.choice(SPANS), rng.choice([0, 0, 2500, 500, 1300]),
            rng.choice([0, 500, 5000, 60000, 123456, 4000000]), kind)


def make():
    col = Collection(path)
    pid = preset(col, "mine", new__initialFactor=2100)
    for i, (name, conf) in enumerate([("A", pid), ("A::B", pid), ("C", 1)]):
        add_notes(col, clock, deck(col, name, conf), 40, "Basic (and reversed card)", f"n{i}")
    clock.advance(400 * DAY * 1000)
    col.sched.deck_due_tree()
    col.set_config("fsrs", variant == "fsrs")
    now, cut, today = clock.millis // 1000, col.sched.day_cutoff, col.sched.today
    for cid in col.db.list("select id from cards order by id"):
        cid = make_card(col, cid, now, cut, today)
        add_reviews(col, cid, cut, rng.choice([0, 0, 1, 1, 2, 5, 12, 30]))
    # Reviews of cards that are gone.
    for gone in range(1, 20):
        add_reviews(col, gone, cut, 3)
    for term, resched in (("deck:A -is:new", True), ("deck:C", False)):
        f = col.sched.get_or_create_filtered_deck(DeckId(0))
        f.name = f"F{resched}"
        f.config.reschedule = resched
        del f.config.search_terms[1:]
        f.config.search_terms[0].search = term
        f.config.search_terms[0].limit = 10
        f.config.search_terms[0].order = 5
        col.sched.add_or_update_filtered_deck(f)
    return col, cut


def graphs(col, search, days):
    g = MessageToDict(col._backend.graphs(search=search, days=days), preserving_proto_field_name=True,
                      always_print_fields_with_no_presence=True)
    for counts in g["card_counts"].values():
        counts["new"] = counts.pop("newCards")
    for name in ("intervals", "stability"):
        g[name] = g[name]["intervals"]
    for name in ("eases", "difficulty"):
        g[name]["cards"] = g[name].pop("eases")
    g["retrievability"]["cards"] = g["retrievability"].pop("retrievability")
    g["added"] = g["added"]["added"]
    return g


if len(sys.argv) > 3:
    # A collection that is there: whole and by deck, at the moment given.
    clock.set(int(sys.argv[3]))
    col = Collection(path)
    moments = [clock.millis]
    searches = ["", "deck:*", sys.argv[4], "is:due or is:suspended"]
elif variant.isdigit():
    col, cut = odd_collection(int(variant), path, clock)
    moments = [clock.millis, cut * 1000 - 1, cut * 1000, cut * 1000 + 45 * DAY * 1000]
    searches = ["", "deck:*", "deck:A", "deck:filtered", "is:suspended", "is:buried or is:learn", "-deck:F*", "preset:p0"]
else:
    col, cut = make()
    moments = [clock.millis, cut * 1000 - 1, cut * 1000, cut * 1000 + DAY * 1000 - 1]
    searches = SEARCHES
asked = []
for at in moments:
    clock.set(at)
    if at != moments[0]:
        # While it is open, Anki keeps to the start of the next day as it was before clocks changed.
        col.close()
        col = Collection(path)
    for search in searches:
        for days in ([0, 365, 31, 1] if at == moments[0] else [0]):
            asked.append({"at": at, "search": search, "days": days, "graphs": graphs(col, search, days),
                          "west": -time.localtime(at // 1000).tm_gmtoff // 60})
# Anki's card info writes the time of the last review into cards that lack it.
col.close()
shutil.copy(path, os.path.join(folder, "copy.anki2"))
col = Collection(path)
infos = {}
clock.set(moments[0])
for cid in col.db.list("select id from cards order by id limit 300"):
    try:
        info = col.card_stats_data(cid)
    except NotFoundError:
        # Of a deck that is gone.
        continue
    infos[cid] = MessageToDict(info, preserving_proto_field_name=True, use_integers_for_enums=True,
                               always_print_fields_with_no_presence=True)
col.close()
print(json.dumps({"asked": asked, "infos": infos, "moment": moments[0]}))
