//! The dialogs that lie above the present screen, topmost last. A dialog keeps what is typed into
//! it and sends actions; when it says so it is taken away. The sheets themselves are
//! `ui::dialogs`; the adapters here join a sheet with what follows.

use crate::explain::UserMessage;
use crate::service::event::Event;
use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialogs::{Choice, Confirm, ErrorBox, ErrorChoice, Prompt, PromptChoice};
use eframe::egui::Context;

/// Whether a dialog stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Stay,
    Close,
}

impl Flow {
    #[must_use]
    pub fn close_if(closed: bool) -> Self {
        if closed { Self::Close } else { Self::Stay }
    }
}

/// Something that lies above the screen and takes the keys.
pub trait Dialog {
    /// Draws one frame. `id` is unique to this dialog while it lives.
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow;

    /// Told of everything that the worker says while it is open.
    fn on_event(&mut self, _event: &Event) -> Flow {
        Flow::Stay
    }

    /// What it is about, where a second one about the same says nothing new and is not opened: a
    /// button was pressed twice before the worker answered. None: each is opened.
    fn subject(&self) -> Option<String> {
        None
    }
}

/// See the module header.
#[derive(Default)]
pub struct DialogHost {
    stack: Vec<(String, Box<dyn Dialog>)>,
    opened: u64,
}

impl DialogHost {
    /// Above all others, unless one about the same is open.
    pub fn open(&mut self, dialog: Box<dyn Dialog>) {
        let subject = dialog.subject();
        let mut open = self.stack.iter().map(|(_, dialog)| dialog.subject());
        if subject.is_some() && open.any(|open| open == subject) {
            return;
        }
        self.opened += 1;
        self.stack.push((format!("dialog {}", self.opened), dialog));
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stack.is_empty()
    }

    pub fn close_all(&mut self) {
        self.stack.clear();
    }

    pub fn on_event(&mut self, event: &Event) {
        self.stack
            .retain_mut(|(_, d)| d.on_event(event) == Flow::Stay);
    }

    pub fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context) {
        let mut above = self.stack.len();
        self.stack.retain_mut(|(id, dialog)| {
            above -= 1;
            // Keys are for the topmost alone: those below are drawn before it.
            let held = (above > 0).then(|| ctx.input_mut(|i| std::mem::take(&mut i.events)));
            let flow = dialog.ui(cx, ctx, id);
            if let Some(events) = held {
                ctx.input_mut(|i| i.events = events);
            }
            flow == Flow::Stay
        });
    }
}

/// A question; `yes` follows when it is answered so.
pub struct Question {
    confirm: Confirm,
    yes: Option<Action>,
    once: bool,
}

impl Question {
    #[must_use]
    pub fn new(confirm: Confirm, yes: Action) -> Self {
        Self {
            confirm,
            yes: Some(yes),
            once: false,
        }
    }

    /// What asks it can be pressed again above it: it is not asked twice.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }
}

impl Dialog for Question {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        match self.confirm.show(ctx, id) {
            None => Flow::Stay,
            Some(Choice::Cancel) => Flow::Close,
            Some(Choice::Yes) => {
                if let Some(yes) = self.yes.take() {
                    cx.send(yes);
                }
                Flow::Close
            }
        }
    }

    fn subject(&self) -> Option<String> {
        self.once.then(|| self.confirm.title.clone())
    }
}

/// Why a text cannot be taken.
type Check = Box<dyn Fn(&str) -> Option<String>>;
/// The text that an event brings.
type Fill = Box<dyn Fn(&Event) -> Option<String>>;

/// A line of text; `then` makes an action of it.
pub struct AskText {
    prompt: Prompt,
    check: Check,
    /// The first text, and what takes its place while nothing was typed.
    fill: Option<(String, Fill)>,
    then: Option<Box<dyn FnOnce(String) -> Action>>,
}

impl AskText {
    pub fn new(prompt: Prompt, then: impl FnOnce(String) -> Action + 'static) -> Self {
        Self {
            prompt,
            check: Box::new(|text| {
                text.trim()
                    .is_empty()
                    .then(|| t!("Type something first.").to_owned())
            }),
            fill: None,
            then: Some(Box::new(then)),
        }
    }

    /// The worker tells what it begins with.
    #[must_use]
    pub fn filled_by(mut self, fill: impl Fn(&Event) -> Option<String> + 'static) -> Self {
        self.fill = Some((self.prompt.value.clone(), Box::new(fill)));
        self
    }

    /// Says why a text cannot be taken.
    #[must_use]
    pub fn check(mut self, check: impl Fn(&str) -> Option<String> + 'static) -> Self {
        self.check = Box::new(check);
        self
    }
}

impl Dialog for AskText {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        match self.prompt.show(ctx, id, |text| (self.check)(text)) {
            None => Flow::Stay,
            Some(PromptChoice::Cancel) => Flow::Close,
            Some(PromptChoice::Done) => {
                if let Some(then) = self.then.take() {
                    cx.send(then(std::mem::take(&mut self.prompt.value)));
                }
                Flow::Close
            }
        }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        if let Some((first, fill)) = &self.fill
            && let Some(text) = fill(event)
        {
            if self.prompt.value == *first {
                self.prompt.instead = Some(text);
            }
            self.fill = None;
        }
        Flow::Stay
    }
}

/// An error that someone must read; `help` is what its filled button does.
pub struct Trouble {
    shown: ErrorBox,
    help: Option<Action>,
    otherwise: Option<Action>,
}

impl Trouble {
    #[must_use]
    pub fn new(message: UserMessage) -> Self {
        Self {
            shown: ErrorBox::new(message),
            help: None,
            otherwise: None,
        }
    }

    /// Under "What happened".
    #[must_use]
    pub fn happened(mut self, words: impl Into<String>) -> Self {
        self.shown.happened = words.into();
        self
    }

    #[must_use]
    pub fn help(mut self, label: impl Into<String>, action: Action) -> Self {
        self.shown.help = label.into();
        self.help = Some(action);
        self
    }
}

impl Trouble {
    /// A second way out, when the first is none.
    #[must_use]
    pub fn otherwise(mut self, label: impl Into<String>, action: Action) -> Self {
        self.shown.otherwise = label.into();
        self.otherwise = Some(action);
        self
    }
}

impl Dialog for Trouble {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        match self.shown.show(ctx, id) {
            None => Flow::Stay,
            Some(ErrorChoice::Close) => Flow::Close,
            Some(ErrorChoice::Otherwise) => {
                if let Some(otherwise) = self.otherwise.take() {
                    cx.send(otherwise);
                }
                Flow::Close
            }
            Some(ErrorChoice::Help) => {
                if let Some(help) = self.help.take() {
                    cx.send(help);
                }
                Flow::Close
            }
        }
    }

    fn subject(&self) -> Option<String> {
        let UserMessage { what, cause, .. } = &self.shown.message;
        Some(format!("{what}\n{cause}\n{}", self.shown.happened))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct About(Option<&'static str>);

    impl Dialog for About {
        fn ui(&mut self, _: &UiContext<'_>, _: &Context, _: &str) -> Flow {
            Flow::Stay
        }
        fn subject(&self) -> Option<String> {
            self.0.map(str::to_owned)
        }
    }

    #[test]
    fn only_what_says_nothing_new_is_not_opened() {
        let mut host = DialogHost::default();
        let mut open = |subject| {
            host.open(Box::new(About(subject)));
            host.stack.len()
        };
        assert_eq!(open(Some("a")), 1);
        assert_eq!(open(Some("a")), 1);
        assert_eq!(open(Some("b")), 2);
        // Two reports, two files to import.
        assert_eq!(open(None), 3);
        assert_eq!(open(None), 4);
    }
}
