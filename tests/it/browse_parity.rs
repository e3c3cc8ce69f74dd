//! Rows of the browser, all 19 columns in both modes, against the real Anki's on the same varied
//! collection; and the layout that both programs keep in it.

use crate::oracle;
use engram::base::ids::DeckId;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::domain::browse::{Column, Layout, Row, RowColor};
use engram::domain::note_edit::NewNote;
use serde_json::Value;
use std::fmt::Write as _;

/// As Anki numbers them.
fn number(color: RowColor) -> i64 {
    match color {
        RowColor::Plain => 0,
        RowColor::Marked => 1,
        RowColor::Suspended => 2,
        RowColor::Flag(n) => i64::from(n) + 2,
        RowColor::Buried => 10,
    }
}

fn plain(text: &str) -> String {
    text.replace(['\u{2068}', '\u{2069}'], "")
}

/// The script may tell more of a card, to be shown where something differs.
pub fn compare(row: &Row, theirs: &Value, wrong: &mut String) {
    let cells = row.cells.clone().unwrap_or_default();
    let card = theirs.get(5).map_or_else(String::new, Value::to_string);
    for ((column, key), (ours, theirs)) in Column::ALL
        .iter()
        .zip(cells.iter().zip(theirs[0].as_array().unwrap()))
    {
        let theirs = theirs.as_str().unwrap();
        // Seconds go by between the two programs: a percent may have changed.
        let near = *column == Column::Retrievability && {
            let n = |s: &str| s.trim_end_matches('%').parse::<i32>().unwrap_or(-100);
            (n(ours) - n(theirs)).abs() <= 1
        };
        // A day that no calendar has; of suspended cards in parentheses.
        let none = ours.is_empty() && theirs.trim_matches(['(', ')']) == "invalid date";
        if plain(ours) != theirs && !near && !none {
            let _ = writeln!(wrong, "{} {key}: {ours:?}, Anki {theirs:?} {card}", row.id);
        }
    }
    let rest = (
        number(row.color),
        row.font_name.as_str(),
        i64::from(row.font_size),
        row.right_to_left,
    );
    let expected = (
        theirs[1].as_i64().unwrap(),
        theirs[2].as_str().unwrap(),
        theirs[3].as_i64().unwrap(),
        theirs[4].as_bool().unwrap(),
    );
    if rest != expected {
        let _ = writeln!(wrong, "{}: {rest:?}, Anki {expected:?}", row.id);
    }
}

#[test]
fn rows_equal_ankis() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("collection.anki2");
    let none = room.path().join("none.txt");
    std::fs::write(&none, "").unwrap();
    let made = oracle::run(
        include_str!("oracle/search.py"),
        [path.as_os_str(), none.as_os_str()],
    );
    if made.is_none() {
        return;
    }
    let output = oracle::run(include_str!("oracle/browse.py"), [path.as_os_str()]).unwrap();
    let theirs: Value = serde_json::from_str(output.lines().last().unwrap()).unwrap();
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let columns = Column::ALL.map(|(column, _)| column);
    let mut wrong = String::new();
    for notes in [false, true] {
        let layout = Layout {
            sort: Column::Created,
            ..Layout::of(notes)
        };
        let ids = col.browse("", &layout).unwrap();
        let expected = theirs[if notes { "notes" } else { "cards" }]
            .as_object()
            .unwrap();
        assert_eq!(ids.len(), expected.len());
        assert!(ids.len() > 200);
        for row in col.browse_rows(&ids, notes, &columns).unwrap() {
            compare(&row, &expected[&row.id.to_string()], &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");

    let ([cards, notes], shows_notes) = col.browse_layouts().unwrap();
    assert!(shows_notes);
    assert_eq!(notes, Layout::of(true));
    let columns = vec![Column::SortField, Column::Interval, Column::Deck];
    assert_eq!(
        (cards.columns.clone(), cards.sort),
        (columns, Column::Interval)
    );
    assert!(cards.backwards);
}

#[test]
fn a_layout_is_kept_and_rows_that_are_gone_say_so() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("collection.anki2");
    {
        let mut col = Collection::open(&path, Clock::System).unwrap();
        let layout = Layout {
            notes: true,
            columns: vec![Column::Tags, Column::Ease],
            sort: Column::Ease,
            backwards: true,
        };
        col.set_browse_layout(&layout).unwrap();
        assert!(col.undo_status().undo.is_none(), "no step of undo");
        let ([cards, notes], shows_notes) = col.browse_layouts().unwrap();
        assert_eq!(
            (cards, notes, shows_notes),
            (Layout::of(false), layout, true)
        );
        let rows = col.browse_rows(&[7], true, &[Column::Tags]).unwrap();
        assert_eq!(rows, [Row::deleted(7)]);
        col.close().unwrap();
    }
    let _ = oracle::run(
        "import sys\nfrom anki.collection import Collection\ncol = Collection(sys.argv[1])\n\
         assert list(col.load_browser_note_columns()) == ['noteTags', 'cardEase']\n\
         assert col.get_config('noteSortType') == 'cardEase'\ncol.close()",
        [path.as_os_str()],
    );
}

/// Other programs leave what they like in a column.
#[test]
fn a_note_that_cannot_be_read_hides_no_other() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("collection.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    for front in ["odd", "sound"] {
        let new = NewNote {
            notetype_id: basic.id,
            deck_id: DeckId::DEFAULT,
            fields: vec![front.into(), "back".into()],
            tags: vec![],
        };
        col.add_note(new).unwrap();
    }
    col.close().unwrap();
    let damaged = oracle::run(
        "import sys, sqlite3\ndb = sqlite3.connect(sys.argv[1])\n\
         db.execute('update notes set flds = cast(flds as blob) where sfld = ?', ('odd',))\n\
         db.commit()",
        [path.as_os_str()],
    );
    if damaged.is_none() {
        return;
    }
    let mut col = Collection::open(&path, Clock::System).unwrap();
    for notes in [false, true] {
        let ids = col.browse("", &Layout::of(notes)).unwrap();
        let columns = [Column::SortField, Column::Deck];
        let rows = col.browse_rows(&ids, notes, &columns).unwrap();
        let cells: Vec<_> = rows.into_iter().filter_map(|row| row.cells).collect();
        assert_eq!(cells.len(), 2);
        let odd = cells.iter().find(|cells| cells[1].is_empty()).unwrap();
        assert!(odd[0].contains("cannot be read"), "{odd:?}");
        assert!(cells.contains(&vec!["sound".into(), "Default".into()]));
    }
}
