//! Check Database on collections that are damaged at random: what it leaves equals what the real
//! Anki's check leaves, row by row, and Anki's check finds nothing more in it.

use crate::{oracle, parity_bulk::difference};
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;
use std::path::PathBuf;

const SCRIPT: &str = include_str!("oracle/check_mixed.py");
/// Damaged collections a seed.
const COLLECTIONS: usize = 20;

/// Columns that are damaged, the number of rows, and values that each could be found with. What
/// Anki itself cannot read and leaves as it is, we mend; that is not here.
const COLUMNS: &[(&str, &[&str])] = &[
    (
        "cards did 18",
        &["0", "1", "555", "<decks 1>", "<decks 4>", "-3"],
    ),
    ("cards ord 18", &["0", "1", "2", "7", "499", "500"]),
    ("cards type 18", &["0", "1", "2", "3"]),
    (
        "cards queue 18",
        &["0", "1", "2", "3", "4", "-1", "-2", "-3"],
    ),
    (
        "cards due 18",
        &[
            "0",
            "-5",
            "5",
            "999999",
            "1000000",
            "2000005",
            "200000",
            "1795000000",
            "5000000000",
            "-5000000000",
            "2.5",
            "-100000",
        ],
    ),
    (
        "cards ivl 18",
        &["0", "-5", "3", "40000", "5000000000", "2.5"],
    ),
    ("cards factor 18", &["0", "1300", "65535"]),
    ("cards reps 18", &["0", "7"]),
    ("cards lapses 18", &["0", "7"]),
    ("cards left 18", &["0", "1001"]),
    ("cards odue 18", &["0", "5", "-5", "5000000000", "2.5"]),
    // A home that is gone is made again here, not by Anki.
    ("cards odid 18", &["0", "1", "<decks 1>", "<decks 4>"]),
    ("cards flags 18", &["0", "3", "8", "15", "-1"]),
    (
        "cards data 18",
        &[
            "''",
            "'{}'",
            "'{'",
            "'{\"pos\":5}'",
            "'{\"lrt\":3}'",
            "'{\"s\":1.5,\"d\":3.5}'",
        ],
    ),
    (
        "notes mid 8",
        &[
            "0",
            "77",
            "78",
            "<notetypes 0>",
            "<notetypes 4>",
            "<notetypes 5>",
        ],
    ),
    (
        "notes flds 8",
        &[
            "'a'",
            "''",
            "'a'||char(31)||'b'||char(31)||'c'",
            "'a'||char(31)||'b'||char(31)||'c'||char(31)||'d'",
            "'{{c2::q}}'||char(31)||'w'",
            "cast(x'61ff1f62' as text)",
            "char(31)",
            "'e'||char(769)||char(31)||'x'",
            "'a'||char(7)||char(10)||char(31)||char(8486)",
        ],
    ),
    ("notes sfld 8", &["'zzz'", "5", "''"]),
    ("notes csum 8", &["0", "5", "5000000000"]),
    (
        "notes tags 8",
        &[
            "''",
            "' b  a a '",
            "'x'",
            "' A a '",
            "' y::z Y '",
            "cast(x'2061ff20' as text)",
            "' A'||char(160)||'b '",
            "' a'||char(160)||'B c'||char(9)||'d '",
            "' q::  '",
        ],
    ),
    ("notes flags 8", &["0", "7"]),
    ("notes data 8", &["''", "'x'"]),
    ("revlog ease 21", &["0", "4", "9", "-1", "2.5"]),
    ("revlog ivl 21", &["0", "1.5", "-600", "5000000000"]),
    ("revlog lastIvl 21", &["0", "1.5", "5000000000"]),
    ("revlog factor 21", &["0", "-1", "70000", "1.5"]),
    ("revlog time 21", &["0", "-1", "5000000000", "1.5"]),
    ("revlog type 21", &["0", "2", "5", "9"]),
    ("revlog cid 21", &["5", "<cards 2>", "<cards 9>"]),
];

const OTHERS: &[&str] = &[
    "delete from notes where id=<notes 0>",
    "delete from notes where id in (<notes 1>, <notes 2>)",
    "delete from cards where nid=<notes 3>",
    "delete from cards where id in (<cards 0>, <cards 5>)",
    "delete from decks",
    "delete from decks where id=<decks 1>",
    "delete from decks where id=<decks 4>",
    "delete from decks where name='A'",
    "delete from revlog",
    "delete from tags",
    "insert or ignore into tags values('unused',5,0,null)",
    "insert or ignore into tags values('X',5,1,null)",
    "insert into decks select 99,'a'||char(31)||'b'||char(31)||'c',0,0,common,kind from decks where id=1",
    "insert into decks select 98,'F'||char(31)||'under',0,0,common,kind from decks where id=1",
    "delete from notetypes where id=<notetypes 1>",
    "delete from templates where ntid=<notetypes 1> and ord=1",
    "delete from fields where ntid=<notetypes 0> and ord=1",
    "update cards set nid=5 where id=<cards 3>",
    "update cards set did=<decks 4>, odid=0 where id=<cards 6>",
    "update cards set odid=1, odue=5 where id=<cards 1>",
    "update cards set type=2, queue=2, due=5, ivl=3, data='{}' where id=<cards 7>",
    "update cards set type=2, queue=2, ivl=3, due=200000 where id=<cards 8>",
    "update notes set guid='' where id=<notes 4>",
    "delete from config where KEY='nextPos'",
    "update config set val='5' where KEY='nextPos'",
];

fn damage(random: &mut StdRng) -> Vec<String> {
    let count = random.random_range(1..6);
    (0..count)
        .map(|_| {
            if random.random_bool(0.25) {
                return OTHERS[random.random_range(0..OTHERS.len())].to_owned();
            }
            let (column, values) = COLUMNS[random.random_range(0..COLUMNS.len())];
            let value = values[random.random_range(0..values.len())];
            let mut words = column.split(' ');
            let mut word = || words.next().unwrap();
            let (table, column, rows): (_, _, usize) = (word(), word(), word().parse().unwrap());
            let row = random.random_range(0..rows.min(13));
            format!("update {table} set {column}={value} where id=<{table} {row}>")
        })
        .collect()
}

#[test]
fn mixed_damage_is_mended_as_anki_mends_it() {
    let mut wrong = String::new();
    for seed in oracle::fuzz_seeds().unwrap_or(0..1) {
        let random = &mut StdRng::seed_from_u64(seed);
        let damages: Vec<Vec<String>> = (0..COLLECTIONS).map(|_| damage(random)).collect();
        let Some(found) = compare(&damages) else {
            return;
        };
        wrong += &found;
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_card_that_is_at_home_has_its_data_written_anew() {
    let at_home = "update cards set odid=1, odue=5, data=";
    let damages: Vec<Vec<String>> = [
        "''",
        "'{'",
        "'[]'",
        "'{ \"pos\" : 5, \"x\":1}'",
        "'{\"pos\":5.5,\"s\":2}'",
        "'{\"s\":1.23456789,\"d\":3.123456789,\"dr\":0.9123456}'",
    ]
    .iter()
    .map(|data| vec![format!("{at_home}{data} where id=<cards 0>")])
    .chain([vec![
        "delete from decks where id=<decks 4>".to_owned(),
        "update cards set data='{' where id=<cards 9>".to_owned(),
    ]])
    .collect();
    let wrong = compare(&damages).unwrap_or_default();
    assert!(wrong.is_empty(), "{wrong}");
}

fn compare(damages: &[Vec<String>]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("damages.json");
    std::fs::write(&list, serde_json::to_string(damages).unwrap()).unwrap();
    let said = oracle::run(
        SCRIPT,
        ["make".as_ref(), folder.path().as_os_str(), list.as_os_str()],
    )?;
    let said: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    let file = |name: String| folder.path().join(name + ".anki2");
    let mut wrong = String::new();
    let mut compared: Vec<(usize, PathBuf, PathBuf)> = Vec::new();
    for (n, damage) in damages.iter().enumerate() {
        let ours = file(n.to_string());
        let checked = Collection::open(&ours, Clock::System).and_then(|mut col| {
            let looked = col.find_problems(&Progress::new())?;
            let found = col.check_database(&Progress::new())?;
            assert_eq!(looked, found, "{damage:?}");
            col.close()?;
            let twice = file(format!("twice-{n}"));
            std::fs::copy(&ours, &twice)?;
            let mut col = Collection::open(&twice, Clock::System)?;
            let again = col.check_database(&Progress::new())?;
            assert_eq!(again, [], "{damage:?}: a second time");
            col.close()
        });
        let told = said[n]["problems"].as_str();
        match (checked, told.is_some_and(|told| told.contains("rebuilt"))) {
            (Ok(_), true) => compared.push((n, ours, file(format!("theirs-{n}")))),
            (Err(error), true) => wrong += &format!("{damage:?}: refused: {error}\n"),
            // What it cannot mend, we may.
            (_, false) => {}
        }
    }
    let mut args = vec![std::ffi::OsString::from("dump")];
    for (_, ours, theirs) in &compared {
        args.extend([ours.into(), theirs.into()]);
    }
    let dumps = oracle::run(SCRIPT, args)?;
    let dumps: Vec<Value> = serde_json::from_str(dumps.lines().last().unwrap()).unwrap();
    for ((n, _, _), pair) in compared.iter().zip(dumps.chunks(2)) {
        let mut found = String::new();
        for (table, theirs) in pair[1].as_object().unwrap() {
            found += &difference(table, &pair[0][table], theirs);
        }
        if !found.is_empty() {
            wrong += &format!("{:?}: Anki said {}\n{found}", damages[*n], said[*n]);
        }
    }
    Some(wrong)
}
