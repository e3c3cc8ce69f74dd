//! Which snapshot is meant by `latest` or the first digits of an id, and which of two was made later.
//!
//! The time of a snapshot is what the clock said. One that is saved when the vault has a later time
//! already, because the clock was set back, says in a tag that it comes after all that is there.

use super::push::inside;
use super::repo::{Listing, Repo, Snapshot};
use super::restore::profile_in;
use crate::base::time::TimestampMillis;
use crate::base::{Error, ErrorKind, Result};
use crate::{mark, t};
use std::collections::BTreeSet;
use std::path::Path;

const LATEST: &str = "latest";
/// Followed by the order, in milliseconds as a time is.
const TAG: &str = "engram-order-";

/// Higher was made later: what the tag says, else the time.
pub(super) fn order_of<'a>(time: TimestampMillis, tags: impl IntoIterator<Item = &'a str>) -> i64 {
    let said = |tag: &str| tag.strip_prefix(TAG)?.parse().ok();
    tags.into_iter().find_map(said).unwrap_or(time.0)
}

/// What a snapshot made `now` has to say so that it comes after these.
pub(super) fn tag_after(all: &[Snapshot], now: TimestampMillis) -> Option<String> {
    let newest = all.iter().map(|snapshot| snapshot.order).max()?;
    (newest >= now.0).then(|| format!("{TAG}{}", newest.saturating_add(1)))
}

impl Repo {
    /// What is there, for a snapshot that is about to be saved. A list that cannot be read through is
    /// found by the check afterwards, and stops no saving.
    pub(super) fn before(&self) -> Result<Vec<Snapshot>> {
        match self.snapshots() {
            Err(error) if error.kind() == ErrorKind::Corrupt => Ok(Vec::new()),
            listed => listed,
        }
    }

    /// The snapshot whose id begins with `id`. For `latest` the newest that holds a collection,
    /// whatever made it: of the profile `name`, if given; and where there is none of that name, of one
    /// that other programs saved under any. One that cannot be read may be the newest.
    pub fn find(&self, id: &str, name: Option<&str>) -> Result<Snapshot> {
        let Listing {
            snapshots: mut all,
            damaged,
        } = self.listing()?;
        if id == LATEST && damaged > 0 {
            return Err(Error::corrupt(mark!(
                "a snapshot in the vault is damaged, and it may be the newest; choose one by its id"
            )));
        }
        if id == LATEST {
            return self.newest(all, name);
        }
        all.retain(|s| !id.is_empty() && s.id.starts_with(id));
        match all.len() {
            1 => Ok(all.remove(0)),
            0 => Err(Error::not_found(mark!("there is no snapshot “{id}”", id))),
            _ => Err(Error::invalid(mark!(
                "“{id}” could be several snapshots",
                id
            ))),
        }
    }

    fn newest(&self, newest_first: Vec<Snapshot>, name: Option<&str>) -> Result<Snapshot> {
        if newest_first.is_empty() {
            return Err(Error::not_found(mark!(
                "there is no snapshot in the vault yet"
            )));
        }
        let mut contents = None;
        let mut of_another = None;
        let mut paths_of_others = BTreeSet::new();
        for mut snapshot in newest_first {
            if is_ours(&snapshot) {
                if name.is_none_or(|name| snapshot.label == name) {
                    return Ok(snapshot);
                }
                continue;
            }
            // What was saved from one folder has one name.
            if paths_of_others.contains(&snapshot.path) {
                continue;
            }
            if contents.is_none() {
                self.progress().stage(t!("Looking for a collection"), 0)?;
                contents = Some(self.contents()?);
            }
            let files = match &contents {
                Some(contents) => contents.files(&snapshot)?,
                None => continue,
            };
            let Ok(folder) = profile_in(&files, name.unwrap_or(&snapshot.label)) else {
                continue;
            };
            let called = folder.file_name().unwrap_or_default().to_string_lossy();
            let is_of_name = name.is_none_or(|name| called == name || snapshot.label == name);
            if !called.is_empty() {
                snapshot.label = called.into_owned();
            }
            if is_of_name {
                return Ok(snapshot);
            }
            paths_of_others.insert(snapshot.path.clone());
            of_another.get_or_insert(snapshot);
        }
        of_another.ok_or_else(|| {
            Error::not_found(match name {
                Some(name) => mark!("no snapshot in the vault holds the profile “{name}”", name),
                None => mark!("no snapshot in the vault holds a collection").to_owned(),
            })
        })
    }
}

/// Whether `push` made it: then it holds the profile that it is called by.
fn is_ours(snapshot: &Snapshot) -> bool {
    !snapshot.label.is_empty() && Path::new(&snapshot.path) == inside(&snapshot.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_says_what_the_clock_does_not() {
        let at = TimestampMillis;
        let made = |time, tags: &[&str]| Snapshot {
            order: order_of(at(time), tags.iter().copied()),
            ..Snapshot::default()
        };
        let mut all = vec![made(100, &[]), made(7, &["of mine"])];
        assert_eq!(tag_after(&[], at(5)), None);
        assert_eq!(tag_after(&all, at(101)), None);
        for (now, order) in [(100, 101), (50, 102), (102, 103)] {
            let tag = tag_after(&all, at(now)).unwrap();
            all.push(made(now, &["of mine", &tag]));
            assert_eq!(all.last().map(|s| s.order), Some(order));
        }
        assert_eq!(made(3, &["engram-order-x"]).order, 3);
        let last = made(1, &[&format!("{TAG}{}", i64::MAX)]);
        assert!(tag_after(&[last], at(5)).is_some());
    }
}
