//! Before everything that touches much there is a verified backup of the moment, and one undo
//! takes the change back; small things, and things that a fresh backup holds, make none.

use crate::cli_commands::Cli;
use crate::service_story::World;
use engram::backup::catalog;
use engram::backup::entry::{Entry, Reason, Rules, Verification};
use engram::base::ids::{CardId, DeckId, NoteId, NotetypeId};
use engram::collection::Collection;
use engram::domain::op::Op;
use engram::domain::text_import::{TextOptions, TextWishes};
use engram::service::browse::{BrowseAction, BrowseRequest, Chosen};
use engram::service::bulk::{BulkRequest, FindReplace, ReplaceIn};
use engram::service::event::{Event, PackageEvent, Undone};
use engram::service::notetypes::{NotetypeEvent, NotetypeRequest};
use engram::service::request::{CardRequest, DeckRequest, PackageRequest, Request};
use std::path::{Path, PathBuf};

const SIX_MINUTES: i64 = 6 * 60_000;

fn listed(world: &World) -> Vec<Entry> {
    let folder = world.data().profile("Ana").unwrap().folder;
    catalog::list(&folder, &Rules::default(), &world.clock).unwrap()
}

/// A text file with `count` rows.
fn rows(world: &World, name: &str, count: usize) -> PathBuf {
    let path = world.dir.path().join(name);
    let rows = (0..count).map(|n| format!("{name} {n}\tback {n}\n"));
    std::fs::write(&path, rows.collect::<String>()).unwrap();
    path
}

fn options(world: &World, file: &Path) -> TextOptions {
    world.send(Request::Package(PackageRequest::LookAtText {
        file: file.to_owned(),
        wishes: TextWishes::default(),
    }));
    world.wait("the look at the file", |e| match e {
        Event::Package(PackageEvent::TextLooked { look, .. }) => Some(look.options.clone()),
        _ => None,
    })
}

/// Imports rows; returns the notes.
pub fn import(world: &World, name: &str, count: usize) -> Vec<NoteId> {
    let file = rows(world, name, count);
    let options = options(world, &file);
    world.send(Request::Package(PackageRequest::ImportText {
        file,
        options,
    }));
    world.wait("the import", |e| match e {
        Event::Package(PackageEvent::Merged { report, .. }) => {
            Some(report.new.iter().map(|n| n.id).collect())
        }
        _ => None,
    })
}

/// Sends a request, waits until it is done, and returns the reason of the backup that was made
/// first and how many notes it holds.
fn first(world: &World, request: Request, op: Op) -> Option<(Reason, u64)> {
    let before = listed(world).len();
    world.send(request);
    world.wait("the change", |e| match e {
        Event::Done {
            op: done,
            undone: Undone::No,
            status,
            ..
        } if *done == op => {
            assert_eq!(status.undo, Some(op), "one step back");
            Some(())
        }
        _ => None,
    });
    let after = listed(world);
    (after.len() > before).then(|| {
        let made = &after[0];
        assert!(matches!(made.verification, Verification::Verified { .. }));
        (made.reason, made.contents.unwrap().notes)
    })
}

fn undo(world: &World, op: Op) {
    world.send(Request::Undo);
    world.wait("the undo", |e| match e {
        Event::Done {
            op: done,
            undone: Undone::Undo,
            ..
        } if *done == op => Some(()),
        _ => None,
    });
}

/// With the deck in which notes are added.
fn cards_of(world: &World, notes: &[NoteId]) -> (Vec<CardId>, DeckId) {
    // Through a copy: the live file belongs to the worker.
    let newest = listed(world).remove(0);
    let room = tempfile::tempdir().unwrap();
    let clock = &world.clock;
    let progress = engram::base::job::Progress::new();
    let options = engram::backup::plan::Options::RESTORE;
    engram::backup::restore::restore(room.path(), &newest.path, options, clock, &progress).unwrap();
    let copy = Collection::open(&room.path().join("collection.anki2"), clock.clone()).unwrap();
    let cards = copy.cards_of_notes(notes).unwrap();
    let deck = copy.current_deck().unwrap();
    copy.close().unwrap();
    (cards, deck)
}

#[test]
fn everything_that_touches_much_is_backed_up_first_and_can_be_taken_back() {
    let world = World::with_sample();
    world.clock.advance_millis(SIX_MINUTES);
    let many = import(&world, "many", 40);
    world.clock.advance_millis(SIX_MINUTES);
    let few = import(&world, "few", 5);
    let made = listed(&world);
    assert_eq!(made[0].reason, Reason::BeforeImport);
    let notes = made[0].contents.unwrap().notes;
    let all = notes + 5;
    let (cards, deck) = cards_of(&world, &many);
    assert_eq!(cards.len(), 40);

    let replace = FindReplace {
        find: "back".into(),
        replacement: "rear".into(),
        regex: false,
        match_case: false,
        place: ReplaceIn::AllFields,
    };
    let chosen = Chosen {
        rows: many.iter().map(|id| id.0).collect(),
        notes: true,
        current: many[0].0,
    };
    let browse = |action| {
        Request::Browse(BrowseRequest::Do {
            chosen: chosen.clone(),
            action,
        })
    };
    let steps: Vec<(Request, Op, Reason)> = vec![
        (
            Request::Bulk(BulkRequest::FindReplace {
                notes: None,
                what: replace.clone(),
            }),
            Op::FindAndReplace,
            Reason::BeforeReplace,
        ),
        (
            browse(BrowseAction::FindReplace(replace)),
            Op::FindAndReplace,
            Reason::BeforeReplace,
        ),
        (
            Request::Card(CardRequest::SetDueDate {
                cards: cards.clone(),
                days: "3".into(),
            }),
            Op::SetDueDate,
            Reason::BeforeReschedule,
        ),
        (
            browse(BrowseAction::SetDueDate("9".into())),
            Op::SetDueDate,
            Reason::BeforeReschedule,
        ),
        (
            Request::Card(CardRequest::DeleteNotes {
                notes: many.clone(),
            }),
            Op::DeleteNotes,
            Reason::BeforeDelete,
        ),
        (
            browse(BrowseAction::DeleteNotes),
            Op::DeleteNotes,
            Reason::BeforeDelete,
        ),
        (
            Request::Deck(DeckRequest::Delete { ids: vec![deck] }),
            Op::DeleteDeck,
            Reason::BeforeDelete,
        ),
        (
            Request::Notetype(NotetypeRequest::Remove(basic(&world))),
            Op::RemoveNotetype,
            Reason::BeforeNotetypeChange,
        ),
    ];
    for (request, op, reason) in steps {
        world.clock.advance_millis(SIX_MINUTES);
        let what = format!("{request:?}");
        let made = first(&world, request, op);
        assert_eq!(made, Some((reason, all)), "{what}");
        undo(&world, op);
    }

    little_or_fresh(&world, &many, few);
}

fn little_or_fresh(world: &World, many: &[NoteId], few: Vec<NoteId>) {
    world.clock.advance_millis(SIX_MINUTES);
    let delete = Request::Card(CardRequest::DeleteNotes { notes: few });
    assert_eq!(first(world, delete, Op::DeleteNotes), None, "five are few");
    undo(world, Op::DeleteNotes);
    let delete = || {
        let notes = many.to_owned();
        first(
            world,
            Request::Card(CardRequest::DeleteNotes { notes }),
            Op::DeleteNotes,
        )
    };
    assert!(delete().is_some());
    undo(world, Op::DeleteNotes);
    world.clock.advance_millis(60_000);
    assert_eq!(delete(), None, "the last one is a minute old");
}

fn basic(world: &World) -> NotetypeId {
    world.send(Request::Notetype(NotetypeRequest::List));
    world.wait("the note types", |e| match e {
        Event::Notetype(NotetypeEvent::Listed(all)) => {
            all.iter().find(|n| n.name == "Basic").map(|n| n.id)
        }
        _ => None,
    })
}

#[test]
fn without_a_backup_nothing_is_changed() {
    let world = World::with_sample();
    let notes = import(&world, "many", 40);
    world.clock.advance_millis(SIX_MINUTES);
    let folder = world.backups();
    let aside = folder.with_file_name("aside");
    std::fs::rename(&folder, &aside).unwrap();
    std::fs::write(&folder, b"in the way").unwrap();
    let delete = Request::Card(CardRequest::DeleteNotes {
        notes: notes.clone(),
    });
    world.send(delete);
    assert!(!world.failure().is_empty());
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&aside, &folder).unwrap();
    assert_eq!(
        cards_after_backup(&world, &notes),
        40,
        "nothing was deleted"
    );
}

fn cards_after_backup(world: &World, notes: &[NoteId]) -> usize {
    world.clock.advance_millis(60_000);
    world.create_backup();
    cards_of(world, notes).0.len()
}

#[test]
fn from_the_terminal_too() {
    let cli = Cli::with_profile();
    let file = cli.room.path().join("a.txt");
    let text = |word: &str| {
        (0..30)
            .map(|n| format!("{word} {n}\tback\n"))
            .collect::<String>()
    };
    std::fs::write(&file, text("one")).unwrap();
    let done = cli.ok(&["import", file.to_str().unwrap()]);
    assert_eq!(
        done["safety_backup"],
        serde_json::Value::Null,
        "it was empty"
    );
    std::fs::write(&file, text("two")).unwrap();
    let dry = cli.ok(&["import", "--dry-run", file.to_str().unwrap()]);
    assert_eq!(dry["safety_backup"], serde_json::Value::Null);
    let done = cli.ok(&["import", file.to_str().unwrap()]);
    let safety = done["safety_backup"].as_str().unwrap();
    assert_eq!(cli.ok(&["backup", "show", safety])["notes"], 30);
    assert_eq!(
        cli.ok(&["backup", "list"])["backups"][0]["reason"],
        "before-import"
    );
}
