//! Encrypted files: passwords and keys as they are given on the command line, files opened with
//! them, and `backup decrypt`.

use super::args::{ExportArgs, KeyArgs, SourceArgs};
use super::output::{Answer, Doing as _, Failure, size};
use super::session::Session;
use crate::backup::encrypt::{Unsealed, unseal_to};
use crate::base::error::AtPath as _;
use crate::base::json_path::JsonPath;
use crate::base::{Error, ErrorKind, Result, Secret};
use crate::domain::encrypted::{is_encrypted, plain_name};
use crate::formats::encryption::{Identities, Key, Lock, Recipient};
use serde_json::json;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// More is no password.
const LONGEST: u64 = 1 << 16;

/// The variable with the password of encrypted files.
pub(super) const VARIABLE: &str = "ENGRAM_PASSWORD";

/// The variable with the password of a vault, where it is another one.
const VAULT_VARIABLE: &str = "ENGRAM_VAULT_PASSWORD";

/// The password in `file` (`-`: standard input) or in [`VARIABLE`].
pub(super) fn password(file: Option<&Path>) -> Result<Option<Secret>> {
    password_from(file, VARIABLE)
}

/// What opens a vault or an encrypted file: of a file, as `restic` reads it, without white space around
/// it.
fn password_from(file: Option<&Path>, variable: &str) -> Result<Option<Secret>> {
    let is_file = file.is_some_and(|file| file != Path::new("-"));
    let Some(text) = given(file, variable)? else {
        return Ok(None);
    };
    secret(if is_file { text.trim() } else { &text }).map(Some)
}

/// What an account is opened with: spaces around it belong to it.
pub(super) fn account_password(file: Option<&Path>, variable: &str) -> Result<Option<Secret>> {
    let text = given(file, variable)?;
    text.map(|text| secret(&text)).transpose()
}

fn secret(text: &str) -> Result<Secret> {
    if text.is_empty() {
        return Err(Error::invalid("the password is empty"));
    }
    Ok(Secret::new(text))
}

/// Without the ends of lines behind it; of standard input the first line.
fn given(file: Option<&Path>, variable: &str) -> Result<Option<String>> {
    let mut text = match file {
        Some(file) if file == Path::new("-") => read(std::io::stdin())?,
        Some(file) => read(File::open(file).at(file)?).at(file)?,
        None => match std::env::var(variable) {
            Ok(text) => text,
            Err(std::env::VarError::NotPresent) => return Ok(None),
            Err(e) => return Err(Error::invalid(format!("{variable} is not a text")).because(e)),
        },
    };
    if file == Some(Path::new("-")) {
        text.truncate(text.find('\n').unwrap_or(text.len()));
    }
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    Ok(Some(text))
}

/// After the password in `file` did not open something: whoever typed one with spaces around it, or
/// made a vault when they were not taken off, has another one in the same file.
pub(super) fn or_exact<T>(
    tried: Result<T>,
    file: Option<&Path>,
    again: impl Fn(&Secret) -> Result<T>,
) -> Result<T> {
    let error = match (tried, file) {
        (Err(error), Some(file))
            if error.kind() == ErrorKind::WrongPassword
                && file.is_file()
                && file != Path::new("-") =>
        {
            error
        }
        (tried, _) => return tried,
    };
    let Ok(all) = File::open(file.unwrap_or(Path::new(""))).and_then(std::io::read_to_string)
    else {
        return Err(error);
    };
    let line = all.strip_suffix('\n').unwrap_or(&all);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let others = [line, all.trim_end_matches(['\r', '\n'])];
    let differs = |text: &&str| *text != all.trim();
    let opened = others.into_iter().filter(differs);
    let opened = opened.map(|text| again(&Secret::new(text)));
    opened.flatten().next().ok_or(error)
}

fn read(from: impl std::io::Read) -> Result<String> {
    let mut bytes = Vec::new();
    from.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Error::invalid("the password cannot be read").because(e))?;
    if bytes.len() as u64 > LONGEST {
        return Err(Error::invalid(
            "the password is longer than 64 KiB; is this the right file?",
        ));
    }
    text_of(bytes).ok_or_else(|| Error::invalid("the password cannot be read as a text"))
}

/// UTF-8, or what Windows writes with a mark before it.
fn text_of(bytes: Vec<u8>) -> Option<String> {
    let wide = |bytes: &[u8], of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|two| of([two[0], two[1]]))
            .collect();
        String::from_utf16(&units).ok()
    };
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes).ok(),
    }
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
        let text = read(File::open(file).at(file)?).at(file)?;
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
    let open = |key: &Key| Unsealed::open(file, key, room, &session.progress);
    let unsealed = or_exact(
        open(key(session, args)?),
        args.password_file.as_deref(),
        |password| open(&Key::Password(password.clone())),
    )?;
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
    let open = |key: &Key| unseal_to(&path, &out, key, &session.progress);
    let bytes = or_exact(open(key), args.password_file.as_deref(), |password| {
        open(&Key::Password(password.clone()))
    })
    .doing(DOING)?;
    Ok(Answer::new(
        format!("{} ({})", out.display(), size(bytes)),
        json!({"path": JsonPath(&out), "size": bytes}),
    ))
}
