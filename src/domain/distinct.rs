//! Names each of which may be there once, case aside: what comes later gets a suffix, or several.

use std::collections::{HashMap, HashSet};
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

#[cfg(test)]
mod tests {
    use super::*;

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
