//! The sound of films in Matroska (`.webm`, `.mkv`) and AVI, as a file of the format that it is
//! packed in: such files are what `decode` knows. Pure: bytes in, bytes out, and nothing of films
//! that are damaged or whose sound is in another format.
//!
//! Both containers are read flat: an element that holds others is passed by its head alone, as if
//! they stood beside it. So nobody needs to know its length; browsers record without.

use ogg::{PacketWriteEndInfo, PacketWriter};

/// What kind a track of Matroska is, and that of sounds.
const TRACK_TYPE: u64 = 0x83;
const SOUND: u64 = 2;
/// A comment that says nothing: Opus in Ogg has one.
const OPUS_COMMENT: &[u8] = b"OpusTags\0\0\0\0\0\0\0\0";
/// Films have few tracks, and what is left out of packets is a few bytes long. Damaged files may say
/// anything, and each track costs a look through the file, each packet what it begins with.
const MOST_TRACKS: usize = 64;
const LONGEST_PREFIX: usize = 16;
/// Of 20 ms each they last for days.
const MOST_PACKETS: usize = 1 << 23;

/// The first sound of a film that can be played; None of other films and of what is no film.
pub(super) fn sound_of_film(bytes: &[u8]) -> Option<Vec<u8>> {
    if is_matroska(bytes) {
        matroska(bytes)
    } else if is_avi(bytes) {
        avi(bytes)
    } else {
        None
    }
}

/// Whether this is a film, in mp4 too, that has no sound in any format. One whose heads are missing
/// is damaged.
pub(super) fn is_silent_film(bytes: &[u8]) -> bool {
    // The kind of each stream has this name in its head.
    let has = |name: &str| memchr::memmem::find(bytes, name.as_bytes()).is_some();
    if is_matroska(bytes) {
        let kinds = elements(bytes).filter(|&(id, _)| id == TRACK_TYPE);
        let mut kinds = kinds.map(|(_, data)| big(data)).peekable();
        kinds.peek().is_some() && kinds.all(|kind| kind != SOUND)
    } else if is_avi(bytes) {
        !has("auds") && has("vids")
    } else {
        bytes.get(4..8) == Some(b"ftyp") && !has("soun") && has("vide")
    }
}

fn is_matroska(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1a\x45\xdf\xa3")
}

fn is_avi(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"AVI ")
}

/// A piece of sound, as its format has it.
struct Packet<'a> {
    data: &'a [u8],
    /// When it begins, as far as the container says.
    seconds: f64,
}

fn avi(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut streams = 0;
    let mut is_sound = false;
    let mut format: Option<(String, &[u8])> = None;
    let mut packets = Vec::new();
    let mut rest = bytes;
    while let (Some(id), Some(size)) = (rest.first_chunk::<4>(), rest.get(4..8)) {
        if matches!(id, b"RIFF" | b"LIST") {
            rest = rest.get(12..).unwrap_or_default();
            continue;
        }
        let size = usize::try_from(little(size)).unwrap_or(usize::MAX);
        let body = &rest[8..];
        let data = &body[..size.min(body.len())];
        rest = body
            .get(size.saturating_add(size % 2)..)
            .unwrap_or_default();
        match id {
            b"strh" => {
                streams += 1;
                is_sound = data.starts_with(b"auds");
            }
            // Its pieces are called by its number.
            b"strf" if is_sound && format.is_none() => {
                format = Some((format!("{:02}wb", streams - 1), data));
            }
            id if format
                .as_ref()
                .is_some_and(|(name, _)| name.as_bytes() == id) =>
            {
                packets.push(Packet { data, seconds: 0.0 });
            }
            _ => {}
        }
    }
    of_wave_format(format?.1, &packets)
}

/// By the head that AVI has for sounds, and old programs in Matroska too.
fn of_wave_format(format: &[u8], packets: &[Packet<'_>]) -> Option<Vec<u8>> {
    match little(format.get(..2)?) {
        // MP3, and AAC with a head at each packet.
        0x55 | 0x1600 => Some(joined(&[], &[], packets)),
        0xff => adts(format.get(18..)?, packets),
        // Plain samples; programs differ in what may follow.
        1 | 3 => Some(wave(format.get(..16)?, packets)),
        _ => Some(wave(format, packets)),
    }
}

#[derive(Default)]
struct Track<'a> {
    number: u64,
    is_sound: bool,
    codec: &'a [u8],
    private: &'a [u8],
    rate: Option<f64>,
    channels: Option<u64>,
    bits: u64,
    /// What all packets begin with, where it is left out of them.
    prefix: &'a [u8],
    /// Compressed in other ways, or encrypted.
    is_packed: bool,
}

impl Track<'_> {
    /// The packets are as their format has them, but for a beginning that is given back.
    fn is_plain(&self) -> bool {
        let given_back = self.codec == b"A_MPEG/L3" && self.prefix.len() <= LONGEST_PREFIX;
        !self.is_packed && (self.prefix.is_empty() || given_back)
    }
}

fn matroska(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut tracks: Vec<Track<'_>> = Vec::new();
    let mut tick_ns = 1_000_000;
    for (id, data) in elements(bytes) {
        let is_full = tracks.len() >= MOST_TRACKS;
        match (id, tracks.last_mut()) {
            (0x2a_d7b1, _) => tick_ns = big(data),
            (0xae, _) if is_full => break,
            (0xae, _) => tracks.push(Track::default()),
            (0xd7, Some(track)) => track.number = big(data),
            (TRACK_TYPE, Some(track)) => track.is_sound = big(data) == SOUND,
            (0x86, Some(track)) => {
                track.codec = data.split(|&byte| byte == 0).next().unwrap_or_default();
            }
            (0x63a2, Some(track)) => track.private = data,
            (0xb5, Some(track)) => track.rate = Some(float(data)),
            (0x9f, Some(track)) => track.channels = Some(big(data)),
            (0x6264, Some(track)) => track.bits = big(data),
            (0x5034 | 0x5035, Some(track)) => track.is_packed = true,
            (0x4254, Some(track)) => track.is_packed = big(data) != 3,
            (0x4255, Some(track)) => track.prefix = data,
            _ => {}
        }
    }
    tracks
        .iter()
        .filter(|track| track.is_sound && track.is_plain())
        .find_map(|track| of_track(track, &packets(bytes, track.number, tick_ns as f64 / 1e9)))
}

fn packets(bytes: &[u8], number: u64, tick_seconds: f64) -> Vec<Packet<'_>> {
    let mut packets = Vec::new();
    let mut cluster = 0;
    for (id, data) in elements(bytes) {
        if packets.len() >= MOST_PACKETS {
            break;
        }
        match (id, vint(data)) {
            (0xe7, _) => cluster = big(data),
            (0xa1 | 0xa3, Some((track, &[high, low, flags, ref data @ ..]))) if track == number => {
                let ticks = cluster as f64 + f64::from(i16::from_be_bytes([high, low]));
                let seconds = ticks * tick_seconds;
                let pieces = match flags & 6 {
                    0 => Some(vec![data]),
                    2 => laced(data),
                    4 => cut_evenly(data),
                    _ => laced_by_differences(data),
                };
                let pieces = pieces.unwrap_or_default().into_iter();
                packets.extend(pieces.map(|data| Packet { data, seconds }));
            }
            _ => {}
        }
    }
    packets.retain(|packet| !packet.data.is_empty());
    packets
}

fn of_track(track: &Track<'_>, packets: &[Packet<'_>]) -> Option<Vec<u8>> {
    match track.codec {
        // Nothing is cut at the end, where the times are not exact enough for that.
        b"A_OPUS" => {
            let heads = [track.private, OPUS_COMMENT];
            ogg(&heads, 48_000, packets, PacketWriteEndInfo::EndPage)
        }
        b"A_VORBIS" => {
            let heads = laced(track.private)?;
            let rate = little(heads.first()?.get(12..16)?);
            ogg(&heads, rate, packets, PacketWriteEndInfo::EndStream)
        }
        b"A_FLAC" => Some(joined(track.private, &[], packets)),
        b"A_MPEG/L3" => Some(joined(&[], track.prefix, packets)),
        b"A_PCM/INT/LIT" => Some(wave(&wave_format(1, track), packets)),
        b"A_PCM/FLOAT/IEEE" => Some(wave(&wave_format(3, track), packets)),
        b"A_MS/ACM" => of_wave_format(track.private, packets),
        codec if codec.starts_with(b"A_AAC") => adts(track.private, packets),
        _ => None,
    }
}

/// Ids and contents, in order; none where the file is damaged.
fn elements(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    // Segment, its information, cluster, group of blocks, tracks, track, its sound, its encodings,
    // one of them, its compression.
    const HOLD_OTHERS: &[u64] = &[
        0x1853_8067,
        0x1549_a966,
        0x1f43_b675,
        0xa0,
        0x1654_ae6b,
        0xae,
        0xe1,
        0x6d80,
        0x6240,
        0x5034,
    ];
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (id, length) = with_marker(rest)?;
        let (size, body) = vint(&rest[length..])?;
        let size = if HOLD_OTHERS.contains(&id) {
            0
        } else {
            usize::try_from(size).unwrap_or(usize::MAX)
        };
        let (data, after) = body.split_at(size.min(body.len()));
        rest = after;
        Some((id, data))
    })
}

/// A number whose first byte tells by its zeros how many follow, and how many it takes.
fn with_marker(bytes: &[u8]) -> Option<(u64, usize)> {
    let length = bytes.first()?.leading_zeros() as usize + 1;
    let number = bytes.get(..length).filter(|_| length <= 8)?;
    Some((big(number), length))
}

/// The same without the bit that ends the zeros, and what comes behind it.
fn vint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, length) = with_marker(bytes)?;
    Some((number & !(1 << (7 * length)), &bytes[length..]))
}

fn big(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |n, &byte| (n << 8) | u64::from(byte))
}

fn little(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |n, &byte| (n << 8) | u64::from(byte))
}

fn float(bytes: &[u8]) -> f64 {
    match (bytes.first_chunk(), bytes.first_chunk()) {
        (_, Some(&long)) => f64::from_be_bytes(long),
        (Some(&short), _) => f64::from(f32::from_be_bytes(short)),
        _ => 0.0,
    }
}

/// Pieces with their sizes before them, each as a sum of bytes; the last has what is left.
fn laced(data: &[u8]) -> Option<Vec<&[u8]>> {
    let (&count, mut rest) = data.split_first()?;
    let mut sizes = Vec::new();
    for _ in 0..count {
        let mut size = 0;
        while let (&255, after) = rest.split_first()? {
            size += 255;
            rest = after;
        }
        let (&last, after) = rest.split_first()?;
        sizes.push(size + usize::from(last));
        rest = after;
    }
    cut(rest, &sizes)
}

/// The same with a size and then differences of sizes.
fn laced_by_differences(data: &[u8]) -> Option<Vec<&[u8]>> {
    let (&count, mut rest) = data.split_first()?;
    let mut sizes = Vec::new();
    let mut size = 0i64;
    for nth in 0..count {
        let (number, after) = vint(rest)?;
        let bits = 7 * (rest.len() - after.len());
        let zero = if nth == 0 { 0 } else { (1 << (bits - 1)) - 1 };
        size = size.saturating_add(i64::try_from(number).ok()? - zero);
        sizes.push(usize::try_from(size).ok()?);
        rest = after;
    }
    cut(rest, &sizes)
}

fn cut_evenly(data: &[u8]) -> Option<Vec<&[u8]>> {
    let (&count, rest) = data.split_first()?;
    let size = rest.len() / (usize::from(count) + 1);
    Some(rest.chunks(size.max(1)).collect())
}

fn cut<'a>(mut data: &'a [u8], sizes: &[usize]) -> Option<Vec<&'a [u8]>> {
    let mut pieces = Vec::new();
    for &size in sizes {
        let (piece, rest) = data.split_at_checked(size)?;
        pieces.push(piece);
        data = rest;
    }
    pieces.push(data);
    Some(pieces)
}

fn joined(head: &[u8], prefix: &[u8], packets: &[Packet<'_>]) -> Vec<u8> {
    let mut out = head.to_vec();
    for packet in packets {
        out.extend_from_slice(prefix);
        out.extend_from_slice(packet.data);
    }
    out
}

/// An Ogg file; the place where each packet ends is as exact as the times of the container.
fn ogg(
    heads: &[&[u8]],
    rate: u64,
    packets: &[Packet<'_>],
    end: PacketWriteEndInfo,
) -> Option<Vec<u8>> {
    let mut file = PacketWriter::new(Vec::new());
    for &head in heads {
        let page = PacketWriteEndInfo::EndPage;
        file.write_packet(head, 1, page, 0).ok()?;
    }
    let start = packets.first()?.seconds;
    let place = |seconds: f64| ((seconds - start) * rate as f64) as u64;
    for pair in packets.windows(2) {
        let more = PacketWriteEndInfo::NormalPacket;
        let place = place(pair[1].seconds);
        file.write_packet(pair[0].data, 1, more, place).ok()?;
    }
    let last = packets.last()?;
    let before = packets.iter().rev().find(|p| p.seconds < last.seconds);
    let length = before.map_or(0.0, |before| last.seconds - before.seconds);
    let place = place(last.seconds + length);
    file.write_packet(last.data, 1, end, place).ok()?;
    Some(file.into_inner())
}

/// AAC with a head at each packet, by the configuration that stands once in other files.
fn adts(config: &[u8], packets: &[Packet<'_>]) -> Option<Vec<u8>> {
    let config = big(config.get(..2)?);
    let (kind, rate, channels) = (config >> 11, (config >> 7) & 15, (config >> 3) & 15);
    // What adds to the plain kind (2) can be left out.
    let kind = if kind <= 4 { kind } else { 2 };
    if kind == 0 || rate > 12 || channels > 7 {
        return None;
    }
    let head = 0x00ff_f100_0000_1ffc | ((kind - 1) << 38) | (rate << 34) | (channels << 30);
    let mut out = Vec::new();
    for packet in packets {
        let length = packet.data.len() as u64 + 7;
        if length < 1 << 13 {
            out.extend_from_slice(&(head | (length << 13)).to_be_bytes()[1..]);
            out.extend_from_slice(packet.data);
        }
    }
    Some(out)
}

fn wave_format(kind: u16, track: &Track<'_>) -> Vec<u8> {
    let channels = track.channels.unwrap_or(1).min(64) as u16;
    let bits = track.bits.min(64) as u16;
    let (rate, block) = (track.rate.unwrap_or(8000.0) as u32, channels * bits / 8);
    let mut out = kind.to_le_bytes().to_vec();
    out.extend(channels.to_le_bytes());
    out.extend(rate.to_le_bytes());
    out.extend(rate.saturating_mul(u32::from(block)).to_le_bytes());
    out.extend(block.to_le_bytes());
    out.extend(bits.to_le_bytes());
    out
}

fn wave(format: &[u8], packets: &[Packet<'_>]) -> Vec<u8> {
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let data: usize = packets.iter().map(|packet| packet.data.len()).sum();
    let inside = b"WAVEfmt ".len() + 4 + format.len() + b"data".len() + 4 + data;
    let head = [
        &b"RIFF"[..],
        &length(inside),
        b"WAVEfmt ",
        &length(format.len()),
        format,
        b"data",
        &length(data),
    ]
    .concat();
    joined(&head, &[], packets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(id: &[u8], data: &[u8]) -> Vec<u8> {
        let length = (0x4000 | data.len() as u16).to_be_bytes();
        [id, &length, data].concat()
    }

    /// A film with a picture and a sound; what all its packets begin with may be left out of them.
    fn film_with(codec: &[u8], left_out: &[u8], block: &[u8]) -> Vec<u8> {
        let picture = [element(b"\xd7", b"\x01"), element(b"\x83", b"\x01")].concat();
        let prefix = [
            element(b"\x42\x54", b"\x03"),
            element(b"\x42\x55", left_out),
        ];
        let encoding = match left_out {
            [] => vec![],
            _ => element(b"\x62\x40", &element(b"\x50\x34", &prefix.concat())),
        };
        let sound = [
            element(b"\xd7", b"\x02"),
            element(b"\x83", b"\x02"),
            element(b"\x86", codec),
            element(b"\x6d\x80", &encoding),
        ];
        let tracks = [
            element(b"\xae", &picture),
            element(b"\xae", &sound.concat()),
        ];
        let cluster = [
            element(b"\xe7", b"\0"),
            element(b"\xa3", b"\x81\0\0\0a picture"),
            element(b"\xa3", block),
        ];
        let segment = [
            element(b"\x16\x54\xae\x6b", &tracks.concat()),
            element(b"\x1f\x43\xb6\x75", &cluster.concat()),
        ];
        [
            element(b"\x1a\x45\xdf\xa3", b""),
            element(b"\x18\x53\x80\x67", &segment.concat()),
        ]
        .concat()
    }

    #[test]
    fn a_block_holds_one_packet_or_many() {
        let check = |lacing: u8, data: &[u8], expect: &[u8]| {
            let block = [&[0x82, 0, 0, 0x80 | lacing][..], data].concat();
            let sound = sound_of_film(&film_with(b"A_MPEG/L3\0", b"|", &block));
            assert_eq!(sound.as_deref(), Some(expect), "{lacing}");
        };
        check(0, b"abc", b"|abc");
        check(2, b"\x02\x01\x02abbccc", b"|a|bb|ccc");
        let long = [b'x'; 256];
        let laced = [&b"\x01\xff\x01"[..], &long, b"y"].concat();
        check(2, &laced, &[&b"|"[..], &long, b"|y"].concat());
        check(4, b"\x02aabbcc", b"|aa|bb|cc");
        check(6, b"\x03\x82\xc0\xbdaabbbcdd", b"|aa|bbb|c|dd");
        // Sizes beyond the end.
        check(2, b"\x01\xf0ab", b"");
        check(4, b"\x07a", b"|a");
        check(6, b"\x02\x81\x80abc", b"");
    }

    #[test]
    fn films_without_a_sound_that_can_be_played_have_none() {
        for bytes in [
            film_with(b"A_AC3", b"", b"\x82\0\0\x80abc"),
            film_with(b"A_VORBIS", b"", b"\x82\0\0\x80abc"),
            film_with(b"A_AAC", b"", b"\x82\0\0\x80abc"),
            b"\x1a\x45\xdf\xa3\0\0\0".to_vec(),
            b"RIFF\x10\0\0\0AVI LIST\xff\xff\xff\xffmovi01wb".to_vec(),
            b"RIFF\x10\0\0\0WAVE".to_vec(),
            film_with(b"A_FLAC", b"|", b"\x82\0\0\x80abc"),
        ] {
            assert_eq!(sound_of_film(&bytes), None);
        }
    }

    #[test]
    fn a_film_does_not_grow_beyond_measure() {
        let sound =
            |left_out: &[u8]| sound_of_film(&film_with(b"A_MPEG/L3", left_out, b"\x82\0\0\x80abc"));
        let prefix = [b'|'; LONGEST_PREFIX + 1];
        assert!(sound(&prefix[1..]).is_some());
        assert_eq!(sound(&prefix), None);
    }

    #[test]
    fn silent_films_are_told_from_those_with_an_unknown_sound() {
        let track = |kind: &[u8]| element(b"\xae", &element(b"\x83", kind));
        let matroska = |tracks: &[u8]| {
            let tracks = element(b"\x16\x54\xae\x6b", tracks);
            [
                element(b"\x1a\x45\xdf\xa3", b""),
                element(b"\x18\x53\x80\x67", &tracks),
            ]
            .concat()
        };
        let check = |bytes: &[u8], expect: bool| {
            assert_eq!(is_silent_film(bytes), expect, "{}", bytes.escape_ascii());
        };
        check(&matroska(&track(b"\x01")), true);
        check(&matroska(&[track(b"\x01"), track(b"\x02")].concat()), false);
        check(&matroska(b""), false);
        check(b"RIFF\x10\0\0\0AVI LIST\x08\0\0\0strlvids", true);
        check(b"RIFF\x10\0\0\0AVI LIST\x08\0\0\0strlauds", false);
        check(b"RIFF\x10\0\0\0AVI LIST", false);
        check(b"\0\0\0\x08ftyp\0\0\0\x0cmoovvide", true);
        check(b"\0\0\0\x08ftyp\0\0\0\x0cmoovsoun", false);
        check(b"\0\0\0\x08ftyp\0\0\xff\xffmdat", false);
        check(b"not a film", false);
    }

    /// As browsers record, which cannot go back to write a length.
    #[test]
    fn no_length_is_needed() {
        let folder = std::path::Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap())
            .join("tests/sounds");
        let film = std::fs::read(folder.join("film.webm")).unwrap();
        let mut live = film.clone();
        for id in [b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"] {
            let at = memchr::memmem::find(&live, id).unwrap() + 4;
            let length = live[at].leading_zeros() as usize + 1;
            live[at] = 0xff >> (length - 1);
            live[at + 1..at + length].fill(0xff);
        }
        assert_ne!(film, live);
        assert!(sound_of_film(&film).is_some());
        assert_eq!(sound_of_film(&film), sound_of_film(&live));
    }

    #[test]
    fn avi_has_pieces_of_several_streams_in_lists() {
        let chunk = |id: &[u8], data: &[u8]| {
            let length = (data.len() as u32).to_le_bytes();
            let even = &b"\0"[..data.len() % 2];
            [id, &length, data, even].concat()
        };
        let format = b"\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0";
        let picture = [chunk(b"strh", b"vids"), chunk(b"strf", b"a head")].concat();
        let sound = [
            chunk(b"strh", b"auds"),
            chunk(b"strf", &[&format[..], b"\0\0"].concat()),
        ];
        let head = [
            b"hdrl".to_vec(),
            chunk(b"LIST", &[&b"strl"[..], &picture].concat()),
            chunk(b"LIST", &[&b"strl"[..], &sound.concat()].concat()),
        ];
        let group = [chunk(b"00dc", b"a picture"), chunk(b"01wb", b"abc")].concat();
        let pieces = [
            b"movi".to_vec(),
            chunk(b"LIST", &[&b"rec "[..], &group].concat()),
            chunk(b"01wb", b"de"),
        ];
        let all = [
            b"AVI ".to_vec(),
            chunk(b"LIST", &head.concat()),
            chunk(b"LIST", &pieces.concat()),
            chunk(b"idx1", b"01wb"),
        ];
        let film = chunk(b"RIFF", &all.concat());
        let inside = [
            &b"WAVE"[..],
            &chunk(b"fmt ", format),
            &chunk(b"data", b"abcde"),
        ]
        .concat();
        let mut expect = chunk(b"RIFF", &inside);
        // Our last piece has nothing behind it that would have to begin at an even place.
        expect.pop();
        expect[4] -= 1;
        assert_eq!(sound_of_film(&film), Some(expect));
    }
}
