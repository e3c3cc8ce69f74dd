//! What stays in the vault. The rules are those of the backups folder; nothing is deleted from a
//! vault that is not sound, and the newest snapshot of a profile stays whatever they say.

use super::repo::{Repo, Snapshot};
use crate::backup::entry::{KeepReason, Rules};
use crate::backup::retention::{Candidate, State, judge};
use crate::base::time::Clock;
use crate::base::{Error, Result};

/// What was decided about each snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tidied {
    pub kept: Vec<(Snapshot, Vec<KeepReason>)>,
    pub dropped: Vec<Snapshot>,
}

/// Which snapshots of the profile `label` the rules keep. Those of others are kept.
pub fn plan(vault: &Repo, label: &str, rules: &Rules, clock: &Clock) -> Result<Tidied> {
    let snapshots = vault.snapshots()?;
    let candidates: Vec<Candidate> = snapshots
        .iter()
        .map(|snapshot| {
            let is_of_profile = snapshot.label == label;
            Candidate {
                named: is_of_profile.then(|| clock.local(snapshot.time).datetime()),
                order: u64::try_from(snapshot.order).unwrap_or(0),
                // A later one of another profile is no reason to drop one of this.
                state: if is_of_profile {
                    State::Verified
                } else {
                    State::Unverified
                },
                pinned: false,
            }
        })
        .collect();
    let verdicts = judge(&candidates, rules, clock.local(clock.now()).date());
    let mut tidied = Tidied::default();
    for (snapshot, keep) in snapshots.into_iter().zip(verdicts) {
        if keep.is_empty() {
            tidied.dropped.push(snapshot);
        } else {
            tidied.kept.push((snapshot, keep));
        }
    }
    Ok(tidied)
}

/// Deletes what the rules do not keep.
pub fn thin(vault: &Repo, label: &str, rules: &Rules, clock: &Clock) -> Result<Tidied> {
    vault.exclusively(|| {
        let tidied = plan(vault, label, rules, clock)?;
        let dropped: Vec<&Snapshot> = tidied.dropped.iter().collect();
        delete(vault, &dropped)?;
        Ok(tidied)
    })
}

/// Deletes one snapshot that somebody chose; the newest of its profile is refused.
pub fn forget(vault: &Repo, id: &str) -> Result<Snapshot> {
    vault.exclusively(|| {
        let id = vault.find(id, None)?.id;
        let all = vault.snapshots()?;
        let chosen = all
            .iter()
            .find(|known| known.id == id)
            .ok_or_else(|| Error::not_found("the snapshot is not there any more"))?;
        let newest = all.iter().find(|known| known.label == chosen.label);
        if newest == Some(chosen) {
            return Err(Error::invalid(
                "this is the newest snapshot of its profile; it is not deleted",
            ));
        }
        delete(vault, &[chosen])?;
        Ok(chosen.clone())
    })
}

fn delete(vault: &Repo, dropped: &[&Snapshot]) -> Result<()> {
    if dropped.is_empty() {
        return Ok(());
    }
    if let Some(error) = vault.check(false)?.errors.first() {
        return Err(Error::corrupt(format!(
            "the vault is damaged, so nothing was deleted from it ({error})"
        )));
    }
    vault.remove(dropped)
}
