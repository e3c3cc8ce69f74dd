//! Copies elsewhere: places are added and removed, saved to beside study, by the button and by
//! the calendar of `vault::policy`, and verified. The collection is frozen only while it is
//! copied; what is sent afterwards takes as long as the network does. Signing in is in `sign_in`.

mod renewed;
mod sign_in;

use crate::backup::runs;
use crate::backup::vault::book::{self, Entry, Former};
use crate::backup::vault::media::SnapshotMedia;
use crate::backup::vault::policy::{Decision, Hold, decide};
use crate::backup::vault::push::{Prepared, Pushed};
use crate::backup::vault::tidy;
use crate::backup::vault::{Destination, Opened, Patience, Setting};
use crate::base::Secret;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files::StagingDir;
use crate::base::job::Progress;
use crate::base::lang::say;
use crate::base::time::TimestampMillis;
use crate::explain::UserMessage;
use crate::secrets::Secrets;
use crate::service::event::{Event, JobId};
use crate::service::secret_names;
use crate::service::serve::vault_holds::Looked;
use crate::service::serve::{
    vault_password, vault_restore, vault_sheet, vault_thinning, vault_trial,
};
use crate::service::vaults::{NewPlace, Place, Source, VaultEvent, VaultRequest};
use crate::service::worker::{Job, Worker};
use crate::{mark, t};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A snapshot whose collection was fetched.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) path: PathBuf,
    pub(super) media: Arc<SnapshotMedia>,
    _staging: StagingDir,
}

impl Fetched {
    pub(super) fn new(staging: StagingDir, path: PathBuf, media: SnapshotMedia) -> Self {
        Self {
            path,
            media: Arc::new(media),
            _staging: staging,
        }
    }
}

/// The places of the open profile.
#[derive(Debug, Default)]
pub(in crate::service) struct VaultWatch {
    pub(super) entries: Vec<Entry>,
    /// Addresses that somebody wants to have tried.
    pub(super) to_try: VecDeque<String>,
    /// The address that something is done with, and the job that does it.
    pub(super) busy: Option<(String, Option<JobId>)>,
    /// The snapshot that the Explorer shows; it goes away with the value.
    pub(super) fetched: Option<Fetched>,
    /// What opened them since the profile was opened.
    opened: Opened,
    renewed: renewed::Renewed,
    told: Option<Vec<Place>>,
    /// Of the machine.
    pub(super) looked: Looked,
    /// Waits for the browser; also for one of the profile before, until it has ended.
    signing: Option<sign_in::Signing>,
    /// Which profile's jobs run, so that the end of one that was given up says nothing.
    round: u64,
}

pub(super) fn serve(worker: &mut Worker, request: &VaultRequest) -> Result<()> {
    match request {
        VaultRequest::Look(source) => vault_restore::look(worker, source),
        VaultRequest::Restore {
            source,
            snapshot,
            target,
        } => vault_restore::restore(worker, source, snapshot, target),
        VaultRequest::Fetch { source, snapshot } => vault_restore::fetch(worker, source, snapshot),
        VaultRequest::List => {
            worker.vaults.told = None;
            worker.tell_places();
            Ok(())
        }
        VaultRequest::Add(place) => {
            // The dialog tells it beside what was typed.
            if let Err(error) = add(worker, place) {
                let message = crate::explain::explain(t!("add the place"), &error);
                tell(worker, VaultEvent::NotAdded(message));
            }
            Ok(())
        }
        VaultRequest::Remove { address } => {
            worker.refuse_when_busy()?;
            let destination = worker.entry_mut(address)?.destination.clone();
            worker
                .vaults
                .entries
                .retain(|e| e.destination.to_string() != *address);
            worker.keep_places()?;
            let profile = worker.profile_folder()?;
            let mut names = vec![vault_secret(&profile, address)];
            // Other profiles may save to the same place.
            let account = destination.account_name();
            if !secret_names::is_used(&worker.config.data, &account).unwrap_or(true) {
                names.push(account);
            }
            worker.forget_passwords(names)
        }
        VaultRequest::Push { address } => push_to(worker, address, true),
        VaultRequest::Verify { address } => verify(worker, address),
        VaultRequest::Drill { address } => vault_trial::drill(worker, address, true),
        VaultRequest::SignIn(asked) => {
            sign_in::begin(worker, asked);
            Ok(())
        }
        VaultRequest::CancelSignIn { number } => {
            sign_in::cancel(worker, *number);
            Ok(())
        }
        VaultRequest::RecoverySheet {
            address,
            out,
            with_password,
        } => vault_sheet::write(worker, address, out, *with_password),
        VaultRequest::ChangePassword { address, new } => {
            vault_password::change(worker, address, new)
        }
        VaultRequest::SetRetention { address, retention } => {
            worker.entry_mut(address)?.retention = *retention;
            worker.keep_places()
        }
        VaultRequest::PreviewThinning { address, retention } => {
            vault_thinning::preview(worker, address, *retention);
            Ok(())
        }
        VaultRequest::LookAtEach { address } => {
            vault_thinning::look_at_each(worker, address);
            Ok(())
        }
        VaultRequest::Forget { address, snapshots } => {
            vault_thinning::forget(worker, address, snapshots)
        }
        VaultRequest::SetSchedule { address, schedule } => {
            worker.entry_mut(address)?.schedule = *schedule;
            worker.keep_places()
        }
    }
}

pub(super) fn vault_secret(profile: &Path, address: &str) -> String {
    let profile = profile.file_name().unwrap_or_default().to_string_lossy();
    secret_names::vault(address, &profile)
}

pub(super) fn tell(worker: &Worker, event: VaultEvent) {
    worker.emit(Event::Vault(event));
}

fn add(worker: &mut Worker, place: &NewPlace) -> Result<()> {
    worker.refuse_when_busy()?;
    let destination: Destination = place.address.trim().parse()?;
    let address = destination.to_string();
    let profile = worker.profile_folder()?;
    destination.refuse_inside(worker.config.data.path())?;
    // Its passwords are given once more, as where the keychain does not have them.
    let is_known = |e: &Entry| e.destination == destination;
    let again = worker.vaults.entries.iter().any(is_known);
    let account = Some(place.account.clone()).filter(|a| !a.is_empty());
    let password = place.password.clone();
    let secrets = worker.secrets();
    let given = account.clone();
    let mut setting = worker.setting(destination.clone(), account, password);
    let renewed = worker.vaults.renewed.clone();
    let account_name = destination.account_name();
    worker.vaults.busy = Some((address.clone(), None));
    let kept = address.clone();
    let busy = address.clone();
    let started = worker.vault_job(
        Job::quiet("vault-add", mark!("add the place")),
        move |progress| {
            if again && given.is_none() {
                setting.account = account_of(&*secrets, &account_name)?;
            }
            let setting = with(setting, progress);
            // A disk that is absent must not get a new one on the disk in its place.
            let made = !again
                && match setting.init() {
                    Ok(_) => true,
                    // There is one: its password is asked for.
                    Err(e) if e.kind() == ErrorKind::Taken => false,
                    Err(e) => return Err(e),
                };
            if !made {
                setting.open()?;
            }
            secrets.set(&vault_secret(&profile, &kept), setting.password.expose())?;
            if let Some(given) = given {
                secrets.set(&account_name, renewed.latest(&given).expose())?;
            }
            Ok(made)
        },
        move |worker, result| {
            worker.vaults.busy = None;
            let added = match result {
                Ok(made) if again => {
                    // What it failed for may be gone: it is tried at once.
                    if let Ok(entry) = worker.entry_mut(&address) {
                        entry.failure = None;
                        worker.keep_or_notice();
                    }
                    VaultEvent::Added { address, made }
                }
                Ok(made) => {
                    worker.vaults.entries.push(Entry::new(destination));
                    match worker.save_places() {
                        Ok(()) => VaultEvent::Added { address, made },
                        Err(error) => {
                            worker.vaults.entries.pop();
                            VaultEvent::NotAdded(crate::explain::explain(
                                t!("add the place"),
                                &error,
                            ))
                        }
                    }
                }
                Err(message) => VaultEvent::NotAdded(message),
            };
            // First what closes the dialog: the card behind it can be used as soon as it is there.
            tell(worker, added);
            worker.tell_places();
        },
    );
    worker.vaults.busy = started.as_ref().ok().map(|id| (busy, Some(*id)));
    worker.tell_places();
    started.map(|_| ())
}

fn with(setting: Setting, progress: &Progress) -> Setting {
    Setting {
        progress: progress.clone(),
        ..setting
    }
}

/// What was kept of the account; folders have none, and no keychain is asked for it in vain.
pub(super) fn account_of(secrets: &dyn Secrets, name: &str) -> Result<Option<Secret>> {
    match secrets.get(name) {
        Err(error) if error.kind() == ErrorKind::NoKeychain => Ok(None),
        kept => Ok(kept?.map(Secret::new)),
    }
}

/// What opens a place, but for passwords that the keychain has: it may ask the user, so a job asks
/// it.
pub(super) struct Locked {
    setting: Setting,
    /// None: the passwords were typed.
    keychain: Option<(Arc<dyn Secrets>, [String; 2])>,
}

impl Locked {
    pub(super) fn unlock(self, progress: &Progress) -> Result<Setting> {
        let Some((secrets, [vault, account])) = &self.keychain else {
            return Ok(with(self.setting, progress));
        };
        let password = match secrets.get(vault) {
            Ok(Some(password)) => password,
            Ok(None) => {
                let what = mark!(
                    "the keychain does not have the password of the vault any more; add the place \
                     again"
                );
                return Err(Error::new(ErrorKind::WrongPassword, what));
            }
            Err(error) if error.kind() == ErrorKind::NoKeychain => {
                let what = mark!(
                    "the password of the vault is not known after a new start, as no keychain keeps \
                     it; add the place again to give it"
                );
                return Err(Error::new(ErrorKind::NoKeychain, what).because(error));
            }
            Err(error) => return Err(error),
        };
        let (keeps, name) = (secrets.clone(), account.clone());
        Ok(Setting {
            password: Secret::new(password),
            account: account_of(&**secrets, account)?,
            keep: Some(Arc::new(move |grant| keeps.set(&name, grant.expose()))),
            ..with(self.setting, progress)
        })
    }
}

/// Copies the collection while it is frozen, then sends it.
fn push_to(worker: &mut Worker, address: &str, asked: bool) -> Result<()> {
    worker.refuse_when_busy()?;
    let locked = worker.locked(address)?;
    let profile = worker.profile_folder()?;
    worker.vaults.busy = Some((address.to_owned(), None));
    let address = address.to_owned();
    let again = address.clone();
    let started = worker.read_beside_study(
        Job::quiet("vault-copy", mark!("save to the vault")),
        move |frozen, progress| Prepared::copy(&profile, &frozen, progress),
        move |worker, prepared| {
            // Its profile is being closed.
            let busy = worker.vaults.busy.as_ref();
            if busy.is_none_or(|(address, _)| *address != again) {
                return;
            }
            let sent = match prepared {
                Ok(prepared) => send(worker, locked, again.clone(), prepared, asked),
                Err(message) => {
                    worker.push_ended(&again, Err(message), asked);
                    return;
                }
            };
            if let Err(error) = sent {
                let message = crate::explain::explain(t!("save to the vault"), &error);
                worker.push_ended(&again, Err(message), asked);
            }
        },
    );
    if started.is_err() {
        worker.vaults.busy = None;
    }
    worker.tell_places();
    started
}

fn send(
    worker: &mut Worker,
    locked: Locked,
    address: String,
    prepared: Prepared,
    asked: bool,
) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let entry = worker.entry_mut(&address)?;
    let (former, retention) = (entry.former.clone(), entry.retention);
    let wanted = worker.wanted(&paths.name, former, retention);
    let clock = worker.config.clock.clone();
    let covers = prepared.collection_mod();
    // The window has asked.
    let all_the_same = asked && worker.backups.is_alarmed();
    let about = PathBuf::from(&address);
    let kept = address.clone();
    let id = worker.vault_job(
        Job {
            // One that nobody asked for is told on the page.
            quiet: !asked,
            ..Job::shown(
                "vault-push",
                mark!("Saving to the vault"),
                mark!("save to the vault"),
            )
        },
        move |progress| {
            let pushed = runs::logged(
                &paths.backups(),
                runs::Kind::Vault,
                None,
                Some(&about),
                &clock,
                || {
                    let vault = locked.unlock(progress)?.open()?;
                    tidy::push_and_thin(&vault, &paths.folder, &prepared, &wanted, all_the_same)
                },
                Pushed::told,
            )?;
            Ok((pushed, covers))
        },
        move |worker, result| worker.push_ended(&kept, result, asked),
    )?;
    worker.vaults.busy = Some((address, Some(id)));
    Ok(())
}

/// Reads everything that is there.
pub(super) fn verify(worker: &mut Worker, address: &str) -> Result<()> {
    worker.refuse_when_busy()?;
    let locked = worker.locked(address)?;
    let address = address.to_owned();
    let kept = address.clone();
    worker.vaults.busy = Some((address.clone(), None));
    let started = worker.vault_job(
        Job::shown(
            "vault-verify",
            mark!("Reading the vault"),
            mark!("verify the vault"),
        ),
        move |progress| locked.unlock(progress)?.open()?.check(true),
        move |worker, result| {
            worker.vaults.busy = None;
            if let Ok(findings) = result {
                let now = worker.config.clock.now();
                if let Ok(entry) = worker.entry_mut(&kept) {
                    entry.verified(now, findings.errors.first());
                }
                worker.keep_or_notice();
                tell(
                    worker,
                    VaultEvent::Verified {
                        address: kept,
                        findings: findings.errors,
                        spare: findings.spare,
                    },
                );
            }
            worker.tell_places();
        },
    );
    match started {
        Ok(id) => worker.vaults.busy = Some((address, Some(id))),
        Err(error) => {
            worker.vaults.busy = None;
            return Err(error);
        }
    }
    worker.tell_places();
    Ok(())
}

impl Worker {
    /// As [`Self::background`]; `then` is told nothing when the profile was closed meanwhile: another
    /// one may save to the same place.
    pub(super) fn vault_job<T: Send + 'static>(
        &mut self,
        job: Job,
        work: impl FnOnce(&Progress) -> Result<T> + Send + 'static,
        then: impl FnOnce(&mut Self, Result<T, UserMessage>) + Send + 'static,
    ) -> Result<JobId> {
        let round = self.vaults.round;
        self.background(job, work, move |worker, result| {
            if worker.vaults.round == round {
                then(worker, result);
            }
        })
    }

    /// Reads the list of a profile that was opened, also after a restore: what runs for it goes on.
    pub(in crate::service) fn start_vault_watch(&mut self) {
        self.vaults.told = None;
        self.vaults.entries.clear();
        let Ok(folder) = self.profile_folder() else {
            return;
        };
        match book::load(&folder) {
            Ok(entries) => self.vaults.entries = entries,
            Err(error) => self.notice(t!("read the list of copies elsewhere"), &error),
        }
    }

    /// Its profile is being closed; what was sent already is used by the next run.
    pub(in crate::service) fn stop_vaults(&mut self) {
        if let Some((_, Some(id))) = self.vaults.busy {
            self.jobs.cancel(id);
        }
        sign_in::stop(self);
        self.vaults = VaultWatch {
            round: self.vaults.round + 1,
            signing: self.vaults.signing.take(),
            ..VaultWatch::default()
        };
    }

    /// Saves to what is due, one place at a time.
    pub(in crate::service) fn watch_vaults(&mut self, idle: Duration) {
        if self.vaults.entries.is_empty() {
            return;
        }
        if self.vaults.busy.is_none() && !self.backups.is_frozen() {
            let is_due = |decision| matches!(decision, Decision::Run | Decision::Hold(_));
            let due = self.places().into_iter();
            let due: Vec<_> = due.filter(|(_, decision)| is_due(*decision)).collect();
            let far = due
                .iter()
                .any(|(place, _)| place.entry.destination.is_far());
            let free = due.iter().find(|(_, decision)| *decision == Decision::Run);
            if !due.is_empty()
                && self.knows_machine(far)
                && let Some((place, _)) = free
                && let Err(error) = push_to(self, &place.address, false)
            {
                let message = crate::explain::explain(t!("save to the vault"), &error);
                self.push_ended(&place.address, Err(message), false);
            }
        }
        if self.vaults.busy.is_none()
            && let Some((address, asked)) = self.next_trial(idle)
            && let Err(error) = vault_trial::drill(self, &address, asked)
        {
            self.notice(t!("restore from the vault for a trial"), &error);
        }
        self.tell_places();
    }

    fn places(&mut self) -> Vec<(Place, Decision)> {
        let suspended = self.backups.is_suspended();
        let now = self.config.clock.local(self.config.clock.now());
        let known = self.collection().and_then(|collection| {
            let storage = collection.storage();
            Ok((storage.col_row()?.mtime, storage.is_empty()?))
        });
        let busy = self
            .vaults
            .busy
            .as_ref()
            .map(|(address, _)| address.clone());
        let place = |entry: &Entry| {
            let address = entry.destination.to_string();
            let is_busy = busy.as_ref() == Some(&address);
            let decision = match &known {
                Ok((modified, empty)) => {
                    let mut state = entry.state(*modified);
                    state.running = is_busy;
                    state.suspended = suspended;
                    state.empty = *empty;
                    state.hold = match self.backups.is_alarmed() {
                        true => Some(Hold::Answer),
                        false => self.held(entry.destination.is_far()),
                    };
                    decide(&state, entry.schedule, &now)
                }
                Err(_) => Decision::Rest,
            };
            let next = match decision {
                Decision::Wait(when) => Some(when),
                _ => None,
            };
            let hold = match decision {
                Decision::Hold(hold) => Some(hold),
                _ => None,
            };
            let entry = entry.clone();
            let place = Place {
                address,
                entry,
                busy: is_busy,
                next,
                hold,
            };
            (place, decision)
        };
        self.vaults.entries.iter().map(place).collect()
    }

    /// To faces, when it differs from what they know.
    pub(super) fn tell_places(&mut self) {
        let places: Vec<Place> = self.places().into_iter().map(|(place, _)| place).collect();
        if self.vaults.told.as_ref() != Some(&places) {
            self.vaults.told = Some(places.clone());
            tell(self, VaultEvent::Places(places));
        }
    }

    /// One to which copies should go by themselves.
    pub(in crate::service) fn place_that_needs_help(&self, now: TimestampMillis) -> Option<String> {
        let mut places = self.vaults.entries.iter();
        let place = places.find(|entry| entry.schedule.is_on() && entry.needs_help(now))?;
        Some(place.destination.label())
    }

    fn push_ended(
        &mut self,
        address: &str,
        result: Result<(Pushed, TimestampMillis), UserMessage>,
        asked: bool,
    ) {
        self.vaults.busy = None;
        // Media files were looked at.
        self.backups.look_at_alarm();
        self.send_backup_status();
        let now = self.config.clock.now();
        // Gone, when the profile was closed meanwhile.
        let (Ok(profile), Ok(entry)) = (self.profile_folder(), self.entry_mut(address)) else {
            return;
        };
        let address = address.to_owned();
        let mut notice = None;
        let event = match result {
            Ok((pushed, collection_mod)) => {
                notice = pushed.notice;
                let findings = pushed.findings.errors.clone();
                entry.saved(
                    &profile,
                    book::copy_of(&pushed, now, collection_mod),
                    findings.first(),
                );
                entry.thinned(now, pushed.thinned.as_ref());
                Some(match findings.is_empty() {
                    true => VaultEvent::Pushed { address, asked },
                    false => VaultEvent::Verified {
                        address,
                        findings,
                        spare: 0,
                    },
                })
            }
            Err(message) => {
                // One that was stopped is tried again as one that failed: later.
                entry.failed(now, message.kept);
                None
            }
        };
        self.keep_or_notice();
        self.send_backup_status();
        if let Some(event) = event {
            tell(self, event);
        }
        if let Some(words) = notice {
            self.emit(Event::Notice(say(words).to_owned()));
        }
        self.tell_places();
    }

    pub(super) fn refuse_when_busy(&self) -> Result<()> {
        match &self.vaults.busy {
            None => Ok(()),
            Some(_) => Err(Error::new(
                ErrorKind::Unavailable,
                mark!("another copy is being worked on"),
            )),
        }
    }

    fn profile_folder(&mut self) -> Result<PathBuf> {
        Ok(self.open_profile_mut()?.paths.folder.clone())
    }

    pub(super) fn entry_mut(&mut self, address: &str) -> Result<&mut Entry> {
        let entries = &mut self.vaults.entries;
        entries
            .iter_mut()
            .find(|e| e.destination.to_string() == address)
            .ok_or_else(|| Error::not_found(mark!("this place is not in the list any more")))
    }

    fn save_places(&mut self) -> Result<()> {
        let folder = self.profile_folder()?;
        book::save(&folder, &self.vaults.entries)
    }

    fn keep_places(&mut self) -> Result<()> {
        self.save_places()?;
        self.tell_places();
        Ok(())
    }

    pub(super) fn keep_or_notice(&mut self) {
        if let Err(error) = self.keep_places() {
            self.notice(t!("keep the list of copies elsewhere"), &error);
        }
    }

    /// With an account that is in no keychain yet.
    fn setting(
        &self,
        destination: Destination,
        account: Option<Secret>,
        password: Secret,
    ) -> Setting {
        let renewed = &self.vaults.renewed;
        Setting {
            destination,
            keep: account.as_ref().map(|given| renewed.keep(given)),
            account: account.map(|given| renewed.latest(&given)),
            password,
            opened: self.vaults.opened.clone(),
            net: self.config.net.clone(),
            clock: self.config.clock.clone(),
            progress: Progress::new(),
            patience: Patience::default(),
        }
    }

    pub(super) fn locked(&mut self, address: &str) -> Result<Locked> {
        let destination = self.entry_mut(address)?.destination.clone();
        let profile = self.profile_folder()?;
        Ok(Locked {
            keychain: Some((
                self.secrets(),
                [vault_secret(&profile, address), destination.account_name()],
            )),
            setting: self.setting(destination, None, Secret::default()),
        })
    }

    /// What opens each vault to which something was saved, and the names under which it was.
    pub(super) fn saved_vaults(&mut self) -> Vec<(String, Vec<Former>, Locked)> {
        let saved = self.vaults.entries.iter().filter(|e| e.last.is_some());
        let saved: Vec<(String, Vec<Former>)> = saved
            .map(|e| (e.destination.to_string(), e.former.clone()))
            .collect();
        let open = |(address, former): (String, Vec<Former>)| {
            let locked = self.locked(&address).ok()?;
            Some((address, former, locked))
        };
        saved.into_iter().filter_map(open).collect()
    }

    /// What opens the vault that is meant.
    pub(super) fn opens(&mut self, source: &Source) -> Result<Locked> {
        let place = match source {
            Source::Known { address } => return self.locked(address),
            Source::Typed(place) => place,
        };
        let account = Some(place.account.clone()).filter(|a| !a.is_empty());
        let destination = place.address.trim().parse()?;
        Ok(Locked {
            setting: self.setting(destination, account, place.password.clone()),
            keychain: None,
        })
    }
}
