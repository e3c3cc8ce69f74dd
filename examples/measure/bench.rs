//! Measuring itself: repeated runs with wall time, processor time and peak memory, written in the
//! shape of the peer's benchmark. Knows nothing of what is measured.

use cpu_time::ProcessTime;
use engram::base::time::Stopwatch;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Results and the folders of one group of operations.
pub struct Bench {
    /// Folder with `collection.anki2`, `collection.media`, `meta.json`; never written to.
    pub data: PathBuf,
    /// Ours alone, on the same file system as the data.
    pub scratch: PathBuf,
    pub reps: usize,
    pub warm: usize,
    pub meta: Value,
    pub ops: Map<String, Value>,
}

impl Bench {
    /// A pristine copy of the collection in `name` below the scratch folder, with the media folder
    /// as a link when wanted.
    pub fn fresh(&self, name: &str, media: bool) -> PathBuf {
        let folder = self.empty_folder(name);
        let target = folder.join("collection.anki2");
        std::fs::copy(self.data.join("collection.anki2"), &target).expect("a copy");
        // Nobody's collection was copied a moment ago: what the copy left for the disk to write
        // must not be waited for by whatever syncs first.
        std::fs::File::open(&target)
            .and_then(|copy| copy.sync_all())
            .expect("it is on the disk");
        if media {
            let source = std::fs::canonicalize(self.data.join("collection.media")).expect("media");
            #[cfg(unix)]
            std::os::unix::fs::symlink(source, folder.join("collection.media")).expect("a link");
            #[cfg(not(unix))]
            let _ = source;
        }
        target
    }

    pub fn empty_folder(&self, name: &str) -> PathBuf {
        let folder = self.scratch.join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    pub fn meta_str(&self, key: &str) -> String {
        self.meta[key].as_str().unwrap_or_default().to_owned()
    }

    pub fn has_media(&self) -> bool {
        self.meta["media_files"].as_u64().unwrap_or(0) > 0
    }

    /// Times `run` on what `setup` makes: `warm` runs that do not count, then at least `reps`.
    /// `run` returns what `teardown` gets (outside of the time) and figures to record.
    pub fn measure<S, T>(
        &mut self,
        name: &str,
        reps: usize,
        mut setup: impl FnMut(&Self) -> S,
        mut run: impl FnMut(S) -> (T, Value),
        mut teardown: impl FnMut(T),
    ) {
        let (mut walls, mut cpus, mut peak, mut extra) =
            (Vec::new(), Vec::new(), 0.0_f64, json!({}));
        let before = memory_mb("VmRSS:");
        for round in 0..self.warm + reps {
            let input = setup(self);
            reset_peak();
            let (cpu, clock) = (ProcessTime::now(), Stopwatch::start());
            let (output, figures) = run(input);
            let (wall, cpu) = (clock.elapsed(), cpu.elapsed());
            peak = peak.max(memory_mb("VmHWM:"));
            if round >= self.warm {
                walls.push(wall.as_secs_f64());
                cpus.push(cpu.as_secs_f64());
            }
            extra = figures;
            teardown(output);
        }
        let mut op = summary(&walls);
        op.insert("cpu".into(), round5(median(&cpus)));
        op.insert("peak_rss_mb".into(), round1(peak));
        op.insert("rss_before_mb".into(), round1(before));
        if let Value::Object(figures) = extra {
            op.extend(figures);
        }
        self.ops.insert(name.to_owned(), Value::Object(op));
    }

    /// Records runs that were timed elsewhere.
    pub fn record(&mut self, name: &str, walls: &[f64], cpus: &[f64], figures: Value) {
        let mut op = summary(walls);
        op.insert("cpu".into(), round5(median(cpus)));
        if let Value::Object(figures) = figures {
            op.extend(figures);
        }
        self.ops.insert(name.to_owned(), Value::Object(op));
    }

    /// Records many small calls: `runs` holds the seconds of each call of each run.
    pub fn latencies(&mut self, name: &str, runs: &[Vec<f64>], figures: Value) {
        let totals: Vec<f64> = runs.iter().map(|r| r.iter().sum()).collect();
        let mut op = summary(&totals);
        let over_runs = |of: &dyn Fn(&[f64]) -> f64| {
            round5(median(&runs.iter().map(|r| of(r)).collect::<Vec<_>>()) * 1000.0)
        };
        op.insert(
            "mean_ms".into(),
            over_runs(&|r| r.iter().sum::<f64>() / r.len().max(1) as f64),
        );
        op.insert("p50_ms".into(), over_runs(&|r| percentile(r, 0.5)));
        op.insert("p95_ms".into(), over_runs(&|r| percentile(r, 0.95)));
        op.insert("p99_ms".into(), over_runs(&|r| percentile(r, 0.99)));
        op.insert("max_ms".into(), over_runs(&|r| percentile(r, 1.0)));
        op.insert("calls".into(), json!(runs.first().map_or(0, Vec::len)));
        op.insert("peak_rss_mb".into(), round1(memory_mb("VmHWM:")));
        if let Value::Object(figures) = figures {
            op.extend(figures);
        }
        self.ops.insert(name.to_owned(), Value::Object(op));
    }
}

/// Walls in seconds with their median, smallest and largest.
pub fn summary(walls: &[f64]) -> Map<String, Value> {
    let mut op = Map::new();
    op.insert("wall".into(), walls.iter().copied().map(round5).collect());
    op.insert("median".into(), round5(median(walls)));
    op.insert("min".into(), round5(percentile(walls, 0.0)));
    op.insert("max".into(), round5(percentile(walls, 1.0)));
    op
}

pub fn median(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

pub fn percentile(values: &[f64], share: f64) -> f64 {
    let sorted = sorted(values);
    let at = (sorted.len() as f64 * share) as usize;
    sorted
        .get(at.min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0.0)
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

fn round5(value: f64) -> Value {
    json!((value * 1e5).round() / 1e5)
}

fn round1(value: f64) -> Value {
    json!((value * 10.0).round() / 10.0)
}

/// A line of this process's status in megabytes; 0 where there is none.
pub fn memory_mb(key: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix(key))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// Starts the peak (`VmHWM`) anew.
pub fn reset_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The name of the processor.
pub fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    info.lines()
        .find_map(|line| line.strip_prefix("model name"))
        .and_then(|rest| rest.split(':').nth(1))
        .map_or_else(|| "?".to_owned(), |name| name.trim().to_owned())
}

/// The load of the last minute.
pub fn load() -> f64 {
    std::fs::read_to_string("/proc/loadavg")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .unwrap_or(0.0)
}

pub fn write_json(path: &Path, value: &Value) {
    let text = serde_json::to_string_pretty(value).expect("JSON");
    std::fs::write(path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}

pub fn read_json(path: &Path) -> Option<Value> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}
