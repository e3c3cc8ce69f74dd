//! Kills at any moment of what makes copies and mends: the second folder, the mirror folder, the
//! mail, notes taken back from a backup, the repair of media, a restore from a vault. Nothing is lost, nothing half
//! has a final name, the log tells the truth, and the next run completes. The harness is in
//! `kill_harness`.

use crate::kill_child::{PACKAGES, done, open, ready};
use crate::kill_harness::Series;
use crate::kill_moments::{check_package, moved_between_two_states, sound};
use crate::smtp_server::Server;
use age::secrecy::ExposeSecret as _;
use engram::backup::copies::{self, Recheck};
use engram::backup::encrypt::unseal_to;
use engram::backup::entry::{Copies, Reason, Rules};
use engram::backup::export::import_colpkg;
use engram::backup::mail::{self, MailSettings};
use engram::backup::media_repair::Repair;
use engram::backup::recover_media::recover_media;
use engram::backup::vault::{Opened, Patience, Setting, push, restore};
use engram::backup::write::create;
use engram::backup::{catalog, restore as whole_restore, runs};
use engram::base::Secret;
use engram::base::files::{TEMP_PREFIX, remove_leftovers};
use engram::base::ids::{DeckId, NoteId};
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::collection::mirror;
use engram::collection::notes::NewNote;
use engram::collection::recover::{Wish, media_of};
use engram::domain::op::Op;
use engram::domain::recovery::Mode;
use engram::formats::encryption::{Identities, Key, Lock, Recipient};
use engram::net::Http;
use engram::net::smtp::Security;
use engram::storage::Storage;
use engram::storage::compare::compare;
use engram::storage::snapshot::FrozenFile;
use rand::Rng as _;
use rand::rngs::StdRng;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const OWNER: &str = "kill test";

fn add_notes(col: &mut Collection, count: u32, front: impl Fn(u32) -> String) -> Vec<NoteId> {
    let notetype_id = col.storage().all_notetypes().unwrap()[0].id;
    let new = |n| NewNote {
        notetype_id,
        deck_id: DeckId::DEFAULT,
        fields: vec![front(n), "0".to_owned()],
        tags: vec![],
    };
    col.add_notes((0..count).map(new).collect()).unwrap().value
}

/// The same number in front and at the back, often enough that half a file is seen.
fn write(col: &mut Collection, note: NoteId, number: u64) {
    col.transact(Op::UpdateNote, |tx| {
        let mut note = tx.get_note(note)?.unwrap();
        note.fields = vec![
            format!("front {number}"),
            format!("{number} ").repeat(900) + "end",
        ];
        let notetype = tx.notetype(note.notetype_id)?.unwrap();
        note.prepare(&notetype, true);
        tx.update_note(&note)
    })
    .unwrap();
}

fn mirrored(col: &Collection, folder: &Path) -> mirror::Mirrored {
    let now = Clock::System.now_secs();
    mirror::update(col.storage(), OWNER, folder, now, &Progress::new()).unwrap()
}

/// Changes notes and brings the mirror up to date, over and over.
pub fn mirror_work(folder: &Path, mut random: StdRng) {
    let mut col = open(folder);
    let notes = col.find_notes("", None).unwrap();
    ready();
    for round in 0.. {
        for _ in 0..8 {
            let note = notes[random.random_range(0..notes.len())];
            write(&mut col, note, random.random_range(1..1_000_000));
        }
        let deck = col.deck_create(&format!("D{}", round % 3)).unwrap().value;
        let cards = col
            .cards_of_notes(&notes[round % notes.len()..][..1])
            .unwrap();
        col.set_deck(&cards, deck, &Progress::new()).unwrap();
        mirrored(&col, &folder.join("mirror"));
        done(round);
    }
}

/// Texts by their path below `folder`; hidden files too, if wanted.
fn texts(folder: &Path, hidden: bool) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(next) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if hidden || !entry.file_name().to_string_lossy().starts_with('.') {
                let inside = path.strip_prefix(folder).unwrap().to_owned();
                all.insert(inside, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    all
}

#[test]
fn a_mirror_has_whole_files_and_goes_on_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut col = open(folder.path());
    let notes = add_notes(&mut col, 40, |n| format!("front {n}"));
    for note in notes {
        write(&mut col, note, 0);
    }
    col.close().unwrap();
    let mut series = Series::new("mirror", 24);
    let mirror = folder.path().join("mirror");
    let mut interrupted = 0;
    for kill in 0..series.kills {
        series.kill_once(folder.path(), 6);
        for (path, text) in texts(&mirror, false) {
            let (_, front) = text.split_once("== Front ==\nfront ").unwrap();
            let number = front.lines().next().unwrap();
            let whole = format!("{number} ").repeat(900) + "end";
            assert!(text.contains(&whole), "{}: half", path.display());
        }
        interrupted += u32::from(mirror.join(".engram-mirror-under-way").exists());
        let col = open(folder.path());
        let done = mirrored(&col, &mirror);
        assert_eq!((done.notes, done.set_aside), (40, vec![]));
        if kill % 4 == 0 {
            let fresh = folder.path().join(format!("fresh {kill}"));
            mirrored(&col, &fresh);
            assert_eq!(texts(&mirror, false), texts(&fresh, false));
        }
        col.close().unwrap();
        let hidden = texts(&mirror, true);
        assert_eq!(hidden.len(), 41, "leftovers: {:?}", hidden.keys());
    }
    assert!(interrupted > 0, "the kills came at odd times only");
}

/// Where the mails of `mail_work` go, and the key that they are encrypted for.
fn mail_settings(folder: &Path) -> MailSettings {
    let said = std::fs::read_to_string(folder.join("mail.txt")).unwrap();
    let (port, key) = said.split_once(' ').unwrap();
    MailSettings {
        host: "localhost".into(),
        port: port.parse().unwrap(),
        security: Security::None,
        from: "ann@localhost".into(),
        to: vec!["bob@localhost".into()],
        recipients: vec![key.to_owned()],
        ..MailSettings::default()
    }
}

fn send(col: &Collection, folder: &Path) {
    let settings = mail_settings(folder);
    let recipient = Recipient::parse(&settings.recipients[0]).unwrap();
    let lock = Lock::Recipients(vec![recipient]);
    let frozen = col.storage().freeze().unwrap();
    let progress = Progress::new();
    let packed = mail::pack(&frozen, folder, &settings, &lock, &Clock::System, &progress).unwrap();
    col.storage().unfreeze();
    mail::logged(folder, &Clock::System, || {
        mail::deliver(packed, &settings, None, &Clock::System, &progress)
    })
    .unwrap();
}

/// Adds a note and mails the collection, over and over.
pub fn mail_work(folder: &Path) {
    let mut col = open(folder);
    ready();
    loop {
        let note = add_notes(&mut col, 1, |_| "one more".to_owned());
        send(&col, folder);
        done(note[0]);
    }
}

#[test]
fn a_mail_arrives_whole_or_not_at_all() {
    let Some(server) = Server::start("plain") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let identity = age::x25519::Identity::generate();
    let said = format!("{} {}", server.port, identity.to_public());
    std::fs::write(folder.path().join("mail.txt"), said).unwrap();
    let key = Identities::parse(identity.to_string().expose_secret()).unwrap();
    let key = Key::Identities(key);
    let mut col = open(folder.path());
    add_notes(&mut col, 800, |n| format!("front {n} {}", n * 7919));
    col.close().unwrap();
    std::fs::create_dir_all(catalog::folder(folder.path())).unwrap();
    let mut series = Series::new("mail", 16);
    let (mut known, mut cut) = (0, 0);
    let mut acknowledged = 0;
    for kills in 1..=series.kills as usize {
        acknowledged += series.kill_once(folder.path(), 3).len();
        let mails = server.mails();
        // What each kill found on its way arrives, at once or later, or the server has dropped it.
        assert!(
            (acknowledged..=acknowledged + kills).contains(&mails.len()),
            "{} mails for {acknowledged} and {kills} kills",
            mails.len()
        );
        for at in known..mails.len() {
            let room = tempfile::tempdir().unwrap();
            let mail = mails[0].with_file_name(format!("{}.eml", at + 1));
            let sealed = server.attachment(&mail, room.path());
            let plain = room.path().join("plain.colpkg");
            unseal_to(&sealed, &plain, &key, &Progress::new()).unwrap();
            check_package(&plain);
        }
        known = mails.len();
        let runs = runs::read(&catalog::folder(folder.path())).unwrap();
        let state = mail::state(&runs);
        assert_eq!(state.failures > 0, state.failed.is_some());
        cut += u32::from(state.failures > 0);
        let finals = std::fs::read_dir(folder.path()).unwrap().flatten();
        let mut names = finals.map(|e| e.file_name().into_string().unwrap());
        assert!(!names.any(|name| name.ends_with(".age") || name.ends_with(".colpkg")));
        remove_leftovers(folder.path()).unwrap();
        sound(&folder.path().join("collection.anki2"), |_| ());
    }
    assert!(cut > 0, "the kills came at odd times only");
    let col = open(folder.path());
    send(&col, folder.path());
    col.close().unwrap();
    let runs = runs::read(&catalog::folder(folder.path())).unwrap();
    assert_eq!(mail::state(&runs).failures, 0);
}

const BACKUPS: usize = 5;

/// The second folder, beside the profile's.
fn disk_of(folder: &Path) -> PathBuf {
    folder.with_file_name("disk")
}

/// One round with the second folder.
fn second_folder(folder: &Path) -> Copies {
    let (disk, rules, clock) = (disk_of(folder), Rules::default(), Clock::System);
    let progress = Progress::new();
    copies::run(folder, &disk, &rules, Recheck::Oldest, &clock, &progress).unwrap()
}

/// Empties the second folder and copies everything anew, over and over.
pub fn second_folder_work(folder: &Path) {
    let copies = second_folder(folder).folder;
    ready();
    loop {
        for entry in std::fs::read_dir(&copies).unwrap().flatten() {
            std::fs::remove_file(entry.path()).unwrap();
        }
        done(second_folder(folder).whole);
    }
}

#[test]
fn the_second_folder_has_whole_copies_and_goes_on_after_a_kill() {
    let room = tempfile::tempdir().unwrap();
    let folder = &room.path().join("profile");
    std::fs::create_dir(folder).unwrap();
    std::fs::create_dir(disk_of(folder)).unwrap();
    let backups = catalog::folder(folder);
    let mut col = open(folder);
    for _ in 0..BACKUPS {
        add_notes(&mut col, 100, |n| format!("front {n} {}", n * 7919));
        let frozen = col.storage().freeze().unwrap();
        let progress = Progress::new();
        create(&frozen, folder, Reason::Manual, &Clock::System, &progress).unwrap();
        drop(frozen);
        col.storage().unfreeze();
    }
    col.close().unwrap();
    let mut series = Series::new("second-folder", 24);
    let (mut missing, mut unnoted) = (0, 0);
    for _ in 0..series.kills {
        series.kill_once(folder, 3);
        let rules = Rules::default();
        let disk = disk_of(folder);
        let before = copies::list(folder, &disk, &rules, &Clock::System).unwrap();
        for copy in &before {
            let backup = backups.join(copy.path.file_name().unwrap());
            let same = std::fs::read(&copy.path).unwrap() == std::fs::read(backup).unwrap();
            assert!(same, "{} is half", copy.path.display());
            unnoted += u32::from(catalog::record(&copy.path).unwrap().is_none());
        }
        missing += u32::from(before.len() < BACKUPS);
        let found = second_folder(folder);
        assert_eq!((found.whole, found.damaged), (BACKUPS as u64, 0));
        let left = std::fs::read_dir(&found.folder).unwrap().flatten();
        let mut names = left.map(|e| e.file_name().into_string().unwrap());
        assert!(!names.any(|name| name.starts_with(TEMP_PREFIX)));
    }
    println!("second folder: {missing} cut off, {unnoted} copies without a note");
    assert!(missing > 0, "the kills came at odd times only");
}

const RECOVERED: u32 = 30;

fn picture(n: u32) -> Vec<u8> {
    n.to_le_bytes().repeat(20_000)
}

/// Takes all deleted notes back from `earlier.anki2` and the media beside it.
fn recover(col: &mut Collection, folder: &Path) -> usize {
    let path = folder.join("earlier.anki2");
    let (earlier, progress) = (Storage::open_read_only(&path).unwrap(), Progress::new());
    let lost = compare(&earlier, col.storage(), &progress).unwrap();
    let notes: Vec<NoteId> = lost.notes.iter().map(|(id, _)| *id).collect();
    let all = earlier
        .note_ids_of_notetype(earlier.all_notetypes().unwrap()[0].id)
        .unwrap();
    let of_all = Wish {
        notes: all,
        ..Wish::default()
    };
    let wanted = media_of(&earlier, &of_all, col.storage()).unwrap();
    recover_media(&path, &wanted, &folder.join("collection.media"), &progress).unwrap();
    let wish = Wish {
        notes,
        mode: Mode::PutBack,
        ..Wish::default()
    };
    col.recover(&earlier, &wish, &progress)
        .unwrap()
        .value
        .notes
        .len()
}

/// Deletes the notes with their files and takes them back, over and over.
pub fn recover_work(folder: &Path) {
    let mut col = open(folder);
    let media = folder.join("collection.media");
    ready();
    loop {
        done(recover(&mut col, folder));
        let gone = col.find_notes("mine", None).unwrap();
        col.delete_notes(&gone).unwrap();
        for n in 0..RECOVERED {
            std::fs::remove_file(media.join(format!("p{n}.bin"))).unwrap();
        }
    }
}

#[test]
fn notes_come_back_from_a_backup_all_or_none_and_their_media_whole() {
    let folder = tempfile::tempdir().unwrap();
    let media = folder.path().join("collection.media");
    let beside = folder.path().join("earlier.media");
    let path = folder.path().join("collection.anki2");
    std::fs::create_dir_all(&media).unwrap();
    std::fs::create_dir_all(&beside).unwrap();
    let mut col = open(folder.path());
    add_notes(&mut col, RECOVERED, |n| {
        format!("mine <img src=\"p{n}.bin\">")
    });
    while let Some(card) = col.next_card().unwrap() {
        let easy = engram::domain::study::Rating::Easy;
        col.answer(card.answer(easy, 1000)).unwrap();
    }
    col.close().unwrap();
    for n in 0..RECOVERED {
        std::fs::write(beside.join(format!("p{n}.bin")), picture(n)).unwrap();
    }
    std::fs::copy(&path, folder.path().join("earlier.anki2")).unwrap();
    let mut col = open(folder.path());
    let all = col.find_notes("mine", None).unwrap();
    col.delete_notes(&all).unwrap();
    col.close().unwrap();
    let mut series = Series::new("recover", 20);
    for _ in 0..series.kills {
        series.kill_once(folder.path(), 4);
        let notes = sound(&path, |storage| storage.counts().unwrap().notes);
        assert!(notes == 0 || notes == u64::from(RECOVERED), "{notes}");
        for n in 0..RECOVERED {
            let file = std::fs::read(media.join(format!("p{n}.bin")));
            assert!(file.is_err() || file.unwrap() == picture(n), "{n} is half");
        }
        let mut col = open(folder.path());
        recover(&mut col, folder.path());
        let earlier = Storage::open_read_only(&folder.path().join("earlier.anki2")).unwrap();
        let left = compare(&earlier, col.storage(), &Progress::new()).unwrap();
        assert!(left.notes.is_empty() && left.cards.is_empty());
        assert_eq!(left.revlog.deleted, 0);
        col.close().unwrap();
        for n in 0..RECOVERED {
            let file = std::fs::read(media.join(format!("p{n}.bin"))).unwrap();
            assert!(file == picture(n), "{n}");
        }
        remove_leftovers(&media).unwrap();
    }
}

const DAMAGED: u32 = 30;

/// Mends what was found damaged and damages it again, over and over.
pub fn repair_work(folder: &Path) {
    ready();
    loop {
        done(repair(folder).len());
        rot_all(&folder.join("collection.media"));
        look(folder);
    }
}

/// How many files are found damaged.
fn look(folder: &Path) -> u64 {
    let col = open(folder);
    let now = Clock::System.now();
    let found = col.look_for_rot(now, &Progress::new()).unwrap();
    col.close().unwrap();
    found.rotten
}

fn repair(folder: &Path) -> Vec<String> {
    let mut repair = Repair::begin(&folder.join("collection.anki2")).unwrap();
    let right = folder.join("right.anki2");
    repair.try_package(&right, &Progress::new()).unwrap();
    let done = repair.finish();
    assert_eq!((done.left, done.troubles), (vec![], vec![]));
    done.repaired
}

fn rotten(n: u32) -> Vec<u8> {
    let mut bytes = picture(n);
    bytes[777] ^= 0x10;
    bytes
}

/// Other bytes under the same size and time; each file at once, as far as a kill can tell.
fn rot_all(media: &Path) {
    for n in 0..DAMAGED {
        let path = media.join(format!("p{n}.bin"));
        let time = path.metadata().unwrap().modified().unwrap();
        let beside = media.join(format!("{TEMP_PREFIX}rot"));
        std::fs::write(&beside, rotten(n)).unwrap();
        let file = File::options().write(true).open(&beside).unwrap();
        file.set_modified(time).unwrap();
        std::fs::rename(&beside, &path).unwrap();
    }
}

#[test]
fn a_mended_file_is_the_damaged_or_the_right_one() {
    let folder = tempfile::tempdir().unwrap();
    let media = folder.path().join("collection.media");
    let right = folder.path().join("right.media");
    std::fs::create_dir_all(&media).unwrap();
    std::fs::create_dir_all(&right).unwrap();
    for n in 0..DAMAGED {
        for folder in [&media, &right] {
            std::fs::write(folder.join(format!("p{n}.bin")), picture(n)).unwrap();
        }
    }
    assert_eq!(look(folder.path()), 0);
    let mut series = Series::new("repair", 20);
    let mut between = 0;
    for _ in 0..series.kills {
        rot_all(&media);
        assert_eq!(look(folder.path()), u64::from(DAMAGED));
        series.kill_once(folder.path(), 2);
        let mut mended = 0;
        for n in 0..DAMAGED {
            let name = format!("p{n}.bin");
            let found = std::fs::read(media.join(&name)).unwrap();
            assert!(found == picture(n) || found == rotten(n), "{name} is half");
            if found != rotten(n) {
                mended += 1;
                let kept = std::fs::read(folder.path().join("media.trash").join(&name));
                assert!(
                    kept.unwrap() == rotten(n),
                    "{name}: the damaged one is not kept"
                );
            }
        }
        between += u32::from(mended > 0 && mended < DAMAGED);
        remove_leftovers(&media).unwrap();
        assert_eq!(look(folder.path()), u64::from(DAMAGED - mended));
        assert_eq!(repair(folder.path()).len() as u32, DAMAGED - mended);
        assert_eq!(look(folder.path()), 0);
        let left = std::fs::read_dir(&media).unwrap().count();
        assert_eq!(left, DAMAGED as usize);
    }
    assert!(between > 0, "the kills came at odd times only");
}

fn vault(folder: &Path) -> Setting {
    Setting {
        destination: folder.join("vault").to_str().unwrap().parse().unwrap(),
        account: None,
        keep: None,
        password: Secret::new("a"),
        opened: Opened::default(),
        net: Arc::new(Http::new()),
        clock: Clock::System,
        progress: Progress::new(),
        patience: Patience::default(),
    }
}

/// Restores the two snapshots in turn.
pub fn vault_work(folder: &Path) {
    whole_restore::resume(folder).unwrap();
    let vault = vault(folder).open().unwrap();
    let snapshots = vault.snapshots().unwrap();
    ready();
    loop {
        for snapshot in &snapshots {
            restore::restore(&vault, snapshot, folder, &Clock::System).unwrap();
            done(&snapshot.id);
        }
    }
}

#[test]
fn a_restore_from_a_vault_is_done_or_not() {
    moved_between_two_states("vault-restore", 16, |folder| {
        let vault = vault(folder).init().unwrap();
        let progress = Progress::new();
        for package in [PACKAGES[1], PACKAGES[0]] {
            import_colpkg(folder, &folder.join(package), &Clock::System, &progress).unwrap();
            let frozen = FrozenFile::of_closed(&folder.join("collection.anki2")).unwrap();
            let prepared = push::Prepared::copy(folder, &frozen, &progress).unwrap();
            push::push(&vault, folder, "Ann", &prepared).unwrap();
        }
    });
}
