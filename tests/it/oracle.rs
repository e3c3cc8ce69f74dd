//! The real Anki as a judge: runs Python scripts against the `anki` package, and finds the folder
//! of real third-party packages. Where either is absent, a test says so in a visible line and ends.
//!
//! The Python comes from the variable `ENGRAM_ORACLE` (the path of an interpreter that can import
//! `anki`), else from the virtual environment `.oracle` that `./test` makes. The packages come from
//! `ENGRAM_SHARED`, else from `../shared`. Anki opens a collection exclusively: close ours first.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The interpreter, if there is one. A variable that names a missing file is an error, not a skip.
pub fn python() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("ENGRAM_ORACLE").filter(|p| !p.is_empty()) {
        let path = PathBuf::from(path);
        assert!(
            path.exists(),
            "ENGRAM_ORACLE names a missing file: {}",
            path.display()
        );
        return Some(path);
    }
    let folder = root().join(".oracle");
    [folder.join("bin/python"), folder.join("Scripts/python.exe")]
        .into_iter()
        .find(|p| p.exists())
}

/// Runs `script` (Python source; arguments are in `sys.argv[1:]`) and returns what it printed.
/// None, after a visible line, without the real Anki. A script that fails is a failed test.
pub fn run<A: AsRef<OsStr>>(script: &str, args: impl IntoIterator<Item = A>) -> Option<String> {
    let Some(python) = python() else {
        skip("no real Anki (run ./test, or set ENGRAM_ORACLE)");
        return None;
    };
    let mut child = Command::new(&python)
        .arg("-")
        .args(args)
        .env("PYTHONIOENCODING", "utf-8")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{} does not start: {e}", python.display()));
    // Python reads the whole script before it runs any of it, so this cannot block on its output.
    child
        .stdin
        .take()
        .expect("stdin is piped")
        .write_all(script.as_bytes())
        .expect("the interpreter reads its script");
    let output = child.wait_with_output().expect("the interpreter ends");
    assert!(
        output.status.success(),
        "the oracle script failed ({}):\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8(output.stdout).expect("the script prints UTF-8"))
}

/// The folder with `packages/` and `peer/`, if it is there.
pub fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("ENGRAM_SHARED")
        .filter(|p| !p.is_empty())
        .map_or_else(|| root().join("../shared"), PathBuf::from);
    if folder.is_dir() {
        Some(folder)
    } else {
        skip("no third-party packages (set ENGRAM_SHARED)");
        None
    }
}

/// The seeds that `ENGRAM_FUZZ=100..200` names, for searches beyond what each run looks at.
pub fn fuzz_seeds() -> Option<std::ops::Range<u64>> {
    let range = std::env::var("ENGRAM_FUZZ").ok()?;
    let (from, to) = range.split_once("..").expect("ENGRAM_FUZZ is a range");
    Some(from.parse().expect("a number")..to.parse().expect("a number"))
}

/// Says that a test did not look at anything. Not `eprintln!`, which the test runner hides; and
/// also noted in the file named by `ENGRAM_SKIP_LOG`, which `./test` shows at its end.
pub fn skip(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let line = format!("skipped: {test}: {why}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
    if let Some(log) = std::env::var_os("ENGRAM_SKIP_LOG").filter(|p| !p.is_empty()) {
        let noted = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .and_then(|mut file| file.write_all(line.as_bytes()));
        assert!(noted.is_ok(), "cannot write {}", Path::new(&log).display());
    }
}

/// The checkout under test, asked for at run time: a build cache may serve several checkouts.
pub fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| ".".into(), PathBuf::from)
}

#[test]
fn the_oracle_is_the_release_we_follow() {
    let Some(version) = run(
        "import sys\nfrom anki.buildinfo import version\nprint(version, *sys.argv[1:])",
        ["in", "order"],
    ) else {
        return;
    };
    assert!(
        version.starts_with("26.") && version.trim_end().ends_with("in order"),
        "{version}"
    );
}

#[test]
fn the_packages_come_with_their_truth() {
    let Some(shared) = shared() else { return };
    for folder in ["packages/real", "packages/truth", "peer"] {
        assert!(shared.join(folder).is_dir(), "{folder} is missing");
    }
}
