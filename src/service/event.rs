//! What the worker answers. Faces apply events to their model and draw from that alone.

use crate::backup::drill::Drilled;
use crate::backup::entry::{Alarm, Copies, Entry, Inspection, KeepReason};
use crate::backup::health::Health;
use crate::base::ids::{CardId, DeckId, NoteId, NotetypeId};
use crate::base::time::TimestampMillis;
use crate::domain::card_answers::CardAnswers;
use crate::domain::card_info::CardInfo;
use crate::domain::changes::Changes;
use crate::domain::deck_options::{DeckOptions, DeckOptionsUpdate, ReschedulePreview};
use crate::domain::deck_tree::DeckTreeNode;
use crate::domain::op::Op;
use crate::domain::package::{ImportOptions, ImportReport};
use crate::domain::reposition::RepositionDefaults;
use crate::domain::stats::Graphs;
use crate::domain::study::{AutoAdvanceOptions, Congrats, Counts, QueueKind, StudiedToday};
use crate::domain::text_import::{TextLook, TextOptions};
use crate::domain::timeline::Timeline;
use crate::explain::UserMessage;
use crate::service::browse::BrowseEvent;
use crate::service::bulk::BulkEvent;
use crate::service::checks::CheckEvent;
use crate::service::explorer::ExplorerEvent;
use crate::service::filtered::FilteredEvent;
use crate::service::fsrs::FsrsEvent;
use crate::service::history::HistoryEvent;
use crate::service::mail::MailEvent;
use crate::service::notes::NoteEvent;
use crate::service::notetypes::NotetypeEvent;
use crate::service::request::{CollectionSettings, Request};
use crate::service::settings::ProfileSettings;
use crate::service::sync::SyncEvent;
use crate::service::vaults::VaultEvent;
use crate::template::av::AvTag;
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    Profile(ProfileEvent),
    Deck(DeckEvent),
    Filtered(FilteredEvent),
    Bulk(BulkEvent),
    Explorer(ExplorerEvent),
    Browse(BrowseEvent),
    Notetype(NotetypeEvent),
    Check(CheckEvent),
    History(HistoryEvent),
    Study(StudyEvent),
    Note(NoteEvent),
    Backup(BackupEvent),
    /// The folder that mirrors the notes: chosen, up to date, or failed.
    Mirror(MirrorStatus),
    Vault(VaultEvent),
    Mail(MailEvent),
    Sync(SyncEvent),
    Package(PackageEvent),
    Stats(StatsEvent),
    Fsrs(FsrsEvent),
    /// An operation is on disk. `status` says what can be undone now.
    Done {
        op: Op,
        undone: Undone,
        changes: Changes,
        affected: usize,
        status: UndoStatus,
    },
    /// After opening and after each save.
    Settings {
        profile: Box<ProfileSettings>,
        collection: CollectionSettings,
    },
    /// The language that was chosen for all profiles, with the settings and after each choice.
    Language(Option<String>),
    DatabaseChecked {
        problems: Vec<Problem>,
        safety_backup: PathBuf,
    },
    /// A job began, ended, or failed; while it runs, look at the `JobBoard`.
    Job(JobEvent),
    /// A request failed; nothing was changed.
    Failed {
        request: Box<Request>,
        message: UserMessage,
    },
    /// What was answered last to the questions about cards.
    CardAnswers(CardAnswers),
    /// What the question about new positions begins with.
    RepositionDefaults(RepositionDefaults),
    /// Something worth saying that needs no decision.
    Notice(String),
    /// Counts changed by time alone: a new day, or learning cards fell due. Ask again for what
    /// is shown.
    TimePassed {
        /// Another day has begun.
        new_day: bool,
    },
    /// After `Shutdown`.
    Stopped,
    /// The worker has ended by a fault of its own: nothing is served any more.
    Fault(UserMessage),
}

impl Event {
    /// See [`Event::Failed`].
    pub(super) fn failed(request: Request, message: UserMessage) -> Self {
        Self::Failed {
            request: Box::new(request),
            message,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    No,
    Undo,
    Redo,
}

pub use crate::collection::undo::UndoStatus;

/// What Check Database found and mended.
pub use crate::collection::repair::Problem;

#[derive(Debug, Clone, PartialEq)]
pub enum ProfileEvent {
    Listed {
        profiles: Vec<ProfileSummary>,
        anki: Vec<AnkiProfile>,
    },
    Opened {
        name: String,
        restored: bool,
        can_undo_restore: bool,
        /// Changes of earlier starts can be undone too.
        undo: UndoStatus,
    },
    Closed,
    /// The collection of `name` cannot be opened; its backups can.
    Broken {
        name: String,
        message: UserMessage,
    },
    Imported {
        profiles: Vec<ImportedProfile>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileSummary {
    pub name: String,
    pub path: PathBuf,
    pub last_opened: Option<TimestampMillis>,
    /// Bytes of the collection file.
    pub collection_size: Option<u64>,
    /// Unknown when the collection cannot be read.
    pub cards: Option<u64>,
    /// Newest verified backup.
    pub last_backup: Option<TimestampMillis>,
}

/// A profile in Anki's data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnkiProfile {
    pub name: String,
    pub path: PathBuf,
    pub collection_size: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ImportedProfile {
    pub name: String,
    pub notes: u64,
    pub cards: u64,
    pub media: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub enum DeckEvent {
    Tree {
        root: DeckTreeNode,
        current: DeckId,
        today: StudiedToday,
    },
    Overview(DeckOverview),
    Options(Box<DeckOptions>),
    /// What saving `update` would do to due days; nothing was written.
    OptionsPreview {
        update: Box<DeckOptionsUpdate>,
        preview: ReschedulePreview,
    },
}

pub use crate::domain::study::Overview as DeckOverview;

#[derive(Debug, Clone, PartialEq)]
pub enum StudyEvent {
    /// Show this card.
    Card {
        card: Box<StudyCard>,
        counts: Counts,
    },
    /// Likely the next card: draw it in advance. Follows `Card` at once.
    Upcoming {
        card: Box<StudyCard>,
    },
    /// An answer with the typed text compared.
    Answer {
        card: CardId,
        side: CardSide,
    },
    /// The answer is synced to disk; the next `Card` or `Finished` follows at once.
    Answered {
        card: CardId,
        leech: bool,
        suspended: bool,
    },
    Finished {
        deck: String,
        congrats: Congrats,
    },
}

/// Everything that the study screen needs of a card.
#[derive(Debug, Clone, PartialEq)]
pub struct StudyCard {
    pub id: CardId,
    pub note: NoteId,
    /// Index of its template.
    pub card_type: usize,
    /// Home deck, `A::B`.
    pub deck: String,
    pub kind: QueueKind,
    /// 0 to 7.
    pub flag: u8,
    pub marked: bool,
    /// Note type's CSS.
    pub css: String,
    /// Classes of the page's body, without the night-mode ones.
    pub body_class: String,
    pub question: CardSide,
    /// Without a typed comparison; see `StudyEvent::Answer`.
    pub answer: CardSide,
    /// Set when the question asks to type.
    pub type_in: Option<TypeIn>,
    /// Next interval of Again, Hard, Good, Easy; empty when hidden.
    pub intervals: [String; 4],
    pub show_timer: bool,
    /// Seconds after which the answer time stops counting.
    pub time_cap_secs: u32,
    pub stop_timer_on_answer: bool,
    pub autoplay: bool,
    pub auto_advance: AutoAdvanceOptions,
    /// Replaying the answer leaves out the question's sounds.
    pub replay_answer_only: bool,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct CardSide {
    /// HTML with `[anki:play:q:0]` turned into play buttons.
    pub html: String,
    /// What its play marks play: files of the media folder and speech, in order.
    pub sounds: Vec<AvTag>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeIn {
    pub font: String,
    /// Points.
    pub size: u32,
    pub right_to_left: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum BackupEvent {
    /// Whenever it changes.
    Status(BackupStatus),
    /// File > Create Backup.
    Created {
        path: PathBuf,
    },
    /// File > Create Backup with nothing new since the newest verified one.
    Unchanged,
    Listed {
        profile: String,
        entries: Vec<Entry>,
    },
    Inspected {
        /// Of the request.
        ticket: u32,
        inspection: Inspection,
    },
    Restored {
        from: PathBuf,
        /// None when there was nothing to save.
        safety_backup: Option<PathBuf>,
    },
    RestoreUndone,
    /// Automatic work is on again, before the restart.
    Resumed,
    /// What could be read of a damaged collection is in a file beside it.
    Salvaged(Box<Salvaged>),
    /// The answer to `BackupRequest::Health`.
    Health {
        profile: String,
        health: Box<Health>,
    },
    /// The answer to `BackupRequest::Timeline`.
    Timeline {
        profile: String,
        timeline: Box<Timeline>,
        /// Newest first.
        backups: Vec<Entry>,
    },
    /// A backup was restored for a trial, and every row was right.
    Drilled {
        drilled: Drilled,
        /// Somebody waits for it.
        asked: bool,
    },
    Thinning {
        keep: Vec<(PathBuf, Vec<KeepReason>)>,
        drop: Vec<PathBuf>,
    },
    /// Whenever the second folder changes; None without one.
    Copies(Option<CopiesState>),
}

/// See `BackupEvent::Salvaged`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvaged {
    pub profile: String,
    pub path: PathBuf,
    pub notes: u64,
    pub cards: u64,
    pub reviews: u64,
    /// Rows known to be lost.
    pub lost: u64,
    /// The losses by kind, and what was mended.
    pub lines: Vec<String>,
}

/// How copying to the second folder goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopiesState {
    Running,
    /// As it was found at the end of the last round; also while the disk is absent.
    Known(Copies),
    Failed(UserMessage),
}

/// The bottom bar's left end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BackupStatus {
    pub state: BackupState,
    pub last_verified: Option<TimestampMillis>,
    pub changed_since: bool,
    pub next_due: Option<TimestampMillis>,
    /// Where they are.
    pub folder: Option<PathBuf>,
    /// The user chose that folder; it lies outside the profile.
    pub folder_is_chosen: bool,
    /// Much changed without a reason: `BackupRequest::AcceptChanges` answers it.
    pub alarm: Option<Alarm>,
    /// A place of copies elsewhere, or the mail, to which nothing comes any more; for people.
    pub elsewhere: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum BackupState {
    #[default]
    Idle,
    Running,
    Failed(UserMessage),
    /// After a restore, until the restart.
    Suspended,
}

/// A note type to choose, and what its fields are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotetypeChoices {
    pub id: NotetypeId,
    pub name: String,
    pub fields: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PackageEvent {
    Exported {
        path: PathBuf,
        size: u64,
        notes: u64,
        cards: u64,
        media_files: u64,
    },
    /// An archive with one text file a note was written.
    PlainExported {
        path: PathBuf,
        size: u64,
        notes: u64,
        media_files: u64,
    },
    /// What is in an encrypted file can be read at `plain` now.
    Unlocked { file: PathBuf, plain: PathBuf },
    /// The password is another one.
    WrongPassword { file: PathBuf },
    /// Whether the keychain remembers passwords of encrypted exports.
    Remembered(bool),
    /// It is damaged, or it was cancelled: that is told elsewhere.
    NotUnlocked { file: PathBuf },
    /// What was decrypted is there.
    PlainSaved { path: PathBuf, size: u64 },
    /// What merging `file` would do.
    Planned {
        file: PathBuf,
        options: ImportOptions,
        report: Box<ImportReport>,
    },
    /// The answer to `LookAtText`, with what can be chosen.
    TextLooked {
        file: PathBuf,
        look: Box<TextLook>,
        notetypes: Vec<NotetypeChoices>,
        /// Normal decks by their full names.
        decks: Vec<(DeckId, String)>,
    },
    /// What importing a text file would do.
    TextPlanned {
        file: PathBuf,
        options: Box<TextOptions>,
        report: Box<ImportReport>,
    },
    /// Notes or cards were written to a text file.
    TextExported {
        path: PathBuf,
        /// Notes or cards.
        count: u64,
        cards: bool,
    },
    /// A deck package or text file was merged.
    Merged {
        file: PathBuf,
        report: Box<ImportReport>,
    },
    Imported {
        safety_backup: Option<PathBuf>,
        notes: u64,
        cards: u64,
        media_added: u64,
    },
}

/// The folder that mirrors the notes as text files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MirrorStatus {
    /// None when there is none.
    pub folder: Option<PathBuf>,
    /// When it was last up to date, in this run of the program.
    pub updated: Option<TimestampMillis>,
    /// Notes in it then.
    pub notes: u64,
    pub failed: Option<UserMessage>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum StatsEvent {
    Graphs {
        search: String,
        days: u32,
        graphs: Box<Graphs>,
    },
    CardInfo(Box<CardInfo>),
    /// A table or picture is on disk.
    Saved {
        path: PathBuf,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum JobEvent {
    Started {
        id: JobId,
        title: String,
        exclusive: bool,
    },
    Finished {
        id: JobId,
    },
    Cancelled {
        id: JobId,
    },
    Failed {
        id: JobId,
        message: UserMessage,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);
