//! The screens' own passing state (what is typed, scrolled, opened), one field a screen, and the
//! one place that knows which route draws which screen.

use crate::service::event::{Event, ProfileEvent};
use crate::service::request::Request;
use crate::ui::action::Action;
use crate::ui::audio::Devices;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::Question;
use crate::ui::route::Route;
use crate::ui::{
    add_note, backups, browse, card_templates, congrats, deck_options, decks, edit_note, explorer,
    health, note_editor, notetypes, overview, profiles, review, settings, stats, timeline, vaults,
};
use eframe::egui::Ui;

pub struct Screens {
    pub decks: decks::DeckScreen,
    pub overview: overview::OverviewScreen,
    pub review: review::ReviewScreen,
    pub congrats: congrats::CongratsScreen,
    pub stats: stats::StatsScreen,
    pub browse: browse::BrowseScreen,
    pub profiles: profiles::ProfilesScreen,
    pub backups: backups::BackupsScreen,
    pub explorer: explorer::ExplorerScreen,
    pub health: health::HealthScreen,
    pub timeline: timeline::TimelineScreen,
    pub vaults: vaults::VaultsScreen,
    pub settings: settings::SettingsScreen,
    pub deck_options: deck_options::DeckOptionsScreen,
    pub add: add_note::AddScreen,
    pub edit_note: edit_note::EditNoteScreen,
    /// What plays sounds of fields.
    pub sounds: note_editor::Sounds,
    pub notetypes: notetypes::NotetypesScreen,
    pub fields: notetypes::fields::FieldsScreen,
    pub card_templates: card_templates::CardTemplatesScreen,
}

impl Screens {
    /// `sound` opens the audio device when the first sound is played.
    #[must_use]
    pub fn new(sound: fn() -> Devices) -> Self {
        Self {
            decks: decks::DeckScreen::default(),
            overview: overview::OverviewScreen::default(),
            review: review::ReviewScreen::new(sound),
            congrats: congrats::CongratsScreen::default(),
            stats: stats::StatsScreen::default(),
            browse: browse::BrowseScreen::new(sound),
            profiles: profiles::ProfilesScreen::default(),
            backups: backups::BackupsScreen::default(),
            explorer: explorer::ExplorerScreen::new(sound),
            health: health::HealthScreen::default(),
            timeline: timeline::TimelineScreen::default(),
            vaults: vaults::VaultsScreen::default(),
            settings: settings::SettingsScreen::default(),
            deck_options: deck_options::DeckOptionsScreen::default(),
            add: add_note::AddScreen::default(),
            edit_note: edit_note::EditNoteScreen::default(),
            sounds: note_editor::Sounds::new(sound),
            notetypes: notetypes::NotetypesScreen::default(),
            fields: notetypes::fields::FieldsScreen::default(),
            card_templates: card_templates::CardTemplatesScreen::new(sound),
        }
    }

    /// Draws the page of `cx.route` into all of `ui`.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        match cx.route {
            Route::Decks => self.decks.ui(cx, ui),
            Route::Overview => self.overview.ui(cx, ui),
            Route::Review => self.review.ui(cx, ui),
            Route::Congrats => self.congrats.ui(cx, ui),
            Route::Stats => self.stats.ui(cx, ui),
            Route::Browse => self.browse.ui(cx, ui),
            Route::Profiles => self.profiles.ui(cx, ui),
            Route::Backups { profile } => self.backups.ui(cx, ui, profile),
            Route::Explorer { path } => self.explorer.ui(cx, ui, path.as_deref()),
            Route::Timeline => self.timeline.ui(cx, ui),
            Route::Vaults => self.vaults.ui(cx, ui),
            Route::Health { profile } => self.health.ui(cx, ui, profile),
            Route::Preferences => self.settings.ui(cx, ui),
            Route::DeckOptions { deck } => self.deck_options.ui(cx, ui, *deck),
            Route::Add => self.add.ui(cx, ui),
            Route::EditNote { note, card_type } => self.edit_note.ui(cx, ui, *note, *card_type),
            Route::NoteTypes => self.notetypes.ui(cx, ui),
            Route::Fields { id } => self.fields.ui(cx, ui, *id),
            Route::CardTemplates { id, ord } => self.card_templates.ui(cx, ui, *id, *ord),
            Route::Starting => {}
        }
    }

    /// Whether the strip of a formula, picture or table has the keyboard on the page of `route`.
    #[must_use]
    pub fn strip_has_keyboard(&self, route: &Route) -> bool {
        match route {
            Route::Add => self.add.strip_has_keyboard(),
            Route::EditNote { .. } => self.edit_note.panel.strip_has_keyboard(),
            Route::Browse => self.browse.strip_has_keyboard(),
            _ => false,
        }
    }

    /// Masks are drawn on the page of `route`: keys are theirs as those of a text are its own.
    #[must_use]
    pub fn edits_masks(&self, route: &Route) -> bool {
        match route {
            Route::Add => self.add.edits_masks(),
            Route::EditNote { .. } => self.edit_note.panel.edits_masks(),
            Route::Browse => self.browse.edits_masks(),
            _ => false,
        }
    }

    /// The fields of the page of `route` are on their way, and the first is to have the keyboard.
    #[must_use]
    pub fn awaits_fields(&self, route: &Route) -> bool {
        match route {
            Route::Add => self.add.awaits_fields(),
            Route::EditNote { .. } => self.edit_note.awaits_fields(),
            _ => false,
        }
    }

    /// A file for a field was asked for, or could not be.
    pub fn media_asked(&mut self, ticket: u64, sent: bool) {
        self.add.media_asked(ticket, sent);
        self.edit_note.panel.media_asked(ticket, sent);
        self.browse.panel.media_asked(ticket, sent);
    }

    /// The question before unsaved changes of `route` are dropped; None when there are none.
    #[must_use]
    pub fn ask_to_discard(&self, route: &Route) -> Option<Question> {
        let draft = match route {
            Route::DeckOptions { .. } => {
                let options = &self.deck_options;
                return options.has_changes().then(|| options.ask_to_discard());
            }
            Route::Fields { .. } => self.fields.draft(),
            Route::CardTemplates { .. } => self.card_templates.draft(),
            _ => None,
        };
        let changed = draft.filter(|draft| draft.is_changed());
        changed.map(notetypes::draft::Draft::ask_to_discard)
    }

    /// What a dialog of a note type's screen decided; true when the screen is to be left.
    pub fn edit_notetype(&mut self, route: &Route, edit: notetypes::Edit) -> bool {
        match route {
            Route::Fields { .. } => self.fields.edit(edit),
            Route::CardTemplates { .. } => self.card_templates.edit(edit),
            _ => false,
        }
    }

    /// The page, the profile or the program is about to be left: what is typed in a note is done.
    pub fn finish_notes(&mut self) {
        self.edit_note.panel.finish();
        self.browse.panel.finish();
    }

    /// What was typed into notes and is not on disk yet; to be sent before anything else.
    pub fn unsaved(&mut self) -> Vec<Request> {
        let mut out = self.edit_note.panel.unsaved();
        out.extend(self.add.unsaved());
        out.extend(self.browse.panel.unsaved());
        out
    }

    /// What was typed into notes and could not be saved, to be tried once more.
    #[must_use]
    pub fn failed_saves(&self) -> Vec<Request> {
        let mut out = self.edit_note.panel.failed_saves();
        out.extend(self.add.failed_draft());
        out.extend(self.browse.panel.failed_saves());
        out
    }

    /// What was typed into notes is on its way: whether it comes to the disk is not known yet.
    #[must_use]
    pub fn awaits_saves(&self) -> bool {
        self.edit_note.panel.awaits_save()
            || self.add.awaits_draft()
            || self.browse.panel.awaits_save()
    }

    /// A note that was to be read or saved: that did not even come into the worker's queue.
    pub fn note_refused(&mut self, refused: &Event) {
        self.add.on_event(refused);
        self.edit_note.on_event(refused);
        self.browse.on_event(refused);
    }

    /// After the model has taken the event in; returns what follows.
    pub fn on_event(&mut self, event: &Event) -> Vec<Action> {
        if let Event::Profile(ProfileEvent::Closed | ProfileEvent::Opened { .. }) = event {
            self.add.forget();
            self.stats.forget();
            self.edit_note.forget();
            self.sounds.stop();
        }
        self.review.on_event(event);
        self.profiles.on_event(event);
        self.backups.on_event(event);
        self.explorer.on_event(event);
        self.health.on_event(event);
        self.timeline.on_event(event);
        self.vaults.on_event(event);
        self.stats.on_event(event);
        self.settings.on_event(event);
        self.deck_options.on_event(event);
        self.notetypes.on_event(event);
        self.fields.on_event(event);
        self.card_templates.on_event(event);
        let mut out = self.add.on_event(event);
        out.extend(self.edit_note.on_event(event).map(Action::Ask));
        out.extend(self.browse.on_event(event).map(Action::Ask));
        out
    }
}
