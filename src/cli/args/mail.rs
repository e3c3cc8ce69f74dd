//! `mail …`.

use crate::net::smtp::Security;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MailCommand {
    /// Where the mail goes and how; what is not given stays.
    Set(MailSetArgs),
    /// What is set, when the last one was sent, and what failed since.
    Show,
    /// Send a mail that only says that mail arrives.
    Test(MailKeys),
    /// Pack, encrypt and send the collection, without media.
    Send {
        /// Only when the days have passed, and later and later after failures; for timers.
        #[arg(long)]
        due: bool,
        /// Also while much that changed without a reason waits for `backup accept`.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        keys: MailKeys,
    },
}

/// Passwords for mail; without them, what the keychain keeps.
#[derive(Debug, Args)]
pub(in crate::cli) struct MailKeys {
    /// A file with the mail server's password; also the variable ENGRAM_MAIL_PASSWORD.
    #[arg(long, value_name = "F")]
    pub(in crate::cli) server_password_file: Option<PathBuf>,
    /// A file with the password that encrypts the backup; also the variable ENGRAM_PASSWORD.
    #[arg(long, value_name = "F")]
    pub(in crate::cli) password_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct MailSetArgs {
    #[arg(long)]
    pub(in crate::cli) host: Option<String>,
    /// Also sets the usual port.
    #[arg(long, value_enum)]
    pub(in crate::cli) security: Option<SecurityArg>,
    #[arg(long)]
    pub(in crate::cli) port: Option<u16>,
    /// Empty for a server that asks for none.
    #[arg(long)]
    pub(in crate::cli) user: Option<String>,
    /// Address of the sender.
    #[arg(long, value_name = "ADDRESS")]
    pub(in crate::cli) from: Option<String>,
    #[arg(long, value_name = "ADDRESS")]
    pub(in crate::cli) to: Vec<String>,
    /// Encrypt for whoever has the private key of this public one (age1…), without a password.
    #[arg(long, value_name = "KEY")]
    pub(in crate::cli) recipient: Vec<String>,
    /// Encrypt with a password again.
    #[arg(long, conflicts_with = "recipient")]
    pub(in crate::cli) no_recipient: bool,
    /// Every so many days; 0: never by itself.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) days: Option<u32>,
    /// The largest attachment, in megabytes.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) limit_mb: Option<u32>,
    /// Keep the passwords that are given in the system's keychain.
    #[arg(long)]
    pub(in crate::cli) keep_passwords: bool,
    #[command(flatten)]
    pub(in crate::cli) keys: MailKeys,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum SecurityArg {
    /// From the first byte.
    Tls,
    /// After a greeting.
    Starttls,
    /// Not; only to this computer.
    None,
}

impl SecurityArg {
    pub(in crate::cli) fn security(self) -> Security {
        match self {
            Self::Tls => Security::Tls,
            Self::Starttls => Security::StartTls,
            Self::None => Security::None,
        }
    }

    pub(in crate::cli) fn usual_port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::Starttls => 587,
            Self::None => 25,
        }
    }
}
