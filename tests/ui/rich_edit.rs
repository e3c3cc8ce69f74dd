//! The rich-text field by role and label: typing, formatting, clozes, lists, pasting, undo, the HTML
//! view, input methods, right-to-left text, objects, and screen readers.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    self, ColorImage, Event, Id, ImeEvent, Key, Modifiers, TextureHandle, Theme, Ui,
    ViewportCommand, vec2,
};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use engram::ui::picture_menu::PictureUse;
use engram::ui::rich_edit::clipboard::{self, Clipboard};
use engram::ui::rich_edit::{FieldOptions, FieldOutput, Group, Picture, RichField, toolbar};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

struct Desk {
    field: RichField,
    picture: Option<TextureHandle>,
    tower: Option<TextureHandle>,
    outputs: Vec<FieldOutput>,
    is_cloze: bool,
    paste_strips: bool,
    /// Frames that told of a change.
    changes: usize,
}

/// A clipboard of this test alone.
#[derive(Default)]
struct Paper(Mutex<(String, String, Vec<PathBuf>)>);

impl Clipboard for Paper {
    fn write(&self, html: &str, text: &str) -> bool {
        let mut held = self.0.lock().unwrap();
        (held.0, held.1) = (html.to_owned(), text.to_owned());
        true
    }
    fn html(&self) -> Option<String> {
        Some(self.0.lock().unwrap().0.clone()).filter(|h| !h.is_empty())
    }
    fn text(&self) -> Option<String> {
        Some(self.0.lock().unwrap().1.clone()).filter(|t| !t.is_empty())
    }
    fn files(&self) -> Vec<PathBuf> {
        self.0.lock().unwrap().2.clone()
    }
}

fn desk_ui(ui: &mut Ui, desk: &mut Desk) {
    let highest_cloze = desk.is_cloze.then_some(0);
    let field = Some(&mut desk.field);
    desk.outputs
        .extend(toolbar(ui, field, highest_cloze, "Ctrl+K", &Group::ALL));
    if desk.picture.is_none() {
        let image = ColorImage::filled([160, 90], egui::Color32::from_rgb(120, 60, 160));
        desk.picture = Some(ui.ctx().load_texture("cat", image, Default::default()));
    }
    let picture = desk.picture.clone();
    let tower = desk.tower.get_or_insert_with(|| {
        let image = ColorImage::filled([40, 360], egui::Color32::from_rgb(20, 90, 60));
        ui.ctx().load_texture("tower", image, Default::default())
    });
    let tower = tower.clone();
    let options = FieldOptions {
        id: Id::unique("front"),
        label: "Front",
        font_family: None,
        font_size: 16.0,
        rtl: false,
        placeholder: "",
        plain_text: false,
        paste_strips: desk.paste_strips,
        highest_cloze,
        dropped_on: None,
        images: &mut |wanted| match wanted {
            Picture::File("cat.png") => picture.clone(),
            Picture::File("tower.png") => Some(tower.clone()),
            _ => None,
        },
    };
    let shown = desk.field.ui(ui, options);
    desk.outputs.extend(shown.outputs);
    desk.changes += usize::from(shown.changed);
}

struct Test {
    h: Harness<'static, Desk>,
    paper: Arc<Paper>,
}

impl Test {
    fn on(html: &str) -> Self {
        let paper = Arc::new(Paper::default());
        let held = paper.clone();
        let desk = Desk {
            field: RichField::new(html),
            picture: None,
            tower: None,
            outputs: Vec::new(),
            is_cloze: true,
            paste_strips: false,
            changes: 0,
        };
        let mut h = Harness::builder()
            .with_size(vec2(620.0, 420.0))
            .with_theme(Theme::Light)
            .with_max_steps(64)
            .allow_missing_glyphs()
            .with_context_setup(move |ctx| {
                engram::ui::theme::install(ctx);
                engram::ui::theme::system_fonts::add(ctx);
                clipboard::set(ctx, held.clone());
            })
            .build_ui_state(desk_ui, desk);
        h.run();
        h.get_by_role_and_label(Role::MultilineTextInput, "Front")
            .focus();
        h.run();
        Self { h, paper }
    }

    fn html(&self) -> String {
        self.h.state().field.html().to_owned()
    }

    /// Both in one frame, as keys that are held come in a slow one.
    fn at_once(&mut self, events: Vec<Event>) {
        self.h.input_mut().events.extend(events);
        self.h.run();
    }

    fn copy_and_paste(&mut self, event: Event, to: usize) {
        self.h.event(event);
        self.h.run();
        self.select(to..to);
        let text = self.paper.text().unwrap_or_default();
        self.h.event(Event::Paste(text));
        self.h.run();
    }

    fn select(&mut self, range: std::ops::Range<usize>) {
        self.h.state_mut().field.select(range);
        self.h.run();
    }

    fn type_text(&mut self, text: &str) {
        self.h.event(Event::Text(text.to_owned()));
        self.h.run();
    }

    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.h.key_press_modifiers(modifiers, key);
        self.h.run();
    }

    fn click(&mut self, label: &str) {
        self.h.get_by_label(label).click_accesskit();
        self.h.run();
    }

    fn double_click(&mut self, label: &str) {
        let slow = |o: &mut egui::Options| o.input_options.max_double_click_delay = 2.0;
        self.h.ctx.options_mut(slow);
        for _ in 0..2 {
            self.h.get_by_label(label).click();
        }
        self.h.run();
        // What follows is a click of its own.
        self.h.run_steps(12);
    }

    fn click_secondary(&mut self, role: Role, label: &str) {
        self.h.get_by_role_and_label(role, label).click_secondary();
        self.h.run();
    }

    /// An entry of the open menu; the window system answers it with the next frame.
    fn pick(&mut self, entry: &str, asked: &ViewportCommand, answer: Event) {
        self.h.get_by_role_and_label(Role::MenuItem, entry).click();
        for _ in 0..10 {
            self.h.step();
            let views = self.h.output().viewport_output.values();
            if views.flat_map(|v| &v.commands).any(|c| c == asked) {
                self.h.event(answer);
                self.h.run();
                return;
            }
        }
        panic!("{entry} asks for nothing");
    }

    fn is_on(&self, label: &str) -> bool {
        let node = self.h.get_by_label(label);
        node.accesskit_node().is_selected() == Some(true)
            || node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
    }
}

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

#[test]
fn typing_goes_where_the_caret_is() {
    let mut t = Test::on("Hello <b>bold</b> world");
    t.select(9..9);
    t.type_text("XY");
    assert_eq!(t.html(), "Hello <b>bolXYd</b> world");
    t.key(Modifiers::NONE, Key::Backspace);
    assert_eq!(t.html(), "Hello <b>bolXd</b> world");
    t.key(Modifiers::NONE, Key::Enter);
    assert_eq!(t.html(), "Hello <b>bolX<br>d</b> world");
}

/// egui's fields have them, as Emacs does.
#[test]
fn keys_for_something_else_delete_nothing() {
    let mut t = Test::on("one two");
    t.select(7..7);
    let ctrl = Modifiers::COMMAND | Modifiers::CTRL;
    for key in [Key::H, Key::W, Key::K, Key::U] {
        t.key(ctrl | Modifiers::ALT, key);
        assert_eq!(t.html(), "one two", "{key:?}");
    }
    for key in [Key::H, Key::W] {
        t.key(ctrl, key);
        assert_eq!(t.html(), "one two", "{key:?}");
    }
}

#[test]
fn a_secondary_click_offers_the_clipboard_and_leaves_what_is_chosen() {
    let mut t = Test::on("onetwo");
    t.select(3..6);
    // Right of the text, which ends with what is chosen.
    t.click_secondary(Role::MultilineTextInput, "Front");
    assert_eq!(t.h.state().field.selection(), 3..6);
    t.pick("Cut", &ViewportCommand::RequestCut, Event::Cut);
    assert_eq!(t.html(), "one");
    assert_eq!(t.paper.text().as_deref(), Some("two"));
    t.select(0..0);
    t.click_secondary(Role::MultilineTextInput, "Front");
    let copy = t.h.get_by_role_and_label(Role::MenuItem, "Copy");
    assert!(copy.accesskit_node().is_disabled(), "nothing is chosen");
    let text = Event::Paste("two".to_owned());
    t.pick("Paste", &ViewportCommand::RequestPaste, text);
    assert_eq!(t.html(), "onetwo");
}

#[test]
fn the_menu_of_a_picture_is_about_its_file() {
    let mut t = Test::on("one<img src=\"cat.png\">two");
    for (entry, what) in [
        ("Copy Image", PictureUse::Copy),
        ("Save Image As…", PictureUse::Save),
        ("Open Image", PictureUse::Open),
        ("Show in Folder", PictureUse::ShowFolder),
    ] {
        t.click_secondary(Role::Image, "Image cat.png");
        t.h.get_by_role_and_label(Role::MenuItem, entry).click();
        t.h.run();
        let told = FieldOutput::UsePicture("cat.png".into(), what);
        assert_eq!(std::mem::take(&mut t.h.state_mut().outputs), [told]);
    }
    t.click_secondary(Role::Image, "Image cat.png");
    t.pick("Cut", &ViewportCommand::RequestCut, Event::Cut);
    assert_eq!(t.html(), "onetwo");
    assert!(t.paper.html().unwrap().contains("cat.png"));
}

#[test]
fn bold_by_key_and_by_button() {
    let mut t = Test::on("Hello world");
    t.select(0..5);
    t.key(CTRL, Key::B);
    assert_eq!(t.html(), "<b>Hello</b> world");
    assert!(t.is_on("Bold"));
    let told = t.h.state().changes;
    t.click("Italic");
    assert_eq!(t.html(), "<b><i>Hello</i></b> world");
    assert_eq!(t.h.state().changes, told + 1, "or it would not be saved");
    t.select(8..8);
    assert!(!t.is_on("Bold"), "the button follows the caret");
    // Without a selection: what is typed next.
    t.select(11..11);
    t.key(CTRL, Key::B);
    assert!(t.is_on("Bold"));
    t.type_text("!");
    t.type_text("?");
    assert_eq!(t.html(), "<b><i>Hello</i></b> world<b>!?</b>");
}

/// Ctrl+B behind the last bold word, Enter, the next line: it was bold again.
#[test]
fn what_is_switched_at_the_end_of_a_line_counts_in_the_next() {
    let (one, two) = (0..3, 4..7);
    let is_bold = |t: &mut Test, word: &std::ops::Range<usize>| {
        t.select(word.clone());
        t.is_on("Bold")
    };
    for html in [
        "<b>one</b>",
        "<div><b>one</b></div>",
        "<ul><li><b>one</b></li></ul>",
    ] {
        let mut t = Test::on(html);
        t.select(3..3);
        t.key(CTRL, Key::B);
        assert!(!t.is_on("Bold"));
        t.key(Modifiers::NONE, Key::Enter);
        assert!(!t.is_on("Bold"), "{html}");
        t.type_text("two");
        assert!(!is_bold(&mut t, &two), "{}", t.html());
        assert!(is_bold(&mut t, &one), "{}", t.html());
    }
    let mut t = Test::on("one");
    t.select(3..3);
    t.key(CTRL, Key::B);
    t.key(Modifiers::NONE, Key::Enter);
    t.type_text("two");
    assert!(
        is_bold(&mut t, &two) && !is_bold(&mut t, &one),
        "{}",
        t.html()
    );
    // The caret that goes elsewhere ends it.
    t.select(3..3);
    t.key(CTRL, Key::B);
    t.key(Modifiers::NONE, Key::Enter);
    t.key(Modifiers::NONE, Key::ArrowUp);
    assert!(!t.is_on("Bold"));
}

/// A word that is written anew, or after a slip at its first letter.
#[test]
fn what_takes_the_place_of_a_word_looks_as_it_did() {
    let mut t = Test::on("one<b>two</b>three");
    t.select(3..6);
    t.type_text("x");
    t.type_text("y");
    assert_eq!(t.html(), "one<b>xy</b>three");
    t.select(3..5);
    t.key(Modifiers::NONE, Key::Backspace);
    assert_eq!(t.html(), "onethree");
    assert!(t.is_on("Bold"));
    t.type_text("z");
    assert_eq!(t.html(), "one<b>z</b>three");
    // Not where the caret has been elsewhere, nor after Undo.
    t.key(Modifiers::NONE, Key::Backspace);
    t.key(Modifiers::NONE, Key::Home);
    t.type_text("a");
    assert_eq!(t.html(), "aonethree");
    let mut t = Test::on("<b>b</b>");
    t.select(1..1);
    t.key(Modifiers::NONE, Key::Backspace);
    t.key(CTRL, Key::Z);
    // What came back is selected.
    t.type_text("c");
    assert_eq!(t.html(), "<b>c</b>");
    let mut t = Test::on("");
    t.key(CTRL, Key::B);
    t.type_text("a");
    t.key(Modifiers::NONE, Key::Backspace);
    assert!(t.is_on("Bold"));
    t.type_text("b");
    assert_eq!(t.html(), "<b>b</b>");
    // A plain word behind a bold one stays plain.
    let mut t = Test::on("<b>one</b>two");
    t.select(3..6);
    t.type_text("x");
    assert_eq!(t.html(), "<b>one</b>x");
    t.key(Modifiers::NONE, Key::Backspace);
    assert!(!t.is_on("Bold"));
    t.type_text("y");
    assert_eq!(t.html(), "<b>one</b>y");
}

#[test]
fn undo_and_redo_survive_losing_the_keyboard() {
    let mut t = Test::on("x");
    t.select(1..1);
    t.type_text("1");
    t.type_text("2");
    t.key(Modifiers::NONE, Key::Tab);
    t.h.get_by_role_and_label(Role::MultilineTextInput, "Front")
        .focus();
    t.h.run();
    t.key(CTRL, Key::Z);
    assert_eq!(t.html(), "x", "typing one after the other is one step");
    t.key(CTRL_SHIFT, Key::Z);
    assert_eq!(t.html(), "x12");
    t.key(CTRL, Key::Z);
    t.key(CTRL, Key::Y);
    assert_eq!(t.html(), "x12");
}

#[test]
fn clozes_get_the_next_number_or_the_same() {
    let mut t = Test::on("Paris and Rome");
    t.select(0..5);
    t.key(CTRL_SHIFT, Key::C);
    assert_eq!(t.html(), "{{c1::Paris}} and Rome");
    t.select(18..22);
    t.key(CTRL_SHIFT.plus(Modifiers::ALT), Key::C);
    assert_eq!(t.html(), "{{c1::Paris}} and {{c1::Rome}}");
    t.key(CTRL, Key::Z);
    t.select(18..22);
    t.click("Cloze, new card");
    assert_eq!(t.html(), "{{c1::Paris}} and {{c2::Rome}}");
    // There is no number above the highest.
    let mut t = Test::on("{{c4294967295::a}} b");
    t.select(19..20);
    t.key(CTRL_SHIFT, Key::C);
    assert_eq!(t.html(), "{{c4294967295::a}} {{c4294967295::b}}");
}

#[test]
fn a_cloze_in_another_note_type_is_only_told() {
    let mut t = Test::on("Paris");
    t.h.state_mut().is_cloze = false;
    t.h.run();
    t.select(0..5);
    t.key(CTRL_SHIFT, Key::C);
    assert_eq!(t.html(), "Paris");
    assert_eq!(t.h.state().outputs, [FieldOutput::NotAClozeType]);
}

#[test]
fn html_is_pasted_clean_and_with_shift_the_other_way() {
    let red = "<p onclick=x>a <b style='position:fixed'>b</b><span style='color:red'>c</span></p>";
    let kept = "a <b>b</b><span style=\"color:red\">c</span>";
    for (strips, usual, other) in [(false, kept, "a <b>b</b>c"), (true, "a <b>b</b>c", kept)] {
        let mut t = Test::on("");
        t.h.state_mut().paste_strips = strips;
        t.paper.write(red, "a bc");
        t.h.event(Event::Paste("a bc".to_owned()));
        t.h.run();
        assert_eq!(t.html(), usual);
        t.key(CTRL, Key::Z);
        t.key(CTRL_SHIFT, Key::V);
        assert_eq!(t.html(), other);
        t.key(CTRL, Key::Z);
        assert_eq!(t.html(), "");
    }
}

/// Of a clipboard that has HTML alone the system tells no text.
#[test]
fn html_alone_is_pasted_and_nothing_leaves_what_is_chosen() {
    let mut t = Test::on("one");
    t.select(0..3);
    t.h.event(Event::Paste(String::new()));
    t.h.run();
    assert_eq!(t.html(), "one");
    t.paper.write("<b>two</b>", "");
    t.h.event(Event::Paste(String::new()));
    t.h.run();
    assert_eq!(t.html(), "<b>two</b>");
}

/// A clipboard with a picture that came too slowly for egui.
struct Slow;

impl Clipboard for Slow {
    fn write(&self, _html: &str, _text: &str) -> bool {
        false
    }
    fn html(&self) -> Option<String> {
        None
    }
    fn text(&self) -> Option<String> {
        None
    }
    fn files(&self) -> Vec<PathBuf> {
        vec![]
    }
    fn picture(&self) -> Option<ColorImage> {
        Some(ColorImage::filled([1, 1], egui::Color32::from_rgb(1, 2, 3)))
    }
}

#[test]
fn a_picture_that_comes_slowly_is_asked_for_once_more() {
    let mut t = Test::on("");
    clipboard::set(&t.h.ctx, Arc::new(Slow));
    t.h.event(Event::Paste(String::new()));
    t.h.run();
    let picture = FieldOutput::AddImage {
        width: 1,
        height: 1,
        rgba: vec![1, 2, 3, 255],
    };
    assert_eq!(t.h.state().outputs, [picture]);
}

#[test]
fn a_pasted_picture_and_file_are_handed_out() {
    let mut t = Test::on("");
    let image = ColorImage::filled([2, 1], egui::Color32::from_rgb(1, 2, 3));
    t.h.event(Event::PasteImage(Arc::new(image)));
    t.h.run();
    t.paper.0.lock().unwrap().2 = vec!["/music/hello.mp3".into()];
    t.h.event(Event::Paste("hello.mp3".to_owned()));
    t.h.run();
    let rgba = vec![1, 2, 3, 255, 1, 2, 3, 255];
    let (width, height) = (2, 1);
    assert_eq!(
        t.h.state().outputs,
        [
            FieldOutput::AddImage {
                width,
                height,
                rgba
            },
            FieldOutput::AddFile("/music/hello.mp3".into())
        ]
    );
    t.h.state_mut().field.insert_html("[sound:hello.mp3]");
    t.h.run();
    t.type_text("!");
    assert_eq!(t.html(), "[sound:hello.mp3]!");
}

#[test]
fn what_is_cut_can_be_pasted_with_its_look() {
    let mut t = Test::on("one <b>two <i>three</i></b>");
    t.select(4..9);
    t.h.event(Event::Cut);
    t.h.run();
    assert_eq!(t.html(), "one <b><i>hree</i></b>");
    assert_eq!(t.paper.text().unwrap(), "two t");
    t.select(0..0);
    t.h.event(Event::Paste("two t".to_owned()));
    t.h.run();
    assert_eq!(t.html(), "<b>two <i>t</i></b>one <b><i>hree</i></b>");
}

#[test]
fn an_emptied_field_is_empty_and_comes_back() {
    let source = "<ul><li>a</li><li><b>b</b> <img src=x></li></ul>";
    let mut t = Test::on(source);
    t.key(CTRL, Key::A);
    t.h.event(Event::Cut);
    t.h.run();
    assert_eq!(t.html(), "");
    t.key(CTRL, Key::Z);
    assert_eq!(t.html(), source);
}

#[test]
fn the_html_view_shares_the_history() {
    let mut t = Test::on("<b>x</b>");
    t.key(CTRL_SHIFT, Key::X);
    t.key(CTRL, Key::End);
    t.type_text("<i>y</i>");
    assert_eq!(t.html(), "<b>x</b><i>y</i>");
    t.key(CTRL, Key::Z);
    assert_eq!(t.html(), "<b>x</b>");
    t.key(CTRL_SHIFT, Key::X);
    assert!(t.h.query_by_label("Front HTML").is_none());
    t.key(CTRL, Key::Y);
    assert_eq!(t.html(), "<b>x</b><i>y</i>");
}

#[test]
fn keys_put_their_marks_into_the_html_view_and_tags_get_their_end() {
    let mut t = Test::on("x");
    t.key(CTRL_SHIFT, Key::X);
    t.h.get_by_role_and_label(Role::MultilineTextInput, "Front HTML")
        .focus();
    t.h.run();
    t.key(CTRL, Key::End);
    for sign in ["<", "u", ">"] {
        t.type_text(sign);
    }
    t.type_text("y");
    assert_eq!(t.html(), "x<u>y</u>");
    t.key(CTRL, Key::A);
    t.key(CTRL, Key::B);
    assert_eq!(t.html(), "<b>x<u>y</u></b>");
    t.key(CTRL_SHIFT, Key::C);
    assert_eq!(t.html(), "<b>{{c1::x<u>y</u>}}</b>");
    t.key(CTRL, Key::Z);
    assert_eq!(t.html(), "<b>x<u>y</u></b>");
    t.paper.write("", "z");
    t.key(CTRL, Key::End);
    t.key(CTRL_SHIFT, Key::V);
    assert_eq!(t.html(), "<b>x<u>y</u></b>z");
}

#[test]
fn lists_by_key_and_by_button() {
    let mut t = Test::on("one<br>two");
    t.key(CTRL, Key::A);
    t.key(CTRL, Key::Comma);
    assert_eq!(t.html(), "<ul><li>one</li><li>two</li></ul>");
    assert!(t.is_on("Bulleted list"));
    t.click("Numbered list");
    assert_eq!(t.html(), "<ol><li>one</li><li>two</li></ol>");
    t.select(4..4);
    t.key(CTRL_SHIFT, Key::Period);
    assert_eq!(t.html(), "<ol><li>one<ol><li>two</li></ol></li></ol>");
    t.key(CTRL_SHIFT, Key::Comma);
    assert_eq!(t.html(), "<ol><li>one</li><li>two</li></ol>");
    t.key(CTRL, Key::A);
    t.key(CTRL, Key::Period);
    assert_eq!(t.html(), "<div>one</div><div>two</div>");
}

#[test]
fn an_input_method_is_one_step() {
    let mut t = Test::on("a<b>bcd</b>e");
    t.select(2..2);
    for text in ["n", "ni"] {
        let text = text.to_owned();
        t.h.event(Event::Ime(ImeEvent::Preedit {
            text,
            active_range_chars: None,
        }));
        t.h.run();
    }
    t.h.event(Event::Ime(ImeEvent::Commit("你".to_owned())));
    t.h.run();
    assert_eq!(t.html(), "a<b>b你cd</b>e");
    t.key(CTRL, Key::Z);
    assert_eq!(t.html(), "a<b>bcd</b>e");
    // What was typed before the commit does not come back.
    t.key(CTRL, Key::Z);
    assert_eq!(t.html(), "a<b>bcd</b>e");
}

#[test]
fn what_an_input_method_takes_back_leaves_nothing() {
    let mut t = Test::on("ab");
    t.select(1..1);
    for text in ["n", "ni", ""] {
        let text = text.to_owned();
        t.h.event(Event::Ime(ImeEvent::Preedit {
            text,
            active_range_chars: None,
        }));
        t.h.run();
    }
    assert_eq!(t.html(), "ab");
    t.type_text("x");
    assert_eq!(t.html(), "axb");
    t.key(CTRL, Key::Z);
    assert_eq!(t.html(), "ab");
}

/// Each sign that an input method tries takes the place of the one before.
#[test]
fn what_an_input_method_writes_has_the_look_that_was_chosen() {
    let mut t = Test::on("ab");
    t.select(1..1);
    t.key(CTRL, Key::B);
    for text in ["n", "ni", "に"] {
        t.h.event(Event::Ime(ImeEvent::Preedit {
            text: text.to_owned(),
            active_range_chars: None,
        }));
        t.h.run();
    }
    t.h.event(Event::Ime(ImeEvent::Commit("日".to_owned())));
    t.h.run();
    assert_eq!(t.html(), "a<b>日</b>b");
    t.type_text("x");
    assert_eq!(t.html(), "a<b>日x</b>b");
    t.key(CTRL, Key::Z);
    t.key(CTRL, Key::Z);
    assert_eq!(t.html(), "ab");
    // Only the beginning is other than what was tried before.
    t.select(1..1);
    t.key(CTRL, Key::B);
    for text in ["きょうは", "今日は"] {
        t.h.event(Event::Ime(ImeEvent::Preedit {
            text: text.to_owned(),
            active_range_chars: None,
        }));
        t.h.run();
    }
    t.h.event(Event::Ime(ImeEvent::Commit("今日は".to_owned())));
    t.h.run();
    assert_eq!(t.html(), "a<b>今日は</b>b");
}

#[test]
fn carets_are_right_in_every_script() {
    // The key that leads back from the end of each.
    for (text, key) in [
        ("שלום עולם", Key::ArrowRight),
        ("العربية", Key::ArrowRight),
        ("abc שלום 12 def", Key::ArrowLeft),
        ("ไทยน้ำ", Key::ArrowLeft),
        ("日本語", Key::ArrowLeft),
        ("xe\u{301}y", Key::ArrowLeft),
    ] {
        let mut t = Test::on(text);
        let n = text.chars().count();
        t.select(n..n);
        for _ in 0..3 {
            t.key(Modifiers::NONE, key);
        }
        t.type_text("x");
        let c: Vec<char> = text.chars().collect();
        let before: String = c[..n - 3].iter().collect();
        let behind: String = c[n - 3..].iter().collect();
        assert_eq!(t.html(), format!("{before}x{behind}"));
    }
}

#[test]
fn objects_have_names_and_can_be_edited() {
    let mut t = Test::on(
        "<img src=\"cat.png\"> [sound:a.mp3] \\(x^2\\) <table><tr><td>1</td></tr></table>",
    );
    let picture =
        t.h.get_by_role_and_label(Role::Image, "Image cat.png")
            .rect();
    assert_eq!((picture.width(), picture.height()), (160.0, 90.0));
    t.click("Play a.mp3");
    let played = FieldOutput::PlaySound("[sound:a.mp3]".to_owned());
    assert_eq!(t.h.state().outputs, [played]);
    // With the keyboard: select it, Enter opens.
    t.select(4..5);
    t.key(Modifiers::NONE, Key::Enter);
    t.h.get_by_role_and_label(Role::MultilineTextInput, "Formula");
    t.h.run();
    t.key(CTRL, Key::A);
    t.type_text("y<1");
    t.click("Done");
    assert!(t.html().contains("\\(y&lt;1\\)"), "{}", t.html());
    t.select(6..7);
    t.key(Modifiers::NONE, Key::Enter);
    t.h.get_by_role_and_label(Role::MultilineTextInput, "Row 1, column 1");
    t.click("HTML");
    t.h.get_by_role_and_label(Role::MultilineTextInput, "HTML of this part");
    t.click("Cancel");
    assert!(t.html().ends_with("<table><tr><td>1</td></tr></table>"));
    t.select(0..1);
    t.key(Modifiers::NONE, Key::Enter);
    t.click_secondary(Role::TextInput, "Width");
    t.h.get_by_role_and_label(Role::MenuItem, "Paste");
    t.key(Modifiers::NONE, Key::Escape);
    t.h.get_by_role_and_label(Role::Label, "pixels");
    t.h.get_by_role_and_label(Role::TextInput, "Width").focus();
    t.h.run();
    t.type_text("80");
    t.click("Done");
    assert!(
        t.html().starts_with("<img src=\"cat.png\" width=\"80\">"),
        "{}",
        t.html()
    );
    let picture =
        t.h.get_by_role_and_label(Role::Image, "Image cat.png")
            .rect();
    assert_eq!((picture.width(), picture.height()), (80.0, 45.0));
}

/// As Anki: the width is written, the height follows; one step; Escape leaves it as it was.
#[test]
fn a_picture_is_resized_by_its_corners() {
    let source = "a <img src=\"cat.png\"> b";
    let mut t = Test::on(source);
    t.click("Image cat.png");
    assert_eq!(t.h.state().field.selection(), 2..3);
    let drag = |t: &mut Test, name: &str, by: egui::Vec2, escape: bool| {
        let from =
            t.h.get_by_role_and_label(Role::Button, name)
                .rect()
                .center();
        t.h.drag_at(from);
        t.h.run();
        t.h.hover_at(from + by * 0.5);
        t.h.run();
        t.h.hover_at(from + by);
        t.h.run();
        if escape {
            t.key(Modifiers::NONE, Key::Escape);
        }
        t.h.drop_at(from + by);
        t.h.run();
    };
    let size = |t: &Test| {
        let picture = t.h.get_by_role_and_label(Role::Image, "Image cat.png");
        (picture.rect().width(), picture.rect().height())
    };
    let corner = "Resize picture, bottom right";
    drag(&mut t, corner, vec2(-80.0, 0.0), true);
    assert_eq!((t.html().as_str(), size(&t)), (source, (160.0, 90.0)));
    drag(&mut t, corner, vec2(-80.0, -20.0), false);
    assert_eq!(t.html(), "a <img src=\"cat.png\" width=\"80\"> b");
    assert_eq!(size(&t), (80.0, 45.0));
    drag(&mut t, "Resize picture, top left", vec2(-40.0, 0.0), false);
    assert_eq!(t.html(), "a <img src=\"cat.png\" width=\"120\"> b");
    t.key(CTRL, Key::Z);
    assert_eq!(size(&t), (80.0, 45.0));
    t.key(CTRL, Key::Z);
    assert_eq!((t.html().as_str(), size(&t)), (source, (160.0, 90.0)));
}

/// Tab goes from field to field, past the pictures in them.
#[test]
fn tab_passes_pictures_and_their_corners() {
    let mut t = Test::on("a <img src=\"cat.png\"> b");
    t.click("Image cat.png");
    for _ in 0..3 {
        t.key(Modifiers::NONE, Key::Tab);
        for (role, label) in [
            (Role::Image, "Image cat.png"),
            (Role::Button, "Resize picture, top left"),
            (Role::Button, "Resize picture, bottom right"),
        ] {
            let node = t.h.query_by_role_and_label(role, label);
            assert!(!node.is_some_and(|n| n.is_focused()), "{label}");
        }
    }
}

/// A high picture is shown smaller; a double click shows all of it, and changes no byte.
#[test]
fn a_double_click_shows_a_high_picture_as_it_is() {
    let mut t = Test::on("<img src=\"tower.png\">");
    let height = |t: &Test| {
        let picture = t.h.get_by_role_and_label(Role::Image, "Image tower.png");
        picture.rect().height()
    };
    assert_eq!(height(&t), 320.0);
    t.double_click("Image tower.png");
    // What the window shows of it.
    assert!(height(&t) > 340.0, "{}", height(&t));
    t.double_click("Image tower.png");
    assert_eq!(height(&t), 320.0);
    assert_eq!(t.html(), "<img src=\"tower.png\">");
    t.key(Modifiers::NONE, Key::Enter);
    t.click("left of it");
    t.click("Done");
    let right = "<img src=\"tower.png\" style=\"float: right;\">";
    assert_eq!(t.html(), right);
}

/// A cell is a field of its own; the rest of the table keeps its bytes; all of it is one step.
#[test]
fn the_texts_of_tables_and_ruby_are_edited_one_by_one() {
    let source = "<table  class='x'><tr><th>yo<td>soy</tr></table>é <ruby>漢<rt>かん</rt></ruby>";
    let mut t = Test::on(source);
    t.h.get_by_role_and_label(Role::Button, "table: yo, soy");
    t.select(0..1);
    t.key(Modifiers::NONE, Key::Enter);
    let cell = |t: &mut Test, name: &str| {
        t.h.get_by_role_and_label(Role::MultilineTextInput, name)
            .focus();
        t.h.run();
        t.key(CTRL, Key::A);
    };
    cell(&mut t, "Row 1, column 2");
    t.type_text("era");
    t.key(CTRL, Key::A);
    t.click("Bold");
    let after = "<table  class='x'><tr><th>yo<td><b>era</b></tr></table>é \
                 <ruby>漢<rt>かん</rt></ruby>";
    assert_eq!(t.html(), after);
    // A `<` that is typed is text; an end of the table cannot come in by it.
    cell(&mut t, "Row 1, column 1");
    t.type_text("</table>");
    let typed = after.replace("yo", "&lt;/table&gt;");
    assert_eq!(t.html(), typed);
    t.key(CTRL, Key::Z);
    assert_eq!(t.html(), after);
    t.key(Modifiers::NONE, Key::Escape);
    assert!(t.h.query_by_label("Row 1, column 1").is_none());
    t.key(CTRL, Key::Z);
    assert_eq!(t.html(), source);
    t.select(3..4);
    t.key(Modifiers::NONE, Key::Enter);
    cell(&mut t, "Reading 1");
    t.type_text("から");
    assert_eq!(t.html(), source.replace("かん", "から"));
}

/// A long paragraph is set in pieces; every character keeps its place, and typing in the middle of
/// it goes there.
#[test]
fn a_long_paragraph_is_wrapped_as_one() {
    let words = "the morning light came slowly over the <b>old</b> harbour wall ";
    let source = words.repeat(200);
    let mut t = Test::on(source.trim_end());
    let shown = "the morning light came slowly over the old harbour wall ".repeat(200);
    let node = t.h.get_by_role_and_label(Role::MultilineTextInput, "Front");
    let value = node.accesskit_node().value().unwrap_or_default();
    assert_eq!(value, shown.trim_end());
    let runs: Vec<(f64, String)> = node
        .children()
        .filter(|n| n.accesskit_node().role() == Role::TextRun)
        .filter_map(|n| {
            let bounds = n.accesskit_node().bounding_box()?;
            Some((bounds.y0, n.accesskit_node().value()?))
        })
        .collect();
    let text: String = runs.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(text, value);
    // No row but the last is short: a piece's end would be seen by that.
    let mut lines: std::collections::BTreeMap<i64, usize> = Default::default();
    for (y, text) in &runs {
        *lines.entry((y * 10.0) as i64).or_default() += text.chars().count();
    }
    let lengths: Vec<usize> = lines.into_values().collect();
    let (_, full) = lengths.split_last().unwrap();
    let longest = *full.iter().max().unwrap();
    assert!(full.iter().all(|n| n + 14 > longest), "{lengths:?}");
    t.select(5_000..5_000);
    t.type_text("XY");
    let html = t.html();
    let field = engram::field_html::Field::open(&html);
    let typed: String = field.text().chars().skip(5_000).take(2).collect();
    assert_eq!(typed, "XY");
}

/// The rows, each with where its letters stand from the first on.
fn rows_seen(t: &Test) -> Vec<(String, Vec<i64>)> {
    let node = t.h.get_by_role_and_label(Role::MultilineTextInput, "Front");
    let runs = node.children().filter_map(|n| {
        let run = n.accesskit_node();
        let places = run.data().character_positions()?;
        let places = places.iter().map(|x| x.round() as i64).collect();
        (run.role() == Role::TextRun).then_some((run.value()?, places))
    });
    runs.collect()
}

/// Words of a long paragraph that is read from right to left are where they are in a short one.
#[test]
fn a_long_paragraph_from_right_to_left_is_wrapped_as_a_short_one() {
    let words = "אחת שתיים (שלוש) ארבע abc חמש 12 שש שבע, שמונה ";
    let short = Test::on(words.repeat(60).trim_end());
    let source = words.repeat(400);
    assert!(source.len() > 16_000);
    let mut long = Test::on(source.trim_end());
    let (rows_short, rows_long) = (rows_seen(&short), rows_seen(&long));
    assert!(rows_short.len() > 10 && rows_long.len() > 100);
    assert_eq!(rows_long[..10], rows_short[..10]);
    let node = long
        .h
        .get_by_role_and_label(Role::MultilineTextInput, "Front");
    assert_eq!(
        node.accesskit_node().value().unwrap_or_default(),
        source.trim_end()
    );
    // The same words begin the same rows again further down, behind the ends of pieces.
    let later = rows_long[60..rows_long.len() - 1].iter();
    let known: std::collections::BTreeSet<_> = rows_long[..60].iter().collect();
    let odd: Vec<_> = later.filter(|row| !known.contains(row)).collect();
    assert!(odd.is_empty(), "{odd:?}");
    // The caret leads to the left.
    long.select(9_000..9_000);
    long.key(Modifiers::NONE, Key::ArrowLeft);
    long.type_text("XY");
    let html = long.html();
    let typed: String = html.chars().skip(9_001).take(2).collect();
    assert_eq!(typed, "XY");
}

#[test]
fn formulas_by_chord_and_menu() {
    let mut t = Test::on("E=mc");
    t.key(CTRL, Key::A);
    t.key(CTRL, Key::M);
    t.key(Modifiers::NONE, Key::M);
    assert_eq!(t.html(), "\\(E=mc\\)");
    t.key(CTRL, Key::Z);
    t.select(4..4);
    t.click("Formula");
    t.click("MathJax block");
    assert_eq!(t.html(), "E=mc\\[\\]");
    t.type_text("a+b");
    t.click("Done");
    assert_eq!(t.html(), "E=mc\\[a+b\\]");
}

#[test]
fn the_caret_stands_behind_a_sound_that_was_typed() {
    let mut t = Test::on("");
    for text in ["a", "[sound:x.mp3", "]", "!", "?"] {
        t.type_text(text);
    }
    assert_eq!(t.html(), "a[sound:x.mp3]!?");
    for _ in 0..3 {
        t.key(Modifiers::NONE, Key::Backspace);
    }
    assert_eq!(t.html(), "a");
}

#[test]
fn a_screen_reader_changes_only_what_differs() {
    let mut t = Test::on("keep <b>bold</b> here");
    let field = t.h.get_by_role_and_label(Role::MultilineTextInput, "Front");
    field.set_text_value_accesskit("keep bold there");
    t.h.run();
    assert_eq!(t.html(), "keep <b>bold</b> there");
}

#[test]
fn colours_links_and_clearing() {
    let mut t = Test::on("one two");
    t.select(0..3);
    t.key(Modifiers::NONE, Key::F7);
    assert_eq!(
        t.html(),
        "<span style=\"color: rgb(0, 0, 255);\">one</span> two"
    );
    t.click("Choose text colour");
    t.click("Red");
    assert_eq!(
        t.html(),
        "<span style=\"color: rgb(217, 43, 43);\">one</span> two"
    );
    t.key(CTRL, Key::R);
    assert_eq!(t.html(), "one two");
    t.select(4..7);
    t.key(CTRL, Key::K);
    t.h.get_by_label("Address of the link").focus();
    t.h.run();
    t.type_text("https://ankiweb.net");
    t.click("Set link");
    assert_eq!(t.html(), "one <a href=\"https://ankiweb.net\">two</a>");
    t.click("Alignment and indent");
    t.click("Align centre");
    assert_eq!(
        t.html(),
        "<div style=\"text-align: center;\">one <a href=\"https://ankiweb.net\">two</a></div>"
    );
}

/// What a button, or an entry of the menu that it opens, makes of a word.
#[test]
fn every_button_of_the_row_does_what_its_name_says() {
    let span =
        |property: &str, rgb: &str| format!("<span style=\"{property}: rgb({rgb});\">a</span>");
    let aligned = |to: &str| format!("<div style=\"text-align: {to};\">a</div>");
    let (text, mark) = ("Choose text colour", "Choose highlight colour");
    let lines = "Alignment and indent";
    let table: &[(&[&str], String)] = &[
        (&["Bold"], "<b>a</b>".into()),
        (&["Italic"], "<i>a</i>".into()),
        (&["Underline"], "<u>a</u>".into()),
        (&["Superscript"], "<sup>a</sup>".into()),
        (&["Subscript"], "<sub>a</sub>".into()),
        (&["Text colour"], span("color", "0, 0, 255")),
        (&[text, "Blue"], span("color", "0, 0, 255")),
        (&[text, "Green"], span("color", "24, 128, 56")),
        (&[text, "Orange"], span("color", "214, 110, 0")),
        (&[text, "Purple"], span("color", "128, 48, 200")),
        (&[text, "Pink"], span("color", "208, 56, 140")),
        (&[text, "Teal"], span("color", "0, 130, 140")),
        (&[text, "Grey"], span("color", "110, 110, 110")),
        (&[text, "Red", text, "No colour"], "a".into()),
        (&["Highlight"], span("background-color", "255, 240, 120")),
        (&[mark, "Yellow"], span("background-color", "255, 240, 120")),
        (&[mark, "Green"], span("background-color", "190, 240, 170")),
        (&[mark, "Blue"], span("background-color", "180, 220, 255")),
        (&[mark, "Pink"], span("background-color", "255, 200, 225")),
        (&[mark, "Orange"], span("background-color", "255, 215, 160")),
        (&[mark, "Grey"], span("background-color", "225, 225, 225")),
        (&["Highlight", mark, "No highlight"], "a".into()),
        (&["Bold", "Italic", "Remove formatting"], "a".into()),
        (&["Bulleted list"], "<ul><li>a</li></ul>".into()),
        (&["Numbered list"], "<ol><li>a</li></ol>".into()),
        (&[lines, "Align centre"], aligned("center")),
        (&[lines, "Align right"], aligned("right")),
        (&[lines, "Justify"], aligned("justify")),
        (
            &[lines, "Align right", lines, "Align left"],
            "<div>a</div>".into(),
        ),
        (&[lines, "Indent", lines, "Outdent"], "<div>a</div>".into()),
        (&["Formula", "MathJax inline"], "\\(a\\)".into()),
        (&["Formula", "MathJax block"], "\\[a\\]".into()),
        (&["Formula", "MathJax chemistry"], "\\(\\ce{a}\\)".into()),
        (&["Formula", "LaTeX"], "[latex]a[/latex]".into()),
        (&["Formula", "LaTeX equation"], "[$]a[/$]".into()),
        (&["Formula", "LaTeX math env."], "[$$]a[/$$]".into()),
        (&["Cloze, new card"], "{{c1::a}}".into()),
        (&["Cloze, same card"], "{{c1::a}}".into()),
    ];
    for (buttons, html) in table {
        let mut t = Test::on("a");
        t.select(0..1);
        for button in *buttons {
            t.click(button);
        }
        assert_eq!(t.html(), *html, "{buttons:?}");
    }
    let mut t = Test::on("a");
    t.select(0..1);
    t.click(lines);
    t.click("Indent");
    assert!(t.html().starts_with("<blockquote style="), "{}", t.html());
    for button in ["Attach picture, sound or video", "Record sound"] {
        t.click(button);
    }
    let asked = &t.h.state().outputs;
    assert_eq!(*asked, [FieldOutput::Attach, FieldOutput::Record]);
}

/// With the caret in a link and nothing selected, the buttons did nothing.
#[test]
fn a_link_is_changed_with_the_caret_in_it_and_a_colour_stays() {
    let mut t = Test::on("<a href=\"x\">one</a> two");
    t.select(1..1);
    t.key(CTRL, Key::K);
    t.click("Remove link");
    assert_eq!(t.html(), "one two");
    let blue = "<span style=\"color: rgb(0, 0, 255);\">one</span>";
    let mut t = Test::on(blue);
    t.select(1..1);
    t.key(Modifiers::NONE, Key::F7);
    t.type_text("x");
    assert_eq!(t.html(), blue.replace("one", "oxne"));
}

/// A picture arrives while the HTML view is open: what is typed there next keeps it.
#[test]
fn the_html_view_shows_what_arrived_meanwhile() {
    let mut t = Test::on("word");
    t.h.state_mut().field.set_source_view(true);
    t.h.run();
    t.h.state_mut().field.insert_html("<img src=\"cat.png\">");
    t.h.run();
    let source =
        t.h.get_by_role_and_label(Role::MultilineTextInput, "Front HTML");
    let shown = source.accesskit_node().value();
    assert!(shown.is_some_and(|html| html.contains("cat.png")));
    source.focus();
    t.h.run();
    t.type_text("!");
    assert!(
        t.html().contains("cat.png") && t.html().contains('!'),
        "{}",
        t.html()
    );
    assert!(t.h.state().changes > 1);
}

fn pressed(key: Key) -> Event {
    Event::Key {
        key,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: Modifiers::NONE,
    }
}

/// A letter of several signs goes whole; what comes in the same frame is at the caret that is left.
#[test]
fn keys_of_one_frame_follow_the_caret() {
    let family = "👨\u{200d}👩\u{200d}👧";
    let twice = || vec![pressed(Key::Backspace), pressed(Key::Backspace)];
    let mut t = Test::on(family);
    t.select(5..5);
    t.at_once(twice());
    assert_eq!(t.html(), "");
    let mut t = Test::on(&format!("ab{family}cdefgh"));
    t.select(7..7);
    t.at_once(twice());
    assert_eq!(t.html(), "acdefgh");
    t.type_text("X");
    assert_eq!(t.html(), "aXcdefgh");
    let mut t = Test::on(&format!("ab{family}cd"));
    t.select(7..7);
    t.at_once(vec![pressed(Key::Backspace), Event::Text("X".to_owned())]);
    assert_eq!(t.html(), "abXcd");
    // The end of a formula and of a sound, and what is typed on after it.
    let keys = |text: &str| text.chars().map(|c| Event::Text(c.to_string())).collect();
    let mut t = Test::on("<b>before</b> after");
    t.select(7..7);
    t.at_once(keys("\\(x^2\\) and [sound:x.mp3] so "));
    t.type_text("on ");
    let typed = "<b>before</b> \\(x^2\\) and [sound:x.mp3] so on after";
    assert_eq!(t.html(), typed);
}

/// The last letter of an item, in a list that Anki or a browser wrote.
#[test]
fn an_item_is_emptied_and_written_anew() {
    let mut t = Test::on("<ul><li>a</li><li>b</li></ul>");
    t.select(3..3);
    t.key(Modifiers::NONE, Key::Backspace);
    assert_eq!(t.html(), "<ul><li>a</li><li><br></li></ul>");
    t.type_text("c");
    t.type_text("d");
    t.key(Modifiers::NONE, Key::Enter);
    t.type_text("e");
    assert_eq!(t.html(), "<ul><li>a</li><li>cd</li><li>e</li></ul>");
    // Typed over.
    t.select(0..1);
    t.type_text("x");
    let list = "<ul><li>x</li><li>cd</li><li>e</li></ul>";
    assert_eq!(t.html(), list);
    // Enter in an empty one leaves the list.
    t.select(6..6);
    t.key(Modifiers::NONE, Key::Enter);
    t.key(Modifiers::NONE, Key::Enter);
    assert!(!t.is_on("Bulleted list"));
    t.type_text("z");
    assert_eq!(t.html(), format!("{list}<div>z</div>"));
    let mut t = Test::on("<ul><li>a<ul><li>b</li></ul></li></ul>");
    t.select(3..3);
    t.key(Modifiers::NONE, Key::Enter);
    t.key(Modifiers::NONE, Key::Enter);
    t.type_text("c");
    let nested = "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>";
    assert_eq!(t.html(), nested);
    // One that has no list to leave: Enter still does something.
    let mut t = Test::on("<li>a</li><li><br></li>");
    t.select(2..2);
    t.key(Modifiers::NONE, Key::Enter);
    t.type_text("b");
    assert_eq!(t.html(), "<li>a</li><li><br></li><li>b</li>");
}

/// Its line ends are line ends in the strip, each time it is opened.
#[test]
fn a_formula_with_line_ends_is_edited_twice() {
    let mut t = Test::on("\\[a<br>b\\]");
    for (typed, html) in [("x", "\\[ax<br>b\\]"), ("<", "\\[ax&lt;<br>b\\]")] {
        t.select(0..1);
        t.key(Modifiers::NONE, Key::Enter);
        t.key(Modifiers::NONE, Key::ArrowUp);
        t.key(Modifiers::NONE, Key::End);
        t.type_text(typed);
        t.click("Done");
        assert_eq!(t.html(), html);
    }
    // Other tags are no TeX: the HTML itself is edited.
    let mut t = Test::on("[latex]a<div>b</div>[/latex]");
    t.select(0..1);
    t.key(Modifiers::NONE, Key::Enter);
    t.h.get_by_role_and_label(Role::MultilineTextInput, "HTML of the formula");
    t.key(CTRL, Key::Home);
    t.type_text("&lt;");
    t.click("Done");
    assert_eq!(t.html(), "[latex]&lt;a<div>b</div>[/latex]");
}

#[test]
fn a_formula_of_a_selection_keeps_pictures_and_looks() {
    let mut t = Test::on("a <img src=\"cat.png\"> x<sub>2</sub>");
    t.key(CTRL, Key::A);
    t.key(CTRL, Key::M);
    t.key(Modifiers::NONE, Key::E);
    assert_eq!(t.html(), "\\[a <img src=\"cat.png\"> x<sub>2</sub>\\]");
    t.type_text("!");
    assert!(t.html().ends_with("</sub>\\]!"), "{}", t.html());
}

/// Nothing that is typed into a strip waits for its end; Cancel and one undo take all of it back.
#[test]
fn what_a_strip_holds_is_in_the_field_at_once() {
    let mut t = Test::on("E: ");
    t.select(3..3);
    t.key(CTRL, Key::M);
    t.key(Modifiers::NONE, Key::M);
    let told = t.h.state().changes;
    for sign in ["m", "c", "<"] {
        t.type_text(sign);
    }
    assert_eq!(t.html(), "E: \\(mc&lt;\\)");
    assert_eq!(t.h.state().changes, told + 3, "or it would not be saved");
    // An end of the formula within it is still all there.
    t.type_text("\\)x");
    assert_eq!(t.html(), "E: \\(mc&lt;\\)x\\)");
    t.key(Modifiers::NONE, Key::Backspace);
    t.key(Modifiers::NONE, Key::Backspace);
    t.key(Modifiers::NONE, Key::Backspace);
    t.key(CTRL, Key::Enter);
    let strip = (Role::MultilineTextInput, "Formula");
    assert!(t.h.query_by_role_and_label(strip.0, strip.1).is_none());
    t.type_text("!");
    assert_eq!(t.html(), "E: \\(mc&lt;\\)!");
    t.key(CTRL, Key::Z);
    t.key(CTRL, Key::Z);
    assert_eq!(t.html(), "E: \\(\\)");
    // Of a picture: its numbers too; untouched, it keeps its bytes.
    let source = "<img src=' cat.png' width=' 80 '>";
    let mut t = Test::on(source);
    t.select(0..1);
    t.key(Modifiers::NONE, Key::Enter);
    assert_eq!(t.html(), source);
    t.h.get_by_role_and_label(Role::TextInput, "Height").focus();
    t.h.run();
    t.type_text("9");
    assert!(t.html().contains("height=\"9\""), "{}", t.html());
    t.key(Modifiers::NONE, Key::Escape);
    assert_eq!(t.html(), source);
    assert!(!t.h.state().field.state().can_undo);
    // The key is a menu's that is open.
    let mut t = Test::on("\\(x\\)");
    t.select(0..1);
    t.key(Modifiers::NONE, Key::Enter);
    t.type_text("2");
    let typed = t.html();
    assert_ne!(typed, "\\(x\\)");
    t.click_secondary(Role::MultilineTextInput, "Formula");
    t.key(Modifiers::NONE, Key::Escape);
    assert_eq!(t.html(), typed);
    // The texts of a table end by the same key.
    let mut t = Test::on("<table><tr><td>1</td></tr></table>");
    t.select(0..1);
    t.key(Modifiers::NONE, Key::Enter);
    t.key(CTRL, Key::End);
    t.type_text("2");
    t.key(CTRL, Key::Enter);
    assert!(t.h.query_by_label("Row 1, column 1").is_none());
    assert_eq!(t.html(), "<table><tr><td>12</td></tr></table>");
}

/// However long files take: each comes where it was asked for, and takes away what was chosen then.
#[test]
fn files_that_come_late_take_no_other_text() {
    let (a, b) = ("<img src=\"cat.png\">", "[sound:b.mp3]");
    let mut t = Test::on("one-two-three");
    t.select(4..7);
    for ticket in [1, 2] {
        t.h.state_mut().field.keep_place(ticket);
    }
    t.h.state_mut().field.fill_place(1, a, true);
    t.h.state_mut().field.fill_place(2, b, true);
    t.h.run();
    assert_eq!(t.html(), format!("one-{a}{b}-three"));
    t.type_text("!");
    assert_eq!(t.html(), format!("one-{a}{b}!-three"));
    // Other text is chosen meanwhile: it stays, and stays chosen.
    let mut t = Test::on("one two three");
    t.select(3..3);
    t.h.state_mut().field.keep_place(1);
    t.select(8..13);
    t.h.state_mut().field.fill_place(1, a, true);
    t.h.run();
    assert_eq!(t.html(), format!("one{a} two three"));
    t.type_text("3");
    assert_eq!(t.html(), format!("one{a} two 3"));
    // What comes by the old way leaves the caret behind it.
    let mut t = Test::on("one-two");
    t.select(0..3);
    t.h.state_mut().field.insert_html(a);
    t.h.state_mut().field.insert_html(b);
    t.h.run();
    assert_eq!(t.html(), format!("{a}{b}-two"));
}

#[test]
fn files_asked_for_in_the_html_view_come_there() {
    let mut t = Test::on("<b>one</b> two");
    t.select(4..7);
    t.key(CTRL_SHIFT, Key::X);
    t.h.get_by_role_and_label(Role::MultilineTextInput, "Front HTML")
        .focus();
    t.h.run();
    t.key(CTRL, Key::Home);
    for _ in 0..4 {
        t.key(Modifiers::NONE, Key::ArrowRight);
    }
    t.key(Modifiers::NONE, Key::F3);
    assert_eq!(t.h.state().outputs, [FieldOutput::Attach]);
    t.h.state_mut().field.keep_place(1);
    t.h.state_mut().field.fill_place(1, "[sound:a.mp3]", true);
    t.h.run();
    assert_eq!(t.html(), "<b>o[sound:a.mp3]ne</b> two");
    t.type_text("!");
    assert_eq!(t.html(), "<b>o[sound:a.mp3]!ne</b> two");
}

#[test]
fn page_keys_lead_by_as_many_lines_as_are_seen() {
    let mut t = Test::on(&vec!["ab"; 100].join("<br>"));
    let line_of = |html: String, sign| html.split("<br>").position(|line| line.contains(sign));
    t.select(0..0);
    t.key(Modifiers::NONE, Key::PageDown);
    t.type_text("x");
    let line = line_of(t.html(), 'x').unwrap();
    assert!((10..40).contains(&line), "{line}");
    t.key(Modifiers::NONE, Key::PageUp);
    t.type_text("y");
    assert_eq!(line_of(t.html(), 'y'), Some(0));
    t.select(0..0);
    t.key(Modifiers::SHIFT, Key::PageDown);
    // Three signs a line with its end, and the one that was typed.
    assert_eq!(t.h.state().field.selection(), 0..3 * line + 1);
}

/// What is copied in a field is pasted as it is; what only says so is cleaned.
#[test]
fn cut_and_paste_inside_loses_nothing() {
    let list = "<ul><li>one two</li><li>three</li></ul>";
    let mut t = Test::on(list);
    t.select(0..4);
    t.copy_and_paste(Event::Cut, 0);
    assert_eq!(t.html(), list);
    t.select(0..3);
    t.copy_and_paste(Event::Copy, 7);
    assert_eq!(t.html(), list.replace("one two", "one twoone"));
    let odd = "<details class=x><summary>s</summary></details><svg><path d=\"M0 0\"/></svg> \
               <span class=\"y\" style=\"font-size: 9px\">z</span>";
    let mut t = Test::on(odd);
    t.h.state_mut().paste_strips = true;
    t.key(CTRL, Key::A);
    t.copy_and_paste(Event::Cut, 0);
    assert_eq!(t.html(), odd);
    let sign = t.paper.html().unwrap();
    let mut t = Test::on("");
    t.paper.write(&sign.replace("class=x", "onclick=x"), "s");
    t.h.event(Event::Paste("s".to_owned()));
    t.h.run();
    assert!(
        !t.html().contains("onclick") && !t.html().contains("svg"),
        "{}",
        t.html()
    );
}
