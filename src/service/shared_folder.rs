//! Folders in which a collection is not safe: a program keeps them the same on several computers,
//! or they are another machine's. Opening a profile there is told, not refused.

use crate::t;
use std::path::{Component, Path, Prefix};

/// Names of such programs' folders, in lower case, and the programs. What follows a blank, a hyphen
/// or a bracket does not count: `OneDrive - School`.
const SYNCED: [(&str, &str); 14] = [
    ("dropbox", "Dropbox"),
    ("onedrive", "OneDrive"),
    ("google drive", "Google Drive"),
    ("googledrive", "Google Drive"),
    ("icloud drive", "iCloud"),
    ("iclouddrive", "iCloud"),
    ("com~apple~clouddocs", "iCloud"),
    ("nextcloud", "Nextcloud"),
    ("owncloud", "ownCloud"),
    ("pcloud", "pCloud"),
    ("pclouddrive", "pCloud"),
    ("megasync", "MEGA"),
    ("seafile", "Seafile"),
    ("yandex.disk", "Yandex Disk"),
];
/// Marks a folder of Syncthing.
const SYNCTHING: &str = ".stfolder";
/// Kinds of file systems that are on another machine, as Linux names them.
const NETWORK: [&str; 15] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "afs",
    "ceph",
    "davfs",
    "fuse.davfs2",
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.glusterfs",
    "fuse.gvfsd-fuse",
    "fuse.onedriver",
    "fuse.google-drive-ocamlfuse",
];

/// What may happen to a collection in `folder`, to be told; None where nothing is known against it.
#[must_use]
pub fn warning(folder: &Path) -> Option<String> {
    let whole = std::fs::canonicalize(folder);
    let folder = whole.as_deref().unwrap_or(folder);
    if let Some(program) = synced_by(folder) {
        return Some(t!(
            "{program} changes this profile’s folder too, which can damage the collection; keep \
             profiles outside of it",
            program
        ));
    }
    is_on_network(folder).then(|| {
        t!(
            "This profile is on a network drive, where a lost connection can damage the \
             collection; keep profiles on this computer"
        )
        .to_owned()
    })
}

fn synced_by(folder: &Path) -> Option<&'static str> {
    let names = folder.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().to_lowercase()),
        _ => None,
    });
    let mut by_name = names.filter_map(|name| program_of(&name));
    by_name.next().or_else(|| {
        let mut above = folder.ancestors();
        let found = above.any(|folder| folder.join(SYNCTHING).exists());
        found.then_some("Syncthing")
    })
}

fn program_of(name: &str) -> Option<&'static str> {
    let is = |folder: &str| {
        let more = name.strip_prefix(folder);
        more.is_some_and(|more| more.is_empty() || more.starts_with([' ', '-', '(']))
    };
    let found = SYNCED.iter().find(|(folder, _)| is(folder));
    found.map(|(_, program)| *program)
}

fn is_on_network(folder: &Path) -> bool {
    if let Some(Component::Prefix(prefix)) = folder.components().next() {
        return matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..));
    }
    let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    kind_of_disk(&table, folder).is_some_and(|kind| NETWORK.contains(&kind))
}

/// The kind of the file system that holds `folder`, by Linux's table of what is mounted where.
fn kind_of_disk<'a>(table: &'a str, folder: &Path) -> Option<&'a str> {
    let mounts = table.lines().filter_map(|line| {
        let (place, disk) = line.split_once(" - ")?;
        // The kernel writes blanks so.
        let place = place.split(' ').nth(4)?.replace("\\040", " ");
        let holds = folder.starts_with(&place);
        holds.then_some((place.len(), disk.split(' ').next()?))
    });
    // Of two in one place the later hides the earlier.
    mounts.max_by_key(|(len, _)| *len).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_programs_that_sync_are_known_by_their_names() {
        for (folder, program) in [
            ("/home/ana/Dropbox/Engram/Ana", Some("Dropbox")),
            ("/home/ana/Dropbox (Personal)/Ana", Some("Dropbox")),
            ("/home/ana/OneDrive - School/Ana", Some("OneDrive")),
            (
                "/Users/ana/Library/Mobile Documents/com~apple~CloudDocs/Ana",
                Some("iCloud"),
            ),
            ("/home/ana/.local/share/engram/Dropboxes", None),
            ("/home/ana/.local/share/engram/Ana", None),
        ] {
            assert_eq!(synced_by(Path::new(folder)), program, "{folder}");
        }
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(SYNCTHING)).unwrap();
        assert_eq!(synced_by(&dir.path().join("Ana")), Some("Syncthing"));
    }

    #[test]
    fn the_disk_of_a_folder_is_the_nearest_above_it() {
        let table = "\
            27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n\
            90 27 0:50 / /mnt/nas rw shared:9 - cifs //nas/home rw\n\
            91 27 0:51 / /mnt/two\\040words rw - ext4 /dev/vdb rw\n\
            92 91 0:52 / /mnt/two\\040words rw - nfs4 nas:/two rw\n";
        for (folder, kind) in [
            ("/home/ana", "ext4"),
            ("/mnt/nas/Engram/Ana", "cifs"),
            ("/mnt/nas2", "ext4"),
            ("/mnt/two words/Ana", "nfs4"),
        ] {
            assert_eq!(kind_of_disk(table, Path::new(folder)), Some(kind));
        }
        assert_eq!(kind_of_disk("", Path::new("/home")), None);
    }
}
