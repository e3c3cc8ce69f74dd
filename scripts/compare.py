#!/usr/bin/env python3
"""compare.py ENGRAM.json ANKI.json: a markdown table of the operations both have timed.

Wall time is the smallest of the runs (noise only adds), so the ratio is robust on a busy machine;
the medians stand beside it. Rows that miss what the project wants are marked with !.
"""
import json
import statistics
import sys

# How many times faster than Anki each operation must at least be; 1.0 where nothing is said.
WANTED = {
    "import_colpkg": 4.0, "deck_tree": 4.0, "queue_build_first_card": 5.0, "render_500": 2.0,
    "check_database": 8.0, "create_backup": 1.0, "suspend_all_cards": 3.0, "bury_all_cards": 3.0,
    "flag_all_cards": 3.0, "rebuild:filtered_due_1000": 2.0, "rebuild:filtered_deck_9999": 2.0,
    "rebuild:filtered_overdue_100": 2.0, "graphs_collection_all": 8.0,
}
# Counted in processor time rather than in wall time.
BY_CPU = {"graphs_collection_all"}
# Extra figures of ours with a limit of their own: (operation, key, limit, unit).
LIMITS = [
    ("create_backup", "blocked_ms", 5.0, "ms the owner is blocked"),
    ("create_backup", "answer_max_ms", 20.0, "ms slowest answer meanwhile"),
    ("create_backup", "rss_over_idle_mb", 40.0, "MB over idle"),
    ("answer_500", "p99_ms", 5.0, "ms p99 of an answer"),
    ("answer_500", "times_bare", 1.2, "times 500 bare transactions on a fresh copy, as the answers are"),
    ("answer_500", "times_bare_warm", 1.2, "times 500 bare transactions on a copy that had them before"),
    ("options_save", "max_ms", 50.0, "ms slowest save of options"),
    ("options_save_steps", "max_ms", 50.0, "ms slowest save of options"),
    ("export_encrypted", "times_age", 1.3, "times `age` alone on the bytes of the plain export"),
    ("export_encrypted", "times_export_and_age", 1.3, "times the plain export and `age` after it"),
    ("history_save", "costs_ms", 1.0, "ms that the history costs a save"),
]
# What trains and computes over all of the log: how many processors it keeps busy, and its memory
# over that of the idle process, of which half of Anki's is wanted.
TRAINING = ["fsrs_optimise", "fsrs_evaluate", "fsrs_evaluate_params", "fsrs_recompute_memory"]


def ms(seconds: float) -> str:
    value = seconds * 1000
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def main() -> None:
    ours, theirs = (json.load(open(path))["ops"] for path in sys.argv[1:3])
    for op in [*ours.values(), *theirs.values()]:
        if op.get("wall") and "min" not in op:
            op["min"], op["median"] = min(op["wall"]), statistics.median(op["wall"])
    print("| operation | Engram ms min (median) | Anki ms min (median) | times faster | wanted | CPU ms Engram / Anki | peak MB Engram / Anki | |")
    print("|---|---|---|---|---|---|---|---|")
    for name, us in ours.items():
        them = theirs.get(name)
        if "min" not in us or not them or "min" not in them:
            continue
        key = "cpu" if name in BY_CPU else "min"
        ratio, wanted = them[key] / max(us[key], 1e-9), WANTED.get(name, 1.0)
        cpu = f"{ms(us['cpu'])} / {ms(them['cpu'])}" if "cpu" in us and "cpu" in them else "–"
        memory = f"{us.get('peak_rss_mb', 0):.0f} / {them.get('peak_rss_mb', 0):.0f}"
        mark = "" if ratio >= wanted else "!"
        print(f"| {name} | {ms(us['min'])} ({ms(us['median'])}) | {ms(them['min'])} ({ms(them['median'])}) | {ratio:.1f} | {wanted:g} | {cpu} | {memory} | {mark} |")
    print()
    bare = theirs.get("limit:txn_500_wal_full", {}).get("min")
    for key, limit in (("times_bare_warm", "limit:txn_500_wal_full"), ("times_bare", "limit:txn_500_fresh_copy")):
        own_bare = ours.get(limit, {}).get("min", bare)
        if own_bare and "answer_500" in ours:
            ours["answer_500"][key] = ours["answer_500"]["min"] / own_bare
    for name in ("options_save", "options_save_steps"):
        if name in ours:
            ours[name]["max_ms"] = ours[name]["max"] * 1000
    for name, key, limit, unit in LIMITS:
        value = ours.get(name, {}).get(key)
        if value is not None:
            print(f"- {name}: {value:.2f} {unit} (at most {limit:g}){'' if value <= limit else ' !'}")
    # Before the first of them: what it leaves behind is no idle process.
    idle = [min((ops[n]["rss_before_mb"] for n in TRAINING if "rss_before_mb" in ops.get(n, {})), default=0) for ops in (ours, theirs)]
    for name in TRAINING:
        us, them = ours.get(name), theirs.get(name)
        if not us or not them or "cpu" not in us or "cpu" not in them:
            continue
        busy = [op["cpu"] / max(op["median"], 1e-9) for op in (us, them)]
        over = [op["peak_rss_mb"] - before for op, before in zip((us, them), idle)]
        mark = "" if over[0] <= over[1] / 2 else " !"
        print(f"- {name}: {busy[0]:.2f} processors busy (Anki {busy[1]:.2f}); {over[0]:.0f} MB over idle (Anki {over[1]:.0f}, at most half){mark}")
    for name, us in ours.items():
        if name not in theirs and not name.startswith("limit:") and "median" in us:
            print(f"- {name}: {ms(us['median'])} ms (min {ms(us['min'])}); Anki has no such operation here")


main()
