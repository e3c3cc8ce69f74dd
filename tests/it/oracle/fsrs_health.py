# Learners of several kinds, each in a deck of their own, and whether FSRS can predict them.
# Argument: folder. The collection is left as copy.anki2.

folder = sys.argv[1]
NOW = 1_741_608_000_123
clock = Clock(NOW - 800 * DAY * 1000)
col = Collection(os.path.join(folder, "collection.anki2"))
used = set()


def learner(name, cards, recall, seed):
    """`recall(day, wait, stability)` is how likely an answer is right."""
    rng = random.Random(seed)
    did = deck(col, name)
    add_notes(col, clock, did, cards, "Basic", name)
    for cid in col.db.list("select id from cards where did=? order by id", did):
        at = NOW - rng.randrange(200, 700) * DAY * 1000
        stability, ivl = rng.lognormvariate(1.5, 0.8), 1
        log = [(at, 3, 1, -600, 0)]
        for _ in range(8):
            wait = max(1, round(ivl * rng.choice([1, 1, 1.2, 0.9])))
            at += wait * DAY * 1000 + rng.randrange(-DAY * 100, DAY * 100)
            if at >= NOW:
                break
            if rng.random() < recall((NOW - at) // (DAY * 1000), wait, stability):
                new = max(ivl + 1, round(ivl * 2.2))
                log.append((at, 3, new, ivl, 1))
                ivl, stability = new, stability * 2
            else:
                log.append((at, 1, 1, ivl, 1))
                ivl, stability = 1, max(0.5, stability * 0.3)
        for rid, button, new, old, kind in log:
            while rid in used:
                rid += 1
            used.add(rid)
            col.db.execute("insert into revlog values (?,?,-1,?,?,?,2500,3000,?)", rid, cid, button, new, old, kind)
    col.db.execute("update cards set type=2, queue=2, due=1, ivl=10, factor=2500, reps=9 where did=?", did)


def forgets(day, wait, stability):
    return (1 + wait / stability * 0.2345) ** -0.5


def moody(low):
    """Good for ten weeks, bad for ten weeks."""
    return lambda day, wait, stability: 0.97 if day % 140 < 70 else low


learner("few", 30, forgets, 1)
learner("steady", 90, forgets, 2)
learner("always the same", 60, lambda *_: 0.9, 3)
learner("a guess", 90, lambda *_: 0.7, 4)
learner("moody", 55, moody(0.1), 5)
learner("moodier", 110, moody(0.15), 6)
learner("less moody", 60, moody(0.75), 7)
clock.set(NOW)
col.close()
shutil.copy(os.path.join(folder, "collection.anki2"), os.path.join(folder, "copy.anki2"))
col = Collection(os.path.join(folder, "collection.anki2"))
out = []
for name in ("few", "steady", "always the same", "a guess", "moody", "moodier", "less moody"):
    search = f'deck:"{name}"'
    r = col._backend.compute_fsrs_params(search=search, current_params=[], ignore_revlogs_before_ms=0,
                                         num_of_relearning_steps=1, health_check=True)
    out.append({"search": search, "items": r.fsrs_items,
                "healthy": r.health_check_passed if r.HasField("health_check_passed") else None})
col.close()
print(json.dumps(out))
