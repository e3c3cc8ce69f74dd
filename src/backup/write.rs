//! Makes a backup from a frozen file: packed by one thread, read back behind it by a second,
//! checked as a database by a third, sent to the disk by a fourth. It gets its name only when all three agree and it is synced;
//! before that it is a temporary file which any failure removes.
//!
//! Media are hashed when they are read, and hashed again when they are read back. Not where an
//! encrypted package holds a file as it is, for a second hash would add nothing there: the archive's
//! checksum is taken of the very bytes that were hashed, and compared when they are read back; and
//! from there on the tag of each piece proves that the file holds what was encrypted. Packages in
//! plain have no tags, and what zstd made smaller may be something else when unpacked.

use super::entry::{Contents, Entry, Reason, Verification};
use super::follow::{FinishOnDrop, Growing, Tracked, Written, differs, follow, sync_along};
use super::runs::{self, Kind, Outcome};
use super::{catalog, name, place, preferences, readme, tripwire};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{BUFFER, PartialFile, sync_file};
use crate::base::job::Progress;
use crate::base::limits::FREE_SPACE_RESERVE;
use crate::base::time::Clock;
use crate::codec::meta::Generation;
use crate::formats::encryption::{self, Lock, Reopening, Sealing};
use crate::formats::reader::{Package, PackedMedia, ReadBack};
use crate::formats::writer::{Effort, Extra, MediaPacker, PackageWriter};
use crate::formats::zip_guard::require_space;
use crate::media::folder::MediaFile;
use crate::storage::inspect::{self, Checked, Depth};
use crate::storage::snapshot::FrozenFile;
use crate::{mark, t};
use jiff::ToSpan as _;
use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// That compress and check media.
const THREADS: usize = 2;
/// Runs of compressed media files of each thread that wait for the writer.
const AHEAD: usize = 1;
/// Media files that one thread compresses, or reads back, one after the other.
const NEIGHBOURS: usize = 16;
/// Bytes of media from which a run ends earlier: it is held in memory.
const RUN_BYTES: u64 = 1 << 19;
/// Bytes of a media file whose memory is used again; larger ones are few.
const KEPT: usize = BUFFER;
/// How many such memories wait for the next files of each thread.
const MOST_KEPT: usize = 8;
/// Bytes of media from which on room for them is asked for.
const WORTH_ROOM: u64 = 8 << 20;
/// Seconds that are tried when a name is taken.
const NAMES: i64 = 3600;
/// Collections of text shrink to between a half and a fifth.
const LEAST_SHRINKING: u64 = 8;

/// Makes a verified backup in the folder of backups of the profile in `profile_dir`, and notes it in
/// the catalogue there with the profile's preferences; then looks whether much changed without a
/// reason since the one before. Runs beside study: call it on another thread than the owner's, and
/// unfreeze afterwards, also after an error.
pub fn create(
    frozen: &FrozenFile,
    profile_dir: &Path,
    reason: Reason,
    clock: &Clock,
    progress: &Progress,
) -> Result<Entry> {
    let entry = create_of_other(frozen, profile_dir, reason, clock, progress)?;
    tripwire::look(profile_dir, frozen, &entry, clock);
    Ok(entry)
}

/// As [`create`], of a collection that is not the profile's own: nothing is compared.
pub(super) fn create_of_other(
    frozen: &FrozenFile,
    profile_dir: &Path,
    reason: Reason,
    clock: &Clock,
    progress: &Progress,
) -> Result<Entry> {
    let folder = &catalog::folder(profile_dir);
    place::make(folder)?;
    let preferences = preferences::read(profile_dir);
    runs::logged(
        folder,
        Kind::Backup,
        Some(reason),
        None,
        clock,
        || create_unlogged(frozen, folder, reason, preferences, clock, progress),
        |entry| {
            let name = entry.path.file_name().unwrap_or_default();
            (Outcome::Done, name.to_string_lossy().into_owned())
        },
    )
}

fn create_unlogged(
    frozen: &FrozenFile,
    folder: &Path,
    reason: Reason,
    preferences: Option<serde_json::Value>,
    clock: &Clock,
    progress: &Progress,
) -> Result<Entry> {
    // A file that no list can name is thinned by nobody, and the timer would add one each time.
    catalog::records(folder)?;
    let now = clock.now();
    let target = free_name(folder, clock)?;
    let order = Order {
        generation: generation_for(frozen.schema()),
        effort: Effort::for_size(frozen.size()),
        media: &[],
        extras: &[],
        lock: None,
        is_hashed: true,
    };
    let partial = PartialFile::create(&target)?;
    let (partial, written) = write_verified(frozen, partial, &order, progress)?;
    partial.commit_new()?;
    let verification = Verification::Verified { at: clock.now() };
    let record = catalog::Record {
        created: now,
        offset_mins_west: clock.offset_mins_west(now.secs()),
        sequence: 0,
        size: written.size,
        reason,
        verification: verification.clone(),
        pinned: None,
        note: String::new(),
        contents: Some(written.contents),
        collection_mod: Some(frozen.collection_mod()),
        blake3: written.blake3.map(|hash| hash.to_hex().to_string()),
        file_blake3: None,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        preferences,
    };
    catalog::add(&target, record)?;
    readme::in_backups(folder);
    Ok(Entry {
        path: target,
        created: now,
        size: written.size,
        reason,
        verification,
        pinned: None,
        note: String::new(),
        contents: Some(written.contents),
        keep: Vec::new(),
    })
}

/// What to put into a package.
pub(super) struct Order<'a> {
    pub generation: Generation,
    pub effort: Effort,
    pub media: &'a [MediaFile],
    /// Other files, that other programs pass over.
    pub extras: &'a [Extra],
    /// Encrypts all of it on its way to the file.
    pub lock: Option<&'a Lock>,
    /// Whether the hash of the collection is wanted.
    pub is_hashed: bool,
}

/// A package that was written and verified, but has no name yet.
pub(super) struct WrittenPackage {
    pub size: u64,
    /// Of the collection, where it is wanted.
    pub blake3: Option<blake3::Hash>,
    pub contents: Contents,
    pub media_files: u64,
}

/// Schema 11 travels in the older container, which says so.
fn generation_for(schema: u8) -> Generation {
    if schema < 14 {
        Generation::Legacy2
    } else {
        Generation::Latest
    }
}

/// Writes a package into `partial` and verifies it by reading it back; the caller names it.
pub(super) fn write_verified(
    frozen: &FrozenFile,
    mut partial: PartialFile,
    order: &Order<'_>,
    progress: &Progress,
) -> Result<(PartialFile, WrittenPackage)> {
    let target = &partial.target().to_owned();
    let folder = crate::base::files::parent(target)?;
    require_space(folder, frozen.size() / LEAST_SHRINKING + FREE_SPACE_RESERVE)?;
    let media_bytes: u64 = order.media.iter().map(|file| file.size).sum();
    progress.stage_bytes(
        t!("Writing and checking the backup"),
        frozen.size() + media_bytes,
    )?;
    // Never the last of it: the collection beside is written to meanwhile.
    if media_bytes >= WORTH_ROOM && require_space(folder, media_bytes + FREE_SPACE_RESERVE).is_ok()
    {
        partial.reserve(media_bytes);
    }
    let path = &partial.path().to_owned();
    let written = &Written::default();
    let ((blake3, media_files), checked) = thread::scope(|scope| {
        let check = spawn(scope, "backup-check", || {
            inspect::check_frozen(frozen, Depth::Quick, progress)
        })?;
        // To the end of the file: the last of it goes to the disk while it is read back.
        let sync = spawn(scope, "backup-sync", move || {
            sync_along(path, written)?;
            Ok(sync_file(path)?)
        })?;
        let done = pack(frozen, &mut partial, written, order, progress).and_then(|packed| {
            let media_files = read_back(path, order, &packed, progress)?;
            Ok((packed.blake3, media_files))
        });
        let (synced, checked) = (join(sync), join(check));
        let done = done?;
        synced?;
        Ok::<_, Error>((done, checked?))
    })
    .at(target)?;
    frozen.require_unchanged()?;
    let size = std::fs::metadata(path).at(path)?.len();
    Ok((
        partial,
        WrittenPackage {
            size,
            blake3,
            contents: contents_of(&checked),
            media_files,
        },
    ))
}

/// Starts a thread that ends with `scope`.
pub(super) fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() -> Result<T> + Send + 'scope,
) -> Result<thread::ScopedJoinHandle<'scope, Result<T>>> {
    let thread = thread::Builder::new().name(name.to_owned());
    Ok(thread.spawn_scoped(scope, work)?)
}

/// Its result, when it ends.
pub(super) fn join<T>(thread: thread::ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread
        .join()
        .map_err(|_| Error::bug("a thread of a backup or restore ended unexpectedly"))?
}

pub(super) fn contents_of(checked: &Checked) -> Contents {
    Contents {
        notes: checked.counts.notes,
        cards: checked.counts.cards,
        revlog: checked.counts.revlog,
    }
}

/// What the packing thread knows of the file when it is done.
struct PackedFile {
    blake3: Option<blake3::Hash>,
    /// Which of the media lie in it as they are.
    as_they_are: Vec<bool>,
    /// Where the collection's entry begins.
    start: u64,
    /// What they are, read back behind the writer.
    read: ReadBack,
    /// Of an encrypted file.
    reopening: Option<Reopening>,
}

/// Tells in `written` how far it is, and in any case when it ends.
fn pack(
    frozen: &FrozenFile,
    partial: &mut PartialFile,
    written: &Written,
    order: &Order<'_>,
    progress: &Progress,
) -> Result<PackedFile> {
    let path = &partial.path().to_owned();
    thread::scope(|scope| {
        let guard = FinishOnDrop(written);
        let out = BufWriter::with_capacity(BUFFER, Tracked::new(partial.file(), written));
        let generation = order.generation;
        let (mut out, (blake3, as_they_are), start, follower) = match order.lock {
            None => {
                let mut writer = PackageWriter::start(out, generation)?;
                writer.flush()?;
                let start = written.end();
                let follower = spawn(scope, "backup-verify", move || {
                    let growing = Growing::at(path, start, written)?;
                    Ok((follow(growing, generation, &mut frozen.reader())?, None))
                })?;
                let (out, filled) = fill(writer, frozen, order, progress)?;
                (out, filled, start, follower)
            }
            Some(lock) => {
                let sealing = Sealing::new(lock)?;
                let check = sealing.check.clone();
                let mut sealed = sealing.into(out)?;
                // The checking key comes from what stands in the header.
                sealed.flush()?;
                let passed = AtomicU64::new(0);
                let sealed = Counting(sealed, &passed);
                let mut writer = PackageWriter::start_streaming(sealed, generation)?;
                writer.flush()?;
                let start = passed.load(Ordering::Relaxed);
                let follower = spawn(scope, "backup-verify", move || {
                    let growing = Growing::at(path, 0, written)?;
                    let (mut opened, reopening) = encryption::open_to_reopen(growing, &check)?;
                    std::io::copy(&mut opened.by_ref().take(start), &mut std::io::sink())?;
                    let read = follow(opened, generation, &mut frozen.reader())?;
                    Ok((read, Some(reopening)))
                })?;
                let (out, filled) = fill(writer, frozen, order, progress)?;
                (out.0.finish()?, filled, start, follower)
            }
        };
        out.flush()?;
        drop(out);
        partial.give_back_room()?;
        written.finish(true);
        drop(guard);
        let (read, reopening) = join(follower)?;
        if read.bytes != frozen.size() {
            return Err(differs());
        }
        Ok(PackedFile {
            blake3,
            as_they_are,
            start,
            read,
            reopening,
        })
    })
}

/// Counts what is written.
struct Counting<'a, W>(W, &'a AtomicU64);

impl<W: std::io::Write> std::io::Write for Counting<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.0.write(bytes)?;
        self.1.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Hashes what is read, where that is wanted.
struct Hashing<R>(R, Option<blake3::Hasher>);

impl<R: std::io::Read> std::io::Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.0.read(buffer)?;
        if let Some(hasher) = &mut self.1 {
            hasher.update(&buffer[..n]);
        }
        Ok(n)
    }
}

/// The collection's hash, where it is wanted, and which media lie in a package as they are.
type Filled = (Option<blake3::Hash>, Vec<bool>);

/// Puts everything into the package and ends it.
fn fill<W: std::io::Write>(
    mut writer: PackageWriter<W>,
    frozen: &FrozenFile,
    order: &Order<'_>,
    progress: &Progress,
) -> Result<(W, Filled)> {
    let mut source = Hashing(frozen.reader(), order.is_hashed.then(blake3::Hasher::new));
    writer.write_collection(&mut source, frozen.size(), order.effort, progress)?;
    add_media(&mut writer, order, progress)?;
    for extra in order.extras {
        writer.add_extra(extra, progress)?;
    }
    let as_they_are = writer.as_they_are().to_vec();
    let (out, _) = writer.finish()?;
    let blake3 = source.1.map(|hasher| hasher.finalize());
    Ok((out, (blake3, as_they_are)))
}

/// Adds the media in their order; some threads compress ahead of the writing.
fn add_media<W: std::io::Write>(
    writer: &mut PackageWriter<W>,
    order: &Order<'_>,
    progress: &Progress,
) -> Result<()> {
    let runs = &runs_of(order.media);
    thread::scope(|scope| {
        let mut prepared = Vec::new();
        for first in 0..THREADS.min(runs.len()) {
            let (to_writer, from_worker) = crossbeam_channel::bounded(AHEAD);
            let (give_back, given_back) = crossbeam_channel::bounded(MOST_KEPT);
            prepared.push((from_worker, give_back));
            spawn(scope, "backup-media", move || {
                let mut packer = MediaPacker::new(order.generation)?;
                for run in runs.iter().skip(first).step_by(THREADS) {
                    let pack = |media: &MediaFile| {
                        packer.pack(media, given_back.try_recv().unwrap_or_default(), progress)
                    };
                    let media = order.media[run.clone()].iter();
                    let ready: Result<Vec<_>> = media.map(pack).collect();
                    // Nobody takes it when the writer has failed, who says why.
                    if to_writer.send(ready).is_err() {
                        break;
                    }
                }
                Ok(())
            })?;
        }
        for (n, run) in runs.iter().enumerate() {
            let (from_worker, give_back) = &prepared[n % THREADS];
            let ready = from_worker
                .recv()
                .map_err(|_| Error::bug("packing the media ended unexpectedly"))?;
            for (media, ready) in order.media[run.clone()].iter().zip(ready?) {
                if let Some(ready) = ready {
                    let memory = writer.add_prepared(&media.name, ready)?;
                    if memory.capacity() <= KEPT {
                        // There may be enough, or the thread has ended.
                        let _ = give_back.try_send(memory);
                    }
                    continue;
                }
                let mut source = File::open(&media.path).at(&media.path)?;
                writer
                    .add_media(&media.name, &mut source, progress)
                    .at(&media.path)?;
            }
        }
        Ok(())
    })
}

/// Neighbours that go from thread to thread together: to wake one for each file costs more than to
/// copy a small one.
fn runs_of(media: &[MediaFile]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut bytes = 0;
    for (n, file) in media.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if run.len() < NEIGHBOURS && bytes + file.size <= RUN_BYTES => run.end += 1,
            _ => {
                bytes = 0;
                runs.push(n..n + 1);
            }
        }
        bytes += file.size;
    }
    runs
}

/// The finished file once more, as any program would open it: every checksum, and whatever was not
/// read back while it was written. Returns the number of media files in it.
fn read_back(
    path: &Path,
    order: &Order<'_>,
    written: &PackedFile,
    progress: &Progress,
) -> Result<u64> {
    progress.stage(t!("Checking the written file"), 0)?;
    let mut package = Package::written(path, written.reopening.as_ref())?;
    if package.generation() != order.generation {
        return Err(differs());
    }
    let media = package.media()?;
    let names = media.iter().map(PackedMedia::listed_name);
    if !names.eq(order.media.iter().map(|m| m.name.as_str())) {
        return Err(differs());
    }
    // See the module header.
    let as_is = &written.as_they_are;
    let is_proven = |n: usize| order.lock.is_some() && as_is.get(n) == Some(&true);
    let files = media.iter().enumerate();
    let files: Vec<(&PackedMedia, bool)> = files.map(|(n, file)| (file, is_proven(n))).collect();
    // Neighbours go to one thread: they share what is decrypted as one.
    let neighbours = &Mutex::new(files.chunks(NEIGHBOURS));
    thread::scope(|scope| {
        let mut readers = Vec::new();
        for _ in 0..THREADS.min(media.len()) {
            let mut package = package.again();
            readers.push(spawn(scope, "backup-verify", move || {
                let next = || neighbours.lock().map(|mut some| some.next()).ok().flatten();
                while let Some(files) = next() {
                    for &(file, is_proven) in files {
                        if is_proven {
                            package.pass_over_media(file, progress)?;
                        } else {
                            package.unpack_media(file, &mut std::io::sink(), None, progress)?;
                        }
                    }
                }
                Ok(())
            })?);
        }
        if !package.has_collection_at(written.start, &written.read)? {
            return Err(differs());
        }
        package.read_rest(&media, progress)?;
        readers.into_iter().try_for_each(join)
    })?;
    package.check()?;
    Ok(media.len() as u64)
}

/// The name of the present second, or of the next one that is free.
fn free_name(folder: &Path, clock: &Clock) -> Result<PathBuf> {
    let local = clock.local(clock.now()).datetime();
    for later in 0..NAMES {
        let Ok(time) = local.checked_add(later.seconds()) else {
            break;
        };
        let path = folder.join(name::for_time(time));
        if !path.try_exists().at(&path)? {
            return Ok(path);
        }
    }
    Err(Error::new(
        ErrorKind::Conflict,
        mark!("every name for a backup of this hour is taken"),
    )
    .at(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::TimestampMillis;
    use crate::storage::Storage;

    #[test]
    fn a_backup_is_made_listed_and_the_collection_goes_on() {
        let profile = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(TimestampMillis(1_800_000_000_000), -60);
        let path = profile.path().join("collection.anki2");
        let storage = Storage::create(&path, &clock).unwrap();
        let frozen = storage.freeze().unwrap();
        assert_eq!(storage.freeze().unwrap_err().kind(), ErrorKind::Unavailable);
        let (dir, progress) = (profile.path(), Progress::new());
        let first = create(&frozen, dir, Reason::Manual, &clock, &progress).unwrap();
        let second = create(&frozen, dir, Reason::Close, &clock, &progress).unwrap();
        storage.unfreeze();
        assert!(first.path.ends_with("backup-2027-01-15-09.00.00.colpkg"));
        assert!(second.path.ends_with("backup-2027-01-15-09.00.01.colpkg"));
        let listed = catalog::list(
            profile.path(),
            &super::super::entry::Rules::default(),
            &clock,
        );
        let listed = listed.unwrap();
        assert_eq!(listed.len(), 2);
        let last = catalog::last_verified(profile.path(), &clock).unwrap();
        assert_eq!(last.unwrap().at, clock.now());
        storage.close().unwrap();
    }

    #[test]
    fn runs_of_media_are_short_in_number_and_in_bytes() {
        let most = RUN_BYTES;
        let file = |&size: &u64| MediaFile {
            name: String::new(),
            path: PathBuf::new(),
            size,
        };
        for (sizes, want) in [
            (vec![], vec![]),
            (vec![1; 33], vec![16, 16, 1]),
            (vec![most / 2; 5], vec![2, 2, 1]),
            (vec![1, 9 * most, 1, most - 1, 1], vec![1, 1, 2, 1]),
        ] {
            let media: Vec<MediaFile> = sizes.iter().map(file).collect();
            let runs = runs_of(&media);
            let lengths: Vec<usize> = runs.iter().map(ExactSizeIterator::len).collect();
            assert_eq!(lengths, want, "{sizes:?}");
            assert!(runs.into_iter().flatten().eq(0..sizes.len()));
        }
    }

    #[test]
    fn cancelled_means_nothing_is_left() {
        let profile = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(TimestampMillis(1_800_000_000_000), 0);
        let path = profile.path().join("collection.anki2");
        Storage::create(&path, &clock).unwrap().close().unwrap();
        let frozen = FrozenFile::of_closed(&path).unwrap();
        let folder = catalog::folder(profile.path());
        let progress = Progress::new();
        progress.cancel();
        let dir = profile.path();
        let error = create(&frozen, dir, Reason::Manual, &clock, &progress).unwrap_err();
        assert!(error.is_interrupted(), "{error}");
        let left = std::fs::read_dir(&folder).unwrap();
        let left: Vec<_> = left.map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, [runs::LOG], "nothing but that it was tried");
    }
}
