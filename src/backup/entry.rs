//! What is known of a backup without opening it; pure values that faces show.

use crate::base::count::number;
use crate::base::lang;
use crate::base::time::TimestampMillis;
use crate::storage::inspect::Difference;
use crate::{mark, t};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Why a backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The timer: something changed and the interval has passed.
    Interval,
    /// File > Create Backup.
    Manual,
    /// The collection, profile or program was closed with changes.
    Close,
    BeforeImport,
    BeforeCheck,
    BeforeRestore,
    BeforeUpgrade,
    BeforeDeleteProfile,
    BeforeDownload,
    BeforeSync,
    /// Many notes or cards, or a deck.
    BeforeDelete,
    BeforeNotetypeChange,
    BeforeReschedule,
    /// Find and replace, or anything else that rewrites many notes.
    BeforeReplace,
    /// Found in the folder, not ours: Anki's, or its list entry was lost.
    Unknown,
}

impl Reason {
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Interval => t!("Automatic"),
            Self::Manual => t!("Made by you"),
            Self::Close => t!("Profile closed"),
            Self::BeforeImport => t!("Before import"),
            Self::BeforeCheck => t!("Before Check Database"),
            Self::BeforeRestore => t!("Before restore"),
            Self::BeforeUpgrade => t!("Before upgrade"),
            Self::BeforeDeleteProfile => t!("Before deleting the profile"),
            Self::BeforeDownload => t!("Before download"),
            Self::BeforeSync => t!("Before sync"),
            Self::BeforeDelete => t!("Before deleting"),
            Self::BeforeNotetypeChange => t!("Before changing a note type"),
            Self::BeforeReschedule => t!("Before rescheduling"),
            Self::BeforeReplace => t!("Before rewriting notes"),
            Self::Unknown => t!("Found in the folder"),
        }
    }
}

/// How sure we are that a backup can be restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Verification {
    /// The written file was opened and compared at `at`.
    Verified {
        at: TimestampMillis,
    },
    Unverified,
    Failed {
        at: TimestampMillis,
        finding: String,
    },
}

impl Verification {
    #[must_use]
    pub fn is_verified(&self) -> bool {
        matches!(self, Self::Verified { .. })
    }
}

/// What a collection holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contents {
    pub notes: u64,
    pub cards: u64,
    pub revlog: u64,
}

impl Contents {
    /// For the log of runs and the list of snapshots.
    #[must_use]
    pub fn counted(&self) -> String {
        let Self {
            notes,
            cards,
            revlog,
        } = self;
        let of = |n: u64, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        [
            of(*notes, "note"),
            of(*cards, "card"),
            of(*revlog, "review"),
        ]
        .join(", ")
    }
}

/// Why the thinning keeps a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeepReason {
    /// Of today or yesterday.
    Recent,
    Daily,
    Weekly,
    Monthly,
    /// Among the last n, in count mode.
    Count,
    Pinned,
    NewestVerified,
    /// Its name is not one that we thin.
    Foreign,
    /// No newer backup was verified, so this one may be the last good one.
    NothingNewerVerified,
    /// The rules would leave fewer than three verified ones.
    OneOfThree,
    /// The rules would leave none that is a month old.
    AnOlderOne,
    /// Much changed after it was made, and nobody has answered.
    NotAnswered,
}

impl KeepReason {
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Recent => t!("Recent"),
            Self::Daily => t!("Daily"),
            Self::Weekly => t!("Weekly"),
            Self::Monthly => t!("Monthly"),
            Self::Count => t!("Among the last"),
            Self::Pinned => t!("Pinned"),
            Self::NewestVerified => t!("Newest verified"),
            Self::Foreign => t!("Not thinned"),
            Self::NothingNewerVerified => t!("No newer verified"),
            Self::OneOfThree => t!("Three verified always stay"),
            Self::AnOlderOne => t!("One from a month ago always stays"),
            Self::NotAnswered => t!("Until the question about what changed is answered"),
        }
    }
}

/// One row of the backup list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub path: PathBuf,
    /// From the name, or the file's time when the name says nothing.
    pub created: TimestampMillis,
    pub size: u64,
    pub reason: Reason,
    pub verification: Verification,
    /// Pinned ones are never thinned; the text is the user's name for it, perhaps empty.
    pub pinned: Option<String>,
    /// The user's words about it.
    #[serde(default)]
    pub note: String,
    /// Unknown for files that were never opened.
    pub contents: Option<Contents>,
    pub keep: Vec<KeepReason>,
}

/// The name under which what was there before the last replacement is pinned, until the next one.
pub(super) const REPLACED_PIN: &str = mark!("Before the last replacement");
/// That under which the server's collection is pinned, until the next one is saved.
pub const SERVER_PIN: &str = mark!("The server’s collection before a one-way sync");
/// That under which the last good backup is pinned when an alarm is raised.
pub const ALARM_PIN: &str = mark!("Before much changed without a reason");

impl Entry {
    /// The name of its pin for people: one of ours in the language of the window.
    #[must_use]
    pub fn pin(&self) -> Option<&str> {
        let name = self.pinned.as_deref()?;
        match [REPLACED_PIN, SERVER_PIN, ALARM_PIN]
            .into_iter()
            .find(|ours| *ours == name)
        {
            Some(ours) => Some(lang::say(ours)),
            None => Some(name),
        }
    }
}

/// The newest of `backups` that shows what was there before `moment`.
#[must_use]
pub fn newest_before(backups: &[Entry], moment: TimestampMillis) -> Option<&Entry> {
    let whole = |backup: &&Entry| {
        let failed = matches!(backup.verification, Verification::Failed { .. });
        backup.created <= moment && !failed
    };
    backups.iter().filter(whole).max_by_key(|b| b.created)
}

/// A change to much of a collection that nothing done in the program explains. Numbers are estimated
/// from a sample where there is much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Damage {
    NotesGone {
        count: u64,
        of: u64,
    },
    /// Of cards that were not answered.
    DueDatesMoved {
        count: u64,
        of: u64,
    },
    /// Of note types.
    TemplatesChanged {
        count: u64,
        of: u64,
    },
    /// Files that are gone, or whose bytes are other ones though nothing here wrote them.
    MediaChanged {
        count: u64,
        of: u64,
    },
}

impl Damage {
    /// A sentence.
    #[must_use]
    pub fn told(&self) -> String {
        match *self {
            Self::NotesGone { count, of } => t!(
                "About {count} of {of} notes are gone.",
                count = number(count),
                of = number(of)
            ),
            Self::DueDatesMoved { count, of } => t!(
                "About {count} of {of} due dates moved without an answer.",
                count = number(count),
                of = number(of)
            ),
            Self::TemplatesChanged { count, of } => t!(
                "The templates of {count} of {of} note types changed.",
                count = number(count),
                of = number(of)
            ),
            Self::MediaChanged { count, of } => t!(
                "About {count} of {of} media files have other bytes or are gone.",
                count = number(count),
                of = number(of)
            ),
        }
    }
}

/// Until the user answers it, old backups stay and copies elsewhere wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    pub at: TimestampMillis,
    /// The last backup before the damage, pinned; None: it is not there any more.
    pub good: Option<PathBuf>,
    /// When that was made.
    pub good_at: Option<TimestampMillis>,
    pub found: Vec<Damage>,
}

impl Alarm {
    /// What was found, in sentences.
    #[must_use]
    pub fn told(&self) -> String {
        let found: Vec<String> = self.found.iter().map(Damage::told).collect();
        found.join(" ")
    }
}

/// How the second folder of backups stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copies {
    /// Where the copies are, inside the folder that was chosen.
    pub folder: PathBuf,
    /// The folder is not there: its disk is awaited.
    pub absent: bool,
    /// Copies that were compared and opened, and the time of the newest.
    pub whole: u64,
    pub newest: Option<TimestampMillis>,
    /// Copies that are damaged and could not be replaced.
    pub damaged: u64,
    /// On the disk of the backups themselves: both go when it breaks.
    pub same_disk: bool,
}

/// What a restore would take away, counted from the present collection.
pub type Loss = Difference;

/// A deck inside a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeckSize {
    /// `A::B`.
    pub name: String,
    /// Without those of its children.
    pub cards: u64,
}

/// A backup that was opened: what the list's right-hand pane shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    pub path: PathBuf,
    pub schema: u8,
    pub contents: Contents,
    pub media_files: u64,
    pub notetypes: u64,
    /// By name.
    pub decks: Vec<DeckSize>,
    pub newest_review: Option<TimestampMillis>,
    /// None when the present collection cannot be read.
    pub loss: Option<Loss>,
}

/// How backups are thinned and when they are made; kept in the collection's `backups` config and,
/// for what Anki does not know, in the profile's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    pub daily: u32,
    pub weekly: u32,
    pub monthly: u32,
    pub minimum_interval_mins: u32,
    /// Instead of the above: keep the last n.
    pub keep_last: Option<u32>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            daily: 12,
            weekly: 10,
            monthly: 9,
            minimum_interval_mins: 30,
            keep_last: None,
        }
    }
}
