//! Learning steps and FSRS parameters as people type them.

use crate::domain::deck_config_words::UNITS;
pub use crate::domain::deck_config_words::{from_params, from_steps};
use crate::t;

/// Minutes. A number without a unit is minutes too; says which word is none.
pub fn steps(text: &str) -> Result<Vec<f32>, String> {
    text.split_whitespace().map(step).collect()
}

fn step(word: &str) -> Result<f32, String> {
    let wrong = || t!("“{word}” is not a time like 30s, 10m, 4h or 1d", word);
    let (number, length) = match UNITS.iter().find(|(unit, _)| word.ends_with(*unit)) {
        Some((unit, length)) => (word.trim_end_matches(*unit), *length),
        None => (word, 1.0),
    };
    let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let n: f32 = number.parse().ok().filter(|_| plain).ok_or_else(wrong)?;
    let minutes = n * length;
    if crate::domain::deck_config::range::STEP_MINUTES.contains(&minutes) {
        Ok(minutes)
    } else {
        Err(wrong())
    }
}

/// Numbers between commas or spaces; none of it means the defaults.
pub fn params(text: &str) -> Result<Vec<f32>, String> {
    text.split(|c: char| c == ',' || c == ';' || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .map(|word| {
            word.parse()
                .map_err(|_| t!("“{word}” is not a number", word))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read_as_they_are_written() {
        for (text, minutes) in [
            ("", vec![]),
            ("1m 10m", vec![1.0, 10.0]),
            ("30s 1h 3d", vec![0.5, 60.0, 4320.0]),
            ("20s 90m 36h", vec![20.0 / 60.0, 90.0, 2160.0]),
        ] {
            assert_eq!(steps(text).unwrap(), minutes, "{text}");
            assert_eq!(from_steps(&minutes), text);
        }
        assert_eq!(steps("15 1.5h").unwrap(), [15.0, 90.0]);
        for wrong in ["x", "5x", "m", "-1m", "0m", "1e9d", "inf", "1mm1"] {
            assert!(steps(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn parameters_keep_every_digit() {
        let values = vec![0.212, 1.293_1, 36.5];
        assert_eq!(params(&from_params(&values)).unwrap(), values);
        assert_eq!(params("1,2;3\n4").unwrap(), [1.0, 2.0, 3.0, 4.0]);
        assert!(params("1, two").is_err());
    }
}
