//! Masks are moved, grouped, lined up and taken back.

use super::*;

fn board(fields: &[&str]) -> Board {
    let text: String = fields.iter().map(|f| format!("{{{{{f}}}}}<br>")).collect();
    Board::new(Masks::parse(&text))
}

fn numbers(b: &Board) -> Vec<u32> {
    b.masks().iter().map(|m| m.ordinal).collect()
}

const A: &str = "c1::image-occlusion:rect:left=.1:top=.1:width=.2:height=.2";
const B: &str = "c2::image-occlusion:rect:left=.5:top=.4:width=.1:height=.1";
const C: &str = "c3::image-occlusion:ellipse:left=.6:top=.6:rx=.1:ry=.1";

#[test]
fn a_group_is_one_card_and_selected_as_one() {
    let mut b = board(&[A, B, C]);
    b.select_in(Bounds::between((0.0, 0.0), (0.55, 0.45)), 1.0);
    assert_eq!(b.selected(), [0, 1]);
    b.group();
    assert_eq!(numbers(&b), [1, 1, 3]);
    b.select(b.at((0.52, 0.42), 1.0), false);
    assert_eq!(b.selected(), [0, 1]);
    b.ungroup();
    assert_eq!(numbers(&b), [1, 2, 3]);
    b.undo();
    assert_eq!(numbers(&b), [1, 1, 3]);
    b.redo();
    assert_eq!(numbers(&b), [1, 2, 3]);
}

#[test]
fn masks_move_resize_and_align() {
    let mut b = board(&[A, B]);
    b.select_all();
    b.begin_drag();
    b.drag_by(5.0, 0.0, 1.0);
    b.end_drag();
    let lefts = |b: &Board| -> Vec<i64> {
        b.masks()
            .iter()
            .map(|m| (m.left * 1000.0).round() as i64)
            .collect()
    };
    assert_eq!(lefts(&b), [500, 900], "they stay on the picture");
    b.undo();
    b.select_all();
    b.align(AlignTo::Right, 1.0);
    assert_eq!(lefts(&b), [400, 500]);
    b.select(Some(1), false);
    b.begin_drag();
    b.drag_to(Bounds::between((0.2, 0.2), (0.6, 0.3)), 1.0);
    b.end_drag();
    let Some(Shape::Rect { width, height, .. }) = b.masks().get(1).map(|m| m.shape.clone()) else {
        panic!("a rectangle");
    };
    assert_eq!(
        ((width * 1000.0).round(), (height * 1000.0).round()),
        (400.0, 100.0)
    );
}

#[test]
fn a_group_is_lined_up_as_one_and_one_alone_with_the_picture() {
    let mut b = board(&[A, B, C]);
    let corners = |b: &Board| -> Vec<(i64, i64)> {
        let corner = |m: &Mask| [m.left, m.top].map(|at| (at * 1000.0).round() as i64);
        b.masks().iter().map(|m| corner(m).into()).collect()
    };
    b.select(Some(0), false);
    b.select(Some(1), true);
    b.group();
    b.select_all();
    b.align(AlignTo::Right, 1.0);
    // The group is .1 to .6 wide, and the ellipse ends at .8.
    assert_eq!(corners(&b), [(300, 100), (700, 400), (600, 600)]);
    b.select(Some(0), false);
    b.align(AlignTo::Bottom, 1.0);
    assert_eq!(corners(&b), [(300, 600), (700, 900), (600, 600)]);
    b.select(Some(2), false);
    b.align(AlignTo::Middle, 1.0);
    b.align(AlignTo::Top, 1.0);
    assert_eq!(corners(&b)[2], (400, 0));
}

#[test]
fn new_ones_get_the_lowest_free_number_and_hide_all_at_first() {
    let mut b = Board::default();
    let (shape, at) = drawn(false, Bounds::between((0.3, 0.3), (0.1, 0.1))).unwrap();
    b.add(shape.clone(), at);
    b.add(shape, at);
    assert_eq!(numbers(&b), [1, 2]);
    assert!(b.masks().hides_all());
    b.select(Some(0), false);
    b.delete_selected();
    b.select(Some(0), false);
    b.duplicate_selected();
    assert_eq!(numbers(&b), [2, 1]);
    assert!(drawn(true, Bounds::between((0.3, 0.3), (0.3, 0.31))).is_none());
}

#[test]
fn the_mode_can_be_chosen_before_the_first_mask_and_stays() {
    let mut b = Board::default();
    assert!(b.hides_all(), "as Anki's editor begins");
    b.set_hides_all(false);
    assert!(!b.hides_all() && !b.can_undo());
    let (shape, at) = drawn(false, Bounds::between((0.3, 0.3), (0.1, 0.1))).unwrap();
    b.add(shape.clone(), at);
    assert!(!b.masks().to_field().contains("oi="));
    b.delete_selected();
    b.add(shape, at);
    assert!(!b.hides_all(), "also after all are gone");
}

#[test]
fn what_is_done_by_key_during_a_drag_is_a_step_of_its_own_and_stays() {
    let mut b = board(&[A]);
    let before = b.masks().to_field();
    b.select_all();
    b.begin_drag();
    b.drag_by(0.2, 0.0, 1.0);
    let moved = b.masks().to_field();
    b.duplicate_selected();
    b.drag_by(0.3, 0.0, 1.0);
    b.end_drag();
    assert_eq!(numbers(&b), [1, 2]);
    b.undo();
    assert_eq!(b.masks().to_field(), moved);
    // Undo itself, too.
    b.select_all();
    b.begin_drag();
    b.drag_by(0.1, 0.1, 1.0);
    b.undo();
    b.drag_by(0.3, 0.0, 1.0);
    b.end_drag();
    assert_eq!(b.masks().to_field(), moved);
    b.undo();
    assert_eq!(b.masks().to_field(), before);
}

#[test]
fn turned_masks_are_where_they_are_seen() {
    // On a picture twice as wide as high: a quarter to the right of its left top corner.
    let text = "c1::image-occlusion:rect:left=.8:top=.1:angle=2500:width=.2:height=.2";
    let mut b = board(&[text]);
    let close = |found: Bounds, left: f64, top: f64, right: f64, bottom: f64| {
        let all = [
            (found.left, left),
            (found.top, top),
            (found.right, right),
            (found.bottom, bottom),
        ];
        assert!(all.iter().all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
    };
    close(bounds(b.masks().get(0).unwrap(), 2.0), 0.7, 0.1, 0.8, 0.5);
    assert_eq!(b.at((0.75, 0.45), 2.0), Some(0));
    assert_eq!(
        b.at((0.9, 0.2), 2.0),
        None,
        "where it was before it was turned"
    );
    b.select_all();
    b.begin_drag();
    b.drag_by(1.0, 0.0, 2.0);
    b.end_drag();
    close(b.selection_bounds(2.0).unwrap(), 0.9, 0.1, 1.0, 0.5);
    // Twice as high is twice as wide too.
    b.begin_drag();
    let old = b.selection_bounds(2.0).unwrap();
    let bottom = old.bottom + 0.4;
    b.drag_to(Bounds { bottom, ..old }, 2.0);
    b.end_drag();
    close(b.selection_bounds(2.0).unwrap(), 0.9, 0.1, 1.1, 0.9);
    b.undo();
    b.select_all();
    b.turn(-90.0, 2.0);
    close(b.selection_bounds(2.0).unwrap(), 0.85, 0.2, 1.05, 0.4);
    assert!(!b.masks().to_field().contains("angle"), "upright again");
}

#[test]
fn a_group_is_turned_about_its_middle() {
    let mut b = board(&[A, B, "c1::image-occlusion:polygon:points=0,0 .2,0 0,.2"]);
    b.select_all();
    let before = b.selection_bounds(1.0).unwrap();
    for _ in 0..4 {
        b.turn(90.0, 1.0);
    }
    let after = b.selection_bounds(1.0).unwrap();
    assert!((before.left - after.left).abs() < 1e-9 && (before.top - after.top).abs() < 1e-9);
    assert!(!b.masks().to_field().contains("angle"));
    b.turn(90.0, 1.0);
    let turned = b.selection_bounds(1.0).unwrap();
    assert!((turned.width() - before.height()).abs() < 1e-9);
    assert!(b.masks().to_field().contains(":angle=2500:"));
}

#[test]
fn an_ellipse_is_hit_inside_only() {
    let b = board(&[C]);
    assert_eq!(b.at((0.61, 0.61), 1.0), None);
    assert_eq!(b.at((0.7, 0.7), 1.0), Some(0));
}
