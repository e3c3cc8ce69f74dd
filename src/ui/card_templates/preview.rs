//! The preview beside the editor: the card as the reviewer would show it, with an example note.
//! Asks the worker for the HTML whenever the templates change; never shows an older answer over a
//! newer one.

use crate::domain::notetype::Notetype;
use crate::render::{CardPage, MediaFolder, Resources, SoundSide};
use crate::service::event::Event;
use crate::service::notetypes::{NotetypeEvent, NotetypeRequest, Preview, PreviewAsk, Step};
use crate::service::request::Request;
use crate::template::av::AvTag;
use crate::ui::action::Action;
use crate::ui::audio::{Audio, Devices};
use crate::ui::card_view::{CardRef, CardView, Link, Play};
use crate::ui::context::UiContext;
use crate::ui::theme::{Tokens, font, radius};
use crate::ui::widgets::{surface, text};
use eframe::egui::{Rect, Ui, vec2};
use std::sync::Arc;

/// How the preview is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub back: bool,
    pub fill_empty: bool,
    pub night: bool,
    /// As wide as a telephone.
    pub narrow: bool,
}

/// Width of a telephone's screen, in points.
const NARROW: f32 = 360.0;
/// Seconds after which an answer counts as lost.
const PATIENCE: f64 = 2.0;

/// What draws and plays.
struct Desk {
    view: CardView,
    audio: Audio,
}

/// See the module header.
#[derive(Default)]
pub struct PreviewPane {
    desk: Option<Desk>,
    /// What was asked last, and when.
    asked: Option<(PreviewAsk, f64)>,
    waiting: bool,
    shown: Option<Preview>,
    page: Option<Arc<CardPage>>,
    failed: Option<String>,
    pub cloze: u16,
    /// To another example with the next question.
    pub step: Step,
}

impl PreviewPane {
    /// What is shown now.
    #[must_use]
    pub fn shown(&self) -> Option<&Preview> {
        self.shown.as_ref()
    }

    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Notetype(NotetypeEvent::Preview(preview)) => {
                self.waiting = false;
                self.failed = None;
                self.cloze = preview.cloze;
                self.shown = Some((**preview).clone());
                if let Some((asked, _)) = &mut self.asked {
                    // The answer says which note and cloze it took: the same question then.
                    asked.note = preview.note;
                    asked.cloze = preview.cloze;
                    asked.step = Step::Stay;
                }
            }
            Event::Failed { request, message }
                if matches!(**request, Request::Notetype(NotetypeRequest::Preview(_))) =>
            {
                self.waiting = false;
                self.failed = Some(message.cause.clone());
            }
            _ => {}
        }
    }

    pub fn stop(&mut self) {
        if let Some(desk) = &mut self.desk {
            desk.audio.stop();
        }
    }

    /// Asks for the card when what it depends on has changed.
    pub fn follow(
        &mut self,
        cx: &UiContext<'_>,
        ui: &Ui,
        notetype: &Notetype,
        template: usize,
        look: Look,
    ) {
        let now = ui.input(|i| i.time);
        if self.waiting
            && self
                .asked
                .as_ref()
                .is_some_and(|(_, at)| now - at < PATIENCE)
        {
            return;
        }
        let wanted = PreviewAsk {
            notetype: notetype.clone(),
            template,
            cloze: self.cloze,
            note: self.shown.as_ref().and_then(|p| p.note),
            step: std::mem::take(&mut self.step),
            fill_empty: look.fill_empty,
        };
        let same = self
            .asked
            .as_ref()
            .is_some_and(|(asked, _)| *asked == wanted);
        if same && !self.waiting || cx.model.exclusive_job().is_some() {
            return;
        }
        self.waiting = true;
        self.asked = Some((wanted.clone(), now));
        cx.ask(Request::Notetype(NotetypeRequest::Preview(Box::new(
            wanted,
        ))));
    }

    /// The card, or what stands in its way.
    pub fn ui(
        &mut self,
        cx: &UiContext<'_>,
        ui: &mut Ui,
        r: Rect,
        look: Look,
        sound: fn() -> Devices,
    ) {
        let t = Tokens::of(ui);
        surface::card(ui, r);
        if let Some(failed) = &self.failed {
            text::para(ui, r.shrink(16.0), failed, font::small(), t.danger);
            return;
        }
        self.make_page(cx, look);
        let (Some(preview), Some(page)) = (&self.shown, &self.page) else {
            return;
        };
        if self.desk.is_none() {
            self.desk = desk(cx, ui, sound);
        }
        let Some(desk) = &mut self.desk else { return };
        let mut at = r.shrink(1.0);
        if look.narrow && at.width() > NARROW {
            at = Rect::from_center_size(at.center(), vec2(NARROW, at.height()));
            for x in [at.min.x - 1.0, at.max.x] {
                surface::vline(ui, x, at, t.border);
            }
        }
        desk.view.set_reduce_motion(cx.model.settings.reduce_motion);
        let response = desk.view.show(
            ui,
            at,
            CardRef {
                page,
                type_in: None,
            },
        );
        for play in response.play {
            let sound = match play {
                Play::File(name) => Some(AvTag::Sound(name)),
                Play::Sound { side, index } => match side {
                    SoundSide::Question => preview.card.question_av.get(index).cloned(),
                    SoundSide::Answer => preview.card.answer_av.get(index).cloned(),
                },
            };
            desk.audio.play(sound.into_iter().collect());
        }
        for link in response.links {
            if let Link::Web(url) = link {
                cx.send(Action::OpenUrl(url));
            }
        }
    }

    fn make_page(&mut self, cx: &UiContext<'_>, look: Look) {
        let Some(preview) = &self.shown else { return };
        let card = &preview.card;
        let page = CardPage {
            html: if look.back {
                card.answer_page(None)
            } else {
                card.question_page()
            },
            css: card.css.clone(),
            body_class: if look.narrow {
                format!("{} mobile", card.body_class)
            } else {
                card.body_class.clone()
            },
            night: look.night,
            play_buttons: cx.model.shows_play_buttons(),
            is_answer: look.back,
        };
        if self.page.as_deref() != Some(&page) {
            self.page = Some(Arc::new(page));
        }
    }
}

fn desk(cx: &UiContext<'_>, ui: &Ui, sound: fn() -> Devices) -> Option<Desk> {
    let folder = cx.media_folder()?;
    let profile = folder.parent()?.to_owned();
    let devices = sound();
    let media_folder = MediaFolder::new(folder).with_stills(&devices.programs);
    let resources: Arc<dyn Resources> = Arc::new(media_folder);
    let mut view = CardView::new(resources.clone(), ui.ctx());
    view.set_corner_radius(radius::CARD - 1);
    let wake = ui.ctx().clone();
    let audio = Audio::new(
        resources,
        devices,
        profile,
        Arc::new(move || wake.request_repaint()),
    );
    Some(Desk { view, audio })
}
