# Fits and evaluates parameters. Prints for each case what was asked and what came of it.
# Arguments: folder, cards.

from anki.deck_config_pb2 import UpdateDeckConfigsMode

folder, wanted = sys.argv[1], int(sys.argv[2])
clock, presets, dids = make(folder, wanted, 1)
shutil.copy(os.path.join(folder, "collection.anki2"), os.path.join(folder, "copy.anki2"))
col = Collection(os.path.join(folder, "collection.anki2"))
few = " or ".join(f"cid:{c}" for c in col.db.list("select cid from revlog where ease > 0 group by cid having count() > 8 limit 2"))
some = " or ".join(f"cid:{c}" for c in col.db.list("select cid from revlog where ease > 0 group by cid having count() > 5 limit 60"))
cases = []
found = []
for search, ignore, steps in [("deck:*", 0, 1), ('preset:"first" -is:suspended', 0, 1), ("deck:Two", 0, 3), ("deck:Three", 0, 0),
                              ("deck:*", NOW - 300 * DAY * 1000, 1), ("deck:One", NOW - 100 * DAY * 1000, 2),
                              (some, 0, 1), (few, 0, 1), ("is:new", 0, 1)]:
    for current in [[], W6] + found[:1]:
        r = col._backend.compute_fsrs_params(search=search, current_params=current, ignore_revlogs_before_ms=ignore,
                                             num_of_relearning_steps=steps, health_check=False)
        case = {"search": search, "ignore": ignore, "steps": steps, "current": current, "items": r.fsrs_items, "params": list(r.params)}
        if r.fsrs_items:
            e = col._backend.evaluate_params_legacy(params=current, search=search, ignore_revlogs_before_ms=ignore)
            case["evaluated"] = [e.log_loss, e.rmse_bins]
        cases.append(case)
        if not found:
            found.append(list(r.params))
reviews = col.db.scalar("select count() from revlog where ease > 0")

# All presets at once, each with a name and steps of its own, one with a search and one with a first day.
for conf, name, steps in zip(map(col.decks.get_config, presets), ("a_b (ß)", "quo\"te*", "axb"),
                             ([700.0, 700.0, 700.0], [10.0, 1430.0, 5.0, 5.0], [2000.0, 5.0])):
    conf["name"], conf["lapse"]["delays"] = name, steps
    col.decks.update_config(conf)
update_options(col, clock, dids[0], presets={"quo\"te*": {"param_search": "deck:O* or deck:Two"},
                                             "axb": {"ignore_revlogs_before_date": "2024-03-01"}})
col.close()
shutil.copy(os.path.join(folder, "collection.anki2"), os.path.join(folder, "all.anki2"))
col = Collection(os.path.join(folder, "collection.anki2"))
now = col._backend.get_deck_configs_for_update(dids[0])
request = UpdateDeckConfigsRequest(
    target_deck_id=dids[0], fsrs=True, limits=now.current_deck.limits,
    configs=sorted((c.config for c in now.all_config), key=lambda c: c.id == now.current_deck.config_id),
    mode=UpdateDeckConfigsMode.UPDATE_DECK_CONFIGS_MODE_COMPUTE_ALL_PARAMS)
col._backend.update_deck_configs_raw(request.SerializeToString())
fitted = {c.config.name: list(c.config.config.fsrs_params_6)
          for c in col._backend.get_deck_configs_for_update(dids[0]).all_config}
col.close()
print(json.dumps({"cases": cases, "reviews": reviews, "all": fitted}))
