# Answers, undo and redo without a break, over a few new cards and many in learning. Prints after
# each step what is in the queue. Arguments: folder, seeds.

from anki.cards import Card


def play(folder, seed):
    rng = random.Random(seed)
    os.mkdir(folder)
    path = os.path.join(folder, "collection.anki2")
    clock = Clock(1_741_608_000_123)
    col = Collection(path)
    if rng.random() < 0.5:
        col.set_config("fsrs", True)
    col.set_config("collapseTime", rng.choice([1200, 60, 0, 5 * 3600]))
    conf = col.decks.get_config(1)
    conf["new"]["delays"] = rng.choice([[1, 10], [0.5, 0.6], [5, 300]])
    conf["lapse"]["delays"], conf["new"]["bury"] = [10], False
    col.decks.update_config(conf)
    for i in range(rng.choice([2, 4, 9])):
        clock.advance(7)
        note = col.new_note(col.models.by_name("Basic"))
        note.fields = [str(i), "back"]
        col.add_note(note, DeckId(1))
    for cid in col.db.list("select id from cards order by id"):
        if rng.randrange(3):
            due = clock.millis // 1000 + rng.choice([-100, -100, -5, 0, 30, 600, 4000])
            col.db.execute("update cards set type=1, queue=1, left=2, reps=1, due=? where id=?", due, cid)
    col.close()
    shutil.copy(path, os.path.join(folder, "copy.anki2"))
    col = Collection(path)
    steps = []

    def step(what, rating=None):
        queued = col.sched.get_queued_cards(fetch_limit=100)
        order = [card.card.id for card in queued.cards]
        steps.append({"at": clock.millis, "what": what, "rating": rating, "order": order, "counts": counts(queued)})
        return queued

    step("look")
    undo = redo = 0
    for _ in range(60):
        clock.advance(rng.choice([100, 1000, 20_000, 200_000, 900_000]))
        r = rng.random()
        if r < 0.6:
            queued = step("look")
            if not queued.cards:
                continue
            shown = queued.cards[0]
            card = Card(col, backend_card=shown.card)
            card.start_timer()
            rating = rng.choice([0, 0, 1, 2, 3])
            col.sched.answer_card(col.sched.build_answer(card=card, states=shown.states, rating=rating))
            undo, redo = undo + 1, 0
            step("answer", rating)
        elif r < 0.85 and undo:
            col.undo()
            undo, redo = undo - 1, redo + 1
            step("undo")
        elif redo:
            col.redo()
            undo, redo = undo + 1, redo - 1
            step("redo")
    col.close()
    return steps


print(json.dumps([play(os.path.join(sys.argv[1], seed), int(seed)) for seed in sys.argv[2:]]))
