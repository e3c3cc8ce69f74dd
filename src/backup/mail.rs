//! The backup by mail: the collection without media, encrypted, as an attachment. What is too large
//! is not sent but said. It is encrypted while it is packed: none lies on the disk in plain. When it
//! is due, and when after a failure, is read from the log of runs.

use super::health::Place;
use super::runs::{self, Kind, Outcome, Run};
use super::write::{Order, write_verified};
use super::{catalog, name, place};
use crate::base::error::{AtPath as _, Error, Result};
use crate::base::files::PartialFile;
use crate::base::job::Progress;
use crate::base::lang::known;
use crate::base::time::{Clock, DAY_MILLIS, TimestampMillis};
use crate::base::{Secret, hex};
use crate::codec::meta::Generation;
use crate::formats::encryption::{Lock, Recipient};
use crate::formats::writer::Effort;
use crate::net::smtp::{self, Mail, Security, Server};
use crate::storage::snapshot::FrozenFile;
use crate::{mark, t};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

const MEGABYTE: u64 = 1_000_000;
/// A scheduler does not start at the same moment each day, and a day must not be left out for that.
const EARLY_MILLIS: i64 = 10 * 60_000;

/// Where the mail goes and how; no secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailSettings {
    /// Every so many days; 0: never by itself.
    pub days: u32,
    /// Not by itself for now; `days` stays for when that ends.
    pub paused: bool,
    /// Empty: not set up.
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// Empty for a server that asks for none.
    pub user: String,
    pub from: String,
    pub to: Vec<String>,
    /// Public keys of age; with none, a password encrypts.
    pub recipients: Vec<String>,
    /// Of the attachment, in megabytes; 1 to 100.
    pub limit_megabytes: u32,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            days: 1,
            paused: false,
            host: String::new(),
            port: 465,
            security: Security::Tls,
            user: String::new(),
            from: String::new(),
            to: Vec::new(),
            recipients: Vec::new(),
            limit_megabytes: 20,
        }
    }
}

impl MailSettings {
    /// What encrypts without a password, when there are public keys.
    pub fn public_lock(&self) -> Result<Option<Lock>> {
        if self.recipients.is_empty() {
            return Ok(None);
        }
        let all: Result<_> = self
            .recipients
            .iter()
            .map(|k| Recipient::parse(k))
            .collect();
        Ok(Some(Lock::Recipients(all?)))
    }

    fn server<'a>(&'a self, password: Option<&'a Secret>) -> Result<Server<'a>> {
        if self.host.is_empty() {
            return Err(Error::invalid(mark!("no mail server is set up")));
        }
        let login = match (self.user.as_str(), password) {
            ("", _) => None,
            (user, Some(password)) => Some((user, password)),
            (_, None) => {
                return Err(Error::invalid(mark!(
                    "the password of the mail server is needed"
                )));
            }
        };
        Ok(Server {
            host: &self.host,
            port: self.port,
            security: self.security,
            login,
        })
    }
}

/// What was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub name: String,
    /// Of the attachment.
    pub size: u64,
    pub notes: u64,
    pub cards: u64,
}

/// A mail that only says that mail arrives.
pub fn test(settings: &MailSettings, password: Option<&Secret>) -> Result<()> {
    let mail = Mail {
        from: &settings.from,
        to: &settings.to,
        subject: "Engram: backups by mail work",
        text: "This is the test that was asked for. Backups will come to this address.\n".into(),
        attachment: None,
    };
    smtp::send(&settings.server(password)?, mail)
}

/// What opens the mail server and closes the backup.
#[derive(Debug)]
pub struct Keys {
    pub server: Option<Secret>,
    pub lock: Lock,
}

/// The names of the secrets in the keychain.
#[must_use]
pub fn server_secret(profile: &str) -> String {
    format!("mail server of {profile}")
}

/// As [`server_secret`], of the password that encrypts.
#[must_use]
pub fn lock_secret(profile: &str) -> String {
    format!("encryption of mails of {profile}")
}

/// The keys as the keychain keeps them; `kept` asks it for the secret of a name.
///
/// # Errors
/// `InvalidInput` for one that is needed and not there.
pub fn keys(
    kept: impl Fn(&str) -> Result<Option<String>>,
    profile: &str,
    settings: &MailSettings,
) -> Result<Keys> {
    Ok(Keys {
        server: server_password(&kept, profile, settings)?,
        lock: lock(&kept, profile, settings)?,
    })
}

/// What encrypts the mails: public keys, or the password that is kept.
pub fn lock(
    kept: impl Fn(&str) -> Result<Option<String>>,
    profile: &str,
    settings: &MailSettings,
) -> Result<Lock> {
    if let Some(lock) = settings.public_lock()? {
        return Ok(lock);
    }
    let password = kept(&lock_secret(profile))?.ok_or_else(|| {
        Error::invalid(mark!(
            "the password that encrypts the mails is not in the keychain"
        ))
    })?;
    Ok(Lock::Password(Secret::new(password)))
}

/// None for a server that asks for none.
pub fn server_password(
    kept: impl Fn(&str) -> Result<Option<String>>,
    profile: &str,
    settings: &MailSettings,
) -> Result<Option<Secret>> {
    if settings.user.is_empty() {
        return Ok(None);
    }
    let kept = kept(&server_secret(profile))?;
    let kept = kept.ok_or_else(|| {
        Error::invalid(mark!(
            "the password of the mail server is not in the keychain; set mail up again"
        ))
    })?;
    Ok(Some(Secret::new(kept)))
}

/// Packs, encrypts and sends the collection, and keeps in the log how that went.
///
/// # Errors
/// As [`pack`] and [`deliver`].
pub fn send(
    frozen: &FrozenFile,
    profile_dir: &Path,
    settings: &MailSettings,
    keys: impl FnOnce() -> Result<Keys>,
    clock: &Clock,
    progress: &Progress,
) -> Result<Sent> {
    logged(profile_dir, clock, || {
        let keys = keys()?;
        let packed = pack(frozen, profile_dir, settings, &keys.lock, clock, progress)?;
        deliver(packed, settings, keys.server.as_ref(), clock, progress)
    })
}

/// Where it is logged: among the backups, and in the profile while their disk is away or takes
/// nothing.
fn log_folder(profile_dir: &Path) -> PathBuf {
    let among_backups = catalog::folder(profile_dir);
    match place::is_away(profile_dir) || !runs::takes(&among_backups) {
        true => profile_dir.to_owned(),
        false => among_backups,
    }
}

/// Keeps in the log how sending went.
pub fn logged(
    profile_dir: &Path,
    clock: &Clock,
    work: impl FnOnce() -> Result<Sent>,
) -> Result<Sent> {
    let folder = log_folder(profile_dir);
    runs::logged(&folder, Kind::Mail, None, None, clock, work, |sent| {
        (Outcome::Done, mark!("{n} bytes", n = sent.size))
    })
}

/// Of a step on the way to sending, keeps in the log only that it failed.
pub fn logged_failure<T>(
    profile_dir: &Path,
    clock: &Clock,
    work: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let folder = log_folder(profile_dir);
    runs::logged_if(&folder, Kind::Mail, None, clock, work, |_| None)
}

/// An encrypted and verified backup that waits in memory to be sent: never more than mails may hold.
pub struct Packed {
    sent: Sent,
    content: Vec<u8>,
}

/// Packs the frozen collection of the profile in `profile_dir`, encrypted on the way.
///
/// # Errors
/// `InvalidInput` when the attachment would be larger than the limit.
pub fn pack(
    frozen: &FrozenFile,
    profile_dir: &Path,
    settings: &MailSettings,
    lock: &Lock,
    clock: &Clock,
    progress: &Progress,
) -> Result<Packed> {
    let name = format!(
        "{}.age",
        name::for_time(clock.local(clock.now()).datetime())
    );
    let order = Order {
        generation: Generation::Latest,
        effort: Effort::for_size(frozen.size()),
        media: &[],
        extras: &[],
        lock: Some(lock),
        is_hashed: false,
    };
    // Goes away without ever getting this name.
    let partial = PartialFile::create(&profile_dir.join(&name))?;
    let (partial, written) = write_verified(frozen, partial, &order, progress)?;
    let size = written.size;
    let limit = u64::from(settings.limit_megabytes.clamp(1, 100)) * MEGABYTE;
    if size > limit {
        let tenths = size.div_ceil(MEGABYTE / 10);
        return Err(Error::invalid(mark!(
            "the encrypted backup is {size} MB, more than the limit of {most} MB for mails; nothing was sent. Set a \
             higher limit if the mail server takes as much, or add a place in Copies Elsewhere, which \
             has no such limit",
            size = format_args!("{}.{}", tenths / 10, tenths % 10),
            most = limit / MEGABYTE
        )));
    }
    let content = std::fs::read(partial.path()).at(partial.path())?;
    let sent = Sent {
        name,
        size,
        notes: written.contents.notes,
        cards: written.contents.cards,
    };
    Ok(Packed { sent, content })
}

/// Sends what was packed.
///
/// # Errors
/// As [`smtp::send`].
pub fn deliver(
    packed: Packed,
    settings: &MailSettings,
    server_password: Option<&Secret>,
    clock: &Clock,
    progress: &Progress,
) -> Result<Sent> {
    progress.stage(t!("Sending the mail"), 0)?;
    let Packed { sent, content } = packed;
    let mail = Mail {
        from: &settings.from,
        to: &settings.to,
        subject: &format!("Engram backup {}", clock.local(clock.now()).date()),
        text: words(&sent, &content),
        attachment: Some((&sent.name, content)),
    };
    smtp::send(&settings.server(server_password)?, mail)?;
    Ok(sent)
}

fn words(sent: &Sent, content: &[u8]) -> String {
    let digest = hex(&Sha256::digest(content));
    format!(
        "The attachment {name} holds {notes} notes and {cards} cards, without sounds and pictures.\n\n\
         To open it with Engram: File > Import.\n\
         To open it without: age --decrypt --output backup.colpkg {name}\n\
         Anki imports the file that comes out.\n\n\
         Whether it arrived whole: sha256sum {name} says\n{digest}\n",
        name = sent.name,
        notes = sent.notes,
        cards = sent.cards
    )
}

/// How mail stands, as the log tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailState {
    pub sent_at: Option<TimestampMillis>,
    /// Failures since, and the last of them.
    pub failures: u32,
    pub failed: Option<(TimestampMillis, String)>,
}

impl MailState {
    /// Whether it fails for so long that it is told beyond its card.
    #[must_use]
    pub fn needs_help(&self) -> bool {
        self.failures > 2
    }

    /// A mail was sent at `now`, or `failed`, and the log could not be written: whoever remembers
    /// nothing sends it again at once.
    pub fn ended(&mut self, failed: Option<String>, now: TimestampMillis) {
        match failed {
            None => {
                *self = Self {
                    sent_at: Some(now),
                    ..Self::default()
                }
            }
            Some(why) => {
                self.failures = self.failures.saturating_add(1);
                self.failed = Some((now, why));
            }
        }
    }
}

/// As the one of the profile's logs tells it that knows of the latest mail, or failure.
pub fn state_of(profile_dir: &Path, now: TimestampMillis) -> Result<MailState> {
    let among_backups = state(&runs::of_profile(profile_dir)?);
    let while_away = state(&runs::read(profile_dir)?);
    let latest = |state: &MailState| {
        let failed = state.failed.as_ref().map(|(at, _)| *at);
        (not_from_a_future(state.sent_at, now), failed)
    };
    Ok(match latest(&while_away) > latest(&among_backups) {
        true => while_away,
        false => among_backups,
    })
}

/// Where the clock was set back, what it said before is no measure: that may be long.
fn not_from_a_future(at: Option<TimestampMillis>, now: TimestampMillis) -> Option<TimestampMillis> {
    at.filter(|at| at.since(now) <= DAY_MILLIS)
}

/// Reads the log, `runs` newest first.
#[must_use]
pub fn state(runs: &[Run]) -> MailState {
    let mut state = MailState::default();
    for run in runs.iter().filter(|run| run.begun.kind == Kind::Mail) {
        match run.outcome {
            Outcome::Done => {
                state.sent_at = Some(run.begun.at);
                break;
            }
            Outcome::Failed | Outcome::CutShort => {
                state.failures += 1;
                let failed = (run.begun.at, run.said.clone());
                state.failed.get_or_insert(failed);
            }
            Outcome::Cancelled | Outcome::Running => {}
        }
    }
    state
}

impl MailSettings {
    /// Days between two mails; 0: none by itself.
    #[must_use]
    pub fn every_days(&self) -> u32 {
        if self.paused { 0 } else { self.days }
    }
}

/// When the next mail is due, `days` after the last one and, after failures, later and later, from
/// a minute up to six hours; None: never. A time that has passed, or `now`: at once.
#[must_use]
pub fn next(state: &MailState, days: u32, now: TimestampMillis) -> Option<TimestampMillis> {
    if days == 0 {
        return None;
    }
    let sent = not_from_a_future(state.sent_at, now);
    let wished = sent.map_or(now.0, |at| at.0 + i64::from(days) * DAY_MILLIS);
    let waits = (60_000_i64 << state.failures.saturating_sub(1).min(9)).min(DAY_MILLIS / 4);
    let rested = match &state.failed {
        Some((at, _)) if now.since(*at).abs() < waits => at.0 + waits,
        _ => now.0,
    };
    Some(TimestampMillis(wished.max(rested)))
}

/// Whether a mail is to be sent now; see [`next`].
#[must_use]
pub fn is_due(state: &MailState, days: u32, now: TimestampMillis) -> bool {
    let early = if state.failures == 0 { EARLY_MILLIS } else { 0 };
    next(state, days, now).is_some_and(|at| at.0 - early <= now.0)
}

/// The mails that were sent, for the account of how safe everything is; None: nothing was.
#[must_use]
pub fn counted(settings: &MailSettings, state: &MailState) -> Option<Place> {
    if settings.host.is_empty() {
        return None;
    }
    Some(Place {
        name: t!("Backups by e-mail").to_owned(),
        path: settings.to.join(", "),
        at: Some(state.sent_at?),
        elsewhere: true,
        one_way: true,
        trouble: state
            .failed
            .as_ref()
            .map(|(_, said)| known(said).into_owned()),
        ..Place::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_log_tells_is_remembered() {
        let now = TimestampMillis(1_800_000_000_000);
        let mut state = MailState::default();
        for failures in 1..=3 {
            state.ended(Some("no server".to_owned()), now);
            assert_eq!(state.failures, failures);
            assert!(!is_due(&state, 1, now));
        }
        state.ended(None, now);
        assert_eq!((state.sent_at, state.failures), (Some(now), 0));
        assert!(!is_due(&state, 1, TimestampMillis(now.0 + DAY_MILLIS / 2)));
    }

    #[test]
    fn mails_are_due_after_days_and_after_failures_later_and_later() {
        let (minute, now) = (60_000, TimestampMillis(1_800_000_000_000));
        let at = |ago: i64| TimestampMillis(now.0 - ago);
        let never = MailState::default();
        assert!(is_due(&never, 1, now));
        assert!(!is_due(&never, 0, now));
        for (ago, days, due) in [
            (DAY_MILLIS - EARLY_MILLIS - 1, 1, false),
            (DAY_MILLIS - EARLY_MILLIS, 1, true),
            (2 * DAY_MILLIS, 3, false),
            (-2 * DAY_MILLIS, 1, true),
        ] {
            let state = MailState {
                sent_at: Some(at(ago)),
                ..MailState::default()
            };
            assert_eq!(is_due(&state, days, now), due, "{ago}");
        }
        for (failures, ago, due) in [
            (1, minute - 1, false),
            (1, minute, true),
            (3, 3 * minute, false),
            (3, 4 * minute, true),
            (40, 5 * 60 * minute, false),
            (40, 6 * 60 * minute, true),
        ] {
            let state = MailState {
                failures,
                failed: Some((at(ago), String::new())),
                ..MailState::default()
            };
            assert_eq!(is_due(&state, 1, now), due, "{failures} {ago}");
        }
    }
}
