# Changes deck options in every way that concerns the memory of cards. Prints each change and all
# cards and rescheduled rows after it.
# Arguments: folder, cards, whether the load balancer is on (1 or 0).

folder, wanted, balance = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "1"
clock, presets, dids = make(folder, wanted, 1)
col = Collection(os.path.join(folder, "collection.anki2"))
col.set_config("loadBalancerEnabled", balance)
# The time on a card need not be that of an answer in its log.
for cid, data in col.db.all("select id, data from cards where id % 5 = 0 and data like '%lrt%'"):
    data = json.loads(data)
    data["lrt"] -= 3 * DAY
    col.db.execute("update cards set data=? where id=?", json.dumps(data, separators=(",", ":")), cid)
col.close()
shutil.copy(os.path.join(folder, "collection.anki2"), os.path.join(folder, "copy.anki2"))
col = Collection(os.path.join(folder, "collection.anki2"))
one, child, two, three = dids
EASY = [1.0, 1.0, 0.5, 1.0, 0.0, 0.0, 0.5]
changes = [
    dict(deck=one, fsrs=True, reschedule=False),
    dict(deck=one, presets={"first": {"desired_retention": 0.88}}),
    dict(deck=one, presets={"first": {"historical_retention": 0.7, "maximum_review_interval": 90}}),
    dict(deck=two, presets={"second": {"fsrs_params_6": W6}, "first": {"fsrs_params_6": W5}}, reschedule=True),
    dict(deck=two, presets={"first": {"easy_days_percentages": EASY}}),
    dict(deck=one, presets={"first": {"easy_days_percentages": EASY[::-1]}}, reschedule=True),
    dict(deck=one, presets={}, reschedule=True),
    dict(deck=child, deck_dr=0.8, reschedule=True),
    dict(deck=three, use="second", reschedule=True),
    dict(deck=one, presets={n: {"desired_retention": 0.93} for n in ("first", "second", "third")}, reschedule=True),
    dict(deck=one, fsrs=False),
    dict(deck=one, fsrs=True, presets={"third": {"ignore_revlogs_before_date": "2024-11-05"}}, reschedule=True),
]
steps = []
for change in changes:
    known = set(col.db.list("select id from revlog"))
    update_options(col, clock, change["deck"], change.get("fsrs", True), change.get("reschedule", False),
                   change.get("presets"), change.get("deck_dr"), change.get("use"))
    log = [r for r in rows(col, "select * from revlog") if r[0] not in known]
    steps.append({"at": clock.millis, "change": change, "cards": rows(col, "select * from cards order by id"),
                  # The order of rows is not the same twice.
                  "log": sorted(r[1:] for r in log)})
reviews = col.db.scalar("select count() from revlog where ease > 0")
col.close()
print(json.dumps({"steps": steps, "reviews": reviews}))
