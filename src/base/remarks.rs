//! What no screen shows, on standard error: remarks for whoever looks into a trouble, and what
//! programs without a window say.

use std::io::Write as _;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// From now on remarks of this program are written to standard error, from warnings on, or none where
/// it is to be `quiet`. `RUST_LOG` may say otherwise, for this program and its libraries
/// (`engram=debug`, `off`).
pub fn to_standard_error(quiet: bool) {
    let wish = std::env::var("RUST_LOG").ok();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        // A terminal that is gone ends nothing.
        .log_internal_errors(false)
        .with_filter(shown(wish.as_deref(), quiet));
    // Only the first call of a process counts.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

/// A line on standard error. When it cannot be written, since the terminal is gone or the disk full,
/// there is nobody to tell, and what is being done goes on.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn shown(wish: Option<&str>, quiet: bool) -> Targets {
    let wish = wish.and_then(|wish| wish.parse().ok());
    let least = match quiet {
        true => LevelFilter::OFF,
        false => LevelFilter::WARN,
    };
    wish.unwrap_or_else(|| Targets::new().with_target("engram", least))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn warnings_of_ours_unless_something_else_is_wished() {
        let says = |wish, target, level| shown(wish, false).would_enable(target, &level);
        for nothing in [None, Some("engram=no-such-level")] {
            assert!(says(nothing, "engram::storage", Level::WARN));
            assert!(!says(nothing, "engram::storage", Level::INFO));
            assert!(!says(nothing, "other", Level::ERROR));
        }
        assert!(says(Some("engram=debug"), "engram::ui", Level::DEBUG));
        assert!(says(Some("warn"), "other", Level::WARN));
        assert!(!says(Some("off"), "engram", Level::ERROR));
        assert!(!shown(None, true).would_enable("engram::storage", &Level::ERROR));
        assert!(shown(Some("engram=debug"), true).would_enable("engram::ui", &Level::DEBUG));
    }
}
