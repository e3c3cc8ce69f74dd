# Writes databases as Mnemosyne 2 does, and imports the plainer one with the real Anki, whose rows it
# prints. Arguments: a folder, and the time in milliseconds.
import os
import sqlite3
from anki.foreign_data.mnemosyne import serialize

SCHEMA = """
create table facts(_id integer primary key, id text, extra_data text default "");
create table data_for_fact(_fact_id integer, key text, value text);
create table cards(_id integer primary key, id text, card_type_id text, _fact_id integer,
    fact_view_id text, question text, answer text, tags text, grade integer, next_rep integer,
    last_rep integer, easiness real, acq_reps integer, ret_reps integer, lapses integer,
    acq_reps_since_lapse integer, ret_reps_since_lapse integer, creation_time integer,
    modification_time integer, extra_data text default "", scheduler_data integer default 0,
    active boolean default 1);
create table tags(_id integer primary key, id text, name text, extra_data text default "");
create table tags_for_card(_card_id integer, _tag_id integer);
create table criteria(_id integer primary key, id text, name text, type text, data text);
create table global_variables(key text, value text);
create table log(_id integer primary key autoincrement, event_type integer, timestamp integer,
    object_id text, grade integer, easiness real, acq_reps integer, ret_reps integer,
    lapses integer, acq_reps_since_lapse integer, ret_reps_since_lapse integer,
    scheduled_interval integer, actual_interval integer, thinking_time integer, next_rep integer,
    scheduler_data integer);
create table media(filename text primary key, _hash text);
create table fact_views(id text primary key, name text, q_fact_keys text, a_fact_keys text,
    q_fact_key_decorators text, a_fact_key_decorators text, a_on_top_of_q boolean default 0,
    type_answer boolean default 0, extra_data text default "");
create table card_types(id text primary key, name text, fact_keys_and_names text,
    unique_fact_keys text, required_fact_keys text, fact_view_ids text, keyboard_shortcuts text,
    extra_data text default "");
insert into global_variables values('version', '4');
insert into tags values(1, '__UNTAGGED__', '__UNTAGGED__', '');
"""
DAY = 86400


class Database:
    def __init__(self, path, now):
        self.db = sqlite3.connect(path)
        self.db.executescript(SCHEMA)
        self.now = now
        # Noon of today, UTC.
        self.noon = now // DAY * DAY + DAY // 2
        self.tags = {}
        self.facts = self.cards = 0

    def add(self, card_type, cards, tags=(), **values):
        self.facts += 1
        self.db.execute("insert into facts(_id, id) values(?, ?)", (self.facts, f"fact{self.facts}"))
        for key, value in values.items():
            self.db.execute("insert into data_for_fact values(?, ?, ?)", (self.facts, key, value))
        ids = [self.add_card(card_type, view, tags, **state) for view, state in cards]
        return ids

    def add_card(self, card_type, view, tags, next=0, last=0, reps=(0, 0), lapses=0, ease=2.5, extra="", age=0):
        self.cards += 1
        created = self.now - age * DAY
        times = (self.noon + next * DAY, self.noon + last * DAY) if sum(reps) else (-1, -1)
        row = (self.cards, f"card{self.cards}", card_type, self.facts, view, "q", "a", ", ".join(tags),
            4 if sum(reps) else -1, *times, ease, *reps, lapses,
            *reps, created, created, extra, 0, 1)
        self.db.execute(f"insert into cards values({','.join('?' * len(row))})", row)
        for tag in tags or ["__UNTAGGED__"]:
            known = self.tags.setdefault(tag, len(self.tags) + 2)
            number = 1 if tag == "__UNTAGGED__" else known
            self.db.execute("insert or ignore into tags values(?, ?, ?, '')", (number, f"tag{number}", tag))
            self.db.execute("insert into tags_for_card values(?, ?)", (self.cards, number))
        return self.cards

    def log(self, card, days_ago, grade, lapses, acq, ret, planned, next, taken=7, event=9, ease=2.4):
        self.db.execute(
            "insert into log(event_type, timestamp, object_id, grade, easiness, lapses, acq_reps_since_lapse,"
            " ret_reps_since_lapse, scheduled_interval, thinking_time, next_rep) values(?,?,?,?,?,?,?,?,?,?,?)",
            (event, self.noon - days_ago * DAY, f"card{card}", grade, ease, lapses, acq, ret, planned, taken,
             self.noon - days_ago * DAY + next * DAY))

    def done(self):
        self.db.commit()
        self.db.close()


def new(view):
    return (view, {})


def known(view, next, last, reps, lapses=0, ease=2.5):
    return (view, dict(next=next, last=last, reps=reps, lapses=lapses, ease=ease))


def plain(path, now):
    db = Database(path, now)
    db.add("1", [new("1.1")], f="front <b>bold</b>\nsecond line", b="back & < > &lt;")
    db.add("1", [known("1.1", 5, -5, (1, 3), 1, 2.3)], ["geography"], f="known", b="card\r\nwindows")
    db.add("2", [known("2.1", 30, -7, (2, 8), 0, 1.3), known("2.2", 1, 0, (3, 0))], ["a::b", "c"], f="both", b="ways")
    db.add("2", [new("2.1"), new("2.2")], ["c"], f="both new", b="ways new")
    db.add("3", [known("3.1", 400, -400, (1, 12), 2, 3.25), new("3.2")], ["c"], f="mot", p_1="mo", m_1="word", n="")
    db.add("1", [new("1.1")], f='<img src="a b.png"> <audio src="s.mp3">', b="<latex>x^2</latex> <$>y</$> <$$>z</$$>")
    db.add("1", [new("1.1")], f="日本 ünï", b="<div>html</div>")
    db.done()


def full(path, now):
    db = Database(path, now)
    media = path + "_media"
    os.makedirs(os.path.join(media, "maps"))
    for name in ["maps/blank.png", "maps_blank.png", "maps/marked.png", "hello.mp3", "unused.png"]:
        with open(os.path.join(media, name), "w") as file:
            file.write(name)
    db.add("4", [new("4.1"), new("4.2")], ["Geo maps"], loc="Paris", blank='<img src="maps/blank.png">', marked='<img src="maps/marked.png">')
    gaps = [("5.1", dict(extra="{'cloze': 'France', 'index': 0}")), ("5.1", dict(extra="{'cloze': 'Paris:city', 'index': 1}", reps=(1, 1), next=-3, last=-5))]
    db.add("5", gaps, text="The capital of [France] is [Paris:city]. <$>x</$>")
    sentence = [new("6.1"), ("6.2", dict(extra="{'cloze': 'casa:house', 'index': 0}")), ("6.2", dict(extra="{'cloze': 'grande', 'index': 1}"))]
    db.add("6", sentence, f="La [casa:house] es [grande]", p_1="", m_1="The house is big", n='<audio src="hello.mp3">')
    db.db.execute("""insert into card_types values('1::Own', 'Latin', "[('f', 'Front'), ('b', 'Back')]", '[]', '[]', "['1::Own.1']", '{}', '')""")
    db.add("1::Own", [new("1::Own.1")], f="clone", b='<img src="maps_blank.png">')
    db.db.execute("""insert into card_types values('6::Own', 'Russian', "[('f', 'Sentence'), ('p_1', 'Pronunciation'), ('m_1', 'Meaning'), ('n', 'Notes')]", '[]', '[]', "['6::Own.1', '6::Own.2']", '{}', '')""")
    db.add("6::Own", [new("6::Own.1"), ("6::Own.2", dict(extra="{'cloze': 'dom', 'index': 0}"))], f="Eto [dom]", m_1="This is a house")
    # A clone's other direction alone; empty fields are not there at all.
    db.add("3::Words", [new("3::Words.2")], f="le mot", m_1="the word")
    db.db.execute("""insert into fact_views values('7.1', 'Read', "['x']", "['y', 'z']", '{}', '{}', 0, 1, '')""")
    db.db.execute("""insert into fact_views values('7.2', 'Say', "['y']", "['x']", '{}', '{}', 1, 0, '')""")
    db.db.execute("""insert into card_types values('7', 'My {type}', "[('x', 'L\\'un'), ('y', 'Zwei: 2'), ('z', 'Rest')]", '[]', '[]', "['7.1', '7.2']", '{}', '')""")
    db.add("7", [new("7.1"), new("7.2")], x="one", y="two", z="three")
    db.add("plugin", [new("plugin.1")], left="leftmost", right="r")
    [card] = db.add("1", [known("1.1", -4, -14, (2, 3), 1, 2.1)], ["deep::er tag"], f="late", b='<img src="../secret.png"><img src="missing.png">')
    db.add("1", [], f="without cards", b="x")
    db.log(card, 40, 0, 0, 1, 0, 0, 0)
    db.log(card, 40, 4, 0, 2, 0, 0, 1, taken=300)
    db.log(card, 39, 5, 0, 2, 1, DAY, 6)
    db.log(card, 33, 1, 1, 1, 0, 6 * DAY, 0)
    db.log(card, 33, 3, 1, 2, 0, 0, 3)
    db.log(card, 14, 2, 1, 2, 1, 3 * DAY, 10)
    db.log(card, 13, 4, 1, 2, 1, 0, 10, event=7)
    db.log(999, 10, 4, 0, 1, 0, 0, 1)
    db.done()


def imported(path, room):
    col = Collection(os.path.join(room, "collection.anki2"))
    col.import_json_string(serialize(path, 1))
    types = {n["id"]: n for n in col.models.all()}
    rows = []
    for mid, tags, flds, sfld, csum, nid in col.db.all("select mid, tags, flds, sfld, csum, id from notes order by id"):
        cards = col.db.all("select ord, type, queue, case when type = 0 then 0 else due end, ivl, factor, reps, lapses from cards where nid = ? order by ord", nid)
        notetype = types[mid]
        rows.append({
            "notetype": notetype["name"], "fields": [f["name"] for f in notetype["flds"]],
            "templates": [t["name"] for t in notetype["tmpls"]],
            "tags": tags.split(), "flds": flds.split("\x1f"), "sfld": str(sfld), "csum": csum, "cards": cards,
        })
    col.close()
    return rows


folder, now = sys.argv[1], int(sys.argv[2]) // 1000
Clock(now * 1000)
for name, make in [("plain.db", plain), ("full.db", full)]:
    make(os.path.join(folder, name), now)
print(json.dumps(imported(os.path.join(folder, "plain.db"), folder)))
