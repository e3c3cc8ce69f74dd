# For each option of a preset, of a deck and of the collection: sets it to another value in the same
# collection, and prints what the study queue is then, what is shown for its cards and what answers
# write. Arguments: folder, group of options. With the group "fields": the options and how many
# values each is set to.

from anki.deck_config_pb2 import DeckConfig, UpdateDeckConfigsRequest
from anki.errors import InvalidInput

folder, wanted = sys.argv[1], sys.argv[2]
W6 = [0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835,
      0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.3]
W5 = [0.40255, 1.18385, 3.173, 15.69105, 7.1949, 0.5345, 1.4604, 0.0046, 1.54575, 0.1192, 1.01925,
      1.9395, 0.11, 0.29605, 2.2698, 0.2315, 2.9898, 0.51655, 0.6621]
W4 = [0.4, 0.9, 2.3, 10.9, 4.93, 0.94, 0.86, 0.01, 1.49, 0.14, 0.94, 2.18, 0.05, 0.34, 1.26, 0.29, 2.61]
FSRS = {"fsrs": True}
BALANCED = {"loadBalancerEnabled": True}
# What besides preset fields a case may set.
ASIDE = ["fsrs", "loadBalancerEnabled", "fsrsShortTermWithStepsEnabled", "ignore", "parents", "root",
         "limit_new", "limit_review", "today_new", "today_review", "deck_retention", "late"]
OLD_KEYS = {"fsrs_params_4": "fsrsWeights", "fsrs_params_5": "fsrsParams5"}


def values(option, *options, **context):
    return [(context, {option: value}) for value in options]


GROUPS = {
    "steps": values("learn_steps", [], [1.0], [0.5, 15.0, 60.0, 1440.0], [2880.0], [0.2, 1000.0])
    + values("relearn_steps", [], [3.0, 30.0, 1500.0], [0.5])
    + values("learn_steps", [], [2.0], [0.5, 15.0, 60.0, 1440.0], **FSRS)
    + values("relearn_steps", [], [3.0, 30.0, 1500.0], **FSRS)
    + values("fsrsShortTermWithStepsEnabled", True, learn_steps=[1.0], desired_retention=0.99, **FSRS)
    + values("relearn_steps", [], [2.0, 9.0], desired_retention=0.99, fsrsShortTermWithStepsEnabled=True, **FSRS)
    + values("graduating_interval_good", 3, 12)
    + values("graduating_interval_easy", 7, 30)
    + values("cap_answer_time_to_secs", 3, 20),
    "intervals": values("initial_ease", 1.5, 3.2)
    + values("easy_multiplier", 1.0, 2.2)
    + values("hard_multiplier", 0.7, 1.0, 1.3)
    + values("lapse_multiplier", 0.25, 0.8, 1.0)
    + values("interval_multiplier", 0.5, 1.7)
    + values("maximum_review_interval", 5, 60)
    + values("maximum_review_interval", 5, 60, **FSRS)
    + values("minimum_lapse_interval", 3, 10)
    + values("leech_threshold", 1, 2, 3)
    + values("leech_action", 0, leech_threshold=2)
    + values("loadBalancerEnabled", True)
    + values("loadBalancerEnabled", True, **FSRS)
    + values("easy_days_percentages", [1.0, 0.0, 1.0, 0.5, 1.0, 0.5, 1.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], **BALANCED)
    + values("easy_days_percentages", [1.0, 0.0, 1.0, 0.5, 1.0, 0.5, 1.0], [0.5, 0.5, 0.5, 1.0, 0.5, 0.0, 0.0], **FSRS, **BALANCED),
    "new": values("new_card_gather_priority", 1, 2, 3, 4, 5)
    + values("new_card_sort_order", 1, 2, 3, 4)
    + values("new_card_insert_order", 1)
    + values("new_mix", 1, 2)
    + values("new_per_day", 0, 5, 9999)
    + values("new_per_day_minimum", 7)
    + values("bury_new", True)
    + values("limit_new", 3, 300) + values("today_new", 2, 500) + values("today_new", 4, limit_new=7)
    + values("late", True),
    "reviews": values("review_order", *range(1, 13))
    + values("review_order", *range(1, 13), **FSRS)
    + values("interday_learning_mix", 1, 2)
    + values("reviews_per_day", 0, 7, 30)
    + values("bury_reviews", True) + values("bury_interday_learning", True)
    + values("limit_review", 3, 300, reviews_per_day=8) + values("today_review", 2, 500, reviews_per_day=8) + values("today_review", 4, limit_review=9)
    + values("ignore", True, reviews_per_day=12)
    + values("parents", True, root="Top::Sub", reviews_per_day=9, new_per_day=4, limit_review=2, limit_new=2)
    + values("root", "Top::Sub", "Top::Other"),
    "memory": values("fsrs", True)
    + values("desired_retention", 0.75, 0.97, **FSRS)
    + values("deck_retention", 0.8, 0.96, **FSRS)
    + values("historical_retention", 0.72, 0.96, **FSRS)
    + values("ignore_revlogs_before_date", "2024-12-01", "2025-03-01", **FSRS)
    + values("fsrs_params_4", W4, W4[::-1], **FSRS)
    + values("fsrs_params_5", W5, [w * 1.1 for w in W5], **FSRS)
    + values("fsrs_params_6", W6, W6[:20] + [0.154], **FSRS)
    + values("fsrs_params_6", W6, fsrs_params_5=W5, fsrs_params_4=W4, **FSRS),
}
if wanted == "fields":
    default = DeckConfig.Config()
    found = {field.name: [] for field in DeckConfig.Config.DESCRIPTOR.fields} | {name: [] for name in ASIDE}
    for _, change in (case for group in GROUPS.values() for case in group):
        for name, value in change.items():
            if value not in found[name]:
                found[name].append(value)
    print(json.dumps({name: len(v) for name, v in found.items()}))
    sys.exit()

base = os.path.join(folder, "base.anki2")
clock = Clock(1_741_608_000_123)
rng = random.Random(5)
col = Collection(base)
first, second = preset(col, "first"), preset(col, "second", rev__perDay=40, new__perDay=9)
dids = {name: deck(col, name, conf) for name, conf in (("Top", first), ("Top::Sub", first), ("Top::Other", second))}
for i, did in enumerate(dids.values()):
    add_notes(col, clock, did, 10, "Basic (and reversed card)", f"r{i}")
    add_notes(col, clock, did, 5, "Cloze", f"c{i}")
    add_notes(col, clock, did, 8, "Basic", f"b{i}")
# Every day to come has cards, so that easy days count.
later = deck(col, "Later", first)
add_notes(col, clock, later, 130, "Basic", "later")
col.set_config("loadBalancerEnabled", False)
col.sched.deck_due_tree()
clock.advance(40 * DAY * 1000)
col.sched.deck_due_tree()
today = col.sched.today
for n, (cid,) in enumerate(col.db.all("select id from cards where did != ? order by id", later)):
    kind = rng.random()
    clock.advance(1000)
    if kind < 0.4:
        if kind < 0.2:
            col.db.execute("update cards set due=? where id=?", rng.randrange(1, 50), cid)
        continue
    ivl, ease = rng.choice([1, 2, 3, 6, 11, 19, 34, 70, 200]), rng.choice([1300, 1900, 2500, 2500, 3100])
    lapses, left, ctype, queue = rng.choice([0, 1, 2, 2, 4, 6, 6]), 0, 2, 2
    due = today - rng.choice([0, 0, 1, 4, 15])
    if kind > 0.92:
        ctype, queue, due, left = rng.choice([1, 3]), 1, clock.millis // 1000 - 3000 + n, 1
    elif kind > 0.8:
        ctype, queue, due, left = rng.choice([1, 3]), 3, today - 1, 2
    if ctype == 1:
        ivl, ease, lapses = 0, 0, 0
    # Whole, headless and absent histories, some of them old.
    shape = rng.randrange(4)
    at = clock.millis - (ivl + rng.choice([10, 60, 300])) * DAY * 1000 - rng.randrange(10**6)
    log = [(at, 3, -600, -60, 0, 0), (at + 600_000, 3, 1, -600, 2500, 0)] if shape in (0, 1) else []
    log += [(at + 2 * DAY * 1000, 3, 5, 1, 2500, 1), (at + 7 * DAY * 1000, 1, -600, 5, 2300, 1),
            (at + 7 * DAY * 1000 + 700_000, 3, 1, -600, 2300, 2),
            (clock.millis - ivl * DAY * 1000 - 3_600_000, 3, max(ivl, 1), 1, ease or 2500, 1)] if shape != 3 and ctype != 1 else []
    for rid, button, new, old, factor, typ in log:
        col.db.execute("insert or ignore into revlog values (?,?,-1,?,?,?,?,4000,?)", rid, cid, button, new, old, factor, typ)
    col.db.execute("update cards set type=?, queue=?, due=?, left=?, ivl=?, factor=?, lapses=?, reps=?, mod=? where id=?",
                   ctype, queue, due, left, ivl, ease, lapses, rng.randrange(2, 9), clock.millis // 1000, cid)
for n, cid in enumerate(col.db.list("select id from cards where did=? order by id", later)):
    col.db.execute("update cards set type=2, queue=2, due=?, ivl=30, factor=2500, reps=3 where id=?", today + 1 + n % 65, cid)
col.close()
START = clock.millis + 5000


def apply(col, options):
    did = dids["Top"]
    shown = col.decks.get_deck_configs_for_update(did)
    request = UpdateDeckConfigsRequest(target_deck_id=did, fsrs=options.get("fsrs", False),
                                       new_cards_ignore_review_limit=options.get("ignore", False),
                                       apply_all_parent_limits=options.get("parents", False))
    for c in sorted(shown.all_config, key=lambda c: c.config.id == first):
        c = request.configs.add(id=c.config.id, name=c.config.name, mtime_secs=c.config.mtime_secs, usn=c.config.usn, config=c.config.config)
        if c.id == first:
            for name, value in options.items():
                if name in ASIDE or name in OLD_KEYS:
                    continue
                if isinstance(value, list):
                    getattr(c.config, name)[:] = value
                else:
                    setattr(c.config, name, value)
    for name, field in (("limit_new", "new"), ("limit_review", "review"), ("today_new", "new_today"), ("today_review", "review_today")):
        if name in options:
            setattr(request.limits, field, options[name])
            if "today" in name:
                setattr(request.limits, field + "_active", True)
    if "deck_retention" in options:
        request.limits.desired_retention = options["deck_retention"]
    for name in ("loadBalancerEnabled", "fsrsShortTermWithStepsEnabled"):
        if name in options:
            col.set_config(name, options[name])
    col.decks.update_deck_configs(request)
    # Those of earlier programs: the options screen clears them.
    old = {OLD_KEYS[name]: options[name] for name in OLD_KEYS if name in options}
    if old:
        col.decks.update_config(col.decks.get_config(first) | old)
    col.decks.set_current(DeckId(dids[options.get("root", "Top")]))


def play(path):
    """What studying the selected deck is like."""
    rng = random.Random(3)
    col = Collection(path)
    did = col.decks.current()["id"]
    steps = [{"at": clock.millis, "select": did, "tree": tree(col.sched.deck_due_tree())}]
    queued = col.sched.get_queued_cards(fetch_limit=1000)
    order = [[c.card.id, int(c.queue)] for c in queued.cards]
    for _ in range(45):
        clock.advance(rng.randrange(100, 2000))
        try:
            queued = col.sched.get_queued_cards(fetch_limit=1)
        except InvalidInput:
            # Anki lost its place: it buried a card that its queue still holds.
            break
        if not queued.cards:
            steps.append({"at": clock.millis, "done": True, "counts": counts(queued)})
            break
        shown = queued.cards[0]
        rating, taken, at = rng.choice([1, 1, 2, 3, 3, 4]), rng.choice([900, 2100, 3300, 22_000]), clock.millis
        clock.advance(taken)
        card = col.get_card(shown.card.id)
        card.start_timer()
        answer = col.sched.build_answer(card=card, states=shown.states, rating=rating - 1)
        answer.milliseconds_taken = taken
        answer.answered_at_millis = clock.millis
        texts = button_texts(col, shown.states)
        col.sched.answer_card(answer)
        steps.append({"at": at, "card": card.id, "kind": int(shown.queue), "counts": counts(queued), "texts": texts,
                      "answered": clock.millis, "rating": rating, "taken": taken,
                      "row": col.db.first("select * from cards where id=?", card.id)})
    log = rows(col, f"select * from revlog where id >= {START} order by id")
    tagged = rows(col, "select id, tags from notes where tags != '' order by id")
    # A note that is added now.
    note = col.new_note(col.models.by_name("Basic"))
    note.fields[0] = "added"
    clock.advance(10)
    col.add_note(note, DeckId(dids["Top"]))
    added = note.cards()[0].due
    col.close()
    return {"steps": steps, "order": order, "log": log, "tagged": tagged, "added": added}


def run(options, keep):
    path = os.path.join(folder, "now.anki2")
    for old in (path, path + "-wal", path + "-shm"):
        if os.path.exists(old):
            os.remove(old)
    shutil.copy(base, path)
    clock.set(START)
    col = Collection(path)
    apply(col, options)
    col.close()
    if keep:
        shutil.copy(path, os.path.join(folder, keep))
    if options.get("late"):
        clock.advance(17 * 3600 * 1000)
    return play(path)


plain = {}
out = []
for n, (context, change) in enumerate(GROUPS[wanted]):
    key = json.dumps(context)
    if key not in plain:
        plain[key] = run(context, None)
    played = run(context | change, f"case-{n}.anki2")
    without = lambda p: [p["order"], [{k: v for k, v in s.items() if k != "at"} for s in p["steps"]], p["log"], p["tagged"], p["added"]]
    out.append(played | {"case": context | change, "changed": list(change), "same": without(played) == without(plain[key])})
print(json.dumps({"cases": out, "start": START, "deck": dids["Top"]}))
