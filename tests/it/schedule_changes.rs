//! Changes of a card's schedule that were no answers, as Card Info and `engram-cli history --card`
//! tell them.

use crate::cli_commands::Cli;
use engram::base::ids::{CardId, DeckId};
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::domain::card_answers::ResetHow;
use serde_json::{Value, json};

/// What it was, the days before and after, the ease before and after.
fn told(cli: &Cli, card: CardId) -> Vec<Value> {
    let answer = cli.ok(&["history", "--card", &card.to_string()]);
    let changes = answer["changes"].as_array().unwrap().iter();
    changes
        .map(|c| {
            assert!(c["time"].is_i64(), "{c}");
            let days = |side: &str| c[side]["interval_secs"].as_u64().unwrap() / 86_400;
            let ease = |side: &str| c[side]["ease"].clone();
            json!([
                c["what"],
                [days("before"), days("after")],
                [ease("before"), ease("after")]
            ])
        })
        .collect()
}

#[test]
fn each_change_without_an_answer_is_told_with_before_and_after_and_undo_takes_it_away() {
    let cli = Cli::with_profile();
    let path = cli.base().join("Ann/collection.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    let note = col.add_note(NewNote {
        notetype_id: basic.id,
        deck_id: DeckId::DEFAULT,
        fields: vec!["front".into(), "back".into()],
        tags: vec![],
    });
    let card = col.cards_of_notes(&[note.unwrap().value]).unwrap()[0];
    col.set_due_date(&[card], "5!", None).unwrap();
    col.set_due_date(&[card], "12!", None).unwrap();
    col.reset_cards(&[card], ResetHow::default(), None).unwrap();
    col.close().unwrap();

    let due_dates = [
        json!(["Due date set", [5, 12], [2500, 2500]]),
        json!(["Due date set", [0, 5], [0, 2500]]),
    ];
    let mut all = vec![json!(["Reset to new", [12, 0], [2500, 0]])];
    all.extend(due_dates.clone());
    assert_eq!(told(&cli, card), all);
    let other = cli.fails(&["history", "--card", "1"]);
    assert_eq!(other, (1, "not-found".to_owned()));

    let mut col = Collection::open(&path, Clock::System).unwrap();
    col.undo().unwrap();
    col.close().unwrap();
    assert_eq!(told(&cli, card), due_dates);
}
