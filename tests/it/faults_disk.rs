//! A folder that cannot be written, and a disk that is full: a clear error, and nothing half.

use crate::backup_profile::Profile;
use crate::faults_copies::ReadOnly;
use crate::service_story::World;
use crate::sync_client::{Client, HTTP, difference, rows};
use crate::sync_server::{Server, USER};
use engram::backup::encrypt;
use engram::backup::entry::Reason;
use engram::backup::runs;
use engram::base::Secret;
use engram::base::error::ErrorKind;
use engram::base::job::Progress;
use engram::domain::study::Rating;
use engram::formats::encryption::Lock;
use engram::service::event::{BackupEvent, Event};
use engram::service::request::{BackupRequest, Request};
use engram::storage::{Storage, snapshot};
use engram::sync::{self, Session, Wish};
use std::io::Write;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

fn names(folder: &Path) -> Vec<String> {
    // The log says that it was tried.
    let entries = std::fs::read_dir(folder).unwrap();
    let entries = entries.filter(|e| e.as_ref().unwrap().file_name() != runs::LOG);
    let name =
        |e: std::io::Result<std::fs::DirEntry>| e.unwrap().file_name().into_string().unwrap();
    entries.map(name).collect()
}

#[test]
fn a_file_in_place_of_the_folder_is_an_error() {
    let profile = Profile::with_notes(3);
    std::fs::write(profile.backups(), b"in the way").unwrap();
    let error = profile
        .try_back_up(Reason::Manual, &Progress::new())
        .unwrap_err();
    assert!(error.path().is_some(), "{error:?}");
    assert_eq!(std::fs::read(profile.backups()).unwrap(), b"in the way");
}

#[test]
fn a_read_only_folder_is_named() {
    let profile = Profile::with_notes(3);
    let folder = profile.backups();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    let probe = std::fs::write(folder.join("probe"), b"");
    let made = profile.try_back_up(Reason::Manual, &Progress::new());
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    if probe.is_ok() {
        crate::oracle::skip("this user may write everywhere");
        return;
    }
    assert_eq!(made.unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert!(names(&folder).is_empty());
}

/// A small file system of its own, where one may be mounted.
pub struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    pub fn mount(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            crate::oracle::skip("no file system may be mounted here");
        }
        mounted.then_some(Self(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).output();
    }
}

/// Also for those who may write everywhere else.
#[test]
fn a_disk_that_may_only_be_read_is_named() {
    let Some(disk) = SmallDisk::mount(64) else {
        return;
    };
    let profile = Profile::with_notes(3);
    let chosen = profile.dir().join("backups-folder.txt");
    std::fs::write(chosen, disk.path().to_str().unwrap()).unwrap();
    profile.back_up(Reason::Manual);
    let before = names(disk.path());
    let _read_only = ReadOnly::make(&disk);
    let made = profile.try_back_up(Reason::Manual, &Progress::new());
    assert_eq!(made.unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert_eq!(names(disk.path()), before);
}

#[test]
fn a_collection_on_a_disk_that_may_only_be_read_is_named_and_goes_back_from_there() {
    let Some(disk) = SmallDisk::mount(64) else {
        return;
    };
    let profile = Profile::with_notes(3);
    let file = disk.path().join("kept.anki2");
    std::fs::copy(profile.collection(), &file).unwrap();
    profile.add_notes(2);
    let _read_only = ReadOnly::make(&disk);
    let refused = Storage::open(&file).err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied, "{refused:?}");
    profile.restore(&file).unwrap();
    assert_eq!(profile.notes(), 3);
}

/// Somebody else's, or one that was protected: who may write everywhere sees no difference but this.
#[test]
fn a_copy_of_a_collection_file_that_may_only_be_read_may_be_written() {
    let profile = Profile::with_notes(3);
    let room = tempfile::tempdir().unwrap();
    let (file, copy) = (room.path().join("a.anki2"), room.path().join("b.anki2"));
    std::fs::copy(profile.collection(), &file).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
    snapshot::copy_closed(&file, &copy).unwrap();
    let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
    assert_ne!(mode & 0o200, 0, "{mode:o}");
    profile.add_notes(2);
    profile.restore(&file).unwrap();
    assert_eq!(profile.notes(), 3);
}

#[test]
fn a_disk_that_is_almost_full_is_told_before_backups_fail() {
    let Some(disk) = SmallDisk::mount(28) else {
        return;
    };
    let world = World::with_sample();
    let to = Some(disk.path().to_owned());
    world.send(Request::Backup(BackupRequest::MoveFolder(to)));
    world.wait("the move", |event| match event {
        Event::Backup(BackupEvent::Status(s)) if s.folder_is_chosen => Some(()),
        _ => None,
    });
    let card = world.study().expect("a card");
    world.answer(&card, Rating::Good);
    world.send(Request::Backup(BackupRequest::Create));
    let mut told = false;
    world.wait("the backup, made all the same", |event| {
        told |= matches!(event, Event::Notice(words) if words.contains("almost full"));
        matches!(event, Event::Backup(BackupEvent::Created { .. })).then_some(())
    });
    assert!(told);
}

#[test]
fn a_full_disk_is_named_and_leaves_nothing() {
    let Some(disk) = SmallDisk::mount(18) else {
        return;
    };
    let profile = Profile::with_notes(20_000);
    let earlier = profile.back_up(Reason::Manual);
    std::os::unix::fs::symlink(disk.0.path(), profile.dir().join("elsewhere")).unwrap();
    let folder = profile.dir().join("elsewhere");
    std::fs::write(folder.join("filler"), vec![1; 3 << 20]).unwrap();
    let chosen = profile.dir().join("backups-folder.txt");
    std::fs::write(chosen, folder.to_str().unwrap()).unwrap();
    let error = profile.try_back_up(Reason::Interval, &Progress::new());
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DiskFull, "{error}");
    assert_eq!(names(&folder), ["filler"]);
    assert!(earlier.path.exists());
}

#[test]
fn an_encrypted_file_on_a_full_disk_is_named_and_leaves_nothing() {
    let Some(disk) = SmallDisk::mount(18) else {
        return;
    };
    let data = tempfile::tempdir().unwrap();
    let out = disk.0.path().join("x.age");
    let lock = Lock::Password(Secret::new("a"));
    let sealed = |megabytes: usize| {
        let write = |target: &mut dyn Write| {
            Ok((0..megabytes).try_for_each(|_| target.write_all(&[7; 1 << 20]))?)
        };
        let progress = Progress::new();
        encrypt::maybe_sealed(&out, Some(&lock), data.path(), &progress, write, |_, ()| {
            Ok(())
        })
    };
    let error = sealed(19).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DiskFull, "{error}");
    assert!(names(disk.0.path()).is_empty());
    sealed(1).unwrap();
    assert!(names(disk.0.path()).contains(&"x.age".to_owned()));
}

#[test]
fn a_full_disk_of_the_server_or_of_the_client_changes_nothing() {
    let Some(disk) = SmallDisk::mount(32) else {
        return;
    };
    let base = disk.path().to_str().unwrap();
    let server = Server::ours_in(
        tempfile::tempdir().unwrap(),
        &[USER.to_owned()],
        &[("SYNC_BASE", base)],
    );
    let collection = disk.path().join(USER).join("collection.anki2");
    let mut here = Client::new(&server);
    here.add("one");
    here.upload();
    let before = rows(&collection);
    for n in 0..300 {
        here.add(&format!("{n} {}", "more ".repeat(500)));
    }
    let full = disk.path().join("full");
    let mut filling = std::fs::File::create(&full).unwrap();
    while filling.write_all(&[1; 4096]).is_ok() {}
    let error = here.sync_over(&*HTTP, Wish::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server, "{error}");
    let session = Session::new(&*HTTP, here.account.clone());
    let error = sync::upload(&mut here.col, &session, &Progress::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server, "{error}");
    drop(filling);
    std::fs::remove_file(&full).unwrap();
    assert_eq!(difference(&before, &rows(&collection)), "");
    here.sync();
    assert_eq!(difference(&here.rows(), &rows(&collection)), "");
    // A download that leaves no room on this side is not begun.
    let room = SmallDisk::mount(8).unwrap();
    let error = sync::download(&session, room.path(), &Progress::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DiskFull, "{error}");
    assert_eq!(std::fs::read_dir(room.path()).unwrap().count(), 0);
}
