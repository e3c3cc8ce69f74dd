# Saves deck options with the real Anki, one set after the other, and prints what was asked and the
# rows afterwards. Arguments: folder, seed. The collection before the first change is left as copy.anki2.

from anki.deck_config_pb2 import DeckConfig, UpdateDeckConfigsRequest

folder = sys.argv[1]
rng = random.Random(int(sys.argv[2]))
clock = Clock(1_741_608_000_123)
col = Collection(os.path.join(folder, "collection.anki2"))
presets = [
    preset(col, "A"),
    preset(col, "B", new__delays=[3, 30, 300], lapse__delays=[5, 6], rev__perDay=70),
    preset(col, "Never used"),
]
dids = [deck(col, name, conf) for name, conf in [
    ("Top", presets[0]), ("Top::x", presets[1]), ("Top::x::y", presets[1]), ("Top::z", 1),
    ("Topping", presets[0]), ("Other", presets[0])]]
for i, did in enumerate(dids):
    add_notes(col, clock, did, 8, "Basic (and reversed card)", f"n{i}")
    add_notes(col, clock, did, 20, "Basic", f"b{i}")
col.sched.deck_due_tree()
clock.advance(10 * DAY * 1000)
today = col.sched.today
for (cid,) in rows(col, "select id from cards order by id"):
    kind = rng.random()
    if kind < 0.3:
        if kind < 0.05:
            col.db.execute("update cards set queue=? where id=?", rng.choice([-1, -2, -3]), cid)
        continue
    ctype = rng.choice([1, 1, 2, 3, 3])
    queue = 2 if ctype == 2 else rng.choice([1, 1, 3, -1, -2, -3])
    due = today + rng.randrange(5) if queue in (2, 3) else clock.millis // 1000
    col.db.execute("update cards set type=?, queue=?, due=?, ivl=?, factor=?, left=?, reps=2 where id=?",
                   ctype, queue, due, 0 if ctype == 1 else 5, 0 if ctype == 1 else 2500,
                   rng.choice([0, 1, 1, 2, 3, 5]) if ctype != 2 else 0, cid)
f = col.sched.get_or_create_filtered_deck(DeckId(0))
f.name = "Top::Filtered"
del f.config.search_terms[1:]
f.config.search_terms[0].search = "deck:Top or deck:Other"
f.config.search_terms[0].limit = 60
f.config.search_terms[0].order = 1
col.sched.add_or_update_filtered_deck(f)
clock.advance(5000)
col.sched.deck_due_tree()
col.close()
shutil.copy(os.path.join(folder, "collection.anki2"), os.path.join(folder, "copy.anki2"))
col = Collection(os.path.join(folder, "collection.anki2"))


def state():
    return {
        "cards": rows(col, "select * from cards order by id"),
        "decks": [[r[0], r[1], r[2], r[3], bytes(r[4]).hex(), bytes(r[5]).hex()]
                  for r in rows(col, "select id, name, mtime_secs, usn, common, kind from decks order by id")],
        "presets": [[r[0], r[1], r[2], r[3], bytes(r[4]).hex()]
                    for r in rows(col, "select id, name, mtime_secs, usn, config from deck_config order by id")],
        "config": {r[0]: r[1] for r in rows(col, "select key, cast(val as text) from config")},
        "scm": col.db.scalar("select scm from col"),
    }


steps = []


def save(did, change):
    """`change(draft, stored)` edits what the options screen would save."""
    clock.advance(rng.choice([100_000, 100_000, 9 * 3_600_000]))
    col.sched.deck_due_tree()
    shown = col.decks.get_deck_configs_for_update(did)
    limits = shown.current_deck.limits
    stored = {c.config.id: c.config for c in shown.all_config}
    draft = {
        "deck": did, "selected": shown.current_deck.config_id, "edited": {}, "added": [], "removed": [],
        "children": False, "reschedule": False,
        "limits": {
            "new": limits.new if limits.HasField("new") else None,
            "review": limits.review if limits.HasField("review") else None,
            "new_today": limits.new_today if limits.new_today_active else None,
            "review_today": limits.review_today if limits.review_today_active else None,
            "retention": limits.desired_retention if limits.HasField("desired_retention") else None,
        },
        "shared": {"ignore": shown.new_cards_ignore_review_limit, "parents": shown.apply_all_parent_limits,
                   "fsrs": shown.fsrs, "health": shown.fsrs_health_check, "code": shown.card_state_customizer},
        "defaults": shown.defaults,
    }
    change(draft, stored)
    request = UpdateDeckConfigsRequest(
        target_deck_id=did, removed_config_ids=draft["removed"], mode=1 if draft["children"] else 0,
        card_state_customizer=draft["shared"]["code"], new_cards_ignore_review_limit=draft["shared"]["ignore"],
        fsrs=draft["shared"]["fsrs"], apply_all_parent_limits=draft["shared"]["parents"],
        fsrs_reschedule=draft["reschedule"], fsrs_health_check=draft["shared"]["health"])
    l = draft["limits"]
    for ours, theirs in [("new", "new"), ("review", "review"), ("new_today", "new_today"),
                         ("review_today", "review_today"), ("retention", "desired_retention")]:
        if l[ours] is not None:
            setattr(request.limits, theirs, l[ours])
            if ours.endswith("_today"):
                setattr(request.limits, theirs + "_active", True)
    sent = [c for c in draft["edited"].values() if c.id != draft["selected"]] + draft["added"]
    chosen = draft["edited"].get(draft["selected"]) or stored.get(draft["selected"])
    if chosen:
        sent.append(chosen)
    for c in sent:
        c = request.configs.add(id=max(c.id, 0), name=c.name, mtime_secs=c.mtime_secs, usn=c.usn, config=c.config)
    error = None
    try:
        col.decks.update_deck_configs(request)
    except Exception as e:
        error = type(e).__name__
    del draft["edited"], draft["added"], draft["defaults"]
    draft["presets"] = [[c.id, c.name, c.config.SerializeToString().hex()] for c in sent]
    # The last one is the selected one, also when it is new.
    draft["selected"] = sent[-1].id
    steps.append({"now": clock.millis, "update": draft, "error": error, "state": state(),
                  "undo": col.undo_status().undo})


def edit(d, s, change, pid=None):
    pid = pid or d["selected"]
    c = DeckConfig()
    c.CopyFrom(d["edited"].get(pid) or s[pid])
    change(c)
    d["edited"][pid] = c


def add(d, name, change=lambda c: None):
    c = DeckConfig()
    c.CopyFrom(d["defaults"])
    c.id, c.name = -1, name
    change(c)
    d["added"].append(c)


def select_new(d, s):
    add(d, "Mine", lambda c: c.config.learn_steps.__setitem__(slice(None), [2, 20, 200]))
    d["selected"] = 0


def steps_of(c, learn, relearn):
    c.config.learn_steps[:] = learn
    c.config.relearn_steps[:] = relearn


save(dids[0], lambda d, s: None)
save(dids[0], lambda d, s: None)
save(dids[0], lambda d, s: edit(d, s, lambda c: setattr(c.config, "new_per_day", 33)))
save(dids[0], lambda d, s: edit(d, s, lambda c: setattr(c, "name", "B")))
save(dids[0], select_new)
save(dids[0], lambda d, s: add(d, "Not selected"))
save(dids[0], lambda d, s: d["limits"].update(new=5, review=7, new_today=3, review_today=9, retention=0.85))
save(dids[0], lambda d, s: d["limits"].update(new=None, new_today=None))
save(dids[0], lambda d, s: d["limits"].update(review=None, review_today=None, retention=None))
save(dids[0], lambda d, s: d["shared"].update(ignore=True, parents=True, code="// keep", health=False))
save(dids[0], lambda d, s: d.update(children=True))
save(dids[1], lambda d, s: d.update(selected=presets[1]))
save(dids[5], lambda d, s: d.update(selected=presets[1], removed=[presets[0]]))
save(dids[5], lambda d, s: d.update(removed=[1]))
save(dids[5], lambda d, s: d.update(removed=[presets[0]]))
for _ in range(60):
    def change(d, s):
        ids = sorted(s)
        if rng.random() < 0.4:
            d["selected"] = rng.choice(ids)
        if rng.random() < 0.5:
            edit(d, s, lambda c: steps_of(c, *rng.choice(
                [([1, 10], [10]), ([1, 5, 10, 60], [2, 10, 20]), ([], []), ([5], [0.5, 30]), ([1, 10], []),
                 ([0.5, 1440, 4320], [10])])))
        if rng.random() < 0.3:
            edit(d, s, lambda c: setattr(c.config, "leech_threshold", rng.randrange(1, 20)), rng.choice(ids))
        if rng.random() < 0.2:
            add(d, f"Added {rng.randrange(99)}")
        if rng.random() < 0.15:
            gone = [i for i in ids if i not in (1, d["selected"])]
            if gone:
                d["removed"] = [rng.choice(gone)]
                d["edited"].pop(d["removed"][0], None)
        d["children"] = rng.random() < 0.25
        for key in ("new", "review", "new_today", "review_today"):
            if rng.random() < 0.3:
                d["limits"][key] = rng.choice([None, 0, 4, 9999])
        if rng.random() < 0.2:
            d["limits"]["retention"] = rng.choice([None, 0.8, 0.95])
        for key in ("ignore", "parents", "health"):
            if rng.random() < 0.2:
                d["shared"][key] = not d["shared"][key]
    save(rng.choice(dids), change)
# The order of new cards, drawn anew by each program, then by age again.
plain = len(steps)
save(dids[5], lambda d, s: edit(d, s, lambda c: setattr(c.config, "new_card_insert_order", 1)))
save(dids[5], lambda d, s: edit(d, s, lambda c: setattr(c.config, "new_card_insert_order", 0)))
col.close()
print(json.dumps({"steps": steps, "random": plain}))
