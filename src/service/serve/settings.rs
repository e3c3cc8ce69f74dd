//! Preferences: the profile's own file, and those that Anki keeps in the collection.

use crate::backup::entry::Rules;
use crate::base::error::{Error, Result};
use crate::collection::Collection;
use crate::domain::op::Op;
use crate::scheduler::timing::rollover_hour;
use crate::service::event::{Event, Undone};
use crate::service::language;
use crate::service::request::{CollectionSettings, SettingsRequest};
use crate::service::settings::{self, ProfileSettings, merged};
use crate::service::worker::Worker;
use crate::{mark, t};
use serde::{Deserialize, Serialize};

/// Anki's `backups` config value.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default)]
struct BackupLimits {
    daily: u32,
    weekly: u32,
    monthly: u32,
    minimum_interval_mins: u32,
}

impl Default for BackupLimits {
    fn default() -> Self {
        let rules = Rules::default();
        Self {
            daily: rules.daily,
            weekly: rules.weekly,
            monthly: rules.monthly,
            minimum_interval_mins: rules.minimum_interval_mins,
        }
    }
}

pub(super) fn serve(worker: &mut Worker, request: &SettingsRequest) -> Result<()> {
    match request {
        SettingsRequest::SaveProfile(change) => {
            let now = &worker.open_profile_mut()?.settings;
            let new = merged(now, &change.shown, &change.wanted)?;
            save_profile(worker, new.clamped())
        }
        SettingsRequest::SaveCollection(change) => {
            let profile = worker.open_profile_mut()?.settings.clone();
            let now = read_collection_settings(worker.collection()?, &profile)?;
            let new = merged(&now, &change.shown, &change.wanted)?;
            save_collection(worker, &new)
        }
        SettingsRequest::SaveLanguage(code) => {
            language::save(worker.config.data.path(), code.as_deref())?;
            worker.emit(Event::Language(code.clone()));
            Ok(())
        }
    }
}

pub(super) fn save_profile(worker: &mut Worker, new: ProfileSettings) -> Result<()> {
    let profile = worker.open_profile_mut()?;
    settings::save(&profile.paths.settings(), &new)?;
    let moved = profile.settings.second_backups_folder != new.second_backups_folder;
    let limits = profile.settings.history != new.history;
    profile.settings = new;
    if limits {
        worker.histories.look_again();
    }
    worker.rules_changed();
    if moved {
        worker.copy_elsewhere();
    }
    worker.send_settings();
    worker.mirror_changed();
    Ok(())
}

fn save_collection(worker: &mut Worker, new: &CollectionSettings) -> Result<()> {
    if new.rollover_hour > 23 {
        return Err(Error::invalid(mark!(
            "the next day can start at 0 to 23 o'clock"
        )));
    }
    let limits = BackupLimits {
        daily: new.backups.daily.min(9999),
        weekly: new.backups.weekly.min(9999),
        monthly: new.backups.monthly.min(9999),
        minimum_interval_mins: new.backups.minimum_interval_mins.clamp(5, 9999),
    };
    let output = worker.collection()?.transact(Op::UpdatePreferences, |tx| {
        tx.set_config("rollover", &new.rollover_hour)?;
        tx.set_config("collapseTime", &(new.learn_ahead_mins.min(9999) * 60))?;
        tx.set_config("timeLim", &(new.timebox_mins.min(9999) * 60))?;
        tx.set_config("estTimes", &new.show_intervals)?;
        tx.set_config("dueCounts", &new.show_remaining)?;
        tx.set_config("hideAudioPlayButtons", &!new.show_play_buttons)?;
        tx.set_config("interruptAudioWhenAnswering", &new.interrupt_audio)?;
        tx.set_config("addToCur", &new.add_to_current_deck)?;
        tx.set_config("pasteImagesAsPng", &new.paste_images_as_png)?;
        tx.set_config("pasteStripsFormatting", &new.paste_strips_formatting)?;
        tx.set_config("defaultSearchText", &new.default_search)?;
        tx.set_config("ignoreAccentsInSearch", &new.ignore_accents)?;
        tx.set_config("backups", &limits)
    })?;
    worker.report(Op::UpdatePreferences, Undone::No, &output, 1)
}

/// What the collection says; a missing or damaged value is Anki's default.
pub(in crate::service) fn read_collection_settings(
    collection: &Collection,
    profile: &ProfileSettings,
) -> Result<CollectionSettings> {
    let storage = collection.storage();
    let limits: BackupLimits = storage.config_json("backups")?.unwrap_or_default();
    Ok(CollectionSettings {
        rollover_hour: rollover_hour(storage.config_or("rollover", 4)?).into(),
        learn_ahead_mins: storage.config_json::<u32>("collapseTime")?.unwrap_or(1200) / 60,
        timebox_mins: storage.config_json::<u32>("timeLim")?.unwrap_or(0) / 60,
        show_intervals: storage.config_json("estTimes")?.unwrap_or(true),
        show_remaining: storage.config_json("dueCounts")?.unwrap_or(true),
        show_play_buttons: !storage.config_or("hideAudioPlayButtons", false)?,
        interrupt_audio: storage.config_or("interruptAudioWhenAnswering", true)?,
        flag_names: collection.flag_names()?,
        add_to_current_deck: storage.config_or("addToCur", true)?,
        paste_images_as_png: storage.config_or("pasteImagesAsPng", false)?,
        paste_strips_formatting: storage.config_or("pasteStripsFormatting", false)?,
        default_search: storage.config_or("defaultSearchText", String::new())?,
        ignore_accents: storage.config_or("ignoreAccentsInSearch", false)?,
        backups: Rules {
            daily: limits.daily,
            weekly: limits.weekly,
            monthly: limits.monthly,
            minimum_interval_mins: limits.minimum_interval_mins.max(1),
            keep_last: profile.keep_last_backups,
        },
    })
}

impl Worker {
    /// After a restore put other preferences there. What cannot be read stays as it is.
    pub(in crate::service) fn reload_settings(&mut self) {
        if let Some(profile) = &mut self.profile
            && let Ok((settings, _)) = settings::load(&profile.paths.settings())
        {
            profile.settings = settings;
        }
    }

    /// Sends the settings of the open profile to faces.
    pub(in crate::service) fn send_settings(&mut self) {
        let chosen = language::load(self.config.data.path());
        self.emit(Event::Language(chosen));
        let Some(profile) = &self.profile else {
            return;
        };
        let Some(collection) = &profile.collection else {
            return;
        };
        match read_collection_settings(collection, &profile.settings) {
            Ok(collection) => self.emit(Event::Settings {
                profile: Box::new(profile.settings.clone()),
                collection,
            }),
            Err(error) => {
                self.notice(t!("read the preferences"), &error);
            }
        }
    }
}
