//! Rows of a package, read by a second thread with a connection of its own while the first one
//! merges them.

use crate::base::{Error, Result};
use crate::storage::Storage;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread;

const BATCHES_WAITING: usize = 4;

/// Takes one row more, of those that are read.
pub(super) type Push<'a, T> = dyn FnMut(T) -> Result<()> + 'a;

/// Gives what `read` finds in the file at `path`, which nobody writes to, to `take`: in its order
/// and so many at once. What `take` says ends both.
pub(super) fn read_beside<T: Send>(
    path: &Path,
    at_once: usize,
    read: impl FnOnce(&Storage, &mut Push<'_, T>) -> Result<()> + Send,
    mut take: impl FnMut(Vec<T>) -> Result<()>,
) -> Result<()> {
    thread::scope(|scope| {
        let (to, batches) = sync_channel(BATCHES_WAITING);
        let reading = move || {
            let storage = Storage::open_read_only(path)?;
            let mut batch = Vec::with_capacity(at_once);
            // Nobody takes them any more: that thread says why.
            let send = |rows| to.send(rows).map_err(|_| Error::interrupted());
            read(&storage, &mut |row| {
                batch.push(row);
                if batch.len() < at_once {
                    return Ok(());
                }
                send(std::mem::replace(&mut batch, Vec::with_capacity(at_once)))
            })?;
            send(batch)
        };
        let reader = thread::Builder::new()
            .name("package-rows".into())
            .spawn_scoped(scope, reading)?;
        batches.into_iter().try_for_each(&mut take)?;
        let panicked = |_| Err(Error::bug("reading the package ended unexpectedly"));
        reader.join().unwrap_or_else(panicked)
    })
}
