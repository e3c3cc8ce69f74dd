//! Single notes come back from an earlier collection, each way to do it in turn; that nothing else is
//! touched is shown in `recover_any_pair`. Scripts see the same through `engram-cli`.

#![allow(
    clippy::disallowed_types,
    reason = "looks into the file, whatever the program makes of it"
)]

use crate::cli_commands::Cli;
use crate::oracle;
use engram::backup::media_repair::Repair;
use engram::backup::stage::{Backup, MediaWish, Verified};
use engram::base::ids::{CardId, DeckConfigId, DeckId, NoteId, Usn};
use engram::base::job::Progress;
use engram::base::time::{Clock, TimestampMillis, TimestampSecs};
use engram::collection::Collection;
use engram::collection::explore::Explorer;
use engram::collection::explore_items::items;
use engram::collection::notes::NewNote;
use engram::collection::recover::{Wish, media_of};
use engram::domain::card::{Card, CardQueue, CardType};
use engram::domain::card_answers::ResetHow;
use engram::domain::deck::{Deck, DeckKind, DeckName};
use engram::domain::explorer::{Change, Compared, ListedItem, NotetypeNow, Show};
use engram::domain::notetype_edit::NotetypeEdit;
use engram::domain::op::Op;
use engram::domain::recovery::{Mode, Recovered, Skip, Workload};
use engram::domain::revlog::RevlogEntry;
use engram::domain::study::Rating;
use engram::storage::compare::compare;
use engram::storage::{Storage, Tx};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::path::{Path, PathBuf};

/// 2025-03-10 12:00 UTC.
const NOON: i64 = 1_741_608_000_000;
const NOTES: usize = 12;

/// What may happen between the backup and now; numbers choose a note.
#[derive(Debug, Clone)]
enum Since {
    Delete(usize),
    Edit(usize, String),
    Answer(Rating),
    DeleteDeck,
}

struct Pair {
    folder: tempfile::TempDir,
    ids: Vec<NoteId>,
    earlier: PathBuf,
    now: Collection,
}

/// A collection of two decks and two note types, half of it studied, and a copy of it.
fn pair() -> Pair {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("collection.anki2");
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let mut col = Collection::open(&path, clock.clone()).unwrap();
    let deck = col.deck_create("A::B").unwrap().value;
    let types = col.storage().all_notetypes().unwrap();
    let ids = (0..NOTES)
        .map(|n| {
            let notetype = types
                .iter()
                .find(|t| t.name == ["Basic", "Basic (and reversed card)"][n % 2]);
            col.add_note(NewNote {
                notetype_id: notetype.unwrap().id,
                deck_id: if n % 3 == 0 { DeckId::DEFAULT } else { deck },
                fields: vec![format!("front {n}"), format!("back <b>{n}</b>")],
                tags: vec![format!("t{}", n % 4)],
            })
            .unwrap()
            .value
        })
        .collect();
    for _ in 0..5 {
        answer(&mut col, Rating::Easy);
    }
    col.close().unwrap();
    let earlier = folder.path().join("earlier.anki2");
    std::fs::copy(&path, &earlier).unwrap();
    let later = Clock::fixed(TimestampMillis(NOON + 3 * 86_400_000), 0);
    let now = Collection::open(&path, later).unwrap();
    Pair {
        folder,
        ids,
        earlier,
        now,
    }
}

fn answer(col: &mut Collection, rating: Rating) {
    if let Some(card) = col.next_card().unwrap() {
        col.answer(card.answer(rating, 1000)).unwrap();
    }
}

/// What becomes of a wish.
fn recovered(pair: &mut Pair, earlier: &Storage, wish: &Wish) -> Recovered {
    let done = pair.now.recover(earlier, wish, &Progress::new());
    done.unwrap().value
}

fn happen(pair: &mut Pair, what: &Since) {
    let col = &mut pair.now;
    let deck = |col: &Collection| {
        let name = DeckName::from_human("A::B");
        col.storage().deck_by_name(&name).unwrap()
    };
    match what {
        Since::Delete(n) => drop(col.delete_notes(&[pair.ids[*n]]).unwrap()),
        Since::Answer(rating) => answer(col, *rating),
        Since::Edit(n, text) => {
            col.transact(Op::UpdateNote, |tx| {
                if let Some(mut note) = tx.get_note(pair.ids[*n])? {
                    note.fields[0].clone_from(text);
                    let notetype = tx.notetype(note.notetype_id)?.unwrap();
                    note.prepare(&notetype, true);
                    tx.update_note(&note)?;
                }
                Ok(())
            })
            .unwrap();
        }
        Since::DeleteDeck => {
            if let Some(deck) = deck(col) {
                col.deck_delete(&[deck.id]).unwrap();
            }
        }
    }
}

/// What the collection remembers as deleted, but for decks. It belongs to its owner alone: a copy
/// of the file can be read.
fn graves(col: &Collection) -> i64 {
    let frozen = col.storage().freeze().unwrap();
    let copy = frozen.path().with_file_name("copy.anki2");
    std::fs::copy(frozen.path(), &copy).unwrap();
    drop(frozen);
    col.storage().unfreeze();
    let db = rusqlite::Connection::open(copy).unwrap();
    let count = "select count() from graves where type != 2";
    db.query_row(count, [], |row| row.get(0)).unwrap()
}

/// All that was deleted comes back as it was, though its deck is gone too.
#[test]
fn what_was_deleted_is_put_back_whole() {
    let mut pair = pair();
    happen(&mut pair, &Since::DeleteDeck);
    happen(&mut pair, &Since::Delete(0));
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let lost = compare(&earlier, pair.now.storage(), &Progress::new()).unwrap();
    assert_eq!(lost.note_tally().deleted, 9);
    let wish = Wish {
        notes: lost.notes.iter().map(|(id, _)| *id).collect(),
        mode: Mode::PutBack,
        ..Wish::default()
    };
    let done = recovered(&mut pair, &earlier, &wish);
    assert_eq!((done.notes.len(), done.skipped.len()), (9, 0));
    assert_eq!(done.decks, ["A::B"]);
    let left = compare(&earlier, pair.now.storage(), &Progress::new()).unwrap();
    assert_eq!((left.notes.len(), left.cards.len()), (0, 0));
    assert_eq!(left.revlog.deleted, 0);
    assert_eq!(graves(&pair.now), 0);
    let again = pair
        .now
        .recover(&earlier, &wish, &Progress::new())
        .unwrap()
        .value;
    assert!(
        again
            .skipped
            .iter()
            .all(|(_, why)| *why == Skip::NothingMissing)
    );
    assert_eq!(again.skipped.len(), 9);
}

#[test]
fn fields_and_schedule_come_back_each_alone() {
    let mut pair = pair();
    happen(&mut pair, &Since::Edit(0, "spoiled".into()));
    happen(&mut pair, &Since::Answer(Rating::Again));
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let mut wish = Wish {
        notes: pair.ids.clone(),
        mode: Mode::Content,
        ..Wish::default()
    };
    let found = compare(&earlier, pair.now.storage(), &Progress::new()).unwrap();
    assert_eq!(found.notes, [(pair.ids[0], Change::Changed)]);
    assert!(
        found
            .cards
            .iter()
            .any(|(_, _, change)| *change == Change::Changed)
    );
    let done = recovered(&mut pair, &earlier, &wish);
    assert_eq!(done.notes, [pair.ids[0]]);
    let found = compare(&earlier, pair.now.storage(), &Progress::new()).unwrap();
    assert!(found.notes.is_empty() && !found.cards.is_empty());
    wish.mode = Mode::Scheduling;
    pair.now.recover(&earlier, &wish, &Progress::new()).unwrap();
    let found = compare(&earlier, pair.now.storage(), &Progress::new()).unwrap();
    assert!(found.cards.is_empty());
    assert_eq!(
        found.revlog.added, 1,
        "what was answered since stays in the log"
    );
}

/// With the times at which they were changed left out.
fn schedules(col: &Collection, cards: &[CardId]) -> Vec<Card> {
    let read = |id: &CardId| Card {
        mtime: TimestampSecs(0),
        usn: Usn(0),
        ..col.storage().get_card(*id).unwrap().unwrap()
    };
    cards.iter().map(read).collect()
}

fn reviews_of(col: &Collection, card: CardId) -> usize {
    let log = col.storage().revlog_of_card(card).unwrap();
    log.iter().filter(|row| row.button > 0).count()
}

/// Answered again, cards have the schedule that the answers gave them, whatever was done by hand
/// before these or after; cards that were not answered have exactly that of the backup.
#[test]
fn a_schedule_goes_back_and_what_was_answered_since_counts_from_there() {
    let mut pair = pair();
    let balance = |tx: &mut Tx<'_>| tx.set_config("loadBalancerEnabled", &false);
    pair.now.transact(Op::UpdatePreferences, balance).unwrap();
    let cards = pair.now.cards_of_notes(&pair.ids).unwrap();
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let mut wish = Wish {
        notes: pair.ids.clone(),
        mode: Mode::Replay,
        ..Wish::default()
    };
    for rating in [Rating::Good, Rating::Again, Rating::Easy, Rating::Hard] {
        answer(&mut pair.now, rating);
    }
    let answered = schedules(&pair.now, &cards);
    let done = recovered(&mut pair, &earlier, &wish);
    assert!(
        done.notes.is_empty(),
        "the answers give the same again: {done:?}"
    );
    pair.now.set_due_date(&cards, "0!", None).unwrap();
    let reviews = |col: &Collection| -> Vec<usize> {
        cards.iter().map(|card| reviews_of(col, *card)).collect()
    };
    let before = reviews(&pair.now);
    for _ in 0..2 {
        answer(&mut pair.now, Rating::Good);
    }
    let since = reviews(&pair.now);
    recovered(&mut pair, &earlier, &wish);
    assert_eq!(reviews(&pair.now), since, "no review is lost");
    let (mut untouched, mut replayed) = (0, 0);
    for (at, card) in schedules(&pair.now, &cards).into_iter().enumerate() {
        if since[at] == before[at] {
            assert_eq!(card, answered[at]);
            untouched += 1;
        } else {
            let more = u32::try_from(since[at] - before[at]).unwrap();
            assert_eq!(card.reps, answered[at].reps + more);
            assert_ne!(card, answered[at]);
            replayed += 1;
        }
    }
    assert!(untouched > 9 && replayed > 0, "{untouched}, {replayed}");
    assert!(pair.now.find_problems(&Progress::new()).unwrap().is_empty());
    wish.mode = Mode::Scheduling;
    recovered(&mut pair, &earlier, &wish);
    assert_eq!(reviews(&pair.now), since, "no review is lost");
    let found = compare(&earlier, pair.now.storage(), &Progress::new()).unwrap();
    assert!(found.cards.is_empty());
}

/// They have the schedule of the backup, which is told.
#[test]
fn answers_in_a_deck_whose_settings_are_damaged_are_not_given_again() {
    for damage in [
        "update decks set common=x'ff', kind=x'07' where id=?",
        "update deck_config set config=x'ff' where id=?",
    ] {
        let mut pair = pair();
        for _ in 0..3 {
            answer(&mut pair.now, Rating::Good);
        }
        // Both are number 1: the deck that was studied, and its preset.
        let mut pair = then_spoil(pair, damage, DeckId::DEFAULT.0);
        let earlier = Storage::open_read_only(&pair.earlier).unwrap();
        let found = |pair: &Pair| compare(&earlier, pair.now.storage(), &Progress::new()).unwrap();
        let answered = found(&pair).cards.len();
        assert!(answered > 0);
        let wish = Wish {
            notes: pair.ids.clone(),
            mode: Mode::Replay,
            ..Wish::default()
        };
        let load = pair
            .now
            .recovery_workload(&earlier, &wish, &Progress::new());
        load.unwrap();
        let done = recovered(&mut pair, &earlier, &wish);
        assert_eq!(done.not_replayed, answered as u64, "{damage}");
        assert!(found(&pair).cards.is_empty(), "{damage}");
    }
}

/// The log of now has the answers that are given again.
#[test]
fn what_is_answered_again_counts_once_where_the_backup_knows_no_memory_yet() {
    let mut pair = pair();
    let fsrs = |tx: &mut Tx<'_>| {
        tx.set_config("loadBalancerEnabled", &false)?;
        tx.set_config("fsrs", &true)
    };
    pair.now.transact(Op::UpdatePreferences, fsrs).unwrap();
    let cards = pair.now.find_cards("is:review", None).unwrap();
    let memories = |col: &Collection| {
        let schedules = schedules(col, &cards);
        schedules
            .iter()
            .filter(|c| c.memory_state.is_some())
            .count()
    };
    assert_eq!((cards.len(), memories(&pair.now)), (5, 0));
    pair.now.grade_now(&cards, Rating::Good).unwrap();
    assert_eq!(memories(&pair.now), 5);
    let answered = schedules(&pair.now, &cards);
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let wish = Wish {
        notes: pair.ids.clone(),
        mode: Mode::Replay,
        ..Wish::default()
    };
    recovered(&mut pair, &earlier, &wish);
    assert_eq!(schedules(&pair.now, &cards), answered);
}

/// As Future Due of the statistics counts them.
fn due(col: &mut Collection) -> Workload {
    let mut load = Workload::default();
    for (day, cards) in col.graphs("", 0).unwrap().future_due.future_due {
        for _ in 0..cards {
            load.count(i64::from(day));
        }
    }
    load
}

#[test]
fn what_would_be_due_is_counted_before_schedules_come_back() {
    for mode in [Mode::Scheduling, Mode::Replay] {
        let mut pair = pair();
        let cards = pair.now.cards_of_notes(&pair.ids).unwrap();
        pair.now.suspend_cards(&cards[..1]).unwrap();
        pair.now.set_due_date(&cards, "2!", None).unwrap();
        pair.now.set_due_date(&cards[3..8], "0!", None).unwrap();
        answer(&mut pair.now, Rating::Again);
        let earlier = Storage::open_read_only(&pair.earlier).unwrap();
        let wish = Wish {
            notes: pair.ids[2..].to_vec(),
            mode,
            ..Wish::default()
        };
        let progress = Progress::new();
        let load = pair.now.recovery_workload(&earlier, &wish, &progress);
        let load = load.unwrap();
        assert_eq!(load.before, due(&mut pair.now));
        let planned = pair.now.plan_recovery(&earlier, &wish, &progress).unwrap();
        assert_eq!(due(&mut pair.now), load.before, "nothing is written");
        assert_eq!(recovered(&mut pair, &earlier, &wish), planned);
        assert_eq!(due(&mut pair.now), load.after, "{mode:?}");
        assert_ne!(load.before, load.after);
    }
}

/// Three notes, each in its own way, and one step of undo for all.
#[test]
fn each_note_comes_back_in_its_own_way() {
    let mut pair = pair();
    let ids = pair.ids.clone();
    happen(&mut pair, &Since::Edit(0, "spoiled".into()));
    happen(&mut pair, &Since::Delete(1));
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let wish = Wish {
        notes: ids[..3].to_vec(),
        modes: [(ids[0], Mode::Content), (ids[1], Mode::PutBack)].into(),
        tag: "recovered".into(),
        ..Wish::default()
    };
    let done = recovered(&mut pair, &earlier, &wish);
    assert_eq!((done.notes.len(), done.skipped.len()), (3, 0));
    assert_eq!(done.notes[..2], ids[..2]);
    assert!(!ids.contains(&done.notes[2]), "as a new note");
    let found = |pair: &Pair| {
        let found = compare(&earlier, pair.now.storage(), &Progress::new()).unwrap();
        found.notes
    };
    assert_eq!(found(&pair), [(done.notes[2], Change::Added)]);
    pair.now.undo().unwrap();
    let before = [(ids[0], Change::Changed), (ids[1], Change::Deleted)];
    assert_eq!(found(&pair), before);
}

/// What Anki makes of the cards: its check of the database, and the memory that it computes anew.
const SEEN_BY_ANKI: &str = r#"
import sys
from anki.collection import Collection
from anki.deck_config_pb2 import UpdateDeckConfigsRequest
for path in sys.argv[1:]:
    col = Collection(path)
    col.fix_integrity()
    now = col._backend.get_deck_configs_for_update(1)
    request = UpdateDeckConfigsRequest(target_deck_id=1, fsrs=True, limits=now.current_deck.limits,
                                       configs=[c.config for c in now.all_config])
    col._backend.update_deck_configs_raw(request.SerializeToString())
    print(col.db.all("select id, type, queue, due, ivl, factor, reps, lapses, left, data from cards order by id"))
    col.close()
"#;

#[test]
fn a_schedule_that_was_reset_since_comes_back_as_anki_counts_it() {
    for mode in [Mode::Scheduling, Mode::PutBack] {
        let mut pair = pair();
        let cards = pair.now.cards_of_notes(&pair.ids).unwrap();
        let logs = |col: &Collection| -> Vec<Vec<RevlogEntry>> {
            let log = |card| col.storage().revlog_of_card(card).unwrap();
            cards.iter().copied().map(log).collect()
        };
        let with_counts = ResetHow {
            reset_counts: true,
            ..ResetHow::default()
        };
        pair.now.reset_cards(&cards, with_counts, None).unwrap();
        let reset = logs(&pair.now);
        if mode == Mode::PutBack {
            pair.now.delete_notes(&pair.ids).unwrap();
        }
        let earlier = Storage::open_read_only(&pair.earlier).unwrap();
        let wish = Wish {
            notes: pair.ids.clone(),
            mode,
            ..Wish::default()
        };
        recovered(&mut pair, &earlier, &wish);
        let back = logs(&pair.now);
        let mut studied = 0;
        for (rows, reset) in back.iter().zip(&reset) {
            assert_eq!(rows.len(), reset.len(), "no row is lost");
            let counts = rows.iter().any(|row| row.button > 0);
            assert_eq!(rows.iter().any(RevlogEntry::is_reset), !counts, "{mode:?}");
            studied += usize::from(counts);
        }
        assert!(studied > 2);
        assert!(pair.now.find_problems(&Progress::new()).unwrap().is_empty());
        pair.now.undo().unwrap();
        assert_eq!(logs(&pair.now), reset, "{mode:?}");
        pair.now.redo().unwrap();
        assert_eq!(logs(&pair.now), back, "{mode:?}");
        let again = recovered(&mut pair, &earlier, &wish);
        assert!(again.notes.is_empty(), "{mode:?}");
        drop(earlier);
        pair.now.close().unwrap();
        let now = pair.folder.path().join("collection.anki2");
        let Some(seen) = oracle::run(SEEN_BY_ANKI, [&pair.earlier, &now]) else {
            return;
        };
        let seen: Vec<&str> = seen.lines().collect();
        assert_eq!(seen[0], seen[1], "{mode:?}");
        assert!(seen[0].contains(r#""s":"#), "{}", seen[0]);
    }
}

/// A backup that holds the reset has it again, and one of a card that was new knows no answers.
#[test]
fn a_reset_stays_one_where_the_backup_counts_no_answers_before_it() {
    let mut pair = pair();
    let cards = pair.now.cards_of_notes(&pair.ids).unwrap();
    let reset = |col: &Collection| {
        let has_reset = |card| {
            let log = col.storage().revlog_of_card(card).unwrap();
            log.iter().any(RevlogEntry::is_reset)
        };
        cards.iter().filter(|card| has_reset(**card)).count()
    };
    let with_counts = ResetHow {
        reset_counts: true,
        ..ResetHow::default()
    };
    pair.now.reset_cards(&cards, with_counts, None).unwrap();
    let later = pair.folder.path().join("later.anki2");
    pair.now.close().unwrap();
    std::fs::copy(pair.folder.path().join("collection.anki2"), &later).unwrap();
    let clock = Clock::fixed(TimestampMillis(NOON + 4 * 86_400_000), 0);
    let path = pair.folder.path().join("collection.anki2");
    pair.now = Collection::open(&path, clock).unwrap();
    let wish = Wish {
        notes: pair.ids.clone(),
        mode: Mode::Scheduling,
        ..Wish::default()
    };
    for (backup, unstudied_alone) in [(pair.earlier.clone(), true), (later, false)] {
        let earlier = Storage::open_read_only(&backup).unwrap();
        recovered(&mut pair, &earlier, &wish);
        let left = reset(&pair.now);
        assert_eq!(left < cards.len(), unstudied_alone, "{left}");
        assert!(left > 0);
    }
}

#[test]
fn scripts_see_what_differs_and_take_it_back() {
    let cli = Cli::with_profile();
    let package = pair_as_package(&cli);
    cli.ok(&["import", &package]);
    let made = cli.ok(&["backup", "create"]);
    let backup = made["path"].as_str().unwrap().to_owned();
    let none = cli.ok(&["backup", "diff", &backup]);
    assert_eq!(none["notes"]["deleted"], 0);
    // The second package lacks a note and has another text in one.
    let changed = cli.path("changed.colpkg");
    std::fs::copy(package.replace("first", "second"), &changed).unwrap();
    cli.ok(&["import", &changed]);
    let diff = cli.ok(&["backup", "diff", &backup]);
    assert_eq!(
        (&diff["notes"]["deleted"], &diff["notes"]["changed"]),
        (&1.into(), &1.into())
    );
    let item = |change: &str| {
        let items = diff["items"].as_array().unwrap();
        items
            .iter()
            .find(|i| i["change"] == change)
            .unwrap()
            .clone()
    };
    assert_eq!(item("changed")["fields"]["Front"]["is"], "spoiled");
    assert_eq!(item("changed")["fields"]["Front"]["was"], "front 1");
    let id = item("deleted")["id"].to_string();
    let done = cli.ok(&[
        "backup", "recover", &backup, "--note", &id, "--mode", "put-back",
    ]);
    assert_eq!(done["recovered"]["notes"], 1);
    let done = cli.ok(&[
        "backup",
        "recover",
        &backup,
        "--search",
        "front:\"front 1\"",
        "--mode",
        "content",
    ]);
    assert_eq!(done["recovered"]["notes"], 1);
    let diff = cli.ok(&["backup", "diff", &backup]);
    assert!(diff["items"].as_array().unwrap().is_empty(), "{diff}");
    let done = cli.ok(&["backup", "recover", &backup, "--deck", "A"]);
    assert_eq!(done["recovered"]["notes"], 8);
    assert_eq!(
        cli.ok(&["search", "tag:recovered::*", "--notes"])["count"],
        8
    );
    // A word of searches is the name of a deck here.
    for nothing in [
        ["--search", "nothing"],
        ["--deck", "current"],
        ["--deck", "filtered"],
    ] {
        let asked = ["backup", "recover", backup.as_str(), nothing[0], nothing[1]];
        assert_eq!(cli.fails(&asked).0, 1);
    }
}

/// Two packages: the collection of `pair`, and the same with a note deleted and one changed.
fn pair_as_package(cli: &Cli) -> String {
    let mut pair = pair();
    happen(&mut pair, &Since::Delete(0));
    happen(&mut pair, &Since::Edit(1, "spoiled".into()));
    let path = pair.now.storage().path().to_owned();
    pair.now.close().unwrap();
    for (name, from) in [("first", &pair.earlier), ("second", &path)] {
        std::fs::copy(from, cli.path(&format!("{name}.anki2"))).unwrap();
        cli.ok(&["import", &cli.path(&format!("{name}.anki2"))]);
        cli.ok(&["export", &cli.path(&format!("{name}.colpkg"))]);
    }
    cli.path("first.colpkg")
}

/// Files come out of a package that has them; a name that another file has by now is left to it.
#[test]
fn media_come_along_and_nothing_is_overwritten() {
    let cli = Cli::with_profile();
    let mut pair = pair();
    let note = pair.ids[0];
    happen(
        &mut pair,
        &Since::Edit(
            0,
            "<img src=\"a.png\">[sound:b.mp3]<img src=\"c.png\">".into(),
        ),
    );
    let path = pair.now.storage().path().to_owned();
    pair.now.close().unwrap();
    let raw = cli.path("raw.anki2");
    std::fs::copy(path, &raw).unwrap();
    cli.ok(&["import", &raw]);
    let media = cli.base().join("Ann/collection.media");
    std::fs::write(media.join("a.png"), "first").unwrap();
    std::fs::write(media.join("b.mp3"), "sound").unwrap();
    let package = cli.path("with.colpkg");
    cli.ok(&["export", &package, "--media"]);
    std::fs::write(media.join("a.png"), "second").unwrap();
    std::fs::remove_file(media.join("b.mp3")).unwrap();
    let id = note.to_string();
    let recover = ["backup", "recover", &package, "--note", &id];
    let only_files = cli.ok(&[&recover[..], &["--mode", "media"]].concat());
    assert_eq!(only_files["recovered"]["notes"], 1, "{only_files}");
    assert_eq!(only_files["recovered"]["media"], 2, "{only_files}");
    let found = cli.ok(&["search", &format!("nid:{id} re:src=.a-.*\\.png")]);
    assert_eq!(
        found["count"], 1,
        "the note names the file as it was: {found}"
    );
    for file in media_in(&media) {
        if file != "a.png" {
            std::fs::remove_file(media.join(file)).unwrap();
        }
    }
    let done = cli.ok(&[&recover[..], &["--media"]].concat());
    assert_eq!(done["recovered"]["media"], 2, "{done}");
    assert_eq!(done["missing_media"], serde_json::json!(["c.png"]));
    let text = |name: &str| std::fs::read_to_string(media.join(name)).unwrap();
    assert_eq!(
        (text("a.png").as_str(), text("b.mp3").as_str()),
        ("second", "sound")
    );
    let found = cli.ok(&[
        "backup",
        "show",
        &recovered_backup(&cli),
        "--search",
        "tag:recovered::*",
    ]);
    let field = found["items"][0]["fields"][0].as_str().unwrap();
    let renamed = field.split('"').nth(1).unwrap();
    assert!(
        renamed.starts_with("a-") && field.contains("[sound:b.mp3]"),
        "{field}"
    );
    assert_eq!(text(renamed), "first");
}

fn media_in(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
    names.collect()
}

fn recovered_backup(cli: &Cli) -> String {
    cli.ok(&["backup", "create"])["path"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Searches inside a backup are about today, as those in the collection.
#[test]
fn what_is_due_is_found_in_a_backup_too() {
    let pair = pair();
    let clock = Clock::fixed(TimestampMillis(NOON + 5 * 86_400_000), 0);
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let progress = Progress::new();
    let present = Some(pair.now.storage());
    let explorer = Explorer::new(pair.earlier.clone(), earlier, present, clock, &progress).unwrap();
    let found = |search: &str| explorer.list(Show::All, search).unwrap().notes.len();
    assert!(found("is:due") > 0);
    assert_eq!(found("is:due"), found("prop:ivl>0 prop:due<=0"));
    assert_eq!(found("rated:2"), 0);
    assert_eq!(found("rated:6"), found("prop:reps>0"));
}

/// Note type, schedule and media of a note, each beside what it is now.
#[test]
fn a_note_is_compared_part_by_part() {
    let mut pair = pair();
    let progress = Progress::new();
    let clock = Clock::fixed(TimestampMillis(NOON + 3 * 86_400_000), 0);
    let explorer = |pair: &Pair| {
        let earlier = Storage::open_read_only(&pair.earlier).unwrap();
        let present = Some(pair.now.storage());
        let path = pair.earlier.clone();
        Explorer::new(path, earlier, present, clock.clone(), &progress).unwrap()
    };
    let studied = {
        let explorer = explorer(&pair);
        let found = explorer.list(Show::All, "prop:reps>0 note:Basic").unwrap();
        let id = found.notes[0].0;
        let detail = explorer.detail(id, pair.now.storage()).unwrap();
        assert_eq!(detail.notetype_now, NotetypeNow::Same);
        assert!(detail.cards.iter().all(|card| card.facts.is_empty()));
        id
    };
    let picture = "<img src=\"b c.png\">";
    let n = pair.ids.iter().position(|id| *id == studied).unwrap();
    happen(&mut pair, &Since::Edit(n, picture.into()));
    pair.now
        .transact(Op::UpdateNote, |tx| {
            let mut notetype = tx.notetype_by_name("Basic")?.unwrap();
            notetype.config.css.push_str(".x { color: red; }");
            notetype.templates[0].config.q_format = "{{Front}}!".into();
            notetype.templates[0].name = "Recall".into();
            tx.update_notetype(&notetype)?;
            let mut card = tx.cards_of_note(studied)?.remove(0);
            card.flags = 1;
            card.lapses += 2;
            card.due += 10;
            tx.update_card(&card)
        })
        .unwrap();
    let explorer = explorer(&pair);
    let types = &explorer.opened().notetypes;
    let changed: Vec<_> = types.iter().filter(|t| t.notes.changes > 0).collect();
    assert_eq!((changed.len(), changed[0].name.as_str()), (1, "Basic"));
    assert_eq!(changed[0].notes.changes, 1);
    let all: u64 = types.iter().map(|t| t.notes.all).sum();
    assert_eq!(all, explorer.opened().notes, "also what is as it was");
    let present = pair.now.storage();
    let detail = explorer.detail(studied, present).unwrap();
    let NotetypeNow::Changed(parts) = detail.notetype_now else {
        panic!("{:?}", detail.notetype_now);
    };
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["Card 1: name", "Card 1: front", "Styling"]);
    assert_eq!(parts[1].was, "{{Front}}");
    assert_eq!(parts[1].is.as_deref(), Some("{{Front}}!"));
    let facts: Vec<(&str, &str, &str)> = detail.cards[0]
        .facts
        .iter()
        .map(|f| (f.name.as_str(), f.was.as_str(), f.is.as_deref().unwrap()))
        .collect();
    assert_eq!(facts[1..], [("Lapses", "", "2"), ("Flag", "", "Red")]);
    let date = |text: &str| text.parse::<jiff::civil::Date>().unwrap();
    let later = date(facts[0].2) - date(facts[0].1);
    assert_eq!((facts[0].0, later.get_days()), ("Due", 10));
    let (then, now) = explorer.media_names(studied, present).unwrap();
    assert_eq!((then.len(), now.first().unwrap().as_str()), (0, "b c.png"));
    // Another collection has neither the note nor its type.
    let other = pair.folder.path().join("other.anki2");
    let mut col = Collection::open(&other, clock.clone()).unwrap();
    col.transact(Op::RemoveNotetype, |tx| {
        let basic = tx.notetype_by_name("Basic")?.unwrap();
        tx.remove_notetype(basic.id)
    })
    .unwrap();
    let detail = explorer.detail(studied, col.storage()).unwrap();
    assert_eq!(detail.notetype_now, NotetypeNow::Gone);
    assert_eq!(detail.cards[0].is, None);
    col.close().unwrap();
}

#[test]
fn scripts_see_what_became_of_note_types_word_by_word() {
    let cli = Cli::with_profile();
    std::fs::write(cli.path("notes.txt"), "one\tback\n").unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    let made = cli.ok(&["backup", "create"]);
    let backup = made["path"].as_str().unwrap().to_owned();
    let none = serde_json::json!([]);
    assert_eq!(cli.ok(&["backup", "diff", &backup])["notetype_items"], none);
    let path = cli.base().join("Ann/collection.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    let mut edit = NotetypeEdit::from(basic);
    edit.config.css = edit
        .config
        .css
        .replace("font-size: 20px", "font-size: 24px");
    edit.templates[0].now.config.q_format = "Say {{Front}}".into();
    edit.add_field("Extra");
    col.update_notetype(&edit, &Progress::new()).unwrap();
    let cloze = col.storage().notetype_by_name("Cloze").unwrap().unwrap().id;
    col.remove_notetype(cloze, &Progress::new()).unwrap();
    col.close().unwrap();
    let diff = cli.ok(&["backup", "diff", &backup]);
    let items = diff["notetype_items"].as_array().unwrap();
    let item = |name: &str| items.iter().find(|i| i["notetype"] == name).unwrap();
    assert_eq!(items.len(), 2, "{diff}");
    assert_eq!(item("Cloze")["change"], "deleted");
    let parts = item("Basic")["parts"].as_array().unwrap();
    let part = |name: &str| parts.iter().find(|p| p["part"] == name).unwrap();
    assert_eq!(part("Fields")["is"], "Front, Back, Extra");
    assert_eq!(
        part("Card 1: front")["words"],
        serde_json::json!([{"is": "Say "}, {"same": "{{Front}}"}])
    );
    let styling = part("Styling")["words"].to_string();
    assert!(
        styling.contains(r#"{"was":"20px""#) && styling.contains(r#"{"is":"24px""#),
        "{styling}"
    );
}

/// Check Database would delete them.
#[test]
fn cards_whose_card_type_is_gone_stay_away_and_others_find_theirs() {
    let mut pair = pair();
    let progress = Progress::new();
    let (turned, lost, moved) = (pair.ids[1], pair.ids[3], pair.ids[5]);
    let storage = pair.now.storage();
    let both = storage.get_note(turned).unwrap().unwrap().notetype_id;
    let basic = storage.notetype_by_name("Basic").unwrap().unwrap().id;
    let second = storage.cards_of_note(moved).unwrap()[1].id;
    let draft = pair.now.notetype_change_draft(both, basic).unwrap();
    pair.now
        .change_notetype(&[turned], &draft.suggested, &progress)
        .unwrap();
    pair.now
        .transact(Op::EmptyCards, |tx| tx.remove_card(second))
        .unwrap();
    // The second card type becomes the first.
    let notetype = pair.now.storage().get_notetype(both).unwrap().unwrap();
    let mut edit = NotetypeEdit::from(notetype);
    edit.templates.swap(0, 1);
    pair.now.update_notetype(&edit, &progress).unwrap();
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let wish = Wish {
        notes: vec![turned, lost, moved],
        mode: Mode::PutBack,
        ..Wish::default()
    };
    let done = pair.now.recover(&earlier, &wish, &progress).unwrap().value;
    assert_eq!((done.notes.as_slice(), done.cards), (&[moved][..], 1));
    assert_eq!(
        done.skipped,
        [(turned, Skip::NoCardType), (lost, Skip::NothingMissing)]
    );
    let card = pair.now.storage().get_card(second).unwrap().unwrap();
    assert_eq!(card.template_idx, 0, "its card type is the first now");
    let notetype = pair.now.storage().get_notetype(both).unwrap().unwrap();
    let mut edit = NotetypeEdit::from(notetype);
    edit.templates.pop();
    pair.now.update_notetype(&edit, &progress).unwrap();
    let done = pair.now.recover(&earlier, &wish, &progress).unwrap().value;
    assert!(done.skipped.iter().all(|(_, why)| *why == Skip::NoCardType));
    assert_eq!((done.skipped.len(), done.cards), (3, 0));
}

#[test]
fn reviews_alone_come_back_with_the_schedule() {
    let Pair {
        folder: _folder,
        ids,
        earlier,
        now,
    } = pair();
    let path = now.storage().path().to_owned();
    now.close().unwrap();
    let db = rusqlite::Connection::open(&path).unwrap();
    let gone = db.execute("delete from revlog", []).unwrap();
    drop(db);
    let clock = Clock::fixed(TimestampMillis(NOON + 3 * 86_400_000), 0);
    let mut now = Collection::open(&path, clock).unwrap();
    let earlier = Storage::open_read_only(&earlier).unwrap();
    let wish = Wish {
        notes: ids,
        mode: Mode::Scheduling,
        ..Wish::default()
    };
    let done = now
        .recover(&earlier, &wish, &Progress::new())
        .unwrap()
        .value;
    assert_eq!((done.revlog, done.cards), (gone as u64, 0));
    assert!(!done.notes.is_empty());
    assert_eq!(done.notes.len() + done.skipped.len(), NOTES);
}

#[test]
fn only_notes_that_come_back_bring_their_files() {
    let mut pair = pair();
    happen(&mut pair, &Since::Edit(0, "<img src=\"a.png\">".into()));
    let present = Storage::open_read_only(&pair.earlier).unwrap();
    for (mode, want) in [
        (Mode::New, 1),
        (Mode::PutBack, 0),
        (Mode::Content, 1),
        (Mode::Media, 1),
        (Mode::Scheduling, 0),
    ] {
        let wish = Wish {
            notes: vec![pair.ids[0]],
            mode,
            ..Wish::default()
        };
        let files = media_of(pair.now.storage(), &wish, &present).unwrap();
        assert_eq!(files.len(), want, "{mode:?}");
    }
}

#[test]
fn a_damaged_file_in_the_package_keeps_no_note_and_no_other_file_away() {
    let cli = Cli::with_profile();
    let text = "one <img src=a.png> <img src=b.png>\tback\n";
    std::fs::write(cli.path("notes.txt"), text).unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    let media = cli.base().join("Ann/collection.media");
    // Nothing that can be packed any closer.
    let mut rng = StdRng::seed_from_u64(7);
    let noise: Vec<u8> = (0..3000).map(|_| rng.random()).collect();
    std::fs::write(media.join("a.png"), &noise).unwrap();
    std::fs::write(media.join("b.png"), "whole").unwrap();
    let package = cli.path("with.colpkg");
    cli.ok(&["export", &package, "--media"]);
    let mut bytes = std::fs::read(&package).unwrap();
    let at = bytes.windows(noise.len()).position(|w| w == noise);
    bytes[at.unwrap() + 1000] ^= 1;
    std::fs::write(&package, bytes).unwrap();
    for file in media_in(&media) {
        std::fs::remove_file(media.join(file)).unwrap();
    }
    let recover = ["backup", "recover", &package, "--search", "one", "--media"];
    let done = cli.ok(&recover);
    assert_eq!(done["recovered"]["notes"], 1, "{done}");
    assert_eq!(done["missing_media"], serde_json::json!(["a.png"]));
    assert_eq!(media_in(&media), ["b.png"]);
    let collection = cli.base().join("Ann/collection.anki2");
    std::fs::remove_file(media.join("b.png")).unwrap();
    let names = ["a.png", "b.png"].map(str::to_owned);
    let mut repair = Repair::of_missing(&collection, &names).unwrap();
    repair
        .try_package(package.as_ref(), &Progress::new())
        .unwrap();
    let done = repair.finish();
    assert_eq!(done.repaired, ["b.png"]);
    assert_eq!(done.left, ["a.png"]);
    assert_eq!(done.troubles.len(), 1);
}

/// What is damaged there costs no other note, and none comes back without a card.
#[test]
fn notes_whose_type_or_cards_are_damaged_in_the_backup() {
    let mut pair = pair();
    let [typeless, cardless, whole, garbled] = [0, 2, 4, 6].map(|n: usize| pair.ids[n]);
    let db = rusqlite::Connection::open(&pair.earlier).unwrap();
    for (damage, note) in [
        ("update notes set mid=99 where id=?", typeless),
        ("update cards set ord=7 where nid=?", cardless),
        (
            "update notes set flds=cast(x'ff1f62' as text) where id=?",
            garbled,
        ),
    ] {
        db.execute(damage, [note.0]).unwrap();
    }
    drop(db);
    pair.now.delete_notes(&pair.ids).unwrap();
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    for mode in [Mode::New, Mode::PutBack] {
        let wish = Wish {
            notes: vec![typeless, garbled, cardless, whole],
            mode,
            ..Wish::default()
        };
        let files = media_of(&earlier, &wish, pair.now.storage()).unwrap();
        assert!(files.is_empty(), "{files:?}");
        let done = recovered(&mut pair, &earlier, &wish);
        let left = [(typeless, Skip::NoNotetype), (garbled, Skip::Unreadable)];
        assert_eq!(done.skipped, left, "{mode:?}");
        assert_eq!((done.notes.len(), done.cards), (2, 2), "{mode:?}");
        for note in done.notes {
            let cards = pair.now.storage().cards_of_note(note).unwrap();
            assert_eq!(cards.len(), 1, "{mode:?}");
        }
    }
    assert!(pair.now.find_problems(&Progress::new()).unwrap().is_empty());
    // The list shows all of them, whatever is wrong with one.
    let clock = Clock::fixed(TimestampMillis(NOON + 3 * 86_400_000), 0);
    let (path, present) = (pair.earlier.clone(), Some(pair.now.storage()));
    let explorer = Explorer::new(path, earlier, present, clock, &Progress::new()).unwrap();
    let rows = explorer.rows(&[garbled, whole]).unwrap();
    assert_eq!(rows.len(), 2);
    assert!(rows[0].title.contains("cannot be read"), "{rows:?}");
    assert_eq!(rows[1].title, "front 4");
}

/// As a face opens a backup; the second deletes the folder in which the first is open.
fn opened(file: &Path, room: &Path) -> (Storage, Backup<Verified>) {
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let progress = Progress::new();
    let backup = Backup::to_explore(file).unwrap();
    let backup = backup.verify(room, MediaWish::Ignore, &progress).unwrap();
    let storage = backup.open(&clock, &progress).unwrap();
    (storage, backup)
}

/// What a disk may do to a row of a backup.
fn spoil(file: &Path, damage: &str, id: i64) {
    let db = rusqlite::Connection::open(file).unwrap();
    db.create_collation("unicase", |a: &str, b: &str| a.cmp(b))
        .unwrap();
    assert_eq!(db.execute(damage, [id]).unwrap(), 1);
}

/// Three days later, of the collection, while it was closed.
fn then_spoil(pair: Pair, damage: &str, id: i64) -> Pair {
    let path = pair.now.storage().path().to_owned();
    pair.now.close().unwrap();
    spoil(&path, damage, id);
    let now = Collection::open(&path, days_later()).unwrap();
    Pair { now, ..pair }
}

/// The deck of this name.
fn named(col: &Collection, name: &str) -> Option<Deck> {
    let name = DeckName::from_human(name);
    col.storage().deck_by_name(&name).unwrap()
}

fn days_later() -> Clock {
    Clock::fixed(TimestampMillis(NOON + 3 * 86_400_000), 0)
}

/// Its settings are lost; the cards in it, and all other decks, are not.
#[test]
fn a_deck_whose_settings_are_damaged_in_the_backup_keeps_no_note_away() {
    let mut pair = pair();
    let gone = named(&pair.now, "A::B").unwrap().id;
    let room = tempfile::tempdir().unwrap();
    let open = |file: &Path| opened(file, room.path());
    assert!(open(&pair.earlier).0.damaged_decks().is_empty());
    let damage = "update decks set common=x'ff', kind=x'07' where id=?";
    spoil(&pair.earlier, damage, gone.0);
    let before = std::fs::read(&pair.earlier).unwrap();
    let (earlier, _backup) = open(&pair.earlier);
    assert_eq!(earlier.damaged_decks(), ["A::B"]);
    let found = compare(&earlier, pair.now.storage(), &Progress::new()).unwrap();
    assert!(found.notes.is_empty() && found.cards.is_empty());
    assert_eq!((found.decks.deleted, found.decks.added), (0, 0));
    happen(&mut pair, &Since::DeleteDeck);
    let wish = Wish {
        notes: pair.ids.clone(),
        mode: Mode::PutBack,
        ..Wish::default()
    };
    let done = recovered(&mut pair, &earlier, &wish);
    assert_eq!(done.notes.len(), NOTES - NOTES / 3, "those of the deck");
    assert_eq!(done.damaged_decks, done.decks);
    assert_eq!(done.decks, ["A::B"]);
    let back = named(&pair.now, "A::B").unwrap();
    assert!(!back.is_filtered());
    let new = pair.now.deck_create("new").unwrap().value;
    let new = pair.now.storage().get_deck(new).unwrap().unwrap();
    assert_eq!(back.kind, new.kind);
    for note in &done.notes {
        for card in pair.now.storage().cards_of_note(*note).unwrap() {
            assert_eq!(card.home_deck_id(), back.id);
        }
    }
    assert!(pair.now.find_problems(&Progress::new()).unwrap().is_empty());
    assert_eq!(std::fs::read(&pair.earlier).unwrap(), before);
}

/// Its values are lost; the deck that used it, and the cards in it, are not.
#[test]
fn a_preset_that_is_damaged_in_the_backup_keeps_no_note_away() {
    let mut pair = pair();
    let room = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let mut col = Collection::open(&pair.earlier, clock).unwrap();
    let name = DeckName::from_human("A::B");
    let deck = col.storage().deck_by_name(&name).unwrap().unwrap().id;
    let mut slow = col.storage().all_deck_configs().unwrap().remove(0);
    slow.id = DeckConfigId(0);
    slow.name = "Slow".into();
    col.transact(Op::UpdateDeckOptions, |tx| {
        tx.add_deck_config(&mut slow)?;
        let mut deck = tx.get_deck(deck)?.unwrap();
        if let DeckKind::Normal(normal) = &mut deck.kind {
            normal.config_id = slow.id;
        }
        tx.update_deck(&deck)
    })
    .unwrap();
    col.close().unwrap();
    let damage = "update deck_config set config=x'ff' where id=?";
    spoil(&pair.earlier, damage, slow.id.0);
    let (earlier, _backup) = opened(&pair.earlier, room.path());
    assert_eq!(earlier.damaged_presets(), [(slow.id, "Slow".to_owned())]);
    happen(&mut pair, &Since::DeleteDeck);
    let wish = Wish {
        notes: pair.ids.clone(),
        mode: Mode::PutBack,
        ..Wish::default()
    };
    let done = recovered(&mut pair, &earlier, &wish);
    assert_eq!(done.notes.len(), NOTES - NOTES / 3, "those of the deck");
    assert_eq!(
        (done.decks, done.presets),
        (vec!["A::B".to_owned()], vec![])
    );
    assert_eq!(done.damaged_presets, ["Slow"]);
    let back = pair.now.storage().deck_by_name(&name).unwrap().unwrap();
    assert_eq!(back.config_id(), Some(DeckConfigId::DEFAULT));
    assert!(pair.now.find_problems(&Progress::new()).unwrap().is_empty());
}

/// The backup opens all the same, and its notes take the note type of now.
#[test]
fn a_note_type_that_is_damaged_in_the_backup_keeps_no_note_away() {
    let mut pair = pair();
    let room = tempfile::tempdir().unwrap();
    let basic = pair.now.storage().notetype_by_name("Basic");
    let damage = "update notetypes set config=x'ff' where id=?";
    spoil(&pair.earlier, damage, basic.unwrap().unwrap().id.0);
    let (earlier, _backup) = opened(&pair.earlier, room.path());
    assert_eq!(earlier.damaged_notetypes(), ["Basic"]);
    pair.now.delete_notes(&pair.ids).unwrap();
    let wish = Wish {
        notes: pair.ids.clone(),
        mode: Mode::PutBack,
        ..Wish::default()
    };
    let done = recovered(&mut pair, &earlier, &wish);
    assert_eq!((done.notes.len(), done.skipped.len()), (NOTES, 0));
    assert!(pair.now.find_problems(&Progress::new()).unwrap().is_empty());
    let clock = Clock::fixed(TimestampMillis(NOON + 3 * 86_400_000), 0);
    let (path, present) = (pair.earlier.clone(), Some(pair.now.storage()));
    let explorer = Explorer::new(path, earlier, present, clock, &Progress::new()).unwrap();
    assert_eq!(explorer.opened().changes, 0);
    assert_eq!(explorer.rows(&pair.ids).unwrap().len(), NOTES);
}

/// What the collection has is not to be read any more: that is what a backup is for.
#[test]
fn a_note_type_that_is_damaged_in_the_collection_keeps_no_backup_closed() {
    let pair = pair();
    let notetypes = pair.now.storage();
    let basic = notetypes.notetype_by_name("Basic").unwrap().unwrap();
    let damage = "update notetypes set config=x'ff' where id=?";
    let mut pair = then_spoil(pair, damage, basic.id.0);
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let wish = Wish {
        notes: vec![pair.ids[0]],
        suffix: "(then)".into(),
        ..Wish::default()
    };
    let done = recovered(&mut pair, &earlier, &wish);
    assert_eq!((done.notes.len(), done.cards), (1, 1));
    assert_eq!(done.notetypes, ["Basic (then)"]);
    let (path, present) = (pair.earlier.clone(), pair.now.storage());
    let progress = Progress::new();
    let explorer = Explorer::new(path, earlier, Some(present), days_later(), &progress).unwrap();
    let gone = &explorer.opened().differing[0];
    assert_eq!(
        (gone.name.as_str(), &gone.now),
        ("Basic", &NotetypeNow::Gone)
    );
    let detail = explorer.detail(pair.ids[0], present).unwrap();
    assert_eq!(detail.fields[0].was, "front 0");
}

/// With such a deck nothing else works: the rest is compared, and what is recovered puts it right.
#[test]
fn a_deck_that_is_damaged_in_the_collection_keeps_no_backup_closed_and_is_put_right() {
    let mut pair = pair();
    happen(&mut pair, &Since::Edit(0, "spoiled".into()));
    let name = DeckName::from_human("A::B");
    let deck = pair.now.storage().deck_by_name(&name).unwrap().unwrap();
    let damage = "update decks set common=x'ff', kind=x'07' where id=?";
    let mut pair = then_spoil(pair, damage, deck.id.0);
    let open = |pair: &Pair| Storage::open_read_only(&pair.earlier).unwrap();
    let earlier = open(&pair);
    let found = |pair: &Pair| compare(&earlier, pair.now.storage(), &Progress::new()).unwrap();
    let differs = found(&pair);
    assert_eq!(differs.notes, [(pair.ids[0], Change::Changed)]);
    assert!(differs.cards.is_empty());
    assert_eq!((differs.decks.deleted, differs.decks.added), (0, 0));
    assert_eq!(differs.unreadable_decks, ["A::B"]);
    let (path, present) = (pair.earlier.clone(), pair.now.storage());
    let progress = Progress::new();
    let explorer =
        Explorer::new(path, open(&pair), Some(present), days_later(), &progress).unwrap();
    let told = explorer.damage();
    assert_eq!(told.len(), 1);
    assert!(told[0].what().ends_with(": A::B"), "{}", told[0]);
    let detail = explorer.detail(pair.ids[1], present).unwrap();
    assert!(detail.cards[0].facts.is_empty(), "{:?}", detail.cards);
    let wish = Wish {
        notes: vec![pair.ids[0]],
        mode: Mode::Content,
        ..Wish::default()
    };
    let done = recovered(&mut pair, &earlier, &wish);
    assert_eq!(
        (done.notes, done.put_back.as_slice()),
        (vec![pair.ids[0]], &["A::B".to_owned()][..])
    );
    let back = pair.now.storage().deck_by_name(&name).unwrap().unwrap();
    assert_eq!((back.id, back.kind), (deck.id, deck.kind));
    assert!(found(&pair).unreadable_decks.is_empty());
    assert!(pair.now.find_problems(&Progress::new()).unwrap().is_empty());
    pair.now.undo().unwrap();
    assert_eq!(found(&pair).unreadable_decks, ["A::B"]);
    assert!(pair.now.take_history_trouble().is_none());
}

/// As many new cards a day.
fn set_default_preset(col: &mut Collection, new: u32) {
    col.transact(Op::UpdateDeckOptions, |tx| {
        let preset = tx.get_deck_config(DeckConfigId::DEFAULT)?;
        let mut preset = preset.unwrap();
        preset.inner.new_per_day = new;
        tx.update_deck_config(&preset)
    })
    .unwrap();
}

/// Both are listed beside the notes, and come back in the same step.
#[test]
fn presets_and_saved_searches_come_back_with_notes_and_go_again_by_one_undo() {
    let mut pair = pair();
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let mut col = Collection::open(&pair.earlier, clock).unwrap();
    col.save_search("Hard", "prop:lapses>3").unwrap();
    col.save_search("Same", "is:new").unwrap();
    set_default_preset(&mut col, 7);
    let mut slow = col.storage().all_deck_configs().unwrap().remove(0);
    slow.id = DeckConfigId(0);
    slow.name = "Slow".into();
    col.transact(Op::UpdateDeckOptions, |tx| tx.add_deck_config(&mut slow))
        .unwrap();
    col.close().unwrap();
    pair.now.save_search("Hard", "is:due").unwrap();
    pair.now.save_search("Same", "is:new").unwrap();
    set_default_preset(&mut pair.now, 8);
    happen(&mut pair, &Since::Delete(1));
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let differ = |pair: &Pair| -> Vec<(String, Change)> {
        let items = items(&earlier, Some(pair.now.storage())).unwrap();
        let changed = |item: ListedItem| Some((item.name, item.change?));
        items.into_iter().filter_map(changed).collect()
    };
    let before = [
        ("Default".to_owned(), Change::Changed),
        ("Slow".to_owned(), Change::Deleted),
        ("Hard".to_owned(), Change::Changed),
    ];
    assert_eq!(differ(&pair), before);
    let listed = items(&earlier, Some(pair.now.storage())).unwrap();
    let part = Compared {
        name: "New cards/day".into(),
        was: "7".into(),
        is: Some("8".into()),
    };
    assert_eq!(listed[0].parts, [part]);
    let wish = Wish {
        notes: vec![pair.ids[1]],
        presets: vec![DeckConfigId::DEFAULT, slow.id],
        searches: vec!["Hard".into()],
        mode: Mode::PutBack,
        ..Wish::default()
    };
    let done = recovered(&mut pair, &earlier, &wish);
    assert_eq!(done.notes, [pair.ids[1]]);
    assert_eq!(done.put_back, ["Default", "Slow", "Hard"]);
    assert!(differ(&pair).is_empty());
    pair.now.undo().unwrap();
    assert_eq!(differ(&pair), before);
    assert!(pair.now.storage().get_note(pair.ids[1]).unwrap().is_none());
}

#[test]
fn a_preset_that_is_damaged_in_the_collection_is_put_right_with_that_of_the_backup() {
    let damage = "update deck_config set config=x'ff' where id=?";
    let mut pair = then_spoil(pair(), damage, DeckConfigId::DEFAULT.0);
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let listed = |pair: &Pair| items(&earlier, Some(pair.now.storage())).unwrap()[0].change;
    assert_eq!(listed(&pair), Some(Change::Changed));
    let wish = Wish {
        presets: vec![DeckConfigId::DEFAULT],
        ..Wish::default()
    };
    let done = recovered(&mut pair, &earlier, &wish);
    assert_eq!(done.put_back, ["Default"]);
    assert_eq!(listed(&pair), None);
}

#[test]
fn scripts_put_back_a_preset_a_saved_search_and_a_media_file() {
    let cli = Cli::with_profile();
    let Pair {
        folder: _room, now, ..
    } = pair();
    let path = now.storage().path().to_owned();
    now.close().unwrap();
    let state = |search: &str, new: u32, name: &str| {
        let clock = Clock::fixed(TimestampMillis(NOON), 0);
        let mut col = Collection::open(&path, clock).unwrap();
        col.save_search("Hard", search).unwrap();
        set_default_preset(&mut col, new);
        col.close().unwrap();
        std::fs::copy(&path, cli.path(name)).unwrap();
        cli.path(name)
    };
    let first = state("is:due", 7, "first.anki2");
    std::fs::create_dir(cli.path("first.media")).unwrap();
    std::fs::write(cli.path("first.media/alone.png"), "picture").unwrap();
    cli.ok(&["import", &state("is:new", 8, "second.anki2")]);
    let file = cli.base().join("Ann/collection.media/alone.png");
    let differ = || cli.ok(&["backup", "diff", &first])["other_items"].clone();
    let before = differ();
    assert_eq!(before[0]["preset"], "Default");
    assert_eq!(before[1]["saved_search"], "Hard");
    assert_eq!(before[1]["parts"][0]["was"], "is:due");
    let wanted = ["--preset", "Default", "--saved-search", "Hard"];
    let recover = ["backup", "recover", &first, "--media-file", "alone.png"];
    let done = cli.ok(&[&recover[..], &wanted].concat());
    assert_eq!(done["put_back"], serde_json::json!(["Default", "Hard"]));
    assert_eq!(done["recovered"]["media"], 1);
    assert_eq!(std::fs::read(&file).unwrap(), b"picture");
    assert_eq!(differ(), serde_json::json!([]));
    let unknown = ["backup", "recover", &first, "--preset", "None of these"];
    cli.fails(&unknown);
}

#[test]
fn scripts_tell_presets_of_one_name_apart_and_hear_what_stays_and_what_is_replaced() {
    let cli = Cli::with_profile();
    let Pair {
        folder: _room,
        mut now,
        ..
    } = pair();
    let path = now.storage().path().to_owned();
    let twins: [String; 2] = std::array::from_fn(|_| {
        let mut twin = now.storage().all_deck_configs().unwrap().remove(0);
        twin.id = DeckConfigId(0);
        twin.name = "Twin".into();
        now.transact(Op::UpdateDeckOptions, |tx| tx.add_deck_config(&mut twin))
            .unwrap();
        twin.id.0.to_string()
    });
    now.save_search("Hard", "is:due").unwrap();
    now.close().unwrap();
    for name in ["first.anki2", "second.anki2"] {
        std::fs::copy(&path, cli.path(name)).unwrap();
    }
    cli.ok(&["import", &cli.path("second.anki2")]);
    let (then, media) = (
        cli.path("first.media"),
        cli.base().join("Ann/collection.media"),
    );
    std::fs::create_dir(&then).unwrap();
    for name in ["_style.css", "taken.png"] {
        std::fs::write(Path::new(&then).join(name), "then").unwrap();
        std::fs::write(media.join(name), "now").unwrap();
    }
    let first = cli.path("first.anki2");
    let recover = |wanted: &[&str]| -> Vec<String> {
        let all = ["backup", "recover", &first].into_iter();
        all.chain(wanted.iter().copied())
            .map(str::to_owned)
            .collect()
    };
    let ok = |wanted: &[&str]| {
        let args = recover(wanted);
        cli.ok(&args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let args = recover(&["--preset", "Twin"]);
    let (status, told) = cli.json(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert_ne!(status, 0);
    let told = told["error"]["message"].as_str().unwrap();
    assert!(twins.iter().all(|id| told.contains(id)), "{told}");
    let done = ok(&["--preset", &twins[1]]);
    assert_eq!(done["put_back"], serde_json::json!(["Twin"]));
    let done = ok(&["--media-file", "_style.css", "taken.png"]);
    assert_eq!(done["left_media"], serde_json::json!(["_style.css"]));
    let read = |name: &str| std::fs::read_to_string(media.join(name)).unwrap();
    assert_eq!(
        (read("_style.css"), read("taken.png")),
        ("now".into(), "now".into())
    );
    assert_eq!(
        read(done["renamed_media"]["taken.png"].as_str().unwrap()),
        "then"
    );
    std::fs::remove_dir_all(cli.base().join("Ann/backups")).unwrap();
    let done = ok(&["--saved-search", "Hard"]);
    assert!(done["safety_backup"].is_string(), "{done}");

    let plan = ok(&["--deck", "A", "--dry-run"]);
    assert_eq!(plan["recovered"]["notes"], 8);
    assert_eq!((&plan["dry_run"], plan.get("due")), (&true.into(), None));
    assert_eq!(
        cli.ok(&["search", "tag:recovered::*", "--notes"])["count"],
        0
    );
    let plan = ok(&["--deck", "A", "--mode", "scheduling", "--dry-run"]);
    assert_eq!(plan["recovered"]["notes"], 0, "they have that schedule");
    assert!(plan["due"]["before"]["days_30"].is_number(), "{plan}");
    assert_eq!(plan["due"]["before"], plan["due"]["after"]);
}

/// Packages of some makers count their notes instead of numbering them by time.
#[test]
fn a_note_that_has_only_the_number_of_another_is_never_written_over() {
    let mut pair = pair();
    let id = pair.ids[0];
    pair.now
        .transact(Op::UpdateNote, |tx| {
            let mut note = tx.get_note(id)?.unwrap();
            note.guid = "another".into();
            note.fields[0] = "another".into();
            tx.update_note(&note)
        })
        .unwrap();
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    for mode in Mode::ALL {
        let wish = Wish {
            notes: vec![id],
            mode,
            ..Wish::default()
        };
        let done = recovered(&mut pair, &earlier, &wish);
        match mode {
            Mode::New => assert_eq!(done.notes.len(), 1),
            _ => assert_eq!(done.skipped, [(id, Skip::IdTaken)], "{mode:?}"),
        }
    }
    let note = pair.now.storage().get_note(id).unwrap().unwrap();
    assert_eq!(note.fields[0], "another");
}

#[test]
fn cards_with_the_schedule_of_the_backup_stay_in_their_filtered_deck() {
    let mut pair = pair();
    let mut draft = pair.now.filtered_draft(None).unwrap();
    draft.deck.search_terms[0].search = "note:Basic".to_owned();
    pair.now.filtered_save(&draft).unwrap();
    let basic: Vec<NoteId> = pair.ids.iter().copied().step_by(2).collect();
    let borrowed = |col: &Collection| {
        let cards = basic.iter().flat_map(|note| {
            let cards = col.storage().cards_of_note(*note);
            cards.unwrap()
        });
        cards.filter(|card| card.is_filtered()).count()
    };
    assert_eq!(borrowed(&pair.now), basic.len());
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let wish = Wish {
        notes: basic.clone(),
        mode: Mode::Scheduling,
        ..Wish::default()
    };
    let done = recovered(&mut pair, &earlier, &wish);
    assert_eq!((done.notes.len(), done.cards), (0, 0));
    assert_eq!(borrowed(&pair.now), basic.len());
}

/// The note is as it was, and yet something of it is lost.
#[test]
fn a_note_that_lost_a_card_is_among_those_that_differ() {
    let mut pair = pair();
    let clock = Clock::fixed(TimestampMillis(NOON + 3 * 86_400_000), 0);
    let storage = pair.now.storage();
    let note = pair.ids[1];
    let second = storage.cards_of_note(note).unwrap()[1].id;
    pair.now
        .transact(Op::EmptyCards, |tx| tx.remove_card(second))
        .unwrap();
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let present = Some(pair.now.storage());
    let path = pair.earlier.clone();
    let explorer = Explorer::new(path, earlier, present, clock, &Progress::new()).unwrap();
    let opened = explorer.opened();
    assert_eq!((opened.changes, opened.rescheduled), (0, 1));
    let of_types = opened.notetypes.iter().map(|group| group.notes.rescheduled);
    assert_eq!(of_types.sum::<u64>(), 1);
    let listed = explorer.list(Show::Rescheduled, "").unwrap();
    assert_eq!(listed.notes, [(note, None)]);
    let detail = explorer.detail(note, pair.now.storage()).unwrap();
    assert_eq!(detail.cards[1].is, None);
    let wish = Wish {
        notes: vec![note],
        mode: Mode::Scheduling,
        ..Wish::default()
    };
    let done = recovered(&mut pair, explorer.storage(), &wish);
    assert_eq!(done.skipped, [(note, Skip::CardGone)]);
}

/// Which fields such a note has is lost with its note type; that it was added is not.
#[test]
fn scripts_see_what_differs_though_a_note_type_of_the_collection_is_damaged() {
    let cli = Cli::with_profile();
    let Pair {
        folder: _room, now, ..
    } = pair();
    let path = now.storage().path().to_owned();
    let basic = now.storage().notetype_by_name("Basic").unwrap().unwrap().id;
    now.close().unwrap();
    let first = cli.path("first.anki2");
    std::fs::copy(&path, &first).unwrap();
    cli.ok(&["import", &first]);
    let live = cli.base().join("Ann/collection.anki2");
    let mut col = Collection::open(&live, Clock::System).unwrap();
    let new = NewNote {
        notetype_id: basic,
        deck_id: DeckId::DEFAULT,
        fields: vec!["new".into(), "back".into()],
        tags: vec![],
    };
    let note = col.add_note(new).unwrap().value;
    col.close().unwrap();
    let damage = "update notetypes set config=x'ff' where id=?";
    spoil(&live, damage, basic.0);
    let diff = cli.ok(&["backup", "diff", &first]);
    let added = &diff["items"][0];
    assert_eq!(
        (&added["id"], &added["change"]),
        (&note.0.into(), &"added".into())
    );
    assert_eq!(added["fields"]["field 1"]["is"], "new");
}

fn field(name: &str, was: &str, is: &str) -> (String, String, Option<String>) {
    (name.into(), was.into(), Some(is.into()))
}

#[test]
fn what_a_note_has_besides_and_under_other_names_is_shown() {
    let mut pair = pair();
    let progress = Progress::new();
    let clock = Clock::fixed(TimestampMillis(NOON + 3 * 86_400_000), 0);
    let (edited, turned) = (pair.ids[0], pair.ids[1]);
    let storage = pair.now.storage();
    let both = storage.get_note(turned).unwrap().unwrap().notetype_id;
    let basic = storage.notetype_by_name("Basic").unwrap().unwrap();
    let draft = pair.now.notetype_change_draft(both, basic.id).unwrap();
    pair.now
        .change_notetype(&[turned], &draft.suggested, &progress)
        .unwrap();
    let mut edit = NotetypeEdit::from(basic);
    edit.fields[1].now.name = "Reverse".into();
    edit.add_field("Extra");
    pair.now.update_notetype(&edit, &progress).unwrap();
    pair.now
        .transact(Op::UpdateNote, |tx| {
            let mut note = tx.get_note(edited)?.unwrap();
            note.fields[2] = "more".into();
            let notetype = tx.notetype(note.notetype_id)?.unwrap();
            note.prepare(&notetype, true);
            tx.update_note(&note)
        })
        .unwrap();
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let present = Some(pair.now.storage());
    let path = pair.earlier.clone();
    let explorer = Explorer::new(path, earlier, present, clock, &progress).unwrap();
    let fields = |note| {
        let detail = explorer.detail(note, pair.now.storage()).unwrap();
        let part = |f: &Compared| (f.name.clone(), f.was.clone(), f.is.clone());
        detail.fields.iter().map(part).collect::<Vec<_>>()
    };
    assert_eq!(
        fields(edited),
        [
            field("Front", "front 0", "front 0"),
            field("Back", "back 0", "back 0"),
            field("Extra", "", "more"),
        ]
    );
    let of_type = fields(turned).pop().unwrap();
    assert_eq!(
        of_type,
        field("Note type", "Basic (and reversed card)", "Basic")
    );
    // What is called otherwise by now comes back too.
    happen(&mut pair, &Since::Edit(0, "spoiled".into()));
    pair.now
        .transact(Op::UpdateNote, |tx| {
            let mut note = tx.get_note(edited)?.unwrap();
            note.fields[1] = "spoiled".into();
            tx.update_note(&note)
        })
        .unwrap();
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let wish = Wish {
        notes: vec![edited],
        mode: Mode::Content,
        ..Wish::default()
    };
    pair.now.recover(&earlier, &wish, &progress).unwrap();
    let note = pair.now.storage().get_note(edited).unwrap().unwrap();
    assert_eq!(note.fields, ["front 0", "back <b>0</b>", "more"]);
}

/// Two months and two months and a day are the same in words.
#[test]
fn intervals_differ_by_days() {
    let mut pair = pair();
    let clock = Clock::fixed(TimestampMillis(NOON + 3 * 86_400_000), 0);
    let note = pair.ids[0];
    let set = |pair: &mut Pair, days: u32| {
        pair.now
            .transact(Op::SetDueDate, |tx| {
                let mut card = tx.cards_of_note(note)?.remove(0);
                card.ctype = CardType::Review;
                card.queue = CardQueue::Review;
                (card.due, card.interval) = (100, days);
                tx.update_card(&card)
            })
            .unwrap();
    };
    set(&mut pair, 60);
    let frozen = pair.now.storage().freeze().unwrap();
    std::fs::copy(frozen.path(), &pair.earlier).unwrap();
    drop(frozen);
    pair.now.storage().unfreeze();
    set(&mut pair, 61);
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let present = Some(pair.now.storage());
    let path = pair.earlier.clone();
    let explorer = Explorer::new(path, earlier, present, clock, &Progress::new()).unwrap();
    let card = explorer
        .detail(note, pair.now.storage())
        .unwrap()
        .cards
        .remove(0);
    assert_eq!(card.is.as_ref(), Some(&card.was));
    let facts: Vec<_> = card.facts.iter().map(|f| (&*f.name, &*f.was)).collect();
    assert_eq!(facts, [("Interval", "60 days")]);
}

#[test]
fn scripts_see_tags_and_fields_that_a_note_has_only_now() {
    let cli = Cli::with_profile();
    std::fs::write(cli.path("notes.txt"), "one\tback\n").unwrap();
    cli.ok(&["import", &cli.path("notes.txt")]);
    let made = cli.ok(&["backup", "create"]);
    let backup = made["path"].as_str().unwrap().to_owned();
    let path = cli.base().join("Ann/collection.anki2");
    let mut col = Collection::open(&path, Clock::System).unwrap();
    let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    let note = col.storage().note_ids_of_notetype(basic.id).unwrap()[0];
    let mut edit = NotetypeEdit::from(basic);
    edit.add_field("Extra");
    edit.fields.swap(0, 1);
    col.update_notetype(&edit, &Progress::new()).unwrap();
    col.transact(Op::UpdateNote, |tx| {
        let mut note = tx.get_note(note)?.unwrap();
        note.fields[2] = "more".into();
        note.tags = vec!["later".into()];
        tx.update_note(&note)
    })
    .unwrap();
    col.close().unwrap();
    let diff = cli.ok(&["backup", "diff", &backup]);
    let item = &diff["items"][0];
    assert_eq!(
        item["fields"],
        serde_json::json!({"Extra": {"was": null, "is": "more"}}),
        "{diff}"
    );
    assert_eq!(item["tags_now"], serde_json::json!(["later"]));
}

/// Filtered decks hold no decks: the deck comes beside it, instead of nothing at all.
#[test]
fn a_deck_comes_back_though_a_filtered_one_has_its_parents_name() {
    let mut pair = pair();
    let above = named(&pair.now, "A").unwrap().id;
    pair.now.deck_delete(&[above]).unwrap();
    let mut draft = pair.now.filtered_draft(None).unwrap();
    draft.deck.search_terms[0].search = "deck:Default".to_owned();
    draft.name = "A".to_owned();
    pair.now.filtered_save(&draft).unwrap();
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let wish = Wish {
        notes: vec![pair.ids[1]],
        mode: Mode::PutBack,
        ..Wish::default()
    };
    let done = recovered(&mut pair, &earlier, &wish);
    assert_eq!(done.notes.len(), 1);
    assert_eq!(done.decks, ["A+", "A+::B"]);
    let deck = named(&pair.now, "A+::B").unwrap();
    let cards = pair.now.storage().cards_of_note(pair.ids[1]).unwrap();
    assert!(!deck.is_filtered() && cards.iter().all(|card| card.deck_id == deck.id));
}

/// Decks above the note's deck come back with their ids and options, be they its home or not.
#[test]
fn the_decks_above_come_back_as_they_were() {
    let mut pair = pair();
    let above = named(&pair.now, "A").unwrap().id;
    let clock = Clock::fixed(TimestampMillis(NOON), 0);
    let mut col = Collection::open(&pair.earlier, clock).unwrap();
    let mut slow = col.storage().all_deck_configs().unwrap().remove(0);
    slow.id = DeckConfigId(0);
    slow.name = "Slow".into();
    col.transact(Op::UpdateDeckOptions, |tx| {
        tx.add_deck_config(&mut slow)?;
        let mut deck = tx.get_deck(above)?.unwrap();
        if let DeckKind::Normal(normal) = &mut deck.kind {
            normal.config_id = slow.id;
            normal.description = "of all".into();
        }
        tx.update_deck(&deck)
    })
    .unwrap();
    let was = named(&col, "A").unwrap();
    col.close().unwrap();
    pair.now.deck_delete(&[above]).unwrap();
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let wish = Wish {
        notes: vec![pair.ids[1]],
        mode: Mode::PutBack,
        ..Wish::default()
    };
    let done = recovered(&mut pair, &earlier, &wish);
    assert_eq!(done.decks, ["A", "A::B"]);
    assert_eq!(done.presets, ["Slow"]);
    let back = named(&pair.now, "A").unwrap();
    assert_eq!((back.id, back.kind), (was.id, was.kind));
}

/// Of a note that was edited, that its schedule is the one of the backup does not say that the note is.
#[test]
fn an_edited_note_with_its_old_schedule_is_not_called_unchanged() {
    let mut pair = pair();
    happen(&mut pair, &Since::Edit(3, "edited since".into()));
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    for mode in [Mode::Scheduling, Mode::Replay] {
        let wish = Wish {
            notes: vec![pair.ids[3]],
            mode,
            ..Wish::default()
        };
        let done = recovered(&mut pair, &earlier, &wish);
        assert_eq!(
            done.skipped,
            [(pair.ids[3], Skip::SameSchedule)],
            "{mode:?}"
        );
    }
}

/// What is lost of it is no reason to say that nothing is.
#[test]
fn a_text_whose_field_is_gone_is_not_called_unchanged() {
    let mut pair = pair();
    let progress = Progress::new();
    let basic = pair.now.storage().notetype_by_name("Basic").unwrap();
    let mut edit = NotetypeEdit::from(basic.unwrap());
    edit.fields.pop();
    edit.templates[0].now.config.a_format = "{{FrontSide}}".into();
    pair.now.update_notetype(&edit, &progress).unwrap();
    let earlier = Storage::open_read_only(&pair.earlier).unwrap();
    let wish = Wish {
        notes: vec![pair.ids[0], pair.ids[1]],
        mode: Mode::Content,
        ..Wish::default()
    };
    let done = recovered(&mut pair, &earlier, &wish);
    let why = [Skip::NoCommonField, Skip::Unchanged];
    let why: Vec<_> = wish.notes.iter().copied().zip(why).collect();
    assert_eq!(done.skipped, why);
}
