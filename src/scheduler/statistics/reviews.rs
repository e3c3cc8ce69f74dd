//! Counts of the review log: today, reviews by day, hours, buttons, true retention.

use super::days::DayTable;
use super::{DAY_MILLIS, DAY_SECS, StatsMoment};
use crate::domain::revlog::RevlogKind;
use crate::domain::stats::{
    Buttons, ByKind, Graphs, Hour, MATURE_DAYS, PerRange, Retention, ReviewRow, Reviews, Today,
    TrueRetention,
};

/// Days of the month, the three months and the year that hours and buttons are about.
const RANGES: [i64; 3] = [30, 90, 365];
/// Days back to which today, yesterday, the week, the month and the year of true retention reach.
const RETENTION_RANGES: [i64; 5] = [1, 2, 7, 30, 365];

/// Running counts; see the module header.
#[derive(Debug, Clone)]
pub struct ReviewTally {
    next_day_secs: i64,
    next_day_millis: i64,
    today_starts: i64,
    offset_secs_east: i64,
    range_starts: [i64; 3],
    retention_starts: [i64; 5],
    today: Today,
    counts: DayTable<[u32; 5]>,
    times: DayTable<[u64; 5]>,
    /// Each row is counted in the smallest range it is in; summed up at the end.
    hours: [[Hour; 24]; 4],
    buttons: [Buttons; 4],
    /// As `hours`: today, yesterday, and what lies between each range and the one before.
    retention: [Retention; 6],
}

impl ReviewTally {
    #[must_use]
    pub fn new(moment: &StatsMoment) -> Self {
        Self {
            next_day_secs: moment.timing.next_day_at.0,
            next_day_millis: moment.days_back_millis(0),
            today_starts: moment.days_back_millis(1),
            offset_secs_east: -i64::from(moment.offset_mins_west) * 60,
            range_starts: RANGES.map(|days| moment.days_back_millis(days)),
            retention_starts: RETENTION_RANGES.map(|days| moment.days_back_millis(days)),
            today: Today::default(),
            counts: DayTable::default(),
            times: DayTable::default(),
            hours: Default::default(),
            buttons: Default::default(),
            retention: Default::default(),
        }
    }

    /// When the log must be read from for the last `days` days (0: all of it), in milliseconds.
    #[must_use]
    pub fn first_row(moment: &StatsMoment, days: u32) -> i64 {
        if days == 0 {
            i64::MIN
        } else {
            moment.days_back_millis(i64::from(days) + 1)
        }
    }

    pub fn add(&mut self, row: &ReviewRow) {
        let mature = row.last_interval >= MATURE_DAYS.cast_signed();
        if row.at < self.next_day_millis {
            self.add_retention(row, mature);
        }
        let kind = match row.kind {
            RevlogKind::Manual | RevlogKind::Rescheduled => return,
            RevlogKind::Learning => 0,
            RevlogKind::Relearning => 1,
            RevlogKind::Review if !mature => 2,
            RevlogKind::Review => 3,
            RevlogKind::Filtered => 4,
        };
        if row.at >= self.today_starts {
            self.add_today(row, mature);
        }
        let secs = row.at / 1000;
        let day = (secs - self.next_day_secs) / DAY_SECS;
        self.counts.at(day)[kind] += 1;
        self.times.at(day)[kind] += u64::from(row.taken_millis);
        let range = first_reached(&self.range_starts, row.at);
        if kind != 4 {
            let hour = ((secs + self.offset_secs_east) / 3600).rem_euclid(24);
            let hour = &mut self.hours[range][usize::try_from(hour).unwrap_or_default()];
            hour.total += 1;
            hour.correct += u32::from(row.button > 1);
        }
        if let 1..=4 = row.button {
            let of = &mut self.buttons[range];
            let of = match kind {
                2 => &mut of.young,
                3 => &mut of.mature,
                _ => &mut of.learning,
            };
            of[usize::from(row.button) - 1] += 1;
        }
    }

    fn add_today(&mut self, row: &ReviewRow, mature: bool) {
        let today = &mut self.today;
        let correct = u32::from(row.button > 1);
        today.answer_count += 1;
        today.answer_millis += u64::from(row.taken_millis);
        today.correct_count += correct;
        if mature {
            today.mature_count += 1;
            today.mature_correct += correct;
        }
        match row.kind {
            RevlogKind::Review => today.review_count += 1,
            RevlogKind::Relearning => today.relearn_count += 1,
            RevlogKind::Filtered => today.early_review_count += 1,
            _ => today.learn_count += 1,
        }
    }

    /// Counts answers to cards that had an interval of a day or more, without previews.
    fn add_retention(&mut self, row: &ReviewRow, mature: bool) {
        let had_days = row.last_interval >= 1 || i64::from(row.last_interval) <= -DAY_MILLIS / 1000;
        let due = row.kind == RevlogKind::Review || had_days;
        let preview = row.kind == RevlogKind::Filtered && row.ease_factor == 0;
        if row.button == 0 || !due || preview {
            return;
        }
        let of = &mut self.retention[first_reached(&self.retention_starts, row.at)];
        *match (mature, row.button > 1) {
            (false, true) => &mut of.young_passed,
            (false, false) => &mut of.young_failed,
            (true, true) => &mut of.mature_passed,
            (true, false) => &mut of.mature_failed,
        } += 1;
    }

    /// Puts what was counted into `graphs`.
    pub fn finish(self, graphs: &mut Graphs) {
        graphs.today = self.today;
        graphs.reviews = Reviews {
            count: self.counts.into_map(|n| by_kind(n.map(u64::from))),
            // A day with answers that took no time is a day all the same.
            time: Default::default(),
        };
        let mut times = self.times.into_map(by_kind);
        for day in graphs.reviews.count.keys() {
            let time = times.remove(day).unwrap_or_default();
            graphs.reviews.time.insert(*day, time);
        }
        graphs.hours = summed_up(self.hours, |all, more| {
            for (all, more) in all.iter_mut().zip(more) {
                all.total += more.total;
                all.correct += more.correct;
            }
        });
        graphs.buttons = summed_up(self.buttons, |all, more| {
            for (all, more) in [
                (&mut all.learning, more.learning),
                (&mut all.young, more.young),
                (&mut all.mature, more.mature),
            ] {
                for (all, more) in all.iter_mut().zip(more) {
                    *all += more;
                }
            }
        });
        graphs.true_retention = retention(self.retention);
    }
}

/// Index of the first start, the newest first, that `at` is not before.
fn first_reached(starts: &[i64], at: i64) -> usize {
    starts
        .iter()
        .position(|start| at >= *start)
        .unwrap_or(starts.len())
}

fn by_kind([learn, relearn, young, mature, filtered]: [u64; 5]) -> ByKind {
    ByKind {
        learn,
        relearn,
        young,
        mature,
        filtered,
    }
}

/// Each range with what is in the smaller ones.
fn summed_up<T: Copy>(parts: [T; 4], add: impl Fn(&mut T, &T)) -> PerRange<T> {
    let mut sums = parts;
    for i in 1..sums.len() {
        let smaller = sums[i - 1];
        add(&mut sums[i], &smaller);
    }
    let [one_month, three_months, one_year, all_time] = sums;
    PerRange {
        one_month,
        three_months,
        one_year,
        all_time,
    }
}

fn retention([today, yesterday, week, month, year, before]: [Retention; 6]) -> TrueRetention {
    let plus = |a: Retention, b: Retention| Retention {
        young_passed: a.young_passed + b.young_passed,
        young_failed: a.young_failed + b.young_failed,
        mature_passed: a.mature_passed + b.mature_passed,
        mature_failed: a.mature_failed + b.mature_failed,
    };
    let week = plus(week, plus(today, yesterday));
    let month = plus(month, week);
    let year = plus(year, month);
    TrueRetention {
        today,
        yesterday,
        week,
        month,
        year,
        all_time: plus(before, year),
    }
}
