//! Filtered decks and Custom Study.

use crate::harness::TestApp;
use crate::home::{overview, overview_filtered};
use crate::{MAIN, SMALL, Scene, scene};
use egui_kittest::kittest::Queryable as _;
use engram::base::ids::DeckId;
use engram::domain::custom_study::{Available, CustomStudyDefaults, TagChoice};
use engram::domain::deck::{FilteredDeck, FilteredSearchTerm};
use engram::domain::filtered::{FilteredDraft, FilteredOrder};
use engram::service::event::Event;
use engram::service::filtered::FilteredEvent;
use engram::ui::testing::ScriptedService;

pub fn scenes() -> Vec<Scene> {
    vec![
        scene("17_filtered_deck", MAIN, new_deck),
        scene("17b_filtered_options", MAIN, options),
        scene("17c_filtered_small", SMALL, options),
        scene("18_custom_study", MAIN, custom_study),
        scene("18b_custom_study_tags", MAIN, by_tag),
        scene("18c_choose_tags", MAIN, tags),
    ]
}

fn term(search: &str, limit: u32, order: FilteredOrder) -> FilteredSearchTerm {
    FilteredSearchTerm {
        search: search.into(),
        limit,
        order: order as i32,
        unknown: vec![],
    }
}

fn say_draft(service: &ScriptedService, id: Option<DeckId>, first: &str, reschedule: bool) {
    let draft = FilteredDraft {
        id,
        name: "Filtered Deck 15:30".into(),
        deck: FilteredDeck {
            reschedule,
            search_terms: vec![
                term(first, 100, FilteredOrder::Random),
                term("deck:Languages::Spanish is:new", 20, FilteredOrder::Due),
            ],
            preview_again_secs: 60,
            preview_hard_secs: 600,
            ..FilteredDeck::default()
        },
        allow_empty: false,
    };
    service.say(Event::Filtered(FilteredEvent::Draft {
        draft: Box::new(draft),
        second: false,
    }));
}

fn new_deck(app: &mut TestApp, service: &ScriptedService) {
    overview(app, service);
    say_draft(service, None, "deck:Languages::Spanish is:due", true);
    app.settle();
}

/// An existing deck, with a search that cannot be read.
fn options(app: &mut TestApp, service: &ScriptedService) {
    overview_filtered(app, service);
    say_draft(service, Some(DeckId(4)), "deck:Languages (is:due", false);
    app.settle();
}

fn say_custom_study(app: &mut TestApp, service: &ScriptedService) {
    overview(app, service);
    let tag = |name: &str, include, exclude| TagChoice {
        name: name.into(),
        include,
        exclude,
    };
    let defaults = CustomStudyDefaults {
        deck: DeckId(4),
        name: "Languages::Spanish".into(),
        tags: vec![
            tag("chapter::01", false, false),
            tag("chapter::02", true, false),
            tag("chapter::03", true, false),
            tag("leech", false, true),
            tag("marked", false, false),
            tag("verbs::irregular", false, false),
        ],
        extend_new: 10,
        extend_review: 0,
        new: Available {
            here: 214,
            in_children: 2_809,
        },
        review: Available::default(),
    };
    let event = FilteredEvent::CustomStudyDefaults(Box::new(defaults));
    service.say(Event::Filtered(event));
    app.settle();
}

fn custom_study(app: &mut TestApp, service: &ScriptedService) {
    say_custom_study(app, service);
}

fn by_tag(app: &mut TestApp, service: &ScriptedService) {
    say_custom_study(app, service);
    app.harness
        .get_by_label("Study by card state or tag")
        .click();
    app.settle();
}

fn tags(app: &mut TestApp, service: &ScriptedService) {
    by_tag(app, service);
    app.harness.get_by_label("Choose Tags…").click();
    app.settle();
}
