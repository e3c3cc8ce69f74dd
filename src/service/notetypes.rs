//! Note types, between faces and the worker: what is asked and what is answered. Done in
//! `serve::notetypes`.

use crate::base::ids::NotetypeId;
use crate::domain::notetype::{NotetypeFacts, NotetypeModel, NotetypeUse, NotetypeVersion};
use crate::domain::notetype_edit::NotetypeEdit;
use crate::t;

pub use crate::collection::card_html::RenderedCard;
pub use crate::collection::notetypes::preview::{Preview, PreviewAsk, Step};
pub use crate::collection::notetypes::stock;

#[derive(Debug, Clone, PartialEq)]
pub enum NotetypeRequest {
    /// All of them, with the numbers of their notes.
    List,
    Load(NotetypeId),
    /// Under a name made distinct by `+`.
    Add {
        model: NotetypeModel,
        name: String,
    },
    Rename {
        id: NotetypeId,
        name: String,
    },
    /// With its notes, which are written to deleted.txt.
    Remove(NotetypeId),
    /// One undo step; refused as a whole when the templates could not work.
    Save(Box<NotetypeEdit>),
    Preview(Box<PreviewAsk>),
    /// Former versions.
    LoadVersions(NotetypeId),
}

#[derive(Debug, Clone, PartialEq)]
pub enum NotetypeEvent {
    Listed(Vec<NotetypeUse>),
    Loaded(Box<NotetypeFacts>),
    Added(NotetypeId),
    /// What `Save` or `Rename` asked for is on disk; pins of fields change note types too.
    Saved,
    Preview(Box<Preview>),
    Versions {
        id: NotetypeId,
        /// Newest first.
        versions: Vec<NotetypeVersion>,
    },
}

impl NotetypeRequest {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::List => t!("list the note types"),
            Self::Load(_) => t!("open the note type"),
            Self::Add { .. } => t!("add the note type"),
            Self::Rename { .. } => t!("rename the note type"),
            Self::Remove(_) => t!("delete the note type"),
            Self::Save(_) => t!("save the note type"),
            Self::Preview(_) => t!("draw the preview"),
            Self::LoadVersions(_) => t!("read the former versions"),
        }
    }
}
