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
        .map(|snapshot| Candidate {
            named: (snapshot.label == label).then(|| clock.local(snapshot.time).datetime()),
            order: snapshot.time.0.unsigned_abs(),
            state: State::Verified,
            pinned: false,
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
        let chosen = vault.find(id, None)?;
        let newest = vault.find("latest", Some(&chosen.label))?;
        if newest.id == chosen.id {
            return Err(Error::invalid(
                "this is the newest snapshot of its profile; it is not deleted",
            ));
        }
        delete(vault, &[&chosen])?;
        Ok(chosen)
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
