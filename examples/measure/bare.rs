//! Bare SQLite, as a yardstick for what no program can beat.
#![expect(
    clippy::disallowed_types,
    reason = "a yardstick stands beside the program, not inside it"
)]

use engram::base::time::Stopwatch;
use rusqlite::{Connection, params};
use std::path::Path;

/// Seconds of each of 500 transactions that update a card and add a review, WAL and synced.
pub fn transactions(path: &Path, round: usize) -> Vec<f64> {
    let db = Connection::open(path).expect("SQLite opens it");
    db.create_collation("unicase", |a, b| a.to_lowercase().cmp(&b.to_lowercase()))
        .expect("a collation");
    db.pragma_update(None, "journal_mode", "wal").expect("WAL");
    db.pragma_update(None, "synchronous", "full").expect("FULL");
    let cards: Vec<i64> = {
        let mut select = db
            .prepare("select id from cards where queue=2 order by due limit 500")
            .expect("a statement");
        let ids = select.query_map([], |row| row.get(0)).expect("rows");
        ids.collect::<Result<_, _>>().expect("ids")
    };
    let run = cards
        .iter()
        .enumerate()
        .map(|(at, card)| {
            let clock = Stopwatch::start();
            bare(&db, *card, round, at).expect("a transaction");
            clock.elapsed().as_secs_f64()
        })
        .collect();
    db.close().expect("it closes");
    run
}

fn bare(db: &Connection, card: i64, round: usize, at: usize) -> rusqlite::Result<()> {
    db.prepare_cached("begin")?.execute([])?;
    db.prepare_cached("update cards set due=due+1, reps=reps+1, mod=?1 where id=?2")?
        .execute(params![round as i64, card])?;
    db.prepare_cached("insert into revlog values (?1, ?2, -1, 3, 10, 5, 2500, 5000, 1)")?
        .execute(params![
            9_000_000_000_000_i64 + (round * 1000 + at) as i64,
            card
        ])?;
    db.prepare_cached("commit")?.execute([])?;
    Ok(())
}
