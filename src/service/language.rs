//! The language of the window: what the user chose, for all profiles, and what the system asks
//! for. One small file in the data folder; it counts when the window starts.

use crate::base::error::Result;
use crate::base::files::write_json_in_room;
use crate::base::lang::{self, Language};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

const NAME: &str = "language.json";

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// By its code; None: as the system.
    language: Option<String>,
}

/// The code of the language that was chosen; None: as the system, or it cannot be read.
#[must_use]
pub fn load(data_folder: &Path) -> Option<String> {
    let text = fs::read(data_folder.join(NAME)).ok()?;
    let kept: Kept = serde_json::from_slice(&text).ok()?;
    kept.language
}

/// Keeps the choice for the next start.
pub fn save(data_folder: &Path, code: Option<&str>) -> Result<()> {
    let kept = Kept {
        language: code.map(str::to_owned),
    };
    write_json_in_room(&data_folder.join(NAME), &kept)
}

/// The language of ours that is nearest to the system's.
#[must_use]
pub fn of_the_system() -> Language {
    lang::nearest(&sys_locale::get_locale().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_found_again_and_nonsense_is_not() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(load(data.path()), None);
        for chosen in [Some("de"), None, Some("fr")] {
            save(data.path(), chosen).unwrap();
            assert_eq!(load(data.path()).as_deref(), chosen);
        }
        for nonsense in ["", "{}", r#"{"language":7}"#, "[]"] {
            fs::write(data.path().join(NAME), nonsense).unwrap();
            assert_eq!(load(data.path()), None, "{nonsense}");
        }
        let all = lang::LANGUAGES;
        assert!(all.iter().any(|l| *l == of_the_system()));
    }
}
