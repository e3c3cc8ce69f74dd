//! The dialog of a filtered deck, new or existing: name, one or two searches, whether answers
//! count, delays. It stays open until the worker has built the deck, and shows why when it did not.

pub mod model;

use crate::base::ids::DeckId;
use crate::domain::deck::{FilteredDeck, FilteredSearchTerm};
use crate::domain::filtered::{FilteredDraft, FilteredOrder};
use crate::service::event::Event;
use crate::service::filtered::{FilteredEvent, FilteredRequest};
use crate::service::request::{DeckRequest, Request};
use crate::t;
use crate::ui::action::Action;
use crate::ui::browse::search_list::{Names, SearchList};
use crate::ui::context::UiContext;
use crate::ui::custom_study::CustomStudyDialog;
use crate::ui::dialog_host::{Dialog, Flow};
use crate::ui::route::Route;
use crate::ui::theme::{Tokens, font, size, sp};
use crate::ui::widgets::button::Button;
use crate::ui::widgets::check::checkbox;
use crate::ui::widgets::field::{Field, combo, is_entered, select_all};
use crate::ui::widgets::{Kind, Number, dialog, text};
use eframe::egui::{Align, Context, Id, Layout, Rect, Response, Ui, vec2};

const WIDTH: f32 = 660.0;
/// Labels at the left of fields.
const LABEL: f32 = 76.0;
const NUMBER: f32 = 92.0;

/// Asks for the dialog of a deck, or of a new one.
#[must_use]
pub fn open(id: Option<DeckId>) -> Request {
    Request::Filtered(FilteredRequest::Load {
        id,
        search: None,
        second: false,
    })
}

/// Asks for the dialog of a new deck that gathers what a search finds.
#[must_use]
pub fn open_with(search: String) -> Request {
    Request::Filtered(FilteredRequest::Load {
        id: None,
        search: Some(search),
        second: false,
    })
}

/// As [`open_with`], but the search is the deck's second one.
#[must_use]
pub fn open_with_second(search: String) -> Request {
    Request::Filtered(FilteredRequest::Load {
        id: None,
        search: Some(search),
        second: true,
    })
}

/// Whether its answer opens a dialog.
#[must_use]
pub fn opens_dialog(request: &Request) -> bool {
    use FilteredRequest::{Load, LoadCustomStudy};
    matches!(
        request,
        Request::Filtered(Load { .. } | LoadCustomStudy { .. })
    )
}

/// What follows an answer of the worker.
#[must_use]
pub fn on_event(event: &FilteredEvent) -> Vec<Action> {
    match event {
        FilteredEvent::Draft { draft, second } => {
            let mut dialog = FilteredDialog::new(draft);
            dialog.with_second |= *second;
            vec![Action::Open(Box::new(dialog))]
        }
        FilteredEvent::CustomStudyDefaults(defaults) => {
            vec![Action::Open(Box::new(CustomStudyDialog::new(defaults)))]
        }
        // That nothing is to be done in it was told before its page was there.
        FilteredEvent::Saved(built) if built.cards == 0 => vec![
            Action::Go(Route::Overview),
            Action::Ask(Request::Deck(DeckRequest::LoadOverview)),
        ],
        FilteredEvent::Saved(_) | FilteredEvent::CustomStudyReady { .. } => {
            vec![Action::Go(Route::Overview)]
        }
    }
}

/// See the module header.
pub struct FilteredDialog {
    draft: FilteredDraft,
    /// What the deck is called now; None for a new one.
    own: Option<String>,
    /// Kept while it is switched off, so that switching it on again brings it back.
    second: FilteredSearchTerm,
    with_second: bool,
    /// Why the worker did not build it.
    refused: String,
    waiting: bool,
    focused: bool,
    /// Under the fields of the searches.
    lists: [SearchList; 2],
    names: Names,
    /// Enter was pressed in a field of text.
    enter: bool,
}

impl FilteredDialog {
    #[must_use]
    pub fn new(draft: &FilteredDraft) -> Self {
        let mut draft = draft.clone();
        let terms = &mut draft.deck.search_terms;
        if terms.is_empty() {
            terms.push(model::empty_term());
        }
        // A new deck's second search is a suggestion, used when it is asked for.
        let with_second = draft.id.is_some() && terms.len() > 1;
        let second = if terms.len() > 1 {
            terms.remove(1)
        } else {
            model::empty_term()
        };
        Self {
            own: draft.id.map(|_| draft.name.clone()),
            draft,
            second,
            with_second,
            refused: String::new(),
            waiting: false,
            focused: false,
            lists: [SearchList::default(), SearchList::default()],
            names: Names::default(),
            enter: false,
        }
    }

    /// The draft as it is saved.
    fn saved(&self) -> FilteredDraft {
        let mut draft = self.draft.clone();
        if self.with_second {
            draft.deck.search_terms.insert(1, self.second.clone());
        } else {
            draft.deck.search_terms.truncate(1);
        }
        draft
    }

    fn is_valid(&self) -> bool {
        !self.draft.name.trim().is_empty()
            && self.draft.deck.search_terms.iter().all(is_right)
            && (!self.with_second || is_right(&self.second))
    }

    fn excluded(&self) -> String {
        let terms = &self.saved().deck.search_terms;
        let searches: Vec<&str> = terms.iter().map(|term| term.search.as_str()).collect();
        model::excluded(&searches, self.own.as_deref())
    }

    /// The search that is to be shown in Browse, when its label was clicked.
    fn form(&mut self, cx: &UiContext<'_>, ui: &mut Ui) -> Option<String> {
        let [first_list, second_list] = &mut self.lists;
        let mut shown = None;
        let FilteredDraft {
            id,
            name,
            deck,
            allow_empty,
        } = &mut self.draft;
        let field = labelled(ui, t!("Name"), |ui| Field::new(name, t!("Name")).show(ui));
        self.enter = is_entered(ui, &field);
        if name.trim().is_empty() {
            said(ui, t!("Type a name."));
        }
        section(ui, t!("Filter"));
        if let Some(first) = deck.search_terms.first_mut() {
            let (field, enter) = term(
                cx,
                ui,
                (&mut *first, ""),
                first_list,
                &mut self.names,
                &mut shown,
            );
            self.enter |= enter;
            if !self.focused {
                self.focused = true;
                field.request_focus();
                select_all(ui.ctx(), field.id, &first.search);
            }
        }
        ui.add_space(sp::S);
        checkbox(ui, &mut self.with_second, t!("Enable second filter"));
        if self.with_second {
            ui.add_space(sp::S);
            let second = (&mut self.second, " 2");
            self.enter |= term(cx, ui, second, second_list, &mut self.names, &mut shown).1;
        }
        section(ui, t!("Options"));
        let words = t!("Reschedule cards based on my answers in this deck");
        checkbox(ui, &mut deck.reschedule, words);
        if !deck.reschedule {
            self.enter |= delays(ui, deck);
        }
        let words = if id.is_some() {
            t!("Update this deck even if empty")
        } else {
            t!("Create this deck even if empty")
        };
        checkbox(ui, allow_empty, words);
        shown
    }
}

impl Dialog for FilteredDialog {
    fn subject(&self) -> Option<String> {
        Some(t!("Filtered deck").to_owned())
    }

    fn ui(&mut self, cx: &UiContext<'_>, ctx: &Context, id: &str) -> Flow {
        let mut flow = Flow::Stay;
        let shown = dialog::show(ctx, id, WIDTH, |ui| {
            let title = match self.draft.id {
                None => t!("Create Filtered Deck").to_owned(),
                Some(_) => t!("Filtered deck options").to_owned(),
            };
            dialog::title(ui, &title);
            if let Some(search) = self.form(cx, ui) {
                cx.send(Action::Browse(search));
                flow = Flow::Close;
            }
            if !self.refused.is_empty() {
                ui.add_space(sp::S);
                said(ui, &self.refused);
            }
            let valid = self.is_valid() && !self.waiting;
            let action = Button::new(if self.draft.id.is_some() {
                t!("Save and rebuild")
            } else {
                t!("Build")
            })
            .kind(Kind::Primary)
            .enabled(valid);
            let excluded = Button::ghost(t!("Show Excluded")).enabled(valid).tip(t!(
                "Leaves this window for Browse: the cards that match but are suspended, buried or \
                 in another filtered deck"
            ));
            let buttons = vec![Button::new(t!("Cancel")), action];
            let footer = dialog::footer(ui, vec![excluded], buttons);
            if footer.quiet.iter().any(Response::clicked) {
                cx.send(Action::Browse(self.excluded()));
                flow = Flow::Close;
            }
            if footer.chosen(0) {
                flow = Flow::Close;
            }
            if valid && (footer.chosen(1) || self.enter) {
                self.waiting = true;
                self.refused.clear();
                let save = FilteredRequest::Save(Box::new(self.saved()));
                cx.ask(Request::Filtered(save));
            }
        });
        if shown.dismissed { Flow::Close } else { flow }
    }

    fn on_event(&mut self, event: &Event) -> Flow {
        self.names.on_event(event);
        match event {
            Event::Filtered(FilteredEvent::Saved(_)) if self.waiting => return Flow::Close,
            Event::Failed { request, message }
                if matches!(**request, Request::Filtered(FilteredRequest::Save(_))) =>
            {
                self.waiting = false;
                self.refused.clone_from(&message.cause);
            }
            _ => {}
        }
        Flow::Stay
    }
}

fn is_right(term: &FilteredSearchTerm) -> bool {
    model::problem(&term.search).is_none()
}

fn section(ui: &mut Ui, words: &str) {
    let t = Tokens::of(ui);
    ui.add_space(sp::L);
    text::heading_in(ui, words, font::small_strong(), t.text2);
    ui.add_space(sp::XS);
}

/// Under a field, in the colour of errors.
fn said(ui: &mut Ui, words: &str) {
    let t = Tokens::of(ui);
    text::paragraph_in(ui, &text::quoted(words), font::small(), t.danger);
}

/// Of the column of names at the left, which need more room in some languages.
fn names_width(ui: &Ui) -> f32 {
    let names = [t!("Name"), &around_limit().0].map(|name| text::width(ui, name, font::body()));
    let search = text::width(ui, t!("Search" in "filtered deck"), font::strong());
    names.into_iter().fold(search, f32::max).max(LABEL - sp::S) + sp::S
}

fn labelled<R>(ui: &mut Ui, words: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
    let t = Tokens::of(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let (_, r) = ui.allocate_space(vec2(names_width(ui), size::CONTROL));
        text::left(ui, r, words, font::body(), t.text);
        ui.with_layout(Layout::left_to_right(Align::Min), content)
            .inner
    })
    .inner
}

/// One search; `nth` tells the names of two apart. Its label leads to Browse, as in Anki. Its line,
/// and whether Enter left that or the limit.
fn term(
    cx: &UiContext<'_>,
    ui: &mut Ui,
    (term, nth): (&mut FilteredSearchTerm, &str),
    list: &mut SearchList,
    names: &mut Names,
    shown: &mut Option<String>,
) -> (Response, bool) {
    let word = t!("Search" in "filtered deck");
    let name = format!("{word}{nth}");
    let is_right = is_right(term);
    let field = ui
        .horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let (_, r) = ui.allocate_space(vec2(names_width(ui), size::CONTROL));
            let label = Button::ghost(word)
                .named(&name)
                .enabled(is_right)
                .tip(t!("Leaves this window for Browse: the cards that match"));
            // Its word stands below those of the other lines, whole.
            let wide = text::width(ui, word, font::strong()) + sp::S;
            let at = Rect::from_x_y_ranges(r.min.x - sp::S..=r.min.x + wide, r.y_range());
            if label.place(ui, at).clicked() {
                *shown = Some(term.search.clone());
            }
            let id = Id::unique(("search of a filtered deck", nth));
            list.field(cx, ui, names, (id, &name), &mut term.search, |ui, field| {
                field.hint("deck:Languages is:due").show(ui)
            })
        })
        .inner;
    if let Some(problem) = model::problem(&term.search) {
        ui.add_space(sp::XS);
        said(ui, &problem);
    }
    ui.add_space(sp::S);
    let mut enter = is_entered(ui, &field);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let (_, r) = ui.allocate_space(vec2(names_width(ui), size::CONTROL));
        let t = Tokens::of(ui);
        let (before, after) = around_limit();
        text::left(ui, r, &before, font::body(), t.text);
        let name = format!("{}{nth}", t!("Limit" in "filtered deck"));
        let number = Number::new(&name, model::LIMIT).step(10);
        enter |= number_ui(ui, number, &mut term.limit);
        ui.add_space(sp::S);
        let w = text::width(ui, &after, font::body()) + sp::M;
        let (_, r) = ui.allocate_space(vec2(w, size::CONTROL));
        text::left(ui, r, &after, font::body(), t.text);
        let options = FilteredOrder::ALL.map(|order| (order, order.label()));
        let mut order = FilteredOrder::from_i32(term.order);
        let width = ui.available_width();
        if combo(
            ui,
            &format!("{}{nth}", t!("Order" in "filtered deck")),
            width,
            &mut order,
            &options,
        ) {
            term.order = order as i32;
        }
    });
    (field, enter)
}

/// A number's field; true when Enter left it, which builds the deck as from a line of text.
fn number_ui(ui: &mut Ui, number: Number<'_>, value: &mut u32) -> bool {
    let mut n = i64::from(*value);
    if number.clone().show(ui, NUMBER, &mut n) {
        *value = u32::try_from(n).unwrap_or(*value);
    }
    number.entered(ui)
}

/// What stands before the number of cards, and between it and their order.
fn around_limit() -> (String, String) {
    const FIELD: char = '\u{fffc}';
    let sentence = t!(
        "Limit to {n} cards selected by {order}",
        n = FIELD,
        order = FIELD
    );
    let mut parts = sentence.split(FIELD).map(|part| part.trim().to_owned());
    let mut next = || parts.next().unwrap_or_default();
    (next(), next())
}

/// When answers do not count: after how many seconds a button shows the card again. True when Enter
/// left a field.
fn delays(ui: &mut Ui, deck: &mut FilteredDeck) -> bool {
    let t = Tokens::of(ui);
    let mut enter = false;
    ui.add_space(sp::XS);
    let buttons = [t!("Again"), t!("Hard"), t!("Good")];
    let widths = buttons.map(|name| text::width(ui, name, font::body()) + sp::XS);
    let column = widths.into_iter().fold(LABEL - 24.0, f32::max);
    let delays = [
        &mut deck.preview_again_secs,
        &mut deck.preview_hard_secs,
        &mut deck.preview_good_secs,
    ];
    for (button, secs) in buttons.into_iter().zip(delays) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            ui.add_space(24.0);
            let (_, r) = ui.allocate_space(vec2(column, size::CONTROL));
            text::left(ui, r, button, font::body(), t.text);
            let name = t!("Delay of {button}", button);
            let number = Number::new(&name, model::DELAY).step(30);
            enter |= number_ui(ui, number, secs);
            ui.add_space(sp::S);
            let words = match *secs {
                0 => t!("seconds: the card returns to its deck at once"),
                1 => t!("second until the card comes again"),
                _ => t!("seconds until the card comes again"),
            };
            let (_, r) = ui.allocate_space(vec2(ui.available_width(), size::CONTROL));
            text::left(ui, r, words, font::body(), t.text2);
        });
        ui.add_space(sp::XS);
    }
    enter
}
