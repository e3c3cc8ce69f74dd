//! The card on screen: pictures from the render thread as textures, the user's pointer and keys
//! back to it, a real text field over the card's type-in box, and the card's text for screen
//! readers. Draws nothing of HTML itself (see `render`) and knows nothing of study.
//!
//! Once a frame: [`CardView::show`], then [`CardView::prepare`] for the pages likely next.

mod input;
mod pictures;
mod scroll_bar;
mod type_in;

use crate::render::{
    CardEngine, CardInput, CardKey, CardOutput, CardPage, EngineEvent, Resources, SoundSide, View,
};
use crate::t;
use crate::ui::picture_menu::{self, PictureUse};
use crate::ui::theme::Tokens;
use crate::ui::widgets::{menu, surface, tooltip};
use eframe::egui::accesskit::Role;
use eframe::egui::{self, Context, CursorIcon, Rect, Sense, Ui, WidgetInfo, vec2};
use pictures::Pictures;
use std::sync::Arc;
use std::time::Duration;
use type_in::TypeIn;

pub use type_in::TypeInStyle;

/// Smallest and largest zoom of a card.
pub const ZOOM: std::ops::RangeInclusive<f32> = 0.5..=3.0;

/// How long `show` may wait for a picture that is not there yet: less than a frame, so that the
/// old card does not flash up when the new one is nearly ready.
const PATIENCE: Duration = Duration::from_millis(8);

/// Where motion is reduced, an animation is seen about once a second until it ends, so that what
/// comes in by one, at once or after a while, is there then; one without an end is seen so many
/// times, and stands still.
const STEPS: u8 = 3;
const STEP_SECONDS: f64 = 0.9;

/// See the module header.
pub struct CardView {
    engine: Option<CardEngine>,
    pictures: Pictures,
    /// Pages that the engine was asked to draw in advance for the present view.
    requested: Vec<CardKey>,
    shown: Option<CardKey>,
    /// It was not in the frame before.
    is_new: bool,
    /// The page that is shown.
    page: Option<Arc<CardPage>>,
    view: Option<View>,
    zoom: f32,
    patience: Duration,
    type_in: TypeIn,
    /// The pointer went down on the card and is still down.
    pressed: bool,
    /// The pointer was over the card in the last frame.
    hovered: bool,
    corner_radius: u8,
    /// What the last picture hid.
    covered: Option<Rect>,
    reduce_motion: bool,
    /// Steps of the present animation, and when the last one was.
    steps: u8,
    stepped_at: Option<f64>,
    /// When it began.
    moves_since: Option<f64>,
    /// What the element under the pointer says about itself.
    tip: Option<String>,
    /// The picture under the pointer, and the one that the menu is about.
    picture: Option<String>,
    menu_picture: Option<String>,
    /// They lie in the profile's media folder.
    own_pictures: bool,
    outputs: Vec<CardOutput>,
}

/// What is to be shown.
#[derive(Debug, Clone, Copy)]
pub struct CardRef<'a> {
    pub page: &'a Arc<CardPage>,
    /// Set while the user is to type an answer.
    pub type_in: Option<TypeInStyle<'a>>,
}

/// What the user did on the card in this frame.
#[derive(Debug, Default)]
pub struct CardViewResponse {
    /// Play buttons pressed, in order.
    pub play: Vec<Play>,
    /// Links followed, in order.
    pub links: Vec<Link>,
    /// Enter in the type-in box: show the answer.
    pub submitted: bool,
    /// The user changed the zoom; keep it in the settings.
    pub zoom: Option<f32>,
    /// Text went to the clipboard.
    pub copied: bool,
    /// A picture, by name, and what is to be done with it.
    pub picture: Option<(String, PictureUse)>,
}

/// A sound to play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Play {
    /// By its place in the card's list of that side.
    Sound { side: SoundSide, index: usize },
    /// A file of the media folder.
    File(String),
}

/// A link that leaves the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// A web or mail address: open it.
    Web(String),
    /// Another kind of address: ask first.
    Other(String),
    /// A file of the media folder.
    File(String),
}

impl CardView {
    /// Starts the render thread. Without one (the system gives no thread) the card's place says
    /// so, and the rest of the window goes on.
    #[must_use]
    pub fn new(resources: Arc<dyn Resources>, ctx: &Context) -> Self {
        let ctx = ctx.clone();
        let engine = CardEngine::spawn(resources, Arc::new(move || ctx.request_repaint()));
        if let Err(error) = &engine {
            tracing::error!(%error, "no render thread");
        }
        Self {
            engine: engine.ok(),
            pictures: Pictures::default(),
            requested: Vec::new(),
            shown: None,
            is_new: false,
            page: None,
            view: None,
            zoom: 1.0,
            patience: PATIENCE,
            type_in: TypeIn::default(),
            pressed: false,
            hovered: false,
            corner_radius: 0,
            covered: None,
            reduce_motion: false,
            steps: 0,
            stepped_at: None,
            moves_since: None,
            tip: None,
            picture: None,
            menu_picture: None,
            own_pictures: false,
            outputs: Vec::new(),
        }
    }

    /// For tests: waits this long for pictures, so that each frame shows the card it was given.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Size of the card's content; 1 is normal.
    pub fn set_zoom(&mut self, zoom: f32) {
        self.zoom = zoom.clamp(*ZOOM.start(), *ZOOM.end());
    }

    /// Points by which the corners of the card's area are rounded.
    pub fn set_corner_radius(&mut self, radius: u8) {
        self.corner_radius = radius;
    }

    /// The part of the screen in which the card that was just shown hides what lies under it.
    pub fn take_covered(&mut self) -> Option<Rect> {
        self.covered.take()
    }

    /// Animations of cards come to their end in steps, or stand still.
    pub fn set_reduce_motion(&mut self, reduce: bool) {
        self.reduce_motion = reduce;
    }

    /// The card's pictures lie in the profile's media folder, so that its menu is about them too.
    pub fn set_own_pictures(&mut self, own: bool) {
        self.own_pictures = own;
    }

    /// What the user has typed into the shown card's box.
    #[must_use]
    pub fn typed(&self) -> &str {
        self.type_in.text()
    }

    /// True when the picture on screen is that of `page`.
    #[must_use]
    pub fn has_drawn(&self, page: &CardPage) -> bool {
        self.pictures.has(page.key())
    }

    /// Draws a page in advance; costs nothing when it was asked for before. In a frame that shows a
    /// new card, which has enough to do, the next frame is waited for.
    pub fn prepare(&mut self, ctx: &Context, page: &Arc<CardPage>) {
        let (Some(engine), Some(view)) = (&self.engine, self.view) else {
            return;
        };
        let key = page.key();
        if self.requested.contains(&key) {
            return;
        }
        if self.is_new {
            ctx.request_repaint();
            return;
        }
        // More than a few are never useful: shown, other side, next card's two sides.
        if self.requested.len() >= 8 {
            self.requested.remove(0);
        }
        self.requested.push(key);
        engine.prepare(page.clone(), view);
    }

    /// Nothing is shown any more.
    pub fn clear(&mut self) {
        if self.shown.take().is_some()
            && let Some(engine) = &self.engine
        {
            engine.hide();
        }
        self.pictures.clear();
        self.requested.clear();
        self.page = None;
        self.type_in.reset();
    }

    /// Shows the card in `rect` and takes input there.
    pub fn show(&mut self, ui: &mut Ui, rect: Rect, card: CardRef<'_>) -> CardViewResponse {
        let mut out = CardViewResponse::default();
        let scale = ui.ctx().pixels_per_point();
        let rect = snap(rect, scale);
        self.follow_view(rect, scale.min(finest(ui, rect)));
        self.follow_page(card.page);
        self.receive(ui.ctx(), card.page.key());

        let id = ui.scope_id().with("card");
        // Not focusable: the study keys stay with the window.
        let response = ui.interact(rect, id, Sense::CLICK | Sense::DRAG);
        self.paint(ui, rect, card.page.key());
        self.describe(&response);
        self.take_input(ui, rect, &response, &mut out);
        self.scroll_bar(ui, rect, id);
        out.picture = self.context_menu(&response);
        if let Some(tip) = &self.tip {
            tooltip::words_at_pointer(response, tip);
        }
        self.show_type_in(ui, rect, card, &mut out);
        self.drain_outputs(ui.ctx(), &mut out);
        self.animate(ui.ctx());
        out
    }

    fn follow_view(&mut self, rect: Rect, scale: f32) {
        let view = View {
            width: rect.width(),
            height: rect.height(),
            scale,
            zoom: self.zoom,
        };
        if self.view != Some(view) {
            self.view = Some(view);
            self.requested.clear();
            if let Some(key) = self.shown {
                self.pictures.keep_only(key);
                if let Some(engine) = &self.engine {
                    engine.resize(view);
                }
            } else {
                self.pictures.clear();
            }
        }
    }

    fn follow_page(&mut self, page: &Arc<CardPage>) {
        let key = page.key();
        self.is_new = self.shown != Some(key);
        let (Some(engine), Some(view)) = (&self.engine, self.view) else {
            return;
        };
        if !self.is_new {
            return;
        }
        self.pictures.leave(self.shown);
        // A card in the other theme is the same card, and what was typed so far stays.
        let same = self.page.as_ref().is_some_and(|old| {
            old.night != page.night && old.html == page.html && old.css == page.css
        });
        match (page.is_answer, same) {
            (true, _) => {}
            (false, true) => self.type_in.focus_again(),
            (false, false) => self.type_in.reset(),
        }
        self.page = Some(page.clone());
        engine.show(page.clone(), view, self.pictures.has(key));
        self.shown = Some(key);
        self.tip = None;
        self.picture = None;
        (self.steps, self.stepped_at, self.moves_since) = (0, None, None);
        self.pressed = false;
    }

    // Takes what the thread has; waits a moment when the wanted picture is not there.
    fn receive(&mut self, ctx: &Context, wanted: CardKey) {
        let Some(engine) = &self.engine else { return };
        while let Some(event) = engine.poll() {
            Self::sort(&mut self.pictures, &mut self.outputs, ctx, event);
        }
        if !self.pictures.has(wanted)
            && let Some(event) = engine.wait(self.patience)
        {
            Self::sort(&mut self.pictures, &mut self.outputs, ctx, event);
            while !self.pictures.has(wanted) {
                match engine.poll() {
                    Some(event) => Self::sort(&mut self.pictures, &mut self.outputs, ctx, event),
                    None => break,
                }
            }
        }
    }

    fn sort(
        pictures: &mut Pictures,
        outputs: &mut Vec<CardOutput>,
        ctx: &Context,
        event: EngineEvent,
    ) {
        match event {
            EngineEvent::Drawn(drawn) => pictures.take(ctx, drawn),
            EngineEvent::Output(output) => outputs.push(output),
        }
    }

    fn paint(&mut self, ui: &Ui, rect: Rect, key: CardKey) {
        let tokens = Tokens::of(ui);
        self.covered = None;
        if self.pictures.cover(rect, key) {
            // Its corners are round.
            let corner = vec2(0.0, f32::from(self.corner_radius));
            self.covered = Some(rect.shrink2(corner));
        } else {
            surface::fill(ui, rect, self.corner_radius, tokens.surface);
        }
        if self.engine.is_none() {
            ui.painter().text(
                rect.center(),
                egui::Align2::CENTER_CENTER,
                t!("Cards cannot be drawn on this system"),
                crate::ui::theme::font::body(),
                tokens.text2,
            );
            return;
        }
        self.pictures.paint(ui, rect, key, self.corner_radius);
    }

    fn describe(&self, response: &egui::Response) {
        let text = self.shown_text();
        response.widget_info(|| WidgetInfo::labeled(Role::Document, true, &*text));
    }

    fn shown_text(&self) -> Arc<str> {
        self.shown
            .and_then(|key| self.pictures.frame(key))
            .map_or_else(|| "".into(), |frame| frame.text.clone())
    }

    fn send(&mut self, input: CardInput) {
        if let Some(key) = self.shown {
            self.pictures.touch(key);
        }
        self.send_quietly(input);
    }

    // For input that leaves the card as it is.
    fn send_quietly(&self, input: CardInput) {
        if let (Some(engine), Some(_)) = (&self.engine, self.shown) {
            engine.input(input);
        }
    }

    fn context_menu(&mut self, response: &egui::Response) -> Option<(String, PictureUse)> {
        if response.secondary_clicked() {
            self.menu_picture = self.picture.clone().filter(|_| self.own_pictures);
        }
        let has_selection = self
            .shown
            .and_then(|key| self.pictures.frame(key))
            .is_some_and(|frame| frame.has_selection);
        let (mut chosen, mut used) = (None, None);
        menu::context(response, |ui| {
            let copy = menu::Entry::new(t!("Copy"))
                .keys("Ctrl+C")
                .enabled(has_selection);
            if copy.show(ui).clicked() {
                chosen = Some(CardInput::Copy);
                ui.close();
            }
            if menu::Entry::new(t!("Select All")).show(ui).clicked() {
                chosen = Some(CardInput::SelectAll);
                ui.close();
            }
            if self.menu_picture.is_some() {
                menu::separator(ui);
                used = picture_menu::entries(ui);
            }
        });
        if let Some(input) = chosen {
            self.send(input);
        }
        self.menu_picture.clone().zip(used)
    }

    fn show_type_in(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        card: CardRef<'_>,
        out: &mut CardViewResponse,
    ) {
        let Some(style) = card.type_in else { return };
        let place = self
            .pictures
            .frame(card.page.key())
            .and_then(|frame| frame.type_in);
        if let Some(place) = place {
            out.submitted = self.type_in.show(ui, rect, place, style, self.zoom);
        }
    }

    fn drain_outputs(&mut self, ctx: &Context, out: &mut CardViewResponse) {
        for output in self.outputs.drain(..) {
            match output {
                CardOutput::PlaySound { side, index } => {
                    out.play.push(Play::Sound { side, index });
                }
                CardOutput::PlayFile(name) => out.play.push(Play::File(name)),
                CardOutput::OpenUrl(url) => out.links.push(link_of(url)),
                CardOutput::OpenFile(name) => out.links.push(Link::File(name)),
                CardOutput::Tip(tip) => self.tip = tip,
                CardOutput::Picture(picture) => self.picture = picture,
                CardOutput::Copied(text) => {
                    ctx.copy_text(text);
                    out.copied = true;
                }
            }
        }
    }

    fn animate(&mut self, ctx: &Context) {
        let frame = self.shown.and_then(|key| self.pictures.frame(key));
        let lasts = frame
            .filter(|frame| frame.animating)
            .map(|frame| frame.motion_seconds);
        let (Some(engine), Some(lasts)) = (self.engine.as_ref(), lasts) else {
            (self.steps, self.stepped_at, self.moves_since) = (0, None, None);
            return;
        };
        if !self.reduce_motion {
            engine.tick();
            ctx.request_repaint_after(Duration::from_millis(33));
            return;
        }
        let now = ctx.input(|i| i.time);
        let since = *self.moves_since.get_or_insert(now);
        if goes_on(self.steps, now - since, lasts) {
            if now - *self.stepped_at.get_or_insert(now) >= STEP_SECONDS {
                engine.tick();
                self.steps = self.steps.saturating_add(1);
                self.stepped_at = Some(now);
            }
            ctx.request_repaint_after(Duration::from_secs(1));
        }
    }
}

/// Whether an animation is seen once more where motion is reduced: `lasts` is how long the longest
/// takes that has an end, with a step behind it.
fn goes_on(steps: u8, seconds: f64, lasts: f32) -> bool {
    steps < STEPS || seconds < f64::from(lasts) + 2.0 * STEP_SECONDS
}

/// What kind of link an address is.
#[must_use]
pub fn link_of(url: String) -> Link {
    let scheme = url.split(':').next().unwrap_or_default();
    match scheme {
        "http" | "https" | "mailto" => Link::Web(url),
        _ => Link::Other(url),
    }
}

// A picture can have no more pixels than the graphics card takes: very wide windows on fine screens.
fn finest(ui: &Ui, rect: Rect) -> f32 {
    let most = ui.input(|i| i.max_texture_side) as f32 - 1.0;
    most / rect.width().max(rect.height()).max(1.0)
}

// On whole pixels, so that the picture is shown pixel by pixel, and none of what is around it is
// hidden. A place that is one up to what numbers can tell is that one.
fn snap(rect: Rect, scale: f32) -> Rect {
    let up = |v: f32| (v * scale - 0.01).ceil() / scale;
    let down = |v: f32| (v * scale + 0.01).floor() / scale;
    Rect::from_min_max(
        egui::pos2(up(rect.min.x), up(rect.min.y)),
        egui::pos2(down(rect.max.x), down(rect.max.y)),
    )
}

fn cursor_icon(cursor: crate::render::CardCursor) -> CursorIcon {
    use crate::render::CardCursor as C;
    match cursor {
        C::Default => CursorIcon::Default,
        C::Pointer => CursorIcon::PointingHand,
        C::Text => CursorIcon::Text,
        C::Help => CursorIcon::Help,
        C::Crosshair => CursorIcon::Crosshair,
        C::Grab => CursorIcon::Grab,
        C::Move => CursorIcon::Move,
        C::NotAllowed => CursorIcon::NotAllowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reduced_motion_comes_to_its_end_and_endless_motion_to_rest() {
        for (steps, seconds, lasts, expect) in [
            (0, 0.0, 0.0, true),
            (2, 1.8, 0.0, true),
            (3, 2.7, 0.0, false),
            (3, 2.7, 30.0, true),
            (30, 29.0, 30.0, true),
            (40, 40.0, 30.0, false),
        ] {
            let found = goes_on(steps, seconds, lasts);
            assert_eq!(found, expect, "{steps} {seconds} {lasts}");
        }
    }

    #[test]
    fn a_card_hides_nothing_around_its_place() {
        let rect = |left, top, right, bottom| {
            Rect::from_min_max(egui::pos2(left, top), egui::pos2(right, bottom))
        };
        let shown = snap(rect(17.0, 10.0, 463.0, 101.0), 1.5) * 1.5;
        let sides = [shown.min.x, shown.min.y, shown.max.x, shown.max.y];
        assert_eq!(sides.map(f32::round), [26.0, 15.0, 694.0, 151.0]);
        // Pixels of their own stay, however they are reckoned.
        for side in 1..200 {
            let edge = side as f32 / 1.3;
            let shown = snap(rect(edge, edge, edge * 3.0, edge * 3.0), 1.3) * 1.3;
            assert_eq!(shown.min.x.round(), side as f32);
            assert_eq!(shown.max.x.round(), side as f32 * 3.0);
        }
    }

    #[test]
    fn only_web_and_mail_links_open_unasked() {
        assert_eq!(link_of("https://a".into()), Link::Web("https://a".into()));
        assert_eq!(link_of("mailto:a@b".into()), Link::Web("mailto:a@b".into()));
        assert_eq!(link_of("file:///x".into()), Link::Other("file:///x".into()));
        assert_eq!(link_of("anki://x".into()), Link::Other("anki://x".into()));
    }
}
