//! Panics inside the crate that knows the format are caught and told as what was being done; or they
//! end a thread of its own that nobody waits for any more. Nobody has to read their traces.

use std::panic::PanicHookInfo;
use std::sync::Once;

const CRATE: &str = "rustic_core";

static SET: Once = Once::new();

/// From now on they are told to the log alone. All others are told as before.
pub(super) fn about_caught_panics() {
    SET.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if info.location().is_some_and(|at| is_in_crate(at.file())) {
                tracing::debug!("{info}");
            } else {
                usual(info);
            }
        }));
    });
}

/// Its folder among the sources is called by its name and version.
fn is_in_crate(file: &str) -> bool {
    let mut parts = file.split(['/', '\\']);
    parts.any(|part| part.starts_with(CRATE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_crate_is_quiet() {
        for (file, quiet) in [
            (
                "/home/a/registry/src/b/rustic_core-0.13.0/src/blob/tree.rs",
                true,
            ),
            (
                r"C:\Users\a\registry\src\b\rustic_core-0.13.0\src\lib.rs",
                true,
            ),
            ("vendor/rustic_core/src/lib.rs", true),
            ("src/backup/vault/repo.rs", false),
            ("crates/rustic_cdc/src/lib.rs", false),
        ] {
            assert_eq!(is_in_crate(file), quiet, "{file}");
        }
    }
}
