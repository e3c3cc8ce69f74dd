//! What people type under Set Due Date: `5`, `3-7` (a random day for each card), `5!` (the
//! interval becomes that too).

use crate::base::error::{Error, Result};
use crate::mark;

/// Due days are stored in 31 bits; beyond, Anki takes days for past ones.
const FARTHEST: u32 = i32::MAX as u32;

/// A range of days from today, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueDate {
    pub min: u32,
    pub max: u32,
    /// The interval of reviews changes as well.
    pub force_reset: bool,
}

impl std::str::FromStr for DueDate {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse(text.trim()).ok_or_else(|| {
            Error::invalid(mark!(
                "“{text}” is not a number of days such as 5, 3-7 or 1!",
                text
            ))
        })
    }
}

fn parse(text: &str) -> Option<DueDate> {
    let (days, force_reset) = match text.strip_suffix('!') {
        Some(days) => (days, true),
        None => (text, false),
    };
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse::<u32>().ok()).flatten()
    };
    let (first, last) = match days.split_once('-') {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(days)?, number(days)?),
    };
    if first.max(last) > FARTHEST {
        return None;
    }
    Some(DueDate {
        min: first.min(last),
        max: first.max(last),
        force_reset,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grammar() {
        let due = |min, max, force_reset| DueDate {
            min,
            max,
            force_reset,
        };
        assert_eq!(parse("5"), Some(due(5, 5, false)));
        assert_eq!(parse("5!"), Some(due(5, 5, true)));
        assert_eq!(parse("3-7"), Some(due(3, 7, false)));
        assert_eq!(parse("7-3!"), Some(due(3, 7, true)));
        for wrong in [
            "",
            "!",
            "-1",
            "5-",
            "a",
            "1-2-3",
            "99999999999",
            "4294967295",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
