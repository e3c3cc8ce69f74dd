//! The deck list as rows, and its words. No egui here.

use crate::base::count::shortest;
use crate::base::ids::DeckId;
use crate::domain::deck_tree::DeckTreeNode;
use crate::domain::study::StudiedToday;
use crate::domain::timespan;
use crate::ui::widgets::text::number;
use crate::{t, tn};

/// One visible line of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: DeckId,
    /// Last component.
    pub name: String,
    /// `A::B`.
    pub full_name: String,
    /// 0 at the top.
    pub depth: usize,
    /// None without children.
    pub open: Option<bool>,
    pub filtered: bool,
    /// New, learn, due.
    pub counts: [u32; 3],
    pub total_cards: u32,
}

/// The rows that are not inside a collapsed deck, in order.
#[must_use]
pub fn rows(root: &DeckTreeNode) -> Vec<Row> {
    let mut out = vec![];
    collect(root, "", 0, false, &mut out);
    out
}

/// All decks, collapsed ones too.
#[must_use]
pub fn all_rows(root: &DeckTreeNode) -> Vec<Row> {
    let mut out = vec![];
    collect(root, "", 0, true, &mut out);
    out
}

fn collect(node: &DeckTreeNode, prefix: &str, depth: usize, hidden: bool, out: &mut Vec<Row>) {
    for child in &node.children {
        let full_name = format!("{prefix}{}", child.name);
        let open = (!child.children.is_empty()).then_some(!child.collapsed);
        out.push(Row {
            id: child.id,
            name: child.name.clone(),
            full_name: full_name.clone(),
            depth,
            open,
            filtered: child.filtered,
            counts: [child.new, child.learn, child.review],
            total_cards: child.total_cards,
        });
        if hidden || open == Some(true) {
            collect(child, &format!("{full_name}::"), depth + 1, hidden, out);
        }
    }
}

/// "Studied 142 cards in 18.4 minutes today (7.77s/card)".
#[must_use]
pub fn studied_today(today: StudiedToday) -> String {
    if today.cards == 0 {
        return t!("No cards studied today").into();
    }
    let each = today.seconds / f64::from(today.cards);
    t!(
        "Studied {cards} in {time} today ({seconds}s/card)",
        cards = tn!(u64::from(today.cards), "{n} card", "{n} cards"),
        time = timespan::of_today(today.seconds),
        seconds = shortest((each * 100.0).round() / 100.0)
    )
}

/// No deck has a card.
#[must_use]
pub fn is_empty(root: &DeckTreeNode) -> bool {
    root.total_cards == 0 && root.children.iter().all(is_empty)
}

/// A count as the list shows it: beyond 9,999 the digits would not fit.
#[must_use]
pub fn count(n: u32) -> String {
    if n > 99_999 {
        format!("{}+", number(99_999))
    } else {
        number(u64::from(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: i64, name: &str, collapsed: bool, children: Vec<DeckTreeNode>) -> DeckTreeNode {
        DeckTreeNode {
            id: DeckId(id),
            name: name.into(),
            collapsed,
            children,
            ..Default::default()
        }
    }

    fn tree() -> DeckTreeNode {
        node(
            0,
            "",
            false,
            vec![
                node(1, "History", true, vec![node(2, "Rome", false, vec![])]),
                node(
                    3,
                    "Languages",
                    false,
                    vec![node(4, "French", false, vec![])],
                ),
            ],
        )
    }

    #[test]
    fn collapsed_decks_hide_their_children() {
        let names: Vec<_> = rows(&tree())
            .into_iter()
            .map(|r| (r.name, r.depth))
            .collect();
        assert_eq!(
            names,
            [
                ("History".to_owned(), 0),
                ("Languages".to_owned(), 0),
                ("French".to_owned(), 1)
            ]
        );
        assert_eq!(all_rows(&tree()).len(), 4);
    }

    #[test]
    fn todays_line_reads_as_in_anki() {
        let line = |cards, seconds| studied_today(StudiedToday { cards, seconds });
        assert_eq!(
            line(142, 1104.0),
            "Studied 142 cards in 18.4 minutes today (7.77s/card)"
        );
        assert_eq!(line(1, 5.0), "Studied 1 card in 5 seconds today (5s/card)");
        assert!(line(100, 5000.0).contains("in 83.33 minutes today (50s/card)"));
        assert_eq!(line(0, 0.0), "No cards studied today");
    }
}
