//! Plays the sounds of cards, on a thread of its own: files and speech in order, one list at a
//! time. Which sounds to play and when is decided by the study screen.
//!
//! Here is the window's end; `player` is the thread, `decode` knows the formats, `opus` the one of
//! that name, `film` the containers of films, `speech` the programs that speak, `record` the
//! microphone.

mod decode;
mod film;
mod opus;
mod player;
mod record;
mod speech;

pub use record::{Input, OpenInput};
pub use speech::Voice;

use crate::base::program;
use crate::base::{Error, ErrorKind, Result};
use crate::render::Resources;
use crate::template::av::AvTag;
use crossbeam_channel::{Receiver, Sender, unbounded};
use rodio::mixer::Mixer;
use rodio::{DeviceSinkBuilder, MixerDeviceSink, cpal};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How far the keys jump.
pub const JUMP_SECS: i32 = 5;

/// Where sound goes: a device, or a test that listens.
pub trait Output {
    fn mixer(&self) -> &Mixer;
    /// The device is gone: nothing is taken from the mixer any more.
    fn is_lost(&self) -> bool {
        false
    }
}

/// Opens the output; called on the audio thread, again after a pause.
pub type OpenOutput = Box<dyn FnMut() -> Result<Box<dyn Output>> + Send>;

/// The sound hardware and the programs that speak.
pub struct Devices {
    pub output: OpenOutput,
    pub input: OpenInput,
    /// Folders that are searched for programs that speak or take stills of films, in order.
    pub programs: Vec<PathBuf>,
}

/// Something to tell the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AudioNotice {
    /// Told once; cards go on without sound.
    NoDevice,
    /// This file cannot be played: not there, or in no known format.
    CannotPlay(String),
    /// Nothing on this machine speaks this language, e.g. `en_US`.
    NoVoice(String),
    /// The program that speaks failed, in its own words.
    SpeechFailed(String),
    NoMicrophone,
    /// The recording could not be kept, with the reason.
    RecordingFailed(String),
    /// The player has ended by a fault of its own.
    PlayerEnded,
}

/// What is going on at the microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RecordState {
    /// Nothing was recorded yet.
    #[default]
    Empty,
    Recording,
    /// There is a recording to be played.
    Ready,
}

/// Handle of the audio thread; cheap until the first sound.
pub struct Audio {
    resources: Arc<dyn Resources>,
    /// Until the thread is started.
    devices: Option<Devices>,
    /// Where a recording is kept, until it is replaced or the profile is closed.
    temp_folder: PathBuf,
    waker: Arc<dyn Fn() + Send + Sync>,
    commands: Option<Sender<Command>>,
    notices: (Sender<AudioNotice>, Receiver<AudioNotice>),
    shared: Arc<Shared>,
}

/// The way from the thread to the window.
#[derive(Clone)]
struct Teller {
    shared: Arc<Shared>,
    notices: Sender<AudioNotice>,
    waker: Arc<dyn Fn() + Send + Sync>,
}

/// What the thread tells.
#[derive(Default)]
struct Shared {
    playing: AtomicBool,
    paused: AtomicBool,
    record: AtomicU8,
    /// The last recording, as the bytes of a wav file.
    recorded: Mutex<Option<Arc<[u8]>>>,
    voices: Mutex<Voices>,
}

#[derive(Default)]
enum Voices {
    #[default]
    Unknown,
    Asked,
    Known(Arc<[Voice]>),
}

enum Command {
    Play(Vec<AvTag>),
    Follow(Vec<AvTag>),
    Stop,
    TogglePause,
    Jump(i32),
    Record,
    EndRecording,
    PlayRecording,
    ListVoices,
}

impl Audio {
    /// `waker` is called when there is a notice, and when playing or recording has ended.
    #[must_use]
    pub fn new(
        resources: Arc<dyn Resources>,
        devices: Devices,
        temp_folder: PathBuf,
        waker: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        Self {
            resources,
            devices: Some(devices),
            temp_folder,
            waker,
            commands: None,
            notices: unbounded(),
            shared: Arc::default(),
        }
    }

    /// Stops what plays and plays these, in order: files of the media folder and speech.
    pub fn play(&mut self, sounds: Vec<AvTag>) {
        if sounds.is_empty() {
            return self.stop();
        }
        self.begin(Command::Play(sounds));
    }

    /// Plays these once what plays now has ended, in place of what waits for that.
    pub fn follow(&mut self, sounds: Vec<AvTag>) {
        if sounds.is_empty() {
            return self.send_if_started(Command::Follow(sounds));
        }
        self.begin(Command::Follow(sounds));
    }

    /// Silence at once.
    pub fn stop(&mut self) {
        self.shared.playing.store(false, Ordering::Relaxed);
        self.send_if_started(Command::Stop);
    }

    /// Holds what plays, or lets it go on.
    pub fn toggle_pause(&mut self) {
        self.send_if_started(Command::TogglePause);
    }

    /// Goes on from so many seconds later, or earlier, in the sound that plays.
    pub fn jump(&mut self, seconds: i32) {
        self.send_if_started(Command::Jump(seconds));
    }

    /// Starts recording the user's voice; while recording, ends that and plays it.
    pub fn record(&mut self) {
        self.send(Command::Record);
    }

    /// Ends a recording and keeps it; plays nothing.
    pub fn end_recording(&mut self) {
        // Also one that is only beginning, of which the state says nothing yet.
        self.send_if_started(Command::EndRecording);
    }

    /// Plays what was recorded; says nothing when there is no recording.
    pub fn play_recording(&mut self) {
        if self.record_state() == RecordState::Ready {
            self.begin(Command::PlayRecording);
        }
    }

    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.shared.playing.load(Ordering::Relaxed)
    }

    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.shared.paused.load(Ordering::Relaxed)
    }

    #[must_use]
    pub fn record_state(&self) -> RecordState {
        match self.shared.record.load(Ordering::Relaxed) {
            0 => RecordState::Empty,
            1 => RecordState::Recording,
            _ => RecordState::Ready,
        }
    }

    /// The recording that is ready, as the bytes of a wav file.
    #[must_use]
    pub fn recorded(&self) -> Option<Arc<[u8]>> {
        self.shared.recorded().clone()
    }

    /// The voices that can speak here; None while they are being asked for the first time.
    pub fn voices(&mut self) -> Option<Arc<[Voice]>> {
        let mut voices = self.shared.voices();
        match &*voices {
            Voices::Known(known) => return Some(known.clone()),
            Voices::Asked => return None,
            Voices::Unknown => *voices = Voices::Asked,
        }
        drop(voices);
        self.send(Command::ListVoices);
        None
    }

    /// Asked once a frame.
    pub fn take_notice(&self) -> Option<AudioNotice> {
        self.notices.1.try_recv().ok()
    }

    fn begin(&mut self, command: Command) {
        self.shared.playing.store(true, Ordering::Relaxed);
        self.send(command);
    }

    fn send_if_started(&self, command: Command) {
        if let Some(commands) = &self.commands {
            let _ = commands.send(command);
        }
    }

    fn send(&mut self, command: Command) {
        if let Some(devices) = self.devices.take() {
            let (commands, inbox) = unbounded();
            let resources = self.resources.clone();
            let temp_folder = self.temp_folder.clone();
            let teller = Teller {
                shared: self.shared.clone(),
                notices: self.notices.0.clone(),
                waker: self.waker.clone(),
            };
            let thread = std::thread::Builder::new().name("audio".to_owned());
            let run = move || {
                let _end = End(teller.clone());
                player::Worker::new(inbox, resources, devices, temp_folder, teller).run();
            };
            match thread.spawn(run) {
                Ok(_) => self.commands = Some(commands),
                Err(error) => tracing::error!(%error, "no audio thread"),
            }
        }
        let commands = self.commands.as_ref();
        if commands.is_none_or(|commands| commands.send(command).is_err()) {
            self.commands = None;
            self.shared.playing.store(false, Ordering::Relaxed);
        }
    }
}

/// On the thread: however it ends, nobody goes on waiting for its sounds.
struct End(Teller);

impl Drop for End {
    fn drop(&mut self) {
        self.0.shared.playing.store(false, Ordering::Relaxed);
        if std::thread::panicking() {
            self.0.tell(AudioNotice::PlayerEnded);
        }
    }
}

impl Teller {
    fn tell(&self, notice: AudioNotice) {
        if self.notices.send(notice).is_ok() {
            (self.waker)();
        }
    }
}

impl Shared {
    fn recorded(&self) -> std::sync::MutexGuard<'_, Option<Arc<[u8]>>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn voices(&self) -> std::sync::MutexGuard<'_, Voices> {
        self.voices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The system's default devices, and programs where the system looks for them.
#[must_use]
pub fn system_devices() -> Devices {
    Devices {
        output: Box::new(|| {
            let lost = Arc::new(AtomicBool::new(false));
            let tell = lost.clone();
            let told = move |error: cpal::Error| {
                tracing::warn!(%error, "the audio device");
                if matches!(
                    error.kind(),
                    cpal::ErrorKind::DeviceNotAvailable
                        | cpal::ErrorKind::HostUnavailable
                        | cpal::ErrorKind::StreamInvalidated
                ) {
                    tell.store(true, Ordering::Relaxed);
                }
            };
            let mut sink = DeviceSinkBuilder::from_default_device()
                .and_then(|builder| builder.with_error_callback(told).open_stream())
                .or_else(|_| DeviceSinkBuilder::open_default_sink())
                .map_err(|error| {
                    Error::new(ErrorKind::Unavailable, "no audio device").because(error)
                })?;
            sink.log_on_drop(false);
            Ok(Box::new(Device { sink, lost }) as Box<dyn Output>)
        }),
        input: record::system_input(),
        programs: program::system_folders(),
    }
}

struct Device {
    sink: MixerDeviceSink,
    lost: Arc<AtomicBool>,
}

impl Output for Device {
    fn mixer(&self) -> &Mixer {
        self.sink.mixer()
    }
    fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests;
