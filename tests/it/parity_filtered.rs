//! Filtered decks and Custom Study beside the real Anki, step by step on the same collection with
//! the same clock: what each step gives, and every deck, card and setting after it.

use super::clocked;
use engram::base::ids::DeckId;
use engram::base::time::{Clock, TimestampMillis};
use engram::base::{Result, hex};
use engram::codec::card_data::card_data_of;
use engram::collection::Collection;
use engram::domain::custom_study::{CramKind, CustomStudy};
use engram::domain::deck::{Deck, DeckKind, FilteredDeck, FilteredSearchTerm};
use engram::domain::filtered::{FilteredDraft, FilteredOrder};
use engram::domain::op::Op;
use engram::domain::study::Rating;
use serde_json::{Value, json};

const SCRIPT: &str = include_str!("oracle/filtered.py");

fn int(value: &Value) -> i64 {
    value
        .as_i64()
        .unwrap_or_else(|| panic!("a number: {value}"))
}

fn small(value: &Value) -> u32 {
    u32::try_from(int(value)).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    let all = value.as_array().unwrap().iter();
    all.map(|t| t.as_str().unwrap().to_owned()).collect()
}

fn json_of(draft: &FilteredDraft) -> Value {
    let terms: Vec<Value> = (draft.deck.search_terms.iter())
        .map(|t| json!([t.search, t.limit, t.order]))
        .collect();
    let d = &draft.deck;
    json!({
        "id": draft.id.map_or(0, |id| id.0), "name": draft.name, "resched": d.reschedule,
        "terms": terms, "empty": draft.allow_empty,
        "delays": [d.preview_again_secs, d.preview_hard_secs, d.preview_good_secs],
    })
}

pub(super) fn draft_of(value: &Value) -> FilteredDraft {
    let terms = value["terms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| FilteredSearchTerm {
            search: t[0].as_str().unwrap().to_owned(),
            limit: small(&t[1]),
            order: i32::try_from(int(&t[2])).unwrap(),
            unknown: vec![],
        });
    let id = int(&value["id"]);
    FilteredDraft {
        id: (id != 0).then_some(DeckId(id)),
        name: value["name"].as_str().unwrap().to_owned(),
        deck: FilteredDeck {
            reschedule: value["resched"].as_bool().unwrap(),
            search_terms: terms.collect(),
            preview_again_secs: small(&value["delays"][0]),
            preview_hard_secs: small(&value["delays"][1]),
            preview_good_secs: small(&value["delays"][2]),
            ..FilteredDeck::default()
        },
        allow_empty: value["empty"].as_bool().unwrap(),
    }
}

fn custom_of(arg: &Value) -> CustomStudy {
    let delta = |key: &str| i32::try_from(int(&arg[key])).unwrap();
    let days = |key: &str| small(&arg[key]);
    let kinds = [
        CramKind::Due,
        CramKind::New,
        CramKind::Review,
        CramKind::All,
    ];
    let key = arg.as_object().unwrap().keys().find(|k| *k != "deck");
    match key.unwrap().as_str() {
        "new_limit_delta" => CustomStudy::NewLimit {
            delta: delta("new_limit_delta"),
        },
        "review_limit_delta" => CustomStudy::ReviewLimit {
            delta: delta("review_limit_delta"),
        },
        "forgot_days" => CustomStudy::Forgotten {
            days: days("forgot_days"),
        },
        "review_ahead_days" => CustomStudy::Ahead {
            days: days("review_ahead_days"),
        },
        "preview_days" => CustomStudy::Preview {
            days: days("preview_days"),
        },
        _ => CustomStudy::Cram {
            kind: kinds[small(&arg["cram"][0]) as usize],
            limit: small(&arg["cram"][1]),
            include: texts(&arg["cram"][2]),
            exclude: texts(&arg["cram"][3]),
        },
    }
}

/// Does one step; what it gave, as the script has it.
pub(super) fn run(col: &mut Collection, what: &str, arg: &Value) -> Result<Value> {
    let id = || DeckId(int(arg));
    Ok(match what {
        "draft" => {
            let id = Some(id()).filter(|id| id.0 != 0);
            json_of(&col.filtered_draft(id)?)
        }
        "save" => json!(col.filtered_save(&draft_of(arg))?.value.deck.0),
        "rebuild" => json!(col.filtered_rebuild(id())?.value),
        "empty" => col.filtered_empty(id()).map(|_| Value::Null)?,
        "delete" => json!(col.deck_delete(&[id()])?.value.cards),
        "select" => col.set_current_deck(id()).map(|_| Value::Null)?,
        "undo" => col.undo().map(|_| Value::Null)?,
        "answer" => match col.next_card()? {
            None => json!(0),
            Some(shown) => {
                let rating = Rating::ALL[small(arg) as usize - 1];
                col.answer(shown.answer(rating, 0))?;
                json!(shown.card.id.0)
            }
        },
        "custom" => {
            let deck = DeckId(int(&arg["deck"]));
            col.custom_study(deck, &custom_of(arg))
                .map(|_| Value::Null)?
        }
        "defaults" => {
            let d = col.custom_study_defaults(id())?;
            let tags: Vec<Value> = (d.tags.iter())
                .map(|t| json!([t.name, t.include, t.exclude]))
                .collect();
            json!({
                "tags": tags, "extend": [d.extend_new, d.extend_review],
                "new": [d.new.here, d.new.in_children],
                "review": [d.review.here, d.review.in_children],
            })
        }
        "parents" => col
            .transact(Op::UpdatePreferences, |tx| {
                tx.set_config("applyAllParentLimits", arg)
            })
            .map(|_| Value::Null)?,
        "normal" => json!(col.deck_create(arg.as_str().unwrap())?.value.0),
        other => panic!("{other}"),
    })
}

pub(super) fn is_random(deck: &Deck) -> bool {
    match &deck.kind {
        DeckKind::Filtered(f) => {
            (f.search_terms.iter()).any(|t| t.order == FilteredOrder::Random as i32)
        }
        DeckKind::Normal(_) => false,
    }
}

/// Whole rows of decks, by id.
pub(super) fn deck_rows(col: &Collection) -> Vec<Value> {
    let mut decks = col.storage().all_decks().unwrap();
    decks.sort_by_key(|d| d.id);
    decks
        .iter()
        .map(|d| {
            json!([
                d.id.0,
                d.name.as_native(),
                d.mtime.0,
                d.usn.0,
                hex(&engram::codec::deck::deck_common_to_wire(&d.common)),
                hex(&engram::codec::deck::deck_kind_to_wire(&d.kind))
            ])
        })
        .collect()
}

/// Decks, cards and the settings of Custom Study, as the script has them.
fn state(col: &Collection) -> Value {
    let storage = col.storage();
    let mut cards = Vec::new();
    for deck in &storage.all_decks().unwrap() {
        for card in storage.cards_in_deck(deck.id).unwrap() {
            // Positions of a random order are nobody's.
            let due = (!is_random(deck) || card.due >= 0).then_some(card.due);
            cards.push(json!([
                card.id.0,
                card.deck_id.0,
                card.mtime.0,
                card.usn.0,
                card.ctype as i64,
                card.queue as i64,
                due,
                card.interval,
                card.ease_factor,
                card.reps,
                card.lapses,
                card.remaining_steps,
                card.original_due,
                card.original_deck_id.0,
                card_data_of(&card)
            ]));
        }
    }
    cards.sort_by_key(|c| c[0].as_i64());
    let mut keys = storage.config_keys_with_prefix("").unwrap();
    keys.retain(|k| k == "curDeck" || k.contains("customStudy"));
    keys.sort();
    let config: Vec<Value> = keys
        .iter()
        .map(|k| {
            let value: Value = storage.config_json(k).unwrap().unwrap();
            json!([k, value.to_string()])
        })
        .collect();
    json!({"decks": deck_rows(col), "cards": cards, "config": config})
}

/// The rows that differ, a few.
pub(super) fn differing(ours: &Value, theirs: &Value) -> Vec<String> {
    let (ours, theirs) = (ours.as_array().unwrap(), theirs.as_array().unwrap());
    let mut out: Vec<String> = theirs
        .iter()
        .zip(ours)
        .filter(|(a, b)| a != b)
        .take(4)
        .map(|(a, b)| format!("Anki: {a}\nours: {b}"))
        .collect();
    if ours.len() != theirs.len() {
        out.push(format!(
            "{} rows in Anki, {} here",
            theirs.len(),
            ours.len()
        ));
    }
    out
}

fn agree(variant: &str) {
    let folder = tempfile::tempdir().unwrap();
    let Some(theirs) = clocked::run(SCRIPT, [folder.path().to_str().unwrap(), variant]) else {
        return;
    };
    let clock = Clock::fixed(TimestampMillis(0), clocked::OFFSET_WEST);
    let mut col = Collection::open(&folder.path().join("copy.anki2"), clock).unwrap();
    for (i, step) in theirs["steps"].as_array().unwrap().iter().enumerate() {
        let what = step["what"].as_str().unwrap();
        let place = format!("{variant} {i}: {what} {}", step["arg"]);
        col.clock().set(TimestampMillis(int(&step["at"])));
        match run(&mut col, what, &step["arg"]) {
            Ok(gave) => {
                assert!(step.get("error").is_none(), "{place}: {}", step["error"]);
                assert_eq!(gave, step["gave"], "{place}");
            }
            Err(error) => assert!(
                step.get("error").is_some(),
                "{place}: refused: {error}\nAnki gave {}",
                step["gave"]
            ),
        }
        let ours = state(&col);
        for table in ["decks", "cards", "config"] {
            let wrong = differing(&ours[table], &step["state"][table]);
            assert!(wrong.is_empty(), "{place}, {table}:\n{}", wrong.join("\n"));
        }
    }
}

#[test]
fn filtered_decks_equal_ankis_sm2() {
    agree("sm2");
}

#[test]
fn filtered_decks_equal_ankis_fsrs() {
    agree("fsrs");
}

#[test]
fn filtered_decks_equal_ankis_where_sqlite_has_statistics() {
    agree("fsrs analyzed");
}
