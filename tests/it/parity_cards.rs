//! Things done to cards by hand give the same rows as in the real Anki: due dates, resetting,
//! burying, suspending, flags, other decks, and the undoing of each.

use super::{clocked, fsrs_memory};
use engram::base::ids::{CardId, DeckId};
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis};
use engram::collection::Collection;
use engram::domain::card_answers::{AskedIn, ResetHow};
use engram::domain::reposition::Reposition;
use engram::domain::revlog::RevlogEntry;
use engram::domain::study::{Buried, Rating};
use serde_json::{Value, json};

const SCRIPT: &str = include_str!("oracle/cards.py");

pub(super) fn run_step(col: &mut Collection, step: &Value) -> engram::base::Result<()> {
    let cards: Vec<CardId> = step["cards"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| CardId(id.as_i64().unwrap()))
        .collect();
    let args = step["args"].as_array().unwrap();
    let yes = |i: usize| args[i].as_bool().unwrap();
    match step["what"].as_str().unwrap() {
        "due" => {
            col.set_due_date(&cards, args[0].as_str().unwrap(), None)?
                .value
        }
        "reset" => {
            let how = ResetHow {
                restore_position: yes(0),
                reset_counts: yes(1),
            };
            col.reset_cards(&cards, how, None)?.value
        }
        "bury" => col.bury_cards(&cards, yes(0))?.value,
        "suspend" => col.suspend_cards(&cards)?.value,
        "unsuspend" => col.unsuspend_cards(&cards)?.value,
        "unbury cards" => col.unbury_cards(&cards)?.value,
        "move" => {
            let deck = DeckId(args[0].as_i64().unwrap());
            col.set_deck(&cards, deck, &Progress::default())?.value
        }
        "unbury" => {
            let deck = DeckId(args[0].as_i64().unwrap());
            col.unbury_deck(deck, Buried::All)?.value
        }
        "flag" => {
            let flag = args[0].as_u64().unwrap() as u8;
            col.set_flag(&cards, flag)?.value
        }
        "grade" => {
            let rating = Rating::ALL[args[0].as_u64().unwrap() as usize - 1];
            col.grade_now(&cards, rating)?.value
        }
        "reposition" => {
            let number = |i: usize| args[i].as_u64().unwrap() as u32;
            let how = Reposition {
                start: number(0),
                step: number(1),
                random: false,
                shift: yes(2),
            };
            col.reposition_new_cards(&cards, how)?.value
        }
        "select" => {
            col.set_current_deck(DeckId(args[0].as_i64().unwrap()))?;
            0
        }
        "queue" => {
            col.next_card()?;
            0
        }
        "undo" => {
            col.undo()?;
            0
        }
        other => panic!("{other}"),
    };
    Ok(())
}

/// A row of `cards` as the script has it.
pub(super) fn card_row(col: &Collection, id: &Value) -> Value {
    let id = CardId(id.as_i64().unwrap());
    fsrs_memory::card_row(&col.storage().get_card(id).unwrap().unwrap())
}

/// The whole review log as the script has it.
pub(super) fn log_rows(col: &Collection, cards: &[Value]) -> Vec<Value> {
    let mut log: Vec<RevlogEntry> = cards
        .iter()
        .flat_map(|card| {
            let id = CardId(card[0].as_i64().unwrap());
            col.storage().revlog_of_card(id).unwrap()
        })
        .collect();
    log.sort_by_key(|entry| entry.id);
    log.iter()
        .map(|e| {
            json!([
                e.id.0,
                e.card_id.0,
                e.usn.0,
                e.button,
                e.interval,
                e.last_interval,
                e.ease_factor,
                e.taken_millis,
                e.kind as i64
            ])
        })
        .collect()
}

fn agree(script: &str, variant: &str) {
    let folder = tempfile::tempdir().unwrap();
    let Some(theirs) = clocked::run(script, [folder.path().to_str().unwrap(), variant]) else {
        return;
    };
    let path = folder.path().join("copy.anki2");
    let clock = Clock::fixed(TimestampMillis(0), clocked::OFFSET_WEST);
    let mut col = Collection::open(&path, clock).unwrap();
    let mut wrong = Vec::new();
    for (i, step) in theirs["steps"].as_array().unwrap().iter().enumerate() {
        col.clock()
            .set(TimestampMillis(step["at"].as_i64().unwrap()));
        run_step(&mut col, step).unwrap();
        let cards = step["rows"].as_array().unwrap();
        let ours: Vec<Value> = cards.iter().map(|row| card_row(&col, &row[0])).collect();
        let log = log_rows(&col, cards);
        for (ours, theirs) in [(&ours, &step["rows"]), (&log, &step["revlog"])] {
            let theirs = theirs.as_array().unwrap();
            assert_eq!(ours.len(), theirs.len(), "{i} {}", step["what"]);
            for (ours, theirs) in ours.iter().zip(theirs).filter(|(a, b)| a != b) {
                wrong.push(format!(
                    "{i} {} {}\nAnki: {theirs}\nours: {ours}",
                    step["what"], step["args"]
                ));
            }
        }
        for deck in step["decks"].as_array().unwrap() {
            let id = DeckId(deck[0].as_i64().unwrap());
            let common = col.storage().deck(id).unwrap().unwrap().common.clone();
            let day = common.last_day_studied;
            let ours = json!([
                id.0,
                [day, common.new_studied],
                [day, common.review_studied]
            ]);
            if ours != *deck {
                wrong.push(format!("{i} {}: deck {deck}, ours {ours}", step["what"]));
            }
        }
        let next: Option<i64> = col.storage().config_json("nextPos").unwrap();
        if next != step["next"].as_i64() {
            wrong.push(format!(
                "{i} {}: next position {} {next:?}",
                step["what"], step["next"]
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{variant}: {} differences:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn cards_changed_by_hand_sm2() {
    agree(SCRIPT, "sm2");
}

#[test]
fn cards_changed_by_hand_fsrs() {
    agree(SCRIPT, "fsrs");
}

#[test]
fn memory_of_the_time_before_fsrs_was_turned_off() {
    agree(include_str!("oracle/kept_memory.py"), "");
}

#[test]
fn cards_in_every_state_moved_and_shown_again_sm2() {
    agree(include_str!("oracle/moved_cards.py"), "sm2");
}

#[test]
fn cards_in_every_state_moved_and_shown_again_fsrs() {
    agree(include_str!("oracle/moved_cards.py"), "fsrs");
}

/// What the questions about cards begin with, in a new collection and after other answers.
#[test]
fn questions_begin_as_in_anki() {
    const SCRIPT: &str = "
from anki.config import Config
from google.protobuf.json_format import MessageToDict
path = os.path.join(sys.argv[1], sys.argv[2])
col = Collection(path)
def told():
    plain = lambda m: MessageToDict(m, preserving_proto_field_name=True)
    out = {'reposition': plain(col.sched.reposition_defaults())}
    for n, key in ((0, 'SET_DUE_BROWSER'), (1, 'SET_DUE_REVIEWER')):
        how = plain(col.sched.schedule_cards_as_new_defaults(n))
        out[str(n)] = [how.get('restore_position', False), how.get('reset_counts', False), col.get_config_string(getattr(Config.String, key)) or '0']
    return out
if sys.argv[2] == 'other.anki2':
    col.sched.schedule_cards_as_new([], restore_position=False, reset_counts=True, context=1)
    col.set_config_string(Config.String.SET_DUE_BROWSER, '3-7!')
    col.set_config_bool(Config.Bool.RANDOM_ORDER_REPOSITION, True)
    col.set_config_bool(Config.Bool.SHIFT_POSITION_OF_EXISTING_CARDS, True)
print(json.dumps(told()))
col.close()
";
    for name in ["new.anki2", "other.anki2"] {
        let folder = tempfile::tempdir().unwrap();
        let arguments = [folder.path().as_os_str(), name.as_ref()];
        let Some(theirs) = clocked::run(SCRIPT, arguments) else {
            return;
        };
        let col = Collection::open(&folder.path().join(name), Clock::System).unwrap();
        let positions = col.reposition_defaults().unwrap();
        let flag = |key: &str| theirs["reposition"][key].as_bool().unwrap_or(false);
        assert_eq!(
            (positions.random, positions.shift),
            (flag("random"), flag("shift"))
        );
        for (n, place) in [("0", AskedIn::Browser), ("1", AskedIn::Reviewer)] {
            let ours = col.card_answers(place).unwrap();
            let ours = json!([
                ours.reset.restore_position,
                ours.reset.reset_counts,
                ours.due
            ]);
            assert_eq!(ours, theirs[n], "{name} {place:?}");
        }
        col.close().unwrap();
    }
}
