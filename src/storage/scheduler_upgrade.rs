//! Collections of the first and second scheduler become ones of the third, the only one there
//! still is: what the cards of the first one meant is written as the later ones mean it.

use super::Storage;
use crate::base::Result;
use crate::base::time::{Clock, TimestampSecs};
use crate::codec::deck::deck_kind_from_wire;
use crate::domain::deck::DeckKind;
use rusqlite::{Connection, OptionalExtension as _, params};

impl Storage {
    /// For a collection of schema 18 that still has an older scheduler. True when it had.
    pub fn upgrade_scheduler(&mut self, clock: &Clock) -> Result<bool> {
        let transaction = self.db.unchecked_transaction()?;
        let changed = run(&transaction, clock)?;
        if changed {
            transaction.commit()?;
            self.cache.forget_all();
        }
        Ok(changed)
    }
}

/// Does nothing to a collection of the third scheduler. Runs in the caller's transaction. True
/// when it changed anything.
pub(super) fn run(db: &Connection, clock: &Clock) -> Result<bool> {
    let version = setting(db, "schedVer")?
        .and_then(|v| v.as_i64())
        .unwrap_or(1);
    let third = setting(db, "sched2021")?
        .and_then(|v| v.as_bool())
        .unwrap_or(false);
    let has_zone = setting(db, "creationOffset")?.is_some_and(|v| v.is_number());
    if version >= 2 && third && has_zone {
        return Ok(false);
    }
    let now = clock.now();
    if version < 2 {
        convert_cards(db)?;
        convert_reviews(db)?;
        set(db, clock, "schedVer", "2")?;
        db.execute("update col set scm=?", [now.0])?;
    }
    if !has_zone {
        let crt: i64 = db.query_row("select crt from col", [], |row| row.get(0))?;
        let offset = clock.offset_mins_west(TimestampSecs(crt));
        set(db, clock, "creationOffset", &offset.to_string())?;
    }
    set(db, clock, "sched2021", "true")?;
    db.execute("update col set mod=?", [now.0])?;
    Ok(true)
}

fn setting(db: &Connection, key: &str) -> Result<Option<serde_json::Value>> {
    let bytes: Option<Vec<u8>> = db
        .query_row(
            "select cast(val as blob) from config where key=?",
            [key],
            |row| row.get(0),
        )
        .optional()?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

fn set(db: &Connection, clock: &Clock, key: &str, json: &str) -> Result<()> {
    db.execute(
        "insert or replace into config values (?, -1, ?, ?)",
        params![key, clock.now_secs().0, json.as_bytes()],
    )?;
    Ok(())
}

/// Lapsed cards get a type of their own. Cards in a filtered deck without rescheduling were
/// learned there like new ones; later schedulers only repeat them.
fn convert_cards(db: &Connection) -> Result<()> {
    db.execute(
        "update cards set type=3 where type=2 and queue in (1, 3)",
        [],
    )?;
    let decks: Vec<(i64, Vec<u8>)> = db
        .prepare("select id, kind from decks")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (id, kind) in decks {
        if let DeckKind::Filtered(deck) = deck_kind_from_wire(&kind)?
            && !deck.reschedule
        {
            db.execute(
                "update cards set queue=2 where did=? and odid!=0 and type=0 and queue=0",
                [id],
            )?;
            db.execute(
                "update cards set type=0, queue=case when queue<0 then queue else 4 end \
                 where did=? and odid!=0 and type=1",
                [id],
            )?;
        }
    }
    Ok(())
}

/// Learning had three buttons, now it has four: Good was the second and Easy the third.
fn convert_reviews(db: &Connection) -> Result<()> {
    db.execute(
        "update revlog set ease=ease+1 where ease in (2, 3) and type in (0, 2)",
        [],
    )?;
    Ok(())
}
