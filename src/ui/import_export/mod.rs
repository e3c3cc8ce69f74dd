//! File > Export and File > Import of whole collections (.colpkg) and deck packages (.apkg): the
//! dialogs, files dropped on the window or given at the start. Packages are read and written by the
//! worker.

pub mod drop;
mod export;
mod import;
mod log;
pub mod model;
mod seal;
mod text;
mod text_model;

pub use export::ExportDialog;
pub use import::ImportDialog;
pub use log::ImportLog;
pub use seal::PasswordDialog;
pub use text::TextDialog;

use crate::base::ids::DeckId;
use crate::domain::encrypted::ENDING;
use crate::explain::UserMessage;
use crate::service::request::{PackageRequest, ProfileRequest, Request};
use crate::t;
use crate::ui::action::Action;
use crate::ui::dialog_host::{Question, Trouble};
use crate::ui::dialogs::{Confirm, Weight};
use crate::ui::environment::FileAsk;
use crate::ui::model::AppModel;
use crate::ui::notifications::Toast;
use crate::ui::profiles;
use model::{FileKind, Include};
use std::path::{Path, PathBuf};

/// What can be asked of this part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackageAction {
    /// File > Export.
    Export,
    /// The gear menu of a deck.
    ExportDeck(DeckId),
    /// Notes that were selected in a list.
    ExportChosen(Include),
    /// File > Import: asks for a file first.
    Import,
    /// A file to import: chosen or given at the start.
    Offer(PathBuf),
    /// A file that was dropped on the window.
    Dropped(PathBuf),
    /// Backups > Decrypt File: asks for a file, its password, and where the plain one goes.
    Decrypt,
}

/// The question for a package.
#[must_use]
pub fn file_ask() -> FileAsk {
    FileAsk::open(t!("Choose a file to import")).filter(
        t!("Packages and text files"),
        &[
            "apkg", "colpkg", "zip", "anki2", "anki21", "anki21b", "txt", "csv", "tsv", "db", "age",
        ],
    )
}

/// The question for a backup: also those that Anki and other programs made, of any age.
#[must_use]
pub fn backup_ask() -> FileAsk {
    FileAsk::open(t!("Choose a backup")).filter(
        t!("Backups and packages"),
        &["colpkg", "apkg", "zip", "anki2", "anki21", "anki21b", "age"],
    )
}

/// What follows from the action; `model` remembers a file until a profile is open.
pub fn handle(model: &mut AppModel, action: PackageAction) -> Vec<Action> {
    match action {
        PackageAction::Export => vec![Action::Open(Box::new(ExportDialog::default()))],
        PackageAction::ExportDeck(deck) => {
            let dialog = ExportDialog::new(model::ExportChoice::of_deck(deck));
            vec![Action::Open(Box::new(dialog))]
        }
        PackageAction::ExportChosen(include) => {
            let dialog = ExportDialog::new(model::ExportChoice::of_chosen(include));
            vec![Action::Open(Box::new(dialog))]
        }
        PackageAction::Import => vec![Action::PickFile {
            ask: file_ask(),
            then: Box::new(|path| Action::Package(PackageAction::Offer(path))),
        }],
        PackageAction::Offer(path) => match model::kind_of(&path) {
            FileKind::Refused(why) => vec![refuse(&path, why)],
            kind => offer(model, path, kind),
        },
        PackageAction::Dropped(path) => dropped(model, path),
        PackageAction::Decrypt => vec![Action::PickFile {
            ask: FileAsk::open(t!("Choose an encrypted file"))
                .filter(t!("Encrypted files"), &[ENDING]),
            then: Box::new(|path| Action::Open(Box::new(PasswordDialog::new(path, save_plain)))),
        }],
    }
}

/// Where the file that was decrypted to `plain` is to stay.
fn save_plain(plain: PathBuf) -> Action {
    let name = model::file_name(&plain);
    Action::PickFile {
        ask: FileAsk::save(t!("Save the decrypted file"), &name),
        then: Box::new(|out| Action::Ask(Request::Package(PackageRequest::SavePlain { out }))),
    }
}

fn dropped(model: &mut AppModel, path: PathBuf) -> Vec<Action> {
    let whole = match model::kind_of(&path) {
        _ if !model.is_open() => return handle(model, PackageAction::Offer(path)),
        FileKind::Text | FileKind::Mnemosyne | FileKind::Refused(_) => {
            return handle(model, PackageAction::Offer(path));
        }
        FileKind::Encrypted => {
            let then = |plain| Action::Package(PackageAction::Dropped(plain));
            return vec![Action::Open(Box::new(PasswordDialog::new(path, then)))];
        }
        kind => kind == FileKind::Collection,
    };
    vec![Action::Open(Box::new(drop::DropDialog::new(path, whole)))]
}

fn offer(model: &mut AppModel, path: PathBuf, kind: FileKind) -> Vec<Action> {
    if let Some(profile) = model.profile() {
        match kind {
            FileKind::DeckPackage | FileKind::Mnemosyne => {
                return vec![Action::Open(Box::new(ImportDialog::new(path)))];
            }
            FileKind::Text => return vec![Action::Open(Box::new(TextDialog::new(path)))],
            FileKind::Encrypted => {
                let then = |plain| Action::Package(PackageAction::Offer(plain));
                return vec![Action::Open(Box::new(PasswordDialog::new(path, then)))];
            }
            FileKind::Collection | FileKind::Refused(_) => {}
        }
        let question = import_question(&path, &profile.name);
        let import = Request::Package(PackageRequest::ImportCollection { file: path });
        return vec![Action::Open(Box::new(Question::new(
            question,
            Action::Ask(import),
        )))];
    }
    // With no profile yet the file becomes the first one; otherwise it waits until one is open.
    let none_yet = model
        .profiles
        .ready()
        .is_some_and(|list| list.profiles.is_empty());
    let told = t!(
        "“{file}” will be imported when a profile is opened",
        file = model::file_name(&path)
    );
    model.waiting_file = Some(path);
    if !profiles::is_up(&model.phase) {
        return vec![];
    }
    if none_yet {
        model.waiting_file_is_first = true;
        let create = ProfileRequest::Create {
            name: profiles::model::free_name(&[]),
            with_sample: false,
        };
        return vec![Action::Ask(Request::Profile(create))];
    }
    vec![Action::Toast(Toast::note(told))]
}

/// Whether a file waits for a profile that is about to be open without anybody's choice: another one
/// would take its place.
#[must_use]
pub fn is_waiting(model: &AppModel) -> bool {
    let opens_by_itself = model.waiting_file_is_first || !profiles::is_up(&model.phase);
    model.start_with.file.is_some() || (model.waiting_file.is_some() && opens_by_itself)
}

/// After a profile was opened: the file that waited for it. A new, empty profile is filled without
/// a question.
pub fn profile_opened(model: &mut AppModel) -> Vec<Action> {
    let first = std::mem::take(&mut model.waiting_file_is_first);
    match model.waiting_file.take() {
        None => vec![],
        Some(file) if first && model::kind_of(&file) == FileKind::Collection => {
            let import = PackageRequest::ImportCollection { file };
            vec![Action::Ask(Request::Package(import))]
        }
        Some(file) => vec![Action::Package(PackageAction::Offer(file))],
    }
}

fn refuse(path: &Path, why: &str) -> Action {
    Action::Open(Box::new(Trouble::new(UserMessage {
        what: t!("Could not import “{file}”", file = model::file_name(path)),
        cause: why.to_owned(),
        remedy: t!("In Anki, choose File > Export and one of its packages.").into(),
        details: path.display().to_string(),
        ..UserMessage::default()
    })))
}

fn import_question(path: &Path, profile: &str) -> Confirm {
    Confirm {
        title: t!("Replace your collection with this file?").into(),
        body: t!(
            "The collection of “{profile}” is replaced by the one in “{file}”. Its sounds and \
             pictures are added to yours and take the place of others of the same name, which go \
             to the trash of Check Media.",
            profile,
            file = model::file_name(path)
        ),
        assurance: t!("Your collection as it is now is backed up first.").into(),
        cancel: t!("No").into(),
        action: t!("Yes, import").into(),
        weight: Weight::Replace,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::event::ProfileSummary;
    use crate::ui::model::{Loadable, OpenProfile, Phase, ProfileList};

    fn opened() -> AppModel {
        AppModel {
            phase: Phase::Open(OpenProfile {
                name: "Ana".into(),
                ..OpenProfile::default()
            }),
            ..AppModel::default()
        }
    }

    #[test]
    fn an_open_collection_is_replaced_only_after_a_question() {
        let mut model = opened();
        let offer = PackageAction::Offer("x.colpkg".into());
        assert!(matches!(handle(&mut model, offer)[..], [Action::Open(_)]));
        assert_eq!(model.waiting_file, None);
    }

    #[test]
    fn the_first_file_makes_a_profile_and_fills_it_without_a_question() {
        let mut model = AppModel {
            phase: Phase::Profiles,
            profiles: Loadable::Ready(ProfileList::default()),
            ..AppModel::default()
        };
        let follow = handle(&mut model, PackageAction::Offer("x.colpkg".into()));
        assert!(matches!(
            follow[..],
            [Action::Ask(Request::Profile(ProfileRequest::Create {
                with_sample: false,
                ..
            }))]
        ));
        let follow = profile_opened(&mut model);
        assert!(matches!(follow[..], [Action::Ask(Request::Package(_))]));
        assert!(profile_opened(&mut model).is_empty(), "once");
    }

    #[test]
    fn a_file_waits_until_a_profile_is_chosen() {
        let mut model = AppModel::default();
        assert!(handle(&mut model, PackageAction::Offer("x.colpkg".into())).is_empty());
        model.phase = opened().phase;
        let follow = profile_opened(&mut model);
        assert!(matches!(
            follow[..],
            [Action::Package(PackageAction::Offer(_))]
        ));
    }

    #[test]
    fn a_file_that_waits_for_a_profile_is_told() {
        let ana = ProfileSummary {
            name: "Ana".into(),
            path: "/data/Ana".into(),
            last_opened: None,
            collection_size: None,
            cards: None,
            last_backup: None,
        };
        let list = ProfileList {
            profiles: vec![ana],
            ..ProfileList::default()
        };
        let mut model = AppModel {
            phase: Phase::Profiles,
            profiles: Loadable::Ready(list),
            ..AppModel::default()
        };
        let follow = handle(&mut model, PackageAction::Dropped("deck.apkg".into()));
        assert!(matches!(follow[..], [Action::Toast(_)]));
        assert_eq!(model.waiting_file, Some("deck.apkg".into()));
        // One that opens by itself needs no words.
        model.phase = Phase::Opening { name: "Ana".into() };
        assert!(handle(&mut model, PackageAction::Offer("deck.apkg".into())).is_empty());
    }

    #[test]
    fn a_deck_package_is_offered_once_a_profile_is_open() {
        let offer = || PackageAction::Offer("deck.apkg".into());
        let follow = handle(&mut opened(), offer());
        assert!(matches!(follow[..], [Action::Open(_)]));
        let mut model = AppModel {
            phase: Phase::Profiles,
            profiles: Loadable::Ready(ProfileList::default()),
            ..AppModel::default()
        };
        handle(&mut model, offer());
        let follow = profile_opened(&mut model);
        assert!(matches!(
            follow[..],
            [Action::Package(PackageAction::Offer(_))]
        ));
    }
}
