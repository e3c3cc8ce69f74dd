# Cards that have a memory from the time when FSRS was on, in every state, graded with each button
# while it is off. Prints the rows after each. Argument: folder.

folder = sys.argv[1]
clock = Clock(1_741_608_000_123)
col = Collection(os.path.join(folder, "collection.anki2"))
pids = [preset(col, "steps", new__delays=[1, 10], lapse__delays=[10, 30]),
        preset(col, "one step", new__delays=[5], lapse__delays=[10]),
        preset(col, "stepless", new__delays=[], lapse__delays=[])]
dids = [deck(col, f"D{i}", pid) for i, pid in enumerate(pids)]
SEARCH = [None, "flag:1", "flag:2"]
STATES = ["learning", "last learning step", "review", "early", "relearning", "last relearning step", "new"]
groups = {rating: [] for rating in (1, 2, 3, 4)}
cards = []
for did in dids:
    for state in STATES:
        for flag in range(3):
            for rating in groups:
                add_notes(col, clock, did, 1, "Basic", f"{did}{state}{flag}{rating}")
                cid = col.db.scalar("select max(id) from cards")
                groups[rating].append(cid)
                cards.append((cid, state, flag))
clock.advance(40 * DAY * 1000)
col.sched.deck_due_tree()
today, now = col.sched.today, clock.millis // 1000
for cid, state, flag in cards:
    ctype, queue, due, ivl, left, factor = {
        "learning": (1, 1, now - 5, 0, 2, 0), "last learning step": (1, 1, now - 5, 0, 1, 0),
        "review": (2, 2, today - 3, 20, 0, 2500), "early": (2, 2, today + 3, 20, 0, 2500),
        "relearning": (3, 1, now - 5, 7, 2, 2300), "last relearning step": (3, 1, now - 5, 7, 1, 2300),
        "new": (0, 0, 5, 0, 0, 0)}[state]
    col.db.execute("update cards set type=?, queue=?, due=?, ivl=?, left=?, factor=?, data=?, reps=4, lapses=1, flags=? where id=?",
                   ctype, queue, due, ivl, left, factor,
                   '{"pos":3,"s":12.5,"d":6.25,"dr":0.9,"decay":0.154,"lrt":1741000000}', flag, cid)
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
steps = []
for rating, graded in groups.items():
    clock.advance(1000)
    col._backend.grade_now(card_ids=graded, rating=rating - 1)
    steps.append({"at": clock.millis, "what": "grade", "cards": graded, "args": [rating],
                  "rows": rows(col, "select * from cards order by id"), "revlog": rows(col, "select * from revlog order by id"),
                  "decks": [], "next": col.get_config("nextPos")})
col.close()
print(json.dumps({"steps": steps}))
