//! What stays in one vault: the rules of its place, and the room that it may take. Pure: `tidy`
//! measures and deletes.
//!
//! What the rules drop goes first. If what is left takes more than the quota, the oldest snapshots of
//! the profile go as well, one by one, and never the newest.

use crate::backup::entry::{KeepReason, Rules};
use crate::t;
use serde::{Deserialize, Serialize};

/// Which snapshots are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    #[default]
    All,
    /// By the rules of the backups folder.
    LikeBackups,
    /// Some days, weeks and months.
    Calendar {
        daily: u32,
        weekly: u32,
        monthly: u32,
    },
    /// So many that were made last.
    Last(u32),
}

impl Keep {
    /// As rules; those of the backups folder are `backups`. None: everything stays.
    #[must_use]
    pub fn rules(self, backups: &Rules) -> Option<Rules> {
        let own = Rules::default();
        match self {
            Self::All => None,
            Self::LikeBackups => Some(backups.clone()),
            Self::Calendar {
                daily,
                weekly,
                monthly,
            } => Some(Rules {
                daily,
                weekly,
                monthly,
                ..own
            }),
            Self::Last(n) => Some(Rules {
                keep_last: Some(n),
                ..own
            }),
        }
    }
}

/// What stays in one vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Retention {
    pub keep: Keep,
    /// Bytes that all of the vault may take; None: as many as it needs.
    pub quota: Option<u64>,
}

/// A snapshot of which the rules have been asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Higher was made later.
    pub order: i64,
    /// Why it stays; empty: the rules drop it.
    pub keep: Vec<KeepReason>,
}

impl Judged {
    /// Whatever takes how much: other profiles', pinned ones and the newest that is known to be sound.
    fn always_stays(&self) -> bool {
        self.keep.iter().any(|reason| match reason {
            KeepReason::Foreign
            | KeepReason::Pinned
            | KeepReason::NewestVerified
            | KeepReason::NothingNewerVerified
            | KeepReason::OneOfThree
            | KeepReason::AnOlderOne
            | KeepReason::NotAnswered => true,
            KeepReason::Recent
            | KeepReason::Daily
            | KeepReason::Weekly
            | KeepReason::Monthly
            | KeepReason::Count => false,
        })
    }
}

/// Why a snapshot goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The rules do not keep it.
    Rules,
    /// It is the oldest, and there is not room for all.
    Quota,
}

impl Why {
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Rules => t!("Not kept by the rules"),
            Self::Quota => t!("Oldest, to stay within the quota"),
        }
    }
}

/// Bytes in a vault.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Weights {
    /// Of all its files.
    pub used: u64,
    /// Of which no snapshot needs these.
    pub waste: u64,
    /// What goes with each snapshot, when those before it in [`order`] are gone.
    pub own: Vec<u64>,
}

/// What goes, and how much is left.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Places in the list that was given.
    pub goes: Vec<(usize, Why)>,
    /// Bytes that will be in use, about.
    pub after: u64,
    /// That is more than the quota, and nothing more may go.
    pub above: bool,
}

/// The places of all that may go, first what goes first.
#[must_use]
pub fn order(snapshots: &[Judged]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..snapshots.len())
        .filter(|at| !snapshots[*at].always_stays())
        .collect();
    order.sort_by_key(|at| {
        let snapshot = &snapshots[*at];
        (!snapshot.keep.is_empty(), snapshot.order)
    });
    order
}

/// See the module header.
#[must_use]
pub fn plan(snapshots: &[Judged], weights: &Weights, quota: Option<u64>) -> Plan {
    let quota = quota.unwrap_or(u64::MAX);
    let mut plan = Plan {
        after: weights.used.saturating_sub(weights.waste),
        ..Plan::default()
    };
    for at in order(snapshots) {
        let why = match snapshots[at].keep.is_empty() {
            true => Why::Rules,
            false if plan.after > quota => Why::Quota,
            false => break,
        };
        let own = weights.own.get(at).copied().unwrap_or_default();
        plan.after = plan.after.saturating_sub(own);
        plan.goes.push((at, why));
    }
    plan.above = plan.after > quota;
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::retention::{Candidate, State, judge};
    use jiff::ToSpan as _;
    use jiff::civil::date;
    use proptest::prelude::*;

    /// Of these, newest first, each with what goes with it.
    fn judged(keep: &[&[KeepReason]]) -> Vec<Judged> {
        let count = keep.len() as i64;
        let orders = (1..=count).rev();
        let both = orders.zip(keep);
        both.map(|(order, keep)| Judged {
            order,
            keep: keep.to_vec(),
        })
        .collect()
    }

    fn weights(used: u64, waste: u64, own: &[u64]) -> Weights {
        Weights {
            used,
            waste,
            own: own.to_vec(),
        }
    }

    const NEWEST: &[KeepReason] = &[KeepReason::Recent, KeepReason::NewestVerified];
    const DAILY: &[KeepReason] = &[KeepReason::Daily];
    const NONE: &[KeepReason] = &[];

    #[test]
    fn the_rules_come_first_and_then_the_oldest() {
        let all = judged(&[NEWEST, DAILY, NONE, DAILY, DAILY]);
        let weights = weights(1000, 0, &[500, 100, 50, 70, 30]);
        let goes = |quota| plan(&all, &weights, quota).goes;
        assert_eq!(goes(None), [(2, Why::Rules)]);
        assert_eq!(goes(Some(950)), [(2, Why::Rules)]);
        assert_eq!(goes(Some(949)), [(2, Why::Rules), (4, Why::Quota)]);
        let after = plan(&all, &weights, Some(900));
        assert_eq!(after.goes[1..], [(4, Why::Quota), (3, Why::Quota)]);
        assert_eq!((after.after, after.above), (850, false));
    }

    #[test]
    fn what_nobody_needs_is_no_reason_to_drop_one() {
        let all = judged(&[NEWEST, DAILY]);
        let full = plan(&all, &weights(1000, 300, &[600, 100]), Some(700));
        assert_eq!((full.goes.len(), full.after, full.above), (0, 700, false));
    }

    #[test]
    fn the_newest_stays_and_that_it_is_too_large_is_told() {
        let all = judged(&[NEWEST, DAILY, &[KeepReason::Foreign]]);
        let plan = plan(&all, &weights(1000, 0, &[600, 100, 300]), Some(10));
        assert_eq!(plan.goes, [(1, Why::Quota)]);
        assert_eq!((plan.after, plan.above), (900, true));
    }

    #[test]
    fn without_snapshots_there_is_nothing_to_do() {
        assert_eq!(plan(&[], &weights(0, 0, &[]), Some(0)), Plan::default());
    }

    prop_compose! {
        fn anything()(
            days in prop::collection::vec((0_i64..400, any::<bool>(), 0_u64..1000), 1..30),
            daily in 0_u32..4, weekly in 0_u32..4, last in prop::option::of(0_u32..5),
            quota in prop::option::of(0_u64..20_000), waste in 0_u64..500,
        ) -> (Vec<Judged>, Vec<bool>, Weights, Option<u64>) {
            let today = date(2026, 3, 1);
            let candidates: Vec<Candidate> = days.iter().enumerate().map(|(n, (ago, ours, _))| Candidate {
                named: ours.then(|| (today - ago.days()).at(12, 0, 0, 0)),
                order: n as u64,
                state: if *ours { State::Verified } else { State::Unverified },
                pinned: false,
            }).collect();
            let rules = Rules { daily, weekly, monthly: 0, keep_last: last, ..Rules::default() };
            let verdicts = judge(&candidates, &rules, today);
            let judged = verdicts.into_iter().enumerate()
                .map(|(n, keep)| Judged { order: n as i64, keep }).collect();
            let own: Vec<u64> = days.iter().map(|day| day.2).collect();
            let used = own.iter().sum::<u64>() + waste;
            let ours = days.iter().map(|day| day.1).collect();
            (judged, ours, Weights { used, waste, own }, quota)
        }
    }

    proptest! {
        #[test]
        fn the_newest_and_other_profiles_always_stay((judged, ours, weights, quota) in anything()) {
            let plan = plan(&judged, &weights, quota);
            let newest = ours.iter().rposition(|ours| *ours);
            for (at, why) in &plan.goes {
                prop_assert!(ours[*at]);
                prop_assert_ne!(Some(*at), newest);
                prop_assert_eq!(*why == Why::Rules, judged[*at].keep.is_empty());
            }
            // What goes for the quota is older than what stays, and no more goes than has to.
            let gone = |at: usize| plan.goes.iter().any(|(gone, _)| *gone == at);
            let for_quota: Vec<usize> =
                plan.goes.iter().filter(|(_, why)| *why == Why::Quota).map(|(at, _)| *at).collect();
            for (at, ours) in ours.iter().enumerate() {
                if *ours && !gone(at) && Some(at) != newest {
                    prop_assert!(for_quota.iter().all(|gone| *gone < at));
                    prop_assert!(!plan.above);
                }
            }
            if let (Some(last), Some(quota)) = (for_quota.last(), quota) {
                prop_assert!(plan.after + weights.own[*last] > quota);
            }
            prop_assert_eq!(plan.above, quota.is_some_and(|quota| plan.after > quota));
        }
    }
}
