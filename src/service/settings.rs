//! Settings that Anki does not have in the collection: one JSON file a profile and one for the
//! program. A bad value gives the default and a warning, never a refusal to start.

use crate::backup::mail::MailSettings;
use crate::base::error::{Error, Result};
use crate::base::files;
use crate::base::json_path;
use crate::domain::history_policy::HistoryLimits;
use crate::service::bulk::ReplaceIn;
use crate::service::sync::SyncSettings;
use crate::t;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// `settings.json` in the profile folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfileSettings {
    /// Light, dark or as the system says.
    pub theme: ThemeChoice,
    /// Interface size in percent, 50 to 300.
    pub ui_zoom_percent: u32,
    /// Card size in percent, 50 to 300.
    pub card_zoom_percent: u32,
    /// Space and Enter rate a card Good once the answer is shown.
    pub space_answers_good: bool,
    pub autoplay_audio: bool,
    pub reduce_motion: bool,
    /// The keys of Again, Hard, Good and Easy: one sign each, or empty for none.
    pub answer_keys: [String; 4],
    /// The menus and pages while a card is studied.
    pub hide_top_bar: HideBar,
    /// The answer buttons while a card is studied.
    pub hide_bottom_bar: HideBar,
    /// Less around the card.
    pub minimalist: bool,
    /// Count mode: keep the last n backups instead of daily, weekly, monthly.
    pub keep_last_backups: Option<u32>,
    /// Back up when the program closes and something changed.
    pub backup_on_close: bool,
    /// The folder that mirrors the notes as text files; None for none.
    #[serde(with = "json_path::optional")]
    pub mirror: Option<PathBuf>,
    /// A backup is restored for a trial every so many days; 0: never.
    pub restore_drill_days: u32,
    /// All media files are read and compared every so many days; 0: never.
    pub media_check_days: u32,
    /// Copies elsewhere that nobody asked for wait while the network is metered.
    pub copies_wait_on_metered: bool,
    /// And while the machine runs on its battery.
    pub copies_wait_on_battery: bool,
    /// How long former versions are kept.
    pub history: HistoryLimits,
    /// Where each backup is copied to, too; best on another disk.
    #[serde(with = "json_path::optional")]
    pub second_backups_folder: Option<PathBuf>,
    /// The encrypted backup by mail.
    pub mail: MailSettings,
    /// Pictures of pasted web pages are fetched into the media folder.
    pub fetch_pasted_pictures: bool,
    /// Kinds of addresses on cards that open without a question (`zotero obsidian`), beside those
    /// of web and mail.
    pub open_links: String,
    pub browser: BrowserSettings,
    pub editor_colours: EditorColours,
    pub sync: SyncSettings,
}

/// The colours that were given to words of fields last, red, green and blue; None: not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EditorColours {
    pub text: Option<[u8; 3]>,
    pub highlight: Option<[u8; 3]>,
}

/// How the Browse page was left.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BrowserSettings {
    /// Latest first.
    pub searches: Vec<String>,
    /// Points, by Anki's name of the column.
    pub column_widths: BTreeMap<String, u32>,
    /// Points; None for the usual width.
    pub sidebar_width: Option<u32>,
    /// Points; None for the usual width.
    pub pane_width: Option<u32>,
    /// Points; None for the usual height.
    pub pane_height: Option<u32>,
    pub panes: PaneLayout,
    pub sidebar_hidden: bool,
    /// The preview shows answers at once.
    pub back_side_only: bool,
    /// What was opened and shut in the sidebar, by its key there.
    pub sidebar_open: BTreeMap<String, bool>,
    pub replace: ReplaceSettings,
    pub table: TableLook,
}

impl BrowserSettings {
    /// Columns, sidebar and the note's place are as wide and high as at first.
    pub fn reset_sizes(&mut self) {
        self.column_widths.clear();
        (self.sidebar_width, self.pane_width, self.pane_height) = (None, None, None);
    }
}

/// How the rows of the Browse table look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableLook {
    /// A typeface of the system; empty for the window's own.
    pub font: String,
    /// Size of the letters, in points.
    pub text_points: u32,
    /// Height of a row, in points; larger letters make it higher.
    pub row_points: u32,
}

impl Default for TableLook {
    fn default() -> Self {
        Self {
            font: String::new(),
            text_points: 13,
            row_points: 28,
        }
    }
}

impl TableLook {
    /// What can be chosen, in points.
    pub const TEXT_POINTS: RangeInclusive<u32> = 9..=32;
    /// What can be chosen, in points.
    pub const ROW_POINTS: RangeInclusive<u32> = 20..=80;

    /// Size of the letters in points, whatever stands in the file.
    #[must_use]
    pub fn text_size(&self) -> f32 {
        let limits = Self::TEXT_POINTS;
        self.text_points.clamp(*limits.start(), *limits.end()) as f32
    }

    /// Height of a row in points, with room for the letters.
    #[must_use]
    pub fn row_height(&self) -> f32 {
        let limits = Self::ROW_POINTS;
        let chosen = self.row_points.clamp(*limits.start(), *limits.end()) as f32;
        chosen.max((self.text_size() * 1.5).ceil())
    }
}

/// What was typed and chosen in Find and Replace.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplaceSettings {
    /// Latest first.
    pub finds: Vec<String>,
    /// Latest first, an empty one too.
    pub replacements: Vec<String>,
    pub regex: bool,
    pub match_case: bool,
    pub place: ReplaceIn,
}

/// Where the note stands on the Browse page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaneLayout {
    /// Below the table in windows that are higher than wide or too narrow for both, else beside it.
    #[default]
    Automatic,
    /// Below the table.
    Vertical,
    /// Beside the table.
    Horizontal,
}

/// When a bar is out of sight; the pointer at the window's edge brings it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HideBar {
    #[default]
    Never,
    InFullScreen,
    Always,
}

impl HideBar {
    #[must_use]
    pub fn hides(self, full_screen: bool) -> bool {
        match self {
            Self::Never => false,
            Self::InFullScreen => full_screen,
            Self::Always => true,
        }
    }
}

/// Keys of the four answers, as in Anki.
fn usual_answer_keys() -> [String; 4] {
    ["1", "2", "3", "4"].map(str::to_owned)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    #[default]
    System,
    Light,
    Dark,
}

impl Default for ProfileSettings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            ui_zoom_percent: 100,
            card_zoom_percent: 100,
            space_answers_good: true,
            autoplay_audio: true,
            reduce_motion: false,
            answer_keys: usual_answer_keys(),
            hide_top_bar: HideBar::Never,
            hide_bottom_bar: HideBar::Never,
            minimalist: false,
            keep_last_backups: None,
            backup_on_close: true,
            mirror: None,
            restore_drill_days: 7,
            media_check_days: 30,
            copies_wait_on_metered: true,
            copies_wait_on_battery: false,
            history: HistoryLimits::default(),
            second_backups_folder: None,
            mail: MailSettings::default(),
            fetch_pasted_pictures: true,
            open_links: String::new(),
            browser: BrowserSettings::default(),
            editor_colours: EditorColours::default(),
            sync: SyncSettings::default(),
        }
    }
}

/// Reads settings; each value that cannot be understood takes its default and is named in the
/// warnings. A missing file is all defaults.
pub fn load(path: &Path) -> Result<(ProfileSettings, Vec<String>)> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Ok((ProfileSettings::default(), vec![]));
        }
        Err(e) if e.kind() == std::io::ErrorKind::InvalidData => String::new(),
        Err(e) => return Err(Error::from(e).at(path)),
    };
    Ok(parse(&text))
}

fn parse(text: &str) -> (ProfileSettings, Vec<String>) {
    let mut settings = ProfileSettings::default();
    let Ok(serde_json::Value::Object(given)) = serde_json::from_str(text) else {
        return (
            settings,
            vec![t!("The settings file was damaged; the defaults are used.").to_owned()],
        );
    };
    let mut warnings = vec![];
    for (key, value) in given {
        let one = serde_json::to_value(&settings).map(|all| match all {
            serde_json::Value::Object(mut all) => {
                all.insert(key.clone(), value);
                serde_json::Value::Object(all)
            }
            other => other,
        });
        match one.and_then(serde_json::from_value) {
            Ok(next) => settings = next,
            Err(_) => warnings.push(t!(
                "The setting “{key}” was not understood; its default is used.",
                key
            )),
        }
    }
    (settings.clamped(), warnings)
}

/// `now` with every field that differs between `shown` and `wanted` as in `wanted`.
pub fn merged<T: Serialize + DeserializeOwned>(now: &T, shown: &T, wanted: &T) -> Result<T> {
    let failed = |e| Error::bug("settings cannot be merged").because(e);
    let value = |settings: &T| serde_json::to_value(settings).map_err(failed);
    let mut all = value(now)?;
    merge(&mut all, &value(shown)?, value(wanted)?);
    serde_json::from_value(all).map_err(failed)
}

fn merge(now: &mut Value, shown: &Value, wanted: Value) {
    match (now, wanted) {
        (Value::Object(now), Value::Object(wanted)) => {
            now.retain(|key, _| wanted.contains_key(key) || shown.get(key).is_none());
            for (key, wanted) in wanted {
                let shown = shown.get(&key).unwrap_or(&Value::Null);
                merge(now.entry(key).or_insert(Value::Null), shown, wanted);
            }
        }
        (now, wanted) if *shown != wanted => *now = wanted,
        _ => {}
    }
}

pub fn save(path: &Path, settings: &ProfileSettings) -> Result<()> {
    files::write_json(path, settings)
}

impl ProfileSettings {
    /// Whether links of this kind open without a question.
    #[must_use]
    pub fn opens_links_of(&self, scheme: &str) -> bool {
        let mut kinds = self
            .open_links
            .split(|c: char| c.is_whitespace() || c == ',');
        kinds.any(|kind| kind.trim_end_matches(':').eq_ignore_ascii_case(scheme))
    }

    /// Numbers brought into their ranges.
    #[must_use]
    pub fn clamped(mut self) -> Self {
        self.ui_zoom_percent = self.ui_zoom_percent.clamp(50, 300);
        self.card_zoom_percent = self.card_zoom_percent.clamp(50, 300);
        self.keep_last_backups = self.keep_last_backups.map(|n| n.clamp(1, 9999));
        self.restore_drill_days = self.restore_drill_days.min(365);
        self.media_check_days = self.media_check_days.min(365);
        self.history = self.history.clamped();
        self.sync.most_deleted_percent = self.sync.most_deleted_percent.clamp(1, 100);
        // One sign each, or none; no two alike.
        let unclear = |keys: &[String; 4]| {
            (0..4).any(|i| match keys[i].chars().count() {
                0 => false,
                1 => keys[..i].contains(&keys[i]),
                _ => true,
            })
        };
        if unclear(&self.answer_keys) {
            self.answer_keys = usual_answer_keys();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_value_does_not_cost_the_others() {
        let (settings, warnings) =
            parse(r#"{"theme":"dark","ui_zoom_percent":"huge","card_zoom_percent":999,"new":1}"#);
        assert_eq!(settings.theme, ThemeChoice::Dark);
        assert_eq!(settings.ui_zoom_percent, 100);
        assert_eq!(settings.card_zoom_percent, 300);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
    }

    #[test]
    fn answer_keys_that_cannot_be_told_apart_are_the_usual_ones() {
        let keys = |text: &str| parse(text).0.answer_keys;
        assert_eq!(
            keys(r#"{"answer_keys":["j","k","l",";"]}"#).concat(),
            "jkl;"
        );
        // Two without a key are not alike.
        assert_eq!(
            keys(r#"{"answer_keys":["j","","l",""]}"#),
            ["j", "", "l", ""]
        );
        for text in [
            r#"{"answer_keys":["j","j","l",";"]}"#,
            r#"{"answer_keys":["jk","k","l",";"]}"#,
        ] {
            assert_eq!(keys(text).concat(), "1234", "{text}");
        }
    }

    #[test]
    fn two_quick_changes_are_both_kept() {
        let shown = ProfileSettings::default();
        let mut first = shown.clone();
        first.minimalist = true;
        first.answer_keys[0] = "j".into();
        let mut second = shown.clone();
        second.keep_last_backups = Some(5);
        let now = merged(&shown, &shown, &first).unwrap();
        let now = merged(&now, &shown, &second).unwrap();
        assert!(now.minimalist);
        assert_eq!(now.answer_keys.concat(), "j234");
        assert_eq!(now.keep_last_backups, Some(5));
        let back = merged(&now, &now, &shown).unwrap();
        assert_eq!(back, shown);
    }

    #[test]
    fn what_is_saved_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("settings.json");
        assert_eq!(load(&path).unwrap().0, ProfileSettings::default());
        let changed = ProfileSettings {
            keep_last_backups: Some(30),
            theme: ThemeChoice::Light,
            ..Default::default()
        };
        save(&path, &changed).unwrap();
        assert_eq!(load(&path).unwrap(), (changed, vec![]));
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert_eq!(load(&path).unwrap().1.len(), 1);
    }
}
