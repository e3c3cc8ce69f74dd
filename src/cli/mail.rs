//! `mail …`: the encrypted backup by mail. Passwords come from files, variables or the keychain.

use super::alarm::require_answer;
use super::args::{MailCommand, MailKeys, MailSetArgs};
use super::encrypted;
use super::output::{Answer, Doing as _, Failure, size};
use super::session::{Locked, Session};
use crate::backup::mail::{self, Keys, MailSettings, MailState};
use crate::base::{Error, Result, Secret};
use crate::formats::encryption::{Lock, Recipient};
use crate::net::smtp;
use crate::secrets::{Keychain, Secrets};
use crate::service::settings;
use crate::storage::snapshot::FrozenFile;
use serde_json::json;

/// The password of the mail server.
const VARIABLE: &str = "ENGRAM_MAIL_PASSWORD";
const DOING: &str = "send the backup by mail";

pub(super) fn run(session: &Session, command: &MailCommand) -> Result<Answer, Failure> {
    let profile = session.lock()?;
    match command {
        MailCommand::Set(args) => set(session, &profile, args),
        MailCommand::Show => show(session, &profile),
        MailCommand::Test(keys) => test(session, &profile, keys),
        MailCommand::Send { due, force, keys } => {
            if !due || is_due(session, &profile)? {
                require_answer(session, &profile.paths, *force, DOING)?;
            }
            send(session, &profile, *due, keys)
        }
    }
}

fn set(session: &Session, profile: &Locked, args: &MailSetArgs) -> Result<Answer, Failure> {
    const DOING: &str = "set up mail";
    for address in args.from.iter().chain(&args.to) {
        smtp::require_address(address).doing(DOING)?;
    }
    let mut all = session.settings(&profile.paths)?;
    let mail = &mut all.mail;
    let replace = |value: &mut String, given: &Option<String>| {
        if let Some(given) = given {
            value.clone_from(given);
        }
    };
    replace(&mut mail.host, &args.host);
    replace(&mut mail.user, &args.user);
    replace(&mut mail.from, &args.from);
    if !args.to.is_empty() {
        mail.to.clone_from(&args.to);
    }
    if !args.recipient.is_empty() {
        for key in &args.recipient {
            Recipient::parse(key).doing(DOING)?;
        }
        mail.recipients.clone_from(&args.recipient);
    }
    if args.no_recipient {
        mail.recipients.clear();
    }
    if let Some(security) = args.security {
        mail.security = security.security();
        mail.port = security.usual_port();
    }
    mail.port = args.port.unwrap_or(mail.port);
    if let Some(days) = args.days {
        (mail.days, mail.paused) = (days, false);
    }
    mail.limit_megabytes = args.limit_mb.unwrap_or(mail.limit_megabytes);
    let all = all.clamped();
    if args.keep_passwords {
        keep(profile, &args.keys).doing("keep the passwords in the keychain")?;
    }
    settings::save(&profile.paths.settings(), &all).doing("save the settings")?;
    show(session, profile)
}

fn keep(profile: &Locked, keys: &MailKeys) -> Result<()> {
    if let Some(secret) = given_for_server(keys)? {
        Keychain.set(&mail::server_secret(&profile.paths.name), secret.expose())?;
    }
    if let Some(secret) = encrypted::password(keys.password_file.as_deref())? {
        Keychain.set(&mail::lock_secret(&profile.paths.name), secret.expose())?;
    }
    Ok(())
}

fn given_for_server(keys: &MailKeys) -> Result<Option<Secret>> {
    encrypted::account_password(keys.server_password_file.as_deref(), VARIABLE)
}

fn server_password(
    profile: &Locked,
    settings: &MailSettings,
    keys: &MailKeys,
) -> Result<Option<Secret>> {
    if settings.user.is_empty() {
        return Ok(None);
    }
    if let Some(secret) = given_for_server(keys)? {
        return Ok(Some(secret));
    }
    let kept = kept(&mail::server_secret(&profile.paths.name));
    kept.map(Some).ok_or_else(|| {
        Error::invalid(format!(
            "the password of the mail server is needed: give --server-password-file FILE, or set \
             the variable {VARIABLE}"
        ))
    })
}

/// A keychain that is not there keeps nothing.
fn kept(name: &str) -> Option<Secret> {
    Keychain.get(name).ok().flatten().map(Secret::new)
}

fn lock(profile: &Locked, settings: &MailSettings, keys: &MailKeys) -> Result<Lock> {
    if let Some(lock) = settings.public_lock()? {
        return Ok(lock);
    }
    if keys.password_file.is_none()
        && std::env::var_os(encrypted::VARIABLE).is_none()
        && let Some(secret) = kept(&mail::lock_secret(&profile.paths.name))
    {
        return Ok(Lock::Password(secret));
    }
    encrypted::required_password(keys.password_file.as_deref()).map(Lock::Password)
}

fn test(session: &Session, profile: &Locked, keys: &MailKeys) -> Result<Answer, Failure> {
    const DOING: &str = "send the test mail";
    let settings = session.settings(&profile.paths)?.mail;
    let password = server_password(profile, &settings, keys).doing(DOING)?;
    mail::test(&settings, password.as_ref()).doing(DOING)?;
    let to = settings.to.join(", ");
    Ok(Answer::new(
        format!("A test mail was sent to {to}"),
        json!({"sent": true, "to": settings.to}),
    ))
}

fn send(
    session: &Session,
    profile: &Locked,
    due: bool,
    keys: &MailKeys,
) -> Result<Answer, Failure> {
    let settings = session.settings(&profile.paths)?.mail;
    if due && !is_due(session, profile)? {
        let text = "No mail is due.";
        return Ok(Answer::new(text, json!({"sent": false, "due": false})));
    }
    let keys = Keys {
        server: server_password(profile, &settings, keys).doing(DOING)?,
        lock: lock(profile, &settings, keys).doing(DOING)?,
    };
    let collection = session.open(profile)?;
    let begun = session.clock.now();
    let send = |frozen: &FrozenFile| {
        mail::send(
            frozen,
            &profile.paths.folder,
            &settings,
            || Ok(keys),
            &session.clock,
            &session.progress,
        )
    };
    let sent = collection.storage().while_frozen(send).doing(DOING)?;
    let known = mail::state_of(&profile.paths.folder, session.clock.now());
    let logged = known.is_ok_and(|state| state.sent_at >= Some(begun));
    if !logged {
        session.warn(
            "The backup was mailed, but no log can be written: the next mail send --due mails it \
             again",
        );
    }
    collection.close().doing("close the collection")?;
    let to = settings.to.join(", ");
    Ok(Answer::new(
        format!("{} ({}) was sent to {to}", sent.name, size(sent.size)),
        json!({
            "sent": true,
            "logged": logged,
            "name": sent.name,
            "size": sent.size,
            "notes": sent.notes,
            "cards": sent.cards,
            "to": settings.to,
        }),
    ))
}

fn is_due(session: &Session, profile: &Locked) -> Result<bool, Failure> {
    let every_days = session.settings(&profile.paths)?.mail.every_days();
    let state = state(session, profile)?;
    Ok(mail::is_due(&state, every_days, session.clock.now()))
}

fn state(session: &Session, profile: &Locked) -> Result<MailState, Failure> {
    mail::state_of(&profile.paths.folder, session.clock.now()).doing("read the log of runs")
}

fn show(session: &Session, profile: &Locked) -> Result<Answer, Failure> {
    let settings = session.settings(&profile.paths)?.mail;
    let state = state(session, profile)?;
    let due = mail::is_due(&state, settings.every_days(), session.clock.now());
    let failed = state
        .failed
        .as_ref()
        .map(|(at, said)| json!({"at": at, "said": said, "times": state.failures}));
    Ok(Answer::new(
        words(session, &settings, &state),
        json!({"mail": settings, "sent_at": state.sent_at, "failed": failed, "due": due}),
    ))
}

fn words(session: &Session, settings: &MailSettings, state: &MailState) -> String {
    if settings.host.is_empty() {
        return "No mail server is set up: engram-cli mail set --host … --from … --to …".into();
    }
    let time = |at| {
        session
            .clock
            .local(at)
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    };
    let mut text = format!(
        "{}:{} for {}, every {} days, last sent: {}",
        settings.host,
        settings.port,
        settings.to.join(", "),
        settings.every_days(),
        state.sent_at.map_or_else(|| "never".to_owned(), time)
    );
    if let Some((at, said)) = &state.failed {
        text.push_str(&format!("\nFailed {}: {said}", time(*at)));
    }
    text
}
