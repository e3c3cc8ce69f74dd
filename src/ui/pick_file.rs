//! Choosing a file: the system's dialog, or a path that is typed where it has none; what follows
//! comes with the question ([`Action::PickFile`]). The dialogs themselves are in `environment`.

use crate::t;
use crate::ui::action::Action;
use crate::ui::app::App;
use crate::ui::dialog_host::{AskText, Question};
use crate::ui::dialogs::{Confirm, Prompt, Weight};
use crate::ui::environment::{FileAsk, Picked, typed_path};
use crate::ui::import_export;
use crossbeam_channel::{Receiver, TryRecvError};
use eframe::egui::Context;
use std::path::{Path, PathBuf};

type Then = Box<dyn FnOnce(PathBuf) -> Action>;

/// A file dialog that is open, and what follows.
pub struct PendingFile {
    answer: Receiver<Picked>,
    ask: FileAsk,
    then: Then,
}

impl App {
    pub(super) fn pick_file(&mut self, ctx: &Context, ask: FileAsk, then: Then) {
        let wake = ctx.clone();
        let answer = self
            .env
            .files
            .ask(&ask, Box::new(move || wake.request_repaint()));
        self.files.push(PendingFile { answer, ask, then });
    }

    /// File dialogs that have been answered.
    pub(super) fn take_picked_files(&mut self, ctx: &Context) {
        for pending in std::mem::take(&mut self.files) {
            let picked = match pending.answer.try_recv() {
                Err(TryRecvError::Empty) => {
                    self.files.push(pending);
                    continue;
                }
                picked => picked.unwrap_or(Picked::Cancelled),
            };
            let PendingFile { ask, then, .. } = pending;
            match picked {
                Picked::Cancelled => {}
                Picked::Path(path) => self.handle(ctx, then(path)),
                Picked::Taken(path) => {
                    let question = Question::new(replace_question(&path), then(path));
                    self.dialogs.open(Box::new(question));
                }
                Picked::Missing(path) => {
                    let dialog = path_dialog(ask, Some(path), then);
                    self.dialogs.open(Box::new(dialog));
                }
                Picked::Unavailable => {
                    self.dialogs.open(Box::new(path_dialog(ask, None, then)));
                }
            }
        }
    }
}

/// Asked where the system could not.
fn replace_question(path: &Path) -> Confirm {
    Confirm {
        title: t!(
            "Replace “{file}”?",
            file = import_export::model::file_name(path)
        ),
        body: t!("A file of this name is there already.").into(),
        cancel: t!("Cancel").into(),
        action: t!("Replace").into(),
        weight: Weight::Destructive,
        ..Default::default()
    }
}

/// Where the system has no file dialog: the path is typed or pasted. `missing` is what was typed
/// before, where nothing is.
fn path_dialog(ask: FileAsk, missing: Option<PathBuf>, then: Then) -> AskText {
    let folder = ask.start_in.as_ref();
    let start = folder.map(|folder| folder.join(&ask.suggested));
    let in_words = |path: PathBuf| path.display().to_string();
    let missing = missing.map(in_words);
    let start = missing.clone().or_else(|| start.map(in_words));
    let told = missing.map(|path| (path, t!("There is no file at this path.").to_owned()));
    AskText::new(
        Prompt {
            title: ask.title.clone(),
            body: t!("This system offers no file dialog. Type or paste the whole path.").into(),
            label: t!("Path").into(),
            hint: "/home/…".into(),
            value: start.unwrap_or_default(),
            action: t!("Continue").into(),
            told,
            ..Default::default()
        },
        move |path| {
            let typed = Some(typed_path(&path));
            let ask = FileAsk { typed, ..ask };
            Action::PickFile { ask, then }
        },
    )
}
