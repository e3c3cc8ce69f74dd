# Does things to cards by hand (due dates, resetting, burying, suspending, flags) in the real Anki
# and prints the rows after each. Arguments: folder, sm2 or fsrs.

folder, variant = sys.argv[1], sys.argv[2]
rng = random.Random(11)
clock = Clock(1_741_608_000_123)
col = Collection(os.path.join(folder, "collection.anki2"))
pid = preset(col, "mine", new__initialFactor=2100, new__bury=True, rev__bury=True, buryInterdayLearning=True)
dids = [deck(col, "A", pid), deck(col, "A::B", pid), deck(col, "C", 1)]
for i, did in enumerate(dids):
    add_notes(col, clock, did, 16, "Basic (and reversed card)", f"n{i}")
clock.advance(40 * DAY * 1000)
col.sched.deck_due_tree()
today = col.sched.today
col.set_config("fsrs", variant == "fsrs")
for cid in col.db.list("select id from cards order by id"):
    kind = rng.random()
    if kind < 0.25:
        continue
    ivl = rng.choice([1, 3, 20, 90])
    due, queue, ctype, left, ease = today + rng.choice([-9, 0, 4]), 2, 2, 0, rng.choice([1300, 2500])
    if kind < 0.35:
        queue, ctype, due, left, ivl, ease = 1, 1, clock.millis // 1000 + 300, 2, 0, 0
    elif kind < 0.45:
        queue, ctype, due, left = 3, 3, today + 1, 1
    elif kind < 0.5:
        queue, ctype, due, left = 1, 3, clock.millis // 1000 - 300, 1
    if rng.random() < 0.3:
        queue = rng.choice([-1, -2, -3])
    data = {}
    if rng.random() < 0.6:
        data["pos"] = rng.randrange(500)
    if rng.random() < 0.5:
        data.update({"s": 12.5, "d": 6.25, "dr": 0.9, "decay": 0.154})
    if rng.random() < 0.5:
        data["lrt"] = clock.millis // 1000 - ivl * DAY
    col.db.execute("update cards set type=?, queue=?, due=?, left=?, ivl=?, factor=?, reps=5, lapses=2, data=?, flags=? where id=?",
                   ctype, queue, due, left, ivl, ease, json.dumps(data, separators=(",", ":")), rng.choice([0, 3, 9]), cid)
for term, resched in (("deck:A", True), ("deck:C", False)):
    f = col.sched.get_or_create_filtered_deck(DeckId(0))
    f.name = f"F{resched}"
    f.config.reschedule = resched
    del f.config.search_terms[1:]
    f.config.search_terms[0].search = term
    f.config.search_terms[0].limit = 10
    f.config.search_terms[0].order = 5
    col.sched.add_or_update_filtered_deck(f)
col.db.execute("update config set usn=-1")
col.close()
shutil.copy(os.path.join(folder, "collection.anki2"), os.path.join(folder, "copy.anki2"))
col = Collection(os.path.join(folder, "collection.anki2"))
ids = col.db.list("select id from cards order by id")
steps = []


def step(what, cards, *args):
    clock.advance(rng.randrange(1000, 900_000))
    entry = {"at": clock.millis, "what": what, "cards": cards, "args": list(args)}
    if what == "due":
        col.sched.set_due_date(cards, args[0])
    elif what == "reset":
        col.sched.schedule_cards_as_new(cards, restore_position=args[0], reset_counts=args[1])
    elif what == "bury":
        col.sched.bury_cards(cards, manual=args[0])
    elif what == "suspend":
        col.sched.suspend_cards(cards)
    elif what == "unsuspend":
        col.sched.unsuspend_cards(cards)
    elif what == "unbury":
        col.sched.unbury_deck(DeckId(args[0]))
    elif what == "flag":
        col.set_user_flag_for_cards(args[0], cards)
    elif what == "grade":
        col._backend.grade_now(card_ids=cards, rating=args[0] - 1)
    elif what == "reposition":
        col.sched.reposition_new_cards(cards, args[0], args[1], False, args[2])
    elif what == "select":
        col.decks.set_current(DeckId(args[0]))
    elif what == "queue":
        col.sched.get_queued_cards()
    elif what == "undo":
        col.undo()
    entry["rows"] = rows(col, "select * from cards order by id")
    entry["revlog"] = rows(col, "select * from revlog order by id")
    entry["next"] = col.get_config("nextPos")
    entry["decks"] = [[d, col.decks.get(d)["newToday"], col.decks.get(d)["revToday"]] for d in dids]
    steps.append(entry)


def some(n):
    return sorted(rng.sample(ids, n))


for days in ("0", "5", "0!", "7!", "30"):
    step("due", some(20), days)
step("undo", [])
for manual in (True, False):
    step("bury", some(25), manual)
step("suspend", some(12))
step("unsuspend", some(40))
step("unbury", [], dids[0])
for flag in (1, 7, 0):
    step("flag", some(15), flag)
for restore in (True, False):
    for counts_too in (True, False):
        step("reset", some(9), restore, counts_too)
step("undo", [])
step("due", ids, "2")
step("undo", [])
step("reset", ids, True, True)
step("undo", [])
for rating in (1, 2, 3, 4):
    step("grade", some(14), rating)
step("undo", [])
# With cards on the screen, the load balancer has its say.
step("select", [], dids[0])
for rating in (3, 4):
    step("queue", [])
    step("grade", some(14), rating)
step("grade", ids, 3)
step("undo", [])
step("undo", [])
new = col.db.list("select id from cards where type = 0 order by id")
for start, step_size, shift in ((3, 2, True), (0, 1, False), (50, 0, True), (7, 5, True), (1, 1, True)):
    step("reposition", rng.sample(ids, 9) + rng.sample(new, min(6, len(new))), start, step_size, shift)
step("undo", [])
col.close()
print(json.dumps({"steps": steps}))
