//! Plays the sounds of cards, on a thread of its own: files in order, one list at a time. The
//! device is opened when the first sound is played and closed some seconds after the last; a
//! machine without one is told once and otherwise left in peace. Which sounds to play and when is
//! decided by the study screen.
//!
//! Formats: wav, mp3, ogg/vorbis, flac, m4a/aac; of videos in mp4 the sound track.

use crate::base::time::Stopwatch;
use crate::base::{Error, ErrorKind, Result};
use crate::render::Resources;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use rodio::mixer::Mixer;
use rodio::{Decoder, DeviceSinkBuilder, MixerDeviceSink, Player};
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// An open device costs a little time for every buffer, so it is closed when nothing plays.
const KEEP_OPEN: Duration = Duration::from_secs(5);
/// How often the thread looks whether the last sound has ended.
const LOOK: Duration = Duration::from_millis(50);
/// A missing device may be plugged in: so long until it is looked for again.
const RETRY: Duration = Duration::from_secs(20);

/// Where sound goes: a device, or a test that listens.
pub trait Output {
    fn mixer(&self) -> &Mixer;
}

/// Opens the output; called on the audio thread, again after a pause.
pub type OpenOutput = Box<dyn FnMut() -> Result<Box<dyn Output>> + Send>;

/// Something to tell the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AudioNotice {
    /// Told once; cards go on without sound.
    NoDevice,
    /// This file cannot be played: not there, or in no known format.
    CannotPlay(String),
}

/// Handle of the audio thread; cheap until the first sound.
pub struct Audio {
    resources: Arc<dyn Resources>,
    /// Until the thread is started.
    open: Option<OpenOutput>,
    waker: Arc<dyn Fn() + Send + Sync>,
    commands: Option<Sender<Command>>,
    notices: (Sender<AudioNotice>, Receiver<AudioNotice>),
    playing: Arc<AtomicBool>,
}

enum Command {
    Play(Vec<String>),
    Append(Vec<String>),
    Stop,
}

impl Audio {
    /// `waker` is called when there is a notice or the playing has ended.
    #[must_use]
    pub fn new(
        resources: Arc<dyn Resources>,
        open: OpenOutput,
        waker: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        Self {
            resources,
            open: Some(open),
            waker,
            commands: None,
            notices: unbounded(),
            playing: Arc::default(),
        }
    }

    /// Stops what plays and plays these files of the media folder, in order.
    pub fn play(&mut self, files: Vec<String>) {
        if files.is_empty() {
            return self.stop();
        }
        self.playing.store(true, Ordering::Relaxed);
        self.send(Command::Play(files));
    }

    /// Plays these after what plays now.
    pub fn append(&mut self, files: Vec<String>) {
        if !files.is_empty() {
            self.playing.store(true, Ordering::Relaxed);
            self.send(Command::Append(files));
        }
    }

    /// Silence at once.
    pub fn stop(&mut self) {
        self.playing.store(false, Ordering::Relaxed);
        if let Some(commands) = &self.commands {
            let _ = commands.send(Command::Stop);
        }
    }

    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.playing.load(Ordering::Relaxed)
    }

    /// Asked once a frame.
    pub fn take_notice(&self) -> Option<AudioNotice> {
        self.notices.1.try_recv().ok()
    }

    fn send(&mut self, command: Command) {
        if let Some(open) = self.open.take() {
            let (commands, inbox) = unbounded();
            let resources = self.resources.clone();
            let notices = self.notices.0.clone();
            let waker = self.waker.clone();
            let playing = self.playing.clone();
            let thread = std::thread::Builder::new().name("audio".to_owned());
            let run = move || {
                let worker = Worker {
                    inbox,
                    resources,
                    open,
                    notices,
                    waker,
                    playing,
                    output: None,
                    missing_since: None,
                    told: false,
                };
                worker.run();
            };
            match thread.spawn(run) {
                Ok(_) => self.commands = Some(commands),
                Err(error) => tracing::error!(%error, "no audio thread"),
            }
        }
        match &self.commands {
            // The thread ends only with this handle, so the message always arrives.
            Some(commands) => {
                let _ = commands.send(command);
            }
            None => self.playing.store(false, Ordering::Relaxed),
        }
    }
}

/// The system's default device.
#[must_use]
pub fn system_output() -> OpenOutput {
    Box::new(|| {
        let mut sink = DeviceSinkBuilder::open_default_sink().map_err(|error| {
            Error::new(ErrorKind::Unavailable, "no audio device").because(error)
        })?;
        sink.log_on_drop(false);
        Ok(Box::new(Device(sink)) as Box<dyn Output>)
    })
}

struct Device(MixerDeviceSink);

impl Output for Device {
    fn mixer(&self) -> &Mixer {
        self.0.mixer()
    }
}

struct Worker {
    inbox: Receiver<Command>,
    resources: Arc<dyn Resources>,
    open: OpenOutput,
    notices: Sender<AudioNotice>,
    waker: Arc<dyn Fn() + Send + Sync>,
    playing: Arc<AtomicBool>,
    output: Option<Box<dyn Output>>,
    missing_since: Option<Stopwatch>,
    told: bool,
}

impl Worker {
    fn run(mut self) {
        let mut player: Option<Player> = None;
        let mut idle: Option<Stopwatch> = None;
        loop {
            let command = if self.output.is_some() {
                self.inbox.recv_timeout(LOOK)
            } else {
                self.inbox
                    .recv()
                    .map_err(|_| RecvTimeoutError::Disconnected)
            };
            match command {
                Ok(Command::Play(files)) => {
                    stop(&mut player);
                    self.play(&mut player, files);
                    idle = None;
                }
                Ok(Command::Append(files)) => {
                    self.play(&mut player, files);
                    idle = None;
                }
                Ok(Command::Stop) => stop(&mut player),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return stop(&mut player),
            }
            if player.as_ref().is_none_or(Player::empty) && self.inbox.is_empty() {
                player = None;
                if self.playing.swap(false, Ordering::Relaxed) {
                    (self.waker)();
                }
                let idle = idle.get_or_insert_with(Stopwatch::start);
                if idle.elapsed() >= KEEP_OPEN {
                    self.output = None;
                }
            }
        }
    }

    fn play(&mut self, player: &mut Option<Player>, files: Vec<String>) {
        if !self.have_output() {
            return;
        }
        let Some(output) = &self.output else { return };
        let player = player.get_or_insert_with(|| Player::connect_new(output.mixer()));
        for file in files {
            match self.resources.read(&file).map(decode) {
                Some(Ok(sound)) => player.append(sound),
                Some(Err(error)) => {
                    tracing::warn!(%error, "cannot play a sound");
                    self.tell(AudioNotice::CannotPlay(file));
                }
                None => self.tell(AudioNotice::CannotPlay(file)),
            }
        }
    }

    fn have_output(&mut self) -> bool {
        if self.output.is_some() {
            return true;
        }
        let lately = self
            .missing_since
            .is_some_and(|since| since.elapsed() < RETRY);
        if lately {
            return false;
        }
        match (self.open)() {
            Ok(output) => {
                self.output = Some(output);
                self.missing_since = None;
                true
            }
            Err(error) => {
                tracing::warn!(%error, "no sound");
                self.missing_since = Some(Stopwatch::start());
                if !self.told {
                    self.told = true;
                    self.tell(AudioNotice::NoDevice);
                }
                false
            }
        }
    }

    fn tell(&self, notice: AudioNotice) {
        if self.notices.send(notice).is_ok() {
            (self.waker)();
        }
    }
}

fn stop(player: &mut Option<Player>) {
    if let Some(player) = player.take() {
        player.stop();
    }
}

fn decode(bytes: Vec<u8>) -> Result<Decoder<Cursor<Vec<u8>>>> {
    let length = bytes.len() as u64;
    Decoder::builder()
        .with_data(Cursor::new(bytes))
        .with_byte_len(length)
        .with_seekable(true)
        .build()
        .map_err(|error| Error::new(ErrorKind::Corrupt, "not a known sound format").because(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rodio::mixer::{MixerSource, mixer};
    use rodio::{ChannelCount, SampleRate};
    use std::sync::Mutex;

    struct Files;
    impl Resources for Files {
        fn read(&self, name: &str) -> Option<Vec<u8>> {
            match name {
                "low.wav" => Some(wav(0.25)),
                "high.wav" => Some(wav(0.75)),
                "broken.mp3" => Some(b"not a sound at all".to_vec()),
                _ => None,
            }
        }
        fn exists(&self, name: &str) -> bool {
            self.read(name).is_some()
        }
    }

    /// 1,000 equal samples, mono, 8 kHz.
    fn wav(level: f32) -> Vec<u8> {
        let samples = 1000u32;
        let mut out = b"RIFF".to_vec();
        out.extend((36 + samples * 2).to_le_bytes());
        out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
        out.extend(8000u32.to_le_bytes());
        out.extend(16000u32.to_le_bytes());
        out.extend(b"\x02\0\x10\0data");
        out.extend((samples * 2).to_le_bytes());
        for _ in 0..samples {
            out.extend(((level * 32767.0) as i16).to_le_bytes());
        }
        out
    }

    struct Listener(Mixer);
    impl Output for Listener {
        fn mixer(&self) -> &Mixer {
            &self.0
        }
    }

    fn listening() -> (Audio, Arc<Mutex<Option<MixerSource>>>) {
        let heard = Arc::new(Mutex::new(None));
        let place = heard.clone();
        let open: OpenOutput = Box::new(move || {
            let (mixer, source) = mixer(
                ChannelCount::new(1).unwrap(),
                SampleRate::new(8000).unwrap(),
            );
            *place.lock().unwrap() = Some(source);
            Ok(Box::new(Listener(mixer)) as Box<dyn Output>)
        });
        let audio = Audio::new(Arc::new(Files), open, Arc::new(|| {}));
        (audio, heard)
    }

    fn until(what: &str, mut done: impl FnMut() -> bool) {
        for _ in 0..2000 {
            if done() {
                return;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("did not happen: {what}");
    }

    /// Levels heard, each once, in order; silence left out.
    fn levels(source: &mut MixerSource, samples: usize) -> Vec<i32> {
        let mut levels: Vec<i32> = source
            .take(samples)
            .map(|s| (s * 100.0).round() as i32)
            .filter(|&s| s == 25 || s == 75)
            .collect();
        levels.dedup();
        levels
    }

    #[test]
    fn plays_in_order_and_says_when_it_has_ended() {
        let (mut audio, heard) = listening();
        audio.play(vec!["low.wav".into(), "high.wav".into(), "low.wav".into()]);
        assert!(audio.is_playing());
        let mut all = Vec::new();
        until("the end", || {
            if let Some(source) = heard.lock().unwrap().as_mut() {
                all.extend(levels(source, 400));
            }
            !audio.is_playing()
        });
        all.dedup();
        assert_eq!(all, [25, 75, 25]);
        assert_eq!(audio.take_notice(), None);
    }

    #[test]
    fn a_new_list_replaces_the_old_and_stop_is_silence() {
        let (mut audio, heard) = listening();
        audio.play(vec!["low.wav".into(); 50]);
        until("the first sound", || {
            let mut source = heard.lock().unwrap();
            source.as_mut().is_some_and(|s| levels(s, 100) == [25])
        });
        audio.play(vec!["high.wav".into()]);
        until("the second sound", || {
            let mut source = heard.lock().unwrap();
            source.as_mut().is_some_and(|s| levels(s, 100) == [75])
        });
        audio.stop();
        assert!(!audio.is_playing());
        until("silence", || {
            let mut source = heard.lock().unwrap();
            source.as_mut().is_some_and(|s| levels(s, 2000).is_empty())
        });
    }

    #[test]
    fn without_a_device_there_is_one_notice_and_no_failure() {
        let open: OpenOutput =
            Box::new(|| Err(Error::new(ErrorKind::Unavailable, "no audio device")));
        let mut audio = Audio::new(Arc::new(Files), open, Arc::new(|| {}));
        audio.play(vec!["low.wav".into()]);
        until("end of first", || !audio.is_playing());
        audio.play(vec!["low.wav".into()]);
        until("end of second", || !audio.is_playing());
        assert_eq!(audio.take_notice(), Some(AudioNotice::NoDevice));
        assert_eq!(audio.take_notice(), None);
    }

    #[test]
    fn files_that_cannot_be_played_are_named_and_skipped() {
        let (mut audio, heard) = listening();
        audio.play(vec![
            "broken.mp3".into(),
            "gone.ogg".into(),
            "high.wav".into(),
        ]);
        until("the good one", || {
            let mut source = heard.lock().unwrap();
            source.as_mut().is_some_and(|s| levels(s, 100) == [75])
        });
        assert_eq!(
            audio.take_notice(),
            Some(AudioNotice::CannotPlay("broken.mp3".into()))
        );
        assert_eq!(
            audio.take_notice(),
            Some(AudioNotice::CannotPlay("gone.ogg".into()))
        );
    }
}
