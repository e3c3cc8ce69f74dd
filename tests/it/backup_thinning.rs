//! Thinning equal to the real Anki's: the same folders of file names, the same rules, the same
//! names left. Our own rules on top (pins, the newest verified one) are tested where they are.

use crate::oracle;
use engram::backup::entry::Rules;
use engram::backup::name;
use engram::backup::retention::{Candidate, State, judge};
use engram::base::time::Clock;
use jiff::ToSpan as _;
use jiff::civil::Date;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const HISTORIES: usize = 1000;

/// Fills a folder with empty files of these names, lets Anki make a backup and thin, and says
/// which of the names are left and what day Anki took for today.
const SCRIPT: &str = r#"
import datetime, json, os, shutil, sys, tempfile
from concurrent.futures import ThreadPoolExecutor
from anki.collection import Collection

def thin(histories):
    # Memory, where there is such a folder: the disk has nothing to do with it.
    folder = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    col = Collection(os.path.join(folder, "collection.anki2"))
    left = []
    for i, history in enumerate(histories):
        backups = os.path.join(folder, "b")
        os.mkdir(backups)
        for name in history["names"]:
            open(os.path.join(backups, name), "w").close()
        rules = history["rules"]
        col.set_config("backups", {k: rules[k] for k in ("daily", "weekly", "monthly", "minimum_interval_mins")})
        col.set_config("history", i)  # without a change there would be no backup
        assert col.create_backup(backup_folder=backups, force=True, wait_for_completion=True)
        left.append([n for n in history["names"] if os.path.exists(os.path.join(backups, n))])
        shutil.rmtree(backups)
    col.close()
    shutil.rmtree(folder)
    return left

histories = json.load(open(sys.argv[1]))
before = datetime.date.today()
# Each backup is mostly waiting.
parts = [histories[i:i + 50] for i in range(0, len(histories), 50)]
with ThreadPoolExecutor(20) as pool:
    left = [one for part in pool.map(thin, parts) for one in part]
assert before == datetime.date.today(), "midnight"
json.dump({"today": str(before), "left": left}, open(sys.argv[2], "w"))
"#;

#[derive(Serialize)]
struct History {
    names: Vec<String>,
    rules: Rules,
}

#[derive(Deserialize)]
struct Answer {
    today: String,
    left: Vec<Vec<String>>,
}

/// Backups over days, sometimes several a day, with gaps; limits around what there is.
fn history(random: &mut StdRng, today: Date) -> History {
    let mut names = BTreeSet::new();
    let mut day = today - i64::from(random.random_range(0..4)).days();
    let gaps = random.random_range(1..40);
    for _ in 0..random.random_range(0..120) {
        for _ in 0..random.random_range(1..4) {
            let time = day.at(
                random.random_range(0..24),
                random.random_range(0..60),
                random.random_range(0..60),
                0,
            );
            names.insert(name::for_time(time));
        }
        day -= i64::from(random.random_range(1..=gaps)).days();
    }
    let mut limit = |most: u32| {
        if random.random_ratio(1, 5) {
            0
        } else {
            random.random_range(0..most)
        }
    };
    let rules = Rules {
        daily: limit(15),
        weekly: limit(12),
        monthly: limit(12),
        ..Rules::default()
    };
    History {
        names: names.into_iter().collect(),
        rules,
    }
}

#[test]
fn a_thousand_histories_thin_as_in_anki() {
    let clock = Clock::System;
    let now = clock.local(clock.now());
    let mut random = StdRng::seed_from_u64(7);
    let histories: Vec<_> = (0..HISTORIES)
        .map(|_| history(&mut random, now.date()))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let (question, answer) = (folder.path().join("q.json"), folder.path().join("a.json"));
    std::fs::write(&question, serde_json::to_vec(&histories).unwrap()).unwrap();
    if oracle::run(SCRIPT, [&question, &answer]).is_none() {
        return;
    }
    let answer: Answer = serde_json::from_slice(&std::fs::read(&answer).unwrap()).unwrap();
    let today: Date = answer.today.parse().unwrap();
    let mut dropped = 0;
    for (history, left) in histories.iter().zip(&answer.left) {
        // Anki's fresh backup is newest and verified, as ours would be.
        let mut candidates: Vec<_> = history
            .names
            .iter()
            .zip(0..)
            .map(|(name, order)| Candidate {
                named: name::thinnable_time(name),
                order,
                state: State::Verified,
                pinned: false,
            })
            .collect();
        candidates.push(Candidate {
            named: Some(today.at(23, 59, 59, 0)),
            order: u64::MAX,
            state: State::Verified,
            pinned: false,
        });
        let kept: Vec<_> = judge(&candidates, &history.rules, today)
            .iter()
            .zip(&history.names)
            .filter(|(verdict, _)| !verdict.is_empty())
            .map(|(_, name)| name.clone())
            .collect();
        dropped += history.names.len() - kept.len();
        assert_eq!(&kept, left, "{:?} on {}", history.rules, today);
    }
    assert!(dropped > HISTORIES, "the histories are too short");
}
