//! Times Engram on a generated collection, with the arguments and the output of the peer's
//! benchmark, so that both can be joined by the names of the operations:
//!
//! `cargo run --release --example measure -- --data DIR [--ops all|open,backup,…] [--reps 3] [--out FILE]`
//!
//! One fresh process a group, on a scratch copy beside the data. `scripts/measure` runs it and the
//! real Anki in turn and prints the table. What each operation does is in `measure/operations.rs`.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]
#![allow(
    clippy::unwrap_used,
    reason = "a measurement that fails has nothing to say"
)]

#[path = "measure/bare.rs"]
mod bare;
#[path = "measure/bench.rs"]
mod bench;
#[path = "measure/browse.rs"]
mod browse;
#[path = "measure/deck_packages.rs"]
mod deck_packages;
#[path = "measure/encrypted.rs"]
mod encrypted;
#[path = "measure/explorer.rs"]
mod explorer;
#[path = "measure/formulas.rs"]
mod formulas;
#[path = "measure/frames.rs"]
mod frames;
#[path = "../tests/ui/harness.rs"]
mod harness;
#[path = "measure/history.rs"]
mod history;
#[path = "measure/next_card.rs"]
mod next_card;
#[path = "measure/notes.rs"]
mod notes;
#[path = "measure/notes_bulk.rs"]
mod notes_bulk;
#[path = "measure/operations.rs"]
mod operations;
#[path = "measure/packages.rs"]
mod packages;
#[path = "measure/startup.rs"]
mod startup;
#[path = "measure/study.rs"]
mod study;
#[path = "measure/sync.rs"]
mod sync;

use bench::Bench;
use clap::Parser;
use engram::base::time::{Clock, Stopwatch};
use operations::GROUPS;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Parser)]
struct Arguments {
    /// Folder made by gen.py
    #[arg(long, required_unless_present = "list")]
    data: Option<PathBuf>,
    /// Label in the output; by default the size in meta.json and "Engram"
    #[arg(long)]
    size: Option<String>,
    /// Groups, with commas between
    #[arg(long, default_value = "all")]
    ops: String,
    #[arg(long, default_value = "")]
    skip: String,
    #[arg(long, default_value_t = 3)]
    reps: usize,
    #[arg(long, default_value_t = 1)]
    warm: usize,
    /// JSON file, merged into when it exists
    #[arg(long)]
    out: Option<PathBuf>,
    /// Scratch folder; best on the file system of the data
    #[arg(long)]
    tmp: Option<PathBuf>,
    /// Names the groups, with commas between
    #[arg(long)]
    list: bool,
    #[arg(long, hide = true)]
    worker: Option<String>,
    #[arg(long, hide = true)]
    begin: Option<String>,
}

fn main() {
    let arguments = Arguments::parse();
    if arguments.list {
        let names: Vec<_> = GROUPS.iter().map(|(name, _)| *name).collect();
        println!("{}", names.join(","));
        return;
    }
    let data = arguments.data.clone().unwrap();
    if let Some(what) = &arguments.begin {
        return startup::begin(what, &data);
    }
    let meta = bench::read_json(&data.join("meta.json")).expect("meta.json of gen.py");
    match &arguments.worker {
        Some(group) => work(group, &arguments, data, meta),
        None => drive(&arguments, &data, &meta),
    }
}

/// Runs one group in this process.
fn work(group: &str, arguments: &Arguments, data: PathBuf, meta: Value) {
    let (_, run) = GROUPS
        .iter()
        .find(|(name, _)| *name == group)
        .expect("a group");
    let scratch = arguments.tmp.clone().expect("the driver names it");
    std::fs::create_dir_all(&scratch).unwrap();
    let mut bench = Bench {
        data,
        scratch,
        reps: arguments.reps,
        warm: arguments.warm,
        meta,
        ops: Map::new(),
    };
    run(&mut bench);
    bench::write_json(arguments.out.as_ref().unwrap(), &Value::Object(bench.ops));
}

/// Starts a process for each group and gathers what they found.
fn drive(arguments: &Arguments, data: &Path, meta: &Value) {
    let size = meta["size"].as_str().unwrap_or("?");
    let label = arguments
        .size
        .clone()
        .unwrap_or_else(|| format!("{size} Engram"));
    let old = arguments.out.as_deref().and_then(bench::read_json);
    let part_of = |key: &str| -> Map<String, Value> {
        let old = old.as_ref().and_then(|old| old[key].as_object());
        old.cloned().unwrap_or_default()
    };
    let (mut ops, mut errors) = (part_of("ops"), part_of("errors"));
    let skipped: Vec<&str> = arguments.skip.split(',').collect();
    let wanted: Vec<&str> = match arguments.ops.as_str() {
        "all" => GROUPS.iter().map(|(name, _)| *name).collect(),
        some => some.split(',').collect(),
    };
    for group in wanted.iter().filter(|group| !skipped.contains(*group)) {
        let (clock, load) = (Stopwatch::start(), bench::load());
        match run_worker(arguments, data, size, group) {
            Ok(found) => {
                errors.remove(*group);
                for (name, mut op) in found {
                    op["load1"] = json!(load);
                    print_op(size, &name, &op);
                    ops.insert(name, op);
                }
            }
            Err(error) => {
                println!("{group}: {error}");
                errors.insert((*group).to_owned(), json!(error));
            }
        }
        println!(
            "# {group}: {:.1} s, load {load:.1}",
            clock.elapsed().as_secs_f64()
        );
    }
    let result = json!({
        "host": std::env::consts::OS, "cpu": bench::processor(),
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "engram": env!("CARGO_PKG_VERSION"), "size": label, "meta": meta,
        "ops": ops, "errors": errors, "when": Clock::System.now().0,
    });
    if let Some(out) = &arguments.out {
        if let Some(folder) = out.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).unwrap();
        }
        bench::write_json(out, &result);
    }
}

fn run_worker(
    arguments: &Arguments,
    data: &Path,
    size: &str,
    group: &str,
) -> Result<Map<String, Value>, String> {
    if !GROUPS.iter().any(|(name, _)| *name == group) {
        return Err("no such group here".to_owned());
    }
    let base = arguments.tmp.clone().unwrap_or_else(|| {
        data.parent()
            .unwrap_or(Path::new("."))
            .join("scratch-engram")
    });
    let scratch = PathBuf::from(format!("{}_{size}_{group}", base.display()));
    let part = scratch.with_extension("json");
    let _ = std::fs::remove_dir_all(&scratch);
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--worker", group, "--data"])
        .arg(data)
        .args([
            "--reps",
            &arguments.reps.to_string(),
            "--warm",
            &arguments.warm.to_string(),
        ])
        .arg("--tmp")
        .arg(&scratch)
        .arg("--out")
        .arg(&part)
        .status()
        .map_err(|e| e.to_string())?;
    let found = bench::read_json(&part);
    let _ = std::fs::remove_file(&part);
    let _ = std::fs::remove_dir_all(&scratch);
    match found {
        Some(Value::Object(found)) if status.success() => Ok(found),
        _ => Err(format!("the process ended with {status}")),
    }
}

fn print_op(size: &str, name: &str, op: &Value) {
    let hidden = ["wall", "median", "min", "max", "rss_before_mb", "load1"];
    let rest: Map<String, Value> = op
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| !hidden.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let median = op["median"].as_f64().unwrap_or(0.0) * 1000.0;
    println!("{size} {name:32} {median:10.1} ms  {}", Value::Object(rest));
}
