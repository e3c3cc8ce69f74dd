//! Opus in Ogg, decoded packet by packet while it plays: a lecture takes no more memory than its
//! file. It can begin anywhere: packets before the place are passed over undecoded.

use super::decode::unknown;
use crate::base::Result;
use ogg::{OggReadError, Packet, PacketReader};
use opus_decoder::OpusDecoder;
use rodio::source::SeekError;
use rodio::{ChannelCount, Sample, SampleRate, Source};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

/// Opus always decodes at this rate.
pub(super) const RATE: u32 = 48_000;
/// Samples of the longest packet (120 ms), for each channel.
const PACKET: usize = 5760;
/// So long before a place the decoder begins, so that it has found its way there (80 ms).
const PRE_ROLL: u64 = 3840;

type Reader = PacketReader<Cursor<Arc<[u8]>>>;

/// A file that was looked through, and not decoded.
#[derive(Clone)]
pub(super) struct OpusFile {
    bytes: Arc<[u8]>,
    stream: u32,
    channels: ChannelCount,
    rate: SampleRate,
    /// Samples of a channel that come before the sound.
    skip: u64,
    /// Samples of a channel with those, up to the padding at the end.
    length: u64,
    /// How loud the file wants to be.
    factor: f32,
}

// The first packet of an Ogg file says what is in it.
pub(super) fn is_opus(bytes: &[u8]) -> bool {
    bytes.starts_with(b"OggS")
        && bytes[..bytes.len().min(128)]
            .windows(8)
            .any(|window| window == b"OpusHead")
}

impl OpusFile {
    pub fn of(bytes: Arc<[u8]>) -> Result<Self> {
        let damaged = |error: OggReadError| unknown().because(error);
        let mut reader = Reader::new(Cursor::new(bytes.clone()));
        let head = reader.read_packet().map_err(damaged)?.ok_or_else(unknown)?;
        let (Some(&channels), Some(&[low, high])) = (
            head.data.get(9),
            head.data.get(10..12).and_then(|b| b.first_chunk()),
        ) else {
            return Err(unknown());
        };
        // In 256ths of a decibel.
        let gain = head.data.get(16..18).and_then(|b| b.first_chunk());
        let gain = gain.map_or(0.0, |gain| f32::from(i16::from_le_bytes(*gain)) / 256.0);
        let stream = head.stream_serial();
        let _comments = reader.read_packet().map_err(damaged)?;
        let mut length = 0;
        while let Some(packet) = next_packet(&mut reader) {
            if packet.stream_serial() != stream {
                continue;
            }
            length += samples_of(&packet.data);
            if packet.last_in_stream() {
                length = length.min(packet.absgp_page());
                break;
            }
        }
        if length == 0 {
            return Err(unknown());
        }
        let file = Self {
            bytes,
            stream,
            channels: ChannelCount::new(u16::from(channels)).ok_or_else(unknown)?,
            rate: SampleRate::new(RATE).ok_or_else(unknown)?,
            skip: u64::from(u16::from_le_bytes([low, high])),
            length,
            factor: 10f32.powf(gain / 20.0),
        };
        file.decoder()?;
        Ok(file)
    }

    fn decoder(&self) -> Result<OpusDecoder> {
        OpusDecoder::new(RATE, usize::from(self.channels.get()))
            .map_err(|error| unknown().because(format!("{error:?}")))
    }

    /// From a place on; nothing when that is behind the end.
    pub fn from(&self, start: Duration) -> Result<OpusSource> {
        let from = (start.as_secs_f64() * f64::from(RATE)) as u64;
        let from = self.skip.saturating_add(from);
        let channels = usize::from(self.channels.get());
        let left = usize::try_from(self.length.saturating_sub(from)).unwrap_or(usize::MAX);
        let mut source = OpusSource {
            reader: Reader::new(Cursor::new(self.bytes.clone())),
            decoder: self.decoder()?,
            decoded: vec![0.0; PACKET * channels],
            next: 0,
            end: 0,
            at: 0,
            from,
            samples: left.saturating_mul(channels),
            file: self.clone(),
        };
        for _ in ["head", "comments"] {
            source
                .reader
                .read_packet()
                .map_err(|e| unknown().because(e))?;
        }
        // The device is not to wait for the packets that are passed over.
        source.decode_next();
        Ok(source)
    }
}

/// What plays of an [`OpusFile`].
pub(super) struct OpusSource {
    file: OpusFile,
    reader: Reader,
    decoder: OpusDecoder,
    /// A packet; of it, `next..end` is still to be heard.
    decoded: Vec<f32>,
    next: usize,
    end: usize,
    /// Where the next packet begins, in samples of a channel.
    at: u64,
    /// Where the sound begins to be heard.
    from: u64,
    /// To be heard, from there to the end.
    samples: usize,
}

impl OpusSource {
    /// Decodes up to a packet of which something is heard; false when there is no more.
    fn decode_next(&mut self) -> bool {
        let channels = usize::from(self.file.channels.get());
        while self.at < self.file.length {
            let Some(packet) = next_packet(&mut self.reader) else {
                return false;
            };
            if packet.stream_serial() != self.file.stream {
                continue;
            }
            let (begin, long) = (self.at, samples_of(&packet.data));
            self.at += long;
            if self.at + PRE_ROLL <= self.from {
                continue;
            }
            // A damaged packet is a click, not the end.
            let decoded = self
                .decoder
                .decode_float(&packet.data, &mut self.decoded, false);
            let Ok(count) = decoded else { continue };
            let within = |place: u64| {
                let place = usize::try_from(place.saturating_sub(begin)).unwrap_or(usize::MAX);
                place.min(count) * channels
            };
            self.next = within(self.from);
            self.end = within(self.file.length);
            if self.next < self.end {
                return true;
            }
        }
        false
    }
}

impl Iterator for OpusSource {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        if self.next >= self.end && !self.decode_next() {
            return None;
        }
        let sample = self.decoded.get(self.next)?;
        self.next += 1;
        Some(sample * self.file.factor)
    }
}

impl Source for OpusSource {
    fn current_span_len(&self) -> Option<usize> {
        Some(self.samples)
    }

    fn channels(&self) -> ChannelCount {
        self.file.channels
    }

    fn sample_rate(&self) -> SampleRate {
        self.file.rate
    }

    fn total_duration(&self) -> Option<Duration> {
        let heard = self.file.length.saturating_sub(self.file.skip);
        Some(Duration::from_secs_f64(heard as f64 / f64::from(RATE)))
    }

    // A sound begins anew where it is to go on: see `Sound::from`.
    fn try_seek(&mut self, _: Duration) -> std::result::Result<(), SeekError> {
        let underlying_source = std::any::type_name::<Self>();
        Err(SeekError::NotSupported { underlying_source })
    }
}

/// A damaged page is passed over, and what goes on from it; where the file is cut off, the sound ends.
fn next_packet(reader: &mut Reader) -> Option<Packet> {
    loop {
        match reader.read_packet() {
            Ok(packet) => return packet,
            Err(OggReadError::HashMismatch(..) | OggReadError::InvalidData) => {}
            Err(_) => return None,
        }
    }
}

/// How long a packet is, in samples of a channel, by its first bytes.
fn samples_of(packet: &[u8]) -> u64 {
    let Some(&head) = packet.first() else {
        return 0;
    };
    let long = match head >> 3 {
        kind @ 0..12 => [480, 960, 1920, 2880][usize::from(kind & 3)],
        kind @ 12..16 => [480, 960][usize::from(kind & 1)],
        kind => [120, 240, 480, 960][usize::from(kind & 3)],
    };
    let frames = match head & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => packet.get(1).map_or(0, |count| u64::from(count & 0x3f)),
    };
    frames * long
}

#[cfg(test)]
mod tests {
    use super::*;
    use ogg::{PacketWriteEndInfo, PacketWriter};
    use std::path::Path;

    /// The tone of `tests/sounds` over and over again, `minutes` long.
    fn long(minutes: usize) -> Vec<u8> {
        let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("tests/sounds");
        let tone = std::fs::read(folder.join("tone.opus")).unwrap();
        let mut reader = PacketReader::new(Cursor::new(tone));
        let mut packets = Vec::new();
        while let Some(packet) = reader.read_packet().unwrap() {
            packets.push(packet.data);
        }
        let sound = packets.split_off(2);
        let mut writer = PacketWriter::new(Vec::new());
        for head in packets {
            let page = PacketWriteEndInfo::EndPage;
            writer.write_packet(head, 7, page, 0).unwrap();
        }
        let wanted = minutes as u64 * 60 * u64::from(RATE);
        let mut at = 0;
        for packet in sound.iter().cycle() {
            at += samples_of(packet);
            let info = match at >= wanted {
                true => PacketWriteEndInfo::EndStream,
                false => PacketWriteEndInfo::NormalPacket,
            };
            writer.write_packet(packet.clone(), 7, info, at).unwrap();
            if at >= wanted {
                return writer.into_inner();
            }
        }
        unreachable!("the tone has packets")
    }

    #[test]
    fn a_lecture_plays_and_can_begin_anywhere() {
        let bytes = long(40);
        assert!(is_opus(&bytes));
        let file = OpusFile::of(bytes.into()).unwrap();
        let whole = file.from(Duration::ZERO).unwrap();
        let seconds = whole.total_duration().unwrap().as_secs_f64();
        assert!((2399.0..2401.0).contains(&seconds), "{seconds}");
        assert!(whole.take(48_000).any(|s| s > 0.4), "its first second");
        let late = file.from(Duration::from_secs(2395)).unwrap();
        let promised = late.current_span_len().unwrap();
        let heard: Vec<f32> = late.collect();
        assert_eq!(heard.len(), promised);
        assert!((4.9..5.1).contains(&(heard.len() as f64 / f64::from(RATE))));
        assert!(heard.iter().any(|s| *s > 0.4));
        let behind = file.from(Duration::from_secs(2500)).unwrap();
        assert_eq!(behind.count(), 0, "nothing behind the end");
    }

    /// A page has 255 packets of 20 ms here.
    #[test]
    fn what_is_left_of_a_damaged_file_plays() {
        let whole = long(1);
        let middle = whole.len() / 2;
        let seconds = |bytes: Vec<u8>| {
            let file = OpusFile::of(bytes.into()).unwrap();
            file.from(Duration::ZERO).unwrap().count() as f64 / f64::from(RATE)
        };
        let cut = seconds(whole[..middle].to_vec());
        assert!((24.0..30.1).contains(&cut), "{cut} s");
        let mut damaged = whole.clone();
        damaged[middle] ^= 1;
        let damaged = seconds(damaged);
        assert!((44.0..56.0).contains(&damaged), "{damaged} s");
        let heads = OpusFile::of(whole[..200].to_vec().into());
        assert!(heads.is_err(), "nothing is left");
    }
}
