//! Text that is read from right to left while it is typed: one glyph a character, in its place, and
//! a caret that pointer and arrow keys lead to where they point.

use eframe::egui::text::LayoutJob;
use eframe::egui::{
    self, Align, Color32, Event, Key, Modifiers, PointerButton, Pos2, Rect, Theme, Ui, pos2, vec2,
};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use engram::ui::theme::font;
use engram::ui::widgets::field::Field;
use engram::ui::widgets::typed;

const TEXTS: [&str; 13] = [
    "",
    "plain words",
    "שלום",
    "שלום abc",
    "abc שלום",
    "עברית (שיעור 12) ועוד",
    "اللغة العربية للمبتدئين",
    "لا إله",
    "שָׁלוֹם",
    "مرحبا World 42 עולם",
    "ภาษาไทย ที่",
    "א\nb\n\nשלום עולם\n",
    "e\u{301} 👩‍🚀 ❤️ שלום",
];

fn built<State: 'static>(
    state: State,
    ui: impl FnMut(&mut Ui, &mut State) + 'static,
) -> Harness<'static, State> {
    let mut h = Harness::builder()
        .with_size(vec2(400.0, 300.0))
        .with_theme(Theme::Light)
        .with_step_dt(1.0 / 60.0)
        .with_max_steps(64)
        .allow_missing_glyphs()
        .with_context_setup(move |ctx| {
            engram::ui::theme::install(ctx);
            engram::ui::theme::system_fonts::add(ctx);
        })
        .build_ui_state(ui, state);
    h.run();
    h
}

#[test]
fn each_character_has_one_glyph_and_the_caret_finds_its_place() {
    let look = |ui: &mut Ui, _: &mut ()| {
        for text in TEXTS {
            for (room, align) in [
                (400.0, Align::Min),
                (90.0, Align::Min),
                (90.0, Align::Center),
            ] {
                let mut job = LayoutJob::simple(text.into(), font::body(), Color32::BLACK, room);
                job.keep_trailing_whitespace = true;
                job.halign = align;
                let galley = typed::galley(ui, job, room, None);
                let of_row = |r: &egui::epaint::text::PlacedRow| r.char_count_including_newline().0;
                let count: usize = galley.rows.iter().map(of_row).sum();
                assert_eq!(count, text.chars().count(), "{text:?}");
                let all =
                    Rect::from_min_max(pos2(0.0, 0.0), pos2(room, galley.size().y)).expand(1.0);
                if !text.chars().any(|c| ('א'..='ي').contains(&c)) {
                    continue;
                }
                for n in 0..=count {
                    let cursor = egui::text::CCursor::new(n);
                    let at = galley.pos_from_cursor(cursor);
                    assert!(all.contains(at.center()), "{text:?} {n}: {at}");
                    let found = typed::cursor_at(&galley, at.center().to_vec2());
                    let back = galley.pos_from_cursor(found);
                    let away = (back.center() - at.center()).length();
                    assert!(
                        away < 1.0,
                        "{text:?} {n}: {at} is {}, at {back}",
                        found.index.0
                    );
                }
            }
        }
    };
    built((), look);
}

#[test]
fn a_line_begins_where_its_first_letter_does_and_goes_on_from_there() {
    let look = |ui: &mut Ui, _: &mut ()| {
        let x = |text: &str, n: usize| {
            let job = LayoutJob::simple(text.into(), font::body(), Color32::BLACK, 300.0);
            let galley = typed::galley(ui, job, 300.0, None);
            let cursor = egui::text::CCursor::new(n);
            (galley.pos_from_cursor(cursor).center().x, galley.rows.len())
        };
        assert!((x("שלום עולם", 0).0 - 300.0).abs() < 2.0);
        assert!(x("שלום עולם", 9).0 < x("שלום עולם", 4).0);
        // A word of the other direction stands where it is read.
        assert_eq!(x("abc שלום", 0).0, 0.0);
        assert!(x("abc שלום d", 5).0 > x("abc שלום d", 7).0);
        assert!(x("abc שלום d", 10).0 > x("abc שלום d", 5).0);
        // The first words are in the first row.
        let long = "אחת שתיים שלוש ארבע חמש שש שבע שמונה תשע עשר ".repeat(3);
        assert!(x(&long, 0).1 > 2);
    };
    built((), look);
}

struct Form {
    text: String,
}

fn field() -> Harness<'static, Form> {
    let show = |ui: &mut Ui, form: &mut Form| {
        Field::new(&mut form.text, "Words").width(300.0).show(ui);
    };
    let form = Form {
        text: String::new(),
    };
    let mut h = built(form, show);
    h.get_by_label("Words").focus();
    h.run();
    h
}

fn type_text(h: &mut Harness<'static, Form>, text: &str) {
    h.event(Event::Text(text.to_owned()));
    h.run();
}

fn press(h: &mut Harness<'static, Form>, at: Pos2, times: usize) {
    // Long after the click before.
    h.run_steps(60);
    h.hover_at(at);
    for pressed in [true, false].repeat(times) {
        h.event(Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
    }
    h.run();
}

#[test]
fn the_pointer_leads_the_caret_to_where_it_points() {
    let mut h = field();
    type_text(&mut h, "שלום");
    let r = h.get_by_label("Words").rect();
    let edges = (r.min.x + 10.0, r.max.x - 10.0);
    // Before the first letter, which is the rightmost.
    press(&mut h, pos2(edges.1 - 1.0, r.center().y), 1);
    type_text(&mut h, "א");
    assert_eq!(h.state().text, "אשלום");
    // Behind the last one, at the left of the word and of all that room.
    press(&mut h, pos2(edges.0 + 5.0, r.center().y), 1);
    type_text(&mut h, "ב");
    assert_eq!(h.state().text, "אשלוםב");
    type_text(&mut h, " x");
    // A word is chosen by a double click: what is typed takes its place.
    press(&mut h, pos2(edges.1 - 12.0, r.center().y), 2);
    type_text(&mut h, "ג");
    assert_eq!(h.state().text, "ג x");
    assert!(h.get_by_label("Words").is_focused());
}

#[test]
fn arrow_keys_lead_to_where_they_point() {
    let mut h = field();
    type_text(&mut h, "שלום");
    h.key_press(Key::ArrowRight);
    h.run();
    type_text(&mut h, "x");
    assert_eq!(h.state().text, "שלוxם");
    let mut h = field();
    type_text(&mut h, "word");
    h.key_press(Key::ArrowLeft);
    h.run();
    type_text(&mut h, "x");
    assert_eq!(h.state().text, "worxd");
}

#[test]
fn up_and_down_stay_below_each_other_and_a_drag_chooses_what_it_passes() {
    let show = |ui: &mut Ui, form: &mut Form| {
        let field = Field::new(&mut form.text, "Words").rows(4).width(300.0);
        field.show(ui);
    };
    let mut h = built(
        Form {
            text: "אבגדה\nאבגדה".into(),
        },
        show,
    );
    h.get_by_label("Words").focus();
    h.run();
    let r = h.get_by_label("Words").rect();
    let upper = pos2(r.max.x - 10.0, r.min.y + 16.0);
    press(&mut h, upper, 1);
    h.key_press(Key::ArrowLeft);
    h.run();
    h.key_press(Key::ArrowLeft);
    h.run();
    h.key_press(Key::ArrowDown);
    h.run();
    type_text(&mut h, "x");
    assert_eq!(h.state().text, "אבגדה\nאבxגדה");
    h.key_press(Key::Backspace);
    h.key_press(Key::ArrowUp);
    h.run();
    type_text(&mut h, "y");
    assert_eq!(h.state().text, "אבyגדה\nאבגדה");
    h.key_press(Key::Backspace);
    h.run_steps(60);
    // From before the first line to behind it: all of it, and no more.
    h.hover_at(upper);
    h.drag_at(upper);
    h.run_steps(2);
    h.hover_at(pos2(r.min.x + 20.0, upper.y));
    h.run_steps(2);
    h.drop_at(pos2(r.min.x + 20.0, upper.y));
    h.run();
    type_text(&mut h, "z");
    assert_eq!(h.state().text, "z\nאבגדה");
}
