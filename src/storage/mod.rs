//! The collection file: SQLite tables in, values of `domain` out. The only place that names
//! SQLite (backups read the frozen file through `snapshot`).
//!
//! [`Storage`] reads; [`Tx`] is the only way to write, and records a [`RowChange`] for every row
//! it touches, from which undo is made. What an operation means is decided above, in
//! `collection`.
#![expect(
    clippy::disallowed_types,
    reason = "this is the place that owns the connection"
)]

mod aside;
mod card;
mod check;
mod col;
pub mod compare;
mod config;
mod create;
mod deck;
mod deck_config;
mod downgrade;
mod first_fields;
pub mod history;
pub mod inspect;
mod layout;
pub mod log_file;
mod loose;
mod many_cards;
pub mod media_db;
pub mod media_hashes;
pub mod media_server_db;
mod mended;
pub mod mnemosyne;
mod note;
mod note_scan;
mod notetype;
mod open;
mod package_file;
mod pages;
pub mod queue;
mod record;
mod revlog;
mod row;
mod rows;
pub mod salvage;
pub mod sample;
mod scheduler_upgrade;
pub mod search;
pub mod snapshot;
mod stamps;
mod stats;
mod stock;
pub mod sync;
pub mod sync_merge;
mod table_rows;
mod tag;
mod transfer;
mod tx;
mod upgrade;
mod wal;

pub use check::{EVERYTHING, LastAnswers, RawNote, SurveyedCard};
pub use col::{ColRow, Counts};
pub use many_cards::HeldPlaces;
pub use note::{join_tags, split_tags};
pub use note_scan::NoteRow;
pub use package_file::{Origin, PackageFile};
pub use row::{Cell, NewRows, RowChange, RowEdit, Table};
pub use rows::Rows;
pub use stock::{plain_notetype, stock_notetypes};
pub use tag::same_name;
pub use transfer::{MatchedNotes, NoteHead};
pub use tx::{Tx, TxOutcome};

use crate::base::ids::{DeckConfigId, DeckId, NotetypeId};
use crate::base::job::Progress;
use crate::base::{Error, ErrorKind};
use crate::domain::deck::Deck;
use crate::domain::deck_config::DeckConfig;
use crate::domain::notetype::Notetype;
use crate::mark;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Weak};

/// An open collection file.
pub struct Storage {
    pub(in crate::storage) db: rusqlite::Connection,
    path: PathBuf,
    /// Kept from before opening until after closing: closing any other descriptor of the file
    /// would drop SQLite's lock (POSIX). Whoever wants the file's bytes takes a clone of this.
    live: Option<Arc<File>>,
    wal: wal::WalState,
    cache: Cache,
    /// See [`Storage::open_mended`].
    damaged: mended::Damaged,
    /// Of the operation that somebody watches now; see [`Storage::watch`].
    watched: Weak<Progress>,
}

/// Small objects that every answer needs; each entry lives until its table is written.
#[derive(Default)]
struct Cache {
    decks: RefCell<HashMap<DeckId, Arc<Deck>>>,
    /// All of them, as screens and searches want them.
    deck_list: RefCell<Option<Arc<[Deck]>>>,
    /// Ids by name as it was asked for.
    deck_names: RefCell<HashMap<String, DeckId>>,
    configs: RefCell<HashMap<DeckConfigId, Arc<DeckConfig>>>,
    config_list: RefCell<Option<Arc<[DeckConfig]>>>,
    notetypes: RefCell<HashMap<NotetypeId, Arc<Notetype>>>,
    /// Settings as stored; None: there is none of that name.
    settings: RefCell<HashMap<String, Option<Arc<[u8]>>>>,
}

impl Cache {
    /// A row of `table` was written.
    fn forget(&self, table: Table, before: Option<&[Cell]>, new_name: Option<&Cell>) {
        match table {
            Table::Decks => {
                self.deck_list.take();
                match (before, new_name) {
                    // Answers count in decks all the time; the others, and all names, stay.
                    (Some([Cell::Int(id), name, ..]), Some(same)) if name == same => {
                        self.decks.borrow_mut().remove(&DeckId(*id));
                    }
                    _ => {
                        self.decks.borrow_mut().clear();
                        self.deck_names.borrow_mut().clear();
                    }
                }
            }
            Table::Config => self.settings.borrow_mut().clear(),
            Table::DeckConfig => {
                self.configs.borrow_mut().clear();
                self.config_list.take();
            }
            Table::Notetypes | Table::Fields | Table::Templates => {
                self.notetypes.borrow_mut().clear();
            }
            _ => {}
        }
    }

    fn forget_all(&self) {
        self.decks.borrow_mut().clear();
        self.deck_list.take();
        self.deck_names.borrow_mut().clear();
        self.configs.borrow_mut().clear();
        self.config_list.take();
        self.notetypes.borrow_mut().clear();
        self.settings.borrow_mut().clear();
    }
}

impl std::fmt::Debug for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Storage").field("path", &self.path).finish()
    }
}

impl From<rusqlite::Error> for Error {
    fn from(e: rusqlite::Error) -> Self {
        use rusqlite::Error as Sql;
        use rusqlite::ErrorCode as Code;
        let (kind, what) = match &e {
            Sql::SqliteFailure(failure, _) => match failure.code {
                Code::DiskFull => (ErrorKind::DiskFull, mark!("the disk is full")),
                Code::DatabaseBusy | Code::DatabaseLocked => (
                    ErrorKind::Locked,
                    mark!("the collection is in use by another program"),
                ),
                Code::DatabaseCorrupt => (ErrorKind::Corrupt, mark!("the collection is damaged")),
                Code::NotADatabase => (ErrorKind::Corrupt, mark!("the file is not a collection")),
                Code::ReadOnly | Code::PermissionDenied | Code::CannotOpen => (
                    ErrorKind::PermissionDenied,
                    mark!("the collection cannot be opened or written"),
                ),
                Code::OperationInterrupted => (ErrorKind::Interrupted, mark!("cancelled")),
                Code::SystemIoFailure => io_failure(failure.extended_code),
                Code::ConstraintViolation => (
                    ErrorKind::Conflict,
                    mark!("something of that name or id exists"),
                ),
                Code::Unknown => (
                    ErrorKind::Corrupt,
                    mark!("the collection lacks something expected"),
                ),
                _ => (ErrorKind::Io, mark!("the database failed")),
            },
            // A table or column is missing, or there before its time.
            Sql::SqlInputError { msg, .. }
                if ["no such ", "has no column", "already exists"]
                    .iter()
                    .any(|part| msg.contains(part)) =>
            {
                (
                    ErrorKind::Corrupt,
                    mark!("the collection lacks something expected"),
                )
            }
            Sql::FromSqlConversionFailure(_, _, odd) if odd.is::<note::OddValue>() => {
                return Self::new(ErrorKind::Corrupt, odd.to_string()).because(e);
            }
            Sql::QueryReturnedNoRows => (ErrorKind::NotFound, mark!("not found")),
            Sql::InvalidColumnType(_, column, held) => {
                let held = loose::in_words(*held);
                let what = mark!(
                    "it cannot be read: a column `{column}` holds {held}",
                    column,
                    held
                );
                return Self::new(ErrorKind::Corrupt, what).because(e);
            }
            Sql::FromSqlConversionFailure(..)
            | Sql::IntegralValueOutOfRange(..)
            | Sql::Utf8Error(..) => (
                ErrorKind::Corrupt,
                mark!("it holds a value that cannot be read"),
            ),
            _ => (ErrorKind::Bug, "the database was asked wrongly"),
        };
        Self::new(kind, what).because(e)
    }
}

/// Disk-quota errors come as IO errors whose extended code says "write".
fn io_failure(extended_code: i32) -> (ErrorKind, &'static str) {
    const SQLITE_IOERR_AUTH: i32 = 10 | (28 << 8);
    if extended_code == SQLITE_IOERR_AUTH {
        (ErrorKind::PermissionDenied, mark!("no permission"))
    } else {
        (
            ErrorKind::Io,
            mark!("reading or writing the collection failed"),
        )
    }
}
