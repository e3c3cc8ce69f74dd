//! The profiles window and the first start: open, add, rename, delete, bring a profile from Anki.
//! What profiles are on disk is `service::profiles`.

mod bring;
mod first_start;
pub mod model;
mod window;

use crate::base::lang;
use crate::explain::UserMessage;
use crate::service::event::{AnkiProfile, Event, ProfileEvent, ProfileSummary, Salvaged};
use crate::service::request::{BackupRequest, ProfileRequest, Request};
use crate::ui::action::Action;
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{AskText, Question, Trouble};
use crate::ui::dialogs::{Confirm, Prompt, Weight};
use crate::ui::import_export::{self, PackageAction};
use crate::ui::model::Phase;
use crate::ui::route::Route;
use crate::ui::vaults::RestoreElsewhere;
use crate::ui::widgets::list;
use crate::{t, tn};
use eframe::egui::Ui;
use jiff::Zoned;
use std::collections::BTreeSet;
use window::Press;

/// Losses that are named.
const LINES_SHOWN: usize = 8;

/// What the parts draw from.
#[derive(Debug, Clone, Copy)]
struct Shown<'a> {
    profiles: &'a [ProfileSummary],
    anki: &'a [AnkiProfile],
    /// The data folder, for people.
    folder: &'a str,
    now: &'a Zoned,
}

impl Shown<'_> {
    fn names(&self) -> Vec<String> {
        self.profiles.iter().map(|p| p.name.clone()).collect()
    }
}

/// The screen's own state.
#[derive(Debug, Default)]
pub struct ProfilesScreen {
    /// Name of the selected one; the last opened before anything is chosen.
    selected: Option<String>,
    /// Names of all, as they were listed last.
    listed: BTreeSet<String>,
    /// Anki profiles that are not ticked.
    left_out: BTreeSet<String>,
    has_focus: bool,
    /// A collection that could not be opened and was not said yet.
    broken: Option<(String, UserMessage)>,
}

impl ProfilesScreen {
    /// Draws the first start while there is no profile, the window otherwise.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let Some(list) = cx.model.profiles.ready() else {
            return;
        };
        let now = cx.clock.local(cx.now);
        let shown = Shown {
            profiles: &list.profiles,
            anki: &list.anki,
            folder: &cx.model.data_folder,
            now: &now,
        };
        let window = ui.max_rect();
        if shown.profiles.is_empty() {
            self.has_focus = false;
            let left_out = &mut self.left_out;
            let focus = cx.keys_free && list::nothing_has_keys(ui);
            if let Some(way) = first_start::show(ui, window, &shown, left_out, focus) {
                begin(cx, way, &shown);
            }
            return;
        }
        let mut at = self.position(&shown);
        let comes_up = !std::mem::replace(&mut self.has_focus, true);
        let focus = comes_up || cx.keys_free && list::nothing_has_keys(ui);
        let press = window::show(ui, window, &shown, &mut at, focus);
        let profile = &shown.profiles[at];
        self.selected = Some(profile.name.clone());
        if let Some(press) = press {
            pressed(cx, press, profile, &shown);
        }
        if let Some((name, message)) = self.broken.take() {
            self.selected = Some(name.clone());
            cx.open(broken(&name, message));
        }
    }

    /// A broken collection is said once each time it is tried.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Profile(ProfileEvent::Broken { name, message }) => {
                self.broken = Some((name.clone(), message.clone()));
            }
            Event::Profile(ProfileEvent::Opened { name, .. }) => {
                self.selected = Some(name.clone());
                self.has_focus = false;
            }
            Event::Profile(ProfileEvent::Listed { profiles, .. }) => self.follow_rename(profiles),
            _ => {}
        }
    }

    /// The selected one stays so under its new name.
    fn follow_rename(&mut self, profiles: &[ProfileSummary]) {
        let names: BTreeSet<String> = profiles.iter().map(|p| p.name.clone()).collect();
        let is_gone = self.selected.as_ref().is_some_and(|s| !names.contains(s));
        let mut fresh = names.difference(&self.listed);
        if is_gone && let (Some(name), None) = (fresh.next(), fresh.next()) {
            self.selected = Some(name.clone());
        }
        self.listed = names;
    }

    fn position(&self, shown: &Shown<'_>) -> usize {
        self.selected
            .as_ref()
            .and_then(|s| shown.profiles.iter().position(|p| p.name == *s))
            .unwrap_or_else(|| model::preselected(shown.profiles))
    }
}

fn ask(request: ProfileRequest) -> Action {
    Action::Ask(Request::Profile(request))
}

/// The first start's choice.
fn begin(cx: &UiContext<'_>, way: first_start::Way, shown: &Shown<'_>) {
    match way {
        first_start::Way::New => {
            let taken = shown.names();
            cx.send(ask(ProfileRequest::Create {
                name: model::free_name(&taken),
                with_sample: true,
            }));
        }
        first_start::Way::Bring(names) => {
            cx.send(ask(ProfileRequest::ImportAnki { base: None, names }));
        }
        first_start::Way::ChooseFolder => bring::choose_folder(cx),
        first_start::Way::Elsewhere => cx.open(RestoreElsewhere::anywhere(None)),
        first_start::Way::OpenFile => {
            cx.pick_file(import_export::file_ask(), |path| {
                Action::Package(PackageAction::Offer(path))
            });
        }
    }
}

fn pressed(cx: &UiContext<'_>, press: Press, profile: &ProfileSummary, shown: &Shown<'_>) {
    let name = profile.name.clone();
    match press {
        Press::Open => cx.send(ask(ProfileRequest::Open { name })),
        Press::OpenBackup => cx.go(Route::Backups { profile: name }),
        Press::FromAnki => bring::bring(cx, shown.anki),
        Press::Elsewhere => cx.open(RestoreElsewhere::anywhere(Some(name))),
        Press::Quit => cx.command(Command::Quit),
        Press::Add => cx.open(add_dialog(shown)),
        Press::Rename => cx.open(rename_dialog(name, shown)),
        Press::Delete => {
            let delete = ask(ProfileRequest::Delete { name });
            cx.open(Question::new(delete_question(profile), delete));
        }
    }
}

fn add_dialog(shown: &Shown<'_>) -> AskText {
    let taken = shown.names();
    let prompt = Prompt {
        title: t!("Add a profile").into(),
        body: t!("A profile has its own collection, media, settings and backups.").into(),
        label: t!("Name").into(),
        value: model::free_name(&taken),
        action: t!("Add profile").into(),
        ..Prompt::default()
    };
    AskText::new(prompt, |name| {
        ask(ProfileRequest::Create {
            name: name.trim().to_owned(),
            with_sample: false,
        })
    })
    .check(move |name| model::name_problem(name, &taken))
}

fn rename_dialog(old: String, shown: &Shown<'_>) -> AskText {
    let others: Vec<String> = shown.names().into_iter().filter(|n| *n != old).collect();
    let prompt = Prompt {
        title: t!("Rename “{old}”", old),
        label: t!("New name").into(),
        value: old.clone(),
        action: t!("Rename").into(),
        ..Prompt::default()
    };
    AskText::new(prompt, move |new| {
        ask(ProfileRequest::Rename {
            old,
            new: new.trim().to_owned(),
        })
    })
    .check(move |name| model::name_problem(name, &others))
}

fn delete_question(profile: &ProfileSummary) -> Confirm {
    let body = match profile.cards {
        Some(n) => tn!(
            n,
            "Its {n} card, its media and its backups go to the trash of your system. \
             A last backup is kept outside the profile first.",
            "Its {n} cards, its media and its backups go to the trash of your system. \
             A last backup is kept outside the profile first."
        ),
        None => t!(
            "Its collection, its media and its backups go to the trash of your system. \
             A last backup is kept outside the profile first."
        )
        .into(),
    };
    Confirm {
        title: t!("Delete the profile “{name}”?", name = profile.name),
        body,
        cancel: t!("Cancel").into(),
        action: t!("Delete profile").into(),
        weight: Weight::Destructive,
        ..Confirm::default()
    }
}

/// "Cannot be opened", with the way to its backups.
fn broken(name: &str, message: UserMessage) -> Trouble {
    let message = UserMessage {
        what: t!("The collection of “{name}” cannot be opened", name),
        ..message
    };
    let backups = Action::Go(Route::Backups {
        profile: name.to_owned(),
    });
    let salvage = BackupRequest::Salvage {
        profile: name.to_owned(),
    };
    Trouble::new(message)
        .happened(t!(
            "Nothing was changed. Its backups are not affected and can be restored now."
        ))
        .help(t!("Open Backup…"), backups)
        .otherwise(t!("Salvage…"), Action::Ask(Request::Backup(salvage)))
}

/// What was salvaged, and whether to go on with it.
#[must_use]
pub fn salvaged(done: &Salvaged) -> Question {
    let mut body = t!(
        "{notes}, {cards} and {reviews} could be read.",
        notes = tn!(done.notes, "{n} note", "{n} notes"),
        cards = tn!(done.cards, "{n} card", "{n} cards"),
        reviews = tn!(done.reviews, "{n} review", "{n} reviews"),
    );
    if done.lost == 0 {
        body.push(' ');
        body.push_str(t!("Nothing is known to be lost."));
    }
    for line in done.lines.iter().take(LINES_SHOWN) {
        body.push('\n');
        body.push_str(&lang::known(line));
    }
    if done.lines.len() > LINES_SHOWN {
        body.push_str("\n…");
    }
    let confirm = Confirm {
        title: t!(
            "Open what was salvaged as the collection of “{profile}”?",
            profile = done.profile
        ),
        body,
        assurance: t!(
            "The damaged file is kept beside the backups, and what was salvaged in {path}.",
            path = done.path.display()
        ),
        cancel: t!("Not now").into(),
        action: t!("Open it").into(),
        ..Confirm::default()
    };
    let restore = BackupRequest::Restore {
        profile: done.profile.clone(),
        path: done.path.clone(),
    };
    Question::new(confirm, Action::Ask(Request::Backup(restore)))
}

/// Whether the profiles window is up, so that a file belongs to a new profile.
#[must_use]
pub fn is_up(phase: &Phase) -> bool {
    matches!(phase, Phase::Profiles | Phase::Broken { .. })
}
