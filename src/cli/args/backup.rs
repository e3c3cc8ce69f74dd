//! `backup …`: which file or snapshot, how it is opened, and what is taken from it.

use crate::backup::entry::Reason;
use crate::domain::recovery::Mode;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// How encrypted files (.age) are opened.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct KeyArgs {
    /// Encrypted files: a file with the password; `-` is standard input. Also the variable
    /// ENGRAM_PASSWORD.
    #[arg(long, value_name = "F")]
    pub(in crate::cli) password_file: Option<PathBuf>,
    /// Encrypted files: a file with private keys, as age-keygen writes it.
    #[arg(long, value_name = "F", conflicts_with = "password_file")]
    pub(in crate::cli) identity: Option<PathBuf>,
}

/// How what is looked into is opened.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct SourceArgs {
    #[command(flatten)]
    pub(in crate::cli) key: KeyArgs,
    /// Snapshots of a vault: its password, where it is not the one of encrypted files. Also the
    /// variable ENGRAM_VAULT_PASSWORD.
    #[arg(long, value_name = "F")]
    pub(in crate::cli) vault_password_file: Option<PathBuf>,
    /// Snapshots of a vault: what signs in at the server, as `vault` takes it.
    #[arg(long, value_name = "F")]
    pub(in crate::cli) account_password_file: Option<PathBuf>,
}

const SNAPSHOTS: &str = "\
FILE may be a snapshot of a vault: vault:PLACE#SNAPSHOT, where PLACE is what `vault --to` takes and
SNAPSHOT the first digits of an id of `vault list`; without #SNAPSHOT, the newest of the profile.";

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BackupCommand {
    /// Make a verified backup, unless nothing changed since the last one.
    Create {
        /// Noted in the list.
        #[arg(long, value_enum, default_value = "manual")]
        reason: ReasonArg,
    },
    /// The catalogue, newest first.
    List,
    /// What is inside a backup, a deck package or a collection file.
    #[command(after_help = SNAPSHOTS)]
    Show {
        file: PathBuf,
        /// Notes that match, as in the browser.
        #[arg(long, value_name = "Q", allow_hyphen_values = true)]
        search: Option<String>,
        /// At most so many notes.
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
        #[command(flatten)]
        source: SourceArgs,
    },
    /// The difference between a backup (or deck package) and the collection, or another one.
    #[command(after_help = SNAPSHOTS)]
    Diff {
        file: PathBuf,
        /// Compare with this backup instead of the collection.
        #[arg(long, value_name = "FILE2")]
        against: Option<PathBuf>,
        /// At most so many notes.
        #[arg(long, value_name = "N", default_value_t = 1000)]
        limit: usize,
        #[command(flatten)]
        source: SourceArgs,
    },
    /// One note in all backups: its versions, newest first.
    Find {
        #[arg(value_name = "NOTE_ID")]
        note: i64,
        /// Look into this instead: a backup, a snapshot of a vault (vault:PLACE#SNAPSHOT), or all
        /// snapshots in a vault (vault:PLACE).
        #[arg(long = "in", value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        source: SourceArgs,
    },
    /// Take single notes from a backup or deck package; nothing else is touched, and it can be undone.
    #[command(after_help = SNAPSHOTS)]
    Recover(RecoverArgs),
    /// Open copies and check everything in them.
    #[command(after_help = SNAPSHOTS)]
    Verify {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Of snapshots, only the collection: the media files are not fetched to be read.
        #[arg(long)]
        no_media: bool,
        #[command(flatten)]
        source: SourceArgs,
    },
    /// Replace the collection by a backup; what is there now is backed up first.
    #[command(after_help = SNAPSHOTS)]
    Restore {
        file: PathBuf,
        /// Leave the media folder as it is.
        #[arg(long)]
        no_media: bool,
        #[command(flatten)]
        source: SourceArgs,
    },
    /// Take the encryption off a file (.age). Needs no collection and no network.
    Decrypt {
        file: PathBuf,
        /// A name that is not taken, or a folder.
        out: PathBuf,
        #[command(flatten)]
        key: KeyArgs,
    },
    /// Go back to before the last restore.
    UndoRestore,
    /// Say that a change to much of the collection, which keeps old backups and holds up copies
    /// elsewhere, is all right.
    Accept,
    /// Keep a backup for good.
    Pin {
        file: PathBuf,
        /// A name for it.
        #[arg(long, value_name = "T", default_value = "")]
        name: String,
    },
    /// Write a few words about a backup; empty ones take them away.
    Note { file: PathBuf, text: String },
    /// Restore a backup (the newest verified one) for a trial, compare every row, and clean up.
    #[command(after_help = SNAPSHOTS)]
    Drill {
        file: Option<PathBuf>,
        #[command(flatten)]
        source: SourceArgs,
    },
    /// Let the rules decide about a backup again.
    Unpin { file: PathBuf },
    /// Copy what is missing to the second folder, and read all copies again.
    Copy(CopyArgs),
    /// Say where the backups are, or move them all to another folder.
    Folder(FolderArgs),
    /// Delete what the rules do not keep.
    Thin {
        /// Only say what would be deleted.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CopyArgs {
    /// From now on copy each backup to this folder, best on another disk.
    #[arg(long, value_name = "DIR", conflicts_with = "off")]
    pub(in crate::cli) to: Option<PathBuf>,
    /// Copy no more; the copies stay.
    #[arg(long)]
    pub(in crate::cli) off: bool,
    /// Also while much that changed without a reason waits for `backup accept`.
    #[arg(long)]
    pub(in crate::cli) force: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct FolderArgs {
    /// Move them into a new folder in this one.
    #[arg(long, value_name = "DIR", conflicts_with = "back")]
    pub(in crate::cli) to: Option<PathBuf>,
    /// Move them back into the profile.
    #[arg(long)]
    pub(in crate::cli) back: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RecoverArgs {
    pub(in crate::cli) file: PathBuf,
    /// Notes in the backup that match, as in the browser.
    #[arg(long, value_name = "Q", allow_hyphen_values = true)]
    pub(in crate::cli) search: Option<String>,
    /// Notes by id.
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub(in crate::cli) note: Vec<i64>,
    /// All notes of decks and the decks below them.
    #[arg(long, value_name = "D", num_args = 1..)]
    pub(in crate::cli) deck: Vec<String>,
    /// Also the media files that they name, where the backup has them.
    #[arg(long)]
    pub(in crate::cli) media: bool,
    /// Media files by name, whether notes name them or not.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(in crate::cli) media_file: Vec<String>,
    /// Presets of deck options by name, or id where several have the name: they become again what
    /// they were.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(in crate::cli) preset: Vec<String>,
    /// Saved searches by name.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub(in crate::cli) saved_search: Vec<String>,
    /// How the notes come back.
    #[arg(long, value_enum, default_value = "new")]
    pub(in crate::cli) mode: ModeArg,
    /// Only say what would come back, and where schedules do, how many cards would be due.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    #[command(flatten)]
    pub(in crate::cli) source: SourceArgs,
}

/// The ways to take a note back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ModeArg {
    /// As other notes with new ids; nothing is replaced.
    New,
    /// What was deleted, with its ids, cards and reviews.
    PutBack,
    /// Fields and tags of notes that still exist.
    Content,
    /// The schedule of cards that still exist.
    Scheduling,
    /// The same, and what was answered since counts from there.
    Replay,
    /// The media files that notes which still exist name.
    Media,
}

impl ModeArg {
    pub(in crate::cli) fn mode(self) -> Mode {
        match self {
            Self::New => Mode::New,
            Self::PutBack => Mode::PutBack,
            Self::Content => Mode::Content,
            Self::Scheduling => Mode::Scheduling,
            Self::Replay => Mode::Replay,
            Self::Media => Mode::Media,
        }
    }
}

/// The reasons of the list, by the words that it stores.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum ReasonArg {
    Manual,
    Interval,
    Close,
    BeforeImport,
    BeforeCheck,
    BeforeRestore,
    BeforeUpgrade,
    BeforeDeleteProfile,
    BeforeDownload,
}

impl ReasonArg {
    pub(in crate::cli) fn reason(self) -> Reason {
        match self {
            Self::Manual => Reason::Manual,
            Self::Interval => Reason::Interval,
            Self::Close => Reason::Close,
            Self::BeforeImport => Reason::BeforeImport,
            Self::BeforeCheck => Reason::BeforeCheck,
            Self::BeforeRestore => Reason::BeforeRestore,
            Self::BeforeUpgrade => Reason::BeforeUpgrade,
            Self::BeforeDeleteProfile => Reason::BeforeDeleteProfile,
            Self::BeforeDownload => Reason::BeforeDownload,
        }
    }
}
