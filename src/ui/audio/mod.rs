//! Plays the sounds of cards, on a thread of its own: files and speech in order, one list at a
//! time. The device is opened when the first sound is played and closed some seconds after the
//! last; a machine without one is told once and otherwise left in peace. Which sounds to play and
//! when is decided by the study screen.
//!
//! `decode` knows the formats, `opus` the one of that name, `film` the containers of films, `speech`
//! the programs that speak, `record` the microphone.

mod decode;
mod film;
mod opus;
mod record;
mod speech;

pub use record::{Input, OpenInput};
pub use speech::Voice;

use crate::base::program;
use crate::base::time::Stopwatch;
use crate::base::{Error, ErrorKind, Result};
use crate::render::Resources;
use crate::t;
use crate::template::av::{AvTag, Speech};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use decode::Sound;
use record::Recording;
use rodio::mixer::Mixer;
use rodio::{DeviceSinkBuilder, MixerDeviceSink, Player, cpal};
use speech::{Spoken, Talk};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// An open device costs a little time for every buffer, so it is closed when nothing plays.
const KEEP_OPEN: Duration = Duration::from_secs(5);
/// How often the thread looks whether the last sound has ended.
const LOOK: Duration = Duration::from_millis(20);
/// A missing device may be plugged in: so long until it is looked for again.
const RETRY: Duration = Duration::from_secs(20);
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
            let notices = self.notices.0.clone();
            let waker = self.waker.clone();
            let shared = self.shared.clone();
            let temp_folder = self.temp_folder.clone();
            let thread = std::thread::Builder::new().name("audio".to_owned());
            let end = End {
                shared: shared.clone(),
                notices: notices.clone(),
                waker: waker.clone(),
            };
            let run = move || {
                let _end = end;
                let worker = Worker {
                    inbox,
                    resources,
                    devices,
                    temp_folder,
                    notices,
                    waker,
                    shared,
                    queue: VecDeque::new(),
                    now: None,
                    output: None,
                    missing_since: None,
                    told: false,
                    recording: Recording::default(),
                    voices: Arc::default(),
                };
                worker.run();
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
struct End {
    shared: Arc<Shared>,
    notices: Sender<AudioNotice>,
    waker: Arc<dyn Fn() + Send + Sync>,
}

impl Drop for End {
    fn drop(&mut self) {
        self.shared.playing.store(false, Ordering::Relaxed);
        if std::thread::panicking() && self.notices.send(AudioNotice::PlayerEnded).is_ok() {
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

/// What waits to be played.
enum Clip {
    Tag(AvTag),
    Recorded(Sound),
}

/// What plays.
enum Now {
    Sound {
        sound: Sound,
        player: Player,
        /// Where in the sound the player began.
        start: Duration,
    },
    /// Being made by a program, or said by it.
    Talk(Talk),
}

struct Worker {
    inbox: Receiver<Command>,
    resources: Arc<dyn Resources>,
    devices: Devices,
    temp_folder: PathBuf,
    notices: Sender<AudioNotice>,
    waker: Arc<dyn Fn() + Send + Sync>,
    shared: Arc<Shared>,
    queue: VecDeque<Clip>,
    now: Option<Now>,
    output: Option<Box<dyn Output>>,
    missing_since: Option<Stopwatch>,
    told: bool,
    recording: Recording,
    voices: Arc<[Voice]>,
}

impl Worker {
    fn run(mut self) {
        let mut idle: Option<Stopwatch> = None;
        loop {
            let busy = self.output.is_some() || self.now.is_some() || self.recording.is_running();
            let command = if busy {
                self.inbox.recv_timeout(LOOK)
            } else {
                self.inbox
                    .recv()
                    .map_err(|_| RecvTimeoutError::Disconnected)
            };
            match command {
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.silence(),
            }
            self.listen();
            self.leave_lost_output();
            self.advance();
            if self.now.is_some() {
                idle = None;
            } else if self.inbox.is_empty() {
                if self.shared.playing.swap(false, Ordering::Relaxed) {
                    (self.waker)();
                }
                let idle = idle.get_or_insert_with(Stopwatch::start);
                if idle.elapsed() >= KEEP_OPEN {
                    self.output = None;
                }
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Play(tags) => {
                self.silence();
                self.queue.extend(tags.into_iter().map(Clip::Tag));
            }
            Command::Follow(tags) => {
                self.queue.clear();
                self.queue.extend(tags.into_iter().map(Clip::Tag));
            }
            Command::Stop => self.silence(),
            Command::TogglePause => self.toggle_pause(),
            Command::Jump(seconds) => self.jump(seconds),
            Command::Record => self.record(),
            Command::EndRecording if !self.recording.is_running() => {}
            // It is kept, and not played.
            Command::EndRecording => drop(self.end_recording()),
            Command::PlayRecording => {
                self.silence();
                self.queue
                    .extend(self.recording.sound().map(Clip::Recorded));
            }
            Command::ListVoices => {
                let voices = self.voices();
                *self.shared.voices() = Voices::Known(voices);
                (self.waker)();
            }
        }
    }

    fn silence(&mut self) {
        self.queue.clear();
        self.shared.paused.store(false, Ordering::Relaxed);
        match self.now.take() {
            Some(Now::Sound { player, .. }) => player.stop(),
            Some(Now::Talk(talk)) => talk.cancel(),
            None => {}
        }
    }

    // A program that speaks by itself cannot be held.
    fn toggle_pause(&mut self) {
        let Some(Now::Sound { player, .. }) = &self.now else {
            return;
        };
        let paused = !player.is_paused();
        if paused {
            player.pause();
        } else {
            player.play();
        }
        self.shared.paused.store(paused, Ordering::Relaxed);
        (self.waker)();
    }

    // The sound begins anew at the place; asking the device to jump could wait for it for ever.
    fn jump(&mut self, seconds: i32) {
        let Some(Now::Sound {
            sound,
            player,
            start,
        }) = self.now.take()
        else {
            return;
        };
        let at = start + player.get_pos();
        let distance = Duration::from_secs(u64::from(seconds.unsigned_abs()));
        let to = if seconds < 0 {
            at.saturating_sub(distance)
        } else {
            at + distance
        };
        let paused = player.is_paused();
        player.stop();
        self.start(sound, to, t!("the sound"));
        if paused {
            self.toggle_pause();
        }
    }

    // What plays goes on where it was, on the device that takes the place of one that is gone; it
    // would never end there.
    fn leave_lost_output(&mut self) {
        if !self.output.as_ref().is_some_and(|output| output.is_lost()) {
            return;
        }
        self.output = None;
        match self.now.take() {
            Some(Now::Sound {
                sound,
                player,
                start,
            }) => {
                let paused = player.is_paused();
                let at = start + player.get_pos();
                if self.have_output() {
                    self.start(sound, at, t!("the sound"));
                    if paused {
                        self.toggle_pause();
                    }
                }
            }
            other => self.now = other,
        }
    }

    // Ends what has ended and begins what comes next.
    fn advance(&mut self) {
        loop {
            match &mut self.now {
                Some(Now::Sound { player, .. }) if !player.empty() => return,
                Some(Now::Talk(talk)) => match talk.poll() {
                    None => return,
                    Some(spoken) => {
                        self.now = None;
                        self.take_speech(spoken);
                    }
                },
                Some(Now::Sound { .. }) => self.now = None,
                None => match self.queue.pop_front() {
                    Some(clip) => self.play(clip),
                    None => return,
                },
            }
        }
    }

    fn play(&mut self, clip: Clip) {
        match clip {
            Clip::Tag(AvTag::Sound(file)) => {
                if !self.have_output() {
                    return;
                }
                match self.resources.read_sound(&file).map(Sound::of) {
                    Some(Ok(sound)) => self.start(sound, Duration::ZERO, &file),
                    Some(Err(error)) => {
                        tracing::warn!(%error, "cannot play a sound");
                        self.tell(AudioNotice::CannotPlay(file));
                    }
                    None => self.tell(AudioNotice::CannotPlay(file)),
                }
            }
            Clip::Tag(AvTag::Speech(speech)) => self.speak(&speech),
            Clip::Recorded(sound) => {
                if self.have_output() {
                    self.start(sound, Duration::ZERO, t!("the recording"));
                }
            }
        }
    }

    fn start(&mut self, sound: Sound, start: Duration, name: &str) {
        let Some(output) = &self.output else { return };
        match sound.from(start) {
            Ok(source) => {
                let player = Player::connect_new(output.mixer());
                player.append(source);
                self.shared.paused.store(false, Ordering::Relaxed);
                self.now = Some(Now::Sound {
                    sound,
                    player,
                    start,
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot play a sound");
                self.tell(AudioNotice::CannotPlay(name.to_owned()));
            }
        }
    }

    fn speak(&mut self, speech: &Speech) {
        if speech.text.trim().is_empty() {
            return;
        }
        let voices = self.voices();
        match Talk::begin(speech, &voices, &self.devices.programs) {
            Some(talk) => self.now = Some(Now::Talk(talk)),
            None => self.tell(AudioNotice::NoVoice(speech.lang.clone())),
        }
    }

    // Asked for again while there are none: a program may have been installed meanwhile.
    fn voices(&mut self) -> Arc<[Voice]> {
        if self.voices.is_empty() {
            self.voices = speech::voices(&self.devices.programs).into();
        }
        self.voices.clone()
    }

    fn take_speech(&mut self, spoken: Spoken) {
        match spoken {
            Spoken::Said => {}
            Spoken::Wave(bytes) => match Sound::of(bytes) {
                Ok(sound) => {
                    if self.have_output() {
                        self.start(sound, Duration::ZERO, t!("speech"));
                    }
                }
                Err(error) => self.tell(AudioNotice::SpeechFailed(error.to_string())),
            },
            Spoken::Failed(reason) => self.tell(AudioNotice::SpeechFailed(reason)),
        }
    }

    fn record(&mut self) {
        if self.recording.is_running() {
            return self.end_and_play();
        }
        self.silence();
        match self.recording.begin(&mut self.devices.input) {
            Ok(()) => {
                *self.shared.recorded() = None;
                self.show_recording(RecordState::Recording);
            }
            Err(error) => {
                tracing::warn!(%error, "no recording");
                self.tell(AudioNotice::NoMicrophone);
            }
        }
    }

    // Takes in what the microphone heard.
    fn listen(&mut self) {
        if self.recording.is_running() && !self.recording.listen() {
            self.end_and_play();
        }
    }

    fn end_and_play(&mut self) {
        if let Some(sound) = self.end_recording() {
            self.shared.playing.store(true, Ordering::Relaxed);
            self.queue.push_back(Clip::Recorded(sound));
        }
    }

    // What was recorded, kept from now on.
    fn end_recording(&mut self) -> Option<Sound> {
        match self.recording.end(&self.temp_folder) {
            Ok(sound) => {
                *self.shared.recorded() = self.recording.bytes();
                self.show_recording(RecordState::Ready);
                Some(sound)
            }
            Err(error) => {
                self.show_recording(RecordState::Empty);
                self.tell(AudioNotice::RecordingFailed(error.to_string()));
                None
            }
        }
    }

    fn show_recording(&self, state: RecordState) {
        let number = match state {
            RecordState::Empty => 0,
            RecordState::Recording => 1,
            RecordState::Ready => 2,
        };
        self.shared.record.store(number, Ordering::Relaxed);
        (self.waker)();
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
        match (self.devices.output)() {
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

#[cfg(test)]
mod tests;
