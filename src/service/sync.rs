//! Sync between faces and the worker: what is asked and what is answered. Done in `serve::sync`.

use crate::base::Secret;
use crate::base::time::TimestampMillis;
use crate::explain::UserMessage;
use crate::{mark, t};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

pub use crate::storage::inspect::Difference;
pub use crate::sync::media::{MediaDeletions, MediaSynced};
pub use crate::sync::merge::Report as MergeReport;
pub use crate::sync::plan::MergeInto;
pub use crate::sync::{Counts, Deletions};

/// A profile's account and how it syncs; kept in its settings. The key that lets us in is in the
/// keychain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncSettings {
    /// As it was typed, with a slash at its end; stays after a log-out, for the next login.
    pub server: String,
    pub user: String,
    pub logged_in: bool,
    /// Not synced with this account since the login: what is there may be another collection.
    pub new_account: bool,
    /// When the profile is opened and closed.
    pub automatic: bool,
    pub media: bool,
    /// Media every 15 minutes while the profile is open.
    pub periodic_media: bool,
    /// Stop when more than this share of the notes (percent) would be deleted; 100: never.
    pub most_deleted_percent: u32,
    /// The next sync is one-way, whatever changed.
    pub force_one_way: bool,
}

impl Default for SyncSettings {
    fn default() -> Self {
        Self {
            server: String::new(),
            user: String::new(),
            logged_in: false,
            new_account: false,
            automatic: true,
            media: true,
            periodic_media: false,
            most_deleted_percent: 10,
            force_one_way: false,
        }
    }
}

/// What was typed to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub server: String,
    pub user: String,
    pub password: Secret,
    /// Keep the key in the keychain; otherwise for as long as the program runs.
    pub remember: bool,
    /// Sync as soon as it worked.
    pub then_sync: bool,
}

/// Which side replaces the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// This computer's collection replaces the server's.
    Upload,
    Download,
    /// Neither: what one side changed is moved to the note types of the other.
    Merge,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SyncRequest {
    /// Exchanges the password for a key: `LoggedIn` or `NotLoggedIn`.
    LogIn(Login),
    /// Nobody waits for the login any more.
    StopLogIn,
    LogOut,
    /// The collection, then its media. `any_deletions`: however many notes go.
    Now {
        any_deletions: bool,
    },
    /// Until the program is started again nothing is synced but what somebody asks for.
    NotByItself,
    /// The profile has just been opened: syncs where that is wished, else nothing.
    Opened,
    /// The profile is about to be closed: syncs where that is wished; always answered with
    /// `BeforeClosing`.
    BeforeClosing,
    /// What was chosen when the sides had parted.
    Replace {
        way: Way,
        server: ServerCopy,
    },
    /// Only media. `any_deletions`: however many files go.
    Media {
        any_deletions: bool,
    },
    /// What was synced until then stays; the next sync goes on from there.
    StopMedia,
}

/// What the job that syncs media is called on the board.
pub const MEDIA_JOB: &str = mark!("Syncing media");

/// How the two sides stand, as far as it is known without asking the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SyncState {
    /// Nobody is logged in.
    #[default]
    NotSetUp,
    /// Nothing changed here since the last sync.
    Nothing,
    Changes,
    /// One side has to replace the other.
    OneWay,
}

/// What the sync button shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncStatus {
    pub state: SyncState,
    /// The collection is being synced.
    pub running: bool,
    pub media_running: bool,
    /// A backup was restored: nothing is synced until the profile is opened again.
    pub suspended: bool,
    /// Closing the profile syncs first.
    pub on_close: bool,
    /// The last sync; None before the first.
    pub last: Option<TimestampMillis>,
    /// Why the last one failed, or that of media after it.
    pub failed: Option<UserMessage>,
}

/// The server's collection as it was when somebody was asked, and where it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerCopy {
    pub modified: TimestampMillis,
    /// A verified backup.
    pub backup: PathBuf,
}

/// One of two sides that have parted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Side {
    pub notes: u64,
    pub cards: u64,
    pub reviews: u64,
    /// None: nothing is there.
    pub changed: Option<TimestampMillis>,
    /// What the other side does not have: lost when that one replaces this.
    pub only_here: Difference,
}

impl Side {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.notes == 0 && self.cards == 0
    }
}

/// What has to be known to choose which side replaces the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parted {
    pub here: Side,
    pub there: Side,
    pub server: ServerCopy,
    /// An empty side does not replace a full one.
    pub can_upload: bool,
    pub can_download: bool,
    /// It was asked for in the preferences.
    pub forced: bool,
    /// They were not synced with each other since the login with this account.
    pub first: bool,
    /// What a merge would do; None: both sides changed their note types.
    pub merge: Option<MergeReport>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SyncEvent {
    /// Whenever it changes.
    Status(SyncStatus),
    LoggedIn {
        user: String,
    },
    NotLoggedIn(UserMessage),
    /// A sync was asked for and nobody is logged in any more.
    LoginNeeded,
    LoggedOut,
    /// Both sides are equal now.
    Synced {
        counts: Counts,
        /// What the server wants to be shown; mostly empty.
        message: String,
        /// Somebody waits for it.
        asked: bool,
    },
    /// Nothing was done, because so many notes would go.
    TooManyDeletions(Deletions),
    /// One side has to replace the other; both are saved.
    Parted(Box<Parted>),
    /// This side by the server's, or that one by ours.
    Replaced(Way),
    /// Both sides are merged; so many notes of this one went to its trash.
    Merged {
        trashed: u64,
    },
    /// This side holds the merged collection; why the server does not have it yet.
    MergedHere(UserMessage),
    /// Nothing was changed.
    Failed {
        message: UserMessage,
        asked: bool,
    },
    /// The collection is back, however the sync ended.
    Ended,
    /// None: the profile may be closed. Otherwise why the sync before that failed.
    BeforeClosing(Option<UserMessage>),
    MediaSynced {
        done: MediaSynced,
        asked: bool,
    },
    /// Nothing more was done, because so many files would go.
    MediaStopped(MediaDeletions),
    MediaFailed {
        message: UserMessage,
        asked: bool,
    },
}

impl SyncRequest {
    /// Completes "Could not …".
    pub(super) fn doing(&self) -> &'static str {
        match self {
            Self::LogIn(_) => t!("log in"),
            Self::StopLogIn => t!("cancel the login"),
            Self::LogOut => t!("log out"),
            Self::NotByItself => t!("hold the syncs back"),
            Self::Now { .. } | Self::Opened | Self::BeforeClosing => t!("sync"),
            Self::Replace {
                way: Way::Upload, ..
            } => t!("upload the collection"),
            Self::Replace {
                way: Way::Download, ..
            } => t!("download the collection"),
            Self::Replace {
                way: Way::Merge, ..
            } => t!("merge both collections"),
            Self::Media { .. } => t!("sync the media files"),
            Self::StopMedia => t!("stop the sync of media files"),
        }
    }
}
