//! `cards.data`: what FSRS and custom scheduling know of a card, as a small JSON object.
//!
//! Anything that cannot be read counts as absent, and keys that Anki does not know are dropped
//! when a card is written, as Anki does.

use crate::base::time::TimestampSecs;
use crate::domain::card::{Card, FsrsMemory};
use serde_json::Value;
use std::fmt::Write as _;

/// Fills the card's fields from the text of `cards.data`.
pub fn card_data_into(card: &mut Card, data: &str) {
    let Some(known) = Known::read(data) else {
        return;
    };
    card.original_position = known.pos.as_u64().and_then(|v| u32::try_from(v).ok());
    card.memory_state = match (float(&known.s), float(&known.d)) {
        (Some(stability), Some(difficulty)) => Some(FsrsMemory {
            stability,
            difficulty,
        }),
        _ => None,
    };
    card.desired_retention = float(&known.dr);
    card.decay = float(&known.decay);
    card.last_review = known.lrt.as_i64().map(TimestampSecs);
    card.custom_data = match known.cd {
        Value::String(text) => text,
        _ => String::new(),
    };
}

/// The keys that mean something, of whatever type they are.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Known {
    pos: Value,
    s: Value,
    d: Value,
    dr: Value,
    decay: Value,
    lrt: Value,
    cd: Value,
}

impl Known {
    /// None when there is nothing.
    fn read(data: &str) -> Option<Self> {
        if data == "{}" || !data.trim_start().starts_with('{') {
            return None;
        }
        serde_json::from_str(data).ok()
    }
}

fn float(value: &Value) -> Option<f32> {
    value.as_f64().map(|v| v as f32)
}

/// Only the time of the last review, without reading the rest.
#[must_use]
pub fn last_review_of(data: &str) -> Option<TimestampSecs> {
    let mut card = Card::default();
    card_data_into(&mut card, data);
    card.last_review
}

/// Only the position that the card had while it was new.
#[must_use]
pub fn original_position_of(data: &str) -> Option<u32> {
    if !data.contains("\"pos\"") {
        return None;
    }
    let mut card = Card::default();
    card_data_into(&mut card, data);
    card.original_position
}

/// The part of `cards.data` that says how well a card is known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MemoryData {
    /// Days.
    pub stability: Option<f32>,
    /// 1 to 10.
    pub difficulty: Option<f32>,
    pub desired_retention: Option<f32>,
    pub decay: Option<f32>,
    /// Epoch seconds.
    pub last_review: Option<i64>,
}

/// As [`card_data_into`], for the memory alone and many cards.
#[must_use]
pub fn memory_data(data: &str) -> MemoryData {
    if data.len() <= 2 {
        return MemoryData::default();
    }
    if let Some(memory) = plain_memory(data) {
        return memory;
    }
    let known = Known::read(data).unwrap_or_default();
    MemoryData {
        stability: float(&known.s),
        difficulty: float(&known.d),
        desired_retention: float(&known.dr),
        decay: float(&known.decay),
        last_review: known.lrt.as_i64(),
    }
}

impl MemoryData {
    /// What the scheduler goes by: searches and orders look at each number by itself.
    #[must_use]
    pub fn memory(&self) -> Option<FsrsMemory> {
        Some(FsrsMemory {
            stability: self.stability?,
            difficulty: self.difficulty?,
        })
    }
}

/// What nearly all cards have: the usual keys once each, with plain numbers. None for anything
/// else, which is left to the lenient reader.
fn plain_memory(data: &str) -> Option<MemoryData> {
    let mut found: [Option<Decimal>; 6] = [None; 6];
    let mut rest = data.as_bytes().strip_prefix(b"{")?;
    loop {
        let (place, value) = match rest {
            [b'"', b's', b'"', b':', value @ ..] => (0, value),
            [b'"', b'd', b'"', b':', value @ ..] => (1, value),
            [b'"', b'd', b'r', b'"', b':', value @ ..] => (2, value),
            [b'"', b'd', b'e', b'c', b'a', b'y', b'"', b':', value @ ..] => (3, value),
            [b'"', b'l', b'r', b't', b'"', b':', value @ ..] => (4, value),
            [b'"', b'p', b'o', b's', b'"', b':', value @ ..] => (5, value),
            _ => return None,
        };
        let (number, behind) = Decimal::first_of(value)?;
        if found[place].replace(number).is_some() {
            return None;
        }
        match behind {
            [b',', more @ ..] => rest = more,
            [b'}'] => break,
            _ => return None,
        }
    }
    let number = |number: Decimal| number.value() as f32;
    let [stability, difficulty, retention, decay, last_review, _] = found;
    let last_review = match last_review {
        Some(number) => Some(number.whole()?),
        None => None,
    };
    Some(MemoryData {
        stability: stability.map(number),
        difficulty: difficulty.map(number),
        desired_retention: retention.map(number),
        decay: decay.map(number),
        last_review,
    })
}

/// A JSON number without an exponent, and so short that it can be computed without an error.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i64,
    places: usize,
    has_point: bool,
}

const EXACT_DIGITS: usize = 15;
const POWERS: [f64; EXACT_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

impl Decimal {
    /// The number at the beginning, and what follows it.
    fn first_of(text: &[u8]) -> Option<(Self, &[u8])> {
        let (negative, text) = match text {
            [b'-', digits @ ..] => (true, digits),
            _ => (false, text),
        };
        let (mut digits, mut point, mut end) = (0_i64, None, 0);
        for byte in text {
            match byte {
                b'0'..=b'9' => {
                    digits = digits.wrapping_mul(10).wrapping_add(i64::from(byte - b'0'))
                }
                b'.' if point.is_none() => point = Some(end),
                _ => break,
            }
            end += 1;
        }
        let whole = point.unwrap_or(end);
        let places = point.map_or(0, |point| end - point - 1);
        let is_number = whole > 0
            && (whole == 1 || text[0] != b'0')
            && (places > 0 || point.is_none())
            && whole + places <= EXACT_DIGITS;
        let number = Self {
            digits: if negative {
                digits.wrapping_neg()
            } else {
                digits
            },
            places,
            has_point: point.is_some(),
        };
        is_number.then_some((number, &text[end..]))
    }

    fn value(self) -> f64 {
        self.digits as f64 / POWERS[self.places]
    }

    /// None for one with a point.
    fn whole(self) -> Option<i64> {
        (!self.has_point).then_some(self.digits)
    }
}

/// The text for `cards.data`, rounded as Anki rounds.
#[must_use]
pub fn card_data_of(card: &Card) -> String {
    let mut out = String::from("{");
    let mut put = |key: &str, value: std::fmt::Arguments<'_>| {
        if out.len() > 1 {
            out.push(',');
        }
        // Writing to a String cannot fail.
        let _ = write!(out, "\"{key}\":{value}");
    };
    if let Some(position) = card.original_position {
        put("pos", format_args!("{position}"));
    }
    if let Some(memory) = card.memory_state {
        put("s", format_args!("{}", rounded(memory.stability, 4)));
        put("d", format_args!("{}", rounded(memory.difficulty, 3)));
    }
    if let Some(retention) = card.desired_retention {
        put("dr", format_args!("{}", rounded(retention, 2)));
    }
    if let Some(decay) = card.decay {
        put("decay", format_args!("{}", rounded(decay, 3)));
    }
    if let Some(time) = card.last_review {
        put("lrt", format_args!("{}", time.0));
    }
    if !card.custom_data.is_empty() && card.custom_data != "{}" {
        put(
            "cd",
            format_args!("{}", Value::String(card.custom_data.clone())),
        );
    }
    out.push('}');
    out
}

/// A JSON number with at most `places` decimals: always with a point, as serde writes floats.
fn rounded(value: f32, places: i32) -> Number {
    let factor = 10_f32.powi(places);
    Number((value * factor).round() / factor)
}

struct Number(f32);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match serde_json::to_string(&self.0) {
            Ok(text) => f.write_str(&text),
            Err(_) => f.write_str("null"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(data: &str) -> Card {
        let mut card = Card::default();
        card_data_into(&mut card, data);
        card
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = r#"{"pos":4,"s":3.1262,"d":5.314,"dr":0.9,"decay":0.154,"lrt":1795312599,"cd":"{\"a\":1}"}"#;
        let card = read(text);
        assert_eq!(card.original_position, Some(4));
        assert_eq!(card.custom_data, r#"{"a":1}"#);
        assert_eq!(card_data_of(&card), text);
    }

    #[test]
    fn the_memory_alone_is_the_same() {
        for data in [
            "",
            "{}",
            "[1]",
            r#"{"pos":4,"s":3.1262,"d":5.314,"dr":0.9,"decay":0.154,"lrt":1795312599,"cd":"{}"}"#,
            r#"{"s":15,"d":1,"lrt":1.5}"#,
            r#"{"s":"x","d":1,"decay":0.2,"lrt":7}"#,
            r#"{"s":1.5,"s":2.5,"d":1}"#,
            r#"{"s":null,"d":1,"lrt":5}"#,
            r#"{"pos":4,"s":3.1262,"d":5.314,"dr":0.9,"decay":0.154,"lrt":1795312599}"#,
            r#"{"pos":1,"pos":2,"s":0.5,"d":10,"lrt":-5}"#,
            r#"{"s":-0.001,"d":1e1,"decay":12345678901234567890}"#,
            r#"{"s":01,"d":1}"#,
            r#"{"s":1.,"d":1}"#,
            r#"{"s":.5,"d":1}"#,
            r#"{"s":+1,"d":1}"#,
            r#"{"s":1,"d":2,}"#,
            r#"{"s":1,"d":2"#,
            r#"{"s": 1, "d":2}"#,
            r#"{"s":1,"d":2,"x":"a,b"}"#,
            r#"{"s":0.1234567890123456,"d":123456789012345}"#,
        ] {
            let (card, memory) = (read(data), memory_data(data));
            assert_eq!(memory.memory(), card.memory_state, "{data}");
            assert_eq!(memory.desired_retention, card.desired_retention, "{data}");
            assert_eq!(memory.decay, card.decay, "{data}");
            assert_eq!(
                memory.last_review,
                card.last_review.map(|at| at.0),
                "{data}"
            );
        }
    }

    /// As searches and orders take them, plain and with what only the lenient reader understands.
    #[test]
    fn one_number_of_the_memory_is_known_without_the_other() {
        for (data, stability, difficulty) in [
            (r#"{"s":3.5}"#, Some(3.5), None),
            (r#"{"d":4.5}"#, None, Some(4.5)),
            (r#"{"s":3.5,"d":"x"}"#, Some(3.5), None),
            (r#"{"s":null,"d":4.5}"#, None, Some(4.5)),
        ] {
            let known = memory_data(data);
            let both = (known.stability, known.difficulty);
            assert_eq!(both, (stability, difficulty), "{data}");
            assert_eq!(known.memory(), None, "{data}");
        }
    }

    proptest::proptest! {
        #[test]
        fn numbers_are_read_to_the_bit(whole in 0_u32..40_000, parts in "[0-9]{1,9}") {
            let data = format!("{{\"s\":{whole}.{parts},\"d\":{whole},\"decay\":0.{parts}}}");
            let (card, memory) = (read(&data), memory_data(&data));
            proptest::prop_assert_eq!(memory.memory(), card.memory_state);
            proptest::prop_assert_eq!(memory.decay, card.decay);
        }
    }

    #[test]
    fn floats_keep_their_point() {
        let card = read(r#"{"s":15,"d":1}"#);
        assert_eq!(card_data_of(&card), r#"{"s":15.0,"d":1.0}"#);
    }

    #[test]
    fn damage_counts_as_absent() {
        for data in [
            "",
            "{}",
            "[1]",
            "{",
            "null",
            r#"{"pos":-1,"s":"x","lrt":1.5,"cd":3}"#,
        ] {
            assert_eq!(read(data), Card::default(), "{data}");
        }
        assert_eq!(card_data_of(&Card::default()), "{}");
        assert!(read(r#"{"s":1.0}"#).memory_state.is_none());
    }
}
