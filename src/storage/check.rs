//! The parts of Check Database that are about rows alone. Each mends one kind of damage and says
//! how often; what it means, and what needs the templates, is in `collection::repair`. Nothing
//! here can be undone, so all of it marks the transaction.

use super::card::{CARD_COLUMNS, card_from_row};
use super::loose::{bytes, integer};
use super::{Storage, Tx};
use crate::base::Result;
use crate::base::ids::{DeckId, NoteId, NotetypeId};
use crate::base::job::Progress;
use crate::base::time::TimestampSecs;
use crate::codec::card_data::{card_data_of, last_review_of};
use crate::codec::notetype::{field_from_wire, field_to_wire};
use crate::domain::card::Card;
use crate::domain::notetype::FieldConfig;
use rusqlite::OptionalExtension as _;
use rusqlite::types::{Type, ValueRef};
use std::collections::{HashMap, HashSet};

/// Ids further in the future than this are a wrong clock's.
const FUTURE_MILLIS: i64 = 86_400_000;

/// The lowest and the highest id.
pub const EVERYTHING: (i64, i64) = (i64::MIN, i64::MAX);

// What is wrong with a card, and with a row of the log; each has its repair below.
const CARD_FRACTION: &str = "typeof(due)!='integer' or typeof(odue)!='integer' \
     or typeof(ivl)!='integer' or typeof(factor)!='integer' or typeof(mod)!='integer' \
     or typeof(ord)='real'";
const CARD_OUT_OF_RANGE: &str = "due not between -2147483648 and 2147483647 \
     or odue not between -2147483648 and 2147483647 or ivl not between 0 and 2147483647 \
     or factor not between 0 and 65535 or reps not between 0 and 4294967295 \
     or lapses not between 0 and 4294967295 or left not between 0 and 4294967295 \
     or ord not between 0 and 30000 or flags not between 0 and 255";
const CARD_UNKNOWN_TYPE: &str = "type not between 0 and 3 or queue not between -3 and 4";
const CARD_FAR: &str = "queue=2 and due>100000";
/// A due date of a home that the card does not have.
const CARD_STRAY: &str = "odid=0 and odue>0 and (type=1 or queue=2)";
const CARD_LOST: &str = "did=0 or typeof(did)!='integer'";
/// A preview that comes again is due at a moment.
const CARD_HIGH_POSITION: &str =
    "type=0 and queue!=4 and due>=1000000 and due!=1000000+due%1000000";
const CARD_CONDITIONS: [&str; 7] = [
    CARD_FRACTION,
    CARD_OUT_OF_RANGE,
    CARD_UNKNOWN_TYPE,
    CARD_FAR,
    CARD_STRAY,
    CARD_LOST,
    CARD_HIGH_POSITION,
];
const REVIEW_RESCHEDULED: &str = "type=0 and time=0 and ease=0";
const REVIEW_OFF: &str = "typeof(cid)!='integer' or typeof(ivl)!='integer' or typeof(lastIvl)!='integer' \
     or typeof(factor)!='integer' or typeof(time)!='integer' or typeof(ease)!='integer' \
     or ease not between 0 and 255 \
     or ivl not between -2147483648 and 2147483647 \
     or lastIvl not between -2147483648 and 2147483647 \
     or factor not between 0 and 4294967295 or time not between 0 and 2147483647";

fn listed(ids: &[DeckId]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    ids.join(",")
}

/// An expression that is 1 where one of `conditions` holds.
fn any_of(conditions: &[&str]) -> String {
    format!("({})", conditions.join(") or ("))
}

/// What Check Database wants to know of a card before it writes anything.
#[derive(Debug, Clone, Copy)]
pub struct SurveyedCard {
    pub id: i64,
    pub note: NoteId,
    pub ord: u16,
    pub is_new: bool,
    /// As the card has it.
    pub last_review: Option<TimestampSecs>,
    /// Its numbers are not all what they may be.
    pub needs_repair: bool,
}

/// A note as stored, before anything about it is trusted.
#[derive(Debug, Clone)]
pub struct RawNote {
    pub id: NoteId,
    pub notetype_id: NotetypeId,
    pub guid: Vec<u8>,
    pub tags: Vec<u8>,
    pub fields: Vec<u8>,
    pub sort_field: Vec<u8>,
    pub checksum: i64,
    /// A column that should be a text holds binary data, so that the note cannot be read.
    pub is_binary: bool,
}

impl Storage {
    /// Rebuilds every index from its table.
    pub fn reindex(&self) -> Result<()> {
        Ok(self.db.execute_batch("reindex")?)
    }

    /// Statistics for the query planner where those in the file have become wrong, and a smaller
    /// file where much of it is empty. A file that is neither stays as it is: writing 200 MB anew
    /// to save a few pages, or counting what has hardly changed, would help nobody.
    pub fn optimize(&self) -> Result<()> {
        let pages = |name: &str| -> Result<i64> {
            Ok(self
                .db
                .query_row(&format!("pragma {name}"), [], |row| row.get(0))?)
        };
        if pages("freelist_count")? * 10 > pages("page_count")? {
            self.db.execute_batch("vacuum")?;
        }
        if !self.has_good_statistics()? {
            self.db.execute_batch("analyze")?;
        }
        self.checkpoint()?;
        Ok(())
    }

    /// Whether each index of the big tables has statistics that are off by a tenth at most: the
    /// planner asks for the order of magnitude.
    fn has_good_statistics(&self) -> Result<bool> {
        let gathered: bool = self
            .db
            .prepare("select 1 from sqlite_master where name='sqlite_stat1'")?
            .exists([])?;
        if !gathered {
            return Ok(false);
        }
        let counts = self.counts()?;
        let mut statement = self.db.prepare(
            "select stat from sqlite_master m left join sqlite_stat1 s on s.idx=m.name \
             where m.type='index' and m.tbl_name=?1 and m.sql is not null and m.sql not like '%where%'",
        )?;
        for (table, rows) in [
            ("notes", counts.notes),
            ("cards", counts.cards),
            ("revlog", counts.revlog),
        ] {
            let mut indexes = statement.query([table])?;
            while let Some(index) = indexes.next()? {
                let stat: Option<String> = index.get(0)?;
                let known = stat.and_then(|stat| stat.split(' ').next()?.parse::<u64>().ok());
                if known.is_none_or(|known| known.abs_diff(rows) > rows / 10) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Every note in the order of ids.
    pub fn for_each_raw_note(&self, f: impl FnMut(RawNote) -> Result<()>) -> Result<()> {
        self.for_each_raw_note_of(EVERYTHING, f)
    }

    /// Those of some ids, in their order.
    pub fn for_each_raw_note_of(
        &self,
        ids: (i64, i64),
        mut f: impl FnMut(RawNote) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.db.prepare(
            "select id, mid, cast(guid as blob), cast(tags as blob), cast(flds as blob), \
             cast(cast(sfld as text) as blob), cast(csum as integer), \
             typeof(guid)='blob' or typeof(tags)='blob' or typeof(flds)='blob' from notes \
             where id between ?1 and ?2 order by id",
        )?;
        let mut rows = statement.query([ids.0, ids.1])?;
        while let Some(row) = rows.next()? {
            f(RawNote {
                id: NoteId(row.get(0)?),
                // 0 where it is no integer; such a note type is missing.
                notetype_id: NotetypeId(match row.get_ref(1)? {
                    ValueRef::Integer(id) => id,
                    _ => 0,
                }),
                guid: row.get(2)?,
                tags: row.get(3)?,
                fields: row.get(4)?,
                sort_field: row.get(5)?,
                checksum: row.get(6)?,
                is_binary: row.get(7)?,
            })?;
        }
        Ok(())
    }

    /// Note, ordinal and id of every card, by note and ordinal, the older of equals first.
    pub fn card_ordinals(&self) -> Result<Vec<(NoteId, u16, i64)>> {
        let mut statement = self.db.prepare("select nid, ord, id from cards")?;
        let mut all: Vec<(NoteId, u16, i64)> = statement
            .query_map([], |row| {
                let ord: i64 = row.get(1)?;
                Ok((
                    NoteId(row.get(0)?),
                    u16::try_from(ord).unwrap_or(u16::MAX),
                    row.get(2)?,
                ))
            })?
            .collect::<rusqlite::Result<_>>()?;
        all.sort_unstable();
        Ok(all)
    }

    /// Decks that cards are in, or call home while they are in one of `filtered`, and that do not
    /// exist.
    pub fn missing_decks(&self, filtered: &[DeckId]) -> Result<Vec<DeckId>> {
        let mut statement = self.db.prepare(&format!(
            "select did from (select distinct did from cards union select distinct odid from \
             cards where odid != 0 and did in ({})) where did not in (select id from decks) order by 1",
            listed(filtered)
        ))?;
        let ids = statement
            .query_map([], |row| row.get(0).map(DeckId))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(ids)
    }

    /// An id that half of the rows of `table` are below.
    pub fn middle_id(&self, table: &str) -> Result<i64> {
        let sql = format!(
            "select id from {table} order by id limit 1 offset (select count(*) / 2 from {table})"
        );
        let id = self.db.query_row(&sql, [], |row| row.get(0)).optional()?;
        Ok(id.unwrap_or(0))
    }

    /// Looks at the numbers of every card whose note is among `notes`.
    pub fn survey_cards(
        &self,
        notes: (i64, i64),
        mut each: impl FnMut(SurveyedCard),
    ) -> Result<()> {
        let mut statement = self.db.prepare(&format!(
            "select id, nid, ord, type, data, {} from cards where nid between ?1 and ?2",
            any_of(&CARD_CONDITIONS)
        ))?;
        let mut rows = statement.query([notes.0, notes.1])?;
        while let Some(row) = rows.next()? {
            let data = row.get_ref(4)?.as_str().unwrap_or("");
            each(SurveyedCard {
                id: row.get(0)?,
                note: NoteId(integer(row, 1)?),
                ord: u16::try_from(integer(row, 2)?).unwrap_or(u16::MAX),
                is_new: integer(row, 3)? == 0,
                last_review: last_review_of(data),
                needs_repair: row.get(5)?,
            });
        }
        Ok(())
    }

    /// Looks at the rows of the log with these ids: what they say of the last answer of each card,
    /// and whether `Tx::repair_reviews` would find anything.
    pub fn survey_reviews(
        &self,
        ids: (i64, i64),
        progress: &Progress,
    ) -> Result<(LastAnswers, bool)> {
        let mut statement = self.db.prepare(
            "select cid, id, ease, type, factor, time, ivl, lastIvl from revlog \
             where id between ?1 and ?2 order by id",
        )?;
        let mut rows = statement.query([ids.0, ids.1])?;
        let mut last = LastAnswers::default();
        let (mut seen, mut needs_repair) = (0_u64, false);
        while let Some(row) = rows.next()? {
            const KIND: usize = 1;
            let card = row.get_ref(0)?;
            needs_repair |= card.data_type() != Type::Integer;
            // What the conditions of the log say; in SQL they take most of the time of all this.
            let mut numbers = [0; 6];
            for (column, number) in numbers.iter_mut().enumerate() {
                match row.get_ref(column + 2)? {
                    ValueRef::Integer(value) => *number = value,
                    // A kind that is not known stays.
                    _ if column == KIND => *number = -1,
                    _ => needs_repair = true,
                }
            }
            let [ease, kind, factor, time, interval, last_interval] = numbers;
            needs_repair |= u8::try_from(ease).is_err()
                || u32::try_from(factor).is_err()
                || !(0..=i64::from(i32::MAX)).contains(&time)
                || i32::try_from(interval).is_err()
                || i32::try_from(last_interval).is_err()
                || (kind == 0 && time == 0 && ease == 0);
            last.add(
                integer(row, 0)?,
                LastAnswer::of(row.get(1)?, [ease, kind, factor]),
            );
            seen += 1;
            if seen.is_multiple_of(10_000) {
                progress.step(10_000)?;
            }
        }
        Ok((last, needs_repair))
    }

    /// What the log says of the last answer of each card that is in it.
    fn last_answers(&self, progress: &Progress) -> Result<LastAnswers> {
        let mut statement = self
            .db
            .prepare("select cid, id, ease, type, factor from revlog order by id")?;
        let mut rows = statement.query([])?;
        let mut last = LastAnswers::default();
        let mut seen = 0_u64;
        while let Some(row) = rows.next()? {
            let numbers = [integer(row, 2)?, integer(row, 3)?, integer(row, 4)?];
            last.add(integer(row, 0)?, LastAnswer::of(row.get(1)?, numbers));
            seen += 1;
            if seen.is_multiple_of(10_000) {
                progress.step(10_000)?;
            }
        }
        Ok(last)
    }
}

/// What the log says of the last answer of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastAnswer {
    /// It came at this time, in epoch milliseconds.
    At(i64),
    /// The card was reset after it.
    Reset,
    /// There are previews and changes of the schedule alone.
    None,
}

impl LastAnswer {
    /// By the id, and by the ease, kind and factor of a row.
    fn of(id: i64, [ease, kind, factor]: [i64; 3]) -> Self {
        match (ease, kind, factor) {
            (_, 3, 0) => Self::None,
            (1.., ..) => Self::At(id),
            (_, 4, 0) => Self::Reset,
            _ => Self::None,
        }
    }
}

/// What the log says of the last answer of each card that is in it.
#[derive(Debug, Default)]
pub struct LastAnswers(HashMap<i64, LastAnswer>);

impl LastAnswers {
    /// Rows come from the oldest to the newest.
    fn add(&mut self, card: i64, row: LastAnswer) {
        let last = self.0.entry(card).or_insert(row);
        if row != LastAnswer::None {
            *last = row;
        }
    }

    /// Adds what later rows say.
    pub fn extend(&mut self, later: Self) {
        for (card, row) in later.0 {
            self.add(card, row);
        }
    }

    /// What the time of the last review of a card should be when it is `now`. A card that is not
    /// in the log keeps what it has.
    #[must_use]
    pub fn right(&self, card: i64, now: Option<TimestampSecs>) -> Option<TimestampSecs> {
        match self.0.get(&card) {
            Some(LastAnswer::At(millis)) => Some(TimestampSecs(millis.div_euclid(1000))),
            Some(LastAnswer::Reset | LastAnswer::None) => None,
            None => now,
        }
    }
}

impl Tx<'_> {
    /// Numbers of cards that are out of range, of the wrong type or meaningless. Returns how many
    /// were mended, and how many new cards were at positions of a million and more, which old
    /// versions cannot read.
    pub fn repair_card_properties(&mut self, today: u32) -> Result<(usize, usize)> {
        let integers = "due=cast(round(due) as integer), \
             odue=cast(round(odue) as integer), ivl=cast(round(ivl) as integer), \
             factor=cast(round(factor) as integer), mod=cast(mod as integer), \
             ord=case typeof(ord) when 'real' then cast(ord as integer) else ord end, usn=-1";
        let ranges = "due=min(max(due, -2147483648), 2147483647), odue=min(max(odue, -2147483648), 2147483647), \
             ivl=min(max(ivl, 0), 2147483647), \
             factor=case when factor between 0 and 65535 then factor else 2500 end, \
             reps=min(max(cast(reps as integer), 0), 4294967295), \
             lapses=min(max(cast(lapses as integer), 0), 4294967295), \
             left=min(max(cast(left as integer), 0), 4294967295), ord=min(max(ord, 0), 30000), \
             flags=case when flags between 0 and 255 then flags else 0 end, mod=?1, usn=-1";
        let types = "type=case when type between 0 and 3 then type when ivl>0 then 2 else 0 end, \
             queue=case when queue between -3 and 4 then queue else -1 end, mod=?1, usn=-1";
        let now = self.now_secs().0;
        let today = i64::from(today);
        let mut mended = self.mend("cards", integers, CARD_FRACTION, &[])?;
        mended += self.mend("cards", "due=?2, mod=?1, usn=-1", CARD_FAR, &[now, today])?;
        mended += self.mend("cards", "odue=0, mod=?1, usn=-1", CARD_STRAY, &[now])?;
        let position = "due=1000000+due%1000000, mod=?1, usn=-1";
        let positions = self.mend("cards", position, CARD_HIGH_POSITION, &[now])?;
        mended += self.mend("cards", ranges, CARD_OUT_OF_RANGE, &[now])?;
        mended += self.mend("cards", types, CARD_UNKNOWN_TYPE, &[now])?;
        mended += self.mend("cards", "did=1, mod=?1, usn=-1", CARD_LOST, &[now])?;
        Ok((mended, positions))
    }

    /// Cards outside filtered decks that still name a home deck. Anki writes such a card whole,
    /// so that what it cannot read of the data goes.
    pub fn repair_homes(&mut self, filtered: &[DeckId]) -> Result<usize> {
        let at_home: Vec<Card> = {
            let mut statement = self.db.prepare(&format!(
                "select {CARD_COLUMNS} from cards where odid!=0 and did not in ({})",
                listed(filtered)
            ))?;
            statement
                .query_map([], card_from_row)?
                .collect::<rusqlite::Result<_>>()?
        };
        for card in &at_home {
            let now = self.now_secs().0;
            self.run(
                "update cards set odid=0, odue=0, data=?1, mod=?2, usn=-1 where id=?3",
                rusqlite::params![card_data_of(card), now, card.id.0],
            )?;
        }
        Ok(at_home.len())
    }

    /// Cards without a note; there is nothing to show on them.
    pub fn delete_orphan_cards(&mut self) -> Result<usize> {
        self.run(
            "delete from cards where nid not in (select id from notes)",
            [],
        )
    }

    /// One card, without a grave: such repairs force a one-way sync.
    pub fn delete_broken_card(&mut self, id: i64) -> Result<usize> {
        self.run("delete from cards where id=?1", [id])
    }

    /// The time of the last review of every card that is not new, taken from the log: a card that
    /// was reset, or never answered, has none.
    pub fn repair_last_reviews(&mut self, progress: &Progress) -> Result<usize> {
        let last = self.last_answers(progress)?;
        let wrong: Vec<Card> = {
            let mut statement = self
                .db
                .prepare(&format!("select {CARD_COLUMNS} from cards where type!=0"))?;
            let mut rows = statement.query([])?;
            let mut wrong = Vec::new();
            while let Some(row) = rows.next()? {
                let id: i64 = row.get(0)?;
                if !last.0.contains_key(&id) {
                    continue;
                }
                let mut card = card_from_row(row)?;
                let right = last.right(id, card.last_review);
                if card.last_review != right {
                    card.last_review = right;
                    wrong.push(card);
                }
            }
            wrong
        };
        for card in &wrong {
            let data = card_data_of(card);
            self.db
                .prepare_cached("update cards set data=?, mod=?, usn=-1 where id=?")?
                .execute(rusqlite::params![data, self.now_secs().0, card.id.0])?;
        }
        if !wrong.is_empty() {
            self.mark_untracked();
        }
        Ok(wrong.len())
    }

    /// Log rows that nothing can have written on purpose. Those without button and time that
    /// call themselves learning were rescheduled by add-ons.
    pub fn repair_reviews(&mut self) -> Result<usize> {
        // Numbers first: what they become may be the mark of a card that was rescheduled.
        let numbers = "ease=case when cast(ease as integer) between 0 and 255 then cast(ease as integer) \
             when cast(ease as integer) > 255 then 4 else 0 end, \
             ivl=min(max(cast(round(ivl) as integer), -2147483648), 2147483647), \
             lastIvl=min(max(cast(round(lastIvl) as integer), -2147483648), 2147483647), \
             factor=min(max(cast(factor as integer), 0), 4294967295), cid=cast(cid as integer), \
             time=min(max(cast(round(time) as integer), 0), 2147483647), usn=-1";
        let mended = self.mend("revlog", numbers, REVIEW_OFF, &[])?;
        Ok(mended + self.mend("revlog", "type=5, usn=-1", REVIEW_RESCHEDULED, &[])?)
    }

    /// Gives notes, cards and log rows from the future new ids, and follows them everywhere.
    pub fn repair_future_ids(&mut self) -> Result<usize> {
        let mut mended = 0;
        for (table, references) in [
            (
                "notes",
                &["update cards set nid=?1, usn=-1 where nid=?2"][..],
            ),
            (
                "cards",
                &["update revlog set cid=?1, usn=-1 where cid=?2"][..],
            ),
            ("revlog", &[][..]),
        ] {
            let limit = self.now().0 + FUTURE_MILLIS;
            let future: Vec<i64> = {
                let mut statement = self
                    .db
                    .prepare(&format!("select id from {table} where id>? order by id"))?;
                statement
                    .query_map([limit], |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()?
            };
            if future.is_empty() {
                continue;
            }
            let greatest: i64 = self.db.query_row(
                &format!("select coalesce(max(id), 0) from {table} where id<=?"),
                [limit],
                |row| row.get(0),
            )?;
            let first = self.now().0.max(greatest + 1);
            for (new, old) in (first..).zip(future) {
                self.run(
                    &format!("update {table} set id=?1, usn=-1 where id=?2"),
                    [new, old],
                )?;
                for sql in references {
                    self.run(sql, [new, old])?;
                }
                mended += 1;
            }
        }
        Ok(mended)
    }

    /// Makes what is in the columns that a note is read by text in UTF-8.
    pub fn replace_note_text(&mut self, note: &RawNote) -> Result<()> {
        let [guid, tags, fields, sort_field] =
            [&note.guid, &note.tags, &note.fields, &note.sort_field]
                .map(|bytes| String::from_utf8_lossy(bytes));
        self.db
            .prepare_cached(
                "update notes set guid=?, tags=?, flds=?, sfld=?, mod=?, usn=-1 where id=?",
            )?
            .execute(rusqlite::params![
                guid,
                tags,
                fields,
                sort_field,
                self.now_secs().0,
                note.id.0
            ])?;
        self.mark_untracked();
        Ok(())
    }

    /// Fields whose settings cannot be decoded get `new` ones: what they are called is kept elsewhere.
    pub fn repair_field_settings(&mut self, new: impl Fn() -> FieldConfig) -> Result<usize> {
        let all: Vec<(i64, i64, Vec<u8>)> = {
            let mut statement = self.db.prepare("select ntid, ord, config from fields")?;
            statement
                .query_map([], |row| {
                    Ok((integer(row, 0)?, integer(row, 1)?, bytes(row, 2)?))
                })?
                .collect::<rusqlite::Result<_>>()?
        };
        let mut mended = 0;
        for (notetype, ord, settings) in all {
            if field_from_wire(&settings).is_err() {
                mended += self.run(
                    "update fields set config=?1 where ntid=?2 and ord=?3",
                    rusqlite::params![field_to_wire(&new()), notetype, ord],
                )?;
                let now = self.now_secs().0;
                self.run(
                    "update notetypes set mtime_secs=?1, usn=-1 where id=?2",
                    [now, notetype],
                )?;
            }
        }
        Ok(mended)
    }

    /// Gives the notes of a note type that is gone another one; as in Anki, their times stay.
    pub fn move_notes(&mut self, from: NotetypeId, to: NotetypeId) -> Result<()> {
        self.run(
            "update notes set mid=?2 where mid=?1 or (?1=0 and typeof(mid)!='integer')",
            [from.0, to.0],
        )?;
        Ok(())
    }

    /// Sort field and checksum, which are worked out anew: not a change that others must know.
    pub fn refresh_note_columns(
        &mut self,
        id: NoteId,
        sort_field: &str,
        checksum: u32,
    ) -> Result<()> {
        self.db
            .prepare_cached("update notes set sfld=?, csum=? where id=?")?
            .execute(rusqlite::params![sort_field, checksum, id.0])?;
        self.mark_untracked();
        Ok(())
    }

    /// Makes the list of tags what the notes use, keeping what was collapsed. Returns whether
    /// anything differed.
    pub fn rebuild_tag_list(&mut self, used: &[String]) -> Result<bool> {
        let registered = self.tags()?;
        let wanted: HashSet<&str> = used.iter().map(String::as_str).collect();
        let mut changed = false;
        for tag in &registered {
            if !wanted.contains(tag.as_str()) {
                self.run_text(
                    "delete from tags where tag=?1 and cast(tag as blob)=cast(?1 as blob)",
                    tag,
                )?;
                changed = true;
            }
        }
        let before: HashSet<&str> = registered.iter().map(String::as_str).collect();
        for tag in used.iter().filter(|tag| !before.contains(tag.as_str())) {
            self.run_text("insert or ignore into tags values (?1, -1, 1, null)", tag)?;
            changed = true;
        }
        Ok(changed)
    }

    /// The position that the next new card gets: behind all others.
    pub fn refresh_next_position(&mut self) -> Result<()> {
        self.keep_next_position()?;
        let last: Option<i64> = self.db.query_row(
            "select max(due) from cards where type=0 and queue!=4",
            [],
            |row| row.get(0),
        )?;
        if let Some(last) = last {
            let next = last.saturating_add(1).clamp(1, u32::MAX.into());
            self.set_config_untracked("nextPos", &next)?;
        }
        Ok(())
    }

    fn mend(&mut self, table: &str, set: &str, condition: &str, params: &[i64]) -> Result<usize> {
        self.run(
            &format!("update {table} set {set} where {condition}"),
            rusqlite::params_from_iter(params),
        )
    }

    fn run<P: rusqlite::Params>(&mut self, sql: &str, params: P) -> Result<usize> {
        let changed = self.db.prepare_cached(sql)?.execute(params)?;
        if changed > 0 {
            self.mark_untracked();
        }
        Ok(changed)
    }

    fn run_text(&mut self, sql: &str, text: &str) -> Result<usize> {
        self.run(sql, [text])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Clock;

    #[test]
    fn counts_of_cards_that_are_no_numbers_begin_anew() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(crate::base::time::TimestampMillis(1_700_000_000_000), 0);
        let mut storage = Storage::create(&folder.path().join("c.anki2"), &clock).unwrap();
        let sql = "insert into cards values (1, 1, 1, 0, 5, -1, 2, 2, 3, 4, 2500, 'x', x'00', 'y', \
                   0, 0, 0, '')";
        storage.db.execute_batch(sql).unwrap();
        let ((mended, _), _) = storage
            .tx(clock.now(), |tx| tx.repair_card_properties(0))
            .unwrap();
        let counts: (i64, i64, i64) = storage
            .db
            .query_row("select reps, lapses, left from cards", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .unwrap();
        assert_eq!((mended, counts), (1, (0, 0, 0)));
    }

    #[test]
    fn the_survey_of_reviews_sees_what_their_repair_would() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(crate::base::time::TimestampMillis(1_700_000_000_000), 0);
        let mut storage = Storage::create(&folder.path().join("c.anki2"), &clock).unwrap();
        let values = [
            "0",
            "1",
            "3",
            "5",
            "6",
            "-1",
            "2.5",
            "'x'",
            "x'00'",
            "2147483647",
            "2147483648",
            "-2147483648",
            "-2147483649",
            "4294967295",
            "4294967296",
        ];
        let mut wrong = 0;
        for column in ["cid", "ease", "type", "factor", "time", "ivl", "lastIvl"] {
            for value in values {
                let sql = format!(
                    "delete from revlog; insert into revlog values (5, 1, -1, 2, 3, 4, 2500, 9, 1); \
                     insert into revlog values (7, 1, -1, 0, 3, 4, 0, 0, 1); \
                     update revlog set {column}={value}"
                );
                storage.db.execute_batch(&sql).unwrap();
                let (_, seen) = storage
                    .survey_reviews(EVERYTHING, &Progress::new())
                    .unwrap();
                let (mended, _) = storage.tx(clock.now(), |tx| tx.repair_reviews()).unwrap();
                assert_eq!(seen, mended > 0, "{column}={value}");
                let (again, _) = storage.tx(clock.now(), |tx| tx.repair_reviews()).unwrap();
                assert_eq!(again, 0, "{column}={value}: a second time");
                wrong += usize::from(seen);
            }
        }
        assert!((30..80).contains(&wrong), "{wrong}");
    }
}
