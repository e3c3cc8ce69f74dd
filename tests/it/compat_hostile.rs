//! Hostile and broken collection files: each is refused with a clear error or opened soundly;
//! none panics, and none that is refused is written to.

use crate::oracle;
use engram::base::ErrorKind;
use engram::base::job::Progress;
use engram::base::time::Clock;
use engram::collection::Collection;
use engram::storage::Storage;
use std::path::Path;

/// Upgrades where needed, opens, reads everything small, checks and closes.
fn use_it(path: &Path) -> engram::base::Result<()> {
    if Storage::needs_upgrade(path)? {
        Storage::upgrade(path, &Clock::System, &Progress::new())?;
    }
    let mut col = Collection::open(path, Clock::System)?;
    col.storage().all_decks()?;
    col.storage().all_notetypes()?;
    col.storage().all_deck_configs()?;
    col.deck_create("x")?;
    col.check_database(&Progress::new())?;
    col.close()
}

#[test]
fn broken_collections_are_refused_by_name_and_not_touched() {
    let Some(shared) = oracle::shared() else {
        return;
    };
    let folder = shared.join("packages/adversarial");
    for (name, expected) in [
        ("db_bad_magic", Some(ErrorKind::Corrupt)),
        ("db_col_norows", Some(ErrorKind::Corrupt)),
        ("db_corrupt_root", Some(ErrorKind::Corrupt)),
        ("db_empty", None),
        ("db_extra_table", None),
        ("db_no_graves", Some(ErrorKind::Corrupt)),
        ("db_no_revlog", Some(ErrorKind::Corrupt)),
        ("db_pagesize_65536", None),
        ("db_truncated", Some(ErrorKind::Corrupt)),
        ("db_v11_body_ver18", Some(ErrorKind::Corrupt)),
        ("db_ver_0", Some(ErrorKind::TooOld)),
        ("db_ver_10", Some(ErrorKind::TooOld)),
        ("db_ver_17", None),
        ("db_wal_flag", None),
        ("feat_full", None),
    ] {
        let work = tempfile::tempdir().unwrap();
        let path = work.path().join("collection.anki2");
        let bytes = std::fs::read(folder.join(format!("{name}.anki2"))).unwrap();
        std::fs::write(&path, &bytes).unwrap();
        let result = use_it(&path);
        let kind = result.as_ref().err().map(engram::base::Error::kind);
        assert_eq!(kind, expected, "{name}: {result:?}");
        if let Err(error) = result {
            assert!(error.path().is_some(), "{name}: {error}");
            // A torn file is only found out while it is used.
            if name != "db_truncated" {
                assert!(
                    std::fs::read(&path).unwrap() == bytes,
                    "{name} was written to"
                );
            }
        }
    }
}
