//! The operations that are measured, grouped and named as the peer's benchmark names them.

use crate::bench::Bench;
use engram::base::time::Clock;
use engram::collection::Collection;
use serde_json::json;
use std::path::Path;

/// A group's name and what it runs.
pub const GROUPS: &[(&str, fn(&mut Bench))] = &[("open", open)];

fn collection(path: &Path) -> Collection {
    Collection::open(path, Clock::System).expect("the collection opens")
}

fn open(b: &mut Bench) {
    let path = b.fresh("work", false);
    let reps = b.reps.max(5);
    b.measure(
        "open_collection",
        reps,
        |_| (),
        |()| (collection(&path), json!({})),
        |c| c.close().expect("it closes"),
    );
    b.measure(
        "close_collection",
        reps,
        |_| collection(&path),
        |c| (c.close().expect("it closes"), json!({})),
        |()| (),
    );
}
