//! Text to speech by the programs that a system has: `espeak-ng`, which writes a wav file that is
//! played as any other, or `spd-say`, which hands the text to the system's speech dispatcher.

use crate::base::program::{self, Limits};
use crate::mark;
use crate::template::av::Speech;
use crossbeam_channel::{Receiver, bounded};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Making a sound file of a text takes far less.
const MAKE_LIMIT: Duration = Duration::from_secs(30);
/// Saying a text out loud.
const SAY_LIMIT: Duration = Duration::from_secs(300);
const LIST_LIMIT: Duration = Duration::from_secs(5);
/// Longer texts are cut: nobody listens to a book on a card.
const MAX_LETTERS: usize = 10_000;
/// Words a minute at speed 1.
const WORDS: f32 = 175.0;
/// A minute of speech is 3 MB.
const MAX_WAVE_BYTES: u64 = 256 << 20;

/// A voice that templates can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    /// As in `voices=…`: without spaces.
    pub name: String,
    /// As in `{{tts LANG:…}}`, e.g. `en_US`.
    pub lang: String,
    /// What the program calls it.
    program_name: String,
    program: Program,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Program {
    Espeak,
    Dispatcher,
}

/// What came of a text.
pub(super) enum Spoken {
    /// A wav file, to be played.
    Wave(Vec<u8>),
    /// Said already.
    Said,
    Failed(String),
}

/// A text on its way, on a thread of its own.
pub(super) struct Talk {
    result: Receiver<Spoken>,
    cancelled: Arc<AtomicBool>,
}

impl Talk {
    /// None when nothing here speaks the language.
    pub fn begin(speech: &Speech, voices: &[Voice], folders: &[PathBuf]) -> Option<Self> {
        let voice = choose(voices, speech)?;
        let program = find(folders, voice.program)?;
        let (sender, result) = bounded(1);
        let cancelled = Arc::new(AtomicBool::new(false));
        let text: String = speech.text.chars().take(MAX_LETTERS).collect();
        let speed = speech.speed.clamp(0.25, 4.0);
        let stop = cancelled.clone();
        let run = move || {
            let spoken = match voice.program {
                Program::Espeak => make(&program, &voice, &text, speed, &stop),
                Program::Dispatcher => say(&program, &voice, &text, speed, &stop),
            };
            // The listener may be gone: then nobody wants it any more.
            let _ = sender.send(spoken);
        };
        std::thread::Builder::new()
            .name("speech".to_owned())
            .spawn(run)
            .ok()?;
        Some(Self { result, cancelled })
    }

    /// What came of it, once.
    pub fn poll(&mut self) -> Option<Spoken> {
        use crossbeam_channel::TryRecvError;
        match self.result.try_recv() {
            Ok(spoken) => Some(spoken),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Spoken::Failed(mark!("it stopped").to_owned())),
        }
    }

    /// Ends the program.
    pub fn cancel(self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// All voices of this machine, those of espeak first.
pub(super) fn voices(folders: &[PathBuf]) -> Vec<Voice> {
    let list = |program, args: &[&str]| {
        find(folders, program)
            .and_then(|path| run(Command::new(path).args(args), "", LIST_LIMIT, &never()).ok())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    };
    let mut all: Vec<Voice> = list(Program::Espeak, &["--voices"])
        .lines()
        .skip(1)
        .filter_map(espeak_voice)
        .collect();
    let dispatcher = list(Program::Dispatcher, &["-L"]);
    all.extend(dispatcher.lines().skip(1).filter_map(dispatcher_voice));
    all
}

// ` 5  en-us           --/M      English_(America)  gmw/en-US            (en 3)`
fn espeak_voice(line: &str) -> Option<Voice> {
    let mut words = line.split_whitespace();
    let (_priority, lang, _age) = (words.next()?, words.next()?, words.next()?);
    Some(Voice {
        name: format!("espeak_{lang}"),
        lang: our_lang(lang),
        program_name: lang.to_owned(),
        program: Program::Espeak,
    })
}

// `   NAME    LANGUAGE    VARIANT`, with spaces in the name.
fn dispatcher_voice(line: &str) -> Option<Voice> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [name @ .., lang, _variant] = words.as_slice() else {
        return None;
    };
    (!name.is_empty()).then(|| Voice {
        name: name.join("_"),
        lang: our_lang(lang),
        program_name: name.join(" "),
        program: Program::Dispatcher,
    })
}

// `en-us` to `en_US`; the two Chinese languages have names of their own there.
fn our_lang(lang: &str) -> String {
    let lang = match lang {
        "cmn" => "zh_CN",
        "yue" => "zh_HK",
        lang => lang,
    };
    match lang.split_once(['-', '_']) {
        Some((language, region)) if region.len() == 2 => {
            format!("{}_{}", language.to_lowercase(), region.to_uppercase())
        }
        Some((language, rest)) => format!("{}_{rest}", language.to_lowercase()),
        None => lang.to_lowercase(),
    }
}

/// The first named voice that is there, else one of the language: of the region, of none, of any.
fn choose(voices: &[Voice], speech: &Speech) -> Option<Voice> {
    let named = speech
        .voices
        .iter()
        .find_map(|name| voices.iter().find(|voice| voice.name == *name));
    let lang = our_lang(&speech.lang);
    let language = |lang: &str| lang.split('_').next().unwrap_or_default().to_owned();
    let wanted = language(&lang);
    named
        .or_else(|| voices.iter().find(|voice| voice.lang == lang))
        .or_else(|| voices.iter().find(|voice| voice.lang == wanted))
        .or_else(|| voices.iter().find(|voice| language(&voice.lang) == wanted))
        .cloned()
}

fn make(program: &Path, voice: &Voice, text: &str, speed: f32, stop: &AtomicBool) -> Spoken {
    let mut command = Command::new(program);
    let words = (WORDS * speed).round().clamp(80.0, 450.0);
    command
        .args(["-v", &voice.program_name, "-s", &words.to_string()])
        .args(["-b", "1", "--stdin", "--stdout"]);
    match run(&mut command, text, MAKE_LIMIT, stop) {
        Ok(bytes) => Spoken::Wave(bytes),
        Err(reason) => Spoken::Failed(reason),
    }
}

fn say(program: &Path, voice: &Voice, text: &str, speed: f32, stop: &AtomicBool) -> Spoken {
    let mut command = Command::new(program);
    // -100 is a third of the speed, 100 is three times.
    let rate = (speed.ln() / 3f32.ln() * 100.0)
        .round()
        .clamp(-100.0, 100.0);
    let lang = voice.lang.split('_').next().unwrap_or_default();
    command
        .args(["--wait", "--rate", &rate.to_string(), "--language", lang])
        .args(["--synthesis-voice", &voice.program_name, "--", text]);
    let said = run(&mut command, "", SAY_LIMIT, stop);
    if stop.load(Ordering::Relaxed) {
        let mut hush = Command::new(program);
        // Best effort: what is not hushed ends by itself.
        let _ = run(hush.arg("--stop"), "", LIST_LIMIT, &never());
    }
    match said {
        Ok(_) => Spoken::Said,
        Err(reason) => Spoken::Failed(reason),
    }
}

fn never() -> AtomicBool {
    AtomicBool::new(false)
}

fn find(folders: &[PathBuf], program: Program) -> Option<PathBuf> {
    let names: &[&str] = match program {
        Program::Espeak => &["espeak-ng", "espeak"],
        Program::Dispatcher => &["spd-say"],
    };
    program::find(folders, names)
}

fn run(
    command: &mut Command,
    input: &str,
    time: Duration,
    stop: &AtomicBool,
) -> Result<Vec<u8>, String> {
    let limits = Limits {
        time,
        bytes: MAX_WAVE_BYTES,
        stop,
    };
    program::run(command, input, limits).map_err(|failure| failure.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speech(lang: &str, voices: &[&str]) -> Speech {
        Speech {
            text: "hi".to_owned(),
            lang: lang.to_owned(),
            voices: voices.iter().map(|&v| v.to_owned()).collect(),
            speed: 1.0,
            other: vec![],
        }
    }

    fn some_voices() -> Vec<Voice> {
        let espeak =
            "Pty Language       Age/Gender VoiceName          File                 Other Languages
 5  de              --/M      German             gmw/de
 2  en-gb           --/M      English_(Great_Britain) gmw/en            (en 2)
 5  en-us           --/M      English_(America)  gmw/en-US            (en 3)
 5  cmn             --/M      Chinese_(Mandarin,_latin_as_English) sit/cmn   (zh-cmn 5)(zh 5)";
        let dispatcher = "                    NAME   LANGUAGE        VARIANT
                  Alan B      en-GB           none
                   Linda      fr                none";
        let mut voices: Vec<Voice> = espeak.lines().skip(1).filter_map(espeak_voice).collect();
        voices.extend(dispatcher.lines().skip(1).filter_map(dispatcher_voice));
        voices
    }

    #[test]
    fn voices_are_chosen_by_name_and_by_language() {
        let all = some_voices();
        let check = |lang: &str, names: &[&str], expect: Option<&str>| {
            let chosen = choose(&all, &speech(lang, names)).map(|voice| voice.name);
            assert_eq!(chosen.as_deref(), expect, "{lang} {names:?}");
        };
        check("en_US", &[], Some("espeak_en-us"));
        check("en_GB", &["Missing", "Alan_B"], Some("Alan_B"));
        check("en_AU", &[], Some("espeak_en-gb"));
        check("de_DE", &[], Some("espeak_de"));
        check("fr_FR", &["espeak_xx"], Some("Linda"));
        check("zh_TW", &[], Some("espeak_cmn"));
        check("ja_JP", &[], None);
    }
}
