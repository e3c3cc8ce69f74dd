# A hand that changes collections in random ways; common part of the scripts that need one.
import sqlite3

WORDS = ["apple", "pear", "Über", "naïve", "<b>x</b>", "日本", "a &amp; b", "", "  ", "{{c1::x}}", "e\u0301t", "[$]a[/$]", "x\u00a0y"]
MEDIA = ["a.png", "b c.jpg", "s.mp3", "_font.ttf", "_logo.svg", "ü.png", "x'y.gif", "a&b.png"]
DECKS = ["A", "A::B", "A::B::C", "a::D", "Z", "Ü::x", "Default::sub", "q w", "A::b"]
DATA = ['{"s":5.5,"d":3.2,"dr":0.9,"decay":0.2,"lrt":1792000000}', '{"pos":7}', '{"cd":"{\\"k\\":1}"}', '{"x":1}', "", '{"pos":3,"s":1.0,"d":9.0}']


class Hand:
    """Changes a collection as people, programs and accidents do."""

    def __init__(self, col, clock, rnd, merges):
        self.col, self.clock, self.r, self.merges = col, clock, rnd, merges

    def word(self):
        word = self.r.choice(WORDS) + str(self.r.randint(0, 30))
        if self.r.random() < .25:
            name = self.r.choice(MEDIA)
            word += self.r.choice([f'<img src="{name.replace("&", "&amp;")}">', f"[sound:{name}]", f"<img src={name}>"])
        return word

    def notetype(self):
        return self.col.models.get(self.r.choice(self.col.models.all_names_and_ids()).id)

    def deck(self, normal=True):
        return self.col.decks.get(self.r.choice([d["id"] for d in self.col.decks.all() if not (normal and d["dyn"])]))

    def some(self, table, count):
        ids = self.col.db.list(f"select id from {table} order by id")
        return self.r.sample(ids, min(count, len(ids)))

    def add(self):
        for _ in range(self.r.randint(1, 4)):
            self.clock.advance(13)
            notetype = self.notetype()
            note = self.col.new_note(notetype)
            note.fields[:] = [self.word() for _ in note.fields]
            if notetype["type"] == 1:
                note.fields[0] = " ".join("{{c%d::%s}}" % (self.r.randint(1, 4), self.word()) for _ in range(self.r.randint(1, 3)))
            note.tags = [t for t in ["marked", "Leech", "t::a", "T::A", "ü"] if self.r.random() < .2]
            self.col.add_note(note, self.deck()["id"])
            # Cards of a cloze note are made in no particular order.
            cards = sorted(note.cards(), key=lambda c: c.id)
            for card, ord in zip(cards, sorted(c.ord for c in cards)):
                self.col.db.execute("update cards set ord = ? where id = ?", ord, card.id)

    def edit(self):
        for nid in self.some("notes", 3):
            self.clock.advance(1000)
            note = self.col.get_note(nid)
            note.fields[self.r.randrange(len(note.fields))] = self.word()
            note.tags += [f"e{self.r.randint(0, 3)}"]
            self.col.update_note(note)
            self.col.db.execute("update notes set mod = mod + ? where id = ?", self.r.choice([-5000, 0, 1]), nid)

    def fields(self):
        notetype, models = self.notetype(), self.col.models
        self.clock.advance(2000)
        kind = self.r.randrange(4)
        field = self.r.choice(notetype["flds"])
        if kind == 0:
            models.add_field(notetype, models.new_field(self.r.choice(["Extra", "Hint", "extra2", "Ö"])))
        elif kind == 1 and len(notetype["flds"]) > 1 and not notetype["name"].startswith("Image"):
            models.remove_field(notetype, field)
        elif kind == 2:
            models.reposition_field(notetype, field, self.r.randrange(len(notetype["flds"])))
        else:
            field["rtl"] = True
        if self.r.random() < .4:
            notetype["sortf"] = self.r.randrange(len(notetype["flds"]))
        models.update_dict(notetype)

    def templates(self):
        notetype, models = self.notetype(), self.col.models
        self.clock.advance(2000)
        kind = self.r.randrange(5) if notetype["type"] == 0 else 4
        templates, fields = notetype["tmpls"], notetype["flds"]
        if kind == 0:
            new = models.new_template(self.r.choice(["Card 9", "Extra card"]))
            new["qfmt"], new["afmt"] = "{{%s}} %d" % (self.r.choice(fields)["name"], self.r.randint(0, 99)), "{{FrontSide}}"
            models.add_template(notetype, new)
            models.reposition_template(notetype, new, self.r.randrange(2))
        elif kind == 1 and len(templates) > 1:
            models.remove_template(notetype, self.r.choice(templates))
        elif kind == 2:
            self.r.choice(templates)["name"] = self.r.choice(["Karte 1", "Card 2 x"])
        elif kind == 3:
            self.r.choice(templates)["qfmt"] += "{{%s}}" % self.r.choice(fields)["name"]
        else:
            templates[0]["afmt"] += self.r.choice(["<hr>", '<img src="_logo.svg">', "{{Tags}}"])
        notetype["css"] += self.r.choice(["", " .x{}", ' @font-face{src:url("_font.ttf")}'])
        models.update_dict(notetype)

    def notetypes(self):
        self.clock.advance(2000)
        kind = self.r.randrange(4)
        notetype = self.notetype()
        if kind == 0:
            self.col.db.execute("update notetypes set mtime_secs = mtime_secs + ? where id = ?", self.r.choice([-99999, 99999, 1]), notetype["id"])
        elif kind == 1:
            notetype["name"] = self.r.choice(["basic", "Mine", notetype["name"] + " x"])
            self.col.models.update_dict(notetype)
        elif kind == 2:
            copy = self.col.models.copy(notetype)
            copy["name"] = f"Clone {self.r.randint(0, 5)}"
            self.col.models.update_dict(copy)
        elif not self.merges:
            notes = self.some("notes", 1)
            old = self.col.db.scalar("select mid from notes where id = ?", notes[0])
            request = self.col.models.change_notetype_info(old_notetype_id=old, new_notetype_id=notetype["id"]).input
            request.note_ids.extend(notes)
            self.col.models.change_notetype_of_notes(request)

    def decks(self):
        self.clock.advance(1500)
        kind = self.r.randrange(7)
        deck = self.deck()
        if kind < 2:
            self.col.decks.id(self.r.choice(DECKS))
        elif kind == 2:
            self.col.decks.rename(deck["id"], self.r.choice([deck["name"].upper(), "R1", "A::" + deck["name"]]))
        elif kind == 3 and deck["id"] != 1:
            self.col.decks.remove([deck["id"]])
        elif kind == 4:
            deck["desc"], deck["newLimit"], deck["reviewLimit"] = "about", self.r.choice([None, 5]), self.r.choice([None, 77])
            deck["newLimitToday"] = {"limit": 3, "today": self.col.sched.today + self.r.choice([0, -1, 1])}
            self.col.decks.save(deck)
        elif kind == 5:
            deck["conf"] = preset(self.col, f"P{self.r.randint(0, 3)}", new__perDay=self.r.randint(1, 50))
            self.col.decks.save(deck)
        else:
            filtered = self.col.decks.get(self.col.decks.new_filtered(self.r.choice(["F", "A::F", "Z"])))
            filtered["terms"] = [["deck:*", 5, self.r.randrange(8)]]
            self.col.decks.save(filtered)
            self.col.sched.rebuild_filtered_deck(filtered["id"])
        self.col.set_deck(self.some("cards", 3), self.deck()["id"])

    def study(self):
        self.clock.advance(60_000)
        self.col.decks.select(self.deck(normal=False)["id"])
        for _ in range(self.r.randint(1, 5)):
            queued = self.col.sched.get_queued_cards(fetch_limit=1)
            if not queued.cards:
                break
            card = self.col.get_card(queued.cards[0].card.id)
            card.start_timer()
            answer = self.col.sched.build_answer(card=card, states=queued.cards[0].states, rating=self.r.choice([0, 2, 3]))
            self.col.sched.answer_card(answer)
            self.clock.advance(20_000)

    def cards(self):
        cards, kind = self.some("cards", 2), self.r.randrange(6)
        if kind == 0:
            self.col.sched.suspend_cards(cards)
        elif kind == 1:
            self.col.sched.bury_cards(cards)
        elif kind == 2:
            self.col.sched.set_due_date(cards, self.r.choice(["0", "5!", "1-9"]))
        elif kind == 3:
            self.col.sched.schedule_cards_as_new(cards, restore_position=self.r.random() < .5)
        for card in cards:
            if kind == 4:
                self.col.db.execute("update cards set data = ?, flags = 3 where id = ?", self.r.choice(DATA), card)
            elif kind == 5:
                odd = [self.r.choice(x) for x in ([0, 1, 2, 3], [0, 1, 2, 3, 4, -1, -2, -3], [0, 5, -9, 1793000000, 100000], [0, 3, 50], [0, 4])]
                self.col.db.execute("update cards set type = ?, queue = ?, due = ?, ivl = ?, odue = ? where id = ?", *odd, card)

    def media(self):
        name = self.r.choice(MEDIA)
        with open(os.path.join(self.col.media.dir(), name), "w") as file:
            file.write(f"{name} {self.r.randint(0, 2)}")

    def remove(self):
        if self.r.random() < .5:
            self.col.remove_notes(self.some("notes", 2))
        else:
            self.col.remove_cards_and_orphaned_notes(self.some("cards", 1))

    def twins(self):
        notes = self.some("notes", 2)
        if len(notes) == 2 and not self.merges:
            guid = self.col.db.scalar("select guid from notes where id = ?", notes[0])
            self.col.db.execute("update notes set guid = ? where id = ?", guid, notes[1])

    DEEDS = [add] * 5 + [edit] * 5 + [fields] * 4 + [templates] * 4 + [notetypes] * 4 + [decks] * 8 + [study] * 2 + [cards] * 4 + [media] * 3 + [remove, twins]

    def work(self, count):
        for _ in range(count):
            self.clock.advance(11)
            try:
                self.r.choice(self.DEEDS)(self)
            except Exception:
                pass  # Refused: nothing happened.
