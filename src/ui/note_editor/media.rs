//! Files for fields, between the asking and the name in the media folder: which field waits for
//! which, and whether a page may be left or a note be added meanwhile.

use super::form::NoteForm;
use super::undo::Place;
use crate::domain::html::escape_html;
use crate::service::notes::{MediaContent, MediaToAdd, NoteRequest};
use crate::service::request::Request;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a field waits for.
pub(super) struct Waiting {
    field: usize,
    /// It was asked for; else the user has still to choose or record it, or to cancel.
    sent: bool,
    /// Else pictures from the web, which stay links in a note that is left meanwhile.
    is_file: bool,
}

impl NoteForm {
    /// What a field waits for has this number.
    pub(super) fn ticket_for(&mut self, field: usize, sent: bool, is_file: bool) -> u64 {
        static TICKETS: AtomicU64 = AtomicU64::new(1);
        let ticket = TICKETS.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting {
            field,
            sent,
            is_file,
        };
        self.waiting.insert(ticket, waiting);
        ticket
    }

    /// A field waits for a file's name; the request that stores it comes from `content`. Without
    /// one a file has still to be chosen or recorded.
    pub(super) fn media(&mut self, at: usize, content: Option<MediaContent>) -> Request {
        let ticket = self.ticket_for(at, content.is_some(), true);
        if let Some(row) = self.rows.get_mut(at) {
            row.rich.keep_place(ticket);
        }
        let content = content.unwrap_or(MediaContent::File(PathBuf::new()));
        let media = MediaToAdd { ticket, content };
        Request::Note(NoteRequest::AddMedia(media))
    }

    /// As if a file came for a field; its number.
    #[cfg(test)]
    pub fn ask_for_file(&mut self, at: usize) -> u64 {
        let content = Some(MediaContent::File(PathBuf::new()));
        self.media(at, content);
        *self.waiting.keys().max().expect("one was asked for")
    }

    /// A file has its name: it goes where it was asked for.
    pub(super) fn media_came(&mut self, ticket: u64, name: &str) {
        self.pictures.look_again(Some(name));
        let unmasked = self.unmasked();
        let at = self.waiting.remove(&ticket).map(|waiting| waiting.field);
        if let Some((at, row)) = at.and_then(|at| Some((at, self.rows.get_mut(at)?))) {
            let is_here = |place| place == Place::Field(at);
            let focus = self.keyboard.is_none_or(is_here);
            row.rich.fill_place(ticket, &media_html(name), focus);
            self.arrived = true;
            self.masks_of_new_picture(unmasked.as_deref());
        }
    }

    pub(super) fn pictures_came(&mut self, ticket: u64, names: &[(String, String)]) {
        let unmasked = self.unmasked();
        if let Some(waiting) = self.waiting.remove(&ticket)
            && let Some(row) = self.rows.get_mut(waiting.field)
        {
            row.rich.replace_pictures(names);
            self.arrived = true;
            self.masks_of_new_picture(unmasked.as_deref());
        }
    }

    /// What a field waits for was asked for.
    fn media_sent(&mut self, ticket: u64) {
        if let Some(waiting) = self.waiting.get_mut(&ticket) {
            waiting.sent = true;
        }
    }

    /// What a field waited for does not come; false when none waited for it.
    pub fn media_failed(&mut self, ticket: u64) -> bool {
        let Some(waiting) = self.waiting.remove(&ticket) else {
            return false;
        };
        if let Some(row) = self.rows.get_mut(waiting.field) {
            row.rich.forget_place(ticket);
        }
        true
    }

    /// A request for a field was sent, or could not be.
    pub fn media_asked(&mut self, ticket: u64, sent: bool) {
        if sent {
            self.media_sent(ticket);
        } else {
            self.media_failed(ticket);
        }
    }

    /// Something for a field is on its way.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.waiting.values().any(|waiting| waiting.sent)
    }

    /// A file is on its way that no field names yet: without its note it would be lost.
    #[must_use]
    pub fn waits_for_file(&self) -> bool {
        let mut waiting = self.waiting.values();
        waiting.any(|waiting| waiting.sent && waiting.is_file)
    }
}

/// The request for a file, once there is one.
pub(super) fn with_content(request: Request, content: MediaContent) -> Request {
    match request {
        Request::Note(NoteRequest::AddMedia(MediaToAdd { ticket, .. })) => {
            Request::Note(NoteRequest::AddMedia(MediaToAdd { ticket, content }))
        }
        other => other,
    }
}

/// How a file of the media folder stands in a field: sounds and films as Anki plays them,
/// everything else as a picture.
#[must_use]
fn media_html(name: &str) -> String {
    const PLAYED: [&str; 21] = [
        "3gp", "aac", "avi", "flac", "flv", "m4a", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg",
        "oga", "ogg", "ogv", "ogx", "opus", "spx", "swf", "wav", "webm",
    ];
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if PLAYED.contains(&extension.to_ascii_lowercase().as_str()) {
        format!("[sound:{}]", escape_html(name))
    } else {
        format!("<img src=\"{}\">", escape_html(name))
    }
}
