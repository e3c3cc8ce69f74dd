//! Check Database without repairs, Check Media and Empty Cards, between faces and the worker: what
//! is asked and what is answered. Done in `serve::checks`.

use crate::base::ids::NoteId;
use crate::collection::repair::Problem;
use crate::domain::media_report::MediaReport;
use crate::t;

pub use crate::collection::empty_cards::EmptyCards;

#[derive(Debug, Clone, PartialEq)]
pub enum CheckRequest {
    /// What Check Database would mend; changes nothing.
    Problems,
    /// Looks at the media folder; answered by a report, as the other requests about media.
    Media,
    /// To the trash.
    DiscardMedia(Vec<String>),
    RestoreMedia,
    /// To the system's trash.
    EmptyMediaTrash,
    /// Looks for missing files in the trash, backups and vaults.
    BringBackMedia(Vec<String>),
    /// Gives files with unfit names other ones, and notes the new names.
    RenameMedia,
    TagMissingMedia(Vec<NoteId>),
    /// Reads all files and tells those whose bytes changed though nobody wrote them.
    LookForRot,
    /// Puts the right bytes of damaged files back, from the trash, backups and vaults.
    RepairRot,
    /// Looks for them; answered by a report.
    EmptyCards,
    RemoveEmptyCards {
        report: Vec<EmptyCards>,
        /// Notes that would lose their last card keep the first one.
        keep_notes: bool,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum CheckEvent {
    Problems(Vec<Problem>),
    /// `said` is what was done before, for people; empty after a mere look.
    Media {
        report: Box<MediaReport>,
        said: String,
    },
    EmptyCards {
        report: Vec<EmptyCards>,
        /// Names of the note types in it.
        names: Vec<(crate::base::ids::NotetypeId, String)>,
    },
    EmptyCardsRemoved {
        cards: usize,
        notes: usize,
    },
}

impl CheckRequest {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Problems => t!("check the database"),
            Self::Media => t!("check the media folder"),
            Self::DiscardMedia(_) => t!("move the files to the trash"),
            Self::RestoreMedia => t!("restore the deleted files"),
            Self::EmptyMediaTrash => t!("empty the trash"),
            Self::BringBackMedia(_) => t!("bring the missing files back"),
            Self::RenameMedia => t!("rename the files"),
            Self::TagMissingMedia(_) => t!("tag the notes"),
            Self::LookForRot => t!("read the media files"),
            Self::RepairRot => t!("repair the media files"),
            Self::EmptyCards => t!("look for empty cards"),
            Self::RemoveEmptyCards { .. } => t!("delete the empty cards"),
        }
    }
}
