//! Sync in the window: the button in the top bar, the login, the choice when both sides have
//! parted, and what is said afterwards. The words are in `model`.

pub mod button;
mod choice;
mod login;
pub mod model;

pub use choice::ChoiceDialog;
pub use login::LoginDialog;

use crate::explain::UserMessage;
use crate::service::event::Undone;
use crate::service::request::Request;
use crate::service::sync::{Deletions, MediaDeletions, SyncEvent, SyncRequest, SyncState, Way};
use crate::ui::action::Action;
use crate::ui::apply_event::reload;
use crate::ui::dialog_host::{Question, Trouble};
use crate::ui::dialogs::{Confirm, Weight};
use crate::ui::model::AppModel;
use crate::ui::notifications::Toast;
use crate::ui::route::Route;
use crate::{t, tn};

/// What waits for the sync before a profile is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The program ends.
    Quit,
    /// The same, as the system wants it: nobody may be there to answer a question.
    Ended,
    /// Back to the profiles window.
    SwitchProfile,
}

/// The button and its key: asks who is there before the first sync.
#[must_use]
pub fn press(model: &AppModel) -> Action {
    if model.sync.state == SyncState::NotSetUp {
        return Action::Open(Box::new(LoginDialog::new(&model.settings.sync, true)));
    }
    ask(SyncRequest::Now {
        any_deletions: false,
    })
}

fn ask(request: SyncRequest) -> Action {
    Action::Ask(Request::Sync(request))
}

/// Changes the model; returns what follows.
pub fn on_event(model: &mut AppModel, route: &Route, event: &SyncEvent) -> Vec<Action> {
    match event {
        SyncEvent::Status(status) => {
            model.sync = status.clone();
            vec![]
        }
        SyncEvent::LoggedIn { user } => say(t!("Logged in as {user}", user)),
        // The dialog that asked shows it.
        SyncEvent::NotLoggedIn(_) => vec![],
        SyncEvent::LoginNeeded => {
            let dialog = LoginDialog::new(&model.settings.sync, true).problem(t!(
                "The login is not known or not valid any more. Log in again."
            ));
            vec![Action::Open(Box::new(dialog))]
        }
        SyncEvent::LoggedOut => say(t!("Logged out")),
        SyncEvent::Synced {
            counts,
            message,
            asked,
        } => {
            let words = model::synced(counts, *asked);
            let toast = words
                .map(Toast::new)
                .map(|toast| match counts.notes_deleted_here {
                    0 => toast,
                    _ => toast.with_deleted_notes(),
                });
            let mut out: Vec<Action> = toast.into_iter().map(Action::Toast).collect();
            if !message.is_empty() {
                out.extend(note(t!("The server says: {message}", message)));
            }
            out
        }
        SyncEvent::TooManyDeletions(deletions) => vec![many_notes(*deletions)],
        SyncEvent::Parted(parted) => {
            let dialog = ChoiceDialog::new((**parted).clone());
            vec![Action::Open(Box::new(dialog))]
        }
        SyncEvent::Replaced(Way::Upload) => say(t!("The server has what this computer has now")),
        SyncEvent::Replaced(Way::Download) => say(t!("This computer has what the server has now")),
        SyncEvent::Replaced(Way::Merge) | SyncEvent::Merged { trashed: 0 } => {
            say(t!("Both sides have everything of both now"))
        }
        SyncEvent::Merged { trashed } => {
            let words = tn!(
                *trashed,
                "Both sides are merged; {n} note deleted here",
                "Both sides are merged; {n} notes deleted here"
            );
            vec![Action::Toast(Toast::new(words).with_deleted_notes())]
        }
        SyncEvent::MergedHere(message) => merged_here(message),
        SyncEvent::Failed { message, asked } => failed(message, *asked),
        SyncEvent::MediaFailed { message, asked } => failed(message, *asked),
        // The profile is on its way out.
        SyncEvent::Ended if model.closing.is_some() => vec![],
        SyncEvent::Ended => reload(route, Undone::Undo),
        SyncEvent::BeforeClosing(None) => model.closing.map(Action::Close).into_iter().collect(),
        SyncEvent::BeforeClosing(Some(message)) => match model.closing.take() {
            Some(Closing::Ended) => vec![Action::Close(Closing::Ended)],
            Some(closing) => vec![not_synced(message, closing)],
            None => vec![],
        },
        SyncEvent::MediaSynced { done, asked } => {
            let words = model::media_synced(done, *asked);
            words.into_iter().flat_map(say).collect()
        }
        SyncEvent::MediaStopped(deletions) => vec![many_files(*deletions)],
    }
}

fn say(words: impl Into<String>) -> Vec<Action> {
    vec![Action::Toast(Toast::new(words))]
}

fn note(words: impl Into<String>) -> Vec<Action> {
    vec![Action::Toast(Toast::note(words))]
}

/// This side was replaced by the merged collection already: that is told first.
fn merged_here(message: &UserMessage) -> Vec<Action> {
    if message.is_cancel() {
        return note(t!(
            "This computer holds the merged collection. The server does not have it yet: sync again"
        ));
    }
    let trouble = Trouble::new(UserMessage {
        remedy: t!("Sync again when that is mended.").into(),
        ..message.clone()
    });
    vec![Action::Open(Box::new(trouble.happened(t!(
        "This computer holds the merged collection. The server does not have it yet."
    ))))]
}

/// One that nobody waits for does not interrupt: the button shows it until the next one.
fn failed(message: &UserMessage, asked: bool) -> Vec<Action> {
    if message.is_cancel() {
        return note(t!("The sync was cancelled. Nothing was changed"));
    }
    if asked {
        return vec![Action::Open(Box::new(Trouble::new(message.clone())))];
    }
    note(message.in_short())
}

fn many_notes(deletions: Deletions) -> Action {
    let confirm = Confirm {
        title: t!("Delete many notes?").into(),
        body: model::many_deletions(deletions),
        assurance: t!("This computer’s collection was backed up and verified just now.").into(),
        cancel: t!("Cancel").into(),
        action: t!("Sync and delete").into(),
        weight: Weight::Destructive,
    };
    let request = SyncRequest::Now {
        any_deletions: true,
    };
    Action::Open(Box::new(Question::new(confirm, ask(request))))
}

fn many_files(deletions: MediaDeletions) -> Action {
    let confirm = Confirm {
        title: t!("Delete many media files on the server?").into(),
        body: model::many_deleted_files(deletions),
        cancel: t!("Cancel").into(),
        action: t!("Sync and delete").into(),
        weight: Weight::Destructive,
        ..Confirm::default()
    };
    let request = SyncRequest::Media {
        any_deletions: true,
    };
    Action::Open(Box::new(Question::new(confirm, ask(request))))
}

/// The sync before closing did not work: nobody is kept in because of that.
fn not_synced(message: &UserMessage, closing: Closing) -> Action {
    let confirm = Confirm {
        title: message.what.clone(),
        body: t!(
            "{cause} Everything is saved on this computer and is synced the next time.",
            cause = message.cause
        ),
        cancel: t!("Stay").into(),
        action: match closing {
            Closing::Quit | Closing::Ended => t!("Quit anyway").into(),
            Closing::SwitchProfile => t!("Close anyway").into(),
        },
        ..Confirm::default()
    };
    Action::Open(Box::new(Question::new(confirm, Action::Close(closing))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Error, ErrorKind};
    use crate::explain::explain;
    use crate::ui::notifications::Sign;

    #[test]
    fn what_did_not_work_has_no_tick() {
        for kind in [ErrorKind::Network, ErrorKind::Interrupted] {
            let message = explain("sync", &Error::new(kind, "the connection failed"));
            let told = failed(&message, false);
            let [Action::Toast(toast)] = &told[..] else {
                panic!("{told:?}");
            };
            assert_eq!(toast.sign, Sign::Note, "{}", toast.words);
        }
    }
}
