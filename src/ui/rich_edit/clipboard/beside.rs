//! Pasting where the clipboard belongs to another program, which may answer late or never (X11): it is
//! read on a thread, and the paste comes to the window when what is pasted is there.
//!
//! Keys that come after it wait for it, so that they are taken in the order in which they were
//! pressed, but not for long; after that the paste is for the field that had the keyboard.

use super::{Clipboard, Contents, System};
use crate::base::time::Stopwatch;
use eframe::egui::{
    ColorImage, Context, Event, FullOutput, Id, Key, Plugin, RawInput, ViewportCommand,
};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long keys wait for what was pasted before them.
const KEYS_WAIT: Duration = Duration::from_millis(300);

/// Whether the desktop is one where [`Beside`] pastes, and egui is not to.
#[must_use]
pub fn reads_beside() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "linux") && !is_set("WAYLAND_DISPLAY") && !is_set("WAYLAND_SOCKET")
}

/// Reads the clipboard; may take seconds.
type Read = Arc<dyn Fn() -> Contents + Send + Sync>;

/// See the module header. egui must not take the keys of the clipboard itself.
pub struct Beside {
    read: Read,
    last: Arc<Last>,
    reading: Option<Reading>,
    /// Pressed after the paste that is on its way.
    waiting: Vec<Event>,
    /// The key that pastes is held down.
    is_down: bool,
}

/// A paste that is on its way.
struct Reading {
    /// Locked by nobody; plugins have to be shareable.
    answer: Mutex<Receiver<Contents>>,
    since: Stopwatch,
    /// What had the keyboard.
    focused: Option<Id>,
    /// The key of another way to paste, which is told of when there is something.
    key: Option<Event>,
}

impl Reading {
    fn is_late(&self) -> bool {
        self.since.elapsed() >= KEYS_WAIT
    }
}

impl Beside {
    /// The clipboard of the desktop.
    #[must_use]
    pub fn window() -> Self {
        #[cfg(target_os = "linux")]
        let read = super::x11::contents;
        #[cfg(not(target_os = "linux"))]
        let read = Contents::default;
        Self::reading(read)
    }

    fn reading(read: impl Fn() -> Contents + Send + Sync + 'static) -> Self {
        Self {
            read: Arc::new(read),
            last: Arc::default(),
            reading: None,
            waiting: vec![],
            is_down: false,
        }
    }

    /// One paste at a time: who presses again while nothing came wants it once.
    fn begin(&mut self, ctx: &Context, key: Option<Event>) {
        if self.reading.is_some() {
            return;
        }
        let (send, answer) = channel();
        let (read, window) = (self.read.clone(), ctx.clone());
        let thread = std::thread::Builder::new().name("clipboard".to_owned());
        let begun = thread.spawn(move || {
            // The window may be closed.
            let _sent = send.send(read());
            window.request_repaint();
        });
        if let Err(error) = begun {
            tracing::warn!("the clipboard cannot be read: {error}");
            return;
        }
        self.reading = Some(Reading {
            answer: Mutex::new(answer),
            since: Stopwatch::start(),
            focused: ctx.memory(|m| m.focused()),
            key,
        });
        ctx.request_repaint_after(KEYS_WAIT);
    }

    /// What was read, and the keys that waited for it.
    fn deliver(&mut self, ctx: &Context, events: &mut Vec<Event>) {
        let Some(reading) = &mut self.reading else {
            return;
        };
        let answer = reading.answer.get_mut();
        let answer = answer.unwrap_or_else(PoisonError::into_inner).try_recv();
        if answer == Err(TryRecvError::Empty) {
            if reading.is_late() {
                events.append(&mut self.waiting);
            }
            return;
        }
        let Some(reading) = self.reading.take() else {
            return;
        };
        let is_wanted = !reading.is_late() || reading.focused == ctx.memory(|m| m.focused());
        if let Some(contents) = answer.ok().filter(|_| is_wanted) {
            match reading.key {
                Some(key) => events.extend([key.clone(), released(key)]),
                None => events.push(pasted(&contents)),
            }
            *self.last.contents() = contents;
        }
        events.append(&mut self.waiting);
    }

    fn take(&mut self, ctx: &Context, event: Event, events: &mut Vec<Event>) {
        let event = match event {
            Event::Key {
                key: Key::V | Key::Paste,
                pressed: false,
                ..
            } if self.is_down => {
                self.is_down = false;
                return;
            }
            Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } if key == Key::Paste || modifiers.command && !modifiers.alt && key == Key::V => {
                self.is_down = true;
                self.begin(ctx, modifiers.shift.then_some(event));
                return;
            }
            Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } if key == Key::Cut || modifiers.command_only() && key == Key::X => Event::Cut,
            Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } if key == Key::Copy || modifiers.command_only() && key == Key::C => Event::Copy,
            Event::WindowFocused(false) => {
                self.is_down = false;
                event
            }
            event => event,
        };
        let is_keys = matches!(
            event,
            Event::Key { .. } | Event::Text(_) | Event::Ime(_) | Event::Copy | Event::Cut
        );
        let waits = is_keys && self.reading.as_ref().is_some_and(|r| !r.is_late());
        let to = if waits { &mut self.waiting } else { events };
        to.push(event);
    }
}

impl Plugin for Beside {
    fn debug_name(&self) -> &'static str {
        "clipboard"
    }

    fn setup(&mut self, ctx: &Context) {
        super::set(ctx, self.last.clone());
    }

    fn input_hook(&mut self, ctx: &Context, input: &mut RawInput) {
        let mut events = Vec::with_capacity(input.events.len());
        self.deliver(ctx, &mut events);
        for event in std::mem::take(&mut input.events) {
            self.take(ctx, event, &mut events);
        }
        input.events = events;
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        for viewport in output.viewport_output.values_mut() {
            let before = viewport.commands.len();
            let is_paste = |c: &ViewportCommand| matches!(c, ViewportCommand::RequestPaste);
            viewport.commands.retain(|command| !is_paste(command));
            if viewport.commands.len() < before {
                self.begin(ctx, None);
            }
        }
    }
}

/// As egui tells it: of a picture only where there is no text, and of nothing as an empty text, for
/// fields that take files.
fn pasted(contents: &Contents) -> Event {
    match (&contents.text, &contents.picture) {
        (Some(text), _) => Event::Paste(text.clone()),
        (None, Some(picture)) => Event::PasteImage(picture.clone()),
        (None, None) => Event::Paste(String::new()),
    }
}

fn released(mut key: Event) -> Event {
    if let Event::Key { pressed, .. } = &mut key {
        *pressed = false;
    }
    key
}

/// What was pasted last, for fields; what they copy goes to the desktop.
#[derive(Default)]
struct Last {
    contents: Mutex<Contents>,
    system: System,
}

impl Last {
    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clipboard for Last {
    fn write(&self, html: &str, text: &str) -> bool {
        self.system.write(html, text)
    }
    fn html(&self) -> Option<String> {
        self.contents().html.clone()
    }
    fn text(&self) -> Option<String> {
        self.contents().text.clone()
    }
    fn files(&self) -> Vec<PathBuf> {
        self.contents().files.clone()
    }
    fn picture(&self) -> Option<ColorImage> {
        self.contents().picture.as_deref().cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::Modifiers;
    use std::sync::mpsc::Sender;

    /// A clipboard whose owner answers when the test says what.
    fn with_owner() -> (Context, Beside, Sender<Contents>) {
        let (owner, asked) = channel();
        let asked = Mutex::new(asked);
        let read = move || asked.lock().unwrap().recv().unwrap_or_default();
        (Context::default(), Beside::reading(read), owner)
    }

    fn press(key: Key, modifiers: Modifiers, pressed: bool) -> Event {
        Event::Key {
            key,
            physical_key: Some(key),
            pressed,
            repeat: false,
            modifiers,
        }
    }

    fn text(text: &str) -> Event {
        Event::Text(text.to_owned())
    }

    fn frame(ctx: &Context, beside: &mut Beside, events: Vec<Event>) -> Vec<Event> {
        let mut input = RawInput {
            events,
            ..RawInput::default()
        };
        beside.input_hook(ctx, &mut input);
        input.events
    }

    /// Frames until one has an event.
    fn next_events(ctx: &Context, beside: &mut Beside) -> Vec<Event> {
        let since = Stopwatch::start();
        while since.elapsed() < Duration::from_secs(20) {
            let events = frame(ctx, beside, vec![]);
            if !events.is_empty() {
                return events;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        vec![]
    }

    fn ctrl_v() -> Vec<Event> {
        let key = |pressed| press(Key::V, Modifiers::COMMAND, pressed);
        vec![key(true), key(false)]
    }

    #[test]
    fn keys_after_a_paste_come_after_it() {
        let (ctx, mut beside, owner) = with_owner();
        let mut events = ctrl_v();
        events.push(text("b"));
        owner
            .send(Contents {
                text: Some("a".into()),
                html: Some("<b>a</b>".into()),
                ..Contents::default()
            })
            .unwrap();
        let mut got = frame(&ctx, &mut beside, events);
        while got.len() < 2 {
            let more = next_events(&ctx, &mut beside);
            assert!(!more.is_empty(), "nothing was pasted");
            got.extend(more);
        }
        assert_eq!(got, [Event::Paste("a".into()), text("b")]);
        assert_eq!(beside.last.html().as_deref(), Some("<b>a</b>"));
    }

    #[test]
    fn a_silent_owner_stops_neither_frames_nor_keys() {
        let (ctx, mut beside, owner) = with_owner();
        let mut events = ctrl_v();
        events.push(text("b"));
        assert_eq!(frame(&ctx, &mut beside, events), []);
        assert_eq!(next_events(&ctx, &mut beside), [text("b")], "not for ever");
        assert_eq!(frame(&ctx, &mut beside, vec![text("c")]), [text("c")]);
        // It answers at last, and the same field has the keyboard.
        let picture = Arc::new(ColorImage::filled([1, 1], Default::default()));
        owner
            .send(Contents {
                picture: Some(picture.clone()),
                ..Contents::default()
            })
            .unwrap();
        let got = next_events(&ctx, &mut beside);
        assert_eq!(got, [Event::PasteImage(picture)]);
    }

    #[test]
    fn what_comes_late_is_for_no_other_field() {
        let (ctx, mut beside, owner) = with_owner();
        assert_eq!(frame(&ctx, &mut beside, ctrl_v()), []);
        std::thread::sleep(KEYS_WAIT);
        ctx.memory_mut(|m| m.request_focus(Id::unique("another field")));
        owner.send(Contents::default()).unwrap();
        let since = Stopwatch::start();
        while beside.reading.is_some() && since.elapsed() < Duration::from_secs(20) {
            assert_eq!(frame(&ctx, &mut beside, vec![]), []);
        }
        assert!(beside.reading.is_none());
    }

    #[test]
    fn the_other_paste_is_told_of_when_there_is_something() {
        let (ctx, mut beside, owner) = with_owner();
        let keys = |pressed| press(Key::V, Modifiers::COMMAND | Modifiers::SHIFT, pressed);
        assert_eq!(frame(&ctx, &mut beside, vec![keys(true), keys(false)]), []);
        owner.send(Contents::default()).unwrap();
        assert_eq!(next_events(&ctx, &mut beside), [keys(true), keys(false)]);
        // Copying needs no answer, and V alone is a letter.
        let alone = [press(Key::V, Modifiers::NONE, true), text("v")];
        let mut events = vec![press(Key::C, Modifiers::COMMAND, true)];
        events.extend(alone.clone());
        let got = frame(&ctx, &mut beside, events);
        assert_eq!(got[0], Event::Copy);
        assert_eq!(got[1..], alone);
    }
}
