//! Help > Guide: every command of the page on show with its keys, made from the command table, and
//! the keys of a note's fields. Where the words of Anki are explained is one click away.

use crate::base::lang;
use crate::ui::action::Action;
use crate::ui::command::{Command, Scope};
use crate::ui::context::UiContext;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::keys;
use crate::ui::model::AppModel;
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::field::Field;
use crate::ui::widgets::{Cut as _, dialog, ic, surface, text};
use crate::{mark, t};
use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Context, Rect, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, vec2};

const WIDTH: f32 = 620.0;
const HEIGHT: f32 = 380.0;
const ROW: f32 = 44.0;
const HEAD: f32 = 34.0;
/// What the words of Anki mean, and how people learn with it.
const MANUAL: &str = "https://docs.ankiweb.net/";

/// In fields elsewhere than in Browse.
const LINK: &str = "Ctrl+K";
/// Only where notes are added.
const KEEP: &str = "F9";

/// A command, what it does, and its keys.
struct Line {
    label: String,
    about: String,
    keys: String,
}

/// Keys of a note's fields: they are no commands of the window.
const FIELDS: &[(&str, &str, &str)] = &[
    (
        mark!("Bold, italic, underline"),
        mark!("Of the chosen text, or of what is typed next"),
        "Ctrl+B, I, U",
    ),
    (
        mark!("Superscript, subscript"),
        mark!("Raises or lowers the text"),
        "Ctrl+=, Ctrl+Shift+=",
    ),
    (
        mark!("Text colour"),
        mark!("The colour used last; F8 chooses another"),
        "F7, F8",
    ),
    (
        mark!("Remove formatting"),
        mark!("Takes colours, fonts and marks off"),
        "Ctrl+R",
    ),
    (
        mark!("Bullets, numbers"),
        mark!("Makes a list of the lines"),
        "Ctrl+,  Ctrl+.",
    ),
    (
        mark!("Outdent, indent"),
        mark!("Moves the lines"),
        "Ctrl+Shift+,  Ctrl+Shift+.",
    ),
    (
        mark!("Cloze with a new number"),
        mark!("With Alt too: the same number"),
        "Ctrl+Shift+C",
    ),
    (
        mark!("Formula"),
        mark!("Then M, E or C: in the line, on its own, chemistry"),
        "Ctrl+M",
    ),
    (
        mark!("LaTeX"),
        mark!("Then T, E or M: text, equation, math"),
        "Ctrl+T",
    ),
    (
        mark!("Link"),
        mark!("Makes a link of the chosen text"),
        LINK,
    ),
    (mark!("Attach a file"), mark!("Into the media folder"), "F3"),
    (
        mark!("Record"),
        mark!("Your voice, into the media folder"),
        "F5",
    ),
    (
        mark!("Paste as text"),
        mark!("Without the looks"),
        "Ctrl+Shift+V",
    ),
    (
        mark!("HTML"),
        mark!("Shows the field’s HTML below it"),
        "Ctrl+Shift+X",
    ),
    (
        mark!("Keep after adding"),
        mark!("With Shift: all fields"),
        KEEP,
    ),
    (mark!("Tags"), mark!("To the line of tags"), "Ctrl+Shift+T"),
    (
        mark!("Cards"),
        mark!("The templates of the note type"),
        "Ctrl+L",
    ),
    (
        mark!("Undo, redo"),
        mark!("One order across all fields and tags"),
        "Ctrl+Z, Ctrl+Shift+Z",
    ),
    (
        mark!("Open a picture, sound or formula"),
        mark!("While it is chosen"),
        "Enter",
    ),
];

/// See the module header.
#[derive(Debug, Default)]
pub struct Guide {
    filter: String,
    focused: bool,
}

fn line(command: Command, keys: String) -> Line {
    let info = command.info();
    Line {
        label: info.label.trim_end_matches('…').to_owned(),
        about: info.tooltip.to_owned(),
        keys,
    }
}

/// The groups of the page on show.
fn groups(model: &AppModel, route: &Route) -> Vec<(&'static str, Vec<Line>)> {
    let (mut here, mut everywhere) = (vec![], vec![]);
    for &command in Command::ALL {
        let of = |everywhere: bool| {
            let keys = command.info().keys.iter();
            let keys = keys.filter(|(scope, _)| (*scope == Scope::Everywhere) == everywhere);
            let keys = keys.filter(|(scope, _)| scope.is_active(model, route));
            let keys = keys.filter(|keys| !Command::takes_over(route, **keys));
            let keys: Vec<String> = keys.map(|(_, keys)| keys.shown()).collect();
            keys.join(", ")
        };
        let (page, all) = (of(false), of(true));
        if !page.is_empty() {
            here.push(line(command, page));
        }
        if !all.is_empty() {
            everywhere.push(line(command, all));
        }
    }
    if matches!(route, Route::Decks | Route::Browse) {
        here.push(Line {
            label: t!("Menu of the row").to_owned(),
            about: t!("What the other mouse button opens").to_owned(),
            keys: keys::named("Shift+F10"),
        });
    }
    let edits = matches!(route, Route::Add | Route::EditNote { .. } | Route::Browse);
    let fields = FIELDS.iter().filter(|_| edits);
    // In Browse it marks the note, as in Anki; the link has a button.
    let fields = fields.filter(|(_, _, keys)| !(*keys == LINK && *route == Route::Browse));
    let fields = fields.filter(|(_, _, keys)| *keys != KEEP || *route == Route::Add);
    let fields = fields.map(|(label, about, keys)| Line {
        label: lang::say(label).to_owned(),
        about: lang::say(about).to_owned(),
        keys: keys::named(keys),
    });
    vec![
        (t!("On this page"), here),
        (t!("In the fields of a note"), fields.collect()),
        (t!("Everywhere"), everywhere),
    ]
}

impl Guide {
    fn content(&mut self, cx: &UiContext<'_>, ui: &mut Ui) {
        let field = Field::new(&mut self.filter, t!("Find a command"))
            .hint(t!("Find a command"))
            .icon(ic::SEARCH);
        let response = field.show(ui);
        if !std::mem::replace(&mut self.focused, true) {
            response.request_focus();
        }
        ui.add_space(sp::M);
        let high = dialog::list_height(ui, HEIGHT);
        let (_, area) = ui.allocate_space(vec2(ui.available_width(), high));
        surface::card(ui, area);
        let inner = area.shrink2(vec2(1.0, 5.0));
        let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt("guide"));
        child.set_clip_rect(inner.intersect(ui.clip_rect()));
        let wanted = self.filter.trim().to_lowercase();
        let fits = |line: &Line| {
            let all = [&line.label, &line.about, &line.keys];
            all.iter()
                .any(|words| words.to_lowercase().contains(&wanted))
        };
        ScrollArea::vertical()
            .auto_shrink(false)
            .show(&mut child, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                let mut none = true;
                for (title, mut lines) in groups(cx.model, cx.route) {
                    lines.retain(fits);
                    if lines.is_empty() {
                        continue;
                    }
                    none = false;
                    let (_, r) = ui.allocate_space(vec2(inner.width(), HEAD));
                    let t = Tokens::of(ui);
                    text::left(ui, r.pad(14.0, 4.0), title, font::caption_strong(), t.text2);
                    for line in &lines {
                        let (_, r) = ui.allocate_space(vec2(inner.width(), ROW));
                        row(ui, r, line);
                    }
                }
                if none {
                    let (_, r) = ui.allocate_space(vec2(inner.width(), ROW));
                    let t = Tokens::of(ui);
                    text::label(
                        ui,
                        r,
                        Align::Center,
                        t!("No command matches"),
                        font::body(),
                        t.text3,
                    );
                }
            });
    }
}

fn row(ui: &Ui, r: Rect, line: &Line) {
    if !ui.is_rect_visible(r) {
        return;
    }
    let t = Tokens::of(ui);
    let id = ui.make_persistent_id((&line.label, &line.keys));
    let response = ui.interact(r, id, Sense::hover());
    response.widget_info(|| {
        let words = format!("{}: {}. {}", line.label, line.keys, line.about);
        WidgetInfo::labeled(Role::Label, true, words)
    });
    let mut r = r.pad(14.0, 3.0);
    // As wide as the words of English keys; those of other languages are longer.
    let room = match lang::current().code {
        "en" => 190.0,
        _ => 250.0,
    };
    let keys = r.cut_right(room);
    text::right(ui, keys, &line.keys, font::small_strong(), t.text2);
    text::left(ui, r.cut_top(19.0), &line.label, font::body(), t.text);
    text::left(ui, r, &line.about, font::caption(), t.text2);
}

impl Dialog for Guide {
    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            dialog::title(ui, t!("Guide"));
            self.content(cx, ui);
            let manual = Button::ghost(t!("Anki’s manual")).tip(t!(
                "Opens docs.ankiweb.net in the browser: Engram works on Anki’s data, with its words"
            ));
            let footer = dialog::footer(ui, vec![manual], vec![Button::new(t!("Close"))]);
            if footer.quiet.first().is_some_and(|b| b.clicked()) {
                cx.send(Action::OpenUrl(MANUAL.into()));
            }
            footer.chosen(0)
        });
        Flow::close_if(shown.inner || shown.dismissed)
    }
}
