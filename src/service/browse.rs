//! The browser, between faces and the worker: what is asked and what is answered. Done in
//! `serve::browse`.

use crate::base::ids::{CardId, DeckId, NotetypeId};
use crate::base::time::TimestampMillis;
use crate::collection::card_html::RenderedCard;
use crate::domain::browse::{Column, Layout, Row};
use crate::domain::card_answers::ResetHow;
use crate::domain::explorer::{Since, SinceKinds};
use crate::domain::notetype_change::NotetypeChange;
use crate::domain::reposition::{Reposition, RepositionDefaults};
use crate::domain::sidebar::Sidebar;
use crate::domain::study::Rating;
use crate::explain::UserMessage;
use crate::service::bulk::FindReplace;
use crate::service::event::CardSide;
use crate::t;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq)]
pub enum BrowseRequest {
    /// The layouts that the collection remembers.
    Open,
    /// Which rows there are. `serial` comes back with the answer, so that late ones are known.
    Search {
        search: String,
        layout: Layout,
        serial: u64,
        /// Of what is found, only these.
        within: Option<Arc<Since>>,
        /// What was chosen when rows were cards and are notes now, or the other way round.
        carry: Option<Chosen>,
    },
    /// What was added or changed since a backup, which was made then.
    ChangedSince {
        backup: PathBuf,
        made: TimestampMillis,
        kinds: SinceKinds,
    },
    /// Nobody waits for that any more.
    StopComparing,
    /// What rows say; only those that are seen.
    Rows {
        ids: Vec<i64>,
        notes: bool,
        columns: Vec<Column>,
    },
    SaveLayout(Layout),
    /// Both sides of a card.
    Preview(CardId),
    LoadSidebar,
    /// 1 to 7; an empty name brings the usual one back.
    RenameFlag {
        flag: u8,
        name: String,
    },
    /// Does something to the cards or notes of rows, as one step of undo.
    Do {
        chosen: Chosen,
        action: BrowseAction,
    },
    /// The notes of rows, each once, with all of their cards. `choose` comes back with the answer:
    /// whether they are to be chosen.
    NotesOf {
        chosen: Chosen,
        choose: bool,
    },
    /// What the question about new positions begins with.
    LoadReposition,
    /// Answered by `BulkEvent::FieldNames`: those that the notes of rows have.
    LoadFieldNames(Chosen),
    /// Answered by `BulkEvent::NotetypeChange`; None: to the type that the notes are of. Refused
    /// when they are of several.
    LoadNotetypeChange {
        chosen: Chosen,
        new: Option<NotetypeId>,
    },
}

/// The rows that something is done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    pub rows: Vec<i64>,
    /// The rows are notes.
    pub notes: bool,
    /// The row that toggles look at.
    pub current: i64,
}

/// Chosen cards as the notes that they are of, or chosen notes as all of their cards.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Carried {
    pub rows: Vec<i64>,
    /// For the current row.
    pub current: Option<i64>,
}

/// What is done to rows: to cards (all of a note's in notes mode) or to notes.
#[derive(Debug, Clone, PartialEq)]
pub enum BrowseAction {
    /// 1 to 7; the one that the current card has already is taken off. 0 takes any off.
    Flag(u8),
    /// Unsuspends when the current card is suspended.
    ToggleSuspend,
    /// Unburies when the current card is buried.
    ToggleBury,
    ToggleMark,
    /// Anki's grammar: `0`, `3-7`, `1!`.
    SetDueDate(String),
    Reset(ResetHow),
    DeleteNotes,
    GradeNow(Rating),
    Reposition(Reposition),
    /// With spaces between.
    AddTags(String),
    /// Those below them, too.
    RemoveTags(String),
    SetDeck(DeckId),
    FindReplace(FindReplace),
    ChangeNotetype(NotetypeChange),
}

#[derive(Debug, Clone, PartialEq)]
pub enum BrowseEvent {
    Opened {
        /// Of cards, of notes.
        layouts: [Layout; 2],
        notes: bool,
    },
    Found {
        serial: u64,
        notes: bool,
        ids: Arc<[i64]>,
        /// The rows that were to be carried over, as what rows are now.
        carried: Option<Carried>,
    },
    /// The search cannot be understood.
    Unclear {
        serial: u64,
        message: UserMessage,
    },
    Rows {
        notes: bool,
        columns: Vec<Column>,
        rows: Vec<Row>,
    },
    ChangedSince {
        made: TimestampMillis,
        kinds: SinceKinds,
        rows: Arc<Since>,
    },
    Sidebar(Arc<Sidebar>),
    Preview(Arc<CardPreview>),
    Reposition(RepositionDefaults),
    NotesOf {
        rows: Arc<Since>,
        choose: bool,
    },
}

/// Both sides of a card, ready to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct CardPreview {
    pub card: CardId,
    pub question: CardSide,
    pub answer: CardSide,
    /// Note type's CSS.
    pub css: String,
    /// Classes of the page's body, without the night-mode ones.
    pub body_class: String,
}

impl From<RenderedCard> for CardPreview {
    fn from(card: RenderedCard) -> Self {
        let (question, answer) = (card.question_page(), card.answer_page(None));
        Self {
            card: card.card,
            question: CardSide {
                html: question,
                sounds: card.question_av,
            },
            answer: CardSide {
                html: answer,
                sounds: card.answer_av,
            },
            css: card.css,
            body_class: card.body_class,
        }
    }
}

impl BrowseRequest {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Open => t!("open Browse"),
            Self::Search { .. } => t!("search"),
            Self::ChangedSince { .. } | Self::StopComparing => t!("compare with the backup"),
            Self::Rows { .. } => t!("read the rows"),
            Self::LoadNotetypeChange { .. } => t!("compare the note types"),
            Self::LoadReposition => t!("look up the positions of new cards"),
            Self::LoadFieldNames(_) => t!("list the fields"),
            Self::LoadSidebar => t!("load the sidebar"),
            Self::RenameFlag { .. } => t!("rename the flag"),
            Self::Preview(_) => t!("show the card"),
            Self::SaveLayout(_) => t!("save the columns"),
            Self::NotesOf { .. } => t!("look up the notes"),
            Self::Do { action, .. } => action.doing(),
        }
    }
}

impl BrowseAction {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Flag(_) => t!("set the flag"),
            Self::ToggleSuspend => t!("suspend the cards"),
            Self::ToggleBury => t!("bury the cards"),
            Self::ToggleMark => t!("mark the notes"),
            Self::SetDueDate(_) => t!("set the due date"),
            Self::Reset(_) => t!("reset the cards"),
            Self::DeleteNotes => t!("delete the notes"),
            Self::GradeNow(_) => t!("grade the cards"),
            Self::Reposition(_) => t!("reposition the cards"),
            Self::AddTags(_) => t!("add the tags"),
            Self::RemoveTags(_) => t!("remove the tags"),
            Self::SetDeck(_) => t!("change the deck"),
            Self::FindReplace(_) => t!("find and replace"),
            Self::ChangeNotetype(_) => t!("change the note type"),
        }
    }
}
