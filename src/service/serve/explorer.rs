//! The Backup Explorer: an unpacked backup stays open on the worker, read-only, until it is closed
//! or another one is opened. Opening and recovering are jobs.

use crate::backup::media_source::MediaSource;
use crate::backup::name::any_time;
use crate::backup::recover_media::{RecoveredMedia, recover_media};
use crate::backup::stage::{Backup, MediaWish, Verified};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files::is_same_file;
use crate::base::ids::{CardId, NoteId};
use crate::base::job::Progress;
use crate::base::time::{Clock, TimestampMillis};
use crate::collection::card_html::render_card;
use crate::collection::explore::Explorer;
use crate::collection::recover::{Wish, media_of};
use crate::collection::{Collection, changed_since};
use crate::domain::explorer::{Detail, Item, RecoveredFrom, SinceKinds};
use crate::domain::op::Op;
use crate::domain::recovery::Mode;
use crate::explain::{explain, explain_of_backup};
use crate::media::folder::is_away;
use crate::service::browse::{BrowseEvent, BrowseRequest};
use crate::service::event::{Event, Undone};
use crate::service::explorer::{BackupCard, ExplorerEvent, ExplorerRequest};
use crate::service::looks::{COMPARING, COUNTING, Look};
use crate::service::profiles::ProfilePaths;
use crate::service::request::Request;
use crate::service::serve::explorer_away::{Away, bring};
use crate::service::serve::explorer_media::{compare_media, files_of, list_media, unpack_for};
use crate::service::worker::{Job, Worker, no_collection};
use crate::storage::Storage;
use crate::storage::inspect::open_watched;
use crate::{mark, t};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// The open backup. The explorer reads a file inside the staging folder, which goes away with
/// `backup`: keep the order.
#[derive(Debug)]
pub(in crate::service) struct OpenBackup {
    explorer: Explorer,
    /// Opened when the first file is asked for.
    media: Option<MediaSource>,
    /// Where files that are not here yet come from.
    pub(super) away: Option<Away>,
    /// Why its media files cannot be listed.
    no_media: Option<Error>,
    /// A job that reads the file too keeps it as long.
    backup: Arc<Backup<Verified>>,
}

impl Worker {
    /// Whether a backup will be open when the running task is done, and is not yet: it is being
    /// unpacked, or a recovery has it.
    fn is_comparing(&self) -> bool {
        let comes = self.is_looking(Look::Backup) || self.lent_to.is_some();
        self.explored.is_none() && comes
    }

    /// Nobody waits for that backup any more.
    pub(in crate::service) fn stop_opening(&mut self) {
        self.end_look(Look::Backup);
        self.end_look(Look::Workload);
        // Also one that waits for the collection.
        self.waiting
            .retain(|request| !matches!(request, Request::Explorer(_)));
    }
}

impl OpenBackup {
    fn media(&mut self) -> Result<&mut MediaSource> {
        match &mut self.media {
            Some(source) => Ok(source),
            none => Ok(none.insert(MediaSource::of(self.explorer.path())?)),
        }
    }

    fn detail(&mut self, note: NoteId, present: &Storage, live: &Path) -> Result<Detail> {
        let mut detail = self.explorer.detail(note, present)?;
        let (then, now) = self.explorer.media_names(note, present)?;
        let waits = match &mut self.away {
            Some(away) => away.note_waits(note, &then),
            None => false,
        };
        let names_any = !then.is_empty() || !now.is_empty();
        // Of a disk that is absent nobody knows what was lost.
        if names_any && !waits && !is_away(live) {
            detail.media = compare_media(&then, &now, self.media()?, live)?;
        }
        Ok(detail)
    }

    /// None: its files have to come first.
    fn card(&mut self, card: CardId, live: &Path) -> Result<Option<BackupCard>> {
        let rendered = render_card(self.explorer.storage(), card)?;
        let wanted = files_of(&rendered);
        if let Some(away) = &mut self.away
            && away.card_waits(card, &wanted)
        {
            return Ok(None);
        }
        let folder = self.backup.media_folder();
        let source = self.media()?;
        let has_any = source.has_any();
        let media = if has_any {
            unpack_for(&wanted, source, &folder)?;
            folder
        } else {
            live.to_owned()
        };
        let media_of_now = !has_any && !wanted.is_empty();
        Ok(Some(BackupCard {
            sides: rendered.into(),
            media,
            media_of_now,
        }))
    }
}

pub(super) fn serve(worker: &mut Worker, request: &ExplorerRequest) -> Result<()> {
    if is_look(request) && worker.is_comparing() {
        // The page asks again when that is done.
        return Ok(());
    }
    match request {
        ExplorerRequest::Open { path } => open(worker, path),
        ExplorerRequest::List { show, search } => {
            let listing = explorer(worker)?.list(*show, search)?;
            tell(worker, ExplorerEvent::Listed(Box::new(listing)));
            Ok(())
        }
        ExplorerRequest::Rows { notes } => {
            let rows = explorer(worker)?.rows(notes)?;
            tell(worker, ExplorerEvent::Rows(rows));
            Ok(())
        }
        ExplorerRequest::Detail { note } => show_detail(worker, *note),
        ExplorerRequest::Card { card } => show_card(worker, *card),
        ExplorerRequest::Workload { number, modes } => count_workload(worker, *number, modes),
        ExplorerRequest::Recover {
            notes,
            mode,
            modes,
            media,
            items,
        } => {
            let mut wish = Wish {
                notes: notes.clone(),
                mode: *mode,
                modes: modes.clone(),
                ..Wish::default()
            };
            let mut ticked = BTreeSet::new();
            for item in items.iter().cloned() {
                match item {
                    Item::Media(name) => drop(ticked.insert(name)),
                    Item::Preset(id) => wish.presets.push(id),
                    Item::Search(name) => wish.searches.push(name),
                }
            }
            recover(worker, wish, *media, ticked)
        }
        ExplorerRequest::Close => {
            worker.stop_opening();
            worker.explored = None;
            Ok(())
        }
    }
}

/// Whether it shows something of the open backup.
fn is_look(request: &ExplorerRequest) -> bool {
    match request {
        ExplorerRequest::List { .. }
        | ExplorerRequest::Rows { .. }
        | ExplorerRequest::Detail { .. }
        | ExplorerRequest::Card { .. }
        | ExplorerRequest::Workload { .. } => true,
        ExplorerRequest::Open { .. } | ExplorerRequest::Recover { .. } | ExplorerRequest::Close => {
            false
        }
    }
}

fn tell(worker: &Worker, event: ExplorerEvent) {
    worker.emit(Event::Explorer(event));
}

fn explorer(worker: &Worker) -> Result<&Explorer> {
    let open = worker.explored.as_ref().ok_or_else(no_backup)?;
    Ok(&open.explorer)
}

fn open(worker: &mut Worker, path: &Path) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let clock = worker.config.clock.clone();
    let path = path.to_owned();
    worker.stop_opening();
    let fetched = Away::of(worker, &path);
    // Also one that was being opened until now. The same one serves until it is compared anew.
    let is_other = |open: &mut OpenBackup| *open.explorer.path() != path;
    drop(worker.explored.take_if(is_other));
    let asked = ExplorerRequest::Open { path: path.clone() };
    worker.look(
        Request::Explorer(asked),
        Job::shown(
            "explore",
            mark!("Opening the backup"),
            mark!("open the backup"),
        ),
        move |frozen, progress| {
            let (backup, storage) = unpack(&path, &paths, &clock, progress)?;
            let present = match &frozen {
                Some(frozen) => Some(open_watched(frozen.path(), progress)?),
                None => None,
            };
            let away = fetched.as_ref().map(|away| &**away.media());
            let media = list_media(&path, away, &paths.media());
            let explorer = Explorer::new(path, storage, present.as_ref(), clock, progress)?;
            let (media, no_media) = match media {
                Ok(media) => (media, None),
                Err(error) => (Vec::new(), Some(error)),
            };
            Ok(OpenBackup {
                explorer: explorer.with_media(media),
                media: None,
                away: None,
                no_media,
                backup: Arc::new(backup),
            })
        },
        |worker, result| match result {
            Ok(mut open) => {
                open.away = Away::of(worker, open.explorer.path());
                let opened = Box::new(open.explorer.opened().clone());
                let mut damage = open.explorer.damage();
                damage.extend(open.no_media.take());
                worker.explored = Some(open);
                worker.warn_of(&damage);
                tell(worker, ExplorerEvent::Opened(opened));
            }
            Err(message) => {
                worker.explored = None;
                tell(worker, ExplorerEvent::NotOpened(message));
            }
        },
    )
}

/// A copy of the backup's collection, brought to the present schema; it goes away with the first.
fn unpack(
    path: &Path,
    paths: &ProfilePaths,
    clock: &Clock,
    progress: &Progress,
) -> Result<(Backup<Verified>, Storage)> {
    // Closing another handle of it would drop the lock.
    if is_same_file(path, &paths.collection()) {
        return Err(Error::invalid(mark!(
            "this is the collection that is open; choose a backup of it"
        )));
    }
    let backup = Backup::to_explore(path)?.verify(&paths.folder, MediaWish::Ignore, progress)?;
    let storage = backup.open(clock, progress)?;
    Ok((backup, storage))
}

/// For the browser, beside study.
pub(super) fn changed_since(
    worker: &mut Worker,
    path: &Path,
    made: TimestampMillis,
    kinds: SinceKinds,
) -> Result<()> {
    let paths = worker.open_profile_mut()?.paths.clone();
    let clock = worker.config.clock.clone();
    let path = path.to_owned();
    let asked = BrowseRequest::ChangedSince {
        backup: path.clone(),
        made,
        kinds,
    };
    worker.look(
        Request::Browse(asked),
        Job::shown("changed since", COMPARING, mark!("compare with the backup")),
        move |frozen, progress| {
            let frozen = frozen.ok_or_else(no_collection)?;
            let (_backup, earlier) = unpack(&path, &paths, &clock, progress)?;
            let present = open_watched(frozen.path(), progress)?;
            changed_since::changed_since(&earlier, &present, kinds, progress)
        },
        move |worker, result| {
            if let Ok(rows) = result {
                let rows = Arc::new(rows);
                worker.emit(Event::Browse(BrowseEvent::ChangedSince {
                    made,
                    kinds,
                    rows,
                }));
            }
        },
    )
}

pub(super) fn show_detail(worker: &mut Worker, note: NoteId) -> Result<()> {
    let live = worker.open_profile_mut()?.paths.media();
    // Both are borrowed from the worker.
    let Some(mut open) = worker.explored.take() else {
        return Err(no_backup());
    };
    let detail = worker
        .collection()
        .and_then(|collection| open.detail(note, collection.storage(), &live));
    worker.explored = Some(open);
    tell(worker, ExplorerEvent::Detail(Box::new(detail?)));
    bring(worker)
}

pub(super) fn show_card(worker: &mut Worker, card: CardId) -> Result<()> {
    let live = worker.open_profile_mut()?.paths.media();
    let Some(open) = &mut worker.explored else {
        return Err(no_backup());
    };
    let event = match open.card(card, &live) {
        Ok(Some(shown)) => ExplorerEvent::Card(Arc::new(shown)),
        Ok(None) => return bring(worker),
        Err(error) => ExplorerEvent::NoCard {
            card,
            message: explain_of_backup(t!("show the card"), &error),
        },
    };
    tell(worker, event);
    Ok(())
}

fn count_workload(worker: &mut Worker, number: u64, modes: &BTreeMap<NoteId, Mode>) -> Result<()> {
    let wish = Wish {
        notes: modes.keys().copied().collect(),
        modes: modes.clone(),
        ..Wish::default()
    };
    let open = worker.explored.as_ref().ok_or_else(no_backup)?;
    let backup = Arc::clone(&open.backup);
    let earlier = open.explorer.storage().path().to_owned();
    let clock = worker.config.clock.clone();
    let asked = Request::Explorer(ExplorerRequest::Workload {
        number,
        modes: modes.clone(),
    });
    let job = Job::shown("workload", COUNTING, mark!("count what would be due"));
    worker.look(
        asked.clone(),
        Job { quiet: true, ..job },
        move |frozen, progress| {
            let _keeps_the_file = backup;
            let frozen = frozen.ok_or_else(no_collection)?;
            let earlier = open_watched(&earlier, progress)?;
            let present = open_watched(frozen.path(), progress)?;
            Collection::to_read(present, clock).recovery_workload(&earlier, &wish, progress)
        },
        move |worker, result| match result {
            Ok(load) => tell(worker, ExplorerEvent::Workload { number, load }),
            Err(message) => worker.emit(Event::failed(asked, message)),
        },
    )
}

fn no_backup() -> Error {
    Error::new(ErrorKind::Unavailable, mark!("no backup is open"))
}

/// The collection and the backup are lent to the job; afterwards the backup is compared anew.
/// The files in `ticked` come with them.
fn recover(
    worker: &mut Worker,
    mut wish: Wish,
    media: bool,
    ticked: BTreeSet<String>,
) -> Result<()> {
    worker.refuse_when_lent()?;
    let live = worker.open_profile_mut()?.paths.media();
    let Some(open) = worker.explored.take() else {
        return Err(no_backup());
    };
    worker.end_look(Look::Workload);
    let this = worker.look_number(Look::Backup);
    let path = open.explorer.path().clone();
    let day = match any_time(&path) {
        Some(time) => time.date(),
        None => {
            let clock = &worker.config.clock;
            clock.local(clock.now()).date()
        }
    };
    wish.tag = format!("recovered::{day}");
    wish.suffix = format!("({day})");
    let again = path.clone();
    worker.with_collection(
        Job::shown(
            "recover",
            mark!("Recovering notes"),
            mark!("recover the notes"),
        ),
        move |collection, progress| {
            let storage = open.explorer.storage();
            let mut with_files = wish.clone();
            let brings = |id: &NoteId| media || wish.mode_of(*id) == Mode::Media;
            with_files.notes.retain(brings);
            let mut wanted = media_of(storage, &with_files, collection.storage())?;
            wanted.extend(ticked.iter().cloned());
            let mut files = RecoveredMedia::default();
            let (mut renamed, mut left) = (Vec::new(), Vec::new());
            if !wanted.is_empty() {
                if let Some(away) = &open.away {
                    away.media().bring(&wanted, progress)?;
                }
                files = recover_media(&path, &wanted, &live, progress)?;
                left.append(&mut files.left);
                left.retain(|name| ticked.contains(name));
                renamed.extend(
                    ticked
                        .iter()
                        .filter_map(|name| files.renamed.get(name))
                        .cloned(),
                );
                wish.renamed_media = std::mem::take(&mut files.renamed);
            }
            match collection.recover(storage, &wish, progress) {
                Ok(output) => Ok((output, files, renamed, left)),
                Err(error) => {
                    files.take_back(&live);
                    Err(error)
                }
            }
        },
        move |worker, result| {
            if let Ok((output, files, media_renamed, media_left)) = result {
                let affected = output.value.notes.len() + output.value.put_back.len();
                if affected > 0
                    && let Err(error) =
                        worker.report(Op::RecoverNotes, Undone::No, &output, affected)
                {
                    worker.notice(t!("show what was recovered"), &error);
                }
                let recovered = RecoveredFrom {
                    done: output.value,
                    media_added: files.added.len(),
                    media_missing: files.missing,
                    media_renamed,
                    media_left,
                };
                tell(worker, ExplorerEvent::Recovered(Box::new(recovered)));
            }
            if worker.look_number(Look::Backup) != this {
                // Another one was chosen meanwhile, or the page was closed.
                return;
            }
            // Nothing is open any more.
            if let Err(error) = self::open(worker, &again) {
                let message = explain(t!("open the backup"), &error);
                tell(worker, ExplorerEvent::NotOpened(message));
            }
        },
    )
}
