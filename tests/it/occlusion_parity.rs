//! Image-occlusion notes between Engram and the real Anki: what Anki stores opens and is written
//! again byte for byte, and what our editor writes is read by Anki's editor as the same masks.

use engram::domain::occlusion::{Mask, Masks, Shape};
use engram::ui::occlusion_edit::model::{AlignTo, Board, Bounds, drawn};
use serde_json::Value;

const ANKIS: [&str; 3] = [
    "{{c1::image-occlusion:rect:left=.1:top=.2:width=.5:height=.25:oi=1}}<br>\
     {{c2::image-occlusion:ellipse:left=.1:top=.2:rx=.1:ry=.05:fill=#ff0000:oi=1}}<br>",
    "{{c1::image-occlusion:polygon:points=0,0 .5,.5 .1,1:angle=250}}<br>\
     {{c0::image-occlusion:text:left=.3:top=.4:text=a\\:b c:scale=1.5:fs=.05}}<br>",
    "{{c3::image-occlusion:rect:left=.0000:top=.0000:width=1:height=1}}",
];

/// A note made with the tools of the editor.
fn made_here() -> Board {
    let mut board = Board::default();
    for (ellipse, from, to) in [
        (false, (0.1, 0.1), (0.4, 0.3)),
        (true, (0.5, 0.2), (0.8, 0.6)),
        (false, (0.02, 0.9), (0.0, 1.0)),
    ] {
        let (shape, at) = drawn(ellipse, Bounds::between(from, to)).unwrap();
        board.add(shape, at);
    }
    let points = vec![(0.2, 0.5), (0.4, 0.7), (0.25, 0.95)];
    board.add(Shape::Polygon { points }, (0.2, 0.5));
    let text = "why: a\\b?".to_owned();
    let (scale, font_size) = (1.25, 0.06);
    board.add(
        Shape::Text {
            text,
            scale,
            font_size,
        },
        (0.6, 0.1),
    );
    board.select(Some(0), false);
    board.select(Some(1), true);
    board.group();
    board.align(AlignTo::Top, 2.0);
    board.select(Some(2), false);
    board.fill_selected(Some("#9fdf9f"));
    board
}

fn check_mask(mask: &Mask, theirs: &Value) {
    let properties = theirs[2].as_object().unwrap();
    let number = |name: &str| -> f64 {
        let text = properties.get(name).and_then(Value::as_str);
        text.unwrap_or("0").parse().unwrap()
    };
    let same = |ours: f64, name: &str| {
        assert!(
            (ours - number(name)).abs() < 0.000_06,
            "{name}: {ours} in {theirs}"
        );
    };
    assert_eq!(theirs[0], mask.ordinal);
    let fill = properties.get("fill").and_then(Value::as_str);
    assert_eq!(fill, mask.fill.as_deref());
    let kind = match &mask.shape {
        Shape::Rect { width, height, .. } => {
            same(*width, "width");
            same(*height, "height");
            "rect"
        }
        Shape::Ellipse { rx, ry } => {
            same(*rx, "rx");
            same(*ry, "ry");
            "ellipse"
        }
        Shape::Polygon { points } => {
            let written = properties["points"].as_str().unwrap();
            assert_eq!(written.split(' ').count(), points.len());
            "polygon"
        }
        Shape::Text {
            text,
            scale,
            font_size,
        } => {
            assert_eq!(properties["text"], text.as_str());
            same(*scale, "scale");
            same(*font_size, "fs");
            "text"
        }
    };
    assert_eq!(theirs[1], kind);
    if kind != "polygon" {
        same(mask.left, "left");
        same(mask.top, "top");
    }
}

#[test]
fn ankis_editor_reads_what_ours_writes() {
    let ours = made_here();
    let mut one = made_here();
    one.set_hides_all(false);
    let mut fields: Vec<String> = ANKIS.iter().map(|f| (*f).to_owned()).collect();
    fields.push(ours.masks().to_field());
    fields.push(one.masks().to_field());
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("fields.json");
    std::fs::write(&list, serde_json::to_string(&fields).unwrap()).unwrap();
    let script = include_str!("oracle/occlusion.py");
    let Some(printed) = crate::oracle::run(script, [dir.path(), &list]) else {
        return;
    };
    let notes: Vec<Value> = serde_json::from_str(&printed).unwrap();
    for (field, note) in fields.iter().zip(&notes) {
        let stored = note["field"].as_str().unwrap();
        assert_eq!(stored, field, "Anki keeps the text");
        let masks = Masks::parse(stored);
        assert_eq!(
            masks.to_field(),
            stored,
            "opening and writing is the identity"
        );
        assert_eq!(note["hides_all"], masks.hides_all());
        let theirs = note["shapes"].as_array().unwrap();
        assert_eq!(theirs.len(), masks.len(), "{field}");
        let mut left: Vec<&Value> = theirs.iter().collect();
        for mask in masks.iter() {
            // Anki gives them by number; within one number in their order.
            let at = left.iter().position(|t| t[0] == mask.ordinal).unwrap();
            check_mask(mask, left.remove(at));
        }
        let mut cards: Vec<u32> = masks.iter().map(|m| m.ordinal).filter(|n| *n > 0).collect();
        cards.sort_unstable();
        cards.dedup();
        let expected: Vec<Value> = cards.iter().map(|n| Value::from(n - 1)).collect();
        assert_eq!(note["cards"], Value::from(expected), "one card a number");
    }
}
