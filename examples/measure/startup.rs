//! A new process until it has done one thing, as a whole: what it takes to begin counts, and to end.

use crate::bench::{Bench, median, memory_mb};
use crate::operations::collection;
use cpu_time::ProcessTime;
use engram::base::time::Stopwatch;
use serde_json::json;
use std::path::Path;
use std::process::Command;

/// What the process does. There is nothing to import here: the first two are the same.
const STARTS: [(&str, &str); 4] = [
    ("startup_python_only", "nothing"),
    ("startup_import_anki", "nothing"),
    ("startup_import_open", "open"),
    ("startup_import_open_decktree", "decktree"),
];

pub fn startup(b: &mut Bench) {
    let path = b.fresh("work", false);
    for (name, what) in STARTS {
        let (mut walls, mut cpus, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..b.warm + b.reps.max(5) {
            let clock = Stopwatch::start();
            let mut process = Command::new(std::env::current_exe().unwrap());
            process.args(["--begin", what, "--data"]).arg(&path);
            let output = process.output().expect("a process");
            let wall = clock.elapsed().as_secs_f64();
            let said = String::from_utf8_lossy(&output.stdout);
            let mut said = said.split_whitespace().flat_map(str::parse);
            let (Some(cpu), Some(peak)) = (said.next(), said.next()) else {
                panic!("the process ended with {}", output.status);
            };
            if round >= b.warm {
                walls.push(wall);
                cpus.push(cpu);
                peaks.push(peak);
            }
        }
        let figures = json!({ "peak_rss_mb": median(&peaks) });
        b.record(name, &walls, &cpus, figures);
    }
}

/// The new process; says its seconds of processor time and its peak in megabytes.
pub fn begin(what: &str, path: &Path) {
    if what != "nothing" {
        let mut col = collection(path);
        if what == "decktree" {
            col.deck_tree().expect("a tree");
        }
        col.close().expect("it closes");
    }
    let cpu = ProcessTime::now().as_duration().as_secs_f64();
    println!("{cpu} {}", memory_mb("VmHWM:"));
}
