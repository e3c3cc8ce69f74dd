//! What a file is by its name: which ones replace a collection, as File > Import and the list of
//! backups decide.

use std::path::Path;

/// How a file that holds a whole collection is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectionFile {
    /// A zip container of any generation.
    Package,
    /// The SQLite file itself.
    Raw,
    /// The SQLite file itself, as it lies in new packages: compressed.
    RawZstd,
}

/// What replaces the collection when restored: packages of every Anki, AnkiDroid's backups, and
/// bare collection files. Not .apkg files in general, which are merged.
#[must_use]
pub fn by_name(path: &Path) -> Option<CollectionFile> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let extension = Path::new(&name).extension()?.to_str()?;
    match extension {
        "colpkg" => Some(CollectionFile::Package),
        "apkg" if name.starts_with("backup-") || name == "collection.apkg" => {
            Some(CollectionFile::Package)
        }
        "anki2" | "anki21" => Some(CollectionFile::Raw),
        "anki21b" => Some(CollectionFile::RawZstd),
        _ => None,
    }
}

/// What can be looked into: whole collections, and the packages that are merged.
#[must_use]
pub fn to_look_into(path: &Path) -> Option<CollectionFile> {
    by_name(path).or_else(|| {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        matches!(&*extension, "apkg" | "zip").then_some(CollectionFile::Package)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deck_packages_can_be_looked_into() {
        for name in ["deck.apkg", "Shared.ZIP", "x.colpkg"] {
            let found = to_look_into(Path::new(name));
            assert_eq!(found, Some(CollectionFile::Package), "{name}");
        }
        assert_eq!(to_look_into(Path::new("notes.txt")), None);
    }

    #[test]
    fn whole_collections_by_name() {
        for (name, want) in [
            ("x.colpkg", Some(CollectionFile::Package)),
            ("X.COLPKG", Some(CollectionFile::Package)),
            ("backup-12.apkg", Some(CollectionFile::Package)),
            (
                "backup-2015-01-01-10.11.12.apkg",
                Some(CollectionFile::Package),
            ),
            ("collection.apkg", Some(CollectionFile::Package)),
            (
                "collection-2014-05-06-07-08.colpkg",
                Some(CollectionFile::Package),
            ),
            ("collection.anki2", Some(CollectionFile::Raw)),
            ("old.anki21", Some(CollectionFile::Raw)),
            ("new.anki21b", Some(CollectionFile::RawZstd)),
            ("deck.apkg", None),
            ("notes.txt", None),
            ("colpkg", None),
        ] {
            assert_eq!(by_name(Path::new(name)), want, "{name}");
        }
    }
}
