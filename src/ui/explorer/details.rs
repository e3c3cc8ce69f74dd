//! The Explorer's right pane: one note of the backup beside what the collection has of it, field
//! by field and word by word.

use super::card::CardPane;
use super::rows;
use crate::base::ids::{DeckId, NoteId};
use crate::base::time::TimestampSecs;
use crate::domain::explorer::{Change, Compared, Detail, MediaState, NotetypeNow};
use crate::domain::recovery::Mode;
use crate::ui::backups::words;
use crate::ui::context::UiContext;
use crate::ui::theme::{Tokens, font, radius, size};
use crate::ui::widgets::field::combo;
use crate::ui::widgets::{Cut as _, diff, lines, row, segments, surface, text, tooltip};
use crate::{t, tn};
use eframe::egui::{Align, Layout, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};

/// Lines longer than this are hard to read.
const WIDEST: f32 = 960.0;
/// Above the facts about a note, and from them to what is shown of it.
const TITLE: f32 = 44.0;
const BELOW_FACTS: f32 = 56.0;
const FACT: f32 = 20.0;
/// Least room for the name of a fact about a card.
const FACT_NAME: f32 = 76.0;

/// A note whose facts are on their way.
pub(super) fn waiting(id: NoteId) -> Detail {
    let nothing = Compared {
        name: String::new(),
        was: String::new(),
        is: None,
    };
    Detail {
        id,
        title: String::new(),
        change: None,
        notetype: String::new(),
        modified: TimestampSecs(0),
        deck: DeckId::DEFAULT,
        deck_name: String::new(),
        fields: Vec::new(),
        tags: nothing,
        cards: Vec::new(),
        notetype_now: NotetypeNow::Same,
        media: Vec::new(),
    }
}

/// What the pane shows of the note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Tab {
    /// Fields, tags and schedule.
    #[default]
    Note,
    Card,
    Notetype,
}

const TABS: [Tab; 3] = [Tab::Note, Tab::Card, Tab::Notetype];

impl Tab {
    fn label(self) -> &'static str {
        match self {
            Self::Note => t!("Note"),
            Self::Card => t!("Card"),
            Self::Notetype => t!("Note type"),
        }
    }
}

pub(super) fn show(
    cx: &UiContext<'_>,
    ui: &mut Ui,
    r: Rect,
    detail: Option<&Detail>,
    (tab, card): (&mut Tab, &mut CardPane),
    own: Option<&mut Option<Mode>>,
) {
    let Some(detail) = detail.filter(|d| !d.fields.is_empty()) else {
        return;
    };
    let mut r = r.with_max_x(r.max.x.min(r.min.x + WIDEST));
    let before = *tab;
    head(cx, ui, &mut r, detail, tab);
    if let Some(own) = own {
        own_mode(ui, &mut r, own);
    }
    if *tab != before {
        card.silence();
    }
    if *tab == Tab::Card {
        r.cut_bottom(16.0);
        card.ui(cx, ui, r.pad(22.0, 0.0), detail);
        return;
    }
    let mut child = ui.new_child(UiBuilder::new().max_rect(r).id_salt("explorer detail"));
    ScrollArea::vertical()
        .id_salt((detail.id, *tab == Tab::Note))
        .auto_shrink(false)
        .show(&mut child, |ui| {
            let top = ui.min_rect().min;
            let size = vec2(r.width() - 44.0, f32::INFINITY);
            let mut side = Rect::from_min_size(top + vec2(22.0, 0.0), size);
            match tab {
                Tab::Notetype => notetype(ui, &mut side, detail),
                Tab::Note | Tab::Card => pane(ui, &mut side, detail),
            }
            let used = Rect::from_min_max(top, pos2(r.max.x, side.min.y + 16.0));
            ui.allocate_rect(used, Sense::hover());
        });
}

/// Which note it is, and what of it is shown; cut off `r`.
fn head(cx: &UiContext<'_>, ui: &Ui, r: &mut Rect, detail: &Detail, tab: &mut Tab) {
    let t = Tokens::of(ui);
    let mut side = r.pad(22.0, 0.0);
    let mut title_line = side.cut_top(TITLE);
    title_line.cut_top(16.0);
    let title = match detail.title.trim() {
        "" => t!("(empty)"),
        title => title,
    };
    let f = font::dialog_title();
    text::heading(ui, title_line, Align::Min, title, f, t.text);
    let mut after_chip = 0.0;
    if let Some(change) = detail.change {
        let (word, bg, fg) = rows::chip(t, change);
        let at = pos2(side.min.x, side.min.y + FACT / 2.0 + 2.0);
        after_chip = row::chip(ui, at, word, bg, fg).width() + 8.0;
    }
    let lines = facts(cx, ui, detail, (side.width(), after_chip));
    for (n, line) in lines.iter().enumerate() {
        // The first has more room: a chip is higher than words.
        let mut r = side.cut_top(if n == 0 { FACT + 4.0 } else { FACT });
        if n == 0 {
            r.cut_left(after_chip);
        }
        line.show(ui, r);
    }
    side.cut_top(10.0);
    let line = side.cut_top(32.0);
    let names = TABS.map(Tab::label);
    let right = line.min.x + segments::wanted_width(ui, &names);
    let chosen = TABS.iter().position(|this| this == tab);
    let made = segments::place(
        ui,
        right,
        line.center().y,
        "",
        &names,
        chosen.unwrap_or_default(),
    );
    if let Some(n) = made {
        *tab = TABS[n];
    }
    r.min.y = side.min.y + BELOW_FACTS - 42.0;
}

/// How this note, which is ticked, comes back: like the others, or in a way of its own.
fn own_mode(ui: &mut Ui, r: &mut Rect, own: &mut Option<Mode>) {
    let line = r.cut_top(size::CONTROL + 8.0).pad(22.0, 0.0);
    let mut options = vec![(None, t!("Comes back like the others"))];
    options.extend(Mode::ALL.iter().map(|mode| (Some(*mode), mode.label())));
    surface::region(ui, line, Layout::left_to_right(Align::Min), |ui| {
        let name = t!("How this note comes back");
        combo(ui, name, line.width(), own, &options)
    });
}

/// One line of facts, and what of it had to be cut.
#[derive(Default)]
struct FactLine {
    words: String,
    whole: Option<String>,
}

impl FactLine {
    fn show(&self, ui: &Ui, r: Rect) {
        let t = Tokens::of(ui);
        let shown = text::label(ui, r, Align::Min, &self.words, font::small(), t.text2);
        if let Some(whole) = &self.whole {
            tooltip::words(shown, whole);
        }
    }
}

/// When and what the note is, and where its cards are, in as many lines as that takes: `room`
/// points each, the first less by what stands before it.
fn facts(
    cx: &UiContext<'_>,
    ui: &Ui,
    detail: &Detail,
    (room, before): (f32, f32),
) -> Vec<FactLine> {
    let now = cx.clock.local(cx.now);
    let notetype = &detail.notetype;
    let notetype = match detail.notetype_now {
        NotetypeNow::Same => notetype.clone(),
        NotetypeNow::Gone => t!("{notetype} (gone)", notetype),
        NotetypeNow::Changed(_) => t!("{notetype} (changed)", notetype),
    };
    let groups = [
        [words::moment(detail.modified.millis(), &now), notetype],
        [
            tn!(detail.cards.len() as u64, "{n} card", "{n} cards"),
            detail.deck_name.replace("::", " › "),
        ],
    ];
    let f = font::small();
    let mut lines: Vec<FactLine> = Vec::new();
    for group in groups {
        let mut line = FactLine::default();
        for fact in group {
            let room = if lines.is_empty() {
                room - before
            } else {
                room
            };
            let joined = format!("{} · {fact}", line.words);
            if !line.words.is_empty() && text::width(ui, &joined, f.clone()) <= room {
                line.words = joined;
                continue;
            }
            if !line.words.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            let shown = text::ends(ui, &fact, room, &f).into_owned();
            line.whole = (shown != fact).then_some(fact);
            line.words = shown;
        }
        lines.push(line);
    }
    lines
}

fn pane(ui: &Ui, side: &mut Rect, detail: &Detail) {
    side.cut_top(10.0);
    let deleted = detail.change == Some(Change::Deleted);
    let mut differs = false;
    let with_tags = detail.fields.iter().chain(std::iter::once(&detail.tags));
    for field in with_tags {
        differs |= one_field(ui, side, field, deleted);
    }
    if differs {
        legend(ui, side);
    }
    schedule(ui, side, detail);
    media(ui, side, detail);
}

/// What the colours mean.
pub(super) fn legend(ui: &Ui, side: &mut Rect) {
    let t = Tokens::of(ui);
    let line = side.cut_top(24.0);
    let y = line.center().y;
    let first = row::chip(
        ui,
        pos2(line.min.x, y),
        t!("in the backup"),
        t.ok_soft,
        t.ok,
    );
    let at = pos2(first.max.x + 8.0, y);
    row::chip(ui, at, t!("now"), t.danger_soft, t.danger);
    side.cut_top(6.0);
}

/// The note type of then beside the one of now, part by part.
fn notetype(ui: &Ui, side: &mut Rect, detail: &Detail) {
    let t = Tokens::of(ui);
    side.cut_top(10.0);
    let name = &detail.notetype;
    let words = match &detail.notetype_now {
        NotetypeNow::Same => t!("“{name}” is as it was.", name),
        NotetypeNow::Gone => t!(
            "“{name}” is not in your collection any more. It comes along with notes that are \
             recovered.",
            name
        ),
        NotetypeNow::Changed(parts) => {
            for part in parts {
                one_field(ui, side, part, false);
            }
            legend(ui, side);
            return;
        }
    };
    let high = text::para_height(ui, side.width(), &words, font::body());
    text::para(ui, side.cut_top(high), &words, font::body(), t.text2);
}

/// True when there are words of both sides in it.
pub(super) fn one_field(ui: &Ui, side: &mut Rect, field: &Compared, deleted: bool) -> bool {
    let t = Tokens::of(ui);
    let line = side.cut_top(22.0);
    text::label(ui, line, Align::Min, &field.name, font::small(), t.text2);
    let state = match &field.is {
        Some(is) if *is == field.was => t!("unchanged"),
        None if !deleted => t!("not there now"),
        _ => "",
    };
    text::right(ui, line, state, font::caption(), t.text2);
    let is = field.is.as_ref().filter(|is| **is != field.was);
    let is_now = is.map(String::as_str);
    let job = diff::job(ui, &field.was, is_now, side.width() - 24.0);
    let galley = lines::galley(ui, job);
    let card = side.cut_top(galley.size().y.max(20.0) + 18.0);
    surface::fill(ui, card, radius::SELECTION, t.surface);
    surface::outline(ui, card, radius::SELECTION, t.border);
    let spoken = match is {
        Some(is) => t!(
            "{field}: {was}; now: {is}",
            field = field.name,
            was = field.was,
            is
        ),
        None => format!("{}: {}", field.name, field.was),
    };
    let response = ui.interact(
        card,
        ui.make_persistent_id(("field", &field.name)),
        Sense::hover(),
    );
    response.widget_info(|| {
        let role = eframe::egui::accesskit::Role::Label;
        eframe::egui::WidgetInfo::labeled(role, true, &spoken)
    });
    lines::paint(ui, card.pad(12.0, 9.0), galley, t.text);
    side.cut_top(8.0);
    is.is_some()
}

fn heading(ui: &Ui, side: &mut Rect, words: &str) {
    let t = Tokens::of(ui);
    surface::hline(ui, *side, side.min.y + 4.0, t.border);
    side.cut_top(12.0);
    let line = side.cut_top(22.0);
    text::heading(ui, line, Align::Min, words, font::small(), t.text2);
}

fn schedule(ui: &Ui, side: &mut Rect, detail: &Detail) {
    if detail.cards.is_empty() {
        return;
    }
    let t = Tokens::of(ui);
    heading(ui, side, t!("Schedule"));
    for card in &detail.cards {
        let line = side.cut_top(22.0);
        let words = match &card.is {
            Some(is) if *is != card.was => format!("{}: {} → {is}", card.name, card.was),
            Some(_) => format!("{}: {}", card.name, card.was),
            None => {
                let is = t!("not there" in "card");
                format!("{}: {} → {is}", card.name, card.was)
            }
        };
        let since = match card.reviews_since {
            0 => String::new(),
            n => tn!(n, "+{n} review", "+{n} reviews"),
        };
        let mut left = line;
        left.cut_right(text::width(ui, &since, font::small()) + 8.0);
        text::label(ui, left, Align::Min, &words, font::small(), t.text);
        text::right(ui, line, &since, font::small(), t.text2);
        let name_width = |name: &str| text::width(ui, name, font::caption()) + 4.0;
        let names = card.facts.iter().map(|fact| name_width(&fact.name));
        let wide = names.fold(FACT_NAME, f32::max);
        for fact in &card.facts {
            let mut line = side.cut_top(18.0).pad(12.0, 0.0);
            let name = line.cut_left(wide);
            text::label(ui, name, Align::Min, &fact.name, font::caption(), t.text2);
            let or_none = |text: &str| match text {
                "" => t!("none" in "fact").to_owned(),
                text => text.replace("::", " › "),
            };
            let is = fact.is.as_deref().unwrap_or_default();
            let words = format!("{} → {}", or_none(&fact.was), or_none(is));
            text::label(ui, line, Align::Min, &words, font::caption(), t.text);
        }
        if !card.facts.is_empty() {
            side.cut_top(6.0);
        }
    }
    side.cut_top(6.0);
}

fn media(ui: &Ui, side: &mut Rect, detail: &Detail) {
    if detail.media.is_empty() {
        return;
    }
    let t = Tokens::of(ui);
    heading(ui, side, t!("Media"));
    for file in &detail.media {
        let mut line = side.cut_top(22.0);
        let state = file.state.label();
        let color = match file.state {
            MediaState::Same | MediaState::Kept => t.text2,
            MediaState::Changed | MediaState::Added => t.warn,
            MediaState::Lost | MediaState::Damaged | MediaState::Missing => t.danger,
        };
        let wide = text::width(ui, state, font::caption()) + 8.0;
        let at = line.cut_right(wide);
        text::label(ui, line, Align::Min, &file.name, font::small(), t.text);
        text::right(ui, at, state, font::caption(), color);
        let id = ui.make_persistent_id(("media", &file.name));
        let response = ui.interact(line, id, Sense::hover());
        let spoken = format!("{}: {state}", file.name);
        response.widget_info(|| {
            let role = eframe::egui::accesskit::Role::Label;
            eframe::egui::WidgetInfo::labeled(role, true, &spoken)
        });
    }
}
