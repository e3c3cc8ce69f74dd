//! Backups by mail: the dialog that sets them up, and the card that tells how they stand.

use crate::base::Secret;
use crate::base::lang;
use crate::domain::encrypted::is_weak;
use crate::service::event::Event;
use crate::service::mail::{MailEvent, MailRequest, MailSettings, Mailing, NewMail, Security};
use crate::service::request::Request;
use crate::ui::action::Action;
use crate::ui::backups::words::age;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow, Question};
use crate::ui::dialogs::{Confirm, Weight};
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::{self, Button, Kind};
use crate::ui::widgets::field::{Field, line};
use crate::ui::widgets::number::Number;
use crate::ui::widgets::{Cut as _, check, dialog, segments, surface, text};
use crate::{mark, t};
use eframe::egui::{Align, Context, Rect, Ui, UiBuilder, vec2};
use jiff::Zoned;

const WIDTH: f32 = 580.0;
/// Of the card.
pub(super) const HEIGHT: f32 = 128.0;
const NAME: f32 = 186.0;
const ABOUT: &str = mark!(
    "The collection without media is encrypted and sent as an attachment. The \
    passwords stay in the system’s keychain, where there is one; write the second one down, without \
    it nobody can open the mails."
);
const KEPT: &str = mark!("leave empty to keep");

/// The ways a connection is protected, with their usual ports.
const WAYS: [(Security, &str, u16); 3] = [
    (Security::Tls, "TLS", 465),
    (Security::StartTls, "STARTTLS", 587),
    (Security::None, "None", 25),
];

/// Sets mail up; see the module header.
pub struct SetUpMail {
    mail: MailSettings,
    to: String,
    server_password: String,
    password: String,
    repeated: String,
    /// There are passwords in the keychain.
    kept: bool,
    shown: bool,
    busy: bool,
    /// Why it did not work.
    problem: String,
    opened: bool,
}

enum Choice {
    Cancel,
    Save,
}

impl SetUpMail {
    /// With what is set up already.
    pub fn new(now: Option<&MailSettings>) -> Self {
        let mail = now.cloned().unwrap_or_default();
        Self {
            to: mail.to.join(", "),
            kept: now.is_some(),
            mail,
            server_password: String::new(),
            password: String::new(),
            repeated: String::new(),
            shown: false,
            busy: false,
            problem: String::new(),
            opened: false,
        }
    }

    fn hint(&self) -> &'static str {
        if self.kept { lang::say(KEPT) } else { "" }
    }

    fn recipients(&self) -> Vec<String> {
        let all = self.to.split(',').map(str::trim);
        all.filter(|to| !to.is_empty()).map(str::to_owned).collect()
    }

    fn is_ready(&self) -> bool {
        let has_key = self.kept || !self.password.is_empty() || !self.mail.recipients.is_empty();
        !self.busy
            && !self.mail.host.trim().is_empty()
            && !self.mail.from.trim().is_empty()
            && !self.recipients().is_empty()
            && (self.kept || self.mail.user.is_empty() || !self.server_password.is_empty())
            && self.password == self.repeated
            && has_key
    }

    fn said(&self) -> (&str, bool) {
        match () {
            () if self.busy => (t!("Sending a test mail…"), false),
            () if !self.problem.is_empty() => (&self.problem, true),
            () if self.password != self.repeated && !self.repeated.is_empty() => {
                (t!("The two passwords are not the same."), true)
            }
            () if !self.password.is_empty() && is_weak(&self.password) => (
                t!("Easily guessed. Four or five words that do not belong together are better."),
                false,
            ),
            () => (
                t!("A test mail is sent first; what was typed is kept when the server takes it."),
                false,
            ),
        }
    }

    fn server(&mut self, ui: &mut Ui) {
        let opened = std::mem::replace(&mut self.opened, true);
        row(ui, t!("Mail server"), |ui, width| {
            let field = Field::new(&mut self.mail.host, t!("Mail server"))
                .hint("smtp.example.org")
                .width(width)
                .show(ui);
            if !opened {
                field.request_focus();
            }
        });
        row(ui, t!("Encryption, port"), |ui, width| {
            let ways = WAYS.map(|(way, name, _)| match way {
                Security::None => t!("None" in "encryption"),
                _ => name,
            });
            let now = WAYS.iter().position(|way| way.0 == self.mail.security);
            let wide = segments::wanted_width(ui, &ways);
            let (_, r) = ui.allocate_space(vec2(wide, size::CONTROL));
            let name = t!("Encryption");
            if let Some(n) =
                segments::place(ui, r.max.x, r.center().y, name, &ways, now.unwrap_or(0))
            {
                (self.mail.security, _, self.mail.port) = WAYS[n];
            }
            ui.add_space(sp::M);
            let mut port = i64::from(self.mail.port);
            let room = (width - wide - sp::M).min(90.0);
            if Number::new(t!("Port"), 1..=65535).show(ui, room, &mut port) {
                self.mail.port = u16::try_from(port).unwrap_or(self.mail.port);
            }
        });
        field(
            ui,
            t!("User name"),
            &mut self.mail.user,
            t!("may be empty"),
            false,
        );
        if !self.mail.user.is_empty() {
            let (hint, hidden) = (self.hint(), !self.shown);
            field(
                ui,
                t!("Password of the account"),
                &mut self.server_password,
                hint,
                hidden,
            );
        }
        field(
            ui,
            t!("From" in "mail"),
            &mut self.mail.from,
            "ana@example.org",
            false,
        );
        field(
            ui,
            t!("To" in "mail"),
            &mut self.to,
            "ana@example.org",
            false,
        );
    }

    fn rhythm(&mut self, ui: &mut Ui) {
        row(ui, t!("Every" in "days"), |ui, _| {
            let mut days = i64::from(self.mail.days.max(1));
            if Number::new(t!("Days between mails"), 1..=365).show(ui, 80.0, &mut days) {
                self.mail.days = u32::try_from(days).unwrap_or(1);
            }
            aside(ui, t!("days, up to"));
            let mut limit = i64::from(self.mail.limit_megabytes);
            if Number::new(t!("Largest attachment"), 1..=100).show(ui, 80.0, &mut limit) {
                self.mail.limit_megabytes = u32::try_from(limit).unwrap_or(20);
            }
            aside(ui, t!("MB"));
        });
    }

    fn content(&mut self, ui: &mut Ui) -> Option<Choice> {
        let t = Tokens::of(ui);
        dialog::title(ui, t!("Backups by e-mail"));
        text::paragraph_in(ui, lang::say(ABOUT), font::small(), t.text2);
        ui.add_space(sp::M);
        self.server(ui);
        self.rhythm(ui);
        ui.add_space(sp::S);
        let (hint, hidden) = (self.hint(), !self.shown);
        field(
            ui,
            t!("Password of the backups"),
            &mut self.password,
            hint,
            hidden,
        );
        field(ui, t!("The same again"), &mut self.repeated, "", hidden);
        check::checkbox(ui, &mut self.shown, t!("Show the passwords"));
        ui.add_space(sp::S);
        let (words, bad) = self.said();
        let color = if bad { t.danger } else { t.text2 };
        text::paragraph_in(ui, words, font::small(), color);
        let ready = self.is_ready();
        let save = Button::new(t!("Test and Save"))
            .kind(Kind::Primary)
            .enabled(ready);
        ui.add_space(-sp::M);
        let footer = dialog::footer(ui, vec![], vec![Button::new(t!("Cancel")), save]);
        match () {
            () if footer.chosen(0) => Some(Choice::Cancel),
            () if ready && footer.chosen(1) => Some(Choice::Save),
            () => None,
        }
    }

    fn wish(&self) -> NewMail {
        let given = |words: &str| (!words.is_empty()).then(|| Secret::new(words));
        let mut settings = self.mail.clone();
        settings.days = settings.days.max(1);
        settings.host = settings.host.trim().to_owned();
        settings.to = self.recipients();
        NewMail {
            settings,
            server_password: given(&self.server_password),
            backup_password: given(&self.password),
        }
    }
}

/// A line of a form.
pub(super) fn row(ui: &mut Ui, name: &str, content: impl FnOnce(&mut Ui, f32)) {
    line(ui, NAME, name, |ui| {
        let width = ui.available_width();
        content(ui, width);
    });
}

fn field(ui: &mut Ui, name: &str, value: &mut String, hint: &str, hidden: bool) {
    row(ui, name, |ui, width| {
        let field = Field::new(value, name).hint(hint).width(width);
        field.hidden(hidden).show(ui);
    });
}

/// Words between two numbers.
pub(super) fn aside(ui: &mut Ui, words: &str) {
    let t = Tokens::of(ui);
    let wide = text::width(ui, words, font::body()) + 2.0 * sp::S;
    let (_, r) = ui.allocate_space(vec2(wide, size::CONTROL));
    text::center(ui, r, words, font::body(), t.text2);
}

impl Dialog for SetUpMail {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, WIDTH, |ui| self.content(ui));
        match shown.inner {
            Some(Choice::Cancel) => return Flow::Close,
            Some(Choice::Save) => {
                self.busy = true;
                self.problem.clear();
                let wish = Box::new(self.wish());
                cx.ask(Request::Mail(MailRequest::SetUp(wish)));
            }
            None => {}
        }
        Flow::close_if(shown.dismissed)
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Mail(MailEvent::SetUp) if self.busy => return Flow::Close,
            Event::Mail(MailEvent::NotSetUp(message)) if self.busy => {
                self.busy = false;
                self.problem = message.why();
            }
            _ => {}
        }
        Flow::Stay
    }
}

/// The card on the page of copies.
pub(super) fn card(cx: &UiContext<'_>, ui: &mut Ui, r: Rect, mailing: &Mailing) {
    let t = Tokens::of(ui);
    let now = cx.clock.local(cx.now);
    surface::card(ui, r);
    let mut inner = r.pad(16.0, 10.0);
    let first = inner.cut_top(24.0);
    let title = t!("E-mail to {to}", to = mailing.settings.to.join(", "));
    text::label(ui, first, Align::Min, &title, font::strong(), t.text);
    let line = inner.cut_top(21.0);
    let words = sent(mailing, &now);
    text::label(ui, line, Align::Min, &words, font::small(), t.text2);
    let line = inner.cut_top(21.0);
    let is_alarmed = cx.model.backup.alarm.is_some();
    let (words, bad) = state(mailing, cx.model.is_suspended(), is_alarmed, &now);
    let color = if bad { t.danger } else { t.text2 };
    text::label(ui, line, Align::Min, &words, font::small(), color);
    inner.cut_top(8.0);
    let mut row = inner.cut_top(size::CONTROL);
    let words = t!("Automatically");
    // The switch, the words and what parts them.
    let wide = 42.0 + text::width(ui, words, font::small()).ceil() + 4.0;
    let mut switch = row.cut_right(wide.max(180.0));
    let free = !mailing.busy;
    let buttons = vec![
        Button::new(t!("Send now")).enabled(free),
        Button::new(t!("Change…")).enabled(free),
        Button::new(t!("Remove…"))
            .named(t!("Remove e-mail"))
            .enabled(free),
    ];
    let pressed = button::row(ui, row, Align::Min, buttons);
    if pressed[0].clicked() {
        super::copy_by_hand(cx, Request::Mail(MailRequest::Send));
    }
    if pressed[1].clicked() {
        cx.open(SetUpMail::new(Some(&mailing.settings)));
    }
    if pressed[2].clicked() {
        cx.open(remove());
    }
    let mut on = mailing.settings.every_days() > 0;
    let at = switch.cut_right(34.0);
    let at = Rect::from_center_size(at.center(), vec2(34.0, 20.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(at));
    if check::switch(&mut child, &mut on, words).changed() {
        cx.ask(Request::Mail(MailRequest::Pause(!on)));
    }
    switch.cut_right(8.0);
    text::right(ui, switch, words, font::small(), t.text2);
}

fn sent(mailing: &Mailing, now: &Zoned) -> String {
    match mailing.state.sent_at {
        Some(at) => t!("Sent {age}, without media.", age = age(at, now)),
        None => t!("Nothing was sent yet.").to_owned(),
    }
}

fn state(mailing: &Mailing, is_suspended: bool, is_alarmed: bool, now: &Zoned) -> (String, bool) {
    if mailing.busy {
        return (t!("Working on it…").to_owned(), false);
    }
    if let Some((at, what)) = &mailing.state.failed {
        let words = t!(
            "Failed {age}: {what}",
            age = age(*at, now),
            what = lang::known(what)
        );
        return (words, true);
    }
    let words = match mailing.settings.every_days() {
        0 => t!("Is sent only when you say so.").to_owned(),
        _ if is_suspended => super::model::suspended(),
        _ if is_alarmed => t!("Waiting: {why}", why = super::model::alarmed()),
        1 => t!("Is sent every day.").to_owned(),
        days => t!("Is sent every {days} days.", days),
    };
    (words, false)
}

fn remove() -> Question {
    let confirm = Confirm {
        title: t!("End the backups by e-mail?").into(),
        body: t!("No more mails are sent, and the passwords are forgotten here. The mails that were sent stay where they are.").into(),
        cancel: t!("Cancel").into(),
        action: t!("Remove").into(),
        weight: Weight::Destructive,
        ..Confirm::default()
    };
    Question::new(confirm, Action::Ask(Request::Mail(MailRequest::Remove)))
}
