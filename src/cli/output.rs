//! What a command says and returns: text or one JSON object, and the exit status.

use crate::base::json_path::JsonPath;
use crate::base::{Error, ErrorKind, remarks};
use crate::explain::explain;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// The operation failed.
const FAILED: u8 = 1;
/// Wrong usage.
const USAGE: u8 = 2;
/// The file is damaged or refused.
const DAMAGED: u8 = 3;
/// The password is not the one of the file.
const WRONG_PASSWORD: u8 = 4;
/// The collection is in use by another process.
const IN_USE: u8 = 5;

/// What a command found or did, in both forms.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) json: Value,
    /// Something that was looked at is damaged.
    pub(super) damaged: bool,
    /// Why something of several could not be looked at.
    pub(super) unseen: Option<ErrorKind>,
}

impl Answer {
    pub(super) fn new(text: impl Into<String>, json: Value) -> Self {
        Self {
            text: text.into(),
            json,
            damaged: false,
            unseen: None,
        }
    }
}

/// What was not as it should be, in words.
pub(super) fn whats(warnings: &[Error]) -> Vec<&str> {
    warnings.iter().map(Error::what).collect()
}

/// Why a command failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// Completes "Could not …".
    pub(super) doing: &'static str,
    pub(super) error: Error,
    /// Of several files: what was done before, and what was not.
    pub(super) files: Option<DoneFiles>,
}

/// Where a command that does one file after the other stopped.
#[derive(Debug)]
pub(super) struct DoneFiles {
    pub(super) imported: Vec<PathBuf>,
    /// The first is the one that failed.
    pub(super) left: Vec<PathBuf>,
}

impl DoneFiles {
    fn text(&self) -> String {
        let left = names(&self.left).join(", ");
        match &self.imported[..] {
            [] => format!("No file was imported: {left}."),
            done => format!(
                "Imported: {}. Not imported: {left}.",
                names(done).join(", ")
            ),
        }
    }
}

fn names(files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|f| f.display().to_string()).collect()
}

fn paths(files: &[PathBuf]) -> Value {
    files.iter().map(|file| json!(JsonPath(file))).collect()
}

/// Says what was being done.
pub(super) trait Doing<T> {
    fn doing(self, what: &'static str) -> Result<T, Failure>;
}

impl<T> Doing<T> for Result<T, Error> {
    fn doing(self, what: &'static str) -> Result<T, Failure> {
        self.map_err(|error| Failure {
            doing: what,
            error,
            files: None,
        })
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    pub(super) json: bool,
}

impl Output {
    pub(super) fn answer(self, answer: Answer) -> ExitCode {
        let said = match self.json {
            true => line(&answer.json.to_string()),
            false if answer.text.is_empty() => Ok(()),
            false => line(&answer.text),
        };
        if let Err(error) = said {
            remarks::say(&format!(
                "It was done, but what there is to say of it could not be written: {error}"
            ));
            return ExitCode::from(FAILED);
        }
        match answer.unseen {
            _ if answer.damaged => ExitCode::from(DAMAGED),
            Some(why) => ExitCode::from(status(why)),
            None => ExitCode::SUCCESS,
        }
    }

    pub(super) fn failure(self, failure: &Failure) -> ExitCode {
        let error = &failure.error;
        let mut said = explain(failure.doing, error);
        if let Some(path) = error.path() {
            said.cause = format!("{} ({})", said.cause.trim_end_matches('.'), path.display());
        }
        if failure
            .files
            .as_ref()
            .is_some_and(|f| !f.imported.is_empty())
        {
            said.remedy = "Nothing of the file that failed was imported. When it is mended, or \
                           left out, import what is left."
                .into();
        }
        if self.json {
            let mut told = json!({
                "kind": kind_word(error.kind()),
                "message": format!("{}: {}", said.what, said.cause),
                "remedy": said.remedy,
            });
            if let Some(files) = &failure.files {
                told["imported"] = paths(&files.imported);
                told["not_imported"] = paths(&files.left);
            }
            // The status says so, too.
            let _ = line(&json!({ "error": told }).to_string());
        } else {
            remarks::say(&format!("{}.\n{}\n{}", said.what, said.cause, said.remedy));
            if let Some(files) = &failure.files {
                remarks::say(&files.text());
            }
        }
        ExitCode::from(status(error.kind()))
    }
}

/// Wrong arguments, help and version: clap's text, or an error object.
pub(super) fn usage(error: &clap::Error, json: bool) -> ExitCode {
    use clap::error::ErrorKind as Clap;
    let shown = matches!(error.kind(), Clap::DisplayHelp | Clap::DisplayVersion);
    if json && !shown {
        let text = error.render().to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        let said = text.lines().take_while(|line| !line.starts_with("Usage:"));
        let mut said: Vec<&str> = said
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        if error.kind() == Clap::DisplayHelpOnMissingArgumentOrSubcommand {
            // The text is the help, which does not say what is wrong.
            said = text.lines().filter(|l| l.starts_with("Usage:")).collect();
            said.insert(0, "a command is missing.");
        }
        let message = said.join(" ");
        let message = message
            .strip_suffix("For more information, try '--help'.")
            .unwrap_or(&message)
            .trim_end();
        let told = json!({"error": {
            "kind": "usage",
            "message": message,
            "remedy": "Run engram-cli --help to see the commands.",
        }});
        let _ = line(&told.to_string());
        return ExitCode::from(USAGE);
    }
    // A closed pipe leaves nobody to tell.
    let _ = error.print();
    if shown {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(USAGE)
    }
}

/// On standard output; a reader that has gone away is no error, a full disk is.
fn line(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

fn status(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::InvalidInput => USAGE,
        ErrorKind::Corrupt
        | ErrorKind::Inconsistent
        | ErrorKind::TooOld
        | ErrorKind::TooNew
        | ErrorKind::Refused
        | ErrorKind::Taken => DAMAGED,
        ErrorKind::WrongPassword => WRONG_PASSWORD,
        ErrorKind::Locked => IN_USE,
        _ => FAILED,
    }
}

fn kind_word(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Interrupted => "cancelled",
        ErrorKind::NotFound => "not-found",
        ErrorKind::InvalidInput => "invalid-input",
        ErrorKind::Corrupt => "corrupt",
        ErrorKind::Inconsistent => "inconsistent",
        ErrorKind::TooOld => "too-old",
        ErrorKind::TooNew => "too-new",
        ErrorKind::Refused | ErrorKind::Taken => "refused",
        ErrorKind::Locked => "locked",
        ErrorKind::DiskFull => "disk-full",
        ErrorKind::PermissionDenied => "permission-denied",
        ErrorKind::Io => "io",
        ErrorKind::WrongPassword => "wrong-password",
        ErrorKind::Network => "network",
        ErrorKind::NoKeychain => "no-keychain",
        ErrorKind::Conflict => "conflict",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Server => "server",
        ErrorKind::SignedOut => "signed-out",
        ErrorKind::Bug => "bug",
    }
}

/// Bytes for people.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["bytes", "kB", "MB", "GB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} bytes")
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}
