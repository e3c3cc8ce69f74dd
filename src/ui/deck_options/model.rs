//! The options as they are being edited: which preset is chosen, what was changed, what cannot be
//! saved yet. No egui here; ranges are `domain::deck_options`.

use crate::base::ids::DeckConfigId;
use crate::base::lang;
use crate::domain::deck_config::{DeckConfig, DeckConfigInner};
use crate::domain::deck_options::{
    DeckLimits, DeckOptions, DeckOptionsUpdate, PresetUse, SharedOptions, fsrs_params_problem,
    ignore_before_date,
};
use crate::ui::deck_options::text;
use crate::ui::widgets::text::quoted;
use crate::{t, tn};

/// See the module header.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    stored: DeckOptions,
    presets: Vec<PresetUse>,
    selected: DeckConfigId,
    removed: Vec<DeckConfigId>,
    pub limits: DeckLimits,
    pub shared: SharedOptions,
    /// Move due days of cards whose memory changes.
    pub reschedule: bool,
    /// Of the chosen preset, as they are typed.
    pub texts: Texts,
}

/// Options that are typed as text; the preset has the last one that could be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Texts {
    pub learn_steps: String,
    pub relearn_steps: String,
    pub fsrs_params: String,
    pub param_search: String,
    pub ignore_before: String,
}

/// An option that is typed as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextOption {
    LearnSteps,
    RelearnSteps,
    FsrsParams,
    ParamSearch,
    IgnoreBefore,
}

impl TextOption {
    pub const ALL: [Self; 5] = [
        Self::LearnSteps,
        Self::RelearnSteps,
        Self::FsrsParams,
        Self::ParamSearch,
        Self::IgnoreBefore,
    ];
}

/// Where a daily limit is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitScope {
    Preset,
    Deck,
    Today,
}

impl Texts {
    fn of(preset: &DeckConfigInner) -> Self {
        Self {
            learn_steps: text::from_steps(&preset.learn_steps),
            relearn_steps: text::from_steps(&preset.relearn_steps),
            fsrs_params: text::from_params(preset.fsrs_params()),
            param_search: preset.param_search.clone(),
            ignore_before: preset.ignore_revlogs_before_date.clone(),
        }
    }

    pub fn get_mut(&mut self, option: TextOption) -> &mut String {
        match option {
            TextOption::LearnSteps => &mut self.learn_steps,
            TextOption::RelearnSteps => &mut self.relearn_steps,
            TextOption::FsrsParams => &mut self.fsrs_params,
            TextOption::ParamSearch => &mut self.param_search,
            TextOption::IgnoreBefore => &mut self.ignore_before,
        }
    }

    /// Puts what can be read into the preset; says why the rest cannot.
    fn read(&self, option: TextOption, preset: &mut DeckConfigInner) -> Result<(), String> {
        match option {
            TextOption::LearnSteps => preset.learn_steps = text::steps(&self.learn_steps)?,
            TextOption::RelearnSteps => preset.relearn_steps = text::steps(&self.relearn_steps)?,
            TextOption::FsrsParams => {
                if self.fsrs_params == text::from_params(preset.fsrs_params()) {
                    return Ok(());
                }
                let params = text::params(&self.fsrs_params)?;
                if let Some(problem) = fsrs_params_problem(&params) {
                    return Err(lang::known(&problem).into_owned());
                }
                if params.is_empty() {
                    // Those of older versions would hold again.
                    preset.fsrs_params_5.clear();
                    preset.fsrs_params_4.clear();
                }
                preset.fsrs_params_6 = params;
            }
            TextOption::ParamSearch => {
                let search = self.param_search.trim();
                if search != preset.param_search.trim() {
                    crate::search::parse(search)
                        .map_err(|error| quoted(&lang::known(&error.to_string())))?;
                    search.clone_into(&mut preset.param_search);
                }
            }
            TextOption::IgnoreBefore => {
                let date = ignore_before_date(self.ignore_before.trim())
                    .map_err(|_| t!("Type a date like 2026-01-31, or nothing").to_owned())?;
                // Anki reads a date in this form only.
                preset.ignore_revlogs_before_date =
                    date.map(|date| date.to_string()).unwrap_or_default();
            }
        }
        Ok(())
    }
}

impl Draft {
    #[must_use]
    pub fn new(stored: DeckOptions) -> Self {
        let mut draft = Self {
            presets: stored.presets.clone(),
            selected: stored.preset,
            removed: vec![],
            limits: stored.limits,
            shared: stored.shared.clone(),
            reschedule: false,
            texts: Texts::default(),
            stored,
        };
        draft.select(draft.selected);
        draft
    }

    /// What is on disk.
    #[must_use]
    pub fn stored(&self) -> &DeckOptions {
        &self.stored
    }

    /// By name.
    #[must_use]
    pub fn presets(&self) -> &[PresetUse] {
        &self.presets
    }

    /// The chosen preset; None only in a collection without any.
    #[must_use]
    pub fn preset(&self) -> Option<&DeckConfig> {
        let found = self.presets.iter().find(|p| p.preset.id == self.selected);
        found.map(|p| &p.preset)
    }

    pub fn options_mut(&mut self) -> Option<&mut DeckConfigInner> {
        let found = self
            .presets
            .iter_mut()
            .find(|p| p.preset.id == self.selected);
        found.map(|p| &mut p.preset.inner)
    }

    /// Whether saving gives decks another preset than they have on disk.
    #[must_use]
    pub fn moves_decks(&self) -> bool {
        self.selected != self.stored.preset || !self.removed.is_empty()
    }

    /// The desired retention on disk, of the deck or of the chosen preset (0 to 1).
    #[must_use]
    pub fn stored_retention(&self) -> f32 {
        let stored = &self.stored;
        let preset = stored.presets.iter().find(|p| p.preset.id == self.selected);
        let of_preset = preset.map(|p| p.preset.inner.desired_retention);
        let own = stored.limits.desired_retention;
        own.or(of_preset)
            .unwrap_or(DeckConfigInner::default().desired_retention)
    }

    /// Parameters that were fitted for a preset.
    pub fn take_params(&mut self, preset: DeckConfigId, params: &[f32]) {
        let found = self.presets.iter_mut().find(|p| p.preset.id == preset);
        if let Some(found) = found {
            found.preset.inner.fsrs_params_6 = params.to_vec();
            if preset == self.selected {
                self.texts.fsrs_params = text::from_params(params);
            }
        }
    }

    pub fn select(&mut self, id: DeckConfigId) {
        self.selected = id;
        self.texts = self
            .preset()
            .map(|p| Texts::of(&p.inner))
            .unwrap_or_default();
    }

    /// A preset with Anki's defaults, chosen at once.
    pub fn add(&mut self, name: &str) {
        self.insert(name, DeckConfigInner::default());
    }

    /// A copy of the chosen preset, chosen at once.
    pub fn clone_preset(&mut self, name: &str) {
        if let Some(preset) = self.preset() {
            let inner = preset.inner.clone();
            self.insert(name, inner);
        }
    }

    fn insert(&mut self, name: &str, inner: DeckConfigInner) {
        let lowest = self.presets.iter().map(|p| p.preset.id.0).min();
        let id = DeckConfigId(lowest.unwrap_or_default().min(0) - 1);
        let preset = DeckConfig {
            id,
            name: name.trim().to_owned(),
            mtime: Default::default(),
            usn: crate::base::ids::Usn::PENDING,
            inner,
        };
        self.presets.push(PresetUse { preset, decks: 0 });
        self.sort();
        self.select(id);
    }

    pub fn rename(&mut self, name: &str) {
        let selected = self.selected;
        let found = self.presets.iter_mut().find(|p| p.preset.id == selected);
        if let Some(found) = found {
            name.trim().clone_into(&mut found.preset.name);
        }
        self.sort();
    }

    fn sort(&mut self) {
        self.presets
            .sort_by_cached_key(|p| (p.preset.name.to_lowercase(), p.preset.id));
    }

    /// Deletes the chosen preset and chooses Default; false for Default itself.
    pub fn delete(&mut self) -> bool {
        if !self.can_delete() {
            return false;
        }
        let gone = self.selected;
        self.presets.retain(|p| p.preset.id != gone);
        if gone.0 > 0 {
            self.removed.push(gone);
        }
        self.select(DeckConfigId::DEFAULT);
        true
    }

    #[must_use]
    pub fn can_delete(&self) -> bool {
        self.selected != DeckConfigId::DEFAULT
    }

    /// Why a preset cannot be called so; `renaming` lets the chosen one keep its name.
    #[must_use]
    pub fn name_problem(&self, name: &str, renaming: bool) -> Option<String> {
        let name = name.trim();
        if name.is_empty() {
            return Some(t!("Type a name first.").into());
        }
        let taken = self
            .presets
            .iter()
            .any(|p| p.preset.name == name && !(renaming && p.preset.id == self.selected));
        taken.then(|| t!("There is a preset with this name.").into())
    }

    /// "Default (used by 3 decks)", with where this deck is now.
    #[must_use]
    pub fn preset_label(&self, preset: &PresetUse) -> String {
        let mut decks = preset.decks;
        if self.selected != self.stored.preset {
            if preset.preset.id == self.selected {
                decks += 1;
            } else if preset.preset.id == self.stored.preset {
                decks = decks.saturating_sub(1);
            }
        }
        let name = &preset.preset.name;
        match decks {
            0 => t!("{name} (not used)", name),
            n => tn!(
                n as u64,
                "{name} (used by {n} deck)",
                "{name} (used by {n} decks)",
                name
            ),
        }
    }

    /// The chosen preset's id.
    #[must_use]
    pub fn selected(&self) -> DeckConfigId {
        self.selected
    }

    /// After a text was typed: takes it over if it can be read.
    pub fn take_text(&mut self, option: TextOption) {
        let texts = self.texts.clone();
        if let Some(options) = self.options_mut() {
            // What is wrong is shown by `problem_of`.
            let _ = texts.read(option, options);
        }
    }

    /// Why a typed text cannot be read.
    #[must_use]
    pub fn problem_of(&self, option: TextOption) -> Option<String> {
        let mut options = self.preset()?.inner.clone();
        self.texts.read(option, &mut options).err()
    }

    /// The first thing that keeps the options from being saved.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        TextOption::ALL
            .into_iter()
            .find_map(|option| self.problem_of(option))
    }

    #[must_use]
    pub fn scope(&self, limit: Limit) -> LimitScope {
        let (deck, today) = self.limits_of(limit);
        match (deck, today) {
            (_, Some(_)) => LimitScope::Today,
            (Some(_), None) => LimitScope::Deck,
            (None, None) => LimitScope::Preset,
        }
    }

    /// Sets the limit elsewhere, beginning with the number that held before.
    pub fn set_scope(&mut self, limit: Limit, scope: LimitScope) {
        let now = self.limit(limit);
        let (deck, today) = self.limits_mut(limit);
        match scope {
            LimitScope::Preset => (*deck, *today) = (None, None),
            LimitScope::Deck => (*deck, *today) = (Some(deck.unwrap_or(now)), None),
            LimitScope::Today => *today = Some(now),
        }
    }

    /// The number in force.
    #[must_use]
    pub fn limit(&self, limit: Limit) -> u32 {
        let (deck, today) = self.limits_of(limit);
        let preset = self.preset().map_or(0, |p| match limit {
            Limit::New => p.inner.new_per_day,
            Limit::Review => p.inner.reviews_per_day,
        });
        today.or(deck).unwrap_or(preset)
    }

    /// Changes the number where it is set.
    pub fn set_limit(&mut self, limit: Limit, n: u32) {
        let scope = self.scope(limit);
        let (deck, today) = self.limits_mut(limit);
        match scope {
            LimitScope::Today => *today = Some(n),
            LimitScope::Deck => *deck = Some(n),
            LimitScope::Preset => {
                if let Some(options) = self.options_mut() {
                    match limit {
                        Limit::New => options.new_per_day = n,
                        Limit::Review => options.reviews_per_day = n,
                    }
                }
            }
        }
    }

    fn limits_of(&self, limit: Limit) -> (Option<u32>, Option<u32>) {
        match limit {
            Limit::New => (self.limits.new, self.limits.new_today),
            Limit::Review => (self.limits.review, self.limits.review_today),
        }
    }

    fn limits_mut(&mut self, limit: Limit) -> (&mut Option<u32>, &mut Option<u32>) {
        match limit {
            Limit::New => (&mut self.limits.new, &mut self.limits.new_today),
            Limit::Review => (&mut self.limits.review, &mut self.limits.review_today),
        }
    }

    #[must_use]
    pub fn is_changed(&self) -> bool {
        let texts = self.preset().map(|p| Texts::of(&p.inner));
        !self.changed_presets().is_empty()
            || !self.removed.is_empty()
            || self.selected != self.stored.preset
            || self.limits != self.stored.limits
            || self.shared != self.stored.shared
            || self.problem().is_some() && texts.as_ref() != Some(&self.texts)
    }

    fn changed_presets(&self) -> Vec<DeckConfig> {
        let before = |id| self.stored.presets.iter().find(|p| p.preset.id == id);
        self.presets
            .iter()
            .filter(|p| before(p.preset.id).is_none_or(|old| old.preset != p.preset))
            .map(|p| p.preset.clone())
            .collect()
    }

    /// What Save sends.
    #[must_use]
    pub fn update(&self, apply_to_subdecks: bool) -> DeckOptionsUpdate {
        DeckOptionsUpdate {
            deck: self.stored.deck,
            presets: self.changed_presets(),
            selected: self.selected,
            removed: self.removed.clone(),
            apply_to_subdecks,
            limits: self.limits,
            shared: self.shared.clone(),
            reschedule: self.reschedule,
        }
    }
}

/// One of the two daily limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    New,
    Review,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::DeckId;

    fn draft() -> Draft {
        let preset = |id, name: &str, decks| PresetUse {
            preset: DeckConfig {
                id: DeckConfigId(id),
                name: name.into(),
                mtime: Default::default(),
                usn: Default::default(),
                inner: DeckConfigInner::default(),
            },
            decks,
        };
        Draft::new(DeckOptions {
            deck: DeckId(5),
            name: "D".into(),
            preset: DeckConfigId(1),
            presets: vec![preset(1, "Default", 3), preset(9, "Hard", 1)],
            limits: DeckLimits::default(),
            shared: SharedOptions::default(),
            subdecks: 0,
        })
    }

    #[test]
    fn only_what_was_changed_is_sent() {
        let mut d = draft();
        assert!(!d.is_changed() && d.update(false).presets.is_empty());
        d.options_mut().unwrap().new_per_day = 7;
        assert!(d.is_changed());
        assert_eq!(d.update(false).presets.len(), 1);
        d.options_mut().unwrap().new_per_day = 20;
        assert!(!d.is_changed(), "put back by hand");
        d.select(DeckConfigId(9));
        assert!(d.is_changed() && d.update(true).presets.is_empty());
    }

    #[test]
    fn presets_come_and_go() {
        let mut d = draft();
        d.add("Mine");
        assert_eq!(d.preset().unwrap().name, "Mine");
        d.clone_preset("Another");
        d.rename("Zebra");
        let names: Vec<_> = d.presets().iter().map(|p| p.preset.name.as_str()).collect();
        assert_eq!(names, ["Default", "Hard", "Mine", "Zebra"]);
        assert_eq!(d.preset_label(&d.presets()[3]), "Zebra (used by 1 deck)");
        assert_eq!(d.preset_label(&d.presets()[0]), "Default (used by 2 decks)");
        assert!(d.name_problem("Mine", true).is_some());
        assert!(d.name_problem("Zebra", true).is_none());
        assert!(d.delete());
        assert_eq!(d.selected(), DeckConfigId::DEFAULT);
        assert!(!d.delete(), "Default stays");
        d.select(DeckConfigId(9));
        d.delete();
        let update = d.update(false);
        assert_eq!(update.removed, [DeckConfigId(9)]);
        assert_eq!(update.presets.len(), 1, "the new one that was kept");
        assert!(update.presets[0].id.0 < 0);
        update.check().unwrap();
    }

    #[test]
    fn limits_are_set_in_one_of_three_places() {
        let mut d = draft();
        assert_eq!(d.scope(Limit::New), LimitScope::Preset);
        d.set_scope(Limit::New, LimitScope::Deck);
        assert_eq!((d.limits.new, d.limit(Limit::New)), (Some(20), 20));
        d.set_limit(Limit::New, 5);
        d.set_scope(Limit::New, LimitScope::Today);
        d.set_limit(Limit::New, 50);
        assert_eq!((d.limits.new, d.limits.new_today), (Some(5), Some(50)));
        d.set_scope(Limit::New, LimitScope::Deck);
        assert_eq!(d.limit(Limit::New), 5);
        d.set_scope(Limit::New, LimitScope::Preset);
        d.set_limit(Limit::New, 8);
        assert_eq!(d.preset().unwrap().inner.new_per_day, 8);
        assert_eq!(d.limits, DeckLimits::default());
    }

    #[test]
    fn texts_that_cannot_be_read_keep_the_value_and_say_why() {
        let mut d = draft();
        d.texts.learn_steps = "1m 2h 3d".into();
        d.take_text(TextOption::LearnSteps);
        assert_eq!(d.preset().unwrap().inner.learn_steps, [1.0, 120.0, 4320.0]);
        d.texts.learn_steps = "1m soon".into();
        d.take_text(TextOption::LearnSteps);
        assert_eq!(d.preset().unwrap().inner.learn_steps, [1.0, 120.0, 4320.0]);
        assert!(d.problem().unwrap().contains("soon") && d.is_changed());
        d.select(DeckConfigId(9));
        assert_eq!(d.problem(), None);
        d.texts.fsrs_params = "1 2 3".into();
        d.take_text(TextOption::FsrsParams);
        assert!(d.problem_of(TextOption::FsrsParams).unwrap().contains("21"));
        d.options_mut().unwrap().param_search = "(kept".into();
        d.texts.param_search = "(kept ".into();
        assert_eq!(d.problem_of(TextOption::ParamSearch), None, "as it was");
        d.texts.param_search = "(typed".into();
        assert!(d.problem_of(TextOption::ParamSearch).is_some());
        d.texts.param_search = " tag:a ".into();
        d.take_text(TextOption::ParamSearch);
        assert_eq!(d.preset().unwrap().inner.param_search, "tag:a");
        d.texts.fsrs_params = String::new();
        d.options_mut().unwrap().fsrs_params_5 = vec![0.5; 19];
        d.take_text(TextOption::FsrsParams);
        assert!(d.preset().unwrap().inner.fsrs_params().is_empty());
        d.texts.ignore_before = "2026-13-01".into();
        assert!(d.problem_of(TextOption::IgnoreBefore).is_some());
        for (typed, kept) in [(" 20260131 ", "2026-01-31"), ("", "")] {
            d.texts.ignore_before = typed.into();
            d.take_text(TextOption::IgnoreBefore);
            let preset = &d.preset().unwrap().inner;
            assert_eq!(preset.ignore_revlogs_before_date, kept);
        }
    }
}
