//! What the history of notes costs: a thousand notes changed and saved one by one, with it and
//! without.

use crate::bench::{Bench, percentile};
use crate::operations::collection;
use engram::base::ids::NoteId;
use engram::base::time::Stopwatch;
use engram::collection::Collection;
use engram::domain::note_edit::NoteEdit;
use serde_json::json;

const MANY: usize = 1000;

/// Save after save the same notes in turn in two collections, so that both meet the same disk.
pub fn history(b: &mut Bench) {
    let with = collection(&b.fresh("with", false));
    let path = b.fresh("without", false);
    // A history that cannot be opened stops no operation, and is not tried again.
    std::fs::create_dir(path.with_extension("history")).expect("a folder in its place");
    let mut both = [with, collection(&path)];
    let mut ids = both[0]
        .find_notes("note:Basic", None)
        .expect("notes of Basic");
    ids.truncate(MANY);
    let mut runs = [vec![], vec![]];
    for round in 0..b.warm + b.reps {
        let mut times = [vec![], vec![]];
        for id in &ids {
            for (col, times) in both.iter_mut().zip(&mut times) {
                times.push(save(col, *id, round));
            }
        }
        let told = both[1].take_history_trouble();
        assert!(round > 0 || told.is_some(), "one of them keeps nothing");
        if round >= b.warm {
            for (runs, times) in runs.iter_mut().zip(times) {
                runs.push(times);
            }
        }
    }
    let kept = both[0].note_versions(ids[0]).expect("its versions").len();
    assert_eq!(kept, b.warm + b.reps, "each save is kept");
    let [with, without] = runs;
    let every = |runs: &[Vec<f64>]| runs.concat();
    let costs = percentile(&every(&with), 0.5) - percentile(&every(&without), 0.5);
    let costs_ms = (costs * 1e6).round() / 1e3;
    b.latencies("history_save", &with, json!({ "costs_ms": costs_ms }));
    b.latencies("history_save_without", &without, json!({}));
    for col in both {
        col.close().expect("it closes");
    }
}

/// The seconds that it takes.
fn save(col: &mut Collection, id: NoteId, round: usize) -> f64 {
    let note = col.storage().get_note(id).expect("read").expect("a note");
    let edit = NoteEdit {
        id,
        notetype_id: note.notetype_id,
        fields: vec![(1, format!("{} h{round}", note.fields[1]))],
        tags: None,
    };
    let watch = Stopwatch::start();
    col.update_notes(&[edit]).expect("it is saved");
    watch.elapsed().as_secs_f64()
}
