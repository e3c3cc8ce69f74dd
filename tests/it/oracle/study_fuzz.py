# Random things done to random collections in the real Anki: filtered decks, Custom Study, answers,
# and cards changed by hand. Prints each step and the rows after it. Arguments: folder, seed, steps.

from anki.cards import Card
from anki.scheduler import CustomStudyRequest

folder, seed, wanted = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(seed)
pick, chance = rng.choice, lambda p: rng.random() < p
clock = Clock(1_741_608_000_123 + rng.randrange(20) * 3_600_000)
col = Collection(os.path.join(folder, "collection.anki2"))
fsrs = chance(0.5)


def options():
    delays = [[], [1, 10], [5], [10, 1440], [15, 30, 2880], [600.0]]
    return {
        "new__delays": pick(delays), "lapse__delays": pick(delays[:5]), "new__perDay": pick([3, 20, 99]),
        "rev__perDay": pick([4, 30, 99]), "new__bury": chance(0.4), "rev__bury": chance(0.4),
        "buryInterdayLearning": chance(0.4), "lapse__leechFails": pick([0, 1, 2, 3, 8]), "lapse__leechAction": pick([0, 1]),
        "lapse__mult": pick([0, 0.5, 0.9]), "lapse__minInt": pick([1, 3]), "rev__hardFactor": pick([1.2, 0.9]),
        "rev__maxIvl": pick([36500, 50]), "rev__ivlFct": pick([1, 0.7]), "desiredRetention": pick([0.9, 0.8, 0.95]),
        "new__initialFactor": pick([2500, 1900]), "reviewOrder": pick([0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        "newSortOrder": pick([0, 1, 2, 3]), "newMix": pick([0, 1, 2]), "interdayLearningMix": pick([0, 1, 2]),
        "newGatherPriority": pick([0, 1, 2, 5, 7]), "new__ints": pick([[1, 4, 0], [3, 9, 0]]),
    }


pids = [preset(col, f"p{i}", **options()) for i in range(3)]
names = ["Home", "Home::Kid", "Home::Kid::Grandkid", 'odd "na*me" a_b', "Plain", "Zed::Under"]
dids = [deck(col, name, pick(pids + [1])) for name in names]
dids.append(col.decks.id("Zed"))
for i, did in enumerate(dids):
    add_notes(col, clock, did, rng.randrange(3, 7), "Basic (and reversed card)", f"n{i}")
    add_notes(col, clock, did, rng.randrange(0, 3), "Cloze", f"z{i}")
for i, nid in enumerate(col.db.list("select id from notes order by id")):
    note = col.get_note(nid)
    note.tags = pick([["odd", "B::c"], ["Even", "odd::kid"], [], ["b", "we*ird", 'qu"ote'], ["leech"], ["LEECH", "odd"]])
    col.update_note(note)
    if chance(0.1):
        cid = pick(note.card_ids())
        col.set_deck([cid], pick(dids))
age = pick([3, 40, 200])
clock.advance(age * DAY * 1000)
col.sched.deck_due_tree()
today = col.sched.today
col.set_config("fsrs", fsrs)
if chance(0.3):
    col.set_config("collapseTime", pick([0, 60, 3600 * 5]))
if chance(0.3):
    col.set_config("dueCounts", False)
if chance(0.4):
    col.set_config("applyAllParentLimits", True)
if chance(0.3):
    col.set_config("loadBalancerEnabled", False)
if chance(0.3):
    col.set_config("fsrsShortTermWithStepsEnabled", True)
now = clock.millis // 1000
stored = 0.8 if fsrs else 0.5
for k, cid in enumerate(col.db.list("select id from cards order by id")):
    kind = rng.randrange(12)
    ivl, factor = pick([1, 3, 8, 20, 90, 300]), pick([1300, 1850, 2500, 2900])
    queue, ctype, due, left = 2, 2, today + pick([-30, -9, -1, 0, 0, 1, 4, 15]), 0
    if kind < 3:
        continue
    if kind == 4:
        queue, ctype, due, left, ivl, factor = 1, 1, now + rng.randrange(-900, 900), pick([1, 2, 2002, 1001]), 0, 0
    elif kind == 5:
        queue, ctype, due, left = 3, 3, today + rng.randrange(-2, 3), pick([1, 2])
    elif kind == 6:
        queue = pick([-1, -2, -3])
    elif kind == 7 and chance(0.5):
        due = -rng.randrange(0, 5)
    elif kind == 8:
        queue, ctype, due, left = 1, 3, now + rng.randrange(-900, 900), pick([1, 2])
    elif kind == 9 and chance(0.5):
        queue, ctype, due, ivl, factor = pick([-1, -2, -3]), 0, rng.randrange(99), 0, 0
    data = {}
    if chance(0.4):
        data["pos"] = rng.randrange(500)
    if kind > 3 and chance(stored):
        data.update({"s": round(rng.uniform(0.5, 80), 4), "d": round(rng.uniform(1, 10), 3)})
        data.update({"dr": pick([0.85, 0.9]), "decay": pick([0.154, 0.5])})
    if chance(0.7):
        data["lrt"] = now - ivl * DAY + rng.randrange(DAY)
    if chance(0.1):
        data["cd"] = '{"a":1}'
    for r in range(rng.randrange(4)):
        ease = pick([1, 2, 3, 4])
        at = (now - rng.randrange(8 * DAY)) * 1000 + k * 7 + r
        col.db.execute("insert or ignore into revlog values (?,?,-1,?,5,3,2500,900,1)", at, cid, ease)
    col.db.execute("update cards set type=?,queue=?,due=?,left=?,ivl=?,factor=?,reps=5,lapses=?,data=?,mod=?,flags=? where id=?",
                   ctype, queue, due, left, ivl, factor, rng.randrange(5), json.dumps(data, separators=(",", ":")),
                   now - 1000 + k % 5, pick([0, 0, 1, 3, 9]), cid)
col.db.execute("update config set usn=-1")
col.set_config("lastUnburied", col.sched.today)
col.close()
shutil.copy(os.path.join(folder, "collection.anki2"), os.path.join(folder, "copy.anki2"))
col = Collection(os.path.join(folder, "collection.anki2"))
steps = []
# Since the step before, at the beginning of a day.
queue_looked_at = [False]


def decks_now():
    return col.db.list("select id from decks order by id")


def filtered_now():
    # Anki gives them in another order in each run.
    return sorted(d["id"] for d in col.decks.all() if d["dyn"])


def random_now():
    return [d["id"] for d in col.decks.all() if d["dyn"] and any(t[2] == 1 for t in d["terms"])]


def state():
    decks = [[r[0], r[1], r[2], r[3], bytes(r[4]).hex(), bytes(r[5]).hex()]
             for r in col.db.all("select id, name, mtime_secs, usn, common, kind from decks order by id")]
    cards = col.db.all("select id, nid, did, ord, mod, usn, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags, data from cards order by id")
    shuffled = random_now()
    for c in cards:
        if c[2] in shuffled and c[8] < 0:
            c[8] = None
    keys = col.db.all("select key, val from config where key != 'activeDecks' order by key")
    return {"decks": decks, "cards": cards, "config": [[k, json.loads(bytes(v).decode())] for k, v in keys],
            "revlog": col.db.all("select * from revlog order by id"),
            "notes": col.db.all("select id, mod, usn, tags from notes order by id")}


def day(millis):
    """Days begin at 4 o'clock, and the zone is two hours east."""
    return (millis // 1000 - 2 * 3600) // DAY


def advance(millis):
    """True when a new day begins. Anki gives buried cards back only when it looks at a queue of the
    day before or at the list of decks, and undo would bury them again unless a queue was there."""
    crosses = day(clock.millis + millis) != day(clock.millis)
    if crosses:
        col.sched.get_queued_cards(fetch_limit=1)
    clock.advance(millis)
    if crosses:
        col.sched.get_queued_cards(fetch_limit=1)
        queue_looked_at[0] = True
    return crosses


def step(what, arg, run, cards=None, random=False):
    pause = rng.randrange(1000, 90_000)
    if what in ("undo", "redo") and day(clock.millis + pause) != day(clock.millis):
        # With a new day Anki forgets what can be undone; ours keeps it on purpose.
        pause = 0
    if advance(pause) and what != "tree":
        tree_step()
    entry = {"at": clock.millis, "what": what, "arg": arg, "queue": queue_looked_at[0]}
    queue_looked_at[0] = False
    if cards is not None:
        entry["cards"] = cards
    if random:
        entry["random"] = True
    try:
        entry["gave"] = run()
    except Exception as e:
        entry["error"] = f"{type(e).__name__} {e}"
    entry["state"] = state()
    steps.append(entry)
    if "error" in entry:
        # Anki builds the queue anew after what failed.
        select()
    return entry


def draft(d):
    c = d.config
    return {"id": d.id, "name": d.name, "resched": c.reschedule, "terms": [[t.search, t.limit, t.order] for t in c.search_terms],
            "delays": [c.preview_again_secs, c.preview_hard_secs, c.preview_good_secs], "empty": d.allow_empty}


SEARCHES = ["", "is:due", "is:new", "deck:Home", "is:learn OR tag:odd", "prop:ivl>3", "rated:3", "rated:3:1", "tag:leech",
            "prop:due<=5", "is:review -is:learn", "flag:1", "prop:lapses>2", "deck:Plain or deck:Zed", "introduced:900", "added:300",
            "prop:reps=5", "is:suspended", "prop:ease>2", "prop:s>10", "prop:d<5", "prop:r<0.9", "tag:none", "card:1", "note:Cloze", "(",
            "prop:due=0", "prop:pos>3", "deck:current", "resched:5", "tag:od*", "is:buried OR is:new", "-is:new", "cid:1,2", "prop:rated=0"]


def save():
    orders = [0, 2, 3, 4, 5, 6, 7, 8, 9, 10] if fsrs else [0, 2, 3, 4, 5, 6, 7, 10]
    existing = filtered_now()
    did = pick(existing) if existing and chance(0.35) else 0
    d = col.sched.get_or_create_filtered_deck(DeckId(did))
    if not did or chance(0.2):
        d.name = pick(["F1", "F2", "Home::F3", "Deep::er::F4", "f1", "Plain", "Plain::x", "F2::sub"])
    d.allow_empty, d.config.reschedule = chance(0.3), chance(0.6)
    delays = pick([(60, 600, 0), (0, 0, 0), (30, 90, 700), (600, 0, 60), (100_000, 1, 200_000)])
    d.config.preview_again_secs, d.config.preview_hard_secs, d.config.preview_good_secs = delays
    del d.config.search_terms[:]
    for _ in range(pick([1, 1, 2, 2, 3])):
        t = d.config.search_terms.add()
        t.search, t.limit, t.order = pick(SEARCHES), pick([1, 4, 12, 40]), pick(orders)
        if chance(0.06):
            t.limit, t.order = 9999, 1
    entry = step("save", draft(d), lambda: col.sched.add_or_update_filtered_deck(d).id)
    if entry.get("error", "").startswith("DBError"):
        # Anki has no SQL for some orders by memory; ours does it.
        steps[:] = [s for s in steps if s is not entry]
        for t in d.config.search_terms:
            t.order = 5
        step("save", draft(d), lambda: col.sched.add_or_update_filtered_deck(d).id)


def answer(rating):
    """The card in front, by the given button."""
    # Not `active()`, which is that of the queue built last.
    active = set(col.decks.deck_and_child_ids(col.decks.current()["id"]))
    if active & set(random_now()):
        return select()

    def run():
        queued = col.sched.get_queued_cards(fetch_limit=1)
        if not queued.cards:
            return [0, counts(queued)]
        shown = queued.cards[0]
        texts = button_texts(col, shown.states)
        card = Card(col, backend_card=shown.card)
        card.start_timer()
        col.sched.answer_card(col.sched.build_answer(card=card, states=shown.states, rating=rating - 1))
        return [card.id, counts(queued), texts]
    step("answer", rating, run)


def select(other=True):
    now = col.decks.current()["id"]
    some = [d for d in decks_now() if d != now]
    visiting = [d for d in filtered_now() if d != now]
    did = pick(visiting) if visiting and chance(0.6) else pick(some)
    step("select", did, lambda: col.decks.select(DeckId(did)))


def tree_step():
    step("tree", None, lambda: tree(col.sched.deck_due_tree()))


def custom():
    did = pick(decks_now())
    request = CustomStudyRequest(deck_id=did)
    kind = rng.randrange(6)
    if kind == 5:
        tags = ["odd", "Even", "b", "we*ird", 'qu"ote', "odd::kid", "missing"]
        c = request.cram
        c.kind, c.card_limit = rng.randrange(4), pick([3, 100])
        if c.kind >= 2:
            c.card_limit = 9999
        inc, exc = rng.sample(tags, pick([0, 0, 1, 2])), rng.sample(tags, pick([0, 0, 1, 2]))
        c.tags_to_include.extend(inc)
        c.tags_to_exclude.extend(exc)
        arg = {"cram": [c.kind, c.card_limit, inc, exc]}
    else:
        key = ["new_limit_delta", "review_limit_delta", "forgot_days", "review_ahead_days", "preview_days"][kind]
        value = rng.randrange(-5, 20) if kind < 2 else pick([0, 1, 3, 30, 300])
        if kind < 2 and value <= 0 and did in filtered_now():
            # Anki does it, with no effect that anyone sees.
            return
        setattr(request, key, value)
        arg = {key: value}
    step("custom", {"deck": did, **arg}, lambda: col.sched.custom_study(request) and None)


def defaults():
    did = pick([d for d in decks_now() if d != 1])

    def run():
        d = col.sched.custom_study_defaults(DeckId(did))
        return {"tags": [[t.name, t.include, t.exclude] for t in d.tags], "extend": [d.extend_new, d.extend_review],
                "new": [d.available_new, d.available_new_in_children],
                "review": [d.available_review, d.available_review_in_children]}
    step("defaults", did, run)


def some():
    ids = col.db.list("select id from cards order by id")
    if chance(0.4):
        ids = col.db.list("select id from cards where odid != 0 order by id") or ids
    if not ids:
        return []
    return rng.sample(ids, min(len(ids), pick([1, 2, 5, 15])))


def by_hand():
    what = pick(["due", "due", "reset", "bury", "suspend", "unsuspend", "unbury", "unbury cards", "flag", "grade", "reposition", "move", "notes", "rename"])
    cards = some()
    before = col.decks.current()["id"]
    random = False
    if what == "due":
        args = [pick(["0", "5", "1!", "0!", "30", "3-7", "2-9!", "4-4", "9-2", "-1", "", "1-", "!", "5 !", "1.5", "99999", "007", "+3", "3 - 7"])]
        random = args[0] in ("3-7", "2-9!", "9-2")
        run = lambda: col.sched.set_due_date(cards, args[0]) and None
    elif what == "reset":
        args = [chance(0.5), chance(0.5)]
        run = lambda: col.sched.schedule_cards_as_new(cards, restore_position=args[0], reset_counts=args[1]) and None
    elif what == "bury":
        args = [chance(0.5)]
        run = lambda: col.sched.bury_cards(cards, manual=args[0]).count
    elif what == "suspend":
        args, run = [], lambda: col.sched.suspend_cards(cards).count
    elif what == "unsuspend":
        args, run = [], lambda: col.sched.unsuspend_cards(cards) and None
    elif what == "unbury":
        args = [pick(decks_now())]
        run = lambda: col.sched.unbury_deck(DeckId(args[0])) and None
    elif what == "unbury cards":
        # Anki would unsuspend as well.
        cards = [c for c in cards if col.db.scalar("select queue from cards where id=?", c) != -1]
        args, run = [], lambda: col.sched.unbury_cards(cards) and None
    elif what == "flag":
        args = [pick([0, 1, 7])]
        run = lambda: col.set_user_flag_for_cards(args[0], cards).count
    elif what == "grade":
        args = [pick([1, 2, 3, 4])]
        run = lambda: col._backend.grade_now(card_ids=cards, rating=args[0] - 1) and None
    elif what == "reposition":
        cards += rng.sample(new := col.db.list("select id from cards where type=0 order by id"), min(len(new), pick([0, 3, 9])))
        random = chance(0.2)
        if col.db.scalar("select 1 from cards where type=0 and odid!=0"):
            # Anki moves the due of those that a preview shows again into their home position.
            return
        args = [pick([0, 1, 7, 100]), pick([0, 1, 2, 10]), random, chance(0.5)]
        run = lambda: col.sched.reposition_new_cards(cards, args[0], args[1], args[2], args[3]).count
    elif what == "move":
        args = [pick(decks_now())]
        run = lambda: col.set_deck(cards, args[0]).count
    elif what == "notes":
        args = [sorted({col.db.scalar("select nid from cards where id=?", c) for c in cards[:2]})]
        run = lambda: col.remove_notes(args[0]).count
    else:
        args = [pick(decks_now()), pick(["Home", "Zed::New", "F1", "Plain::x::y", "F2::deep", "Another"])]
        if args[1] == "Plain::x::y" and col.decks.name(DeckId(args[0])) == "Plain":
            # Anki makes an empty deck too many.
            return
        run = lambda: col.decks.rename(DeckId(args[0]), args[1]) and None
    entry = step(what, args, run, cards, random)
    if random and "error" not in entry:
        undo()
        select()


def undo():
    # Choosing a deck is a step of its own in Anki alone.
    if col.undo_status().undo not in ("", "Select Deck"):
        step("undo", None, lambda: col.undo() and None)
        return True
    return False


def undo_some():
    done = 0
    for _ in range(pick([1, 1, 2, 4])):
        done += undo()
    for _ in range(rng.randrange(done + 1) if chance(0.4) else 0):
        if col.undo_status().redo not in ("", "Select Deck"):
            step("redo", None, lambda: col.redo() and None)
    if done:
        select()


def on_filtered():
    did = pick(filtered_now() or decks_now())
    what = pick(["rebuild", "rebuild", "empty", "delete", "draft"])
    calls = {
        "rebuild": lambda: col.sched.rebuild_filtered_deck(DeckId(did)).count,
        "empty": lambda: col.sched.empty_filtered_deck(DeckId(did)) and None,
        "delete": lambda: col.decks.remove([DeckId(did)]).count,
        "draft": lambda: draft(col.sched.get_or_create_filtered_deck(DeckId(did))),
    }
    step(what, did, calls[what])


def study():
    if chance(0.6):
        select()
    for _ in range(rng.randrange(1, 8)):
        answer(pick([1, 1, 2, 3, 3, 4]))


tree_step()
while len(steps) < wanted:
    pick([save, save, study, study, study, custom, defaults, by_hand, by_hand, by_hand, undo_some, on_filtered, on_filtered, tree_step])()
    if chance(0.06):
        advance(rng.randrange(60, 9000) * 1000)
        tree_step()
    elif chance(0.04):
        advance(rng.randrange(1, 60) * 3600 * 1000)
        tree_step()
        select()
col.close()
print(json.dumps({"steps": steps, "fsrs": fsrs}))
