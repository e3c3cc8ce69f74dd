//! Names each of which may be there once, case aside: what comes later gets a suffix, or several.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
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
    /// By name without its `+`: with so many, all are taken.
    taken: HashMap<UniCase<String>, Range<usize>>,
}

impl FreeNames {
    /// `name`, with the fewest `+` more that `is_taken` says no to. It counts as taken from now on.
    /// Fails only as `is_taken` does.
    pub fn take<E>(
        &mut self,
        name: &str,
        mut is_taken: impl FnMut(&str) -> Result<bool, E>,
    ) -> Result<String, E> {
        let stem = name.trim_end_matches('+');
        let least = name.len() - stem.len();
        let known = self.taken.entry(UniCase::new(stem.to_owned())).or_default();
        let mut count = least;
        loop {
            if known.contains(&count) {
                count = known.end;
            }
            let free = format!("{stem}{}", "+".repeat(count));
            if !is_taken(&free)? {
                let joins = (known.start..=known.end).contains(&least);
                let first = if joins { known.start } else { least };
                *known = first..count + 1;
                return Ok(free);
            }
            count += 1;
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
