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
    /// Delete snapshots that the rules of the backups do not keep, or these.
    Forget {
        #[command(flatten)]
        vault: VaultArgs,
        snapshots: Vec<String>,
        /// Instead of the rules: keep the last N.
        #[arg(long, value_name = "N", conflicts_with = "snapshots")]
        keep_last: Option<u32>,
        /// Only say what would be deleted.
        #[arg(long, conflicts_with = "snapshots")]
        dry_run: bool,
    },
}

const HOW_TO_REGISTER: &str = "\
Each service wants to know which program asks. Register it once under your own account; the client
id goes into the address. Engram sees only its own folder or files, except at OneDrive.

Dropbox: make an app with “App folder” access at dropbox.com/developers/apps; permissions
  files.metadata.read, files.content.read, files.content.write; redirect URI
  http://localhost:47813/. The App key is the client id.
Google Drive: make a project at console.cloud.google.com, switch the Google Drive API on, publish
  the consent screen, make an OAuth client “Desktop app”. It has a client id and a client secret.
OneDrive: register an app for personal accounts at entra.microsoft.com; platform “Mobile and
  desktop applications”, redirect URI http://localhost. The Application (client) ID is the client id.

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
