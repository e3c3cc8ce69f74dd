//! Filtered decks gathered by us and by the real Anki hold the same cards in the same order.
//! Order 10 (relative overdueness) fails in Anki 26.9.3 itself when the search needs the notes.

use crate::oracle;
use engram::base::ids::DeckId;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::storage::Storage;

/// Cards of all kinds, and a filtered deck for each order (random aside), still empty.
const MAKE: &str = r#"
import sys, random
from anki.collection import Collection
random.seed(7)
c = Collection(sys.argv[1])
c.set_config("fsrs", True)
deck = c.decks.id("Home")
m = c.models.by_name("Basic (and reversed card)")
for i in range(60):
    n = c.new_note(m); n["Front"] = f"f{i}"; n["Back"] = f"b{i}"; n.tags = ["odd"] if i % 2 else []
    c.add_note(n, deck)
import time
now = int(time.time())
for k, cid in enumerate(c.find_cards("")):
    card = c.get_card(cid)
    kind = k % 7
    card.lapses = random.randrange(5)
    if kind in (0, 1, 2):
        card.type = card.queue = 2; card.ivl = random.randrange(1, 60); card.due = random.randrange(-10, 20)
        card.factor = 2500
        if kind == 1:
            card.custom_data = ""
            c.db.execute("update cards set data=? where id=?", "{}", cid)
    elif kind == 3:
        card.type = 1; card.queue = 1; card.due = now + random.randrange(-5000, 5000); card.left = 1
    elif kind == 4:
        card.type = 3; card.queue = 3; card.due = random.randrange(1, 4); card.left = 1; card.ivl = 5; card.factor = 2000
    elif kind == 5:
        card.queue = -1
    c.update_card(card)
    c.db.execute("update cards set mod = ? where id = ?", now - 1000 + k, cid)
    if kind < 3:
        c.db.execute("update cards set data = ? where id = ?",
            '{"s":%.4f,"d":%.3f,"dr":0.9,"decay":0.154,"lrt":%d}' % (random.uniform(0.5, 80), random.uniform(1, 10), now - 86400 * random.randrange(1, 30)), cid)
        for r in range(random.randrange(3)):
            c.db.execute("insert into revlog values (?, ?, -1, 3, 5, 3, 2500, 900, 1)", (now - random.randrange(10**6)) * 1000 + k * 7 + r, cid)
for order in (0, 2, 3, 4, 5, 6, 7, 8, 9, 10):
    for resched in (True, False):
        d = c.decks.get(c.decks.new_filtered(f"order {order} {resched}"))
        d["resched"] = resched
        d["terms"] = [["tag:odd", 20, order], ["", 15, 5]]
        c.decks.save(d)
c.close()
"#;

const REBUILD: &str = r#"
import sys
from anki.collection import Collection
c = Collection(sys.argv[1])
for d in c.decks.all_names_and_ids():
    if d.name.startswith("order"):
        try:
            c.sched.rebuild_filtered_deck(d.id)
        except Exception as e:
            print(d.name, e, file=sys.stderr)
            continue
        rows = c.db.all("select id, did, queue, type, due, odue, odid, usn from cards where did = ? order by due, id", d.id)
        print(d.id, d.name, ["/".join(map(str, r)) for r in rows], sep="|")
        c.sched.empty_filtered_deck(d.id)
        # so that ties fall as they did before
        c.db.execute("update cards set mod = 0")
c.close()
"#;

#[test]
fn every_order_gathers_the_same_cards() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("theirs.anki2");
    if oracle::run(MAKE, [&theirs]).is_none() {
        return;
    }
    let ours = folder.path().join("ours.anki2");
    std::fs::copy(&theirs, &ours).unwrap();
    let seen = oracle::run(REBUILD, [&theirs]).unwrap();
    let mut col = Collection::open(&ours, Clock::System).unwrap();
    for line in seen.lines() {
        let mut parts = line.split('|');
        let id = DeckId(parts.next().unwrap().parse().unwrap());
        let name = parts.next().unwrap();
        let anki = parts.next().unwrap();
        let count = col.filtered_rebuild(id).unwrap().value;
        let mut cards = col.storage().cards_in_deck(id).unwrap();
        assert_eq!(cards.len(), count);
        cards.sort_by_key(|card| (card.due, card.id));
        let rows: Vec<String> = cards
            .iter()
            .map(|c| {
                format!(
                    "'{}/{}/{}/{}/{}/{}/{}/{}'",
                    c.id,
                    c.deck_id,
                    c.queue as i8,
                    c.ctype as u8,
                    c.due,
                    c.original_due,
                    c.original_deck_id,
                    c.usn.0
                )
            })
            .collect();
        assert_eq!(format!("[{}]", rows.join(", ")), anki, "{name}");
        assert_eq!(col.filtered_empty(id).unwrap().value, count);
        col.close().unwrap();
        reset_times(&ours);
        col = Collection::open(&ours, Clock::System).unwrap();
    }
    col.close().unwrap();
}

/// As the oracle's script does after each deck.
fn reset_times(path: &std::path::Path) {
    let mut storage = Storage::open(path).unwrap();
    let decks = storage.all_decks().unwrap();
    storage
        .tx(Clock::System.now(), |tx| {
            for deck in decks {
                for mut card in tx.cards_in_deck(deck.id)? {
                    card.mtime.0 = 0;
                    tx.update_card_as_is(&card)?;
                }
            }
            Ok(())
        })
        .unwrap();
    storage.close().unwrap();
}
