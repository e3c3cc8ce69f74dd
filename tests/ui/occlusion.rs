//! The image occlusion editor by mouse, key and label.

use crate::harness::{Options, TestApp, ana};
use crate::notes::Page;
use crate::steps::{focus, with_decks};
use eframe::egui::accesskit::Role;
use eframe::egui::{
    self, ColorImage, Event, Key, Modifiers, PointerButton, Pos2, TextureHandle, Theme, Ui, Vec2,
    pos2, vec2,
};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::base::ids::DeckId;
use engram::collection::Collection;
use engram::domain::note_edit::NewNote;
use engram::service::profiles::DataFolder;
use engram::ui::occlusion_edit::{Edited, OcclusionEditor};
use engram::ui::rich_edit::clipboard;
use std::path::Path;
use std::sync::Arc;

struct Desk {
    editor: OcclusionEditor,
    picture: Option<TextureHandle>,
    ended: Edited,
}

fn desk_ui(ui: &mut Ui, desk: &mut Desk) {
    if desk.picture.is_none() {
        let image = ColorImage::filled([400, 200], egui::Color32::from_rgb(40, 90, 160));
        desk.picture = Some(ui.ctx().load_texture("map", image, Default::default()));
    }
    if let Some(picture) = desk.picture.clone() {
        let ended = desk.editor.ui(ui, &picture);
        if ended != Edited::Going {
            desk.ended = ended;
        }
    }
}

struct Test(Harness<'static, Desk>);

impl Test {
    fn on(field: &str) -> Self {
        Self::in_room(field, vec2(900.0, 620.0))
    }

    fn in_room(field: &str, size: Vec2) -> Self {
        let desk = Desk {
            editor: OcclusionEditor::new(field),
            picture: None,
            ended: Edited::Going,
        };
        let mut h = Harness::builder()
            .with_size(size)
            .with_theme(Theme::Light)
            .with_max_steps(64)
            .allow_missing_glyphs()
            .with_context_setup(engram::ui::theme::install)
            .build_ui_state(desk_ui, desk);
        h.run();
        Self(h)
    }

    fn field(&self) -> String {
        self.0.state().editor.field()
    }

    /// Screen position of a fraction of the picture; the picture is in the middle of its area.
    fn at(&self, x: f32, y: f32) -> Pos2 {
        let node = self.0.query_all(
            egui_kittest::kittest::By::new()
                .predicate(|n| n.label().is_some_and(|l| l.starts_with("Picture with"))),
        );
        let area = node.into_iter().next().expect("the canvas").rect();
        // As large as fits into what is left beside the margins.
        let room = area.size() - vec2(40.0, 24.0);
        let scale = (room.x / 400.0).min(room.y / 200.0);
        let size = vec2(400.0, 200.0) * scale;
        area.center() - size / 2.0 + vec2(x * size.x, y * size.y)
    }

    fn press(&mut self, pos: Pos2, pressed: bool) {
        self.0.event(Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        self.0.run();
    }

    fn drag(&mut self, from: (f32, f32), to: (f32, f32)) {
        let (a, b) = (self.at(from.0, from.1), self.at(to.0, to.1));
        self.0.hover_at(a);
        self.0.run();
        self.press(a, true);
        let middle = pos2(f32::midpoint(a.x, b.x), f32::midpoint(a.y, b.y));
        for p in [middle, b] {
            self.0.hover_at(p);
            self.0.run();
        }
        self.press(b, false);
    }

    fn click(&mut self, x: f32, y: f32) {
        let p = self.at(x, y);
        self.0.hover_at(p);
        self.0.run();
        self.press(p, true);
        self.press(p, false);
        // Not a double click with the next one.
        for _ in 0..8 {
            self.0.step();
        }
    }

    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.0.key_press_modifiers(modifiers, key);
        self.0.run();
    }
}

fn kinds(field: &str) -> Vec<String> {
    field
        .split("<br>")
        .filter(|m| !m.is_empty())
        .map(|m| {
            m.trim_start_matches("{{")
                .split(":left")
                .next()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[test]
fn masks_are_drawn_grouped_and_taken_back() {
    let mut t = Test::on("");
    t.0.get_by_label("Rectangle").click();
    t.0.run();
    t.drag((0.1, 0.1), (0.3, 0.4));
    t.key(Modifiers::NONE, Key::E);
    t.drag((0.5, 0.5), (0.9, 0.9));
    assert_eq!(
        kinds(&t.field()),
        ["c1::image-occlusion:rect", "c2::image-occlusion:ellipse"]
    );
    assert!(t.field().contains(":left=.1"), "{}", t.field());
    assert!(
        t.field().matches("oi=1").count() == 2,
        "hide all is the usual mode"
    );
    t.key(Modifiers::NONE, Key::A);
    t.key(Modifiers::NONE, Key::G);
    assert_eq!(
        kinds(&t.field()),
        ["c1::image-occlusion:rect", "c1::image-occlusion:ellipse"]
    );
    t.key(Modifiers::COMMAND, Key::Z);
    t.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(kinds(&t.field()), ["c1::image-occlusion:rect"]);
    t.0.get_by_label("Redo").click();
    t.0.run();
    assert_eq!(kinds(&t.field()).len(), 2);
}

#[test]
fn masks_are_moved_and_deleted() {
    let field = "{{c1::image-occlusion:rect:left=.1:top=.1:width=.2:height=.2}}<br>";
    let mut t = Test::on(field);
    assert_eq!(t.field(), field);
    t.drag((0.2, 0.2), (0.4, 0.3));
    let moved = t.field();
    assert!(
        moved.contains(":left=.3") && moved.contains(":top=.2"),
        "{moved}"
    );
    assert!(!moved.contains("oi="), "the mode stays");
    t.0.get_by_label("Delete").click();
    t.0.run();
    assert_eq!(t.field(), "");
    t.key(Modifiers::COMMAND, Key::Z);
    t.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(t.field(), field, "untouched again to the byte");
}

#[test]
fn masks_are_turned_by_their_handle_and_by_the_menu() {
    let field = "{{c1::image-occlusion:rect:left=.3:top=.6:width=.2:height=.2}}<br>";
    let mut t = Test::on(field);
    t.key(Modifiers::NONE, Key::A);
    // The handle is above the box; a quarter to the right is as far from its middle.
    let middle = t.at(0.4, 0.7);
    let handle = pos2(middle.x, t.at(0.4, 0.6).y - 24.0);
    let reach = middle.y - handle.y;
    t.0.hover_at(handle);
    t.0.run();
    t.press(handle, true);
    for degrees in [30.0_f32, 60.0, 90.0] {
        let (sin, cos) = degrees.to_radians().sin_cos();
        t.0.hover_at(middle + vec2(sin * reach, -cos * reach));
        t.0.run();
    }
    t.press(middle + vec2(reach, 0.0), false);
    let angle = |field: &str| -> i32 {
        let (_, rest) = field.split_once(":angle=").expect("an angle");
        rest.split(':').next().unwrap().parse().unwrap()
    };
    assert!(angle(&t.field()).abs_diff(2500) < 60, "{}", t.field());
    t.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(t.field(), field, "one step, to the byte");
    t.key(Modifiers::NONE, Key::A);
    t.0.get_by_label("Arrange").click();
    t.0.run();
    t.0.get_by_label("Turn right").click();
    t.0.run();
    assert_eq!(angle(&t.field()), 417);
}

#[test]
fn the_mode_is_chosen_before_the_first_mask() {
    let mut t = Test::on("");
    t.0.get_by_label("Occlusion mode").click();
    t.0.run();
    t.0.get_by_label("Hide one, guess one").click();
    t.0.run();
    t.key(Modifiers::NONE, Key::R);
    t.drag((0.1, 0.1), (0.3, 0.4));
    assert_eq!(kinds(&t.field()), ["c1::image-occlusion:rect"]);
    assert!(!t.field().contains("oi="), "{}", t.field());
}

#[test]
fn a_key_opens_the_colours() {
    let mut t = Test::on("{{c1::image-occlusion:rect:left=.1:top=.1:width=.2:height=.2}}<br>");
    t.key(Modifiers::NONE, Key::A);
    t.key(Modifiers::NONE, Key::C);
    t.0.get_by_label("Green").click();
    t.0.run();
    assert!(t.field().contains(":fill=#9fdf9f"), "{}", t.field());
}

/// Two masks, both selected.
fn two_masks() -> Test {
    let mut t = Test::on(
        "{{c1::image-occlusion:rect:left=.1:top=.1:width=.2:height=.2}}<br>\
         {{c2::image-occlusion:ellipse:left=.5:top=.4:rx=.1:ry=.15}}<br>",
    );
    t.key(Modifiers::NONE, Key::A);
    t
}

#[test]
fn every_entry_of_the_tools_menus_does_what_it_says() {
    let pick = |t: &mut Test, menu: &str, entry: &str| {
        for label in [menu, entry] {
            t.0.get_by_label(label).click();
            t.0.run();
        }
    };
    let before = two_masks().field();
    for (entry, modifiers, key) in [
        ("Duplicate", Modifiers::NONE, Key::D),
        ("Group", Modifiers::NONE, Key::G),
        ("Align left", Modifiers::SHIFT, Key::L),
        ("Align centre", Modifiers::SHIFT, Key::H),
        ("Align right", Modifiers::SHIFT, Key::R),
        ("Align top", Modifiers::SHIFT, Key::T),
        ("Align middle", Modifiers::SHIFT, Key::V),
        ("Align bottom", Modifiers::SHIFT, Key::B),
    ] {
        let (mut by_key, mut by_menu) = (two_masks(), two_masks());
        by_key.key(modifiers, key);
        pick(&mut by_menu, "Arrange", entry);
        assert_ne!(by_key.field(), before, "{entry}");
        assert_eq!(by_menu.field(), by_key.field(), "{entry}");
    }
    let mut t = two_masks();
    pick(&mut t, "Arrange", "Group");
    pick(&mut t, "Arrange", "Ungroup");
    assert_eq!(
        kinds(&t.field()),
        ["c1::image-occlusion:rect", "c2::image-occlusion:ellipse"]
    );
    t.key(Modifiers::NONE, Key::A);
    for (name, colour) in [
        ("Red", "#ff8e8e"),
        ("Orange", "#ffb347"),
        ("Green", "#9fdf9f"),
        ("Blue", "#9fc5ff"),
        ("Purple", "#cfa8ff"),
        ("White", "#ffffff"),
    ] {
        pick(&mut t, "Fill", name);
        let filled = format!(":fill={colour}");
        assert_eq!(t.field().matches(&filled).count(), 2, "{}", t.field());
    }
    pick(&mut t, "Fill", "Usual colour");
    assert!(!t.field().contains("fill="), "{}", t.field());
    let eye = |t: &Test| {
        let node = t.0.get_by_label("See through masks");
        node.accesskit_node().toggled()
    };
    let was = eye(&t);
    pick(&mut t, "See through masks", "Delete");
    assert_ne!(eye(&t), was);
    assert_eq!(t.field(), "");
}

#[test]
fn the_zoom_tool_zooms_where_it_is_clicked_and_moves_the_picture() {
    let canvas = |t: &Test| {
        let by = egui_kittest::kittest::By::new();
        let by = by.predicate(|n| n.label().is_some_and(|l| l.starts_with("Picture with")));
        let node = t.0.query_all(by).next();
        node.expect("the canvas").rect()
    };
    let mut t = Test::on("{{c1::image-occlusion:rect:left=.1:top=.1:width=.2:height=.2}}<br>");
    let field = t.field();
    let whole = canvas(&t);
    t.key(Modifiers::NONE, Key::M);
    for _ in 0..4 {
        t.click(0.2, 0.3);
    }
    let large = canvas(&t);
    assert!(large.width() > 1.8 * whole.width(), "{whole} {large}");
    t.drag((0.5, 0.5), (0.4, 0.4));
    let moved = canvas(&t);
    assert!(moved.min.x < large.min.x && moved.min.y < large.min.y);
    assert_eq!(moved.size(), large.size());
    t.key(Modifiers::NONE, Key::F);
    assert_eq!(canvas(&t).size(), whole.size());
    assert_eq!(t.field(), field, "no mask was touched");
}

#[test]
fn polygons_labels_and_the_mode() {
    let mut t = Test::on("");
    t.key(Modifiers::NONE, Key::P);
    for (x, y) in [(0.1, 0.1), (0.5, 0.2), (0.3, 0.8)] {
        t.click(x, y);
    }
    t.key(Modifiers::NONE, Key::Enter);
    assert!(
        t.field().starts_with("{{c1::image-occlusion:polygon:"),
        "{}",
        t.field()
    );
    t.key(Modifiers::NONE, Key::T);
    t.click(0.7, 0.7);
    t.0.event(Event::Text("Aorta".to_owned()));
    t.0.run();
    assert!(
        t.field().contains("{{c0::image-occlusion:text:"),
        "{}",
        t.field()
    );
    assert!(t.field().contains(":text=Aorta:"), "{}", t.field());
    t.0.get_by_label("Occlusion mode").click();
    t.0.run();
    t.0.get_by_label("Hide one, guess one").click();
    t.0.run();
    assert!(!t.field().contains("oi="), "{}", t.field());
    t.0.get_by_label("Done").click();
    t.0.run();
    assert_eq!(t.0.state().ended, Edited::Done);
}

#[test]
fn in_a_narrow_pane_no_tool_lies_over_another() {
    let t = Test::in_room("", vec2(290.0, 500.0));
    let mode =
        t.0.get_by_role_and_label(Role::ComboBox, "Occlusion mode")
            .rect();
    for way in ["Cancel", "Done"] {
        let way = t.0.get_by_role_and_label(Role::Button, way).rect();
        assert!(!way.intersects(mode), "{way:?} {mode:?}");
    }
    // Beside the table of a small window.
    let options = Options {
        size: vec2(800.0, 600.0),
        ..Options::default()
    };
    let mut app = TestApp::with(options, |base, clock| {
        ana(base, clock, &[]);
        let paths = DataFolder::at(base.to_owned()).profile("Ana").unwrap();
        let mut col = Collection::open(&paths.collection(), clock.clone()).unwrap();
        let kind = col.storage().notetype_by_name("Image Occlusion");
        let mask = "{{c1::image-occlusion:rect:left=.1:top=.1:width=.2:height=.2:oi=1}}";
        let note = NewNote {
            notetype_id: kind.unwrap().unwrap().id,
            deck_id: DeckId::DEFAULT,
            fields: vec![mask.into(), "<img src=\"heart.png\">".into()],
            tags: vec![],
        };
        col.add_notes(vec![note]).unwrap();
        col.close().unwrap();
    });
    app.step_until("the deck list", |a| a.app().model().decks.ready().is_some());
    app.key(Key::B);
    app.step_until("the note", |a| labelled(a, "Edit masks"));
    let rect = |words: &str| {
        let button = app.harness.get_by_role_and_label(Role::Button, words);
        button.rect()
    };
    for words in ["Fields…", "Cards…"] {
        assert!(!rect("Edit masks").intersects(rect(words)), "{words}");
    }
}

/// A new note of the type with masks.
fn without_picture() -> TestApp {
    let mut app = with_decks(&[("Anatomy", 1)]);
    app.key(Key::A);
    app.step_until("the page", |a| labelled(a, "Front"));
    app.keys(Modifiers::COMMAND, Key::N);
    app.step_until("the list", |a| labelled(a, "Choose Note Type"));
    app.type_text("occlusion");
    app.key(Key::Enter);
    app.step_until("the button", |a| labelled(a, "Choose picture…"));
    app
}

/// One for which this file was chosen.
fn with_picture(name: &str, write: impl FnOnce(&Path)) -> TestApp {
    let app = without_picture();
    let picture = app.base.join(name);
    write(&picture);
    app.script.will_pick(&picture);
    app.harness.get_by_label("Choose picture…").click();
    app
}

/// Its frame is seen: it ends with the fields, not with the words of buttons without one.
#[test]
fn the_button_for_a_picture_ends_where_the_fields_do() {
    let app = without_picture();
    let button = app.harness.get_by_label("Choose picture…").rect();
    let text = app
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, "Header")
        .rect();
    // The text of a field stands a little within its frame.
    let beyond = button.right() - text.right();
    assert!((-1.0..13.0).contains(&beyond), "{button:?} {text:?}");
}

#[test]
fn a_picture_that_cannot_be_shown_is_told() {
    let mut app = with_picture("heart.png", |file| {
        std::fs::write(file, "no picture").unwrap()
    });
    app.step_until("the reason", |a| {
        let mut told = a
            .harness
            .query_all_by_label_contains("Masks need a picture");
        told.next().is_some()
    });
    app.harness.get_by_label("Edit masks");
    // The field that is empty is not one to type in.
    app.keys(Modifiers::COMMAND, Key::Enter);
    app.step_until("what is missing", |a| {
        let mut told = a.harness.query_all_by_label_contains("There is no mask");
        told.next().is_some()
    });
}

#[test]
fn a_picture_that_is_pasted_is_masked_next() {
    let mut app = without_picture();
    focus(&mut app, Role::MultilineTextInput, "Image");
    let blue = ColorImage::filled([400, 200], egui::Color32::BLUE);
    app.harness.event(Event::PasteImage(Arc::new(blue)));
    draw_a_mask(&mut app);
    app.harness.get_by_label("Done").click();
    app.step_until("the fields", |a| labelled(a, "Edit masks"));
    // Not once more for a picture that has masks.
    focus(&mut app, Role::MultilineTextInput, "Image");
    let red = ColorImage::filled([400, 200], egui::Color32::RED);
    app.harness.event(Event::PasteImage(Arc::new(red)));
    let media = app.base.join("Ana/collection.media");
    app.step_until("the second file", |_| {
        std::fs::read_dir(&media).unwrap().count() > 1
    });
    app.harness.run_steps(10);
    assert!(labelled(&app, "Edit masks"));
}

/// As a browser copies it: it is a link until its file has come.
#[test]
fn a_picture_of_a_pasted_page_is_masked_next() {
    let mut app = without_picture();
    let picture = app.base.join("heart.png");
    blue(&picture);
    let page = format!("<img src=\"file://{}\">", picture.display());
    clipboard::set(&app.harness.ctx, Arc::new(Page(page)));
    focus(&mut app, Role::MultilineTextInput, "Image");
    app.harness.event(Event::Paste("A heart".into()));
    draw_a_mask(&mut app);
}

/// Pasted where the caret is at first, it goes to its own field.
#[test]
fn a_picture_pasted_among_the_masks_goes_to_its_own_field() {
    let mut app = without_picture();
    app.step_until("the caret", |a| {
        let mut fields = a.harness.query_all_by_label("Occlusion");
        fields.any(|node| node.is_focused())
    });
    let blue = ColorImage::filled([40, 20], egui::Color32::from_rgb(40, 90, 160));
    app.harness.event(Event::PasteImage(Arc::new(blue)));
    draw_a_mask(&mut app);
    app.harness.get_by_label("Done").click();
    app.step_until("the fields", |a| labelled(a, "Edit masks"));
}

#[test]
fn drawings_can_have_masks() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 4'>\
               <rect width='4' height='4' fill='#ff0000'/></svg>";
    let mut app = with_picture("heart.svg", |file| std::fs::write(file, svg).unwrap());
    app.step_until("the masks", |a| {
        let mut canvas = a.harness.query_all_by_label("Picture with 0 masks");
        canvas.next().is_some()
    });
}

fn blue(file: &Path) {
    let blue = image::Rgb([40, 90, 160]);
    image::RgbImage::from_pixel(400, 200, blue)
        .save(file)
        .unwrap();
}

fn labelled(app: &TestApp, words: &str) -> bool {
    app.harness.query_all_by_label(words).next().is_some()
}

fn button(app: &mut TestApp, pos: Pos2, pressed: bool) {
    app.harness.event(Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    });
}

/// A place beside the middle of the picture, to which the pointer moves.
fn move_to(app: &mut TestApp, canvas: &str, by: f32) -> Pos2 {
    let middle = app.harness.get_by_label(canvas).rect().center();
    let pos = middle + vec2(by, by / 2.0);
    app.harness.hover_at(pos);
    app.settle();
    pos
}

fn draw_a_mask(app: &mut TestApp) {
    app.step_until("the masks", |a| labelled(a, "Picture with 0 masks"));
    app.key(Key::R);
    for (pressed, by) in [(true, -60.0), (false, 60.0)] {
        let pos = move_to(app, "Picture with 0 masks", by);
        button(app, pos, pressed);
        app.settle();
    }
    app.harness.get_by_label("Picture with 1 mask");
}

/// Keys that lead to other pages, and undo, are the masks' while these are drawn.
#[test]
fn keys_of_the_masks_do_not_leave_the_page() {
    let mut app = with_picture("heart.png", blue);
    draw_a_mask(&mut app);
    app.key(Key::D);
    app.harness.get_by_label("Picture with 2 masks");
    app.keys(Modifiers::COMMAND, Key::Z);
    app.harness.get_by_label("Picture with 1 mask");
    for key in [Key::A, Key::S, Key::T, Key::F] {
        app.key(key);
        app.harness.get_by_label("Picture with 1 mask");
    }
    app.keys(Modifiers::SHIFT, Key::T);
    app.harness.get_by_label("Picture with 1 mask");
    // Esc takes back a polygon that was begun, and only then leaves the page.
    app.key(Key::P);
    let pos = move_to(&mut app, "Picture with 1 mask", 90.0);
    button(&mut app, pos, true);
    button(&mut app, pos, false);
    app.settle();
    app.key(Key::Escape);
    app.harness.get_by_label("Picture with 1 mask");
    assert!(!labelled(&app, "Discard current input?"));
    app.key(Key::Escape);
    assert!(labelled(&app, "Discard current input?"));
}

/// Opened by its key, the caret was in a field: undo is about the masks all the same.
#[test]
fn undo_in_the_masks_leaves_what_was_typed_in_a_field() {
    let mut app = with_picture("heart.png", blue);
    draw_a_mask(&mut app);
    app.harness.get_by_label("Done").click();
    app.step_until("the fields", |a| labelled(a, "Edit masks"));
    let header = |a: &TestApp| {
        let field = a
            .harness
            .get_by_role_and_label(Role::MultilineTextInput, "Header");
        field.accesskit_node().value().unwrap_or_default()
    };
    focus(&mut app, Role::MultilineTextInput, "Header");
    app.type_text("heart");
    assert_eq!(header(&app), "heart");
    let all = Modifiers::COMMAND | Modifiers::ALT | Modifiers::SHIFT;
    app.keys(all, Key::M);
    app.step_until("the masks", |a| labelled(a, "Picture with 1 mask"));
    app.keys(Modifiers::COMMAND, Key::Z);
    app.harness.get_by_label("Done").click();
    app.step_until("the fields", |a| labelled(a, "Edit masks"));
    assert_eq!(header(&app), "heart");
}

#[test]
fn a_note_is_made_from_a_picture_and_masks() {
    let mut app = with_picture("heart.png", blue);
    draw_a_mask(&mut app);
    app.harness.get_by_label("Done").click();
    app.step_until("the fields", |a| labelled(a, "Edit masks"));
    app.keys(Modifiers::COMMAND, Key::Enter);
    app.step_until("the note", |a| labelled(a, "Choose picture…"));
    let (dir, clock) = app.into_dir();
    let paths = DataFolder::at(dir.path().to_owned())
        .profile("Ana")
        .unwrap();
    let col = Collection::open(&paths.collection(), clock).unwrap();
    let kind = col
        .storage()
        .notetype_by_name("Image Occlusion")
        .unwrap()
        .unwrap();
    let notes = col.storage().note_ids_of_notetype(kind.id).unwrap();
    let note = col.storage().get_note(notes[0]).unwrap().unwrap();
    assert!(
        note.fields[0].starts_with("{{c1::image-occlusion:rect:left="),
        "{:?}",
        note.fields
    );
    assert_eq!(note.fields[1], "<img src=\"heart.png\">");
    assert_eq!(col.storage().cards_of_note(notes[0]).unwrap().len(), 1);
    col.close().unwrap();
}
