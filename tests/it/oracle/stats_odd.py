# Collections that no one makes by studying but that are there: made from a seed for stats.py.
import time

ZONES = ["Etc/GMT-2", "UTC", "Etc/GMT+11", "Etc/GMT-14", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]


def odd_start(seed):
    """The zone and the moment: some of them around a change of the clocks."""
    r = random.Random(seed)
    os.environ["TZ"] = r.choice(ZONES)
    time.tzset()
    changes = [1_741_503_600, 1_743_296_400, 1_761_440_400, 1_762_063_200]
    return (r.choice(changes) + r.choice([-DAY, 0, 0, DAY, 90 * DAY]) + r.randrange(-20_000, 20_000)) * 1000 + r.randrange(1000)


def odd_collection(seed, path, clock):
    r = random.Random(seed)
    col = Collection(path)
    shape = r.choice(["empty", "no log", "no cards", "suspended", "filtered", "any", "any", "any", "any"])
    pids = [preset(col, f"p{i}", desiredRetention=r.choice([0.7, 0.9, 0.97]), ignoreRevlogsBeforeDate=r.choice(["", "2024-11-05"]),
                   fsrsParams6=r.choice([[], [], [0.4, 1.2, 3.1, 15.7, 7.2, 0.5, 1.5, 0.005, 1.5, 0.1, 1, 2, 0.1, 0.3, 2, 0.2, 3, 0.5, 0.6, 0.1, 0.3]]))
            for i in range(2)]
    dids = [deck(col, name, r.choice(pids + [1])) for name in ("A", "A::B", "C")]
    if shape != "empty":
        for i, did in enumerate(dids):
            add_notes(col, clock, did, r.choice([0, 1, 5, 12]), r.choice(["Basic", "Basic (and reversed card)", "Cloze"]), f"n{i}")
    col.set_config("rollover", r.choice([4, 4, 0, 23, 12, r.randrange(24)]))
    col.set_config("fsrs", r.random() < 0.5)
    if r.random() < 0.15:
        # As old programs leave it.
        col.remove_config("creationOffset")
    elif r.random() < 0.3:
        # Made in another zone.
        col.set_config("creationOffset", r.choice([-720, -330, 0, 300, 720]))
    if r.random() < 0.2:
        col.set_config("localOffset", r.choice([-720, 0, 300]))
    age = r.choice([0, 1, 3, 30, 400, 4000])
    clock.advance(age * DAY * 1000 + r.randrange(0, DAY) * 1000)
    if r.random() < 0.15:
        col.db.execute("update col set crt = ?", clock.millis // 1000 - r.choice([1, DAY, 20 * 365 * DAY]))
    col.close()
    col = Collection(path)
    col.sched.deck_due_tree()
    now, cut, today = clock.millis // 1000, col.sched.day_cutoff, col.sched.today
    if shape != "no cards":
        odd_cards(r, col, shape, now, cut, today, dids)
    else:
        col.db.execute("delete from cards")
    if shape != "no log":
        odd_log(r, col, cut)
    if shape in ("filtered", "any"):
        for term, resched in (("-is:suspended", True), ("is:new or deck:C", False)):
            f = col.sched.get_or_create_filtered_deck(DeckId(0))
            f.name, f.config.reschedule, f.allow_empty = f"F{resched}", resched, True
            del f.config.search_terms[1:]
            t = f.config.search_terms[0]
            t.search, t.limit, t.order = term, 1000 if shape == "filtered" else 8, 6
            col.sched.add_or_update_filtered_deck(f)
    if shape == "any":
        ids = col.db.list("select id from cards")
        for cid in r.sample(ids, len(ids) // 6):
            # Away from home, or as if.
            col.db.execute("update cards set odid=?, odue=? where id=?", r.choice([dids[0], 1, 12345]),
                           r.choice([0, -5, today, today - 3, today + 9, now + 100, now - 3 * DAY]), cid)
    col.close()
    return Collection(path), cut


def odd_cards(r, col, shape, now, cut, today, dids):
    # Some of the whole range, as broken add-ons leave it; most near what is real.
    wild = r.random() < 0.4
    for cid in col.db.list("select id from cards order by id"):
        ctype, queue = r.choice([(0, 0), (1, 1), (1, 3), (2, 2), (2, 2), (2, 2), (3, 1), (3, 3), (2, 4), (0, 4)])
        if wild and r.random() < 0.3:
            ctype, queue = r.randrange(4), r.randrange(-3, 5)
        if shape == "suspended" or r.random() < 0.2:
            queue = -1 if shape == "suspended" else r.choice([-1, -2, -3])
        ivl = r.choice([0, 1, 2, 3, 7, 20, 21, 22, 90, 365, 36500])
        near = today + r.choice([-4000, -30, -1, 0, 0, 1, 2, 30, 31, 365, 366, 4000])
        soon = now + r.choice([-3 * DAY, -900, 0, 60, 5 * DAY, cut - now - 1, cut - now, cut - now + 1, cut - now + DAY])
        due = {0: r.randrange(1000), 1: soon, 2: near, 3: near, 4: soon}.get(queue, r.choice([near, soon]))
        if wild and r.random() < 0.2:
            due = r.choice([-1, 0, 1, 365_000, 365_001, 1_000_000_000, 1_000_000_001, 2**31 - 1, -2**31])
            ivl = r.choice([ivl, 2**31 - 1, 100_000])
        data = {}
        if r.random() < 0.6:
            data.update({"s": r.choice([0.001, 0.49, 0.5, 1.5, 2.5, 100.0, 36500.0, round(r.uniform(0.1, 99), 4)]),
                         "d": r.choice([1.0, 1.0, 10.0, 5.5, round(r.uniform(1, 10), 3)])})
            data.update(r.choice([{}, {"dr": 0.9}, {"dr": 0.8, "decay": 0.1542}, {"decay": 0.5}]))
        if r.random() < 0.6:
            data["lrt"] = now - r.choice([0, 1, 60, DAY, ivl * DAY, 400 * DAY, -50])
        new_id = cid
        if r.random() < 0.4:
            new_id = r.choice([1, 1000, col.crt * 1000 - 1, (cut - r.choice([0, 1, 30, 31, 365, 9999]) * DAY) * 1000 + r.choice([-1, 0, 1, 999]), now * 1000 + 5 * DAY * 1000])
            while col.db.scalar("select 1 from cards where id=?", new_id):
                new_id += 1
        col.db.execute("update cards set id=?, type=?, queue=?, due=?, ivl=?, factor=?, reps=?, lapses=?, left=?, data=?, did=? where id=?",
                       new_id, ctype, queue, due, ivl, r.choice([0, 130, 1300, 1301, 2500, 2500, 2455, 9999, 65535]), r.randrange(9), r.randrange(3),
                       r.choice([0, 1, 1001, 2002]), json.dumps(data, separators=(",", ":")), r.choice(dids + [1]), cid)


def odd_log(r, col, cut):
    cids = col.db.list("select id from cards") + [1, 77, 1_500_000_000_000]
    possible = r.random() < 0.5
    for _ in range(r.choice([0, 1, 10, 200, 600])):
        at = cut * 1000 - r.choice([r.randrange(0, 3 * DAY), r.randrange(0, 400 * DAY), r.choice([0, 1, 7, 8, 30, 31, 365, 366]) * DAY,
                                    r.randrange(0, 9999 * DAY)]) * 1000 + r.choice([0, 0, -1, 1, 999, -999])
        if not possible and r.random() < 0.1:
            # Anki ends at what was before 1970 where one is.
            at = r.choice([2 * DAY * 1000, cut * 1000 + r.randrange(5 * DAY * 1000), (cut + 40 * DAY) * 1000, col.crt * 1000 - 1])
        while col.db.scalar("select 1 from revlog where id=?", at):
            at += 1
        kind, ease = r.choice([0, 1, 1, 1, 2, 3, 4, 5]), r.choice([0, 1, 2, 3, 3, 3, 4])
        if possible:
            ease = 0 if kind in (4, 5) else max(ease, 1)
        spans = [0, 1, 20, 21, -60, -600, -DAY + 1, -DAY, -30 * DAY, 36500, 2**31 - 1, -2**31]
        col.db.execute("insert into revlog values(?,?,?,?,?,?,?,?,?)", at, r.choice(cids), -1, ease, r.choice(spans), r.choice(spans),
                       r.choice([0, 0, 2500, 1300, 100, 1100, 550]), r.choice([0, 1, 999, 5000, 60000, 10**7]), kind)
