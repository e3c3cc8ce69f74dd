//! Signing in by browser: what a service needs to know, in the dialog that adds a place, and the
//! wait for the browser, there and when the sign-in of a place has ended.

use crate::base::Secret;
use crate::service::event::Event;
use crate::service::request::Request;
use crate::service::vaults::{Cloud, Destination, SignInAsked, VaultEvent, VaultRequest};
use crate::t;
use crate::ui::action::Action;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::{self, Button};
use crate::ui::widgets::field::{Field, named};
use crate::ui::widgets::{Cut as _, dialog, text};
use eframe::egui::{Align, Context, Ui, vec2};
use std::sync::atomic::{AtomicU64, Ordering};

/// How far it is.
#[derive(Debug, Default, PartialEq)]
enum State {
    #[default]
    Out,
    Asked,
    /// The page is to be opened in the browser.
    Page(String),
    /// The browser has the page.
    Waiting(String),
    /// It was given up, and its end is not told yet: that would be taken for the end of the next.
    Stopping,
    In(Secret),
    Failed(String),
}

/// What is to be signed in to: see [`SignInAsked`].
#[derive(Debug)]
struct Asked {
    address: String,
    client_secret: Secret,
    again: bool,
}

/// One sign-in.
#[derive(Debug, Default)]
struct SignIn {
    state: State,
    /// Of what was asked for last: what is told of others is not for this one.
    number: u64,
}

impl SignIn {
    fn ask(&mut self, cx: &UiContext<'_>, place: Asked) {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        self.number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        self.state = State::Asked;
        cx.ask(Request::Vault(VaultRequest::SignIn(SignInAsked {
            number: self.number,
            address: place.address,
            client_secret: place.client_secret,
            again: place.again,
        })));
    }

    fn cancel(&mut self, cx: &UiContext<'_>) {
        if self.waits() {
            let number = self.number;
            cx.ask(Request::Vault(VaultRequest::CancelSignIn { number }));
            self.state = State::Stopping;
        }
    }

    fn waits(&self) -> bool {
        matches!(
            self.state,
            State::Asked | State::Page(_) | State::Waiting(_)
        )
    }

    /// Hands a page that has come to the browser.
    fn open_page(&mut self, cx: &UiContext<'_>) {
        if let State::Page(page) = &self.state {
            cx.send(Action::OpenUrl(page.clone()));
            self.state = State::Waiting(page.clone());
        }
    }

    fn open_again(&mut self) {
        if let State::Waiting(page) = &self.state {
            self.state = State::Page(page.clone());
        }
    }

    fn on_event(&mut self, event: &Event) {
        let Event::Vault(event) = event else {
            return;
        };
        let (number, state) = match event {
            VaultEvent::SignInAt { number, page } => (number, State::Page(page.clone())),
            VaultEvent::SignedIn { number, grant, .. } => (number, State::In(grant.clone())),
            VaultEvent::NotSignedIn { number, message } => {
                let words = message.why();
                (number, State::Failed(words))
            }
            _ => return,
        };
        if *number != self.number {
            return;
        }
        if self.waits() {
            self.state = state;
        } else if self.state == State::Stopping && !matches!(state, State::Page(_)) {
            self.state = State::Out;
        }
    }

    /// In words, and whether it is bad.
    fn told(&self) -> (&str, bool) {
        match &self.state {
            State::Out => (t!("Your browser opens; nothing is typed here."), false),
            State::Asked | State::Page(_) => (t!("Opening your browser…"), false),
            State::Waiting(_) => (t!("Waiting for your browser…"), false),
            State::Stopping => (t!("Stopping…"), false),
            State::In(_) => (t!("You are signed in."), false),
            State::Failed(why) => (why, true),
        }
    }
}

/// A place at a service, as it is typed.
#[derive(Debug)]
pub(super) struct CloudForm {
    pub(super) service: Cloud,
    folder: String,
    client_id: String,
    client_secret: String,
    sign_in: SignIn,
}

impl CloudForm {
    pub(super) fn of(service: Cloud) -> Self {
        Self {
            service,
            folder: "Engram".to_owned(),
            client_id: String::new(),
            client_secret: String::new(),
            sign_in: SignIn::default(),
        }
    }

    pub(super) fn address(&self) -> String {
        Destination::at_cloud(self.service, &self.folder, &self.client_id).to_string()
    }

    /// What the sign-in gave, once it has.
    pub(super) fn account(&self) -> Option<&Secret> {
        match &self.sign_in.state {
            State::In(grant) => Some(grant),
            _ => None,
        }
    }

    /// The dialog goes away, or another kind of place is chosen.
    pub(super) fn cancel(&mut self, cx: &UiContext<'_>) {
        self.sign_in.cancel(cx);
    }

    pub(super) fn on_event(&mut self, event: &Event) {
        self.sign_in.on_event(event);
    }

    fn is_ready(&self) -> bool {
        let secret = !self.service.has_client_secret() || !self.client_secret.trim().is_empty();
        secret && !self.folder.trim().is_empty() && !self.client_id.trim().is_empty()
    }

    pub(super) fn ui(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        self.sign_in.open_page(cx);
        let t = Tokens::of(ui);
        let mut changed = false;
        ui.columns(2, |columns| {
            named(&mut columns[0], t!("Folder there"));
            Field::new(&mut self.folder, t!("Folder there")).show(&mut columns[0]);
            named(&mut columns[1], t!("Client ID"));
            let field = Field::new(&mut self.client_id, t!("Client ID"));
            changed |= field.show(&mut columns[1]).changed();
        });
        ui.add_space(sp::S);
        if self.service.has_client_secret() {
            named(ui, t!("Client secret"));
            let field = Field::new(&mut self.client_secret, t!("Client secret"));
            changed |= field.show(ui).changed();
            ui.add_space(sp::S);
        }
        if changed {
            // What was given was given to another client.
            self.cancel(cx);
            if self.sign_in.state != State::Stopping {
                self.sign_in.state = State::Out;
            }
        }
        let about = self.service.how_to_register();
        text::paragraph_in(ui, about, font::small(), t.text2);
        ui.add_space(sp::S);
        self.button_and_state(cx, ui);
        ui.add_space(sp::S);
    }

    fn button_and_state(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let t = Tokens::of(ui);
        let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::CONTROL));
        let waits = self.sign_in.waits();
        let (words, enabled) = match &self.sign_in.state {
            _ if waits => (t!("Stop waiting"), true),
            State::Stopping => (t!("Sign in…"), false),
            State::In(_) => (t!("Sign in again…"), self.is_ready()),
            _ => (t!("Sign in…"), self.is_ready()),
        };
        let pressed = button::row(ui, r, Align::Min, vec![Button::new(words).enabled(enabled)]);
        let (told, bad) = self.sign_in.told();
        let color = if bad { t.danger } else { t.text2 };
        if bad {
            ui.add_space(sp::XS);
            text::paragraph_in(ui, told, font::small(), color);
        } else {
            let mut beside = r;
            beside.cut_left(pressed[0].rect.width() + 12.0);
            text::label(ui, beside, Align::Min, told, font::small(), color);
        }
        if !pressed[0].clicked() {
            return;
        }
        if waits {
            self.cancel(cx);
        } else {
            let asked = Asked {
                address: self.address(),
                client_secret: Secret::new(self.client_secret.trim()),
                again: false,
            };
            self.sign_in.ask(cx, asked);
        }
    }
}

const WIDTH: f32 = 460.0;

/// The sign-in of a place in the list has ended.
pub(super) struct SignInAgain {
    name: &'static str,
    asked: Option<Asked>,
    sign_in: SignIn,
}

impl SignInAgain {
    pub(super) fn at(service: Cloud, address: String) -> Self {
        Self {
            name: service.name(),
            asked: Some(Asked {
                address,
                client_secret: Secret::default(),
                again: true,
            }),
            sign_in: SignIn::default(),
        }
    }
}

impl Dialog for SignInAgain {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        if let Some(asked) = self.asked.take() {
            self.sign_in.ask(cx, asked);
        }
        self.sign_in.open_page(cx);
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            let t = Tokens::of(ui);
            dialog::title(ui, &t!("Sign in at {service}", service = self.name));
            let (told, bad) = self.sign_in.told();
            let color = if bad { t.danger } else { t.text };
            text::paragraph_in(ui, told, font::body(), color);
            let again = matches!(self.sign_in.state, State::Waiting(_));
            let again = Button::new(t!("Open the page again")).enabled(again);
            let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), again]);
            // Enter, back from the browser, does not give up.
            footer.focus_choice(1);
            footer
        });
        if shown.inner.chosen(1) {
            self.sign_in.open_again();
        }
        if shown.inner.chosen(0) || shown.dismissed {
            self.sign_in.cancel(cx);
            return Flow::Close;
        }
        Flow::Stay
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        self.sign_in.on_event(event);
        match self.sign_in.state {
            State::In(_) => Flow::Close,
            _ => Flow::Stay,
        }
    }
}
