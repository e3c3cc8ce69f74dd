//! The card itself on the sheet: its pages drawn in advance, its sounds, its links.

use super::audio_command::AudioCommand;
use super::model::{Side, StudyModel};
use super::pages::{self, Look, Pages};
use super::sound::{self, Cue};
use super::voice::VoiceNotice;
use crate::base::lang;
use crate::render::{CardPage, MediaFolder, Resources, SoundSide};
use crate::service::request::{Changed, Request, SettingsRequest};
use crate::t;
use crate::template::av::AvTag;
use crate::ui::action::Action;
use crate::ui::audio::{Audio, AudioNotice, Devices, JUMP_SECS, RecordState};
use crate::ui::card_view::{CardRef, CardView, CardViewResponse, Link, Play, TypeInStyle};
use crate::ui::command::Command;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::picture_menu;
use crate::ui::theme::radius;
use crate::ui::widgets::{Button, Kind, dialog, text};
use eframe::egui::{Context, Rect, Ui};
use std::path::PathBuf;
use std::sync::Arc;

/// What draws and plays the cards of one profile.
pub struct Desk {
    view: CardView,
    audio: Audio,
    pages: Pages,
    /// The page on show.
    page: Option<Arc<CardPage>>,
    /// The card and side whose sounds were started.
    sounded: Option<(u64, Side)>,
    voice: VoiceNotice,
}

impl Desk {
    /// None without an open profile.
    pub fn new(cx: &UiContext<'_>, ctx: &Context, sound: fn() -> Devices) -> Option<Self> {
        let folder = cx.media_folder()?;
        let profile = folder.parent()?.to_owned();
        let devices = sound();
        let media_folder = MediaFolder::new(folder).with_stills(&devices.programs);
        let resources: Arc<dyn Resources> = Arc::new(media_folder);
        let mut view = CardView::new(resources.clone(), ctx);
        view.set_corner_radius(radius::CARD - 1);
        view.set_own_pictures(true);
        let wake = ctx.clone();
        let wake = Arc::new(move || wake.request_repaint());
        let audio = Audio::new(resources, devices, profile, wake);
        Some(Self {
            view,
            audio,
            pages: Pages::default(),
            page: None,
            sounded: None,
            voice: VoiceNotice::default(),
        })
    }

    /// Nothing is heard from now on, neither here nor by the microphone.
    pub fn leave(&mut self) {
        self.audio.end_recording();
        self.audio.stop();
        self.sounded = None;
    }

    #[must_use]
    pub fn typed(&self) -> &str {
        self.view.typed()
    }

    pub fn replay(&mut self, study: &StudyModel) {
        self.audio.play(sound::replay(study));
    }

    /// With something to tell.
    pub fn audio(&mut self, command: AudioCommand) -> Option<&'static str> {
        match command {
            AudioCommand::Pause => self.audio.toggle_pause(),
            AudioCommand::Back => self.audio.jump(-JUMP_SECS),
            AudioCommand::Forward => self.audio.jump(JUMP_SECS),
            AudioCommand::RecordVoice => self.audio.record(),
            AudioCommand::ReplayVoice => match self.audio.record_state() {
                RecordState::Empty => return Some(t!("Nothing is recorded yet: Shift+V records")),
                RecordState::Recording => self.audio.record(),
                RecordState::Ready => self.audio.play_recording(),
            },
        }
        None
    }

    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.audio.is_playing()
    }

    /// The notice on the sheet while the user's voice is recorded.
    pub fn voice_ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect) {
        let recording = self.audio.record_state() == RecordState::Recording;
        self.voice.ui(cx, ui, r, recording);
    }

    /// Draws the side that is up into `r`, and in advance what is likely next.
    pub fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui, r: Rect) {
        let (study, settings) = (&cx.model.study, &cx.model.settings);
        let look = Look {
            night: ui.visuals().dark_mode,
            play_buttons: cx.model.shows_play_buttons(),
        };
        let voices = pages::asks_for_voices(study).then(|| self.audio.voices());
        self.pages.follow(study, look, voices.flatten());
        self.view
            .set_zoom(settings.card_zoom_percent as f32 / 100.0);
        self.view.set_reduce_motion(settings.reduce_motion);
        self.play_side(cx);
        let side = study.side();
        self.page = self.pages.shown(side).cloned();
        let Some(page) = &self.page else {
            return;
        };
        let asks_to_type = study.card.as_ref().and_then(|c| c.type_in.as_ref());
        let type_in = asks_to_type
            .filter(|_| side == Side::Question)
            .map(|t| TypeInStyle {
                font: &t.font,
                font_size: t.size as f32,
                right_to_left: t.right_to_left,
            });
        let response = self.view.show(ui, r, CardRef { page, type_in });
        for page in self.pages.likely(side, asks_to_type.is_some()) {
            self.view.prepare(ui.ctx(), page);
        }
        self.follow(cx, response);
        self.tell(cx);
    }

    /// What was drawn last, whatever study has come to: nothing is played, nothing follows.
    pub fn still_ui(&mut self, ui: &mut Ui, r: Rect) {
        if let Some(page) = &self.page {
            let type_in = None;
            self.view.show(ui, r, CardRef { page, type_in });
        }
    }

    /// The part of the screen in which the card hides what lies under it.
    pub fn covered(&mut self) -> Option<Rect> {
        self.view.take_covered()
    }

    fn play_side(&mut self, cx: &UiContext<'_>) {
        let study = &cx.model.study;
        let now = (study.shown(), study.side());
        if self.sounded == Some(now) {
            return;
        }
        self.sounded = Some(now);
        let autoplay = cx.model.settings.autoplay_audio;
        let interrupt = cx.model.collection_settings.as_ref();
        let interrupt = interrupt.is_none_or(|c| c.interrupt_audio);
        match sound::on_side(study, autoplay, interrupt) {
            Cue::Play(files) => self.audio.play(files),
            Cue::Follow(files) => self.audio.follow(files),
            Cue::Nothing => {}
        }
    }

    fn follow(&mut self, cx: &UiContext<'_>, response: CardViewResponse) {
        for play in response.play {
            let sound = match play {
                Play::File(name) => Some(AvTag::Sound(name)),
                Play::Sound { side, index } => sound_of(&cx.model.study, side, index),
            };
            if let Some(sound) = sound {
                self.audio.play(vec![sound]);
            }
        }
        for link in response.links {
            cx.send(follow_link(cx, link));
        }
        if response.submitted {
            cx.command(Command::ShowAnswer);
        }
        if let Some(zoom) = response.zoom {
            let shown = cx.model.settings.clone();
            let mut wanted = shown.clone();
            wanted.card_zoom_percent = (zoom * 100.0).round() as u32;
            let change = Box::new(Changed { shown, wanted });
            cx.ask(Request::Settings(SettingsRequest::SaveProfile(change)));
        }
        if response.copied {
            cx.toast(t!("Copied"));
        }
        if let Some((name, what)) = response.picture {
            picture_menu::follow(cx, name, what);
        }
    }

    fn tell(&self, cx: &UiContext<'_>) {
        if let Some(notice) = self.audio.take_notice() {
            cx.note(words_of_notice(notice));
        }
    }
}

/// What the player has to tell, in words.
#[must_use]
pub fn words_of_notice(notice: AudioNotice) -> String {
    match notice {
        AudioNotice::NoDevice => t!("No audio device: cards go on without sound").into(),
        AudioNotice::CannotPlay(file) => t!("Cannot play {file}", file),
        AudioNotice::NoVoice(lang) => {
            t!(
                "No voice speaks “{lang}” here: install espeak-ng or speech-dispatcher",
                lang
            )
        }
        AudioNotice::SpeechFailed(reason) => t!(
            "The text cannot be spoken: {reason}",
            reason = lang::known(&reason)
        ),
        AudioNotice::NoMicrophone => {
            t!("No microphone: plug one in, or allow Engram to use it").into()
        }
        AudioNotice::RecordingFailed(reason) => t!(
            "Nothing was recorded: {reason}",
            reason = lang::known(&reason)
        ),
        AudioNotice::PlayerEnded => {
            t!("Sounds have stopped by a fault of Engram: open the profile again to hear them")
                .into()
        }
    }
}

fn sound_of(study: &StudyModel, side: SoundSide, index: usize) -> Option<AvTag> {
    let sounds = match side {
        SoundSide::Question => &study.card.as_ref()?.question.sounds,
        SoundSide::Answer => &study.answer()?.sounds,
    };
    sounds.get(index).cloned()
}

/// Web pages open at once, and so do files that are only looked at or listened to; other kinds of
/// addresses and files after a question, addresses also where the preferences name their kind.
pub fn follow_link(cx: &UiContext<'_>, link: Link) -> Action {
    let asked = match link {
        Link::Web(url) => return Action::OpenUrl(url),
        Link::File(name) => {
            let path = cx.media_folder().unwrap_or_default().join(&name);
            if is_only_shown(&name) {
                return Action::OpenFolder(path);
            }
            Asked::File { name, path }
        }
        Link::Other(url) => {
            let kind = url.split(':').next().unwrap_or_default().to_lowercase();
            if cx.model.settings.opens_links_of(&kind) {
                return Action::OpenUrl(url);
            }
            Asked::Address { url, kind }
        }
    };
    Action::Open(Box::new(LinkDialog(asked)))
}

/// By its ending, as the system chooses the program. Pictures in SVG can hold scripts.
fn is_only_shown(name: &str) -> bool {
    const PICTURES: &[&str] = &[
        "avif", "bmp", "gif", "heic", "ico", "jpeg", "jpg", "png", "tif", "tiff", "webp",
    ];
    const SOUNDS: &[&str] = &[
        "aac", "aif", "aiff", "flac", "m4a", "mka", "mp3", "oga", "ogg", "opus", "spx", "wav",
        "wma",
    ];
    const FILMS: &[&str] = &[
        "3gp", "avi", "flv", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "ogv", "ogx", "webm", "wmv",
    ];
    const TEXTS: &[&str] = &["pdf", "txt"];
    let Some((_, ending)) = name.rsplit_once('.') else {
        return false;
    };
    let ending = ending.to_ascii_lowercase();
    [PICTURES, SOUNDS, FILMS, TEXTS]
        .iter()
        .any(|endings| endings.contains(&ending.as_str()))
}

/// What is opened only after a question.
enum Asked {
    Address { url: String, kind: String },
    File { name: String, path: PathBuf },
}

/// Whether a file that may be a program is opened, or an address of an unusual kind, this time or
/// from now on.
struct LinkDialog(Asked);

impl LinkDialog {
    fn title(&self) -> &'static str {
        match &self.0 {
            Asked::Address { .. } => t!("Open this link?"),
            Asked::File { .. } => t!("Open this file?"),
        }
    }

    fn words(&self) -> String {
        match &self.0 {
            Asked::Address { url, .. } => {
                t!("The card wants to open “{url}” with another program.", url)
            }
            Asked::File { name, .. } => t!(
                "The card wants to open “{name}” of the media folder with another program. \
                 Files of this kind can do more than show something: open it only if you trust \
                 whoever made the card.",
                name
            ),
        }
    }
}

impl Dialog for LinkDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let kind = match &self.0 {
            Asked::Address { kind, .. } => Some(kind.as_str()),
            Asked::File { .. } => None,
        };
        let always = kind.map(|kind| t!("Always open “{kind}:”", kind));
        let shown = dialog::show(ctx, id, 520.0, |ui| {
            dialog::title(ui, self.title());
            text::paragraph(ui, &self.words());
            let open = Button::new(t!("Open")).kind(Kind::Primary);
            let quiet = always.iter().map(|words| Button::ghost(words)).collect();
            let footer = dialog::footer(ui, quiet, vec![Button::new(t!("Cancel")), open]);
            // Enter opens no program.
            footer.focus_choice(usize::from(kind.is_some()));
            let always = footer.quiet.iter().any(|b| b.clicked());
            (always, footer.chosen(0), footer.chosen(1))
        });
        let (always, cancel, open) = shown.inner;
        if let Some(kind) = kind.filter(|_| always) {
            let shown = cx.model.settings.clone();
            let mut wanted = shown.clone();
            wanted.open_links = format!("{} {kind}", wanted.open_links.trim());
            wanted.open_links = wanted.open_links.trim().to_owned();
            let change = Box::new(Changed { shown, wanted });
            cx.ask(Request::Settings(SettingsRequest::SaveProfile(change)));
        }
        if always || open {
            cx.send(match &self.0 {
                Asked::Address { url, .. } => Action::OpenUrl(url.clone()),
                Asked::File { path, .. } => Action::OpenFolder(path.clone()),
            });
        }
        Flow::close_if(always || open || cancel || shown.dismissed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_shows_or_plays_opens_unasked() {
        for name in ["a.PNG", "b b.mp3", "film.mp4", "x.y.pdf", "notes.txt"] {
            assert!(is_only_shown(name), "{name}");
        }
        for name in [
            "x.desktop",
            "x.exe",
            "x.pdf.exe",
            "x.pdf ",
            "x.pdf.",
            "pdf",
            "x.svg",
            "x.html",
            "x",
        ] {
            assert!(!is_only_shown(name), "{name}");
        }
    }
}
