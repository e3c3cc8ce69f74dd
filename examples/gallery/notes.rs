//! Adding and editing notes.

use crate::harness::TestApp;
use crate::home::{opened, say_tree, study};
use crate::steps::send;
use crate::{MAIN, SMALL, Scene, scene};
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use engram::base::ids::{DeckId, NoteId, NotetypeId};
use engram::domain::note::Note;
use engram::domain::note_edit::{FieldsState, NoteView};
use engram::domain::notetype::{Field, FieldConfig, Notetype, NotetypeConfig, NotetypeKind};
use engram::service::event::Event;
use engram::service::notes::{Adding, NoteEvent, PictureData};
use engram::ui::action::Action;
use engram::ui::route::Route;
use engram::ui::testing::ScriptedService;
use std::sync::Arc;

pub fn scenes() -> Vec<Scene> {
    vec![
        scene("07_add", MAIN, add),
        scene("07b_add_duplicate", MAIN, duplicate),
        scene("07c_add_cloze_tags", MAIN, cloze),
        scene("07d_add_choose_deck", MAIN, choose_deck),
        scene("07e_add_discard", MAIN, discard),
        scene("07f_edit_current", MAIN, edit),
        scene("07h_add_rich_text", MAIN, rich_text),
        scene("07i_add_masks", MAIN, masks),
        scene("07j_add_picture", MAIN, picture),
        scene("07k_add_table", MAIN, table),
        scene("07l_add_guide", MAIN, guide),
        scene("07m_add_right_to_left", MAIN, right_to_left),
        scene("07g_add_small", SMALL, duplicate),
    ]
}

pub fn notetype(name: &str, kind: NotetypeKind, fields: &[&str]) -> Arc<Notetype> {
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
    send(app, Action::Go(Route::Add));
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
        instead_of_copy: None,
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

/// Colours, lists, pictures, sounds, formulas, clozes, other scripts.
const RICH: [&str; 3] = [
    "Plain, <b>bold</b>, <i>italic</i>, <u>underlined</u>, \
     <span style=\"color: rgb(217, 43, 43);\">red</span>, \
     <span style=\"background-color: rgb(255, 240, 120);\">marked</span>, x<sup>2</sup>, H<sub>2</sub>O, \
     <a href=\"https://ankiweb.net\">a link</a>\
     <div>{{c1::France::country}} and {{c2::the city of {{c3::Paris}}}}</div>\
     <ul><li>one</li><li>an item that is long enough to be wrapped to a second row, so that its \
     hanging indent can be seen in the picture of this screen, both rows of it<ol><li>deep</li>\
     <li>deeper</li></ol></li></ul>",
    "<img src=\"heart.png\" width=\"180\"> [sound:madrugar.mp3] \\(\\frac{a}{b}\\) \
     <table><tr><td>1</td></tr></table><div style=\"text-align: center\">in the <b>middle</b></div>",
    "עברית שלום and العربية · 日本語 <ruby>漢<rt>かん</rt></ruby>",
];

fn heart(service: &ScriptedService) {
    let (width, height) = (640_u32, 360_u32);
    let pixel = |i: u32| {
        let (x, y) = (
            (i % width) as f32 / 640.0 - 0.5,
            (i / width) as f32 / 360.0 - 0.5,
        );
        let inside = x * x * 2.2 + y * y * 1.6 < 0.22;
        let shade = (40.0 * (x * 9.0).sin() * (y * 7.0).cos()) as i32;
        let (r, g, b) = if inside {
            (196, 84, 90)
        } else {
            (226, 222, 214)
        };
        [r, g, b].map(|c: i32| (c + shade).clamp(0, 255) as u8)
    };
    let rgba: Vec<u8> = (0..width * height)
        .flat_map(|i| {
            let [r, g, b] = pixel(i);
            [r, g, b, 255]
        })
        .collect();
    let picture = PictureData {
        width,
        height,
        rgba: rgba.into(),
    };
    service.say(Event::Note(NoteEvent::Picture {
        name: "heart.png".to_owned(),
        picture: Some(picture),
    }));
}

fn rich_text(app: &mut TestApp, service: &ScriptedService) {
    open(app, service, vocabulary(), &RICH, &["unit-07"]);
    heart(service);
    app.settle();
    app.key(Key::Tab);
    app.keys(Modifiers::COMMAND | Modifiers::SHIFT, Key::Tab);
    app.settle();
}

/// A picture that is chosen, with its handles, and the strip with its size.
fn picture(app: &mut TestApp, service: &ScriptedService) {
    rich_text(app, service);
    app.harness.get_by_label("Image heart.png").click();
    app.settle();
    app.settle();
    app.key(Key::Enter);
}

/// Lines that begin at the right, with words of the other direction in them, lists, and a line that
/// begins at the left.
fn right_to_left(app: &mut TestApp, service: &ScriptedService) {
    let fields = [
        "עברית (שיעור 12) למתחילים",
        "اللغة <b>العربية</b>:<ol><li>مرحبا (hello)</li><li>شكرا</li></ol>",
        "Hebrew: שלום עולם, peace. <div>הבית הלבן עומד על ההר הגבוה מעל לעיר העתיקה, ומן \
         החלונות שלו רואים את הים ואת הספינות שבאות והולכות כל היום.</div>",
    ];
    open(app, service, vocabulary(), &fields, &["שפה"]);
    app.key(Key::End);
    app.settle();
}

/// The texts of a table, one by one.
fn table(app: &mut TestApp, service: &ScriptedService) {
    let fields = [
        "The verb <i>ser</i>: <table><tr><th>yo</th><th>tú</th></tr><tr><td>soy</td>\
         <td>eres</td></tr></table>",
        "",
        "",
    ];
    open(app, service, vocabulary(), &fields, &["unit-07"]);
    let table = app.harness.get_by_label("table: yo, tú, soy, eres");
    table.click();
    app.settle();
    app.key(Key::Enter);
}

fn guide(app: &mut TestApp, service: &ScriptedService) {
    add(app, service);
    app.key(Key::F1);
}

fn masks(app: &mut TestApp, service: &ScriptedService) {
    let mut kind = (*notetype(
        "Image Occlusion",
        NotetypeKind::Cloze,
        &["Occlusion", "Image", "Header", "Back Extra", "Comments"],
    ))
    .clone();
    kind.config.original_stock_kind = 6;
    for (tag, field) in (0..).zip(&mut kind.fields) {
        field.config.tag = Some(tag);
    }
    let masks = "{{c1::image-occlusion:rect:left=.12:top=.1:width=.2:height=.16:oi=1}}<br>\
        {{c2::image-occlusion:ellipse:left=.6:top=.3:rx=.1:ry=.12:oi=1}}<br>\
        {{c3::image-occlusion:polygon:left=.2:top=.6:points=.2,.6 .42,.7 .35,.9 .3,.75 .18,.85:oi=1}}<br>\
        {{c0::image-occlusion:text:left=.62:top=.08:text=Aorta:scale=1:fs=.07:oi=1}}<br>";
    open(
        app,
        service,
        Arc::new(kind),
        &[masks, "<img src=\"heart.png\">"],
        &[],
    );
    app.settle();
    app.harness.get_by_label("Edit masks").click();
    app.settle();
    heart(service);
    app.settle();
    let area = app.harness.get_by_label("Picture with 4 masks").rect();
    let at = area.min + area.size() * eframe::egui::vec2(0.69, 0.42);
    app.harness.hover_at(at);
    for pressed in [true, false] {
        app.harness.event(eframe::egui::Event::PointerButton {
            pos: at,
            button: eframe::egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        app.settle();
    }
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
    app.key(Key::E);
    let Route::EditNote { note, .. } = *app.app().route() else {
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
