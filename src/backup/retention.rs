//! Which backups stay, with reasons. Anki's rules of thinning, and three of ours on top:
//! pinned ones stay, the newest verified one stays, and nothing is dropped unless a newer one was
//! verified. In a folder of backups some stay in any case: see [`judge_backups`]. Pure: deleting is
//! `catalog`'s business.

use super::entry::{KeepReason, Rules};
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Weekday};

/// What the rules look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Local time in the name; None: not one that we thin.
    pub named: Option<DateTime>,
    /// Higher was made later, whatever the clock said then.
    pub order: u64,
    pub state: State,
    pub pinned: bool,
}

/// How far a candidate can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Verified,
    Unverified,
    /// Known to be damaged: stands for no day, and keeps nothing else from being kept.
    Failed,
}

/// Why it stays; empty: to be dropped.
pub type Verdict = Vec<KeepReason>;

/// One verdict for each candidate, in their order. `today` is the local date.
#[must_use]
pub fn judge(candidates: &[Candidate], rules: &Rules, today: Date) -> Vec<Verdict> {
    let mut verdicts = vec![Verdict::new(); candidates.len()];
    let mut ours: Vec<(usize, DateTime)> = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        match candidate.named {
            None => verdicts[index].push(KeepReason::Foreign),
            Some(_) if candidate.pinned => verdicts[index].push(KeepReason::Pinned),
            Some(time) => ours.push((index, time)),
        }
        if candidate.pinned && candidate.named.is_none() {
            verdicts[index].push(KeepReason::Pinned);
        }
    }
    ours.sort_by_key(|&(index, time)| std::cmp::Reverse((time, candidates[index].order)));
    let (failed, sound): (Vec<_>, Vec<_>) = ours
        .iter()
        .partition(|(index, _)| candidates[*index].state == State::Failed);
    let kept = match rules.keep_last {
        Some(n) => keep_last(candidates, sound, n),
        None => keep_by_calendar(&sound, rules, today),
    };
    for (index, reason) in kept {
        verdicts[index].push(reason);
    }
    // A damaged one may still hold what a salvage could read: it stays as long as recent ones do.
    for (index, time) in failed {
        if is_recent(time.date(), today) {
            verdicts[index].push(KeepReason::Recent);
        }
    }
    protect(candidates, &mut verdicts);
    verdicts
}

/// So many verified backups stay, whatever the rules say.
const ALWAYS: usize = 3;
/// One of them is to be so old: what was spoilt unnoticed may be whole in it.
const OLD_DAYS: i64 = 30;

/// As [`judge`], in a folder of backups: where the rules would leave fewer than three verified ones,
/// the newest others stay as well, and so does one that is 30 days old, as soon as there can be one.
#[must_use]
pub fn judge_backups(candidates: &[Candidate], rules: &Rules, today: Date) -> Vec<Verdict> {
    let mut verdicts = judge(candidates, rules, today);
    let verified = candidates
        .iter()
        .enumerate()
        .filter(|(_, candidate)| candidate.state == State::Verified);
    let mut verified: Vec<(usize, Date)> = verified
        .filter_map(|(index, candidate)| Some((index, candidate.named?.date())))
        .collect();
    verified.sort_by_key(|&(index, _)| std::cmp::Reverse(candidates[index].order));
    let newest_first = verified.iter().map(|(index, _)| *index);
    let (stay, go): (Vec<usize>, Vec<usize>) =
        newest_first.partition(|index| !verdicts[*index].is_empty());
    for index in go.into_iter().take(ALWAYS.saturating_sub(stay.len())) {
        verdicts[index].push(KeepReason::OneOfThree);
    }
    let Ok(long_ago) = today.checked_sub(OLD_DAYS.days()) else {
        return verdicts;
    };
    let (old, young): (Vec<_>, Vec<_>) = verified
        .into_iter()
        .partition(|(_, date)| *date <= long_ago);
    let one_stays = old.iter().any(|(index, _)| !verdicts[*index].is_empty());
    if !one_stays {
        // The oldest of the others will take its place.
        let next = young.last().filter(|_| !reaches_back(rules));
        for (index, _) in old.first().into_iter().chain(next) {
            if verdicts[*index].is_empty() {
                verdicts[*index].push(KeepReason::AnOlderOne);
            }
        }
    }
    verdicts
}

/// Whether the rules by themselves come to keep one that is old. One for a month does not count: it
/// is the last of its month, and of the first month there is none before the second has ended.
fn reaches_back(rules: &Rules) -> bool {
    let days = i64::from(rules.daily) + 7 * i64::from(rules.weekly);
    rules.keep_last.is_none() && days >= 2 * OLD_DAYS
}

/// For each candidate the first day on which [`judge_backups`] drops it, when one verified backup is made
/// on each day after `today`; None: it stays for longer than `days`. What today's rules drop goes
/// today.
#[must_use]
pub fn forecast(
    candidates: &[Candidate],
    rules: &Rules,
    today: Date,
    days: u32,
) -> Vec<Option<Date>> {
    let mut goes = vec![None; candidates.len()];
    let mut alive: Vec<(Option<usize>, Candidate)> = candidates
        .iter()
        .enumerate()
        .map(|(at, candidate)| (Some(at), candidate.clone()))
        .collect();
    let mut day = today;
    for _ in 0..=days {
        if day > today {
            let newest = alive.iter().map(|(_, c)| c.order).max();
            let made = Candidate {
                named: Some(day.at(12, 0, 0, 0)),
                order: newest.unwrap_or_default() + 1,
                state: State::Verified,
                pinned: false,
            };
            alive.push((None, made));
        }
        let all: Vec<_> = alive.iter().map(|(_, c)| c.clone()).collect();
        let mut verdicts = judge_backups(&all, rules, day).into_iter();
        alive.retain(|(at, _)| {
            let stays = verdicts.next().is_none_or(|verdict| !verdict.is_empty());
            if let Some(at) = at.filter(|_| !stays) {
                goes[at] = Some(day);
            }
            stays
        });
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    goes
}

/// Those that were made last, whatever their names say.
fn keep_last(
    candidates: &[Candidate],
    mut sound: Vec<(usize, DateTime)>,
    n: u32,
) -> Vec<(usize, KeepReason)> {
    sound.sort_by_key(|&(index, time)| std::cmp::Reverse((candidates[index].order, time)));
    sound
        .iter()
        .take(n as usize)
        .map(|&(index, _)| (index, KeepReason::Count))
        .collect()
}

/// The walk from newest to oldest that Anki does.
fn keep_by_calendar(
    sound: &[(usize, DateTime)],
    rules: &Rules,
    today: Date,
) -> Vec<(usize, KeepReason)> {
    let mut kept = Vec::new();
    let mut last = today;
    let (mut daily, mut weekly, mut monthly) = (rules.daily, rules.weekly, rules.monthly);
    for &(index, time) in sound {
        let date = time.date();
        if is_recent(date, today) {
            last = date.min(today);
            kept.push((index, KeepReason::Recent));
            continue;
        }
        let (quota, reason, is_new) = if daily > 0 {
            (&mut daily, KeepReason::Daily, date < last)
        } else if weekly > 0 {
            (&mut weekly, KeepReason::Weekly, week(date) < week(last))
        } else if monthly > 0 {
            (&mut monthly, KeepReason::Monthly, month(date) < month(last))
        } else {
            break;
        };
        if is_new {
            *quota -= 1;
            last = date;
            kept.push((index, reason));
        }
    }
    kept
}

/// Today and yesterday; and the future, which is a clock that was set back.
fn is_recent(date: Date, today: Date) -> bool {
    date >= today.yesterday().unwrap_or(today)
}

/// The Monday that begins the week of `date`.
fn week(date: Date) -> Date {
    date.nth_weekday(-1, Weekday::Monday)
        .ok()
        .filter(|_| date.weekday() != Weekday::Monday)
        .unwrap_or(date)
}

fn month(date: Date) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month())
}

fn protect(candidates: &[Candidate], verdicts: &mut [Verdict]) {
    let newest_verified = candidates
        .iter()
        .enumerate()
        .filter(|(_, c)| c.state == State::Verified)
        .max_by_key(|(_, c)| c.order);
    if let Some((index, _)) = newest_verified {
        verdicts[index].push(KeepReason::NewestVerified);
    }
    let limit = newest_verified.map(|(_, c)| c.order);
    for (candidate, verdict) in candidates.iter().zip(verdicts) {
        if verdict.is_empty() && limit.is_none_or(|newest| candidate.order > newest) {
            verdict.push(KeepReason::NothingNewerVerified);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};

    fn rules(daily: u32, weekly: u32, monthly: u32) -> Rules {
        Rules {
            daily,
            weekly,
            monthly,
            ..Rules::default()
        }
    }

    /// Verified backups at these times, oldest first.
    fn verified(times: &[DateTime]) -> Vec<Candidate> {
        times
            .iter()
            .enumerate()
            .map(|(order, &time)| Candidate {
                named: Some(time),
                order: order as u64,
                state: State::Verified,
                pinned: false,
            })
            .collect()
    }

    /// The dates that stay, with the first reason of each.
    fn kept(candidates: &[Candidate], rules: &Rules, today: Date) -> Vec<(Date, KeepReason)> {
        judge(candidates, rules, today)
            .iter()
            .zip(candidates)
            .filter(|(verdict, _)| !verdict.is_empty())
            .map(|(verdict, c)| (c.named.unwrap().date(), verdict[0]))
            .collect()
    }

    #[test]
    fn a_year_of_days_becomes_days_weeks_and_months() {
        let today = date(2022, 2, 22);
        let times: Vec<_> = (0..365i64)
            .rev()
            .map(|ago| (today - ago.days()).at(12, 0, 0, 0))
            .collect();
        let kept = kept(&verified(&times), &rules(12, 10, 9), today);
        let of = |reason| -> Vec<Date> {
            let dates = kept.iter().filter(|(_, r)| *r == reason);
            dates.map(|(d, _)| *d).collect()
        };
        assert_eq!(of(KeepReason::Recent).len(), 2);
        assert_eq!(of(KeepReason::Daily).len(), 12);
        let weekly = of(KeepReason::Weekly);
        assert_eq!(weekly.len(), 10);
        assert!(weekly.iter().all(|d| d.weekday() == Weekday::Sunday));
        let monthly = of(KeepReason::Monthly);
        assert_eq!(monthly.len(), 9);
        assert!(monthly.iter().all(|d| *d == d.last_of_month()));
    }

    /// As Anki 26.9.3 did on that day: the newest one begins the week, be it of today or of yesterday.
    #[test]
    fn on_a_monday_last_week_is_another_one() {
        let monday = date(2026, 11, 30);
        let ago = |days: i64| (monday - days.days()).at(10, 0, 0, 0);
        let weekly = |days: &[i64]| {
            let times: Vec<_> = days.iter().map(|&days| ago(days)).collect();
            let kept = kept(&verified(&times), &rules(0, 1, 0), monday);
            kept.iter().map(|(day, _)| day.day()).collect::<Vec<_>>()
        };
        assert_eq!(weekly(&[3, 0]), [27, 30]);
        assert_eq!(weekly(&[9, 3, 0]), [27, 30]);
        assert_eq!(weekly(&[3, 1, 0]), [29, 30]);
        assert_eq!(weekly(&[9, 3, 1, 0]), [21, 29, 30]);
    }

    #[test]
    fn of_a_day_the_newest_stays() {
        let today = date(2022, 2, 22);
        let times = [
            datetime(2022, 2, 19, 8, 0, 0, 0),
            datetime(2022, 2, 19, 20, 0, 0, 0),
            datetime(2022, 2, 22, 8, 0, 0, 0),
        ];
        let verdicts = judge(&verified(&times), &rules(3, 2, 1), today);
        assert!(verdicts[0].is_empty());
        assert_eq!(verdicts[1], [KeepReason::Daily]);
    }

    #[test]
    fn zero_limits_still_keep_the_newest_verified() {
        let today = date(2022, 2, 22);
        let times: Vec<_> = (5..20i64)
            .rev()
            .map(|ago| (today - ago.days()).at(1, 2, 3, 0))
            .collect();
        let kept = kept(&verified(&times), &rules(0, 0, 0), today);
        assert_eq!(kept, [(date(2022, 2, 17), KeepReason::NewestVerified)]);
    }

    #[test]
    fn pinned_and_foreign_stay_and_use_nothing_up() {
        let today = date(2022, 2, 22);
        let mut all = verified(&[
            datetime(2022, 1, 10, 0, 0, 0, 0),
            datetime(2022, 1, 12, 0, 0, 0, 0),
            datetime(2022, 1, 14, 0, 0, 0, 0),
            datetime(2022, 2, 22, 0, 0, 0, 0),
        ]);
        all[1].pinned = true;
        all[2].named = None;
        let verdicts = judge(&all, &rules(1, 0, 0), today);
        assert_eq!(verdicts[0], [KeepReason::Daily]);
        assert_eq!(verdicts[1], [KeepReason::Pinned]);
        assert_eq!(verdicts[2], [KeepReason::Foreign]);
    }

    #[test]
    fn nothing_goes_before_something_newer_is_verified() {
        let today = date(2022, 2, 22);
        let mut all = verified(&[
            datetime(2021, 1, 10, 0, 0, 0, 0),
            datetime(2021, 1, 10, 5, 0, 0, 0),
            datetime(2021, 1, 10, 9, 0, 0, 0),
        ]);
        all[2].state = State::Failed;
        let verdicts = judge(&all, &rules(0, 0, 0), today);
        assert!(verdicts[0].is_empty());
        assert_eq!(verdicts[1], [KeepReason::NewestVerified]);
        assert_eq!(verdicts[2], [KeepReason::NothingNewerVerified]);
        for candidate in &mut all {
            candidate.state = State::Unverified;
        }
        let verdicts = judge(&all, &rules(0, 0, 0), today);
        assert!(
            verdicts
                .iter()
                .all(|v| v == &[KeepReason::NothingNewerVerified])
        );
    }

    #[test]
    fn a_damaged_one_does_not_stand_for_its_day() {
        let today = date(2022, 2, 22);
        let mut all = verified(&[
            datetime(2022, 1, 10, 8, 0, 0, 0),
            datetime(2022, 1, 10, 9, 0, 0, 0),
            datetime(2022, 2, 22, 0, 0, 0, 0),
        ]);
        all[1].state = State::Failed;
        let verdicts = judge(&all, &rules(1, 0, 0), today);
        assert_eq!(verdicts[0], [KeepReason::Daily]);
        assert!(verdicts[1].is_empty());
    }

    #[test]
    fn a_clock_that_was_set_back_drops_nothing_of_the_future() {
        let today = date(2022, 2, 22);
        let mut all = verified(&[
            datetime(2031, 5, 5, 0, 0, 0, 0),
            datetime(2022, 2, 22, 9, 0, 0, 0),
        ]);
        all[0].order = 0;
        let verdicts = judge(&all, &rules(0, 0, 0), today);
        assert_eq!(verdicts[0], [KeepReason::Recent]);
        assert!(verdicts[1].contains(&KeepReason::NewestVerified));
    }

    #[test]
    fn the_last_n() {
        let today = date(2022, 2, 22);
        let times: Vec<_> = (0..10i64)
            .rev()
            .map(|ago| (today - (ago * 40).days()).at(1, 2, 3, 0))
            .collect();
        let count = Rules {
            keep_last: Some(3),
            ..Rules::default()
        };
        let verdicts = judge(&verified(&times), &count, today);
        let stay: Vec<_> = verdicts.iter().map(|v| !v.is_empty()).collect();
        assert_eq!(stay[..7], [false; 7]);
        assert_eq!(stay[7..], [true; 3]);
        let none = Rules {
            keep_last: Some(0),
            ..Rules::default()
        };
        let verdicts = judge(&verified(&times), &none, today);
        assert_eq!(verdicts.iter().filter(|v| !v.is_empty()).count(), 1);
    }

    /// The last one of a month is there only when it has ended.
    #[test]
    fn rules_that_keep_one_for_a_month_have_one_of_a_month_ago_from_the_first_one_on() {
        let begin = date(2022, 1, 1);
        let rules = rules(0, 0, 3);
        let mut alive: Vec<Candidate> = vec![];
        for day in 0..200i64 {
            let today = begin + day.days();
            alive.push(Candidate {
                named: Some(today.at(12, 0, 0, 0)),
                order: alive.last().map_or(0, |last| last.order + 1),
                state: State::Verified,
                pinned: false,
            });
            let mut verdicts = judge_backups(&alive, &rules, today).into_iter();
            alive.retain(|_| verdicts.next().is_some_and(|verdict| !verdict.is_empty()));
            let oldest = alive[0].named.unwrap().date();
            let age = i64::from((today - oldest).get_days());
            assert!(age >= day.min(OLD_DAYS), "{age} on day {day}");
            assert!(alive.len() <= 7, "{}", alive.len());
        }
    }

    #[test]
    fn a_forecast_tells_the_day_that_thinning_then_drops() {
        let today = date(2022, 2, 22);
        let mut all = verified(&[
            datetime(2022, 1, 3, 8, 0, 0, 0),
            datetime(2022, 2, 21, 8, 0, 0, 0),
            datetime(2022, 2, 21, 9, 0, 0, 0),
            datetime(2022, 2, 22, 8, 0, 0, 0),
        ]);
        all[0].pinned = true;
        let goes = forecast(&all, &rules(2, 0, 0), today, 30);
        // Recent until the day after tomorrow; then one a day for two days.
        let want = [
            None,
            Some(date(2022, 2, 23)),
            Some(date(2022, 2, 25)),
            Some(date(2022, 2, 26)),
        ];
        assert_eq!(goes, want);
        let verdicts = judge(
            &verified(&[datetime(2022, 1, 3, 8, 0, 0, 0)]),
            &rules(0, 0, 0),
            today,
        );
        assert!(!verdicts[0].is_empty());
        let two = verified(&[
            datetime(2022, 1, 3, 8, 0, 0, 0),
            datetime(2022, 1, 3, 9, 0, 0, 0),
        ]);
        let goes = forecast(&two, &rules(0, 0, 0), today, 3);
        let until_the_third = Some(date(2022, 2, 24));
        assert_eq!(goes, [until_the_third, None], "one of a month ago stays");
    }

    #[test]
    fn three_verified_ones_stay_whatever_the_rules_say() {
        let today = date(2022, 2, 22);
        let times: Vec<_> = (0..6)
            .map(|hour| datetime(2022, 1, 3, hour, 0, 0, 0))
            .collect();
        let mut all = verified(&times);
        all[4].state = State::Unverified;
        all[3].state = State::Failed;
        let count = Rules {
            keep_last: Some(1),
            ..Rules::default()
        };
        for rules in [rules(0, 0, 0), count] {
            let verdicts = judge_backups(&all, &rules, today);
            assert!(verdicts[5].contains(&KeepReason::NewestVerified));
            for at in [1, 2] {
                assert_eq!(verdicts[at], [KeepReason::OneOfThree], "{at} {rules:?}");
            }
            for at in [0, 3, 4] {
                assert!(verdicts[at].is_empty(), "{at} {rules:?}");
            }
        }
        // Where the rules leave as many, they alone count.
        let rules = rules(12, 10, 9);
        let days: Vec<_> = (0..365i64)
            .rev()
            .map(|ago| (today - ago.days()).at(12, 0, 0, 0))
            .collect();
        let year = verified(&days);
        for made in [1, 5, 20, 40, 365] {
            let all = &year[365 - made..];
            assert_eq!(judge_backups(all, &rules, today), judge(all, &rules, today));
        }
    }

    /// With a backup each hour, of which the last few stay.
    #[test]
    fn one_of_a_month_ago_is_always_there_and_never_many() {
        let begin = date(2022, 1, 1);
        let count = Rules {
            keep_last: Some(5),
            ..Rules::default()
        };
        let mut alive: Vec<Candidate> = vec![];
        for day in 0..200i64 {
            let today = begin + day.days();
            for hour in 0..24 {
                alive.push(Candidate {
                    named: Some(today.at(hour, 0, 0, 0)),
                    order: alive.last().map_or(0, |last| last.order + 1),
                    state: State::Verified,
                    pinned: false,
                });
                let mut verdicts = judge_backups(&alive, &count, today).into_iter();
                alive.retain(|_| verdicts.next().is_some_and(|verdict| !verdict.is_empty()));
            }
            let oldest = alive[0].named.unwrap().date();
            let age = i64::from((today - oldest).get_days());
            assert!(alive.len() <= 7, "{}", alive.len());
            assert!(age >= day.min(OLD_DAYS), "{age} on day {day}");
            assert!(age <= 2 * OLD_DAYS, "{age} on day {day}");
        }
    }

    #[test]
    fn weeks_begin_on_monday() {
        assert_eq!(week(date(2022, 2, 20)), date(2022, 2, 14));
        assert_eq!(week(date(2022, 2, 21)), date(2022, 2, 21));
        assert_eq!(week(date(2022, 2, 22)), date(2022, 2, 21));
    }
}
