# Makes a mixed collection, keeps a copy, then answers many cards in it with pseudo-random ratings
# and times. Prints each step: what was shown and what was answered.
# Arguments: folder, variant (sm2 or fsrs), number of answers, seed.

folder, variant, wanted, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
rng = random.Random(seed)
clock = Clock(1_741_608_000_123)
col = Collection(os.path.join(folder, "collection.anki2"))
fsrs = variant == "fsrs"

W6 = [0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835,
      0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.2]
W5 = [0.40255, 1.18385, 3.173, 15.69105, 7.1949, 0.5345, 1.4604, 0.0046, 1.54575, 0.1192, 1.01925,
      1.9395, 0.11, 0.29605, 2.2698, 0.2315, 2.9898, 0.51655, 0.6621]
W4 = [0.4, 0.9, 2.3, 10.9, 4.93, 0.94, 0.86, 0.01, 1.49, 0.14, 0.94, 2.18, 0.05, 0.34, 1.26, 0.29, 2.61]

presets = [
    preset(col, "plain", rev__perDay=400, new__perDay=60),
    preset(col, "buries", new__bury=True, rev__bury=True, buryInterdayLearning=True, rev__perDay=400,
           new__perDay=60, new__delays=[1, 20, 1440, 4320], lapse__delays=[10, 2880], lapse__mult=0.3,
           lapse__minInt=2, lapse__leechFails=3, lapse__leechAction=0, fsrsParams5=W5),
    preset(col, "stepless", new__delays=[], lapse__delays=[], new__ints=[3, 9, 0], lapse__mult=0.7,
           rev__hardFactor=0.9, rev__perDay=400, new__perDay=60, lapse__leechFails=4, fsrsParams6=W6),
    preset(col, "easy days", easyDaysPercentages=[1.0, 0.0, 1.0, 0.5, 1.0, 0.5, 1.0], rev__bury=True,
           rev__maxIvl=60, rev__ivlFct=0.8, rev__ease4=1.6, new__delays=[600.0], maxTaken=7,
           new__initialFactor=1900, rev__perDay=400, new__perDay=60, fsrsWeights=W4,
           desiredRetention=0.84, sm2Retention=0.8),
    preset(col, "no siblings together", new__bury=True, lapse__delays=[], new__delays=[15, 30],
           rev__perDay=400, new__perDay=60, desiredRetention=0.95),
]
names = ["Plain", "Plain::Child", "Bury", "Stepless", "Stepless::In::Deep", "Easy", "Together"]
uses = [0, 1, 1, 2, 2, 3, 4]
dids = [deck(col, n, presets[p]) for n, p in zip(names, uses)]
for i, did in enumerate(dids):
    add_notes(col, clock, did, 14, "Basic (and reversed card)", names[i])
    add_notes(col, clock, did, 8, "Cloze", names[i] + "c")
    add_notes(col, clock, did, 10, "Basic", names[i] + "b")
col.set_config("fsrs", False)
today = col.sched.today
# Some cards are in the middle of their life already; some of those have a history.
for cid in col.db.list("select id from cards order by id"):
    kind = rng.random()
    clock.advance(3)
    if kind < 0.45:
        continue
    ivl = rng.choice([1, 2, 3, 5, 8, 13, 21, 40, 55, 89, 120, 300])
    ease = rng.choice([1300, 1450, 1850, 2300, 2500, 2650, 3100])
    lapses = rng.choice([0, 0, 1, 2, 3])
    due = today - rng.choice([0, 0, 1, 2, 5, 30])
    left, ctype, queue, data = 0, 2, 2, "{}"
    if kind > 0.93:
        ctype, queue, due, left = 3, 1, clock.millis // 1000 - 100, 1
    elif kind > 0.88:
        ctype, queue, due, left, ivl, ease, lapses = 1, 3, today, 2, 0, 0, 0
    elif kind > 0.84:
        due = today + 20
    if rng.random() < 0.3:
        data = json.dumps({"pos": 7, "cd": "{\"a\":1}", "lrt": clock.millis // 1000 - ivl * DAY}, separators=(",", ":"))
    if fsrs and ctype != 1 and rng.random() < 0.4:
        # Log rows: complete, incomplete, with a reset, with cramming.
        at = clock.millis - (ivl + 60) * DAY * 1000 + rng.randrange(10**6)
        shape = rng.randrange(5)
        log = []
        if shape in (0, 3):
            log.append((at, 3, -600, 0, 0, 0))
            log.append((at + 700_000, 3, 1, 1, 2500, 0))
        if shape == 3:
            log.append((at + 800_000, 0, 0, 1, 0, 4))
            log.append((at + 900_000, 3, -600, 0, 0, 0))
        if shape in (0, 1, 3):
            log.append((at + 3 * DAY * 1000, 3, 7, 1, 2350, 1))
        if shape == 4:
            log.append((at + 5 * DAY * 1000, 2, 9, 7, 640, 1))
        if shape != 2:
            log.append((at + 20 * DAY * 1000, 1, -600, 7, 2150, 1))
            log.append((at + 20 * DAY * 1000 + 900_000, 3, 3, -600, 2150, 2))
            log.append((at + 31 * DAY * 1000, 3, 0, -60, 0, 3))
            log.append((at + 60 * DAY * 1000, 4, ivl, 3, ease, 1))
        for rid, button, new, old, factor, typ in log:
            col.db.execute("insert or ignore into revlog values (?,?,-1,?,?,?,?,4000,?)", rid, cid, button, new, old, factor, typ)
    col.db.execute("update cards set type=?,queue=?,due=?,ivl=?,factor=?,lapses=?,left=?,reps=?,data=? where id=?",
                   ctype, queue, due, ivl, ease, lapses, left, rng.randrange(1, 40), data, cid)
if fsrs:
    # The flag alone: cards get their memory when they are shown.
    col.set_config("fsrs", True)
    col.db.execute("update cards set flags=0")
    d = col.decks.get(dids[0])
    d["desiredRetention"] = 87
    col.decks.save(d)
made = []
for term, resched in (('deck:Plain', True), ('deck:Bury', True), ('deck:Together', False), ('deck:Easy', True)):
    f = col.sched.get_or_create_filtered_deck(DeckId(0))
    f.name = f"Filtered {len(made)}"
    f.config.reschedule = resched
    f.config.preview_again_secs = 90
    f.config.preview_hard_secs = 400
    f.config.preview_good_secs = 0 if len(made) % 2 else 700
    del f.config.search_terms[1:]
    f.config.search_terms[0].search = term
    f.config.search_terms[0].limit = 12
    f.config.search_terms[0].order = 5
    f.allow_empty = False
    made.append(col.sched.add_or_update_filtered_deck(f).id)
selectable = [dids[0], dids[2], dids[3], dids[5], dids[6], made[0], made[1], made[2], made[3]]
col.close()
shutil.copy(os.path.join(folder, "collection.anki2"), os.path.join(folder, "copy.anki2"))

col = Collection(os.path.join(folder, "collection.anki2"))
steps = []
answered = 0
empty = 0


def select(col, did):
    col.decks.set_current(DeckId(did))
    # As the deck list does, which also restores buried cards on a new day.
    steps.append({"at": clock.millis, "select": did, "tree": tree(col.sched.deck_due_tree())})


while answered < wanted and len(steps) < 4 * wanted:
    if not steps or rng.random() < 0.02 or empty:
        select(col, rng.choice(selectable))
    queued = col.sched.get_queued_cards(fetch_limit=1)
    if not queued.cards:
        empty += 1
        steps.append({"at": clock.millis, "done": True, "counts": counts(queued)})
        if empty > 12:
            clock.advance(rng.randrange(5, 30) * 3600 * 1000 + rng.randrange(1000))
            empty = 0
        elif rng.random() < 0.5:
            clock.advance(rng.randrange(30, 900) * 1000)
        continue
    empty = 0
    shown = queued.cards[0]
    texts = button_texts(col, shown.states)
    begin = clock.millis
    clock.advance(rng.choice([rng.randrange(400, 9000), rng.randrange(400, 90_000)]))
    rating = rng.choices([1, 2, 3, 4], [0.28, 0.14, 0.4, 0.18])[0]
    taken = clock.millis - begin
    card = col.get_card(shown.card.id)
    card.start_timer()
    answer = col.sched.build_answer(card=card, states=shown.states, rating=rating - 1)
    answer.milliseconds_taken = taken
    answer.answered_at_millis = clock.millis
    try:
        col.sched.answer_card(answer)
    except Exception as e:
        # The day ended between showing and answering.
        steps.append({"at": begin, "refused": str(e), "card": shown.card.id, "kind": int(shown.queue), "counts": counts(queued),
                      "texts": texts, "answered": clock.millis, "rating": rating, "taken": taken})
        select(col, col.decks.current()["id"])
        continue
    steps.append({"at": begin, "card": shown.card.id, "kind": int(shown.queue), "counts": counts(queued), "texts": texts,
                  "answered": clock.millis, "rating": rating, "taken": taken,
                  "row": col.db.first("select * from cards where id=?", shown.card.id)})
    answered += 1
    if rng.random() < 0.004:
        clock.advance(rng.randrange(2, 40) * 3600 * 1000)
    clock.advance(rng.randrange(1, 700))
today = col.studied_today().translate(ISOLATES)
end = dump(col)
col.close()
print(json.dumps({"steps": steps, "end": end, "now": clock.millis, "today": today}))
