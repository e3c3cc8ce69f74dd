//! Writes packages of the two newer generations, streaming. The entries and their order are those
//! of Anki. Names, syncing and verifying are the caller's business.

use super::DUMMY_COLLECTION;
use super::zip_writer::{Summed, ZipWriter};
use crate::base::error::{AtPath as _, Error, ErrorKind, Result};
use crate::base::files::{BUFFER, read_up_to};
use crate::base::job::Progress;
use crate::base::limits::{MAX_MEDIA_FILE_BYTES, MAX_WHOLE_EXPANSION_RATIO};
use crate::codec::media_entries::{self, ListedMedia};
use crate::codec::meta::Generation;
use crate::codec::stored_frame;
use crate::codec::zip::{Entry, Method};
use crate::mark;
use crate::media::folder::MediaFile;
use crate::media::hash::{MediaHash, MediaHasher};
use flate2::Compression;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::PathBuf;
use zstd::zstd_safe::{CParameter, compress_bound};

const WORTH_THREADS: u64 = 8 << 20;
const MEDIA_LEVEL: i32 = 1;
/// zstd's level 1 with twice its table and shorter matches. The last number is more than 0: bytes
/// that match nothing lie there as they are. To pack them singly saves a twentieth and takes a sixth
/// of the work, and more when they are unpacked. All in all it is some 4 % over Anki's level 3.
const LEVEL: i32 = 1;
const USUAL: [CParameter; 3] = [
    CParameter::HashLog(15),
    CParameter::MinMatch(5),
    CParameter::TargetLength(1),
];
/// Beside media of so many times its bytes a collection is a small part of its package: it is
/// packed in less time, and unpacked in half of it. The package grows by some hundredths at most.
const MUCH_MEDIA: u64 = 4;
const LIGHT: [CParameter; 3] = [
    CParameter::HashLog(14),
    CParameter::MinMatch(6),
    CParameter::TargetLength(4),
];
/// Bytes that a thread takes at once. Several such pieces wait for their turn, before and after they
/// are packed; zstd's own choice is a third more.
const PIECE: u32 = 3 << 19;
/// Of deflate, for older versions: 6 is usual, takes twice as long and saves a twentieth.
const DEFLATE_LEVEL: u32 = 3;
/// Silence and black pictures shrink to nothing, and a package of them would be taken for a trap: no
/// media file unpacks to more than so many times its bytes in the package.
const MOST_EXPANSION: u64 = MAX_WHOLE_EXPANSION_RATIO * 4 / 5;
/// How a frame of zstd begins that every reader passes over; the length of what follows comes next.
const PASSED_OVER: u32 = 0x184D_2A50;
/// Media files up to this size are compressed ahead of the writing, in memory.
const AHEAD_BYTES: u64 = 4 << 20;
/// Most sounds and pictures are compressed already. Of a file that is larger than all this, three
/// samples say whether it is worth trying: they have to save a 64th.
const WORTH_SAMPLES: usize = 1 << 14;
const SAMPLE: usize = 1 << 11;
const LEAST_SAVING: usize = 64;

/// How the collection is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Threads beside the writing one; 0 compresses in place and saves memory.
    pub workers: u32,
    /// Less is found that is alike: faster, and larger.
    pub is_light: bool,
}

impl Effort {
    /// For a collection of `bytes`: threads cost more than they bring below a few megabytes.
    #[must_use]
    pub fn for_size(bytes: u64) -> Self {
        Self {
            workers: if bytes < WORTH_THREADS { 0 } else { 2 },
            is_light: false,
        }
    }

    /// As [`Self::for_size`], of a collection that is packed beside `media`.
    #[must_use]
    pub fn beside_media(bytes: u64, media: &[MediaFile]) -> Self {
        let media: u64 = media.iter().map(|file| file.size).sum();
        Self {
            is_light: media / MUCH_MEDIA >= bytes,
            ..Self::for_size(bytes)
        }
    }
}

/// A file beside the collection and its media.
#[derive(Debug, Clone)]
pub struct Extra {
    name: &'static str,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Text(String),
    File(PathBuf),
}

impl Extra {
    #[must_use]
    pub fn text(name: &'static str, text: &str) -> Self {
        Self {
            name,
            content: Content::Text(text.to_owned()),
        }
    }

    #[must_use]
    pub fn file(name: &'static str, path: PathBuf) -> Self {
        Self {
            name,
            content: Content::File(path),
        }
    }
}

/// A package being written. Order: [`Self::start`], collection, media, [`Self::finish`].
pub struct PackageWriter<W: Write> {
    zip: ZipWriter<W>,
    generation: Generation,
    media: Vec<ListedMedia>,
    as_they_are: Vec<bool>,
}

impl<W: Write + Seek> PackageWriter<W> {
    /// Writes the description. `Legacy1` is not written by anyone any more.
    pub fn start(out: W, generation: Generation) -> Result<Self> {
        Self::start_in(ZipWriter::new(out), generation)
    }
}

impl<W: Write> PackageWriter<W> {
    /// As [`Self::start`], without ever going back in `out`: sizes that are not known before follow
    /// their entries.
    pub fn start_streaming(out: W, generation: Generation) -> Result<Self> {
        Self::start_in(ZipWriter::streaming(out), generation)
    }

    fn start_in(zip: ZipWriter<W>, generation: Generation) -> Result<Self> {
        let mut this = Self {
            zip,
            generation,
            media: Vec::new(),
            as_they_are: Vec::new(),
        };
        this.zip.stored("meta", &generation.to_meta())?;
        Ok(this)
    }

    /// Writes out everything so far: the position of `out` is where the next entry begins.
    pub fn flush(&mut self) -> Result<()> {
        Ok(self.zip.flush()?)
    }

    /// Writes the collection: exactly `len` bytes of `source`.
    pub fn write_collection(
        &mut self,
        source: &mut dyn Read,
        len: u64,
        effort: Effort,
        progress: &Progress,
    ) -> Result<()> {
        let is_zstd = self.generation.is_zstd();
        let deflate = (!is_zstd).then(|| Compression::new(DEFLATE_LEVEL));
        let name = self.generation.collection_entry();
        let mut entry = self.zip.file(name, deflate, len)?;
        let bytes = if is_zstd {
            let mut encoder = zstd::stream::write::Encoder::new(&mut entry, LEVEL)?;
            for parameter in if effort.is_light { LIGHT } else { USUAL } {
                encoder.set_parameter(parameter)?;
            }
            if effort.workers > 0 {
                encoder.multithread(effort.workers)?;
                encoder.set_parameter(CParameter::JobSize(PIECE))?;
                // What a piece begins with is not looked for in the one before: a thousandth larger.
                encoder.set_parameter(CParameter::OverlapSizeLog(1))?;
            }
            encoder.include_contentsize(true)?;
            encoder.set_pledged_src_size(Some(len))?;
            let bytes = copy(source, &mut encoder, progress)?;
            encoder.finish()?;
            bytes
        } else {
            copy(source, &mut entry, progress)?
        };
        entry.finish()?;
        if bytes != len {
            return Err(Error::new(
                ErrorKind::Conflict,
                mark!("the collection changed its size while it was being copied"),
            ));
        }
        // What old programs open instead; the newest of them know the entry above.
        self.zip.stored("collection.anki2", DUMMY_COLLECTION)?;
        Ok(())
    }

    /// Adds one media file of at most the limit's size.
    pub fn add_media(
        &mut self,
        name: &str,
        source: &mut dyn Read,
        progress: &Progress,
    ) -> Result<()> {
        let entry = self.next_entry()?;
        let mut file = self.zip.file(&entry.to_string(), None, 0)?;
        let (size, sha1) = pack_media(source, &mut file, self.generation, progress)?;
        file.finish()?;
        self.list(entry, name, size, sha1);
        self.as_they_are.push(false);
        Ok(())
    }

    /// As [`Self::add_media`], for a file that was compressed ahead. Returns its memory, for another.
    pub fn add_prepared(&mut self, name: &str, media: PreparedMedia) -> Result<Vec<u8>> {
        let number = self.next_entry()?;
        let PreparedMedia {
            content,
            form,
            packed,
            size,
            sha1,
        } = media;
        let (crc32, bytes) = (packed.hash.finalize(), packed.bytes);
        let entry = Entry::known(&number.to_string(), Method::Stored, crc32, bytes, bytes);
        self.zip.add(entry, |out| Ok(form.write(&content, out)?))?;
        self.list(number, name, size, sha1);
        self.as_they_are.push(form != Form::Packed);
        Ok(content)
    }

    /// Which of the media files added so far lie in the package as they are: the checksum of their
    /// entry is of the very bytes that were hashed.
    #[must_use]
    pub fn as_they_are(&self) -> &[bool] {
        &self.as_they_are
    }

    /// Adds a file that other programs pass over, packed as `unzip` reads it.
    pub fn add_extra(&mut self, extra: &Extra, progress: &Progress) -> Result<()> {
        let deflate = Some(Compression::new(DEFLATE_LEVEL));
        let mut entry = self.zip.file(extra.name, deflate, 0)?;
        match &extra.content {
            Content::Text(text) => entry.write_all(text.as_bytes())?,
            Content::File(path) => {
                let mut source = File::open(path).at(path)?;
                copy(&mut source, &mut entry, progress).at(path)?;
            }
        }
        entry.finish()
    }

    fn next_entry(&self) -> Result<u32> {
        u32::try_from(self.media.len())
            .map_err(|e| Error::new(ErrorKind::Refused, mark!("too many media files")).because(e))
    }

    fn list(&mut self, entry: u32, name: &str, size: u64, sha1: MediaHash) {
        self.media.push(ListedMedia {
            entry,
            name: name.to_owned(),
            size: Some(size),
            sha1: Some(sha1),
        });
    }

    /// Writes the media list and the archive's directory; returns what was written to, unflushed.
    pub fn finish(mut self) -> Result<(W, usize)> {
        let list = if self.generation.is_zstd() {
            let list = media_entries::to_protobuf(&self.media);
            zstd::stream::encode_all(list.as_slice(), MEDIA_LEVEL)?
        } else {
            media_entries::to_json(&self.media)
        };
        self.zip.stored("media", &list)?;
        Ok((self.zip.finish()?, self.media.len()))
    }
}

/// A media file, read into memory and compressed where that is worth it.
pub struct PreparedMedia {
    content: Vec<u8>,
    form: Form,
    /// What will lie in the package.
    packed: Summed,
    /// Of the file.
    size: u64,
    sha1: MediaHash,
}

/// What the memory of a media file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The file, which lies in the package as it is.
    Bare,
    /// The file, around which there is a frame in the package.
    Framed,
    /// What zstd made of it.
    Packed,
}

impl Form {
    fn write(self, content: &[u8], mut out: impl Write) -> std::io::Result<()> {
        match self {
            Self::Framed => stored_frame::write(content, &mut out),
            Self::Bare | Self::Packed => out.write_all(content),
        }
    }
}

/// Compresses media files in memory, ahead of the writing and on any thread.
pub struct MediaPacker {
    generation: Generation,
    zstd: zstd::bulk::Compressor<'static>,
    packed: Vec<u8>,
}

impl MediaPacker {
    pub fn new(generation: Generation) -> Result<Self> {
        Ok(Self {
            generation,
            zstd: zstd::bulk::Compressor::new(MEDIA_LEVEL)?,
            packed: Vec::new(),
        })
    }

    /// Reads and compresses a file in `memory`, unless it is too large to be held there, or grew
    /// since it was listed.
    pub fn pack(
        &mut self,
        media: &MediaFile,
        memory: Vec<u8>,
        progress: &Progress,
    ) -> Result<Option<PreparedMedia>> {
        if media.size > AHEAD_BYTES {
            return Ok(None);
        }
        let mut content = memory;
        let mut source = File::open(&media.path).at(&media.path)?;
        // One byte more, to see that it ends there.
        read_up_to(&mut source, media.size as usize + 1, &mut content).at(&media.path)?;
        let size = content.len() as u64;
        if size > media.size {
            return Ok(None);
        }
        let mut hasher = MediaHasher::default();
        hasher.update(&content);
        let form = match self.generation.is_zstd() {
            false => Form::Bare,
            true if self.shrink(&content)? => {
                let packed = self.packed.len() as u64;
                let least = size / MOST_EXPANSION;
                pad(&mut self.packed, least.saturating_sub(packed))?;
                std::mem::swap(&mut content, &mut self.packed);
                Form::Packed
            }
            true => Form::Framed,
        };
        let mut packed = Summed::default();
        form.write(&content, &mut packed)?;
        progress.step(size)?;
        Ok(Some(PreparedMedia {
            content,
            form,
            packed,
            size,
            sha1: hasher.finish(),
        }))
    }

    /// Compresses `content`; false where that is not worth it, and `packed` is nothing then.
    fn shrink(&mut self, content: &[u8]) -> Result<bool> {
        if content.len() > WORTH_SAMPLES {
            let last = content.len() - SAMPLE;
            let mut packed = 0;
            for place in [0, last / 2, last] {
                packed += self.compress(&content[place..place + SAMPLE])?;
            }
            if packed + 3 * SAMPLE / LEAST_SAVING > 3 * SAMPLE {
                return Ok(false);
            }
        }
        Ok(self.compress(content)? < content.len())
    }

    /// Compresses `part` into `packed`; its bytes there.
    fn compress(&mut self, part: &[u8]) -> Result<usize> {
        self.packed.clear();
        self.packed.reserve(compress_bound(part.len()));
        Ok(self.zstd.compress_to_buffer(part, &mut self.packed)?)
    }
}

/// Copies all of `source`. Returns how many bytes that were.
fn copy(source: &mut dyn Read, out: &mut dyn Write, progress: &Progress) -> Result<u64> {
    let mut bytes = 0;
    let mut buffer = vec![0; BUFFER];
    loop {
        let n = source.read(&mut buffer)?;
        if n == 0 {
            return Ok(bytes);
        }
        out.write_all(&buffer[..n])?;
        bytes += n as u64;
        progress.step(n as u64)?;
    }
}

/// The size and the hash of what was packed.
fn pack_media(
    source: &mut dyn Read,
    out: &mut dyn Write,
    generation: Generation,
    progress: &Progress,
) -> Result<(u64, MediaHash)> {
    let mut hasher = MediaHasher::default();
    let size = if generation.is_zstd() {
        let mut encoder = zstd::stream::write::Encoder::new(Counted(out, 0), MEDIA_LEVEL)?;
        let size = copy_media(source, &mut encoder, &mut hasher, progress)?;
        let Counted(out, packed) = encoder.finish()?;
        pad(out, (size / MOST_EXPANSION).saturating_sub(packed))?;
        size
    } else {
        copy_media(source, out, &mut hasher, progress)?
    };
    Ok((size, hasher.finish()))
}

/// Adds at least so many bytes that are no part of the file.
fn pad(out: &mut dyn Write, bytes: u64) -> Result<()> {
    if bytes > 0 {
        let length = u32::try_from(bytes).map_err(|e| Error::bug("too much padding").because(e))?;
        out.write_all(&PASSED_OVER.to_le_bytes())?;
        out.write_all(&length.to_le_bytes())?;
        std::io::copy(&mut std::io::repeat(0).take(bytes), out)?;
    }
    Ok(())
}

/// Counts the bytes that are written.
struct Counted<'a>(&'a mut dyn Write, u64);

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.0.write(bytes)?;
        self.1 += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

fn copy_media(
    source: &mut dyn Read,
    out: &mut dyn Write,
    hasher: &mut MediaHasher,
    progress: &Progress,
) -> Result<u64> {
    let mut bytes = 0;
    let mut buffer = vec![0; BUFFER];
    loop {
        let n = source.read(&mut buffer)?;
        if n == 0 {
            return Ok(bytes);
        }
        bytes += n as u64;
        if bytes > MAX_MEDIA_FILE_BYTES {
            return Err(Error::new(
                ErrorKind::Refused,
                mark!("a media file is larger than 2 GiB"),
            ));
        }
        hasher.update(&buffer[..n]);
        out.write_all(&buffer[..n])?;
        progress.step(n as u64)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::limits::{RATIO_FREE_BYTES, WHOLE_FREE_BYTES};
    use crate::formats::reader::Package;

    fn write(generation: Generation, collection: &[u8], path: &std::path::Path) {
        let progress = Progress::new();
        let mut writer = PackageWriter::start(File::create(path).unwrap(), generation).unwrap();
        let len = collection.len() as u64;
        writer
            .write_collection(&mut &collection[..], len, Effort::for_size(len), &progress)
            .unwrap();
        writer
            .add_media("ü.png", &mut &b"png"[..], &progress)
            .unwrap();
        writer
            .add_media("_empty", &mut &b""[..], &progress)
            .unwrap();
        assert_eq!(writer.finish().unwrap().1, 2);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let collection: Vec<u8> = (0..3_000_000u32).flat_map(u32::to_le_bytes).collect();
        for generation in [Generation::Latest, Generation::Legacy2] {
            let path = folder.path().join("x.colpkg");
            write(generation, &collection, &path);
            let mut package = Package::open(&path).unwrap();
            let progress = Progress::new();
            assert_eq!(package.generation(), generation);
            let mut back = Vec::new();
            package
                .unpack_collection(&mut back, None, &progress)
                .unwrap();
            assert!(back == collection);
            let media = package.media().unwrap();
            let names: Vec<_> = media.iter().map(|m| m.name.as_str()).collect();
            assert_eq!(names, ["ü.png", "_empty"]);
            let mut bytes = Vec::new();
            package
                .unpack_media(&media[0], &mut bytes, None, &progress)
                .unwrap();
            assert_eq!(bytes, b"png");
            package.read_through(&progress).unwrap();
        }
    }

    #[test]
    fn beside_much_media_a_collection_is_packed_with_less_work_and_read_back() {
        let file = |size| MediaFile {
            name: String::new(),
            path: PathBuf::new(),
            size,
        };
        for (sizes, is_light) in [(vec![150, 250], true), (vec![399], false), (vec![], false)] {
            let media: Vec<MediaFile> = sizes.into_iter().map(file).collect();
            assert_eq!(Effort::beside_media(100, &media).is_light, is_light);
        }
        let folder = tempfile::tempdir().unwrap();
        let text = |n: u32| format!("{} of {}, ", n % 97, n.wrapping_mul(2_654_435_761) % 1009);
        let collection: String = (0..200_000).map(text).collect();
        let (collection, progress) = (collection.as_bytes(), Progress::new());
        let len = collection.len() as u64;
        let sizes = [vec![], vec![file(4 * len)]].map(|media| {
            let path = folder.path().join("x.colpkg");
            let out = File::create(&path).unwrap();
            let mut writer = PackageWriter::start(out, Generation::Latest).unwrap();
            let effort = Effort::beside_media(len, &media);
            writer
                .write_collection(&mut &*collection, len, effort, &progress)
                .unwrap();
            writer.finish().unwrap();
            let mut back = Vec::new();
            let mut package = Package::open(&path).unwrap();
            package
                .unpack_collection(&mut back, None, &progress)
                .unwrap();
            assert!(back == collection);
            std::fs::metadata(&path).unwrap().len()
        });
        assert!(sizes[0] != sizes[1] && sizes[1] < len, "{sizes:?} of {len}");
    }

    /// More than the limits look away from, in one file and in many.
    #[test]
    fn silence_is_no_trap() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.colpkg");
        let progress = Progress::new();
        let out = File::create(&path).unwrap();
        let mut writer = PackageWriter::start(out, Generation::Latest).unwrap();
        writer
            .write_collection(&mut &b"abc"[..], 3, Effort::for_size(3), &progress)
            .unwrap();
        let large = RATIO_FREE_BYTES + (1 << 20);
        let small = WHOLE_FREE_BYTES - large + 1;
        let mut silence = std::io::repeat(0).take(large);
        writer.add_media("0.wav", &mut silence, &progress).unwrap();
        let part = MediaFile {
            name: "part.wav".into(),
            path: folder.path().join("part.wav"),
            size: small / 50,
        };
        std::fs::write(&part.path, vec![0; part.size as usize]).unwrap();
        let mut packer = MediaPacker::new(Generation::Latest).unwrap();
        for n in 1..=51 {
            let ready = packer.pack(&part, Vec::new(), &progress);
            let ready = ready.unwrap().unwrap();
            writer.add_prepared(&format!("{n}.wav"), ready).unwrap();
        }
        writer.finish().unwrap();
        let size = std::fs::metadata(&path).unwrap().len();
        assert!(size < WHOLE_FREE_BYTES / 100, "{size} bytes");
        let mut package = Package::open(&path).unwrap();
        let media = package.media().unwrap();
        let mut sink = std::io::sink();
        let mut out = Counted(&mut sink, 0);
        package
            .unpack_media(&media[1], &mut out, None, &progress)
            .unwrap();
        assert_eq!(out.1, part.size);
        let mut package = Package::open(&path).unwrap();
        package.read_through(&progress).unwrap();
    }

    #[test]
    fn a_streamed_package_is_read_back_and_its_collection_begins_behind_the_description() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.colpkg");
        let (collection, progress) = (vec![7; 100_000], Progress::new());
        for generation in [Generation::Latest, Generation::Legacy2] {
            let out = File::create(&path).unwrap();
            let mut writer = PackageWriter::start_streaming(out, generation).unwrap();
            writer.flush().unwrap();
            let start = std::fs::metadata(&path).unwrap().len() as usize;
            let effort = Effort::for_size(100_000);
            writer
                .write_collection(&mut &collection[..], 100_000, effort, &progress)
                .unwrap();
            writer
                .add_media("a.png", &mut &b"png"[..], &progress)
                .unwrap();
            writer.finish().unwrap();
            let name = generation.collection_entry().as_bytes();
            let bytes = std::fs::read(&path).unwrap();
            assert!(bytes[start..].starts_with(b"PK\x03\x04"));
            assert!(bytes[start + 30..].starts_with(name));
            let mut package = Package::open(&path).unwrap();
            package.read_through(&progress).unwrap();
            let mut again = package.again();
            let media = again.media().unwrap();
            let mut back = Vec::new();
            again
                .unpack_media(&media[0], &mut back, None, &progress)
                .unwrap();
            assert_eq!(back, b"png");
        }
    }

    #[test]
    fn media_compressed_ahead_are_read_back_unless_they_are_large() {
        let folder = tempfile::tempdir().unwrap();
        let progress = Progress::new();
        let mut noise = vec![0; 300_000];
        blake3::Hasher::new().finalize_xof().fill(&mut noise);
        let silence = vec![7; 300_000];
        let contents = [vec![], b"png".to_vec(), silence, b"p".to_vec(), noise];
        let file = |n: usize, content: &[u8]| {
            let path = folder.path().join(format!("{n}.png"));
            std::fs::write(&path, content).unwrap();
            MediaFile {
                name: format!("{n}.png"),
                path,
                size: content.len() as u64,
            }
        };
        for generation in [Generation::Latest, Generation::Legacy2] {
            let path = folder.path().join("x.colpkg");
            let mut writer =
                PackageWriter::start(File::create(&path).unwrap(), generation).unwrap();
            let effort = Effort::for_size(3);
            writer
                .write_collection(&mut &b"abc"[..], 3, effort, &progress)
                .unwrap();
            let mut packer = MediaPacker::new(generation).unwrap();
            let mut memory = Vec::new();
            for (n, content) in contents.iter().enumerate() {
                let media = file(n, content);
                let ready = packer.pack(&media, memory, &progress).unwrap();
                memory = writer.add_prepared(&media.name, ready.unwrap()).unwrap();
            }
            // Grown since it was listed.
            let mut large = file(9, &vec![7; AHEAD_BYTES as usize + 1]);
            large.size = 1;
            assert!(packer.pack(&large, memory, &progress).unwrap().is_none());
            let shrunk = generation.is_zstd();
            let as_they_are = [true, true, !shrunk, true, true];
            assert_eq!(writer.as_they_are(), as_they_are);
            writer.finish().unwrap();
            let mut package = Package::open(&path).unwrap();
            let media = package.media().unwrap();
            assert_eq!(media.len(), contents.len());
            for ((media, content), is_as_it_is) in media.iter().zip(&contents).zip(as_they_are) {
                let mut back = Vec::new();
                package
                    .unpack_media(media, &mut back, None, &progress)
                    .unwrap();
                assert!(back == *content);
                assert_eq!(
                    package.pass_over_media(media, &progress).is_ok(),
                    is_as_it_is
                );
            }
            // In the last file, before the list and the directory.
            let mut bytes = std::fs::read(&path).unwrap();
            let at = bytes.len() - 150_000;
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            let mut package = Package::open(&path).unwrap();
            let error = package.pass_over_media(&media[4], &progress).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt);
        }
    }

    #[test]
    fn a_source_of_another_length_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let out = File::create(folder.path().join("x")).unwrap();
        let mut writer = PackageWriter::start(out, Generation::Legacy2).unwrap();
        let error = writer
            .write_collection(&mut &b"abc"[..], 5, Effort::for_size(5), &Progress::new())
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
    }

    #[test]
    fn cancelling_stops_both_ways() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.colpkg");
        write(Generation::Latest, &[5; 100_000], &path);
        let progress = Progress::new();
        progress.cancel();
        let error = Package::open(&path)
            .unwrap()
            .unpack_collection(&mut std::io::sink(), None, &progress)
            .unwrap_err();
        assert!(error.is_interrupted());
    }
}
