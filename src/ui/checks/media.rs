//! What Check Media found, by kind, each with its remedy. Deleted files go to the trash, from
//! which they can be restored until it is emptied.

use crate::domain::media_report::{MediaReport, MissingFrom};
use crate::service::checks::{CheckEvent, CheckRequest};
use crate::service::event::{Event, JobEvent};
use crate::service::request::Request;
use crate::ui::action::Action;
use crate::ui::backups::words::moment;
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow, Question};
use crate::ui::dialogs::{Confirm, Weight};
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::text::{bytes, number};
use crate::ui::widgets::{Cut as _, Kind, dialog, list, row, surface, text};
use crate::{t, tn};
use eframe::egui::{Align, Context, Rect, ScrollArea, Sense, Ui, vec2};
use jiff::Zoned;

/// Kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Page {
    #[default]
    Missing,
    Unused,
    Names,
    Oversize,
    Folders,
    Rot,
}

impl Page {
    const ALL: [Self; 6] = [
        Self::Missing,
        Self::Unused,
        Self::Names,
        Self::Oversize,
        Self::Folders,
        Self::Rot,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Missing => t!("Missing files"),
            Self::Unused => t!("Unused files"),
            Self::Names => t!("Unfit names"),
            Self::Oversize => t!("Over 100 MB"),
            Self::Folders => t!("Subfolders"),
            Self::Rot => t!("Damaged files"),
        }
    }

    /// Why it matters.
    fn about(self) -> &'static str {
        match self {
            Self::Missing => {
                t!(
                    "Cards refer to these files, but they are not in the media folder. Bring back \
                     looks for them in the trash, in backups with media and in copies elsewhere."
                )
            }
            Self::Unused => {
                t!(
                    "No note, template or styling refers to these files. Names that begin with _ \
                     are always kept."
                )
            }
            Self::Names => {
                t!("Not every system can store these names. Renaming changes the notes too.")
            }
            Self::Oversize => t!("AnkiWeb does not sync files that are this large."),
            Self::Folders => t!("Nothing looks into folders inside the media folder."),
            Self::Rot => {
                t!(
                    "Bytes that changed though nobody wrote the file, as on a failing disk. \
                     Reading all files finds them; right copies are taken from the trash, backups \
                     and vaults."
                )
            }
        }
    }

    fn count(self, report: &MediaReport) -> usize {
        match self {
            Self::Missing => report.missing.len(),
            Self::Unused => report.unused.len(),
            Self::Names => report.renames.len(),
            Self::Oversize => report.oversize.len(),
            Self::Folders => report.folders.len(),
            Self::Rot => report.rotten.len(),
        }
    }

    /// A row: its words and, at the right, what is known of it.
    fn row(self, report: &MediaReport, n: usize) -> Option<(String, String)> {
        match self {
            Self::Missing => {
                let missing = report.missing.get(n)?;
                let from = match &missing.from {
                    MissingFrom::Notetype(name) => t!("templates of {notetype}", notetype = name),
                    MissingFrom::Notes { count, named } => match named.first() {
                        Some((_, title)) if *count == 1 => t!("in “{title}”", title),
                        _ => tn!(*count as u64, "{n} note", "{n} notes"),
                    },
                };
                Some((missing.name.clone(), from))
            }
            Self::Unused => report
                .unused
                .get(n)
                .map(|f| (f.name.clone(), bytes(f.bytes))),
            Self::Oversize => report
                .oversize
                .get(n)
                .map(|f| (f.name.clone(), bytes(f.bytes))),
            Self::Names => {
                let rename = report.renames.get(n)?;
                let old = rename.old.replace('\n', "␤");
                Some((old, format!("→ {}", rename.new)))
            }
            Self::Rot => (report.rotten.get(n)).map(|f| (f.name.clone(), bytes(f.bytes))),
            Self::Folders => report.folders.get(n).map(|f| (f.clone(), String::new())),
        }
    }
}

/// See the module header. Draws nothing until the first report is there.
#[derive(Default)]
pub struct MediaDialog {
    report: Option<MediaReport>,
    page: Page,
}

const WIDTH: f32 = 760.0;
const SIDE: f32 = 180.0;
/// Beside the name of a kind: its margins, and how many there are.
const AROUND: f32 = 66.0;

impl MediaDialog {
    fn pages(&mut self, ui: &mut Ui, side: Rect, report: &MediaReport) {
        let t = Tokens::of(ui);
        let all = Page::ALL;
        let at = all.iter().position(|p| *p == self.page);
        let (focus, keys) = list::keys(ui, side, "findings", t!("Findings"), all.len(), at, 1);
        if let Some(page) = keys.select.and_then(|n| all.get(n)) {
            self.page = *page;
        }
        let mut rows = side;
        for (n, page) in all.into_iter().enumerate() {
            let line = rows.cut_top(34.0);
            let is = page == self.page;
            let salt = list::row_salt(n);
            let response = row::sensed(ui, line, salt, page.label(), is, Sense::CLICK);
            if is {
                list::ring(ui, &focus, line);
            }
            let mut words = line.pad(10.0, 0.0);
            let count = page.count(report);
            let color = if count > 0 { t.text2 } else { t.text3 };
            let places = words.cut_right(44.0);
            text::right(ui, places, &number(count as u64), font::small(), color);
            text::left(ui, words, page.label(), font::body(), t.text);
            if response.clicked() {
                self.page = page;
                list::focus_quietly(ui, &focus);
            }
        }
    }

    fn findings(&self, ui: &mut Ui, mut r: Rect, report: &MediaReport, now: &Zoned) {
        let t = Tokens::of(ui);
        let about = self.page.about();
        let high = text::para_height(ui, r.width(), about, font::small()) + 8.0;
        text::para(ui, r.cut_top(high), about, font::small(), t.text2);
        surface::fill(ui, r, radius::CARD, t.surface);
        surface::outline(ui, r, radius::CARD, t.border);
        let count = self.page.count(report);
        if count == 0 {
            let words = match (self.page, report.rot_looked) {
                (Page::Rot, None) => t!("Not looked for yet").to_owned(),
                (Page::Rot, Some(at)) => t!("None when last read, {when}", when = moment(at, now)),
                _ => t!("None" in "files").to_owned(),
            };
            text::label(ui, r, Align::Center, &words, font::body(), t.text3);
            return;
        }
        surface::within(ui, r.pad(4.0, 6.0), |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ScrollArea::vertical()
                .auto_shrink(false)
                .id_salt(self.page.label())
                .show_rows(ui, size::ROW, count, |ui, range| {
                    for n in range {
                        let Some((name, more)) = self.page.row(report, n) else {
                            continue;
                        };
                        let (_, line) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
                        let mut words = line.pad(10.0, 0.0);
                        let wide = text::width(ui, &more, font::small());
                        let wide = wide.min(words.width() * 0.55);
                        let at = words.cut_right(wide + 2.0);
                        words.cut_right(12.0);
                        text::label(ui, words, Align::Min, &name, font::body(), t.text);
                        if !more.is_empty() {
                            text::label(ui, at, Align::Max, &more, font::small(), t.text2);
                        }
                    }
                });
        });
    }

    /// The buttons for the kind that is shown, the most useful last.
    fn remedies(&self, report: &MediaReport) -> Vec<&'static str> {
        match self.page {
            Page::Missing if report.missing.is_empty() => vec![],
            Page::Missing if report.notes_missing.is_empty() => vec![t!("Bring back")],
            Page::Missing => vec![t!("Tag missing"), t!("Bring back")],
            Page::Unused if !report.unused.is_empty() => vec![t!("Delete unused…")],
            Page::Rot if report.rotten.is_empty() => vec![t!("Read all files")],
            Page::Rot => vec![t!("Repair")],
            Page::Names if !report.renames.is_empty() => vec![t!("Rename")],
            _ => vec![],
        }
    }

    /// What such a button asks for; `last` is the most useful one.
    fn remedy(&self, report: &MediaReport, last: bool) -> Action {
        let request = match self.page {
            Page::Missing if last => {
                let names = report.missing.iter().map(|file| file.name.clone());
                CheckRequest::BringBackMedia(names.collect())
            }
            Page::Missing => CheckRequest::TagMissingMedia(report.notes_missing.clone()),
            Page::Unused => return Action::Open(Box::new(ask_to_discard(report))),
            Page::Rot if report.rotten.is_empty() => CheckRequest::LookForRot,
            Page::Rot => CheckRequest::RepairRot,
            Page::Names | Page::Oversize | Page::Folders => CheckRequest::RenameMedia,
        };
        Action::Ask(Request::Check(request))
    }

    fn ask_to_empty((files, size): (u64, u64)) -> Question {
        Question::new(
            Confirm {
                title: t!("Empty the trash?").into(),
                body: tn!(
                    files,
                    "{n} file ({size}) goes to the trash of your system, from which it comes back \
                     by hand only.",
                    "{n} files ({size}) go to the trash of your system, from which they come back \
                     by hand only.",
                    size = bytes(size)
                ),
                cancel: t!("Cancel").into(),
                action: t!("Empty trash").into(),
                weight: Weight::Destructive,
                ..Default::default()
            },
            Action::Ask(Request::Check(CheckRequest::EmptyMediaTrash)),
        )
    }
}

fn ask_to_discard(report: &MediaReport) -> Question {
    let names: Vec<String> = report.unused.iter().map(|f| f.name.clone()).collect();
    let size: u64 = report.unused.iter().map(|f| f.bytes).sum();
    Question::new(
        Confirm {
            title: t!("Delete unused media?").into(),
            body: tn!(
                names.len() as u64,
                "{n} file ({size}) goes to the trash in the profile’s folder.",
                "{n} files ({size}) go to the trash in the profile’s folder.",
                size = bytes(size)
            ),
            assurance: t!("They can be restored here until the trash is emptied.").into(),
            cancel: t!("Cancel").into(),
            action: t!("Move to trash").into(),
            weight: Weight::Destructive,
        },
        Action::Ask(Request::Check(CheckRequest::DiscardMedia(names))),
    )
}

impl Dialog for MediaDialog {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let Some(taken) = self.report.take() else {
            return Flow::Stay;
        };
        let report = &taken;
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            let t = Tokens::of(ui);
            dialog::title(ui, t!("Check Media"));
            let files = tn!(report.files, "{n} file", "{n} files");
            let (in_trash, size) = report.trash;
            let trash = match in_trash {
                0 => t!("the trash is empty").to_owned(),
                n => tn!(
                    n,
                    "{n} file in the trash ({size})",
                    "{n} files in the trash ({size})",
                    size = bytes(size)
                ),
            };
            let line = if report.is_clean() {
                t!(
                    "Everything is in order: {files} in the media folder, {trash}.",
                    files,
                    trash
                )
            } else {
                t!("{files} in the media folder, {trash}.", files, trash)
            };
            text::paragraph_in(ui, &line, font::body(), t.text2);
            ui.add_space(12.0);
            let high = (ctx.content_rect().height() - 260.0).clamp(180.0, 380.0);
            let (_, mut r) = ui.allocate_space(vec2(ui.available_width(), high));
            let wide = |page: Page| text::width(ui, page.label(), font::body()) + AROUND;
            let side = Page::ALL.map(wide).into_iter().fold(SIDE, f32::max);
            self.pages(ui, r.cut_left(side.ceil()), report);
            r.cut_left(16.0);
            self.findings(ui, r, report, &cx.clock.local(cx.now));
            let some = in_trash > 0;
            let quiet = vec![
                Button::ghost(t!("Restore deleted")).enabled(some),
                Button::ghost(t!("Empty trash…")).enabled(some),
            ];
            let remedies = self.remedies(report);
            let mut choices = vec![Button::new(t!("Close"))];
            for (n, words) in remedies.iter().enumerate() {
                let last = n + 1 == remedies.len();
                let kind = if last { Kind::Primary } else { Kind::Secondary };
                choices.push(Button::new(words).kind(kind));
            }
            let footer = dialog::footer(ui, quiet, choices);
            let pressed = |n: usize| footer.quiet.get(n).is_some_and(|r| r.clicked());
            if pressed(0) {
                cx.ask(Request::Check(CheckRequest::RestoreMedia));
            }
            if pressed(1) {
                cx.open(Self::ask_to_empty(report.trash));
            }
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            for n in 0..remedies.len() {
                if footer.chosen(n + 1) {
                    cx.send(self.remedy(report, n + 1 == remedies.len()));
                }
            }
        });
        self.report = Some(taken);
        if shown.dismissed { Flow::Close } else { flow }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        match event {
            Event::Check(CheckEvent::Media { report, .. }) => {
                if self.report.is_none() {
                    let found = Page::ALL.into_iter().find(|p| p.count(report) > 0);
                    self.page = found.unwrap_or_default();
                }
                self.report = Some((**report).clone());
            }
            Event::Job(JobEvent::Cancelled { .. } | JobEvent::Failed { .. })
            | Event::Failed { .. }
                if self.report.is_none() =>
            {
                return Flow::Close;
            }
            _ => {}
        }
        Flow::Stay
    }
}
