# Simulates study in every way that the screen offers, and the workload of each desired retention.
# Arguments: folder, cards, whether the load balancer is on (1 or 0).
from anki.scheduler_pb2 import SimulateFsrsReviewRequest

folder, wanted, balance = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "1"
clock, presets, dids = make(folder, wanted, 5)
col = Collection(os.path.join(folder, "collection.anki2"))
col.set_config("loadBalancerEnabled", balance)
update_options(col, clock, dids[0], presets={"first": {"fsrs_params_6": W6}})
# What is buried comes back first: with the new day.
col.sched.deck_due_tree()
new = col.db.list("select id from cards where type = 0 order by id")
col.sched.suspend_cards(new[::3])
col.sched.bury_cards(new[1::3])
# Some are studied for the first time today.
for card, rating in zip(map(col.get_card, new[2::9]), (CardAnswer.GOOD, CardAnswer.EASY) * 9):
    card.start_timer()
    states = col._backend.get_scheduling_states(card.id)
    col.sched.answer_card(col.sched.build_answer(card=card, states=states, rating=rating))
    clock.advance(1000)
# Some reviews are buried, in learning over days, shown again in a preview, or due at odd times.
reviews = col.db.list("select id from cards where queue = 2 and odid = 0 order by id")
col.sched.bury_cards(reviews[::9])
today, now = col.sched.today, clock.millis // 1000
for cards, values in (
        (reviews[1::18], f"type=3, queue=3, due={today + 6}"), (reviews[2::18], f"type=1, queue=3, due={today + 2}, ivl=0"),
        (reviews[3::36], f"type=3, queue=3, due={today - 5}"), (reviews[4::36], f"queue=4, odue=due, odid=did, due={now}"),
        (reviews[5::36], f"due={now}"), (reviews[6::36], f"ivl=0, due={today + 9}"), (new[2::27], "queue=2"),
        (reviews[7::36], f"queue=0, due={today}")):
    for card in cards:
        col.db.execute(f"update cards set {values} where id=?", card)
col.close()
shutil.copy(os.path.join(folder, "collection.anki2"), os.path.join(folder, "copy.anki2"))
col = Collection(os.path.join(folder, "collection.anki2"))
base = dict(params=[], desired_retention=0.9, deck_size=0, days_to_simulate=60, new_limit=20, review_limit=200,
            max_interval=36500, search="deck:*", new_cards_ignore_review_limit=False, easy_days_percentages=[],
            review_order=0, historical_retention=0.9, learning_step_count=2, relearning_step_count=1)
cases = []
changes = [{}, {"deck_size": 300}, {"deck_size": 300, "new_limit": 3, "review_limit": 10},
           {"deck_size": 100, "new_limit": 3, "review_limit": 10, "new_cards_ignore_review_limit": True},
           {"max_interval": 30, "days_to_simulate": 200}, {"easy_days_percentages": [1, 1, 0.5, 0, 1, 1, 0.5]},
           {"suspend_after_lapse_count": 3}, {"params": W6, "desired_retention": 0.8}, {"params": W5},
           {"learning_step_count": 0, "relearning_step_count": 0},
           {"historical_retention": 0.75}, {"search": "is:new", "deck_size": 50}]
changes += [{"search": s} for s in ("deck:One", "deck:Two", "deck:Three", "is:due", "-is:suspended", "(deck:One or deck:Two)")]
changes += [{"review_order": order, "review_limit": 5} for order in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12)]
for change in changes:
    asked = base | change
    r = col._backend.simulate_fsrs_review(SimulateFsrsReviewRequest(**asked))
    cases.append({"asked": asked, "memorised": list(r.accumulated_knowledge_acquisition), "reviews": list(r.daily_review_count),
                  "new": list(r.daily_new_count), "seconds": list(r.daily_time_cost)})
# In random order each run is another one.
chances = []
for change in ({"review_limit": 5}, {"review_limit": 8, "days_to_simulate": 150}, {"review_limit": 20, "deck_size": 200, "new_limit": 4}):
    asked = base | {"review_order": 8} | change
    runs = [col._backend.simulate_fsrs_review(SimulateFsrsReviewRequest(**asked)) for _ in range(40)]
    chances.append({"asked": asked, "memorised": [list(r.accumulated_knowledge_acquisition) for r in runs],
                    "reviews": [list(r.daily_review_count) for r in runs]})
asked = base | {"deck_size": 50, "days_to_simulate": 30}
w = col._backend.simulate_fsrs_workload(SimulateFsrsReviewRequest(**asked))
workload = {"asked": asked, "end": w.reviewless_end_memorized,
            "retentions": [[p, w.cost[p], w.review_count[p], w.memorized[p]] for p in sorted(w.cost)]}
costs = []
for params, search in (([], "deck:*"), (W6, "deck:One")):
    found = dict(col._backend.get_retention_workload(w=params, search=search))
    costs.append({"params": params, "search": search, "costs": sorted([int(p), c] for p, c in found.items())})
col.close()
print(json.dumps({"cases": cases, "workload": workload, "costs": costs, "chances": chances}))
