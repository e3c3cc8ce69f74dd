//! Everything that a screen can ask for. Sent during the frame, handled after it in
//! `handle_action`. One click, one action.

use crate::service::request::Request;
use crate::template::av::AvTag;
use crate::ui::add_note::AddAction;
use crate::ui::command::Command;
use crate::ui::deck_options;
use crate::ui::dialog_host::Dialog;
use crate::ui::environment::FileAsk;
use crate::ui::import_export::PackageAction;
use crate::ui::note_editor::Store;
use crate::ui::notetypes;
use crate::ui::notifications::Toast;
use crate::ui::route::Route;
use crate::ui::sync::Closing;
use std::path::PathBuf;

pub enum Action {
    /// A row of the command table, as its menu entry or key would do it.
    Command(Command),
    Go(Route),
    /// As `Go`, in place of the present screen.
    Replace(Route),
    /// The Browse page with what this search finds.
    Browse(String),
    /// Back to where the user came from.
    Back,
    /// Straight to the worker.
    Ask(Request),
    Package(PackageAction),
    /// What a dialog of the options screen decided.
    DeckOptions(deck_options::Edit),
    /// A sound from the microphone, for a field.
    Record(Store),
    /// Sounds of a field.
    PlaySounds(Vec<AvTag>),
    /// What a dialog of the Add page decided.
    Add(AddAction),
    /// What a dialog about the edited note type decided.
    Notetype(notetypes::Edit),
    /// Puts a dialog on top.
    Open(Box<dyn Dialog>),
    Toast(Toast),
    /// The system's file dialog (or ours where there is none); `then` gets the chosen path.
    PickFile {
        ask: FileAsk,
        then: Box<dyn FnOnce(PathBuf) -> Action>,
    },
    /// In the system's file manager.
    OpenFolder(PathBuf),
    /// In the system's browser.
    OpenUrl(String),
    Copy(String),
    /// A picture of the media folder, by name, to the clipboard.
    CopyPicture(String),
    CancelJob(crate::service::event::JobId),
    /// Closes the program or the profile; what had to be done before is done.
    Close(Closing),
    /// A profile was opened: its sync, where that is wished, when it is known how the program was
    /// started.
    SyncOpened,
    /// The banner's ✕.
    DismissBanner,
    /// The window and what is in it are as large as at first.
    ResetSizes,
}

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Command(c) => write!(f, "Command({c:?})"),
            Self::Go(r) => write!(f, "Go({r:?})"),
            Self::Replace(r) => write!(f, "Replace({r:?})"),
            Self::Browse(search) => write!(f, "Browse({search})"),
            Self::Back => f.write_str("Back"),
            Self::Ask(r) => write!(f, "Ask({r:?})"),
            Self::Package(p) => write!(f, "Package({p:?})"),
            Self::DeckOptions(e) => write!(f, "DeckOptions({e:?})"),
            Self::Record(_) => f.write_str("Record"),
            Self::PlaySounds(s) => write!(f, "PlaySounds({s:?})"),
            Self::Add(a) => write!(f, "Add({a:?})"),
            Self::Notetype(e) => write!(f, "Notetype({e:?})"),
            Self::Open(_) => f.write_str("Open(dialog)"),
            Self::Toast(t) => write!(f, "Toast({t:?})"),
            Self::PickFile { ask, .. } => write!(f, "PickFile({ask:?})"),
            Self::OpenFolder(p) => write!(f, "OpenFolder({})", p.display()),
            Self::OpenUrl(u) => write!(f, "OpenUrl({u})"),
            Self::Copy(_) => f.write_str("Copy"),
            Self::CopyPicture(name) => write!(f, "CopyPicture({name})"),
            Self::CancelJob(id) => write!(f, "CancelJob({id:?})"),
            Self::Close(closing) => write!(f, "Close({closing:?})"),
            Self::SyncOpened => f.write_str("SyncOpened"),
            Self::DismissBanner => f.write_str("DismissBanner"),
            Self::ResetSizes => f.write_str("ResetSizes"),
        }
    }
}
