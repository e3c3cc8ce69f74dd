//! What the worker says, folded into the model; and what has to be asked or shown because of it.

use crate::base::lang;
use crate::domain::op::Op;
use crate::domain::study::Counts;
use crate::service::event::{
    BackupEvent, DeckEvent, DeckOverview, Event, ImportedProfile, JobEvent, PackageEvent,
    ProfileEvent, StatsEvent, StudyEvent, Undone,
};
use crate::service::filtered::FilteredRequest;
use crate::service::notes::NoteRequest;
use crate::service::notetypes::{NotetypeEvent, NotetypeRequest};
use crate::service::request::{
    BackupRequest, DeckRequest, PackageRequest, ProfileRequest, Request, StatsRequest, StudyRequest,
};
use crate::ui::action::Action;
use crate::ui::browse;
use crate::ui::checks;
use crate::ui::deck_options::reschedule::RescheduleDialog;
use crate::ui::dialog_host::Trouble;
use crate::ui::import_export::{self, PackageAction};
use crate::ui::model::{AppModel, DeckList, Finished, Loadable, OpenProfile, Phase, ProfileList};
use crate::ui::notifications::Toast;
use crate::ui::profiles;
use crate::ui::route::{Route, Router};
use crate::ui::sync;
use crate::ui::vaults;
use crate::{t, tn};

/// Changes the model and the route; returns what follows.
pub fn apply(model: &mut AppModel, router: &mut Router, event: &Event) -> Vec<Action> {
    match event {
        Event::Profile(e) => profile(model, router, e),
        Event::Deck(e) => deck(model, router, e),
        Event::Filtered(e) => crate::ui::filtered::on_event(e),
        // The dialog or screen that asked takes these in itself.
        Event::Bulk(_) => vec![],
        // The screens of note types keep what they show themselves.
        Event::Notetype(e) => notetype(router, e),
        Event::Check(e) => checks::on_event(e),
        Event::Study(e) => study(model, router, e),
        // The panels take these in themselves.
        Event::Note(_) => vec![],
        Event::Backup(e) => backup(model, e),
        Event::Mirror(status) => {
            model.mirror = status.clone();
            vec![]
        }
        Event::Vault(e) => vaults::on_event(e),
        Event::Mail(e) => vaults::on_mail_event(e),
        Event::Sync(e) => sync::on_event(model, router.current(), e),
        Event::Package(e) => package(router, e),
        Event::Stats(e) => stats(model, e),
        // The screens take these in themselves.
        Event::Fsrs(_) | Event::Explorer(_) | Event::History(_) => vec![],
        Event::Browse(e) => browse::on_event(e),
        Event::Done {
            op,
            undone,
            changes,
            affected,
            status,
        } => {
            model.undo = *status;
            if *op == Op::AnswerCard && *undone != Undone::No {
                answer_undone(model, router);
            }
            if *op == Op::UpdateDeckOptions && *undone == Undone::No {
                return options_saved(router);
            }
            let mut out = vec![];
            if changes.any() {
                // The screen asks again, now or when it is next seen.
                model.stats.forget_asked();
                out.extend(reload(router.current(), *undone));
            }
            if *op == Op::RestoreVersion {
                out.extend(form_of(router.current()).map(Action::Ask));
            }
            out.extend(said(*op, *undone, *affected, changes.any()).map(Action::Toast));
            out
        }
        Event::Settings {
            profile,
            collection,
        } => {
            model.settings = (**profile).clone();
            model.collection_settings = Some(collection.clone());
            vec![]
        }
        Event::Language(chosen) => {
            model.language.clone_from(chosen);
            vec![]
        }
        Event::DatabaseChecked { problems, .. } => {
            let mut out = reload(router.current(), Undone::Undo);
            out.push(checks::checked(problems, true));
            out
        }
        Event::Job(JobEvent::Failed { message, .. }) => {
            vec![Action::Open(Box::new(Trouble::new(message.clone())))]
        }
        Event::Job(_) => vec![],
        Event::Failed { request, message } => {
            if is_load_of(router.current(), request) {
                router.back(Route::Decks);
            }
            failed(model, request, message)
        }
        // For the page or dialog that asked.
        Event::RepositionDefaults(_) | Event::CardAnswers(_) => vec![],
        Event::Notice(words) => vec![Action::Toast(Toast::told(words.clone()))],
        Event::TimePassed { new_day } => time_passed(model, router.current(), *new_day),
        Event::Stopped => {
            model.phase = Phase::Stopped;
            vec![]
        }
        Event::Fault(message) => {
            model.is_over = true;
            // Nobody answers any more, and the window can be closed without a last sync.
            model.closing = None;
            match model.phase {
                Phase::Stopping => model.phase = Phase::Stopped,
                _ => model.study.stop_waiting(),
            }
            vec![Action::Open(Box::new(Trouble::new(message.clone())))]
        }
    }
}

/// What was edited is on disk: from a draft back to where the user came from, which shows what it
/// changes.
fn notetype(router: &mut Router, event: &NotetypeEvent) -> Vec<Action> {
    if *event != NotetypeEvent::Saved {
        return vec![];
    }
    let mut out = vec![];
    if matches!(
        router.current(),
        Route::Fields { .. } | Route::CardTemplates { .. }
    ) {
        router.back(Route::Decks);
        out = reload(router.current(), Undone::Undo);
    }
    out.push(Action::Toast(Toast::new(t!("Note type saved")).with_undo()));
    out
}

fn profile(model: &mut AppModel, router: &mut Router, event: &ProfileEvent) -> Vec<Action> {
    match event {
        ProfileEvent::Listed { profiles, anki } => {
            model.profiles = Loadable::Ready(ProfileList {
                profiles: profiles.clone(),
                anki: anki.clone(),
            });
            if model.phase != Phase::Starting {
                return vec![];
            }
            model.phase = Phase::Profiles;
            router.reset(Route::Profiles);
            // The one that was asked for; a single profile opens by itself.
            let mut follow = match (model.start_with.profile.take(), profiles.as_slice()) {
                (Some(name), _) => vec![open(&name)],
                (None, [only]) => vec![open(&only.name)],
                (None, _) => vec![],
            };
            if let Some(file) = model.start_with.file.take() {
                follow.push(Action::Package(PackageAction::Offer(file)));
            }
            follow
        }
        ProfileEvent::Opened {
            name,
            restored,
            can_undo_restore,
            undo,
        } => {
            let restored_from = model.profile().and_then(|p| p.restored_from.clone());
            model.forget_collection();
            // Those of this one tell when the one was made that was restored.
            if model.backups.ready().is_some_and(|(of, _)| of != name) {
                model.backups = Loadable::Unasked;
            }
            model.undo = *undo;
            model.phase = Phase::Open(OpenProfile {
                name: name.clone(),
                restored: *restored,
                can_undo_restore: *can_undo_restore,
                restored_from: restored_from.filter(|_| *restored),
            });
            router.reset(Route::Decks);
            let mut follow = vec![load_tree()];
            follow.extend(import_export::profile_opened(model));
            follow.push(Action::SyncOpened);
            follow
        }
        ProfileEvent::Closed => {
            model.forget_collection();
            if !matches!(model.phase, Phase::Stopping | Phase::Stopped) {
                model.phase = Phase::Profiles;
                router.reset(Route::Profiles);
            }
            vec![Action::Ask(Request::Profile(ProfileRequest::List))]
        }
        ProfileEvent::Broken { name, message } => {
            model.forget_collection();
            model.phase = Phase::Broken {
                name: name.clone(),
                message: message.clone(),
            };
            router.reset(Route::Profiles);
            vec![]
        }
        ProfileEvent::Imported { profiles } => {
            let count = |of: fn(&ImportedProfile) -> u64| -> u64 { profiles.iter().map(of).sum() };
            let words = t!(
                "Copied from Anki: {notes}, {cards}, {files}",
                notes = tn!(count(|p| p.notes), "{n} note", "{n} notes"),
                cards = tn!(count(|p| p.cards), "{n} card", "{n} cards"),
                files = tn!(count(|p| p.media), "{n} media file", "{n} media files"),
            );
            let mut follow = vec![
                Action::Ask(Request::Profile(ProfileRequest::List)),
                Action::Toast(Toast::new(words)),
            ];
            // One that came alone is what was wanted.
            if let [only] = profiles.as_slice() {
                follow.push(open(&only.name));
            }
            follow
        }
    }
}

fn open(name: &str) -> Action {
    Action::Ask(Request::Profile(ProfileRequest::Open {
        name: name.to_owned(),
    }))
}

fn load_tree() -> Action {
    Action::Ask(Request::Deck(DeckRequest::LoadTree))
}

fn deck(model: &mut AppModel, router: &mut Router, event: &DeckEvent) -> Vec<Action> {
    match event {
        DeckEvent::Tree {
            root,
            current,
            today,
        } => {
            model.decks = Loadable::Ready(DeckList {
                root: root.clone(),
                current: *current,
                today: *today,
            });
        }
        DeckEvent::Overview(overview) => {
            if let Loadable::Ready(decks) = &mut model.decks {
                decks.current = overview.id;
            }
            model.overview = Some(overview.clone());
            // The deck has cards again; nothing is shown or played before someone asks for it.
            if *router.current() == Route::Congrats && has_cards(overview) {
                router.go(Route::Overview);
            }
        }
        DeckEvent::OptionsPreview { update, preview } => {
            let update = update.clone();
            if preview.cards == 0 {
                return vec![Action::Ask(Request::Deck(DeckRequest::SaveOptions(update)))];
            }
            let question = RescheduleDialog::new(update, preview.clone());
            return vec![Action::Open(Box::new(question))];
        }
        // The screen itself keeps what is edited.
        DeckEvent::Options(_) => {}
    }
    vec![]
}

fn study(model: &mut AppModel, router: &mut Router, event: &StudyEvent) -> Vec<Action> {
    model.study.apply(event);
    match event {
        // What was undone on the finished screen brings a card back.
        StudyEvent::Card { .. } if *router.current() == Route::Congrats => {
            router.go(Route::Review);
            vec![]
        }
        StudyEvent::Card { .. } => {
            let request = model.study.compare_again();
            request.map_or_else(Vec::new, |r| vec![Action::Ask(Request::Study(r))])
        }
        StudyEvent::Finished { deck, congrats } => {
            model.finished = Some(Finished {
                deck: deck.clone(),
                congrats: congrats.clone(),
            });
            // A deck in which nothing is left to do has no page of its own: this takes its place.
            let is_done = model.overview.as_ref().is_some_and(|o| !has_cards(o));
            if *router.current() == Route::Review {
                router.go(Route::Congrats);
            } else if *router.current() == Route::Overview && is_done {
                router.replace(Route::Congrats);
            }
            vec![]
        }
        StudyEvent::Answered {
            leech: true,
            suspended,
            ..
        } => {
            let words = if *suspended {
                t!("The card is a leech. It was suspended.")
            } else {
                t!("The card is a leech.")
            };
            vec![Action::Toast(Toast::note(words))]
        }
        _ => vec![],
    }
}

/// Whether something is to be done in the deck now.
fn has_cards(overview: &DeckOverview) -> bool {
    overview.counts != Counts::default()
}

fn backup(model: &mut AppModel, event: &BackupEvent) -> Vec<Action> {
    match event {
        BackupEvent::Status(status) => {
            model.backup = status.clone();
            vec![]
        }
        BackupEvent::Created { path } => {
            let folder = path.parent().map(std::path::Path::to_owned);
            vec![Action::Toast(
                Toast::new(t!("Backup made and verified")).showing(folder),
            )]
        }
        BackupEvent::Unchanged => vec![Action::Toast(Toast::note(t!(
            "Nothing changed since the last backup"
        )))],
        BackupEvent::Listed { profile, entries } => {
            model.backups = Loadable::Ready((profile.clone(), entries.clone()));
            vec![]
        }
        BackupEvent::Restored { from, .. } => {
            if let Phase::Open(p) = &mut model.phase {
                p.restored_from = Some(from.clone());
            }
            model.banner_dismissed = false;
            vec![]
        }
        BackupEvent::Salvaged(done) => vec![Action::Open(Box::new(profiles::salvaged(done)))],
        BackupEvent::Resumed => {
            if let Phase::Open(p) = &mut model.phase {
                p.restored = false;
            }
            let words = t!("Automatic backups and syncing are on again");
            vec![Action::Toast(Toast::new(words))]
        }
        BackupEvent::RestoreUndone => {
            vec![Action::Toast(Toast::new(t!("The restore was undone")))]
        }
        BackupEvent::Drilled {
            drilled,
            asked: true,
        } => {
            let words = t!("The newest backup was restored for a trial: every row is right");
            vec![Action::Toast(Toast::tried(words, &drilled.warnings))]
        }
        // The pages of backups, of health and the timeline take these in themselves.
        BackupEvent::Inspected { .. }
        | BackupEvent::Drilled { .. }
        | BackupEvent::Timeline { .. }
        | BackupEvent::Health { .. } => vec![],
        BackupEvent::Copies(state) => {
            model.copies.clone_from(state);
            vec![]
        }
        BackupEvent::Thinning { .. } => vec![],
    }
}

fn stats(model: &mut AppModel, event: &StatsEvent) -> Vec<Action> {
    model.stats.apply(event);
    match event {
        StatsEvent::Saved { path } => {
            let folder = path.parent().map(std::path::Path::to_owned);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            vec![Action::Toast(
                Toast::new(t!("Saved {name}", name)).showing(folder),
            )]
        }
        StatsEvent::Graphs { .. } | StatsEvent::CardInfo(_) => vec![],
    }
}

fn package(router: &mut Router, event: &PackageEvent) -> Vec<Action> {
    match event {
        PackageEvent::Exported { path, .. }
        | PackageEvent::TextExported { path, .. }
        | PackageEvent::PlainSaved { path, .. }
        | PackageEvent::PlainExported { path, .. } => {
            let folder = path.parent().map(std::path::Path::to_owned);
            let words = import_export::model::result_line(event);
            vec![Action::Toast(Toast::new(words).showing(folder))]
        }
        // The dialog that asked shows it.
        PackageEvent::Planned { .. }
        | PackageEvent::Unlocked { .. }
        | PackageEvent::WrongPassword { .. }
        | PackageEvent::NotUnlocked { .. }
        | PackageEvent::Remembered(_)
        | PackageEvent::TextLooked { .. }
        | PackageEvent::TextPlanned { .. } => vec![],
        PackageEvent::Merged { file, report } => {
            let log = import_export::ImportLog::new(file.clone(), (**report).clone());
            vec![Action::Open(Box::new(log))]
        }
        PackageEvent::Imported { .. } => {
            if router.current().in_main_window() {
                router.go(Route::Decks);
            }
            let words = import_export::model::result_line(event);
            vec![Action::Toast(Toast::new(words)), load_tree()]
        }
    }
}

/// Its card comes back, also to the finished screen.
fn answer_undone(model: &mut AppModel, router: &mut Router) {
    // It begins with its question, also when it is the one on show.
    model.study.wait();
    if *router.current() == Route::Congrats {
        router.go(Route::Review);
    }
}

/// What the present screen has to ask for again after a change.
pub(super) fn reload(route: &Route, undone: Undone) -> Vec<Action> {
    match route {
        Route::NoteTypes => vec![
            Action::Ask(Request::Notetype(NotetypeRequest::List)),
            load_tree(),
        ],
        Route::Decks | Route::Preferences | Route::Backups { .. } => vec![load_tree()],
        // Undo may have taken away the deck that is shown and made another one current.
        Route::Overview => vec![Action::Ask(Request::Deck(DeckRequest::LoadOverview))],
        Route::Review if undone != Undone::No => {
            vec![Action::Ask(Request::Study(StudyRequest::Next))]
        }
        Route::Congrats => vec![Action::Ask(Request::Study(StudyRequest::Look))],
        _ => vec![],
    }
}

/// The options are on disk: back to where the user came from, which shows what they change.
fn options_saved(router: &mut Router) -> Vec<Action> {
    if matches!(router.current(), Route::DeckOptions { .. }) {
        router.back(Route::Decks);
    }
    // A card on show may not be the next one any more.
    let mut out = reload(router.current(), Undone::Undo);
    out.push(Action::Toast(Toast::new(t!("Options saved")).with_undo()));
    out
}

/// Whether it is asked for by the page, which shows nothing else.
fn is_load_of(route: &Route, request: &Request) -> bool {
    match (route, request) {
        (Route::DeckOptions { deck }, Request::Deck(DeckRequest::LoadOptions(asked))) => {
            deck == asked
        }
        (
            Route::Fields { id } | Route::CardTemplates { id, .. },
            Request::Notetype(NotetypeRequest::Load(asked)),
        ) => id == asked,
        _ => false,
    }
}

/// Counts that are shown are asked for again; a card on show is not taken away.
fn time_passed(model: &mut AppModel, route: &Route, new_day: bool) -> Vec<Action> {
    if new_day {
        // What they call today is yesterday by now.
        model.stats.forget_asked();
    }
    reload(route, Undone::No)
}

/// The toast after an operation that one would not otherwise see.
fn said(op: Op, undone: Undone, affected: usize, changed: bool) -> Option<Toast> {
    match undone {
        Undone::Undo => return Some(Toast::new(t!("Undone: {what}", what = of(op)))),
        Undone::Redo => return Some(Toast::new(t!("Done again: {what}", what = of(op)))),
        Undone::No => {}
    }
    if let Some(words) = nothing_done(op, affected, changed) {
        return Some(Toast::note(words));
    }
    let n = affected as u64;
    let words = match op {
        Op::DeleteDeck if affected == 0 => t!("Deck deleted").into(),
        Op::DeleteDeck => tn!(
            n,
            "Deck deleted with {n} card",
            "Deck deleted with {n} cards"
        ),
        Op::DeleteNotes if affected == 1 => t!("Note deleted").into(),
        Op::DeleteNotes => tn!(n, "{n} note deleted", "{n} notes deleted"),
        Op::AddNotetype => t!("Note type added").into(),
        Op::RemoveNotetype => tn!(
            n,
            "Note type deleted with {n} note",
            "Note type deleted with {n} notes"
        ),
        Op::RemoveTags | Op::RenameTag | Op::ReparentTag if affected == 0 => {
            t!("Tags updated").into()
        }
        Op::UpdateTags
        | Op::RemoveTags
        | Op::RenameTag
        | Op::ReparentTag
        | Op::FindAndReplace
        | Op::ChangeNotetype => tn!(n, "{n} note updated", "{n} notes updated"),
        Op::ClearUnusedTags => tn!(n, "{n} unused tag cleared", "{n} unused tags cleared"),
        Op::RestoreVersion if affected == 0 => t!("Version restored").to_owned(),
        Op::RestoreVersion => tn!(n, "{n} note restored", "{n} notes restored"),
        Op::BuildFilteredDeck | Op::RebuildFilteredDeck if affected == 0 => {
            return Some(Toast::note(t!("No cards gathered")).with_undo());
        }
        _ => cards_done(op, n)?,
    };
    Some(Toast::new(words).with_undo())
}

/// As [`said`], of operations with so many cards.
fn cards_done(op: Op, n: u64) -> Option<String> {
    Some(match op {
        Op::Bury => tn!(
            n,
            "{n} card buried until tomorrow",
            "{n} cards buried until tomorrow"
        ),
        Op::Suspend => tn!(n, "{n} card suspended", "{n} cards suspended"),
        Op::Unsuspend => tn!(n, "{n} card unsuspended", "{n} cards unsuspended"),
        Op::SetDueDate if n > 1 => tn!(n, "Due date of {n} card set", "Due date of {n} cards set"),
        Op::SetDueDate => t!("Due date set").into(),
        Op::ResetCards if n > 1 => tn!(n, "{n} card reset", "{n} cards reset"),
        Op::ResetCards => t!("Card reset").into(),
        Op::GradeNow => tn!(n, "{n} card graded", "{n} cards graded"),
        Op::Reposition => tn!(n, "{n} card repositioned", "{n} cards repositioned"),
        Op::SetDeck => tn!(n, "{n} card moved", "{n} cards moved"),
        Op::EmptyFilteredDeck => t!("Cards sent back to their decks").into(),
        Op::BuildFilteredDeck | Op::RebuildFilteredDeck => {
            tn!(n, "{n} card gathered", "{n} cards gathered")
        }
        Op::Unbury => tn!(n, "{n} card unburied", "{n} cards unburied"),
        _ => return None,
    })
}

/// An operation in the language of the window.
fn of(op: Op) -> &'static str {
    lang::say(op.label())
}

/// What is told of an operation that changed nothing. It has no Undo, which would take back what
/// was done before it.
fn nothing_done(op: Op, affected: usize, changed: bool) -> Option<&'static str> {
    // What was typed or ticked is kept for the next time also where no card is left to change.
    let keeps_answers = matches!(op, Op::SetDueDate | Op::ResetCards);
    if changed && !keeps_answers || affected > 0 {
        return None;
    }
    match op {
        Op::UpdateTags
        | Op::RemoveTags
        | Op::RenameTag
        | Op::ReparentTag
        | Op::FindAndReplace
        | Op::ChangeNotetype
        | Op::DeleteNotes
        | Op::RestoreVersion => Some(t!("No notes changed")),
        Op::ClearUnusedTags => Some(t!("No unused tags")),
        Op::Bury
        | Op::Suspend
        | Op::Unsuspend
        | Op::SetDueDate
        | Op::ResetCards
        | Op::GradeNow
        | Op::Reposition
        | Op::SetDeck
        | Op::EmptyFilteredDeck
        | Op::RebuildFilteredDeck
        | Op::Unbury => Some(t!("No cards changed")),
        _ => None,
    }
}

/// What a page that shows one thing asks for to show it anew.
fn form_of(route: &Route) -> Option<Request> {
    match route {
        Route::DeckOptions { deck } => Some(Request::Deck(DeckRequest::LoadOptions(*deck))),
        Route::NoteTypes => Some(Request::Notetype(NotetypeRequest::List)),
        _ => None,
    }
}

fn failed(
    model: &mut AppModel,
    request: &Request,
    message: &crate::explain::UserMessage,
) -> Vec<Action> {
    model.study.stop_waiting();
    if let Request::Profile(ProfileRequest::Open { .. }) = request
        && matches!(model.phase, Phase::Opening { .. })
    {
        model.phase = Phase::Profiles;
    }
    if let Request::Profile(ProfileRequest::Close) = request {
        model.closing = None;
        if let Phase::Closing(profile) = &model.phase {
            model.phase = Phase::Open(profile.clone());
        }
    }
    if let Request::Stats(StatsRequest::Graphs { .. }) = request {
        // The screen shows it in place of the graphs.
        model.stats.fail(message);
        return vec![];
    }
    // The backup screen and open dialogs show these themselves.
    let on_screen = match request {
        Request::Backup(BackupRequest::Inspect { .. } | BackupRequest::Timeline) => true,
        Request::Notetype(request) => matches!(request, NotetypeRequest::Preview(_)),
        Request::Package(request) => matches!(request, PackageRequest::LookAtText { .. }),
        Request::Filtered(request) => matches!(
            request,
            FilteredRequest::Save(_) | FilteredRequest::CustomStudy { .. }
        ),
        _ => false,
    };
    if matches!(request, Request::Shutdown) || on_screen || message.is_cancel() {
        return vec![];
    }
    let trouble = Trouble::new(message.clone());
    // What was typed is in the request: it can be sent again.
    let trouble = match request {
        Request::Note(NoteRequest::Update(_)) => {
            trouble.help(t!("Try Again"), Action::Ask(request.clone()))
        }
        _ => trouble,
    };
    let mut out = vec![Action::Open(Box::new(trouble))];
    if matches!(request, Request::Deck(DeckRequest::Select(_))) {
        // The one before is still the current one.
        out.push(Action::Ask(Request::Deck(DeckRequest::LoadOverview)));
    }
    out
}
