//! Adding and editing notes.

use crate::harness::TestApp;
use crate::home::{opened, say_tree, study};
use crate::{MAIN, SMALL, Scene};
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use engram::base::ids::{DeckId, NoteId, NotetypeId};
use engram::domain::note::Note;
use engram::domain::note_edit::{FieldsState, NoteView};
use engram::domain::notetype::{Field, FieldConfig, Notetype, NotetypeConfig, NotetypeKind};
use engram::service::event::Event;
use engram::service::notes::{Adding, NoteEvent};
use engram::ui::action::Action;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;
use std::sync::Arc;

pub fn scenes() -> Vec<Scene> {
    let scene = |name, act| Scene {
        name,
        size: MAIN,
        act,
        twice: false,
    };
    vec![
        scene("07_add", add),
        scene("07b_add_duplicate", duplicate),
        scene("07c_add_cloze_tags", cloze),
        scene("07d_add_choose_deck", choose_deck),
        scene("07e_add_discard", discard),
        scene("07f_edit_current", edit),
        Scene {
            size: SMALL,
            ..scene("07g_add_small", duplicate)
        },
    ]
}

fn notetype(name: &str, kind: NotetypeKind, fields: &[&str]) -> Arc<Notetype> {
    let field = |(at, name): (usize, &&str)| Field {
        name: (*name).to_owned(),
        config: FieldConfig {
            font_name: "Arial".into(),
            font_size: 20,
            sticky: at == 2,
            description: if at == 2 { "Where it is used" } else { "" }.into(),
            ..FieldConfig::default()
        },
    };
    Arc::new(Notetype {
        id: NotetypeId(7),
        name: name.into(),
        config: NotetypeConfig {
            kind,
            ..NotetypeConfig::default()
        },
        fields: fields.iter().enumerate().map(field).collect(),
        ..Notetype::default()
    })
}

fn open(
    app: &mut TestApp,
    service: &ScriptedService,
    notetype: Arc<Notetype>,
    fields: &[&str],
    tags: &[&str],
) {
    opened(app, service);
    say_tree(service);
    app.settle();
    let ctx = app.harness.ctx.clone();
    app.harness.state_mut().send(&ctx, Action::Go(Route::Add));
    app.settle();
    let adding = Adding {
        notetype,
        deck_id: DeckId(4),
        notetypes: ["Basic", "Cloze", "Vocabulary+"]
            .into_iter()
            .zip(5..)
            .map(|(name, id)| (NotetypeId(id), name.to_owned()))
            .collect(),
        fields: fields.iter().map(|f| (*f).to_owned()).collect(),
        tags: tags.iter().map(|t| (*t).to_owned()).collect(),
        from_draft: false,
    };
    service.say(Event::Note(NoteEvent::Adding(Box::new(adding))));
    let known = ["unit-07", "unit-08", "verbs::irregular", "verbs::regular"];
    let known: Vec<String> = known.map(str::to_owned).into();
    service.say(Event::Note(NoteEvent::Tags(known.into())));
    app.settle();
}

fn vocabulary() -> Arc<Notetype> {
    notetype(
        "Vocabulary+",
        NotetypeKind::Normal,
        &["Front", "Back", "Example"],
    )
}

fn add(app: &mut TestApp, service: &ScriptedService) {
    open(app, service, vocabulary(), &[], &[]);
}

const MADRUGAR: [&str; 3] = [
    "madrugar",
    "to get up <b>early</b>, <i>before dawn</i>",
    "No por mucho madrugar amanece más temprano.<br>[sound:madrugar.mp3]",
];

fn duplicate(app: &mut TestApp, service: &ScriptedService) {
    open(app, service, vocabulary(), &MADRUGAR, &["unit-07"]);
    service.say(Event::Note(NoteEvent::Checked {
        note: NoteId(0),
        state: FieldsState::Duplicate,
    }));
    app.settle();
    app.key(Key::Tab);
}

fn cloze(app: &mut TestApp, service: &ScriptedService) {
    let cloze = notetype("Cloze", NotetypeKind::Cloze, &["Text", "Back Extra"]);
    let text = "{{c1::Canberra}} was founded in {{c2::1913::year}} as the capital of \
                {{c3::Australia, a {{c4::federation}}}}.";
    open(
        app,
        service,
        cloze,
        &[text],
        &["unit-07", "geography::capitals"],
    );
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    app.type_text("ver");
    app.key(Key::ArrowDown);
}

fn choose_deck(app: &mut TestApp, service: &ScriptedService) {
    add(app, service);
    app.keys(Modifiers::COMMAND, Key::D);
}

fn discard(app: &mut TestApp, service: &ScriptedService) {
    open(app, service, vocabulary(), &MADRUGAR, &["unit-07"]);
    app.key(Key::Escape);
}

fn edit(app: &mut TestApp, service: &ScriptedService) {
    study(app, service);
    app.harness.get_by_label("Edit").click();
    app.settle();
    let Route::EditNote { note } = *app.app().route() else {
        return;
    };
    let view = NoteView {
        note: Note {
            id: note,
            notetype_id: NotetypeId(7),
            fields: MADRUGAR.map(str::to_owned).into(),
            tags: vec!["unit-07".into()],
            ..Note::default()
        },
        notetype: vocabulary(),
        state: FieldsState::Fine,
    };
    service.say(Event::Note(NoteEvent::Loaded(Box::new(view))));
    app.settle();
}
