//! What the program said when it ended by a fault of its own, kept beside the profiles until the
//! next start tells it. Nothing leaves the machine.

use std::backtrace::Backtrace;
use std::fs;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};

const NAME: &str = "crash.txt";
/// Threads whose end is the end of the program, or of all work: faults of the others are caught.
const FATAL: [&str; 2] = ["main", "collection"];
/// Longest text that is told.
const LONGEST: u64 = 100_000;

/// From now on a fault is written down, and told as before.
pub fn watch(data_folder: &Path) {
    let file = data_folder.join(NAME);
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        write_down(&file, info);
        usual(info);
    }));
}

fn write_down(file: &Path, info: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or_default();
    if !FATAL.contains(&name) {
        return;
    }
    let text = format!(
        "{info}\nThread {name}, Engram {} on {}\n\n{}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        Backtrace::force_capture()
    );
    // There is nobody to tell a failure to.
    let _written = fs::write(file, text);
}

/// What was said the last time, once.
#[must_use]
pub fn take(data_folder: &Path) -> Option<String> {
    let file: PathBuf = data_folder.join(NAME);
    let size = fs::metadata(&file).ok()?.len();
    let text = fs::read(&file).ok().filter(|_| size <= LONGEST);
    fs::remove_file(&file).ok()?;
    Some(text.map_or_else(String::new, |t| String::from_utf8_lossy(&t).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_the_window_is_told_once_and_caught_ones_are_not() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(take(data.path()), None);
        watch(data.path());
        let fault = |name: &str| {
            let thread = std::thread::Builder::new().name(name.to_owned());
            let fault = thread.spawn(|| panic!("a card fell off the table"));
            assert!(fault.unwrap().join().is_err());
        };
        fault("card-render");
        assert_eq!(take(data.path()), None);
        fault("collection");
        let said = take(data.path()).unwrap();
        assert!(said.contains("a card fell off the table"), "{said}");
        assert!(said.contains("Thread collection, Engram "), "{said}");
        assert_eq!(take(data.path()), None);
    }
}
