//! Encrypted files: passwords and keys as they are given on the command line, files opened with
//! them, and `backup decrypt`.

use super::args::{ExportArgs, KeyArgs, SourceArgs};
use super::output::{Answer, Doing as _, Failure, size};
use super::session::Session;
use crate::backup::encrypt::{Unsealed, unseal_to};
use crate::base::error::AtPath as _;
use crate::base::{Error, Result, Secret};
use crate::domain::encrypted::{is_encrypted, plain_name};
use crate::formats::encryption::{Identities, Key, Lock, Recipient};
use serde_json::json;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// More is no password.
const LONGEST: u64 = 1 << 16;

/// The variable with the password of encrypted files.
pub(super) const VARIABLE: &str = "ENGRAM_PASSWORD";

/// The variable with the password of a vault, where it is another one.
const VAULT_VARIABLE: &str = "ENGRAM_VAULT_PASSWORD";

/// The password in `file` (`-`: standard input), without the end of its line; or in [`VARIABLE`].
pub(super) fn password(file: Option<&Path>) -> Result<Option<Secret>> {
    password_from(file, VARIABLE)
}

pub(super) fn password_from(file: Option<&Path>, variable: &str) -> Result<Option<Secret>> {
    let text = match file {
        Some(file) if file == Path::new("-") => read(std::io::stdin())?,
        Some(file) => read(std::fs::File::open(file).at(file)?).at(file)?,
        None => match std::env::var(variable) {
            Ok(text) => text,
            Err(std::env::VarError::NotPresent) => return Ok(None),
            Err(e) => return Err(Error::invalid(format!("{variable} is not a text")).because(e)),
        },
    };
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(Error::invalid("the password is empty"));
    }
    Ok(Some(Secret::new(text)))
}

fn read(from: impl std::io::Read) -> Result<String> {
    let mut text = String::new();
    from.take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(|e| Error::invalid("the password cannot be read as a text").because(e))?;
    if text.len() as u64 > LONGEST {
        return Err(Error::invalid(
            "the password is longer than 64 KiB; is this the right file?",
        ));
    }
    Ok(text)
}

pub(super) fn required_password(file: Option<&Path>) -> Result<Secret> {
    password(file)?.ok_or_else(|| {
        Error::invalid(
            "a password is needed: give --password-file FILE, or set the variable ENGRAM_PASSWORD",
        )
    })
}

/// What an export is to be encrypted with, if it is.
pub(super) fn lock(args: &ExportArgs) -> Result<Option<Lock>> {
    if !args.recipient.is_empty() {
        let keys: Result<_> = args.recipient.iter().map(|k| Recipient::parse(k)).collect();
        return Ok(Some(Lock::Recipients(keys?)));
    }
    if args.encrypt || is_encrypted(&args.out) {
        let password = required_password(args.password_file.as_deref())?;
        return Ok(Some(Lock::Password(password)));
    }
    Ok(None)
}

fn key<'a>(session: &'a Session, args: &KeyArgs) -> Result<&'a Key> {
    // Standard input gives a password only once.
    let key = match session.key.get() {
        Some(key) => return Ok(key),
        None => given_key(args)?,
    };
    Ok(session.key.get_or_init(|| key))
}

/// The password of a vault: one of its own, or that of encrypted files.
pub(super) fn vault_password(session: &Session, args: &SourceArgs) -> Result<Secret> {
    let own = args.vault_password_file.as_deref();
    let stdin = Some(Path::new("-"));
    if own == stdin && args.key.password_file.as_deref() == stdin {
        return Err(Error::invalid(
            "standard input gives one password only; put the other one into a file",
        ));
    }
    // Standard input gives a password only once.
    if let Some(password) = session.vault_password.get() {
        return Ok(password.clone());
    }
    let password = match password_from(own, VAULT_VARIABLE)? {
        Some(password) => password,
        None => match key(session, &args.key)? {
            Key::Password(password) => password.clone(),
            Key::Identities(_) => {
                return Err(Error::invalid(
                    "a vault is opened with a password: give --vault-password-file FILE, or set the \
                     variable ENGRAM_VAULT_PASSWORD",
                ));
            }
        },
    };
    Ok(session.vault_password.get_or_init(|| password).clone())
}

fn given_key(args: &KeyArgs) -> Result<Key> {
    if let Some(file) = &args.identity {
        let text = read(std::fs::File::open(file).at(file)?).at(file)?;
        return Ok(Key::Identities(Identities::parse(&text).at(file)?));
    }
    let password = required_password(args.password_file.as_deref())?;
    Ok(Key::Password(password))
}

/// A file as it can be read: itself, or what was decrypted from it, for as long as this lives.
pub(super) struct Plain {
    path: PathBuf,
    _unsealed: Option<Unsealed>,
}

impl Plain {
    /// A file that is not encrypted.
    pub(super) fn file(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            _unsealed: None,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Decrypts `file` into a folder inside `room`, if it is encrypted.
pub(super) fn plain(session: &Session, file: &Path, args: &KeyArgs, room: &Path) -> Result<Plain> {
    if !is_encrypted(file) {
        return Ok(Plain::file(file));
    }
    let unsealed = Unsealed::open(file, key(session, args)?, room, &session.progress)?;
    Ok(Plain {
        path: unsealed.path().to_owned(),
        _unsealed: Some(unsealed),
    })
}

pub(super) fn decrypt(
    session: &Session,
    file: &Path,
    out: &Path,
    args: &KeyArgs,
) -> Result<Answer, Failure> {
    const DOING: &str = "decrypt the file";
    let path = session.backup_path(file);
    let out = match plain_name(&path).file_name() {
        Some(name) if out.is_dir() => out.join(name),
        _ => out.to_owned(),
    };
    if out.try_exists().at(&out).doing(DOING)? {
        return Err(Error::invalid("there is a file of this name").at(&out)).doing(DOING);
    }
    let key = key(session, args).doing(DOING)?;
    let bytes = unseal_to(&path, &out, key, &session.progress).doing(DOING)?;
    Ok(Answer::new(
        format!("{} ({})", out.display(), size(bytes)),
        json!({"path": out, "size": bytes}),
    ))
}
