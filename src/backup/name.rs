//! File names of backups and what they say of the time. Anki's pattern, local time; Anki's and
//! AnkiDroid's older names are read, too. The exact moment is in the catalogue, because local
//! times repeat in the hour when summer time ends.

use jiff::civil::DateTime;
use std::path::Path;

/// Ending of what we write.
const EXTENSION: &str = "colpkg";

/// `backup-YYYY-MM-DD-HH.MM.SS.colpkg`; the fraction of the second is left out.
#[must_use]
pub fn for_time(local: DateTime) -> String {
    format!(
        "backup-{:04}-{:02}-{:02}-{:02}.{:02}.{:02}.{EXTENSION}",
        local.year(),
        local.month(),
        local.day(),
        local.hour(),
        local.minute(),
        local.second()
    )
}

/// The time in a name that takes part in thinning: exactly the pattern of [`for_time`].
#[must_use]
pub fn thinnable_time(file_name: &str) -> Option<DateTime> {
    let text = file_name.strip_prefix("backup-")?.strip_suffix(".colpkg")?;
    let time = six_numbers(text, ['-', '-', '-', '.', '.'])?;
    (for_time(time) == file_name).then_some(time)
}

/// The time in any name that a program gave to a backup, exported collection or raw copy.
#[must_use]
pub fn any_time(path: &Path) -> Option<DateTime> {
    let name = path.file_name()?.to_str()?;
    if let Some(time) = thinnable_time(name) {
        return Some(time);
    }
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    // Where the first digits of a year could begin.
    stem.char_indices()
        .filter(|(_, c)| c.is_ascii_digit())
        .find_map(|(at, _)| loose_time(&stem[at..]))
}

/// `2016-01-02-03.04.05`, `2016-01-02@03-04-05`, `2016-01-02-03-04`.
fn loose_time(text: &str) -> Option<DateTime> {
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .map_while(|part| part.parse::<i16>().ok());
    let year = numbers.next().filter(|y| (2000..=9999).contains(y))?;
    let mut small = || numbers.next().and_then(|n| i8::try_from(n).ok());
    let (month, day, hour, minute) = (small()?, small()?, small()?, small()?);
    let second = small().unwrap_or(0);
    DateTime::new(year, month, day, hour, minute, second, 0).ok()
}

fn six_numbers(text: &str, separators: [char; 5]) -> Option<DateTime> {
    let mut rest = text;
    let mut parts = Vec::with_capacity(6);
    for separator in separators {
        let (part, after) = rest.split_once(separator)?;
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    let small = |index: usize| parts[index].parse::<i8>().ok();
    DateTime::new(
        parts[0].parse().ok()?,
        small(1)?,
        small(2)?,
        small(3)?,
        small(4)?,
        small(5)?,
        0,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn names_and_times_round_trip() {
        let time = datetime(2026, 3, 4, 5, 6, 7, 890_000_000);
        let name = for_time(time);
        assert_eq!(name, "backup-2026-03-04-05.06.07.colpkg");
        assert_eq!(
            thinnable_time(&name),
            Some(datetime(2026, 3, 4, 5, 6, 7, 0))
        );
    }

    #[test]
    fn only_the_exact_pattern_is_thinned() {
        for name in [
            "backup-2026-03-04-05.06.07.apkg",
            "backup-2026-3-4-5.6.7.colpkg",
            "backup-2026-02-30-05.06.07.colpkg",
            "backup-2026-03-04-05.06.07 (1).colpkg",
            "Backup-2026-03-04-05.06.07.colpkg",
            "collection-2026-03-04@05-06-07.colpkg",
            "backup-+026-03-04-05.06.07.colpkg",
        ] {
            assert_eq!(thinnable_time(name), None, "{name}");
        }
    }

    #[test]
    fn older_names_are_dated() {
        for name in [
            "backup-2016-01-02-03.04.05.apkg",
            "Collection-2016-01-02@03-04-05.colpkg",
            "collection-2016-01-02-03-04.colpkg",
            "unreadable-2016-01-02-03.04.05.anki2",
        ] {
            let time = any_time(Path::new(name)).unwrap();
            assert_eq!((time.year(), time.day(), time.minute()), (2016, 2, 4));
        }
        assert_eq!(any_time(Path::new("collection.apkg")), None);
        assert_eq!(any_time(Path::new("backup-17.apkg")), None);
    }
}
