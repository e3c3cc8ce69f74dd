//! What can be done with a picture of the media folder: entries in the menus of a note's fields and
//! of cards.

use crate::service::notes::NoteRequest;
use crate::service::request::Request;
use crate::t;
use crate::ui::action::Action;
use crate::ui::card_view::Link;
use crate::ui::context::UiContext;
use crate::ui::environment::FileAsk;
use crate::ui::review::follow_link;
use crate::ui::widgets::menu::Entry;
use eframe::egui::Ui;
use std::ffi::OsStr;
use std::path::Path;

/// What somebody wants with a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureUse {
    /// As a picture, to the clipboard.
    Copy,
    /// Its file, where somebody says.
    Save,
    /// With the system's program.
    Open,
    /// The media folder, in the system's file manager.
    ShowFolder,
}

/// The entries; which was chosen.
pub fn entries(ui: &mut Ui) -> Option<PictureUse> {
    let mut chosen = None;
    for (words, what) in [
        (t!("Copy Image"), PictureUse::Copy),
        (t!("Save Image As…"), PictureUse::Save),
        (t!("Open Image"), PictureUse::Open),
        (t!("Show in Folder"), PictureUse::ShowFolder),
    ] {
        if Entry::new(words).show(ui).clicked() {
            chosen = Some(what);
        }
    }
    chosen
}

/// Does it with the picture of that name.
pub fn follow(cx: &UiContext<'_>, name: String, what: PictureUse) {
    match what {
        PictureUse::Copy => cx.send(Action::CopyPicture(name)),
        PictureUse::Save => {
            let ending = Path::new(&name).extension().and_then(OsStr::to_str);
            let ask = FileAsk::save(t!("Save Image As…").trim_end_matches('…'), &name);
            let ask = ask.ending(ending.unwrap_or_default());
            cx.pick_file(ask, move |path| {
                Action::Ask(Request::Note(NoteRequest::SavePicture { name, path }))
            });
        }
        PictureUse::Open => cx.send(follow_link(cx, Link::File(name))),
        PictureUse::ShowFolder => {
            if let Some(folder) = cx.media_folder() {
                cx.send(Action::OpenFolder(folder));
            }
        }
    }
}
