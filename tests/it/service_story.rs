//! Stories told through the worker's requests and events, as a face would: with a real thread,
//! real files and a clock that the test moves.

use engram::backup::entry::{Reason, Verification};
use engram::base::ids::{DeckConfigId, DeckId, NoteId};
use engram::base::job::Progress;
use engram::base::time::{Clock, Stopwatch, TimestampMillis};
use engram::collection::Collection;
use engram::collection::notes::NewNote;
use engram::domain::browse::{Column, Layout};
use engram::domain::card::{CardQueue, CardType};
use engram::domain::explorer::{Show, SinceKinds};
use engram::domain::notetype_edit::NotetypeEdit;
use engram::domain::op::Op;
use engram::domain::recovery::Mode;
use engram::domain::study::Rating;
use engram::service::browse::{BrowseAction, BrowseEvent, BrowseRequest, Chosen};
use engram::service::checks::{CheckEvent, CheckRequest};
use engram::service::event::{
    BackupEvent, BackupState, DeckEvent, Event, JobEvent, PackageEvent, ProfileEvent, StudyCard,
    StudyEvent, Undone,
};
use engram::service::explorer::{ExplorerEvent, ExplorerRequest};
use engram::service::looks::{COMPARING, TIMELINE};
use engram::service::notes::{NoteEvent, NoteRequest};
use engram::service::profiles::DataFolder;
use engram::service::request::{
    BackupRequest, CardRequest, DeckRequest, PackageRequest, ProfileRequest, Request, StudyRequest,
};
use engram::service::{ServiceConfig, ServiceHandle};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub const NOON: TimestampMillis = TimestampMillis(1_800_014_400_000);

pub struct World {
    pub dir: tempfile::TempDir,
    pub clock: Clock,
    pub worker: ServiceHandle,
}

fn start(data: DataFolder, clock: &Clock) -> ServiceHandle {
    ServiceHandle::spawn(ServiceConfig {
        clock: clock.clone(),
        ..ServiceConfig::without_keychain(data)
    })
    .unwrap()
}

impl World {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(NOON, 0);
        let worker = start(DataFolder::at(dir.path().join("data")), &clock);
        Self { dir, clock, worker }
    }

    /// The next start where another world ended, with its profile open.
    pub fn again(dir: tempfile::TempDir, clock: Clock) -> Self {
        let worker = start(DataFolder::at(dir.path().join("data")), &clock);
        let world = Self { dir, clock, worker };
        world.send(Request::Profile(ProfileRequest::Open {
            name: "Ana".into(),
        }));
        world
    }

    /// A world with one open profile that holds the sample deck.
    pub fn with_sample() -> Self {
        let world = Self::new();
        world.send(Request::Profile(ProfileRequest::Create {
            name: "Ana".into(),
            with_sample: true,
        }));
        world.opened();
        // A new profile is backed up at once.
        world.backed_up();
        world.clock.advance_millis(5_000);
        world
    }

    /// Until everything is in a verified backup; returns when that was made.
    pub fn backed_up(&self) -> TimestampMillis {
        self.wait("an automatic backup", |e| match e {
            Event::Backup(BackupEvent::Status(s))
                if s.state == BackupState::Idle && !s.changed_since =>
            {
                s.last_verified
            }
            _ => None,
        })
    }

    pub fn data(&self) -> DataFolder {
        DataFolder::at(self.dir.path().join("data"))
    }

    pub fn backups(&self) -> PathBuf {
        self.data().profile("Ana").unwrap().backups()
    }

    pub fn backup_files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.backups())
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.extension().is_some_and(|e| e == "colpkg"))
            .collect();
        files.sort();
        files
    }

    pub fn send(&self, request: Request) {
        assert!(self.worker.request(request), "the queue is full");
    }

    /// The first event that `pick` accepts; the test fails after 30 seconds, or when a request
    /// fails that nobody expected to.
    pub fn wait<T>(&self, what: &str, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        let start = Stopwatch::start();
        let mut seen = vec![];
        while start.elapsed() < Duration::from_secs(30) {
            let Some(event) = self.worker.wait_event(Duration::from_millis(200)) else {
                continue;
            };
            if let Some(found) = pick(&event) {
                return found;
            }
            if let Event::Failed { message, .. } = &event {
                panic!("while waiting for {what}: {message:?}");
            }
            seen.push(format!("{event:.200?}"));
        }
        panic!("{what} did not happen; seen: {seen:#?}");
    }

    pub fn opened(&self) -> (bool, bool) {
        self.wait("the profile to open", |e| match e {
            Event::Profile(ProfileEvent::Opened {
                restored,
                can_undo_restore,
                ..
            }) => Some((*restored, *can_undo_restore)),
            _ => None,
        })
    }

    pub fn failure(&self) -> String {
        self.wait("a failure", |e| match e {
            Event::Failed { message, .. } | Event::Job(JobEvent::Failed { message, .. }) => {
                Some(message.cause.clone())
            }
            _ => None,
        })
    }

    /// Selects the first deck with cards and shows its first card.
    pub fn study(&self) -> Option<Box<StudyCard>> {
        self.send(Request::Deck(DeckRequest::LoadTree));
        let deck = self.wait("the deck list", |e| match e {
            Event::Deck(DeckEvent::Tree { root, .. }) => Some(
                root.children
                    .iter()
                    .find(|d| d.new + d.learn + d.review > 0)
                    .or(root.children.first())
                    .map(|d| d.id),
            ),
            _ => None,
        })?;
        self.send(Request::Deck(DeckRequest::Select(deck)));
        self.send(Request::Study(StudyRequest::Next));
        self.card()
    }

    pub fn card(&self) -> Option<Box<StudyCard>> {
        self.wait("a card or the end", |e| match e {
            Event::Study(StudyEvent::Card { card, .. }) => Some(Some(card.clone())),
            Event::Study(StudyEvent::Finished { .. }) => Some(None),
            _ => None,
        })
    }

    pub fn answer(&self, card: &StudyCard, rating: Rating) -> Option<Box<StudyCard>> {
        self.clock.advance_millis(2_000);
        self.send(Request::Study(StudyRequest::Answer {
            card: card.id,
            rating,
            taken_ms: 1500,
        }));
        self.wait("the answer on disk", |e| {
            matches!(e, Event::Study(StudyEvent::Answered { card: c, .. }) if *c == card.id)
                .then_some(())
        });
        self.card()
    }

    pub fn create_backup(&self) -> Option<PathBuf> {
        self.send(Request::Backup(BackupRequest::Create));
        self.wait("the backup", |e| match e {
            Event::Backup(BackupEvent::Created { path }) => Some(Some(path.clone())),
            Event::Backup(BackupEvent::Unchanged) => Some(None),
            _ => None,
        })
    }

    pub fn shut_down(self) -> (tempfile::TempDir, Clock) {
        self.send(Request::Shutdown);
        self.wait("the end", |e| matches!(e, Event::Stopped).then_some(()));
        (self.dir, self.clock)
    }

    pub fn reviews(&self) -> u64 {
        // Through a backup: the live file belongs to the worker.
        self.clock.advance_millis(1_000);
        self.create_backup();
        self.send(Request::Backup(BackupRequest::List {
            profile: "Ana".into(),
        }));
        self.wait("the list", |e| match e {
            Event::Backup(BackupEvent::Listed { entries, .. }) => {
                entries.first().map(|e| e.contents.unwrap().revlog)
            }
            _ => None,
        })
    }
}

#[test]
fn studying_the_sample_deck_to_the_end_and_taking_an_answer_back() {
    let world = World::with_sample();
    let mut card = world.study().expect("the sample deck has new cards");
    assert!(!card.question.html.is_empty() && !card.intervals[2].is_empty());
    let first = card.id;
    let mut answered = 0;
    while let Some(next) = world.answer(&card, Rating::Easy) {
        answered += 1;
        assert!(answered < 500, "the deck never ends");
        card = next;
    }
    answered += 1;
    assert_eq!(world.reviews(), answered);
    world.send(Request::Undo);
    let status = world.wait("the undo", |e| match e {
        Event::Done {
            op: Op::AnswerCard,
            undone: Undone::Undo,
            status,
            ..
        } => Some(*status),
        _ => None,
    });
    assert_eq!(status.redo, Some(Op::AnswerCard));
    let again = world.card().expect("the last card is back");
    assert_eq!(again.id, card.id);
    assert_eq!(world.reviews(), answered - 1);
    for _ in 1..answered {
        world.send(Request::Undo);
        world.card();
    }
    world.send(Request::Study(StudyRequest::Next));
    assert_eq!(world.card().unwrap().id, first);
}

#[test]
fn an_answer_to_a_card_that_is_not_on_screen_is_refused() {
    let world = World::with_sample();
    let card = world.study().unwrap();
    let next = world.answer(&card, Rating::Good).unwrap();
    assert_ne!(card.id, next.id);
    world.send(Request::Study(StudyRequest::Answer {
        card: card.id,
        rating: Rating::Good,
        taken_ms: 1,
    }));
    assert!(world.failure().contains("no longer"));
    assert!(world.answer(&next, Rating::Good).is_some(), "study goes on");
}

#[test]
fn the_more_menu_acts_on_the_card_and_shows_the_next() {
    let world = World::with_sample();
    let card = world.study().unwrap();
    world.send(Request::Card(CardRequest::SetFlag {
        cards: vec![card.id],
        flag: 3,
    }));
    assert_eq!(world.card().unwrap().flag, 3);
    world.send(Request::Card(CardRequest::ToggleMark {
        notes: vec![card.note],
    }));
    assert!(world.card().unwrap().marked);
    world.send(Request::Card(CardRequest::Suspend {
        cards: vec![card.id],
    }));
    assert_ne!(world.card().unwrap().id, card.id);
    world.send(Request::Undo);
    assert_eq!(world.card().unwrap().id, card.id);
    world.send(Request::Card(CardRequest::DeleteNotes {
        notes: vec![card.note],
    }));
    assert_ne!(world.card().unwrap().id, card.id);
    let log = std::fs::read_to_string(world.data().path().join("Ana/deleted.txt")).unwrap();
    assert!(log.starts_with('#') && log.lines().count() > 3, "{log}");
}

#[test]
fn create_backup_says_created_unchanged_and_created_again() {
    let world = World::with_sample();
    assert!(world.create_backup().is_none());
    let card = world.study().unwrap();
    world.answer(&card, Rating::Good);
    let made = world.create_backup().expect("something changed");
    assert!(world.create_backup().is_none());
    assert_eq!(world.backup_files().len(), 2);
    assert_eq!(world.backup_files()[1], made);
}

/// Each is made by a thread of its own, and an older one may take longer.
#[test]
fn of_lists_of_backups_that_are_made_at_once_the_newest_is_told() {
    const ASKED: usize = 20;
    let world = World::with_sample();
    for _ in 0..ASKED {
        world.send(Request::Backup(BackupRequest::List {
            profile: "Ana".into(),
        }));
    }
    let listed = |e: &Event| match e {
        Event::Backup(BackupEvent::Listed { entries, .. }) => Some(entries.len()),
        _ => None,
    };
    let mut told = vec![world.wait("a list", listed)];
    while let Some(event) = world.worker.wait_event(Duration::from_millis(500)) {
        told.extend(listed(&event));
    }
    assert!(told.len() < ASKED, "{told:?}");
    assert_eq!(told.last(), Some(&1));
}

#[test]
fn create_backup_makes_one_when_the_last_is_gone_or_was_found_damaged() {
    let world = World::with_sample();
    let card = world.study().unwrap();
    world.answer(&card, Rating::Good);
    let made = world.create_backup().expect("something changed");
    std::fs::remove_file(made).unwrap();
    let made = world.create_backup().expect("the last one is gone");
    let mut bytes = std::fs::read(&made).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&made, bytes).unwrap();
    world.send(Request::Backup(BackupRequest::Drill));
    world.wait("the list that says it", |e| match e {
        Event::Backup(BackupEvent::Listed { entries, .. }) => {
            let newest = entries.iter().find(|e| e.path == made)?;
            matches!(newest.verification, Verification::Failed { .. }).then_some(())
        }
        _ => None,
    });
    let again = world.create_backup().expect("the last one is damaged");
    assert!(again != made);
    assert!(world.create_backup().is_none());
}

/// A file that cannot be deleted for as long as the value lives.
struct Stuck(PathBuf);

impl Stuck {
    fn make(file: &Path) -> Option<Self> {
        let mount = Command::new("mount")
            .arg("--bind")
            .args([file, file])
            .output();
        if !mount.is_ok_and(|done| done.status.success()) {
            crate::oracle::skip("nothing may be mounted here");
            return None;
        }
        Some(Self(file.to_owned()))
    }
}

impl Drop for Stuck {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

#[test]
fn an_old_backup_that_cannot_be_deleted_is_told_and_makes_no_backup_fail() {
    let world = World::with_sample();
    let old = world.backup_files()[0].clone();
    let Some(stuck) = Stuck::make(&old) else {
        return;
    };
    let answer = || {
        let card = world.study().unwrap();
        world.answer(&card, Rating::Good);
    };
    // The newest three stay whatever the rules say.
    for _ in 0..2 {
        answer();
        world.create_backup().unwrap();
    }
    // Of that day the later one is enough now. Whether the timer makes the backup or the request.
    world.clock.advance_millis(3 * 24 * 3_600_000);
    let name = "a change".to_owned();
    world.send(Request::Deck(DeckRequest::Create { name }));
    world.send(Request::Backup(BackupRequest::Create));
    let (mut told, mut answered) = (false, false);
    world.wait("the backup, and what could not be deleted", |e| {
        match e {
            Event::Notice(text) => told |= text.contains("delete old backups"),
            Event::Backup(BackupEvent::Created { .. } | BackupEvent::Unchanged) => answered = true,
            _ => {}
        }
        (told && answered).then_some(())
    });
    assert!(old.exists() && world.backup_files().len() >= 3);
    assert_eq!(world.create_backup(), None, "it covers everything");
    // Neither does it stop what needs a backup first.
    world.send(Request::CheckDatabase);
    world.wait("the check", |e| {
        matches!(e, Event::DatabaseChecked { .. }).then_some(())
    });
    drop(stuck);
    answer();
    world.create_backup().unwrap();
    assert!(!old.exists());
}

#[test]
fn the_timer_backs_up_after_thirty_minutes_with_changes_and_not_after_29() {
    let world = World::with_sample();
    let card = world.study().unwrap();
    world.answer(&card, Rating::Good);
    world.clock.advance_millis(29 * 60_000);
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(world.backup_files().len(), 1);
    world.clock.advance_millis(61_000);
    assert!(world.backed_up().0 > NOON.0 + 29 * 60_000);
    assert_eq!(world.backup_files().len(), 2);
    world.clock.advance_millis(120 * 60_000);
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(
        world.backup_files().len(),
        2,
        "nothing changed, so nothing is written"
    );
}

#[test]
fn closing_with_changes_backs_them_up_first() {
    let world = World::with_sample();
    let card = world.study().unwrap();
    world.answer(&card, Rating::Good);
    let (dir, clock) = world.shut_down();
    let data = DataFolder::at(dir.path().join("data"));
    let paths = data.profile("Ana").unwrap();
    let entries =
        engram::backup::catalog::list(&paths.folder, &Default::default(), &clock).unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].reason, Reason::Close);
    assert_eq!(entries[0].contents.unwrap().revlog, 1);
    assert!(!paths.folder.join("collection.anki2-wal").exists());
}

#[test]
fn a_profile_in_a_folder_that_another_program_changes_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::fixed(NOON, 0);
    let worker = start(DataFolder::at(dir.path().join("Dropbox/Engram")), &clock);
    let world = World { dir, clock, worker };
    world.send(Request::Profile(ProfileRequest::Create {
        name: "Ana".into(),
        with_sample: false,
    }));
    world.opened();
    world.wait("the warning", |e| {
        matches!(e, Event::Notice(text) if text.starts_with("Dropbox changes")).then_some(())
    });
}

/// A file keeps the room of what was deleted; Anki gives it back every two weeks.
#[test]
fn closing_gives_back_the_room_of_what_was_deleted_every_two_weeks() {
    let (dir, clock) = World::with_sample().shut_down();
    let data = DataFolder::at(dir.path().join("data"));
    let path = data.profile("Ana").unwrap().collection();
    let mut col = Collection::open(&path, clock.clone()).unwrap();
    let basic = col.storage().notetype_by_name("Basic").unwrap().unwrap();
    let note = |n: usize| NewNote {
        notetype_id: basic.id,
        deck_id: DeckId::DEFAULT,
        fields: vec![format!("{n}"), "a long answer ".repeat(200)],
        tags: vec![],
    };
    let added = col.add_notes((0..500).map(note).collect()).unwrap().value;
    col.delete_notes(&added).unwrap();
    col.close().unwrap();
    let size = || std::fs::metadata(&path).unwrap().len();
    let before = size();
    let closed = |dir, clock| {
        let world = World::again(dir, clock);
        world.opened();
        world.shut_down()
    };
    let (dir, clock) = closed(dir, clock);
    assert!(size() >= before);
    clock.advance_millis(14 * 86_400_000);
    let (_dir, _clock) = closed(dir, clock);
    assert!(size() < before / 2, "{} of {before}", size());
}

#[test]
fn a_restore_can_be_undone_and_keeps_automatic_work_off_until_the_restart() {
    let world = World::with_sample();
    let old = world.backup_files()[0].clone();
    let mut card = world.study().unwrap();
    for _ in 0..3 {
        card = world.answer(&card, Rating::Good).unwrap();
    }
    world.send(Request::Backup(BackupRequest::Inspect {
        profile: "Ana".into(),
        path: old.clone(),
        ticket: 1,
    }));
    let loss = world.wait("the comparison", |e| match e {
        Event::Backup(BackupEvent::Inspected { inspection, .. }) => inspection.loss,
        _ => None,
    });
    assert_eq!(loss.reviews, 3);
    world.send(Request::Backup(BackupRequest::Restore {
        profile: "Ana".into(),
        path: old,
    }));
    let safety = world.wait("the restore", |e| match e {
        Event::Backup(BackupEvent::Restored { safety_backup, .. }) => safety_backup.clone(),
        _ => None,
    });
    assert!(safety.is_file());
    assert_eq!(world.opened(), (true, true));
    // The timer stays off although something changes and time passes, and so does the close.
    let card = world.study().unwrap();
    world.answer(&card, Rating::Good);
    let before = world.backup_files();
    world.clock.advance_millis(3 * 60 * 60_000);
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(world.backup_files(), before);
    world.send(Request::Backup(BackupRequest::UndoRestore {
        profile: "Ana".into(),
    }));
    world.wait("the undo of the restore", |e| {
        matches!(e, Event::Backup(BackupEvent::RestoreUndone)).then_some(())
    });
    world.opened();
    assert_eq!(world.reviews(), 3);
}

#[test]
fn after_a_restore_closing_writes_no_backup_and_the_next_start_works_as_ever() {
    let world = World::with_sample();
    let old = world.backup_files()[0].clone();
    let card = world.study().unwrap();
    world.answer(&card, Rating::Good);
    world.send(Request::Backup(BackupRequest::Restore {
        profile: "Ana".into(),
        path: old,
    }));
    assert_eq!(world.opened(), (true, true));
    let card = world.study().unwrap();
    world.answer(&card, Rating::Good);
    let before = world.backup_files();
    let (dir, clock) = world.shut_down();
    let data = DataFolder::at(dir.path().join("data"));
    let world = World {
        worker: start(data, &clock),
        dir,
        clock,
    };
    assert_eq!(world.backup_files(), before);
    world.send(Request::Profile(ProfileRequest::Open {
        name: "Ana".into(),
    }));
    assert_eq!(world.opened(), (false, true));
    world.clock.advance_millis(31 * 60_000);
    world.backed_up();
    assert_eq!(world.backup_files().len(), before.len() + 1);
}

#[test]
fn a_broken_collection_can_be_replaced_by_a_backup() {
    let (dir, clock) = World::with_sample().shut_down();
    let data = DataFolder::at(dir.path().join("data"));
    let collection = data.profile("Ana").unwrap().collection();
    std::fs::write(
        &collection,
        b"this is no database at all, sorry".repeat(500),
    )
    .unwrap();
    let world = World {
        worker: start(data, &clock),
        dir,
        clock,
    };
    world.send(Request::Profile(ProfileRequest::Open {
        name: "Ana".into(),
    }));
    world.wait("the broken profile", |e| {
        matches!(e, Event::Profile(ProfileEvent::Broken { .. })).then_some(())
    });
    world.send(Request::Backup(BackupRequest::List {
        profile: "Ana".into(),
    }));
    let backup = world.wait("the list", |e| match e {
        Event::Backup(BackupEvent::Listed { entries, .. }) => Some(entries[0].path.clone()),
        _ => None,
    });
    world.send(Request::Backup(BackupRequest::Restore {
        profile: "Ana".into(),
        path: backup,
    }));
    world.opened();
    assert!(world.study().is_some());
}

#[test]
fn a_second_program_on_the_same_profile_is_refused() {
    let world = World::with_sample();
    let second = World {
        worker: start(world.data(), &world.clock),
        dir: tempfile::tempdir().unwrap(),
        clock: world.clock.clone(),
    };
    second.send(Request::Profile(ProfileRequest::Open {
        name: "Ana".into(),
    }));
    assert!(second.failure().contains("already open"));
}

#[test]
fn an_exported_collection_comes_back_through_import() {
    let world = World::with_sample();
    let media = world.data().profile("Ana").unwrap().media();
    std::fs::write(media.join("a b.png"), b"picture").unwrap();
    let out = world.dir.path().join("out.colpkg");
    world.send(Request::Package(PackageRequest::ExportCollection {
        out: out.clone(),
        media: true,
        legacy: false,
        texts: false,
        password: None,
    }));
    let notes = world.wait("the export", |e| match e {
        Event::Package(PackageEvent::Exported {
            notes, media_files, ..
        }) => {
            assert_eq!(*media_files, 1);
            Some(*notes)
        }
        _ => None,
    });
    let card = world.study().unwrap();
    world.answer(&card, Rating::Good);
    std::fs::remove_file(media.join("a b.png")).unwrap();
    world.clock.advance_millis(60_000);
    world.send(Request::Package(PackageRequest::ImportCollection {
        file: out,
    }));
    world.wait("the import", |e| match e {
        Event::Package(PackageEvent::Imported {
            notes: n,
            media_added,
            safety_backup,
            ..
        }) => {
            assert_eq!((*n, *media_added), (notes, 1));
            assert!(safety_backup.as_ref().unwrap().is_file());
            Some(())
        }
        _ => None,
    });
    world.opened();
    assert_eq!(world.reviews(), 0);
    assert_eq!(std::fs::read(media.join("a b.png")).unwrap(), b"picture");
}

#[test]
fn an_import_that_cannot_keep_what_notes_were_says_so() {
    let world = World::with_sample();
    let history = world.data().path().join("Ana/collection.history");
    let _ = std::fs::remove_file(&history);
    // No database can be opened or written there.
    std::fs::create_dir(&history).unwrap();
    let file = world.dir.path().join("collection.anki2");
    let empty = Collection::open(&file, world.clock.clone()).unwrap();
    empty.close().unwrap();
    world.send(Request::Package(PackageRequest::ImportCollection { file }));
    let (mut said, mut imported) = (None, false);
    world.wait("the import and its warning", |e| {
        match e {
            Event::Notice(text) if text.contains("former version") => said = Some(text.clone()),
            Event::Package(PackageEvent::Imported { .. }) => imported = true,
            _ => {}
        }
        said.clone().filter(|_| imported)
    });
    let said = said.unwrap();
    assert!(
        said.contains("not kept in the history, only in the safety backup"),
        "{said}"
    );
}

#[test]
fn an_export_into_the_data_folder_is_refused() {
    let world = World::with_sample();
    world.send(Request::Package(PackageRequest::ExportCollection {
        out: world.backups().join("x.colpkg"),
        media: false,
        legacy: false,
        texts: false,
        password: None,
    }));
    assert!(world.failure().contains("own folder"));
}

#[test]
fn another_backup_that_is_chosen_ends_the_opening_of_the_first() {
    let world = World::with_sample();
    let first = world.backup_files().remove(0);
    let second = world.dir.path().join("second.colpkg");
    std::fs::copy(&first, &second).unwrap();
    for path in [first, second.clone()] {
        world.send(Request::Explorer(ExplorerRequest::Open { path }));
    }
    let opened = world.wait("a backup in the Explorer", |e| match e {
        Event::Explorer(ExplorerEvent::Opened(opened)) => Some(opened.path.clone()),
        Event::Explorer(ExplorerEvent::NotOpened(message)) => panic!("{message:?}"),
        _ => None,
    });
    assert_eq!(opened, second);
}

/// It would count as gone, and each note of the backup as deleted.
#[test]
fn a_backup_that_is_explored_while_a_task_has_the_collection_is_compared_with_it() {
    let world = World::with_sample();
    let path = world.backup_files().remove(0);
    let opened = |world: &World| {
        world.wait("a backup in the Explorer", |e| match e {
            Event::Explorer(ExplorerEvent::Opened(opened)) => Some((**opened).clone()),
            Event::Explorer(ExplorerEvent::NotOpened(message)) => panic!("{message:?}"),
            Event::Failed { message, .. } => panic!("{message:?}"),
            _ => None,
        })
    };
    world.send(Request::CheckDatabase);
    world.send(Request::Explorer(ExplorerRequest::Open { path }));
    let first = opened(&world);
    assert!(first.notes > 0);
    assert_eq!((first.deleted, first.changes), (0, 0));
    // Whoever scrolls meanwhile has done nothing wrong.
    world.send(recovery_of_nothing());
    for _ in 0..3 {
        world.send(Request::Explorer(ExplorerRequest::Rows { notes: vec![] }));
        world.send(Request::Explorer(ExplorerRequest::List {
            show: Show::All,
            search: String::new(),
        }));
    }
    assert_eq!(opened(&world).notes, first.notes);
}

/// The one that was recovered from is not compared anew then.
#[test]
fn another_backup_that_is_chosen_during_a_recovery_is_opened() {
    let world = World::with_sample();
    let first = world.backup_files().remove(0);
    let second = world.dir.path().join("second.colpkg");
    std::fs::copy(&first, &second).unwrap();
    let opened = |world: &World, path: &Path| {
        world.wait("a backup in the Explorer", |e| match e {
            Event::Explorer(ExplorerEvent::Opened(opened)) => (*opened.path == *path).then_some(()),
            Event::Explorer(ExplorerEvent::NotOpened(message)) => panic!("{message:?}"),
            _ => None,
        });
    };
    let open = |path: &Path| {
        let path = path.to_owned();
        Request::Explorer(ExplorerRequest::Open { path })
    };
    world.send(open(&first));
    opened(&world, &first);
    world.send(recovery_of_nothing());
    world.send(open(&second));
    opened(&world, &second);
}

fn recovery_of_nothing() -> Request {
    Request::Explorer(ExplorerRequest::Recover {
        notes: vec![],
        mode: Mode::New,
        modes: BTreeMap::new(),
        media: false,
        items: vec![],
    })
}

/// Nobody would look at it.
#[test]
fn a_backup_that_is_closed_during_a_recovery_stays_closed() {
    let world = World::with_sample();
    let path = world.backup_files().remove(0);
    let opens = |e: &Event| matches!(e, Event::Explorer(ExplorerEvent::Opened(_)));
    world.send(Request::Explorer(ExplorerRequest::Open { path }));
    world.wait("a backup in the Explorer", |e| opens(e).then_some(()));
    world.send(recovery_of_nothing());
    world.send(Request::Explorer(ExplorerRequest::Close));
    world.wait("the end of the recovery", |e| {
        matches!(e, Event::Explorer(ExplorerEvent::Recovered(_))).then_some(())
    });
    world.send(Request::Explorer(ExplorerRequest::Rows { notes: vec![] }));
    world.wait("no backup to look into", |e| {
        assert!(!opens(e), "it was opened again");
        matches!(e, Event::Failed { .. }).then_some(())
    });
}

fn changed_since(backup: PathBuf) -> Request {
    Request::Browse(BrowseRequest::ChangedSince {
        backup,
        made: NOON,
        kinds: SinceKinds {
            added: true,
            changed: true,
            rescheduled: true,
        },
    })
}

/// At a backup, what changed since it, and the timeline.
fn ask_for_long_looks(world: &World, path: PathBuf) {
    let looks = [
        Request::Explorer(ExplorerRequest::Open { path: path.clone() }),
        changed_since(path),
        Request::Backup(BackupRequest::Timeline),
    ];
    looks.into_iter().for_each(|look| world.send(look));
}

/// An export of all media may take minutes. What it reads is read beside it, unless something was
/// changed since it began.
#[test]
fn long_looks_wait_for_an_export_where_something_changed_and_nothing_else_does() {
    for changed in [false, true] {
        let world = World::with_sample();
        let media = world.data().profile("Ana").unwrap().media();
        let film = std::fs::File::create(media.join("film.mkv")).unwrap();
        film.set_len(48 << 20).unwrap();
        let path = world.backup_files().remove(0);
        world.send(Request::Package(PackageRequest::ExportCollection {
            out: world.dir.path().join("out.colpkg"),
            media: true,
            legacy: false,
            texts: false,
            password: None,
        }));
        if changed {
            let name = "New".to_owned();
            world.send(Request::Deck(DeckRequest::Create { name }));
        }
        ask_for_long_looks(&world, path);
        world.send(Request::Deck(DeckRequest::LoadTree));
        let mut order = Vec::new();
        let wanted = ["export", "begun", "backup", "changes", "timeline"];
        world.wait("all of them", |e| {
            match e {
                Event::Deck(DeckEvent::Tree { .. }) => order.push("decks"),
                Event::Package(PackageEvent::Exported { .. }) => order.push(wanted[0]),
                Event::Job(JobEvent::Started { title, .. }) if title == "Opening the backup" => {
                    order.push(wanted[1]);
                }
                Event::Explorer(ExplorerEvent::Opened(_)) => order.push(wanted[2]),
                Event::Browse(BrowseEvent::ChangedSince { .. }) => order.push(wanted[3]),
                Event::Backup(BackupEvent::Timeline { .. }) => order.push(wanted[4]),
                _ => {}
            }
            wanted.iter().all(|what| order.contains(what)).then_some(())
        });
        let at = |what| order.iter().position(|seen| *seen == what);
        assert!(at("decks").is_some(), "{order:?}");
        assert!(at("decks") < at("export"), "{order:?}");
        if changed {
            for look in &wanted[1..] {
                assert!(at("export") < at(*look), "{order:?}");
            }
        } else {
            assert!(at("begun") < at("export"), "{order:?}");
        }
    }
}

/// They begin again, and nobody sees that they were put off.
#[test]
fn a_task_that_needs_the_collection_does_not_wait_for_long_looks() {
    let world = with_two_cards(4000, false);
    world.backed_up();
    world.clock.advance_millis(5_000);
    let path = world.backup_files().remove(0);
    ask_for_long_looks(&world, path.clone());
    world.send(Request::CheckDatabase);
    let mut order = Vec::new();
    let wanted = ["begun", "checked", "backup", "changes", "timeline"];
    world.wait("all of them", |e| {
        match e {
            Event::Job(JobEvent::Started {
                exclusive: true, ..
            }) => order.push(wanted[0]),
            Event::DatabaseChecked { .. } => order.push(wanted[1]),
            Event::Explorer(ExplorerEvent::Opened(_)) => order.push(wanted[2]),
            Event::Explorer(ExplorerEvent::NotOpened(message)) => panic!("{message:?}"),
            Event::Browse(BrowseEvent::ChangedSince { .. }) => order.push(wanted[3]),
            Event::Backup(BackupEvent::Timeline { .. }) => order.push(wanted[4]),
            _ => {}
        }
        wanted.iter().all(|what| order.contains(what)).then_some(())
    });
    assert_eq!(order[..2], wanted[..2], "{order:?}");
    assert_eq!(order.len(), wanted.len(), "each once: {order:?}");
    // Whoever left the page meanwhile wants it no more.
    world.send(changed_since(path));
    world.send(Request::Backup(BackupRequest::Timeline));
    world.send(Request::CheckDatabase);
    world.send(Request::Browse(BrowseRequest::StopComparing));
    world.send(Request::Backup(BackupRequest::StopTimeline));
    world.wait("the check", |e| {
        matches!(e, Event::DatabaseChecked { .. }).then_some(())
    });
    world.send(Request::Deck(DeckRequest::LoadTree));
    world.wait("the decks", |e| {
        matches!(e, Event::Deck(DeckEvent::Tree { .. })).then_some(())
    });
    let jobs = world.worker.jobs();
    let begun = |title: &str| jobs.iter().any(|job| job.title == title);
    assert!(!begun(TIMELINE) && !begun(COMPARING), "{jobs:?}");
}

#[test]
fn checking_a_healthy_database_finds_nothing_after_a_backup() {
    let world = World::with_sample();
    world.send(Request::CheckDatabase);
    world.wait("the check", |e| match e {
        Event::DatabaseChecked {
            problems,
            safety_backup,
        } => {
            assert_eq!(problems, &vec![]);
            assert!(safety_backup.is_file());
            Some(())
        }
        _ => None,
    });
    assert!(world.study().is_some(), "the collection is back");
}

/// Whoever scrolls while a backup is made before a change has done nothing wrong.
#[test]
fn what_browse_shows_is_read_when_the_collection_is_back() {
    let world = World::with_sample();
    world.send(Request::CheckDatabase);
    world.send(Request::Browse(BrowseRequest::Search {
        search: String::new(),
        layout: Layout::of(true),
        serial: 1,
        within: None,
        carry: None,
    }));
    world.send(Request::Browse(BrowseRequest::LoadSidebar));
    let notes = world.wait("the search", |e| match e {
        Event::Browse(BrowseEvent::Found { serial: 1, ids, .. }) => Some(ids.clone()),
        _ => None,
    });
    world.wait("the sidebar", |e| {
        matches!(e, Event::Browse(BrowseEvent::Sidebar(_))).then_some(())
    });
    world.send(Request::CheckDatabase);
    world.send(Request::Browse(BrowseRequest::Rows {
        ids: notes.to_vec(),
        notes: true,
        columns: vec![Column::SortField],
    }));
    world.send(Request::Note(NoteRequest::Load(NoteId(notes[0]))));
    world.wait("the rows", |e| match e {
        Event::Browse(BrowseEvent::Rows { rows, .. }) => {
            assert_eq!(rows.len(), notes.len());
            Some(())
        }
        _ => None,
    });
    world.wait("the note", |e| {
        matches!(e, Event::Note(NoteEvent::Loaded(_))).then_some(())
    });
}

/// A profile with this many notes of two cards; the second one is empty where that is wanted.
fn with_two_cards(notes: i64, is_empty: bool) -> World {
    let (dir, clock) = (tempfile::tempdir().unwrap(), Clock::fixed(NOON, 0));
    let data = DataFolder::at(dir.path().join("data"));
    let path = data.create("Ana").unwrap().collection();
    let mut col = Collection::open(&path, clock.clone()).unwrap();
    let both = "Basic (and reversed card)";
    let both = col.storage().notetype_by_name(both).unwrap().unwrap();
    let note = |n| NewNote {
        notetype_id: both.id,
        deck_id: DeckId::DEFAULT,
        fields: vec![format!("word {n}"), format!("meaning {n}")],
        tags: vec![],
    };
    col.add_notes((0..notes).map(note).collect()).unwrap();
    if is_empty {
        let mut edit = NotetypeEdit::from(both);
        edit.templates[1].now.config.q_format = "{{#Tags}}{{Back}}{{/Tags}}".into();
        col.update_notetype(&edit, &Progress::new()).unwrap();
    }
    col.close().unwrap();
    let world = World::again(dir, clock);
    world.opened();
    world
}

/// Ids of all notes.
fn every_note(world: &World) -> Vec<i64> {
    world.send(Request::Browse(BrowseRequest::Search {
        search: String::new(),
        layout: Layout::of(true),
        serial: 1,
        within: None,
        carry: None,
    }));
    world.wait("the search", |e| match e {
        Event::Browse(BrowseEvent::Found { serial: 1, ids, .. }) => Some(ids.to_vec()),
        _ => None,
    })
}

#[test]
fn what_is_done_to_notes_with_many_cards_has_progress() {
    let world = with_two_cards(5_001, false);
    let notes = every_note(&world);
    assert_eq!(notes.len(), 5_001);
    let chosen = Chosen {
        rows: notes.clone(),
        notes: true,
        current: notes[0],
    };
    let action = BrowseAction::Flag(1);
    world.send(Request::Browse(BrowseRequest::Do { chosen, action }));
    world.wait("the progress", |e| match e {
        Event::Job(JobEvent::Started { title, .. }) => (title == "Setting flags").then_some(()),
        Event::Done {
            op: Op::SetFlag, ..
        } => panic!("it was done without"),
        _ => None,
    });
    let flagged = world.wait("the flags", |e| match e {
        Event::Done {
            op: Op::SetFlag,
            affected,
            ..
        } => Some(*affected),
        _ => None,
    });
    assert_eq!(flagged, 10_002);
}

#[test]
fn deleting_empty_cards_can_be_cancelled() {
    let world = with_two_cards(3_000, true);
    let look = || {
        world.send(Request::Check(CheckRequest::EmptyCards));
        world.wait("the empty cards", |e| match e {
            Event::Check(CheckEvent::EmptyCards { report, .. }) => Some(report.clone()),
            _ => None,
        })
    };
    let report = look();
    assert_eq!(report.len(), 3_000);
    world.send(Request::Check(CheckRequest::RemoveEmptyCards {
        report,
        keep_notes: true,
    }));
    assert!(is_cancelled(&world, "Deleting empty cards"));
    assert_eq!(look().len(), 3_000, "all are there");
}

/// Cancels the job of this title as soon as it begins; false when it went on to its end.
fn is_cancelled(world: &World, wanted: &str) -> bool {
    let job = world.wait(wanted, |e| match e {
        Event::Job(JobEvent::Started { id, title, .. }) => (title == wanted).then_some(*id),
        _ => None,
    });
    world.worker.cancel(job);
    world.wait("its end", |e| match e {
        Event::Job(JobEvent::Cancelled { id }) if *id == job => Some(true),
        Event::Job(JobEvent::Finished { id }) if *id == job => Some(false),
        _ => None,
    })
}

#[test]
fn tagging_notes_with_missing_media_can_be_cancelled() {
    let world = with_two_cards(10_000, false);
    let notes = every_note(&world).into_iter().map(NoteId).collect();
    world.send(Request::Check(CheckRequest::TagMissingMedia(notes)));
    assert!(is_cancelled(&world, "Checking media"));
    let (dir, clock) = world.shut_down();
    let data = DataFolder::at(dir.path().join("data"));
    let path = data.profile("Ana").unwrap().collection();
    let mut col = Collection::open(&path, clock).unwrap();
    let tagged = col.find_notes("tag:missing-media", None).unwrap();
    assert_eq!(tagged.len(), 0, "none is tagged");
    col.close().unwrap();
}

#[test]
fn notes_that_were_tagged_are_told_though_the_look_after_it_fails() {
    let world = with_two_cards(3, false);
    let notes = every_note(&world).into_iter().map(NoteId).collect();
    let media = world.data().profile("Ana").unwrap().media();
    std::fs::remove_dir_all(&media).unwrap();
    std::fs::write(&media, b"in the way").unwrap();
    world.send(Request::Check(CheckRequest::TagMissingMedia(notes)));
    let tagged = world.wait("what was done", |e| match e {
        Event::Done { op, affected, .. } => Some((*op, *affected)),
        _ => None,
    });
    assert_eq!(tagged, (Op::TagMissingMedia, 3));
    let mut notices = vec![];
    world.wait("what was not", |e| {
        let Event::Notice(words) = e else { return None };
        notices.push(words.clone());
        words.contains("check the media folder").then_some(())
    });
    let done = "Notes tagged “missing-media”: 3".to_owned();
    assert!(notices.contains(&done), "{notices:?}");
}

#[test]
fn a_backup_on_close_that_fails_is_told_at_the_next_start() {
    let world = World::with_sample();
    let card = world.study().unwrap();
    world.answer(&card, Rating::Good);
    let backups = world.backups();
    std::fs::remove_dir_all(&backups).unwrap();
    std::fs::write(&backups, b"in the way").unwrap();
    let (dir, clock) = world.shut_down();
    std::fs::remove_file(&backups).unwrap();
    let world = World {
        worker: start(DataFolder::at(dir.path().join("data")), &clock),
        dir,
        clock,
    };
    world.send(Request::Profile(ProfileRequest::Open {
        name: "Ana".into(),
    }));
    // Not before somebody can see it.
    world.opened();
    world.wait("the old failure", |e| {
        matches!(e, Event::Notice(text) if text.contains("backup on close")).then_some(())
    });
    assert_eq!(world.reviews(), 1);
}

#[cfg(unix)]
#[test]
fn a_profile_opens_while_the_disk_of_its_media_is_away() {
    let world = World::with_sample();
    let media = world.data().profile("Ana").unwrap().media();
    let (dir, clock) = world.shut_down();
    std::fs::remove_dir_all(&media).unwrap();
    let disk = dir.path().join("usb/media");
    std::os::unix::fs::symlink(&disk, &media).unwrap();
    let world = World::again(dir, clock);
    world.opened();
    world.wait("what is missing", |e| {
        matches!(e, Event::Notice(words) if words.contains("disk of the media")).then_some(())
    });
    let card = world.study().unwrap();
    world.answer(&card, Rating::Good);
    assert!(!disk.exists(), "nothing is made in its place");
}

#[test]
fn answers_of_before_the_restart_can_be_undone() {
    let world = World::with_sample();
    let first = world.study().unwrap();
    let second = world.answer(&first, Rating::Easy).unwrap();
    world.answer(&second, Rating::Easy);
    let (dir, clock) = world.shut_down();
    // Two days later buried siblings are back, and the answers are still there to be undone.
    clock.advance_millis(2 * 86_400_000);
    let worker = start(DataFolder::at(dir.path().join("data")), &clock);
    let world = World { dir, clock, worker };
    world.send(Request::Profile(ProfileRequest::Open {
        name: "Ana".into(),
    }));
    let undo = world.wait("the profile to open", |e| match e {
        Event::Profile(ProfileEvent::Opened { undo, .. }) => Some(undo.undo),
        _ => None,
    });
    assert_eq!(undo, Some(Op::AnswerCard));
    world.study();
    for expected in [second.id, first.id] {
        world.send(Request::Undo);
        assert_eq!(world.card().unwrap().id, expected);
    }
    assert_eq!(world.reviews(), 0);
}

/// The card after the one on screen is expanded before the answer to that one tags their note.
#[test]
fn the_tag_of_a_leech_is_on_the_next_card_of_its_note() {
    let (dir, clock) = with_two_cards(1, false).shut_down();
    let data = DataFolder::at(dir.path().join("data"));
    let path = data.profile("Ana").unwrap().collection();
    let mut col = Collection::open(&path, clock.clone()).unwrap();
    let both = "Basic (and reversed card)";
    let both = col.storage().notetype_by_name(both).unwrap().unwrap();
    let mut edit = NotetypeEdit::from(both);
    for template in &mut edit.templates {
        template.now.config.q_format.push_str("{{Tags}}");
    }
    col.update_notetype(&edit, &Progress::new()).unwrap();
    let cards = col.find_cards("", None).unwrap();
    assert_eq!(cards.len(), 2);
    col.transact(Op::SkipUndo, |tx| {
        let mut preset = tx.get_deck_config(DeckConfigId::DEFAULT)?.unwrap();
        (preset.inner.leech_threshold, preset.inner.leech_action) = (1, 1);
        tx.update_deck_config(&preset)?;
        for &id in &cards {
            let mut card = tx.get_card(id)?.unwrap();
            (card.ctype, card.queue) = (CardType::Review, CardQueue::Review);
            (card.due, card.interval, card.ease_factor) = (0, 10, 2500);
            tx.update_card(&card)?;
        }
        Ok(())
    })
    .unwrap();
    col.close().unwrap();
    let world = World::again(dir, clock);
    world.opened();
    let first = world.study().unwrap();
    assert!(!first.question.html.contains("leech"));
    let next = world.answer(&first, Rating::Again).unwrap();
    assert_ne!(next.id, first.id);
    assert!(next.question.html.contains("leech"), "{next:?}");
}
