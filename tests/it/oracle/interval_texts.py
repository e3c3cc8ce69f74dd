# The texts below the answer buttons for seconds and days of every range, in every kind of state.
# Argument: folder.
from anki.scheduler_pb2 import SchedulingState, SchedulingStates

clock = Clock(1_741_608_000_123)
col = Collection(os.path.join(sys.argv[1], "collection.anki2"))
rng = random.Random(3)


def learning(secs):
    state = SchedulingState()
    state.normal.learning.scheduled_secs = secs
    return state


def relearning(secs):
    state = SchedulingState()
    state.normal.relearning.learning.scheduled_secs = secs
    state.normal.relearning.review.scheduled_days = 3
    return state


def preview(secs):
    state = SchedulingState()
    state.filtered.preview.scheduled_secs = secs
    return state


def resched(secs):
    state = SchedulingState()
    state.filtered.rescheduling.original_state.learning.scheduled_secs = secs
    return state


def review(days):
    state = SchedulingState()
    state.normal.review.scheduled_days = days
    return state


def filtered_review(days):
    state = SchedulingState()
    state.filtered.rescheduling.original_state.review.scheduled_days = days
    return state


MONTH = 365 * DAY // 12
secs = list(range(131)) + [unit * n + near for unit in (60, 3600, DAY, MONTH, 365 * DAY) for n in (1, 2, 9, 10, 11, 23, 59)
                           for near in (-1800, -181, -30, -1, 0, 1, 29, 179, 181, 1800)]
secs = sorted({s for s in secs + [int(10 ** rng.uniform(1, 9)) for _ in range(200)] if s >= 0})
days = sorted({*range(1, 800), 1000, 1095, 3650, 7300, 36500} | {rng.randrange(800, 36500) for _ in range(100)})
out = []
for ahead in (0, 1200, 7200):
    col.set_config("collapseTime", ahead)
    for values, kinds in ((secs, (learning, relearning, preview, resched)), (days, (review, filtered_review))):
        for kind in kinds:
            texts = []
            for i in range(0, len(values), 4):
                four = (values[i:i + 4] + [1] * 4)[:4]
                states = SchedulingStates(current=kind(0), again=kind(four[0]), hard=kind(four[1]), good=kind(four[2]), easy=kind(four[3]))
                texts += button_texts(col, states)
            out.append({"kind": kind.__name__, "ahead": ahead, "unit": DAY if values is days else 1,
                        "values": values, "texts": texts[:len(values)]})
print(json.dumps({"until": col.sched.day_cutoff - clock.millis // 1000, "cases": out}))
