//! The render thread: commands in, frames and wishes out. One card is shown; a few more are kept
//! laid out because they will be needed next. When a card makes the HTML engine panic, a notice
//! takes its place and the work goes on in a fresh thread.

use super::document::{CardDocument, Workshop};
use super::frame::{CardInput, CardOutput, DrawnCard};
use super::page::{CardKey, CardPage, View};
use super::resources::Resources;
use crate::base::lang;
use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use crossbeam_channel::{Receiver, Sender, after, select, unbounded};
use std::collections::{HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// The HTML engine recurses over the page; with this much, pages within the depth limit are safe.
const STACK_BYTES: usize = 64 << 20;
/// Cards kept laid out: shown, its other side, and the next card's two sides.
const KEPT: usize = 4;
/// Most steps taken at once, so that a flood of pointer moves cannot hold back the picture.
const BATCH: usize = 64;

/// What is drawn in advance waits so long for something to do about the shown card: meanwhile the window
/// shows what it was given last, and both at once take longer where there are few processors.
const MOMENT: Duration = Duration::from_millis(12);

const NOTICE: &str = mark!("This card could not be drawn. This is its text:");

/// Wakes the face when there is something to [`CardEngine::poll`].
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// Handle of the render thread; the thread ends when it is dropped.
pub struct CardEngine {
    commands: Sender<Command>,
    events: Receiver<EngineEvent>,
}

/// What comes out of the engine.
#[derive(Debug, Clone)]
pub enum EngineEvent {
    /// A new picture: of the shown card, or of one drawn in advance.
    Drawn(DrawnCard),
    /// The user clicked or copied something on the shown card.
    Output(CardOutput),
}

enum Command {
    Prepare(Arc<CardPage>, View),
    Show {
        page: Arc<CardPage>,
        view: View,
        have_picture: bool,
    },
    Input(CardInput),
    Resize(View),
    Tick,
    Hide,
}

impl CardEngine {
    /// Starts the thread; fonts are loaded there, before the first card asks for them.
    pub fn spawn(resources: Arc<dyn Resources>, waker: Waker) -> Result<Self> {
        let (commands, inbox) = unbounded();
        let (outbox, events) = unbounded();
        let stills = unbounded();
        let tell = stills.0.clone();
        // Nobody listens any more when the engine is gone.
        resources.tell(Arc::new(move || {
            let _ = tell.send(());
        }));
        start(Worker {
            inbox,
            outbox,
            waker,
            resources,
            stills,
            waiting: VecDeque::new(),
            broken: HashSet::new(),
            at_work: None,
            shown: None,
            generation: 0,
        })?;
        Ok(Self { commands, events })
    }

    /// Draws a card in advance. Answered by a frame, unless that card is already there.
    pub fn prepare(&self, page: Arc<CardPage>, view: View) {
        self.send(Command::Prepare(page, view));
    }

    /// Makes a card the one that takes input. Answered by a frame, unless the card is as it was
    /// drawn in advance and the face says that it still has that picture.
    pub fn show(&self, page: Arc<CardPage>, view: View, have_picture: bool) {
        self.send(Command::Show {
            page,
            view,
            have_picture,
        });
    }

    /// What the user did on the shown card.
    pub fn input(&self, input: CardInput) {
        self.send(Command::Input(input));
    }

    /// A new size, scale or zoom for the shown card.
    pub fn resize(&self, view: View) {
        self.send(Command::Resize(view));
    }

    /// The next picture of an animation.
    pub fn tick(&self) {
        self.send(Command::Tick);
    }

    /// Nothing is shown any more; memory is given back.
    pub fn hide(&self) {
        self.send(Command::Hide);
    }

    /// What is there now; never waits.
    pub fn poll(&self) -> Option<EngineEvent> {
        self.events.try_recv().ok()
    }

    /// Waits for the next event; None when the thread is gone or nothing came in time.
    pub fn wait(&self, timeout: Duration) -> Option<EngineEvent> {
        self.events.recv_timeout(timeout).ok()
    }

    // A thread that is gone has nothing to draw for; the face then keeps its last picture.
    fn send(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

/// Draws what a view shows of one page and waits for it: for tests and pictures in lists.
pub fn draw_once(page: &CardPage, resources: Arc<dyn Resources>, view: View) -> Result<DrawnCard> {
    draw_by(page, resources, view, Workshop::draw)
}

/// Draws all of one page, down to `tallest` points, as it is laid out for a view, and waits for it.
pub(super) fn draw_whole(
    page: &CardPage,
    resources: Arc<dyn Resources>,
    view: View,
    tallest: f32,
) -> Result<DrawnCard> {
    draw_by(page, resources, view, move |workshop, document| {
        workshop.draw_whole(document, tallest)
    })
}

fn draw_by(
    page: &CardPage,
    resources: Arc<dyn Resources>,
    view: View,
    draw: impl FnOnce(&mut Workshop, &mut CardDocument) -> DrawnCard + Send + 'static,
) -> Result<DrawnCard> {
    let page = page.clone();
    let run = move || {
        let mut workshop = Workshop::new(resources);
        let mut document = workshop.open(&page, view);
        draw(&mut workshop, &mut document)
    };
    thread()
        .spawn(run)?
        .join()
        .map_err(|_| Error::new(ErrorKind::Bug, mark!("the card could not be drawn")))
}

fn thread() -> std::thread::Builder {
    std::thread::Builder::new()
        .name("card-render".to_owned())
        .stack_size(STACK_BYTES)
}

fn start(worker: Worker) -> Result<()> {
    thread().spawn(move || worker.run())?;
    Ok(())
}

/// What survives a panic of the HTML engine.
struct Worker {
    inbox: Receiver<Command>,
    outbox: Sender<EngineEvent>,
    waker: Waker,
    resources: Arc<dyn Resources>,
    /// Told when stills of films are there; both ends, so that it never closes.
    stills: (Sender<()>, Receiver<()>),
    /// Received and not yet done.
    waiting: VecDeque<Command>,
    /// Cards that made the engine panic; drawn as a notice.
    broken: HashSet<CardKey>,
    /// The card that is being opened or takes input: whose fault a panic is.
    at_work: Option<(Arc<CardPage>, View)>,
    shown: Option<(Arc<CardPage>, View)>,
    generation: u64,
}

impl Worker {
    fn run(mut self) {
        let mut desk =
            Desk::new(Workshop::new(self.resources.clone()).with_generation(self.generation));
        desk.warm_up();
        if let Some((page, view)) = self.shown.clone() {
            // After a panic: the card that was shown, or the notice in its place.
            self.waiting.push_front(Command::Show {
                page,
                view,
                have_picture: false,
            });
        }
        while self.wait_for_work() {
            let step = catch_unwind(AssertUnwindSafe(|| {
                self.take_stills(&mut desk);
                self.step(&mut desk);
            }));
            self.generation = desk.workshop.generation();
            if step.is_err() {
                tracing::error!("a card made the HTML engine panic");
                self.give_up_card();
                // The HTML engine keeps state per thread that a panic may have left half done, and
                // what it was working on may be no better.
                std::mem::forget(desk);
                if let Err(error) = start(self) {
                    tracing::error!(%error, "cannot restart the render thread");
                }
                return;
            }
        }
    }

    // From now on a notice is drawn for the card that was being worked on; when even that fails,
    // nothing is.
    fn give_up_card(&mut self) {
        let Some((page, view)) = self.at_work.take() else {
            return;
        };
        let key = page.key();
        let is_shown = self
            .shown
            .as_ref()
            .is_some_and(|(shown, _)| shown.key() == key);
        match (self.broken.insert(key), is_shown) {
            (true, true) => {}
            (true, false) => self.waiting.push_front(Command::Prepare(page, view)),
            (false, true) => self.shown = None,
            (false, false) => {}
        }
    }

    // False when the handle is gone and nothing is left to do.
    fn wait_for_work(&mut self) -> bool {
        if self.waiting.is_empty() && self.stills.1.is_empty() {
            select! {
                recv(self.inbox) -> command => match command {
                    Ok(command) => self.waiting.push_back(command),
                    Err(_) => return false,
                },
                // Put back: it is taken where a panic is caught.
                recv(self.stills.1) -> _ => {
                    let _ = self.stills.0.send(());
                }
            }
        }
        while let Ok(command) = self.inbox.try_recv() {
            self.waiting.push_back(command);
        }
        self.wait_a_moment()
    }

    // Where only cards wait that are to be drawn in advance. False when the handle is gone: nobody
    // will look at them.
    fn wait_a_moment(&mut self) -> bool {
        let is_in_advance = |command: &Command| matches!(command, Command::Prepare(..));
        let moment = after(MOMENT);
        while self.waiting.iter().all(is_in_advance) && !self.waiting.is_empty() {
            select! {
                recv(self.inbox) -> command => match command {
                    Ok(command) => self.waiting.push_back(command),
                    Err(_) => return false,
                },
                recv(moment) -> _ => break,
            }
        }
        true
    }

    // Pages with a film whose still came are opened again, the shown one at once.
    fn take_stills(&mut self, desk: &mut Desk) {
        if self.stills.1.try_iter().count() == 0 {
            return;
        }
        let again = desk.close_waiting();
        if let Some((page, view)) = self.shown.clone()
            && again.contains(&page.key())
        {
            self.waiting.push_front(Command::Show {
                page,
                view,
                have_picture: false,
            });
        }
    }

    // Cards drawn in advance wait until everything about the shown card is done.
    fn next_command(&mut self) -> Option<Command> {
        let urgent = self
            .waiting
            .iter()
            .position(|command| !matches!(command, Command::Prepare(..)));
        self.waiting.remove(urgent.unwrap_or(0))
    }

    /// Does what waits for the shown card and paints it once, or prepares one card.
    fn step(&mut self, desk: &mut Desk) {
        let mut paint = false;
        self.at_work = self.shown.clone();
        for _ in 0..BATCH {
            match self.next_command() {
                None => break,
                Some(Command::Prepare(page, view)) => {
                    if paint {
                        self.waiting.push_front(Command::Prepare(page, view));
                    } else if !desk.has_fresh(page.key(), view) {
                        self.at_work = Some((page.clone(), view));
                        let drawn = desk.open(&page, view, self.broken.contains(&page.key()));
                        self.emit(EngineEvent::Drawn(drawn));
                    }
                    break;
                }
                Some(Command::Show {
                    page,
                    view,
                    have_picture,
                }) => {
                    let key = page.key();
                    self.shown = Some((page.clone(), view));
                    self.at_work = self.shown.clone();
                    let fresh = desk.has_fresh(key, view);
                    if !fresh {
                        let drawn = desk.open(&page, view, self.broken.contains(&key));
                        self.emit(EngineEvent::Drawn(drawn));
                    }
                    desk.show(key);
                    paint = fresh && !have_picture;
                    // A showing ends the batch: what follows may be about another card.
                    break;
                }
                Some(Command::Input(input)) => {
                    let Some(card) = desk.shown() else { continue };
                    for output in card.input(&input) {
                        self.emit(EngineEvent::Output(output));
                    }
                    let repaints = card.wants_paint();
                    // Under the pointer it may look other than when it is shown again.
                    card.touched |= repaints;
                    paint |= repaints || changes_picture(&input);
                }
                Some(Command::Resize(view)) => {
                    if let Some((_, shown_view)) = &mut self.shown {
                        *shown_view = view;
                    }
                    if let Some(card) = desk.shown() {
                        card.set_view(view);
                        paint = true;
                    }
                }
                Some(Command::Tick) => paint |= desk.shown().is_some(),
                Some(Command::Hide) => {
                    self.shown = None;
                    desk.clear();
                    paint = false;
                }
            }
        }
        if paint && let Some(drawn) = desk.draw_shown() {
            self.emit(EngineEvent::Drawn(drawn));
        }
    }

    fn emit(&self, event: EngineEvent) {
        if self.outbox.send(event).is_ok() {
            (self.waker)();
        }
    }
}

// Hovering changes the picture only when the engine says so.
fn changes_picture(input: &CardInput) -> bool {
    !matches!(input, CardInput::PointerMoved { .. } | CardInput::Copy)
}

/// The laid-out cards, the shown one last.
struct Desk {
    workshop: Workshop,
    cards: Vec<CardDocument>,
    shown: Option<CardKey>,
}

impl Desk {
    fn new(workshop: Workshop) -> Self {
        Self {
            workshop,
            cards: Vec::new(),
            shown: None,
        }
    }

    /// The first page pays for style sheets and caches; let it not be a card.
    fn warm_up(&mut self) {
        let page = CardPage {
            html: "Aa".to_owned(),
            ..CardPage::default()
        };
        let mut document = self.workshop.open(&page, View::new(64.0, 32.0));
        self.workshop.draw(&mut document);
    }

    /// True when the card is laid out for this view and nobody did anything on it.
    fn has_fresh(&self, key: CardKey, view: View) -> bool {
        self.cards
            .iter()
            .any(|card| card.key() == key && card.view() == view.sane() && !card.is_touched())
    }

    fn open(&mut self, page: &CardPage, view: View, broken: bool) -> DrawnCard {
        let mut document = if broken {
            self.workshop.open_notice(page, lang::say(NOTICE), view)
        } else {
            self.workshop.open(page, view)
        };
        let drawn = self.workshop.draw(&mut document);
        self.cards.retain(|card| card.key() != page.key());
        while self.cards.len() >= KEPT {
            let oldest = self
                .cards
                .iter()
                .position(|card| Some(card.key()) != self.shown)
                .unwrap_or(0);
            self.cards.remove(oldest);
            self.workshop.forget_pictures();
        }
        self.cards.push(document);
        drawn
    }

    /// Gives up the cards that wait for stills, and says which.
    fn close_waiting(&mut self) -> Vec<CardKey> {
        let waiting = self.cards.extract_if(.., |card| card.waits());
        waiting.map(|card| card.key()).collect()
    }

    fn show(&mut self, key: CardKey) {
        self.shown = Some(key);
        if let Some(card) = self.shown() {
            card.restart_clock();
            // The face has forgotten what was told of it when it was shown before.
            (card.tip, card.picture) = (None, None);
        }
    }

    fn shown(&mut self) -> Option<&mut CardDocument> {
        let key = self.shown?;
        self.cards.iter_mut().find(|card| card.key() == key)
    }

    fn draw_shown(&mut self) -> Option<DrawnCard> {
        let key = self.shown?;
        let card = self.cards.iter_mut().find(|card| card.key() == key)?;
        Some(self.workshop.draw(card))
    }

    fn clear(&mut self) {
        self.cards.clear();
        self.shown = None;
        self.workshop.forget_pictures();
    }
}
