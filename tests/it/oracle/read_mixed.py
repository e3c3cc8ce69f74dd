# Makes a collection in a random way for each seed, and prints what Anki shows of it: text files, the
# browser's rows and orders, the deck tree, empty cards. Arguments: the folder and the seeds.
import itertools, tempfile
from anki.collection import BrowserColumns, DeckIdLimit
from anki.config import Config

WORDS += ["multi\nline", "\ttab", " led", "a<br>b", "<div>x</div><div>y", '"quoted"', "'q'", "#hash", "<style>.a{}</style>s",
          "<!-- c -->k", "&nbsp;n&nbsp;", "&lt;b&gt;", "[[type:Front]]", "{{c2::x::hint}}", "\\(x\\)", "[latex]z[/latex]", "a\u2028b",
          "a;b,c", "<script>x</script>", "<ruby>漢<rt>kan</rt></ruby>", "[anki:play:q:0]", "<ul><li>a<li>b</ul>", "<p>p</p>", "<hr>",
          "a\u200bb", "\ufeffbom", "😀", "ﷺ", "<img src=a.png alt=q>", "&#39;", "&amp;lt;", "<a href=x>y</a>", "a < b > c", "<b", "x>"]
# Memory of versions before the time of the last review was kept is guessed in another way.
DATA = [data for data in DATA if '"s"' not in data or "lrt" in data]
COLUMNS = ["answer", "cardMod", "template", "noteCrt", "deck", "difficulty", "cardDue", "cardEase", "cardIvl", "cardLapses",
           "noteMod", "note", "originalPosition", "question", "retrievability", "cardReps", "noteFld", "stability", "noteTags"]


class Writer(Hand):
    def word(self):
        return "".join(Hand.word(self) for _ in range(self.r.randint(1, 3)))


def rows(col, notes):
    col.set_config_bool(Config.Bool.BROWSER_TABLE_SHOW_NOTES_MODE, notes)
    col._backend.set_active_browser_columns(COLUMNS)
    out = {}
    for id in (col.find_notes("") if notes else col.find_cards("")):
        try:
            cells, color, font, size = col.browser_row_for_id(id)
        except Exception:
            continue
        cells = list(cells)
        texts = [cell[0].replace("\u2068", "").replace("\u2069", "") for cell in cells]
        out[id] = [texts, int(color), font, size, cells[COLUMNS.index("noteFld")][1]]
        if not notes:
            out[id].append(col.db.first("select type, queue, due, ivl, odue, odid, data from cards where id = ?", id))
    return out


def orders(col, notes):
    columns = {column.key: column for column in col.all_browser_columns()}
    for key in COLUMNS:
        column = columns[key]
        if (column.sorting_notes if notes else column.sorting_cards) == BrowserColumns.SORTING_NONE:
            continue
        for reverse in (False, True):
            found = (col.find_notes if notes else col.find_cards)("deck:*", order=column, reverse=reverse)
            yield [key, reverse, list(found)]


def texts(col, rnd, chosen):
    out = os.path.join(tempfile.mkdtemp(), "out.txt")
    names = ["with_html", "with_tags", "with_deck", "with_notetype", "with_guid"]
    for _ in range(6):
        options = {name: rnd.random() < .5 for name in names}
        one_deck, cards = chosen is not None and rnd.random() < .5, rnd.random() < .4
        limit = DeckIdLimit(chosen) if one_deck else None
        if cards:
            count = col.export_card_csv(out_path=out, limit=limit, with_html=options["with_html"])
        else:
            count = col.export_note_csv(out_path=out, limit=limit, **options)
        text = open(out, newline="", encoding="utf-8").read()
        yield {"order": {**options, "one_deck": one_deck, "cards": cards}, "count": count, "text": text}
    shutil.rmtree(os.path.dirname(out))


def look(folder, seed):
    rnd, clock = random.Random(seed), Clock(1793000000000)
    path = os.path.join(folder, f"{seed}.anki2")
    col = Collection(path)
    col.media.dir()
    Writer(col, clock, rnd, merges=False).work(rnd.randint(20, 60))
    if rnd.random() < .3:
        col.db.execute("delete from cards where nid = (select min(id) from notes)")
    col.set_config("fsrs", rnd.random() < .5)
    clock.set(1793500000000)
    col.close()
    copy = path.replace(".anki2", "-copy.anki2")
    shutil.copy(path, copy)
    col = Collection(copy)
    # A deck takes along what filtered decks have borrowed, which Anki leaves out.
    lent = col.db.scalar("select count() from cards where odid != 0")
    chosen = rnd.choice(sorted(d["id"] for d in col.decks.all()))
    found = {"path": path, "deck": chosen, "tree": tree(col.sched.deck_due_tree()), "files": list(texts(col, rnd, None if lent else chosen)),
             "empty": sorted([n.note_id, sorted(n.card_ids), n.will_delete_note] for n in col.get_empty_cards().notes)}
    for notes in (False, True):
        key = "notes" if notes else "cards"
        found[key], found[f"{key} by"] = rows(col, notes), list(orders(col, notes))
    col.close()
    return found


print(json.dumps([look(sys.argv[1], seed) for seed in sys.argv[2:]]))
