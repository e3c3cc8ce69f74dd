//! `vault …`: which vault, and what opens it.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Which vault, and what opens it. The vault's password: `--password-file` or ENGRAM_PASSWORD.
#[derive(Debug, Args)]
pub(in crate::cli) struct VaultArgs {
    /// A folder, webdav+https://user@host/path,
    /// s3://bucket/prefix?key=ACCESS_KEY_ID&endpoint=https://host&region=R, or after `vault login`
    /// dropbox://folder?client=ID, gdrive://folder?client=ID, onedrive://folder?client=ID.
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) to: String,
    /// A file with the password of the vault; `-` reads it from standard input. As `restic` reads it,
    /// spaces and empty lines around it do not belong to it.
    #[arg(long, value_name = "F")]
    pub(in crate::cli) password_file: Option<PathBuf>,
    /// The password of the account at the server, S3's secret key, or what `vault login` wrote;
    /// also the variable ENGRAM_ACCOUNT_PASSWORD. Without it the keychain is asked for what
    /// `vault login` put there.
    #[arg(long, value_name = "F")]
    pub(in crate::cli) account_password_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum VaultCommand {
    /// Sign in at Dropbox, Google Drive or OneDrive by browser.
    #[command(after_help = HOW_TO_REGISTER)]
    Login(LoginArgs),
    /// Make a new, empty vault. Write its password down.
    Init {
        #[command(flatten)]
        vault: VaultArgs,
        /// A second password that opens it too, to be kept elsewhere.
        #[arg(long, value_name = "F")]
        recovery_password_file: Option<PathBuf>,
    },
    /// Save the profile: what the vault does not have is sent.
    Push {
        #[command(flatten)]
        vault: VaultArgs,
        /// Also while much that changed without a reason waits for `backup accept`.
        #[arg(long)]
        force: bool,
    },
    /// The snapshots, newest first.
    List {
        #[command(flatten)]
        vault: VaultArgs,
    },
    /// Look whether everything is there.
    Verify {
        #[command(flatten)]
        vault: VaultArgs,
        /// Read all of it too.
        #[arg(long)]
        read_data: bool,
    },
    /// Restore the newest snapshot of the profile for a trial, and compare every row.
    Drill {
        #[command(flatten)]
        vault: VaultArgs,
    },
    /// Replace a profile by a snapshot, after a safety backup; a profile that is missing is made.
    Restore {
        #[command(flatten)]
        vault: VaultArgs,
        /// The first digits of its id.
        #[arg(default_value = "latest")]
        snapshot: String,
    },
    /// Write a page to print: where the copy is and how to get everything back from it, with Engram
    /// and without.
    RecoverySheet {
        #[command(flatten)]
        vault: VaultArgs,
        /// The HTML file to make, readable by you alone; the name must be free.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Print the password of the vault on it; else there is a line to write it on.
        #[arg(long)]
        with_password: bool,
    },
    /// Have another password open the vault in place of this one; what is there stays readable, and a
    /// recovery password still opens it.
    ChangePassword {
        #[command(flatten)]
        vault: VaultArgs,
        /// A file with the new password; `-` reads it from standard input.
        #[arg(long, value_name = "F")]
        new_password_file: PathBuf,
    },
    /// Delete snapshots that are not to stay: by `vault keep`, else by the rules of the backups. Or
    /// these.
    Forget(ForgetArgs),
    /// What stays at a place of the profile's list; without options it is told.
    Keep(KeepArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ForgetArgs {
    #[command(flatten)]
    pub(in crate::cli) vault: VaultArgs,
    pub(in crate::cli) snapshots: Vec<String>,
    /// Instead of the rules: keep the last N.
    #[arg(long, value_name = "N", conflicts_with = "snapshots")]
    pub(in crate::cli) keep_last: Option<u32>,
    /// Of the snapshots that would stay, delete the oldest until the vault takes no more than this:
    /// 500MB, 2GB. The newest stays.
    #[arg(long, value_name = "SIZE", value_parser = size, conflicts_with = "snapshots")]
    pub(in crate::cli) quota: Option<u64>,
    /// Only say what would be deleted.
    #[arg(long, conflicts_with = "snapshots")]
    pub(in crate::cli) dry_run: bool,
    /// Also while much that changed without a reason waits for `backup accept`.
    #[arg(long)]
    pub(in crate::cli) force: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct KeepArgs {
    /// The place, as in the list.
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) to: String,
    /// Keep all snapshots, as at the beginning.
    #[arg(long, group = "rules")]
    pub(in crate::cli) all: bool,
    /// By the rules of the backups.
    #[arg(long, group = "rules")]
    pub(in crate::cli) like_backups: bool,
    /// The last N.
    #[arg(long, value_name = "N", group = "rules")]
    pub(in crate::cli) keep_last: Option<u32>,
    /// So many days, weeks and months, as the backups do.
    #[arg(long, value_name = "N", conflicts_with = "rules")]
    pub(in crate::cli) daily: Option<u32>,
    #[arg(long, value_name = "N", conflicts_with = "rules")]
    pub(in crate::cli) weekly: Option<u32>,
    #[arg(long, value_name = "N", conflicts_with = "rules")]
    pub(in crate::cli) monthly: Option<u32>,
    /// What all of the vault may take: 500MB, 2GB. After each copy the oldest snapshots of the profile
    /// are deleted until that is so; the newest stays.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(in crate::cli) quota: Option<u64>,
    /// As much as it needs.
    #[arg(long, conflicts_with = "quota")]
    pub(in crate::cli) no_quota: bool,
}

/// Bytes as people write them.
fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("“{text}” is not a size; write it as 500MB or 2GB");
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" | "k" => 1_000,
        "mb" | "m" => 1_000_000,
        "gb" | "g" => 1_000_000_000,
        "tb" | "t" => 1_000_000_000_000,
        _ => return Err(wrong()),
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    match (number * unit as f64) as u64 {
        0 => Err(wrong()),
        bytes => Ok(bytes),
    }
}

const HOW_TO_REGISTER: &str = "\
Each service wants to know which program asks. Register it once under your own account; the client
id goes into the address. Engram sees only its own folder or files, except at OneDrive.

Dropbox: make an app with “App folder” access at dropbox.com/developers/apps; permissions
  files.metadata.read, files.content.read, files.content.write; redirect URI
  http://localhost:47813/. The App key is the client ID.
Google Drive: make a project at console.cloud.google.com, switch the Google Drive API on, publish
  the consent screen, make an OAuth client “Desktop app”. It has a client ID and a client secret.
OneDrive: register an app for personal accounts at entra.microsoft.com; platform “Mobile and
  desktop applications”, redirect URI http://localhost. The Application (client) ID is the client ID.

The address to open is written to standard error.";

#[derive(Debug, Args)]
pub(in crate::cli) struct LoginArgs {
    /// dropbox://folder?client=ID, gdrive://folder?client=ID or onedrive://folder?client=ID.
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) to: String,
    /// Google's client secret, in the first line.
    #[arg(long, value_name = "F")]
    pub(in crate::cli) client_secret_file: Option<PathBuf>,
    /// Where there is no keychain: write the sign-in to this file, readable by you alone.
    #[arg(long, value_name = "F")]
    pub(in crate::cli) account_password_file: Option<PathBuf>,
}
