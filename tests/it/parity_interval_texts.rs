//! The texts below the answer buttons, from seconds to a hundred years, are the real Anki's.

use super::clocked;
use engram::scheduler::states::Interval;
use engram::scheduler::text::answer_button;

const SCRIPT: &str = include_str!("oracle/interval_texts.py");

#[test]
fn texts_of_every_range_and_state() {
    let folder = tempfile::tempdir().unwrap();
    let Some(theirs) = clocked::run(SCRIPT, [folder.path()]) else {
        return;
    };
    let until = theirs["until"].as_u64().unwrap() as u32;
    let mut compared = 0;
    for case in theirs["cases"].as_array().unwrap() {
        let ahead = case["ahead"].as_u64().unwrap() as u32;
        let in_days = case["unit"] != 1;
        let values = case["values"].as_array().unwrap();
        for (value, text) in values.iter().zip(case["texts"].as_array().unwrap()) {
            let value = value.as_u64().unwrap() as u32;
            let interval = if in_days {
                Interval::Days(value)
            } else {
                Interval::Secs(value).days_if_past(until)
            };
            let ours = answer_button(interval.as_secs(), ahead);
            let what = format!("{} {value} {ahead}", case["kind"]);
            assert_eq!(ours, text.as_str().unwrap(), "{what}");
            compared += 1;
        }
    }
    assert!(compared > 5000, "{compared}");
}
