//! Adding and changing notes, one by one, a thousand at once and all of them, and the undo of that.

use crate::bench::Bench;
use crate::operations::collection;
use engram::base::ids::NoteId;
use engram::base::time::Stopwatch;
use engram::collection::Collection;
use engram::domain::note_edit::{NewNote, NoteEdit};
use serde_json::json;

const MANY: usize = 1000;

/// Notes as the peer's benchmark makes them.
struct Maker {
    made: usize,
    like: NewNote,
    word: String,
}

impl Maker {
    fn new(b: &Bench, col: &Collection) -> Self {
        let basic = col.storage().notetype_by_name("Basic").unwrap();
        Self {
            made: 0,
            like: NewNote {
                notetype_id: basic.expect("Basic").id,
                deck_id: col.current_deck().unwrap(),
                fields: vec![],
                tags: ["bench", "lang::a00::unit1"].map(str::to_owned).into(),
            },
            word: b.meta_str("plain_word"),
        }
    }

    fn note(&mut self) -> NewNote {
        self.made += 1;
        let n = self.made;
        let back = format!(
            "<b>meaning</b> number {n}<br>{} and other text of a usual length for one side of a card",
            self.word
        );
        NewNote {
            fields: vec![format!("bench word {n}"), back],
            ..self.like.clone()
        }
    }

    fn notes(&mut self) -> Vec<NewNote> {
        (0..MANY).map(|_| self.note()).collect()
    }
}

/// Each of these notes with more in its second field.
fn edits(col: &Collection, ids: &[NoteId], more: &str) -> Vec<NoteEdit> {
    let edit = |id: &NoteId| {
        let note = col.storage().get_note(*id).unwrap().expect("a note");
        NoteEdit {
            id: *id,
            notetype_id: note.notetype_id,
            fields: vec![(1, format!("{}{more}", note.fields[1]))],
            tags: None,
        }
    };
    ids.iter().map(edit).collect()
}

pub fn notes(b: &mut Bench) {
    some(b);
    crate::notes_bulk::bulk(b);
    crate::study::suspend(b);
}

fn some(b: &mut Bench) {
    let mut col = collection(&b.fresh("work", false));
    let mut maker = Maker::new(b, &col);
    let single = |b: &Bench, col: &mut Collection, act: &mut dyn FnMut(&mut Collection, usize)| {
        let mut runs = vec![];
        for round in 0..b.warm + b.reps {
            let mut times = vec![];
            for n in 0..MANY {
                let watch = Stopwatch::start();
                act(col, n);
                times.push(watch.elapsed().as_secs_f64());
            }
            if round >= b.warm {
                runs.push(times);
            }
        }
        runs
    };
    let runs = single(b, &mut col, &mut |col, _| {
        col.add_note(maker.note()).unwrap();
    });
    b.latencies("add_1000_single", &runs, json!({}));
    let reps = b.reps;
    let col = std::cell::RefCell::new(col);
    let add = |notes| {
        (
            col.borrow_mut().add_notes(notes).map(drop).unwrap(),
            json!({}),
        )
    };
    b.measure("add_1000_batch", reps, |_| maker.notes(), add, |()| ());
    let added = |_: &Bench| {
        let notes = maker.notes();
        col.borrow_mut().add_notes(notes).map(drop).unwrap();
    };
    let undo = |()| (col.borrow_mut().undo().map(drop).unwrap(), json!({}));
    b.measure("undo_add_1000", reps, added, undo, |()| ());
    let basic = col.borrow().storage().notetype_by_name("Basic").unwrap();
    let of_type = col
        .borrow()
        .storage()
        .note_ids_of_notetype(basic.expect("Basic").id);
    let mut ids = of_type.unwrap();
    ids.truncate(MANY);
    let mut edit = 0;
    let runs = single(b, &mut col.borrow_mut(), &mut |col, n| {
        edit += 1;
        let one = ids.get(n).map(std::slice::from_ref).unwrap_or_default();
        let edits = edits(col, one, &format!(" e{edit}"));
        col.update_notes(&edits).unwrap();
    });
    b.latencies("update_1000_single", &runs, json!({}));
    let change = |edits: Vec<NoteEdit>| {
        col.borrow_mut().update_notes(&edits).map(drop).unwrap();
        ((), json!({}))
    };
    let more = |_: &Bench| edits(&col.borrow(), &ids, " z");
    b.measure("update_1000_batch", reps, more, change, |()| ());
    let changed = |_: &Bench| {
        let edits = edits(&col.borrow(), &ids, " z");
        col.borrow_mut().update_notes(&edits).map(drop).unwrap();
    };
    b.measure("undo_update_1000", reps, changed, undo, |()| ());
    col.into_inner().close().expect("it closes");
}
