//! Numbers and counts in words, for people. Sizes and ages are the window's.

use crate::base::lang;
use std::fmt::Display;

/// A number with thousands separators: `14,511`.
#[must_use]
pub fn number(n: u64) -> String {
    let (thousands, _) = lang::separators();
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push_str(thousands);
        }
        out.push(c);
    }
    out
}

/// As [`number`], of the whole number that is nearest; 0 for what is below it.
#[must_use]
pub fn whole(x: f64) -> String {
    number(x.round().max(0.0) as u64)
}

/// A fraction with so many decimals: `1.50`.
#[must_use]
pub fn decimal(x: f64, digits: usize) -> String {
    let (_, point) = lang::separators();
    let text = format!("{x:.digits$}");
    if point == "." {
        return text;
    }
    text.replacen('.', point, 1)
}

/// A number with as many decimals as it has: `1.5`.
#[must_use]
pub fn shortest(x: impl Display) -> String {
    let (_, point) = lang::separators();
    x.to_string().replacen('.', point, 1)
}

/// As [`number`], with the sign of what is below zero.
#[must_use]
pub fn signed(n: i32) -> String {
    let sign = if n < 0 { "-" } else { "" };
    format!("{sign}{}", number(n.unsigned_abs().into()))
}

/// A count with its noun: `1 card`, `14,511 cards`.
#[must_use]
pub fn counted(n: u64, singular: &str, plural: &str) -> String {
    format!("{} {}", number(n), if n == 1 { singular } else { plural })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_thousands_separators() {
        for (n, want) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (14_511, "14,511"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(number(n), want);
        }
        assert_eq!((signed(-12_368), signed(7)), ("-12,368".into(), "7".into()));
        assert_eq!(counted(1, "card", "cards"), "1 card");
        assert_eq!((whole(1_499.5), whole(-3.0)), ("1,500".into(), "0".into()));
    }
}
