//! The window as a whole: each frame takes the worker's events, turns keys into commands, draws
//! the present screen with bars, dialogs and toasts, then handles what was asked for.

use crate::base::time::Stopwatch;
use crate::domain::op::Op;
use crate::explain::UserMessage;
use crate::service::event::{BackupState, Event, ProfileEvent};
use crate::service::request::{ProfileRequest, Request};
use crate::service::settings::ThemeChoice;
use crate::service::window_place::WindowPlace;
use crate::t;
use crate::ui::action::Action;
use crate::ui::apply_event;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{DialogHost, Trouble};
use crate::ui::environment::Environment;
use crate::ui::filtered;
use crate::ui::import_export::drop::LetGo;
use crate::ui::import_export::{self, PackageAction};
use crate::ui::jobs_panel::JobsPanel;
use crate::ui::keys;
use crate::ui::menu_bar;
use crate::ui::model::{AppModel, Phase};
use crate::ui::note_editor;
use crate::ui::notifications::{Notifications, Toast};
use crate::ui::pick_file::PendingFile;
use crate::ui::review::HiddenBar;
use crate::ui::rich_edit::is_media_file;
use crate::ui::route::{Route, Router};
use crate::ui::safe_start::SafeStart;
use crate::ui::screens::Screens;
use crate::ui::software::Clear;
use crate::ui::sync::Closing;
use crate::ui::theme::{self, Tokens, font};
use crate::ui::top_bar;
use crate::ui::widgets::{progress, surface, text};
use eframe::egui::{
    self, Align, Context, Id, Popup, Rect, Ui, UserAttentionType, ViewportCommand, ViewportId,
    pos2, vec2,
};
use std::path::PathBuf;
use std::time::Duration;

/// Between two looks for the worker's first events.
const START_LOOK: Duration = Duration::from_millis(1);

/// Longest that closing waits for the answer to a save before it asks.
const SAVE_PATIENCE_SECS: f64 = 5.0;

/// See the module header.
pub struct App {
    pub(super) env: Environment,
    pub(super) model: AppModel,
    pub(super) router: Router,
    pub(super) screens: Screens,
    pub(super) dialogs: DialogHost,
    pub(super) notifications: Notifications,
    pub(super) jobs: JobsPanel,
    /// File dialogs that are open.
    pub(super) files: Vec<PendingFile>,
    dropped: LetGo,
    held: keys::Held,
    early: keys::Early,
    /// One that the worker was asked for.
    pub(super) dialog_due: keys::DialogDue,
    /// The top bar while a card is studied without it.
    hidden_bar: HiddenBar,
    pub(super) safe_start: SafeStart,
    /// To be closed when what was typed last is on disk; since when that is waited for, in seconds
    /// of egui's clock.
    pub(super) leaving: Option<(Closing, Option<f64>)>,
    /// What the window wears now, so that changes are applied once.
    worn: Option<Worn>,
    clear: Clear,
}

/// What the command line asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StartWith {
    /// Opened instead of the only one or the profiles window.
    pub profile: Option<String>,
    /// A package to take in once a profile is open.
    pub file: Option<PathBuf>,
    /// As if Shift were held.
    pub safe: bool,
    /// What the program said when it ended by a fault of its own the last time.
    pub crashed: Option<String>,
}

/// Title, theme and zoom as last given to the window.
#[derive(Debug, Clone, PartialEq)]
struct Worn {
    title: String,
    theme: ThemeChoice,
    zoom: u32,
    reduce_motion: bool,
}

/// Closes the window as its close button does, but asks nothing: the system ends the program, with
/// nobody there to answer. Changes of deck options and note types that were not saved go.
pub fn end(ctx: &Context) {
    ctx.data_mut(|d| d.insert_temp(ended(), true));
    ctx.send_viewport_cmd_to(ViewportId::ROOT, ViewportCommand::Close);
}

fn ended() -> Id {
    Id::unique("the system ends the program")
}

impl App {
    /// Installs the look and asks for the profiles.
    #[must_use]
    pub fn new(ctx: &Context, env: Environment, start: StartWith) -> Self {
        theme::install(ctx);
        // Zoom is ours, so that it is remembered.
        ctx.options_mut(|o| o.zoom_with_keyboard = false);
        let data_folder = env.base.display().to_string();
        let (safe_start, begin) = SafeStart::new(start.safe);
        let mut app = Self {
            screens: Screens::new(env.sound),
            env,
            model: AppModel {
                data_folder,
                ..AppModel::default()
            },
            router: Router::default(),
            dialogs: DialogHost::default(),
            notifications: Notifications::default(),
            jobs: JobsPanel::default(),
            files: vec![],
            dropped: LetGo::default(),
            held: keys::Held::default(),
            early: keys::Early::default(),
            dialog_due: keys::DialogDue::default(),
            hidden_bar: HiddenBar::default(),
            safe_start,
            leaving: None,
            worn: None,
            clear: Clear::default(),
        };
        app.model.start_with = start;
        if let Some(details) = app.model.start_with.crashed.take() {
            app.dialogs.open(Box::new(Trouble::new(crashed(details))));
        }
        if let Some(action) = begin {
            app.handle(ctx, action);
        }
        app.ask(Request::Profile(ProfileRequest::List));
        app
    }

    /// Before the first frame: takes in what the worker says until there is something to show, at
    /// most for `patience`. A frame that shows nothing takes longer to draw than this to wait.
    pub fn wait_for_start(&mut self, ctx: &Context, patience: Duration) {
        let waited = Stopwatch::start();
        while self.model.is_starting() && waited.elapsed() < patience {
            std::thread::sleep(START_LOOK);
            self.take_events(ctx);
        }
    }

    /// What the window is filled with before each frame, for who paints it.
    #[must_use]
    pub fn clear(&self) -> &Clear {
        &self.clear
    }

    /// For tests: what screens draw from.
    #[must_use]
    pub fn model(&self) -> &AppModel {
        &self.model
    }

    /// For tests: which screen is up.
    #[must_use]
    pub fn route(&self) -> &Route {
        self.router.current()
    }

    /// For tests and start-up: as if a screen had sent it.
    pub fn send(&mut self, ctx: &Context, action: Action) {
        self.handle(ctx, action);
    }

    fn take_events(&mut self, ctx: &Context) {
        for event in self.env.service.drain_events() {
            let follow = apply_event::apply(&mut self.model, &mut self.router, &event);
            let more = self.screens.on_event(&event);
            match &event {
                // Its toast has come before; folding is no step of undo.
                Event::Done {
                    op: Op::AddNote | Op::CollapseDeck,
                    ..
                } => {}
                Event::Done { .. } | Event::Profile(ProfileEvent::Opened { .. }) => {
                    self.notifications.forget_undo();
                }
                Event::Failed { request, .. } if filtered::opens_dialog(request) => {
                    self.dialog_due = keys::DialogDue::No;
                }
                Event::Profile(ProfileEvent::Closed) => {
                    self.notifications.forget_undo();
                    // What is chosen in file dialogs that are open was meant for it.
                    self.files.clear();
                    self.dialog_due = keys::DialogDue::No;
                }
                _ => {}
            }
            self.dialogs.on_event(&event);
            self.copy_picture(ctx, &event);
            for action in follow.into_iter().chain(more) {
                self.handle(ctx, action);
            }
        }
        self.model.jobs = self.env.service.jobs();
    }

    /// Whether keys are for the screen: nothing lies above it and nobody types.
    fn keys_are_free(&self, ctx: &Context) -> bool {
        self.dialogs.is_empty() && !self.jobs.is_busy() && !Popup::is_any_open(ctx)
    }

    /// What is done in a profile that is being closed would come to nothing.
    pub(super) fn is_closing(&self) -> bool {
        matches!(self.model.phase, Phase::Closing(_))
    }

    /// See [`keys::Early`].
    fn keep_early_keys(&mut self, ctx: &Context) {
        let route = self.router.current();
        let has_fields = matches!(route, Route::Add | Route::EditNote { .. });
        let is_here = has_fields && self.keys_are_free(ctx) && !self.is_closing();
        let due = std::mem::take(&mut self.dialog_due);
        let dialog_comes = due == keys::DialogDue::Asked && !self.is_closing();
        if dialog_comes {
            self.dialog_due = due;
        }
        let waits = dialog_comes || is_here && self.screens.awaits_fields(route);
        let takes = is_here || due == keys::DialogDue::Drawn;
        let has_keyboard = takes && ctx.text_edit_focused();
        let early = &mut self.early;
        if ctx.input_mut(|input| early.follow(&mut input.events, waits, has_keyboard)) {
            // What it waits for wakes the window; the keyboard is there some frames later.
            ctx.request_repaint_after(Duration::from_millis(50));
        }
    }

    fn take_keys(&mut self, ctx: &Context) {
        if !self.keys_are_free(ctx) || self.is_closing() {
            return;
        }
        let typing = ctx.text_edit_focused() || self.screens.edits_masks(self.router.current());
        let focused = ctx.memory(|m| m.focused().is_some());
        let (model, route) = (&self.model, self.router.current());
        // A strip in a field is inside the page: the keys that end it do not end the page.
        let strip = self.screens.strip_has_keyboard(route);
        let mut pressed = vec![];
        ctx.input_mut(|input| {
            for &command in Command::ALL {
                for (nth, &(scope, keys)) in command.info().keys.iter().enumerate() {
                    let Some(keys) = command.wanted_key(nth, keys, &model.settings) else {
                        continue;
                    };
                    let presses_focused = focused && keys.presses_buttons();
                    let is_the_strips = strip && keys.ends_a_strip();
                    if scope.is_active(model, route)
                        && (!typing || keys.works_while_typing())
                        && !presses_focused
                        && !is_the_strips
                        && keys.take(input)
                    {
                        pressed.push(command);
                    }
                }
            }
        });
        let is_lent = self.model.exclusive_job().is_some();
        for command in pressed {
            let browse = &mut self.screens.browse;
            let waits =
                matches!(command, Command::Browse(it) if !is_lent && browse.keeps_for_later(it));
            if !waits {
                self.run(ctx, command);
            }
        }
    }

    /// Not while something is being done or edited: an import may change what a draft is of.
    fn takes_files(&self) -> bool {
        let is_busy = self.jobs.is_busy() || self.is_closing();
        let is_free = !is_busy && !import_export::is_waiting(&self.model);
        self.dialogs.is_empty() && is_free && !self.router.current().is_draft()
    }

    /// Whether the page has the fields of a note.
    fn is_on_note(&self) -> bool {
        let browse = &self.model.browse;
        match self.router.current() {
            Route::Add | Route::EditNote { .. } => true,
            Route::Browse => browse.chosen > 0 && !browse.preview,
            _ => false,
        }
    }

    /// A package dropped on the window can be imported or explored. Pictures and sounds are for
    /// the field that they were dropped on, which has taken them already.
    fn take_dropped_files(&mut self, ctx: &Context) {
        let dropped: Vec<PathBuf> = ctx.input(|i| {
            let files = i.raw.dropped_files.iter();
            files.map(|f| f.path().to_owned()).collect()
        });
        let Some(path) = dropped.first() else { return };
        if !self.takes_files() {
            let words = t!("Finish what is open first, then drop the file again");
            self.notifications.push(Toast::note(words));
            return;
        }
        if self.is_on_note() && dropped.iter().all(|path| is_media_file(path)) {
            let words = t!("Drop it on a field");
            self.notifications.push(Toast::note(words));
            return;
        }
        if let Some(others) = dropped.get(1..).filter(|others| !others.is_empty()) {
            let words = import_export::drop::only_first(path, others);
            self.notifications.push(Toast::note(words));
        }
        let action = PackageAction::Dropped(path.clone());
        self.handle(ctx, Action::Package(action));
    }

    /// How large the window is, for the next start; not while it fills the screen or is out of sight.
    fn note_place(&self, ctx: &Context) {
        let zoom = ctx.zoom_factor();
        let (inner, maximized, other) = ctx.input(|i| {
            let v = i.viewport();
            let on = |flag: Option<bool>| flag.unwrap_or(false);
            (
                v.inner_rect,
                on(v.maximized),
                on(v.fullscreen) || on(v.minimized),
            )
        });
        let (Some(inner), false, Ok(mut place)) = (inner, other, self.env.place.lock()) else {
            return;
        };
        let size = inner.size() * zoom;
        let before = place.filter(|_| maximized);
        *place = Some(WindowPlace {
            width: before.map_or(size.x, |p| p.width),
            height: before.map_or(size.y, |p| p.height),
            maximized,
        });
    }

    /// The program was started while this window is open: it comes to the front, and takes the
    /// file that the other start was given.
    fn take_other_starts(&mut self, ctx: &Context) {
        while let Ok(file) = self.env.started_again.try_recv() {
            ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
            ctx.send_viewport_cmd(ViewportCommand::Focus);
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(
                UserAttentionType::Informational,
            ));
            match file {
                None => {}
                Some(_) if !self.takes_files() => {
                    let words = t!("Finish what is open first, then open the file again");
                    self.notifications.push(Toast::note(words));
                }
                Some(file) => self.handle(ctx, Action::Package(PackageAction::Offer(file))),
            }
        }
    }

    /// Closing waits for the worker: it saves, makes the backup on close and answers.
    fn close_orderly(&mut self, ctx: &Context) {
        let asked = ctx.input(|i| i.viewport().close_requested());
        if let Some(door) = &self.env.door {
            // A file that is handed over while this closes would never be opened.
            let closing = self.leaving.map(|(closing, _)| closing);
            let closing = self.model.closing.or(closing);
            let ends = matches!(closing, Some(Closing::Quit | Closing::Ended));
            door.set_open(!ends);
            let profile = match &self.model.phase {
                Phase::Starting => self.model.start_with.profile.as_deref(),
                Phase::Opening { name } => Some(name.as_str()),
                _ => self.model.profile().map(|profile| profile.name.as_str()),
            };
            door.set_profile(profile);
        }
        match self.model.phase {
            Phase::Stopped if !asked => ctx.send_viewport_cmd(ViewportCommand::Close),
            Phase::Stopping if asked => ctx.send_viewport_cmd(ViewportCommand::CancelClose),
            Phase::Stopped | Phase::Stopping => {}
            _ if asked => {
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
                if ctx.data_mut(|d| d.remove_temp::<bool>(ended())).is_some() {
                    // What was begun ends without a question too.
                    self.model.closing = self.model.closing.map(|_| Closing::Ended);
                    self.leave(Closing::Ended);
                    return;
                }
                if let Some(question) = self.screens.ask_to_discard(self.router.current()) {
                    if self.dialogs.is_empty() {
                        self.dialogs.open(Box::new(question));
                    }
                    return;
                }
                self.leave(Closing::Quit);
            }
            _ => {}
        }
    }

    /// Whether what was typed last may still fail to come to the disk, with somebody there to ask.
    pub(super) fn awaits_saves(&self, closing: Closing) -> bool {
        closing != Closing::Ended && !self.model.is_over && self.screens.awaits_saves()
    }

    /// Closing waited for the last saves: it goes on when they are answered. One that failed is
    /// asked about there, and so is one that nobody answers.
    fn go_on_leaving(&mut self, ctx: &Context) {
        let Some((closing, since)) = &mut self.leaving else {
            return;
        };
        let closing = *closing;
        let now = ctx.input(|i| i.time);
        let left = SAVE_PATIENCE_SECS - (now - *since.get_or_insert(now));
        if !self.awaits_saves(closing) {
            self.leave(closing);
        } else if left > 0.0 {
            ctx.request_repaint_after(Duration::from_secs_f64(left));
        } else {
            self.leaving = None;
            let question = note_editor::ask_to_close(closing);
            self.dialogs.open(Box::new(question));
        }
    }

    fn wear(&mut self, ctx: &Context) {
        let name = self.model.profile_name();
        let wanted = Worn {
            title: name.map_or_else(|| "Engram".to_owned(), |n| format!("{n} – Engram")),
            theme: self.model.settings.theme,
            zoom: self.model.settings.ui_zoom_percent,
            reduce_motion: self.model.settings.reduce_motion,
        };
        if self.worn.as_ref() == Some(&wanted) {
            return;
        }
        ctx.send_viewport_cmd(ViewportCommand::Title(wanted.title.clone()));
        ctx.set_theme(match wanted.theme {
            ThemeChoice::System => egui::ThemePreference::System,
            ThemeChoice::Light => egui::ThemePreference::Light,
            ThemeChoice::Dark => egui::ThemePreference::Dark,
        });
        ctx.set_zoom_factor(wanted.zoom.clamp(50, 300) as f32 / 100.0);
        theme::set_reduced_motion(ctx, wanted.reduce_motion);
        self.worn = Some(wanted);
    }

    fn draw(&mut self, ui: &mut Ui) -> Vec<Action> {
        let ctx = ui.ctx().clone();
        let uncovered = self.keys_are_free(&ctx);
        let free = uncovered && !ctx.text_edit_focused();
        let mut cx = UiContext::new(
            &self.model,
            self.router.current(),
            &self.env.clock,
            &self.env.base,
            free,
        );
        cx.covered = !uncovered;
        if cx.route.in_main_window() {
            cx.menu_key = menu_bar::take_key(&cx, &ctx);
        }
        let mut r = ctx.content_rect();
        match &self.model.phase {
            Phase::Stopping | Phase::Stopped => closing(ui, r, &self.model),
            Phase::Opening { name } => opening(ui, r, name),
            Phase::Closing(profile) => closing_profile(ui, r, &profile.name, &self.model),
            _ => {
                let full_screen = ctx.input(|i| i.viewport().fullscreen.unwrap_or(false));
                let hidden =
                    *cx.route == Route::Review && cx.model.settings.hide_top_bar.hides(full_screen);
                if hidden {
                    top_bar::banner_ui(&cx, ui, &mut r);
                } else if cx.route.in_main_window() {
                    top_bar::ui(&cx, ui, &mut r);
                }
                let page = egui::UiBuilder::new().max_rect(r).id_salt("page");
                ui.scope_builder(page, |ui| {
                    ui.set_clip_rect(r);
                    self.screens.ui(&cx, ui);
                });
                if hidden {
                    top_bar::over_page(&cx, ui, ctx.content_rect(), &mut self.hidden_bar);
                }
            }
        }
        import_export::drop::hint(&ctx, !self.takes_files(), self.is_on_note());
        self.jobs.ui(&cx, &ctx);
        self.dialogs.ui(&cx, &ctx);
        self.notifications.ui(&cx, &ctx);
        cx.into_actions()
    }
}

/// Of the last time, from its first line.
fn crashed(details: String) -> UserMessage {
    let first = details
        .lines()
        .find(|line| !line.starts_with("panicked at"));
    UserMessage {
        what: t!("Engram ended by a fault of its own the last time").into(),
        cause: first
            .unwrap_or(t!("It is not known why."))
            .trim()
            .to_owned(),
        remedy: t!(
            "What was saved is on disk, and every backup is where it was: Backups > Open \
             Backup… shows the newest. If it happens again, the details help to mend it."
        )
        .into(),
        details,
        ..UserMessage::default()
    }
}

/// While the worker saves and backs up, or waits for work that reads the collection.
fn closing(ui: &mut Ui, r: Rect, model: &AppModel) {
    if model.backup.state == BackupState::Running {
        waiting(
            ui,
            r,
            t!("Backing up…"),
            t!("Engram closes when the backup is verified."),
        );
    } else {
        waiting(ui, r, t!("Closing Engram…"), running(model));
    }
}

/// As above, and the window stays.
fn closing_profile(ui: &mut Ui, r: Rect, name: &str, model: &AppModel) {
    let line = match model.backup.state {
        BackupState::Running => t!("Backing up…"),
        _ => running(model),
    };
    waiting(ui, r, &t!("Closing {name}…", name), line);
}

/// What still goes on, such as an export; empty when nothing does that has a name.
fn running(model: &AppModel) -> &str {
    let mut titles = model.jobs.iter().map(|job| job.title.as_str());
    titles.find(|title| !title.is_empty()).unwrap_or_default()
}

fn opening(ui: &mut Ui, r: Rect, name: &str) {
    // Most collections open faster than this can be read: a quiet window until then.
    if ui.input(|i| i.time) > 0.0 {
        waiting(ui, r, &t!("Opening {name}…", name), "");
    }
}

fn waiting(ui: &mut Ui, r: Rect, title: &str, line: &str) {
    let t = Tokens::of(ui);
    let c = r.center();
    progress::spinner_at(ui, c - vec2(0.0, 28.0));
    let at = |y: f32| Rect::from_center_size(pos2(c.x, y), vec2(r.width() - 48.0, 24.0));
    text::label(
        ui,
        at(c.y + 4.0),
        Align::Center,
        title,
        font::strong(),
        t.text,
    );
    if !line.is_empty() {
        text::label(
            ui,
            at(c.y + 28.0),
            Align::Center,
            line,
            font::small(),
            t.text2,
        );
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_events(ctx);
        for action in self.safe_start.look(ctx) {
            self.handle(ctx, action);
        }
        self.take_picked_files(ctx);
        self.dropped.wait_for_pointer(ctx);
        self.take_other_starts(ctx);
        self.close_orderly(ctx);
        self.go_on_leaving(ctx);
        self.wear(ctx);
        self.note_place(ctx);
        // "4 min ago", counts at the change of the day: look again now and then.
        ctx.request_repaint_after(Duration::from_secs(20));
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        // `Glow` has begun the frame with this colour; painting it again takes long where there is no
        // graphics card.
        if frame.gl().is_none() {
            let canvas = Tokens::of(ui).canvas;
            surface::fill(ui, ctx.content_rect(), 0, canvas);
        }
        ctx.input_mut(|input| {
            let (modifiers, now) = (input.modifiers, input.time);
            self.held.follow(&mut input.events, modifiers, now);
            keys::name_digits(&mut input.events);
        });
        self.keep_early_keys(&ctx);
        self.take_keys(&ctx);
        let actions = self.draw(ui);
        self.model.browse = self.screens.browse.state();
        if self.dialog_due == keys::DialogDue::Asked && !self.dialogs.is_empty() {
            self.dialog_due = keys::DialogDue::Drawn;
        }
        for action in actions {
            self.handle(&ctx, action);
        }
        self.take_dropped_files(&ctx);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        self.clear
            .begin(visuals.panel_fill)
            .to_normalized_gamma_f32()
    }
}
