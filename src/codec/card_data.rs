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
    if data == "{}" || !data.trim_start().starts_with('{') {
        return;
    }
    let Ok(known) = serde_json::from_str::<Known>(data) else {
        return;
    };
    let float = |value: &Value| value.as_f64().map(|v| v as f32);
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
    pub memory: Option<FsrsMemory>,
    pub decay: Option<f32>,
    /// Epoch seconds.
    pub last_review: Option<i64>,
}

/// As [`card_data_into`], for the memory alone and many cards.
#[must_use]
pub fn memory_data(data: &str) -> MemoryData {
    /// What nearly all cards have; anything else is left to the lenient reader.
    #[derive(serde::Deserialize)]
    struct Usual {
        s: Option<f64>,
        d: Option<f64>,
        decay: Option<f64>,
        lrt: Option<i64>,
    }
    if data.len() <= 2 {
        return MemoryData::default();
    }
    if let Ok(usual) = serde_json::from_str::<Usual>(data) {
        return MemoryData {
            memory: usual.s.zip(usual.d).map(|(s, d)| FsrsMemory {
                stability: s as f32,
                difficulty: d as f32,
            }),
            decay: usual.decay.map(|v| v as f32),
            last_review: usual.lrt,
        };
    }
    let mut card = Card::default();
    card_data_into(&mut card, data);
    MemoryData {
        memory: card.memory_state,
        decay: card.decay,
        last_review: card.last_review.map(|at| at.0),
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
        ] {
            let (card, memory) = (read(data), memory_data(data));
            assert_eq!(memory.memory, card.memory_state, "{data}");
            assert_eq!(memory.decay, card.decay, "{data}");
            assert_eq!(
                memory.last_review,
                card.last_review.map(|at| at.0),
                "{data}"
            );
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
