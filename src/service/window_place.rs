//! How large the window was when it closed: it opens so again. One small file in the data folder.

use crate::base::error::Result;
use crate::base::files::write_json_in_room;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

const NAME: &str = "window.json";
/// Sizes that no window has.
const WIDEST: f32 = 20_000.0;

/// In points of the window system, without our own zoom.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WindowPlace {
    /// Of the window when it is not maximized.
    pub width: f32,
    pub height: f32,
    pub maximized: bool,
}

/// As it was the last time; None at the first start, or when it cannot be read.
#[must_use]
pub fn load(data_folder: &Path) -> Option<WindowPlace> {
    let text = fs::read(data_folder.join(NAME)).ok()?;
    let place: WindowPlace = serde_json::from_slice(&text).ok()?;
    let fits = |side: f32| (1.0..=WIDEST).contains(&side);
    (fits(place.width) && fits(place.height)).then_some(place)
}

pub fn save(data_folder: &Path, place: WindowPlace) -> Result<()> {
    write_json_in_room(&data_folder.join(NAME), &place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_found_again_and_nonsense_is_not() {
        let data = tempfile::tempdir().unwrap();
        assert_eq!(load(data.path()), None);
        let place = WindowPlace {
            width: 900.0,
            height: 700.5,
            maximized: true,
        };
        save(data.path(), place).unwrap();
        assert_eq!(load(data.path()), Some(place));
        for nonsense in [
            "",
            "{}",
            r#"{"width":0,"height":1,"maximized":false}"#,
            r#"{"width":1e30,"height":600,"maximized":false}"#,
        ] {
            fs::write(data.path().join(NAME), nonsense).unwrap();
            assert_eq!(load(data.path()), None, "{nonsense}");
        }
    }
}
