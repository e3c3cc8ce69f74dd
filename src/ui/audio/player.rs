//! The thread that plays: it obeys commands, plays what waits, records, and watches the device,
//! which is opened when the first sound is played and closed some seconds after the last. A machine
//! without one is told once and otherwise left in peace.

use super::decode::Sound;
use super::record::Recording;
use super::speech::{self, Spoken, Talk, Voice};
use super::{AudioNotice, Command, Devices, Output, RecordState, Teller, Voices};
use crate::base::time::Stopwatch;
use crate::render::Resources;
use crate::t;
use crate::template::av::{AvTag, Speech};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use rodio::Player;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// An open device costs a little time for every buffer, so it is closed when nothing plays.
const KEEP_OPEN: Duration = Duration::from_secs(5);
/// How often the thread looks whether the last sound has ended.
const LOOK: Duration = Duration::from_millis(20);
/// A missing device may be plugged in: so long until it is looked for again.
const RETRY: Duration = Duration::from_secs(20);

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

/// See the module header.
pub(super) struct Worker {
    inbox: Receiver<Command>,
    resources: Arc<dyn Resources>,
    devices: Devices,
    temp_folder: PathBuf,
    teller: Teller,
    queue: VecDeque<Clip>,
    now: Option<Now>,
    output: Option<Box<dyn Output>>,
    missing_since: Option<Stopwatch>,
    told: bool,
    recording: Recording,
    voices: Arc<[Voice]>,
}

impl Worker {
    pub(super) fn new(
        inbox: Receiver<Command>,
        resources: Arc<dyn Resources>,
        devices: Devices,
        temp_folder: PathBuf,
        teller: Teller,
    ) -> Self {
        Self {
            inbox,
            resources,
            devices,
            temp_folder,
            teller,
            queue: VecDeque::new(),
            now: None,
            output: None,
            missing_since: None,
            told: false,
            recording: Recording::default(),
            voices: Arc::default(),
        }
    }

    /// Until the window's end is gone.
    pub(super) fn run(mut self) {
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
                if self.teller.shared.playing.swap(false, Ordering::Relaxed) {
                    (self.teller.waker)();
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
                *self.teller.shared.voices() = Voices::Known(voices);
                (self.teller.waker)();
            }
        }
    }

    fn silence(&mut self) {
        self.queue.clear();
        self.teller.shared.paused.store(false, Ordering::Relaxed);
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
        self.teller.shared.paused.store(paused, Ordering::Relaxed);
        (self.teller.waker)();
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
                        self.teller.tell(AudioNotice::CannotPlay(file));
                    }
                    None => self.teller.tell(AudioNotice::CannotPlay(file)),
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
                self.teller.shared.paused.store(false, Ordering::Relaxed);
                self.now = Some(Now::Sound {
                    sound,
                    player,
                    start,
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot play a sound");
                self.teller.tell(AudioNotice::CannotPlay(name.to_owned()));
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
            None => self.teller.tell(AudioNotice::NoVoice(speech.lang.clone())),
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
                Err(error) => self
                    .teller
                    .tell(AudioNotice::SpeechFailed(error.to_string())),
            },
            Spoken::Failed(reason) => self.teller.tell(AudioNotice::SpeechFailed(reason)),
        }
    }

    fn record(&mut self) {
        if self.recording.is_running() {
            return self.end_and_play();
        }
        self.silence();
        match self.recording.begin(&mut self.devices.input) {
            Ok(()) => {
                *self.teller.shared.recorded() = None;
                self.show_recording(RecordState::Recording);
            }
            Err(error) => {
                tracing::warn!(%error, "no recording");
                self.teller.tell(AudioNotice::NoMicrophone);
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
            self.teller.shared.playing.store(true, Ordering::Relaxed);
            self.queue.push_back(Clip::Recorded(sound));
        }
    }

    // What was recorded, kept from now on.
    fn end_recording(&mut self) -> Option<Sound> {
        match self.recording.end(&self.temp_folder) {
            Ok(sound) => {
                *self.teller.shared.recorded() = self.recording.bytes();
                self.show_recording(RecordState::Ready);
                Some(sound)
            }
            Err(error) => {
                self.show_recording(RecordState::Empty);
                self.teller
                    .tell(AudioNotice::RecordingFailed(error.to_string()));
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
        self.teller.shared.record.store(number, Ordering::Relaxed);
        (self.teller.waker)();
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
                    self.teller.tell(AudioNotice::NoDevice);
                }
                false
            }
        }
    }
}
