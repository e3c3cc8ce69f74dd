//! Sound files to something that plays. Formats: wav, mp3, ogg/vorbis, opus, flac, m4a/aac; of
//! films in mp4 the sound track, and of those that `film` knows. Pure: bytes in, samples out. The
//! libraries panic at some damaged files; such a file is no sound, or ends there.

use super::film;
use super::opus::{self, OpusFile};
use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use rodio::buffer::SamplesBuffer;
use rodio::source::SeekError;
use rodio::{ChannelCount, Decoder, Sample, SampleRate, Source};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// What lies before a place so far in would take too long to be passed over, and a packet more or
/// less is not heard there.
const FAR: Duration = Duration::from_secs(30);

/// A sound that can be started from any place, any number of times.
#[derive(Clone)]
pub(super) enum Sound {
    /// Decoded while it plays.
    File(Arc<[u8]>),
    /// Likewise.
    Opus(OpusFile),
    /// What was just recorded.
    Samples(SamplesBuffer),
}

/// What a [`Player`](rodio::Player) takes.
pub(super) type Playable = Box<dyn Source + Send>;

impl Sound {
    /// Looks at the bytes only; fails when they are no sound, but not of a silent film.
    pub fn of(bytes: Vec<u8>) -> Result<Self> {
        if film::is_silent_film(&bytes) {
            let rate = SampleRate::new(opus::RATE).ok_or_else(unknown)?;
            return Ok(Self::of_samples(rate, Vec::new()));
        }
        let bytes = guarded(|| Ok(film::sound_of_film(&bytes)))?.unwrap_or(bytes);
        let bytes: Arc<[u8]> = bytes.into();
        if opus::is_opus(&bytes) {
            return guarded(|| OpusFile::of(bytes)).map(Self::Opus);
        }
        guarded(|| decoder(bytes.clone()))?;
        Ok(Self::File(bytes))
    }

    /// Samples of one channel.
    pub fn of_samples(rate: SampleRate, samples: Vec<f32>) -> Self {
        Self::Samples(SamplesBuffer::new(ChannelCount::MIN, rate, samples))
    }

    /// From a place on; nothing when that is behind the end.
    pub fn from(&self, start: Duration) -> Result<Playable> {
        match self {
            Self::File(bytes) => match guarded(|| decoder_at(bytes, start))? {
                Some(source) => Ok(Guarded::playable(source)),
                None => {
                    let rate = SampleRate::new(opus::RATE).ok_or_else(unknown)?;
                    Self::of_samples(rate, Vec::new()).from(Duration::ZERO)
                }
            },
            Self::Opus(file) => {
                let source = guarded(|| file.from(start))?;
                Ok(Guarded::playable(source))
            }
            Self::Samples(samples) => {
                let mut source = samples.clone();
                // A buffer can jump to any place.
                let _ = source.try_seek(start);
                Ok(Box::new(source))
            }
        }
    }
}

type FileDecoder = Decoder<Cursor<Arc<[u8]>>>;

/// Ends where its decoder panics: that would end the thread of the device, and all sounds.
struct Guarded<S> {
    source: S,
    ended: bool,
}

impl<S: Source + Send + 'static> Guarded<S> {
    fn playable(source: S) -> Playable {
        Box::new(Self {
            source,
            ended: false,
        })
    }
}

impl<S: Source> Iterator for Guarded<S> {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        if self.ended {
            return None;
        }
        let sample = catch_unwind(AssertUnwindSafe(|| self.source.next())).unwrap_or(None);
        self.ended = sample.is_none();
        sample
    }
}

impl<S: Source> Source for Guarded<S> {
    fn current_span_len(&self) -> Option<usize> {
        if self.ended {
            return Some(0);
        }
        self.source.current_span_len()
    }

    fn channels(&self) -> ChannelCount {
        self.source.channels()
    }

    fn sample_rate(&self) -> SampleRate {
        self.source.sample_rate()
    }

    fn total_duration(&self) -> Option<Duration> {
        self.source.total_duration()
    }

    // A sound begins anew where it is to go on: see `Sound::from`.
    fn try_seek(&mut self, _: Duration) -> std::result::Result<(), SeekError> {
        let underlying_source = std::any::type_name::<Self>();
        Err(SeekError::NotSupported { underlying_source })
    }
}

fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(unknown()))
}

/// None behind the end.
fn decoder_at(bytes: &Arc<[u8]>, start: Duration) -> Result<Option<FileDecoder>> {
    let mut source = decoder(bytes.clone())?;
    let is_mp4 = bytes.get(4..8) == Some(b"ftyp");
    // In mp4 a jump ends at the packet before the place, also behind the end; the length of plain
    // AAC is only estimated, and no jump goes beyond that. Films in fragments name the length of the
    // first one alone.
    let is_whole = || memchr::memmem::find(bytes, b"moof").is_none();
    let is_far = is_mp4 && start >= FAR && is_whole();
    let length = source.total_duration().filter(|_| is_far);
    if length.is_some_and(|length| start >= length) {
        return Ok(None);
    }
    let jumps = (!is_mp4 || length.is_some()) && !bytes.starts_with(b"\xff\xf1");
    if start.is_zero() || (jumps && source.try_seek(start).is_ok()) {
        return Ok(Some(source));
    }
    // The samples before the place are passed over.
    let mut source = decoder(bytes.clone())?;
    let frames = start.as_secs_f64() * f64::from(source.sample_rate().get());
    for _ in 0..frames as u64 * u64::from(source.channels().get()) {
        if source.next().is_none() {
            break;
        }
    }
    Ok(Some(source))
}

fn decoder(bytes: Arc<[u8]>) -> Result<FileDecoder> {
    let length = bytes.len() as u64;
    Decoder::builder()
        .with_data(Cursor::new(bytes))
        .with_byte_len(length)
        .with_seekable(true)
        .build()
        .map_err(|error| unknown().because(error))
}

pub(super) fn unknown() -> Error {
    Error::new(ErrorKind::Corrupt, mark!("not a known sound format"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const FILES: [&str; 16] = [
        "tone.wav",
        "tone.mp3",
        "tone.ogg",
        "tone.opus",
        "stereo.opus",
        "tone.flac",
        "tone.m4a",
        "film.mp4",
        "film.webm",
        "vorbis.webm",
        "flac.mkv",
        "mp3.mkv",
        "aac.mkv",
        "pcm.mkv",
        "film.avi",
        "pcm.avi",
    ];

    /// The files of `tests/sounds`: one second of 440 Hz at half of full scale.
    fn sound(name: &str) -> Sound {
        let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("tests/sounds");
        Sound::of(std::fs::read(folder.join(name)).unwrap()).unwrap()
    }

    /// Seconds, oscillations and loudest sample of the first channel.
    fn measure(source: Playable) -> (f32, usize, f32) {
        let channels = usize::from(source.channels().get());
        let rate = source.sample_rate().get() as f32;
        let samples: Vec<f32> = source.step_by(channels).collect();
        // What encoders put before and behind is no oscillation.
        let loud: Vec<f32> = samples.iter().copied().filter(|s| s.abs() > 0.01).collect();
        let crossings = loud.windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0);
        let loudest = samples.iter().fold(0f32, |most, s| most.max(s.abs()));
        (samples.len() as f32 / rate, crossings.count(), loudest)
    }

    #[test]
    fn every_format_is_decoded_whole() {
        for name in FILES {
            let source = sound(name).from(Duration::ZERO).unwrap();
            let (seconds, oscillations, loudest) = measure(source);
            assert!((0.95..1.15).contains(&seconds), "{name}: {seconds} s");
            assert!(oscillations.abs_diff(440) < 25, "{name}: {oscillations}");
            assert!((0.4..0.8).contains(&loudest), "{name}: {loudest}");
        }
    }

    #[test]
    fn every_format_can_begin_anywhere() {
        for name in FILES {
            let sound = sound(name);
            let source = sound.from(Duration::from_millis(600)).unwrap();
            let (seconds, ..) = measure(source);
            assert!((0.3..0.9).contains(&seconds), "{name}: {seconds} s");
            let (seconds, ..) = measure(sound.from(Duration::from_secs(9)).unwrap());
            assert!(seconds < 0.1, "{name}: {seconds} s after the end");
        }
    }

    /// 110 seconds of silence, then ten of the tone; an hour would take seconds to be passed over.
    #[test]
    fn a_long_mp4_jumps_to_its_place() {
        let late = sound("late.m4a");
        for (start, rest, tone) in [(40, 80.0, 10.0), (112, 8.0, 8.0)] {
            let source = late.from(Duration::from_secs(start)).unwrap();
            let (seconds, oscillations, _) = measure(source);
            assert!(
                (rest - 0.5..rest + 0.5).contains(&seconds),
                "{start}: {seconds} s"
            );
            let heard = oscillations as f32 / 440.0;
            assert!(
                (tone - 0.5..tone + 0.5).contains(&heard),
                "{start}: {heard} s"
            );
        }
        for start in [121, 3600] {
            let (seconds, ..) = measure(late.from(Duration::from_secs(start)).unwrap());
            assert!(seconds < 0.1, "{seconds} s after the end");
        }
    }

    /// Its first fragment has ten seconds, and that is the length that it names.
    #[test]
    fn an_mp4_in_fragments_goes_on_behind_the_first() {
        let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("tests/sounds");
        let mut film = std::fs::read(folder.join("late.m4a")).unwrap();
        let at = memchr::memmem::find(&film, b"mdhd").unwrap();
        let second = <[u8; 4]>::try_from(&film[at + 16..at + 20]).unwrap();
        let ten_seconds = u32::from_be_bytes(second) * 10;
        film[at + 20..at + 24].copy_from_slice(&ten_seconds.to_be_bytes());
        film.extend_from_slice(b"\0\0\0\x0cfreemoof");
        let film = Sound::of(film).unwrap();
        let (seconds, ..) = measure(film.from(Duration::from_secs(40)).unwrap());
        assert!((79.5..80.5).contains(&seconds), "{seconds} s");
    }

    #[test]
    fn opus_is_as_loud_as_its_head_says() {
        let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("tests/sounds");
        let mut film = std::fs::read(folder.join("film.webm")).unwrap();
        let at = memchr::memmem::find(&film, b"OpusHead").unwrap() + 16;
        // Half as loud: -6.02 decibels.
        film[at..at + 2].copy_from_slice(&(-1541i16).to_le_bytes());
        let quiet = Sound::of(film).unwrap().from(Duration::ZERO).unwrap();
        let (.., loudest) = measure(quiet);
        assert!((0.2..0.4).contains(&loudest), "{loudest}");
    }

    #[test]
    fn a_silent_film_is_over_at_once() {
        let film = Sound::of(b"\0\0\0\x08ftyp\0\0\0\x0cmoovvide".to_vec()).unwrap();
        for start in [0, 5] {
            let source = film.from(Duration::from_secs(start)).unwrap();
            assert_eq!(source.count(), 0);
        }
    }

    /// An ID3 tag with restrictions that the library takes for impossible.
    fn tagged_to_panic() -> Vec<u8> {
        let mut bytes = b"ID3\x04\0\x40\0\0\0\x20\0\0\0\x08\x01\x10\x01\x40".to_vec();
        bytes.resize(4000, 0);
        bytes
    }

    #[test]
    fn what_is_no_sound_is_refused() {
        for bytes in [
            b"".to_vec(),
            b"not a sound".to_vec(),
            b"OggS\0\x02OpusHead".to_vec(),
            b"RIFF\xff\xff\xff\xffWAVE".to_vec(),
            tagged_to_panic(),
        ] {
            assert!(Sound::of(bytes).is_err());
        }
    }
}
