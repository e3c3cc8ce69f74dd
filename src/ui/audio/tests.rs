//! Tests of the player, with a mixer that listens instead of a device.

use super::*;
use crate::template::av::Speech;
use rodio::mixer::{MixerSource, mixer};
use rodio::{ChannelCount, SampleRate};
use std::sync::Mutex;
use std::time::Duration;

struct Files;
impl Resources for Files {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        match name {
            "low.wav" => Some(wav(0.25)),
            "long.wav" => Some(wav_of(0.25, 160_000)),
            "high.wav" => Some(wav(0.75)),
            "broken.mp3" => Some(b"not a sound at all".to_vec()),
            "fault" => std::panic::panic_any("a fault of the player"),
            _ => None,
        }
    }
    fn exists(&self, name: &str) -> bool {
        self.read(name).is_some()
    }
}

/// 1,000 equal samples, mono, 8 kHz.
fn wav(level: f32) -> Vec<u8> {
    wav_of(level, 1000)
}

fn wav_of(level: f32, samples: u32) -> Vec<u8> {
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

/// A device that can be unplugged.
struct Plugged(Mixer, Arc<AtomicBool>);
impl Output for Plugged {
    fn mixer(&self) -> &Mixer {
        &self.0
    }
    fn is_lost(&self) -> bool {
        self.1.load(Ordering::Relaxed)
    }
}

fn file(name: &str) -> AvTag {
    AvTag::Sound(name.to_owned())
}

fn audio(output: OpenOutput, input: OpenInput, programs: Vec<PathBuf>) -> Audio {
    let devices = Devices {
        output,
        input,
        programs,
    };
    Audio::new(
        Arc::new(Files),
        devices,
        std::env::temp_dir(),
        Arc::new(|| {}),
    )
}

fn no_input() -> OpenInput {
    Box::new(|| Err(Error::new(ErrorKind::Unavailable, "no microphone")))
}

fn listening() -> (Audio, Arc<Mutex<Option<MixerSource>>>) {
    listening_with(no_input(), vec![])
}

fn listening_with(
    input: OpenInput,
    programs: Vec<PathBuf>,
) -> (Audio, Arc<Mutex<Option<MixerSource>>>) {
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
    (audio(open, input, programs), heard)
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
    audio.play(vec![file("low.wav"), file("high.wav"), file("low.wav")]);
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
    audio.play(vec![file("low.wav"); 50]);
    until("the first sound", || {
        let mut source = heard.lock().unwrap();
        source.as_mut().is_some_and(|s| levels(s, 100) == [25])
    });
    audio.play(vec![file("high.wav")]);
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
fn what_follows_waits_for_what_plays_and_takes_the_place_of_the_rest() {
    let (mut audio, heard) = listening();
    let all = Mutex::new(Vec::new());
    let listen = || {
        if let Some(source) = heard.lock().unwrap().as_mut() {
            all.lock().unwrap().extend(levels(source, 100));
        }
    };
    audio.play(vec![file("low.wav"), file("low.wav"), file("broken.mp3")]);
    until("the first sound", || {
        listen();
        !all.lock().unwrap().is_empty()
    });
    audio.follow(vec![file("high.wav")]);
    until("the end", || {
        listen();
        !audio.is_playing()
    });
    let mut all = all.into_inner().unwrap();
    all.dedup();
    assert_eq!(all, [25, 75]);
    assert_eq!(audio.take_notice(), None, "the rest was left out");
    audio.follow(vec![]);
    assert!(!audio.is_playing());
}

#[test]
fn what_plays_goes_on_when_its_device_is_unplugged() {
    type Heard = Vec<(MixerSource, Arc<AtomicBool>)>;
    let heard: Arc<Mutex<Heard>> = Arc::default();
    let place = heard.clone();
    let open: OpenOutput = Box::new(move || {
        let (mixer, source) = mixer(
            ChannelCount::new(1).unwrap(),
            SampleRate::new(8000).unwrap(),
        );
        let lost = Arc::new(AtomicBool::new(false));
        place.lock().unwrap().push((source, lost.clone()));
        Ok(Box::new(Plugged(mixer, lost)) as Box<dyn Output>)
    });
    let mut audio = audio(open, no_input(), vec![]);
    let on = |device: usize, level: i32| {
        let mut heard = heard.lock().unwrap();
        let device = heard.get_mut(device);
        device.is_some_and(|(source, _)| levels(source, 100).contains(&level))
    };
    audio.play(vec![file("long.wav"), file("high.wav")]);
    until("the sound", || on(0, 25));
    heard.lock().unwrap()[0].1.store(true, Ordering::Relaxed);
    until("the same on another device", || on(1, 25));
    audio.play(vec![file("high.wav")]);
    until("the next one", || on(1, 75));
    until("the end", || {
        on(1, 75);
        !audio.is_playing()
    });
    assert_eq!(heard.lock().unwrap().len(), 2);
}

#[test]
fn without_a_device_there_is_one_notice_and_no_failure() {
    let open: OpenOutput = Box::new(|| Err(Error::new(ErrorKind::Unavailable, "no audio device")));
    let mut audio = audio(open, no_input(), vec![]);
    audio.play(vec![file("low.wav")]);
    until("end of first", || !audio.is_playing());
    audio.play(vec![file("low.wav")]);
    until("end of second", || !audio.is_playing());
    assert_eq!(audio.take_notice(), Some(AudioNotice::NoDevice));
    assert_eq!(audio.take_notice(), None);
}

#[test]
fn files_that_cannot_be_played_are_named_and_skipped() {
    let (mut audio, heard) = listening();
    audio.play(vec![file("broken.mp3"), file("gone.ogg"), file("high.wav")]);
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

#[test]
fn when_the_player_ends_by_a_fault_nobody_waits_for_it() {
    let (mut audio, _heard) = listening();
    audio.play(vec![file("fault"), file("low.wav")]);
    until("the end", || !audio.is_playing());
    until("the notice", || {
        audio.take_notice() == Some(AudioNotice::PlayerEnded)
    });
    until("it is known", || {
        audio.play(vec![file("low.wav")]);
        !audio.is_playing()
    });
    assert_eq!(audio.take_notice(), None);
}

/// Pulls until the level is heard.
fn until_level(heard: &Mutex<Option<MixerSource>>, what: &str, level: i32) {
    until(what, || {
        let mut source = heard.lock().unwrap();
        source.as_mut().is_some_and(|s| levels(s, 100) == [level])
    });
}

#[test]
fn a_pause_is_silence_and_goes_on_where_it_was() {
    let (mut audio, heard) = listening();
    audio.toggle_pause();
    audio.play(vec![file("low.wav"), file("high.wav")]);
    until_level(&heard, "the first sound", 25);
    audio.toggle_pause();
    until("the pause", || {
        let mut source = heard.lock().unwrap();
        audio.is_paused() && source.as_mut().is_some_and(|s| levels(s, 3000).is_empty())
    });
    assert!(audio.is_playing());
    audio.toggle_pause();
    until_level(&heard, "the first sound again", 25);
    until_level(&heard, "the second sound", 75);
    // A new list is never held by the pause of the old one.
    audio.toggle_pause();
    audio.play(vec![file("low.wav")]);
    until_level(&heard, "the new sound", 25);
}

#[test]
fn a_jump_goes_back_to_the_start_and_on_to_the_next_sound() {
    let (mut audio, heard) = listening();
    audio.play(vec![file("long.wav"), file("high.wav")]);
    until("ten seconds", || {
        let mut source = heard.lock().unwrap();
        source.as_mut().is_some_and(|s| levels(s, 80_000) == [25])
    });
    // 20 seconds long, at 10 at most.
    audio.jump(-JUMP_SECS);
    audio.jump(JUMP_SECS);
    until_level(&heard, "still the first", 25);
    audio.jump(6 * JUMP_SECS);
    let mut heard_samples = 0;
    until("the next sound", || {
        let mut source = heard.lock().unwrap();
        heard_samples += 100;
        source.as_mut().is_some_and(|s| levels(s, 100) == [75])
    });
    // By itself it would have come after ten seconds more.
    assert!(heard_samples < 60_000, "{heard_samples}");
}

#[test]
fn a_jump_while_a_sound_is_held_does_not_let_it_go_on() {
    let (mut audio, heard) = listening();
    audio.play(vec![file("long.wav")]);
    until_level(&heard, "the sound", 25);
    audio.toggle_pause();
    until("the pause", || {
        let mut source = heard.lock().unwrap();
        audio.is_paused() && source.as_mut().is_some_and(|s| levels(s, 3000).is_empty())
    });
    audio.jump(JUMP_SECS);
    // Commands are obeyed in order.
    until("the answer to the next command", || {
        audio.voices().is_some()
    });
    assert!(audio.is_paused());
    let heard_now = levels(heard.lock().unwrap().as_mut().unwrap(), 3000);
    assert_eq!(heard_now.len(), 0);
    audio.toggle_pause();
    until_level(&heard, "the sound again", 25);
}

struct Says(Vec<f32>);
impl Input for Says {
    fn rate(&self) -> SampleRate {
        SampleRate::new(8000).unwrap()
    }
    fn take(&mut self, samples: &mut Vec<f32>) -> bool {
        samples.append(&mut self.0);
        true
    }
}

#[test]
fn a_recording_is_played_when_it_ends_and_on_request() {
    let input: OpenInput = Box::new(|| Ok(Box::new(Says(vec![0.75; 4000])) as Box<dyn Input>));
    let (mut audio, heard) = listening_with(input, vec![]);
    audio.play_recording();
    assert!(!audio.is_playing(), "there is none yet");
    audio.record();
    until("a recording", || {
        audio.record_state() == RecordState::Recording
    });
    audio.record();
    until_level(&heard, "the voice", 75);
    assert_eq!(audio.record_state(), RecordState::Ready);
    audio.play(vec![file("low.wav")]);
    until_level(&heard, "the card", 25);
    audio.play_recording();
    until_level(&heard, "the voice again", 75);
    assert_eq!(audio.take_notice(), None);
}

#[test]
fn a_recording_that_is_left_is_kept_and_not_played() {
    let input: OpenInput = Box::new(|| Ok(Box::new(Says(vec![0.75; 4000])) as Box<dyn Input>));
    let (mut audio, heard) = listening_with(input, vec![]);
    audio.end_recording();
    assert_eq!(audio.record_state(), RecordState::Empty, "there is none");
    audio.record();
    until("a recording", || {
        audio.record_state() == RecordState::Recording
    });
    audio.end_recording();
    until("the end", || audio.record_state() == RecordState::Ready);
    assert!(!audio.is_playing());
    assert!(heard.lock().unwrap().is_none(), "no device was opened");
    audio.play_recording();
    until_level(&heard, "the voice", 75);
}

#[test]
fn without_a_microphone_that_is_said() {
    let (mut audio, _heard) = listening();
    audio.record();
    until("the notice", || {
        audio.take_notice() == Some(AudioNotice::NoMicrophone)
    });
    assert_eq!(audio.record_state(), RecordState::Empty);
}

fn speech(lang: &str, text: &str) -> AvTag {
    AvTag::Speech(Speech {
        text: text.to_owned(),
        lang: lang.to_owned(),
        voices: vec![],
        speed: 2.0,
        other: vec![],
    })
}

/// A program that answers as espeak-ng does: lists one voice, and says the text it was given
/// by the loudness of a wav file.
#[cfg(unix)]
fn speaker(folder: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(folder.join("high"), wav(0.75)).unwrap();
    std::fs::write(folder.join("low"), wav(0.25)).unwrap();
    let script = "#!/bin/sh\ncd \"$(dirname \"$0\")\"\n\
        if [ \"$1\" = --voices ]; then echo Pty; echo ' 5 en-us --/M x y'; exit; fi\n\
        echo \"$@\" > asked\nread -r text\ncase $text in wait) sleep 60;; fail) exit 3;; esac\n\
        cat \"$text\"\n";
    let program = folder.join("espeak-ng");
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
#[cfg(unix)]
fn speech_is_played_in_its_place_in_the_queue() {
    let dir = tempfile::tempdir().unwrap();
    speaker(dir.path());
    let (mut audio, heard) = listening_with(no_input(), vec![dir.path().to_owned()]);
    audio.play(vec![
        file("low.wav"),
        speech("en_GB", "high"),
        speech("en_US", " "),
        speech("en_US", "low"),
    ]);
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
    let asked = std::fs::read_to_string(dir.path().join("asked")).unwrap();
    assert_eq!(asked.trim(), "-v en-us -s 350 -b 1 --stdin --stdout");
    until("the list", || audio.voices().is_some());
    let voices = audio.voices().unwrap();
    assert_eq!((voices.len(), voices[0].lang.as_str()), (1, "en_US"));
}

#[test]
#[cfg(unix)]
fn speech_that_hangs_or_fails_holds_up_nothing() {
    let dir = tempfile::tempdir().unwrap();
    speaker(dir.path());
    let (mut audio, heard) = listening_with(no_input(), vec![dir.path().to_owned()]);
    audio.play(vec![speech("en_US", "wait")]);
    assert!(audio.is_playing());
    audio.play(vec![
        speech("en_US", "fail"),
        speech("ja_JP", "x"),
        file("high.wav"),
    ]);
    until_level(&heard, "the sound after it", 75);
    assert!(matches!(
        audio.take_notice(),
        Some(AudioNotice::SpeechFailed(_))
    ));
    assert_eq!(
        audio.take_notice(),
        Some(AudioNotice::NoVoice("ja_JP".into()))
    );
}
