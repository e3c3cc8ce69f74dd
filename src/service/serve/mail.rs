//! The backup by mail: set up with a test mail, sent by the button and by the calendar of
//! `backup::mail`. The collection is frozen only while it is packed; how it went is read from the
//! log of runs.

use crate::backup::mail::{self, Keys, MailSettings, MailState, Packed};
use crate::base::Secret;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::lang::say;
use crate::base::time::Clock;
use crate::explain::UserMessage;
use crate::secrets::Secrets;
use crate::service::event::{Event, JobId};
use crate::service::mail::{MailEvent, MailRequest, Mailing, NewMail};
use crate::service::profiles::ProfilePaths;
use crate::service::settings;
use crate::service::worker::{Job, Worker};
use crate::{mark, t};
use std::collections::HashMap;
use std::path::PathBuf;

/// What is known about mails of the open profile.
#[derive(Debug, Default)]
pub(in crate::service) struct MailWatch {
    state: MailState,
    /// What the log said when it was read last.
    log: MailState,
    /// Of each profile's folder, what no log could be told: known until the program ends.
    unlogged: HashMap<PathBuf, MailState>,
    busy: bool,
    job: Option<JobId>,
    /// Which profile's run goes on, so that the end of one that was given up says nothing.
    round: u64,
}

const DOING: &str = mark!("send the backup by mail");

pub(super) fn serve(worker: &mut Worker, request: &MailRequest) -> Result<()> {
    match request {
        MailRequest::Get => worker.tell_mail(),
        MailRequest::SetUp(new) => {
            // The dialog tells it beside what was typed.
            if let Err(error) = set_up(worker, new) {
                let message = crate::explain::explain(t!("set up backups by mail"), &error);
                tell(worker, MailEvent::NotSetUp(message));
            }
        }
        MailRequest::Pause(paused) => worker.mail_settings_mut(|mail| {
            mail.paused = *paused;
            // "Never" of an earlier version has no days to go back to.
            mail.days = mail.days.max(1);
        })?,
        MailRequest::Remove => remove(worker)?,
        MailRequest::Send => send(worker, true)?,
    }
    Ok(())
}

fn tell(worker: &Worker, event: MailEvent) {
    worker.emit(Event::Mail(event));
}

/// A password that is kept; where no keychain keeps any, after a new start, what to do is told.
fn kept(secrets: &dyn Secrets, name: &str) -> Result<Option<String>> {
    secrets.get(name).map_err(|error| match error.kind() {
        ErrorKind::NoKeychain => {
            let what = mark!(
                "the passwords for the mails are not known after a new start, as no keychain keeps \
                 them; set mail up again and give its passwords"
            );
            Error::new(ErrorKind::NoKeychain, what).because(error)
        }
        _ => error,
    })
}

fn set_up(worker: &mut Worker, new: &NewMail) -> Result<()> {
    worker.refuse_second_mail()?;
    let paths = worker.open_profile_mut()?.paths.clone();
    let secrets = worker.secrets();
    let new = new.clone();
    let settings = new.settings.clone();
    let round = worker.mail.round;
    worker.background(
        Job::quiet("mail-test", mark!("set up backups by mail")),
        move |_| {
            let get = |name: &str| kept(&*secrets, name);
            let password = match new.server_password {
                Some(password) => Some(password),
                None => mail::server_password(get, &paths.name, &new.settings)?,
            };
            // No mail of those that follow could be encrypted.
            if new.backup_password.is_none() {
                mail::lock(get, &paths.name, &new.settings)?;
            }
            mail::test(&new.settings, password.as_ref())?;
            if let Some(password) = &password {
                secrets.set(&mail::server_secret(&paths.name), password.expose())?;
            }
            if let Some(password) = &new.backup_password {
                secrets.set(&mail::lock_secret(&paths.name), password.expose())?;
            }
            Ok(())
        },
        move |worker, result| {
            if worker.mail.round != round {
                return;
            }
            worker.mail.busy = false;
            let kept = result.and_then(|()| {
                worker
                    .keep_mail_settings(|mail| *mail = settings)
                    .map_err(|e| crate::explain::explain(t!("keep the settings"), &e))
            });
            let event = match kept {
                Ok(()) => {
                    // A mail has arrived with these settings: what failed with others is over.
                    worker.mail.state.failures = 0;
                    worker.mail.state.failed = None;
                    MailEvent::SetUp
                }
                Err(message) => MailEvent::NotSetUp(message),
            };
            // First what closes the dialog: the card behind it can be used as soon as it is there.
            tell(worker, event);
            worker.tell_mail();
        },
    )?;
    worker.mail.busy = true;
    Ok(())
}

fn remove(worker: &mut Worker) -> Result<()> {
    worker.refuse_second_mail()?;
    let paths = worker.open_profile_mut()?.paths.clone();
    worker.mail_settings_mut(|mail| *mail = MailSettings::default())?;
    let names = [
        mail::server_secret(&paths.name),
        mail::lock_secret(&paths.name),
    ];
    worker.forget_passwords(names.into())
}

/// Asks the keychain, which may take as long as the user, packs the frozen collection, thaws it and
/// sends.
fn send(worker: &mut Worker, asked: bool) -> Result<()> {
    worker.refuse_second_mail()?;
    let profile = worker.open_profile_mut()?;
    let sending = Sending {
        paths: profile.paths.clone(),
        settings: profile.settings.mail.clone(),
        clock: worker.config.clock.clone(),
        asked,
        round: worker.mail.round,
    };
    let secrets = worker.secrets();
    let (with, round) = (sending.clone(), sending.round);
    worker.background(
        Job::quiet("mail-keys", DOING),
        move |_| {
            let get = |name: &str| kept(&*secrets, name);
            let keys = || mail::keys(get, &with.paths.name, &with.settings);
            mail::logged_failure(&with.paths.folder, &with.clock, keys)
        },
        next(round, asked, |worker, keys| pack(worker, sending, keys)),
    )?;
    worker.mail.busy = true;
    worker.tell_mail();
    Ok(())
}

/// What each step of a mail needs.
#[derive(Clone)]
struct Sending {
    paths: ProfilePaths,
    settings: MailSettings,
    clock: Clock,
    asked: bool,
    round: u64,
}

fn pack(worker: &mut Worker, sending: Sending, keys: Keys) -> Result<()> {
    let (with, round, asked) = (sending.clone(), sending.round, sending.asked);
    worker.read_beside_study(
        Job::quiet("mail-pack", DOING),
        move |frozen, progress| {
            let Sending {
                paths,
                settings,
                clock,
                ..
            } = with;
            mail::logged_failure(&paths.folder, &clock, || {
                let lock = &keys.lock;
                let packed = mail::pack(&frozen, &paths.folder, &settings, lock, &clock, progress);
                Ok((packed?, keys.server))
            })
        },
        next(round, asked, |worker, (packed, password)| {
            deliver(worker, sending, packed, password)
        }),
    )
}

fn deliver(
    worker: &mut Worker,
    sending: Sending,
    packed: Packed,
    password: Option<Secret>,
) -> Result<()> {
    let Sending {
        paths,
        settings,
        clock,
        asked,
        round,
    } = sending;
    let job = Job {
        // One that nobody asked for is told on the page.
        quiet: !asked,
        ..Job::shown("mail-send", mark!("Sending the backup by mail"), DOING)
    };
    let id = worker.background(
        job,
        move |progress| {
            mail::logged(&paths.folder, &clock, || {
                mail::deliver(packed, &settings, password.as_ref(), &clock, progress)
            })?;
            Ok(settings.to)
        },
        move |worker, result| {
            if worker.mail.round == round {
                worker.mail_ended(result, asked);
            }
        },
    )?;
    worker.mail.job = Some(id);
    Ok(())
}

/// What follows a step that succeeded, unless its profile is being closed.
fn next<T>(
    round: u64,
    asked: bool,
    then: impl FnOnce(&mut Worker, T) -> Result<()>,
) -> impl FnOnce(&mut Worker, Result<T, UserMessage>) {
    move |worker, result| {
        if worker.mail.round != round {
            return;
        }
        let started = result.and_then(|value| {
            then(worker, value).map_err(|e| crate::explain::explain(say(DOING), &e))
        });
        if let Err(message) = started {
            worker.mail_ended(Err(message), asked);
        }
    }
}

impl Worker {
    /// Reads how mails of a profile that was opened went.
    pub(in crate::service) fn start_mail_watch(&mut self) {
        self.stop_mail();
        self.look_at_mail_log();
    }

    /// Its profile is being closed.
    pub(in crate::service) fn stop_mail(&mut self) {
        if let Some(id) = self.mail.job {
            self.jobs.cancel(id);
        }
        self.mail = MailWatch {
            round: self.mail.round + 1,
            unlogged: std::mem::take(&mut self.mail.unlogged),
            ..MailWatch::default()
        };
    }

    /// Sends one that is due.
    pub(in crate::service) fn watch_mail(&mut self) {
        let Some(profile) = &self.profile else {
            return;
        };
        let settings = &profile.settings.mail;
        let rests = settings.host.is_empty() || self.mail.busy || self.backups.is_alarmed();
        if rests || self.backups.is_frozen() || self.backups.is_suspended() {
            return;
        }
        let now = self.config.clock.now();
        if !mail::is_due(&self.mail.state, settings.every_days(), now) {
            return;
        }
        let empty = self.collection().and_then(|c| c.storage().is_empty());
        if !matches!(empty, Ok(false)) {
            return;
        }
        if let Err(error) = send(self, false) {
            self.mail_ended(Err(crate::explain::explain(say(DOING), &error)), false);
        }
    }

    fn mail_ended(&mut self, result: Result<Vec<String>, UserMessage>, asked: bool) {
        self.mail.busy = false;
        self.mail.job = None;
        let before = self.mail.log.clone();
        self.look_at_mail_log();
        if self.mail.log == before {
            let failed = result.as_ref().err().map(|message| message.cause.clone());
            self.mail.state.ended(failed, self.config.clock.now());
            if result.is_ok() {
                self.mail_was_not_logged();
            }
        }
        if let Ok(to) = result
            && asked
        {
            tell(self, MailEvent::Sent { to });
        }
        self.tell_mail();
    }

    /// Its name, if mails should go by themselves.
    pub(in crate::service) fn mail_that_needs_help(&self) -> Option<String> {
        let settings = &self.profile.as_ref()?.settings.mail;
        let is_on = !settings.host.is_empty() && settings.every_days() > 0;
        (is_on && self.mail.state.needs_help())
            .then(|| t!("E-mail to {to}", to = settings.to.join(", ")))
    }

    fn mail_was_not_logged(&mut self) {
        if let Some(profile) = &self.profile {
            let (folder, state) = (profile.paths.folder.clone(), self.mail.state.clone());
            self.mail.unlogged.insert(folder, state);
        }
        self.emit(Event::Notice(
            t!(
                "The backup was mailed, but no log can be written: after a restart of Engram it is \
                 mailed again"
            )
            .to_owned(),
        ));
    }

    fn look_at_mail_log(&mut self) {
        let Some(profile) = &self.profile else {
            return;
        };
        let folder = profile.paths.folder.clone();
        match mail::state_of(&folder, self.config.clock.now()) {
            // What no log could be told is known here alone.
            Ok(log) if log == self.mail.log => {}
            Ok(log) => {
                self.mail.state = log.clone();
                self.mail.log = log;
            }
            Err(error) => self.notice(t!("read the log of runs"), &error),
        }
        let known = self.mail.unlogged.get(&folder);
        if let Some(known) = known.filter(|known| known.sent_at > self.mail.state.sent_at) {
            self.mail.state = known.clone();
        }
    }

    fn tell_mail(&mut self) {
        let mailing = self.profile.as_ref().and_then(|profile| {
            let settings = profile.settings.mail.clone();
            (!settings.host.is_empty()).then(|| {
                Box::new(Mailing {
                    settings,
                    state: self.mail.state.clone(),
                    busy: self.mail.busy,
                })
            })
        });
        tell(self, MailEvent::State(mailing));
    }

    fn mail_settings_mut(&mut self, change: impl FnOnce(&mut MailSettings)) -> Result<()> {
        self.keep_mail_settings(change)?;
        self.tell_mail();
        Ok(())
    }

    fn keep_mail_settings(&mut self, change: impl FnOnce(&mut MailSettings)) -> Result<()> {
        let profile = self.open_profile_mut()?;
        let mut new = profile.settings.clone();
        change(&mut new.mail);
        settings::save(&profile.paths.settings(), &new)?;
        profile.settings = new;
        self.send_settings();
        Ok(())
    }

    fn refuse_second_mail(&self) -> Result<()> {
        if self.mail.busy {
            return Err(Error::new(
                crate::base::ErrorKind::Unavailable,
                mark!("a mail is being sent already"),
            ));
        }
        Ok(())
    }
}
