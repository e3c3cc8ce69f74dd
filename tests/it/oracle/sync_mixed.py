# Arguments: what to do, the server, the time now in milliseconds, a folder, and seeds.
# "part": one collection a seed is uploaded, parts in two, and the first of the two is synchronised.
# "meet": the second of the two is synchronised.
from anki.errors import SyncError

what, url, now, folder = sys.argv[1:5]


def join(col, seed):
    """Synchronises as the user of this seed; what was needed."""
    auth = col.sync_login(f"u{seed}", "p", url)
    out = col.sync_collection(auth, False)
    if out.required > 1 and what == "part":
        col.close_for_full_sync()
        col.full_upload_or_download(auth=auth, server_usn=None, upload=True)
        col.reopen(after_full_sync=True)
    return out.required


def work(path, clock, rnd, count):
    col = Collection(path)
    col.media.dir()
    Hand(col, clock, rnd, merges=False).work(count)
    return col


class Settled(Hand):
    """Leaves note types as they are, since two sides of which one was remodelled do not meet."""

    def odd(self):
        """What add-ons and other programs leave, marked for the next sync."""
        self.clock.advance(3000)
        column, values = self.r.choice([
            ("notes.flags", [0, 7]), ("notes.data", ["", "x", '{"a":1}']), ("notes.tags", ["", "noblank", " A  a "]),
            ("notes.flds", ["one", "a\x1fb\x1fc\x1fd", ""]), ("notes.sfld", ["", "x", 5]), ("notes.csum", [0, 1]),
            ("cards.left", [0, 1001, 2500]), ("cards.data", DATA), ("cards.flags", [0, 3, 9]), ("cards.factor", [0, 1300, 65535]),
            ("cards.odue", [0, 9, -1]), ("cards.queue", [0, -1, -2, -3, 4]), ("cards.due", [0, -9, 1793000000]),
            ("revlog.ease", [0, 5]), ("revlog.time", [0, 60001]), ("revlog.type", [3, 4, 5]), ("revlog.factor", [0, 2500])])
        table, column = column.split(".")
        for row in self.some(table, 2):
            mod = "" if table == "revlog" else f", mod = {self.clock.millis // 1000}"
            self.col.db.execute(f"update {table} set {column} = ?, usn = -1{mod} where id = ?", self.r.choice(values), row)

    DEEDS = [d for d in Hand.DEEDS if d not in (Hand.fields, Hand.templates, Hand.notetypes)] + [odd] * 5


def part(seed):
    rnd, clock = random.Random(seed), Clock(int(now) - 9 * DAY * 1000)
    room = os.path.join(folder, str(seed))
    os.mkdir(room)
    first, second = (os.path.join(room, f"{name}.anki2") for name in ("first", "second"))
    col = work(first, clock, rnd, rnd.randint(5, 40))
    clock.set(int(now))
    join(col, seed)
    col.close()
    shutil.copy(first, second)
    # Never in the same second: Anki's two sides would part for good, ours take the server's.
    for path, days in zip((first, second), rnd.sample((4, 5), 2)):
        clock.set(int(now) - days * DAY * 1000)
        col = Collection(path)
        kind = Hand if rnd.random() < .05 else Settled
        hand = kind(col, clock, rnd, merges=False)
        hand.work(rnd.randint(0, 30))
        if rnd.random() < .3:
            col.set_config(f"key{rnd.randrange(3)}", rnd.choice([None, 1, "x", {"a": [1.5]}]))
            col.remove_config(f"key{rnd.randrange(3)}")
        if path == first:
            clock.set(int(now))
            try:
                join(col, seed)
            except SyncError:
                pass  # The server forgets it.
        col.close()


def meet(seed):
    clock = Clock(int(now))
    col = Collection(os.path.join(folder, seed, "second.anki2"))
    try:
        needed = join(col, seed)
        assert needed > 1 or join(col, seed) == 0
    except SyncError:
        needed = None
    col.close()
    return needed


print(json.dumps([(part if what == "part" else meet)(seed) for seed in sys.argv[5:]]))
