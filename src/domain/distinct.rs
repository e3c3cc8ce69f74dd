//! Names each of which may be there once, case aside: what comes later gets a suffix, or several.

use std::collections::{BTreeMap, HashMap, HashSet};
use unicase::UniCase;

/// The names that are taken.
#[derive(Debug, Default)]
pub struct DistinctNames {
    taken: HashSet<UniCase<String>>,
    /// How many suffixes the last of the same name needed; with fewer, all are taken. Without it,
    /// thousands of namesakes would be compared for hours.
    suffixes: HashMap<UniCase<String>, usize>,
}

impl DistinctNames {
    /// Appends `suffix` until the name is new, and takes it. True when it had to.
    pub fn take(&mut self, name: &mut String, suffix: &str) -> bool {
        let asked = UniCase::new(name.clone());
        let needed = self.suffixes.entry(asked).or_default();
        name.push_str(&suffix.repeat(*needed));
        while !self.taken.insert(UniCase::new(name.clone())) {
            name.push_str(suffix);
            *needed += 1;
        }
        *needed > 0
    }
}

/// Free names among those of a collection, which is asked for each; a name that is taken gets a
/// `+`, or several. What was found out of namesakes is not asked again: of thousands, each would
/// ask for all before it.
#[derive(Debug, Default)]
pub struct FreeNames {
    /// By name without its `+`: from which number of them on up to which all are taken.
    taken: HashMap<UniCase<String>, Runs>,
}

impl FreeNames {
    /// `name`, with the fewest `+` more that `is_taken` says no to. It counts as taken from now on.
    /// Fails only as `is_taken` does.
    pub fn take<E>(
        &mut self,
        name: &str,
        mut is_taken: impl FnMut(&str) -> Result<bool, E>,
    ) -> Result<String, E> {
        let (stem, least) = without_pluses(name);
        let known = self.taken.entry(stem).or_default();
        let stem = name.trim_end_matches('+');
        let mut count = least;
        loop {
            if let Some((_, end)) = known.around(count) {
                count = end;
            }
            let free = format!("{stem}{}", "+".repeat(count));
            let taken = is_taken(&free)?;
            known.add(count);
            if !taken {
                return Ok(free);
            }
        }
    }

    /// `name` is not taken any more, or by the one that [`Self::take`] is asked for next.
    pub fn leave(&mut self, name: &str) {
        let (stem, count) = without_pluses(name);
        if let Some(known) = self.taken.get_mut(&stem) {
            known.remove(count);
        }
    }
}

/// The name without the `+` at its end, and how many these are.
fn without_pluses(name: &str) -> (UniCase<String>, usize) {
    let stem = name.trim_end_matches('+');
    (UniCase::new(stem.to_owned()), name.len() - stem.len())
}

/// Numbers, as runs of those that follow each other: the first of each, and the one behind its last.
#[derive(Debug, Default)]
struct Runs(BTreeMap<usize, usize>);

impl Runs {
    /// The run that `number` is in.
    fn around(&self, number: usize) -> Option<(usize, usize)> {
        let (&first, &end) = self.0.range(..=number).next_back()?;
        (number < end).then_some((first, end))
    }

    /// Adds a number that is not there.
    fn add(&mut self, number: usize) {
        let before = number.checked_sub(1).and_then(|last| self.around(last));
        let first = before.map_or(number, |(first, _)| first);
        let behind = self.0.remove(&(number + 1));
        self.0.insert(first, behind.unwrap_or(number + 1));
    }

    fn remove(&mut self, number: usize) {
        let Some((first, end)) = self.around(number) else {
            return;
        };
        self.0.remove(&first);
        for (first, end) in [(first, number), (number + 1, end)] {
            if first < end {
                self.0.insert(first, end);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_names_are_those_that_asking_one_by_one_would_find() {
        let start = ["a", "A+", "b++", "+"];
        let wanted = [
            "a", "a+", "a++", "A", "b", "b", "b", "b+", "c+++", "c", "c", "", "+", "c++", "c",
        ];
        let key = |name: &str| UniCase::new(name.to_owned());
        let mut simple: HashSet<_> = start.map(key).into();
        let mut there = simple.clone();
        let mut names = FreeNames::default();
        for name in wanted {
            let mut expected = name.to_owned();
            while !simple.insert(key(&expected)) {
                expected.push('+');
            }
            let taken = |name: &str| Ok::<_, ()>(there.contains(&key(name)));
            let found = names.take(name, taken).unwrap();
            assert_eq!(found, expected);
            there.insert(key(&found));
        }
    }

    /// Each gets another name, in any order, what it was called free from then on.
    #[test]
    fn names_that_were_left_are_found_again_and_little_is_asked_for() {
        let key = |name: &str| UniCase::new(name.to_owned());
        let called = |count: usize| format!("f{}", "+".repeat(count));
        for step in [1, 7, 599] {
            let mut there: HashSet<_> = (0..600).map(|n| key(&called(n))).collect();
            let mut names = FreeNames::default();
            let mut asked = 0;
            for n in 0..600 {
                let old = called(n * step % 600);
                let wanted = called(n % 5);
                there.remove(&key(&old));
                let mut expected = wanted.clone();
                while there.contains(&key(&expected)) {
                    expected.push('+');
                }
                names.leave(&old);
                let found = names.take(&wanted, |name| {
                    asked += 1;
                    Ok::<_, ()>(there.contains(&key(name)))
                });
                assert_eq!(found.unwrap(), expected);
                there.insert(key(&expected));
            }
            assert!(asked <= 3 * 600, "{asked}");
        }
    }

    #[test]
    fn of_namesakes_nothing_is_asked_twice() {
        let mut names = FreeNames::default();
        let mut asked = 0;
        // As many are there already, and each comes with another number of `+`.
        for count in 0..3000 {
            let found = names.take(&format!("F{}", "+".repeat(count)), |name| {
                asked += 1;
                Ok::<_, ()>(name.len() <= 3000)
            });
            assert_eq!(found.unwrap().len(), 3001 + count);
        }
        assert_eq!(asked, 3001 + 2999);
    }

    #[test]
    fn later_ones_get_suffixes() {
        let mut names = DistinctNames::default();
        let taken: Vec<String> = ["a", "A", "a+", "a", "b", "A+", "a"]
            .into_iter()
            .map(|name| {
                let mut name = name.to_owned();
                names.take(&mut name, "+");
                name
            })
            .collect();
        assert_eq!(taken, ["a", "A+", "a++", "a+++", "b", "A++++", "a+++++"]);
    }

    #[test]
    fn thousands_of_namesakes_are_told_apart() {
        let mut names = DistinctNames::default();
        for count in 0..5000 {
            let mut name = "F".to_owned();
            assert_eq!(names.take(&mut name, "_"), count > 0);
            assert_eq!(name.len(), count + 1);
        }
    }
}
