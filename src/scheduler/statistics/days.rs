//! A table by day: an array for the years around today, a map for what a wrong clock left.

use std::collections::BTreeMap;

/// 200 years back and a year ahead.
const PAST: i64 = 73_000;
const AHEAD: i64 = 366;

/// One value a day; today is 0.
#[derive(Debug, Clone, Default)]
pub(super) struct DayTable<T> {
    /// By days before `AHEAD`.
    near: Vec<T>,
    far: BTreeMap<i64, T>,
}

impl<T: Clone + Default + PartialEq> DayTable<T> {
    pub(super) fn at(&mut self, day: i64) -> &mut T {
        if !(-PAST..=AHEAD).contains(&day) {
            return self.far.entry(day).or_default();
        }
        let index = usize::try_from(AHEAD - day).unwrap_or_default();
        if index >= self.near.len() {
            self.near.resize(index + 1, T::default());
        }
        &mut self.near[index]
    }

    /// The days that have a value, and it. Days that no `i32` holds are left out.
    pub(super) fn into_map<V>(self, value: impl Fn(T) -> V) -> BTreeMap<i32, V> {
        let nothing = T::default();
        let near = self.near.into_iter().zip(0_i64..);
        near.map(|(found, index)| (AHEAD - index, found))
            .chain(self.far)
            .filter(|(_, found)| *found != nothing)
            .filter_map(|(day, found)| Some((i32::try_from(day).ok()?, value(found))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_far_days_are_kept() {
        let mut table = DayTable::<u32>::default();
        for day in [0, 0, -1, 5, -100_000, 400, i64::MAX] {
            *table.at(day) += 1;
        }
        let map = table.into_map(|n| n);
        let expected = [(-100_000, 1), (-1, 1), (0, 2), (5, 1), (400, 1)];
        assert_eq!(map, expected.into_iter().collect());
    }
}
