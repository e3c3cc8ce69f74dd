//! What stays in the vault: measured, decided by `retention`, and deleted. Nothing is deleted from a
//! vault that is not sound, and the newest snapshot of a profile on each computer stays whatever the
//! rules and the quota say.

use super::book::Former;
use super::push::{self, Prepared, Pushed};
use super::repo::{Repo, Snapshot};
use super::retention::{self, Judged, Plan, Retention, Weights, Why};
use crate::backup::entry::{KeepReason, Rules};
use crate::backup::retention::{Candidate, State, judge};
use crate::backup::{catalog, tripwire};
use crate::base::time::Clock;
use crate::base::{Error, ErrorKind, Result};
use crate::mark;
use std::collections::BTreeSet;
use std::path::Path;

/// What is to stay, and of which profile; that of others stays.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The profile.
    pub label: String,
    /// What it was called on this computer before.
    pub former: Vec<Former>,
    pub retention: Retention,
    /// Those of the backups folder.
    pub backups: Rules,
    pub clock: Clock,
}

/// What was decided about each snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tidied {
    pub kept: Vec<(Snapshot, Vec<KeepReason>)>,
    pub dropped: Vec<(Snapshot, Why)>,
    /// Bytes that the vault takes, about when nothing was deleted yet.
    pub used: u64,
    /// That is more than the quota, and nothing more may go.
    pub above: bool,
}

impl Tidied {
    fn of(snapshots: Vec<Snapshot>, judged: Vec<Judged>, plan: &Plan) -> Self {
        let mut tidied = Self {
            used: plan.after,
            above: plan.above,
            ..Self::default()
        };
        for (at, (snapshot, judged)) in snapshots.into_iter().zip(judged).enumerate() {
            match plan.goes.iter().find(|(gone, _)| *gone == at) {
                Some((_, why)) => tidied.dropped.push((snapshot, *why)),
                None => tidied.kept.push((snapshot, judged.keep)),
            }
        }
        tidied
    }
}

/// What would stay and go; nothing is deleted.
pub fn plan(vault: &Repo, wanted: &Wanted) -> Result<Tidied> {
    let snapshots = vault.snapshots()?;
    let judged = judged(&snapshots, wanted, vault.machine());
    let weights = vault.weigh(&snapshots, &retention::order(&judged))?;
    let plan = retention::plan(&judged, &weights, wanted.retention.quota);
    Ok(Tidied::of(snapshots, judged, &plan))
}

/// Deletes what is not to stay.
pub fn thin(vault: &Repo, wanted: &Wanted) -> Result<Tidied> {
    vault.exclusively(|| thin_alone(vault, wanted))
}

fn thin_alone(vault: &Repo, wanted: &Wanted) -> Result<Tidied> {
    let quota = wanted.retention.quota;
    let mut gone = Vec::new();
    let (mut checked, mut tight) = (false, false);
    loop {
        let snapshots = vault.snapshots()?;
        let judged = judged(&snapshots, wanted, vault.machine());
        let used = vault.used()?;
        let is_full = quota.is_some_and(|quota| used > quota);
        let weights = match is_full {
            true => vault.weigh(&snapshots, &retention::order(&judged))?,
            // Without need, all lists of files are not read.
            false => Weights {
                used,
                ..Weights::default()
            },
        };
        let mut plan = retention::plan(&judged, &weights, quota);
        if is_full && tight && plan.goes.is_empty() {
            // What was estimated to be enough was not.
            let less = Some(plan.after.saturating_sub(1));
            plan = retention::plan(&judged, &weights, less);
        }
        let mut tidied = Tidied::of(snapshots, judged, &plan);
        if tidied.dropped.is_empty() && (tight || !is_full) {
            gone.append(&mut tidied.dropped);
            return Ok(Tidied {
                dropped: gone,
                used,
                above: is_full,
                ..tidied
            });
        }
        if !std::mem::replace(&mut checked, true) {
            require_sound(vault, &[])?;
        }
        let unused = match quota {
            Some(_) if tight || tidied.dropped.is_empty() => Some(0),
            Some(quota) => Some(quota.saturating_sub(plan.after)),
            None => None,
        };
        tight = unused == Some(0);
        let dropped: Vec<&Snapshot> = tidied.dropped.iter().map(|(s, _)| s).collect();
        vault.remove(&dropped, unused)?;
        gone.append(&mut tidied.dropped);
    }
}

/// What the rules say about each. Two computers may save profiles of one name to one vault: each
/// one's snapshots are judged by themselves. `here` is this one.
fn judged(snapshots: &[Snapshot], wanted: &Wanted, here: &str) -> Vec<Judged> {
    let clock = &wanted.clock;
    let everything = Rules {
        keep_last: Some(u32::MAX),
        ..Rules::default()
    };
    let rules = wanted.retention.keep.rules(&wanted.backups);
    let rules = rules.unwrap_or(everything);
    let is_former = |snapshot: &Snapshot| wanted.former.iter().any(|f| f.made(snapshot, here));
    let is_of_profile =
        |snapshot: &&Snapshot| snapshot.label == wanted.label || is_former(snapshot);
    let machines: BTreeSet<&str> = snapshots
        .iter()
        .filter(is_of_profile)
        .map(|snapshot| snapshot.machine.as_str())
        .collect();
    let mut judged: Vec<Judged> = snapshots
        .iter()
        .map(|snapshot| Judged {
            order: snapshot.order,
            keep: vec![KeepReason::Foreign],
        })
        .collect();
    for machine in machines {
        let is_judged = |s: &Snapshot| is_of_profile(&s) && s.machine == machine;
        let candidates: Vec<Candidate> = snapshots
            .iter()
            .map(|snapshot| Candidate {
                named: is_judged(snapshot).then(|| clock.local(snapshot.time).datetime()),
                order: u64::try_from(snapshot.order).unwrap_or(0),
                // A later one of others is no reason to drop one of these.
                state: if is_judged(snapshot) {
                    State::Verified
                } else {
                    State::Unverified
                },
                pinned: false,
            })
            .collect();
        let verdicts = judge(&candidates, &rules, clock.local(clock.now()).date());
        for ((snapshot, judged), keep) in snapshots.iter().zip(&mut judged).zip(verdicts) {
            if is_judged(snapshot) {
                judged.keep = keep;
            }
        }
    }
    judged
}

/// Saves the profile, as [`push::push`] does, and then deletes what is not to stay. A vault that takes
/// too much already is thinned before as well: its disk may have no room for another snapshot.
///
/// # Errors
/// `Conflict` while an alarm of the trip wire waits for an answer, unless it is saved `all_the_same`.
pub fn push_and_thin(
    vault: &Repo,
    profile_dir: &Path,
    prepared: &Prepared,
    wanted: &Wanted,
    all_the_same: bool,
) -> Result<Pushed> {
    let quota = wanted.retention.quota;
    tripwire::look_at_media(profile_dir, &wanted.clock)?;
    // Nothing goes while somebody has to be asked.
    let waits = tripwire::alarm(&catalog::folder(profile_dir)).is_some();
    if waits && !all_the_same {
        return Err(Error::new(
            ErrorKind::Conflict,
            mark!(
                "much has changed without a reason and nobody has said that it is all right, so nothing \
                 was saved"
            ),
        ));
    }
    if let Some(quota) = quota
        && !waits
        && vault.used()? > quota
    {
        match thin(vault, wanted) {
            Err(error) if error.is_interrupted() => return Err(error),
            // It is told by the attempt after the copy, which is more urgent.
            Err(error) => tracing::warn!("the vault could not be thinned: {error}"),
            Ok(_) => {}
        }
    }
    let mut pushed = push::push(vault, profile_dir, &wanted.label, prepared)?;
    if pushed.findings.errors.is_empty() {
        let thinned = match waits || wanted.retention == Retention::default() {
            true => vault.used().map(|used| Tidied {
                used,
                ..Tidied::default()
            }),
            false => thin(vault, wanted),
        };
        // What was saved stays saved; the next copy thins.
        let stopped = thinned.as_ref().is_err_and(Error::is_interrupted);
        pushed.thinned = (!stopped).then_some(thinned);
    }
    Ok(pushed)
}

/// A snapshot that somebody may want to delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletable {
    pub snapshot: Snapshot,
    /// Of its profile and computer: it stays.
    pub is_newest: bool,
    /// It cannot be restored whole, as far as that is known without reading all of it.
    pub is_damaged: bool,
}

/// All that can be read, newest first. Nothing is deleted.
pub fn deletable(vault: &Repo) -> Result<Vec<Deletable>> {
    let all = vault.snapshots()?;
    let lacking = vault.contents()?.lacking(&all)?;
    let each = all.iter().map(|snapshot| Deletable {
        is_newest: is_newest(snapshot, &all),
        is_damaged: lacking.contains(&snapshot.id),
        snapshot: snapshot.clone(),
    });
    Ok(each.collect())
}

/// Whether it is that of its profile and computer; `all` has the newest first.
fn is_newest(snapshot: &Snapshot, all: &[Snapshot]) -> bool {
    let is_same = |s: &&Snapshot| s.label == snapshot.label && s.machine == snapshot.machine;
    all.iter().find(is_same) == Some(snapshot)
}

/// Deletes snapshots that somebody chose, all of them or none; the newest of its profile and
/// computer is refused.
pub fn forget(vault: &Repo, ids: &[String]) -> Result<Vec<Snapshot>> {
    vault.exclusively(|| {
        let all = vault.snapshots()?;
        let mut chosen: Vec<&Snapshot> = Vec::new();
        for id in ids {
            let id = vault.find(id, None)?.id;
            let found = all
                .iter()
                .find(|known| known.id == id)
                .ok_or_else(|| Error::not_found(mark!("the snapshot is not there any more")))?;
            if is_newest(found, &all) {
                return Err(Error::invalid(mark!(
                    "this is the newest snapshot of its profile; it is not deleted"
                )));
            }
            if !chosen.contains(&found) {
                chosen.push(found);
            }
        }
        require_sound(vault, &chosen)?;
        vault.remove(&chosen, None)?;
        Ok(chosen.into_iter().cloned().collect())
    })
}

/// That what stays without the snapshots `gone` is whole: of what they lost nothing is asked, or they
/// would be there for ever.
fn require_sound(vault: &Repo, gone: &[&Snapshot]) -> Result<()> {
    if let Some(error) = vault.check_without(gone, false)?.errors.first() {
        return Err(Error::corrupt(mark!(
            "the vault is damaged, so nothing was deleted from it ({error})",
            error
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::vault::retention::Keep;
    use crate::base::time::TimestampMillis;

    #[test]
    fn the_newest_of_each_computer_stays_whoever_saves_more_often() {
        const DAY: i64 = 86_400_000;
        let now = TimestampMillis(1_793_500_000_000);
        let snapshot = |order: i64, label: &str, machine: &str| Snapshot {
            order,
            label: label.to_owned(),
            machine: machine.to_owned(),
            time: TimestampMillis(now.0 - (100 - order) * DAY),
            ..Snapshot::default()
        };
        let mut snapshots: Vec<Snapshot> = (10..40)
            .rev()
            .map(|order| snapshot(order, "Ann", "desk"))
            .collect();
        snapshots.push(snapshot(9, "Ann", "laptop"));
        snapshots.push(snapshot(8, "Ann", "laptop"));
        snapshots.push(snapshot(7, "Ben", "desk"));
        let mut wanted = Wanted {
            label: "Ann".to_owned(),
            former: Vec::new(),
            retention: Retention {
                keep: Keep::Last(1),
                ..Retention::default()
            },
            backups: Rules::default(),
            clock: Clock::fixed(now, 0),
        };
        let stays = |wanted: &Wanted| -> Vec<i64> {
            let judged = judged(&snapshots, wanted, "desk");
            let stays = judged.iter().filter(|judged| !judged.keep.is_empty());
            stays.map(|judged| judged.order).collect()
        };
        assert_eq!(stays(&wanted), [39, 9, 7]);
        // Renamed on this computer; what another profile saved under the name later stays.
        wanted.former.push(Former {
            name: "Ben".to_owned(),
            until: snapshots[snapshots.len() - 1].time,
        });
        assert_eq!(stays(&wanted), [39, 9]);
        wanted.former[0].until.0 -= 1;
        assert_eq!(stays(&wanted), [39, 9, 7]);
    }
}
