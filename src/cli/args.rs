//! The command line as types; help texts are the doc comments.

mod backup;
mod mail;
mod vault;

pub(super) use backup::{
    BackupCommand, CopyArgs, FolderArgs, KeyArgs, ModeArg, RecoverArgs, SourceArgs,
};
pub(super) use mail::{MailCommand, MailKeys, MailSetArgs};
pub(super) use vault::{ForgetArgs, KeepArgs, LoginArgs, VaultArgs, VaultCommand};

use crate::base::ids::CardId;
use crate::domain::study::Rating;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Engram without a window: profiles, backups, search and study from a terminal.
#[derive(Debug, Parser)]
#[command(
    name = "engram-cli",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
pub(super) struct Arguments {
    /// Data folder; also the variable ENGRAM_BASE. Without either, the platform's.
    #[arg(long, value_name = "DIR", global = true)]
    pub(super) base: Option<PathBuf>,
    /// Profile; may be left out when there is one.
    #[arg(long, value_name = "NAME", global = true)]
    pub(super) profile: Option<String>,
    /// Print exactly one JSON object. A path that is not Unicode is an object in it: what can be shown
    /// of it, and its bytes in hexadecimal.
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// No progress and no warnings.
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List, create, rename, delete profiles; bring them over from Anki.
    #[command(subcommand)]
    Profile(ProfileCommand),
    /// What is in the collection.
    Info,
    /// Merge a deck package (.apkg) or text file (.txt, .csv, .tsv); or replace the collection by a collection package (.colpkg) or
    /// collection file, after a safety backup.
    Import(ImportArgs),
    /// Write the collection to a package (.colpkg), or notes to a deck package (.apkg), a text file
    /// (.txt) or an archive with one text file a note (.zip).
    Export(ExportArgs),
    /// Bring a folder with one text file a note up to date; only files of changed notes are
    /// written.
    Mirror {
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Make, list, verify and restore backups.
    #[command(subcommand)]
    Backup(BackupCommand),
    /// How safe everything is: what would be lost now, how many copies there are, what is planned.
    Health,
    /// What changed in the collection on which day, what stands out, and the last backup before.
    Timeline {
        /// Only the last N days.
        #[arg(long, value_name = "N")]
        days: Option<u32>,
    },
    /// The encrypted store of collection and media on another disk or machine (restic's format).
    #[command(subcommand)]
    Vault(VaultCommand),
    /// The collection by e-mail, encrypted, without media.
    #[command(subcommand)]
    Mail(MailCommand),
    /// Former versions of a note; one of them put back. How long they are kept.
    History(HistoryArgs),
    /// Search as in the browser.
    Search(SearchArgs),
    /// A card's question and answer, as HTML or as a picture.
    Render(RenderArgs),
    /// The card that the study screen would show.
    Next(NextArgs),
    /// Answer a card.
    Answer(AnswerArgs),
    /// Tools > Check Database, after a backup.
    Check(CheckArgs),
    /// Tools > Check Media: missing and unused files, unfit names.
    CheckMedia(CheckMediaArgs),
    /// Tools > Empty Cards: cards that have nothing to show any more.
    EmptyCards(EmptyCardsArgs),
    /// Write what can be read of a damaged collection or backup to a new collection file.
    Salvage { file: PathBuf, out: PathBuf },
    /// The numbers behind the graphs of the statistics screen.
    Stats(StatsArgs),
    /// One sync with a server that speaks Anki's protocol, after a backup.
    Sync(SyncArgs),
    /// Be a sync server, for Anki's programs too, until Ctrl-C. Set up by variables: SYNC_USER1
    /// (name:password), SYNC_USER2 …, PASSWORDS_HASHED (passwords are hashes), SYNC_BASE (folder,
    /// ~/.syncserver), SYNC_HOST (0.0.0.0), SYNC_PORT (8080), MAX_SYNC_PAYLOAD_MEGS (100),
    /// SYNC_IP_HEADER (ConnectInfo), RUST_LOG (warn: no line for each request).
    SyncServer(SyncServerArgs),
}

#[derive(Debug, Subcommand)]
pub(super) enum ProfileCommand {
    /// All profiles.
    List,
    /// A new, empty profile.
    Create { name: String },
    /// Give a profile another name.
    Rename { old: String, new: String },
    /// Move a profile to the system's trash, after a backup that stays.
    Delete {
        name: String,
        /// Delete for good instead; a backup stays nevertheless.
        #[arg(long)]
        permanently: bool,
    },
    /// Copy profiles of Anki; the originals stay as they are.
    ImportAnki {
        /// Anki's data folder; without it, where Anki keeps it.
        dir: Option<PathBuf>,
        /// All of them, when there are several.
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Deck packages: take over due dates, intervals and reviews too.
    #[arg(long)]
    pub(super) with_scheduling: bool,
    /// Deck packages: take over the presets of decks too.
    #[arg(long)]
    pub(super) with_presets: bool,
    /// Whether notes that are there already give way to newer ones.
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    pub(super) update_existing: bool,
    /// Deck packages: unite note types whose fields or templates differ.
    #[arg(long)]
    pub(super) merge_notetypes: bool,
    /// Text files: the deck (`A::B`) for notes whose file names none.
    #[arg(long, value_name = "D", value_parser = NonEmptyStringValueParser::new())]
    pub(super) deck: Option<String>,
    /// Text files: the note type, when the file names none.
    #[arg(long, value_name = "N", value_parser = NonEmptyStringValueParser::new())]
    pub(super) notetype: Option<String>,
    /// Only say what would be done.
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) key: KeyArgs,
}

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[arg(value_name = "OUT")]
    pub(super) out: PathBuf,
    /// Only this deck (`A::B`) and its children; not for a .colpkg.
    #[arg(long, value_name = "D", conflicts_with = "search")]
    pub(super) deck: Option<String>,
    /// Only notes that match, as in the browser; not for a .colpkg.
    #[arg(long, value_name = "Q", allow_hyphen_values = true)]
    pub(super) search: Option<String>,
    /// Deck packages: with due dates, intervals and reviews.
    #[arg(long)]
    pub(super) scheduling: bool,
    /// Deck packages: with the presets of decks.
    #[arg(long)]
    pub(super) presets: bool,
    /// Text files: question and answer of cards, not notes.
    #[arg(long)]
    pub(super) cards: bool,
    /// With pictures and sounds.
    #[arg(long)]
    pub(super) media: bool,
    /// For Anki before 2.1.50.
    #[arg(long)]
    pub(super) legacy: bool,
    /// Encrypted (age) with a password; `.age` is added to the name. A collection takes
    /// preferences and the history of notes along.
    #[arg(long)]
    pub(super) encrypt: bool,
    /// Encrypted for whoever has the private key of this public one (age1…), without a password.
    #[arg(long, value_name = "KEY", conflicts_with = "password_file")]
    pub(super) recipient: Vec<String>,
    /// A file with the password; `-` is standard input. Also the variable ENGRAM_PASSWORD.
    #[arg(long, value_name = "F", requires = "encrypt")]
    pub(super) password_file: Option<PathBuf>,
    /// Of an encrypted file: also write a page to print here (HTML), that says how to open it with
    /// Engram and without. The password is not on it; there is a line to write it on. No file may
    /// have this name yet.
    #[arg(long, value_name = "FILE")]
    pub(super) recovery_sheet: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct HistoryArgs {
    #[command(subcommand)]
    pub(super) command: Option<HistoryCommand>,
    /// The note; without one, the notes that were deleted.
    #[arg(value_name = "NOTE_ID")]
    pub(super) note: Option<i64>,
    /// Former versions of a deck, by its name, instead.
    #[arg(long, value_name = "D", conflicts_with_all = ["note", "preset", "notetype"])]
    pub(super) deck: Option<String>,
    /// Of a preset of deck options, by its name or id.
    #[arg(long, value_name = "P", conflicts_with_all = ["note", "notetype"])]
    pub(super) preset: Option<String>,
    /// Of a note type, by its name or id.
    #[arg(long, value_name = "N", conflicts_with = "note")]
    pub(super) notetype: Option<String>,
    /// Of a card: changes of its schedule that were no answers, as far as the review log has them.
    #[arg(long, value_name = "CARD_ID",
          conflicts_with_all = ["note", "deck", "preset", "notetype", "restore"])]
    pub(super) card: Option<i64>,
    /// Make this version the present one.
    #[arg(long, value_name = "VERSION", conflicts_with = "purge")]
    pub(super) restore: Option<i64>,
    /// Add it as another note instead.
    #[arg(long, requires_all = ["restore", "note"])]
    pub(super) as_copy: bool,
    /// Only this field of it (`Tags`: its tags); the others stay as they are.
    #[arg(long, value_name = "FIELD", requires_all = ["restore", "note"],
          conflicts_with = "as_copy")]
    pub(super) field: Option<String>,
    /// Forget the versions of the note for good.
    #[arg(long, requires = "note")]
    pub(super) purge: bool,
    /// First look into all backups and keep what they have of the note.
    #[arg(long, requires = "note", conflicts_with_all = ["restore", "purge"])]
    pub(super) from_backups: bool,
    /// Not into all backups but into this one, a snapshot of a vault (vault:PLACE#SNAPSHOT), or all
    /// snapshots in a vault (vault:PLACE).
    #[arg(long = "in", value_name = "FILE", requires = "from_backups")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) source: SourceArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum HistoryCommand {
    /// How long former versions are kept, and what they take; sets it too.
    Limits(LimitsArgs),
    /// Delete what is older for good, deleted notes too; without --yes, only tell what it is.
    Purge {
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=36_500))]
        older_than: u32,
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct LimitsArgs {
    /// Keep versions for so many days.
    #[arg(long, value_name = "N", conflicts_with = "for_all_time")]
    pub(super) days: Option<u32>,
    /// Keep them for all time.
    #[arg(long)]
    pub(super) for_all_time: bool,
    /// Most that all of them may take; the oldest go first.
    #[arg(long, value_name = "MB")]
    pub(super) megabytes: Option<u32>,
    /// Days that a deleted note can be put back at least.
    #[arg(long, value_name = "N")]
    pub(super) trash_days: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct SearchArgs {
    /// As in the browser; empty means everything.
    #[arg(allow_hyphen_values = true)]
    pub(super) query: String,
    /// Ids of cards (this is the default).
    #[arg(long, conflicts_with = "notes")]
    pub(super) cards: bool,
    /// Ids of notes.
    #[arg(long)]
    pub(super) notes: bool,
    /// Only the number.
    #[arg(long)]
    pub(super) count: bool,
    /// Order by a column of the browser, e.g. noteFld, noteCrt, cardDue.
    #[arg(long, value_name = "COLUMN")]
    pub(super) sort: Option<String>,
    /// Turn the order around.
    #[arg(long)]
    pub(super) reverse: bool,
}

#[derive(Debug, Args)]
pub(super) struct RenderArgs {
    pub(super) card_id: CardId,
    /// Write a picture of the card here.
    #[arg(long, value_name = "OUT")]
    pub(super) png: Option<PathBuf>,
    /// Points, 50 to 4000.
    #[arg(long, value_name = "W", default_value_t = 800, value_parser = clap::value_parser!(u32).range(50..=4000))]
    pub(super) width: u32,
    /// Pixels a point, 0.25 to 8.
    #[arg(long, value_name = "S", default_value_t = 1.0, value_parser = scale)]
    pub(super) scale: f32,
    /// In night mode.
    #[arg(long)]
    pub(super) night: bool,
}

fn scale(text: &str) -> Result<f32, String> {
    let scale = text.parse().map_err(|_| "not a number".to_owned())?;
    let range = 0.25..=8.0;
    if range.contains(&scale) {
        Ok(scale)
    } else {
        Err("not between 0.25 and 8".to_owned())
    }
}

#[derive(Debug, Args)]
pub(super) struct NextArgs {
    /// Study this deck (`A::B`) from now on.
    #[arg(long, value_name = "D")]
    pub(super) deck: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct AnswerArgs {
    pub(super) card_id: CardId,
    #[arg(value_enum)]
    pub(super) rating: RatingArg,
    /// Milliseconds that the answer took.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) taken_ms: u32,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum RatingArg {
    Again,
    Hard,
    Good,
    Easy,
}

impl RatingArg {
    pub(super) fn rating(self) -> Rating {
        match self {
            Self::Again => Rating::Again,
            Self::Hard => Rating::Hard,
            Self::Good => Rating::Good,
            Self::Easy => Rating::Easy,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Only look: nothing is changed.
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct CheckMediaArgs {
    /// Give files with unfit names other ones, and notes the new names.
    #[arg(long)]
    pub(super) rename: bool,
    /// Move unused files to the trash beside the media folder.
    #[arg(long)]
    pub(super) trash_unused: bool,
    /// Read all files and tell those whose bytes changed though nobody wrote them.
    #[arg(long)]
    pub(super) bit_rot: bool,
    /// Put right bytes of damaged files back, from the trash and from backups with media.
    #[arg(long)]
    pub(super) repair: bool,
}

#[derive(Debug, Args)]
pub(super) struct EmptyCardsArgs {
    /// Delete them; notes that go with them are written to deleted.txt.
    #[arg(long)]
    pub(super) delete: bool,
    /// Keep the first card of notes that would have none left.
    #[arg(long, requires = "delete")]
    pub(super) keep_notes: bool,
}

#[derive(Debug, Args)]
pub(super) struct StatsArgs {
    /// Only cards that match, as in the browser.
    #[arg(long, value_name = "Q", default_value = "", allow_hyphen_values = true)]
    pub(super) search: String,
    /// Only reviews of the last N days; 0 means all.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) days: u32,
}

#[derive(Debug, Args)]
pub(super) struct SyncArgs {
    /// The address of the server, to log in: yours, or one whose terms allow other programs.
    #[arg(long, value_name = "URL", requires = "user")]
    pub(super) server: Option<String>,
    /// The name there, to log in. The login is kept in the system's keychain, the password nowhere.
    #[arg(long, value_name = "NAME", requires = "server")]
    pub(super) user: Option<String>,
    /// A file with the password; `-` is standard input. Also the variable ENGRAM_PASSWORD.
    #[arg(long, value_name = "F", requires = "server")]
    pub(super) password_file: Option<PathBuf>,
    /// Replace the server's collection by this one; what it held is saved as a backup.
    #[arg(long)]
    pub(super) upload: bool,
    /// Replace this collection by the server's; `backup undo-restore` takes that back.
    #[arg(long, conflicts_with = "upload")]
    pub(super) download: bool,
    /// Where only one side changed its note types: move the changes of the other side over to it,
    /// instead of losing them.
    #[arg(long, conflicts_with_all = ["upload", "download"])]
    pub(super) merge: bool,
    /// The files of the media folder; the collection stays as it is.
    #[arg(long, conflicts_with_all = ["upload", "download", "merge"])]
    pub(super) media_only: bool,
    /// Stop when more than this share of the notes, or of the server's files, would be deleted;
    /// 100 never stops.
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(super) most_deleted: u32,
}

#[derive(Debug, Args)]
pub(super) struct SyncServerArgs {
    /// Only write the password as it stands in SYNC_USER1 with PASSWORDS_HASHED.
    #[arg(long)]
    pub(super) hash_password: bool,
    /// A file with that password; `-` is standard input. Also the variable ENGRAM_PASSWORD.
    #[arg(long, value_name = "F", requires = "hash_password")]
    pub(super) password_file: Option<PathBuf>,
}
