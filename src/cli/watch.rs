//! Progress on a terminal, and Ctrl-C.

use crate::base::job::Progress;
use std::io::{IsTerminal as _, Write as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Before this nothing is shown.
const QUIET_FOR: Duration = Duration::from_millis(250);
const EVERY: Duration = Duration::from_millis(100);
const WIDTH: u64 = 30;

/// Ctrl-C sets the cancel flag; the command then ends by itself and leaves nothing half-written.
/// A second one ends the program at once, which every write survives as well: it may be waiting for
/// what does not come, a password on standard input say.
pub(super) fn cancel_on_interrupt(progress: &Progress) {
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGINT, SIGTERM};
        use signal_hook::iterator::Signals;
        use signal_hook::low_level::emulate_default_handler;
        let progress = progress.clone();
        let watching = Signals::new([SIGINT, SIGTERM]).and_then(|mut signals| {
            std::thread::Builder::new()
                .name("signals".to_owned())
                .spawn(move || {
                    let mut asked = false;
                    for signal in signals.forever() {
                        if std::mem::replace(&mut asked, true) {
                            // Does not come back.
                            let _ = emulate_default_handler(signal);
                        }
                        progress.cancel();
                    }
                })
        });
        if let Err(e) = watching {
            tracing::debug!("Ctrl-C cannot be watched: {e}");
        }
    }
    #[cfg(not(unix))]
    let _ = progress;
}

/// Whether somebody looks.
pub(super) fn is_watched(quiet: bool) -> bool {
    !quiet && std::io::stderr().is_terminal()
}

/// Draws until the other end of `done` is dropped.
pub(super) fn draw(progress: &Progress, done: &Receiver<()>) {
    let mut drawn = false;
    let mut wait = QUIET_FOR;
    while matches!(done.recv_timeout(wait), Err(RecvTimeoutError::Timeout)) {
        wait = EVERY;
        let view = progress.view();
        if view.stage.is_empty() {
            continue;
        }
        let filled = (view.done.min(view.total) * WIDTH).checked_div(view.total);
        let bar = filled.map_or(String::new(), |filled| {
            let filled = filled as usize;
            let empty = (WIDTH as usize).saturating_sub(filled);
            format!(" [{}{}]", "#".repeat(filled), ".".repeat(empty))
        });
        drawn = write!(std::io::stderr(), "\r\x1b[K{}{bar}", view.stage).is_ok();
    }
    if drawn {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
}
