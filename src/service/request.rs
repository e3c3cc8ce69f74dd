//! What faces ask of the worker. Closed, nested by area; each area has a handler in `serve/`.

use crate::backup::entry::Rules;
use crate::base::Secret;
use crate::base::ids::{CardId, DeckId, NoteId};
/// Of text files, to choose from.
pub use crate::codec::encoding::CHOICES as ENCODINGS;
use crate::domain::card_answers::{AskedIn, ResetHow};
use crate::domain::deck_options::DeckOptionsUpdate;
use crate::domain::package::{ImportOptions, Selection, TakeOptions, TextExport};
use crate::domain::reposition::Reposition;
use crate::domain::stats::GraphPreferences;
use crate::domain::study::{Buried, Rating};
use crate::domain::text_import::{TextOptions, TextWishes};
use crate::service::browse::BrowseRequest;
use crate::service::bulk::BulkRequest;
use crate::service::checks::CheckRequest;
use crate::service::explorer::ExplorerRequest;
use crate::service::filtered::FilteredRequest;
use crate::service::fsrs::FsrsRequest;
use crate::service::history::HistoryRequest;
use crate::service::mail::MailRequest;
use crate::service::notes::NoteRequest;
use crate::service::notetypes::NotetypeRequest;
use crate::service::settings::ProfileSettings;
use crate::service::sync::SyncRequest;
use crate::service::vaults::VaultRequest;
use crate::t;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One question or order to the worker. Answers come as `Event`s.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    Profile(ProfileRequest),
    Deck(DeckRequest),
    Filtered(FilteredRequest),
    Bulk(BulkRequest),
    Explorer(ExplorerRequest),
    Browse(BrowseRequest),
    Notetype(NotetypeRequest),
    Check(CheckRequest),
    History(HistoryRequest),
    Study(StudyRequest),
    Card(CardRequest),
    Note(NoteRequest),
    Backup(BackupRequest),
    Vault(VaultRequest),
    Mail(MailRequest),
    Sync(SyncRequest),
    Package(PackageRequest),
    Settings(SettingsRequest),
    Stats(StatsRequest),
    Fsrs(FsrsRequest),
    /// Edit > Undo.
    Undo,
    /// Edit > Redo.
    Redo,
    /// Tools > Check Database (a verified backup first).
    CheckDatabase,
    /// Close everything, with the backup on close, then answer `Event::Stopped`.
    Shutdown,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ProfileRequest {
    /// Profiles in the data folder and those of Anki on this machine.
    List,
    Open {
        name: String,
    },
    /// Back to the profiles window; makes the backup on close.
    Close,
    /// With the sample deck of our own, or empty.
    Create {
        name: String,
        with_sample: bool,
    },
    Rename {
        old: String,
        new: String,
    },
    /// To the OS trash, after a verified backup outside the profile; never for good.
    Delete {
        name: String,
    },
    /// Copies profiles of Anki's data folder (None: where Anki keeps it); the originals stay
    /// untouched. Empty `names` means all.
    ImportAnki {
        base: Option<PathBuf>,
        names: Vec<String>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum DeckRequest {
    /// The deck list with counts and today's line.
    LoadTree,
    /// Makes a deck current and loads its overview.
    Select(DeckId),
    /// Of the deck that is current; `StudyEvent::Finished` too when nothing is to be done in it.
    LoadOverview,
    Create {
        name: String,
    },
    Rename {
        id: DeckId,
        name: String,
    },
    /// Deck, children, cards and notes without other cards; undoable; logged in deleted.txt.
    Delete {
        ids: Vec<DeckId>,
    },
    SetCollapsed {
        id: DeckId,
        collapsed: bool,
    },
    /// None: to the top level.
    Reparent {
        ids: Vec<DeckId>,
        new_parent: Option<DeckId>,
    },
    SetDescription {
        id: DeckId,
        description: String,
        markdown: bool,
    },
    UnburyDeck {
        id: DeckId,
        which: Buried,
    },
    EmptyFiltered {
        id: DeckId,
    },
    RebuildFiltered {
        id: DeckId,
    },
    /// The options of a normal deck.
    LoadOptions(DeckId),
    /// One undo step; refused as a whole when a value is out of range.
    SaveOptions(Box<DeckOptionsUpdate>),
    /// What saving would do to due days: `DeckEvent::OptionsPreview`.
    PreviewOptions(Box<DeckOptionsUpdate>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum StudyRequest {
    /// The card to show now, of the current deck.
    Next,
    /// The finished screen again, or the deck's overview when it has cards by now.
    Look,
    /// `typed` is what the user typed for a type-in card.
    ShowAnswer { card: CardId, typed: Option<String> },
    /// Refused with `Conflict` when `card` is not the one that is shown.
    Answer {
        card: CardId,
        rating: Rating,
        taken_ms: u32,
    },
}

/// From the reviewer's More menu; afterwards the next card is sent.
#[derive(Debug, Clone, PartialEq)]
pub enum CardRequest {
    SetFlag {
        cards: Vec<CardId>,
        flag: u8,
    },
    Bury {
        cards: Vec<CardId>,
    },
    BuryNotes {
        notes: Vec<NoteId>,
    },
    Suspend {
        cards: Vec<CardId>,
    },
    SuspendNotes {
        notes: Vec<NoteId>,
    },
    ToggleMark {
        notes: Vec<NoteId>,
    },
    /// Anki's grammar: `0`, `3-7`, `1!`.
    SetDueDate {
        cards: Vec<CardId>,
        days: String,
    },
    Reset {
        cards: Vec<CardId>,
        how: ResetHow,
    },
    /// What the questions of a place begin with: `Event::CardAnswers`.
    LoadAnswers(AskedIn),
    /// Answers cards that are not shown.
    GradeNow {
        cards: Vec<CardId>,
        rating: Rating,
    },
    /// What the question about new positions begins with: `Event::RepositionDefaults`.
    LoadReposition,
    Reposition {
        cards: Vec<CardId>,
        how: Reposition,
    },
    DeleteNotes {
        notes: Vec<NoteId>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum BackupRequest {
    /// File > Create Backup.
    Create,
    /// The list; works without a collection, for any profile.
    List {
        profile: String,
    },
    /// Opens a backup and compares it with the present collection.
    Inspect {
        profile: String,
        path: PathBuf,
        /// Comes back with the answer.
        ticket: u32,
    },
    /// Whole restore; works when the collection cannot be opened.
    Restore {
        profile: String,
        path: PathBuf,
    },
    /// Makes a new collection file of what can be read of one that cannot be opened:
    /// `BackupEvent::Salvaged`. Restoring that file puts it in the place of the damaged one.
    Salvage {
        profile: String,
    },
    UndoRestore {
        profile: String,
    },
    /// Automatic work on again before the restart.
    Resume,
    /// Much changed, and it is well: thinning and copies elsewhere go on.
    AcceptChanges,
    Pin {
        profile: String,
        path: PathBuf,
        name: String,
    },
    Unpin {
        profile: String,
        path: PathBuf,
    },
    /// The user's words about a backup.
    Annotate {
        profile: String,
        path: PathBuf,
        note: String,
    },
    /// Moves the backups of the open profile into a new folder inside this one; None: back into
    /// the profile.
    MoveFolder(Option<PathBuf>),
    /// How safe everything is: `BackupEvent::Health`. Works for any profile.
    Health {
        profile: String,
    },
    /// What changed in the open profile when: `BackupEvent::Timeline`.
    Timeline,
    /// Nobody waits for that any more.
    StopTimeline,
    /// Restores the newest verified backup for a trial: `BackupEvent::Drilled`.
    Drill,
    /// What the rules would keep and drop, without doing it.
    PreviewThinning {
        rules: Rules,
    },
}

impl BackupRequest {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::Create => t!("create the backup"),
            Self::List { .. } => t!("list the backups"),
            Self::Inspect { .. } => t!("open the backup"),
            Self::Restore { .. } => t!("restore the backup"),
            Self::Salvage { .. } => t!("salvage the collection"),
            Self::UndoRestore { .. } => t!("undo the restore"),
            Self::Annotate { .. } => t!("keep the note about the backup"),
            Self::Health { .. } => t!("look how safe everything is"),
            Self::Timeline | Self::StopTimeline => t!("find out what changed when"),
            Self::MoveFolder(_) => t!("move the backups"),
            Self::Drill => t!("restore a backup for a trial"),
            Self::Resume => t!("resume automatic backups"),
            Self::AcceptChanges => t!("accept what changed"),
            Self::Pin { .. } | Self::Unpin { .. } => t!("pin the backup"),
            Self::PreviewThinning { .. } => t!("preview the thinning"),
        }
    }
}

/// What a file is encrypted with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPassword {
    pub secret: Secret,
    /// By the system's keychain, once the file is there.
    pub remember: bool,
    /// With a recovery sheet beside the file: `VaultEvent::SheetWritten`.
    pub sheet: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PackageRequest {
    ExportCollection {
        out: PathBuf,
        media: bool,
        legacy: bool,
        /// Also, once that is done, the archive with one text file a note, without media: beside it,
        /// under its name or another one that is free.
        texts: bool,
        /// Encrypted with it; preferences and the history of notes go along.
        password: Option<NewPassword>,
    },
    /// Decrypts a file for what is asked of it next; it is kept until another one is. Without a
    /// password, with those that the keychain remembers.
    Unlock {
        file: PathBuf,
        password: Option<Secret>,
    },
    /// Whether passwords of encrypted exports are remembered: `PackageEvent::Remembered`.
    AskRemembered,
    /// Takes them out of the keychain.
    ForgetRemembered,
    /// Writes what was decrypted last to a file of its own.
    SavePlain { out: PathBuf },
    /// Replaces the collection after a safety backup.
    ImportCollection { file: PathBuf },
    /// What merging a deck package would do; without options, with those chosen last.
    PlanImport {
        file: PathBuf,
        options: Option<ImportOptions>,
    },
    /// Merges a deck package: one undo step.
    ImportPackage {
        file: PathBuf,
        options: ImportOptions,
    },
    /// What a text file says of itself, and its first rows.
    LookAtText { file: PathBuf, wishes: TextWishes },
    /// What importing a text file would do.
    PlanText { file: PathBuf, options: TextOptions },
    /// Adds and updates notes from a text file: one undo step.
    ImportText { file: PathBuf, options: TextOptions },
    /// Writes notes or cards to a text file.
    ExportText {
        out: PathBuf,
        selection: Selection,
        what: TextExport,
        /// Encrypted with it.
        password: Option<NewPassword>,
    },
    /// Writes an archive with one text file a note.
    ExportPlain {
        out: PathBuf,
        selection: Selection,
        media: bool,
        /// Encrypted with it.
        password: Option<NewPassword>,
    },
    /// Writes a deck package.
    ExportPackage {
        out: PathBuf,
        selection: Selection,
        options: TakeOptions,
        /// Encrypted with it.
        password: Option<NewPassword>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum SettingsRequest {
    /// Changes the open profile's settings.
    SaveProfile(Box<Changed<ProfileSettings>>),
    /// The collection's part of the preferences.
    SaveCollection(Box<Changed<CollectionSettings>>),
    /// The window's language, by its code, for all profiles; None: as the system.
    SaveLanguage(Option<String>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum StatsRequest {
    /// The numbers behind the graphs, for the cards that `search` finds (nothing: all, gone ones
    /// too) and reviews of the last `days` days (0: all). Takes the place of an earlier one.
    Graphs { search: String, days: u32 },
    /// Nobody waits for the numbers any more.
    Stop,
    /// What was chosen for the graphs, for the next time.
    SavePreferences(GraphPreferences),
    /// Everything about a card.
    CardInfo(CardId),
    /// A graph as a table.
    SaveTable { path: PathBuf, text: String },
    /// A graph as a picture, drawn from HTML.
    SavePicture { path: PathBuf, html: String },
    /// Graphs on pages of paper, each drawn from HTML.
    SavePdf { path: PathBuf, graphs: Vec<String> },
}

/// Settings as they were shown and as they are wanted: only what differs is saved, so that two
/// quick changes do not undo each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed<T> {
    pub shown: T,
    pub wanted: T,
}

/// Preferences that Anki keeps in the collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CollectionSettings {
    /// Hour at which the next day starts, 0 to 23.
    pub rollover_hour: u32,
    pub learn_ahead_mins: u32,
    pub timebox_mins: u32,
    /// Next intervals above the answer buttons.
    pub show_intervals: bool,
    /// The count line.
    pub show_remaining: bool,
    /// Buttons that play a card's sounds.
    pub show_play_buttons: bool,
    /// The next card silences the one before.
    pub interrupt_audio: bool,
    /// What the user calls flags 1 to 7; set by renaming them in Browse.
    pub flag_names: [Option<String>; 7],
    /// New notes go into the current deck; otherwise into the one used last with their type.
    pub add_to_current_deck: bool,
    /// Pasted pictures are stored as PNG, otherwise as JPEG.
    pub paste_images_as_png: bool,
    /// Pasting drops colours and fonts.
    pub paste_strips_formatting: bool,
    /// What Browse looks for when it opens; empty: the current deck.
    pub default_search: String,
    /// Searches find words with other accents too; slower.
    pub ignore_accents: bool,
    pub backups: Rules,
}
