//! Opens a package of any generation and unpacks what it holds, streaming, behind `zip_guard`.
//! Whether the collection inside is sound is `storage::inspect`'s question.

use super::encryption::Reopening;
use super::source::Source;
use super::zip_guard::{self, Budget, Whole, read_error, zip_error};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{BUFFER, TEMP_PREFIX};
use crate::base::job::Progress;
use crate::base::limits::{
    MAX_COLLECTION_BYTES, MAX_EXTRA_BYTES, MAX_MEDIA_FILE_BYTES, MAX_MEDIA_FILES,
    MAX_MEDIA_LIST_BYTES,
};
use crate::codec::media_entries::{self, ListedMedia, ORIGINAL_NAMES};
use crate::codec::meta::Generation;
use crate::codec::stored_frame;
use crate::mark;
use crate::media::hash::{MediaHash, MediaHasher};
use crate::media::names;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use zip::ZipArchive;
use zstd::stream::read::Decoder;
use zstd::zstd_safe::{DCtx, ResetDirective};

/// Two bytes today; unknown fields may come.
const MAX_META_BYTES: u64 = 1 << 16;
/// Window of a zstd frame that we are ready to hold in memory: 128 MiB. More than Anki writes, and
/// what it reads: the highest level of zstd has it.
const MAX_WINDOW_LOG: u32 = 27;
/// Longest name of a file on the systems that store any.
const MAX_ORIGINAL_BYTES: usize = 255;

/// What packages are made of, beside their media.
const OWN_NAMES: [&str; 5] = [
    "meta",
    "media",
    "collection.anki2",
    "collection.anki21",
    "collection.anki21b",
];

/// An opened package.
pub struct Package {
    archive: ZipArchive<Source>,
    path: PathBuf,
    generation: Generation,
    whole: Whole,
    unpacker: Unpacker,
}

impl PackedMedia {
    /// What the package says of its content; older generations say nothing.
    #[must_use]
    pub fn sha1(&self) -> Option<MediaHash> {
        self.listed.sha1
    }

    /// Bytes when unpacked; older generations do not say.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.listed.size
    }

    /// Its name as the package spells it, which notes may use.
    #[must_use]
    pub fn listed_name(&self) -> &str {
        &self.listed.name
    }

    /// Fails when the package lists the file without holding it.
    pub fn require_present(&self) -> Result<()> {
        match self.absent {
            true => Err(self.lacking()),
            false => Ok(()),
        }
    }

    fn damaged(&self) -> Error {
        Error::corrupt(mark!("the media file {name} is damaged", name = self.name))
    }

    fn lacking(&self) -> Error {
        Error::corrupt(mark!(
            "the package lacks the media file {name}",
            name = self.name
        ))
    }
}

/// What came of reading a collection back from the bytes of its entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadBack {
    /// Of the collection.
    pub bytes: u64,
    /// Of the entry's header, before its content.
    pub header_bytes: u64,
    /// Of the entry's content.
    pub packed_bytes: u64,
    /// As the archive's directory has it.
    pub crc32: u32,
}

/// A media file of a package, its name safe and final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedMedia {
    pub name: String,
    listed: ListedMedia,
    /// Listed, but not in the archive.
    absent: bool,
}

impl Package {
    /// Opens and checks the archive's directory; unpacks nothing but the few bytes of `meta`.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).at(path)?;
        Self::from_file(file, path)
    }

    /// As [`Self::open`], for a file that is open already.
    pub fn from_file(file: File, path: &Path) -> Result<Self> {
        let size = file.metadata().at(path)?.len();
        let source = Source::plain(file);
        let mut archive = ZipArchive::new(source).map_err(zip_error).at(path)?;
        zip_guard::check_archive(&mut archive).at(path)?;
        Self::of_archive(archive, size, path)
    }

    /// Opens what was just written here, encrypted where there is a `reopening`; [`Self::check`] is
    /// for the end, when the places of all entries were seen.
    pub fn written(path: &Path, reopening: Option<&Reopening>) -> Result<Self> {
        let source = match reopening {
            None => Source::plain(File::open(path).at(path)?),
            Some(reopening) => Source::sealed(path, reopening.clone())?,
        };
        let archive = ZipArchive::new(source).map_err(zip_error).at(path)?;
        let size = std::fs::metadata(path).at(path)?.len();
        Self::of_archive(archive, size, path)
    }

    /// Looks at the archive's directory as [`Self::open`] does.
    pub fn check(&mut self) -> Result<()> {
        zip_guard::check_archive(&mut self.archive).at(&self.path)
    }

    /// The same once more, for another thread.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            archive: self.archive.clone(),
            path: self.path.clone(),
            generation: self.generation,
            whole: self.whole.clone(),
            unpacker: Unpacker::new(),
        }
    }

    fn of_archive(mut archive: ZipArchive<Source>, size: u64, path: &Path) -> Result<Self> {
        let whole = Whole::new(size);
        let generation = generation(&mut archive).at(path)?;
        if archive
            .index_for_name(generation.collection_entry())
            .is_none()
        {
            return Err(Error::corrupt(mark!("the package holds no collection")).at(path));
        }
        Ok(Self {
            archive,
            path: path.to_owned(),
            generation,
            whole,
            unpacker: Unpacker::new(),
        })
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    #[must_use]
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Whether the archive has the collection at the very bytes that were read back from its
    /// entry at `start`: where they begin, how many they are, and their checksum.
    pub fn has_collection_at(&mut self, start: u64, read: &ReadBack) -> Result<bool> {
        let entry = self
            .archive
            .by_name(self.generation.collection_entry())
            .map_err(zip_error)?;
        Ok(entry.data_start() == Some(start + read.header_bytes)
            && entry.compressed_size() == read.packed_bytes
            && entry.crc32() == read.crc32)
    }

    /// Unpacks the collection into `out`, which lies in `folder` (None: thrown away); gives its size in
    /// bytes.
    pub fn unpack_collection(
        &mut self,
        out: &mut dyn Write,
        folder: Option<&Path>,
        progress: &Progress,
    ) -> Result<u64> {
        self.unpack(
            self.generation.collection_entry(),
            mark!("the collection"),
            MAX_COLLECTION_BYTES,
            folder,
            |chunk| {
                out.write_all(chunk)?;
                progress.step(chunk.len() as u64)
            },
        )
    }

    /// The media files with safe names, all of which are there; refuses the whole list otherwise.
    /// For who takes a whole collection: files have the names again that they had in its folder.
    pub fn media(&mut self) -> Result<Vec<PackedMedia>> {
        let mut media = self.listed_media()?;
        if let Some(file) = media.iter().find(|file| file.absent) {
            return Err(file.lacking().at(&self.path));
        }
        let mut originals = self.original_names()?;
        for file in &mut media {
            if let Some(original) = originals.remove(&file.name) {
                file.name = original;
            }
        }
        Ok(media)
    }

    /// As [`Self::media`], for who takes only what notes use, under names that fit everywhere: others
    /// may be absent or, in old packages, have names of which nothing may stand. Who takes an absent
    /// one gets an error.
    pub fn listed_media(&mut self) -> Result<Vec<PackedMedia>> {
        if self.archive.index_for_name("media").is_none() {
            // Old AnkiDroid wrote none.
            return Ok(Vec::new());
        }
        let mut list = Vec::new();
        self.unpack(
            "media",
            mark!("the list of media files"),
            MAX_MEDIA_LIST_BYTES,
            None,
            |chunk| {
                list.extend_from_slice(chunk);
                Ok(())
            },
        )?;
        let listed = if self.generation.is_zstd() {
            media_entries::from_protobuf(&list)
        } else {
            media_entries::from_json(&list)
        }
        .at(&self.path)?;
        if listed.len() > MAX_MEDIA_FILES {
            return Err(Error::new(
                ErrorKind::Refused,
                mark!("the package holds too many media files"),
            )
            .at(&self.path));
        }
        let media: Vec<PackedMedia> = listed
            .into_iter()
            .filter_map(|file| self.safe(file).transpose())
            .collect::<Result<_>>()
            .at(&self.path)?;
        let known: HashSet<String> = entries(&media).collect();
        zip_guard::check_extra(&mut self.archive, |name| {
            OWN_NAMES.contains(&name) || known.contains(name)
        })
        .at(&self.path)?;
        Ok(media)
    }

    /// What files are called in notes, by their names in the list, where that differs and a file can
    /// be called so here.
    fn original_names(&mut self) -> Result<HashMap<String, String>> {
        let Some(index) = self.archive.index_for_name(ORIGINAL_NAMES) else {
            return Ok(HashMap::new());
        };
        let mut json = Vec::new();
        self.drain_entry(index, MAX_MEDIA_LIST_BYTES, &mut json, &Progress::new())?;
        let mut names = media_entries::original_names(&json);
        names.retain(|_, original| {
            names::is_one_component(original)
                && original.len() <= MAX_ORIGINAL_BYTES
                && !original.contains('\0')
                && !original.starts_with(TEMP_PREFIX)
                && (cfg!(unix) || names::is_normalized(original))
        });
        Ok(names)
    }

    /// Nothing for one that no note can use.
    fn safe(&self, listed: ListedMedia) -> Result<Option<PackedMedia>> {
        let unsafe_name = || {
            Error::new(
                ErrorKind::Refused,
                mark!("the package holds a media file whose name is not allowed"),
            )
        };
        if !names::is_one_component(&listed.name) {
            return Err(unsafe_name());
        }
        let name = names::normalize(&listed.name).into_owned();
        if name.is_empty() && !self.generation.is_zstd() {
            return Ok(None);
        }
        let changed = name != listed.name;
        if (changed && self.generation.is_zstd()) || !names::is_one_component(&name) {
            return Err(unsafe_name());
        }
        let absent = self
            .archive
            .index_for_name(&listed.entry.to_string())
            .is_none();
        Ok(Some(PackedMedia {
            name,
            listed,
            absent,
        }))
    }

    /// Unpacks one media file and compares it with the hash that the list has of it. A size beside
    /// that hash would say nothing more, and not all programs write the right one.
    pub fn unpack_media(
        &mut self,
        media: &PackedMedia,
        out: &mut dyn Write,
        folder: Option<&Path>,
        progress: &Progress,
    ) -> Result<[u8; 20]> {
        media.require_present().at(&self.path)?;
        let mut hasher = MediaHasher::default();
        let entry = media.listed.entry.to_string();
        let (what, limit) = (mark!("a media file"), MAX_MEDIA_FILE_BYTES);
        self.unpack(&entry, what, limit, folder, |chunk| {
            hasher.update(chunk);
            out.write_all(chunk)?;
            progress.check()
        })?;
        let sha1 = hasher.finish();
        if media.listed.sha1.is_some_and(|listed| listed != sha1) {
            return Err(media.damaged().at(&self.path));
        }
        Ok(sha1)
    }

    /// As [`Self::unpack_media`] into nothing, of a file that lies in the package as it is, where it
    /// is known otherwise that its bytes there are what was hashed: the archive's checksum and the
    /// size are compared.
    pub fn pass_over_media(&mut self, media: &PackedMedia, progress: &Progress) -> Result<()> {
        let index = self.archive.index_for_name(&media.listed.entry.to_string());
        let index = index.ok_or_else(|| media.lacking().at(&self.path))?;
        let bytes =
            self.drain_entry(index, MAX_MEDIA_FILE_BYTES, &mut std::io::sink(), progress)?;
        let is_zstd = self.generation.is_zstd();
        let listed = media.listed.size;
        let wanted = listed.map(|size| {
            if is_zstd {
                stored_frame::length(size)
            } else {
                size
            }
        });
        match wanted {
            Some(wanted) if wanted != bytes => Err(media.damaged().at(&self.path)),
            _ => Ok(()),
        }
    }

    /// Unpacks a file that is neither the collection nor media, of at most `limit` bytes; false when
    /// there is none of that name.
    pub fn unpack_extra(
        &mut self,
        name: &str,
        limit: u64,
        out: &mut dyn Write,
        progress: &Progress,
    ) -> Result<bool> {
        let Some(index) = self.archive.index_for_name(name) else {
            return Ok(false);
        };
        self.drain_entry(index, limit, out, progress).map(|_| true)
    }

    /// Reads the entry to its end, of at most `limit` bytes; how many there were.
    fn drain_entry(
        &mut self,
        index: usize,
        limit: u64,
        out: &mut dyn Write,
        progress: &Progress,
    ) -> Result<u64> {
        let entry = self
            .archive
            .by_index(index)
            .map_err(zip_error)
            .at(&self.path)?;
        let packed = entry.compressed_size();
        let mut budget = Budget::new(
            &mut self.whole,
            mark!("a file in the package"),
            packed,
            limit,
            None,
        );
        self.unpacker
            .drain(entry, &mut |chunk| {
                budget.take(chunk.len() as u64)?;
                out.write_all(chunk)?;
                progress.check()
            })
            .at(&self.path)?;
        Ok(budget.written())
    }

    /// Reads every entry to its end, so that each checksum of the archive is compared.
    pub fn read_through(&mut self, progress: &Progress) -> Result<()> {
        self.read_entries(progress, |_| true)
    }

    /// As [`Self::read_through`], without what is unpacked anyway: the collection and `media`.
    pub fn read_rest(&mut self, media: &[PackedMedia], progress: &Progress) -> Result<()> {
        let mut unpacked: HashSet<String> = entries(media).collect();
        unpacked.insert(self.generation.collection_entry().to_owned());
        self.read_entries(progress, |name| !unpacked.contains(name))
    }

    fn read_entries(&mut self, progress: &Progress, wanted: impl Fn(&str) -> bool) -> Result<()> {
        let mut left = MAX_EXTRA_BYTES;
        for index in 0..self.archive.len() {
            let name = self.archive.name_for_index(index);
            let Some(Ok(name)) = name.filter(|name| name.as_ref().is_ok_and(|n| wanted(n))) else {
                continue;
            };
            let is_extra = !OWN_NAMES.contains(&&*name) && name.parse::<u32>().is_err();
            let limit = if is_extra { left } else { MAX_COLLECTION_BYTES };
            let read = self.drain_entry(index, limit, &mut std::io::sink(), progress)?;
            if is_extra {
                left -= read;
            }
        }
        Ok(())
    }

    fn unpack(
        &mut self,
        name: &str,
        what: &'static str,
        limit: u64,
        folder: Option<&Path>,
        mut take: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<u64> {
        let entry = self
            .archive
            .by_name(name)
            .map_err(zip_error)
            .at(&self.path)?;
        if entry.is_symlink() || entry.is_dir() {
            return Err(Error::new(
                ErrorKind::Refused,
                mark!("the package holds a link or folder in place of a file"),
            )
            .at(&self.path));
        }
        let packed = entry.compressed_size();
        let mut budget = Budget::new(&mut self.whole, what, packed, limit, folder);
        let mut take = |chunk: &[u8]| {
            budget.take(chunk.len() as u64)?;
            take(chunk)
        };
        let unpacked = if self.generation.is_zstd() {
            self.unpacker.unzstd(entry, &mut take)
        } else {
            self.unpacker.drain(entry, &mut take)
        };
        unpacked.at(&self.path)?;
        Ok(budget.written())
    }
}

/// Unpacks a compressed collection file that lies outside of any package into `out`, which lies in
/// `folder`. Returns its bytes.
pub fn unpack_raw(
    path: &Path,
    out: &mut dyn Write,
    folder: &Path,
    progress: &Progress,
) -> Result<u64> {
    let file = File::open(path).at(path)?;
    let size = file.metadata().at(path)?.len();
    let what = mark!("the collection");
    let mut whole = Whole::new(size);
    let mut budget = Budget::new(&mut whole, what, size, MAX_COLLECTION_BYTES, Some(folder));
    let mut take = |chunk: &[u8]| {
        budget.take(chunk.len() as u64)?;
        out.write_all(chunk)?;
        progress.step(chunk.len() as u64)
    };
    Unpacker::new().unzstd(file, &mut take).at(path)?;
    Ok(budget.written())
}

fn entries(media: &[PackedMedia]) -> impl Iterator<Item = String> {
    media.iter().map(|m| m.listed.entry.to_string())
}

/// Decodes the collection's entry from the bytes of the archive where it begins, while they are
/// still being written, and passes on what it holds.
pub fn read_back(
    mut packed: impl BufRead,
    generation: Generation,
    take: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<ReadBack> {
    let header_bytes = skip_header(&mut packed)?;
    let mut packed = Counted {
        from: packed,
        bytes: 0,
        hash: generation.is_zstd().then(crc32fast::Hasher::new),
    };
    let mut bytes = 0;
    let mut buffer = vec![0; BUFFER];
    let mut of_content = crc32fast::Hasher::new();
    let is_zstd = generation.is_zstd();
    let mut take = |chunk: &[u8]| {
        bytes += chunk.len() as u64;
        if !is_zstd {
            of_content.update(chunk);
        }
        take(chunk)
    };
    if is_zstd {
        let mut decoder = Decoder::with_buffer(&mut packed).map_err(read_error)?;
        decoder.window_log_max(MAX_WINDOW_LOG).map_err(read_error)?;
        drain(decoder.single_frame(), &mut buffer, &mut take)?;
    } else {
        let decoder = flate2::bufread::DeflateDecoder::new(&mut packed);
        drain(decoder, &mut buffer, &mut take)?;
    }
    Ok(ReadBack {
        bytes,
        header_bytes,
        packed_bytes: packed.bytes,
        crc32: packed.hash.unwrap_or(of_content).finalize(),
    })
}

/// Reads past the header of an entry; returns how many bytes that were.
fn skip_header(from: &mut impl Read) -> Result<u64> {
    let mut fixed = [0; 30];
    from.read_exact(&mut fixed)?;
    if !fixed.starts_with(b"PK\x03\x04") {
        return Err(Error::corrupt(mark!(
            "the collection is not where it was written"
        )));
    }
    let [.., name_low, name_high, extra_low, extra_high] = fixed;
    let names = u64::from(u16::from_le_bytes([name_low, name_high]))
        + u64::from(u16::from_le_bytes([extra_low, extra_high]));
    std::io::copy(&mut from.take(names), &mut std::io::sink())?;
    Ok(fixed.len() as u64 + names)
}

/// Counts what is consumed, and sums it up when wanted.
struct Counted<R> {
    from: R,
    bytes: u64,
    hash: Option<crc32fast::Hasher>,
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.from.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.bytes += n as u64;
        if let (Some(hash), Ok(buffer)) = (self.hash.as_mut(), self.from.fill_buf())
            && let Some(used) = buffer.get(..n)
        {
            hash.update(used);
        }
        self.from.consume(n);
    }
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let mut from = self.fill_buf()?;
        let n = from.read(out)?;
        self.consume(n);
        Ok(n)
    }
}

/// The memory that unpacking takes, once for many entries.
struct Unpacker {
    zstd: DCtx<'static>,
    buffer: Vec<u8>,
}

impl Unpacker {
    fn new() -> Self {
        Self {
            zstd: DCtx::create(),
            buffer: vec![0; BUFFER],
        }
    }

    fn unzstd(
        &mut self,
        packed: impl Read,
        take: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        // The entry before may have ended in the middle.
        self.zstd
            .reset(ResetDirective::SessionOnly)
            .map_err(|_| Error::bug("zstd does not begin anew"))?;
        let packed = BufReader::with_capacity(DCtx::in_size(), packed);
        let mut decoder = Decoder::with_context(packed, &mut self.zstd);
        decoder.window_log_max(MAX_WINDOW_LOG).map_err(read_error)?;
        drain(&mut decoder, &mut self.buffer, take)?;
        // The archive compares its checksum only when the entry was read to the end.
        drain(decoder.finish(), &mut self.buffer, &mut |_| Ok(()))
    }

    fn drain(&mut self, from: impl Read, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        drain(from, &mut self.buffer, take)
    }
}

fn drain(
    mut from: impl Read,
    buffer: &mut [u8],
    take: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    loop {
        match from.read(buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => take(&buffer[..n])?,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(read_error(e)),
        }
    }
}

fn generation(archive: &mut ZipArchive<Source>) -> Result<Generation> {
    if archive.index_for_name("meta").is_some() {
        let entry = archive.by_name("meta").map_err(zip_error)?;
        let mut meta = Vec::new();
        entry
            .take(MAX_META_BYTES)
            .read_to_end(&mut meta)
            .map_err(read_error)?;
        return Generation::from_meta(&meta);
    }
    let legacy2 = Generation::Legacy2.collection_entry();
    Ok(if archive.index_for_name(legacy2).is_some() {
        Generation::Legacy2
    } else {
        Generation::Legacy1
    })
}
