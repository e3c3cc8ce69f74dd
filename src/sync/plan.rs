//! What a sync has to do, from what both sides say about themselves. Pure.

pub use crate::base::limits::is_too_much;
use crate::base::time::TimestampMillis;
use crate::base::{Error, ErrorKind, Result};
use crate::codec::sync::Meta;
use crate::mark;

/// Clocks may differ so much: times decide which change wins.
const CLOCK_SKEW_SECS: i64 = 300;

/// See the module header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Nothing,
    /// Changes travel both ways; settings come from the side that changed last.
    Normal {
        local_newer: bool,
    },
    /// One side must replace the other: their note types or histories have parted, or the server was
    /// put back to an earlier state.
    OneWay(Choice),
}

/// Which ways are open. An empty side never silently replaces a full one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub upload: bool,
    pub download: bool,
}

/// Whose note types stay when two sides are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MergeInto {
    /// They changed theirs; what we changed moves over, and the next sync sends it.
    #[default]
    Theirs,
    /// We changed ours; what they changed moves over, and the result is uploaded.
    Ours,
}

/// Where a merge is possible: note types were changed on one side only since the last sync. `local`
/// is when that was here, and when the last sync was.
#[must_use]
pub fn merge_into(
    (schema, last_sync): (TimestampMillis, TimestampMillis),
    remote_schema: TimestampMillis,
) -> Option<MergeInto> {
    match (schema > last_sync, remote_schema > last_sync) {
        _ if last_sync.0 == 0 => None,
        (true, false) => Some(MergeInto::Ours),
        (false, true) => Some(MergeInto::Theirs),
        _ => None,
    }
}

/// Decides.
///
/// # Errors
/// `Server` when the server wants no sync, `InvalidInput` when the clocks differ too much.
pub fn next_step(local: &Meta, remote: &Meta) -> Result<Step> {
    if !remote.go_on {
        let why = match remote.message.as_str() {
            "" => mark!("the server refuses to sync").to_owned(),
            message => mark!("the server says: {message}", message),
        };
        return Err(Error::new(ErrorKind::Server, why));
    }
    let skew = remote.now.saturating_sub(local.now);
    if skew.saturating_abs() > CLOCK_SKEW_SECS {
        let minutes = skew.saturating_abs() / 60;
        return Err(Error::invalid(if skew > 0 {
            mark!(
                "the clock of this computer is {minutes} minutes behind the server's; set it \
                 right",
                minutes
            )
        } else {
            mark!(
                "the clock of this computer is {minutes} minutes ahead of the server's; set it \
                 right",
                minutes
            )
        }));
    }
    // Equal stamps with unequal numbers: two clients changed as much within the same millisecond.
    if local.modified == remote.modified && local.usn == remote.usn {
        return Ok(Step::Nothing);
    }
    // One that was put back to an earlier state never asks for what it has lost, and what is newer on it
    // has numbers that are not asked for here.
    let was_put_back = remote.usn < local.usn;
    if local.schema != remote.schema || was_put_back {
        return Ok(Step::OneWay(Choice {
            upload: !local.empty || remote.empty,
            download: !remote.empty || local.empty,
        }));
    }
    Ok(Step::Normal {
        local_newer: local.modified > remote.modified,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(modified: i64, schema: i64, empty: bool) -> Meta {
        Meta {
            modified,
            schema,
            usn: 1,
            now: 1_000,
            message: String::new(),
            go_on: true,
            empty,
            media_usn: 0,
        }
    }

    #[test]
    fn what_is_done_follows_from_times_alone() {
        let step = |l: &Meta, r: &Meta| next_step(l, r).unwrap();
        assert_eq!(step(&meta(5, 1, false), &meta(5, 2, false)), Step::Nothing);
        for (local, local_newer) in [(6, true), (4, false)] {
            let found = step(&meta(local, 1, false), &meta(5, 1, false));
            assert_eq!(found, Step::Normal { local_newer });
        }
        for (ours, theirs, upload, download) in [
            (false, false, true, true),
            (true, false, false, true),
            (false, true, true, false),
            (true, true, true, true),
        ] {
            let found = step(&meta(6, 1, ours), &meta(5, 2, theirs));
            assert_eq!(found, Step::OneWay(Choice { upload, download }));
        }
    }

    #[test]
    fn equal_stamps_by_chance_are_told_from_no_change() {
        let remote = Meta {
            usn: 2,
            ..meta(5, 1, false)
        };
        let step = next_step(&meta(5, 1, false), &remote).unwrap();
        assert_eq!(step, Step::Normal { local_newer: false });
    }

    #[test]
    fn a_server_that_was_put_back_is_asked_about() {
        let local = Meta {
            usn: 3,
            ..meta(6, 1, false)
        };
        for modified in [5, 6, 7] {
            let both = Choice {
                upload: true,
                download: true,
            };
            let step = next_step(&local, &meta(modified, 1, false)).unwrap();
            assert_eq!(step, Step::OneWay(both));
            let only_up = Choice {
                download: false,
                ..both
            };
            let step = next_step(&local, &meta(modified, 1, true)).unwrap();
            assert_eq!(step, Step::OneWay(only_up), "it is empty");
        }
    }

    #[test]
    fn clocks_may_differ_by_five_minutes() {
        let at = |now| Meta {
            now,
            ..meta(5, 1, false)
        };
        for (now, fine) in [(1_300, true), (700, true), (1_301, false), (699, false)] {
            assert_eq!(next_step(&at(1_000), &at(now)).is_ok(), fine, "{now}");
        }
        let far = next_step(&at(1_000), &at(4_600)).unwrap_err();
        assert!(far.what().contains("60 minutes behind"), "{far}");
    }

    #[test]
    fn a_great_share_is_more_than_a_few() {
        assert!(!is_too_much(20, 20, 10));
        assert!(is_too_much(21, 100, 10));
        assert!(!is_too_much(21, 210, 10));
        assert!(is_too_much(22, 210, 10));
    }
}
