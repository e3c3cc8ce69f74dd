//! The world outside the window: clock, worker, file dialogs, file manager and browser. The real
//! one is made in `run`, the scripted one in `testing`.

use crate::base::time::{Clock, Stopwatch};
use crate::domain::encrypted::{encrypted_name, is_encrypted, plain_name};
use crate::service::event::{Event, JobId};
use crate::service::hand_over::Door;
use crate::service::handle::ServiceHandle;
use crate::service::jobs::JobView;
use crate::service::request::Request;
use crate::service::window_place::WindowPlace;
use crate::ui::audio::Devices;
use crate::ui::import_export::model::with_ending;
use crate::ui::software::Graphics;
use crossbeam_channel::{Receiver, bounded};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub struct Environment {
    pub clock: Clock,
    /// Data folder that holds the profiles.
    pub base: PathBuf,
    pub service: Box<dyn Service>,
    pub files: Box<dyn FileDialogs>,
    pub opener: Box<dyn Opener>,
    /// The sound hardware; opened on the audio thread.
    pub sound: fn() -> Devices,
    /// Starts of the program while this window is open, with the file that each was given.
    pub started_again: Receiver<Option<PathBuf>>,
    /// Where they come in; gone when the window closes.
    pub door: Option<Door>,
    /// How large the window is now; kept when it is closed.
    pub place: Place,
    /// What draws the window, where that is known.
    pub graphics: Option<Graphics>,
}

/// The window's size, shared with who keeps it.
pub type Place = Arc<Mutex<Option<WindowPlace>>>;

/// The worker as the window sees it.
pub trait Service {
    /// False when its queue is full: it is busy.
    fn request(&self, request: Request) -> bool;
    fn drain_events(&self) -> Vec<Event>;
    fn jobs(&self) -> Vec<JobView>;
    fn cancel(&self, job: JobId);
}

impl Service for ServiceHandle {
    fn request(&self, request: Request) -> bool {
        ServiceHandle::request(self, request)
    }
    fn drain_events(&self) -> Vec<Event> {
        ServiceHandle::drain_events(self)
    }
    fn jobs(&self) -> Vec<JobView> {
        ServiceHandle::jobs(self)
    }
    fn cancel(&self, job: JobId) {
        ServiceHandle::cancel(self, job);
    }
}

/// A question for a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAsk {
    pub kind: AskKind,
    /// Title of the dialog, e.g. "Choose a backup".
    pub title: String,
    /// Name of the kind of file and its endings without a dot; empty shows all.
    pub filter: Option<(String, Vec<String>)>,
    /// Suggested file name when saving.
    pub suggested: String,
    /// When saving, what the name gets where it does not end so: `apkg`, `apkg.age`; empty for none.
    pub ending: String,
    pub start_in: Option<PathBuf>,
    /// A path that was typed in the window, where the system asks nothing.
    pub typed: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskKind {
    Open,
    Save,
    Folder,
}

impl FileAsk {
    #[must_use]
    pub fn open(title: &str) -> Self {
        Self {
            kind: AskKind::Open,
            title: title.to_owned(),
            filter: None,
            suggested: String::new(),
            ending: String::new(),
            start_in: None,
            typed: None,
        }
    }
    #[must_use]
    pub fn save(title: &str, suggested: &str) -> Self {
        Self {
            kind: AskKind::Save,
            suggested: suggested.to_owned(),
            ..Self::open(title)
        }
    }
    #[must_use]
    pub fn folder(title: &str) -> Self {
        Self {
            kind: AskKind::Folder,
            ..Self::open(title)
        }
    }
    #[must_use]
    pub fn filter(mut self, name: &str, endings: &[&str]) -> Self {
        let endings = endings.iter().map(|&e| e.to_owned()).collect();
        self.filter = Some((name.to_owned(), endings));
        self
    }
    #[must_use]
    pub fn ending(mut self, ending: &str) -> Self {
        ending.clone_into(&mut self.ending);
        self
    }
    #[must_use]
    pub fn start_in(mut self, folder: Option<PathBuf>) -> Self {
        self.start_in = folder;
        self
    }

    /// What was chosen, with its ending. Reads whether a file is there that nobody was asked about,
    /// and whether one to open is there that was typed.
    #[must_use]
    pub fn picked(&self, path: PathBuf) -> Picked {
        if self.kind == AskKind::Open && self.typed.is_some() && !path.exists() {
            return Picked::Missing(path);
        }
        if self.kind != AskKind::Save {
            return Picked::Path(path);
        }
        let ending = Path::new(&self.ending);
        let named = match self.ending.as_str() {
            "" => path.clone(),
            _ if is_encrypted(ending) => {
                let plain = plain_name(ending).to_string_lossy().into_owned();
                encrypted_name(&with_ending(plain_name(&path), &plain))
            }
            plain => with_ending(path.clone(), plain),
        };
        let asked = self.typed.is_none() && named == path;
        if !asked && named.exists() {
            Picked::Taken(named)
        } else {
            Picked::Path(named)
        }
    }
}

/// A path that was typed: `~/` is the user's own folder, as in a terminal.
#[must_use]
pub fn typed_path(words: &str) -> PathBuf {
    let home = || Some(directories::BaseDirs::new()?.home_dir().to_owned());
    let words = words.trim();
    let in_home = words.strip_prefix("~/");
    in_home
        .and_then(|rest| Some(home()?.join(rest)))
        .unwrap_or_else(|| words.into())
}

/// How a question for a path ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    Path(PathBuf),
    /// A file to save to that is there, without the system having asked whether to replace it.
    Taken(PathBuf),
    /// Nothing is there to be opened.
    Missing(PathBuf),
    Cancelled,
    /// The system has no file dialog: ask inside the window.
    Unavailable,
}

pub trait FileDialogs {
    /// Never blocks; the answer comes through the channel. `wake` is called when it is there.
    fn ask(&self, ask: &FileAsk, wake: Box<dyn Fn() + Send>) -> Receiver<Picked>;
}

/// The desktop portal's dialogs, on a thread.
pub struct SystemDialogs;

/// Without a portal the answer "nothing chosen" comes at once; nobody cancels that fast.
const TOO_FAST_FOR_A_PERSON: Duration = Duration::from_millis(400);

impl FileDialogs for SystemDialogs {
    fn ask(&self, ask: &FileAsk, wake: Box<dyn Fn() + Send>) -> Receiver<Picked> {
        let (answer, rx) = bounded(1);
        let ask = ask.clone();
        let failed = answer.clone();
        let thread = std::thread::Builder::new()
            .name("file dialog".into())
            .spawn(move || {
                let asked = Stopwatch::start();
                let path = ask.typed.clone().or_else(|| system_dialog(&ask));
                let picked = match path {
                    Some(path) => ask.picked(path),
                    None if asked.elapsed() < TOO_FAST_FOR_A_PERSON => Picked::Unavailable,
                    None => Picked::Cancelled,
                };
                // The window may have gone meanwhile; then nobody wants the answer.
                if answer.send(picked).is_ok() {
                    wake();
                }
            });
        if thread.is_err() {
            // The channel holds one message and is still empty.
            let _sent = failed.try_send(Picked::Unavailable);
        }
        rx
    }
}

fn system_dialog(ask: &FileAsk) -> Option<PathBuf> {
    let mut dialog = rfd::FileDialog::new().set_title(&ask.title);
    if let Some((name, endings)) = &ask.filter {
        dialog = dialog.add_filter(name, endings);
    }
    if let Some(folder) = &ask.start_in {
        dialog = dialog.set_directory(folder);
    }
    match ask.kind {
        AskKind::Open => dialog.pick_file(),
        AskKind::Save => dialog.set_file_name(&ask.suggested).save_file(),
        AskKind::Folder => dialog.pick_folder(),
    }
}

/// Other programs of the desktop.
pub trait Opener {
    /// False when nothing could be started.
    fn folder(&self, path: &Path) -> bool;
    fn url(&self, url: &str) -> bool;
}

/// The desktop's own file manager and browser.
pub struct SystemOpener;

impl Opener for SystemOpener {
    fn folder(&self, path: &Path) -> bool {
        start(path.as_os_str())
    }
    fn url(&self, url: &str) -> bool {
        start(url.as_ref())
    }
}

fn start(what: &std::ffi::OsStr) -> bool {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    Command::new(program)
        .arg(what)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_path_may_begin_in_the_folder_of_the_user() {
        assert_eq!(typed_path(" /a/~/b "), PathBuf::from("/a/~/b"));
        let typed = typed_path("~/a b.colpkg");
        assert!(typed.is_absolute() && typed.ends_with("a b.colpkg"));
    }
}
