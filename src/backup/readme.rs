//! Short texts beside what we write, that say how to open it without Engram. Written once: a file
//! of that name that is there stays as it is. A text that cannot be written stops nothing.

use crate::base::files;
use std::path::Path;

/// In folders of our own.
pub const NAME: &str = "README.txt";
/// In a folder of the user's, beside what was exported to it.
const BESIDE_EXPORTS: &str = "README-Engram.txt";

macro_rules! packages {
    () => {
        "\
Anki and Engram import a .colpkg as it is (File > Import). Without them:

  unzip NAME.colpkg -d opened
  zstd -d opened/collection.anki21b -o opened/notes.sqlite
  sqlite3 opened/notes.sqlite \"select flds from notes\"

(collection.anki2 in a package is only a placeholder for old programs. Exports for old versions
have collection.anki21 instead of collection.anki21b; it needs no zstd.) Pictures and sounds, where
a package has them, are the files 0, 1, 2 …, each opened by \"zstd -d 0 -o FILE\"; their names are
listed in the file \"media\": zstd -dc opened/media
"
    };
}

const BACKUPS: &str = concat!(
    "\
Backups of flashcards, made by Engram. Each backup-….colpkg holds all decks, notes, cards and
reviews of that moment. In Engram: Backups > Open Backup.

",
    packages!()
);

const EXPORTS: &str = concat!(
    "\
The .age files here were encrypted by Engram. Engram imports them and asks for the password.
Without it (https://age-encryption.org):

  age -d -o NAME NAME.age

asks for the password and takes the encryption off; for a file encrypted for a key, add
\"-i KEYFILE\". Without password or key nobody can open it.

",
    packages!()
);

/// Of a vault.
pub(super) const VAULT: &str = "\
Encrypted copies of flashcards, made by Engram in the format of restic (https://restic.net).
In Engram: Backups > Copies Elsewhere > Restore, also on a new computer. Without it, with the
password of the vault:

  restic -r . snapshots
  restic -r . check
  restic -r . restore latest --target restored
  sqlite3 restored/engram/*/collection.anki2 \"select flds from notes\"

Pictures and sounds are in the folder collection.media beside it. Without the password nobody can
open this. Change nothing in this folder by hand.
";

/// How a package is opened without Anki and Engram.
pub(super) const PACKAGES: &str = packages!();

/// Into a folder of backups.
pub(super) fn in_backups(folder: &Path) {
    once(&folder.join(NAME), BACKUPS);
}

/// Beside the encrypted file `out`.
pub(super) fn beside_export(out: &Path) {
    once(&out.with_file_name(BESIDE_EXPORTS), EXPORTS);
}

fn once(path: &Path, text: &str) {
    if let Err(error) = files::write_once(path, text.as_bytes()) {
        tracing::warn!("{} could not be written: {error}", path.display());
    }
}
