# Cards with logs, in every state, half of them in filtered decks: moved to decks of other options,
# made due, hidden and shown again, graded. Prints the rows after each. Arguments: folder, sm2 or fsrs.

folder, variant = sys.argv[1], sys.argv[2]
rng = random.Random(3)
clock = Clock(1_741_608_000_123)
col = Collection(os.path.join(folder, "collection.anki2"))
OTHER = [0.5, 1.1, 2.9, 9.1, 6.1, 0.9, 2.8, 0.01, 1.7, 0.2, 0.9, 1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.2]
pids = [preset(col, "long", new__delays=[1, 10, 60], lapse__delays=[10, 30]),
        preset(col, "other", new__delays=[5, 6], lapse__delays=[10, 20, 40], desiredRetention=0.8, fsrsParams6=OTHER),
        preset(col, "stepless", new__delays=[], lapse__delays=[])]
dids = [deck(col, f"D{i}", pid) for i, pid in enumerate(pids)]
# Type, queue, due from today or now, interval, remaining steps.
STATES = [(0, 0, 5, 0, 0), (1, 1, 300, 0, 3), (1, 1, -300, 0, 2002), (1, 3, 1, 0, 1001), (2, 2, -3, 20, 0), (2, 2, 4, 300, 0),
          (3, 1, -9, 7, 1), (3, 1, -9, 7, 1002), (3, 3, 2, 7, 2)]
made = []
for did in dids:
    for state in STATES:
        for copy in range(6):
            add_notes(col, clock, did, 1, "Basic", f"{did}{state}{copy}")
            made.append((col.db.scalar("select max(id) from cards"), state, copy))
clock.advance(90 * DAY * 1000)
col.sched.deck_due_tree()
col.set_config("fsrs", variant == "fsrs")
today, now = col.sched.today, clock.millis // 1000
for cid, (ctype, queue, due, ivl, left), copy in made:
    due += {0: 0, 1: now}.get(queue, today)
    data = {"pos": 77} if copy % 2 else {}
    if ctype and copy < 4:
        data |= {"s": 12.5, "d": 6.257, "dr": 0.9, "decay": 0.154, "lrt": now - 9 * DAY}
    if ctype == 0 and copy in (1, 5):
        # A memory whose time only the log tells.
        data |= {"s": 12.5, "d": 6.257, "dr": 0.9, "decay": 0.154}
    for back in (40, 20, 9) if copy != 1 and (ctype or copy > 3) else ():
        col.db.execute("insert into revlog values (?,?,-1,?,5,3,2500,900,1)", (now - back * DAY) * 1000 + cid % 100_000, cid, rng.choice([1, 3, 3, 4]))
    col.db.execute("update cards set type=?, queue=?, due=?, ivl=?, left=?, factor=?, data=?, reps=?, lapses=1, flags=? where id=?", ctype, queue, due, ivl,
                   left, 2300 if ctype > 1 else 0, json.dumps(data, separators=(",", ":")), 4 if ctype else 0, {2: 1, 3: 1, 4: 2}.get(copy, 0), cid)
for flag in (1, 2):
    f = col.sched.get_or_create_filtered_deck(DeckId(0))
    f.name, f.config.reschedule = f"F{flag}", flag == 1
    del f.config.search_terms[1:]
    f.config.search_terms[0].search = f"flag:{flag}"
    f.config.search_terms[0].limit, f.config.search_terms[0].order = 1000, 5
    col.sched.add_or_update_filtered_deck(f)
col.db.execute("update config set usn=-1")
col.close()
shutil.copy(os.path.join(folder, "collection.anki2"), os.path.join(folder, "copy.anki2"))
col = Collection(os.path.join(folder, "collection.anki2"))
ids = col.db.list("select id from cards order by id")
steps = []


def step(what, cards, args, run):
    clock.advance(rng.randrange(1000, 9000))
    run()
    steps.append({"at": clock.millis, "what": what, "cards": cards, "args": args,
                  "rows": rows(col, "select * from cards order by id"), "revlog": rows(col, "select * from revlog order by id"),
                  "decks": [], "next": col.get_config("nextPos")})


def some(n):
    return rng.sample(ids, n)


def undo():
    step("undo", [], [], lambda: col.undo())


for rating in (2, 4):
    step("grade", ids, [rating], lambda: col._backend.grade_now(card_ids=ids, rating=rating - 1))
    undo()
shown = ids[::3]
step("bury", shown, [True], lambda: col.sched.bury_cards(shown, manual=True))
step("unbury cards", shown, [], lambda: col.sched.unbury_cards(shown))
undo()
step("unbury", [], [dids[0]], lambda: col.sched.unbury_deck(dids[0]))
undo()
undo()
step("suspend", shown, [], lambda: col.sched.suspend_cards(shown))
step("unsuspend", shown, [], lambda: col.sched.unsuspend_cards(shown))
undo()
undo()
for days in ("3", "0!", "7"):
    cards = some(90)
    step("due", cards, [days], lambda: col.sched.set_due_date(cards, days))
    undo()
for did in dids + [1]:
    step("move", ids, [did], lambda: col.set_deck(ids, did))
    undo()
for did in dids + dids[:1]:
    cards = some(70)
    step("move", cards, [did], lambda: col.set_deck(cards, did))
    cards = some(9)
    step("due", cards, ["2"], lambda: col.sched.set_due_date(cards, "2"))
for rating in (1, 2, 3, 4):
    cards = some(30)
    step("grade", cards, [rating], lambda: col._backend.grade_now(card_ids=cards, rating=rating - 1))
col.close()
print(json.dumps({"steps": steps}))
