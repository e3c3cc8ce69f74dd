//! Notes between faces and the worker: loading into an editor, saving what was typed, adding, the
//! draft of a note not yet added, files for the media folder. Done in `serve::notes`.

use crate::base::ids::{CardId, DeckId, NoteId, NotetypeId};
use crate::domain::note::Note;
use crate::domain::notetype::Notetype;
use crate::render::FormulaPicture;
use crate::t;
use std::path::PathBuf;
use std::sync::Arc;

pub use crate::domain::note_edit::{FieldsState, NewNote, NoteEdit, NoteView};
pub use crate::service::draft::Draft;

#[derive(Debug, Clone, PartialEq)]
pub enum NoteRequest {
    /// For an editor.
    Load(NoteId),
    /// Writes what was changed; nothing when that is what is stored.
    Update(NoteEdit),
    /// What is to be said about these fields; id 0 for a note not yet added.
    Check(Note),
    /// What the Add page starts with. `studied` is the card on show; the note of `copy_of`
    /// gives its fields, tags and note type, unless there is a draft.
    StartAdding {
        studied: Option<CardId>,
        copy_of: Option<CardId>,
    },
    /// Another note type for the note being added.
    ChooseNotetype(NotetypeId),
    Add(NewNote),
    /// The note being added as it is now, kept through a crash; None when there is nothing to
    /// keep. Answered by `NoteEvent::DraftKept`.
    KeepDraft(Option<Box<Draft>>),
    /// All tags, for completion.
    LoadTags,
    /// Whether a field of a note type keeps its content after adding.
    SetSticky {
        notetype: NotetypeId,
        /// For each field.
        sticky: Vec<bool>,
    },
    AddMedia(MediaToAdd),
    /// Pictures of a pasted web page, by address, into the media folder; answered by
    /// `NoteEvent::PicturesFetched`.
    FetchPictures {
        ticket: u64,
        urls: Vec<String>,
    },
    /// A picture of the media folder, to be shown in a field.
    LoadPicture(String),
    /// A picture of the media folder, as large as it is; answered by `NoteEvent::PictureToCopy`.
    CopyPicture(String),
    /// The file of a picture of the media folder, copied elsewhere.
    SavePicture {
        name: String,
        path: PathBuf,
    },
    /// A formula, to be shown in a field; comes as the picture of its name.
    LoadFormula(FormulaPicture),
}

/// Something to be put into the media folder.
#[derive(Debug, Clone, PartialEq)]
pub struct MediaToAdd {
    /// Comes back with the answer.
    pub ticket: u64,
    pub content: MediaContent,
}

#[derive(Debug, Clone, PartialEq)]
pub enum MediaContent {
    /// Copied; the file's name is kept where it can be.
    File(PathBuf),
    Bytes {
        name: String,
        data: Arc<[u8]>,
    },
    /// A pasted picture: stored as PNG or JPEG, as the preferences say.
    Picture {
        width: u32,
        height: u32,
        /// Not premultiplied, row by row.
        rgba: Arc<[u8]>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum NoteEvent {
    Loaded(Box<NoteView>),
    /// Asked for, but deleted by now.
    Gone(NoteId),
    /// An edit is on disk.
    Saved {
        /// As it was asked for: whoever asked knows it by this, everyone else takes the note in.
        edit: NoteEdit,
        /// The note as it is stored now.
        view: Box<NoteView>,
    },
    Checked {
        /// Of the note asked about.
        note: NoteId,
        state: FieldsState,
    },
    Adding(Box<Adding>),
    /// The draft is on disk, or gone from it where there was nothing to keep.
    DraftKept,
    NotetypeChosen {
        notetype: Arc<Notetype>,
        /// All that can be chosen, by name.
        notetypes: Vec<(NotetypeId, String)>,
        /// The deck to change to; None to stay.
        deck: Option<DeckId>,
    },
    Added {
        id: NoteId,
        /// Its first fields as one line of text, for the history.
        summary: String,
    },
    Tags(Arc<[String]>),
    /// The note type of an editor was changed (which fields are sticky).
    Sticky(Arc<Notetype>),
    MediaAdded {
        ticket: u64,
        name: String,
    },
    MediaFailed {
        ticket: u64,
    },
    /// Address and name in the media folder of those that could be fetched.
    PicturesFetched {
        ticket: u64,
        names: Vec<(String, String)>,
    },
    /// None: there is no such picture, or it cannot be read.
    Picture {
        name: String,
        picture: Option<PictureData>,
    },
    /// As above, for the clipboard.
    PictureToCopy {
        name: String,
        picture: Option<PictureData>,
    },
}

/// A picture ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureData {
    pub width: u32,
    pub height: u32,
    /// Not premultiplied, row by row.
    pub rgba: Arc<[u8]>,
}

/// What the Add page starts with.
#[derive(Debug, Clone, PartialEq)]
pub struct Adding {
    pub notetype: Arc<Notetype>,
    pub deck_id: DeckId,
    /// By name.
    pub notetypes: Vec<(NotetypeId, String)>,
    /// Of the copied note, or of the draft that a crash left behind; empty for a fresh start.
    pub fields: Vec<String>,
    pub tags: Vec<String>,
    /// The content is a draft's.
    pub from_draft: bool,
    /// A copy of this card was asked for, but the draft was there.
    pub instead_of_copy: Option<CardId>,
}

impl NoteRequest {
    /// The number that comes back with what a field waits for.
    #[must_use]
    pub fn ticket(&self) -> Option<u64> {
        match self {
            Self::AddMedia(media) => Some(media.ticket),
            Self::FetchPictures { ticket, .. } => Some(*ticket),
            _ => None,
        }
    }

    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Load(_) => t!("load the note"),
            Self::Update(_) => t!("save the note"),
            Self::Check(_) => t!("check the note’s fields"),
            Self::StartAdding { .. } => t!("begin a new note"),
            Self::ChooseNotetype(_) => t!("load the note type"),
            Self::Add(_) => t!("add the note"),
            Self::KeepDraft(_) => t!("keep the draft of the note"),
            Self::LoadTags => t!("load the tags"),
            Self::SetSticky { .. } => t!("change the note type"),
            Self::LoadPicture(_) | Self::CopyPicture(_) => t!("load the picture"),
            Self::SavePicture { .. } => t!("save the picture"),
            Self::LoadFormula(_) => t!("draw the formula"),
            Self::FetchPictures { .. } => t!("fetch the pasted pictures"),
            Self::AddMedia(_) => t!("add the file to the media folder"),
        }
    }
}
