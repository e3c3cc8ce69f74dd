//! The user's own voice: from the microphone to a file that lasts as long as the profile is open.

use super::decode::Sound;
use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use rodio::SampleRate;
use rodio::Source as _;
use rodio::microphone::MicrophoneBuilder;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Recordings end by themselves after so many seconds.
const MAX_SECS: usize = 600;

/// Where voice comes from: a microphone, or a test.
pub trait Input {
    /// Samples a second of one channel.
    fn rate(&self) -> SampleRate;
    /// Adds what was heard since the last time, mixed to one channel; false when no more will come.
    fn take(&mut self, samples: &mut Vec<f32>) -> bool;
}

/// Opens the input; called on the audio thread.
pub type OpenInput = Box<dyn FnMut() -> Result<Box<dyn Input>> + Send>;

/// See the module header.
#[derive(Default)]
pub(super) struct Recording {
    running: Option<Box<dyn Input>>,
    samples: Vec<f32>,
    kept: Option<Kept>,
}

struct Kept {
    sound: Sound,
    /// Of the file.
    bytes: Arc<[u8]>,
    /// Removed with this.
    _file: NamedTempFile,
}

impl Recording {
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub fn begin(&mut self, open: &mut OpenInput) -> Result<()> {
        self.samples.clear();
        self.running = Some(open()?);
        Ok(())
    }

    /// False when the recording is over by itself.
    pub fn listen(&mut self) -> bool {
        let Some(input) = &mut self.running else {
            return false;
        };
        let more = input.take(&mut self.samples);
        let most = MAX_SECS.saturating_mul(input.rate().get() as usize);
        more && self.samples.len() < most
    }

    /// Ends it and keeps what was heard in a file of the folder.
    pub fn end(&mut self, folder: &Path) -> Result<Sound> {
        let Some(mut input) = self.running.take() else {
            return Err(Error::new(
                ErrorKind::Bug,
                mark!("nothing is being recorded"),
            ));
        };
        input.take(&mut self.samples);
        let rate = input.rate();
        drop(input);
        let samples = std::mem::take(&mut self.samples);
        if samples.is_empty() {
            return Err(Error::new(
                ErrorKind::Unavailable,
                mark!("the microphone gave no sound"),
            ));
        }
        let mut file = tempfile::Builder::new()
            .prefix(".engram-tmp-voice-")
            .suffix(".wav")
            .tempfile_in(folder)?;
        let bytes: Arc<[u8]> = wave(rate, &samples).into();
        file.write_all(&bytes)?;
        let sound = Sound::of_samples(rate, samples);
        self.kept = Some(Kept {
            sound: sound.clone(),
            bytes,
            _file: file,
        });
        Ok(sound)
    }

    /// The file that was kept last.
    pub fn bytes(&self) -> Option<Arc<[u8]>> {
        self.kept.as_ref().map(|kept| kept.bytes.clone())
    }

    pub fn sound(&self) -> Option<Sound> {
        self.kept.as_ref().map(|kept| kept.sound.clone())
    }
}

/// A wav file of one channel with 16 bits a sample.
fn wave(rate: SampleRate, samples: &[f32]) -> Vec<u8> {
    let bytes = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX);
    let mut out = Vec::with_capacity(44 + samples.len() * 2);
    out.extend(b"RIFF");
    out.extend((bytes.saturating_add(36)).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    out.extend(rate.get().to_le_bytes());
    out.extend((rate.get() * 2).to_le_bytes());
    out.extend(b"\x02\0\x10\0data");
    out.extend(bytes.to_le_bytes());
    for sample in samples {
        let sample = (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16;
        out.extend(sample.to_le_bytes());
    }
    out
}

/// The system's default microphone.
pub(super) fn system_input() -> OpenInput {
    Box::new(|| {
        let missing = |error: Box<dyn std::error::Error + Send + Sync>| {
            Error::new(ErrorKind::Unavailable, "no microphone").because(error)
        };
        let microphone = MicrophoneBuilder::new()
            .default_device()
            .map_err(|error| missing(error.into()))?
            .default_config()
            .map_err(|error| missing(error.into()))?
            .open_stream()
            .map_err(|error| missing(error.into()))?;
        Ok(Box::new(Microphone(microphone)) as Box<dyn Input>)
    })
}

struct Microphone(rodio::microphone::Microphone);

impl Input for Microphone {
    fn rate(&self) -> SampleRate {
        self.0.sample_rate()
    }

    fn take(&mut self, samples: &mut Vec<f32>) -> bool {
        let channels = usize::from(self.0.channels().get());
        // Only whole frames that are there: asking for more would wait.
        let frames = self.0.size_hint().0 / channels;
        for _ in 0..frames {
            let frame: f32 = self.0.by_ref().take(channels).sum();
            samples.push(frame / channels as f32);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_a_wav_file_like_any_other() {
        let rate = SampleRate::new(8000).unwrap();
        let bytes = wave(rate, &[0.0, 0.5, -2.0]);
        assert_eq!(bytes.len(), 50);
        let sound = Sound::of(bytes).unwrap();
        let source = sound.from(std::time::Duration::ZERO).unwrap();
        assert_eq!(source.sample_rate(), rate);
        let levels: Vec<i32> = source.map(|s| (s * 10.0).round() as i32).collect();
        assert_eq!(levels, [0, 5, -10]);
    }
}
