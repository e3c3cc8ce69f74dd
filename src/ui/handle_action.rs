//! What screens asked for, done after the frame: requests to the worker, routes, dialogs. Commands
//! of the reviewer are in `review::action`, files are chosen in `pick_file`; words of the worker are
//! folded in by `apply_event`.

use crate::domain::study::Buried;
use crate::explain::UserMessage;
use crate::service::browse::BrowseRequest;
use crate::service::checks::CheckRequest;
use crate::service::event::{Event, Undone};
use crate::service::notes::{NoteEvent, NoteRequest, PictureData};
use crate::service::notetypes::NotetypeRequest;
use crate::service::request::{
    BackupRequest, Changed, DeckRequest, ProfileRequest, Request, SettingsRequest, StatsRequest,
    StudyRequest,
};
use crate::service::settings::ThemeChoice;
use crate::service::sync::SyncRequest;
use crate::t;
use crate::ui::action::Action;
use crate::ui::add_note::AddAction;
use crate::ui::app::App;
use crate::ui::apply_event;
use crate::ui::browse::command::BrowseCommand;
use crate::ui::checks;
use crate::ui::command::Command;
use crate::ui::custom_study;
use crate::ui::deck_options::which;
use crate::ui::decks;
use crate::ui::dialog_host::Trouble;
use crate::ui::filtered;
use crate::ui::guide::Guide;
use crate::ui::history;
use crate::ui::import_export::{self, PackageAction};
use crate::ui::keys::DialogDue;
use crate::ui::model::Phase;
use crate::ui::note_editor::{self, RecordDialog};
use crate::ui::notifications::Toast;
use crate::ui::overview::unbury;
use crate::ui::review;
use crate::ui::route::Route;
use crate::ui::sync::{self, Closing};
use crate::ui::theme::size;
use eframe::egui::{ColorImage, Context, Vec2, ViewportCommand};
use std::path::PathBuf;

/// Where shared decks are.
const SHARED_DECKS: &str = "https://ankiweb.net/shared/decks";

fn is_about_backups(command: Command) -> bool {
    matches!(
        command,
        Command::CreateBackup
            | Command::OpenBackup
            | Command::RevertToBackup
            | Command::DeletedNotes
            | Command::ExploreBackup
            | Command::BackupHealth
            | Command::Timeline
            | Command::CopiesElsewhere
            | Command::OpenBackupsFolder
            | Command::ResumeBackups
    )
}

impl App {
    pub(super) fn handle(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Command(command) => self.run(ctx, command),
            Action::Go(route) => self.go(route),
            Action::Replace(route) => self.router.replace(route),
            Action::Back => self.back(ctx),
            Action::Browse(search) => {
                self.go(Route::Browse);
                self.screens.browse.search_for(&search);
            }
            Action::Ask(request) => self.ask(request),
            Action::Package(action) => self.package(ctx, action),
            Action::DeckOptions(edit) => {
                if self.screens.deck_options.edit(edit) {
                    self.router.back(Route::Decks);
                }
            }
            Action::PlaySounds(sounds) => {
                if let Some(profile) = self.profile_folder() {
                    self.screens.sounds.play(ctx, &profile, sounds);
                }
            }
            Action::Record(store) => {
                if let Some(profile) = self.profile_folder() {
                    let audio = self.screens.sounds.player(ctx, &profile);
                    self.dialogs.open(Box::new(RecordDialog::new(audio, store)));
                }
            }
            Action::Add(action) => {
                for action in self.screens.add.act(action) {
                    self.handle(ctx, action);
                }
            }
            Action::Notetype(edit) => {
                if self.screens.edit_notetype(self.router.current(), edit) {
                    self.back(ctx);
                }
            }
            Action::Open(dialog) => self.dialogs.open(dialog),
            Action::Toast(toast) => self.notifications.push(toast),
            Action::PickFile { ask, then } => self.pick_file(ctx, ask, then),
            Action::OpenFolder(path) => {
                if !self.env.opener.folder(&path) {
                    self.could_not_open(&path.display().to_string());
                }
            }
            Action::OpenUrl(url) => {
                if !self.env.opener.url(&url) {
                    self.could_not_open(&url);
                }
            }
            Action::Copy(text) => ctx.copy_text(text),
            Action::CopyPicture(name) => {
                self.ask(Request::Note(NoteRequest::CopyPicture(name)));
            }
            Action::CancelJob(id) => self.env.service.cancel(id),
            Action::Close(closing) => self.close_now(closing),
            Action::SyncOpened => self.safe_start.opened(),
            Action::DismissBanner => self.model.banner_dismissed = true,
            Action::ResetSizes => {
                self.screens.browse.reset_sizes();
                ctx.send_viewport_cmd(ViewportCommand::Maximized(false));
                // At the start the window has no zoom of its own yet.
                let inner = Vec2::from(size::WINDOW) / ctx.zoom_factor();
                ctx.send_viewport_cmd(ViewportCommand::InnerSize(inner));
            }
        }
    }

    /// Sends a request; when the worker's queue is full, says so and forgets it.
    pub(super) fn ask(&mut self, request: Request) {
        // Undo, another profile, the next card: what was typed is on disk first.
        if !matches!(request, Request::Note(_)) {
            self.save_notes();
        }
        let phase = match &request {
            Request::Profile(ProfileRequest::Open { name }) => {
                Some(Phase::Opening { name: name.clone() })
            }
            Request::Profile(ProfileRequest::Close) => {
                self.model.profile().cloned().map(Phase::Closing)
            }
            _ => None,
        };
        if let Request::Stats(StatsRequest::Graphs { search, days }) = &request {
            self.model.stats.ask(search, *days);
        }
        let chosen = match &request {
            Request::Deck(DeckRequest::Select(id)) => Some(*id),
            _ => None,
        };
        let adding = matches!(request, Request::Note(NoteRequest::Add(_)));
        let closing = matches!(request, Request::Profile(ProfileRequest::Close));
        let opens_dialog = filtered::opens_dialog(&request);
        let ticket = match &request {
            Request::Note(request) => request.ticket(),
            _ => None,
        };
        let again = (!self.dialogs.is_empty()).then(|| Box::new(request.clone()));
        let sent = self.send_to_worker(request);
        if let Some(ticket) = ticket {
            self.screens.media_asked(ticket, sent);
        }
        if let (true, Some(phase)) = (sent, phase) {
            self.model.phase = phase;
        }
        if sent && opens_dialog {
            self.dialog_due = DialogDue::Asked;
        }
        if let (true, Some(deck)) = (sent, chosen) {
            self.model.choose_deck(deck);
        }
        if !sent {
            if adding {
                self.screens.add.not_added();
            }
            if closing {
                self.model.closing = None;
            }
            self.model.study.stop_waiting();
            self.notifications.push(Toast::note(self.why_refused()));
            // A dialog that asked would wait for an answer that does not come.
            if let Some(request) = again {
                let refused = self.refused(request);
                self.dialogs.on_event(&refused);
            }
        }
    }

    /// False when the queue is full. The editor of a note that was to be read or saved is told then:
    /// it would wait for an answer that does not come.
    fn send_to_worker(&mut self, request: Request) -> bool {
        let of_note = match &request {
            Request::Note(
                NoteRequest::StartAdding { .. }
                | NoteRequest::Load(_)
                | NoteRequest::Update(_)
                | NoteRequest::KeepDraft(_),
            ) => Some(Box::new(request.clone())),
            _ => None,
        };
        let sent = self.env.service.request(request);
        if let Some(request) = of_note.filter(|_| !sent) {
            let refused = self.refused(request);
            self.screens.note_refused(&refused);
        }
        sent
    }

    fn refused(&self, request: Box<Request>) -> Event {
        let message = UserMessage {
            cause: self.why_refused().to_owned(),
            ..UserMessage::default()
        };
        Event::Failed { request, message }
    }

    fn why_refused(&self) -> &'static str {
        if self.model.is_over {
            t!("Engram has to be started again")
        } else {
            t!("Engram is busy; try again in a moment")
        }
    }

    fn profile_folder(&self) -> Option<PathBuf> {
        let profile = self.model.profile()?;
        Some(self.env.base.join(&profile.name))
    }

    /// The picture that is to be copied has been loaded, or cannot be.
    pub(super) fn copy_picture(&mut self, ctx: &Context, event: &Event) {
        let Event::Note(NoteEvent::PictureToCopy { name, picture }) = event else {
            return;
        };
        self.notifications.push(match picture {
            Some(PictureData {
                width,
                height,
                rgba,
            }) => {
                let size = [*width as usize, *height as usize];
                ctx.copy_image(ColorImage::from_rgba_unmultiplied(size, rgba));
                Toast::new(t!("Copied"))
            }
            None => Toast::note(t!("“{file}” cannot be shown as a picture", file = name)),
        });
    }

    /// Sends what was typed into notes and is not on disk yet.
    fn save_notes(&mut self) {
        for request in self.screens.unsaved() {
            self.send_to_worker(request);
        }
    }

    /// As [`Self::save_notes`], where what was typed ends: a tag without its space or Enter, too,
    /// and a preference.
    fn leave_notes(&mut self) {
        self.screens.finish_notes();
        self.save_notes();
        for request in self.screens.settings.unsaved() {
            self.env.service.request(request);
        }
    }

    /// To where the user came from, with what that page shows as it is now.
    fn back(&mut self, ctx: &Context) {
        self.leave_notes();
        let before = self.router.current().clone();
        self.router.back(Route::Profiles);
        if matches!(before, Route::EditNote { .. }) {
            self.screens.edit_note.leave();
        }
        self.stop_looks(&before);
        if before == Route::NoteTypes
            || matches!(self.router.current(), Route::Decks | Route::Overview)
        {
            // What was done there may have changed what is shown now.
            for action in apply_event::reload(self.router.current(), Undone::Undo) {
                self.handle(ctx, action);
            }
        }
        match (&before, self.router.current()) {
            (
                Route::EditNote { .. } | Route::Add | Route::Decks | Route::Overview,
                Route::Review,
            ) => self.study_again(&before),
            // It is gone since: the end, or what else there is by now.
            (_, Route::Review) if self.model.study.card.is_none() => self.study_again(&before),
            // The deck may have cards by now.
            (_, Route::Congrats) => self.ask(Request::Study(StudyRequest::Look)),
            // Its fields may be other ones by now.
            (_, Route::Add) => self
                .screens
                .add
                .come_back()
                .into_iter()
                .for_each(|r| self.ask(r)),
            _ => {}
        }
    }

    /// Cards from the list of decks or a deck's page begin with their question, also one that was
    /// up before; from elsewhere one comes back to the side that was up.
    fn study_again(&mut self, before: &Route) {
        if matches!(before, Route::Decks | Route::Overview) {
            self.model.study.wait();
        }
        self.ask(Request::Study(StudyRequest::Next));
    }

    /// What a page that is left looked for: who comes back to it looks anew.
    fn stop_looks(&mut self, before: &Route) {
        match before {
            Route::Timeline => self.ask(Request::Backup(BackupRequest::StopTimeline)),
            Route::Browse => self.ask(Request::Browse(BrowseRequest::StopComparing)),
            _ => {}
        }
    }

    fn go(&mut self, route: Route) {
        let before = self.router.current().clone();
        self.leave_notes();
        if !self.router.go(route) {
            return;
        }
        if before == Route::Stats && self.model.stats.is_loading() {
            self.model.stats.forget_asked();
            self.ask(Request::Stats(StatsRequest::Stop));
        }
        self.stop_looks(&before);
        self.screens.review.leave();
        self.model.study.auto_advance = false;
        if matches!(before, Route::EditNote { .. }) {
            self.screens.edit_note.leave();
        }
        self.screens.browse.leave();
        match self.router.current() {
            Route::Decks => self.ask(Request::Deck(DeckRequest::LoadTree)),
            Route::Review => self.study_again(&before),
            Route::Add => {
                let studied = self.model.study.card.as_ref().map(|card| card.id);
                let studied = studied.filter(|_| before == Route::Review);
                // Names for the choice of decks.
                self.ask(Request::Deck(DeckRequest::LoadTree));
                if let Some(request) = self.screens.add.enter(studied) {
                    self.ask(request);
                }
            }
            Route::EditNote { .. } => self.screens.edit_note.enter(),
            Route::Browse => {
                let settings = self.model.collection_settings.as_ref();
                let usual = settings.map_or("", |s| s.default_search.as_str());
                self.screens.browse.enter(usual);
            }
            &Route::DeckOptions { deck } => {
                self.ask(Request::Deck(DeckRequest::LoadOptions(deck)));
            }
            Route::NoteTypes => self.ask(Request::Notetype(NotetypeRequest::List)),
            &Route::Fields { id } | &Route::CardTemplates { id, .. } => {
                self.ask(Request::Notetype(NotetypeRequest::Load(id)));
            }
            _ => {}
        }
    }

    /// A command from a menu or key; nothing when it cannot be used now.
    pub(super) fn run(&mut self, ctx: &Context, command: Command) {
        if let Err(why) = command.usable(&self.model, self.router.current()) {
            // These are pressed often, or seen where they cannot be used: that deserves an answer.
            if matches!(
                command,
                Command::Undo | Command::Redo | Command::Sync | Command::OpenBackup
            ) {
                self.notifications.push(Toast::note(why));
            }
            return;
        }
        match command {
            Command::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            Command::Undo => self.ask(Request::Undo),
            Command::Redo => self.ask(Request::Redo),
            Command::SwitchProfile => self.leave(Closing::SwitchProfile),
            Command::Sync => self.handle(ctx, sync::press(&self.model)),
            Command::CheckDatabase => self.ask(Request::CheckDatabase),
            Command::FindProblems => self.ask(Request::Check(CheckRequest::Problems)),
            Command::Decks => self.go(Route::Decks),
            Command::Add => self.go(Route::Add),
            Command::AddNote
            | Command::ChooseNotetype
            | Command::ChooseDeck
            | Command::AddHistory => self.screens.add.press(command),
            Command::EditNote => {
                if let Some(card) = &self.model.study.card {
                    let (note, card_type) = (card.note, card.card_type);
                    self.go(Route::EditNote { note, card_type });
                }
            }
            Command::CloseNote => self.handle(ctx, Action::Back),
            Command::CreateCopy => {
                if let Some(card) = &self.model.study.card {
                    let copy = AddAction::Copy(card.id);
                    self.handle(ctx, self.screens.add.ask_before(copy));
                }
            }
            Command::BrowsePage => self.go(Route::Browse),
            Command::Browse(command) => self.browse(ctx, command),
            Command::Stats => self.show_statistics(true),
            Command::StatsCollection => self.show_statistics(false),
            Command::Study => self.study(),
            Command::StudyNow => self.go(Route::Review),
            Command::StudyDeck => {
                self.ask(Request::Deck(DeckRequest::LoadTree));
                self.dialogs.open(Box::new(decks::Chooser::default()));
            }
            Command::CreateDeck => self.dialogs.open(Box::new(decks::create_deck(""))),
            Command::GetShared => self.handle(ctx, Action::OpenUrl(SHARED_DECKS.into())),
            Command::Preferences => self.go(Route::Preferences),
            Command::CheckMedia => {
                self.dialogs.open(Box::new(checks::MediaDialog::default()));
                self.ask(Request::Check(CheckRequest::Media));
            }
            Command::EmptyCards => self.ask(Request::Check(CheckRequest::EmptyCards)),
            Command::NoteTypes => self.go(Route::NoteTypes),
            Command::Guide => self.dialogs.open(Box::new(Guide::default())),
            Command::About => {
                let about = decks::About::new(&self.env.base, self.env.graphics.clone());
                self.dialogs.open(Box::new(about));
            }
            Command::OpenDataFolder => {
                let base = self.env.base.clone();
                self.handle(ctx, Action::OpenFolder(base));
            }
            _ if is_about_backups(command) => self.backup_command(ctx, command),
            Command::Import => self.package(ctx, PackageAction::Import),
            Command::Export => self.package(ctx, PackageAction::Export),
            Command::DecryptFile => self.package(ctx, PackageAction::Decrypt),
            Command::CreateFilteredDeck => self.ask(filtered::open(None)),
            Command::Unbury
            | Command::Rebuild
            | Command::Empty
            | Command::CustomStudy
            | Command::Description => {
                self.overview_command(command);
            }
            Command::DeckOptions => {
                let decks = which::meant(&self.model, self.route());
                match decks.as_slice() {
                    [deck] if deck.filtered => self.ask(filtered::open(Some(deck.id))),
                    [deck] => self.go(Route::DeckOptions { deck: deck.id }),
                    [] => {}
                    _ => self.dialogs.open(Box::new(which::WhichDeck(decks))),
                }
            }
            Command::FindSetting => self.screens.settings.find(),
            Command::SaveDeckOptions => self.screens.deck_options.save_soon(ctx),
            Command::ZoomIn
            | Command::ZoomOut
            | Command::ZoomReset
            | Command::FullScreen
            | Command::ThemeSystem
            | Command::ThemeLight
            | Command::ThemeDark => self.view(ctx, command),
            Command::MoreMenu => review::bar::open_more(ctx),
            about_card => self.about_card(ctx, about_card),
        }
    }

    fn about_card(&mut self, ctx: &Context, command: Command) {
        for action in review::action::run(&mut self.model, &mut self.screens.review, command) {
            self.handle(ctx, action);
        }
    }

    fn backup_command(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::CreateBackup => self.ask(Request::Backup(BackupRequest::Create)),
            Command::DeletedNotes => {
                for action in history::TrashDialog::open() {
                    self.handle(ctx, action);
                }
            }
            Command::ExploreBackup => self.go(Route::Explorer { path: None }),
            Command::BackupHealth => {
                if let Some(profile) = self.model.profile_name().map(str::to_owned) {
                    self.go(Route::Health { profile });
                }
            }
            Command::CopiesElsewhere if self.model.is_open() => self.go(Route::Vaults),
            Command::Timeline if self.model.is_open() => self.go(Route::Timeline),
            Command::Timeline | Command::CopiesElsewhere => {}
            Command::OpenBackupsFolder => self.open_backups_folder(ctx),
            Command::ResumeBackups => self.ask(Request::Backup(BackupRequest::Resume)),
            _ => self.show_backups(),
        }
    }

    /// Closes the program or the profile, after a sync where that is wished.
    pub(super) fn leave(&mut self, closing: Closing) {
        // While its profile is closed, after that, the window can be closed too.
        if self.model.closing.is_some() && !self.is_closing() {
            return;
        }
        self.leaving = None;
        let failed = self.screens.failed_saves();
        let asks = !failed.is_empty() && !self.model.is_over && closing != Closing::Ended;
        // Before what was typed since, which would be lost under it.
        for request in failed {
            self.send_to_worker(request);
        }
        self.leave_notes();
        if asks {
            let question = note_editor::ask_to_close(closing);
            return self.dialogs.open(Box::new(question));
        }
        if self.awaits_saves(closing) {
            self.leaving = Some((closing, None));
            return;
        }
        let before = Request::Sync(SyncRequest::BeforeClosing);
        let syncs = self.model.is_open() && self.model.sync.on_close && !self.model.is_over;
        if syncs && self.env.service.request(before) {
            self.dialogs.close_all();
            self.model.closing = Some(closing);
        } else {
            self.close_now(closing);
        }
    }

    fn close_now(&mut self, closing: Closing) {
        match closing {
            Closing::SwitchProfile => self.ask(Request::Profile(ProfileRequest::Close)),
            Closing::Quit | Closing::Ended if self.model.is_over => {
                self.model.phase = Phase::Stopped;
            }
            Closing::Quit | Closing::Ended => {
                if self.env.service.request(Request::Shutdown) {
                    // Who starts the program now wants another window.
                    self.env.door = None;
                    self.dialogs.close_all();
                    self.model.phase = Phase::Stopping;
                } else {
                    self.model.closing = None;
                }
            }
        }
    }

    /// A command of the Browse page.
    fn browse(&mut self, ctx: &Context, command: BrowseCommand) {
        if command == BrowseCommand::CreateCopy {
            // The Add page may have something to ask first.
            if let Some(card) = self.screens.browse.current_card() {
                let copy = AddAction::Copy(card);
                self.handle(ctx, self.screens.add.ask_before(copy));
            }
            return;
        }
        for action in self.screens.browse.run(command) {
            self.handle(ctx, action);
        }
    }

    /// S: overview and review take turns.
    fn study(&mut self) {
        match self.router.current() {
            Route::Overview => self.go(Route::Review),
            Route::Congrats => self.ask(Request::Study(StudyRequest::Look)),
            _ => self.show_overview(),
        }
    }

    /// Of the current deck, or of everything.
    fn show_statistics(&mut self, of_deck: bool) {
        let deck = self.model.decks.ready().and_then(|decks| {
            let rows = decks::model::all_rows(&decks.root);
            rows.into_iter().find(|row| row.id == decks.current)
        });
        match deck.filter(|_| of_deck) {
            Some(deck) => self.screens.stats.show_deck(&deck.full_name),
            None => self.screens.stats.show_collection(),
        }
        self.go(Route::Stats);
    }

    fn show_overview(&mut self) {
        if let Some(id) = self.model.current_deck() {
            self.ask(Request::Deck(DeckRequest::Select(id)));
        }
        self.go(Route::Overview);
    }

    fn show_backups(&mut self) {
        if let Some(profile) = self.model.profile_name().map(str::to_owned) {
            self.go(Route::Backups { profile });
        }
    }

    fn open_backups_folder(&mut self, ctx: &Context) {
        if let Some(folder) = self.model.backup.folder.clone() {
            self.handle(ctx, Action::OpenFolder(folder));
        }
    }

    fn overview_command(&mut self, command: Command) {
        let Some(id) = self.model.current_deck() else {
            return;
        };
        match command {
            Command::Unbury => {
                let kinds = unbury::kinds(&self.model, self.router.current());
                match kinds.is_some_and(|kinds| kinds.len() > 1) {
                    true => self.dialogs.open(Box::new(unbury::WhichBuried(id))),
                    false => self.ask(unbury::request(id, Buried::All)),
                }
            }
            Command::Rebuild => self.ask(Request::Deck(DeckRequest::RebuildFiltered { id })),
            Command::Empty => self.ask(Request::Deck(DeckRequest::EmptyFiltered { id })),
            Command::CustomStudy => self.ask(custom_study::open(id)),
            _ => {
                let (overview, finished) = (&self.model.overview, &self.model.finished);
                let shown = match self.router.current() {
                    Route::Congrats => finished.as_ref().map(|f| {
                        let congrats = &f.congrats;
                        (congrats.description.as_str(), congrats.markdown)
                    }),
                    _ => (overview.as_ref()).map(|o| (o.description.as_str(), o.markdown)),
                };
                let (text, markdown) = shown.unwrap_or_default();
                let dialog = decks::EditDescription::new(id, text, markdown);
                self.dialogs.open(Box::new(dialog));
            }
        }
    }

    /// Zoom, full screen and theme; kept in the profile's settings when one is open.
    fn view(&mut self, ctx: &Context, command: Command) {
        let shown = self.model.settings.clone();
        let settings = &mut self.model.settings;
        let zoom = settings.ui_zoom_percent;
        match command {
            Command::ZoomIn => settings.ui_zoom_percent = next_zoom(zoom, true),
            Command::ZoomOut => settings.ui_zoom_percent = next_zoom(zoom, false),
            Command::ZoomReset => settings.ui_zoom_percent = 100,
            Command::ThemeSystem => settings.theme = ThemeChoice::System,
            Command::ThemeLight => settings.theme = ThemeChoice::Light,
            Command::ThemeDark => settings.theme = ThemeChoice::Dark,
            _ => {
                let full = ctx.input(|i| i.viewport().fullscreen.unwrap_or(false));
                ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!full));
                return;
            }
        }
        if self.model.is_open() {
            let wanted = self.model.settings.clone();
            let change = Box::new(Changed { shown, wanted });
            self.ask(Request::Settings(SettingsRequest::SaveProfile(change)));
        }
    }

    fn package(&mut self, ctx: &Context, action: PackageAction) {
        for action in import_export::handle(&mut self.model, action) {
            self.handle(ctx, action);
        }
    }

    fn could_not_open(&mut self, what: &str) {
        self.dialogs.open(Box::new(Trouble::new(UserMessage {
            what: t!("Nothing could be started to open it").into(),
            cause: what.to_owned(),
            remedy: t!("Open it yourself in your file manager or browser.").into(),
            details: what.to_owned(),
            ..UserMessage::default()
        })));
    }
}

/// Steps of Ctrl + and −, in percent.
fn next_zoom(percent: u32, larger: bool) -> u32 {
    const STEPS: [u32; 11] = [50, 67, 80, 90, 100, 110, 125, 150, 175, 200, 300];
    if larger {
        STEPS.into_iter().find(|s| *s > percent).unwrap_or(300)
    } else {
        STEPS.into_iter().rev().find(|s| *s < percent).unwrap_or(50)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zoom_goes_in_steps_and_stops_at_the_ends() {
        for (from, larger, want) in [
            (100, true, 110),
            (100, false, 90),
            (105, true, 110),
            (300, true, 300),
            (50, false, 50),
        ] {
            assert_eq!(next_zoom(from, larger), want);
        }
    }
}
