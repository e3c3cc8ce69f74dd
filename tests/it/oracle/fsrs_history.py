# Makes a collection with the reviews of simulated learners: whole and broken histories, resets,
# cramming, rows by hand, a filtered deck, suspended and buried cards; FSRS is off.
# `make(folder, cards, seed)` leaves collection.anki2 closed.
from anki.deck_config_pb2 import UpdateDeckConfigsRequest

NOW = 1_741_608_000_123
W6 = [0.5, 1.1, 2.9, 9.1, 6.1, 0.9, 2.8, 0.01, 1.7, 0.2, 0.9, 1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729,
      0.5425, 0.0912, 0.0658, 0.2]
W5 = [0.40255, 1.18385, 3.173, 15.69105, 7.1949, 0.5345, 1.4604, 0.0046, 1.54575, 0.1192, 1.01925,
      1.9395, 0.11, 0.29605, 2.2698, 0.2315, 2.9898, 0.51655, 0.6621]


def recall(days, stability):
    return (1 + (0.9 ** (-1 / 0.1542) - 1) * days / stability) ** -0.1542


def history(rng, today_ms, shape):
    """Rows (id, ease, ivl, lastIvl, factor, time, type) of one card, and its last interval."""
    at = today_ms - rng.randrange(1, 700) * DAY * 1000 + rng.randrange(10**7)
    rows, stability, ease = [], rng.lognormvariate(1.0, 0.9), 2500
    ivl = 0
    rating = rng.choices([1, 2, 3, 4], [0.3, 0.1, 0.45, 0.15])[0]
    # Learning steps on the first day.
    while rating in (1, 2) and len(rows) < 5:
        rows.append((at, rating, -60 if rating == 1 else -330, -60, 0, rng.randrange(2000, 20000), 0))
        at += rng.randrange(60_000, 600_000)
        rating = rng.choices([1, 2, 3], [0.2, 0.1, 0.7])[0]
    if rng.random() < 0.5:
        rows.append((at, 3, -600, -60, 0, rng.randrange(2000, 20000), 0))
        at += 601_000
    ivl = 1 if rating == 3 else 4
    rows.append((at, rating, ivl, -600, ease, rng.randrange(2000, 20000), 0))
    stability *= {1: 0.5, 2: 0.7, 3: 1.0, 4: 2.2}[rating]
    while True:
        wait = max(1, round(ivl * rng.choice([1, 1, 1, 1, 0.8, 1.1, 1.6])))
        at += wait * DAY * 1000 + rng.randrange(-3 * 3600_000, 3 * 3600_000)
        if at >= today_ms - 10**7 or len(rows) > 60:
            break
        filtered = 3 if rng.random() < 0.02 else 1
        if rng.random() < recall(wait, stability):
            rating = rng.choices([2, 3, 4], [0.15, 0.7, 0.15])[0]
            new = max(ivl + 1, round(ivl * {2: 1.2, 3: 2.3, 4: 3.1}[rating]))
            rows.append((at, rating, new, ivl, ease, rng.randrange(2000, 20000), filtered))
            stability *= {2: 1.4, 3: 2.0, 4: 2.9}[rating] * (1 if wait > stability / 4 else 0.7)
            ivl = new
        else:
            ease = max(1300, ease - 200)
            rows.append((at, 1, -600, ivl, ease, rng.randrange(2000, 20000), filtered))
            stability = max(0.4, stability * 0.25)
            at += 700_000
            while rng.random() < 0.2:
                rows.append((at, 1, -600, -600, ease, rng.randrange(2000, 20000), 2))
                at += 700_000
            ivl = max(1, ivl // 4)
            rows.append((at, 3, ivl, -600, ease, rng.randrange(2000, 20000), 2))
        if rng.random() < 0.01:
            rows.append((at + 5_000_000, 3, 0, -60, 0, 4000, 3))  # cramming
        if rng.random() < 0.01:
            rows.append((at + 6_000_000, 0, ivl + 3, ivl, ease, 0, 4))  # due date set by hand
        if rng.random() < 0.006:
            rows.append((at + 7_000_000, 0, ivl + 2, ivl, 640, 0, 5))  # rescheduled
            ivl += 2
        if shape == "reset" and len(rows) > 5 and rng.random() < 0.3:
            rows.append((at + 8_000_000, 0, 0, ivl, 0, 0, 4))
            shape = ""
            ivl, ease = 1, 2500
            at += 9_000_000
            rows.append((at, 3, 1, -600, ease, 5000, 0))
    if shape == "headless":
        rows = rows[len(rows) // 2:]
    if shape == "headless fsrs":
        rows = [r[:4] + (rng.randrange(100, 1101),) + r[5:] for r in rows[len(rows) // 3:]]
    if shape == "manual only":
        rows = [(rows[0][0], 0, 12, 0, 2500, 0, 4)]
        ivl = 12
    return rows, ivl, ease


def make(folder, cards_wanted, seed):
    rng = random.Random(seed)
    clock = Clock(NOW - 800 * DAY * 1000)
    col = Collection(os.path.join(folder, "collection.anki2"))
    presets = [preset(col, "first", rev__perDay=400),
               preset(col, "second", desiredRetention=0.85, sm2Retention=0.8, rev__bury=True,
                      easyDaysPercentages=[1.0, 0.0, 1.0, 0.5, 1.0, 0.5, 1.0]),
               preset(col, "third", ignoreRevlogsBeforeDate="2024-06-01", rev__maxIvl=200)]
    dids = [deck(col, n, presets[p]) for n, p in (("One", 0), ("One::Child", 0), ("Two", 1), ("Three", 2))]
    for did in dids:
        add_notes(col, clock, did, cards_wanted // 8, "Basic (and reversed card)", f"d{did}")
    today = (NOW // 1000 - col.db.scalar("select crt from col")) // DAY
    used = set()
    for cid in col.db.list("select id from cards order by id"):
        kind = rng.random()
        if kind < 0.08:
            continue
        shape = rng.choices(["", "reset", "headless", "headless fsrs", "manual only", "none"], [0.85, 0.04, 0.04, 0.03, 0.01, 0.03])[0]
        rows, ivl, ease = history(rng, NOW, shape)
        if shape == "none":
            rows = []
        for row in rows:
            rid = row[0]
            while rid in used:
                rid += 1
            used.add(rid)
            col.db.execute("insert into revlog values (?,?,-1,?,?,?,?,?,?)", rid, cid, *row[1:])
        last = max([r[0] for r in rows if r[1] > 0] or [NOW - 50 * DAY * 1000])
        due = today - (NOW - last) // (DAY * 1000) + ivl
        ctype, queue, left, data = 2, 2, 0, "{}"
        if 0.95 < kind:
            ctype, queue, due, left = 3, 1, NOW // 1000 - 100, 1
        elif 0.92 < kind:
            ctype, queue, due, left, ease = 1, 3, today, 1, 0
        elif 0.89 < kind:
            queue = -1
        elif 0.87 < kind:
            queue = -3
        elif 0.85 < kind:
            queue = -2
        if rng.random() < 0.5:
            data = json.dumps({"pos": 7, "lrt": last // 1000}, separators=(",", ":"))
        reps = sum(1 for r in rows if r[1] > 0)
        col.db.execute("update cards set type=?,queue=?,due=?,ivl=?,factor=?,left=?,reps=?,data=? where id=?",
                       ctype, queue, due, ivl if ctype != 1 else 0, ease, left, reps, data, cid)
    clock.set(NOW)
    f = col.sched.get_or_create_filtered_deck(DeckId(0))
    f.name = "Filtered"
    del f.config.search_terms[1:]
    f.config.search_terms[0].search = "deck:One is:review"
    f.config.search_terms[0].limit = 30
    f.config.search_terms[0].order = 5
    col.sched.add_or_update_filtered_deck(f)
    col.close()
    return clock, presets, dids


def update_options(col, clock, did, fsrs=True, reschedule=False, presets=None, deck_dr=None, use=None):
    """Saves deck options as the options screen does; `presets` maps names to changed fields."""
    now = col._backend.get_deck_configs_for_update(did)
    configs = [c.config for c in now.all_config]
    ids = {c.name: c.id for c in configs}
    selected = ids[use] if use else now.current_deck.config_id
    configs.sort(key=lambda c: c.id == selected)
    for c in configs:
        for key, value in (presets or {}).get(c.name, {}).items():
            if isinstance(value, list):
                getattr(c.config, key)[:] = value
            else:
                setattr(c.config, key, value)
    request = UpdateDeckConfigsRequest(target_deck_id=did, configs=configs, fsrs=fsrs, fsrs_reschedule=reschedule,
                                       limits=now.current_deck.limits)
    if deck_dr is not None:
        request.limits.desired_retention = deck_dr
    clock.advance(10_000)
    col._backend.update_deck_configs_raw(request.SerializeToString())
