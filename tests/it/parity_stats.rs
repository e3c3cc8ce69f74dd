//! The numbers of the statistics screen and of card info, and the texts of intervals, equal those
//! of the real Anki on the same collection at the same moment. `ENGRAM_FUZZ=100..200` tries more of
//! the odd collections.

use super::{clocked, oracle};
use engram::base::ids::CardId;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::domain::card_info::PastAnswer;
use engram::domain::revlog::RevlogKind;
use engram::domain::timespan;
use engram::scheduler::text;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::process::Command;

const SCRIPT: &str = concat!(
    include_str!("oracle/stats_odd.py"),
    include_str!("oracle/stats.py")
);

/// Notes each number that differs; what one side leaves out is 0. Floats may differ in the last
/// digits that 32 bits hold.
fn compare(path: &str, ours: &Value, theirs: &Value, wrong: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(_), _) | (_, Value::Object(_)) => {
            let none = Map::new();
            let (a, b) = (
                ours.as_object().unwrap_or(&none),
                theirs.as_object().unwrap_or(&none),
            );
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let of = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or(Value::Null);
                compare(&format!("{path}/{key}"), &of(a), &of(b), wrong);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            if a.len() != b.len() {
                wrong.push(format!("{path}: {} and {} entries", a.len(), b.len()));
            }
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}/{i}"), a, b, wrong);
            }
        }
        _ => {
            let number = |v: &Value| match v {
                // 64-bit numbers are texts in the JSON of protobuf.
                Value::String(text) => text.parse().ok(),
                Value::Null => Some(0.0),
                Value::Bool(yes) => Some(f64::from(u8::from(*yes))),
                other => other.as_f64(),
            };
            let same = match (number(ours), number(theirs)) {
                (Some(a), Some(b)) => (a - b).abs() <= 2e-5 * b.abs().max(1.0),
                _ => ours == theirs,
            };
            if !same {
                wrong.push(format!("{path}: ours {ours}, Anki's {theirs}"));
            }
        }
    }
}

fn open(path: &Path) -> Collection {
    open_in_zone(path, clocked::OFFSET_WEST)
}

fn open_in_zone(path: &Path, mins_west: i32) -> Collection {
    let clock = Clock::fixed(TimestampMillis(0), mins_west);
    Collection::open(path, clock).unwrap()
}

/// Compares every graph that the script asked for, and every card's info.
fn statistics_agree(folder: &Path, theirs: &Value, context: &str) -> Vec<String> {
    let path = folder.join("copy.anki2");
    let asked = theirs["asked"].as_array().unwrap();
    assert!(!asked.is_empty());
    let mut wrong = vec![];
    // The clocks may have changed between one moment and the next.
    for entries in asked.chunk_by(|a, b| a["west"] == b["west"]) {
        let west = i32::try_from(entries[0]["west"].as_i64().unwrap()).unwrap();
        let mut col = open_in_zone(&path, west);
        graphs_agree(&mut col, entries, context, &mut wrong);
        if entries[0] == asked[0] {
            infos_agree(&mut col, theirs, context, &mut wrong);
        }
        col.close().unwrap();
    }
    wrong
}

fn none_wrong(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} differences, the first:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(30)].join("\n")
    );
}

fn graphs_agree(col: &mut Collection, asked: &[Value], context: &str, wrong: &mut Vec<String>) {
    for entry in asked {
        let at = entry["at"].as_i64().unwrap();
        let (search, days) = (entry["search"].as_str().unwrap(), &entry["days"]);
        col.clock().set(TimestampMillis(at));
        let graphs = col
            .graphs(search, u32::try_from(days.as_u64().unwrap()).unwrap())
            .unwrap();
        let mut ours = serde_json::to_value(&graphs).unwrap();
        // Ours alone.
        for extra in ["cards", "notes"] {
            ours.as_object_mut().unwrap().remove(extra);
        }
        let name = format!("{context}, “{search}”, {days} days, at {at}");
        compare(&name, &ours, &entry["graphs"], wrong);
    }
}

fn agree(variant: &str) {
    let folder = tempfile::tempdir().unwrap();
    let Some(theirs) = clocked::run(SCRIPT, [folder.path().to_str().unwrap(), variant]) else {
        return;
    };
    assert!(theirs["infos"].as_object().unwrap().len() > 200);
    none_wrong(&statistics_agree(folder.path(), &theirs, variant));
}

#[test]
fn graphs_and_card_info_equal_ankis_sm2() {
    agree("sm2");
}

#[test]
fn graphs_and_card_info_equal_ankis_fsrs() {
    agree("fsrs");
}

#[test]
fn statistics_of_a_generated_collection_equal_ankis() {
    let (Some(shared), Some(python)) = (oracle::shared(), oracle::python()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new(python)
        .arg(shared.join("peer/gen.py"))
        .args([
            "--size",
            "S",
            "--media-files",
            "0",
            "--media-mb",
            "0",
            "--out",
        ])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let now = Clock::System.now().0.to_string();
    let arguments = [folder.path().to_str().unwrap(), "S", &now, "deck:Languages"];
    let Some(theirs) = clocked::run(SCRIPT, arguments) else {
        return;
    };
    assert!(theirs["infos"].as_object().unwrap().len() > 200);
    none_wrong(&statistics_agree(folder.path(), &theirs, "S"));
}

#[test]
fn statistics_of_odd_collections_equal_ankis() {
    let mut wrong = vec![];
    // One without cards, and those that once differed.
    let seeds = oracle::fuzz_seeds().map_or(vec![1, 9, 24, 27, 29], Iterator::collect);
    for seed in seeds {
        let folder = tempfile::tempdir().unwrap();
        let seed = seed.to_string();
        let arguments = [folder.path().to_str().unwrap(), &seed];
        let Some(theirs) = clocked::run(SCRIPT, arguments) else {
            return;
        };
        let found = statistics_agree(folder.path(), &theirs, &format!("seed {seed}"));
        wrong.extend(found.into_iter().take(8));
    }
    none_wrong(&wrong);
}

#[test]
fn odd_rows_never_stop_statistics() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collection.anki2");
    let mut col = open(&path);
    col.clock().set(TimestampMillis(1_741_608_000_123));
    let empty = col.graphs("", 0).unwrap();
    assert_eq!((empty.cards, empty.today.answer_count), (0, 0));
    assert_eq!(col.graphs("is:due", 365).unwrap().cards, 0);
    assert!(col.graphs("deck:(", 0).is_err());
    assert!(col.card_info(CardId(1)).is_err(), "there is no such card");
    col.close().unwrap();
    // What broken add-ons left: texts, real numbers, nothing, numbers beyond all bounds.
    let script = "
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
odd = [None, 'x', 1.5, -1, 2**63 - 1, -2**63, b'x']
for i, v in enumerate(odd):
    db.execute('insert into revlog values (?,?,0,?,?,?,?,?,?)', (1741600000000 + i, v or 0, v or 0, v or 0, v or 0, v or 0, v or 0, v or 0))
    db.execute('insert into cards values (?,1,1,0,0,0,?,?,?,?,?,0,0,0,?,?,0,?)', (i + 1, v or 0, v or 0, v or 0, v or 0, v or 0, v or 0, v or 0, v or ''))
for at in (-2**63, 2**63 - 1, 0):
    db.execute('insert into revlog values (?,1,0,3,1,1,2500,1000,1)', (at,))
db.commit()
";
    if oracle::run(script, [&path]).is_none() {
        return;
    }
    let mut col = open(&path);
    col.clock().set(TimestampMillis(1_741_608_000_123));
    let graphs = col.graphs("", 0).unwrap();
    assert_eq!(graphs.cards, 7);
    assert!(graphs.true_retention.all_time.mature_failed == 0);
    assert_eq!(col.graphs("deck:*", 31).unwrap().cards, 7);
}

/// Card info as the script has it.
fn info_json(info: &engram::domain::card_info::CardInfo) -> Value {
    let memory = |m: Option<engram::domain::card::FsrsMemory>| {
        m.map(|m| json!({"stability": m.stability, "difficulty": m.difficulty}))
    };
    let log: Vec<Value> = info
        .log
        .iter()
        .map(|row| {
            json!({
                "time": row.at.secs().0,
                "review_kind": row.kind as u8,
                "button_chosen": row.button,
                // Anki's end after 68 years.
                "interval": row.interval.min(i32::MAX.unsigned_abs()),
                "last_interval": row.last_interval.min(i32::MAX.unsigned_abs()),
                "ease": row.ease,
                "taken_secs": row.taken_secs,
                "memory_state": memory(row.memory),
            })
        })
        .collect();
    json!({
        "revlog": log,
        "card_id": info.card.0,
        "note_id": info.note.0,
        "deck": info.deck,
        "added": info.added.0,
        "first_review": info.first_review.map(|at| at.0),
        "latest_review": info.latest_review.map(|at| at.0),
        "due_date": info.due.map(|at| at.0),
        "due_position": info.position,
        "interval": info.interval,
        "ease": info.ease,
        "reviews": info.reviews,
        "lapses": info.lapses,
        "average_secs": info.average_secs,
        "total_secs": info.total_secs,
        "card_type": info.card_type,
        "notetype": info.notetype,
        "memory_state": memory(info.memory),
        "fsrs_retrievability": info.retrievability,
        "custom_data": info.custom_data,
        "preset": info.preset.clone().unwrap_or_default(),
        "original_deck": info.original_deck,
        "desired_retention": info.desired_retention,
        "fsrs_params": info.fsrs_params,
    })
}

/// Whether studying can have written the row. What memory follows from other rows is not compared.
fn is_possible(row: &PastAnswer, now: i64) -> bool {
    let by_hand = matches!(row.kind, RevlogKind::Manual | RevlogKind::Rescheduled);
    row.at.0 < now && row.button <= 4 && by_hand == (row.button == 0)
}

fn forget_memory(info: &mut Value) {
    for row in info["revlog"].as_array_mut().unwrap() {
        row["memory_state"] = Value::Null;
    }
    info["memory_state"] = Value::Null;
    info["fsrs_retrievability"] = Value::Null;
}

fn infos_agree(col: &mut Collection, theirs: &Value, context: &str, wrong: &mut Vec<String>) {
    let infos = theirs["infos"].as_object().unwrap();
    let moment = theirs["moment"].as_i64().unwrap();
    col.clock().set(TimestampMillis(moment));
    for (id, theirs) in infos {
        let info = col.card_info(CardId(id.parse().unwrap())).unwrap();
        let (mut ours, mut theirs) = (info_json(&info), theirs.clone());
        if !info.log.iter().all(|row| is_possible(row, moment)) {
            forget_memory(&mut ours);
            forget_memory(&mut theirs);
        }
        compare(&format!("{context} card {id}"), &ours, &theirs, wrong);
    }
}

#[test]
fn spans_of_time_read_as_ankis() {
    const SCRIPT: &str = "
col = Collection(os.path.join(sys.argv[1], 'c.anki2'))
spans = [0, 0.4, 0.5, 1, 1.4, 1.5, 10, 10.49, 59, 59.4, 59.9, 60, 61, 89, 90, 330, 3569, 3599, 3600, 3660, 5400, 86399]
spans += [86400 * d for d in [1, 1.2, 1.55, 2, 29, 30, 30.4, 30.5, 31, 45, 100, 125, 360, 364.9, 365, 366, 400, 500, 3650, 36500]]
today = lambda s: col._backend.studied_today_message(cards=1, seconds=s).translate(ISOLATES).split()
out = [[s] + [col.format_timespan(s, context=c).translate(ISOLATES) for c in (0, 1, 2)] + [' '.join(today(s)[4:6])] for s in spans]
col.close()
print(json.dumps(out))
";
    let folder = tempfile::tempdir().unwrap();
    let Some(theirs) = clocked::run(SCRIPT, [folder.path()]) else {
        return;
    };
    let spans = theirs.as_array().unwrap();
    assert!(spans.len() > 40);
    for row in spans {
        let secs = row[0].as_f64().unwrap();
        assert_eq!(timespan::precise(secs), row[1], "{secs}");
        assert_eq!(text::interval(secs as f32), row[2], "{secs}");
        assert_eq!(timespan::long(secs), row[3], "{secs}");
        assert_eq!(timespan::of_today(secs), row[4], "{secs}");
    }
}
