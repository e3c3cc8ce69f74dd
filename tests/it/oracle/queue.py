# Makes a collection with siblings, nested decks and limits, and prints the order of the study
# queue for every option of the preset. Argument: folder.

folder = sys.argv[1]
rng = random.Random(7)
clock = Clock(1_741_608_000_123)
col = Collection(os.path.join(folder, "collection.anki2"))
roots = []
presets = [
    preset(col, "root", rev__perDay=150, new__perDay=40),
    preset(col, "child", rev__perDay=70, new__perDay=30),
    preset(col, "small", rev__perDay=40, new__perDay=9),
]
dids = [deck(col, name, presets[p]) for name, p in
        [("Top", 0), ("Top::b", 1), ("Top::B and more", 2), ("Top::b::deep", 0), ("Top::a", 2), ("Other", 1)]]
for i, did in enumerate(dids):
    add_notes(col, clock, did, 14, "Basic (and reversed card)", f"n{i}")
    add_notes(col, clock, did, 8, "Cloze", f"c{i}")
    add_notes(col, clock, did, 9, "Basic", f"b{i}")
col.sched.deck_due_tree()
clock.advance(30 * DAY * 1000)
today = col.sched.today
start = clock.millis // 1000
for cid, nid, ord in rows(col, "select id, nid, ord from cards order by id"):
    kind = rng.random()
    clock.advance(1000)
    mod = clock.millis // 1000
    if kind < 0.4:
        # Some positions are shared by several notes, some cards of a note have different ones.
        if kind < 0.1:
            col.db.execute("update cards set due=?, mod=? where id=?", rng.randrange(1, 40), mod, cid)
        # Siblings in different decks.
        if kind < 0.05:
            col.db.execute("update cards set did=? where id=?", rng.choice(dids), cid)
        continue
    ivl = rng.choice([1, 2, 5, 13, 40, 120])
    data = {}
    if rng.random() < 0.7:
        data = {"s": rng.choice([1.5, 9.25, 40.0, 133.7]), "d": rng.choice([1.0, 4.5, 4.5, 9.9])}
        if rng.random() < 0.8:
            data["dr"] = rng.choice([0.8, 0.9])
        if rng.random() < 0.8:
            data["decay"] = rng.choice([0.154, 0.5])
        if rng.random() < 0.7:
            data["lrt"] = mod - ivl * DAY - rng.randrange(20 * DAY)
    elif rng.random() < 0.3:
        data = {"lrt": mod - ivl * DAY}
    queue, ctype, due, left = 2, 2, today - rng.choice([0, 0, 0, 1, 3, 10]), 0
    if kind > 0.92:
        # Relative to the time when the queue is built.
        queue, ctype, due, left = 1, 3, start + 371 + rng.randrange(-4000, 2500), 1
    elif kind > 0.82:
        queue, ctype, due, left = 3, rng.choice([1, 3]), today - rng.choice([0, 0, 2]), 1
    elif kind > 0.8:
        queue, ctype, due, left = rng.choice([-1, 2]), 2, today + 3, 0
    ease = rng.choice([1300, 2500, 2500, 3000])
    did = rng.choice(dids) if rng.random() < 0.1 else None
    col.db.execute("update cards set type=?, queue=?, due=?, left=?, ivl=?, factor=?, reps=3, data=?, mod=? where id=?",
                   ctype, queue, due, left, ivl, ease, json.dumps(data, separators=(",", ":")), mod, cid)
    if did:
        col.db.execute("update cards set did=? where id=?", did, cid)
# Some wait since before the collection was made.
col.db.execute("update cards set due = due - 60 where queue in (2, 3) and id % 7 = 0")
f = col.sched.get_or_create_filtered_deck(DeckId(0))
f.name = "Top::Filtered"
del f.config.search_terms[1:]
f.config.search_terms[0].search = "deck:Other"
f.config.search_terms[0].limit = 25
f.config.search_terms[0].order = 5
filtered = col.sched.add_or_update_filtered_deck(f).id
# A limit of the deck's own, and one for today only.
d = col.decks.get(dids[3])
d["newLimit"] = 5
col.decks.save(d)
d = col.decks.get(dids[1])
d["reviewLimitToday"] = {"limit": 55, "today": today}
col.decks.save(d)
d = col.decks.get(dids[0])
d["revToday"] = [today, 4]
d["newToday"] = [today, 3]
col.decks.save(d)
clock.advance(5000)
col.sched.deck_due_tree()
col.close()
shutil.copy(os.path.join(folder, "collection.anki2"), os.path.join(folder, "copy.anki2"))
col = Collection(os.path.join(folder, "collection.anki2"))

base = {"gather": 0, "sort": 0, "review": 0, "mix": 0, "daymix": 0, "bury": 0, "fsrs": False,
        "ignore": False, "parents": False, "root": dids[0]}
cases = []
for gather in range(6):
    for sort in range(5):
        cases.append(dict(base, gather=gather, sort=sort))
        cases.append(dict(base, gather=gather, sort=sort, bury=7))
for review in range(13):
    for fsrs in (False, True):
        for bury in (0, 2, 7):
            cases.append(dict(base, review=review, fsrs=fsrs, bury=bury))
for mix in range(3):
    for daymix in range(3):
        cases.append(dict(base, mix=mix, daymix=daymix))
for bury in range(8):
    cases.append(dict(base, bury=bury))
for _ in range(3):
    cases.append(dict(base, root=dids[5], advance=1100))
for ignore in (False, True):
    for parents in (False, True):
        for root in dids + [filtered]:
            cases.append(dict(base, ignore=ignore, parents=parents, root=root, bury=1))
# Few reviews a day in all presets; the last, as it stays so.
for reviews in (20, 11, 9):
    for ignore in (False, True):
        for root in (dids[0], dids[1], filtered):
            cases.append(dict(base, reviews=reviews, ignore=ignore, parents=True, root=root))
out = []
for case in cases:
    col.set_config("fsrs", case["fsrs"])
    col.set_config("newCardsIgnoreReviewLimit", case["ignore"])
    col.set_config("applyAllParentLimits", case["parents"])
    for pid in presets:
        conf = col.decks.get_config(pid)
        conf["newGatherPriority"] = case["gather"]
        conf["newSortOrder"] = case["sort"]
        conf["reviewOrder"] = case["review"]
        conf["newMix"] = case["mix"]
        conf["interdayLearningMix"] = case["daymix"]
        conf["new"]["bury"] = bool(case["bury"] & 1)
        conf["rev"]["perDay"] = case.get("reviews", conf["rev"]["perDay"])
        conf["rev"]["bury"] = bool(case["bury"] & 2)
        conf["buryInterdayLearning"] = bool(case["bury"] & 4)
        col.decks.update_config(conf)
    clock.advance(case.get("advance", 0) * 1000)
    col.decks.set_current(DeckId(case["root"]))
    t = tree(col.sched.deck_due_tree())
    queued = col.sched.get_queued_cards(fetch_limit=10_000)
    info = col.sched.congratulations_info() if hasattr(col.sched, "congratulations_info") else col._backend.congrats_info()
    out.append({"case": case, "now": clock.millis, "tree": t, "counts": counts(queued),
                "order": [[c.card.id, int(c.queue)] for c in queued.cards],
                "congrats": [info.learn_remaining, info.review_remaining, info.new_remaining, info.have_sched_buried,
                             info.have_user_buried, info.is_filtered_deck, info.secs_until_next_learn]})
col.close()
print(json.dumps({"presets": presets, "cases": out}))
