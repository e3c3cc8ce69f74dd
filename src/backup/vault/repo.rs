//! The one place that names the crate of the repository format. Snapshots in, snapshots out; its
//! errors and progress in our words. What reads the files of snapshots is in `contents`, what saves
//! them in `archive`.

mod archive;
mod check;
mod contents;
mod cuts;
mod key;
mod opened;
mod packing;
mod packs;
mod parallel;
mod password;
mod quiet;
mod seal;
mod weigh;

pub use check::Findings;
pub(super) use contents::{Came, Listed};
pub use opened::Opened;

use super::Setting;
use super::backend::{self, Backend, theirs};
use super::destinations::{Found, Place};
use super::lock::Held;
use super::newest;
use super::watch::Watch;
use crate::backup::readme;
use crate::base::job::Progress;
use crate::base::time::{Clock, TimestampMillis};
use crate::base::{Error, ErrorKind, Result, Secret};
use crate::{mark, t};
use rustic_core::repofile::{IndexFile, MasterKey, RepoFile, SnapshotFile};
use rustic_core::{
    ConfigOptions, Credentials, FileType, Id, KeyOptions, OpenStatus, ProgressBars, ProgressType,
    RepairIndexOptions, Repository, RepositoryBackends, RepositoryOptions, RusticProgress,
    RusticResult, SnapshotOptions,
};
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// A study day changes few pages here and there: small chunks keep what stays apart from what
/// changed. Fixed when a vault is made.
const CHUNK: &str = "64 KiB";
/// Before it no end is looked for; a study day still takes less than a third of the collection.
const SMALLEST_CHUNK: &str = "64 KiB";
const LARGEST_CHUNK: &str = "512 KiB";
/// Of zstd. Media do not shrink, and for each of the small chunks the usual level would clear
/// tables that are larger than the chunk.
const LEVEL: i32 = 1;
/// A pack is read and written as one: small ones keep both cores busy until the end.
const PACK: &str = "16 MiB";
/// Services take so much at once.
const LARGEST_PACK: &str = "64 MiB";
const LARGEST_CONFIG: u64 = 1 << 20;
/// A header with nothing in it, and its length.
const SHORTEST_PACK: u64 = 36;
/// Where keys go that open no vault.
const KEYS_BEFORE: &str = "keys-before";

/// One state that was saved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// 64 hexadecimal digits; `restic` takes the first eight.
    pub id: String,
    pub time: TimestampMillis,
    /// Higher was made later, whatever the clock said then.
    pub order: i64,
    pub machine: String,
    /// The profile; empty where another program made it.
    pub label: String,
    /// The folder that was saved, as it is called inside.
    pub path: String,
    pub files: u64,
    /// Of the files.
    pub bytes: u64,
    /// That were new and had to be sent, compressed.
    pub added: u64,
    /// What is in it, for people.
    pub description: String,
}

/// Files of the repository, each with its name.
type Files<F> = Vec<(<F as RepoFile>::Id, F)>;

/// The snapshots as far as they can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Newest first.
    pub snapshots: Vec<Snapshot>,
    /// So many more are there whose file is damaged.
    pub damaged: u64,
}

impl Listing {
    /// For people; None when all can be read.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        match self.damaged {
            0 => None,
            1 => Some(mark!("1 snapshot cannot be read: its file is damaged").to_owned()),
            n => Some(mark!(
                "{n} snapshots cannot be read: their files are damaged",
                n
            )),
        }
    }
}

/// An open vault.
pub struct Repo {
    inner: Repository<OpenStatus>,
    backends: RepositoryBackends,
    place: Arc<dyn Place>,
    watch: Arc<Watch>,
    held: Arc<Mutex<Option<Held>>>,
    clock: Clock,
    machine: String,
    /// That of the password by which it was opened.
    key_file: Option<Id>,
}

struct Start {
    backends: RepositoryBackends,
    place: Arc<dyn Place>,
    watch: Arc<Watch>,
    held: Arc<Mutex<Option<Held>>>,
}

impl Start {
    fn at(setting: &Setting) -> Result<Self> {
        quiet::about_caught_panics();
        let place = setting.destination.open(setting)?;
        let watch = Arc::new(Watch::new(setting.progress.clone(), setting.patience));
        let held = Arc::new(Mutex::new(None));
        let backend = Arc::new(Backend {
            place: Arc::clone(&place),
            watch: Arc::clone(&watch),
            held: Arc::clone(&held),
            packs: Mutex::default(),
        });
        Ok(Self {
            backends: RepositoryBackends::new(backend, None),
            place,
            watch,
            held,
        })
    }

    /// Whether there is a vault.
    fn exists(&self) -> Result<bool> {
        let size = self.watch.patiently(|| self.place.size("config"))?;
        if size.is_some_and(|size| size > LARGEST_CONFIG) {
            return Err(Error::corrupt(mark!(
                "the settings of the vault are damaged"
            )));
        }
        Ok(size.is_some())
    }

    /// Of a vault whose `config` is gone, snapshots are left; a new one in its place would make
    /// them useless.
    fn require_no_rest(&self) -> Result<()> {
        let list = || self.place.list("snapshots");
        if self.watch.patiently(list)?.is_empty() {
            return Ok(());
        }
        Err(Error::corrupt(mark!(
            "there is a vault at this place whose file “config” is missing; bring that file back \
             from a copy of the vault, or choose another place"
        )))
    }

    /// Sets keys aside of an attempt to make a vault that ended before there was a `config`: the same
    /// password opens them, and they would be taken for the key of the next one. None is lost: that
    /// of a vault whose other files are still on their way here, as in a folder that a cloud service
    /// fills, is all that opens it. A key file is named by the hash of what is in it; nothing else
    /// goes.
    fn set_keys_of_none_aside(&self) -> Result<()> {
        for file in self.watch.patiently(|| self.place.list("keys"))? {
            let path = format!("keys/{}", file.name);
            let Ok(named) = file.name.parse::<Id>() else {
                continue;
            };
            let bytes = match self.watch.patiently(|| self.place.read(&path, None)) {
                Err(e) if e.kind() == ErrorKind::NotFound => continue,
                read => read?,
            };
            if Id::new(Sha256::digest(&bytes).into()) == named {
                let aside = format!("{KEYS_BEFORE}/{}", file.name);
                let keep = || self.place.write(&aside, vec![bytes.clone()]);
                self.watch.patiently(keep)?;
                self.watch.patiently(|| self.place.remove(&path))?;
            }
        }
        Ok(())
    }

    fn opened(
        self,
        setting: &Setting,
        credentials: &Credentials,
        open: impl FnOnce(Repository<()>, &Credentials) -> RusticResult<Repository<OpenStatus>>,
    ) -> Result<Repo> {
        let opened =
            || closed(&self.backends, &self.watch).and_then(|repo| open(repo, credentials));
        let inner = guarded(&self.watch, opened)?;
        Ok(Repo {
            key_file: inner.key_id().as_deref().copied(),
            inner,
            backends: self.backends,
            place: self.place,
            watch: self.watch,
            held: self.held,
            clock: setting.clock.clone(),
            machine: machine(),
        })
    }
}

/// Calls the crate. A panic in it must not take the program with it.
fn guarded<T>(watch: &Watch, work: impl FnOnce() -> RusticResult<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|e| reason(watch, &e)),
        Err(_) => Err(watch.take_fault().unwrap_or_else(|| {
            Error::bug("the vault could not be worked on, and it did not say why")
        })),
    }
}

/// A vault without keys says of each password that it is wrong.
fn no_key(error: Error, place: &dyn Place) -> Error {
    let is_empty = || place.list("keys").is_ok_and(|keys| keys.is_empty());
    if error.kind() == ErrorKind::WrongPassword && is_empty() {
        return Error::corrupt(mark!(
            "the vault has no keys any more, so that no password opens it; bring its folder “keys” \
             back from a copy of the vault"
        ));
    }
    error
}

fn closed(backends: &RepositoryBackends, watch: &Watch) -> RusticResult<Repository<()>> {
    let options = RepositoryOptions::default().no_cache(true);
    Repository::new_with_progress(&options, backends, Bars(watch.progress()))
}

/// Ours, when something of ours failed first.
fn reason(watch: &Watch, error: &rustic_core::RusticError) -> Error {
    watch.take_fault().unwrap_or_else(|| theirs(error))
}

/// The name of this machine.
fn machine() -> String {
    SnapshotOptions::default()
        .to_snapshot()
        .map(|snapshot| snapshot.hostname)
        .unwrap_or_default()
}

fn layout() -> Result<ConfigOptions> {
    let size = |text: &str| {
        text.parse()
            .map(Some)
            .map_err(|_| Error::bug("a size of the vault is not understood"))
    };
    let mut options = ConfigOptions::default();
    options.set_chunk_size = size(CHUNK)?;
    options.set_chunk_min_size = size(SMALLEST_CHUNK)?;
    options.set_chunk_max_size = size(LARGEST_CHUNK)?;
    options.set_datapack_size = size(PACK)?;
    options.set_datapack_size_limit = size(LARGEST_PACK)?;
    options.set_compression = Some(LEVEL);
    Ok(options)
}

impl Repo {
    pub(super) fn init(setting: &Setting) -> Result<Self> {
        if setting.password.is_empty() {
            return Err(Error::invalid(mark!("the password is empty")));
        }
        let start = Start::at(setting)?;
        start.watch.patiently(|| start.place.make_folders(&[]))?;
        if start.exists()? {
            return Err(Error::new(
                ErrorKind::Taken,
                mark!("there is a vault at this place already; use it, or choose another place"),
            ));
        }
        start.require_no_rest()?;
        start.set_keys_of_none_aside()?;
        let layout = layout()?;
        let master = MasterKey::new();
        // Before `config` is there, which makes it a vault.
        let file = key::add(&*start.place, &start.watch, &master, &setting.password)?;
        let master = Credentials::Masterkey(master);
        let repo = start.opened(setting, &master, |repo, credentials| {
            repo.init(credentials, &KeyOptions::default(), &layout)
        })?;
        repo.explain_itself();
        Ok(Self {
            key_file: Some(file),
            ..repo
        })
    }

    /// Says in the folder how to open it without us; a text that cannot be written stops nothing.
    fn explain_itself(&self) {
        let text = || bytes::Bytes::from_static(readme::VAULT.as_bytes());
        let written = self.place.size(readme::NAME).and_then(|size| match size {
            Some(_) => Ok(()),
            None => self.place.write(readme::NAME, vec![text()]),
        });
        if let Err(error) = written {
            tracing::warn!("the vault has no {}: {error}", readme::NAME);
        }
    }

    pub(super) fn open(setting: &Setting) -> Result<Self> {
        let start = Start::at(setting)?;
        if !start.exists()? {
            start.require_no_rest()?;
            return Err(Error::not_found(mark!(
                "there is no vault at this place yet"
            )));
        }
        if let Some((file, key)) = start.known_key(setting) {
            let key = Credentials::Masterkey(key);
            let opened = start.opened(setting, &key, Repository::open)?;
            return Ok(Self {
                key_file: Some(file),
                ..opened
            });
        }
        let password = Credentials::password(setting.password.expose());
        let place = Arc::clone(&start.place);
        let repo = start
            .opened(setting, &password, Repository::open)
            .map_err(|e| no_key(e, &*place))?;
        setting.opened.keep(setting, &repo.inner);
        Ok(repo)
    }

    fn call<T>(&self, work: impl FnOnce() -> RusticResult<T>) -> Result<T> {
        guarded(&self.watch, work)
    }

    /// Another one of the same, because reading the index takes one over.
    fn again(&self) -> RusticResult<Repository<OpenStatus>> {
        let key = Credentials::Masterkey(self.inner.key());
        closed(&self.backends, &self.watch)?.open(&key)
    }

    pub(in crate::backup) fn progress(&self) -> Progress {
        self.watch.progress()
    }

    /// From now on `progress` is told what goes on, and can cancel.
    pub(super) fn follow(&self, progress: &Progress) {
        self.watch.follow(progress);
    }

    /// The name of this computer, as snapshots have it.
    pub(in crate::backup) fn machine(&self) -> &str {
        &self.machine
    }

    /// Of the repository, 64 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        self.inner.config().id.to_hex().as_str().to_owned()
    }

    /// Fails when the whole vault cannot be found any more: its disk was taken away.
    fn require_vault(&self) -> Result<()> {
        match self.watch.patiently(|| self.place.size("config"))? {
            Some(_) => Ok(()),
            None => Err(Error::not_found(mark!(
                "the vault went away while it was read"
            ))),
        }
    }

    /// Bytes that were sent since it was opened.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.watch.written()
    }

    /// Does `work` as the only writer. What an interrupted writer left unlisted is listed first.
    pub(super) fn exclusively<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let taken = self
            .watch
            .patiently(|| Held::take(&self.place, &self.machine, &self.clock))?;
        let mend = taken.after_unfinished;
        *self.lock() = Some(taken);
        let worked = self.put_in_order(mend).and_then(|()| work());
        if worked.is_ok()
            && let Some(held) = &mut *self.lock()
        {
            held.finished();
        }
        let held = self.lock().take();
        drop(held);
        worked
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put_in_order(&self, after_unfinished: bool) -> Result<()> {
        if after_unfinished || self.lacks_index()? {
            self.make_index()?;
        }
        Ok(())
    }

    /// Whether there are snapshots and nothing says where their parts are.
    fn lacks_index(&self) -> Result<bool> {
        let is_empty = |folder| {
            let listed = self.watch.patiently(|| self.place.list(folder))?;
            Ok::<_, Error>(listed.is_empty())
        };
        Ok(is_empty("index")? && !is_empty("snapshots")?)
    }

    /// Lists what is there and not in the index. As the only writer.
    pub(super) fn make_index(&self) -> Result<()> {
        self.progress()
            .stage(t!("Looking for what was sent before"), 0)?;
        let index = self.drop_damaged_index()?;
        self.watch.pass_over(self.torn_packs(&index)?);
        let options = RepairIndexOptions::default();
        let made = self.call(|| self.inner.repair_index(&options, false));
        self.watch.pass_over(HashSet::new());
        made?;
        self.watch.take_fault().map_or(Ok(()), Err)
    }

    /// Whether a pack that is in the index is gone, or is not what was written.
    pub(super) fn has_lost(&self) -> Result<bool> {
        for (pack, size) in self.not_listed()? {
            if self.is_lost(pack, size)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// All of which [`Self::has_lost`] asks.
    fn lost_packs(&self) -> Result<HashSet<Id>> {
        let mut lost = HashSet::new();
        for (pack, size) in self.not_listed()? {
            if self.is_lost(pack, size)? {
                lost.insert(pack);
            }
        }
        Ok(lost)
    }

    /// Packs of the index with their sizes, of which the list of packs says that they are gone or are
    /// not what was written. Each is to be asked for by itself: lists of services can lag behind what
    /// was sent just now.
    fn not_listed(&self) -> Result<Vec<(Id, u64)>> {
        let (index, _) = self.files_of::<IndexFile>()?;
        let listed = self.watch.patiently(|| self.place.list("data"))?;
        let listed: HashMap<Id, u64> = listed
            .into_iter()
            .filter_map(|file| Some((file.name.parse().ok()?, file.size)))
            .collect();
        let packs = index.iter().flat_map(|(_, file)| &file.packs);
        Ok(packs
            .map(|pack| (*pack.id, u64::from(pack.pack_size())))
            .filter(|(pack, size)| listed.get(pack) != Some(size))
            .collect())
    }

    fn is_lost(&self, pack: Id, size: u64) -> Result<bool> {
        let path = backend::path(FileType::Pack, &pack);
        Ok(self.watch.patiently(|| self.place.size(&path))? != Some(size))
    }

    /// Packs that are not what was written: of another size than the `index` says, or too short to be
    /// any. The crate would look for their headers before their beginnings.
    fn torn_packs(&self, index: &Files<IndexFile>) -> Result<HashSet<String>> {
        let packs = index.iter().flat_map(|(_, file)| &file.packs);
        let sizes: HashMap<Id, u64> = packs
            .map(|pack| (*pack.id, u64::from(pack.pack_size())))
            .collect();
        let is_torn = |file: &Found| {
            let known = file.name.parse().ok().and_then(|id: Id| sizes.get(&id));
            known.map_or(file.size < SHORTEST_PACK, |size| *size != file.size)
        };
        let listed = self.watch.patiently(|| self.place.list("data"))?;
        let torn = listed.into_iter().filter(is_torn).map(|file| file.name);
        Ok(torn.collect())
    }

    /// All that the index says stands in the packs, too. Returns what of it is sound.
    fn drop_damaged_index(&self) -> Result<Files<IndexFile>> {
        let (index, damaged) = self.files_of::<IndexFile>()?;
        if damaged == 0 {
            return Ok(index);
        }
        let sound: HashSet<Id> = index.iter().map(|(id, _)| **id).collect();
        for file in self.watch.patiently(|| self.place.list("index"))? {
            let is_damaged = file.name.parse().is_ok_and(|id| !sound.contains(&id));
            if is_damaged {
                let path = format!("index/{}", file.name);
                self.watch.patiently(|| self.place.remove(&path))?;
            }
        }
        Ok(index)
    }

    /// What `read` makes of the vault with its index; of one that is damaged, after `mend`.
    fn with_index<T>(
        &self,
        read: impl Fn(Repository<OpenStatus>) -> RusticResult<T>,
        mend: impl FnOnce() -> Result<()>,
    ) -> Result<T> {
        let read = || self.call(|| read(self.again()?));
        match read() {
            Err(error) if error.kind() == ErrorKind::Corrupt => {
                mend()?;
                read()
            }
            done => done,
        }
    }

    /// One that is damaged keeps nobody from the others.
    pub fn listing(&self) -> Result<Listing> {
        let (files, damaged) = self.files_of::<SnapshotFile>()?;
        let with_id = |(id, file)| listed(&SnapshotFile { id, ..file });
        let mut snapshots: Vec<_> = files.into_iter().map(with_id).collect();
        snapshots.sort_by(|a, b| b.order.cmp(&a.order).then_with(|| b.id.cmp(&a.id)));
        Ok(Listing { snapshots, damaged })
    }

    /// Those that can be read, newest first.
    pub fn snapshots(&self) -> Result<Vec<Snapshot>> {
        Ok(self.listing()?.snapshots)
    }

    /// The files of a kind that can be read, and how many are damaged. One that cannot be reached is
    /// an error.
    fn files_of<F: RepoFile>(&self) -> Result<(Files<F>, u64)> {
        let (mut files, mut damaged) = (Vec::new(), 0);
        self.call(|| {
            for file in self.inner.stream_files::<F>()? {
                match file {
                    Ok(file) => files.push(file),
                    Err(error) if self.watch.has_failed() => return Err(error),
                    Err(_) => damaged += 1,
                }
            }
            Ok(())
        })?;
        Ok((files, damaged))
    }

    /// A second password that opens the vault, to be kept elsewhere.
    pub fn add_password(&self, password: &Secret) -> Result<()> {
        if password.is_empty() {
            return Err(Error::invalid(mark!("the password is empty")));
        }
        key::add(&*self.place, &self.watch, &self.inner.key(), password).map(drop)
    }
}

fn listed(file: &SnapshotFile) -> Snapshot {
    let summary = file.summary.clone().unwrap_or_default();
    let time = TimestampMillis(file.time.timestamp().as_millisecond());
    Snapshot {
        id: file.id.to_hex().as_str().to_owned(),
        time,
        order: newest::order_of(time, file.tags.iter().map(String::as_str)),
        machine: file.hostname.clone(),
        label: file.label.clone(),
        path: file.paths.iter().next().cloned().unwrap_or_default(),
        files: summary.total_files_processed,
        bytes: summary.total_bytes_processed,
        added: summary.data_added_packed,
        description: file.description.clone().unwrap_or_default(),
    }
}

#[derive(Debug)]
struct Bars(Progress);

impl ProgressBars for Bars {
    fn progress(&self, kind: ProgressType, prefix: &str) -> rustic_core::Progress {
        let stage = match kind {
            ProgressType::Bytes if prefix.starts_with("reading pack") => t!("Reading the vault"),
            _ => return rustic_core::Progress::hidden(),
        };
        let progress = self.0.clone();
        rustic_core::Progress::new(Bar { progress, stage })
    }
}

/// A cancel is noticed by the next request.
#[derive(Debug)]
struct Bar {
    progress: Progress,
    stage: &'static str,
}

impl RusticProgress for Bar {
    fn is_hidden(&self) -> bool {
        false
    }

    fn set_length(&self, bytes: u64) {
        let _ = self.progress.stage_bytes(self.stage, bytes);
    }

    fn set_title(&self, _: &str) {}

    fn inc(&self, bytes: u64) {
        let _ = self.progress.step(bytes);
    }

    fn finish(&self) {}
}
