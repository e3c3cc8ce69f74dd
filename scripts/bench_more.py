#!/usr/bin/env python3
"""The peer's benchmark (PEER/bench_anki.py, PEER from the environment) with the groups that it lacks and
`examples/measure.rs` has: options, cards, filtered, fsrseval; in notes and sort what it leaves out. Same arguments,
same output."""
import importlib.util
import os

path = os.path.join(os.environ["PEER"], "bench_anki.py")
spec = importlib.util.spec_from_file_location("bench_anki", path)
peer = importlib.util.module_from_spec(spec)
spec.loader.exec_module(peer)
# It starts itself for each group; that must be this file.
peer.__file__ = __file__


def op_options(b):
    """Opening and saving the options of the study deck: another limit, other learning steps."""
    from anki.deck_config_pb2 import UpdateDeckConfigsRequest
    col = b.open()
    did = col.decks.id_for_name(b.meta["study_deck"])

    def save(change):
        def run():
            shown = col._backend.get_deck_configs_for_update(did)
            used = next(c.config for c in shown.all_config if c.config.id == shown.current_deck.config_id)
            change(used.config)
            col._backend.update_deck_configs_raw(UpdateDeckConfigsRequest(
                target_deck_id=did, configs=[used], mode=0, fsrs=shown.fsrs, limits=shown.current_deck.limits,
                new_cards_ignore_review_limit=shown.new_cards_ignore_review_limit,
                apply_all_parent_limits=shown.apply_all_parent_limits, card_state_customizer=shown.card_state_customizer).SerializeToString())
        return run

    def limit(config):
        config.new_per_day ^= 1

    def steps(config):
        turned = list(reversed(config.learn_steps))
        del config.learn_steps[:]
        config.learn_steps.extend(turned)
    b.measure("options_save", save(limit), reps=max(9, b.reps))
    b.measure("options_save_steps", save(steps), reps=max(9, b.reps))
    col.close()


def op_cards(b):
    """Every card buried and unburied, flagged."""
    col = b.open()
    cards = col.find_cards("deck:*")
    on = [0]

    def turn(do, undo):
        def run():
            on[0] ^= 1
            (do if on[0] else undo)()
        return run
    sched = col.sched
    for name, do, undo in (
        ("bury_all_cards", lambda: sched.bury_cards(cards), lambda: sched.unbury_cards(cards)),
        ("flag_all_cards", lambda: col.set_user_flag_for_cards(1, cards), lambda: col.set_user_flag_for_cards(0, cards)),
    ):
        on[0] = 0
        b.measure(name, turn(do, undo), reps=max(4, b.reps))
    col.close()


def op_filtered(b):
    """Filtered decks filled anew: 0 oldest seen first, 1 random, 10 relative overdueness."""
    for name, search, limit, order in (
        ("filtered_due_1000", "is:due", 1000, 0), ("filtered_deck_9999", "deck:Languages", 9999, 1),
        ("filtered_overdue_100", "is:due", 100, 10),
    ):
        col = b.open()
        deck = col.sched.get_or_create_filtered_deck(0)
        deck.name = "Filtered"
        deck.allow_empty = True
        deck.config.reschedule = True
        del deck.config.search_terms[:]
        deck.config.search_terms.add(search=search, limit=limit, order=order)
        did = col.sched.add_or_update_filtered_deck(deck).id
        b.measure("rebuild:" + name, lambda: {"cards": col.sched.rebuild_filtered_deck(did).count}, reps=max(5, b.reps))
        col.close()


def op_fsrseval(b):
    """How well the default parameters predict every answer."""
    col = b.open()

    def run():
        found = col._backend.evaluate_params_legacy(params=[], search="deck:*", ignore_revlogs_before_ms=0)
        return {"log_loss": round(found.log_loss, 4)}
    b.measure("fsrs_evaluate_params", run)
    col.close()


def op_notes(b):
    """Also the undo of a thousand changed notes, and of a word replaced in all."""
    peer.op_notes(b)
    col = b.open()
    ids = list(col.find_notes("note:Basic"))[:1000]

    def changed():
        notes = [col.get_note(i) for i in ids]
        for note in notes:
            note.fields[1] += " z"
        col.update_notes(notes)
    b.measure("undo_update_1000", lambda _: col.undo() and None, setup=changed)
    every = col.find_notes("")

    def replaced():
        col.find_and_replace(note_ids=every, search=b.meta["plain_word"], replacement="quux", match_case=True)
    b.measure("undo_find_and_replace", lambda _: col.undo() and None, setup=replaced)
    col.close()


def op_sort(b):
    """Also the other columns that can be sorted by."""
    peer.op_sort(b)
    col = b.open()
    for key in ("noteMod", "cardMod", "cardReps", "originalPosition"):
        column = col.get_browser_column(key)
        b.measure("sort:" + key, lambda: {"results": len(col.find_cards("deck:*", order=column))})
    col.close()


peer.GROUPS.update({name[3:]: run for name, run in list(globals().items()) if name.startswith("op_")})
if __name__ == "__main__":
    peer.main()
