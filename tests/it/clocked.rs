//! Runs scripts against the real Anki with a clock that stands still until the script moves it:
//! `libfaketime`, which answers every reading of the clock from an environment variable.

use super::oracle;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Common part of all scripts.
const PRELUDE: &str = include_str!("oracle/study.py");

/// Minutes west of UTC of the zone that [`run`] sets.
pub const OFFSET_WEST: i32 = -120;

/// The library, where Debian's `faketime` puts it.
pub fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?;
    folders
        .flatten()
        .map(|entry| entry.path().join("faketime/libfaketime.so.1"))
        .chain([PathBuf::from("/usr/lib/faketime/libfaketime.so.1")])
        .find(|path| path.exists())
}

/// As `oracle::run`, with the prelude before `script` and JSON from its last line. None, after a
/// visible line, without the real Anki or the library.
pub fn run<A: AsRef<OsStr>>(
    script: &str,
    args: impl IntoIterator<Item = A>,
) -> Option<serde_json::Value> {
    let Some(python) = oracle::python() else {
        oracle::skip("no real Anki (run ./test, or set ENGRAM_ORACLE)");
        return None;
    };
    let Some(library) = library() else {
        oracle::skip("no libfaketime (package faketime)");
        return None;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("script.py");
    std::fs::write(&path, format!("{PRELUDE}\n{script}")).expect("the script is written");
    let output = Command::new(&python)
        .arg(&path)
        .args(args)
        .env("PYTHONIOENCODING", "utf-8")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("TZ", "Etc/GMT-2")
        .env("LD_PRELOAD", library)
        .env("FAKETIME_FMT", "%s")
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("FAKETIME", "1741608000")
        .stdin(Stdio::null())
        .output()
        .expect("the interpreter starts");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "the oracle script failed ({}):\n{stdout}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    let last = stdout.lines().last().unwrap_or_default();
    Some(serde_json::from_str(last).expect("the script prints JSON"))
}
