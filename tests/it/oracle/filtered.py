# Filtered decks and Custom Study in the real Anki: made, changed, rebuilt, emptied, deleted, studied
# and undone. Prints what each step gave and the rows after it. Arguments: folder; sm2, fsrs or
# "fsrs analyzed", for a collection of which SQLite has statistics.

from anki.scheduler import CustomStudyRequest

folder, variant = sys.argv[1], sys.argv[2]
rng = random.Random(5)
clock = Clock(1_741_608_000_123)
col = Collection(os.path.join(folder, "collection.anki2"))
fsrs = variant != "sm2"
few = preset(col, "few", new__perDay=3, rev__perDay=4)
names = ["Home", "Home::Kid", "Home::Kid::Grandkid", 'odd "na*me" a_b', "Plain"]
dids = [deck(col, name, few if i < 3 else 1) for i, name in enumerate(names)]
for i, did in enumerate(dids):
    add_notes(col, clock, did, 12, "Basic (and reversed card)", f"n{i}")
for i, nid in enumerate(col.db.list("select id from notes order by id")):
    note = col.get_note(nid)
    note.tags = [["odd", "B::c"], ["Even", "odd::kid"], [], ["b", 'we*ird', 'qu"ote']][i % 4]
    col.update_note(note)
clock.advance(40 * DAY * 1000)
col.sched.deck_due_tree()
today = col.sched.today
col.set_config("fsrs", fsrs)
now = clock.millis // 1000
for k, cid in enumerate(col.db.list("select id from cards order by id")):
    kind = k % 12
    ivl, factor = rng.choice([1, 3, 8, 20, 90]), rng.choice([1300, 1850, 2500, 2900])
    queue, ctype, due, left = 2, 2, today + rng.choice([-30, -9, -1, 0, 1, 4, 15]), 0
    if kind < 4:
        continue
    if kind == 4:
        queue, ctype, due, left, ivl, factor = 1, 1, now + rng.randrange(-900, 900), 2, 0, 0
    elif kind == 5:
        queue, ctype, due, left = 3, 3, today + rng.randrange(-2, 3), 1
    elif kind == 6:
        queue = rng.choice([-1, -2, -3])
    elif kind == 7:
        due = -rng.randrange(1, 5)
    data = {}
    if kind > 6 and rng.random() < 0.8:
        if fsrs:
            data.update({"s": round(rng.uniform(0.5, 80), 4), "d": round(rng.uniform(1, 10), 3)})
            data.update({"dr": rng.choice([0.85, 0.9]), "decay": rng.choice([0.154, 0.5])})
        if rng.random() < 0.7:
            data["lrt"] = now - ivl * DAY + rng.randrange(DAY)
    for r in range(rng.randrange(4)):
        ease = rng.choice([1, 2, 3, 4])
        at = (now - rng.randrange(8 * DAY)) * 1000 + k * 7 + r
        col.db.execute("insert into revlog values (?,?,-1,?,5,3,2500,900,1)", at, cid, ease)
    col.db.execute("update cards set type=?,queue=?,due=?,left=?,ivl=?,factor=?,reps=5,lapses=?,data=?,mod=? where id=?",
                   ctype, queue, due, left, ivl, factor, rng.randrange(5), json.dumps(data, separators=(",", ":")), now - 1000 + k % 5, cid)
col.db.execute("update config set usn=-1")
# Neither program should write it while the steps are compared.
col.set_config("lastUnburied", col.sched.today)
if variant == "fsrs analyzed":
    col.db.execute("analyze")
    assert col.db.scalar("select count(*) from sqlite_stat1 where tbl='cards'") > 3
col.close()
shutil.copy(os.path.join(folder, "collection.anki2"), os.path.join(folder, "copy.anki2"))
col = Collection(os.path.join(folder, "collection.anki2"))
steps = []
made = {}


def draft(d):
    terms = [[t.search, t.limit, t.order] for t in d.config.search_terms]
    c = d.config
    return {"id": d.id, "name": d.name, "resched": c.reschedule, "terms": terms,
            "delays": [c.preview_again_secs, c.preview_hard_secs, c.preview_good_secs], "empty": d.allow_empty}


def state():
    decks, random_decks = [], set()
    for d in col.decks.all():
        if d["dyn"] and any(t[2] == 1 for t in d["terms"]):
            random_decks.add(d["id"])
    for r in col.db.all("select id, name, mtime_secs, usn, common, kind from decks order by id"):
        decks.append([r[0], r[1], r[2], r[3], bytes(r[4]).hex(), bytes(r[5]).hex()])
    cards = col.db.all("select id, did, mod, usn, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, data from cards order by id")
    for c in cards:
        if c[1] in random_decks and c[6] < 0:
            c[6] = None
    keys = col.db.all("select key, val from config where key = 'curDeck' or key like '%customStudy%' order by key")
    return {"decks": decks, "cards": cards, "config": [[k, bytes(v).decode()] for k, v in keys]}


def step(what, arg, run):
    clock.advance(rng.randrange(1000, 90_000))
    entry = {"at": clock.millis, "what": what, "arg": arg}
    try:
        entry["gave"] = run()
    except Exception as e:
        entry["error"] = f"{type(e).__name__} {e}"
    entry["state"] = state()
    steps.append(entry)
    return entry


def get(did):
    return step("draft", did, lambda: draft(col.sched.get_or_create_filtered_deck(DeckId(did))))


def save(name, terms, resched=True, delays=(60, 600, 0), empty=False, did=0):
    d = col.sched.get_or_create_filtered_deck(DeckId(did))
    d.name, d.allow_empty, d.config.reschedule = name, empty, resched
    d.config.preview_again_secs, d.config.preview_hard_secs, d.config.preview_good_secs = delays
    del d.config.search_terms[:]
    for search, limit, order in terms:
        t = d.config.search_terms.add()
        t.search, t.limit, t.order = search, limit, order
    entry = step("save", draft(d), lambda: col.sched.add_or_update_filtered_deck(d).id)
    return entry.get("gave", 0)


def on_deck(what, did):
    calls = {
        "rebuild": lambda: col.sched.rebuild_filtered_deck(DeckId(did)).count,
        "empty": lambda: col.sched.empty_filtered_deck(DeckId(did)) and None,
        "delete": lambda: col.decks.remove([DeckId(did)]).count,
        "select": lambda: col.decks.set_current(DeckId(did)) and None,
    }
    step(what, did, calls[what])


def undo():
    step("undo", None, lambda: col.undo() and None)


def answer(rating):
    """The card in front, by the given button."""
    def run():
        queued = col.sched.get_queued_cards(fetch_limit=1)
        if not queued.cards:
            return 0
        shown = queued.cards[0]
        card = col.get_card(shown.card.id)
        card.start_timer()
        col.sched.answer_card(col.sched.build_answer(card=card, states=shown.states, rating=rating - 1))
        return card.id
    step("answer", rating, run)


def custom(did, **kw):
    request = CustomStudyRequest(deck_id=did)
    cram = kw.get("cram")
    if cram:
        request.cram.kind, request.cram.card_limit = cram[0], cram[1]
        request.cram.tags_to_include.extend(cram[2])
        request.cram.tags_to_exclude.extend(cram[3])
    else:
        for key, value in kw.items():
            setattr(request, key, value)
    step("custom", {"deck": did, **kw}, lambda: col.sched.custom_study(request) and None)


def defaults(did):
    def run():
        d = col.sched.custom_study_defaults(DeckId(did))
        return {"tags": [[t.name, t.include, t.exclude] for t in d.tags], "extend": [d.extend_new, d.extend_review],
                "new": [d.available_new, d.available_new_in_children],
                "review": [d.available_review, d.available_review_in_children]}
    step("defaults", did, run)


# Drafts and names.
for did in dids:
    on_deck("select", did)
    get(0)
get(dids[0])
# Every order, with and without rescheduling; two searches of which the second gets what is left.
for order in (0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 77, -1):
    if order in (8, 9) and not fsrs:
        continue  # Anki itself fails
    for resched in (True, False):
        limits = (400, 400) if order == 1 else (17, 9)
        terms = [["deck:Home", limits[0], order], ["", limits[1], order]]
        did = save(f"order {order} {resched}", terms, resched)
        if order in (0, 6, 5, 3):
            for rating in (3, 1, 4, 2, 3):
                answer(rating)
            on_deck("rebuild", did)
        get(did)
        on_deck("empty" if resched else "delete", did)
        undo()
        on_deck("delete", did)
# Names, searches and refusals.
did = save("Deep::er::Filtered", [['tag:odd   OR "is:due"', 5, 5], ["is:new", 3, 7]], delays=(0, 90, 700))
get(0)
save("deep::er::filtered", [["(tag:odd)", 9, 5]], did=did)
save("", [["", 5, 2]], did=did)
save("Plain", [["", 5, 2]], did=did)
undo()
undo()
save("Under::it", [["", 5, 5]])
other = col.decks.id_for_name("Under::it")
save("Under::it::deeper", [["", 5, 5]])
save("none", [["tag:nothing", 5, 5]])
none = save("none", [["tag:nothing", 5, 5]], empty=True)
save("no terms", [], empty=True)
save("zero", [["", 0, 5]])
save("broken", [["(", 5, 5]])
save("third is ignored", [["deck:Plain", 2, 5], ["deck:Plain", 2, 5], ["deck:Plain", 20, 5]])
save("none", [["deck:Plain is:new", 4, 7]], False, did=none)
save("none", [["tag:nothing", 4, 7]], False, did=none)
on_deck("empty", none)
on_deck("rebuild", none)
undo()
for rating in (1, 2, 3, 4, 1):
    answer(rating)
on_deck("delete", none)
undo()
on_deck("delete", dids[4])
undo()
again = save("again", [["", 5, 5]])
for _ in range(2):
    save("again", [["is:new", 6, 7]], False, did=again)
for d in col.decks.all():
    if d["dyn"]:
        on_deck("delete", d["id"])
# Custom Study.
for did in dids:
    defaults(did)
custom(dids[0], new_limit_delta=7)
custom(dids[0], new_limit_delta=-3)
custom(dids[1], review_limit_delta=5)
step("parents", True, lambda: col.set_config("applyAllParentLimits", True) and None)
custom(dids[1], review_limit_delta=5)
custom(dids[2], new_limit_delta=2)
custom(dids[2], new_limit_delta=0)
undo()
undo()
for did in dids[:3]:
    defaults(did)
for days in (0, 1, 3, 30):
    custom(dids[0], forgot_days=days)
    custom(dids[0], review_ahead_days=days)
    custom(dids[0], preview_days=days)
custom(dids[0], preview_days=100)
# The second time nothing of the deck itself changes.
for _ in range(2):
    custom(dids[0], cram=[1, 100, [], []])
undo()
for rating in (3, 1, 2):
    answer(rating)
session = col.decks.id_for_name("Custom Study Session")
defaults(dids[0])
defaults(session)
custom(session, new_limit_delta=1)
for did in (dids[0], dids[3]):
    for kind in range(4):
        custom(did, cram=[kind, 100, [], []])
        custom(did, cram=[kind, 4 if kind < 2 else 300, ["odd"], ["b", "we*ird"]])
        custom(did, cram=[kind, 300, ["odd", "Even", 'qu"ote', "we*ird"], ["odd::kid"]])
    defaults(did)
custom(dids[0], cram=[3, 100, ["missing"], []])
on_deck("delete", session)
step("normal", "Custom Study Session", lambda: col.decks.id("Custom Study Session"))
custom(dids[0], preview_days=100)
col.close()
print(json.dumps({"steps": steps}))
