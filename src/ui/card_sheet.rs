//! A card that is looked at, not studied: one of its sides drawn as in study, with its sounds, from
//! a media folder that may be another one than the profile's.

use crate::base::ids::CardId;
use crate::render::{CardPage, MediaFolder, Resources, SoundSide};
use crate::service::browse::CardPreview;
use crate::t;
use crate::template::av::AvTag;
use crate::ui::audio::{Audio, Devices};
use crate::ui::card_view::{CardRef, CardView, CardViewResponse, Play};
use crate::ui::context::UiContext;
use crate::ui::picture_menu;
use crate::ui::review::{follow_link, words_of_notice};
use crate::ui::theme::radius;
use eframe::egui::{Context, Rect, Ui};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// See the module header.
pub struct CardSheet {
    /// The page that is drawn, and what it was made of: card, answer, night.
    page: Option<(CardId, bool, bool, Arc<CardPage>)>,
    desk: Option<Desk>,
    sound: fn() -> Devices,
    /// The sounds of the side are played with the next frame.
    play: bool,
}

/// What draws and plays the cards of one media folder.
struct Desk {
    media: PathBuf,
    view: CardView,
    audio: Audio,
}

impl CardSheet {
    /// `sound` opens the audio device when the first sound is played.
    #[must_use]
    pub fn new(sound: fn() -> Devices) -> Self {
        Self {
            page: None,
            desk: None,
            sound,
            play: false,
        }
    }

    #[must_use]
    pub fn sound(&self) -> fn() -> Devices {
        self.sound
    }

    /// The card has other content now.
    pub fn forget(&mut self) {
        self.page = None;
    }

    /// Plays the sounds of the side on show with the next frame.
    pub fn replay(&mut self) {
        self.play = true;
    }

    pub fn silence(&mut self) {
        if let Some(desk) = &mut self.desk {
            desk.audio.stop();
        }
    }

    /// Draws one side of `card` into `r`, with files of the folder `media`.
    pub fn ui(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        r: Rect,
        card: &CardPreview,
        answer: bool,
        media: &Path,
    ) {
        let night = ui.visuals().dark_mode;
        let made = (card.card, answer, night);
        let page = match &self.page {
            Some((id, answer, dark, page)) if (*id, *answer, *dark) == made => page.clone(),
            _ => {
                let side = if answer { &card.answer } else { &card.question };
                let page = Arc::new(CardPage {
                    html: side.html.clone(),
                    css: card.css.clone(),
                    body_class: card.body_class.clone(),
                    night,
                    play_buttons: cx.model.shows_play_buttons(),
                    is_answer: answer,
                });
                self.page = Some((made.0, made.1, made.2, page.clone()));
                page
            }
        };
        if self.desk.as_ref().is_none_or(|desk| desk.media != media) {
            self.desk = Desk::new(cx, ui.ctx(), media, self.sound);
        }
        let Some(desk) = &mut self.desk else { return };
        desk.view.set_reduce_motion(cx.model.settings.reduce_motion);
        let sides = [&card.question.sounds, &card.answer.sounds];
        if std::mem::take(&mut self.play) {
            desk.audio.play(sides[usize::from(answer)].clone());
        }
        let at = CardRef {
            page: &page,
            type_in: None,
        };
        let response = desk.view.show(ui, r, at);
        desk.follow(cx, response, sides);
    }
}

impl Desk {
    /// None without an open profile.
    fn new(
        cx: &UiContext<'_>,
        ctx: &Context,
        media: &Path,
        sound: fn() -> Devices,
    ) -> Option<Self> {
        let profile = cx.media_folder()?.parent()?.to_owned();
        let devices = sound();
        let media_folder = MediaFolder::new(media).with_stills(&devices.programs);
        let resources: Arc<dyn Resources> = Arc::new(media_folder);
        let mut view = CardView::new(resources.clone(), ctx);
        view.set_corner_radius(radius::CARD - 1);
        view.set_own_pictures(cx.media_folder().as_deref() == Some(media));
        let wake = ctx.clone();
        let wake = Arc::new(move || wake.request_repaint());
        let audio = Audio::new(resources, devices, profile, wake);
        Some(Self {
            media: media.to_owned(),
            view,
            audio,
        })
    }

    fn follow(&mut self, cx: &UiContext<'_>, response: CardViewResponse, sides: [&Vec<AvTag>; 2]) {
        for play in response.play {
            let sound = match play {
                Play::File(name) => Some(AvTag::Sound(name)),
                Play::Sound { side, index } => {
                    let of_answer = side == SoundSide::Answer;
                    sides[usize::from(of_answer)].get(index).cloned()
                }
            };
            if let Some(sound) = sound {
                self.audio.play(vec![sound]);
            }
        }
        for link in response.links {
            cx.send(follow_link(cx, link));
        }
        if response.copied {
            cx.toast(t!("Copied"));
        }
        if let Some((name, what)) = response.picture {
            picture_menu::follow(cx, name, what);
        }
        if let Some(notice) = self.audio.take_notice() {
            cx.note(words_of_notice(notice));
        }
    }
}
