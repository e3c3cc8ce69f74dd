//! Somebody who looks at folders all the time while something is written in them.

use engram::base::files::TEMP_PREFIX;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

/// Ends with the value.
pub struct Watch {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<BTreeSet<PathBuf>>>,
    sealed: Arc<AtomicUsize>,
}

impl Watch {
    /// Looks for `mark`, databases and archives in the temporary files of `folders` and below.
    pub fn over(folders: Vec<PathBuf>, mark: &'static str) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let sealed = Arc::new(AtomicUsize::new(0));
        let (ends, found) = (Arc::clone(&over), Arc::clone(&sealed));
        let watch = std::thread::Builder::new().name("watch".into());
        let thread = watch.spawn(move || {
            let mut seen = BTreeSet::new();
            while !ends.load(Ordering::SeqCst) {
                for folder in &folders {
                    look(folder, false, &mut |path, bytes| {
                        if bytes.starts_with(b"age-encryption.org") {
                            found.fetch_add(1, Ordering::SeqCst);
                        }
                        let tells = [b"PK\x03\x04", &b"SQLite format 3"[..]];
                        if tells.iter().any(|tell| bytes.starts_with(tell))
                            || bytes
                                .windows(mark.len())
                                .any(|part| part == mark.as_bytes())
                        {
                            seen.insert(path.to_owned());
                        }
                    });
                }
            }
            seen
        });
        let thread = thread.unwrap();
        Self {
            over,
            thread: Some(thread),
            sealed,
        }
    }

    /// The temporary files that could be read, and how often an encrypted one was seen.
    pub fn seen(mut self) -> (BTreeSet<PathBuf>, usize) {
        self.over.store(true, Ordering::SeqCst);
        let seen = self.thread.take().unwrap().join().unwrap();
        (seen, self.sealed.load(Ordering::SeqCst))
    }
}

/// Whatever is gone meanwhile is left out.
fn look(folder: &Path, temporary: bool, at: &mut dyn FnMut(&Path, &[u8])) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name();
        let temporary = temporary || name.to_string_lossy().starts_with(TEMP_PREFIX);
        if path.is_dir() {
            look(&path, temporary, at);
        } else if temporary && let Ok(bytes) = std::fs::read(&path) {
            at(&path, &bytes);
        }
    }
}
